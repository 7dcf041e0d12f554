"""User-defined torch module on a window, trained as in the teaching note. Torch is imported when it is used."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import FitError, ParameterError, shown
from ..numerics.remedies import curriculum, varied
from ..parameters import refuse
from ..protocols import Array
from ..storage import Arrays, needs_module, register
from .net import Training
from .net_cells import chosen_device, loaded_modules, restarted, stored_weights, torch_for
from .windowed import Windowed, batch_order
from .windownets import WindowNet

WEIGHTS = "weights."
SCORED_ROWS = 1 << 14
"""Windows per pass when the loss of a module is computed; the memory that it takes is not known.
"""


def from_torch(
    module: Any,
    lags: int,
    chunk: int = 1,
    *,
    unroll: int = 1,
    ensemble: int = 1,
    seed: int = 0,
    using: Sequence[str] = (),
    training: Training | None = Training(),  # noqa: B008  # a value
) -> TorchWindow:
    """A torch module that maps windows [rows, lags] to [rows, chunk] (or [rows]) as a model.

    >>> import torch, stepahead as sa
    >>> _ = torch.manual_seed(0)
    >>> net = torch.nn.Sequential(torch.nn.Linear(4, 10), torch.nn.ReLU(), torch.nn.Linear(10, 1))
    >>> model = from_torch(net, lags=4).fit(sa.datasets.noisy_sine(seed=0)[:604])
    >>> print(model.log().splitlines()[4][:17])
    epoch 5, loss: 0.

    See `MLP` for what `unroll`, `ensemble`, noise and augment do and where they help; gradients are torch's.

    With ``training=None`` the module is taken as trained already. It forecasts without `fit`: say with ``train=`` how
    many values its training has seen. `fit` then changes no weight; it computes the residuals that `paths` draw from,
    and keeps a copy of the module.

    >>> trained = from_torch(model.module_, lags=4, training=None)
    >>> result = sa.k_step(trained, sa.datasets.noisy_sine(seed=0), horizon=64, train=604)
    >>> bool((result.predictions == sa.k_step(model, sa.datasets.noisy_sine(seed=0), horizon=64).predictions).all())
    True

    Parameters
    ----------
    module : any ``torch.nn.Module``. Training starts from its weights; it is copied, never trained in place.
    lags : how many past values it reads, oldest first.
    chunk : steps that it emits at once: 1 is recursive, ``chunk=horizon`` one-shot.
    unroll : steps of the roll-out in the training loss, reached by 1, 2, 4, ..
    ensemble : number of copies, averaged at every step before the forecast is fed back. The first starts from the
        module's own weights; in each other one every layer that has ``reset_parameters`` is initialised again, and the
        rest keeps its weights.
    seed : of the shuffling, noise, augmentation and initial weights; with the same seed `MLP` takes the same batches.
    using : names of columns beside the values, or "known", "past", "all"; none by default. The module is then given
        [rows, width]: the last `lags` values, oldest first; as many of each past column, oldest first; and the columns
        known ahead at each step of the chunk, step by step; columns in units of their standard deviation in the
        training part. `columns_` says which they are, once it is fitted; a column of text has one for each symbol. A
        module that comes trained takes none, and nothing is unrolled or augmented.
    training : a `Training`: epochs, batch_size and learning_rate of Adam on the squared error, summed over each batch,
        as in the note; noise and augment, and where (`on`). None trains nothing, and refuses `ensemble` and `unroll`.

    Raises
    ------
    MissingExtraError : torch is not installed.
    ParameterError : an argument is not allowed (at ``fit``; with ``training=None``, where no fit need follow, at once).
    """
    model = TorchWindow(module, lags, chunk, unroll, ensemble, seed, using, training)
    if model.is_trained_already:
        model._check()
    return model


@register
class TorchWindow(WindowNet):
    """What `from_torch` returns: a torch module on a window. See there.

    Attributes
    ----------
    modules_ : the trained copies, `module_` the first of them.
    losses_ : [epochs], the mean squared training error after each epoch over the steps it unrolled, over the copies;
        empty with ``training=None``.
    is_trained_already : whether the weights are those that came with the module, ``training=None``. `trained_lengths_`
        is then set only by `fit`, and says on which values the residuals were computed.
    residuals_ : [at most 2048, chunk], training residuals of one chunk; augment_ : the augmentation in use.
    """

    _learned = ("losses_", "residuals_", "augment_")
    _trained_by = (*WindowNet._trained_by, "device")
    _costs = {**WindowNet._costs, **Windowed._costs}
    modules_: list[Any]

    def __init__(
        self,
        module: Any,
        lags: int,
        chunk: int,
        unroll: int,
        ensemble: int,
        seed: int,
        using: Sequence[str] = (),
        training: Training | None = Training(),  # noqa: B008  # a value
    ) -> None:
        self.module = module
        self.lags = lags
        self.chunk = chunk
        self.unroll = unroll
        self.ensemble = ensemble
        self.seed = seed
        self.using = using
        self.training = training

    @property
    def name(self) -> str:
        """The module's class and the lags, with the columns, ``Sequential(4)``."""
        return self._named(f"{type(self.module).__name__}({self.lags})")

    @property
    def is_trained_already(self) -> bool:
        """Whether the weights are those that came with the module, ``training=None``."""
        return self.training is None

    def __getattr__(self, name: str) -> Any:
        # A pretrained module has its learned attributes without a fit. The module is copied at every access, as its
        # owner may train it further.
        if name in ("context", "losses_", "augment_", "modules_", "notes_") and self.is_trained_already:
            self._check()
            if name == "modules_":
                return self._as_it_came()
            return {"context": self.lags, "losses_": np.empty(0), "augment_": None, "notes_": ()}[name]
        return super().__getattr__(name)

    @property
    def module_(self) -> Any:
        """The first of the trained copies."""
        return self.modules_[0]

    def _check(self) -> None:
        super()._check()
        if (
            isinstance(self.module, type)
            or not callable(getattr(self.module, "state_dict", None))
            or not callable(self.module)
        ):
            raise ParameterError(
                f"module must be a torch.nn.Module; found {type(self.module).__name__}", code="parameter", name="module"
            )
        if not self.is_trained_already:
            return
        for name in ("ensemble", "unroll"):
            if getattr(self, name) != 1:
                raise refuse(name, getattr(self, name), "left out with training=None, where nothing is trained: 1")
        if self.using:
            raise refuse("using", self.using, "left out with training=None: a module that comes trained reads values")

    def _check_training(self) -> None:
        if not self.is_trained_already:
            super()._check_training()

    def _forget(self) -> None:
        super()._forget()
        self.__dict__.pop("modules_", None)

    def _as_it_came(self) -> list[Any]:
        """A copy of the module, ready to forecast, with the weights that it has."""
        return [copy.deepcopy(self.module).to(chosen_device(self._training.place)).eval()]

    def _train_on(self, X: Array, Y: Array, augment: str | None) -> None:
        if self.is_trained_already:
            self.modules_, self.losses_ = self._as_it_came(), np.empty(0)
            self._settle(X, Y, augment)
            return
        rows, width = len(X), self.width + self.reach
        weights = sum(weight.numel() for weight in self.module.parameters())
        at_once = max(min(self._training.batch_size, rows) * -(-self.reach // self.chunk), min(rows, SCORED_ROWS))
        numbers = rows * (self.epochs + 4 * width) + weights * (self.ensemble + 4)
        self._afford(
            1, numbers + at_once * max(width, self._kept()), "training", "Take fewer lags, or a smaller batch_size"
        )
        modules, losses = [], []
        for net in range(self.ensemble):
            modules.append(self._start(net).to(chosen_device(self._training.place)).train())
            losses.append(self._trained(modules[net], net, X, Y, augment))
        self.modules_, self.losses_ = [module.eval() for module in modules], np.mean(losses, axis=0)
        self._settle(X, Y, augment)

    def _kept(self) -> int:
        """Numbers that the module keeps of one window for its gradient: of three windows, less those of two."""
        torch, counts = torch_for("from_torch"), []
        module = copy.deepcopy(self.module).eval()  # no dropout, no update of batch statistics
        like = _weights(module)
        for rows in (2, 3):
            sizes: list[int] = []
            with torch.autograd.graph.saved_tensors_hooks(_counting(sizes), lambda kept: kept):
                self._called(module, torch.zeros(rows, self.width, dtype=like.dtype, device=like.device))
            counts.append(sum(sizes))
        return counts[1] - counts[0]

    def _start(self, net: int) -> Any:
        """The first net starts from the module as it is, each other one from weights drawn anew."""
        drawn = int(np.random.SeedSequence([self.seed, net]).generate_state(1)[0])
        return restarted(self.module, drawn if net else None)

    def _trained(self, module: Any, net: int, X: Array, Y: Array, augment: str | None) -> list[float]:
        """Train one copy in place; its loss after each epoch."""
        torch = torch_for("from_torch")
        weights = next(iter(module.parameters()), None)
        if weights is None:
            raise ParameterError("module has no parameters to train", code="parameter", name="module")
        to = {"dtype": weights.dtype, "device": weights.device}
        inputs, wanted = torch.tensor(np.array(X), **to), torch.tensor(np.array(Y), **to)
        order = batch_order(self.seed, net, len(X), self.epochs)
        vary = varied(self.seed, [net], augment, self._training.noise, [(X, Y)], self.lags)
        trainer = torch.optim.Adam(module.parameters(), lr=self._training.learning_rate)
        losses: list[float] = []
        for rows, steps in zip(order, curriculum(self.chunk, self.unroll, self.epochs), strict=True):
            if vary is None:
                at = torch.as_tensor(rows, device=weights.device)
                x, y, share = inputs[at], wanted[at, :steps], None
            else:
                now = X[rows][None], Y[rows, :steps][None]
                drawn = vary(*now)
                x, y = (torch.tensor(part[0], **to) for part in now)
                share = None if drawn is None else torch.tensor(drawn[0][:, None], **to)
            self._epoch(module, trainer, x, y, share)
            losses.append(self._loss(module, inputs, wanted[:, :steps]))
            self._refuse_divergence(losses)
        return losses

    def _epoch(self, module: Any, trainer: Any, x: Any, y: Any, share: Any) -> None:
        """One pass over windows and targets in the order given; `share` [rows, 1] weighs their losses."""
        for begin in range(0, len(x), self._training.batch_size):
            batch = slice(begin, begin + self._training.batch_size)
            trainer.zero_grad()
            error = self._rolled(module, x[batch], y.shape[1]) - y[batch]
            squares = error * error
            (squares if share is None else squares * share[batch]).sum().backward()
            trainer.step()

    def _loss(self, module: Any, inputs: Any, wanted: Any) -> float:
        # In evaluation mode: no dropout, and no update of batch statistics, while the loss is computed.
        module.eval()
        with torch_for("from_torch").no_grad():
            total = 0.0
            for begin in range(0, len(inputs), SCORED_ROWS):
                some = slice(begin, begin + SCORED_ROWS)
                error = self._rolled(module, inputs[some], wanted.shape[1]) - wanted[some]
                total += float((error * error).mean()) * len(error)
        module.train()
        return total / len(inputs)

    def _refuse_divergence(self, losses: list[float]) -> None:
        if not math.isfinite(losses[-1]):
            raise FitError(
                f"{self.name} diverged after epoch {len(losses) - 1}: scale the series (Scaled(...)) or lower "
                f"learning_rate={self._training.learning_rate} of its training",
                code="diverged",
                epoch=len(losses) - 1,
            )

    def _rolled(self, module: Any, windows: Any, steps: int) -> Any:
        """[rows, steps]: chunks that are fed back, with the gradient of all of it."""
        if steps <= self.chunk:
            return self._called(module, windows)
        torch, known = torch_for("from_torch"), windows
        while known.shape[1] < windows.shape[1] + steps:
            known = torch.cat([known, self._called(module, known[:, -windows.shape[1] :])], dim=1)
        return known[:, windows.shape[1] : windows.shape[1] + steps]

    def _called(self, module: Any, inputs: Any) -> Any:
        """[rows, chunk] out of what the module gives for windows [rows, lags]."""
        rows, chunk = len(inputs), self.chunk
        try:
            out = module(inputs)
        except (RuntimeError, ValueError) as error:
            raise ParameterError(
                f"module refuses a batch of shape {(rows, self.width)}: {shown(str(error))}",
                code="parameter",
                name="module",
            ) from error
        if tuple(out.shape) not in ((rows, chunk), (rows, chunk, 1), (rows,) if chunk == 1 else (rows, chunk)):
            raise ParameterError(
                f"module gives shape {tuple(out.shape)} for {rows} windows; {(rows, chunk)} was wanted: see chunk=",
                code="parameter",
                name="module",
                found=tuple(out.shape),
            )
        return out.reshape(rows, chunk)

    def _predictor(self) -> Callable[[Array], Array]:
        torch, modules = torch_for("from_torch"), self.modules_
        weights = _weights(modules[0])

        def predict(windows: Array) -> Array:
            with torch.inference_mode():
                inputs = torch.tensor(windows, dtype=weights.dtype, device=weights.device)
                ahead = [self._called(module, inputs) for module in modules]
                mean = ahead[0] if len(ahead) == 1 else torch.stack(ahead).mean(dim=0)
                return np.asarray(mean.cpu().double().numpy())

        return predict

    # -- storage: the weights are data, the module is code and stays with its owner ---------------------------------

    def __pack__(self) -> tuple[dict[str, Any], Arrays]:
        facts, arrays = super().__pack__()
        del facts["module"]
        if self.is_trained_already:
            facts["epochs"] = 0
        # Weights that came with the module are there without a fit: a file of the module as it stands.
        modules = self.modules_ if self.is_trained_already else self.__dict__.get("modules_", ())
        return facts, arrays | {WEIGHTS + name: value for name, value in stored_weights(modules).items()}

    @classmethod
    def __unpack__(cls, facts: Mapping[str, Any], arrays: Arrays, module: Any = None) -> Any:
        if module is None:
            raise needs_module("module")
        weights = {key[len(WEIGHTS) :]: arrays.pop(key) for key in list(arrays) if key.startswith(WEIGHTS)}
        model = super().__unpack__({**facts, "module": module}, arrays)
        # the pattern of a wrapper, not its fitted part
        if "context" not in model.__dict__ and not model.is_trained_already:
            if weights:
                raise ValueError("weights of a model that was never fitted")
            return model
        made = loaded_modules(module, int(model.ensemble), weights)
        if model.is_trained_already:
            model.module = made[0]  # so that a clone of it, too, has the weights of the file
        if "context" in model.__dict__:
            model.modules_ = [net.to(chosen_device(model._training.place)).eval() for net in made]
        return model

    @classmethod
    def _training_of(cls, stored: dict[str, Any]) -> Training | None:
        """Settings out of a file, where no epochs mean ``training=None``; the other fields have to be valid too."""
        none = type(stored.get("epochs")) is int and stored["epochs"] == 0
        training = super()._training_of({**stored, "epochs": 1} if none else stored)
        if none and training and {"noise", "augment"} & training.changed().keys():
            raise ValueError("noise or augment of a net that was never trained")
        return None if none else training


def _counting(sizes: list[int]) -> Callable[[Any], Any]:
    """A function that returns a tensor, and records how many numbers it has."""

    def kept(tensor: Any) -> Any:
        sizes.append(tensor.numel())
        return tensor

    return kept


def _weights(module: Any) -> Any:
    """The first weights of a module, whose kind of number and device its inputs take; of one without any,
    torch's own.
    """
    return next(iter(module.parameters()), torch_for("from_torch").zeros(1))

"""The user's own torch module on a window, trained as the note trains its net. Torch is imported when it is used."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import FitError, ParameterError, missing_extra, shown
from ..parameters import one_of, real, whole
from ..protocols import Array, Roll, State
from ..storage import Arrays, register
from ..windows import joined_windows
from .model import Model
from .windowed import batch_order, fit_on_windows, log_lines, slide

if TYPE_CHECKING:
    from typing import Self

WEIGHTS = "weights."


def from_torch(
    module: Any,
    lags: int,
    chunk: int = 1,
    *,
    epochs: int = 5,
    batch_size: int = 16,
    learning_rate: float = 0.01,
    seed: int = 0,
    device: str = "auto",
) -> TorchWindow:
    """A torch module that maps windows [rows, lags] to [rows, chunk] (or [rows]) as a model.

    >>> import torch, stepahead as sa
    >>> _ = torch.manual_seed(0)
    >>> net = torch.nn.Sequential(torch.nn.Linear(4, 10), torch.nn.ReLU(), torch.nn.Linear(10, 1))
    >>> model = from_torch(net, lags=4).fit(sa.datasets.noisy_sine(seed=0)[:604])
    >>> print(model.log().splitlines()[4][:17])
    epoch 5, loss: 0.

    Parameters
    ----------
    module : any ``torch.nn.Module``. Training starts from the weights that it has; it is copied, never trained in place.
    lags : how many past values it reads, oldest first.
    chunk : steps that it emits at once: 1 is recursive, ``chunk=horizon`` one-shot.
    epochs, batch_size, learning_rate : of Adam on the squared error, summed over each batch, as in the note.
    seed : of the shuffling; with the same seed `MLP` takes the same batches.
    device : "auto" takes a GPU where there is one; or a name that torch knows.

    Raises
    ------
    MissingExtraError : torch is not installed.
    ParameterError : an argument is not allowed (at ``fit``).
    """
    return TorchWindow(module, lags, chunk, epochs, batch_size, learning_rate, seed, device)


@register
class TorchWindow(Model):
    """What `from_torch` returns: a torch module on a window. See there.

    Attributes
    ----------
    module_ : the trained copy; losses_ : [epochs], the mean squared training error after each epoch.
    """

    _learned = ("losses_",)
    module_: Any
    losses_: Array

    def __init__(
        self, module: Any, lags: int, chunk: int, epochs: int, batch_size: int, learning_rate: float, seed: int, device: str
    ) -> None:
        self.module = module
        self.lags = lags
        self.chunk = chunk
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.seed = seed
        self.device = device

    @property
    def name(self) -> str:
        """The module's class and the lags, ``Sequential(4)``."""
        return f"{type(self.module).__name__}({self.lags})"

    def _check(self) -> None:
        for name in ("lags", "chunk", "epochs", "batch_size"):
            whole(name, getattr(self, name))
        whole("seed", self.seed, 0)
        real("learning_rate", self.learning_rate, above=0.0)
        if not isinstance(self.device, str):
            one_of("device", self.device, ("auto", "cpu", "cuda"))
        if isinstance(self.module, type) or not callable(getattr(self.module, "state_dict", None)) or not callable(self.module):
            raise ParameterError(
                f"module must be a torch.nn.Module; found {type(self.module).__name__}", code="parameter", name="module"
            )

    def _forget(self) -> None:
        super()._forget()
        self.__dict__.pop("module_", None)

    def fit(self, series: Any) -> Self:
        """Train on one series, or on the pairs of a list of them pooled."""
        fit_on_windows(self, series)
        return self

    def fit_pairs(self, X: Array, Y: Array) -> Self:
        """Train on pairs that are made already: X [rows, lags], Y [rows, chunk]."""
        torch = _torch()
        module = copy.deepcopy(self.module).to(self._device())
        module.train()
        weights = next(iter(module.parameters()), None)
        if weights is None:
            raise ParameterError("module has no parameters to train", code="parameter", name="module")
        inputs = torch.tensor(np.array(X), dtype=weights.dtype, device=weights.device)
        wanted = torch.tensor(np.array(Y), dtype=weights.dtype, device=weights.device)
        order = torch.as_tensor(batch_order(int(self.seed), 0, len(X), int(self.epochs)), device=weights.device)
        trainer = torch.optim.Adam(module.parameters(), lr=float(self.learning_rate))
        losses = []
        for epoch in order:
            for begin in range(0, len(epoch), int(self.batch_size)):
                rows = epoch[begin : begin + int(self.batch_size)]
                trainer.zero_grad()
                error = self._called(module, inputs[rows]) - wanted[rows]
                (error * error).sum().backward()
                trainer.step()
            # Layers that learn or drop something by the way do neither while the loss is read.
            module.eval()
            with torch.no_grad():
                error = self._called(module, inputs) - wanted
                losses.append(float((error * error).mean()))
            module.train()
            if not math.isfinite(losses[-1]):
                raise FitError(
                    f"{self.name} diverged after epoch {len(losses) - 1}: scale the series (Scaled(...)) or lower "
                    f"learning_rate={self.learning_rate}",
                    code="diverged",
                    epoch=len(losses) - 1,
                )
        self.module_, self.losses_ = module.eval(), np.array(losses)
        self.context = int(self.lags)
        return self

    def _called(self, module: Any, inputs: Any) -> Any:
        """[rows, chunk] out of what the module gives for windows [rows, lags]."""
        rows, chunk = len(inputs), int(self.chunk)
        try:
            out = module(inputs)
        except (RuntimeError, ValueError) as error:
            raise ParameterError(
                f"module refuses a batch of shape {(rows, int(self.lags))}: {shown(str(error))}",
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

    def _device(self) -> str:
        if self.device != "auto":
            return str(self.device)
        return "cuda" if _torch().cuda.is_available() else "cpu"

    def log(self) -> str:
        """The training log, a line an epoch, as the note prints it."""
        return log_lines(self.losses_)

    def encode(self, values: Any, after: State | None = None) -> State:
        """[origins, lags]: the last values, a zero-copy view."""
        return (joined_windows(self._values(values), self.context, after),)

    def plan(self, horizon: int) -> Roll:
        """The trained module, ready for windows of numpy."""
        torch = _torch()
        weights = next(self.module_.parameters())
        chunk = int(self.chunk)

        def predict(windows: Array) -> Array:
            with torch.inference_mode():
                inputs = torch.tensor(windows, dtype=weights.dtype, device=weights.device)
                return np.asarray(self._called(self.module_, inputs).cpu().double().numpy())

        return lambda state, out: slide(state[0], horizon, chunk, predict)

    # -- storage: the weights are data, the module is code and stays with its owner ---------------------------------

    def __pack__(self) -> tuple[dict[str, Any], Arrays]:
        facts, arrays = super().__pack__()
        del facts["module"]
        if "module_" in self.__dict__:
            for key, tensor in self.module_.state_dict().items():
                plain = tensor.detach().cpu()
                arrays[WEIGHTS + key] = (plain.float() if str(plain.dtype) == "torch.bfloat16" else plain).numpy()
        return facts, arrays

    @classmethod
    def __unpack__(cls, facts: Mapping[str, Any], arrays: Arrays, module: Any = None) -> Any:
        if module is None:
            raise ParameterError(
                "this file holds the weights of a torch module, and no code: give the module too, load(path, module=...)",
                code="parameter",
                name="module",
            )
        torch = _torch()
        weights = {key[len(WEIGHTS) :]: arrays.pop(key) for key in list(arrays) if key.startswith(WEIGHTS)}
        model = super().__unpack__({**facts, "module": module}, arrays)
        if "context" not in model.__dict__:
            return model  # not fitted: the pattern of a wrapper, not its fitted part
        trained = copy.deepcopy(module)
        wanted = {key: tuple(tensor.shape) for key, tensor in trained.state_dict().items()}
        found = {key: array.shape for key, array in weights.items()}
        if wanted != found:
            differ = sorted(key for key in wanted.keys() | found.keys() if wanted.get(key) != found.get(key))
            raise ValueError(f"the module given has other weights than the file: {differ[0]}")
        trained.load_state_dict({key: torch.tensor(array) for key, array in weights.items()})
        model.module_ = trained.to(model._device()).eval()
        return model

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        if self.context != self.lags:
            raise ValueError("context and lags differ")
        return {"losses_": (int(self.epochs),)}


def _torch() -> Any:
    try:
        import torch
    except ImportError:
        raise missing_extra("from_torch", "torch", "neural") from None
    return torch

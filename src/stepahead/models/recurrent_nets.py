"""RNN, GRU, LSTM, and a torch cell of your own: a summary learned from the series, one pass for the states of all origins."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..draws import uniforms
from ..errors import ParameterError
from ..numerics import linear
from ..parameters import flag, one_of, path_or_none, real, refuse, whole
from ..protocols import Array, Index, Roll, State
from ..series import Series, in_fixed_order
from ..storage import Arrays, needs_module, register
from ..windows import joined_windows, lagged, runs
from . import selection
from .model import Model, Shapes, fingerprint
from .segments import GATES, Settings, numbers_taken, stretches
from .training import Modules, Net, Stacked, Tensors, ahead, check_weights, chosen_device, loaded_modules, torch_for, train

KINDS = ("rnn", "gru", "lstm")
WEIGHTS = "weights."
KEPT_ERRORS = 2048
BATCH = 1 << 21
"""Numbers of one kind that a batch of the roll-out may hold."""


def GRU(hidden: int = 32, chunk: int = 1, **training: Any) -> RecurrentNet:  # noqa: N802
    """A gated recurrent unit with `hidden` numbers of memory; see `RecurrentNet` for everything else it takes.

    >>> GRU(hidden=8, updates=20)
    GRU(hidden=8, updates=20)

    Parameters
    ----------
    hidden : width of the state. chunk : steps emitted at once: 1 is recursive, ``chunk=horizon`` one-shot.
    training : `unroll`, `ensemble`, `augment`, `noise`, `window`, `updates`, `learning_rate`, `warm_up` ..

    Raises
    ------
    TypeError : an argument that `RecurrentNet` does not take.

    Source: Cho et al. (2014).
    """
    return RecurrentNet("gru", hidden, chunk, **training)


def LSTM(hidden: int = 32, chunk: int = 1, **training: Any) -> RecurrentNet:  # noqa: N802
    """A long short-term memory with `hidden` numbers of memory; see `RecurrentNet` for everything else it takes.

    >>> LSTM(hidden=8).name
    'LSTM(8)'

    Parameters
    ----------
    hidden : width of the state. chunk : steps emitted at once: 1 is recursive, ``chunk=horizon`` one-shot.
    training : `unroll`, `ensemble`, `augment`, `noise`, `window`, `updates`, `learning_rate`, `warm_up` ..

    Raises
    ------
    TypeError : an argument that `RecurrentNet` does not take.

    Source: Hochreiter & Schmidhuber (1997).
    """
    return RecurrentNet("lstm", hidden, chunk, **training)


def RNN(hidden: int = 32, chunk: int = 1, **training: Any) -> RecurrentNet:  # noqa: N802
    """h_t = tanh(W h_(t-1) + w x_t + b), the note's h_t as plainly as it can be; see `RecurrentNet` for what else it takes.

    >>> RNN(hidden=8).name
    'RNN(8)'

    Parameters
    ----------
    hidden : width of the state. chunk : steps emitted at once: 1 is recursive, ``chunk=horizon`` one-shot.
    training : `unroll`, `ensemble`, `augment`, `noise`, `window`, `updates`, `learning_rate`, `warm_up` ..

    Raises
    ------
    TypeError : an argument that `RecurrentNet` does not take.

    Source: Elman (1990).
    """
    return RecurrentNet("rnn", hidden, chunk, **training)


@register
class RecurrentNet(Model):
    """A recurrent net: h_t = f(h_(t-1), x_t) with f learned; one pass gives the state at every origin.

    `GRU`, `LSTM` and `RNN` make one with torch's cells. A cell of your own is a torch module with three functions,
    ``start(rows) -> state``, ``update(state, y) -> state`` and ``forecast(state) -> y`` (y [rows], or [rows, chunk]):

    >>> import torch
    >>> class MyCell(torch.nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.cell, self.head = torch.nn.GRUCell(1, 4), torch.nn.Linear(4, 1)
    ...     def start(self, rows):
    ...         return torch.zeros(rows, 4)
    ...     def update(self, state, y):
    ...         return self.cell(y[:, None], state)
    ...     def forecast(self, state):
    ...         return self.head(state)[:, 0]
    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> RecurrentNet(MyCell(), updates=3).fit(series[:604]).forecast(series, horizon=2).shape
    (2,)

    What helps, on the note's series (GRU(32), RMSE at k = 64, noise 0.2, mean of 20 seeds): recursive .48 as it comes, and .21
    with ``augment="sign", unroll=64``; one-shot (``chunk=64``) .54 as it comes, and .21 with ``augment="sign"``. 604 values are
    less than one period: the net sees each phase once and learns it by heart, unless it is told that the series may be turned
    over. On Mackey-Glass the same flip doubles the error at k = 16 (.26 to .42): ``augment="auto"`` finds out which is true.
    Early stopping hurts short series (the part held back is a phase that the net then never sees).

    Parameters
    ----------
    cell : "gru", "lstm", "rnn", or a torch module of your own. It is copied, never trained in place.
    hidden : width of the state (of a module of your own it says nothing).
    chunk : steps emitted at once: 1 is recursive, ``chunk=horizon`` one-shot.
    unroll : the loss goes through a roll-out of so many steps, reached by 1, 2, 4 .. after every 20 updates; 1 is the next
        value alone. Helps recursion over many steps; each update costs more.
    ensemble : number of nets from different starts, averaged inside the loop at every step.
    augment : what is also done to training segments, centred: "sign" turns half of them over, "amplitude" stretches them by a
        normal number; "auto" takes what has the lower k-step loss behind 80 % of the training part; None is nothing.
    noise : standard deviation of noise on the inputs in training, in units of that of the training part.
    window : None reads the whole past in one pass, in the scale of the training part. A number reads so many last values, each
        such window in its own scale: for a panel of series of different levels.
    updates, learning_rate : of Adam, the rate falling to 0 by a cosine; 8 segments an update, the gradient of each net
        clipped to length 1.
    warm_up : values of a segment that only fill the state; half of the segments have as many again before them.
    stop : hold back the last fifth of the training part and keep the weights that roll out best over it.
    checkpoint : a file that holds the whole state of the training every 25 updates; a fit that finds it goes on from there,
        to the same bits.
    device : "auto" takes the accelerator where there is one. seed : of starts and segments.

    Attributes
    ----------
    losses_ : [updates], the mean loss over the nets; augment_ : what was done; mean_, scale_ : of the training part.
    residuals_ : [rows, chunk] errors of a chunk inside the training part, what `paths` draws from.

    Raises
    ------
    FitError : training diverged. ModelFileError : the checkpoint is of another model or of other data.

    Sources: unrolled loss: "multi-step loss", e.g. Venkatraman et al. (AAAI 2015) for why; starts: Tallec & Ollivier (2018).
    """

    _learned = ("augment_", "losses_", "residuals_", "mean_", "scale_")
    _local = ("checkpoint", "device")
    _any_size = True
    _costs = {"paths": lambda m, rows, steps, n: n * (rows + 5) * steps}
    augment_: str | None
    losses_: Array
    residuals_: Array
    mean_: float
    scale_: float
    net_: Net

    def __init__(
        self,
        cell: Any,
        hidden: int = 32,
        chunk: int = 1,
        *,
        unroll: int = 1,
        ensemble: int = 1,
        augment: str | None = None,
        noise: float = 0.0,
        window: int | None = None,
        updates: int = 300,
        learning_rate: float = 0.01,
        warm_up: int = 128,
        stop: bool = False,
        checkpoint: str | None = None,
        device: str = "auto",
        seed: int = 0,
    ) -> None:
        self.cell = cell
        self.hidden = hidden
        self.chunk = chunk
        self.unroll = unroll
        self.ensemble = ensemble
        self.augment = augment
        self.noise = noise
        self.window = window
        self.updates = updates
        self.learning_rate = learning_rate
        self.warm_up = warm_up
        self.stop = stop
        self.checkpoint = checkpoint
        self.device = device
        self.seed = seed

    @property
    def name(self) -> str:
        """The cell and its width, ``GRU(32)``; of a module of your own its class, ``MyCell``."""
        return f"{self.cell.upper()}({self.hidden})" if isinstance(self.cell, str) else type(self.cell).__name__

    def __repr__(self) -> str:
        text = super().__repr__()
        if not isinstance(self.cell, str):
            return text.replace(repr(self.cell), f"{type(self.cell).__name__}()", 1)
        inner = text[text.index("(") + 1 : -1].split(", ", 1)
        return f"{self.cell.upper()}({inner[1] if len(inner) > 1 else ''})"

    def _check(self) -> None:
        if isinstance(self.cell, str):
            one_of("cell", self.cell, KINDS)
        elif isinstance(self.cell, type) or not callable(getattr(self.cell, "parameters", None)):
            raise refuse("cell", type(self.cell).__name__, '"gru", "lstm", "rnn" or a torch module')
        else:
            lacks = [verb for verb in ("start", "update", "forecast") if not callable(getattr(self.cell, verb, None))]
            if lacks:
                raise ParameterError(
                    f"cell {type(self.cell).__name__} has no {', '.join(lacks)}", code="parameter", name="cell", lacks=lacks
                )
        for name in ("hidden", "chunk", "unroll", "ensemble", "updates", "warm_up"):
            setattr(self, name, whole(name, getattr(self, name)))
        if self.window is not None:
            self.window = whole("window", self.window, 2)
        one_of("augment", self.augment, (*selection.AUGMENTATIONS, "auto"))
        self.noise = real("noise", self.noise, least=0.0)
        self.learning_rate = real("learning_rate", self.learning_rate, above=0.0, most=1e30)  # torch keeps it in 32 bits
        flag("stop", self.stop)
        self.seed = whole("seed", self.seed, 0)
        path_or_none("checkpoint", self.checkpoint)
        if not isinstance(self.device, str):
            one_of("device", self.device, ("auto", "cpu", "cuda"))

    def _forget(self) -> None:
        super()._forget()
        self.__dict__.pop("net_", None)

    # -- fitting ------------------------------------------------------------------------------------------------

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        """Segments do not reach across missing values."""
        prepared = self._prepare(panel)
        self._afford_nets(self.ensemble, panel)
        runs_of_net = [prepared] * self.ensemble
        seeds = tuple((self.seed, net) for net in range(self.ensemble))
        net, losses = train(self._fresh(seeds), runs_of_net, self._settings(seeds, panel), chosen_device(self.device))
        self._learn(panel, net, losses)
        return self.context

    def fit_each(self, series: Sequence[Any], seeds: Sequence[int] | None = None) -> list[RecurrentNet]:
        """One net a series, all of them trained side by side, many times as fast as one after the other.

        Parameters
        ----------
        series : the list. seeds : one for each, by default this model's own for all of them.

        Returns
        -------
        A fitted clone of this model for each series, in their order. The nets are those of a loop of `fit`, but for the last
        digits of 32-bit sums, which training then magnifies.
        """
        self._check()
        if self.augment == "auto" or self.ensemble != 1 or not isinstance(self.cell, str) or self.checkpoint is not None:
            raise ParameterError(
                'fit_each trains plain nets side by side: no augment="auto", ensemble, checkpoint or cell of your own',
                code="parameter",
                name="augment",
            )
        wanted = [self.seed] * len(series) if seeds is None else [whole("seeds", seed, 0) for seed in seeds]
        made = [self.clone().set_params(seed=seed) for _, seed in zip(series, wanted, strict=True)]
        panels = [net._begin(one) for net, one in zip(made, series, strict=True)]
        data = [net._prepare(panel) for net, panel in zip(made, panels, strict=True)]
        made[0]._afford_nets(len(made), tuple(part for panel in panels for part in panel))
        keys = tuple((seed, 0) for seed in wanted)
        nets, losses = train(self._fresh(keys), data, made[0]._settings(keys, panels[0]), chosen_device(self.device))
        assert isinstance(nets, Stacked)  # noqa: S101
        for place, (model, panel) in enumerate(zip(made, panels, strict=True)):
            alone = Stacked(nets.kind, {name: value[place : place + 1].clone() for name, value in nets.weights.items()})
            model._learn(panel, alone, losses[:, place : place + 1])
        return made

    def _afford_nets(self, nets: int, panel: tuple[Series, ...]) -> None:
        """Refuse to train more nets than memory holds. What a module of your own takes is not known: as much as a GRU."""
        gates, longest = GATES[self.cell if isinstance(self.cell, str) else "gru"], max(len(part) for part in panel)
        each = numbers_taken(longest, gates, self.hidden, self.chunk, self._settings((), ()))
        self._afford(nets, each, "training", "Take fewer or smaller nets, or fewer steps to unroll")

    def _prepare(self, panel: tuple[Series, ...]) -> list[Array]:
        """The stretches to learn from, standardised; mean and scale are learned by the way."""
        every = [run for part in in_fixed_order(panel) for run in runs(part.numbers)]
        needed = max(self.chunk + 2, 4 if self.window is None else self.window + self.chunk)
        self._require(panel, needed)
        self.mean_ = linear.level(every)
        scaled, exponent = linear.standardised(every, self.mean_)
        spread = float(np.ldexp(np.sqrt(sum(float(run @ run) for run in scaled) / sum(len(run) for run in scaled)), exponent))
        self.scale_ = spread if spread > 0.0 else 1.0
        if self.augment == "auto":
            self.augment_ = selection.choose_augment(self, panel, max(self.chunk, self.unroll, 16))
        else:
            self.augment_ = self.augment
        longest = max(len(run) for run in every)
        kept = [(run - self.mean_) / self.scale_ for run in every if len(run) >= min(needed, longest)]
        if max(len(run) for run in kept) < needed:
            self._require(panel, len(max(panel, key=len)) + 1)
        return kept

    def _settings(self, seeds: tuple[tuple[int, ...], ...], panel: tuple[Series, ...]) -> Settings:
        mark = b""
        if self.checkpoint is not None:
            told = {k: v for k, v in self.get_params().items() if k not in ("cell", "checkpoint", "device")}
            told["cell"] = self.cell if isinstance(self.cell, str) else type(self.cell).__name__
            plain = repr(sorted(told.items())) + repr(self.augment_)
            mark = hashlib.sha256(plain.encode() + b"".join(fingerprint(part.values) for part in panel)).digest()
        own = self.window is not None
        return Settings(
            updates=self.updates,
            learning_rate=self.learning_rate,
            warm_up=self.window if self.window is not None else self.warm_up,
            unroll=self.unroll,
            augment=self.augment_,
            noise=self.noise,
            seeds=seeds,
            own_scale=own,
            stop=self.stop,
            checkpoint=None if self.checkpoint is None else str(self.checkpoint),
            mark=mark,
        )

    def _fresh(self, seeds: Sequence[Sequence[int]]) -> Net:
        if isinstance(self.cell, str):
            return Stacked.fresh(self.cell, self.hidden, self.chunk, seeds)
        torch, made = torch_for("a cell"), []
        for seed in seeds:
            module = copy.deepcopy(self.cell)
            if seed[1]:
                # The first net starts as it was given; the others need starts of their own.
                with torch.random.fork_rng(devices=[]):
                    torch.manual_seed(hash(tuple(seed)) % (1 << 63))
                    for part in module.modules():
                        if callable(getattr(part, "reset_parameters", None)):
                            part.reset_parameters()
            made.append(module)
        return Modules(made, self.chunk)

    def _learn(self, panel: tuple[Series, ...], net: Net, losses: Array) -> None:
        self.net_, self.losses_ = net, losses.mean(axis=1)
        self.context = self.window or 1
        self.residuals_ = self._errors(panel)
        if self.losses_[-1] > 1.0 and self.augment_ != "amplitude":
            self._note("training ended no better than the mean of the series: give it more updates")

    def _errors(self, panel: tuple[Series, ...]) -> Array:
        """[rows, chunk]: what the net missed inside the training part, thinned evenly."""
        chunk, found = self.chunk, []
        for part in in_fixed_order(panel):
            numbers = part.numbers
            states = self.encode(part)
            count = len(part) - self.context - chunk + 1
            if count < 1:
                continue
            wanted = lagged(numbers[self.context :], chunk)[:count]
            good = ~np.isnan(wanted).any(axis=1) & ~np.isnan(states[0][:count].reshape(count, -1)).any(axis=1)
            rows = np.flatnonzero(good)
            rows = rows[:: max(1, len(rows) // KEPT_ERRORS)]
            found.append(wanted[rows] - self.plan(chunk)(tuple(array[rows] for array in states), None))
        errors = np.concatenate(found) if found else np.zeros((0, chunk))
        return errors if len(errors) else np.zeros((1, chunk))

    def log(self) -> str:
        """The training log, ten lines at most."""
        updates = len(self.losses_)
        chosen = sorted({*range(updates - 1, -1, -max(updates // 10, 1))})
        return "\n".join(f"update {i + 1}, loss: {self.losses_[i]:f}" for i in chosen)

    # -- forecasts ----------------------------------------------------------------------------------------------

    def _encode(self, values: Array, after: State | None) -> State:
        """The state at each origin, arrays [origins, nets, ...]: one pass over the values; or with `window` the last values."""
        if self.window is not None:
            return (joined_windows(values, self.context, after),)
        torch, skipped = torch_for(self.name), self.context if after is None else 1
        scaled = (values - self.mean_) / self.scale_
        like = next(iter(self.net_.parameters()))
        with torch.inference_mode():
            state: Tensors
            if after is None:
                state = self.net_.start(1)
            else:
                last = tuple(torch.as_tensor(part[-1:], dtype=like.dtype, device=like.device) for part in after)
                state = tuple(part.transpose(0, 1) for part in last)
            width = sum(part[:, 0].numel() for part in state)
            self._afford(len(scaled) + 1, 4 * width, "the states of", "Take a shorter series, or a smaller net")
            pieces = [tuple(part.transpose(0, 1) for part in state)]
            for begin, end, seen in stretches(scaled):
                if seen:
                    given = torch.as_tensor(scaled[begin:end], dtype=like.dtype, device=like.device)
                    parts = self.net_.states(state, given)
                    pieces.append(tuple(parts))
                    state = tuple(part[-1:].transpose(0, 1) for part in parts)
                    continue
                for _ in range(begin, end):  # stepped over on its own forecast: nothing is learned
                    y = self.net_.forecast(state).mean(dim=0, keepdim=True).expand(self.net_.nets, -1, -1)
                    state = self.net_.update(state, y[..., 0])
                    pieces.append(tuple(part.transpose(0, 1) for part in state))
            joined = [torch.cat([piece[part] for piece in pieces]) for part in range(len(state))]
            return tuple(part[skipped:].cpu().double().numpy() for part in joined)

    def _plan(self, horizon: int) -> Roll:
        """All origins in one batch, step after step; an ensemble is averaged at every step."""
        return lambda state, out: self._rolled(state, horizon, None)

    def _rolled(self, state: State, horizon: int, errors: Array | None) -> Array:
        """[rows, horizon]; `errors` [rows, horizon], in the unit of the series, go with what is fed back."""
        torch, rows, nets = torch_for(self.name), len(state[0]), self.net_.nets
        like, width = next(iter(self.net_.parameters())), max(int(np.prod(state[0].shape[1:])), nets * self.hidden)
        step, found = max(64, BATCH // (4 * width)), []
        with torch.inference_mode():
            for first in range(0, rows, step):
                block = tuple(part[first : first + step] for part in state)
                level: Any = self.mean_
                scale: Any = self.scale_
                if self.window is not None:
                    level, spread = block[0].mean(axis=1, keepdims=True), block[0].std(axis=1, keepdims=True)
                    scale = np.where(spread > 1e-12 * np.abs(level), spread, 1.0)
                    now = self._through((block[0] - level) / scale)
                else:
                    now = tuple(torch.as_tensor(p, dtype=like.dtype, device=like.device).transpose(0, 1) for p in block)
                extra = None
                if errors is not None:
                    extra = torch.as_tensor(errors[first : first + step] / scale, dtype=like.dtype, device=like.device)
                y = ahead(self.net_, now, horizon, together=True, errors=extra)[0]
                found.append(y.cpu().double().numpy() * scale + level)
        return np.concatenate(found) if found else np.empty((0, horizon))

    def _through(self, windows: Array) -> Tensors:
        """The states after whole windows [rows, window], each from the start."""
        torch, like = torch_for(self.name), next(iter(self.net_.parameters()))
        given = torch.as_tensor(windows, dtype=like.dtype, device=like.device)
        state = self.net_.start(len(windows))
        for column in given.T:
            state = self.net_.update(state, column.expand(self.net_.nets, -1))
        return state

    def _paths(self, state: State, horizon: int, n: int, seed: int, origins: Index) -> Array:
        """[n, rows, horizon]: a forecast plus an error of the training part, fed back together; see `Sampling`."""
        rows, chunk = len(state[0]), self.chunk
        chunks = -(-horizon // chunk)
        out = np.empty((n, rows, horizon))
        for row in range(rows):
            # One row at a time: its bits then do not depend on what is beside it.
            draws = uniforms(int(seed), origins[row : row + 1], n, chunks)[:, 0]
            errors = self.residuals_[(draws * len(self.residuals_)).astype(np.intp)].reshape(n, -1)
            one = tuple(np.repeat(part[row : row + 1], n, axis=0) for part in state)
            out[:, row] = self._rolled(one, chunks * chunk, errors)[:, :horizon]
        return out

    # -- storage: weights are data; a module of your own is code, and stays with its owner ----------------------------

    def __pack__(self) -> tuple[dict[str, Any], Arrays]:
        facts, arrays = super().__pack__()
        if not isinstance(self.cell, str):
            facts["cell"] = None
        if "net_" not in self.__dict__:
            return facts, arrays
        if isinstance(self.net_, Stacked):
            arrays.update({WEIGHTS + name: value.cpu().numpy() for name, value in self.net_.weights.items()})
        else:
            for net, module in enumerate(self.net_.modules):
                for key, tensor in module.state_dict().items():
                    arrays[f"{WEIGHTS}{net}.{key}"] = tensor.detach().cpu().numpy()
        return facts, arrays

    @classmethod
    def __unpack__(cls, facts: Mapping[str, Any], arrays: Arrays, module: Any = None) -> Any:
        own = facts.get("cell") is None
        if own and module is None:
            raise needs_module("cell")
        weights = {key[len(WEIGHTS) :]: arrays.pop(key) for key in list(arrays) if key.startswith(WEIGHTS)}
        model = super().__unpack__({**facts, "cell": module} if own else facts, arrays)
        if "context" not in model.__dict__:
            if weights:
                raise ValueError("weights of a model that was never fitted")
            return model
        nets = int(model.ensemble)
        if own:
            model.net_ = Modules(loaded_modules(module, nets, weights), int(model.chunk)).to("cpu")
        else:
            check_weights(Stacked.shapes(model.cell, int(model.hidden), int(model.chunk)), nets, weights)
            model.net_ = Stacked(model.cell, {name: torch_for("a net").tensor(value) for name, value in weights.items()})
        for weight in model.net_.parameters():
            weight.requires_grad_(False)
        return model

    def _shapes(self) -> Shapes:
        one_of("augment_", self.augment_, selection.AUGMENTATIONS)
        if self.context != (1 if self.window is None else self.window):
            raise ValueError("context and window differ")
        return {"losses_": (self.updates,), "residuals_": (None, self.chunk), "mean_": (), "scale_": ()}

    def _check_learned(self) -> None:
        if not self.scale_ > 0.0:
            raise ValueError("scale_ should be above 0")

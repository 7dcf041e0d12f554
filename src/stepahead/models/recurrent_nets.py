"""A recurrent net around a torch cell: a state learned from the series, one pass for the states of all origins."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, cast

import numpy as np

from ..covariates import BARE, PAST
from ..draws import uniforms
from ..errors import ParameterError
from ..known_ahead import ahead_rows, check_chunk, known_count, named, named_on, rows_beside, settle
from ..numerics import linear
from ..parameters import flag, one_of, refuse, whole
from ..protocols import Array, Column, Index, Roll, State
from ..series import Series, in_fixed_order
from ..storage import Arrays, needs_module, register, registered_class
from ..windows import joined_windows, lagged, runs
from . import selection
from .model import Shapes, fingerprint
from .net import Net, Training
from .net_cells import Cells, Modules, Tensors, ahead, chosen_device, loaded_modules, restarted, torch_for
from .segments import GATES, Settings, numbers_taken, spans
from .training import train

VERBS = ("start", "update", "forecast")
WEIGHTS = "weights."
KEPT_ERRORS = 2048
BATCH = 1 << 21
"""Numbers of one kind that a batch of the roll-out may hold."""


@register
class RecurrentNet(Net):
    """A recurrent net with your own cell: h_t = f(h_(t-1), x_t), f learned; one pass gives the state at every origin.

    `GRU`, `LSTM` and `RNN` are recurrent nets with torch's cells. Your own cell is a torch module with three functions,
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
    >>> RecurrentNet(MyCell(), training=sa.Training(updates=3)).fit(series[:604]).forecast(series, horizon=2).shape
    (2,)

    What helps, on ``datasets.noisy_sine`` (GRU(32), RMSE at k = 64, noise 0.2, mean of 20 seeds): recursive .48 by
    default, and .21 with ``unroll=64, training=Training(augment="sign")``; one-shot (``chunk=64``) .54 by default, and
    .21 with that augmentation. 604 values are less than one period: the net sees each phase once and overfits, unless
    it also trains on segments multiplied by -1. On Mackey-Glass the same augmentation raises the error at k = 16 (.26
    to .42): ``augment="auto"`` chooses by a validation error.

    Parameters
    ----------
    cell : a torch module. It is copied, never trained in place.
    chunk : steps emitted at once, 1: that is recursive, ``chunk=horizon`` one-shot.
    unroll : steps of the roll-out in the training loss, reached by 1, 2, 4 .. after every 20 updates; 1 is the next
        value alone. Helps recursion over many steps; each update costs more.
    ensemble : number of nets with different initial weights, 1; averaged at every step before the forecast is fed back.
    window : None reads the whole past in one pass, in the scale of the training part. A number reads so many last
        values, each such window in its own scale: for a panel of series of different levels.
    seed : of initial weights and segments, 0; the same seed gives the same bits.
    using : names of columns beside the values, or "known", "past", "all"; none by default. All of them go into the
        state with the value of their row, and those known ahead to the forecast of their step: the columns of a step
        come with the step, so that the state at an origin is made of what lies before it. A cell of your own then takes
        one more argument, ``update(state, y, beside) -> state`` and ``forecast(state, ahead) -> y`` with beside [rows,
        columns] and ahead [rows, columns known ahead], which come first; its chunk is 1. Columns are in units of their
        standard deviation in the training part, a missing one is taken as its mean in a state, and nothing is
        augmented. A past column is unknown one step on, so that a net with one forecasts `chunk` steps and no more.
    training : a `Training`: 300 updates of Adam, each of 8 segments with a warm-up of 128 values, the rate falling from
        0.01 to 0 by a cosine, the gradient of each net clipped to length 1; no noise, no augmentation, no checkpoint.

    Attributes
    ----------
    losses_ : [updates], the mean loss over the nets, in units of the variance of the training part.
    augment_ : the augmentation in use; mean_, scale_ : mean and standard deviation of the training part; a constant
        has 0, and is forecast as it is.
    columns_ : the columns in use, as (name, kind); column_means_, column_scales_ : [columns], mean and standard
        deviation of each in the training part.
    residuals_ : [rows, chunk] errors of a chunk inside the training part, what `paths` draws from.

    Raises
    ------
    FitError : training diverged. ModelFileError : the checkpoint is of another model or of other data.

    Sources: the unrolled loss: Venkatraman, Hebert & Bagnell (2015); initial weights of GRU and LSTM: Tallec & Ollivier
    (2018).
    """

    _learned = ("augment_", "losses_", "residuals_", "mean_", "scale_")
    _trained_by = ("updates", "learning_rate", "warm_up", "noise", "augment", "checkpoint", "device")
    _costs = {"paths": lambda m, rows, steps, n: n * (rows + 5) * steps}
    _kind: ClassVar[str] = "gru"
    hidden: int = 32
    """Width of the GRU by which the memory of a user-defined cell is estimated."""
    augment_: str | None
    losses_: Array
    residuals_: Array
    mean_: float
    scale_: float
    net_: Cells

    def __init__(
        self,
        cell: Any,
        chunk: int = 1,
        *,
        unroll: int = 1,
        ensemble: int = 1,
        window: int | None = None,
        seed: int = 0,
        using: Sequence[str] = (),
        training: Training = Training(),  # noqa: B008  # a value
    ) -> None:
        self.cell = cell
        self.chunk = chunk
        self.unroll = unroll
        self.ensemble = ensemble
        self.window = window
        self.seed = seed
        self.using = using
        self.training = training

    @property
    def name(self) -> str:
        """The class of the cell, with the columns, ``MyCell with promo``."""
        return self._named(type(self.cell).__name__)

    def __repr__(self) -> str:
        return super().__repr__().replace(repr(self.cell), f"{type(self.cell).__name__}()", 1)

    def _check(self) -> None:
        self._check_cell()
        super()._check()
        if self.window is not None:
            self.window = whole("window", self.window, 2)

    def _check_cell(self) -> None:
        if isinstance(self.cell, type) or not callable(getattr(self.cell, "parameters", None)):
            raise refuse(
                "cell", self.cell, "a torch module with start, update, forecast; torch's own are GRU, LSTM and RNN"
            )
        lacks = [verb for verb in VERBS if not callable(getattr(self.cell, verb, None))]
        if lacks:
            raise ParameterError(
                f"cell {self.name} has no {', '.join(lacks)}", code="parameter", name="cell", lacks=lacks
            )
        if named(self.using) and self.chunk != 1:
            raise refuse("chunk", self.chunk, "1 where a cell of your own uses columns")

    def columns_on(self, series: Series) -> tuple[tuple[Column, ...], int | None]:
        """The columns that are named in `using`; with a past one among them it forecasts its chunk and no more."""
        return named_on(self, series)

    @property
    def _known(self) -> int:
        """How many of its columns are known ahead."""
        return known_count(self.columns_)

    def _in_units(self, rows: Array) -> Array:
        """Columns [.., columns], those known ahead first, in units of their deviation; a missing one as its mean."""
        order = sorted(range(len(self.columns_)), key=lambda place: self.columns_[place].kind == PAST)
        own = order[: rows.shape[-1]]
        return np.nan_to_num((rows - self.column_means_[own]) / self.column_scales_[own], nan=0.0)

    def _beside(self, series: Series) -> Array:
        """[time, columns] the columns of a series, those known ahead first."""
        return self._in_units(rows_beside(series, self.columns_, self.name))

    def _forget(self) -> None:
        super()._forget()
        self.__dict__.pop("net_", None)

    # -- fitting ------------------------------------------------------------------------------------------------

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        """Segments do not reach across missing values."""
        if self.using:
            settle(self, panel, self.using)
        if self.columns_:
            from .window_columns import standard_of  # here: most models have no columns

            self.column_means_, self.column_scales_ = standard_of(panel, self.columns_, self.name)
            if self.unroll > self.chunk and self._known < len(self.columns_):
                raise refuse("unroll", self.unroll, "1 with past columns, which are unknown at the steps unrolled")
        prepared = self._prepare(panel)
        self._afford_nets(self.ensemble, panel)
        runs_of_net = [prepared] * self.ensemble
        seeds = tuple((self.seed, net) for net in range(self.ensemble))
        net, losses = train(
            self._fresh(seeds), runs_of_net, self._settings(seeds, panel), chosen_device(self._training.place)
        )
        self._learn(panel, net, losses)
        return self.context

    def _afford_nets(self, nets: int, panel: tuple[Series, ...]) -> None:
        """Refuse to train more nets than memory holds."""
        longest = max(len(part) for part in panel)
        settings, columns = self._settings((), ()), len(self.columns_)
        each = numbers_taken(longest, GATES[self._kind], self.hidden, self.chunk, settings, columns)
        self._afford(nets, each, "training", "Take fewer or smaller nets, or fewer steps to unroll")

    def _prepare(self, panel: tuple[Series, ...]) -> list[Array]:
        """The contiguous segments to learn from, standardised; mean_ and scale_ are set here."""
        every = [run for part in in_fixed_order(panel) for run in runs(part.numbers)]
        needed = max(self.chunk + 2, 4 if self.window is None else self.window + self.chunk)
        self._require(panel, needed)
        self.mean_ = linear.mean_of(every)
        scaled, exponent = linear.standardised(every, self.mean_)
        spread = float(
            np.ldexp(np.sqrt(sum(float(run @ run) for run in scaled) / sum(len(run) for run in scaled)), exponent)
        )
        # A constant is forecast as that constant: what the net says of it counts for nothing.
        first = float(every[0][0])
        if all(bool((run == first).all()) for run in every):
            self.mean_, spread = first, 0.0
        self.scale_ = spread
        if self._training.augment == "auto":
            self.augment_ = selection.choose_augment(self, panel, max(self.chunk, self.unroll, 16))
        else:
            self.augment_ = self._training.augment
        longest = max(len(run) for run in every)
        kept = [(run - self.mean_) / (self.scale_ or 1.0) for run in every if len(run) >= min(needed, longest)]
        if max(len(run) for run in kept) < needed:
            self._require(panel, len(max(panel, key=len)) + 1)
        if self.columns_:
            return self._with_columns(panel, min(needed, longest))
        return kept

    def _with_columns(self, panel: tuple[Series, ...], least: int) -> list[Array]:
        """The same segments with their columns, each [time, 1 + columns]."""
        found = []
        for part in in_fixed_order(panel):
            beside, numbers = self._beside(part), part.numbers
            for run in runs(np.where(np.isnan(numbers), np.nan, np.arange(len(numbers)))):
                rows = slice(int(run[0]), int(run[-1]) + 1)
                found.append(np.column_stack([(numbers[rows] - self.mean_) / (self.scale_ or 1.0), beside[rows]]))
        return [run for run in found if len(run) >= least]

    def _settings(self, seeds: tuple[tuple[int, ...], ...], panel: tuple[Series, ...]) -> Settings:
        training, digest = self._training, b""
        if training.checkpoint is not None:
            facts = {
                **self.get_params(),
                "training": replace(training, checkpoint=None),
                "cell": self.name,
            }
            plain = type(self).__name__ + repr(sorted(facts.items())) + repr(self.augment_)
            seen = [part.values for part in panel] + [self._beside(part) for part in panel if self.columns_]
            digest = hashlib.sha256(plain.encode() + b"".join(map(fingerprint, seen))).digest()
        return Settings(
            updates=training.updates,
            learning_rate=training.learning_rate,
            warm_up=self.window if self.window is not None else training.warm_up,
            unroll=self.unroll,
            augment=self.augment_,
            noise=training.noise,
            seeds=seeds,
            own_scale=self.window is not None,
            known=self._known,
            checkpoint=training.checkpoint,
            digest=digest,
        )

    def _fresh(self, seeds: Sequence[Sequence[int]]) -> Cells:
        # The first net has the weights it was given; the others are initialised anew.
        starts = [None if not seed[1] else hash(tuple(seed)) % (1 << 63) for seed in seeds]
        return Modules([restarted(self.cell, start) for start in starts], self.chunk)

    def _learn(self, panel: tuple[Series, ...], net: Cells, losses: Array) -> None:
        self.net_, self.losses_ = net, losses.mean(axis=1)
        self.context = self.window or 1
        self.residuals_ = self._errors(panel)
        if self.losses_[-1] > 1.0 and self.augment_ != "amplitude":
            self._note("training ended no better than the mean of the series: give it more updates")

    def _errors(self, panel: tuple[Series, ...]) -> Array:
        """[rows, chunk]: errors of the net inside the training part, thinned evenly."""
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
            known: tuple[Array, ...] = ()
            if self.columns_:
                table = ahead_rows(part.beside or BARE, self.columns_, self.name)
                steps = table[(self.context + rows)[:, None] + np.arange(chunk)]
                there = ~np.isnan(steps).any(axis=(1, 2))
                rows, known = rows[there], (steps[there],)
            found.append(wanted[rows] - self.plan(chunk)(tuple(array[rows] for array in states), None, *known))
        errors = np.concatenate(found) if found else np.zeros((0, chunk))
        return errors if len(errors) else np.zeros((1, chunk))

    def log(self) -> str:
        """The training log, ten lines at most."""
        updates = len(self.losses_)
        chosen = sorted({*range(updates - 1, -1, -max(updates // 10, 1))})
        return "\n".join(f"update {i + 1}, loss: {self.losses_[i]:f}" for i in chosen)

    # -- forecasts ----------------------------------------------------------------------------------------------

    def _encode_series(self, series: Series, after: State | None) -> State:
        """The state at each origin, arrays [origins, nets, ...]: one pass over the values;
        or with `window` the last values.
        """
        values, beside = series.numbers, None
        if self.window is not None:
            if self.columns_:
                from .window_columns import encoded

                return encoded(series, self.columns_, self.window, self.window, self.context, after, self.name)
            return (joined_windows(values, self.context, after),)
        torch, skipped = torch_for(self.name), self.context if after is None else 1
        scaled = (values - self.mean_) / (self.scale_ or 1.0)
        like = next(iter(self.net_.parameters()))
        if self.columns_:
            beside = torch.as_tensor(self._beside(series), dtype=like.dtype, device=like.device)
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
            for begin, end, seen in spans(scaled):
                if seen:
                    given = torch.as_tensor(scaled[begin:end], dtype=like.dtype, device=like.device)
                    parts = self.net_.states(state, given, *(() if beside is None else (beside[begin:end],)))
                    pieces.append(tuple(parts))
                    state = tuple(part[-1:].transpose(0, 1) for part in parts)
                    continue
                for t in range(begin, end):  # missing: the net's own forecast is the input
                    more = () if beside is None else (beside[t].expand(self.net_.nets, 1, -1),)
                    ahead_of = (part[:, :, None, : self._known] for part in more)
                    y = self.net_.forecast(state, *ahead_of).mean(dim=0, keepdim=True).expand(self.net_.nets, -1, -1)
                    state = self.net_.update(state, y[..., 0], *more)
                    pieces.append(tuple(part.transpose(0, 1) for part in state))
            joined = [torch.cat([piece[part] for piece in pieces]) for part in range(len(state))]
            return tuple(part[skipped:].cpu().double().numpy() for part in joined)

    def _plan(self, horizon: int) -> Roll:
        """All origins in one batch, step after step; an ensemble is averaged at every step."""
        check_chunk(self, horizon)
        if self.columns_:
            return lambda state, out, known: self._rolled(state, horizon, None, known)
        return lambda state, out: self._rolled(state, horizon, None)

    def _rolled(self, state: State, horizon: int, errors: Array | None, *known: Array) -> Array:
        """[rows, horizon]; `errors` [rows, horizon], in the unit of the series, go with what is fed back."""
        torch, rows, nets = torch_for(self.name), len(state[0]), self.net_.nets
        like, width = next(iter(self.net_.parameters())), max(int(np.prod(state[0].shape[1:])), nets * self.hidden)
        step, found = max(64, BATCH // (4 * width)), []
        with torch.inference_mode():
            for first in range(0, rows, step):
                block = tuple(part[first : first + step] for part in state)
                location: Any = self.mean_
                scale: Any = self.scale_ or 1.0
                told: Any = self.scale_
                if self.window is not None:
                    location, spread = block[0].mean(axis=1, keepdims=True), block[0].std(axis=1, keepdims=True)
                    varies = spread > 1e-12 * np.abs(location)
                    scale, told = np.where(varies, spread, 1.0), np.where(varies, spread, 0.0)
                    now = self._through((block[0] - location) / scale, block[1:])
                else:
                    now = tuple(torch.as_tensor(p, dtype=like.dtype, device=like.device).transpose(0, 1) for p in block)
                extra = None
                if errors is not None:
                    extra = torch.as_tensor(errors[first : first + step] / scale, dtype=like.dtype, device=like.device)
                z = None
                if known:
                    rows_ahead = self._in_units(known[0][first : first + step, :horizon])
                    z = torch.as_tensor(rows_ahead, dtype=like.dtype, device=like.device).expand(nets, -1, -1, -1)
                y = ahead(self.net_, now, horizon, jointly=True, errors=extra, known=z)[0]
                found.append(y.cpu().double().numpy() * told + location)
        return np.concatenate(found) if found else np.empty((0, horizon))

    def _through(self, windows: Array, columns: State) -> Tensors:
        """The states after whole windows [rows, window], each from the start; with columns, each [rows, some,
        window].
        """
        torch, like = torch_for(self.name), next(iter(self.net_.parameters()))
        given = torch.as_tensor(windows, dtype=like.dtype, device=like.device)
        state = self.net_.start(len(windows))
        beside: Any = None
        if columns:
            rows = self._in_units(np.concatenate(columns, axis=1).transpose(0, 2, 1))
            beside = torch.as_tensor(rows, dtype=like.dtype, device=like.device).expand(self.net_.nets, -1, -1, -1)
        for t, column in enumerate(given.T):
            more = () if beside is None else (beside[:, :, t],)
            state = self.net_.update(state, column.expand(self.net_.nets, -1), *more)
        return state

    def _paths(self, state: State, horizon: int, n: int, seed: int, origins: Index, *ahead: Array) -> Array:
        """[n, rows, horizon]: a forecast plus a training error, fed back together; see `Sampling`."""
        check_chunk(self, horizon)
        rows, chunk = len(state[0]), self.chunk
        chunks = -(-horizon // chunk)
        out = np.empty((n, rows, horizon))
        for row in range(rows):
            # One row at a time: its bits then do not depend on what is beside it.
            draws = uniforms(int(seed), origins[row : row + 1], n, chunks)[:, 0]
            errors = self.residuals_[(draws * len(self.residuals_)).astype(np.intp)].reshape(n, -1)
            one = tuple(np.repeat(part[row : row + 1], n, axis=0) for part in state)
            known = (np.repeat(part[row : row + 1], n, axis=0) for part in ahead)
            out[:, row] = self._rolled(one, horizon, errors, *known)
        return out

    # -- storage: weights are data; a module of your own is code, and stays with its owner ----------------------------

    def __pack__(self) -> tuple[dict[str, Any], Arrays]:
        facts, arrays = super().__pack__()
        if "cell" in facts:
            facts["cell"] = None
        if "net_" in self.__dict__:
            arrays.update({WEIGHTS + name: value for name, value in self.net_.arrays().items()})
        return facts, arrays

    @classmethod
    def __unpack__(cls, facts: Mapping[str, Any], arrays: Arrays, module: Any = None) -> Any:
        facts = dict(facts)
        # Files of 0.1.0: how a net was stopped, which changes no forecast, and torch's own cells under this name.
        flag("stop", facts.pop("stop", False))
        if facts.get("cell") is not None:
            one_of("cell", facts["cell"], tuple(GATES))
            return cast(Any, registered_class(facts.pop("cell").upper())).__unpack__(facts, arrays)
        if module is None:
            raise needs_module("cell")
        whole("hidden", facts.pop("hidden", cls.hidden))
        return cls._unpacked({**facts, "cell": module}, arrays)

    @classmethod
    def _unpacked(cls, facts: Mapping[str, Any], arrays: Arrays) -> Any:
        weights = {key[len(WEIGHTS) :]: arrays.pop(key) for key in list(arrays) if key.startswith(WEIGHTS)}
        model = super().__unpack__(facts, arrays)
        if "context" in model.__dict__:
            model.net_ = model._weighted(weights)
            for weight in model.net_.parameters():
                weight.requires_grad_(False)
        elif weights:
            raise ValueError("weights of a model that was never fitted")
        return model

    def _weighted(self, weights: Arrays) -> Cells:
        """The nets with the weights of a file, which are checked before anything is made."""
        return Modules(loaded_modules(self.cell, self.ensemble, weights), self.chunk).to("cpu")

    def _shapes(self) -> Shapes:
        one_of("augment_", self.augment_, selection.AUGMENTATIONS)
        if self.context != (1 if self.window is None else self.window):
            raise ValueError("context and window differ")
        return {"losses_": (self._training.updates,), "residuals_": (None, self.chunk), "mean_": (), "scale_": ()} | (
            self._column_shapes()
        )

    def _check_learned(self) -> None:
        if not self.scale_ >= 0.0:
            raise ValueError("scale_ should be at least 0")
        self._check_column_scales()

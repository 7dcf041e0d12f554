"""Latent autoregressive model with a user-defined cell: one pass over the values, then a roll-out without them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InputError, ParameterError
from ..known_ahead import known_count, named, on_panel, rows_beside, settle, told
from ..parameters import whole
from ..protocols import Array, Cell, Column, State
from ..series import Series
from ..storage import register
from ..windows import runs
from .model import Model

VERBS = ("start", "update", "advance")


@register
class Recurrent(Model):
    """Latent autoregressive model: h_t = update(h_(t-1), x_t) on values; (h, forecast) = advance(h) from the origin on.

    Exponential smoothing in ten lines:

    >>> class Smoothing:
    ...     def __init__(self, weight):
    ...         self.weight = weight
    ...     def start(self, rows):
    ...         return np.full(rows, np.nan)
    ...     def update(self, level, y):
    ...         return np.where(np.isnan(level), y, level + self.weight * (y - level))
    ...     def advance(self, level):
    ...         return level, level
    >>> Recurrent(Smoothing(0.5)).fit([1.0, 3.0]).forecast([1.0, 3.0, 4.0], horizon=2)
    array([3., 3.])

    `update` and `advance` are two functions because to observe a value and to forecast one are not the same: a filter
    that feeds its own forecast back through `update` takes it for an observation, and reports a 50-step variance of
    1.37 where 6.27 is right. At a missing value `advance` moves the state on, without an update.

    Parameters
    ----------
    cell : any object with ``start(rows) -> state``, ``update(state, y) -> state`` and ``advance(state) -> (state, y)``;
        y is [rows]. A state is an array, or a tuple of arrays, of float64, each [rows, ...]; where it has NaN there is
        no forecast. What a cell remembers of a series belongs in the state, never in the cell. With ``fit(series)`` the
        cell learns its parameters from the Series, or the list of them, that `Recurrent` was fitted on; `context`
        (default 1) is the first origin with a forecast. The cell is copied, never fitted in place.
    using : names of columns beside the values, or "known", "past", "all"; none by default. The cell then takes one more
        argument, ``update(state, y, beside)`` and ``advance(state, ahead)``: beside [rows, columns] are those of the
        row of y, the columns known ahead first, ahead [rows, columns known ahead] those of the step to come. So a
        state is made of what lies before its origin, and `advance` never sees a past column. They come as they are.

    Attributes
    ----------
    cell_ : the fitted copy. columns_ : the columns in use, as (name, kind).

    Raises
    ------
    ParameterError : the cell lacks a function, or gives something of another shape than it should.
    """

    _learned = ("cell_",)
    _any_size = True
    _costs = {"encode": lambda m, rows: rows * _Steps(m.cell_).width}
    cell_: Any

    def __init__(self, cell: Cell, using: Sequence[str] = ()) -> None:
        self.cell = cell
        self.using = using

    def _check(self) -> None:
        if isinstance(self.cell, type):
            raise _bad(self.cell.__name__, f"is a class: pass a cell, Recurrent({self.cell.__name__}(...))")
        lacks = [verb for verb in VERBS if not callable(getattr(self.cell, verb, None))]
        if lacks:
            raise _bad(type(self.cell).__name__, f"is no cell: it has no {', '.join(lacks)}")
        self.using = named(self.using)

    @property
    def name(self) -> str:
        """The class of the cell, with the columns, ``Recurrent(Smoothing)``."""
        own = f"Recurrent({type(self.cell).__name__})"
        return told(own, named(self.using), self.columns_) if self.using else own

    def columns_on(self, series: Series) -> tuple[tuple[Column, ...], int | None]:
        """The columns that are named in `using`: a past one goes into the state, and no step ahead needs it."""
        return on_panel((series,), named(self.using), self.name), None

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        """Let a copy of the cell learn, where it can, and try each of its functions once."""
        if self.using:
            settle(self, panel, self.using)
        cell = copy.deepcopy(self.cell)
        if callable(getattr(cell, "fit", None)):
            cell.fit(panel[0] if len(panel) == 1 else list(panel))  # type: ignore[attr-defined]
        context = whole("context", getattr(cell, "context", 1), 0)
        steps, known = _Steps(cell), known_count(self.columns_)
        observed = next(run for part in panel for run in runs(part.numbers))
        beside = (np.zeros((2, len(self.columns_))),) if self.columns_ else ()
        ahead = tuple(part[:, :known] for part in beside)
        steps.advance(steps.update(steps.start(2), np.repeat(observed[:1], 2), *beside), *ahead)
        self.cell_ = cell
        return context

    def _encode_series(self, series: Series, after: State | None) -> State:
        """The state of the cell at each origin, each array [origins, ...]: one pass over the values."""
        values, beside = series.numbers, rows_beside(series, self.columns_, self.name) if self.columns_ else None
        skipped = self.context if after is None else 1
        steps, known = _Steps(self.cell_), known_count(self.columns_)
        state = steps.start(1) if after is None else tuple(part[-1:].copy() for part in after)
        kept = tuple(np.empty((max(len(values) + 1 - skipped, 0), *part.shape[1:])) for part in state)
        for seen in range(len(values) + 1):
            if seen:
                y = values[seen - 1 : seen]
                z = () if beside is None else (beside[seen - 1 : seen].copy(),)
                if np.isnan(y[0]):
                    state = steps.advance(state, *(part[:, :known] for part in z))[0]
                else:
                    state = steps.update(state, y.copy(), *z)
            if seen >= skipped:
                for rows, part in zip(kept, state, strict=True):
                    rows[seen - skipped] = part[0]
        return kept

    def why_no_forecast(self, series: Series) -> InputError | None:
        """The error for a state that has NaN though every value was observed; None where a value is missing."""
        if not series.complete:
            return None
        return InputError(f"{self.name} has no state at origin {len(series)}: the cell gave NaN", code="no-state")

    def _rollout(self, state: State, horizon: int, *ahead: Array) -> Array:
        """[rows, horizon]: every row at once, each step from the state of the one before."""
        steps, out = _Steps(self.cell_), np.empty((len(state[0]), horizon))
        state = tuple(part.copy() for part in state)
        for step in range(horizon):
            state, out[:, step] = steps.advance(state, *(part[:, step].copy() for part in ahead))
        return out


class _Steps:
    """A cell whose states are always tuples of float64 arrays, and always of the shapes that it began with."""

    def __init__(self, cell: Any) -> None:
        self.cell, self.name = cell, type(cell).__name__
        first = cell.start(1)
        self.bare = not isinstance(first, tuple)
        self.shapes = [np.shape(part)[1:] for part in ((first,) if self.bare else first)]

    @property
    def width(self) -> int:
        """Numbers in a state."""
        return sum(int(np.prod(shape)) for shape in self.shapes)

    def start(self, rows: int) -> State:
        # A copy: a cell may hand out an array of its own, and change states in place.
        return tuple(part.copy() for part in self._state(self.cell.start(rows), rows, "start"))

    def update(self, state: State, y: Array, *beside: Array) -> State:
        return self._state(self.cell.update(self._given(state), y, *beside), len(y), "update")

    def advance(self, state: State, *ahead: Array) -> tuple[State, Array]:
        rows, found = len(state[0]), self.cell.advance(self._given(state), *ahead)
        if not isinstance(found, tuple) or len(found) != 2:
            raise _bad(self.name, f"must give (state, y) from advance; it gave {type(found).__name__}")
        y = np.asarray(found[1], dtype=np.float64)
        if y.shape != (rows,):
            raise _bad(self.name, f"must give y [rows] = {(rows,)} from advance; it gave {y.shape}")
        return self._state(found[0], rows, "advance"), y

    def _given(self, state: State) -> Any:
        return state[0] if self.bare else state

    def _state(self, found: Any, rows: int, verb: str) -> State:
        parts = (found,) if self.bare else found
        wanted = [(rows, *shape) for shape in self.shapes]
        if isinstance(parts, tuple) and [np.shape(part) for part in parts] == wanted:
            return tuple(np.asarray(part, dtype=np.float64) for part in parts)
        shapes = [np.shape(part) for part in parts] if isinstance(parts, tuple) else type(parts).__name__
        raise _bad(self.name, f"must keep its state [rows, ...] = {wanted} in {verb}; it gave {shapes}")


def _bad(name: str, what: str) -> ParameterError:
    return ParameterError(f"{name} {what}", code="parameter", name="cell")

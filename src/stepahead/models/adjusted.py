"""Base class of models of seasonally adjusted values: the season is found or given, taken off and put back here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..numerics import seasonality
from ..numerics.adjustment import PAIRS, Adjustment, nothing, phases_of, takes_waves, waves_of
from ..parameters import is_auto
from ..protocols import Array, Batch, FittedBatch, Index, Roll, State
from ..seasons import SHORTER, checked_season, resolve
from ..series import Series, in_fixed_order
from .model import Model, Shapes

MOST_VALUES = 1 << 15
"""Most values that the parameters are learned from, the newest of each series: more say nothing new."""


class Adjusted(Model):
    """A model of one argument, `season`, averaged over a grid of its parameters, of values without that season.

    A subclass fits its grid to adjusted values (`_solve`), moves a state on and rolls it out in their unit, and names
    the class of its fitted batches. Time counts from the first value that `encode` is given, which is taken to be at
    the phase of the first training value.
    """

    _learned: ClassVar[tuple[str, ...]] = ("phases_", "multiplied_", "waves_", "turn_", "weights_", "level_")
    _batches: ClassVar[type[OnGrid]]
    _side_by_side: ClassVar[int]
    """Series that are fitted at a time: series times grid points stay in the cache of one core."""
    season: Any
    phases_: Array
    multiplied_: float
    waves_: Array
    turn_: float
    weights_: Array
    level_: Array

    def __init__(self, season: Any = "auto") -> None:
        self.season = season

    def _check(self) -> None:
        if not is_auto(self.season):
            self.season = checked_season(self.season)

    @property
    def name(self) -> str:
        """The class; with a season that was given ``Theta(season=12)``."""
        own = type(self).__name__
        return own if is_auto(self.season) else f"{own}(season={self.season})"

    def _period(self, panel: Sequence[Series]) -> int:
        """The season in steps, 1 for none."""
        found = resolve(self.season, panel)
        return found.period or 1

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        period = self._period(panel)
        parts = [part.numbers[None] for part in in_fixed_order(panel) if not np.isnan(part.numbers).all()]
        found = adjustment_of(parts, period)
        self._keep(found)
        fitted, _ = self._solve([_from_first(found.taken_off(part)) for part in parts], found.period)
        self._learn(fitted)
        return 1

    def _keep(self, found: Adjustment) -> None:
        self.phases_, self.multiplied_ = found.phases[0], float(found.multiplied[0])
        self.waves_, self.turn_ = found.waves[0], float(found.turn)

    @property
    def adjustment_(self) -> Adjustment:
        """What is taken off the values."""
        return Adjustment(self.phases_[None], np.array([self.multiplied_ > 0.0]), self.waves_[None], self.turn_)

    def _learn(self, fitted: Any) -> None:
        """Keep the weights and the first levels, 0 where a grid point has no weight."""
        self.weights_ = fitted.weights[0]
        self.level_ = np.where(self.weights_ > 0.0, fitted.level[0], 0.0)

    def _solve(self, parts: list[Array], period: int) -> tuple[Any, Any]:
        """The fitted grid, and the states at the end of the last of the parts, pooled row by row; each [series, time]
        relative to its first observed value.
        """
        raise NotImplementedError

    @property
    def _kept(self) -> Index:
        """The grid points that weigh anything."""
        return np.flatnonzero(self.weights_)

    def _batched(self, batch: Batch) -> Adjustment | None:
        """The adjustment of each series of a batch; None where the season is to be found in each of them."""
        if is_auto(self.season):
            return None
        period = resolve(self.season, None).period or 1
        # Of a long season with few cycles each series has a shorter one, or has none: they are fitted one by one.
        return None if takes_waves(period, batch.heads.shape[1]) else adjustment_of([batch.heads], period)

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """Each series by itself, with the season that was given."""
        found, out = self._batched(batch), []
        if found is None:
            return []
        for start in range(0, len(batch.heads), self._side_by_side):
            rows = slice(start, start + self._side_by_side)
            own = found.part(rows)
            values = own.taken_off(batch.heads[rows])
            base = values[:, :1].copy()
            fitted, end = self._solve([values - base], own.period)
            length = values.shape[1]
            out.append(self._batches(batch.all[rows], batch.horizon, batch.kept, own, base, fitted, end, length))
        return out

    def _encode(self, values: Array, after: State | None) -> State:
        """(time and first adjusted value [origins, 2], then what the subclass keeps)."""
        time = 0 if after is None else int(after[0][-1, 0])
        first = np.nan if after is None else float(after[0][-1, 1])
        adjusted = self.adjustment_.taken_off(values[None], time)
        clock = np.empty((len(values), 2))
        clock[:, 0] = time + np.arange(1.0, len(values) + 1.0)
        begin = 0
        if np.isnan(first):
            seen = ~np.isnan(adjusted[0])
            begin = int(seen.argmax()) if seen.any() else len(values)
            first = float(adjusted[0, begin]) if seen.any() else np.nan
            after = None
        clock[:, 1] = first
        clock[:begin, 1] = np.nan
        own = self._moved_on(adjusted[:, begin:] - first, time + begin, None if after is None else after[1:])
        return (clock, *(_led(part, begin) for part in own))

    def _moved_on(self, values: Array, first: int, after: State | None) -> State:
        """The states after each of the values [1, time], relative to the first one ever."""
        raise NotImplementedError

    def _outlook(self, state: State, horizon: int) -> Array:
        """[rows, horizon]: forecasts relative to the first adjusted value."""
        raise NotImplementedError

    def _plan(self, horizon: int) -> Roll:
        found = self.adjustment_
        ahead = np.arange(float(horizon))

        def roll(state: State, out: Array | None) -> Array:
            clock = state[0]
            own = clock[:, 1:] + self._outlook(state, horizon)
            return found.put_back(own, clock[:, :1] + ahead)

        return roll

    def _shapes(self) -> Shapes:
        return {"phases_": (None,), "multiplied_": (), "waves_": (2 * PAIRS,), "turn_": ()}

    def _check_learned(self) -> None:
        if self.context != 1:
            raise ValueError("context should be 1")
        if not (self.turn_ >= 1.0 and self.multiplied_ in (0.0, 1.0)):
            raise ValueError("turn_ or multiplied_ is none of this model")
        if self.multiplied_ and not (self.phases_ > 0.0).all():
            raise ValueError("a factor of phases_ is not above 0")
        if not ((self.weights_ >= 0.0).all() and abs(self.weights_.sum() - 1.0) < 1e-6):
            raise ValueError("weights_ are no shares of 1")


@dataclass(frozen=True)
class OnGrid:
    """Fitted grids of many series, and their states at the end of the training part."""

    rows: Index
    width: int
    kept: Index
    adjustment: Adjustment
    base: Array
    fitted: Any
    end: Any
    length: int
    context = 1

    def _states(self, part: slice, begin: int) -> Any:
        """States that may be moved on, of time 0 or of the end of the training part."""
        raise NotImplementedError

    def _steps(self, values: Array, states: Any, begin: int) -> Iterator[Array]:
        """Move the states on over the values [series, time], a step each time it is asked."""
        raise NotImplementedError

    def _outlook(self, weights: Array, first: int, count: int) -> Callable[[Any, int], Array]:
        """(states, origin) -> [series, steps], for `count` origins from `first` on."""
        raise NotImplementedError

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]."""
        own = self.adjustment.part(part)
        begin = self.length if first >= self.length else 0
        states = self._states(part, begin)
        rest = own.taken_off(values[:, begin : first + count - 1], begin) - self.base[part]
        stepping, outlook = self._steps(rest, states, begin), self._outlook(self.fitted.weights[part], first, count)
        out = np.empty((len(rest), self.width, count))
        for origin in range(begin, first + count):
            if origin > begin:
                next(stepping)
            if origin >= first:
                out[:, :, origin - first] = outlook(states, origin)
        out += self.base[part, :, None]
        times = first + np.arange(count) + np.arange(self.width)[:, None]
        return own.put_back_each(out, times)[:, self.kept - 1]


def adjustment_of(parts: Sequence[Array], period: int) -> Adjustment:
    """The adjustment of series [series, time], pooled over `parts`, for a season of `period` steps."""
    waves, left = long_season(parts, period)
    if not waves.waves.any():
        return phases_of(parts, left)
    phases = phases_of([waves.taken_off(part) for part in parts], left, multiplied=False)
    return Adjustment(phases.phases, phases.multiplied, waves.waves, waves.turn)


def long_season(parts: Sequence[Array], period: int) -> tuple[Adjustment, int]:
    """The waves of a long season of which there are few cycles, and the season that is left without them.

    That is the shorter one of the same calendar, where the longest of the series still has it; else 1. Of any other
    season there are no waves, and it is left itself.
    """
    length = max(part.shape[1] for part in parts)
    if not takes_waves(period, length):
        return nothing(len(parts[0])), period
    if length < period:
        return nothing(len(parts[0])), 1
    waves = waves_of(parts, period)
    return waves, _shorter([waves.taken_off(part) for part in parts], period)


def _shorter(rest: Sequence[Array], period: int) -> int:
    if period not in SHORTER:
        return 1
    longest = max(rest, key=lambda part: part.shape[1])
    return SHORTER[period] if seasonality.among(longest[0], (SHORTER[period],)).found else 1


def _from_first(values: Array) -> Array:
    """[1, time] from the first observed value on, relative to it; the newest `MOST_VALUES` of them."""
    seen = ~np.isnan(values[0])
    kept = values[:, int(seen.argmax()) :][:, -MOST_VALUES:]
    kept = kept[:, int((~np.isnan(kept[0])).argmax()) :]
    return np.asarray(kept - kept[:, :1])


def _led(part: Array, rows: int) -> Array:
    """The states with so many rows without a forecast before them."""
    if not rows:
        return part
    return np.concatenate([np.full((rows, *part.shape[1:]), np.nan), part])

"""Base class of models of seasonally adjusted values: the season is found or given, taken off and put back here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from ..numerics import seasonality
from ..numerics.adjustment import PAIRS, Adjustment, nothing, phases_of, takes_waves, waves_of
from ..parameters import is_auto
from ..protocols import Array, Batch, Roll, State
from ..seasons import SHORTER, checked_season, resolve
from ..series import Series, in_fixed_order
from .model import Model, Shapes

MOST_VALUES = 1 << 15
"""Most values that the parameters are learned from, the newest of each series: more say nothing new."""


class Adjusted(Model):
    """A model of one argument, `season`, and of values from which that season was taken off.

    A subclass learns from the adjusted series (`_learn`), and moves a state on and rolls it out in their unit. Time
    counts from the first value that `encode` is given, which is taken to be at the phase of the first training value.
    """

    _learned: ClassVar[tuple[str, ...]] = ("phases_", "multiplied_", "waves_", "turn_")
    season: Any
    phases_: Array
    multiplied_: float
    waves_: Array
    turn_: float

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
        self._learn([_from_first(found.taken_off(part)) for part in parts])
        return 1

    def _keep(self, found: Adjustment) -> None:
        self.phases_, self.multiplied_ = found.phases[0], float(found.multiplied[0])
        self.waves_, self.turn_ = found.waves[0], float(found.turn)

    @property
    def adjustment_(self) -> Adjustment:
        """What is taken off the values."""
        return Adjustment(self.phases_[None], np.array([self.multiplied_ > 0.0]), self.waves_[None], self.turn_)

    def _learn(self, parts: list[Array]) -> None:
        """Learn from adjusted series, each [1, time] from its first observed value on."""
        raise NotImplementedError

    def _batched(self, batch: Batch) -> Adjustment | None:
        """The adjustment of each series of a batch; None where the season is to be found in each of them."""
        if is_auto(self.season):
            return None
        period = resolve(self.season, None).period or 1
        # Of a long season with few cycles each series has a shorter one, or has none: they are fitted one by one.
        return None if takes_waves(period, batch.heads.shape[1]) else adjustment_of([batch.heads], period)

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

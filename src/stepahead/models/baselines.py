"""Baselines: simple forecasts that every model has to beat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..numerics import linear
from ..numerics.streamed import RunningMean
from ..parameters import is_auto, whole
from ..protocols import Array, Batch, FittedBatch, Head, Index, State
from ..seasons import checked_season, resolve
from ..series import Series, in_fixed_order
from ..storage import register
from ..windows import history, joined_windows, lagged
from .model import Model, Shapes
from .simple import Curve, Straight, expect


@register
class Mean(Model):
    """The mean of the training part, as the forecast of every step.

    >>> Mean().fit([1.0, 2.0, 3.0]).forecast([7.0, 8.0], horizon=2)
    array([2., 2.])
    """

    _learned = ("mean_",)
    _any_size = is_baseline = learns = True
    kind = "mean"
    mean_: float

    def _fit(self, segments: list[Array]) -> int:
        self.mean_ = linear.mean_of(segments)
        return 0

    def _encode(self, values: Array, after: State | None) -> State:
        """[origins, 0] an empty state: the forecast does not depend on the past."""
        return (np.empty((len(values) + (after is None), 0)),)

    def _rollout(self, state: State, horizon: int) -> Array:
        return np.full((len(state[0]), horizon), self.mean_)

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """The mean of each training part."""
        return [Curve(batch.all, batch.kept, linear.mean_of([batch.heads])[:, None])]

    def fit_pieces(self, head: Head, length: int) -> bool:
        """The mean of all pieces."""
        running = RunningMean()
        for values in head():
            running.add(values)
        self.mean_, self.context = running.mean(), 0
        return bool(np.isfinite(self.mean_))

    def _shapes(self) -> Shapes:
        return {**expect(self.context, 0), "mean_": ()}


@register
class Naive(Model):
    """The last value, at every step.

    >>> Naive().fit([1.0, 2.0]).forecast([1.0, 2.0, 5.0], horizon=2)
    array([5., 5.])
    """

    _any_size, is_baseline, learns = True, True, False
    kind = "last"

    def _fit(self, segments: list[Array]) -> int:
        return 1

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """Nothing is learned."""
        return [Straight(batch.all, batch.kept, np.zeros(len(batch.heads)))]

    def fit_pieces(self, head: Head, length: int) -> bool:
        """Nothing is learned."""
        self.context = 1
        return True

    def _shapes(self) -> Shapes:
        return expect(self.context, 1)

    def _encode(self, values: Array, after: State | None) -> State:
        """[origins, 1]: the last value, a view."""
        return (lagged(values, 1),)

    def _rollout(self, state: State, horizon: int) -> Array:
        return np.repeat(state[0], horizon, axis=1)


@register
class SeasonalNaive(Model):
    """The value one period ago, repeated.

    >>> SeasonalNaive(2).fit([1.0, 2.0]).forecast([1.0, 2.0, 3.0, 4.0], horizon=3)
    array([3., 4., 3.])

    Parameters
    ----------
    season : number of steps in a season, at least 1; "auto" looks for the season in the training part (of several it
        takes the longest multiple of the first), None for none, which repeats the last value.
    """

    _any_size, is_baseline = True, True
    kind = "season"

    def __init__(self, season: Any = "auto") -> None:
        self.season = season

    @property
    def learns(self) -> bool:
        """Whether the season is looked for."""
        return is_auto(self.season)

    def _check(self) -> None:
        several = self.season is None or np.ndim(self.season) > 0
        if several:
            self.season = checked_season(self.season)
        elif not is_auto(self.season):
            self.season = whole("season", self.season, also=', several, None, or "auto"')

    @property
    def _period(self) -> int:
        """The number of steps that was given."""
        return self.season if isinstance(self.season, int) else resolve(self.season, None).period or 1

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        return resolve(self.season, panel).period or 1 if self.learns else self._period

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """Nothing is learned, where a period that was given fits into the training part."""
        fits = not self.learns and self._period <= batch.heads.shape[1]
        return [Season(batch.all, batch.kept, self._period)] if fits else []

    def fit_pieces(self, head: Head, length: int) -> bool:
        """Nothing is learned; a season is looked for in all values at once."""
        if self.learns:
            return False
        self.context = self._period
        return True

    def _shapes(self) -> Shapes:
        return {} if self.learns else expect(self.context, self._period)

    def _check_learned(self) -> None:
        if self.context < 1:
            raise ValueError("context is no season")

    def _encode(self, values: Array, after: State | None) -> State:
        """[origins, period]: the last season, a view."""
        return (joined_windows(values, self.context, after),)

    def _rollout(self, state: State, horizon: int) -> Array:
        return state[0][:, np.arange(horizon) % self.context]


@register
class Drift(Model):
    """The last value plus k times the mean step of the training part.

    >>> Drift().fit([1.0, 2.0, 3.0]).forecast([1.0, 2.0, 5.0], horizon=2)
    array([6., 7.])

    Attributes
    ----------
    slope_ : the mean rise per step of the training part, from its first value to its last; 0 for a single value.
    """

    _learned = ("slope_",)
    is_baseline = learns = True
    kind = "drift"
    slope_: float

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        rise, steps = 0.0, 0
        for part in in_fixed_order(panel):
            values = part.numbers
            seen = np.flatnonzero(~np.isnan(values))
            if len(seen):
                rise += float(values[seen[-1]] - values[seen[0]])
                steps += int(seen[-1] - seen[0])
        self.slope_ = rise / max(steps, 1)
        return 1

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """The slope of each training part."""
        heads = batch.heads
        return [Straight(batch.all, batch.kept, (heads[:, -1] - heads[:, 0]) / max(heads.shape[1] - 1, 1))]

    def fit_pieces(self, head: Head, length: int) -> bool:
        """The first value and the last."""
        first = last = np.empty(0)
        for values in head():
            first = first if len(first) else values[:1]
            last = values[-1:] if len(values) else last
        self.slope_, self.context = float(last[0] - first[0]) / max(length - 1, 1), 1
        return True

    def _shapes(self) -> Shapes:
        return {**expect(self.context, 1), "slope_": ()}

    def _encode(self, values: Array, after: State | None) -> State:
        """[origins, 1]: the last value, a view."""
        return (lagged(values, 1),)

    def _rollout(self, state: State, horizon: int) -> Array:
        return np.asarray(state[0] + self.slope_ * np.arange(1.0, horizon + 1.0))


@dataclass(frozen=True)
class Season:
    """Fitted batch that repeats the last season of each series; a `CurveBatch`."""

    rows: Index
    kept: Index
    span: int

    @property
    def width(self) -> int:
        """The number of steps in a season."""
        return self.span

    @property
    def context(self) -> int:
        """The number of steps in a season."""
        return self.span

    def curve(self, part: slice, values: Array, first: int, count: int, step: int) -> Array:
        """[series, targets]: the value a whole number of seasons before each target."""
        begin = first - self.span * -(-step // self.span)
        return values[:, begin : begin + count]

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]."""
        return history(values, self.span, first, count)[:, (self.kept - 1) % self.span]

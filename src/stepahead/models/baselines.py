"""The baselines that every model has to beat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..numerics import linear
from ..numerics.streamed import RunningLevel
from ..parameters import whole
from ..protocols import Array, Batch, FittedBatch, Head, Index, State
from ..storage import register
from ..windows import history, joined_windows, lagged
from .model import Model, Shapes


def expect(context: int, wanted: int) -> Shapes:
    """Nothing is learned, and the context of a loaded model is what its arguments say."""
    if context != wanted:
        raise ValueError(f"context is {context} where {wanted} was wanted")
    return {}


@register
class Mean(Model):
    """The mean of the training part, at every step: what a forecaster knows who forgets everything.

    >>> Mean().fit([1.0, 2.0, 3.0]).forecast([7.0, 8.0], horizon=2)
    array([2., 2.])
    """

    _learned = ("mean_",)
    _any_size = is_baseline = learns = True
    kind = "mean"
    mean_: float

    def _fit(self, segments: list[Array]) -> int:
        self.mean_ = linear.level(segments)
        return 0

    def _encode(self, values: Array, after: State | None) -> State:
        """[origins, 0]: there is nothing to remember."""
        return (np.empty((len(values) + (after is None), 0)),)

    def _rollout(self, state: State, horizon: int) -> Array:
        return np.full((len(state[0]), horizon), self.mean_)

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """The level of each training part."""
        return [Level(batch.all, linear.level([batch.heads]))]

    def fit_pieces(self, head: Head, length: int) -> bool:
        """The mean of all pieces."""
        level = RunningLevel()
        for values in head():
            level.add(values)
        self.mean_, self.context = level.mean(), 0
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
        return [Repeated(batch.all, 1, 1, batch.kept)]

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
    period : number of steps in a season, at least 1.
    """

    _any_size, is_baseline, learns = True, True, False
    kind = "season"

    def __init__(self, period: int) -> None:
        self.period = period

    def _check(self) -> None:
        self.period = whole("period", self.period)

    def _fit(self, segments: list[Array]) -> int:
        return self.period

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """Nothing is learned, where a period fits into the training part."""
        period = self.period
        return [Repeated(batch.all, period, period, batch.kept)] if period <= batch.heads.shape[1] else []

    def fit_pieces(self, head: Head, length: int) -> bool:
        """Nothing is learned."""
        self.context = self.period
        return True

    def _shapes(self) -> Shapes:
        return expect(self.context, self.period)

    def _encode(self, values: Array, after: State | None) -> State:
        """[origins, period]: the last season, a view."""
        return (joined_windows(values, self.context, after),)

    def _rollout(self, state: State, horizon: int) -> Array:
        return state[0][:, np.arange(horizon) % self.context]


@register
class Drift(Model):
    """The last value, moved on by the mean step of the series so far.

    >>> Drift().fit([1.0, 2.0]).forecast([1.0, 2.0, 5.0], horizon=2)
    array([7., 9.])
    """

    def _fit(self, segments: list[Array]) -> int:
        return 2  # nothing is learned: the slope is that of the values before each origin

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """Nothing is learned; two values have to be there."""
        return [Line(batch.all, batch.kept)] if batch.heads.shape[1] > 1 else []

    def fit_pieces(self, head: Head, length: int) -> bool:
        """Nothing is learned."""
        self.context = 2
        return True

    def _shapes(self) -> Shapes:
        return expect(self.context, 2)

    def _encode(self, values: Array, after: State | None) -> State:
        """Last value, first value, count, each [origins]."""
        if after is None:
            count = np.arange(2.0, len(values) + 1)
            return values[1:], np.full(len(count), values[0] if len(values) else np.nan), count
        count = after[2][-1] + np.arange(1, len(values) + 1)
        return values, np.full(len(values), after[1][-1]), count

    def _rollout(self, state: State, horizon: int) -> Array:
        last, first, count = state
        slope = (last - first) / (count - 1.0)
        return last[:, None] + slope[:, None] * np.arange(1.0, horizon + 1.0)


# ---------------------------------------------------------------------------------------------------------------
# Side by side


@dataclass(frozen=True)
class Level:
    """One number a series, at every origin and step."""

    rows: Index
    level: Array
    width = 1
    context = 0

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, 1, 1]."""
        return self.level[part, None, None].copy()


@dataclass(frozen=True)
class Repeated:
    """The last `period` values over and over."""

    rows: Index
    width: int
    context: int
    kept: Index

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]; [series, 1, origins] where all steps are the same."""
        season = history(values, self.context, first, count)
        return season if self.context == 1 else season[:, (self.kept - 1) % self.context]


@dataclass(frozen=True)
class Line:
    """The straight line through the first and the last value."""

    rows: Index
    kept: Index
    width = 1
    context = 2

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]."""
        last = values[:, None, first - 1 : first - 1 + count]
        slope = (last - values[:, None, :1]) / (np.arange(first, first + count) - 1.0)
        return np.asarray(last + slope * self.kept[:, None].astype(np.float64))

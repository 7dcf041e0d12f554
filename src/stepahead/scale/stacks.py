"""Fitted models of one kind side by side, one for each series of a batch: what a stack is, and those of the simple guesses.

A batch is [series, time], complete and of one length. A fit gives stacks, each of the series that it names in `rows`; a series
that no stack names (ill-conditioned, exploding, a context never seen) is not lost: it goes through `evaluate` by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np

from ..models.baselines import Drift, Mean, Naive, SeasonalNaive
from ..numerics import stacked
from ..protocols import Array, Index


@dataclass(frozen=True)
class Batch:
    """What a fit may see, and what is asked of it.

    heads : [series, train] the training parts.
    peaks : [series] the largest value in size, of the whole series: it bounds the forecasts, and teaches nothing.
    horizon, kept : the largest step, and the steps that are scored.
    """

    heads: Array
    peaks: Array
    horizon: int
    kept: Index

    @property
    def all(self) -> Index:
        """Every row."""
        return np.arange(len(self.heads))


class Stack(Protocol):
    """Fitted models of the series `rows` of a batch."""

    @property
    def rows(self) -> Index:
        """Which series of the batch these are."""

    @property
    def width(self) -> int:
        """How many numbers an origin takes while it is rolled out."""

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]: forecasts of the models `part` from `count` origins on, `first` being the first of them.

        `values` [series, time] are those of their series. The array is the caller's to write on; an axis along which nothing
        changes may have length 1; NaN stands where a forecast is not finite.
        """


Fit: TypeAlias = Callable[[Any, Batch], Sequence[Stack]]
"""(model, batch) -> stacks."""


def history(values: Array, lags: int, first: int, count: int, ones: bool = False) -> Array:
    """[series, lags, origins]: what each origin has behind it, oldest first; with `ones` a last line of ones."""
    out = np.empty((len(values), lags + ones, count))
    for lag in range(lags):
        begin = first - lags + lag
        out[:, lag] = values[:, begin : begin + count]
    out[:, lags:] = 1.0
    return out


@dataclass(frozen=True)
class Level:
    """One number a series, at every origin and step."""

    rows: Index
    level: Array
    width = 1

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, 1, 1]."""
        return self.level[part, None, None].copy()


@dataclass(frozen=True)
class Repeated:
    """The last `period` values over and over."""

    rows: Index
    period: int
    kept: Index

    @property
    def width(self) -> int:
        """The season."""
        return self.period

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]; [series, 1, origins] where all steps are the same."""
        season = history(values, self.period, first, count)
        return season if self.period == 1 else season[:, (self.kept - 1) % self.period]


@dataclass(frozen=True)
class Line:
    """The straight line through the first and the last value."""

    rows: Index
    kept: Index
    width = 1

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]."""
        last = values[:, None, first - 1 : first - 1 + count]
        slope = (last - values[:, None, :1]) / (np.arange(first, first + count) - 1.0)
        return np.asarray(last + slope * self.kept[:, None].astype(np.float64))


def mean(model: Mean, batch: Batch) -> list[Stack]:
    """The level of each training part."""
    return [Level(batch.all, stacked.level(batch.heads))]


def naive(model: Naive, batch: Batch) -> list[Stack]:
    """Nothing is learned."""
    return [Repeated(batch.all, 1, batch.kept)]


def seasonal(model: SeasonalNaive, batch: Batch) -> list[Stack]:
    """Nothing is learned, where a period fits into the training part."""
    period = int(model.period)
    return [Repeated(batch.all, period, batch.kept)] if period <= batch.heads.shape[1] else []


def drift(model: Drift, batch: Batch) -> list[Stack]:
    """Nothing is learned; two values have to be there."""
    return [Line(batch.all, batch.kept)] if batch.heads.shape[1] > 1 else []

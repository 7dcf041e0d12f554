"""Fitted batches of simple models: forecasts are a curve over time, or a straight line from each origin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..protocols import Array, Index
from ..windows import targets_of_batch
from .model import Shapes


def expect(context: int, wanted: int) -> Shapes:
    """Shapes of a model that learns nothing; raises where a loaded context is not the one its arguments give."""
    if context != wanted:
        raise ValueError(f"context is {context} where {wanted} was wanted")
    return {}


@dataclass(frozen=True)
class Straight:
    """A straight line from the last value on; a `StraightBatch`."""

    rows: Index
    kept: Index
    slope: Array
    """[series] rise per step."""
    width = 1
    context = 1

    def levels(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, origins]: the level that each origin goes on from."""
        return values[:, first - 1 : first - 1 + count]

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]."""
        level = self.levels(part, values, first, count)[:, None]
        return np.asarray(level + self.slope[part, None, None] * self.kept[:, None].astype(np.float64))


@dataclass(frozen=True)
class Curve:
    """A forecast that depends on its target alone: a straight line plus a value for each phase of a season;
    a `CurveBatch`.
    """

    rows: Index
    kept: Index
    phases: Array
    """[series, period] of the times 0, 1, .. of the clock."""
    slope: Array | None = None
    span: int = np.iinfo(np.int64).max
    width = 1
    context = 0

    def curve(self, part: slice, values: Array, first: int, count: int, step: int) -> Array:
        """[series, targets]; [series, 1] where all are the same."""
        if self.phases.shape[1] == 1 and self.slope is None:
            return self.phases[part]
        times = np.arange(first, first + count)
        found = self.phases[part][:, times % self.phases.shape[1]]
        return found if self.slope is None else found + self.slope[part, None] * times

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]; [series, 1, 1] where all are the same."""
        found = self.curve(part, values, first, count + int(self.kept[-1]) - 1, 1)
        return targets_of_batch(found, 0, count, self.kept).copy() if found.shape[1] > 1 else found[:, None].copy()

"""Fitted batches of wrappers: rescaled, summed, corrected."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..protocols import Array, FittedBatch, Index
from ..windows import history


@dataclass(frozen=True)
class Rescaled:
    """A fitted batch that sees each series less a mean, in units of a deviation."""

    rows: Index
    width: int
    context: int
    inner: FittedBatch
    mean: Array
    std: Array

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins], in the unit of the series."""
        mean, std = self.mean[part, None], self.std[part, None]
        out = self.inner.ahead(part, (values - mean) / std, first, count) * std[:, :, None]
        out += mean[:, :, None]
        return np.asarray(out)


@dataclass(frozen=True)
class AddedUp:
    """A fitted batch that sees the steps of each series,
    and whose forecasts of all steps are added up from the last value.
    """

    rows: Index
    width: int
    context: int
    inner: FittedBatch
    kept: Index

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]."""
        steps = self.inner.ahead(part, np.diff(values, axis=1), first - 1, count)
        last = values[:, None, first - 1 : first - 1 + count]
        if steps.shape[1] == 1:  # the same at every step
            steps = np.broadcast_to(steps, (len(steps), int(self.kept[-1]), steps.shape[2]))
        return np.asarray(last + np.cumsum(steps, axis=1)[:, self.kept - 1])


@dataclass(frozen=True)
class Corrected:
    """A fitted batch plus a learned correction for each step: correction [series, horizon, lags], shift."""

    rows: Index
    width: int
    context: int
    inner: FittedBatch
    correction: Array
    shift: Array
    kept: Index

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]."""
        ahead = self.inner.ahead(part, values, first, count)
        out = np.broadcast_to(ahead, (len(ahead), max(ahead.shape[1], int(self.kept[-1])), count))[
            :, self.kept - 1
        ].copy()
        own = self.kept[self.kept <= self.shift.shape[1]] - 1
        window = history(values, self.context, first, count)
        out[:, : len(own)] += np.matmul(self.correction[part][:, own], window) + self.shift[part][:, own, None]
        return np.asarray(out)

"""The dynamic Theta method, averaged over a grid of its parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..numerics import dynamic_theta
from ..numerics.adjustment import Adjustment
from ..numerics.dynamic_theta import ALPHA, SHARE, Fitted, States, Sums
from ..protocols import Array, Batch, FittedBatch, Index, State
from ..storage import register
from .adjusted import Adjusted
from .model import Shapes

SIDE_BY_SIDE = 256
"""Series that are fitted at a time."""


@register
class Theta(Adjusted):
    """Dynamic Theta: a level, and a share of the least-squares line through all values so far; averaged over a grid.

    >>> import stepahead as sa
    >>> model = Theta().fit(sa.datasets.nile())
    >>> model.forecast(sa.datasets.nile(), horizon=5)[[0, 4]].round(4)
    array([803.0843, 803.0333])

    Values are seasonally adjusted first. Of each of 50 points (ten weights of the newest value, five shares of the
    line) the first level is that of least squares, and its forecast weighs exp(-(n ln(SSE / n) + 2 for a line)). A
    missing value leaves the level on its way, and the line where it is.

    Parameters
    ----------
    season : as of ``ExponentialSmoothing``.

    Attributes
    ----------
    weights_, level_ : [50] weights of the grid points, and first levels relative to the first adjusted value; 0 where a
        point weighs less than 1e-8.
    phases_, multiplied_, waves_, turn_ : as of ``ExponentialSmoothing``.

    Sources: Assimakopoulos & Nikolopoulos (2000); Fiorucci, Pellegrini, Louzada, Petropoulos & Koehler, "Models for
    optimising the theta method and their relationship to state space models" (2016).
    """

    _learned = (*Adjusted._learned, "weights_", "level_")
    _costs = {
        "encode": lambda m, rows: rows * (int((m.weights_ > 0).sum()) + 6),
        "rollout": lambda m, rows, steps: 8 * rows * int((m.weights_ > 0).sum()),
    }
    weights_: Array
    level_: Array

    def __init__(self, season: Any = "auto") -> None:
        self.season = season

    def _learn(self, parts: list[Array]) -> None:
        sums = Sums(1)
        for part in parts:
            sums.add(part)
        found = sums.solve()
        self.weights_ = found.weights[0]
        self.level_ = np.where(found.weights[0] > 0.0, found.level[0], 0.0)

    def _moved_on(self, values: Array, first: int, after: State | None) -> State:
        kept, count = np.flatnonzero(self.weights_), values.shape[1]
        if after is None:
            states = States(self.level_[None, kept], np.zeros((1, 1)), np.zeros((1, 1)), 0.0)
        else:
            line = after[1][-1]
            states = States(after[0][-1:], line[:1, None], line[1:2, None], float(line[2]))
        level, line = np.empty((count, len(kept))), np.empty((count, 3))
        for at, _ in enumerate(dynamic_theta.steps(values, ALPHA[kept], SHARE[kept], states)):
            level[at] = states.level[0]
            line[at] = states.mean[0, 0], states.slope[0, 0], states.count
        return level, line

    def _outlook(self, state: State, horizon: int) -> Array:
        kept = np.flatnonzero(self.weights_)
        line = state[2]
        states = States(state[1], line[:, :1], line[:, 1:2], line[:, 2:])
        weight, out = self.weights_[kept], np.empty((len(line), horizon))
        for step, each in enumerate(dynamic_theta.ahead(states, ALPHA[kept], SHARE[kept], horizon)):
            out[:, step] = (each * weight).sum(axis=1)
        return out

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """Each series by itself, with the season that was given."""
        found = self._batched(batch)
        if found is None:
            return []
        starts = range(0, len(batch.heads), SIDE_BY_SIDE)
        return [_with_lines(batch, found, slice(start, start + SIDE_BY_SIDE)) for start in starts]

    def _shapes(self) -> Shapes:
        return {**super()._shapes(), "weights_": (len(ALPHA),), "level_": (len(ALPHA),)}

    def _check_learned(self) -> None:
        super()._check_learned()
        if not ((self.weights_ >= 0.0).all() and abs(self.weights_.sum() - 1.0) < 1e-6):
            raise ValueError("weights_ are no shares of 1")


def _with_lines(batch: Batch, found: Adjustment, rows: slice) -> Thetas:
    """Fit some of the series of a batch."""
    own = found.part(rows)
    values = own.taken_off(batch.heads[rows])
    base = values[:, :1].copy()
    sums = Sums(len(values))
    states = sums.add(values - base)
    fitted = sums.solve()
    end = dynamic_theta.moved(states, fitted)
    return Thetas(batch.all[rows], batch.horizon, batch.kept, own, base, fitted, end, values.shape[1])


@dataclass(frozen=True)
class Thetas:
    """Fitted grids of many series, and their states at the end of the training part."""

    rows: Index
    width: int
    kept: Index
    adjustment: Adjustment
    base: Array
    fitted: Fitted
    end: States
    length: int
    context = 1

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]."""
        own, weight = self.adjustment.part(part), self.fitted.weights[part]
        if first >= self.length:
            begin = self.length
            states = States(self.end.level[part], self.end.mean[part], self.end.slope[part], self.end.count)
        else:
            begin, zero = 0, np.zeros((len(weight), 1))
            states = States(self.fitted.level[part], zero, zero, 0.0)
        rest = own.taken_off(values[:, begin : first + count - 1], begin) - self.base[part]
        of_level, of_mean, of_slope = dynamic_theta.responses(first + np.arange(count), self.width)
        out = np.empty((len(rest), self.width, count))
        stepping = dynamic_theta.steps(rest, ALPHA, SHARE, states)
        for origin in range(begin, first + count):
            if origin > begin:
                next(stepping)
            if origin >= first:
                at = origin - first
                out[:, :, at] = (
                    (states.level * weight) @ of_level[at]
                    + states.mean * (weight @ of_mean[at])
                    + states.slope * (weight @ of_slope[at])
                )
        out += self.base[part, :, None]
        times = first + np.arange(count) + np.arange(self.width)[:, None]
        return own.put_back_each(out, times)[:, self.kept - 1]

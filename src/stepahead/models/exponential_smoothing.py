"""Exponential smoothing with trend and season, averaged over a grid of its parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..numerics import exponential
from ..numerics.adjustment import Adjustment
from ..numerics.exponential import Fitted, Grid, States, Sums, grid
from ..protocols import Array, Batch, FittedBatch, Index, State
from ..storage import register
from .adjusted import Adjusted
from .model import Shapes

SIDE_BY_SIDE = 64
"""Series that are fitted at a time: series times grid points stay in the cache of one core."""


@register
class ExponentialSmoothing(Adjusted):
    """Exponential smoothing of a level, a damped trend and a season, averaged over a grid of its parameters.

    >>> import stepahead as sa
    >>> model = ExponentialSmoothing().fit(sa.datasets.nile())
    >>> model.forecast(sa.datasets.nile(), horizon=5)[[0, 4]].round(4)
    array([810.9215, 810.7654])

    Values are seasonally adjusted first. Of each grid point the first level and slope are those of least squares, and
    its forecast weighs exp(-(n ln(SSE / n) + 6 for a trend + 2 for a moving season)): nothing is searched, so that a
    fit takes the same time whatever the values, and has one result. A missing value leaves the level on its slope.

    Parameters
    ----------
    season : "auto" looks for the season in the training part; a number of steps is taken as given (of several the
        longest multiple of the first), None for none.

    Attributes
    ----------
    weights_, level_, slope_ : [points] weights of the grid points, and first levels and slopes, relative to the first
        adjusted value; 0 where a point weighs less than 1e-8.
    phases_ : [season] factors, or differences, of the phases. `multiplied_` says which of the two.
    waves_ : [4] weights of two waves of `turn_` steps, for a season above 100 steps of which there are fewer than four
        in the training part.

    Sources: Holt (1957), Winters (1960); the damped trend: Gardner & McKenzie (1985); an average by such weights in
    place of a choice: Kolassa, "Combining exponential smoothing forecasts using Akaike weights" (2011).
    """

    _learned = (*Adjusted._learned, "weights_", "level_", "slope_")
    _costs = {
        "encode": lambda m, rows: rows * (2 * int((m.weights_ > 0).sum()) + int((m.weights_[60:] > 0).sum()) + 4),
        "rollout": lambda m, rows, steps: rows * int((m.weights_[60:] > 0).sum()) * min(steps, len(m.phases_)),
    }
    weights_: Array
    level_: Array
    slope_: Array

    def __init__(self, season: Any = "auto") -> None:
        self.season = season

    def _learn(self, parts: list[Array]) -> None:
        sums = Sums(1, grid(len(self.phases_)), len(self.phases_))
        for part in parts:
            sums.add(part)
        found = sums.solve()
        kept = found.weights[0] > 0.0
        self.weights_ = found.weights[0]
        self.level_, self.slope_ = np.where(kept, found.level[0], 0.0), np.where(kept, found.slope[0], 0.0)

    def _points(self) -> tuple[Index, Grid, int]:
        """The grid points that weigh anything, and how many of them have a moving season."""
        kept = np.flatnonzero(self.weights_)
        points = grid(len(self.phases_)).part(kept)
        return kept, points, int((points.gamma > 0.0).sum())

    def _moved_on(self, values: Array, first: int, after: State | None) -> State:
        kept, points, moving = self._points()
        period, count = len(self.phases_), values.shape[1]
        season = np.zeros((count + period, moving))
        states = States.start(self.level_[None, kept], self.slope_[None, kept], period, moving)
        if after is not None:
            season[:period] = after[2][-1].T
            states.level[0], states.slope[0] = after[0][-1], after[1][-1]
            states.season[(first + np.arange(period)) % period, 0] = season[:period]
        level, slope = np.empty((count, len(kept))), np.empty((count, len(kept)))
        for at, _ in enumerate(exponential.steps(values, points, states, first)):
            level[at], slope[at] = states.level[0], states.slope[0]
            season[at + period] = states.season[(first + at) % period, 0]
        # Row i of the season begins with the phase after value i: a view, as each phase moves once in a season.
        return level, slope, np.lib.stride_tricks.sliding_window_view(season, period, axis=0)[1:]

    def _outlook(self, state: State, horizon: int) -> Array:
        kept, points, _ = self._points()
        return exponential.ahead(state[1], state[2], state[3], points.damping, self.weights_[kept], horizon)

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """Each series by itself, with the season that was given."""
        found = self._batched(batch)
        if found is None:
            return []
        return [_smoothed(batch, found, rows) for rows in _blocks(len(batch.heads))]

    def _shapes(self) -> Shapes:
        points = len(grid(len(self.phases_)).alpha)
        return {**super()._shapes(), "weights_": (points,), "level_": (points,), "slope_": (points,)}

    def _check_learned(self) -> None:
        super()._check_learned()
        if not ((self.weights_ >= 0.0).all() and abs(self.weights_.sum() - 1.0) < 1e-6):
            raise ValueError("weights_ are no shares of 1")


def _blocks(series: int) -> list[slice]:
    return [slice(start, min(start + SIDE_BY_SIDE, series)) for start in range(0, series, SIDE_BY_SIDE)]


def _smoothed(batch: Batch, found: Adjustment, rows: slice) -> Smoothing:
    """Fit some of the series of a batch."""
    own = found.part(rows)
    values = own.taken_off(batch.heads[rows])
    base = values[:, :1].copy()
    points = grid(own.period)
    sums = Sums(len(values), points, own.period)
    states = sums.add(values - base)
    fitted = sums.solve()
    return Smoothing(
        batch.all[rows],
        batch.horizon,
        batch.kept,
        own,
        base,
        fitted,
        exponential.moved(states, fitted),
        values.shape[1],
    )


@dataclass(frozen=True)
class Smoothing:
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
        own, period = self.adjustment.part(part), self.adjustment.period
        points, weight = grid(period), self.fitted.weights[part]
        moving = self.end.season.shape[2]
        if first >= self.length:
            begin = self.length
            states = States(self.end.level[part], self.end.slope[part], self.end.season[:, part]).copy()
        else:
            begin = 0
            states = States.start(self.fitted.level[part], self.fitted.slope[part], period, moving)
        rest = own.taken_off(values[:, begin : first + count - 1], begin) - self.base[part]
        out = np.empty((len(rest), self.width, count))
        stepping = exponential.steps(rest, points, states, begin)
        for origin in range(begin, first + count):
            if origin > begin:
                next(stepping)
            if origin >= first:
                phases = (origin + np.arange(period)) % period
                season = states.season[phases].transpose(1, 2, 0)
                out[:, :, origin - first] = exponential.ahead(
                    states.level, states.slope, season, points.damping, weight, self.width
                )
        out += self.base[part, :, None]
        times = first + np.arange(count) + np.arange(self.width)[:, None]
        return own.put_back_each(out, times)[:, self.kept - 1]

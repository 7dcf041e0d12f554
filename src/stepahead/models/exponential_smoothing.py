"""Exponential smoothing with trend and season, averaged over a grid of its parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ..numerics import exponential
from ..numerics.exponential import Fitted, Grid, States, Sums, grid
from ..protocols import Array, Index, State
from ..storage import register
from .adjusted import Adjusted, OnGrid
from .model import Shapes


@dataclass(frozen=True)
class Smoothing(OnGrid):
    """Exponential smoothing of many series."""

    def _states(self, part: slice, begin: int) -> States:
        if begin:
            return States(self.end.level[part], self.end.slope[part], self.end.season[:, part]).copy()
        moving = self.end.season.shape[2]
        return States.start(self.fitted.level[part], self.fitted.slope[part], self.adjustment.period, moving)

    def _steps(self, values: Array, states: States, begin: int) -> Iterator[Array]:
        return exponential.steps(values, grid(self.adjustment.period), states, begin)

    def _outlook(self, weights: Array, first: int, count: int) -> Callable[[States, int], Array]:
        period = self.adjustment.period
        damping = grid(period).damping

        def outlook(states: States, origin: int) -> Array:
            season = states.season[(origin + np.arange(period)) % period].transpose(1, 2, 0)
            return exponential.ahead(states.level, states.slope, season, damping, weights, self.width)

        return outlook


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

    _learned = (*Adjusted._learned, "slope_")
    _costs = {
        "encode": lambda m, rows: rows * (2 * int((m.weights_ > 0).sum()) + int((m.weights_[60:] > 0).sum()) + 4),
        "rollout": lambda m, rows, steps: rows * int((m.weights_[60:] > 0).sum()) * min(steps, len(m.phases_)),
    }
    _batches, _side_by_side = Smoothing, 64
    slope_: Array

    def _learn(self, fitted: Fitted) -> None:
        super()._learn(fitted)
        self.slope_ = np.where(self.weights_ > 0.0, fitted.slope[0], 0.0)

    def _solve(self, parts: list[Array], period: int) -> tuple[Fitted, States]:
        sums = Sums(len(parts[0]), grid(period), period)
        for part in parts:
            states = sums.add(part)
        fitted = sums.solve()
        return fitted, exponential.moved(states, fitted)

    def _points(self) -> tuple[Index, Grid, int]:
        """The grid points that weigh anything, and how many of them have a moving season."""
        kept = self._kept
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

    def _shapes(self) -> Shapes:
        points = len(grid(len(self.phases_)).alpha)
        return {**super()._shapes(), "weights_": (points,), "level_": (points,), "slope_": (points,)}

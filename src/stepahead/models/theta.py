"""The dynamic Theta method, averaged over a grid of its parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ..numerics import dynamic_theta
from ..numerics.dynamic_theta import ALPHA, SHARE, Fitted, States, Sums
from ..protocols import Array, State
from ..storage import register
from .adjusted import Adjusted, OnGrid
from .model import Shapes


@dataclass(frozen=True)
class Thetas(OnGrid):
    """Dynamic Theta of many series."""

    def _states(self, part: slice, begin: int) -> States:
        if begin:
            return States(self.end.level[part], self.end.mean[part], self.end.slope[part], self.end.count)
        zero = np.zeros((len(self.base[part]), 1))
        return States(self.fitted.level[part], zero, zero, 0.0)

    def _steps(self, values: Array, states: States, begin: int) -> Iterator[Array]:
        return dynamic_theta.steps(values, ALPHA, SHARE, states)

    def _outlook(self, weights: Array, first: int, count: int) -> Callable[[States, int], Array]:
        # Forecasts are linear in the state, with factors that all series share at an origin.
        of_level, of_mean, of_slope = dynamic_theta.responses(first + np.arange(count), self.width)

        def outlook(states: States, origin: int) -> Array:
            at = origin - first
            line = states.mean * (weights @ of_mean[at]) + states.slope * (weights @ of_slope[at])
            return np.asarray((states.level * weights) @ of_level[at] + line)

        return outlook


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

    _costs = {
        "encode": lambda m, rows: rows * (int((m.weights_ > 0).sum()) + 6),
        "rollout": lambda m, rows, steps: 8 * rows * int((m.weights_ > 0).sum()),
    }
    _batches, _side_by_side = Thetas, 256

    def _solve(self, parts: list[Array], period: int) -> tuple[Fitted, States]:
        sums = Sums(len(parts[0]))
        for part in parts:
            states = sums.add(part)
        fitted = sums.solve()
        return fitted, dynamic_theta.moved(states, fitted)

    def _moved_on(self, values: Array, first: int, after: State | None) -> State:
        kept, count = self._kept, values.shape[1]
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
        kept = self._kept
        line = state[2]
        states = States(state[1], line[:, :1], line[:, 1:2], line[:, 2:])
        weight, out = self.weights_[kept], np.empty((len(line), horizon))
        for step, each in enumerate(dynamic_theta.ahead(states, ALPHA[kept], SHARE[kept], horizon)):
            out[:, step] = (each * weight).sum(axis=1)
        return out

    def _shapes(self) -> Shapes:
        return {**super()._shapes(), "weights_": (len(ALPHA),), "level_": (len(ALPHA),)}

"""The dynamic optimised Theta method over a grid of its two parameters, of many series at once.

Source: Fiorucci, Pellegrini, Louzada, Petropoulos & Koehler, "Models for optimising the theta method and their
relationship to state space models" (2016). Errors are linear in the first level, which is therefore exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..protocols import Array, Index
from .exponential import Seen, weights

ALPHAS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.75, 0.9, 0.99)
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Weights 1 - 1 / theta of the line."""
COST = 2.0
LINE_FROM = 2
"""Values from which on there is a line."""

ALPHA, SHARE = (part.ravel() for part in np.meshgrid(ALPHAS, SHARES, indexing="ij"))


@dataclass
class States:
    """Levels [series, points]; mean and slope of the least-squares line, [series, 1]; how many values there were, which
    is a number, or [series, 1].
    """

    level: Array
    mean: Array
    slope: Array
    count: Array | float


def drift(states: States, alpha: Array) -> Array:
    """[series, points]: what the line adds to the level in the next step, at a theta without bound."""
    count = states.count
    left = (1.0 - alpha) ** count
    start = states.mean - (count + 1.0) / 2.0 * states.slope
    found = left * start + states.slope * ((1.0 - (1.0 - alpha) * left) / alpha)
    return np.asarray(np.where(np.asarray(count) >= LINE_FROM, found, 0.0))


def line_with(states: States, value: Array) -> None:
    """Take one more value into the line of each series."""
    count = states.count + 1.0
    slope = ((count - 2.0) * states.slope + 6.0 * (value - states.mean) / count) / (count + 1.0)
    states.slope = np.where(np.asarray(count) >= LINE_FROM, slope, 0.0)
    states.mean = ((count - 1.0) * states.mean + value) / count
    states.count = count


def steps(values: Array, alpha: Array, share: Array, states: States) -> Iterator[Array]:
    """Move the states on over `values` [series, time]; the errors of each step, [series, points].

    A missing value has an error of 0, and lies on the line.
    """
    for at in range(values.shape[1]):
        value = values[:, at, None]
        line = share * drift(states, alpha)
        error = value - (states.level + line)
        missing = np.isnan(value)
        if missing.any():
            error = np.where(missing, 0.0, error)
            value = np.where(missing, states.mean + (states.count + 1.0) / 2.0 * states.slope, value)
        states.level = states.level + alpha * (error + line)
        line_with(states, value)
        yield error


@dataclass(frozen=True)
class Fitted:
    """Grid points with their first level and their weights; each [series, points]."""

    level: Array
    weights: Array


class Sums:
    """Sums over the one-step errors from zero and of the response to a first level, as in ``exponential``."""

    def __init__(self, series: int) -> None:
        self.seen = Seen(series)
        self.products: Array = np.zeros((2, series, len(ALPHA)))
        self.responses: Array = np.zeros(len(ALPHA))

    def add(self, values: Array) -> States:
        """Of [series, time] relative to the first value of each; the states at the end, with one more row: the response
        to a level of 1.
        """
        series = len(values)
        level = np.zeros((series + 1, len(ALPHA)))
        level[-1] = 1.0
        states = States(level, np.zeros((series + 1, 1)), np.zeros((series + 1, 1)), 0.0)
        for at, error in enumerate(steps(self.seen.with_zeros(values, 1), ALPHA, SHARE, states)):
            if at >= LINE_FROM:
                own, response = error[:series], error[-1]
                self.products += np.stack([own * own, own * response])
                self.responses += response * response
        return states

    def solve(self) -> Fitted:
        """The first levels of least squares, and the weights of the points."""
        own, mixed = self.products
        first = np.where(self.responses > 0.0, -mixed / np.where(self.responses > 0.0, self.responses, 1.0), 0.0)
        left = self.seen.at_least(own + first * mixed, own)
        return Fitted(first, weights(left, self.seen.count, COST * (SHARE > 0.0).astype(np.float64)))


def moved(states: States, fitted: Fitted) -> States:
    """The states from zero, with the last row as response, moved to the fitted first level."""
    return States(
        states.level[:-1] + fitted.level * states.level[-1], states.mean[:-1], states.slope[:-1], states.count
    )


def ahead(states: States, alpha: Array, share: Array, horizon: int) -> Iterator[Array]:
    """The forecasts of each step, [rows, points]: the recursion goes on with its own forecasts as values."""
    for _ in range(horizon):
        line = share * drift(states, alpha)
        forecast = states.level + line
        yield forecast
        states.level = states.level + alpha * line
        line_with(states, forecast)


def responses(counts: Index, horizon: int) -> Array:
    """[3, origins, points, steps]: the forecasts after so many values from a level, a mean and a slope of 1 each.

    Forecasts are linear in the three: many series at one origin share these.
    """
    origins, points = len(counts), len(ALPHA)
    unit = np.zeros((3, 3, origins, 1))
    unit[[0, 1, 2], [0, 1, 2]] = 1.0
    states = States(
        np.broadcast_to(unit[0].reshape(-1, 1), (3 * origins, points)),
        unit[1].reshape(-1, 1),
        unit[2].reshape(-1, 1),
        np.tile(counts, 3)[:, None].astype(np.float64),
    )
    out = np.stack(list(ahead(states, ALPHA, SHARE, horizon)), axis=-1)
    return out.reshape(3, origins, points, horizon)

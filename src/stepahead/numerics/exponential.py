"""Exponential smoothing over a grid of its parameters: level, damped trend and season, of many series at once.

Errors are linear in the first level and slope, which are therefore exact: beside the series themselves the recursion
runs over zeros from a level of 1, and from a slope of 1, and a 2 x 2 least squares does the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..protocols import Array, Index

ALPHAS = (0.02, 0.1, 0.2, 0.4, 0.65, 0.9)
BETAS, DAMPINGS = (0.0, 0.05, 0.2), (0.9, 0.97, 1.0)
GAMMAS = (0.0, 0.1, 0.3)
LONGEST_SEASON = 60
"""Steps of the longest season that goes on moving: of a longer one each phase is seen too rarely."""
TREND_COST, SEASON_COST = 6.0, 2.0
FLOOR = -60.0
"""Least exponent of a weight."""


@dataclass(frozen=True)
class Grid:
    """Grid points, each [points]: alpha of the level, beta of the slope, damping, gamma of the season, and the cost."""

    alpha: Array
    beta: Array
    damping: Array
    gamma: Array
    cost: Array

    def part(self, points: Index) -> Grid:
        """Some of the points."""
        return Grid(*(part[points] for part in (self.alpha, self.beta, self.damping, self.gamma, self.cost)))


@lru_cache(maxsize=8)
def grid(period: int) -> Grid:
    """60 points without a moving season; 180 with one, of up to `LONGEST_SEASON` steps.

    >>> len(grid(1).alpha), len(grid(12).alpha), len(grid(365).alpha)
    (60, 180, 60)
    """
    trends = [(0.0, 0.0, 0.0), *((beta, damping, TREND_COST) for beta in BETAS for damping in DAMPINGS)]
    gammas = GAMMAS if 1 < period <= LONGEST_SEASON else (0.0,)
    points = [
        (alpha, beta, damping, gamma, cost + SEASON_COST * (gamma > 0.0))
        for gamma in gammas
        for alpha in ALPHAS
        for beta, damping, cost in trends
    ]
    return Grid(*np.array(points).T)


@dataclass
class States:
    """States of the recursion: level and slope [series, points], season [period, series, points that have one].

    The season is that of the phases from the next value on, in the order of the clock: phase p is row p.
    """

    level: Array
    slope: Array
    season: Array

    @classmethod
    def start(cls, level: Array, slope: Array, period: int, moving: int) -> States:
        """Before the first value."""
        return cls(level.copy(), slope.copy(), np.zeros((period, len(level), moving)))

    def copy(self) -> States:
        """A copy that the recursion does not write to."""
        return States(self.level.copy(), self.slope.copy(), self.season.copy())


def steps(values: Array, points: Grid, states: States, first: int) -> Iterator[Array]:
    """Move the states on over `values` [series, time], the first of them at time `first`; the errors of each step,
    [series, points], in an array that the next step overwrites.

    A missing value has an error of 0: the level goes on along its slope.
    """
    moving = states.season.shape[2]
    still = len(points.alpha) - moving
    period = len(states.season)
    rate = points.alpha * points.beta
    turn = (points.gamma * (1.0 - points.alpha))[still:]
    error, along, part = np.empty(states.level.shape), np.empty(states.level.shape), np.empty(states.season.shape[1:])
    level, slope = states.level, states.slope
    gaps = bool(np.isnan(values).any())
    for at in range(values.shape[1]):
        value = values[:, at, None]
        np.multiply(slope, points.damping, out=slope)
        np.add(level, slope, out=level)
        np.subtract(value, level, out=error)
        if moving:
            season = states.season[(first + at) % period]
            error[:, still:] -= season
        if gaps:
            error[np.isnan(value[:, 0])] = 0.0
        np.multiply(error, points.alpha, out=along)
        np.add(level, along, out=level)
        np.multiply(error, rate, out=along)
        np.add(slope, along, out=slope)
        if moving:
            np.multiply(error[:, still:], turn, out=part)
            np.add(season, part, out=season)
        yield error


@dataclass(frozen=True)
class Fitted:
    """Grid points with their first level and slope, and their weights; each [series, points]."""

    level: Array
    slope: Array
    weights: Array


class Seen:
    """How many values of each series were observed, and the largest step between two that follow each other."""

    def __init__(self, series: int) -> None:
        self.count: Array = np.zeros(series)
        self.jump: Array = np.zeros(series)

    def with_zeros(self, values: Array, rows: int) -> Array:
        """Take in [series, time]; the same with so many rows of zeros, missing where the values are.

        A missing value has to be missing in each of the series.
        """
        missing = np.isnan(values).any(axis=0)
        seen = values[:, ~missing]
        self.count += seen.shape[1]
        self.jump = np.maximum(self.jump, np.abs(np.diff(seen, axis=1)).max(axis=1, initial=0.0))
        return np.concatenate([values, np.where(missing, np.nan, np.zeros((rows, values.shape[1])))])

    def at_least(self, left: Array, own: Array) -> Array:
        """Sums of squares [series, points], kept above rounding; `own` are those from zero."""
        return np.asarray(np.maximum(left, 1e-10 * own + 1e-12 * (self.jump * self.jump)[:, None]))


class Sums:
    """Sums over the one-step errors from zero and of the responses to a first level and slope.

    Where `add` is called again its series are added to those before, each row for itself.
    """

    def __init__(self, series: int, points: Grid, period: int) -> None:
        self.points, self.period, self.seen = points, period, Seen(series)
        self.products: Array = np.zeros((3, series, len(points.alpha)))
        """Of the errors with themselves, with the response to a level, and with that to a slope."""
        self.responses: Array = np.zeros((3, len(points.alpha)))
        """Of the responses, the same for all series: to a level, to a slope, and of both."""

    def add(self, values: Array) -> States:
        """Of [series, time] relative to the first observed value of each; the states at the end, with two more rows:
        the responses to a level and to a slope of 1.
        """
        series, size = len(values), len(self.points.alpha)
        start = np.zeros((series + 2, size))
        slope = np.zeros((series + 2, size))
        start[-2], slope[-1] = 1.0, 1.0
        states = States.start(start, slope, self.period, int((self.points.gamma > 0.0).sum()))
        own = np.empty((3, series, size))
        for error in steps(self.seen.with_zeros(values, 2), self.points, states, 0):
            mine, level, tilt = error[:series], error[-2], error[-1]
            np.multiply(mine, mine, out=own[0])
            np.multiply(mine, level, out=own[1])
            np.multiply(mine, tilt, out=own[2])
            self.products += own
            self.responses += np.stack([level * level, tilt * tilt, level * tilt])
        return states

    def solve(self) -> Fitted:
        """The first levels and slopes of least squares, and the weights of the points."""
        (own, level, tilt), (levels, tilts, mixed) = self.products, self.responses
        with np.errstate(divide="ignore", invalid="ignore"):
            det = levels * tilts - mixed * mixed
            flat = (self.points.cost < TREND_COST) | (self.seen.count[:, None] <= 4) | ~(det > 1e-9 * levels * tilts)
            # The responses are the errors from zero themselves, not what they take off: hence the signs.
            first = np.where(flat, -level / levels, (tilt * mixed - level * tilts) / det)
            slope = np.where(flat, 0.0, (level * mixed - tilt * levels) / det)
        left = self.seen.at_least(own + first * level + slope * tilt, own)
        return Fitted(first, slope, weights(left, self.seen.count, self.points.cost))


LEAST_WEIGHT = 1e-8
"""Points that weigh less are dropped."""


def weights(left: Array, count: Array, cost: Array) -> Array:
    """[series, points]: weights exp(-(n ln(left / n) + cost)) that sum to 1, of sums of squares [series, points]."""
    number = count[:, None]
    with np.errstate(divide="ignore"):
        exponent = number * np.log(left / number)
    # Nothing is left of a constant series at any point: they weigh the same but for their cost.
    exponent = np.where(np.isfinite(exponent), exponent, 0.0) + cost
    found = np.exp(np.maximum(exponent.min(axis=1, keepdims=True) - exponent, FLOOR))
    found /= found.sum(axis=1, keepdims=True)
    found[found < LEAST_WEIGHT] = 0.0
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def moved(states: States, fitted: Fitted) -> States:
    """The states from zero, with the last two rows as responses, moved to the fitted first level and slope."""
    still = states.level.shape[1] - states.season.shape[2]

    def at(part: Array, first: Array, slope: Array) -> Array:
        return np.asarray(part[..., :-2, :] + first * part[..., -2:-1, :] + slope * part[..., -1:, :])

    return States(
        at(states.level, fitted.level, fitted.slope),
        at(states.slope, fitted.level, fitted.slope),
        at(states.season, fitted.level[:, still:], fitted.slope[:, still:]),
    )


@lru_cache(maxsize=16)
def damped_sums(horizon: int) -> tuple[Array, Array]:
    """[dampings] and [dampings, horizon]: phi + phi^2 + .. + phi^k for each of the dampings; 0 has a sum of 0."""
    phi = np.array([0.0, *DAMPINGS])
    return phi, np.cumsum(phi[:, None] ** np.arange(1.0, horizon + 1.0), axis=1)


def ahead(level: Array, slope: Array, season: Array, damping: Array, weight: Array, horizon: int) -> Array:
    """[rows, horizon]: the weighted forecasts of states level, slope [rows, points] and season [rows, moving, period],
    whose first phase is that of the first step. `weight` [points], or [rows, points] of as many series.
    """
    phi, sums = damped_sums(horizon)
    tilts = slope * weight
    out = np.repeat((level * weight).sum(axis=1)[:, None], horizon, axis=1)
    for own, total in zip(phi[1:], sums[1:], strict=True):
        out += tilts[:, damping == own].sum(axis=1)[:, None] * total
    moving, period = season.shape[1:]
    if moving:
        own = np.broadcast_to(weight, level.shape)[:, level.shape[1] - moving :]
        each = (season[..., : min(horizon, period)] * own[..., None]).sum(axis=1)
        out += each[:, np.arange(horizon) % period]
    return out

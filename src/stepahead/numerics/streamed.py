"""Sums over a series that comes in pieces: what they say of all of it, whatever its length, in memory that does not grow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ..protocols import Array
from ..windows import lagged
from . import linear
from .linear import WORST_CONDITION, LeastSquares


class RunningLevel:
    """The mean of values that come in pieces, taken from the first value on."""

    def __init__(self) -> None:
        self.count, self._origin, self._total = 0, 0.0, 0.0

    def add(self, values: Array) -> None:
        """The next values."""
        if not self.count and len(values):
            self._origin = float(values[0])
        self._total += float((values - self._origin).sum())
        self.count += len(values)

    def mean(self) -> float:
        """Of all values so far."""
        return self._origin + self._total / self.count


def overlapping(pieces: Iterable[Array], width: int) -> Iterator[Array]:
    """Runs that together hold every window of `width` values once: each piece behind the last values of the one before."""
    tail = np.empty(0)
    for piece in pieces:
        run = np.concatenate([tail, piece])
        if len(run) >= width:
            yield run
        tail = run[max(len(run) - width + 1, 0) :]


class LaggedMoments:
    """Means and centred sums of products of window columns, of a series that comes in overlapping runs.

    Each run is centred by itself, and two sets of sums are joined by what their means differ (Chan, Golub & LeVeque, "Updating
    formulae and a pairwise algorithm for computing sample variances", 1979): no digits are lost to a level.

    Parameters
    ----------
    lags, chunk : columns of a window, and of its targets. intercept : whether sums are centred at all.
    """

    def __init__(self, lags: int, chunk: int, intercept: bool) -> None:
        self.lags, self.width, self.intercept = lags, lags + chunk, intercept
        self.rows, self.exponent = 0, 0
        self.means: Array = np.zeros(self.width)
        self.sums: Array = np.zeros((self.width, self.width))

    def add(self, run: Array) -> None:
        """The windows of the next run."""
        rows = len(run) - self.width + 1
        location = linear.level([run]) if self.intercept else 0.0
        if not self.rows:
            self.exponent = linear.scale_exponent([run], location)
        scaled = np.ldexp(run - location, -self.exponent)
        sums = linear.gram(scaled, self.width, self.width)
        if not self.intercept:
            self.sums += sums
            self.rows += rows
            return
        means = linear.column_sums(scaled, self.width) / rows
        sums -= rows * np.outer(means, means)
        # Means are kept in the unit of the series: they are what runs differ in.
        means = location + np.ldexp(means, self.exponent)
        apart = np.ldexp(means - self.means, -self.exponent) if self.rows else np.zeros(self.width)
        total = self.rows + rows
        self.sums += sums + np.outer(apart, apart) * (self.rows * (rows / total))
        self.means = means if not self.rows else self.means + np.ldexp(apart, self.exponent) * (rows / total)
        self.rows = total

    def penalty(self, ridge: float) -> float:
        """A ridge in the unit of the sums."""
        with np.errstate(over="ignore"):
            return min(float(np.ldexp(ridge, -2 * self.exponent)), 1e300) if ridge else 0.0

    def is_well_conditioned(self, ridge: float) -> bool:
        """Whether the sums alone settle the coefficients to eight digits, as `linear.least_squares` asks."""
        eigenvalues, penalty = np.linalg.eigvalsh(self.sums[: self.lags, : self.lags]), self.penalty(ridge)
        floor = eigenvalues[0] + penalty
        return bool(floor > 0.0 and eigenvalues[-1] + penalty <= WORST_CONDITION * floor)

    def solution(self, ridge: float, anchored: bool) -> LeastSquares:
        """The fit from the sums alone."""
        weights = linear.weights_by_moments(self.sums[: self.lags], self.lags, self.penalty(ridge), anchored)
        return self._fit(np.vstack([weights, 1.0 - weights.sum(axis=0)]) if anchored else weights, self.lags - anchored, False)

    def solution_by_qr(self, runs: Iterable[Array], ridge: float, anchored: bool) -> LeastSquares:
        """The fit from a second look at the runs, for sums that are ill-conditioned; minimum norm where the rank is short."""
        scaled = (np.ldexp(run, -self.exponent) for run in runs)
        mean = np.ldexp(self.means, -self.exponent)
        weights, rank = linear.weights_by_qr(
            scaled, self.lags, self.width - self.lags, self.penalty(ridge), mean, anchored, self.rows
        )
        return self._fit(np.vstack([weights, 1.0 - weights.sum(axis=0)]) if anchored else weights, rank, True)

    def _fit(self, weights: Array, rank: int, by_qr: bool) -> LeastSquares:
        lags, coefficients = self.lags, np.ascontiguousarray(weights.T)
        inner, across, own = self.sums[:lags, :lags], self.sums[:lags, lags:], np.diag(self.sums)[lags:]
        rss = own - 2.0 * (weights * across).sum(axis=0) + (weights * (inner @ weights)).sum(axis=0)
        # Where little is left of what was there, the digits went with it: NaN, and `variance` knows.
        rss = np.where(rss > 1e-6 * own, rss, np.nan)
        with np.errstate(over="ignore"):
            variance = np.ldexp(rss / self.rows, 2 * self.exponent)
        return LeastSquares(coefficients, self.means[lags:] - coefficients @ self.means[:lags], variance, rank, by_qr)

    def variance(self, runs: Iterable[Array], found: LeastSquares) -> Array:
        """The residual variance [chunk] of a fit, from a second look at the runs."""
        total, lags = np.zeros(self.width - self.lags), self.lags
        for run in runs:
            for block in linear.window_blocks(lagged(run, self.width)):
                missed = np.ldexp(block[:, lags:] - block[:, :lags] @ found.coefficients.T - found.intercept, -self.exponent)
                total += np.einsum("ij,ij->j", missed, missed)
        with np.errstate(over="ignore"):
            return np.asarray(np.ldexp(total / self.rows, 2 * self.exponent))

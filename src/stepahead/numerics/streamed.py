"""Streaming sums over a series that comes in pieces, in constant memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from ..protocols import Array
from . import linear
from .linear import LeastSquares, Moments


class RunningMean:
    """Running mean of values that come in pieces, computed relative to the first value."""

    def __init__(self) -> None:
        self.count, self._origin, self._total = 0, 0.0, 0.0

    def add(self, values: Array) -> None:
        """Add the next values to the sums."""
        if not self.count and len(values):
            self._origin = float(values[0])
        self._total += float((values - self._origin).sum())
        self.count += len(values)

    def mean(self) -> float:
        """The mean of all values so far."""
        return self._origin + self._total / self.count


def overlapping(pieces: Iterable[Array], width: int) -> Iterator[Array]:
    """Contiguous segments that together hold every window of `width` values once: each piece after the last values
    before it.
    """
    tail = np.empty(0)
    for piece in pieces:
        run = np.concatenate([tail, piece])
        if len(run) >= width:
            yield run
        tail = run[max(len(run) - width + 1, 0) :]


class LaggedMoments:
    """Means and centred sums of products of window columns, of a series that comes in overlapping runs.

    Each run is centred by itself, and two sets of sums are joined by what their means differ (Chan, Golub & LeVeque,
    "Updating formulae and a pairwise algorithm for computing sample variances", 1979): a high level costs no digits.

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
        """Add the windows of the next run to the sums."""
        rows = len(run) - self.width + 1
        location = linear.mean_of([run]) if self.intercept else 0.0
        if not self.rows:
            self.exponent = int(linear.scale_exponent([run], location))
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

    def fit(self, runs: Callable[[], Iterable[Array]], ridge: float, anchored: bool) -> LeastSquares:
        """Least squares; `runs` is the series once more, for a second pass where cancellation costs too many digits."""
        lags, location = self.lags, float(self.means[0])  # 0 where nothing is centred
        mean = np.ldexp(self.means - location, -self.exponent)
        found = Moments(
            lags,
            self.rows,
            np.array([location]),
            np.array([self.exponent]),
            mean[None],
            np.array(self.sums[None, :lags]),
        )
        own = np.diag(self.sums)[lags:]
        return linear.completed(
            found, own, lambda: (np.ldexp(run - location, -self.exponent) for run in runs()), ridge, anchored
        )

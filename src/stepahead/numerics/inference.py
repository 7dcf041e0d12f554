"""Inference on average losses whose terms overlap: variances, tests, intervals, and up to which step a claim holds.

k steps ahead, the errors of k origins in a row share the same shocks, so that n losses have an effective sample size
below n. The variance here is the equal-weighted cosine one of Lazarus, Lewis, Stock & Watson (2018, JBES 36(4)), with
the number of cosines capped by the overlap: it is never negative, and its tests keep their size where the textbook's do
not.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..protocols import Array, Index

FEWEST_COSINES = 4
LONG = 10_000
"""Number of rows from which a transform uses a length with small factors."""
ROUNDING = 1e-12
"""Relative size below which a difference of losses is rounding, and counts as 0."""


class Averages(NamedTuple):
    """Averages of several losses over the same rows, step by step, and their covariance.

    mean [losses, steps]; covariance [losses, losses, steps] of those means; freedom [steps]: of Student's t.
    """

    mean: Array
    covariance: Array
    freedom: Array

    def of(self, places: list[int]) -> Averages:
        """Those of some of the losses, in this order."""
        return Averages(self.mean[places], self.covariance[np.ix_(places, places)], self.freedom)

    def contrast(self, weights: Array) -> tuple[Array, Array]:
        """(a weighted sum of the means, its standard error), each [steps]. What has no weight may be infinite."""
        used = np.flatnonzero(weights)
        signs, mean, covariance = weights[used], self.mean[used], self.covariance[np.ix_(used, used)]
        with np.errstate(invalid="ignore"):  # two infinite losses give NaN
            total, size = signs @ mean, np.abs(signs) @ np.abs(mean)
            variance = np.einsum("i,ijk,j->k", signs, covariance, signs)
            return np.where(np.abs(total) <= ROUNDING * size, 0.0, total), np.sqrt(np.maximum(variance, 0.0))


def cosines(times: int, overlap: int) -> int:
    """Number of cosines that a variance is made of: fewer than the usual .4 n^(2/3) where the terms overlap much.

    >>> cosines(333, 1), cosines(333, 16), cosines(333, 64)
    (19, 10, 4)
    """
    usual = 0.4 * times ** (2.0 / 3.0)
    return max(1, min(int(min(usual, max(FEWEST_COSINES, times / (2.0 * overlap)))), times - 1))


def averages(losses: Array, places: Index, times: int, shared: int) -> tuple[Array, Array, int]:
    """Means of several losses over rows, the covariance of those means, and the degrees of freedom.

    Parameters
    ----------
    losses : [losses, rows], NaN where one of them is missing: such a row does not count.
    places : [rows] which of the `times` each row belongs to. Rows of the same time are summed before anything else, so
        that correlated series do not count as independent (Driscoll & Kraay 1998).
    times : how many there are. shared : how many in a row overlap.
    """
    from scipy.fft import dct

    seen = ~np.isnan(losses).any(axis=0)
    count = int(seen.sum())
    n = len(losses)
    kept = np.where(seen, losses, 0.0)
    mean = kept.sum(axis=1) / count if count else np.full(n, np.nan)
    if count < 2 or times < 2:
        return mean, np.full((n, n), np.nan), 0
    with np.errstate(invalid="ignore"):  # an infinite loss has no variance
        apart = np.where(seen, kept - mean[:, None], 0.0)
    if times < losses.shape[1] or (np.diff(places) < 0).any():
        apart = np.array([np.bincount(places, weights=row, minlength=times) for row in apart])
    used = cosines(times, shared)
    # The covariance of many rows is that of the newest: a transform of a length with large factors takes ten times as
    # long.
    apart = apart[:, times - fast_length(times) :]
    waves = dct(apart, type=2, norm="ortho", axis=1)[:, 1 : used + 1]
    # Product by product: the covariance of two losses does not depend on which others are given.
    return mean, np.einsum("ib,jb->ij", waves, waves) / used * (times / count**2), used


def fast_length(times: int) -> int:
    """The largest length of at most `times` whose factors are small; of few rows all of them.

    >>> fast_length(333), fast_length(100_001), fast_length(999_983)
    (333, 100000, 998250)
    """
    for length in range(times, 0, -1) if times >= LONG else ():
        rest = length
        for factor in (2, 3, 5, 7, 11):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return length
    return times


def student(level: float, freedom: Array) -> Array:
    """[steps]: the quantile of Student's t at `level`; NaN with 0 degrees of freedom."""
    from scipy.special import stdtrit

    return np.asarray(stdtrit(np.where(freedom > 0, freedom, np.nan), level))


def p_value(statistic: Array, freedom: Array) -> Array:
    """[steps]: two-sided p-value of a difference, by Student's t."""
    from scipy.special import stdtr

    return np.asarray(2.0 * stdtr(np.where(freedom > 0, freedom, np.nan), -np.abs(statistic)))


def statistic(mean: Array, error: Array, freedom: npt.ArrayLike, size: Array | None = None) -> Array:
    """[..]: the mean in units of its standard error; 0 where there is no difference at all.

    A difference that is the same in every row, as between right and wrong symbols, has a standard error of 0, and yet a
    few rows prove little. It gets that of one more row, in which nothing differs: no more than the mean / (freedom +
    1). `size` is that of the losses from whose last digits an error may come; without it, of the mean.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        same = error <= ROUNDING * (np.abs(mean) if size is None else np.maximum(np.abs(mean), size))
        least = np.where(same, np.abs(mean) / (np.asarray(freedom) + 1.0), error)
        return np.where(mean == 0.0, 0.0 * error, mean / least)


def skill_interval(found: Averages, own: int, baseline: int, level: float) -> tuple[Array, Array]:
    """Fieller's confidence interval (1954) for the skill 1 - own / baseline: (lowest, highest), each [steps].

    All s with |T(s)| <= t, where T tests (1 - s) baseline = own: no ratio is linearised. Where the baseline's loss is
    not significantly above 0 the lower end is minus infinity.
    """
    t2 = student(0.5 + level / 2.0, found.freedom) ** 2
    a, b = found.mean[baseline], found.mean[own]
    square = a * a - t2 * found.covariance[baseline, baseline]
    middle = a * b - t2 * found.covariance[baseline, own]
    rest = b * b - t2 * found.covariance[own, own]
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(np.maximum(middle * middle - square * rest, 0.0))
        low, high = 1.0 - (middle + root) / square, 1.0 - (middle - root) / square
    known = square > 0.0
    nothing = np.where(np.isnan(t2), np.nan, 1.0)
    return np.where(known, low, -np.inf * nothing), np.where(known, np.minimum(high, 1.0), nothing)


class Reach(NamedTuple):
    """Number of steps, counted from the first, for which a claim holds: shown, estimated, and its confidence
    interval.
    """

    shown: int
    estimate: int
    low: int
    high: int


def reach(found: Averages, own: int, baselines: list[int], margin: float, level: float) -> Reach:
    """Largest K such that a forecaster's loss is below (1 - margin) times that of every baseline at all steps 1 .. K.

    * shown: the largest K such that at every k <= K each baseline is beaten at one-sided `level`. Tested in a
      fixed sequence, which needs no correction for multiple tests; K is too large only if the one test at the true end
      rejects.
    * estimate: the same without tests.
    * low .. high: every K whose two claims, "better at K" and "not better at K + 1", are both not rejected at
      `level`: a confidence interval for the true K. It needs no correction over steps, since only those two have to
      hold.
    """
    alpha, count = 1.0 - level, len(found.freedom)
    saved, scores = np.empty((len(baselines), count)), np.empty((len(baselines), count))
    for place, baseline in enumerate(baselines):
        weights = np.zeros(len(found.mean))
        weights[own], weights[baseline] = -1.0, 1.0 - margin
        saved[place], error = found.contrast(weights)
        scores[place] = statistic(saved[place], error, found.freedom)
    one, two = student(1.0 - alpha, found.freedom), student(1.0 - alpha / 2.0, found.freedom)
    shared = student(1.0 - alpha / (2.0 * len(baselines)), found.freedom)
    with np.errstate(invalid="ignore"):
        refuted = np.any(scores < -shared, axis=0)
        better = np.all(scores > two, axis=0)
        standing = [k for k in range(count + 1) if (k == 0 or not refuted[k - 1]) and (k == count or not better[k])]
        shown, estimate = _unbroken(np.all(scores > one, axis=0)), _unbroken(np.all(saved > 0.0, axis=0))
    return Reach(shown, estimate, min(standing), max(standing))


def _unbroken(good: npt.NDArray[np.bool_]) -> int:
    """Number of leading true values."""
    return len(good) if good.all() else int(np.argmin(good))

"""Tests of independence, whiteness and normality, for the direction of time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..protocols import Array

MOST_ROWS = 1000
"""Most rows of a kernel test, which holds square matrices with a row and a column each: of more rows as many are
sampled.
"""


def hsic_p_value(x: Array, y: Array, most: int = MOST_ROWS) -> float:
    """p-value of the HSIC test that `x` and `y` are independent, by the gamma approximation.

    >>> x = np.random.default_rng(0).normal(size=300)
    >>> noise = np.random.default_rng(1).normal(size=300)
    >>> hsic_p_value(x, noise) > 0.05, hsic_p_value(x, x * x + noise) < 0.001
    (True, True)

    Normal kernels, each as wide as the median distance of its rows. It detects any kind of dependence, given enough
    rows, not the linear kind alone. The rows are taken to be independent and identically distributed.

    Parameters
    ----------
    x, y : [rows] or [rows, columns], at least 6 rows.
    most : of more rows than this, so many are drawn, always the same ones: time and memory go with the square.

    Sources: Gretton, Fukumizu, Teo, Song, Schölkopf & Smola, "A kernel statistical test of independence" (2008).
    """
    from scipy.special import gammaincc

    rows = len(x)
    if rows > most:
        # At random, since evenly spaced rows could line up with a season.
        chosen = np.sort(np.random.default_rng(0).choice(rows, most, replace=False))
        x, y, rows = x[chosen], y[chosen], most
    alike_x, alike_y = _kernel(x), _kernel(y)
    # Of a kernel whose diagonal is 1: the mean of the rest, before it is centred.
    mean_x, mean_y = ((alike.sum() - rows) / (rows * (rows - 1)) for alike in (alike_x, alike_y))
    _centre(alike_x)
    _centre(alike_y)
    alike_x *= alike_y
    statistic = float(alike_x.sum()) / rows
    alike_x *= alike_x
    off = float(alike_x.sum() - np.trace(alike_x)) / (36.0 * rows * (rows - 1))
    variance = off * 72.0 * (rows - 4) * (rows - 5) / (rows * (rows - 1) * (rows - 2) * (rows - 3))
    mean = (1.0 - mean_x) * (1.0 - mean_y) / rows
    if not (variance > 0.0 and mean > 0.0):
        return 1.0  # one of them never changes: nothing depends on it
    shape, scale = mean**2 / variance, rows * variance / mean
    return float(gammaincc(shape, statistic / scale))


def _kernel(x: Array) -> Array:
    """[rows, rows]: 1 for equal rows, towards 0 for distant ones, in units of their median distance."""
    columns = x.reshape(len(x), -1)
    columns = columns - columns.mean(axis=0)
    squares = np.einsum("ij,ij->i", columns, columns)
    apart = columns @ columns.T
    apart *= -2.0
    apart += squares
    apart += squares[:, None]
    np.maximum(apart, 0.0, out=apart)
    np.fill_diagonal(apart, 0.0)
    typical = float(np.median(apart[np.triu_indices(len(apart), 1)])) or float(apart.mean())
    apart *= -1.0 / (typical or 1.0)
    return np.asarray(np.exp(apart, out=apart))


def _centre(kernel: Array) -> None:
    rows, whole = kernel.mean(axis=0), kernel.mean()
    kernel -= rows
    kernel -= rows[:, None]
    kernel += whole


def white_p_value(residual: Array, fitted: int = 0) -> float:
    """p-value of the Ljung-Box test of white noise: `residual` [time], NaN where one is missing.

    The lags are a tenth of its length, at least 20 and at most 100. `fitted` is the number of coefficients of the
    model that left the residuals.

    Sources: Ljung & Box, "On a measure of lack of fit in time series models" (1978).
    """
    from scipy.special import gammaincc

    seen = ~np.isnan(residual)
    centred = np.where(seen, residual - residual[seen].mean(), 0.0)
    variance = float(centred @ centred) / int(seen.sum())
    most = fitted + min(100, max(20, len(residual) // 10))
    total = 0.0
    for back in range(1, most + 1):
        count = int((seen[back:] & seen[:-back]).sum())
        total += float(centred[back:] @ centred[:-back]) ** 2 / (max(count, 1) * variance**2)
    return float(gammaincc(0.5 * (most - fitted), 0.5 * total))


def normal_p_value(x: Array) -> float:
    """p-value of D'Agostino and Pearson's test of normality, by skewness and kurtosis: `x` [rows], at least 20.

    Sources: D'Agostino & Pearson, "Tests for departure from normality" (1973).
    """
    from scipy.stats import normaltest

    return float(normaltest(x).pvalue)


def distance_from_normal(x: Array) -> float:
    """An approximation of the negentropy of `x` [rows]: 0 for a normal distribution, above 0 for others; robust to
    single values.

    >>> draws = np.random.default_rng(0)
    >>> distance_from_normal(draws.normal(size=5000)) < 0.001 < 0.01 < distance_from_normal(draws.laplace(size=5000))
    True

    Sources: Hyvärinen, "New approximations of differential entropy for independent component analysis" (1998).
    """
    z = (x - x.mean()) / x.std()
    bell = np.exp(-0.5 * z * z)
    lopsided, peaked = float((z * bell).mean()), float(bell.mean()) - np.sqrt(0.5)
    return float(36.0 / (8.0 * np.sqrt(3.0) - 9.0) * lopsided**2 + 24.0 / (16.0 * np.sqrt(3.0) - 27.0) * peaked**2)


def lags_p_value(residual: Array, actual: Array, lags: int) -> float:
    """p-value of the F test that all `lags` coefficients are 0.

    `residual` and `actual` [rows]: residuals of the fit with an intercept, and its targets.
    """
    from scipy.special import fdtrc

    free = len(actual) - lags - 1
    left = float(residual @ residual)
    told = max(float(np.square(actual - actual.mean()).sum()) - left, 0.0)
    return float(fdtrc(lags, free, told / lags / (left / free))) if free > 0 else 1.0


def jackknifed(one: Array, other: Array, statistic: Callable[[Array], float], blocks: int = 20) -> float:
    """Block jackknife standard error of statistic(one) - statistic(other), both in the order of time.

    Sources: Künsch, "The jackknife and the bootstrap for general stationary observations" (1989).
    """
    parts = [np.array_split(np.arange(len(x)), blocks) for x in (one, other)]
    left = [
        statistic(np.delete(one, first)) - statistic(np.delete(other, second))
        for first, second in zip(*parts, strict=True)
    ]
    return float(np.sqrt((blocks - 1) * np.var(left)))

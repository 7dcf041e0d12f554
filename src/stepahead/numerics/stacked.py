"""The sums and solutions of `linear` for many series of one length at once: arrays [series, time], the same bits for each.

Whatever cannot be solved by moments alone is not solved here: `good` says which series are, and the others go one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..protocols import Array
from .linear import WORST_CONDITION

Mask = npt.NDArray[np.bool_]


def level(values: Array) -> Array:
    """[series]: the mean of each, taken from its first value on."""
    origin = values[:, 0]
    return np.asarray(origin + (values - origin[:, None]).sum(axis=1) / values.shape[1])


def scale_exponents(values: Array, location: Array) -> npt.NDArray[np.int_]:
    """[series]: the power of two that brings each series, less its location, below 1; 0 where nothing is left."""
    with np.errstate(over="ignore"):
        peak = np.abs(values - location[:, None]).max(axis=1)
    return np.where(np.isfinite(peak), np.frexp(peak)[1], 1025)


def standardised(values: Array, location: Array, exponents: npt.NDArray[np.int_]) -> Array:
    """[series, time]: ``(x - location) * 2**-e``."""
    return np.asarray(np.ldexp(values - location[:, None], -exponents[:, None]))


def gram(values: Array, lags: int, width: int) -> Array:
    """[series, lags, width]: sums of products of window columns, by the shift structure."""
    rows = values.shape[1] - width + 1
    head, tail = values[:, : width - 1], values[:, rows:]
    sums = np.empty((len(values), lags, width))
    for b in range(width):
        # A row times a column of each series is a dot product, with the bits that it has alone.
        sums[:, 0, b] = np.matmul(values[:, None, :rows], values[:, b : b + rows, None])[:, 0, 0]
    for a in range(1, lags):
        before, after = head[:, a - 1, None] * head[:, a - 1 :], tail[:, a - 1, None] * tail[:, a - 1 :]
        sums[:, a, a:] = sums[:, a - 1, a - 1 : -1] - before + after
        sums[:, a, :a] = sums[:, :a, a]
    return sums


def column_sums(values: Array, width: int) -> Array:
    """[series, width]: the sum of each window column."""
    rows = values.shape[1] - width + 1
    moved = np.cumsum(values[:, rows:] - values[:, : width - 1], axis=1)
    first = values[:, :rows].sum(axis=1)[:, None]
    return np.asarray(first + np.concatenate([np.zeros((len(values), 1)), moved], axis=1))


@dataclass(frozen=True)
class Fits:
    """Fits of many series: coefficients [series, chunk, lags] oldest lag first, intercept [series, chunk], good [series]."""

    coefficients: Array
    intercept: Array
    good: Mask


def least_squares(
    values: Array, lags: int, chunk: int = 1, ridge: float = 0.0, intercept: bool = True, anchored: bool = False
) -> Fits:
    """Least squares on each series alone, by centred moments; `good` is False where the moments are ill-conditioned."""
    width = lags + chunk
    location = level(values) if intercept else np.zeros(len(values))
    exponents = scale_exponents(values, location)
    scaled = standardised(values, location, exponents)
    rows = values.shape[1] - width + 1
    with np.errstate(over="ignore"):
        penalty = np.minimum(np.ldexp(ridge, -2 * exponents), 1e300)
    mean = column_sums(scaled, width) / rows if intercept else np.zeros((len(values), width))
    moments = gram(scaled, lags, width) - rows * (mean[:, :lags, None] * mean[:, None, :])
    eigenvalues = np.linalg.eigvalsh(moments[:, :, :lags])
    floor = eigenvalues[:, 0] + penalty
    good = (floor > 0.0) & (eigenvalues[:, -1] + penalty <= WORST_CONDITION * floor)
    weights = np.zeros((len(values), lags, chunk))
    for place in np.flatnonzero(good):
        weights[place] = _solved(moments[place], lags, float(penalty[place]), anchored)
    shift = mean[:, lags:] - np.matmul(mean[:, None, :lags], weights)[:, 0]
    coefficients = np.ascontiguousarray(weights.transpose(0, 2, 1))
    constants = np.ldexp(shift, exponents[:, None]) + location[:, None] * (1.0 - coefficients.sum(axis=2))
    return Fits(coefficients, constants, good & np.isfinite(constants).all(axis=1))


def _solved(moments: Array, lags: int, penalty: float, anchored: bool) -> Array:
    """[lags, chunk] the weights of one series."""
    from scipy.linalg import lapack

    left, right = moments[:, :lags], moments[:, lags:]
    if anchored:
        # Columns less the last one, targets less the last one: the same sums, combined.
        right = right - left[:, -1:]
        right = right[:-1] - right[-1:]
        left = left - left[:, -1:]
        left = (left - left[-1:])[:-1, :-1]
    if not len(left):
        weights = np.zeros((0, right.shape[1]))
    else:
        # What cho_factor and cho_solve call, without their checks: those would cost more than the solution.
        if penalty:
            left = left + penalty * np.eye(len(left))
        factor = lapack.dpotrf(left, lower=0, clean=0)[0]
        weights = np.asarray(lapack.dpotrs(factor, right, lower=0)[0])
    return np.vstack([weights, 1.0 - weights.sum(axis=0)]) if anchored else weights


def operator(coefficients: Array, intercept: Array, horizon: int) -> tuple[Array, Array]:
    """The k-step operators of all series: weights [series, horizon, lags] and constants [series, horizon]."""
    count, chunk, lags = coefficients.shape
    weights, constants = np.empty((count, horizon, lags)), np.empty((count, horizon))
    with np.errstate(over="ignore", invalid="ignore"):
        if chunk == 1:
            row, constant = coefficients[:, 0], intercept[:, 0]
            weights[:, 0], constants[:, 0] = row, constant
            for k in range(1, horizon):
                newest = weights[:, k - 1, -1]
                weights[:, k] = newest[:, None] * row
                weights[:, k, 1:] += weights[:, k - 1, :-1]
                constants[:, k] = constants[:, k - 1] + newest * constant
            return weights, constants
        # Every value ahead is an affine function of the window: rows of [weights, constant], the window itself first.
        known = np.zeros((count, lags + horizon + chunk, lags + 1))
        known[:, :lags, :lags] = np.eye(lags)
        for start in range(0, horizon, chunk):
            ahead = np.matmul(coefficients, known[:, start : start + lags])
            ahead[:, :, -1] += intercept
            known[:, lags + start : lags + start + chunk] = ahead
    weights[...], constants[...] = known[:, lags : lags + horizon, :-1], known[:, lags : lags + horizon, -1]
    return weights, constants


def shrinks(coefficients: Array, bound: float) -> tuple[Mask, Mask]:
    """Whether all roots of each recurrence [series, lags], oldest lag first, lie within `bound`; and whether that is certain.

    The polynomial is scaled by the bound and stepped down (Schur and Cohn): all roots lie inside the unit circle where every
    reflection coefficient lies between -1 and 1. Of one that lies within 1e-6 of them nothing is said for certain.
    """
    count, lags = coefficients.shape
    row = coefficients[:, ::-1] / bound ** np.arange(1, lags + 1)  # newest first
    inside, certain = np.ones(count, dtype=bool), np.ones(count, dtype=bool)
    with np.errstate(all="ignore"):
        for order in range(lags, 0, -1):
            reflection = row[:, order - 1]
            certain &= ~inside | (np.abs(np.abs(reflection) - 1.0) > 1e-6)
            inside &= np.abs(reflection) < 1.0
            row = (row[:, : order - 1] + reflection[:, None] * row[:, order - 2 :: -1][:, : order - 1]) / (
                1.0 - reflection[:, None] ** 2
            )
            certain &= ~inside | np.isfinite(row).all(axis=1)
    return inside, certain

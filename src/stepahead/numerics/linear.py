"""Linear models: moments by the shift structure, least squares, the k-step operator; of one series or of a batch.

Windows are oldest first. Time is the last axis of every array, and axes in front of it are series of a batch: [time] is
one series, [series, time] a batch, in which each result is bitwise that of the series alone. Series come as runs:
contiguous segments, which are pooled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from ..protocols import Array, Index, Mask
from ..windows import lagged

BLOCK, BLOCK_CELLS = 8192, 1 << 20
"""Bounds of the number of windows that are copied at a time: fewer where they are long, but at least their length."""
WORST_CONDITION = 1e8
"""Largest condition number of the moments (1e4 for the design): above it QR is used, for eight correct digits in every
coefficient.
"""
CANCELLED = 1e-6
"""Smallest share of a sum of squares that a difference may leave before cancellation costs too many digits."""
ROOMY = 1022
"""Exponent of two from which a difference of two values may overflow."""


def scale_exponent(runs: Sequence[Array], location: Any) -> Any:
    """[series]: exponent of the power of two that scales the values, less `location`, to below 1: an exact scaling."""
    with np.errstate(over="ignore"):  # a distance may overflow
        peaks = [np.abs(run - np.asarray(location)[..., None]).max(axis=-1) for run in runs if run.shape[-1]]
    peak = reduce(np.maximum, peaks) if peaks else np.float64(0.0)
    return np.where(np.isfinite(peak), np.frexp(peak)[1], 1025)[()]


def mean_of(runs: Sequence[Array]) -> Any:
    """[series]: the mean, computed relative to the first value: exact for a constant, accurate at a high level."""
    origin, count = runs[0][..., 0], sum(run.shape[-1] for run in runs)
    with np.errstate(over="ignore", invalid="ignore"):
        total = sum((run - origin[..., None]).sum(axis=-1) for run in runs)
        mean = origin + total / count
    if np.isfinite(total).all():
        return mean
    # Halves and shares, where the difference of two values, or the sum of many, overflows.
    halves = sum(((0.5 * run - 0.5 * origin[..., None]) / count).sum(axis=-1) for run in runs)
    return np.where(np.isfinite(total), mean, origin + halves + halves)[()]


def standardised(runs: Sequence[Array], location: Any) -> tuple[list[Array], Any]:
    """``(x - location) * 2**-e`` for each run, and e [series]."""
    exponent = scale_exponent(runs, location)
    place, unit = np.asarray(location)[..., None], -exponent[..., None]
    if not (exponent >= ROOMY).any():
        return [np.ldexp(run - place, unit) for run in runs], exponent
    with np.errstate(over="ignore", invalid="ignore"):
        return [
            np.where(unit <= -ROOMY, np.ldexp(run, unit) - np.ldexp(place, unit), np.ldexp(run - place, unit))
            for run in runs
        ], exponent


def spread(runs: Sequence[Array], location: Any) -> tuple[Any, Any]:
    """[series]: the mean squared distance from `location`, in a unit whose root is 2 ** e, and e."""
    scaled, exponent = standardised(runs, location)
    squares = sum(np.matmul(run[..., None, :], run[..., :, None])[..., 0, 0] for run in scaled)
    return squares / sum(run.shape[-1] for run in scaled), exponent


def gram(values: Array, lags: int, width: int) -> Array:
    """Sums of products of window columns, [series, lags, width]: entry (a, b) is the sum over rows i of x[i+a] x[i+b].

    Rows are all windows of `width` values. Neighbouring entries of a diagonal share all but two of their terms, so the
    first row costs `width` dot products and every other entry two multiplications.
    """
    rows = values.shape[-1] - width + 1
    head, tail = values[..., : width - 1], values[..., rows:]
    sums = np.empty((*values.shape[:-1], lags, width))
    first = values[..., None, :rows]
    for b in range(width):
        # A row times a column is a dot product, bitwise the same as for each series by itself.
        sums[..., 0, b] = np.matmul(first, values[..., b : b + rows, None])[..., 0, 0]
    for a in range(1, lags):
        before, after = head[..., a - 1, None] * head[..., a - 1 :], tail[..., a - 1, None] * tail[..., a - 1 :]
        sums[..., a, a:] = sums[..., a - 1, a - 1 : -1] - before + after
        sums[..., a, :a] = sums[..., :a, a]
    return sums


def column_sums(values: Array, width: int) -> Array:
    """[series, width]: the sum of each window column."""
    rows = values.shape[-1] - width + 1
    sums = np.zeros((*values.shape[:-1], width))
    np.cumsum(values[..., rows:] - values[..., : width - 1], axis=-1, out=sums[..., 1:])
    sums += values[..., :rows].sum(axis=-1)[..., None]
    return sums


@dataclass(frozen=True)
class Moments:
    """Sums and products of all windows of a batch of series, in units of 2 ** exponent relative to the location of
    each.

    rows : windows of `lags` values and their targets; location, exponent : [series]; mean : [series, lags + chunk], of
        each
    column; sums : [series, lags, lags + chunk], of products of columns less their means.
    """

    lags: int
    rows: int
    location: Array
    exponent: Index
    mean: Array
    sums: Array

    def penalty(self, ridge: float) -> Array:
        """[series]: a ridge in the unit of the sums."""
        if not ridge:
            return np.zeros(len(self.exponent))
        with np.errstate(over="ignore"):
            return np.asarray(np.minimum(np.ldexp(ridge, -2 * self.exponent), 1e300))

    def solution(self, ridge: float, anchored: bool) -> tuple[Array, Mask]:
        """Least squares weights [series, lags, chunk], and which series have them to eight digits; others have none."""
        from scipy.linalg import lapack

        penalty, lags = self.penalty(ridge), self.lags
        left, right = self.sums[:, :, :lags], self.sums[:, :, lags:]
        eigenvalues = np.linalg.eigvalsh(left)
        floor = eigenvalues[:, 0] + penalty
        good = (floor > 0.0) & (eigenvalues[:, -1] + penalty <= WORST_CONDITION * floor)
        if anchored:
            # Columns less the last one, targets less the last one: the same sums, combined.
            right = right - left[:, :, -1:]
            right = right[:, :-1] - right[:, -1:]
            left = left - left[:, :, -1:]
            left = (left - left[:, -1:])[:, :-1, :-1]
        if ridge:
            left = left + penalty[:, None, None] * np.eye(left.shape[1])
        weights = np.zeros(right.shape)
        for place in np.flatnonzero(good) if left.shape[1] else ():
            # What cho_factor and cho_solve call, without their checks: those would cost more than the solution.
            factor = lapack.dpotrf(left[place], lower=0, clean=0)[0]
            weights[place] = lapack.dpotrs(factor, right[place], lower=0)[0]
        return _unanchored(weights) if anchored else weights, good

    def shift(self, weights: Array) -> Array:
        """[series, chunk]: mean of the targets less the fit at the mean window, in the unit of the sums."""
        return np.asarray(self.mean[:, self.lags :] - np.matmul(self.mean[:, None, : self.lags], weights)[:, 0])

    def affine(self, weights: Array) -> tuple[Array, Array]:
        """Coefficients [series, chunk, lags] and intercepts [series, chunk], in the unit of the series."""
        coefficients = np.ascontiguousarray(weights.transpose(0, 2, 1))
        # An intercept may overflow, and then so does every forecast.
        with np.errstate(over="ignore", invalid="ignore"):
            lifted = self.location[:, None] * (1.0 - coefficients.sum(axis=2))
            return coefficients, np.ldexp(self.shift(weights), self.exponent[:, None]) + lifted


def moments(runs: Sequence[Array], lags: int, chunk: int, intercept: bool) -> tuple[list[Array], Moments]:
    """The standardised runs that hold a window, each [series, time], and the moments of all their windows."""
    width = lags + chunk
    location = mean_of(runs) if intercept else np.zeros(len(runs[0]))
    scaled, exponent = standardised([run for run in runs if run.shape[1] >= width], location)
    rows = sum(run.shape[1] - width + 1 for run in scaled)
    mean = np.zeros((len(location), width))
    if intercept:
        mean += sum(column_sums(run, width) for run in scaled) / rows
    sums = sum(gram(run, lags, width) for run in scaled) - rows * (mean[:, :lags, None] * mean[:, None, :])
    return scaled, Moments(lags, rows, location, exponent, mean, sums)


def _unanchored(weights: Array) -> Array:
    """Weights [.., lags - 1, chunk] of a window less its last value, as weights of the window."""
    return np.concatenate([weights, 1.0 - weights.sum(axis=-2, keepdims=True)], axis=-2)


@dataclass(frozen=True)
class LeastSquares:
    """A fit: coefficients [chunk, lags] oldest lag first, intercept [chunk], residual variance [chunk] (RSS / rows)."""

    coefficients: Array
    intercept: Array
    variance: Array
    rank: int
    by_qr: bool


def least_squares(
    runs: Sequence[Array], lags: int, chunk: int = 1, ridge: float = 0.0, intercept: bool = True, anchored: bool = False
) -> LeastSquares:
    """Minimise ||Y - XW||^2 + ridge ||W||^2 over all windows of the runs [time] whose `chunk` targets lie in their run.

    `anchored` subtracts the window's last value from window and targets, and adds it back.
    """
    scaled, found = moments([run[None] for run in runs], lags, chunk, intercept)
    alone = [run[0] for run in scaled]
    aims = [[run[lags + j : len(run) - chunk + 1 + j] for run in alone] for j in range(chunk)]
    squares = np.array([sum(float(np.dot(aim, aim)) for aim in each) for each in aims])
    return completed(found, squares - found.rows * found.mean[0, lags:] ** 2, lambda: alone, ridge, anchored)


def completed(
    found: Moments, squares: Array, runs: Callable[[], Iterable[Array]], ridge: float, anchored: bool
) -> LeastSquares:
    """The fit of one series, whose moments are those of a batch of one: of minimum norm where its windows are
    rank-deficient.

    By the moments while these are well-conditioned, else by QR in blocks of the standardised `runs`. The residual
    variance is `squares` [chunk], of the centred targets, less what the fit explains; where that cancels, it is
    computed from the runs.
    """
    lags, penalty = found.lags, float(found.penalty(ridge)[0])
    weights, good = found.solution(ridge, anchored)
    rank, chunk = lags - anchored, weights.shape[2]
    if not good[0]:
        weights[0], rank = _weights_by_qr(runs(), lags, chunk, penalty, found.mean[0], anchored, found.rows)
    rss = squares - np.einsum("ij,ij->j", weights[0], found.sums[0, :, lags:])
    # The difference is the residual sum of plain least squares alone.
    if not good[0] or anchored or penalty > 0.0 or not (rss > CANCELLED * squares).all():
        rss, shift = np.zeros(chunk), found.shift(weights)[0]
        for run in runs():
            for block in window_blocks(lagged(run, lags + chunk)):
                residual = block[:, lags:] - block[:, :lags] @ weights[0] - shift
                rss += np.einsum("ij,ij->j", residual, residual)
    coefficients, intercept = found.affine(weights)
    with np.errstate(over="ignore"):  # the square of a value above 1e154 is infinite
        variance = np.ldexp(rss / found.rows, 2 * int(found.exponent[0]))
    return LeastSquares(coefficients[0], intercept[0], variance, rank, not good[0])


def least_squares_pairs(X: Array, Y: Array, ridge: float, intercept: bool, anchored: bool) -> LeastSquares:
    """The same on windows X [rows, lags] and targets Y [rows, chunk] that are no contiguous segment of one series."""
    left, right = (X[:, :-1] - X[:, -1:], Y - X[:, -1:]) if anchored else (X, Y)
    means = (
        (left.mean(axis=0), right.mean(axis=0)) if intercept else (np.zeros(left.shape[1]), np.zeros(right.shape[1]))
    )
    design, wanted = left - means[0], right - means[1]
    if ridge > 0.0:
        design = np.vstack([design, np.sqrt(ridge) * np.eye(design.shape[1])])
        wanted = np.vstack([wanted, np.zeros((design.shape[1], wanted.shape[1]))])
    weights, _, rank, _ = np.linalg.lstsq(design, wanted, rcond=None)
    shift = means[1] - means[0] @ weights
    residual = right - left @ weights - shift
    with np.errstate(over="ignore"):  # as in `least_squares`
        variance = (residual * residual).mean(axis=0)
    weights = _unanchored(weights) if anchored else weights
    return LeastSquares(np.ascontiguousarray(weights.T), shift, variance, int(rank), by_qr=True)


def window_blocks(windows: Array) -> Iterator[Array]:
    """Windows [rows, width] some thousand at a time."""
    step = block_rows(windows.shape[1])
    return (windows[start : start + step] for start in range(0, len(windows), step))


def block_rows(width: int) -> int:
    """How many windows are copied at a time."""
    return max(width, min(BLOCK, BLOCK_CELLS // width))


def _window_blocks(runs: Iterable[Array], lags: int, width: int, mean: Array, anchored: bool) -> Iterator[Array]:
    for run in runs:
        for windows in window_blocks(lagged(run, width)):
            block = windows - mean
            if anchored:
                last = block[:, lags - 1 : lags]
                block = np.hstack([block[:, : lags - 1] - last, block[:, lags:] - last])
            yield block


def _weights_by_qr(
    runs: Iterable[Array], lags: int, chunk: int, penalty: float, mean: Array, anchored: bool, rows: int
) -> tuple[Array, int]:
    """Weights [lags, chunk] from the `rows` windows themselves, and their rank; of minimum norm where they are
    rank-deficient.
    """
    known = lags - anchored
    if not known:
        return _unanchored(np.zeros((0, chunk))), 0
    triangle = np.zeros((0, known + chunk))
    if penalty > 0.0:
        triangle = np.hstack([np.sqrt(penalty) * np.eye(known), np.zeros((known, chunk))])
    for block in _window_blocks(runs, lags, lags + chunk, mean, anchored):
        triangle = np.asarray(np.linalg.qr(np.vstack([triangle, block]), mode="r"))
    rcond = np.finfo(np.float64).eps * max(rows, known)
    weights, _, rank, _ = np.linalg.lstsq(triangle[:known, :known], triangle[:known, known:], rcond=rcond)
    found = np.asarray(weights, dtype=np.float64)
    return _unanchored(found) if anchored else found, int(rank)


def yule_walker(runs: Sequence[Array], lags: int) -> tuple[Array, float]:
    """Coefficients [lags], oldest lag first, and innovation variance, from 1/n autocovariances of centred runs."""
    from scipy.linalg import solve_toeplitz

    count = sum(len(run) for run in runs)
    sums = [sum(float(np.dot(run[: len(run) - h], run[h:])) for run in runs if len(run) > h) for h in range(lags + 1)]
    r = np.array(sums) / count
    if r[0] <= 0.0:
        return np.zeros(lags), 0.0
    newest_first = solve_toeplitz(r[:-1], r[1:])
    return np.ascontiguousarray(newest_first[::-1]), float(max(r[0] - newest_first @ r[1:], 0.0))


def burg(runs: Sequence[Array], lags: int) -> tuple[Array, float]:
    """Coefficients [lags], oldest lag first, and innovation variance by Burg's lattice on centred runs.

    Each reflection coefficient minimises the forward and backward error together, so the fit is always stable.
    """
    count = sum(len(run) for run in runs)
    variance = sum(float(np.dot(run, run)) for run in runs) / count
    forward, backward = [run[1:] for run in runs], [run[:-1] for run in runs]
    newest_first = np.zeros(0)
    for _ in range(lags):
        shared = sum(float(np.dot(f, b)) for f, b in zip(forward, backward, strict=True))
        power = sum(float(np.dot(f, f) + np.dot(b, b)) for f, b in zip(forward, backward, strict=True))
        reflection = 2.0 * shared / power if power > 0.0 else 0.0
        newest_first = np.concatenate([newest_first - reflection * newest_first[::-1], [reflection]])
        rows = sum(len(f) for f in forward)
        variance = (1.0 - reflection**2) * power / (2.0 * rows) if rows else 0.0
        pairs = [((f - reflection * b)[1:], (b - reflection * f)[:-1]) for f, b in zip(forward, backward, strict=True)]
        forward, backward = [f for f, _ in pairs], [b for _, b in pairs]
    return np.ascontiguousarray(newest_first[::-1]), float(variance)


def operator(coefficients: Array, intercept: Array, horizon: int) -> tuple[Array, Array]:
    """The exact k-step operator, F [series, horizon, lags] and c [series, horizon]: forecasts are ``window @ F.T + c``.

    Coefficients [series, chunk, lags] are applied block by block: a chunk is emitted, appended, and the window slides
    on.
    """
    *series, chunk, lags = coefficients.shape
    with np.errstate(over="ignore", invalid="ignore"):
        if chunk == 1:
            # The first row of powers of the companion matrix, without the powers: shift by one, add the newest weight
            # times the coefficients.
            row, constant = coefficients[..., 0, :], intercept[..., 0]
            weights, constants = np.empty((*series, horizon, lags)), np.empty((*series, horizon))
            weights[..., 0, :], constants[..., 0] = row, constant
            for k in range(1, horizon):
                newest = weights[..., k - 1, -1]
                weights[..., k, :] = newest[..., None] * row
                weights[..., k, 1:] += weights[..., k - 1, :-1]
                constants[..., k] = constants[..., k - 1] + newest * constant
            return weights, constants
        # Every value ahead is an affine function of the window: rows of [weights, constant], the window itself first.
        known = np.zeros((*series, lags + horizon + chunk, lags + 1))
        known[..., :lags, :lags] = np.eye(lags)
        for start in range(0, horizon, chunk):
            ahead = np.matmul(coefficients, known[..., start : start + lags, :])
            ahead[..., -1] += intercept
            known[..., lags + start : lags + start + chunk, :] = ahead
    ahead = known[..., lags : lags + horizon, :]
    return np.ascontiguousarray(ahead[..., :-1]), ahead[..., -1].copy()


def psi_weights(coefficients: Array, horizon: int) -> Array:
    """[horizon]: psi weights (impulse response): psi_0 = 1, psi_j the effect of a unit shock j steps later."""
    weights, _ = operator(coefficients[None, :], np.zeros(1), max(horizon - 1, 1))
    return np.concatenate([[1.0], weights[: horizon - 1, -1]])


def roots(coefficients: Array) -> Array:
    """The roots of z^p - phi_1 z^(p-1) - ... - phi_p, complex, largest modulus first."""
    found = np.roots(np.concatenate([[1.0], -coefficients[::-1]]))
    return np.asarray(found[np.lexsort((-found.imag, -np.abs(found).round(12)))])


def shrinks(coefficients: Array, bound: float) -> tuple[Mask, Mask]:
    """Whether all roots of each recurrence [series, lags], oldest lag first, lie within `bound`; and whether that is
    certain.

    The polynomial is scaled by the bound and stepped down (Schur and Cohn): all roots lie inside the unit circle where
    every reflection coefficient lies between -1 and 1. Within 1e-6 of them the answer is not certain.
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

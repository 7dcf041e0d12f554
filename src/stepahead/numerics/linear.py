"""What linear models stand on: moments by the shift structure, least squares, the k-step operator.

Windows are oldest first. Series come as runs: stretches without a missing value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..protocols import Array
from ..windows import lagged

BLOCK, BLOCK_CELLS = 8192, 1 << 20
"""Windows that are copied at a time: so many, and fewer where they are long, but never fewer than they have values."""
WORST_CONDITION = 1e8
"""Of the moments (1e4 for the design): beyond it least squares goes by QR, so that eight digits of every coefficient hold."""


def scale_exponent(runs: Sequence[Array], location: float) -> int:
    """The power of two that brings the values, less `location`, below 1: an exact scaling, so bits are kept."""
    peak = max((_peak(run, location) for run in runs if len(run)), default=0.0)
    return int(np.frexp(peak)[1]) if np.isfinite(peak) else 1025


def _peak(run: Array, location: float) -> float:
    """The largest distance from `location`; infinite where it is one more than numbers have room for."""
    with np.errstate(over="ignore"):
        return float(np.abs(run - location).max())


def level(runs: Sequence[Array]) -> float:
    """The mean, taken from the first value on: exact for a constant, good to the last digits for a high level."""
    origin = float(runs[0][0])
    count = sum(len(run) for run in runs)
    with np.errstate(over="ignore", invalid="ignore"):
        total = sum(float((run - origin).sum()) for run in runs)
    if np.isfinite(total):
        return origin + total / count
    # Halves and shares, where the difference of two values, or the sum of many, leaves the range.
    return origin + 2.0 * sum(float(((0.5 * run - 0.5 * origin) / count).sum()) for run in runs)


def standardised(runs: Sequence[Array], location: float) -> tuple[list[Array], int]:
    """``(x - location) * 2**-e`` for each run, and e."""
    exponent = scale_exponent(runs, location)
    if exponent >= 1022:
        return [np.ldexp(run, -exponent) - np.ldexp(location, -exponent) for run in runs], exponent
    return [np.ldexp(run - location, -exponent) for run in runs], exponent


def gram(run: Array, lags: int, width: int) -> Array:
    """Sums of products of window columns, [lags, width]: entry (a, b) is the sum over rows i of x[i+a] x[i+b].

    Rows are all windows of `width` values. Neighbouring entries of a diagonal share all but two of their terms, so the
    first row costs `width` dot products and every other entry two multiplications.
    """
    rows = len(run) - width + 1
    head, tail = run[: width - 1], run[rows:]
    sums = np.empty((lags, width))
    for b in range(width):
        sums[0, b] = np.dot(run[:rows], run[b : b + rows])
    for a in range(1, lags):
        sums[a, a:] = sums[a - 1, a - 1 : -1] - head[a - 1] * head[a - 1 :] + tail[a - 1] * tail[a - 1 :]
        sums[a, :a] = sums[:a, a]
    return sums


def column_sums(run: Array, width: int) -> Array:
    """[width]: the sum of each window column."""
    rows = len(run) - width + 1
    first = float(run[:rows].sum())
    return first + np.concatenate(([0.0], np.cumsum(run[rows:] - run[: width - 1])))


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
    """Minimise ||Y - XW||^2 + ridge ||W||^2 over all windows whose `chunk` targets lie in their run.

    Centred moments while their condition number is at most `WORST_CONDITION`; else QR in blocks, minimum norm where the windows
    are rank-deficient. `anchored` subtracts the window's last value from window and targets, and adds it back.
    """
    width = lags + chunk
    location = level(runs) if intercept else 0.0
    scaled, exponent = standardised([run for run in runs if len(run) >= width], location)
    rows = sum(len(run) - width + 1 for run in scaled)
    with np.errstate(over="ignore"):
        penalty = min(float(np.ldexp(ridge, -2 * exponent)), 1e300) if ridge else 0.0
    sums = np.sum([column_sums(run, width) for run in scaled], axis=0)
    mean = sums / rows if intercept else np.zeros(width)

    moments = np.sum([gram(run, lags, width) for run in scaled], axis=0) - rows * np.outer(mean[:lags], mean)
    eigenvalues = np.linalg.eigvalsh(moments[:, :lags])
    floor = eigenvalues[0] + penalty
    by_qr = bool(not floor > 0.0 or (eigenvalues[-1] + penalty) / floor > WORST_CONDITION)
    rank = lags - anchored
    if by_qr:
        weights, rank = weights_by_qr(scaled, lags, chunk, penalty, mean, anchored, rows)
    else:
        weights = weights_by_moments(moments, lags, penalty, anchored)
    if anchored:
        weights = np.vstack([weights, 1.0 - weights.sum(axis=0)])
    shift = mean[lags:] - mean[:lags] @ weights

    spread = _residual_variance(scaled, weights, shift, rows, moments, mean, by_qr or anchored or penalty > 0.0)
    coefficients = np.ascontiguousarray(weights.T)
    # Of values past 1e154 the square is past every number, and says so; so may an intercept be, and then every forecast.
    with np.errstate(over="ignore", invalid="ignore"):
        variance = np.ldexp(spread, 2 * exponent)
        constant = np.ldexp(shift, exponent) + location * (1.0 - coefficients.sum(axis=1))
    return LeastSquares(
        coefficients=coefficients,
        intercept=constant,
        variance=variance,
        rank=rank,
        by_qr=by_qr,
    )


def least_squares_pairs(X: Array, Y: Array, ridge: float, intercept: bool, anchored: bool) -> LeastSquares:
    """The same on windows X [rows, lags] and targets Y [rows, chunk] that are no stretch of one series."""
    left, right = (X[:, :-1] - X[:, -1:], Y - X[:, -1:]) if anchored else (X, Y)
    means = (left.mean(axis=0), right.mean(axis=0)) if intercept else (np.zeros(left.shape[1]), np.zeros(right.shape[1]))
    design, wanted = left - means[0], right - means[1]
    if ridge > 0.0:
        design = np.vstack([design, np.sqrt(ridge) * np.eye(design.shape[1])])
        wanted = np.vstack([wanted, np.zeros((design.shape[1], wanted.shape[1]))])
    weights, _, rank, _ = np.linalg.lstsq(design, wanted, rcond=None)
    shift = means[1] - means[0] @ weights
    residual = right - left @ weights - shift
    with np.errstate(over="ignore"):  # as in `least_squares`
        variance = (residual * residual).mean(axis=0)
    if anchored:
        weights = np.vstack([weights, 1.0 - weights.sum(axis=0)])
    return LeastSquares(
        coefficients=np.ascontiguousarray(weights.T),
        intercept=shift,
        variance=variance,
        rank=int(rank),
        by_qr=True,
    )


def window_blocks(windows: Array) -> Iterator[Array]:
    """Windows [rows, width] some thousand at a time."""
    step = block_rows(windows.shape[1])
    return (windows[start : start + step] for start in range(0, len(windows), step))


def block_rows(width: int) -> int:
    """How many windows are copied at a time."""
    return max(width, min(BLOCK, BLOCK_CELLS // width))


def weights_by_moments(moments: Array, lags: int, penalty: float, anchored: bool) -> Array:
    """Weights [lags, chunk] from centred moments [lags, lags + chunk]; [lags - 1, chunk] where `anchored`."""
    from scipy.linalg import cho_factor, cho_solve

    left, right = moments[:, :lags], moments[:, lags:]
    if anchored:
        # Columns less the last one, targets less the last one: the same sums, combined.
        right = right - left[:, -1:]
        right = right[:-1] - right[-1:]
        left = left - left[:, -1:]
        left = (left - left[-1:])[:-1, :-1]
    if not len(left):
        return np.zeros((0, right.shape[1]))
    left = left + penalty * np.eye(len(left))
    return np.asarray(cho_solve(cho_factor(left), right))


def _window_blocks(runs: Iterable[Array], lags: int, width: int, mean: Array, anchored: bool) -> Iterator[Array]:
    for run in runs:
        for windows in window_blocks(lagged(run, width)):
            block = windows - mean
            if anchored:
                last = block[:, lags - 1 : lags]
                block = np.hstack([block[:, : lags - 1] - last, block[:, lags:] - last])
            yield block


def weights_by_qr(
    runs: Iterable[Array], lags: int, chunk: int, penalty: float, mean: Array, anchored: bool, rows: int
) -> tuple[Array, int]:
    """The same from the `rows` windows themselves, of minimum norm where they are rank-deficient; and their rank."""
    known = lags - anchored
    if not known:
        return np.zeros((0, chunk)), 0
    triangle = np.zeros((0, known + chunk))
    if penalty > 0.0:
        triangle = np.hstack([np.sqrt(penalty) * np.eye(known), np.zeros((known, chunk))])
    for block in _window_blocks(runs, lags, lags + chunk, mean, anchored):
        triangle = np.asarray(np.linalg.qr(np.vstack([triangle, block]), mode="r"))
    rcond = np.finfo(np.float64).eps * max(rows, known)
    weights, _, rank, _ = np.linalg.lstsq(triangle[:known, :known], triangle[:known, known:], rcond=rcond)
    return np.asarray(weights, dtype=np.float64), int(rank)


def _residual_variance(
    runs: Sequence[Array], weights: Array, shift: Array, rows: int, moments: Array, mean: Array, stream: bool
) -> Array:
    """RSS / rows of each target; from the moments where the subtraction keeps its digits, else from the residuals."""
    lags, chunk = weights.shape
    if not stream:
        squares = np.array(
            [sum(float(np.dot(t, t)) for run in runs for t in [run[lags + j : len(run) - chunk + 1 + j]]) for j in range(chunk)]
        )
        total = squares - rows * mean[lags:] ** 2
        rss = total - np.einsum("ij,ij->j", weights, moments[:, lags:])
        if (rss > 1e-6 * total).all():
            return np.asarray(rss / rows)
    rss = np.zeros(chunk)
    for run in runs:
        for block in window_blocks(lagged(run, lags + chunk)):
            residual = block[:, lags:] - block[:, :lags] @ weights - shift
            rss += np.einsum("ij,ij->j", residual, residual)
    return rss / rows


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
    """The exact k-step operator: forecasts of all steps are ``window @ F.T + c``, F [horizon, lags], c [horizon].

    Coefficients [chunk, lags] are applied block by block: a chunk is emitted, appended, and the window slides on.
    """
    chunk, lags = coefficients.shape
    if chunk == 1:
        return _one_step_operator(coefficients[0], float(intercept[0]), horizon)
    # Every value ahead is an affine function of the window: rows of [weights, constant], the window itself first.
    known = np.zeros((lags + horizon + chunk, lags + 1))
    known[:lags, :lags] = np.eye(lags)
    for start in range(0, horizon, chunk):
        ahead = coefficients @ known[start : start + lags]
        ahead[:, -1] += intercept
        known[lags + start : lags + start + chunk] = ahead
    return np.ascontiguousarray(known[lags : lags + horizon, :-1]), known[lags : lags + horizon, -1].copy()


def _one_step_operator(coefficients: Array, intercept: float, horizon: int) -> tuple[Array, Array]:
    # The first row of powers of the companion matrix, without the powers: shift by one, add the newest weight times
    # the coefficients.
    weights, constants = np.empty((horizon, len(coefficients))), np.empty(horizon)
    weights[0], constants[0] = coefficients, intercept
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(1, horizon):
            newest = weights[k - 1, -1]
            weights[k] = newest * coefficients
            weights[k, 1:] += weights[k - 1, :-1]
            constants[k] = constants[k - 1] + newest * intercept
    return weights, constants


def psi_weights(coefficients: Array, horizon: int) -> Array:
    """[horizon]: psi_0 = 1, psi_j = how much of a shock is left j steps later."""
    weights, _ = _one_step_operator(coefficients, 0.0, max(horizon - 1, 1))
    return np.concatenate([[1.0], weights[: horizon - 1, -1]])


def roots(coefficients: Array) -> Array:
    """The roots of z^p - phi_1 z^(p-1) - ... - phi_p, complex, largest modulus first."""
    found = np.roots(np.concatenate([[1.0], -coefficients[::-1]]))
    return np.asarray(found[np.lexsort((-found.imag, -np.abs(found).round(12)))])

"""Weights of columns beside a series whose rest is correlated: by level, one step ahead, or over many steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..protocols import Array
from ..windows import lagged
from . import linear

ORDERS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
"""Numbers of lags that are tried of the autoregression of the rest."""
ROUNDS, ENOUGH = 50, 1e-10
"""Most rounds of weights and autoregression, and the gain of the squared error, of itself, that ends them."""
MANY_STEPS_ROUNDS = 4

Segments = Sequence[tuple[Array, Array]]
"""Contiguous values [time] and their columns [time, columns]."""


def by_level(segments: Segments) -> Array:
    """[columns]: least squares of the values on the columns, with an intercept."""
    return _solved([(y, z) for y, z in segments])


def one_step(segments: Segments, lags: int) -> Array:
    """[columns]: generalised least squares, by turns the weights and an autoregression of what they leave (Cochrane &
    Orcutt, 1949).
    """
    weights, best = by_level(segments), np.inf
    for _ in range(ROUNDS):
        phi = _rest(segments, weights, lags)
        filtered = [(_filtered(y[:, None], phi)[:, 0], _filtered(z, phi)) for y, z in segments]
        found = _solved(filtered)
        total = _squares(filtered, found)
        if not total < best * (1.0 - ENOUGH):
            break
        weights, best = found, total
    return weights


def many_steps(segments: Segments, lags: int, horizon: int) -> Array:
    """[columns]: least squares of the errors 1, 2, 4 .. `horizon` steps ahead together, each weighed by one over its
    own squared error: for a given autoregression they are linear in the weights.
    """
    longest = max(len(y) for y, _ in segments)
    steps = [1 << power for power in range(12) if 1 << power <= max(1, min(horizon, longest // 4))]
    weights = one_step(segments, lags)
    for _ in range(MANY_STEPS_ROUNDS):
        operator, _ = linear.operator(_rest(segments, weights, lags)[None], np.zeros(1), steps[-1])
        moments, crossed = np.zeros((len(weights),) * 2), np.zeros(len(weights))
        for k in steps:
            ahead = [
                (_beyond(y[:, None], operator[k - 1], k)[:, 0], _beyond(z, operator[k - 1], k)) for y, z in segments
            ]
            y, z = _centred(ahead)
            error = y - z @ weights
            size = float(error @ error) / max(len(error), 1)
            if size > 0.0:
                moments, crossed = moments + z.T @ z / size, crossed + z.T @ y / size
        if not moments.any():
            return weights
        weights = np.asarray(np.linalg.lstsq(moments, crossed, rcond=None)[0])
    return weights


def order(segments: Segments, weights: Array) -> int:
    """The number of lags of what the weights leave, by AICc of Yule-Walker fits (Hurvich & Tsai, 1989)."""
    rest = [y - z @ weights for y, z in segments]
    centred, _ = linear.standardised(rest, linear.mean_of(rest))
    count = sum(map(len, centred))
    found, least = 1, np.inf
    for lags in ORDERS:
        if 4 * lags > count:
            break
        variance = linear.yule_walker(centred, lags)[1]
        value = count * np.log(max(variance, 1e-300)) + 2.0 * lags * count / max(count - lags - 2.0, 1.0)
        if value < least:
            found, least = lags, value
    return found


def _rest(segments: Segments, weights: Array, lags: int) -> Array:
    """[lags], oldest first: the autoregression of what the weights leave, by least squares."""
    found = linear.least_squares([y - z @ weights for y, z in segments], lags, 1, 0.0, True, False)
    return np.asarray(found.coefficients[0])


def _filtered(columns: Array, phi: Array) -> Array:
    """What the autoregression does not foresee one step ahead, [time - lags, columns]."""
    return _beyond(columns, phi, 1)


def _beyond(columns: Array, row: Array, k: int) -> Array:
    """[rows, columns]: the value k steps ahead less what a row of the operator makes of the window before."""
    lags = len(row)
    if len(columns) < lags + k:
        return np.empty((0, columns.shape[1]))
    return columns[lags + k - 1 :] - lagged(columns[: len(columns) - k], lags) @ row


def _centred(segments: Segments) -> tuple[Array, Array]:
    y, z = (np.concatenate([part[at] for part in segments]) for at in (0, 1))
    return (y - y.mean(), z - z.mean(axis=0)) if len(y) else (y, z)


def _solved(segments: Segments) -> Array:
    y, z = _centred(segments)
    size = np.sqrt((z * z).mean(axis=0)) if len(z) else np.ones(z.shape[1])
    size = np.where(size > 0.0, size, 1.0)
    return np.asarray(np.linalg.lstsq(z / size, y, rcond=None)[0] / size)


def _squares(segments: Segments, weights: Array) -> float:
    y, z = _centred(segments)
    error = y - z @ weights
    return float(error @ error)

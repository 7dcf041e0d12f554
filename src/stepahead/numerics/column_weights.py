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
    scaled, size = _scaled(segments)
    return np.asarray(_solved(scaled) / size)


def one_step(segments: Segments, lags: int) -> Array:
    """[columns]: generalised least squares, by turns the weights and an autoregression of what they leave (Cochrane &
    Orcutt, 1949).
    """
    scaled, size = _scaled(segments)
    return np.asarray(_by_turns(scaled, lags) / size)


def many_steps(segments: Segments, lags: int, horizon: int) -> Array:
    """[columns]: least squares of the errors 1, 2, 4 .. `horizon` steps ahead together, each weighed by one over its
    own squared error: for a given autoregression they are linear in the weights.
    """
    longest = max(len(y) for y, _ in segments)
    steps = [1 << power for power in range(12) if 1 << power <= max(1, min(horizon, longest // 4))]
    scaled, size = _scaled(segments)
    weights = _by_turns(scaled, lags)
    for _ in range(MANY_STEPS_ROUNDS):
        operator, _ = linear.operator(_rest(scaled, weights, lags)[None], np.zeros(1), steps[-1])
        # The triangle of all rows has their least squares, and none of their number.
        triangle = np.empty((0, len(weights) + 1))
        for k in steps:
            y, z = _centred([_beyond(part, operator[k - 1], k) for part in scaled])
            error = y - z @ weights
            spread = np.sqrt(float(error @ error) / max(len(error), 1))
            if spread > 0.0:
                rows = np.column_stack([z, y]) / spread
                triangle = np.asarray(np.linalg.qr(np.vstack([triangle, rows]), mode="r"))
        if not triangle[:, :-1].any():
            break
        weights = np.asarray(np.linalg.lstsq(triangle[:, :-1], triangle[:, -1], rcond=None)[0])
    return np.asarray(weights / size)


def _by_turns(segments: Segments, lags: int) -> Array:
    weights, best = _solved(segments), np.inf
    for _ in range(ROUNDS):
        phi = _rest(segments, weights, lags)
        filtered = [_beyond(part, phi, 1) for part in segments]
        found = _solved(filtered)
        total = _squares(filtered, found)
        if not total < best * (1.0 - ENOUGH):
            break
        weights, best = found, total
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
    """[lags], oldest first: the autoregression of what the weights leave, by least squares; 0 of too few values."""
    if all(len(y) <= lags for y, _ in segments):
        return np.zeros(lags)
    found = linear.least_squares([y - z @ weights for y, z in segments], lags, 1, 0.0, True, False)
    return np.asarray(found.coefficients[0])


def _beyond(segment: tuple[Array, Array], row: Array, k: int) -> tuple[Array, Array]:
    """Of values and of columns, what lies k steps ahead less what a row of the operator makes of the window before."""
    lags, (y, z) = len(row), segment
    if len(y) < lags + k:
        return y[:0], z[:0]
    y_before, z_before = lagged(y[: len(y) - k], lags) @ row, lagged(z[: len(z) - k], lags) @ row
    return y[lags + k - 1 :] - y_before, z[lags + k - 1 :] - z_before


def _scaled(segments: Segments) -> tuple[list[tuple[Array, Array]], Array]:
    """Values and columns less their means, each column in units of its own spread; and these units [columns].

    So a high level costs no digits, and the unit of a column decides nothing.
    """
    y, z = (np.concatenate([part[at] for part in segments]) for at in (0, 1))
    height, level = y[0] + (y - y[0]).mean(), z[0] + (z - z[0]).mean(axis=0)
    peak = np.abs(z - level).max(axis=0)
    size = np.where(peak > 0.0, peak, 1.0)
    size = size * np.sqrt((((z - level) / size) ** 2).mean(axis=0))
    size = np.where(size > 0.0, size, 1.0)
    return [(own - height, (columns - level) / size) for own, columns in segments], size


def _centred(segments: Segments) -> tuple[Array, Array]:
    y, z = (np.concatenate([part[at] for part in segments]) for at in (0, 1))
    return (y - y.mean(), z - z.mean(axis=0)) if len(y) else (y, z)


def _solved(segments: Segments) -> Array:
    y, z = _centred(segments)
    return np.asarray(np.linalg.lstsq(z, y, rcond=None)[0])


def _squares(segments: Segments, weights: Array) -> float:
    y, z = _centred(segments)
    error = y - z @ weights
    return float(error @ error)

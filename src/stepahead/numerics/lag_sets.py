"""Autoregressions on several sets of lags, averaged by how well each explains; of many series at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..protocols import Array
from ..windows import history, lagged, runs
from .linear import operator

LEAST_WEIGHT = 1e-3
"""Of the largest: sets with less are dropped."""
PENALTY = 1e-8
"""On the diagonal, times the number of rows, so that lags that say the same do no harm."""
REACH = 50.0
"""Standard deviations beyond which no forecast goes."""
HUGE = 1e150


@lru_cache(maxsize=1024)
def lag_sets(count: int, period: int) -> tuple[tuple[int, ...], ...]:
    """The sets of lags that `count` values are enough for, each once; the first has none.

    >>> lag_sets(30, 1)
    ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), (1, 2, 3, 4, 5, 6, 7, 8))
    >>> lag_sets(40, 12)[6:]
    ((12,), (1, 12, 13))
    """
    up_to = [1, 2, 3, 4, 8, *([16] if count > 200 else []), *([32] if count > 400 else [])]
    sets = [(), *(tuple(range(1, lags + 1)) for lags in up_to)]
    if period > 1:
        m = period
        sets += [(m,), (1, m, m + 1), (1, 2, m, m + 1, m + 2), tuple(range(1, m + 2))]
        sets += [tuple(range(1, 2 * m + 2))] if m <= 4 else []
    found = dict.fromkeys(tuple(sorted(set(lags))) for lags in sets)
    return tuple(lags for lags in found if not lags or _enough(lags, count))


def _enough(lags: tuple[int, ...], count: int) -> bool:
    return 3 * lags[-1] <= count and count - lags[-1] >= 2 * len(lags) + 5


@dataclass(frozen=True)
class Averaged:
    """Sets of lags of many series, in units of a deviation about a mean.

    coefficients : [series, sets, lags], oldest lag first. intercepts, weights : [series, sets]. mean, std : [series].
    """

    coefficients: Array
    intercepts: Array
    weights: Array
    mean: Array
    std: Array


def location(groups: Sequence[Array]) -> tuple[Array, Array]:
    """Mean and standard deviation, [series], of the values [series, time], pooled; a deviation of 0 is given as 1.

    The mean of a constant is that constant, to the last digit.
    """
    base = np.stack([_first(values) for values in groups])[0]
    counts = sum((~np.isnan(values)).sum(axis=1) for values in groups)
    mean = base + sum(np.nansum(values - base[:, None], axis=1) for values in groups) / np.maximum(counts, 1)
    square = sum(np.nansum((values - mean[:, None]) ** 2, axis=1) for values in groups)
    std = np.sqrt(square / np.maximum(counts, 1))
    return mean, np.where(std > 0.0, std, 1.0)


def _first(values: Array) -> Array:
    """[series]: the first observed value of each; 0 where there is none."""
    seen = ~np.isnan(values)
    place = seen.argmax(axis=1)
    return np.where(seen.any(axis=1), values[np.arange(len(values)), place], 0.0)


def averaged(groups: Sequence[Array], count: int, period: int) -> Averaged:
    """Least squares of each set of lags on the same rows, and their weights exp(-AICc / 2).

    Parameters
    ----------
    groups : arrays [series, time], NaN where a value is missing; row i of each has one model. A window that touches a
        missing value is left out.
    count : how many values decide which sets there are. period : of the season, 1 for none.
    """
    sets = lag_sets(count, period)
    longest = max((lags[-1] for lags in sets if lags), default=0)
    mean, std = location(groups)
    products, rows = np.zeros((len(mean), longest + 2, longest + 2)), np.zeros(len(mean))
    for values in groups:
        own, seen = _products((values - mean[:, None]) / std[:, None], longest)
        products += own
        rows += seen
    if not rows.any():
        return _without_rows(mean, std)
    found, criterion = [], []
    for lags in sets:
        # Columns are the lags, oldest first, the value itself, and one.
        columns = np.array([*(longest - lag for lag in reversed(lags)), longest + 1], dtype=np.intp)
        gram = products[:, columns[:, None], columns]
        right = products[:, columns, longest]
        penalised = gram + PENALTY * rows[:, None, None] * np.eye(len(columns))
        weights = np.linalg.solve(penalised, right[..., None])[..., 0]
        left = products[:, longest, longest] - (weights * (2.0 * right - np.einsum("sij,sj->si", gram, weights))).sum(1)
        spent = len(columns) + 1
        rest = rows - spent - 1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            aicc = rows * np.log(left.clip(1e-300) / rows) + 2.0 * spent + 2.0 * spent * (spent + 1.0) / rest
        criterion.append(np.where(rest > 0.0, aicc, np.inf))
        dense = np.zeros((len(mean), longest + 1))
        dense[:, columns[:-1]], dense[:, -1] = weights[:, :-1], weights[:, -1]
        found.append(dense)
    score = np.stack(criterion, axis=1)
    # With fewer rows than a set of no lags needs, that one is all there is.
    score[:, 0] = np.where(np.isfinite(score).any(axis=1), score[:, 0], 0.0)
    share = np.exp(-(score - score.min(axis=1, keepdims=True)) / 2.0)
    share[share < LEAST_WEIGHT * share.max(axis=1, keepdims=True)] = 0.0
    dense = np.stack(found, axis=1)
    return Averaged(dense[..., :-1], dense[..., -1], share / share.sum(axis=1, keepdims=True), mean, std)


def _without_rows(mean: Array, std: Array) -> Averaged:
    """The mean alone."""
    series = len(mean)
    return Averaged(np.zeros((series, 1, 0)), np.zeros((series, 1)), np.ones((series, 1)), mean, std)


def _products(values: Array, longest: int) -> tuple[Array, Array]:
    """[series, columns, columns]: products of the lags, the value and one, summed over the rows; and how many of them,
    [series].
    """
    if values.shape[1] <= longest:
        return np.zeros((len(values), longest + 2, longest + 2)), np.zeros(len(values))
    if not np.isnan(values).any():
        window = history(values, longest + 1, longest + 1, values.shape[1] - longest, ones=True)
        return window @ window.swapaxes(1, 2), np.full(len(values), float(window.shape[2]))
    out, rows = np.zeros((len(values), longest + 2, longest + 2)), np.zeros(len(values))
    for row, own in enumerate(values):
        for run in runs(own):
            if len(run) > longest:
                windows = lagged(run, longest + 1)
                window = np.column_stack([windows, np.ones(len(windows))])
                out[row] += window.T @ window
                rows[row] += len(window)
    return out, rows


def operators(coefficients: Array, intercepts: Array, horizon: int) -> tuple[Array, Array]:
    """k-step operators [.., horizon, lags] and constants [.., horizon] of the sets; what overflows stays very large."""
    if not coefficients.shape[-1]:
        return np.zeros((*intercepts.shape, horizon, 0)), np.repeat(intercepts[..., None], horizon, axis=-1)
    with np.errstate(over="ignore", invalid="ignore"):
        matrices, constants = operator(coefficients[..., None, :], intercepts[..., None], horizon)
        sizes = np.maximum(np.abs(matrices).max(axis=-1), np.abs(constants))
    if not (sizes < HUGE).all():
        # Past the last step that is still a number the forecast is far beyond its bound, and its sign is that of then.
        good = np.minimum.accumulate(sizes < HUGE, axis=-1).sum(axis=-1, keepdims=True) - 1
        steps = np.minimum(np.arange(horizon), good.clip(0))
        matrices = np.take_along_axis(matrices, steps[..., None], axis=-2)
        constants = np.take_along_axis(constants, steps, axis=-1)
    return matrices, constants


def ahead(windows: Array, matrices: Array, constants: Array, weights: Array) -> Array:
    """[rows, horizon]: the weighted forecasts after windows [rows, lags] in units of the deviation about the mean."""
    out = np.zeros((len(windows), matrices.shape[1]))
    for matrix, constant, weight in zip(matrices, constants, weights, strict=True):
        if weight:
            out += weight * (windows @ matrix.T + constant).clip(-REACH, REACH)
    return out

"""Series of one length, fitted side by side: their errors by step are summed, and their forecasts forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..protocols import Array, Batch, Batched, BatchedSymbols, FittedBatch, Index, LevelBatch, Mask
from ..windows import as_rows, targets_of_batch

CELLS = 1 << 17
"""Forecasts that are made and read at a time: a megabyte, which stays in the cache of one core."""
PLAIN = (2.0**-300, 2.0**300)
"""Series whose largest value lies outside have errors in a unit of their own, which `KStep` knows and this does not."""
ROUNDING = 1e-6
"""Of the largest value: of errors that are smaller still, rounding is a part that can be seen, and it depends on the order of
sums. Such a series goes through the loop, whose digits are the ones to have.
"""

Totals = dict[str, Array]
"""{loss: [series, models, steps]}, summed over the origins."""


def score_numbers(named: Mapping[str, Any], values: Array, cut: int, horizon: int, kept: Index) -> tuple[Mask, Totals]:
    """Which of `values` [series, time] were scored, and their errors summed; training parts end at `cut`."""
    series, count = len(values), values.shape[1] - cut - horizon + 1
    done = np.zeros(series, dtype=bool)
    if cut < 1 or count < 1 or not all(isinstance(model, Batched) for model in named.values()):
        return done, {}
    with np.errstate(invalid="ignore"):
        peaks = np.abs(values).max(axis=1)  # NaN and infinite where a value is
        sizes = np.stack([peaks, np.abs(values[:, :cut]).max(axis=1)])
        good = np.flatnonzero(((sizes == 0.0) | ((sizes > PLAIN[0]) & (sizes < PLAIN[1]))).all(axis=0))
    rest = values if len(good) == series else values[good]
    batch = Batch(rest[:, :cut], peaks[good], horizon, kept)
    squares, sizes, sums = (np.full((series, len(named), len(kept)), np.nan) for _ in range(3))
    for index, model in enumerate(named.values()):
        for stack in model.fit_batch(batch):
            rows = good[stack.rows]
            squares[rows, index], sizes[rows, index], sums[rows, index] = _summed(stack, rest, cut, count, kept)
    done = np.isfinite(squares + sizes + sums).all(axis=(1, 2))
    done &= np.sqrt(squares.min(axis=(1, 2)) / count) > ROUNDING * peaks
    return done, {"squared": squares, "absolute": sizes, "signed": sums}


def _summed(stack: FittedBatch, values: Array, cut: int, count: int, kept: Index) -> tuple[Array, Array, Array]:
    """[series, steps] of a stack, summed over the origins: squared errors, their sizes, the errors themselves."""
    own = values[as_rows(stack.rows)]
    if isinstance(stack, LevelBatch) and count >= int(kept[-1]):
        return _summed_of_level(stack.level, own, cut, count, kept)
    shape = (len(own), len(kept))
    squares, sizes, sums = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    width = max(stack.width, len(kept))
    origins = max(64, CELLS // width)
    for begin in range(0, count, origins):
        here = min(origins, count - begin)
        ones, first = np.ones(here), cut + begin
        # A view of what happened, [series, steps, origins].
        windows = targets_of_batch(own, first, here, kept)
        size = max(1, CELLS // (width * here))
        for start in range(0, len(own), size):
            part = slice(start, start + size)
            happened = windows[part]
            ahead = stack.ahead(part, own[part], first, here)
            error = np.subtract(ahead, happened, out=ahead if ahead.shape == happened.shape else None)
            sums[part] += error @ ones
            squares[part] += np.matmul(error[:, :, None, :], error[:, :, :, None])[:, :, 0, 0]
            sizes[part] += np.abs(error, out=error) @ ones
    return squares, sizes, sums


def _summed_of_level(level: Array, values: Array, cut: int, count: int, kept: Index) -> tuple[Array, Array, Array]:
    """The same of one number a series: its error at a target is the same at every step.

    What all steps count is summed once; the first targets count from the near steps alone, and the last from the far ones.
    """
    most = int(kept[-1]) - 1
    error = level[:, None] - values[:, cut : cut + count + most]

    def summed(of: Array) -> Array:
        middle = of[:, most:count].sum(axis=1)[:, None]
        edges = np.zeros((2, len(of), most + 1))
        np.cumsum(of[:, :most][:, ::-1], axis=1, out=edges[0, :, 1:])  # from the last of the first targets backwards
        np.cumsum(of[:, count:], axis=1, out=edges[1, :, 1:])
        return np.asarray(middle + edges[0][:, most + 1 - kept] + edges[1][:, kept - 1])

    sums, squares = summed(error), summed(error * error)
    return squares, summed(np.abs(error, out=error)), sums


def score_symbols(named: Mapping[str, Any], codes: Index, cut: int, horizon: int, kept: Index) -> tuple[Mask, Totals]:
    """The same of symbols, `codes` [series, time] into one table of categories: zero-one and log losses."""
    series, count = len(codes), codes.shape[1] - cut - horizon + 1
    done = np.zeros(series, dtype=bool)
    if cut < 1 or count < 1 or not all(isinstance(model, BatchedSymbols) for model in named.values()):
        return done, {}
    totals = {key: np.full((series, len(named), len(kept)), np.nan) for key in ("zero-one", "log")}
    seen = np.stack([(codes[:, :cut] == code).any(axis=1) for code in range(int(codes.max(initial=0)) + 1)], axis=1)
    # A code of -1 (nothing was observed) finds the last column, and the comparison beside it.
    known = (np.take_along_axis(seen, codes, axis=1) & (codes >= 0)).all(axis=1)
    for alphabet in np.unique(seen[known], axis=0):
        rows = np.flatnonzero(known & (seen == alphabet).all(axis=1))
        places, size = np.cumsum(alphabet) - 1, int(alphabet.sum())
        good = np.ones(len(rows), dtype=bool)
        for index, model in enumerate(named.values()):
            scores = model.score_batch(places[codes[rows]], size, cut, horizon, kept)
            if scores is None:
                return done, {}
            totals["zero-one"][rows, index], totals["log"][rows, index] = scores[:2]
            good &= scores[2]
        done[rows] = good
    return done, totals

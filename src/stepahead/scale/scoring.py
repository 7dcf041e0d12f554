"""The errors by step of a batch of series of one length: fitted side by side, rolled out, summed, and forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..models.markov import MarkovChain
from ..numerics.stacked import Mask
from ..protocols import Array, Index
from ..windows import as_rows
from . import fits
from .chains import symbol_scores
from .guesses import skill
from .stacks import Batch, Level, Stack

CELLS = 1 << 17
"""Forecasts that are made and read at a time: a megabyte, which stays in the cache of one core."""
COUNTED_CELLS = 1 << 20
"""Counts of the chains of symbols side by side."""
PLAIN = (2.0**-300, 2.0**300)
"""Series whose largest value lies outside have errors in a unit of their own, which `KStep` knows and this does not."""
ROUNDING = 1e-6
"""Of the largest value: of errors that are smaller still, rounding is a part that can be seen, and it depends on the order of
sums. Such a series goes through the loop, whose digits are the ones to have.
"""

Readings = dict[str, Array]
"""{name: [series, models, steps]}"""


def score_numbers(named: Mapping[str, Any], values: Array, cut: int, horizon: int, kept: Index) -> tuple[Mask, Readings]:
    """Which of `values` [series, time] were scored, and rmse, mae, bias and skill; training parts end at `cut`."""
    series, count = len(values), values.shape[1] - cut - horizon + 1
    done = np.zeros(series, dtype=bool)
    if cut < 1 or count < 1 or not all(fits.is_stacked(model) for model in named.values()):
        return done, {}
    with np.errstate(invalid="ignore"):
        peaks = np.abs(values).max(axis=1)  # NaN and infinite where a value is
        good = np.flatnonzero((peaks == 0.0) | ((peaks > PLAIN[0]) & (peaks < PLAIN[1])))
    rest = values if len(good) == series else values[good]
    batch = Batch(rest[:, :cut], peaks[good], horizon, kept)
    squares, sizes, sums = (np.full((series, len(named), len(kept)), np.nan) for _ in range(3))
    for index, model in enumerate(named.values()):
        for stack in fits.fit(model, batch):
            rows = good[stack.rows]
            squares[rows, index], sizes[rows, index], sums[rows, index] = _summed(stack, rest, cut, count, kept)
    readings = {"rmse": np.sqrt(squares / count), "mae": sizes / count, "bias": sums / count}
    done = np.isfinite(readings["rmse"] + readings["mae"] + readings["bias"]).all(axis=(1, 2))
    done &= readings["rmse"].min(axis=(1, 2)) > ROUNDING * peaks
    return done, readings | {"skill": skill(named.values(), squares)}


def _summed(stack: Stack, values: Array, cut: int, count: int, kept: Index) -> tuple[Array, Array, Array]:
    """[series, steps] of a stack, summed over the origins: squared errors, their sizes, the errors themselves."""
    own = values[as_rows(stack.rows)]
    if isinstance(stack, Level) and (count + int(kept[-1])) * len(kept) <= CELLS:
        return _summed_of_level(stack.level, own, cut, count, kept)
    shape = (len(own), len(kept))
    squares, sizes, sums = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    width = max(stack.width, len(kept))
    origins = max(64, CELLS // width)
    for begin in range(0, count, origins):
        here = min(origins, count - begin)
        ones, first = np.ones(here), cut + begin
        # A view of what happened, [series, steps, origins].
        windows, steps = sliding_window_view(own, here, axis=1), as_rows(first + kept - 1)
        size = max(1, CELLS // (width * here))
        for start in range(0, len(own), size):
            part = slice(start, start + size)
            happened = windows[part, steps]
            ahead = stack.ahead(part, own[part], first, here)
            error = np.subtract(ahead, happened, out=ahead if ahead.shape == happened.shape else None)
            sums[part] += error @ ones
            squares[part] += np.matmul(error[:, :, None, :], error[:, :, :, None])[:, :, 0, 0]
            sizes[part] += np.abs(error, out=error) @ ones
    return squares, sizes, sums


def _summed_of_level(level: Array, values: Array, cut: int, count: int, kept: Index) -> tuple[Array, Array, Array]:
    """The same of one number a series: its error at a target is the same at every step, and summed where it is counted."""
    error = level[:, None] - values[:, cut : cut + count + int(kept[-1]) - 1]
    place = np.arange(error.shape[1])[:, None]
    counted = ((place >= kept - 1) & (place < kept - 1 + count)).astype(np.float64)
    # A product a series, so that its bits do not depend on the series beside it.
    sums, squares = np.matmul(error[:, None], counted), np.matmul((error * error)[:, None], counted)
    sizes = np.matmul(np.abs(error, out=error)[:, None], counted)
    return squares[:, 0], sizes[:, 0], sums[:, 0]


def score_symbols(named: Mapping[str, Any], codes: Index, cut: int, horizon: int, kept: Index) -> tuple[Mask, Readings]:
    """The same of symbols, `codes` [series, time] into one table of categories: zero_one and log_loss."""
    series, count = len(codes), codes.shape[1] - cut - horizon + 1
    done = np.zeros(series, dtype=bool)
    plain = all(type(model) is MarkovChain and model.bins is None and model.order != "bic" for model in named.values())
    if cut < 1 or count < 1 or not plain:
        return done, {}
    readings = {key: np.full((series, len(named), len(kept)), np.nan) for key in ("zero_one", "log_loss")}
    seen = np.stack([(codes[:, :cut] == code).any(axis=1) for code in range(int(codes.max(initial=0)) + 1)], axis=1)
    # A code of -1 (nothing was observed) finds the last column, and the comparison beside it.
    known = (np.take_along_axis(seen, codes, axis=1) & (codes >= 0)).all(axis=1)
    for alphabet in np.unique(seen[known], axis=0):
        rows = np.flatnonzero(known & (seen == alphabet).all(axis=1))
        places, size = np.cumsum(alphabet) - 1, int(alphabet.sum())
        cells = size ** (max(int(model.order) for model in named.values()) + 1)
        step = max(1, COUNTED_CELLS // cells)
        for begin in range(0, len(rows) if cells <= COUNTED_CELLS else 0, step):
            part = rows[begin : begin + step]
            good = np.ones(len(part), dtype=bool)
            for index, model in enumerate(named.values()):
                if cut < int(model.order) + 1:
                    return done, {}
                scores = symbol_scores(model, places[codes[part]], size, cut, horizon, kept)
                readings["zero_one"][part, index], readings["log_loss"][part, index] = scores[:2]
                good &= scores[2]
            done[part] = good
    return done, readings

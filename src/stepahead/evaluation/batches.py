"""Series of one length, fitted side by side: their errors by step are summed, and their forecasts forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..protocols import Array, Batch, Batched, BatchedSymbols, CurveBatch, FittedBatch, Index, Mask, StraightBatch
from ..windows import as_rows, targets_of_batch

CELLS = 1 << 17
"""Forecasts that are made and read at a time: a megabyte, which stays in the cache of one core."""
PLAIN = (2.0**-300, 2.0**300)
"""Series whose largest value lies outside have errors in a unit of their own, which `KStep` knows and this does not."""
ROUNDING = 1e-6
"""Of the largest value: of errors that are smaller still, rounding is a part that can be seen, and it depends on the
order of sums. Such a series goes through the loop, whose digits are the ones to have.
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
        for fitted in model.fit_batch(batch):
            rows = good[fitted.rows]
            squares[rows, index], sizes[rows, index], sums[rows, index] = _summed(fitted, rest, cut, count, kept)
    done = np.isfinite(squares + sizes + sums).all(axis=(1, 2))
    done &= np.sqrt(squares.min(axis=(1, 2)) / count) > ROUNDING * peaks
    return done, {"squared": squares, "absolute": sizes, "signed": sums}


def _summed(fitted: FittedBatch, values: Array, cut: int, count: int, kept: Index) -> tuple[Array, Array, Array]:
    """[series, steps] of a stack, summed over the origins: squared errors, their sizes, the errors themselves."""
    own = values[as_rows(fitted.rows)]
    if isinstance(fitted, CurveBatch):
        return _summed_curves(fitted, own, cut, count, kept)
    if isinstance(fitted, StraightBatch):
        return _summed_lines(fitted, own, cut, count, kept)
    shape = (len(own), len(kept))
    squares, sizes, sums = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for part, here in _blocks(len(own), count, max(fitted.width, len(kept))):
        ones, first = np.ones(here.stop - here.start), cut + here.start
        happened = targets_of_batch(own[part], first, len(ones), kept)
        ahead = fitted.ahead(part, own[part], first, len(ones))
        error = np.subtract(ahead, happened, out=ahead if ahead.shape == happened.shape else None)
        sums[part] += error @ ones
        squares[part] += _squared(error)
        sizes[part] += np.abs(error, out=error) @ ones
    return squares, sizes, sums


def _blocks(series: int, count: int, width: int) -> Iterator[tuple[slice, slice]]:
    """(series, origins) that are scored at a time, where an origin takes `width` numbers."""
    origins = max(64, CELLS // width)
    for begin in range(0, count, origins):
        here = slice(begin, min(begin + origins, count))
        size = max(1, CELLS // (width * (here.stop - here.start)))
        for start in range(0, series, size):
            yield slice(start, start + size), here


def _squared(error: Array) -> Array:
    """[series, steps]: of errors [series, steps, origins]."""
    return np.asarray(np.matmul(error[:, :, None, :], error[:, :, :, None])[:, :, 0, 0])


def _summed_lines(
    fitted: StraightBatch, values: Array, cut: int, count: int, kept: Index
) -> tuple[Array, Array, Array]:
    """The same of straight lines: less the line, a forecast is a level, and what happened one row of numbers."""
    tilt = fitted.slope[:, None] * np.arange(-1.0, count + kept[-1] - 1.0)
    mean = fitted.levels(slice(None), values, cut, count) - tilt[:, :count]
    happened = values[:, cut : cut + count + kept[-1] - 1] - tilt[:, 1:]
    sums = mean.sum(axis=1)[:, None] - _windowed(happened, kept - 1, count)
    squares, sizes, ones = np.zeros(sums.shape), np.zeros(sums.shape), np.ones(count)
    windows, rows = targets_of_batch(happened, 0, count, np.arange(1, kept[-1] + 1)), as_rows(kept - 1)
    room: Array = np.empty(0)  # pages of memory that are asked for anew cost as much as the errors
    for part, here in _blocks(len(values), count, len(kept)):
        actual = windows[part, rows, here]
        room = room if room.size >= actual.size else np.empty(actual.size)
        error = np.subtract(mean[part, None, here], actual, out=room[: actual.size].reshape(actual.shape))
        squares[part] += _squared(error)
        sizes[part] += np.abs(error, out=error) @ ones[here]
    return squares, sizes, sums


def _summed_curves(fitted: CurveBatch, values: Array, cut: int, count: int, kept: Index) -> tuple[Array, Array, Array]:
    """The same of curves over time: the error at a target is the same at every step of a span."""
    squares, sizes, sums = (np.empty((len(values), len(kept))) for _ in range(3))
    spans, behind = np.divmod(kept - 1, fitted.span)
    edges = np.flatnonzero((np.diff(spans) != 0) | (np.diff(behind // count) != 0)) + 1
    for places in np.split(np.arange(len(kept)), edges):
        some, rows = kept[places], as_rows(places)
        first, targets = cut + int(some[0]) - 1, count + int(some[-1] - some[0])
        error = fitted.curve(slice(None), values, first, targets, int(some[0])) - values[:, first : first + targets]
        sums[:, rows] = _windowed(error, some - some[0], count)
        squares[:, rows] = _windowed(error * error, some - some[0], count)
        sizes[:, rows] = _windowed(np.abs(error, out=error), some - some[0], count)
    return squares, sizes, sums


def _windowed(of: Array, starts: Index, count: int) -> Array:
    """[series, starts]: sums of `count` numbers of each row from each start on.

    What all have is summed once, where there is any; the first numbers count from early starts alone, the last from
    late ones.
    """
    most = int(starts[-1])
    if most >= count:
        return np.stack([of[:, start : start + count].sum(axis=1) for start in starts], axis=1)
    middle = of[:, most:count].sum(axis=1)[:, None]
    edges = np.zeros((2, len(of), most + 1))
    np.cumsum(of[:, :most][:, ::-1], axis=1, out=edges[0, :, 1:])  # from the last of the first numbers backwards
    np.cumsum(of[:, count : count + most], axis=1, out=edges[1, :, 1:])
    return np.asarray(middle + edges[0][:, most - starts] + edges[1][:, starts])


def score_symbols(named: Mapping[str, Any], codes: Index, cut: int, horizon: int, kept: Index) -> tuple[Mask, Totals]:
    """Summed losses of symbols, `codes` [series, time] into one table of categories: zero-one and log losses."""
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

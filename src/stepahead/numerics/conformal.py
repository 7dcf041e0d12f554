"""Adaptive conformal intervals from a model's own past errors, for each step by itself; an error counts once it is
known.
"""

from __future__ import annotations

import numpy as np

from ..errors import FitError
from ..protocols import Array, Index

RATE = 0.02
GROWTH, FEWEST = 1.05, 8
"""Growth factor and least number of new errors before the errors are sorted again: n log n in all, with a short delay.
"""
SLACK = 1e-9
"""Margin for rounding when a rank is rounded up: .56 x 100 is 56 and not 57."""


def fewest_errors(level: float) -> int:
    """Fewest errors for an interval of coverage `level`: n of them cover at most n / (n + 1).

    >>> fewest_errors(0.9), fewest_errors(0.95), fewest_errors(0.5)
    (9, 19, 1)
    """
    return int(np.ceil(level / (1.0 - level) * (1.0 - SLACK)))


def half_width(sizes: Array, level: float) -> Array:
    """[steps]: half the width of one interval, from the sizes [rows, steps] of errors that are all known; NaN is none.

    The ceil(level (n + 1))-th smallest of the n at each step, or that of a smaller step where it is larger.

    >>> half_width(np.array([[1.0, 2.0], [3.0, 1.0], [2.0, np.nan]]), 0.75)
    array([ 3., inf])
    """
    steps = np.arange(1, sizes.shape[1] + 1)
    found: Array = half_widths(sizes, np.zeros(1, dtype=np.intp), steps, np.full((1, len(steps)), np.nan), level)[0]
    return found


def half_widths(before: Array, origins: Index, steps: Index, sizes: Array, level: float) -> Array:
    """Half the width of an interval around each forecast, [rows, steps], with long-run coverage `level`.

    Adaptive conformal inference (Gibbs & Candes 2021), for each step alone: the half width is a quantile of the sizes
    of earlier errors, and the level of that quantile goes up after a miss and down after a hit, by `RATE` of the
    difference in coverage. The error of origin o at step k is known at origin o + k, and used from then on.

    While a step has fewer than ``fewest_errors(level)`` errors no quantile of them has that coverage, and the width is
    infinite. It never falls from one step to the next.

    Parameters
    ----------
    before : [rows, steps] sizes of errors that are known from the start, in the unit of the series; NaN where missing.
    origins : [rows] ascending; `sizes` [rows, steps] the size of each error there, NaN where the target was not
        observed.
    """
    pools = [np.sort(column[~np.isnan(column)]) for column in before.T]
    counts = np.array([len(pool) for pool in pools])
    width, columns = len(steps), np.arange(len(steps))
    table = np.full((int(counts.max(initial=0)) + len(origins) + 1, width), np.nan)  # the pools as columns
    for column, pool in enumerate(pools):
        table[: len(pool), column] = pool
    wanted = 1.0 - level
    alpha = np.full(width, wanted)
    out, moves = np.empty(sizes.shape), np.empty(sizes.shape)  # moves: of alpha, once the error of a row is known
    observed = np.zeros(width, dtype=np.intp)  # of how many rows the error at each step is known
    sorted_in = observed.copy()  # and how many of those are among the pools
    needed = fewest_errors(level)

    def waits() -> Array:  # too few are sorted in as soon as they are known
        return np.where(counts < needed, 0.0, np.maximum((GROWTH - 1.0) * counts, FEWEST))

    patience, few = waits(), counts < needed
    numbers, moved = table.reshape(-1), moves.reshape(-1)
    # then each row learns of one error at each step, from the last step on
    in_step = bool((np.diff(origins) == 1).all())
    sure = bool((counts >= needed).all()) and not np.isnan(sizes).any()
    # A row has some twenty small operations: at this size the number of calls is what costs.
    for row, origin in enumerate(origins.tolist()):
        if in_step and row >= steps[-1]:
            alpha += moved.take(observed * width + columns)
            observed += 1
        else:
            latest = origin - steps
            late = np.flatnonzero(origins[observed] <= latest)  # an error that is known is of an earlier row
            while len(late):
                alpha[late] += moved.take(observed[late] * width + late)
                observed[late] += 1
                late = late[origins[observed[late]] <= latest[late]]
        grown = observed - sorted_in > patience
        if grown.any():
            for column in np.flatnonzero(grown).tolist():
                new = sizes[sorted_in[column] : observed[column], column]
                # Two sorted parts are merged at once by a stable sort.
                pools[column] = np.sort(np.concatenate([pools[column], np.sort(new[~np.isnan(new)])]), kind="stable")
                counts[column], sorted_in[column] = len(pools[column]), observed[column]
                table[: counts[column], column] = pools[column]
            patience, few = waits(), counts < needed
        rank = np.ceil((1.0 - alpha) * (counts + 1) - SLACK).astype(np.intp)
        half = numbers.take(np.maximum(np.minimum(rank, counts) - 1, 0) * width + columns)
        half[few] = np.inf
        size = sizes[row]
        move = RATE * (wanted - (size > half))
        if not sure:
            move[np.isnan(size) | few] = 0.0  # no hit or miss is defined
        out[row], moves[row] = half, move
    return np.maximum.accumulate(out, axis=1)


def around(forecasts: Array, half: Array) -> tuple[Array, Array]:
    """(low, high): the forecasts less and plus `half`; a FitError where an end overflows."""
    try:
        with np.errstate(over="raise"):
            return forecasts - half, forecasts + half
    except FloatingPointError:
        raise FitError("an end of an interval overflows: divide the series by a constant", code="overflow") from None

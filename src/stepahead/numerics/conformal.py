"""Intervals from a model's own past errors, one step number at a time, with feedback when it is there and not before."""

from __future__ import annotations

import numpy as np

from ..protocols import Array
from ..windows import Index

RATE = 0.02
GROWTH, FEWEST = 1.05, 8
"""The errors are sorted anew each time there are 5 % more of them, and at least 8: n log n in all, and never much behind."""


def half_widths(before: Array, origins: Index, steps: Index, sizes: Array, level: float) -> Array:
    """Half the width of an interval around each forecast, [rows, steps], that holds a share `level` of what happens.

    Adaptive conformal inference (Gibbs & Candes 2021), for each step alone: the half width is a quantile of the sizes of
    earlier errors, and the level of that quantile goes up after a miss and down after a hit, by `RATE` of the surprise. The
    error of origin o at step k is known at origin o + k: it moves nothing before that.

    Parameters
    ----------
    before : [rows, steps] sizes of errors that are known from the start, in the unit of the series; NaN where missing.
    origins : [rows] ascending; `sizes` [rows, steps] the size of each error there, NaN where the target was not observed.
    """
    pools = [np.sort(column[~np.isnan(column)]) for column in before.T]
    counts = np.array([len(pool) for pool in pools])
    table = np.full((int(counts.max(initial=0)) + len(origins) + 1, len(steps)), np.nan)  # the pools as columns
    for column, pool in enumerate(pools):
        table[: len(pool), column] = pool
    wanted = 1.0 - level
    alpha = np.full(len(steps), wanted)
    out, missed = np.empty(sizes.shape), np.empty(sizes.shape)  # missed: 0 inside, 1 outside, NaN where nobody can tell
    heard = np.zeros(len(steps), dtype=np.intp)  # of how many rows the error at each step has been heard
    sorted_in = heard.copy()  # and how many of those are among the pools
    columns = np.arange(len(steps))
    for row, origin in enumerate(origins):
        due = np.searchsorted(origins, origin - steps, side="right")
        late = np.flatnonzero(due > heard)
        while len(late):
            alpha[late] += RATE * np.nan_to_num(wanted - missed[heard[late], late])
            heard[late] += 1
            late = late[due[late] > heard[late]]
        grown = np.flatnonzero(heard - sorted_in > np.maximum((GROWTH - 1.0) * counts, FEWEST))
        for column in grown.tolist():
            new = sizes[sorted_in[column] : heard[column], column]
            pools[column] = np.sort(np.concatenate([pools[column], new[~np.isnan(new)]]))
            counts[column], sorted_in[column] = len(pools[column]), heard[column]
            table[: counts[column], column] = pools[column]
        rank = np.ceil((1.0 - alpha) * (counts + 1)).astype(np.intp)
        out[row] = table[np.clip(rank, 1, np.maximum(counts, 1)) - 1, columns]
        missed[row] = np.where(np.isnan(sizes[row] + out[row]), np.nan, sizes[row] > out[row])
    return out

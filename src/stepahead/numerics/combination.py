"""Weights of a combination of forecasts, step by step, from errors behind three cuts; and its intervals."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..protocols import Array, Index
from .conformal import SLACK, half_width

CUTS = 3
FEWEST_ORIGINS, MOST_ORIGINS, VALUES_AN_ORIGIN = 4, 20, 20
NEARLY_EQUAL = 0.1
"""Added to the relative errors before they are weighed: equal ones, near 0, get equal weights."""
HALFWAY = 20
"""Values of a training part at which the weights are halfway between equal ones and those of the errors."""
ENOUGH = 20
"""Errors at a step from which its interval is made of them alone."""


def cuts(count: int) -> tuple[int, ...]:
    """Where the members are fitted again, and the end: in the second half of `count` values, evenly.

    >>> cuts(40), cuts(8)
    ((20, 27, 33, 40), (6, 7, 7, 8))
    """
    behind = min(count // 2, max(count - 6, 1))
    return (*(count - max(1, round(behind * (CUTS - place) / CUTS)) for place in range(CUTS)), count)


def origins_behind(count: int, wanted: int | None = None) -> list[Index]:
    """The origins that are scored behind each of the cuts, at even spaces.

    >>> [part.tolist() for part in origins_behind(40)]
    [[20, 21, 23, 25], [27, 28, 30, 31], [33, 34, 36, 38]]
    """
    edges = cuts(count)
    size = wanted or max(FEWEST_ORIGINS, min(MOST_ORIGINS, count // VALUES_AN_ORIGIN))
    places = np.arange(size)
    return [start + (stop - start) * places // size for start, stop in pairwise(edges)]


def mean_squares(errors: Array) -> Array:
    """[.., horizon]: halfway between the mean square at each step and that of all errors up to it; NaN where none is.

    `errors` [.., rows, horizon], NaN where there is none.
    """
    seen = ~np.isnan(errors)
    counts = seen.sum(axis=-2)
    squares = np.where(seen, errors * errors, 0.0).sum(axis=-2)
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = np.cumsum(squares, axis=-1) / np.cumsum(counts, axis=-1)
        return np.asarray(np.where(counts > 0, (squares / counts + pooled) / 2.0, pooled))


def weights_by_step(errors: Array, count: int) -> Array:
    """[.., members, horizon]: weights that sum to 1, from `errors` [.., members, rows, horizon] and the length of the
    training part. A member without errors has the weight 0; without any the weights are equal.
    """
    squares = mean_squares(errors)
    able = ~np.isnan(squares)
    members = np.maximum(able.sum(axis=-2, keepdims=True), 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = squares / (np.where(able, squares, 0.0).sum(axis=-2, keepdims=True) / members)
        relative = np.where(able & ~np.isfinite(relative), 1.0, relative)  # no member errs at all
        found = np.where(able, (relative + NEARLY_EQUAL) ** -2.0, 0.0)
        found = found / found.sum(axis=-2, keepdims=True)
    own = count / (count + HALFWAY)
    found = own * found + (1.0 - own) * able / members
    return np.asarray(np.where(able.any(axis=-2, keepdims=True), found, 1.0 / errors.shape[-3]))


def half_widths(errors: Array, level: float, horizon: int) -> Array:
    """[horizon]: half the width of intervals around a combination, from its errors [rows, steps] behind the cuts.

    From 20 errors on the width is that of the rank ceil(level (n + 1)) among them. Of fewer all steps are pooled, each
    error over its own size, as the errors of one step are too few to rank; 1 + 1 / n is added on. Widths never fall
    from one step to the next, and past the last step that has errors they grow as the root of the step. Infinite where
    there are no errors at all.
    """
    counts = (~np.isnan(errors)).sum(axis=0)
    if not counts.any():
        return np.full(horizon, np.inf)
    known = np.flatnonzero(counts)[-1] + 1
    sizes, counts = np.abs(errors[:, :known]), counts[:known]
    scale = np.maximum.accumulate(np.sqrt(mean_squares(errors[:, :known])))
    with np.errstate(divide="ignore", invalid="ignore"):
        pool = np.where(scale > 0.0, sizes / scale, np.where(sizes == 0.0, 0.0, np.inf))
    pool = np.sort(pool[~np.isnan(sizes)])
    rank = int(np.ceil(min(1.0, level * (1.0 + 1.0 / counts[0])) * len(pool) * (1.0 - SLACK))) if counts[0] else 0
    extra = np.maximum.accumulate(1.0 + 1.0 / np.maximum(counts, 1))
    width = pool[max(rank, 1) - 1] * scale * extra
    many = counts >= ENOUGH
    if many.any():
        width[many] = half_width(sizes[:, many], level)
    width = np.maximum.accumulate(width)
    if horizon <= known:
        return np.asarray(width[:horizon])
    return np.concatenate([width, width[-1] * np.sqrt(np.arange(known + 1, horizon + 1) / known)])

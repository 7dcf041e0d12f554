"""All index arithmetic: windows, targets, origins, the split. No other module computes an index.

Origins are zero-based and half-open: at origin o the values ``x[:o]`` are known and step k is ``x[o + k - 1]``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from .errors import InputError, shown
from .memory import LEAST_BUDGET, afford
from .parameters import as_tuple, real, refuse, whole
from .protocols import Array, Index, State
from .series import as_series

FURTHEST = 64
"""Steps ahead where no horizon is given, of a long series; of a short one a tenth of it."""


def default_horizon(lengths: Sequence[int]) -> int:
    """The horizon where none is given: a tenth of the values, at most 64; of many series the median length counts.

    >>> default_horizon([1461]), default_horizon([639]), default_horizon([30, 200, 900]), default_horizon([8])
    (64, 63, 20, 1)
    """
    return max(1, min(FURTHEST, sorted(lengths)[len(lengths) // 2] // 10))


def lagged(values: npt.NDArray[Any], lags: int) -> npt.NDArray[Any]:
    """All windows, [T - lags + 1, ..., lags], zero-copy: row i is the window just before origin ``lags + i``."""
    if len(values) < lags:
        return np.empty((0, *values.shape[1:], lags), dtype=values.dtype)
    return sliding_window_view(values, lags, axis=0)


def joined_windows(values: Array, lags: int, after: State | None) -> Array:
    """Windows of `values`, [origins, lags]; with `after` they go on from the last window of the piece before."""
    if after is None:
        return lagged(values, lags)
    return lagged(np.concatenate([after[0][-1], values]), lags)[1:]


def pairs(series: Any, lags: int) -> tuple[Array, Array]:
    """Feature-label pairs: windows X [T - lags, lags] and next values y [T - lags], both zero-copy views.

    The first `lags` values have no full window before them and cannot be labels: T - lags pairs remain.

    >>> X, y = pairs([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], lags=3)
    >>> X
    array([[1., 2., 3.],
           [2., 3., 4.],
           [3., 4., 5.]])
    >>> y
    array([4., 5., 6.])

    Raises
    ------
    ParameterError : lags is not a whole number of at least 1.
    InputError : the series has no more than `lags` values.
    """
    whole("lags", lags)
    values = as_series(series).numbers
    require(len(values), lags + 1, f"pairs with lags={lags}")
    return lagged(values[:-1], lags), values[lags:]


def chunked(values: Array, lags: int, chunk: int) -> tuple[Array, Array]:
    """Windows X [rows, lags] and the `chunk` values after each, Y [rows, chunk]:
    rows where all of it is in `values`.
    """
    both = lagged(values, lags + chunk)
    return both[:, :lags], both[:, lags:]


def targets(values: Array, origins: Index, steps: Index) -> Array:
    """The targets, [origins, steps], NaN beyond the end of the values. A view if origins and steps have no gaps."""
    count = len(values)
    if len(origins) and len(steps) and origins[-1] + steps[-1] - 1 < count and _regular(origins) and _regular(steps):
        first = int(origins[0] + steps[0] - 1)
        return sliding_window_view(values[first:], len(steps))[: len(origins)]
    where = origins[:, None] + (steps[None, :] - 1)
    inside = where < count
    return np.where(inside, values[np.where(inside, where, 0)], np.nan)


def ahead(table: Array, origins: Index, steps: int) -> Array:
    """What is known ahead at each of the origins, [origins, steps, columns]: rows o .. o + steps - 1 of a table [time,
    columns].

    A zero-copy sliding view where origins have no gaps. The table has to reach so far.
    """
    if len(origins) and _regular(origins):
        view = sliding_window_view(table[int(origins[0]) :], steps, axis=0)[: len(origins)]
        return view.transpose(0, 2, 1)
    return np.asarray(table[origins[:, None] + np.arange(steps)])


def slides(known: Array, steps: int = 1) -> bool:
    """Whether rows are a view that slides by one of the axis `steps`, so that neighbours share their numbers."""
    return known.strides[0] == known.strides[steps] and min(known.shape[0], known.shape[steps]) > 1


def projected(known: Array, weights: Array) -> Array:
    """``known @ weights``, [rows, steps], of what is known ahead [rows, steps, columns].

    Of a sliding view each number is multiplied once. Columns are added one by one, so that the bits of a row depend on
    nothing else.
    """
    rows, steps, columns = known.shape
    if not columns or not rows:
        return np.zeros((rows, steps))
    is_sliding = slides(known)
    flat = known
    if is_sliding:
        flat = as_strided(known, (1, rows + steps - 1, columns), (0, *known.strides[1:]), writeable=False)
    total = flat[:, :, 0] * weights[0]
    for column in range(1, columns):
        total += flat[:, :, column] * weights[column]
    return sliding_window_view(total[0], steps)[:rows] if is_sliding else total


def history(values: Array, lags: int, first: int, count: int, ones: bool = False) -> Array:
    """The windows of `values` [series, time] before `count` origins from `first` on: [series, lags, origins],
    oldest value first.

    With `ones` a last row of ones is added.
    """
    out = np.empty((len(values), lags + ones, count))
    for lag in range(lags):
        begin = first - lags + lag
        out[:, lag] = values[:, begin : begin + count]
    out[:, lags:] = 1.0
    return out


def targets_of_batch(values: Array, first: int, count: int, steps: Index) -> Array:
    """The targets of `count` origins from `first` on, [series, steps, origins].
    A view if the steps have no gaps.
    """
    return sliding_window_view(values, count, axis=1)[:, as_rows(first + steps - 1)]


def _regular(index: Index) -> bool:
    # Origins and steps are always sorted and unique, so their ends tell whether one is missing.
    return bool(index[-1] - index[0] == len(index) - 1)


def as_rows(index: Index, context: int = 0) -> slice | Index:
    """``index - context``, as a slice where it is one, so that taking rows costs nothing."""
    if len(index) and _regular(index):
        return slice(int(index[0]) - context, int(index[-1]) + 1 - context)
    return index - context


def shared(indices: Sequence[Index]) -> Index:
    """The intersection of several sorted indices, sorted; no hashing, a slice where they have no gaps.

    >>> shared([np.arange(2, 9), np.arange(4, 12), np.array([3, 5, 7])])
    array([5, 7])
    """
    first, last = (
        max((int(i[0]) for i in indices if len(i)), default=0),
        min((int(i[-1]) for i in indices if len(i)), default=-1),
    )
    if not all(len(index) for index in indices) or first > last:
        return np.empty(0, dtype=np.intp)
    least = min(indices, key=len)
    found = least[np.searchsorted(least, first) : np.searchsorted(least, last, side="right")]
    for index in indices:
        if index is not least and not _regular(index):
            at = np.searchsorted(index, found).clip(max=len(index) - 1)
            found = found[index[at] == found]
    return found


def scored_origins(length: int, context: int, horizon: int) -> Index:
    """The origins whose `horizon` targets all exist: ``context .. length - horizon``, N = T - context - H + 1 of them.

    >>> scored_origins(6, 2, 3)
    array([2, 3])
    """
    return np.arange(context, length - horizon + 1)


def train_length(length: int, train: float | int) -> int:
    """How many values the training part has: `train` itself, or its share of `length`.

    >>> train_length(1000, 0.6), train_length(1000, 604)
    (600, 604)
    """
    if isinstance(train, (float, np.floating)):
        share = real("train", float(train), above=0.0)
        if share >= 1.0:
            raise refuse("train", train, "a share between 0 and 1, or a whole number of values")
        return int(share * length + 1e-9)
    return whole("train", train, also=", or a share between 0 and 1")


def runs(values: Array) -> list[Array]:
    """The contiguous segments without a missing value, as views: the whole series where nothing is missing."""
    missing = np.isnan(values)
    if not missing.any():
        return [values] if len(values) else []
    edges = np.flatnonzero(np.diff(np.concatenate(([True], missing, [True])).astype(np.int8)))
    return [values[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]


def require(found: int, needed: int, what: str, series: str | None = None) -> None:
    """The "too-short" error: `what` needs so many values and there are fewer."""
    if found < needed:
        title = "the series" if series is None else f"series {shown(series)}"
        raise InputError(
            f"{title} is too short: {what} needs {needed} values, found {found}",
            code="too-short",
            found=found,
            needed=needed,
        )


def require_held_out(found: int, train: int, horizon: int, series: str | None = None) -> None:
    """The "too-short" error of an evaluation: no origin after `train` values has all its targets."""
    if horizon < found < train + horizon:
        title = "the series" if series is None else f"series {shown(series)}"
        raise InputError(
            f"no held-out origin, {title} is too short: train={train} and horizon={horizon} needs "
            f"{train + horizon} values, "
            f"found {found}; pass train= of at most {found - horizon}" + ", or a smaller horizon=" * (horizon > 1),
            code="too-short",
            found=found,
            needed=train + horizon,
        )
    require(found, train + horizon, f"train={train} and horizon={horizon}", series)


def kept_steps(steps: Sequence[int] | None, horizon: int) -> Index:
    """The steps to keep, sorted and unique: all of 1..horizon, or those named."""
    if horizon * 8 > LEAST_BUDGET:
        afford(horizon, 1, "a horizon that long", "Take a smaller horizon=")
    if steps is None:
        return np.arange(1, horizon + 1)
    chosen = sorted({whole("steps", k, 1, horizon) for k in as_tuple("steps", steps)})
    if not chosen:
        raise refuse("steps", steps, f"at least one step from 1 to {horizon}")
    return np.array(chosen, dtype=np.intp)


SHOWN_STEPS = (1, 4, 16, 64)


def shown_steps(steps: Index) -> list[int]:
    """Indices of the steps that tables show: 1, 4, 16, 64 where kept, and the last."""
    wanted = [k for k in (*SHOWN_STEPS, int(steps[-1])) if k in steps]
    return sorted({int(np.searchsorted(steps, k)) for k in wanted})

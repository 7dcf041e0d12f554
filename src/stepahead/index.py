"""The index of a pandas series or frame as times: its order is used or is an error, never ignored."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from .cells import Cells
from .columns import is_absent, pandas_times, read_times
from .dates import as_dates, times_of
from .errors import InputError, shown
from .times import Labels, Times

IN_ORDER = "if the rows are in order, give reset_index(drop=True)"


def index_times(index: Any) -> tuple[Times | None, tuple[str, ...]]:
    """The times in an index, with notes; None for the default index, 0, 1, 2, ...

    Whole numbers, numbers, dates, durations (in seconds), intervals (by where they begin), ordered categories (by their
    places) and ISO dates as text are times. An InputError for what has no order: other text, and many levels.
    """
    kind = type(index).__name__
    if kind == "MultiIndex":
        raise InputError(
            f"an index of {index.nlevels} levels is not one series: read a long table with "
            f"read_panel(frame.reset_index(), value=, time=, id=), or, {IN_ORDER}",
            code="index",
            found=index.nlevels,
        )
    if kind in ("DatetimeIndex", "PeriodIndex"):
        return pandas_times(index), ()
    if kind == "IntervalIndex":
        return index_times(index.left)
    if kind == "CategoricalIndex":
        if not index.ordered:
            return index_times(index.astype(index.categories.dtype))
        _none_missing(list(index))
        return Times(np.asarray(index.codes, dtype=np.int64)), (
            "the index was read as times: the places of its ordered categories",
        )
    values = np.asarray(index)
    if values.dtype.kind in "iuf":
        return _numbers(values)
    if values.dtype.kind in "Mm":
        return (Times(values), ()) if values.dtype.kind == "M" else _seconds(index)
    items = list(index)
    _none_missing(items)
    if all(isinstance(item, str) for item in items):
        return _texts(items), ()
    if all(isinstance(item, date) for item in items):
        return read_times(items), ()
    if all(isinstance(item, timedelta) for item in items):
        return _seconds(items)
    if all(isinstance(item, (int, float, Decimal, np.number)) and not isinstance(item, bool) for item in items):
        whole = all(isinstance(item, (int, np.integer)) and abs(int(item)) < 2**63 for item in items)
        return _numbers(np.array([int(item) if whole else float(item) for item in items]))
    raise InputError(
        f"the index holds {shown(items[0])} ({type(items[0]).__name__}) and has no known order: {IN_ORDER}",
        code="index",
        found=type(items[0]).__name__,
    )


def _none_missing(items: list[Any]) -> None:
    row = next((row for row, item in enumerate(items) if is_absent(item)), None)
    if row is not None:
        raise InputError(f"the index is missing at row {row}: {IN_ORDER}", code="time-missing", row=row)


def _numbers(values: Labels) -> tuple[Times | None, tuple[str, ...]]:
    """Numbers as times, with a note if their steps are uneven; None for the default index."""
    if values.dtype.kind in "iu" and np.array_equal(values, np.arange(len(values))):
        return None, ()
    steps = np.diff(values.astype(np.float64))
    even = len(steps) == 0 or (bool(steps[0] > 0) and np.allclose(steps, steps[0], rtol=1e-9))
    found = as_dates(Times(values))
    if found.labels.dtype.kind == "M":
        return found, ()
    return found, () if even else (f"the numbers of the index were read as times; {IN_ORDER}",)


def _seconds(durations: Any) -> tuple[Times, tuple[str, ...]]:
    """Durations in seconds, as integers if all are whole."""
    items = list(durations)
    _none_missing(items)
    seconds = np.array([item.total_seconds() for item in items])
    return Times(seconds.astype(np.int64) if (seconds == np.rint(seconds)).all() else seconds), ()


def _texts(items: list[str]) -> Times:
    """Times from text, read as in a CSV file."""
    try:
        return times_of(Cells([item.strip() for item in items], "the index", range(len(items)), "row"))
    except InputError as error:
        if error.code != "not-a-time":
            raise
        row = vars(error)["row"]
        raise InputError(
            f"the index holds text that is not a time, {shown(items[row])} at row {row}: {IN_ORDER}; "
            "dates are written 2024-01-31",
            code="index",
            row=row,
            found=items[row],
        ) from None

"""Columns of values, from numpy, lists, frames and tensors, as float64 values or codes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, date
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from . import times as clock
from .cells import Cells
from .dates import times_of
from .errors import DtypeError, InputError, shown
from .numerals import check_words
from .protocols import Array
from .zones import zone_name, zone_of_offsets

NOT_OBSERVED = -1
"""The code of a symbol that was not observed."""
EXACT = 2**53
"""Up to here every whole number is a float64."""
PAST_THE_RANGE = "a number is larger than the largest float64, 1.8e308"
FLATTEST = 1e-12
"""Relative to its level: a series that varies by less has few significant digits left."""


class Column:
    """One column as a numpy array, with its metadata: times, pandas index, name, order of categories, notes."""

    def __init__(
        self,
        values: npt.NDArray[Any],
        times: clock.Times | None = None,
        name: str | None = None,
        categories: tuple[object, ...] | None = None,
        frame: str | None = None,
        notes: tuple[str, ...] = (),
        index: Any = None,
    ) -> None:
        self.values, self.times, self.name, self.categories, self.frame = values, times, name, categories, frame
        self.notes, self.index = notes, index
        self.declared = False
        """Whether the categories are those of a categorical column, not those found in the values."""


def read_values(data: Any) -> Column:
    """A column from any supported container."""
    if isinstance(data, Column):
        return data
    if isinstance(data, np.ma.MaskedArray):
        plain, mask = _column(np.asarray(data.data)), np.ravel(np.ma.getmaskarray(data))
        if plain.dtype.kind in "fiub":
            return Column(np.where(mask, np.nan, plain.astype(np.float64)))
        if plain.dtype.kind not in "cmMV":
            plain = plain.astype(object)
            plain[mask] = None
        return Column(plain)
    if isinstance(data, np.ndarray):
        return Column(_column(np.asarray(data)))
    if isinstance(data, (list, tuple)):
        values = _column(_from_list(data))
        return Column(values, notes=rounding(values, data))
    module = type(data).__module__.split(".")[0]
    if module == "torch":
        return Column(_column(_from_tensor(data)))
    if module in ("pandas", "polars", "pyarrow", "narwhals", "modin", "cudf"):
        return _from_frame(data)
    if hasattr(data, "__array__"):
        return Column(_column(_as_array(data)))
    raise _unknown(data)


def _unknown(data: Any) -> DtypeError:
    return DtypeError(
        f"a series cannot be made from {shown(type(data).__name__)}: give numbers or text in numpy, a list, pandas, "
        "polars, pyarrow or torch",
        code="unknown-type",
        found=type(data).__name__,
    )


def _as_array(data: Any) -> npt.NDArray[Any]:
    try:
        return np.asarray(data)
    except Exception as error:  # third-party code: it may raise anything
        raise DtypeError(
            f"{shown(type(data).__name__)} cannot be converted to an array: {shown(str(error))}",
            code="unknown-type",
            found=type(data).__name__,
        ) from error


def _from_tensor(data: Any) -> npt.NDArray[Any]:
    """The values of a torch tensor; integers stay integers."""
    if not hasattr(data, "detach"):
        raise _unknown(data)
    try:
        whole = data.detach().cpu()
        found: npt.NDArray[Any] = (whole.double() if whole.is_floating_point() else whole).numpy()
    except (RuntimeError, TypeError) as error:
        raise DtypeError(
            f"this tensor cannot be read ({shown(str(data.layout))}, {shown(str(data.dtype))}, on "
            f"{shown(str(data.device))}): "
            "give a dense tensor of numbers, for example tensor.to_dense()",
            code="unknown-type",
            found=str(data.dtype),
        ) from error
    return found


def rounding(values: npt.NDArray[Any], items: Iterable[Any]) -> tuple[str, ...]:
    """A note if a whole number among `items` is not exact as one of the float64 `values`."""
    if values.dtype.kind != "f" or not bool((np.abs(values) >= EXACT).any()):
        return ()
    for row, item in enumerate(items):
        if isinstance(item, (int, np.integer)) and int(float(item)) != item:
            return (f"whole numbers past 2**53 are rounded to the nearest float64: row {row} is {shown(int(item))}",)
    return ()


def flatness(values: npt.NDArray[Any]) -> tuple[str, ...]:
    """A note on values that differ only in their last digits; no note on a constant, which is exact."""
    size = abs(float(values[0])) if len(values) and values.dtype.kind == "f" else 0.0
    few = values[:: max(1, len(values) // 64)]
    with np.errstate(over="ignore", invalid="ignore"):
        if not size > 0.0 or bool((np.abs(few - values[0]) > FLATTEST * size).any()):
            return ()
        spread = float(np.nanmax(values) - np.nanmin(values))
    if not 0.0 < spread <= FLATTEST * size:
        return ()
    return (
        f"the values differ by at most {spread:.2g} at a level of {size:.2g}: few significant digits are left; "
        "subtract the level at the source",
    )


def _from_list(data: Sequence[Any]) -> npt.NDArray[Any]:
    texts = sum(isinstance(item, str) for item in data)
    if texts == len(data) and texts:
        return np.asarray(data, dtype=object)
    if not texts and all(type(item) in (float, int, bool) for item in data):
        try:
            return np.array(data, dtype=np.float64)
        except OverflowError:
            raise InputError(PAST_THE_RANGE, code="too-large") from None
    if any(isinstance(item, (list, tuple)) or (isinstance(item, np.ndarray) and item.ndim) for item in data):
        try:
            return np.asarray(data)
        except ValueError:
            raise InputError("the rows of the list have different lengths", code="shape") from None
    return np.array(list(data), dtype=object)


def _from_frame(data: Any) -> Column:
    import narwhals.stable.v2 as nw

    data = _chunked(data)
    try:
        frame = nw.from_native(data, allow_series=True)
    except TypeError:
        if not hasattr(data, "__array__"):
            raise _unknown(data) from None
        return Column(_column(np.asarray(data)))
    if isinstance(frame, nw.LazyFrame):
        frame = collected(frame)
    if isinstance(frame, nw.DataFrame):
        if len(frame.columns) != 1:
            columns = ", ".join(shown(c) for c in frame.columns[:8])
            raise InputError(
                f"a series is one column; found {len(frame.columns)}: {columns}",
                code="shape",
                found=len(frame.columns),
                columns=list(frame.columns),
            )
        column = frame[:, 0]
    else:
        column = frame
    index = nw.maybe_get_index(frame)
    name = column.name if isinstance(column.name, str) and column.name else None
    kind = str(column.implementation)
    if isinstance(column.dtype, (nw.Categorical, nw.Enum)):
        kinds = tuple(column.cat.get_categories().to_list())
        made = Column(np.array(column.to_list(), dtype=object), None, name, kinds, kind, index=index)
        made.declared = True
        return made
    if column.dtype.is_numeric() or column.dtype == nw.Boolean:
        is_whole = column.dtype.is_integer()  # pyarrow casts them only if no digit is lost; a loss is noted here
        values = np.asarray((column if is_whole else column.cast(nw.Float64)).to_numpy(), dtype=np.float64)
        return Column(values, None, name, None, kind, rounding(values, column if is_whole else ()), index)
    return Column(_column(np.array(column.to_list(), dtype=object)), None, name, None, kind, index=index)


def collected(frame: Any) -> Any:
    """The data of a lazy frame; an InputError if it cannot be computed."""
    try:
        return frame.collect()
    except Exception as error:  # each engine has errors of its own
        reason = str(error).partition("\n")[0]
        raise InputError(f"the lazy frame cannot be collected: {shown(reason)}", code="frame") from error


def _chunked(data: Any) -> Any:
    """A pyarrow Array as a ChunkedArray, the type that narwhals reads."""
    if type(data).__module__.split(".")[0] == "pyarrow" and hasattr(data, "buffers") and not hasattr(data, "chunks"):
        import pyarrow

        return pyarrow.chunked_array([data])
    return data


def _as_index(times: Any) -> Any:
    """A pandas Series as an Index, which has the zones and periods that narwhals lacks; other data unchanged."""
    if type(times).__module__.split(".")[0] == "pandas" and type(times).__name__ == "Series":
        import pandas as pd

        return pd.Index(times)
    return times


def pandas_times(index: Any) -> clock.Times:
    """The times of a DatetimeIndex or PeriodIndex; in UTC if they have a zone."""
    if type(index).__name__ == "PeriodIndex":
        index = index.to_timestamp()
    if index.tz is None:
        return clock.Times(np.asarray(index))
    return clock.Times(np.asarray(index.tz_convert("UTC").tz_localize(None)), zone_name(index.tz))


def read_times(times: Any) -> clock.Times:
    """Times as a numpy array; in UTC if they have a zone."""
    if isinstance(times, clock.Times):
        return times
    if isinstance(times, np.ndarray) and (times.dtype.kind not in "OUT" or times.ndim != 1):
        return clock.Times(times.copy())
    if isinstance(times, (str, bytes)) or not hasattr(times, "__iter__"):
        raise InputError(f"times must be a label for each value; found {shown(times)}", code="time-shape")
    module = type(times).__module__.split(".")[0]
    if module in ("pandas", "polars", "pyarrow", "narwhals") and type(times).__name__ not in ("Index", "RangeIndex"):
        import narwhals.stable.v2 as nw

        times = nw.to_native(times, pass_through=True)
        index = _as_index(times)
        if type(index).__name__ in ("DatetimeIndex", "PeriodIndex"):
            return pandas_times(index)
        try:
            column = nw.from_native(_chunked(times), series_only=True)
        except TypeError:
            found = type(times).__name__
            raise InputError(
                f"times must be a label for each value, one column; found {found}", code="time-shape"
            ) from None
        if column.dtype not in (nw.Object, nw.String, nw.Categorical):
            zone = column.dtype.time_zone if isinstance(column.dtype, nw.Datetime) else None
            if zone is not None:
                column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
            if isinstance(column.dtype, nw.Date):
                return clock.Times(np.array(column.to_list(), dtype="datetime64[D]"))
            return clock.Times(np.asarray(column.to_numpy()), None if zone is None else zone_name(zone))
        times = column.to_list()
    listed = list(times)
    here = [t for t in listed if not is_absent(t)]
    if here and all(isinstance(t, str) for t in here):
        return _texts(["" if is_absent(t) else t.strip() for t in listed])
    if here and all(type(t).__name__ == "Period" and hasattr(t, "start_time") for t in here):
        listed = [None if is_absent(t) else t.start_time for t in listed]
    if any(isinstance(t, date) for t in listed):
        return _dates([None if is_absent(t) else t for t in listed])
    try:
        return clock.Times(np.asarray(listed))
    except ValueError:
        raise InputError("times must be one label for each value; found a list of lists", code="time-shape") from None


def _texts(texts: list[str]) -> clock.Times:
    """Times from text, read as in a CSV file."""
    try:
        return times_of(Cells(texts, "times", range(len(texts)), "row"))
    except InputError as error:
        if error.code != "not-a-time":
            raise
        row = vars(error)["row"]
        raise InputError(str(error), code="time-kind", row=row, found=texts[row]) from None


def _dates(listed: list[Any]) -> clock.Times:
    """Python dates as a numpy array, NaT where one is missing."""
    row = next((row for row, t in enumerate(listed) if not (t is None or isinstance(t, date))), None)
    if row is not None:  # numpy would read a number among dates as time since 1970
        raise InputError(
            f"time {shown(listed[row])} at row {row} is not a date, but others are", code="time-kind", row=row
        )
    zones = {row: getattr(t, "tzinfo", None) is not None for row, t in enumerate(listed) if t is not None}
    if len(set(zones.values())) > 1:
        place = {zone: row for row, zone in reversed(zones.items())}
        one, other = (f"time {shown(str(listed[place[zone]]))} at row {place[zone]}" for zone in (True, False))
        raise InputError(
            f"{one} has a zone and {other} has none: give all of them a zone, or none",
            code="time-zone",
            row=max(place.values()),
        )
    if True not in zones.values():
        return clock.Times(np.array(listed, dtype="datetime64"))
    named = {zone_name(t.tzinfo) for t in listed if t is not None}
    offsets = np.array([t.utcoffset().total_seconds() for t in listed if t is not None]).astype(np.int64)
    in_utc = np.array([None if t is None else t.astimezone(UTC).replace(tzinfo=None) for t in listed], "datetime64")
    zone = named.pop() if len(named) == 1 else zone_of_offsets(in_utc[~np.isnat(in_utc)], offsets)
    return clock.Times(in_utc, zone or "UTC")


def _column(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if values.ndim == 2 and values.shape[1] == 1:
        return values[:, 0]
    if values.ndim != 1:
        columns = values.shape[1] if values.ndim > 1 else 0
        raise InputError(
            f"a series is one column, [time] or [time, 1]; found shape {values.shape}"
            + (": pass one column, or a list of series" if columns > 1 else ""),
            code="shape",
            found=values.shape,
            columns=columns,
        )
    return values


def coded(found: Column, categories: tuple[object, ...] | None) -> tuple[npt.NDArray[Any], tuple[object, ...] | None]:
    """Float64 values, or int64 codes with their categories."""
    values = found.values
    kind = values.dtype.kind
    categories = categories or found.categories
    if kind in "fiub" and categories is None:
        # Copied, so that nobody changes a series from outside.
        with np.errstate(over="ignore"):  # wider floats may overflow to infinity, which is an error later
            return np.array(values, dtype=np.float64), None
    if kind == "c":
        raise DtypeError(
            "complex numbers are not a series: take .real, .imag or abs() first", code="dtype", found=str(values.dtype)
        )
    if kind in "mM":
        raise DtypeError(
            "dates are not values: pass them as times=, and the numbers first", code="dtype", found=str(values.dtype)
        )
    items = values.tolist()
    absent = [is_absent(item) for item in items]
    first = next((item for item, gone in zip(items, absent, strict=True) if not gone), None)
    if categories is None and first is None:
        return np.full(len(items), np.nan), None
    if categories is None and not isinstance(first, str):
        return _objects(items, absent), None
    return _symbols(items, absent, categories)


def is_absent(item: object) -> bool:
    """Whether an item is a missing value."""
    if item is None or item is np.ma.masked or type(item).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(item, float) and math.isnan(item)


def _objects(items: list[Any], absent: list[bool]) -> Array:
    for row, (item, gone) in enumerate(zip(items, absent, strict=True)):
        if not gone and not (
            isinstance(item, (Real, Decimal)) or (isinstance(item, np.generic) and item.dtype.kind in "fiub")
        ):
            raise DtypeError(
                f"row {row} is {shown(item)} ({type(item).__name__}): a series is all numbers or all text",
                code="dtype",
                found=item,
                row=row,
            )
    try:
        return np.array([math.nan if gone else float(item) for item, gone in zip(items, absent, strict=True)])
    except OverflowError:
        raise InputError(PAST_THE_RANGE, code="too-large") from None


def _symbols(
    items: list[Any], absent: list[bool], categories: tuple[object, ...] | None
) -> tuple[npt.NDArray[np.int64], tuple[object, ...]]:
    if categories is None:
        for row, (item, gone) in enumerate(zip(items, absent, strict=True)):
            if not gone and not isinstance(item, str):
                raise DtypeError(
                    f"row {row} is {shown(item)} ({type(item).__name__}) among text: a series "
                    "is all numbers or all text",
                    code="dtype",
                    found=item,
                    row=row,
                )
        here = [row for row, gone in enumerate(absent) if not gone]
        check_words([items[row] for row in here], here)
        categories = tuple(sorted({items[row] for row in here}))
    table = {item: code for code, item in enumerate(categories)}
    if len(table) != len(categories):
        raise InputError("categories= has one symbol twice", code="categories")
    for row, (item, gone) in enumerate(zip(items, absent, strict=True)):
        if not gone and item not in table:
            raise InputError(
                f"row {row} is {shown(item)}, which is not among the categories", code="categories", found=item, row=row
            )
    codes = [NOT_OBSERVED if gone else table[item] for item, gone in zip(items, absent, strict=True)]
    return np.array(codes, dtype=np.int64), tuple(categories)


def check_observed(
    values: npt.NDArray[Any], times: clock.Labels | None, name: str | None, missing: str, zone: str | None = None
) -> int:
    """Refuse infinite values, and missing ones unless skipped; gives the number of leading missing values."""

    def where(rows: npt.NDArray[np.intp]) -> str:
        return ", ".join(str(r) if times is None else clock.stamp(times[r], zone) for r in rows[:3])

    title = "" if name is None else f" of {shown(name)}"
    if values.dtype.kind == "f":
        with np.errstate(over="ignore", invalid="ignore"):
            if np.isfinite(values.sum()):
                return 0
        infinite = np.flatnonzero(np.isinf(values))
        if infinite.size:
            sign = "-inf" if values[infinite[0]] < 0 else "inf"
            raise InputError(
                f"{infinite.size} values{title} are infinite, the first ({sign}) at {where(infinite)}",
                code="infinite-values",
                count=int(infinite.size),
                positions=infinite[:3].tolist(),
            )
        holes = np.flatnonzero(np.isnan(values))
    else:
        holes = np.flatnonzero(values == NOT_OBSERVED)
    if not holes.size:
        return 0
    kept = len(values) - holes.size
    if missing == "raise" or not kept:
        first = "none was observed" if not kept else f"the first at {where(holes)}"
        hint = '; missing="skip" leaves out only the windows and targets with a missing value' if kept else ""
        if kept and holes[0] == kept:
            hint = "; they are the last rows: leave them out, or where a column is known ahead there, name it in known="
        raise InputError(
            f"{holes.size} of {len(values)} values{title} are missing, {first}{hint}",
            code="missing-values",
            count=int(holes.size),
            positions=holes[:3].tolist(),
        )
    seen = values != NOT_OBSERVED if values.dtype.kind == "i" else ~np.isnan(values)
    return int(np.argmax(seen))

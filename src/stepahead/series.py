"""The series: what every door makes of what comes, checked once, never written to."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from numbers import Number
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from . import times as clock
from .errors import DtypeError, InputError, note, shown
from .parameters import one_of
from .protocols import Array

if TYPE_CHECKING:
    from typing import Self

_SLOTS = ("values", "times", "name", "categories", "missing", "notes", "limit", "frame")
NOT_OBSERVED = -1
"""The code of a symbol that was not observed."""


class Series:
    """One sequence of numbers or symbols, oldest first.

    >>> s = Series([3.0, 1.0, 4.0, 1.0, 5.0], name="digits")
    >>> len(s), s[:2].values
    (5, array([3., 1.]))
    >>> Series(["sun", "rain", "sun"]).categories
    ('rain', 'sun')

    Parameters
    ----------
    values : [time] numbers of any kind, or text, from numpy, lists, pandas, polars, pyarrow, torch. Numbers become
        float64; text becomes integer codes into `categories`.
    times : [time] dates or numbers, optional. Labels only: sorted if need be, never used in a computation.
        A repeated time is an error; uneven steps are taken as consecutive, and noted.
    name : shown in tables and messages.
    missing : "raise" refuses values that are not there (NaN, None, masked); "skip" keeps them as NaN, and whatever
        touches them is left out of fits and scores. Leading ones are cut off, and that is noted.
    every : the step of time ("1D", "1h", "1M", a number), optional. With it a gap is an error, or NaN with
        ``missing="skip"``.
    categories : the symbols in their order, for text; by default those found, sorted.
    limit : for simulated series, the smallest RMSE that is possible at steps 1..H: ``limit(H)`` -> [H].

    Raises
    ------
    InputError : missing or infinite values, wrong shape, repeated times.
    DtypeError : complex numbers, objects, numbers mixed with text.
    """

    __slots__ = ("categories", "frame", "limit", "missing", "name", "notes", "times", "values")

    values: npt.NDArray[Any]
    times: clock.Labels | None
    name: str | None
    categories: tuple[object, ...] | None
    missing: str
    notes: tuple[str, ...]
    limit: Callable[[int], Array] | None
    frame: str | None
    """The kind of frame it came from ("pandas", "polars", "pyarrow"), so that results can be of the same."""

    def __init__(
        self,
        values: Any,
        times: Any = None,
        name: str | None = None,
        *,
        missing: str = "raise",
        every: Any = None,
        categories: Iterable[object] | None = None,
        limit: Callable[[int], Array] | None = None,
    ) -> None:
        one_of("missing", missing, ("raise", "skip"))
        found = _read(values)
        notes: list[str] = []
        codes, symbols = _coded(found, None if categories is None else tuple(categories))
        labels = found.times if times is None else _read_times(times)
        if labels is not None:
            labels = clock.as_labels(labels, len(codes))
            by_time = clock.order(labels)
            if by_time is not None:
                labels, codes = labels[by_time], codes[by_time]
                notes.append(note("times were not in order: the values were sorted by time"))
            if every is None:
                uneven = clock.unevenness(labels)
                if uneven:
                    notes.append(note(uneven))
            elif len(labels):
                labels, place = clock.grid(labels, every, missing)
                hollow = np.full(len(labels), np.nan if symbols is None else NOT_OBSERVED, dtype=codes.dtype)
                hollow[place] = codes
                codes = hollow
        elif every is not None:
            raise InputError("every= needs times: give times=, or leave every= out", code="time-shape")
        name = found.name if name is None else name
        lead = _check_observed(codes, labels, name, missing)
        if lead:
            notes.append(note(f"the first {lead} values are missing and were cut off"))
            codes, labels = codes[lead:], None if labels is None else labels[lead:]
        self._set(codes, labels, name, symbols, missing, tuple(notes), limit, found.frame)

    def _set(
        self,
        values: npt.NDArray[Any],
        times: clock.Labels | None,
        name: str | None,
        categories: tuple[object, ...] | None,
        missing: str,
        notes: tuple[str, ...],
        limit: Callable[[int], Array] | None,
        frame: str | None,
    ) -> None:
        labels = None if times is None else _frozen(times)
        facts = (_frozen(values), labels, name, categories, missing, notes, limit, frame)
        for attribute, value in zip(_SLOTS, facts, strict=True):
            object.__setattr__(self, attribute, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Series does not change: make a new one instead of setting {name}")

    def __getstate__(self) -> tuple[object, ...]:
        return tuple(getattr(self, slot) for slot in _SLOTS)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._set(*state)

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def with_values(self, values: npt.NDArray[Any]) -> Self:
        """The same series with other, unchecked values: for the audit, which plants what a door would refuse."""
        made = object.__new__(type(self))
        made._set(values, self.times, self.name, self.categories, self.missing, self.notes, self.limit, self.frame)
        return made

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, where: slice | int) -> Any:
        if not isinstance(where, slice):
            value = self.values[where]
            return value if self.categories is None else None if value < 0 else self.categories[int(value)]
        if where.step not in (None, 1):
            raise InputError(f"a series is cut, not thinned: step {where.step} found", code="slice", found=where.step)
        made = object.__new__(type(self))
        times = None if self.times is None else self.times[where]
        made._set(self.values[where], times, self.name, self.categories, self.missing, (), self.limit, self.frame)
        return made

    @property
    def numbers(self) -> Array:
        """[time] float64: the values themselves; of symbols the codes. NaN where nothing was observed."""
        if self.categories is None:
            return self.values
        return np.where(self.values == NOT_OBSERVED, np.nan, self.values.astype(np.float64))

    @property
    def complete(self) -> bool:
        """Whether every value was observed."""
        if self.categories is not None:
            return not bool((self.values == NOT_OBSERVED).any())
        return bool(np.isfinite(self.values.sum())) or not bool(np.isnan(self.values).any())

    @property
    def symbols(self) -> npt.NDArray[Any]:
        """[time] the symbols themselves, None where nothing was observed; of a numeric series the values."""
        if self.categories is None:
            return self.values
        table = np.array([*self.categories, None], dtype=object)
        return np.asarray(table[self.values])

    def when(self, index: int) -> str:
        """The time at an index, as text; the index itself where there are no times."""
        return str(index) if self.times is None else clock.label(self.times[index])

    def __repr__(self) -> str:
        what = "numbers" if self.categories is None else f"symbols of {len(self.categories)} kinds"
        span = "" if self.times is None or not len(self) else f", {self.when(0)} to {self.when(-1)}"
        return f"Series({'' if self.name is None else shown(self.name) + ': '}{len(self)} {what}{span})"


def as_series(data: Any, missing: str = "raise") -> Series:
    """The one function that makes a Series of whatever comes."""
    return data if isinstance(data, Series) else Series(data, missing=missing)


def is_panel(data: Any) -> bool:
    """A list is many series if, and only if, its items are not scalars."""
    return isinstance(data, (list, tuple)) and bool(data) and not _is_scalar(data[0])


def as_panel(data: Any) -> tuple[Series, ...]:
    """One or many series, as a tuple of them."""
    return tuple(as_series(item) for item in data) if is_panel(data) else (as_series(data),)


def _is_scalar(item: object) -> bool:
    return item is None or isinstance(item, (Number, str, bytes, bool, np.generic)) or type(item).__name__ == "NAType"


# ---------------------------------------------------------------------------------------------------------------
# What comes in


class _Found:
    """Values as numpy holds them, with what came along: times, a name, the order of categories."""

    def __init__(
        self,
        values: npt.NDArray[Any],
        times: npt.NDArray[Any] | None = None,
        name: str | None = None,
        categories: tuple[object, ...] | None = None,
        frame: str | None = None,
    ) -> None:
        self.values, self.times, self.name, self.categories, self.frame = values, times, name, categories, frame


def _read(data: Any) -> _Found:
    if isinstance(data, Series):
        return _Found(data.symbols, data.times, data.name, data.categories, data.frame)
    if isinstance(data, np.ma.MaskedArray):
        return _Found(_column(np.ma.filled(data.astype(np.float64), np.nan)))
    if isinstance(data, np.ndarray):
        return _Found(_column(data))
    if isinstance(data, (list, tuple)):
        return _Found(_column(_from_list(data)))
    module = type(data).__module__.split(".")[0]
    if module == "torch":
        whole = data.detach().cpu()
        return _Found(_column((whole if whole.is_complex() else whole.double()).numpy()))
    if module in ("pandas", "polars", "pyarrow", "narwhals", "modin", "cudf"):
        return _from_frame(data)
    if hasattr(data, "__array__"):
        return _Found(_column(np.asarray(data)))
    raise DtypeError(
        f"a series cannot be made of {shown(type(data).__name__)}: give numbers or text in numpy, a list, pandas, "
        "polars, pyarrow or torch",
        code="unknown-type",
        found=type(data).__name__,
    )


def _from_list(data: Sequence[Any]) -> npt.NDArray[Any]:
    texts = sum(isinstance(item, str) for item in data)
    if texts == len(data) and texts:
        return np.asarray(data, dtype=object)
    if not texts and all(type(item) in (float, int, bool) for item in data):
        if any(type(item) is int and abs(item) >= 2**63 for item in data):
            return np.array([float(item) for item in data])
        return np.asarray(data)
    if any(isinstance(item, (list, tuple, np.ndarray)) and np.ndim(item) for item in data):
        try:
            return np.asarray(data)
        except ValueError:
            raise InputError("the rows of the list have different lengths", code="shape") from None
    return np.array(list(data), dtype=object)


def _from_frame(data: Any) -> _Found:
    import narwhals.stable.v2 as nw

    if type(data).__module__.split(".")[0] == "pyarrow" and hasattr(data, "buffers") and not hasattr(data, "chunks"):
        import pyarrow

        data = pyarrow.chunked_array([data])
    frame = nw.from_native(data, allow_series=True)
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, nw.DataFrame):
        if len(frame.columns) != 1:
            columns = ", ".join(shown(c) for c in frame.columns[:8])
            raise InputError(
                f"one column is a series; found {len(frame.columns)}: {columns}",
                code="shape",
                found=len(frame.columns),
                columns=list(frame.columns),
            )
        column = frame[frame.columns[0]]
    else:
        column = frame
    index = nw.maybe_get_index(frame)
    times = None
    if index is not None and type(index).__name__ in ("DatetimeIndex", "PeriodIndex"):
        times = _index_times(index)
    name = column.name if isinstance(column.name, str) and column.name else None
    kind = str(column.implementation)
    if isinstance(column.dtype, (nw.Categorical, nw.Enum)):
        kinds = tuple(column.cat.get_categories().to_list())
        return _Found(np.array(column.to_list(), dtype=object), times, name, kinds, kind)
    if column.dtype.is_numeric() or column.dtype == nw.Boolean:
        values = column.cast(nw.Float64).to_numpy()
        return _Found(np.asarray(values, dtype=np.float64), times, name, None, kind)
    return _Found(_column(np.array(column.to_list(), dtype=object)), times, name, None, kind)


def _index_times(index: Any) -> npt.NDArray[Any]:
    if type(index).__name__ == "PeriodIndex":
        index = index.to_timestamp()
    return np.asarray(index.tz_convert("UTC").tz_localize(None) if index.tz is not None else index)


def _read_times(times: Any) -> npt.NDArray[Any]:
    if isinstance(times, np.ndarray):
        return times
    module = type(times).__module__.split(".")[0]
    if module in ("pandas", "polars", "pyarrow", "narwhals") and type(times).__name__ not in ("Index", "RangeIndex"):
        if type(times).__name__ in ("DatetimeIndex", "PeriodIndex"):
            return _index_times(times)
        import narwhals.stable.v2 as nw

        column = nw.from_native(times, series_only=True)
        if isinstance(column.dtype, nw.Datetime) and column.dtype.time_zone is not None:
            column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        if isinstance(column.dtype, nw.Date):
            return np.array(column.to_list(), dtype="datetime64[D]")
        return np.asarray(column.to_numpy())
    listed = list(times)
    if listed and type(listed[0]).__module__ == "datetime":
        if getattr(listed[0], "tzinfo", None) is not None:
            from datetime import UTC

            listed = [t.astimezone(UTC).replace(tzinfo=None) for t in listed]
        return np.array(listed, dtype="datetime64")
    return np.asarray(listed)


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


# ---------------------------------------------------------------------------------------------------------------
# What it becomes


def _coded(found: _Found, categories: tuple[object, ...] | None) -> tuple[npt.NDArray[Any], tuple[object, ...] | None]:
    """Float64 values, or int64 codes with their categories."""
    values = found.values
    kind = values.dtype.kind
    if kind in "fiub" and categories is None:
        # A memory map stays on disk; anything else is copied, so that nobody changes a series from outside.
        if isinstance(values, np.memmap) and values.dtype == np.float64:
            return values, None
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
    absent = [_is_absent(item) for item in items]
    first = next((item for item, gone in zip(items, absent, strict=True) if not gone), None)
    if categories is None and first is None:
        return np.full(len(items), np.nan), None
    if categories is None and not isinstance(first, str):
        return _objects(items, absent), None
    return _symbols(items, absent, categories or found.categories)


def _is_absent(item: object) -> bool:
    if item is None or item is np.ma.masked or type(item).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(item, float) and math.isnan(item)


def _objects(items: list[Any], absent: list[bool]) -> Array:
    for row, (item, gone) in enumerate(zip(items, absent, strict=True)):
        if not gone and not (isinstance(item, (int, float)) or (isinstance(item, np.generic) and item.dtype.kind in "fiub")):
            raise DtypeError(
                f"row {row} is {shown(item)} ({type(item).__name__}): a series is all numbers or all text",
                code="dtype",
                found=item,
                row=row,
            )
    return np.array([math.nan if gone else float(item) for item, gone in zip(items, absent, strict=True)])


def _symbols(
    items: list[Any], absent: list[bool], categories: tuple[object, ...] | None
) -> tuple[npt.NDArray[np.int64], tuple[object, ...]]:
    if categories is None:
        for row, (item, gone) in enumerate(zip(items, absent, strict=True)):
            if not gone and not isinstance(item, str):
                raise DtypeError(
                    f"row {row} is {shown(item)} ({type(item).__name__}) among text: a series is all numbers or all text",
                    code="dtype",
                    found=item,
                    row=row,
                )
        categories = tuple(sorted({item for item, gone in zip(items, absent, strict=True) if not gone}))
    table = {item: code for code, item in enumerate(categories)}
    if len(table) != len(categories):
        raise InputError("categories= names one symbol twice", code="categories")
    for row, (item, gone) in enumerate(zip(items, absent, strict=True)):
        if not gone and item not in table:
            raise InputError(
                f"row {row} is {shown(item)}, which is not among the categories", code="categories", found=item, row=row
            )
    codes = [NOT_OBSERVED if gone else table[item] for item, gone in zip(items, absent, strict=True)]
    return np.array(codes, dtype=np.int64), tuple(categories)


def _check_observed(values: npt.NDArray[Any], times: clock.Labels | None, name: str | None, missing: str) -> int:
    """Refuse infinities always and holes unless they are skipped; the number of leading holes to cut off."""

    def where(rows: npt.NDArray[np.intp]) -> str:
        return ", ".join(str(r) if times is None else clock.label(times[r]) for r in rows[:3])

    title = "" if name is None else f" of {shown(name)}"
    if values.dtype.kind == "f":
        if np.isfinite(values.sum() if values.size else 0.0):
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
        hint = '; missing="skip" leaves out only what touches them' if kept else ""
        raise InputError(
            f"{holes.size} of {len(values)} values{title} are missing, {first}{hint}",
            code="missing-values",
            count=int(holes.size),
            positions=holes[:3].tolist(),
        )
    seen = values != NOT_OBSERVED if values.dtype.kind == "i" else ~np.isnan(values)
    return int(np.argmax(seen))


def _frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view

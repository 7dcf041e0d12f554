"""The Series: every entry point converts its data to one; it is checked once and never written to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Number
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from . import calendars, covariates
from . import times as clock
from .columns import NOT_OBSERVED, Column, check_observed, coded, flatness, read_times, read_values, rounding
from .dates import as_dates
from .errors import DtypeError, InputError, note, shown
from .every import Step
from .index import IN_ORDER, index_times
from .numerals import symbols_note
from .parameters import as_tuple, one_of, refuse
from .protocols import Array
from .text import as_html, decimals, typed

if TYPE_CHECKING:
    from typing import Self

SHOWN, LISTED = 4, 12
"""Values at each end of a series, and series of a panel, that a notebook shows."""
_SLOTS = (
    "values", "times", "zone", "step", "name", "unit", "categories", "declared", "missing", "notes", "limit", "frame",
    "beside",
)  # fmt: skip


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
        float64; words become integer codes into `categories`. Numbers as text are refused, unless `categories` names
        them. A pandas index is used as `times` if none are given: sorted with a note, or an error; the default index is
        ignored.
    times : [time] dates or numbers, optional. Labels only: sorted if necessary, never used in a computation.
        A repeated time is an error; uneven steps are taken as consecutive, with a note that has the days of the week or
        the opening hours that they follow, if they do. Whole numbers such as 202401 or 20240131 are dates where all
        are, which is noted. Dates with a zone are kept in UTC, and told in their zone; they are never joined with dates
        that have none.
    name : shown in tables and messages.
    missing : "raise" refuses missing values (NaN, None, masked); "skip" keeps them as NaN, and windows and targets
        with one are left out of fits and scores. Leading ones are cut off, with a note.
    every : the step of time, optional: "15min", "1h", "1D", "1M", "QE-JAN" as pandas or polars spell it, a timedelta,
        an offset, a number; or the days of a week with days off besides: "B", "Sun-Thu", "B, 2024-12-25", "B, DE" (the
        holidays of Germany, with the extra ``calendar``), a ``numpy.busdaycalendar``. With it a gap is an error, or NaN
        with ``missing="skip"``, and the times ahead follow it.
    categories : the symbols in their order, for text; by default those found, sorted. Those that are given, or of a
        categorical column, are ``declared``: a chain counts them as states before they occur.
    unit : of the values, such as "mm"; shown beside errors.
    limit : for simulated series, the smallest RMSE that is possible at steps 1..H: ``limit(H)`` -> [H].
    known, past : other columns, {name: column} or a data frame: those known ahead of their time (a plan, a price list),
        with as many rows as values or more, and those read up to the origin alone (a measurement). Joined by time where
        they have times of their own, else by position. Rows at the end whose value is missing are the future of known
        columns. Text becomes a 0/1 column for each symbol.
    calendar : columns made of the times and known ahead: "hour", "halfhour", "weekday", "month" (0/1 columns),
        "weekend", "trend", "day:n", "week:n", "year:n" (n pairs of sine and cosine), "holidays:DE", "holidays:DE-BY".
    zone : the clock that people live by, for times in UTC that come without one: "Europe/Berlin".

    All but `every` are read-only attributes too. ``notes`` has the notes on the values, ``zone`` the zone that `times`
    came in (they are in UTC then), ``local`` the times on its clock, and ``frame`` which kind of frame they came from.

    Raises
    ------
    InputError : missing or infinite values, wrong shape, repeated times.
    DtypeError : complex numbers, objects, numbers mixed with text.
    """

    __slots__ = tuple(sorted(_SLOTS))

    values: npt.NDArray[Any]
    times: clock.Labels | None
    zone: str | None
    """The zone that `times` came in, such as "Europe/Berlin" or "+02:00"; they are in UTC then. None without one."""
    step: Step | None
    """The step of time that was given as `every`."""
    name: str | None
    unit: str
    categories: tuple[object, ...] | None
    declared: bool
    """Whether the categories were given, not found in the values."""
    missing: str
    notes: tuple[str, ...]
    limit: Callable[[int], Array] | None
    frame: str | None
    """The kind of frame it came from ("pandas", "polars", "pyarrow"), so that results can be of the same."""
    beside: covariates.Beside | None
    """The other columns; None without any."""

    def __init__(
        self,
        values: Any,
        times: Any = None,
        name: str | None = None,
        *,
        missing: str = "raise",
        every: Any = None,
        categories: Iterable[object] | None = None,
        unit: str = "",
        limit: Callable[[int], Array] | None = None,
        known: Any = None,
        past: Any = None,
        calendar: Any = (),
        zone: str | None = None,
    ) -> None:
        one_of("missing", missing, ("raise", "skip"))
        step: Step | None = None
        columns: Sequence[Any] = ()
        before: covariates.Beside | None = None
        if isinstance(values, Series):
            # A Series keeps its facts, except those given again.
            name = values.name if name is None else name
            unit = unit or values.unit
            missing = "skip" if values.missing == "skip" else missing
            limit = values.limit if limit is None else limit
            found = Column(values.symbols, values.stamps, None, values.categories, values.frame)
            found.declared = values.declared
            step = values.step if times is None else None
            before = values.beside
        else:
            found = read_values(values)
        has_columns = bool(known is not None or past is not None or calendar or before is not None)
        if has_columns:
            from . import column_reading  # here: most series have none

            of = values.stamps if before is not None and times is None else None
            columns, calendar = column_reading.asked(known, past, calendar, before, of)
            has_columns = bool(columns or calendar)
        codes, symbols = coded(found, None if categories is None else as_tuple("categories", categories))
        notes = [*found.notes, *rounding(codes, found.values)]
        if symbols is not None and categories is None and found.categories is None and found.frame is not None:
            notes.append(symbols_note(symbols))
        rows = _Rows(codes, _times_of(found, times, every, zone, notes), columns, notes)
        if columns:
            rows.join(zone)
        if rows.stamps is not None:
            rows.sort(IN_ORDER if times is None and found.index is not None else "")
            step = rows.space(every, missing, step)
        elif every is not None:
            raise InputError("every= needs times: give times=, or leave every= out", code="time-shape")
        name = found.name if name is None else name
        later = rows.cut_end() if has_columns else None
        rows.cut_start(name, missing)
        notes += flatness(rows.codes)
        beside = rows.beside(calendar, later, missing, symbols is None) if has_columns else None
        for text in notes:
            note(text)
        labels, zone = (None, None) if rows.stamps is None else (rows.stamps.labels, rows.stamps.zone)
        declared = symbols is not None and (categories is not None or found.declared)
        facts = (
            rows.codes, labels, zone, step, name, str(unit), symbols, declared, missing, tuple(notes), limit,
            found.frame, beside,
        )  # fmt: skip
        self._set(dict(zip(_SLOTS, facts, strict=True)))

    def _set(self, facts: Mapping[str, Any]) -> None:
        for slot in _SLOTS:
            value = facts[slot]
            is_array = slot in ("values", "times") and value is not None
            object.__setattr__(self, slot, _frozen(value) if is_array else value)

    def _changed(self, **facts: Any) -> Self:
        """The same series with some of its facts replaced, unchecked."""
        made = object.__new__(type(self))
        made._set({slot: getattr(self, slot) for slot in _SLOTS} | facts)
        return made

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Series does not change: make a new one instead of setting {name}")

    def __getstate__(self) -> tuple[object, ...]:
        return tuple(getattr(self, slot) for slot in _SLOTS)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._set(dict(zip(_SLOTS, state, strict=True)))

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def with_values(self, values: npt.NDArray[Any]) -> Self:
        """The same series with other, unchecked values: for the audit,
        whose values would be refused elsewhere.
        """
        return self._changed(values=values)

    def beside_by(self, beside: covariates.Beside) -> Self:
        """The same series with other, unchecked columns, of as many rows: for the audit."""
        return self._changed(beside=beside)

    def _recoded(self, categories: tuple[object, ...]) -> Self:
        """The same symbols with codes into other categories, which include all of them."""
        table = np.array([categories.index(symbol) for symbol in self.categories or ()] + [NOT_OBSERVED])
        return self._changed(values=table[self.values], categories=categories)

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, where: slice | int) -> Any:
        if not isinstance(where, slice):
            value = self.values[where]
            return value if self.categories is None else None if value < 0 else self.categories[int(value)]
        if where.step not in (None, 1):
            raise InputError(f"a slice of a series has step 1; found step {where.step}", code="slice", found=where.step)
        times = None if self.times is None else self.times[where]
        if self.beside is not None:
            beside = self.beside.cut(where, self.times)
            return self._changed(values=self.values[where], times=times, notes=(), beside=beside)
        return self._changed(values=self.values[where], times=times, notes=())

    @property
    def known(self) -> covariates.Covariates:
        """The columns known ahead: those given as known, of the calendar, and taken as foreseen."""
        return covariates.NONE if self.beside is None else self.beside.ahead

    @property
    def past(self) -> covariates.Covariates:
        """The columns that are read up to the origin alone."""
        return covariates.NONE if self.beside is None else self.beside.past

    def closed(self) -> Self:
        """The same series with nothing known beyond its last value: what fits and states are made of."""
        return self if self.beside is None else self._changed(beside=self.beside.closed())

    def foreseen(self, name: str) -> Self:
        """The series with a measured column taken as known ahead, AS IF FORESEEN: an upper bound on what it can give,
        since no forecast made at the time could have known it. Wherever it is used, results say so.

        >>> series = Series([3.0, 1.0, 4.0], past={"warmth": [20.5, 21.0, 19.5]})
        >>> series.foreseen("warmth").known
        Covariates(warmth AS IF FORESEEN: 3 rows)
        """
        if self.beside is None:
            raise refuse("name", name, "a past column, of which this series has none: give past=")
        return self._changed(beside=self.beside.foreseen(name))

    @property
    def zoned(self) -> bool:
        """Whether `times` came with a zone; they are in UTC then."""
        return self.zone is not None

    @property
    def local(self) -> clock.Labels | None:
        """The times on the clock of their zone; `times` themselves without one."""
        return None if self.stamps is None else self.stamps.local

    @property
    def stamps(self) -> clock.Times | None:
        """The times, and whether they came with a zone."""
        return None if self.times is None else clock.Times(self.times, self.zone)

    @property
    def numbers(self) -> Array:
        """The values as float64, [time]; of symbols the codes. NaN where missing."""
        if self.categories is None:
            return self.values
        return np.where(self.values == NOT_OBSERVED, np.nan, self.values.astype(np.float64))

    @property
    def complete(self) -> bool:
        """Whether every value was observed."""
        if self.categories is not None:
            return not bool((self.values == NOT_OBSERVED).any())
        with np.errstate(over="ignore", invalid="ignore"):
            return bool(np.isfinite(self.values.sum())) or not bool(np.isnan(self.values).any())

    @property
    def symbols(self) -> npt.NDArray[Any]:
        """The symbols, [time], None where missing; of a numeric series the values."""
        if self.categories is None:
            return self.values
        table = np.array([*self.categories, None], dtype=object)
        return np.asarray(table[self.values])

    def when(self, index: int) -> str:
        """The time at an index, as text, in its zone; the index itself where there are no times."""
        return str(index % len(self)) if self.times is None else clock.stamp(self.times[index], self.zone)

    def __repr__(self) -> str:
        what = "numbers" if self.categories is None else f"symbols of {len(self.categories)} kinds"
        span = "" if self.times is None or not len(self) else f", {self.when(0)} to {self.when(-1)}"
        parts = (("known", self.known), ("past", self.past)) if self.beside is not None else ()
        beside = "".join(f"; {kind} {', '.join(part.shown())}" for kind, part in parts if len(part))
        return f"Series({'' if self.name is None else shown(self.name) + ': '}{len(self)} {what}{span}{beside})"

    def _repr_html_(self) -> str:
        """The first and last values and the notes, as HTML for a notebook."""
        count, rows = len(self), []
        places = [*range(min(count, SHOWN)), *range(max(count - SHOWN, SHOWN), count)]
        digits = decimals(float(value) for value in self.numbers[places]) if self.categories is None else 0
        for place in places:
            value = self[place]
            rows.append([self.when(place), typed(float(value), digits) if self.categories is None else _symbol(value)])
        if count > 2 * SHOWN:
            rows.insert(SHOWN, ["...", "..."])
        return as_html(repr(self), ["index" if self.times is None else "time", "value"], rows, notes=self.notes)


class _Rows:
    """What is read of a series, a row for each time: the values, their times and the columns beside them. Each step
    changes all of them alike, and says in `notes` what it did.
    """

    __slots__ = ("codes", "columns", "extra", "given", "notes", "stamps")

    def __init__(
        self, codes: npt.NDArray[Any], stamps: clock.Times | None, columns: Sequence[Any], notes: list[str]
    ) -> None:
        self.codes, self.stamps, self.columns, self.notes = codes, stamps, columns, notes
        self.given: Sequence[Any] = columns
        """The columns as they came."""
        self.extra = 0
        """How many rows at the end are there for the columns alone."""

    def join(self, zone: str | None) -> None:
        """Put the columns beside the values, by time or by position, with rows for what is known to come."""
        from . import column_reading

        self.given = self.columns if zone is None else column_reading.in_zone(self.columns, zone)
        by_place = [one for one in self.given if one.times is None or self.stamps is None]
        self.notes += column_reading.told_cut(by_place, len(self.codes))
        self.columns, later, self.extra = column_reading.aligned(self.given, len(self.codes), self.stamps)
        self.codes = np.concatenate([self.codes, _missing(self.extra, self.codes)])
        if later is not None and self.stamps is not None:
            self.stamps = clock.Times(np.concatenate([self.stamps.labels, later]), self.stamps.zone)

    def sort(self, hint: str) -> None:
        """Put the rows in the order of their times; `hint` goes with the error of one that repeats."""
        assert self.stamps is not None  # noqa: S101
        labels = clock.as_labels(self.stamps.labels, len(self.codes))
        by_time = clock.order(labels, hint)
        if by_time is not None:
            labels, self.codes = labels[by_time], self.codes[by_time]
            self.columns = [one.taken(by_time) for one in self.columns]
            self.notes.append("times were not in order: the values were sorted by time")
        self.stamps = clock.Times(labels, self.stamps.zone)

    def space(self, every: Any, missing: str, step: Step | None) -> Step | None:
        """Put the rows on a grid of times, whose step is given back; without one a note where they are uneven."""
        assert self.stamps is not None  # noqa: S101
        if every is None:
            uneven = None if step is not None else calendars.spacing(self.stamps)
            if uneven:
                self.notes.append(uneven)
        elif len(self.codes):
            labels, place, step = calendars.on_grid(self.stamps, every, missing)
            self.stamps = clock.Times(labels, self.stamps.zone)
            filled = _missing(len(labels), self.codes)
            filled[place] = self.codes
            self.codes = filled
            if self.columns:
                from . import column_reading

                self.columns = column_reading.on_grid(self.columns, self.given, place, self.stamps)
        return step

    def cut_end(self) -> clock.Labels | None:
        """Cut the rows at the end that have no value, of which the columns keep theirs; the times of these rows."""
        from . import column_reading

        there = np.flatnonzero(~np.isnan(self.codes) if self.codes.dtype.kind == "f" else self.codes != NOT_OBSERVED)
        count = int(there[-1]) + 1 if len(there) else len(self.codes)  # where none was observed, that is the error
        beyond = len(self.codes) - count
        if not beyond:
            return None
        if beyond > self.extra:
            self.notes.append(column_reading.told_beyond(self.columns, beyond))
            self.notes += (text for text in column_reading.told_cut(self.columns, count) if text not in self.notes)
        self.codes = self.codes[:count]
        if self.stamps is None:
            return None
        labels = self.stamps.labels
        self.stamps = clock.Times(labels[:count], self.stamps.zone)
        return labels[count:]

    def cut_start(self, name: str | None, missing: str) -> None:
        """Cut the rows before the first that was observed; an error where none was, or one of the others was not."""
        labels, zone = (None, None) if self.stamps is None else (self.stamps.labels, self.stamps.zone)
        lead = check_observed(self.codes, labels, name, missing, zone)
        if lead:
            self.notes.append(f"the first {lead} values are missing and were cut off")
            self.codes = self.codes[lead:]
            self.stamps = None if labels is None else clock.Times(labels[lead:], zone)
            self.columns = [one.taken(slice(lead, None)) for one in self.columns]

    def beside(
        self, calendar: Sequence[str], later: clock.Labels | None, missing: str, are_numbers: bool
    ) -> covariates.Beside:
        """The columns with those of the calendar, checked."""
        from . import column_reading

        found = column_reading.beside(self.columns, calendar, len(self.codes), later, self.stamps)
        numbers = self.codes if are_numbers else np.full(len(self.codes), np.nan)
        self.notes += column_reading.check(found, numbers, missing, self.stamps)
        return found


def _times_of(found: Column, times: Any, every: Any, zone: str | None, notes: list[str]) -> clock.Times | None:
    """The times that are given, else those that the values came with, or their index; `notes` gets those on them."""
    as_numbers = clock.is_number(every)
    stamps = found.times if times is None else read_times(times)
    if times is not None and not as_numbers and stamps is not None:
        stamps = as_dates(stamps)
    elif times is None and found.index is not None:
        stamps, index_notes = index_times(found.index, not as_numbers)
        notes += index_notes
    notes += () if stamps is None else stamps.notes
    return stamps if zone is None else clock.in_zone(stamps, zone)


def _missing(count: int, codes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """So many missing values, of the kind of those there are."""
    return np.full(count, np.nan if codes.dtype.kind == "f" else NOT_OBSERVED, dtype=codes.dtype)


def _symbol(value: object) -> str:
    return "-" if value is None else str(value)


def as_series(data: Any, missing: str = "raise") -> Series:
    """A Series of any data that can be read as one."""
    if getattr(data, "looks_ahead", False):
        raise InputError(
            f"a smoothed path ({type(data).__name__}) uses the future of every value, and no "
            "score of it means anything: "
            "evaluate the model on the series itself, or look at filtered(series), which uses only the past",
            code="smoothed",
        )
    return data if isinstance(data, Series) else Series(data, missing=missing)


def is_panel(data: Any) -> bool:
    """Whether data are many series: a list or tuple whose items are not scalars."""
    return isinstance(data, (list, tuple)) and bool(data) and not _is_scalar(data[0])


class Panel(tuple[Series, ...]):
    """A panel of series, and the reasons for those set aside: one bad series does not stop the others.

    >>> panel = Panel([Series([1.0, 2.0], name="a")], refused={"b": "none was observed"})
    >>> len(panel), panel.refused
    (1, {'b': 'none was observed'})
    """

    refused: dict[str, str]

    def __new__(cls, series: Iterable[Series], refused: Mapping[str, str] | None = None) -> Self:
        """A tuple of the series, with `refused` {name: reason} beside it."""
        made = super().__new__(cls, series)
        made.refused = dict(refused or {})
        return made

    def __repr__(self) -> str:
        aside = f", {len(self.refused)} set aside" if self.refused else ""
        return f"Panel({len(self)} series{aside})"

    def _repr_html_(self) -> str:
        """One row per series, and why others were set aside, as HTML for a notebook."""
        rows = []
        for name, series in zip(names_of(self), self[:LISTED], strict=False):
            span = [series.when(0), series.when(-1)] if len(series) else ["", ""]
            rows.append([name, str(len(series)), *span, "no" if series.complete else "yes"])
        if len(self) > LISTED:
            rows.append(["..."] * 5)
        aside = [f"{shown(name)} is set aside: {why}" for name, why in list(self.refused.items())[:LISTED]]
        return as_html(repr(self), ["series", "values", "first", "last", "missing values"], rows, notes=aside)


def shared_notes(panel: Sequence[Series]) -> tuple[str, ...]:
    """The notes of one series; of many, the number of series with notes and the first note."""
    if len(panel) == 1:
        return panel[0].notes
    noted = [series for series in panel if series.notes]
    if not noted:
        return ()
    return (f"{len(noted)} of {len(panel)} series have notes, the first {shown(noted[0].name)}: {noted[0].notes[0]}",)


def names_of(panel: Sequence[Series]) -> list[str]:
    """A name for each series: its own, or its number; a repeated name gets its number added."""
    found: dict[str, None] = {}
    for index, series in enumerate(panel):
        name = series.name or str(index)
        found[f"{name} #{index}" if name in found else name] = None
    return list(found)


def in_fixed_order(panel: Sequence[Series]) -> Sequence[Series]:
    """The series in an order that depends on their values alone:
    sums over a panel then have the same bits in whatever order it was given.
    """
    return panel if len(panel) == 1 else sorted(panel, key=lambda series: (len(series), series.values.tobytes()))


def as_panel(data: Any) -> tuple[Series, ...]:
    """One or many series, as a tuple of them; many of symbols share one table of categories."""
    if not is_panel(data):
        return (as_series(data),)
    panel = tuple(as_series(item) for item in data)
    _check_zones(panel)
    kinds = {series.categories for series in panel}
    if len(kinds) == 1:
        return panel
    if None in kinds:
        raise DtypeError("a list of series is all numbers or all text; found both", code="dtype")
    every = {symbol for kind in kinds for symbol in kind or ()}
    # The order of one that has all symbols; else sorted, so that the order of the list does not matter.
    longest = max((kind or () for kind in kinds), key=len)
    shared = longest if set(longest) == every else tuple(sorted(every, key=lambda s: (str(type(s)), s)))
    return tuple(series._recoded(shared) for series in panel)


def _check_zones(panel: Sequence[Series]) -> None:
    """Refuse a panel in which the times of some series came with a zone and those of others without."""
    dated = [(index, series) for index, series in enumerate(panel) if _is_dated(series)]
    for index, series in dated[1:]:
        place, first = dated[0]
        if series.zoned != first.zoned and first.stamps is not None and series.stamps is not None:
            one, other = (f"series {shown(name)} has" for name in (first.name or place, series.name or index))
            clock.check_zones(one, first.stamps, other, series.stamps)


def _is_dated(series: Series) -> bool:
    return series.times is not None and series.times.dtype.kind == "M"


def _is_scalar(item: object) -> bool:
    return item is None or isinstance(item, (Number, str, bytes, bool, np.generic)) or type(item).__name__ == "NAType"


def _frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view

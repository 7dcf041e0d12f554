"""Columns beside the values as they come, and how they are put beside them: by time, or by position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from . import calendar_columns, calendars
from .columns import NOT_OBSERVED, Column, coded, collected, read_values
from .covariates import CALENDAR, KNOWN, PAST, WORDS, Beside, Covariates, frozen, lengthened, reach_of
from .errors import InputError, escaped, shown
from .index import index_times
from .parameters import refuse
from .protocols import Array
from .times import Labels, Times, as_labels, check_zones, order, stamp

TWIN = 0.999
"""A known column whose correlation with the values is above this may be one that was measured."""

MOST_TO_COME = 10
"""Times to come, for each value, up to which gaps among them are looked for."""
TRUTHS = {"false": 0.0, "true": 1.0}
"""Words that are no symbols in a column: what a table of truth values has for them as text."""


class Given(NamedTuple):
    """A column as it came, [rows, symbols or one]: before it is put beside the values."""

    group: str
    kind: str
    names: tuple[str, ...]
    values: Array
    times: Times | None

    def taken(self, rows: Any) -> Given:
        """Some of the rows, in some order."""
        return self._replace(values=self.values[rows])

    def of_length(self, count: int) -> Given:
        """So many rows, NaN beyond its own."""
        return self._replace(values=lengthened(self.values[:count], count))

    def placed(self, place: Any, count: int) -> Given:
        """The rows in their places among `count`, NaN elsewhere."""
        out = np.full((count, self.values.shape[1]), np.nan)
        out[place] = self.values
        return self._replace(values=out)


def asked(
    known: Any, past: Any, calendar: Any, before: Beside | None, stamps: Times | None
) -> tuple[list[Given], tuple[str, ...]]:
    """The columns that are given, and the words of the calendar; with those `before` of a series that is read again,
    by its times `stamps` where it keeps them.
    """
    found, words = read(known, past), calendar_columns.checked(calendar) if calendar else ()
    if before is None:
        return _apart(found, words), words
    anew = {one.group for one in found}
    again = [one for one in given_again(before, stamps) if one.group not in anew]
    words = tuple(dict.fromkeys([*(word for word in before.ahead.asked(CALENDAR) if word not in anew), *words]))
    return _apart([*again, *found], words), words


def _apart(given: list[Given], words: Sequence[str]) -> list[Given]:
    """The columns, none of which is called as one of the calendar is."""
    twice = next((one.group for one in given if one.group in words), None)
    if twice is not None:
        raise refuse("columns", twice, "names that differ: there is a column of the calendar that is called so")
    return given


def read(known: Any, past: Any) -> list[Given]:
    """The columns of `known` and `past`: dicts {name: column}, or data frames."""
    found = [
        _read(name, kind, column)
        for kind, given in ((KNOWN, known), (PAST, past))
        for name, column in _named(kind, given)
    ]
    seen: set[str] = set()
    for one in found:
        if one.group in seen:
            raise refuse("columns", one.group, "names that differ: a column is known, or past, and not both")
        seen.add(one.group)
    return found


def _named(kind: str, given: Any) -> list[tuple[str, Any]]:
    if given is None:
        return []
    if isinstance(given, Mapping):
        return [(str(name), column) for name, column in given.items()]
    import narwhals.stable.v2 as nw

    try:
        wrapped = nw.from_native(given)
    except nw.exceptions.NarwhalsError as error:
        raise InputError(f"{kind}= cannot be read: {shown(str(error))}", code="column-shape") from None
    except TypeError:
        raise InputError(
            f"{kind}= takes {{name: column}} or a data frame; found {shown(type(given).__name__)}",
            code="column-shape",
        ) from None
    frame = collected(wrapped) if isinstance(wrapped, nw.LazyFrame) else wrapped
    return [(str(name), nw.to_native(frame[:, place])) for place, name in enumerate(frame.columns)]


def _read(name: str, kind: str, data: Any) -> Given:
    if name in WORDS or not name.strip() or "=" in name or "," in name or escaped(name) != name:
        raise refuse("column", name, 'a name without "=", "," and control characters, and none of known, past, all')
    title = f"{kind} column {name}"
    if not isinstance(data, Column) and np.ndim(data) == 0 and not hasattr(data, "__len__"):
        raise InputError(f"{title} is one {shown(data)}: give one value a row", code="column-shape", column=name)
    try:
        column = read_values(data)
        values, symbols = coded(column, None)
    except InputError as error:
        raise type(error)(f"{title}: {error}", code=error.code, column=name) from None
    names: tuple[str, ...] = (name,)
    if symbols is not None and not column.declared and {str(symbol).lower() for symbol in symbols} <= TRUTHS.keys():
        truths = np.array([*(TRUTHS[str(symbol).lower()] for symbol in symbols), np.nan])
        table = truths[values][:, None]  # what was not observed is the last
    elif symbols is not None:
        names = tuple(f"{name}={symbol}" for symbol in symbols)
        table = (values[:, None] == np.arange(len(symbols))) * 1.0
        table[values == NOT_OBSERVED] = np.nan
    else:
        table = np.array(values, dtype=np.float64)[:, None]
        infinite = np.flatnonzero(np.isinf(values))
        if len(infinite):
            raise InputError(
                f"{title} is infinite at row {infinite[0]}", code="infinite-values", column=name, row=int(infinite[0])
            )
    times = column.times
    if times is None and column.index is not None:
        times, _ = index_times(column.index)
    return Given(name, kind, names, table, times)


def given_again(beside: Beside, stamps: Times | None) -> list[Given]:
    """The columns of a series that is read again, with times of their own where it has any."""
    found = []
    for part in (beside.ahead, beside.past):
        times = None
        if stamps is not None:
            later = beside.later if part is beside.ahead and beside.later is not None else stamps.labels[:0]
            times = replace(stamps, labels=np.concatenate([stamps.labels, later])[: len(part.values)])
        for group, kind in dict.fromkeys(zip(part.groups, part.kinds, strict=True)):
            if kind != CALENDAR:
                only = part.only([group])
                found.append(Given(group, kind, only.names, only.values, times))
    if stamps is not None and beside.later is not None and len(beside.later) and all(one.kind == PAST for one in found):
        # The calendar alone: a column without any values keeps the times that are to come.
        labels = np.concatenate([stamps.labels, beside.later])
        found.append(Given("", CALENDAR, (), np.empty((len(labels), 0)), replace(stamps, labels=labels)))
    return found


def in_zone(given: Sequence[Given], zone: str) -> list[Given]:
    """The columns whose times came without a zone, or in UTC, on the clock of one."""
    return [
        one
        if one.times is None or one.times.zone not in (None, "UTC")
        else one._replace(times=replace(one.times, zone=zone))
        for one in given
    ]


def aligned(given: Sequence[Given], count: int, stamps: Times | None) -> tuple[list[Given], Labels | None, int]:
    """The columns with one row for each of `count` values, and rows of what is known to come: (columns, the times of
    those rows, how many).

    By time where both have times, else by position.
    """
    if stamps is None:
        extra = max((_more(one, count) for one in given), default=0)
        return [one.of_length(count + extra) for one in given], None, extra
    labels = as_labels(stamps.labels, count)
    later: Labels | None = None
    if count:
        ends = []
        for one in given:
            if one.times is not None:
                check_zones(f"{one.kind} column {one.group}", one.times, "the series", stamps)
                if one.kind != PAST and one.times.labels.dtype.kind == labels.dtype.kind:
                    ends.append(one.times.labels[one.times.labels > labels.max()])
        later = _without_gaps(stamps, np.unique(np.concatenate(ends))) if any(map(len, ends)) else None
    extra = max([_more(one, count) for one in given if one.times is None], default=0)
    if extra and later is None:
        by_time = order(labels)
        known = replace(stamps, labels=labels if by_time is None else labels[by_time])
        later, why = calendars.ahead(known, extra)
        if later is None:
            raise InputError(
                f"what is known ahead has {extra} row{'s' * (extra != 1)} more than the values, and no times of them "
                f"can be told ({why}): give the columns times of their own",
                code="column-length",
                found=count + extra,
                needed=count,
            )
    beyond = 0 if later is None else len(later)
    if beyond < extra:
        raise InputError(
            "some columns go on by their times and others by position: give all of them times", code="column-length"
        )
    wanted = labels if later is None else np.concatenate([labels, later])
    found = [
        one.of_length(count + beyond) if one.times is None else _joined(one, one.times, wanted, count, stamps)
        for one in given
    ]
    return found, later, beyond


def _without_gaps(stamps: Times, later: Labels) -> Labels:
    """The times to come after even steps, or months, with those that a column left out: step k ahead is the k-th."""
    labels = as_labels(stamps.labels, len(stamps.labels))
    by_time = order(labels)
    labels = labels if by_time is None else labels[by_time]
    if len(labels) < 2:
        return later
    for unit in ("", "M"):
        own, ends = (one.astype(f"datetime64[{unit}]") if unit else one for one in (labels, later[-1:]))
        step = own[1] - own[0]
        count = int((ends[0] - own[-1]) // step) if step > step * 0 else 0
        if 0 < count <= MOST_TO_COME * len(labels) and (np.diff(own) == step).all():
            every, _ = calendars.ahead(replace(stamps, labels=labels), count)
            return later if every is None or not np.isin(later, every).all() else every
        if labels.dtype.kind != "M":
            break
    return later


def _more(one: Given, count: int) -> int:
    """How many rows of what is known to come a column without times has beyond the values."""
    rows = len(one.values)
    if rows < count:
        raise InputError(
            f"{one.kind} column {one.group} has {rows:,} row{'s' * (rows != 1)} for {count:,} values and no times to "
            "tell which are missing",
            code="column-length",
            column=one.group,
            found=rows,
            needed=count,
        )
    return rows - count if one.kind != PAST else 0


def _joined(one: Given, times: Times, wanted: Any, count: int, stamps: Times) -> Given:
    """A column by the times of the series."""
    own = as_labels(times.labels, len(one.values))
    by_time = order(own)
    values = one.values if by_time is None else one.values[by_time]
    own = own if by_time is None else own[by_time]
    if not len(own):
        raise InputError(f"{one.kind} column {one.group} has no rows", code="column-length", column=one.group)
    if own.dtype.kind != wanted.dtype.kind and "M" in own.dtype.kind + wanted.dtype.kind:
        raise InputError(
            f"{one.kind} column {one.group} and the series have times of different kinds, {own.dtype} and "
            f"{wanted.dtype}",
            code="column-times",
            column=one.group,
        )
    place = np.searchsorted(own, wanted).clip(max=len(own) - 1)
    there = own[place] == wanted
    lacking = np.flatnonzero(~there[:count])
    if len(lacking):
        more = f" and {len(lacking) - 1:,} more of the times of the series" if len(lacking) > 1 else ""
        raise InputError(
            f"{one.kind} column {one.group} has no row for {stamp(wanted[lacking[0]], stamps.zone)}{more}",
            code="column-times",
            column=one.group,
            count=len(lacking),
        )
    return one._replace(values=np.where(there[:, None], values[place], np.nan))


def on_grid(given: Sequence[Given], before: Sequence[Given], place: Any, stamps: Times) -> list[Given]:
    """The columns put in their places on a grid of times; those with times of their own have its other rows too.

    `before` are the same columns as they came.
    """
    found = []
    for one, whole in zip(given, before, strict=True):
        made = one.placed(place, len(stamps.labels))
        if whole.times is not None:
            own = as_labels(whole.times.labels, len(whole.values))
            _, at, there = np.intersect1d(stamps.labels, own, return_indices=True)
            made.values[at] = whole.values[there]
        found.append(made)
    return found


def beside(
    given: Sequence[Given], calendar: Sequence[str], count: int, later: Labels | None, stamps: Times | None
) -> Beside:
    """The columns of a series of `count` values, whose rows are in its order."""
    rows = count
    local = None
    if stamps is not None:
        local = (stamps if later is None else replace(stamps, labels=np.concatenate([stamps.labels, later]))).local
    if given:
        rows = max(len(one.values) for one in given)
    elif later is not None:
        rows = count + len(later)
    made = [Given(word, CALENDAR, *calendar_columns.made(word, local, 0, rows), None) for word in calendar]
    parts = []
    for is_past in (False, True):
        chosen_ = [one for one in (*given, *made) if (one.kind == PAST) == is_past]
        length = count if is_past else rows
        parts.append(
            Covariates(
                tuple(name for one in chosen_ for name in one.names),
                tuple(one.group for one in chosen_ for _ in one.names),
                tuple(one.kind for one in chosen_ for _ in one.names),
                frozen(np.hstack([one.values[:length] for one in chosen_]) if chosen_ else np.empty((length, 0))),
            )
        )
    return Beside(parts[0], parts[1], count, later)


def told_beyond(given: Sequence[Given], beyond: int) -> str:
    """The note on rows at the end that have no value."""
    known = [one.group for one in given if one.kind != PAST and one.names]
    of = f" of {', '.join(known)}" if known else ""
    if beyond == 1:
        return f"the last row has no value: it is the future{of}"
    return f"the last {beyond} rows have no value: they are the future{of}"


def told_cut(given: Sequence[Given], count: int) -> list[str]:
    """The note on past columns with rows beyond the last of `count` values, which are not read."""
    cut = [one.group for one in given if one.kind == PAST and not np.isnan(one.values[count:]).all()]
    return [f"past columns were cut off where the values end: {', '.join(cut)}"] if cut else []


def check(found: Beside, values: Array, missing: str, stamps: Times | None) -> list[str]:
    """Refuse columns with holes (unless `missing` is "skip"), and known ones that are the series itself; notes.

    `values` [time] are those of the series, NaN where missing, `stamps` their times.
    """
    labels, zone = (None, None) if stamps is None else (stamps.labels, stamps.zone)
    if labels is not None and found.later is not None:
        labels = np.concatenate([labels, found.later])
    notes = []
    for part in (found.ahead, found.past):
        for place, (name, group) in enumerate(zip(part.names, part.groups, strict=True)):
            column = part.values[:, place]
            holes = np.flatnonzero(np.isnan(column))
            # Beyond the values a column may end sooner than another.
            holes = holes[holes < max(reach_of(column), found.length)]
            if len(holes) and missing == "raise":
                row = int(holes[0])
                when = f"row {row}" if labels is None or row >= len(labels) else stamp(labels[row], zone)
                raise InputError(
                    f'{group} is missing at {when}; missing="skip" leaves such windows out',
                    code="column-missing",
                    column=group,
                    position=row,
                    count=len(holes),
                )
            if part is found.ahead and part.kinds[place] == KNOWN:
                notes += _is_no_target(name, column[: found.length], values)
    return notes


def _is_no_target(name: str, column: Array, values: Array) -> list[str]:
    """Refuse a known column that is the series itself, or the series one step on; a note where it is nearly that."""
    good = ~(np.isnan(column) | np.isnan(values))
    if good.sum() < 3 or np.ptp(column[good]) == 0.0:
        return []
    if np.array_equal(column[good], values[good]):
        raise InputError(f"known column {name} is the series itself", code="column-target", column=name)
    later = ~(np.isnan(column[:-1]) | np.isnan(values[1:]))
    if later.sum() >= 3 and np.array_equal(column[:-1][later], values[1:][later]):
        raise InputError(
            f"known column {name} is the series itself, one step on: it is not known then",
            code="column-target",
            column=name,
        )
    with np.errstate(all="ignore"):
        alike = np.corrcoef(column[good], values[good])[0, 1]
        after = np.corrcoef(column[:-1][later], values[1:][later])[0, 1] if later.sum() >= 3 else 0.0
    if abs(alike) > TWIN:
        return [f"known column {name} moves with the values (correlation {alike:.4f}): is {name} planned, or measured?"]
    if abs(after) > TWIN:
        return [
            f"known column {name} moves with the values one step on (correlation {after:.4f}): is {name} planned, "
            "or measured?"
        ]
    return []

"""A long table as a panel: the rows of each series, and what cannot be read set aside with its place."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..columns import Column
from ..errors import DtypeError, InputError, ParameterError, StepaheadError, StepaheadWarning, cut, shown
from ..index import index_times
from ..series import Panel, Series, shared_notes
from ..times import Times, is_number
from .csv_text import CsvTable, other_columns
from .dataframes import FrameTable
from .named_columns import read_columns

Table = CsvTable | FrameTable
ROUNDS = 4
"""Bad series that are left out one by one, before each is read by itself."""
When = str | list[str] | None
KINDS = ("known", "past")
"""Of the other columns."""


class Piece(NamedTuple):
    """The rows of one series: its values with their times, and its other columns by kind and name."""

    values: Column
    beside: Mapping[str, Any]


def panel_of(
    table: Table, value: str, time: When, ids: Sequence[str], how: Mapping[str, Any]
) -> tuple[Panel, list[str]]:
    """The series of a long table, and the notes on them."""
    names, place, gone, notes = _numbered(table, ids)
    refused: dict[str, str] = {}
    lost = "" if "" not in names else "None"  # a frame may have "" as an id
    if len(gone):
        refused[lost] = f"column {', '.join(map(shown, ids))}, {table.where(int(gone[0]))}: the id is missing" + (
            f" ({len(gone)} rows)" if len(gone) > 1 else ""
        )
    if not names:
        raise InputError(refused[lost], code="id-missing")
    by_series = np.argsort(place, kind="stable")
    by_series = by_series[np.searchsorted(place[by_series], 0) :]
    edges = np.searchsorted(place[by_series], np.arange(len(names) + 1))
    rows_of = {name: by_series[edges[i] : edges[i + 1]] for i, name in enumerate(names)}
    if time is None:
        _check_contiguous(rows_of, table)
    unread: list[InputError] = []
    pieces = _pieces(table, value, time, rows_of, place, names, refused, how, notes, unread)
    found = []
    rest: dict[str, Any] = {
        "missing": how.get("missing", "raise"),
        "every": how.get("every"),
        "calendar": how.get("calendar", ()),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StepaheadWarning)
        for name, piece in pieces.items():
            try:
                found.append(Series(piece.values, **rest, **piece.beside))
            except (InputError, DtypeError, ParameterError) as error:
                refused[name] = str(error) + _other_ids(table, error, value, time, ids)
    if not found:
        if unread:  # the whole column is of another kind
            facts = {key: fact for key, fact in vars(unread[0]).items() if key != "code"}
            raise type(unread[0])(
                f"none of {len(refused)} series can be used; {unread[0]}", code=unread[0].code, **facts
            )
        reason = next(iter(refused.values()))
        raise InputError(f"none of {len(refused)} series can be used; {reason}", code="panel", found=0)
    notes += shared_notes(found)
    if refused:
        refused = {name: refused[name] for name in [*names, lost] if name in refused}
        first = ", ".join(cut(shown(name), 24) for name in list(refused)[:5])
        total = len(found) + len(refused)
        notes.append(f"{len(refused)} of {total} series were set aside (.refused says why): {first}")
    return Panel(found, refused), notes


def _numbered(
    table: Table, ids: Sequence[str]
) -> tuple[list[str], npt.NDArray[np.intp], npt.NDArray[np.intp], list[str]]:
    """The ids in the order in which they first appear, the number of each row's (-1 where it is missing), the rows
    without one, and notes.
    """
    columns = [table.texts(name) for name in ids]
    notes = []
    for name, texts in zip(ids, columns, strict=True):
        known_texts = {text for text in texts if text is not None}
        twice = next((text for text in known_texts if text != text.rstrip() and text.rstrip() in known_texts), None)
        if twice is not None:
            notes.append(f"ids of {shown(name)} that differ only in blanks are kept apart, such as {shown(twice)}")
    keys: Sequence[Any] = columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))
    known: dict[Any, int] = {}
    place = np.fromiter(
        (
            -1 if key is None or (isinstance(key, tuple) and None in key) else known.setdefault(key, len(known))
            for key in keys
        ),
        dtype=np.intp,
        count=len(keys),
    )
    names: dict[str, None] = {}
    for key in known:
        name = key if isinstance(key, str) else "/".join(key)
        while name in names:  # ("a/b", "c") and ("a", "b/c")
            name += "'"
        names[name] = None
    return list(names), place, np.flatnonzero(place < 0), notes


def _check_contiguous(rows_of: Mapping[str, npt.NDArray[np.intp]], table: Table) -> None:
    """Refuse series in turns where nothing says the order of their values."""
    for name, rows in rows_of.items():
        gaps = np.flatnonzero(np.diff(rows) != 1)
        if len(gaps):
            first, second = (table.where(int(rows[gaps[0] + at])) for at in (0, 1))
            raise InputError(
                f"the rows of {shown(name)} are not together ({first}, then {second}), and without times nothing says "
                "their order: give time=, or sort the rows by id",
                code="id-in-turns",
                id=name,
            )


def _pieces(
    table: Table,
    value: str,
    time: When,
    rows_of: dict[str, npt.NDArray[np.intp]],
    place: npt.NDArray[np.intp],
    names: Sequence[str],
    refused: dict[str, str],
    how: Mapping[str, Any],
    notes: list[str],
    unread: list[InputError],
) -> dict[str, Piece]:
    """The rows of each series that can be read; the others go into `refused`, the first error in `unread`."""
    symbols, as_numbers = how.get("symbols", False), is_number(how.get("every"))
    bad: set[int] = {-1} if (place < 0).any() else set()
    for _ in range(ROUNDS):
        kept = np.flatnonzero(~np.isin(place, list(bad))) if bad else None
        if kept is not None and not len(kept):
            break
        part = table if kept is None else table.only(kept.tolist())
        try:
            column, labels = _both(part, value, time, symbols, as_numbers)
            beside = _beside(part, how)
        except (InputError, DtypeError) as error:
            row = part.row_of(error)
            if row is None:
                raise
            unread.append(error)
            if error.code == "time-zone":  # which of the two is right the most series say
                return _one_by_one(table, value, time, rows_of, refused, how, notes, error)
            bad.add(int(place[row]))
            refused[names[place[row]]] = _with_row(error, row)
            continue
        notes += [*column.notes, *(() if labels is None else labels.notes)]
        at = np.full(len(place), -1, dtype=np.intp)
        at[np.arange(len(place)) if kept is None else kept] = np.arange(len(column.values))
        return {
            name: _piece(column, labels, beside, at[rows], name)
            for i, (name, rows) in enumerate(rows_of.items())
            if i not in bad
        }
    return _one_by_one(table, value, time, rows_of, refused, how, notes)


def _beside(table: Table, how: Mapping[str, Any]) -> dict[str, dict[str, Column]]:
    return read_columns(table, {kind: how[kind] for kind in KINDS if how.get(kind)})


def _both(table: Table, value: str, time: When, symbols: bool, as_numbers: bool) -> tuple[Column, Times | None]:
    column = table.values(value, symbols)
    if time is not None:
        return column, table.times(time, not as_numbers)
    labels, notes = (None, ()) if column.index is None else index_times(column.index)
    return column, labels if labels is None else replace(labels, notes=(*labels.notes, *notes))


def _piece(
    column: Column,
    labels: Times | None,
    beside: Mapping[str, Mapping[str, Column]],
    rows: npt.NDArray[np.intp],
    name: str,
) -> Piece:
    others = {
        kind: {own: _rows(other, None, rows, own) for own, other in columns.items()} for kind, columns in beside.items()
    }
    return Piece(_rows(column, None if labels is None else labels[rows], rows, name), others)


def _rows(column: Column, times: Times | None, rows: npt.NDArray[np.intp], name: str) -> Column:
    made = Column(column.values[rows], times, name, column.categories, column.frame)
    made.declared = column.declared
    return made


def _with_row(error: StepaheadError, row: int) -> str:
    """The message, with the row of the whole frame where the error counted those that were left."""
    own = getattr(error, "row", None)
    return str(error) if own in (None, row) else str(error).replace(f"row {own}", f"row {row}", 1)


def _one_by_one(
    table: Table,
    value: str,
    time: When,
    rows_of: Mapping[str, npt.NDArray[np.intp]],
    refused: dict[str, str],
    how: Mapping[str, Any],
    notes: list[str],
    mixed: InputError | None = None,
) -> dict[str, Piece]:
    """The same, each series read by itself; those of another kind than most are set aside."""
    symbols, as_numbers = how.get("symbols", False), is_number(how.get("every"))
    found: dict[str, Piece] = {}
    for name, rows in rows_of.items():
        if name in refused:
            continue
        part = table.only(rows.tolist())
        try:
            column, labels = _both(part, value, time, symbols, as_numbers)
            beside = _beside(part, how)
        except (InputError, DtypeError) as error:
            row = part.row_of(error)
            refused[name] = str(error) if row is None else _with_row(error, row)
            continue
        found[name] = _piece(column, labels, beside, np.arange(len(rows)), name)
    kinds = {name: _kind(piece) for name, piece in found.items()}
    counts = Counter(kinds.values()).most_common()
    if mixed is not None and (len(counts) < 2 or counts[0][1] == counts[1][1]):
        raise mixed
    for name, kind in kinds.items():
        if kind != counts[0][0]:
            what = "values or times" if not how.get("known") and not how.get("past") else "values, times or columns"
            refused[name] = f"its {what} are of another kind than those of most series"
            del found[name]
    if time is not None:
        _read_jointly(table, time, rows_of, found, refused, as_numbers, notes)
    return found


def _read_jointly(
    table: Table,
    time: str | list[str],
    rows_of: Mapping[str, npt.NDArray[np.intp]],
    found: dict[str, Piece],
    refused: dict[str, str],
    as_numbers: bool,
    notes: list[str],
) -> None:
    """Read the times of these series again, all together: by itself each could be read in another order or form."""
    for _ in range(ROUNDS):
        if not found:
            return
        part = table.only(np.concatenate([rows_of[name] for name in found]).tolist())
        try:
            labels = part.times(time, not as_numbers)
        except InputError as error:
            row = part.row_of(error)
            if row is None:
                raise
            odd = next(name for name in found if row in rows_of[name])
            refused[odd] = _with_row(error, row)
            del found[odd]
            continue
        notes += labels.notes
        start = 0
        for name, piece in found.items():
            piece.values.times = labels[start : start + len(rows_of[name])]
            start += len(rows_of[name])
        return


def _kind(piece: Piece) -> tuple[bool, str, bool, tuple[bool, ...]]:
    times = piece.values.times
    dated = "" if times is None else times.labels.dtype.kind
    is_text = tuple(column.categories is not None for columns in piece.beside.values() for column in columns.values())
    told = "n" if dated in ("i", "u", "f") else dated
    return piece.values.categories is None, told, times is not None and times.zoned, is_text


def _other_ids(table: Table, error: StepaheadError, value: str, time: When, ids: Sequence[str]) -> str:
    """What to type where a time stands twice because the id is not all that tells series apart."""
    if error.code != "time-repeated":
        return ""
    others = other_columns(table.names, value, time, ids)
    return f'; if {shown(others[0])} tells series apart too: id="{",".join([*ids, others[0]])}"' if others else ""

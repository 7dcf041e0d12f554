"""Reading files and data frames: one column as a Series, a long table as a Panel."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from typing import IO, Any, TypedDict, Unpack

from ..errors import DtypeError, InputError, note, shown
from ..memory import LEAST_BUDGET, memory_budget
from ..parameters import one_of
from ..series import Panel, Series
from ..times import is_number
from .containers import too_much, unpacked
from .csv_text import DELIMITERS, CsvTable, find_columns, listed, other_columns
from .dataframes import FrameTable, is_frame, parquet

Table = CsvTable | FrameTable
ROW_BYTES, CELL_BYTES = 100, 90
"""The least memory of a row and of a cell of a CSV file, in bytes, measured."""


def read(
    source: Any,
    value: str | None = None,
    time: str | Sequence[str] | None = None,
    *,
    missing: str = "raise",
    every: Any = None,
    encoding: str = "utf-8",
    decimal: str = ".",
    symbols: bool = False,
    unit: str = "",
    known: str | Sequence[str] | None = None,
    past: str | Sequence[str] | None = None,
    calendar: str | Sequence[str] = (),
) -> Series:
    r"""A Series from one column of a CSV file, a Parquet file, a WAV file or a data frame.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "load.csv"
    ...     _ = path.write_text("day,mw\n2024-01-01,3.5\n2024-01-02,4.25\n")
    ...     read(path, value="mw", time="day")
    Series('mw': 2 numbers, 2024-01-01 to 2024-01-02)

    Parameters
    ----------
    source : the path of a file, told apart by its first bytes, or a frame of pandas, polars or pyarrow. The first line
        of a CSV file names the columns; the separator is comma, semicolon, tab or bar, as in that line. It may be
        packed: .csv.gz, or a .zip of it alone.
    value : the column to read; may be left out where there is only one besides `time`. Words become symbols; text
        that looks like a number but is not one is an error. Of a WAV file the number of the channel, if there are
        several; samples lie between -1 and 1.
    time : the column of times, optional: dates as people write them, or numbers; or several columns that are parts of a
        time, "Date,Time" or a list. A WAV file has its times in seconds.
    missing, every : as for ``Series``. In a CSV file empty cells and the marks of spreadsheets, databases, R and pandas
        count as missing: NA, #N/A, #DIV/0!, NULL, \N, ?, -, . and others; "none" is a word among words.
    encoding : of a CSV file; bytes that are not valid in it are an error.
    decimal : "." or ",", of a CSV file. The other one, blanks or apostrophes may separate thousands, the same in the
        whole column.
    symbols : whether the values are labels even where they look like numbers: codes such as 01234, 2XL.
    unit : of the values, such as "MW".
    known, past : other columns beside the values, by name: "promo,price" or a list; those known ahead of their time,
        and those read up to the origin alone. With them, rows at the end whose value is empty are the future.
    calendar : columns made of the times, "weekday,holidays:DE,year:2" or a list: see ``Series``.

    Raises
    ------
    InputError : the source cannot be read as asked; the message has the line and what was found there.
    ParameterError : a column is named twice, or there is no such word of the calendar.
    BudgetError : it would take more memory than there is.
    """
    one_of("decimal", decimal, (".", ","))
    beside = {"known": known, "past": past, "calendar": calendar}
    if is_frame(source):
        return _one(FrameTable(source), value, time, missing, every, symbols, unit, beside)
    how: dict[str, Any] = {"encoding": encoding, "decimal": decimal, "symbols": symbols, "unit": unit, **beside}
    return read_bytes(_bytes(source), str(source), value, time, missing=missing, every=every, **how)


def read_bytes(
    content: bytes,
    name: str,
    value: str | None,
    time: str | Sequence[str] | None,
    *,
    missing: str = "raise",
    every: Any = None,
    encoding: str = "utf-8",
    decimal: str = ".",
    symbols: bool = False,
    unit: str = "",
    **beside: Any,
) -> Series:
    """A Series from the content of a file, read as by `read`; `name` is its name in messages.

    `beside` are `known`, `past` and `calendar`.
    """
    if _is_wav(content):
        from .wav import wav

        if beside.get("known") or beside.get("past"):
            raise InputError(f"{shown(name)} is a WAV file: it has no columns", code="wav")
        return Series(wav(content, name, value), missing=missing, unit=unit, calendar=beside.get("calendar", ()))
    table = _table(content, name, encoding, decimal)
    del content  # a large one has been decoded by now
    return _one(table, value, time, missing, every, symbols, unit, beside)


class HowRead(TypedDict, total=False):
    """The keyword arguments of `read` that say how a table is read, with the same defaults."""

    missing: str
    every: Any
    encoding: str
    decimal: str
    symbols: bool
    known: str | Sequence[str] | None
    past: str | Sequence[str] | None
    calendar: str | Sequence[str]


def check_how(call: str, how: Mapping[str, Any]) -> None:
    """Refuse a keyword that is not an argument of how a table is read."""
    for name in how:
        if name not in HowRead.__annotations__:
            raise TypeError(f"{call}() got an unexpected keyword argument {name!r}")


def read_panel(
    source: Any,
    value: str = "y",
    time: str | Sequence[str] | None = "ds",
    id: str | Sequence[str] = "unique_id",
    **how: Unpack[HowRead],
) -> Panel:
    """A Panel from a long table, one row per value: a series for each `id`, in order of first appearance.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"unique_id": ["a", "a", "b", "b"], "ds": [1, 2, 1, 2], "y": [1.0, 2.0, 5.0, None]})
    >>> panel = read_panel(frame)
    >>> panel[0]
    Series('a': 2 numbers, 1 to 2)
    >>> print(panel.refused["b"].split(";")[0])
    1 of 2 values of 'b' are missing, the first at 2

    Parameters
    ----------
    source : the path of a CSV or Parquet file, or a frame of pandas, polars or pyarrow.
    value : the name of the column of the values.
    time, id : names of the columns, or of several each, "store,family" or a list: parts of a time; what tells the
        series apart together, "1/GROCERY". `time` may be None where the rows of each series are together and in order.
    how : `missing`, `every`, `encoding`, `decimal`, `symbols`, `known`, `past`, `calendar`, as for ``read``. Each
        series has a future of its own: its rows at the end whose value is empty.

    Returns
    -------
    Panel : the series that can be used; ``.refused`` has the others, {id: reason}: one that has a value, a time, an id
        or a column that cannot be read costs no other.

    Raises
    ------
    InputError : the source cannot be read as asked, or no series can be used.
    ParameterError : a column is named twice, or there is no such word of the calendar.
    """
    check_how("read_panel", how)
    table = table_of(source, how.get("encoding", "utf-8"), how.get("decimal", "."))
    if not len(table):
        raise InputError(f"{shown(str(source)) if not is_frame(source) else 'the frame'} has no rows", code="empty")
    when, ids = None if time is None else find_columns(table.names, time), find_columns(table.names, id)
    from .long_table import panel_of

    beside = _beside(table, how, value, when, ids)
    panel, notes = panel_of(table, value, when, [ids] if isinstance(ids, str) else ids, {**how, **beside})
    for text in notes:
        note(text)
    return panel


def table_of(source: Any, encoding: str, decimal: str) -> Table:
    """The columns of a frame, or of a CSV or Parquet file."""
    one_of("decimal", decimal, (".", ","))
    return FrameTable(source) if is_frame(source) else _table(_bytes(source), str(source), encoding, decimal)


def _beside(table: Table, given: Mapping[str, Any], value: str | None, time: Any, ids: Any = None) -> dict[str, Any]:
    """The names of the other columns as lists, and the words of the calendar; nothing where none are asked for."""
    if not any(given.get(word) not in (None, "", (), []) for word in ("known", "past", "calendar")):
        return {}
    from .. import calendar_columns
    from . import named_columns  # here: most series have none

    names = named_columns.names_of(table.names, given.get("known"), given.get("past"))
    named_columns.check_apart(names, value=value, time=time, id=ids)
    calendar = given.get("calendar")
    return {**names, "calendar": calendar_columns.checked(calendar) if calendar else ()}


def _one(
    table: Table,
    value: str | None,
    time: Any,
    missing: str,
    every: Any,
    symbols: bool,
    unit: str,
    beside: Mapping[str, Any],
) -> Series:
    when = None if time is None else find_columns(table.names, time)
    beside = _beside(table, beside, value, when)
    if value is None:
        used = {*(() if when is None else (when,) if isinstance(when, str) else when)}
        used |= {*beside.get("known", ()), *beside.get("past", ())}
        others = [name for name in table.names if name not in used]
        named = [name for name in others if name]  # not the names of rows, which have none
        if len(named) != 1:
            raise InputError(f"which column? {listed(others)}: name one with value=", code="column", found=others)
        value = named[0]
    column = table.values(value, symbols)
    times = None if when is None else table.times(when, not is_number(every))
    if beside:
        from .named_columns import read_columns

        names = {kind: beside[kind] for kind in ("known", "past")}
        beside = {**read_columns(table, names), "calendar": beside["calendar"]}
    try:
        return Series(column, times, value, missing=missing, every=every, unit=unit, **beside)
    except InputError as error:
        if error.code != "time-repeated" or "zone" in str(error):
            raise
        raise _many(table, error, value, when) from None


def _many(table: Table, error: InputError, value: str, time: str | Sequence[str] | None) -> InputError:
    """The error of a time that stands twice, with a column that may tell series apart."""
    others = other_columns(table.names, value, time)
    if not others:
        return error
    hint = f'of many series name the column that tells them apart: read_panel(.., id="{others[0]}")'
    facts = {key: fact for key, fact in vars(error).items() if key != "code"}
    return InputError(f"{error}; {hint}", code=error.code, **facts)


def _table(content: bytes, name: str, encoding: str, decimal: str) -> Table:
    if content.startswith(b"PAR1"):
        return parquet(content, name)
    if _is_wav(content):
        raise InputError(f"{shown(name)} is a WAV file: it has no columns", code="wav")
    content = unpacked(content, name)
    # A cell is a str: a CSV file takes several times its size in memory, one with quotes ten to a hundred times.
    head = content[: 1 << 16].lstrip(b"\r\n").partition(b"\n")[0]
    columns = 1 + max(head.count(delimiter.encode()) for delimiter in DELIMITERS) if b'"' in content else 1
    _afford(3 * len(content) + (ROW_BYTES + CELL_BYTES * columns) * content.count(b"\n"), name)
    return CsvTable(content, name, encoding, decimal)


def _is_wav(content: bytes) -> bool:
    return content.startswith(b"RIFF") and content[8:12] == b"WAVE"


def _bytes(path: Any) -> bytes:
    if not isinstance(path, (str, os.PathLike)):
        raise DtypeError(
            f"{shown(type(path).__name__)} cannot be read: give the path of a file, or a data "
            "frame; an array goes into "
            "Series(...)",
            code="unknown-type",
            found=type(path).__name__,
        )
    try:
        with open(path, "rb") as file:
            return _content(file, str(path))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot read {shown(str(path))}: {reason}", code="file", path=str(path)) from error


def _content(file: IO[bytes], name: str) -> bytes:
    """The content of a file or a pipe, if it fits into the memory budget; a device may be endless."""
    found = os.fstat(file.fileno())
    if stat.S_ISBLK(found.st_mode) or (stat.S_ISCHR(found.st_mode) and not file.isatty()):
        raise OSError("it is a device, not a file")
    if found.st_size:
        _afford(found.st_size, name)
        return file.read()
    chunks: list[bytes] = []
    read, budget = 0, memory_budget()
    while chunk := file.read(1 << 20):
        chunks.append(chunk)
        read += len(chunk)
        if read > budget:
            raise too_much(read, budget, name)
    return b"".join(chunks)


def _afford(asked: int, name: str) -> None:
    budget = memory_budget() if asked > LEAST_BUDGET else LEAST_BUDGET
    if asked > budget:
        raise too_much(asked, budget, name)

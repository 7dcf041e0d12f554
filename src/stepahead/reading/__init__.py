"""Reading files and data frames: one column as a Series, a long table as a Panel."""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Mapping
from typing import IO, Any, TypedDict, Unpack

import numpy as np
import numpy.typing as npt

from ..columns import Column
from ..errors import BudgetError, DtypeError, InputError, ParameterError, StepaheadWarning, cut, note, shown
from ..index import index_times
from ..memory import LEAST_BUDGET, memory_budget
from ..parameters import one_of
from ..series import Panel, Series, shared_notes
from .csv_text import CsvTable, listed
from .dataframes import FrameTable, is_frame, parquet
from .wav import wav

Table = CsvTable | FrameTable
ROW_BYTES, CELL_BYTES = 100, 90
"""The least memory of a row and of a cell of a CSV file, in bytes, measured."""


def read(
    source: Any,
    value: str | None = None,
    time: str | None = None,
    *,
    missing: str = "raise",
    every: Any = None,
    encoding: str = "utf-8",
    decimal: str = ".",
    symbols: bool = False,
    unit: str = "",
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
        of a CSV file names the columns; the separator is comma, semicolon or tab, as in that line.
    value : the column to read; may be left out where there is only one besides `time`. Words become symbols; text
        that looks like a number but is not one is an error. Of a WAV file the number of the channel, if there are
        several; samples lie between -1 and 1.
    time : the column of times, optional: dates (ISO in a CSV file), or numbers. A WAV file has its times in seconds.
    missing, every : as for ``Series``. In a CSV file empty cells, NA, N/A, NaN and null count as missing.
    encoding : of a CSV file; bytes that are not valid in it are an error.
    decimal : "." or ",", of a CSV file. The other one, blanks or apostrophes may separate thousands, the same in the
        whole column.
    symbols : whether the values are labels even where they look like numbers: codes such as 01234, 2XL.
    unit : of the values, such as "MW".

    Raises
    ------
    InputError : the source cannot be read as asked; the message has the line and what was found there.
    BudgetError : it would take more memory than there is.
    """
    one_of("decimal", decimal, (".", ","))
    if is_frame(source):
        return _one(FrameTable(source), value, time, missing, every, symbols, unit)
    content, how = _bytes(source), {"encoding": encoding, "decimal": decimal}
    return read_bytes(
        content, str(source), value, time, missing=missing, every=every, symbols=symbols, unit=unit, **how
    )


def read_bytes(
    content: bytes,
    name: str,
    value: str | None,
    time: str | None,
    *,
    missing: str = "raise",
    every: Any = None,
    encoding: str = "utf-8",
    decimal: str = ".",
    symbols: bool = False,
    unit: str = "",
) -> Series:
    """A Series from the content of a file, read as by `read`; `name` is its name in messages."""
    if _is_wav(content):
        return Series(wav(content, name, value), missing=missing, unit=unit)
    return _one(_table(content, name, encoding, decimal), value, time, missing, every, symbols, unit)


class HowRead(TypedDict, total=False):
    """The keyword arguments of `read` that say how a table is read, with the same defaults."""

    missing: str
    every: Any
    encoding: str
    decimal: str
    symbols: bool


def check_how(call: str, how: Mapping[str, Any]) -> None:
    """Refuse a keyword that is not an argument of how a table is read."""
    for name in how:
        if name not in HowRead.__annotations__:
            raise TypeError(f"{call}() got an unexpected keyword argument {name!r}")


def read_panel(
    source: Any,
    value: str = "y",
    time: str | None = "ds",
    id: str = "unique_id",
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
    value, time, id : names of the columns; `time` may be None where the rows are in order.
    how : `missing`, `every`, `encoding`, `decimal`, `symbols`, as for ``read``.

    Returns
    -------
    Panel : the series that can be used; ``.refused`` has the others, {id: reason}.

    Raises
    ------
    InputError : the source cannot be read as asked, or no series can be used.
    """
    check_how("read_panel", how)
    missing, every = how.get("missing", "raise"), how.get("every")
    table = table_of(source, how.get("encoding", "utf-8"), how.get("decimal", "."))
    column = table.values(value, how.get("symbols", False))
    labels, notes = None if time is None else table.times(time), column.notes
    if time is None and column.index is not None:
        labels, of_index = index_times(column.index)
        notes += of_index
    names, place = _numbered(table.texts(id))
    if not names:
        raise InputError(f"{shown(str(source)) if not is_frame(source) else 'the frame'} has no rows", code="empty")
    for text in notes:
        note(text)
    by_series = np.argsort(place, kind="stable")
    edges = np.searchsorted(place[by_series], np.arange(len(names) + 1))
    found, refused = [], {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StepaheadWarning)
        for i, name in enumerate(names):
            rows = by_series[edges[i] : edges[i + 1]]
            times = None if labels is None else labels[rows]
            piece = Column(column.values[rows], times, name, column.categories, column.frame)
            try:
                found.append(Series(piece, missing=missing, every=every))
            except (InputError, DtypeError, ParameterError) as error:
                refused[name] = str(error)
    if not found:
        raise InputError(
            f"none of {len(names)} series can be used; {next(iter(refused.values()))}", code="panel", found=0
        )
    for text in shared_notes(found):
        note(text)
    if refused:
        first = ", ".join(cut(shown(name), 24) for name in list(refused)[:5])
        note(f"{len(refused)} of {len(names)} series were set aside (.refused says why): {first}")
    return Panel(found, refused)


def table_of(source: Any, encoding: str, decimal: str) -> Table:
    """The columns of a frame, or of a CSV or Parquet file."""
    one_of("decimal", decimal, (".", ","))
    return FrameTable(source) if is_frame(source) else _table(_bytes(source), str(source), encoding, decimal)


def _numbered(texts: list[str]) -> tuple[list[str], npt.NDArray[np.intp]]:
    """The ids in the order in which they first appear, and the number of each row's."""
    known: dict[str, int] = {}
    place = np.fromiter((known.setdefault(text, len(known)) for text in texts), dtype=np.intp, count=len(texts))
    return list(known), place


def _one(
    table: Table, value: str | None, time: str | None, missing: str, every: Any, symbols: bool, unit: str
) -> Series:
    if value is None:
        others = [name for name in table.names if name != time]
        if len(others) != 1:
            raise InputError(f"which column? {listed(others)}: name one with value=", code="column", found=others)
        value = others[0]
    column = table.values(value, symbols)
    return Series(column, None if time is None else table.times(time), value, missing=missing, every=every, unit=unit)


def _table(content: bytes, name: str, encoding: str, decimal: str) -> Table:
    if content.startswith(b"PAR1"):
        return parquet(content, name)
    if _is_wav(content):
        raise InputError(f"{shown(name)} is a WAV file: it has no columns", code="wav")
    # A row is a list and a cell a str: a CSV file takes ten to a hundred times its size in memory.
    head = content[: 1 << 16].lstrip(b"\r\n").partition(b"\n")[0]
    columns = 1 + max(map(head.count, (b",", b";", b"\t")))
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
            raise _too_much(read, budget, name)
    return b"".join(chunks)


def _afford(asked: int, name: str) -> None:
    budget = memory_budget() if asked > LEAST_BUDGET else LEAST_BUDGET
    if asked > budget:
        raise _too_much(asked, budget, name)


def _too_much(asked: int, budget: int, name: str) -> BudgetError:
    return BudgetError(
        f"{shown(name)} would take at least {asked:,} bytes; the budget is {budget:,} bytes. Read a "
        "part of it, or write it as "
        "Parquet, which scale.shard cuts into pieces",
        code="budget",
        asked=asked,
        budget=budget,
    )

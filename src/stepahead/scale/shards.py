"""Shards: Parquet files of whole series, and a manifest with their rows, series and hashes."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from ..errors import InputError, OutputError, note, shown
from ..files import check_output, inputs, remove, write_whole
from ..known_ahead import VALUES_ALONE
from ..memory import memory_budget
from ..parameters import whole
from ..reading import HowRead, check_how, table_of
from ..reading.csv_text import find_column
from ..times import Times
from . import documents, locks
from .arrow import ID, TIME, VALUE, check_words_of, ids_of, in_order, pyarrow, runs_of, split

MANIFEST = "manifest.json"
FORMAT = 1
MOST_ROWS, MOST_SERIES = 5_000_000, 10_000
"""The most rows and series of a shard by default: about fifty megabytes."""
BATCH_ROWS = 1 << 20
ROW_BYTES = 100
"""The memory of a row while a table is sorted, in bytes: id, time and value, and a copy of them."""
_FILE = re.compile(r"shard-\d{5,}\.parquet")


def is_shard(name: str) -> bool:
    """Whether a shard, or the result of one, can have this file name."""
    return bool(_FILE.fullmatch(name))


@dataclass(frozen=True)
class Shard:
    """One file of whole series: its name in the folder, and its expected content."""

    file: str
    rows: int
    series: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The manifest of a folder: its shards, their rows, series and hashes.

    >>> Manifest((Shard("shard-00000.parquet", rows=500, series=10, sha256=""),)).series
    10

    shards : the files in order. categories : all symbols of a panel, in order; None for numbers.
    """

    shards: tuple[Shard, ...]
    categories: tuple[str, ...] | None = None

    @property
    def rows(self) -> int:
        """The number of rows in all shards."""
        return sum(one.rows for one in self.shards)

    @property
    def series(self) -> int:
        """The number of series in all shards."""
        return sum(one.series for one in self.shards)

    def __repr__(self) -> str:
        return f"Manifest({len(self.shards)} shards, {self.series:,} series, {self.rows:,} rows)"


def shard(
    source: Any,
    out: str | os.PathLike[str],
    shards: int | None = None,
    *,
    value: str = "y",
    time: str | None = "ds",
    id: str = "unique_id",
    **how: Unpack[HowRead],
) -> Manifest:
    """Cut a long table into Parquet files of whole series, in order of series and time, with a manifest beside them.

    >>> import pathlib, tempfile
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"unique_id": ["b", "a", "b", "a", "c"],
    ...     "ds": [1, 2, 2, 1, 1], "y": [1.0, 2.0, 3.0, 4.0, 5.0]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     found = shard(frame, folder, shards=2)
    ...     sorted(path.name for path in pathlib.Path(folder).glob("[ms]*"))
    ['manifest.json', 'shard-00000.parquet', 'shard-00001.parquet']
    >>> found
    Manifest(2 shards, 3 series, 5 rows)

    Parameters
    ----------
    source : the path of a Parquet or CSV file, or a frame of pandas, polars or pyarrow. A Parquet file that does not
        fit in memory is read in batches; the rows of a series must then be contiguous.
    out : a folder without shards.
    shards : how many files, at most; by default as many as keep each below 10,000 series and 5,000,000 rows.
    value, time, id : names of the columns; `time` may be None where the rows are in order.
    how : `encoding`, `decimal`, `symbols`, as for ``read``.

    Raises
    ------
    InputError : the source cannot be read as asked; a series of a large file is split; other columns are asked for.
    OutputError : the folder holds shards already, is in use, or cannot be written.
    """
    check_how("shard", how)
    if how.get("known") or how.get("past") or how.get("calendar"):
        raise InputError(VALUES_ALONE, code="column-place")
    folder = Path(out)
    shards = None if shards is None else whole("shards", shards)
    with inputs(*([source] if isinstance(source, (str, os.PathLike)) else [])):
        _check_free(folder)
        columns = {ID: id, TIME: time, VALUE: value}
        table = how.get("encoding", "utf-8"), how.get("decimal", "."), how.get("symbols", False)
        return _cut(source, folder, shards, columns, *table)


def _check_free(folder: Path) -> None:
    """Refuse a folder that holds shards, or other files with the names of shards."""
    there = sorted(path for path in folder.glob("shard-*.parquet") if is_shard(path.name))
    for path in there:
        check_output(path)
    # A killed run of `shard` leaves its lock beside them.
    strange = not (folder / locks.NAME).exists() and any(map(_is_parquet, there))
    if (folder / MANIFEST).exists() or strange:
        raise OutputError(
            f"{shown(str(folder))} holds shards already: name another folder", code="exists", path=str(folder)
        )


def _cut(
    source: Any,
    folder: Path,
    shards: int | None,
    columns: dict[str, str | None],
    encoding: str,
    decimal: str,
    symbols: bool,
) -> Manifest:
    pa = pyarrow()
    with locks.locked(folder):
        _check_free(folder)
        try:
            total, tables = _tables(source, columns, encoding, decimal, symbols)
            rows, series = (MOST_ROWS, MOST_SERIES) if shards is None else (-(-total // shards), total)
            writer = Writer(folder, rows, series)
            for table in tables:
                writer.add(table)
            return writer.close()
        except (pa.ArrowException, UnicodeError) as error:
            raise InputError(f"the source cannot be read: {shown(str(error))}", code="parquet") from None


class Writer:
    """A writer of shards, fed rows in batches; a series whose rows are not contiguous is an error."""

    def __init__(self, folder: Path, rows: int, series: int) -> None:
        self.folder, self.most_rows, self.most_series = folder, max(rows, 1), max(series, 1)
        self.known: set[str] = set()
        self.categories: set[str] | None = None
        self.shards: list[Shard] = []
        self._last: str | None = None
        self._parts: list[Any] = []
        self._rows = self._series = 0

    def add(self, table: Any) -> None:
        """Add the next rows, a table with the columns of a shard."""
        names, edges = runs_of(table)
        begin = 0
        for name, start, stop in zip(names, edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            if name != self._last:
                if name in self.known:
                    raise split(name, f"apart from each other, again from row {start:,} of a batch on")
                if self._rows >= self.most_rows or self._series >= self.most_series:
                    self._parts.append(table.slice(begin, start - begin))
                    begin = start
                    self._write()
                self.known.add(name)
                self._last = name
                self._series += 1
            self._rows += stop - start
        self._parts.append(table.slice(begin))

    def _write(self) -> None:
        pa = pyarrow()
        table = in_order(pa.concat_tables(self._parts))
        if pa.types.is_string(table.column(VALUE).type):
            found = set(table.column(VALUE).unique().to_pylist()) - {None}
            self.categories = found | (self.categories or set())
        content = parquet_bytes(table, {})
        file = f"shard-{len(self.shards):05d}.parquet"
        write_whole(self.folder / file, content)
        self.shards.append(Shard(file, self._rows, self._series, hashlib.sha256(content).hexdigest()))
        self._parts, self._rows, self._series = [], 0, 0

    def close(self) -> Manifest:
        """Write the remaining rows and the manifest, which completes the folder."""
        if self._rows:
            self._write()
        if not self.shards:
            raise InputError("the source has no rows", code="empty")
        made = Manifest(tuple(self.shards), None if self.categories is None else tuple(sorted(self.categories)))
        for stray in self.folder.glob("shard-*.parquet"):
            if is_shard(stray.name) and stray.name not in {one.file for one in self.shards}:
                remove(stray)  # of an attempt that ended before its manifest
        described = [vars(one) for one in made.shards]
        documents.write_json(
            self.folder / MANIFEST,
            {
                "format": FORMAT,
                "rows": made.rows,
                "series": made.series,
                "categories": None if made.categories is None else list(made.categories),
                "shards": described,
            },
        )
        return made


def parquet_bytes(table: Any, facts: dict[str, str]) -> bytes:
    """A table as the content of a Parquet file, with facts in its header."""
    pa = pyarrow()
    sink = pa.BufferOutputStream()
    schema = table.schema.with_metadata({key.encode(): text.encode() for key, text in facts.items()})
    pa.parquet.write_table(table.cast(schema), sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


# ---------------------------------------------------------------------------------------------------------------
# Reading tables


def _tables(
    source: Any, columns: dict[str, str | None], encoding: str, decimal: str, symbols: bool
) -> tuple[int, Iterator[Any]]:
    """The number of rows, and tables of them with the columns of a shard."""
    pa = pyarrow()
    if isinstance(source, (str, os.PathLike)) and _is_parquet(source):
        return _of_parquet(Path(source), columns, symbols)
    found = table_of(source, encoding, decimal)
    ids = found.texts(str(columns[ID]))
    if None in ids:
        where = f"column {shown(str(columns[ID]))}, {found.where(ids.index(None))}"
        raise InputError(f"{where}: the id is missing", code="id-missing")
    arrays = {ID: pa.array(ids, pa.string())}
    if columns[TIME] is not None:
        arrays[TIME] = _stamps(found.times(str(columns[TIME])))
    column = found.values(str(columns[VALUE]), symbols)
    for text in column.notes:
        note(text)
    arrays[VALUE] = _observed(column.values)
    return len(arrays[ID]), iter([in_order(pa.table(arrays))])


def _is_parquet(path: str | os.PathLike[str]) -> bool:
    if not Path(path).is_file():
        return False  # a pipe can be read only once
    try:
        with open(path, "rb") as file:
            return file.read(4) == b"PAR1"
    except (OSError, ValueError):
        return False  # the reader will report the error


def _stamps(times: Times) -> Any:
    """Times as a column: dates in a unit that Parquet has, in UTC where they came with a zone."""
    pa, labels = pyarrow(), times.labels
    if labels.dtype.kind == "M" and np.datetime_data(labels.dtype)[0] not in ("D", "s", "ms", "us", "ns"):
        labels = labels.astype("datetime64[ms]")
    column = pa.array(labels)
    return column.cast(pa.timestamp(column.type.unit, "UTC")) if times.zoned else column


def _observed(values: Any) -> Any:
    pa = pyarrow()
    if values.dtype.kind in "fiub":
        return pa.array(np.asarray(values, dtype=np.float64))
    return pa.array([None if value is None or value != value else str(value) for value in values.tolist()], pa.string())


def _of_parquet(path: Path, columns: dict[str, str | None], symbols: bool) -> tuple[int, Iterator[Any]]:
    pa = pyarrow()
    try:
        file = pa.parquet.ParquetFile(path, pre_buffer=False)
        names, rows = file.schema_arrow.names, file.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{shown(str(path))} is not a Parquet file that can be read: {shown(str(error))}", code="parquet"
        ) from None
    own = {mine: names[find_column(names, given)] for mine, given in columns.items() if given is not None}

    def table(found: Any) -> Any:
        return pa.table({mine: _cast(found.column(given), mine, symbols) for mine, given in own.items()})

    if rows * ROW_BYTES < memory_budget():
        return rows, iter([in_order(table(file.read(columns=list(own.values()))))])
    return rows, (table(pa.table(batch)) for batch in file.iter_batches(BATCH_ROWS, columns=list(own.values())))


def _cast(column: Any, mine: str, symbols: bool) -> Any:
    """A column of a Parquet file with the type of a shard's column."""
    pa, types, kind = pyarrow(), pyarrow().types, column.type
    text = types.is_string(kind) or types.is_large_string(kind)
    if mine == VALUE and text and not symbols:
        check_words_of(column)
    if mine == ID or (mine == VALUE and (text or types.is_dictionary(kind) or symbols)):
        return column.cast(pa.string())
    if mine == VALUE and (types.is_floating(kind) or types.is_integer(kind) or types.is_boolean(kind)):
        return column.cast(pa.float64(), safe=False).fill_null(float("nan"))
    if mine == TIME and (
        types.is_timestamp(kind) or types.is_date(kind) or types.is_integer(kind) or types.is_floating(kind)
    ):
        return column
    wanted = "numbers or text" if mine == VALUE else "dates or numbers"
    raise InputError(f"column {mine} must hold {wanted}; found {kind}", code="dtype", found=str(kind))


# ---------------------------------------------------------------------------------------------------------------
# Reading shards


def read_manifest(folder: str | os.PathLike[str]) -> Manifest:
    """The manifest of a folder of shards; an InputError if it has none."""
    found = documents.read_json(Path(folder) / MANIFEST, "manifest of shards")
    try:
        if found["format"] != FORMAT:
            raise ValueError(f"format {found['format']!r}; this release reads format {FORMAT}")
        shards = tuple(Shard(**one) for one in found["shards"])
        for one in shards:
            if not (is_shard(one.file) and re.fullmatch("[0-9a-f]{64}", one.sha256)):
                raise ValueError(f"shard {one.file!r}")
            whole("rows", one.rows)
            whole("series", one.series)
        if not shards or len({one.file for one in shards}) < len(shards):
            raise ValueError("no shards, or one twice")
        categories = None if found["categories"] is None else tuple(map(str, found["categories"]))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{shown(str(folder))} has a manifest that shard() did not write: {shown(str(error))}",
            code="manifest",
            path=str(folder),
        ) from None
    return Manifest(shards, categories)


def check_whole(folder: Path, manifest: Manifest) -> None:
    """Refuse shards among which a series is split. One that cannot be read is left for its worker to report."""
    pa, homes = pyarrow(), dict[str, str]()
    for one in manifest.shards:
        try:
            table = pa.parquet.read_table(folder / one.file, columns=[ID], read_dictionary=[ID])
        except (pa.ArrowException, OSError, ValueError):
            continue
        for name in ids_of(table)[0]:
            if name in homes:
                raise split(name, f"in {homes[name]} and in {one.file}")
            homes[name] = one.file

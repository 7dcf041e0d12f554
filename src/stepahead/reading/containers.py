"""What a file is by its first bytes: unpacked where it holds one table of text, or refused with what to do instead."""

from __future__ import annotations

import io
from pathlib import PurePath
from typing import IO, Any

from ..errors import BudgetError, InputError, shown
from ..memory import memory_budget

CHUNK = 1 << 20
_OTHERS = (
    (b"\xd0\xcf\x11\xe0", "an Excel workbook of before 2007", 'save it as CSV, or give pandas.read_excel("{name}")'),
    (tuple(b"BZh%d1AY&SY" % level for level in range(1, 10)), "packed with bzip2", "unpack it first: bunzip2 {name}"),
    (b"\xfd7zXZ\x00", "packed with xz", "unpack it first: unxz {name}"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd", "unpack it first: unzstd {name}"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it first: 7z x {name}"),
    (b"Rar!\x1a\x07", "a RAR archive", "unpack it first: unrar x {name}"),
    (b"ARROW1\x00", "a Feather file", 'give pyarrow.feather.read_table("{name}")'),
    (b"FEA1\x00", "a Feather file", 'give pyarrow.feather.read_table("{name}")'),
    (b"\x89HDF", "an HDF5 file", 'give pandas.read_hdf("{name}")'),
    (b"\x93NUMPY", "a NumPy array", 'give numpy.load("{name}") to Series, or the path to pieces'),
    (b"SQLite format 3\x00", "a database", 'give pandas.read_sql_query("select ..", sqlite3.connect("{name}"))'),
    ((b"RDX2\nX\n", b"RDX3\nX\n"), "an R data file", "write it as CSV in R: write.csv(data, row.names=FALSE)"),
    (b"%PDF", "a PDF document", "its tables have to be written as CSV"),
)
"""First bytes that no line of names has: one of a table may begin with BZh, ORCL or RDX."""
_EXCEL, _TABLES = "an Excel workbook", 'save it as CSV, or give pandas.read_excel("{name}")'


def unpacked(content: bytes, name: str) -> bytes:
    """The content of a file; of one packed with gzip, or of a zip archive of one file, what is packed.

    Raises
    ------
    InputError : it is no table of text; the message has what it is and what to type.
    BudgetError : unpacked it would take more memory than there is.
    """
    if content.startswith(b"\x1f\x8b"):
        return _gunzipped(content, name)
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _unzipped(content, name)
    for head, what, instead in _OTHERS:
        if content.startswith(head):
            raise _not_text(name, what, instead)
    if content.startswith(b"ORC") and content[-4:-1] == b"ORC":  # at both ends: ORCL, .. may be the name of a column
        raise _not_text(name, "an ORC file", 'give pyarrow.orc.read_table("{name}")')
    start = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"{", b"[{", b"[[")):
        raise _not_text(name, "JSON", 'give pandas.read_json("{name}")')
    if start[:9].lower().startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
        raise _not_text(name, "a page or XML", 'give one of pandas.read_html("{name}")')
    return content


def _not_text(name: str, what: str, instead: str) -> InputError:
    # The last part of a path is enough to tell, and leaves room for what to type.
    hint = instead.format(name=PurePath(name).name)
    return InputError(f"{shown(name)} is {what}: {hint}", code="not-a-table", found=what)


def _gunzipped(content: bytes, name: str) -> bytes:
    import gzip
    import zlib

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            return _bounded(file, name)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{shown(name)} is a damaged gzip file: {shown(str(error))}", code="gzip") from None


def _unzipped(content: bytes, name: str) -> bytes:
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = archive.namelist()
            if "[Content_Types].xml" in inside or any(part.startswith("xl/") for part in inside):
                raise _not_text(name, _EXCEL, _TABLES)
            if "mimetype" in inside:
                raise _not_text(name, "an OpenDocument sheet", _TABLES)
            files = [part for part in inside if not part.endswith("/") and not part.startswith("__MACOSX/")]
            if len(files) != 1:
                listed = ", ".join(map(shown, files[:5])) + (" ..." if len(files) > 5 else "")
                raise InputError(
                    f"{shown(name)} is an archive of {len(files)} files, where one is read: {listed or 'it is empty'}; "
                    "unpack it, and name one",
                    code="zip",
                    found=files,
                )
            with archive.open(files[0]) as file:
                return unpacked(_bounded(file, name), f"{name}:{files[0]}")
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        raise InputError(f"{shown(name)} is a zip file that cannot be read: {shown(str(error))}", code="zip") from None


def _bounded(file: IO[bytes] | Any, name: str) -> bytes:
    """All of a stream, as far as there is memory for it."""
    chunks, read, budget = list[bytes](), 0, memory_budget()
    while chunk := file.read(CHUNK):
        chunks.append(chunk)
        read += len(chunk)
        if read > budget:
            raise too_much(read, budget, name)
    return b"".join(chunks)


def too_much(asked: int, budget: int, name: str) -> BudgetError:
    """The error for a file that is larger than the memory there is."""
    return BudgetError(
        f"{shown(name)} would take at least {asked:,} bytes; the budget is {budget:,} bytes. Read a "
        "part of it, or write it as Parquet, which scale.shard cuts into pieces",
        code="budget",
        asked=asked,
        budget=budget,
    )

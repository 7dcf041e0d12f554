"""CSV text, parsed by the standard library, as float64. What is ambiguous is an error with its line."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence

import numpy as np

from ..cells import Cells
from ..columns import Column
from ..dates import times_of
from ..errors import InputError, escaped, shown
from ..numerals import ABSENT, read_numbers, symbols_note
from ..parameters import refuse
from ..times import Times

LONGEST_FIELD = 1 << 20


class CsvTable:
    """The cells of a CSV file, by column."""

    def __init__(self, content: bytes, name: str, encoding: str, decimal: str) -> None:
        self.names, self._rows, self._lines = _parse(_decode(content, encoding, name), name)
        self._decimal = decimal

    def _cells(self, name: str) -> Cells:
        place = find_column(self.names, name)
        return Cells([row[place].strip() for row in self._rows], f"column {shown(name)}", self._lines)

    def values(self, name: str, symbols: bool = False) -> Column:
        """Numbers, or symbols, NaN or None for an empty cell; a mixture is an error that names the line."""
        cells = self._cells(name)
        found = None if symbols else read_numbers(cells, self._decimal)
        if found is not None:
            return Column(found[0], notes=found[1])
        texts = [None if text.lower() in ABSENT else text for text in cells.texts]
        kinds = tuple(sorted({text for text in texts if text is not None}))
        return Column(np.array(texts, dtype=object), categories=kinds, notes=(symbols_note(kinds),) if kinds else ())

    def times(self, name: str) -> Times:
        """Dates or numbers."""
        return times_of(self._cells(name))

    def texts(self, name: str) -> list[str]:
        """The cells, without the blanks around them."""
        found = list(self._cells(name).texts)
        if "" in found:
            line = self._lines[found.index("")]
            raise InputError(f"column {shown(name)}, line {line}: the id is missing", code="id-missing", line=line)
        return found


def _decode(raw: bytes, encoding: str, path: str) -> str:
    known = _known_encoding(encoding)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) and not known.startswith(("utf-16", "utf-32")):
        raise InputError(
            f'{shown(path)} has a UTF-16 byte order mark: give encoding="utf-16"', code="encoding", offset=0
        )
    try:
        text = raw.decode("utf-8-sig" if known == "utf-8" else known)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{shown(path)} is not {shown(encoding)}: byte {raw[error.start]:#04x} at offset {error.start}; "
            'name its encoding, for example encoding="gbk" or encoding="latin-1"',
            code="encoding",
            offset=error.start,
        ) from None
    zero = text.find("\0")
    if zero >= 0:
        raise InputError(
            f"{shown(path)} holds a NUL character in line {text.count(chr(10), 0, zero) + 1}: it is not a text file",
            code="nul",
            line=text.count("\n", 0, zero) + 1,
        )
    return text


def _known_encoding(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except (LookupError, TypeError):
        raise refuse("encoding", encoding, "one that Python knows: utf-8, utf-16, latin-1, gbk, ...") from None


def _parse(text: str, path: str) -> tuple[list[str], list[list[str]], list[int]]:
    """The names of the columns, the rows, and the line in the file where each row ends."""
    first = re.sub(r'"[^"]*"', "", text.lstrip("\r\n").split("\n", 1)[0])
    delimiter = max(",;\t", key=first.count)
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        for row in reader:
            # A blank line is not a row; in a file of one column it is a missing value, unless only blank lines follow.
            if row or (rows and len(rows[0]) == 1):
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as error:
        reason = "a quote is not closed" if "end of data" in str(error) else escaped(str(error))
        raise InputError(f"{shown(path)}, line {reader.line_num}: {reason}", code="csv", line=reader.line_num) from None
    while rows and not rows[-1]:
        rows.pop()
        lines.pop()
    rows = [row or [""] for row in rows]
    if not rows or not any(cell.strip() for row in rows for cell in row):
        raise InputError(f"{shown(path)} is empty", code="empty")
    head = [name.strip() for name in rows[0]]
    for row, line in zip(rows[1:], lines[1:], strict=True):
        if len(row) != len(head):
            raise InputError(
                f"{shown(path)}, line {line}: {len(row)} cells found, {len(head)} expected",
                code="ragged",
                line=line,
                found=len(row),
                expected=len(head),
            )
    if len(rows) == 1:
        raise InputError(f"{shown(path)} has a header and no rows", code="empty")
    return head, rows[1:], lines[1:]


def find_column(head: Sequence[str], name: str) -> int:
    """The index of a column; an error that lists the columns, with the nearest name, if it is missing or repeated."""
    if not isinstance(name, str):
        raise refuse("column", name, "the name of a column, as text")
    count = head.count(name)
    if count == 1:
        return head.index(name)
    if count:
        raise InputError(
            f"the column {shown(name)} is {count} times in the header", code="column-repeated", column=name
        )
    import difflib

    near = difflib.get_close_matches(name, head, 1, 0.5)
    hint = f"; did you mean {shown(near[0])}?" if near else ""
    raise InputError(
        f"there is no column {shown(name)}: {listed(head)}{hint}", code="column", column=name, columns=list(head)
    )


def listed(names: Sequence[str]) -> str:
    """The names of the columns, for a message."""
    return "the columns are " + ", ".join(shown(name) for name in names[:8]) + (" ..." if len(names) > 8 else "")

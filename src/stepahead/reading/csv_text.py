"""CSV text as float64 and times. What is ambiguous is an error with its line.

A file without quotes whose lines have the same number of cells is cut into columns line by line; any other goes through
the csv module of the standard library. A large one is converted by pyarrow or polars where they are installed
(``columnar``): with the same values, or not at all.
"""

from __future__ import annotations

import codecs
import io
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

import numpy as np

from ..cells import Cells, absent_words
from ..columns import Column
from ..dates import as_dates, joined, times_of
from ..errors import InputError, escaped, shown
from ..numerals import like_a_number, read_numbers, symbols_note
from ..parameters import refuse
from ..times import Times
from . import columnar

LONGEST_FIELD = 1 << 20
DELIMITERS = ",;\t|"
_BLOCK = 1 << 21
"""Letters of a text that are cut into lines at a time."""
_OF_R = re.compile(r'"[^"]*"( "[^"]*")+')
_A_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?([ T]\d{1,2}:\d{2}.*)?")


class CsvTable:
    """The cells of a CSV file, by column."""

    def __init__(self, content: bytes, name: str, encoding: str, decimal: str) -> None:
        text = _decode(content, encoding, name).replace("\r\n", "\n")
        self._decimal, self._kept = decimal, None
        text, before, delimiter = _head_of(text)
        lines = _lines(text, before, delimiter)
        self._lines: Lines | Rows = lines or Rows(text, before, delimiter, name)
        self._unchecked = (text, before, delimiter, name) if lines is not None and columnar.counts_cells(text) else None
        _check_header(self.names, name)

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return self._lines.names

    _kept: Sequence[int] | None
    _unchecked: tuple[str, int, str, str] | None

    def _check(self) -> None:
        """Before a large file is cut into cells: whether its lines have as many each. A fast reader sees that too."""
        text, before, delimiter, name = self._unchecked or ("", 0, "", "")
        self._unchecked = None
        if isinstance(self._lines, Lines) and not self._lines.are_even():
            self._lines = Rows(text, before, delimiter, name)

    def only(self, rows: Sequence[int]) -> CsvTable:
        """The same table with some of its rows."""
        if self._unchecked:
            self._check()
        made = object.__new__(CsvTable)
        made.__dict__.update(self.__dict__, _kept=rows)
        return made

    def row_of(self, error: InputError) -> int | None:
        """The row, counted from 0 in the file, that an error is about; None where it is about none."""
        line = getattr(error, "line", None)
        if line is None:
            return None
        place = bisect_left(self._lines.numbers, line)
        return place if place < len(self._lines.numbers) and self._lines.numbers[place] == line else None

    def _cells(self, name: str, blanks: bool = False) -> Cells:
        if self._unchecked:
            self._check()
        texts = self._lines.column(find_column(self.names, name))
        numbers: Sequence[int] = self._lines.numbers
        if self._kept is not None:
            texts, numbers = [texts[row] for row in self._kept], [numbers[row] for row in self._kept]
        return Cells(texts if blanks else [text.strip() for text in texts], f"column {shown(name)}", numbers)

    def values(self, name: str, symbols: bool = False) -> Column:
        """Numbers, or symbols, NaN or None for a missing cell; a mixture is an error that names the line."""
        if not symbols and self._decimal == "." and self._kept is None:
            quick = self._lines.numbers_of(find_column(self.names, name))
            if quick is not None:
                return Column(quick)
        cells = self._cells(name)
        found = None if symbols else read_numbers(cells, self._decimal)
        if found is not None:
            return Column(found[0], notes=found[1])
        absent = absent_words(cells.texts)
        texts = [None if text.lower() in absent else text for text in cells.texts]
        kinds = tuple(sorted({text for text in texts if text is not None}))
        return Column(np.array(texts, dtype=object), categories=kinds, notes=(symbols_note(kinds),) if kinds else ())

    def times(self, name: str | Sequence[str], dates: bool = True) -> Times:
        """Dates or numbers, of one column or of several that are parts of a time; whole numbers may be `dates`."""
        if not isinstance(name, str):
            parts = [self._cells(part) for part in name]
            title = "columns " + ", ".join(map(shown, name))
            return times_of(Cells(joined([part.texts for part in parts]), title, parts[0].numbers))
        quick = None if self._kept is not None else self._lines.times_of(find_column(self.names, name))
        found = times_of(self._cells(name)) if quick is None else Times(quick)
        return as_dates(found) if dates else found

    def texts(self, name: str) -> list[str | None]:
        """The cells with the blanks behind them where these tell ids apart; None where there is nothing else."""
        cells = [text.lstrip() for text in self._cells(name, blanks=True).texts]
        known = set(cells)
        padded = len({text.rstrip() for text in known}) == len(known)
        return [(text.rstrip() if padded else text) or None for text in cells]

    def where(self, row: int) -> str:
        """Where a row stands, for a message."""
        return f"line {self._lines.numbers[row]}"

    def __len__(self) -> int:
        return len(self._lines.numbers)


# -- the text ---------------------------------------------------------------------------------------------------------


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
            + (_other_encoding(raw) or 'name its encoding, for example encoding="gbk" or encoding="latin-1"'),
            code="encoding",
            offset=error.start,
        ) from None
    zero = text.find("\0")
    if zero >= 0:
        line, other = text.count("\n", 0, zero) + 1, _other_encoding(raw)
        raise InputError(
            f"{shown(path)} holds a NUL character in line {line}: {other or 'it is not a text file'}",
            code="encoding" if other else "nul",
            line=line,
        )
    return text


def _other_encoding(raw: bytes) -> str:
    """The name of a UTF-16 without a byte order mark: of ASCII every second byte is zero."""
    head = raw[: 1 << 12]
    half = len(head) // 2
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if half > 1 and 2 * head[start::2].count(0) > half > 10 * head[1 - start :: 2].count(0):
            return f'it looks like UTF-16 without a byte order mark: give encoding="{name}"'
    return ""


def _known_encoding(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except (LookupError, TypeError):
        raise refuse("encoding", encoding, "one that Python knows: utf-8, utf-16, latin-1, gbk, ...") from None


def _head_of(text: str) -> tuple[str, int, str]:
    """The text from the line of names on, the number of lines before it, and what stands between the cells."""
    before = len(text) - len(text.lstrip("\n"))
    text = text[before:]
    first = text[: text.find("\n")] if "\n" in text else text
    told = re.fullmatch(r'"?sep=(.)"?[,;\t ]*', first.strip("\r"), re.IGNORECASE)  # Excel writes it, and obeys it
    if told:
        return text[len(first) + 1 :], before + 1, told[1]
    if _OF_R.fullmatch(first):
        return text, before, " "
    plain = re.sub(r'"[^"]*"', "", first)
    return text, before, max(DELIMITERS, key=plain.count)


def _blocks(text: str, start: int, end: int) -> Iterator[list[str]]:
    """The lines of a text from `start` to `end`, some thousands at a time."""
    while start < end:
        stop = end
        if end - start > _BLOCK:
            stop = text.rfind("\n", start, start + _BLOCK)
            stop = text.find("\n", start + _BLOCK, end) if stop < 0 else stop
            stop = end if stop < 0 else stop
        yield text[start:stop].split("\n")
        start = stop + 1


def _lines(text: str, before: int, delimiter: str) -> Lines | None:
    """The text as lines of as many cells each; None where it has quotes, lines of another number, or blank ones."""
    if '"' in text or "\r" in text:
        return None
    end = len(text)
    while end and text[end - 1] == "\n":
        end -= 1
    while end:  # rows of nothing but separators, as spreadsheets leave behind
        start = text.rfind("\n", 0, end) + 1
        if start <= text.find("\n") + 1 or delimiter not in text[start:end] or text[start:end].strip(delimiter + " \t"):
            break
        end = start - 1
    start = text.find("\n") + 1
    names = [name.strip() for name in text[: max(start - 1, 0)].split(delimiter)]
    if not 0 < start < end or (len(names) == 1 and not names[0]):
        return None
    width = len(names)
    count = text.count("\n", start, end) + 1
    if text.count(delimiter, start, end) != count * (width - 1):
        return None
    lines = Lines((text, start, end), delimiter, names, range(before + 2, before + 2 + count))
    return lines if columnar.counts_cells(text) or lines.are_even() else None


class Lines:
    """The lines of a plain text, cut into cells when a column is asked for."""

    def __init__(self, part: tuple[str, int, int], delimiter: str, names: list[str], numbers: range) -> None:
        self._part, self._delimiter, self.numbers = part, delimiter, numbers
        self.names, self._width = names, len(names)
        while len(self.names) > 1 and not self.names[-1] and not any(map(str.strip, self.column(len(self.names) - 1))):
            self.names = self.names[:-1]  # separators at the ends of all lines

    def are_even(self) -> bool:
        """Whether each line has as many cells as the first, and none is blank or longer than a cell may be."""
        counts, delimiter = {self._width - 1}, self._delimiter
        return all(
            {line.count(delimiter) for line in block} == counts
            and not (self._width == 1 and "" in block)
            and max(map(len, block)) <= LONGEST_FIELD
            for block in _blocks(*self._part)
        )

    def column(self, place: int) -> list[str]:
        """The cells of a column."""
        found: list[str] = []
        delimiter = self._delimiter
        for block in _blocks(*self._part):
            found += [line.split(delimiter, place + 1)[place] for line in block]
        return found

    def numbers_of(self, place: int) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
        """A column as plain numbers by a fast reader; None where there is none, or something needs a second look."""
        return columnar.numbers(self._part, self._delimiter, place, len(self.numbers))

    def times_of(self, place: int) -> np.ndarray[tuple[int], np.dtype[np.datetime64]] | None:
        """A column as ISO dates by a fast reader; None as above."""
        return columnar.times(self._part, self._delimiter, place, len(self.numbers))


class Rows:
    """The rows of any CSV text, by the csv module."""

    def __init__(self, text: str, before: int, delimiter: str, name: str) -> None:
        self.names, self._rows, self.numbers = _parse(text, before, delimiter, name)

    def column(self, place: int) -> list[str]:
        """The cells of a column."""
        return [row[place] for row in self._rows]

    def numbers_of(self, place: int) -> None:
        """There is no fast reader of these."""

    times_of = numbers_of


def _parse(text: str, before: int, delimiter: str, path: str) -> tuple[list[str], list[list[str]], list[int]]:
    """The names of the columns, the rows, and the line in the file where each row ends."""
    import csv  # here: it takes time, and most data come as arrays

    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        for row in reader:
            # A blank line is not a row; in a file of one column it is a missing value, unless only blank lines follow.
            if row or (rows and len(rows[0]) == 1):
                rows.append(row)
                lines.append(before + reader.line_num)
    except csv.Error as error:
        reason = "a quote is not closed" if "end of data" in str(error) else escaped(str(error))
        line = before + reader.line_num
        raise InputError(f"{shown(path)}, line {line}: {reason}", code="csv", line=line) from None
    last = next((at for at in range(len(rows) - 1, -1, -1) if any(map(str.strip, rows[at]))), 0)
    while len(rows) > 1 and (not rows[-1] or (last and len(rows[-1]) > 1 and len(rows) > last + 1)):
        rows.pop()  # blank lines, and rows of nothing but separators
        lines.pop()
    rows = [row or [""] for row in rows]
    if not rows or not any(cell.strip() for row in rows for cell in row):
        raise InputError(f"{shown(path)} is empty", code="empty")
    head = _names([name.strip() for name in rows[0]], rows[1:])
    for row, line in zip(rows[1:], lines[1:], strict=True):
        if len(row) != len(head) and not (len(row) > len(head) and not any(cell.strip() for cell in row[len(head) :])):
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


def _names(head: list[str], rows: list[list[str]]) -> list[str]:
    """The names: none for the names of rows that R writes without one, and none for separators at the ends of lines."""
    if rows and all(len(row) == len(head) + 1 for row in rows):
        return head if not any(row[-1].strip() for row in rows) else ["", *head]
    while (
        len(head) > 1 and not head[-1] and not any(row[len(head) - 1].strip() for row in rows if len(row) >= len(head))
    ):
        head = head[:-1]
    return head


def _check_header(names: Sequence[str], path: str) -> None:
    """Refuse a first line of values: one would be lost."""
    told = [name for name in names if name]
    if [*told] == [str(place) for place in range(len(told))] and (len(names) > len(told) or len(told) > 1):
        return  # the columns of pandas that nobody named
    if told and all(_A_DATE.fullmatch(name) or (like_a_number(name) and _is_number(name)) for name in told):
        raise InputError(
            f"{shown(path)}, line 1: {', '.join(map(shown, told[:4]))} are values, not names of columns: put a line of "
            "names before it, such as " + ",".join(["time", "value"][-len(names) :] if len(names) < 3 else "abc"),
            code="no-header",
            line=1,
            found=list(names),
        )


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?[\d.,' ]+([eE][+-]?\d+)?", text) is not None


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


def find_columns(head: Sequence[str], name: str | Sequence[str]) -> str | list[str]:
    """One column, or several: a list of names, or names with commas where no column has all of that as its name."""
    if isinstance(name, str):
        parts = [part.strip() for part in name.split(",")]
        if name in head or len(parts) == 1 or not all(part in head for part in parts):
            return name
        return parts
    if not isinstance(name, (list, tuple)) or not name:
        raise refuse("column", name, "the name of a column, or a list of names")
    return name[0] if len(name) == 1 else list(name)


def other_columns(
    names: Sequence[str], value: str, time: str | Sequence[str] | None, ids: Sequence[str] = ()
) -> list[str]:
    """The columns that are neither the values nor the times nor an id."""
    used = {value, *([time] if isinstance(time, str) else time or ()), *ids}
    return [name for name in names if name and name not in used]


def listed(names: Sequence[str]) -> str:
    """The names of the columns, for a message."""
    return "the columns are " + ", ".join(shown(name) for name in names[:8]) + (" ..." if len(names) > 8 else "")

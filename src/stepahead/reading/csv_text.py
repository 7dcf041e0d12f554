"""CSV text: the standard library's parser, then float64. Nothing is guessed: what is not clear is an error with its line."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..columns import Column
from ..errors import InputError, escaped, shown
from ..parameters import refuse
from ..times import Times

ABSENT = frozenset({"", "na", "n/a", "nan", "null", "none"})
LONGEST_FIELD = 1 << 20
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|infinity)", re.IGNORECASE)
_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+")
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:[ T](\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?")
_ISO = re.compile(r"(\d{4,6}(?:-\d{2}(?:-\d{2}(?:[ T]\d{2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?)?)?)?)?)\s*(Z|[+-]\d{2}:?\d{2})?")


class CsvTable:
    """The cells of a CSV file, by column."""

    def __init__(self, content: bytes, name: str, encoding: str, decimal: str) -> None:
        self.names, self._rows, self._lines = _parse(_decode(content, encoding, name), name)
        self._decimal = decimal

    def _cells(self, name: str) -> list[str]:
        place = find_column(self.names, name)
        return [row[place] for row in self._rows]

    def values(self, name: str) -> Column:
        """Numbers, or texts, with NaN or None where a cell is empty."""
        return _values(self._cells(name), self._lines, name, self._decimal)

    def times(self, name: str) -> Times:
        """Dates or numbers."""
        return _times(self._cells(name), self._lines, name)

    def texts(self, name: str) -> list[str]:
        """The cells, without the blanks around them."""
        found = [cell.strip() for cell in self._cells(name)]
        if "" in found:
            line = self._lines[found.index("")]
            raise InputError(f"column {shown(name)}, line {line}: the id is missing", code="id-missing", line=line)
        return found


def _decode(raw: bytes, encoding: str, path: str) -> str:
    known = _known_encoding(encoding)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) and not known.startswith(("utf-16", "utf-32")):
        raise InputError(f'{shown(path)} begins with a UTF-16 mark: give encoding="utf-16"', code="encoding", offset=0)
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
            f"{shown(path)} holds a NUL character in line {text.count(chr(10), 0, zero) + 1}: it is no text file",
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
            # A blank line is no row; but in a file of one column it is a missing value, unless only blank lines follow.
            if row or (rows and len(rows[0]) == 1):
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as error:
        reason = "a quote is opened and never closed" if "end of data" in str(error) else escaped(str(error))
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
    """The place of a column; an error that lists the columns, and the nearest, where it is not there or there twice."""
    if not isinstance(name, str):
        raise refuse("column", name, "the name of a column, as text")
    count = head.count(name)
    if count == 1:
        return head.index(name)
    if count:
        raise InputError(f"the column {shown(name)} stands {count} times in the header", code="column-repeated", column=name)
    import difflib

    near = difflib.get_close_matches(name, head, 1, 0.5)
    hint = f"; did you mean {shown(near[0])}?" if near else ""
    raise InputError(f"there is no column {shown(name)}: {listed(head)}{hint}", code="column", column=name, columns=list(head))


def listed(names: Sequence[str]) -> str:
    """The columns there are, for a message."""
    return "the columns are " + ", ".join(shown(name) for name in names[:8]) + (" ..." if len(names) > 8 else "")


def _with_point(text: str) -> str:
    """A number with a decimal comma, and points between thousands, as Python writes it."""
    if _COMMA.fullmatch(text) or re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+", text):
        return text.replace(".", "").replace(",", ".")
    return text


def _values(cells: list[str], lines: list[int], column: str, decimal: str) -> Column:
    """Float64 where the cells are numbers, else the texts; a mixture is an error that names the line."""
    texts = [cell.strip() for cell in cells]
    if decimal == ",":
        texts = [_with_point(text) for text in texts]
    try:
        if not any("_" in text for text in texts):
            return Column(np.array([np.nan if text.lower() in ABSENT else float(text) for text in texts]))
    except ValueError:
        pass
    here = [i for i, text in enumerate(texts) if text.lower() not in ABSENT]
    odd = [i for i in here if not _PLAIN.fullmatch(texts[i])]
    if len(odd) == len(here) and not any(_COMMA.fullmatch(texts[i]) for i in odd):
        return Column(np.array([None if text.lower() in ABSENT else text for text in texts], dtype=object))
    at = odd[0]
    commas = sum(bool(_COMMA.fullmatch(texts[i])) for i in here)
    thousands = sum(bool(re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", texts[i])) for i in odd)
    hint, code = "", "not-a-number"
    if thousands == len(odd):
        hint, code = ': take out the commas between thousands (or, if they are decimal commas, give decimal=",")', "thousands"
    elif 2 * commas > len(odd):
        hint, code = ': with a decimal comma give decimal=","', "decimal-comma"
    raise InputError(
        f"column {shown(column)}, line {lines[at]}: {shown(texts[at])} is not a number{hint}",
        code=code,
        line=lines[at],
        value=texts[at],
    )


# ---------------------------------------------------------------------------------------------------------------
# Times


def _times(cells: list[str], lines: list[int], column: str) -> Times:
    """Whole numbers, or dates: ISO, or day and month in the one order that all rows allow."""
    texts = [cell.strip() for cell in cells]
    there = np.array([bool(text) for text in texts])
    if not there.all() and there.any():
        # What is missing is found out where the series is made; it may be one of many.
        found = _times([text for text in texts if text], [n for n, here in zip(lines, there, strict=True) if here], column)
        kind = found.labels.dtype
        hollow = np.full(len(texts), np.nan) if kind.kind in "if" else np.full(len(texts), "NaT", dtype=kind)
        hollow[there] = found.labels
        return Times(hollow, found.zoned)
    whole = [bool(re.fullmatch(r"[+-]?\d{1,18}", text)) for text in texts]
    if all(whole):
        return Times(np.array([int(text) for text in texts], dtype=np.int64))
    if all(_PLAIN.fullmatch(text) for text in texts):
        return Times(np.array([float(text) for text in texts]))
    if all(_SLASHED.fullmatch(text) for text in texts):
        return Times(_slashed(texts, column))
    if 2 * sum(whole) > len(whole):
        raise _not_a_time(texts, lines, column, whole.index(False))
    return Times(_each(texts, lines, column, _iso), _have_zone(texts, lines, column))


def _have_zone(texts: list[str], lines: list[int], column: str) -> bool:
    """Whether these ISO dates have a zone: all of them, or none."""
    zoned = [bool((found := _ISO.fullmatch(text)) and found[2]) for text in texts]
    if len(set(zoned)) > 1:
        place = zoned.index(not zoned[0])
        one, other = (f"{shown(texts[at])}, line {lines[at]}," for at in ((0, place) if zoned[0] else (place, 0)))
        raise InputError(
            f"column {shown(column)}, line {lines[place]}: {one} has a zone and {other} has none: give all of them one, or "
            "none",
            code="time-zone",
            line=lines[place],
            value=texts[place],
        )
    return zoned[0]


def _not_a_time(texts: list[str], lines: list[int], column: str, place: int) -> InputError:
    return InputError(
        f"column {shown(column)}, line {lines[place]}: {shown(texts[place])} is not a time like the others; ISO dates such as "
        "2024-01-31 or 2024-01-31 13:00 and whole numbers are times",
        code="not-a-time",
        line=lines[place],
        value=texts[place],
    )


def _each(texts: list[str], lines: list[int], column: str, convert: Callable[[str], np.datetime64]) -> npt.NDArray[Any]:
    out = []
    for place, text in enumerate(texts):
        try:
            out.append(convert(text))
        except ValueError:
            raise _not_a_time(texts, lines, column, place) from None
    merged = np.array(out)
    # One unit for all of them must hold each of them: nothing is wrapped around.
    for row, moment in enumerate(out):
        if merged[row].astype(moment.dtype) != moment:
            raise InputError(
                f"column {shown(column)}, line {lines[row]}: {shown(texts[row])} and a time this far from it cannot both be "
                "held to the same fraction of a second",
                code="time-range",
                line=lines[row],
                value=texts[row],
            )
    return merged


def _iso(text: str) -> np.datetime64:
    found = _ISO.fullmatch(text)
    if not found:
        raise ValueError(text)
    if found[2] and ":" not in found[1]:
        raise ValueError(text)  # a zone belongs to a time of day
    moment = np.datetime64(found[1].replace(" ", "T"))
    if found[2] and found[2] != "Z":
        sign = -1 if found[2][0] == "+" else 1
        digits = found[2][1:].replace(":", "")
        moment = moment + sign * np.timedelta64(60 * int(digits[:2]) + int(digits[2:]), "m")
    return moment


def _slashed(texts: list[str], column: str) -> npt.NDArray[Any]:
    parts = [_SLASHED.fullmatch(text) for text in texts]
    readings = {}
    for order, (day, month) in {"day first": (1, 2), "month first": (2, 1)}.items():
        try:
            readings[order] = np.array(
                [
                    np.datetime64(
                        f"{p[3]}-{int(p[month]):02d}-{int(p[day]):02d}"
                        + (f"T{p[4] if p[4][1:2] != ':' else '0' + p[4]}" if p[4] else "")
                    )
                    for p in parts
                    if p
                ]
            )
        except ValueError:
            continue
    if len(readings) == 1:
        return next(iter(readings.values()))
    both = " or ".join(str(found[0]) for found in readings.values()) or "no date at all"
    raise InputError(
        f"column {shown(column)}: {shown(texts[0])} can be {both}: write ISO dates, 2024-01-31",
        code="ambiguous-date",
        value=texts[0],
        readings=list(readings),
    )

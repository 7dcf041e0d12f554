"""Files in: a column of a CSV file as a Series. Nothing is guessed: what is not clear is an error that says what to type."""

from __future__ import annotations

import csv
import difflib
import io
import os
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import InputError, ParameterError, shown
from .parameters import one_of
from .series import Series

ABSENT = frozenset({"", "na", "n/a", "nan", "null", "none"})
LONGEST_FIELD = 1 << 20
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|infinity)", re.IGNORECASE)
_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+")
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:[ T](\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?")
_ISO = re.compile(r"(\d{4,6}(?:-\d{2}(?:-\d{2}(?:[ T]\d{2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?)?)?)?)?)\s*(Z|[+-]\d{2}:?\d{2})?")


def read(
    path: str | os.PathLike[str],
    value: str | None = None,
    time: str | None = None,
    *,
    missing: str = "raise",
    every: Any = None,
    encoding: str = "utf-8",
    decimal: str = ".",
) -> Series:
    r"""One column of a CSV file as a Series.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "load.csv"
    ...     _ = path.write_text("day,mw\n2024-01-01,3.5\n2024-01-02,4.25\n")
    ...     read(path, value="mw", time="day")
    Series('mw': 2 numbers, 2024-01-01 to 2024-01-02)

    Parameters
    ----------
    path : the file; its first line names the columns. Comma, semicolon or tab between them, as in that line.
    value : the column to read; may be left out where there is only one besides `time`. Text becomes symbols.
    time : the column of times, optional: ISO dates, or whole numbers.
    missing, every : as for ``Series``. Empty cells, NA, N/A, NaN and null count as missing.
    encoding : of the file; a file that is not in it is an error, never a guess.
    decimal : "." or ",".

    Raises
    ------
    InputError : the file cannot be read as said; the message has the line and what was found there.
    """
    one_of("decimal", decimal, (".", ","))
    text = _decode(_bytes(path), encoding, path)
    head, rows, lines = _parse(text, path)
    if value is None:
        others = [name for name in head if name != time]
        if len(others) != 1:
            raise InputError(f"which column? {_listed(others)}: name one with value=", code="column", found=others)
        value = others[0]
    cells = [row[_column(head, value)] for row in rows]
    labels = None if time is None else _times([row[_column(head, time)] for row in rows], lines, time)
    return Series(_values(cells, lines, value, decimal), times=labels, name=value, missing=missing, every=every)


def _bytes(path: str | os.PathLike[str]) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise InputError(f"cannot read {shown(str(path))}: {error.strerror or error}", code="file", path=str(path)) from error


def _decode(raw: bytes, encoding: str, path: Any) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) and not encoding.lower().startswith(("utf-16", "utf-32")):
        raise InputError(f'{shown(str(path))} begins with a UTF-16 mark: give encoding="utf-16"', code="encoding", offset=0)
    try:
        text = raw.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
    except LookupError:
        raise ParameterError(
            f"encoding={shown(encoding)} is not known: utf-8, utf-16, latin-1, gbk, ... are",
            code="parameter",
            name="encoding",
            value=encoding,
        ) from None
    except UnicodeDecodeError as error:
        raise InputError(
            f"{shown(str(path))} is not {shown(encoding)}: byte {raw[error.start]:#04x} at offset {error.start}; "
            'name its encoding, for example encoding="gbk" or encoding="latin-1"',
            code="encoding",
            offset=error.start,
        ) from None
    zero = text.find("\0")
    if zero >= 0:
        raise InputError(
            f"{shown(str(path))} holds a NUL character in line {text.count(chr(10), 0, zero) + 1}: it is no text file",
            code="nul",
            line=text.count("\n", 0, zero) + 1,
        )
    return text


def _parse(text: str, path: Any) -> tuple[list[str], list[list[str]], list[int]]:
    """The names of the columns, the rows, and the line in the file where each row ends."""
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, lines = [], []
    try:
        for row in reader:
            if (row and any(cell.strip() for cell in row)) or (row and len(row) > 1):
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as error:
        reason = "a quote is opened and never closed" if "EOF" in str(error) or "end of data" in str(error) else str(error)
        raise InputError(f"{shown(str(path))}, line {reader.line_num}: {reason}", code="csv", line=reader.line_num) from None
    if not rows:
        raise InputError(f"{shown(str(path))} is empty", code="empty")
    head = [name.strip() for name in rows[0]]
    for row, line in zip(rows[1:], lines[1:], strict=True):
        if len(row) != len(head):
            raise InputError(
                f"{shown(str(path))}, line {line}: {len(row)} cells found, {len(head)} expected",
                code="ragged",
                line=line,
                found=len(row),
                expected=len(head),
            )
    if len(rows) == 1:
        raise InputError(f"{shown(str(path))} has a header and no rows", code="empty")
    return head, rows[1:], lines[1:]


def _column(head: Sequence[str], name: str) -> int:
    count = head.count(name)
    if count == 1:
        return head.index(name)
    if count:
        raise InputError(f"the column {shown(name)} stands {count} times in the header", code="column-repeated", column=name)
    near = difflib.get_close_matches(name, head, 1, 0.5)
    hint = f"; did you mean {shown(near[0])}?" if near else ""
    raise InputError(f"there is no column {shown(name)}: {_listed(head)}{hint}", code="column", column=name, columns=list(head))


def _listed(names: Sequence[str]) -> str:
    return "the columns are " + ", ".join(shown(name) for name in names[:8]) + (" ..." if len(names) > 8 else "")


def _values(cells: list[str], lines: list[int], column: str, decimal: str) -> Any:
    """Float64 where the cells are numbers, else the texts; a mixture is an error that names the line."""
    texts = [cell.strip() for cell in cells]
    if decimal == ",":
        texts = [text.replace(".", "").replace(",", ".") if _COMMA.fullmatch(text) else text for text in texts]
    try:
        if not any("_" in text for text in texts):
            return np.array([np.nan if text.lower() in ABSENT else float(text) for text in texts])
    except ValueError:
        pass
    here = [i for i, text in enumerate(texts) if text.lower() not in ABSENT]
    odd = [i for i in here if not _PLAIN.fullmatch(texts[i])]
    if len(odd) == len(here) and not any(_COMMA.fullmatch(texts[i]) for i in odd):
        return [None if text.lower() in ABSENT else text for text in texts]
    at = odd[0]
    commas = sum(bool(_COMMA.fullmatch(texts[i])) for i in here)
    hint = ': with a decimal comma give decimal=","' if 2 * commas > len(odd) else ""
    raise InputError(
        f"column {shown(column)}, line {lines[at]}: {shown(texts[at])} is not a number{hint}",
        code="decimal-comma" if hint else "not-a-number",
        line=lines[at],
        value=texts[at],
    )


# ---------------------------------------------------------------------------------------------------------------
# Times


def _times(cells: list[str], lines: list[int], column: str) -> npt.NDArray[Any]:
    """Whole numbers, or dates: ISO, or day and month in the one order that all rows allow."""
    texts = [cell.strip() for cell in cells]
    if all(re.fullmatch(r"[+-]?\d{1,18}", text) for text in texts):
        return np.array([int(text) for text in texts], dtype=np.int64)
    if all(_PLAIN.fullmatch(text) for text in texts):
        return np.array([float(text) for text in texts])
    if all(_SLASHED.fullmatch(text) for text in texts):
        return _slashed(texts, column)
    return _each(texts, lines, column, _iso)


def _each(texts: list[str], lines: list[int], column: str, convert: Callable[[str], np.datetime64]) -> npt.NDArray[Any]:
    out = []
    for text, line in zip(texts, lines, strict=True):
        try:
            out.append(convert(text))
        except ValueError:
            raise InputError(
                f"column {shown(column)}, line {line}: {shown(text)} is not a time; ISO dates such as 2024-01-31 or "
                "2024-01-31 13:00 and whole numbers are",
                code="not-a-time",
                line=line,
                value=text,
            ) from None
    return np.array(out)


def _iso(text: str) -> np.datetime64:
    found = _ISO.fullmatch(text)
    if not found:
        raise ValueError(text)
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
                    np.datetime64(f"{p[3]}-{int(p[month]):02d}-{int(p[day]):02d}" + (f"T{p[4]:0>5}" if p[4] else ""))
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

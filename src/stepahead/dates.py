"""Times as text: ISO dates, dates with slashes or points if only one order of day and month fits all rows, or numbers.
Ambiguous dates are an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .cells import Cells
from .errors import InputError, shown
from .times import Times

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|infinity)", re.IGNORECASE)
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:[ T](\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?")
_ISO = re.compile(
    r"(\d{4,6}(?:-\d{2}(?:-\d{2}(?:[ T]\d{2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?)?)?)?)?)\s*(Z|[+-]\d{2}:?\d{2})?"
)


def times_of(cells: Cells) -> Times:
    """Times from text cells: whole numbers, ISO dates, or dates of which one order of day and month fits all rows."""
    texts = cells.texts
    there = np.array([bool(text) for text in texts])
    if not there.all() and there.any():
        # Missing times are reported where the series is made, which may be one of many.
        found = times_of(cells.only(there.tolist()))
        kind = found.labels.dtype
        filled = np.full(len(texts), np.nan) if kind.kind in "if" else np.full(len(texts), "NaT", dtype=kind)
        filled[there] = found.labels
        return Times(filled, found.zoned)
    whole = [bool(re.fullmatch(r"[+-]?\d{1,18}", text)) for text in texts]
    if all(whole):
        return Times(np.array([int(text) for text in texts], dtype=np.int64))
    if all(_NUMBER.fullmatch(text) for text in texts):
        return Times(np.array([float(text) for text in texts]))
    if all(_SLASHED.fullmatch(text) for text in texts):
        return Times(_slashed(texts, cells.title))
    if 2 * sum(whole) > len(whole):
        raise _not_a_time(cells, whole.index(False))
    return Times(_each(cells, _iso), _have_zone(cells))


def _have_zone(cells: Cells) -> bool:
    """Whether these ISO dates have a zone: all of them, or none."""
    zoned = [bool((found := _ISO.fullmatch(text)) and found[2]) for text in cells.texts]
    if len(set(zoned)) > 1:
        place = zoned.index(not zoned[0])
        one, other = (
            f"{shown(cells.texts[at])}, {cells.unit} {cells.numbers[at]},"
            for at in ((0, place) if zoned[0] else (place, 0))
        )
        raise InputError(
            f"{cells.where(place)}: {one} has a zone and {other} has none: give all of them a zone, or none",
            code="time-zone",
            **cells.facts(place),
        )
    return zoned[0]


def _not_a_time(cells: Cells, place: int) -> InputError:
    return InputError(
        f"{cells.where(place)}: {shown(cells.texts[place])} is not a time like the others; ISO dates such as "
        "2024-01-31 or 2024-01-31 13:00 and whole numbers are times",
        code="not-a-time",
        **cells.facts(place),
    )


def _each(cells: Cells, convert: Callable[[str], np.datetime64]) -> npt.NDArray[Any]:
    out = []
    for place, text in enumerate(cells.texts):
        try:
            out.append(convert(text))
        except ValueError:
            raise _not_a_time(cells, place) from None
    merged = np.array(out)
    # All times share one unit, in which each must fit: none may overflow.
    for row, moment in enumerate(out):
        if merged[row].astype(moment.dtype) != moment:
            raise InputError(
                f"{cells.where(row)}: {shown(cells.texts[row])} and a time this far from it cannot both be "
                "stored to the same fraction of a second",
                code="time-range",
                **cells.facts(row),
            )
    return merged


def _iso(text: str) -> np.datetime64:
    found = _ISO.fullmatch(text)
    if not found:
        raise ValueError(text)
    if found[2] and ":" not in found[1]:
        raise ValueError(text)  # a zone needs a time of day
    moment = np.datetime64(found[1].replace(" ", "T"))
    if found[2] and found[2] != "Z":
        sign = -1 if found[2][0] == "+" else 1
        digits = found[2][1:].replace(":", "")
        moment = moment + sign * np.timedelta64(60 * int(digits[:2]) + int(digits[2:]), "m")
    return moment


def _slashed(texts: Sequence[str], title: str) -> npt.NDArray[Any]:
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
        f"{title}: {shown(texts[0])} can be {both}: write ISO dates, 2024-01-31",
        code="ambiguous-date",
        value=texts[0],
        readings=list(readings),
    )

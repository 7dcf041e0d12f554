"""Times as text or whole numbers: ISO dates, quarters, weeks, months, dates with slashes, points or names of months, or
numbers. Of dates with slashes only one order of day and month may fit all rows: ambiguous ones are an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from .cells import ABSENT, Cells
from .errors import InputError, shown
from .times import Times
from .zones import zone_of_offsets

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|infinity)", re.IGNORECASE)
_ZONE = r"\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?"
_ISO = re.compile(rf"(\d{{4,6}}(?:-\d{{2}}(?:-\d{{2}}(?:[ T]\d{{2}}(?::\d{{2}}(?::\d{{2}}(?:\.\d+)?)?)?)?)?)?){_ZONE}")
_CLOCK = r"(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2})(\.\d+)?)?\s*([aApP]\.?[mM]\.?)?)?"
_SLASHED = re.compile(rf"(\d{{1,2}})([/.-])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_CLOCK}")
_YEAR_FIRST = re.compile(rf"(\d{{4}})([/.-])(\d{{1,2}})\2(\d{{1,2}}){_CLOCK}")
_HAN = re.compile(rf"(\d{{4}})\s*年\s*(\d{{1,2}})\s*月(?:\s*(\d{{1,2}})\s*日)?{_CLOCK}")
_QUARTERS = (
    re.compile(r"(?P<y>\d{4})[\s:.-]?[qQ](?P<q>[1-4])"),
    re.compile(r"[qQ](?P<q>[1-4])[\s/-]?(?P<y>\d{4})"),
    re.compile(r"(?P<q>[1-4])[qQ][\s/-]?(?P<y>\d{4})"),
)
_WEEK = re.compile(r"(\d{4})-?[wW](\d{1,2})(?:-?([1-7]))?")
_NAMED = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_LONG = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_NAME = r"(?P<name>[A-Za-z]{3,9})\.?"
_MONTHS = (
    re.compile(rf"{_NAME}[\s,'’/-]*(?P<y>\d{{4}}|\d{{2}})"),
    re.compile(rf"(?P<y>\d{{4}})[\s/-]*{_NAME}"),
    re.compile(r"(?P<y>\d{4})[/.](?P<m>\d{1,2})"),
    re.compile(r"(?P<m>\d{1,2})[/.-](?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})-?[mM](?P<m>\d{1,2})"),
)
_DAYS = (
    re.compile(rf"(?:[A-Za-z]{{3,9}},?\s+)?(?P<d>\d{{1,2}})[\s./-]*{_NAME}[\s,/-]*(?P<y>\d{{4}}|\d{{2}}){_CLOCK}"),
    re.compile(rf"(?:[A-Za-z]{{3,9}},?\s+)?{_NAME}\s*(?P<d>\d{{1,2}}),?\s+(?P<y>\d{{4}}){_CLOCK}"),
)
PIVOT = 69
"""Two digits of a year from here on are of the last century, as in POSIX."""
_UNITS = {7: "M", 10: "D", 13: "h", 16: "m", 19: "s", 23: "ms", 26: "us"}
_BODIES = {7: r"\d{4}-\d\d", 10: r"\d{4}-\d\d-\d\d"}
_BODIES |= {13: rf"{_BODIES[10]}[ T]\d\d", 16: rf"{_BODIES[10]}[ T]\d\d:\d\d", 19: rf"{_BODIES[10]}[ T]\d\d:\d\d:\d\d"}
_BODIES |= {width: rf"{_BODIES[19]}\.\d{{{width - 20}}}" for width in (23, 26)}
"""What ISO dates look like, by their length."""
_BLOCK = 1 << 16
MOST_INT = np.iinfo(np.int64).max


def times_of(cells: Cells) -> Times:
    """Times from text cells: whole numbers, ISO dates, or another form that fits all rows."""
    texts = cells.texts
    quick = _iso_fast(texts)
    if quick is not None:
        return quick
    there = np.array([text.lower() not in ABSENT for text in texts])
    if not there.all() and there.any():
        # Missing times are reported where the series is made, which may be one of many.
        found = times_of(cells.only(there.tolist()))
        kind = found.labels.dtype
        filled = np.full(len(texts), np.nan) if kind.kind in "if" else np.full(len(texts), "NaT", dtype=kind)
        filled[there] = found.labels
        return Times(filled, found.zone, found.notes)
    if not there.any():
        return Times(np.full(len(texts), np.nan))
    whole = [bool(re.fullmatch(r"[+-]?\d{1,19}", text)) for text in texts]
    if all(whole) and all(abs(int(text)) <= MOST_INT for text in texts):
        return Times(np.array([int(text) for text in texts], dtype=np.int64))
    if all(_NUMBER.fullmatch(text) for text in texts):
        return Times(np.array([float(text) for text in texts]))
    if all(_SLASHED.fullmatch(text) for text in texts):
        return Times(_slashed(texts, cells.title))
    _check_short_years(cells)
    for form in _FORMS:
        made = _of_form(texts, form)
        if made is not None:
            return Times(made)
    if 2 * sum(whole) > len(whole):
        raise _not_a_time(cells, whole.index(False))
    return _isos(cells)


def joined(columns: Sequence[Sequence[str]]) -> list[str]:
    """One text for each row of several columns of times: date and time of day, or year, month, day, hour as numbers.

    >>> joined([["2004", "2004"], ["3", "3"], ["10", "11"]]), joined([["10/03/2004"], ["18.00.00"]])
    (['2004-03-10', '2004-03-11'], ['10/03/2004 18:00:00'])
    """
    numbers = all(re.fullmatch(r"\d{1,4}(\.0)?", text) for texts in columns for text in texts)
    if numbers:
        return [_from_parts([text.removesuffix(".0") for text in row]) for row in zip(*columns, strict=True)]
    first, *rest = columns
    clocks = [[_clock_text(text) for text in texts] for texts in rest]
    return [
        "" if any(part.lower() in ABSENT for part in row) else " ".join(row)
        for row in zip([_day_text(text) for text in first], *clocks, strict=True)
    ]


def _from_parts(parts: Sequence[str]) -> str:
    year, *rest = parts
    day = "-".join([year, *(part.zfill(2) for part in rest[:2])])
    clock = [part.zfill(2) for part in rest[2:]]
    return day if not clock else f"{day} {':'.join([*clock, '00'] if len(clock) == 1 else clock)}"


def _day_text(text: str) -> str:
    """A date without the midnight that a frame or a database writes behind it."""
    return re.sub(r"[ T]00:00(:00(\.0+)?)?$", "", text)


def _clock_text(text: str) -> str:
    """A time of day with colons: 18.00.00, or the hour alone."""
    if re.fullmatch(r"\d{1,2}", text):
        return f"{text.zfill(2)}:00"
    found = re.fullmatch(r"(\d{1,2})[.:](\d{2})([.:](\d{2})(\.\d+)?)?(.*)", text)
    if not found:
        return text
    return f"{found[1].zfill(2)}:{found[2]}" + (f":{found[4]}{found[5] or ''}" if found[4] else "") + found[6]


# -- ISO --------------------------------------------------------------------------------------------------------------


def _iso_fast(texts: Sequence[str]) -> Times | None:
    """ISO dates of one length, in blocks; None where some are of another length, or none at all."""
    if not len(texts) or not (found := _ISO.fullmatch(texts[0])):
        return None
    width, length = len(found[1]), len(texts[0])
    if width not in _UNITS or texts[0][4:5] != "-":
        return None
    behind = rf"(?:{re.escape(texts[0][width:])}|[+-]\d\d:?\d\d)" if found[2] else ""
    pattern = re.compile(rf"(?:{_BODIES[width]}{behind}\n)*")
    labels, offsets = [], []
    for begin in range(0, len(texts), _BLOCK):
        block = texts[begin : begin + _BLOCK]
        if set(map(len, block)) != {length} or not pattern.fullmatch("\n".join(block) + "\n"):
            return None
        try:
            plain = np.array(block if width == length else [text[:width] for text in block], dtype=f"U{width}")
            labels.append(plain.astype(f"datetime64[{_UNITS[width]}]"))
        except ValueError:
            return None
        if found[2]:
            if width < 16:
                return None
            known = {text: _offset(text.strip()) for text in {text[width:] for text in block}}
            offsets.append(np.array([known[text[width:]] for text in block], dtype=np.int64))
    made = np.concatenate(labels)
    return Times(made) if not found[2] else _zoned(made, np.concatenate(offsets))


def _offset(text: str) -> int:
    """The seconds of "Z", "+02", "+0200", "+02:00"."""
    if text in ("Z", "UTC", "GMT"):
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    return (-1 if text[0] == "-" else 1) * (3600 * int(digits[:2]) + 60 * int(digits[2:]))


def _zoned(local: npt.NDArray[Any], offsets: npt.NDArray[np.int64]) -> Times:
    """Wall-clock times with their offsets, in UTC; the zone is that of the offsets."""
    utc = local - (offsets // 60).astype("timedelta64[m]")
    zone = zone_of_offsets(utc, offsets)
    if zone is not None:
        changing = len(np.unique(offsets)) > 1
        note = (f"the offsets of the times are those of {zone}, and are taken as that zone",) if changing else ()
        return Times(utc, zone, note)
    return Times(utc, "UTC", ("the times have offsets of no one zone, and are told in UTC",))


def _isos(cells: Cells) -> Times:
    """ISO dates of any length, one by one."""
    local = _each(cells, _iso)
    if not _have_zone(cells):
        return Times(local)
    found = [_ISO.fullmatch(text) for text in cells.texts]
    return _zoned(local, np.array([_offset(one[2]) for one in found if one], dtype=np.int64))


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
        f"{cells.where(place)}: {shown(cells.texts[place])} is not a time like the others; dates such as "
        "2024-01-31, 2024-01-31 13:00, 2024Q1, 2024-W05 or Jan 2024 and whole numbers are times",
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
    """The wall-clock time of an ISO date, whatever its offset."""
    found = _ISO.fullmatch(text)
    if not found:
        raise ValueError(text)
    if found[2] and ":" not in found[1]:
        raise ValueError(text)  # a zone needs a time of day
    return np.datetime64(found[1].replace(" ", "T"))


# -- other forms ------------------------------------------------------------------------------------------------------


def _slashed(texts: Sequence[str], title: str) -> npt.NDArray[Any]:
    parts = [found for text in texts if (found := _SLASHED.fullmatch(text))]
    readings = {}
    for order, (day, month) in {"day first": (1, 3), "month first": (3, 1)}.items():
        try:
            readings[order] = _merged(_moment(p[4], p[month], p[day], p.groups()[4:]) for p in parts)
        except ValueError:
            continue
    if len(readings) == 1:
        return next(iter(readings.values()))
    rows = list(zip(*readings.values(), strict=True))
    at = next((place for place, row in enumerate(rows) if len(set(row)) > 1), 0)
    if rows and len(set(rows[at])) == 1:  # 01/01/2024, 02/02/2024: the same in both orders
        return readings["day first"]
    both = " or ".join(str(found[at]) for found in readings.values()) or "no date at all"
    raise InputError(
        f"{title}: {shown(texts[at])} can be {both}: write ISO dates, 2024-01-31",
        code="ambiguous-date",
        value=texts[at],
        readings=list(readings),
    )


def _merged(moments: Iterable[str]) -> npt.NDArray[Any]:
    made = [np.datetime64(text) for text in moments]
    merged = np.array(made)
    if any(one.astype(own.dtype) != own for one, own in zip(merged, made, strict=True)):
        raise ValueError("no unit holds all of them")
    return merged


def _moment(year: str, month: str | int, day: str | int, clock: Sequence[str | None] = ()) -> str:
    """The ISO text of a day, and of the time of day as a clock shows it."""
    text = f"{_full_year(year)}-{int(month):02d}-{int(day):02d}"
    if not clock or clock[0] is None:
        return text
    hour, minute, second, fraction, half = (part or "" for part in clock[:5])
    number = int(hour)
    if half:
        if not 1 <= number <= 12:
            raise ValueError(hour)
        number = number % 12 + (12 if half[0] in "pP" else 0)
    return f"{text}T{number:02d}:{minute}" + (f":{second}{fraction}" if second else "")


def _full_year(year: str) -> str:
    return year if len(year) == 4 else f"{'19' if int(year) >= PIVOT else '20'}{year}"


def _month_of(found: re.Match[str]) -> int:
    parts = found.groupdict()
    if parts.get("m"):
        return int(parts["m"])
    name = parts["name"].lower()
    place = next((i for i in range(12) if name in (_NAMED[i], _LONG[i], "sept" if i == 8 else "")), None)
    if place is None:
        raise ValueError(name)
    return place + 1


def _check_short_years(cells: Cells) -> None:
    """Refuse "Jan-01", "Jan-02", ..: years of a month or days of it; a number that stays with its month is a year."""
    found = [re.fullmatch(r"([A-Za-z]{3,9})[\s'’-]*(\d{1,2})", text) for text in cells.texts]
    parts = [(one[1].lower(), int(one[2])) for one in found if one]
    if len(parts) < len(found):
        return
    names, numbers = {name for name, _ in parts}, {number for _, number in parts}
    if len(numbers) > len(names) and max(numbers) <= 31:
        raise InputError(
            f"{cells.where(0)}: {shown(cells.texts[0])} can be a month of a year or a day of a month: write 2001-01 or "
            "2024-01-01",
            code="ambiguous-date",
            **cells.facts(0),
        )


def _year_first(text: str) -> str | None:
    found = _YEAR_FIRST.fullmatch(text)
    if found:
        return _moment(found[1], found[3], found[4], found.groups()[4:])
    found = _HAN.fullmatch(text)
    if found:
        month = f"{found[1]}-{int(found[2]):02d}"
        return month if found[3] is None else _moment(found[1], found[2], found[3], found.groups()[3:])
    return None


def _quarter(text: str) -> str | None:
    found = next((made for form in _QUARTERS if (made := form.fullmatch(text))), None)
    return None if found is None else f"{found['y']}-{3 * int(found['q']) - 2:02d}"


def _week(text: str) -> str | None:
    found = _WEEK.fullmatch(text)
    return found and date.fromisocalendar(int(found[1]), int(found[2]), int(found[3] or 1)).isoformat()


def _month(text: str) -> str | None:
    found = next((made for form in _MONTHS if (made := form.fullmatch(text))), None)
    return None if found is None else f"{_full_year(found['y'])}-{_month_of(found):02d}"


def _named_day(text: str) -> str | None:
    found = next((made for form in _DAYS if (made := form.fullmatch(text))), None)
    if found is None:
        return None
    return _moment(found["y"], _month_of(found), found["d"], found.groups()[-5:])


_FORMS = (_year_first, _quarter, _week, _month, _named_day)


def _of_form(texts: Sequence[str], form: Callable[[str], str | None]) -> npt.NDArray[Any] | None:
    """The times of texts of one form; None where some have another, or are no date."""
    made = []
    for text in texts:
        try:
            one = form(text)
        except ValueError:
            return None
        if one is None:
            return None
        made.append(one)
    try:
        return _merged(made)
    except ValueError:
        return None


# -- whole numbers ----------------------------------------------------------------------------------------------------

_FIRST, _LAST = 1800, 2199
EXCEL = (30_000, 60_000)
"""The days of Excel from 1982 to 2064."""
_PARTS = {8: "YYYYMMDD", 10: "YYYYMMDDHH", 12: "YYYYMMDDHHMM", 14: "YYYYMMDDHHMMSS"}


def as_dates(times: Times) -> Times:
    """Whole numbers that are dates, such as 202401, 20240131, 20241 (a quarter), as dates, with a note.

    >>> as_dates(Times(np.array([202211, 202212, 202301]))).labels.tolist()[-1], as_dates(Times(np.arange(5))).notes
    (datetime.date(2023, 1, 1), ())
    """
    labels = times.labels
    if labels.ndim != 1 or labels.dtype.kind not in "iuf" or not len(labels) or times.notes:
        return times
    with np.errstate(invalid="ignore"):
        low, high = labels.min(), labels.max()
    if not 18_001 <= low <= high < 22 * 10**12 or len(str(int(low))) != len(str(int(high))):
        return times
    if labels.dtype.kind == "f" and not bool((labels == np.rint(labels)).all()):
        return times
    kinds, place = np.unique(labels.astype(np.int64), return_inverse=True)
    found = _dates_of(kinds)
    if found is None:
        return Times(labels, None, _excel(kinds))
    dates, form = found
    text = f"the whole numbers {kinds[0]} to {kinds[-1]} were read as dates, {form}; if they are numbers give every=1"
    return Times(dates[place], None, (text,))


def _dates_of(numbers: npt.NDArray[np.int64]) -> tuple[npt.NDArray[Any], str] | None:
    """Sorted whole numbers as dates, and the form they have; None if one of them is none, or the steps do not fit."""
    digits = len(str(numbers[0]))
    if digits == 5:
        quarters = numbers % 10
        fits = bool(((quarters >= 1) & (quarters <= 4)).all()) and len(np.unique(np.diff(numbers))) > 1
        dates = _month_numbers(numbers // 10, 3 * quarters - 2) if fits else None
        return _regular(dates, np.timedelta64(3, "M"), "a quarter, YYYYQ")
    if digits == 6:
        months = numbers % 100
        if bool(((months >= 1) & (months <= 12)).all()):
            return _regular(_month_numbers(numbers // 100, months), np.timedelta64(1, "M"), "YYYYMM")
        try:
            weeks = [date.fromisocalendar(int(n) // 100, int(n) % 100, 1) for n in numbers]
        except ValueError:
            return None
        return _regular(np.array(weeks, dtype="datetime64[D]"), np.timedelta64(7, "D"), "a week, YYYYWW")
    if digits not in _PARTS:
        return None
    day = numbers // 10 ** (digits - 8)
    dates = _month_numbers(day // 10_000, day // 100 % 100)
    if dates is None:
        return None
    days = dates.astype("datetime64[D]") + (day % 100 - 1)
    if not bool(((days.astype("datetime64[M]") == dates) & (day % 100 > 0)).all()):
        return None
    rest = numbers % 10 ** (digits - 8)
    unit = {8: "D", 10: "h", 12: "m", 14: "s"}[digits]
    out = days.astype(f"datetime64[{unit}]")
    for place, most, part in ((10, 24, "h"), (12, 60, "m"), (14, 60, "s")):
        if digits < place:
            break
        value = rest // 10 ** (digits - place) % 100
        if bool((value >= most).any()):
            return None
        out = out + value.astype(f"timedelta64[{part}]")
    return _regular(out, None, _PARTS[digits])


def _month_numbers(years: npt.NDArray[np.int64], months: npt.NDArray[np.int64]) -> npt.NDArray[Any] | None:
    if not bool(((years >= _FIRST) & (years <= _LAST) & (months >= 1) & (months <= 12)).all()):
        return None
    return np.asarray((12 * (years - 1970) + months - 1).astype("datetime64[M]"))


def _regular(dates: npt.NDArray[Any] | None, step: Any, form: str) -> tuple[npt.NDArray[Any], str] | None:
    """The dates if their commonest step is that of at least half of them; `step` where it must be a given one."""
    if dates is None:
        return None
    gaps, counts = np.unique(np.diff(dates), return_counts=True)
    if not len(gaps):
        return (dates, form) if step is None else None
    common = gaps[counts.argmax()]
    plain = 2 * counts.max() >= len(dates) - 1
    whole = step is None or common % step == np.timedelta64(0) or bool((gaps == common).all())
    return (dates, form) if plain and whole else None


def _excel(numbers: npt.NDArray[np.int64]) -> tuple[str, ...]:
    """A note on numbers that look like Excel's days."""
    if len(numbers) < 3 or not EXCEL[0] <= numbers[0] <= numbers[-1] <= EXCEL[1]:
        return ()
    gaps, counts = np.unique(np.diff(numbers), return_counts=True)
    if 2 * counts.max() < len(numbers) - 1 and not bool(((gaps >= 28) & (gaps <= 31)).all()):
        return ()
    day = np.datetime64("1899-12-30") + int(numbers[0])
    return (
        f"the times {numbers[0]} to {numbers[-1]} were read as numbers; if they are days of Excel, {numbers[0]} is "
        f"{day}: "
        'pandas.to_datetime(times, unit="D", origin="1899-12-30")',
    )

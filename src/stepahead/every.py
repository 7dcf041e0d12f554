"""`every=`, a step of time in the spellings of pandas, polars, numpy and Python; an ambiguous one is an error."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from .errors import InputError, ParameterError, missing_extra, shown
from .parameters import refuse

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
ALLOWED = 'a step such as "15min", "1h", "1D", "B", "1W", "1M", "1Q", "1Y"'

# Lower and upper case mean different things: "ms" is a millisecond of both, "MS" the first day of a month of pandas.
_UNITS = {
    **dict.fromkeys(("ns", "N"), ("ns", 1)),
    **dict.fromkeys(("us", "µs", "U"), ("us", 1)),
    **dict.fromkeys(("ms", "L"), ("ms", 1)),
    **dict.fromkeys(("s", "S", "sec", "second", "seconds"), ("s", 1)),
    **dict.fromkeys(("min", "T", "Min", "MIN", "minute", "minutes"), ("m", 1)),
    **dict.fromkeys(("h", "H", "hour", "hours"), ("h", 1)),
    **dict.fromkeys(("d", "D", "day", "days"), ("D", 1)),
    **dict.fromkeys(("w", "W", "week", "weeks"), ("W", 1)),
    **dict.fromkeys(("mo", "M", "month", "months"), ("M", 1)),
    **dict.fromkeys(("q", "Q", "quarter", "quarters"), ("M", 3)),
    **dict.fromkeys(("y", "Y", "A", "year", "years"), ("M", 12)),
}
_EDGES = {
    **{name: (months, "start") for name, months in (("MS", 1), ("QS", 3), ("YS", 12), ("AS", 12))},
    **{name: (months, "end") for name, months in (("ME", 1), ("QE", 3), ("YE", 12))},
    **{name: (months, "business start") for name, months in (("BMS", 1), ("BQS", 3), ("BYS", 12), ("BAS", 12))},
    **{name: (months, "business end") for name, months in (("BME", 1), ("BQE", 3), ("BYE", 12))},
    **{name: (months, "business end") for name, months in (("BM", 1), ("BQ", 3), ("BY", 12), ("BA", 12))},
}
"""The months of pandas whose times are all the first or the last day."""
_UNITS |= {name: ("M", months) for name, (months, _) in _EDGES.items()}
_TWO_READINGS = {
    "m": ("minute{s}", "{n}min", "month{s}", "{n}mo"),
    "Ms": ("millisecond{s}", "{n}ms", "month{s}, from the first day on", "{n}MS"),
    "mS": ("millisecond{s}", "{n}ms", "month{s}, from the first day on", "{n}MS"),
    "Us": ("microsecond{s}", "{n}us", "second{s}", "{n}s"),
}
_NOT_A_STEP = {
    "bh": "left out: opening hours are found in the times",
    "cbh": "left out: opening hours are found in the times",
    "c": 'a week and its days off, "Mon Tue Wed Thu Fri, 2024-12-25", or a numpy.busdaycalendar',
}


def duration(count: int, unit: str) -> Any:
    """So many of a unit of numpy."""
    return np.timedelta64(count, unit)  # type: ignore[call-overload]


@dataclass(frozen=True)
class Week:
    """The days of a week on which there are values, and the days off besides.

    Attributes
    ----------
    mask : whether there are values on Monday, .., Sunday.
    holidays : days off, sorted ISO dates.
    places : countries, or parts of them, whose holidays are days off too: "DE", "US-CA".
    """

    mask: tuple[bool, ...]
    holidays: tuple[str, ...] = ()
    places: tuple[str, ...] = ()

    def days_off(self, first: int, last: int) -> Any:
        """The days off, [days] of unit D, of the years `first` to `last` where they follow from a country."""
        found = set(np.array(self.holidays, dtype="datetime64[D]").tolist()) if self.holidays else set()
        for place in self.places:
            found.update(holidays_of(place, range(first, last + 1)))
        return np.array(sorted(found), dtype="datetime64[D]")

    def __str__(self) -> str:
        """The words: "Monday to Friday", "Monday, Thursday"."""
        here = [day for day in range(7) if self.mask[day]]
        if len(here) == 7:
            return "every day"
        if len(here) == 1:
            return NAMES[here[0]]
        starts = [day for day in here if (day - 1) % 7 not in here]
        if len(starts) == 1 and len(here) > 2:
            return f"{NAMES[starts[0]]} to {NAMES[(starts[0] + len(here) - 1) % 7]}"
        return ", ".join(NAMES[day] for day in here)

    @property
    def typed(self) -> str:
        """What to type for `every=`."""
        here = [day for day in range(7) if self.mask[day]]
        starts = [day for day in here if (day - 1) % 7 not in here]
        names = " ".join(DAYS[day] for day in here)
        if len(starts) == 1 and len(here) > 2:
            names = f"{DAYS[starts[0]]}-{DAYS[(starts[0] + len(here) - 1) % 7]}"
        return ", ".join(["B" if names == "Mon-Fri" else names, *self.places, *self.holidays])


@dataclass(frozen=True)
class Step:
    """One step of time: a number of units, or the next day of a week.

    Attributes
    ----------
    count, unit : of numpy, such as (15, "m"); months for quarters and years. "B" for days of a week.
    edge : of months, whether every time is their first or last day: "start", "end", or "" for any.
    months : of quarters and years that pandas anchors, the months, from 0, that a time can be in.
    week : the days of a week; of one week ("W-SUN") the single day.
    typed : as it was given.
    """

    count: int
    unit: str
    edge: str = ""
    months: tuple[int, ...] = ()
    week: Week | None = None
    typed: str = ""


def step_of(every: Any) -> Step:
    """The step of time that somebody typed; a ParameterError where it is none, or has two readings.

    >>> step_of("15min").count, step_of("2h").unit, step_of(timedelta(minutes=30)).count
    (15, 'h', 1800)
    >>> step_of("B").week == step_of("Mon-Fri").week == step_of("1111100").week, str(step_of("Sun-Thu").week)
    (True, 'Sunday to Thursday')
    """
    if isinstance(every, Step):
        return every
    if isinstance(every, np.busdaycalendar):
        return _of_days(every, "numpy.busdaycalendar")
    if isinstance(every, timedelta) and not hasattr(every, "asm8"):
        return _of_duration(np.timedelta64(every), every)
    if isinstance(every, np.timedelta64) or hasattr(every, "asm8"):
        return _of_duration(getattr(every, "asm8", every), every)
    if not isinstance(every, str) and isinstance(getattr(every, "freqstr", None), str):
        every = _of_offset(every)
        if isinstance(every, Step):
            return every
    if not isinstance(every, str) or not every.strip():
        raise refuse("every", every, ALLOWED)
    return _of_text(every.strip())


def _of_offset(offset: Any) -> Step | str:
    """An offset of pandas as a step, or as the text that means the same."""
    kind, parts = type(offset).__name__, getattr(offset, "kwds", {})
    if kind == "CustomBusinessDay" and offset.n == 1:
        return _of_days(offset.calendar, offset.freqstr)
    name = next(iter(parts), "")
    if kind == "DateOffset" and len(parts) == 1 and name.endswith("s"):  # months=1; month=1 would be January
        return f"{offset.n * parts[name]} {name}"
    return str(offset.freqstr)


def _of_days(calendar: np.busdaycalendar, typed: str) -> Step:
    mask = tuple(bool(day) for day in calendar.weekmask)
    return Step(1, "B", week=Week(mask, tuple(map(str, calendar.holidays))), typed=typed)


def _of_duration(size: np.timedelta64, every: Any) -> Step:
    unit = np.datetime_data(size.dtype)[0]
    if np.isnat(size) or size <= duration(0, unit if unit != "generic" else "s") or unit == "generic":
        raise refuse("every", every, "longer than nothing" if unit != "generic" else ALLOWED)
    if unit in ("M", "Y"):
        return Step(int(size.astype(np.int64)) * (12 if unit == "Y" else 1), "M", typed=str(every))
    for unit in ("D", "s", "ms", "us"):
        if size % duration(1, unit) == np.timedelta64(0):
            return Step(int(size / duration(1, unit)), unit, typed=str(every))
    return Step(int(size / np.timedelta64(1, "ns")), "ns", typed=str(every))


def _of_text(text: str) -> Step:
    week = _week(text)
    if week is not None:
        return Step(1, "B", week=week, typed=text)
    if "," in text:
        raise refuse("every", text, 'a week and its days off: "B, 2024-12-25", "Sun-Thu, IL"')
    parts = re.findall(r"(\d{1,9})\s*([a-zA-Zµ]+)", text)
    if len(parts) > 1 and re.fullmatch(r"(\d{1,9}\s*[a-zA-Zµ]+\s*)+", text):
        return _summed(text, parts)
    found = re.fullmatch(r"(\d{1,9})?\s*([a-zA-Zµ]+)(?:-([A-Za-z]{3}))?", text)
    if not found or (found[1] is not None and int(found[1]) == 0):
        raise refuse("every", text, ALLOWED)
    count, name, anchor = int(found[1] or 1), found[2], (found[3] or "").upper()
    unit, size = _unit(text, count, name)
    edge = _EDGES.get(name if name in _UNITS else name.upper(), (0, ""))[1]
    if unit == "W" and anchor:
        return Step(count, "W", week=Week(_anchored_day(text, anchor)), typed=text)
    if unit != "M":
        if anchor:
            raise refuse("every", text, ALLOWED)
        return Step(count * size, unit, typed=text)
    return Step(count * size, "M", edge, _anchored(text, anchor, size), typed=text)


def _unit(text: str, count: int, name: str) -> tuple[str, int]:
    two = _TWO_READINGS.get(name)
    if two is not None:
        one, first, other, second = (part.format(n=count, s="s" * (count != 1)) for part in two)
        raise ParameterError(
            f'every={shown(text)} can be {count} {one}, "{first}", or {count} {other}, "{second}": give one of these',
            code="parameter",
            name="every",
            found=text,
            allowed=(first, second),
        )
    if name in _UNITS:
        return _UNITS[name]
    if name.lower() in _NOT_A_STEP:
        raise refuse("every", text, _NOT_A_STEP[name.lower()])
    if name.lower() in ("sm", "sme", "sms", "wom", "lwom"):
        raise refuse("every", text, f"{ALLOWED}: pandas' {name} has no even step")
    if name.upper() == "B":
        raise refuse("every", text, '"B" without a number: the next day of the week')
    lower = _UNITS.get(name.lower()) or _UNITS.get(name.upper())
    if lower is None:
        raise refuse("every", text, ALLOWED)
    return lower


def _summed(text: str, parts: Iterable[tuple[str, str]]) -> Step:
    """The step of polars' "1d12h": parts of a fixed length, added."""
    total = np.timedelta64(0, "ns")
    for number, name in parts:
        unit, size = _unit(text, int(number), name)
        if unit == "M":
            raise refuse("every", text, f"{ALLOWED}: months have no fixed length to add to")
        total = total + duration(int(number) * size, unit).astype("timedelta64[ns]")
    found = _of_duration(total, text)
    return Step(found.count, found.unit, typed=text)


def _anchored_day(text: str, anchor: str) -> tuple[bool, ...]:
    names = [day.upper() for day in DAYS]
    if anchor not in names:
        raise refuse("every", text, '"W" or "W-MON", .., "W-SUN"')
    return tuple(name == anchor for name in names)


def _anchored(text: str, anchor: str, size: int) -> tuple[int, ...]:
    """The months that a time can be in; without an anchor quarters and years take that of the times."""
    if not anchor:
        return ()
    if anchor not in _MONTHS or size == 1:
        raise refuse("every", text, f'{ALLOWED}, "QE-JAN", "YS-APR"')
    start = _MONTHS.index(anchor)
    return tuple(sorted((start + step) % 12 for step in range(0, 12, size)))


def _week(text: str) -> Week | None:
    """The week and the days off of a text, such as "B, DE" or "Sun-Thu, 2024-04-23"; None where it names no days."""
    first, *rest = (part.strip() for part in text.split(","))
    days = _days(first)
    if days is None:
        return None
    holidays, places = list[str](), list[str]()
    for part in rest:
        more = _days(part)
        if more is not None and not holidays and not places:  # "Mon, Wed, Fri"
            days = tuple(one or other for one, other in zip(days, more, strict=True))
        elif re.fullmatch(r"\d{4}-?\d{2}-?\d{2}", part):
            try:
                digits = part.replace("-", "")
                holidays.append(date.fromisoformat(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}").isoformat())
            except ValueError:
                raise refuse("every", text, f"without {shown(part)}, which is no date") from None
        elif re.fullmatch(r"[A-Za-z]{2,8}([-/][A-Za-z0-9]{1,8})?", part):
            place = part.upper().replace("/", "-")
            holidays_of(place, range(2024, 2025))  # an unknown one is named now
            places.append(place)
        else:
            raise refuse("every", text, 'a week and its days off: dates such as 2024-12-25, or countries such as "DE"')
    return Week(days, tuple(sorted(holidays)), tuple(places))


def _days(text: str) -> tuple[bool, ...] | None:
    if text in ("B", "b", "1B"):
        return tuple(day < 5 for day in range(7))
    if re.fullmatch(r"[01]{7}", text) and "1" in text:
        return tuple(letter == "1" for letter in text)
    names = {name.lower(): place for place, name in enumerate(DAYS)}
    names |= {name.lower(): place for place, name in enumerate(NAMES)}
    found: set[int] = set()
    for word in re.split(r"\s+(?!-)(?<!-\s)", text.lower()):
        first, dash, last = (part.strip() for part in word.partition("-"))
        if first not in names or (dash and last not in names):
            return None
        length = (names[last] - names[first]) % 7 if dash else 0
        found |= {(names[first] + ahead) % 7 for ahead in range(length + 1)}
    return tuple(day in found for day in range(7))


def holidays_of(place: str, years: range) -> list[date]:
    """The holidays of a country, of a part of one ("US-CA") or of a market ("NYSE"), in some years."""
    try:
        import holidays
    except ImportError:
        raise missing_extra(f"the holidays of {place}", "holidays", "calendar") from None
    country, _, part = place.partition("-")
    try:
        if country in holidays.list_supported_financial():
            return sorted(holidays.financial_holidays(country, years=years))
        return sorted(holidays.country_holidays(country, subdiv=part or None, years=years))
    except NotImplementedError:
        raise InputError(
            f"the library holidays knows no {shown(place)}: give dates instead, such as "
            'every="B, 2024-12-25", or a known column',
            code="country",
            found=place,
        ) from None

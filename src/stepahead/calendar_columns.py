"""Columns made of the times: the hour, the weekday, waves of a day, a week and a year, holidays, a trend."""

from __future__ import annotations

import re

import numpy as np

from .errors import InputError
from .every import holidays_of
from .parameters import as_tuple, refuse
from .protocols import Array, Index
from .times import Labels

WAVES = {"day": 86_400.0, "week": 7 * 86_400.0, "year": 365.2425 * 86_400.0}
"""Seconds of a turn of each wave."""
PLACES = {
    "hour": ("h", 1, 0, 24),
    "halfhour": ("m", 30, 0, 48),
    "weekday": ("D", 1, 3, 7),  # 1970 began on a Thursday
    "month": ("M", 1, 0, 12),
}
"""Unit of time, how many of it a step is, the place of 1970 in the cycle, and how many places there are."""
_NAMES = {
    "weekday": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "month": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
ALLOWED = (
    "hour, halfhour, weekday, month, weekend, trend, day:N, week:N or year:N (N pairs of waves), "
    "holidays:DE or holidays:DE-BY"
)


def checked(calendar: object) -> tuple[str, ...]:
    """The columns asked for, each once; a ParameterError for one that there is not.

    >>> checked(["weekday", "year:2"])
    ('weekday', 'year:2')
    """
    given = calendar.split(",") if isinstance(calendar, str) else as_tuple("calendar", calendar)
    found = []
    for word in given:
        name, _, rest = word.strip().partition(":") if isinstance(word, str) else ("", "", "")
        is_wave = name in WAVES and bool(re.fullmatch(r"[1-9]\d{0,2}", rest))
        is_plain = name in (*PLACES, "weekend", "trend") and ":" not in str(word)
        if not (is_wave or is_plain or (name == "holidays" and rest.strip())):
            raise refuse("calendar", word, ALLOWED)
        found.append(f"{name}:{rest.strip()}" if rest else name)
    return tuple(dict.fromkeys(found))


def made(name: str, local: Labels | None, first: int, count: int) -> tuple[tuple[str, ...], Array]:
    """The names of the columns that one word stands for, and their values [time, columns].

    `local` are the times on the clock that people live by, of `count` rows; `first` is the number of the first of them
    in the series, of which a trend counts.
    """
    if name == "trend":
        return ("trend",), np.arange(first, first + count, dtype=np.float64)[:, None]
    if local is None or local.dtype.kind != "M":
        raise InputError(
            f"the calendar column {name} needs dates: give the times of the series as dates, or take trend",
            code="column-times",
            column=name,
        )
    word, _, rest = name.partition(":")
    if word in WAVES:
        return _waves(name, local, WAVES[word], int(rest))
    if word == "holidays":
        days = local.astype("datetime64[D]")
        return (name,), np.isin(days, _holidays(rest, days)).astype(np.float64)[:, None]
    if word == "weekend":
        return (name,), (_places("weekday", local) >= 5).astype(np.float64)[:, None]
    count = PLACES[word][3]
    names = _NAMES.get(word) or tuple(f"{place:02d}" for place in range(count))
    return tuple(f"{name}={one}" for one in names), (_places(word, local)[:, None] == np.arange(count)) * 1.0


def _places(word: str, local: Labels) -> Index:
    """[time] where in the cycle each time is."""
    unit, size, start, count = PLACES[word]
    return (local.astype(f"datetime64[{unit}]").astype(np.int64) // size + start) % count


def _waves(name: str, local: Labels, turn: float, pairs: int) -> tuple[tuple[str, ...], Array]:
    seconds = (local.astype("datetime64[ms]").astype(np.int64) / 1000.0) % turn
    angles = 2.0 * np.pi * seconds[:, None] / turn * np.arange(1, pairs + 1)
    waves = np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(len(local), 2 * pairs)
    return tuple(f"{name}={kind}{pair}" for pair in range(1, pairs + 1) for kind in ("sin", "cos")), waves


def _holidays(place: str, days: Labels) -> Labels:
    if not len(days):
        return days
    years = days[[0, -1]].astype("datetime64[Y]").astype(int) + 1970
    found = holidays_of(place, range(int(years.min()), int(years.max()) + 1))
    return np.array(found, dtype="datetime64[D]")

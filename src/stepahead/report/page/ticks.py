"""Where an axis of time is labelled, and with what."""

from __future__ import annotations

import math
import re

import numpy as np

from ...protocols import Array
from ...series import Series
from ...times import Labels, label, steps

MOST = 12
# Steps between labels of dates, the finest first: unit, how many, what of the date is written.
_DATED = [
    *[("ms", n, 23) for n in (1, 2, 5, 10, 20, 50, 100, 200, 500)],
    *[("s", n, 19) for n in (1, 2, 5, 10, 15, 30)],
    *[("m", n, 16) for n in (1, 2, 5, 10, 15, 30)],
    *[("h", n, 16) for n in (1, 2, 3, 6, 12)],
    *[("D", n, 10) for n in (1, 2, 7)],
    *[("M", n, 7) for n in (1, 2, 3, 6)],
    *[("Y", n, 4) for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)],
]  # fmt: skip


def moment(series: Series, index: int) -> str:
    """The time at a place of a series as people write it: a blank and no seconds where there are none."""
    return re.sub(r"(\d:\d\d):00$", r"\1", series.when(index).replace("T", " "))


def ticks(times: Labels | None, first: int, last: int) -> list[tuple[float, str]]:
    """(place, label) of at most `MOST` round times between two places of a series, both included.

    >>> ticks(None, 590, 1000)[:3]
    [(600.0, '600'), (650.0, '650'), (700.0, '700')]
    >>> days = np.arange("2014-11-20", "2015-03-10", dtype="datetime64[D]")
    >>> ticks(days, 0, len(days) - 1)
    [(11.0, '2014-12'), (42.0, '2015-01'), (73.0, '2015-02'), (101.0, '2015-03')]
    """
    if times is None:
        return [(float(v), f"{v:g}") for v in _round(float(first), float(last), whole=True)]
    if times.dtype.kind != "M":
        here = times[first : last + 1].astype(np.float64)
        return [
            (_place(v, here, first), f"{v:.12g}") for v in _round(here[0], here[-1], whole=times.dtype.kind in "iu")
        ]
    return _dated(times, first, last)


def _round(low: float, high: float, whole: bool) -> list[float]:
    """Round numbers from `low` to `high`: a step of 1, 2 or 5 times a power of ten."""
    if not high > low:
        return [low]
    power = 10.0 ** math.floor(math.log10((high - low) / MOST))
    wanted = [power * n for n in (1.0, 2.0, 5.0, 10.0, 20.0) if not whole or power * n >= 1.0]
    for step in [*wanted, 1.0]:
        found = np.arange(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1) * step
        if len(found) <= MOST:
            break
    return [float(v) for v in found]


def _dated(times: Labels, first: int, last: int) -> list[tuple[float, str]]:
    """Round dates: the finest step that gives few enough, and of each as much as it takes to tell."""
    low, high = times[first], times[last]
    here = _moments(times[first : last + 1])
    for unit, step, letters in _DATED[_finest(times[first : last + 1]) :]:
        zero = 1970 if unit == "Y" else 0  # numpy counts years from there, people from 0
        start = (int(low.astype(f"datetime64[{unit}]").astype(np.int64)) + zero) // step * step - zero
        count = int(high.astype(f"datetime64[{unit}]").astype(np.int64)) - start
        if count > 4 * MOST * step:
            continue
        found = np.arange(start, start + count + 1, step).astype(f"datetime64[{unit}]")
        found = found[(_moments(found) >= here[0]) & (_moments(found) <= here[-1])]
        if 0 < len(found) <= MOST:
            texts = [str(value)[:letters].replace("T", " ") for value in found]
            return [(_place(float(at), here, first), text) for at, text in zip(_moments(found), texts, strict=True)]
    return [(float(place), label(times[place])) for place in sorted({first, last})]


def _moments(times: Labels) -> Array:
    """Dates as milliseconds."""
    return times.astype("datetime64[ms]").astype(np.int64).astype(np.float64)


def _finest(times: Labels) -> int:
    """Where in the list of steps the labels begin to be worth writing: no hours for days, no days for months."""
    unit = steps(times)[1] if len(times) > 1 else "D"
    return next((i for i, (name, _, _) in enumerate(_DATED) if name == ("D" if unit == "W" else unit)), 0)


def _place(value: float, here: Array, first: int) -> float:
    """Where on the axis of places a time lies."""
    return round(float(np.interp(value, here, np.arange(len(here)))) + first, 3)

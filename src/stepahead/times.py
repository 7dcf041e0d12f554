"""Time labels: order, repeats, the step between them. Times are optional, and checked if given."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import InputError, shown
from .parameters import refuse

Labels = npt.NDArray[Any]

MOST_STEPS = 1 << 28
NIGHT = (23, 0, 1, 2, 3)
"""Hours of the day at which daylight saving time ends somewhere."""
_UNITS = {"ms": "ms", "s": "s", "min": "m", "h": "h", "d": "D", "w": "W", "m": "M", "q": "M", "y": "Y"}
_WORDS = {
    "ms": "millisecond",
    "s": "second",
    "m": "minute",
    "h": "hour",
    "D": "day",
    "W": "week",
    "M": "month",
    "Y": "year",
}
_SECONDS = (("W", 604800), ("D", 86400), ("h", 3600), ("m", 60), ("s", 1))


@dataclass(frozen=True)
class Times:
    """Time labels, and whether they came with a zone; if so, they are in UTC."""

    labels: Labels
    zoned: bool = False

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: Any) -> Times:
        return Times(self.labels[rows], self.zoned)


def check_zones(whose: str, times: Times, others: str, other: Times) -> None:
    """Refuse dates where one side has a zone and the other has none: they cannot be compared.

    `whose` and `others` are what the message begins with: "the series has", "the forecasts have".
    """
    both_dated = times.labels.dtype.kind == other.labels.dtype.kind == "M"
    if not (both_dated and len(times) and len(other)) or times.zoned == other.zoned:
        return
    first, second = (f"{_shown_time(side.labels[0])}" for side in (times, other))
    if times.zoned:
        reason = f"{whose} times in a zone (UTC: {first}) and {others} none ({second})"
    else:
        reason = f"{others} times in a zone (UTC: {second}) and {whose} none ({first})"
    raise InputError(f"{reason}: give both a zone, or neither", code="time-zone", times=(first, second))


def _shown_time(value: Any) -> str:
    return re.sub(r":00$", "", str(value)[:19].replace("T", " "))


def as_labels(times: Any, length: int) -> Labels:
    """`times` as an array of `length` dates, whole numbers or floats; anything else is an InputError."""
    labels = np.asarray(times)
    if labels.ndim != 1 or len(labels) != length:
        raise InputError(
            f"times must be one label for each of the {length} values; found shape {labels.shape}",
            code="time-shape",
            found=labels.shape,
            needed=length,
        )
    if labels.dtype.kind not in "Miuf":
        # numpy would drop the zone of a text.
        way = "pandas.to_datetime(times)" if labels.dtype.kind in "UOT" else "numpy.array(times, dtype='datetime64[s]')"
        raise InputError(
            f"times must be dates or numbers, not {labels.dtype}: convert them first, for example with {way}",
            code="time-kind",
            found=str(labels.dtype),
        )
    if labels.dtype.kind in "iu" and labels.dtype.itemsize < 8:
        labels = labels.astype(np.int64)
    empty = np.isnat(labels) if labels.dtype.kind == "M" else ~np.isfinite(labels)
    if empty.any():
        row = int(np.argmax(empty))
        raise InputError(f"time is missing at row {row}", code="time-missing", row=row)
    return labels


def order(labels: Labels, hint: str = "") -> npt.NDArray[np.intp] | None:
    """The order that sorts unique labels, None if they are sorted already;
    a repeat is an InputError whose message ends in `hint`.
    """
    if len(labels) < 2 or bool((labels[1:] > labels[:-1]).all()):
        return None
    by_time = np.argsort(labels, kind="stable")
    same = labels[by_time][1:] == labels[by_time][:-1]
    if same.any():
        at = int(np.argmax(same))
        first, second = sorted((int(by_time[at]), int(by_time[at + 1])))
        clock = _is_clock_change(labels, second)
        why = "; it looks like a clock set back one hour: give times with a zone, or in UTC" if clock else ""
        raise InputError(
            f"time {label(labels[first])} is at row {first} and again at row {second}{why}{hint and '; '}{hint}",
            code="time-repeated",
            time=label(labels[first]),
            rows=(first, second),
        )
    return by_time


def _is_clock_change(labels: Labels, second: int) -> bool:
    """Whether the repeat at row `second` looks like the end of daylight saving time, without a zone."""
    if labels.dtype.kind != "M":
        return False
    forward = np.diff(labels).astype("timedelta64[s]").astype(np.int64)
    if forward[second - 1] < 0:
        return bool((forward[forward <= 0] >= -3600).all())
    # In hourly data nothing goes back: one hour of the night occurs twice.
    hour = int((labels[second] - labels[second].astype("datetime64[D]")) / np.timedelta64(1, "h"))
    return hour in NIGHT and forward[second - 1] == 0 and float(np.median(forward)) == 3600.0


def label(value: Any) -> str:
    """A time as short text: no midnight, no trailing zeros."""
    text = str(value)
    text = re.sub(r"(\.\d*?)0+$", r"\1", text).rstrip(".") if "." in text else text
    return re.sub(r"[T ]00:00(:00)?$", "", text)


def steps(labels: Labels) -> tuple[Labels, str]:
    """Steps between sorted labels and the unit they are counted in; calendar months if the labels are monthly."""
    if labels.dtype.kind != "M":
        return np.diff(labels), ""
    unit = np.datetime_data(labels.dtype)[0]
    if unit in ("Y", "M"):
        return np.diff(labels).astype(np.int64), unit
    months = labels.astype("datetime64[M]")
    days = labels.astype("datetime64[D]")
    first, last = days == months.astype("datetime64[D]"), days + 1 == (months + 1).astype("datetime64[D]")
    whole_days = bool((days == labels).all())
    if len(labels) > 2 and whole_days and (first.all() or last.all()):
        gaps = np.diff(months).astype(np.int64)
        if gaps.min() >= 1:
            return (gaps // 12, "Y") if (gaps % 12 == 0).all() else (gaps, "M")
    seconds = np.diff(labels.astype("datetime64[ms]")).astype(np.int64)
    for name, size in _SECONDS:
        if (seconds % (1000 * size) == 0).all():
            return seconds // (1000 * size), name
    return seconds, "ms"


def amount(count: Any, unit: str) -> str:
    """A step in words: "1 day", "7 days", "2.5"."""
    number = f"{count:g}" if isinstance(count, (float, np.floating)) else str(count)
    return f"{number} {_WORDS[unit]}{'' if number == '1' else 's'}" if unit else number


def following(labels: Labels | None, count: int) -> Labels | None:
    """The next `count` labels if steps are even; None if they cannot be known."""
    if labels is None or len(labels) < 2:
        return None
    gaps, unit = steps(labels)
    if not bool((gaps == gaps[0]).all()):
        return None
    places = np.arange(1, count + 1)
    if labels.dtype.kind != "M":
        return np.asarray(labels[-1] + places * gaps[0])
    own = np.datetime_data(labels.dtype)[0]
    if unit in ("M", "Y") and own not in ("M", "Y"):
        months = int(gaps[0]) * (12 if unit == "Y" else 1)
        day = labels[-1].astype("datetime64[D]")
        month = labels[-1].astype("datetime64[M]")
        if day == month.astype("datetime64[D]"):
            return np.asarray((month + places * months).astype("datetime64[D]"))
        return np.asarray((month + places * months + 1).astype("datetime64[D]") - 1)
    return np.asarray(labels[-1] + places * np.timedelta64(int(gaps[0]), unit))  # type: ignore[call-overload]


def ahead(labels: Labels | None, count: int) -> list[str]:
    """The next `count` labels as text; empty texts if they cannot be known."""
    found = following(labels, count)
    return [""] * count if found is None else list(map(label, found))


def unevenness(labels: Labels) -> str | None:
    """A note on uneven steps: the commonest, its share, and the longest; None where all are equal."""
    if len(labels) < 3:
        return None
    gaps, unit = steps(labels)
    sizes, counts = np.unique(gaps, return_counts=True)
    if len(sizes) == 1:
        return None
    if gaps.dtype.kind == "f" and np.ptp(gaps) <= 1e-9 * np.abs(labels).max():
        return None
    common = sizes[np.argmax(counts)]
    share = 100.0 * counts.max() / len(gaps)
    return (
        f"time steps are uneven and taken as consecutive: {share:.0f} % are {amount(common, unit)}, "
        f"the longest {amount(gaps.max(), unit)}"
    )


def grid(labels: Labels, every: Any, missing: str) -> tuple[Labels, npt.NDArray[np.intp]]:
    """Labels `every` step from the first to the last, and the place of each given label among them.

    A label that is not on the grid is an InputError; so is a gap, unless `missing` is "skip".
    """
    if labels.dtype.kind == "M" and np.datetime_data(labels.dtype)[0] == "W":
        labels = labels.astype("datetime64[D]")  # weeks and months do not align, so that weeks cannot label months
    step, start = _step(labels, every), labels
    if labels.dtype.kind == "M" and np.datetime_data(labels.dtype)[0] in ("Y", "M"):
        coarse = np.datetime_data(step.dtype)[0]
        start = labels if coarse in ("Y", "M") else labels.astype(f"datetime64[{coarse}]")
    if isinstance(step, np.timedelta64) and np.datetime_data(step.dtype)[0] in ("M", "Y"):
        start = labels.astype(f"datetime64[{np.datetime_data(step.dtype)[0]}]")
    ratio = (start - start[0]) / step
    place = np.rint(ratio).astype(np.intp)
    off = np.abs(ratio - place) > 1e-6
    if off.any() or (len(place) > 1 and bool((np.diff(place) == 0).any())):
        row = int(np.argmax(off)) if off.any() else int(np.argmax(np.diff(place) == 0)) + 1
        raise InputError(
            f"time {label(labels[row])} at row {row} is not a whole number of steps of every={shown(every)} "
            f"after {label(labels[0])}",
            code="time-off-grid",
            row=row,
        )
    if place[-1] > MOST_STEPS:
        raise refuse("every", every, f"larger: from the first time to the last it makes {int(place[-1]):,} steps")
    gaps = np.diff(place) - 1
    if gaps.any() and missing != "skip":
        row = int(np.argmax(gaps > 0))
        raise InputError(
            f"{int(gaps.sum())} times are missing with every={shown(every)}, the first after "
            f'{label(labels[row])} (row {row}); with missing="skip" they count as missing',
            code="time-gap",
            count=int(gaps.sum()),
            row=row,
        )
    full = start[0] + np.arange(place[-1] + 1) * step
    if start.dtype != labels.dtype:  # in the finer unit, so that days of one month keep different labels
        full = full.astype(np.promote_types(start.dtype, labels.dtype))
    full[place] = labels
    return full, place


def _step(labels: Labels, every: Any) -> Any:
    allowed = 'a step such as "1D", "15min", "1h", "1W", "1M", "1Y"'
    if labels.dtype.kind != "M":
        number = isinstance(every, (int, float, np.integer, np.floating)) and not isinstance(
            every, (bool, np.timedelta64)
        )
        if number and 0 < every < np.inf:
            return every
        raise refuse("every", every, "a number above 0, as the times are numbers")
    if isinstance(every, np.timedelta64) and every > np.timedelta64(0):
        return every
    found = (
        re.fullmatch(r"(\d{1,6})?\s*(ms|s|min|h|d|w|m|q|y)", every.strip().lower()) if isinstance(every, str) else None
    )
    if not found or found[1] == "0":
        raise refuse("every", every, allowed)
    count = int(found[1] or 1) * (3 if found[2] == "q" else 1)
    return np.timedelta64(count, _UNITS[found[2]])  # type: ignore[call-overload]

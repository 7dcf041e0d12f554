"""Time labels: order, repeats, the step between them. Times are optional, and checked if given."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import InputError, shown
from .parameters import refuse
from .zones import offset_name, offsets_of, to_local, zone_of

Labels = npt.NDArray[Any]

MOST_STEPS = 1 << 28
NIGHT = (23, 0, 1, 2, 3)
"""Hours of the day at which daylight saving time ends somewhere."""
AS_MISSING = 'with missing="skip" they count as missing'
_WORDS = {
    "ns": "nanosecond",
    "us": "microsecond",
    "ms": "millisecond",
    "s": "second",
    "m": "minute",
    "h": "hour",
    "D": "day",
    "W": "week",
    "M": "month",
    "Y": "year",
}


@dataclass(frozen=True)
class Times:
    """Time labels, and the zone they came in; if they have one, they are in UTC.

    Attributes
    ----------
    labels : dates or numbers.
    zone : its name, "Europe/Berlin", or its offset, "+02:00"; None where the times came without.
    notes : what there is to know of how they were read.
    """

    labels: Labels
    zone: str | None = None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: Any) -> Times:
        return Times(self.labels[rows], self.zone)

    @property
    def zoned(self) -> bool:
        """Whether the times came with a zone."""
        return self.zone is not None

    @property
    def local(self) -> Labels:
        """The wall-clock times of the zone; without one the labels themselves."""
        return to_local(self.labels, self.zone)


def in_zone(times: Times | None, zone: str) -> Times:
    """Times in UTC that came without a zone, on the clock of one; an error where they have another."""
    try:
        zone_of(zone)
    except (KeyError, ValueError, TypeError, OSError):
        raise refuse("zone", zone, 'the name of a zone, such as "Europe/Berlin", or an offset, "+02:00"') from None
    if times is None or times.labels.dtype.kind != "M":
        raise InputError("zone= needs dates: give times=, or leave zone= out", code="time-zone", found=zone)
    if np.datetime_data(times.labels.dtype)[0] in ("D", "W", "M", "Y"):
        raise InputError(
            "zone= needs a time of day, and these are whole days: leave it out", code="time-zone", found=zone
        )
    if times.zone not in (None, "UTC", zone):
        raise InputError(
            f"the times have the zone {times.zone} of their own, and zone={shown(zone)} is another: leave it out",
            code="time-zone",
            found=zone,
        )
    return Times(times.labels, zone, times.notes)


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
    return re.sub(r"[T ]00:00(:00)?$", "", _trimmed(str(value)))


def _trimmed(text: str) -> str:
    """A number or a time without zeros at the end of its fraction."""
    return re.sub(r"(\.\d*?)0+$", r"\1", text).rstrip(".") if "." in text else text


def stamp(value: Any, zone: str | None = None) -> str:
    """A time as text, in its zone and with the offset there; without a zone as `label`.

    >>> stamp(np.datetime64("2023-08-29T22:00"), "Europe/Berlin"), stamp(np.datetime64("2023-08-30"))
    ('2023-08-30T00:00:00+02:00', '2023-08-30')
    """
    if zone is None or not isinstance(value, np.datetime64):
        return label(value)
    one = np.array([value])
    local, offset = to_local(one, zone), offset_name(int(offsets_of(one, zone)[0]))
    local = local if np.datetime_data(local.dtype)[0] in ("ms", "us", "ns") else local.astype("datetime64[s]")
    return _trimmed(str(local[0])) + ("+00:00" if offset == "UTC" else offset)


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
    between: Labels = np.diff(labels)
    for name in ("W", "D", "h", "m", "s", "ms", "us"):
        size = np.array(1, dtype=f"timedelta64[{name}]")
        if name == unit or not (between % size).astype(np.int64).any():
            return (between // size).astype(np.int64), name
    return between.astype("timedelta64[ns]").astype(np.int64), "ns"


def amount(count: Any, unit: str) -> str:
    """A step in words: "1 day", "7 days", "2.5"."""
    number = f"{count:g}" if isinstance(count, (float, np.floating)) else str(count)
    return f"{number} {_WORDS[unit]}{'' if number == '1' else 's'}" if unit else number


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


def is_number(every: Any) -> bool:
    """Whether a step is one of numbers, not of time."""
    return isinstance(every, (int, float, np.integer, np.floating)) and not isinstance(every, (bool, np.timedelta64))


def check_gaps(
    labels: Labels, place: npt.NDArray[np.intp], typed: Any, missing: str, instead: Callable[[Labels], str]
) -> None:
    """Refuse labels whose places on a grid leave some out, unless `missing` is "skip"; `instead` says what to type."""
    gaps = np.diff(place) - 1
    if missing == "skip" or not gaps.any():
        return
    row = int(np.argmax(gaps > 0))
    raise InputError(
        f"{int(gaps.sum())} times are missing with every={shown(typed)}, the first after "
        f"{label(labels[row])} (row {row}); {instead(labels)}",
        code="time-gap",
        count=int(gaps.sum()),
        row=row,
    )


def numbers_grid(labels: Labels, every: Any, missing: str) -> tuple[Labels, npt.NDArray[np.intp]]:
    """Numbers `every` step from the first to the last, and the place of each label among them.

    A label that is not on the grid is an InputError; so is a gap, unless `missing` is "skip".
    """
    if not is_number(every) or not 0 < every < np.inf:
        raise refuse("every", every, "a number above 0, as the times are numbers")
    ratio = (labels - labels[0]) / every
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
    check_gaps(labels, place, every, missing, lambda _: AS_MISSING)
    full = labels[0] + np.arange(place[-1] + 1) * every
    full[place] = labels
    return full, place

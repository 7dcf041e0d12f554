"""Zones: the name of any, and wall-clock times to and from UTC. Where a zone changes is found once for many times."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[Any]

_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?(?::(\d{2}))?")
YEARS = (1800, 2200)
"""No zone is asked about times outside: its last known rule is taken there."""
_LEAST, _MOST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in YEARS)
_DAY = 86400
_SPAN = 2048
"""Days that are asked about together, so that spans of time that overlap share the answers."""
_TURNS = 8
"""Changes of the offset at which a zone is tried before it is asked about all times."""
COMMON = (
    "Europe/Berlin", "Europe/London", "Europe/Athens", "Europe/Moscow", "Europe/Istanbul", "America/New_York",
    "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Anchorage", "America/Halifax",
    "America/St_Johns", "America/Sao_Paulo", "America/Santiago", "America/Mexico_City", "America/Havana",
    "Australia/Sydney", "Australia/Adelaide", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham",
    "Asia/Jerusalem", "Asia/Tehran", "Africa/Cairo", "Africa/Casablanca",
)  # fmt: skip
"""Zones whose clocks change, asked first where a file names offsets alone."""


def zone_name(zone: Any) -> str:
    """The name of a zone from any library: "Europe/Berlin", "UTC", or an offset such as "+02:00".

    >>> from datetime import timedelta, timezone
    >>> from zoneinfo import ZoneInfo
    >>> zone_name(ZoneInfo("Asia/Hong_Kong")), zone_name(timezone.utc), zone_name(timezone(timedelta(hours=-5)))
    ('Asia/Hong_Kong', 'UTC', '-05:00')
    """
    if isinstance(zone, str):
        return _spelt(zone)
    for attribute in ("key", "zone"):  # zoneinfo, and pytz
        name = getattr(zone, attribute, None)
        if isinstance(name, str):
            return _spelt(name)
    offset = zone.utcoffset(None) if isinstance(zone, tzinfo) else None
    if offset is not None:
        return offset_name(int(offset.total_seconds()))
    return _spelt(str(zone))  # dateutil and others: tzlocal() has no name, and its times are taken in UTC


def _spelt(name: str) -> str:
    if name in ("UTC", "Z", "utc", "GMT", "Etc/UTC", "Zulu"):
        return "UTC"
    found = _OFFSET.fullmatch(name)
    if found:
        sign = -1 if found[1] == "-" else 1
        return offset_name(sign * (3600 * int(found[2]) + 60 * int(found[3] or 0) + int(found[4] or 0)))
    from zoneinfo import ZoneInfo  # imported where a zone is first met

    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return "UTC"
    return name


def offset_name(seconds: int) -> str:
    """An offset from UTC as text: "+05:30"; "UTC" for none.

    >>> offset_name(19800), offset_name(-12600), offset_name(0)
    ('+05:30', '-03:30', 'UTC')
    """
    if not seconds:
        return "UTC"
    hours, rest = divmod(abs(seconds), 3600)
    tail = f":{rest % 60:02d}" if rest % 60 else ""
    return f"{'-' if seconds < 0 else '+'}{hours:02d}:{rest // 60:02d}{tail}"


@lru_cache(maxsize=64)
def zone_of(name: str) -> tzinfo:
    """The zone of a name that `zone_name` gave."""
    found = _OFFSET.fullmatch(name)
    if found:
        seconds = 3600 * int(found[2]) + 60 * int(found[3] or 0) + int(found[4] or 0)
        return timezone(timedelta(seconds=-seconds if found[1] == "-" else seconds))
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def is_fixed(name: str) -> bool:
    """Whether a zone has one offset at all times."""
    return name == "UTC" or _OFFSET.fullmatch(name) is not None


def _offset_at(zone: tzinfo, second: int) -> int:
    moment = datetime.fromtimestamp(min(max(second, _LEAST), _MOST), UTC).astimezone(zone)
    offset = moment.utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def _changes(name: str, first: int, last: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(starts, offsets): from each second of UTC on, the offset in seconds; days `first` to `last` since 1970."""
    parts = [_changes_in(name, span) for span in range(first // _SPAN, last // _SPAN + 1)]
    starts, offsets = (np.concatenate(part) for part in zip(*parts, strict=True))
    changed = np.append(True, np.diff(offsets) != 0)  # a span begins with the offset of the one before
    return starts[changed], offsets[changed]


@lru_cache(maxsize=1024)
def _changes_in(name: str, span: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The same of one span of days, up to the day after it."""
    zone, first = zone_of(name), span * _SPAN
    days = range(first, first + _SPAN + 1)
    offsets = [_offset_at(zone, day * _DAY) for day in days]
    starts, found = [first * _DAY], [offsets[0]]
    for day, before, after in zip(days, offsets, offsets[1:], strict=False):
        if before == after:
            continue
        low, high = day * _DAY, (day + 1) * _DAY  # the change is in (low, high]
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if _offset_at(zone, middle) == before else (low, middle)
        starts.append(high)
        found.append(after)
    return np.array(starts), np.array(found)


def _seconds(labels: Labels) -> npt.NDArray[np.int64]:
    whole: npt.NDArray[np.int64] = labels.astype("datetime64[s]").astype(np.int64)
    return whole


def offsets_of(utc: Labels, name: str) -> npt.NDArray[np.int64]:
    """The offsets in seconds of times in UTC."""
    if not len(utc):
        return np.zeros(0, dtype=np.int64)
    if is_fixed(name):
        return np.full(len(utc), _offset_at(zone_of(name), 0))
    seconds = _seconds(utc)
    first, last = (min(max(int(edge), _LEAST), _MOST) // _DAY for edge in (seconds.min(), seconds.max()))
    starts, offsets = _changes(name, first - 1, last + 2)
    found: npt.NDArray[np.int64] = offsets[np.clip(np.searchsorted(starts, seconds, side="right") - 1, 0, None)]
    return found


def to_local(utc: Labels, name: str | None) -> Labels:
    """Times in UTC as wall-clock times of a zone; without a zone they are that already.

    >>> to_local(np.array(["2024-03-31T00:30", "2024-03-31T01:30"], dtype="datetime64[m]"), "Europe/Berlin").tolist()
    [datetime.datetime(2024, 3, 31, 1, 30), datetime.datetime(2024, 3, 31, 3, 30)]
    """
    if name is None or name == "UTC" or utc.dtype.kind != "M":
        return utc
    offsets = offsets_of(utc, name)
    return _shifted(utc, offsets)


def _shifted(labels: Labels, seconds: npt.NDArray[np.int64]) -> Labels:
    """`labels` so many seconds later, in their own unit or one that is fine enough."""
    unit = "s" if (seconds % 60).any() else "m" if (seconds % 3600).any() else "h"
    return np.asarray(labels + (seconds // {"s": 1, "m": 60, "h": 3600}[unit]).astype(f"timedelta64[{unit}]"))


def to_utc(local: Labels, name: str | None) -> Labels:
    """Wall-clock times of a zone in UTC: of an hour that is there twice the first, of one that is left out the moment
    at which the clock was set.

    >>> to_utc(np.array(["2024-03-31T02:30", "2024-10-27T02:30"], dtype="datetime64[m]"), "Europe/Berlin").tolist()
    [datetime.datetime(2024, 3, 31, 1, 0), datetime.datetime(2024, 10, 27, 0, 30)]
    """
    if name is None or name == "UTC" or not len(local):
        return local
    day = np.timedelta64(1, "D")
    before, after = offsets_of(local - day, name), offsets_of(local + day, name)
    first, second = _shifted(local, -before), _shifted(local, -after)
    fits = offsets_of(first, name) == before
    fits_second = offsets_of(second, name) == after
    out = np.where(fits | ~fits_second, first, second.astype(np.promote_types(first.dtype, second.dtype)))
    for place in np.flatnonzero(~fits & ~fits_second):  # a wall-clock time that was left out
        low, high = (int(_seconds(edge[place : place + 1])[0]) for edge in (second, first))
        starts, _ = _changes(name, low // _DAY - 1, high // _DAY + 1)
        inside = starts[(starts > low) & (starts <= high)]
        if len(inside):
            out = out.astype(np.promote_types(out.dtype, np.dtype("datetime64[s]")))
            out[place] = np.datetime64(int(inside[0]), "s")
    return np.asarray(out)


def zone_of_offsets(utc: Labels, offsets: npt.NDArray[np.int64]) -> str | None:
    """The zone in which these times have these offsets in seconds; None where there is none.

    One offset is its own zone. Where the clock changes, the first that fits of the common zones, else of all.
    """
    if not (offsets != offsets[0]).any():
        return offset_name(int(offsets[0]))
    turns = np.flatnonzero(np.diff(offsets))[:_TURNS]
    told = {int(_seconds(utc[[at]])[0]): int(offsets[at]) for at in (*turns, *(turns + 1))}
    for name in _candidates():
        zone = zone_of(name)
        if all(_offset_at(zone, second) == offset for second, offset in told.items()) and bool(
            (offsets_of(utc, name) == offsets).all()
        ):
            return name
    return None


def _candidates() -> Iterable[str]:
    from zoneinfo import available_timezones

    yield from COMMON
    yield from sorted(available_timezones() - set(COMMON))

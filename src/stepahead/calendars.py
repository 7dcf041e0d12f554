"""The rule that times follow: a fixed step, months, the days of a week, opening hours. Found from the times themselves,
or from `every=`; it gives the times ahead, and says in words why there are none.

All of it is on wall-clock times without a zone (see ``zones``): a day is a day where the clock is set.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .errors import InputError, shown
from .every import NAMES, Step, Week, duration, step_of
from .parameters import refuse
from .times import (
    AS_MISSING,
    MOST_STEPS,
    Labels,
    Times,
    amount,
    check_gaps,
    label,
    numbers_grid,
    steps,
    unevenness,
)
from .zones import is_fixed, to_utc

_DAY = 86_400_000
MOST_SLOTS = 1500
"""Times of day that opening hours can have: every minute of one day."""
MOST_MISSING, MOST_ODD = 0.1, 0.02
"""The share of times that a week found in the data may lack (days off), and of those that may lie outside it."""
SHORT = 14
"""Days below which the days of a week are too few to be counted one by one."""


@dataclass(frozen=True)
class Fixed:
    """Always the same step: a duration in milliseconds, or in `unit` of labels that have no days."""

    count: int
    unit: str

    def between(self, first: Any, last: Any) -> Labels:
        """The times from `first` to `last`."""
        size = duration(self.count, self.unit)
        return np.asarray(first + np.arange(int((last - first) / size) + 1) * size)

    def after(self, last: Any, count: int) -> Labels:
        """The next `count` times."""
        return np.asarray(last + np.arange(1, count + 1) * duration(self.count, self.unit))

    def __str__(self) -> str:
        return f"steps of {amount(self.count, self.unit)}"


@dataclass(frozen=True)
class Monthly:
    """Every so many months, on one day of the month: 31 is the last; or its first or last weekday."""

    months: int
    day: int
    business: str = ""
    time: int = 0
    nth: tuple[int, int] | None = None
    """Which of a weekday in the month, (3, 4) for the third Friday, -1 for the last."""

    def at(self, months: Labels) -> Labels:
        """The times in these months."""
        first = months.astype("datetime64[D]")
        last = (months + 1).astype("datetime64[D]") - 1
        if self.nth is not None:
            which, weekday = self.nth
            edge = first if which > 0 else last - 6
            days: Labels = edge + (weekday - (edge.astype(np.int64) + 3)) % 7 + 7 * max(which - 1, 0)
        elif self.business == "start":
            days = np.busday_offset(first, 0, roll="forward")
        elif self.business == "end":
            days = np.busday_offset(last, 0, roll="backward")
        else:
            days = np.minimum(first + (self.day - 1), last)
        return np.asarray(days if not self.time else days + np.timedelta64(self.time, "ms"))

    def between(self, first: Any, last: Any) -> Labels:
        """The times from `first` to `last`."""
        start, stop = (edge.astype("datetime64[M]") for edge in (first, last))
        return self.at(np.arange(start, stop + 1, self.months))

    def after(self, last: Any, count: int) -> Labels:
        """The next `count` times."""
        return self.at(last.astype("datetime64[M]") + np.arange(1, count + 1) * self.months)

    def __str__(self) -> str:
        which = {"start": "the first weekday", "end": "the last weekday"}.get(self.business)
        if self.nth is not None:
            number = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}[self.nth[0]]
            which = f"the {number} {NAMES[self.nth[1]]}"
        which = which or ("the last day" if self.day == 31 else f"day {self.day}")
        return f"{which} of the month, every {amount(self.months, 'M')}"


@dataclass(frozen=True)
class Weekly:
    """Days of a week, each with its times of day in milliseconds."""

    week: Week
    times: tuple[tuple[int, ...], ...]

    def _of(self, first: Any, last: Any) -> Labels:
        """All times of the days `first` to `last`."""
        days = np.arange(first, last + 1)
        years = [int(str(edge.astype("datetime64[Y]"))) for edge in (first, last)]
        off = self.week.days_off(years[0], years[1])
        days = days[~np.isin(days, off)]
        weekdays = (days.astype(np.int64) + 3) % 7
        if all(len(times) <= 1 for times in self.times) and not any(any(times) for times in self.times):
            return np.asarray(days[np.array([len(times) > 0 for times in self.times])[weekdays]])
        widest = max(map(len, self.times))
        table = np.full((7, widest), -1)
        for place, times in enumerate(self.times):
            table[place, : len(times)] = times
        offsets = table[weekdays]
        whole = days.astype("datetime64[ms]")[:, None] + offsets.astype("timedelta64[ms]")
        return np.asarray(whole[offsets >= 0])

    def between(self, first: Any, last: Any) -> Labels:
        """The times from `first` to `last`."""
        found = self._of(first.astype("datetime64[D]"), last.astype("datetime64[D]"))
        return np.asarray(found[(found >= first) & (found <= last)])

    def after(self, last: Any, count: int) -> Labels:
        """The next `count` times; fewer where days off leave none in a hundred years."""
        day, found = last.astype("datetime64[D]"), np.empty(0, dtype="datetime64[D]")
        weeks = count // max(1, sum(map(len, self.times))) + 2
        most = 2 * weeks + 5200
        while len(found) < count and weeks <= most:
            found = self._of(day, day + 7 * weeks)
            found = found[found > last]
            weeks *= 2
        return found[:count]

    @property
    def hours(self) -> str:
        """The opening hours in words; "" where each day has one value."""
        here = [times for times in self.times if times]
        if max(map(len, here)) < 2:
            return ""
        common = max(set(here), key=here.count)
        gaps = np.diff(common)
        step = f", every {_amount(int(gaps[0]))}" if (gaps == gaps[0]).all() else ""
        others = "" if len(set(here)) == 1 else " on most days"
        return f", {_clock(common[0])} to {_clock(common[-1])}{step}{others}"

    def __str__(self) -> str:
        return f"{self.week}{self.hours}"


Rule = Fixed | Monthly | Weekly


def _clock(milliseconds: int) -> str:
    minutes, rest = divmod(milliseconds // 1000, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}" + (f":{rest:02d}" if rest else "")


def _amount(milliseconds: int) -> str:
    for unit, size in (("D", _DAY), ("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if milliseconds % size == 0:
            return amount(milliseconds // size, unit)
    return amount(milliseconds, "ms")


@dataclass(frozen=True)
class Found:
    """The rule that times follow, or None; in words what is to be known of it, or why there is none."""

    rule: Rule | None
    words: str = ""


def found_rule(labels: Labels, common: str = "") -> Found:
    """The rule of sorted wall-clock times. `common` is what is known of uneven steps.

    >>> days = np.arange("2024-01-07", "2024-02-09", dtype="datetime64[D]")
    >>> str(found_rule(days[np.is_busday(days, "1111001")]).rule)
    'Sunday to Thursday'
    >>> str(found_rule(np.array(["2024-01-30", "2024-02-29", "2024-03-30"], dtype="datetime64[D]")).rule)
    'day 30 of the month, every 1 month'
    """
    if labels.dtype.kind != "M":
        gaps = np.diff(labels)
        return Found(None, "" if len(gaps) and (gaps == gaps[0]).all() else "the numbers have no even step")
    if len(labels) < 2:
        return Found(None, "one time has no step")
    gaps, unit = steps(labels)
    own = np.datetime_data(labels.dtype)[0]
    if own in ("Y", "M"):
        return Found(Fixed(int(gaps[0]), own)) if (gaps == gaps[0]).all() else Found(None, "the months are uneven")
    monthly = _monthly(labels)
    if monthly is not None:
        return Found(monthly)
    if (gaps == gaps[0]).all():
        return Found(Fixed(int(gaps[0]), unit))
    return _weekly(labels, common)


def _monthly(labels: Labels) -> Monthly | None:
    if len(labels) < 3:
        return None
    days, months = labels.astype("datetime64[D]"), labels.astype("datetime64[M]")
    gaps = np.diff(months).astype(np.int64)
    if gaps[0] < 1 or (gaps != gaps[0]).any():
        return None
    times = (labels - days).astype("timedelta64[ms]").astype(np.int64)
    if (times != times[0]).any():
        return None
    one = Monthly(int(gaps[0]), 31, time=int(times[0]))
    first, last = months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]") - 1
    highest = int(((days - first).astype(np.int64) + 1).max())
    tried = [one, replace(one, day=highest), replace(one, business="end"), replace(one, business="start")]
    if (days == last).all():
        tried = tried[:1]
    weekdays = (days.astype(np.int64) + 3) % 7
    if (weekdays == weekdays[0]).all():  # the third Friday of each month
        tried += [replace(one, nth=(which, int(weekdays[0]))) for which in (1, 2, 3, 4, -1)]
    return next((rule for rule in tried if (rule.at(months) == labels).all()), None)


def _weekly(labels: Labels, common: str) -> Found:
    """The days of a week, with their times of day, that nearly all times follow and that nearly all of them are in."""
    days = labels.astype("datetime64[D]")
    times = (labels - days).astype("timedelta64[ms]").astype(np.int64)
    kinds, place = np.unique(times, return_inverse=True)
    first, last = days[0], days[-1]
    span = int((last - first).astype(np.int64)) + 1
    if len(kinds) > MOST_SLOTS or span < 3:
        return Found(None, common or "the steps are uneven")
    weekdays = (days.astype(np.int64) + 3) % 7
    seen = np.zeros((7, len(kinds)), dtype=np.int64)
    np.add.at(seen, (weekdays, place), 1)
    dates = np.bincount(((np.arange(first, last + 1).astype(np.int64)) + 3) % 7, minlength=7)
    if span >= SHORT:
        kept = (2 * seen >= dates[:, None]) & (seen > 0)
    else:  # each weekday once or twice: the times of day of all together
        there = np.unique(days)
        usual = 2 * seen.sum(axis=0) >= len(there)
        open_days = seen.sum(axis=1) > 0
        if len(there) == span:
            open_days = open_days | (span < 7)  # no day off was seen
        elif span < 8 or len(there) < 1.4 * open_days.sum():
            return Found(None, common or "the steps are uneven")  # too short to tell which days are off
        kept = open_days[:, None] & usual[None, :]
    if not kept.any():
        return Found(None, common or "the steps are uneven")
    rule = Weekly(
        Week(tuple(bool(row.any()) for row in kept)), tuple(tuple(int(t) for t in kinds[row]) for row in kept)
    )
    expected = rule.between(labels[0], labels[-1])
    inside = np.isin(labels, expected)
    # Where the clock was set back a time of day is there twice, and is still one of those expected.
    gone = expected[~np.isin(expected, labels)]
    odd, lacks = int((~inside).sum()), len(gone)
    whole = _is_even(rule)
    if whole and lacks:
        one = f"{lacks} times are" if lacks > 1 else "1 time is"
        way = "" if odd else f': every="{_typed(whole)}" with missing="skip" keeps the place'
        if odd > MOST_ODD * len(labels) or lacks > len(labels):
            return Found(None, common or "the steps are uneven")
        return Found(None, f"{one} missing from steps of {_amount(whole)}, the first {label(gone[0])}{way}")
    if odd > MOST_ODD * len(labels) or lacks > MOST_MISSING * len(expected):
        return Found(None, common or "the steps are uneven")
    words = ""
    if lacks:
        words = f"; {lacks} of its times are missing, the first {label(gone[0])}, and taken as days off"
    if odd:
        words += f"; {odd} more lie outside it, the first {label(labels[~inside][0])}"
    return Found(rule, words)


def _is_even(rule: Weekly) -> int:
    """The step in milliseconds if a week has the same step throughout, as every day and every hour; else 0."""
    starts = np.array([day * _DAY + time for day, times in enumerate(rule.times) for time in times])
    gaps = np.diff(np.append(starts, starts[0] + 7 * _DAY))
    return int(gaps[0]) if (gaps == gaps[0]).all() else 0


def _typed(milliseconds: int) -> str:
    for unit, size in (("W", 7 * _DAY), ("D", _DAY), ("h", 3_600_000), ("min", 60_000), ("s", 1000)):
        if milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"


# -- of every= --------------------------------------------------------------------------------------------------------


def rule_of(step: Step, labels: Labels) -> Rule:
    """The rule of a step of time that was given, for these wall-clock times."""
    days = labels.astype("datetime64[D]")
    own = np.datetime_data(labels.dtype)[0]
    time = int((labels[0] - days[0]).astype("timedelta64[ms]").astype(np.int64)) if own not in ("Y", "M") else 0
    if step.unit == "B" and step.week is not None:
        return Weekly(step.week, tuple((time,) if day else () for day in step.week.mask))
    if step.unit != "M":
        return Fixed(step.count, step.unit)
    if own in ("Y", "M") and not step.edge:
        return Fixed(step.count // 12, "Y") if own == "Y" and step.count % 12 == 0 else Fixed(step.count, "M")
    edge, business = step.edge.removeprefix("business "), step.edge.startswith("business")
    if business:
        return Monthly(step.count, 31, edge, time)
    if edge:
        return Monthly(step.count, 1 if edge == "start" else 31, time=time)
    months = labels.astype("datetime64[M]")
    first, last = months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]") - 1
    for kind in ("end", "start"):  # where all are the last weekday, the next is too
        rule = Monthly(step.count, 31, kind, time)
        is_edge = (days == last).all() or (days == first).all()
        if not is_edge and len(labels) > 2 and (rule.at(months) == labels).all():
            return rule
    day = 31 if (days == last).all() else int(((days - first).astype(np.int64) + 1).max())
    rule = Monthly(step.count, day, time=time)
    is_regular = bool((rule.at(months) == labels).all())
    return rule if is_regular else Monthly(step.count, 1)


def grid(labels: Labels, step: Step, missing: str) -> tuple[Labels, Any]:
    """The wall-clock times of a step from the first of `labels` to the last, and the place of each among them.

    A time that is not among them is an InputError; so is a gap, unless `missing` is "skip".
    """
    own = np.datetime_data(labels.dtype)[0]
    if own == "W":
        labels = labels.astype("datetime64[D]")  # weeks and months do not align
    if own in ("Y", "M") and step.unit not in ("M",):
        labels = labels.astype("datetime64[D]")
    rule, typed = rule_of(step, labels), step.typed
    _check_size(rule, labels, typed)
    loose = step.unit == "M" and not step.edge
    full = rule.between(labels[0], labels[-1])
    if loose:  # any day of the month is that month's
        full_keys: Labels = full.astype("datetime64[M]")
        keys: Labels = labels.astype("datetime64[M]")
    else:
        full_keys, keys = full, labels
    place = np.searchsorted(full_keys, keys).astype(np.intp)
    off = full_keys[np.minimum(place, len(full_keys) - 1)] != keys if len(full_keys) else np.ones(len(keys), dtype=bool)
    if step.week is not None and step.unit == "W":
        off |= ~np.array(step.week.mask)[(labels.astype("datetime64[D]").astype(np.int64) + 3) % 7]
    if step.months:
        off |= ~np.isin(labels.astype("datetime64[M]").astype(np.int64) % 12, step.months)
    if off.any() or (len(place) > 1 and bool((np.diff(place) == 0).any())):
        row = int(np.argmax(off)) if off.any() else int(np.argmax(np.diff(place) == 0)) + 1
        raise _off_grid(labels, row, step)
    check_gaps(labels, place, typed, missing, _instead)
    return full, place


def _check_size(rule: Rule, labels: Labels, typed: str) -> None:
    if isinstance(rule, Fixed):
        made = (labels[-1] - labels[0]) / duration(rule.count, rule.unit)
    else:
        made = (labels[-1] - labels[0]).astype("timedelta64[D]").astype(np.int64) if len(labels) else 0
    if made > MOST_STEPS:
        raise refuse("every", typed, f"larger: from the first time to the last it makes {int(made):,} steps")


def _off_grid(labels: Labels, row: int, step: Step) -> InputError:
    where = f"time {label(labels[row])} at row {row}"
    if step.unit == "B" and step.week is not None:
        day = NAMES[_weekday(labels[row])]
        found = found_rule(labels)
        hint = f": {_instead(labels)}" if isinstance(found.rule, Weekly) else ""
        reason = (
            f"is a {day}, which is not among the days of every={shown(step.typed)}, or has another time of day{hint}"
        )
    elif step.edge:
        reason = f"is not on the {step.edge} of a month that every={shown(step.typed)} names"
    elif step.months and int(labels[row].astype("datetime64[M]").astype(np.int64)) % 12 not in step.months:
        reason = f"is not in a month that every={shown(step.typed)} names"
    elif step.week is not None and not step.week.mask[_weekday(labels[row])]:
        reason = f"is a {NAMES[_weekday(labels[row])]}, and every={shown(step.typed)} is of each {step.week}"
    else:
        reason = f"is not a whole number of steps of every={shown(step.typed)} after {label(labels[0])}"
    return InputError(f"{where} {reason}", code="time-off-grid", row=row)


def _weekday(moment: Any) -> int:
    return int((moment.astype("datetime64[D]").astype(np.int64) + 3) % 7)


def _is_week(rule: Rule | None) -> Any:
    return isinstance(rule, Weekly) and not rule.hours and not all(rule.week.mask)


def _instead(labels: Labels) -> str:
    """What to do about a gap: missing="skip", or the calendar that the times follow."""
    found = found_rule(labels)
    if _is_week(found.rule) and not found.words:
        return f'they follow {found.rule}: every="{found.rule.week.typed}"'  # type: ignore[union-attr]
    if isinstance(found.rule, (Weekly, Monthly)):
        return f"they follow {found.rule}: leave every= out"
    return AS_MISSING


# -- of times in a zone -----------------------------------------------------------------------------------------------


def wall(times: Times) -> Labels:
    """The wall-clock times; a time of day that was left out where the clock was set is that of the other days."""
    local = times.local
    if times.zone is None or is_fixed(times.zone) or len(local) < 3 or local.dtype.kind != "M":
        return local
    days = local.astype("datetime64[D]")
    if bool((days[1:] == days[:-1]).any()):
        return local
    of_day = (local - days).astype("timedelta64[s]").astype(np.int64)
    kinds, counts = np.unique(of_day, return_counts=True)
    if len(kinds) == 1:
        return local
    usual = days + np.timedelta64(int(kinds[counts.argmax()]), "s")
    return usual if bool((to_utc(usual, times.zone) == times.labels).all()) else local


def described(times: Times) -> tuple[Found, bool]:
    """The rule of sorted times, and whether it is one of UTC: steps below a day are, where they are even there."""
    local = wall(times)
    if times.labels.dtype.kind != "M":
        return found_rule(times.labels), False
    found = found_rule(local, (unevenness(local) or "").partition(": ")[2])
    moves = times.zone is not None and not is_fixed(times.zone)
    days = found.rule is not None and not (
        isinstance(found.rule, Fixed) and found.rule.unit not in ("D", "W", "M", "Y")
    )
    if not moves or (days and not (isinstance(found.rule, Weekly) and found.rule.hours)):
        return found, False
    gaps, unit = steps(times.labels)
    if len(gaps) and (gaps == gaps[0]).all() and unit not in ("M", "Y"):
        return Found(Fixed(int(gaps[0]), unit)), True
    return found, False


def spacing(times: Times) -> str | None:
    """A note on uneven steps: the week or the opening hours that they follow, or else how uneven they are."""
    plain = unevenness(times.labels)
    if plain is None or times.labels.dtype.kind != "M":
        return plain
    plain = unevenness(wall(times))
    if plain is None:
        return None
    found, _ = described(times)
    if isinstance(found.rule, Weekly):
        return f"{plain}; they follow {found.rule}, as found in them{found.words}"
    if found.rule is not None:
        return None
    return plain if not found.words or found.words in plain else f"{plain}; {found.words}"


def on_grid(times: Times, every: Any, missing: str) -> tuple[Labels, Any, Step | None]:
    """All times of a step from the first to the last, in UTC where they have a zone; the place of each; the step."""
    if times.labels.dtype.kind != "M":
        return *numbers_grid(times.labels, every, missing), None
    step = step_of(every)
    if times.zone is None or is_fixed(times.zone):
        full, place = grid(times.local, step, missing)
        return _kept(to_utc(full, times.zone), times.labels, place), place, step
    ways = [True, False] if step.unit in ("B", "M", "W", "D") else [False, True]
    first: InputError | None = None
    for is_local in ways:
        try:
            full, place = grid(wall(times) if is_local else times.labels, step, missing)
        except InputError as error:
            first = first or error
            if error.code != "time-off-grid":
                break
            continue
        return _kept(to_utc(full, times.zone) if is_local else full, times.labels, place), place, step
    assert first is not None  # noqa: S101 - both ways failed
    raise first


def _kept(full: Labels, labels: Labels, place: Any) -> Labels:
    """`full` with the labels that were given at their places, to the last digit."""
    full = full.astype(np.promote_types(full.dtype, labels.dtype))
    full[place] = labels
    return full


def ahead(times: Times | None, count: int, step: Step | None = None) -> tuple[Labels | None, str]:
    """The next `count` times, in UTC where they have a zone; where they cannot be told None, and the reason.

    >>> ahead(Times(np.array(["2024-01-31", "2024-02-29", "2024-03-31"], dtype="datetime64[D]")), 1)[0].tolist()
    [datetime.date(2024, 4, 30)]
    """
    if times is None or not len(times):
        return None, ""
    if times.labels.dtype.kind != "M":
        gaps = np.diff(times.labels)
        if not len(gaps):
            return None, "one time has no step"
        size = gaps[0]
        if gaps.dtype.kind == "f" and np.ptp(gaps) <= 1e-9 * np.abs(times.labels).max():  # 0.01, to the last digit
            size = (times.labels[-1] - times.labels[0]) / len(gaps)
        elif not bool((gaps == size).all()):
            return None, "the numbers have no even step"
        return np.asarray(times.labels[-1] + np.arange(1, count + 1) * size), ""
    local, in_utc, words = wall(times), False, ""
    if step is not None:
        rule: Rule | None = rule_of(step, local)
        in_utc = isinstance(rule, Fixed) and rule.unit not in ("D", "W", "M", "Y")
        if isinstance(rule, Fixed) and times.zone is not None and not is_fixed(times.zone):
            size = duration(rule.count, rule.unit)
            of = times.labels if in_utc else local
            even = bool(((of - of[0]) % size == np.timedelta64(0, "s")).all()) if rule.unit not in ("M", "Y") else True
            in_utc = in_utc if even else not in_utc
    else:
        found, in_utc = described(times)
        rule, words = found.rule, found.words
    if rule is None:
        return None, words or "the steps are uneven"
    following = rule.after((times.labels if in_utc else local)[-1], count)
    if len(following) < count:
        return None, "the days off leave no day to come"
    out = following if in_utc else to_utc(following, times.zone)
    plain = out.astype(times.labels.dtype)
    return plain if bool((plain == out).all()) else out, ""

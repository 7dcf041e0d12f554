"""Seasons: which periods a series, or a list of series, has. Found from the training part alone, or given.

The time step gives the candidates (months: 12; hours: 24 and 168); a series without times is scanned. The test of a
period is in ``numerics/seasonality.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import times as clock
from .numerics import seasonality
from .parameters import as_tuple, is_auto, one_of, refuse, whole
from .series import Series, as_panel, as_series, is_panel

MOST_SERIES = 200
"""Of more series than this, this many are tested, evenly spaced."""
KINDS = ("series", "stream", "shards")
"""The kinds of data of `resolve`: series in memory, one read in pieces, or a run over shards."""
YEARS = (1600, 2200)
"""Consecutive whole numbers in this range are read as years."""
SHORTER = {365: 7, 168: 24, 336: 48, 1008: 144, 1440: 60}
"""The shorter season that a calendar has inside a long one: the week in a year of days, the day in a week of hours."""
_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "D": 86_400_000, "W": 604_800_000}
_CYCLES = ((300_000, "D", "W"), (5_000, "h", "D"), (100, "m", "h"), (0, "s", "m"))
"""(smallest time step in milliseconds, the two cycles of the clock that are candidates)."""


@dataclass(frozen=True)
class Seasons:
    """The seasons of a series or of a list of series, in steps, and how they were found.

    `periods` are those found or given, shortest first, () for none. `candidates` are those tested, `test_values` theirs
    (the median of many series), to be compared with `limit`, and `chosen` the one that explains most. `source` is
    "given", "calendar" (candidates of the time step, or those of the call), "scan" (all periods up to a third of the
    values) or "none" (nothing was tested, for `reason`). `series` is how many series were tested.
    """

    periods: tuple[int, ...] = ()
    source: str = "none"
    candidates: tuple[int, ...] = field(default=(), repr=False)
    test_values: tuple[float, ...] = field(default=(), repr=False)
    limit: float = float("inf")
    chosen: int | None = None
    series: int = 1
    reason: str = ""

    @property
    def scanned(self) -> bool:
        """Whether all periods were scanned, without candidates."""
        return self.source == "scan"

    @property
    def period(self) -> int | None:
        """The one period for a model that takes only one: the chosen one, or the last in its chain of multiples.

        >>> Seasons((48, 336), "given").period, Seasons((7, 365), "given").period, Seasons().period
        (336, 7, None)
        """
        last = self.chosen or min(self.periods, default=None)
        for longer in self.periods:
            if last is not None and longer % last == 0:
                last = longer
        return last

    def for_length(self, count: int) -> tuple[int, ...]:
        """The periods that a training part of `count` values is long enough for; as given, all of them.

        >>> Seasons((24, 168), "calendar").for_length(300)
        (24,)
        """
        if self.source == "given":
            return self.periods
        return tuple(period for period in self.periods if seasonality.allowed(period, count))

    def __str__(self) -> str:
        """The seasons as one clause, for a report."""
        what = "no season" if not self.periods else f"{_steps('season', self.periods)}"
        if self.source == "given":
            return f"{what}, as given"
        if self.source == "none":
            return f"{what}: {self.reason}"
        many = f" of {self.series} series" if self.series > 1 else ""
        if self.periods:
            values = [
                value for period, value in zip(self.candidates, self.test_values, strict=True) if period in self.periods
            ]
            named = f"test value{'s' * (len(values) > 1)} {_listed([f'{value:.1f}' for value in values])}"
            found = "found by a scan" if self.scanned else f"found in most{many}" if many else "found"
            return f"{what}, {found} ({named}, limit {self.limit:.1f})"
        span = f"2 to {self.candidates[-1]}" if self.scanned else _listed([str(period) for period in self.candidates])
        # If a line or a short autoregression fits exactly, nothing is left to test.
        largest = max(self.test_values, default=-np.inf)
        tested = f" (largest test value {largest:.1f}, limit {self.limit:.1f})" if np.isfinite(largest) else ""
        return f"{what} of {span} steps is in {f'most{many}' if many else 'the values'}{tested}"


def find_seasons(data: Any, candidates: Any = None) -> Seasons:
    """The seasons of a series, or the common ones of a list of series; pass the training part alone.

    >>> import stepahead as sa
    >>> print(find_seasons(sa.datasets.el_nino()[:439]))
    a season of 12 steps, found (test value 13.7, limit 2.8)
    >>> find_seasons(sa.datasets.nile()).reason
    'yearly values have none'

    Parameters
    ----------
    data : [time] values or a `Series`, gaps as NaN; or a list of them. Of a list, up to 200 evenly
        spaced series are tested; a period is found if half of those long enough have it. A list is never scanned.
    candidates : the periods to test, in steps; by default those of the time step (the commonest of a list), and without
        times every period from 2 to a third of the values, at most 400.

    Raises
    ------
    ParameterError : candidates that are not whole numbers of at least 2, or have one twice.
    """
    asked = None if candidates is None else _checked("candidates", candidates)
    panel = _asked(data)
    if panel[0].categories is not None:
        return Seasons(reason="symbols have none")
    tried = asked if asked is not None else _common(panel)
    if tried is None and len(panel) > 1:
        return Seasons(reason="many series without times are not scanned: season=N names one", series=len(panel))
    if tried == ():
        return Seasons(
            reason="yearly values have none" if asked is None else "there are no candidates", series=len(panel)
        )
    if len(panel) > 1:
        return _voted(panel, tried or ())
    values = panel[0].numbers
    found = seasonality.scanned(values) if tried is None else seasonality.among(values, tried)
    if not found.tested:
        return Seasons(reason=_why_untested(values, tried or (2,)))
    source = "scan" if tried is None else "calendar"
    return Seasons(found.found, source, found.tested, found.values, found.limit, found.chosen)


def resolve(season: Any, training: Sequence[Series] | None, kind: str = "series") -> Seasons:
    """The seasons that ``season=`` asks for: "auto" looks for them in the training parts, anything else is taken as
    given.

    >>> resolve((336, 48), None).periods, resolve(None, None).periods
    ((48, 336), ())
    >>> print(resolve("auto", None, "stream"))
    no season: none is looked for in a stream, season=N names one

    Parameters
    ----------
    season : "auto", a whole number of steps of at least 2, several of them, None for none, or what was found before.
    training : the training part of each series; ignored for a stream or shards.
    kind : "series", "stream" or "shards".

    Raises
    ------
    ParameterError : another `season`.
    """
    one_of("kind", kind, KINDS)
    if isinstance(season, Seasons):
        return season
    if not is_auto(season):
        return Seasons(_periods(season), "given")
    if kind == "series" and not training:
        return Seasons(reason="no training part is known, season=N names one")
    if kind != "series" or not training:
        where = "a run over shards" if kind == "shards" else "a stream"
        return Seasons(reason=f"none is looked for in {where}, season=N names one")
    return find_seasons(training)


def calendar(labels: clock.Labels | None) -> tuple[int, ...] | None:
    """The calendar periods of a time step, in steps; () for years, None if it has none.

    >>> calendar(np.arange("2020-01", "2022-01", dtype="datetime64[M]")), calendar(np.arange(1871, 1971))
    ((12,), ())
    >>> calendar(np.arange(0, 100, dtype="datetime64[h]")), calendar(np.arange(10))
    ((24, 168), None)
    """
    if labels is None or len(labels) < 3:
        return None
    gaps, unit = clock.steps(labels)
    months = _months(gaps) if unit == "D" else 0
    sizes, counts = np.unique(gaps, return_counts=True)
    step = sizes[counts.argmax()]
    if months:
        return _whole_cycles(months, (12,)) or ()
    if 2 * counts.max() < len(gaps) or step <= 0:
        return None
    if not unit:
        years = labels.dtype.kind in "iu" and step == 1 and YEARS[0] <= labels[0] and labels[-1] <= YEARS[1]
        return () if years else None
    if unit == "Y":
        return ()
    if unit == "M":
        return () if step % 12 == 0 else _whole_cycles(int(step), (12,))
    return None if unit not in _MILLISECONDS else _of_clock(labels, int(step) * _MILLISECONDS[unit])


def _months(days: clock.Labels) -> int:
    """The months in a time step, from its days: 1, 3 or 12; 0 if it is none of these.

    Calendar months differ in length: a step of always four weeks is not a month.
    """
    for shortest, longest, months in ((28, 31, 1), (89, 92, 3), (365, 366, 12)):
        inside = days[(days >= shortest) & (days <= longest)]
        if len(inside) > 0.9 * len(days) and len(np.unique(inside)) > 1:
            return months
    return 0


def _of_clock(labels: clock.Labels, step: int) -> tuple[int, ...] | None:
    """The periods of a time step in milliseconds: week and year for days and weeks, else two cycles of the clock."""
    day, week = _MILLISECONDS["D"], _MILLISECONDS["W"]
    if step == day:
        days = np.unique(labels.astype("datetime64[D]").astype(np.int64) % 7)
        return (5,) if len(days) <= 5 and labels[-1] - labels[0] > np.timedelta64(7, "D") else (7, 365)
    if step % week == 0:
        return _whole_cycles(step // week, (52,))
    if step > day:
        return _whole_cycles(step, (week, 365 * day))
    one, other = next(pair for least, *pair in _CYCLES if step >= least)
    return _whole_cycles(step, (_MILLISECONDS[one], _MILLISECONDS[other]))


def _whole_cycles(step: int, cycles: tuple[int, ...]) -> tuple[int, ...] | None:
    """The steps in each cycle, if they are a whole number of at least 2."""
    return tuple(cycle // step for cycle in cycles if cycle % step == 0 and cycle >= 2 * step) or None


def _asked(data: Any) -> tuple[Series, ...]:
    """The series that are tested: all, or `MOST_SERIES` evenly spaced ones."""
    items = data if is_panel(data) else [data]
    if len(items) > MOST_SERIES:
        items = [items[int(place)] for place in np.linspace(0, len(items) - 1, MOST_SERIES).round()]
    return as_panel([as_series(item, missing="skip") for item in items])


def _common(panel: Sequence[Series]) -> tuple[int, ...] | None:
    """The candidates of the commonest time step."""
    return Counter(calendar(series.local) for series in panel).most_common(1)[0][0]


def _voted(panel: Sequence[Series], candidates: tuple[int, ...]) -> Seasons:
    """The periods that at least half of the series have, of those long enough for each."""
    votes = [seasonality.among(series.numbers, candidates) for series in panel]
    tested = tuple(period for period in candidates if any(period in vote.tested for vote in votes))
    if not tested:
        return Seasons(reason="every series is too short, or constant", series=len(panel))
    able = {period: [vote for vote in votes if period in vote.tested] for period in tested}
    found = tuple(p for p in tested if 2 * sum(p in vote.found for vote in able[p]) >= len(able[p]))
    median = tuple(float(np.median([dict(zip(v.tested, v.values, strict=True))[p] for v in able[p]])) for p in tested)
    chosen = [vote.chosen for vote in votes if vote.chosen in found]
    best = Counter(chosen).most_common(1)[0][0] if chosen else min(found, default=None)
    limit = max(vote.limit for vote in votes if vote.tested)
    return Seasons(found, "calendar", tested, median, limit, best, len(panel))


def _why_untested(values: Any, candidates: tuple[int, ...]) -> str:
    """Why no candidate was tested."""
    observed = values[~np.isnan(values)]
    least = next(n for n in range(4, 4 * candidates[0] + 10) if seasonality.allowed(candidates[0], n))
    if len(observed) < max(least, seasonality.SHORTEST):
        return f"{len(observed)} values are too few, {max(least, seasonality.SHORTEST)} are needed"
    return (
        "the values are constant"
        if np.ptp(observed) <= 1e-12 * np.abs(observed).max()
        else "too few values stand in a row"
    )


def _checked(name: str, value: Any, also: str = "", allowed: str = "a sequence of whole numbers") -> tuple[int, ...]:
    """The periods of an argument: whole numbers of at least 2, each once, shortest first."""
    if value is None:
        return ()
    if isinstance(value, (str, bytes)):
        raise refuse(name, value, allowed)
    several = as_tuple(name, value) if np.ndim(value) else (value,)
    periods = tuple(sorted(whole(name, period, 2) for period in several))
    if len(set(periods)) < len(periods):
        raise refuse(name, value, f"{also}whole numbers, none of them twice")
    return periods


def _periods(season: Any) -> tuple[int, ...]:
    return _checked("season", season, '"auto", None, or ', '"auto", None, a whole number, or several')


def checked_season(season: Any) -> Any:
    """The season of a model, one of those that `resolve` takes: None, a whole number, or a tuple of several."""
    periods = _periods(season)
    return None if not periods else periods[0] if len(periods) == 1 else periods


def _steps(what: str, periods: Sequence[int]) -> str:
    """The periods in words: "a season of 12 steps", "seasons of 48 and 336 steps"."""
    listed = _listed([str(period) for period in periods])
    return f"a {what} of {listed} steps" if len(periods) == 1 else f"{what}s of {listed} steps"


def _listed(texts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(texts[:-1]), texts[-1]]))

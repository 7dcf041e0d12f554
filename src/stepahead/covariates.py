"""Other columns beside a series: known ahead, of the calendar, or read up to the origin like the values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from . import calendars
from .every import Step
from .parameters import refuse
from .protocols import Array, Column
from .text import AS_IF
from .times import Labels, Times

KNOWN, PAST, CALENDAR, FORESEEN = "known", "past", "calendar", "foreseen"
KINDS = (KNOWN, PAST, CALENDAR, FORESEEN)
WORDS = ("known", "past", "all")
"""What stands for all columns of a kind; no column is called so."""


@dataclass(frozen=True)
class Covariates:
    """Columns beside the values of a series.

    >>> import stepahead as sa
    >>> series = sa.Series([1.0, 2.0, 3.0], known={"promo": [0, 1, 0, 1]}, past={"warmth": [20.5, 21.0, 19.5]})
    >>> series.known, series.past.values[:, 0]
    (Covariates(promo: 4 rows), array([20.5, 21. , 19.5]))

    Attributes
    ----------
    names : of the columns of `values`. A column of text has one for each symbol, "weather=rain", 1 where it holds.
    groups : what each was called where it was given: "weather".
    kinds : of each, "known", "calendar" or "foreseen", which are known ahead, or "past".
    values : [time + beyond, columns], read-only; rows beyond the end of the series are what is known to come, NaN where
        a column ends sooner.
    """

    names: tuple[str, ...]
    groups: tuple[str, ...]
    kinds: tuple[str, ...]
    values: Array

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, values=frozen(state["values"]))  # an array comes back from a copy writable

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"Covariates({', '.join(self.shown()) or 'none'}: {len(self.values)} rows)"

    def shown(self) -> list[str]:
        """What the columns were called; one that is taken as foreseen is called that."""
        kinds = dict(zip(self.groups, self.kinds, strict=True))
        return [f"{group} {AS_IF}" if kind == FORESEEN else group for group, kind in kinds.items()]

    def asked(self, *kinds: str) -> tuple[str, ...]:
        """What the columns were called, each once; those of some kinds alone."""
        return tuple(
            dict.fromkeys(g for g, kind in zip(self.groups, self.kinds, strict=True) if not kinds or kind in kinds)
        )

    def columns(self, group: str) -> tuple[Column, ...]:
        """The columns that were called so."""
        named = zip(self.names, self.groups, self.kinds, strict=True)
        return tuple(Column(name, kind) for name, own, kind in named if own == group)

    def rows(self, columns: Sequence[Column]) -> Array:
        """[time + beyond, columns] some of the columns, by name and kind: in one piece, so that what stands beside them
        changes no bit of a sum.

        A symbol that does not occur in a column of text is 0 throughout.
        """
        places = {
            Column(name, kind): place for place, (name, kind) in enumerate(zip(self.names, self.kinds, strict=True))
        }
        found = [places.get(column, -1) for column in columns]
        if found and found == list(range(found[0], found[0] + len(found))) and found[0] >= 0:
            return np.ascontiguousarray(self.values[:, found[0] : found[0] + len(found)])
        out = np.ascontiguousarray(self.values[:, found])
        out[:, [place < 0 for place in found]] = 0.0
        return out

    def joined(self, others: Covariates) -> Covariates:
        """These and others, rows that one of them lacks being NaN."""
        count = max(len(self.values), len(others.values))
        parts = [lengthened(part.values, count) for part in (self, others)]
        return Covariates(
            self.names + others.names, self.groups + others.groups, self.kinds + others.kinds, frozen(np.hstack(parts))
        )

    def only(self, wanted: Iterable[str]) -> Covariates:
        """The columns that were called so, in their order here."""
        groups_ = set(wanted)
        at = [place for place, group in enumerate(self.groups) if group in groups_]
        names, groups, kinds = (tuple(one[place] for place in at) for one in (self.names, self.groups, self.kinds))
        return Covariates(names, groups, kinds, frozen(self.values[:, at]))


def frozen(values: Array) -> Array:
    """The array, read-only."""
    values.flags.writeable = False
    return values


def lengthened(values: Array, count: int) -> Array:
    """The rows, and as many without a value as make `count`."""
    return np.concatenate([values, np.full((count - len(values), values.shape[1]), np.nan)])


def reach_of(column: Array) -> int:
    """How many rows a column has up to the last that is known."""
    there = np.flatnonzero(~np.isnan(column))
    return int(there[-1]) + 1 if len(there) else 0


def group_of(name: str) -> str:
    """What the column of an array was called where it was given: "weather" of "weather=rain"."""
    return name.partition("=")[0]


NONE = Covariates((), (), (), np.empty((0, 0)))


@dataclass(frozen=True)
class Beside:
    """All columns beside a series of `length` values: those known ahead, those of the past, the times to come."""

    ahead: Covariates
    past: Covariates
    length: int
    later: Labels | None = None
    """[beyond] the times of the rows beyond the end, in UTC where the series has a zone."""

    @property
    def beyond(self) -> int:
        """How many rows lie beyond the end of the series."""
        return max(len(self.ahead.values) - self.length, 0)

    def cut(self, where: slice, times: Labels | None) -> Beside:
        """The columns of ``series[where]``: what is known ahead stays known to its end."""
        start, stop, _ = where.indices(self.length)
        stop = max(stop, start)
        later = None
        if times is not None:
            later = times[stop:] if self.later is None else np.concatenate([times[stop:], self.later])
        return Beside(
            replace(self.ahead, values=self.ahead.values[start:]),
            replace(self.past, values=self.past.values[start:stop]),
            stop - start,
            later,
        )

    def closed(self) -> Beside:
        """Nothing beyond the last value: what fits and states are made of."""
        return replace(self, ahead=replace(self.ahead, values=self.ahead.values[: self.length]), later=None)

    def foreseen(self, name: str) -> Beside:
        """One of the measured columns moved to those that are known ahead, as if it were foreseen."""
        if name not in self.past.groups:
            raise refuse(
                "name", name, f"one of the past columns, {', '.join(self.past.asked()) or 'of which there are none'}"
            )
        taken = self.past.only([name])
        rest = [group for group in self.past.groups if group != name]
        moved = replace(taken, kinds=(FORESEEN,) * len(taken))
        ahead = moved if not len(self.ahead) else self.ahead.joined(moved)
        return replace(self, ahead=ahead, past=self.past.only(rest))

    def to(self, rows: int, stamps: Times | None, step: Step | None) -> Beside:
        """The same with the columns of the calendar going on to so many rows, where the times ahead can be told."""
        count = rows - len(self.ahead.values)
        if count <= 0 or CALENDAR not in self.ahead.kinds:
            return self
        from . import calendar_columns  # here: most series have none

        later = self.later
        if stamps is not None:
            known = stamps if later is None else replace(stamps, labels=np.concatenate([stamps.labels, later]))
            more, _ = calendars.ahead(known, rows - len(known.labels), step)
            if more is None:
                return self
            later = more if later is None else np.concatenate([later, more])
        values = lengthened(self.ahead.values, rows)
        local = None
        if later is not None and stamps is not None:
            local = replace(stamps, labels=later[len(later) - count :]).local
        for group in self.ahead.asked(CALENDAR):
            at = [place for place, own in enumerate(self.ahead.groups) if own == group]
            # A trend goes on from its last value.
            first = int(values[rows - count - 1, at[0]]) + 1 if group == "trend" and rows > count else 0
            values[rows - count :, at] = calendar_columns.made(group, local, first, count)[1]
        return replace(self, ahead=replace(self.ahead, values=frozen(values)), later=later)

    def facts(self) -> list[dict[str, Any]]:
        """The name and kind of each column as it was given, for a machine."""
        every = (self.ahead, self.past)
        pairs = dict.fromkeys((g, k) for part in every for g, k in zip(part.groups, part.kinds, strict=True))
        return facts_of(pairs)


def facts_of(pairs: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Names and kinds for a machine; of one that is taken as foreseen that what it gives is an upper bound."""
    return [{"name": name, "kind": kind, **({"upper_bound": True} if kind == FORESEEN else {})} for name, kind in pairs]


BARE = Beside(NONE, NONE, 0)
"""Of a series without other columns."""

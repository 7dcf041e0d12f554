"""The frequencies of symbols by calendar month: a baseline where the time of year says much."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import symbols
from ..distributions import Discrete
from ..errors import InputError
from ..protocols import Array, Index, Roll, State
from ..series import Series
from ..storage import register
from .model import Model, Shapes
from .simple import expect

LEAST = 20
"""Values of each month, so that its frequencies are worth something."""
DAY = 86_400
MONTHS = 12


def clock(series: Series) -> tuple[int, int] | None:
    """(first time, step) in seconds, where the times are dates at one even step of at most a day; else None."""
    local = series.local
    if local is None or len(series) < 2 or local.dtype.kind != "M":
        return None
    seconds = _seconds(local)
    gaps = np.diff(seconds)
    return (int(seconds[0]), int(gaps[0])) if 0 < gaps[0] <= DAY and (gaps == gaps[0]).all() else None


def _seconds(times: Any) -> Index:
    return np.asarray(times.astype("datetime64[s]").astype(np.int64))


def months(start: float, step: float, positions: Array) -> Index:
    """The month, 0 to 11, of values at these positions counted from the first one."""
    seconds = (start + step * positions).astype(np.int64).astype("datetime64[s]")
    return np.asarray(seconds.astype("datetime64[M]").astype(np.int64) % MONTHS, dtype=np.intp)


def has_months(series: Series) -> bool:
    """Whether every calendar month has values enough to count its symbols.

    >>> days = np.arange("2020-01-01", "2021-01-01", dtype="datetime64[D]")
    >>> has_months(Series(["dry", "wet"] * 183, times=days)), has_months(Series(["dry", "wet"] * 183))
    (True, False)
    """
    found = clock(series)
    if found is None or series.categories is None:
        return False
    seen = np.flatnonzero(series.values >= 0)
    return bool((np.bincount(months(*found, seen.astype(np.float64)), minlength=MONTHS) >= LEAST).all())


@register
class Frequencies(Model):
    """The frequencies of the symbols in each calendar month of the training part.

    The state is the position in time, by the date of the first value that `encode` is given; values without dates begin
    where training did. No symbol behind the training part counts.

    >>> days = np.arange("2020-01-01", "2022-01-01", dtype="datetime64[D]")
    >>> sky = Series(np.where(days.astype("datetime64[M]").astype(int) % 12 < 6, "wet", "dry"), times=days)
    >>> model = Frequencies().fit(sky[:366])
    >>> model.predictive(model.encode(sky[:540]), horizon=20).probability("wet")[-1, [0, 19]]
    array([1., 0.])

    Attributes
    ----------
    states_ : the symbols. shares_ : [12, states] their frequencies, January first; each month sums to 1.
    start_, step_ : the time of the first value and the step, in seconds.

    Raises
    ------
    InputError : no dates, steps that differ or are longer than a day, or a month with fewer than 20 values.
    """

    _learned = ("states_", "shares_", "start_", "step_")
    _any_size = is_baseline = learns = True
    kind = "months"
    states_: tuple[object, ...]
    shares_: Array
    start_: float
    step_: float

    def _accept(self, series: Series) -> None:
        """Symbols alone: a fitted model forecasts a series of any length."""
        if series.categories is None:
            raise self._refusal()

    def _refusal(self) -> InputError:
        return InputError(
            f"{self.name} needs symbols with dates, at one step of at most a day, and {LEAST} values in each "
            "calendar month: MarkovChain(0) takes any symbols",
            code="time-step",
            needed=LEAST,
        )

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        """Count the symbols of each month, in all series."""
        if not all(map(has_months, panel)):
            raise self._refusal()
        self.states_ = symbols.states_in(panel)
        counts = np.zeros((MONTHS, len(self.states_)))
        for part in panel:
            places = symbols.places(part, self.states_)
            known = np.flatnonzero(~np.isnan(places))
            month = months(*(clock(part) or (0, 1)), known.astype(np.float64))
            np.add.at(counts, (month, places[known].astype(np.intp)), 1.0)
        self.shares_ = counts / counts.sum(axis=1, keepdims=True)
        start, step = clock(panel[0]) or (0, 1)
        self.start_, self.step_ = float(start), float(step)
        return 0

    def _encode_series(self, series: Series, after: State | None) -> State:
        """[origins, 1]: how many steps an origin is behind the first value of training, by its date if it has one."""
        if after is None:
            first, local = 0.0, series.local
            if local is not None and len(local) and local.dtype.kind == "M":
                first = (float(_seconds(local[:1])[0]) - self.start_) / self.step_
            return (first + np.arange(len(series) + 1.0)[:, None],)
        return (after[0][-1] + np.arange(1.0, len(series) + 1.0)[:, None],)

    def _months(self, state: State, horizon: int) -> Index:
        return months(self.start_, self.step_, state[0] + np.arange(float(horizon)))

    def _plan(self, horizon: int) -> Roll:
        """The commonest symbol of the month of each target."""
        likeliest = self.shares_.argmax(axis=1).astype(np.float64)
        return lambda state, out: likeliest[self._months(state, horizon)]

    def _plan_predictive(self, horizon: int) -> Callable[[State], Discrete]:
        """The frequencies of the month of each target, Discrete [rows, horizon, states]."""
        return lambda state: Discrete(self.shares_[self._months(state, horizon)], self.states_)

    def _shapes(self) -> Shapes:
        if not isinstance(self.states_, list):
            raise ValueError("states_ should be a list of symbols")
        self.states_ = symbols.checked(self.states_)
        shapes: Shapes = {"shares_": (MONTHS, len(self.states_)), "start_": (), "step_": ()}
        return {**expect(self.context, 0), **shapes}

    def _check_learned(self) -> None:
        if not 0.0 < self.step_ <= DAY or (self.shares_ < 0.0).any() or not np.allclose(self.shares_.sum(axis=1), 1.0):
            raise ValueError("shares_ should be frequencies, and step_ seconds of at most a day")

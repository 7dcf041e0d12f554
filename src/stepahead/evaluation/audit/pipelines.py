"""Pipelines that are audited: a Forecaster, or a function from values to forecasts. The audit treats both alike."""

from __future__ import annotations

import copy
import inspect
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Protocol, TypeAlias

import numpy as np

from ...covariates import PAST, group_of
from ...errors import FitError, InputError, ParameterError, shown
from ...known_ahead import leads_of
from ...protocols import Array, Forecaster, Index, State, columns_of
from ...series import Series
from ...walk import check_forecaster, name_of, walk
from .bits import digest

REFIT_SECONDS = 5.0
RUN_SECONDS = 30.0
ROUNDING, REPEATS = 1e-5, 8
"""Relative to the largest forecast: a smaller difference of runs over the same values is rounding by threads;
so many runs are compared.
"""

Function: TypeAlias = Callable[..., Mapping[int, Sequence[float]]]
"""A function from values [time] to {origin: the forecasts of steps 1 .. H}; see `FunctionPipeline` for columns."""


class RefusedError(Exception):
    """The error of a pipeline that refuses the perturbed values; it is no evidence of a leak."""


@dataclass(frozen=True)
class Run:
    """The result of one run of a pipeline: origins [rows], forecasts [rows, horizon], digest of the fit; of a model
    also its states, from origin `first` on, where check K compares them.
    """

    origins: Index
    forecasts: Array
    fingerprint: bytes | None = None
    state: State = ()
    first: int = 0


class Pipeline(Protocol):
    """A pipeline from a series to forecasts from many origins, run from raw values at every call."""

    name: str
    deterministic: bool
    seconds: float
    """The seconds of the base run; for a model those of its fit."""
    leads: int
    """How many steps beyond its own a step may read of the columns known ahead."""

    def uses(self) -> tuple[tuple[str, str], ...]:
        """The name and kind of each column that the model uses, or that the function is handed; after the base run."""

    def base(self) -> Run:
        """The run over the unchanged series; a faulty pipeline is an error here."""

    def run(self, series: Series, refit: bool) -> Run:
        """The run over a changed series, with a refit or without."""

    def past(self, series: Series, cut: int) -> Run:
        """The run over a series that is missing from `cut` on; NaN where an origin at or before it has no forecast."""

    def shorter(self, series: Series) -> Run:
        """The run over a series that ends sooner, up to its very end where the pipeline forecasts from there."""

    def cuts(self, base: Run) -> Index:
        """The indices of the cuts."""

    def affords(self, cuts: int) -> bool:
        """Whether runs at `cuts` cuts take seconds, not minutes."""

    def refits_at(self, cuts: Sequence[int]) -> set[int]:
        """The cuts at which the model is refitted."""

    def steady(self, series: Series, refit: bool, first: Run) -> None:
        """Raise an error if the same run, repeated, gives other bits: no leak can then be told from rounding."""


class ModelPipeline:
    """A Forecaster: fitted on the training part, then rolled out from every origin whose targets exist."""

    deterministic = True
    seconds = 0.0
    leads = 0
    _fits_alike = False
    _fingerprint: bytes | None = None

    def __init__(self, model: Forecaster, series: Series, length: int, horizon: int, tolerance: float = 0.0) -> None:
        check_forecaster(model)
        self.name = name_of(model)
        self._model, self._series, self._length, self._horizon = model, series, length, horizon
        self._tolerance = tolerance

    def base(self) -> Run:
        """The run over the unchanged series: two fits, and two roll-outs of one fit, which must not differ."""
        # What a run changes in a model must not reach the next run: every run has its own copy, and the
        # fingerprints are taken before any run.
        self._fitted, first = _timed_fit(self._model, self._series[: self._length].closed())
        self._fingerprint = digest(self._fitted)
        self.leads = leads_of(self._fitted)
        again, second = _timed_fit(self._model, self._series[: self._length].closed())
        self.deterministic = digest(again) == self._fingerprint
        self.seconds = min(first, second)  # the first one may have paid for imports
        if not self.deterministic and self._tolerance:
            # the parameters differ in bits, but the forecasts may be within the tolerance
            self._fingerprint = None
        base, repeated = (
            self._forecasts(copy.deepcopy(self._fitted), self._series, self._horizon, self._fingerprint)
            for _ in range(2)
        )
        _same_again(self.name, base, repeated, self._tolerance)
        if not self.deterministic and self._tolerance:
            self._fits_alike = (
                _apart(base, self._forecasts(again, self._series, self._horizon, None)) <= self._tolerance
            )
        return base

    def uses(self) -> tuple[tuple[str, str], ...]:
        """Those of the fit, as they were given."""
        return tuple(dict.fromkeys((group_of(name), kind) for name, kind in columns_of(self._fitted)))

    def run(self, series: Series, refit: bool) -> Run:
        """A run over a changed series; without a refit, with the parameters of the first fit."""
        try:
            again = (
                copy.deepcopy(self._model).fit(series[: self._length].closed())
                if refit
                else copy.deepcopy(self._fitted)
            )
            fingerprint = digest(again) if refit and self.deterministic else self._fingerprint
            return self._forecasts(again, series, self._horizon, fingerprint)
        except (FitError, InputError) as error:
            raise RefusedError from error

    def _forecasts(self, fitted: Forecaster, series: Series, targets: int, fingerprint: bytes | None) -> Run:
        found = walk(fitted, series, last=len(series) - targets, horizon=self._horizon)
        state = () if series.beside is None else found.state
        return Run(found.origins, found.table(self._horizon), fingerprint, state, fitted.context)

    def past(self, series: Series, cut: int) -> Run:
        """Origins up to the cut; the forecast is NaN if the state has a missing value."""
        fitted = copy.deepcopy(self._fitted)
        origins = np.arange(fitted.context, min(cut, len(series) - self._horizon) + 1)
        out = np.full((len(origins), self._horizon), np.nan)
        with _quietly():
            try:
                found = walk(fitted, series, last=int(origins[-1]) if len(origins) else -1, horizon=self._horizon)
                out[found.origins - fitted.context] = found.table(self._horizon)
            except Exception as error:  # any model may refuse a missing value with its own error
                raise RefusedError from error
        return Run(origins, out)

    def shorter(self, series: Series) -> Run:
        """The forecasts from every state, with the one at the end."""
        return self._forecasts(copy.deepcopy(self._fitted), series, 0, self._fingerprint)

    def cuts(self, base: Run) -> Index:
        """Every origin after the training part."""
        return np.arange(self._length, len(self._series) - self._horizon + 1)

    def affords(self, cuts: int) -> bool:
        """Always true: a roll-out is cheap, and slow fits are left out (`refits_at`)."""
        return True

    def refits_at(self, cuts: Sequence[int]) -> set[int]:
        """All cuts if the fit is quick, else the first and the last; none if two fits differ anyway."""
        if not self.deterministic and not self._fits_alike:
            return set()
        return set(cuts) if self.seconds * len(cuts) <= REFIT_SECONDS else {cuts[0], cuts[-1]}

    def steady(self, series: Series, refit: bool, first: Run) -> None:
        """A second run of fit and roll-out, over the same data."""
        for _ in range(REPEATS):
            _same_again(self.name, first, self.run(series, refit), self._tolerance)


class FunctionPipeline:
    """A pipeline that is a function: raw values in, {origin: forecasts} out.

    Of a series with columns it is also handed those that it takes by keyword: ``past={name: [time]}``, and
    ``known={name: [time + beyond]}``, of all columns that are known ahead.
    """

    deterministic = True
    seconds = 0.0
    leads = 0

    def __init__(
        self, function: Function, series: Series, length: int, horizon: int | None, tolerance: float = 0.0
    ) -> None:
        self.name = name_of_function(function)
        self._tolerance = tolerance
        self._function, self._series, self._length, self._horizon = function, series, length, horizon
        self._takes = () if series.beside is None else _keywords(function)

    def uses(self) -> tuple[tuple[str, str], ...]:
        """Those that it takes."""
        facts = [] if self._series.beside is None else self._series.beside.facts()
        pairs = [(fact["name"], fact["kind"]) for fact in facts]
        return tuple((name, kind) for name, kind in pairs if ("past" if kind == PAST else "known") in self._takes)

    def base(self) -> Run:
        """The run over the unchanged series, made twice: both must have the same bits, and every forecast be finite."""
        before = time.perf_counter()
        base = self._forecasts(self._called(self._series), len(self._series))
        self.seconds = time.perf_counter() - before
        if not len(base.origins):
            raise self._nonsense("it gave none at all", 0)
        if not np.isfinite(base.forecasts).all():
            origin = int(base.origins[int(np.argmax(~np.isfinite(base.forecasts).all(axis=1)))])
            raise self._nonsense(f"at origin {origin} not every forecast is a finite number", origin)
        steps = base.forecasts.shape[1]
        if self._horizon not in (None, steps):
            raise self._nonsense(f"with horizon={self._horizon} it gave {steps} from each origin", steps)
        before = time.perf_counter()
        again = self._forecasts(self._called(self._series), len(self._series))
        self.seconds = min(self.seconds, time.perf_counter() - before)  # the first run may have paid for imports
        _same_again(self.name, base, again, self._tolerance)
        return base

    def run(self, series: Series, refit: bool) -> Run:
        """A run of the whole function: its fit cannot be separated."""
        with _quietly():
            try:
                found = self._called(series)
            except Exception as error:  # any function may refuse with its own error
                raise RefusedError from error
        return self._forecasts(found, len(series))

    def past(self, series: Series, cut: int) -> Run:
        """The forecasts from origins up to the cut; NaN is kept."""
        return self.run(series, True)

    def shorter(self, series: Series) -> Run:
        """The forecasts of a shorter series: how near to the end it forecasts is up to the function."""
        return self.run(series, True)

    def cuts(self, base: Run) -> Index:
        """The end of the training part, and every origin after it:
        a cut between two origins adds nothing.
        """
        behind = base.origins[(base.origins > self._length) & (base.origins < len(self._series))]
        return np.array([self._length, *behind], dtype=np.intp)

    def affords(self, cuts: int) -> bool:
        """Judged by the time of the first run."""
        return self.seconds * cuts <= RUN_SECONDS

    def refits_at(self, cuts: Sequence[int]) -> set[int]:
        """The cuts at which the fit is made again: all of them."""
        return set(cuts)

    def steady(self, series: Series, refit: bool, first: Run) -> None:
        """A second run of the whole function."""
        for _ in range(REPEATS):
            _same_again(self.name, first, self.run(series, refit), self._tolerance)

    def _called(self, series: Series) -> Any:
        values = np.array(series.numbers, dtype=np.float64)  # its own copy, which it may change
        columns = {"past": series.past, "known": series.known}
        handed = {
            kind: {name: columns[kind].values[:, place].copy() for place, name in enumerate(columns[kind].names)}
            for kind in self._takes
        }
        return self._function(values, **handed)

    def _forecasts(self, found: Any, length: int) -> Run:
        if not isinstance(found, Mapping):
            raise self._nonsense(f"it gave {shown(type(found).__name__)}", type(found).__name__)
        rows = {}
        for origin, steps in found.items():
            if not isinstance(origin, Integral) or isinstance(origin, bool) or not 0 <= int(origin) <= length:
                raise self._nonsense(
                    f"it gave the origin {shown(origin)}, which is not a whole number from 0 to {length}", origin
                )
            rows[int(origin)] = self._steps(steps, int(origin))
        widths = {origin: len(steps) for origin, steps in rows.items()}
        if len(set(widths.values())) > 1:
            first, many = next(iter(widths.items()))
            other = next(origin for origin, count in widths.items() if count != many)
            raise self._nonsense(
                f"it gave {many} from origin {first} and {widths[other]} from origin {other}", widths[other]
            )
        origins = sorted(rows)
        width = next(iter(widths.values()), 0)
        forecasts = np.array([rows[origin] for origin in origins], dtype=np.float64).reshape(len(origins), width)
        return Run(np.array(origins, dtype=np.intp), forecasts)

    def _steps(self, found: Any, origin: int) -> Array:
        try:
            steps = np.asarray(found, dtype=np.float64)
        except (TypeError, ValueError):
            steps = np.empty(0)
        if steps.ndim == 2 and steps.shape[1] == 1:
            steps = steps[:, 0]
        if steps.ndim != 1 or not len(steps):
            raise self._nonsense(f"from origin {origin} it gave {shown(found)}", origin)
        return steps

    def _nonsense(self, what: str, found: object) -> ParameterError:
        return ParameterError(
            f"{shown(self.name)} must give {{origin: its H forecasts}}, as many from every origin, "
            f"such as {{604: [0.1, 0.2]}} "
            f"(the values before an origin are known, and step 1 is the value at it); {what}",
            code="contract",
            name="model",
            found=found,
        )


def _keywords(function: Function) -> tuple[str, ...]:
    """Which of ``past=`` and ``known=`` a function takes."""
    try:
        there = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return ()
    if any(one.kind is one.VAR_KEYWORD for one in there):
        return ("past", "known")
    by_name = {one.name for one in there if one.kind is not one.POSITIONAL_ONLY}
    return tuple(kind for kind in ("past", "known") if kind in by_name)


def _timed_fit(model: Forecaster, series: Series) -> tuple[Forecaster, float]:
    """A copy of the model, fitted, and the seconds that it took."""
    copied = copy.deepcopy(model)
    before = time.perf_counter()
    return copied.fit(series), time.perf_counter() - before


def _apart(one: Run, other: Run) -> float:
    """The distance of two runs over the same values, relative to the largest forecast; 0 only for the same bits."""
    if one.origins.tobytes() != other.origins.tobytes() or one.forecasts.shape != other.forecasts.shape:
        return np.inf
    if one.forecasts.tobytes() == other.forecasts.tobytes():
        return 0.0
    tiny = np.finfo(np.float64).tiny
    return max(float(np.max(np.abs(one.forecasts - other.forecasts)) / max(np.max(np.abs(one.forecasts)), tiny)), tiny)


def _same_again(name: str, one: Run, other: Run, tolerance: float) -> None:
    """Raise an error if two runs over the same values differ in bits by more than the tolerance."""
    apart = _apart(one, other)
    if apart <= tolerance:
        return
    what = f"{shown(name)} gave other forecasts for the same values"
    if not apart <= ROUNDING:
        raise ParameterError(
            f"{what}: bits cannot be compared. Seed what is random in it, and let it start from scratch at every call",
            code="not-deterministic",
            name="model",
        )
    wide = max(1e-12, 10.0 ** (2 + np.ceil(np.log10(apart))))
    raise ParameterError(
        f"{what} in the last digits, by {apart:.1g} of the largest: threads add in different order in each run. Set "
        f"n_jobs=1, or one thread; or give the audit tolerance={wide:g}, and a smaller change is not detected",
        code="threads",
        name="tolerance",
        found=apart,
    )


def name_of_function(function: object) -> str:
    """The name of a function: its own `name`, else the one in its definition."""
    own = getattr(function, "name", getattr(function, "__name__", None))
    return own if isinstance(own, str) else type(function).__name__


@contextmanager
def _quietly() -> Iterator[None]:
    """A context without notes and warnings: those on perturbed values are not about the data."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield

"""The contract test of a Forecaster, for any model: each rule of the contract is called a promise."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..datasets import noisy_sine
from ..errors import DtypeError, StepaheadError
from ..evaluation.audit import Audit, audit, parameter_bits
from ..evaluation.evaluate import k_step
from ..parameters import real, whole
from ..protocols import Array, Forecaster, State
from ..series import Series, as_series
from ..walk import check_forecaster as _check_verbs
from ..walk import encoded, name_of, take, usable, values_ahead, walk
from ..windows import require
from .capabilities import CAPABILITIES, LEFT_OUT, declared

LENGTH = 160


class ContractError(StepaheadError, AssertionError):
    """The error for a broken promise of a model: `promise` names it, the message says how."""

    promise: str


@dataclass(frozen=True)
class Report:
    """The report of a contract test.

    kept : the promises that it kept. left_out : those that were not checked, {promise: why}. audit : the verdict of the
    audit. declares : the capabilities of the model beyond `fit`, `encode` and `rollout`. model : its name.
    """

    model: str
    kept: tuple[str, ...]
    left_out: Mapping[str, str]
    audit: Audit
    declares: tuple[str, ...]

    def __str__(self) -> str:
        aside = "".join(f"; not asked: {promise} ({why})" for promise, why in self.left_out.items())
        return (
            f"{self.model} keeps the contract: {', '.join(self.kept)}{aside}; it declares: {', '.join(self.declares)}"
        )


def check_forecaster(model: Forecaster, series: Any = None, horizon: int = 8, *, tolerance: float = 1e-12) -> Report:
    """Test a model against the contract of a Forecaster; the first promise that it breaks is an error that says how.

    >>> import stepahead as sa
    >>> from stepahead import testing
    >>> print(testing.check_forecaster(sa.AR(lags=4)))
    AR(4) keeps the contract: fit, states, roll-out, copies, causal, one origin, fewer steps, your data, same fit,
    pieces, many series; it declares: Planned, Distributional, Sampling, Batched, Streamed, Trained, Noted, Named

    The promises: `fit` returns the model and sets its context; `encode` gives a row of floats for each origin from
    the context to the end; `rollout` gives [rows, horizon] finite numbers; a deep copy forecasts the same bits;
    nothing at or after an origin reaches its forecast; a forecast from an origin equals its row in the evaluation;
    a shorter horizon gives the first steps; neither series nor states are written to; two fits have the same bits;
    a long series can be encoded in pieces, if `encode` takes `after`; a list of series gives one fit. The
    capabilities that the model declares (``stepahead.protocols``) are tested too: each series of a batch equals its
    fit alone, a fit on pieces equals one on the whole, the draws of a row do not depend on other rows, and so on.

    Parameters
    ----------
    model : yours; copies of it are fitted.
    series : to test on; its first half is for training. By default 160 values of a noisy wave, or of text for
        a model that does not take numbers.
    horizon : steps to forecast.
    tolerance : relative, between two ways to the same forecast: a model of 32-bit floats needs about 2e-5.

    Raises
    ------
    ContractError : a promise is broken. It is an AssertionError too, and its `promise` says which one, or which
        capability.
    InputError : the series is too short for the context of the model.
    """
    _check_verbs(model)
    horizon, tolerance = whole("horizon", horizon, 2), real("tolerance", tolerance, above=0.0)
    trial = _Trial(model, _wave_or_text(model) if series is None else as_series(series), horizon, tolerance)
    for promise, holds in PROMISES.items():
        try:
            why = holds(trial)
        except ContractError:
            raise
        except Exception as error:
            if isinstance(error, StepaheadError) and error.code == "too-short":
                raise
            raise trial.broken(promise, f"it raised {type(error).__name__}: {error}") from error
        if why is None:
            trial.kept.append(promise)
        else:
            trial.left_out[promise] = why
    found = declared(trial.fitted)
    for name in found:
        try:
            broken = CAPABILITIES[name][1](model, trial.fitted, trial.series, trial.some_states(), horizon)
        except Exception as error:
            raise trial.broken(name, f"it raised {type(error).__name__}: {error}") from error
        if broken is not None and broken.startswith(LEFT_OUT):
            trial.left_out[name] = broken.removeprefix(LEFT_OUT)
        elif broken is not None:
            raise trial.broken(name, broken)
    return Report(name_of(model), tuple(trial.kept), trial.left_out, trial.audits[0], tuple(found))


def _wave_or_text(model: Forecaster) -> Series:
    wave = noisy_sine(length=LENGTH, seed=0)
    try:
        copy.deepcopy(model).fit(wave)
    except DtypeError:
        return Series(["low" if value < 0.0 else "middle" if value < 0.7 else "high" for value in wave.values.tolist()])
    except Exception:
        return wave  # the first promise reports what is wrong with it
    return wave


@dataclass
class _Trial:
    """One model on one series, and the results so far."""

    model: Forecaster
    series: Series
    horizon: int
    tolerance: float
    fitted: Any = None
    state: State = ()
    rows: Array = field(default_factory=lambda: np.empty((0, 0)))
    origins: npt.NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    kept: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    audits: list[Audit] = field(default_factory=list)

    @property
    def half(self) -> int:
        return len(self.series) // 2

    def some_states(self) -> State:
        """The first rows that have a forecast."""
        return take(self.state, np.flatnonzero(usable(self.fitted, self.state))[:6])

    def fit_again(self) -> Any:
        return copy.deepcopy(self.model).fit(self.series[: self.half])

    def evaluated(self, model: Any, horizon: int) -> tuple[npt.NDArray[np.intp], Array]:
        """Every origin and its forecast; of symbols codes."""
        result = k_step(model, self.series, horizon, train=0)
        return result.origins, result.predictions

    def same(self, one: Array, other: Array) -> bool:
        size = float(np.max(np.abs(other), initial=0.0))
        return one.shape == other.shape and bool(
            np.allclose(one, other, rtol=self.tolerance, atol=self.tolerance * size)
        )

    def broken(self, promise: str, how: str) -> ContractError:
        return ContractError(
            f"{name_of(self.model)} breaks a promise ({promise}): {how}", code="contract", promise=promise
        )


def _fit(trial: _Trial) -> None:
    before = copy.deepcopy(trial.model)
    trial.fitted = before.fit(trial.series[: trial.half])
    if trial.fitted is not before:
        raise trial.broken("fit", f"fit must return the model itself; it returned {type(trial.fitted).__name__}")
    try:
        context = trial.fitted.context
    except AttributeError:
        context = None
    if not isinstance(context, (int, np.integer)) or isinstance(context, bool) or context < 0:
        raise trial.broken("fit", f"after fit, context must be the first origin with a full state; it is {context!r}")
    needed = int(context) + trial.horizon + 4
    require(
        len(trial.series),
        needed,
        f"the contract of {name_of(trial.model)} with horizon={trial.horizon}",
        trial.series.name,
    )


def _states(trial: _Trial) -> None:
    trial.state = encoded(trial.fitted, trial.series)  # an error for another number of rows
    for place, array in enumerate(trial.state):
        if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
            found = getattr(array, "dtype", type(array).__name__)
            raise trial.broken(
                "states", f"array {place} of the state must be floats of numpy, [rows, ...]; it is {found}"
            )


def _roll_out(trial: _Trial) -> None:
    trial.origins, trial.rows = trial.evaluated(trial.fitted, trial.horizon)
    every = np.arange(trial.fitted.context, len(trial.series) - trial.horizon + 1)
    if trial.series.complete and not np.array_equal(trial.origins, every):
        lost = np.setdiff1d(every, trial.origins)
        raise trial.broken(
            "roll-out",
            f"{len(lost)} origins of a series without missing values have NaN in their state, the first {lost[0]}",
        )


def _copies(trial: _Trial) -> None:
    if _walked(trial, copy.deepcopy(trial.fitted)) != _walked(trial, trial.fitted):
        raise trial.broken("copies", "a deep copy of the fitted model forecasts other bits")


def _walked(trial: _Trial, model: Forecaster) -> bytes:
    """The forecasts of the model itself, where `k_step` would use a copy."""
    return walk(model, trial.series).at(trial.origins).table(trial.horizon).tobytes()


def _causal(trial: _Trial) -> None:
    trial.audits.append(audit(trial.model, trial.series, trial.horizon, trial.half))
    if not trial.audits[0].causal:
        raise trial.broken("causal", str(trial.audits[0].first_leak or trial.audits[0]))


def _one_origin(trial: _Trial) -> None:
    series, fitted = trial.series, trial.fitted
    for row in sorted({0, len(trial.rows) // 2, len(trial.rows) - 1}):
        origin = int(trial.origins[row])
        single = _codes(series, values_ahead(fitted, series, trial.horizon, origin))
        if not trial.same(single, trial.rows[row]):
            apart = float(np.max(np.abs(single - trial.rows[row])))
            raise trial.broken(
                "one origin", f"the forecast from origin {origin} differs from its row of the evaluation by {apart:.3g}"
            )
        if _codes(series, values_ahead(fitted, series[:origin], trial.horizon)).tobytes() != single.tobytes():
            raise trial.broken(
                "one origin", f"from the series cut off at {origin} the forecast has other bits than from {origin}"
            )


def _codes(series: Series, ahead: npt.NDArray[Any]) -> Array:
    """A forecast as numbers: of symbols their codes."""
    if series.categories is None:
        return np.asarray(ahead, dtype=np.float64)
    return np.array([series.categories.index(symbol) for symbol in ahead], dtype=np.float64)


def _fewer_steps(trial: _Trial) -> None:
    for horizon in sorted({1, 2, trial.horizon - 1}):
        origins, few = trial.evaluated(trial.fitted, horizon)
        shared = np.isin(origins, trial.origins)
        if not trial.same(few[shared], trial.rows[:, :horizon]):
            raise trial.broken("fewer steps", f"{horizon} steps are not the first {horizon} of {trial.horizon}")


def _your_data(trial: _Trial) -> None:
    before = trial.series.values.tobytes()
    states = [array.tobytes() for array in trial.state]
    fitted = trial.fit_again()
    encoded(fitted, trial.series)
    fitted.rollout(take(trial.state, slice(None)), trial.horizon)
    if trial.series.values.tobytes() != before:
        raise trial.broken("your data", "the series was written to")
    if [array.tobytes() for array in trial.state] != states:
        raise trial.broken("your data", "rollout wrote to the states that it was handed")


def _same_fit(trial: _Trial) -> None:
    again = trial.fit_again()
    if parameter_bits(again) != parameter_bits(trial.fit_again()):
        raise trial.broken("same fit", "two fits on the same values learn other bits: seed what is random")
    if trial.evaluated(again, trial.horizon)[1].tobytes() != trial.rows.tobytes():
        raise trial.broken("same fit", "two fits on the same values forecast other bits: seed what is random")


def _pieces(trial: _Trial) -> str | None:
    if "after" not in inspect.signature(trial.fitted.encode).parameters:
        return "encode takes no after="
    series, count = trial.series, len(trial.series)
    first = max(int(trial.fitted.context) + 1, count // 3)
    if count - first < trial.fitted.context:
        return "the series is too short for two pieces"
    states = [trial.fitted.encode(series[:first])]
    if len(trial.fitted.encode(series[first:], after=take(states[0], slice(-1, None)))[0]) != count - first:
        return "encode takes after= and does not go on from it"
    for start, stop in ((first, first + 1), (first + 1, (first + count + 1) // 2), ((first + count + 1) // 2, count)):
        states.append(trial.fitted.encode(series[start:stop], after=take(states[-1], slice(-1, None))))
        if len(states[-1][0]) != stop - start:
            raise trial.broken("pieces", f"of a piece of {stop - start} values encode gave {len(states[-1][0])} rows")
    for place, whole_array in enumerate(trial.state):
        joined = np.concatenate([state[place] for state in states])
        # A filter works in blocks, which begin elsewhere than in the whole series: the last digits may differ.
        if not trial.same(np.nan_to_num(joined), np.nan_to_num(whole_array)):
            raise trial.broken("pieces", f"array {place} of the state differs if the series comes in pieces")
    return None


def _many_series(trial: _Trial) -> None:
    pooled = copy.deepcopy(trial.model)
    if pooled.fit([trial.series[: trial.half], trial.series[trial.half :]]) is not pooled:
        raise trial.broken("many series", "fit on a list must return the model itself")
    trial.evaluated(pooled, trial.horizon)


PROMISES: dict[str, Callable[[_Trial], str | None]] = {
    "fit": _fit,
    "states": _states,
    "roll-out": _roll_out,
    "copies": _copies,
    "causal": _causal,
    "one origin": _one_origin,
    "fewer steps": _fewer_steps,
    "your data": _your_data,
    "same fit": _same_fit,
    "pieces": _pieces,
    "many series": _many_series,
}

"""The contract test of a Forecaster, for any model: each rule of the contract is called a promise."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..covariates import BARE, CALENDAR, PAST, Beside, Covariates, group_of
from ..datasets import noisy_sine, shop
from ..errors import DtypeError, InputError, StepaheadError
from ..evaluation.audit import Audit, audit, parameter_bits
from ..evaluation.evaluate import k_step
from ..known_ahead import handed, leads_of
from ..parameters import real, whole
from ..protocols import Array, Forecaster, State, UsesColumns, columns_of
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
    pieces, many series; it declares: Planned, Distributional, Sampling, Batched, Streamed, Trained, Noted, Named,
    Seasonal

    The promises: `fit` returns the model and sets its context; `encode` gives a row of floats for each origin from
    the context to the end; `rollout` gives [rows, horizon] finite numbers; a deep copy forecasts the same bits;
    nothing at or after an origin reaches its forecast; a forecast from an origin equals its row in the evaluation;
    a shorter horizon gives the first steps; neither series nor states are written to; two fits have the same bits;
    a long series can be encoded in pieces, if `encode` takes `after`; a list of series gives one fit. The
    capabilities that the model declares (``stepahead.protocols``) are tested too: each series of a batch equals its
    fit alone, a fit on pieces equals one on the whole, the draws of a row do not depend on other rows, and so on.

    A model that uses columns beside the values makes three promises more: their order, and columns that it does not
    use, change no bit, and it says which one it lacks; a column of another kind is refused; and so are more steps than
    the columns are known ahead for.

    Parameters
    ----------
    model : yours; copies of it are fitted.
    series : to test on; its first half is for training. By default 160 values of a noisy wave, or of text for
        a model that does not take numbers; for one that uses columns of ``datasets.shop`` its first 160 days.
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
    trial = _Trial(model, _wave_or_text(model, horizon) if series is None else as_series(series), horizon, tolerance)
    for promise, holds in [*PROMISES.items(), *COLUMN_PROMISES.items()]:
        if promise in COLUMN_PROMISES and not columns_of(trial.fitted):
            continue
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
            state, ahead = trial.some_states()
            broken = CAPABILITIES[name][1](model, trial.fitted, trial.series, state, horizon, ahead)
        except Exception as error:
            raise trial.broken(name, f"it raised {type(error).__name__}: {error}") from error
        if broken is not None and broken.startswith(LEFT_OUT):
            trial.left_out[name] = broken.removeprefix(LEFT_OUT)
        elif broken is not None:
            raise trial.broken(name, broken)
    return Report(name_of(model), tuple(trial.kept), trial.left_out, trial.audits[0], tuple(found))


def _wave_or_text(model: Forecaster, horizon: int) -> Series:
    wave = noisy_sine(length=LENGTH, seed=0)
    try:
        if isinstance(model, UsesColumns):
            model.columns_on(wave)
        copy.deepcopy(model).fit(wave)
    except DtypeError:
        return Series(["low" if value < 0.0 else "middle" if value < 0.7 else "high" for value in wave.values.tolist()])
    except InputError as error:
        return shop(LENGTH, horizon=4 * horizon) if error.code == "column-unknown" else wave
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

    def some_states(self) -> tuple[State, tuple[Array, ...]]:
        """The first rows that have a forecast, and what is known ahead there."""
        rows = np.flatnonzero(usable(self.fitted, self.state))[:6]
        return take(self.state, rows), self.known_ahead(rows)

    def known_ahead(self, rows: npt.NDArray[np.intp]) -> tuple[Array, ...]:
        """What is known ahead at the origins of some states; () for a model without columns."""
        known = handed(self.fitted, self.series, name_of(self.model))
        return () if known is None else (known.at(rows + int(self.fitted.context), self.horizon),)

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
    before = _bytes(trial.series)
    ahead = trial.known_ahead(np.arange(len(trial.state[0])))
    states = [array.tobytes() for array in trial.state]
    fitted = trial.fit_again()
    encoded(fitted, trial.series)
    fitted.rollout(take(trial.state, slice(None)), trial.horizon, *ahead)
    if _bytes(trial.series) != before:
        raise trial.broken("your data", "the series was written to")
    if [array.tobytes() for array in trial.state] != states:
        raise trial.broken("your data", "rollout wrote to the states that it was handed")


def _bytes(series: Series) -> bytes:
    return series.values.tobytes() + series.known.values.tobytes() + series.past.values.tobytes()


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
    states = [trial.fitted.encode(series[:first].closed())]
    if len(trial.fitted.encode(series[first:].closed(), after=take(states[0], slice(-1, None)))[0]) != count - first:
        return "encode takes after= and does not go on from it"
    for start, stop in ((first, first + 1), (first + 1, (first + count + 1) // 2), ((first + count + 1) // 2, count)):
        states.append(trial.fitted.encode(series[start:stop].closed(), after=take(states[-1], slice(-1, None))))
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


# -- of a model that uses columns


def _columns_by_name(trial: _Trial) -> None:
    """Columns in another order, and others among them, change no bit; one that is not there is an error by name."""
    beside = _beside(trial)
    turned = replace(beside, ahead=_among_others(beside.ahead), past=_among_others(beside.past))
    if k_step(trial.fitted, trial.series.beside_by(turned), trial.horizon, train=0).predictions.tobytes() != (
        trial.rows.tobytes()
    ):
        raise trial.broken("columns by name", "columns in another order, with others among them, forecast other bits")
    for group in _groups(trial):
        for words, without in (
            (
                f"the series without {group}",
                replace(beside, ahead=_less(beside.ahead, group), past=_less(beside.past, group)),
            ),
            (f"{group} under another name", _renamed(beside, group)),
        ):
            _refused(trial, "columns by name", trial.series.beside_by(without), "column-unknown", words)


def _columns_of_their_kind(trial: _Trial) -> None:
    """A past column that is given as known ahead, or the other way round, is an error."""
    beside = _beside(trial)
    for group in _groups(trial):
        if group in beside.past.groups:
            changed = beside.foreseen(group)
        else:
            moved = beside.ahead.only([group])
            moved = replace(moved, kinds=(PAST,) * len(moved), values=moved.values[: beside.length])
            past = moved if not len(beside.past) else beside.past.joined(moved)
            changed = replace(beside, ahead=_less(beside.ahead, group), past=past)
        given = f"{group} as another kind"
        _refused(trial, "columns of their kind", trial.series.beside_by(changed), "column-kind", given)


def _columns_far_enough(trial: _Trial) -> str | None:
    """Columns that are known ahead for one step too few are an error that says so."""
    beside = _beside(trial)
    known = [column for column in columns_of(trial.fitted) if column.kind != PAST]
    if not known or any(column.kind == CALENDAR for column in known):
        return "the columns of the calendar go on" if known else "no column is known ahead"
    stop = beside.length + trial.horizon + leads_of(trial.fitted)
    if len(beside.ahead.values) < stop:
        return "the columns of the series end too soon to tell"
    ahead = replace(beside.ahead, values=beside.ahead.values[: stop - 1])
    short = trial.series.beside_by(replace(beside, ahead=ahead))
    try:
        values_ahead(trial.fitted, short, trial.horizon)
    except InputError as error:
        if error.code == "known-short":
            return None
        raise
    raise trial.broken("columns far enough", "a forecast of more steps than the columns are known for is no error")


def _beside(trial: _Trial) -> Beside:
    return trial.series.beside or BARE


def _groups(trial: _Trial) -> list[str]:
    return list(dict.fromkeys(group_of(column.name) for column in columns_of(trial.fitted)))


def _among_others(part: Covariates) -> Covariates:
    """The columns backwards, behind one that no model asks for."""
    if not len(part):
        return part
    order = slice(None, None, -1)
    other = np.arange(float(len(part.values)))[:, None]
    return Covariates(
        ("another", *part.names[order]),
        ("another", *part.groups[order]),
        (part.kinds[0] if part.kinds[0] == PAST else "known", *part.kinds[order]),
        np.hstack([other, part.values[:, order]]),
    )


def _less(part: Covariates, group: str) -> Covariates:
    return part.only([own for own in part.groups if own != group])


def _renamed(beside: Beside, group: str) -> Beside:
    def other(name: str) -> str:
        return f"another {name}" if group_of(name) == group else name

    def renamed(part: Covariates) -> Covariates:
        return replace(part, names=tuple(map(other, part.names)), groups=tuple(map(other, part.groups)))

    return replace(beside, ahead=renamed(beside.ahead), past=renamed(beside.past))


def _refused(trial: _Trial, promise: str, series: Series, code: str, given: str) -> None:
    """Both an evaluation and a forecast have to refuse such columns by a code."""
    for act in (
        lambda: k_step(trial.fitted, series, trial.horizon, train=0),
        lambda: values_ahead(trial.fitted, series, trial.horizon),
    ):
        try:
            act()
        except InputError as error:
            if error.code == code:
                continue
            raise
        raise trial.broken(promise, f"given {given}, it forecasts all the same")


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

COLUMN_PROMISES: dict[str, Callable[[_Trial], str | None]] = {
    "columns by name": _columns_by_name,
    "columns of their kind": _columns_of_their_kind,
    "columns far enough": _columns_far_enough,
}
"""What a model that uses columns promises besides."""

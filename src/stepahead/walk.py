"""Forecasts and errors by step, in blocks (encode, states, roll-out):
the one loop that model selection and evaluation share.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import FitError, InputError, ParameterError, shown
from .known_ahead import Handed, check_present, foreseen_name, handed, known_at
from .memory import LEAST_BUDGET, afford
from .parameters import refuse, whole
from .protocols import (
    Array,
    Explains,
    Forecaster,
    InCalls,
    Index,
    LooksAhead,
    Named,
    Planned,
    PlannedDistributional,
    Roll,
    State,
    Whole,
    columns_of,
    states_of,
)
from .series import Series, as_series
from .windows import as_rows, require, shared, targets

BLOCK_ROWS = (64, 2048)
BLOCK_CELLS = 1 << 16
"""Half a megabyte of forecasts: a block stays in the cache of one core while it is made and read."""
MOST_CELLS = 1 << 23


def blocks(rows: int, horizon: int, at_once: int | None = None) -> Iterator[slice]:
    """Slices over the rows, of `at_once` where that is given. Their edges depend on the shape alone, so that the bits
    do not depend on the machine.
    """
    fewest, most = BLOCK_ROWS
    step = at_once or max(1, min(max(fewest, min(most, BLOCK_CELLS // horizon)), MOST_CELLS // horizon))
    return (slice(start, min(start + step, rows)) for start in range(0, rows, step))


def take(state: State, index: slice | Index) -> State:
    """Rows of a state, the same rows of every array; views if the index is a slice."""
    return tuple(array[index] for array in state)


def is_whole(state: State) -> npt.NDArray[np.bool_]:
    """[rows]: whether a row of the state has no NaN, and so a forecast."""
    good = np.ones(len(state[0]), dtype=bool)
    for array in state if len(good) else ():
        # Block by block: a view of overlapping windows is copied where it is reshaped.
        step = max(1, MOST_CELLS // max(math.prod(array.shape[1:]), 1))
        for start in range(0, len(array), step):
            part = array[start : start + step]
            good[start : start + step] &= ~np.isnan(part.reshape(len(part), -1)).any(axis=1)
    return good


def usable(model: object, state: State) -> npt.NDArray[np.bool_]:
    """[rows]: whether a model has a forecast from a state: as it says itself, else where no number is NaN."""
    return model.is_whole(state) if isinstance(model, Whole) else is_whole(state)


def encoded(model: Forecaster, series: Series) -> State:
    """The states of a whole series, one row for each origin from the context to its end; else an error."""
    if series.beside is None:
        state = model.encode(series)
    else:
        check_present(series.beside, columns_of(model), name_of(model))
        state = model.encode(series.closed())
    wanted = max(len(series) - model.context + 1, 0)
    found = [len(array) for array in state] if isinstance(state, tuple) and state else None
    if found is None or any(count != wanted for count in found):
        raise ParameterError(
            f"{name_of(model)}.encode must give a tuple of arrays with a row for each origin "
            f"{model.context} .. {len(series)}, "
            f"{wanted} rows; it gave {found or type(state).__name__}",
            code="contract",
            found=found,
            needed=wanted,
        )
    return state


def planned(model: Forecaster, horizon: int) -> Roll:
    """The roll-out of `horizon` steps, checked: the right shape, and finite numbers."""
    with np.errstate(over="ignore", invalid="ignore"):  # an overflow is an error below, not a warning
        roll: Roll = (
            model.plan(horizon)
            if isinstance(model, Planned)
            else lambda state, out, *known: model.rollout(state, horizon, *known)
        )
    bounded = getattr(roll, "bounded", False)

    def checked(state: State, out: Array | None, *known: Array) -> Array:
        with np.errstate(over="ignore", invalid="ignore"):
            ahead = roll(state, out, *known)
        wanted = (len(state[0]), horizon)
        if ahead.shape != wanted:
            raise ParameterError(
                f"{name_of(model)}.rollout must give [rows, horizon] = {wanted}; it gave {ahead.shape}",
                code="contract",
                found=ahead.shape,
                needed=wanted,
            )
        if not bounded and not np.isfinite(ahead).all():
            step = int(np.argmax(~np.isfinite(ahead).all(axis=0))) + 1
            raise FitError(
                f"{name_of(model)} has no finite forecast of step {step}: it diverges, or its fit is not valid there",
                code="overflow",
                step=step,
            )
        return ahead

    return checked


def row_by_row(roll: Roll, state: State, horizon: int, *known: Array) -> Array:
    """[rows, horizon]: each row rolled out alone, so that it has the same bits as a single forecast from there."""
    out = np.empty((len(state[0]), horizon))
    for row in range(len(out)):
        own = slice(row, row + 1)
        out[row] = roll(take(state, own), None, *take(known, own))[0]
    return out


def planned_predictive(model: Any, horizon: int) -> Callable[..., Any]:
    """The function from states (and what is known ahead) to the distributions of `horizon` steps; setup is done
    once.
    """
    if isinstance(model, PlannedDistributional):
        return model.plan_predictive(horizon)
    return lambda state, *known: model.predictive(state, horizon, *known)


@dataclass(frozen=True)
class Walk:
    """A fitted model over one series: its states, and the origins at which it has a forecast."""

    model: Forecaster
    series: Series
    state: State
    origins: Index
    handed: Handed | None = None

    def at(self, origins: Index) -> Walk:
        """The walk from those of these origins, sorted, at which there is a forecast."""
        return replace(self, origins=shared([self.origins, origins]))

    def every(self, first: int, stride: int) -> Walk:
        """The walk from every so many of these origins: those a multiple of `stride` away from `first`."""
        return self if stride == 1 else replace(self, origins=self.origins[(self.origins - first) % stride == 0])

    def ahead(self, horizon: int, out: Array | None = None, roll: Roll | None = None) -> Iterator[tuple[slice, Array]]:
        """The model rolled out, block by block: (which of the origins, forecasts [rows, horizon]).

        With `out` [origins, horizon] the forecasts are written there, by a planned roll-out without a copy. `roll` is
        the result of ``planned`` for `horizon` steps, if it serves many series.
        """
        return ((block, ahead) for block, ahead, _ in self.with_distributions(horizon, out, roll))

    def with_distributions(
        self, horizon: int, out: Array | None = None, roll: Roll | None = None
    ) -> Iterator[tuple[slice, Array, Any]]:
        """The same, each block with the distribution that its forecasts came with, None where none did."""
        translate = symbol_table(self.model, self.series)
        chosen, distribution = as_rows(self.origins, self.model.context), None
        calls = self.model if isinstance(self.model, InCalls) else None
        roll = roll or (planned(self.model, horizon) if calls is None else None)
        # What is known ahead of neighbouring origins is a view, and takes no room.
        is_view = self.handed is None or isinstance(chosen, slice)
        cells = horizon if is_view or self.handed is None else horizon * (1 + self.handed.table.shape[1])
        for block in blocks(len(self.origins), cells, None if calls is None else calls.rows_a_call):
            rows = (
                slice(chosen.start + block.start, chosen.start + block.stop)
                if isinstance(chosen, slice)
                else chosen[block]
            )
            target = None if out is None else out[block]
            if calls is not None:
                ahead, distribution = calls.ask(take(self.state, rows), horizon)
            elif roll is not None and self.handed is None:
                ahead = roll(take(self.state, rows), target if translate is None else None)
            elif roll is not None and self.handed is not None:
                ahead = roll(take(self.state, rows), target, self.handed.at(self.origins[block], horizon))
            if translate is not None:
                ahead = translate[ahead.astype(np.intp)]
            if target is not None and ahead is not target:
                target[...] = ahead
            yield block, ahead, distribution

    def errors(self, horizon: int, kept: Index | None = None, unit: int = 0) -> Iterator[tuple[slice, Array]]:
        """Errors, forecast minus actual value, block by block: (which of the origins, errors [rows, steps]); NaN past
        the end.

        Of all steps 1 .. `horizon`, or of those `kept`; in units of 2 ** `unit`, so that squares do not overflow
        or underflow.
        """
        steps = np.arange(1, horizon + 1) if kept is None else kept
        every = len(steps) == horizon
        for block, ahead in self.ahead(horizon):
            happened = targets(self.series.numbers, self.origins[block], steps)
            own = ahead if every else ahead[:, steps - 1]
            with np.errstate(over="ignore"):  # an error may overflow to infinity
                if unit:
                    own, happened = np.ldexp(own, -unit), np.ldexp(happened, -unit)
                error = own - happened
            yield block, error

    def table(self, horizon: int, kept: Index | None = None) -> Array:
        """[origins, steps]: the forecasts of all steps, or of those `kept`, at once."""
        every = kept is None or len(kept) == horizon
        out = np.empty((len(self.origins), horizon if kept is None else len(kept)))
        for block, ahead in self.ahead(horizon, out if every else None):
            if kept is not None and not every:
                out[block] = ahead[:, kept - 1]
        return out


def walk(
    model: Forecaster, series: Series, first: int = 0, last: int | None = None, horizon: int | None = None
) -> Walk:
    """Encode a series: the walk from all origins `first` ..
    `last` (or to the end) at which the model has a forecast; one that uses columns, at which these are known ahead
    for `horizon` steps.
    """
    state = encoded(model, series)
    stop = len(series) if last is None else min(last, len(series))
    origins = np.arange(model.context, stop + 1)
    if isinstance(model, Whole):
        origins = origins[model.is_whole(take(state, slice(0, len(origins))))]
    # Views of complete values miss nothing. The mask takes a byte for each number of the other states.
    elif told := [array for array in state if not (series.complete and np.may_share_memory(array, series.values))]:
        numbers = sum(math.prod(array.shape) for array in told)
        if numbers > LEAST_BUDGET:
            afford(1, -(-numbers // 8), f"what is missing in the states of {name_of(model)}", "Take fewer lags")
        origins = origins[is_whole(take(tuple(told), slice(0, len(origins))))]
    origins = origins[np.searchsorted(origins, first) :]
    if series.beside is None:
        return Walk(model, series, state, origins)
    known = handed(model, series, name_of(model))
    if known is not None and horizon is not None:
        origins = origins[known.is_known(origins, horizon, len(series))]
    return Walk(model, series, state, origins, known)


def errors_at(model: Forecaster, series: Series, origins: Index, horizon: int) -> tuple[Index, Array]:
    """Errors, forecast minus actual value, at those of the sorted origins with a forecast:
    (origins, errors [origins, horizon]).

    NaN past the end, and where a value is missing. The table form of ``Walk.errors``.
    """
    found = walk(model, series, 0, int(origins[-1]) if len(origins) else -1, horizon).at(origins)
    afford(len(found.origins), 6 * horizon, f"the errors of {name_of(model)} at {horizon:,} steps", "Take fewer steps")
    out = np.empty((len(found.origins), horizon))
    for block, error in found.errors(horizon):
        out[block] = error
    return found.origins, out


def symbol_table(model: Forecaster, series: Series) -> Array | None:
    """The code in the series of each of a model's `states_`; for whole numbers the number itself.

    -1 for a symbol that the series has no code for; None for a model of numbers.
    """
    states = states_of(model)
    if states is None:
        return None
    if series.categories is None:
        return np.array(states, dtype=np.float64)
    known = {symbol: code for code, symbol in enumerate(series.categories)}
    return np.array([float(known.get(symbol, -1)) for symbol in states])


def state_at(model: Forecaster, series: Series, origin: int) -> State:
    """The state at one origin, made of the values before it; an InputError where it has no forecast."""
    context = model.context
    require(len(series), context, f"a forecast by {name_of(model)}", series.name)
    if origin < context:
        raise refuse("origin", origin, f"a whole number from {context} (the model's context) to {len(series)}")
    known = series[:origin]
    state = take(encoded(model, known), slice(-1, None))
    if not usable(model, state)[0]:
        raise (model.why_no_forecast(known) if isinstance(model, Explains) else None) or InputError(
            f"no forecast from origin {origin}: a value that {name_of(model)} reads before it is missing "
            f"(the last one read is at {series.when(origin - 1)})",
            code="missing-values",
            origin=origin,
        )
    return state


def values_ahead(model: Forecaster, series: Any, horizon: int, origin: int | None = None) -> npt.NDArray[Any]:
    """The next `horizon` values, [horizon], from the end of the series or from any other origin; symbols as symbols.

    >>> import stepahead as sa
    >>> values_ahead(sa.baselines.Drift().fit([1.0, 2.0, 3.0]), [1.0, 2.0, 3.0], horizon=2)
    array([4., 5.])
    """
    horizon = whole("horizon", horizon)
    check_forecaster(model)
    known = as_series(series)
    afford_steps(model, horizon)
    origin = len(known) if origin is None else whole("origin", origin, 0, len(known))
    state = state_at(model, known, origin)
    ahead = () if known.beside is None else known_at(model, known, origin, horizon, name_of(model))
    return as_symbols(model, known, planned(model, horizon)(state, None, *ahead)[0])


def as_symbols(model: Forecaster, series: Series, ahead: Array) -> npt.NDArray[Any]:
    """Indices into a model's `states_` as the states themselves; numbers are unchanged."""
    states = states_of(model)
    if states is None:
        return ahead
    table = np.array(states, dtype=np.float64 if series.categories is None else object)
    return np.asarray(table[ahead.astype(np.intp)])


def afford_steps(model: Forecaster, horizon: int) -> None:
    """Raise a BudgetError if `horizon` steps from one origin need more memory than there is."""
    afford(model.context + 2, horizon, f"a forecast of {horizon:,} steps by {name_of(model)}", "Take fewer steps")


def name_of(model: object) -> str:
    """The name of a model in tables: its own `name`, else its class."""
    own = model.name if isinstance(model, Named) else None
    text = own if isinstance(own, str) else type(model).__name__
    try:
        columns = model.columns_  # type: ignore[attr-defined]
    except AttributeError:
        return text
    return text if not columns else foreseen_name(text, columns)


def is_model(model: object) -> bool:
    """Whether an object is meant as a model: it has `rollout`; what else it lacks is then an error."""
    return callable(getattr(model, "rollout", None))


def check_forecaster(model: object) -> None:
    """Raise a ParameterError for an object that is not a Forecaster, with what it lacks."""
    lacks = [verb for verb in ("fit", "encode", "rollout") if not callable(getattr(model, verb, None))]
    if isinstance(model, type):
        raise ParameterError(
            f"{model.__name__} is a class: pass a model, {model.__name__}(...)", code="parameter", name="model"
        )
    if lacks:
        way = "A scikit-learn regressor goes through Windowed(regressor, lags=...)"
        if callable(model) and callable(getattr(model, "state_dict", None)):
            way = "A torch module goes through from_torch(module, lags=...), a trained one with training=None"
        elif callable(model) and not hasattr(model, "predict"):
            way = (
                "A function from windows to forecasts goes through from_function(function, context=...); "
                "forecasts that are made already through from_forecasts(frame, series)"
            )
        raise ParameterError(
            f"{shown(type(model).__name__)} is not a Forecaster: it has no {', '.join(lacks)}. {way}",
            code="parameter",
            name="model",
            lacks=lacks,
        )


def name_models(models: Any, horizon: int | None = None) -> dict[str, Any]:
    """Models by name; a list gets the names that the models give themselves.

    With a horizon, models that choose something choose it at that horizon, unless they were told another.
    """
    if isinstance(models, Mapping):
        named = {str(name): model for name, model in models.items()}
        if len(named) < len(models):
            raise refuse("models", list(models), "a dict whose names differ as text")
    else:
        listed = list(models) if isinstance(models, (list, tuple)) else [models]
        named = {}
        for model in listed:
            check_forecaster(model)
            if name_of(model) in named:
                raise ParameterError(
                    f"two models are called {name_of(model)}: pass a dict {{name: model}}",
                    code="parameter",
                    name="models",
                )
            named[name_of(model)] = model
    if not named:
        raise refuse("models", models, "at least one model")
    for model in named.values():
        check_forecaster(model)
    if horizon is not None:
        named = {
            name: model.for_horizon(horizon) if isinstance(model, LooksAhead) else model
            for name, model in named.items()
        }
    return named

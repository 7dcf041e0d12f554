"""States -> rollout -> forecasts and losses by step, in blocks: the one loop that choices and evaluation share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import BudgetError, InputError, ParameterError, shown
from .parameters import refuse, whole
from .protocols import Array, Forecaster, State
from .series import Series, as_series
from .windows import Index, as_rows, require, targets

BLOCK_ROWS = (64, 2048)
BLOCK_CELLS = 1 << 16
"""Half a megabyte of forecasts: a block stays in the cache of one core while it is made and read."""
MOST_CELLS = 1 << 23


def blocks(rows: int, horizon: int) -> Iterator[slice]:
    """Slices over the rows. Their edges depend on the shape alone, so that the bits do not depend on the machine."""
    fewest, most = BLOCK_ROWS
    step = max(1, min(max(fewest, min(most, BLOCK_CELLS // horizon)), MOST_CELLS // horizon))
    return (slice(start, min(start + step, rows)) for start in range(0, rows, step))


def take(state: State, index: slice | Index) -> State:
    """The same rows of every array of a state; views where the index is a slice."""
    return tuple(array[index] for array in state)


def is_whole(state: State) -> npt.NDArray[np.bool_]:
    """[rows]: whether a row of the state has no NaN, and so a forecast."""
    good = np.ones(len(state[0]), dtype=bool)
    for array in state:
        good &= ~np.isnan(array.reshape(len(array), -1)).any(axis=1)
    return good


def usable_origins(model: Forecaster, series: Series, state: State, last: int) -> Index:
    """The origins from the model's context up to `last` at which it has a forecast."""
    origins = np.arange(model.context, min(last, len(series)) + 1)
    return origins if series.complete else origins[is_whole(take(state, slice(0, len(origins))))]


def walk(
    model: Forecaster, series: Series, state: State, origins: Index, horizon: int, out: Array | None = None
) -> Iterator[tuple[slice, Array]]:
    """Roll `model` out from `origins`, block by block: (which of the origins, forecasts [rows, horizon]).

    With `out` [origins, horizon], a model that has `rollout_into` writes its blocks there and the copy is saved: at a few
    lags writing the forecasts down is most of the work.
    """
    translate = symbol_table(model, series)
    chosen = as_rows(origins, model.context)
    into = getattr(model, "rollout_into", None) if out is not None and translate is None else None
    for block in blocks(len(origins), horizon):
        start = chosen.start if isinstance(chosen, slice) else 0
        rows = slice(start + block.start, start + block.stop) if isinstance(chosen, slice) else chosen[block]
        if into is not None and out is not None:
            into(take(state, rows), out[block])
            yield block, out[block]
            continue
        ahead = model.rollout(take(state, rows), horizon)
        ahead = ahead if translate is None else translate[ahead.astype(np.intp)]
        if out is not None:
            out[block] = ahead
        yield block, ahead


def symbol_table(model: Forecaster, series: Series) -> Array | None:
    """For symbols: the series' code of each state that the model knows, -1 for one that the series has no code for."""
    if series.categories is None:
        return None
    known = {symbol: code for code, symbol in enumerate(series.categories)}
    return np.array([float(known.get(symbol, -1)) for symbol in getattr(model, "states_", series.categories)])


def squared_error(model: Forecaster, series: Series, cut: int, horizon: int, most_origins: int) -> tuple[Array, Array]:
    """Sum of squared errors and count by step, [horizon] each, from the origins of `cut` on that have a target.

    More than `most_origins` of them are thinned evenly.
    """
    state = model.encode(series)
    origins = usable_origins(model, series, state, len(series) - 1)
    origins = origins[origins >= cut]
    origins = origins[:: max(1, -(-len(origins) // most_origins))]
    total, count = np.zeros(horizon), np.zeros(horizon)
    numbers, steps = series.numbers, np.arange(1, horizon + 1)
    for block, ahead in walk(model, series, state, origins, horizon):
        error = ahead - targets(numbers, origins[block], steps)
        seen = ~np.isnan(error)
        total += np.where(seen, error * error, 0.0).sum(axis=0)
        count += seen.sum(axis=0)
    return total, count


def state_at(model: Forecaster, series: Series, origin: int) -> State:
    """The state at one origin, made of the values before it; an InputError where it would hold a missing one."""
    context = model.context
    require(len(series), context, f"a forecast by {name_of(model)}", series.name)
    if origin < context:
        raise refuse("origin", origin, f"a whole number from {context} (the model's context) to {len(series)}")
    state = take(model.encode(series[:origin]), slice(-1, None))
    if not is_whole(state)[0]:
        raise InputError(
            f"no forecast from origin {origin}: a value that {name_of(model)} reads before it is missing "
            f"(the last one read is at {series.when(origin - 1)})",
            code="missing-values",
            origin=origin,
        )
    return state


def forecast(model: Forecaster, series: Any, horizon: int, origin: int | None = None) -> npt.NDArray[Any]:
    """The next `horizon` values, [horizon], from the end of the series or from any other origin.

    >>> import stepahead as sa
    >>> forecast(sa.Drift().fit([1.0, 2.0, 3.0]), [1.0, 2.0, 3.0], horizon=2)
    array([4., 5.])

    Parameters
    ----------
    model : fitted, anybody's Forecaster.
    series : what ``Series`` takes; symbols come back as symbols.
    horizon : number of steps, at least 1.
    origin : the values ``series[:origin]`` are known; by default all are.

    Raises
    ------
    InputError : the series is shorter than the model's context, or a value that the model reads is missing.
    NotFittedError : ``fit`` was not called.
    """
    horizon = whole("horizon", horizon)
    known = as_series(series)
    origin = len(known) if origin is None else whole("origin", origin, 0, len(known))
    state = state_at(model, known, origin)
    ahead: Array = model.rollout(state, horizon)[0]
    if known.categories is None:
        return ahead
    states = getattr(model, "states_", known.categories)
    return np.array([states[int(code)] for code in ahead], dtype=object)


def name_of(model: object) -> str:
    """What a model is called in tables: its own `name`, else its class."""
    own = getattr(model, "name", None)
    return own if isinstance(own, str) else type(model).__name__


def check_forecaster(model: object) -> None:
    """Refuse what is not a Forecaster, in words that say what is missing."""
    lacks = [verb for verb in ("fit", "encode", "rollout") if not callable(getattr(model, verb, None))]
    if isinstance(model, type):
        raise ParameterError(
            f"{model.__name__} is a class: pass a model, {model.__name__}(...)", code="parameter", name="model"
        )
    if lacks:
        raise ParameterError(
            f"{shown(type(model).__name__)} is not a Forecaster: it has no {', '.join(lacks)}. A scikit-learn regressor "
            "goes through Windowed(regressor, lags=...)",
            code="parameter",
            name="model",
            lacks=lacks,
        )


def memory_budget() -> int:
    """Bytes that one result may take: half of what is available."""
    try:
        available = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        available = 1 << 32
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            available = next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration, ValueError):
        pass
    try:
        with open("/sys/fs/cgroup/memory.max", encoding="ascii") as most:
            limit = most.read().strip()
        if limit != "max":
            with open("/sys/fs/cgroup/memory.current", encoding="ascii") as used:
                available = min(available, int(limit) - int(used.read()))
    except (OSError, ValueError):
        pass
    return max(available // 2, 1 << 26)


def afford(rows: int, steps: int, what: str) -> None:
    """Refuse a [rows, steps] result that is past the budget, before it is allocated."""
    asked, budget = rows * steps * 8, memory_budget()
    if asked > budget:
        raise BudgetError(
            f"{what} would keep {rows:,} rows x {steps:,} steps = {asked:,} bytes; the budget is {budget:,} bytes. "
            "Keep fewer with steps=, for example steps=[1, 4, 16, 64]",
            code="budget",
            asked=asked,
            budget=budget,
        )

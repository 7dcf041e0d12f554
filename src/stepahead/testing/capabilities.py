"""Capabilities that a model declares beyond `fit`, `encode` and `rollout`, and the contract of each."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from ..distribution_rows import joined, shape_of
from ..evaluation.evaluate import k_step
from ..evaluation.stream import fit_pieces
from ..models.model import fingerprint
from ..models.stored import ORDINARY
from ..parameters import is_auto
from ..protocols import (
    Array,
    Baseline,
    Batch,
    Batched,
    BatchedSymbols,
    Distributional,
    Explains,
    InCalls,
    Named,
    Noted,
    Planned,
    PlannedDistributional,
    Sampling,
    Seasonal,
    State,
    Streamed,
    Symbolic,
    Trained,
    columns_of,
    declares,
    states_of,
)
from ..reading.pieces import pieces
from ..series import Series
from ..walk import take
from ..windows import targets

NEAR = 1e-9
"""The relative difference allowed between sums that are added up in another order."""
DRAWS = 5
LEFT_OUT = "not asked: "

Check = Callable[[Any, Any, Series, State, int, "Ahead"], str | None]
"""(given, fitted, series, some states, horizon, what is known ahead there) -> how the contract is broken, or None if it
is kept; or, after `LEFT_OUT`, the reason why it was not checked.
"""


Ahead: TypeAlias = tuple[Array, ...]
"""What is known ahead of the columns of a model, one array of rows; () of a model without."""


def declared(fitted: object) -> list[str]:
    """The names of the protocols that a fitted model satisfies, beyond a Forecaster."""
    return [name for name, (protocol, _) in CAPABILITIES.items() if declares(fitted, protocol)]


def _near(one: Any, other: Any) -> bool:
    one, other = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    size = float(np.abs(other).max(initial=0.0))
    return one.shape == other.shape and bool(
        np.allclose(one / (size or 1.0), other / (size or 1.0), rtol=0.0, atol=NEAR)
    )


def _planned(model: Any, fitted: Any, series: Series, state: State, horizon: int, ahead: Ahead) -> str | None:
    out = np.empty((len(state[0]), horizon))
    made = fitted.plan(horizon)(state, out, *ahead)
    same = np.array_equal(made, fitted.rollout(state, horizon, *ahead))
    return None if same else "plan(horizon)(states, out) is not rollout(states, horizon)"


def _numbers(distribution: Any) -> Array:
    """A distribution as numbers for each row and step."""
    if hasattr(distribution, "probabilities"):
        return np.asarray(distribution.probabilities)
    return np.stack(
        [distribution.mean(), distribution.std(), distribution.quantile(0.1), distribution.quantile(0.9)], axis=-1
    )


def _distributional(model: Any, fitted: Any, series: Series, state: State, horizon: int, ahead: Ahead) -> str | None:
    try:
        found = _numbers(fitted.predictive(state, horizon, *ahead))
    except Exception as error:
        if getattr(error, "code", "") == "parameter":  # a one-shot model has no steps beyond its chunk
            return LEFT_OUT + str(error)
        raise
    if found.shape[:2] != (len(state[0]), horizon) or not np.isfinite(found).all():
        return f"a distribution must have finite numbers [rows, horizon]; it has shape {found.shape[:2]}"
    if states_of(fitted) is not None:
        if not (found >= 0.0).all() or not _near(found.sum(axis=-1), np.ones(found.shape[:2])):
            return "the probabilities of the states should sum to 1"
    elif (found[..., 1] < 0.0).any() or (found[..., 2] > found[..., 3]).any():
        return "a standard deviation is below 0, or the quantile of 0.1 above that of 0.9"
    second = slice(1, 2)
    alone = _numbers(fitted.predictive(take(state, second), horizon, *take(ahead, second)))
    return None if _near(alone[0], found[1]) else "the distribution of a row depends on the rows beside it"


def _planned_distributional(
    model: Any, fitted: Any, series: Series, state: State, horizon: int, ahead: Ahead
) -> str | None:
    made = fitted.plan_predictive(horizon)(state, *ahead)
    same = _near(_numbers(made), _numbers(fitted.predictive(state, horizon, *ahead)))
    return None if same else "plan_predictive(horizon)(states) is not predictive(states, horizon)"


def _sampling(model: Any, fitted: Any, series: Series, state: State, horizon: int, ahead: Ahead) -> str | None:
    origins = int(fitted.context) + np.arange(len(state[0]))
    found = fitted.paths(state, horizon, DRAWS, 1, origins, *ahead)
    if np.shape(found) != (DRAWS, len(state[0]), horizon) or not np.isfinite(found).all():
        return f"paths must be finite numbers [n, rows, horizon]; they have shape {np.shape(found)}"
    if not np.array_equal(found, fitted.paths(state, horizon, DRAWS, 1, origins, *ahead)):
        return "the same seed draws other paths"
    second = slice(1, 2)
    alone = fitted.paths(take(state, second), horizon, DRAWS, 1, origins[second], *take(ahead, second))
    if not np.array_equal(found[:, 1], alone[:, 0]):
        return "the draws of a row depend on the rows beside it"
    return None


def _in_calls(model: Any, fitted: Any, series: Series, state: State, horizon: int, ahead: Ahead) -> str | None:
    most = fitted.rows_a_call
    if not isinstance(most, int) or most < 1:
        return f"rows_a_call must be a number of rows from 1 on; it is {most!r}"
    calls = [fitted.ask(take(state, slice(at, at + most)), horizon) for at in range(0, len(state[0]), most)]
    given = [distribution for _, distribution in calls if distribution is not None]
    if given and (len(given) < len(calls) or shape_of(joined(given)) != (len(state[0]), horizon)):
        return "ask gives a distribution of other rows and steps than its forecasts"
    return None


def _symbolic(model: Any, fitted: Any, series: Series, state: State, horizon: int, ahead: Ahead) -> str | None:
    states = fitted.states_
    if states is None:
        return None
    made = fitted.rollout(state, horizon, *ahead)
    if not isinstance(states, tuple) or not ((made == np.rint(made)) & (made >= 0) & (made < len(states))).all():
        return "forecasts of symbols must be their places among states_, a tuple"
    return None


def _trained(model: Any, fitted: Any, series: Series, state: State, horizon: int, ahead: Ahead) -> str | None:
    head = series[: len(series) // 2]
    same = list(fitted.trained_lengths_) == [len(head)] and bytes(fitted.trained_fingerprints_[0]) == fingerprint(
        head.values
    )
    return None if same else "trained_lengths_ and trained_fingerprints_ are not those of the training part"


def _explains(model: Any, fitted: Any, series: Series, state: State, horizon: int, ahead: Ahead) -> str | None:
    why = fitted.why_no_forecast(series)
    return (
        None
        if why is None or isinstance(why, Exception)
        else f"why_no_forecast must give an error or None; it gave {why!r}"
    )


def _says(is_so: Callable[[Any], bool], words: str) -> Check:
    """A check that an attribute of a model has the right type."""
    return lambda model, fitted, series, state, horizon, ahead: None if is_so(fitted) else words


def _batched(model: Any, fitted: Any, series: Series, state: State, horizon: int, ahead: Ahead) -> str | None:
    if states_of(fitted) is not None or series.categories is not None or not series.complete:
        return LEFT_OUT + "a batch has complete series of numbers"
    x, half, kept = series.numbers, len(series) // 2, np.arange(1, horizon + 1)
    exponent = int(np.frexp(np.abs(x).max())[1])  # a batch never has values of extreme size
    x = np.ldexp(x, -exponent) if abs(exponent) > ORDINARY else x
    values = np.stack([x, x[::-1], 2.0 * x + 1.0, x - 0.5 * x[::-1]])
    seen: set[int] = set()
    parts = copy.deepcopy(model).fit_batch(Batch(values[:, :half], np.abs(values).max(axis=1), horizon, kept))
    if columns_of(fitted) and len(parts):
        return "a batch has values alone: a model that uses columns leaves its series to `fit`"
    for part in parts:
        first, count = max(int(part.context), half), len(x) - half - horizon + 1
        for place, row in enumerate(part.rows.tolist()):
            if row in seen:
                return f"series {row} is in two fitted batches"
            seen.add(row)
            made = np.asarray(part.ahead(slice(place, place + 1), values[[row]], first, count))[0].T
            result = k_step(copy.deepcopy(model).fit(values[row, :half]), values[row], horizon, train=half)
            alone = result.predictions[(result.origins >= first) & (result.origins < first + count)]
            if not _near(np.broadcast_to(made, alone.shape) if 1 in made.shape else made, alone):
                return f"series {row} of a batch has other forecasts than its fit alone"
    return None


def _batched_symbols(model: Any, fitted: Any, series: Series, state: State, horizon: int, ahead: Ahead) -> str | None:
    half, kept = len(series) // 2, np.arange(1, horizon + 1)
    if (
        series.categories is None
        or not series.complete
        or len(np.unique(series[:half].values)) < len(series.categories)
    ):
        return LEFT_OUT + "a batch of symbols is complete, and has all of them in training"
    codes = np.asarray(series.values, dtype=np.intp)[None]
    found = copy.deepcopy(model).score_batch(codes, len(series.categories), half, horizon, kept)
    if found is None or not found[2][0]:
        return None
    result = k_step(copy.deepcopy(model).fit(series[:half]), series, horizon, train=half)
    wrong = (result.predictions != targets(series.numbers, result.origins, kept)).sum(axis=0)
    return None if _near(found[0][0], wrong) else "the zero-one losses of a batch are not those of a fit alone"


def _streamed(model: Any, fitted: Any, series: Series, state: State, horizon: int, ahead: Ahead) -> str | None:
    head = series[: len(series) // 2]
    if columns_of(fitted):
        return LEFT_OUT + "a series in pieces has values alone"
    if series.categories is not None or not head.complete:
        return LEFT_OUT + "a series in pieces has numbers, none missing"
    made = fit_pieces(copy.deepcopy(model), pieces(head, size=max(len(head) // 5, 1)))
    same = made.context == fitted.context and _near(made.rollout(state, horizon), fitted.rollout(state, horizon))
    return None if same else "fitted on pieces it has other forecasts than fitted on the whole"


CAPABILITIES: Mapping[str, tuple[Any, Check]] = {
    "Planned": (Planned, _planned),
    "Distributional": (Distributional, _distributional),
    "PlannedDistributional": (PlannedDistributional, _planned_distributional),
    "Sampling": (Sampling, _sampling),
    "InCalls": (InCalls, _in_calls),
    "Symbolic": (Symbolic, _symbolic),
    "Batched": (Batched, _batched),
    "BatchedSymbols": (BatchedSymbols, _batched_symbols),
    "Streamed": (Streamed, _streamed),
    "Trained": (Trained, _trained),
    "Noted": (Noted, _says(lambda m: isinstance(m.notes_, tuple), "notes_ must be a tuple of texts")),
    "Named": (Named, _says(lambda m: isinstance(m.name, str) and bool(m.name), "name must be a text")),
    "Explains": (Explains, _explains),
    "Baseline": (
        Baseline,
        _says(
            lambda m: {type(m.is_baseline), type(m.learns)} == {bool}, "is_baseline and learns must be True or False"
        ),
    ),
    "Seasonal": (
        Seasonal,
        _says(
            lambda m: (
                m.season is None
                or is_auto(m.season)
                or all(isinstance(part, int) and part >= 1 for part in np.atleast_1d(m.season).tolist())
            ),
            'season must be a number of steps, several, None or "auto"',
        ),
    ),
}

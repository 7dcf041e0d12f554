"""Scores and quantiles of a model's own distributions at the rows of a result, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..distribution_rows import ends_of, taken
from ..errors import InputError
from ..known_ahead import handed
from ..protocols import Array, Symbolic, has_distribution
from ..walk import encoded, name_of, planned_predictive, take
from ..windows import as_rows
from .rows import Rows


def scores(result: Rows, name: str) -> Iterator[tuple[slice, Array]]:
    """(rows, [rows, steps]) the "crps" of what happened, or of symbols the "log" loss."""
    if result._distribution is not None and name == "crps":
        for _, rows, actual in result._row_blocks():
            yield rows, taken(result._distribution, rows).crps(actual)
        return
    for index, rows, actual, distribution in _distributions(result):
        if name == "crps":
            yield rows, distribution.crps(_all_steps(result, actual))[:, result.steps - 1]
        else:
            codes = np.where(np.isnan(actual), 0, actual).astype(np.intp)
            places = np.where(np.isnan(actual), np.nan, _places(result, index, distribution.states)[codes])
            yield rows, distribution.log_loss(_all_steps(result, places))[:, result.steps - 1]


def central(result: Rows, level: float) -> Iterator[tuple[slice, Array, Array]]:
    """(rows, low, high), the ends [rows, steps] of the central interval of each distribution: of the one that the
    forecasts came with, else of the model's.
    """
    if result._distribution is not None:
        yield slice(None), *ends_of(result._distribution, level)
        return
    for _, rows, _, distribution in _distributions(result):
        low, high = (end[:, result.steps - 1] for end in ends_of(distribution, level))
        yield rows, low, high


def of_symbols(result: Rows) -> Iterator[tuple[int, slice, Array]]:
    """(which series, rows, [rows, steps, symbols of that series]) how likely each symbol is said to be."""
    for index, rows, _, distribution in _distributions(result):
        every = distribution.probabilities[:, result.steps - 1]
        known = [
            every[..., distribution.states.index(symbol)]
            if symbol in distribution.states
            else np.zeros(every.shape[:2])
            for symbol in result._panel[index].categories or ()
        ]
        yield index, rows, np.stack(known, axis=-1)


def _distributions(result: Rows) -> Iterator[tuple[int, slice, Array, Any]]:
    """Which series, rows, what happened, and the distribution at all steps up to the last kept."""
    known: tuple[int, Any, Any, Any] | None = None
    for index, rows, actual in result._row_blocks():
        model = result._model_of(index)
        if not has_distribution(model) or (result._is_symbolic and not isinstance(model, Symbolic)):
            raise InputError(
                f"{name_of(model)} gives a point forecast and no distribution: no crps, no log "
                "loss, no intervals of its own",
                code="no-distribution",
                model=name_of(model),
            )
        if known is None or known[0] != index:
            series, steps = result._panel[index], int(result.steps[-1])
            own = None if series.beside is None else handed(model, series, name_of(model))
            known = index, encoded(model, series), planned_predictive(model, steps), own
        where = as_rows(result.origins[rows], model.context)
        ahead = () if known[3] is None else (known[3].at(result.origins[rows], int(result.steps[-1])),)
        yield index, rows, actual, known[2](take(known[1], where), *ahead)


def _all_steps(result: Rows, kept: Array) -> Array:
    """Kept columns put in their places among all steps up to the last kept, NaN elsewhere."""
    out = np.full((len(kept), int(result.steps[-1])), np.nan)
    out[:, result.steps - 1] = kept
    return out


def _places(result: Rows, index: int, states: tuple[object, ...]) -> Array:
    """The place among the model's states of each code of a series, -1 for a symbol it does not know."""
    table = {symbol: float(place) for place, symbol in enumerate(states)}
    return np.array([table.get(symbol, -1.0) for symbol in result._panel[index].categories or ()])

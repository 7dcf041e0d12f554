"""Symbols of a series, and their indices in the states of a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .errors import InputError, shown
from .parameters import LARGEST, as_tuple, refuse
from .protocols import Array
from .series import Series


def alphabet(series: Series) -> list[Any]:
    """The symbols that occur in a series, in order; the others of its categories are left out."""
    if series.categories is None:
        return [int(v) for v in np.unique(series.values[~np.isnan(series.values)])]
    present = np.unique(series.values[series.values >= 0])
    return [series.categories[int(code)] for code in present]


def states_in(panel: Sequence[Series]) -> tuple[Any, ...]:
    """The states that a fit on these series counts: the symbols that occur, and those that were declared."""
    known = panel[0].categories
    if known and any(part.declared for part in panel):
        return known
    seen = {symbol for part in panel for symbol in alphabet(part)}
    return tuple(symbol for symbol in known if symbol in seen) if known else tuple(sorted(seen))


def checked(states: Any) -> tuple[Any, ...]:
    """The `states` argument of a model, checked: different symbols, all text or all numbers."""
    known: tuple[Any, ...] = as_tuple("states", states)
    alike = {type(symbol) for symbol in known} in ({str}, {int}, {bool}, {float})
    if not alike or len(set(known)) != len(known) or not all(isinstance(s, str) or abs(s) <= LARGEST for s in known):
        raise refuse("states", states, "different symbols, all text or all numbers")
    return known


def places(series: Series, states: Sequence[Any], strange: float = np.nan) -> Array:
    """The index of each symbol in `states`, [time]; NaN where missing, `strange` for an unknown symbol."""
    if series.categories is not None:
        table = {symbol: float(place) for place, symbol in enumerate(states)}
        return np.asarray(
            np.array([table.get(symbol, strange) for symbol in series.categories] + [np.nan])[series.values]
        )
    known = np.array(states, dtype=np.float64)
    by_size = np.argsort(known)
    found = by_size[np.searchsorted(known[by_size], series.values).clip(0, len(known) - 1)]
    return np.where(
        np.isnan(series.values), np.nan, np.where(known[found] == series.values, found.astype(np.float64), strange)
    )


def unseen(series: Series, states: Sequence[Any] | None) -> InputError | None:
    """The error for the first symbol that is not in `states`; None if all are."""
    strange = [symbol for symbol in alphabet(series) if symbol not in states] if states is not None else []
    if states is None or not strange:
        return None
    known = ", ".join(shown(s) for s in states[:6])
    return InputError(
        f"state {shown(strange[0])} was never seen in training; known are {known}",
        code="unseen-state",
        state=strange[0],
        known=states,
    )

"""What is drawn of symbols: from state to state, how likely each state is from one origin, and the states that came."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from ...evaluation import probabilities
from ...evaluation.comparison import Comparison
from ...evaluation.kstep import KStep
from ...models.markov import MarkovChain
from ...protocols import Array, Index, has_distribution
from . import name_tags, packing
from .facts import Facts
from .ticks import moment, ticks

MOST_STATES, MOST_TIMES = 12, 1000
"""States that have a row of their own; moments of the timeline."""
MOST_ROWS, MOST_BYTES = 2000, 300_000
"""Origins whose distributions are read; bytes of those that are drawn."""
SAME = 1e-9
"""Probabilities that differ by less are one."""


def states(facts: Facts, results: Comparison, places: Index, other: str) -> dict[str, Any]:
    """All that the charts of the states of the first series need.

    Parameters
    ----------
    places : of the steps among which the page moves. other : what the rarer states are called together.
    """
    series = facts.panel[0]
    groups = _groups(series.numbers, len(series.categories or ()))
    names = [str(symbol) for symbol in series.categories or ()]
    shown = [names[group[0]] if len(group) == 1 else other for group in groups]
    order = np.empty(len(names), dtype=np.intp)
    for place, group in enumerate(groups):
        order[group] = place
    result = results[facts.lines[0].name]
    rows = np.flatnonzero(result.part == 0)
    result = result._take(rows[packing.evenly(len(rows), MOST_ROWS)])
    origins = result.origins
    last = series.numbers[origins - 1]
    now = np.where(np.isnan(last), -1, order[np.where(np.isnan(last), 0, last).astype(np.intp)])
    likely = _likely(result, groups)
    own = _of_present(likely, now, len(groups))
    matrix = _of_chain(facts, groups, facts.steps) if own is None else own
    most = max(20, min(packing.MOST_ORIGINS, MOST_BYTES * 3 // 4 // (len(places) * (len(groups) + 1))))
    rows = packing.evenly(len(origins), most)
    packed = None if likely is None else packing.packed(likely[rows][:, places], 0.0, 1.0, packing.COARSE)
    return {
        "names": [name_tags.isolated(name, name_tags.LONGEST_SEGMENT) for name in shown],
        "own": own is not None,
        "matrix": packing.packed(matrix[places], 0.0, 1.0),
        "origins": origins[rows].tolist(),
        "known": [moment(series, origin - 1) for origin in origins[rows].tolist()],
        "now": now[rows].tolist(),
        "likely": packed,
        "came": _came(result, rows, places, order),
        "timeline": _timeline(facts, origins[rows], order),
    }


def _groups(codes: Array, count: int) -> list[list[int]]:
    """Places of states that are told apart: the commonest in their own order, all others as one."""
    if count <= MOST_STATES:
        return [[place] for place in range(count)]
    seen = np.bincount(codes[~np.isnan(codes)].astype(np.intp), minlength=count)
    common = sorted(np.argsort(-seen, kind="stable")[:MOST_STATES].tolist())
    return [*([place] for place in common), [place for place in range(count) if place not in common]]


def _likely(result: KStep, groups: list[list[int]]) -> Array | None:
    """[rows, steps, states] how likely each state is said to be; None of a model that does not say it."""
    if not has_distribution(result.model):
        return None
    parts = [likely for _, _, likely in probabilities.of_symbols(result)]
    every = np.concatenate(parts)
    return np.stack([every[..., group].sum(axis=-1) for group in groups], axis=-1)


def _of_present(likely: Array | None, now: Index, size: int) -> Array | None:
    """[steps, states, states] from state to state, of a model that goes by the present state alone; else None."""
    if likely is None:
        return None
    found = np.full((size, *likely.shape[1:]), np.nan)
    for state in range(size):
        rows = likely[now == state]
        if len(rows):
            found[state] = rows[0]
            if np.abs(rows - rows[0]).max() > SAME:
                return None
    return np.swapaxes(found, 0, 1)


def _of_chain(facts: Facts, groups: list[list[int]], steps: Index) -> Array:
    """The same of a chain of order 1 fitted on the training part; of a group of states the mean of its rows."""
    series = facts.panel[0]
    chain = MarkovChain(1, smoothing=1.0).fit(series[: facts.start[0] or len(series)])
    known, symbols = list(chain.states_ or ()), series.categories or ()
    places = [[known.index(symbols[state]) for state in group if symbols[state] in known] for group in groups]
    found = np.full((len(steps), len(groups), len(groups)), np.nan)
    for at, k in enumerate(steps.tolist()):
        power = chain.power(k)
        for row, here in enumerate(places):
            if here:
                found[at, row] = [power[np.ix_(here, there)].sum(axis=1).mean() for there in places]
    return found


def _came(result: KStep, rows: Index, places: Index, order: Index) -> str:
    """The state that came, [origins, steps] as bytes in base64; 255 where none was observed."""
    actual = result._actuals_at(slice(None))[rows][:, places]
    return _bytes(actual, order)


def _timeline(facts: Facts, origins: Index, order: Index) -> dict[str, Any]:
    """The states from the first origin on, evenly taken, and where their axis is labelled."""
    series = facts.panel[0]
    first, last = max(int(origins[0]) - 1, 0), min(int(origins[-1]) + int(facts.steps[-1]), len(series)) - 1
    span = first + packing.evenly(last - first + 1, MOST_TIMES)
    return {
        "from": first,
        "to": last,
        "places": span.tolist(),
        "codes": _bytes(series.numbers[span], order),
        "ticks": ticks(series.local, first, last),
    }


def _bytes(codes: Array, order: Index) -> str:
    """Codes of symbols as places among the states that are told apart."""
    missing = np.isnan(codes)
    found = np.where(missing, 255, order[np.where(missing, 0, codes).astype(np.intp)]).astype(np.uint8)
    return base64.b64encode(np.ascontiguousarray(found).tobytes()).decode()

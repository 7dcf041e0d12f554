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
MOST_BYTES = 300_000


def states(facts: Facts, results: Comparison, places: Index, other: str) -> dict[str, Any] | None:
    """All that the charts of the states of the first series need; None where a series is one of numbers.

    Parameters
    ----------
    places : of the steps among which the page moves. other : what the rarer states are called together.
    """
    if not facts.symbolic:
        return None
    series = facts.panel[0]
    groups = _groups(series.numbers, len(series.categories or ()))
    names = [str(symbol) for symbol in series.categories or ()]
    shown = [names[group[0]] if len(group) == 1 else other for group in groups]
    order = np.empty(len(names), dtype=np.intp)
    for place, group in enumerate(groups):
        order[group] = place
    first = results[facts.lines[0].name]
    rows = np.flatnonzero(first.part == 0)
    most = max(20, min(packing.MOST_ORIGINS, MOST_BYTES * 3 // 4 // (len(places) * (len(groups) + 1))))
    rows = rows[packing.evenly(len(rows), most)]
    origins = facts.origins[rows]
    return {
        "names": [name_tags.isolated(name, name_tags.LONGEST_SEGMENT) for name in shown],
        "matrix": _matrices(_chain(facts, first), series.categories or (), groups, facts.steps[places]),
        "origins": origins.tolist(),
        "known": [moment(series, origin - 1) for origin in origins.tolist()],
        "now": order[series.numbers[origins - 1].astype(np.intp)].tolist(),
        "likely": _likely(first, rows, places, groups),
        "came": _came(first, rows, places, order),
        "timeline": _timeline(facts, origins, order),
    }


def _groups(codes: Array, count: int) -> list[list[int]]:
    """Places of states that are told apart: the commonest in their own order, all others as one."""
    if count <= MOST_STATES:
        return [[place] for place in range(count)]
    seen = np.bincount(codes[~np.isnan(codes)].astype(np.intp), minlength=count)
    common = sorted(np.argsort(-seen, kind="stable")[:MOST_STATES].tolist())
    return [*([place] for place in common), [place for place in range(count) if place not in common]]


def is_own_chain(result: KStep) -> bool:
    """Whether a model is itself a chain of order 1."""
    return isinstance(result.model, MarkovChain) and result.model.order_ == 1


def _chain(facts: Facts, first: KStep) -> MarkovChain:
    """The chain of order 1 whose steps are drawn: the model of the headline, else one of the training part."""
    if isinstance(first.model, MarkovChain) and is_own_chain(first):
        return first.model
    series = facts.panel[0]
    return MarkovChain(1, smoothing=1.0).fit(series[: facts.train[0] or len(series)])


def _matrices(chain: MarkovChain, symbols: tuple[object, ...], groups: list[list[int]], steps: Index) -> dict[str, Any]:
    """P^k of each step, packed [steps, states, states]; of a group of states the mean of its rows."""
    known = list(chain.states_ or ())
    found = np.full((len(steps), len(groups), len(groups)), np.nan)
    places = [[known.index(symbols[state]) for state in group if symbols[state] in known] for group in groups]
    for at, k in enumerate(steps.tolist()):
        power = chain.power(k)
        for row, here in enumerate(places):
            if here:
                found[at, row] = [power[np.ix_(here, there)].sum(axis=1).mean() for there in places]
    return packing.packed(found, 0.0, 1.0)


def _likely(result: KStep, rows: Index, places: Index, groups: list[list[int]]) -> dict[str, Any] | None:
    """How likely each state is said to be, packed [origins, steps, states]; None of a model that does not say it."""
    if not has_distribution(result.model):
        return None
    found = np.empty((len(rows), len(places), len(groups)))
    taken = result._take(rows)
    for index, here, likely in probabilities.of_symbols(taken):
        if index == 0:
            kept = likely[:, places]
            found[here] = np.stack([kept[..., group].sum(axis=-1) for group in groups], axis=-1)
    return packing.packed(found, 0.0, 1.0, packing.COARSE)


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
        "ticks": ticks(series.times, first, last),
    }


def _bytes(codes: Array, order: Index) -> str:
    """Codes of symbols as places among the states that are told apart."""
    missing = np.isnan(codes)
    found = np.where(missing, 255, order[np.where(missing, 0, codes).astype(np.intp)]).astype(np.uint8)
    return base64.b64encode(np.ascontiguousarray(found).tobytes()).decode()

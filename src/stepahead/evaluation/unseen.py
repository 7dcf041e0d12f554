"""Errors of values that a model has not seen, found inside its own training part: of refits that stop at cuts."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ..errors import StepaheadWarning, note
from ..protocols import Array, Forecaster, InCalls, Index, InEpochs, inside
from ..series import Series
from ..walk import errors_at, name_of
from .fits import NOT_HERE
from .reference import is_baseline

CUTS, CUTS_OF_NETS = 8, 2
"""How often a model is fitted anew for the interval at the end of its series;
one that is trained in epochs takes long.
"""
ENOUGH = 19
"""Errors at the last step that a pool starts from where it can: as many as a level of 95 % asks for."""


def behind_cuts(model: Forecaster, panel: Sequence[Series], horizon: int) -> list[Array]:
    """Of each series [rows, horizon], the sizes of the errors of refits behind even cuts, each up to the next cut.

    A copy of the model is fitted on what lies before each cut, of many series on all of their heads as the model itself
    was. The first cut is at half of a series, or where there are two rows a coefficient of a window (at three quarters,
    if that comes first). There are 8 of them, and 2 for a model that is trained in epochs. A cut too early for the
    model has no errors.
    """
    text = fewer_cuts(model)
    count = CUTS_OF_NETS if text else CUTS
    if text:
        note(text)
    starts = [max(len(part) // 2, _two_rows(model, len(part))) for part in panel]
    edges = [
        [start + place * (len(part) - start) // count for place in range(count + 1)]
        for part, start in zip(panel, starts, strict=True)
    ]
    found: list[list[Array]] = [[] for _ in panel]
    for pairs in zip(*map(pairwise, edges), strict=True):
        if any(first < stop for first, stop in pairs):
            for place, sizes in _errors_of_refit(model, panel, pairs, horizon):
                found[place].append(sizes)
    return [np.concatenate([np.empty((0, horizon)), *pieces]) for pieces in found]


def fewer_cuts(model: Forecaster) -> str:
    """The note that a model is fitted at fewer cuts, being trained in epochs; empty where it is not."""
    if not any(isinstance(part, InEpochs) for part in inside(model)):
        return ""
    cuts = f"at {CUTS_OF_NETS} cuts for its interval, where other models are fitted at {CUTS}"
    return f"{name_of(model)} is trained anew {cuts}"


def of_last_quarter(model: Forecaster, panel: Sequence[Series], horizon: int, stride: int = 1) -> list[Array]:
    """Of each training part [rows, horizon], the sizes of the errors on its last quarter, of a refit on what lies
    before.

    Where the quarter has fewer than 19 errors at the last step more of the part is scored, at most its half; with a
    `stride` every so many origins of it.
    """
    pairs = []
    for part in panel:
        early = max(len(part) // 2, len(part) - horizon - ENOUGH + 1)
        pairs.append((max(min(3 * len(part) // 4, early), _two_rows(model, len(part))), len(part)))
    found = [np.empty((0, horizon)) for _ in panel]
    for place, sizes in _errors_of_refit(model, panel, pairs, horizon, stride):
        found[place] = sizes
    return found


def known_before(result: Any) -> dict[int, Array]:
    """Of each series with a training part [rows, steps], the sizes of errors known before the first held-out origin.

    Those of a refit inside the training part; of what was not fitted here its own, at the origins before the held-out
    ones: no fit that is known has seen those values.
    """
    if result.fits.kind not in NOT_HERE:
        seen = [index for index, length in enumerate(result.start) if length]
        heads = [result._panel[index][: result.start[index]] for index in seen]
        # A model that is slow to ask is asked no more often than where it is scored.
        stride = result._stride if isinstance(result.model, InCalls) else 1
        found = of_last_quarter(result.model, heads, result._horizon, stride) if heads else []
        return {index: sizes[:, result.steps - 1] for index, sizes in zip(seen, found, strict=True)}
    past = result.training
    known, first = past.losses("absolute"), {index: result.origins[rows][0] for index, rows in result._groups()}
    return {
        index: np.where(past.origins[rows, None] + result.steps <= first[index], known[rows], np.nan)
        for index, rows in past._groups()
        if index in first
    }


def too_few(name: str, level: float, counts: Index, half: Array) -> str:
    """From which step on half widths [steps] are infinite, and what level the errors known there hold;
    empty if none is.
    """
    if np.isfinite(half).all():
        return ""
    at = int(np.argmax(np.isinf(half)))
    count = int(counts[at])
    known = f"{count} error{'s are' if count != 1 else ' is'} known there"
    holds = (
        f"which hold at most level={np.floor(1000 * count / (count + 1)) / 1000:g}" if count else "which hold no level"
    )
    return f"the interval of {name} at level={level:g} is infinite from step {at + 1} on: {known}, {holds}"


def _errors_of_refit(
    model: Forecaster, panel: Sequence[Series], pairs: Sequence[tuple[int, int]], horizon: int, stride: int = 1
) -> Iterator[tuple[int, Array]]:
    """(place in the panel, sizes) of a refit on series[:first], from the origins first .. stop - 1;
    nothing where it fails.
    """
    heads = [part[:first] for part, (first, _) in zip(panel, pairs, strict=True) if first]
    if heads and heads[0].beside is not None:
        heads = [head.closed() for head in heads]
    if not heads:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", StepaheadWarning)
            refit: Any = copy.deepcopy(model)
            refit = refit.fit(heads if len(heads) > 1 else heads[0])
            found = [
                (place, np.abs(errors_at(refit, part, np.arange(first, stop, stride), horizon)[1]))
                for place, (part, (first, stop)) in enumerate(zip(panel, pairs, strict=True))
                if first < stop
            ]
    except (ValueError, ArithmeticError):  # too short for it so early, or it explodes: a later cut has errors
        return
    yield from found


def _two_rows(model: Forecaster, length: int) -> int:
    """Where there are two rows for each coefficient of a window and its intercept, at most at three quarters.

    Earlier refits are so much worse than the fit on all that their intervals hold everything. A baseline has no
    coefficients.
    """
    return 0 if is_baseline(model) else min(3 * int(model.context) + 2, 3 * length // 4)

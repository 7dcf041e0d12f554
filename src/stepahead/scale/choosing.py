"""The choice by the rolling loss for many series side by side: the losses of `selection.rolling_losses`, a series a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..models.selection import CUTS, FEWEST, MARGIN, SMALLEST, STEPS, most_origins
from ..numerics import stacked
from ..numerics.stacked import Mask
from ..protocols import Array, Index
from ..walk import blocks
from .stacks import Stack

NEAR = 1e-9
"""Of two losses: nearer than this, rounding could turn the choice, and the series is left to the loop."""


class Race(NamedTuple):
    """A candidate fitted before a cut: stacks of those series that it fits, and those for which it is out of the race."""

    stacks: Sequence[Stack]
    out: Mask


Candidate: TypeAlias = Callable[[Array, int, Index], Race | None]
"""(heads [series, cut], horizon, steps) -> the fitted candidate; None where the heads are too short for it."""


def losses(candidates: Sequence[Candidate], heads: Array, horizon: int) -> tuple[Array, Mask]:
    """[series, candidates] the loss of each, infinite out of the race; and the series for which all of them are certain."""
    series, length = heads.shape
    horizon = max(1, min(horizon, length // 4))
    steps = np.array([k for k in STEPS if k <= horizon], dtype=np.intp)
    location = stacked.level(heads)
    exponents = stacked.scale_exponents(heads, location)
    scaled = stacked.standardised(heads, location, exponents)
    variance = np.matmul(scaled[:, None, :], scaled[:, :, None])[:, 0, 0] / length
    unit = np.ldexp(np.where(variance > 0.0, np.sqrt(variance), 1.0), exponents)
    totals, count = np.zeros((len(candidates), series, len(steps))), np.zeros(len(steps))
    out, certain = np.zeros((series, len(candidates)), dtype=bool), np.ones(series, dtype=bool)
    if length // 2 > most_origins(horizon):  # the loop thins such a series, and gains nothing from being stacked
        return np.full((series, len(candidates)), np.inf), ~certain
    for share in CUTS:
        cut = int(share * length)
        here = length - cut
        padded = np.concatenate([heads[:, cut:], np.zeros((series, horizon))], axis=1)
        wanted = sliding_window_view(padded, here, axis=1)[:, steps - 1]
        seen = np.maximum(here - steps + 1, 0)
        count += seen
        unseen = np.arange(here) >= seen[:, None]
        for place, candidate in enumerate(candidates):
            race = None if out[:, place].all() else candidate(heads[:, :cut], horizon, steps)
            if race is None:
                out[:, place] = True
                continue
            out[:, place] |= race.out
            covered = np.zeros(series, dtype=bool)
            for stack in race.stacks:
                covered[stack.rows] = True
                for part in blocks(len(stack.rows), here * len(steps)):
                    rows = stack.rows[part]
                    error = stack.ahead(part, heads[rows], cut, here) - wanted[rows]
                    error /= unit[rows, None, None]
                    error[:, unseen] = 0.0
                    totals[place, rows] += np.einsum("skn,skn->sk", error, error)
            certain &= covered | out[:, place]
    used = [place for place, k in enumerate(steps) if k == 1 or count[place] >= FEWEST]
    if count[used[-1]] < FEWEST:
        used = used[:1]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log(np.maximum(totals[:, :, used] / count[used], SMALLEST)).mean(axis=2).T
    found = np.where(out, np.inf, found)
    return found, certain & ~np.isnan(found).any(axis=1) & np.isfinite(found).any(axis=1)


def simplest(found: Array) -> tuple[Index, Mask]:
    """[series] the first candidate whose loss is within the margin of the best, and whether no loss is too near to tell."""
    best = found.min(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        apart = np.abs(found - best - MARGIN)
    return np.argmax(found <= best + MARGIN, axis=1), ~(apart < NEAR).any(axis=1) & np.isfinite(best[:, 0])


def best_first(found: Array, chosen: Index) -> Index:
    """[series, candidates] the chosen one, and the others by their loss."""
    ranked = found.copy()
    ranked[np.arange(len(found)), chosen] = -np.inf
    return np.argsort(ranked, axis=1, kind="stable")

"""Stacks of Markov chains: over the bins of numbers, and over symbols."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..models.markov import MarkovChain
from ..numerics import counting
from ..numerics.stacked import Mask
from ..protocols import Array, Index
from .stacks import Batch, Stack

CELLS = 1 << 22
"""Counts, forecasts by context and places among bins, of the chains that are made side by side; larger ones are left to the
loop.
"""
NEAR = 1e-9
"""Of two probabilities: nearer than this, rounding could say which symbol is the more probable one."""


@dataclass(frozen=True)
class Binned:
    """Chains over the bins of each series: edges [series, bins - 1], forecasts [series, steps, contexts]."""

    rows: Index
    edges: Array
    table: Array
    order: int

    @property
    def width(self) -> int:
        """A comparison with every edge, in bytes and in numbers."""
        return 1 + int(self.edges.shape[1])

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]."""
        edges = self.edges[part]
        places = _binned(values[:, first - self.order : first + count - 1], edges)
        contexts = _numbered(places, self.order, edges.shape[1] + 1, count)
        return np.take_along_axis(self.table[part], contexts[:, None], axis=2)


def markov(model: MarkovChain, batch: Batch) -> list[Stack]:
    """Chains over bins of equal count; one that leaves fewer bins, or a context without a way out, is left to the loop."""
    order, size = int(model.order), int(model.bins or 0)
    length = batch.heads.shape[1]
    if length < order + 1:
        return []
    step = CELLS // (size**order * (size + len(batch.kept)) + length * size // 8)
    if not step:
        return []
    parts = (batch.all[begin : begin + step] for begin in range(0, len(batch.heads), step))
    return [stack for rows in parts for stack in _side_by_side(model, batch, rows)]


def _side_by_side(model: MarkovChain, batch: Batch, every: Index) -> list[Stack]:
    """The chains of some of the series."""
    order, size, heads = int(model.order), int(model.bins or 0), batch.heads[every]
    ordered = np.sort(heads, axis=1)
    found = [counting.cut_points(values, size) for values in ordered]
    rows = np.flatnonzero([len(edges) == size - 1 for edges in found])
    if not len(rows):
        return []
    edges = np.stack([found[row] for row in rows])
    transition, good = _shares(*_transitions(_binned(heads[rows], edges), order, size), float(model.smoothing))
    centers = _centers(ordered[rows], edges)
    table = np.empty((len(rows), len(batch.kept), size**order))
    for k, law in enumerate(_laws(transition, batch.horizon), start=1):
        table[:, batch.kept == k] = np.matmul(law, centers[:, :, None])[:, None, :, 0]
    # After a context that training never saw there is no forecast: a NaN there sends the series to the loop.
    table[np.broadcast_to((transition.sum(axis=2) == 0.0)[:, None], table.shape)] = np.nan
    return [Binned(every[rows[good]], edges[good], table[good], order)]


def _binned(values: Array, edges: Array) -> Index:
    """[series, time] the bin of each value."""
    return np.asarray((values[:, :, None] >= edges[:, None, :]).sum(axis=2))


def _numbered(places: Index, order: int, size: int, count: int) -> Index:
    """[series, count] the number of each context of `order` places, the newest counting least."""
    out = np.zeros((len(places), count), dtype=np.intp)
    for lag in range(order):
        out = out * size + places[:, lag : lag + count]
    return out


def _transitions(places: Index, order: int, size: int) -> tuple[Array, Mask]:
    """Counts [series, contexts, size], and whether each context was met, [series, contexts]."""
    series, length = places.shape
    cells, offset = size ** (order + 1), np.arange(series)[:, None]
    after = _numbered(places, order + 1, size, length - order)
    counts = np.bincount((offset * cells + after).ravel(), minlength=series * cells).astype(np.float64)
    met = np.zeros((series, size**order), dtype=bool)
    met[offset, _numbered(places, order, size, length - order + 1)] = True
    return counts.reshape(series, -1, size), met


def _shares(counts: Array, met: Mask, smoothing: float) -> tuple[Array, Mask]:
    """Transition shares [series, contexts, size], and the series in which no context that was met is without a way out."""
    totals, size = counts.sum(axis=2, keepdims=True), counts.shape[2]
    stuck = (met & (totals[:, :, 0] == 0.0)).any(axis=1) & (smoothing == 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(totals + smoothing > 0.0, (counts + smoothing / size) / (totals + smoothing), 0.0)
    return found, ~stuck


def _centers(ordered: Array, edges: Array) -> Array:
    """[series, bins] the mean of the training values in each bin, taken from its smallest on."""
    found = np.empty((len(edges), edges.shape[1] + 1))
    for series, (values, cuts) in enumerate(zip(ordered, edges, strict=True)):
        starts = np.concatenate([[0], np.searchsorted(values, cuts)])
        counts = np.diff(np.append(starts, len(values)))
        found[series] = values[starts] + np.add.reduceat(values - np.repeat(values[starts], counts), starts) / counts
    return found


def _laws(transition: Array, horizon: int) -> Iterator[Array]:
    """The law k = 1 .. horizon steps after each context, [series, contexts, size]: `counting.laws`, a series a matrix."""
    series, rows, size = transition.shape
    law, blocks = transition, rows // size
    steps = transition.reshape(series, size, blocks, size).transpose(0, 2, 1, 3) if blocks else transition
    for _ in range(horizon):
        yield law
        if blocks:
            after = np.matmul(steps, law.reshape(series, blocks, size, size))
            law = after.transpose(0, 2, 1, 3).reshape(series, rows, size)


# ---------------------------------------------------------------------------------------------------------------
# Symbols


def symbol_scores(
    model: MarkovChain, codes: Index, size: int, cut: int, horizon: int, kept: Index
) -> tuple[Array, Array, Mask]:
    """Of chains over the symbols 0 .. size - 1: zero-one and log loss, each [series, steps], and the series that are certain.

    `codes` [series, time], all of them seen in each training part ``codes[:, :cut]``.
    """
    order = int(model.order)
    count = codes.shape[1] - cut - horizon + 1
    transition, good = _shares(*_transitions(codes[:, :cut], order, size), float(model.smoothing))
    contexts = _numbered(codes[:, cut - order :], order, size, count)
    series, cells = len(codes), transition[0].size
    good &= (np.take_along_axis(transition.sum(axis=2), contexts, axis=1) > 0.0).all(axis=1)
    if order == 1:  # a symbol that is never left is worth a note, and the loop has it
        good &= (np.einsum("sii->si", transition) < 1.0).all(axis=1)
    zero_one, log = np.empty((series, len(kept))), np.empty((series, len(kept)))
    for k, law in enumerate(_laws(transition, int(kept[-1])), start=1):
        if k not in kept:
            continue
        column = kept == k
        later = codes[:, cut + k - 1 : cut + k - 1 + count]
        where = np.arange(series)[:, None] * cells + contexts * size + later
        joint = np.bincount(where.ravel(), minlength=series * cells).reshape(law.shape)
        ranked = np.sort(law, axis=2)
        if size > 1 and k > 1:
            good &= ~((ranked[:, :, -1] - ranked[:, :, -2] < NEAR) & (joint.sum(axis=2) > 0)).any(axis=1)
        right = np.take_along_axis(joint, law.argmax(axis=2)[:, :, None], axis=2).sum(axis=(1, 2))
        zero_one[:, column] = (1.0 - right / count)[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            lost = np.where(joint > 0, -np.log(law) * joint, 0.0).sum(axis=(1, 2))
        log[:, column] = (lost / count)[:, None]
    return zero_one, log, good

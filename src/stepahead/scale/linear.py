"""Stacks of linear models: AR and SSA, with their choices of lags, rank and window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..models.ar import AR, GRID, LARGEST
from ..models.selection import CUTS
from ..models.ssa import GROWING, MOST_TRIED, MOST_VERTICAL, MUCH_WORSE, RANKS, ROOM, SHORTEST, SSA, WINDOWS
from ..numerics import stacked
from ..protocols import Array, Index
from . import choosing
from .stacks import Batch, Stack, history

DECOMPOSED_CELLS = 1 << 20
"""Numbers in the moments that are decomposed side by side: eight megabytes."""
FITTED_CELLS = 1 << 22
"""Numbers in the moments and operators that are made side by side; a series that has more of its own is left to the loop."""


@dataclass(frozen=True)
class Affine:
    """Forecasts that are affine in the last values: operators [series, steps, lags + 1], the constant last."""

    rows: Index
    operators: Array

    @property
    def width(self) -> int:
        """The window and the constant."""
        return int(self.operators.shape[2])

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]: one matrix product a series."""
        lags = self.operators.shape[2] - 1
        return np.asarray(np.matmul(self.operators[part], history(values, lags, first, count, ones=True)))


def _affine(rows: Index, fits: stacked.Fits, batch: Batch) -> Affine:
    """The operators of those series whose forecasts are certain to stay finite."""
    weights, constants = stacked.operator(fits.coefficients, fits.intercept, batch.horizon)
    with np.errstate(over="ignore", invalid="ignore"):
        reach = np.abs(weights).sum(axis=2).max(axis=1) * batch.peaks[rows] + np.abs(constants).max(axis=1)
        good = fits.good & (reach < LARGEST)
    steps = batch.kept - 1
    return Affine(rows[good], np.concatenate([weights[:, steps], constants[:, steps, None]], axis=2)[good])


def _is_enough(model: AR, length: int, lags: int) -> bool:
    """Whether there are windows enough to learn from, as `AR.fit` counts them."""
    rows = length - lags - int(model.chunk) + 1
    return rows >= 1 and (rows >= lags + model.intercept - (model.anchor == "last") or model.ridge > 0.0)


def _least_squares(model: AR, heads: Array, lags: int) -> stacked.Fits:
    anchored = model.anchor == "last"
    return stacked.least_squares(heads, lags, int(model.chunk), float(model.ridge), model.intercept, anchored)


def ar(model: AR, batch: Batch) -> list[Stack]:
    """Least squares, one stack for each number of lags in use."""
    series, length = batch.heads.shape
    chosen = _chosen_lags(model, batch) if model.lags == "auto" else np.full(series, int(model.lags))
    found: list[Stack] = []
    for lags in np.unique(chosen[chosen > 0]).tolist():
        # What is too large for one series alone goes through the loop, where it is asked for.
        step = FITTED_CELLS // (lags * (lags + int(model.chunk) + batch.horizon))
        if _is_enough(model, length, lags) and step:
            every = np.flatnonzero(chosen == lags)
            for begin in range(0, len(every), step):
                rows = every[begin : begin + step]
                found.append(_affine(rows, _least_squares(model, batch.heads[rows], lags), batch))
    return found


def _chosen_lags(model: AR, batch: Batch) -> Index:
    """[series] the number of lags that ``lags="auto"`` takes; 0 where rounding could turn the choice."""
    grid = [lags for lags in GRID if 2 * lags < batch.heads.shape[1]] or [1]

    def candidate(lags: int) -> choosing.Candidate:
        def fitted(heads: Array, horizon: int, steps: Index) -> choosing.Race | None:
            if not _is_enough(model, heads.shape[1], lags):
                return None
            before = Batch(heads, batch.peaks, horizon, steps)
            stack = _affine(before.all, _least_squares(model, heads, lags), before)
            return choosing.Race([stack], np.zeros(len(heads), dtype=bool))

        return fitted

    losses, certain = choosing.losses([candidate(lags) for lags in grid], batch.heads, int(model.horizon))
    places, sure = choosing.simplest(losses)
    return np.where(certain & sure, np.array(grid)[places], 0)


# ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Projected:
    """A window projected on few directions [series, window, rank], which run on by `outwards` [series, steps, rank]."""

    rows: Index
    mean: Array
    onto: Array
    outwards: Array

    @property
    def width(self) -> int:
        """The window."""
        return int(self.onto.shape[1])

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]."""
        mean = self.mean[part, None, None]
        window = history(values, self.onto.shape[1], first, count)
        window -= mean
        out = np.matmul(self.outwards[part], np.matmul(self.onto[part].transpose(0, 2, 1), window))
        out += mean
        return np.asarray(out)


def ssa(model: SSA, batch: Batch) -> list[Stack]:
    """Directions of the windows and their recurrence; what grows, or spans too few directions, is left to the loop."""
    length, mean = batch.heads.shape[1], stacked.level(batch.heads)
    if model.rank == "auto":
        return _chosen_ssa(model, batch, mean)
    rank = int(model.rank)
    window = min(128, length // 3) if model.window == "auto" else int(model.window)
    needed = max(window + 1, 3 * (rank + 1)) if model.window == "auto" else window + 1
    return [] if length < needed or window * window > FITTED_CELLS else _calm(batch.all, rank, window, mean, batch)[0]


def _decomposed(heads: Array, mean: Array, window: int, most: int) -> tuple[Index, Array]:
    """How many directions the windows of each series span, [series], and the leading ones, [series, window, most]."""
    alive, onto = np.empty(len(heads), dtype=np.intp), np.empty((len(heads), window, most))
    step = max(1, DECOMPOSED_CELLS // (window * window))
    for begin in range(0, len(heads), step):
        part = slice(begin, begin + step)
        scaled = stacked.standardised(heads[part], mean[part], stacked.scale_exponents(heads[part], mean[part]))
        sizes, vectors = np.linalg.eigh(stacked.gram(scaled, window, window))
        least = np.finfo(np.float64).eps * window * np.maximum(sizes[:, -1], 0.0)
        alive[part] = (sizes > least[:, None]).sum(axis=1)
        onto[part] = vectors[:, :, ::-1][:, :, :most]
    return alive, onto


def _projected(rows: Index, onto: Array, mean: Array, batch: Batch) -> tuple[Projected, Array, stacked.Mask]:
    """The stack of those of `rows` whose forecasts stay finite; of all of them the recurrence, and whether there is one."""
    last = onto[:, -1]
    verticality = (last * last).sum(axis=1)
    with np.errstate(all="ignore"):
        recurrence = np.matmul(onto[:, :-1], last[:, :, None])[:, :, 0] / (1.0 - verticality)[:, None]
        forward, _ = stacked.operator(recurrence[:, None], np.zeros((len(onto), 1)), batch.horizon)
        outwards = np.matmul(forward, onto[:, 1:])
        reach = np.abs(outwards).sum(axis=2).max(axis=1) * 2.0 * onto.shape[1] * batch.peaks[rows]
    exists = verticality < MOST_VERTICAL
    good = exists & (reach < 0.1 * LARGEST)
    return Projected(rows[good], mean[rows[good]], onto[good], outwards[good][:, batch.kept - 1]), recurrence, exists


def _calm(rows: Index, rank: int, window: int, mean: Array, batch: Batch) -> tuple[list[Stack], Index]:
    """SSA of one rank and window: a stack of those of `rows` where it does not grow, and the ones for the loop to tell."""
    alive, onto = _decomposed(batch.heads[rows], mean[rows], window, rank)
    stack, recurrence, exists = _projected(rows, onto, mean, batch)
    inside, certain = stacked.shrinks(recurrence, GROWING)
    finite = np.isin(rows, stack.rows)
    good = (alive >= rank) & exists & certain & inside & finite
    unclear = (alive < rank) | (exists & ~certain) | (inside & ~finite)
    keep = good[finite]
    kept = Projected(stack.rows[keep], stack.mean[keep], stack.onto[keep], stack.outwards[keep])
    return [kept] if keep.any() else [], rows[unclear]


def _chosen_ssa(model: SSA, batch: Batch, mean: Array) -> list[Stack]:
    """Rank and window by the rolling loss; of a choice that explodes the next best takes the place, as in `SSA.fit`."""
    length, auto = batch.heads.shape[1], model.window == "auto"
    if length < (int(np.ceil(ROOM * SHORTEST / CUTS[0])) if auto else int(model.window) + 1):
        return []
    if not auto and int(model.window) ** 2 > FITTED_CELLS:
        return []
    windows = [w for w in WINDOWS if ROOM * w <= CUTS[0] * length] or [SHORTEST] if auto else [int(model.window)]
    grid = [(rank, window) for rank in RANKS for window in windows if rank < window]
    losses, certain = choosing.losses(_candidates(grid, batch, mean), batch.heads, int(model.horizon))
    places, sure = choosing.simplest(losses)
    order = choosing.best_first(losses, places)
    worst = losses[np.arange(len(losses)), places] + MUCH_WORSE
    waiting = np.flatnonzero(certain & sure & ~(batch.heads == mean[:, None]).all(axis=1))
    found: list[Stack] = []
    for turn in range(min(MOST_TRIED, len(grid))):
        waiting = waiting[losses[waiting, order[waiting, turn]] <= worst[waiting]]
        tried, settled = order[waiting, turn], [waiting[:0]]
        for place in np.unique(tried).tolist():
            rank, window = grid[place]
            stacks, unclear = _calm(waiting[tried == place], rank, window, mean, batch)
            found += stacks
            settled += [unclear, *(stack.rows for stack in stacks)]
        waiting = np.setdiff1d(waiting, np.concatenate(settled))
    return found


def _candidates(grid: list[tuple[int, int]], batch: Batch, mean: Array) -> list[choosing.Candidate]:
    """Each rank and window as a candidate; all ranks share the decomposition of a window before a cut."""
    shared: dict[tuple[int, int], tuple[Index, Array]] = {}

    def candidate(rank: int, window: int) -> choosing.Candidate:
        def fitted(heads: Array, horizon: int, steps: Index) -> choosing.Race | None:
            if heads.shape[1] < ROOM * window:
                return None
            key = (heads.shape[1], window)
            if key not in shared:
                shared[key] = _decomposed(heads, mean, window, min(RANKS[-1], window))
            alive, onto = shared[key]
            before = Batch(heads, batch.peaks, horizon, steps)
            stack, _, exists = _projected(before.all, np.ascontiguousarray(onto[:, :, :rank]), mean, before)
            return choosing.Race([stack], (alive < rank) | ~exists)

        return fitted

    return [candidate(rank, window) for rank, window in grid]

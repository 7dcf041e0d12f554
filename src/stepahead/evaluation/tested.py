"""Tests of models against baselines at a margin, step by step, from arrays of losses handed over by blocks of steps.

    table = Table(models, baselines, sample)            two tuples of callables: some of the steps -> losses [rows, ..]
    found = measured(table, margin)                     one pass over the rows: means, moments, T at the margin
    lower_ends(table, found, model, shown, level)       [steps] by bisection; over the rows only where one is winsorised
    upper_ends(found, alpha)                            [models, steps] from the moments alone

T tests d = min((1 - x) baseline - model, c) with c three times the mean loss of the best baseline: winsorised from
above, so that a terrible baseline does not win by its wild losses alone. As min(d, c) is at most d, no claim becomes
easier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..numerics import inference
from ..numerics.prewhitened import ORDINARY, ROUNDING, Moments, Sample
from ..protocols import Array, Index
from .graph import saving

Losses = Callable[[slice], Array]
"""Some of the steps -> the losses of one forecaster at them, [rows, some steps]; NaN where the target is missing."""
KAPPA = 3.0
"""The winsorising constant c, in mean losses of the best baseline of the table: a larger difference counts as c."""
ROUNDS = 14
"""Rounds of bisection: the ends are right to a 16,000th of the interval that is searched."""
LOWEST = -1.0
"""The least margin at which a lower end is looked for, and twice what is saved where that is less."""
CELLS, NEAR = 1 << 22, 1 << 17
"""Numbers of a block of losses, and of a block of differences, which should stay in the cache."""


class Table(NamedTuple):
    """Losses of models and baselines over the same rows, and how the rows lie in time."""

    models: tuple[Losses, ...]
    baselines: tuple[Losses, ...]
    sample: Sample

    def blocks(self, models: tuple[int, ...], wanted: npt.NDArray[np.bool_]) -> Iterator[Block]:
        """The losses of some of the models and of all baselines, where some of the steps are wanted."""
        losses = [*(self.models[model] for model in models), *self.baselines]
        rows = max(1, sum(len(one.order) if one.order is not None else one.times for one in self.sample.placements[:1]))
        width = max(1, CELLS // (len(losses) * rows))
        for start in range(0, len(wanted), width):
            part = slice(start, min(start + width, len(wanted)))
            if wanted[part].any():
                with np.errstate(over="ignore"):  # a loss past all bounds is infinite, and nothing is shown of it
                    table = np.array([np.ascontiguousarray(loss(part).T) for loss in losses], dtype=np.float64)
                yield Block.of(table, len(models), part)


class Block(NamedTuple):
    """Losses [losses, steps, rows] at some of the steps, models first, in a unit of each step; NaN rows are 0.

    seen : [steps, rows] which rows count, or None where all do. rows : [steps] how many.
    """

    losses: Array
    models: int
    part: slice
    seen: npt.NDArray[np.bool_] | None
    rows: Array

    @classmethod
    def of(cls, table: Array, models: int, part: slice) -> Block:
        """Of losses as they come."""
        seen = np.asarray(~np.isnan(table).any(axis=0))
        every = bool(seen.all())
        best = np.where(seen, table[models:], 0.0).mean(axis=-1).min(axis=0)
        power = np.frexp(np.where(np.isfinite(best), best, 0.0))[1]
        power = np.where(np.abs(power) > ORDINARY, power, 0)
        if power.any():
            with np.errstate(over="ignore"):
                table = np.ldexp(table, -power[:, None])
        return cls(
            table if every else np.where(seen, table, 0.0), models, part, None if every else seen, seen.sum(axis=-1)
        )

    def moments(self, sample: Sample) -> Moments:
        """Those of all losses."""
        return Moments.of(
            self.losses if self.seen is None else np.where(self.seen, self.losses, np.nan), sample, self.part
        )

    def tested(self, sample: Sample, own: int, x: Array, at: Index | slice = slice(None)) -> Pairwise:
        """T of one of the models against every baseline at margins x [steps], at some of the steps of the block."""
        loss, base, count = self.losses[own, at], self.losses[self.models :, at], self.rows[at]
        freedom = np.where(count > 1, sample.freedom[self.part][at], 0)
        with np.errstate(invalid="ignore"):  # of a step without a target nothing is known
            mean_own, mean_base = loss.sum(axis=-1) / count, base.sum(axis=-1) / count
        cap = KAPPA * mean_base.min(axis=0)
        seen = None if self.seen is None else self.seen[at]
        step = max(1, NEAR // max(1, loss.size))
        found = [
            _winsorised(loss, base[g : g + step], x, cap, seen, count, sample, freedom)
            for g in range(0, len(base), step)
        ]
        mean, error, rho, capped = (np.concatenate(one) for one in zip(*found, strict=True))
        with np.errstate(invalid="ignore"):
            size = mean_own + np.minimum((1.0 - x) * mean_base, cap)
            T = inference.statistic(np.where(np.abs(mean) <= ROUNDING * size, 0.0, mean), error, freedom, size)
        full = (mean >= cap * (1.0 - ROUNDING)) & (error <= ROUNDING * cap) & (cap > 0.0)
        T = np.where(full, np.inf, T)
        return Pairwise(np.where(np.isfinite(cap) & np.isfinite(mean_own) & (freedom > 0), T, -np.inf), rho, capped)


class Pairwise(NamedTuple):
    """Tests of a model against every baseline, [baselines, steps]: T, first autocorrelation before it is clipped, any
    row winsorised.

    A baseline that is beaten by c in every row has a T of infinity: it hinders no claim.
    """

    T: Array
    rho: Array
    capped: npt.NDArray[np.bool_]


def _winsorised(
    own: Array,
    base: Array,
    x: Array,
    cap: Array,
    seen: npt.NDArray[np.bool_] | None,
    count: Array,
    sample: Sample,
    freedom: Index,
) -> tuple[Array, Array, Array, npt.NDArray[np.bool_]]:
    """(mean, standard error, autocorrelation, any winsorised) of the differences, [baselines, steps]."""
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        d = base * (1.0 - x)[:, None]
        d -= own
        capped = d.max(axis=-1) > cap
        if capped.any():
            np.minimum(d, cap[:, None], out=d)
        mean = d.sum(axis=-1) / count
        d -= mean[..., None]
        if seen is not None:
            d *= seen
        error, rho = sample.errors(d, freedom, count)
    return mean, error, rho, capped


class Measured(NamedTuple):
    """Means and tests of all models against all baselines, from one pass over the rows.

    moments : of models, then baselines. saving : [models, steps] as measured, 0 where no target was observed.
    T : [models, steps] at the margin, the least over the baselines.
    rho : the largest autocorrelation. capped : whether a row is winsorised at the margin.
    """

    moments: Moments
    saving: Array
    T: Array
    rho: Array
    capped: npt.NDArray[np.bool_]
    margin: float

    @property
    def models(self) -> int:
        """How many of the losses are those of models."""
        return len(self.T)

    @property
    def p(self) -> Array:
        """[models, steps]: one-sided p value of "saves the margin over every baseline"."""
        return upper_tail(self.T, self.moments.freedom)


def upper_tail(T: Array, freedom: Index) -> Array:
    """One-sided p value of T in Student's t distribution; 1 where nothing is known."""
    from scipy.special import stdtr

    found = stdtr(np.maximum(freedom, 1), -T)
    return np.where(np.isnan(found) | (freedom < 1), 1.0, found)


def measured(table: Table, margin: float) -> Measured:
    """Means, moments, and T of every model at a margin over every baseline: one pass, some of the steps at a time."""
    models, steps = len(table.models), len(table.sample.freedom)
    T, rho, capped = np.empty((models, steps)), np.empty((models, steps)), np.empty((models, steps), dtype=bool)
    moments = []
    for block in table.blocks(tuple(range(models)), np.ones(steps, dtype=bool)):
        moments.append(block.moments(table.sample))
        x = np.full(block.losses.shape[1], margin)
        for model in range(models):
            found = block.tested(table.sample, model, x)
            T[model, block.part], rho[model, block.part] = found.T.min(axis=0), found.rho.max(axis=0)
            capped[model, block.part] = found.capped.any(axis=0)
    joined = Moments.joined(moments)
    saved = saving(joined.mean[:models], joined.mean[models:])
    return Measured(joined, np.where(np.isnan(saved), 0.0, saved), T, rho, capped, margin)


def lower_ends(table: Table, found: Measured, model: int, shown: npt.NDArray[np.bool_], level: Array) -> Array:
    """One-sided lower confidence limits of the saving, [steps]: the largest margin at which the model would still be
    shown at the level the step was tested at, each step by itself; NaN where it was not tested.

    Above the margin exactly where the step is shown; minus infinity where none is found from `LOWEST` on.
    """
    saved, margin, freedom = found.saving[model], found.margin, found.moments.freedom
    tested = (level > 0.0) & np.isfinite(saved)
    low = np.where(shown, margin, np.minimum(LOWEST, np.where(tested, 2.0 * saved, 0.0)))
    high = np.where(shown, saved, np.minimum(saved, margin))
    linear = shown & ~found.capped[model]
    pairs = found.moments.pairs(np.array([model]), np.arange(found.models, len(found.moments.mean)))
    high = np.where(tested, np.maximum(high, low), low)
    middle = low
    for _ in range(ROUNDS if linear.any() else 0):
        middle = 0.5 * (low + high)
        total, error = pairs.at(1.0 - middle)
        T = inference.statistic(total, error, freedom, 2.0 * np.abs(pairs.own)).min(axis=0)
        good = upper_tail(T, freedom) < level
        low, high = np.where(linear & good, middle, low), np.where(linear & ~good, middle, high)
    wanted = tested & ~linear
    for block in table.blocks((model,), wanted):
        at = np.flatnonzero(wanted[block.part])
        place = at + block.part.start
        lo, hi = low[place], high[place]
        reached = shown[place] | (_p(block, table.sample, lo, at, freedom[place]) < level[place])
        for _ in range(ROUNDS):
            middle = 0.5 * (lo + hi)
            good = _p(block, table.sample, middle, at, freedom[place]) < level[place]
            lo, hi = np.where(good, middle, lo), np.where(good, hi, middle)
        low[place], high[place] = np.where(reached, lo, -np.inf), np.where(reached, hi, -np.inf)
    with np.errstate(invalid="ignore"):
        ends = np.where(np.isinf(low), low, 0.5 * (low + high))
    ends = np.where(shown, np.maximum(ends, np.nextafter(margin, 1.0)), np.minimum(ends, margin))
    return np.where(level > 0.0, np.where(tested, ends, -np.inf), np.nan)


def _p(block: Block, sample: Sample, x: Array, at: Index, freedom: Index) -> Array:
    return upper_tail(block.tested(sample, 0, x, at).T.min(axis=0), freedom)


def upper_ends(found: Measured, alpha: float) -> Array:
    """One-sided upper confidence limits of the saving, [models, steps], each step by itself: the smallest saving that
    the test against some baseline rejects at alpha / baselines; without winsorising.

    1 where none is refuted; minus infinity where a loss of the model is infinite.
    """
    models, count, freedom = found.models, len(found.moments.mean), found.moments.freedom
    pairs = found.moments.pairs(np.arange(models)[:, None], np.arange(models, count)[None])
    bound = inference.student(1.0 - alpha / (count - models), freedom.astype(np.float64))

    def refuted(x: Array) -> npt.NDArray[np.bool_]:
        total, error = pairs.at(1.0 - x[:, None])
        with np.errstate(invalid="ignore"):
            T = inference.statistic(total, error, freedom, 2.0 * pairs.own)
            return np.asarray((-bound > T).any(axis=1))

    finite = np.isfinite(found.saving)
    low, high = np.where(finite, found.saving, 0.0), np.ones(found.saving.shape)
    ever = refuted(high)
    for _ in range(ROUNDS):
        middle = 0.5 * (low + high)
        gone = refuted(middle)
        low, high = np.where(gone, low, middle), np.where(gone, middle, high)
    return np.where(finite, np.where(ever, high, 1.0), -np.inf)


def least_error(found: Measured, alpha: float) -> npt.NDArray[np.bool_]:
    """Whether no other model is shown to lose less, [models, steps], at alpha for each step (Bonferroni)."""
    models, freedom = found.models, found.moments.freedom
    every = np.arange(models)
    if models == 1:
        return np.ones(found.T.shape, dtype=bool)
    pairs = found.moments.pairs(every[:, None], every[None])
    total, error = pairs.at(1.0)
    T = -inference.statistic(total, error, freedom, pairs.own + pairs.other)
    with np.errstate(invalid="ignore"):
        worse = inference.student(1.0 - alpha / (models - 1), freedom.astype(np.float64)) < T
    worse |= np.isinf(pairs.own) & np.isfinite(pairs.other)
    return np.asarray(~worse.any(axis=1))

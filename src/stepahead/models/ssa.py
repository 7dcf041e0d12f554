"""Singular spectrum analysis: a window projected on few directions, and their linear recurrence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import FitError, InputError
from ..numerics import linear, subspace
from ..parameters import is_auto, whole
from ..protocols import Array, Batch, FittedBatch, Index, Mask, Roll, State
from ..series import Series, in_fixed_order
from ..storage import register
from ..windows import history, joined_windows, require, runs
from . import selection
from .model import Model, Shapes

DECOMPOSED_CELLS = 1 << 20
"""Most numbers in the moments of one batch of decompositions: eight megabytes."""
FITTED_CELLS = 1 << 22
"""Most numbers in the moments of a series that is fitted in a batch; a larger one is fitted by itself."""
RANKS = (1, 2, 3, 4, 6, 8)
WINDOWS = (240, 200, 160, 128, 96, 64, 32, 16)
SHORTEST = 8
ROOM = 1.5
"""Least length of the longest contiguous segment, in windows, for a window to be a candidate."""
MOST_VERTICAL = 1.0 - 1e-9
GROWING = 1.01
"""Largest modulus of a root that is no explosion: 1.01 doubles a value in 64 steps, and grows it a hundredfold in 500.
"""
MOST_TRIED, MUCH_WORSE = 12, 3.0
"""Number of choices tried to avoid an explosive one, and how much higher its loss, a log, may be: a series may be
explosive itself.
"""


@register
class SSA(Model):
    """Singular spectrum analysis: a window projected on `rank` leading directions, forecast by a linear recurrence.

    A sum of r/2 sinusoids has rank r, whatever the noise: rank 2 is right for ``datasets.noisy_sine``.

    >>> import numpy as np
    >>> x = 3.0 + np.sin(2 * np.pi * np.arange(200) / 25)
    >>> SSA(rank=2, window=40).fit(x[:150]).forecast(x[:150], horizon=3).round(6)
    array([3.      , 3.24869 , 3.481754])
    >>> x[150:153].round(6)
    array([3.      , 3.24869 , 3.481754])

    Accuracy: by default its RMSE is 0.202 at 64 steps on that series (noise 0.2). On a series that is not a sum of
    sinusoids (an autoregression, a random walk) its error is 30 % above that of ``AR("auto")`` one step ahead, since
    few smooth directions cannot follow the last value; on the sunspots by 23 to 83 %, depending on where the training
    part ends. To choose among families by data: ``select([AR("auto"), SSA(), StateSpace()], training, horizon)``.

    A recurrence may explode, on a short series above all: "auto" passes over such a choice for one that does not,
    unless that is far worse; where a root of the recurrence lies above 1.01 all the same, a note says so.

    Parameters
    ----------
    rank : number of directions kept, at least 1; two for each sinusoid. "auto" chooses among 1 .. 8 by the loss over
        `horizon` steps on five cuts inside the training part.
    window : length of the window; "auto" is the smaller of 128 and a third of the training part where the rank is
        given, and else chosen with it among 16 .. 240 (8 below 48 values; below 24 there is no choice).
    horizon : the largest step in the loss of a choice, at most a quarter of the training part; by default that of the
        evaluation, else 64.

    Attributes
    ----------
    rank_ : the number of directions in use.
    directions_ : [window, rank], orthonormal, oldest lag first.
    recurrence_ : [window - 1], the weights of the next value on the last window - 1, oldest first.
    mean_ : subtracted before and added after.

    Raises
    ------
    FitError : the directions leave no recurrence (verticality 1).

    Source: Golyandina & Zhigljavsky, "Singular Spectrum Analysis for Time Series" (2013), recurrent forecasting.
    """

    _learned = ("rank_", "directions_", "recurrence_", "mean_")
    _any_size = True
    _costs = {"plan": lambda m, steps: 3 * steps * m.context}
    rank_: int
    directions_: Array
    recurrence_: Array
    mean_: float

    def __init__(self, rank: int | str = "auto", window: int | str = "auto", horizon: int | None = None) -> None:
        self.rank = rank
        self.window = window
        self.horizon = horizon

    @property
    def name(self) -> str:
        """The class and the rank, with the one that was chosen: ``SSA(auto: 2)``."""
        chosen = self.__dict__.get("rank_")
        return f"SSA(auto: {chosen})" if isinstance(self.rank, str) and chosen is not None else super().name

    @property
    def _looks_ahead(self) -> bool:
        """Whether `horizon` matters: only where rank or window is chosen."""
        return isinstance(self.rank, str)

    def _check(self) -> None:
        if not is_auto(self.rank):
            self.rank = whole("rank", self.rank, also=', or "auto"')
        if not is_auto(self.window):
            least = 2 if isinstance(self.rank, str) else self.rank + 1
            self.window = whole("window", self.window, least, also=', or "auto"')
        self.horizon = None if self.horizon is None else whole("horizon", self.horizon)

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        """Learn from the windows of all series."""
        every = [run for part in in_fixed_order(panel) for run in runs(part.numbers)]
        self.mean_ = linear.mean_of(every)
        flat = all((run == self.mean_).all() for run in every)
        if self.rank != "auto":
            window = self._fit_runs(every, int(self.rank), self._window(panel))
        elif flat:
            self._require(panel, self._least())
            window = self._fit_runs(every, 1, self._windows(max(len(part) for part in panel))[-1])
        else:
            self._require(panel, self._least())
            window = self._choose(panel, every)
        independent = int(self.directions_.any(axis=0).sum())
        if independent < self.rank_ and not flat:
            self._note(f"the windows span only {independent} directions")
        growth = self._growth()
        if growth > GROWING:
            text = f"its recurrence grows by a factor of {growth:.4g} per step: far steps explode"
            self._note(f"{text}; take a lower rank or a longer window")
        return window

    def _fit_runs(self, every: list[Array], rank: int, window: int) -> int:
        """The directions and their recurrence; the window again."""
        segments = [run for run in every if len(run) >= window]
        require(max((len(run) for run in segments), default=0), window, f"one whole window of {self.name}")
        self._afford(6 * window, window, "the directions of", "Take a shorter window")
        spanned, (onto,) = _decomposed([run[None] for run in segments], np.array([self.mean_]), window, rank)
        self.directions_ = np.ascontiguousarray(onto * (np.arange(rank) < spanned))
        self.recurrence_, verticality = subspace.recurrence(self.directions_)
        if verticality >= MOST_VERTICAL:
            raise FitError(
                f"{self.name}: the directions leave no recurrence (verticality "
                f"{verticality:.6f}); take a lower rank or a "
                "longer window",
                code="no-recurrence",
                verticality=verticality,
            )
        self.rank_ = rank
        return window

    def _growth(self) -> float:
        """Long-run growth factor per step of the recurrence: the modulus of its largest root."""
        return float(np.abs(linear.roots(self.recurrence_)[0])) if self.recurrence_.any() else 0.0

    def _window(self, panel: tuple[Series, ...]) -> int:
        if self.window != "auto":
            self._require(panel, int(self.window) + 1)
            return int(self.window)
        window = min(128, int(np.median([len(part) for part in panel])) // 3)
        self._require(panel, max(window + 1, 3 * (int(self.rank) + 1)))
        return window

    def _windows(self, longest: int) -> list[int]:
        """The windows to try, longest first."""
        if self.window != "auto":
            return [int(self.window)]
        return [w for w in WINDOWS if ROOM * w <= selection.CUTS[0] * longest] or [SHORTEST]

    def _least(self) -> int:
        """How many values a choice needs."""
        return int(np.ceil(ROOM * SHORTEST / selection.CUTS[0])) if self.window == "auto" else int(self.window) + 1

    def _candidates(self, longest: int, mean: Array) -> list[Projection]:
        shared: dict[Any, Any] = {}
        return [Projection(k, w, mean, shared) for k in RANKS for w in self._windows(longest) if k < w]

    def _choose(self, panel: tuple[Series, ...], every: list[Array]) -> int:
        """Choose rank and window by the rolling loss, with the mean of the whole training part at every cut.

        Half a period of a sine has a mean of 0.6: an estimate before each cut would cost a third of the accuracy. The
        loss looks a quarter of the series ahead and no farther: a choice that explodes beyond it is replaced by the
        next best.
        """
        candidates = self._candidates(max(len(part) for part in panel), np.array([self.mean_]))
        most = max(candidate.context for candidate in candidates)
        self._afford((len(selection.CUTS) + 6) * most, most, "the choice of", "Take a shorter window, or name the rank")
        chosen, found = selection.choose(candidates, panel, self.horizon or selection.REACH)
        losses, slowest = np.array(found), (np.inf, chosen)
        order = selection.best_first(losses[None], np.array([chosen]))[0]
        for place in order[losses[order] <= losses[chosen] + MUCH_WORSE][:MOST_TRIED].tolist():
            try:
                window = self._fit_runs(every, candidates[place].rank, candidates[place].context)
            except FitError:
                continue
            growth = self._growth()
            if growth <= GROWING:
                return window
            slowest = min(slowest, (growth, place))
        return self._fit_runs(every, candidates[slowest[1]].rank, candidates[slowest[1]].context)

    def _encode(self, values: Array, after: State | None) -> State:
        """[origins, window]: the last values, a zero-copy view."""
        return (joined_windows(values, self.context, after),)

    def _plan(self, horizon: int) -> Roll:
        """The recurrence run out for each direction: [rank, horizon]."""
        return _planned(self.directions_, self.recurrence_, self.mean_, horizon)

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """Directions of the windows of each series and their recurrence."""
        return _fit_batch(self, batch)

    def _shapes(self) -> Shapes:
        rank = whole("rank_", self.rank_)
        if (self.window != "auto" and self.context != self.window) or (self.rank != "auto" and rank != self.rank):
            raise ValueError("context and window, or rank_ and rank, differ")
        if rank >= self.context:
            raise ValueError("rank_ is past the window")
        return {"directions_": (self.context, rank), "recurrence_": (self.context - 1,), "mean_": ()}

    def _check_learned(self) -> None:
        with np.errstate(all="ignore"):
            products = self.directions_.T @ self.directions_
            independent = np.diag(self.directions_.any(axis=0))
            if not np.allclose(products, independent, rtol=0.0, atol=1e-6):
                raise ValueError("directions_ should be of length 1, or 0, and at right angles")
            recurrence, verticality = subspace.recurrence(self.directions_)
        if verticality >= MOST_VERTICAL or not np.allclose(self.recurrence_, recurrence, rtol=1e-4, atol=1e-4):
            raise ValueError("recurrence_ is not that of directions_")


def _planned(onto: Array, recurrence: Array, mean: float, horizon: int) -> Roll:
    outwards = np.ascontiguousarray(subspace.outwards(onto, recurrence, horizon).T)

    def roll(state: State, out: Array | None) -> Array:
        ahead = np.matmul((state[0] - mean) @ onto, outwards, out=out)
        ahead += mean
        return ahead

    return roll


class Projection:
    """One rank and window as a candidate, for one series or a batch.

    The mean of each series is given, [series], and all ranks share what the windows before a cut are decomposed into.
    """

    def __init__(self, rank: int, window: int, mean: Array, shared: dict[Any, Any]) -> None:
        self.rank, self.context, self.mean, self.shared = rank, window, mean, shared

    def __deepcopy__(self, memo: Mapping[int, Any]) -> Projection:
        return Projection(self.rank, self.context, self.mean, self.shared)

    def _directions(self, segments: list[Array], lengths: Sequence[int]) -> tuple[Index, Array]:
        """How many directions the windows span, [series], and the leading ones, [series, window, rank]."""
        key = (self.context, *lengths)
        if key not in self.shared:
            self.shared[key] = _decomposed(segments, self.mean, self.context, RANKS[-1])
        spanned, onto = self.shared[key]
        return spanned, np.ascontiguousarray(onto[:, :, : self.rank])

    def fit(self, series: Any) -> Projection:
        """Directions of the windows before a cut, of one series or a list."""
        parts = series if isinstance(series, list) else [series]
        every = [
            run[None] for part in in_fixed_order(tuple(parts)) for run in runs(part.numbers) if len(run) >= self.context
        ]
        if max((run.shape[1] for run in every), default=0) < ROOM * self.context:
            raise InputError("too short for this window", code="too-short")
        spanned, (self.onto,) = self._directions(every, [len(part) for part in parts])
        self.recurrence, verticality = subspace.recurrence(self.onto)
        if spanned[0] < self.rank or verticality >= MOST_VERTICAL:
            raise FitError("no recurrence", code="no-recurrence")
        return self

    def encode(self, values: Any, after: State | None = None) -> State:
        """[origins, window]: the last values."""
        return (joined_windows(values.numbers, self.context, after),)

    def rollout(self, state: State, horizon: int) -> Array:
        """[rows, horizon]."""
        return _planned(self.onto, self.recurrence, float(self.mean[0]), horizon)(state, None)

    def try_batch(self, batch: Batch) -> selection.Tried | None:
        """The same of each series; one drops out where its windows span too few directions, or leave no recurrence."""
        if batch.heads.shape[1] < ROOM * self.context:
            return None
        spanned, onto = self._directions([batch.heads], [batch.heads.shape[1]])
        fitted, _, exists = _projected(batch.all, onto, self.mean, batch)
        return selection.Tried([fitted], (spanned < self.rank) | ~exists)


# ---------------------------------------------------------------------------------------------------------------
# Side by side


@dataclass(frozen=True)
class Projected:
    """A window projected on few directions [series, window, rank], which run on by `outwards` [series, steps, rank]."""

    rows: Index
    width: int
    context: int
    mean: Array
    onto: Array
    outwards: Array

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]."""
        mean = self.mean[part, None, None]
        window = history(values, self.context, first, count)
        window -= mean
        out = np.matmul(self.outwards[part], np.matmul(self.onto[part].transpose(0, 2, 1), window))
        out += mean
        return np.asarray(out)


def _fit_batch(model: SSA, batch: Batch) -> Sequence[FittedBatch]:
    """Directions of the windows and their recurrence; a series with a growing recurrence, or too few directions, is
    fitted by itself.
    """
    length, mean = batch.heads.shape[1], linear.mean_of([batch.heads])
    if model.rank == "auto":
        return _chosen(model, batch, mean)
    rank = int(model.rank)
    window = min(128, length // 3) if model.window == "auto" else int(model.window)
    needed = max(window + 1, 3 * (rank + 1)) if model.window == "auto" else window + 1
    return [] if length < needed or window * window > FITTED_CELLS else _stable(batch.all, rank, window, mean, batch)[0]


def _decomposed(segments: list[Array], mean: Array, window: int, most: int) -> tuple[Index, Array]:
    """How many directions the windows of each series span, [series], and the leading ones, [series, window, most]."""
    spanned, onto = np.empty(len(mean), dtype=np.intp), np.empty((len(mean), window, min(most, window)))
    step = max(1, DECOMPOSED_CELLS // (window * window))
    for begin in range(0, len(mean), step):
        part = slice(begin, begin + step)
        scaled, _ = linear.standardised([run[part] for run in segments], mean[part])
        sizes, vectors = subspace.directions(scaled, window)
        spanned[part], onto[part] = subspace.spanned(sizes), vectors[:, :, :most]
    return spanned, onto


def _projected(rows: Index, onto: Array, mean: Array, batch: Batch) -> tuple[Projected, Array, Mask]:
    """A fitted batch of those of `rows` whose forecasts stay finite; of all the recurrence,
    and whether there is one.
    """
    recurrence, verticality = subspace.recurrence(onto)
    exists = verticality < MOST_VERTICAL
    outwards = subspace.outwards(onto, recurrence, batch.horizon)
    with np.errstate(all="ignore"):
        reach = np.abs(outwards).sum(axis=2).max(axis=1) * 2.0 * onto.shape[1] * batch.peaks[rows]
        good = exists & (reach < 0.1 * float(np.finfo(np.float64).max))
    window, outwards = onto.shape[1], outwards[good][:, batch.kept - 1]
    return Projected(rows[good], window, window, mean[rows[good]], onto[good], outwards), recurrence, exists


def _stable(rows: Index, rank: int, window: int, mean: Array, batch: Batch) -> tuple[list[FittedBatch], Index]:
    """SSA of one rank and window: a fitted batch of those of `rows` where it does not grow,
    and the rows to fit alone.
    """
    spanned, onto = _decomposed([batch.heads[rows]], mean[rows], window, rank)
    fitted, recurrence, exists = _projected(rows, onto, mean, batch)
    inside, certain = linear.shrinks(recurrence, GROWING)
    finite = np.isin(rows, fitted.rows)
    good = (spanned >= rank) & exists & certain & inside & finite
    unclear = (spanned < rank) | (exists & ~certain) | (inside & ~finite)
    keep = good[finite]
    kept = Projected(fitted.rows[keep], window, window, fitted.mean[keep], fitted.onto[keep], fitted.outwards[keep])
    return [kept] if keep.any() else [], rows[unclear]


def _chosen(model: SSA, batch: Batch, mean: Array) -> list[FittedBatch]:
    """Rank and window by the rolling loss; a choice that explodes is replaced by the next best, as in `SSA.fit`."""
    length = batch.heads.shape[1]
    if length < model._least() or max(model._windows(length)) ** 2 > FITTED_CELLS:
        return []
    candidates = model._candidates(length, mean)
    places, losses, sure = selection.choose_batch(candidates, batch, model.horizon or selection.REACH)
    order = selection.best_first(losses, places)
    worst = losses[np.arange(len(losses)), places] + MUCH_WORSE
    waiting = np.flatnonzero(sure & ~(batch.heads == mean[:, None]).all(axis=1))
    found: list[FittedBatch] = []
    for turn in range(min(MOST_TRIED, len(candidates))):
        waiting = waiting[losses[waiting, order[waiting, turn]] <= worst[waiting]]
        tried, settled = order[waiting, turn], [waiting[:0]]
        for place in np.unique(tried).tolist():
            candidate = candidates[place]
            batches, unclear = _stable(waiting[tried == place], candidate.rank, candidate.context, mean, batch)
            found += batches
            settled += [unclear, *(fitted.rows for fitted in batches)]
        waiting = np.setdiff1d(waiting, np.concatenate(settled))
    return found

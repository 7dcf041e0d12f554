"""Singular spectrum analysis: a window projected on few directions, and the linear recurrence they obey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import FitError, InputError, note
from ..numerics import linear, subspace
from ..parameters import is_auto, whole
from ..protocols import Array, Roll, State
from ..series import Series, in_fixed_order
from ..storage import register
from ..windows import joined_windows, require, runs
from . import selection
from .model import Model, Shapes

if TYPE_CHECKING:
    from typing import Self

RANKS = (1, 2, 3, 4, 6, 8)
WINDOWS = (240, 200, 160, 128, 96, 64, 32, 16)
SHORTEST = 8
ROOM = 1.5
"""A window is tried where the stretch it is learned from is so many times as long."""
MOST_VERTICAL = 1.0 - 1e-9
GROWING = 1.01
"""A recurrence with a root beyond it explodes: in 64 steps it doubles what it began with, in 500 it has grown a hundredfold."""
MOST_TRIED, MUCH_WORSE = 12, 3.0
"""Choices that are looked at for one that does not explode, and by how much its loss, a log, may be higher: a series that
explodes itself is not to be calmed."""


@register
class SSA(Model):
    """Project the window on the `rank` leading directions of the training windows, then run their recurrence.

    A sum of r/2 waves has rank r, whatever the noise: on the note's series rank 2 is all there is to know.

    >>> import numpy as np
    >>> x = 3.0 + np.sin(2 * np.pi * np.arange(200) / 25)
    >>> SSA(rank=2, window=40).fit(x[:150]).forecast(x[:150], horizon=3).round(6)
    array([3.      , 3.24869 , 3.481754])
    >>> x[150:153].round(6)
    array([3.      , 3.24869 , 3.481754])

    Where it wins and where it loses: told nothing, it reaches 0.202 at 64 steps on the note's series (noise 0.2). On a
    series that is not a sum of waves (an autoregression, a random walk) it misses by 30 % more than ``AR("auto")`` one step
    ahead, since few smooth directions cannot follow the last value; on the sunspots by 23 to 83 %, depending on where the
    training part ends. Let the data choose among families: ``select([AR("auto"), SSA(), StateSpace()], training, horizon)``.

    A recurrence may explode, on a short series above all: "auto" passes over such a choice for one that does not, unless that
    is far worse; where a root of the recurrence lies above 1.01 all the same, a note says so.

    Parameters
    ----------
    rank : number of directions kept, at least 1; two for each wave. "auto" chooses among 1 .. 8 by the loss over `horizon`
        steps on five cuts inside the training part.
    window : length of the window; "auto" is the smaller of 128 and a third of the training part where the rank is given, and
        else chosen with it among 16 .. 240 (8 below 48 values; below 24 there is no choice).
    horizon : how far the choice looks, cut to a quarter of the training part.

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
    rank_: int
    directions_: Array
    recurrence_: Array
    mean_: float

    def __init__(self, rank: int | str = "auto", window: int | str = "auto", horizon: int = 64) -> None:
        self.rank = rank
        self.window = window
        self.horizon = horizon

    def _check(self) -> None:
        rank = 1 if is_auto(self.rank) else whole("rank", self.rank, also=', or "auto"')
        if not is_auto(self.window):
            whole("window", self.window, rank + 1, also=', or "auto"')
        whole("horizon", self.horizon)

    def fit(self, series: Any) -> Self:
        """Fit on one series, or on the windows of a list of them pooled."""
        panel = self._begin(series)
        every = [run for part in in_fixed_order(panel) for run in runs(part.numbers)]
        self.mean_ = linear.level(every)
        flat = all((run == self.mean_).all() for run in every)
        if self.rank != "auto":
            window = self._fit_runs(every, int(self.rank), self._window(panel))
        elif flat:
            window = self._fit_runs(every, 1, self._windows(panel)[-1])
        else:
            window = self._choose(panel, every)
        alive = int(self.directions_.any(axis=0).sum())
        if alive < self.rank_ and not flat:
            self.notes_ += (note(f"{self.name}: the windows span only {alive} directions"),)
        growth = self._growth()
        if growth > GROWING:
            text = f"its recurrence grows by a factor of {growth:.4g} a step: far steps explode"
            self.notes_ += (note(f"{self.name}: {text}; take a lower rank or a longer window"),)
        return self._done(panel, window)

    def _fit_runs(self, every: list[Array], rank: int, window: int) -> int:
        """The directions and their recurrence; the window again."""
        stretches = [run for run in every if len(run) >= window]
        require(max((len(run) for run in stretches), default=0), window, f"one whole window of {self.name}")
        self._afford(6 * window, window, "the directions of", "Take a shorter window")
        sizes, vectors = subspace.directions(linear.standardised(stretches, self.mean_)[0], window)
        self.directions_ = np.ascontiguousarray(vectors[:, :rank] * (np.arange(rank) < subspace.alive(sizes)))
        self.recurrence_, verticality = subspace.recurrence(self.directions_)
        if verticality >= MOST_VERTICAL:
            raise FitError(
                f"{self.name}: the directions leave no recurrence (verticality {verticality:.6f}); take a lower rank or a "
                "longer window",
                code="no-recurrence",
                verticality=verticality,
            )
        self.rank_ = rank
        return window

    def _growth(self) -> float:
        """By how much the recurrence grows or shrinks a step in the long run: the modulus of its largest root."""
        return float(np.abs(linear.roots(self.recurrence_)[0])) if self.recurrence_.any() else 0.0

    def _window(self, panel: tuple[Series, ...]) -> int:
        if self.window != "auto":
            self._require(panel, int(self.window) + 1)
            return int(self.window)
        window = min(128, int(np.median([len(part) for part in panel])) // 3)
        self._require(panel, max(window + 1, 3 * (int(self.rank) + 1)))
        return window

    def _windows(self, panel: tuple[Series, ...]) -> list[int]:
        """The windows to try, longest first."""
        longest = max(len(part) for part in panel)
        if self.window != "auto":
            self._require(panel, int(self.window) + 1)
            return [int(self.window)]
        self._require(panel, int(np.ceil(ROOM * SHORTEST / selection.CUTS[0])))
        return [w for w in WINDOWS if ROOM * w <= selection.CUTS[0] * longest] or [SHORTEST]

    def _choose(self, panel: tuple[Series, ...], every: list[Array]) -> int:
        """Fit rank and window by the rolling loss, the mean of the whole training part staying what it is.

        Half a wave has a mean of 0.6: taken anew before each cut, it would cost a third of the accuracy. The loss looks a
        quarter of the series ahead and no farther: of a choice that explodes beyond it the next best takes the place.
        """
        grid = [(rank, window) for rank in RANKS for window in self._windows(panel) if rank < window]
        shared: dict[Any, Any] = {}
        most = max(self._windows(panel))
        self._afford((len(selection.CUTS) + 6) * most, most, "the choice of", "Take a shorter window, or name the rank")
        candidates = [Projection(rank, window, self.mean_, shared) for rank, window in grid]
        chosen, losses = selection.choose(candidates, panel, int(self.horizon))
        order = [chosen, *(place for place in np.argsort(losses, kind="stable") if place != chosen)]
        calmest: tuple[float, tuple[int, int]] = (float("inf"), grid[chosen])
        for place in [place for place in order if losses[place] <= losses[chosen] + MUCH_WORSE][:MOST_TRIED]:
            try:
                window = self._fit_runs(every, *grid[place])
            except FitError:
                continue
            growth = self._growth()
            if growth <= GROWING:
                return window
            calmest = min(calmest, (growth, grid[place]))
        return self._fit_runs(every, *calmest[1])

    def encode(self, values: Any, after: State | None = None) -> State:
        """[origins, window]: the last values, a zero-copy view."""
        return (joined_windows(self._values(values), self.context, after),)

    def plan(self, horizon: int) -> Roll:
        """The recurrence run out for each direction: [rank, horizon]."""
        self._afford(3 * horizon, self.context, f"the recurrence of {horizon:,} steps of", "Take fewer steps")
        return _planned(self.directions_, self.recurrence_, self.mean_, horizon)

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
            alive = np.diag(self.directions_.any(axis=0))
            if not np.allclose(products, alive, rtol=0.0, atol=1e-6):
                raise ValueError("directions_ should be of length 1, or 0, and at right angles")
            recurrence, verticality = subspace.recurrence(self.directions_)
        if verticality >= MOST_VERTICAL or not np.allclose(self.recurrence_, recurrence, rtol=1e-4, atol=1e-4):
            raise ValueError("recurrence_ is not that of directions_")


def _planned(onto: Array, recurrence: Array, mean: float, horizon: int) -> Roll:
    forward, _ = linear.operator(recurrence[None, :], np.zeros(1), horizon)
    with np.errstate(over="ignore", invalid="ignore"):  # a recurrence that explodes is found out where it is used
        outwards = np.ascontiguousarray((forward @ onto[1:]).T)

    def roll(state: State, out: Array | None) -> Array:
        ahead = np.matmul((state[0] - mean) @ onto, outwards, out=out)
        ahead += mean
        return ahead

    return roll


class Projection:
    """One rank and window as a candidate: a Forecaster whose mean is given, and whose decompositions all ranks share."""

    def __init__(self, rank: int, window: int, mean: float, shared: dict[Any, Any]) -> None:
        self.rank, self.context, self.mean, self.shared = rank, window, mean, shared

    def __deepcopy__(self, memo: Mapping[int, Any]) -> Projection:
        return Projection(self.rank, self.context, self.mean, self.shared)

    def fit(self, series: Any) -> Projection:
        """Directions of the windows before a cut, of one series or a list, decomposed once for all ranks."""
        parts = series if isinstance(series, list) else [series]
        key = (self.context, *(len(part) for part in parts))
        if key not in self.shared:
            every = [run for part in in_fixed_order(tuple(parts)) for run in runs(part.numbers)]
            stretches = [run for run in every if len(run) >= self.context]
            if max((len(run) for run in stretches), default=0) < ROOM * self.context:
                raise InputError("too short for this window", code="too-short")
            self.shared[key] = subspace.directions(linear.standardised(stretches, self.mean)[0], self.context)
        sizes, vectors = self.shared[key]
        self.onto = np.ascontiguousarray(vectors[:, : self.rank])
        self.recurrence, verticality = subspace.recurrence(self.onto)
        if subspace.alive(sizes) < self.rank or verticality >= MOST_VERTICAL:
            raise FitError("no recurrence", code="no-recurrence")
        return self

    def encode(self, values: Any, after: State | None = None) -> State:
        """[origins, window]: the last values."""
        return (joined_windows(values.numbers, self.context, after),)

    def rollout(self, state: State, horizon: int) -> Array:
        """[rows, horizon]."""
        return _planned(self.onto, self.recurrence, self.mean, horizon)(state, None)

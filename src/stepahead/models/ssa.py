"""Singular spectrum analysis: a window projected on few directions, and the linear recurrence they obey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import linear
from ..errors import FitError, note
from ..parameters import real, whole
from ..protocols import Array, Roll, State
from ..series import in_fixed_order
from ..storage import register
from ..windows import joined_windows, require, runs
from .model import Model

if TYPE_CHECKING:
    from typing import Self


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

    Parameters
    ----------
    rank : number of directions kept, at least 1; two for each wave.
    window : length of the window; by default the smaller of 128 and a third of the training part.

    Attributes
    ----------
    directions_ : [window, rank], orthonormal, oldest lag first.
    recurrence_ : [window - 1], the weights of the next value on the last window - 1, oldest first.
    mean_ : subtracted before and added after.

    Raises
    ------
    FitError : the directions leave no recurrence (verticality 1).

    Source: Golyandina & Zhigljavsky, "Singular Spectrum Analysis for Time Series" (2013), recurrent forecasting.
    """

    _learned = ("directions_", "recurrence_", "mean_")
    directions_: Array
    recurrence_: Array
    mean_: float

    def __init__(self, rank: int, window: int | None = None) -> None:
        self.rank = rank
        self.window = window

    def _check(self) -> None:
        rank = whole("rank", self.rank)
        if self.window is not None:
            whole("window", self.window, rank + 1)

    def fit(self, series: Any) -> Self:
        """Fit on one series, or on the windows of a list of them pooled."""
        panel = self._begin(series)
        typical = int(np.median([len(part) for part in panel]))
        window = min(128, typical // 3) if self.window is None else int(self.window)
        self._require(panel, max(window + 1, 3 * (int(self.rank) + 1) if self.window is None else 0))
        every = [run for part in in_fixed_order(panel) for run in runs(part.numbers)]
        stretches = [run for run in every if len(run) >= window]
        require(max((len(run) for run in stretches), default=0), window, f"one whole window of {self.name}")
        self.mean_ = linear.level(every)
        scaled, _ = linear.standardised(stretches, self.mean_)
        moments = np.sum([linear.gram(run, window, window) for run in scaled], axis=0)
        sizes, vectors = np.linalg.eigh(moments)
        rank = int(self.rank)
        alive = int((sizes > np.finfo(np.float64).eps * window * max(sizes[-1], 0.0)).sum())
        if alive < rank:
            self.notes_ += (note(f"{self.name}: the windows span only {alive} directions"),)
        directions = vectors[:, ::-1][:, :rank] * (np.arange(rank) < alive)
        last = directions[-1]
        verticality = float(last @ last)
        if verticality >= 1.0 - 1e-9:
            raise FitError(
                f"{self.name}: the directions leave no recurrence (verticality {verticality:.6f}); take a lower rank or a "
                "longer window",
                code="no-recurrence",
                verticality=verticality,
            )
        self.directions_ = np.ascontiguousarray(directions)
        self.recurrence_ = directions[:-1] @ last / (1.0 - verticality)
        return self._done(panel, window)

    def encode(self, values: Any, after: State | None = None) -> State:
        """[origins, window]: the last values, a zero-copy view."""
        return (joined_windows(self._values(values), self.context, after),)

    def plan(self, horizon: int) -> Roll:
        """The recurrence run out for each direction: [rank, horizon]."""
        onto = self.directions_
        forward, _ = linear.operator(self.recurrence_[None, :], np.zeros(1), horizon)
        with np.errstate(over="ignore", invalid="ignore"):  # a recurrence that explodes is found out where it is used
            outwards = np.ascontiguousarray((forward @ onto[1:]).T)

        def roll(state: State, out: Array | None) -> Array:
            ahead = np.matmul((state[0] - self.mean_) @ onto, outwards, out=out)
            ahead += self.mean_
            return ahead

        return roll

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        real("mean_", self.mean_)
        if self.window is not None and self.context != self.window:
            raise ValueError("context and window differ")
        return {"directions_": (self.context, int(self.rank)), "recurrence_": (self.context - 1,)}

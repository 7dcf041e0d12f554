"""Autoregressions on several sets of lags, averaged; of the values, or of their steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..numerics import lag_sets
from ..numerics.adjustment import PAIRS, takes_waves, wave_columns
from ..numerics.lag_sets import Averaged
from ..parameters import flag, is_auto
from ..protocols import Array, Batch, FittedBatch, Index, Roll, State
from ..seasons import checked_season, resolve
from ..series import Series, in_fixed_order
from ..storage import register
from ..windows import history, joined_windows, lagged
from .adjusted import long_season
from .model import Model, Shapes

FITTED_CELLS = 1 << 22
"""Most numbers that the operators of the series fitted at a time may hold."""


@register
class AveragedAR(Model):
    """Linear autoregressions on several sets of lags, averaged by how well each explains the training part.

    >>> import stepahead as sa
    >>> model = AveragedAR(steps=True).fit(sa.datasets.nile())
    >>> model.forecast(sa.datasets.nile(), horizon=5)[[0, 4]].round(4)
    array([724.3788, 727.3247])

    The sets are no lags at all, 1 to 4 and 8 lags, 16 and 32 of long series, and with a season m the sets {m},
    {1, m, m + 1}, {1, 2, m, m + 1, m + 2} and all up to m + 1 (up to 2 m + 1 for m of at most 4), where the longest lag
    is at most a third of the values. All are fitted on the same rows and weigh exp(-AICc / 2). No set's forecast goes
    further than 50 standard deviations.

    Parameters
    ----------
    steps : whether x_t - x_(t-1) is forecast, and added up from the last value.
    season : as of ``ExponentialSmoothing``.

    Attributes
    ----------
    coefficients_ : [sets, lags] of those that weigh anything, oldest lag first. intercepts_, weights_ : [sets].
    mean_, std_ : of the training part, or of its steps; coefficients are for values in that unit.
    waves_, turn_ : as of ``ExponentialSmoothing``: they are taken off first.

    Source: averages by information criterion: Burnham & Anderson, "Model selection and multimodel inference" (2002).
    """

    _learned = ("coefficients_", "intercepts_", "weights_", "mean_", "std_", "waves_", "turn_")
    _costs = {"rollout": lambda m, rows, steps: rows * (m.context + 2 * steps)}
    coefficients_: Array
    intercepts_: Array
    weights_: Array
    mean_: float
    std_: float
    waves_: Array
    turn_: float

    def __init__(self, steps: bool = False, season: Any = "auto") -> None:
        self.steps = steps
        self.season = season

    def _check(self) -> None:
        flag("steps", self.steps)
        if not is_auto(self.season):
            self.season = checked_season(self.season)

    @property
    def name(self) -> str:
        """``AveragedAR``, with what differs from the default."""
        return repr(self).removesuffix("()")

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        parts = [part.numbers[None] for part in in_fixed_order(panel) if not np.isnan(part.numbers).all()]
        waves, period = long_season(parts, resolve(self.season, panel).period or 1)
        self.waves_, self.turn_ = waves.waves[0], float(waves.turn)
        parts = [waves.taken_off(part) for part in parts] if self.waves_.any() else parts
        if self.steps:
            self._require(panel, 2)
            parts = [np.diff(part) for part in parts if part.shape[1] > 1]
        count = int(max((~np.isnan(part)).sum() for part in parts))
        found = lag_sets.averaged(parts, count, period)
        kept = found.weights[0] > 0.0
        lags = _reach(found.coefficients[0, kept])
        self.coefficients_ = found.coefficients[0, kept][:, found.coefficients.shape[2] - lags :]
        self.intercepts_, self.weights_ = found.intercepts[0, kept], found.weights[0, kept]
        self.mean_, self.std_ = float(found.mean[0]), float(found.std[0])
        return max(lags + self.steps, 1)

    def _encode(self, values: Array, after: State | None) -> State:
        """[origins, lags]: the last values, a zero-copy view where none is missing and no waves are taken off; of those
        also the time, [origins, 1].

        A missing value is stepped over: the model's own forecast of it stands in its place.
        """
        time = 0 if after is None or not self._waves else int(after[1][-1, 0])
        if self._waves:
            times = np.arange(float(time), float(time + len(values)))
            values = np.asarray(values - wave_columns(times, self.turn_) @ self.waves_)
        windows = joined_windows(values, self.context, after)
        if np.isnan(values).any():
            windows = self._stepped_over(values, after)
        if not self._waves:
            return (windows,)
        return windows, (time + len(values) - np.arange(len(windows))[::-1, None]).astype(np.float64)

    @property
    def _waves(self) -> bool:
        return bool(self.waves_.any())

    def _stepped_over(self, values: Array, after: State | None) -> Array:
        """[origins, lags]: windows in which a forecast stands for a value that is missing."""
        led = values.copy() if after is None else np.concatenate([after[0][-1], values])
        roll = self._rolled(1)
        for at in np.flatnonzero(np.isnan(led)):
            window = led[at - self.context : at]
            if at >= self.context and not np.isnan(window).any():
                led[at] = roll(window[None])[0, 0]
        return lagged(led, self.context)[0 if after is None else 1 :]

    def _rolled(self, horizon: int) -> Callable[[Array], Array]:
        """The roll-out of windows [rows, context], without the waves."""
        matrices, constants = lag_sets.operators(self.coefficients_, self.intercepts_, horizon)
        lags = self.coefficients_.shape[1]

        def roll(window: Array) -> Array:
            own = np.diff(window, axis=1) if self.steps else window
            own = (own[:, own.shape[1] - lags :] - self.mean_) / self.std_
            ahead = self.mean_ + self.std_ * lag_sets.ahead(own, matrices, constants, self.weights_)
            return np.asarray(window[:, -1:] + np.cumsum(ahead, axis=1) if self.steps else ahead)

        return roll

    def _plan(self, horizon: int) -> Roll:
        roll, steps = self._rolled(horizon), np.arange(float(horizon))

        def with_waves(state: State, out: Array | None) -> Array:
            found = roll(state[0])
            return found + wave_columns(state[1] + steps, self.turn_) @ self.waves_ if self._waves else found

        return with_waves

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """Each series by itself, with the season that was given."""
        if is_auto(self.season) or batch.heads.shape[1] <= self.steps:
            return []
        period = resolve(self.season, None).period or 1
        if takes_waves(period, batch.heads.shape[1]):
            return []
        heads = np.diff(batch.heads, axis=1) if self.steps else batch.heads
        sets = lag_sets.lag_sets(heads.shape[1], period)
        longest = max((lags[-1] for lags in sets if lags), default=0)
        size = max(1, FITTED_CELLS // (len(sets) * batch.horizon * (longest + 1) + (longest + 2) ** 2))
        found: list[FittedBatch] = []
        for start in range(0, len(heads), size):
            own = lag_sets.averaged([heads[start : start + size]], heads.shape[1], period)
            operators = lag_sets.operators(own.coefficients, own.intercepts, batch.horizon)
            rows = batch.all[start : start + size]
            found.append(LagSets(rows, batch.horizon, longest + self.steps, batch.kept, self.steps, own, *operators))
        return found

    def _shapes(self) -> Shapes:
        sets, lags = self.coefficients_.shape if self.coefficients_.ndim == 2 else (None, None)
        return {
            "coefficients_": (None, lags),
            "intercepts_": (sets,),
            "weights_": (sets,),
            "mean_": (),
            "std_": (),
            "waves_": (2 * PAIRS,),
            "turn_": (),
        }

    def _check_learned(self) -> None:
        if self.context != max(self.coefficients_.shape[1] + self.steps, 1):
            raise ValueError("context does not fit the lags")
        if not (self.std_ > 0.0 and self.turn_ >= 1.0):
            raise ValueError("std_ or turn_ is too small")
        if not ((self.weights_ > 0.0).all() and abs(self.weights_.sum() - 1.0) < 1e-6):
            raise ValueError("weights_ are no shares of 1")


def _reach(coefficients: Array) -> int:
    """The longest lag that any of the sets [sets, lags], oldest lag first, reads."""
    used = np.flatnonzero((coefficients != 0.0).any(axis=0))
    return coefficients.shape[1] - int(used[0]) if len(used) else 0


@dataclass(frozen=True)
class LagSets:
    """Fitted sets of lags of many series, with their k-step operators [series, sets, horizon, lags]."""

    rows: Index
    width: int
    lags: int
    kept: Index
    steps: bool
    sets: Averaged
    matrices: Array
    constants: Array

    @property
    def context(self) -> int:
        """Values that are read."""
        return max(self.lags, 1)

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]."""
        mean, std = self.sets.mean[part, None], self.sets.std[part, None]
        read = np.diff(values, axis=1) if self.steps else values
        lags = self.matrices.shape[3]
        window = history((read - mean) / std, lags, first - self.steps, count)
        out = np.zeros((len(read), self.width, count))
        for place in range(self.matrices.shape[1]):
            weight = self.sets.weights[part, place]
            if not weight.any():
                continue
            own = np.matmul(self.matrices[part, place], window) + self.constants[part, place][:, :, None]
            out += weight[:, None, None] * own.clip(-lag_sets.REACH, lag_sets.REACH)
        out = mean[:, :, None] + std[:, :, None] * out
        if self.steps:
            out = values[:, None, first - 1 : first - 1 + count] + np.cumsum(out, axis=1)
        return np.asarray(out[:, self.kept - 1])

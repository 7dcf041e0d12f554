"""Wrappers around a model: scaled, differenced, rectified. What they need at the origin is kept in the state."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from ..distributions import Samples
from ..draws import keys
from ..errors import InputError, ParameterError
from ..known_ahead import leads_of, reads_of
from ..numerics import linear
from ..parameters import one_of, real, whole
from ..protocols import (
    Array,
    Batch,
    Batched,
    Column,
    FittedBatch,
    Forecaster,
    Index,
    InThreeWays,
    Roll,
    State,
    UsesColumns,
    WindowReader,
    notes_of,
    states_of,
)
from ..series import Series, in_fixed_order
from ..storage import register
from ..walk import blocks, check_forecaster, name_of, planned, take, walk
from ..windows import as_rows, history, joined_windows, lagged, runs, targets, targets_of_batch
from .model import Model, Shapes
from .selection import REACH
from .windowed import pairs_of
from .wrapped import AddedUp, Corrected, Rescaled

if TYPE_CHECKING:
    from typing import Self

DRAWS = 256
"""Number of paths of a distribution that has no closed form."""


def fit_inner(model: Forecaster, parts: list[Series]) -> Any:
    """A fitted copy of the inner model, which must be one of numbers."""
    inner: Any = copy.deepcopy(model)
    fitted = inner.fit(parts if len(parts) > 1 else parts[0])
    if states_of(fitted) is not None:
        raise ParameterError(
            f"{name_of(model)} is a model of symbols, and what it forecasts cannot be scaled or "
            "added up: give it bins=, or "
            "take a model of numbers",
            code="parameter",
            name="model",
        )
    return fitted


def check_inner(found: Any, wanted: Any, context: int, least: int) -> None:
    """Refuse a loaded inner model that is of another kind, or whose context is not that of the wrapper around it."""
    if not alike(found, wanted) or states_of(found) is not None or context != max(found.context, least):
        raise ValueError("the fitted part does not fit the model")


def alike(one: Any, other: Any) -> bool:
    """Whether two models have the same arguments, down to the innermost. A torch module is the caller's, and in no
    file.
    """
    if type(one) is not type(other):
        return False
    if isinstance(one, Model):
        theirs = other.get_params()
        return all(alike(value, theirs[name]) for name, value in one.get_params().items())
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(alike, one, other))
    is_data = one is None or isinstance(one, (str, int, float))
    return not is_data or bool(one == other)


def ways_around(wrapper: Any, horizon: int) -> dict[str, Any]:
    """The same wrapper around the inner model of each strategy."""
    found = {}
    for name, inner in (wrapper.model.ways(horizon) if isinstance(wrapper.model, InThreeWays) else {}).items():
        found[name] = copy.copy(wrapper)
        found[name].model = inner
    return found


class Wrapping(Model):
    """What every wrapper has: the model inside, which is copied and fitted as `model_`."""

    model: Forecaster
    model_: Any

    def __init__(self, model: Forecaster) -> None:
        self.model = model

    def _check(self) -> None:
        check_forecaster(self.model)

    @property
    def name(self) -> str:
        """The wrapper around the name of the inner model, ``Scaled(AR(4))``."""
        return f"{type(self).__name__}({name_of(self.__dict__.get('model_', self.model))})"

    def _done(self, context: int) -> Self:
        """Fitted: it uses the columns of the model inside."""
        try:
            columns = self.model_.columns_
        except AttributeError:  # somebody's model, which declares none
            columns = ()
        if columns:
            self.columns_ = tuple(columns)
        return super()._done(context)

    def columns_on(self, series: Series) -> tuple[tuple[Column, ...], int | None]:
        """Those of the inner model."""
        return self.model.columns_on(series) if isinstance(self.model, UsesColumns) else ((), None)

    @property
    def leads(self) -> int:
        """As many as the inner model."""
        return leads_of(self.__dict__.get("model_"))

    def reads(self, steps: Any) -> Any:
        """Up to which step the inner model reads the columns known ahead to forecast so many."""
        return np.maximum(steps, reads_of(self.__dict__.get("model_"), steps))


@register
class Scaled(Wrapping):
    """Wrapper that standardises: the model sees the series less a mean, in units of a standard deviation.

    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> Scaled(sa.MLP(lags=4)).fit(series[:604]).name
    'Scaled(MLP(4))'
    >>> Scaled(sa.AR(lags=8), by="window").fit(series[:604]).forecast(series, horizon=2).shape
    (2,)

    Parameters
    ----------
    model : any Forecaster of numbers. It is copied, never fitted in place.
    by : "train" takes mean and deviation of the training part, once. "window" takes those of each window: the level of
        the series may then wander. That needs a model that reads a window: AR, MLP, Windowed, from_torch.

    Attributes
    ----------
    model_ : the fitted copy; mean_, std_ : of the training part (std_ is 1 for a constant).

    Raises
    ------
    ParameterError : by="window" around a model that does not read a window.
    """

    _learned = ("model_", "mean_", "std_")
    mean_: float
    std_: float

    def __init__(self, model: Forecaster, by: str = "train") -> None:
        super().__init__(model)
        self.by = by

    def _check(self) -> None:
        super()._check()
        one_of("by", self.by, ("train", "window"))
        lags: Any = self.model.lags if isinstance(self.model, WindowReader) else None
        if self.by == "window" and not isinstance(lags, Integral):
            raise ParameterError(
                'by="window" needs a model that reads a window of so many lags (AR, MLP, Windowed, from_torch), not '
                f"{name_of(self.model)}",
                code="parameter",
                name="by",
            )
        if self.by == "window" and int(lags) < 3:
            raise ParameterError(
                'by="window" needs at least 3 lags: of two values nothing is left once mean '
                "and deviation are taken away",
                code="parameter",
                name="by",
            )

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        """Under one common scale for all series, or each window under its own."""
        segments = [run for part in in_fixed_order(panel) for run in runs(part.numbers)]
        self.mean_ = linear.mean_of(segments)
        self.std_ = float(_deviation(segments, self.mean_))
        if self.by == "train":
            self.model_ = fit_inner(self.model, [self._scaled(part) for part in panel])
        else:
            if isinstance(self.model, UsesColumns) and self.model.columns_on(panel[0])[0]:
                raise ParameterError(
                    f'by="window" scales each window by itself, and {name_of(self.model)} uses other columns: take '
                    'by="train", or Regressed(Scaled(.., by="window"), on=..)',
                    code="parameter",
                    name="by",
                )
            inner: Any = copy.deepcopy(self.model)
            inner._check()
            X, Y = pairs_of(inner, panel, self.name)
            self._afford(6 * len(X), sum(X.shape[1:] + Y.shape[1:]), "the windows of", "Take fewer lags")
            windows, mean, deviation = _standard(X)
            inner._given(X.shape[1])
            self.model_ = inner.fit_pairs(windows, (Y - mean) / deviation)
            self.model_.trained_lengths_, self.model_.trained_fingerprints_ = (
                self.trained_lengths_,
                self.trained_fingerprints_,
            )
        self.notes_ += notes_of(self.model_)
        return int(self.model_.context)

    def _scaled(self, series: Series) -> Series:
        return series.with_values((series.numbers - self.mean_) / self.std_)

    def _encode_series(self, series: Series, after: State | None) -> State:
        """The state of the inner model on the scaled series, each array [origins, ...]; by window the window itself."""
        if self.by == "window":
            return (joined_windows(series.numbers, self.context, after),)
        return tuple(self.model_.encode(self._scaled(series), after))

    def _plan(self, horizon: int) -> Roll:
        """The inner roll-out, in the unit of the series."""
        inner = planned(self.model_, horizon)

        def roll(state: State, out: Array | None, *ahead: Array) -> Array:
            if self.by == "train":
                return inner(state, None, *ahead) * self.std_ + self.mean_
            self._afford(5 * len(state[0]), self.context, "the windows of", "Take fewer lags")
            windows, mean, deviation = _standard(state[0])
            return inner((windows,), None) * deviation + mean

        return roll

    @property
    def _predictive(self) -> Callable[[State, int], Any]:
        """(state, horizon) -> the inner distribution in the unit of the series, [rows, horizon];
        only where there is one.
        """
        inner = self.model_.predictive
        if self.by == "window":
            raise AttributeError("a model scaled by the window has no distribution")
        return lambda state, horizon, *ahead: inner(state, horizon, *ahead).scaled(self.std_, self.mean_)

    @property
    def _paths(self) -> Callable[..., Array]:
        """(state, horizon, n, seed, origins) -> [n, rows, horizon]: the inner paths in the unit of the series,
        if any.
        """
        inner = self.model_.paths
        if self.by == "window":
            raise AttributeError("a model scaled by the window has no distribution")
        return lambda *given: inner(*given) * self.std_ + self.mean_

    def ways(self, horizon: int) -> dict[str, Any]:
        """The same around each way of the inner model."""
        return ways_around(self, horizon)

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """The inner models on scaled series, where they are fitted in a batch."""
        if self.by != "train" or not isinstance(self.model, Batched):
            return []
        mean = linear.mean_of([batch.heads])
        std = _deviation([batch.heads], mean)
        heads, peaks = (batch.heads - mean[:, None]) / std[:, None], (batch.peaks + np.abs(mean)) / std
        inner = self.model.fit_batch(Batch(heads, peaks, batch.horizon, batch.kept))
        return [Rescaled(one.rows, one.width, one.context, one, mean[one.rows], std[one.rows]) for one in inner]

    def _shapes(self) -> Shapes:
        check_inner(self.model_, self.model, self.context, 0)
        return {"mean_": (), "std_": ()}

    def _check_learned(self) -> None:
        if not self.std_ > 0.0:
            raise ValueError("std_ should be above 0")


def _deviation(runs: Sequence[Array], mean: Any) -> Array:
    """[series]: the standard deviation of the values of all runs; 1 where they are all the same."""
    variance, exponent = linear.spread(runs, mean)
    return np.where(variance > 0.0, np.ldexp(np.sqrt(variance), exponent), 1.0)


def _standard(windows: Array) -> tuple[Array, Array, Array]:
    """Each window less its mean, over its standard deviation; and both, [rows, 1].
    A flat window has a deviation of 1.
    """
    # In a unit of its own, a power of two, which is exact: its squares stay within the range of numbers.
    exponents = np.frexp(np.abs(windows).max(axis=1, keepdims=True))[1].clip(-1000, 1000)
    windows = windows * np.ldexp(1.0, -exponents)
    mean = windows.mean(axis=1, keepdims=True)
    centred = windows - mean
    # Centred twice: at a high level the first mean has a rounding error that least squares would fit.
    rest = centred.mean(axis=1, keepdims=True)
    centred -= rest
    mean = mean + rest
    deviation = np.sqrt((centred * centred).mean(axis=1, keepdims=True))
    unit = np.ldexp(1.0, exponents)
    flat = (deviation <= 1e-12 * np.abs(mean)) | (deviation * unit == 0.0)
    deviation = np.where(flat, 1.0, deviation)
    return np.where(flat, 0.0, centred / deviation), mean * unit, np.where(flat, 1.0, deviation * unit)


@register
class Differenced(Wrapping):
    """Wrapper that differences: the model sees x_t - x_(t-1), and its forecasts are summed from the last value.

    >>> import stepahead as sa
    >>> Differenced(sa.baselines.Mean()).fit([1.0, 3.0, 5.0]).forecast([1.0, 3.0, 10.0], horizon=2)
    array([12., 14.])

    Parameters
    ----------
    model : any Forecaster of numbers. It is copied, never fitted in place.

    Attributes
    ----------
    model_ : the fitted copy.
    """

    _learned = ("model_",)

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        """Fit the inner model on the steps of each series."""
        self._require(panel, 2)
        self.model_ = fit_inner(self.model, [_steps(part, None) for part in panel])
        self.notes_ += notes_of(self.model_)
        return int(self.model_.context) + 1

    def _encode_series(self, series: Series, after: State | None) -> State:
        """The state of the inner model on the steps, and the last value, each array [origins, ...]."""
        numbers = series.numbers
        if after is None:
            inner = self.model_.encode(_steps(series, None))
            return (*inner, numbers[self.context - 1 :])
        inner = self.model_.encode(_steps(series, float(after[-1][-1])), after[:-1])
        return (*inner, numbers)

    def _plan(self, horizon: int) -> Roll:
        """The inner roll-out, added up."""
        inner = planned(self.model_, horizon)
        return lambda state, out, *ahead: state[-1][:, None] + np.cumsum(inner(state[:-1], None, *ahead), axis=1)

    @property
    def _paths(self) -> Callable[..., Array]:
        """(state, horizon, n, seed, origins) -> [n, rows, horizon]: the inner paths, added up;
        only where there are any.
        """
        inner = self.model_.paths

        def draw(state: State, horizon: int, n: int, seed: int, origins: Index, *ahead: Array) -> Array:
            steps = inner(state[:-1], horizon, n, seed, origins, *ahead)
            return np.asarray(state[-1][:, None] + np.cumsum(steps, axis=2))

        return draw

    @property
    def _predictive(self) -> Callable[[State, int], Samples]:
        """(state, horizon) -> Samples [rows, horizon], of 256 paths: the distributions of single steps do not add up,
        paths do.

        The draws of a row are keyed by its state: they depend on nothing beside it, and differ from row to row, so that
        the error of drawing averages out over many origins.
        """
        _ = self.model_.predictive  # a net has paths and no `predictive`: Sampled gives it one
        draw = self._paths
        return lambda state, horizon, *ahead: Samples(draw(state, horizon, DRAWS, 0, keys(state), *ahead))

    def ways(self, horizon: int) -> dict[str, Any]:
        """The same around each way of the inner model."""
        return ways_around(self, horizon)

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """The inner models on the steps of the series, where they are fitted in a batch."""
        if not isinstance(self.model, Batched) or batch.heads.shape[1] < 2:
            return []
        every = np.arange(1, batch.horizon + 1)
        inner = self.model.fit_batch(Batch(np.diff(batch.heads, axis=1), 2.0 * batch.peaks, batch.horizon, every))
        return [AddedUp(one.rows, max(one.width, batch.horizon), one.context + 1, one, batch.kept) for one in inner]

    def _shapes(self) -> Shapes:
        check_inner(self.model_, self.model, self.context, self.model_.context + 1)
        return {}


def _steps(series: Series, before: float | None) -> Series:
    """x_t - x_(t-1): one value fewer, unless the value before the first is given. Other columns stay as they are."""
    if before is None:
        tail: Series = series[1:]
        return tail.with_values(np.diff(series.numbers))
    return series.with_values(np.diff(series.numbers, prepend=before))


@register
class Rectified(Wrapping):
    """Wrapper that rectifies a recursive model: its forecast at k plus a regression r_k of its error on the last
    values.

    The model is rolled out inside the training part, and a ridge regression for each step learns the errors. The
    recursion keeps its low variance, and its bias at each step is removed. On ``datasets.noisy_sine`` it lowers the
    RMSE of a small net from 0.357 to 0.297 at 64 steps and that of AR(64) a little; it does not help where the window
    is too short.

    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> model = Rectified(sa.AR(lags=64), horizon=64).fit(series[:604])
    >>> model.forecast(series, horizon=64).shape
    (64,)

    Parameters
    ----------
    model : any Forecaster of numbers. It is copied, never fitted in place.
    horizon : the steps that are corrected; steps beyond it are the model's own. By default those of the evaluation,
        else 64.
    ridge : the penalty, as a share of the size of the regression: 0.1 is a tenth of the mean of its squared window
        columns.

    Attributes
    ----------
    model_ : the fitted copy; correction_ : [horizon, context]; shift_ : [horizon].

    Raises
    ------
    InputError : the training part has no origin with all `horizon` targets.

    Source: Ben Taieb & Hyndman, "Recursive and direct multi-step forecasting: the best of both worlds" (2012).
    """

    _learned = ("model_", "correction_", "shift_")
    correction_: Array
    shift_: Array

    def __init__(self, model: Forecaster, horizon: int | None = None, ridge: float = 0.1) -> None:
        super().__init__(model)
        self.horizon = horizon
        self.ridge = ridge

    def _check(self) -> None:
        super()._check()
        self.ridge = real("ridge", self.ridge, above=0.0)
        self.horizon = None if self.horizon is None else whole("horizon", self.horizon)

    @property
    def _corrected(self) -> int:
        """How many steps are corrected."""
        return self.horizon or REACH

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        """Fit the inner model, then its errors by step at every origin of the training part with all targets in it."""
        horizon = self._corrected
        self.model_ = fit_inner(self.model, list(panel))
        lags = max(int(self.model_.context), 1)
        self._require(panel, lags + horizon)
        self._afford(
            sum(len(part) for part in panel), 3 * lags + 5 * horizon, "the errors of", "Take a smaller horizon="
        )
        windows, wanted, forecasts = [], [], []
        for part in in_fixed_order(panel):
            found = walk(self.model_, part, lags, len(part) - horizon, horizon)
            origins, numbers = found.origins, part.numbers
            windows.append(lagged(numbers, lags)[as_rows(origins, lags)] if len(origins) else np.empty((0, lags)))
            wanted.append(targets(numbers, origins, np.arange(1, horizon + 1)))
            forecasts.append(found.table(horizon))
        X, Y, ahead = np.vstack(windows), np.vstack(wanted), np.vstack(forecasts)
        good = ~(np.isnan(X).any(axis=1) | np.isnan(Y).any(axis=1))
        X, Y, ahead = X[good], Y[good], ahead[good]
        if not len(X):
            raise InputError(
                f"{self.name}: no origin of the training part has all {horizon} targets", code="too-short", found=0
            )
        (correction,), (self.shift_,) = self._corrections(X.T[None], Y.T[None], ahead.T[None])
        self.correction_ = np.ascontiguousarray(correction)
        self.notes_ += notes_of(self.model_)
        return lags

    def _encode_series(self, series: Series, after: State | None) -> State:
        """The state of the inner model and the last values, each array [origins, ...]."""
        window = joined_windows(series.numbers, self.context, None if after is None else after[-1:])
        inner = self.model_.encode(series, None if after is None else after[:-1])
        # The inner model may be ready before the window is full.
        return (*take(inner, slice(len(inner[0]) - len(window), None)), window)

    def _plan(self, horizon: int) -> Roll:
        """The inner roll-out, and the corrections of its steps."""
        inner, steps = planned(self.model_, horizon), min(horizon, len(self.shift_))
        correction, shift = np.ascontiguousarray(self.correction_[:steps].T), self.shift_[:steps]

        def roll(state: State, out: Array | None, *known: Array) -> Array:
            ahead = inner(state[:-1], None, *known).copy()
            ahead[:, :steps] += state[-1] @ correction + shift
            return ahead

        return roll

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """The inner models and their errors by step, where they are fitted in a batch."""
        if not isinstance(self.model, Batched):
            return []
        own, length = self._corrected, batch.heads.shape[1]
        every = np.arange(1, max(own, batch.horizon) + 1)
        found: list[FittedBatch] = []
        for inner in self.model.fit_batch(Batch(batch.heads, batch.peaks, int(every[-1]), every)):
            lags = max(inner.context, 1)
            count = length - own - lags + 1
            if count < 1:
                continue
            correction, shift = np.empty((len(inner.rows), own, lags)), np.empty((len(inner.rows), own))
            for part in blocks(len(inner.rows), count * max(inner.width, lags + own)):
                heads = batch.heads[inner.rows[part]]
                X, ahead = history(heads, lags, lags, count), inner.ahead(part, heads, lags, count)[:, :own]
                correction[part], shift[part] = self._corrections(
                    X, targets_of_batch(heads, lags, count, every[:own]), ahead
                )
            found.append(Corrected(inner.rows, max(inner.width, lags), lags, inner, correction, shift, batch.kept))
        return found

    def _corrections(self, X: Array, Y: Array, ahead: Array) -> tuple[Array, Array]:
        """What is learned of windows X [series, lags, origins], targets Y [series, horizon, origins] and their
        forecasts: [series, horizon, lags] and [series, horizon].
        """
        # Below 1 by a power of two, which is exact: squares stay within the range of numbers, whatever the unit.
        exponents = linear.scale_exponent([part.reshape(len(part), -1) for part in (X, Y, ahead)], 0.0)[:, None, None]
        X, E = np.ldexp(X, -exponents), np.ldexp(Y, -exponents) - np.ldexp(ahead, -exponents)
        mean, missed = X.mean(axis=2, keepdims=True), E.mean(axis=2, keepdims=True)
        X -= mean
        moments = np.matmul(X, X.transpose(0, 2, 1))
        size = np.trace(moments, axis1=1, axis2=2)[:, None, None] / X.shape[1]
        penalty = np.where(size > 0.0, self.ridge * size, 1.0)
        weights = np.linalg.solve(moments + penalty * np.eye(X.shape[1]), np.matmul(X, (E - missed).transpose(0, 2, 1)))
        weights = weights.transpose(0, 2, 1)
        with np.errstate(over="ignore"):  # an overflow is raised by the roll-out
            return weights, np.ldexp((missed - np.matmul(weights, mean))[:, :, 0], exponents[:, 0])

    def _shapes(self) -> Shapes:
        check_inner(self.model_, self.model, self.context, 1)
        return {"correction_": (self._corrected, self.context), "shift_": (self._corrected,)}

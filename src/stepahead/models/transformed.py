"""Wrappers around a model that sees transformed values: their logarithms, or a Box-Cox transform."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..distributions import Mixture, Normal, Samples, Transformed, transformed, transformed_back
from ..errors import InputError
from ..parameters import is_auto, real, refuse
from ..protocols import Array, Forecaster, Index, PlannedDistributional, Roll, State, has_distribution, notes_of
from ..seasons import find_seasons
from ..series import Series, in_fixed_order
from ..storage import register
from ..walk import name_of, planned
from .model import Shapes
from .wrappers import DRAWS, Wrapping, check_inner, fit_inner, ways_around

POWERS = np.arange(101) / 100.0
"""The powers that ``power="auto"`` tries: 0, 0.01 .. 1."""
GROUP = 4
"""Values in a group where there is no season."""
FEWEST_GROUPS = 3


class _Transformed(Wrapping):
    """Around a model of transformed values; a subclass says which power, and what it learns."""

    @property
    def _power(self) -> float:
        raise NotImplementedError

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        """Fit the inner model on the transformed values of each series."""
        self._settle(panel)
        self.model_ = fit_inner(self.model, [self._there(part) for part in panel])
        self.notes_ += notes_of(self.model_)
        if not has_distribution(self.model_):
            self._note(
                f"{name_of(self.model_)} has no distribution, so that a forecast is a median, which lies below the "
                "mean; AR, StateSpace, HMM, and a net inside wrappers.Sampled have one"
            )
        return int(self.model_.context)

    def _settle(self, panel: tuple[Series, ...]) -> None:
        """What is learned before the inner model is fitted."""

    def _positive(self, series: Series) -> Array:
        """The values, none of them at or below 0."""
        numbers = series.numbers
        low = np.flatnonzero(numbers <= 0.0)
        if len(low):
            place = int(low[0])
            found = float(self._outwards(numbers[place]))
            many = f", one of {len(low)}" if len(low) > 1 else ""
            raise InputError(
                f"{self.name}: the value at {series.when(place)} is {found:g}{many}, and at or below 0 "
                f"there is no logarithm and no power: add a constant to the series that makes all values positive, or "
                f"take {name_of(self.model)} without {type(self).__name__}",
                code="not-positive",
                position=place,
                found=found,
            )
        return numbers

    def _there(self, series: Series) -> Series:
        """The series, transformed."""
        return series.with_values(transformed(self._positive(series), self._power))

    def _encode_series(self, series: Series, after: State | None) -> State:
        """The state of the inner model on the transformed series, each array [origins, ...]."""
        return tuple(self.model_.encode(self._there(series), after))

    def _plan(self, horizon: int) -> Roll:
        """The mean of the distribution in the unit of the series; without a distribution the inner roll-out,
        transformed back.
        """
        if has_distribution(self.model_):
            distribution = self._planned_distribution(horizon)
            return lambda state, out, *ahead: np.asarray(distribution(state, *ahead).mean())
        inner = planned(self.model_, horizon)
        return lambda state, out, *ahead: transformed_back(inner(state, None, *ahead), self._power)

    def _planned_distribution(self, horizon: int) -> Callable[..., Any]:
        model, power = self.model_, self._power
        inner: Callable[..., Any] = (
            model.plan_predictive(horizon)
            if isinstance(model, PlannedDistributional)
            else lambda state, *ahead: model.predictive(state, horizon, *ahead)
        )

        def distribution(state: State, *ahead: Array) -> Transformed | Samples:
            found = inner(state, *ahead)
            if isinstance(found, (Normal, Mixture)):
                return Transformed(found, power)
            if isinstance(found, Samples):
                return Samples(transformed_back(found.draws, power))
            # Of any other kind its quantiles, which a transform takes along exactly.
            levels = (np.arange(DRAWS) + 0.5) / DRAWS
            return Samples(transformed_back(np.stack([found.quantile(level) for level in levels]), power))

        return distribution

    @property
    def _predictive(self) -> Callable[[State, int], Any]:
        """(state, horizon) -> the inner distribution, transformed back; only where there is one."""
        _ = self.model_.predictive
        return lambda state, horizon, *ahead: self._planned_distribution(horizon)(state, *ahead)

    @property
    def _paths(self) -> Callable[..., Array]:
        """(state, horizon, n, seed, origins) -> [n, rows, horizon]: the inner paths, transformed back, if any."""
        inner = self.model_.paths

        def draw(state: State, horizon: int, n: int, seed: int, origins: Index, *ahead: Array) -> Array:
            return transformed_back(inner(state, horizon, n, seed, origins, *ahead), self._power)

        return draw

    def ways(self, horizon: int) -> dict[str, Any]:
        """The same around each way of the inner model."""
        return ways_around(self, horizon)

    def _shapes(self) -> Shapes:
        check_inner(self.model_, self.model, self.context, 0)
        return {}


@register
class Logged(_Transformed):
    """Wrapper that takes logarithms: for values above 0 that grow, or swing, by a share of their size.

    The mean of exp(x) lies above exp of the mean of x. So the forecast is the mean in the unit of the series: with a
    normal distribution of centre c and deviation s inside exp(c + s**2 / 2), exactly; with sampled paths (``Sampled``,
    ``Differenced``) the mean of the draws. A model without a distribution (a net, ``SSA``, a baseline) gives a median,
    and a note says so.

    >>> import numpy as np
    >>> import stepahead as sa
    >>> growing = np.exp(0.02 * np.arange(200) + np.random.default_rng(0).normal(0.0, 0.1, 200))
    >>> model = Logged(sa.AR(lags=4)).fit(growing[:150])
    >>> model.forecast(growing, horizon=2).round(1)
    array([52.3, 54.6])
    >>> state = tuple(array[[-1]] for array in model.encode(growing))
    >>> model.predictive(state, 2).quantile(0.5).round(1)  # medians lie below
    array([[52. , 54.2]])

    Parameters
    ----------
    model : any Forecaster of numbers. It is copied, never fitted in place.

    Attributes
    ----------
    model_ : the fitted copy.

    Raises
    ------
    InputError : a value at or below 0 (code ``not-positive``).

    Source: Granger & Newbold, "Forecasting transformed series" (1976).
    """

    _learned = ("model_",)
    _any_size = True  # a logarithm has no unit, and the model inside has one of its own

    @property
    def _power(self) -> float:
        return 0.0


@register
class BoxCox(_Transformed):
    """Wrapper that takes a Box-Cox transform, (x**power - 1) / power: between values as they are and their logarithms.

    The forecast is the mean in the unit of the series, an integral over the distribution inside; quantiles transform
    exactly. A model without a distribution gives a median, and a note says so, as in ``Logged``.

    >>> import numpy as np
    >>> import stepahead as sa
    >>> counts = np.random.default_rng(0).poisson(np.linspace(5.0, 200.0, 200)) + 1.0
    >>> BoxCox(sa.AR(lags=4)).fit(counts).power_
    0.54

    Parameters
    ----------
    model : any Forecaster of numbers. It is copied, never fitted in place.
    power : from 0, the logarithm, to 1, no transform but a shift. Below 0 the mean of a forecast would not be finite.
        "auto" takes of 0, 0.01 .. 1 the one whose spread depends least on the level, by Guerrero's method: the values
        are cut into groups of one season (that of ``seasons.find_seasons``; without one 4 values), counted from the
        end, and the coefficient of variation of s / m**(1 - power) over the groups is least, with mean m and standard
        deviation s of each. Groups with a missing value are left out.

    Where the largest value of the training part is beyond 2 ** 20 or below 2 ** -20, x is in units of a power of two
    near it, whatever the power: a transform of tiny values as they are would lose their digits.

    Attributes
    ----------
    model_ : the fitted copy; power_ : the power in use.

    Raises
    ------
    InputError : a value at or below 0 (code ``not-positive``); with "auto" fewer than 3 whole groups.

    Sources: Box & Cox, "An analysis of transformations" (1964); Guerrero, "Time-series analysis supported by power
    transformations" (Journal of Forecasting 12, 1993).
    """

    _learned = ("model_", "power_")
    _ordinary = 20  # x**power - 1 keeps fewer digits the smaller x is, and none of 1e-16
    power_: float

    def __init__(self, model: Forecaster, power: float | str = "auto") -> None:
        super().__init__(model)
        self.power = power

    def _check(self) -> None:
        super()._check()
        if not is_auto(self.power):
            if isinstance(self.power, str):
                raise refuse("power", self.power, '"auto", or a number from 0 to 1')
            self.power = real("power", self.power, least=0.0, most=1.0)

    @property
    def _power(self) -> float:
        return self.power_

    def _settle(self, panel: tuple[Series, ...]) -> None:
        for part in panel:
            self._positive(part)
        self.power_ = self._guerrero(panel) if is_auto(self.power) else float(self.power)

    def _guerrero(self, panel: tuple[Series, ...]) -> float:
        season = find_seasons(list(panel) if len(panel) > 1 else panel[0]).period or GROUP
        self._require(panel, FEWEST_GROUPS * season)
        groups = np.concatenate(
            [part.numbers[len(part) % season :].reshape(-1, season) for part in in_fixed_order(panel)]
        )
        groups = groups[~np.isnan(groups).any(axis=1)]
        if len(groups) < FEWEST_GROUPS:
            raise InputError(
                f'{self.name}: power="auto" needs {FEWEST_GROUPS} groups of {season} values in a row, and found '
                f"{len(groups)}: name the power",
                code="too-short",
                needed=FEWEST_GROUPS,
                found=len(groups),
            )
        # In units of their size, so that powers of them stay in the range of numbers.
        groups = groups / groups.max()
        mean, spread = groups.mean(axis=1), groups.std(axis=1, ddof=1)
        relative = spread / mean ** (1.0 - POWERS[:, None])
        average = relative.mean(axis=1)
        if not (average > 0.0).all():
            return 1.0  # constant in each group: any power is as good, and this one changes least
        variation = relative.std(axis=1, ddof=1) / average
        return float(POWERS[np.flatnonzero(variation <= variation.min() * (1.0 + 1e-9))[-1]])

    def _shapes(self) -> Shapes:
        return {**super()._shapes(), "power_": ()}

    def _check_learned(self) -> None:
        real("power_", self.power_, least=0.0, most=1.0)
        if not is_auto(self.power) and self.power_ != self.power:
            raise ValueError(f"power_ is {self.power_} where {self.power} was given")

"""Wrapper that gives any model columns known ahead: a regression on them, and the model of what is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..covariates import PAST, group_of
from ..distributions import Mixture
from ..errors import InputError, ParameterError
from ..known_ahead import ALONE, ahead_rows, named, on_panel, settle, told
from ..parameters import one_of, whole
from ..protocols import (
    Array,
    Baseline,
    Column,
    Combination,
    Forecaster,
    Index,
    Roll,
    State,
    UsesColumns,
    Wrapper,
    columns_of,
    inside,
    notes_of,
)
from ..series import Series, in_fixed_order
from ..storage import register
from ..walk import planned
from ..windows import projected, runs
from . import selection
from .ar import AR
from .baselines import Mean
from .model import Shapes
from .wrappers import Wrapping, check_inner, fit_inner

if TYPE_CHECKING:
    from typing import Self

WEIGHTS = ("level", "one-step", "steps")
"""Ways to the weights, from simple to complex."""


@register
class Regressed(Wrapping):
    """Regression on columns known ahead, with any model for what is left: y_t = z_t . coefficients + n_t.

    >>> import stepahead as sa
    >>> series = sa.datasets.shop(seed=0)
    >>> model = Regressed(sa.AR(7), on=["promo", "holiday", "weekday"]).fit(series[:657])
    >>> model.name, model.columns_[0], model.coefficients_[:2].round(0)
    ('Regressed(AR(7)) with promo, holiday, weekday', Column(name='promo', kind='known'), array([55., 74.]))
    >>> model.forecast(series, horizon=28).shape
    (28,)

    Parameters
    ----------
    model : any Forecaster of numbers, of what the regression leaves. It is copied, never fitted in place.
    on : names of columns known ahead; "known", the default, is all of them.
    weights : how the coefficients are found. "level": least squares of the values on the columns. "one-step": by turns
        them and an autoregression of what they leave, which serves the first step. "steps": the errors at 1, 2, 4 ..
        `horizon` steps together. "auto" takes the way with the least loss over `horizon` steps on five cuts inside the
        training part: of AR and of baselines their own loss, of other models, which may be slow, that of an
        autoregression in their place.
    horizon : the largest step that the weights are chosen by; by default that of the evaluation, else 64.

    Attributes
    ----------
    coefficients_ : [columns], in the order of `columns_`; weights_ : the way in use; model_ : the fitted copy.

    Raises
    ------
    InputError : a column that the series lacks, or one that is not known ahead.

    Source: Cochrane & Orcutt (1949) for "one-step"; "steps" chooses by what is asked of the model, many steps.
    """

    _learned = ("model_", "coefficients_", "weights_")
    learns, kind = True, "columns"
    coefficients_: Array
    weights_: str

    def __init__(
        self, model: Forecaster, on: Sequence[str] = ("known",), weights: str = "auto", horizon: int | None = None
    ) -> None:
        super().__init__(model)
        self.on = on
        self.weights = weights
        self.horizon = horizon

    @property
    def is_baseline(self) -> bool:
        """Whether it is the columns alone: their level, and nothing of the past."""
        return isinstance(self.model, Mean) and self.weights == "level"

    @property
    def name(self) -> str:
        """Around the name of the inner model, with the columns: ``Regressed(AR(7)) with promo``; without a model of the
        past, ``promo alone``.
        """
        own = self.columns_[: self._own] if self.columns_ else ()
        if self.is_baseline:
            return told("", named(self.on), own).removeprefix(" with ") + ALONE
        return told(super().name, named(self.on), own)

    @property
    def _looks_ahead(self) -> bool:
        """Whether `horizon` matters: not for the level."""
        return self.weights not in ("level", "one-step")

    @property
    def _own(self) -> int:
        """How many of the columns are those of the regression; the others are the inner model's."""
        return len(self.coefficients_) if "coefficients_" in self.__dict__ else len(self.columns_)

    def _check(self) -> None:
        super()._check()
        self.on = named(self.on)
        if not self.on:
            raise ParameterError("on= names the columns known ahead; it is empty", code="parameter", name="on")
        one_of("weights", self.weights, ("auto", *WEIGHTS))
        self.horizon = None if self.horizon is None else whole("horizon", self.horizon)

    def columns_on(self, series: Series) -> tuple[tuple[Column, ...], int | None]:
        """The columns of the regression, and those that the inner model adds, with its reach."""
        columns = on_panel((series,), named(self.on), self.name)
        past = next((column for column in columns if column.kind == PAST), None)
        if past is not None:
            name = group_of(past.name)
            raise InputError(
                f"{self.name} needs {name} at the step that it forecasts, and {name} is past: give it to "
                "AR(.., using=, chunk=) with as many steps as are asked, or series.foreseen(..), an upper bound",
                code="column-kind",
                column=name,
            )
        inner, reach = super().columns_on(series)
        return (*columns, *(column for column in inner if column not in columns)), reach

    # -- fitting ------------------------------------------------------------------------------------------------

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        """The weights, and the inner model on what they leave."""
        self.columns_on(panel[0])
        settle(self, panel, self.on)
        self.weights_ = self._way(panel) if self.weights == "auto" else self.weights
        self.coefficients_ = self._weights(panel)
        self.coefficients_.flags.writeable = False
        self.model_ = fit_inner(self.model, [self._left(part) for part in panel])
        self.notes_ += notes_of(self.model_)
        return int(self.model_.context)

    def _done(self, context: int) -> Self:
        """Fitted: it uses the columns of the model inside after its own."""
        own = self.columns_
        done = super()._done(context)
        more = tuple(column for column in columns_of(self.model_) if column not in own)
        if own or more:
            self.columns_ = (*own, *more)
        return done

    def _way(self, panel: tuple[Series, ...]) -> str:
        """The way to the weights with the least loss over the steps on cuts inside the training part."""
        if not self.columns_:
            return "level"
        from ..numerics import column_weights  # here: nothing else needs it

        parts = [part for part in inside(self.model) if not isinstance(part, (Wrapper, Combination))]
        own = all(isinstance(part, AR) or (isinstance(part, Baseline) and part.is_baseline) for part in parts)
        inner = self.model if own else AR(column_weights.order(self._segments(panel), self._level(panel)))
        tried = [Regressed(inner, self.on, way, self.horizon) for way in WEIGHTS]
        reach = tried[0].columns_on(panel[0])[1]
        try:
            return WEIGHTS[selection.choose(tried, panel, min(self._reach(), reach or self._reach()))[0]]
        except InputError:  # nothing could be fitted before a cut, or scored behind it
            self._note("too few values to choose the weights by cuts inside them, level is taken")
            return WEIGHTS[0]

    def _reach(self) -> int:
        return int(self.horizon or selection.REACH)

    def _level(self, panel: tuple[Series, ...]) -> Array:
        from ..numerics import column_weights

        return column_weights.by_level(self._segments(panel))

    def _weights(self, panel: tuple[Series, ...]) -> Array:
        """[columns] by the way in use."""
        from ..numerics import column_weights

        if not self.columns_:
            return np.zeros(0)
        segments, level = self._segments(panel), self._level(panel)
        if self.weights_ == "level":
            return level
        lags: Any = getattr(self.model, "lags", None)
        order = lags if isinstance(lags, int) else column_weights.order(segments, level)
        longest = max(len(y) for y, _ in segments)
        order = max(1, min(order, longest // 4))
        if self.weights_ == "one-step":
            return column_weights.one_step(segments, order)
        return column_weights.many_steps(segments, order, self._reach())

    def _segments(self, panel: tuple[Series, ...]) -> list[tuple[Array, Array]]:
        """The contiguous segments in which values and columns are all known."""
        found = []
        for part in in_fixed_order(panel):
            known = ahead_rows(part.beside, self.columns_, self.name)[: len(part)]
            self._afford(len(part), 6 * (known.shape[1] + 1), "the columns of", "Take a smaller train=")
            gaps = np.where(np.isnan(known).any(axis=1), np.nan, part.numbers)
            place = np.where(np.isnan(gaps), np.nan, np.arange(len(gaps)))
            for run in runs(place):
                rows = slice(int(run[0]), int(run[-1]) + 1)
                found.append((part.numbers[rows], known[rows]))
        if not found:
            raise InputError(f"fitting {self.name}: no row has a value and all columns", code="missing-values", found=0)
        return found

    def _left(self, series: Series) -> Series:
        """What the regression leaves of the values."""
        if not len(self.coefficients_):
            return series
        own = self.columns_[: self._own]
        known = ahead_rows(series.beside, own, self.name)[: len(series)]
        return series.with_values(series.numbers - projected(known[:, None], self.coefficients_)[:, 0])

    # -- use ----------------------------------------------------------------------------------------------------

    def _encode_series(self, series: Series, after: State | None) -> State:
        """The state of the inner model on what the regression leaves."""
        return tuple(self.model_.encode(self._left(series), after))

    def _inner_ahead(self, ahead: tuple[Array, ...]) -> tuple[Array, ...]:
        """What the inner model is handed: its own columns, in its own order."""
        wanted = [column for column in columns_of(self.model_) if column.kind != PAST]
        if not columns_of(self.model_):
            return ()
        known = [column for column in self.columns_ if column.kind != PAST]
        return (ahead[0][:, :, [known.index(column) for column in wanted]],)

    def _shift(self, ahead: tuple[Array, ...], horizon: int) -> Any:
        """[rows, horizon] what the columns say of each step."""
        count = len(self.coefficients_)  # those behind are the inner model's alone
        return projected(ahead[0][:, :horizon, :count], self.coefficients_) if count else 0.0

    def _plan(self, horizon: int) -> Roll:
        """The inner roll-out, and what the columns say."""
        inner = planned(self.model_, horizon)
        return lambda state, out, *ahead: inner(state, None, *self._inner_ahead(ahead)) + self._shift(ahead, horizon)

    @property
    def _predictive(self) -> Callable[..., Any]:
        """(state, horizon, ahead) -> the inner distribution, moved by what the columns say; only where there is one."""
        inner = self.model_.predictive

        def moved(state: State, horizon: int, *ahead: Array) -> Any:
            found, shift = inner(state, horizon, *self._inner_ahead(ahead)), self._shift(ahead, horizon)
            return found.scaled(1.0, shift[:, :, None] if isinstance(found, Mixture) and np.ndim(shift) else shift)

        return moved

    @property
    def _paths(self) -> Callable[..., Array]:
        """(state, horizon, n, seed, origins, ahead) -> [n, rows, horizon]: the inner paths, moved, if any."""
        inner = self.model_.paths

        def draw(state: State, horizon: int, n: int, seed: int, origins: Index, *ahead: Array) -> Array:
            drawn = inner(state, horizon, n, seed, origins, *self._inner_ahead(ahead))
            return np.asarray(drawn + self._shift(ahead, horizon))

        return draw

    def _shapes(self) -> Shapes:
        check_inner(self.model_, self.model, self.context, 0)
        one_of("weights_", self.weights_, WEIGHTS)
        return {"coefficients_": (len(self.columns_) - self._added(),)}

    def _added(self) -> int:
        """How many columns only the inner model uses; what is no column of either is refused."""
        count = len(self.coefficients_) if np.ndim(self.coefficients_) == 1 else 0
        own, rest = self.columns_[:count], self.columns_[count:]
        if any(column.kind == PAST for column in own) or any(c not in columns_of(self.model_) for c in rest):
            raise ValueError("columns_ does not fit the model inside")
        if any(column not in self.columns_ for column in columns_of(self.model_)):
            raise ValueError("columns_ does not fit the model inside")
        return len(rest)


def alone(groups: Sequence[str]) -> Regressed:
    """The baseline of columns alone: their level, and nothing of the past."""
    return Regressed(Mean(), tuple(groups), "level")


def known_groups(model: Any, series: Series) -> tuple[str, ...]:
    """What the known columns are called that a model would use on a series."""
    if not isinstance(model, UsesColumns):
        return ()
    return tuple(dict.fromkeys(group_of(c.name) for c in model.columns_on(series)[0] if c.kind != PAST))

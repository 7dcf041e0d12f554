"""Models around a model."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import linear
from ..protocols import Array, Forecaster, State
from ..series import Series, as_series
from ..storage import register
from ..walk import check_forecaster, name_of
from ..windows import runs
from .model import Model

if TYPE_CHECKING:
    from typing import Self


@register
class Scaled(Model):
    """A model that sees the series less its training mean, in units of its training standard deviation.

    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> Scaled(sa.MLP(lags=4)).fit(series[:604]).name
    'Scaled(MLP(4))'

    Parameters
    ----------
    model : any Forecaster of numbers. It is copied, never fitted in place.

    Attributes
    ----------
    model_ : the fitted copy; mean_, std_ : of the training part (std_ is 1 for a constant).
    """

    _learned = ("model_", "mean_", "std_")
    model_: Any
    mean_: float
    std_: float

    def __init__(self, model: Forecaster) -> None:
        self.model = model

    def _check(self) -> None:
        check_forecaster(self.model)

    @property
    def name(self) -> str:
        """``Scaled(MLP(4))``."""
        return f"Scaled({name_of(self.model)})"

    def fit(self, series: Any) -> Self:
        """Fit on one series, or on a list of them under one common scale."""
        panel = self._begin(series)
        stretches = [run for part in panel for run in runs(part.numbers)]
        self.mean_ = linear.level(stretches)
        scaled, exponent = linear.standardised(stretches, self.mean_)
        count = sum(len(run) for run in scaled)
        spread = float(np.ldexp(np.sqrt(sum(float(run @ run) for run in scaled) / count), exponent))
        self.std_ = spread if spread > 0.0 else 1.0
        parts = [self._scaled(part) for part in panel]
        self.model_ = copy.deepcopy(self.model).fit(parts if len(parts) > 1 else parts[0])
        self.notes_ = tuple(getattr(self.model_, "notes_", ()))
        self.context = int(self.model_.context)
        return self

    def encode(self, values: Any, after: State | None = None) -> State:
        """The state of the inner model on the scaled series, each array [origins, ...]."""
        _ = self.context
        return tuple(self.model_.encode(self._scaled(as_series(values)), after))

    def _scaled(self, series: Series) -> Series:
        self._accept(series)
        return series.with_values((series.numbers - self.mean_) / self.std_)

    def rollout(self, state: State, horizon: int) -> Array:
        """[rows, horizon], in the unit of the series."""
        return np.asarray(self.model_.rollout(state, horizon) * self.std_ + self.mean_)

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        float(self.mean_), float(self.std_)
        if type(self.model_) is not type(self.model) or self.model_.context != self.context:
            raise ValueError("the fitted part is of another kind than the model")
        return {}

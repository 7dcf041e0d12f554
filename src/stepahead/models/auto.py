"""The default forecaster: four models that fail in different ways, combined step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..parameters import is_auto
from ..protocols import Array
from ..seasons import checked_season, resolve
from ..series import Series
from ..storage import register
from .averaged import SHORTEST, Combined, near
from .averaged_ar import AveragedAR
from .baselines import Naive
from .exponential_smoothing import ExponentialSmoothing
from .model import Shapes
from .theta import Theta

NEAR = 0.02
"""Of the mean step: how far, times values of the training part and the root of the step, autoregressions may go outside
of the two smoothers. A short series cannot bear a wild one."""


@register
class Auto(Combined):
    """Exponential smoothing, Theta, and autoregressions of the values and of their steps, combined step by step.

    >>> import stepahead as sa
    >>> model = Auto(horizon=5).fit(sa.datasets.nile())
    >>> model.forecast(sa.datasets.nile(), horizon=5).round(1)
    array([786.3, 800.1, 807.6, 791.6, 806.3])
    >>> model.weights_[:, 0].round(2)
    array([0.27, 0.28, 0.21, 0.24])

    The members are `ExponentialSmoothing`, `Theta`, `AveragedAR` and ``AveragedAR(steps=True)``, each an average
    itself, and no choice is made by hand. They are combined as `Averaged` does it. The autoregressions are kept within
    .02 n s sqrt(k) outside of the two others, s being the mean step of n seasonally adjusted values. Fewer than five
    values: the last one is repeated.

    Parameters
    ----------
    season : as of ``ExponentialSmoothing``.
    horizon, origins : as of ``Averaged``.

    Attributes
    ----------
    models_, weights_, errors_, missing_ : as of ``Averaged``, the members in the order above.
    step_ : the mean step s. count_ : the number n of values.

    Source: combinations of simple forecasts were among the best of the M competitions: Makridakis & Hibon, "The
    M3-Competition" (2000); Petropoulos & Svetunkov, "A simple combination of univariate models" (2020).
    """

    _learned = (*Combined._learned, "step_", "count_")
    step_: float
    count_: float

    def __init__(self, season: Any = "auto", horizon: int | None = None, origins: int | None = None) -> None:
        self.season = season
        self.horizon = horizon
        self.origins = origins

    def _check(self) -> None:
        super()._check()
        if not is_auto(self.season):
            self.season = checked_season(self.season)

    @property
    def name(self) -> str:
        """``Auto``; with a season that was given ``Auto(season=12)``."""
        return "Auto" if is_auto(self.season) else f"Auto(season={self.season})"

    def _members(self, panel: tuple[Series, ...]) -> list[Any]:
        if max(len(part) for part in panel) < SHORTEST:
            self._note(f"fewer than {SHORTEST} values: the last one is repeated")
            return [Naive()]
        return _four(resolve(self.season, panel).period)

    def _batch_members(self) -> list[Any]:
        return [] if is_auto(self.season) else _four(resolve(self.season, None).period)

    def _forecasts(self, models: Sequence[Any], aheads: list[Array], panel: Sequence[Series]) -> list[Array]:
        if len(models) < 4 or models[0] is None or models[1] is None:
            return aheads
        step, count = _mean_step(models[0], panel)
        return _near(aheads, step, count)

    def _settle(self, panel: tuple[Series, ...]) -> None:
        first = self.models_.models[0]
        self.step_, self.count_ = _mean_step(first, panel) if isinstance(first, ExponentialSmoothing) else (0.0, 0.0)

    def _used(self, aheads: list[Array]) -> list[Array]:
        return _near(aheads, self.step_, self.count_) if len(aheads) == 4 else aheads

    def _reaches(self, fitted: Sequence[Any], heads: Array) -> Array:
        adjusted = fitted[0].adjustment.taken_off(heads)
        return np.asarray(NEAR * heads.shape[1] * np.abs(np.diff(adjusted, axis=1)).mean(axis=1))

    def _shapes(self) -> Shapes:
        return {**super()._shapes(), "step_": (), "count_": ()}

    def _check_learned(self) -> None:
        super()._check_learned()
        kinds = [type(model) for model in self.models_.models]
        if kinds not in ([Naive], [ExponentialSmoothing, Theta, AveragedAR, AveragedAR]):
            raise ValueError("the members are none of this model")


def _four(period: int | None) -> list[Any]:
    return [
        ExponentialSmoothing(period),
        Theta(period),
        AveragedAR(season=period),
        AveragedAR(steps=True, season=period),
    ]


def _mean_step(smoothing: ExponentialSmoothing, panel: Sequence[Series]) -> tuple[float, float]:
    """The mean size of a step of the adjusted values, and how many values the longest series has."""
    found = smoothing.adjustment_
    sizes = [np.abs(np.diff(found.taken_off(part.numbers[None])[0])) for part in panel]
    steps = np.concatenate(sizes)
    steps = steps[~np.isnan(steps)]
    count = max(int((~np.isnan(part.numbers)).sum()) for part in panel)
    return (float(steps.mean()) if len(steps) else 0.0), float(count)


def _near(aheads: list[Array], step: float, count: float) -> list[Array]:
    """`near` of forecasts [rows, horizon]."""
    found = near([own.T[None] for own in aheads], np.array([NEAR * count * step]))
    return [own[0].T for own in found]

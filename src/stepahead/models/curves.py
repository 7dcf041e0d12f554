"""Curves over time, fitted by least squares: a straight line, a value for each phase of a season, both, or harmonics of
a period.

Their forecasts depend on the time of the target alone. Time is counted in steps, missing ones too, from the first value
that `encode` is given: a series that begins with the training part keeps its times, and so does a piece with `after`.
Of any other series, or a window cut out of one, the first value counts as the first of the training part.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..numerics import linear
from ..numerics.phases import Clock, Sums
from ..parameters import whole
from ..protocols import Array, Batch, FittedBatch, Head, Roll, State
from ..series import Series, in_fixed_order
from ..storage import register
from ..windows import runs
from .model import Model, Shapes
from .simple import Curve, expect

MOST_PAIRS = 2


class OverTime(Model):
    """A straight line plus a value for each phase, of which a subclass learns one or both."""

    is_baseline = learns = True
    _costs = {"fit": lambda m, values, longest: 6 * values + 8 * m._phases, "plan": lambda m, steps: 8 * m._phases}
    _slopes: ClassVar[bool] = False

    @property
    def _phases(self) -> int:
        """How many phases there are."""
        raise NotImplementedError

    def _keep(self, level: Array, sums: Sums) -> None:
        """Learn from sums of one series, or pooled ones."""
        raise NotImplementedError

    def _curves(self) -> tuple[Array, Array | None]:
        """What was learned: the values of the phases, [period], and the slope, or None."""
        raise NotImplementedError

    def _side_by_side(self, level: Array, sums: Sums) -> tuple[Array, Array | None]:
        """The same of many series: [series, period], and [series] or None."""
        raise NotImplementedError

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        parts = [part.numbers for part in in_fixed_order(panel)]
        level = linear.mean_of([run for part in parts for run in runs(part)])
        sums = Sums(Clock.of([~np.isnan(part) for part in parts], self._phases))
        for part in parts:
            sums.add(part[None] - level)
        self._keep(level, sums)
        return 0

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """Each series by itself, where a season fits into the training part."""
        length = batch.heads.shape[1]
        if self._phases > length:
            return []
        level = linear.mean_of([batch.heads])
        sums = Sums(Clock.of([np.ones(length, dtype=bool)], self._phases))
        sums.add(batch.heads - level[:, None])
        phases, slope = self._side_by_side(level, sums)
        return [Curve(batch.all, batch.kept, phases, slope)]

    def fit_pieces(self, head: Head, length: int) -> bool:
        """One pass over the pieces; values are taken relative to the first."""
        self._ask("fit", 0, 0)
        level, begin = np.empty(()), 0
        sums = Sums(Clock.whole(length, self._phases))
        for values in head():
            level = np.array(values[0]) if not begin and len(values) else level
            sums.add(values[None] - level, begin)
            begin += len(values)
        self._keep(level, sums)
        self.context = 0
        return True

    def _shapes(self) -> Shapes:
        own: Shapes = {"slope_": ()} if self._slopes else {}
        return {**expect(self.context, 0), **own}

    def _encode(self, values: Array, after: State | None) -> State:
        """[origins, 1]: how many values came before."""
        if after is None:
            return (np.arange(len(values) + 1.0)[:, None],)
        return (after[0][-1] + np.arange(1.0, len(values) + 1.0)[:, None],)

    def _plan(self, horizon: int) -> Roll:
        phases, slope = self._curves()
        steps = np.arange(float(horizon))

        def roll(state: State, out: Array | None) -> Array:
            times = state[0] + steps
            found = (
                phases[(times % len(phases)).astype(np.intp)] if len(phases) > 1 else np.full(times.shape, phases[0])
            )
            return found if slope is None else np.asarray(found + slope * times)

        return roll


@register
class Line(OverTime):
    """Straight line fitted to the training part by least squares, extrapolated.

    >>> Line().fit([1.0, 2.0, 3.0, 4.0]).forecast([1.0, 2.0, 3.0, 4.0, 9.0], horizon=2)
    array([6., 7.])

    A forecast depends on the time of its target alone, the number of steps from the first value given: pass the series
    from its beginning.

    Attributes
    ----------
    intercept_ : the line at the first value. slope_ : its rise per step, 0 for a single value.
    """

    _learned = ("intercept_", "slope_")
    _slopes = True
    kind = "line"
    intercept_: float
    slope_: float

    @property
    def _phases(self) -> int:
        return 1

    def _keep(self, level: Array, sums: Sums) -> None:
        phases, slope = sums.sloped(level)
        self.intercept_, self.slope_ = float(phases[0, 0]), float(slope[0])

    def _curves(self) -> tuple[Array, Array | None]:
        return np.array([self.intercept_]), np.array(self.slope_)

    def _side_by_side(self, level: Array, sums: Sums) -> tuple[Array, Array | None]:
        return sums.sloped(level)

    def _shapes(self) -> Shapes:
        return {**super()._shapes(), "intercept_": ()}


@register
class Phases(OverTime):
    """Seasonal means: the mean of each phase of a season, such as of all Mondays.

    >>> Phases(2).fit([1.0, 5.0, 3.0, 7.0]).forecast([1.0, 5.0, 3.0], horizon=3)
    array([6., 2., 6.])

    The first value given is taken to be at the first phase of the training part: pass the series from its beginning.

    Parameters
    ----------
    season : number of steps in a season, at least 1.

    Attributes
    ----------
    phases_ : [season] the means; of a phase that was never seen the mean of all values.
    """

    _learned: ClassVar[tuple[str, ...]] = ("phases_",)
    kind = "phases"
    phases_: Array

    def __init__(self, season: int) -> None:
        self.season = season

    def _check(self) -> None:
        self.season = whole("season", self.season)

    @property
    def _phases(self) -> int:
        return self.season

    def _keep(self, level: Array, sums: Sums) -> None:
        self.phases_ = sums.means(level)[0]
        self.phases_.flags.writeable = False

    def _curves(self) -> tuple[Array, Array | None]:
        return self.phases_, None

    def _side_by_side(self, level: Array, sums: Sums) -> tuple[Array, Array | None]:
        return sums.means(level), None

    def _shapes(self) -> Shapes:
        return {**super()._shapes(), "phases_": (self.season,)}


@register
class LinePhases(Phases):
    """A straight line plus a value for each phase of a season, together by least squares.

    >>> LinePhases(2).fit([1.0, 5.0, 3.0, 7.0]).forecast([1.0, 5.0, 3.0, 7.0], horizon=3)
    array([5., 9., 7.])

    The first value given is taken to be at the time of the first training value: pass the series from its beginning.

    Parameters
    ----------
    season : number of steps in a season, at least 1.

    Attributes
    ----------
    phases_ : [season] the values of the phases where the line begins; a phase that was never seen lies on the line.
    slope_ : the rise of the line per step, 0 where no phase was seen twice.
    """

    _learned = ("phases_", "slope_")
    _slopes = True
    kind = "line-phases"
    slope_: float

    def _keep(self, level: Array, sums: Sums) -> None:
        phases, slope = sums.sloped(level)
        self.phases_, self.slope_ = phases[0], float(slope[0])
        self.phases_.flags.writeable = False

    def _curves(self) -> tuple[Array, Array | None]:
        return self.phases_, np.array(self.slope_)

    def _side_by_side(self, level: Array, sums: Sums) -> tuple[Array, Array | None]:
        return sums.sloped(level)


@register
class Harmonic(OverTime):
    """A smooth curve of a period: the mean and up to two pairs of cosine and sine, by least squares.

    >>> year = [10.0, 12.0, 10.0, 8.0]
    >>> Harmonic(4).fit(year * 3).forecast(year, horizon=4).round(6)
    array([10., 12., 10.,  8.])

    The first value given is taken to be at the first phase of the training part: pass the series from its beginning.

    Parameters
    ----------
    season : number of steps in a season, at least 1. Below 4 there is one pair, and none for 1; a sine that vanishes at
        every step is left out.

    Attributes
    ----------
    coefficients_ : [columns] of 1, and of cos and sin (2 pi j t / period) for j = 1, 2; of minimum norm where the
        training part does not determine them.
    """

    _learned = ("coefficients_",)
    kind = "harmonic"
    coefficients_: Array

    def __init__(self, season: int) -> None:
        self.season = season

    def _check(self) -> None:
        self.season = whole("season", self.season)

    @property
    def _phases(self) -> int:
        return self.season

    def _keep(self, level: Array, sums: Sums) -> None:
        self.coefficients_ = sums.weights(level, waves(self.season))[0]
        self.coefficients_.flags.writeable = False

    def _curves(self) -> tuple[Array, Array | None]:
        return _combined(self.coefficients_[None], waves(self.season))[0], None

    def _side_by_side(self, level: Array, sums: Sums) -> tuple[Array, Array | None]:
        columns = waves(self.season)
        return _combined(sums.weights(level, columns), columns), None

    def _shapes(self) -> Shapes:
        pairs = min(MOST_PAIRS, self.season // 2)
        return {**super()._shapes(), "coefficients_": (1 + 2 * pairs - (pairs * 2 == self.season),)}


def waves(period: int) -> Array:
    """[columns, period]: 1, and the pairs of cosine and sine at each phase, without a sine that is 0 at all of them."""
    phase, columns = np.arange(period), [np.ones(period)]
    for pair in range(1, min(MOST_PAIRS, period // 2) + 1):
        angle = 2.0 * np.pi / period * (pair * phase % period)
        columns += [np.cos(angle)] if 2 * pair == period else [np.cos(angle), np.sin(angle)]
    return np.stack(columns)


def _combined(weights: Array, columns: Array) -> Array:
    """[series, period]: column after column, so that each series gets bitwise the same result as by itself."""
    found = np.repeat(weights[:, :1], columns.shape[1], axis=1)
    for weight, column in zip(weights.T[1:], columns[1:], strict=True):
        found += weight[:, None] * column
    return found

"""External forecasts as single cells, the form to which all input formats are converted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ... import times as clock
from ...distributions import Samples
from ...errors import InputError
from ...protocols import Array, Index, Mask
from ...quantiles import Quantiles
from ...series import Series


@dataclass(frozen=True)
class Spread:
    """How each forecast is distributed: [cells, m] quantiles at rising levels, or where these are None draws.

    crossing : [cells] where quantiles crossed that are sorted by now. is_median : whether the forecasts are the medians
    of the draws, not points that came with them.
    """

    values: Array
    levels: tuple[float, ...] | None = None
    crossing: Mask | None = None
    is_median: bool = True

    def table(self, cells: Index, places: Index, shape: tuple[int, int], points: Array) -> Quantiles | Samples:
        """The distribution of rows and steps: of these cells, each at its place [rows * steps]; with the points beside
        quantiles.
        """
        out = np.empty((shape[0] * shape[1], self.values.shape[1]))
        out[places] = self.values[cells]
        found = out.reshape(*shape, -1)
        if self.levels is None:
            return Samples(np.ascontiguousarray(np.moveaxis(found, -1, 0)))
        made = Quantiles(self.levels, found, mean=points)
        if self.crossing is not None:
            made.crossing.ravel()[places] |= self.crossing[cells]
        return made


@dataclass(frozen=True)
class Cells:
    """External forecasts as arrays, each [cells]: the series, the origin, the index of the target, the value; and where
    each came from.

    A target after the end of the series has an index of at least the length of the series.
    """

    part: Index
    origin: Index
    target: Index
    value: Array
    where: Callable[[int], str]
    name: str | None = None
    spread: Spread | None = None
    notes: tuple[str, ...] = ()
    """How each forecast was computed from the input, if it was: "the median of 200 draws"."""

    @property
    def step(self) -> Index:
        """The number of steps ahead, from 1, [cells]."""
        return self.target - self.origin + 1


def places(series: Series, times: clock.Times, where: Callable[[int], str]) -> Index:
    """The index of each time in the series, [cells]; the length of the series for a time after its end.
    Any other time is an error.
    """
    wanted = clock.as_labels(times.labels, len(times))
    labels, own = series.times, series.stamps
    if labels is None or own is None:
        if wanted.dtype.kind not in "iu":
            raise InputError(
                f"the forecasts have times ({wanted.dtype}) and the series has none: give it its own with "
                "Series(values, times=...)",
                code="time-kind",
            )
        labels = np.arange(len(series))
    if (labels.dtype.kind == "M") != (wanted.dtype.kind == "M"):
        raise InputError(
            f"the times of the forecasts are {wanted.dtype} and those of the series "
            f"{labels.dtype}: both have to be dates, "
            "or both numbers",
            code="time-kind",
        )
    if own is not None:
        clock.check_zones("the series has", own, "the forecasts have", times)
    found = np.searchsorted(labels, wanted).astype(np.intp)
    strange = np.flatnonzero((found < len(labels)) & (labels[np.minimum(found, len(labels) - 1)] != wanted))
    if len(strange):
        at = int(strange[0])
        raise InputError(
            f"{where(at)}: the series has no value at {clock.label(wanted[at])}; it goes from {series.when(0)} to "
            f"{series.when(-1)}",
            code="time-unknown",
            time=clock.label(wanted[at]),
        )
    return found

"""External forecasts as single cells, the form to which all input formats are converted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ... import times as clock
from ...errors import InputError
from ...protocols import Array, Index
from ...series import Series


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

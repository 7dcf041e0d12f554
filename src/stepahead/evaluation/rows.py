"""Which forecasts a result is about: the rows (series, origin), their targets, and when each row happened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ..numerics import linear
from ..protocols import Array, Index
from ..series import Series
from ..walk import blocks
from ..windows import last_values, runs, targets

SHOWN_STEPS = (1, 4, 16, 64)


class Rows:
    """The rows of a result, and everything that follows from them: derived, never stored."""

    panel: tuple[Series, ...]
    train: tuple[int, ...]
    part: Index
    origins: Index
    steps: Index

    @property
    def series(self) -> Series | tuple[Series, ...]:
        """The series, or the tuple of them."""
        return self.panel[0] if len(self.panel) == 1 else self.panel

    @property
    def is_held_out(self) -> bool:
        """Whether these are origins that the model was not fitted on."""
        return len(self.origins) > 0 and bool((self.origins >= np.array(self.train)[self.part]).all())

    @property
    def is_symbolic(self) -> bool:
        """Whether the series are of symbols."""
        return self.panel[0].categories is not None

    @property
    def actuals(self) -> Array:
        """[rows, steps] what happened: a view of the series where there is one. Of symbols the codes; NaN where missing."""
        return self.actuals_at(slice(None))

    def actuals_at(self, columns: slice) -> Array:
        """[rows, some steps] what happened at some of the steps."""
        steps = self.steps[columns]
        if len(self.panel) == 1:
            return targets(self.panel[0].numbers, self.origins, steps)
        out = np.empty((len(self.origins), len(steps)))
        for index, rows in self.groups():
            out[rows] = targets(self.panel[index].numbers, self.origins[rows], steps)
        return out

    @property
    def times(self) -> npt.NDArray[Any]:
        """[rows, steps] the time of each target; its index where the series has no times."""
        where = self.origins[:, None] + self.steps - 1
        if any(series.times is None for series in self.panel):
            return where
        labels = [series.times for series in self.panel]
        out = np.empty(where.shape, dtype=np.result_type(*[found for found in labels if found is not None]))
        for index, rows in self.groups():
            out[rows] = labels[index][where[rows]]  # type: ignore[index]
        return out

    def groups(self) -> Iterator[tuple[int, slice]]:
        """The rows of each series: (which series, its rows)."""
        edges = np.flatnonzero(np.diff(self.part)) + 1
        for start, stop in zip([0, *edges.tolist()], [*edges.tolist(), len(self.part)], strict=True):
            if stop > start:
                yield int(self.part[start]), slice(start, stop)

    def row_blocks(self) -> Iterator[tuple[int, slice, Array]]:
        """Blocks of rows, none of two series: (which series, rows, what happened [rows, steps])."""
        for index, rows in self.groups():
            numbers = self.panel[index].numbers
            for block in blocks(rows.stop - rows.start, len(self.steps)):
                here = slice(rows.start + block.start, rows.start + block.stop)
                yield index, here, targets(numbers, self.origins[here], self.steps)

    def guess(self, name: str) -> Array:
        """[rows] what a simple guess says of every step: "last" (the last value), "mean" (the mean of the training part)."""
        out = np.empty(len(self.origins))
        means = self.training_means() if name == "mean" else []
        for index, rows in self.groups():
            out[rows] = means[index] if means else last_values(self.panel[index].numbers, self.origins[rows])
        return out

    def training_means(self) -> list[float]:
        """The mean of the training part of each series, NaN where it has none."""
        heads = [runs(series.numbers[:length]) for series, length in zip(self.panel, self.train, strict=True)]
        return [linear.level(head) if head else float("nan") for head in heads]

    def exponent(self) -> int:
        """A power of two by which errors are divided before they are squared: 0 unless the series is out of the ordinary."""
        exponent = max(linear.scale_exponent(runs(series.numbers), 0.0) for series in self.panel)
        return exponent if abs(exponent) > 300 else 0

    def places(self) -> Index:
        """[rows] when each row was made, as its place among all such times: rows of many series may share one."""
        if len(self.panel) == 1:
            return np.arange(len(self.origins))
        known: npt.NDArray[Any] = self.origins
        if all(series.times is not None for series in self.panel):
            stamps: list[Any] = [series.times for series in self.panel]
            known = np.concatenate([stamps[index][np.maximum(self.origins[rows] - 1, 0)] for index, rows in self.groups()])
        return np.unique(known, return_inverse=True)[1].astype(np.intp)

    def overlaps(self, places: Index) -> Index:
        """[steps] how many times in a row share surprises, k steps ahead: k where every time is an origin.

        Of many series, as many as in the one where there are most: a weekly one among daily ones spans more days.
        """
        most = np.ones(len(self.steps), dtype=np.intp)
        for _, rows in self.groups():
            origins, when = self.origins[rows], places[rows]
            count = len(origins)
            if origins[-1] - origins[0] == when[-1] - when[0] == count - 1:  # one after the other
                np.maximum(most, np.minimum(self.steps, count), out=most)
                continue
            for place, k in enumerate(self.steps):
                last = np.searchsorted(origins, origins + k) - 1
                most[place] = max(most[place], int((when[last] - when).max()) + 1)
        return most

    # -- what they are called -------------------------------------------------------------------------------------

    def shown_steps(self) -> list[int]:
        """Places among the steps of those that tables show: 1, 4, 16, 64 where kept, and the last."""
        wanted = [k for k in (*SHOWN_STEPS, int(self.steps[-1])) if k in self.steps]
        return sorted({int(np.searchsorted(self.steps, k)) for k in wanted})

    def limits(self) -> dict[str, Array]:
        """{"noise floor": [steps]}: the smallest error that is possible, where the series knows it; or what it calls that."""
        limit = self.panel[0].limit
        if limit is None or len(self.panel) > 1:
            return {}
        return {getattr(limit, "name", "noise floor"): limit(int(self.steps[-1]))[self.steps - 1]}

    def labels(self, values: Array) -> Any:
        """Numbers row by row; of symbols the symbols themselves, None where there is none."""
        if not self.is_symbolic:
            return np.ascontiguousarray(values).ravel()
        symbols = np.array([*(self.panel[0].categories or ()), None], dtype=object)
        codes = np.where(np.isnan(values) | (values < 0), -1, values).astype(np.intp)
        return symbols[codes.ravel()].tolist()

    def counted(self) -> str:
        """Which origins count, in words."""
        rows, series = len(self.origins), self.panel
        where = "held-out origins" if self.is_held_out else "origins inside the training part" if rows else "origins"
        span = ""
        if rows and len(series) == 1:
            first, last = int(self.origins[0]), int(self.origins[-1])
            dated = series[0].times is not None and series[0].times.dtype.kind == "M"
            span = f", {first} to {last}" + (f" ({series[0].when(first)} to {series[0].when(last)})" if dated else "")
        return f"{rows} {where}{span}"

"""Which forecasts a result is about: the rows (series, origin), their targets, and when each row happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..distribution_rows import Distribution
from ..numerics import linear
from ..protocols import Array, Forecaster, Index
from ..series import Series
from ..text import fill, ordinal
from ..walk import blocks
from ..windows import runs, shared, shown_steps, targets


class Rows:
    """The rows of a result, and everything that follows from them: derived, never stored."""

    _models: tuple[Forecaster, ...]
    _panel: tuple[Series, ...]
    start: tuple[int, ...]
    part: Index
    origins: Index
    steps: Index
    _distribution: Distribution | None = None

    @property
    def model(self) -> Forecaster:
        """The fitted model; where each series has its own, that of the first.

        >>> import stepahead as sa
        >>> run = sa.k_step(sa.AR(lags=4).fit(sa.datasets.nile()[:60]), sa.datasets.nile(), horizon=4)
        >>> run.model
        AR(lags=4)
        """
        return self._models[0]

    def _model_of(self, series: int) -> Forecaster:
        """The fitted model of one of the series."""
        return self._models[series if len(self._models) > 1 else 0]

    @property
    def _is_held_out(self) -> bool:
        """Whether these are origins at or after those from which on scoring begins."""
        return len(self.origins) > 0 and bool((self.origins >= np.array(self.start)[self.part]).all())

    @property
    def _is_symbolic(self) -> bool:
        """Whether the series are of symbols."""
        return self._panel[0].categories is not None

    @property
    def actuals(self) -> Array:
        """[rows, steps] what happened: a view of the series where there is one. Of symbols the codes; NaN where
        missing.

        >>> import stepahead as sa
        >>> run = sa.k_step(sa.AR(lags=4).fit(sa.datasets.nile()[:60]), sa.datasets.nile(), horizon=4)
        >>> run.actuals[0]
        array([781., 865., 845., 944.])
        """
        return self._actuals_at(slice(None))

    def _actuals_at(self, columns: slice) -> Array:
        """[rows, some steps] what happened at some of the steps."""
        steps = self.steps[columns]
        if len(self._panel) == 1:
            return targets(self._panel[0].numbers, self.origins, steps)
        out = np.empty((len(self.origins), len(steps)))
        for index, rows in self._groups():
            out[rows] = targets(self._panel[index].numbers, self.origins[rows], steps)
        return out

    @property
    def times(self) -> npt.NDArray[Any]:
        """[rows, steps] the time of each target; its index where the series has no times.

        >>> import stepahead as sa
        >>> run = sa.k_step(sa.AR(lags=4).fit(sa.datasets.nile()[:60]), sa.datasets.nile(), horizon=4)
        >>> run.times[0]
        array([1931, 1932, 1933, 1934])
        """
        return self._times_at(self.origins[:, None] + self.steps - 1)

    @property
    def _cutoffs(self) -> npt.NDArray[Any]:
        """[rows] the time of the last known value; before the first one a step less than its time."""
        found = self._times_at(np.maximum(self.origins - 1, 0))
        first = self.origins == 0
        if first.any():
            found = found.copy()
            found[first] -= self._times_at(np.ones_like(self.origins))[first] - found[first]
        return found

    def _times_at(self, where: Index) -> npt.NDArray[Any]:
        """The times of places in the series of each row, [rows, ..]: the places where there are none."""
        if any(series.times is None for series in self._panel):
            return where
        labels = [series.times for series in self._panel]
        out = np.empty(where.shape, dtype=np.result_type(*[found for found in labels if found is not None]))
        for index, rows in self._groups():
            out[rows] = labels[index][where[rows]]  # type: ignore[index]
        return out

    def _groups(self) -> Iterator[tuple[int, slice]]:
        """The rows of each series: (which series, its rows)."""
        edges = np.flatnonzero(np.diff(self.part)) + 1
        for start, stop in zip([0, *edges.tolist()], [*edges.tolist(), len(self.part)], strict=True):
            if stop > start:
                yield int(self.part[start]), slice(start, stop)

    def _row_blocks(self) -> Iterator[tuple[int, slice, Array]]:
        """Blocks of rows, none of two series: (which series, rows, what happened [rows, steps])."""
        for index, rows in self._groups():
            numbers = self._panel[index].numbers
            for block in blocks(rows.stop - rows.start, len(self.steps)):
                here = slice(rows.start + block.start, rows.start + block.stop)
                yield index, here, targets(numbers, self.origins[here], self.steps)

    @cached_property
    def _unit(self) -> npt.NDArray[np.int_]:
        """[series]: errors are divided by two to this power before they are squared; 0 for every ordinary series."""
        if self._is_symbolic:
            return np.zeros(len(self._panel), dtype=int)
        return np.array([own_unit(series) for series in self._panel])

    @cached_property
    def _scale(self) -> Array:
        """[series] in its unit squared: the smaller of variance and mean squared step of the training part, 1 for one
        series.

        Losses of several series are pooled in units of it, so that neither level nor unit gives a series a weight.
        Where no training part is known it is that of the values before the first origin; 0 where nothing changes.
        """
        if len(self._panel) == 1 or self._is_symbolic:
            return np.ones(len(self._panel))
        heads = list(self.start)
        for index, rows in self._groups():
            heads[index] = heads[index] or int(self.origins[rows.start])
        return np.array([own_scale(s, n, e) for s, n, e in zip(self._panel, heads, self._unit, strict=True)])

    def _row_units(self, power: int) -> Array | float:
        """[rows, 1] what a loss of this power of the unit is divided by, its exponent aside;
        NaN in a constant series.
        """
        if len(self._panel) == 1 or not power:
            return 1.0
        root = np.where(self._scale > 0.0, np.sqrt(self._scale), np.nan)
        return root[self.part, None] ** power

    def _places(self) -> Index:
        """[rows] when each row was made, as its place among all such times: rows of many series may share one."""
        if len(self._panel) == 1:
            return np.arange(len(self.origins))
        known: npt.NDArray[Any] = self.origins
        if all(series.times is not None for series in self._panel):
            stamps: list[Any] = [series.times for series in self._panel]
            known = np.concatenate(
                [stamps[index][np.maximum(self.origins[rows] - 1, 0)] for index, rows in self._groups()]
            )
        return np.unique(known, return_inverse=True)[1].astype(np.intp)

    def _overlaps(self, places: Index) -> Index:
        """[steps] how many times in a row share surprises, k steps ahead: k where every time is an origin.

        Of many series, as many as in the one where there are most: a weekly one among daily ones spans more days.
        """
        most = np.ones(len(self.steps), dtype=np.intp)
        for _, rows in self._groups():
            origins, when = self.origins[rows], places[rows]
            count = len(origins)
            if origins[-1] - origins[0] == when[-1] - when[0] == count - 1:  # one after the other
                np.maximum(most, np.minimum(self.steps, count), out=most)
                continue
            for place, k in enumerate(self.steps):
                last = np.searchsorted(origins, origins + k) - 1
                most[place] = max(most[place], int((when[last] - when).max()) + 1)
        return most

    @cached_property
    def _stride(self) -> int:
        """Every which origin is a row: the widest grid on which the origins of each series lie; 1 of single ones."""
        steps = [int(np.gcd.reduce(np.diff(self.origins[rows]))) for _, rows in self._groups()]
        return int(np.gcd.reduce([0, *steps])) or 1

    # -- what they are called -------------------------------------------------------------------------------------

    def _shown_steps(self) -> list[int]:
        """Places among the steps of those that tables show."""
        return shown_steps(self.steps)

    def _limits(self) -> dict[str, Array]:
        """{"noise floor": [steps]}: the smallest error that is possible, where the series knows it;
        or what it calls that.
        """
        limit = self._panel[0].limit
        if limit is None or len(self._panel) > 1:
            return {}
        return {getattr(limit, "name", "noise floor"): limit(int(self.steps[-1]))[self.steps - 1]}

    def _labels(self, values: Array) -> Any:
        """Numbers row by row; of symbols the symbols themselves, None where there is none."""
        if not self._is_symbolic:
            return np.ascontiguousarray(values).ravel()
        symbols = np.array([*(self._panel[0].categories or ()), None], dtype=object)
        codes = np.where(np.isnan(values) | (values < 0), -1, values).astype(np.intp)
        return symbols[codes.ravel()].tolist()

    def _counted(self) -> str:
        """Which origins count, in words."""
        rows, series = len(self.origins), self._panel
        inside = " inside the training part" if rows else ""
        where = "{n:held-out origin}" if self._is_held_out else "{n:origin}" + inside
        span = ""
        if rows and len(series) == 1:
            first, last = int(self.origins[0]), int(self.origins[-1])
            dated = series[0].times is not None and series[0].times.dtype.kind == "M"
            ends = [first, last] if first < last else [first]
            span = ", " + " to ".join(str(end) for end in ends)
            span += f" ({' to '.join(str(series[0].when(end)) for end in ends)})" if dated else ""
        span += f", every {ordinal(self._stride)}" if self._stride > 1 else ""
        return fill(where, n=rows) + span


def common_rows(results: Sequence[Rows]) -> list[Index]:
    """Of each result the places of the rows (series, origin) that all of them have."""
    if len(results[0]._panel) == 1:
        keys = [result.origins for result in results]
    else:
        longest = max(len(series) for series in results[0]._panel) + 1
        keys = [result.part * longest + result.origins for result in results]
    common = shared(keys)
    every = np.arange(len(common))  # one for all whose rows are all common
    return [every if len(key) == len(common) else np.searchsorted(key, common) for key in keys]


def own_unit(series: Series) -> int:
    """The exponent of the unit in which errors on a series are numbers: 0 unless it is out of the ordinary."""
    found = linear.scale_exponent(runs(series.numbers), 0.0)
    return found if abs(found) > 300 else 0


def own_scale(series: Series, train: int, unit: int) -> float:
    """Of the training part the smaller of the variance and the mean squared step, in a unit;
    0 of fewer than two values.
    """
    head = np.ldexp(series.numbers[:train], -unit)
    seen, steps = head[~np.isnan(head)], np.diff(head)
    steps = steps[~np.isnan(steps)]
    if len(seen) < 2 or not len(steps):
        return 0.0
    return float(min(seen.var(), np.mean(steps * steps)))


def mean_change(series: Series, train: int, period: int) -> float:
    """What repeating the value one period ago missed in the training part on the average; 0 where nothing is known."""
    head = series.numbers[:train]
    change = np.abs(head[period:] - head[:-period]) if train > period else np.zeros(0)
    change = change[~np.isnan(change)]
    most = float(change.max(initial=0.0))
    return most * float((change / most).mean()) if most > 0.0 else 0.0  # the sum alone may leave the range

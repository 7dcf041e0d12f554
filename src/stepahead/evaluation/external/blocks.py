"""External forecasts in blocks, one per origin: as pairs, as objects with times and values, or as rows of a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np

from ...columns import read_times
from ...errors import InputError, ParameterError, shown
from ...memory import afford
from ...parameters import as_tuple, refuse
from ...protocols import Array, Index
from ...series import Series
from .forecast_cells import Cells, places

_MEDIAN = ": for draws give their median, numpy.median(draws, axis=...)"


def of_blocks(of_each: Sequence[Sequence[Any]], panel: tuple[Series, ...]) -> Cells:
    """The cells of blocks, one per origin: (origin, values), or an object with times and values."""
    labels, part, origin, target, value, draws = [], [], [], [], [], set()
    for index, (blocks, series) in enumerate(zip(of_each, panel, strict=True)):
        for number, block in enumerate(blocks):
            labels.append(f"block {number}" if len(panel) == 1 else f"block {number} of series {index}")
            first, where, values, drawn = _block(block, series, labels[-1])
            draws.add(drawn)
            part.append(np.full(len(values), index, dtype=np.intp))
            origin.append(np.full(len(values), first, dtype=np.intp))
            target.append(where)
            value.append(values)
    if not value:
        raise InputError("there are no forecasts: the list is empty", code="too-short", found=0)
    edges = np.cumsum([0, *map(len, value)])

    def name(cell: int) -> str:
        block = int(np.searchsorted(edges, cell, side="right")) - 1
        return f"{labels[block]}, step {cell - edges[block] + 1}"

    least, most = min(draws), max(draws)
    of_how_many = f"{most:,}" if least == most else f"{least:,} to {most:,}"
    notes = (f"the median of {of_how_many} draws",) if most > 1 else ()
    return Cells(
        np.concatenate(part), np.concatenate(origin), np.concatenate(target), np.concatenate(value), name, notes=notes
    )


def _block(block: Any, series: Series, labels: str) -> tuple[int, Index, Array, int]:
    """The origin of a block, the index of each of its targets, its values,
    and the number of draws of which they are the median.
    """
    if hasattr(block, "time_index") and callable(getattr(block, "values", None)):
        # In Darts `values()` gives only the first draw.
        every = getattr(block, "all_values", None)
        values, draws = _column(every() if callable(every) else block.values(), labels)
        times = read_times(block.time_index)
        if len(times) != len(values):
            raise InputError(
                f"{labels} has {len(times)} times and {len(values)} values", code="shape", found=len(values)
            )
        where = places(series, times, lambda i: f"{labels}, step {i + 1}")
        return int(where[0]), where, values, draws
    if not (
        isinstance(block, tuple)
        and len(block) == 2
        and isinstance(block[0], Integral)
        and not isinstance(block[0], bool)
    ):
        raise InputError(
            f"{labels} is {shown(block)}: a block is (origin, values), or has .time_index and .values() as in Darts",
            code="block",
            found=type(block).__name__,
        )
    values, draws = _column(block[1], labels)
    return int(block[0]), np.arange(int(block[0]), int(block[0]) + len(values)), values, draws


def _column(values: Any, labels: str) -> tuple[Array, int]:
    """The values of a block, [steps], from [steps] or [steps, 1]; of draws, [steps, 1, draws], their median;
    and the number of draws.
    """
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.empty(())
    draws = 1
    if found.ndim == 3 and found.shape[1] == 1 and found.shape[2]:
        draws = found.shape[2]
        found = found[:, 0, 0] if draws == 1 else np.median(found[:, 0], axis=1)
    elif found.ndim == 2 and found.shape[1] == 1:
        found = found[:, 0]
    if found.ndim != 1 or not len(found):
        what = f"numbers in the shape {found.shape}" if found.ndim else shown(values)
        raise InputError(
            f"{labels} must hold numbers, [steps], [steps, 1] or draws [steps, 1, draws]; found {what}"
            + _MEDIAN * (found.ndim > 1),
            code="shape",
            found=np.shape(found),
        )
    return found, draws


def of_matrix(forecasts: Any, panel: tuple[Series, ...], origins: Any) -> Cells:
    """The cells of a matrix: one row per origin, one column per step."""
    if len(panel) > 1:
        raise refuse("origins", "given", "left out for many series: give a list with a dict {origin: values} for each")
    try:
        matrix = np.asarray(forecasts, dtype=np.float64)
    except (TypeError, ValueError):
        matrix = np.empty(0)
    starts = as_tuple("origins", origins)
    if matrix.ndim != 2 or not matrix.size or len(matrix) != len(starts):
        raise ParameterError(
            "with origins= the forecasts must be numbers, [rows, steps], one row for each of the "
            f"{len(starts)} origins; found "
            f"shape {matrix.shape}{_MEDIAN * (matrix.ndim > 2)}",
            code="shape",
            name="forecasts",
            found=matrix.shape,
        )
    afford(matrix.size, 16, "a matrix of forecasts", "Give fewer rows or steps")
    blocks = [(origin, row) for origin, row in zip(starts, matrix, strict=True)]
    return of_blocks([blocks], panel)

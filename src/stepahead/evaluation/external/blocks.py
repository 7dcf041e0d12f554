"""External forecasts in blocks, one per origin: as pairs, as objects with times and values, or as rows of a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np

from ...columns import read_times
from ...distribution_rows import as_arrays, needs_of, point_of, shape_of, taken
from ...distributions import Samples
from ...errors import InputError, ParameterError, shown
from ...memory import afford
from ...parameters import as_tuple, refuse
from ...protocols import Array, Index
from ...quantiles import Quantiles
from ...series import Series
from .forecast_cells import Cells, Spread, places
from .interval_columns import part_of

_MEDIAN = ": for draws give their median, numpy.median(draws, axis=...)"


def of_blocks(of_each: Sequence[Sequence[Any]], panel: tuple[Series, ...]) -> Cells:
    """The cells of blocks, one per origin: (origin, values), or an object with times and values."""
    labels, part, origin, target, value, spreads = [], [], [], [], [], []
    for index, (blocks, series) in enumerate(zip(of_each, panel, strict=True)):
        for number, block in enumerate(blocks):
            labels.append(f"block {number}" if len(panel) == 1 else f"block {number} of series {index}")
            first, where, values, spread = _block(block, series, labels[-1])
            spreads.append(spread)
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

    spread, notes = _joined(spreads)
    where = np.concatenate(target)
    return Cells(
        np.concatenate(part), np.concatenate(origin), where, np.concatenate(value), name, spread=spread, notes=notes
    )


def _joined(spreads: list[Spread | None]) -> tuple[Spread | None, tuple[str, ...]]:
    """The distributions of all blocks as one, and how the forecasts were made of them."""
    kept = [spread for spread in spreads if spread is not None]
    if not kept:
        return None, ()
    levels = {spread.levels for spread in kept}
    counts = {spread.values.shape[1] for spread in kept if spread.levels is None}
    medians = {spread.values.shape[1] for spread in kept if spread.levels is None and spread.is_median}
    notes: tuple[str, ...] = ()
    if medians:
        least, most = min(medians), max(medians)
        notes = (f"the median of {f'{most:,}' if least == most else f'{least:,} to {most:,}'} draws",)
    if len(kept) < len(spreads) or len(levels) > 1 or len(counts) > 1:
        return None, (*notes, "kept without its distribution, which is not of one kind in every block")
    known = [spread.crossing for spread in kept if spread.crossing is not None]
    crossing = np.concatenate(known) if known else None  # of quantiles each block has its own
    return Spread(np.concatenate([spread.values for spread in kept]), kept[0].levels, crossing), notes


def _block(block: Any, series: Series, labels: str) -> tuple[int, Index, Array, Spread | None]:
    """The origin of a block, the index of each of its targets, its values, and how they are distributed."""
    if hasattr(block, "time_index") and callable(getattr(block, "values", None)):
        # In Darts `values()` gives only the first draw.
        every = getattr(block, "all_values", None)
        found = every() if callable(every) else block.values()
        values, spread = _column(found, labels, getattr(block, "components", None))
        times = read_times(block.time_index)
        if len(times) != len(values):
            raise InputError(
                f"{labels} has {len(times)} times and {len(values)} values", code="shape", found=len(values)
            )
        where = places(series, times, lambda i: f"{labels}, step {i + 1}")
        return int(where[0]), where, values, spread
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
    values, spread = _column(block[1], labels)
    return int(block[0]), np.arange(int(block[0]), int(block[0]) + len(values)), values, spread


def _column(values: Any, labels: str, components: Any = None) -> tuple[Array, Spread | None]:
    """The values of a block, [steps], from [steps] or [steps, 1]; of draws, [steps, 1, draws], their median; of
    quantiles, as a `Quantiles` or by the names of the components [steps, m, 1], their point forecast. And the draws or
    the quantiles, [steps, m].
    """
    if isinstance(values, (Quantiles, Samples)):
        return _distributed(_of_arrays(values, labels), labels)
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.empty(())
    levels = _levels(components)
    if levels is not None and found.ndim in (2, 3) and found.shape[1:] in ((len(levels),), (len(levels), 1)):
        order = np.argsort(levels)
        rising = tuple(levels[place] for place in order)
        return _distributed(Quantiles(rising, found.reshape(1, len(found), -1)[..., order]), labels)
    if found.ndim == 3 and found.shape[1] == 1 and found.shape[2] > 1:
        return np.asarray(np.median(found[:, 0], axis=1)), Spread(found[:, 0])
    if found.ndim == 3 and found.shape[1:] == (1, 1):
        found = found[:, 0, 0]
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
    return found, None


def _levels(components: Any) -> list[float] | None:
    """The levels of components that are all quantiles of one model, as Darts names them; None of any others."""
    parts = [part_of(str(name)) for name in ([] if components is None else components)]
    known = [part for part in parts if part is not None and part.level is not None]
    alike = len(known) == len(parts) > 1 and len({part.model for part in known}) == 1
    return [float(part.level or 0.0) for part in known] if alike else None


def _of_arrays(given: Quantiles | Samples, labels: str) -> Quantiles | Samples:
    """The same distribution, of arrays where it was made of lists or tensors."""
    made = as_arrays(given)
    if isinstance(made, (Quantiles, Samples)):
        return made
    raise InputError(f"{labels} must hold numbers; found a {type(given).__name__} of others", code="block")


def _distributed(given: Quantiles | Samples, labels: str) -> tuple[Array, Spread]:
    """The point forecasts [steps] and the spread of a distribution of one row."""
    if len(shape_of(given)) != 2 or shape_of(given)[0] != 1:
        raise InputError(
            f"{labels} must be a distribution of one row; found shape {shape_of(given)}",
            code="shape",
            found=shape_of(given),
        )
    for what, is_so in needs_of(given):
        if not is_so:
            raise InputError(f"{labels} must be a {type(given).__name__} with {what}", code="shape", found=what)
    if isinstance(given, Samples):
        draws = np.ascontiguousarray(given.draws[:, 0].T)
        return np.asarray(point_of(given)[0]), Spread(draws, is_median=given.center is None)
    return np.asarray(point_of(given)[0]), Spread(given.values[0], tuple(given.levels.tolist()), given.crossing[0])


def of_matrix(forecasts: Any, panel: tuple[Series, ...], origins: Any) -> Cells:
    """The cells of a matrix, or of a distribution: one row per origin, one column per step."""
    if len(panel) > 1:
        raise refuse("origins", "given", "left out for many series: give a list with a dict {origin: values} for each")
    starts = as_tuple("origins", origins)
    if isinstance(forecasts, (Quantiles, Samples)):
        forecasts = _of_arrays(forecasts, "the distribution with origins=")
        if shape_of(forecasts)[0] != len(starts):
            raise ParameterError(
                f"{len(starts)} origins= need a distribution of as many rows; found shape {shape_of(forecasts)}",
                code="shape",
                name="forecasts",
                found=shape_of(forecasts),
            )
        rows = [taken(forecasts, slice(row, row + 1)) for row in range(len(starts))]
        return of_blocks([list(zip(starts, rows, strict=True))], panel)
    try:
        matrix = np.asarray(forecasts, dtype=np.float64)
    except (TypeError, ValueError):
        matrix = np.empty(0)
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

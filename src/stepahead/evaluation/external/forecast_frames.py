"""Long data frames of forecasts: Nixtla's, skforecast's, our own, and others by the names of their columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ... import times as clock
from ...columns import coded, read_times
from ...errors import DtypeError, InputError, shown
from ...parameters import one_of, refuse
from ...protocols import Array, Index
from ...reading.csv_text import listed
from ...reading.dataframes import FrameTable
from ...series import Series, names_of
from .forecast_cells import Cells, places
from .interval_columns import candidates, own_parts, spread_of

DEFAULT_NAMES: dict[str, tuple[str, ...]] = {
    "id": ("unique_id", "series", "level"),
    "origin": ("origin",),
    "cutoff": ("cutoff",),
    "fold": ("fold",),
    "step": ("k",),
    "time": ("ds", "time"),
    "actual": ("y", "actual"),
    "prediction": ("prediction", "pred"),
}
"""The roles of columns, and their default names."""


def _roles(columns: Any) -> dict[str, str]:
    if columns is None:
        return {}
    if not isinstance(columns, Mapping):
        raise refuse("columns", columns, 'a dict such as {"prediction": "yhat", "time": "date"}')
    for role in columns:
        one_of("columns", role, tuple(DEFAULT_NAMES))
    return {str(role): column for role, column in columns.items()}


def of_frame(
    frame: Any, panel: tuple[Series, ...], name: str | None, columns: Any, interval: float | None = None
) -> Cells:
    """The cells of a frame, one per row."""
    given = _roles(columns)
    table = FrameTable(frame)
    found = dict(given)
    for role, names in DEFAULT_NAMES.items():
        if role not in given and role != "prediction":
            there = [column for column in names if column in table.names]
            if there:
                found[role] = there[0]
    start = next((role for known in (given, found) for role in ("origin", "cutoff", "fold") if role in known), None)
    if start is None:
        raise InputError(
            f"no column has the origin of each forecast: {listed(table.names)}; name it with "
            'columns={"cutoff": ...} (the last known time), "origin" (its index plus one) or "fold"',
            code="column",
            columns=table.names,
        )
    used = {*found.values(), "index"}
    left = [column for column in table.names if column not in used or column == found.get("prediction")]
    prediction = _prediction(table, name, found, left)
    parts = own_parts(prediction, left, "prediction" in found or prediction == name)
    spread = spread_of(frame, prediction, parts, interval, lambda column: _numbers(table, column))
    values = _numbers(table, prediction)
    part = _parts(table, found.get("id"), panel, len(values))
    times = None if "step" in found else _times(frame, table, found.get("time"))
    origin = np.empty(len(values), dtype=np.intp)
    target = np.empty(len(values), dtype=np.intp)
    for index, series in enumerate(panel):
        rows = np.flatnonzero(part == index)
        if times is not None:
            target[rows] = places(series, times[rows], lambda i, rows=rows: f"row {rows[i]}")  # type: ignore[misc]
        origin[rows] = _starts(table, start, found[start], series, rows, target[rows])
        if "step" in found:
            target[rows] = origin[rows] + _whole_numbers(table, found["step"])[rows] - 1
    cells = Cells(part, origin, target, values, lambda i: f"row {i}", prediction, spread)
    if "actual" in found:
        _check_actuals(_numbers(table, found["actual"]), found["actual"], cells, panel)
    return cells


def _prediction(table: FrameTable, name: str | None, found: dict[str, str], left: list[str]) -> str:
    """The column of forecasts: the one that is named, else the only one without another role."""
    if "prediction" in found:
        return found["prediction"]
    if name is not None and name in table.names:
        return name
    for usual in DEFAULT_NAMES["prediction"]:
        if usual in table.names:
            return usual
    left = left if len(left) == 1 else candidates(left)
    if len(left) != 1:
        raise InputError(
            f'which column holds the forecasts? {listed(left)}: name one with name= or columns={{"prediction": ...}}',
            code="column",
            columns=left,
        )
    return left[0]


def _numbers(table: FrameTable, column: str) -> Array:
    values, symbols = coded(table.values(column), None)
    if symbols is not None:
        raise DtypeError(
            f"column {shown(column)} holds text, the first {shown(symbols[0])}: forecasts are numbers", code="dtype"
        )
    return np.asarray(values, dtype=np.float64)


def _whole_numbers(table: FrameTable, column: str) -> Index:
    numbers = _numbers(table, column)
    bad = np.flatnonzero(~(np.isfinite(numbers) & (numbers % 1.0 == 0.0)))
    if len(bad):
        raise InputError(
            f"column {shown(column)}, row {bad[0]}: {numbers[bad[0]]:g} is not a whole number",
            code="dtype",
            row=int(bad[0]),
        )
    return numbers.astype(np.intp)


def _parts(table: FrameTable, column: str | None, panel: tuple[Series, ...], rows: int) -> Index:
    """The index of the series of each row, [rows], by the names of the series."""
    if column is None:
        if len(panel) > 1:
            raise InputError(
                f"{len(panel)} series need a column that tells them apart: {listed(table.names)}; name it with "
                'columns={"id": ...}',
                code="column",
                columns=table.names,
            )
        return np.zeros(rows, dtype=np.intp)
    texts = [text or "" for text in table.texts(column)]
    if len(panel) == 1 and len(set(texts)) == 1:
        return np.zeros(rows, dtype=np.intp)
    known = {name: index for index, name in enumerate(names_of(panel))}
    strange = next((row for row, text in enumerate(texts) if text not in known), None)
    if strange is not None:
        raise InputError(
            f"row {strange}: {shown(texts[strange])} is not the name of a series; there are "
            f"{', '.join(map(shown, list(known)[:8]))}",
            code="id-unknown",
            row=strange,
            found=texts[strange],
        )
    return np.array([known[text] for text in texts], dtype=np.intp)


def _times(frame: Any, table: FrameTable, column: str | None) -> clock.Times:
    """The times of the targets, [rows]: from a column, else from the index of the frame."""
    import narwhals.stable.v2 as nw

    if column is not None:
        return table.times(column)
    index = nw.maybe_get_index(nw.from_native(frame))
    if index is None:
        raise InputError(
            f'no column has the time of each forecast: {listed(table.names)}; name it with columns={{"time": ...}}',
            code="column",
            columns=table.names,
        )
    return read_times(index)


def _starts(table: FrameTable, role: str, column: str, series: Series, rows: Index, target: Index) -> Index:
    """The origin of each row, [rows]: given itself, as the last known time, or by the first target of a fold."""
    if role == "cutoff":
        times = table.times(column)[rows]
        known = places(series, times, lambda i: f"row {rows[i]}, {column}")
        behind = np.flatnonzero(known == len(series))
        if len(behind):
            raise InputError(
                f"row {rows[behind[0]]}: {shown(column)} {clock.label(times.labels[behind[0]])} "
                "is the last known time of a "
                f"forecast, and the series ends at {series.when(-1)}",
                code="time-unknown",
                row=int(rows[behind[0]]),
            )
        return known + 1
    numbers = _whole_numbers(table, column)[rows]
    if role == "origin":
        return numbers
    folds, which = np.unique(numbers, return_inverse=True)
    firsts = np.full(len(folds), len(series), dtype=np.intp)
    np.minimum.at(firsts, which, target)
    return np.asarray(firsts[which])


def _check_actuals(values: Array, column: str, cells: Cells, panel: tuple[Series, ...]) -> None:
    """Refuse forecasts of another series: the actual values in the frame must be those of the series,
    to single precision.
    """
    for index, series in enumerate(panel):
        rows = np.flatnonzero((cells.part == index) & (cells.target >= 0) & (cells.target < len(series)))
        own, stated = series.numbers[cells.target[rows]], values[rows]
        apart = np.abs(own - stated) > 1e-6 * np.maximum(np.abs(own), np.abs(stated))
        if apart.any():
            at = int(np.argmax(apart))
            raise InputError(
                f"row {rows[at]}: {shown(column)} is {stated[at]:g}, and the series has {own[at]:g} at "
                f"{series.when(int(cells.target[rows[at]]))}: these are forecasts of another "
                "series, or its times are shifted",
                code="actuals",
                row=int(rows[at]),
            )

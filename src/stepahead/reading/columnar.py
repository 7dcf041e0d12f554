"""Columns of a large plain CSV text by pyarrow or polars, where one is installed: numbers and ISO dates that need no
second look. Whatever else is there gives None, and is read cell by cell.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt

LEAST = 1 << 20
"""Letters of a text below which importing a library would take longer than reading."""
_MISSING = ("", "NA", "NaN", "nan", "null", "NULL")
_FORMS = {10: "D", 16: "m", 19: "s"}


def counts_cells(text: str) -> bool:
    """Whether a reader that is worth importing refuses a line of more or fewer cells than the others: pyarrow does."""
    return len(text) >= LEAST and _engine() is _by_arrow


def numbers(part: tuple[str, int, int], delimiter: str, place: int, rows: int) -> npt.NDArray[np.float64] | None:
    """A column as float64, NaN where it is missing; None where a cell is no plain number."""
    text, start, end = part
    if len(text) < LEAST or (engine := _engine()) is None:
        return None
    column = engine(text[start:end].encode(), delimiter, place, True)
    if (
        column is None
        or len(column) != rows
        or _has_leading_zeros(text, start, "\n" if place == 0 else delimiter, column)
    ):
        return None
    return np.asarray(column, dtype=np.float64)


def _has_leading_zeros(text: str, start: int, before: str, column: npt.NDArray[np.float64]) -> bool:
    """Whether a whole number may have leading zeros, which are noted."""
    if not bool((column == np.rint(column)).any()):
        return False
    return re.compile(rf"{re.escape(before)}[ \t]*0\d").search(text, start - 1) is not None


def times(part: tuple[str, int, int], delimiter: str, place: int, rows: int) -> npt.NDArray[np.datetime64] | None:
    """A column as dates, in the unit that they are written in; None where a cell is no ISO date of that length."""
    text, start, end = part
    if len(text) < LEAST or (engine := _engine()) is None:
        return None
    column = engine(text[start:end].encode(), delimiter, place, False)
    return None if column is None or len(column) != rows else column


def _engine() -> Any:
    from importlib.util import find_spec

    if find_spec("pyarrow"):
        return _by_arrow
    return _by_polars if find_spec("polars") else None


def _by_arrow(content: bytes, delimiter: str, place: int, is_numeric: bool) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    name = f"f{place}"
    kind = pa.float64() if is_numeric else pa.string()
    try:
        table = csv.read_csv(
            pa.py_buffer(content),
            read_options=csv.ReadOptions(autogenerate_column_names=True),
            parse_options=csv.ParseOptions(delimiter=delimiter, quote_char=False, ignore_empty_lines=False),
            convert_options=csv.ConvertOptions(
                include_columns=[name], column_types={name: kind}, null_values=_MISSING if is_numeric else []
            ),
        )
        column = table.column(name)
        if is_numeric:
            return column.to_numpy()
        widths = pc.min_max(pc.binary_length(column)).as_py()
        unit = _FORMS.get(widths["min"]) if widths["min"] == widths["max"] else None
        if unit is None or column.null_count:
            return None
        moments = pc.cast(column, pa.date32() if unit == "D" else pa.timestamp("s"))
        return moments.to_numpy().astype(f"datetime64[{unit}]")
    except (pa.ArrowException, ValueError):
        return None


def _by_polars(content: bytes, delimiter: str, place: int, is_numeric: bool) -> Any:
    import polars as pl

    try:
        column = pl.read_csv(
            content,
            has_header=False,
            separator=delimiter,
            quote_char=None,
            infer_schema=False,
            columns=[place],
            null_values=list(_MISSING) if is_numeric else None,
        ).to_series()
        if is_numeric:
            return column.cast(pl.Float64).to_numpy()
        widths = column.str.len_bytes()
        unit = _FORMS.get(widths.min()) if widths.min() == widths.max() else None  # type: ignore[arg-type]
        if unit is None or column.null_count():
            return None
        if unit == "D":
            return column.str.to_date("%Y-%m-%d").to_numpy().astype("datetime64[D]")
        form = "%Y-%m-%d" + ("T" if column[0][10] == "T" else " ") + "%H:%M" + (":%S" if unit == "s" else "")
        return column.str.to_datetime(form, time_unit="ms").to_numpy().astype(f"datetime64[{unit}]")
    except (pl.exceptions.PolarsError, ValueError):
        return None

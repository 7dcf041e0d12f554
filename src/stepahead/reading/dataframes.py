"""Data frames of pandas, polars and pyarrow, and Parquet files, as a table of columns."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..cells import Cells
from ..columns import Column, coded, collected, is_absent, read_times, read_values
from ..dates import as_dates, joined, times_of
from ..errors import InputError, missing_extra, shown
from ..numerals import check_words, symbols_note
from ..times import Times
from .csv_text import find_column


class FrameTable:
    """The columns of a data frame."""

    def __init__(self, frame: Any) -> None:
        import narwhals.stable.v2 as nw

        try:
            wrapped = nw.from_native(frame)
        except (TypeError, ValueError, nw.exceptions.NarwhalsError) as error:
            raise InputError(f"the frame cannot be read: {shown(str(error))}", code="frame") from None
        self._frame = collected(wrapped) if isinstance(wrapped, nw.LazyFrame) else wrapped
        self.names: list[str] = [str(name) for name in self._frame.columns]
        self._rows: Sequence[int] | None = None

    def _column(self, name: str) -> Any:
        place = find_column(self.names, name)
        column = self._frame[:, place]
        return column if isinstance(column.name, str) else column.alias(name)

    def values(self, name: str, symbols: bool = False) -> Column:
        """Numbers, or symbols, with their metadata: the kind of frame, the order of categories, an index."""
        own = self._column(name)
        column = read_values(own.to_native())
        if column.categories is not None or not (symbols or column.values.dtype.kind == "O"):
            return column
        items = own.to_list()  # whole numbers as such, where they are labels
        here = [row for row, item in enumerate(items) if not is_absent(item)]
        found = [items[row] for row in here]
        if found and all(isinstance(item, (str, int, float) if symbols else str) for item in found):
            if not symbols:
                check_words(found, here)
            column.values = np.array(items, dtype=object)
            column.categories = tuple(sorted(set(found), key=lambda item: (str(type(item)), item)))
            column.notes = (symbols_note(column.categories),)
        elif not symbols:
            column.values = coded(column, None)[0]  # numbers as objects; what is none has its row here
        return column

    def times(self, name: str | Sequence[str], dates: bool = True) -> Times:
        """Dates or numbers, of one column or of several that are parts of a time; whole numbers may be `dates`."""
        if not isinstance(name, str):
            parts = [[_part(value) for value in self._column(part).to_list()] for part in name]
            title = "columns " + ", ".join(map(shown, name))
            return times_of(Cells(joined(parts), title, range(len(self)), "row"))
        found = read_times(self._column(name).to_native())
        return as_dates(found) if dates else found

    def texts(self, name: str) -> list[str | None]:
        """The values as text, None where there is none; whole numbers without a fraction, unless both are there."""
        values = [None if is_absent(value) else value for value in self._column(name).to_list()]
        kinds = {type(value) for value in values if value is not None}
        if len(kinds) <= 1:
            return [_named(value) for value in values]
        # 1, 1.0 and "1" in one column of objects are three ids.
        spelt: dict[str | None, set[object]] = {}
        for value in values:
            spelt.setdefault(_named(value), set()).add((type(value), value))
        return [_named(value) if value is None or len(spelt[_named(value)]) == 1 else repr(value) for value in values]

    def only(self, rows: Sequence[int]) -> FrameTable:
        """The same table with some of its rows."""
        made = object.__new__(FrameTable)
        made._frame, made.names = self._frame[list(rows)], self.names
        made._rows = [self._rows[row] for row in rows] if self._rows is not None else rows
        return made

    def row_of(self, error: InputError) -> int | None:
        """The row, counted from 0 in the whole frame, that an error is about; None where it is about none."""
        row = getattr(error, "row", None)
        return row if row is None or self._rows is None else self._rows[row]

    def where(self, row: int) -> str:
        """Where a row stands, for a message."""
        return f"row {row}"

    def __len__(self) -> int:
        return len(self._frame)


def _named(value: object) -> str | None:
    if value is None:
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _part(value: object) -> str:
    """A part of a time as text: a date, a time of day, a duration since midnight, a number."""
    if is_absent(value):
        return ""
    text = str(value).strip().removeprefix("0 days ")
    return text[:-2] if isinstance(value, float) and text.endswith(".0") else text


def is_frame(source: Any) -> bool:
    """Whether this is a data frame of a supported library."""
    module = type(source).__module__.split(".")[0]
    return module in ("pandas", "polars", "pyarrow", "narwhals", "modin", "cudf") and hasattr(type(source), "columns")


def parquet(content: bytes, name: str) -> FrameTable:
    """The columns of a Parquet file."""
    try:
        import pyarrow
        import pyarrow.parquet as pq
    except ImportError:
        raise missing_extra("reading Parquet", "pyarrow", "parquet") from None
    try:
        table = pq.read_table(io.BytesIO(content))
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise InputError(
            f"{shown(name)} is not a Parquet file that can be read: {shown(str(error))}", code="parquet"
        ) from None
    return FrameTable(table)

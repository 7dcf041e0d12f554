"""Data frames of pandas, polars and pyarrow, and Parquet files, as a table of columns."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from ..columns import Column, collected, is_absent, read_times, read_values
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
        return column

    def times(self, name: str) -> Times:
        """Dates or numbers."""
        return read_times(self._column(name).to_native())

    def texts(self, name: str) -> list[str]:
        """The values as text; whole numbers without a fraction."""
        found = []
        for row, value in enumerate(self._column(name).to_list()):
            if value is None or value != value:
                raise InputError(f"column {shown(name)}, row {row}: the id is missing", code="id-missing", row=row)
            found.append(str(int(value)) if isinstance(value, float) and value.is_integer() else str(value))
        return found


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

"""Numbers as text, HTML and frames. Computes no reading."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import escaped, missing_extra

Cells = Sequence[Sequence[str]]
MOST_DECIMALS = 7


def number(value: float, decimals: int = 3) -> str:
    """A number for a table: so many decimals, four digits where it is large, a dash for none."""
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if abs(value) >= 1000 or decimals > MOST_DECIMALS:
        return f"{value:.4g}"
    return f"{value:.{decimals}f}"


def decimals(values: Iterable[float]) -> int:
    """How many decimals a table takes: three, or as many as its smallest number needs for three digits."""
    sizes = [abs(v) for v in values if math.isfinite(v) and v]
    smallest = min(sizes, default=1.0)
    return max(3, 2 - math.floor(math.log10(smallest))) if max(sizes, default=1.0) < 1.0 else 3


def as_text(head: Sequence[str], rows: Cells, right: bool = True) -> str:
    """A table of plain text: the first column to the left, the others to the right unless they are words."""
    cells = [list(head), *[list(row) for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    return "\n".join(
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *[cell.rjust(width) if right else cell.ljust(width) for cell, width in zip(row[1:], widths[1:], strict=True)],
            ]
        ).rstrip()
        for row in cells
    )


def as_html(caption: str, head: Sequence[str], rows: Cells, notes: Sequence[str] = ()) -> str:
    """The same table for a notebook. Every text is escaped; there is no script and no style that could carry one."""
    import html

    cell = '<td style="text-align:right">{}</td>'
    body = "".join(
        f'<tr><th scope="row" style="text-align:left"><bdi>{html.escape(row[0])}</bdi></th>'
        + "".join(cell.format(html.escape(value)) for value in row[1:])
        + "</tr>"
        for row in rows
    )
    top = "".join(f'<th scope="col" style="text-align:right">{html.escape(text)}</th>' for text in head[1:])
    said = "".join(f"<p><bdi>{html.escape(text)}</bdi></p>" for text in notes)
    return (
        f'<table><caption style="text-align:left"><bdi>{html.escape(caption)}</bdi></caption>'
        f'<thead><tr><th scope="col" style="text-align:left">{html.escape(head[0])}</th>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table>{said}"
    )


def printable(text: str) -> str:
    """A name for a terminal: control and direction characters as escapes."""
    return escaped(text)


def as_frame(columns: Mapping[str, Any], kind: Any, in_utc: Sequence[str] = ()) -> Any:
    """A data frame of the wanted kind, or of the first of pandas, polars, pyarrow; the columns `in_utc` get that zone."""
    from importlib.util import find_spec

    kinds: list[Any] = [kind] if kind else [name for name in ("pandas", "polars", "pyarrow") if find_spec(name)]
    if not kinds:
        raise missing_extra("to_frame()", "pandas, polars or pyarrow (table() needs none)", "parquet")
    import narwhals.stable.v2 as nw

    frame = nw.from_dict({name: _plain_times(values) for name, values in columns.items()}, backend=kinds[0])
    return frame.with_columns(nw.col(name).dt.replace_time_zone("UTC") for name in in_utc).to_native()


def _plain_times(values: Any) -> Any:
    """Dates in a unit that every kind of frame knows."""
    if (
        isinstance(values, np.ndarray)
        and values.dtype.kind == "M"
        and np.datetime_data(values.dtype)[0] not in ("ms", "us", "ns")
    ):
        return values.astype("datetime64[ms]")
    return values

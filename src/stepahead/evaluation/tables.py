"""Numbers as text, HTML and frames. Computes no reading."""

from __future__ import annotations

import html
import importlib.util
import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import missing_extra, shown

Cells = Sequence[Sequence[str]]


def number(value: float, digits: int = 3) -> str:
    """A number for a table: three decimals for small ones, four digits for large, a dash for none."""
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return f"{value:.{digits}f}" if abs(value) < 1000 else f"{value:.4g}"


def as_text(head: Sequence[str], rows: Cells) -> str:
    """A table of plain text: the first column to the left, the others to the right."""
    cells = [list(head), *[list(row) for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *[cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]]
        ).rstrip()
        for row in cells
    )


def as_html(caption: str, head: Sequence[str], rows: Cells, notes: Sequence[str] = ()) -> str:
    """The same table for a notebook. Every text is escaped; there is no script and no style that could carry one."""
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
    return shown(text)[1:-1]


def as_frame(columns: Mapping[str, Any], kind: Any) -> Any:
    """A data frame of the wanted kind, or of the first of pandas, polars, pyarrow that is installed."""
    kinds: list[Any] = [kind] if kind else [name for name in ("pandas", "polars", "pyarrow") if importlib.util.find_spec(name)]
    if not kinds:
        raise missing_extra("to_frame()", "pandas, polars or pyarrow (table() needs none)", "parquet")
    import narwhals.stable.v2 as nw

    return nw.from_dict(dict(columns), backend=kinds[0]).to_native()

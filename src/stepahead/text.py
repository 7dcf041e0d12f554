"""Numbers, names and tables as text, HTML and frames: how every report writes them. It computes no reading."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import numpy as np

from .errors import cut, escaped, missing_extra

Cells = Sequence[Sequence[str]]
NONE, MINUS = "–", "−"
LARGEST, SMALLEST = 1e7, 1e-4
EXPONENT = -1
"""In place of a number of decimals: all of these numbers are written with an exponent."""
_MARK = re.compile(r"\{(\w+)\}")


def fill(text: str, **values: object) -> str:
    """`text` with its marks filled in, in one pass: what is filled in is not searched again.

    >>> fill("{model}: {n} steps", model="{n}", n=4)
    '{n}: 4 steps'
    """
    return _MARK.sub(lambda mark: str(values[mark[1]]), text)


def printable(name: str, longest: int = sys.maxsize) -> str:
    r"""A name as text, its end cut off where it is longer: control and direction characters as escapes.

    >>> printable("a\u202eb"), printable("x" * 9, 4)
    ('a\\u202eb', 'xxx…')
    """
    return cut(escaped(name), longest)


# -- numbers: drawing.js writes those that move in the same way -----------------------------------------------------


def decimals(values: Iterable[float]) -> int:
    """How many decimals a table takes: three digits for its smallest number, at most two more than its largest needs.

    >>> decimals([0.204, 0.847]), decimals([12.5, 0.003]), decimals([35200.0]), decimals([3e-9])
    (3, 3, 0, -1)
    """
    sizes = [abs(value) for value in values if math.isfinite(value) and value]
    if not sizes:
        return 3
    if not SMALLEST <= max(sizes) < LARGEST:
        return EXPONENT
    least, most = (max(0, 2 - math.floor(math.log10(size))) for size in (max(sizes), min(sizes)))
    return min(most, least + 2)


def number(value: float, places: int = 3) -> str:
    """A number as text: a real minus, thousands apart, a dash for none, an exponent where nothing else says it.

    >>> number(-0.2049), number(12345.6, 0), number(float("nan")), number(2e-9), number(3.14e-7, EXPONENT)
    ('−0.205', '12,346', '–', '2.0e−9', '3.14e−7')
    """
    if math.isnan(value):
        return NONE
    if math.isinf(value):
        return "∞" if value > 0 else MINUS + "∞"
    with localcontext(rounding=ROUND_HALF_UP):  # as a browser rounds
        if places != EXPONENT and abs(value) < LARGEST and not 0.0 < abs(value) < 0.5 * 10.0**-places:
            text = f"{Decimal(value or 0.0):,.{places}f}"
        else:
            text = f"{Decimal(value):.{2 if places == EXPONENT else 1}e}".replace("+", "") if value else "0"
    return text.replace("-", MINUS)


def typed(value: float, places: int = 3) -> str:
    """The same number in the letters of a keyboard, for a terminal and for whoever copies it into a program.

    >>> typed(-0.2049), typed(12345.6, 0), typed(float("nan")), typed(float("-inf")), typed(2e-9)
    ('-0.205', '12346', '-', '-inf', '2.0e-9')
    """
    return number(value, places).translate(_TYPED)


_TYPED = str.maketrans({MINUS: "-", NONE: "-", "∞": "inf", ",": ""})


def share(value: float) -> str:
    """A share as a whole per cent.

    >>> share(0.8971)
    '90%'
    """
    return NONE if math.isnan(value) else f"{100.0 * value:.0f}%"


# -- tables ---------------------------------------------------------------------------------------------------------


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

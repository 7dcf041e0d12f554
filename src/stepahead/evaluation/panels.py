"""Many series in: whatever a panel comes as, named series in blocks, and groups of them that stack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..errors import DtypeError, StepaheadError, shown
from ..protocols import Array, Index
from ..series import Series, as_series

BLOCK_VALUES = 1 << 20
"""Values that are read, or scores that are made, before series are grouped by length: eight megabytes."""
BATCH_VALUES = 1 << 17
MOST_SIDE_BY_SIDE = 512
"""A megabyte of series, and no more than so many, are fitted at a time."""


class Named(NamedTuple):
    """One series of a panel: a Series, or an array that may still be refused; a text says why there is none."""

    name: str
    item: Series | Array | str


def blocks_of(panel: Any, scores: int) -> Iterator[list[Named]]:
    """The series of a panel with names that differ, some thousands of them at a time;
    each will have so many `scores`.
    """
    block: list[Named] = []
    taken: set[str] = set()
    values = 0
    for index, (own, item) in enumerate(_items(panel)):
        name = str(index) if own is None else own
        name = f"{name} #{index}" if name in taken else name
        taken.add(name)
        block.append(Named(name, item))
        values += max(scores, 0 if isinstance(item, str) else len(item))
        if values >= BLOCK_VALUES:
            yield block
            block, values = [], 0
    if block:
        yield block


def _items(panel: Any) -> Iterator[tuple[str | None, Series | Array | str]]:
    """(own name or None, series or the reason why it is none)."""
    if isinstance(panel, Series):
        panel = [panel]
    if isinstance(panel, (str, bytes)) or not hasattr(panel, "__iter__"):
        raise DtypeError(
            f"{shown(type(panel).__name__)} is not a panel: give a list of series, an array "
            "[series, time], or read_panel(...)",
            code="unknown-type",
            found=type(panel).__name__,
        )
    if isinstance(panel, np.ndarray):
        if panel.ndim != 2:
            raise DtypeError(
                f"an array of {panel.ndim} axes is not a panel: give [series, time]; evaluate() takes a single series",
                code="shape",
                found=panel.shape,
            )
        step = max(1, BLOCK_VALUES // max(panel.shape[1], 1))
        for begin in range(0, len(panel), step):
            rows = panel[begin : begin + step]
            yield from (
                (None, _opened(row)) for row in (np.array(rows, dtype=np.float64) if rows.dtype.kind == "f" else rows)
            )
        return
    for item in panel:
        if isinstance(item, Named):
            yield item
            continue
        series = _opened(item)
        yield getattr(series, "name", None) or None, series
    yield from getattr(panel, "refused", {}).items()


def _opened(item: Any) -> Series | Array | str:
    """One checked series of a panel. Arrays of float64 wait: whether they are finite is seen for many at once."""
    if type(item) is np.ndarray and item.dtype == np.float64 and item.ndim == 1:
        return item
    try:
        return as_series(item)
    except (StepaheadError, ValueError) as error:
        return str(error)


def alike(block: Sequence[Named]) -> Iterator[Index]:
    """The places of series of one kind and length, no more than are fitted at a time."""
    groups: dict[Any, list[int]] = {}
    for place, (_, item) in enumerate(block):
        if not isinstance(item, str):
            groups.setdefault((len(item), getattr(item, "categories", None)), []).append(place)
    for (length, _), places in groups.items():
        step = max(1, min(MOST_SIDE_BY_SIDE, BATCH_VALUES // max(length, 1)))
        for begin in range(0, len(places), step):
            yield np.array(places[begin : begin + step])

"""Data into the page: JSON that no parser of HTML can take for anything else,
and matrices as short unsigned numbers.
"""

from __future__ import annotations

import base64
import json
import math
from typing import Any, NamedTuple

import numpy as np

from ...protocols import Array, Index
from ...text import number

MOST_ORIGINS, MOST_POINTS, MOST_STEPS = 400, 2000, 64
MOST_LINES, FEWEST_SERIES, MOST_SERIES = 8, 3, 12
MOST_BASELINES = 3
"""Drawn where there is no model."""
MOST_CELLS = 100_000
"""Forecasts of one series times series: with more of them fewer series are drawn along time."""
CONSECUTIVE_FROM = 2000
"""With more held-out origins than this the last ones are drawn:
one in six or more would turn every wave into a tangle.
"""
FINE, COARSE = np.uint16, np.uint8


def json_text(data: Any) -> str:
    r"""JSON for a data block: nothing in it ends the block, opens a tag or a comment, or breaks a line of script.

    >>> json_text({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def packed(values: Array, low: float, high: float, kind: type[np.unsignedinteger[Any]] = FINE) -> dict[str, Any]:
    """Numbers between `low` and `high` as unsigned ones in base64, the largest of them for what is not there.

    Two bytes keep a number to 1 / 65534 of the range: a hundredth of a pixel of any chart. What lies outside goes to
    the edge.
    """
    most = int(np.iinfo(kind).max) - 1
    width = high - low if high > low else 1.0
    codes = np.rint(np.clip((values - low) / width, 0.0, 1.0) * most)
    whole = np.where(np.isnan(values), most + 1, codes).astype(np.dtype(kind).newbyteorder("<"))
    return {"low": low, "step": width / most, "data": base64.b64encode(np.ascontiguousarray(whole).tobytes()).decode()}


def rounded(value: float) -> float | str | None:
    """Six digits of a number, "∞" where it is without bound, None where there is none."""
    if math.isfinite(value):
        return float(f"{value:.6g}")
    return None if math.isnan(value) else number(value)


def evenly(count: int, most: int) -> Index:
    """At most `most` of the places 0 .. count - 1, evenly taken, both ends among them.

    >>> evenly(5, 9), evenly(9, 5)
    (array([0, 1, 2, 3, 4]), array([0, 2, 4, 6, 8]))
    """
    return np.arange(count) if count <= most else np.unique(np.rint(np.linspace(0, count - 1, most)).astype(np.intp))


def rows_drawn(rows: slice, most: int) -> Index:
    """At most `most` of the rows, evenly taken; of very many the last ones."""
    count = rows.stop - rows.start
    return (
        np.arange(rows.stop - min(count, most), rows.stop)
        if count > CONSECUTIVE_FROM
        else rows.start + evenly(count, most)
    )


def stepped(steps: Index, most: int, always: tuple[int, ...]) -> Index:
    """At most about `most` places among the steps, close together where k is small;
    those of `always` and the ends stay.
    """
    if len(steps) <= most:
        return np.arange(len(steps))
    wanted = np.geomspace(steps[0], steps[-1], most - len(always))
    near = np.searchsorted(steps, wanted).clip(0, len(steps) - 1)
    kept = [place for place, k in enumerate(steps.tolist()) if k in always]
    found = set(near.tolist()) | set(kept) | {0, len(steps) - 1}
    # Small k stand once for several of the wanted places: fill up from the small ones on.
    spare = (place for place in range(len(steps)) if place not in found)
    while len(found) < most:
        found.add(next(spare))
    return np.array(sorted(found))


class Plan(NamedTuple):
    """What of the rows is drawn: so many origins, so many steps, and bands at one origin in `stride`."""

    origins: int
    steps: int
    stride: int


def plan(rows: int, steps: int, lines: int, views: int, budget: int, always: int = 0) -> Plan:
    """What can be drawn within the budget: all of it if possible, then fewer bands, fewer origins, fewer steps.

    >>> plan(rows=333, steps=64, lines=4, views=1, budget=275_000)
    Plan(origins=333, steps=64, stride=2)

    Parameters
    ----------
    rows, steps : what there is. lines : matrices of forecasts to draw; one of them has a band. views :
        series to draw. budget : bytes. always : how many steps stay in any case.
    """
    options = (
        Plan(min(origins, rows), min(max(most, always), steps), stride)
        for most in (MOST_STEPS, 32, 16, 8)
        for origins in (MOST_ORIGINS, 333, 250, 160, 100, 60)
        for stride in (1, 2, 3, 4)
        if origins >= 2 * most
    )
    least = Plan(min(60, rows), min(max(8, always), steps), 4)
    return next((found for found in options if _cost(found, lines, views) <= budget), least)


def _cost(plan: Plan, lines: int, views: int) -> float:
    """Bytes in base64: two for a forecast, one for half the width of a band; and what is listed beside them."""
    matrices = plan.origins * plan.steps * (2.0 * lines + 1.0 / plan.stride) * 4.0 / 3.0
    return views * (matrices + 10.0 * MOST_POINTS + plan.origins * (8.0 + 33.0 / plan.stride))

"""Where words stand in a figure: beside lines without covering each other, and in an area without lying on a line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ..protocols import Array


def apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places at least `gap` apart, each group of crowded ones about the middle of where it wants to be."""
    groups: list[tuple[float, int]] = []  # middle, how many
    for place in wanted:
        middle, count = place, 1
        # A group that reaches into the one below joins it, and both settle around their common middle.
        while groups and middle - 0.5 * gap * (count - 1) < groups[-1][0] + 0.5 * gap * (groups[-1][1] + 1):
            below, many = groups.pop()
            middle, count = (middle * count + below * many) / (count + many), count + many
            half = 0.5 * gap * (count - 1)
            middle = max(low + half, min(high - half, middle))
        groups.append((middle, count))
    return [middle + gap * (i - 0.5 * (count - 1)) for middle, count in groups for i in range(count)]


def free_place(
    starts: Array, box: tuple[float, float], floor: Array, lines: Sequence[Array], room: tuple[float, float]
) -> tuple[float, float] | None:
    """Where a text stands over a floor and on no line: (x, y) of its lower left corner, the lowest place there is.

    Parameters
    ----------
    starts : [places] from where it may begin. box : its width and height. floor, lines : [points] heights at equal
        distances along the width; NaN where a line is not. room : (width, height). All in one unit.
    """
    at = np.linspace(0.0, room[0], len(floor))
    best: tuple[float, float] | None = None
    for x in starts.tolist():
        inside = (at >= x - 2.0) & (at <= x + box[0] + 2.0)
        lowest = float(np.nanmax(floor[inside])) + 4.0
        for y in np.arange(lowest, room[1] - box[1] - 4.0, 3.0).tolist():
            if best is not None and y >= best[1]:
                break
            if not any(crosses(line[inside], y - 3.0, y + box[1] + 4.0) for line in lines):
                best = (x, y)
                break
    return best


def crosses(line: Array, low: float, high: float) -> bool:
    """Whether a line has a part between two heights, or jumps over them."""
    known = line[~np.isnan(line)]
    if not len(known):
        return False
    return any(min(a, b) < high and max(a, b) > low for a, b in pairwise([*known.tolist(), float(known[-1])]))

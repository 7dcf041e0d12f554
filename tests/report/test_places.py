"""Where words stand in a figure: apart from each other, near what they name, on no line."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from stepahead.report import places


def test_names_at_the_ends_are_apart_and_near_where_they_belong():
    wanted = [0.19, 0.191, 0.2, 0.237, 0.5, 0.51, 0.7]
    found = places.apart(wanted, 0.05, 0.0, 0.72)
    assert all(b - a >= 0.05 - 1e-12 for a, b in itertools.pairwise(found))
    assert found[-1] <= 0.72
    assert np.mean(found[:4]) == pytest.approx(np.mean(wanted[:4])), "a crowd settles about its middle"
    assert max(abs(p - w) for p, w in zip(found, wanted, strict=True)) < 0.1
    crowded = places.apart([0.71] * 5, 0.05, 0.0, 0.72)
    assert crowded[-1] <= 0.72
    assert crowded[0] >= 0.0


def test_a_text_finds_the_lowest_place_over_the_floor_that_no_line_crosses():
    floor, flat = np.full(101, 10.0), np.full(101, 18.0)
    starts = np.array([5.0, 50.0])
    x, y = places.free_place(starts, (30.0, 8.0), floor, [], (100.0, 60.0))
    assert (x, y) == (5.0, 14.0)
    _, above = places.free_place(starts, (30.0, 8.0), floor, [flat], (100.0, 60.0))
    assert above >= 18.0 + 3.0
    half = np.where(np.arange(101) < 45, 18.0, np.nan)
    assert places.free_place(starts, (30.0, 8.0), floor, [half], (100.0, 60.0))[0] == 50.0
    every = [np.full(101, float(h)) for h in range(10, 60, 6)]
    assert places.free_place(starts, (30.0, 8.0), floor, every, (100.0, 60.0)) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ([1.0, 2.0], False),
        ([4.0, 4.0], True),
        ([1.0, 9.0], True),  # it jumps over them
        ([9.0, 8.0], False),
        ([np.nan, np.nan], False),
        ([np.nan, 4.0], True),
    ],
)
def test_a_line_crosses_what_it_enters_or_jumps_over(line, expected):
    assert places.crosses(np.array(line), 3.0, 5.0) is expected

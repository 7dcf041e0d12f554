"""The plan of a page keeps to its budget."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from stepahead.report.page import packing


@pytest.mark.parametrize("rows", [1, 50, 333, 5000])
@pytest.mark.parametrize("lines", [1, 4, 8])
def test_the_plan_keeps_to_its_budget(rows, lines):
    for steps, shown, budget in itertools.product((1, 64, 1000), (1, 3), (150_000, 500_000)):
        found = packing.plan(rows, steps, lines, shown, budget)
        assert packing._cost(found, lines, shown) <= budget
        assert found.origins <= min(rows, 400)
        assert found.steps <= min(steps, 64)
    assert packing.plan(333, 64, 3, 1, 450_000) == (333, 64, 1), "where there is room nothing is left out"


def test_of_many_steps_the_small_ones_and_the_shown_ones_stay():
    steps = np.arange(1, 1001)
    found = steps[packing.stepped(steps, 64, (1, 4, 16, 64, 1000))]
    assert len(found) <= 64
    assert {1, 4, 16, 64, 1000} <= set(found.tolist())
    assert found[:8].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert (np.diff(found) > 0).all()
    assert packing.stepped(np.array([3, 9]), 64, (3, 9)).tolist() == [0, 1]

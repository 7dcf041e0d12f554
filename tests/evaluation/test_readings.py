"""Readings of several models as a mapping and as tables."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

import stepahead as sa


class Single(NamedTuple):
    claim: int
    share: float
    word: str


class ByStep(NamedTuple):
    low: np.ndarray
    overall: float
    steps: np.ndarray


SINGLE = sa.results.Readings({"A": Single(3, 0.25, "yes"), "longer": Single(12, 1 / 3, "no")})
BY_STEP = sa.results.Readings(
    {"A": ByStep(np.arange(20.0), 0.5, np.arange(1, 21)), "b": ByStep(np.ones(20), 2.0, np.arange(1, 21))}
)


def test_it_is_a_mapping():
    assert dict(SINGLE) == SINGLE == {"A": Single(3, 0.25, "yes"), "longer": Single(12, 1 / 3, "no")}
    assert (list(SINGLE), len(SINGLE), SINGLE["A"].claim, "B" in SINGLE) == (["A", "longer"], 2, 3, False)
    assert SINGLE._ipython_key_completions_() == ["A", "longer"]
    with pytest.raises(KeyError, match="no model is called 'B'; there are A, longer"):
        SINGLE["B"]


def test_single_numbers_are_one_row_a_model():
    assert repr(SINGLE).splitlines() == [
        "        claim  share  word",
        "A           3   0.25   yes",
        "longer     12  0.333    no",
    ]
    assert SINGLE._repr_html_().count("<tr>") == 3


def test_what_is_by_step_has_a_row_a_reading_and_the_rest_a_table_of_its_own():
    assert repr(BY_STEP).splitlines() == [
        "         k=1   k=4   k=16   k=20",
        "A  low  0.00  3.00  15.00  19.00",
        "b  low  1.00  1.00   1.00   1.00",
        "",
        "   overall",
        "A      0.5",
        "b        2",
    ]
    assert BY_STEP._repr_html_().count("<table>") == 2


def test_none_are_shown_as_none():
    empty = sa.results.Readings({})
    assert (repr(empty), len(empty)) == ("no model", 0)
    assert "no model" in empty._repr_html_()


def test_a_name_cannot_write_on_the_terminal_or_into_the_page():
    found = sa.results.Readings({"<b>\x1b[31m": Single(1, 1.0, "w")})
    assert "\x1b" not in repr(found)
    assert "<b>" not in found._repr_html_()


def test_tests_and_one_difference_show_as_tables():
    result = sa.evaluate([sa.AR(2)], sa.datasets.nile(), 4)
    tests = result.tests()
    assert repr(tests).splitlines()[1].startswith("Mean   difference  ")
    assert repr(tests["Mean"]).splitlines()[1].startswith("difference  ")
    assert tests["Mean"]._repr_html_().count("<table>") == 2
    assert tests["Mean"].steps.tolist() == [1, 2, 3, 4]

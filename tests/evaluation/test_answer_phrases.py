"""The phrases of answers: steps, ranges, names and numbers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from stepahead.evaluation.answer_phrases import Phrases, amounts, digits, equal_parts
from stepahead.evaluation.answer_words import Units

from .drawn import answer_of


def answer(**more):
    """Two models and three baselines at six steps, named by the number of the step ahead."""
    found = answer_of(np.square(np.random.default_rng(3).normal(size=(5, 6, 60))), 2)
    return dataclasses.replace(found, **more)


def test_a_saving_below_the_margin_is_not_rounded_up_to_it():
    teller = Phrases(answer())
    assert [teller.percent(value) for value in (0.0099, 0.01, 0.016, -0.004, -20.0)] == [
        "0%",
        "1%",
        "2%",
        "0%",
        "below −999%",
    ]


def test_numbers_that_are_close_have_one_digit_more():
    assert amounts(100.0, 114.9) == ("100", "115")
    assert amounts(100.0, 116.0) == ("100", "120")
    assert amounts(0.0, 1.0) == ("0", "1.0")


@pytest.mark.parametrize(
    ("value", "count", "expected"),
    [(0.0, 2, "0"), (np.inf, 2, "inf"), (9.96, 2, "10"), (0.0996, 2, "0.10"), (-4.28, 2, "-4.3"), (1e-9, 2, "1.0e-09"),
     (123456.0, 3, "123,000"), (2.5e12, 2, "2.5e+12")],
)  # fmt: skip
def test_numbers_have_so_many_digits(value, count, expected):
    assert digits(value, count) == expected


def test_digits_say_the_number_to_within_half_of_the_last_one():
    rng = np.random.default_rng(0)
    for value in 10.0 ** rng.uniform(-8, 12, 300) * rng.choice([-1.0, 1.0], 300):
        for count in (2, 3):
            assert float(digits(value, count).replace(",", "")) == pytest.approx(
                value, rel=0.5001 * 10.0 ** (1 - count)
            )


def test_steps_are_told_in_the_unit_of_time():
    days, steps = Phrases(answer(), "en", Units(time="D")), Phrases(answer())
    assert (days.step(0), days.step(3)) == ("1 day", "4 days")
    assert (steps.step(0), steps.step(3)) == ("step 1", "step 4")
    assert days.span((1, 1)) == "day 2"
    assert days.span((1, 4)) == "days 2 to 5"
    assert Phrases(answer(), "zh", Units(time="D")).span((1, 4)) == "第 2 至 5 天"
    assert steps.listed([(0, 0), (2, 3)]) == "step 1, steps 3 to 4"
    assert steps.listed([(k, k) for k in range(5)]).endswith("step 4…"), "the first few"


def test_the_best_baselines_over_a_range_are_named():
    def told(best):
        """The best baseline at each step, by its place; told over all steps."""
        loss = np.ones((5, 6))
        loss[2:] = 2.0
        loss[2 + np.array(best), np.arange(6)] = 1.0
        return Phrases(answer(loss=loss)).baselines((0, 5))

    names = [Phrases(answer()).baseline(place) for place in range(3)]
    assert told([1] * 6) == names[1]
    assert told([0, 0, 1, 1, 1, 1]) == f"{names[0]} (steps 1 to 2), {names[1]} (steps 3 to 6)"
    assert told([0, 1, 0, 1, 0, 1]) == f"{names[0]}, {names[1]}"
    assert told([0, 1, 2, 1, 0, 1]) == names[1], "the one that is best most often"


def test_parts_of_equal_values():
    assert equal_parts(np.array([3, 3, 1, 3])) == [(0, 1), (2, 2), (3, 3)]
    assert equal_parts(np.array([5])) == [(0, 0)]

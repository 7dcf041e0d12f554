"""Fitted batches around fitted batches, number by number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from stepahead.models.wrapped import AddedUp, Corrected, Rescaled

VALUES = np.random.default_rng(0).normal(size=(3, 12)) * [[1.0], [10.0], [0.1]]
KEPT = np.array([1, 3])
FIRST, COUNT = 5, 4


@dataclass(frozen=True)
class Fading:
    """The last value, times a factor of each series at every step."""

    factors: np.ndarray
    kept: np.ndarray
    rows: tuple[int, ...] = (0, 1, 2)
    width: int = 1
    context: int = 1

    def ahead(self, part, values, first, count):
        last = values[:, None, first - 1 : first - 1 + count]
        return last * self.factors[part, None, None] ** self.kept[:, None]


FACTORS = np.array([0.5, 0.9, -0.3])


@pytest.mark.parametrize("part", [slice(0, 3), slice(1, 2)])
def test_rescaled_is_the_forecast_of_standardised_values_in_the_unit_of_the_series(part):
    mean, std = np.array([1.0, 2.0, 3.0]), np.array([2.0, 0.5, 4.0])
    made = Rescaled(np.arange(3), 1, 1, Fading(FACTORS, KEPT), mean, std)
    out = made.ahead(part, VALUES[part], FIRST, COUNT)
    for i, s in enumerate(range(3)[part]):
        for j, k in enumerate(KEPT):
            for o in range(COUNT):
                last = (VALUES[s, FIRST + o - 1] - mean[s]) / std[s]
                assert out[i, j, o] == pytest.approx(last * FACTORS[s] ** k * std[s] + mean[s], rel=1e-12)


@pytest.mark.parametrize("part", [slice(0, 3), slice(2, 3)])
def test_added_up_is_the_last_value_and_the_sum_of_all_steps_so_far(part):
    made = AddedUp(np.arange(3), 1, 2, Fading(FACTORS, np.arange(1, 4)), KEPT)
    out = made.ahead(part, VALUES[part], FIRST, COUNT)
    for i, s in enumerate(range(3)[part]):
        for j, k in enumerate(KEPT):
            for o in range(COUNT):
                step = VALUES[s, FIRST + o - 1] - VALUES[s, FIRST + o - 2]
                expected = VALUES[s, FIRST + o - 1] + sum(step * FACTORS[s] ** m for m in range(1, k + 1))
                assert out[i, j, o] == pytest.approx(expected, rel=1e-12)


def test_corrected_adds_what_is_learned_up_to_its_horizon_and_nothing_beyond():
    rng = np.random.default_rng(1)
    correction, shift = rng.normal(size=(3, 2, 2)), rng.normal(size=(3, 2))
    made = Corrected(np.arange(3), 1, 2, Fading(FACTORS, np.arange(1, 4)), correction, shift, KEPT)
    out = made.ahead(slice(0, 3), VALUES, FIRST, COUNT)
    for s in range(3):
        for j, k in enumerate(KEPT):
            for o in range(COUNT):
                origin = FIRST + o
                expected = VALUES[s, origin - 1] * FACTORS[s] ** k
                if k <= 2:
                    expected += correction[s, k - 1] @ VALUES[s, origin - 2 : origin] + shift[s, k - 1]
                assert out[s, j, o] == pytest.approx(expected, rel=1e-12)

"""Curves and straight lines of many series at once, against loops over series, steps and origins."""

from __future__ import annotations

import numpy as np
import pytest

from stepahead.models.simple import Curve, Straight, expect

ROWS, KEPT = np.arange(3), np.array([1, 2, 5])
VALUES = np.random.default_rng(0).normal(size=(3, 20))


@pytest.mark.parametrize("part", [slice(0, 3), slice(1, 2)])
@pytest.mark.parametrize(("first", "count"), [(1, 4), (7, 1), (12, 6)])
def test_a_straight_line_goes_on_from_the_last_value(part, first, count):
    slope = np.array([0.0, 0.5, -2.0])
    found = Straight(ROWS, KEPT, slope).ahead(part, VALUES[part], first, count)
    expected = [
        [[VALUES[row, origin - 1] + k * slope[row] for origin in range(first, first + count)] for k in KEPT]
        for row in range(3)[part]
    ]
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("with_slope", [False, True])
@pytest.mark.parametrize("period", [1, 4])
@pytest.mark.parametrize(("part", "first", "count"), [(slice(0, 3), 0, 5), (slice(1, 3), 9, 3), (slice(2, 3), 4, 1)])
def test_a_curve_depends_on_its_target_alone(part, first, count, period, with_slope):
    phases = np.random.default_rng(period).normal(size=(3, period))
    slope = np.array([0.1, 0.0, -1.0]) if with_slope else None
    found = Curve(ROWS, KEPT, phases, slope).ahead(part, VALUES[part], first, count)
    expected = np.array(
        [
            [
                [
                    phases[row, (origin + k - 1) % period] + (0.0 if slope is None else slope[row] * (origin + k - 1))
                    for origin in range(first, first + count)
                ]
                for k in KEPT
            ]
            for row in range(3)[part]
        ]
    )
    np.testing.assert_allclose(np.broadcast_to(found, expected.shape), expected)
    found[...] = 7.0
    assert not (phases == 7.0).any(), "what comes back is nobody else's"


def test_a_context_in_a_file_has_to_be_that_of_the_model():
    assert expect(3, 3) == {}
    with pytest.raises(ValueError, match="context is 2 where 3 was wanted"):
        expect(2, 3)

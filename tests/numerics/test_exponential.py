"""Exponential smoothing over a grid: against plain loops, and its least squares."""

from __future__ import annotations

import numpy as np
import pytest

from stepahead.numerics.exponential import Sums, grid, moved, weights

from .. import data
from ..smoothing_loops import smoothing_errors


@pytest.mark.parametrize("period", [1, 5])
def test_sums_and_states_are_those_of_one_point_after_the_other(period):
    y = data.sine(1, 40)
    x, points = y - y[0], grid(period)
    sums = Sums(1, points, period)
    states = sums.add(x[None])
    fitted = sums.solve()
    end = moved(states, fitted)
    for at in range(0, len(points.alpha), 7):
        own = [float(part[at]) for part in (points.alpha, points.beta, points.damping, points.gamma)]
        level, slope = fitted.level[0, at], fitted.slope[0, at]
        errors, last, tilt, season = smoothing_errors(x, *own, period, level, slope)
        np.testing.assert_allclose([end.level[0, at], end.slope[0, at]], [last, tilt], rtol=1e-9, atol=1e-12)
        if own[3]:
            moving = at - (len(points.alpha) - states.season.shape[2])
            np.testing.assert_allclose(end.season[:, 0, moving], season, atol=1e-10)
        # Least squares: no other start has smaller errors.
        for up, along in ((1e-3, 0.0), (-1e-3, 0.0), (0.0, 1e-3), (0.0, -1e-3)):
            if along and own[2] == 0.0:
                continue
            other = smoothing_errors(x, *own, period, level + up, slope + along)[0]
            assert other @ other >= errors @ errors


def test_series_side_by_side_have_the_sums_of_each_alone():
    values = np.random.default_rng(0).normal(size=(3, 30)).cumsum(axis=1)
    together = Sums(3, grid(1), 1)
    together.add(values)
    for row, own in enumerate(values):
        alone = Sums(1, grid(1), 1)
        alone.add(own[None])
        np.testing.assert_array_equal(together.products[:, row], alone.products[:, 0])


def test_a_missing_value_is_left_out_of_the_sums():
    y = data.sine(1, 40)
    y[20] = np.nan
    sums = Sums(1, grid(1), 1)
    sums.add((y - y[0])[None])
    assert sums.seen.count.tolist() == [39.0]
    level, at = 0.0, 20  # alpha of .2, no trend
    total = 0.0
    for value in y - y[0]:
        if not np.isnan(value):
            total += (value - level) ** 2
            level += 0.2 * (value - level)
    assert grid(1).alpha[at] == 0.2
    assert sums.products[0, 0, at] == pytest.approx(total, rel=1e-12)


def test_weights_fall_with_the_sum_of_squares_and_the_cost():
    found = weights(np.array([[1.0, 1.0, 2.0]]), np.array([10.0]), np.array([0.0, 2.0, 0.0]))
    np.testing.assert_allclose(found[0, 1:] / found[0, 0], [np.exp(-2.0), 2.0**-10.0], rtol=1e-12)
    assert weights(np.zeros((1, 2)), np.array([5.0]), np.zeros(2)).tolist() == [[0.5, 0.5]]

"""Dynamic Theta over a grid: closed forms, and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.numerics.dynamic_theta import ALPHA, SHARE

from .. import data


def alone(model: sa.Theta, point: int, level: float) -> sa.Theta:
    """The model with one grid point."""
    model.weights_ = np.eye(50)[point]
    model.level_ = np.where(model.weights_ > 0, level, 0.0)
    return model


def test_without_a_line_it_is_simple_exponential_smoothing():
    y = 10.0 + data.sine(0, 90)
    point = int(np.flatnonzero((ALPHA == 0.3) & (SHARE == 0.0))[0])
    model = alone(sa.Theta(None).fit(y), point, 0.0)
    np.testing.assert_allclose(model.forecast(y, 5), sa.baselines.SES(0.3).fit(y).forecast(y, 5), rtol=1e-12)


def test_its_line_is_that_of_least_squares_through_all_values_so_far():
    y = data.sine(3, 50) + 0.2 * np.arange(50)
    model = alone(sa.Theta(None).fit(y), 0, 0.0)
    state = model.encode(y)
    for origin in (2, 3, 20, 50):
        mean, slope, count = state[2][origin - 1]
        wanted = np.polyfit(np.arange(1, origin + 1), y[:origin] - y[0], 1)
        np.testing.assert_allclose([slope, mean], [wanted[0], (y[:origin] - y[0]).mean()], atol=1e-10)
        assert count == origin


def test_a_missing_value_leaves_the_line_where_it_is():
    y = data.sine(3, 50) + 0.2 * np.arange(50)
    holes = y.copy()
    holes[30] = np.nan
    model = alone(sa.Theta(None).fit(y), 20, 0.0)
    state = model.encode(sa.Series(holes, missing="skip"))
    before, after = state[2][29], state[2][30]
    assert after[1] == pytest.approx(before[1], rel=1e-12)
    ends = [mean + slope * (31 - (count + 1) / 2.0) for mean, slope, count in (before, after)]
    assert ends[0] == pytest.approx(ends[1], rel=1e-12)

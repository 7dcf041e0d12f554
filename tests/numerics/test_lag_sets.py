"""Averages over sets of lags: plain least squares, and what overflows."""

from __future__ import annotations

import numpy as np
import pytest

from stepahead.numerics import lag_sets

from .. import data
from ..smoothing_loops import lag_sets_recipe


@pytest.mark.parametrize(("length", "season"), [(9, 1), (40, 1), (60, 4), (120, 12), (230, 2)])
def test_one_series_is_fitted_as_a_plain_loop_does(length, season):
    y = 5.0 + data.sine(1, length)
    found = lag_sets.averaged([y[None]], length, season)
    matrices, constants = lag_sets.operators(found.coefficients[0], found.intercepts[0], 7)
    lags = matrices.shape[2]
    window = (y[length - lags :] - found.mean[0]) / found.std[0]
    ahead = lag_sets.ahead(window[None], matrices, constants, found.weights[0])[0]
    np.testing.assert_allclose(found.mean[0] + found.std[0] * ahead, lag_sets_recipe(y, season)(y, 7), rtol=1e-8)


def test_windows_that_touch_a_gap_are_left_out():
    y = data.sine(1, 90)
    y[40] = np.nan
    found = lag_sets.averaged([y[None]], 89, 1)
    parts = [y[None, :40], y[None, 41:]]
    pooled = lag_sets.averaged(parts, 89, 1)
    np.testing.assert_allclose(found.coefficients, pooled.coefficients, atol=1e-10)


def test_the_mean_of_a_constant_is_that_constant():
    mean, std = lag_sets.location([np.full((1, 7), 0.1)])
    assert mean.tolist() == [0.1]
    assert std.tolist() == [1.0]


def test_an_operator_that_overflows_is_large_and_finite():
    matrices, constants = lag_sets.operators(np.array([[0.0, 3.0]]), np.array([1.0]), 2000)
    assert np.isfinite(matrices).all()
    assert np.isfinite(constants).all()
    ahead = lag_sets.ahead(np.array([[0.0, 1.0], [0.0, -1.0]]), matrices, constants, np.ones(1))
    assert ahead[:, -1].tolist() == [lag_sets.REACH, -lag_sets.REACH]

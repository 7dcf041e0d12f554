"""Exponential smoothing over a grid: against statsmodels, and in its corners."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.numerics.exponential import grid

from .. import data
from ..smoothing_loops import smoothing_loop


def test_statsmodels_has_the_same_forecast_of_one_grid_point():
    holt = pytest.importorskip("statsmodels.tsa.holtwinters")
    y = 20.0 + data.sine(0, 60) + 0.1 * np.arange(60)
    model = sa.ExponentialSmoothing(None).fit(y)
    point = 33
    alpha, beta, phi, _, _ = (float(part[point]) for part in vars(grid(1)).values())
    model.weights_ = np.eye(60)[point]
    model.level_, model.slope_ = np.where(model.weights_ > 0, 1.5, 0.0), np.where(model.weights_ > 0, 0.2, 0.0)
    # statsmodels states the damped trend with beta relative to the level's own step.
    other = holt.Holt(y, damped_trend=True, initialization_method="known", initial_level=y[0] + 1.5, initial_trend=0.2)
    fitted = other.fit(smoothing_level=alpha, smoothing_trend=beta, damping_trend=phi, optimized=False)
    np.testing.assert_allclose(model.forecast(y, 8), fitted.forecast(8), rtol=1e-10)


def test_a_long_season_with_few_cycles_is_taken_as_two_waves():
    t = np.arange(900.0)
    y = 12.0 + 8.0 * np.cos(2 * np.pi * t / 365.25) + np.random.default_rng(0).normal(0.0, 1.0, 900)
    model = sa.ExponentialSmoothing(365).fit(y)
    assert model.turn_ == 365.25
    assert model.phases_.tolist() == [0.0]
    np.testing.assert_allclose(model.waves_, [8.0, 0.0, 0.0, 0.0], atol=0.3)
    np.testing.assert_allclose(model.forecast(y, 100), smoothing_loop(model, y, 100), rtol=1e-11)


def test_the_week_inside_a_year_of_days_is_found_once_the_year_is_taken_off():
    t = np.arange(800.0)
    week = np.tile([0.0, 1.0, 3.0, -2.0, 0.0, -1.0, -1.0], 115)[:800]
    y = 5.0 * np.sin(2 * np.pi * t / 365.25) + 2.0 * week + np.random.default_rng(1).normal(0.0, 1.0, 800)
    model = sa.ExponentialSmoothing(365).fit(y)
    assert len(model.phases_) == 7
    np.testing.assert_allclose(model.phases_ - model.phases_[0], 2.0 * (week[:7] - week[0]), atol=0.8)
    np.testing.assert_allclose(model.forecast(y, 20), smoothing_loop(model, y, 20), rtol=1e-11)


def test_nothing_before_the_first_observed_value_has_a_forecast():
    y = data.sine(0, 80)
    holes = y.copy()
    holes[:5] = np.nan
    model = sa.ExponentialSmoothing(6).fit(y)
    # A series drops what is missing at its head; a part of it may begin with a gap.
    state = model.encode(sa.Series([0.0, *holes], missing="skip")[1:])
    whole = ~np.isnan(state[0]).any(axis=1)
    assert whole.tolist() == [False] * 5 + [True] * 75
    np.testing.assert_allclose(model.rollout(state, 4)[-1], smoothing_loop(model, holes, 4), rtol=1e-11)


@pytest.mark.parametrize("wrong", [1, 0, 2.5, "monthly", (4, 4)])
def test_a_season_that_is_none_is_refused(wrong):
    with pytest.raises(sa.errors.ParameterError, match="season"):
        sa.ExponentialSmoothing(wrong).fit(data.sine(0, 60))


def test_of_several_seasons_it_takes_the_last_of_the_chain():
    y = np.tile(np.arange(48.0), 10)
    model = sa.ExponentialSmoothing((4, 8, 48)).fit(y)
    assert len(model.phases_) == 48


def test_a_file_whose_weights_are_no_shares_is_refused(tmp_path):
    model = sa.ExponentialSmoothing(None).fit(data.sine(0, 60))
    model.weights_ = model.weights_ * 2.0
    model.save(tmp_path / "bad.safetensors")
    with pytest.raises(sa.errors.ModelFileError, match="shares"):
        sa.load(tmp_path / "bad.safetensors")

"""Averaged autoregressions: statsmodels' least squares, and gaps."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.numerics.lag_sets import lag_sets

from .. import data
from ..smoothing_loops import lag_sets_loop, sets_of


@pytest.mark.parametrize("count", [5, 12, 20, 40, 60, 201, 401])
@pytest.mark.parametrize("season", [1, 2, 4, 7, 12])
def test_the_sets_of_lags_are_those_that_the_values_are_enough_for(count, season):
    assert list(lag_sets(count, season)) == sets_of(count, season)


def test_statsmodels_has_the_same_coefficients_of_a_set():
    ar = pytest.importorskip("statsmodels.tsa.ar_model")
    y = sa.datasets.ar_process((0.5, 0.3), seed=2).values[:180]
    model = sa.AveragedAR(season=None).fit(y)
    rows = np.flatnonzero((model.coefficients_ != 0).sum(axis=1) == 2)
    assert len(rows) == 1
    # All sets are fitted on the rows of the longest, of 8 lags.
    other = ar.AutoReg(y, lags=2, hold_back=8).fit()
    np.testing.assert_allclose(model.coefficients_[rows[0], [-1, -2]], other.params[1:], rtol=1e-5)


def test_steps_are_a_difference_inside():
    y = np.cumsum(data.sine(2, 150))
    inner = sa.AveragedAR(season=None).fit(np.diff(y))
    outer = sa.AveragedAR(steps=True, season=None).fit(y)
    wanted = y[-1] + np.cumsum(inner.forecast(np.diff(y), 6))
    np.testing.assert_allclose(outer.forecast(y, 6), wanted, rtol=1e-10)


def test_a_drift_is_all_that_few_values_bear():
    y = [1.0, 3.0, 2.0, 5.0, 7.0]
    np.testing.assert_allclose(sa.AveragedAR(steps=True, season=None).fit(y).forecast(y, 2), [8.5, 10.0])
    np.testing.assert_allclose(sa.AveragedAR(season=None).fit(y).forecast(y, 2), [3.6, 3.6])


def test_its_own_forecast_stands_for_a_missing_value():
    y = data.sine(0, 100)
    y[[60, 61, 95]] = np.nan
    series = sa.Series(y, missing="skip")
    model = sa.AveragedAR(season=None).fit(series[:90])
    np.testing.assert_allclose(model.forecast(series, 5), lag_sets_loop(model, y, 5), rtol=1e-11)
    pieces = model.encode(series[:62])
    rest = model.encode(sa.Series(y[62:], missing="skip"), tuple(part[-1:] for part in pieces))
    np.testing.assert_array_equal(rest[0][-1], model.encode(series)[0][-1])


def test_no_set_goes_further_than_fifty_deviations():
    y = 1.5 ** np.arange(60.0)
    model = sa.AveragedAR(season=None).fit(y)
    ahead = model.forecast(y, 400)
    assert np.isfinite(ahead).all()
    assert (np.abs(ahead - model.mean_) <= 50.0 * model.std_ * (1.0 + 1e-12)).all()


def test_waves_of_a_long_season_are_taken_off_first():
    t = np.arange(700.0)
    y = 6.0 * np.cos(2 * np.pi * t / 365.25) + np.random.default_rng(0).normal(size=700)
    model = sa.AveragedAR(season=365).fit(y)
    np.testing.assert_allclose(model.waves_[0], 6.0, atol=0.3)
    np.testing.assert_allclose(model.forecast(y, 30), lag_sets_loop(model, y, 30), rtol=1e-10)
    pieces = model.encode(y[:300])
    rest = model.encode(y[300:], tuple(part[-1:] for part in pieces))
    np.testing.assert_allclose(rest[0][-1], model.encode(y)[0][-1], rtol=1e-12)
    assert rest[1][-1, 0] == 700.0

"""Seasonal adjustment: statsmodels' decomposition, the published indices, and a plain loop."""

from __future__ import annotations

import numpy as np
import pytest

from stepahead.numerics.adjustment import nothing, phases_of, takes_waves, wave_columns, waves_of

from .. import data
from ..smoothing_loops import phases_recipe

INDICES = [0.9097, 0.9087, 1.0696, 0.9479, 0.9325, 1.0644, 0.9696, 0.8611, 1.1221, 1.0399, 1.0751, 1.0994]


def test_the_indices_of_electrical_equipment():
    y = np.genfromtxt(data.path("elec_equip_monthly.csv"), delimiter=",", skip_header=1, usecols=1)
    np.testing.assert_allclose(phases_of([y[None]], 12).phases[0], INDICES, atol=1e-4)


@pytest.mark.parametrize(("period", "length", "shift"), [(4, 40, 30.0), (5, 33, 0.0), (12, 70, 30.0), (25, 70, 0.0)])
def test_phases_are_those_of_a_plain_loop(period, length, shift):
    y = shift + data.sine(1, length) + 2.0 * np.sin(2 * np.pi * np.arange(length) / period)
    multiplied, wanted = phases_recipe(y, period)
    found = phases_of([y[None]], period)
    assert bool(found.multiplied[0]) is multiplied is (shift > 0)
    np.testing.assert_allclose(found.phases[0], wanted, rtol=1e-9, atol=1e-9)


def test_statsmodels_has_the_same_seasonal_means_before_they_are_shrunk():
    decomposed = pytest.importorskip("statsmodels.tsa.seasonal")
    y = np.tile([3.0, -1.0, 0.0, -2.0], 30) + 0.1 * np.arange(120) + np.random.default_rng(0).normal(0.0, 1e-3, 120)
    wanted = decomposed.seasonal_decompose(y, period=4).seasonal[:4]
    np.testing.assert_allclose(phases_of([y[None]], 4).phases[0], wanted, atol=1e-5)


def test_a_gap_moves_no_phase_of_a_clean_season():
    y = 50.0 + np.tile([3.0, -1.0, 0.0, -2.0, 0.0], 20) + 0.5 * np.arange(100)
    holes = y.copy()
    holes[[20, 47, 48, 83]] = np.nan
    whole, found = (phases_of([values[None]], 5, multiplied=False).phases[0] for values in (y, holes))
    np.testing.assert_allclose(found, whole, atol=1e-9)


def test_what_is_taken_off_is_put_back():
    rng = np.random.default_rng(0)
    y = 10.0 + rng.normal(size=(3, 60))
    found = phases_of([y], 7)
    times = np.arange(20, 26)
    off = found.taken_off(y[:, 20:26], 20)
    for row in range(3):
        np.testing.assert_allclose(
            found.part(slice(row, row + 1)).put_back(off[row : row + 1], times[None] * 1.0)[0], y[row, 20:26]
        )
    np.testing.assert_allclose(found.put_back_each(off[:, :, None], times[:, None])[:, :, 0], y[:, 20:26])
    assert nothing(3).taken_off(y).tolist() == y.tolist()


def test_waves_are_least_squares_beside_a_line():
    t = np.arange(500.0)
    y = 3.0 + 0.02 * t + np.random.default_rng(0).normal(size=500) + 4.0 * np.sin(2 * np.pi * t / 200)
    holes = y.copy()
    holes[100:130] = np.nan
    seen = ~np.isnan(holes)
    columns = np.column_stack([np.ones(500), t, wave_columns(t, 200.0)])
    wanted = np.linalg.lstsq(columns[seen], y[seen], rcond=None)[0][2:]
    found = waves_of([holes[None]], 200)
    np.testing.assert_allclose(found.waves[0], wanted, rtol=1e-9)
    np.testing.assert_allclose(found.taken_off(y[None])[0], y - columns[:, 2:] @ wanted, rtol=1e-9)


@pytest.mark.parametrize(("period", "length", "wanted"), [(100, 150, False), (101, 403, True), (101, 404, False)])
def test_waves_stand_for_a_long_season_with_few_cycles(period, length, wanted):
    assert takes_waves(period, length) is wanted

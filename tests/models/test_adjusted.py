"""What models of adjusted values share: the season they take, and where it comes from."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.seasons import Seasons

from .. import data


def monthly(length: int = 120) -> sa.Series:
    t = np.arange(length)
    y = 10.0 + 2.0 * np.sin(2 * np.pi * t / 12) + np.random.default_rng(0).normal(0.0, 0.2, length)
    return sa.Series(y, times=np.datetime64("2010-01") + t)


@pytest.mark.parametrize("make", [sa.ExponentialSmoothing, sa.Theta])
def test_the_season_is_found_in_the_training_part_unless_it_is_given(make):
    assert len(make().fit(monthly()).phases_) == 12
    assert len(make(4).fit(monthly()).phases_) == 4
    assert len(make(None).fit(monthly()).phases_) == 1


@pytest.mark.parametrize("make", [sa.ExponentialSmoothing, sa.Theta, sa.AveragedAR, sa.Auto])
def test_the_season_of_an_evaluation_is_taken_where_it_was_left_open(make):
    found = Seasons((7, 365), "calendar", chosen=365)
    assert make().for_seasons(found).season == 365
    assert make(season=4).for_seasons(found).season == 4
    assert make(season=None).for_seasons(found).season is None
    assert make().for_seasons(Seasons()).season is None


def test_a_wrapper_hands_the_season_on():
    found = Seasons((12,), "given")
    assert sa.Scaled(sa.Theta()).for_seasons(found).model.season == 12
    plain = sa.Scaled(sa.AR(2))
    assert plain.for_seasons(found) is plain


def test_too_few_values_are_not_adjusted():
    y = monthly(25).values
    assert not sa.Theta(12).fit(y).phases_.any()
    assert sa.Theta(12).fit(monthly(26).values).phases_.all()


def test_a_panel_has_one_adjustment_and_each_series_its_own_level():
    wave = np.tile([0.0, 1.0, 0.0, -2.0, 0.0, 1.0], 10)
    parts = [wave + data.sine(seed, 60) for seed in (1, 2, 3)]
    model = sa.ExponentialSmoothing(6).fit(parts)
    np.testing.assert_allclose(model.phases_, wave[:6], atol=0.2)
    np.testing.assert_allclose(model.forecast(parts[0] + 100.0, 4), model.forecast(parts[0], 4) + 100.0, rtol=1e-10)

"""Intervals hold just what the tests do not refute, and hold the truth about as often as they say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from stepahead.evaluation.intervals import mean_interval, saving_interval
from stepahead.numerics.prewhitened import Moments, Sample, cosines

from ..losses import spread_of
from .drawn import moving


def moments_of(losses, overlap):
    return Moments.of(losses[:, None], Sample.of(np.arange(losses.shape[1]), np.array([overlap])))


def test_the_mean_is_that_of_t_times_its_standard_error():
    loss = np.square(moving(np.random.default_rng(1), (90,), 3))
    low, high = mean_interval(moments_of(loss[None], 3), 0, 0.9)
    B = cosines(90, 3)
    half = stats.t.ppf(0.95, B) * math.sqrt(spread_of(loss.tolist(), B)[0] / 90)
    assert (low[0], high[0]) == pytest.approx((loss.mean() - half, loss.mean() + half))


def test_a_saving_is_in_it_where_its_test_does_not_refute():
    losses = np.square(moving(np.random.default_rng(2), (2, 120), 2)) * [[0.7], [1.0]]
    low, high = saving_interval(moments_of(losses, 2), 0, 1, 0.95)
    B = cosines(120, 2)
    for saving in np.linspace(low[0] - 0.3, 1.0, 60):
        d = (1 - saving) * losses[1] - losses[0]
        T = d.mean() / math.sqrt(spread_of(d.tolist(), B)[0] / 120)
        assert (abs(T) > stats.t.ppf(0.975, B)) == (not low[0] <= saving <= high[0])
    assert low[0] < 1 - losses[0].mean() / losses[1].mean() < high[0] < 1


def test_savings_over_several_losses_have_the_bits_of_each_alone():
    losses = np.square(moving(np.random.default_rng(5), (4, 90), 2))
    moments = moments_of(losses, 2)
    together = saving_interval(moments, 0, np.array([1, 2, 3]), 0.9)
    alone = [saving_interval(moments, 0, base, 0.9) for base in (1, 2, 3)]
    for place, ends in enumerate(together):
        assert ends.tolist() == [one[place].tolist() for one in alone]


def test_a_baseline_that_is_not_told_from_0_has_no_lowest_saving():
    base = np.zeros(60)
    base[7] = 1.0
    losses = np.array([np.square(np.random.default_rng(3).normal(size=60)), base])
    low, _ = saving_interval(moments_of(losses, 1), 0, 1, 0.95)
    assert low[0] == -np.inf


@pytest.mark.slow
def test_it_holds_the_truth_about_as_often_as_it_says():
    rng, draws, held = np.random.default_rng(4), 500, 0
    for _ in range(draws):
        low, high = saving_interval(moments_of(np.square(moving(rng, (2, 200), 4)) * [[0.7], [1.0]], 4), 0, 1, 0.9)
        held += bool(low[0] <= 0.3 <= high[0])
    assert 0.86 <= held / draws <= 0.96

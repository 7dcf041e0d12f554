"""Tests of stepahead.evaluation.probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

import stepahead as sa

H, TRAIN = 9, 70


def test_crps_and_coverage_are_their_loops(result):
    run, x = result
    model = run.model
    spread = model.predictive(model.encode(x), H).std()[0]
    z = norm.ppf(0.95)
    for k in (1, H):
        p, a, s = run.predictions[:, k - 1], run.actuals[:, k - 1], spread[k - 1]
        assert run.coverage(0.9, "model")[k - 1] == pytest.approx(np.mean(np.abs(a - p) <= z * s))
        grid = np.linspace(-8, 8, 20001) * s
        integral = [
            np.trapezoid((norm.cdf((p[i] + grid - p[i]) / s) - (p[i] + grid >= a[i])) ** 2, grid)
            for i in range(0, len(p), 10)
        ]
        np.testing.assert_allclose(run.losses("crps")[::10, k - 1], integral, rtol=2e-3)
    assert run._at_step(3).crps()[0] == pytest.approx(run.crps()[2])


def test_a_distribution_gives_log_loss_infinite_where_the_impossible_happened():
    series = sa.Series(["a", "b"] * 20 + ["a", "a"] * 5)
    result = sa.k_step(sa.MarkovChain().fit(series[:40]), series, 1)
    assert np.isinf(result.log_loss()).all()
    assert result.zero_one()[0] > 0

"""Regimes of a switching autoregression against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest

from ..hidden import made, peer_of, switching

STAY = np.array([[0.9, 0.1], [0.2, 0.8]])
THREE = np.array([[0.85, 0.1, 0.05], [0.1, 0.8, 0.1], [0.02, 0.18, 0.8]])


@pytest.mark.parametrize(
    ("size", "lags", "variance"),
    [(2, 0, False), (2, 0, True), (2, 1, False), (2, 1, True), (2, 2, False), (3, 1, False), (3, 2, False)],
)
def test_likelihood_filter_and_smoother_are_those_of_statsmodels(size, lags, variance):
    values, model = switching(1, 150), made(size, lags, variance)
    peer, given = peer_of(model, values)
    assert model.loglikelihood(values) == pytest.approx(peer.loglike(given), abs=1e-6)
    theirs = peer.smooth(given)
    np.testing.assert_allclose(model.filtered(values)[lags:], theirs.filtered_marginal_probabilities, atol=1e-8)
    np.testing.assert_allclose(
        model.smoothed(values).probabilities[lags:], theirs.smoothed_marginal_probabilities, atol=1e-8
    )

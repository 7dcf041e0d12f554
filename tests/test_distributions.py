"""Distributions against their closed forms and those of scipy."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead import distributions
from stepahead.distributions import Discrete, Normal


@pytest.mark.parametrize("shift", [0.0, -3.0])
@pytest.mark.parametrize("factor", [2.0, -0.5])
def test_distributions_in_another_unit(factor, shift):
    weights = np.array([[[0.3, 0.7]]])
    mixed = distributions.Mixture(weights, np.array([0.0, 2.0]), np.array([1.0, 0.5]))
    draws = distributions.Samples(np.random.default_rng(0).normal(size=(50, 1, 1)))
    known = distributions.Samples(draws.draws, np.array([[0.1]]), np.array([[1.1]]))
    for one in (mixed, draws, known):
        other = one.scaled(factor, shift)
        np.testing.assert_allclose(other.mean(), one.mean() * factor + shift)
        np.testing.assert_allclose(other.std(), one.std() * abs(factor))
        level = 0.9 if factor > 0 else 0.1
        np.testing.assert_allclose(other.quantile(0.9), one.quantile(level) * factor + shift, atol=1e-6)


def test_normal_and_discrete():
    distribution = Normal(np.array([[1.0, 2.0]]), np.array([0.0, 3.0]))
    assert distribution.crps(np.array([[4.0, 2.0]]))[0, 0] == 3.0
    assert distribution.quantile(0.5).tolist() == [[1.0, 2.0]]
    for bad in (0.0, 1.0, float("nan")):
        with pytest.raises(sa.errors.ParameterError):
            distribution.quantile(bad)
    distribution = Discrete(np.array([[[0.2, 0.8]]]), ("a", "b"))
    numbers = Discrete(np.array([[[0.2, 0.5, 0.3]]]), (1, 2, 5))
    draws = np.repeat([1.0, 2.0, 5.0], [200, 500, 300])
    assert numbers.mean()[0, 0] == pytest.approx(draws.mean())
    assert numbers.std()[0, 0] == pytest.approx(draws.std())
    assert [numbers.quantile(q)[0, 0] for q in (0.1, 0.2, 0.21, 0.7, 0.71)] == [1, 1, 2, 2, 5]
    pairs = np.abs(draws[:, None] - draws[None, ::7]).mean()
    assert numbers.crps(np.array([[3.0]]))[0, 0] == pytest.approx(np.abs(draws - 3.0).mean() - 0.5 * pairs, rel=0.01)
    with pytest.raises(sa.errors.InputError, match="no mean"):
        distribution.mean()
    np.testing.assert_allclose(distribution.log_loss(np.array([[0.0]])), -np.log(0.2))
    assert np.isnan(distribution.log_loss(np.array([[np.nan]]))).all()
    assert np.isinf(distribution.log_loss(np.array([[-1.0]]))).all()
    with pytest.raises(sa.errors.ParameterError):
        distribution.probability("c")

"""Distributions against their closed forms and those of scipy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

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


def normals() -> tuple[Normal, distributions.Mixture]:
    rng = np.random.default_rng(0)
    normal = Normal(rng.normal(0.5, 0.3, (3, 4)), rng.uniform(0.05, 0.9, (3, 4)))
    weights = rng.dirichlet([1.0, 2.0], (3, 4))
    return normal, distributions.Mixture(weights, np.array([0.0, 1.5]), np.array([0.7, 0.2]))


def test_lognormal_moments_quantiles_and_crps_are_the_closed_forms():
    normal, _ = normals()
    ours = distributions.Transformed(normal, 0.0)
    theirs = scipy.stats.lognorm(normal.spread, scale=np.exp(normal.center))
    np.testing.assert_allclose(ours.mean(), theirs.mean(), rtol=1e-12)
    np.testing.assert_allclose(ours.std(), theirs.std(), rtol=1e-12)
    for level in (0.01, 0.5, 0.99):
        np.testing.assert_allclose(ours.quantile(level), theirs.ppf(level), rtol=1e-9)
    # Baran & Lerch (2015): y (2 P(w) - 1) - 2 exp(m + s s / 2) (P(w - s) + P(s / sqrt 2) - 1), w = (log y - m) / s.
    for y in (0.01, 0.9, 3.0, 400.0):
        w, cdf = (np.log(y) - normal.center) / normal.spread, scipy.stats.norm.cdf
        lift = 2.0 * np.exp(normal.center + normal.spread**2 / 2.0)
        closed = y * (2.0 * cdf(w) - 1.0) - lift * (cdf(w - normal.spread) + cdf(normal.spread / np.sqrt(2.0)) - 1.0)
        np.testing.assert_allclose(ours.crps(np.full((3, 4), y)), closed, rtol=1e-7)
    np.testing.assert_allclose(ours.crps(np.full((3, 4), -2.0)), ours.crps(np.full((3, 4), 1e-300)) + 2.0, rtol=1e-9)
    assert np.isnan(ours.crps(np.full((3, 4), np.nan))).all()


@pytest.mark.parametrize("power", [0.0, 0.3, 0.5, 1.0])
@pytest.mark.parametrize("which", [0, 1])
def test_transformed_distributions_are_those_of_transformed_draws(which, power):
    inner = normals()[which]
    ours = distributions.Transformed(inner, power, factor=2.0, shift=-1.0)
    # Draws by the quantiles of `inner`, evenly spaced: no luck in them.
    levels = (np.arange(2000) + 0.5) / 2000
    there = np.stack([inner.quantile(level) for level in levels])
    x = np.exp(there) if power == 0.0 else np.maximum(power * there + 1.0, 0.0) ** (1.0 / power)
    draws = distributions.Samples(2.0 * x - 1.0)
    np.testing.assert_allclose(ours.mean(), draws.mean(), rtol=4e-3, atol=2e-3)
    np.testing.assert_allclose(ours.std(), draws.std(), rtol=2e-2)
    np.testing.assert_allclose(ours.quantile(0.8), np.quantile(draws.draws, 0.8, axis=0), rtol=1e-2)
    for y in (-0.9, 1.3, 6.0):
        np.testing.assert_allclose(ours.crps(np.full((3, 4), y)), draws.crps(np.full((3, 4), y)), rtol=1e-2, atol=2e-3)


@pytest.mark.parametrize(("center", "spread"), [(3.0, 0.5), (100.0, 0.01), (1000.0, 1e-3), (1000.0, 1e-4)])
def test_moments_of_a_square_are_the_closed_forms_however_narrow(center, spread):
    # At power 1/2 a value is the square of a normal one of mean m and spread t.
    m, t = 1.0 + center / 2.0, spread / 2.0
    found = distributions.Transformed(Normal(np.array([[center]]), np.array([[spread]])), 0.5)
    assert found.mean()[0, 0] == pytest.approx(m * m + t * t, rel=1e-12)
    assert found.std()[0, 0] == pytest.approx(np.sqrt(4.0 * m * m * t * t + 2.0 * t**4), rel=1e-7)


def test_a_transform_without_spread_is_a_number():
    exact = distributions.Transformed(Normal(np.array([[2.0]]), np.array([[0.0]])), 0.5)
    assert (exact.mean(), exact.std(), exact.quantile(0.9)) == (4.0, 0.0, 4.0)
    assert exact.crps(np.array([[1.0]])) == pytest.approx(3.0)
    assert exact.scaled(-3.0, 1.0).mean() == -11.0
    low = distributions.Transformed(Normal(np.array([[-9.0]]), np.array([[0.5]])), 0.5)
    assert (low.mean(), low.quantile(0.9)) == (0.0, 0.0)  # all of it lies where the transform cannot be
    turned = distributions.Transformed(Normal(np.zeros((1, 1)), np.ones((1, 1))), 0.0, factor=-1.0)
    assert turned.quantile(0.9) == pytest.approx(-np.exp(-1.2815515655446004))
    with pytest.raises(sa.errors.ParameterError):
        exact.quantile(1.0)

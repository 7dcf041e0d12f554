"""Distributions against their closed forms and those of scipy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from scipy.special import ndtri

import stepahead as sa
from stepahead import distributions
from stepahead.distributions import Discrete, Normal, Quantiles


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


def levels(m):
    """m levels at even spaces, without the ends."""
    return np.arange(1, m + 1) / (m + 1)


def test_quantiles_are_those_that_were_given_and_no_others():
    values = np.arange(24.0).reshape(2, 4, 3)
    found = Quantiles([0.05, 0.5, 0.95], values, mean=np.ones((2, 4)))
    np.testing.assert_array_equal(found.quantile(0.05), values[..., 0])
    low, high = found.interval(0.9)
    np.testing.assert_array_equal(low, values[..., 0])
    np.testing.assert_array_equal(high, values[..., 2])
    np.testing.assert_array_equal(found.mean(), np.ones((2, 4)))
    assert found.crossed == 0
    assert found.has(0.05, 0.95)
    assert not found.has(0.05, 0.9)
    assert repr(found) == "Quantiles(0.05, 0.5, 0.95 of 2 x 4 rows and steps)"
    with pytest.raises(sa.errors.InputError, match=r"no quantile at 0\.4; there are 0\.05, 0\.5, 0\.95"):
        found.quantile(0.4)
    with pytest.raises(
        sa.errors.InputError, match=r"interval of 0\.8 needs .* 0\.1 and 0\.9; there are 0\.05, 0\.5, 0\.95"
    ):
        found.interval(0.8)
    for reading in (found.std, Quantiles([0.5], values[..., :1]).mean):
        with pytest.raises(sa.errors.InputError, match="have no"):
            reading()
    turned = found.scaled(-2.0, 1.0)
    np.testing.assert_allclose(turned.quantile(0.05), 1.0 - 2.0 * values[..., 2])
    np.testing.assert_allclose(turned.mean(), -1.0)


def test_quantiles_that_cross_are_sorted_and_counted():
    found = Quantiles([0.1, 0.5, 0.9], [[[1.0, 0.0, 2.0], [0.0, 1.0, 2.0]]])
    assert found.crossed == 1
    np.testing.assert_array_equal(found.values[0, 0], [0.0, 1.0, 2.0])


def test_quantiles_of_another_shape_are_refused():
    for wrong in ([0.5, 0.5], [0.9, 0.1], [0.0, 0.5], [0.5, 1.0], [], [np.nan]):
        with pytest.raises(sa.errors.ParameterError, match="levels"):
            Quantiles(wrong, np.zeros((1, 2, len(wrong))))
    with pytest.raises(sa.errors.ParameterError, match=r"values must be .* m=2 levels; found shape \(1, 2, 3\)"):
        Quantiles([0.1, 0.9], np.zeros((1, 2, 3)))
    with pytest.raises(sa.errors.ParameterError, match=r"mean must be \[rows, horizon\].*found shape \(1, 3\)"):
        Quantiles([0.1, 0.9], np.zeros((1, 2, 2)), mean=np.zeros((1, 3)))


@pytest.mark.parametrize(
    ("m", "spread", "shift", "share", "near"),
    [
        (9, 1, 0, 1.003, 0.002),
        (19, 1, 0, 1.001, 0.002),
        (9, 2, 0, 0.978, 0.004),
        (9, 0.5, 0, 1.021, 0.004),
        (9, 1, 0.5, 1.007, 0.003),
    ],
)
def test_the_crps_from_quantiles_is_near_the_closed_form(m, spread, shift, share, near):
    y = np.random.default_rng(1).normal(size=(100_000, 1))
    u = levels(m)
    given = Quantiles(u, np.broadcast_to(shift + spread * ndtri(u), (len(y), 1, m)))
    right = Normal(np.full(y.shape, shift), np.full(y.shape, spread)).crps(y).mean()
    assert given.crps(y).mean() / right == pytest.approx(share, abs=near)


def test_the_crps_from_quantiles_is_the_integral_of_the_pinball_loss():
    values, u = np.array([-1.0, -0.5, -0.1, 0.0, 0.2, 0.3, 0.7, 1.0, 1.5]), levels(9)
    given = Quantiles(u, values[None, None])
    fine = np.linspace(0.0, 1.0, 200_001)
    for y in (-3.0, -0.3, 0.0, 0.25, 4.0):
        # between the levels the loss itself is taken as a straight line, beyond them the outermost quantile is held
        loss = np.maximum(u * (y - values), (u - 1.0) * (y - values))
        held = np.where(fine < u[0], values[0], values[-1])
        beyond = np.maximum(fine * (y - held), (fine - 1.0) * (y - held))
        curve = np.where((fine >= u[0]) & (fine <= u[-1]), np.interp(fine, u, loss), beyond)
        assert given.crps(np.array([[y]]))[0, 0] == pytest.approx(2.0 * np.trapezoid(curve, fine), rel=1e-4)


def test_fewer_quantiles_than_carry_a_crps_are_refused_by_name():
    for u in (levels(8), np.linspace(0.2, 0.9, 9), np.linspace(0.1, 0.8, 9), [0.05, 0.5, 0.95]):
        given = Quantiles(u, np.zeros((1, 1, len(u))))
        with pytest.raises(sa.errors.InputError, match=rf"at least 9 quantiles.* there are {len(u)}: {u[0]:.6g}, "):
            given.crps(np.zeros((1, 1)))


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

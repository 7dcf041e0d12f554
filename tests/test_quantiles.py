"""Quantiles as a distribution: the levels that were given, and a CRPS near its closed form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

import stepahead as sa
from stepahead.distributions import Normal
from stepahead.quantiles import Quantiles


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
    assert found.crossing.tolist() == [[True, False]]
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


def of_a_normal(u):
    """The expected CRPS from right quantiles of a standard normal, over the right one: 1 / sqrt(pi)."""
    u = np.asarray(u)
    y, weights = np.polynomial.hermite_e.hermegauss(300)
    given = Quantiles(u, np.broadcast_to(ndtri(u), (len(y), 1, len(u))))
    return (given.crps(y[:, None])[:, 0] * weights).sum() / weights.sum() * np.sqrt(np.pi)


@pytest.mark.parametrize("end", [0.001, 0.01, 0.025, 0.05, 0.1])
def test_a_crps_that_is_given_is_within_2_percent_and_wide_gaps_are_refused(end):
    parts = int(np.ceil((1.0 - 2.0 * end) / 0.12))
    uneven = [*np.arange(end, 1.0 - end - 0.001, 0.12), 1.0 - end]
    for u in (np.linspace(end, 1.0 - end, max(parts + 1, 9)), [*uneven, *([0.5] if len(uneven) < 9 else [])]):
        assert of_a_normal(np.sort(u)) == pytest.approx(1.0, abs=0.02)
    # the levels of Nixtla's level=[80, 90, 95, 99] with the median: 0.88 of the right value
    for u in (
        [0.005, 0.025, 0.05, 0.1, 0.5, 0.9, 0.95, 0.975, 0.995],
        np.r_[np.linspace(end, 0.4, 8), 0.53, 0.9, 0.95],
    ):
        with pytest.raises(sa.errors.InputError, match=r"none more than 0\.12 from the next; there are (9|11): "):
            of_a_normal(u)


def test_fewer_quantiles_than_carry_a_crps_are_refused_by_name():
    for u in (levels(8), np.linspace(0.2, 0.9, 9), np.linspace(0.1, 0.8, 9), [0.05, 0.5, 0.95]):
        given = Quantiles(u, np.zeros((1, 1, len(u))))
        with pytest.raises(sa.errors.InputError, match=rf"at least 9 quantiles.* there are {len(u)}: {u[0]:.6g}, "):
            given.crps(np.zeros((1, 1)))

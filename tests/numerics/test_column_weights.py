"""Weights of columns beside a correlated rest, against dense least squares and statsmodels' maximum likelihood."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.optimize import minimize
from statsmodels.tsa.statespace.sarimax import SARIMAX

from stepahead.numerics import column_weights

PHI = np.array([-0.2, 0.9])  # oldest lag first


def drawn(length, seed=0, columns=2):
    """Values with weights 3 and -1 of two columns that wander, and a rest that is an AR(2)."""
    rng = np.random.default_rng(seed)
    z = np.cumsum(rng.normal(size=(length, columns)), axis=0) * 0.3 + rng.normal(size=(length, columns))
    rest = rng.normal(size=length)
    for t in range(2, length):
        rest[t] += PHI @ rest[t - 2 : t]
    return z @ np.array([3.0, -1.0, 0.5][:columns]) + 40.0 + rest, z


def residuals(segments, weights, phi, k=1):
    """What phi does not foresee k steps ahead of what the weights leave, step by step, about its mean."""
    found = []
    for y, z in segments:
        rest = y - z @ weights
        for o in range(len(phi), len(rest) - k + 1):
            window = list(rest[o - len(phi) : o])
            for _ in range(k):
                window.append(float(np.dot(phi, window[-len(phi) :])))
            found.append(rest[o + k - 1] - window[-1])
    return np.array(found) - np.mean(found)


def phi_of(segments, weights, lags):
    """The autoregression of what weights leave, by least squares with an intercept."""
    rows, aims = [], []
    for y, z in segments:
        rest = y - z @ weights
        rows += [[*rest[o - lags : o], 1.0] for o in range(lags, len(rest))]
        aims += list(rest[lags:])
    return np.linalg.lstsq(np.array(rows), np.array(aims), rcond=None)[0][:-1]


SEGMENTS = [drawn(180), drawn(70, seed=1), (np.ones(2), np.ones((2, 2)))]


def test_the_level_is_least_squares_of_all_rows():
    y, z = (np.concatenate([part[at] for part in SEGMENTS]) for at in (0, 1))
    wanted = np.linalg.lstsq(np.column_stack([z, np.ones(len(z))]), y, rcond=None)[0][:-1]
    np.testing.assert_allclose(column_weights.by_level(SEGMENTS), wanted, rtol=1e-12)


def test_one_step_has_the_least_squared_error_of_all_weights_and_autoregressions():
    """A general optimiser over both at once finds nothing better."""
    found = column_weights.one_step(SEGMENTS, 2)

    def squares(both):
        return np.sum(residuals(SEGMENTS, both[:2], both[2:]) ** 2)

    start = np.concatenate([found, phi_of(SEGMENTS, found, 2)])
    best = minimize(squares, start + 0.05, method="BFGS", options={"gtol": 1e-9})
    assert squares(start) <= best.fun * (1.0 + 1e-9)
    np.testing.assert_allclose(found, best.x[:2], rtol=1e-4)


def test_many_steps_have_the_least_weighed_error_of_all_weights():
    """At their own autoregression: the sum over steps of squared errors, each over its own, has no slope there."""
    weights = column_weights.many_steps(SEGMENTS, 2, 8)
    # The last of the rounds is of the weights before: four more from here move nothing that counts.
    phi, steps = phi_of(SEGMENTS, weights, 2), (1, 2, 4, 8)
    own = [np.mean(residuals(SEGMENTS, weights, phi, k) ** 2) for k in steps]

    def total(w):
        return sum(np.sum(residuals(SEGMENTS, w, phi, k) ** 2) / size for k, size in zip(steps, own, strict=True))

    best = minimize(total, weights + 0.05, method="BFGS", options={"gtol": 1e-9})
    np.testing.assert_allclose(weights, best.x, rtol=2e-4)
    level, one = column_weights.by_level(SEGMENTS), column_weights.one_step(SEGMENTS, 2)
    assert total(weights) < min(total(level), total(one))


@pytest.mark.parametrize("seed", range(3))
def test_one_step_is_within_a_tenth_of_a_standard_error_of_maximum_likelihood(seed):
    y, z = drawn(400, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = SARIMAX(y, exog=np.column_stack([z, np.ones(len(y))]), order=(2, 0, 0)).fit(disp=False, maxiter=200)
    found = column_weights.one_step([(y, z)], 2)
    assert (np.abs(found - theirs.params[:2]) < 0.1 * theirs.bse[:2]).all()


WAYS = {
    "level": column_weights.by_level,
    "one-step": lambda segments: column_weights.one_step(segments, 2),
    "steps": lambda segments: column_weights.many_steps(segments, 2, 8),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("level", [0.0, 1e9])
def test_the_unit_and_the_level_of_a_column_decide_nothing(way, level):
    units = np.array([1e-9, 1e9])
    plain = WAYS[way](SEGMENTS)
    moved = WAYS[way]([(y + level, (z + level) * units) for y, z in SEGMENTS])
    np.testing.assert_allclose(moved * units, plain, rtol=1e-5 if level else 1e-9)


@pytest.mark.parametrize("way", WAYS)
def test_two_equal_columns_share_the_weight_and_a_constant_one_has_none(way):
    twice = [(y, np.column_stack([z[:, 0], z[:, 0], z[:, 1], np.full(len(z), 1e9 + 0.1)])) for y, z in SEGMENTS]
    plain, found = WAYS[way](SEGMENTS), WAYS[way](twice)
    np.testing.assert_allclose(found, [plain[0] / 2, plain[0] / 2, plain[1], 0.0], rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("way", WAYS)
def test_values_that_the_columns_explain_wholly_have_their_weights(way):
    exact = [(z @ [3.0, -1.0] + 7.0, z) for _, z in SEGMENTS]
    np.testing.assert_allclose(WAYS[way](exact), [3.0, -1.0], rtol=1e-9)


@pytest.mark.parametrize("length", [2, 3, 5, 9])
@pytest.mark.parametrize("way", WAYS)
def test_so_little_is_never_an_error_and_never_a_nan(way, length):
    rng = np.random.default_rng(0)
    assert np.isfinite(WAYS[way]([(rng.normal(size=length), rng.normal(size=(length, 3)))])).all()


def test_the_order_is_that_of_the_rest():
    y, z = drawn(2000)
    assert column_weights.order([(y, z)], np.array([3.0, -1.0])) in (2, 3)
    noise = np.random.default_rng(0).normal(size=500)
    assert column_weights.order([(noise, np.empty((500, 0)))], np.zeros(0)) == 1
    season = noise.copy()
    for t in range(12, 500):
        season[t] += 0.8 * season[t - 12]
    assert column_weights.order([(season, np.empty((500, 0)))], np.zeros(0)) == 12

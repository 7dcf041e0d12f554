"""Least squares, operators and estimators against closed forms, numpy's lstsq and statsmodels."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.regression.linear_model import burg, yule_walker

import stepahead as sa
from stepahead.numerics import linear

from ..data import design, sine


def test_least_squares_on_pairs_less_their_last_value():
    X, y = sa.pairs(sine(0, 80), 3)
    fitted = linear.least_squares_pairs(X, y[:, None], 0.0, True, True)
    free, *_ = np.linalg.lstsq(np.column_stack([X[:, :-1] - X[:, -1:], np.ones(len(X))]), y - X[:, -1], rcond=None)
    np.testing.assert_allclose(fitted.coefficients[0, :2], free[:2], atol=1e-12)
    assert fitted.coefficients.sum() == pytest.approx(1.0), "what is subtracted is added back"
    np.testing.assert_allclose(fitted.intercept, free[2], atol=1e-12)


def test_a_transient_costs_no_digits():
    rng = np.random.default_rng(5)
    x = np.zeros(3000)
    for t in range(2, len(x)):
        x[t] = 0.6 * x[t - 1] + 0.2 * x[t - 2] + rng.normal()
    x[0] = 8e5
    windows = np.lib.stride_tricks.sliding_window_view(x[:-1], 24)
    exact = np.linalg.lstsq(np.column_stack([windows, np.ones(len(windows))]), x[24:], rcond=None)[0]
    np.testing.assert_allclose(sa.AR(24).fit(x).coefficients_, exact[:-1], atol=1e-8)


@given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 12), st.integers(0, 10**6))
def test_gram_is_the_sum_of_products(lags, extra, more, seed):
    width = lags + extra
    x = np.random.default_rng(seed).normal(size=width + more)
    rows = np.array([x[i : i + width] for i in range(len(x) - width + 1)])
    np.testing.assert_allclose(linear.gram(x, lags, width), (rows.T @ rows)[:lags], rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(linear.column_sums(x, width), rows.sum(axis=0), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("anchor", [None, "last"])
@pytest.mark.parametrize("ridge", [0.0, 1e-3])
def test_qr_and_moments_agree(monkeypatch, anchor, ridge):
    x = 3.0 + sine(2, 800)
    by_moments = linear.least_squares([x[:400], x[400:]], 8, 2, ridge, True, anchor == "last")
    monkeypatch.setattr(linear, "WORST_CONDITION", 0.0)
    monkeypatch.setattr(linear, "BLOCK", 64)
    by_qr = linear.least_squares([x[:400], x[400:]], 8, 2, ridge, True, anchor == "last")
    assert by_qr.by_qr
    assert not by_moments.by_qr
    np.testing.assert_allclose(by_qr.coefficients, by_moments.coefficients, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(by_qr.variance, by_moments.variance, rtol=1e-9)


@pytest.mark.parametrize("name", ["random walk summed twice", "note + 1e6", "sine + noise 1e-6"])
def test_ill_conditioned_series_agree_with_lstsq_on_centred_data(name):
    rng = np.random.default_rng(3)
    x = {
        "random walk summed twice": np.cumsum(np.cumsum(rng.normal(size=20_000))),
        "note + 1e6": sine(0, 20_000) + 1e6,
        "sine + noise 1e-6": np.sin(0.01 * np.arange(20_000)) + 1e-6 * rng.normal(size=20_000),
    }[name]
    centred = x - x.mean()
    X, Y = design(centred, 16)
    exact, *_ = np.linalg.lstsq(np.column_stack([X, np.ones(len(X))]), Y[:, 0], rcond=None)
    fitted = linear.least_squares([x], 16)
    assert fitted.by_qr is (name != "note + 1e6"), "centring alone cures a high level"
    np.testing.assert_allclose(fitted.coefficients[0], exact[:-1], atol=1e-6 if fitted.by_qr else 1e-10)

    def rss(w, b):
        return float(((Y[:, 0] - X @ w - b) ** 2).sum())

    shift = float(fitted.intercept[0]) + (fitted.coefficients.sum() - 1.0) * x.mean()
    assert rss(fitted.coefficients[0], shift) <= rss(exact[:-1], exact[-1]) * (1 + 1e-6)


@pytest.mark.parametrize("lags", [1, 2, 9, 30])
def test_yule_walker_and_burg_are_those_of_statsmodels(lags):
    x = 4.0 + sine(4, 400)
    theirs, sigma = yule_walker(x, lags, method="mle", demean=True, result_object=False)
    model = sa.AR(lags, method="yule-walker").fit(x)
    np.testing.assert_allclose(model.coefficients_[::-1], theirs, rtol=1e-8, atol=1e-10)
    assert model.variance_ == pytest.approx(sigma**2, rel=1e-8)
    theirs, sigma2 = burg(x, lags, demean=True)
    model = sa.AR(lags, method="burg").fit(x)
    np.testing.assert_allclose(model.coefficients_[::-1], theirs, rtol=1e-8, atol=1e-10)
    assert model.variance_ == pytest.approx(sigma2, rel=1e-8)
    assert model.intercept_ == pytest.approx(x.mean() * (1 - model.coefficients_.sum()))


@given(st.integers(1, 6), st.integers(1, 4), st.integers(1, 12), st.integers(0, 10**6))
def test_the_operator_is_the_companion_power(lags, chunk, horizon, seed):
    rng = np.random.default_rng(seed)
    coefficients, intercept = rng.normal(scale=0.5, size=(chunk, lags)), rng.normal(size=chunk)
    F, c = linear.operator(coefficients, intercept, horizon)
    window = rng.normal(size=lags)
    known = list(window)
    while len(known) < lags + horizon:
        last = np.array(known[-lags:])
        known += list(coefficients @ last + intercept)
    np.testing.assert_allclose(F @ window + c, known[lags : lags + horizon], rtol=1e-9, atol=1e-9)
    if chunk == 1:
        companion = np.vstack([np.eye(lags)[1:], coefficients])
        for k in (1, horizon):
            np.testing.assert_allclose(F[k - 1], np.linalg.matrix_power(companion, k)[-1], rtol=1e-8, atol=1e-10)


def test_psi_weights_are_the_impulse_response():
    phi = np.array([0.2, -0.3, 0.6])  # oldest first: x_t = .6 x_{t-1} - .3 x_{t-2} + .2 x_{t-3}
    x = [0.0, 0.0, 0.0, 1.0]
    for _ in range(9):
        x.append(float(np.dot(phi, x[-3:])))
    np.testing.assert_allclose(linear.psi_weights(phi, 10), x[3:], rtol=1e-14)
    assert linear.psi_weights(phi, 1).tolist() == [1.0]


def test_roots_of_a_known_polynomial():
    modulus, period = 0.9, 12.0
    phi1, phi2 = 2 * modulus * np.cos(2 * np.pi / period), -(modulus**2)
    model = sa.AR(3).fit(sine(0))
    object.__setattr__(model, "coefficients_", np.convolve([1, -0.5], [1, -phi1, -phi2])[1:][::-1] * -1)
    assert model.cycles_[0] == pytest.approx((modulus, period))
    assert model.cycles_[1] == pytest.approx((0.5, np.inf))


def waves(count: int, length: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.sin(rng.uniform(0.03, 0.3, (count, 1)) * np.arange(length)) + rng.normal(0.0, 0.2, (count, length))


def test_sums_of_a_batch_have_the_bits_of_the_single_ones():
    x = 5.0 + waves(7, 90)
    location = linear.mean_of([x])
    [scaled], exponents = linear.standardised([x], location)
    grams, sums, spreads = linear.gram(scaled, 6, 8), linear.column_sums(scaled, 8), linear.spread([x], location)[0]
    for i, row in enumerate(x):
        assert location[i] == linear.mean_of([row])
        [alone], exponent = linear.standardised([row], location[i])
        assert exponent == exponents[i]
        np.testing.assert_array_equal(alone, scaled[i])
        np.testing.assert_array_equal(linear.gram(alone, 6, 8), grams[i])
        np.testing.assert_array_equal(linear.column_sums(alone, 8), sums[i])
        assert linear.spread([row], location[i])[0] == spreads[i] == pytest.approx(np.var(np.ldexp(row, -exponent)))


@pytest.mark.parametrize("chunk", [1, 3])
@pytest.mark.parametrize(
    ("ridge", "intercept", "anchored"), [(0.0, True, False), (0.5, False, False), (0.1, True, True)]
)
def test_least_squares_and_operators_of_a_batch_are_the_single_ones(chunk, ridge, intercept, anchored):
    x = 5.0 + waves(5, 120)
    # Two runs, pooled in each series.
    _, moments = linear.moments([x[:, :50], x[:, 51:]], 4, chunk, intercept)
    solution, good = moments.solution(ridge, anchored)
    coefficients, constant = moments.affine(solution)
    weights, constants = linear.operator(coefficients, constant, 10)
    assert good.all()
    for i, row in enumerate(x):
        alone = linear.least_squares([row[:50], row[51:]], 4, chunk, ridge, intercept, anchored)
        np.testing.assert_array_equal(coefficients[i], alone.coefficients)
        np.testing.assert_array_equal(constant[i], alone.intercept)
        expected = linear.operator(alone.coefficients, alone.intercept, 10)
        np.testing.assert_array_equal(weights[i], expected[0])
        np.testing.assert_array_equal(constants[i], expected[1])


def test_least_squares_of_a_batch_leave_the_ill_conditioned_alone():
    smooth = np.sin(0.1 * np.arange(200))
    _, moments = linear.moments([np.stack([smooth, waves(1, 200)[0], np.full(200, 3.0)])], 4, 1, True)
    assert moments.solution(0.0, False)[1].tolist() == [False, True, False]


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e200, 1.5e308])
def test_a_series_of_any_scale_changes_nothing_beside_it(scale):
    x = np.concatenate([waves(3, 60) / 4.0, scale * np.clip(waves(1, 60, 5) / 4.0, -1.0, 1.0)])
    location = linear.mean_of([x])
    [scaled], exponents = linear.standardised([x], location)
    for i, row in enumerate(x):
        assert location[i] == linear.mean_of([row])
        [alone], exponent = linear.standardised([row], location[i])
        assert exponent == exponents[i]
        np.testing.assert_array_equal(alone, scaled[i])
        assert 0.25 < np.abs(alone).max() <= 1.0


def test_shrinks_says_what_the_roots_say():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, 7)) * rng.uniform(0.02, 0.6, (300, 1))
    inside, certain = linear.shrinks(rows, 1.01)
    largest = np.array([np.abs(linear.roots(row)).max() for row in rows])
    assert certain.mean() > 0.99
    assert 0.2 < inside.mean() < 0.8
    np.testing.assert_array_equal(inside[certain], (largest <= 1.01)[certain])


def test_a_mean_is_found_though_its_sums_and_differences_leave_the_range():
    values = np.array([-1.7e308, 1.7e308, 1.7e308, 1e308])
    assert linear.mean_of([values[None]])[0] == pytest.approx(float(sum(map(Fraction, values.tolist())) / 4), rel=1e-15)

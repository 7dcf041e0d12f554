"""Tests of independence, whiteness and normality, against loops, permutations and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.diagnostic import acorr_ljungbox
from statsmodels.tools import add_constant

import stepahead as sa
from stepahead.numerics import independence

from ..shocks import SHOCKS, process


def hsic_by_loops(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """(statistic, mean, variance) as Gretton et al. (2008) write them, kernel by kernel, pair by pair."""
    n = len(x)
    kernels = []
    for values in (x, y):
        apart = np.array([[float(np.sum((a - b) ** 2)) for b in values] for a in values])
        width = np.median([apart[i, j] for i in range(n) for j in range(i)])
        kernels.append(np.exp(-apart / width))
    K, L = kernels
    H = np.eye(n) - 1.0 / n
    statistic = np.trace(K @ H @ L @ H) / n
    off = [np.mean([kernel[i, j] for i in range(n) for j in range(n) if i != j]) for kernel in kernels]
    mean = (1.0 + off[0] * off[1] - off[0] - off[1]) / n
    B = ((H @ K @ H) * (H @ L @ H) / 6.0) ** 2
    variance = (B.sum() - np.trace(B)) / (n * (n - 1)) * 72.0 * (n - 4) * (n - 5) / (n * (n - 1) * (n - 2) * (n - 3))
    return statistic, mean, variance


def test_the_kernel_test_is_that_of_the_paper():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 2))
    for y in (rng.normal(size=40), x[:, 0] ** 2 + rng.normal(size=40), 1e6 + 1e-3 * rng.normal(size=40)):
        statistic, mean, variance = hsic_by_loops(x, y[:, None])
        p = stats.gamma.sf(statistic, mean**2 / variance, scale=40 * variance / mean)
        assert independence.hsic_p_value(x, y) == pytest.approx(p, rel=1e-6)


def test_the_kernel_test_holds_its_level_and_sees_what_correlation_does_not():
    rng = np.random.default_rng(1)
    p = [independence.hsic_p_value(rng.exponential(size=(60, 2)), rng.laplace(size=60)) for _ in range(300)]
    assert 0.02 < np.mean(np.array(p) < 0.05) < 0.09
    assert 0.4 < np.mean(p) < 0.6
    x = rng.normal(size=200)
    y = x * x + 0.5 * rng.normal(size=200)
    assert abs(np.corrcoef(x, y)[0, 1]) < 0.25
    assert independence.hsic_p_value(x, y) < 1e-6
    assert independence.hsic_p_value(x, np.ones(200)) == 1.0


def test_the_kernel_test_agrees_with_permutations():
    rng = np.random.default_rng(2)
    x = rng.normal(size=50)
    y = 0.25 * x + rng.normal(size=50)

    def statistic(y: np.ndarray) -> float:
        kernels = []
        for v in (x, y):
            apart = np.subtract.outer(v, v) ** 2
            kernel = np.exp(-apart / np.median(apart[np.triu_indices(50, 1)]))
            kernels.append(kernel - kernel.mean(axis=0) - kernel.mean(axis=1)[:, None] + kernel.mean())
        return float((kernels[0] * kernels[1]).sum())

    found = statistic(y)
    permuted = np.mean([statistic(rng.permutation(y)) >= found for _ in range(1000)])
    assert independence.hsic_p_value(x, y) == pytest.approx(permuted, abs=0.05)


def test_of_many_rows_a_thousand_are_drawn_and_always_the_same():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=50_000), rng.normal(size=50_000)
    p = independence.hsic_p_value(x, y)  # all rows would take 20 GB a matrix
    assert p == independence.hsic_p_value(x, y)
    assert independence.hsic_p_value(x[:150], y[:150], most=100) != independence.hsic_p_value(x[:100], y[:100])


def test_white_noise_is_what_ljung_and_box_take_it_for():
    rng = np.random.default_rng(7)
    for noise in (rng.normal(size=700), rng.exponential(size=200), process(rng.normal(size=900))):
        most = 2 + min(100, max(20, len(noise) // 10))
        theirs = acorr_ljungbox(noise, lags=[most], model_df=2)["lb_pvalue"].iloc[0]
        assert independence.white_p_value(noise, 2) == pytest.approx(theirs, rel=0.1, abs=1e-3)
    drawn = rng.normal(size=(300, 300))
    drawn[:, 50:60] = np.nan
    p = np.array([independence.white_p_value(row) for row in drawn])
    assert 0.02 < np.mean(p < 0.05) < 0.1
    season = rng.normal(size=600) + np.sin(2.0 * np.pi * np.arange(600) / 52)
    assert independence.white_p_value(season) < 1e-6


def test_distance_from_normal():
    rng = np.random.default_rng(4)
    normal = rng.normal(size=20_000)
    assert independence.distance_from_normal(3.0 + 1e-6 * normal) == pytest.approx(
        independence.distance_from_normal(normal)
    )
    assert independence.distance_from_normal(normal) < 1e-4
    sizes = [independence.distance_from_normal(draw(rng, 20_000)) for draw in SHOCKS.values()]
    assert sizes[0] < 0.1 * min(sizes[1:])
    # A sum of shocks is nearer to normal than a shock: what rule B rests on.
    shocks = rng.exponential(size=(2, 20_000))
    assert independence.distance_from_normal(shocks.sum(axis=0)) < independence.distance_from_normal(shocks[0])
    assert independence.normal_p_value(normal[:500]) == pytest.approx(stats.normaltest(normal[:500]).pvalue)


def test_the_lags_are_tested_as_statsmodels_tests_them():
    rng = np.random.default_rng(5)
    for n, lags in ((60, 1), (200, 4)):
        x = rng.exponential(size=n + lags)
        X = np.column_stack([x[lags - 1 - k : n + lags - 1 - k] for k in range(lags)])
        fit = OLS(x[lags:], add_constant(X)).fit()
        assert independence.lags_p_value(fit.resid, x[lags:], lags) == pytest.approx(fit.f_pvalue, rel=1e-8)
        assert sa.diagnostics.direction(x, lags).p_lags == pytest.approx(fit.f_pvalue, rel=1e-6)


def test_the_jackknife_of_a_mean_is_the_textbook_standard_error():
    x, y = np.random.default_rng(0).normal(size=(2, 20))
    expected = np.std(x - y, ddof=1) / np.sqrt(20)  # twenty blocks of one value each
    assert independence.jackknifed(x, y, lambda part: float(part.mean())) == pytest.approx(expected)
    assert independence.jackknifed(x, x, lambda part: float(part.mean())) == 0.0

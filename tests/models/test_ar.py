"""Autoregression against closed forms, statsmodels and published figures."""

from __future__ import annotations

import csv
import gzip
import warnings

import numpy as np
import pytest

import stepahead as sa

from ..data import design, each, path, sine


def test_one_lag_less_its_own_last_value_is_the_last_value():
    model = sa.AR(1, anchor="last", intercept=False).fit(sine(0, 50))
    assert model.forecast([1.0, 7.0], 3).tolist() == [7.0, 7.0, 7.0]


def test_m4_weekly_by_one_pooled_ar():
    """Monash archive's pooled regression: mean MASE .4809 over the 359 series, 13 steps, 65 lags;
    a season of 52 weeks.
    """
    with gzip.open(path("M4_Weekly-train.csv.gz"), "rt") as file:
        train = [[float(v) for v in row[1:] if v] for row in list(csv.reader(file))[1:]]
    with path("M4_Weekly-test.csv").open() as file:
        test = [[float(v) for v in row[1:] if v] for row in list(csv.reader(file))[1:]]
    means = [np.mean(x) for x in train]
    scaled = [sa.Series(np.array(x) / m) for x, m in zip(train, means, strict=True)]
    model = sa.AR(65, intercept=False).fit(scaled)
    mase = []
    for x, y, m, series in zip(train, test, means, scaled, strict=True):
        ahead = model.forecast(series, 13) * m
        season = 52 if len(x) > 52 else 1
        mase.append(np.mean(np.abs(ahead - y)) / np.mean(np.abs(np.array(x[season:]) - x[:-season])))
    assert len(mase) == 359
    assert np.mean(mase) == pytest.approx(0.4809, abs=0.001)


X = np.cumsum(np.random.default_rng(0).normal(size=300))


def test_what_is_edited_in_a_fitted_model_takes_effect():
    model = sa.AR(3).fit(X[:200])
    plain = model.forecast(X, 4)
    model.intercept_ += 100.0
    assert (model.forecast(X, 4) > plain + 50).all()


def test_an_intercept_past_the_largest_number_warns_of_nothing():
    waves = np.array([-0.132, 0.640, 0.105, -0.536, 0.362, 1.304, 0.947])
    panel = [np.resize(waves, 30), [0.0, 0.0, 6.510641438117754e293, 6.42626125611972e301]]
    with pytest.raises(sa.errors.FitError):
        sa.AR(3).fit(panel).forecast(panel[0], 2)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize(("lags", "chunk"), [(1, 1), (4, 1), (32, 1), (3, 5), (8, 2)])
def test_ols_is_lstsq(lags, chunk, intercept):
    x = 2.0 + sine(0, 500)
    X, Y = design(x, lags, chunk)
    exact, *_ = np.linalg.lstsq(np.column_stack([X, np.ones(len(X))]) if intercept else X, Y, rcond=None)
    model = sa.AR(lags, chunk=chunk, intercept=intercept).fit(x)
    coefficients = np.reshape(model.coefficients_, (chunk, lags))
    np.testing.assert_allclose(coefficients, exact[:lags].T, rtol=1e-9, atol=1e-11)
    if intercept:
        np.testing.assert_allclose(np.atleast_1d(model.intercept_), exact[-1], rtol=1e-9, atol=1e-11)
    residual = Y - X @ exact[:lags] - (exact[-1] if intercept else 0.0)
    np.testing.assert_allclose(np.atleast_1d(model.variance_), (residual**2).mean(axis=0), rtol=1e-9)


@pytest.mark.parametrize("anchor", [None, "last"])
def test_ridge_is_its_closed_form(anchor):
    x, lags, chunk, ridge = 5.0 + sine(1, 300), 6, 3, 2.5
    X, Y = design(x, lags, chunk)
    last = X[:, -1:]
    if anchor:
        X, Y = X - last, Y - last
    Xc, Yc = X - X.mean(axis=0), Y - Y.mean(axis=0)
    w = np.linalg.solve(Xc.T @ Xc + ridge * np.eye(lags), Xc.T @ Yc)
    b = Y.mean(axis=0) - X.mean(axis=0) @ w
    model = sa.AR(lags, chunk=chunk, ridge=ridge, anchor=anchor).fit(x)
    want = w.T.copy()
    if anchor:
        want[:, -1] += 1.0 - w.T.sum(axis=1)
    np.testing.assert_allclose(model.coefficients_, want, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(model.intercept_, b, rtol=1e-9, atol=1e-11)


def test_ar_predictive_is_the_closed_form_of_ar1():
    phi, sigma = 0.8, 0.5
    rng = np.random.default_rng(0)
    x = np.zeros(4000)
    for t in range(1, len(x)):
        x[t] = phi * x[t - 1] + sigma * rng.normal()
    model = sa.AR(1).fit(x)
    spread = model.predictive(model.encode(x[:10]), 30).std()[0]
    fitted = model.coefficients_[0]
    k = np.arange(1, 31)
    np.testing.assert_allclose(spread**2, model.variance_ * (1 - fitted ** (2 * k)) / (1 - fitted**2), rtol=1e-10)
    assert model.variance_ == pytest.approx(sigma**2, rel=0.06)
    coverage = sa.k_step(model, x, 30, train=0).coverage(0.9, "model")
    np.testing.assert_allclose(coverage, 0.9, atol=0.03)


def test_ar_chooses_its_lags_where_none_are_given():
    x = sine(0)[:300]
    assert sa.AR().lags == "auto"
    assert (sa.AR().name, repr(sa.AR())) == ("AR(auto)", "AR(lags='auto')")
    assert sa.AR().fit(x).coefficients_.tobytes() == sa.AR("auto").fit(x).coefficients_.tobytes()


def test_ar_direct_predictive_is_the_residual_spread_of_each_step():
    x = sine(0)
    model = sa.AR(4, chunk=8).fit(x[:604])
    result = sa.k_step(model, x[:604], 8, train=0)
    windows = np.lib.stride_tricks.sliding_window_view(x[:604], 12)
    residual = windows[:, 4:] - windows[:, :4] @ model.coefficients_.T - model.intercept_
    np.testing.assert_allclose(model.variance_, (residual**2).mean(axis=0), rtol=1e-9)
    distribution = model.predictive(model.encode(x), 5)
    np.testing.assert_allclose(distribution.std()[0], np.sqrt(model.variance_[:5]))
    with pytest.raises(sa.errors.ParameterError, match="chunk"):
        model.predictive(model.encode(x), 9)
    assert result.crps().shape == (8,)


def test_roots_belong_to_recursions():
    with pytest.raises(sa.errors.ParameterError):
        _ = sa.AR(2, chunk=3).fit(sine(0, 100)).roots_


def test_sunspots_ar9_by_least_squares():
    series = sa.read(path("sunspots_yearly.csv"), value="sunactivity", time="year")
    model = sa.AR(9).fit(series)
    newest_first = [
        1.16494220,
        -0.40535742,
        -0.16653934,
        0.14980629,
        -0.09462417,
        0.00491001,
        0.05046659,
        -0.08635349,
        0.25349103,
    ]
    np.testing.assert_allclose(model.coefficients_[::-1], newest_first, atol=1e-6)
    assert model.intercept_ == pytest.approx(6.74305359, abs=1e-6)
    assert model.variance_ == pytest.approx(221.225776, abs=1e-6)
    assert model.cycles_[0][1] == pytest.approx(10.8, abs=0.3), "the sunspot cycle"


@pytest.mark.parametrize(("lags", "chunk", "rmse"), [(2, 1, 52.75), (2, 10, 36.61), (9, 1, 36.71), (9, 10, 38.09)])
def test_sunspots_too_short_a_memory_and_direct_wins(lags, chunk, rmse):
    series = sa.read(path("sunspots_yearly.csv"), value="sunactivity", time="year")[: 1988 - 1700 + 1]
    train = 1920 - 1700 + 1
    result = sa.k_step(sa.AR(lags, chunk=chunk).fit(series[:train]), series, 10)
    assert result.start == (train,)
    assert result.rmse()[9] == pytest.approx(rmse, abs=0.1)


@pytest.mark.parametrize(("horizon", "mse"), [(96, 0.0531), (192, 0.0691), (336, 0.0810), (720, 0.0802)])
def test_etth1_as_nlinear_prints_it(horizon, mse):
    raw = sa.read(path("ETTh1.csv"), value="OT", time="date").values
    train, until = 8640, 8640 + 2880 + 2880
    x = (raw - raw[:train].mean()) / raw[:train].std()
    model = sa.AR(336, chunk=horizon, anchor="last", ridge=1e-5).fit(x[:train])
    result = sa.k_step(model, x[:until], horizon, origins=range(train + 2880, until - horizon + 1))
    assert float((result.rmse() ** 2).mean()) == pytest.approx(mse, abs=0.0005)


def seasonal(length: int, season: int, seed: int = 0) -> np.ndarray:
    """x_t = .9 x_(t - season) + e_t: lags below the season explain nothing, and more of them nothing else."""
    x = np.random.default_rng(seed).normal(size=length + 10 * season)
    for t in range(season, len(x)):
        x[t] += 0.9 * x[t - season]
    return x[10 * season :]


def test_the_lags_of_a_season_are_tried_where_half_of_the_values_are_enough_for_them():
    x = seasonal(600, 20)
    assert sa.AR(season=20).fit(x).lags_ == 20
    assert sa.AR(season=None).fit(x).lags_ == 32
    tried = [[one.lags for one in sa.AR(season=20)._candidates(longest, 20)] for longest in (85, 86)]
    assert [{20, 21} & set(lags) for lags in tried] == [set(), {20, 21}], "86 values are the fewest"
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # none of them drops out
        sa.AR(season=20).fit(x[:86])


def test_a_season_of_a_batch_is_that_of_each_alone():
    week = np.stack([seasonal(140, 7, seed) for seed in range(6)])
    scores = each(sa.AR(), week, 5, season=7)
    for row, values in enumerate(week):
        alone = sa.evaluate(sa.AR(), values, 5, season=7)
        name = next(iter(alone))
        np.testing.assert_allclose(scores.by_series("rmse")["AR(auto)"][row], alone[name].rmse(), rtol=1e-9)

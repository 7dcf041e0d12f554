"""Tests of stepahead.evaluation.forecast_strategies."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import LinearRegression, Ridge

import stepahead as sa
from stepahead.protocols import InThreeWays, Wrapper, inside

from ..data import sine

X = 3.0 + sine(0, 90)


@pytest.mark.parametrize(
    "model",
    [
        sa.AR(3),
        sa.MLP(3, training=sa.Training(epochs=1)),
        sa.Windowed(Ridge(), 3),
        sa.Scaled(sa.AR(3)),
        sa.Scaled(sa.Differenced(sa.MLP(3, training=sa.Training(epochs=1)))),
    ],
    ids=repr,
)
def test_each_way_keeps_its_wrappers_and_its_window(model):
    ways = model.ways(4)
    assert list(ways) == ["recursive", "direct", "one-shot"]
    for way, made in ways.items():
        assert [isinstance(part, Wrapper) for part in inside(made)] == [
            isinstance(part, Wrapper) for part in inside(model)
        ]
        *_, innermost = inside(made)
        assert (innermost.lags, innermost.chunk) == (3, 1 if way == "recursive" else 4)
        assert made.fit(X).forecast(X, 4).shape == (4,)


@pytest.mark.parametrize(
    "model", [sa.Scaled(sa.SSA()), sa.Differenced(sa.baselines.Naive()), sa.Scaled(sa.Differenced(sa.GRU(2)))], ids=repr
)
def test_around_what_has_one_way_there_is_no_other(model):
    assert isinstance(model, InThreeWays)
    assert model.ways(4) == {}
    with pytest.raises(sa.errors.ParameterError, match="cannot go three ways"):
        sa.diagnostics.strategies(model, X, 4)


def test_three_ways_of_one_regressor_at_the_same_origins():
    series = sa.datasets.sunspots()
    linear = sa.diagnostics.strategies(sa.AR(9, ridge=1.0), series, 10, train=221)
    assert list(linear)[:3] == ["recursive", "direct", "one-shot"]
    np.testing.assert_allclose(
        linear["recursive"].rmse(), sa.evaluate(sa.AR(9, ridge=1.0), series, 10, 221)["AR(9)"].rmse()
    )
    np.testing.assert_array_equal(linear["direct"].predictions, linear["one-shot"].predictions)
    ours = sa.diagnostics.strategies(sa.AR(9), series, 10, train=221)
    theirs = sa.diagnostics.strategies(LinearRegression(), series, 10, train=221, lags=9)
    for name in ("recursive", "direct", "one-shot"):
        np.testing.assert_allclose(ours[name].predictions, theirs[name].predictions, rtol=1e-6)
        assert ours[name].origins.tolist() == theirs["recursive"].origins.tolist()
    test = ours.tests(against="recursive")["direct"]
    assert test.p.shape == (10,)
    assert ((test.p > 0.0) & (test.p <= 1.0)).all()
    np.testing.assert_allclose(test.difference, (ours["direct"].rmse() ** 2) - (ours["recursive"].rmse() ** 2))


def test_three_ways_of_a_net():
    series = sa.datasets.noisy_sine(seed=0)
    net = sa.MLP(4, unroll=3, seed=5, training=sa.Training(epochs=2))
    result = sa.diagnostics.strategies(net, series, 6, train=604)
    np.testing.assert_array_equal(
        result["recursive"].predictions, sa.evaluate(net, series, 6, 604)["MLP(4)"].predictions
    )
    one_shot = sa.MLP(4, seed=5, chunk=6, training=sa.Training(epochs=2))
    np.testing.assert_array_equal(
        result["one-shot"].predictions, sa.evaluate(one_shot, series, 6, 604)["MLP(4)"].predictions
    )
    X, y = sa.pairs(series[:604], 4)
    third = sa.MLP(4, seed=5, training=sa.Training(epochs=2)).fit_pairs(X[: 600 - 5], y[2 : 600 - 3][:, None])
    windows = np.lib.stride_tricks.sliding_window_view(series.values, 4)[604 - 4 : 995 - 4]
    np.testing.assert_allclose(result["direct"].predictions[:, 2], third.rollout((windows,), 1)[:, 0])
    scaled = sa.diagnostics.strategies(sa.Scaled(net), series, 6, train=604)
    assert not np.array_equal(scaled["direct"].predictions, result["direct"].predictions)
    assert all(type(scaled[name].model) is sa.Scaled for name in ("recursive", "direct", "one-shot"))
    assert net.unroll == 3
    assert net.chunk == 1


def test_a_regressor_of_one_target_has_no_one_shot_and_that_is_said():
    boosted = GradientBoostingRegressor(n_estimators=3)
    with pytest.warns(sa.errors.StepaheadWarning, match="one target alone"):
        result = sa.diagnostics.strategies(boosted, sa.datasets.sunspots(), 3, lags=4)
    assert list(result) == ["recursive", "direct", *result.baselines]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        forest = sa.diagnostics.strategies(
            sa.Windowed(RandomForestRegressor(3, random_state=0), 4), sa.datasets.sunspots(), 3
        )
    assert "one-shot" in forest


@pytest.mark.parametrize(
    ("model", "lags", "said"),
    [
        (LinearRegression(), None, "how many past values"),
        (sa.AR(4), 4, "has its own"),
        (sa.StateSpace(), None, "cannot go three ways"),
        (LinearRegression, 4, "cannot go three ways"),
        (sa.Windowed(LinearRegression(), 4), 3, "has its own"),
    ],
)
def test_strategies_refuse_by_name(model, lags, said):
    with pytest.raises(sa.errors.ParameterError, match=said):
        sa.diagnostics.strategies(model, sa.datasets.sunspots(), 4, lags=lags)

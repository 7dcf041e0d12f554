"""Rows M1 to M4: what models do with data that are hard to learn from. M5 is in tests/repository/test_contract.py."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa

from ..cases import CASES
from .entry_points import X

LARGEST = float(np.finfo(float).max)

# ---------------------------------------------------------------------------------------------------------------
# M1, M2: recursions


@pytest.mark.parametrize("ratio", [1.05, 1.5, 2.0, -1.5, 10.0, -1.1])
@pytest.mark.parametrize("intercept", [True, False], ids=["intercept", "no intercept"])
def test_M1_an_explosion_ends_at_the_first_step_past_the_range(promise, ratio, intercept):
    x = ratio ** np.arange(25.0)
    model = sa.AR(1, intercept=intercept).fit(x)
    exact = int((np.log(LARGEST) - np.log(abs(x[-1]))) / np.log(abs(ratio)))
    error = promise.refused(lambda: model.forecast(x, 2 * exact + 10), "overflow", "burg", kind=sa.errors.FitError)
    assert error.radius == pytest.approx(abs(ratio), rel=1e-3)
    assert abs(error.step - exact) <= 1 + exact // 50
    assert np.isfinite(promise.answered(lambda: model.forecast(x, error.step - 1))).all()
    assert isinstance(error, ArithmeticError)


EXPLODING = {
    "AR": lambda: sa.AR(1),
    "AR of 3 lags": lambda: sa.AR(3, ridge=1e-9),
    "AR direct": lambda: sa.AR(1, chunk=2),
    "AR anchored": lambda: sa.AR(2, anchor="last", ridge=1e-9),
    "Scaled": lambda: sa.Scaled(sa.AR(1)),
    "Differenced": lambda: sa.Differenced(sa.AR(1)),
    "SSA": lambda: sa.SSA(1, window=10),
    "Drift": sa.baselines.Drift,
    "Rectified": lambda: sa.wrappers.Rectified(sa.AR(1), horizon=2),
    "Windowed": lambda: sa.Windowed(_Double(), 1),
}


class _Double:
    def fit(self, X, y):
        return self

    def predict(self, X):
        return 2.0 * X[:, -1]


@pytest.mark.parametrize("name", EXPLODING)
@pytest.mark.parametrize("door", ["forecast", "k_step", "evaluate", "paths"])
def test_M1_nothing_infinite_leaves_by_any_entry_point(promise, name, door):
    x = 1e300 * 1.9 ** np.arange(26.0) if name not in ("Drift", "Line") else np.linspace(0, 1.7e308, 26)
    doors = {
        "forecast": lambda: EXPLODING[name]().fit(x).forecast(x, 500),
        "k_step": lambda: sa.k_step(EXPLODING[name]().fit(x[:16]), np.r_[x, np.ones(600)], 500),
        "evaluate": lambda: sa.evaluate({"m": EXPLODING[name]()}, np.r_[x[:16], np.full(90, x[15])], 60, train=16),
        "paths": lambda: sa.paths(EXPLODING[name]().fit(x), x, 500, n=3),
    }
    # a number out of the range is the error of an answer, and finite answers are answers
    found = promise.ended(doors[door])
    if door == "forecast":
        assert found.error is not None
        assert found.error.code == "overflow"


@pytest.mark.parametrize("radius", [1.0, 0.99999, 1.00001])
@pytest.mark.parametrize("horizon", [1, 64, 2000])
def test_M2_near_a_unit_root_there_is_a_forecast(promise, radius, horizon):
    rng = np.random.default_rng(3)
    x = np.zeros(400)
    for t in range(1, 400):
        x[t] = radius * x[t - 1] + rng.normal()
    model = sa.AR(1).fit(x)
    ahead = promise.answered(lambda: model.forecast(x, horizon))
    phi, expected, value = float(model.coefficients_[0]), [], x[-1]
    for _ in range(horizon):
        value = phi * value + model.intercept_
        expected.append(value)
    np.testing.assert_allclose(ahead, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("x", "rank", "lags"),
    [
        (np.sin(2 * np.pi * np.arange(120) / 20), 2, 6),
        (np.cos(0.3 * np.arange(120)) + 5.0, 2, 9),
        (np.sin(0.3 * np.arange(120)) + np.sin(0.9 * np.arange(120)), 4, 8),
        (np.arange(120) % 4.0, 3, 8),
        (np.arange(120.0), 1, 4),
        (np.full(120, 3.0), 0, 3),
    ],
    ids=["a wave", "a wave on a level", "two waves", "a period of four", "a line", "a constant"],
)
def test_M2_rank_deficient_windows_take_the_smallest_solution_and_say_so(promise, x, rank, lags):
    model = promise.answered(lambda: sa.AR(lags).fit(x), f"span only {rank} of {lags}")
    assert any(f"{rank} of {lags}" in text for text in model.notes_)
    rows = np.lib.stride_tricks.sliding_window_view(x, lags + 1)
    centred = rows - rows.mean(axis=0)
    exact = np.linalg.lstsq(centred[:, :-1], centred[:, -1], rcond=1e-10)[0]
    np.testing.assert_allclose(model.coefficients_, exact, atol=1e-5)
    result = sa.evaluate(sa.AR(lags), x, 8)
    assert any("span only" in text for text in result.notes)
    assert result[f"AR({lags})"].rmse().max() < 1e-5


# ---------------------------------------------------------------------------------------------------------------
# M3: training


@pytest.mark.parametrize(
    "make",
    [
        lambda: sa.MLP(3, training=sa.Training(learning_rate=1e30)),
        lambda: sa.MLP(3, ensemble=3, training=sa.Training(learning_rate=1e300)),
        lambda: sa.MLP(3, unroll=4, training=sa.Training(learning_rate=1e30)),
        lambda: sa.Scaled(sa.MLP(3, training=sa.Training(learning_rate=1e200))),
        lambda: sa.GRU(3, training=sa.Training(updates=30, learning_rate=1e30)),
        lambda: sa.LSTM(3, training=sa.Training(updates=30, learning_rate=1e300)),
    ],
    ids=["MLP", "ensemble", "unrolled", "scaled", "GRU", "LSTM"],
)
def test_M3_training_that_diverges_names_the_epoch_and_the_rate(promise, make):
    x = 1e3 * X
    found = promise.ended(lambda: make().fit(x).forecast(x, 2))
    if found.error is None or found.error.code == "parameter":
        return  # gates saturate, and what comes out is finite; or the rate is past 1e30, and refused
    assert isinstance(found.error, sa.errors.FitError)
    assert found.error.code in ("diverged", "overflow")
    if found.error.code == "diverged":
        assert found.error.epoch >= 0
        assert "learning_rate" in str(found.error)


@pytest.mark.parametrize("size", [1e154, 1e200, 1e300])
def test_M3_a_net_learns_huge_values_in_their_own_unit(promise, size):
    unit = 2.0 ** np.round(np.log2(size))
    found = promise.answered(lambda: sa.MLP(3).fit(X * unit).forecast(X * unit, 3))
    np.testing.assert_allclose(found / unit, sa.MLP(3).fit(X).forecast(X, 3), rtol=1e-9)
    assert np.isfinite(promise.answered(lambda: sa.Scaled(sa.MLP(3)).fit(X * size).forecast(X * size, 3))).all()


@pytest.mark.parametrize(
    "make",
    [lambda: sa.HMM(3, starts=1, iterations=1), lambda: sa.MarkovSwitchingAR(2, lags=1, starts=1, iterations=1)],
    ids=["HMM", "MarkovSwitchingAR"],
)
def test_M3_not_converged_is_noted(promise, make):
    x = CASES["AR"].series(200).values
    model = promise.answered(lambda: make().fit(x), "iteration")
    assert model.notes_
    assert any("iteration" in text for text in sa.evaluate({"m": make()}, x, 3).notes)


# ---------------------------------------------------------------------------------------------------------------
# M4: states

SYMBOLIC = {name: case for name, case in CASES.items() if case.symbols and not case.ignores_data}


@pytest.mark.parametrize("name", SYMBOLIC)
def test_M4_a_state_that_training_never_saw(promise, name):
    model = SYMBOLIC[name].make().fit(["a", "b", "a", "b", "b", "a"] * 5)
    error = promise.refused(lambda: model.forecast(["a", "b", "zebra"], 2), "unseen-state", "zebra", "'a'")
    assert error.state == "zebra"
    assert isinstance(error, sa.errors.InputError)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("smoothing", [0.0, 0.5, 3.0])
def test_M4_a_state_without_a_way_out(promise, order, smoothing):
    walk = [*("ab" * 10), "c"]
    make = lambda: sa.MarkovChain(order=order, smoothing=smoothing)  # noqa: E731
    if smoothing:
        model = promise.answered(lambda: make().fit(walk))
        np.testing.assert_allclose(model.transition_.sum(axis=1), 1.0, atol=1e-12)
        assert promise.answered(lambda: model.forecast(walk, 3)).tolist()
    else:
        promise.refused(lambda: make().fit(walk), "no-way-out", "smoothing=", "c")


def test_M4_an_absorbing_state_is_exact_and_noted(promise):
    model = promise.answered(lambda: sa.MarkovChain().fit(["a", "b", "b", "b"]), "absorbing")
    assert promise.answered(lambda: model.forecast(["a"], 5)).tolist() == ["b"] * 5
    np.testing.assert_array_equal(model.transition_, [[0.0, 1.0], [0.0, 1.0]])


@pytest.mark.parametrize("order", [0, 1, 2])
def test_M4_one_state_alone(promise, order):
    found = promise.ended(lambda: sa.MarkovChain(order=order).fit(["a"] * 9).forecast(["a"] * 9, 3))
    assert found.error is None
    assert found.value.tolist() == ["a"] * 3


def test_M4_unseen_states_and_states_without_a_way_out():
    chain = sa.MarkovChain().fit(["a", "b", "a", "b", "a"])
    with pytest.raises(sa.errors.InputError) as caught:
        chain.forecast(["a", "c"], 2)
    assert caught.value.code == "unseen-state"
    assert caught.value.state == "c"
    with pytest.raises(sa.errors.InputError) as caught:
        sa.MarkovChain().fit(["a", "b", "a", "c"])
    assert caught.value.code == "no-way-out"
    assert "smoothing" in str(caught.value)
    smooth = sa.MarkovChain(smoothing=3.0).fit(["a", "b", "a", "c"])
    np.testing.assert_allclose(smooth.transition_[2], 1 / 3)
    np.testing.assert_allclose(smooth.transition_.sum(axis=1), 1.0, atol=1e-15)
    absorbing = sa.MarkovChain().fit(["a", "b", "b", "b"])
    assert absorbing.forecast(["a"], 3).tolist() == ["b", "b", "b"]

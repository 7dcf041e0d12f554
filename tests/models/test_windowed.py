"""Any regressor on a window."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsRegressor

import stepahead as sa

from ..data import path, sine


class Odd:
    """A regressor that goes wrong in the way that it is told."""

    def __init__(self, way: str) -> None:
        self.way = way

    def fit(self, X, y):
        if self.way == "fit":
            raise ValueError("I take no numbers")
        return self

    def predict(self, X):
        return 1.0 / 0 if self.way == "predict" else np.zeros((len(X), 2))


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("fit", "Odd says ValueError: 'I take no numbers'"),
        ("predict", "Odd says ZeroDivisionError"),
        ("shape", r"predicts shape \(\d+, 2\) for \d+ windows"),
    ],
)
def test_what_goes_wrong_in_a_regressor_is_said_to_be_its_own(way, words):
    with pytest.raises(sa.errors.FitError, match=words):
        sa.forecast(sa.Windowed(Odd(way), lags=3).fit(sine(0, 40)), sine(0, 40), 2)


@pytest.mark.parametrize(
    "make", [lambda: sa.Windowed(Odd("none"), lags=4), lambda: sa.wrappers.Rectified(sa.baselines.Naive(), horizon=4)]
)
def test_gaps_may_leave_nothing_to_learn_from(make):
    holes = np.where(np.arange(60) % 3 == 2, np.nan, sine(0, 60))
    with pytest.raises(sa.errors.InputError) as caught:
        make().fit(sa.Series(holes, missing="skip"))
    assert caught.value.code == "too-short"


def test_etth1_through_scikit_learn_is_ar():
    x = sa.read(path("ETTh1.csv"), value="OT", time="date").values
    ours = sa.AR(24, chunk=96).fit(x[:8640])
    theirs = sa.Windowed(LinearRegression(), lags=24, chunk=96).fit(x[:8640])
    origins = range(11520, 11820)
    a, b = (sa.k_step(model, x[:14400], 96, origins=origins).predictions for model in (ours, theirs))
    np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("chunk", [1, 4, 12])
def test_per_step_is_direct(chunk):
    x = sine(0)
    direct = sa.AR(8, chunk=chunk).fit(x[:604])
    per_step = sa.Windowed(sa.wrappers.PerStep(LinearRegression()), lags=8, chunk=chunk).fit(x[:604])
    np.testing.assert_allclose(sa.k_step(direct, x, 12).predictions, sa.k_step(per_step, x, 12).predictions, atol=1e-9)
    knn = sa.Windowed(sa.wrappers.PerStep(KNeighborsRegressor(3)), lags=8, chunk=chunk).fit(x[:604])
    whole = sa.Windowed(KNeighborsRegressor(3), lags=8, chunk=chunk).fit(x[:604])
    np.testing.assert_allclose(knn.forecast(x, 12), whole.forecast(x, 12), atol=1e-12)


def test_windowed_linear_regression_is_ar():
    x = sine(0)
    for chunk in (1, 6):
        ours = sa.k_step(sa.AR(8, chunk=chunk).fit(x[:604]), x, 12).predictions
        theirs = sa.k_step(sa.Windowed(LinearRegression(), lags=8, chunk=chunk).fit(x[:604]), x, 12).predictions
        np.testing.assert_allclose(ours, theirs, atol=1e-9)


def test_windowed_refuses_what_is_no_regressor():
    for bad in (object(), 3, "ridge"):
        with pytest.raises(sa.errors.ParameterError):
            sa.Windowed(bad, lags=2).fit(sine(0, 50))

    class Wrong:
        def fit(self, X, Y):
            return self

        def predict(self, X):
            return np.full(len(X), np.nan)

    with pytest.raises(sa.errors.FitError, match="no finite forecast"):
        sa.Windowed(Wrong(), lags=2).fit(sine(0, 50)).forecast(sine(0, 50), 2)

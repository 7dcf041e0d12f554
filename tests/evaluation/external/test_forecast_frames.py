"""Tests of stepahead.evaluation.external.forecast_frames."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import stepahead as sa

from ...data import sine
from ...elsewhere import by_hand, nixtla

T, TRAIN, H = 60, 30, 4
DAYS = np.arange("2024-01-01", T, dtype="datetime64[D]")
X = sine(0, T)
SERIES = sa.Series(X, DAYS, "wave")
ORIGINS = range(28, T - H + 1)


def test_the_column_of_forecasts_is_found_or_asked_for():
    frame = nixtla()
    assert sa.from_forecasts(frame, SERIES, TRAIN).model.name == "Ridge"
    frame["Lasso"] = 0.0
    with pytest.raises(sa.errors.InputError, match=r"'Ridge', 'Lasso'.*name="):
        sa.from_forecasts(frame, SERIES, TRAIN)
    assert sa.from_forecasts(frame, SERIES, TRAIN, "Lasso").predictions.sum() == 0.0
    named = sa.from_forecasts(frame, SERIES, TRAIN, "zero", columns={"prediction": "Lasso"})
    assert (named.model.name, named.predictions.sum()) == ("zero", 0.0)


def test_columns_may_have_any_name():
    frame = nixtla().drop(columns="unique_id")
    frame.columns = ["when", "known until", "what happened", "said"]
    names = {"time": "when", "cutoff": "known until", "actual": "what happened", "prediction": "said"}
    result = sa.from_forecasts(frame, SERIES, TRAIN, columns=names)
    np.testing.assert_allclose(result.rmse(), [by_hand(k) for k in range(1, H + 1)], rtol=1e-12)
    with pytest.raises(sa.errors.ParameterError, match="columns='wann'"):
        sa.from_forecasts(frame, SERIES, TRAIN, columns={"wann": "when"})
    with pytest.raises(sa.errors.ParameterError, match="columns="):
        sa.from_forecasts(frame, SERIES, TRAIN, columns=["when"])
    with pytest.raises(sa.errors.InputError, match=r"no column 'wen'.*did you mean 'when'"):
        sa.from_forecasts(frame, SERIES, TRAIN, columns={**names, "time": "wen"})


def test_skforecast_itself():
    pytest.importorskip("skforecast", reason="skforecast is not installed: its shape is checked by hand above")
    from skforecast.model_selection import TimeSeriesFold, backtesting_forecaster
    from skforecast.recursive import ForecasterRecursive
    from sklearn.linear_model import LinearRegression

    y = pd.Series(X, index=pd.DatetimeIndex(DAYS, freq="D"), name="wave")
    folds = TimeSeriesFold(steps=H, initial_train_size=TRAIN, refit=False, fold_stride=1, allow_incomplete_fold=False)
    _, made = backtesting_forecaster(
        ForecasterRecursive(LinearRegression(), lags=3),
        y,
        folds,
        metric="mean_squared_error",
        verbose=False,
        show_progress=False,
    )
    theirs = sa.from_forecasts(made, y, TRAIN)
    own = sa.evaluate(sa.AR(3), y, H, train=TRAIN)["AR(3)"]
    np.testing.assert_allclose(theirs.rmse(), own.rmse(), rtol=1e-9)


def test_mlforecast_itself():
    pytest.importorskip("mlforecast", reason="mlforecast is not installed: its shape is checked by hand above")
    from mlforecast import MLForecast
    from sklearn.linear_model import LinearRegression

    frame = pd.DataFrame({"unique_id": "wave", "ds": pd.to_datetime(DAYS), "y": X})
    model = MLForecast(models={"LR": LinearRegression()}, freq="D", lags=[1, 2, 3])
    made = model.cross_validation(frame, n_windows=T - H - TRAIN + 1, h=H, step_size=1, refit=False)
    theirs = sa.from_forecasts(made, SERIES, TRAIN)
    own = sa.evaluate(sa.AR(3), SERIES, H, train=TRAIN)["AR(3)"]
    np.testing.assert_allclose(theirs.rmse(), own.rmse(), rtol=1e-6)

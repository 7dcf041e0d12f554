"""Tests of stepahead.evaluation.external.interval_columns."""

from __future__ import annotations

import ast
import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import stepahead as sa

from ...data import sine
from ...elsewhere import by_hand, nixtla

T, TRAIN, H = 60, 30, 4
DAYS = np.arange("2024-01-01", T, dtype="datetime64[D]")
X = sine(0, T)
SERIES = sa.Series(X, DAYS, "wave")
ORIGINS = range(28, T - H + 1)


def beside(point: str, *others: str) -> pd.DataFrame:
    """Forecasts in a column called `point`, and other columns that nobody may take for them."""
    return nixtla().rename(columns={"Ridge": point}).assign(**dict.fromkeys(others, 99.0))


UNREAD = {
    "Nixtla": ("M", ["M-lo-90", "M-hi-90"]),
    "Nixtla, a level of 90.0": ("M", ["M-lo-90.0", "M-hi-99.9"]),
    "Nixtla, one end": ("AutoARIMA", ["AutoARIMA-lo-80"]),
    "Nixtla, a name with signs": ("AR(4) x-y", ["AR(4) x-y-lo-80"]),
    "neuralforecast, the median": ("M", ["M-median"]),
    "neuralforecast, quantiles": ("M", ["M_ql0.05", "M_ql0.95"]),
    "neuralforecast, bounds": ("M", ["M-lb", "M-ub"]),
    "TimeGPT": ("TimeGPT", ["TimeGPT-q-10", "TimeGPT-q-90"]),
    "AutoGluon": ("mean", [f"0.{i}" for i in range(1, 10)]),
    "Chronos": ("predictions", ["0.1", "0.5", "0.9"]),
    "skforecast": ("pred", ["lower_bound", "upper_bound"]),
    "skforecast, quantiles": ("pred", ["q_0.05", "q_0.5", "q_0.95"]),
    "Prophet": ("yhat", ["yhat_lower", "yhat_upper"]),
    "Prophet, renamed": ("prediction", ["yhat_lower", "yhat_upper"]),
    "Nixtla, renamed": ("prediction", ["M-lo-90", "M-hi-90"]),
    "NeuralProphet": ("yhat1", ["yhat1 5.0%", "yhat1 95.0%"]),
    "Darts": ("x", ["x_q0.050", "x_q0.500", "x_q0.950"]),
    "statsmodels": ("mean", ["mean_ci_lower", "mean_ci_upper"]),
    "R": ("Point Forecast", ["Lo 80", "Hi 80", "Lo 95", "Hi 95"]),
    "BigQuery": ("prediction", ["prediction_interval_lower_bound", "prediction_interval_upper_bound"]),
    "AWS": ("mean", ["p10", "p50", "p90"]),
    "ours": ("AR(4)", ["AR(4) low", "AR(4) high"]),
    "in capitals": ("M", ["Lower", "Upper"]),
}


@pytest.mark.parametrize("kind", UNREAD)
@pytest.mark.parametrize("convert", [pd.DataFrame, pl.from_pandas, pa.Table.from_pandas])
def test_an_interval_that_is_not_read_is_an_error_that_says_what_to_type(kind, convert):
    point, others = UNREAD[kind]
    frame = convert(beside(point, *others))
    for named in ({}, {"name": point}, {"columns": {"prediction": point}}, {"name": "a title"}):
        with pytest.raises(sa.errors.InputError) as caught:
            sa.from_forecasts(frame, SERIES, TRAIN, **named)
        assert caught.value.code == "intervals"
        assert caught.value.columns == others
        assert repr(point) in str(caught.value)
        assert all(repr(other) in str(caught.value) for other in others)
    typed = re.search(r"drop them, (\w+\.\w+\(.*\))$", str(caught.value))[1]
    called, _, names = typed.removesuffix(")").partition("(")
    listed = ast.literal_eval(names.removeprefix("columns="))
    dropped = getattr(frame, called.partition(".")[2])(columns=listed) if convert is pd.DataFrame else None
    dropped = getattr(frame, called.partition(".")[2])(listed) if dropped is None else dropped
    result = sa.from_forecasts(dropped, SERIES, TRAIN)
    np.testing.assert_allclose(result.rmse(), [by_hand(k) for k in range(1, H + 1)], rtol=1e-12)


def test_many_quantiles_are_named_by_the_first_and_counted():
    others = [f"A rather long name of a model_ql{i / 100:.2f}" for i in range(10, 70)]
    with pytest.raises(
        sa.errors.InputError, match=r"frame.drop\(columns=\['A rather.*and 58 more like them\)$"
    ) as caught:
        sa.from_forecasts(beside("A rather long name of a model", *others), SERIES, TRAIN)
    assert caught.value.columns == others


@pytest.mark.parametrize(
    "others", [["M2", "M2-lo-90", "M2-hi-90"], ["M2_ql0.1", "M2-median"], ["MM", "MM_lower"], ["M2-lo-90"]]
)
def test_intervals_of_another_model_are_no_concern_of_the_one_that_is_named(others):
    frame = beside("M", *others)
    for named in ({"name": "M"}, {"columns": {"prediction": "M"}}):
        result = sa.from_forecasts(frame, SERIES, TRAIN, **named)
        np.testing.assert_allclose(result.rmse(), [by_hand(k) for k in range(1, H + 1)], rtol=1e-12)
    with pytest.raises(sa.errors.InputError, match=r"which column holds the forecasts\?.*'M'.*name="):
        sa.from_forecasts(frame, SERIES, TRAIN)
    with pytest.raises(sa.errors.InputError, match="drop them"):
        sa.from_forecasts(beside("M", *others, "M-hi-50"), SERIES, TRAIN, "M")


@pytest.mark.parametrize(
    "other", ["Lasso", "AR_p4", "Ridge_0.1", "median", "mean", "low_memory", "Flow", "q1", "XGB_95", "pp"]
)
def test_names_that_only_look_a_little_like_an_interval_are_models(other):
    assert sa.from_forecasts(beside("M", other), SERIES, TRAIN, "M").model.name == "M"
    assert sa.from_forecasts(beside(other), SERIES, TRAIN).model.name == other
    with pytest.raises(
        sa.errors.InputError, match=rf"which column holds the forecasts\? the columns are 'M', '{other}'"
    ):
        sa.from_forecasts(beside("M", other), SERIES, TRAIN)


@pytest.mark.parametrize("point", ["M-median", "0.5", "x_q0.500", "yhat_upper", "high"])
def test_a_quantile_that_is_all_there_is_is_the_forecast(point):
    result = sa.from_forecasts(beside(point), SERIES, TRAIN)
    np.testing.assert_allclose(result.rmse(), [by_hand(k) for k in range(1, H + 1)], rtol=1e-12)
    others = {"M-median": ["M-lo-90"], "x_q0.500": ["x_q0.050", "x_q0.950"]}.get(point)
    if others:
        with pytest.raises(sa.errors.InputError, match=r"which column holds the forecasts\?"):
            sa.from_forecasts(beside(point, *others), SERIES, TRAIN)
        with pytest.raises(sa.errors.InputError, match="drop them"):
            sa.from_forecasts(beside(point, *others), SERIES, TRAIN, point)

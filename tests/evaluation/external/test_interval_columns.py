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


DIALECTS = {
    # kind: (point, {column: its level}, interval=)
    "Nixtla": ("M", {"M-lo-90": 0.05, "M-hi-90": 0.95}, None),
    "Nixtla, a level of 90.0": ("M", {"M-lo-90.0": 0.05, "M-hi-90.0": 0.95}, None),
    "Nixtla, two levels": ("M", {"M-lo-80": 0.1, "M-hi-80": 0.9, "M-lo-99.5": 0.0025, "M-hi-99.5": 0.9975}, None),
    "Nixtla, a name with signs": ("AR(4) x-y", {"AR(4) x-y-lo-80": 0.1, "AR(4) x-y-hi-80": 0.9}, None),
    "neuralforecast, the median": ("M", {"M-median": 0.5}, None),
    "neuralforecast, quantiles": ("M", {"M_ql0.05": 0.05, "M_ql0.95": 0.95}, None),
    "neuralforecast, bounds": ("M", {"M-lb": 0.1, "M-ub": 0.9}, 0.8),
    "TimeGPT": ("TimeGPT", {"TimeGPT-q-10": 0.1, "TimeGPT-q-90": 0.9}, None),
    "AutoGluon": ("mean", {f"0.{i}": i / 10 for i in range(1, 10)}, None),
    "Chronos": ("predictions", {"0.1": 0.1, "0.5": 0.5, "0.9": 0.9}, None),
    "skforecast": ("pred", {"lower_bound": 0.05, "upper_bound": 0.95}, 0.9),
    "skforecast, quantiles": ("pred", {"q_0.05": 0.05, "q_0.5": 0.5, "q_0.95": 0.95}, None),
    "Prophet": ("yhat", {"yhat_lower": 0.1, "yhat_upper": 0.9}, 0.8),
    "Prophet, renamed": ("prediction", {"yhat_lower": 0.1, "yhat_upper": 0.9}, 0.8),
    "Nixtla, renamed": ("prediction", {"M-lo-90": 0.05, "M-hi-90": 0.95}, None),
    "NeuralProphet": ("yhat1", {"yhat1 5.0%": 0.05, "yhat1 95.0%": 0.95}, None),
    "Darts": ("x", {"x_q0.050": 0.05, "x_q0.500": 0.5, "x_q0.950": 0.95}, None),
    "Darts, no point of its own": ("x_q0.500", {"x_q0.050": 0.05, "x_q0.950": 0.95}, None),
    "statsmodels": ("mean", {"mean_ci_lower": 0.025, "mean_ci_upper": 0.975}, 0.95),
    "R": ("Point Forecast", {"Lo 80": 0.1, "Hi 80": 0.9, "Lo 95": 0.025, "Hi 95": 0.975}, None),
    "BigQuery": (
        "prediction", {"prediction_interval_lower_bound": 0.05, "prediction_interval_upper_bound": 0.95}, 0.9
    ),
    "AWS": ("mean", {"p10": 0.1, "p50": 0.5, "p90": 0.9}, None),
    "ours": ("AR(4)", {"AR(4) low": 0.05, "AR(4) high": 0.95}, 0.9),
    "in capitals": ("M", {"Lower": 0.25, "Upper": 0.75}, 0.5),
}  # fmt: skip
CONVERT = {"pandas": pd.DataFrame, "polars": pl.from_pandas, "pyarrow": pa.Table.from_pandas}


def widened(kind: str) -> tuple[pd.DataFrame, dict[float, np.ndarray]]:
    """A frame of a dialect with quantiles at the forecast plus something of each level and row; and these by level."""
    point, columns, _ = DIALECTS[kind]
    frame = nixtla().rename(columns={"Ridge": point})
    shift = 0.02 * (np.arange(len(frame)) % 7)
    made = {level: frame[point].to_numpy() + (level - 0.5) * (0.3 + shift) for level in columns.values()}
    return frame.assign(**{column: made[level] for column, level in columns.items()}), made


@pytest.mark.parametrize("kind", DIALECTS)
@pytest.mark.parametrize("convert", CONVERT)
def test_every_dialect_is_read_as_its_levels(kind, convert):
    point, columns, interval = DIALECTS[kind]
    frame, by_level = widened(kind)
    held = frame["cutoff"].to_numpy() >= DAYS[TRAIN - 1]
    for named in ({}, {"name": point}, {"columns": {"prediction": point}}, {"name": "a title"}):
        result = sa.from_forecasts(CONVERT[convert](frame), SERIES, TRAIN, interval=interval, **named)
        np.testing.assert_allclose(result.rmse(), [by_hand(k) for k in range(1, H + 1)], rtol=1e-12)
        for level, column in by_level.items():
            values = column[held].reshape(-1, H)
            np.testing.assert_array_equal(result._distribution.quantile(level), values)
            missed = result.actuals - values
            pinball = np.where(missed >= 0, level * missed, (level - 1.0) * missed).sum(axis=0) / len(values)
            np.testing.assert_allclose(sa.diagnostics.pinball(result, level), pinball, rtol=1e-12)
        for level in (u for u in by_level if u < 0.5):
            low, high = by_level[level][held].reshape(-1, H), by_level[round(1.0 - level, 9)][held].reshape(-1, H)
            inside = ((low <= result.actuals) & (result.actuals <= high)).sum(axis=0) / len(low)
            np.testing.assert_allclose(result.coverage(1.0 - 2.0 * level), inside, rtol=1e-12)
            width = sa.diagnostics.interval_width(result, 1.0 - 2.0 * level)
            np.testing.assert_allclose(width, (high - low).mean(axis=0), rtol=1e-12)
        assert result.training._distribution.quantile(next(iter(by_level))).shape == (2, H)
    if interval is None:
        with pytest.raises(sa.errors.InputError, match=r"interval=0\.9"):
            sa.from_forecasts(frame, SERIES, TRAIN, interval=0.9)
    else:
        with pytest.raises(sa.errors.InputError, match="do not say which share they hold: give interval=") as caught:
            sa.from_forecasts(CONVERT[convert](frame), SERIES, TRAIN)
        assert caught.value.columns == list(columns)
        typed = re.search(r"drop them, (\w+\.\w+\(.*\))$", str(caught.value))[1]
        called, _, names = typed.removesuffix(")").partition("(")
        listed = ast.literal_eval(names.removeprefix("columns="))
        whole = CONVERT[convert](frame)
        drop = getattr(whole, called.partition(".")[2])
        bare = sa.from_forecasts(drop(columns=listed) if convert == "pandas" else drop(listed), SERIES, TRAIN)
        assert bare._distribution is None
        assert bare._method == "conformal"


def test_the_share_that_an_interval_holds_is_counted():
    frame = nixtla()
    y, point = frame["y"].to_numpy(), frame["Ridge"].to_numpy()
    inside = (np.arange(len(frame)) // H) % 100 < 31  # of 100 origins 31, at every step
    low = np.where(inside, np.minimum(y, point) - 0.1, np.maximum(y, point) + 0.1)
    long = pd.concat([frame.assign(**{"Ridge-lo-90": low, "Ridge-hi-90": low + 5.0})])
    result = sa.from_forecasts(long, SERIES, TRAIN)
    held = (frame["cutoff"].to_numpy() >= DAYS[TRAIN - 1])[::H]
    share = inside[::H][held].mean()
    np.testing.assert_allclose(result.coverage(0.9), share)
    assert result.coverage(0.9, "conformal")[0] != share


def hundred(inside: int) -> sa.results.KStep:
    """A hundred held-out origins, of which the intervals of so many hold what came."""
    x = sine(0, 204)
    frame = pd.DataFrame({"origin": np.arange(100, 200), "k": 1, "pred": x[100:200]})
    at = np.where(np.arange(100) < inside, 0.0, 10.0)
    return sa.from_forecasts(frame.assign(lower=x[100:200] - 1 + at, upper=x[100:200] + 1 + at), x, 100, interval=0.9)


def test_a_frame_whose_intervals_hold_31_per_cent_reads_as_31():
    assert hundred(31).coverage(0.9)[0] == 0.31
    both = sa.compare({"theirs": hundred(31)})
    assert "theirs: its own 90% intervals (2 quantiles) hold 31% of what came at k = 1." in " ".join(
        both.table().split()
    )
    assert "theirs：自带的 90% 区间（2 个分位数）在 k = 1 时包住实际值的 31%。" in both.table("zh").replace("\n  ", "")


REFUSED = {
    "one end": ({"Ridge-lo-80": -9.0}, {}, "'Ridge-lo-80' is one end of an interval, and there is no upper one beside"),
    "the other end": ({"Ridge-hi-80": 9.0}, {}, "there is no lower one beside it"),
    "one end without a share": ({"lower": -9.0}, {"interval": 0.9}, "there is no upper one beside it"),
    "swapped": (
        {"Ridge-lo-80": 9.0, "Ridge-hi-80": -9.0},
        {},
        r"row 0: 'Ridge-lo-80' is 9, above 'Ridge-hi-80' \(-9\)",
    ),
    "twice": ({"Ridge-lo-90": -9.0, "Ridge-hi-90": 9.0, "Ridge_ql0.05": -9.0}, {}, "are both the quantile at 0.05"),
    "NaN": ({"Ridge-lo-80": np.nan, "Ridge-hi-80": np.nan}, {}, "row 0: a quantile or draw .* not a finite number"),
    "a text": ({"Ridge-lo-80": "low", "Ridge-hi-80": "high"}, {}, "holds text"),
    "an interval and no ends": ({}, {"interval": 0.9}, "beside 'Ridge' there are none"),
    "a share of 90": (
        {"lower": -9.0, "upper": 9.0},
        {"interval": 90},
        "interval=90 is not allowed: interval must be between",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_interval_is_refused_by_name(kind):
    columns, options, words = REFUSED[kind]
    with pytest.raises((sa.errors.InputError, sa.errors.ParameterError), match=words):
        sa.from_forecasts(nixtla().assign(**columns), SERIES, TRAIN, **options)


def test_quantiles_that_cross_are_sorted_and_counted():
    frame = nixtla()
    frame = frame.assign(**{"0.1": frame["Ridge"] + 1, "0.5": frame["Ridge"], "0.9": frame["Ridge"] - 1})
    result = sa.from_forecasts(frame, SERIES, TRAIN)
    cells = (len(ORIGINS)) * H
    assert f"Ridge: the quantiles of {cells} of {cells} forecasts crossed, and were sorted" in result.notes
    np.testing.assert_allclose(sa.diagnostics.interval_width(result, 0.8), 2.0)


def test_nine_quantiles_give_a_crps_and_three_are_refused():
    result = sa.from_forecasts(widened("AutoGluon")[0], SERIES, TRAIN)
    u, values = np.arange(1, 10) / 10, result._distribution.values
    assert result.crps().shape == (H,)
    by_hand_ = np.zeros(H)
    for row, actual in zip(values, result.actuals, strict=True):
        for k in range(H):
            loss = [
                max(level * (actual[k] - q), (level - 1) * (actual[k] - q)) for level, q in zip(u, row[k], strict=True)
            ]
            inner = sum((u[i + 1] - u[i]) * (loss[i] + loss[i + 1]) / 2 for i in range(8))
            low, high = actual[k] - row[k, 0], row[k, -1] - actual[k]
            tails = [off * 0.005 if off >= 0 else -off * (0.1 - 0.005) for off in (low, high)]
            by_hand_[k] += 2 * (inner + sum(tails)) / len(values)
    np.testing.assert_allclose(result.crps(), by_hand_, rtol=1e-10)
    assert "crps, from 9 quantiles" in str(result)
    three = sa.from_forecasts(widened("Chronos")[0], SERIES, TRAIN)
    with pytest.raises(sa.errors.InputError, match=r"at least 9 quantiles.*there are 3: 0\.1, 0\.5, 0\.9"):
        three.crps()
    assert "crps" not in str(three)


def test_many_columns_are_named_by_the_first_and_counted():
    others = [f"A rather long name of a model_{side}" for side in ("lower", "upper", "lb", "ub", "low", "high")]
    with pytest.raises(sa.errors.InputError, match=r"there are 'A rather.*\(and 4 more like them\)") as caught:
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
    with pytest.raises(sa.errors.InputError, match="'M-hi-50' is one end"):
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
    assert result._distribution is None

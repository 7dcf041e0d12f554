"""The door: rows V, T, P5 and P6 of the promises, by name."""

from __future__ import annotations

import copy
import datetime
import pickle
import re
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch

import stepahead as sa

X = np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.6, 5.0])


def refused(code, *args, kind=sa.errors.InputError, **kwargs):
    with pytest.raises(kind) as caught:
        sa.Series(*args, **kwargs)
    assert caught.value.code == code, caught.value
    assert len(str(caught.value)) <= 300
    return caught.value


# V1 .. V4: what is not there


@pytest.mark.parametrize(
    "values",
    [
        [1.0, np.nan, 3.0],
        [1.0, None, 3.0],
        np.ma.masked_array([1.0, 2.0, 3.0], mask=[False, True, False]),
        pd.Series([1, None, 3], dtype="Int64"),
        pl.Series([1.0, None, 3.0]),
        pa.chunked_array([[1.0, None, 3.0]]),
        torch.tensor([1.0, float("nan"), 3.0]),
    ],
    ids=["nan", "None", "masked", "Int64 NA", "polars null", "arrow null", "torch nan"],
)
def test_V1_missing_in_the_middle(values):
    error = refused("missing-values", values)
    assert error.count == 1
    assert error.positions == [1]
    assert 'missing="skip"' in str(error)
    kept = sa.Series(values, missing="skip")
    assert kept.values[[0, 2]].tolist() == [1.0, 3.0]
    assert np.isnan(kept.values[1])
    assert not kept.complete


def test_V1_names_the_first_three_times():
    days = np.arange("2024-01-01", "2024-01-08", dtype="datetime64[D]")
    y = X.copy()
    y[[2, 3, 5, 6]] = np.nan
    text = str(refused("missing-values", y, times=days))
    assert "2024-01-03, 2024-01-04, 2024-01-06" in text
    assert "2024-01-07" not in text


def test_V2_missing_last_is_said_at_forecast_too():
    y = np.append(np.arange(20.0), np.nan)
    series = sa.Series(y, missing="skip")
    with pytest.raises(sa.errors.InputError) as caught:
        sa.AR(2, ridge=1.0).fit(series[:15]).forecast(series, 3)
    assert caught.value.code == "missing-values"
    assert "20" in str(caught.value)


def test_V3_leading_and_all_missing():
    y = np.concatenate([[np.nan, np.nan], X])
    refused("missing-values", y)
    with pytest.warns(sa.errors.StepaheadWarning, match="first 2 values"):
        series = sa.Series(y, missing="skip", times=np.arange(100, 109))
    assert series.values.tolist() == X.tolist()
    assert series.times[0] == 102
    assert series.notes
    refused("missing-values", [np.nan, np.nan], missing="skip")
    refused("missing-values", [None, None])


@pytest.mark.parametrize("missing", ["raise", "skip"])
@pytest.mark.parametrize(("value", "sign"), [(np.inf, "(inf)"), (-np.inf, "(-inf)")])
def test_V4_infinite_always(missing, value, sign):
    y = X.copy()
    y[3] = value
    error = refused("infinite-values", y, missing=missing)
    assert error.count == 1
    assert sign in str(error)


def test_V5_constant_and_zero_are_exact():
    for level in (0.0, 0.1, -7.3, 1e10 + 1 / 3):
        y = np.full(200, level)
        for model in (
            sa.AR(4),
            sa.AR(4, method="burg"),
            sa.AR(4, method="yule-walker"),
            sa.SSA(rank=1, window=10),
            sa.baselines.Mean(),
        ):
            assert model.fit(y[:100]).forecast(y, 5).tolist() == [level] * 5, model
        result = sa.evaluate(sa.AR(4), y, 5)
        with pytest.warns(sa.errors.StepaheadWarning, match="null"):
            skill = result["AR(4)"].skill()
        assert np.isnan(skill).all()
        with pytest.warns(sa.errors.StepaheadWarning, match="null"):
            assert np.isnan(result["AR(4)"].mase()).all()


# V8, V9, V11: kinds of numbers


@pytest.mark.parametrize(
    "dtype",
    ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", ">f8", ">i4", "<f4", ">f4", "?", np.longdouble],
)
def test_V8_every_numeric_dtype_becomes_float64(dtype):
    given = np.array([0, 1, 1, 0, 1], dtype=dtype)
    series = sa.Series(given)
    assert series.values.dtype == np.float64
    assert series.values.tolist() == [0.0, 1.0, 1.0, 0.0, 1.0]


def test_V8_layouts_and_a_memory_map_give_the_same_bits(tmp_path):
    np.save(tmp_path / "x.npy", X)
    read_only = X.copy()
    read_only.flags.writeable = False
    fortran = np.asfortranarray(np.column_stack([X, X]))[:, :1]
    for given in (
        X[::-1][::-1],
        np.repeat(X, 2)[::2],
        read_only,
        fortran,
        X.reshape(-1, 1),
        np.load(tmp_path / "x.npy", mmap_mode="r"),
    ):
        assert sa.Series(given).values.tobytes() == X.tobytes()


def test_V8_is_never_written_to_nor_changed_from_outside():
    y = X.copy()
    series = sa.Series(y)
    y[0] = 99.0
    assert series.values[0] == 3.0
    with pytest.raises(ValueError, match="read-only"):
        series.values[0] = 1.0
    with pytest.raises(AttributeError, match="does not change"):
        series.name = "other"


def test_V9_not_numbers():
    assert "complex" in str(refused("dtype", X + 1j, kind=sa.errors.DtypeError))
    error = refused("dtype", [1.0, object(), 3.0], kind=sa.errors.DtypeError)
    assert error.row == 1
    error = refused("dtype", [1.0, "2.0", 3.0], kind=sa.errors.DtypeError)
    assert (error.row, error.found) == (1, "2.0")
    error = refused("dtype", ["1.0", 2.0], kind=sa.errors.DtypeError)
    assert error.row == 1
    refused("dtype", np.array(["2024-01-01"], dtype="datetime64[D]"), kind=sa.errors.DtypeError)
    assert isinstance(error, TypeError)
    assert isinstance(error, ValueError)


def test_V9_numbers_as_text_are_symbols_where_that_is_asked_for_and_no_model_of_numbers_takes_them():
    assert refused("dtype", ["1.5", "2.5", "1.5"], kind=sa.errors.DtypeError).row == 0
    series = sa.Series(["1.5", "2.5", "1.5"], categories=["1.5", "2.5"])
    assert series.categories == ("1.5", "2.5")
    with pytest.raises(sa.errors.DtypeError) as caught:
        sa.AR(1).fit(series)
    assert "1.5" in str(caught.value)


def test_V11_text_and_categories():
    series = sa.Series(["b", "a", None, "b"], missing="skip")
    assert series.categories == ("a", "b")
    assert series.values.tolist() == [1, 0, -1, 1]
    assert series.values.dtype == np.int64
    assert series.symbols.tolist() == ["b", "a", None, "b"]
    ordered = pd.Series(pd.Categorical(["low", "high", "low"], categories=["low", "mid", "high"], ordered=True))
    assert sa.Series(ordered).categories == ("low", "mid", "high")
    assert sa.Series(pl.Series(["x", "y"], dtype=pl.Enum(["y", "x"]))).categories == ("y", "x")
    assert sa.Series(["x", "y"], categories=["y", "x"]).values.tolist() == [1, 0]
    assert refused("categories", ["x", "z"], categories=["x", "y"]).row == 1
    with pytest.raises(sa.errors.DtypeError) as caught:
        sa.evaluate(sa.AR(1), ["a", "b"] * 20, 2)
    assert "MarkovChain" in str(caught.value)


# T1 .. T3: time


def test_T1_trading_days_are_noted_not_refused():
    days = np.array([d for d in np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]") if np.is_busday(d)])
    with pytest.warns(sa.errors.StepaheadWarning) as caught:
        series = sa.Series(np.arange(float(len(days))), times=days)
    assert "are 1 day" in str(caught[0].message)
    assert "the longest 3 days" in str(caught[0].message)
    assert series.notes == (str(caught[0].message),)


@pytest.mark.parametrize(
    "times",
    [
        np.arange("2020-01", "2021-03", dtype="datetime64[M]").astype("datetime64[D]"),
        np.arange("2020-01", "2021-03", dtype="datetime64[M]").astype("datetime64[D]") - 1,
        np.arange("1990", "2010", dtype="datetime64[Y]").astype("datetime64[D]"),
        np.arange(0, 3600, 900).astype("datetime64[s]"),
        np.array([0.0, 0.1, 0.2, 0.30000000000000004, 0.4]),
        np.arange(1700, 1720),
    ],
    ids=["month starts", "month ends", "years", "quarters of an hour", "floats", "numbers"],
)
def test_T1_even_steps_of_every_kind_need_no_note(times):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sa.Series(np.arange(float(len(times))), times=times).notes == ()


def test_T1_a_gap_with_every():
    days = np.array(["2024-01-01", "2024-01-02", "2024-01-04"], dtype="datetime64[D]")
    error = refused("time-gap", [1.0, 2.0, 4.0], times=days, every="1D")
    assert error.count == 1
    assert "2024-01-02" in str(error)
    series = sa.Series([1.0, 2.0, 4.0], times=days, every="1D", missing="skip")
    assert series.values.tolist()[:2] == [1.0, 2.0]
    assert np.isnan(series.values[2])
    assert series.values[3] == 4.0
    assert str(series.times[2]) == "2024-01-03"
    refused("time-off-grid", [1.0, 2.0, 4.0], times=[0, 2, 3], every=2)
    with pytest.raises(sa.errors.ParameterError):
        sa.Series([1.0, 2.0], times=days[:2], every="sometimes")
    months = np.array(["2024-01-31", "2024-02-29", "2024-04-30"], dtype="datetime64[D]")
    by_month = sa.Series([1.0, 2.0, 4.0], times=months, every="1M", missing="skip")
    assert len(by_month) == 4
    assert np.isnan(by_month.values[2])


def test_T2_repeated_times_always_raise():
    error = refused("time-repeated", [1.0, 2.0, 3.0], times=[5, 6, 6])
    assert error.rows == (1, 2)
    error = refused("time-repeated", [1.0, 2.0, 3.0, 4.0], times=[5, 6, 4, 5])
    assert error.rows == (0, 3)
    hours = np.array(
        [
            "2023-10-29T01:00",
            "2023-10-29T02:00",
            "2023-10-29T02:30",
            "2023-10-29T02:00",
            "2023-10-29T02:30",
            "2023-10-29T03:00",
        ],
        dtype="datetime64[m]",
    )
    assert "clock" in str(refused("time-repeated", np.arange(6.0), times=hours))


def test_T3_unsorted_but_unique_is_sorted_and_noted():
    with pytest.warns(sa.errors.StepaheadWarning, match="sorted by time"):
        series = sa.Series([3.0, 1.0, 2.0], times=[30, 10, 20])
    assert series.values.tolist() == [1.0, 2.0, 3.0]
    assert series.times.tolist() == [10, 20, 30]


def test_times_of_the_wrong_length_or_kind():
    assert refused("time-shape", X, times=[1, 2]).needed == len(X)
    refused("time-kind", [1.0, 2.0], times=["a", "b"])
    refused("time-missing", [1.0, 2.0], times=np.array(["2024-01-01", "NaT"], dtype="datetime64[D]"))


# P5, P6: shape and kind


def test_P5_shapes():
    assert sa.Series(X.reshape(-1, 1)).values.tolist() == X.tolist()
    error = refused("shape", np.column_stack([X, X]))
    assert error.columns == 2
    refused("shape", X.reshape(1, -1))
    refused("shape", np.zeros((2, 2, 2)))
    refused("shape", [[1.0], [2.0, 3.0]])
    error = refused("shape", pd.DataFrame({"a": X, "b": X}))
    assert error.columns == ["a", "b"]
    assert sa.Series(pd.DataFrame({"a": X})).name == "a"


@pytest.mark.parametrize(
    "given",
    [
        X,
        X.tolist(),
        tuple(X),
        pd.Series(X),
        pd.Series(X, index=range(1990, 1997)),
        pd.DataFrame({"x": X}),
        pl.Series(X),
        pl.DataFrame({"x": X}),
        pl.LazyFrame({"x": X}),
        pa.array(X),
        pa.chunked_array([X[:3], X[3:]]),
        pa.table({"x": X}),
        torch.tensor(X),
        torch.tensor(X, requires_grad=True),
        sa.Series(X),
    ],
    ids=lambda given: type(given).__module__.split(".")[0] + "." + type(given).__name__,
)
def test_P6_every_kind_gives_the_same_bits(given):
    assert sa.Series(given).values.tobytes() == X.tobytes()
    y = sa.AR(1).fit(X).forecast(given, 3)
    assert y.tobytes() == sa.AR(1).fit(X).forecast(X, 3).tobytes()


def test_P6_an_unknown_kind_is_named():
    assert refused("unknown-type", {"a": 1}, kind=sa.errors.DtypeError).found == "dict"
    refused("unknown-type", 3.0, kind=sa.errors.DtypeError)
    refused("unknown-type", "text", kind=sa.errors.DtypeError)
    refused("unknown-type", (v for v in X), kind=sa.errors.DtypeError)


def test_a_pandas_index_of_dates_becomes_the_times():
    index = pd.date_range("2024-03-30", periods=4, freq="D", tz="Europe/Berlin")
    series = sa.Series(pd.Series([1.0, 2.0, 3.0, 4.0], index=index, name="load"))
    assert series.name == "load"
    assert series.times is not None
    assert str(series.times[0]).startswith("2024-03-29T23:00")
    assert (
        sa.Series(
            pl.Series("x", X), times=pl.date_range(datetime.date(2024, 1, 1), datetime.date(2024, 1, 7), eager=True)
        ).when(2)
        == "2024-01-03"
    )


def test_a_series_is_cut_not_thinned_and_copies_are_itself():
    series = sa.Series(X, times=np.arange(7), name="x")
    assert series[2:4].times.tolist() == [2, 3]
    assert series[0] == 3.0
    assert copy.deepcopy(series) is series
    assert pickle.loads(pickle.dumps(series)).values.tobytes() == X.tobytes()  # noqa: S301
    with pytest.raises(sa.errors.InputError):
        series[::2]
    assert repr(series) == "Series('x': 7 numbers, 0 to 6)"
    with pytest.raises(sa.errors.ParameterError):
        sa.Series(X, missing="drop")


def test_names_cannot_carry_control_characters_into_a_message():
    text = str(refused("missing-values", [1.0, np.nan], name="a\x1b[31m\u202eb" + "x" * 500))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(text) <= 300


BIG = [2**53 + 1, 3, 4]


@pytest.mark.parametrize(
    "data",
    [
        BIG,
        pa.array(BIG),
        pa.chunked_array([BIG]),
        pd.Series(BIG),
        pd.Series(BIG, dtype="Int64"),
        pd.Series(BIG, dtype="int64[pyarrow]"),
        pl.Series(BIG),
    ],
    ids=lambda data: f"{type(data).__module__.split('.')[0]} {getattr(data, 'dtype', getattr(data, 'type', ''))}",
)
def test_whole_numbers_that_are_no_float64_are_noted_whatever_they_come_in(data):
    with pytest.warns(sa.errors.StepaheadWarning, match="row 0 is 9007199254740993"):
        series = sa.Series(data)
    assert series.values.tolist() == [2.0**53, 3.0, 4.0]


# -- how they show themselves


def test_a_series_shows_both_ends_in_a_notebook():
    page = sa.Series(np.arange(100.0), times=np.arange(1901, 2001), name="years")._repr_html_()
    shown = re.findall(r"<bdi>(\d{4}|\.\.\.)</bdi></th><td[^>]*>([^<]*)</td>", page)
    assert shown == [
        *[("1901", "0.00"), ("1902", "1.00"), ("1903", "2.00"), ("1904", "3.00"), ("...", "...")],
        *[("1997", "96.00"), ("1998", "97.00"), ("1999", "98.00"), ("2000", "99.00")],
    ]
    assert "100 numbers, 1901 to 2000" in page


@pytest.mark.parametrize("count", [1, 4, 5, 8, 9])
def test_a_short_series_shows_all_of_it(count):
    page = sa.Series(np.arange(float(count)))._repr_html_()
    assert page.count("<td") == min(count, 9)  # of nine the middle one is left out, and that is a row
    assert ("..." in page) == (count == 9)


def test_symbols_missing_values_and_notes_are_shown_and_escaped():
    page = sa.Series(["<b>", None, "x"], missing="skip")._repr_html_()
    assert "&lt;b&gt;" in page
    assert ">-</td>" in page
    uneven = sa.Series([1.0, 2.0, 3.0, 4.0], times=[1, 2, 3, 9])
    assert uneven.notes[0] in uneven._repr_html_()


def test_a_panel_lists_its_series_and_what_was_set_aside():
    panel = sa.Panel([sa.Series([1.0, np.nan, 2.0], missing="skip", name="a")] * 20, {"<b>": "none was observed"})
    page = panel._repr_html_()
    assert page.count("<tr>") == 1 + 12 + 1
    assert ">yes</td>" in page
    assert "&lt;b&gt;" in page
    assert "none was observed" in page

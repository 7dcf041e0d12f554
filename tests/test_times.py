"""Time labels: even steps, gaps, repeats, and the times ahead."""

from __future__ import annotations

import csv
import datetime as dt

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import stepahead as sa
from stepahead import datasets

from .data import sine
from .refusals import refused


def test_every_makes_the_gaps_of_trading_days_visible():
    prices = datasets.stock_price()
    with pytest.raises(sa.errors.InputError, match="times are missing"):
        sa.Series(prices.values, times=prices.times, every="1D")
    daily = sa.Series(prices.values, times=prices.times, every="1D", missing="skip")
    assert len(daily) == int((prices.times[-1] - prices.times[0]).astype(int)) + 1
    assert int((~np.isnan(daily.values)).sum()) == 3270


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (["2024-01-31", "2024-02-29", "2024-03-31"], ["2024-04-30", "2024-05-31"]),
        (["2024-01-01", "2024-02-01", "2024-03-01"], ["2024-04-01", "2024-05-01"]),
        (["2024-01-01", "2024-01-08", "2024-01-15"], ["2024-01-22", "2024-01-29"]),
        (["2023-12-31 22:00", "2023-12-31 23:00", "2024-01-01 00:00"], ["2024-01-01T01:00", "2024-01-01T02:00"]),
        (["1990", "1991", "1992"], ["1993", "1994"]),
        (["2024-01-01", "2024-01-02", "2024-01-09"], ["unknown: 50 % are 1 day, the longest 7 days"] * 2),
    ],
)
def test_the_times_ahead(run, tmp_path, times, expected):
    (tmp_path / "f.csv").write_text("t,x\n" + "".join(f"{t},{i}\n" for i, t in enumerate(times)))
    code, out, err = run(
        "forecast", tmp_path / "f.csv", "--value", "x", "--time", "t", "--horizon", 2, "--models", "naive"
    )
    assert code == 0, err
    assert [row["time"] for row in csv.DictReader(out.splitlines())] == expected


Y = sine(0, 200)


def test_times_are_neither_wrapped_nor_guessed():
    with pytest.warns(sa.errors.StepaheadWarning, match="the longest 190"):
        sa.Series(np.arange(4.0), times=np.array([-100, -90, 100, 110], dtype=np.int8))
    with pytest.raises(sa.errors.InputError, match="zone"):
        sa.Series([1.0, 2.0], times=[dt.datetime(2024, 1, 1, tzinfo=dt.UTC), dt.datetime(2024, 1, 2)])
    with pytest.raises(sa.errors.ParameterError, match="larger"):
        sa.Series([1.0, 2.0, 3.0], times=[0, 1, 10**13], every=1)
    assert sa.Series([1.0, 2.0], times=pa.array([dt.date(2024, 1, 1), dt.date(2024, 1, 2)])).when(-1) == "2024-01-02"
    hours = sa.Series(pl.Series("v", Y), times=np.arange(200).astype("M8[h]"))
    assert len(sa.evaluate(sa.baselines.Naive(), hours, 2)["Naive"].to_frame("predictions")) == 79 * 2
    mine = np.arange(3)
    series = sa.Series([1.0, 2.0, 3.0], times=mine)
    mine[0] = 99
    assert series.times[0] == 0
    assert sa.Series(series).times.tolist() == [0, 1, 2]
    assert sa.Series(sa.datasets.noisy_sine(length=9)).limit is not None


def test_a_month_that_is_missing_among_weeks_has_a_label_of_its_own():
    weeks = np.datetime64("1970-01-01", "W") + 5 * np.arange(12)
    series = sa.Series(np.arange(12.0), times=weeks, every="1M", missing="skip")
    assert (series.times[1:] > series.times[:-1]).all()
    assert str(series.times[7]) == "1970-08-01"
    assert series.values[np.isfinite(series.values)].tolist() == np.arange(12.0).tolist()


X = np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.6, 5.0])


def test_times_of_the_wrong_length_or_kind():
    assert refused("time-shape", X, times=[1, 2]).needed == len(X)
    refused("time-kind", [1.0, 2.0], times=["a", "b"])
    refused("time-missing", [1.0, 2.0], times=np.array(["2024-01-01", "NaT"], dtype="datetime64[D]"))

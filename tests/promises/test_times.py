"""Rows T1 to T4, T6: the times."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import stepahead as sa

from .entry_points import COMMANDS, ENTRY_POINTS, X, typed, written

DAYS = np.arange("2024-01-01", "2024-02-10", dtype="M8[D]")
TRADING = np.array([d for d in np.arange("2024-01-01", "2024-03-01", dtype="M8[D]") if np.is_busday(d)])[:40]
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


def zoned(start: str, count: int, zone: str = "Europe/Berlin") -> pd.DatetimeIndex:
    return pd.date_range(start, periods=count, freq="h", tz=zone)


UNEVEN = {
    "trading days": (TRADING, ["are 1 day", "longest 3 days"]),
    "a holiday": (np.delete(np.arange("2024-01-01", "2024-02-11", dtype="M8[D]"), 9), ["are 1 day", "longest 2 days"]),
    "mixed frequency": (np.r_[DAYS[:20], DAYS[20] + 7 * np.arange(20)], ["are 1 day", "longest 7 days"]),
    "hours and minutes": (
        np.r_[np.arange(20) * 60, 1200 + np.arange(20) * 15].astype("M8[m]"),
        ["60 minutes", "longest"],
    ),
    "days of 1 and 2 hours": (np.cumsum([1, 2] * 20).astype("M8[h]"), ["longest 2 hours"]),
    "numbers": (np.r_[np.arange(30), np.arange(100, 110)], ["are 1", "longest 71"]),
    "floats": (np.r_[np.arange(30) * 0.5, 100 + np.arange(10) * 0.5], ["are 0.5"]),
    "15th of the month, then the 16th": (
        np.array([f"{2020 + i // 12}-{i % 12 + 1:02d}-{15 + (i > 20)}" for i in range(40)], "M8[D]"),
        ["days"],
    ),
    "leap seconds of a bad clock": (np.cumsum([1000] * 39 + [1001]).astype("M8[ms]"), ["longest 1001 milliseconds"]),
    "a night without an hour, no zone": (
        np.delete(np.arange("2024-03-30T00", "2024-03-31T17", dtype="M8[h]"), 26),
        ["1 hour", "longest 2"],
    ),
}


@pytest.mark.parametrize("kind", UNEVEN)
@pytest.mark.parametrize("model", ["AR", "Mean", "Naive", "AR direct", "HMM"])
def test_T1_uneven_steps_are_taken_as_consecutive_and_noted(promise, kind, model):
    times, says = UNEVEN[kind]
    series = promise.answered(lambda: sa.Series(X, times=times), *says)
    assert series.values.tobytes() == X.tobytes()
    assert (series.times == times).all()
    for door in ENTRY_POINTS.values():
        promise.answered(lambda door=door: door(series, model))
    assert any(says[0] in text for text in sa.evaluate(sa.AR(2), series, 2).notes)


@pytest.mark.parametrize(
    "times",
    [
        pd.date_range("2020-01-31", periods=40, freq="ME"),
        pd.date_range("2020-01-01", periods=40, freq="MS"),
        pd.date_range("1990", periods=40, freq="YS"),
        pd.date_range("1990", periods=40, freq="QS"),
        pd.date_range("2020", periods=40, freq="W"),
        zoned("2024-10-26", 40),
        zoned("2024-03-30", 40),
        zoned("2024-03-09", 40, "America/New_York"),
        zoned("2024-10-05", 40, "Australia/Lord_Howe"),
        pd.period_range("2020-01", periods=40, freq="M"),
        pd.period_range("1700", periods=40, freq="Y"),
        [dt.date(2024, 1, 1) + dt.timedelta(i) for i in range(40)],
        [dt.datetime(2024, 10, 26, tzinfo=dt.UTC) + dt.timedelta(hours=i) for i in range(40)],
        pl.datetime_range(
            dt.datetime(2024, 10, 26), dt.datetime(2024, 10, 27, 15), "1h", time_zone="Europe/Berlin", eager=True
        )[:40],
        pl.date_range(dt.date(2024, 1, 1), dt.date(2024, 2, 9), eager=True),
        pa.array(DAYS),
        pa.array(zoned("2024-10-26", 40).to_pydatetime().tolist(), pa.timestamp("us", "Europe/Berlin")),
        np.arange(1700, 1740),
        list(range(40)),
        np.arange(40) / 16000,
        np.arange(40, dtype=np.uint8),
        np.arange(-20, 20, dtype=np.int8),
    ],
    ids=[
        "month ends",
        "month starts",
        "years",
        "quarters",
        "weeks",
        "the autumn hour with a zone",
        "the spring hour with a zone",
        "New York",
        "half an hour on Lord Howe",
        "periods of months",
        "periods of years",
        "dates",
        "datetimes",
        "polars with a zone",
        "polars dates",
        "arrow dates",
        "arrow with a zone",
        "numbers",
        "a list",
        "seconds of sound",
        "small numbers",
        "below zero",
    ],
)
def test_T1_even_steps_need_no_note(promise, times):
    series = promise.answered(lambda: sa.Series(X, times=times))
    assert series.notes == ()
    assert (series.times[1:] > series.times[:-1]).all()


GAPS = {
    "days": (np.delete(np.arange("2024-01-01", "2024-02-11", dtype="M8[D]"), 9), "1D", 9, 1),
    "days, by hours": (np.delete(np.arange("2024-01-01", "2024-02-11", dtype="M8[D]"), 9), "24h", 9, 1),
    "weeks": (np.delete(np.datetime64("2024-01-01") + 7 * np.arange(42), [4, 5]), "1W", 4, 2),
    "months": (np.delete(np.arange("2020-01", "2023-06", dtype="M8[M]"), 7), "1M", 7, 1),
    "month ends": (np.delete(np.arange("2020-02", "2023-07", dtype="M8[M]").astype("M8[D]") - 1, 7), "1M", 7, 1),
    "years": (np.delete(np.arange("1900", "1941", dtype="M8[Y]"), 20), "1Y", 20, 1),
    "minutes": (np.delete(np.arange(0, 15 * 43, 15).astype("M8[m]"), [1, 2, 3]), "15min", 1, 3),
    "a timedelta": (np.delete(np.arange(41).astype("M8[h]"), 30), np.timedelta64(1, "h"), 30, 1),
    "numbers": (np.delete(np.arange(0, 82, 2), 3), 2, 3, 1),
    "floats": (np.delete(np.arange(41) * 0.25, 3), 0.25, 3, 1),
}


@pytest.mark.parametrize("kind", GAPS)
def test_T1_with_every_a_gap_is_an_error_or_a_hole(promise, kind):
    times, every, at, missing = GAPS[kind]
    error = promise.refused(
        lambda: sa.Series(X, times=times, every=every), "time-gap", f"{missing} times", "every=", 'missing="skip"'
    )
    assert (error.count, error.row) == (missing, at - 1)
    series = promise.answered(lambda: sa.Series(X, times=times, every=every, missing="skip"))
    assert np.flatnonzero(np.isnan(series.values)).tolist() == list(range(at, at + missing))
    assert np.delete(series.values, range(at, at + missing)).tobytes() == X.tobytes()
    assert (np.delete(series.times, range(at, at + missing)) == times).all()


@pytest.mark.parametrize(
    ("times", "every", "code"),
    [
        (DAYS, "2D", "time-off-grid"),
        (DAYS, "1W", "time-off-grid"),
        (np.arange(40), 3, "time-off-grid"),
        (DAYS, "", "parameter"),
        (DAYS, "0D", "parameter"),
        (DAYS, "-1D", "parameter"),
        (DAYS, "1 fortnight", "parameter"),
        (DAYS, 1, "parameter"),
        (DAYS, True, "parameter"),
        (np.arange(40), "1D", "parameter"),
        (np.arange(40), 0, "parameter"),
        (np.arange(40), float("nan"), "parameter"),
        (np.arange(40), float("inf"), "parameter"),
        (np.r_[np.arange(39), 10**15], 1, "parameter"),
        (np.r_[DAYS[:39], np.datetime64("9999-01-01")], "1ms", "parameter"),
        (None, "1D", "time-shape"),
    ],
    ids=str,
)
def test_T1_a_step_that_is_none(promise, times, every, code):
    promise.refused(lambda: sa.Series(X, times=times, every=every), code, "every")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", ["days", "weeks", "months", "numbers"])
def test_T1_in_a_file(promise, run, tmp_path, command, kind):
    times, every, _, missing = GAPS[kind]
    path = written(tmp_path, X.tolist(), times=[str(t) for t in times])
    reading = ("--value", "x", "--time", "t")
    code, out, err = typed(run, command, path, *reading)
    assert code == 0
    assert "uneven" in out + err
    code, _, err = typed(run, command, path, *reading, "--every", every)
    assert code == 3
    assert f"{missing} times" in err
    assert typed(run, command, path, *reading, "--every", every, "--missing", "skip")[0] == 0


REPEATED = {
    "side by side": (np.r_[np.arange(20), 19, np.arange(20, 39)], (19, 20), "19"),
    "far apart": (np.r_[np.arange(39), 0], (0, 39), "0"),
    "dates": (np.r_[DAYS[:39], DAYS[:1]], (0, 39), "2024-01-01"),
    "all": (np.zeros(40), (0, 1), "0"),
    "floats": (np.r_[np.arange(39) * 0.5, 19.0], (38, 39), "19"),
    "decreasing and repeated": (np.r_[np.arange(20)[::-1], np.arange(20)], (0, 39), ""),
}


@pytest.mark.parametrize("kind", REPEATED)
@pytest.mark.parametrize("missing", ["raise", "skip"])
@pytest.mark.parametrize("every", [None, "given"])
def test_T2_a_time_that_stands_twice_is_refused(promise, kind, missing, every):
    times, rows, label = REPEATED[kind]
    step = None if every is None else 1 if times.dtype.kind != "M" else "1D"
    error = promise.refused(
        lambda: sa.Series(X, times=times, missing=missing, every=step), "time-repeated", label, "row"
    )
    first, second = error.rows
    assert first < second
    assert times[first] == times[second]
    if kind != "decreasing and repeated":
        assert (first, second) == rows


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "America/Sao_Paulo"])
def test_T2_a_clock_set_back_is_named_as_such(promise, zone):
    night = {"Europe/Berlin": "2024-10-26", "America/New_York": "2024-11-02", "America/Sao_Paulo": "2018-02-17"}[zone]
    for freq in ("h", "30min"):
        wall = pd.date_range(night, periods=100, freq=freq, tz=zone).tz_localize(None)
        promise.refused(lambda wall=wall: sa.Series(np.zeros(100), times=wall), "time-repeated", "clock", "zone")
    series = promise.answered(
        lambda: sa.Series(np.arange(100.0), times=pd.date_range(night, periods=100, freq="h", tz=zone))
    )
    assert series.notes == ()


@pytest.mark.parametrize(
    "times",
    [
        DAYS[[0, 1, 1]],
        np.r_[DAYS[:39], DAYS[:1]],
        np.array(["2024-01-01T12", "2024-01-01T13", "2024-01-01T13"], "M8[h]"),
        np.array([1, 2, 2]),
    ],
    ids=["days", "far apart", "at noon", "numbers"],
)
def test_T2_another_repeat_is_no_clock(promise, times):
    error = promise.refused(lambda: sa.Series(np.zeros(len(times)), times=times), "time-repeated")
    assert "clock" not in str(error)


@pytest.mark.parametrize("command", COMMANDS)
def test_T2_in_a_file(promise, run, tmp_path, command):
    path = written(tmp_path, X.tolist(), times=[*DAYS[:39], DAYS[0]])
    promise.refused(lambda: sa.read(path, "x", "t"), "time-repeated", "2024-01-01", "row 0", "row 39")
    code, _, err = typed(run, command, path, "--value", "x", "--time", "t")
    assert code == 3
    assert "row 39" in err


ORDERS = {
    "reversed": np.arange(40)[::-1],
    "shuffled": np.random.default_rng(1).permutation(40),
    "last first": np.roll(np.arange(40), 1),
    "two swapped": np.r_[np.arange(20), 21, 20, np.arange(22, 40)],
}


@pytest.mark.parametrize("kind", ORDERS)
@pytest.mark.parametrize(
    "times", [DAYS, np.arange(40), np.arange(40) / 8, TRADING], ids=["days", "numbers", "floats", "trading"]
)
@pytest.mark.parametrize(
    "container", [np.asarray, list, pd.Series, pl.Series], ids=["numpy", "list", "pandas", "polars"]
)
def test_T3_out_of_order_is_sorted_and_noted(promise, kind, times, container):
    order = ORDERS[kind]
    given = times[order].tolist() if container is list else container(times[order])
    series = promise.answered(lambda: sa.Series(X[order], times=given), "sorted")
    assert series.values.tobytes() == X.tobytes()
    assert (series.times == times.astype(series.times.dtype)).all()
    ahead = promise.answered(lambda: sa.AR(3).fit(series).forecast(series, 3))
    assert ahead.tobytes() == sa.AR(3).fit(X).forecast(X, 3).tobytes()


def test_T3_an_index_out_of_order(promise):
    order = ORDERS["shuffled"]
    series = promise.answered(lambda: sa.Series(pd.Series(X[order], index=pd.DatetimeIndex(DAYS[order]))), "sorted")
    assert series.values.tobytes() == X.tobytes()
    frame = pd.DataFrame({"t": DAYS[order], "x": X[order]})
    assert promise.answered(lambda: sa.read(frame, "x", "t"), "sorted").values.tobytes() == X.tobytes()


# An index in order, and the time of its last row as the series has it (by eye).
INDEX = {
    "whole numbers from 0": (pd.RangeIndex(40), "39"),
    "whole numbers from 10": (pd.RangeIndex(10, 50), "49"),
    "every other": (pd.RangeIndex(0, 80, 2), "78"),
    "years": (pd.Index(range(1980, 2020)), "2019"),
    "whole numbers that may be missing": (pd.Index(range(5, 45), dtype="Int64"), "44"),
    "whole numbers as objects": (pd.Index(list(range(5, 45)), dtype=object), "44"),
    "unsigned": (pd.Index(np.arange(3, 43, dtype=np.uint8)), "42"),
    "with gaps, as a filter leaves them": (pd.Index(np.delete(np.arange(44), [3, 4, 20, 30])), "43"),
    "floats": (pd.Index(np.arange(40) / 8), "4.875"),
    "decimals": (pd.Index([Decimal(i) / 8 for i in range(40)]), "4.875"),
    "dates": (pd.DatetimeIndex(DAYS), "2024-02-09"),
    "dates with a zone": (zoned("2024-10-26", 40), "2024-10-27T14:00:00+01:00"),
    "dates of Python": (pd.Index(DAYS.tolist()), "2024-02-09"),
    "dates of arrow": (pd.Index(DAYS.tolist(), dtype="date32[day][pyarrow]"), "2024-02-09"),
    "stamps as objects": (pd.Index(list(pd.DatetimeIndex(DAYS)), dtype=object), "2024-02-09"),
    "periods": (pd.period_range("2020-01", periods=40, freq="M"), "2023-04-01"),
    "durations": (pd.to_timedelta(np.arange(40), unit="h"), "140400"),
    "short durations": (pd.to_timedelta(np.arange(40) * 250, unit="ms"), "9.75"),
    "durations as objects": (pd.Index([dt.timedelta(hours=i) for i in range(40)], dtype=object), "140400"),
    "ISO dates as text": (pd.Index([str(day) for day in DAYS]), "2024-02-09"),
    "ISO times as text": (pd.Index([f"2024-01-0{i // 20 + 1} {i % 20:02d}:30" for i in range(40)]), "2024-01-02T19:30"),
    "dates as text, day first": (pd.Index(pd.DatetimeIndex(DAYS).strftime("%d/%m/%Y")), "2024-02-09"),
    "years as text": (pd.Index([str(1980 + i) for i in range(40)]), "2019"),
    "strings of pandas": (pd.Index([str(day) for day in DAYS], dtype="string"), "2024-02-09"),
    "ordered categories": (
        pd.CategoricalIndex([f"{i}." for i in range(40)], categories=[f"{i}." for i in range(40)], ordered=True),
        "39",
    ),
    "unordered categories of dates": (pd.CategoricalIndex([str(day) for day in DAYS]), "2024-02-09"),
    "intervals": (pd.interval_range(0, 40), "39"),
}


@pytest.mark.parametrize("kind", INDEX)
@pytest.mark.parametrize("order", ["in order", *ORDERS])
def test_T6_an_index_that_carries_an_order_is_used(promise, kind, order):
    index, last = INDEX[kind]
    rows = ORDERS.get(order, np.arange(40))
    given = pd.DataFrame({"x": X}, index=index).iloc[rows]
    says = () if order == "in order" else ("sorted",)
    expected = sa.AR(3).fit(X).forecast(X, 3).tobytes()
    for door in (
        lambda: sa.Series(given),
        lambda: sa.Series(given["x"]),
        lambda: sa.read(given),
        lambda: sa.read_panel(given.assign(unique_id="a"), "x", None)[0],
    ):
        series = promise.answered(door)
        assert series.values.tobytes() == X.tobytes()
        assert any("sorted by time" in text for text in series.notes) == (order != "in order")
        if kind not in ("whole numbers from 0", "intervals") or order != "in order":
            assert series.when(-1) == last
    assert promise.answered(lambda: sa.AR(3).fit(given["x"]).forecast(given["x"], 3), *says).tobytes() == expected
    assert promise.answered(lambda: sa.forecast(sa.AR(3).fit(X), given, 3), *says).values.tobytes() == expected
    table = promise.answered(lambda: sa.evaluate(sa.AR(3), given["x"], 3), *says)
    assert table["AR(3)"].rmse().tobytes() == sa.evaluate(sa.AR(3), X, 3)["AR(3)"].rmse().tobytes()


def test_T6_the_default_index_is_no_time(promise):
    for index in (None, pd.RangeIndex(40), pd.Index(np.arange(40)), pd.Index(list(range(40)), dtype=object)):
        series = promise.answered(lambda index=index: sa.Series(pd.Series(X, index=index)))
        assert series.times is None
        assert series.notes == ()
    assert promise.answered(lambda: sa.Series(pd.Series(X).reset_index(drop=True))).times is None


def test_T6_a_gap_in_whole_numbers_is_noted(promise):
    kept = pd.Series(np.arange(44.0))[lambda s: ~s.isin([3, 4, 20])]
    promise.answered(lambda: sa.Series(kept), "numbers of the index were read as times", "uneven")
    series = promise.answered(lambda: sa.Series(kept, every=1, missing="skip"))
    assert np.flatnonzero(np.isnan(series.values)).tolist() == [3, 4, 20]


def test_T6_times_that_are_given_come_first(promise):
    for index in (list("abcd"), [3, 2, 1, 0], [7, 7, 7, 7], pd.MultiIndex.from_product([[1, 2], [3, 4]])):
        frame = pd.DataFrame({"t": [10, 20, 30, 40], "x": [1.0, 2.0, 3.0, 5.0]}, index=index)
        for door in (
            lambda frame=frame: sa.read(frame, "x", "t"),
            lambda frame=frame: sa.Series(frame["x"], times=frame["t"]),
        ):
            series = promise.answered(door)
            assert series.values.tolist() == [1.0, 2.0, 3.0, 5.0]
            assert series.notes == ()


NO_ORDER = {
    "names": (list("abcd"), "index", ("'a'", "row 0")),
    "names of months": (["Jan", "Feb", "Mar", "Apr"], "index", ("'Jan'",)),
    "a name among dates": (["2024-01-01", "2024-01-02", "total", "2024-01-03"], "index", ("'total'", "row 2")),
    "truth": ([True, False, True, False], "index", ("bool",)),
    "numbers and names": (pd.Index([1, "a", 2, 3], dtype=object), "index", ()),
    "hours without a day": ([dt.time(i) for i in range(4)], "index", ("time",)),
    "unordered categories": (pd.CategoricalIndex(list("abcd")), "index", ("'a'",)),
    "two levels": (
        pd.MultiIndex.from_product([["a", "b"], [1, 2]]),
        "index",
        ("2 levels", "read_panel", "reset_index()"),
    ),
    "two that join": ([0, 1, 0, 1], "time-repeated", ("row 0", "row 2")),
    "a date twice": (pd.DatetimeIndex(DAYS[[0, 1, 1, 2]]), "time-repeated", ("2024-01-02", "row 1", "row 2")),
    "a date twice, as text": (
        ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-01"],
        "time-repeated",
        ("row 0", "row 3"),
    ),
    "a category twice": (pd.CategoricalIndex(list("abca"), ordered=True), "time-repeated", ("row 0", "row 3")),
    "a number that is missing": ([0.0, np.nan, 2.0, 3.0], "time-missing", ("row 1",)),
    "a text that is missing": (["2024-01-01", None, "2024-01-03", "2024-01-04"], "time-missing", ("row 1",)),
    "a date that is missing": (pd.DatetimeIndex([*DAYS[:3], "NaT"]), "time-missing", ("row 3",)),
    "a duration that is missing": (pd.to_timedelta([0, None, 2, 3], unit="h"), "time-missing", ("row 1",)),
    "days or months first": (
        ["01/02/2024", "02/03/2024", "03/04/2024", "04/05/2024"],
        "ambiguous-date",
        ("2024-02-01",),
    ),
}


@pytest.mark.parametrize("kind", NO_ORDER)
def test_T6_an_index_without_an_order_is_refused(promise, kind):
    index, code, says = NO_ORDER[kind]
    given = pd.Series([1.0, 2.0, 3.0, 5.0], index=index, name="x")
    for door in (
        sa.Series,
        sa.AR(1).fit,
        lambda data: sa.forecast(sa.baselines.Naive().fit(X), data, 2),
        lambda data: sa.read(data.to_frame()),
        lambda data: sa.Series(data.to_frame()),
    ):
        error = promise.refused(lambda door=door: door(given), code, *says)
        if code in ("index", "time-repeated"):
            assert "reset_index(" in str(error)
    plain = promise.answered(lambda: sa.Series(given.reset_index(drop=True)))  # what to type instead
    assert plain.values.tolist() == [1.0, 2.0, 3.0, 5.0]


def test_T6_a_long_table_by_its_index(promise):
    index = pd.Index([3, 2, 1, 1, 2, 3])
    long = pd.DataFrame({"unique_id": list("aaabbb"), "y": [3.0, 2.0, 1.0, 4.0, 5.0, 6.0]}, index=index)
    panel = promise.answered(lambda: sa.read_panel(long, time=None), "numbers of the index")
    assert [part.values.tolist() for part in panel] == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    levels = long.set_index("unique_id", append=True)
    promise.refused(lambda: sa.read(levels, "y"), "index", "read_panel", "reset_index()")
    again = promise.answered(lambda: sa.read_panel(levels.reset_index(), "y", "level_0"), "sorted")
    assert [part.values.tolist() for part in again] == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]


@pytest.mark.parametrize("command", COMMANDS)
def test_T3_in_a_file(run, tmp_path, command):
    order = ORDERS["shuffled"]
    code, plain, _ = typed(run, command, written(tmp_path, X.tolist(), times=list(DAYS)), "--value", "x", "--time", "t")
    assert code == 0
    path = written(tmp_path, X[order].tolist(), times=list(DAYS[order]))
    code, out, err = typed(run, command, path, "--value", "x", "--time", "t")
    assert code == 0
    assert "sorted" in out + err
    assert out.splitlines()[:1] == plain.splitlines()[:1]


AMBIGUOUS = {
    "slashes": ["01/02/2020", "02/03/2020", "03/04/2020"],
    "dots": ["01.02.2020", "02.03.2020"],
    "with a time of day": ["01/02/2020 10:00", "02/02/2020 10:00"],
    "one digit": ["1/2/2020", "2/2/2020"],
}
NO_TIMES = {
    "two digits of a year": ["01/02/20", "02/02/20"],
    "a month of 13": ["2020-13-01", "2020-01-01"],
    "the 30th of February": ["2020-02-30", "2020-03-01"],
    "an hour of 25": ["2020-01-01 25:00", "2020-01-02 00:00"],
    "words": ["yesterday", "today"],
    "a name of no month": ["1 Jum 2020", "2 Jum 2020"],
    "no dashes": ["2020-0101", "2020-0102"],
    "compact and ISO": ["2020-01-01", "20200102"],
    "a zone without a time": ["2020-01-01Z", "2020-01-02Z"],
    "slashes of three orders": ["13/13/2020", "14/14/2020"],
    "both orders needed": ["13/01/2020", "01/13/2020"],
    "numbers and dates": ["1", "2020-01-01"],
    "a comma for a point": ['"1,5"', '"2,5"'],
    "past the range": ["2024-01-01T00:00:00.000000001", "2300-01-01"],
    "a year of seven digits": ["2020000-01-01", "2020001-01-01"],
}


@pytest.mark.parametrize("kind", AMBIGUOUS)
@pytest.mark.parametrize("command", COMMANDS)
def test_T4_ambiguous_dates_are_refused_with_both_readings(promise, run, tmp_path, kind, command):
    cells = AMBIGUOUS[kind]
    path = written(tmp_path, list(range(len(cells))), times=cells)
    promise.refused(lambda: sa.read(path, "x", "t"), "ambiguous-date", "2020-02-01", "2020-01-02", cells[0], "ISO")
    code, _, err = typed(run, command, path, "--value", "x", "--time", "t")
    assert code == 3
    assert "2020-02-01" in err


@pytest.mark.parametrize("kind", NO_TIMES)
def test_T4_what_is_no_time_is_refused_with_its_line(promise, tmp_path, kind):
    path = written(tmp_path, list(range(len(NO_TIMES[kind]))), times=NO_TIMES[kind])
    promise.refused(lambda: sa.read(path, "x", "t"), ("not-a-time", "ambiguous-date", "time-range"), "'t'")


@pytest.mark.parametrize(
    "years", [(1400, 1401), (1677, 1678), (2262, 2263), (2300, 2301), (9998, 9999), (25000, 25001)], ids=str
)
@pytest.mark.parametrize("kind", ["file", "numpy", "list"])
def test_T4_far_dates_are_what_they_say(promise, tmp_path, years, kind):
    texts = [f"{year}-06-15" for year in years]
    if kind == "file":
        path = written(tmp_path, [1.0, 2.0], times=texts)
        series = promise.answered(lambda: sa.read(path, "x", "t"))
    elif kind == "numpy":
        series = promise.answered(lambda: sa.Series([1.0, 2.0], times=np.array(texts, dtype="M8[D]")))
    elif years[1] > 9999:
        return
    else:
        series = promise.answered(lambda: sa.Series([1.0, 2.0], times=[dt.date.fromisoformat(text) for text in texts]))
    assert [str(t)[:10] for t in series.times] == [t[:10] for t in texts]


@pytest.mark.parametrize(
    ("times", "code"),
    [
        ([1, 2], "time-shape"),
        (np.zeros((40, 1)), "time-shape"),
        (5, "time-shape"),
        ("2024", "time-shape"),
        (np.datetime64("2024"), "time-shape"),
        (list("abcdefgh") * 5, "time-kind"),
        (np.zeros(40, dtype=complex), "time-kind"),
        (np.zeros(40, dtype=bool), "time-kind"),
        ([None] * 40, "time-kind"),
        ([object()] * 40, "time-kind"),
        (np.zeros(40, dtype="m8[s]"), "time-kind"),
        (np.full(40, np.nan), "time-missing"),
        (np.r_[np.arange(39.0), np.inf], "time-missing"),
        (np.r_[DAYS[:39], np.datetime64("NaT")], "time-missing"),
        (pd.DatetimeIndex([*DAYS[:39], pd.NaT]), "time-missing"),
        (pl.Series([*DAYS[:39].tolist(), None]), "time-missing"),
        (
            [dt.datetime(2024, 1, 1, tzinfo=BERLIN), *[dt.datetime(2024, 1, 2) + dt.timedelta(i) for i in range(39)]],
            "time-zone",
        ),
        (
            [dt.datetime(2024, 1, 2), *[dt.datetime(2024, 1, 3, tzinfo=BERLIN) + dt.timedelta(i) for i in range(39)]],
            "time-zone",
        ),
        ([dt.date(2024, 1, 1), *range(39)], ("time-kind", "time-zone")),
        ([1, *[dt.date(2024, 1, 1) + dt.timedelta(i) for i in range(39)]], ("time-kind", "time-zone")),
        ([*range(39), None], ("time-kind", "time-missing")),
        ([*DAYS.tolist()[:39], None], ("time-kind", "time-missing")),
        ([*range(39), "40"], "time-kind"),
        ({"a": 1}, ("time-shape", "time-kind")),
        ([[1, 2], [3]] * 20, ("time-shape", "time-kind")),
        ([10**30 + i for i in range(40)], "time-kind"),
    ],
    ids=[
        "too few",
        "a table",
        "a number",
        "a text",
        "one date",
        "letters",
        "complex",
        "truths",
        "None",
        "objects",
        "durations",
        "nan",
        "inf",
        "NaT",
        "pandas NaT",
        "polars null",
        "zone, none",
        "none, zone",
        "a date and numbers",
        "a number and dates",
        "None last",
        "None behind dates",
        "a text last",
        "a dict",
        "lists",
        "too large",
    ],
)
def test_T4_labels_that_are_none(promise, times, code):
    promise.refused(lambda: sa.Series(X, times=times), code)


def test_T1_a_clock_change_with_a_zone_is_even():
    for zone in ("Europe/Berlin", "America/New_York"):
        times = pd.date_range("2024-10-26", periods=72, freq="h", tz=zone)
        series = sa.Series(pd.Series(np.arange(72.0), index=times))
        assert series.notes == ()
        again = sa.Series(np.arange(72.0), times=times.to_pydatetime().tolist())
        assert (again.times == series.times).all()


def test_T4_dates_past_2262_are_never_wrapped(tmp_path):
    (tmp_path / "f.csv").write_text("t,x\n2024-01-01T00:00:00.000000001,1\n2300-01-01,2\n")
    with pytest.raises(sa.errors.InputError) as caught:
        sa.read(tmp_path / "f.csv", "x", "t")
    assert caught.value.code == "time-range"
    (tmp_path / "g.csv").write_text("t,x\n2024-0131,1\n2024-0201,2\n")
    with pytest.raises(sa.errors.InputError, match="not a time"):
        sa.read(tmp_path / "g.csv", "x", "t")

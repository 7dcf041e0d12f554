"""Times written as text: each clear one is read, and an ambiguous one is refused."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

import stepahead as sa
from stepahead.cells import Cells
from stepahead.dates import times_of


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["2024-01-31", "2024-02-29"], "2024-01-31"),
        (["2024-01", "2024-02"], "2024-01"),
        (["2024-01-31 13:00:00", "2024-01-31 14:00:00"], "2024-01-31T13:00:00"),
        (["2024-01-31T13:00", "2024-01-31T14:00"], "2024-01-31T13:00"),
        (["2024-01-31T13:00+02:00", "2024-01-31T13:00+01:00"], "2024-01-31T11:00"),
        (["2024-01-31T13:00Z", "2024-01-31T14:00Z"], "2024-01-31T13:00"),
        (["31/01/2024", "01/02/2024"], "2024-01-31"),
        (["01/31/2024 9:30", "02/01/2024 9:30"], "2024-01-31T09:30"),
        (["2300-01-01", "2301-01-01"], "2300-01-01"),
        (["-5", "7"], "-5"),
        (["0.5", "1.5"], "0.5"),
    ],
)
def test_times_that_are_clear(csv, cells, first):
    path = csv("t,x\n" + "".join(f"{cell},{i}\n" for i, cell in enumerate(cells)))
    assert str(sa.read(path, "x", "t").times[0]) == first


WHOLE = {
    "months": ([202211, 202212, 202301], ["2022-11", "2022-12", "2023-01"]),
    "days": ([20240228, 20240229, 20240301], ["2024-02-28", "2024-02-29", "2024-03-01"]),
    "floats": ([20240228.0, 20240229.0, 20240301.0], ["2024-02-28", "2024-02-29", "2024-03-01"]),
    "hours": ([2024010122, 2024010123, 2024010200], ["2024-01-01T22", "2024-01-01T23", "2024-01-02T00"]),
    "minutes": (
        [202401012358, 202401012359, 202401020000],
        ["2024-01-01T23:58", "2024-01-01T23:59", "2024-01-02T00:00"],
    ),
    "weeks": ([201851, 201852, 201901], ["2018-12-17", "2018-12-24", "2018-12-31"]),
    "quarters": ([20083, 20084, 20091], ["2008-07", "2008-10", "2009-01"]),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_whole_numbers_that_are_dates_are_read_as_such_and_noted(tmp_path, kind):
    numbers, texts = WHOLE[kind]
    expected = np.array(texts, dtype="datetime64")
    (tmp_path / "f.csv").write_text("t,y\n" + "".join(f"{t},{i}\n" for i, t in enumerate(numbers)))
    frame = pd.DataFrame({"t": numbers, "y": [1.0, 2.0, 3.0]})
    for door in (
        lambda: sa.Series([1.0, 2.0, 3.0], times=numbers),
        lambda: sa.Series(pd.Series([1.0, 2.0, 3.0], index=numbers)),
        lambda: sa.read(frame, "y", "t"),
        lambda: sa.read(tmp_path / "f.csv", "y", "t"),
        lambda: sa.read_panel(frame.assign(id="a"), "y", "t", "id")[0],
    ):
        with pytest.warns(sa.errors.StepaheadWarning, match="were read as dates"):
            series = door()
        assert series.times.tolist() == expected.tolist()
    plain = sa.Series([1.0, 2.0, 3.0], times=[5, 6, 7], every=1)
    assert plain.times.tolist() == [5, 6, 7]


def test_what_the_note_says_to_type_keeps_whole_numbers(tmp_path):
    numbers = [202210, 202211, 202212]
    frame = pd.DataFrame({"t": numbers, "y": [1.0, 2.0, 3.0]})
    for series in (
        sa.Series([1.0, 2.0, 3.0], times=numbers, every=1),
        sa.Series([1.0, 2.0, 3.0], times=numbers, every=np.int64(1)),
        sa.read_panel(frame.assign(id="a"), "y", "t", "id", every=np.int64(1))[0],
        sa.Series(pd.Series([1.0, 2.0, 3.0], index=numbers), every=1),
        sa.read(frame, "y", "t", every=1),
    ):
        assert series.times.tolist() == numbers
        assert series.notes == ()


@pytest.mark.parametrize(
    "numbers",
    [[1990, 1991, 1992], [100001, 100002, 100003], [202213, 202214, 202299], [20240230, 20240231],
     [1700000000 + i for i in range(9)],
     [1700000000000000000 + i for i in range(5)], [202201, 202212, 202305, 202401, 202405]],
)  # fmt: skip
def test_other_whole_numbers_are_numbers(numbers):
    series = sa.Series(np.arange(float(len(numbers))), times=numbers)
    assert series.times.dtype == np.int64
    assert series.times.tolist() == numbers


def test_days_of_excel_are_noted_with_what_to_type():
    with pytest.warns(sa.errors.StepaheadWarning, match="if they are days of Excel, 45292 is 2024-01-01"):
        sa.Series([1.0, 2.0, 3.0], times=[45292, 45293, 45294])
    typed = pd.to_datetime([45292, 45293, 45294], unit="D", origin="1899-12-30")
    assert sa.Series([1.0, 2.0, 3.0], times=typed).when(0) == "2024-01-01"


TEXTS = [
    ("2008Q1", "2008-01"), ("Q4 2008", "2008-10"), ("3Q2008", "2008-07"), ("2008-Q2", "2008-04"),
    ("2018-W01", "2018-01-01"), ("2020W53", "2020-12-28"), ("2018-W05-3", "2018-01-31"), ("Jan-16", "2016-01"),
    ("Dec 1999", "1999-12"), ("2016M03", "2016-03"),
    ("March 2016", "2016-03"), ("2016/03", "2016-03"), ("03/2016", "2016-03"), ("2016/1/31", "2016-01-31"),
    ("2016.1.31", "2016-01-31"), ("2016年1月31日", "2016-01-31"), ("2016年1月", "2016-01"), ("31-JAN-16", "2016-01-31"),
    ("31-Jan-2016", "2016-01-31"), ("Jan 31, 2016", "2016-01-31"), ("Sun, 31 Jan 2016", "2016-01-31"),
    ("1/31/2016 1:05 PM", "2016-01-31T13:05"), ("1/31/2016 12:05 AM", "2016-01-31T00:05"), ("31.01.16", "2016-01-31"),
    ("31/01/1969", "1969-01-31"), ("2016-01-31 13:05:00.250", "2016-01-31T13:05:00.250"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "iso"), TEXTS)
def test_dates_as_people_and_programs_write_them(text, iso):
    assert times_of(Cells([text], "t", [2])).labels[0] == np.datetime64(iso)


@pytest.mark.parametrize(
    "texts",
    [
        ["Jan-01", "Jan-02", "Jan-03"],
        ["16-Jan", "17-Jan"],
        ["2018-W54"],
        ["2008Q5"],
        ["2016年13月"],
        ["13:00"],
        ["Foo 2016"],
    ],
)
def test_what_could_be_two_dates_or_none_is_refused(texts):
    with pytest.raises(sa.errors.InputError) as caught:
        times_of(Cells(texts, "t", range(2, 9)))
    assert caught.value.code in ("ambiguous-date", "not-a-time")


def test_periods_of_pandas_are_where_they_begin():
    for freq in ("Q", "M", "W-SUN", "D", "Y"):
        periods = pd.period_range("2018-01-01", periods=6, freq=freq)
        for given in (periods, pd.Series(periods), list(periods)):
            series = sa.Series(np.arange(6.0), times=given)
            assert (series.times == periods.to_timestamp().to_numpy()).all()


def test_days_that_are_the_same_in_both_orders_are_read(tmp_path):
    texts = [f"{month:02d}/{month:02d}/2024" for month in (1, 2, 3)]
    assert times_of(Cells(texts, "t", [2, 3, 4])).labels.tolist() == [date(2024, month, month) for month in (1, 2, 3)]
    with pytest.raises(sa.errors.InputError, match="'04/05/2024' can be 2024-05-04 or 2024-04-05"):
        times_of(Cells([*texts, "04/05/2024"], "t", [2, 3, 4, 5]))

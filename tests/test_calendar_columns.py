"""Columns made of the times, beside datetime, closed forms and the library of holidays."""

from __future__ import annotations

import datetime
import math
import sys
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

import stepahead as sa
from stepahead.calendar_columns import checked, made

START = datetime.datetime(2023, 12, 28, 5, 30)
HALVES = [START + datetime.timedelta(minutes=30 * place) for place in range(3000)]
LOCAL = np.array(HALVES, dtype="datetime64[s]")
DAYS = [datetime.date(2023, 1, 1) + datetime.timedelta(days=place) for place in range(900)]

OF_A_DATE = {
    "hour": (24, lambda when: when.hour),
    "halfhour": (48, lambda when: 2 * when.hour + when.minute // 30),
    "weekday": (7, lambda when: when.weekday()),
    "month": (12, lambda when: when.month - 1),
}


@pytest.mark.parametrize("word", OF_A_DATE)
@pytest.mark.parametrize("unit", ["m", "s", "ms", "us", "ns"])
def test_a_column_for_each_place_of_a_cycle_is_that_of_datetime(word, unit):
    names, table = made(word, LOCAL.astype(f"datetime64[{unit}]"), 0, len(LOCAL))
    count, place = OF_A_DATE[word]
    expected = np.zeros((len(LOCAL), count))
    for row, when in enumerate(HALVES):
        expected[row, place(when)] = 1.0
    assert np.array_equal(table, expected)
    assert len(names) == count
    assert all(name.startswith(f"{word}=") for name in names)


def test_the_names_are_those_of_the_days_and_months():
    weekdays, months = (made(word, LOCAL[:1], 0, 1)[0] for word in ("weekday", "month"))
    assert [name[-3:] for name in weekdays] == [datetime.date(2024, 1, day).strftime("%a") for day in range(1, 8)]
    assert [name[-3:] for name in months] == [datetime.date(2024, month, 1).strftime("%b") for month in range(1, 13)]


def test_before_1970_and_far_from_it_the_weekday_is_still_that_of_datetime():
    days = [datetime.date(1899, 12, 31) + datetime.timedelta(days=97 * place) for place in range(500)]
    table = made("weekday", np.array(days, dtype="datetime64[D]"), 0, len(days))[1]
    assert np.argmax(table, axis=1).tolist() == [day.weekday() for day in days]
    weekend = made("weekend", np.array(days, dtype="datetime64[D]"), 0, len(days))[1]
    assert weekend[:, 0].tolist() == [float(day.isoweekday() > 5) for day in days]


@pytest.mark.parametrize(("word", "seconds"), [("day", 86_400), ("week", 604_800), ("year", 365.2425 * 86_400)])
@pytest.mark.parametrize("pairs", [1, 3])
def test_waves_are_sine_and_cosine_of_the_time_since_1970(word, seconds, pairs):
    names, table = made(f"{word}:{pairs}", LOCAL, 0, len(LOCAL))
    for row in range(0, len(LOCAL), 97):
        turn = (HALVES[row] - datetime.datetime(1970, 1, 1)).total_seconds() / seconds
        expected = [part(2 * math.pi * pair * turn) for pair in range(1, pairs + 1) for part in (math.sin, math.cos)]
        assert table[row] == pytest.approx(expected, abs=1e-7)
    assert names == tuple(f"{word}:{pairs}={part}{pair}" for pair in range(1, pairs + 1) for part in ("sin", "cos"))


@pytest.mark.parametrize(("place", "arguments"), [("DE", ("DE", None)), ("DE-BY", ("DE", "BY")), ("US", ("US", None))])
def test_holidays_are_those_of_the_library(place, arguments):
    holidays = pytest.importorskip("holidays")
    listed = holidays.country_holidays(*arguments, years=range(2023, 2026))
    names, table = made(f"holidays:{place}", np.array(DAYS, dtype="datetime64[D]"), 0, len(DAYS))
    assert names == (f"holidays:{place}",)
    assert table[:, 0].tolist() == [float(day in listed) for day in DAYS]
    assert 5 < table.sum() < 60
    hours = np.array(DAYS[:2], dtype="datetime64[D]").astype("datetime64[h]") + np.timedelta64(13, "h")
    assert made(f"holidays:{place}", hours, 0, 2)[1][:, 0].tolist() == table[:2, 0].tolist()


def test_no_days_have_no_holidays():
    pytest.importorskip("holidays")
    assert made("holidays:DE", LOCAL[:0], 0, 0)[1].shape == (0, 1)


def test_holidays_without_their_extra_name_the_line_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(sa.errors.MissingExtraError, match=r"stepahead\[calendar\]"):
        made("holidays:DE", LOCAL, 0, len(LOCAL))


def test_a_trend_counts_the_rows_and_needs_no_dates():
    assert made("trend", None, 7, 4)[1][:, 0].tolist() == [7.0, 8.0, 9.0, 10.0]
    for local in (None, np.arange(4)):
        with pytest.raises(sa.errors.InputError, match=r"weekday needs dates.*or take trend"):
            made("weekday", local, 0, 4)


@pytest.mark.parametrize(("given", "expected"), [
    ("weekday", ("weekday",)),
    (" weekday , year:2,weekday", ("weekday", "year:2")),
    (["holidays:DE-BY", "halfhour"], ("holidays:DE-BY", "halfhour")),
    (("week:12", "day:1", "trend", "weekend", "hour"), ("week:12", "day:1", "trend", "weekend", "hour")),
])  # fmt: skip
def test_words_are_text_with_commas_or_a_list(given, expected):
    assert checked(given) == expected


@pytest.mark.parametrize("given", [
    "wekday", "weekday:2", "year", "year:0", "year:-1", "year:1.5", "year:two", "year:1000", "year:٣", "holidays",
    "holidays:", "trend:", ["weekday", 3], [None], "", "weekday,", 3,
])  # fmt: skip
def test_words_that_there_are_not_are_refused(given):
    with pytest.raises(sa.errors.ParameterError) as caught:
        checked(given)
    assert caught.value.name == "calendar"


# -- on a series ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "+05:30"])
@pytest.mark.parametrize("start", ["2024-03-30T12:00", "2024-10-26T12:00"])
def test_a_zone_gives_the_clock_that_people_live_by(zone, start):
    times = np.datetime64(start) + np.arange(48) * np.timedelta64(1, "h")
    series = sa.Series(np.arange(48.0) ** 0.5, times, calendar="hour,weekday", zone=zone)
    offset = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
    clock = offset if zone[0] == "+" else ZoneInfo(zone)
    local = [when.replace(tzinfo=datetime.UTC).astimezone(clock) for when in times.astype("datetime64[s]").tolist()]
    assert np.argmax(series.known.values[:, :24], axis=1).tolist() == [when.hour for when in local]
    assert np.argmax(series.known.values[:, 24:], axis=1).tolist() == [when.weekday() for when in local]


STEPS = {
    "days": pd.date_range("2024-01-01", periods=40),
    "the last day of each month": pd.date_range("2020-01-31", periods=40, freq="ME"),
    "business days": pd.bdate_range("2024-01-01", periods=40),
    "quarters of an hour": pd.date_range("2024-01-01", periods=400, freq="15min"),
    "quarters of a year": pd.date_range("2010-01-01", periods=40, freq="QS"),
}


@pytest.mark.parametrize("kind", STEPS)
def test_the_calendar_goes_on_beyond_the_end_as_the_whole_would(kind):
    """The first half carried on, beside the whole."""
    times, words = STEPS[kind], "weekday,month,hour,weekend,trend,year:2,day:1"
    half = len(times) // 2
    whole = sa.Series(np.arange(len(times)) ** 0.5, times, calendar=words)
    part = sa.Series(np.arange(half) ** 0.5, times[:half], calendar=words)
    longer = part.beside.to(len(times), part.stamps, part.step)
    assert np.allclose(longer.ahead.values, whole.known.values, atol=1e-9)
    assert np.array_equal(longer.later, times[half:].to_numpy())
    assert part.beside.to(half, part.stamps, part.step) is part.beside


def test_on_the_night_of_the_change_the_calendar_goes_on_by_the_clock():
    times = np.datetime64("2024-03-29T00:00") + np.arange(96) * np.timedelta64(1, "h")
    whole = sa.Series(np.arange(96.0), times, calendar="hour", zone="Europe/Berlin")
    part = whole[:40]
    alone = sa.Series(np.arange(40.0), times[:40], calendar="hour", zone="Europe/Berlin")
    assert np.array_equal(alone.beside.to(96, alone.stamps, None).ahead.values, whole.known.values)
    assert np.array_equal(part.known.values, whole.known.values)


def test_uneven_times_have_the_calendar_of_the_rows_that_there_are():
    times = np.datetime64("2024-01-01") + np.cumsum([1, 3, 1, 7, 2, 9, 1, 1, 4, 1, 8, 2])
    series = sa.Series(np.arange(12.0), times, calendar="weekday")
    assert series.beside.to(20, series.stamps, None) is series.beside, "nobody can tell the days to come"
    given = sa.Series([*range(9), None, None, None], times, calendar="weekday")
    assert (len(given), given.beside.beyond) == (9, 3)
    assert np.argmax(given.known.values, axis=1).tolist() == [day.weekday() for day in times.tolist()]
    assert np.array_equal(sa.Series(given).known.values, given.known.values)


def test_without_times_a_trend_goes_on_and_keeps_its_count_in_a_part():
    series = sa.Series(np.arange(12.0), calendar="trend")[3:]
    assert series.beside.to(15, None, None).ahead.values[:, 0].tolist() == list(range(3, 18))

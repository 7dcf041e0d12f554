"""The times ahead follow the calendar of the times before: each case against the offset of pandas that names it."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest

import stepahead as sa
from stepahead.calendars import ahead, found_rule, spacing
from stepahead.times import Times

AHEAD = 12


def _of(index: pd.DatetimeIndex) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
    return index[:-AHEAD], index[-AHEAD:]


def _range(start: str, count: int, freq, zone: str | None = None) -> pd.DatetimeIndex:
    return pd.date_range(start, periods=count + AHEAD, freq=freq, tz=zone)


def _hours(days: pd.DatetimeIndex, first: int, last: int, step: str = "h") -> pd.DatetimeIndex:
    inside = pd.timedelta_range(f"{first}h", f"{last}h", freq=step)
    return pd.DatetimeIndex([day + at for day in days for at in inside])


WEEKS = ["Mon Tue Wed Thu Fri", "Sun Mon Tue Wed Thu", "Mon Tue Wed Thu Fri Sat", "Sat Sun Mon Tue Wed", "Tue Thu Sat",
         "Sun Mon Tue Wed Thu Fri"]  # fmt: skip
CASES = {
    **{f"days of {week}": _range("2024-01-01", 30, pd.offsets.CustomBusinessDay(weekmask=week)) for week in WEEKS},
    "month ends through February": _range("2023-10-31", 6, "ME"),
    "month ends through a leap day": _range("2023-11-30", 4, "ME"),
    "the 30th": pd.DatetimeIndex([pd.Timestamp("2023-09-30") + pd.DateOffset(months=i) for i in range(18)]),
    "the 29th": pd.DatetimeIndex([pd.Timestamp("2022-10-29") + pd.DateOffset(months=i) for i in range(18)]),
    "the 15th": pd.DatetimeIndex([pd.Timestamp("2022-10-15") + pd.DateOffset(months=i) for i in range(18)]),
    "first days": _range("2023-10-01", 6, "MS"),
    "last weekdays of months": _range("2023-10-31", 8, "BME"),
    "first weekdays of months": _range("2023-10-02", 8, "BMS"),
    "third Fridays": _range("2023-01-01", 10, "WOM-3FRI"),
    "last Tuesdays": _range("2023-01-01", 10, "LWOM-TUE"),
    **{f"quarters to {month}": _range("2022-01-31", 6, f"QE-{month}") for month in ("JAN", "FEB", "MAR")},
    **{f"quarters from {month}": _range("2022-01-01", 6, f"QS-{month}") for month in ("JAN", "FEB", "MAR")},
    "years to June": _range("2000-06-30", 6, "YE-JUN"),
    "weeks": _range("2024-01-07", 6, "W"),
    "days": _range("2024-02-20", 6, "D"),
    "quarters of an hour": _range("2024-02-28 22:00", 6, "15min"),
    "midnights of Berlin in spring": _range("2024-03-20", 8, "D", "Europe/Berlin"),
    "midnights of Berlin in autumn": _range("2024-10-18", 8, "D", "Europe/Berlin"),
    "midnights of Sydney in spring": _range("2024-09-28", 8, "D", "Australia/Sydney"),
    "midnights of Sydney in autumn": _range("2024-03-30", 8, "D", "Australia/Sydney"),
    "hours of Berlin in spring": _range("2024-03-30 12:00", 10, "h", "Europe/Berlin"),
    "hours of New York in autumn": _range("2024-11-02 20:00", 10, "h", "America/New_York"),
    "hours of Berlin, the clock set back among them": _range("2024-10-24", 150, "h", "Europe/Berlin"),
    "hours of Berlin, the clock set forward among them": _range("2024-03-27", 150, "h", "Europe/Berlin"),
    "half-hours of New York, the clock set back among them": _range("2024-10-10", 1400, "30min", "America/New_York"),
    "months of New York": _range("2023-10-01", 8, "MS", "America/New_York"),
    "weeks of New York": _range("2024-02-11", 8, "W", "America/New_York"),
    "weekdays of New York": _range("2024-03-01", 25, "B", "America/New_York"),
    "7 to 17 on weekdays": _hours(_range("2024-01-01", 20, "B"), 7, 17),
    "7 to 17 every day": _hours(_range("2024-01-01", 20, "D"), 7, 17),
    "half-hours, Sunday to Thursday": _hours(
        pd.date_range("2024-01-07", periods=30, freq=pd.offsets.CustomBusinessDay(weekmask="Sun Mon Tue Wed Thu")),
        8, 15, "30min",
    ),
    "7 to 17 in Berlin, over the change": _hours(pd.date_range("2024-03-11", periods=20, freq="B"), 7, 17).tz_localize(
        "Europe/Berlin"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_times_ahead_are_those_of_the_offset_of_pandas(case):
    before, after = _of(CASES[case])
    series = sa.Series(np.arange(float(len(before))), times=before)
    found = sa.forecast(sa.baselines.Naive().fit(series), series, AHEAD)
    told = pd.DatetimeIndex(found.times)
    told = told if after.tz is None else told.tz_localize("UTC").tz_convert(after.tz)
    assert list(told) == list(after)
    assert found.zone == (None if after.tz is None else str(after.tz))


STEPS = {
    **{f"days of {week}": week for week in WEEKS},
    "month ends through February": "ME",
    "the 30th": "1M",
    "last weekdays of months": "BME",
    "quarters to JAN": "QE-JAN",
    "quarters from MAR": "QS-MAR",
    "years to June": "YE-JUN",
    "weeks": "W-SUN",
    "days": "D",
    "quarters of an hour": "15min",
    "midnights of Berlin in spring": "1D",
    "midnights of Berlin in autumn": pd.Timedelta("1D"),
    "midnights of Sydney in autumn": "1D",
    "hours of Berlin in spring": "1h",
    "months of New York": "MS",
    "weeks of New York": "1W",
    "weekdays of New York": "B",
}


@pytest.mark.parametrize("case", STEPS)
def test_a_step_that_is_given_makes_gaps_seen_and_is_followed(case):
    before, after = _of(CASES[case])
    for at in (None, 2):  # whole, and with one time missing
        kept = before if at is None else before.delete(at)
        values = np.delete(np.arange(float(len(before))), [] if at is None else at)
        if at is not None:
            with pytest.raises(sa.errors.InputError) as caught:
                sa.Series(values, times=kept, every=STEPS[case])
            assert caught.value.code == "time-gap"
        series = sa.Series(values, times=kept, every=STEPS[case], missing="skip")
        assert len(series) == len(before)
        assert (series.times == (before if before.tz is None else before.tz_convert("UTC").tz_localize(None))).all()
        assert np.flatnonzero(np.isnan(series.values)).tolist() == ([] if at is None else [at])
        told = pd.DatetimeIndex(ahead(series.stamps, AHEAD, series.step)[0])
        told = told if after.tz is None else told.tz_localize("UTC").tz_convert(after.tz)
        assert list(told) == list(after)


def test_days_off_of_a_list_and_of_a_country():
    offset = pd.offsets.CustomBusinessDay(holidays=["2024-03-29", "2024-04-01"])
    before, after = _of(_range("2024-02-26", 20, offset))
    for every in ("B, 2024-03-29, 2024-04-01", offset, np.busdaycalendar(holidays=["2024-03-29", "2024-04-01"])):
        series = sa.Series(np.arange(20.0), times=before, every=every)
        assert list(pd.DatetimeIndex(ahead(series.stamps, AHEAD, series.step)[0])) == list(after)
    pytest.importorskip("holidays")
    series = sa.Series(np.arange(20.0), times=before, every="B, DE")  # Good Friday and Easter Monday
    assert list(pd.DatetimeIndex(ahead(series.stamps, AHEAD, series.step)[0])) == list(after)


def test_a_week_with_holidays_is_found_and_noted():
    offset = pd.offsets.CustomBusinessDay(holidays=["2024-01-15", "2024-02-19"])
    times = pd.date_range("2024-01-02", periods=60, freq=offset)
    series = sa.Series(np.arange(60.0), times=times)
    assert "they follow Monday to Friday" in series.notes[0]
    assert "2 of its times are missing, the first 2024-01-15" in series.notes[0]
    told = pd.DatetimeIndex(ahead(series.stamps, 7, None)[0])
    assert list(told) == list(pd.date_range(times[-1] + pd.offsets.BDay(), periods=7, freq="B"))


DAYS = pd.date_range("2024-01-01", periods=40).to_numpy()


def test_what_cannot_be_told_says_why_and_the_way_out_is_right(run, tmp_path):
    times = np.delete(DAYS, 9)
    series = sa.Series(np.arange(39.0), times=times)
    found = sa.forecast(sa.baselines.Naive().fit(series), series, 2)
    assert found.times is None
    why = (
        'the times ahead cannot be told: 1 time is missing from steps of 1 day, the first 2024-01-10: every="1D" with '
    )
    assert why + 'missing="skip" keeps the place' in found.notes
    whole = sa.Series(np.arange(39.0), times=times, every="1D", missing="skip")  # what it says to type
    assert ahead(whole.stamps, 1, whole.step)[0] == DAYS[-1] + np.timedelta64(1, "D")
    rows = "".join(f"{str(time)[:10]},{at % 7}\n" for at, time in enumerate(times))
    (tmp_path / "f.csv").write_text("t,y\n" + rows)
    typed = ["forecast", tmp_path / "f.csv", "--value", "y", "--time", "t", "--horizon", 1, "--models", "naive"]
    code, out, err = run(*typed)
    assert code == 0
    assert next(csv.DictReader(out.splitlines()))["time"].startswith("unknown: 1 time is missing from steps of 1 day")
    assert "--every 1D" in err
    assert "--missing skip" in err
    code, out, _ = run(*typed, "--every", "1D", "--missing", "skip")
    assert (code, out.splitlines()[1].split(",")[1]) == (0, "2024-02-10")


def test_the_way_out_of_days_off_is_a_week_and_never_every_day():
    week = DAYS[np.is_busday(DAYS.astype("M8[D]"), "1111001")]
    for every, says in (("1D", 'every="Sun-Thu"'), ("B", 'every="Sun-Thu"')):
        with pytest.raises(sa.errors.InputError) as caught:
            sa.Series(np.arange(float(len(week))), times=week, every=every)
        assert says in str(caught.value)
    assert sa.Series(np.arange(float(len(week))), times=week, every="Sun-Thu").complete


@pytest.mark.parametrize(
    "times",
    [
        np.cumsum(np.random.default_rng(0).integers(1, 9, 40)).astype("M8[D]"),
        np.cumsum(np.random.default_rng(0).integers(1, 9000, 40)).astype("M8[s]"),
        np.array(["2024-01-01"], dtype="M8[D]"),
        np.array(["2024-01-01", "2024-01-05", "2024-01-06"], dtype="M8[D]"),
        np.array([1.0, 2.0, 4.0]),
        np.array(["2020", "2021", "2023"], dtype="M8[Y]"),
    ],
)
def test_no_rule_is_made_up(times):
    found, reason = ahead(Times(times), 3)
    assert found is None
    assert reason


def test_days_with_few_that_are_odd_follow_the_most():
    days = DAYS[np.is_busday(DAYS.astype("M8[D]"))]
    long = pd.date_range("2023-01-02", periods=200, freq="B").to_numpy()
    odd = np.sort(np.append(long, np.datetime64("2023-03-04")))  # one Saturday of extra work
    assert str(found_rule(odd).rule) == "Monday to Friday"
    assert "1 more" in found_rule(odd).words
    assert spacing(Times(days)).endswith("they follow Monday to Friday, as found in them")


def test_a_midnight_that_is_left_out_does_not_end_the_days():
    # In Santiago clocks go forward at midnight: 2024-09-08 begins at 01:00.
    days = pd.date_range("2024-09-01", periods=20, freq="D").tz_localize(
        "America/Santiago", nonexistent="shift_forward"
    )
    series = sa.Series(np.arange(14.0), times=days[:14])
    assert series.notes == ()
    told = pd.DatetimeIndex(ahead(series.stamps, 6)[0]).tz_localize("UTC")
    assert list(told) == list(days[14:].tz_convert("UTC"))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai"])
@pytest.mark.parametrize("freq", ["30min", "h", "6h"])
@pytest.mark.parametrize("start", ["2021-09-01", "2021-02-01", "2021-01-01", "2021-06-01"])
def test_even_steps_go_on_whichever_way_clocks_were_set_before(zone, freq, start):
    """Set back alone an hour comes twice, set forward alone one is left out."""
    times = pd.date_range(start, periods=4500 if start == "2021-01-01" else 1900, freq=freq, tz="UTC").tz_convert(zone)
    series = sa.Series(np.arange(len(times) - 4.0), times=times[:-4])
    assert list(pd.DatetimeIndex(ahead(series.stamps, 4)[0]).tz_localize("UTC")) == list(times[-4:])
    promo = pd.Series(np.arange(len(times)) % 5.0, index=times)
    assert len(sa.Series(series.values, times=times[:-4], known={"promo": promo}).known.values) == len(times)


@pytest.mark.parametrize("size", [np.timedelta64(100, "us"), np.timedelta64(1500, "us"), np.timedelta64(5, "ns")])
def test_steps_below_a_millisecond_go_on(size):
    times = np.datetime64("2024-01-01T00:00:00") + np.arange(24) * size
    series = sa.Series(np.arange(20.0), times=times[:20])
    assert series.notes == ()
    assert (ahead(series.stamps, 4)[0] == times[20:]).all()


@pytest.mark.parametrize(("every", "count"), [("B", 30_000), ("Mon", 6_000)])
def test_days_of_a_week_go_on_for_more_than_a_hundred_years(every, count):
    mask = "1111100" if every == "B" else "1000000"
    days = np.busday_offset("2024-01-01", np.arange(20 + count), weekmask=mask)
    series = sa.Series(np.arange(20.0), times=days[:20], every=every)
    assert (ahead(series.stamps, count, series.step)[0] == days[20:]).all()


@pytest.mark.parametrize(
    ("times", "every", "says"),
    [
        (DAYS[::7], "W-SUN", "at row 0 is a Monday, and every='W-SUN' is of each Sunday"),
        (np.arange("2024-03", "2025-03", 3, dtype="M8[M]"), "Q-JAN", "is not in a month that every='Q-JAN' names"),
        (DAYS.astype("M8[D]"), np.timedelta64(1, "M"), "steps of every='1 months' after 2024-01-01"),
    ],
)
def test_a_time_off_the_step_is_told_why(times, every, says):
    with pytest.raises(sa.errors.InputError) as caught:
        sa.Series(np.arange(float(len(times))), times=times, every=every)
    assert caught.value.code == "time-off-grid"
    assert says in str(caught.value)

"""Zones: the name of any, and times to the clock of one and back, as pandas has them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pytest

import stepahead as sa
from stepahead import zones
from stepahead.zones import is_fixed, offset_name, offsets_of, to_local, to_utc, zone_name, zone_of_offsets

ZONES = ["Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu", "+05:30"]


@pytest.mark.parametrize("zone", ZONES)
def test_times_in_utc_have_the_wall_clock_of_pandas(zone):
    utc = pd.date_range("2019-12-30", "2022-01-03", freq="17min", tz="UTC")
    found = to_local(utc.tz_localize(None).to_numpy().astype("datetime64[m]"), zone)
    assert (found == utc.tz_convert(zone).tz_localize(None).to_numpy()).all()


@pytest.mark.parametrize("zone", [zone for zone in ZONES if zone != "Australia/Lord_Howe"])
def test_wall_clock_times_have_the_utc_of_pandas(zone):
    wall = pd.date_range("2019-12-30", "2022-01-03", freq="h")
    kept = wall.tz_localize(zone, ambiguous=np.ones(len(wall), dtype=bool), nonexistent="shift_forward")
    found = to_utc(wall.to_numpy().astype("datetime64[h]"), zone)
    assert (found == kept.tz_convert("UTC").tz_localize(None).to_numpy()).all()


def test_a_time_that_half_an_hour_left_out_is_the_moment_of_the_change():
    # On Lord Howe the clock went from 02:00 (+10:30) to 02:30 (+11:00): both are 15:30 of UTC.
    found = to_utc(np.array(["2020-10-04T02:00"], dtype="datetime64[m]"), "Australia/Lord_Howe")
    assert found == np.datetime64("2020-10-03T15:30")


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        (ZoneInfo("Asia/Hong_Kong"), "Asia/Hong_Kong"),
        (dt.UTC, "UTC"),
        (dt.timezone(dt.timedelta(hours=-3, minutes=-30)), "-03:30"),
        (pd.Timestamp("2024-01-01", tz="Etc/GMT+5").tz, "Etc/GMT+5"),
        (pd.Timestamp("2024-01-01T00:00:00+02:00").tz, "+02:00"),
        ("Etc/GMT+5", "Etc/GMT+5"),
        ("+0200", "+02:00"),
        ("Z", "UTC"),
        ("Nowhere/At_All", "UTC"),
    ],
)
def test_a_zone_has_one_name_however_it_is_spelt(zone, name):
    assert zone_name(zone) == name
    assert is_fixed(name) == (name == "UTC" or name[0] in "+-")


def test_offsets_have_names_and_names_offsets():
    for seconds in (0, 3600, -3600, 19800, 20700, -12600):
        name = offset_name(seconds)
        assert offsets_of(np.array(["2024-01-01"], dtype="datetime64[D]"), name).tolist() == [seconds]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Sydney", "America/Santiago"])
def test_offsets_that_change_name_a_zone_where_clocks_change_so(zone):
    utc = pd.date_range("2023-01-01", periods=500, freq="D", tz="UTC").tz_localize(None).to_numpy()
    found = zone_of_offsets(utc, offsets_of(utc, zone))
    assert (offsets_of(utc, found) == offsets_of(utc, zone)).all()
    wrong = np.resize([3600, 7200], 500)  # an hour more every other day
    assert zone_of_offsets(utc, wrong) is None


FRAMES = {
    "an index": lambda times, y: (pd.Series(y, index=times), {}),
    "a column of pandas": lambda times, y: (pd.DataFrame({"t": times, "y": y}), {"value": "y", "time": "t"}),
    "objects": lambda times, y: (
        pd.DataFrame({"t": pd.Series(list(times), dtype=object), "y": y}),
        {"value": "y", "time": "t"},
    ),
    "pyarrow": lambda times, y: (
        __import__("pyarrow").table({"t": times.to_pydatetime().tolist(), "y": y}),
        {"value": "y", "time": "t"},
    ),
    "polars": lambda times, y: (pl.from_pandas(pd.DataFrame({"t": times, "y": y})), {"value": "y", "time": "t"}),
}


@pytest.mark.parametrize("door", FRAMES)
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Hong_Kong", "Etc/GMT+5", "America/Argentina/Buenos_Aires"])
def test_times_come_back_in_the_zone_they_came_in(door, zone):
    times = pd.date_range("2024-10-28", periods=9, freq="D", tz=zone)  # the clock of New York is set on 3 November
    given, how = FRAMES[door](times, np.arange(9.0))
    series = sa.read(given, **how) if how else sa.Series(given)
    assert series.zone == zone
    assert (series.local == times.tz_localize(None).to_numpy()).all()
    found = sa.forecast(sa.baselines.Naive().fit(series), series, 3)
    ahead = times[-1] + pd.to_timedelta(0) + pd.DateOffset(days=1) * np.arange(1, 4)
    frame = found.to_frame()
    back = list(frame["time"]) if not hasattr(frame, "column") else frame.column("time").to_pylist()
    assert [pd.Timestamp(t) for t in back] == list(ahead)
    assert repr(found).splitlines()[2].split()[0] == ahead[0].isoformat()


def test_local_midnights_of_a_file_come_back_as_such(run, tmp_path):
    days = "".join(f"2023-08-{day}T00:00:00+02:00,{day}\n" for day in range(10, 30))
    (tmp_path / "f.csv").write_text("t,y\n" + days)
    code, out, _ = run("forecast", tmp_path / "f.csv", "--value", "y", "--time", "t", "--horizon", 2)
    assert code == 0
    assert [line.split(",")[1] for line in out.splitlines()[1:]] == [
        "2023-08-30T00:00:00+02:00",
        "2023-08-31T00:00:00+02:00",
    ]


def test_the_clock_of_pandas_over_a_hundred_years():
    utc = pd.date_range("1930-01-01", "2035-01-01", freq="5h", tz="UTC")
    for zone in ("Europe/Berlin", "America/New_York", "Pacific/Apia"):
        found = to_local(utc.tz_localize(None).to_numpy().astype("datetime64[h]"), zone)
        assert (found == utc.tz_convert(zone).tz_localize(None).to_numpy()).all()


def _counted(monkeypatch) -> list[int]:
    asked: list[int] = []
    plain = zones._offset_at
    monkeypatch.setattr(zones, "_offset_at", lambda zone, second: asked.append(second) or plain(zone, second))
    zones._changes_in.cache_clear()
    return asked


def test_series_of_many_lengths_ask_their_zone_once(monkeypatch):
    midnights = pd.date_range("2000-01-01", periods=4000, freq="D", tz="Europe/Berlin")
    asked = _counted(monkeypatch)
    sa.Series(np.arange(4000.0), times=midnights)
    first = len(asked)
    assert 0 < first < 10_000
    for cut in range(3900, 3990, 10):
        sa.Series(np.arange(float(cut)), times=midnights[:cut])
    assert len(asked) == first


def test_offsets_of_no_zone_are_not_asked_of_every_zone_at_every_time(monkeypatch):
    utc = np.datetime64("2000-01-01", "h") + 24 * np.arange(7300)
    asked = _counted(monkeypatch)
    assert zone_of_offsets(utc, np.resize([3600, 7200], 7300)) is None
    assert len(asked) < 10_000

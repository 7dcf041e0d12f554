"""Seasons of a series and of a list of series: the calendar, the vote, what is said,
and that the future changes nothing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import stepahead as sa
from stepahead import seasons
from stepahead.seasons import Seasons, calendar, find_seasons, resolve

from . import data


def noisy(length, *periods, seed=0, noise=0.5):
    rng = np.random.default_rng(seed)
    return sum(rng.normal(size=p)[np.arange(length) % p] for p in periods) + noise * rng.normal(size=length)


def stamps(unit, step=1, count=400, start="2019-01-01"):
    return np.datetime64(start, unit) + step * np.arange(count)


# where to look

STEPS = [
    (stamps("Y", start="1700"), ()),
    (stamps("M", start="2001-01"), (12,)),
    (stamps("M", 2, start="2001-01"), (6,)),
    (stamps("M", 3, start="2001-01"), (4,)),
    (stamps("M", 5, start="2001-01"), None),
    (stamps("M", 6, start="2001-01"), (2,)),
    (stamps("M", 12, start="2001-01"), ()),
    (stamps("D", 7), (52,)),
    (stamps("W"), (52,)),
    (stamps("D", 14), (26,)),
    (stamps("D", 28), (13,)),
    (stamps("D"), (7, 365)),
    (stamps("D", 5), (73,)),
    (stamps("D", 3), None),
    (stamps("h"), (24, 168)),
    (stamps("h", 4), (6, 42)),
    (stamps("h", 12), (2, 14)),
    (stamps("m", 30), (48, 336)),
    (stamps("m", 15), (96, 672)),
    (stamps("m", 10), (144, 1008)),
    (stamps("m", 5), (288, 2016)),
    (stamps("m"), (60, 1440)),
    (stamps("s", 10), (360, 8640)),
    (stamps("s"), (60, 3600)),
    (stamps("ms", 100), (600, 36000)),
    (stamps("ms", 10), (100, 6000)),
    (stamps("us"), None),
    (stamps("ns", 3600 * 10**9), (24, 168)),
    (np.arange(1871, 1971), ()),
    (np.arange(100), None),
    (np.arange(1900, 2001, 2), None),
    (np.arange(0.0, 5.0, 0.1), None),
    (None, None),
    (stamps("D", count=2), None),
]


@pytest.mark.parametrize(("labels", "wanted"), STEPS)
def test_the_step_of_time_says_where_to_look(labels, wanted):
    assert calendar(labels) == wanted


def test_months_quarters_and_years_of_any_day():
    middle = stamps("M", start="2001-01", count=60).astype("datetime64[D]") + 14
    assert calendar(middle) == (12,)
    assert calendar(middle[::3]) == (4,)
    assert calendar(middle[::12]) == ()
    ends = (stamps("M", start="2001-01", count=60) + 1).astype("datetime64[D]") - 1
    assert calendar(ends) == (12,)


def test_days_without_weekends_are_trading_days():
    days = stamps("D", count=600)
    trading = days[np.is_busday(days)]
    assert calendar(trading) == (5,)
    assert calendar(np.delete(trading, [40, 41, 90])) == (5,)
    assert calendar(trading[:3]) == (7, 365), "too short to tell"


def test_a_few_steps_that_are_missing_do_not_hide_the_step():
    hours = stamps("h")
    assert calendar(np.delete(hours, [3, 50, 51, 200])) == (24, 168)
    assert calendar(np.delete(stamps("M", start="2001-01"), [7])) == (12,)
    assert calendar(hours[np.random.default_rng(0).random(400) < 0.3]) is None


REAL = [
    ("seattle_temperature", (365,), "calendar"),
    ("co2", (52,), "calendar"),
    ("el_nino", (12,), "calendar"),
    ("nile", (), "none"),
    ("sunspots", (), "none"),
    ("stock_price", (), "calendar"),
]


@pytest.mark.parametrize(("name", "wanted", "source"), REAL)
def test_the_series_of_the_package(name, wanted, source):
    series = sa.datasets.named(name)
    found = find_seasons(series[: int(0.6 * len(series))])
    assert (found.periods, found.source) == (wanted, source)


@pytest.mark.parametrize(
    ("file", "column", "time", "wanted"),
    [
        ("ETTh1.csv", "OT", "date", (24,)),
        ("elec_equip_monthly.csv", "index_value", "month", (12,)),
        ("global_temp_yearly.csv", "temp", "year", ()),
    ],
)
def test_other_real_series(file, column, time, wanted):
    series = sa.read(data.path(file), value=column, time=time)
    assert find_seasons(series[: int(0.6 * len(series))]).periods == wanted


# one series


def test_what_is_found_of_one_series():
    series = sa.Series(noisy(1500, 48, 336), times=stamps("m", 30, 1500))
    found = find_seasons(series)
    assert found.periods == (48, 336)
    assert (found.source, found.candidates, found.chosen, found.period, found.scanned) == (
        "calendar",
        (48, 336),
        48,
        336,
        False,
    )
    assert len(found.test_values) == 2
    assert min(found.test_values) > found.limit
    assert str(found).startswith("seasons of 48 and 336 steps, found (test values ")
    scanned = find_seasons(noisy(200, 12))
    assert (scanned.periods, scanned.scanned, scanned.candidates[-1]) == ((12,), True, 66)
    assert str(scanned).startswith("a season of 12 steps, found by a scan (test value ")


def test_candidates_take_the_place_of_calendar_and_scan():
    series = sa.Series(noisy(400, 5), times=stamps("M", start="1950-01"))
    assert find_seasons(series).periods == ()
    assert find_seasons(series, candidates=(12, 5)).periods == (5,)
    assert find_seasons(series, candidates=5).periods == (5,)
    assert find_seasons(series.values, [52]).candidates == (52,)
    assert "no season of 12 steps is in the values" in str(find_seasons(series))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([1.0, 2.0, 3.0], "3 values are too few, 8 are needed"),
        (np.full(60, 2.0), "the values are constant"),
        (["a", "b", "a"] * 10, "symbols have none"),
        (np.where(np.arange(60) % 2, np.nan, np.arange(60.0)), "too few values stand in a row"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_why_nothing_was_tested(values, reason):
    found = find_seasons(values)
    assert (found.periods, found.source, found.reason) == ((), "none", reason)
    assert str(found) == f"no season: {reason}"


def test_too_short_for_a_candidate():
    series = sa.Series(noisy(30, 7), times=stamps("M", start="1990-01", count=30))
    assert str(find_seasons(series)) == "no season: 30 values are too few, 36 are needed"


def test_a_line_has_no_season_and_no_test_value():
    assert str(find_seasons(np.arange(30.0))) == "no season of 2 to 10 steps is in the values"


def test_gaps_are_left_out():
    values = noisy(300, 12)
    values[np.random.default_rng(0).integers(1, 300, 20)] = np.nan
    assert find_seasons(values).periods == (12,)
    assert find_seasons(sa.Series(values, missing="skip")).periods == (12,)


@pytest.mark.parametrize("name", ["el_nino", "co2", "nile"])
def test_values_behind_the_training_part_change_nothing(name):
    series = sa.datasets.named(name)
    cut = int(0.6 * len(series))
    ruined = series.values.copy()
    ruined[cut:] = np.random.default_rng(0).normal(size=len(series) - cut) * 1e6
    other = sa.Series(ruined, times=series.times, missing="skip")
    assert find_seasons(series[:cut]) == find_seasons(other[:cut])
    assert resolve("auto", (series[:cut],)) == resolve("auto", (other[:cut],))


# a list of series


def months(values):
    return sa.Series(values, times=stamps("M", count=len(values), start="1970-01"))


def test_a_list_takes_what_half_of_it_has():
    have = [months(noisy(120, 12, seed=s)) for s in range(6)]
    none = [months(noisy(120, 1, seed=s)) for s in range(6)]
    found = find_seasons([*have, *none])
    assert (found.periods, found.source, found.series) == ((12,), "calendar", 12)
    assert str(found).startswith("a season of 12 steps, found in most of 12 series (test value ")
    less = find_seasons([*have[:5], *none])
    assert less.periods == ()
    assert str(less).startswith("no season of 12 steps is in most of 11 series (largest test value ")
    median = np.median([find_seasons(one).test_values[0] for one in [*have, *none]])
    assert found.test_values == (pytest.approx(median),)


def test_series_too_short_for_it_do_not_vote_and_keep_the_rest():
    hours = [sa.Series(noisy(700, 24, 168, seed=s), times=stamps("h", count=700)) for s in range(3)]
    short = [sa.Series(noisy(100, 24, seed=s), times=stamps("h", count=100)) for s in range(5)]
    found = find_seasons([*hours, *short])
    assert found.periods == (24, 168)
    assert (found.for_length(700), found.for_length(100), found.for_length(40)) == ((24, 168), (24,), ())


def test_a_list_is_never_scanned():
    found = find_seasons([noisy(200, 12), noisy(200, 12, seed=1)])
    assert (found.periods, found.source) == ((), "none")
    assert "season=N" in str(found)
    assert find_seasons([noisy(200, 12), noisy(200, 12, seed=1)], candidates=12).periods == (12,)
    assert find_seasons([noisy(200, 12)]).scanned, "of one series it may be"


def test_the_commonest_step_of_a_list():
    weeks = [sa.Series(noisy(200, 52, seed=s), times=stamps("D", 7, 200)) for s in range(2)]
    assert find_seasons([*weeks, months(noisy(120, 12))]).candidates == (52,)


def test_of_many_series_two_hundred_at_even_spaces_are_asked(monkeypatch):
    asked = []

    def among(values, candidates):
        asked.append(float(values[0]))
        return seasons.seasonality.Periods()

    monkeypatch.setattr(seasons.seasonality, "among", among)
    panel = [months(np.arange(40.0) + start) for start in range(1000)]
    find_seasons(panel)
    assert len(asked) == 200
    assert (asked[0], asked[-1]) == (0.0, 999.0)
    assert set(np.diff(asked)) == {5.0, 6.0} or set(np.diff(asked)) == {5.0}


def test_symbols_in_a_list_have_none():
    assert find_seasons([["a", "b"] * 20, ["b", "a"] * 20]).reason == "symbols have none"


# as asked for


def test_given_seasons_are_taken_as_given():
    for season, wanted in ((12, (12,)), ((336, 48), (48, 336)), ([7], (7,)), (None, ()), ((), ()), (np.int64(4), (4,))):
        found = resolve(season, None)
        assert (found.periods, found.source) == (wanted, "given")
    assert str(resolve(12, None)) == "a season of 12 steps, as given"
    assert str(resolve((48, 336), None, "shards")) == "seasons of 48 and 336 steps, as given"
    assert str(resolve(None, None)) == "no season, as given"
    assert resolve((48, 336), None).for_length(50) == (48, 336)


@pytest.mark.parametrize(
    "season", ["Auto", "12", 1, 0, -4, 2.5, True, (12, 12), (4, 1), (4, "12"), float("nan"), b"auto"]
)
def test_other_seasons_are_refused_by_name(season):
    with pytest.raises(sa.errors.ParameterError) as caught:
        resolve(season, None)
    assert caught.value.name == "season"


@pytest.mark.parametrize("candidates", ["month", 1, (12, 12), (0,), 2.5])
def test_other_candidates_are_refused_by_name(candidates):
    with pytest.raises(sa.errors.ParameterError) as caught:
        find_seasons(np.arange(50.0), candidates)
    assert caught.value.name == "candidates"


def test_auto_looks_at_the_training_part_alone_and_at_no_stream():
    assert resolve("auto", (months(noisy(120, 12)),)).periods == (12,)
    assert str(resolve("auto", None, "stream")) == "no season: none is looked for in a stream, season=N names one"
    assert "shards" in str(resolve("auto", None, "shards"))


def test_the_period_of_a_model_that_takes_one():
    """The last of the chain of multiples that begins with the chosen one."""
    for periods, chosen, wanted in [
        ((), None, None),
        ((12,), 12, 12),
        ((24, 168), 24, 168),
        ((7, 365), 365, 365),
        ((7, 365), 7, 7),
    ]:
        assert Seasons(periods, "calendar", chosen=chosen).period == wanted
    assert Seasons((4, 8, 20, 24), "given").period == 24


def test_it_does_not_change():
    with pytest.raises(AttributeError):
        Seasons().periods = (3,)
    assert replace(Seasons(), periods=(3,)).periods == (3,)

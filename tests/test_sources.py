"""What a command reads: columns beside the values, their zone, and those taken as foreseen."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import stepahead as sa
from stepahead.sources import source, to_come

TYPED = {"file": None, "data": None, "id_": None, "value": None, "time": None, "missing": None, "every": None,
         "encoding": "utf-8", "decimal": ".", "symbols": False, "known": None, "past": None, "calendar": None,
         "zone": None, "foresee": None}  # fmt: skip
VALUES, AHEAD = 150, 10


def store(seed: int = 0, start: str = "2024-01-01") -> pd.DataFrame:
    """Sales that follow promotions, of 150 days, and ten days to come."""
    random, rows = np.random.default_rng(seed), VALUES + AHEAD
    promo, warmth = random.random(rows) < 0.3, random.normal(15, 5, rows).round(1)
    sold = (100 + 40 * promo + warmth + random.normal(0, 5, rows)).round(1)
    days = pd.date_range(start, periods=rows).strftime("%Y-%m-%d")
    frame = pd.DataFrame({"day": days, "sold": sold, "promo": np.where(promo, "true", "false"), "warmth": warmth})
    frame.loc[VALUES:, ["sold", "warmth"]] = np.nan
    return frame


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "store.csv"
    store().to_csv(path, index=False)
    return path


COLUMNS = ("--value", "sold", "--time", "day", "--known", "promo", "--past", "warmth", "--calendar", "weekend")


def read(**typed):
    return source(**(TYPED | typed))


def test_the_options_are_the_arguments_of_read(file):
    typed = {"value": "sold", "time": "day", "known": "promo", "past": "warmth", "calendar": ("weekend",)}
    found, same = read(file=file, **typed), sa.read(file, **typed)
    assert np.array_equal(found.known.values, same.known.values)
    assert (found.known.names, found.beside.beyond, len(found)) == (("promo", "weekend"), AHEAD, VALUES)


def test_a_measured_column_is_foreseen_where_it_is_asked_for(file):
    found = read(file=file, value="sold", time="day", past="warmth", foresee="warmth")
    assert (found.known.kinds, len(found.past)) == (("foreseen",), 0)
    with pytest.raises(sa.errors.ParameterError, match="one of the columns of --past, warmth"):
        read(file=file, value="sold", time="day", past="warmth", foresee="wormth")
    with pytest.raises(sa.errors.ParameterError, match="left out without --past"):
        read(file=file, value="sold", time="day", foresee="warmth")


def test_a_zone_moves_the_clock_of_the_calendar(tmp_path):
    """02:00 of UTC on 31 March is 04:00 in Berlin: its clocks have gone on."""
    hours = pd.date_range("2024-03-30 22:00", periods=8, freq="h")
    path = tmp_path / "load.csv"
    pd.DataFrame({"utc": hours, "mw": [3.0, 1.0, 4.0, 1.5, 5.0, 9.0, 2.0, 6.0]}).to_csv(path, index=False)
    found = read(file=path, value="mw", time="utc", calendar=("hour",), zone="Europe/Berlin")
    local = hours.tz_localize("UTC").tz_convert("Europe/Berlin")
    assert np.argmax(found.known.values, axis=1).tolist() == local.hour.tolist() == [23, 0, 1, 3, 4, 5, 6, 7]


def test_a_zone_keeps_the_columns_and_the_rows_to_come(tmp_path):
    hours = pd.date_range("2024-03-30 22:00", periods=30, freq="h")
    frame = pd.DataFrame(
        {"utc": hours, "mw": np.arange(30.0) ** 1.5, "plan": np.arange(30) % 4, "wind": np.arange(30.0)}
    )
    frame.loc[25:, "mw"] = np.nan
    frame.to_csv(tmp_path / "load.csv", index=False)
    typed = {"file": tmp_path / "load.csv", "value": "mw", "time": "utc", "known": "plan", "past": "wind"}
    found = read(**typed, zone="Europe/Berlin")
    assert (len(found), found.beside.beyond, found.zone) == (25, 5, "Europe/Berlin")
    assert np.array_equal(found.known.values[:, 0], np.arange(30) % 4)
    assert np.array_equal(found.past.values[:, 0], np.arange(25.0))
    alone = read(**{**typed, "known": None, "calendar": ("hour",)}, zone="Europe/Berlin")
    assert len(alone.known.values) == 30, "the calendar has the rows to come too"


def test_a_series_of_a_panel_that_has_no_such_clock_is_set_aside():
    days = [np.datetime64("2024-01-01") + np.arange(5)]
    hours = np.datetime64("2024-01-01T00") + np.arange(5)
    from stepahead.sources import _each

    panel = sa.Panel(
        [sa.Series(np.arange(5.0), *days, name="a"), sa.Series(np.arange(5.0), hours, name="b")], {"c": "x"}
    )
    found = _each(panel, lambda series: sa.Series(series, zone="Europe/Berlin"))
    assert [series.name for series in found] == ["b"]
    assert list(found.refused) == ["c", "a"]
    with pytest.raises(sa.errors.InputError, match="whole days"):
        _each(sa.Panel([panel[0]]), lambda series: sa.Series(series, zone="Europe/Berlin"))


def test_how_many_rows_are_to_come():
    def ends(*counts: int) -> tuple[sa.Series, ...]:
        return tuple(sa.Series(np.arange(5.0), known={"p": np.arange(5 + count) % 3}) for count in counts)

    assert to_come(ends(4)) == 4
    assert to_come(ends(0, 6, 3)) == 3, "those that have none do not count"
    assert to_come(ends(0)) is None
    assert to_come((sa.Series([1.0, 2.0]),)) is None


# -- as people type it ------------------------------------------------------------------------------------------------


def test_each_model_stands_beside_itself_without_the_columns(run, file):
    code, out, _ = run("evaluate", file, *COLUMNS, "--models", "ar,regressed", "--lags", 2, "--horizon", 5, "--json")
    found = json.loads(out)
    assert code == 0
    assert list(found["models"])[:3] == [
        "AR direct(2) with promo, weekend, warmth", "AR(2)", "Regressed(AR(2)) with promo, weekend"
    ]  # fmt: skip
    assert found["columns"] == [
        {"name": "promo", "kind": "known"}, {"name": "weekend", "kind": "calendar"}, {"name": "warmth", "kind": "past"}
    ]  # fmt: skip
    series = sa.read(file, "sold", "day", known="promo", past="warmth", calendar="weekend")
    by_call = sa.evaluate(sa.Regressed(sa.AR(2), on="known"), series, 5)
    assert found["models"]["Regressed(AR(2)) with promo, weekend"]["rmse"] == pytest.approx(
        next(iter(by_call.values())).rmse(), rel=1e-12
    )


def test_a_forecast_fills_the_rows_at_the_end(run, file):
    code, out, err = run("forecast", file, *COLUMNS, "--models", "ar", "--lags", 2, "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    times = [row["time"] for row in found["forecasts"]]
    assert times == store()["day"].iloc[VALUES:].tolist()
    assert found["columns"][0] == {"name": "promo", "kind": "known"}
    assert found["notes"] == ["the last 10 rows have no value: they are the future of promo"]
    series = sa.read(file, "sold", "day", known="promo", past="warmth", calendar="weekend")
    model = sa.AR(2, using=["promo", "weekend", "warmth"], chunk=AHEAD).fit(series)
    typed = [row["AR direct(2) with promo, weekend, warmth"] for row in found["forecasts"]]
    assert typed == list(sa.forecast(model, series, AHEAD).values)


def test_a_forecast_of_many_series_goes_as_far_as_each_is_known(run, tmp_path):
    many = pd.concat([store(seed).assign(store=name)[: VALUES + ahead] for seed, (name, ahead) in
                      enumerate([("a", 10), ("b", 4)])])  # fmt: skip
    many.to_csv(tmp_path / "many.csv", index=False)
    typed = (tmp_path / "many.csv", "--id", "store", *COLUMNS, "--models", "ar", "--lags", 2, "--json")
    code, out, _ = run("forecast", *typed)
    found = json.loads(out)
    assert (code, len(found["forecasts"]), set(found["status"].values())) == (0, 2 * 4, {"ok"})
    code, out, _ = run("forecast", *typed, "--horizon", 10)
    found = json.loads(out)
    assert (code, len(found["forecasts"]), found["status"]["a"]) == (6, 10, "ok")
    assert found["status"]["b"].startswith("promo is known up to 2024-06-02; 10 steps of ")


def test_a_saved_model_finds_its_columns_in_a_file(run, file, tmp_path):
    series = sa.read(file, "sold", "day", known="promo", calendar="weekend")
    sa.Regressed(sa.AR(2), on="known").fit(series[:100]).save(tmp_path / "m.safetensors")
    typed = ("--model", tmp_path / "m.safetensors", "--horizon", 5)
    columns = ("--value", "sold", "--time", "day", "--known", "promo", "--calendar", "weekend")
    code, out, _ = run("audit", file, *columns, *typed)
    assert (code, " is causal" in out) == (0, True)
    assert run("forecast", file, *columns, *typed)[0] == 0
    code, _, err = run("forecast", file, *columns[:-2], *typed)
    assert code == 3
    assert "uses 'weekend', which the series does not have; it has known promo" in err


def test_the_calendar_goes_with_a_series_of_the_package(run):
    typed = ("--data", "el_nino", "--calendar", "month", "--models", "ar", "--lags", 2, "--horizon", 3, "--json")
    code, out, _ = run("evaluate", *typed)
    assert (code, json.loads(out)["columns"]) == (0, [{"name": "month", "kind": "calendar"}])


@pytest.mark.parametrize("command", ["evaluate", "report", "forecast"])
def test_every_command_that_fits_takes_columns(run, file, tmp_path, command):
    out = ("--out", tmp_path / "r.html", "--lang", "zh") if command == "report" else ()
    code, out, err = run(command, file, *COLUMNS, "--models", "ar", "--lags", 2, "--horizon", 4, *out)
    assert code == 0
    assert out
    assert (
        "最后 10 行没有值：它们是 promo 的未来" if command == "report" else "they are the future of promo"
    ) in err + out


WRONG = {
    "a column that there is not": (("--known", "promo,prise"), 3, "there is no column 'prise': the columns are 'day'"),
    "the values": (("--known", "sold"), 2, "known='sold' is not allowed: known must be a column other than value="),
    "the times": (("--past", "day"), 2, "past='day' is not allowed: past must be a column other than time="),
    "known and past": (("--known", "promo", "--past", "promo"), 2, "a column is known, or past, and not both"),
    "no word of the calendar": (("--calendar", "wekday"), 2, "calendar must be hour, halfhour, weekday, month"),
    "the values once more": (("--known", "copy"), 3, "known column copy is the series itself"),
    "a hole": (("--known", "holed"), 3, 'holed is missing at 2024-01-04; missing="skip" leaves such windows out'),
    "a clock of whole days": (("--known", "promo", "--zone", "Europe/Berlin"), 3, "these are whole days"),
    "a clock that there is not": (("--known", "promo", "--zone", "Mars"), 2, "must be the name of a zone, such as"),
    "foreseen and not measured": (("--known", "promo", "--foresee", "promo"), 2, "left out without --past"),
    "holidays of nowhere": (("--known", "promo", "--calendar", "holidays:XX"), 3, "knows no 'XX'"),
    "regressed on nothing": (("--past", "warmth", "--models", "regressed"), 2, "no column is known ahead"),
    "a holed value": (("--value", "holed_values", "--known", "promo"), 3, "are missing, the first at 2024-01-06"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_typed_wrong_is_one_line(run, tmp_path, wrong):
    typed, expected, said = WRONG[wrong]
    frame = store().assign(copy=lambda one: one.sold, holed=np.arange(160.0), holed_values=lambda one: one.sold)
    frame.loc[3, "holed"] = frame.loc[5, "holed_values"] = np.nan
    frame.to_csv(tmp_path / "store.csv", index=False)
    source = (tmp_path / "store.csv", "--value", "sold", "--time", "day", "--models", "ar", "--horizon", 4)
    code, out, err = run("evaluate", *source, *typed)
    lines = [line for line in err.splitlines() if not line.startswith("stepahead: note")]
    assert (code, out, len(lines)) == (expected, "", 1), err
    assert said in lines[0]


def test_columns_without_rows_to_come_say_what_to_add(run, tmp_path):
    store()[:VALUES].to_csv(tmp_path / "store.csv", index=False)
    code, _, err = run("forecast", tmp_path / "store.csv", "--value", "sold", "--time", "day", "--known", "promo",
                       "--models", "ar", "--lags", 2, "--horizon", 7)  # fmt: skip
    assert code == 3
    assert err == (
        "stepahead: promo is known up to 2024-05-29, where the values end; 7 steps of AR(2) with promo need it up to "
        "2024-06-05: add 7 rows with promo and an empty sold\n"
    )


def test_weekdays_need_dates_and_holidays_their_extra(run, tmp_path, file, monkeypatch):
    code, _, err = run("evaluate", file, "--value", "sold", "--known", "promo", "--calendar", "weekday", "--horizon", 4)
    assert (code, "weekday needs dates" in err) == (3, True)
    monkeypatch.setitem(__import__("sys").modules, "holidays", None)
    code, _, err = run("evaluate", file, *COLUMNS, "--calendar", "holidays:DE", "--horizon", 4)
    assert (code, "stepahead[calendar]" in err) == (2, True)


@pytest.mark.parametrize("command", ["shard", "run"])
@pytest.mark.parametrize("option", ["--known", "--past", "--calendar"])
def test_where_columns_cannot_go_it_says_what_takes_them(run, command, option):
    code, _, err = run(command, option, "promo")
    assert code == 2
    assert err.splitlines()[-1] == (
        "stepahead: a shard holds values alone: stepahead evaluate FILE --id .. takes other columns"
    )
    assert "a shard" not in run("demo", option, "promo")[2]


def test_the_shop_brings_its_columns_and_its_days_to_come(run):
    code, out, _ = run("forecast", "--data", "shop", "--models", "ar", "--lags", 1, "--json")
    found = json.loads(out)
    assert (code, len(found["forecasts"])) == (0, 28)
    assert [(one["name"], one["kind"]) for one in found["columns"]] == [
        ("promo", "known"), ("holiday", "known"), ("weekday", "calendar"), ("warmth", "past")
    ]  # fmt: skip
    shop = sa.datasets.shop()
    assert np.array_equal(read(data="shop").known.values, shop.known.values)
    assert read(data="shop", calendar=("trend",)).known.asked() == (*shop.known.asked(), "trend")
    assert read(data="shop", foresee="warmth").known.asked("foreseen") == ("warmth",)
    assert "shop" in run("datasets")[1]


def test_data_of_the_package_has_columns_of_its_own(run):
    code, _, err = run("evaluate", "--data", "nile", "--known", "promo")
    assert (code, "left out beside --data nile, which has its own" in err) == (2, True)

"""What a model is handed ahead, against slow loops; which columns a fit uses; and errors that say what to type."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import stepahead as sa
from stepahead import covariates, known_ahead, walk
from stepahead.known_ahead import Handed
from stepahead.protocols import Column

from . import column_zoo
from .data import sine

ENDS = (0, 3)
"""Rows that the first column lacks at its end: as many as the second, or fewer."""


def handing(rows, leads):
    """What a model is handed that reads so many steps beyond the one it forecasts."""
    return Handed(rows, leads, lambda steps: steps + leads)


def table(rows: int, lacks: int = 0, hole: int | None = None) -> np.ndarray:
    made = np.arange(2.0 * rows).reshape(rows, 2) + 0.5
    if lacks:
        made[-lacks:, 0] = np.nan
    if hole is not None:
        made[hole, 1] = np.nan
    return made


def at_loop(rows: np.ndarray, origins: np.ndarray, steps: int) -> np.ndarray:
    """One number at a time: row o + j of each column, or beyond its end its last one."""
    out = np.empty((len(origins), steps, rows.shape[1]))
    for i, o in enumerate(origins):
        for j in range(steps):
            for c in range(rows.shape[1]):
                known = [t for t in range(len(rows)) if not np.isnan(rows[t, c])]
                out[i, j, c] = rows[min(o + j, known[-1]), c]
    return out


def is_known_loop(rows: np.ndarray, leads: int, origins: np.ndarray, horizon: int, length: int) -> list[bool]:
    """Whether every row that a target inside the series reads is there and whole."""
    found = []
    for o in origins:
        reads = {o + k - 1 + lead for k in range(1, horizon + 1) if o + k - 1 < length for lead in range(leads + 1)}
        found.append(all(t < len(rows) and not np.isnan(rows[t]).any() for t in reads))
    return found


@pytest.mark.parametrize("lacks", ENDS)
@pytest.mark.parametrize("leads", [0, 2])
@pytest.mark.parametrize("origins", [range(2, 9), range(9, 13), [3, 5, 12], [12], []])
@pytest.mark.parametrize("horizon", [1, 3, 6])
def test_what_is_handed_is_the_rows_from_the_origin_on(lacks, leads, origins, horizon):
    rows, origins = table(14, lacks), np.array(origins, dtype=np.intp)
    found = handing(rows, leads).at(origins, horizon)
    assert found.shape == (len(origins), horizon + leads, 2)
    np.testing.assert_array_equal(found, at_loop(rows, origins, horizon + leads))


def test_neighbouring_origins_are_handed_a_view():
    rows = table(40)
    found = handing(rows, 1).at(np.arange(5, 30), 6)
    assert np.shares_memory(found, rows)
    assert not np.shares_memory(handing(rows, 1).at(np.arange(5, 38), 6), rows)  # beyond the end rows are made up


@pytest.mark.parametrize("hole", [None, 0, 6, 11])
@pytest.mark.parametrize("lacks", [0, 1, 5])
@pytest.mark.parametrize("leads", [0, 1, 3])
@pytest.mark.parametrize("horizon", [1, 4])
@pytest.mark.parametrize("rows", [12, 14, 20])
def test_an_origin_is_known_where_all_that_targets_read_is_there(hole, lacks, leads, horizon, rows):
    made, length = table(rows, lacks, hole), 12
    for origins in (np.arange(length), np.array([2, 7, 11])):
        found = handing(made, leads).is_known(origins, horizon, length)
        assert found.tolist() == is_known_loop(made, leads, origins, horizon, length)


def test_origins_that_lack_a_column_have_no_forecast_and_are_counted():
    series = sa.Series(
        sine(0, 60), known={"promo": np.where(np.arange(70) == 45, np.nan, np.arange(70) % 3)}, missing="skip"
    )
    model = sa.AR(2, using="promo", column_lags=[0]).fit(series[:30])
    result = sa.k_step(model, series, 4)
    lost = [42, 43, 44, 45]  # within 4 steps, row 45
    assert sorted(set(range(30, 57)) - set(result.origins.tolist())) == lost
    assert any(text.startswith("4 of 55 origins have no forecast by AR(2)") for text in result.notes)
    with pytest.raises(sa.errors.InputError, match="promo is missing at row 45, which 4 steps of AR"):
        model.forecast(series, 4, origin=43)
    # A column that is read one step back takes one origin more with it.
    back = sa.AR(2, using="promo", column_lags=[0, 1]).fit(series[:30])
    assert sorted(set(range(30, 57)) - set(sa.k_step(back, series, 4).origins.tolist())) == [*lost, 46]


def test_a_column_that_ends_sooner_than_another_ends_no_walk():
    rng = np.random.default_rng(0)
    promo, price = rng.random(70), rng.random(63)
    series = sa.Series(sine(0, 60), known={"promo": promo, "price": price})
    model = sa.AR(2, using=["promo", "price"]).fit(series[:40])
    origins, errors = walk.errors_at(model, series, np.arange(40, 61), 6)
    assert origins.tolist() == list(range(40, 61))
    inside = origins[:, None] + np.arange(6) < 60
    assert (np.isfinite(errors) == inside).all()
    alone = sa.k_step(model, series, 6)
    np.testing.assert_array_equal(errors[: len(alone.origins)], alone.predictions - alone.actuals)


def test_a_hole_beyond_the_end_spoils_no_forecast_whose_targets_are_there():
    promo = sine(3, 70)
    promo[62] = np.nan
    series, whole = (sa.Series(sine(4, 60), known={"promo": column}, missing="skip") for column in (promo, sine(3, 70)))
    for model in (sa.AR(2, using="promo"), sa.AR(2, using="promo", chunk=8), sa.Regressed(sa.AR(1), weights="level")):
        fit = model.fit(series)
        with_hole, without = (walk.walk(fit, one, horizon=8) for one in (series, whole))
        assert with_hole.origins.tolist() == without.origins[: len(with_hole.origins)].tolist()
        there = with_hole.origins[:, None] + np.arange(8) < 60
        assert np.allclose(with_hole.table(8)[there], without.table(8)[: len(there)][there], rtol=1e-12)
        assert len(with_hole.origins) >= 51


def test_leads_read_beyond_the_steps_and_no_further():
    series = column_zoo.shelves()
    model = column_zoo.OneStepBehind((column_zoo.PROMO,), leads=1).fit(series[:80])
    promo = series.known.values[:, 0]
    for origin in (80, 100, 116):
        plain = column_zoo.Plain((column_zoo.PROMO,)).fit(series[:80])
        steps = walk.values_ahead(model, series, 3, origin) - walk.values_ahead(plain, series, 3, origin)
        np.testing.assert_allclose(steps, promo[origin + 1 : origin + 4], atol=1e-12)
    found = sa.k_step(model, series.closed(), 3, train=80)
    assert found.origins[-1] == 116  # row 119 is the last; 117 would read row 120
    assert sa.k_step(model, series, 3, train=80).origins[-1] == 117


# -- which columns a fit uses


def test_names_and_words_are_columns_in_the_order_in_which_they_are_named():
    series = sa.datasets.shop(100)
    names = lambda *using: [c.name for c in known_ahead.chosen(series.beside, using, "AR")]  # noqa: E731
    days = [f"weekday={day}" for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")]
    week = [c.name for c in known_ahead.chosen(series.beside, ["weekday"], "AR")]
    assert set(week) <= set(days)
    assert names("warmth", "promo") == ["warmth", "promo"]
    assert names("known") == ["promo", "holiday", *week]
    assert names("past") == ["warmth"]
    assert names("all") == ["promo", "holiday", *week, "warmth"]
    assert names("holiday", "all") == ["holiday", "promo", *week, "warmth"]
    assert names() == []
    assert known_ahead.named("promo") == ("promo",)
    assert known_ahead.named(["a", "b", "a"]) == ("a", "b")
    for bad in ([""], [3], 3, None):
        with pytest.raises(sa.errors.ParameterError):
            known_ahead.named(bad)


def test_what_does_not_change_in_training_is_left_out_with_a_note():
    series = sa.Series(sine(0, 60), known={"promo": np.arange(60) >= 50, "price": np.arange(60) % 3})
    model = sa.AR(2, using=["promo", "price"]).fit(series[:40])
    assert model.columns_ == (Column("price", "known"),)
    assert model.notes_ == ("AR(2) with price: promo: the same throughout the training part, left out",) or any(
        "promo: the same throughout the training part, left out" in text for text in model.notes_
    )
    assert sa.AR(2, using=["promo", "price"]).fit(series).columns_[0].name == "promo"


def test_a_text_that_has_a_symbol_in_every_row_leaves_its_first_out():
    words = np.array(["sun", "rain", "fog"])[np.arange(60) % 3]
    model = sa.AR(2, using="weather").fit(sa.Series(np.random.default_rng(0).normal(size=60), known={"weather": words}))
    assert [column.name for column in model.columns_] == ["weather=rain", "weather=sun"]
    assert not any("left out" in text for text in model.notes_)
    assert sa.AR(2).fit(sine(0, 60)).columns_ == ()


def test_a_panel_uses_what_any_of_its_series_has():
    one = sa.Series(sine(0, 30), known={"weather": ["sun", "rain"] * 15})
    other = sa.Series(sine(1, 30), known={"weather": ["fog", "rain"] * 15})
    found = known_ahead.on_panel((one, other), ["weather"], "AR")
    assert {column.name for column in found} == {"weather=sun", "weather=rain", "weather=fog"}
    rows = known_ahead.ahead_rows(other.beside, found, "AR")
    assert rows.sum(axis=1).tolist() == [1.0] * 30  # a symbol that is not met is 0 throughout


def test_the_columns_of_a_panel_do_not_depend_on_its_order_or_on_symbols_to_come():
    seen = [sa.Series(sine(k, 40), known={"weather": words * 20}, calendar="trend")
            for k, words in enumerate((["sun", "fog"], ["hail", "rain"]))]  # fmt: skip
    words = ["sun", "fog"] * 20 + ["hail"] * 3
    later = sa.Series(sine(0, 40), known={"weather": words}, calendar="trend")
    for model in (sa.AR(2, ridge=1.0, using="known"), sa.MLP(2, using="weather")):
        fits = [model.clone().fit(panel) for panel in (seen, seen[::-1], [later, seen[1]])]
        named = [column.name for column in fits[0].columns_ if column.name != "trend"]
        assert named == ["weather=hail", "weather=rain", "weather=sun"]
        ahead = [fit.forecast(later, 3, origin=30).tolist() for fit in fits]
        assert ahead[0] == ahead[1] == ahead[2]


# -- errors


def refused(act, code):
    with pytest.raises(sa.errors.InputError) as caught:
        act()
    assert caught.value.code == code
    return str(caught.value)


def test_an_unknown_column_is_said_with_those_that_there_are():
    series = sa.datasets.shop(100)
    has = "it has known promo, holiday, weekday and past warmth"
    for act in (
        lambda: sa.AR(7, using="promotion").fit(series),
        lambda: sa.evaluate(sa.AR(7, using="promotion"), series, 4),
    ):
        text = refused(act, "column-unknown")
        assert text == f"AR(7) uses 'promotion', which the series does not have; {has}"
    text = refused(
        lambda: sa.AR(7, using="past").fit(sa.Series(sine(0, 50), known={"a": sine(1, 50)})), "column-unknown"
    )
    assert text == "AR(7) uses the past columns; it has known a"
    bare = refused(lambda: sa.AR(7, using="promo").fit(sine(0, 50)), "column-unknown")
    assert bare.endswith("it has no other columns: give known=, past= or calendar=")
    model = sa.AR(7, using="promo").fit(series)
    for act in (lambda: model.forecast(series.values, 3), lambda: sa.k_step(model, series.values, 3)):
        assert "AR(7) uses 'promo', which the series does not have" in refused(act, "column-unknown")


def test_a_column_of_another_kind_is_said_with_how_to_give_it():
    series = sa.datasets.shop(100)
    model = sa.AR(3, using=["warmth", "promo"], chunk=5).fit(series)
    measured = sa.Series(
        series.values, past={"warmth": series.past.values[:, 0], "promo": series.known.values[:100, 0]}
    )
    text = refused(lambda: model.forecast(measured, 3), "column-kind")
    assert text.endswith("was fitted with promo as a known column, and here it is past: give it as known=")
    text = refused(lambda: model.forecast(series.foreseen("warmth"), 3), "column-kind")
    assert text.endswith("was fitted with warmth as a past column, and here it is foreseen: give it as past=")
    upper = sa.Regressed(sa.AR(3), on="warmth", weights="level").fit(series.foreseen("warmth"))
    text = refused(lambda: upper.forecast(series, 3), "column-kind")
    assert text.endswith("and here it is past: give it as foreseen, series.foreseen(..)")
    text = refused(lambda: sa.Regressed(sa.AR(7), on="warmth").fit(series), "column-kind")
    assert text == (
        "Regressed(AR(7)) with warmth needs warmth at the step that it forecasts, and warmth is past: give it to "
        "AR(.., using=, chunk=) with as many steps as are asked, or series.foreseen(..), an upper bound"
    )


@pytest.mark.parametrize("make", [
    lambda **more: sa.AR(7, using="warmth", **more),
    lambda **more: sa.Scaled(sa.AR(7, using="warmth", **more)),
    lambda **more: sa.Regressed(sa.AR(7, using="warmth", **more), on="promo", weights="level"),
])  # fmt: skip
def test_a_past_column_reaches_as_far_as_the_chunk(make):
    series = sa.datasets.shop(200)
    said = (
        "with warmth reads warmth up to the origin and feeds its own forecasts back: it forecasts 1 step, 28 were asked"
    )
    fitted = make().fit(series)
    for act in (
        lambda: sa.evaluate(make(), series, 28),
        lambda: fitted.forecast(series, 28),
        lambda: sa.k_step(fitted, series, 28, train=0),
        lambda: sa.forecast(fitted, series, 28),
    ):
        text = refused(act, "past-reach")
        assert said in text.replace("promo reads", "warmth reads") or "reads warmth up to the origin" in text
        assert text.endswith("chunk=28 forecasts each step directly")
    assert make(chunk=28).fit(series).forecast(series, 28).shape == (28,)
    assert "it forecasts 4 steps, 5 were asked" in refused(
        lambda: make(chunk=4).fit(series).forecast(series, 5), "past-reach"
    )


def test_evaluate_refuses_more_steps_than_a_past_column_reaches_before_any_fit(monkeypatch):
    fits = []
    monkeypatch.setattr(sa.AR, "_fit_panel", lambda self, panel: fits.append(self))
    refused(lambda: sa.evaluate([sa.AR(3), sa.AR(3, using="warmth")], sa.datasets.shop(200), 2), "past-reach")
    refused(lambda: sa.evaluate(sa.AR(3, using="warmth"), [sa.datasets.shop(200)] * 2, 2, keep="scores"), "past-reach")
    assert fits == []


def test_columns_that_are_known_too_short_are_said_with_the_rows_to_add():
    series = sa.datasets.shop(100, horizon=5)
    model = sa.AR(3, using="promo").fit(series)
    assert refused(lambda: model.forecast(series, 6), "known-short") == (
        "promo is known up to 2021-04-18; 6 steps of AR(3) with promo need it up to 2021-04-19: "
        "add 1 row with promo and an empty sales"
    )
    assert refused(lambda: model.forecast(series.closed(), 1), "known-short") == (
        "promo is known up to 2021-04-13, where the values end; 1 step of AR(3) with promo needs it up to 2021-04-14: "
        "add 1 row with promo and an empty sales"
    )
    bare = sa.Series(series.values, known={"promo": series.known.values[:, 0]})
    text = refused(lambda: sa.AR(3, using="promo").fit(bare).forecast(bare, 7), "known-short")
    assert "promo is known up to row 104; 7 steps of AR(3) with promo need it up to row 106: add 2 rows" in text
    assert sa.AR(3, using="weekday").fit(series).forecast(series, 60).shape == (60,)  # the calendar goes on


def test_a_hole_among_what_is_known_is_said_of_the_column_and_the_row_that_a_forecast_reads():
    price, promo = sine(1, 70), sine(2, 66)
    price[[20, 62]] = np.nan
    series = sa.Series(sine(0, 60), known={"promo": promo, "price": price}, missing="skip")
    model = sa.AR(2, using="known").fit(series)
    assert refused(lambda: model.forecast(series, 4), "column-missing") == (
        "price is missing at row 62, which 4 steps of AR(2) with promo, price need: give it, or forecast from another "
        "origin"
    )
    assert model.forecast(series, 2).shape == (2,)
    assert model.forecast(series, 3, origin=40).shape == (3,)


def test_what_is_missing_ahead_is_asked_for_as_it_can_be_given():
    foreseen = sa.datasets.shop(100).foreseen("warmth").closed()
    model = sa.AR(3, using="warmth").fit(foreseen)
    assert refused(lambda: model.forecast(foreseen, 3), "known-short").endswith(
        "what is taken as foreseen ends with the values: forecast from an origin 3 steps earlier"
    )
    assert model.forecast(foreseen, 3, origin=97).shape == (3,)
    assert refused(lambda: model.forecast(foreseen, 3, origin=98), "known-short").endswith("an origin 1 step earlier")
    days = np.array(["2024-01-01", "2024-01-02", "2024-01-04", "2024-01-09", "2024-01-10"], "M8[D]")
    uneven = sa.Series([1.0, 3.0, 2.0, 5.0, 4.0], days, calendar="weekday")
    assert refused(lambda: sa.AR(1, ridge=1.0, using="weekday").fit(uneven).forecast(uneven, 2), "known-short") == (
        "weekday is known up to 2024-01-10, where the values end; 2 steps of AR(1) with weekday need it up to row 6: "
        "the times to come cannot be told: add 2 rows with their times and an empty value"
    )
    longer = sa.Series([*uneven.values, None, None], [*days, *np.array(["2024-01-11", "2024-01-15"], "M8[D]")],
                       calendar="weekday")  # fmt: skip
    assert sa.AR(1, ridge=1.0, using="weekday").fit(longer).forecast(longer, 2).shape == (2,)


def test_members_and_windows_that_cannot_have_columns_say_what_to_type():
    series = sa.datasets.shop(100)
    for make, words in (
        (lambda: sa.Averaged([sa.AR(3, using="promo"), sa.AR(2)]), r"Regressed\(Averaged\(\[..\]\), on=..\)"),
        (lambda: sa.Scaled(sa.AR(3, using="promo"), by="window"), r'Regressed\(Scaled\(.., by="window"\), on=..\)'),
    ):
        with pytest.raises(sa.errors.ParameterError, match=words) as caught:
            make().fit(series)
        assert "AR(3) with promo uses other columns" in str(caught.value)
        with pytest.raises(sa.errors.ParameterError, match=words):
            sa.evaluate(make(), series, 4)
    for model in (sa.AR(3, using="promo"), sa.Regressed(sa.AR(3), on="promo")):
        with pytest.raises(sa.errors.ParameterError, match="split the error of the model without them"):
            sa.diagnostics.split_error(model, sa.datasets.shop, 4, seeds=range(2))


# -- models without columns


def entered(act) -> set[str]:
    """Functions of the modules of columns that are called, by name; what Python itself makes of a class is not."""
    files, found = {str(Path(module.__file__)) for module in (known_ahead, covariates)}, set()

    def noted(frame, event, argument):
        if event == "call" and frame.f_code.co_filename in files:
            found.add(frame.f_code.co_name)

    before = sys.getprofile()
    sys.setprofile(noted)
    try:
        act()
    finally:
        sys.setprofile(before)
    return found


PLAIN = {
    "AR": lambda: sa.AR(4),
    "AR auto": lambda: sa.AR("auto", horizon=4),
    "Mean": sa.baselines.Mean,
    "MLP": lambda: sa.MLP(4, training=sa.Training(epochs=1)),
    "Scaled": lambda: sa.Scaled(sa.AR(4)),
    "Differenced": lambda: sa.Differenced(sa.AR(4)),
    "Averaged": lambda: sa.Averaged([sa.AR(4), sa.AR(2)]),
    "Sampled": lambda: sa.wrappers.Sampled(sa.AR(4), n=10),
    "StateSpace": lambda: sa.StateSpace(cycles=0, local_level="walk"),
}


@pytest.mark.parametrize("make", PLAIN.values(), ids=PLAIN.keys())
def test_without_columns_no_function_of_columns_is_entered(make):
    series = sa.datasets.noisy_sine(160)
    fitted = make().fit(series[:100])
    for act in (
        lambda: sa.evaluate(make(), series, 6),
        lambda: sa.k_step(fitted, series, 6),
        lambda: fitted.forecast(series, 6),
        lambda: sa.evaluate(make(), [series, series[:120]], 6, keep="scores"),
    ):
        assert entered(act) <= {"named"}  # using= is checked like any argument


def test_the_functions_of_columns_are_seen_where_they_are_entered():
    series = sa.datasets.shop(160)
    assert {"handed", "at", "is_known"} <= entered(lambda: sa.evaluate(sa.AR(4, using="promo"), series, 6))


@pytest.mark.parametrize("make", PLAIN.values(), ids=PLAIN.keys())
def test_a_model_that_uses_no_columns_has_the_same_bits_with_them_on_the_series(make):
    series = sa.datasets.shop(160)
    bare = sa.Series(series.values, times=series.times, name="sales")
    with_columns, without = (sa.evaluate(make(), one, 6) for one in (series, bare))
    assert list(with_columns) == list(without)
    for name in without:
        assert with_columns[name].predictions.tobytes() == without[name].predictions.tobytes()
    fitted = make().fit(series[:100])
    assert fitted.forecast(series, 6).tobytes() == make().fit(bare[:100]).forecast(bare, 6).tobytes()

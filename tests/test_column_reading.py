"""Columns are put beside the values by time or by position, as pandas joins them or row by row."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import stepahead as sa
from stepahead.errors import DtypeError, InputError, ParameterError, StepaheadError

VALUES = np.array([3.0, 1.0, 4.0, 1.5, 5.0, 9.0, 2.0, 6.0, 5.5, 3.5])
DAYS = pd.date_range("2024-02-25", periods=10)


# -- by time ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("unit", ["D", "s", "ns"])
def test_columns_with_times_are_joined_as_pandas_merges_them(seed, unit):
    """Both in any order, the column before, between and beyond the values; of uneven times too."""
    random = np.random.default_rng(seed)
    every = np.datetime64("2024-01-01") + np.sort(random.choice(200, 60, replace=False))
    place = np.sort(random.choice(45, 20, replace=False))
    times, values = every[place], random.normal(size=20)
    column = pd.Series(
        random.normal(size=60),
        index=pd.DatetimeIndex(every.astype(f"datetime64[{unit}]" if unit != "D" else "datetime64[s]")),
    )
    mixed, turned = random.permutation(60), random.permutation(20)
    series = sa.Series(values[turned], times[turned], known={"x": column.iloc[mixed]}, past={"z": column.iloc[mixed]})
    wanted = pd.concat([pd.Series(values, index=times), pd.Series(np.nan, index=every[every > times[-1]])])
    joined = wanted.to_frame("y").merge(column.rename("x"), left_index=True, right_index=True, how="left")
    assert np.array_equal(series.known.values[:, 0], joined["x"])
    assert np.array_equal(series.past.values[:, 0], joined["x"][:20])
    assert np.array_equal(series.values, values)
    assert np.array_equal(series.beside.later, joined.index[20:].to_numpy())


def test_two_columns_that_end_at_different_times_are_each_known_to_their_end():
    known = {"long": pd.Series(range(15), index=pd.date_range(DAYS[0], periods=15)),
             "short": pd.Series(range(12), index=pd.date_range(DAYS[0], periods=12))}  # fmt: skip
    found = sa.Series(VALUES, DAYS, known=known).known.values
    assert found[:, 0].tolist() == list(range(15))
    assert found[:12, 1].tolist() == list(range(12))
    assert np.isnan(found[12:, 1]).all()


def test_a_day_to_come_that_a_plan_leaves_out_is_a_hole_and_not_skipped():
    """Else step 2 ahead would be handed the plan of day 3."""
    days = [*DAYS, DAYS[-1] + pd.Timedelta(days=1), DAYS[-1] + pd.Timedelta(days=3)]
    plan = pd.Series(np.arange(12.0), index=days)
    with pytest.raises(InputError, match="plan is missing at 2024-03-07"):
        sa.Series(VALUES, DAYS, known={"plan": plan})
    found = sa.Series(VALUES, DAYS, known={"plan": plan}, missing="skip")
    assert np.array_equal(found.known.values[10:, 0], [10.0, np.nan, 11.0], equal_nan=True)
    assert found.beside.later.tolist() == [DAYS[-1].to_pydatetime() + pd.Timedelta(days=ahead) for ahead in (1, 2, 3)]


@pytest.mark.parametrize(("times", "gone"), [
    (pd.date_range("2024-01-01", periods=14, freq="MS"), 11),
    (pd.date_range("2024-01-31", periods=14, freq="ME"), 12),
    (pd.date_range("2023-02-01", periods=14, freq="QS"), 11),
    (np.arange(14) * 5, 11),
    (np.arange(14) * 0.25, 12),
])  # fmt: skip
def test_so_is_a_month_or_a_number(times, gone):
    times = np.asarray(times)
    series = sa.Series(VALUES, times[:10])
    kept = np.delete(np.arange(14), gone)
    plan = pd.Series(kept * 1.0, index=times[kept])
    found = sa.Series(series, known={"plan": plan}, missing="skip")
    assert found.known.values[:, 0].tolist()[:gone] == list(range(gone))
    assert np.isnan(found.known.values[gone, 0])
    assert np.array_equal(found.beside.later, times[10:])


def test_times_to_come_that_are_no_steps_of_the_values_stay_as_they_are():
    """Noon is no day of the values; and after uneven times nobody can tell which are left out."""
    noon = pd.Series(np.arange(11.0), index=[*DAYS, DAYS[-1] + pd.Timedelta(hours=12)])
    assert len(sa.Series(VALUES, DAYS, known={"plan": noon}).beside.later) == 1
    uneven = DAYS[[0, 1, 3, 4, 5, 6, 7, 8, 9]]
    plan = pd.Series(np.arange(12.0), index=[*uneven, *(DAYS[-1] + pd.Timedelta(days=day) for day in (3, 10, 17))])
    assert len(sa.Series(VALUES[:9], uneven, known={"plan": plan}).beside.later) == 3


@pytest.mark.parametrize(("drop", "said"), [
    ([3], "known column p has no row for 2024-02-28"),
    ([3, 5, 9], "known column p has no row for 2024-02-28 and 2 more of the times of the series"),
    (list(range(10)), "known column p has no rows"),
])  # fmt: skip
def test_a_time_of_the_series_that_a_column_lacks_is_named(drop, said):
    with pytest.raises(InputError) as caught:
        sa.Series(VALUES, DAYS, known={"p": pd.Series(np.arange(10.0), index=DAYS).drop(DAYS[drop])})
    assert str(caught.value) == said


@pytest.mark.parametrize(("index", "said"), [
    (pd.DatetimeIndex([*DAYS, DAYS[3]]), "2024-02-28 is at row 3 and again at row 10"),
    (DAYS.tz_localize("UTC"), "give both a zone, or neither"),
    (pd.Index(np.arange(10.0) + 5), "times of different kinds"),
])  # fmt: skip
def test_times_that_cannot_be_joined_are_refused(index, said):
    with pytest.raises(InputError, match=said):
        sa.Series(VALUES, DAYS, known={"p": pd.Series(np.arange(len(index)) ** 0.5, index=index)})


def test_columns_in_utc_follow_a_zone_and_zoned_times_are_joined_across_zones():
    hours = pd.date_range("2024-03-30 20:00", periods=10, freq="h")
    for index in (hours, hours.tz_localize("UTC")):
        found = sa.Series(VALUES, index, known={"p": pd.Series(np.arange(10) % 4, index=index)}, zone="Europe/Berlin")
        assert found.known.values[:, 0].tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1]
    berlin, tokyo = (hours.tz_localize("UTC").tz_convert(zone) for zone in ("Europe/Berlin", "Asia/Tokyo"))
    found = sa.Series(VALUES, berlin, known={"p": pd.Series(np.arange(10) % 4, index=tokyo)[::-1]})
    assert found.known.values[:, 0].tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1]


# -- by position ------------------------------------------------------------------------------------------------------

HOLDERS = {
    "list": list, "tuple": tuple, "numpy": np.array, "pandas": pd.Series, "polars": pl.Series, "pyarrow": pa.array,
    "column of a matrix": lambda items: np.array(items)[:, None],
}  # fmt: skip


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("times", [None, DAYS, np.arange(10)])
def test_without_times_a_column_stands_by_its_rows(holder, times):
    given = [0.5, 1.0, -2.0, 3.0, 4.0, 7.0, 1.0, 0.0, 2.0, 2.5, 8.0, 9.0]
    found = sa.Series(VALUES, times, known={"p": HOLDERS[holder](given)}, past={"q": HOLDERS[holder](given[:10])})
    assert found.known.values[:, 0].tolist() == given
    assert found.past.values[:, 0].tolist() == given[:10]
    assert not found.notes, "no row lacks a value: the column goes on"


def test_rows_move_with_their_values_when_these_are_sorted():
    turned = np.random.default_rng(0).permutation(10)
    found = sa.Series(VALUES[turned], DAYS[turned], known={"p": turned}, past={"q": turned * 2})
    assert found.known.values[:, 0].tolist() == list(range(10))
    assert found.past.values[:, 0].tolist() == list(range(0, 20, 2))
    longer = sa.Series(VALUES[::-1], DAYS[::-1], known={"p": [*range(9, -1, -1), 10, 11]})
    assert longer.known.values[:, 0].tolist() == list(range(12)), "what is to come stays behind the last"


@pytest.mark.parametrize(("columns", "said"), [
    ({"past": {"heat": range(9)}}, "past column heat has 9 rows for 10 values and no times to tell which are missing"),
    ({"known": {"p": []}}, "known column p has 0 rows for 10 values and no times to tell which are missing"),
])  # fmt: skip
def test_a_column_that_is_too_short_is_refused(columns, said):
    columns = {kind: {name: list(column) for name, column in named.items()} for kind, named in columns.items()}
    for times in (None, DAYS):
        with pytest.raises(InputError) as caught:
            sa.Series(VALUES, times, **columns)
        assert str(caught.value) == said


def test_more_rows_than_values_need_times_that_can_be_told():
    uneven = DAYS[0] + pd.to_timedelta(np.cumsum([1, 3, 1, 7, 2, 9, 1, 1, 4, 1]), "D")
    with pytest.raises(InputError, match="what is known ahead has 2 rows more than the values, and no times of them"):
        sa.Series(VALUES, uneven, known={"p": np.arange(12.0)})
    by_time = pd.Series(np.arange(11.0), index=pd.date_range(DAYS[0], periods=11))
    with pytest.raises(InputError, match="some columns go on by their times and others by position"):
        sa.Series(VALUES, DAYS, known={"p": np.arange(13.0), "q": by_time})


# -- the rows at the end, holes, the grid ------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [[*VALUES[:7], None, np.nan, None], [*"abcabca", None, None, None]])
def test_rows_at_the_end_without_a_value_are_the_future(values):
    found = sa.Series(values, DAYS, known={"p": list(range(10)), "w": list("xyxyxyxyxy")}, past={"q": np.arange(10)})
    assert (len(found), found.beside.beyond) == (7, 3)
    assert found.known.values[:, 0].tolist() == list(range(10))
    assert found.past.values[:, 0].tolist() == list(range(7))
    assert found.beside.later.tolist() == DAYS[7:].to_pydatetime().tolist()
    assert found.notes == (
        "the last 3 rows have no value: they are the future of p, w",
        "past columns were cut off where the values end: q",
    )


def test_one_row_at_the_end_and_a_calendar_alone_are_told_as_such():
    assert sa.Series([1.0, 2.5, None], known={"p": [0, 1, 1]}).notes == (
        "the last row has no value: it is the future of p",
    )
    assert sa.Series([*VALUES[:8], None, None], DAYS, calendar="weekday").notes == (
        "the last 2 rows have no value: they are the future",
    )


def test_past_columns_longer_than_the_values_are_cut_off_and_noted():
    uneven = pd.DatetimeIndex(["2024-01-01", "2024-01-02", "2024-01-06"])
    for times in (None, uneven):  # no times to come are needed for them
        found = sa.Series([1.0, 2.0, 4.0], times, past={"q": [1, 2, 3, 4], "r": [3, 2, 1]})
        assert found.past.values.tolist() == [[1.0, 3.0], [2.0, 2.0], [3.0, 1.0]]
        assert found.beside.beyond == 0
        assert "past columns were cut off where the values end: q" in found.notes
    both = sa.Series([1.0, 2.0, None], past={"q": [1, 2, 3, 4]}, known={"p": [0, 1, 0, 1]})
    assert both.notes == (
        "past columns were cut off where the values end: q",
        "the last 2 rows have no value: they are the future of p",
    )
    assert both.known.values[:, 0].tolist() == [0.0, 1.0, 0.0, 1.0]


def test_leading_values_that_are_missing_are_cut_off_with_their_columns():
    found = sa.Series([None, None, *VALUES[2:8], None, None], DAYS, missing="skip", known={"p": np.arange(10)},
                      past={"q": np.arange(10)}, calendar="trend")  # fmt: skip
    assert found.known.values.tolist() == [[t, t - 2] for t in range(2, 10)]
    assert found.past.values[:, 0].tolist() == list(range(2, 8))
    assert np.array_equal(found.values, VALUES[2:8])


def test_on_a_grid_with_gaps_each_column_is_in_its_place():
    kept = [0, 1, 2, 3, 5, 6, 9]
    by_row = np.array(kept) * 10.0
    by_time = pd.Series(np.arange(12.0) * 10, index=pd.date_range(DAYS[0], periods=12))
    known = {"r": [*by_row, 100, 110], "t": by_time}
    found = sa.Series(VALUES[kept], DAYS[kept], every="1D", missing="skip", known=known, calendar="trend")
    expected = [[10.0 * t if t in kept or t > 9 else np.nan, 10.0 * t, t] for t in range(12)]
    assert np.array_equal(found.known.values, expected, equal_nan=True), "a plan has the days that the values lack"
    assert found.beside.beyond == 2
    with pytest.raises(InputError, match="times are missing with every='1D'"):
        sa.Series(VALUES[kept], DAYS[kept], every="1D", known={"t": by_time})


@pytest.mark.parametrize("kind", ["known", "past"])
def test_a_hole_is_named_by_its_time_or_kept(kind):
    column = [1.0, 2.0, None, 4.0, np.nan, 6.0, 7.0, 8.0, 9.0, 1.0]
    for times, where in ((DAYS, "2024-02-27"), (None, "row 2")):
        with pytest.raises(InputError) as caught:
            sa.Series(VALUES, times, **{kind: {"heat": column}})
        assert str(caught.value) == f'heat is missing at {where}; missing="skip" leaves such windows out'
        assert (caught.value.column, caught.value.position, caught.value.count) == ("heat", 2, 2)
    found = getattr(sa.Series(VALUES, DAYS, missing="skip", **{kind: {"heat": column}}), kind)
    assert np.array_equal(found.values[:, 0], np.array(column, dtype=float), equal_nan=True)


def test_a_hole_in_what_is_to_come_is_one_and_the_end_of_a_column_is_none():
    plan = [0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, None, 1, None]
    with pytest.raises(InputError, match="plan is missing at 2024-03-07"):
        sa.Series(VALUES, DAYS, known={"plan": plan})
    assert sa.Series(VALUES, DAYS, known={"plan": [*plan[:11], None, None]}).beside.beyond == 3


# -- what a column may hold --------------------------------------------------------------------------------------------

HELD = {
    "whole numbers": (np.arange(10, dtype=np.int8), np.arange(10.0)),
    "truth values": (np.arange(10) % 2 == 0, [1.0, 0.0] * 5),
    "python truth values": ([True, False] * 5, [1.0, 0.0] * 5),
    "truth values as objects": (np.array([True, False] * 5, dtype=object), [1.0, 0.0] * 5),
    "truth values as text": (["true", "False", "TRUE", "false", "true"] * 2, [1.0, 0.0, 1.0, 0.0, 1.0] * 2),
    "truth values of pandas": (pd.Series([True, False] * 5, dtype="boolean"), [1.0, 0.0] * 5),
    "decimals": ([Decimal("1.25"), Decimal(2)] * 5, [1.25, 2.0] * 5),
    "small floats": (np.arange(10, dtype=np.float32) / 4, np.arange(10) / 4),
}  # fmt: skip


@pytest.mark.parametrize("kind", HELD)
def test_numbers_of_any_kind_are_numbers(kind):
    given, expected = HELD[kind]
    found = sa.Series(VALUES, known={"x": given}).known
    assert (found.names, found.values[:, 0].tolist()) == (("x",), list(expected))


@pytest.mark.parametrize("given", [
    ["sun", "rain", "sun", "snow", "rain"] * 2,
    pd.Series(["sun", "rain", "sun", "snow", "rain"] * 2, dtype="category"),
    np.array(["sun", "rain", "sun", "snow", "rain"] * 2),
    pl.Series(["sun", "rain", "sun", "snow", "rain"] * 2),
])  # fmt: skip
def test_text_has_a_column_for_each_symbol(given):
    found = sa.Series(VALUES, known={"weather": given}).known
    words = list(given)
    assert set(found.names) == {"weather=rain", "weather=snow", "weather=sun"}
    for name, column in zip(found.names, found.values.T, strict=True):
        assert column.tolist() == [float(word == name.partition("=")[2]) for word in words]
    assert found.asked() == ("weather",)


def test_a_symbol_that_is_missing_is_missing_in_each_of_its_columns():
    found = sa.Series(VALUES, known={"w": ["a", None, "b", *"ababaab"]}, missing="skip").known
    assert np.isnan(found.values[1]).all()
    assert not np.isnan(np.delete(found.values, 1, axis=0)).any()
    truth = sa.Series(VALUES, known={"w": ["true", None, *["false"] * 8]}, missing="skip").known
    assert np.array_equal(truth.values[:3, 0], [1.0, np.nan, 0.0], equal_nan=True)


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, pa.table, pl.LazyFrame])
def test_a_frame_is_its_columns(frame):
    found = sa.Series(VALUES, known=frame({"a": range(10), "促销 é": list("xy" * 5)}), past=frame({"b": VALUES**2}))
    assert found.known.names == ("a", "促销 é=x", "促销 é=y")
    assert np.array_equal(found.past.values[:, 0], VALUES**2)


def test_columns_that_nobody_named_are_called_by_their_number():
    found = sa.Series(VALUES, known=pd.DataFrame(np.arange(24).reshape(12, 2) % 5))
    assert (found.known.names, found.known.values[1].tolist()) == (("0", "1"), [2.0, 3.0])


WRONG = {
    "columns called the same": (pd.DataFrame(np.ones((10, 2)), columns=["a", "a"]), InputError, "cannot be read"),
    "a series": (pd.Series(VALUES), InputError, "takes {name: column} or a data frame; found 'Series'"),
    "a list": (["promo"], InputError, "takes {name: column} or a data frame; found 'list'"),
    "one number": ({"x": 3}, InputError, "known column x is one 3: give one value a row"),
    "a word": ({"x": "abc"}, DtypeError, "known column x: "),
    "a matrix": ({"x": np.ones((10, 2))}, InputError, "known column x: a series is one column"),
    "dates": ({"x": DAYS.to_numpy()}, DtypeError, "known column x: dates are not values"),
    "numbers as text": ({"x": ["1", "2"] * 5}, StepaheadError, "known column x: "),
    "numbers among text": ({"x": ["a", 1] * 5}, DtypeError, "known column x: row 1 is 1"),
    "infinity": ({"x": [1.0] * 9 + [np.inf]}, InputError, "known column x is infinite at row 9"),
    "a word of ours": ({"known": range(10)}, ParameterError, "none of known, past, all"),
    "an equals sign": ({"a=b": range(10)}, ParameterError, 'a name without "=", "," and control characters'),
    "a comma": ({"a,b": range(10)}, ParameterError, 'a name without "="'),
    "no name": ({" ": range(10)}, ParameterError, 'a name without "="'),
    "a bell": ({"a\x07": range(10)}, ParameterError, r"column='a\\u0007' is not allowed"),
    "a turn of the text": ({"a\u202eb": range(10)}, ParameterError, r"column='a\\u202eb' is not allowed"),
    "the series": ({"x": VALUES}, InputError, "known column x is the series itself$"),
    "the next value": ({"x": [*VALUES[1:], 0.0]}, InputError, "the series itself, one step on: it is not known then"),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_what_cannot_be_a_column_is_refused_by_its_name(kind):
    known, error, said = WRONG[kind]
    with pytest.raises(error, match=said.replace("{", r"\{").replace("}", r"\}")):
        sa.Series(VALUES, known={name: list(one) if isinstance(one, range) else one for name, one in known.items()}
                  if isinstance(known, dict) else known)  # fmt: skip


def test_the_series_with_a_hole_is_still_the_series():
    holed = VALUES.copy()
    holed[4] = np.nan
    with pytest.raises(InputError, match="known column x is the series itself"):
        sa.Series(VALUES, known={"x": holed}, missing="skip")
    assert len(sa.Series(VALUES, past={"x": VALUES}).past) == 1, "as a past column it is one more measurement"
    assert len(sa.Series(np.ones(10), known={"x": np.ones(10)}).known) == 1, "what never changes tells nothing"


@pytest.mark.parametrize(("noise", "is_told"), [(0.01, True), (1.0, False)])
def test_a_known_column_that_moves_with_the_values_is_asked_about(noise, is_told):
    random = np.random.default_rng(0)
    values = random.normal(size=200)
    column = -3 * values + noise * random.normal(size=200)
    notes = sa.Series(values, known={"demand": column}).notes
    told = np.corrcoef(values, column)[0, 1]
    expected = f"known column demand moves with the values (correlation {told:.4f}): is demand planned, or measured?"
    assert notes == ((expected,) if is_told else ())


@pytest.mark.parametrize("columns", [
    {"known": {"p": range(10)}, "past": {"p": range(10)}},
    {"known": {"weekday": range(10)}, "calendar": "weekday"},
])  # fmt: skip
def test_two_columns_are_not_called_the_same(columns):
    columns = {kind: {name: list(one) for name, one in given.items()} if isinstance(given, dict) else given
               for kind, given in columns.items()}  # fmt: skip
    with pytest.raises(ParameterError, match="names that differ"):
        sa.Series(VALUES, DAYS, **columns)


# -- a series given again ----------------------------------------------------------------------------------------------


def first() -> sa.Series:
    return sa.Series(VALUES, DAYS, known={"p": np.arange(13) % 4, "w": list("xyz" * 4)}, past={"q": VALUES**2},
                     calendar="weekend")  # fmt: skip


def test_a_series_given_again_keeps_its_columns():
    again, before = sa.Series(first()), first()
    assert again.known.names == before.known.names
    assert np.array_equal(again.known.values, before.known.values, equal_nan=True)
    assert np.array_equal(again.past.values, before.past.values)
    assert again.beside.later.tolist() == before.beside.later.tolist()
    assert np.array_equal(sa.Series(first()[2:7]).known.values, before[2:7].known.values, equal_nan=True)
    seen = before.foreseen("q").known
    columns = [column for group in seen.asked() for column in seen.columns(group)]
    assert np.array_equal(sa.Series(first().foreseen("q")).known.rows(columns), seen.values, equal_nan=True)
    bare = sa.Series(VALUES, known={"p": np.arange(12), "r": np.arange(12) % 5})
    assert np.array_equal(sa.Series(bare).known.values, bare.known.values)


def test_columns_given_again_take_the_place_of_those_of_the_same_name():
    again = sa.Series(first(), known={"p": np.arange(13) * 2.0, "new": np.arange(13) % 5}, calendar="trend")
    assert again.known.asked() == ("w", "p", "new", "weekend", "trend")
    assert np.array_equal(again.known.rows(again.known.columns("p"))[:, 0], np.arange(13) * 2.0)
    moved = sa.Series(first(), past={"p": np.arange(10.0)})
    assert (moved.known.asked(), moved.past.asked()) == (("w", "weekend"), ("q", "p"))


def test_times_given_again_move_the_columns_along():
    again = sa.Series(first(), times=pd.date_range("2023-07-01", periods=10))
    assert np.array_equal(again.known.values[:, 0], np.arange(13) % 4)
    assert again.beside.later.tolist() == pd.date_range("2023-07-11", periods=3).to_pydatetime().tolist()
    assert again.known.values[:3, -1].tolist() == [1.0, 1.0, 0.0], "1 July 2023 was a Saturday"

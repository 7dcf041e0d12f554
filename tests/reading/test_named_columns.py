"""The columns beside the values in a file or frame: found by name, read as the values are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import stepahead as sa
from stepahead.errors import InputError, ParameterError
from stepahead.reading.named_columns import check_apart, names_of

HEAD = ["day", "sold", "promo", "price", "a,b"]
ROWS, AHEAD = 20, 5


@pytest.mark.parametrize(("known", "past", "expected"), [
    ("promo,price", None, (["promo", "price"], [])),
    (" promo , price ", ["sold"], (["promo", "price"], ["sold"])),
    ("a,b", None, (["a,b"], [])),
    (("promo",), "", (["promo"], [])),
    (None, [], ([], [])),
])  # fmt: skip
def test_names_are_text_with_commas_or_a_list(known, past, expected):
    assert tuple(names_of(HEAD, known, past).values()) == expected


@pytest.mark.parametrize(("known", "past", "kind", "said"), [
    ("promo,prices", None, InputError, "there is no column 'prices'.*did you mean 'price'"),
    ("promo,", None, InputError, "there is no column ''"),
    ("promo", "promo", ParameterError, "a column is known, or past, and not both"),
    ("promo,promo", None, ParameterError, "named once"),
    (3, None, ParameterError, "text with commas, or a list"),
    ([3], None, ParameterError, "the name of a column"),
])  # fmt: skip
def test_names_that_there_are_not_or_twice_are_refused(known, past, kind, said):
    with pytest.raises(kind, match=said):
        names_of(HEAD, known, past)


def test_a_column_is_nothing_else_besides():
    check_apart({"known": ["promo"], "past": []}, value="sold", time=["day", "hour"], id=None)
    for word, used in (("value", "promo"), ("time", ["day", "promo"]), ("id", ["promo"])):
        with pytest.raises(ParameterError, match=f"a column other than {word}="):
            check_apart({"known": ["promo"], "past": []}, **{word: used})


# -- through the readers ----------------------------------------------------------------------------------------------


def store() -> pd.DataFrame:
    """Twenty days and five to come, with columns of all kinds."""
    random, rows = np.random.default_rng(3), ROWS + AHEAD
    frame = pd.DataFrame({
        "day": pd.date_range("2024-02-20", periods=rows),
        "sold": random.normal(100, 10, rows).round(2),
        "promo": random.random(rows) < 0.4,
        "price": random.normal(1200, 100, rows).round(2),
        "visits": random.integers(0, 50, rows),
        "weather": random.choice(["rain", "sun", "snow"], rows),
        "heat": random.normal(15, 5, rows).round(1),
    })  # fmt: skip
    frame.loc[ROWS:, ["sold", "heat"]] = np.nan
    return frame


def by_hand(frame: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    """The columns known ahead, cell by cell."""
    names = ["promo", "price", "visits", *(f"weather={word}" for word in sorted(set(frame["weather"])))]
    rows = []
    for _, row in frame.iterrows():
        words = [float(row["weather"] == name.partition("=")[2]) for name in names[3:]]
        rows.append([float(row["promo"]), float(row["price"]), float(row["visits"]), *words])
    return names, np.array(rows)


def as_csv(frame, path, **how):
    frame.to_csv(path, index=False, **how)
    return path


SOURCES = {
    "csv": lambda frame, folder: (as_csv(frame, folder / "f.csv"), {}),
    "semicolons and decimal commas": lambda frame, folder: (
        as_csv(frame, folder / "f.csv", sep=";", decimal=","), {"decimal": ","}
    ),
    "parquet": lambda frame, folder: (frame.to_parquet(folder / "f.parquet") or folder / "f.parquet", {}),
    "pandas": lambda frame, folder: (frame, {}),
    "polars": lambda frame, folder: (pl.from_pandas(frame), {}),
    "pyarrow": lambda frame, folder: (pa.Table.from_pandas(frame), {}),
    "an index that means nothing": lambda frame, folder: (frame.set_index(np.arange(len(frame))[::-1] * 7), {}),
}  # fmt: skip


@pytest.mark.parametrize("kind", SOURCES)
def test_whatever_holds_them_the_columns_are_the_same(tmp_path, kind):
    frame = store()
    source, how = SOURCES[kind](frame, tmp_path)
    found = sa.read(source, "sold", "day", known="promo,price,visits,weather", past=["heat"], calendar="weekend", **how)
    names, expected = by_hand(frame)
    assert found.known.names == (*names, "weekend")
    assert np.array_equal(found.known.values[:, :-1], expected)
    assert np.array_equal(found.known.values[:, -1], [day.weekday() >= 5 for day in frame["day"]])
    assert np.array_equal(found.past.values[:, 0], frame["heat"][:ROWS])
    assert np.array_equal(found.values, frame["sold"][:ROWS])
    assert (len(found), found.beside.beyond) == (ROWS, AHEAD)
    assert found.notes == ("the last 5 rows have no value: they are the future of promo, price, visits, weather",)


def test_the_index_of_a_frame_is_its_times_and_rows_in_any_order_keep_their_columns():
    frame = store().set_index("day")
    mixed = frame.iloc[np.random.default_rng(0).permutation(len(frame))]
    found = sa.read(mixed, "sold", known=["price"], past="heat")
    assert np.array_equal(found.known.values[:, 0], frame["price"])
    assert np.array_equal(found.past.values[:, 0], frame["heat"][:ROWS])
    assert np.array_equal(found.beside.later, frame.index[ROWS:].to_numpy())


def test_what_is_named_is_no_candidate_for_the_values(tmp_path):
    path = as_csv(store()[["day", "sold", "promo", "heat"]], tmp_path / "f.csv")
    assert sa.read(path, time="day", known="promo", past="heat").name == "sold"
    with pytest.raises(InputError, match=r"which column.* the columns are 'sold', 'heat'"):
        sa.read(path, time="day", known="promo")


def test_an_empty_value_is_the_future_at_the_end_alone(tmp_path):
    frame = store()
    frame.loc[4, "sold"] = np.nan
    path = as_csv(frame, tmp_path / "f.csv")
    with pytest.raises(InputError, match="1 of 20 values of 'sold' are missing, the first at 2024-02-24"):
        sa.read(path, "sold", "day", known="promo")
    found = sa.read(path, "sold", "day", known="promo", missing="skip")
    assert (len(found), found.beside.beyond, np.isnan(found.values).sum()) == (ROWS, AHEAD, 1)
    with pytest.raises(InputError, match="6 of 25 values"):
        sa.read(path, "sold", "day")


def test_a_cell_that_is_no_number_has_its_line(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("day,y,p\n2024-01-01,1,1\n2024-01-02,2,2\n2024-01-03,3,x\n2024-01-04,4,4\n")
    with pytest.raises(InputError, match="column 'p', line 4: 'x' is not a number"):
        sa.read(path, "y", "day", known="p")


def test_what_is_unclear_in_a_column_is_noted_and_its_symbols_are_not(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("day,y,p,w\n" + "".join(f"2024-01-0{d},{d}.5,0{d % 3},{'ab'[d % 2]}\n" for d in range(1, 8)))
    with pytest.warns(sa.errors.StepaheadWarning) as caught:
        sa.read(path, "y", "day", known="p,w")
    assert [str(one.message)[:22] for one in caught] == ["column 'p', line 2: '0"]


def test_a_sound_has_no_columns_but_a_trend(tmp_path):
    path = tmp_path / "s.wav"
    from stepahead.datasets import _data

    path.write_bytes(_data("speech.wav"))
    with pytest.raises(InputError, match="is a WAV file: it has no columns"):
        sa.read(path, known="promo")
    assert sa.read(path, calendar="trend").known.names == ("trend",)


# -- many series ------------------------------------------------------------------------------------------------------


def many() -> pd.DataFrame:
    """Three stores; b ends two days later, c has another price list."""
    parts = []
    for place, name in enumerate("abc"):
        part = store().assign(store=name)
        part["sold"] += place
        part["price"] += 100 * place
        parts.append(part.iloc[: ROWS + AHEAD - 2] if name != "b" else part)
    return pd.concat(parts).sample(frac=1, random_state=0)


@pytest.mark.parametrize("kind", ["csv", "pandas", "polars"])
def test_each_series_of_a_long_table_has_its_own_columns_and_its_own_future(tmp_path, kind):
    frame = many()
    source, _ = SOURCES[kind](frame, tmp_path)
    panel = sa.read_panel(source, "sold", "day", "store", known="price,weather", past="heat", calendar="weekend")
    assert {series.name: series.beside.beyond for series in panel} == {"a": 3, "b": 5, "c": 3}
    for series in panel:
        own = frame[frame["store"] == series.name].sort_values("day")
        alone = sa.read(own, "sold", "day", known="price,weather", past="heat", calendar="weekend")
        assert np.array_equal(series.known.rows(alone.known.columns("price")), alone.known.values[:, :1])
        for column in alone.known.columns("weather"):
            assert np.array_equal(series.known.rows([column]), alone.known.rows([column]))
        assert np.array_equal(series.past.values, alone.past.values)
        assert np.array_equal(series.beside.later, alone.beside.later)


@pytest.mark.parametrize("kind", ["csv", "pandas"])
@pytest.mark.parametrize(("bad", "said"), [
    ("cheap", "'cheap'"), (None, "price is missing at 2024-02-22"),
])  # fmt: skip
def test_a_series_with_a_bad_column_costs_no_other(tmp_path, kind, bad, said):
    frame = many().astype({"price": object})
    frame.loc[(frame["store"] == "b") & (frame["day"] == "2024-02-22"), "price"] = bad
    source, _ = SOURCES[kind](frame, tmp_path)
    panel = sa.read_panel(source, "sold", "day", "store", known="price", past="heat")
    assert sorted(series.name for series in panel) == ["a", "c"]
    assert said in panel.refused["b"]
    clean = sa.read_panel(many(), "sold", "day", "store", known="price", past="heat")
    for series in panel:
        same = next(one for one in clean if one.name == series.name)
        assert np.array_equal(series.known.values, same.known.values)


def test_columns_of_another_kind_than_those_of_most_are_set_aside(tmp_path):
    """More bad series than are left out one by one: each is then read by itself."""
    parts = [f"{name},{day},{day % 5},{'x' if name in 'uvwxy' else day % 3}\n" for name in "abcdefguvwxy"
             for day in range(1, 9)]  # fmt: skip
    (tmp_path / "f.csv").write_text("id,t,y,p\n" + "".join(parts))
    panel = sa.read_panel(tmp_path / "f.csv", "y", "t", "id", known="p")
    assert [series.name for series in panel] == list("abcdefg")
    assert set(panel.refused) == set("uvwxy")
    assert all(np.array_equal(series.known.values[:, 0], np.arange(1, 9) % 3) for series in panel)


def test_a_panel_refuses_what_a_series_refuses():
    for columns in ({"known": "store"}, {"past": "day"}, {"known": "sold"}):
        with pytest.raises(ParameterError, match="which it is already"):
            sa.read_panel(many(), "sold", "day", "store", **columns)
    with pytest.raises(ParameterError, match="calendar must be"):
        sa.read_panel(many(), "sold", "day", "store", calendar="wekday")
    with pytest.raises(TypeError, match="unexpected keyword argument 'knew'"):
        sa.read_panel(many(), "sold", "day", "store", knew="price")

"""A long table: series are told apart as they are, and one that cannot be read costs no other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import stepahead as sa

FRAMES = {"pandas": pd.DataFrame, "polars": lambda columns: pl.DataFrame(columns, strict=False)}


def table(**columns):
    return pd.DataFrame(columns)


def by_name(panel) -> dict[str, list[float]]:
    return {series.name: series.values.tolist() for series in panel}


def test_several_columns_tell_series_apart(run, tmp_path):
    frame = table(
        store=[1, 1, 2, 1, 1, 2], family=["A", "B", "A"] * 2, day=[1, 1, 1, 2, 2, 2], y=[1.0, 10, 100, 2, 20, 200]
    )
    frame.to_csv(tmp_path / "f.csv", index=False)
    expected = {"1/A": [1.0, 2.0], "1/B": [10.0, 20.0], "2/A": [100.0, 200.0]}
    for source in (frame, pl.from_pandas(frame), tmp_path / "f.csv"):
        for ids in ("store,family", ["store", "family"]):
            assert by_name(sa.read_panel(source, "y", "day", ids)) == expected
    with pytest.raises(sa.errors.InputError, match='id="store,family"'):
        sa.read_panel(frame.query("store == 1"), "y", "day", "store")
    typed = ["forecast", tmp_path / "f.csv", "--value", "y", "--time", "day", "--horizon", 1, "--models", "naive"]
    code, out, _ = run(*typed, "--id", "store,family")
    assert (code, out.splitlines()[1:]) == (0, ["1/A,1,3,2.0", "1/B,1,3,20.0", "2/A,1,3,200.0"])
    code, _, err = run(*typed)
    assert code == 3
    assert "--id store" in err


def test_ids_that_join_alike_are_kept_apart():
    frame = table(a=["x/y", "x", "x/y", "x"], b=["z", "y/z"] * 2, t=[1, 1, 2, 2], y=[1.0, 2, 3, 4])
    assert sorted(by_name(sa.read_panel(frame, "y", "t", ["a", "b"])).values()) == [[1.0, 3.0], [2.0, 4.0]]


def test_blanks_behind_ids_and_kinds_of_ids_tell_them_apart(tmp_path):
    (tmp_path / "f.csv").write_text("s,t,y\na,1,1\na ,1,2\na,2,3\na ,2,4\n")
    with pytest.warns(sa.errors.StepaheadWarning, match="differ only in blanks are kept apart, such as 'a '"):
        assert by_name(sa.read_panel(tmp_path / "f.csv", "y", "t", "s")) == {"a": [1.0, 3.0], "a ": [2.0, 4.0]}
    (tmp_path / "f.csv").write_text("s,t,y\na , 1,1\n b,1,2\na ,2,3\n b,2,4\n")  # padding alone is none
    assert by_name(sa.read_panel(tmp_path / "f.csv", "y", "t", "s")) == {"a": [1.0, 3.0], "b": [2.0, 4.0]}
    mixed = pd.DataFrame({"s": [1, 1.0, "1"] * 2, "t": [1, 1, 1, 2, 2, 2], "y": [1.0, 2, 3, 4, 5, 6]}, dtype=object)
    assert by_name(sa.read_panel(mixed, "y", "t", "s")) == {"1": [1.0, 4.0], "1.0": [2.0, 5.0], "'1'": [3.0, 6.0]}
    plain = table(s=[1.0, 2.0, 1.0, 2.0], t=[1, 1, 2, 2], y=[1.0, 2, 3, 4])
    assert list(by_name(sa.read_panel(plain, "y", "t", "s"))) == ["1", "2"]
    truths = pd.DataFrame({"s": [True, 1, True, 1], "t": [1, 1, 2, 2], "y": [1.0, 2, 3, 4]}, dtype=object)
    assert len(sa.read_panel(truths, "y", "t", "s")) == 2


ROWS = "a,2024-01-01,1\na,2024-01-02,2\n{}c,2024-01-01,5\nc,2024-01-02,6\nd,2024-01-01,7\nd,2024-01-02,8\n"
BAD = {
    "a cell": ("b,2024-01-01,3\nb,2024-01-02,x\n", "line 5: 'x' is not a number"),
    "all cells": ("b,2024-01-01,x\nb,2024-01-02,z\n", "line 4: 'x' is not a number"),
    "another decimal mark": ('b,2024-01-01,"1,5"\nb,2024-01-02,"2,5"\n', "line 4: '1,5'"),
    "a kind of time": ("b,1,3\nb,2,4\n", "line 4: '1' is not a time like the others"),
    "no time": ("b,,3\nb,2024-01-02,4\n", "time is missing"),
    "a zone": ("b,2024-01-01T00:00Z,3\nb,2024-01-02T00:00Z,4\n", "another kind"),
    "a time twice": ("b,2024-01-01,3\nb,2024-01-01,4\n", "again at row 1"),
    "a value that is missing": ("b,2024-01-01,3\nb,2024-01-02,#N/A\n", "1 of 2 values of 'b' are missing"),
    "infinite": ("b,2024-01-01,3\nb,2024-01-02,inf\n", "infinite"),
}


@pytest.mark.parametrize("kind", BAD)
def test_one_bad_series_costs_no_other(run, tmp_path, kind):
    rows, says = BAD[kind]
    (tmp_path / "f.csv").write_text("s,t,y\n" + ROWS.format(rows))
    panel = sa.read_panel(tmp_path / "f.csv", "y", "t", "s")
    assert by_name(panel) == {"a": [1.0, 2.0], "c": [5.0, 6.0], "d": [7.0, 8.0]}
    assert list(panel.refused) == ["b"]
    assert says in panel.refused["b"]
    code, out, err = run(
        "forecast", tmp_path / "f.csv", "--value", "y", "--time", "t", "--id", "s", "--horizon", 1, "--models", "naive"
    )
    assert code == 6
    assert [line.split(",")[0] for line in out.splitlines()[1:]] == ["a", "c", "d"]
    assert "1 of 4 series failed, the first 'b'" in err


def test_an_id_that_is_missing_costs_its_rows_alone(run, tmp_path):
    (tmp_path / "f.csv").write_text("s,t,y\na,1,1\n,1,9\na,2,2\n  ,2,9\nb,1,3\nb,2,4\n")
    panel = sa.read_panel(tmp_path / "f.csv", "y", "t", "s")
    assert by_name(panel) == {"a": [1.0, 2.0], "b": [3.0, 4.0]}
    assert panel.refused == {"": "column 's', line 3: the id is missing (2 rows)"}
    for gone in (None, np.nan, pd.NA, pd.NaT):
        frame = pd.DataFrame({"s": ["a", gone, "a"], "t": [1, 1, 2], "y": [1.0, 9.0, 2.0]}, dtype=object)
        panel = sa.read_panel(frame.astype({"t": int, "y": float}), "y", "t", "s")
        assert by_name(panel) == {"a": [1.0, 2.0]}
        assert panel.refused == {"": "column 's', row 1: the id is missing"}


def test_rows_of_a_frame_are_named_by_their_place_in_all_of_it():
    frame = table(s=list("aabbccdd"), t=[1, 2] * 4, y=pd.Series([1, 2, "x", 3, 4, 5, 6, "z"], dtype=object))
    panel = sa.read_panel(frame, "y", "t", "s")
    assert by_name(panel) == {"a": [1.0, 2.0], "c": [4.0, 5.0]}
    assert "row 2 is 'x'" in panel.refused["b"]
    assert "row 7 is 'z'" in panel.refused["d"]


def test_more_bad_series_than_are_left_out_one_by_one(tmp_path):
    names = [f"s{i}" for i in range(40)]
    rows = [f"{name},{t},{'x' if i % 3 == 0 and t == 2 else t}" for i, name in enumerate(names) for t in (1, 2, 3)]
    (tmp_path / "f.csv").write_text("s,t,y\n" + "\n".join(rows))
    panel = sa.read_panel(tmp_path / "f.csv", "y", "t", "s")
    assert [series.name for series in panel] == [name for i, name in enumerate(names) if i % 3]
    assert list(panel.refused) == names[::3]
    assert panel.refused["s3"] == "column 'y', line 12: 'x' is not a number"


def test_where_all_are_bad_the_reason_is_said(tmp_path):
    (tmp_path / "f.csv").write_text("s,t,y\n" + "".join(f"s{i},1,$5\ns{i},2,$6\n" for i in range(9)))
    with pytest.raises(sa.errors.InputError, match=r"none of 9 series can be used; .*line 2: '\$5' is not a number"):
        sa.read_panel(tmp_path / "f.csv", "y", "t", "s")


def test_series_in_turns_without_times_are_refused(tmp_path):
    (tmp_path / "f.csv").write_text("s,y\na,1\nb,2\na,3\nb,4\n")
    with pytest.raises(sa.errors.InputError, match=r"rows of 'a' are not together \(line 2, then line 4\).*give time="):
        sa.read_panel(tmp_path / "f.csv", "y", None, "s")
    (tmp_path / "f.csv").write_text("s,y\na,1\na,3\nb,2\nb,4\n")  # as it says: sorted by id
    assert by_name(sa.read_panel(tmp_path / "f.csv", "y", None, "s")) == {"a": [1.0, 3.0], "b": [2.0, 4.0]}


def test_the_work_is_linear_in_the_series(tmp_path, monkeypatch):
    """However many series there are, good or bad, each row is read a fixed number of times."""
    from stepahead.reading import csv_text

    read = []
    real = csv_text.times_of
    monkeypatch.setattr(csv_text, "times_of", lambda cells: read.append(len(cells.texts)) or real(cells))
    counts = []
    for series in (50, 200):
        read.clear()
        rows = "".join(f"{i},2024-01-01,{'x' if i % 2 else 1}\n{i},2024-01-02,2\n" for i in range(series))
        (tmp_path / "f.csv").write_text("s,t,y\n" + rows)
        assert len(sa.read_panel(tmp_path / "f.csv", "y", "t", "s")) == series // 2
        counts.append(sum(read) / series)
    assert counts[1] <= counts[0]


MANY_BAD = "".join(f"b{k},{{}},1\nb{k},{{}},?!\n" for k in range(6))


def test_bad_series_do_not_change_how_the_times_of_others_are_read(tmp_path):
    good = "p,202401,1\np,202402,2\nq,202413,3\nq,202414,4\n"  # 202413 is no month: these are weeks
    for rows in (good, MANY_BAD.format(*12 * [202401]) + good):
        (tmp_path / "f.csv").write_text("id,t,y\n" + rows)
        with pytest.warns(sa.errors.StepaheadWarning, match="were read as dates, a week"):
            panel = sa.read_panel(tmp_path / "f.csv", "y", "t", "id")
        assert [series.when(0) for series in panel] == ["2024-01-01", "2024-03-25"]
    mixed = "p,13/01/2024,1\np,14/01/2024,2\nq,01/13/2024,3\nq,01/14/2024,4\n"
    for rows in (mixed, MANY_BAD.format(*12 * ["13/01/2024"]) + mixed):
        (tmp_path / "f.csv").write_text("id,t,y\n" + rows)
        with pytest.raises(sa.errors.InputError, match="write ISO dates"):
            sa.read_panel(tmp_path / "f.csv", "y", "t", "id")


def test_times_of_another_form_are_set_aside_beside_many_bad_series(tmp_path):
    rows = MANY_BAD.format(*12 * ["2024-01-01"]) + "p,2024-01-01,1\np,2024-01-02,2\nq,13/01/2024,3\nq,14/01/2024,4\n"
    (tmp_path / "f.csv").write_text("id,t,y\n" + rows)
    panel = sa.read_panel(tmp_path / "f.csv", "y", "t", "id")
    assert [series.name for series in panel] == ["p"]
    assert panel.refused["q"] == (
        "column 't', line 16: '13/01/2024' is not a time like the others; dates such as 2024-01-31, "
        "2024-01-31 13:00, 2024Q1, 2024-W05 or Jan 2024 and whole numbers are times"
    )

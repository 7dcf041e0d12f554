"""Files and frames in: the same bits whatever holds them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

import stepahead as sa
from stepahead import datasets

from ..counting import calls
from ..data import sine
from ..tables import long_table


def test_a_panel_of_text_and_how_a_panel_shows_itself(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(
        "id,state\n" + "".join(f"{name},{word}\n" for name in "uv" for word in ("dry", "wet", "wet", "dry"))
    )
    panel = sa.read_panel(path, "state", None, "id")
    assert [series.categories for series in panel] == [("dry", "wet")] * 2
    assert repr(panel) == "Panel(2 series)"
    path.write_text("id,t,y\na,1,1\na,2,2\nb,1,1\nb,1,2\n")
    panel = sa.read_panel(path, "y", "t", "id")
    assert list(panel.refused) == ["b"]
    assert repr(panel) == "Panel(1 series, 1 set aside)"


def test_a_sound_has_no_columns(tmp_path):
    path = tmp_path / "s.wav"
    path.write_bytes(b"RIFF\0\0\0\0WAVEfmt ")
    with pytest.raises(sa.errors.InputError, match="is a WAV file: it has no columns"):
        sa.read_panel(path, "y", None, "id")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    list(datasets.write(folder))
    return folder


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (
            ["stock_price.csv", "--value", "adj_close", "--time", "date", "--models", "ar", "--lags", 8],
            ["78 % are 1 day", "1,245 held-out"],
        ),
        (["speech.wav", "--models", "ar", "--lags", 16], ["AR(16)", "21,057 held-out"]),
        (
            ["seattle_temperature.csv", "--value", "temp_max", "--time", "date"],
            ["AR(auto: ", "SSA(auto: ", "522 held-out"],
        ),
    ],
    ids=["stock prices", "speech", "temperature"],
)
def test_the_three_examples_of_the_note_run_from_a_file(run, shipped, typed, words):
    code, out, err = run("evaluate", shipped / typed[0], *typed[1:], "--horizon", 64)
    assert code == 0, err
    for word in [*words, "k=64", "last value"]:
        assert word in " ".join(out.split())


def test_every_entry_point_gives_the_same_bits(tmp_path):
    x = sine(0, 200) * 7.3
    frame = pd.DataFrame({"t": np.arange(200), "x": x})
    frame.to_csv(tmp_path / "f.csv", index=False)
    pq.write_table(pa.table({"t": np.arange(200), "x": x}), tmp_path / "f.parquet")
    doors = {
        "csv": sa.read(tmp_path / "f.csv", "x", "t"),
        "parquet": sa.read(tmp_path / "f.parquet", "x", "t"),
        "pandas": sa.read(frame, "x", "t"),
        "polars": sa.read(pl.from_pandas(frame), "x", "t"),
        "lazy": sa.read(pl.from_pandas(frame).lazy(), "x", "t"),
        "pyarrow": sa.read(pa.Table.from_pandas(frame), "x", "t"),
        "numpy": sa.Series(x),
        "list": sa.Series(x.tolist()),
        "torch": sa.Series(torch.tensor(x)),
        "column": sa.Series(frame["x"]),
    }
    expected = sa.evaluate(sa.AR(4), x, 8)["AR(4)"].predictions.tobytes()
    for name, series in doors.items():
        assert series.values.tobytes() == x.tobytes(), name
        assert sa.evaluate(sa.AR(4), series, 8)["AR(4)"].predictions.tobytes() == expected, name
    assert isinstance(sa.evaluate(sa.AR(4), doors["polars"], 8).to_frame(), pl.DataFrame)
    assert isinstance(sa.evaluate(sa.AR(4), doors["pyarrow"], 8).to_frame(), pa.Table)


def test_what_is_no_file_and_no_frame(tmp_path):
    for bad in (None, 3, np.arange(3.0), [1.0, 2.0]):
        with pytest.raises(sa.errors.DtypeError, match="cannot be read"):
            sa.read(bad)
    for bad in ("no\0name", tmp_path, tmp_path / "nothing"):
        with pytest.raises(sa.errors.InputError):
            sa.read(bad)
    (tmp_path / "f.parquet").write_bytes(b"PAR1" + b"x" * 50)
    with pytest.raises(sa.errors.InputError, match="not a Parquet file"):
        sa.read(tmp_path / "f.parquet", "x")
    with pytest.raises(sa.errors.InputError, match="did you mean 'load'"):
        sa.read(pd.DataFrame({"load": [1.0], "t": [1]}), "laod")


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "csv", "parquet"])
def test_a_long_table_is_a_panel_whatever_holds_it(tmp_path, kind):
    frame = long_table()
    shuffled = frame.sample(frac=1.0, random_state=0)
    source = {
        "pandas": lambda: shuffled,
        "polars": lambda: pl.from_pandas(shuffled),
        "pyarrow": lambda: pa.Table.from_pandas(shuffled, preserve_index=False),
        "csv": lambda: shuffled.to_csv(tmp_path / "f.csv", index=False) or tmp_path / "f.csv",
        "parquet": lambda: shuffled.to_parquet(tmp_path / "f.parquet") or tmp_path / "f.parquet",
    }[kind]()
    panel = sa.read_panel(source)
    by_name = {series.name: series for series in panel}
    assert set(by_name) == {"a", "b"}
    assert by_name["b"].values.tobytes() == sine(0, 80).tobytes()
    assert by_name["a"].times.tolist() == list(range(60))
    renamed = frame.rename(columns={"unique_id": "shop", "ds": "day", "y": "sold"})
    assert [s.name for s in sa.read_panel(renamed, value="sold", time="day", id="shop")] == ["b", "a"]


def test_what_a_panel_cannot_be_read_from_is_said(tmp_path):
    for ids in (["a", None], [1, np.nan], ["a", float("nan")], ["a", pd.NA]):
        panel = sa.read_panel(pd.DataFrame({"unique_id": ids, "ds": [1, 2], "y": [1.0, 2.0]}))
        assert [series.name for series in panel] == [str(ids[0])]
        assert panel.refused == {"": "column 'unique_id', row 1: the id is missing"}
    with pytest.raises(sa.errors.InputError, match="row 0: the id is missing") as caught:
        sa.read_panel(pd.DataFrame({"unique_id": [None, None], "ds": [1, 2], "y": [1.0, 2.0]}))
    assert caught.value.code == "id-missing"
    assert [s.name for s in sa.read_panel(pd.DataFrame({"unique_id": [1.0, 2.0], "ds": [1, 2], "y": [1.0, 2.0]}))] == [
        "1",
        "2",
    ]
    (tmp_path / "p.csv").write_text("unique_id,ds,y\na,1,1\n a,2,2\nb,,5\nb,2,6\n")
    panel = sa.read_panel(tmp_path / "p.csv")
    assert [len(series) for series in panel] == [2]
    assert "time is missing" in panel.refused["b"]
    (tmp_path / "p.csv").write_text("unique_id,ds,y\na,1,1\n,2,2\n")
    assert "line 3: the id is missing" in sa.read_panel(tmp_path / "p.csv").refused[""]
    with pytest.raises(sa.errors.InputError, match="no rows"):
        sa.read_panel(pd.DataFrame({"unique_id": [], "ds": [], "y": []}))
    with pytest.raises(sa.errors.InputError):
        sa.read(pd.DataFrame(np.ones((3, 2)), columns=["a", "a"]), "a")
    assert sa.read(pd.DataFrame({0: [1.0, 2.0, 3.0]})).name == "0"
    far = pd.DataFrame({"unique_id": list("abab"), "ds": [1, 1, 2, 10**12], "y": [1.0, 2, 3, 4]})
    assert list(sa.read_panel(far, every=1, missing="skip").refused) == ["b"]
    (tmp_path / "t.csv").write_text("t,x\n1,1\n2,2\nx,3\n")
    with pytest.raises(sa.errors.InputError, match="line 4: 'x'"):
        sa.read(tmp_path / "t.csv", "x", "t")


def test_the_work_of_many_series_is_linear():
    def work(count: int) -> int:
        ids = np.repeat(np.arange(count), 30)
        frame = pd.DataFrame(
            {"unique_id": ids, "ds": np.tile(np.arange(30), count), "y": np.random.default_rng(0).normal(size=len(ids))}
        )
        return calls(lambda: sa.read_panel(frame))

    work(10)
    assert work(2000) < 1.1 * 8 * work(250)

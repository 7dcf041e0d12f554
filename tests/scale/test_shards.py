"""Shards hold whole series in order; what is no shard is refused."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import stepahead as sa
from stepahead.scale import run, shard, shards, task

from ..counting import wait_for
from ..shards import long_table


def test_a_shard_of_the_right_sum_that_is_no_parquet(tmp_path):
    import hashlib

    (tmp_path / "s").write_bytes(b"PAR1 and no more")
    with pytest.raises(sa.errors.InputError, match="cannot be read") as caught:
        task.read_shard(tmp_path / "s", hashlib.sha256(b"PAR1 and no more").hexdigest())
    assert caught.value.code == "parquet"


def test_a_source_of_shards_that_cannot_be_read(tmp_path):
    (tmp_path / "torn.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(sa.errors.InputError, match="is not a Parquet file that can be read") as caught:
        shard(tmp_path / "torn.parquet", tmp_path / "out", value="y", id="id")
    assert caught.value.code == "parquet"
    with pytest.raises(sa.errors.InputError, match="No such file"):
        shard(tmp_path / "none", tmp_path / "out", value="y", id="id")


SPEC = {"models": ["ar"], "lags": 3, "horizon": 6, "steps": [1, 6]}


def test_shards_hold_whole_series_in_order(tmp_path):
    table = long_table().sample(frac=1.0, random_state=0)
    found = shard(table, tmp_path, shards=3)
    assert len(found.shards) <= 3
    assert (found.rows, found.series) == (len(table), table["unique_id"].nunique())
    seen: list[str] = []
    for one in found.shards:
        content = (tmp_path / one.file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == one.sha256
        frame = pq.read_table(pa.BufferReader(content)).to_pandas()
        assert (len(frame), frame["unique_id"].nunique()) == (one.rows, one.series)
        pd.testing.assert_frame_equal(frame, frame.sort_values(["unique_id", "ds"], ignore_index=True))
        seen += list(frame["unique_id"].unique())
    assert len(seen) == len(set(seen)) == found.series
    back = pd.concat([pd.read_parquet(tmp_path / one.file) for one in found.shards])
    expected = table.sort_values(["unique_id", "ds"], ignore_index=True)
    pd.testing.assert_frame_equal(back.reset_index(drop=True), expected, check_dtype=False)
    assert shards.read_manifest(tmp_path) == found


def test_every_kind_of_source_gives_the_same_shards(tmp_path):
    import polars as pl

    table = long_table(3)
    table.rename(columns={"unique_id": "id", "ds": "t", "y": "v"}).to_csv(tmp_path / "x.csv", index=False)
    table.to_parquet(tmp_path / "x.parquet", row_group_size=50)
    sources = {
        "frame": table,
        "polars": pl.from_pandas(table),
        "parquet": tmp_path / "x.parquet",
        "arrow": pa.table(table),
    }
    expected = shard(table, tmp_path / "expected", shards=2)
    for kind, source in sources.items():
        assert [one.sha256 for one in shard(source, tmp_path / kind, shards=2).shards] == [
            s.sha256 for s in expected.shards
        ], kind
    named = shard(tmp_path / "x.csv", tmp_path / "csv", shards=2, id="id", time="t", value="v")
    assert [(one.rows, one.series) for one in named.shards] == [(one.rows, one.series) for one in expected.shards]
    assert shard(table.drop(columns="ds"), tmp_path / "timeless", time=None).rows == len(table)


def test_large_sources_are_read_in_batches_and_split_series_are_refused(tmp_path, monkeypatch):
    table = long_table(6).sort_values(["unique_id", "ds"])
    table.to_parquet(tmp_path / "sorted.parquet", row_group_size=33)
    whole = shard(tmp_path / "sorted.parquet", tmp_path / "whole", shards=3)
    monkeypatch.setattr(shards, "memory_budget", lambda: 0)
    monkeypatch.setattr(shards, "BATCH_ROWS", 37)
    assert shard(tmp_path / "sorted.parquet", tmp_path / "batches", shards=3) == whole
    table.sort_values("ds").to_parquet(tmp_path / "mixed.parquet")
    with pytest.raises(sa.errors.InputError, match="split") as caught:
        shard(tmp_path / "mixed.parquet", tmp_path / "mixed")
    assert caught.value.code == "split-series"
    assert not (tmp_path / "mixed" / "manifest.json").exists()


def test_shards_are_cut_where_they_grow_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "MOST_SERIES", 2)
    assert [one.series for one in shard(long_table(5), tmp_path / "series").shards] == [2, 2, 2, 1]
    monkeypatch.setattr(shards, "MOST_ROWS", 100)
    assert all(one.series <= 2 for one in shard(long_table(5), tmp_path / "rows").shards)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda t: t.drop(columns="y"), sa.errors.InputError),
        (lambda t: t.assign(unique_id=None), sa.errors.InputError),
        (lambda t: t[:0], sa.errors.InputError),
        (lambda t: t.assign(y=pd.Timestamp("2024-01-01")), sa.errors.InputError),
        (lambda t: t.assign(ds="monday"), sa.errors.InputError),
    ],
)  # fmt: skip
def test_sources_that_are_no_long_table_are_refused(change, error, tmp_path):
    change(long_table(2)).to_parquet(tmp_path / "x.parquet")
    with pytest.raises(error):
        shard(tmp_path / "x.parquet", tmp_path / "out")


def test_a_folder_of_shards_is_not_written_twice(folder):
    with pytest.raises(sa.errors.OutputError, match="holds shards already"):
        shard(long_table(), folder / "shards")
    (folder / "broken").mkdir()
    (folder / "broken" / "shard-00099.parquet").write_bytes(b"of an attempt that was killed")
    shard(long_table(2), folder / "broken")
    assert not (folder / "broken" / "shard-00099.parquet").exists()


@pytest.mark.parametrize(
    "damage",
    [
        lambda m: m | {"format": 2}, lambda m: m | {"shards": []}, lambda m: m | {"shards": m["shards"] * 2},
        lambda m: m | {"shards": [m["shards"][0] | {"file": "../secret.parquet"}]},
        lambda m: m | {"shards": [m["shards"][0] | {"sha256": "x"}]},
        lambda m: m | {"shards": [m["shards"][0] | {"rows": "9"}]},
        lambda m: {}, lambda m: m | {"shards": 3}, lambda m: m | {"shards": [{}]},
    ],
)  # fmt: skip
def test_manifests_that_are_none_of_ours_are_refused(damage, folder):
    path = folder / "shards" / "manifest.json"
    path.write_text(json.dumps(damage(json.loads(path.read_text()))))
    with pytest.raises(sa.errors.InputError):
        run(SPEC, folder / "shards", folder / "out", engine="serial")


def test_a_series_split_among_shards_is_refused_before_any_work(folder):
    source = folder / "shards"
    first, second = (source / f"shard-{index:05d}.parquet" for index in (0, 1))
    name = pq.read_table(first)["unique_id"][0].as_py()
    table = pq.read_table(second)
    moved = table.set_column(0, "unique_id", pa.array([name] * 5 + table["unique_id"].to_pylist()[5:]))
    pq.write_table(moved, second)
    with pytest.raises(sa.errors.InputError, match=name) as caught:
        run(SPEC, source, folder / "out", engine="serial")
    assert caught.value.code == "split-series"
    # Within one shard, too.
    pq.write_table(pa.concat_tables([table, table.slice(0, 3)]), second)
    with pytest.raises(sa.errors.InputError, match="split"):
        run(SPEC, source, folder / "out", engine="serial")


@pytest.mark.slow
def test_shards_are_whole_whatever_happens_to_the_one_who_writes_them(tmp_path):
    long_table(60, 400).to_csv(tmp_path / "long.csv", index=False)
    typed = [sys.executable, "-m", "stepahead", "shard", "long.csv", "shards", "--time", "ds", "--shards", "60"]
    folder = tmp_path / "shards"
    writer = subprocess.Popen(typed, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: folder.exists() and len(list(folder.glob("shard-*.parquet"))) > 3)
    writer.kill()
    writer.communicate()
    if not (folder / "manifest.json").exists():  # it may have been quicker than we were
        with pytest.raises(sa.errors.InputError, match="manifest"):
            run(SPEC, folder, tmp_path / "out", engine="serial")
        assert subprocess.run(typed, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    assert run(SPEC, folder, tmp_path / "out", engine="serial").scored == 60


def test_rows_without_an_id_are_refused_with_their_place(tmp_path):
    (tmp_path / "f.csv").write_text("unique_id,ds,y\na,1,1\n,2,2\n")
    with pytest.raises(sa.errors.InputError, match="column 'unique_id', line 3: the id is missing"):
        shard(tmp_path / "f.csv", tmp_path / "out", time="ds")


@pytest.mark.parametrize("columns", [{"known": "promo"}, {"past": ["heat"]}, {"calendar": "weekday"}])
def test_a_shard_holds_values_alone_and_says_what_takes_other_columns(tmp_path, columns):
    with pytest.raises(sa.errors.InputError, match=r"holds values alone: read_panel\(.., known=\)") as caught:
        shard(tmp_path / "not there.csv", tmp_path / "out", **columns)
    assert caught.value.code == "column-place"
    assert not (tmp_path / "out").exists()

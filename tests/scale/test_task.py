"""A task done twice does no harm."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stepahead.scale import Spec, shard, shards
from stepahead.scale.task import finished, score_shard

from ..data import sine


def test_a_run_that_scores_every_series_ends_well(run, tmp_path):
    frame = {"unique_id": ["a"] * 60 + ["b"] * 60, "y": np.concatenate([sine(0, 60), sine(1, 60)]).tolist()}
    pq.write_table(pa.table(frame), tmp_path / "p.parquet")
    shard(tmp_path / "p.parquet", tmp_path / "shards", time=None)
    (tmp_path / "spec.json").write_text('{"models": ["naive"], "horizon": 2}')
    code, out, err = run("run", tmp_path / "spec.json", tmp_path / "shards", tmp_path / "out", "--engine", "serial")
    assert (code, err) == (0, "")
    assert "series  2 scored, 0 not" in out


SPEC = {"models": ["ar"], "lags": 3, "horizon": 6, "steps": [1, 6]}


def contents(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.glob("*/*.parquet"))}


def test_a_task_done_twice_does_no_harm(folder):
    one = shards.read_manifest(folder / "shards").shards[0]
    for name in ("scores", "status"):
        (folder / "out" / name).mkdir(parents=True)
    spec = Spec.read(SPEC)
    call = (str(folder / "shards"), one.file, one.sha256, str(folder / "out"), spec.text, None)
    assert score_shard(*call) == ""
    before = contents(folder / "out")
    assert finished(folder / "out", one.file, spec.hash, one.sha256)
    assert not finished(folder / "out", one.file, spec.hash, "0" * 64)
    assert score_shard(*call) == ""
    assert contents(folder / "out") == before

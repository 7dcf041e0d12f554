"""Tests of stepahead.reading.dataframes."""

from __future__ import annotations

import sys

import pytest

import stepahead as sa


@pytest.mark.parametrize("missing", ["pyarrow", "pyarrow.parquet"])
def test_parquet_without_pyarrow_names_what_to_install(tmp_path, monkeypatch, missing):
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"id": ["a"] * 3, "y": [1.0, 2.0, 3.0]}), tmp_path / "p.parquet")
    monkeypatch.setitem(sys.modules, missing, None)
    for door in (
        lambda: sa.read(tmp_path / "p.parquet", "y"),
        lambda: sa.evaluate(sa.baselines.Naive(), tmp_path / "p.parquet", 1, train=1, keep="scores"),
        lambda: sa.scale.shard(tmp_path / "p.parquet", tmp_path / "out"),
    ):
        with pytest.raises(sa.errors.MissingExtraError, match=r"stepahead\[parquet\]"):
            door()

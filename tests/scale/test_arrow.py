"""Long tables of pyarrow in, tables of scores out."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import stepahead as sa
from stepahead.scale import arrow, shard, specs

from ..data import ROOT
from ..shards import long_table


def test_months_are_times_that_shards_can_hold(tmp_path):
    months = np.arange("2020-01", "2022-01", dtype="datetime64[M]")
    frame = {"id": ["a"] * 24, "t": months.astype(str).tolist(), "y": np.arange(24.0).tolist()}
    path = tmp_path / "p.csv"
    path.write_text("id,t,y\n" + "".join(f"{a},{t},{y}\n" for a, t, y in zip(*frame.values(), strict=True)))
    shard(path, tmp_path / "out", value="y", id="id", time="t")
    (file,) = (tmp_path / "out").glob("*.parquet")
    table = pq.read_table(file)
    assert table.column("y").to_pylist() == frame["y"]
    stamps = table.column("ds").to_numpy().astype("datetime64[M]")
    assert stamps.tolist() == months.tolist()


def test_values_of_a_shard_are_numbers_or_text():
    with pytest.raises(sa.errors.InputError, match="expected numbers or text") as caught:
        arrow._values(pa.chunked_array([pa.array([[1.0]])]))
    assert caught.value.code == "dtype"
    assert arrow._values(pa.chunked_array([pa.array([True, None])])).tolist()[0] == 1.0
    assert arrow._plain(np.zeros(0), None, np.zeros(1, dtype=np.intp)).tolist() == []


def test_categories_of_a_table_are_those_that_occur():
    table = pa.table(
        {"unique_id": ["a"] * 4 + ["b"] * 4, "y": ["dry", "wet", "wet", "dry", "wet", "wet", "wet", "fog"]}
    )
    spec = specs.Spec.read({"models": ["markov"], "horizon": 1})
    found = list(arrow.series_of(table, spec))
    assert [one.name for one in found] == ["a", "b"]
    assert [one.item.categories for one in found] == [("dry", "fog", "wet")] * 2


SPEC = {"models": ["ar"], "lags": 3, "horizon": 6, "steps": [1, 6]}


def test_the_function_for_spark_takes_a_table_and_gives_one():
    table = pa.table(long_table().sample(frac=1.0, random_state=1))
    found = arrow.score_table(table, SPEC).to_pandas()
    schema = re_schema((ROOT / "docs" / "scale.md").read_text())
    assert list(found.columns) == [name for name, _ in schema]
    kinds = {"string": "object", "int": "int32", "long": "int64", "double": "float64"}
    typed = arrow.score_table(pa.table(long_table(2)[:160]), SPEC)
    assert [(field.name, str(field.type)) for field in typed.schema] == [
        (name, {"object": "string", "float64": "double"}.get(kinds[kind], kinds[kind])) for name, kind in schema
    ]
    scored = found[found["status"] == "ok"]
    assert scored["series"].nunique() == 9
    assert set(found.loc[found["status"] != "ok", "series"]) == {"short", "hollow"}
    assert found.loc[found["status"] != "ok", "model"].isna().all()
    alone = sa.evaluate(sa.AR(3, horizon=6), long_table()[:80]["y"].to_numpy(), 6)["AR(3)"]
    own = scored.query("series == 's000' and model == 'AR(3)'")
    np.testing.assert_allclose(own["rmse"], alone.rmse()[[0, 5]], rtol=1e-9)
    assert len(arrow.score_table(table.slice(0, 0), SPEC)) == 0


def re_schema(page: str) -> list[tuple[str, str]]:
    """The schema that the recipe names."""
    line = next(line for line in page.splitlines() if line.startswith("SCHEMA = "))
    return [tuple(column.split()) for column in line.split('"')[1].split(", ")]

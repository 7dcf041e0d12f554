"""Shards, specs, engines and runs: whole series in, each scored once, whatever dies on the way."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import stepahead as sa
from stepahead.scale import Spec, arrow, engines, run, shard, shards
from stepahead.scale.driver import Summary
from stepahead.scale.locks import locked
from stepahead.scale.specs import describe, made
from stepahead.scale.task import finished, score_shard

from . import tasks
from .cases import CASES
from .counting import wait_for
from .data import ROOT, each

SPEC = {"models": ["ar"], "lags": 3, "horizon": 6, "steps": [1, 6]}


def long_table(count: int = 9, length: int = 80, seed: int = 0) -> pd.DataFrame:
    """Series of several lengths; "short" cannot be scored, and neither can "hollow"."""
    rng = np.random.default_rng(seed)
    parts = []
    for index in range(count):
        size = length + 10 * (index % 3)
        parts.append(
            pd.DataFrame({"unique_id": f"s{index:03d}", "ds": np.arange(size), "y": np.cumsum(rng.normal(size=size))})
        )
    parts.append(pd.DataFrame({"unique_id": "short", "ds": [0, 1], "y": [1.0, 2.0]}))
    parts.append(pd.DataFrame({"unique_id": "hollow", "ds": np.arange(80), "y": np.full(80, np.nan)}))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def folder(tmp_path) -> Path:
    shard(long_table(), tmp_path / "shards", shards=4)
    return tmp_path


def contents(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.glob("*/*.parquet"))}


def scores(out: Path) -> pd.DataFrame:
    return pd.read_parquet(out / "scores").sort_values(["series", "model", "k"], ignore_index=True)


def statuses(out: Path) -> dict[str, str]:
    found = pd.read_parquet(out / "status")
    assert found["series"].is_unique
    return dict(zip(found["series"], found["status"], strict=True))


# ---------------------------------------------------------------------------------------------------------------
# Shards


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
        (lambda t: t.drop(columns="y"), sa.errors.InputError), (lambda t: t.assign(unique_id=None), sa.errors.InputError),
        (lambda t: t[:0], sa.errors.InputError), (lambda t: t.assign(y=pd.Timestamp("2024-01-01")), sa.errors.InputError),
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


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"format": NaN}', '{"a": 1, "a": 2}', "[" * 100_000])
def test_documents_are_read_strictly(text, tmp_path):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(sa.errors.InputError, match="manifest"):
        shards.read_manifest(tmp_path)


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


# ---------------------------------------------------------------------------------------------------------------
# Specs


def test_a_spec_means_the_same_however_it_is_written(tmp_path):
    plain = Spec.read({"models": ["ar"], "lags": 3, "horizon": 6})
    path = tmp_path / "spec.json"
    path.write_text('{"horizon": 6, "train": 0.6, "models": [{"lags": 3, "class": "AR", "horizon": 6}]}')
    others = [
        Spec.read(path),
        Spec.read(str(path)),
        Spec.read(plain),
        Spec.read(plain.document()),
        Spec.of([sa.AR(3, horizon=6)], 6),
    ]
    assert {spec.hash for spec in others} == {plain.hash}
    assert Spec.read(json.loads(plain.text)) == plain
    changed = [
        {"horizon": 7},
        {"train": 0.5},
        {"steps": [1]},
        {"period": 2},
        {"missing": "skip"},
        {"every": 1},
        {"lags": 4},
    ]
    hashes = {Spec.read({"models": ["ar"], "lags": 3, "horizon": 6} | one).hash for one in changed}
    assert len(hashes | {plain.hash}) == len(changed) + 1
    assert list(Spec.read({"models": {"mine": {"class": "AR", "lags": 3}, "last": "naive"}, "horizon": 6}).models) == [
        "mine",
        "last",
    ]
    assert list(Spec.read({"models": "ar,ssa", "horizon": 6}).models) == ["AR(auto)", "SSA(auto)"]


@pytest.mark.parametrize(
    "given",
    [
        {}, {"models": ["ar"]}, {"horizon": 3}, {"models": [], "horizon": 3}, {"models": ["arr"], "horizon": 3},
        {"models": ["ar", "ar"], "horizon": 3}, {"models": ["mlp"], "horizon": 3}, {"models": ["ar"], "horizon": 0},
        {"models": [{"class": "System"}], "horizon": 3}, {"models": [{"class": "MLP"}], "horizon": 3},
        {"models": [{"class": "AR", "lags": 0}], "horizon": 3}, {"models": [{"class": "AR", "lags": 1, "x": 2}],
        "horizon": 3},
        {"models": ["ar"], "horizon": 3, "train": 2.0}, {"models": ["ar"], "horizon": 3, "steps": [4]},
        {"models": ["ar"], "horizon": 3, "missing": "fill"}, {"models": ["ar"], "horizon": 3, "colour": "red"}, 3,
        {"models": [3], "horizon": 3}, {"models": ["ar"], "horizon": 3, "lags": "many"},
        {"models": ["ar"], "horizon": 3, "every": []},
        {"models": ["ar"], "horizon": 3, "period": 0}, {"models": [{"class": "Scaled", "model": {"class": 3}}],
        "horizon": 3},
    ],
)  # fmt: skip
def test_specs_that_cannot_be_meant_are_refused(given):
    with pytest.raises(sa.errors.ParameterError):
        Spec.read(given)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.savable and case.module is None])
def test_our_models_go_into_a_spec_and_come_out_again(name):
    model = CASES[name].make()
    if isinstance(model, sa.Windowed):
        pytest.skip("a regressor is code of somebody else")
    assert repr(made(json.loads(json.dumps(describe(model))))) == repr(model)


def test_models_that_are_code_are_refused():
    from sklearn.linear_model import Ridge

    with pytest.raises(sa.errors.ParameterError, match='fit="each"'):
        Spec.of([sa.Windowed(Ridge(), lags=3)], 4)


# ---------------------------------------------------------------------------------------------------------------
# Runs


def test_a_run_has_the_scores_of_a_fit_each_and_a_status_for_every_series(folder):
    told: list[tuple[str, int, int]] = []
    summary = run(SPEC, folder / "shards", folder / "out", engine="serial", progress=lambda *said: told.append(said))
    table = long_table()
    panel = sa.read_panel(table, missing="skip")
    alone = each(sa.AR(3, horizon=6), [s for s in panel if s.name not in ("short", "hollow")], 6, steps=[1, 6])
    expected = pd.DataFrame(alone.scorer.columns()).sort_values(["series", "model", "k"], ignore_index=True)
    pd.testing.assert_frame_equal(scores(folder / "out"), expected, check_dtype=False)
    found = statuses(folder / "out")
    assert set(found) == set(table["unique_id"])
    assert {name for name, why in found.items() if why != "ok"} == {"short", "hollow"}
    assert "too short" in found["short"]
    assert "missing" in found["hollow"]
    assert (summary.scored, summary.failed) == (9, 2)
    assert set(summary.failures) == {"short", "hollow"}
    assert told[0] == ("shards", 0, 4)
    assert told[-1] == ("shards", 4, 4)
    assert json.loads((folder / "out" / "summary.json").read_text()) == summary.document()
    assert run(folder / "out" / "spec.json", folder / "shards", folder / "out").lost == {}


def test_engines_give_the_same_bytes_and_a_script_from_standard_input_may_run(folder):
    run(SPEC, folder / "shards", folder / "serial", engine="serial")
    expected = contents(folder / "serial")
    assert len(expected) == 8
    with ThreadPoolExecutor(2) as pool:
        run(SPEC, folder / "shards", folder / "threads", engine=pool)
    assert contents(folder / "threads") == expected
    program = f"from stepahead.scale import run\nprint(run({SPEC!r}, 'shards', 'process', workers=1).scored)\n"
    found = subprocess.run([sys.executable, "-"], input=program, capture_output=True, text=True, check=True, cwd=folder)
    assert found.stdout == "9\n"
    assert contents(folder / "process") == expected


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 3, 8])
def test_the_number_of_workers_changes_no_byte(workers, folder):
    run(SPEC, folder / "shards", folder / "serial", engine="serial")
    run(SPEC, folder / "shards", folder / "process", workers=workers)
    assert contents(folder / "process") == contents(folder / "serial")


def test_the_number_of_shards_changes_no_bit_of_a_score(folder):
    run(SPEC, folder / "shards", folder / "four", engine="serial")
    shard(long_table(), folder / "one-shard", shards=1)
    run(SPEC, folder / "one-shard", folder / "one", engine="serial")
    pd.testing.assert_frame_equal(scores(folder / "four"), scores(folder / "one"), check_exact=True)


def test_what_is_done_is_not_done_again(folder):
    def times() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in (folder / "out").glob("*/*.parquet")}

    assert set(run(SPEC, folder / "shards", folder / "out", engine="serial").shards.values()) == {"done"}
    before, whole = times(), contents(folder / "out")
    again = run(SPEC, folder / "shards", folder / "out", engine="serial")
    assert set(again.shards.values()) == {"there before"}
    assert (again.scored, again.failed) == (9, 2)
    assert times() == before
    (folder / "out" / "scores" / "shard-00001.parquet").unlink()
    (folder / "out" / "status" / "shard-00002.parquet").write_bytes(b"half")
    (folder / "out" / "status" / "shard-00077.parquet").write_bytes(b"of other shards")
    repaired = run(SPEC, folder / "shards", folder / "out", engine="serial")
    assert [name for name, what in repaired.shards.items() if what == "done"] == [
        "shard-00001.parquet",
        "shard-00002.parquet",
    ]
    assert contents(folder / "out") == whole
    other = run(SPEC | {"train": 0.5}, folder / "shards", folder / "out", engine="serial")
    assert set(other.shards.values()) == {"done"}
    assert (
        scores(folder / "out")["n"].tolist()
        != pd.read_parquet(pa.BufferReader(whole["scores/shard-00000.parquet"]))["n"].tolist()
    )


def test_a_damaged_shard_costs_its_own_series_alone(folder):
    path = folder / "shards" / "shard-00001.parquet"
    content = path.read_bytes()
    path.write_bytes(content[:-100] + bytes(100))
    summary = run(SPEC, folder / "shards", folder / "out", engine="serial")
    assert list(summary.lost) == ["shard-00001.parquet"]
    assert "damaged" in summary.lost["shard-00001.parquet"]
    assert summary.scored + summary.failed == 11
    lost = shards.read_manifest(folder / "shards").shards[1].series
    assert len(statuses(folder / "out")) == 11 - lost
    # One bit, and the file can still be opened: its hash is another.
    table = pq.read_table(pa.BufferReader(content))
    pq.write_table(table.set_column(2, "y", pa.array(table["y"].to_numpy() + 1e-9)), path)
    summary = run(SPEC, folder / "shards", folder / "out", engine="serial")
    assert "damaged" in statuses(folder / "out")[table["unique_id"][0].as_py()]
    path.write_bytes(content)
    assert not run(SPEC, folder / "shards", folder / "out", engine="serial").lost
    path.unlink()
    assert list(run(SPEC, folder / "shards", folder / "out2", engine="serial").lost) == ["shard-00001.parquet"]


def test_a_run_without_any_score_is_an_error(tmp_path):
    shard(pd.DataFrame({"unique_id": ["a", "b"], "ds": [0, 0], "y": [1.0, 2.0]}), tmp_path / "shards")
    with pytest.raises(sa.errors.InputError, match="none of 2 series"):
        run(SPEC, tmp_path / "shards", tmp_path / "out", engine="serial")
    assert set(statuses(tmp_path / "out")) == {"a", "b"}


def test_symbols_times_and_gaps_go_through_shards(tmp_path):
    rng = np.random.default_rng(0)
    weather = pd.DataFrame(
        {"unique_id": np.repeat(["a", "b"], 60), "ds": np.tile(pd.date_range("2024-01-01", periods=60), 2),
         "y": np.array(["dry", "wet"])[rng.integers(0, 2, 120)]}
    )  # fmt: skip
    found = shard(weather, tmp_path / "symbols", shards=2)
    assert found.categories == ("dry", "wet")
    summary = run({"models": ["markov"], "horizon": 3}, tmp_path / "symbols", tmp_path / "out", engine="serial")
    assert summary.scored == 2
    expected = sa.evaluate(sa.MarkovChain(1), weather["y"][:60].tolist(), 3)["MarkovChain(1)"]
    own = scores(tmp_path / "out").query("series == 'a' and model == 'MarkovChain(1)'")
    np.testing.assert_allclose(own["log_loss"], expected.log_loss(), rtol=1e-12)
    twice = pd.concat([long_table(2), long_table(1)[:1]])
    shard(twice, tmp_path / "twice")
    run(SPEC, tmp_path / "twice", tmp_path / "twice-out", engine="serial")
    assert "again" in statuses(tmp_path / "twice-out")["s000"]
    gaps = long_table(2)
    gaps = gaps[~((gaps["unique_id"] == "s001") & (gaps["ds"] == 40))]
    shard(gaps, tmp_path / "gaps")
    noted = run(SPEC, tmp_path / "gaps", tmp_path / "gaps-out", engine="serial")
    assert len(noted.notes) == 2
    assert noted.notes["no seasonal baseline was tried: period=N adds one"] == 2
    strict = run(SPEC | {"every": 1}, tmp_path / "gaps", tmp_path / "gaps-out", engine="serial")
    assert "s001" in strict.failures


def test_a_folder_in_use_is_refused(folder):
    with locked(folder / "out"), pytest.raises(sa.errors.OutputError) as caught:
        run(SPEC, folder / "shards", folder / "out", engine="serial")
    assert (caught.value.code, caught.value.pid) == ("locked", os.getpid())
    assert str(os.getpid()) in str(caught.value)
    run(SPEC, folder / "shards", folder / "out", engine="serial")
    (folder / "file").write_text("")
    with pytest.raises(sa.errors.OutputError):
        run(SPEC, folder / "shards", folder / "file", engine="serial")


@pytest.mark.parametrize(
    "options",
    [{"engine": "spark"}, {"workers": 0}, {"engine": "serial", "address": "auto"}, {"gpus": -1.0}, {"gpus": 1.0}],
)
def test_engines_that_do_not_exist_are_refused(options, folder):
    with pytest.raises(sa.errors.ParameterError):
        run(SPEC, folder / "shards", folder / "out", **options)
    assert not (folder / "out").exists()


# ---------------------------------------------------------------------------------------------------------------
# Engines, and what dies


def children() -> list:
    return [child for child in multiprocessing.active_children() if child.is_alive()]


def test_a_worker_that_is_killed_costs_nothing_and_a_call_that_kills_them_all_is_given_up(tmp_path):
    calls = [(str(tmp_path), f"call-{index}", times) for index, times in enumerate([0, 1, 0, 9, 0])]
    found = dict(engines.processes(2)(tasks.die, calls))
    assert isinstance(found[3], engines.Lost)
    assert "died 3 times" in found.pop(3)
    assert found == {index: f"call-{index}" for index in (0, 1, 2, 4)}
    assert not children()


@pytest.mark.parametrize("kind", ["serial", "process", "threads"])
def test_a_call_that_fails_is_lost_alone(kind):
    with ThreadPoolExecutor(2) as pool:
        engine = {"serial": engines.serial, "process": engines.processes(1), "threads": engines.executor(pool, 1)}[kind]
        assert dict(engine(tasks.fail, [("way",)])) == {0: "RuntimeError: no way"}
        assert dict(engine(tasks.double, [("ab",), ("c",)])) == {0: "abab", 1: "cc"}


def test_an_executor_that_breaks_loses_what_it_had_and_says_so(tmp_path):
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = dict(engines.executor(pool, 1)(tasks.die, [(str(tmp_path), name, 9 * (name == "a")) for name in "abc"]))
    assert set(found) == {0, 1, 2}
    assert isinstance(found[0], engines.Lost)


def test_workers_keep_to_one_thread_and_go_when_they_are_not_wanted():
    before = dict(os.environ)
    started = engines.processes(2)(tasks.threads, [(0.0,), (0.0,), (30.0,), (30.0,)])
    assert [next(started)[1] for _ in range(2)] == ["1", "1"]
    started.close()  # as Ctrl-C does
    assert not children()
    assert dict(os.environ) == before


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def workers_of(pid: int) -> list[int]:
    """The processes that run calls for another: those that were spawned, and are not its tracker of resources."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("victim", ["worker", "driver"])
def test_a_run_survives_the_death_of_anyone(victim, tmp_path):
    spec = {"models": [{"class": "MLP", "lags": 4, "hidden": 3, "training": {"epochs": 8}}], "horizon": 4, "steps": [4]}
    shard(long_table(16, 300), tmp_path / "shards", shards=8)
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    typed = [sys.executable, "-m", "stepahead", "run", "spec.json", "shards", "out", "--workers", "2"]
    done = tmp_path / "out" / "status"
    driver = subprocess.Popen(typed, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: done.exists() and any(done.glob("*.parquet")))
    crew = workers_of(driver.pid)
    os.kill(driver.pid if victim == "driver" else crew[0], signal.SIGKILL)
    driver.communicate()
    if victim == "driver":
        wait_for(lambda: not any(map(alive, crew)))
        assert len(list(done.glob("*.parquet"))) < 8
        again = subprocess.run(typed, cwd=tmp_path, capture_output=True, check=False)
        assert again.returncode == 6
        assert b"before" in again.stdout
    else:
        assert driver.returncode == 6
    run(spec, tmp_path / "shards", tmp_path / "expected", engine="serial")
    assert contents(tmp_path / "out") == contents(tmp_path / "expected")
    assert not list((tmp_path / "out").glob("*/*.tmp"))
    assert not list((tmp_path / "out").glob("*/.*.tmp"))


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


# ---------------------------------------------------------------------------------------------------------------
# The command line, and Spark


def test_shard_and_run_from_the_command_line(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    long_table().to_csv("long.csv", index=False)
    Path("spec.json").write_text(json.dumps(SPEC))
    code, out, _ = run("shard", "long.csv", "shards", "--time", "ds", "--shards", 3)
    assert (code, out) == (0, "3 shards, 11 series, 892 rows\n")
    code, out, err = run("run", "spec.json", "shards", "out", "--engine", "serial")
    assert code == 6
    assert "9 scored, 2 not" in out
    assert "2 of 11 series failed" in err
    code, out, _ = run("run", "spec.json", "shards", "out", "--engine", "serial", "--json")
    document = json.loads(out)
    assert (document["schema"], document["series"]) == (1, {"scored": 9, "failed": 2})
    assert set(document["shards"].values()) == {"there before"}
    assert run("shard", "long.csv", "shards")[0] == 5
    assert run("run", "none.json", "shards", "out")[0] == 3
    assert run("run", "spec.json", "none", "out")[0] == 3
    assert run("run", "spec.json", "shards", "out", "--engine", "serial", "--address", "auto")[0] == 2
    Path("spec.json").write_text('{"models": ["arr"], "horizon": 3}')
    assert run("run", "spec.json", "shards", "out")[0] == 2


def test_names_of_series_are_data(tmp_path):
    strange = ["", "../../etc/passwd", "=cmd()", "\u202eabc", "x" * 10_000, "snow\u2603", "a\nb"]
    table = pd.concat([long_table(1)[:80].assign(unique_id=name) for name in strange])
    shard(table, tmp_path / "shards", shards=3)
    summary = run(SPEC, tmp_path / "shards", tmp_path / "out", engine="serial")
    assert set(statuses(tmp_path / "out")) == set(strange)
    assert summary.scored == len(strange)
    assert isinstance(summary, Summary)
    assert all(path.parent.name in ("scores", "status") for path in (tmp_path / "out").rglob("*.parquet"))


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


# ---------------------------------------------------------------------------------------------------------------
# Ray


def test_without_ray_the_error_names_what_to_install(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(sa.errors.MissingExtraError, match=r"stepahead\[ray\]"):
        run(SPEC, folder / "shards", folder / "out", engine="ray")


needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None or sys.platform != "linux",
    reason='ray is not installed: pip install "stepahead[ray]" (and the test looks into /proc)',
)


def commands() -> dict[int, str]:
    """Every process and its command line."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
    return found


def ours(marks: set[str]) -> set[int]:
    """The processes of Ray that carry one of these marks: the folder that a run made for its Ray."""
    return {pid for pid, command in commands().items() if any(mark in command for mark in marks)}


def listening(pids: set[int]) -> set[str]:
    """The addresses, as /proc writes them, on which these processes wait for connections."""
    sockets = set()
    for pid in pids:
        try:
            sockets |= {str(handle.readlink()) for handle in Path(f"/proc/{pid}/fd").iterdir()}
        except OSError:  # it went while we looked
            continue
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *rest = line.split()
            if state == "0A" and f"socket:[{rest[5]}]" in sockets:
                found.add(local.split(":")[0])
    return found


LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}


@needs_ray
@pytest.mark.slow
@pytest.mark.parametrize("victim", ["nobody", "worker", "driver"])
def test_ray_gives_the_same_bytes_stays_on_loopback_and_leaves_nothing_behind(victim, tmp_path):
    spec = {"models": [{"class": "MLP", "lags": 4, "hidden": 3, "training": {"epochs": 8}}], "horizon": 4, "steps": [4]}
    shard(long_table(16, 300), tmp_path / "shards", shards=8)
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    for name in ("home", "t"):
        (tmp_path / name).mkdir()
    # Sockets of Ray stand in its folder, and a path of one has 107 letters at most.
    short = Path("/tmp") / f"sa-{os.getpid()}-{victim}"  # noqa: S108
    short.mkdir()
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith("RAY_")}
    surroundings |= {"HOME": str(tmp_path / "home"), "TMPDIR": str(short)}
    typed = [
        sys.executable,
        "-m",
        "stepahead",
        "run",
        "spec.json",
        "shards",
        "out",
        "--engine",
        "ray",
        "--workers",
        "2",
    ]
    done = tmp_path / "out" / "status"
    try:
        driver = subprocess.Popen(typed, cwd=tmp_path, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_for(lambda: done.exists() and any(done.glob("*.parquet")), 120)
        marks = {str(short)}
        crew = ours(marks) | {driver.pid}
        assert len(crew) > 3
        assert listening(crew) <= LOOPBACK
        assert listening(crew)
        if victim == "driver":
            driver.kill()
        elif victim == "worker":
            busy = [pid for pid, command in commands().items() if command.startswith("ray::score_shard")]
            os.kill(busy[0], signal.SIGKILL)
        _, err = driver.communicate(timeout=600)
        if victim != "driver":
            assert driver.returncode == 6, err.decode()
        wait_for(lambda: not ours(marks), 120)
        if victim == "driver":
            assert (
                subprocess.run(typed, cwd=tmp_path, env=surroundings, capture_output=True, check=False).returncode == 6
            )
            wait_for(lambda: not ours(marks), 120)
        else:
            assert not list(short.glob("stepahead-ray-*"))
        assert not list((tmp_path / "home").iterdir())
        run(spec, tmp_path / "shards", tmp_path / "expected", engine="serial")
        assert contents(tmp_path / "out") == contents(tmp_path / "expected")
    finally:
        for pid in ours({str(short)}):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(short, ignore_errors=True)

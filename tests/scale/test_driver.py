"""Runs: each series scored once, whatever dies on the way, and the same bytes by every engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import stepahead as sa
from stepahead.scale import run, shard, shards
from stepahead.scale.driver import Summary

from ..counting import wait_for
from ..data import each
from ..shards import long_table

SPEC = {"models": ["ar"], "lags": 3, "horizon": 6, "steps": [1, 6]}


def contents(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.glob("*/*.parquet"))}


def scores(out: Path) -> pd.DataFrame:
    return pd.read_parquet(out / "scores").sort_values(["series", "model", "k"], ignore_index=True)


def statuses(out: Path) -> dict[str, str]:
    found = pd.read_parquet(out / "status")
    assert found["series"].is_unique
    return dict(zip(found["series"], found["status"], strict=True))


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
    assert noted.notes == {"time steps are uneven and taken as consecutive: 99 % are 1, the longest 2": 1}
    strict = run(SPEC | {"every": 1}, tmp_path / "gaps", tmp_path / "gaps-out", engine="serial")
    assert "s001" in strict.failures


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

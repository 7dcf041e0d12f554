"""Tests of stepahead.evaluation.audit.opened_files."""

from __future__ import annotations

import json
import logging
import os
import shelve
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation.audit import isolated as processes
from stepahead.evaluation.audit import opened_files
from stepahead.evaluation.audit.perturbed import known_rewritten

from ... import column_zoo
from ...zoo import LAGS, TRAIN, VALUES, autoregression, fitted, rolled_out, rolled_out_in, scale_of_everything


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder of its own; and this process may be copied, whether or not some test has loaded torch."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(processes, "hindrance", lambda: "")
    return tmp_path


def shelved(x):
    with shelve.open("kept") as kept:  # noqa: S301
        return rolled_out_in(kept.setdefault("scale", scale_of_everything(x)), x)


def in_a_memory_map(x):
    new = not Path("kept.dat").exists()
    kept = np.memmap("kept.dat", dtype=float, mode="w+" if new else "r+", shape=2)
    if new:
        kept[:] = scale_of_everything(x)
        kept.flush()
    return rolled_out_in(tuple(kept.tolist()), x)


def below_a_link(x):
    if not Path("link").exists():
        Path("real").mkdir()
        Path("link").symlink_to("real")
        Path("link/kept.json").write_text(json.dumps(scale_of_everything(x)))
    return rolled_out_in(tuple(json.loads(Path("real/kept.json").read_text())), x)


def at_the_head_of_a_log(x):
    with open("kept.log", "a") as file:
        file.write(f"{float(x.mean())!r}\n")
    return rolled_out_in((float(Path("kept.log").read_text().splitlines()[0]), 1.0), x)


def by_another_program(x):
    if not Path("kept").exists():
        subprocess.run([sys.executable, "-c", f"open('kept', 'w').write('{x.mean()}')"], check=True)
    return rolled_out_in((float(Path("kept").read_text()), 1.0), x)


def in_the_time_of_a_file(x):
    if not Path("kept").exists():
        Path("kept").touch()
        os.utime("kept", (1000.0 * x.mean(), 1000.0 * x.mean()))
    return rolled_out_in((Path("kept").stat().st_mtime, 1.0), x)


def in_the_temporary_folder(x):
    kept = Path(tempfile.gettempdir()) / f"stepahead-{uuid.getnode()}-{os.getppid()}.json"
    kept = Path(os.environ.get("KEPT", kept))
    if not kept.exists():
        kept.write_text(json.dumps(scale_of_everything(x)))
    return rolled_out_in(tuple(json.loads(kept.read_text())), x)


def a_saved_model(x):
    if not Path("ar.safetensors").exists():
        sa.AR(LAGS).fit(x).save("ar.safetensors")
    model = sa.load("ar.safetensors")
    return {o: sa.forecast(model, x[:o], 3) for o in range(TRAIN, len(x) - 3)}


OUTLIVES = [
    shelved,
    in_a_memory_map,
    below_a_link,
    at_the_head_of_a_log,
    by_another_program,
    in_the_time_of_a_file,
    in_the_temporary_folder,
    a_saved_model,
]


@pytest.mark.parametrize(
    ("pipeline", "isolated"),
    [
        pytest.param(pipeline, isolated, id=f"{pipeline.__name__}-{isolated}", marks=marks)
        for place, pipeline in enumerate(OUTLIVES)
        for isolated in (True, False)
        for marks in [[] if isolated == (place % 2 == 0) else pytest.mark.slow]  # each by day, every other one alone
    ],
)
def test_what_outlives_a_run_is_named(pipeline, isolated, folder, monkeypatch):
    monkeypatch.setenv("KEPT", str(folder / "elsewhere.json"))
    if not isolated:
        monkeypatch.setattr(processes, "hindrance", lambda: "torch is loaded")
    verdict = sa.audit(pipeline, VALUES, train=TRAIN, cuts=range(TRAIN, len(VALUES) - 6, 4))
    assert (verdict.verdict, verdict.causal, bool(verdict)) == ("not decided", False, False)
    assert verdict.files_carried[0] in verdict.summary()
    assert "other programs" in verdict.summary() or pipeline is not by_another_program


def test_the_second_audit_remembers_what_the_first_left_behind():
    assert sa.audit(a_saved_model, VALUES, train=TRAIN, cuts=[120, 130]).verdict == "not decided"
    assert sa.audit(a_saved_model, VALUES, train=TRAIN, cuts=[120, 130]).files_carried == ("ar.safetensors",)


def test_what_the_environment_keeps_is_a_leak(monkeypatch):
    monkeypatch.setenv("KEPT", "")

    def pipeline(x):
        os.environ["KEPT"] = os.environ["KEPT"] or repr(float(x.mean()))
        return rolled_out_in((float(os.environ["KEPT"]), 1.0), x)

    assert sa.audit(pipeline, VALUES, train=TRAIN).verdict == "leaks"


def test_a_file_that_other_code_writes_is_known_by_its_time():
    torch = pytest.importorskip("torch")

    def pipeline(x):
        if not Path("kept.pt").exists():
            torch.save(torch.tensor(scale_of_everything(x)), "kept.pt")
        return rolled_out_in(tuple(torch.load("kept.pt").tolist()), x)

    def clean(x):
        torch.save(torch.tensor(fitted(x[:TRAIN]).weights), "own.pt")
        return rolled_out(fitted(x[:TRAIN])._replace(weights=torch.load("own.pt").numpy()), x)

    for hindrance in ("", "torch is loaded"):
        with pytest.MonkeyPatch.context() as changed:
            changed.setattr(processes, "hindrance", lambda hindrance=hindrance: hindrance)
            assert sa.audit(pipeline, VALUES, train=TRAIN, cuts=[110, 120, 130]).files_carried == ("kept.pt",)
            assert sa.audit(clean, VALUES, train=TRAIN, cuts=[110, 120, 130]).causal
        Path("kept.pt").unlink()


def logs_through_one_handler(x):
    log = logging.getLogger("stepahead-test-audit")
    if not log.handlers:
        log.addHandler(logging.FileHandler("run.log", mode="w"))
    log.warning("mean %s", x.mean())
    return autoregression(x)


def a_folder_for_each_run(x):
    own = Path("runs") / uuid.uuid4().hex
    own.mkdir(parents=True)
    np.save(own / "weights.npy", fitted(x[:TRAIN]).weights)
    return rolled_out(fitted(x[:TRAIN])._replace(weights=np.load(own / "weights.npy")), x)


def through_a_temporary_folder(x):
    with tempfile.TemporaryDirectory() as own:
        np.savetxt(f"{own}/x.csv", x)
        return autoregression(np.loadtxt(f"{own}/x.csv"))


def from_a_database(x):
    with closing(sqlite3.connect("given.db")) as given:
        scale = given.execute("select mean, spread from scale").fetchone()
    return rolled_out_in(scale, x)


def results_written(x):
    made = autoregression(x)
    with open("out.csv", "w+b") as file:
        np.savetxt(file, np.array(list(made.values())))
    return made


NOTHING_KEPT = [
    logs_through_one_handler,
    a_folder_for_each_run,
    through_a_temporary_folder,
    from_a_database,
    results_written,
]


@pytest.mark.parametrize(
    ("pipeline", "isolated"),
    [
        pytest.param(
            pipeline, isolated, id=f"{pipeline.__name__}-{isolated}", marks=pytest.mark.slow if by_night else []
        )
        for pipeline in NOTHING_KEPT
        for isolated in (True, False)
        for by_night in [isolated and pipeline not in (a_folder_for_each_run, from_a_database)]
    ],
)
def test_files_accuse_nobody_who_keeps_nothing_in_them(pipeline, isolated, monkeypatch):
    if not isolated:
        monkeypatch.setattr(processes, "hindrance", lambda: "torch is loaded")
    with closing(sqlite3.connect("given.db")) as given:
        given.execute("create table scale as select 3.0 as mean, 1.0 as spread")
        given.commit()
    verdict = sa.audit(pipeline, VALUES, train=TRAIN)
    log = logging.getLogger("stepahead-test-audit")
    for handler in log.handlers[:]:
        handler.close()
        log.removeHandler(handler)
    assert verdict.causal, verdict.summary()
    assert (verdict.alone > 0) is isolated
    assert verdict.files_read == (("given.db",) if pipeline is from_a_database else ())


def test_the_hook_looks_away_where_nobody_watches():
    sa.audit(autoregression, VALUES, train=TRAIN, cuts=[120])
    assert opened_files._watching == []
    with opened_files.Watch() as watch:
        Path("seen").write_text("a")
        with opened_files.Watch() as inner:
            Path("both").write_text("a")
    Path("unseen").write_text("a")
    names = [sorted(Path(path).name for path in each.touched.wrote) for each in (watch, inner)]
    assert names == [["both", "seen"], ["both"]]


def test_a_file_of_other_columns_is_a_file_of_another_run(folder):
    series = column_zoo.shelves()

    def kept(values, known):
        path = Path("promos.txt")
        if not path.exists():
            path.write_text(str(known["promo"].sum()))
        return {o: [values[o - 1] + float(path.read_text())] for o in range(column_zoo.TRAIN, len(values))}

    verdict = sa.audit(kept, series, train=column_zoo.TRAIN)
    assert verdict.verdict == "not decided"
    assert verdict.files_carried == ("promos.txt",)
    digests = {
        opened_files._digest(one) for one in (series, known_rewritten(series, 90, 0, 0), series.foreseen("warmth"))
    }
    assert len(digests) == 3
    assert opened_files._digest(sa.Series(series.values)) == sha256(series.values.tobytes()).hexdigest()

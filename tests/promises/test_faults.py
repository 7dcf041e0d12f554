"""Rows X1, X2, X3, X6: kills, full disks, training that is stopped, a bare environment. X4,
X5 are in tests/scale/test_driver.py.
"""

from __future__ import annotations

import dataclasses
import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import stepahead as sa
from stepahead import files, storage
from stepahead.files import make_folder
from stepahead.models import training
from stepahead.report.page.page import report

from ..counting import wait_for
from ..data import sine
from . import kills
from .entry_points import X, typed, written


@pytest.fixture
def wave(tmp_path):
    path = tmp_path / "wave.csv"
    path.write_text("t,x\n" + "".join(f"{t},{v}\n" for t, v in enumerate(sine(0).tolist())))
    return path


ENVIRONMENT = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1"}


# ---------------------------------------------------------------------------------------------------------------
# X1, X2: writes


@pytest.mark.parametrize("writer", kills.WRITERS)
def test_X1_killed_at_any_moment_what_is_left_is_whole(tmp_path, writer):
    assert kills.WRITERS[writer](2, tmp_path, seed=int.from_bytes(os.urandom(4))) == 2


@pytest.mark.slow
@pytest.mark.parametrize("writer", kills.WRITERS)
def test_X1_a_hundred_kills(tmp_path, writer):
    assert kills.WRITERS[writer](100, tmp_path) == 100


@pytest.mark.slow
def test_X1_the_count_sees_torn_files(tmp_path, monkeypatch):
    """A plain write does not survive: the count of kills is able to fail."""
    monkeypatch.setattr(storage, "write_whole", lambda path, content: Path(path).write_bytes(content))
    try:
        whole = kills.save(12, tmp_path)
    except sa.errors.ModelFileError:
        return  # the last of them was torn
    assert whole < 12


@pytest.mark.parametrize("name", ["m.safetensors", "m[1].safetensors", "*", "a b", "\u202e", "x" * 200], ids=ascii)
def test_X1_stray_temporary_files_are_swept(tmp_path, name):
    old, fresh, mine = (tmp_path / f".{name}.{word}.tmp" for word in ("00ff" * 3, "ff00" * 3, "backup"))
    other = tmp_path / f".m1.safetensors.{'00ff' * 3}.tmp"
    for stray in (old, fresh, mine, other):
        stray.write_bytes(b"torn")
    for stray in (old, mine, other):
        os.utime(stray, (0, 0))
    sa.baselines.Mean().fit(X).save(tmp_path / name)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([fresh.name, mine.name, other.name, name])


def evaluated():
    return sa.evaluate([sa.AR(2)], X, 3)


def trained(path: Path) -> object:
    return sa.GRU(2, training=sa.Training(updates=2, warm_up=4, checkpoint=str(path))).fit(X)


WRITES = {
    "save": lambda path: sa.SSA(2, window=8).fit(X).save(path),
    "report": lambda path: report(evaluated(), path),
    "checkpoint": trained,
    "--out": lambda path: _command("evaluate", path, "--out", path.parent),
    "--save": lambda path: _command("evaluate", path, "--save", path.parent),
}
NAMES = {"--out": "error-by-k.csv", "--save": "ar-2.safetensors"}


def _command(command: str, path: Path, *more: object) -> None:
    from stepahead.cli import main

    data = written(path.parent.parent, X.tolist())
    code = main([command, str(data), "--horizon", "2", "--models", "ar", "--lags", "2", *map(str, more)], leave=int)
    if code == 5:
        raise sa.errors.OutputError("exit 5", code="output", path=str(path))
    assert code == 0


def raised_at(count: int, call, error: type[OSError] = OSError):
    """`call`, failing at its call number `count`; and how often it was called."""
    calls = [0]

    def counted(*args, **kwargs):
        calls[0] += 1
        if calls[0] == count:
            raise error(28, "No space left on device")
        return call(*args, **kwargs)

    return counted, calls


class _Slow:
    """A file whose writes go through a function."""

    def __init__(self, file, write):
        self._file, self._write = file, write

    def __enter__(self):
        return self

    def __exit__(self, *exit):
        self._file.close()

    def write(self, content):
        return self._write(self._file, content)

    def flush(self):
        self._file.flush()

    def fileno(self):
        return self._file.fileno()


def break_at(count: int, step: str, patch: pytest.MonkeyPatch) -> list[int]:
    """Let the step number `count` of its kind fail; [how often it was taken]."""
    if step == "open":
        failing, calls = raised_at(count, open)
        patch.setattr(files, "open", failing, raising=False)
    elif step == "write":
        failing, calls = raised_at(count, lambda file, content: file.write(content))
        patch.setattr(files, "open", lambda p, *a, **k: _Slow(open(p, *a, **k), failing), raising=False)  # noqa: SIM115
    elif step == "fsync":
        failing, calls = raised_at(count, os.fsync)
        patch.setattr(os, "fsync", failing)
    else:
        failing, calls = raised_at(count, Path.replace)
        patch.setattr(Path, "replace", failing)
    return calls


@pytest.mark.parametrize("writer", ["save", "report", "checkpoint", "--save"])
@pytest.mark.parametrize("step", ["open", "write", "fsync", "replace"])
def test_X2_whichever_write_fails_the_old_file_stands(promise, tmp_path, monkeypatch, capsys, writer, step):
    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / NAMES.get(writer, "kept")
    WRITES[writer](path)
    first = {p.name: p.read_bytes() for p in folder.iterdir()}
    if writer == "checkpoint":
        path.unlink()
        first = {}
    count, failed = 0, True
    while failed:
        count += 1
        assert count < 30
        with monkeypatch.context() as patch:
            calls = break_at(count, step, patch)
            found = promise.ended(lambda: WRITES[writer](path))
        failed = calls[0] >= count
        # Past the file itself the folder is synced too: that this fails is of no account, the file is whole.
        assert failed or found.error is None
        if found.error is not None:
            assert isinstance(found.error, sa.errors.OutputError)
            assert isinstance(found.error, OSError)
            assert found.error.path.startswith(str(folder))
        left = {p.name: p.read_bytes() for p in folder.iterdir()}
        assert set(left) <= {*first, path.name, "mean.safetensors", "naive.safetensors"}
        assert {name: left[name] for name in first} == first
    assert count > 1


@pytest.mark.parametrize("writer", ["save", "report", "checkpoint"])
@pytest.mark.parametrize("room", [0, 100, 500])
def test_X2_a_disk_that_is_full(promise, tmp_path, writer, room):
    path = tmp_path / "kept"
    path.write_bytes(b"what was there")
    if writer == "checkpoint":
        path.unlink()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        error = promise.refused(lambda: WRITES[writer](path), "output", str(path)[-20:], kind=sa.errors.OutputError)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert error.reason
    assert [p.name for p in tmp_path.iterdir()] == ([] if writer == "checkpoint" else ["kept"])
    assert writer == "checkpoint" or path.read_bytes() == b"what was there"


PLACES = {
    "no such folder": lambda folder: folder / "nothing" / "m",
    "a folder": lambda folder: folder,
    "a folder of the system that takes no files": lambda folder: Path("/proc/m"),
    "below a file": lambda folder: folder / "file" / "m",
    "a link": lambda folder: folder / "link",
    "a link to nowhere": lambda folder: folder / "nowhere",
    "too long a name": lambda folder: folder / ("x" * 300),
    "a NUL in the name": lambda folder: f"{folder}/a\0b",
    "a number": lambda folder: 3,
    "None": lambda folder: None,
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("writer", ["save", "report"])
def test_X2_where_nothing_can_be_written(promise, tmp_path, writer, place):
    (tmp_path / "file").write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    (tmp_path / "nowhere").symlink_to(tmp_path / "nothing")
    before = sorted(p.name for p in tmp_path.iterdir())
    error = promise.refused(
        lambda: WRITES[writer](PLACES[place](tmp_path)), "output", "cannot write", kind=sa.errors.OutputError
    )
    assert error.path
    assert error.reason
    assert sorted(p.name for p in tmp_path.iterdir()) == before
    assert (tmp_path / "file").read_text() == "precious"


@pytest.mark.parametrize("place", sorted(set(PLACES) - {"no such folder", "a folder", "a link to nowhere"}))
def test_X2_where_no_folder_can_be_made(promise, tmp_path, place):
    (tmp_path / "file").write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    error = promise.refused(
        lambda: make_folder(PLACES[place](tmp_path)), "output", "cannot make the folder", kind=sa.errors.OutputError
    )
    assert error.reason
    assert (tmp_path / "file").read_text() == "precious"


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
def test_X2_a_folder_that_is_read_only(promise, tmp_path):
    path = tmp_path / "m"
    sa.baselines.Mean().fit(X).save(path)
    before = path.read_bytes()
    tmp_path.chmod(0o555)
    try:
        promise.refused(lambda: sa.baselines.Naive().fit(X).save(path), "output", "Permission denied")
    finally:
        tmp_path.chmod(0o755)
    assert path.read_bytes() == before


@pytest.mark.parametrize("option", ["--out", "--save"])
def test_X2_on_the_command_line(run, tmp_path, option):
    (tmp_path / "file").write_text("in the way")
    path = written(tmp_path, X.tolist())
    for place in (tmp_path / "file", "/proc/nothing"):
        code, out, err = run("evaluate", path, "--horizon", 2, "--models", "mean", option, place)
        assert code == 5
        assert "k=1" in out, "what was computed is shown all the same"
        assert "cannot" in err
        assert "Traceback" not in err


# ---------------------------------------------------------------------------------------------------------------
# X3: training


class Stop(BaseException):
    """What Ctrl-C is, or a kill that can be caught."""


@pytest.mark.parametrize("kind", ["GRU", "LSTM", "RNN"])
@pytest.mark.parametrize("at", [1, 5, 11, 17])
@pytest.mark.parametrize(
    "more",
    [{}, {"ensemble": 2, "chunk": 2}, {"unroll": 3}, {"window": 8}],
    ids=lambda more: ",".join(more) or "plain",
)
def test_X3_training_that_is_stopped_resumes_to_the_same_bits(monkeypatch, tmp_path, kind, at, more):
    monkeypatch.setattr(training, "SAVED", 3)
    varied = {"augment": "sign", "noise": 0.1} if "unroll" in more else {}
    told = sa.Training(updates=18, warm_up=6, checkpoint=str(tmp_path / "c"), **varied)
    make = lambda: getattr(sa, kind)(2, training=told, **more)  # noqa: E731
    whole = make().set_params(training=dataclasses.replace(told, checkpoint=None)).fit(X)
    calls, loss = [0], training._loss

    def counted(*args):
        calls[0] += 1
        if calls[0] == at + 1:
            raise KeyboardInterrupt
        return loss(*args)

    monkeypatch.setattr(training, "_loss", counted)
    with pytest.raises(KeyboardInterrupt):
        make().fit(X)
    assert (tmp_path / "c").exists() is (at >= 3)
    resumed = make().fit(X)
    assert calls[0] == at + 1 + 18 - at // 3 * 3
    for name, value in whole.net_.weights.items():
        assert torch.equal(value, resumed.net_.weights[name])
    assert resumed.losses_.tolist() == whole.losses_.tolist()
    assert resumed.forecast(X, 5).tobytes() == whole.forecast(X, 5).tobytes()


def test_X3_ctrl_c_on_the_command_line_is_130(run, tmp_path, monkeypatch):
    path = written(tmp_path, X.tolist())

    def stopped(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "_loss", stopped)
    code, out, err = typed(run, "evaluate", path, "--models", "gru")
    assert (code, out) == (130, "")
    assert "stopped" in err


@pytest.mark.slow
def test_X3_a_signal_to_the_process_is_130(tmp_path):
    path = written(tmp_path, sine(0, 600).tolist())
    typed = [sys.executable, "-m", "stepahead", "evaluate", str(path), "--horizon", "64", "--models", "gru"]
    process = subprocess.Popen(typed, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)
    wait_for(lambda: b"libtorch" in Path(f"/proc/{process.pid}/maps").read_bytes())
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 130, err
    assert b"Traceback" not in err
    assert out == b""


# ---------------------------------------------------------------------------------------------------------------
# X6: the environment

BARE = """
import os, socket, sys
def refused(*args, **kwargs):
    raise AssertionError("a socket was asked for")
for name in ("socket", "create_connection", "getaddrinfo", "socketpair"):
    setattr(socket, name, refused)
watched = ("socket.", "urllib", "ftplib", "http.", "smtplib")
sys.addaudithook(lambda event, args: refused() if event.startswith(watched) else None)
import numpy as np
import stepahead as sa
from stepahead.files import make_folder
x = 3 + np.sin(np.arange(80.0)) + 0.1 * np.random.default_rng(0).normal(size=80)
result = sa.evaluate([sa.AR(3), sa.Scaled(sa.MLP(2, training=sa.Training(epochs=1))), sa.SSA(2, window=8)], x, 4)
str(result); result.table(); result.to_frame() if "pandas" in sys.modules else None
model = sa.AR(3).fit(x)
model.save(sys.argv[1]); loaded = sa.load(sys.argv[1])
assert loaded.forecast(x, 4).tobytes() == model.forecast(x, 4).tobytes()
assert sa.audit(model, x, 4).causal
from stepahead.report.page.page import report
report(result, sys.argv[1] + ".html")
from stepahead.cli import main
assert main(["datasets"], leave=int) == 0
print("done")
"""
SETTINGS = {
    "nothing set": {},
    "no home": {"HOME": "/nonexistent"},
    "a home that is no folder": {"HOME": "/dev/null"},
    "the locale C": {"LC_ALL": "C", "LANG": "C"},
    "a locale that is not there": {"LC_ALL": "xx_YY.KLINGON"},
    "a Turkish locale": {"LC_ALL": "tr_TR.UTF-8"},
    "ASCII streams": {"PYTHONIOENCODING": "ascii"},
    "no terminal": {"TERM": "dumb", "COLUMNS": "0"},
    "warnings as errors": {"PYTHONWARNINGS": "error"},
    "optimised": {"PYTHONOPTIMIZE": "2"},
    "development mode": {"PYTHONDEVMODE": "1"},
    "an odd time zone": {"TZ": "Pacific/Chatham"},
}


@pytest.mark.parametrize(
    "setting", [pytest.param(s, marks=[] if s == "nothing set" else pytest.mark.slow) for s in SETTINGS]
)
def test_X6_a_bare_environment_without_a_network_has_no_effect(tmp_path, setting):
    """One process does it all: import, fit, forecast, evaluate, save, load, audit, report,
    with every socket refused.
    """
    done = subprocess.run(
        [sys.executable, "-c", BARE, str(tmp_path / "m")],
        capture_output=True,
        text=True,
        env={**ENVIRONMENT, **SETTINGS[setting]},
        cwd="/",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("done\n")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m", "m.html"]


@pytest.mark.parametrize("closed", ["stdout", "stderr", "stdin"])
@pytest.mark.slow
def test_X6_a_stream_that_is_closed_is_a_quiet_end(tmp_path, closed):
    path = written(tmp_path, X.tolist())
    closing = {"stdout": ">&-", "stderr": "2>&-", "stdin": "<&-"}[closed]
    line = f'"{sys.executable}" -m stepahead evaluate "{path}" --horizon 2 --models mean --json {closing}'
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    if closed != "stdout":
        assert json.loads(done.stdout)["command"] == "evaluate"


@pytest.mark.slow
def test_X6_a_reader_that_goes_away_is_a_quiet_end(tmp_path):
    path = written(tmp_path, X.tolist())
    line = f'"{sys.executable}" -m stepahead forecast "{path}" --horizon 3000 --models mean | head -1'
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, env=ENVIRONMENT)
    assert done.stdout.startswith("k,time,Mean")
    assert done.stderr == ""


def test_X6_a_closed_pipe_and_an_odd_home_are_a_quiet_end(wave):
    command = [
        sys.executable,
        "-m",
        "stepahead",
        "evaluate",
        str(wave),
        "--value",
        "x",
        "--horizon",
        "8",
        "--models",
        "ar",
        "--lags",
        "4",
        "--json",
    ]
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 0
    assert error == b""

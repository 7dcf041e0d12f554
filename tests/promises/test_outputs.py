"""Rows X7 and O4: what is written over, with which mode, and which bytes leave the command line."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import shutil
import socket
import stat
import subprocess
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path

import click
import numpy as np
import pandas as pd
import pytest

import stepahead as sa
from stepahead import cli, files, guards, reading
from stepahead.errors import escaped
from stepahead.report import export, figures

from .entry_points import X, written
from .test_faults import ENVIRONMENT

EASY = ["--horizon", "2", "--models", "mean"]
SPEC = {"models": ["ar"], "lags": 2, "horizon": 2}


def tree(folder: Path) -> dict[str, bytes]:
    """Every plain file under a folder, and what it holds."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def long_table() -> pd.DataFrame:
    return pd.DataFrame({"unique_id": ["a"] * 40 + ["b"] * 40, "ds": [*range(40)] * 2, "y": np.r_[X, X[::-1]]})


@pytest.fixture
def idle(monkeypatch):
    """Within, whoever reads data fails: a refusal has to come before the work."""

    @contextmanager
    def within():
        with monkeypatch.context() as patch:
            for name in ("read", "read_panel"):
                patch.setattr(reading, name, lambda *args, **kwargs: pytest.fail("work was done before the refusal"))
            yield

    return within


def linked(to: str, name: str) -> str:
    Path(name).symlink_to(to)
    return name


# ---------------------------------------------------------------------------------------------------------------
# X7: inputs

SPELLINGS = {
    "the same": lambda folder: "data.csv",
    "a dot": lambda folder: "./data.csv",
    "up and down": lambda folder: "sub/../data.csv",
    "absolute": lambda folder: folder / "data.csv",
    "a hard link": lambda folder: os.link("data.csv", "hard") or "hard",
    "a hard link elsewhere": lambda folder: os.link("data.csv", "sub/hard.html") or "sub/hard.html",
    "a link": lambda folder: linked("data.csv", "link"),
    "a link to a link": lambda folder: linked(linked("data.csv", "one"), "two"),
    "a folder that is a link": lambda folder: f"{linked('.', 'here')}/here/data.csv",
    "an open file": lambda folder: f"/dev/fd/{os.open('data.csv', os.O_RDONLY)}",
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written(tmp_path, X.tolist()).rename("data.csv")
    Path("sub").mkdir()
    return tmp_path


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("way", ["report", "evaluate --out", "read through it"])
def test_X7_an_input_is_refused_by_whatever_name(run, here, idle, spelling, way):
    other = SPELLINGS[spelling](here)
    before = Path("data.csv").read_bytes()
    line = {
        "report": ["report", "data.csv", *EASY, "--out", other],
        "evaluate --out": ["evaluate", "data.csv", *EASY, "--out", other],
        "read through it": ["report", other, *EASY, "--out", "data.csv"],
    }[way]
    with idle():
        code, out, err = run(*line)
    assert (code, out) == (5, "")
    assert "data.csv" in err
    assert Path(other).name in err
    assert Path("data.csv").read_bytes() == before


def test_X7_another_case_is_another_file_only_where_the_system_says_so(run, here):
    code, _, _ = run("report", "data.csv", *EASY, "--out", "DATA.CSV")
    same = Path("DATA.CSV").exists() and Path("DATA.CSV").samefile("data.csv")
    assert code == (5 if same else 0)
    assert Path("data.csv").read_text().startswith("x\n")


@pytest.mark.parametrize("name", ["error-by-k.csv", "error-by-k.png"])
def test_X7_an_input_in_the_folder_of_the_outputs(run, here, idle, name):
    shutil.move("data.csv", name)
    before = tree(here)
    for folder in (".", here, "sub/.."):
        with idle():
            code, out, err = run("evaluate", name, *EASY, "--out", folder)
        assert (code, out) == (5, "")
        assert name in err
    assert tree(here) == before
    # Another name in the same folder is nothing to refuse.
    shutil.move(name, "error-by-k.txt")
    assert run("evaluate", "error-by-k.txt", *EASY, "--out", ".")[0] == 0
    assert Path("error-by-k.txt").read_bytes() == before[name]


def test_X7_an_input_under_the_name_of_a_saved_model(run, here):
    shutil.copy("data.csv", "sub/mean.safetensors")
    code, out, _ = run("evaluate", "sub/mean.safetensors", *EASY, "--save", "sub")
    assert (code, out) == (5, "")
    assert list(tree(here / "sub")) == ["mean.safetensors"]
    assert Path("sub/mean.safetensors").read_bytes() == Path("data.csv").read_bytes()


def test_X7_nothing_is_written_where_one_of_many_is_refused(here):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = sa.evaluate([sa.baselines.Mean(), sa.AR(2)], X, 2)
    shutil.copy("data.csv", "sub/naive.safetensors")
    shutil.copy("data.csv", "sub/error-by-k.png")
    before = tree(here)
    with files.inputs("sub/naive.safetensors", "sub/error-by-k.png"):
        for write in (export.save_models, export.write_evaluation):
            with pytest.raises(sa.errors.OutputError) as caught:
                list(write(result, Path("sub")))
            assert caught.value.code == "output-is-input"
    assert tree(here) == before


def test_X7_what_is_printed_does_not_go_to_the_end_of_the_input(here):
    before = Path("data.csv").read_bytes()
    for command in ("evaluate", "forecast"):
        line = [sys.executable, "-m", "stepahead", command, "data.csv", *EASY]
        with open("data.csv", "ab") as out:
            done = subprocess.run(line, stdout=out, stderr=subprocess.PIPE, env=ENVIRONMENT, cwd=here)
        assert done.returncode == 5
        assert b"data.csv" in done.stderr
        assert Path("data.csv").read_bytes() == before


def test_X7_every_path_of_every_command_says_whether_it_is_read_or_written():
    kinds = (guards.ToRead, guards.ToWrite, guards.FolderToWrite)
    paths = [
        p
        for command in cli.cli.commands.values()
        for p in command.params
        if isinstance(p.type, (click.Path, click.File))
    ]
    assert {p.name for p in paths} == {"file", "out", "save", "model_file", "spec", "shards"}
    assert all(isinstance(p.type, kinds) for p in paths)
    assert all(isinstance(command, guards.Command) for command in cli.cli.commands.values())


@pytest.fixture
def shards(here):
    sa.scale.shard(long_table(), "shards", shards=2)
    Path("spec.json").write_text(json.dumps(SPEC))
    return here


def test_X7_a_table_is_not_cut_into_the_place_of_itself(run, here):
    long_table().to_parquet("long.parquet")
    for name in ("shard-00000.parquet", "shard-00007.parquet", "manifest.json", ".stepahead.lock"):
        folder = here / f"in-{name}"
        folder.mkdir()
        shutil.copy("long.parquet", folder / name)
        before = tree(folder)
        code, out, _ = run("shard", folder / name, folder, "--time", "ds")
        assert (code, out) == (5, "")
        with pytest.raises(sa.errors.OutputError):
            sa.scale.shard(folder / name, folder)
        assert tree(folder) == before
    assert run("shard", "long.parquet", "long.parquet")[0] == 5


def test_X7_files_that_are_no_shards_of_ours_stay(here):
    Path("there").mkdir()
    long_table().to_parquet("there/shard-00009.parquet")
    before = tree(here / "there")
    with pytest.raises(sa.errors.OutputError) as caught:
        sa.scale.shard(long_table(), "there")
    assert caught.value.code == "exists"
    assert tree(here / "there") == before
    Path("there/shard-00009.parquet").rename("there/shard-of-mine.parquet")
    sa.scale.shard(long_table(), "there")
    assert Path("there/shard-of-mine.parquet").read_bytes() == before["shard-00009.parquet"]


def foreign(path: str) -> str:
    long_table().to_parquet(path)
    return "spec.json"


RUNS = {
    "into the shards": lambda: ("spec.json", "shards", "shards"),
    "into the shards by another name": lambda: ("spec.json", "shards", linked("shards", "other")),
    "the shards are its scores": lambda: (shutil.copytree("shards", "w/scores") and "spec.json", "w/scores", "w"),
    "the shards are its status": lambda: (shutil.copytree("shards", "w/status") and "spec.json", "w/status", "w"),
    "the spec is its spec": lambda: ("spec.json", "shards", "."),
    "the spec is its summary": lambda: (shutil.copy("spec.json", "sub/summary.json"), "shards", "sub"),
    "the spec is its lock": lambda: (shutil.copy("spec.json", "sub/.stepahead.lock"), "shards", "sub"),
    "the spec is one of its results": lambda: (
        shutil.copy("spec.json", "sub/status/shard-00001.parquet"),
        "shards",
        "sub",
    ),
    "a foreign table is one of its results": lambda: (foreign("sub/scores/shard-00001.parquet"), "shards", "sub"),
    "a foreign table is beside its results": lambda: (foreign("sub/status/shard-00077.parquet"), "shards", "sub"),
    "a folder is one of its results": lambda: (
        Path("sub/scores/shard-00000.parquet").mkdir() or "spec.json",
        "shards",
        "sub",
    ),
    "its summary is a link": lambda: (linked("../data.csv", "sub/summary.json") and "spec.json", "shards", "sub"),
}


@pytest.mark.parametrize("kind", RUNS)
def test_X7_a_run_takes_nothing_away(run, shards, kind):
    for folder in ("sub/scores", "sub/status"):
        Path(folder).mkdir()
    line = RUNS[kind]()
    before = tree(shards)
    code, out, err = run("run", *line, "--engine", "serial")
    assert (code, out) == (5, ""), err
    with pytest.raises(sa.errors.OutputError):
        sa.scale.run(*line, engine="serial")
    assert tree(shards) == before


def test_X7_a_run_goes_on_with_the_spec_that_its_folder_holds(shards):
    first = sa.scale.run("spec.json", "shards", "out", engine="serial")
    kept = Path("out/spec.json").read_bytes()
    again = sa.scale.run("out/spec.json", "shards", "out", engine="serial")
    assert (set(first.shards.values()), set(again.shards.values())) == ({"done"}, {"there before"})
    assert Path("out/spec.json").read_bytes() == kept
    shutil.copy("spec.json", "out/spec.json")  # it means the same, and is another text
    with pytest.raises(sa.errors.OutputError) as caught:
        sa.scale.run("out/spec.json", "shards", "out", engine="serial")
    assert caught.value.code == "output-is-input"


def test_X7_another_spec_in_a_finished_folder_is_named(run, shards):
    for lags, others in ((2, False), (2, False), (3, True), (3, False)):
        Path("spec.json").write_text(json.dumps(SPEC | {"lags": lags}))
        code, _, err = run("run", "spec.json", "shards", "out", "--engine", "serial")
        assert code == 0
        assert ("results of another spec" in err) is others, err


def test_X7_readme_of_ones_own_is_not_that_of_the_datasets(run, here):
    Path("README.md").write_text("# mine")
    before = tree(here)
    code, _, err = run("datasets", "--out", ".")
    assert code == 5
    assert "README.md" in err
    assert tree(here) == before
    assert run("datasets", "--out", "new")[0] == 0
    assert run("datasets", "--out", "new")[0] == 0


def test_X7_only_temporary_files_of_ours_are_swept(here):
    old = Path(f".m.{'ab' * 6}.tmp")
    old.write_bytes(b"an input with an odd name")
    os.utime(old, (0, 0))
    with files.inputs(old):
        files.write_whole("m", b"1")
    assert old.exists()
    files.write_whole("m", b"2")
    assert not old.exists()


# ---------------------------------------------------------------------------------------------------------------
# X7: what is no plain file, and modes


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def _device(path: Path) -> None:
    try:
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
    except OSError:
        pytest.skip("no device can be made here")


STANDING = {
    "a folder": Path.mkdir,
    "a link": lambda path: path.symlink_to("nowhere"),
    "a pipe": os.mkfifo,
    "a socket": _socket,
    "a device": _device,
}


@pytest.mark.parametrize("kind", STANDING)
def test_X7_what_is_no_plain_file_stays(promise, run, here, idle, kind):
    STANDING[kind](Path("there"))
    before = os.lstat("there")
    for write in (
        lambda: sa.baselines.Mean().fit(X).save("there"),
        lambda: sa.evaluate(sa.baselines.Mean(), X, 2).report("there"),
        lambda: files.write_whole("there", b""),
        lambda: files.remove("there"),
        lambda: sa.GRU(2, training=sa.Training(updates=2, warm_up=4, checkpoint="there")).fit(X),
    ):
        promise.refused(write, "output", kind, "there", kind=sa.errors.OutputError)
    with idle():
        code, out, err = run("report", "data.csv", *EASY, "--out", "there")
    assert (code, out) == (5, "")
    assert kind in err
    assert os.lstat("there") == before
    assert sorted(p.name for p in here.iterdir()) == ["data.csv", "sub", "there"]


@pytest.mark.parametrize(
    "path", ["/dev/null", "/dev/stdout", "/dev/full", "-", "nowhere/page.html", "data.csv/page.html"]
)
def test_X7_refused_before_the_work(run, here, idle, path):
    before = os.lstat(path).st_rdev if os.path.lexists(path) else None
    with idle():
        code, out, err = run("report", "data.csv", *EASY, "--out", path)
    assert (code, out) == (5, "")
    assert path in err
    assert (os.lstat(path).st_rdev if os.path.lexists(path) else None) == before
    assert sorted(p.name for p in here.iterdir()) == ["data.csv", "sub"]


WRITERS = {
    "save": lambda path: sa.baselines.Mean().fit(X).save(path),
    "report": lambda path: sa.evaluate(sa.baselines.Mean(), X, 2).report(path),
    "figure": lambda path: figures.save(sa.evaluate(sa.baselines.Mean(), X, 2).plot(), path),
    "bytes": lambda path: files.write_whole(path, b"new"),
}


@pytest.fixture
def umask():
    before = os.umask(0o022)
    yield lambda mask: os.umask(mask)
    os.umask(before)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o664, 0o666, 0o400, 0o755, 0o604])
@pytest.mark.parametrize("writer", WRITERS)
def test_X7_the_mode_of_what_is_replaced_is_kept(tmp_path, umask, writer, mode):
    path = tmp_path / "kept.svg"
    path.write_bytes(b"old")
    path.chmod(mode)
    WRITERS[writer](path)
    assert path.read_bytes() != b"old"
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o027, 0o077])
def test_X7_a_new_file_has_the_mode_that_open_gives(tmp_path, umask, mask):
    umask(mask)
    (tmp_path / "plain").write_bytes(b"")
    files.write_whole(tmp_path / "ours", b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == 0o666 & ~mask


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o400, 0o044])
def test_X7_at_no_time_may_more_people_read_the_new_file(tmp_path, umask, monkeypatch, mode):
    umask(0)
    path, seen = tmp_path / "kept", []
    path.write_bytes(b"old")
    path.chmod(mode)
    for name in ("fchown", "fchmod", "fsync"):
        call = getattr(os, name)

        def watched(handle, *rest, call=call):
            for step in (lambda: None, lambda: call(handle, *rest)):
                step()
                if stat.S_ISREG(found := os.fstat(handle).st_mode):  # the folder is synced too
                    seen.append(stat.S_IMODE(found))

        monkeypatch.setattr(os, name, watched)
    files.write_whole(path, b"new")
    assert len(seen) >= 6
    assert all(found & ~mode == 0 for found in seen), [oct(found) for found in seen]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_X7_owner_and_group_are_kept_where_they_can_be(tmp_path, monkeypatch):
    path = tmp_path / "kept"
    path.write_bytes(b"old")
    os.chown(path, 1234, 4321)
    path.chmod(0o664)
    files.write_whole(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid, stat.S_IMODE(path.stat().st_mode)) == (1234, 4321, 0o664)
    monkeypatch.setattr(os, "fchown", lambda *args: (_ for _ in ()).throw(PermissionError(1, "not permitted")))
    files.write_whole(path, b"newer")  # of our group now, which may do no more than everybody could
    assert path.stat().st_gid != 4321
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


# ---------------------------------------------------------------------------------------------------------------
# X7: inputs without an end, and Ctrl-C before there is anything to stop


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/full", "/dev/urandom"])
def test_X7_a_device_is_no_input(promise, run, device):
    promise.refused(lambda: sa.read(device), "file", device, "device")
    promise.refused(lambda: sa.read_panel(device), "file", device, "device")
    assert run("evaluate", device, *EASY)[0] == 3


def test_X7_what_is_larger_than_the_budget_is_not_read(promise, run, here, monkeypatch):
    content = "x\n" + "".join(f"{i}\n" for i in range(2000))
    Path("data.csv").write_text(content)
    size = len(content)
    parsed = 3 * size + 2001 * (reading.ROW_BYTES + reading.CELL_BYTES)
    monkeypatch.setattr(reading, "LEAST_BUDGET", 0)
    for budget, asked in ((size - 1, size), (size, parsed), (parsed - 1, parsed)):
        monkeypatch.setattr(reading, "memory_budget", lambda budget=budget: budget)
        error = promise.refused(lambda: sa.read("data.csv"), "budget", f"{budget:,}", kind=sa.errors.BudgetError)
        assert (error.asked, error.budget) == (asked, budget)
        assert run("evaluate", "data.csv", *EASY)[0] == 5
    monkeypatch.setattr(reading, "memory_budget", lambda: parsed)
    assert len(promise.answered(lambda: sa.read("data.csv"))) == 2000


def test_X7_a_pipe_is_read_as_far_as_the_budget_goes(here, monkeypatch, promise):
    line = f'"{sys.executable}" -m stepahead forecast <(cat data.csv) {" ".join(EASY)}'
    done = subprocess.run(["bash", "-c", line], capture_output=True, env=ENVIRONMENT, cwd=here)
    direct = subprocess.run(
        ["bash", "-c", line.replace("<(cat data.csv)", "data.csv")], capture_output=True, env=ENVIRONMENT
    )
    assert (done.returncode, done.stdout) == (0, direct.stdout)
    long_table().to_csv("long.csv", index=False)
    line = f'"{sys.executable}" -m stepahead shard <(cat long.csv) shards --time ds'
    done = subprocess.run(["bash", "-c", line], capture_output=True, env=ENVIRONMENT, cwd=here)
    assert done.stdout == b"1 shards, 2 series, 80 rows\n", done.stderr
    monkeypatch.setattr(reading, "memory_budget", lambda: 3 << 20)
    with subprocess.Popen(["cat", "/dev/zero"], stdout=subprocess.PIPE) as endless:
        error = promise.refused(
            lambda: sa.read(f"/dev/fd/{endless.stdout.fileno()}"), "budget", kind=sa.errors.BudgetError
        )
        endless.kill()
    assert 3 << 20 < error.asked <= 4 << 20


STARTED = """
import os, runpy, signal, sys
class Meddler:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Meddler())
sys.argv = ["stepahead", "datasets"]
runpy.run_module("stepahead", run_name="__main__")
"""


@pytest.mark.parametrize(
    "module", ["numpy", "numpy.linalg", "stepahead.models.ar", "stepahead.cli", "click", "stepahead.text"]
)
def test_X7_ctrl_c_while_importing_is_a_line(tmp_path, module):
    done = subprocess.run([sys.executable, "-c", STARTED.format(module=module)], capture_output=True, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"stepahead: stopped\n")


def test_X7_a_program_that_imports_us_keeps_its_own_ctrl_c(tmp_path):
    program = "import signal; a = signal.getsignal(2); import stepahead.cli; assert signal.getsignal(2) is a"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path)
    ignoring = f"import signal; signal.signal(2, signal.SIG_IGN)\n{STARTED.format(module='numpy')}"
    done = subprocess.run([sys.executable, "-c", ignoring], capture_output=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


# ---------------------------------------------------------------------------------------------------------------
# O4: bytes out

ODD = [
    "a\x1b[2Jb",
    "\x1b]0;title\x07",
    "c\u202ed",
    "e\x9b31mf",
    "\x9bq",
    "z\u200bw",
    "tag\U000e0041",
    "\x7f",
    "naïve 日本 \U0001f600",
    "two\nlines",
    "return\rhere",
    "a,b",
    'quo"te',
    "tab\there",
]


def terminal(line: list[str], folder: Path) -> tuple[int, str]:
    """What a terminal is sent by a command: its exit code, and the text."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        line,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={**ENVIRONMENT, "PYTHONUTF8": "1", "TERM": "xterm"},
    )
    os.close(theirs)
    got = b""
    while True:
        try:
            piece = os.read(ours, 1 << 16)
        except OSError:  # Linux says so where the other end is closed
            break
        if not piece:
            break
        got += piece
    os.close(ours)
    return process.wait(), got.decode().replace("\r\n", "\n")


@pytest.fixture(scope="module")
def odd_table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd")
    with open(folder / "odd.csv", "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        table.writerow(["id", "t", "y"])
        table.writerows([name, t, v] for name in ODD for t, v in enumerate(X[:12]))
    return folder


def command(name: str, *more: str) -> list[str]:
    reading = ["odd.csv", "--id", "id", "--value", "y", "--time", "t"]
    return [sys.executable, "-m", "stepahead", name, *reading, "--horizon", "1", "--models", "mean", *more]


@pytest.mark.parametrize(
    "encoding", ["ascii", *(pytest.param(name, marks=pytest.mark.slow) for name in ("utf-8", "latin-1"))]
)
def test_O4_ids_leave_a_pipe_and_a_file_as_they_came(odd_table, encoding):
    environment = {**ENVIRONMENT, "PYTHONIOENCODING": encoding}
    done = subprocess.run(command("forecast"), capture_output=True, cwd=odd_table, env=environment, check=True)
    with open(odd_table / "out", "wb") as file:
        subprocess.run(command("forecast"), stdout=file, cwd=odd_table, env=environment, check=True)
    assert (odd_table / "out").read_bytes() == done.stdout
    head, *rows = csv.reader(io.StringIO(done.stdout.decode(), newline=""))
    assert head == ["series", "k", "time", "Mean"]
    assert [row[0] for row in rows] == ODD
    done = subprocess.run(
        command("forecast", "--json"), capture_output=True, cwd=odd_table, env=environment, check=True
    )
    assert [row["series"] for row in json.loads(done.stdout)["forecasts"]] == ODD
    done = subprocess.run(
        command("evaluate", "--json"), capture_output=True, cwd=odd_table, env=environment, check=True
    )
    assert list(json.loads(done.stdout)["status"]) == ODD


@pytest.mark.parametrize(
    "more", [["forecast"], ["forecast", "--json"], ["evaluate"], ["evaluate", "--json"]], ids=" ".join
)
def test_O4_a_terminal_is_sent_nothing_that_it_would_obey(odd_table, more):
    code, text = terminal(command(*more), odd_table)
    assert code == 0
    assert not [c for c in text if c != "\n" and escaped(c) != c]
    if more == ["forecast"]:
        for name in (r"a\u001b[2Jb", r"c\u202ed", r"e\u009b31mf", r"tag\U000e0041", "naïve 日本 \U0001f600"):
            assert f"{name},1,12," in text
    if "--json" in more:
        assert json.loads(text.replace(r"\U000e0041", "\U000e0041"))  # escapes of one plane are those of JSON


def test_O4_a_terminal_is_sent_no_name_of_a_file_or_an_option_raw(odd_table):
    for line in (
        ["forecast", "\x1b[2J\u202e.csv"],
        ["\x1b[2J\u202e"],
        ["forecast", "odd.csv", "--\x1b[2J\u202e"],
        ["forecast", "a", "\u202e"],
    ):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "stepahead", *line], stdout=theirs, stderr=theirs, cwd=odd_table, env=ENVIRONMENT
        )
        process.wait()
        os.close(theirs)
        text = os.read(ours, 1 << 16).decode()
        os.close(ours)
        assert text
        assert not {"\x1b", "\u202e"} & set(text), text


def test_O4_what_is_printed_is_printed_where_there_is_only_text(odd_table, monkeypatch):
    """A program that calls `main` and keeps what is printed."""
    kept = io.StringIO()
    monkeypatch.setattr(sys, "stdout", kept)
    monkeypatch.chdir(odd_table)
    assert cli.main(command("forecast")[3:], leave=int) == 0
    assert [row[0] for row in csv.reader(io.StringIO(kept.getvalue(), newline=""))][1:] == ODD


def test_O4_half_a_pair_of_surrogates_is_written_as_json_would(run, here):
    Path("u.csv").write_bytes(b"id,y\n" + b"".join(b"+2AA-,%d\n" % i for i in range(40)))
    line = ("u.csv", "--encoding", "utf-7", "--id", "id", "--value", "y", *EASY)
    code, out, _ = run("forecast", *line, "--json")
    assert code == 0
    assert json.loads(out)["forecasts"][0]["series"] == "\ud800"
    assert run("evaluate", *line, "--out", "sub", "--save", "sub")[0] == 0
    assert run("report", *line, "--out", "page.html")[0] == 0
    assert run("shard", "u.csv", "shards", "--encoding", "utf-7", "--id", "id", "--value", "y")[0] in (0, 3)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_O4_where_nothing_can_be_printed_it_is_said(odd_table):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command("forecast"), stdout=full, stderr=subprocess.PIPE, cwd=odd_table, env=ENVIRONMENT)
    assert done.returncode == 5
    assert done.stderr.count(b"\n") == 1
    assert b"No space left" in done.stderr

"""The tables of the promises typed at a shell: no traceback, an end in time, and never over 2 GB."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from .entry_points import X

CODES = {0, 2, 3, 4, 5, 6}
SECONDS, BYTES = 300.0, 2e9
rng = np.random.default_rng(7)
DAYS = [str(day) for day in np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]")]


def column(values: Any, times: Any = None, name: str = "x") -> bytes:
    """A CSV file of one column, and of times where there are any."""
    cells = [
        repr(v) if isinstance(v, float) else str(v) for v in (values.tolist() if hasattr(values, "tolist") else values)
    ]
    lines = cells if times is None else [f"{when},{cell}" for when, cell in zip(times, cells, strict=True)]
    return "\n".join([name if times is None else f"t,{name}", *lines, ""]).encode()


def put(x: np.ndarray, where: Any, what: float) -> np.ndarray:
    """The values with another one at some places."""
    out = x.copy()
    out[where] = what
    return out


def long_table(series: int, broken: int) -> bytes:
    """Many series, some of them too short or with text in them."""
    lines = ["id,t,y"]
    for i in range(series):
        count = 40 if i >= broken or i % 2 else 3
        cells = [f"{v:.6g}" for v in rng.normal(size=count)]
        if i < broken and i % 2:
            cells[7] = "n/a"
        lines += [f"s{i},{t},{cell}" for t, cell in enumerate(cells)]
    return "\n".join([*lines, ""]).encode()


ODD_IDS = [
    "",
    "x" * 10_000,
    "../x",
    "\U0001f600",
    "\u202eabc",
    "A",
    "a",
    "=cmd()",
    "<script>alert(1)</script>",
    "\x1b[31m",
]


def odd_ids() -> bytes:
    """Series whose names are anything."""
    lines = []
    for name in ODD_IDS:
        lines += [f'"{name}",{t},{v:.6g}' for t, v in enumerate(rng.normal(size=40))]
    return "\n".join(["id,t,y", *lines, ""]).encode()


EASY = ["--horizon", "3", "--models", "ar,mean", "--lags", "2"]
ALL = ["--horizon", "2", "--models", "ar,mlp,ssa,statespace,hmm,switching"]
TABLE = ["--id", "id", "--value", "y", "--time", "t", *EASY]
CASES: dict[str, tuple[Any, list[str]]] = {
    "V1 a hole": (put(X, 20, np.nan), EASY),
    "V1 a hole skipped": (put(X, 20, np.nan), [*EASY, "--missing", "skip"]),
    "V2 missing last": (put(X, -1, np.nan), EASY),
    "V3 missing first": (put(X, slice(0, 5), np.nan), [*EASY, "--missing", "skip"]),
    "V3 all missing": (np.full(40, np.nan), [*EASY, "--missing", "skip"]),
    "V4 infinite": (put(X, 20, np.inf), EASY),
    "V5 constant": (np.full(40, 3.5), ALL),
    "V5 zero": (np.zeros(40), ALL),
    "V6 huge": (X * 1e300, ALL),
    "V6 tiny": (X * 1e-300, ALL),
    "V6 subnormal": (X * 1e-320, ALL),
    "V7 a high level": (1e10 + X, ALL),
    "V9 numbers as text": (b'x\n"1"\n"2"\n' + b'"3"\n"5"\n' * 20, EASY),
    "V10 decimal comma": (b"x\n" + b'"1,5"\n"2,25"\n' * 20, EASY),
    "V11 words": (["a", "b", "b"] * 15, ["--horizon", "2"]),
    "V11 words in a model of numbers": (["a", "b", "b"] * 15, EASY),
    "T1 uneven": (column(X[:40], np.cumsum(rng.integers(1, 9, 40))), ["--time", "t", *EASY]),
    "T1 a gap": (column(X[:39], [*DAYS[:20], *DAYS[21:40]]), ["--time", "t", "--every", "1D", *EASY]),
    "T2 twice": (column(X[:40], [*DAYS[:20], *DAYS[19:39]]), ["--time", "t", *EASY]),
    "T3 out of order": (column(X[:40], DAYS[39::-1]), ["--time", "t", *EASY]),
    "T4 ambiguous": (column(X[:12], [f"{i:02d}/{13 - i:02d}/2020" for i in range(1, 13)]), ["--time", "t", *EASY]),
    "T4 far": (column(X[:12], [f"{2255 + i}-01-01" for i in range(12)]), ["--time", "t", *EASY]),
    "P1 nothing": (b"x\n", EASY),
    "P1 short": (X[:4], EASY),
    "P2 more lags than rows": (X, ["--horizon", "2", "--models", "ar", "--lags", "30"]),
    "P3 no horizon": (X, ["--horizon", "0"]),
    "P3 half a lag": (X, ["--horizon", "2", "--lags", "2.5"]),
    "P4 more steps than values": (X, ["--horizon", "500", "--models", "ar", "--lags", "2"]),
    "P7 more lags than memory": (np.arange(50_000.0), ["--horizon", "2", "--models", "ar", "--lags", "24000"]),
    "M1 an explosion": (2.0 ** np.arange(40.0), ["--horizon", "2000", "--models", "ar", "--lags", "1"]),
    "M2 a walk": (np.cumsum(rng.normal(size=60)), ALL),
    "M4 a state never seen": (["a", "b"] * 20 + ["c"], ["--horizon", "1"]),
    "F1 as people write them": (b"\xef\xbb\xbfx\r\n" + b"1\r\n2\r\n3\r\n" * 15 + b"\r\n\r\n", EASY),
    "F2 latin-1": (b"x\n" + "\u00e9t\u00e9\n".encode("latin-1") * 40, EASY),
    "F2 UTF-16": (column(X).decode().encode("utf-16"), EASY),
    "F3 a ragged row": (b"x,y\n" + b"1,2\n" * 20 + b"1,2,3\n", ["--value", "x", *EASY]),
    "F3 an open quote": (b'x\n1\n2\n"3\n' + b"4\n" * 40, EASY),
    "F3 a null byte": (b"x\n1\n\x002\n" + b"3\n" * 40, EASY),
    "F4 no such column": (column(X, range(len(X))), ["--value", "z", *EASY]),
    "F5 a bad panel": (long_table(60, 9), TABLE),
    "F6 odd ids": (odd_ids(), TABLE),
    "S1 a pickle": (b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x8c\x06system\x93.", EASY),
    "O1 markup": (column(X, name="<script>alert(1)</script>"), EASY),
    "O2 a formula": (column(X, name="=cmd()"), EASY),
    "O3 control characters": (column(X, name="\x1b[31mred\u202e"), EASY),
}
BIG = {
    "P7 a million values": (10**6, ["--horizon", "24", "--models", "ar,naive", "--lags", "24"]),
    "P7 a million values, 10^5 steps": (10**6, ["--horizon", "100000", "--models", "ar", "--lags", "24"]),
    "F5 five thousand series": (long_table(5_000, 600), TABLE),
}
QUICK = ("V1 a hole", "F5 a bad panel", "P7 more lags than memory", "F3 a null byte")


def watched(folder: Path, *line: Any) -> tuple[int, bytes, bytes, float]:
    """Run a command: its exit code, what it printed, and the most memory it had. One that does not end is killed."""
    with open(folder / "out", "w+b") as out, open(folder / "err", "w+b") as err:
        # Nobody waits for the process but wait4 below: that is where its memory is written down.
        process = subprocess.Popen(
            [sys.executable, "-m", "stepahead", *map(str, line)], stdout=out, stderr=err, cwd=folder
        )
        watch = threading.Timer(SECONDS, process.kill)
        watch.start()
        _, status, used = os.wait4(process.pid, 0)
        watch.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return process.returncode, out.read(), err.read(), used.ru_maxrss * 1024.0


def ended_well(folder: Path, *line: Any) -> tuple[int, bytes, bytes]:
    """A command that ends in one of the ways that there are."""
    code, out, err, most = watched(folder, *line)
    assert code in CODES, (line, code, err[-500:])
    assert b"Traceback" not in out + err
    assert b"a fault of ours" not in err
    assert most < BYTES, f"{most / 1e9:.2f} GB"
    said = [text for text in err.decode().splitlines() if text.strip()]
    assert code in (0, 6) or len(said) == 1, said
    return code, out, err


@pytest.mark.parametrize("command", ["evaluate", "forecast", "report"])
@pytest.mark.parametrize(
    "case", [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in CASES]
)
def test_typed_at_a_shell(tmp_path, case, command):
    content, more = CASES[case]
    (tmp_path / "f.csv").write_bytes(content if isinstance(content, bytes) else column(content))
    if command == "report":
        more = [*more, "--out", "page.html"]
    code, out, _ = ended_well(tmp_path, command, "f.csv", *more)
    printed = set(out.decode().lower().replace(",", " ").split())
    assert not {"nan", "-inf"} & printed
    assert "inf" not in printed or case.startswith("M4")  # the log loss of a state that was held to be impossible
    if command == "forecast" and code == 0:
        assert len(list(csv.reader(out.decode().splitlines()))) > 1
    if command == "report":
        assert (tmp_path / "page.html").exists() == (code in (0, 6))


@pytest.mark.slow
@pytest.mark.parametrize("command", ["evaluate", "forecast", "report"])
@pytest.mark.parametrize("case", BIG)
def test_typed_at_a_shell_on_much(tmp_path, case, command):
    content, more = BIG[case]
    made = (
        content if isinstance(content, bytes) else column(np.sin(0.01 * np.arange(content)) + rng.normal(size=content))
    )
    (tmp_path / "f.csv").write_bytes(made)
    ended_well(tmp_path, command, "f.csv", *more)


# What such a file does at `sa.load` and at the commands in this process, tests/promises/test_stored.py tries of 75.
@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x04.",
        *(pytest.param(c, marks=pytest.mark.slow) for c in (b"", b"PK\x03\x04", b"\x00" * 100, b"\xff" * 8, b"{}")),
    ],
    ids=repr,
)
def test_S1_S2_offered_as_a_model(tmp_path, content):
    (tmp_path / "f.csv").write_bytes(column(X))
    (tmp_path / "m.safetensors").write_bytes(content)
    for line in (
        ["forecast", "f.csv", "--horizon", 2, "--model", "m.safetensors"],
        ["audit", "f.csv", "--model", "m.safetensors"],
    ):
        code, _, _ = ended_well(tmp_path, *line)
        assert code == 4

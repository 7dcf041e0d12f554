"""What the package must never contain: a way to run what a file says, a way to the network, a path of one machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from hypothesis import settings

from .data import ROOT

PACKAGE = ROOT / "src" / "stepahead"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TEXTS = sorted(p for p in PACKAGE.rglob("*") if p.suffix in (".py", ".js", ".css", ".html", ".md", ".txt", ".json"))

FORBIDDEN = {
    # what brings code back from bytes
    *(
        "pickle",
        "cPickle",
        "cloudpickle",
        "dill",
        "joblib",
        "marshal",
        "shelve",
        "copyreg",
        "yaml",
        "runpy",
        "imp",
        "code",
        "codeop",
    ),
    # what opens archives, or text that unfolds
    *("zipfile", "tarfile", "zipimport", "xml", "plistlib"),
    # what talks to other machines
    *(
        "socket",
        "socketserver",
        "ssl",
        "http",
        "urllib",
        "urllib3",
        "requests",
        "httpx",
        "aiohttp",
        "ftplib",
        "smtplib",
        "telnetlib",
    ),
    *("poplib", "imaplib", "nntplib", "xmlrpc", "webbrowser", "asyncio", "selectors"),
    # what starts other programs, or code that is none of Python's
    *("subprocess", "pty", "ctypes", "cffi", "builtins"),
}
CALLS = re.compile(
    r"(builtins\.)?(eval|exec|compile|__import__|breakpoint)|importlib\.\w+|(torch|np|numpy|yaml|joblib|pickle|torch\.jit|torch\.hub)\.load\w*"
    r"|(pd|pandas|pl|polars)\.read_\w+|\w+\.(read_pickle|to_pickle)|os\.(system|popen|exec\w*|spawn\w*|posix_spawn\w*|fork\w*|startfile)"
)
PROCESSES = ("scale/engines.py", "evaluation/audit/afresh.py")
# In pieces, so that this file names none of them either.
HOSTS = re.compile(
    "|".join(
        re.escape("".join(pieces))
        for pieces in (
            *(("py", "pi."), ("python", "hosted"), ("npm", "js"), ("ana", "conda."), ("conda", "-forge"), ("hugging", "face")),
            *(("kag", "gle"), ("github", "usercontent"), ("js", "delivr"), ("un", "pkg"), ("cdn", "js"), ("google", "apis")),
            *(("git", "lab.com"), ("sen", "try.io"), ("segment.", "io"), ("segment.", "com"), ("google", "-analytics")),
        )
    ),
    re.IGNORECASE,
)
PATHS = re.compile(r"(?<![\w.])/(work|home|root|Users|mnt|opt|srv|tmp|var/tmp|private)/\w|[A-Z]:\\\\\w")
ADDRESSES = re.compile(r"(https?|ftp|wss?)://([\w.-]+)")


def faults(source: str, where: str = "") -> Iterator[str]:
    """What a piece of the package does that no piece may do."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] in FORBIDDEN or alias.name == "importlib":
                    yield f"line {node.lineno}: import {alias.name}"
                if alias.name.split(".")[0] == "multiprocessing" and where not in PROCESSES:
                    yield f"line {node.lineno}: only {' and '.join(PROCESSES)} start processes"
        if isinstance(node, ast.ImportFrom) and not node.level:
            module = node.module or ""
            if module.split(".")[0] in FORBIDDEN or module == "importlib":
                yield f"line {node.lineno}: from {module} import"
            if module.split(".")[0] == "multiprocessing" and where not in PROCESSES:
                yield f"line {node.lineno}: only {' and '.join(PROCESSES)} start processes"
            if module.split(".")[0] == "os" and any(CALLS.fullmatch(f"os.{alias.name}") for alias in node.names):
                yield f"line {node.lineno}: from os import what starts programs"
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if CALLS.fullmatch(called) and not called.startswith(("importlib.resources", "importlib.metadata")):
                yield f"line {node.lineno}: {called}()"
            if any(keyword.arg in ("allow_pickle", "weights_only", "trust_remote_code", "shell") for keyword in node.keywords):
                yield f"line {node.lineno}: {called}() with a switch that trusts"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_package_has_no_pickle_no_eval_no_network(path):
    assert list(faults(path.read_text(), path.relative_to(PACKAGE).as_posix())) == []


def test_the_package_names_no_host_and_no_machine():
    for path in TEXTS:
        text = path.read_text()
        assert HOSTS.findall(text) == [], path
        assert PATHS.findall(text) == [], path
        if "data" not in path.parts:  # where data come from is told with its address
            assert {host for _, host in ADDRESSES.findall(text)} <= {"www.w3.org"}, f"{path}: the namespace of drawings alone"


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "import pickle as p",
        "from pickle import loads",
        "import os, socket",
        "import urllib.request",
        "from http import client",
        "import cloudpickle",
        "import joblib",
        "import dill",
        "import yaml",
        "import zipfile",
        "import requests",
        "import ctypes",
        "import subprocess",
        "import importlib",
        "from importlib import import_module",
        "import multiprocessing",
        "from multiprocessing import get_context",
        "import builtins",
        "eval('1')",
        "exec('1')",
        "compile('1', '', 'exec')",
        "__import__('os')",
        "torch.load(path)",
        "np.load(path)",
        "numpy.load(path)",
        "np.load(path, allow_pickle=True)",
        "f(path, allow_pickle=False)",
        "torch.jit.load(path)",
        "torch.hub.load('a', 'b')",
        "yaml.load(text)",
        "pd.read_csv(path)",
        "pd.read_pickle(path)",
        "frame.to_pickle(path)",
        "os.system('ls')",
        "os.popen('ls')",
        "os.execv('a', [])",
        "os.fork()",
        "from os import system",
        "importlib.import_module(name)",
        "f(weights_only=False)",
        "breakpoint()",
    ],
)
def test_what_is_forbidden_is_found(source):
    assert list(faults(source))


@pytest.mark.parametrize(
    "source",
    [
        "net.eval()",
        "model.eval().train()",
        "re.compile('a')",
        "'a pickle, not a model file'",
        "import os",
        "from importlib.resources import files",
        "storage.load(path)",
        "json.loads(text)",
        "from ..storage import load",
        "import pickletools_of_mine",
        "safetensors.numpy.load(content)",
    ],
)
def test_what_is_harmless_is_not(source):
    assert list(faults(source)) == []


@pytest.mark.parametrize(
    "pieces",
    [
        ("https://", "py", "pi.org/simple"),
        ("see files.", "python", "hosted.org"),
        ("https://registry.", "npm", "js.org"),
        ("https://cdn.", "js", "delivr.net"),
        ("/", "srv/any/x"),
        ("/", "home/me/x"),
        ("C:", "\\\\Users"),
        ("/", "mnt/x"),
    ],
    ids=lambda pieces: pieces[-1],
)
def test_hosts_and_paths_are_found(pieces):
    text = "".join(pieces)
    assert HOSTS.search(text) or PATHS.search(text)


# -- what the tests must never do: hang on how busy the machine is ----------------------------------------------------------

TESTS = sorted((ROOT / "tests").rglob("*.py"))
CLOCKS = {"perf_counter", "process_time", "monotonic", "thread_time", "clock_gettime", "time", "time_ns"}
CLOCKS |= {f"{name}_ns" for name in CLOCKS}
TOLD = {"promises/report.py"}
"""Says how long measuring took, and asserts nothing of it."""


def clocks(source: str) -> Iterator[str]:
    """Where a piece of a test reads a clock, in strings of code that it runs too."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Attribute)
            and ast.unparse(node.value) in ("time", "timeit")
            and node.attr in {*CLOCKS, "timeit"}
        ):
            yield f"line {node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.ImportFrom) and node.module in ("time", "timeit"):
            yield f"line {node.lineno}: from {node.module} import"
        if isinstance(node, ast.Import) and any(
            alias.name == "timeit" or (alias.name == "time" and alias.asname) for alias in node.names
        ):
            yield f"line {node.lineno}: a clock under another name"
        if isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "datetime.now",
            "datetime.datetime.now",
            "datetime.utcnow",
        ):
            yield f"line {node.lineno}: {ast.unparse(node.func)}()"
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.search(r"\btime\.\w*time(_ns)?\(|perf_counter", node.value)
        ):
            yield f"line {node.lineno}: in a piece of code"


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.relative_to(ROOT / "tests").as_posix())
def test_no_test_reads_a_clock(path):
    where = path.relative_to(ROOT / "tests").as_posix()
    if where not in {*TOLD, "test_lint.py"}:
        assert list(clocks(path.read_text())) == [], (
            "count calls, operations or bytes (tests/counting.py), or measure in benchmarks/"
        )


@pytest.mark.parametrize(
    "source",
    [
        "import time\nbefore = time.perf_counter()",
        "time.process_time()",
        "time.time()",
        "time.monotonic_ns()",
        "job(clock=time.thread_time)",
        "from time import perf_counter",
        "import time as t",
        "import timeit",
        "timeit.timeit(job)",
        "run('import time; time.process_time()')",
        "datetime.now()",
    ],
)
def test_a_clock_is_found(source):
    assert list(clocks(source))


@pytest.mark.parametrize(
    "source", ["import time\ntime.sleep(0.1)", "series.time", "time = np.arange(3)", "read(path, time='time')"]
)
def test_what_is_no_clock_is_not(source):
    assert list(clocks(source)) == []


def test_no_property_has_a_deadline():
    assert settings().deadline is None

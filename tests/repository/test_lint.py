"""What the package must never contain: a way to run what a file says, a way to the network, a path of one machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import settings

from ..data import ROOT

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
# One zip archive of one table is unpacked, by so many bytes as there is memory for; polars is given bytes, no address.
ALLOWED = {"reading/containers.py": ("import zipfile",), "reading/columnar.py": ("pl.read_csv()",)}
PROCESSES = ("scale/engines.py", "evaluation/audit/isolated.py")
# In pieces, so that this file names none of them either.
HOSTS = re.compile(
    "|".join(
        re.escape("".join(pieces))
        for pieces in (
            *(
                ("py", "pi."),
                ("python", "hosted"),
                ("npm", "js"),
                ("ana", "conda."),
                ("conda", "-forge"),
                ("hugging", "face"),
            ),
            *(
                ("kag", "gle"),
                ("github", "usercontent"),
                ("js", "delivr"),
                ("un", "pkg"),
                ("cdn", "js"),
                ("google", "apis"),
            ),
            *(("git", "lab.com"), ("sen", "try.io"), ("segment.", "io"), ("segment.", "com"), ("google", "-analytics")),
        )
    ),
    re.IGNORECASE,
)
PATHS = re.compile(r"(?<![\w.])/(work|home|root|Users|mnt|opt|srv|tmp|var/tmp|private)/\w|[A-Z]:\\\\\w")
ADDRESSES = re.compile(r"(https?|ftp|wss?)://([\w.-]+)")


@cache
def nodes(source: str) -> list[ast.AST]:
    """Every node of a source, which several tests walk through."""
    return list(ast.walk(ast.parse(source)))


@pytest.fixture(scope="module", autouse=True)
def _nodes_are_forgotten():
    yield
    nodes.cache_clear()


def faults(source: str, where: str = "") -> Iterator[str]:
    """What a piece of the package does that no piece may do."""
    for node in nodes(source):
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
            if any(
                keyword.arg in ("allow_pickle", "weights_only", "trust_remote_code", "shell")
                for keyword in node.keywords
            ):
                yield f"line {node.lineno}: {called}() with a switch that trusts"


def in_files(found, paths, root) -> dict[str, list[str]]:
    """What is found in each of the files, where there is any."""
    names = {path.relative_to(root).as_posix(): path for path in paths}
    return {name: what for name, path in names.items() if (what := list(found(path.read_text(), name)))}


def test_the_package_has_no_pickle_no_eval_no_network():
    found = in_files(faults, SOURCES, PACKAGE)
    assert {name: tuple(fault.partition(": ")[2] for fault in what) for name, what in found.items()} == ALLOWED


def test_the_package_names_no_host_and_no_machine():
    for path in TEXTS:
        text = path.read_text()
        assert HOSTS.findall(text) == [], path
        assert PATHS.findall(text) == [], path
        if "data" not in path.parts:  # where data come from is told with its address
            assert {host for _, host in ADDRESSES.findall(text)} <= {"www.w3.org"}, (
                f"{path}: the namespace of drawings alone"
            )


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


TESTS = sorted((ROOT / "tests").rglob("*.py"))
CLOCKS = {"perf_counter", "process_time", "monotonic", "thread_time", "clock_gettime", "time", "time_ns"}
CLOCKS |= {f"{name}_ns" for name in CLOCKS}
TOLD = {"promises/report.py"}
"""Says how long measuring took, and asserts nothing of it."""


def clocks(source: str, where: str = "") -> Iterator[str]:
    """Where a piece of a test reads a clock, in strings of code that it runs too."""
    if where in {*TOLD, "repository/test_lint.py"} or not re.search(r"\b((date)?time|timeit)\b|perf_counter", source):
        return
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


def test_no_test_reads_a_clock():
    """Count calls, operations or bytes (tests/counting.py), or measure in benchmarks/."""
    assert in_files(clocks, TESTS, ROOT / "tests") == {}


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


MODELS = PACKAGE / "models"
ENTRY_POINTS = {
    "walk.py": {"is_model", "check_forecaster"},
    "protocols.py": {"declares", "draws_paths"},
    "storage.py": {"registered_name"},
}
"""Functions that look at an object which may be no model, that say what one has declared,
and the registry of classes.
"""
LIKE_A_MODEL = re.compile(
    r"(?i)(\b|_)(models?|fitted|refit|inner|innermost|wrapper|baseline|candidate|forecaster|regressor|estimator)_?\b"
)


def attributes(path):
    """The names of what the classes of a file have: methods, class attributes, and what is set on `self`."""
    for node in nodes(path.read_text()):
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                if isinstance(part, ast.FunctionDef):
                    yield part.name
                elif isinstance(part, ast.AnnAssign):
                    yield ast.unparse(part.target)
                elif isinstance(part, ast.Assign):
                    yield from map(ast.unparse, part.targets)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self":
            yield node.attr


def classes(path):
    return {node.name for node in nodes(path.read_text()) if isinstance(node, ast.ClassDef)}


@cache
def classes_of_models() -> set[str]:
    return set().union(*(classes(path) for path in MODELS.rglob("*.py")))


@cache
def attributes_of_models() -> set[str]:
    """Attributes that only models have, and no protocol declares."""
    others = {name for path in SOURCES if not path.is_relative_to(MODELS) for name in attributes(path)}
    return {name for path in MODELS.rglob("*.py") for name in attributes(path)} - others


def like_a_model(asked):
    """Whether an expression is a model by its name; what stands in brackets is a key."""
    return LIKE_A_MODEL.search(re.sub(r"\[[^\]]*\]", "", ast.unparse(asked)))


def kinds(every):
    """Places where the class of a model stands for itself: not called, not a type of an argument, not what it has."""
    plain = set()
    for node in every:
        plain |= (
            {id(node.func)}
            if isinstance(node, ast.Call)
            else {id(node.value)}
            if isinstance(node, ast.Attribute)
            else set()
        )
        for hint in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            plain |= {id(part) for part in ast.walk(hint)} if hint is not None else set()
    names = (node for node in every if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    return [node for node in names if node.id in classes_of_models() and id(node) not in plain]


def probes(source, where=""):
    """Where a source asks for the class of a model, or for an attribute by its name."""
    if where.startswith("models/"):  # a family knows itself
        return
    every, known_classes = nodes(source), classes_of_models()
    known = [door for door in every if isinstance(door, ast.FunctionDef) and door.name in ENTRY_POINTS.get(where, ())]
    doors = {id(part) for door in known for part in ast.walk(door)}
    yield from (f"line {node.lineno}: {node.id} as a kind of model" for node in kinds(every))
    for node in every:
        if id(node) in doors:
            continue
        if isinstance(node, ast.Call):
            called, given = ast.unparse(node.func), node.args
            if called in ("isinstance", "issubclass") and len(given) > 1:
                asked = {name.split(".")[-1] for name in re.findall(r"[\w.]+", ast.unparse(given[1]))}
                if asked & known_classes:
                    yield f"line {node.lineno}: {called}(.., {', '.join(sorted(asked & known_classes))})"
            if (
                called in ("getattr", "hasattr", "operator.attrgetter", "attrgetter", "inspect.getattr_static")
                and given
            ):
                named = next((part.value for part in given if isinstance(part, ast.Constant)), None)
                if named in attributes_of_models() or like_a_model(given[0]):
                    yield f"line {node.lineno}: {called}({ast.unparse(given[0])}, {named!r})"
        if isinstance(node, ast.Compare):
            for side in (node.left, *node.comparators):
                is_class = re.fullmatch(r"type\(.*\)(\.__name__)?|.*\.__class__(\.__name__)?", ast.unparse(side))
                if is_class and like_a_model(side):
                    yield f"line {node.lineno}: the class of a model is compared: {ast.unparse(node)}"
        if isinstance(node, ast.MatchClass) and ast.unparse(node.cls).split(".")[-1] in known_classes:
            yield f"line {node.lineno}: case {ast.unparse(node.cls)}"


def test_what_a_model_can_is_declared_and_never_probed_for():
    assert in_files(probes, SOURCES, PACKAGE) == {}


@pytest.mark.parametrize(
    "source",
    [
        "isinstance(x, AR)",
        "isinstance(x, (int, models.ar.AR))",
        "isinstance(x, AR | Windowed)",
        "issubclass(type(x), Model)",
        "isinstance(batch, NetBatch)",
        "type(model) is AR",
        "type(fitted) == type(model)",
        "type(self.model).__name__ == 'AR'",
        "model.__class__ is AR",
        "model.__class__.__name__ in ('AR', 'SSA')",
        "getattr(model, 'states_', None)",
        "hasattr(model, 'paths')",
        "getattr(self.fitted, name)",
        "getattr(trial.fitted, 'context', None)",
        "getattr(inner.model_, 'anything', None)",
        "hasattr(x, 'regressors_')",
        "for kind, word in ((Mean, 'mean'), (Naive, 'last')):\n    isinstance(x, kind)",
        "KINDS = {AR: 1}\nKINDS[type(x)]",
        "getattr(x, 'regressor_', None)",
        "inspect.getattr_static(x, 'fit_batches', model)\nhasattr(named_models[0], 'x')",
        "match x:\n    case AR():\n        pass",
        "match x:\n    case sa.Windowed(lags=3):\n        pass",
    ],
)
def test_probing_is_found(source):
    assert list(probes(source))


@pytest.mark.parametrize(
    "source",
    [
        "isinstance(model, Symbolic)",
        "isinstance(model, (Planned, Sampling))",
        "type(model).__name__",
        "f'{type(model).__name__} is none'",
        "getattr(limit, 'name', None)",
        "hasattr(data, '__array__')",
        "isinstance(model, type)",
        "model.epochs",
        "type(item) is np.ndarray",
        "getattr(self[model], name)",
        "AR(4)",
        "Model.fit(x)",
        "def f(model: AR) -> Windowed: ...",
    ],
)
def test_declared_capabilities_are_no_probes(source):
    assert list(probes(source)) == []


def test_the_doors_are_where_they_are_said_to_be():
    for where, names in ENTRY_POINTS.items():
        source = (PACKAGE / where).read_text()
        assert list(probes(source)), where
        assert not list(probes(source, where)), where
        assert names <= {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}


def test_files_stay_readable():
    for path in SOURCES:
        assert len(path.read_text().splitlines()) <= 560, path.name
        assert path.stem not in ("utils", "helpers", "base", "core", "common", "misc")

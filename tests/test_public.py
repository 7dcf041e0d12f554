"""The public face, its docstrings and its imports. What the package must never contain is in test_lint.py."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys

import pytest

import stepahead as sa

from .data import ROOT

SOURCES = sorted((ROOT / "src" / "stepahead").rglob("*.py"))


def test_all_is_sorted_complete_and_real():
    assert sa.__all__ == sorted(sa.__all__)
    for name in sa.__all__:
        assert hasattr(sa, name)
    modules = {path.stem for path in (ROOT / "src" / "stepahead").iterdir() if path.stem != "__init__"}
    public = {name for name in vars(sa) if not name.startswith("_")} - (modules - set(sa.__all__))
    assert public == set(sa.__all__) - {"__version__"}


PUBLIC = [name for name in sa.__all__ if callable(getattr(sa, name)) and not name.startswith("_")]
NO_EXAMPLE = {
    name for name in PUBLIC if inspect.isclass(getattr(sa, name)) and issubclass(getattr(sa, name), (Exception, Warning))
}
PROTOCOLS = {"Cell", "Distributional", "Forecaster", "Predictive", "Regressor", "Planned", "Sampling"}
RESULTS = {"Audit", "Comparison", "KStep"}


@pytest.mark.parametrize("name", PUBLIC)
def test_public_docstrings_describe_and_show(name):
    thing = getattr(sa, name)
    text = inspect.getdoc(thing) or ""
    assert len(text) > 20
    if name not in NO_EXAMPLE | PROTOCOLS | RESULTS:
        assert ">>>" in text, "an example that runs"
    if inspect.isfunction(thing) and name != "load":
        for argument in inspect.signature(thing).parameters:
            assert re.search(rf"\b{argument}\b", text), argument
        assert "Raises" in text
    if inspect.isclass(thing) and name not in NO_EXAMPLE:
        for method_name, method in inspect.getmembers(thing, inspect.isfunction):
            if not method_name.startswith("_") and method.__module__.startswith("stepahead"):
                assert inspect.getdoc(method), f"{name}.{method_name}"
                if method_name in ("encode", "rollout", "operator", "losses", "predictive", "mean", "std", "quantile", "crps"):
                    assert "[" in inspect.getdoc(method), f"{name}.{method_name} gives no shape"


MANY_KNOBS = {"MLP": 12, "from_torch": 12, "RecurrentNet": 15, "read_panel": 9, "evaluate": 12}
"""Nets: how they are trained is many small choices, each with a default and a name of its own; none is taken by place.
So is how a table is written: its columns, its marks, its labels. One `evaluate` is every way from a series to its scores."""


def test_public_calls_have_few_parameters():
    for name in PUBLIC:
        thing = getattr(sa, name)
        if inspect.isfunction(thing) or (inspect.isclass(thing) and name not in NO_EXAMPLE | PROTOCOLS | {"KStep", "Audit"}):
            assert len(inspect.signature(thing).parameters) <= MANY_KNOBS.get(name, 8), name


def test_import_needs_numpy_alone_and_little_else():
    program = (
        "import numpy, sys\n"
        "known = set(sys.modules)\n"
        "import stepahead\n"
        "new = set(sys.modules) - known\n"
        "first = {m.split('.')[0] for m in new}\n"
        "third = {m for m in first if m not in sys.stdlib_module_names and m not in ('numpy', 'stepahead')}\n"
        "assert not {m for m in third if not m.startswith('_')}, third\n"
        "print(len(new))"
    )
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(made.stdout) < 160  # 114: what it costs in time, docs/benchmarks.md says


def test_files_stay_readable():
    for path in SOURCES:
        assert len(path.read_text().splitlines()) <= 520, path.name
        assert path.stem not in ("utils", "helpers", "base", "core", "common", "misc")


def test_errors_are_what_callers_expect():
    table = {
        sa.errors.InputError: (ValueError,), sa.errors.DtypeError: (sa.errors.InputError, TypeError), sa.errors.ParameterError: (ValueError,),
        sa.errors.NotFittedError: (ValueError, AttributeError), sa.errors.FitError: (ArithmeticError,), sa.errors.BudgetError: (MemoryError,),
        sa.errors.ModelFileError: (ValueError,), sa.errors.OutputError: (OSError,), sa.errors.MissingExtraError: (ImportError,),
    }  # fmt: skip
    for kind, parents in table.items():
        error = kind("what went wrong", code="word", found=3)
        assert isinstance(error, (sa.errors.StepaheadError, *parents))
        assert (error.code, error.found, str(error)) == ("word", 3, "what went wrong")
        for parent in parents:
            assert issubclass(kind, parent)
    assert len(str(sa.errors.InputError("x" * 1000))) == 300

"""The public face, its docstrings and its imports."""

from __future__ import annotations

import dataclasses
import inspect
import re
import subprocess
import sys

import stepahead as sa
from stepahead import testing

from .data import ROOT

MODULES = [sa, *(thing for name in sa.__all__ if inspect.ismodule(thing := getattr(sa, name))), testing]
"""The public face: `stepahead`, its public modules, and what is imported for tests of one's own."""
PUBLIC = {
    f"{module.__name__.removeprefix('stepahead.')}.{name}": getattr(module, name)
    for module in MODULES
    for name in module.__all__
    if callable(getattr(module, name))
}
CLASSES = {name: thing for name, thing in PUBLIC.items() if inspect.isclass(thing)}
MADE_BY_US = ("results.", "errors.", "scale.Manifest", "scale.Summary", "testing.ContractError", "testing.Report")
"""Classes that callers get and never call."""
NO_EXAMPLE = {
    "protocols.": "a shape that a class of somebody else has; CONTRIBUTING.md writes one",
    "errors.": "raised, never made by a caller",
    "testing.ContractError": "raised, never made by a caller",
    "testing.Report": "what check_forecaster gives: its example shows one",
    "results.Evidence": "a part of Direction, whose example shows it",
    "results.Leak": "a part of Audit, whose example shows it",
    "scale.Summary": "what scale.run gives: its example shows one",
}


def test_the_names_are_few_sorted_and_real():
    assert len(sa.__all__) <= 52
    for module in MODULES:
        assert list(module.__all__) == sorted(module.__all__), module.__name__
        assert all(hasattr(module, name) for name in module.__all__)
    modules = {path.stem for path in (ROOT / "src" / "stepahead").iterdir() if path.stem != "__init__"}
    public = {name for name in vars(sa) if not name.startswith("_")} - (modules - set(sa.__all__))
    assert public == set(sa.__all__) - {"__version__"}


def test_tab_shows_the_names_and_nothing_else():
    assert dir(sa) == sorted(sa.__all__)


def test_everything_public_has_one_place():
    places = {}
    for name, thing in PUBLIC.items():
        places.setdefault(id(thing), []).append(name)
    assert [names for names in places.values() if len(names) > 1] == []


def test_what_left_the_package_itself_has_no_alias():
    elsewhere = {name for module in MODULES[1:-1] for name in module.__all__ if module is not sa.datasets}
    assert not elsewhere & set(sa.__all__)
    assert not hasattr(sa, "forecast_interval")


def test_public_docstrings_describe_and_show():
    for name, thing in PUBLIC.items():
        text = inspect.getdoc(thing) or ""
        assert len(text) > 20, name
        if not name.startswith(tuple(NO_EXAMPLE)):
            assert ">>>" in text, f"{name}: an example that runs"
        if inspect.isfunction(thing) and not name.startswith("datasets."):
            for argument in inspect.signature(thing).parameters:
                assert re.search(rf"\b{argument}\b", text), (name, argument)
            assert "Raises" in text or name in ("scale.score_blocks", "scale.score_table"), name


def test_every_reason_for_no_example_is_needed():
    bare = [name for name, thing in PUBLIC.items() if ">>>" not in (inspect.getdoc(thing) or "")]
    assert [start for start in NO_EXAMPLE if not any(name.startswith(start) for name in bare)] == []


def members(kind):
    """(name, where it is defined) of every public attribute of a class that is ours: methods, properties and fields."""
    fields = {one.name for one in dataclasses.fields(kind)} if dataclasses.is_dataclass(kind) else set()
    for name in sorted({*dir(kind), *fields, *getattr(kind, "_fields", ())}):
        owner = next((one for one in kind.__mro__ if name in vars(one)), kind)
        if not name.startswith("_") and owner.__module__.startswith("stepahead"):
            yield name, inspect.getattr_static(kind, name, None)


def is_field(name, kind, found):
    fields = {one.name for one in dataclasses.fields(kind)} if dataclasses.is_dataclass(kind) else set()
    return name in {*fields, *getattr(kind, "_fields", ())} or inspect.ismemberdescriptor(found)


SHAPED = ("encode", "rollout", "operator", "losses", "predictive", "mean", "std")


def test_every_public_member_is_described():
    for name, kind in CLASSES.items():
        text = inspect.getdoc(kind) or ""
        for member, found in members(kind):
            if is_field(member, kind, found):
                assert re.search(rf"\b{member}\b", text), f"{name}.{member} is a field that its class does not describe"
                continue
            said = inspect.getdoc(getattr(kind, member))
            assert said, f"{name}.{member}"
            if inspect.isfunction(found) and member in SHAPED:
                assert "[" in said, f"{name}.{member} gives no shape"


MOST = 8
MORE = {
    "stepahead.evaluate": (12, "every way from a series to its scores is one call"),
    "stepahead.read": (12, "how a table is written: its columns, its marks, its labels"),
    "stepahead.Series": (12, "whatever may be said of a series is said once"),
    "stepahead.AR": (12, "the ways to fit a line are arguments of one model"),
}


def test_public_calls_have_few_arguments():
    for name, thing in PUBLIC.items():
        most = MORE.get(name, (MOST, ""))[0]
        if not name.startswith((*MADE_BY_US, "protocols.")):
            assert len(inspect.signature(thing).parameters) <= most, name
        for member, found in members(thing) if inspect.isclass(thing) else ():
            called = (
                getattr(thing, member)
                if isinstance(found, (staticmethod, classmethod)) or inspect.isfunction(found)
                else None
            )
            if called is not None:
                own = 1 if inspect.isfunction(found) else 0
                assert len(inspect.signature(called).parameters) - own <= MOST, f"{name}.{member}"
    assert set(MORE) <= set(PUBLIC)


def test_a_result_of_one_model_shows_26_members():
    shown = [name for name, _ in members(sa.results.KStep)]
    assert shown == sorted(
        [
            "actuals",
            "bias",
            "confidence_interval",
            "coverage",
            "crps",
            "fits",
            "log_loss",
            "losses",
            "mae",
            "mase",
            "model",
            "n",
            "notes",
            "origins",
            "part",
            "plot",
            "prediction_intervals",
            "predictions",
            "rmse",
            "skill",
            "start",
            "steps",
            "times",
            "to_frame",
            "training",
            "zero_one",
        ]
    )
    assert len(shown) == 26


def test_every_reading_has_an_example():
    kind = CLASSES["results.KStep"]
    for member, found in members(kind):
        if not is_field(member, kind, found):
            assert ">>>" in inspect.getdoc(getattr(kind, member)), member


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
    assert int(made.stdout) < 180  # 114: what it costs in time, docs/benchmarks.md says

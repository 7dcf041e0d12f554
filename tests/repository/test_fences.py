"""The import contracts have no hole: in a copy of the package each room gets a file, or an import,
that must not be there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib

import pytest

from ..data import ROOT

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
ROOMS = {container: one for one in CONTRACTS if one["type"] == "layers" for container in one["containers"]}
STRANGERS = {
    "models/ar.py": "torch",
    "evaluation/evaluate.py": "matplotlib",
    "evaluation/stream.py": "ray",
    "scale/shards.py": "pyarrow",
    "models/windowed.py": "sklearn",
    "reading/csv_text.py": "pandas",
    "walk.py": "statsmodels",
}


def place(module):
    """The file of a module of the package, or of a package itself."""
    path = ROOT / "src" / module.replace(".", "/")
    return (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).relative_to(ROOT)


def broken(folder):
    """{contract: what is said of it} of those that a copy breaks."""
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as run; run()",
        "--no-cache",
        "--no-logo",
    ]
    found = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    kept = re.findall(r"^(.*) (?:KEPT|BROKEN)", found.stdout, re.MULTILINE)
    assert sorted(kept) == sorted(one["name"] for one in CONTRACTS), found.stdout + found.stderr
    names = re.findall(r"^(.*) BROKEN", found.stdout, re.MULTILINE)
    assert (found.returncode == 0) is (not names)
    parts = re.split(r"^(.+)\n-{3,}\n", found.stdout[found.stdout.rfind("Broken contracts") :], flags=re.MULTILINE)
    said = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {name: said[name] for name in names}


@pytest.fixture
def copy(tmp_path):
    pytest.importorskip("importlinter")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_package_has_a_contract_of_its_own_and_each_is_exhaustive():
    packages = {
        ".".join(path.parent.relative_to(ROOT / "src").parts)
        for path in (ROOT / "src" / "stepahead").rglob("__init__.py")
    }
    assert packages == set(ROOMS)
    assert all(one["exhaustive"] is True and "exhaustive_ignores" not in one for one in ROOMS.values())
    assert all(one.get("source_modules") == ["stepahead"] for one in CONTRACTS if one["type"] == "forbidden")


def test_the_package_as_it_is_keeps_every_contract(copy):
    assert broken(copy) == {}


def test_a_file_that_no_layer_names_fails_in_every_room(copy):
    for room in ROOMS:
        (copy / place(room)).with_name("unnamed.py").write_text("import torch\n")
    found = broken(copy)
    for room, contract in ROOMS.items():
        assert "unnamed" in found.pop(contract["name"]), room
    said = found.pop("Only the nets import torch")
    assert all(f"{room}.unnamed -> torch" in said for room in ROOMS)
    assert not found


def test_an_import_that_points_up_or_aside_or_outside_fails(copy):
    wanted = {}
    for room, contract in ROOMS.items():
        if room == "stepahead":
            continue  # the package itself is imported by whatever is imported from it
        low, high = (contract["layers"][end].split(" | ")[0] for end in (-1, 0))
        if low == high:
            low = contract["layers"][0].split(" | ")[1]
        wanted.setdefault(contract["name"], []).append(add(copy, place(f"{room}.{low}"), f"{room}.{high}"))
    low, high = "stepahead.windows", "stepahead.walk"
    wanted[ROOMS["stepahead"]["name"]] = [add(copy, place(low), high)]
    for where, package in STRANGERS.items():
        name = next(one["name"] for one in CONTRACTS if package in one.get("forbidden_modules", ()))
        wanted.setdefault(name, []).append(add(copy, f"src/stepahead/{where}", package))
    wanted["Families of models do not import their siblings"] = [
        add(copy, place("stepahead.models.ssa"), "stepahead.models.hmm")
    ]
    found = broken(copy)
    for name, lines in wanted.items():
        said = found.pop(name)
        assert all(line in said for line in lines), (name, lines)
    assert not found
    assert set(wanted) == {one["name"] for one in CONTRACTS}


def add(folder, where, module):
    """An import inside a function, as late as an import can be; how the contract names it."""
    path = folder / where
    path.write_text(path.read_text() + f"\n\ndef _late():\n    import {module}\n")
    importer = ".".join(path.relative_to(folder / "src").with_suffix("").parts).removesuffix(".__init__")
    return f"{importer} -> {module}"

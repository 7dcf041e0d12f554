"""Tests stand where one looks for them: a test module for every module of the package,
and a module for every test module.
"""

from __future__ import annotations

import ast

from ..data import ROOT

TESTS, SOURCE = ROOT / "tests", ROOT / "src" / "stepahead"
OF_THE_WHOLE = {"promises": "rows of the promises", "repository": "the repository as a whole"}
"""Folders of test modules that are of no single module."""
IN_A_BROWSER = {
    "lesson/test_lesson_browser.py": "lesson/lesson.py, in a real Chromium",
    "report/page/test_page_browser.py": "report/page/page.py, in a real Chromium",
}


def named_after(path) -> str:
    """`evaluation/kstep.py` is tested in `evaluation/test_kstep.py`, `scale/__init__.py` in `scale/test_init.py`."""
    return path.relative_to(SOURCE).with_name(f"test_{path.stem.strip('_')}.py").as_posix()


def test_every_module_has_its_test_module_and_every_test_module_its_module():
    empty = [path for path in SOURCE.rglob("__init__.py") if len(ast.parse(path.read_text(encoding="utf-8")).body) <= 1]
    wanted = {named_after(path) for path in SOURCE.rglob("*.py") if path not in empty}
    there = {path.relative_to(TESTS).as_posix() for path in TESTS.rglob("test_*.py")}
    mirrored = {name for name in there if name.split("/")[0] not in OF_THE_WHOLE} - set(IN_A_BROWSER)
    assert sorted(wanted - mirrored) == [], "modules without a test module"
    assert sorted(mirrored - wanted) == [], "test modules without a module"
    assert set(IN_A_BROWSER) <= there


def test_every_test_module_tests_something_and_no_helper_does():
    for path in sorted(TESTS.rglob("*.py")):
        names = {
            node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)
        }
        assert any(name.startswith("test_") for name in names) == path.name.startswith("test_"), path.relative_to(ROOT)

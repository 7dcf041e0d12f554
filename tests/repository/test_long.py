"""The tests that a plain `pytest` leaves out are there, and are run by `make test`."""

from __future__ import annotations

import re

from ..data import ROOT
from ..long import CONTRACT, LONG, SLOW_MODELS, is_long


def test_each_of_the_long_tests_is_there():
    for file, names in LONG.items():
        there = re.findall(r"^def (test_\w+)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
        assert set(names) <= set(there), file
        assert list(names) == sorted(set(names)), file
    assert list(LONG) == sorted(LONG)


def test_what_is_left_out_is_told_by_its_id():
    file, (name, *_) = next(iter(LONG.items()))
    assert is_long(f"{file}::{name}")
    assert is_long(f"{file}::{name}[a case]")
    assert not is_long(f"{file}::{name}_too")
    assert not is_long(f"tests/test_init.py::{name}")
    whole = next(name for name, tests in LONG.items() if not tests)
    assert is_long(f"{whole}::test_anything")
    assert is_long(f"{CONTRACT}::test_anything[{SLOW_MODELS[0]}]")
    assert not is_long(f"{CONTRACT}::test_anything[AR(4)]")


def test_nothing_lands_without_them():
    assert "pytest -n 2 --whole" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "make test\n" in (ROOT / ".ci/run").read_text(encoding="utf-8")

"""No row without a test: what is promised and what is tested are one list."""

from __future__ import annotations

import pytest

from ..data import ROOT
from .mutate import TARGETS
from .rows import ELSEWHERE, ROWS, rows_of


@pytest.mark.parametrize(
    ("test", "rows"),
    [
        ("tests/test_x.py::test_V1_missing", {"V1"}),
        ("tests/test_x.py::test_V10_a_comma[a-b]", {"V10"}),
        ("tests/test_x.py::test_S1_S2_hostile[a pickle]", {"S1", "S2"}),
        ("tests/test_x.py::test_bad_files[F2 latin-1]", {"F2"}),
        ("tests/test_x.py::test_bad_files[raise-F3 blank]", {"F3"}),
        ("tests/test_x.py::test_the_same_seed", set()),
        ("tests/test_x.py::test_V99_nothing", set()),
        ("tests/repository/test_contract.py::test_the_order_of_a_panel_changes_no_bit[AR]", {"M5"}),
    ],
)
def test_rows_are_found_by_name(test, rows):
    assert rows_of(test) == rows


def test_tests_that_hold_a_row_under_another_name_are_there():
    source = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name in ELSEWHERE if f"def {name}(" not in source] == []


def test_what_is_mutated_and_what_tests_it_is_there():
    for target in TARGETS.values():
        assert all((ROOT / "src" / "stepahead" / file).is_file() for file in target.files)
        assert all((ROOT / file).is_file() for file in target.tests)


def test_every_row_is_held(request):
    if not {*(ROOT / "tests").glob("scale/test_driver.py"), *(ROOT / "tests").glob("promises/test_*.py")} <= {
        item.path for item in request.session.items
    }:
        pytest.skip("only a part of the suite was collected")
    held = set().union(*(rows_of(item.nodeid) for item in request.session.items))
    assert set(ROWS) - held == set()

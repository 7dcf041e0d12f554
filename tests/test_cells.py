"""Cells of text: how a message names one, and some of them."""

from __future__ import annotations

from stepahead.cells import Cells

CELLS = Cells(["1", "two", "", "4"], "column 'x'", [2, 3, 5, 9])


def test_a_cell_is_named_by_its_column_and_line():
    assert CELLS.where(1) == "column 'x', line 3"
    assert CELLS.facts(1) == {"line": 3, "value": "two"}
    assert CELLS._replace(unit="row").where(3) == "column 'x', row 9"
    assert CELLS._replace(unit="row").facts(3) == {"row": 9, "value": "4"}


def test_some_of_them_keep_their_lines():
    some = CELLS.only([True, False, False, True])
    assert (list(some.texts), list(some.numbers)) == (["1", "4"], [2, 9])
    assert some.where(1) == "column 'x', line 9"
    assert (some.title, some.unit) == (CELLS.title, CELLS.unit)
    assert CELLS.only([False] * 4).texts == []

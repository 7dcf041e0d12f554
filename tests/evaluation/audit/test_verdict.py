"""How the verdict of an audit shows itself."""

from __future__ import annotations

import stepahead as sa


def peeking(values):
    """The next value itself, from every origin behind 20."""
    return {origin: [values[origin]] for origin in range(20, len(values))}


def test_a_verdict_shows_itself_as_its_sentence_and_as_a_page():
    found = sa.audit(sa.AR(2), sa.datasets.nile())
    assert repr(found) == str(found)
    assert repr(found).startswith("AR(2): causal (every cut, ")
    page = found._repr_html_()
    assert "AR(2) is causal: nothing at or after an origin reaches its forecast." in page
    assert "<td" not in page


def test_leaks_are_rows_of_the_page():
    found = sa.audit(peeking, sa.datasets.nile()[:40], train=20)
    page = found._repr_html_()
    assert found.verdict == "leaks"
    assert page.count("<tr>") == 1 + min(len(found.leaks), 3)
    assert f'<td style="text-align:right">{found.leaks[0].cut}</td>' in page
    assert "check" in page
    assert "LEAKS" in page


def test_a_name_cannot_write_into_the_page():
    def named(values):
        return {origin: [values[origin - 1]] for origin in range(20, len(values))}

    named.__name__ = "<script>"
    assert "<script>" not in sa.audit(named, sa.datasets.nile()[:40], train=20)._repr_html_()

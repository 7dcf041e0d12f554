"""A report is written by its comparison."""

from __future__ import annotations

import stepahead as sa

from .data import sine


def test_a_report_is_written_by_its_comparison(tmp_path):
    result = sa.evaluate(sa.AR(2), sine(0, 200), 4)
    said = result.report(tmp_path / "r.html", "zh")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert said in text
    assert 'lang="zh' in text

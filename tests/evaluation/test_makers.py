"""What makes the pages and figures of a result is handed in from above."""

from __future__ import annotations

import pytest

from stepahead.evaluation import makers


def test_a_maker_gets_what_it_is_given(monkeypatch):
    monkeypatch.setitem(makers.makers, "page", lambda *given, **options: (given, options))
    assert makers.made("page", 1, 2, language="zh") == ((1, 2), {"language": "zh"})
    with pytest.raises(KeyError):
        makers.made("sculpture")


def test_whoever_imports_the_package_has_them_all():
    import stepahead  # noqa: F401

    assert set(makers.makers) == {"page", "plot", "bands_by_k", "terminal", "notebook"}

"""The markup of the lesson escapes all that it does not know."""

from __future__ import annotations

import pytest

from stepahead.lesson import markup


def test_the_markup_escapes_everything_else():
    assert markup.inline('<b onclick="x">`<i>`</b>') == '&lt;b onclick="x"&gt;<code>&lt;i&gt;</code>&lt;/b&gt;'
    assert markup.inline("中文", foreign=True) == '<span lang="zh-Hans">中文</span>'
    assert markup.filled("{a:.1f} of {b}", {"a": -0.25, "b": 3}) == "−0.2 of 3"
    assert "<sup>2</sup>" in markup.formula("0.2^2")
    with pytest.raises(KeyError):
        markup.filled("{unknown}", {})

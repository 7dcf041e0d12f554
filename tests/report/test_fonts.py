"""Which fonts a figure is drawn with, and what is drawn where none has a letter."""

from __future__ import annotations

import matplotlib as mpl
import pytest

import stepahead as sa
from stepahead.report import fonts


def test_the_first_of_the_fonts_that_is_installed_is_taken(monkeypatch):
    monkeypatch.setattr(fonts, "installed", lambda: {"DejaVu Sans", "SimHei", "PingFang SC"})
    default = list(mpl.rcParams["font.family"])
    assert fonts.families(["误差"]) == [*default, "PingFang SC"]
    assert fonts.families(["error, °C, Ä"]) == default


@pytest.mark.parametrize(("text", "wide"), [("AR(4), °C", False), ("误差", True), ("AR 模", True), ("", False)])
def test_wide_letters_are_seen(text, wide):
    assert fonts.is_wide(text) is wide


def test_without_a_font_for_it_chinese_is_drawn_in_english_and_noted(monkeypatch):
    monkeypatch.setattr(fonts, "installed", lambda: {"DejaVu Sans"})
    with pytest.warns(sa.errors.StepaheadWarning, match="no font with Chinese letters"):
        assert fonts.language_of("zh") == "en"
    assert fonts.language_of("en") == "en"
    monkeypatch.setattr(fonts, "installed", lambda: {"SimHei"})
    assert fonts.language_of("zh") == "zh"


def test_a_letter_that_no_font_has_is_replaced():
    safe = fonts.drawable(["DejaVu Sans"])
    assert safe("AR(4) °C") == "AR(4) °C"
    assert safe("a\ue123b") == "a?b"

"""Letters that a figure can draw: a font for Chinese where one is installed, and never a box in place of a letter."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ..errors import note

CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei",
    "SimHei", "WenQuanYi Micro Hei", "Droid Sans Fallback", "Arial Unicode MS",
    # The first of the faces in Debian's collection; older matplotlibs see no other of them.
    "Noto Sans CJK JP",
)  # fmt: skip
"""Fonts with Chinese letters, of which the first that is installed is taken."""


def installed() -> set[str]:
    """The names of the fonts that matplotlib finds here."""
    from matplotlib.font_manager import get_font_names

    return set(get_font_names())


def is_wide(text: str) -> bool:
    """Whether a text has letters that take two cells, as Chinese ones do."""
    return any(unicodedata.east_asian_width(letter) in "WF" for letter in text)


def families(texts: Iterable[str]) -> list[str]:
    """The font families for these texts: the default ones, and for wide letters one that has them, if there is one."""
    import matplotlib as mpl

    default = list(mpl.rcParams["font.family"])
    if not any(map(is_wide, texts)):
        return default
    here = installed()
    return [*default, *[name for name in CHINESE if name in here][:1]]


def fonts(texts: Iterable[str]) -> AbstractContextManager[Any]:
    """A context in which these texts are drawn: matplotlib's settings are touched only where a text is wide."""
    import matplotlib as mpl

    wanted = families(texts)
    return nullcontext() if wanted == mpl.rcParams["font.family"] else mpl.rc_context({"font.family": wanted})


def language_of(language: str) -> str:
    """The language to draw in: English, with a note, where no font with Chinese letters is installed."""
    if language != "zh" or installed() & set(CHINESE):
        return language
    note(f"the figure is in English: no font with Chinese letters is installed; one of them is {CHINESE[0]}")
    return "en"


def drawable(wanted: list[str]) -> Callable[[str], str]:
    """What puts a question mark for each letter of a text that no font of these families has."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    found = [get_font(findfont(FontProperties(family=[name]))) for name in wanted]

    def safe(text: str) -> str:
        return "".join(letter if any(font.get_char_index(ord(letter)) for font in found) else "?" for letter in text)

    return safe

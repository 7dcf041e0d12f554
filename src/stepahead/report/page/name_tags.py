"""Names as the page shows them: inert text, never longer than a name needs to be, each with its colour and dash."""

from __future__ import annotations

import html
from collections.abc import Iterable

from ...evaluation.answer_words import plain
from ...text import printable, shortened_apart
from .. import palette
from .facts import Facts, Line

LONGEST = 200
LONGEST_CELLS, LONGEST_FORESEEN, LONGEST_SEGMENT, BRIEF = 28, 34, 20, 14
"""Cells of a name: in a table, of a baseline that is as if foreseen, in a chart, beside a bar; others lose a part."""
_ISOLATE, _POP, _JOIN = "\u2068", "\u2069", "\u2060"


def isolated(name: str, longest: int = LONGEST, among: Iterable[str] = ()) -> str:
    """A name for a drawing, which has no element that holds right-to-left text apart."""
    return _ISOLATE + _short(name, longest, among) + _POP


def _short(name: str, longest: int, among: Iterable[str]) -> str:
    """A name as it is shown among others, none of which looks like it."""
    text = printable(name, LONGEST)
    return shortened_apart([*(printable(other, LONGEST) for other in among), text], longest)[text]


def element(name: str, classes: str = "", longest: int = LONGEST, among: Iterable[str] = ()) -> str:
    """A name in HTML: escaped, held apart from what stands around it, never broken before a bracket."""
    attribute = f' class="{classes}"' if classes else ""
    text = _short(name, longest, among).replace("(", _JOIN + "(")
    return f"<bdi{attribute}>{html.escape(text)}</bdi>"


def shown_name(line: Line, facts: Facts, language: str) -> str:
    """What a line is called: a model by its name, a baseline by its plain one."""
    return plain(line.name, facts.units, language) if line.simple else line.name


def classes(slots: dict[str, int], name: str) -> str:
    """The classes of colour and dash of a model; baselines are grey."""
    if name not in slots:
        return "c0 d0"
    colour, dash = palette.colour_and_dash(slots[name])
    return f"c{colour} d{dash}"

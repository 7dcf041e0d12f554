"""Names as the page shows them: inert text, never longer than a name needs to be, each with its colour and dash."""

from __future__ import annotations

import html

from ...evaluation.answer_words import plain
from ...text import printable, shortened
from .. import palette
from .facts import Facts, Line

LONGEST = 200
LONGEST_CELLS, LONGEST_SEGMENT = 28, 20
"""Of a name in a table and of one in a chart; a longer one loses its middle."""
_ISOLATE, _POP, _JOIN = "\u2068", "\u2069", "\u2060"


def isolated(name: str, longest: int = LONGEST) -> str:
    """A name for a drawing, which has no element that holds right-to-left text apart."""
    return _ISOLATE + shortened(printable(name, LONGEST), longest) + _POP


def element(name: str, classes: str = "", longest: int = LONGEST) -> str:
    """A name in HTML: escaped, held apart from what stands around it, never broken before a bracket."""
    attribute = f' class="{classes}"' if classes else ""
    text = shortened(printable(name, LONGEST), longest).replace("(", _JOIN + "(")
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

"""Names as the page shows them: inert text, never longer than a name needs to be, each with its colour and dash."""

from __future__ import annotations

import html

from ...text import printable
from .facts import Facts

COLOURS, DASHES = 5, 7
LONGEST, LONGEST_IN_ANSWER = 200, 60
_ISOLATE, _POP = "\u2068", "\u2069"


def isolated(name: str) -> str:
    """The same for a drawing, which has no element that holds right-to-left text apart."""
    return _ISOLATE + printable(name, LONGEST) + _POP


def element(name: str, classes: str = "", longest: int = LONGEST) -> str:
    """A name in HTML: escaped, and held apart from what stands around it."""
    attribute = f' class="{classes}"' if classes else ""
    return f"<bdi{attribute}>{html.escape(printable(name, longest))}</bdi>"


def classes(facts: Facts, name: str) -> str:
    """The classes of colour and dash of a model. From the sixth on colours repeat with another dash;
    baselines are grey.
    """
    if name not in facts.models:
        return "c0 d0"
    place = facts.models.index(name)
    return f"c{place % COLOURS + 1} d{(place + place // COLOURS) % DASHES + 1}"

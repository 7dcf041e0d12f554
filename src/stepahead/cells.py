"""Text cells of a file or an index, and how a message refers to one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_OF_PROGRAMS = (
    "na n/a n.a. #n/a #na n/d #n/d #n/v #nv nan -nan null none nil <na> <nan> <null> (null) [null] \\n "
    "-1.#ind 1.#ind -1.#qnan 1.#qnan #div/0! #value! #num! #null! #wert! #zahl! #valeur! #nombre! #¡div/0! "
    "#¡valor! #valor! missing"
)
"""What spreadsheets, databases, R, pandas and numpy write, in small letters. #REF! and #NAME? are none of them: there
the sheet itself is broken.
"""
SIGNS = frozenset({"-", "--", "---", "\u2013", "\u2014", ".", "..", "...", ":", "?", "*", "#"})
"""What people and statistical offices write."""
ABSENT = frozenset({"", "#n/a n/a", *_OF_PROGRAMS.split()}) | SIGNS
"""Text of a cell that is missing, in small letters."""


def absent_words(texts: Sequence[str]) -> frozenset[str]:
    """What is missing in a column of words: "none" is a word there; so is a sign among signs ("+", "-")."""
    plain = ABSENT - {"none", "nil", "missing"}
    has_words = any(any(letter.isalnum() for letter in text) for text in texts if text.lower() not in plain)
    return plain if has_words else plain - SIGNS


class Cells(NamedTuple):
    """Text cells without surrounding blanks: of a file column with line numbers, or of an index with row numbers."""

    texts: Sequence[str]
    title: str
    numbers: Sequence[int]
    unit: str = "line"

    def where(self, place: int) -> str:
        """The position of a cell, for a message: "column 'x', line 7"."""
        return f"{self.title}, {self.unit} {self.numbers[place]}"

    def facts(self, place: int) -> dict[str, object]:
        """The position and text of a cell, as attributes of an error."""
        return {self.unit: self.numbers[place], "value": self.texts[place]}

    def only(self, kept: Sequence[bool]) -> Cells:
        """The cells at which `kept` is true."""
        rows = [place for place, keep in enumerate(kept) if keep]
        return self._replace(texts=[self.texts[i] for i in rows], numbers=[self.numbers[i] for i in rows])

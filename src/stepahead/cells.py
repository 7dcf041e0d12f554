"""Cells of text, and the words in which a message names one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Cells(NamedTuple):
    """Texts without the blanks around them: of a column of a file with its lines, of an index with its rows."""

    texts: Sequence[str]
    title: str
    numbers: Sequence[int]
    unit: str = "line"

    def where(self, place: int) -> str:
        """A cell as a message names it: "column 'x', line 7"."""
        return f"{self.title}, {self.unit} {self.numbers[place]}"

    def facts(self, place: int) -> dict[str, object]:
        """The place of a cell as attributes of an error: its column and line."""
        return {self.unit: self.numbers[place], "value": self.texts[place]}

    def only(self, kept: Sequence[bool]) -> Cells:
        """The cells at some of the places."""
        rows = [place for place, keep in enumerate(kept) if keep]
        return self._replace(texts=[self.texts[i] for i in rows], numbers=[self.numbers[i] for i in rows])

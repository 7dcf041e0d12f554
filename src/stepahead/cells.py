"""Text cells of a file or an index, and how a message refers to one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


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

"""The columns beside the values in a file or frame: which they are, and their cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..columns import Column
from ..errors import note
from ..numerals import symbols_note
from ..parameters import refuse
from .csv_text import CsvTable, find_column
from .dataframes import FrameTable


def names_of(head: Sequence[str], known: Any, past: Any) -> dict[str, list[str]]:
    """The names of the columns of each kind; an error for one that the table lacks, or that is named twice.

    >>> names_of(["day", "sold", "promo", "price"], "promo,price", None)
    {'known': ['promo', 'price'], 'past': []}
    """
    found = {"known": _names(head, "known", known), "past": _names(head, "past", past)}
    every = found["known"] + found["past"]
    twice = next((name for name in every if every.count(name) > 1), None)
    if twice is not None:
        raise refuse("known", twice, "named once: a column is known, or past, and not both")
    return found


def _names(head: Sequence[str], kind: str, given: Any) -> list[str]:
    if given is None or (isinstance(given, str) and not given.strip()):
        return []
    if isinstance(given, str):
        given = [given] if given in head else [part.strip() for part in given.split(",")]
    if not isinstance(given, (list, tuple)):
        raise refuse(kind, given, "names of columns: text with commas, or a list")
    for name in given:
        find_column(head, name)
    return list(given)


def check_apart(names: Mapping[str, Sequence[str]], **others: str | Iterable[str] | None) -> None:
    """Refuse a column that is the values, the times or the ids too."""
    for kind, listed in names.items():
        for word, used in others.items():
            of = () if used is None else (used,) if isinstance(used, str) else used
            again = next((name for name in listed if name in of), None)
            if again is not None:
                raise refuse(kind, again, f"a column other than {word}=, which it is already")


def read_columns(table: CsvTable | FrameTable, names: Mapping[str, Sequence[str]]) -> dict[str, dict[str, Column]]:
    """The columns of each kind by name, a row for each of the table; with notes on what is unclear in their cells."""
    found: dict[str, dict[str, Column]] = {}
    for kind, listed in names.items():
        found[kind] = {}
        for name in listed:
            column = table.values(name)
            for text in column.notes:
                if column.categories is None or text != symbols_note(column.categories):
                    note(text)
            column.index = column.times = None  # of the same rows as the values: they are beside them already
            found[kind][name] = column
    return found

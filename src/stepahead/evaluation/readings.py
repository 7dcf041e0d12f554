"""Readings of several models, {model: named tuple}, that show themselves as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

from ..protocols import Index
from ..text import as_html, as_text, decimals, printable, typed
from ..windows import shown_steps

Reading = TypeVar("Reading", bound=tuple[Any, ...])


class Table(NamedTuple):
    """One table: its head and its rows, as text."""

    head: list[str]
    rows: list[list[str]]


class Readings(Mapping[str, Reading], Generic[Reading]):
    r"""What is read of several models: a mapping from their names to named tuples of numbers, or of arrays by step.

    >>> import stepahead as sa
    >>> result = sa.evaluate([sa.AR(lags=4), sa.AR(lags=64)], sa.datasets.noisy_sine(seed=0), horizon=64, train=604)
    >>> found = result.tests(against="AR(4)")
    >>> round(found["AR(64)"].overall_p, 3)
    0.004
    >>> print("\n".join(repr(found).splitlines()[:3]))
                              k=1        k=4      k=16      k=64
    AR(64)  difference   -0.00333   -0.01118  -0.02376  -0.20282
    AR(64)  low          -0.00779   -0.01717  -0.03650  -0.31481
    """

    def __init__(self, found: Mapping[str, Reading]) -> None:
        self._found = dict(found)

    def __getitem__(self, model: str) -> Reading:
        if model not in self._found:
            raise KeyError(f"no model is called {model!r}; there are {', '.join(self)}")
        return self._found[model]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._found)

    def __repr__(self) -> str:
        return as_lines(self._found)

    def _repr_html_(self) -> str:
        return "".join(as_html("", *table) for table in tables(self._found))


def as_lines(found: Mapping[str, Any]) -> str:
    """The tables of readings as plain text, a blank line between them."""
    return "\n\n".join(as_text(head, [[printable(row[0]), *row[1:]] for row in rows]) for head, rows in tables(found))


def tables(found: Mapping[str, Any]) -> list[Table]:
    """What is by step, a row a model and reading; and single numbers, a row a model.
    A field `steps` names the steps.
    """
    if not found:
        return [Table(["no model"], [])]
    first = next(iter(found.values()))
    arrays = [name for name in first._fields if isinstance(getattr(first, name), np.ndarray) and name != "steps"]
    numbers = [name for name in first._fields if name not in (*arrays, "steps")]
    made = [_by_step(found, arrays, first.steps)] if arrays else []
    return [*made, *([_single(found, numbers)] if numbers else [])]


def _by_step(found: Mapping[str, Any], names: list[str], steps: Index) -> Table:
    places, width = shown_steps(steps), max(map(len, found))
    rows = []
    for model, reading in found.items():
        for name in names:
            values = [float(getattr(reading, name)[place]) for place in places]
            digits = decimals(values)
            rows.append([f"{model.ljust(width)}  {name}".lstrip(), *[typed(value, digits) for value in values]])
    return Table(["", *[f"k={steps[place]}" for place in places]], rows)


def _single(found: Mapping[str, Any], names: list[str]) -> Table:
    rows = [[model, *[_cell(getattr(reading, name)) for name in names]] for model, reading in found.items()]
    return Table(["", *names], rows)


def _cell(value: Any) -> str:
    if isinstance(value, (int, np.integer)):
        return str(value)
    return f"{value:.3g}" if isinstance(value, (float, np.floating)) else printable(str(value))

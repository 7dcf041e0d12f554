"""What the calls of a slow model will take, told once two of them have been timed."""

from __future__ import annotations

from time import perf_counter as clock
from typing import Any

from ..errors import note
from ..protocols import InCalls
from ..walk import name_of

WORTH_TELLING = 60.0
"""Seconds from which on they are told beforehand."""


class Cost:
    """The calls of one model: how many rows are done, and what the rest will take."""

    def __init__(self, model: Any, rows: int) -> None:
        self.rows, self.model = rows, model
        self.counts = isinstance(model, InCalls)
        self.edges = [(0, clock())] if self.counts else []

    def done(self, rows: int) -> None:
        """So many rows are done: after the second call the time of all of them is told, where it is long.

        By the quicker of the two: the first may have paid for imports, or for a compiler.
        """
        if not self.counts or len(self.edges) > 2:
            return
        self.edges.append((rows, clock()))
        if len(self.edges) < 3:
            return
        (_, start), (first, middle), (second, end) = self.edges
        a_row = min((middle - start) / max(first, 1), (end - middle) / max(second - first, 1))
        if a_row * self.rows >= WORTH_TELLING:
            a_call = a_row * self.model.rows_a_call
            note(
                f"{name_of(self.model)}: {self.rows:,} rows, about {_span(a_call)} a call of {self.model.rows_a_call}, "
                f"{_span(a_row * self.rows)} in all; stride= scores fewer origins"
            )


def _span(seconds: float) -> str:
    """A time as it is told.

    >>> _span(0.05), _span(83.0), _span(7200.0)
    ('0.05 s', '83 s', '2 h')
    """
    if seconds < 120.0:
        return f"{seconds:.3g} s"
    return f"{seconds / 60.0:.2g} min" if seconds < 7200.0 else f"{seconds / 3600.0:.2g} h"

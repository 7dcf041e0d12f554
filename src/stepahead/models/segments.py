"""The segments that recurrent nets train on: how long they are, and how much memory a training takes.
No torch is needed.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from ..protocols import Array

SEGMENTS = 8
ZONE = 64
"""Origins of a segment after its warm-up, at which the loss is computed."""
EVERY = 4
"""The loss of a roll-out is computed at every fourth of them, with a random offset."""
GATES = {"rnn": 1, "gru": 3, "lstm": 4}


@dataclass(frozen=True)
class Settings:
    """How to train. Everything is in units of the standardised series."""

    updates: int
    learning_rate: float
    warm_up: int
    unroll: int
    augment: str | None
    noise: float
    seeds: tuple[tuple[int, ...], ...]
    own_scale: bool = False
    known: int = 0
    """How many of the columns beside the values are known ahead; they come first."""
    checkpoint: str | None = None
    digest: bytes = b""
    """Digest of everything that a checkpoint has to agree with."""


@dataclass(frozen=True)
class Shape:
    """Lengths of a segment: warm-up, origins at which the loss is computed, steps ahead."""

    warm: int
    zone: int
    ahead: int

    @property
    def length(self) -> int:
        """Values in a segment."""
        return self.warm + self.zone - 1 + self.ahead


def shape_of(longest: int, chunk: int, settings: Settings) -> Shape:
    """Segments that fit into the longest contiguous one: a short series has a short warm-up."""
    steps = max(1, min(max(chunk, settings.unroll), longest // 3))
    if settings.own_scale:
        return Shape(min(settings.warm_up, longest - steps), 1, steps)
    zone = max(1, min(ZONE, (longest - steps) // 2))
    return Shape(max(1, min(settings.warm_up, longest - steps - zone)), zone, steps)


def numbers_taken(longest: int, gates: int, hidden: int, chunk: int, settings: Settings, columns: int = 0) -> int:
    """Numbers that the training of one net takes: its weights, and the activations kept for the gradient."""
    shape = shape_of(longest, chunk, settings)
    weights = 4 * (hidden * (gates * (hidden + 3 + columns) + chunk) + chunk * columns)
    # Beside the values that are seen, the roll-out steps from every origin at which the loss is computed.
    origins = -(-shape.zone // (EVERY if settings.unroll > 1 else 1))
    steps = shape.warm + shape.zone + max(shape.ahead - chunk, 0) * origins
    return weights + SEGMENTS * (steps * (hidden * (gates + 3) + columns) + origins * shape.ahead * (4 + columns))


def spans(values: Array) -> list[tuple[int, int, bool]]:
    """(first, end, whether observed) of the contiguous segments of values, in order."""
    missing = np.isnan(values)
    edges = [0, *(np.flatnonzero(np.diff(missing)) + 1).tolist(), len(values)]
    return [(a, b, not missing[a]) for a, b in itertools.pairwise(edges) if b > a]

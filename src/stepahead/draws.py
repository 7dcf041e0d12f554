"""Random numbers for sampled paths: those of an origin depend only on the seed and the origin,
never on the other rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from .protocols import Array, Index, State

MASK = (1 << 64) - 1
NORMAL, UNIFORM = 0, 1
"""Independent streams: a model may draw regimes from one and noise from the other."""


def _generators(seed: int, origins: Index, stream: int) -> list[np.random.Generator]:
    # The counter's highest word is the stream: no path is long enough to overlap the next stream.
    return [
        np.random.Generator(np.random.Philox(key=[seed & MASK, int(origin) & MASK], counter=[0, 0, 0, stream]))
        for origin in origins
    ]


def normals(seed: int, origins: Index, n: int, horizon: int) -> Array:
    """Standard normal numbers, [n, rows, horizon]; row i depends only on (seed, origins[i]).

    Drawn step by step: a shorter horizon gives the first steps of the same paths.
    """
    out = np.empty((n, len(origins), horizon))
    for row, generator in enumerate(_generators(seed, origins, NORMAL)):
        out[:, row] = generator.standard_normal((horizon, n)).T
    return out


def uniforms(seed: int, origins: Index, n: int, horizon: int) -> Array:
    """Uniform numbers in [0, 1), [n, rows, horizon]; row i depends only on (seed, origins[i]), drawn step by step."""
    out = np.empty((n, len(origins), horizon))
    for row, generator in enumerate(_generators(seed, origins, UNIFORM)):
        out[:, row] = generator.random((horizon, n)).T
    return out


def keys(state: State) -> Index:
    """A hash of the state of each row, [rows]: it stands for the origin of a row where none is known."""
    rows = (b"".join(part[row].tobytes() for part in state) for row in range(len(state[0])))
    digests = (hashlib.blake2b(row, digest_size=7).digest() for row in rows)
    return np.array([int.from_bytes(digest, "little") for digest in digests], dtype=np.intp)


def drawn_rows(residuals: Array, seed: int, origin: Index, n: int, chunks: int) -> Iterator[Array]:
    """For each chunk in turn, [n, chunk]: the row of `residuals` [kept, chunk] that each path from an origin draws."""
    drawn = uniforms(seed, origin, n, chunks)[:, 0]
    return iter(residuals[(drawn.T * len(residuals)).astype(np.intp)])

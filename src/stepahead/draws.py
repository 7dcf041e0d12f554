"""Random numbers for sampled paths: those of an origin depend on the seed and that origin alone,
never on what is beside it.
"""

from __future__ import annotations

import hashlib

import numpy as np

from .protocols import Array, Index, State

MASK = (1 << 64) - 1
NORMAL, UNIFORM = 0, 1
"""Streams of their own: a model may draw regimes from the one and noise from the other."""


def _generators(seed: int, origins: Index, stream: int) -> list[np.random.Generator]:
    # The counter's highest word names the stream: no path is long enough to run from one into the next.
    return [
        np.random.Generator(np.random.Philox(key=[seed & MASK, int(origin) & MASK], counter=[0, 0, 0, stream]))
        for origin in origins
    ]


def normals(seed: int, origins: Index, n: int, horizon: int) -> Array:
    """[n, rows, horizon] standard normal numbers, row i from (seed, origins[i]) alone.

    Drawn step by step: fewer steps are the first steps of the same paths.
    """
    out = np.empty((n, len(origins), horizon))
    for row, generator in enumerate(_generators(seed, origins, NORMAL)):
        out[:, row] = generator.standard_normal((horizon, n)).T
    return out


def uniforms(seed: int, origins: Index, n: int, horizon: int) -> Array:
    """[n, rows, horizon] numbers from 0 up to 1, row i from (seed, origins[i]) alone, drawn step by step."""
    out = np.empty((n, len(origins), horizon))
    for row, generator in enumerate(_generators(seed, origins, UNIFORM)):
        out[:, row] = generator.random((horizon, n)).T
    return out


def keys(state: State) -> Index:
    """[rows] a whole number for each row, from the bytes of its state: where a row has to be told from others and no
    origin is known.
    """
    rows = (b"".join(part[row].tobytes() for part in state) for row in range(len(state[0])))
    digests = (hashlib.blake2b(row, digest_size=7).digest() for row in rows)
    return np.array([int.from_bytes(digest, "little") for digest in digests], dtype=np.intp)

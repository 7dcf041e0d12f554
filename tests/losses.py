"""Losses whose averages are known."""

from __future__ import annotations

import math
import types

import numpy as np

from stepahead.numerics import inference


def averages_of(mean: list[list[float]], variance: float, freedom: int) -> inference.Averages:
    """Means of losses that are known, each with the same variance and apart from the others."""
    steps = len(mean[0])
    covariance = np.repeat((variance * np.eye(len(mean)))[:, :, None], steps, axis=2)
    return inference.Averages(np.array(mean), covariance, np.full(steps, freedom))


def rows_at(places: list[int], steps: list[int]) -> types.SimpleNamespace:
    """Rows at these times; the errors of step k overlap k times."""
    index = np.array(places, dtype=np.intp)
    return types.SimpleNamespace(
        _places=lambda: index, _overlaps=lambda found: np.array(steps), steps=np.array(steps), _is_held_out=True
    )


def spread_of(d, B):
    """The variance of the mean of d, cosine by cosine."""
    n, total = len(d), 0.0
    for j in range(1, B + 1):
        wave = sum(d[t - 1] * math.cos(math.pi * j * (t - 0.5) / n) for t in range(1, n + 1))
        total += (math.sqrt(2.0 / n) * wave) ** 2
    return total / B / n

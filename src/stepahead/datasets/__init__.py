"""Series to learn on. Simulators know the smallest error that is possible on them: ``series.limit(horizon)``."""

from __future__ import annotations

import numpy as np

from ..parameters import real, whole
from ..protocols import Array
from ..series import Series

__all__ = ["noisy_sine"]


def noisy_sine(length: int = 1000, seed: int = 0, noise: float = 0.2, frequency: float = 0.01) -> Series:
    """The note's series: sin(frequency t) + N(0, noise^2), t = 1 .. length.

    >>> series = noisy_sine(seed=0)
    >>> len(series), series.limit(3)
    (1000, array([0.2, 0.2, 0.2]))

    Parameters
    ----------
    length : number of values. seed : of ``numpy.random.default_rng``. noise : its standard deviation.
    frequency : radians a step; one wave has 2 pi / frequency steps.
    """
    whole("length", length)
    whole("seed", seed, 0)
    noise = real("noise", noise, least=0.0)
    time = np.arange(1, length + 1)
    values = np.sin(real("frequency", frequency) * time) + np.random.default_rng(seed).normal(0.0, noise, length)

    def limit(horizon: int) -> Array:
        return np.full(horizon, noise)

    return Series(values, times=time, name="noisy sine", limit=limit)

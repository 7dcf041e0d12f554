"""Shocks of known distributions, and the process that they drive."""

from __future__ import annotations

import numpy as np

SHOCKS = {
    "normal": lambda rng, n: rng.normal(size=n),
    "uniform": lambda rng, n: rng.uniform(-1.7, 1.7, n),
    "exponential": lambda rng, n: rng.exponential(size=n),
    "Laplace": lambda rng, n: rng.laplace(size=n),
    "t(5)": lambda rng, n: rng.standard_t(5, size=n),
}


def process(shocks: np.ndarray, warm_up: int = 100) -> np.ndarray:
    x = np.zeros(len(shocks))
    for t in range(2, len(x)):
        x[t] = 0.6 * x[t - 1] + 0.2 * x[t - 2] + shocks[t]
    return x[warm_up:]

"""Models that draw paths, fitted once."""

from __future__ import annotations

from functools import cache

from .cases import CASES

TRAIN = 60


@cache
def fitted(name: str):
    case = CASES[name]
    series = case.series()
    return case.make().fit(series[:TRAIN]), series


def variance_of_sum(phi: float, sigma2: float, horizon: int) -> float:
    """Of x_1 + .. + x_H of an AR(1) from a known start: the shock at step j is seen H - j + 1 times, less and less."""
    return sigma2 * sum(((1 - phi ** (horizon - j)) / (1 - phi)) ** 2 for j in range(horizon))

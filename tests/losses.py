"""The variance of an average of losses, written out."""

from __future__ import annotations

import math


def spread_of(d, B):
    """(V, first autocorrelation before it is clipped) of a series, term by term; the variance of its mean is V / n."""
    n = len(d)
    mean = sum(d) / n
    c = [value - mean for value in d]
    G0 = sum(value * value for value in c)
    r = sum(c[t] * c[t - 1] for t in range(1, n)) / G0
    raw = r + (1 + 3 * r) / n
    rho = min(max(raw, 0.0), 0.97)
    u = [c[t] - rho * c[t - 1] for t in range(1, n)]
    total = 0.0
    for j in range(1, B + 1):
        wave = sum(math.sqrt(2 / (n - 1)) * math.cos(math.pi * j * (t - 0.5) / (n - 1)) * u[t - 1] for t in range(1, n))
        total += wave * wave / (1 - rho) ** 2
    return total / B, raw


def error_of(d, B):
    """The standard error of the mean of a series."""
    return math.sqrt(spread_of(list(d), B)[0] / len(d))

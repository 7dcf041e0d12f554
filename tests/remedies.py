"""Errors behind the training part, and windows as training sees them."""

from __future__ import annotations

import numpy as np

import stepahead as sa
from stepahead.numerics import remedies


def split(**options):
    """Arguments of a net, those that say how it is trained in one value."""
    told = {name: options.pop(name) for name in ("epochs", "noise", "augment") if name in options}
    return {**options, "training": sa.Training(**told)}


def held_out(make, series, step: int, seeds) -> float:
    """Median over seeds of the RMSE at one step, on origins behind the training part."""
    found = []
    for seed in seeds:
        x = series(seed)
        found.append(sa.k_step(make(seed).fit(x[:604]), x[540:], step, train=64).rmse()[-1])
    return float(np.median(found))


def varied(augment, noise, seed=0):
    rng = np.random.default_rng(1)
    X, Y = rng.normal(3.0, 2.0, (1, 4000, 5)), rng.normal(3.0, 2.0, (1, 4000, 2))
    change = remedies.varied(seed, [0], augment, noise, [(X[0], Y[0])])
    x, y = X.copy(), Y.copy()
    weights = change(x, y)
    level = (X.sum() + Y.sum()) / (X.size + Y.size)
    return X - level, Y - level, x - level, y - level, weights

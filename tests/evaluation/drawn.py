"""Losses of models and baselines drawn for the tests of the rule: as arrays, and as the callables that it takes."""

from __future__ import annotations

from functools import partial

import numpy as np

from stepahead.evaluation.rule import judge
from stepahead.numerics.prewhitened import Sample

BASELINES = ("Naive", "Mean", "SES(0.3)", "Drift", "Line", "Harmonic(12)")
MODELS = tuple(f"AR({i})" for i in range(1, 20))


def remembering(rng, shape, ar, warm=200):
    """AR(1) of variance 1 along the last axis."""
    from scipy.signal import lfilter

    shocks = rng.normal(size=(*shape[:-1], shape[-1] + warm))
    return lfilter([np.sqrt(1.0 - ar * ar)], [1.0, -ar], shocks, axis=-1)[..., warm:]


def moving(rng, shape, k, t3=False):
    """MA(k - 1) of variance 1 along the last axis: sums of k surprises in a row."""
    size = (*shape[:-1], shape[-1] + k - 1)
    shocks = rng.standard_t(3, size=size) / np.sqrt(3.0) if t3 else rng.normal(size=size)
    total = np.cumsum(np.concatenate([np.zeros((*shape[:-1], 1)), shocks], axis=-1), axis=-1)
    return (total[..., k:] - total[..., :-k]) / np.sqrt(k)


def answer_of(losses, models, steps=None, sample=None, **more):
    """The answer of losses [models + baselines, steps, rows]."""
    steps = np.arange(1, losses.shape[1] + 1) if steps is None else np.asarray(steps)
    if sample is None:
        sample = Sample.of(np.arange(losses.shape[2]), np.minimum(steps, losses.shape[2]))
    found = [partial(_columns, one) for one in losses]
    baselines = dict(zip(BASELINES, found[models:], strict=False))
    return judge(dict(zip(MODELS, found[:models], strict=False)), baselines, steps, sample, **more)


def _columns(one, part):
    return one[part].T


def some_losses(seed):
    """Losses of a kind that the seed draws: (losses, models, steps)."""
    rng = np.random.default_rng([seed, 17])
    models, baselines = int(rng.choice([1, 2, 3, 10])), int(rng.integers(1, 6))
    H, n = int(rng.choice([1, 2, 5, 12])), int(rng.choice([6, 25, 80, 200]))
    steps = np.arange(1, H + 1)
    if rng.random() < 0.2:
        steps = np.sort(rng.choice(np.arange(1, 30), H, replace=False))
    common = rng.random() < 0.7
    losses = np.empty((models + baselines, H, n))
    shared = remembering(rng, (H, n), 0.5)
    gain = rng.choice([0.0, 0.3, 0.9], size=(models, 1)) * (rng.random((models, H)) < rng.choice([0.3, 0.8, 1.0]))
    for row in range(models + baselines):
        own = remembering(rng, (H, n), 0.3) * (0.3 if common else 1.0) + (shared if common else 0.0)
        losses[row] = np.square(own) * (1.0 - gain[row])[:, None] if row < models else np.square(own)
    kind = rng.integers(9)
    if kind == 0:
        losses[0, :, 0] = np.inf
    if kind == 1:
        losses[models, 0] *= 1e9
    if kind == 2 and models > 1:
        losses[1] = losses[0]
    if kind == 3:
        losses[:, 0] = 0.0
    if kind == 4:
        losses[:, :, ::7] = np.nan
    if kind == 5:
        losses[-1, :, 3] = np.inf
    if kind == 6:
        losses = (losses > 0.5).astype(float)
    return losses, models, steps

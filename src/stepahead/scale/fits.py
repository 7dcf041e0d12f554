"""Which models have a stacked way, and what it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..models.ar import AR
from ..models.baselines import Drift, Mean, Naive, SeasonalNaive
from ..models.markov import MarkovChain
from ..models.mlp import MLP
from ..models.ssa import SSA
from ..models.wrappers import Scaled
from ..numerics import stacked
from . import chains, linear, nets, stacks
from .stacks import Batch, Fit, Stack

STACKED: dict[type, Fit] = {
    Mean: stacks.mean,
    Naive: stacks.naive,
    SeasonalNaive: stacks.seasonal,
    Drift: stacks.drift,
    AR: linear.ar,
    SSA: linear.ssa,
    MLP: nets.mlp,
    MarkovChain: chains.markov,
}


def is_stacked(model: Any) -> bool:
    """Whether a model of this kind, with these arguments, is fitted to many series at once."""
    if type(model) is Scaled:
        return model.by == "train" and is_stacked(model.model)
    if type(model) is AR:
        return model.method == "ols"
    if type(model) is MarkovChain:
        return model.bins is not None and model.order != "bic"
    return type(model) in STACKED


def fit(model: Any, batch: Batch) -> Sequence[Stack]:
    """`model` fitted to each series of the batch, where it can be."""
    return _scaled(model, batch) if type(model) is Scaled else STACKED[type(model)](model, batch)


def _scaled(model: Scaled, batch: Batch) -> list[Stack]:
    mean = stacked.level(batch.heads)
    exponents = stacked.scale_exponents(batch.heads, mean)
    shifted = stacked.standardised(batch.heads, mean, exponents)
    squares = np.matmul(shifted[:, None, :], shifted[:, :, None])[:, 0, 0]
    spread = np.ldexp(np.sqrt(squares / shifted.shape[1]), exponents)
    std = np.where(spread > 0.0, spread, 1.0)
    heads, peaks = (batch.heads - mean[:, None]) / std[:, None], (batch.peaks + np.abs(mean)) / std
    inner = fit(model.model, Batch(heads, peaks, batch.horizon, batch.kept))
    return [nets.Rescaled(stack, mean[stack.rows], std[stack.rows]) for stack in inner]

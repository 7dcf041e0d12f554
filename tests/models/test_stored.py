"""Learned parts that do not fit together are refused."""

from __future__ import annotations

import re

import numpy as np
import pytest

import stepahead as sa

from ..data import sine


def forged(model, **changed):
    """A model from its own parts, some of them changed."""
    facts, arrays = model.__pack__()
    for key, value in changed.items():
        here, there = (arrays, facts) if isinstance(value, np.ndarray) else (facts, arrays)
        here[key] = value
        there.pop(key, None)
    return type(model).__unpack__(facts, arrays)


def text_model():
    return sa.HMM(2, seed=0).fit(["a", "b", "b", "a"] * 12)


FORGED = {
    "sigma2 below 0": (lambda: sa.AR(2), {"variance_": -1.0}, "variance_"),
    "a sigma2 below 0": (lambda: sa.AR(2, chunk=2), {"variance_": np.array([0.1, -0.1])}, "variance_ is negative"),
    "another model inside": (
        lambda: sa.Scaled(sa.AR(2)),
        {"model_": sa.baselines.Naive().fit([1.0])},
        "the fitted part does not fit",
    ),
    "coefficients of another shape": (lambda: sa.AR(2), {"coefficients_": np.zeros(3)}, "coefficients_"),
    "context": (lambda: sa.AR(2), {"context": 3}, "context and lags differ"),
    "context below 0": (lambda: sa.AR(2), {"context": -1}, "context must be a whole number"),
    "marks": (lambda: sa.AR(2), {"trained_fingerprints_": np.zeros((1, 31), dtype=np.uint8)}, "32 bytes a series"),
    "lengths": (lambda: sa.AR(2), {"trained_lengths_": np.array([-1])}, "trained_lengths_"),
    "rank": (lambda: sa.SSA(2, 10), {"rank_": 3}, "rank_ and rank, differ"),
    "cycle": (lambda: sa.StateSpace(cycles=1), {"context": 7}, "structure_, context and the arguments"),
    "parameters": (lambda: sa.StateSpace(cycles=1), {"parameters_": np.zeros(1)}, "parameters_ should be"),
    "states": (lambda: sa.MarkovSwitchingAR(2, 1), {"context": 2}, "context and lags differ"),
    "spread of a regime": (lambda: sa.MarkovSwitchingAR(2, 1), {"variance_": 0.0}, "variance_"),
    "order of a chain": (lambda: sa.MarkovChain(bins=3), {"order_": 2}, "context and order differ"),
    "counts of a chain": (lambda: sa.MarkovChain(bins=3), {"counts_": -np.ones((3, 3))}, "counts_"),
    "net": (lambda: sa.MLP(3, training=sa.Training(epochs=1)), {"context": 4}, "context and lags differ"),
    "residuals": (
        lambda: sa.MLP(3, training=sa.Training(epochs=1)),
        {"residuals_": np.zeros((0, 1))},
        "residuals_ should be some x 1 numbers",
    ),
    "recurrent net": (lambda: sa.GRU(2, training=sa.Training(updates=1)), {"context": 4}, "context and window differ"),
}


@pytest.mark.parametrize(("make", "changed", "words"), FORGED.values(), ids=FORGED.keys())
def test_learned_parts_that_do_not_fit_together_are_refused(make, changed, words):
    model = make().fit(sine(0, 150))
    assert repr(forged(model)) == repr(model)
    with pytest.raises((ValueError, sa.errors.ModelFileError), match=re.escape(words)):
        forged(model, **changed)


def test_a_model_of_symbols_has_no_spread():
    with pytest.raises(ValueError, match="a model of symbols has no std_"):
        forged(text_model(), std_=np.ones(2))

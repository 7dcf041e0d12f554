"""Arguments that are none are refused by name."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa

X = np.cumsum(np.random.default_rng(0).normal(size=300))


@pytest.mark.parametrize(
    "call",
    [
        lambda m: sa.k_step(m, X, 5, train=0, steps=5),
        lambda m: sa.k_step(m, X, 5, train=0, origins=150),
        lambda m: sa.k_step(m, X, 5, train=1000),
        lambda m: sa.audit(m, X, cuts=150),
        lambda m: sa.Series(["a"], categories=5),
        lambda m: m.forecast(X, True),
    ],
)
def test_a_number_where_a_sequence_is_wanted_is_refused(call):
    with pytest.raises(sa.errors.ParameterError):
        call(sa.AR(2).fit(X))

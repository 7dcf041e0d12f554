"""The likelihood of structural models against statsmodels."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from statsmodels.tsa.statespace.initialization import Initialization
from statsmodels.tsa.statespace.structural import UnobservedComponents

import stepahead as sa

from ..counting import calls

PARITY = {
    "level": ({"level": "llevel"}, [1.3, 0.2], {}, (0, "walk"), {"local_level": 0.2}),
    "trend": ({"level": "lltrend"}, [1.3, 0.2, 0.01], {}, (0, "trend"), {"local_level": (0.2, 0.01)}),
    "cycle": (
        {"level": False, "irregular": True, "cycle": True, "stochastic_cycle": True, "damped_cycle": True},
        [1.3, 0.05, 0.3, 0.98], {}, (1,), {"cycles": [(2 * np.pi / 0.3, 0.98, 0.05)]},
    ),
    "cycle and level": (
        {"level": "llevel", "cycle": True, "stochastic_cycle": True, "damped_cycle": True},
        [1.3, 0.2, 0.05, 0.3, 0.98], {}, (1, "walk"), {"cycles": [(2 * np.pi / 0.3, 0.98, 0.05)], "local_level": 0.2},
    ),
    "season": (
        {"level": "llevel", "freq_seasonal": [{"period": 7}]},
        [1.3, 0.2, 0.03], {}, (0, "walk", 7), {"local_level": 0.2, "season": 0.03},
    ),
    "even season": (
        {"level": "llevel", "freq_seasonal": [{"period": 4}]},
        [1.3, 0.2, 0.03], {}, (0, "walk", 4), {"local_level": 0.2, "season": 0.03},
    ),
    "drift": ({"level": "lldtrend"}, [1.3, 0.2], {}, (0, "drift"), {"local_level": 0.2}),
    "damped": (
        {"level": False, "irregular": True, "autoregressive": 1},
        [1.3, 0.2, 0.8], {"diffuse": True}, (0, "damped"), {"local_level": (0.8, 0.2)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("name", PARITY)
def test_the_likelihood_is_that_of_statsmodels(name, gaps):
    rng = np.random.default_rng(0)
    y = np.cumsum(rng.normal(size=300)) * 0.5 + 3 * np.sin(np.arange(300) * 0.3) + rng.normal(size=300)
    if gaps:
        y[[40, 41, 42, 100, 200]] = np.nan
    blocks, parameters, more, arguments, given = PARITY[name]
    theirs = UnobservedComponents(y, use_exact_diffuse=True, **blocks)
    theirs.ssm.tolerance = 0.0
    if more:
        theirs.ssm.initialization = Initialization(theirs.k_states, "diffuse")
    mean = (
        1.0 if arguments[1:2] in (("walk",), ("trend",), ("drift",)) else 0.0
    )  # without a level of its own the mean matters
    ours = sa.StateSpace(*arguments).with_parameters(noise=1.3, mean=mean, scale=2.5, **given)
    found = ours.loglikelihood(sa.Series(y, missing="skip"))
    assert found == pytest.approx(theirs.loglike(parameters, transformed=True), abs=1e-6)


@pytest.mark.slow
def test_many_cycles_and_many_series_are_no_more_work_than_they_were():
    rng = np.random.default_rng(0)

    def fits() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", sa.errors.StepaheadWarning)
            sa.StateSpace(cycles=8).fit(rng.normal(size=100))
            sa.StateSpace().fit([rng.normal(size=60) for _ in range(100)])

    assert calls(fits) < 6_000_000  # 2.8 million, of which a core does some in a second

"""The likelihood of structural models against statsmodels."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from statsmodels.api import OLS
from statsmodels.tsa.statespace.initialization import Initialization
from statsmodels.tsa.statespace.structural import UnobservedComponents

import stepahead as sa
from stepahead.numerics import structural

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


def aicc_by_ols(series: list[np.ndarray], before: list[float], own: list[float]) -> list[float]:
    """AICc with the first 1, 2 .. waves of `own`, in turns per step, by statsmodels: beside a line, three lags and the
    waves `before`.
    """
    scores = []
    for count in range(1, len(own) + 1):
        left, rows, terms = 0.0, 0, 0
        for y in series:
            t = np.arange(len(y))
            columns = [np.ones(len(y)), t, *(np.roll(y, lag) for lag in (1, 2, 3))]
            for turns in [*before, *own[:count]]:
                columns.append(np.cos(2 * np.pi * turns * t))
                if turns < 0.5:
                    columns.append(np.sin(2 * np.pi * turns * t))
            left += OLS(y[3:], np.column_stack(columns)[3:]).fit().ssr
            rows += len(y) - 3
            terms += 2 * count + sum(2 if turns < 0.5 else 1 for turns in before) + 3 + 2
        free = rows - terms - 1
        scores.append(rows * np.log(left) + 2 * terms + 2 * terms * (terms + 1) / free if free > 0 else np.inf)
    return scores


@pytest.mark.parametrize("period", [7, 12])
@pytest.mark.parametrize(("lengths", "planted"), [([90], 1), ([140], 2), ([140, 60], 3), ([25], 2), ([300], 0)])
def test_the_harmonics_of_a_season_are_those_of_the_least_aicc(period, lengths, planted):
    rng = np.random.default_rng(period + sum(lengths))
    sizes = rng.uniform(0.5, 2.0, planted)
    series = []
    for length in lengths:
        t = np.arange(length)
        waves = sum(size * np.cos(2 * np.pi * j * t / period + j) for j, size in enumerate(sizes, 1))
        series.append(waves + 0.02 * t + rng.normal(0.0, 0.5, length))
    scores = aicc_by_ols(series, [], [j / period for j in range(1, period // 2 + 1)])
    assert structural.season_blocks(series, [period]) == (structural.season(period, int(np.argmin(scores)) + 1),)


@pytest.mark.parametrize("seed", range(4))
def test_a_longer_season_is_counted_beside_the_shorter_one(seed):
    t, rng = np.arange(260), np.random.default_rng(seed)
    y = (
        np.cos(np.pi * t / 2)
        + 0.7 * (t % 2)
        + np.sin(2 * np.pi * t / 12)
        + np.sin(np.pi * t / 3)
        + rng.normal(size=260)
    )
    first, second = structural.season_blocks([y], [4, 12])
    assert first == "season:4:2"
    # Harmonics 3 and 6 of a season of 12 are those of a season of 4.
    scores = aicc_by_ols([y], [1 / 4, 2 / 4], [j / 12 for j in (1, 2, 4, 5)])
    assert second == structural.season(12, int(np.argmin(scores)) + 1)

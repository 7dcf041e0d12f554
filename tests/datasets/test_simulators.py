"""Simulators know their limit, and nobody beats it."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import stepahead as sa
from stepahead import datasets
from stepahead.datasets import simulators


def test_simulators_know_their_limit_and_nobody_beats_it():
    series = datasets.ar_process([0.2, 0.6], length=6000, seed=1)
    result = sa.evaluate(sa.AR(2), series, 16, train=3000)
    limit = series.limit(16)
    assert limit[0] == 1.0
    psi = [1.0, 0.6]
    for _ in range(14):
        psi.append(0.6 * psi[-1] + 0.2 * psi[-2])
    np.testing.assert_allclose(limit, np.sqrt(np.cumsum(np.square(psi))))
    np.testing.assert_allclose(result["AR(2)"].rmse(), limit, rtol=0.06)
    assert "noise floor" in result.table()
    chain = datasets.markov(length=20_000, seed=2)
    scored = sa.evaluate(sa.MarkovChain(), chain, 4, train=10_000)
    np.testing.assert_allclose(scored["MarkovChain(1)"].log_loss(), chain.limit(4), rtol=0.03)
    assert "noise floor" in scored.table()
    x = datasets.logistic_map(length=500, seed=3)
    np.testing.assert_allclose(x.values[1:], 3.9 * x.values[:-1] * (1 - x.values[:-1]), atol=1e-12)
    assert x.limit(2).tolist() == [0.0, 0.0]
    walk = datasets.ar_process([1.0], length=50, seed=0)
    assert walk.values[0] != 0.0


def test_mackey_glass_is_that_of_the_theory():
    """theory.md 4b: last value .83, .76, 1.52 deviations at k = 1, 16, 64, on one trajectory (between them .00, .03,
    .13).
    """
    found = []
    for seed in range(6):
        x = datasets.mackey_glass(length=1000, seed=seed)
        result = sa.evaluate(sa.baselines.Naive(), x, 64, train=604, steps=[1, 16, 64])
        found.append(result["Naive"].rmse())
    assert (np.abs(np.mean(found, axis=0) - [0.83, 0.76, 1.52]) < [0.02, 0.08, 0.3]).all()


@pytest.mark.parametrize(
    "bad",
    [
        lambda: datasets.ar_process([1.2]),
        lambda: datasets.ar_process([]),
        lambda: datasets.ar_process([float("nan")]),
        lambda: datasets.noisy_sine(length=0),
        lambda: datasets.noisy_sine(seed=-1),
        lambda: datasets.noisy_sine(noise=-1.0),
        lambda: datasets.logistic_map(rate=5.0),
        lambda: datasets.markov([[0.5, 0.4], [0.5, 0.5]]),
        lambda: datasets.markov(states=["a"]),
        lambda: datasets.mackey_glass(delay=0),
    ],
)
def test_simulators_refuse_by_name(bad):
    with pytest.raises(sa.errors.ParameterError):
        bad()


def test_simulated_series_travel_between_processes():
    for make in (datasets.noisy_sine, datasets.ar_process, datasets.markov, datasets.logistic_map):
        series = make(length=20, seed=4)
        again = pickle.loads(pickle.dumps(series))  # noqa: S301
        assert again.values.tobytes() == series.values.tobytes()
        assert again.limit(3).tolist() == series.limit(3).tolist()
        assert make(length=20, seed=4).values.tobytes() == series.values.tobytes()
    assert simulators.Certain()(2).tolist() == [0.0, 0.0]

"""Switching autoregression against statsmodels and the sum over all paths of the regimes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import stepahead as sa
from stepahead.numerics import chains

from ..hidden import MODELS, made, peer_of, switching

STAY = np.array([[0.9, 0.1], [0.2, 0.8]])
THREE = np.array([[0.85, 0.1, 0.05], [0.1, 0.8, 0.1], [0.02, 0.18, 0.8]])


GAUSSIAN = sa.HMM(2).with_parameters([0.3, 0.7], STAY, means=[0.0, 2.5], std=[0.7, 1.0])


every_model = pytest.mark.parametrize("name", MODELS)


@pytest.mark.parametrize(("size", "lags", "variance"), [(2, 0, False), (2, 1, False), (2, 1, True), (2, 2, False)])
def test_fit_is_at_least_as_likely_as_that_of_statsmodels(size, lags, variance):
    std = (0.6, 1.4) if variance else (1.0, 1.0)
    values = switching(4, 300, (0.5, -0.2)[:lags], std=std)
    model = sa.MarkovSwitchingAR(size, lags, switching_variance=variance).fit(values)
    peer, given = peer_of(model, values)
    theirs = peer.fit(given, disp=False)  # begun where ours ended: its own starts often end lower
    assert model.log_likelihood_ >= theirs.llf - 1e-3


def by_hand(model, values):
    """Log likelihood, and the distribution of every path of regimes of `values`: the sum over all of them."""
    lags, distribution = model.lags, chains.stationary(model.transition_)
    variance, found = np.broadcast_to(model.variance_, model.means_.shape), {}
    for path in itertools.product(range(model.states), repeat=len(values)):
        weight = distribution[path[0]] * np.prod([model.transition_[a, b] for a, b in itertools.pairwise(path)])
        for t in range(lags, len(values)):
            level = model.means_[path[t]]
            for i, c in enumerate(model.coefficients_):
                level += c * (values[t - lags + i] - model.means_[path[t - lags + i]])
            spread = variance[path[t]]
            weight *= np.exp(-0.5 * (values[t] - level) ** 2 / spread) / np.sqrt(2.0 * np.pi * spread)
        found[path] = weight
    total = sum(found.values())
    return np.log(total), {path: weight / total for path, weight in found.items()}


@pytest.mark.parametrize(
    ("size", "lags", "variance"), [(2, 0, True), (2, 1, True), (2, 2, False), (2, 2, True), (3, 1, False)]
)
def test_everything_is_the_sum_over_all_paths_of_the_regimes(size, lags, variance):
    model, values = made(size, lags, variance), switching(2, 6)
    total, distribution = by_hand(model, values)
    # With two lags and switching variances statsmodels 0.14 gives each value the variance of the regime before: no
    # oracle.
    assert model.loglikelihood(values) == pytest.approx(total, abs=1e-10)
    smooth = model.smoothed(values).probabilities
    for t in range(len(values)):
        for s in range(size):
            assert smooth[t, s] == pytest.approx(sum(p for path, p in distribution.items() if path[t] == s), abs=1e-12)

    horizon = 6
    variances = np.broadcast_to(model.variance_, (size,))
    psi = [1.0]
    for k in range(1, horizon):
        psi.append(sum(model.coefficients_[lags - i] * psi[k - i] for i in range(1, min(lags, k) + 1)))
    past = {}
    for path, p in distribution.items():
        key = path[len(path) - max(lags, 1) :]
        past[key] = past.get(key, 0.0) + p
    first, second = np.zeros(horizon), np.zeros(horizon)
    for before, p in past.items():
        for ahead in itertools.product(range(size), repeat=horizon):
            weight = p * np.prod([model.transition_[a, b] for a, b in itertools.pairwise((before[-1], *ahead))])
            apart = [values[len(values) - lags + i] - model.means_[before[i]] for i in range(lags)]
            for k in range(horizon):
                apart.append(sum(model.coefficients_[i] * apart[k + i] for i in range(lags)))
                center = model.means_[ahead[k]] + apart[-1]
                first[k] += weight * center
                second[k] += weight * (center**2 + sum(psi[k - j] ** 2 * variances[ahead[j]] for j in range(k + 1)))
    state = tuple(array[-1:] for array in model.encode(values))
    ahead = model.predictive(state, horizon)
    np.testing.assert_allclose(model.rollout(state, horizon)[0], first, atol=1e-12)
    np.testing.assert_allclose(ahead.mean()[0], first, atol=1e-12)
    np.testing.assert_allclose(ahead.std()[0], np.sqrt(second - first**2), atol=1e-10)
    assert isinstance(ahead, sa.distributions.Samples if variance else sa.distributions.Mixture)


@every_model
def test_quantiles_cover_what_they_say(name):
    model, simulate = MODELS[name]
    values = simulate(12, 6000)
    if name == "no lags":
        model = sa.MarkovSwitchingAR(2, 0, switching_variance=True).with_parameters(STAY, [0.0, 2.5], [], [0.49, 1.0])
    elif name == "switching":
        model = sa.MarkovSwitchingAR(2, 2).with_parameters(STAY, [0.0, 3.0], [-0.2, 0.5], 1.0)
    elif name == "variance":
        model = sa.MarkovSwitchingAR(2, 1, True).with_parameters(STAY, [0.0, 3.0], [0.5], [1.0, 1.0])
    origins = np.arange(100, 5900, 15)
    state = tuple(array[origins - model.context] for array in model.encode(values))
    ahead = model.predictive(state, 4)
    actuals = values[origins[:, None] + np.arange(4)]
    n = len(origins)
    for level in (0.1, 0.5, 0.9):
        below = (actuals < ahead.quantile(level)).mean(axis=0)
        assert (np.abs(below - level) < 4.0 * np.sqrt(level * (1.0 - level) / n) + 0.005).all(), (level, below)
    error = np.abs(actuals - ahead.mean()) / ahead.std()
    assert np.sqrt((error**2).mean()) == pytest.approx(1.0, abs=0.1)
    mean_alone = sa.distributions.Normal(np.full((n, 4), values.mean()), np.full((n, 4), values.std()))
    assert (ahead.crps(actuals).mean(axis=0)[:2] < mean_alone.crps(actuals).mean(axis=0)[:2]).all()


def test_coefficients_that_will_explode_are_noted():
    with pytest.warns(sa.errors.StepaheadWarning, match="far steps explode"):
        model = sa.MarkovSwitchingAR(2, 1).fit(1.03 ** np.arange(150))
    assert any("modulus 1.03" in text for text in model.notes_)


def test_coefficients_that_explode_are_refused():
    model = sa.MarkovSwitchingAR(2, 1).with_parameters(STAY, [0.0, 1.0], [2.0], 1.0)
    assert np.isfinite(model.forecast([1.0, 2.0], 100)).all()
    for ask in (lambda: model.forecast([1.0, 2.0], 2000), lambda: model.forecast([1e300, 1e300], 100)):
        with pytest.raises(sa.errors.FitError) as caught:
            ask()
        assert caught.value.code == "overflow"

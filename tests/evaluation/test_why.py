"""The split of the error against literal loops, and the share of the seed."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression, Ridge

import stepahead as sa
from stepahead.evaluation.why import reseeded
from stepahead.protocols import Seeded

from ..data import sine
from ..strangers import Steady


def test_a_split_of_the_error_needs_series_of_one_length_and_origins_with_a_forecast():
    with pytest.raises(sa.errors.ParameterError, match="whose series are all of one length"):
        sa.diagnostics.split_error(
            sa.AR(2), lambda seed: sa.datasets.noisy_sine(length=200 + seed, seed=seed), 4, seeds=range(2)
        )

    class Late(Steady):
        lags = 120

    with pytest.raises(
        sa.errors.InputError, match="no forecast at the held-out origin 60: take a longer training part"
    ) as caught:
        sa.diagnostics.split_error(
            Late(), lambda seed: sa.datasets.noisy_sine(length=200, seed=seed), 4, train=60, seeds=range(2)
        )
    assert (caught.value.found, caught.value.needed) == (60, 120)


X = 3.0 + sine(0, 90)


FOREST = RandomForestRegressor(n_estimators=2, random_state=0)
RANDOM = {
    "MLP": (lambda: sa.MLP(3, training=sa.Training(epochs=1)), lambda m: m.seed),
    "GRU": (lambda: sa.GRU(2, training=sa.Training(updates=1)), lambda m: m.seed),
    "HMM": (lambda: sa.HMM(2, starts=1), lambda m: m.seed),
    "switching": (lambda: sa.MarkovSwitchingAR(2, starts=1), lambda m: m.seed),
    "forest": (lambda: sa.Windowed(FOREST, lags=3), lambda m: m.regressor.random_state),
    "a forest a step": (
        lambda: sa.Windowed(sa.wrappers.PerStep(FOREST), lags=3, chunk=2),
        lambda m: m.regressor.regressor.random_state,
    ),
    "inside": (lambda: sa.Scaled(sa.Differenced(sa.MLP(3))), lambda m: m.model.model.seed),
    "rectified": (lambda: sa.wrappers.Rectified(sa.MLP(3)), lambda m: m.model.seed),
    "the draws": (lambda: sa.wrappers.Sampled(sa.AR(3)), lambda m: m.seed),
    "both": (lambda: sa.wrappers.Sampled(sa.MLP(3)), lambda m: m.seed + m.model.seed),
}


@pytest.mark.parametrize("name", RANDOM)
def test_another_seed_goes_to_a_copy_as_deep_as_it_is(name):
    make, seed_of = RANDOM[name]
    model = make()
    before = repr(model)
    made = reseeded(model, 7)
    assert seed_of(made) in (7, 14)
    assert repr(model) == before
    assert type(made) is type(model)
    plain = {key: value for key, value in model.get_params().items() if key not in ("seed", "model", "regressor")}
    assert {key: made.get_params()[key] for key in plain} == plain


@pytest.mark.parametrize(
    "model", [sa.AR(3), sa.baselines.Naive(), sa.Scaled(sa.AR(3)), sa.Windowed(Ridge(random_state=None), 2)], ids=repr
)
def test_what_has_no_seed_says_so(model):
    if isinstance(model, sa.Windowed):  # a Ridge has a random_state, for solvers that draw
        assert model.reseeded(3).regressor.random_state == 3
        return
    assert isinstance(model, Seeded)
    assert model.reseeded(3) is None
    with pytest.raises(sa.errors.ParameterError, match="no seed"):
        sa.diagnostics.seed_variance(model, X, 2, seeds=(0, 1))


class Lucky:
    """Anybody's: a constant that is drawn; it declares that it has a seed."""

    def __init__(self, luck=0):
        self.luck = luck

    def reseeded(self, seed):
        return Lucky(seed)

    def fit(self, series):
        self.context, self.level_ = 1, np.random.default_rng(self.luck).normal()
        return self

    def encode(self, values, after=None):
        return (np.zeros((len(values), 1)),)

    def rollout(self, state, horizon):
        return np.full((len(state[0]), horizon), self.level_)


def test_a_stranger_declares_its_seed():
    found = sa.diagnostics.seed_variance(Lucky(), X, 2, seeds=(3, 4, 5))
    levels = [np.random.default_rng(seed).normal() for seed in (3, 4, 5)]
    np.testing.assert_allclose(found.parts["model variance"], np.var(levels), rtol=1e-12)


def test_the_parts_are_what_literal_loops_find():
    """Two lags, one fit a step by the textbook, one forecast at a time."""
    length, cut, horizon, kept, lags = 90, 50, 6, [1, 3, 6], 2
    simulate = functools.partial(sa.datasets.ar_process, [0.3, -0.4, 0.5], length)
    found = sa.diagnostics.split_error(sa.AR(lags), simulate, horizon, train=cut, seeds=range(3), steps=kept)
    worlds = [simulate(seed=seed).values for seed in range(3)]
    psi = [1.0, 0.5, 0.5**2 - 0.4]
    for _ in range(horizon):
        psi.append(0.5 * psi[-1] - 0.4 * psi[-2] + 0.3 * psi[-3])
    recursive, direct, ahead = (np.zeros((3, 3)) for _ in range(3))
    forecasts = np.zeros((3, 3, 3, length - horizon - cut + 1))
    for r, own in enumerate(worlds):
        fits = {}
        for k in kept:
            X = np.array([[*own[t - lags : t], 1.0] for t in range(lags, cut - k + 1)])
            y = np.array([own[t + k - 1] for t in range(lags, cut - k + 1)])
            fits[k] = np.linalg.lstsq(X, y, rcond=None)[0]
        for s, world in enumerate(worlds):
            for i, origin in enumerate(range(cut, length - horizon + 1)):
                path, truth = world[:origin].tolist(), world[:origin].tolist()
                for _ in range(horizon):
                    path.append(float(fits[1][:lags] @ path[-lags:] + fits[1][lags]))
                    truth.append(0.5 * truth[-1] - 0.4 * truth[-2] + 0.3 * truth[-3])
                for j, k in enumerate(kept):
                    m = truth[origin + k - 1]
                    forecasts[r, j, s, i] = path[origin + k - 1]
                    recursive[r, j] += (path[origin + k - 1] - m) ** 2
                    direct[r, j] += (fits[k] @ [*world[origin - lags : origin], 1.0] - m) ** 2
    count = 3 * (length - horizon - cut + 1)
    noise = np.array([sum(p * p for p in psi[:k]) for k in kept])
    window = simulate(seed=0).limit.window(lags, horizon)[np.array(kept) - 1] ** 2 - noise
    ahead = noise + recursive / count
    alone = noise + direct / count
    np.testing.assert_allclose(found.by_refit["noise"][0], noise)
    np.testing.assert_allclose(found.by_refit["window"][0], window)
    np.testing.assert_allclose(found.by_refit["fit"], alone - noise - window, atol=1e-10)
    np.testing.assert_allclose(found.by_refit["feedback"], ahead - alone, atol=1e-10)
    assert np.abs(found.by_refit["feedback"][:, 0]).max() == 0.0, "nothing is fed back at the first step"
    np.testing.assert_allclose(found.mse(), ahead.mean(axis=0))
    np.testing.assert_allclose(found.variance, forecasts.var(axis=0).mean(axis=(1, 2)))
    truths = found.mse() - noise - found.variance
    assert (truths > 0.0).all(), "what is left over beside noise and variance is a squared bias"
    order = np.argsort(ahead[:, -1])
    np.testing.assert_allclose(found.typical().mse(), ahead[order[1]])


def test_the_error_of_the_notes_net_is_split():
    """At 64 steps, for the median of 20 seeds: noise .040, window .198, the rest about .21."""
    found = sa.diagnostics.split_error(sa.MLP(4), sa.datasets.noisy_sine, 64, train=604, steps=[1, 64])
    usual = found.typical()
    parts = {name: float(values[-1]) for name, values in usual.parts.items()}
    print(parts)
    assert list(parts) == ["noise", "window", "fit", "feedback"]
    assert parts["noise"] == pytest.approx(0.040)
    assert parts["window"] == pytest.approx(0.198, abs=0.002)
    assert parts["fit"] + parts["feedback"] == pytest.approx(0.21, abs=0.05)
    assert usual.mse()[-1] == pytest.approx(sum(parts.values()))
    assert usual.mse()[-1] == pytest.approx(float(np.median(np.sum(list(found.by_refit.values()), axis=0)[:, -1])))
    assert found.by_refit["feedback"][:, 0].tolist() == [0.0] * 20
    assert parts["feedback"] > parts["fit"] > 0.0
    assert "window" in found.table()
    assert "0.0400" in found.table()


def test_what_feeds_nothing_back_has_no_feedback_and_what_has_no_window_no_window():
    split = functools.partial(
        sa.diagnostics.split_error, simulate=sa.datasets.noisy_sine, horizon=16, train=604, seeds=(3, 4)
    )
    assert split(sa.AR(4, chunk=16)).parts["feedback"].tolist() == [0.0] * 5
    blocks = split(sa.MLP(4, chunk=4, training=sa.Training(epochs=1)), steps=[1, 4, 5, 16]).parts["feedback"]
    assert (blocks == 0.0).tolist() == [True, True, False, False]
    assert list(split(sa.SSA(rank=2, window=64)).parts) == ["noise", "fit and feedback"]
    assert list(split(sa.Scaled(sa.MLP(4, training=sa.Training(epochs=1)))).parts) == [
        "noise",
        "window",
        "fit and feedback",
    ]
    for model in (
        sa.AR("auto"),
        sa.AR(8, method="burg"),
        sa.MLP(4, unroll=4, training=sa.Training(epochs=1, augment="auto")),
        sa.Windowed(LinearRegression(), lags=4),
    ):
        found = split(model)
        assert list(found.parts) == ["noise", "window", "fit", "feedback"]
        assert found.parts["feedback"][0] == 0.0
    zero = split(sa.baselines.Mean()).mse() - 0.04
    t = np.add.outer(np.arange(604, 985), [1, 2, 4, 8, 16])
    means = [sa.datasets.noisy_sine(seed=seed).values[:604].mean() for seed in (3, 4)]
    np.testing.assert_allclose(zero, np.mean([((m - np.sin(0.01 * t)) ** 2).mean(axis=0) for m in means], axis=0))


def test_recursion_pays_where_the_window_is_long_enough_and_costs_where_the_model_is_wrong():
    # One lag, the right one: recursion learns one coefficient well, and direct another one for each step.
    simulate = functools.partial(sa.datasets.ar_process, [0.9], 160)
    found = sa.diagnostics.split_error(sa.AR(1), simulate, 8, train=80, seeds=range(12))
    assert found.parts["feedback"][-1] < 0.0
    assert np.abs(found.parts["window"]).max() == 0.0
    # Two lags read with one: what is fitted one step ahead is not what is best further out.
    found = sa.diagnostics.split_error(
        sa.AR(1), functools.partial(sa.datasets.ar_process, [0.6, 0.2], 4000), 4, train=2000, seeds=range(2)
    )
    assert found.parts["feedback"][1:].min() > 0.01


def test_a_split_refuses():
    with pytest.raises(sa.errors.InputError, match="does not know its mean"):
        sa.diagnostics.split_error(sa.AR(2), sa.datasets.mackey_glass, 4)
    for seeds in ([1], [1, 1], "12", [0.5, 2]):
        with pytest.raises(sa.errors.ParameterError):
            sa.diagnostics.split_error(sa.AR(2), sa.datasets.noisy_sine, 4, seeds=seeds)
    with pytest.raises(sa.errors.ParameterError, match="simulate"):
        sa.diagnostics.split_error(sa.AR(2), sa.datasets.noisy_sine(), 4)
    with pytest.raises(sa.errors.InputError, match="too short"):
        sa.diagnostics.split_error(sa.AR(2), functools.partial(sa.datasets.noisy_sine, 20), 15)
    with pytest.raises(sa.errors.InputError, match="direct fit"):
        sa.diagnostics.split_error(sa.AR(2), functools.partial(sa.datasets.noisy_sine, 40), 15, train=16)


def test_the_share_of_the_seed_is_the_variance_over_seeds():
    series = sa.datasets.sunspots()
    found = sa.diagnostics.seed_variance(
        sa.Scaled(sa.MLP(6, training=sa.Training(epochs=2))), series, 5, train=200, seeds=(1, 5, 7)
    )
    runs = [
        sa.k_step(sa.Scaled(sa.MLP(6, seed=seed, training=sa.Training(epochs=2))).fit(series[:200]), series, 5)
        for seed in (1, 5, 7)
    ]
    forecasts = np.array([run.predictions for run in runs])
    variance = forecasts.var(axis=0).mean(axis=0)
    np.testing.assert_allclose(found.parts["model variance"], variance)
    np.testing.assert_allclose(found.mse(), np.mean([(run.rmse() ** 2) for run in runs], axis=0))
    ensemble = ((forecasts.mean(axis=0) - runs[0].actuals) ** 2).mean(axis=0)
    np.testing.assert_allclose(found.parts["the rest"], ensemble)
    np.testing.assert_allclose(found.share("model variance"), variance / found.mse())
    assert "noise" not in found.table()
    with pytest.raises(sa.errors.InputError, match="no single one"):
        found.typical()


def test_the_share_of_the_seed_with_holes_with_a_forest_and_without_a_seed():
    x = sa.datasets.sunspots().values.copy()
    x[[150, 250]] = np.nan
    hollow = sa.Series(x, missing="skip")
    forest = sa.Windowed(RandomForestRegressor(n_estimators=3), lags=3)
    found = sa.diagnostics.seed_variance(forest, hollow, 3, train=200, seeds=(0, 1))
    runs = [
        sa.evaluate(sa.Windowed(RandomForestRegressor(n_estimators=3, random_state=s), 3), hollow, 3, 200)
        for s in (0, 1)
    ]
    np.testing.assert_allclose(
        found.mse(), np.mean([(run["RandomForestRegressor(3)"].rmse() ** 2) for run in runs], axis=0)
    )
    assert (found.parts["model variance"] > 0.0).all()
    with pytest.raises(sa.errors.ParameterError, match="no seed"):
        sa.diagnostics.seed_variance(sa.AR(4), x[:100], 3)

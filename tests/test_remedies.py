"""Remedies for recursive error: the loss through the roll-out, noise, augmentation, averaging, and sampled paths."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import stepahead as sa
from stepahead.numerics import perceptron, remedies
from stepahead.walk import take

from .cases import fed_back, mlp_step
from .counting import calls
from .data import sine

SLOWLY = sa.Training(epochs=50, learning_rate=1e-3)


def split(**options):
    """Arguments of a net, those that say how it is trained in one value."""
    told = {name: options.pop(name) for name in ("epochs", "noise", "augment") if name in options}
    return {**options, "training": sa.Training(**told)}


def mackey_glass(seed: int) -> np.ndarray:
    return np.asarray(sa.datasets.mackey_glass(seed=seed).values)


def held_out(make, series, step: int, seeds) -> float:
    """Median over seeds of the RMSE at one step, on origins behind the training part."""
    found = []
    for seed in seeds:
        x = series(seed)
        found.append(sa.k_step(make(seed).fit(x[:604]), x[540:], step, train=64).rmse()[-1])
    return float(np.median(found))


# -- the loss through the roll-out ----------------------------------------------------------------------------------


def rolled_loss(w1, w2, X, Y, weights) -> float:
    """One window at a time, as it is written on paper."""
    total = 0.0
    for x, y, weight in zip(X, Y, weights, strict=True):
        known = list(x)
        while len(known) < len(x) + len(y):
            inner = np.maximum(np.append(known[-len(x) :], 1.0) @ w1, 0.0)
            known += list(np.append(inner, 1.0) @ w2)
        total += weight * sum((a - b) ** 2 for a, b in zip(known[len(x) :], y, strict=False))
    return total


@pytest.mark.parametrize(
    ("lags", "chunk", "steps"), [(4, 1, 7), (3, 1, 2), (2, 1, 9), (5, 2, 7), (3, 4, 10), (6, 3, 3)]
)
def test_the_gradient_through_the_roll_out_is_exact(lags, chunk, steps):
    rng = np.random.default_rng(lags * steps)
    starts = [perceptron.start(lags, 5, chunk, rng) for _ in range(3)]
    X, Y, weights = rng.normal(size=(3, 6, lags)), rng.normal(size=(3, 6, steps)), rng.uniform(0.5, 2.0, (3, 6))
    nets = perceptron.Nets(np.stack([a for a, _ in starts]), np.stack([b for _, b in starts]), 0.01)
    nets.backward(np.concatenate([X, np.ones((3, 6, 1))], axis=2), Y, weights)
    for net in range(3):
        for ours, place in ((nets.g1, 0), (nets.g2, 1)):
            for index in np.ndindex(*starts[net][place].shape):
                losses = []
                for nudge in (1e-6, -1e-6):
                    moved = [part.copy() for part in starts[net]]
                    moved[place][index] += nudge
                    losses.append(rolled_loss(*moved, X[net], Y[net], weights[net]))
                assert ours[(net, *index)] == pytest.approx((losses[0] - losses[1]) / 2e-6, rel=1e-4, abs=1e-5)


def test_the_curriculum_doubles_and_ends_with_all_steps():
    assert remedies.curriculum(1, 16, 5) == [1, 2, 4, 8, 16]
    assert remedies.curriculum(1, 6, 8) == [1, 1, 2, 2, 4, 4, 6, 6]
    assert remedies.curriculum(3, 10, 3) == [3, 6, 10]
    assert remedies.curriculum(1, 16, 2) == [4, 16]
    assert remedies.curriculum(1, 16, 1) == [16]
    assert remedies.curriculum(4, 3, 2) == [4, 4]


def as_module(model: sa.MLP, net: int = 0):
    """A torch module that starts where one net of an MLP starts."""
    import torch

    w1, w2 = model._start(net)
    sizes = (model.lags, model.hidden), (model.hidden, model.chunk)
    layers = [torch.nn.Linear(*size, dtype=torch.float64) for size in sizes]
    with torch.no_grad():
        for layer, weights in zip(layers, (w1, w2), strict=True):
            layer.weight.copy_(torch.tensor(weights[:-1].T))
            layer.bias.copy_(torch.tensor(weights[-1]))
    return torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1])


@pytest.mark.parametrize(
    "options",
    [
        {"unroll": 8},
        {"unroll": 7, "chunk": 3},
        {"noise": 0.2},
        {"augment": "sign"},
        {"augment": "amplitude", "unroll": 4, "noise": 0.1},
    ],
    ids=str,
)
def test_numpy_and_torch_train_the_same_net(options):
    x = sine(3, 150)
    ours = sa.MLP(5, hidden=6, seed=2, **split(epochs=4, **options))
    start = as_module(ours.fit(x))
    theirs = sa.from_torch(start, lags=5, seed=2, **split(epochs=4, **options)).fit(x)
    np.testing.assert_allclose(ours.losses_, theirs.losses_, rtol=1e-9)
    np.testing.assert_allclose(ours.residuals_, theirs.residuals_, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(ours.forecast(x, 12), theirs.forecast(x, 12), rtol=1e-7)


def test_unrolled_training_in_numpy_is_a_fraction_of_the_calls_of_torch():
    x = mackey_glass(0)[:304]
    ours = sa.MLP(16, unroll=16, training=sa.Training(epochs=4))
    theirs = sa.from_torch(as_module(ours), lags=16, unroll=16, training=sa.Training(epochs=4))
    asked = []
    for model in (ours, theirs):
        model.fit(x[:100])
        asked.append(calls(lambda model=model: model.fit(x)))
    assert asked[0] < 0.2 * asked[1], asked


def test_an_unrolled_loss_halves_the_error_on_a_chaotic_series():
    plain, unrolled = (
        held_out(lambda s, k=k: sa.MLP(16, seed=s, unroll=k, training=SLOWLY), mackey_glass, 16, range(3))
        for k in (1, 16)
    )
    assert plain > 0.32
    assert unrolled <= 0.26


@pytest.mark.slow
def test_an_unrolled_loss_halves_the_error_on_ten_seeds():
    plain, unrolled = (
        held_out(lambda s, k=k: sa.MLP(16, seed=s, unroll=k, training=SLOWLY), mackey_glass, 16, range(10))
        for k in (1, 16)
    )
    assert 0.33 < plain < 0.48
    assert unrolled <= 0.24


# -- noise and augmentation -----------------------------------------------------------------------------------------


def varied(augment, noise, seed=0):
    rng = np.random.default_rng(1)
    X, Y = rng.normal(3.0, 2.0, (1, 4000, 5)), rng.normal(3.0, 2.0, (1, 4000, 2))
    change = remedies.varied(seed, [0], augment, noise, [(X[0], Y[0])])
    x, y = X.copy(), Y.copy()
    weights = change(x, y)
    level = (X.sum() + Y.sum()) / (X.size + Y.size)
    return X - level, Y - level, x - level, y - level, weights


def test_noise_is_in_units_of_the_series_and_on_the_windows_alone():
    X, Y, x, y, weights = varied(None, 0.3)
    assert weights is None
    assert y.tobytes() == Y.tobytes()
    assert (x - X).std() == pytest.approx(0.3 * 2.0, rel=0.03)
    assert (
        sa.MLP(3, training=sa.Training(noise=0.0, epochs=1)).fit(sine(0, 90)).losses_
        != sa.MLP(3, training=sa.Training(noise=0.5, epochs=1)).fit(sine(0, 90)).losses_
    )


def test_windows_are_turned_and_stretched_about_the_mean_with_their_targets():
    X, Y, x, y, weights = varied("sign", 0.0)
    sign = x[0, :, 0] / X[0, :, 0]
    assert weights is None
    assert set(np.round(sign, 9)) == {-1.0, 1.0}
    assert abs(sign.mean()) < 0.1
    np.testing.assert_allclose(y, Y * sign[None, :, None], atol=1e-9)
    X, Y, x, y, weights = varied("amplitude", 0.0)
    a = y[0, :, 0] / Y[0, :, 0]
    np.testing.assert_allclose(x, X * a[None, :, None], atol=1e-8)
    np.testing.assert_allclose(weights[0], 1.0 / (a * a + 0.25), rtol=1e-6)
    assert a.std() == pytest.approx(1.0, rel=0.05)


def test_augmentation_makes_a_net_odd():
    # f(-w) = -f(w), about the mean, is what a sign flip teaches; Mackey-Glass by itself is nothing like it.
    x = mackey_glass(0)[:604]
    windows, level = np.lib.stride_tricks.sliding_window_view(x, 16), x.mean()
    even = []
    for how in (None, "sign"):
        predict = sa.MLP(16, training=dataclasses.replace(SLOWLY, augment=how)).fit(x)._predictor()
        even.append(float(np.abs(predict(windows) + predict(2.0 * level - windows) - 2.0 * level).mean()))
    assert even[1] < 0.5 * even[0]


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_auto_leaves_a_chaotic_series_as_it_is(seed):
    model = sa.MLP(16, unroll=8, seed=seed, training=sa.Training(augment="auto", epochs=20, learning_rate=2e-3)).fit(
        mackey_glass(seed)[:604]
    )
    assert model.augment_ is None
    plain = model.clone().set_params(training=sa.Training(epochs=20, learning_rate=2e-3)).fit(mackey_glass(seed)[:604])
    assert model.weights1_.tobytes() == plain.weights1_.tobytes(), "trained again on all of it"


def test_auto_finds_that_a_wave_may_be_turned_over():
    wave = sa.MLP(64, training=dataclasses.replace(SLOWLY, augment="auto")).fit(sine(1)[:604])
    assert wave.augment_ in ("sign", "amplitude")
    assert sa.MLP(3, training=sa.Training(epochs=1, augment="sign")).fit(sine(0, 60)).augment_ == "sign"
    assert sa.MLP(3, training=sa.Training(epochs=1, augment="auto")).fit(sine(0, 4)).augment_ is None, (
        "too short to choose"
    )


# -- averaging ------------------------------------------------------------------------------------------------------


def test_five_nets_are_better_than_one():
    one, five = (
        held_out(lambda s, m=m: sa.MLP(64, seed=s, ensemble=m, training=SLOWLY), sine, 64, range(5)) for m in (1, 5)
    )
    assert five <= 0.9 * one
    assert five <= 0.33


@pytest.mark.slow
def test_five_nets_are_better_than_one_on_twenty_seeds():
    one, five = (
        held_out(lambda s, m=m: sa.MLP(64, seed=s, ensemble=m, training=SLOWLY), sine, 64, range(20)) for m in (1, 5)
    )
    assert five <= 0.31
    assert five <= 0.9 * one


def test_torch_nets_are_averaged_in_the_loop(tmp_path):
    import torch

    class Own(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.shift = torch.nn.Linear(4, 1), torch.nn.Parameter(torch.tensor([0.25]))

        def forward(self, x):
            return torch.tanh(self.layer(x)) + self.shift

    x, module = sine(0, 200), Own()
    torch.manual_seed(5)
    state = torch.get_rng_state()
    make = lambda: sa.from_torch(module, lags=4, ensemble=3, device="cpu", unroll=3, training=sa.Training(epochs=1))  # noqa: E731
    starts = [make()._start(net) for net in range(3)]
    assert torch.equal(state, torch.get_rng_state()), "the user's own random numbers go on"
    assert torch.equal(starts[0].layer.weight, module.layer.weight)
    assert not torch.equal(starts[1].layer.weight, starts[2].layer.weight)
    assert all(one.shift.item() == 0.25 for one in starts), "what no layer resets keeps its weights"
    model = make().fit(x)
    assert model.module_ is model.modules_[0]
    single = sa.from_torch(module, lags=4, device="cpu", unroll=3, training=sa.Training(epochs=1)).fit(x)
    assert torch.equal(single.module_.layer.weight, model.module_.layer.weight)

    def step(model, known):
        with torch.no_grad():
            window = torch.tensor(known[None, -4:], dtype=torch.float32)
            return np.mean([float(one(window)[0, 0]) for one in model.modules_])

    np.testing.assert_allclose(model.forecast(x, 9), fed_back(step)(model, x, 9), rtol=1e-5)
    model.save(tmp_path / "nets.safetensors")
    loaded = sa.load(tmp_path / "nets.safetensors", module=module)
    assert loaded.forecast(x, 20).tobytes() == model.forecast(x, 20).tobytes()
    assert sa.paths(loaded, x, 6, n=9).tobytes() == sa.paths(model, x, 6, n=9).tobytes()
    assert sa.audit(make(), x[:80], horizon=4, train=60).causal


# -- sampled paths --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [1, 3])
def test_a_path_is_the_forecast_with_residuals_fed_back(chunk):
    x = sine(0, 200)
    model = sa.MLP(4, chunk=chunk, training=sa.Training(epochs=2)).fit(x[:150])
    assert model.residuals_.shape == (150 - 4 - chunk + 1, chunk)
    missed = {tuple(row.round(9)) for row in model.residuals_}
    for path in sa.paths(model, x, 7, n=5, origin=170):
        known = list(x[:170])
        for at in range(0, 7 - chunk + 1, chunk):
            shock = path[at : at + chunk] - mlp_step(model, np.array(known))
            assert tuple(shock.round(9)) in missed, "a whole row of them"
            known += list(path[at : at + chunk])


def test_few_residuals_are_kept_evenly_and_few_steps_are_the_first_steps():
    x = sine(0, 5000)
    model = sa.MLP(4, training=sa.Training(epochs=1)).fit(x)
    assert len(model.residuals_) == 1666
    every = x[4:] - np.array(model._predictor()(np.lib.stride_tricks.sliding_window_view(x[:-1], 4)))[:, 0]
    np.testing.assert_allclose(model.residuals_[:, 0], every[::3], atol=1e-12)
    state = take(model.encode(x), slice(10, 12))
    np.testing.assert_allclose(model.paths(state, 4, 30), model.paths(state, 9, 30)[:, :, :4], rtol=1e-12)
    linear = sa.AR(4).fit(x)
    np.testing.assert_allclose(linear.paths(state, 4, 30), linear.paths(state, 9, 30)[:, :, :4], rtol=1e-12)


def test_sampled_has_a_distribution_and_works_around_any_model_with_paths():
    x = sine(0, 300)
    for inner in (sa.AR(3), sa.Differenced(sa.AR(2)), sa.Scaled(sa.MLP(4, training=sa.Training(epochs=2)))):
        model = sa.wrappers.Sampled(inner, n=60, seed=1).fit(x[:200])
        state = take(model.encode(x), slice(100, 104))
        distribution = model.predictive(state, 5)
        assert distribution.draws.shape == (60, 4, 5)
        np.testing.assert_allclose(distribution.mean(), model.rollout(state, 5), rtol=1e-12)
        np.testing.assert_allclose(
            model.rollout(take(state, slice(2, 3)), 3)[0], model.rollout(state, 5)[2, :3], rtol=1e-12
        )
        assert (distribution.quantile(0.9) > distribution.quantile(0.1)).all()
    run = sa.k_step(sa.wrappers.Sampled(sa.AR(3), n=200).fit(x[:200]), x, 6)
    np.testing.assert_allclose(run.coverage(0.9), 0.9, atol=0.12)
    with pytest.raises(sa.errors.ParameterError, match="draws no paths"):
        sa.wrappers.Sampled(sa.baselines.Naive()).fit(x)
    with pytest.raises(sa.errors.ParameterError, match="model of symbols"):
        sa.wrappers.Sampled(sa.MarkovChain()).fit([1, 2] * 20)
    for bad in ({"n": 1}, {"seed": -1}):
        with pytest.raises(sa.errors.ParameterError) as caught:
            sa.wrappers.Sampled(sa.AR(2), **bad).fit(x)
        assert caught.value.name == next(iter(bad))


def sampled_and_plain(seeds) -> tuple[float, float]:
    plain = held_out(lambda s: sa.MLP(4, seed=s, training=SLOWLY), sine, 64, seeds)
    return plain, held_out(lambda s: sa.wrappers.Sampled(sa.MLP(4, seed=s, training=SLOWLY)), sine, 64, seeds)


def test_the_mean_of_paths_is_nearer_than_the_path_of_the_mean():
    plain, sampled = sampled_and_plain(range(3))
    assert sampled <= 0.57
    assert sampled < plain


@pytest.mark.slow
def test_the_mean_of_paths_is_nearer_on_twenty_seeds():
    plain, sampled = sampled_and_plain(range(20))
    assert 0.55 < plain < 0.70
    assert sampled <= 0.56


# -- with everything else -------------------------------------------------------------------------------------------


def test_fit_each_trains_the_same_nets_with_remedies():
    panel = [sine(seed, length) for seed, length in ((0, 150), (1, 150), (2, 130), (3, 150))]
    for options in (
        {"unroll": 5, "ensemble": 2, "noise": 0.1},
        {"augment": "amplitude", "chunk": 2, "unroll": 3},
        {"augment": "auto", "epochs": 4},
    ):
        model = sa.MLP(4, hidden=5, **split(**{"epochs": 2, **options}))
        for net, series in zip(model.fit_each(panel), panel, strict=True):
            alone = model.clone().fit(series)
            np.testing.assert_allclose(net.weights1_, alone.weights1_, rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(net.residuals_, alone.residuals_, rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(net.losses_, alone.losses_, rtol=1e-9)
            assert net.augment_ == alone.augment_


def test_scaled_by_window_gives_as_many_targets_as_training_looks_at():
    x = 40.0 + sine(0, 200).cumsum()
    for model in (
        sa.MLP(6, unroll=5, training=sa.Training(epochs=2)),
        sa.MLP(6, chunk=2, unroll=5, training=sa.Training(epochs=2, augment="sign")),
    ):
        scaled = sa.Scaled(model, by="window").fit(x)
        assert scaled.forecast(x, 12).shape == (12,)
        assert len(scaled.model_.residuals_) == 200 - 6 - 5 + 1
    with pytest.raises(sa.errors.InputError) as caught:
        sa.Scaled(sa.MLP(6, unroll=5), by="window").fit(x[:10])
    assert (caught.value.needed, caught.value.found) == (11, 10)
    with pytest.raises(sa.errors.ParameterError, match="pairs alone"):
        sa.Scaled(sa.MLP(6, training=sa.Training(augment="auto")), by="window").fit(x)
    with pytest.raises(sa.errors.InputError, match=r"targets \[rows, 5\]"):
        sa.MLP(6, unroll=5).fit_pairs(np.zeros((9, 6)), np.zeros((9, 1)))


def test_what_is_not_allowed_is_named():
    for bad in (
        {"unroll": 0},
        {"unroll": 2.5},
        {"noise": -0.1},
        {"noise": float("inf")},
        {"augment": "flip"},
        {"augment": True},
    ):
        with pytest.raises(sa.errors.ParameterError) as caught:
            sa.MLP(3, **split(**bad)).fit(sine(0, 50))
        assert caught.value.name == next(iter(bad))


def test_an_explosion_in_the_roll_out_is_a_divergence():
    with pytest.raises(sa.errors.FitError) as caught:
        sa.MLP(4, unroll=32, training=sa.Training(learning_rate=10.0, epochs=6)).fit(1e200 * sine(0, 200))
    assert caught.value.code == "diverged"

"""The note's net and its remedies, against torch and literal loops."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

import stepahead as sa
from stepahead.models.windowed import batch_order
from stepahead.numerics import perceptron, remedies

from ..data import sine
from ..remedies import held_out, split, varied


def test_mlp_losses_are_those_of_the_notes_loop_in_torch():
    """The note's own training code, in float64, from the same start and the same batches."""
    X, y = (np.array(a) for a in sa.pairs(sine(0)[:604], 4))
    rng = np.random.default_rng(3)
    first, second = perceptron.start(4, 10, 1, rng)
    order = batch_order(0, 0, len(X), 5)
    net = torch.nn.Sequential(torch.nn.Linear(4, 10), torch.nn.ReLU(), torch.nn.Linear(10, 1)).double()
    with torch.no_grad():
        for layer, weights in ((net[0], first), (net[2], second)):
            layer.weight.copy_(torch.tensor(weights[:-1].T))
            layer.bias.copy_(torch.tensor(weights[-1]))
    loss, trainer = torch.nn.MSELoss(reduction="none"), torch.optim.Adam(net.parameters(), lr=0.01)
    tX, tY, theirs = torch.tensor(X), torch.tensor(y[:, None]), []
    for epoch in order:
        for begin in range(0, len(epoch), 16):
            rows = torch.as_tensor(epoch[begin : begin + 16])
            trainer.zero_grad()
            loss(net(tX[rows]), tY[rows]).sum().backward()
            trainer.step()
        with torch.no_grad():
            theirs.append(float(loss(net(tX), tY).mean()))
    w1, w2, ours = perceptron.train(first[None], second[None], X, y[:, None], order[None], 16, 0.01)
    np.testing.assert_allclose(ours[0], theirs, atol=1e-12)
    np.testing.assert_allclose(w1[0, :-1].T, net[0].weight.detach().numpy(), atol=1e-10)
    np.testing.assert_allclose(w2[0, :-1].T, net[2].weight.detach().numpy(), atol=1e-10)


def test_an_ensemble_is_averaged_inside_the_loop():
    x = sine(0)[:300]
    together = sa.MLP(4, ensemble=3, seed=7, training=sa.Training(epochs=1)).fit(x)
    after_the_loop = np.zeros(30)
    for net in range(3):
        one = sa.MLP(4, training=sa.Training(epochs=1)).fit(x)
        one.weights1_, one.weights2_ = together.weights1_[[net]], together.weights2_[[net]]
        after_the_loop += one.forecast(x, 30) / 3
    inside = together.forecast(x, 30)
    assert inside[0] == pytest.approx(after_the_loop[0])
    assert abs(inside[29] - after_the_loop[29]) > 1e-6


def test_the_log_is_printed_as_the_note_prints_it():
    log = sa.MLP(4).fit(sine(0)[:604]).log().splitlines()
    assert len(log) == 5
    for i, line in enumerate(log):
        assert line.startswith(f"epoch {i + 1}, loss: 0.0")
        assert len(line.split(": ")[1]) == 8


def test_other_seeds_are_other_nets():
    x = sine(0)[:604]
    assert sa.MLP(4, seed=1).fit(x).losses_.tolist() != sa.MLP(4, seed=2).fit(x).losses_.tolist()


SLOWLY = sa.Training(epochs=50, learning_rate=1e-3)


def mackey_glass(seed: int) -> np.ndarray:
    return np.asarray(sa.datasets.mackey_glass(seed=seed).values)


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


def test_noise_is_in_units_of_the_series_and_on_the_windows_alone():
    X, Y, x, y, weights = varied(None, 0.3)
    assert weights is None
    assert y.tobytes() == Y.tobytes()
    assert (x - X).std() == pytest.approx(0.3 * 2.0, rel=0.03)
    assert (
        sa.MLP(3, training=sa.Training(noise=0.0, epochs=1)).fit(sine(0, 90)).losses_
        != sa.MLP(3, training=sa.Training(noise=0.5, epochs=1)).fit(sine(0, 90)).losses_
    )


def test_augmentation_makes_a_net_odd():
    # f(-w) = -f(w), about the mean, is what a sign flip teaches; Mackey-Glass by itself is nothing like it.
    x = mackey_glass(0)[:604]
    windows, level = np.lib.stride_tricks.sliding_window_view(x, 16), x.mean()
    even = []
    for how in (None, "sign"):
        predict = sa.MLP(16, training=dataclasses.replace(SLOWLY, augment=how)).fit(x)._predictor()
        even.append(float(np.abs(predict(windows) + predict(2.0 * level - windows) - 2.0 * level).mean()))
    assert even[1] < 0.5 * even[0]


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


UNITS = {"plain": {}, "ensemble": {"ensemble": 3}, "unrolled": {"unroll": 4}, "chunks": {"chunk": 3}}


@pytest.mark.parametrize("options", UNITS.values(), ids=UNITS)
@pytest.mark.parametrize("exponent", [-1000, -300, -20, 3, 500, 1000])
def test_the_forecast_scales_with_the_series_bit_for_bit(options, exponent):
    y = np.round(64 * np.sin(np.arange(120) / 5)) / 64
    plain, large = (sa.MLP(6, **options).fit(part[:90]).forecast(part, 5) for part in (y, np.ldexp(y, exponent)))
    assert large.tobytes() == np.ldexp(plain, exponent).tobytes()


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 7.0, 1e6])
@pytest.mark.parametrize("level", [0.0, 40.0, -1e4])
def test_no_size_and_no_level_makes_it_worse(scale, level):
    y = np.sin(np.arange(300) / 5)
    plain = sa.k_step(sa.MLP(6).fit(y[:200]), y, 4).rmse()
    found = sa.k_step(sa.MLP(6).fit((scale * (y + level))[:200]), scale * (y + level), 4).rmse() / scale
    assert (found < 1.5 * plain).all()


@pytest.mark.parametrize("value", [0.0, 5.0, 0.1, -1e-6, 1e9, 3e300])
def test_a_constant_is_forecast_as_it_is(value):
    y = np.full(60, value)
    assert sa.MLP(6).fit(y).forecast(y, 4).tolist() == [value] * 4
    np.testing.assert_allclose(sa.MLP(6, ensemble=3, chunk=2).fit(y).forecast(y, 4), value, rtol=1e-15)


def test_values_about_one_are_learned_as_in_the_note():
    """Their standard deviation is between 1/2 and 1, their mean near 0: nothing is done to them."""
    y = sa.datasets.noisy_sine(seed=0)[:604].values
    X, Y = sa.pairs(y, 64)
    unit = remedies.unit_of(X, Y)
    assert (unit.level, unit.size) == (0.0, 1.0)
    assert unit.inside(X, Y)[0] is X


def test_weights_of_a_unit_are_those_of_the_values():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(900.0, 170.0, (50, 4)), rng.normal(900.0, 170.0, (50, 2))
    unit = remedies.unit_of(X, Y)
    assert unit.size == 128.0 or unit.size == 256.0
    assert abs(unit.level - 900.0) < 60.0
    w1, w2 = rng.normal(size=(1, 5, 3)), rng.normal(size=(1, 4, 2))
    inner = np.maximum(unit.inside(X, Y)[0] @ w1[0, :-1] + w1[0, -1], 0.0) @ w2[0, :-1] + w2[0, -1]
    v1, v2 = unit.outside(w1.copy(), w2.copy())
    plain = np.maximum(X @ v1[0, :-1] + v1[0, -1], 0.0) @ v2[0, :-1] + v2[0, -1]
    np.testing.assert_allclose(plain, unit.size * inner + unit.level, rtol=1e-12, atol=1e-9)

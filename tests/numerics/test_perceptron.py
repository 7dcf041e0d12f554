"""Gradients of a net against autograd, and nets side by side against single ones."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import stepahead as sa
from stepahead.models.windowed import batch_order
from stepahead.numerics import perceptron

from ..counting import calls
from ..data import sine


def test_stacked_nets_are_the_loop_and_much_faster():
    panel = [sa.Series(sine(i, 604 if i % 7 else 500)) for i in range(60)]
    nets = sa.MLP(4, seed=3).fit_each(panel)
    for i in (0, 1, 7, 59):
        alone = sa.MLP(4, seed=3).fit(panel[i])
        np.testing.assert_allclose(nets[i].losses_, alone.losses_, atol=1e-5)
        np.testing.assert_allclose(nets[i].forecast(panel[i], 20), alone.forecast(panel[i], 20), atol=1e-5)
        assert nets[i].trained_lengths_.tolist() == alone.trained_lengths_.tolist()
    pair = sa.MLP(4, ensemble=2, training=sa.Training(epochs=1)).fit_each(panel[:3])
    np.testing.assert_allclose(
        pair[2].weights1_, sa.MLP(4, ensemble=2, training=sa.Training(epochs=1)).fit(panel[2]).weights1_, atol=1e-9
    )


def test_an_epoch_of_many_nets_is_as_many_calls_as_one_of_few():
    """How fast that is, benchmarks/spine.py measures: fifty times a loop of torch."""

    def epoch(nets: int) -> int:
        panel = [sa.Series(sine(i, 104)) for i in range(nets)]
        few, more = (
            calls(lambda epochs=epochs: sa.MLP(4, training=sa.Training(epochs=epochs)).fit_each(panel))
            for epochs in (2, 6)
        )
        return more - few

    epoch(2)
    assert 0 < epoch(40) <= 1.05 * epoch(4)


@pytest.mark.parametrize("chunk", [1, 3])
def test_mlp_gradients_are_those_of_autograd(chunk):
    """One step of Adam from the start moves each weight by the sign of its gradient: compare after one batch,
    at float64.
    """
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(7, 3)), rng.normal(size=(7, chunk))
    first, second = perceptron.start(3, 5, chunk, rng)
    order = np.arange(7)[None]
    t1, t2 = torch.tensor(first, requires_grad=True), torch.tensor(second, requires_grad=True)
    trainer = torch.optim.Adam([t1, t2], lr=0.05)
    for _ in range(4):
        trainer.zero_grad()
        inner = torch.relu(torch.tensor(X) @ t1[:-1] + t1[-1])
        ((inner @ t2[:-1] + t2[-1] - torch.tensor(Y)) ** 2).sum().backward()
        trainer.step()
    w1, w2, _ = perceptron.train(first[None], second[None], X, Y, np.repeat(order, 4, axis=0)[None], 7, 0.05)
    np.testing.assert_allclose(w1[0], t1.detach().numpy(), atol=1e-12)
    np.testing.assert_allclose(w2[0], t2.detach().numpy(), atol=1e-12)


def test_stacked_nets_are_the_single_nets():
    rng = np.random.default_rng(1)
    starts = [perceptron.start(4, 6, 1, rng) for _ in range(5)]
    orders = np.stack([batch_order(7, net, 50, 2) for net in range(5)])
    X, Y = rng.normal(size=(5, 50, 4)), rng.normal(size=(5, 50, 1))
    w1, w2, losses = perceptron.train(
        np.stack([a for a, _ in starts]), np.stack([b for _, b in starts]), X, Y, orders, 16, 0.01
    )
    for i, (a, b) in enumerate(starts):
        v1, v2, alone = perceptron.train(a[None], b[None], X[i], Y[i], orders[i : i + 1], 16, 0.01)
        np.testing.assert_allclose(w1[i], v1[0], atol=1e-12)
        np.testing.assert_allclose(w2[i], v2[0], atol=1e-12)
        np.testing.assert_allclose(losses[i], alone[0], rtol=1e-10)


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


def test_an_explosion_in_the_roll_out_is_a_divergence():
    with pytest.raises(sa.errors.FitError) as caught:
        sa.MLP(4, unroll=32, training=sa.Training(learning_rate=10.0, epochs=6)).fit(1e200 * sine(0, 200))
    assert caught.value.code == "diverged"

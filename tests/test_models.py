"""What single models promise beyond the contract."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression

import stepahead as sa
from stepahead.models.selection import MARGIN, choose, choose_batch, rolling_losses
from stepahead.models.windowed import batch_order
from stepahead.numerics import perceptron
from stepahead.protocols import Batch

from .data import sine

# AR


def test_ar_predictive_is_the_closed_form_of_ar1():
    phi, sigma = 0.8, 0.5
    rng = np.random.default_rng(0)
    x = np.zeros(4000)
    for t in range(1, len(x)):
        x[t] = phi * x[t - 1] + sigma * rng.normal()
    model = sa.AR(1).fit(x)
    spread = model.predictive(model.encode(x[:10]), 30).std()[0]
    fitted = model.coefficients_[0]
    k = np.arange(1, 31)
    np.testing.assert_allclose(spread**2, model.variance_ * (1 - fitted ** (2 * k)) / (1 - fitted**2), rtol=1e-10)
    assert model.variance_ == pytest.approx(sigma**2, rel=0.06)
    coverage = sa.k_step(model, x, 30, train=0).coverage(0.9, "model")
    np.testing.assert_allclose(coverage, 0.9, atol=0.03)


def test_ar_chooses_its_lags_where_none_are_given():
    x = sine(0)[:300]
    assert sa.AR().lags == "auto"
    assert (sa.AR().name, repr(sa.AR())) == ("AR(auto)", "AR(lags='auto')")
    assert sa.AR().fit(x).coefficients_.tobytes() == sa.AR("auto").fit(x).coefficients_.tobytes()


def test_ar_direct_predictive_is_the_residual_spread_of_each_step():
    x = sine(0)
    model = sa.AR(4, chunk=8).fit(x[:604])
    result = sa.k_step(model, x[:604], 8, train=0)
    windows = np.lib.stride_tricks.sliding_window_view(x[:604], 12)
    residual = windows[:, 4:] - windows[:, :4] @ model.coefficients_.T - model.intercept_
    np.testing.assert_allclose(model.variance_, (residual**2).mean(axis=0), rtol=1e-9)
    distribution = model.predictive(model.encode(x), 5)
    np.testing.assert_allclose(distribution.std()[0], np.sqrt(model.variance_[:5]))
    with pytest.raises(sa.errors.ParameterError, match="chunk"):
        model.predictive(model.encode(x), 9)
    assert result.crps().shape == (8,)


def test_M1_an_explosive_recursion_is_an_error_with_radius_and_step():
    x = 1.5 ** np.arange(30.0)
    model = sa.AR(1).fit(x)
    with pytest.raises(sa.errors.FitError) as caught:
        model.forecast(x, 5000)
    assert caught.value.code == "overflow"
    assert caught.value.radius == pytest.approx(1.5)
    exact = int((np.log(np.finfo(float).max) - np.log(x[-1])) / np.log(1.5))
    assert abs(caught.value.step - exact) <= 2
    assert np.isfinite(model.forecast(x, caught.value.step - 1)).all()
    assert isinstance(caught.value, ArithmeticError)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"lags": 0}, "lags"),
        ({"lags": -1}, "lags"),
        ({"lags": 2.5}, "lags"),
        ({"lags": True}, "lags"),
        ({"lags": "3"}, "lags"),
        ({"lags": None}, "lags"),
        ({"lags": 2, "ridge": -1.0}, "ridge"),
        ({"lags": 2, "ridge": float("nan")}, "ridge"),
        ({"lags": 2, "ridge": "much"}, "ridge"),
        ({"lags": 2, "method": "ml"}, "method"),
        ({"lags": 2, "method": "burg", "chunk": 2}, "method"),
        ({"lags": 2, "intercept": 1}, "intercept"),
        ({"lags": 2, "chunk": 0}, "chunk"),
        ({"lags": 2, "anchor": "first"}, "anchor"),
        ({"lags": "auto", "horizon": 0}, "horizon"),
    ],
)
def test_P3_bad_arguments_are_refused_by_name_at_fit(arguments, name):
    model = sa.AR(**arguments)
    with pytest.raises(sa.errors.ParameterError) as caught:
        model.fit(np.arange(40.0))
    assert caught.value.name == name
    assert caught.value.allowed
    assert name in str(caught.value)


def test_P3_numpy_whole_numbers_are_whole_numbers():
    assert sa.AR(np.int64(3)).fit(sine(0, 50)).lags_ == 3


def test_P4_more_steps_than_values():
    x = np.cumsum(np.ones(30)) + sine(0, 30)
    assert sa.AR(2).fit(x).forecast(x, 100).shape == (100,)
    with pytest.raises(sa.errors.InputError) as caught:
        sa.AR(2, chunk=100).fit(x)
    assert caught.value.code == "too-short"


def test_roots_belong_to_recursions():
    with pytest.raises(sa.errors.ParameterError):
        _ = sa.AR(2, chunk=3).fit(sine(0, 100)).roots_


# choosing


def test_choice_takes_the_simplest_within_the_margin():
    x = sa.Series(sine(1)[:604])
    candidates = [sa.AR(lags) for lags in (4, 16, 48, 64, 96)]
    losses = rolling_losses(candidates, (x,), 64)
    chosen, again = choose(candidates, (x,), 64)
    assert again == pytest.approx(losses, rel=1e-12)
    assert losses[chosen] <= min(losses) + MARGIN
    assert all(loss > min(losses) + MARGIN for loss in losses[:chosen])


def test_rolling_loss_is_its_literal_loop():
    x = sine(2, 200)
    total, count = np.zeros(8), np.zeros(8)
    for share in (0.5, 0.6, 2 / 3, 0.75, 0.85):
        cut = int(share * 200)
        model = sa.AR(3).fit(x[:cut])
        for origin in range(cut, 200):
            ahead = model.forecast(x, 8, origin=origin)
            for k in range(1, 9):
                if origin + k - 1 < 200:
                    total[k - 1] += (ahead[k - 1] - x[origin + k - 1]) ** 2
                    count[k - 1] += 1
    expected = np.mean([np.log(total[k - 1] / count[k - 1]) for k in (1, 2, 4, 8)])
    (found,) = rolling_losses([sa.AR(3)], (sa.Series(x),), 8)
    assert found == pytest.approx(expected - np.log(np.var(x)), rel=1e-9), "a panel is pooled in units of its spread"


@pytest.mark.parametrize("kind", ["waves", "walk", "noise", "high", "short"])
def test_a_choice_alone_is_that_of_the_loop_and_of_a_batch(kind):
    rng = np.random.default_rng(7)
    x = {
        "waves": np.sin(0.2 * np.arange(300)) + rng.normal(0.0, 0.3, (3, 300)),
        "walk": np.cumsum(rng.normal(size=(3, 300)), axis=1),
        "noise": rng.normal(size=(3, 150)),
        "high": 1e6 + np.cumsum(rng.normal(size=(3, 200)), axis=1),
        "short": rng.normal(size=(3, 40)),
    }[kind]
    candidates = [sa.AR(lags) for lags in (1, 4, 16, 64)]
    places, losses, sure = choose_batch(candidates, Batch(x, np.abs(x).max(axis=1), 1, np.array([1])), 16)
    assert sure.all()
    for row, values in enumerate(x):
        panel = (sa.Series(values),)
        expected = rolling_losses(candidates, panel, 16)
        np.testing.assert_allclose(losses[row], expected, rtol=1e-9)
        chosen, found = choose(candidates, panel, 16)
        np.testing.assert_allclose(found, expected, rtol=1e-9)
        least = min(expected)
        assert chosen == places[row] == next(i for i, loss in enumerate(expected) if loss <= least + MARGIN)


def test_a_candidate_of_another_kind_is_none_of_a_batch():
    x = np.cumsum(np.random.default_rng(1).normal(size=200))
    batch = Batch(x[None], np.abs(x[None]).max(axis=1), 1, np.array([1]))
    candidates = [sa.AR(2), sa.AR(2, method="burg")]
    assert not choose_batch(candidates, batch, 8)[2].any()
    assert choose(candidates, (sa.Series(x),), 8)[1] == rolling_losses(candidates, (sa.Series(x),), 8).tolist()


def test_auto_on_too_few_values_names_the_remedy():
    with pytest.raises(sa.errors.InputError):
        sa.AR("auto").fit([1.0, 2.0])
    assert sa.AR("auto").fit(sine(0, 40)).lags_ >= 1


# MLP


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


def test_M3_training_that_diverges_is_an_error_with_the_epoch():
    with pytest.raises(sa.errors.FitError) as caught:
        sa.MLP(4).fit(sine(0) * 1e200)
    assert caught.value.code == "diverged"
    assert caught.value.epoch == 0
    assert "Scaled" in str(caught.value)
    assert np.isfinite(sa.Scaled(sa.MLP(4)).fit(sine(0) * 1e100).forecast(sine(0) * 1e100, 5)).all()


def test_other_seeds_are_other_nets():
    x = sine(0)[:604]
    assert sa.MLP(4, seed=1).fit(x).losses_.tolist() != sa.MLP(4, seed=2).fit(x).losses_.tolist()


# Windowed, SSA, Scaled, Markov


def test_windowed_linear_regression_is_ar():
    x = sine(0)
    for chunk in (1, 6):
        ours = sa.k_step(sa.AR(8, chunk=chunk).fit(x[:604]), x, 12).predictions
        theirs = sa.k_step(sa.Windowed(LinearRegression(), lags=8, chunk=chunk).fit(x[:604]), x, 12).predictions
        np.testing.assert_allclose(ours, theirs, atol=1e-9)


def test_windowed_refuses_what_is_no_regressor():
    for bad in (object(), 3, "ridge"):
        with pytest.raises(sa.errors.ParameterError):
            sa.Windowed(bad, lags=2).fit(sine(0, 50))

    class Wrong:
        def fit(self, X, Y):
            return self

        def predict(self, X):
            return np.full(len(X), np.nan)

    with pytest.raises(sa.errors.FitError, match="no finite forecast"):
        sa.Windowed(Wrong(), lags=2).fit(sine(0, 50)).forecast(sine(0, 50), 2)


def test_ssa_follows_two_waves_exactly():
    t = np.arange(360)
    x = 2.0 + np.sin(2 * np.pi * t / 20) + 0.5 * np.cos(2 * np.pi * t / 9)
    model = sa.SSA(rank=4, window=60).fit(x[:180])
    np.testing.assert_allclose(model.forecast(x, 100, origin=180), x[180:280], atol=1e-6)
    np.testing.assert_allclose(model.directions_.T @ model.directions_, np.eye(4), atol=1e-12)


def test_ssa_directions_are_those_of_the_singular_vectors():
    x = sine(0)[:300]
    model = sa.SSA(rank=2, window=50).fit(x)
    hankel = np.lib.stride_tricks.sliding_window_view(x - x.mean(), 50).T
    U = np.linalg.svd(hankel, full_matrices=False)[0][:, :2]
    np.testing.assert_allclose(model.directions_ @ model.directions_.T, U @ U.T, atol=1e-8)


def test_scaled_least_squares_is_least_squares():
    x = 100.0 + 30.0 * sine(0)
    np.testing.assert_allclose(
        sa.Scaled(sa.AR(5)).fit(x[:604]).forecast(x, 30), sa.AR(5).fit(x[:604]).forecast(x, 30), rtol=1e-9
    )


def test_M4_unseen_states_and_states_without_a_way_out():
    chain = sa.MarkovChain().fit(["a", "b", "a", "b", "a"])
    with pytest.raises(sa.errors.InputError) as caught:
        chain.forecast(["a", "c"], 2)
    assert caught.value.code == "unseen-state"
    assert caught.value.state == "c"
    with pytest.raises(sa.errors.InputError) as caught:
        sa.MarkovChain().fit(["a", "b", "a", "c"])
    assert caught.value.code == "no-way-out"
    assert "smoothing" in str(caught.value)
    smooth = sa.MarkovChain(smoothing=3.0).fit(["a", "b", "a", "c"])
    np.testing.assert_allclose(smooth.transition_[2], 1 / 3)
    np.testing.assert_allclose(smooth.transition_.sum(axis=1), 1.0, atol=1e-15)
    absorbing = sa.MarkovChain().fit(["a", "b", "b", "b"])
    assert absorbing.forecast(["a"], 3).tolist() == ["b", "b", "b"]


def test_a_chain_of_whole_numbers_and_of_booleans():
    chain = sa.MarkovChain().fit([10, 20, 10, 20, 20, 10])
    assert chain.states_ == (10, 20)
    assert chain.forecast([10.0, 20.0, 10.0], 1).tolist() == [20.0]
    assert sa.MarkovChain().fit(np.array([True, False, True])).states_ == (0, 1)
    with pytest.raises(sa.errors.DtypeError):
        sa.MarkovChain().fit([0.5, 1.0])


def test_symbols_seen_only_after_the_split_are_not_known_to_the_fit():
    series = sa.Series(["a", "b"] * 20 + ["c"] * 3)
    chain = sa.MarkovChain(smoothing=1.0).fit(series[:30])
    assert chain.states_ == ("a", "b")


def test_a_distribution_gives_log_loss_infinite_where_the_impossible_happened():
    series = sa.Series(["a", "b"] * 20 + ["a", "a"] * 5)
    result = sa.k_step(sa.MarkovChain().fit(series[:40]), series, 1)
    assert np.isinf(result.log_loss()).all()
    assert result.zero_one()[0] > 0

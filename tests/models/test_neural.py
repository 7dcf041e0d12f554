"""Nets of torch on a window, trained here or already, and what a bare module is told."""

from __future__ import annotations

import copy
import functools

import numpy as np
import pytest
import torch

import stepahead as sa

from ..cases import fed_back, note_module
from ..counting import calls
from ..data import sine
from ..remedies import split
from ..strangers import Last


def as_module(model: sa.MLP) -> torch.nn.Sequential:
    """The note's module with the weights that `model` starts from."""
    first, second = model._start(0)
    net = note_module().double()
    with torch.no_grad():
        for layer, weights in ((net[0], first), (net[2], second)):
            layer.weight.copy_(torch.tensor(weights[:-1].T))
            layer.bias.copy_(torch.tensor(weights[-1]))
    return net


def test_the_notes_own_module_prints_the_notes_own_log():
    model = sa.from_torch(note_module(), lags=4).fit(sine(0)[:604])
    lines = model.log().splitlines()
    assert len(lines) == 5
    assert all(line.startswith(f"epoch {i + 1}, loss: 0.0") for i, line in enumerate(lines))
    assert model.name == "Sequential(4)"


def test_from_torch_has_the_losses_of_mlp_from_the_same_start():
    x = sine(0)
    ours = sa.MLP(4).fit(x[:604])
    theirs = sa.from_torch(as_module(ours), lags=4).fit(x[:604])
    np.testing.assert_allclose(theirs.losses_, ours.losses_, atol=1e-5)
    np.testing.assert_allclose(sa.k_step(theirs, x, 64).rmse(), sa.k_step(ours, x, 64).rmse(), rtol=1e-6)


def test_from_torch_is_a_model_like_any_other(tmp_path):
    x = sine(0, 300)
    module = note_module()
    before = {key: value.clone() for key, value in module.state_dict().items()}
    model = sa.from_torch(module, lags=4, training=sa.Training(epochs=1).on("cpu")).fit(x[:200])
    assert all(torch.equal(before[key], value) for key, value in module.state_dict().items()), "trained in place"
    known = list(x[:250])
    for _ in range(6):
        with torch.no_grad():
            known.append(float(model.module_(torch.tensor([known[-4:]], dtype=torch.float32))))
    np.testing.assert_allclose(model.forecast(x, 6, origin=250), known[250:], rtol=1e-5)
    assert sa.audit(sa.from_torch(module, lags=4, training=sa.Training(epochs=1)), x[:120], horizon=4, train=80).causal
    again = sa.from_torch(module, lags=4, training=sa.Training(epochs=1)).fit(x[:200])
    assert again.forecast(x, 9).tobytes() == model.forecast(x, 9).tobytes()
    model.save(tmp_path / "m.safetensors")
    with pytest.raises(sa.errors.ModelFileError, match="module="):
        sa.load(tmp_path / "m.safetensors")
    loaded = sa.load(tmp_path / "m.safetensors", module=note_module(5))
    assert loaded.forecast(x, 9).tobytes() == model.forecast(x, 9).tobytes()
    with pytest.raises(sa.errors.ModelFileError, match="other weights"):
        sa.load(tmp_path / "m.safetensors", module=torch.nn.Linear(4, 1))
    assert sa.k_step(loaded, x, 5).start == (200,)
    wide = sa.from_torch(torch.nn.Linear(4, 3), lags=4, chunk=3).fit(x[:200])
    assert wide.forecast(x, 7).shape == (7,)
    scaled = sa.Scaled(sa.from_torch(module, lags=4, training=sa.Training(epochs=1)), by="window").fit(x[:200])
    assert np.isfinite(scaled.forecast(x, 5)).all()


def test_from_torch_with_layers_that_remember(tmp_path):
    def normed():
        return torch.nn.Sequential(
            torch.nn.Linear(4, 10), torch.nn.BatchNorm1d(10), torch.nn.Dropout(0.5), torch.nn.Linear(10, 1)
        )

    x = sine(0, 300)
    torch.manual_seed(0)
    model = sa.from_torch(normed(), lags=4, training=sa.Training(epochs=2)).fit(x[:200])
    assert int(model.module_[1].num_batches_tracked) == 2 * 13, "the loss pass is no training"
    model.save(tmp_path / "m.safetensors")
    assert (
        sa.load(tmp_path / "m.safetensors", module=normed()).forecast(x, 5).tobytes() == model.forecast(x, 5).tobytes()
    )
    for around in (sa.Scaled, sa.Differenced, lambda m: sa.wrappers.Rectified(sa.Scaled(m), horizon=3)):
        wrapped = around(sa.from_torch(note_module(), lags=4, training=sa.Training(epochs=1))).fit(x[:200])
        wrapped.save(tmp_path / "w.safetensors")
        assert (
            sa.load(tmp_path / "w.safetensors", module=note_module(9)).forecast(x, 5).tobytes()
            == wrapped.forecast(x, 5).tobytes()
        )


class Turned(torch.nn.Module):
    """Gives [chunk, rows]: as many numbers as wanted, in the wrong places."""

    def __init__(self):
        super().__init__()
        self.inner = torch.nn.Linear(4, 3)

    def forward(self, z):
        return self.inner(z).T


def test_from_torch_refuses_what_does_not_fit():
    x = sine(0, 100)
    with pytest.raises(sa.errors.ParameterError, match="gives shape"):
        sa.from_torch(Turned(), lags=4, chunk=3).fit(x)
    with pytest.raises(sa.errors.ParameterError, match="refuses a batch"):
        sa.from_torch(note_module(), lags=5).fit(x)
    for bad in (torch.nn.Linear(4, 2), torch.nn.ReLU(), 3, torch.nn.Linear):
        with pytest.raises(sa.errors.ParameterError):
            sa.from_torch(bad, lags=4).fit(x)
    for keywords in (
        {"lags": 0},
        {"lags": 4, "training": 5},
        {"lags": 4, "training": False},
    ):
        with pytest.raises(sa.errors.ParameterError):
            sa.from_torch(note_module(), **keywords).fit(x)
    with pytest.raises(sa.errors.FitError, match="diverged"):
        sa.from_torch(note_module(), lags=4).fit(x * 1e30)


def mackey_glass(seed: int) -> np.ndarray:
    return np.asarray(sa.datasets.mackey_glass(seed=seed).values)


def double_module(model: sa.MLP, net: int = 0):
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
    x = 0.75 * (x - x.mean()) / x.std()  # of a size that both learn as it is
    ours = sa.MLP(5, hidden=6, seed=2, **split(epochs=4, **options))
    start = double_module(ours.fit(x))
    theirs = sa.from_torch(start, lags=5, seed=2, **split(epochs=4, **options)).fit(x)
    np.testing.assert_allclose(ours.losses_, theirs.losses_, rtol=1e-9)
    np.testing.assert_allclose(ours.residuals_, theirs.residuals_, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(ours.forecast(x, 12), theirs.forecast(x, 12), rtol=1e-7)


def test_unrolled_training_in_numpy_is_a_fraction_of_the_calls_of_torch():
    x = mackey_glass(0)[:304]
    ours = sa.MLP(16, unroll=16, training=sa.Training(epochs=4))
    theirs = sa.from_torch(double_module(ours), lags=16, unroll=16, training=sa.Training(epochs=4))
    asked = []
    for model in (ours, theirs):
        model.fit(x[:100])
        asked.append(calls(lambda model=model: model.fit(x)))
    assert asked[0] < 0.2 * asked[1], asked


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
    make = lambda: sa.from_torch(module, lags=4, ensemble=3, unroll=3, training=sa.Training(epochs=1).on("cpu"))  # noqa: E731
    starts = [make()._start(net) for net in range(3)]
    assert torch.equal(state, torch.get_rng_state()), "the user's own random numbers go on"
    assert torch.equal(starts[0].layer.weight, module.layer.weight)
    assert not torch.equal(starts[1].layer.weight, starts[2].layer.weight)
    assert all(one.shift.item() == 0.25 for one in starts), "what no layer resets keeps its weights"
    model = make().fit(x)
    assert model.module_ is model.modules_[0]
    single = sa.from_torch(module, lags=4, unroll=3, training=sa.Training(epochs=1).on("cpu")).fit(x)
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


T, TAU, N_TRAIN, MAX_STEPS = 1000, 4, 600, 64


@functools.cache
def trained() -> torch.nn.Sequential:
    """The note's net, trained by the note's own loop and by nothing of ours."""
    x = torch.tensor(sine(0)).float()
    features = torch.stack([x[i : T - TAU + i] for i in range(TAU)], dim=1)
    labels = x[TAU:].reshape(-1, 1)
    pairs = torch.utils.data.TensorDataset(features[:N_TRAIN], labels[:N_TRAIN])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        net = note_module(1)
        for layer in net:
            if isinstance(layer, torch.nn.Linear):
                torch.nn.init.xavier_uniform_(layer.weight)
        batches = torch.utils.data.DataLoader(pairs, 16, shuffle=True)
        trainer = torch.optim.Adam(net.parameters(), lr=0.01)
        for _ in range(5):
            for inputs, wanted in batches:
                trainer.zero_grad()
                torch.nn.functional.mse_loss(net(inputs), wanted, reduction="none").sum().backward()
                trainer.step()
    return net


def matrix(net: torch.nn.Module, x: np.ndarray, tau: int = TAU, steps: int = MAX_STEPS) -> np.ndarray:
    """The note's: rows are origins, tau columns of history, then one a step."""
    rows = len(x) - tau - steps + 1
    found = torch.zeros(rows, tau + steps, dtype=next(net.parameters()).dtype)
    for i in range(tau):
        found[:, i] = torch.tensor(x[i : i + rows])
    with torch.no_grad():
        for i in range(tau, tau + steps):
            found[:, i] = net(found[:, i - tau : i]).reshape(-1)
    return found.double().numpy()


def bits(net: torch.nn.Module) -> list[bytes]:
    return [tensor.numpy().tobytes() for tensor in net.state_dict().values()]


def test_the_k_step_matrix_is_the_notes_and_no_fit_is_needed():
    net, x = copy.deepcopy(trained()), sine(0)
    before = bits(net)
    model = sa.from_torch(net, lags=TAU, training=None)
    assert model.context == TAU
    result = sa.k_step(model, x, MAX_STEPS, train=N_TRAIN + TAU)
    rows = np.concatenate([result.training.predictions, result.predictions])
    wanted = matrix(net, x)
    assert wanted.shape == (933, 68)
    # 32 bits: a sum of a block of rows is taken in another order than one of all of them. In 64 bits nothing is left.
    assert np.abs(rows - wanted[:, TAU:]).max() <= 1.4e-6
    double = copy.deepcopy(net).double()
    exact = sa.k_step(sa.from_torch(double, lags=TAU, training=None), x, MAX_STEPS, train=0).predictions
    assert np.abs(exact - matrix(double, x)[:, TAU:]).max() <= 1e-13
    assert result.origins.tolist() == list(range(604, 937))
    # The matrix of a net that was not trained is another one: the check can fail.
    assert np.abs(matrix(note_module(2), x)[:, TAU:] - rows).max() > 0.1
    assert bits(net) == before
    assert model.losses_.shape == (0,)
    assert model.log() == ""
    assert model.name == "Sequential(4)"


def test_nothing_is_known_of_a_training_part_until_a_fit_reads_residuals():
    net, x = copy.deepcopy(trained()), sine(0)
    model = sa.from_torch(net, lags=TAU, training=None)
    assert model.is_trained_already
    assert len(getattr(model, "trained_lengths_", ())) == 0
    assert "context" not in vars(model)
    with pytest.raises(sa.errors.InputError, match=r"trained elsewhere.*train=") as caught:
        sa.k_step(model, x, 4)
    assert caught.value.code == "train-unknown"
    state = tuple(part[:2] for part in model.encode(x))
    with pytest.raises(sa.errors.NotFittedError, match=r"\.fit\(series\).*residuals_"):
        model.paths(state, 3, 5)
    unfitted = model.forecast(x, 9, origin=700)
    before = bits(net)
    assert model.fit(x[:604]) is model
    assert bits(net) == before == bits(model.module_)
    assert model.trained_lengths_.tolist() == [604]
    assert model.losses_.shape == (0,)
    assert model.forecast(x, 9, origin=700).tobytes() == unfitted.tobytes()
    with torch.no_grad():
        windows = torch.tensor(np.lib.stride_tricks.sliding_window_view(x[:603], TAU).copy()).float()
        missed = x[TAU:604] - net(windows)[:, 0].double().numpy()
    np.testing.assert_allclose(model.residuals_[:, 0], missed, atol=1e-6)
    drawn = model.paths(state, 3, 500, seed=1)
    assert drawn.shape == (500, 2, 3)
    assert 0.5 < drawn[:, :, 0].std() / missed.std() < 1.5
    assert sa.k_step(model, x, 4).start == (604,)


def test_it_follows_its_module_until_a_fit_and_keeps_a_copy_after():
    net, x = copy.deepcopy(trained()), sine(0)
    live, kept = (sa.from_torch(net, lags=TAU, training=None) for _ in range(2))
    kept.fit(x[:604])
    before = live.forecast(x, 5)
    with torch.no_grad():
        net[2].bias += 1.0
    assert net.training, "the mode of the module stays its owner's"
    assert np.abs(live.forecast(x, 5) - before).min() > 0.1
    assert kept.forecast(x, 5).tobytes() == before.tobytes()
    assert kept.clone().forecast(x, 5).tobytes() == live.forecast(x, 5).tobytes()


def test_it_is_a_row_of_the_table_and_audited():
    net, x = copy.deepcopy(trained()), sine(0)
    before = bits(net)
    result = sa.evaluate(
        {"theirs": sa.from_torch(net, lags=TAU, training=None)}, x, MAX_STEPS, train=604, steps=[1, 64]
    )
    wanted = matrix(net, x)[600:]
    for column, k in ((0, 1), (1, 64)):
        truth = x[604 + k - 1 : 936 + k]
        assert result["theirs"].rmse()[column] == pytest.approx(
            np.sqrt(np.mean((wanted[:, TAU + k - 1] - truth) ** 2)), abs=1e-6
        )
    assert sa.audit(sa.from_torch(net, lags=TAU, training=None), x[:120], horizon=4, train=80).causal
    assert bits(net) == before


@pytest.mark.parametrize("is_fitted", [False, True], ids=["as it came", "after fit"])
def test_saved_and_loaded_it_is_the_same_net(tmp_path, is_fitted):
    x, path = sine(0), tmp_path / "net.safetensors"
    model = sa.from_torch(copy.deepcopy(trained()), lags=TAU, training=None)
    if is_fitted:
        model.fit(x[:604])
    model.save(path)
    with pytest.raises(sa.errors.ModelFileError, match="module="):
        sa.load(path)
    given = note_module(9)
    before = bits(given)
    loaded = sa.load(path, module=given)
    assert bits(given) == before, "the module given is a pattern, and stays as it is"
    assert loaded.forecast(x, 9).tobytes() == model.forecast(x, 9).tobytes()
    assert ("trained_lengths_" in vars(loaded)) is is_fitted
    # Where a table copies it and fits it anew, the weights are those of the file.
    assert loaded.clone().fit(x[:604]).forecast(x, 9).tobytes() == model.forecast(x, 9).tobytes()
    if is_fitted:
        assert loaded.residuals_.tobytes() == model.residuals_.tobytes()
    with pytest.raises(sa.errors.ModelFileError, match="other weights"):
        sa.load(path, module=torch.nn.Linear(4, 1))
    wrapped = sa.Scaled(model).fit(x[:200])
    wrapped.save(tmp_path / "w.safetensors")
    again = sa.load(tmp_path / "w.safetensors", module=given)
    assert again.forecast(x, 5).tobytes() == wrapped.forecast(x, 5).tobytes()
    assert again.clone().fit(x[:200]).forecast(x, 5).tobytes() == wrapped.forecast(x, 5).tobytes()


class Counter(torch.nn.Module):
    """Fails where anybody leaves it in training mode, or asks for a gradient."""

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Sequential(torch.nn.BatchNorm1d(4), torch.nn.Dropout(0.9), torch.nn.Linear(4, 2))

    def forward(self, z):
        assert not self.training
        assert not torch.is_grad_enabled()
        return self.layer(z)


def test_modules_of_other_kinds():
    x = sine(0, 300)
    last = sa.from_torch(Last(), lags=4, training=None)
    assert (last.forecast(x, 3) == np.float32(x[-1])).all()
    assert last.fit(x[:200]).forecast(x, 3).tolist() == [np.float32(x[-1])] * 3
    with pytest.raises(sa.errors.ParameterError, match="no parameters to train"):
        sa.from_torch(Last(), lags=4, training=sa.Training(epochs=1)).fit(x)
    two = sa.from_torch(Counter(), lags=4, chunk=2, training=None)
    assert two.fit(x[:200]).forecast(x, 5).shape == (5,)
    assert two.residuals_.shape == (195, 2)
    double = sa.from_torch(copy.deepcopy(trained()).double(), lags=4, training=None)
    with torch.no_grad():
        wanted = copy.deepcopy(trained()).double()(torch.tensor(x[None, -4:])).item()
    assert double.forecast(x, 1)[0] == wanted, "64 bits stay 64 bits"
    frozen = copy.deepcopy(trained()).requires_grad_(False)
    assert sa.from_torch(frozen, lags=4, training=None).forecast(x, 2).shape == (2,)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ensemble", 2),
        ("unroll", 8),
        ("ensemble", 0),
    ],
)
def test_what_only_training_could_use_is_refused(name, value):
    with pytest.raises(sa.errors.ParameterError) as caught:
        sa.from_torch(note_module(), lags=4, **{name: value}, training=None)
    assert caught.value.name == name
    assert len(str(caught.value)) <= 300
    plain = sa.from_torch(note_module(), lags=4, training=None)
    for use in (lambda: plain.forecast(sine(0, 50), 2), lambda: plain.fit(sine(0, 50)), lambda: plain.context):
        plain.set_params(**{name: value})
        with pytest.raises(sa.errors.ParameterError):
            use()


def test_what_does_not_fit_is_said_where_it_is_used():
    x = sine(0, 100)
    for bad in (3, torch.nn.Linear, lambda z: z):
        with pytest.raises(sa.errors.ParameterError, match=r"torch\.nn\.Module"):
            sa.from_torch(bad, lags=4, training=None)
    for lags in (0, True, 2.5):
        with pytest.raises(sa.errors.ParameterError, match="lags"):
            sa.from_torch(note_module(), lags=lags, training=None)
    with pytest.raises(sa.errors.ParameterError, match="refuses a batch"):
        sa.from_torch(note_module(), lags=5, training=None).forecast(x, 1)
    with pytest.raises(sa.errors.ParameterError, match="gives shape"):
        sa.from_torch(torch.nn.Linear(4, 2), lags=4, training=None).forecast(x, 1)
    with pytest.raises(sa.errors.InputError, match="4"):
        sa.from_torch(note_module(), lags=4, training=None).forecast(x[:3], 1)
    assert sa.from_torch(note_module(), lags=4, training=sa.Training(epochs=3)).set_params(training=None).forecast(
        x, 2
    ).shape == (2,)

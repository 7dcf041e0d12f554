"""Training of nets: the loss of a literal loop, early stopping, a kill in the middle, a GPU where there is one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest
import torch

import stepahead as sa
from stepahead.models import net_cells, training
from stepahead.models.net_cells import NetBatch
from stepahead.models.segments import Settings

from ..counting import wait_for
from ..data import sine


def test_without_torch_the_error_names_what_to_install(monkeypatch):
    import torch

    module = torch.nn.Linear(2, 1)
    monkeypatch.setitem(sys.modules, "torch", None)
    for door in (
        lambda: sa.from_torch(module, lags=2).fit(sine(0, 40)),
        lambda: sa.GRU(2, training=sa.Training(updates=1)).fit(sine(0, 40)),
    ):
        with pytest.raises(sa.errors.MissingExtraError, match=r"stepahead\[neural\]"):
            door()


needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no GPU here")
x = sa.datasets.noisy_sine(seed=0).numbers
KINDS = {
    "GRU": lambda device: sa.GRU(8, seed=3, training=sa.Training(updates=30).on(device)),
    "LSTM": lambda device: sa.LSTM(8, unroll=4, seed=3, training=sa.Training(updates=30).on(device)),
    "window": lambda device: sa.GRU(8, window=16, ensemble=2, seed=3, training=sa.Training(updates=30).on(device)),
    "module": lambda device: sa.from_torch(net(), lags=4, seed=3, training=sa.Training().on(device)),
}


def net():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(4, 10), torch.nn.ReLU(), torch.nn.Linear(10, 1))


@pytest.mark.parametrize(("there", "taken"), [(True, "cuda"), (False, "cpu")])
def test_auto_takes_the_gpu_where_there_is_one(monkeypatch, there, taken):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    assert net_cells.chosen_device("auto") == taken


@pytest.mark.parametrize("device", ["cpu", "cuda", "cuda:1"])
def test_a_device_that_is_named_is_the_one_taken(monkeypatch, device):
    tried = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: device == "cpu")
    monkeypatch.setattr(torch, "empty", lambda size, device: tried.append(device))
    assert net_cells.chosen_device(device) == device
    assert tried == [device]


@pytest.mark.parametrize("device", ["cuda:77", "gpu", "mps:9"])
def test_a_device_that_is_not_there_is_refused_by_name(device):
    with pytest.raises(sa.errors.ParameterError, match=device):
        net_cells.chosen_device(device)


@needs_gpu
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_losses_of_the_cpu(kind):
    cpu, gpu = (KINDS[kind](device).fit(x[:604]) for device in ("cpu", "auto"))
    np.testing.assert_allclose(gpu.losses_, cpu.losses_, rtol=1e-4, atol=1e-4)


@needs_gpu
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_trained_on_a_gpu_forecasts_and_is_saved_as_data(kind, tmp_path):
    model = KINDS[kind]("auto").fit(x[:604])
    model.save(tmp_path / "model.safetensors")
    again = sa.load(tmp_path / "model.safetensors", **({"module": net()} if kind == "module" else {}))
    ahead = model.forecast(x, horizon=16)
    assert np.isfinite(ahead).all()
    np.testing.assert_allclose(again.forecast(x, horizon=16), ahead, atol=1e-2)  # on a GPU torch may round to ten bits


@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
def test_cells_are_those_of_torch(kind):
    net = NetBatch.fresh(kind, 4, 1, [(0, 0), (1, 0)])
    reference = {"rnn": torch.nn.RNNCell, "gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}[kind](1, 4)
    y = torch.randn(2, 7, generator=torch.Generator().manual_seed(0))
    state = net.start(7)
    state = net.update(state, y)
    state = net.update(state, 0.5 * y)
    for place in range(2):
        w = {name: value[place] for name, value in net.weights.items()}
        with torch.no_grad():
            reference.weight_ih.copy_(w["input_weights"].T)
            reference.weight_hh.copy_(w["hidden_weights"].T)
            reference.bias_ih.copy_(w["input_bias"][0])
            reference.bias_hh.copy_(w["hidden_bias"][0])
            one = None
            for values in (y[place], 0.5 * y[place]):
                one = reference(values[:, None], one)
        wanted = one if kind == "lstm" else (one,)
        for found, right in zip(state, wanted, strict=True):
            torch.testing.assert_close(found[place], right, atol=1e-6, rtol=1e-6)


def settings(**given) -> Settings:
    plain = {
        "updates": 5, "learning_rate": 0.01, "warm_up": 20, "unroll": 1, "augment": None, "noise": 0.0,
        "seeds": ((0, 0),),
    }  # fmt: skip
    return Settings(**{**plain, **given})


def test_the_loss_is_that_of_a_literal_loop():
    x = sine(0, 120)
    told = settings(unroll=4)
    net = NetBatch.fresh("gru", 3, 1, [(0, 0)])
    shape = training.shape_of(len(x), 1, told)
    update = 45  # in the third stage of the curriculum: four steps
    found = float(training._loss(net, [[x]], shape, told, update)[0])
    shared = np.random.default_rng([update, 0])
    before = int(shared.integers(0, 2)) * min(told.warm_up, len(x) - shape.length)
    offset = int(shared.integers(0, 4))
    rows, _, _ = training._segments([[x]], before + shape.length, told, update)
    total = []
    for row in torch.tensor(rows[0], dtype=torch.float32):
        for origin in range(before + shape.warm + offset, before + shape.warm + shape.zone, 4):
            state = net.start(1)
            for value in row[:origin]:
                state = net.update(state, value.reshape(1, 1))
            for k in range(4):
                y = net.forecast(state)[..., 0]
                total.append(float((y - row[origin + k]) ** 2))
                state = net.update(state, y)
    assert found == pytest.approx(np.mean(total), rel=1e-4)


def test_nets_side_by_side_are_the_nets_of_a_loop():
    panel = [sine(seed, 300) for seed in range(3)]
    model = sa.GRU(4, unroll=2, seed=3, training=sa.Training(updates=6, augment="sign", noise=0.1))
    together = model.fit_each(panel)
    for one, net in zip(panel, together, strict=True):
        alone = model.clone().fit(one)
        np.testing.assert_allclose(net.losses_, alone.losses_, rtol=1e-3)
        np.testing.assert_allclose(net.forecast(one, 5), alone.forecast(one, 5), rtol=1e-2, atol=1e-3)
    seeded = model.fit_each([panel[0]] * 2, seeds=[3, 4])
    assert seeded[0].forecast(panel[0], 3).tolist() != seeded[1].forecast(panel[0], 3).tolist()
    with pytest.raises(sa.errors.ParameterError):
        sa.GRU(4, ensemble=2).fit_each(panel)


JOB = textwrap.dedent(
    """
    import sys
    import numpy as np, torch
    torch.set_num_threads(1)
    import stepahead as sa
    from stepahead.models import training
    training.SAVED = 2
    x = np.sin(0.05 * np.arange(300)) + np.random.default_rng(0).normal(0.0, 0.2, 300)
    told = sa.Training(updates=50, warm_up=16, augment="sign", noise=0.1, checkpoint=sys.argv[1])
    model = sa.GRU(6, unroll=4, training=told).fit(x)
    model.save(sys.argv[2])
    """
)


def run(*arguments: object, **more) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", JOB, *map(str, arguments)], **more)


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 5])
def test_killed_at_a_random_step_it_resumes_to_the_same_bits(tmp_path, times):
    assert run(tmp_path / "whole", tmp_path / "whole.safetensors").wait(600) == 0
    checkpoint, out = tmp_path / "torn", tmp_path / "torn.safetensors"
    rng = np.random.default_rng()
    kills = 0
    for _ in range(times):
        job = run(checkpoint, out)
        seen = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
        wait_for(lambda: job.poll() is not None or (checkpoint.exists() and checkpoint.stat().st_mtime_ns != seen))  # noqa: B023
        time.sleep(float(rng.uniform(0.0, 0.2)))
        if job.poll() is None:
            os.kill(job.pid, signal.SIGKILL)
            kills += 1
        job.wait(600)
    assert kills, "the training was over before it could be killed"
    assert run(checkpoint, out).wait(600) == 0
    first, second = sa.load(tmp_path / "whole.safetensors"), sa.load(out)
    for name, value in first.net_.weights.items():
        assert torch.equal(value, second.net_.weights[name]), name
    assert first.losses_.tolist() == second.losses_.tolist()


def test_a_checkpoint_of_something_else_is_refused(tmp_path):
    x, path = sine(0, 200), str(tmp_path / "run")
    sa.GRU(3, training=sa.Training(updates=4, checkpoint=path)).fit(x)
    for other in (
        sa.GRU(3, training=sa.Training(updates=5, checkpoint=path)),
        sa.GRU(3, seed=1, training=sa.Training(updates=4, checkpoint=path)),
    ):
        with pytest.raises(sa.errors.ModelFileError, match="another model"):
            other.fit(x)
    with pytest.raises(sa.errors.ModelFileError, match="another model"):
        sa.GRU(3, training=sa.Training(updates=4, checkpoint=path)).fit(x[:150])
    (tmp_path / "run").write_bytes(b"not a checkpoint")
    with pytest.raises(sa.errors.ModelFileError, match="damaged"):
        sa.GRU(3, training=sa.Training(updates=4, checkpoint=path)).fit(x)

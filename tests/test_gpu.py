"""A GPU where there is one: taken when nobody says otherwise, and the same numbers as the CPU's."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.models import cells

torch = pytest.importorskip("torch")

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no GPU here")
x = sa.datasets.noisy_sine(seed=0).numbers
KINDS = {
    "GRU": lambda device: sa.GRU(8, seed=3, device=device, training=sa.Training(updates=30)),
    "LSTM": lambda device: sa.LSTM(8, unroll=4, seed=3, device=device, training=sa.Training(updates=30)),
    "window": lambda device: sa.GRU(8, window=16, ensemble=2, seed=3, device=device, training=sa.Training(updates=30)),
    "module": lambda device: sa.from_torch(net(), lags=4, seed=3, device=device),
}


def net():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(4, 10), torch.nn.ReLU(), torch.nn.Linear(10, 1))


@pytest.mark.parametrize(("there", "taken"), [(True, "cuda"), (False, "cpu")])
def test_auto_takes_the_gpu_where_there_is_one(monkeypatch, there, taken):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    assert cells.chosen_device("auto") == taken


@pytest.mark.parametrize("device", ["cpu", "cuda", "cuda:1"])
def test_a_device_that_is_named_is_the_one_taken(monkeypatch, device):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: device == "cpu")
    assert cells.chosen_device(device) == device


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

"""Recurrent nets: the formulas of torch, exact states and roll-outs, what makes them good,
training that survives a kill.
"""

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
from torch.utils.flop_counter import FlopCounterMode

import stepahead as sa
from stepahead.models import training
from stepahead.models.net_cells import NetBatch
from stepahead.models.segments import Settings

from .counting import wait_for
from .data import sine

STEPS = [1, 4, 16, 64]


class Own(torch.nn.Module):
    """A cell of ten lines."""

    def __init__(self, size: int = 5, chunk: int = 1) -> None:
        super().__init__()
        self.size, self.cell, self.head = size, torch.nn.GRUCell(1, size), torch.nn.Linear(size, chunk)

    def start(self, rows):
        return torch.zeros(rows, self.size)

    def update(self, state, y):
        return self.cell(y[:, None], state)

    def forecast(self, state):
        return self.head(state)


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


@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
def test_one_pass_gives_the_states_of_a_loop(kind):
    net = NetBatch.fresh(kind, 4, 1, [(0, 0), (1, 0)])
    values = torch.randn(30, generator=torch.Generator().manual_seed(0))
    state, kept = net.start(1), []
    for value in values:
        state = net.update(state, value.reshape(1, 1).expand(2, 1))
        kept.append(state)
    parts = net.states(net.start(1), values)
    for place, part in enumerate(parts):
        torch.testing.assert_close(part, torch.stack([one[place][:, 0] for one in kept]), atol=1e-6, rtol=1e-5)


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


def test_an_ensemble_is_averaged_inside_the_loop():
    x = sine(0, 200)
    model = sa.GRU(4, ensemble=3, training=sa.Training(updates=5)).fit(x)
    assert model.encode(x)[0].shape == (200, 3, 4)
    state = tuple(array[[-1]] for array in model.encode(x))
    first = np.mean([
        sa_one(model, net, state) for net in range(3)
    ])  # fmt: skip
    assert model.forecast(x, 1)[0] == pytest.approx(first, rel=1e-5)


def sa_one(model, net: int, state) -> float:
    w = model.net_.weights
    y = (
        torch.as_tensor(state[0][0, net], dtype=torch.float32) @ w["head_weights"][net, :, 0]
        + w["head_bias"][net, 0, 0]
    )
    return float(y) * model.scale_ + model.mean_


def test_a_cell_of_ones_own():
    x = sine(0, 200)
    own = Own()
    before = [weight.detach().clone() for weight in own.parameters()]
    model = sa.RecurrentNet(own, unroll=2, ensemble=2, training=sa.Training(updates=8)).fit(x)
    assert all(torch.equal(a, b) for a, b in zip(before, own.parameters(), strict=True)), (
        "yours is never trained in place"
    )
    assert model.name == "Own"
    assert sa.audit(
        sa.RecurrentNet(Own(), training=sa.Training(updates=2)), x[:120], horizon=4, cuts=[60, 80, 110]
    ).causal
    assert sa.RecurrentNet(Own(chunk=4), chunk=4, training=sa.Training(updates=2)).fit(x).forecast(x, 6).shape == (6,)
    with pytest.raises(sa.errors.ParameterError, match="see chunk="):
        sa.RecurrentNet(Own(chunk=2), training=sa.Training(updates=1)).fit(x)
    with pytest.raises(sa.errors.ParameterError, match="forecast"):
        sa.RecurrentNet(torch.nn.Linear(1, 1)).fit(x)
    with pytest.raises(sa.errors.ParameterError):
        sa.RecurrentNet(Own).fit(x)


def test_weights_of_ones_own_cell_are_saved_without_code(tmp_path):
    x = sine(0, 200)
    model = sa.RecurrentNet(Own(), ensemble=2, training=sa.Training(updates=3)).fit(x)
    model.save(tmp_path / "own.safetensors")
    with pytest.raises(sa.errors.StepaheadError, match="module"):
        sa.load(tmp_path / "own.safetensors")
    loaded = sa.load(tmp_path / "own.safetensors", module=Own())
    assert loaded.forecast(x, 5).tolist() == model.forecast(x, 5).tolist()
    with pytest.raises(sa.errors.StepaheadError):
        sa.load(tmp_path / "own.safetensors", module=Own(size=6))


def test_paths_add_what_was_missed():
    x = sine(0, 400)
    model = sa.GRU(8, training=sa.Training(updates=20, augment="sign")).fit(x[:300])
    state = tuple(array[[-1]] for array in model.encode(x))
    drawn = model.paths(state, 6, 500, seed=1)
    assert drawn.shape == (500, 1, 6)
    assert model.residuals_.std() == pytest.approx(drawn[:, 0, 0].std(), rel=0.15)
    again = model.paths(tuple(array[[5, -1]] for array in model.encode(x)), 6, 500, seed=1, origins=np.array([6, 1]))
    assert again[:, 1].tobytes() == drawn[:, 0].tobytes(), "keyed by origin, not by what is beside it"


def test_missing_values_are_stepped_over_and_no_segment_crosses_one():
    x = sine(0, 300)
    x[[50, 51, 120]] = np.nan
    model = sa.GRU(4, training=sa.Training(updates=3)).fit(sa.Series(x, missing="skip"))
    assert np.isfinite(model.encode(sa.Series(x, missing="skip"))[0]).all()


def test_a_window_is_read_in_its_own_scale():
    x = sine(0, 300)
    model = sa.GRU(6, window=20, training=sa.Training(updates=30)).fit([x, 100.0 + 10.0 * x])
    near, far = model.forecast(x, 4), model.forecast(1000.0 + 5.0 * x, 4)
    np.testing.assert_allclose((far - 1000.0) / 5.0, near, atol=1e-3)
    assert sa.evaluate(model, [x, 100.0 + 10.0 * x], 4, train=200)["GRU(6)"].rmse().shape == (4,)


def test_wrong_arguments_are_refused():
    x = sine(0, 60)
    for wrong in (
        {"hidden": 0}, {"chunk": 0}, {"unroll": 0}, {"ensemble": 0}, {"window": 1}, {"seed": -1}, {"device": 1},
        {"training": None}, {"training": 300}, {"training": sa.Training(epochs=9)}, {"training": sa.Training(batch_size=9)},
    ):  # fmt: skip
        with pytest.raises(sa.errors.ParameterError):
            sa.GRU(**wrong).fit(x)
    with pytest.raises(sa.errors.InputError) as caught:
        sa.GRU(4, window=100).fit(x)
    assert caught.value.code == "too-short"
    with pytest.raises(sa.errors.FitError, match="diverged"):
        sa.RecurrentNet(Own(), training=sa.Training(learning_rate=1e30, updates=20)).fit(x)


# -- checkpoints ----------------------------------------------------------------------------------------------------

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


def worked_out(job) -> int:
    """How many multiplications and additions of matrices torch is asked for."""
    with FlopCounterMode(display=False) as counted:
        job()
    return counted.get_total_flops()


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


def test_the_nets_that_choose_an_augmentation_leave_the_checkpoint_alone(tmp_path):
    x, path = sine(0, 200), tmp_path / "run"
    plain, kept = (sa.Training(updates=2, warm_up=8, augment="auto", checkpoint=at) for at in (None, path))
    model = sa.GRU(2, training=kept).fit(x)
    assert path.exists()
    assert model.forecast(x, 3).tolist() == sa.GRU(2, training=plain).fit(x).forecast(x, 3).tolist()
    assert model.clone().fit(x).forecast(x, 3).tolist() == model.forecast(x, 3).tolist(), "taken up again"


# -- what it reaches ------------------------------------------------------------------------------------------------


def reached(model: sa.RecurrentNet, seeds) -> np.ndarray:
    """RMSE at k = 1, 4, 16, 64 of nets trained side by side, one a seed, [seeds, 4]."""
    series = [sine(seed) for seed in seeds]
    nets = model.fit_each([x[:604] for x in series], seeds=list(seeds))
    return np.array([
        sa.k_step(net, x, 64, steps=STEPS, origins=range(604, 937)).rmse() for net, x in zip(nets, series, strict=True)
    ])  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "worst"),
    [
        (sa.GRU(32, unroll=64, training=sa.Training(augment="sign", updates=300)), 0.30),
        (sa.GRU(32, chunk=64, training=sa.Training(augment="sign", updates=400)), 0.28),
    ],
    ids=["recursive", "one-shot"],
)
def test_a_gru_on_twenty_seeds_that_nobody_tuned_on(model, worst):
    found = reached(model, range(60, 80))
    assert found[:, 3].mean() <= 0.25, found[:, 3]
    assert found[:, 3].max() <= worst, found[:, 3]


@pytest.mark.slow
def test_the_sign_flip_is_what_helps():
    plain, flipped = (
        reached(sa.GRU(12, chunk=64, training=sa.Training(updates=80, augment=how, warm_up=64)), range(60, 62))[
            :, 3
        ].mean()
        for how in (None, "sign")
    )
    assert flipped < 0.7 * plain


@pytest.mark.slow
def test_augment_auto_knows_a_wave_from_a_chaotic_series():
    given = {"unroll": 16, "training": sa.Training(updates=150, augment="auto")}
    assert sa.GRU(32, **given).fit(sine(60)[:604]).augment_ == "sign"
    assert sa.GRU(32, **given).fit(sa.datasets.mackey_glass(seed=60)[:604]).augment_ is None


def test_the_k_step_pass_asks_torch_for_little_more_than_a_bare_loop():
    torch.set_num_threads(1)
    x = sine(0, 1000)
    model = sa.GRU(32, training=sa.Training(updates=1)).fit(x[:600])
    w = {name: value[0] for name, value in model.net_.weights.items()}
    flat = [w["input_weights"].T, w["hidden_weights"].T, w["input_bias"][0], w["hidden_bias"][0]]
    flat = [part.contiguous() for part in flat]

    def bare() -> np.ndarray:
        with torch.inference_mode():
            values = torch.as_tensor((x - model.mean_) / model.scale_, dtype=torch.float32)
            h = torch.gru(values[:, None, None], torch.zeros(1, 1, 32), flat, True, 1, 0.0, False, False, False)[0][
                :-64, 0
            ]
            out = []
            for _ in range(64):
                y = h @ w["head_weights"] + w["head_bias"]
                out.append(y)
                h = torch.gru_cell(y, h, *flat)
            return torch.cat(out, dim=1).numpy() * model.scale_ + model.mean_

    def ours() -> np.ndarray:
        return sa.k_step(model, x, 64, train=0).predictions

    np.testing.assert_allclose(ours(), bare(), atol=2e-4)
    assert worked_out(ours) <= 1.05 * worked_out(bare)

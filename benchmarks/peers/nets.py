"""The note's net and a GRU: training, and 64 steps from every origin."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import stepahead as sa
from stepahead.models.windowed import batch_order

from ..spine import sine
from .tables import Array, Contender, Job, Table, equal

TRAIN, LAGS, HORIZON, UPDATES = 604, 4, 64, 190
HIDDEN, MEMORY, SEGMENT = 32, 24, 192
QUIET = {
    "accelerator": "cpu", "logger": False, "enable_progress_bar": False, "enable_model_summary": False,
    "enable_checkpointing": False,
}  # fmt: skip


def torch_alone() -> Any:
    """Torch on one thread; what is built on it without its talk."""
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable(logging.INFO)
    return torch


# -- the note's net: 600 pairs, 5 epochs in batches of 16, 61 weights -------------------------------------------------


def mlp() -> Job:
    seen = sa.Series(sine(TRAIN))
    return Job(lambda: sa.MLP(LAGS).fit(seen), lambda model: f"loss {model.losses_[-1]:.5f}")


def note() -> Job:
    """The note's code: DataLoader, Adam, a pass over all pairs after each epoch; started and shuffled as ours is."""
    torch = torch_alone()
    from stepahead.numerics import perceptron

    seen = sine(TRAIN)
    X, y = (torch.tensor(np.array(part)) for part in sa.pairs(seen, LAGS))
    first, second = perceptron.start(LAGS, 10, 1, np.random.default_rng([0, 0]))
    order = batch_order(0, 0, len(X), 5)
    loss = torch.nn.MSELoss(reduction="none")

    class Shuffled(torch.utils.data.Sampler):
        """The next of our shuffles at each epoch."""

        def __init__(self) -> None:
            self.epochs = iter(order.tolist())

        def __iter__(self) -> Any:
            return iter(next(self.epochs))

    def run() -> list[float]:
        net = torch.nn.Sequential(torch.nn.Linear(LAGS, 10), torch.nn.ReLU(), torch.nn.Linear(10, 1)).double()
        with torch.no_grad():
            for layer, weights in ((net[0], first), (net[2], second)):
                layer.weight.copy_(torch.tensor(weights[:-1].T))
                layer.bias.copy_(torch.tensor(weights[-1]))
        pairs = torch.utils.data.TensorDataset(X, y[:, None])
        batches = torch.utils.data.DataLoader(pairs, 16, sampler=Shuffled())
        every = torch.utils.data.DataLoader(pairs, 16)
        trainer = torch.optim.Adam(net.parameters(), 0.01)
        losses = []
        for _ in range(5):
            for windows, targets in batches:
                trainer.zero_grad()
                loss(net(windows), targets).sum().backward()
                trainer.step()
            total = 0.0
            for windows, targets in every:
                total += float(loss(net(windows), targets).sum().detach())
            losses.append(total / len(pairs))
        return losses

    return Job(run, equal(sa.MLP(LAGS).fit(seen).losses_, 1e-8))


def neuralforecast_mlp() -> Job:
    torch_alone()
    from neuralforecast import NeuralForecast
    from neuralforecast.models import MLP

    seen = sine(TRAIN)
    frame = long(seen)

    def run() -> Any:
        net = MLP(
            h=1, input_size=LAGS, num_layers=1, hidden_size=10, max_steps=UPDATES, learning_rate=0.01, num_lr_decays=-1,
            batch_size=1, windows_batch_size=16, scaler_type="identity", random_seed=0, **QUIET,
        )  # fmt: skip
        forecaster = NeuralForecast(models=[net], freq=1)
        forecaster.fit(frame)
        return forecaster

    def check(forecaster: Any) -> str:
        # it fills the windows before the first value with zeros
        found = forecaster.predict_insample(step_size=1)[LAGS:]
        theirs, ours = float(np.mean((found["MLP"] - found["y"]) ** 2)), float(sa.MLP(LAGS).fit(seen).losses_[-1])
        assert abs(theirs / ours - 1.0) < 0.1, (theirs, ours)
        return f"loss {theirs:.5f}, other batches"

    return Job(run, check)


# -- a GRU: the weights are ours, after one update, in every library -------------------------------------------------


class Rewarmed:
    """A GRU as Darts rolls it out: the state at each origin is made anew of the last 24 values."""

    def __init__(self, model: sa.RecurrentNet) -> None:
        self.model, self.context = model, MEMORY

    def fit(self, series: Any) -> Rewarmed:
        return self

    def encode(self, values: Any, after: Any = None) -> tuple[Array, ...]:
        return (np.lib.stride_tricks.sliding_window_view(np.asarray(values), MEMORY),)

    def rollout(self, state: tuple[Array, ...], horizon: int) -> Array:
        from stepahead.models.net_cells import ahead

        torch, model = torch_alone(), self.model
        with torch.inference_mode():
            given = torch.as_tensor((state[0] - model.mean_) / model.scale_, dtype=torch.float32)
            now = model.net_.start(len(given))
            for column in given.T:
                now = model.net_.update(now, column[None])
            return ahead(model.net_, now, horizon)[0].double().numpy() * model.scale_ + model.mean_


class Rolled:
    """The job: ten thousand values, of which 604 were for fitting,
    and 64 steps from each origin behind the first window.
    """

    def __init__(self) -> None:
        self.torch = torch_alone()
        self.x = sine(10_000)
        self.model = sa.GRU(HIDDEN, training=sa.Training(updates=1).on("cpu")).fit(self.x[:TRAIN])
        weights = {name: value[0] for name, value in self.model.net_.weights.items()}
        self.head = weights["head_weights"], weights["head_bias"]
        names = ("input_weights", "hidden_weights", "input_bias", "hidden_bias")
        self.flat = [
            weights[name].T.contiguous() if "weights" in name else weights[name][0].contiguous() for name in names
        ]
        self.first = MEMORY - 1  # of our origins, 1, 2, .., the one where Darts begins
        self.whole = self._bare()[self.first :]
        self.short = sa.k_step(Rewarmed(self.model), self.x, HORIZON, train=0).predictions

    def _bare(self) -> Array:
        torch = self.torch
        with torch.inference_mode():
            values = torch.as_tensor((self.x - self.model.mean_) / self.model.scale_, dtype=torch.float32)
            start = torch.zeros(1, 1, HIDDEN)
            h = torch.gru(values[:, None, None], start, self.flat, True, 1, 0.0, False, False, False)[0][:-HORIZON, 0]
            out = []
            for _ in range(HORIZON):
                out.append(h @ self.head[0] + self.head[1])
                h = torch.gru_cell(out[-1], h, *self.flat)
            return np.asarray(torch.cat(out, dim=1).double().numpy() * self.model.scale_ + self.model.mean_)

    def bare(self) -> Job:
        return Job(self._bare, lambda found: "what the others are held to")

    def ours(self) -> Job:
        return Job(
            lambda: sa.k_step(self.model, self.x, HORIZON, train=0).predictions,
            equal(self.whole, 1e-5, lambda found: found[self.first :]),
        )

    def ours_rewarmed(self) -> Job:
        return Job(
            lambda: sa.k_step(Rewarmed(self.model), self.x, HORIZON, train=0).predictions,
            lambda found: f"another meaning, {np.abs(found - self.whole).max():.1f} from the whole past",
        )

    def darts(self) -> Job:
        from darts import TimeSeries

        z = ((self.x - self.model.mean_) / self.model.scale_).astype(np.float32)
        series = TimeSeries.from_values(z)
        model = darts_gru(1)
        model.fit(series[:TRAIN])
        with self.torch.no_grad():
            own = [*model.model.rnn.parameters(), *model.model.V.parameters()]
            for theirs, ours in zip(own, [*self.flat, self.head[0].T, self.head[1][0]], strict=True):
                theirs.copy_(ours)

        def run() -> Any:
            return model.historical_forecasts(
                series, start=MEMORY, forecast_horizon=HORIZON, retrain=False, overlap_end=False,
                last_points_only=False,
                verbose=False,
            )  # fmt: skip

        def read(found: Any) -> Array:
            z = np.stack([one.values(copy=False)[:, 0] for one in found]).astype(float)
            return np.asarray(z * self.model.scale_ + self.model.mean_)

        return Job(run, equal(self.short, 1e-5, read))


def darts_gru(updates: int) -> Any:
    torch_alone()
    from darts.models import RNNModel

    return RNNModel(
        input_chunk_length=MEMORY, model="GRU", hidden_dim=HIDDEN, n_rnn_layers=1, training_length=SEGMENT,
        batch_size=8,
        optimizer_kwargs={"lr": 0.01}, random_state=0, pl_trainer_kwargs={**QUIET, "max_steps": updates,
        "max_epochs": -1},
    )  # fmt: skip


def darts_training() -> Job:
    from darts import TimeSeries

    x = sine(10_000)
    series = TimeSeries.from_values(((x - x[:TRAIN].mean()) / x[:TRAIN].std()).astype(np.float32))

    def run() -> Any:
        model = darts_gru(UPDATES)
        return model.fit(series[:TRAIN])

    def check(model: Any) -> str:
        ours = sa.GRU(HIDDEN, training=sa.Training(updates=1).on("cpu")).fit(x[:TRAIN])
        flat, head = list(model.model.rnn.parameters()), list(model.model.V.parameters())
        names = ("input_weights", "hidden_weights", "input_bias", "hidden_bias")
        for name, value in zip(names, flat, strict=True):
            ours.net_.weights[name] = (value.detach().T if "weights" in name else value.detach()[None])[
                None
            ].contiguous()
        ours.net_.weights |= {"head_weights": head[0].detach().T[None], "head_bias": head[1].detach()[None, None]}
        return held_out(ours, x)

    return Job(run, check)


def our_training() -> Job:
    torch_alone()
    x = sine(10_000)
    return Job(
        lambda: sa.GRU(HIDDEN, training=sa.Training(updates=UPDATES).on("cpu")).fit(x[:TRAIN]),
        lambda model: held_out(model, x),
    )


def held_out(model: Any, x: Array) -> str:
    rmse = sa.k_step(model, x, HORIZON, train=TRAIN, steps=[1, HORIZON]).rmse()
    return f"held-out RMSE {rmse[0]:.3f} at k=1, {rmse[1]:.3f} at k=64"


def neuralforecast_training() -> Job:
    torch_alone()
    from neuralforecast import NeuralForecast
    from neuralforecast.models import GRU

    frame = long(sine(TRAIN))

    def run() -> Any:
        net = GRU(
            h=1, input_size=SEGMENT, recurrent=True, encoder_hidden_size=HIDDEN, encoder_n_layers=1, max_steps=UPDATES,
            learning_rate=0.01, num_lr_decays=-1, batch_size=1, windows_batch_size=8, scaler_type="identity",
            random_seed=0,
            **QUIET,
        )  # fmt: skip
        forecaster = NeuralForecast(models=[net], freq=1)
        forecaster.fit(frame)
        return forecaster

    def check(forecaster: Any) -> str:
        found = forecaster.predict_insample(step_size=1)[SEGMENT:]
        return f"training RMSE {np.sqrt(np.mean((found['GRU'] - found['y']) ** 2)):.3f} at k=1"

    return Job(run, check)


def long(values: Array) -> Any:
    import pandas as pd

    return pd.DataFrame({"unique_id": 0, "ds": np.arange(len(values)), "y": values})


def tables() -> tuple[Table, ...]:
    kept: list[Rolled] = []

    def rolled(way: Callable[[Rolled], Job]) -> Callable[[], Job]:
        # Made when the first contender wants it: there may be no torch.
        return lambda: way((kept or (kept.append(Rolled()), kept)[1])[0])

    return (
        Table(
            "the note's net, 61 weights: 190 updates of 16 pairs",
            "stepahead MLP",
            (
                Contender("stepahead MLP", (), mlp),
                Contender("torch, the note's code with DataLoader, float64", ("torch",), note),
                Contender("neuralforecast MLP", ("neuralforecast",), neuralforecast_mlp),
            ),
        ),
        Table(
            f"GRU({HIDDEN}), 10,000 values, 64 steps from every origin",
            "stepahead k_step",
            (
                Contender("stepahead k_step", ("torch",), rolled(Rolled.ours)),
                Contender("stepahead k_step, Darts's meaning: 24 values", ("torch",), rolled(Rolled.ours_rewarmed)),
                Contender("torch, one pass and a loop of cells", ("torch",), rolled(Rolled.bare)),
                Contender("Darts RNNModel historical_forecasts", ("darts", "torch"), rolled(Rolled.darts)),
            ),
        ),
        Table(
            f"GRU({HIDDEN}): {UPDATES} updates of 8 segments of {SEGMENT} values (ours has {SEGMENT} or 320)",
            "stepahead GRU.fit",
            (
                Contender("stepahead GRU.fit", ("torch",), our_training),
                Contender("Darts RNNModel.fit", ("darts", "torch"), darts_training),
                Contender("neuralforecast GRU", ("neuralforecast",), neuralforecast_training),
            ),
        ),
    )

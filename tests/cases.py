"""The one list that names every model, each with a slow literal loop that says what it must forecast.

`literal(model, values, horizon)` gets the fitted model and the values before one origin, and nothing else. A model that
is in the public face and not on this list fails the suite.
"""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.tree import DecisionTreeRegressor

import stepahead as sa
from stepahead.draws import keys, normals

from . import smoothing_loops as loops
from .data import ROOT, sine

Literal = Callable[[Any, np.ndarray, int], np.ndarray]


@dataclass(frozen=True)
class Case:
    make: Callable[[], Any]
    literal: Literal
    symbols: bool = False
    savable: bool = True
    ignores_data: bool = False
    drops_gaps: bool = True
    tolerance: float = 1e-12
    """Relative, where the same forecast is made in two ways: 32-bit nets have fewer digits."""
    module: Callable[[], Any] | None = None
    """Of a model around a torch module: such a module, with other weights. `load` needs it beside the file."""
    needs_fit: bool = True
    days: bool = False
    """Whether the values have dates, one a day."""

    def series(self, length: int = 120, seed: int = 0) -> sa.Series:
        if self.symbols:
            rng = np.random.default_rng(seed)
            times = np.datetime64("2020-01-01") + np.arange(length) if self.days else None
            return sa.Series(np.array(["fog", "rain", "sun"])[rng.integers(0, 3, length)].tolist(), times=times)
        return sa.Series(3.0 + sine(seed, length) + 0.5 * np.sin(np.arange(length)))


def as_printed() -> types.ModuleType:
    """What the Python blocks of CONTRIBUTING.md define, run as they are printed."""
    module = sys.modules["contributing"] = types.ModuleType("contributing")
    for block in re.findall(
        r"^```python\n(.*?)^```$", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL | re.MULTILINE
    ):
        exec(compile(block, "CONTRIBUTING.md", "exec"), module.__dict__)  # noqa: S102
    return module


PRINTED = as_printed()
AS_PRINTED = ("Halfway", "SimpleTheta")
"""Cases that are no models of this package: no release has files of them."""


def theta_loop(model: Any, values: np.ndarray, horizon: int) -> np.ndarray:
    """Exponential smoothing one value at a time, missing ones stepped over, and half the slope a step."""
    level = values[0]
    for value in values[1:]:
        if not np.isnan(value):
            level += model.alpha_ * (value - level)
    return np.array([level + model.slope_ / 2.0 * k for k in range(1, horizon + 1)])


def fed_back(one_step: Callable[[Any, np.ndarray], np.ndarray]) -> Literal:
    """Predict a chunk from the last values, append it, and again: the recursion as a learner writes it."""

    def loop(model: Any, values: np.ndarray, horizon: int) -> np.ndarray:
        known, out = list(values), []
        while len(out) < horizon:
            ahead = list(np.atleast_1d(one_step(model, np.array(known))))
            known += ahead
            out += ahead
        return np.array(out[:horizon])

    return loop


def ar_step(model: sa.AR, known: np.ndarray) -> np.ndarray:
    window = known[-model.lags_ :]
    rows = np.reshape(model.coefficients_, (model.chunk, model.lags_))
    return np.array(
        [
            sum(row[i] * window[i] for i in range(len(window))) + b
            for row, b in zip(rows, np.atleast_1d(model.intercept_), strict=True)
        ]
    )


def mlp_step(model: sa.MLP, known: np.ndarray) -> np.ndarray:
    window, outs = known[-model.lags :], []
    for w1, w2 in zip(model.weights1_, model.weights2_, strict=True):
        inner = [
            max(0.0, sum(window[i] * w1[i, h] for i in range(len(window))) + w1[-1, h]) for h in range(model.hidden)
        ]
        outs.append([sum(inner[h] * w2[h, c] for h in range(model.hidden)) + w2[-1, c] for c in range(model.chunk)])
    return np.mean(outs, axis=0)


def note_module(seed: int = 0) -> Any:
    """The note's net in torch, with weights of its own for each seed;
    the random numbers of others go on as they were.
    """
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return torch.nn.Sequential(torch.nn.Linear(4, 10), torch.nn.ReLU(), torch.nn.Linear(10, 1))


def module_step(model: Any, known: np.ndarray) -> np.ndarray:
    """The note's net, one number at a time, in 64 bits."""
    w = {name: value.double().numpy() for name, value in model.module.state_dict().items()}
    window = known[-4:]
    inner = [max(0.0, sum(window[i] * w["0.weight"][h, i] for i in range(4)) + w["0.bias"][h]) for h in range(10)]
    return np.array([sum(inner[h] * w["2.weight"][0, h] for h in range(10)) + w["2.bias"][0]])


def windowed_step(model: sa.Windowed, known: np.ndarray) -> np.ndarray:
    return np.ravel(model.regressor_.predict(known[None, -model.lags :]))


def averaged_loop(model: sa.Averaged, values: np.ndarray, horizon: int) -> np.ndarray:
    window, smooth = model.models_.models
    own = np.stack([fed_back(ar_step)(window, values, horizon), ses_loop(smooth, values, horizon)])
    return (model.weights_[:, np.minimum(np.arange(horizon), 3)] * own).sum(axis=0)


def scaled_loop(model: sa.Scaled, values: np.ndarray, horizon: int) -> np.ndarray:
    inner = fed_back(ar_step)(model.model_, (values - model.mean_) / model.std_, horizon)
    return inner * model.std_ + model.mean_


def scaled_by_window_loop(model: sa.Scaled, values: np.ndarray, horizon: int) -> np.ndarray:
    window = values[-model.context :]
    mean, deviation = np.mean(window), np.std(window)
    step = mlp_step if isinstance(model.model_, sa.MLP) else ar_step
    return fed_back(step)(model.model_, (window - mean) / deviation, horizon) * deviation + mean


def differenced_loop(model: sa.Differenced, values: np.ndarray, horizon: int) -> np.ndarray:
    steps = fed_back(ar_step)(
        model.model_, np.array([values[i + 1] - values[i] for i in range(len(values) - 1)]), horizon
    )
    return values[-1] + np.array([sum(steps[: k + 1]) for k in range(horizon)])


def rectified_loop(model: sa.wrappers.Rectified, values: np.ndarray, horizon: int) -> np.ndarray:
    out = fed_back(ar_step)(model.model_, values, horizon)
    window = values[-model.context :]
    for k in range(min(horizon, model.horizon)):
        out[k] += sum(model.correction_[k, i] * window[i] for i in range(len(window))) + model.shift_[k]
    return out


def ssa_loop(model: sa.SSA, values: np.ndarray, horizon: int) -> np.ndarray:
    window = values[-model.context :] - model.mean_
    smooth = model.directions_ @ (model.directions_.T @ window)
    known = list(smooth)
    for _ in range(horizon):
        known.append(float(np.dot(model.recurrence_, known[-(model.context - 1) :])))
    return np.array(known[model.context :]) + model.mean_


def kalman_loop(model: sa.StateSpace, values: np.ndarray, horizon: int) -> np.ndarray:
    """The textbook filter, one value at a time, and the state propagated without an update."""
    blocks, left, seasons = [], list(model.parameters_), []
    for name in model.structure_.split():
        if name == "cycle":
            w, rho, q = left[:3]
            blocks.append((rho * np.array([[np.cos(w), np.sin(w)], [-np.sin(w), np.cos(w)]]), [q, q]))
        elif name == "trend":
            blocks.append((np.array([[1.0, 1.0], [0.0, 1.0]]), left[:2]))
        elif name == "drift":
            blocks.append((np.array([[1.0, 1.0], [0.0, 1.0]]), [left[0], 0.0]))
        elif name == "damped_trend":
            blocks.append((np.array([[1.0, left[0]], [0.0, left[0]]]), left[1:3]))
        elif name.startswith("season"):
            _, period, count = name.split(":")
            seen = 0
            for j in range(1, int(period) // 2 + 1):
                # A harmonic that a shorter season has already stands there once.
                if any(j * other % int(period) == 0 for other in seasons) or seen == int(count):
                    continue
                seen, w = seen + 1, 2.0 * np.pi * j / int(period)
                if 2 * j == int(period):
                    blocks.append((np.array([[-1.0]]), [left[0]]))
                else:
                    turn = np.array([[np.cos(w), np.sin(w)], [-np.sin(w), np.cos(w)]])
                    blocks.append((turn, [left[0], left[0]]))
            seasons.append(int(period))
        else:
            memory, shock = (left[0], left[1]) if name == "damped" else (1.0, left[0] if name == "walk" else 0.0)
            blocks.append((np.array([[memory]]), [shock]))
        used = {"cycle": 3, "trend": 2, "drift": 1, "damped_trend": 3, "damped": 2, "walk": 1, "season": 1, "fixed": 0}
        left = left[used[name.partition(":")[0]] :]
    size = sum(len(step) for step, _ in blocks)
    A, C, Q, at = np.zeros((size, size)), np.zeros(size), np.zeros((size, size)), 0
    noise = model.noise_ / model.scale_**2
    for step, shocks in blocks:
        here = np.arange(at, at + len(step))
        A[np.ix_(here, here)], Q[here, here], C[at] = step, np.array(shocks) * noise, 1.0
        at += len(step)
    a, P = np.zeros(size), 4.0 * np.eye(size)
    for value in values:
        if not np.isnan(value):
            spread = C @ P @ C + noise
            a, P = (
                a + P @ C * ((value - model.mean_) / model.scale_ - C @ a) / spread,
                P - np.outer(P @ C, C @ P) / spread,
            )
        a, P = A @ a, A @ P @ A.T + Q
    return np.array([C @ np.linalg.matrix_power(A, k) @ a for k in range(horizon)]) * model.scale_ + model.mean_


def net_loop(model: sa.RecurrentNet, values: np.ndarray, horizon: int) -> np.ndarray:
    """A GRU, an LSTM or a plain RNN, one number at a time, in 64 bits: the state over all values, then fed back."""
    w = {name: value.double().numpy() for name, value in model.net_.weights.items()}
    nets, size, _ = w["head_weights"].shape
    level, scale = model.mean_, model.scale_
    if model.window is not None:
        values = values[-model.window :]
        level, scale = values.mean(), values.std()

    def sigmoid(v: np.ndarray) -> np.ndarray:
        return 1.0 / (1.0 + np.exp(-v))

    def step(net: int, state: tuple[np.ndarray, np.ndarray], y: float) -> tuple[np.ndarray, np.ndarray]:
        h, c = state
        x = y * w["input_weights"][net, 0] + w["input_bias"][net, 0]
        k = h @ w["hidden_weights"][net] + w["hidden_bias"][net, 0]
        if model.net_.kind == "rnn":
            return np.tanh(x + k), c
        if model.net_.kind == "gru":
            r, z = sigmoid(x[:size] + k[:size]), sigmoid(x[size : 2 * size] + k[size : 2 * size])
            return (1.0 - z) * np.tanh(x[2 * size :] + r * k[2 * size :]) + z * h, c
        i, f, g, o = (x + k).reshape(4, size)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(c), c

    def heads(states: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
        return np.mean([h @ w["head_weights"][n] + w["head_bias"][n, 0] for n, (h, _) in enumerate(states)], axis=0)

    states = [(np.zeros(size), np.zeros(size)) for _ in range(nets)]
    for value in values:
        y = heads(states)[0] if np.isnan(value) else (value - level) / scale
        states = [step(net, state, y) for net, state in enumerate(states)]
    out: list[float] = []
    while len(out) < horizon:
        ys = heads(states)
        out += ys.tolist()
        for y in ys:
            states = [step(net, state, y) for net, state in enumerate(states)]
    return np.array(out[:horizon]) * scale + level


def leak_module(kept: float = 0.9) -> Any:
    """A cell of one's own: a state of two numbers that leak away, one of them twice as fast."""
    import torch

    class Leak(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.kept = torch.nn.Parameter(torch.tensor([kept, kept / 2.0]))
            self.head = torch.nn.Parameter(torch.tensor([0.3, 0.1]))

        def start(self, rows: int) -> Any:
            return torch.zeros(rows, 2)

        def update(self, state: Any, y: Any) -> Any:
            return self.kept * state + y[:, None]

        def forecast(self, state: Any) -> Any:
            return state @ self.head

    return Leak()


def leak_loop(model: sa.RecurrentNet, values: np.ndarray, horizon: int) -> np.ndarray:
    """The same, one number at a time, in 64 bits."""
    w = {name: value.double().numpy() for name, value in model.net_.modules[0].state_dict().items()}
    state, out = np.zeros(2), []
    for value in [*((values - model.mean_) / model.scale_), *[np.nan] * horizon]:
        y = state @ w["head"]
        out.append(y)
        state = w["kept"] * state + (y if np.isnan(value) else value)
    return np.array(out[len(values) :]) * model.scale_ + model.mean_


def drift_loop(model: sa.baselines.Drift, values: np.ndarray, horizon: int) -> np.ndarray:
    return np.array([values[-1] + k * model.slope_ for k in range(1, horizon + 1)])


def ses_loop(model: sa.baselines.SES, values: np.ndarray, horizon: int) -> np.ndarray:
    """One value at a time, missing ones stepped over."""
    level = values[0]
    for value in values[1:]:
        level = level if np.isnan(value) else model.alpha_ * value + (1.0 - model.alpha_) * level
    return np.full(horizon, level)


def phases_loop(model: sa.baselines.Phases, values: np.ndarray, horizon: int) -> np.ndarray:
    """The value of the phase of each target, and a line where there is one."""
    slope = model.slope_ if isinstance(model, sa.baselines.LinePhases) else 0.0
    times = range(len(values), len(values) + horizon)
    return np.array([model.phases_[t % model.season] + slope * t for t in times])


def harmonic_loop(model: sa.baselines.Harmonic, values: np.ndarray, horizon: int) -> np.ndarray:
    out = []
    for t in range(len(values), len(values) + horizon):
        ahead, left = model.coefficients_[0], list(model.coefficients_[1:])
        for pair in range(1, min(2, model.season // 2) + 1):
            angle = 2.0 * np.pi * pair * t / model.season
            ahead += left.pop(0) * np.cos(angle)
            ahead += left.pop(0) * np.sin(angle) if 2 * pair < model.season else 0.0
        out.append(ahead)
    return np.array(out)


def markov_distribution(model: sa.MarkovChain, context: tuple[int, ...], k: int) -> np.ndarray:
    """Sum over every path of the next symbols: no matrix is multiplied."""
    row, size = 0, model.transition_.shape[1]
    for place in context:
        row = row * size + place
    here = model.transition_[row]
    if k == 1:
        return here
    total = np.zeros(size)
    for place in range(size):
        if here[place] > 0.0:
            total += here[place] * markov_distribution(model, (*context, place)[1:] if model.order_ else (), k - 1)
    return total


def markov_loop(model: sa.MarkovChain, values: np.ndarray, horizon: int) -> np.ndarray:
    context = tuple(int(v) for v in values[len(values) - model.order_ :])
    return np.array(
        [int(np.argmax(markov_distribution(model, context, k))) for k in range(1, horizon + 1)], dtype=float
    )


def binned_loop(model: sa.MarkovChain, values: np.ndarray, horizon: int) -> np.ndarray:
    context = tuple(sum(bool(v >= edge) for edge in model.edges_) for v in values[len(values) - model.order_ :])
    distributions = [markov_distribution(model, context, k) for k in range(1, horizon + 1)]
    return np.array(
        [
            sum(p * center for p, center in zip(distribution, model.centers_, strict=True))
            for distribution in distributions
        ]
    )


class Smoothing:
    """Exponential smoothing as a cell."""

    def __init__(self, weight: float) -> None:
        self.weight = weight

    def __repr__(self) -> str:
        return f"Smoothing({self.weight})"

    def start(self, rows: int) -> np.ndarray:
        return np.full(rows, np.nan)

    def update(self, level: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.where(np.isnan(level), y, level + self.weight * (y - level))

    def advance(self, level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return level, level


def smoothing_loop(model: sa.Recurrent, values: np.ndarray, horizon: int) -> np.ndarray:
    level = values[0]
    for value in values[1:]:
        level = (1.0 - model.cell.weight) * level + model.cell.weight * value
    return np.full(horizon, level)


def hidden_distribution(model: sa.HMM, values: np.ndarray, likelihood: Callable[[int, float], float]) -> list[float]:
    """The forward recursion as it stands in the textbook."""
    distribution, states = list(model.start_), range(model.states)
    for value in values:
        if not np.isnan(value):
            distribution = [distribution[i] * likelihood(i, value) for i in states]
            distribution = [p / sum(distribution) for p in distribution]
        distribution = [sum(distribution[i] * model.transition_[i, j] for i in states) for j in states]
    return distribution


def hmm_loop(model: sa.HMM, values: np.ndarray, horizon: int) -> np.ndarray:
    def density(i: int, value: float) -> float:
        return float(np.exp(-0.5 * ((value - model.means_[i]) / model.std_[i]) ** 2) / model.std_[i])

    distribution, out = hidden_distribution(model, values, density), []
    for _ in range(horizon):
        out.append(sum(p * mean for p, mean in zip(distribution, model.means_, strict=True)))
        distribution = [
            sum(distribution[i] * model.transition_[i, j] for i in range(model.states)) for j in range(model.states)
        ]
    return np.array(out)


def categorical_loop(model: sa.HMM, values: np.ndarray, horizon: int) -> np.ndarray:
    distribution, out = hidden_distribution(model, values, lambda i, place: float(model.emission_[i, int(place)])), []
    for _ in range(horizon):
        out.append(
            np.argmax(
                [
                    sum(distribution[i] * row[v] for i, row in enumerate(model.emission_))
                    for v in range(len(model.states_))
                ]
            )
        )
        distribution = [
            sum(distribution[i] * model.transition_[i, j] for i in range(model.states)) for j in range(model.states)
        ]
    return np.array(out, dtype=float)


def switching_tuples(model: sa.MarkovSwitchingAR, values: np.ndarray) -> dict[tuple[int, ...], float]:
    """The distribution of the last regimes, oldest first, by Hamilton's filter over a dict of tuples."""
    lags, step, mu = model.lags, model.transition_, model.means_
    variance = np.broadcast_to(model.variance_, mu.shape)
    distribution = {(s,): p for s, p in enumerate(np.linalg.matrix_power(step, 10_000)[0])}
    for _ in range(lags - 1):
        distribution = {
            (*past, s): p * step[past[-1], s] for past, p in distribution.items() for s in range(model.states)
        }
    for t in range(lags, len(values)):
        window, after = values[t - lags : t + 1], dict[tuple[int, ...], float]()
        for past, p in distribution.items():
            for s in range(model.states):
                weight = p * step[past[-1], s]
                if not np.isnan(window).any():
                    level = mu[s] + sum(model.coefficients_[i] * (window[i] - mu[past[i]]) for i in range(lags))
                    weight *= np.exp(-0.5 * (window[-1] - level) ** 2 / variance[s]) / np.sqrt(variance[s])
                key = (*past, s)[1:]
                after[key] = after.get(key, 0.0) + weight
        distribution = {key: p / sum(after.values()) for key, p in after.items()}
    return distribution


def switching_loop(model: sa.MarkovSwitchingAR, values: np.ndarray, horizon: int) -> np.ndarray:
    """Every path of the regimes to come, with its own linear recursion and its own probability."""
    lags, mu, out = model.lags, model.means_, np.zeros(horizon)
    window = values[len(values) - lags :]

    def follow(regime: int, apart: list[float], p: float, k: int) -> None:
        for s in range(model.states if k < horizon else 0):
            here = p * model.transition_[regime, s]
            now = sum(model.coefficients_[i] * apart[i] for i in range(lags))
            out[k] += here * (mu[s] + now)
            follow(s, [*apart, now][1:] if lags else [], here, k + 1)

    for past, p in switching_tuples(model, values).items():
        follow(past[-1], [window[i] - mu[past[i]] for i in range(lags)], p, 0)
    return out


def sampled_loop(model: sa.wrappers.Sampled, values: np.ndarray, horizon: int) -> np.ndarray:
    """Path by path: each forecast gets one of the residuals of training, and is fed back with it."""
    net, chunk = model.model_, model.model_.chunk
    key = int(keys((values[None, -net.lags :],))[0])
    blocks = -(-horizon // chunk)
    numbers = np.random.Generator(np.random.Philox(key=[model.seed, key], counter=[0, 0, 0, 1])).random(
        (blocks, model.n)
    )
    total = np.zeros(horizon)
    for path in range(model.n):
        known = list(values)
        for block in range(blocks):
            missed = net.residuals_[int(numbers[block, path] * len(net.residuals_))]
            known += list(mlp_step(net, np.array(known)) + missed)
        total += known[len(values) : len(values) + horizon]
    return total / model.n


def spread_loop(model: sa.AR, horizon: int) -> np.ndarray:
    """The variance of each step of an autoregression: the squares of its responses to one shock, added up."""
    responses = [1.0]
    for k in range(1, horizon):
        responses.append(sum(model.coefficients_[-i] * responses[k - i] for i in range(1, min(k, model.lags_) + 1)))
    return np.array([model.variance_ * sum(r * r for r in responses[: k + 1]) for k in range(horizon)])


def logged_loop(model: sa.wrappers.Logged, values: np.ndarray, horizon: int) -> np.ndarray:
    """The mean of a lognormal value."""
    inner = fed_back(ar_step)(model.model_, np.array([np.log(value) for value in values]), horizon)
    return np.exp(inner + spread_loop(model.model_, horizon) / 2.0)


def box_cox_loop(model: sa.wrappers.BoxCox, values: np.ndarray, horizon: int) -> np.ndarray:
    """The mean of a squared normal value: the square root is the transform."""
    inner = fed_back(ar_step)(model.model_, np.array([2.0 * (np.sqrt(value) - 1.0) for value in values]), horizon)
    return (1.0 + inner / 2.0) ** 2 + spread_loop(model.model_, horizon) / 4.0


CASES: dict[str, Case] = {
    "Mean": Case(sa.baselines.Mean, lambda m, v, h: np.full(h, m.mean_), ignores_data=True, drops_gaps=False),
    "Naive": Case(sa.baselines.Naive, lambda m, v, h: np.full(h, v[-1])),
    "SeasonalNaive": Case(
        lambda: sa.baselines.SeasonalNaive(7), lambda m, v, h: np.array([v[len(v) - 7 + k % 7] for k in range(h)])
    ),
    "Drift": Case(sa.baselines.Drift, drift_loop),
    "SES": Case(sa.baselines.SES, ses_loop, drops_gaps=False),
    "SES given": Case(lambda: sa.baselines.SES(0.3), ses_loop, drops_gaps=False),
    "Line": Case(
        sa.baselines.Line,
        lambda m, v, h: np.array([m.intercept_ + m.slope_ * (len(v) + k) for k in range(h)]),
        ignores_data=True,
        drops_gaps=False,
    ),
    "Phases": Case(lambda: sa.baselines.Phases(7), phases_loop, ignores_data=True, drops_gaps=False),
    "LinePhases": Case(lambda: sa.baselines.LinePhases(7), phases_loop, ignores_data=True, drops_gaps=False),
    "Harmonic": Case(lambda: sa.baselines.Harmonic(12), harmonic_loop, ignores_data=True, drops_gaps=False),
    "Harmonic 4": Case(lambda: sa.baselines.Harmonic(4), harmonic_loop, ignores_data=True, drops_gaps=False),
    "Halfway": Case(
        lambda: PRINTED.Halfway(),
        lambda m, v, h: np.array([m.mean_ + (v[-1] - m.mean_) * 0.5**k for k in range(1, h + 1)]),
    ),
    "SimpleTheta": Case(lambda: PRINTED.SimpleTheta(), theta_loop, drops_gaps=False),
    "ExponentialSmoothing": Case(lambda: sa.ExponentialSmoothing(None), loops.smoothing_loop, drops_gaps=False),
    "ExponentialSmoothing 6": Case(lambda: sa.ExponentialSmoothing(6), loops.smoothing_loop, drops_gaps=False),
    "Theta": Case(lambda: sa.Theta(None), loops.theta_loop, drops_gaps=False),
    "Theta 6": Case(lambda: sa.Theta(6), loops.theta_loop, drops_gaps=False),
    "AveragedAR": Case(lambda: sa.AveragedAR(season=6), loops.lag_sets_loop, drops_gaps=False),
    "AveragedAR steps": Case(lambda: sa.AveragedAR(steps=True, season=None), loops.lag_sets_loop, drops_gaps=False),
    "Auto": Case(lambda: sa.Auto(6, horizon=6), loops.auto_loop, drops_gaps=False),
    "Averaged": Case(lambda: sa.Averaged([sa.AR(3), sa.baselines.SES()], horizon=4), averaged_loop),
    "AR": Case(lambda: sa.AR(4), fed_back(ar_step)),
    "AR ridge": Case(lambda: sa.AR(12, ridge=0.5), fed_back(ar_step)),
    "AR anchored chunk": Case(lambda: sa.AR(6, chunk=3, anchor="last", ridge=1e-3), fed_back(ar_step)),
    "AR long chunk": Case(lambda: sa.AR(2, chunk=5), fed_back(ar_step)),
    "AR yule-walker": Case(lambda: sa.AR(5, method="yule-walker"), fed_back(ar_step)),
    "AR burg": Case(lambda: sa.AR(5, method="burg", intercept=False), fed_back(ar_step)),
    "AR auto": Case(lambda: sa.AR("auto", horizon=8, season=None), fed_back(ar_step)),
    "MLP": Case(lambda: sa.MLP(4, training=sa.Training(epochs=2)), fed_back(mlp_step)),
    "MLP ensemble": Case(
        lambda: sa.MLP(3, hidden=5, chunk=2, ensemble=3, seed=5, training=sa.Training(epochs=1)), fed_back(mlp_step)
    ),
    "MLP unrolled": Case(
        lambda: sa.MLP(4, hidden=5, chunk=2, unroll=5, training=sa.Training(epochs=3, noise=0.1)), fed_back(mlp_step)
    ),
    "MLP augmented": Case(
        lambda: sa.MLP(4, hidden=5, unroll=3, ensemble=2, training=sa.Training(epochs=2, augment="auto")),
        fed_back(mlp_step),
    ),
    "Sampled": Case(
        lambda: sa.wrappers.Sampled(sa.MLP(4, hidden=5, chunk=2, training=sa.Training(epochs=2)), n=20, seed=3),
        sampled_loop,
    ),
    "SSA": Case(lambda: sa.SSA(rank=2, window=20), ssa_loop),
    "SSA auto": Case(lambda: sa.SSA(horizon=8), ssa_loop),
    "GRU": Case(
        lambda: sa.GRU(3, unroll=3, training=sa.Training(updates=4)), net_loop, drops_gaps=False, tolerance=2e-5
    ),
    "LSTM ensemble": Case(
        lambda: sa.LSTM(3, ensemble=2, chunk=2, training=sa.Training(updates=3)),
        net_loop,
        drops_gaps=False,
        tolerance=2e-5,
    ),
    "RNN window": Case(
        lambda: sa.RNN(3, window=12, training=sa.Training(updates=3, augment="sign", noise=0.1)),
        net_loop,
        tolerance=2e-5,
    ),
    "RecurrentNet own cell": Case(
        lambda: sa.RecurrentNet(leak_module(), training=sa.Training(updates=3)),
        leak_loop,
        drops_gaps=False,
        tolerance=2e-5,
        module=lambda: leak_module(0.5),
    ),
    "StateSpace walk": Case(lambda: sa.StateSpace(cycles=0, local_level="walk"), kalman_loop, drops_gaps=False),
    "StateSpace cycle": Case(lambda: sa.StateSpace(cycles=1), kalman_loop, drops_gaps=False),
    "StateSpace season": Case(
        lambda: sa.StateSpace(cycles=0, local_level="trend", season=6), kalman_loop, drops_gaps=False
    ),
    "StateSpace seasons": Case(
        lambda: sa.StateSpace(cycles=0, local_level="damped_trend", season=[4, 8]), kalman_loop, drops_gaps=False
    ),
    "StateSpace drift": Case(lambda: sa.StateSpace(cycles=0, local_level="drift"), kalman_loop, drops_gaps=False),
    "TorchWindow trained already": Case(
        lambda: sa.from_torch(note_module(), lags=4, training=None),
        fed_back(module_step),
        tolerance=2e-5,
        module=lambda: note_module(5),
        needs_fit=False,
    ),
    "Windowed": Case(lambda: sa.Windowed(Ridge(), lags=5), fed_back(windowed_step), savable=False),
    "Windowed chunk": Case(
        lambda: sa.Windowed(DecisionTreeRegressor(max_depth=4, random_state=0), lags=5, chunk=4),
        fed_back(windowed_step),
        savable=False,
    ),
    "Scaled": Case(lambda: sa.Scaled(sa.AR(4, ridge=2.0)), scaled_loop),
    "Scaled by window": Case(lambda: sa.Scaled(sa.AR(6, ridge=0.5), by="window"), scaled_by_window_loop),
    "Scaled window MLP": Case(
        lambda: sa.Scaled(sa.MLP(5, training=sa.Training(epochs=1)), by="window"), scaled_by_window_loop
    ),
    "Differenced": Case(lambda: sa.Differenced(sa.AR(3)), differenced_loop),
    "Logged": Case(lambda: sa.wrappers.Logged(sa.AR(3)), logged_loop),
    "BoxCox": Case(lambda: sa.wrappers.BoxCox(sa.AR(3), power=0.5), box_cox_loop, tolerance=1e-8),
    "Rectified": Case(lambda: sa.wrappers.Rectified(sa.AR(4), horizon=5), rectified_loop),
    "Windowed PerStep": Case(
        lambda: sa.Windowed(sa.wrappers.PerStep(Ridge()), lags=5, chunk=3), fed_back(windowed_step), savable=False
    ),
    "MarkovChain": Case(lambda: sa.MarkovChain(order=1), markov_loop, symbols=True),
    "MarkovChain 2": Case(lambda: sa.MarkovChain(order=2, smoothing=1.0), markov_loop, symbols=True),
    "MarkovChain bins": Case(lambda: sa.MarkovChain(order=2, smoothing=0.5, bins=3), binned_loop),
    "MarkovChain bic": Case(lambda: sa.MarkovChain(order="bic", bins=4), binned_loop),
    "Recurrent": Case(lambda: sa.Recurrent(Smoothing(0.3)), smoothing_loop, savable=False, drops_gaps=False),
    "MarkovChain 0": Case(
        lambda: sa.MarkovChain(order=0), markov_loop, symbols=True, ignores_data=True, drops_gaps=False
    ),
    "HMM": Case(lambda: sa.HMM(3, starts=2, iterations=30), hmm_loop, drops_gaps=False),
    "HMM categorical": Case(
        lambda: sa.HMM(2, starts=2, iterations=30), categorical_loop, symbols=True, drops_gaps=False
    ),
    "MarkovSwitchingAR": Case(lambda: sa.MarkovSwitchingAR(2, lags=2, starts=2, iterations=20), switching_loop),
    "MarkovSwitchingAR variance": Case(
        lambda: sa.MarkovSwitchingAR(2, lags=1, switching_variance=True, starts=2, iterations=20), switching_loop
    ),
}


def frequencies_loop(model: Any, values: np.ndarray, horizon: int) -> np.ndarray:
    """The commonest symbol of the month of each target, with the days counted on a calendar."""
    first = np.datetime64(int(model.start_), "s").astype("datetime64[D]").astype(object)
    months = [(first + timedelta(days=len(values) + k)).month for k in range(horizon)]
    return np.array([float(np.argmax(model.shares_[month - 1])) for month in months])


OF_YEARS: dict[str, Case] = {
    "Frequencies": Case(
        sa.baselines.Frequencies, frequencies_loop, symbols=True, days=True, ignores_data=True, drops_gaps=False
    )
}
"""Models that need more than a year of dates: no short series of the others will do."""


# -- with columns beside the values

ByParts = Callable[[Any, sa.Series, int], np.ndarray]
"""(fitted model, the series cut off at an origin, its known columns going on, steps) -> what it must forecast."""


@dataclass(frozen=True)
class ColumnCase:
    make: Callable[[], Any]
    literal: ByParts
    by_name: bool = True
    """Whether each column is named, so that others beside it change nothing."""
    tolerance: float = 1e-12

    def series(self, length: int = 120, seed: int = 0) -> sa.Series:
        shop = sa.datasets.shop(length, seed, horizon=40)
        return shop.with_values(shop.values + 100.0)  # above 0, for logarithms


def columns_known(part: sa.Series) -> dict[str, np.ndarray]:
    return dict(zip(part.known.names, part.known.values.T, strict=True))


def columns_past(part: sa.Series) -> dict[str, np.ndarray]:
    return dict(zip(part.past.names, part.past.values.T, strict=True))


def ar_with_columns(model: sa.AR, part: sa.Series, horizon: int) -> np.ndarray:
    """One number at a time: a chunk on the values, forecasts and past columns before it, each step with its own row."""
    y, origin, lags = list(part.numbers), len(part), model.lags_
    known, past = columns_known(part), columns_past(part)
    names = {kind: [c.name for c in model.columns_ if (c.kind == "past") == (kind == "past")] for kind in ("", "past")}
    rows, levels = np.reshape(model.coefficients_, (model.chunk, lags)), np.atleast_1d(model.intercept_)
    while len(y) < origin + horizon:
        before = len(y)
        for step in range(model.chunk):
            t, ahead = before + step, levels[step]
            if t >= origin + horizon:
                break
            ahead += sum(rows[step, i] * y[before - lags + i] for i in range(lags))
            for place, name in enumerate(names[""]):
                for lag, weight in zip(model.column_lags, model.known_coefficients_[step, place], strict=True):
                    ahead += weight * known[name][t - lag]
            for place, name in enumerate(names["past"]):
                ahead += sum(
                    model.past_coefficients_[step, place, i] * past[name][before - lags + i] for i in range(lags)
                )
            y.append(ahead)
    return np.array(y[origin:])


def around(loop: Literal) -> ByParts:
    """A loop over values alone: the columns are not for it."""
    return lambda model, part, horizon: loop(model, part.numbers, horizon)


def regressed_on(inner: ByParts) -> ByParts:
    def loop(model: sa.Regressed, part: sa.Series, horizon: int) -> np.ndarray:
        known = columns_known(part)
        names = [column.name for column in model.columns_[: len(model.coefficients_)]]
        of_columns = np.array(
            [
                sum(beta * known[name][t] for beta, name in zip(model.coefficients_, names, strict=True))
                for t in range(len(part) + horizon)
            ]
        )
        left = part.with_values(part.numbers - of_columns[: len(part)])
        return inner(model.model_, left, horizon) + of_columns[len(part) :]

    return loop


def scaled_columns(model: sa.Scaled, part: sa.Series, horizon: int) -> np.ndarray:
    scaled = part.with_values((part.numbers - model.mean_) / model.std_)
    return ar_with_columns(model.model_, scaled, horizon) * model.std_ + model.mean_


def differenced_columns(model: sa.Differenced, part: sa.Series, horizon: int) -> np.ndarray:
    steps = part[1:].with_values(np.array([part.numbers[i + 1] - part.numbers[i] for i in range(len(part) - 1)]))
    found = ar_with_columns(model.model_, steps, horizon)
    return part.numbers[-1] + np.array([sum(found[: k + 1]) for k in range(horizon)])


def logged_columns(model: sa.wrappers.Logged, part: sa.Series, horizon: int) -> np.ndarray:
    inner = ar_with_columns(model.model_, part.with_values(np.log(part.numbers)), horizon)
    return np.exp(inner + spread_loop(model.model_, horizon) / 2.0)


def rectified_columns(model: sa.wrappers.Rectified, part: sa.Series, horizon: int) -> np.ndarray:
    out, window = ar_with_columns(model.model_, part, horizon), part.numbers[-model.context :]
    for k in range(min(horizon, model.horizon)):
        out[k] += sum(model.correction_[k, i] * window[i] for i in range(len(window))) + model.shift_[k]
    return out


def sampled_columns(model: sa.wrappers.Sampled, part: sa.Series, horizon: int) -> np.ndarray:
    """The mean over paths: each the forecast, and shocks that go through the responses."""
    inner = model.model_
    states = [array[-1:] for array in inner.encode(part.closed())]
    key = int(keys(tuple(states))[0])
    shocks = normals(model.seed, np.array([key]), model.n, horizon)[:, 0]
    responses = [1.0]
    for k in range(1, horizon):
        responses.append(sum(inner.coefficients_[-i] * responses[k - i] for i in range(1, min(k, inner.lags_) + 1)))
    spread = np.sqrt(inner.variance_) * np.array(
        [[sum(path[j] * responses[k - j] for j in range(k + 1)) for k in range(horizon)] for path in shocks]
    )
    return ar_with_columns(inner, part, horizon) + spread.mean(axis=0)


WITH_COLUMNS: dict[str, ColumnCase] = {
    "AR known": ColumnCase(lambda: sa.AR(3, using=("promo", "weekday")), ar_with_columns),
    "AR known lags": ColumnCase(lambda: sa.AR(2, using=("promo",), column_lags=(0, 1, 4), ridge=0.1), ar_with_columns),
    "AR known at the target": ColumnCase(
        lambda: sa.AR(2, using=("promo",), column_lags=(0,), intercept=False), ar_with_columns
    ),
    "AR past": ColumnCase(lambda: sa.AR(3, using=("warmth",), chunk=20), ar_with_columns),
    "AR both": ColumnCase(lambda: sa.AR(3, using=("warmth", "promo"), chunk=20), ar_with_columns),
    "AR chunk": ColumnCase(lambda: sa.AR(3, using=("promo", "holiday"), chunk=3), ar_with_columns),
    "AR auto": ColumnCase(lambda: sa.AR("auto", using=("promo",), horizon=8, season=None), ar_with_columns),
    "Regressed AR": ColumnCase(lambda: sa.Regressed(sa.AR(3), on=("promo",)), regressed_on(around(fed_back(ar_step)))),
    "Regressed StateSpace": ColumnCase(
        lambda: sa.Regressed(sa.StateSpace(cycles=0, local_level="walk"), on=("promo", "weekday"), weights="level"),
        regressed_on(around(kalman_loop)),
        tolerance=1e-10,
    ),
    "Regressed Mean": ColumnCase(
        lambda: sa.Regressed(sa.baselines.Mean(), on=("known",), weights="level"),
        regressed_on(lambda m, part, h: np.full(h, m.mean_)),
        by_name=False,
    ),
    "Regressed AR known": ColumnCase(
        lambda: sa.Regressed(sa.AR(2, using=("holiday",)), on=("promo",), weights="one-step"),
        regressed_on(ar_with_columns),
    ),
    "Regressed AR both": ColumnCase(
        lambda: sa.Regressed(sa.AR(2, using=("warmth", "promo"), chunk=20), on=("holiday", "promo"), weights="steps"),
        regressed_on(ar_with_columns),
    ),
    "Regressed Averaged": ColumnCase(
        lambda: sa.Regressed(sa.Averaged([sa.AR(3), sa.baselines.SES()], horizon=4), on=("promo",), weights="level"),
        regressed_on(around(averaged_loop)),
    ),
    "Regressed Scaled by window": ColumnCase(
        lambda: sa.Regressed(sa.Scaled(sa.AR(6, ridge=0.5), by="window"), on=("promo",), weights="level"),
        regressed_on(around(scaled_by_window_loop)),
    ),
    "Scaled columns": ColumnCase(lambda: sa.Scaled(sa.AR(3, using=("promo", "weekday"))), scaled_columns),
    "Differenced columns": ColumnCase(lambda: sa.Differenced(sa.AR(3, using=("promo",))), differenced_columns),
    "Logged columns": ColumnCase(lambda: sa.wrappers.Logged(sa.AR(3, using=("promo",))), logged_columns),
    "Rectified columns": ColumnCase(
        lambda: sa.wrappers.Rectified(sa.AR(3, using=("promo",)), horizon=5), rectified_columns
    ),
    "Sampled columns": ColumnCase(
        lambda: sa.wrappers.Sampled(sa.AR(3, using=("promo",)), n=20, seed=3), sampled_columns
    ),
}
"""Models that use columns: their literal loops get the series cut off at the origin, with what is known ahead."""


WINDOWS_WITH_COLUMNS: dict[str, tuple[Callable[[], Any], float]] = {
    "Windowed": (lambda: sa.Windowed(Ridge(), 5, using=["promo", "weekday"], column_lags=(0, 1)), 1e-12),
    "Windowed chunk": (lambda: sa.Windowed(Ridge(), 5, 3, using=["promo", "weekday"]), 1e-12),
    "MLP": (lambda: sa.MLP(4, 5, using=["promo", "weekday"], training=sa.Training(epochs=2)), 1e-12),
    "GRU": (lambda: sa.GRU(3, using=["promo", "weekday"], training=sa.Training(updates=4)), 2e-5),
}
"""Models with columns beside the values, on ``datasets.shop``, and the tolerance of each."""

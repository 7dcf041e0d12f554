"""The one list that names every model, each with a slow literal loop that says what it must forecast.

`literal(model, values, horizon)` gets the fitted model and the values before one origin, and nothing else. A model that is in
the public face and not on this list fails the suite.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.tree import DecisionTreeRegressor

import stepahead as sa

from .data import sine

Literal = Callable[[Any, np.ndarray, int], np.ndarray]


@dataclass(frozen=True)
class Case:
    make: Callable[[], Any]
    literal: Literal
    symbols: bool = False
    savable: bool = True
    ignores_data: bool = False
    drops_gaps: bool = True

    def series(self, length: int = 120, seed: int = 0) -> sa.Series:
        if self.symbols:
            rng = np.random.default_rng(seed)
            return sa.Series(np.array(["fog", "rain", "sun"])[rng.integers(0, 3, length)].tolist())
        return sa.Series(3.0 + sine(seed, length) + 0.5 * np.sin(np.arange(length)))


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
        inner = [max(0.0, sum(window[i] * w1[i, h] for i in range(len(window))) + w1[-1, h]) for h in range(model.hidden)]
        outs.append([sum(inner[h] * w2[h, c] for h in range(model.hidden)) + w2[-1, c] for c in range(model.chunk)])
    return np.mean(outs, axis=0)


def windowed_step(model: sa.Windowed, known: np.ndarray) -> np.ndarray:
    return np.ravel(model.regressor_.predict(known[None, -model.lags :]))


def scaled_loop(model: sa.Scaled, values: np.ndarray, horizon: int) -> np.ndarray:
    inner = fed_back(ar_step)(model.model_, (values - model.mean_) / model.std_, horizon)
    return inner * model.std_ + model.mean_


def scaled_by_window_loop(model: sa.Scaled, values: np.ndarray, horizon: int) -> np.ndarray:
    window = values[-model.context :]
    mean, deviation = np.mean(window), np.std(window)
    step = mlp_step if isinstance(model.model_, sa.MLP) else ar_step
    return fed_back(step)(model.model_, (window - mean) / deviation, horizon) * deviation + mean


def differenced_loop(model: sa.Differenced, values: np.ndarray, horizon: int) -> np.ndarray:
    steps = fed_back(ar_step)(model.model_, np.array([values[i + 1] - values[i] for i in range(len(values) - 1)]), horizon)
    return values[-1] + np.array([sum(steps[: k + 1]) for k in range(horizon)])


def rectified_loop(model: sa.Rectified, values: np.ndarray, horizon: int) -> np.ndarray:
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


def drift_loop(model: sa.Drift, values: np.ndarray, horizon: int) -> np.ndarray:
    slope = (values[-1] - values[0]) / (len(values) - 1)
    return np.array([values[-1] + k * slope for k in range(1, horizon + 1)])


def markov_loop(model: sa.MarkovChain, values: np.ndarray, horizon: int) -> np.ndarray:
    """Sum over every path of the next symbols: no matrix is multiplied."""
    states, order = model.states_, model.order
    size = len(states)

    def law(context: tuple[int, ...], k: int) -> np.ndarray:
        row = 0
        for place in context:
            row = row * size + place
        here = model.transition_[row]
        if k == 1:
            return here
        total = np.zeros(size)
        for place in range(size):
            if here[place] > 0.0:
                total += here[place] * law((*context, place)[1:] if order else (), k - 1)
        return total

    context = tuple(int(v) for v in values[len(values) - order :])
    return np.array([int(np.argmax(law(context, k))) for k in range(1, horizon + 1)], dtype=float)


CASES: dict[str, Case] = {
    "Mean": Case(sa.Mean, lambda m, v, h: np.full(h, m.mean_), ignores_data=True, drops_gaps=False),
    "Naive": Case(sa.Naive, lambda m, v, h: np.full(h, v[-1])),
    "SeasonalNaive": Case(lambda: sa.SeasonalNaive(7), lambda m, v, h: np.array([v[len(v) - 7 + k % 7] for k in range(h)])),
    "Drift": Case(sa.Drift, drift_loop),
    "AR": Case(lambda: sa.AR(4), fed_back(ar_step)),
    "AR ridge": Case(lambda: sa.AR(12, ridge=0.5), fed_back(ar_step)),
    "AR anchored chunk": Case(lambda: sa.AR(6, chunk=3, anchor="last", ridge=1e-3), fed_back(ar_step)),
    "AR long chunk": Case(lambda: sa.AR(2, chunk=5), fed_back(ar_step)),
    "AR yule-walker": Case(lambda: sa.AR(5, method="yule-walker"), fed_back(ar_step)),
    "AR burg": Case(lambda: sa.AR(5, method="burg", intercept=False), fed_back(ar_step)),
    "AR auto": Case(lambda: sa.AR("auto", horizon=8), fed_back(ar_step)),
    "MLP": Case(lambda: sa.MLP(4, epochs=2), fed_back(mlp_step)),
    "MLP ensemble": Case(lambda: sa.MLP(3, hidden=5, epochs=1, chunk=2, ensemble=3, seed=5), fed_back(mlp_step)),
    "SSA": Case(lambda: sa.SSA(rank=2, window=20), ssa_loop),
    "Windowed": Case(lambda: sa.Windowed(Ridge(), lags=5), fed_back(windowed_step), savable=False),
    "Windowed chunk": Case(
        lambda: sa.Windowed(DecisionTreeRegressor(max_depth=4, random_state=0), lags=5, chunk=4),
        fed_back(windowed_step),
        savable=False,
    ),
    "Scaled": Case(lambda: sa.Scaled(sa.AR(4, ridge=2.0)), scaled_loop),
    "Scaled by window": Case(lambda: sa.Scaled(sa.AR(6, ridge=0.5), by="window"), scaled_by_window_loop),
    "Scaled window MLP": Case(lambda: sa.Scaled(sa.MLP(5, epochs=1), by="window"), scaled_by_window_loop),
    "Differenced": Case(lambda: sa.Differenced(sa.AR(3)), differenced_loop),
    "Rectified": Case(lambda: sa.Rectified(sa.AR(4), horizon=5), rectified_loop),
    "Windowed PerStep": Case(lambda: sa.Windowed(sa.PerStep(Ridge()), lags=5, chunk=3), fed_back(windowed_step), savable=False),
    "MarkovChain": Case(lambda: sa.MarkovChain(order=1), markov_loop, symbols=True),
    "MarkovChain 2": Case(lambda: sa.MarkovChain(order=2, smoothing=1.0), markov_loop, symbols=True),
    "MarkovChain 0": Case(lambda: sa.MarkovChain(order=0), markov_loop, symbols=True, ignores_data=True, drops_gaps=False),
}

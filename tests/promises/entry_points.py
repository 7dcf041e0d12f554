"""The ways in: every call that takes data, and a command line that reads the same from a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import Ridge

import stepahead as sa

from ..data import each

X = np.round(3.0 + np.sin(np.arange(40)) + 0.3 * np.random.default_rng(0).normal(size=40), 3)
"""A series that nothing is wrong with."""
WORDS = ["sun", "rain", "sun", "fog", "sun"] * 8

MODELS: dict[str, Callable[[], Any]] = {
    "AR": lambda: sa.AR(3),
    "AR burg": lambda: sa.AR(3, method="burg"),
    "AR direct": lambda: sa.AR(2, chunk=2),
    "Mean": sa.baselines.Mean,
    "Naive": sa.baselines.Naive,
    "SSA": lambda: sa.SSA(2, window=8),
    "StateSpace": lambda: sa.StateSpace(cycles=0, local_level="walk"),
    "Scaled MLP": lambda: sa.Scaled(sa.MLP(3, training=sa.Training(epochs=1))),
    "Differenced": lambda: sa.Differenced(sa.AR(2)),
    "Windowed": lambda: sa.Windowed(Ridge(), lags=3),
    "HMM": lambda: sa.HMM(2, starts=1, iterations=5),
    "bins": lambda: sa.MarkovChain(1, bins=3, smoothing=1.0),
}
"""Models of numbers, one of each kind."""
FITTED = {name: make().fit(X) for name, make in MODELS.items()}

EntryPoint = Callable[[Any, str], Any]
ENTRY_POINTS: dict[str, EntryPoint] = {
    "fit": lambda data, name: MODELS[name]().fit(data),
    "forecast": lambda data, name: sa.forecast(FITTED[name], data, 2),
    "model.forecast": lambda data, name: FITTED[name].forecast(data, 2),
    "k_step": lambda data, name: sa.k_step(FITTED[name], data, 2, train=0),
    "evaluate": lambda data, name: sa.evaluate(MODELS[name](), data, 2),
    "audit": lambda data, name: sa.audit(MODELS[name](), data, 2, cuts=[30]),
}
"""Every door that takes a series and a model."""
ALONE: dict[str, Callable[[Any], Any]] = {
    "Series": sa.Series,
    "pairs": lambda data: sa.pairs(data, 2),
    "select": lambda data: sa.select([sa.AR(1), sa.AR(2)], data, 2),
    "evaluate(fit=each)": lambda data: each([sa.AR(2)], [sa.Series(data)], 2),
    "in a panel": lambda data: sa.AR(2).fit([X, data]),
}
"""Doors that take a series alone."""


def written(folder: Path, column: list[Any], name: str = "x", times: list[Any] | None = None) -> Path:
    """A CSV file of one column, and of times where there are any."""
    path = folder / "f.csv"
    head = [name] if times is None else ["t", name]
    lines = [[cell] if times is None else [when, cell] for when, cell in zip(times or column, column, strict=True)]
    path.write_text("\n".join(",".join(map(str, line)) for line in [head, *lines]) + "\n", encoding="utf-8")
    return path


UNHURRIED = ("StateSpace cycle", "StateSpace season", "AR auto", "SSA auto", "GRU", "LSTM ensemble", "MLP augmented")

Run = Callable[..., tuple[int, str, str]]
COMMANDS: dict[str, list[Any]] = {
    "evaluate": ["--horizon", 2, "--models", "ar,mean", "--lags", 2],
    "forecast": ["--horizon", 2, "--models", "ar", "--lags", 2],
}


def typed(run: Run, command: str, path: Path, *more: Any) -> tuple[int, str, str]:
    """A command line on a file: never a traceback, and one line of words for an error."""
    code, out, err = run(command, path, *COMMANDS[command], *more)
    assert "Traceback" not in err + out
    assert "a fault of ours" not in err, err
    if code not in (0, 6):
        assert out == ""
        assert len(err.strip().splitlines()) == 1, err
    return code, out, err


def few(values: Sequence[Any], count: int = 8) -> list[Any]:
    """Some of many cases of one kind, spread over them all; the others as slow tests."""
    step = max(1, len(values) // count)
    return [
        value if place % step == 0 else pytest.param(value, marks=pytest.mark.slow)
        for place, value in enumerate(values)
    ]


def unhurried(names: Iterable[str]) -> list[Any]:
    """The names of cases, those of models whose fit takes a second as slow tests."""
    return [pytest.param(name, marks=pytest.mark.slow) if name in UNHURRIED else name for name in names]

"""Real series that tests read in place; a test that needs one says so and skips where it is absent."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import stepahead as sa


def stochastic(kind: str, seed: int) -> np.ndarray:
    rng = np.random.default_rng(1000 + seed)
    if kind == "AR(2)":
        return sa.datasets.ar_process((0.2, 0.6), seed=1000 + seed).values
    return rng.normal(size=1000) if kind == "white noise" else np.cumsum(rng.normal(size=1000))


def design(x: np.ndarray, lags: int, chunk: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rows = range(lags, len(x) - chunk + 1)
    return np.array([x[o - lags : o] for o in rows]), np.array([x[o : o + chunk] for o in rows])


ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("STEPAHEAD_DATA", ROOT.parent / "shared" / "data"))
EXAMPLES = ROOT / "examples"
ALWAYS = ("Mean", "Naive", "SES", "Line", "Drift")
"""The baselines that stand in every table of numbers."""


def path(name: str) -> Path:
    found = FOLDER / name
    if not found.exists():
        pytest.skip(f"{name} is not here: set STEPAHEAD_DATA to a folder that has it")
    return found


def sine(seed: int, length: int = 1000) -> np.ndarray:
    """The note's series by its own formula, written out once more: no test checks the simulator against itself."""
    return np.sin(0.01 * np.arange(1, length + 1)) + np.random.default_rng(seed).normal(0.0, 0.2, length)


def each(
    models: object, data: object, horizon: int, train: float | int = 0.6, **given: object
) -> sa.results.Comparison:
    """A fit for each of many series, the errors alone kept."""
    return sa.evaluate(models, data, horizon, train, fit="each", keep="scores", **given)


def streamed(
    models: object, source: object, horizon: int, train: float | int = 0.6, **given: object
) -> sa.results.Comparison:
    """One series read in pieces, the errors alone kept."""
    return sa.evaluate(models, sa.pieces(source), horizon, train, keep="scores", **given)


def readings(scores: sa.results.Comparison) -> dict[str, np.ndarray]:
    """Every reading, {name: [series, models, steps]}."""
    return {name: scores.scorer.by_series(name) for name in scores.scorer.readings}


def of_series(scores: sa.results.Comparison, name: str) -> dict[str, dict[str, np.ndarray]]:
    """Every reading of one series, {model: {reading: [steps]}}."""
    place = scores.scorer.series.index(name)
    found = readings(scores)
    return {
        model: {key: values[place, at] for key, values in found.items()}
        for at, model in enumerate(scores.scorer.models)
    }


def ends_ahead(model, series, horizon, level=0.9, **how):
    """(low, high), each [horizon]: the ends of the intervals around a forecast."""
    found = sa.forecast(model, series, horizon, level, **how)
    return found.low, found.high

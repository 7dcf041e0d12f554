"""Many series, and the same ones one by one."""

from __future__ import annotations

import re
import subprocess
import sys
import tracemalloc

import numpy as np
from sklearn.linear_model import Ridge

import stepahead as sa
from stepahead.reading.pieces import pieces

from .data import ROOT, of_series, streamed


def waves(count: int, length: int, seed: int = 0, noise: float = 0.2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.sin(rng.uniform(0.03, 0.3, (count, 1)) * np.arange(length)) + rng.normal(0.0, noise, (count, length))


def alone(models, item, horizon: int, train, **options):
    """The result of `evaluate`, and the status; None and why there is none."""
    options = {"season": None, **options}  # many series are not scanned for one
    try:
        return sa.evaluate(models, sa.Series(item), horizon, train, **options), "ok"
    except sa.errors.StepaheadError as error:
        return None, str(error)


KINDS = {
    "ar": lambda: [sa.AR(4), sa.AR(1, intercept=False)],
    "ar in chunks": lambda: [sa.AR(3, chunk=4, ridge=0.1), sa.AR(5, anchor="last")],
    "ar chosen": lambda: [sa.AR("auto", horizon=16)],
    "burg": lambda: [sa.AR(3, method="burg")],
    "baselines": lambda: [sa.baselines.Drift(), sa.baselines.SeasonalNaive(7), sa.baselines.Mean()],
    "ssa": lambda: {"two": sa.SSA(2, window=20), "four": sa.SSA(4)},
    "ssa chosen": lambda: [sa.SSA(horizon=8)],
    "mlp": lambda: [
        sa.MLP(4, hidden=4, training=sa.Training(epochs=2)),
        sa.Scaled(sa.MLP(3, hidden=3, chunk=3, ensemble=2, training=sa.Training(epochs=1))),
    ],
    "bins": lambda: [sa.MarkovChain(1, bins=4), sa.MarkovChain(0, bins=3), sa.MarkovChain(2, bins=3, smoothing=1.0)],
    "scaled": lambda: [sa.Scaled(sa.AR("auto")), sa.Scaled(sa.AR(4), by="window")],
    "steps": lambda: [
        sa.Differenced(sa.AR(2)),
        sa.Differenced(sa.baselines.Mean()),
        sa.Differenced(sa.SSA(2, window=20)),
    ],
    "corrected": lambda: {
        "ar": sa.wrappers.Rectified(sa.AR(4), horizon=8),
        "long": sa.wrappers.Rectified(sa.baselines.Drift(), horizon=20, ridge=0.01),
    },
    "one in the other": lambda: [
        sa.Differenced(sa.Scaled(sa.AR(3))),
        sa.Scaled(sa.Differenced(sa.wrappers.Rectified(sa.AR(2), horizon=5))),
    ],
    "no stacked way": lambda: [sa.Windowed(Ridge(), lags=4), sa.Differenced(sa.AR(2, method="burg"))],
}


def assert_stream(models, x: np.ndarray, horizon: int, train, size: int, rtol: float = 1e-9, **options) -> None:
    options = {"season": None, **options}  # none is looked for in a stream
    expected = sa.evaluate(models, x, horizon, train, **options)
    scores = streamed(models, pieces(x, size=size), horizon, train, **options)
    assert [expected[name] for name in scores] == list(expected.values())  # of one that chooses as it was asked for
    for model in scores:
        result = expected[model]
        np.testing.assert_array_equal(scores.scorer.n[0], result.n())
        for key, values in result._readings().items():
            close = {"rtol": rtol, "atol": rtol if key in ("bias", "skill") else 0.0}
            np.testing.assert_allclose(of_series(scores, "0")[model][key], values, **close, err_msg=f"{model} {key}")


def peak_of(job) -> int:
    tracemalloc.start()
    job()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def benchmark(*arguments: object) -> tuple[float, float]:
    """Seconds and megabytes of one job of benchmarks/scale.py, in a process of its own."""
    typed = [sys.executable, str(ROOT / "benchmarks" / "scale.py"), *map(str, arguments)]
    out = subprocess.run(typed, capture_output=True, text=True, check=True).stdout
    seconds, peak = re.search(r"([\d.]+) s +peak +(\d+) MB", out).groups()
    return float(seconds), float(peak)

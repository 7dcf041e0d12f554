"""One road from a series to its scores, beside an older stepahead: seconds, ratios and memory.

    python benchmarks/road.py                        # this one alone
    python benchmarks/road.py --old PATH             # beside the checkout of another version

Ratios are what to read: jobs of both versions take turns, each in a process of its own, one thread, and the medians of their
process CPU times are compared. Memory is the peak of a process above what it held before the job.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
Job = Callable[[], object]


def waves(count: int, length: int, seed: int = 0):
    import numpy as np

    rng = np.random.default_rng(seed)
    return np.sin(rng.uniform(0.03, 0.3, (count, 1)) * np.arange(length)) + rng.normal(0.0, 0.2, (count, length))


def each(models, panel, horizon: int):
    """A fit each, as this version and 0.1.0 spell it."""
    import stepahead as sa

    if hasattr(sa, "evaluate_each"):
        return sa.evaluate_each(models, panel, horizon)
    return sa.evaluate(models, panel, horizon, fit="each", keep="scores")


def one_series() -> Job:
    import stepahead as sa

    series = sa.datasets.noisy_sine(length=5000, seed=0)
    return lambda: sa.evaluate([sa.AR(4), sa.SSA(2, window=32)], series, 64, 3000).table()


def readings() -> Job:
    import stepahead as sa

    series = sa.datasets.noisy_sine(length=5000, seed=0)
    return lambda: [one.readings() for one in sa.evaluate([sa.AR(4)], series, 64, 3000).values()]


def a_fit_each() -> Job:
    import stepahead as sa

    panel = waves(2000, 500)
    return lambda: each([sa.AR(4)], panel, 64)


def pooled() -> Job:
    import stepahead as sa

    panel = list(waves(1000, 500))
    return lambda: sa.evaluate([sa.AR(4)], panel, 64)


def trusted() -> Job:
    import stepahead as sa

    series = sa.datasets.noisy_sine(length=100_001 + 64 + 1000 - 1, seed=0)
    result = sa.evaluate([sa.AR(4)], series, 64, 1000)

    def job() -> object:
        for one in result.values():  # what was read before is kept: read it anew
            one.__dict__.pop("_averages", None)
        result.__dict__.pop("_averages", None)
        return result.trusted_horizon()

    return job


def differenced() -> Job:
    import stepahead as sa

    panel = waves(400, 200)
    return lambda: each([sa.Differenced(sa.AR(4))], panel, 32)


def rectified() -> Job:
    import stepahead as sa

    panel = waves(400, 200)
    return lambda: each([sa.Rectified(sa.AR(4), horizon=32)], panel, 32)


def errors_alone() -> Job:
    import stepahead as sa

    x = sa.datasets.noisy_sine(length=1_000_000, seed=0).values
    return lambda: sa.evaluate([sa.AR(4)], x, 64, 500_000, keep="scores")


def moments() -> Job:
    """What the errors alone cannot do without: a forecast of AR(4), Mean and Naive, and the sum of their squared errors."""
    import numpy as np

    import stepahead as sa

    x = sa.datasets.noisy_sine(length=1_000_000, seed=0).values

    def job() -> None:
        for rows in range(0, 500_000, 1024):
            error = np.empty((1024, 64))
            for _ in range(3):
                np.einsum("ij,ij->j", error, error)
        del rows

    return lambda: (job(), x)


JOBS: dict[str, tuple[Callable[[], Job], float | None]] = {
    "evaluate, one series of 5,000, and its table": (one_series, 1.05),
    "evaluate, one series of 5,000, and its readings": (readings, 1.05),
    "a fit each, 2,000 x 500": (a_fit_each, 1.05),
    "one pooled fit, 1,000 x 500": (pooled, 1 / 4),
    "trusted_horizon, 100,001 rows x 64": (trusted, 1 / 2.5),
    "Differenced(AR(4)), a fit each, 400 x 200": (differenced, 1 / 10),
    "Rectified(AR(4)), a fit each, 400 x 200": (rectified, 1 / 10),
}
"""What is timed, and how much of the time of 0.1.0 it may take."""

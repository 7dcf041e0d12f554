"""One road from a series to its scores, beside an older stepahead: seconds, ratios and memory.

    python benchmarks/road.py                        # this one alone
    python benchmarks/road.py --old PATH             # beside the checkout of another version

Ratios are what to read: jobs of both versions take turns, each in a process of its own, one thread, and the medians of
their process CPU times are compared. Memory is the peak of a process above what it held before the job.
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
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
LONG, CUT = 1_000_000, 600_000
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
    return lambda: [one._readings() for one in sa.evaluate([sa.AR(4)], series, 64, 3000).values()]


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
        return result.judge() if hasattr(result, "judge") else result.trusted_horizon()  # an older one's answer

    return job


def differenced() -> Job:
    import stepahead as sa

    panel = waves(400, 200)
    return lambda: each([sa.Differenced(sa.AR(4))], panel, 32)


def rectified() -> Job:
    import stepahead as sa

    panel = waves(400, 200)
    return lambda: each([sa.wrappers.Rectified(sa.AR(4), horizon=32)], panel, 32)


def errors_alone() -> Job:
    import stepahead as sa

    x = sa.datasets.noisy_sine(length=LONG, seed=0).values
    return lambda: sa.evaluate([sa.AR(4)], x, 64, CUT, keep="scores")


def moments() -> Job:
    """The squared errors of AR(4) from second moments: sums of products of the values and no forecast at all.

    A bound for what the errors cost: it knows linear models alone, and the squared error alone.
    """
    import numpy as np

    import stepahead as sa

    x = sa.datasets.noisy_sine(length=LONG, seed=0).values
    model = sa.AR(4).fit(x[:CUT])
    lines, one = list(np.eye(5)[:4]), np.eye(5)[4]  # what each value is of the window before it and of 1
    for _ in range(64):
        lines.append(
            sum(c * line for c, line in zip(model.coefficients_.ravel(), lines[-4:], strict=True))
            + model.intercept_ * one
        )
    ahead, constant = np.array(lines[4:])[:, :4], np.array(lines[4:])[:, 4]
    weights = np.concatenate([ahead, -np.eye(64)], axis=1)  # [steps, 68] of a window and its targets

    def job() -> object:
        y = x[CUT - 4 :]
        n, width = len(y) - 67, 68
        gram = np.empty((width, width))
        gram[0] = [y[:n] @ y[lag : lag + n] for lag in range(width)]
        for row in range(1, width):
            first, last = y[row - 1 : width - 1], y[n + row - 1 :]
            gram[row, row:] = gram[row - 1, row - 1 : -1] - y[row - 1] * first + y[n + row - 1] * last
            gram[row, :row] = gram[:row, row]
        sums = np.concatenate([[y[:n].sum()], np.zeros(width - 1)])
        for place in range(1, width):
            sums[place] = sums[place - 1] - y[place - 1] + y[n + place - 1]
        square = np.einsum("ka,ab,kb->k", weights, gram, weights, optimize=True)
        return np.sqrt(square / n + 2 * constant * (weights @ sums) / n + constant**2)

    return job


JOBS: dict[str, tuple[str, float | None]] = {
    "evaluate, one series of 5,000, and its table": ("one_series", 1.05),
    "evaluate, one series of 5,000, and its readings": ("readings", 1.05),
    "a fit each, 2,000 x 500": ("a_fit_each", 1.05),
    "one pooled fit, 1,000 x 500": ("pooled", 1 / 4),
    "how far to trust it, 100,001 rows x 64": ("trusted", None),  # the older one asks for less
    "Differenced(AR(4)), a fit each, 400 x 200": ("differenced", 1 / 10),
    "Rectified(AR(4)), a fit each, 400 x 200": ("rectified", 1 / 10),
}
"""What is timed, and the most of the older version's time that it may take."""


def seconds_of(job: str, source: Path) -> float:
    """Process seconds of one job of a version, in a process of its own."""
    return float(apart(job, source).split()[0])


def apart(job: str, source: Path) -> str:
    """What a job prints: its seconds, and the memory above the start in MB."""
    environment = os.environ | ONE_THREAD | {"PYTHONPATH": str(source)}
    typed = [sys.executable, __file__, "--job", job]
    return subprocess.run(typed, env=environment, capture_output=True, text=True, check=True).stdout  # noqa: S603


def held_mb(what: str) -> float:
    """What this process holds ("VmRSS"), or the most it ever held ("VmHWM"), in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(what))) / 1024


def one_job(name: str) -> None:
    warnings.simplefilter("ignore")
    job = globals()[name]()
    before, taken = held_mb("VmRSS"), []
    for _ in range(3):
        began = time.process_time()
        job()
        taken.append(time.process_time() - began)
    print(min(taken), held_mb("VmHWM") - before)


def main() -> None:
    options = argparse.ArgumentParser(description="One road, beside an older version.")
    options.add_argument("--old", type=Path, help="the checkout of an older version")
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--job", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.job:
        one_job(given.job)
    else:
        side_by_side(given.old, given.runs)


def side_by_side(old: Path | None, runs: int) -> None:
    new = ROOT / "src"
    for told, (name, most) in JOBS.items():
        ours, theirs = [], []
        for _ in range(runs):
            ours.append(seconds_of(name, new))
            if old is not None:
                theirs.append(seconds_of(name, old / "src"))
        text = f"  {told:<52} {statistics.median(ours):8.3f} s"
        if theirs:
            ratio = statistics.median(theirs) / statistics.median(ours)
            text += f"   older {statistics.median(theirs):8.3f} s   {ratio:6.2f} times as fast"
            text += "" if most is None else f" (aim {1 / most:.2f})"
        print(text, flush=True)
    bound = statistics.median(seconds_of("moments", new) for _ in range(runs))
    found = [tuple(map(float, apart("errors_alone", new).split())) for _ in range(runs)]
    seconds, peak = (statistics.median(column) for column in zip(*found, strict=True))
    print(
        f"  errors alone, {LONG:,} values, AR(4), Mean, Naive, H = 64: {seconds:.3f} s, {peak:.0f} "
        "MB above the start (aim 150)"
    )
    print(f"    {seconds / bound:.1f} times second moments of AR(4), which know nothing but its squared errors")


if __name__ == "__main__":
    main()

"""The rule of the answer: how often it errs, what it costs in data, and what in time. Each line beside what theory asks
for.

python benchmarks/verdict.py          # everything, some minutes
python benchmarks/verdict.py time     # one table: size, power, within or time
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from stepahead.evaluation import graph, tested, within
from stepahead.evaluation.graph import Plan
from stepahead.evaluation.rule import judge
from stepahead.evaluation.tested import Losses, Table
from stepahead.numerics.prewhitened import Sample

MARGIN, ALPHA, H = 0.01, 0.05, 12


def moving_sums(rng: np.random.Generator, rows: int, n: int, k: int, t3: bool = False) -> np.ndarray:
    """Errors k steps ahead, [rows, n], of variance 1: sums of k surprises in a row, MA(k - 1)."""
    shocks = rng.standard_t(3, (rows, n + k - 1)) if t3 else rng.normal(size=(rows, n + k - 1))
    total = np.cumsum(np.concatenate([np.zeros((rows, 1)), shocks], axis=1), axis=1)
    return (total[:, k:] - total[:, :-k]) / np.sqrt(k)


def remembering(rng: np.random.Generator, n: int, ar: float) -> np.ndarray:
    """AR(1) of variance 1."""
    out, warm = rng.normal(size=n + 300), np.sqrt(1.0 - ar * ar)
    for t in range(1, len(out)):
        out[t] = ar * out[t - 1] + warm * out[t]
    return out[300:]


def at_the_margin(rng: np.random.Generator, models: int, n: int, kind: str) -> np.ndarray:
    """Losses [models + 1, H, n] at which every model saves the margin exactly: whatever is shown is false."""
    if kind.startswith("constants"):
        x = remembering(rng, n + H, float(kind.split()[1]))
        ahead = np.array([x[k : k + n] for k in range(H)])
        shares = 0.3 * np.arange(models) / models  # of noise of their own in it, so that no two are the same
        noise = [np.sqrt(share) * remembering(rng, n, float(kind.split()[1])) for share in shares]
        own = [np.square(ahead + np.sqrt(0.98 - share) + one) for share, one in zip(shares, noise, strict=True)]
        return np.array([*own, np.square(ahead - 1.0)])
    losses = np.array([np.square(moving_sums(rng, models + 1, n, k, kind == "t3")) for k in range(1, H + 1)])
    losses = np.ascontiguousarray(losses.transpose(1, 0, 2))
    losses[:models] *= 1.0 - MARGIN
    return losses


def table_of(losses: np.ndarray, models: int) -> Table:
    """The table of losses that start anew at every step from 1 on."""
    found: list[Losses] = [partial(lambda one, part: one[part].T, one) for one in losses]
    sample = Sample.of(np.arange(losses.shape[2]), np.arange(1, losses.shape[1] + 1))
    return Table(tuple(found[:models]), tuple(found[models:]), sample)


def shown(losses: np.ndarray, models: int, plan: Plan) -> np.ndarray:
    """[models, steps] what is shown."""
    found = tested.measured(table_of(losses, models), MARGIN)
    return graph.walk(found.p, plan, np.arange(1, losses.shape[1] + 1), ALPHA)[0]


def show_size(draws: int = 500) -> None:
    print(f"Any false step of any model, {draws} draws (5 % at most; starts and shares named on values before)")
    print("                        " + "".join(f"  n={n}, m=1   3  10" for n in (60, 100, 333)))
    for kind in ("normal", "t3", "constants .9", "constants .95"):
        cells = []
        for n in (60, 100, 333):
            for models in (1, 3, 10):
                rng, false = np.random.default_rng([n, models]), 0
                for _ in range(draws):
                    losses = at_the_margin(rng, models, n + n // 2 + H, kind)
                    means = losses[:, :, : n // 2].mean(axis=2)
                    plan = graph.planned(means[:models], means[models:], np.arange(1, H + 1), MARGIN)
                    false += bool(shown(losses[:, :, -n:], models, plan).any())
                cells.append(f"{false / draws:.3f}")
        print(f"  {kind:20s} {'  '.join(cells)}")


def show_power(draws: int = 200) -> None:
    print(
        f"Steps 1 to 8 shown, errors of MA(k - 1) at 1 - .7, .66, .. of the baseline's loss, one model, {draws} draws"
    )
    for n in (100, 200, 333, 600, 1000):
        rng, found = np.random.default_rng(n), 0
        for _ in range(draws):
            losses = np.array([np.square(moving_sums(rng, 2, n, k)) for k in range(1, 9)]).transpose(1, 0, 2).copy()
            losses[0] *= (0.3 + 0.04 * np.arange(8))[:, None]
            found += bool(shown(losses, 1, Plan.equal(1)).all())
        print(f"  n={n:5d}  {found / draws:.2f}")


def show_within(draws: int = 500) -> None:
    print(f"Within a width that holds nine in ten exactly: shown at step 1, {draws} draws (5 % at most)")
    for ar in (0.0, 0.5, 0.9, 0.95):
        cells = []
        for n in (60, 100, 333):
            rng, sample = np.random.default_rng(n), Sample.of(np.arange(n), np.array([1]))
            sizes = [np.abs(remembering(rng, n, ar))[:, None] for _ in range(draws)]
            false = sum(within.inside(lambda part, one=one: one, sample, 1.6448536).steps for one in sizes)
            cells.append(f"n={n} {false / draws:.3f}")
        print(f"  AR(1) {ar:4.2f}  {'  '.join(cells)}")


def show_time() -> None:
    print("Time of the whole answer, seconds of CPU: without the ends of any model, with those of the model spoken of")
    for models, baselines, steps, n in ((6, 5, 64, 333), (5, 5, 64, 100_000)):
        rng = np.random.default_rng(0)
        errors = rng.normal(size=(models + baselines, n + steps)).cumsum(axis=1)
        errors[0] *= 0.7

        def losses(place: int, part: slice, errors: np.ndarray = errors, n: int = n) -> np.ndarray:
            one = errors[place]
            return np.square(np.stack([one[k : k + n] - one[:n] for k in range(part.start + 1, part.stop + 1)], axis=1))

        names = {f"model {i}": partial(losses, i) for i in range(models)}
        others = {f"baseline {i}": partial(losses, models + i) for i in range(baselines)}
        sample, every = Sample.of(np.arange(n), np.arange(1, steps + 1)), np.arange(1, steps + 1)
        judge(names, others, every[:2], Sample.of(np.arange(n), every[:2]))  # what is imported and tabled once
        start = time.process_time()
        answer = judge(names, others, every, sample)
        made = time.process_time()
        answer.low(answer.head)
        ends = time.process_time()
        print(f"  {n:7d} rows, {models} models, {steps} steps: {made - start:.3f}, {ends - start:.3f}")


TABLES: dict[str, Callable[[], None]] = {
    "size": show_size,
    "power": show_power,
    "within": show_within,
    "time": show_time,
}

if __name__ == "__main__":
    for wanted in sys.argv[1:] or TABLES:
        TABLES[wanted]()

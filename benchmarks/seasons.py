"""How often does the season detector find a season where there is none, how often the true one, and what does it cost?

python benchmarks/seasons.py              # everything, some minutes
python benchmarks/seasons.py false 200    # one table (false, found or cost), so many draws a cell
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from stepahead.numerics import seasonality

Draw = Callable[[np.random.Generator, int], np.ndarray]


def autoregression(*weights: float) -> Draw:
    """Newest lag first, a hundred values in; a unit root begins at zero."""

    def made(rng: np.random.Generator, n: int) -> np.ndarray:
        before = 0 if sum(weights) >= 1.0 else 100
        shock, x = rng.normal(size=n + before), np.zeros(n + before)
        for t in range(n + before):
            x[t] = shock[t] + sum(weight * x[t - lag] for lag, weight in enumerate(weights, start=1) if lag <= t)
        return x[before:]

    return made


NONE: dict[str, Draw] = {
    "white noise": lambda rng, n: rng.normal(size=n),
    "random walk": autoregression(1.0),
    "AR(1) .9": autoregression(0.9),
    "AR(2) .5 .3": autoregression(0.5, 0.3),
    "AR(2) 1.5 -.75, cycles of 12": autoregression(1.5, -0.75),
    "trend": lambda rng, n: 0.1 * np.arange(n) + rng.normal(size=n),
    "growth": lambda rng, n: 100.0 * np.exp(0.01 * np.arange(n) + 0.05 * rng.normal(size=n)),
    "growth, a walk": lambda rng, n: 100.0 * np.exp(np.cumsum(0.01 + 0.05 * rng.normal(size=n))),
}
"""Series without a season."""
STEPS: dict[str, tuple[int, ...]] = {
    "scan": (),
    "quarter": (4,),
    "month": (12,),
    "week": (52,),
    "day": (7, 365),
    "hour": (24, 168),
}


def detect(values: np.ndarray, candidates: tuple[int, ...]) -> tuple[int, ...]:
    """The periods found: among the candidates, or by a scan where there are none."""
    return (seasonality.among(values, candidates) if candidates else seasonality.scanned(values)).found


def false_share(draw: Draw, n: int, candidates: tuple[int, ...], draws: int) -> float:
    """How often a season is found in `draws` series of `n` values."""
    return float(np.mean([bool(detect(draw(np.random.default_rng([n, d]), n), candidates)) for d in range(draws)]))


def show_false(draws: int = 1000) -> None:
    print(f"A season found where there is none, % of {draws} series a cell (one cell: at most {limit_of(draws):.1f})")
    every = []
    for n in (60, 100, 300):
        steps = {name: tried for name, tried in STEPS.items() if not tried or seasonality.allowed(tried[0], n)}
        print(f"  {n} values{'':23s}" + "".join(f"{name:>9s}" for name in steps))
        for name, draw in NONE.items():
            found = [100.0 * false_share(draw, n, tried, draws) for tried in steps.values()]
            every += found
            print(f"  {name:32s}" + "".join(f"{share:9.1f}" for share in found), flush=True)
    print(f"  mean of {len(every)} cells {np.mean(every):.2f}, largest {max(every):.1f}")


def limit_of(draws: int) -> float:
    """2 % and two standard errors of it."""
    return 2.0 + 200.0 * float(np.sqrt(0.02 * 0.98 / draws))


def seasonal(rng: np.random.Generator, n: int, period: int, shape: str) -> np.ndarray:
    """A season under noise of 1: a wave of amplitude 1, or a pattern of standard deviation 1."""
    if shape == "wave":
        season = np.sin(2.0 * np.pi * (np.arange(n) / period + rng.random()))
    else:
        pattern = rng.normal(size=period)
        season = ((pattern - pattern.mean()) / pattern.std())[np.arange(n) % period]
    return season + rng.normal(size=n)


def found_share(shape: str, n: int, period: int, candidates: tuple[int, ...], draws: int) -> float:
    """How often the true period, and nothing else, is found."""
    series = (seasonal(np.random.default_rng([n, period, d]), n, period, shape) for d in range(draws))
    return float(np.mean([detect(values, candidates) == (period,) for values in series]))


def show_found(draws: int = 200) -> None:
    print(f"The true period found, % of {draws} series a cell; noise of standard deviation 1")
    print("                     pattern, std 1      wave, amplitude 1")
    print("  period  values   given     scan       given     scan")
    for period in (4, 7, 12, 24, 52):
        for cycles in (5, 10, 20):
            n = cycles * period
            shares = [
                100.0 * found_share(shape, n, period, tried, draws)
                for shape in ("pattern", "wave")
                for tried in ((period,), ())
            ]
            print("  {:6d}  {:6d}  {:6.0f}   {:6.0f}      {:6.0f}   {:6.0f}".format(period, n, *shares), flush=True)


def show_cost(repeats: int = 20) -> None:
    print("CPU time, ms: a scan, and a test of the candidates 24 and 168")
    for n in (60, 240, 500, 1200, 10_000, 100_000):
        values = seasonal(np.random.default_rng(n), n, 24, "wave") + 10.0
        times = []
        for tried in ((), (24, 168)):
            detect(values, tried)
            start = time.process_time()
            for _ in range(repeats):
                detect(values, tried)
            times.append((time.process_time() - start) / repeats * 1e3)
        print(f"  {n:7d} values  {times[0]:8.2f}  {times[1]:8.2f}", flush=True)


TABLES: dict[str, Callable[..., None]] = {"false": show_false, "found": show_found, "cost": show_cost}

if __name__ == "__main__":
    wanted = sys.argv[1:2] or list(TABLES)
    for table in wanted:
        TABLES[table](*map(int, sys.argv[2:3]))

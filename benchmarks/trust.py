"""Are the tests, the claims and the intervals right, and do claims survive? Each line beside what theory asks for.

python benchmarks/trust.py                # everything, some minutes
python benchmarks/trust.py survival 1000  # one table (size, claims, survival, coverage, ends or arrow), so many draws

The weekly series of M4 are read in place from the folder STEPAHEAD_DATA; without it they are left out, which is said.
"""

from __future__ import annotations

import csv
import gzip
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

import stepahead as sa
from stepahead.datasets import noisy_sine
from stepahead.numerics import conformal, inference
from stepahead.numerics.prewhitened import Moments, Sample
from stepahead.series import Series
from stepahead.walk import errors_at

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("STEPAHEAD_DATA", ROOT.parent / "shared" / "data"))
THETA = {3: (0.9, 0.8, 0.7), 8: (0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55)}
HORIZON, TRAIN = 24, 600
MARGINS = (0.01, 0.05)


def moving_sums(rng: np.random.Generator, shape: tuple[int, ...], k: int) -> np.ndarray:
    """Errors k steps ahead: sums of k surprises in a row, as of a random walk: MA(k - 1)."""
    total = np.cumsum(
        np.concatenate([np.zeros((*shape[:-1], 1)), rng.normal(size=(*shape[:-1], shape[-1] + k - 1))], -1), -1
    )
    return total[..., k:] - total[..., :-k]


def size(draws: int = 10_000, n: int = 333) -> Iterator[tuple[int, float, float, float]]:
    """(k, share rejected where forecasters are equal, two-sided and one-sided, and where one is 1.5 times as bad)."""
    for k in (1, 4, 16, 64):
        rng, sample = np.random.default_rng(k), Sample.of(np.arange(n), np.array([k]))
        found = {"equal": np.empty(draws), "power": np.empty(draws)}
        for draw in range(draws):
            errors = np.square(moving_sums(rng, (2, n), k))
            for name, factor in (("equal", 1.0), ("power", 1.5)):
                both = Moments.of((errors * [[factor], [1.0]])[:, None], sample)
                found[name][draw] = inference.statistic(*both.contrast(np.array([1.0, -1.0])), both.freedom)[0]
        two, one = inference.student(np.array([0.975, 0.95]), sample.freedom.repeat(2).astype(float))
        yield (
            k,
            float(np.mean(np.abs(found["equal"]) > two)),
            float(np.mean(found["equal"] > one)),
            float(np.mean(np.abs(found["power"]) > two)),
        )


def process(ar: float = 0.0, ma: tuple[float, ...] = (), length: int = 1000, seed: int = 0) -> np.ndarray:
    """x_t = ar x_(t-1) + e_t + ma_1 e_(t-1) + ..., after a warm-up."""
    from scipy.signal import lfilter

    noise = np.random.default_rng(seed).normal(size=length + 1000)
    return np.asarray(lfilter((1.0, *ma), [1.0, -ar], noise)[1000:])


def claims(ar: float, ma: tuple[float, ...], lags: int, n: int, draws: int) -> np.ndarray:
    """[draws]: the last step at which a fitted AR has a clear gain, 0 where it has none anywhere."""
    found = []
    for seed in range(draws):
        values = process(ar, ma, TRAIN + n + HORIZON - 1, seed)
        answer = sa.evaluate(sa.AR(lags), values, HORIZON, train=TRAIN, season=None).answer
        found.append(int(np.max(np.flatnonzero(answer.shown[f"AR({lags})"]) + 1, initial=0)))
    return np.array(found)


class Claim(NamedTuple):
    """A claim made on the first four fifths of a series: its steps, what it saved there, and on the last fifth."""

    first: int
    last: int
    saved: float
    later: float
    later_last: float


def claims_of(series: Series, horizon: int, margins: Sequence[float]) -> list[Claim | None]:
    """Fit on the first 48 %, claim from 48 to 80 % at each margin, and score the same fit on the last 20 %."""
    cut = int(0.8 * len(series))
    result = sa.evaluate(sa.AR(), series[:cut], horizon, train=int(0.6 * cut))
    (name,) = set(result) - set(result.baselines)
    answers = [result.judge(margin=margin) for margin in margins]
    if all(answer.verdicts[name].first is None for answer in answers):
        return [None] * len(margins)
    later = sa.k_step(
        result[name].model, series, horizon, train=result[name].start[0],
        origins=range(cut, len(series) - horizon + 1), season=result._seasons.periods or None,
    ).skill()  # fmt: skip
    return [_claim(answer.verdicts[name], answer.saving[name], later) for answer in answers]


def _claim(verdict: sa.results.Verdict, saved: np.ndarray, later: np.ndarray) -> Claim | None:
    if verdict.first is None or verdict.last is None:
        return None
    places = slice(verdict.first - 1, verdict.last)
    return Claim(
        verdict.first, verdict.last, float(saved[places].mean()), float(later[places].mean()), later[verdict.last - 1]
    )


def weekly(most: int, least: int = 250) -> list[Series]:
    """Weekly series of M4 of at least so many values, at even spaces; none where the file is not here."""
    file = FOLDER / "M4_Weekly-train.csv.gz"
    if not file.exists():
        print(f"  {file.name} is not here: set STEPAHEAD_DATA to a folder that has it")
        return []
    with gzip.open(file, "rt") as text:
        rows = [[float(cell) for cell in row[1:] if cell] for row in list(csv.reader(text))[1:]]
    rows = [row for row in rows if len(row) >= least]
    chosen = np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(int))
    monday = np.datetime64("2000-01-03")  # when they began is not told; a week is a week
    return [Series(rows[i], times=monday + 7 * np.arange(len(rows[i])), name=f"W{i}") for i in chosen]


SHIPPED = {"seattle_temperature": 32, "stock_price": 16, "speech": 64, "sunspots": 12, "el_nino": 12, "co2": 52}
"""Series that come with the library and are long enough, and up to which step they are claimed."""


def stable(draws: int) -> Iterator[Series]:
    """Processes that do not change, 1,000 values each."""
    for seed in range(draws):
        yield Series(process(ar=0.8, seed=seed))
        yield Series(process(ma=THETA[8], seed=seed))
        yield Series(sa.datasets.ar_process([-0.5, 1.2], length=1000, seed=seed).values)


def coverage(seeds: range = range(20), level: float = 0.9) -> Iterator[tuple[str, str, np.ndarray, np.ndarray, float]]:
    """(model, method, coverage by k, width by k, spread over the seeds at the last k) on the note's series."""
    shown = np.array([1, 4, 16, 64]) - 1
    for lags in (4, 64):
        covered: dict[str, list] = {"conformal": [], "model": []}
        widths: dict[str, list] = {"conformal": [], "model": []}
        for seed in seeds:
            series: Series = noisy_sine(seed=seed)
            result = sa.k_step(sa.AR(lags).fit(series[:604]), series, 64)
            for method in covered:
                covered[method].append(result.coverage(level, method)[shown])
                widths[method].append(sa.diagnostics.interval_width(result, level, method)[shown])
        for method in covered:
            table = np.array(covered[method])
            yield f"AR({lags})", method, table.mean(axis=0), np.mean(widths[method], axis=0), float(table[:, -1].std())


ENDS: dict[str, tuple[Callable[[int], sa.Model], int]] = {
    "AR(24)": (lambda seed: sa.AR(24), 100),
    "AR(48)": (lambda seed: sa.AR(48), 200),
    "AR(auto)": (lambda seed: sa.AR(), 80),
    "MLP(12)": (lambda seed: sa.MLP(12, seed=seed), 150),
}
"""A model and the length of the series: short ones, that a model with many coefficients learns by heart."""


def ends(name: str, draws: int, level: float = 0.9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """[3] each, at k = 1, 4, 8 behind the end of an AR(2): coverage, that of in-sample errors, and the median width."""
    make, n = ENDS[name]
    shown = np.array([1, 4, 8]) - 1
    held, by_heart, widths = [], [], []
    for seed in range(draws):
        values = sa.datasets.ar_process([-0.5, 1.2], length=n + 8, seed=seed).values
        model = make(seed).fit(values[:n])
        found = sa.forecast(model, values[:n], 8, level)
        own = conformal.half_width(np.abs(errors_at(model, Series(values[:n]), np.arange(n), 8)[1]), level)
        held.append((found.low <= values[n:]) & (values[n:] <= found.high))
        by_heart.append(np.abs(values[n:] - found.values) <= own)
        widths.append(found.high - found.low)
    return np.mean(held, axis=0)[shown], np.mean(by_heart, axis=0)[shown], np.median(widths, axis=0)[shown]


def show_size(draws: int = 10_000) -> None:
    print(f"Nominal 5 % tests, equal forecasters, MA(k-1) errors, 333 origins, {draws:,} draws")
    print("power: one is 1.5 times as bad")
    print("   k  two-sided  one-sided  power")
    for k, two, one, power in size(draws):
        print(f"  {k:2d}      {two:.4f}     {one:.4f}  {power:.3f}")


def show_claims(draws: int = 100) -> None:
    print(f"A clear gain of fitted autoregressions, one model, {HORIZON} steps, {draws} draws")
    print("  process, model, origins     any step past q  median of the last step")
    settings = [
        (f"MA({q}), AR({lags})", 0.0, THETA[q], lags, n, q) for q, lags in ((3, 8), (8, 16)) for n in (333, 2000)
    ]
    settings += [(f"AR(1) {phi}, AR(1)", phi, (), 1, n, HORIZON) for phi in (0.5, 0.8, 0.95) for n in (333, 2000)]
    for name, ar, ma, lags, n, q in settings:
        last = claims(ar, ma, lags, n, draws)
        past = f"{np.mean(last > q):.3f}" if ma else ""
        print(f"  {name + f', {n}':26s}  {past:>15s}  {np.median(last):23.0f}")


def show_survival(draws: int = 300) -> None:
    print("Claims of AR(auto) on four fifths of a series, scored again on the last fifth: is the mean saving above 0?")
    print("  series, margin                    claims  of series  median steps  above 0  last step above 0")
    kinds: list[tuple[str, Callable[[], Iterable[Series]]]] = [
        ("M4 weekly, 13 steps", partial(weekly, draws)),
        ("stable processes, 13 steps", partial(stable, max(draws // 15, 1))),
    ]
    for name, made in kinds:
        every = [claims_of(series, 13, MARGINS) for series in made()]
        for place, margin in enumerate(MARGINS):
            found = [claim for claims in every if (claim := claims[place])]
            if found:
                held, end = np.array([[claim.later > 0.0, claim.later_last > 0.0] for claim in found]).mean(axis=0)
                steps = np.median([claim.last - claim.first + 1 for claim in found])
                shares = f"{len(found):6d}  {len(every):9d}  {steps:12.0f}  {held:7.2f}  {end:17.2f}"
                print(f"  {f'{name}, {margin}':32s}  {shares}")
    print("  shipped series, margin 0.01       claimed       saves   later")
    for name, horizon in SHIPPED.items():
        (one,) = claims_of(sa.datasets.named(name), horizon, MARGINS[:1])
        claimed = f"{f'{one.first} to {one.last}':12s}  {one.saved:5.0%}  {one.later:6.0%}" if one else "no claim"
        print(f"  {f'{name}, {horizon} steps':32s}  {claimed}")


def show_coverage() -> None:
    print("Coverage of 90 % intervals on the note's series, 20 seeds, 333 origins (in brackets the mean width)")
    print("                            k=1          k=4         k=16         k=64   sd at 64")
    for name, method, covered, widths, spread in coverage():
        cells = "  ".join(f"{c:.3f} ({w:.2f})" for c, w in zip(covered, widths, strict=True))
        print(f"  {name:7s} {method:10s}  {cells}   {spread:.3f}")


def show_ends() -> None:
    print("Coverage of 90 % intervals behind the end of an AR(2), 400 draws (in brackets the median width)")
    print("                            k=1           k=4           k=8   of errors on the training part")
    for name, (_, n) in ENDS.items():
        covered, by_heart, widths = ends(name, 400)
        cells = "  ".join(f"{c:.3f} ({w:5.2f})" for c, w in zip(covered, widths, strict=True))
        print(f"  {name + f', {n} values':21s} {cells}   {'  '.join(f'{c:.3f}' for c in by_heart)}")


Draw = Callable[[np.random.Generator, int], np.ndarray]


def autoregression(*weights: float, shocks: Draw) -> Draw:
    """Of so many lags, a hundred values in."""

    def made(rng: np.random.Generator, n: int) -> np.ndarray:
        shock, x = shocks(rng, n + 100), np.zeros(n + 100)
        for t in range(len(weights), n + 100):
            x[t] = shock[t] + sum(weight * x[t - lag] for lag, weight in enumerate(weights, start=1))
        return x[100:]

    return made


def steps_up_and_down(rng: np.random.Generator, n: int) -> np.ndarray:
    """A Markov chain that goes one level up or down: detailed balance holds, so that it is the same both ways."""
    levels, P, state, out = (
        np.array([0.0, 1.0, 5.0]),
        np.array([[0.7, 0.3, 0.0], [0.2, 0.5, 0.3], [0.0, 0.4, 0.6]]),
        0,
        [],
    )
    for _ in range(n + 100):
        state = int(rng.choice(3, p=P[state]))
        out.append(levels[state])
    return np.array(out[100:])


SHOCKS: dict[str, Draw] = {
    "exponential": lambda rng, n: rng.exponential(size=n),
    "uniform": lambda rng, n: rng.uniform(size=n),
    "Laplace": lambda rng, n: rng.laplace(size=n),
    "t5": lambda rng, n: rng.standard_t(5, size=n),
    "normal": lambda rng, n: rng.normal(size=n),
}
REVERSIBLE: dict[str, Draw] = {
    **{f"independent, {name}": shocks for name, shocks in SHOCKS.items()},
    "independent, lognormal": lambda rng, n: rng.lognormal(size=n),
    "independent, gamma .3": lambda rng, n: rng.gamma(0.3, size=n),
    "independent, Bernoulli .2": lambda rng, n: (rng.random(n) < 0.2).astype(float),
    "independent, Cauchy": lambda rng, n: rng.standard_cauchy(n),
    "a chain that steps up and down": steps_up_and_down,
    "AR(2) .6 .2, normal": autoregression(0.6, 0.2, shocks=SHOCKS["normal"]),
    "exp of an AR(1) .6, normal": lambda rng, n: np.exp(autoregression(0.6, shocks=SHOCKS["normal"])(rng, n)),
    "cube of an AR(1) .6, normal": lambda rng, n: autoregression(0.6, shocks=SHOCKS["normal"])(rng, n) ** 3,
}
FORWARD: dict[str, Draw] = {
    f"{name}, {kind}": autoregression(*weights, shocks=shocks)
    for name, weights in {"AR(1) .3": (0.3,), "AR(2) .6 .2": (0.6, 0.2)}.items()
    for kind, shocks in SHOCKS.items()
    if kind != "normal"
}
"""The same both ways; and those that run forward."""


def arrows(draw: Draw, seeds: range = range(200), n: int = 600) -> dict[str, int]:
    """How often `sa.diagnostics.direction` says what of series of `n` values."""
    found = {"forward": 0, "backward": 0, "no verdict": 0}
    for seed in seeds:
        found[sa.diagnostics.direction(draw(np.random.default_rng(seed), n)).verdict] += 1
    return found


def show_arrow() -> None:
    print("The arrow of time, 200 series of 600 values each")
    print("  the same both ways               a verdict  none")
    for name, draw in REVERSIBLE.items():
        found = arrows(draw)
        print(f"  {name:32s} {found['forward'] + found['backward']:9d}  {found['no verdict']:4d}")
    print("  runs forward                         right  wrong  none")
    for name, draw in FORWARD.items():
        found = arrows(draw)
        print(f"  {name:32s} {found['forward']:9d}  {found['backward']:5d}  {found['no verdict']:4d}")


TABLES: dict[str, Callable[..., None]] = {
    "size": show_size,
    "claims": show_claims,
    "survival": show_survival,
    "coverage": show_coverage,
    "ends": show_ends,
    "arrow": show_arrow,
}

if __name__ == "__main__":
    warnings.simplefilter("ignore", sa.errors.StepaheadWarning)
    given = [word for word in sys.argv[1:] if word.isdigit()]
    for wanted in [word for word in sys.argv[1:] if word not in given] or TABLES:
        TABLES[wanted](*map(int, given) if wanted in ("size", "claims", "survival") else ())

"""Are the tests, the trusted steps and the intervals right? Each line beside what theory asks for.

python benchmarks/trust.py            # everything, some minutes
python benchmarks/trust.py coverage   # one table: size, trust, coverage, ends or arrow
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import numpy as np

import stepahead as sa
from stepahead.datasets import noisy_sine
from stepahead.evaluation.comparison import Comparison
from stepahead.evaluation.judgement import Rule
from stepahead.evaluation.kstep import KStep
from stepahead.evaluation.rule import judge
from stepahead.numerics import conformal, inference
from stepahead.numerics.prewhitened import Moments, Sample
from stepahead.series import Series
from stepahead.walk import errors_at

THETA = {3: (0.9, 0.8, 0.7), 8: (0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55)}
HORIZON, TRAIN = 24, 600


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
        two, one = (inference.student(level, both.freedom)[0] for level in (0.975, 0.95))
        yield (
            k,
            float(np.mean(np.abs(found["equal"]) > two)),
            float(np.mean(found["equal"] > one)),
            float(np.mean(np.abs(found["power"]) > two)),
        )


def least_favourable(q: int, draws: int = 1500, n: int = 333, seed: int = 0) -> float:
    """How often anything is shown past q where the model is far better up to q and no better after."""
    rng, beyond = np.random.default_rng(seed), 0
    steps = np.arange(1, HORIZON + 1)
    sample = Sample.of(np.arange(n), steps)
    for _ in range(draws):
        surprises = rng.normal(size=(2, n + HORIZON))
        total = np.cumsum(np.pad(surprises, ((0, 0), (1, 0))), axis=1)
        own, other = np.square([total[:, k : k + n] - total[:, :n] for k in steps]).transpose(1, 2, 0)
        own[:, :q] *= 0.01
        losses = [lambda columns, table=table: table[:, columns] for table in (own, other)]
        found = judge({"own": losses[0]}, {"other": losses[1]}, steps, sample, rule=Rule(margin=0.0))
        beyond += bool(found.shown[0, q:].any())
    return beyond / draws


class Process:
    """A linear process that knows its autocovariances, and so the exact error of any linear forecast of it."""

    def __init__(self, ar: float = 0.0, ma: tuple[float, ...] = ()) -> None:
        """x_t = ar x_(t-1) + e_t + ma_1 e_(t-1) + ..."""
        self.ar, self.ma = ar, np.array((1.0, *ma))
        psi = self.ma if not ar else ar ** np.arange(2000)
        self.covariance = np.array([psi[: len(psi) - h] @ psi[h:] if h < len(psi) else 0.0 for h in range(200)])

    def draw(self, length: int, seed: int) -> np.ndarray:
        """[length] values, after a warm-up."""
        noise = np.random.default_rng(seed).normal(size=length + 1000)
        from scipy.signal import lfilter

        return np.asarray(lfilter(self.ma, [1.0, -self.ar], noise)[1000:])

    def skills(self, model: sa.AR, mean: float) -> np.ndarray:
        """[2, HORIZON]: the exact skill of a fitted AR over the training mean, and over the last value."""
        g, lags = self.covariance, model.context
        G = g[np.abs(np.subtract.outer(np.arange(lags), np.arange(lags)))]
        unit = np.eye(lags)
        constant = model.rollout((np.zeros((1, lags)),), HORIZON)[0]
        F = np.array([model.rollout((unit[i : i + 1],), HORIZON)[0] - constant for i in range(lags)]).T
        k = np.arange(1, HORIZON + 1)
        ahead = g[k[:, None] + lags - 1 - np.arange(lags)]
        own = g[0] + np.einsum("ki,ij,kj->k", F, G, F) - 2.0 * (F * ahead).sum(axis=1) + constant**2
        return 1.0 - own / np.array([np.full(HORIZON, g[0] + mean**2), 2.0 * (g[0] - g[k])])


def run(process: Process, lags: int, n: int, seed: int) -> tuple[Comparison, KStep]:
    """An AR fitted on 600 values and scored from n origins."""
    values = process.draw(TRAIN + n + HORIZON - 1, seed)
    result = sa.evaluate(sa.AR(lags), values, HORIZON, train=TRAIN)
    return result, result[f"AR({lags})"]


def verdicts(process: Process, lags: int, n: int, draws: int) -> dict[str, np.ndarray]:
    """What is said of many draws: the last step of the trusted range, whether a step is shown or a lower end is above
    what the model saves in truth, and where the interval of the skill holds that.
    """
    out: dict[str, list] = {key: [] for key in ("last", "false", "covered")}
    for seed in range(draws):
        result, own = run(process, lags, n, seed)
        name, answer = f"AR({lags})", result.answer
        if answer is None:  # it has a model and baselines
            raise AssertionError
        true = process.skills(own.model, own._baselines["Mean"].model.mean_)
        low = np.where(np.isnan(answer.low[name]), -np.inf, answer.low[name])
        out["last"].append(answer.trusted_to(name))
        out["false"].append(bool((answer.shown[name] & (true.min(axis=0) <= 0.01)).any() or (low > true).any()))
        covered = []
        for reference, skill in zip(("Mean", "Naive"), true, strict=True):
            lowest, highest = own.confidence_interval("skill", reference=reference)
            covered.append((lowest <= skill) & (skill <= highest))
        out["covered"].append(np.array(covered))
    return {key: np.array(values) for key, values in out.items()}


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


def show_size() -> None:
    print(
        "Nominal 5 % tests, equal forecasters, MA(k-1) errors, 333 origins, 10,000 draws; "
        "power: one is 1.5 times as bad"
    )
    print("   k  two-sided  one-sided  power")
    for k, two, one, power in size():
        print(f"  {k:2d}      {two:.4f}     {one:.4f}  {power:.3f}")


def show_trust() -> None:
    print("Trusted steps, 24 tested: share of draws with a step past q, where there is nothing to find (at most .05)")
    for q in (3, 8):
        print(f"  least favourable, q={q}, 333 origins, 1500 draws: {least_favourable(q):.4f}")
    print("  process, model, origins      false   trusted to, median  skill covered, least")
    settings = [
        (f"MA({q}), AR({lags})", Process(ma=THETA[q]), lags, n) for q, lags in ((3, 8), (8, 16)) for n in (333, 5000)
    ] + [(f"AR(1) {phi}, AR(1)", Process(ar=phi), 1, n) for phi in (0.5, 0.8, 0.95) for n in (333, 5000)]
    for name, process, lags, n in settings:
        found = verdicts(process, lags, n, 500)
        covered = found["covered"].mean(axis=0)
        false, last = found["false"].mean(), np.median(found["last"])
        print(f"  {name + f', {n}':26s}  {false:.4f}  {last:18.0f}  {covered.min():.3f}")


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


TABLES: dict[str, Callable[[], None]] = {
    "size": show_size,
    "trust": show_trust,
    "coverage": show_coverage,
    "ends": show_ends,
    "arrow": show_arrow,
}

if __name__ == "__main__":
    for wanted in sys.argv[1:] or TABLES:
        TABLES[wanted]()

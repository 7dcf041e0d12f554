"""The numbers of the lesson that take many fits, measured again: over 20 seeds, with the library as users call it.

    python benchmarks/lesson.py

writes ``src/stepahead/lesson/measured.json``, from which the lesson page takes them. Two minutes, and with torch five
more.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

import stepahead as sa
from stepahead.models.windowed import batch_order
from stepahead.numerics import linear, perceptron

SEEDS, TRAIN, LAGS, HORIZON = 20, 604, 4, 64
STEPS = [1, 4, 16, 64]
FREQUENCY, NOISE = 0.01, 0.2
ROOM = Path(__file__).parents[1]
TARGET = ROOM / "src" / "stepahead" / "lesson" / "measured.json"
# Asked of the phase diagram: memory in values, noise as a power of ten.
TAUS = [2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128]
NOISES = [round(10.0 ** (-4.0 + 0.1 * i), 6) for i in range(45)]

Numbers = dict[str, Any]


def models(seed: int) -> Numbers:
    """Every model of the lesson, by the word that the page uses for it."""
    return {
        "net": sa.MLP(LAGS, seed=seed),
        "gentle": sa.MLP(LAGS, seed=seed, training=sa.Training(epochs=50, learning_rate=0.001)),
        "net64": sa.MLP(64, seed=seed),
        "oneshot": sa.MLP(LAGS, chunk=HORIZON, seed=seed),
        "ar4": sa.AR(4),
        "ar16": sa.AR(16),
        "ar64": sa.AR(64),
        "ar128": sa.AR(128),
        "direct4": sa.AR(4, chunk=HORIZON),
        "direct128": sa.AR(128, chunk=HORIZON),
        "bic8": sa.AR(8),
        "levels": sa.MarkovChain(bins=10),
        "ssa": sa.SSA(rank=2, window=128),
        "latent": sa.StateSpace(cycles="auto"),
    }


def realised(x: np.ndarray) -> list[float]:
    """What the noise of these very values alone makes of a perfect forecast."""
    noise = x - np.sin(FREQUENCY * np.arange(1, len(x) + 1))
    return [float(np.sqrt(np.mean(noise[TRAIN + k - 1 : len(x) - HORIZON + k] ** 2))) for k in STEPS]


def by_step(seeds: range) -> dict[str, np.ndarray]:
    """RMSE on the held-out origins, {model: [seeds, steps]}."""
    rows: dict[str, list[Any]] = {}
    for seed in seeds:
        series = sa.datasets.noisy_sine(seed=seed)
        result = sa.evaluate(models(seed), series, HORIZON, train=TRAIN, steps=STEPS)
        for name, found in result.items():
            rows.setdefault(name.lower(), []).append(found.rmse())
        rows.setdefault("truth", []).append(realised(series.numbers))
    return {name: np.array(found) for name, found in rows.items()}


def summary(rows: dict[str, np.ndarray]) -> Numbers:
    """Mean and median by step, and all values at the last one."""
    return {
        name: {
            "mean": rounded(found.mean(axis=0)),
            "median": rounded(np.median(found, axis=0)),
            "all": rounded(found[:, -1]),
        }
        for name, found in rows.items()
    }


def by_lags(seeds: range, most: int = 128) -> dict[str, list[float]]:
    """Mean RMSE of AR(1) to AR(most), fed back, one step and HORIZON steps ahead."""
    rows = []
    for seed in seeds:
        series = sa.datasets.noisy_sine(seed=seed)
        fitted = [sa.AR(lags).fit(series[:TRAIN]) for lags in range(1, most + 1)]
        rows.append([sa.k_step(model, series, HORIZON, steps=[1, HORIZON], train=TRAIN).rmse() for model in fitted])
    means = np.mean(rows, axis=0)
    return {"first": rounded(means[:, 0]), "last": rounded(means[:, 1])}


def trained(seed: int, order: str, weight: float = 1.0) -> tuple[float, float, float]:
    """RMSE at the first and the last step, and last training loss,
    of the note's net with another order of pairs or loss.
    """
    x = sa.datasets.noisy_sine(seed=seed).numbers.copy()
    if order == "time":
        x[:TRAIN] = np.random.default_rng([seed, 2]).permutation(x[:TRAIN])
    X, y = sa.pairs(x[:TRAIN], LAGS)
    first, second = perceptron.start(LAGS, 10, 1, np.random.default_rng([seed, 0]))
    rows = np.tile(np.arange(len(X)), (5, 1)) if order == "unshuffled" else batch_order(seed, 0, len(X), 5)

    def scaled(inputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
        return np.full(inputs.shape[:2], weight)

    w1, w2, losses = perceptron.train(first[None], second[None], X, y[:, None], rows[None], 16, 0.01, None, scaled)
    net = sa.MLP(LAGS, training=sa.Training(epochs=5))
    net.weights1_, net.weights2_, net.losses_, net.context = w1, w2, losses[0], LAGS
    rmse = sa.k_step(net, sa.datasets.noisy_sine(seed=seed), HORIZON, steps=[1, HORIZON], train=TRAIN).rmse()
    return float(rmse[0]), float(rmse[1]), float(losses[0, -1])


def orders(seeds: range) -> Numbers:
    """What shuffling does: pairs shuffled, not shuffled, time itself shuffled;
    and the loss averaged instead of summed.
    """
    found = {name: np.array([trained(seed, name) for seed in seeds]) for name in ("pairs", "unshuffled", "time")}
    averaged = np.array([trained(seed, "pairs", 1.0 / 16.0) for seed in seeds])
    out: Numbers = {
        name: {
            "one": number(np.median(rows[:, 0])),
            "median": number(np.median(rows[:, 1])),
            "loss": number(np.median(rows[:, 2]), 5),
        }
        for name, rows in found.items()
    }
    out["averaged"] = {"median": number(np.median(averaged[:, 1]))}
    out["worse"] = int((found["unshuffled"][:, 1] > found["pairs"][:, 1]).sum())
    return out


def resting(seeds: range) -> Numbers:
    """Where the note's net comes to rest when it is fed its own forecasts for a very long time."""
    ends = []
    for seed in seeds:
        series = sa.datasets.noisy_sine(seed=seed)
        path = sa.MLP(LAGS, seed=seed).fit(series[:TRAIN]).forecast(series, 6000, origin=TRAIN)
        if np.ptp(path[-100:]) < 1e-6:
            ends.append(float(path[-1]))
    near = sum(abs(end) < 0.1 for end in ends)
    return {"settle": len(ends), "low": number(min(ends)), "high": number(max(ends)), "near_mean": near}


def smoothed(x: np.ndarray, width: int, centred: bool) -> np.ndarray:
    """The mean of `width` values around each, or of those up to each."""
    half, every = width // 2, range(len(x))
    return np.array(
        [
            x[max(0, i - half) : i + half + 1].mean() if centred else x[max(0, i - width + 1) : i + 1].mean()
            for i in every
        ]
    )


def one_step_from(features: np.ndarray, x: np.ndarray) -> float:
    """Held-out one-step RMSE of least squares on the last four features."""
    origins = np.arange(LAGS, len(x) - HORIZON + 1)
    design = np.column_stack([*(features[origins - LAGS + j] for j in range(LAGS)), np.ones(len(origins))])
    seen = origins < TRAIN
    weights = np.linalg.lstsq(design[seen], x[origins[seen]], rcond=None)[0]
    return float(np.sqrt(np.mean((design[~seen] @ weights - x[origins[~seen]]) ** 2)))


def neighbours(x: np.ndarray, seed: int, at_random: bool, lags: int = 16, nearest: int = 5) -> float:
    """RMSE 64 steps ahead of the mean of what followed the five most similar windows; the split by time,
    or at random.
    """
    origins = np.arange(lags, len(x) - HORIZON + 1)
    X, y = np.lib.stride_tricks.sliding_window_view(x, lags)[: len(origins)], x[origins + HORIZON - 1]
    learned, scored = origins + HORIZON - 1 < TRAIN, origins >= TRAIN
    if at_random:
        learned = np.zeros(len(origins), dtype=bool)
        learned[np.random.default_rng(seed).permutation(len(origins))[: int(0.64 * len(origins))]] = True
        scored = ~learned
    apart = ((X[scored][:, None] - X[learned][None]) ** 2).sum(axis=-1)
    near = np.argpartition(apart, nearest, axis=1)[:, :nearest]
    return float(np.sqrt(np.mean((y[learned][near].mean(axis=1) - y[scored]) ** 2)))


def leaks(seeds: range) -> Numbers:
    """One-step errors behind a centred and a trailing mean, and neighbours behind a split at random and by time."""
    panel = [sa.datasets.noisy_sine(seed=seed).numbers for seed in seeds]
    out: Numbers = {
        f"{'centred' if centred else 'trailing'}{width}": mean(
            one_step_from(smoothed(x, width, centred), x) for x in panel
        )
        for width in (3, 9, 21)
        for centred in (True, False)
    }
    for name, at_random in (("random_split", True), ("time_split", False)):
        out[name] = mean(neighbours(x, seed, at_random) for seed, x in zip(seeds, panel, strict=True))
    return out


def arrow(seeds: range) -> Numbers:
    """Median one-step RMSE of a small net forwards and backwards: the noisy sine has no arrow, the logistic map has."""
    out: Numbers = {}
    for name, simulate, net in (
        ("sine", sa.datasets.noisy_sine, lambda seed: sa.MLP(4, seed=seed)),
        ("logistic", sa.datasets.logistic_map, lambda seed: sa.MLP(1, seed=seed, training=sa.Training(epochs=50))),
    ):
        for way in ("forward", "backward"):
            errors = []
            for seed in seeds:
                x = simulate(seed=seed).numbers
                x = x if way == "forward" else x[::-1].copy()
                errors.append(sa.evaluate({"net": net(seed)}, x, 1, train=TRAIN)["net"].rmse()[0])
            out[f"{name}_{way}"] = number(np.median(errors))
    return out


def bayes(lags: int, draws: int = 12, grid: int = 2000) -> list[float]:
    """The best error possible with `lags` values when all but the phase is known,
    on the phases of the held-out origins.
    """
    rng = np.random.default_rng(0)
    times = np.repeat(np.arange(TRAIN, 1000 - HORIZON + 1), draws)[:, None]  # the last value seen is at t = origin
    phases = 2.0 * np.pi * np.arange(grid) / grid
    seen = np.sin(FREQUENCY * (times - np.arange(lags)[::-1])) + rng.normal(0.0, NOISE, (len(times), lags))
    waves = np.sin(phases[:, None] - FREQUENCY * np.arange(lags)[::-1])
    loglik = seen @ waves.T / NOISE**2 - 0.5 * (waves**2).sum(axis=1) / NOISE**2
    belief = np.exp(loglik - loglik.max(axis=1, keepdims=True))
    belief /= belief.sum(axis=1, keepdims=True)
    out = []
    for k in STEPS:
        error = belief @ np.sin(phases + FREQUENCY * k) - np.sin(FREQUENCY * (times[:, 0] + k))
        out.append(number(np.sqrt(NOISE**2 + np.mean(error**2)), 4))
    return out


def dominant(lags: int, noise: float) -> complex:
    """The largest root of the autoregression that knows the true covariances of the noisy wave."""
    cosines = 0.5 * np.cos(FREQUENCY * np.arange(lags + 1))
    apart = np.abs(np.subtract.outer(np.arange(lags), np.arange(lags)))
    coefficients = np.linalg.solve(cosines[apart] + noise**2 * np.eye(lags), cosines[1:])
    return complex(linear.roots(coefficients[::-1])[0])


def swings_below(lags: int) -> float:
    """The largest noise at which its forecast still swings instead of dying away."""
    low, high = 1e-5, 10.0
    for _ in range(40):
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if abs(dominant(lags, middle).imag) > 1e-9 else (low, middle)
    return low


def phases() -> Numbers:
    """The phase diagram: the threshold by memory, and modulus and angle of the dominant root over a grid."""
    roots = [[dominant(lags, noise) for noise in NOISES] for lags in TAUS]
    angles = {lags: abs(float(np.angle(dominant(lags, NOISE)))) for lags in range(30, 60)}
    return {
        "taus": TAUS,
        "noises": NOISES,
        "threshold": {str(lags): number(swings_below(lags), 5) for lags in TAUS},
        "modulus": [[number(abs(root), 5) for root in row] for row in roots],
        "angle": [[number(abs(float(np.angle(root))), 5) for root in row] for row in roots],
        "first_complex": min(lags for lags, angle in angles.items() if angle > 1e-9),
        "first_right": min(lags for lags, angle in angles.items() if abs(angle / FREQUENCY - 1.0) < 0.1),
    }


def rain() -> Numbers:
    """Dry and wet days of Seattle: the counts of a chain of order one."""
    file = ROOM / "examples" / "seattle_weather_daily.csv"
    wet = sa.read(file, value="precipitation", time="date").numbers > 0.0
    chain = sa.MarkovChain(order=1).fit(np.where(wet, "wet", "dry").tolist())
    return {"states": list(map(str, chain.states_ or ())), "counts": chain.counts_.astype(int).tolist()}


def recurrent(seeds: range) -> Numbers:
    """Mean RMSE at the last step of a GRU as it comes."""
    panel = [sa.datasets.noisy_sine(seed=seed) for seed in seeds]
    errors = []
    for seed, series in zip(seeds, panel, strict=True):
        gru = sa.GRU(32, seed=seed).fit(series[:TRAIN])
        errors.append(float(sa.k_step(gru, series, HORIZON, steps=[HORIZON]).rmse()[0]))
    return {"gru": {"mean": number(np.mean(errors)), "median": number(np.median(errors))}}


def number(value: Any, digits: int = 4) -> float:
    """A plain float with few digits, so that the file is short and the same everywhere."""
    return round(float(value), digits)


def mean(values: Any) -> float:
    """The mean of what comes."""
    return number(np.mean(list(values)))


def rounded(values: np.ndarray) -> list[float]:
    """A list of plain floats."""
    return [number(value) for value in values]


def measure(seeds: range) -> Numbers:
    """Everything but the GRU, which needs torch."""
    rows = by_step(seeds)
    last = {name: found[:, -1] for name, found in rows.items()}
    return {
        "seeds": len(seeds),
        "steps": STEPS,
        "rmse": summary(rows),
        "lags": by_lags(seeds),
        "worse_than_last": int((last["net"] > last["naive"]).sum()),
        "worse_than_mean": int((last["net"] > last["mean"]).sum()),
        "order": orders(seeds),
        "rest": resting(seeds),
        "leak": leaks(seeds),
        "arrow": arrow(seeds[:10]),
        "bayes": {str(lags): bayes(lags) for lags in (4, 16, 64)},
        "phase": phases(),
        "rain": rain(),
    }


def main() -> None:
    """Measure, and write the file."""
    found = measure(range(SEEDS))
    try:
        found |= recurrent(range(SEEDS))
    except sa.errors.MissingExtraError as error:
        found["gru"] = json.loads(TARGET.read_text())["gru"]
        print(f"the GRU: kept what was measured before, {error}")
    TARGET.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"wrote {TARGET.relative_to(ROOM)}")


if __name__ == "__main__":
    main()

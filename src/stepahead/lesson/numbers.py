"""The numbers of the lesson: computed here from seed 0, or measured over many seeds by ``benchmarks/lesson.py``.

Prose names them, as in ``{mean.net.64:.2f}``; the script gets the series, weights and batch orders to compute its own
again.
"""

from __future__ import annotations

import base64
import json
import math
import warnings
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import datasets
from ..errors import StepaheadWarning
from ..evaluation.comparison import Comparison
from ..evaluation.evaluate import evaluate, k_step
from ..models.ar import AR
from ..models.mlp import MLP
from ..models.statespace import StateSpace
from ..models.windowed import batch_order
from ..protocols import Array

TRAIN, LAGS, HORIZON, NOISE, FREQUENCY = 604, 4, 64, 0.2, 0.01
STEPS = (1, 4, 16, 64)
SEEDS = 5
"""How many draws the page carries, each with its net."""
VOICED = 5168
"""Where in the thinned speech the drawn segment begins: the loudest 75 milliseconds."""

Numbers = dict[str, Any]


@cache
def measured() -> Numbers:
    """What ``benchmarks/lesson.py`` found over many seeds."""
    found: Numbers = json.loads((files(__package__) / "measured.json").read_text(encoding="utf-8"))
    return found


@cache
def first_draw() -> Comparison:
    """Seed 0: the note's net, windows short and long, and the summary of the whole past, on the same origins."""
    models = {
        "net": MLP(LAGS, seed=0),
        "ar4": AR(4),
        "ar16": AR(16),
        "ar64": AR(64),
        "ar128": AR(128),
        "latent": StateSpace(cycles=1),
    }
    return evaluate(models, datasets.noisy_sine(seed=0), HORIZON, train=TRAIN)


def facts() -> Numbers:
    """Every number that the prose may name.

    >>> round(facts()["direction.64"], 3), round(facts()["slope.27"], 4)
    (0.467, 0.0049)
    """
    found = measured()
    out: Numbers = {name: found[name] for name in ("seeds", "worse_than_last")}
    for model, rows in found["rmse"].items():
        for place, k in enumerate(STEPS):
            out[f"mean.{model}.{k}"], out[f"median.{model}.{k}"] = rows["mean"][place], rows["median"][place]
    for name in ("leak", "arrow", "rest", "order", "gru"):
        out |= _flat(name, found[name])
    out |= {name: found["phase"][name] for name in ("first_complex", "first_right")}
    noises = np.array(found["phase"]["noises"])
    out["root4.endless"] = found["phase"]["modulus"][found["phase"]["taus"].index(LAGS)][
        np.abs(noises - NOISE).argmin()
    ]
    out |= {f"threshold{lags}": value for lags, value in found["phase"]["threshold"].items()}
    out |= {f"direction.{k}": math.hypot(NOISE, math.sin(FREQUENCY * k) / math.sqrt(2.0)) for k in STEPS}
    out |= {f"slope.{lags}": slope_spread(lags) for lags in (4, 27)}
    out |= {f"split.{name}": value for name, value in split().items()}
    out |= {"wall4": found["bayes"]["4"][0] ** 2, "wall4.64": found["bayes"]["4"][3]}
    return out | _first_facts() | _chain_facts() | _small_facts()


def _flat(name: str, values: Any) -> Numbers:
    if not isinstance(values, dict):
        return {name: values}
    return {key: value for inner, part in values.items() for key, value in _flat(f"{name}.{inner}", part).items()}


def _first_facts() -> Numbers:
    """The facts of the series of seed 0."""
    result = first_draw()
    out: Numbers = {
        f"zero.{name.lower()}.{k}": float(found.rmse()[k - 1]) for name, found in result.items() for k in STEPS
    }
    series, net = result["net"]._panel[0], result["net"]
    noise = series.numbers - np.sin(FREQUENCY * np.asarray(series.times))
    out |= {f"zero.truth.{k}": _rms(noise[TRAIN + k - 1 : len(series) - HORIZON + k]) for k in STEPS}
    for name, verdict in ({} if result.answer is None else result.answer.verdicts).items():
        out |= {f"trust.{name}.first": verdict.first, f"trust.{name}.last": verdict.last}
    out["chance"] = NOISE / math.sqrt(2.0 * len(net.origins))
    missed = np.abs(net.predictions[:, -1] - net.actuals[:, -1])
    out |= {"k64.low": float(missed.min()), "k64.high": float(missed.max())}
    # What the one-step curve seems to miss by where it is drawn 63 steps late.
    ahead = k_step(net.model, series, HORIZON, train=0)
    drawn = ahead.predictions[:, 0]
    out["late.right"] = _rms(drawn - series.numbers[ahead.origins])
    out["late.read"] = _rms(drawn - series.numbers[ahead.origins + HORIZON - 1])
    shuffled = np.random.default_rng(0).permutation(series.numbers)
    out["shuffle.ordered"] = float(result["ar4"].rmse()[0])
    out["shuffle.shuffled"] = float(
        evaluate(AR(LAGS), shuffled, HORIZON, train=TRAIN, steps=[1])[f"AR({LAGS})"].rmse()[0]
    )
    for lags in (4, 64):
        modulus, period = _model(f"ar{lags}").cycles_[0]
        out |= {
            f"root{lags}.modulus": modulus,
            f"root{lags}.period": period,
            f"root{lags}.half": math.log(0.5) / math.log(modulus),
        }
    out["weights4"] = float(np.sum(_model("ar4").coefficients_))
    return out


def _chain_facts() -> Numbers:
    """Of the rain: P, its powers, where they end."""
    P = _transition()
    week, second = np.linalg.matrix_power(P, 7), P @ P
    factor = float(P[0, 0] - P[1, 0])
    wet = float(P[0, 1] / (P[0, 1] + P[1, 0]))
    out: Numbers = {f"chain.gap{k}": factor**k for k in (1, 2, 3, 4)}
    return out | {
        "chain.p11": float(P[1, 1]),
        "chain.p7power": float(P[1, 1]) ** 7,
        "chain.week": float(week[1, 1]),
        "chain.weekdry": float(week[0, 1]),
        "chain.dd2": float(second[0, 0]),
        "chain.wd2": float(second[1, 0]),
        "chain.factor": factor,
        "chain.wet": wet,
        "chain.dry": 1.0 - wet,
    }


def _small_facts() -> Numbers:
    """A filter that pretends to have seen, and two equations in float32."""
    walk = StateSpace(cycles=0, local_level="walk").with_parameters(noise=1.0, local_level=0.1)
    state = walk.encode(np.zeros(300))
    stated = walk.predictive(tuple(part[-1:] for part in state), 50).std()[0] ** 2
    x = np.sin(FREQUENCY * np.arange(1, TRAIN + 1)).astype(np.float32)
    A, y = np.column_stack([x[:-2], x[1:-1]]), x[2:]
    old, new = np.linalg.solve(A.T @ A, A.T @ y)
    return {
        # Fed through update the variance stays where the filter is settled; advanced, it grows with every step.
        "pretend": float(stated[0]),
        "honest": float(stated[-1]),
        "float32.old": float(old),
        "float32.new": float(new),
        "float32.truth": 2.0 * math.cos(FREQUENCY),
    }


def slope_spread(lags: int) -> float:
    """Standard deviation of the slope of a line through so many values."""
    return NOISE / math.sqrt(lags * (lags**2 - 1) / 12.0)


def right_direction(lags: int) -> float:
    """How often that line goes the right way where the wave is steep: its slope over 0.7 of the largest.

    >>> [round(right_direction(lags), 2) for lags in (4, 16, 32)]
    [0.54, 0.8, 0.99]
    """
    phases = np.linspace(-math.pi, math.pi, 20001)
    steep = np.cos(phases)[np.abs(np.cos(phases)) > 0.7]
    certain = FREQUENCY * np.abs(steep) / slope_spread(lags) / math.sqrt(2.0)
    return float(np.mean([0.5 * (1.0 + math.erf(value)) for value in certain]))


def split() -> dict[str, float]:
    """The squared error of the median net at the last step: noise, what a window of four cannot know, and the rest."""
    found = measured()
    total, wall = found["rmse"]["net"]["median"][3] ** 2, found["bayes"]["4"][3] ** 2
    return {"noise": NOISE**2, "window": wall - NOISE**2, "rest": total - wall}


def for_script() -> Numbers:
    """Everything that the page's script computes with, or shows."""
    found, result = measured(), first_draw()
    series, latent = result["net"]._panel[0], _model("latent")
    frequency, damping, shock = latent.parameters_.tolist()
    limit: Any = series.limit
    stairs = {name: {"mean": rows["mean"][3], "all": rows["all"]} for name, rows in found["rmse"].items()}
    return {
        "seeds": [_seed(seed) for seed in range(SEEDS)],
        "cycle": {
            "frequency": frequency,
            "damping": damping,
            "shock": shock,
            "noise": latent.share_,
            "mean": latent.mean_,
            "scale": latent.scale_,
        },
        "wall": [round(float(value), 6) for value in limit.window(LAGS, HORIZON)],
        "strips": _strips(),
        "trust": _trust(result),
        "chain": found["rain"]["counts"],
        "roots": [_root(lags) for lags in (4, 16, 64)],
        "phase": {name: found["phase"][name] for name in ("taus", "noises", "modulus", "angle", "threshold")},
        "facts": {
            "bayes4": found["bayes"]["4"][0],
            "lags": found["lags"],
            "arrow": found["arrow"],
            "split": split(),
            "stairs": stairs | {"wall": {"mean": found["bayes"]["4"][3]}},
            **{f"game{lags}": right_direction(lags) for lags in (4, 16, 32)},
        },
    }


def _trust(result: Comparison) -> Numbers:
    """Errors by step of three models and of the best baseline, and where each has a clear gain, [first, last]."""
    errors = {name: found.rmse() for name, found in result.items()}
    best = np.min([errors[name] for name in result.baselines], axis=0)
    verdicts = {} if result.answer is None else result.answer.verdicts
    return {
        "best": best.round(4).tolist(),
        "lines": {name: errors[name].round(4).tolist() for name in ("net", "ar128", "latent")},
        "clear": {name: [found.first, found.last] for name, found in verdicts.items() if found.first},
    }


def _seed(seed: int) -> Numbers:
    """A draw, and the note's net on it: its start, the order of its batches, its weights, its errors."""
    series = datasets.noisy_sine(seed=seed)
    net = _model("net") if seed == 0 else MLP(LAGS, seed=seed).fit(series[:TRAIN])
    first, second = net._start(0)
    order = batch_order(seed, 0, TRAIN - LAGS, int(net.epochs))
    return {
        "x": _packed(series.numbers, "<f8"),
        "first": first.ravel().tolist(),
        "second": second.ravel().tolist(),
        "order": _packed(order, "<u2"),
        "w1": net.weights1_[0].ravel().tolist(),
        "w2": net.weights2_[0].ravel().tolist(),
        "rmse": k_step(net, series, HORIZON).rmse().tolist(),
    }


def _strips() -> Numbers:
    """Temperature, price and speech: 600 values of each to draw, and the sentence at 8 kHz and 8 bits to hear."""
    spoken = datasets.speech().numbers[::2]
    loud = np.abs(spoken).max()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StepaheadWarning)  # trading days are uneven, and here only drawn
        price = datasets.stock_price().numbers[:600]
    return {
        "temperature": datasets.seattle_temperature().numbers[:600].round(1).tolist(),
        "price": price.round(2).tolist(),
        "speech": _packed(np.rint(128.0 + 127.0 * spoken / loud), "u1"),
        "voiced": VOICED,
        "rate": 8000,
    }


def _root(lags: int) -> Numbers:
    modulus, period = _model(f"ar{lags}").cycles_[0]
    return {"lags": lags, "modulus": round(modulus, 5), "angle": round(2.0 * math.pi / period, 6)}


def _model(name: str) -> Any:
    return first_draw()[name].model


def _transition() -> Array:
    counts = np.array(measured()["rain"]["counts"], dtype=np.float64)
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def _rms(errors: Array) -> float:
    return float(np.sqrt(np.mean(errors**2)))


def _packed(values: npt.NDArray[Any], kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(values).astype(kind).tobytes()).decode()

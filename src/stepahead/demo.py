"""The note, end to end: its data, its net, its figures, its k-step question, and the answer it stops short of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from . import datasets, figures
from .datasets.limits import DrawnWave
from .evaluation.comparison import Comparison
from .evaluation.evaluate import Progress, evaluate, k_step
from .files import make_folder
from .lesson import lesson
from .models.ar import AR
from .models.mlp import MLP
from .models.ssa import SSA
from .models.statespace import StateSpace
from .page.page import report
from .series import Series
from .windows import pairs, scored_origins, targets

TRAIN, LAGS, HORIZON = 604, 4, 64
SHOWN = (1, 4, 16, 64)
OTHER_SEEDS = 20


def models(seed: int) -> dict[str, Any]:
    """The note's net, windows short and long, and two summaries of the whole past, by name."""
    return {
        f"the note's MLP({LAGS})": MLP(LAGS, seed=seed),
        f"AR({LAGS})": AR(LAGS),
        "AR(64)": AR(64),
        "AR(auto)": AR("auto"),
        "SSA(auto)": SSA(),
        "StateSpace(auto)": StateSpace(),
    }


def run(out: Path, seed: int, say: Callable[[str], None], progress: Progress | None = None, language: str = "en") -> Comparison:
    """Run the note on its own series, and write its figures and two pages into the folder `out`.

    Parameters
    ----------
    out : the folder, made where it is missing. seed : of the noise and of the net.
    say : takes each line of text. progress : called with (model name, rows done, rows in all).
    language : of the two pages, "en" or "zh".
    """
    series = _with_its_noise(datasets.noisy_sine(seed=seed))
    x = series.numbers
    X, _ = pairs(series, LAGS)
    say(f"1.3.1  data: x = sin(0.01 t) + N(0, 0.2^2), t = 1 .. {len(x)} (seed {seed})")
    say(f"1.3.2  windows of {LAGS} values: {len(X)} pairs = T - tau; the first {TRAIN - LAGS} train, that is {TRAIN} values")

    result = evaluate(models(seed), series, HORIZON, train=TRAIN, progress=progress)
    net: Any = result[f"the note's MLP({LAGS})"].model
    say("1.3.4  the net, Linear(4, 10) - ReLU - Linear(10, 1), 5 epochs of Adam:")
    say("\n".join("       " + line for line in net.log().splitlines()))

    origins = scored_origins(len(x), LAGS, HORIZON)
    say(
        f"1.3.4  k steps: T - tau - max_steps + 1 = {len(origins)} origins have all {HORIZON} targets; "
        f"{len(result['AR(64)'].origins)} of them are held out\n"
    )
    say(result.table())
    say("\n" + meaning(result) + "\n" + luck() + "\n")
    for path in _draw(result, net, series, out):
        say(f"wrote {path}")
    for what, path in _pages(result, out, language):
        say(f"wrote {path}, {what}")
    return result


def _with_its_noise(series: Series) -> Series:
    """The same series; the limit of its errors is the noise that was drawn at the held-out origins."""
    wave: Any = series.limit
    origins, steps = np.arange(TRAIN, len(series) - HORIZON + 1), np.arange(1, HORIZON + 1)
    noise = targets(series.numbers, origins, steps) - wave.mean(series.numbers, origins, steps)
    drawn = np.sqrt(np.mean(noise**2, axis=0))
    return Series(series, limit=DrawnWave(wave.noise, wave.frequency, tuple(drawn.tolist())))


def _pages(result: Comparison, out: Path, language: str) -> Iterator[tuple[str, Path]]:
    """What each page is, and where it was written."""
    yield "the lesson: open it in a browser", lesson.write(out, language)
    path = out / f"report-{language}.html"
    report(result, path, language)
    yield "the report of this comparison", path


def _draw(result: Comparison, net: MLP, series: Series, out: Path) -> Iterator[Path]:
    """The note's figures 1, 3, 4 and 5 (2 is the log), the error by step, and why it is what it is."""
    time, x = np.asarray(series.times), series.numbers
    # One step, many steps and k steps are the same call with other arguments.
    one_step = k_step(net, series, 1, train=0).predictions[:, 0]
    many = net.forecast(series, len(x) - TRAIN, origin=TRAIN)
    ahead = k_step(net, series, HORIZON, train=0).predictions
    by_one = {"1 step ahead": (time[LAGS:], one_step)}
    fed_back = {f"fed back from {TRAIN} on": (time[TRAIN:], many)}
    by_k = {f"{k} step{'s' * (k > 1)}": (time[LAGS + k - 1 : len(x) - HORIZON + k], ahead[:, k - 1]) for k in SHOWN}
    errors = {name: found.rmse() for name, found in result.items()}
    limit: Any = series.limit
    made = {
        "figure1-data": figures.along(time, x, title="The data"),
        "figure3-one-step": figures.along(time, x, by_one, title="One step ahead, always from observed values"),
        "figure4-multi-step": figures.along(
            time, x, by_one | fed_back, title="Many steps: fed back on its own forecasts", known_until=time[TRAIN - 1]
        ),
        "figure5-k-steps": figures.along(time, x, by_k, title="k steps ahead from every origin", first=time[LAGS]),
        "error-by-k": figures.error_by_k(
            result["AR(64)"].steps,
            {name: line for name, line in errors.items() if name != "AR(auto)"},
            result["AR(64)"].limits(),
            ("Mean", "Naive"),
            trusted={name: found.claim for name, found in result.trusted_horizon().items()},
            answer=result.answer.partition("\n")[0],
            title="Error by number of steps ahead",
        ),
        "why": figures.error_by_k(
            result["AR(64)"].steps,
            {name: errors[name] for name in (f"the note's MLP({LAGS})", f"AR({LAGS})", "AR(64)", "StateSpace(auto)")},
            {f"the wall of {LAGS} values": limit.window(LAGS, HORIZON)} | result["AR(64)"].limits(),
            title=f"Why: a window of {LAGS} values is a wall, a summary of the past is not",
        ),
    }
    make_folder(out)
    for name, figure in made.items():
        for kind in (".png", ".svg"):
            figures.save(figure, out / (name + kind))
        yield out / (name + ".png")


def meaning(result: Comparison) -> str:
    """What the table says, in words, from its numbers."""
    last = {name: float(found.rmse()[-1]) for name, found in result.items()}
    limit: Any = result["AR(64)"].panel[0].limit
    drawn = float(limit(HORIZON)[-1])
    (note_name, net), *_ = last.items()
    naive = last["Naive"]
    best = min(last, key=lambda name: last[name])
    verdict = "worse than repeating the last value" if net > naive else "better than repeating the last value"
    short: Any = result[f"AR({LAGS})"].model
    long: Any = result["AR(64)"].model
    latent: Any = result["StateSpace(auto)"].model
    return (
        f"At {HORIZON} steps {note_name} misses by {net:.2f}, {verdict} ({naive:.2f}); {best} misses by {last[best]:.2f}, "
        f"and the noise alone is {drawn:.2f} in this draw ({limit.noise:.2f} on average).\n"
        f"The wall is the window, not the future: fed back, AR({LAGS}) has a dominant root of {_wave(short)} and AR(64) one of "
        f"{_wave(long)}; the true wave has a period of {2 * np.pi / 0.01:.0f}.\n"
        f"No linear forecast of {LAGS} values, wherever on the wave they lie, can miss by less than "
        f"{limit.window(LAGS, HORIZON)[-1]:.2f} there. A summary of the whole past can: StateSpace(auto), told nothing, finds "
        f"{_found(latent)} and misses by {last['StateSpace(auto)']:.2f}."
    )


def luck() -> str:
    """How much of the net's error is the luck of one seed, from other noise and other starts."""
    errors = []
    for seed in range(OTHER_SEEDS):
        series = datasets.noisy_sine(seed=seed)
        net = MLP(LAGS, seed=seed).fit(series[:TRAIN])
        errors.append(float(k_step(net, series, HORIZON, steps=[HORIZON]).rmse()[0]))
    return (
        f"One net is one throw: over {OTHER_SEEDS} seeds of noise and net its error at {HORIZON} steps has median "
        f"{np.median(errors):.2f}, from {min(errors):.2f} to {max(errors):.2f}."
    )


def _found(model: StateSpace) -> str:
    periods = [f"{period:.0f}" for period, _ in model.cycles_]
    return f"a wave of period {' and '.join(periods)}" if periods else f"a level ({model.structure_})"


def _wave(model: AR) -> str:
    modulus, period = model.cycles_[0]
    return (
        f"modulus {modulus:.3f} and no period (a slow decay)"
        if np.isinf(period)
        else f"modulus {modulus:.3f} and period {period:.0f}"
    )

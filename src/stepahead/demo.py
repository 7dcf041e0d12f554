"""The demo: the note end to end, its data, net and figures, and the error by number of steps ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import datasets
from .datasets.limits import DrawnWave
from .evaluation.comparison import Comparison
from .evaluation.evaluate import Progress, evaluate, k_step
from .files import make_folder
from .lesson import lesson
from .models.ar import AR
from .models.mlp import MLP
from .models.ssa import SSA
from .models.statespace import StateSpace
from .report import figures
from .report.answer_figure import plot
from .report.fonts import language_of
from .report.page.page import report
from .report.page.wording import WORDING
from .report.palette import slots
from .series import Series
from .windows import pairs, scored_origins, targets

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TRAIN, LAGS, HORIZON = 604, 4, 64
SHOWN = (1, 4, 16, 64)
OTHER_SEEDS = 20
NET = {"en": f"the note's MLP({LAGS})", "zh": f"笔记的 MLP({LAGS})"}


def models(seed: int, language: str = "en") -> dict[str, Any]:
    """The note's net, windows short and long, and two summaries of the whole past, by name."""
    return {
        NET[language]: MLP(LAGS, seed=seed),
        f"AR({LAGS})": AR(LAGS),
        "AR(64)": AR(64),
        "AR(auto)": AR("auto"),
        "SSA(auto)": SSA(),
        "StateSpace(auto)": StateSpace(),
    }


def run(
    out: Path, seed: int, say: Callable[[str], None], progress: Progress | None = None, language: str = "en"
) -> Comparison:
    """Run the note on its own series, and write its figures, and two pages in both languages, into the folder `out`.

    Parameters
    ----------
    out : the folder, made where it is missing. seed : of the noise and of the net.
    say : takes each line of text. progress : called with (model name, rows done, rows in all).
    language : of what is said and drawn, "en" or "zh".
    """
    series = _with_its_noise(datasets.noisy_sine(seed=seed))
    x = series.numbers
    X, _ = pairs(series, LAGS)
    zh = language == "zh"
    wave, drawn = "x = sin(0.01 t) + N(0, 0.2^2)", f"t = 1 .. {len(x)}"
    say(f"1.3.1  数据：{wave}，{drawn}（种子 {seed}）" if zh else f"1.3.1  data: {wave}, {drawn} (seed {seed})")
    say(
        f"1.3.2  每个窗口 {LAGS} 个值：T - tau = {len(X)} 对；前 {TRAIN - LAGS} 对用来训练，也就是前 {TRAIN} 个值"
        if zh
        else f"1.3.2  windows of {LAGS} values: {len(X)} pairs = T - tau; the first {TRAIN - LAGS} train, "
        f"that is {TRAIN} values"
    )

    result = evaluate(models(seed, language), series, HORIZON, train=TRAIN, progress=progress)
    net: Any = result[NET[language]].model
    layers = "Linear(4, 10) - ReLU - Linear(10, 1)"
    say(f"1.3.4  网络：{layers}，Adam 训练 5 轮：" if zh else f"1.3.4  the net, {layers}, 5 epochs of Adam:")
    say("\n".join("       " + line for line in net.log().splitlines()))

    origins = scored_origins(len(x), LAGS, HORIZON)
    rows, held = f"T - tau - max_steps + 1 = {len(origins)}", len(result["AR(64)"].origins)
    say(
        f"1.3.4  k 步预测：{rows} 个起点的 {HORIZON} 个目标都存在，其中 {held} 个是留出的\n"
        if zh
        else f"1.3.4  k steps: {rows} origins have all {HORIZON} targets; {held} of them are held out\n"
    )
    say(result.table(language))
    say("\n" + meaning(result, language) + "\n" + luck(language) + "\n")
    wrote = "已写" if zh else "wrote"
    if find_spec("matplotlib"):
        for path in _draw(result, net, series, out, language):
            say(f"{wrote} {path}")
    else:
        say("没有画图；要画：pip install matplotlib" if zh else "no pictures; for them: pip install matplotlib")
    for what, path in _pages(result, out, language):
        say(f"{wrote} {path}{'，' if zh else ', '}{what}")
    say(
        "笔记，逐行对照：源码中的 docs/zh/the-note.md"
        if zh
        else "the note line by line: docs/the-note.md in the source"
    )
    return result


def _with_its_noise(series: Series) -> Series:
    """The series, its limit set to the noise that was drawn at the held-out origins."""
    wave: Any = series.limit
    origins, steps = np.arange(TRAIN, len(series) - HORIZON + 1), np.arange(1, HORIZON + 1)
    noise = targets(series.numbers, origins, steps) - wave.mean(series.numbers, origins, steps)
    drawn = np.sqrt(np.mean(noise**2, axis=0))
    return Series(series, limit=DrawnWave(wave.noise, wave.frequency, tuple(drawn.tolist())))


def _pages(result: Comparison, out: Path, language: str) -> Iterator[tuple[str, Path]]:
    """What each page is, in `language`, and where it was written: both pages in both languages, that one first."""
    what = (
        ("课程，用浏览器打开", "这次比较的报告")
        if language == "zh"
        else ("the lesson: open it in a browser", "the report of this comparison")
    )
    for written in sorted(WORDING, key=lambda one: one != language):
        path = out / f"report-{written}.html"
        yield what[0], lesson.write(out, written)
        report(result, path, written)
        yield what[1], path


def _draw(result: Comparison, net: MLP, series: Series, out: Path, language: str) -> Iterator[Path]:
    """The note's figures 1, 3, 4 and 5 (2 is the log), the error by step, and why it is what it is."""
    drawn_in = language_of(language)
    words = WORDS[drawn_in]
    made = {
        **_note_figures(net, series, words),
        # Of six models those that tell the story: the one spoken of, a long window, the note's own.
        "error-by-k": plot(result, language=drawn_in, shown=[_named(result), "AR(64)", NET[language]]),
        "why": _why(result, series, words, NET[language]),
    }
    make_folder(out)
    for name, figure in made.items():
        for kind in (".png", ".svg"):
            figures.save(figure, out / (name + kind))
        yield out / (name + ".png")


def pictures(out: Path, seed: int, language: str = "en") -> list[Path]:
    """The figures of the demo alone, written into a folder."""
    series = _with_its_noise(datasets.noisy_sine(seed=seed))
    result = evaluate(models(seed, language), series, HORIZON, train=TRAIN)
    net: Any = result[NET[language]].model
    return list(_draw(result, net, series, out, language))


def _named(result: Comparison) -> str:
    return "" if result.answer is None else result.answer.model


def _note_figures(net: MLP, series: Series, words: dict[str, str]) -> dict[str, Figure]:
    """Figures 1, 3, 4 and 5: one step, many steps and k steps are the same call with other arguments."""
    time, x = np.asarray(series.times), series.numbers
    one_step = k_step(net, series, 1, train=0).predictions[:, 0]
    many = net.forecast(series, len(x) - TRAIN, origin=TRAIN)
    ahead = k_step(net, series, HORIZON, train=0).predictions
    by_one = {words["1"]: (time[LAGS:], one_step)}
    fed_back = {words["fed back"]: (time[TRAIN:], many)}
    by_k = {words[str(k)]: (time[LAGS + k - 1 : len(x) - HORIZON + k], ahead[:, k - 1]) for k in SHOWN}
    axes: dict[str, Any] = {"xlabel": words["time"], "data_label": words["data"]}
    return {
        "figure1-data": figures.along(time, x, title=words["figure 1"], **axes),
        "figure3-one-step": figures.along(time, x, by_one, title=words["figure 3"], **axes),
        "figure4-multi-step": figures.along(
            time, x, by_one | fed_back, title=words["figure 4"], known_until=time[TRAIN - 1],
            known_label=words["known"], **axes,
        ),
        "figure5-k-steps": figures.along(time, x, by_k, title=words["figure 5"], first=time[LAGS], **axes),
    }  # fmt: skip


def _why(result: Comparison, series: Series, words: dict[str, str], net: str) -> Figure:
    """The error of short and long windows, and of a summary, beside what a short window cannot go below."""
    limit: Any = series.limit
    return figures.error_by_k(
        result[net].steps,
        {name: result[name].rmse() for name in (net, f"AR({LAGS})", "AR(64)", "StateSpace(auto)")},
        {words["limit"]: limit.window(LAGS, HORIZON), words["noise"]: limit(HORIZON)},
        slots=None if result.answer is None else slots(result.answer.judgement),
        title=words["why"],
        xlabel=words["steps"],
    )


WORDS = {
    "en": {
        **{str(k): f"{k} step{'s' * (k > 1)} ahead" for k in SHOWN},
        "fed back": f"fed back from {TRAIN} on",
        "time": "time",
        "data": "data",
        "known": "known until here",
        "figure 1": "The data",
        "figure 3": "One step ahead, always from observed values",
        "figure 4": "Many steps: fed back on its own forecasts",
        "figure 5": "k steps ahead from every origin",
        "limit": f"the limit of {LAGS} values",
        "noise": "noise of this draw",
        "why": f"Why: {LAGS} values do not hold enough; a summary of the past does",
        "steps": "k, steps ahead",
    },
    "zh": {
        **{str(k): f"提前 {k} 步" for k in SHOWN},
        "fed back": f"从 {TRAIN} 起回代",
        "time": "时间",
        "data": "数据",
        "known": "已知到此为止",
        "figure 1": "数据",
        "figure 3": "单步预测：总是从观测值出发",
        "figure 4": "多步预测：用自己的预测接着预测",
        "figure 5": "从每个起点提前 k 步",
        "limit": f"{LAGS} 个值的极限",
        "noise": "这批数据的噪声",
        "why": f"原因：{LAGS} 个值不够用，对过去的小结够用",
        "steps": "提前步数 k",
    },
}
"""Of the figures."""


def meaning(result: Comparison, language: str = "en") -> str:
    """A summary of the table in sentences, from its numbers."""
    last = {name: float(found.rmse()[-1]) for name, found in result.items()}
    limit: Any = result["AR(64)"]._panel[0].limit
    drawn = float(limit(HORIZON)[-1])
    (note_name, net), *_ = last.items()
    naive = last["Naive"]
    best = min(last, key=lambda name: last[name])
    if language == "zh":
        return _chinese_meaning(result, last, drawn)
    verdict = "worse than repeating the last value" if net > naive else "better than repeating the last value"
    short: Any = result[f"AR({LAGS})"].model
    long: Any = result["AR(64)"].model
    latent: Any = result["StateSpace(auto)"].model
    return (
        f"At {HORIZON} steps {note_name} misses by {net:.2f}, {verdict} ({naive:.2f}); {best} "
        f"misses by {last[best]:.2f}, "
        f"and the noise alone is {drawn:.2f} in this draw ({limit.noise:.2f} on average).\n"
        f"The window sets the limit, not the future: fed back, AR({LAGS}) has a dominant root of "
        f"{_wave(short)} and AR(64) one of "
        f"{_wave(long)}; the true wave has a period of {2 * np.pi / 0.01:.0f}.\n"
        f"No linear forecast of {LAGS} values, wherever on the wave they lie, can miss by less than "
        f"{limit.window(LAGS, HORIZON)[-1]:.2f} there. A summary of the whole past can: "
        "StateSpace(auto), told nothing, finds "
        f"{_found(latent)} and misses by {last['StateSpace(auto)']:.2f}."
    )


def _chinese_meaning(result: Comparison, last: dict[str, float], drawn: float) -> str:
    """The summary of the table in Chinese; `last` has the errors at the last step,
    `drawn` the noise of this draw there.
    """
    (_, net), *_ = last.items()
    naive, best = last["Naive"], min(last, key=lambda name: last[name])
    models: list[Any] = [result[name].model for name in (f"AR({LAGS})", "AR(64)", "StateSpace(auto)")]
    short, long, latent = models
    limit: Any = result["AR(64)"]._panel[0].limit

    def root(model: Any) -> str:
        modulus, period = model.cycles_[0]
        return f"模 {modulus:.3f}、" + ("没有周期（慢慢衰减）" if np.isinf(period) else f"周期 {period:.0f}")

    periods = "、".join(f"{period:.0f}" for period, _ in latent.cycles_)
    found = f"找到周期 {periods} 的波" if periods else f"找到一个水平（{latent.structure_}）"
    return (
        f"向前 {HORIZON} 步，笔记的网络误差 {net:.2f}，"
        f"比“最后一个值”{'差' if net > naive else '好'}（{naive:.2f}）；"
        f"{best} 误差 {last[best]:.2f}；噪声本身在这次抽样里是 {drawn:.2f}（平均 {limit.noise:.2f}）。\n"
        f"限制来自窗口，不是未来：把预测再喂回去，AR({LAGS}) 的主特征根是{root(short)}，AR(64) 是{root(long)}；"
        "真正的波周期 "
        f"{2 * np.pi / 0.01:.0f}。\n"
        f"用 {LAGS} 个值的线性预测，不管落在波的哪一处，那里的误差都不会低于 {limit.window(LAGS, HORIZON)[-1]:.2f}。"
        f"对全部过去的一份小结可以：StateSpace(auto) 事先什么都不知道，{found}，误差 {last['StateSpace(auto)']:.2f}。"
    )


def luck(language: str = "en") -> str:
    """How the net's error varies from seed to seed, over other noise and other starts."""
    errors = []
    for seed in range(OTHER_SEEDS):
        series = datasets.noisy_sine(seed=seed)
        net = MLP(LAGS, seed=seed).fit(series[:TRAIN])
        errors.append(float(k_step(net, series, HORIZON, steps=[HORIZON]).rmse()[0]))
    if language == "zh":
        return (
            f"一个网络只是一次随机抽样：换 {OTHER_SEEDS} 个种子（噪声和网络都换），它在第 {HORIZON} 步的误差中位数是 "
            f"{np.median(errors):.2f}，从 {min(errors):.2f} 到 {max(errors):.2f}。"
        )
    return (
        f"One net is one draw: over {OTHER_SEEDS} seeds of noise and net its error at {HORIZON} steps has median "
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

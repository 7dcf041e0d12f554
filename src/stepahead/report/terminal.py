"""A comparison as text for a terminal: the answer first, bars that show where each model has a clear gain, the table.

Every line fits into so many columns, by the cells that its letters take. Nothing is computed or rephrased here: sentences come
from ``answer_text``, states and rows to use from the `Answer`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..evaluation.answer_text import Teller, verdict_text
from ..evaluation.answer_words import Units, plain
from ..evaluation.comparison import Comparison
from ..evaluation.judgement import CLEAR, CLOSE, Answer
from ..evaluation.rows import shown_steps
from ..protocols import Array
from ..text import cells, decimals, fill, padded, printable, shortened, typed, wrapped

NARROW, WIDE = 60, 120
"""Fewer columns are taken as 60, more as 120."""
LONGEST_NAME, SHORTEST_NAME = 22, 14
BAR, LONG_BAR, ROOMY = 32, 56, 100
"""Cells of a bar, and from how many columns on it is the longer one."""
BLOCKS, LETTERS = "█░·", "#-."
"""How clear gain, too close to call and no gain are drawn, and where the encoding has no blocks."""
MARGIN = "  "
BOLD, PLAIN = "\033[1m", "\033[0m"


class Style(NamedTuple):
    """How a terminal is written to: its columns, whether it has block letters, whether it shows bold ones."""

    columns: int = 80
    blocks: bool = True
    bold: bool = False

    @property
    def width(self) -> int:
        """Columns in use."""
        return max(NARROW, min(self.columns, WIDE))


def terminal(comparison: Comparison, language: str = "en", style: Style | None = None) -> str:
    """The comparison as text, in a language."""
    return "\n".join(Page(comparison, language, style or Style()).lines())


class Page:
    """One comparison laid out in one language for one terminal."""

    def __init__(self, comparison: Comparison, language: str, style: Style) -> None:
        self.comparison, self.language, self.style = comparison, language, style
        self.answer: Answer | None = comparison.answer
        self.units: Units = comparison.units
        self.words = WORDS[language]
        self.steps = comparison.steps
        self.name_cells = LONGEST_NAME if style.width >= 80 else SHORTEST_NAME

    def lines(self) -> list[str]:
        """All lines."""
        found = self.paragraph(self.comparison.caption(self.language), "")
        if self.answer is not None:
            found += ["", *self.head(self.answer), "", *self.use(self.answer), *self.bars(self.answer)]
        found += ["", *self.table()]
        if self.answer is not None:
            found += ["", *self.facts()]
        notes = self.comparison.notes_in(self.language)
        return [*found, *[line for note in notes for line in self.paragraph(fill(self.words["note"], note=note))]]

    # -- parts ----------------------------------------------------------------------------------------------------

    def paragraph(self, text: str, indent: str = MARGIN) -> list[str]:
        """A text as lines that fit; a shorter sign for "at least" where there is little room."""
        return wrapped(printable(text), self.style.width, indent)

    def strong(self, text: str) -> str:
        """A line in bold letters, where the terminal has them."""
        return f"{BOLD}{text}{PLAIN}" if self.style.bold and text.strip() else text

    def head(self, answer: Answer) -> list[str]:
        """The headline and the two lines below it."""
        told = self.comparison.told(self.language)
        first = [self.strong(line) for line in self.paragraph(told.headline)]
        return [*first, *[line for text in (told.second, told.third) if text for line in self.paragraph(text)]]

    def use(self, answer: Answer) -> list[str]:
        """Which row to use at which steps."""
        edges = [0, *(np.flatnonzero(np.diff(answer.use)) + 1).tolist(), len(self.steps)]
        parts = []
        for start, stop in zip(edges[:-1], edges[1:], strict=True):
            row, first, last = int(answer.use[start]), int(self.steps[start]), int(self.steps[stop - 1])
            steps = str(first) if first == last else fill(self.words["to"], a=first, b=last)
            close = row < len(answer.models) and (answer.state[row, start:stop] == CLOSE).all()
            parts.append(f"{self.row_name(answer, row)} {steps}" + (self.words["close"] if close else ""))
        text = fill(self.words["use"], parts=" | ".join(parts))
        return [self.strong(line) for line in self.paragraph(text)]

    def bars(self, answer: Answer) -> list[str]:
        """One bar a model: its state at every step, on an axis on which each doubling takes as much room."""
        signs = BLOCKS if self.style.blocks else LETTERS
        long = LONG_BAR if self.style.width >= ROOMY else BAR
        names = [self.row_name(answer, place) for place in answer.order]
        left = max(map(cells, names)) + 2
        room = self.style.width - len(MARGIN) - left
        long = max(8, min(long, room - 12))
        places = bar_places(self.steps, long)
        lines = [MARGIN + " " * left + self.axis(places, long)]
        for name, model in zip(names, answer.order, strict=True):
            state = answer.state[model]
            bar = "".join(signs[2 - int(state[here].max())] for here in places)
            verdict = self.fitting(verdict_text(answer, model, self.language, self.units)[0], room - long - 2)
            line = f"{MARGIN}{padded(name, left)}{bar}  {verdict}".rstrip()
            lines.append(self.strong(line) if model == answer.head else line)
        keys = [
            f"{sign} {Teller(answer, self.language).words[word]}"
            for sign, word in zip(signs, ("clear", "close", "none"), strict=True)
        ]
        return [*lines, *wrapped("  ".join(keys), self.style.width, MARGIN + " " * left)]

    def axis(self, places: Sequence[slice], long: int) -> str:
        """The numbers of steps over the bars, as many as there is room for."""
        line, steps = "", self.steps
        wanted = [k for k in steps.tolist() if k & (k - 1) == 0] or [int(steps[0])]
        if int(steps[-1]) not in wanted:
            wanted.append(int(steps[-1]))
        for k in wanted:
            at = next(cell for cell, here in enumerate(places) if here.start <= int(np.searchsorted(steps, k)) < here.stop)
            if at >= len(line) + (1 if line else 0) and at + len(str(k)) <= long:
                line = line.ljust(at) + str(k)
        return f"{line.ljust(long)}  {self.words['ahead']}"

    def fitting(self, text: str, room: int) -> str:
        """A verdict that fits behind its bar, or its short form."""
        if cells(text) <= room:
            return text
        short = {long: brief for long, brief in self.words["short"].items()}
        for long, brief in short.items():
            text = text.replace(long, brief)
        return text if cells(text) <= room else ""

    def table(self) -> list[str]:
        """The readings by step: models, then the baselines that are best at some step, the last value, and the limit."""
        comparison, answer = self.comparison, self.answer
        values = comparison.by_step()
        shown = shown_steps(self.steps)
        names = self.listed(values)
        digits = decimals(float(values[name][place]) for name in names for place in shown)
        used = {} if answer is None else {place: (*answer.models, *answer.baselines)[answer.use[place]] for place in shown}
        rows = [[self.title(), *[f"k={self.steps[place]}" for place in shown], self.saves()]]
        for name in names:
            marks = [typed(float(values[name][p]), digits) + ("*" if used.get(p) == name else " ") for p in shown]
            rows.append([self.shown_name(name), *marks, self.saving(name)])
        widths = [max(cells(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = []
        for row, name in zip(rows, [None, *names], strict=True):
            line = (
                MARGIN
                + padded(row[0], widths[0])
                + "".join(
                    "  " + padded(cell + " " * (name is None and 0 < i < len(row) - 1), width, 0 < i < len(row) - 1)
                    for i, (cell, width) in enumerate(zip(row, widths, strict=True))
                    if i
                )
            )
            is_head = answer is not None and name == answer.models[answer.head]
            lines.append(self.strong(line.rstrip()) if is_head else line.rstrip())
        told = self.comparison.told(self.language)
        return [*lines, *(self.paragraph(fill(self.words["mark"], level=told.notes[-1])) if answer is not None else [])]

    def listed(self, values: dict[str, Array]) -> list[str]:
        """The rows of the table."""
        answer = self.answer
        if answer is None:
            return list(values)
        best = {answer.baselines[place] for place in answer.best}
        models = [answer.models[place] for place in answer.order]
        simple = [name for name in answer.baselines if name in best or name == "Naive"]
        return [*models, *simple, *(name for name in values if name not in (*answer.models, *answer.baselines))]

    # -- names and cells ------------------------------------------------------------------------------------------

    def title(self) -> str:
        """What the numbers are, with their unit."""
        word = self.words[self.comparison.reading]
        return f"{word}, {printable(self.units.value)}" if self.units.value else word

    def row_name(self, answer: Answer, row: int) -> str:
        """The name of a model or the plain name of a baseline."""
        return self.shown_name((*answer.models, *answer.baselines)[row])

    def shown_name(self, name: str) -> str:
        """A name as it is printed: of a baseline the plain one, a long one without its middle."""
        is_baseline = self.answer is not None and name in self.answer.baselines
        text = plain(name, self.units, self.language) if is_baseline else self.words.get(name, name)
        return shortened(printable(text), self.name_cells)

    def saves(self) -> str:
        """The heading of the last column."""
        if self.answer is None:
            return ""
        teller = Teller(self.answer, self.language, self.units)
        at = int(np.searchsorted(self.steps, self.answer.verdict(self.answer.head).step))
        return fill(self.words["saves"], step=teller.step(at))

    def saving(self, name: str) -> str:
        """What a model saves at the step of the verdict, and at least where that is shown."""
        answer = self.answer
        if answer is None:
            return ""
        if name in answer.baselines:
            return self.words["baseline"]
        if name not in answer.models:
            return ""
        model = answer.models.index(name)
        at = int(np.searchsorted(self.steps, answer.verdict(answer.head).step))
        teller = Teller(answer, self.language, self.units)
        saved = teller.percent(float(answer.saving[model, at]))
        if answer.state[model, at] != CLEAR:
            return saved
        return fill(self.words["least"], saved=saved, low=teller.at_least(float(answer.low(model)[at])))

    def facts(self) -> list[str]:
        """The facts, a paragraph each."""
        told = self.comparison.told(self.language)
        return [
            line
            for heading, text in told.facts
            for line in self.paragraph(fill(self.words["fact"], heading=heading, text=text))
        ]


def bar_places(steps: Array, long: int) -> list[slice]:
    """Of each cell of a bar the places of its steps: those whose own place lies in it, else the one whose room it is.

    Steps stand where their logarithm does; the room of each goes half-way to its neighbours.

    >>> [(here.start, here.stop) for here in bar_places(np.array([1, 2, 4, 8]), 8)]
    [(0, 1), (0, 1), (1, 2), (1, 2), (2, 3), (2, 3), (3, 4), (3, 4)]
    """
    at = np.log2(steps.astype(np.float64))
    gap = (at[-1] - at[0]) / max(len(at) - 1, 1) or 1.0
    first, last = at[0] - min(0.5, gap / 2), at[-1] + (at[-1] - at[-2] if len(at) > 1 else gap) / 2
    borders = np.concatenate([[first], (at[1:] + at[:-1]) / 2, [last]])
    edges = np.linspace(first, last, long + 1)
    found = []
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        start, stop = np.searchsorted(at, [low, high])
        if start == stop:
            start = int(np.clip(np.searchsorted(borders, (low + high) / 2) - 1, 0, len(at) - 1))
            stop = start + 1
        found.append(slice(int(start), int(stop)))
    return found


WORDS: dict[str, dict[str, str]] = {
    "en": {
        "use": "Use: {parts}",
        "to": "{a} to {b}",
        "close": ", too close to call",
        "ahead": "steps ahead",
        "rmse": "RMSE",
        "log_loss": "Log loss",
        "zero_one": "Share of wrong symbols",
        "saves": "saves at {step}",
        "least": "{saved} (≥ {low})",
        "baseline": "baseline",
        "mark": "* the one to use at that k. {level}",
        "fact": "{heading}: {text}",
        "note": "Note: {note}",
        "noise floor": "noise floor",
    },
    "zh": {
        "use": "用哪个：{parts}",
        "to": "{a} 至 {b}",
        "close": "，难分高下",
        "ahead": "提前步数",
        "rmse": "RMSE",
        "log_loss": "对数损失",
        "zero_one": "错误符号的比例",
        "saves": "误差小（{step}）",
        "least": "{saved}（≥ {low}）",
        "baseline": "基线",
        "mark": "* 该 k 处应使用的。{level}",
        "fact": "{heading}：{text}",
        "note": "注：{note}",
        "noise floor": "噪声下限",
    },
}

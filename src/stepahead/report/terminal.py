"""A comparison as text for a terminal: the answer first, bars that show where each model has a clear gain, the table.

Every line fits into so many columns, by the cells that its letters take. Nothing is computed or rephrased here:
sentences come from ``answer_text``, states and rows to use from the `Answer`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from shutil import get_terminal_size
from typing import NamedTuple

import numpy as np

from ..distribution_rows import described, level_told
from ..evaluation import fits
from ..evaluation.answer_text import Teller, verdict_text
from ..evaluation.answer_words import Units, limit_name, plain
from ..evaluation.answers import time_unit
from ..evaluation.comparison import Comparison
from ..evaluation.judgement import CLEAR, CLOSE, Judgement
from ..evaluation.kstep import KStep
from ..protocols import Array, Index
from ..seasons import Seasons
from ..text import (
    AS_IF,
    cells,
    decimals,
    fill,
    ordinal,
    padded,
    printable,
    share,
    shortened,
    shortened_apart,
    typed,
    wrapped,
)
from ..windows import shown_steps
from .chinese import in_language
from .first_chart import use_parts
from .page.wording import WORDING

NARROW, WIDE = 60, 120
"""Fewer columns are taken as 60, more as 120."""
LONGEST_NAME, SHORTEST_NAME, LONGEST_PHRASE = 22, 14, 36
LONGEST_FORESEEN = 30
"""Of a name that says what is taken as foreseen, a long mark."""
BAR, LONG_BAR, ROOMY = 32, 56, 100
"""Cells of a bar, and from how many columns on it is the longer one."""
BLOCKS, LETTERS = "█░·", "#-."
"""How clear gain, too close to call and no gain are drawn, and where the encoding has no blocks."""
ASCII = str.maketrans({"−": "-", "–": "-", "…": "~"})
"""Where the encoding has no blocks: other letters of one cell that it may lack."""
MOST_OWN = 4
"""Models whose own intervals are told."""
MARGIN = "  "
BOLD, PLAIN = "\033[1m", "\033[0m"


class Style(NamedTuple):
    """How a terminal is written to: its columns, whether it has block letters and shows bold ones,
    what to type there for what a note names.
    """

    columns: int = 80
    blocks: bool = True
    bold: bool = False
    typed: Callable[[str], str] = lambda note: ""

    @classmethod
    def of_stdout(cls, typed: Callable[[str], str]) -> Style:
        """That of stdout: its columns, whether it knows the letters of the bars, whether it is a terminal."""
        try:
            BLOCKS.encode(sys.stdout.encoding or "ascii")
            blocks = True
        except (UnicodeEncodeError, LookupError):
            blocks = False
        bold = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        return cls(get_terminal_size((80, 24)).columns, blocks, bold, typed)

    @property
    def width(self) -> int:
        """Columns in use."""
        return max(NARROW, min(self.columns, WIDE))


def terminal(comparison: Comparison, language: str = "en", style: Style | None = None, again: bool = False) -> str:
    """The comparison as text, in a language. `again`: models of scores are fitted again, for their answer."""
    style = style or Style()
    text = "\n".join(Page(comparison, language, style, again).lines())
    return text if style.blocks else text.translate(ASCII)


class Page:
    """One comparison laid out in one language for one terminal."""

    def __init__(self, comparison: Comparison, language: str, style: Style, again: bool = False) -> None:
        self.comparison, self.language, self.style = comparison, language, style
        found = comparison.answer if comparison._scores is None or again else None
        self.answer: Judgement | None = None if found is None else found.judgement
        self.told = None if found is None else found.told(language)
        self.first: KStep | None = comparison._first if comparison._scores is None else None
        self.units = (
            Units() if self.first is None else Units(time=time_unit(self.first)) if found is None else found.units
        )
        self.words = WORDS[language]
        self.steps: Index = comparison.steps
        self.name_cells = LONGEST_NAME if style.width >= 80 else SHORTEST_NAME
        self.short = self.short_names()

    def short_names(self) -> dict[str, str]:
        """A name of each row, no two alike: of a baseline its plain one, of a model one without its middle."""
        baselines = () if self.answer is None else self.answer.baselines
        models = {name: printable(name) for name in self.comparison if name not in baselines}
        simple = {name: self.plain_name(name) for name in baselines}
        roomy = self.style.width >= 80
        most = LONGEST_FORESEEN if roomy and any(AS_IF in text for text in models.values()) else self.name_cells
        told = shortened_apart(models.values(), most)
        # A baseline's plain name is a phrase: whole wherever there is room.
        phrases = shortened_apart(simple.values(), LONGEST_PHRASE if roomy else SHORTEST_NAME, end=True)
        return {name: told[text] for name, text in models.items()} | {
            name: phrases[text] for name, text in simple.items()
        }

    def lines(self) -> list[str]:
        """All lines."""
        found = self.paragraph(self.caption(), "")
        if self.answer is not None:
            found += ["", *self.head(), "", *self.use(self.answer), *self.bars(self.answer)]
        found += ["", *self.table()]
        facts = self.facts()
        # What to type is read off the English; it is added to the note as it is said.
        texts = [in_language(note, self.language) + self.style.typed(note) for note in self.comparison.notes]
        notes = [line for note in texts for line in self.paragraph(fill(self.words["note"], note=note))]
        return [*found, *([""] * bool(facts or notes)), *facts, *notes]

    def caption(self) -> str:
        """What was scored, what is known of the fits, and which season the baselines know, in one line."""
        if self.first is None:
            scorer = self.comparison.scorer
            count, nth = f"{int(scorer.n[:, 0].sum()):,}", self.every_nth(scorer.stride)
            return fill(self.words["scores"], series=f"{len(scorer.series):,}", origins=count, nth=nth)
        first, words = self.first, self.words
        kind = "held" if first._is_held_out else "inside"
        span = ""
        if len(first._panel) == 1 and len(first.origins):
            begin, end = int(first.origins[0]), int(first.origins[-1])
            single = "one_" * (begin == end)
            span = fill(words[f"{single}span"], first=begin, last=end)
            if first._panel[0].times is not None and first._panel[0].times.dtype.kind == "M":
                when = first._panel[0].when
                span += fill(words[f"{single}dates"], first=when(begin), last=when(end))
        values = sum(len(series) for series in first._panel)
        name = printable(first._panel[0].name or words["a_series"])
        counted = fill(
            words["one" if len(first._panel) == 1 else "many"],
            name=name, series=f"{len(first._panel):,}", values=f"{values:,}",
            origins=fill(words[kind], n=f"{len(first.origins):,}"), span=span, nth=self.every_nth(first._stride),
        )  # fmt: skip
        fit = fits.clause(self.comparison._fits, WORDING[self.language])
        season = (
            season_clause(self.comparison._seasons, self.words)
            if self.answer is not None and not first._is_symbolic
            else ""
        )
        scaled = "" if len(first._panel) == 1 or first._is_symbolic else words["scaled"]
        return words["join"].join(filter(None, [counted, scaled, fit, season]))

    def every_nth(self, stride: int) -> str:
        """Which of the origins are scored, where it is not all of them."""
        return fill(self.words["nth"], n=ordinal(stride, self.language)) if stride > 1 else ""

    # -- parts ----------------------------------------------------------------------------------------------------

    def paragraph(self, text: str, indent: str = MARGIN) -> list[str]:
        """A text as lines that fit; a shorter sign for "at least" where there is little room."""
        return wrapped(printable(text), self.style.width, indent)

    def strong(self, text: str) -> str:
        """A line in bold letters, where the terminal has them."""
        return f"{BOLD}{text}{PLAIN}" if self.style.bold and text.strip() else text

    def head(self) -> list[str]:
        """The headline and the two lines below it."""
        told = self.told
        if told is None:
            return []
        first = [self.strong(line) for line in self.paragraph(told.headline)]
        return [*first, *[line for text in (told.second, told.third) if text for line in self.paragraph(text)]]

    def use(self, answer: Judgement) -> list[str]:
        """Which row to use at which steps, apart where its state changes."""
        parts = []
        for part in use_parts(answer):
            row, first, last = part.row, int(self.steps[part.first]), int(self.steps[part.last])
            steps = str(first) if first == last else fill(self.words["to"], a=first, b=last)
            is_model, close = row < len(answer.models), part.state == CLOSE
            name = (
                self.row_name(answer, row) if is_model else self.plain_name(answer.baselines[row - len(answer.models)])
            )
            parts.append(f"{name} {steps}" + (self.words["close"] if close else ""))
        text = fill(self.words["use"], parts=" | ".join(parts))
        return [self.strong(line) for line in self.paragraph(text)]

    def bars(self, answer: Judgement) -> list[str]:
        """One bar a model: its state at every step, on an axis on which each doubling takes as much room."""
        signs = BLOCKS if self.style.blocks else LETTERS
        long = LONG_BAR if self.style.width >= ROOMY else BAR
        names = [self.row_name(answer, place) for place in answer.order]
        left = max(map(cells, names)) + 2
        room = self.style.width - len(MARGIN) - left
        long = max(8, min(long, room - 2 - max(10, cells(self.ahead()))))
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
            at = next(
                cell for cell, here in enumerate(places) if here.start <= int(np.searchsorted(steps, k)) < here.stop
            )
            if at >= len(line) + (1 if line else 0) and at + len(str(k)) <= long:
                line = line.ljust(at) + str(k)
        return f"{line.ljust(long)}  {self.ahead()}"

    def ahead(self) -> str:
        """What is counted over the bars: days ahead, steps ahead."""
        return Teller(self.answer, self.language, self.units).say("ahead_axis") if self.answer is not None else ""

    def fitting(self, text: str, room: int) -> str:
        """A verdict that fits behind its bar, or its short form; nothing where there is room for neither."""
        for long, short in SHORT[self.language]:
            if cells(text) > room:
                text = text.replace(long, short)
        return text if cells(text) <= room else shortened(text, room) if room >= SHORTEST_NAME else ""

    def fitting_cells(self) -> tuple[list[list[str]], list[int]]:
        """The table and the width of each column: with as many of its steps as there is room for, the first and the
        last among them.
        """
        shown = shown_steps(self.steps)
        while True:
            rows = self.cells(shown)
            widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
            if len(shown) <= 2 or cells(MARGIN) + sum(widths) + 2 * (len(widths) - 1) <= self.style.width:
                return rows, widths
            shown = [place for place in shown if place != shown[len(shown) // 2]]

    def cells(self, shown: Sequence[int]) -> list[list[str]]:
        """The table at some of the steps, its head first: models, then the baselines that are best at some step, the
        last value, and the limit.
        """
        comparison, answer = self.comparison, self.answer
        values = comparison.by_step()
        names = self.listed(values)
        digits = decimals(float(values[name][place]) for name in names for place in shown)
        used = (
            {} if answer is None else {place: (*answer.models, *answer.baselines)[answer.use[place]] for place in shown}
        )
        rows = [[self.title(), *[f"k={self.steps[place]} " for place in shown], self.saves()]]
        for name in names:
            numbers = [typed(float(values[name][p]), digits) + ("*" if used.get(p) == name else " ") for p in shown]
            rows.append([self.shown_name(name), *numbers, self.saving(name)])
        n = comparison.scorer.n.sum(axis=0).astype(np.intp)
        if not (n == n[0]).all() or (self.first is not None and n[0] != len(self.first.origins)):
            rows.append(["n", *[f"{n[p]} " for p in shown], ""])
        return rows

    def table(self) -> list[str]:
        """The table as lines; what its numbers mean below it."""
        (rows, widths), answer = self.fitting_cells(), self.answer
        last, lines = len(widths) - 1, []
        for place, row in enumerate(rows):
            line = MARGIN + "  ".join(
                padded(cell, width, 0 < i < last) for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            is_head = answer is not None and place == 1 + answer.order.index(answer.head)
            lines.append(self.strong(line.rstrip()) if is_head else line.rstrip())
        notes = () if self.told is None else self.told.notes
        texts = [*([self.words["mark"]] if notes else []), *notes, *self.own_intervals()]
        return [*lines, *[line for text in texts for line in self.paragraph(text)]]

    def own_intervals(self) -> list[str]:
        """What the intervals hold that forecasts came with, a sentence for each of the first models."""
        wording, found = WORDING[self.language], []
        for name, result in () if self.first is None else list(self.comparison.items()):
            own = result._distribution
            level = None if own is None else level_told(own)
            if own is None or level is None:
                continue
            places, (kind, count) = shown_steps(self.steps), described(own)
            inside = result.coverage(level, "model")
            found.append(
                fill(
                    wording["own_intervals"], model=printable(name), what=fill(wording[f"own_{kind}"], n=f"{count:,}"),
                    level=share(level), shares=wording["comma"].join(share(float(inside[p])) for p in places),
                    steps=wording["comma"].join(str(self.steps[p]) for p in places),
                )
            )  # fmt: skip
        return found[:MOST_OWN]

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
        word = self.words[self.comparison._reading]
        return f"{word}, {printable(self.units.value)}" if self.units.value else word

    def row_name(self, answer: Judgement, row: int) -> str:
        """The name of a model or the plain name of a baseline."""
        return self.shown_name((*answer.models, *answer.baselines)[row])

    def shown_name(self, name: str) -> str:
        """A name as it is printed: of a model or baseline its short one, or what a limit is called."""
        if name in self.short:
            return self.short[name]
        return shortened(printable(limit_name(name, self.language)), self.name_cells)

    def plain_name(self, baseline: str) -> str:
        """All of what a baseline is called."""
        return printable(plain(baseline, self.units, self.language))

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
        return fill(
            self.words["least"],
            saved=saved,
            sign="≥" if self.style.blocks else ">=",
            low=teller.at_least(answer.low_at(model, at)),
        )

    def facts(self) -> list[str]:
        """The facts, a paragraph each."""
        told = [] if self.told is None else self.told.facts
        return [
            line for head, text in told for line in self.paragraph(fill(self.words["fact"], heading=head, said=text))
        ]


def season_clause(seasons: Seasons, words: Mapping[str, str]) -> str:
    """Which season the baselines know, and how it is known; or why there is none."""
    periods = words["and"].join(map(str, seasons.periods))
    if not seasons.periods:
        return "" if seasons.source == "given" else words["season_none"]
    form = words["season_given" if seasons.source == "given" else "season_found"]
    value = max(
        (v for p, v in zip(seasons.candidates, seasons.test_values, strict=True) if p in seasons.periods), default=0.0
    )
    return fill(form, periods=periods, value=f"{value:.1f}", limit=f"{seasons.limit:.1f}")


def bar_places(steps: Index, long: int) -> list[slice]:
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
    for low, high in pairwise(edges.tolist()):
        start, stop = np.searchsorted(at, [low, high])
        if start == stop:
            start = int(np.clip(np.searchsorted(borders, (low + high) / 2) - 1, 0, len(at) - 1))
            stop = start + 1
        found.append(slice(int(start), int(stop)))
    return found


WORDS: dict[str, dict[str, str]] = {
    "en": {
        "one": "{name}: {values:value}, {origins}{span}{nth}",
        "many": "{series} series, {values:value}, {origins}{nth}",
        "nth": ", every {n}",
        "held": "{n:held-out origin}",
        "inside": "{n:origin} inside the training part",
        "span": ", {first} to {last}",
        "one_span": ", {first}",
        "dates": " ({first} to {last})",
        "one_dates": " ({first})",
        "scores": "{origins:held-out origin} of {series} series{nth}; errors alone were kept",
        "a_series": "a series",
        "join": "; ",
        "and": " and ",
        "season_found": "season of {periods} steps found (test value {value}, limit {limit})",
        "season_given": "season of {periods} steps given",
        "season_none": "no season found",
        "scaled": "errors in units of the scale of each series",
        "use": "Use: {parts}",
        "to": "{a} to {b}",
        "close": ", too close to call",
        "rmse": "RMSE",
        "mae": "MAE",
        "log_loss": "Log loss",
        "zero_one": "Share of wrong symbols",
        "saves": "saves at {step}",
        "least": "{saved} ({sign} {low})",
        "baseline": "baseline",
        "mark": "* the one to use at that k.",
        "fact": "{heading}: {said}",
        "note": "Note: {note}",
    },
    "zh": {
        "one": "{name}：{values} 个值，{origins}{span}{nth}",
        "many": "{series} 个序列，{values} 个值，{origins}{nth}",
        "nth": "，每 {n} 个起点取一个",
        "held": "{n} 个留出的起点",
        "inside": "{n} 个训练段内的起点",
        "span": "，{first} 至 {last}",
        "one_span": "，{first}",
        "dates": "（{first} 至 {last}）",
        "one_dates": "（{first}）",
        "scores": "{series} 个序列，{origins} 个留出的起点{nth}；只保留了误差",
        "a_series": "一个序列",
        "join": "；",
        "and": " 和 ",
        "season_found": "发现 {periods} 步的季节（检验值 {value}，界限 {limit}）",
        "season_given": "给定 {periods} 步的季节",
        "season_none": "没有发现季节",
        "scaled": "误差以各序列自身的尺度为单位",
        "use": "用哪个：{parts}",
        "to": "{a} 至 {b}",
        "close": "，难分高下",
        "rmse": "RMSE",
        "mae": "MAE",
        "log_loss": "对数损失",
        "zero_one": "错误符号的比例",
        "saves": "误差小（{step}）",
        "least": "{saved}（{sign} {low}）",
        "baseline": "基线",
        "mark": "* 该 k 处应使用的。",
        "fact": "{heading}：{said}",
        "note": "注：{note}",
    },
}
SHORT = {
    "en": (("trust it ", ""), (" ahead", ""), ("too few origins to tell", "too few to tell"),
           ("too close to call but for", "but for"),
           ("no gain as measured: use", "use"), ("not better: use", "use")),
    "zh": (("可信", ""), ("提前 ", ""), ("起点太少，", ""), ("实测没有优势：", ""), ("不比基线好：", "")),
}  # fmt: skip
"""Words of a verdict, and what is left of them where there is little room behind a bar."""

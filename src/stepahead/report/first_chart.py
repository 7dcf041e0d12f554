"""The first chart of every report as a still drawing: error by step, the best baseline as a grey area, whom to use.

The page draws the same with its script; it stands there without one, and above the table of a notebook. Nothing is
computed here but places on paper: states, rows to use and losses are read off the answer.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple, TypeVar

import numpy as np

from ..evaluation.answer_phrases import equal_parts
from ..evaluation.answer_text import Teller
from ..evaluation.answer_words import Units, plain
from ..evaluation.judgement import CLEAR, CLOSE, Judgement
from ..protocols import Array, Index
from ..text import cells, number, printable, shortened, shortened_apart
from . import palette

ROOM, MOST_ROOM = 1.12, 1.35
"""The top of the chart over the largest error of the best baseline; the latter where a model is above that."""
DEPTH = 0.45
"""The least empty part below the smallest error, as a share of what the errors span; a chart reaches 0 before that."""
WIDTH, LEFT, HIGH, LEAD = 620, 150, 210, 24
LONGEST = 18
DASHES = ("none", "7 3", "2 3", "9 3 2 3", "4 2", "1 2 6 2", "12 3")
Edges = tuple[float | None, float | None]
P = TypeVar("P")


class Part(NamedTuple):
    """Contiguous steps of one row in one state.

    first, last : places of its steps. row : among models and baselines. state : of the model there; `CLEAR` for a
        baseline.
    """

    first: int
    last: int
    row: int
    state: int


def use_parts(answer: Judgement) -> list[Part]:
    """Which row to use at which steps, apart where its state changes."""
    found = []
    for a, b in equal_parts(answer.use):
        row = int(answer.use[a])
        if row >= len(answer.models):
            found.append(Part(a, b, row, CLEAR))
        else:
            found += [
                Part(a + c, a + d, row, int(answer.state[row, a + c]))
                for c, d in equal_parts(answer.state[row, a : b + 1])
            ]
    return found


def strip_groups(parts: Sequence[P], is_narrow: Callable[[P], bool]) -> list[list[P]]:
    """The parts of the strip; three or more in a row that are too narrow for their names go together."""
    found: list[list[P]] = []
    for narrow, group in groupby(parts, is_narrow):
        every = list(group)
        found += [every] if narrow and len(every) > 2 else [[part] for part in every]
    return found


def bar_parts(answer: Judgement, model: int) -> list[Part]:
    """The states of one model, step by step."""
    return [Part(a, b, model, int(answer.state[model, a])) for a, b in equal_parts(answer.state[model])]


def edges(part: Part, steps: Index) -> Edges:
    """Where a part begins and ends: half-way between steps on an axis of logarithms, None at the ends of the axis."""
    first = None if not part.first else math.sqrt(float(steps[part.first - 1]) * float(steps[part.first]))
    last = part.last + 1
    return first, None if last == len(steps) else math.sqrt(float(steps[last - 1]) * float(steps[last]))


def best_errors(answer: Judgement, errors: Mapping[str, Array]) -> Array:
    """[steps]: the error of the best baseline of each step."""
    return np.array([errors[answer.baselines[place]][k] for k, place in enumerate(answer.best)])


def span(best: Array, models: Sequence[Array]) -> tuple[float, float]:
    """The lowest and the highest error of the chart; lines that leave it are cut.

    >>> low, high = span(np.array([2.0, 3.8]), [np.array([1.9, 6.0])])
    >>> round(low, 3), round(high, 3)
    (0.446, 5.13)
    """
    every = np.concatenate([best, *models])
    every = every[np.isfinite(every)]
    largest = float(np.max(best[np.isfinite(best)], initial=0.0))
    if not largest:
        return 0.0, 1.1 * float(np.max(every, initial=0.0)) or 1.0
    above = float(np.max(every))
    top = min(MOST_ROOM * largest, max(ROOM * largest, 1.05 * above))
    least = float(every.min())
    return max(0.0, least - DEPTH * (top - least)), top


def axis_steps(steps: Index) -> list[int]:
    """The steps that are labelled: powers of two, and the last one."""
    last = int(steps[-1])
    found = [k for k in (2**power for power in range(31)) if steps[0] <= k < 0.8 * last]
    return [*found, last]


class Drawing:
    """The chart of one answer as SVG in fixed colours, and with the classes that a page gives others."""

    def __init__(
        self, answer: Judgement, units: Units, errors: Mapping[str, Array], language: str, floor: Array | None = None
    ) -> None:
        self.answer, self.units, self.errors, self.language, self.floor = answer, units, errors, language, floor
        self.teller = Teller(answer, language, units)
        self.words, self.steps = self.teller.words, answer.steps
        self.rows = palette.first_rows(answer)
        self.best = best_errors(answer, errors)
        self.low, self.high = span(self.best, [errors[name] for name in self.rows])
        self.left, self.right, self.bottom = LEFT, WIDTH - 8, HIGH - 30
        self.parts: list[str] = []

    def svg(self) -> str:
        """All of it."""
        self.axes()
        self.area()
        for name in self.rows:  # dashes lie on the thick line: two that coincide are both seen
            self.line(name)
        self.noise()
        foot = self.strip(HIGH + 6)
        foot = self.bars(foot + 10)
        name = html.escape(self.teller.headline())
        return (
            f'<svg class="still" viewBox="0 0 {WIDTH} {foot}" width="{WIDTH}" height="{foot}" role="img" '
            f'aria-label="{name}" font-family="system-ui, sans-serif" font-size="12">{"".join(self.parts)}</svg>'
        )

    # -- places ---------------------------------------------------------------------------------------------------

    def x(self, k: float | None, end: bool = False) -> float:
        """The place of a step; None is the beginning or the end of the axis."""
        if k is None:
            return float(self.right if end else self.left)
        if len(self.steps) == 1:
            return (self.left + self.right) / 2
        first, last = math.log2(self.steps[0]), math.log2(self.steps[-1])
        inside = (math.log2(k) - first) / (last - first)
        return self.left + LEAD + inside * (self.right - 8 - self.left - LEAD)

    def y(self, value: float) -> float:
        """The place of an error."""
        return 8 + (self.high - value) / (self.high - self.low) * (self.bottom - 8)

    def path(self, values: Array, first: int = 0, last: int | None = None, edge: Edges | None = None) -> str:
        """A line through the errors of some steps, cut where it leaves the chart."""
        ends = len(self.steps) - 1 if last is None else last
        points = [(self.x(float(self.steps[k])), float(values[k])) for k in range(first, ends + 1)]
        if edge is not None:
            points = [(self.x(edge[0]), self.at(values, edge[0], first)), *points]
            points += [(self.x(edge[1], end=True), self.at(values, edge[1], ends))]
        text, pen = "", "M"
        for x, value in points:
            drawn = math.isfinite(value) and value <= self.high
            text += f"{pen}{x:.1f},{self.y(value):.1f}" if drawn else ""
            pen = "L" if drawn else "M"
        return text

    def at(self, values: Array, k: float | None, place: int) -> float:
        """The error half-way between two steps; at the ends of the axis that of the step itself."""
        if k is None:
            return float(values[place])
        other = place + 1 if k > self.steps[place] else place - 1
        return float(values[place] + values[other]) / 2

    def colour(self, name: str) -> str:
        """The colour of a model; of a baseline grey."""
        slot = palette.slots(self.answer).get(name)
        return palette.LIGHT["grey"] if slot is None else palette.MODELS[palette.colour_and_dash(slot)[0] - 1]

    def dash(self, name: str) -> str:
        """The dash of a model."""
        slot = palette.slots(self.answer)[name]
        return DASHES[palette.colour_and_dash(slot)[1] - 1]

    # -- parts ----------------------------------------------------------------------------------------------------

    def text(
        self, x: float, y: float, text: str, anchor: str = "start", colour: str = "soft", bold: bool = False
    ) -> None:
        """A text."""
        weight = ' font-weight="650"' if bold else ""
        fill = colour if colour.startswith("#") else palette.LIGHT[colour]
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}"{weight} class="{colour.strip("#")}">'
            f"{html.escape(text)}</text>"
        )

    def axes(self) -> None:
        """Round errors at the left, steps below."""
        rule, faint = palette.LIGHT["rule"], palette.LIGHT["faint"]
        power = 10.0 ** math.floor(math.log10((self.high - self.low) / 4))
        step = next(power * n for n in (1, 2, 5, 10) if power * n >= (self.high - self.low) / 4)
        ticks = [n * step for n in range(math.ceil(self.low / step), math.floor(self.high / step) + 1)]
        places = max(0, -math.floor(math.log10(step) + 1e-9)) if step >= 1e-4 and self.high < 1e7 else -1
        for tick in ticks:
            y = f"{self.y(tick):.1f}"
            self.parts.append(f'<path d="M{self.left},{y}H{self.right}" stroke="{faint}" class="grid"/>')
            self.text(self.left - 8, self.y(tick) + 4, number(tick, places) if tick else "0", "end")
        self.parts.append(f'<path d="M{self.left},{self.bottom}H{self.right}" stroke="{rule}" class="axis"/>')
        for k in axis_steps(self.steps):
            self.text(self.x(k), self.bottom + 17, f"{k:,}", "middle")
        self.text(self.left - 8, self.bottom + 17, self.teller.say("ahead_axis"), "end")

    def area(self) -> None:
        """Where nothing is better than the best baseline."""
        best = np.minimum(np.where(np.isfinite(self.best), self.best, self.high), self.high)
        line = self.path(best, edge=(None, None))
        grey = palette.LIGHT["grey"]
        self.parts.append(
            f'<path d="{line}V8H{self.left}Z" fill="{grey}" fill-opacity=".22" class="worse"/>'
            f'<path d="{line}" fill="none" stroke="{grey}" stroke-width="2" class="best"/>'
        )

    def noise(self) -> None:
        """The noise, where it is known."""
        if self.floor is not None:
            path = self.path(self.floor)
            ink = palette.LIGHT["ink"]
            self.parts.append(f'<path d="{path}" fill="none" stroke="{ink}" stroke-dasharray="5 3" class="floor"/>')

    def line(self, name: str) -> None:
        """The errors of a model, of the one spoken of thick where its gain is clear."""
        model, values, colour = self.answer.models.index(name), self.errors[name], self.colour(name)
        first = name == self.rows[0]
        width, dash = ("2", "none") if first else ("1.7", self.dash(name))
        shape = f'fill="none" stroke="{colour}" class="of {self.tag(name)}"'
        for part in bar_parts(self.answer, model) if first else ():
            if part.state == CLEAR:
                path = self.path(values, part.first, part.last, edges(part, self.steps))
                self.parts.append(f'<path d="{path}" stroke-width="5" {shape}/>')
        self.parts.append(f'<path d="{self.path(values)}" stroke-width="{width}" stroke-dasharray="{dash}" {shape}/>')

    def tag(self, name: str) -> str:
        """The class of its colour on the page."""
        slot = palette.slots(self.answer).get(name)
        return "c0" if slot is None else f"c{palette.colour_and_dash(slot)[0]}"

    def label(self, row: int, longest: int = LONGEST) -> str:
        """The name of a model, which loses its middle; the plain name of a baseline, whole."""
        name = (*self.answer.models, *self.answer.baselines)[row]
        if row < len(self.answer.models):
            return shortened_apart(map(printable, self.answer.models), longest)[printable(name)]
        return printable(plain(name, self.units, self.language))

    def hatched(self, a: float, b: float, top: float, height: int, shape: str) -> None:
        """Lines over a part that is too close to call, as far as it reaches."""
        path, at = "", a - height + 8
        while at < b:
            x, y = max(at, a + 1), min(at + height - 2, b - 1)
            if y > x:
                foot = top + height - 1 + at
                path += f"M{x:.1f},{foot - x:.1f}L{y:.1f},{foot - y:.1f}"
            at += 7
        self.parts.append(f'<path d="{path}" fill="none" {shape}/>')

    def block(self, part: Part, top: float, height: int, name: str) -> tuple[float, float]:
        """A part of the strip or of a bar; where it begins and ends."""
        ends = edges(part, self.steps)
        a, b = self.x(ends[0]) + (ends[0] is not None), self.x(ends[1], end=True) - (ends[1] is not None)
        colour, tag = self.colour(name), self.tag(name)
        box = f'x="{a:.1f}" y="{top}" width="{max(b - a, 1):.1f}" height="{height}" rx="2"'
        if part.state == CLEAR:
            self.parts.append(f'<rect {box} fill="{colour}" class="full {tag}"/>')
        elif part.state == CLOSE:
            self.parts.append(f'<rect {box} fill="none" stroke="{colour}" stroke-dasharray="3 2" class="open {tag}"/>')
            self.hatched(a, b, top, height, f'stroke="{colour}" stroke-opacity=".55" class="hatch {tag}"')
        return a, b

    def strip(self, top: int) -> int:
        """Whom to use at which steps."""
        use = "Use" if self.language == "en" else "用哪个"
        self.text(0, top + 17, use, colour="ink", bold=True)

        def is_narrow(part: Part) -> bool:
            begin, end = edges(part, self.steps)
            room = self.x(end, end=True) - self.x(begin)
            return room < 40 and 7 * cells(self.label(part.row)) > room - 8

        for group in strip_groups(use_parts(self.answer), is_narrow):
            part = group[0]
            if len(group) > 1:
                self.changing(Part(part.first, group[-1].last, part.row, CLOSE), top)
                continue
            name = (*self.answer.models, *self.answer.baselines)[part.row]
            a, b = self.block(part, top, 24, name)
            closed = part.state == CLOSE
            texts = [self.label(part.row)]
            if closed:
                texts.insert(0, texts[0] + (", " if self.language == "en" else "，") + self.words["close"])
            if part.row >= len(self.answer.models) and b - a > 64:
                texts.append(shortened(texts[0], int((b - a - 6) / 7) - 1, end=True))
            fitting = next((text for text in texts if 7 * cells(text) < b - a - 6), None)
            if fitting:
                colour = "ink" if closed else "ground"
                self.text((a + b) / 2, top + 16, fitting, "middle", colour, bold=True)
        return top + 24

    def changing(self, part: Part, top: int) -> None:
        """A part of the strip within which the row to use changes from step to step."""
        ends = edges(part, self.steps)
        a, b = self.x(ends[0]), self.x(ends[1], end=True)
        faint = palette.LIGHT["faint"]
        box = f'x="{a:.1f}" y="{top}" width="{b - a:.1f}" height="24" rx="2"'
        self.parts.append(f'<rect {box} fill="{faint}" class="empty"/>')
        if 7 * cells(self.words["changes"]) < b - a - 6:
            self.text((a + b) / 2, top + 16, self.words["changes"], "middle", "ink", bold=True)

    def bars(self, top: int) -> int:
        """One bar a model; then what its forms mean."""
        for name in self.rows:
            row = self.answer.models.index(name)
            key = f'<path d="M0,{top + 6}h24" stroke="{self.colour(name)}" stroke-width="2" class="of {self.tag(name)}"'
            self.parts.append(f'{key} stroke-dasharray="{self.dash(name)}"/>')
            is_first = name == self.rows[0]
            self.text(32, top + 10, self.label(row, 13 if is_first else 15), colour="ink", bold=is_first)
            self.parts.append(
                f'<rect x="{self.left}" y="{top}" width="{self.right - self.left}" height="11" rx="2" '
                f'fill="{palette.LIGHT["faint"]}" class="empty"/>'
            )
            for part in bar_parts(self.answer, row):
                self.block(part, top, 11, name)
            top += 24
        return self.keys(top)

    def keys(self, top: int) -> int:
        """Clear gain, too close to call, no gain."""
        x, blue, faint = 0.0, palette.MODELS[0], palette.LIGHT["faint"]
        forms = (
            ("clear", f'fill="{blue}" class="full c1"'),
            ("close", f'fill="none" stroke="{blue}" stroke-dasharray="3 2" class="open c1"'),
            ("none", f'fill="{faint}" class="empty"'),
        )
        for key, form in forms:
            self.parts.append(f'<rect x="{x + 1:.1f}" y="{top + 3}" width="20" height="8" rx="2" {form}/>')
            word = self.words["close_key" if key == "close" else key]
            if key == "close":
                self.hatched(x + 1, x + 21, top + 3, 8, f'stroke="{blue}" stroke-opacity=".55" class="hatch c1"')
            self.text(x + 28, top + 11, word)
            x += 48 + 7 * cells(word)
        return top + 20


def still(
    answer: Judgement, units: Units, errors: Mapping[str, Array], language: str = "en", floor: Array | None = None
) -> str:
    """The chart as SVG.

    >>> import stepahead as sa
    >>> result = sa.evaluate([sa.AR(lags=4)], sa.datasets.nile(), horizon=4)
    >>> still(result.answer.judgement, result.answer.units, result.by_step())[:18]
    '<svg class="still"'

    Parameters
    ----------
    errors : {name of a model or a baseline: [steps]}. floor : [steps] the smallest error that is possible.
    """
    return Drawing(answer, units, errors, language, floor).svg()

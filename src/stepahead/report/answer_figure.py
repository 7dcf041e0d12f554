"""The figure of an answer: error by step with the baselines as a grey area, which row to use, one bar for each model.

All places are in points, 72 an inch; steps stand where their logarithm does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..errors import missing_extra
from ..evaluation.comparison import Comparison
from ..evaluation.judgement import CLEAR, CLOSE, ranges
from ..evaluation.kstep import KStep
from ..parameters import one_of, refuse
from ..protocols import Array
from ..text import fill, printable, shortened, shortened_apart, wrapped
from .figures import DASHES, GREY, GROUND, INK, RULE, SOFT, TEXT
from .first_chart import strip_groups
from .fonts import drawable, families, fonts, language_of
from .palette import LIGHT, MODELS, colour_and_dash
from .picture import WORDS, Picture, Segment
from .places import apart, free_place

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, CHART = 6.8, 2.6
"""Inches of the figure, and of the chart's height, where no size is asked for."""
NARROWEST, LOWEST, MOST_NAME = 4.0, 0.8, 0.3
MARGIN, LEFT, GAP = 10.0, 44.0, 6.0
TITLE, SMALL, PITCH, BAR, STRIP, IN_STRIP = 13.0, TEXT - 0.5, 16.0, 7.5, 13.0, 8.0
NARROW = 30.0
"""A part of the strip at most so wide may have no room for its name."""
DOTS = (100, 200)
"""To the inch, on a screen and in a file: letters stand on whole dots, so that a text is not equally wide in both."""
SHORTEST = 7
"""Letters of a name that has lost its middle, at least."""
OVERHANG = 1.6
"""How much longer than its part of the area the name of a baseline may be."""
LINE = 1.4
"""The distance of two lines of text, in sizes of their letters."""
DASHED, HATCH = (0, (3, 1.5)), "////"
"""The outline and the filling of what is too close to call, in the strip and in the bars alike."""
FAINT, AREA = LIGHT["faint"], LIGHT["rule"]


def plot(
    result: Comparison | KStep,
    ax: Axes | None = None,
    language: str = "en",
    size: tuple[float, float] | None = None,
    shown: Sequence[str] = (),
) -> Figure:
    """A comparison, or one result beside its baselines, as a figure; into given axes the chart alone.

    Parameters
    ----------
    language : "en" or "zh". size : inches, (width, height). shown : names of the models to draw, in place of the first
        few.
    """
    one_of("language", language, tuple(WORDS))
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise missing_extra("figures", "matplotlib", "plot") from None
    picture = Picture(result, language_of(language), shown)
    with fonts(picture.texts()):
        drawing = Drawing(picture)
        if ax is None:
            return drawing.whole(Figure, size)
        figure: Any = ax.figure
        width, height = 72.0 * figure.bbox.width / figure.dpi, 72.0 * figure.bbox.height / figure.dpi
        place = ax.get_position()
        drawing.chart(ax, width * place.width, height * place.height, alone=True)
        ax.set_xlabel(drawing.safe(picture.ahead()), fontsize=SMALL, color=SOFT, parse_math=False)
        return cast("Figure", figure)


class Drawing:
    """One picture, put on paper."""

    def __init__(self, picture: Picture) -> None:
        self.picture, self.steps = picture, picture.steps
        self.safe = drawable(families(picture.texts()))
        at = np.log2(self.steps.astype(np.float64))
        span = float(at[-1] - at[0]) or 1.0
        self.at = at
        self.room = MOST_NAME * 72.0 * WIDTH
        self.edges = np.concatenate([[at[0] - 0.055 * span], (at[1:] + at[:-1]) / 2, [at[-1] + 0.02 * span]])

    # -- all of it ------------------------------------------------------------------------------------------------

    def whole(self, make: Callable[..., Figure], size: tuple[float, float] | None) -> Figure:
        """A figure with title, chart, strip and bars."""
        picture = self.picture
        width = 72.0 * (WIDTH if size is None else size[0])
        if not width >= 72.0 * NARROWEST:
            raise refuse("size", size, f"a width of {NARROWEST:g} inches at least")
        room = width - 2.0 * MARGIN
        title = self.lines(picture.headline(), TITLE, room, "bold")
        below = self.lines(picture.below(), TEXT, room)
        keys = self.lines(picture.step_axis(), SMALL, room)
        head = MARGIN + LINE * (TITLE * len(title) + TEXT * len(below) + TEXT) + GAP
        rows = 0.0 if picture.answer is None else PITCH * (1 + len(picture.models)) + GAP
        foot = rows + LINE * TEXT * (1 + len(keys)) + GAP + MARGIN
        height = head + foot + 72.0 * CHART if size is None else 72.0 * size[1]
        tall = height - head - foot
        if not tall >= 72.0 * LOWEST:
            raise refuse("size", size, f"a height of {(head + foot) / 72.0 + LOWEST:.1f} inches at least")
        figure = make(figsize=(width / 72.0, height / 72.0), facecolor=GROUND)
        figure.set_layout_engine("none")  # every place is given, whatever layout is set for all figures
        self.paragraph(figure, title, (MARGIN, height - MARGIN), fontsize=TITLE, color=INK, weight="bold")
        start = height - MARGIN - LINE * TITLE * len(title)
        self.paragraph(figure, below, (MARGIN, start), fontsize=TEXT, color=SOFT)
        wide = width - LEFT - MARGIN - GAP - self.names_width(width)
        self.chart(axes_at(figure, LEFT, foot, wide, tall), wide, tall, alone=not rows)
        if rows:
            self.bars(axes_at(figure, LEFT, foot - rows, wide, rows), wide, rows)
        middle = max(LEFT + wide / 2, MARGIN + max(map(self.measure(SMALL), keys)) / 2)
        end = MARGIN + LINE * TEXT * len(keys)
        self.paragraph(figure, keys, (middle, end), fontsize=SMALL, color=SOFT, ha="center")
        return figure

    def paragraph(self, figure: Figure, lines: Sequence[str], at: tuple[float, float], **style: Any) -> None:
        """Lines of text one under the other, from a place on."""
        width, height = (72.0 * float(inches) for inches in figure.get_size_inches())
        for number, line in enumerate(lines):
            y = at[1] - LINE * style["fontsize"] * number
            figure.text(at[0] / width, y / height, line, va="top", parse_math=False, **style)

    # -- words ----------------------------------------------------------------------------------------------------

    def measure(self, size: float, weight: str = "normal") -> Callable[[str], float]:
        """How wide a text is, in points."""
        from matplotlib.backends.backend_agg import RendererAgg
        from matplotlib.font_manager import FontProperties

        font = FontProperties(size=size, weight=weight)
        renderers: list[tuple[int, Any]] = [(dots, RendererAgg(1, 1, dots)) for dots in DOTS]  # type: ignore[no-untyped-call]

        @cache  # a line is measured again with each word that is tried at its end
        def wide(text: str) -> float:
            found = ((dots, made.get_text_width_height_descent(text, font, False)[0]) for dots, made in renderers)
            return max(72.0 / dots * float(pixels) for dots, pixels in found)

        return wide

    def lines(self, text: str, size: float, width: float, weight: str = "normal") -> list[str]:
        """A text as lines that are not wider than that."""
        return wrapped(self.safe(text), width, measure=self.measure(size, weight)) if text else []

    def fitting(
        self, text: str, room: float, size: float, weight: str = "normal", least: int = 1, end: bool = False
    ) -> str:
        """A text without its middle, or its end, where there is no room for all of it; nothing where too little would
        be left.
        """
        text, width = self.safe(printable(text)), self.measure(size, weight)
        if width(text) <= room:
            return text
        models = [self.safe(printable(name)) for name in self.picture.models]
        for most in range(len(text) - 1, least - 1, -1):
            found = shortened_apart(models, most)[text] if text in models else shortened(text, most, end)
            if width(found) <= room:
                return found
        return ""

    def names_width(self, width: float) -> float:
        """The room of the names beside the lines: what they want, but not much of the figure's width."""
        picture, wide = self.picture, self.measure(SMALL, "bold")
        names = [*map(printable, picture.models), *map(picture.limit, picture.limits), picture.own["use"]]
        self.room = min(MOST_NAME * width, max(wide(self.safe(name)) for name in names) + 4.0)
        return self.room

    def colour(self, name: str) -> str:
        """The colour of a model."""
        return MODELS[colour_and_dash(self.picture.slots[name])[0] - 1]

    def weight(self, name: str) -> str:
        """The model spoken of is written bold."""
        return "bold" if name == self.picture.head else "normal"

    # -- the chart ------------------------------------------------------------------------------------------------

    def chart(self, axes: Axes, width: float, height: float, alone: bool) -> None:
        """Error by step: the baselines' area, limits, a line each model; with the steps under it where it is alone."""
        picture = self.picture
        low, high = picture.ends()
        self.frame(axes, alone)
        axes.set_ylim(low, high)
        axes.set_title(self.safe(picture.value_axis()), fontsize=SMALL, color=SOFT, loc="left", pad=4, parse_math=False)
        axes.grid(axis="y", color=RULE, linewidth=0.6)
        axes.locator_params(axis="y", nbins=5)
        if picture.area is not None:
            x, y = self.to_the_ends(picture.area)
            axes.fill_between(x, y, high, color=AREA, alpha=0.75, linewidth=0, zorder=0.5)
            axes.plot(x, y, color=GREY, linewidth=1.5, zorder=2)
        for line in picture.limits.values():
            axes.plot(2.0**self.at, line, color=INK, linestyle=(0, (5, 3)), linewidth=0.9, zorder=4)
        for name, line in picture.lines.items():
            self.line(axes, name, line)
        self.names_of_lines(axes, height, low, high)
        if picture.area is not None:
            self.names_of_baselines(axes, picture.area, (width, height), (low, high))

    def line(self, axes: Axes, name: str, line: Array) -> None:
        """The errors of one model; thick where its gain is clear, if it is the one spoken of."""
        is_head = name == self.picture.head
        style: dict[str, Any] = {
            "color": self.colour(name),
            "linewidth": 1.5 if is_head else 1.2,
            "zorder": 4 - is_head,  # dashes lie on the thick line: two that coincide are both seen
        }
        style |= {"linestyle": DASHES[colour_and_dash(self.picture.slots[name])[1] - 1], "markersize": 4}
        axes.plot(2.0**self.at, line, marker="o" if len(line) == 1 else None, **style)
        if is_head:
            self.thick(axes, line)

    def frame(self, axes: Axes, alone: bool) -> None:
        """Axes of steps, without a box."""
        axes.set_facecolor(GROUND)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_xscale("log", base=2)
        axes.set_xlim(2.0 ** self.edges[0], 2.0 ** self.edges[-1])
        ticks = [int(k) for k in self.steps if int(k) & (int(k) - 1) == 0] or [int(self.steps[0])]
        if ticks[-1] != self.steps[-1]:
            ticks = [k for k in ticks if k < 0.8 * self.steps[-1]] + [int(self.steps[-1])]
        axes.set_xticks(ticks, [str(k) for k in ticks] if alone else [""] * len(ticks))
        axes.set_xticks([], minor=True)
        axes.tick_params(labelsize=SMALL, colors=SOFT, length=0)

    def to_the_ends(self, line: Array) -> tuple[Array, Array]:
        """A line that goes on to the ends of the chart."""
        x = np.concatenate([self.edges[:1], self.at, self.edges[-1:]])
        return 2.0**x, np.concatenate([line[:1], line, line[-1:]])

    def thick(self, axes: Axes, line: Array) -> None:
        """The parts of a line with a clear gain, from half-way to half-way of the steps."""
        for first, last in ranges(self.picture.clear()):
            x = np.concatenate([[self.edges[first]], self.at[first : last + 1], [self.edges[last + 1]]])
            axes.plot(
                2.0**x, np.interp(x, self.at, line), color=MODELS[0], linewidth=3.8, solid_capstyle="butt", zorder=3
            )

    def names_of_lines(self, axes: Axes, height: float, low: float, high: float) -> None:
        """Names beside the ends of their lines, pushed apart so that none covers another."""
        picture, size = self.picture, SMALL
        ends = [(float(line[-1]), name, self.colour(name), self.weight(name)) for name, line in picture.lines.items()]
        ends += [(float(line[-1]), picture.limit(name), INK, "normal") for name, line in picture.limits.items()]
        ends = sorted((end for end in ends if not np.isnan(end[0])), key=lambda end: end[0])
        wanted = [height * min(max((end - low) / (high - low), 0.0), 1.0) for end, *_ in ends]
        places = apart(wanted, 1.25 * size, 0.5 * size, height - 0.5 * size)
        for (_, name, colour, weight), place in zip(ends, places, strict=True):
            self.beside(axes, place / height, name, colour, weight)

    def beside(self, axes: Axes, y: float, name: str, colour: str, weight: str) -> None:
        """A name at the right of axes."""
        text = self.fitting(name, self.room, SMALL, weight)
        axes.annotate(
            text, (1.0, y), xycoords="axes fraction", xytext=(GAP, 0), textcoords="offset points", va="center",
            ha="left", fontsize=SMALL, color=colour, weight=weight, parse_math=False, annotation_clip=False,
        )  # fmt: skip

    def names_of_baselines(self, axes: Axes, area: Array, room: tuple[float, float], ends: tuple[float, float]) -> None:
        """Each best baseline is named in its part of the area, where no line passes and there is room for it."""
        picture, span, (width, height) = self.picture, self.edges[-1] - self.edges[0], room
        grid = np.linspace(self.edges[0], self.edges[-1], 400)
        here = (grid - self.edges[0]) / span * width
        floor, *lines = (
            np.asarray((np.interp(grid, self.at, line) - ends[0]) / (ends[1] - ends[0]) * height)
            for line in (area, *picture.lines.values(), *picture.limits.values())
        )
        for first, last, name in picture.best():
            text = self.safe(name)
            wide = self.measure(SMALL)(text)
            start, stop = (width * (self.edges[edge] - self.edges[0]) / span for edge in (first, last + 1))
            if wide > OVERHANG * (stop - start) or start + wide + GAP > width:
                continue
            starts = np.linspace(start + GAP, max(start + GAP, stop - wide - GAP), 12)
            place = free_place(starts, (wide, SMALL), floor, lines, (width, height))
            if place is not None:
                x, y = place
                axes.text(
                    x / width, y / height, text, transform=axes.transAxes, fontsize=SMALL, color=INK, va="bottom",
                    parse_math=False, zorder=5,
                )  # fmt: skip
                lines.append(np.where((here > x - GAP) & (here < x + wide + GAP), y + SMALL / 2, np.nan))

    # -- strip and bars -------------------------------------------------------------------------------------------

    def bars(self, axes: Axes, width: float, height: float) -> None:
        """The strip that says which row to use, and the states of each model below it."""
        picture = self.picture
        self.frame(axes, alone=True)
        axes.set_ylim(0.0, height)
        axes.set_yticks([])
        middle = height - GAP - STRIP / 2
        for group in strip_groups(picture.strip(), lambda part: self.is_narrow(part, width)):
            if len(group) > 1:
                self.changing(axes, group, middle, width)
            else:
                self.segment(axes, group[0], middle, width)
        self.beside(axes, middle / height, picture.own["use"], INK, "bold")
        for row, name in enumerate(picture.models, 1):
            y, colour, state = middle - PITCH * row, self.colour(name), picture.state(name)
            self.box(axes, 0, len(state) - 1, y, BAR, facecolor=FAINT)
            for first, last in ranges(state == CLOSE):
                self.box(
                    axes,
                    first,
                    last,
                    y,
                    BAR,
                    facecolor="none",
                    edgecolor=colour,
                    linestyle=DASHED,
                    hatch=HATCH,
                    linewidth=1.0,
                )
            for first, last in ranges(state == CLEAR):
                self.box(axes, first, last, y, BAR, facecolor=colour)
            self.beside(axes, y / height, name, colour, self.weight(name))

    def box(self, axes: Axes, first: int, last: int, middle: float, tall: float, **style: Any) -> None:
        """A bar over some steps, from half-way to half-way."""
        from matplotlib.patches import Rectangle

        left, right = 2.0 ** self.edges[first], 2.0 ** self.edges[last + 1]
        style = {"linewidth": 0.0} | style
        axes.add_patch(Rectangle((left, middle - tall / 2), right - left, tall, **style))

    def part_width(self, first: int, last: int, width: float) -> float:
        """How wide the steps between two places are."""
        return float(width * (self.edges[last + 1] - self.edges[first]) / (self.edges[-1] - self.edges[0]))

    def is_narrow(self, part: Segment, width: float) -> bool:
        """Whether a part of the strip has no room for its name."""
        room = self.part_width(part.first, part.last, width)
        return room < NARROW and self.measure(IN_STRIP, "bold")(self.safe(part.name)) > room - GAP

    def changing(self, axes: Axes, group: Sequence[Segment], middle: float, width: float) -> None:
        """A part of the strip within which the row to use changes from step to step."""
        first, last = group[0].first, group[-1].last
        self.box(axes, first, last, middle, STRIP, facecolor=FAINT)
        text, room = self.safe(self.picture.words["changes"]), self.part_width(first, last, width) - GAP
        if self.measure(IN_STRIP, "bold")(text) <= room:
            axes.text(
                2.0 ** ((self.edges[first] + self.edges[last + 1]) / 2), middle, text, ha="center",
                va="center_baseline", fontsize=IN_STRIP, weight="bold", color=INK, parse_math=False,
            )  # fmt: skip

    def segment(self, axes: Axes, part: Segment, middle: float, width: float) -> None:
        """A part of the strip with the name of the row to use, as far as there is room."""
        hatched, colour = part.is_model and not part.is_clear, self.colour(part.name) if part.is_model else AREA
        style: dict[str, Any] = {"facecolor": colour}
        if hatched:
            style = {"facecolor": GROUND, "edgecolor": colour, "hatch": HATCH, "linestyle": DASHED, "linewidth": 1.0}
        self.box(axes, part.first, part.last, middle, STRIP, **style)
        left, right = self.edges[part.first], self.edges[part.last + 1]
        room = self.part_width(part.first, part.last, width) - GAP
        long = fill(self.picture.own["too_close"], name=part.name) if hatched else part.name
        text = self.fitting(long, room, IN_STRIP, "bold", len(long)) or self.fitting(
            part.name, room, IN_STRIP, "bold", SHORTEST, end=not part.is_model
        )
        if text:
            from matplotlib.patheffects import withStroke

            axes.text(
                2.0 ** ((left + right) / 2), middle, text, ha="center", va="center_baseline", fontsize=IN_STRIP,
                weight="bold", color=GROUND if part.is_clear else INK, parse_math=False,
                path_effects=[withStroke(linewidth=3, foreground=GROUND)] if hatched else [],
            )  # fmt: skip


def axes_at(figure: Figure, left: float, bottom: float, wide: float, tall: float) -> Axes:
    """Axes at a place in points."""
    width, height = (72.0 * float(inches) for inches in figure.get_size_inches())
    return figure.add_axes((left / width, bottom / height, wide / width, tall / height))

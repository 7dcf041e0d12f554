"""Figures, from plain arrays and strings; only this module imports matplotlib."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import missing_extra
from ..files import write_whole
from ..parameters import refuse
from ..protocols import Array
from ..text import shortened_apart
from . import palette
from .fonts import drawable, families
from .palette import MODELS
from .places import apart

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DASHES: tuple[Any, ...] = (
    "-", (0, (7, 3)), (0, (2, 2)), (0, (9, 3, 2, 3)), (0, (4, 2)), (0, (1, 2, 6, 2)), (0, (12, 3)),
)  # fmt: skip
"""One a number of dash in the palette."""
GREY, INK, SOFT, RULE, SEEN, GROUND = (
    palette.LIGHT[name] for name in ("grey", "ink", "soft", "rule", "seen", "ground")
)
SIZE = (6.0, 3.0)
TEXT = 9.0


def _figure(size: tuple[float, float] = SIZE) -> tuple[Figure, Axes]:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise missing_extra("figures", "matplotlib", "plot") from None
    figure = Figure(figsize=size, layout="constrained", facecolor=GROUND)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(RULE)
    axes.tick_params(labelsize=TEXT - 0.5, colors=SOFT, length=3)
    axes.grid(axis="y", color=RULE, linewidth=0.5)
    axes.set_axisbelow(True)
    return figure, axes


def along(
    times: npt.NDArray[Any],
    values: Array,
    lines: Mapping[str, tuple[npt.NDArray[Any], Array]] | None = None,
    *,
    title: str = "",
    xlabel: str = "time",
    ylabel: str = "x",
    data_label: str = "data",
    known_label: str = "known until here",
    known_until: Any = None,
    first: Any = None,
) -> Figure:
    """A series along time, and forecasts over it: the note's figures 1, 3, 4 and 5. 6 x 3 inches.

    Parameters
    ----------
    times, values : [time] the data, drawn as dots under the lines, or as a line where they are alone.
    lines : {label: (times, values)} the forecasts.
    known_until : a time; a vertical line marks it, and `known_label` says what it is.
    first : a time; the picture begins there, by default where the data do.
    """
    figure, axes = _figure()
    if lines:
        axes.plot(times, values, ".", markersize=2.2, color=SEEN, label=_safe(data_label), zorder=1)
    else:
        axes.plot(times, values, linewidth=0.8, color=MODELS[0], label=_safe(data_label))
    for number, (label, (where, line)) in enumerate((lines or {}).items()):
        colour = MODELS[number % len(MODELS)]
        axes.plot(
            where, line, linewidth=1.5 if number else 1.1, color=colour, label=_safe(label), zorder=3 - 0.1 * number
        )
    if known_until is not None:
        axes.axvline(known_until, color=SOFT, linewidth=0.8)
        axes.annotate(
            _safe(known_label), (known_until, 1.0), xycoords=("data", "axes fraction"), xytext=(-4, -2),
            textcoords="offset points", ha="right", va="top", fontsize=TEXT - 1, color=SOFT,
            family=families([known_label]),
        )  # fmt: skip
    if len(times):
        axes.set_xlim(times[0] if first is None else first, times[-1])
    _label(axes, title, xlabel, ylabel)
    if lines:
        axes.legend(
            prop={"family": families([data_label, *lines]), "size": TEXT - 0.5}, frameon=False,
            ncols=min(len(lines) + 1, 5), loc="upper center",
            bbox_to_anchor=(0.5, -0.22), handlelength=1.4, columnspacing=1.2,
        )  # fmt: skip
    return figure


def error_by_k(
    steps: npt.NDArray[Any],
    errors: Mapping[str, Array],
    limits: Mapping[str, Array] | None = None,
    *,
    slots: Mapping[str, int] | None = None,
    title: str = "",
    xlabel: str = "k, steps ahead",
    ylabel: str = "RMSE",
) -> Figure:
    """RMSE against the number of steps ahead, a line a model.

    Parameters
    ----------
    steps : [steps]. errors : {name: [steps]}; names stand at the line ends.
    limits : {name: [steps]} errors that nobody, or nobody with so little memory, can go below: thin and dashed.
    slots : {name: slot} of their colours and dashes, by default in their order.
    """
    figure, axes = _figure((6.0, 3.4))
    ends: list[tuple[float, str, str]] = []
    marker = "o" if len(steps) == 1 else None
    for slot, (name, line) in enumerate(errors.items(), 1):
        colour, dash = palette.colour_and_dash(slots[name] if slots else slot)
        style = {"color": MODELS[colour - 1], "linestyle": DASHES[dash - 1], "linewidth": 1.8, "marker": marker}
        axes.plot(steps, line, **style)
        ends.append((float(line[-1]), name, MODELS[colour - 1]))
    for name, limit in (limits or {}).items():
        axes.plot(steps, limit, color=INK, linestyle=(0, (5, 3)), linewidth=1.1, zorder=1)
        ends.append((float(limit[-1]), name, INK))
    _step_axis(axes, steps)
    top = max((float(np.nanmax(line)) for line in errors.values() if np.isfinite(line).any()), default=1.0)
    axes.set_ylim(0.0, 1.08 * top if top > 0.0 else 1.0)
    _names_at_ends(axes, ends)
    _label(axes, title, xlabel, ylabel)
    return figure


def _step_axis(axes: Any, steps: Any) -> None:
    """Powers of two and the last step; one step alone needs no scale."""
    if len(steps) < 2:
        return
    axes.set_xscale("log", base=2)
    ticks = [int(k) for k in 2 ** np.arange(0, 20) if steps[0] <= k <= steps[-1]]
    if ticks and ticks[-1] != steps[-1]:
        ticks = [k for k in ticks if k < 0.8 * steps[-1]] + [int(steps[-1])]
    axes.set_xticks(ticks, [str(k) for k in ticks])
    axes.set_xticks([], minor=True)
    axes.set_xlim(steps[0], steps[-1])


def _names_at_ends(axes: Axes, ends: list[tuple[float, str, str]]) -> None:
    """Names beside the last point of each line, pushed apart so that none covers another."""
    low, high = axes.get_ylim()
    gap = 0.062 * (high - low)
    ends = sorted((end for end in ends if np.isfinite(end[0])), key=lambda end: end[0])
    places = apart([end[0] for end in ends], gap, low, high)
    short = shortened_apart([name for _, name, _ in ends], 24)
    for (end, name, colour), place in zip(ends, places, strict=True):
        axes.annotate(
            _safe(short[name]), (1.0, end), xycoords=("axes fraction", "data"), xytext=(1.03, place),
            textcoords=("axes fraction", "data"), va="center", ha="left", fontsize=TEXT - 0.5, color=colour,
            parse_math=False, family=families([name]),
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 0,
            "relpos": (0.0, 0.5)},
        )  # fmt: skip


def _safe(text: str) -> str:
    return drawable(families([text]))(text)


def _label(axes: Axes, title: str, xlabel: str, ylabel: str) -> None:
    axes.set_xlabel(_safe(xlabel), fontsize=TEXT, color=SOFT, parse_math=False, family=families([xlabel]))
    axes.set_ylabel(_safe(ylabel), fontsize=TEXT, color=SOFT, parse_math=False, family=families([ylabel]))
    if title:
        family = families([title])
        axes.set_title(_safe(title), fontsize=TEXT + 1, color=INK, loc="left", parse_math=False, family=family)


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure to a ``.png`` (200 dots an inch) or ``.svg`` file, whole or not at all."""
    kind = Path(path).suffix.lower()
    if kind not in (".png", ".svg"):
        raise refuse("path", str(path), "a name that ends in .png or .svg")
    import matplotlib as mpl

    drawn = io.BytesIO()
    # The same figure gives the same file: no date, ids from a fixed salt; and looks the same where its font is not.
    with mpl.rc_context({"svg.hashsalt": "stepahead", "svg.fonttype": "path"}):
        figure.savefig(drawn, format=kind[1:], dpi=200, metadata={"Date": None} if kind == ".svg" else {})
    write_whole(path, drawn.getvalue())


def bands_by_k(
    steps: npt.NDArray[Any], parts: Mapping[str, Array], *, title: str = "", ylabel: str = "mean squared error"
) -> Figure:
    """Parts that add up to an error, stacked over the number of steps ahead; the line on top is the error itself.

    Parameters
    ----------
    steps : [steps]. parts : {name: [steps]}, from the bottom up; names and last values stand beside the bands. A part
        below 0 takes away from those under it, and is hatched.
    """
    figure, axes = _figure((6.0, 3.4))
    # Neighbours that are far apart for every kind of eye.
    colours = (GREY, MODELS[0], MODELS[1], MODELS[3], MODELS[4], MODELS[2])
    less: dict[str, Any] = {"facecolor": "none", "edgecolor": GROUND, "hatch": "////", "linewidth": 0}
    below = np.zeros(len(steps))
    ends: list[tuple[float, str, str]] = []
    for number, (name, part) in enumerate(parts.items()):
        colour = colours[number % len(colours)]
        above = below + part
        axes.fill_between(
            steps, below, above, where=part >= 0.0, interpolate=True, color=colour, alpha=0.75, linewidth=0
        )
        axes.fill_between(steps, above, below, where=part < 0.0, interpolate=True, **less)
        axes.plot(steps, above, color=GROUND, linewidth=0.8)
        last = f"{part[-1]:.3f}" if abs(part[-1]) < 10.0 else f"{part[-1]:.4g}"
        ends.append((float(0.5 * (below[-1] + above[-1])), f"{name} {last}", colour))
        below = above
    axes.plot(steps, below, color=INK, linewidth=1.6)
    axes.set_ylim(min(0.0, float(np.nanmin(below))), 1.08 * float(np.nanmax(below)) or 1.0)
    _step_axis(axes, steps)
    _names_at_ends(axes, ends)
    _label(axes, title, "k, steps ahead", ylabel)
    return figure

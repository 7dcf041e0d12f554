"""The tables of the page: HTML that stands without the script, and has every number that the charts draw."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

import numpy as np

from ...evaluation.trust import Horizon
from ...protocols import Index
from ...text import NONE, decimals, fill, number, printable, share
from . import names
from .facts import Banded, Facts, Line
from .sentences import Words, ends, loss, margin, paragraph

MOST_ROWS = 60
LONGEST_IN_CELL = 80
"""A cell shows less; all of a name is told where a mouse rests on it."""


def by_step(facts: Facts, words: Words) -> str:
    """The table at the top: how far each model can be trusted, and its error at some steps, the smallest of each in bold."""
    places = facts.shown
    values = [line.error.value[places] for line in facts.lines]
    digits = decimals(float(v) for row in values for v in row)
    best = np.nanmin(np.where(np.isnan(values), np.inf, values), axis=0)
    caption = "by_step_bold" if facts.symbolic else "by_step_unit"
    head = [
        words["model"],
        *([words["trusted"]] if facts.models else []),
        *[f"k = {facts.steps[place]:,}" for place in places],
    ]
    late = "" if facts.symbolic else f'<th scope="col" class="late">{fill(words["inside_short"], k=_last(facts))}</th>'
    rows = []
    for line, row in zip(_listed(facts), values, strict=False):
        cells = [_bold(float(v), digits, v == least) for v, least in zip(row, best, strict=True)]
        rows.append(_row(facts, line, words, cells))
    rest = [(words[facts.floor_word], facts.floor, "limit"), (words["counted"], facts.counted, "limit count")]
    for name, found, kind in rest:
        if found is None:
            continue
        texts = [number(float(v), digits if kind == "limit" else 0) for v in found[places]]
        key = _key("") if kind == "limit" else ""
        reach = "<td></td>" if facts.models else ""
        last = "" if facts.symbolic else '<td class="late"></td>'
        rows.append(
            f'<tr class="{kind}"><th scope="row">{key}{html.escape(name)}</th>{reach}'
            + "".join(f"<td>{text}</td>" for text in texts)
            + f"{last}</tr>"
        )
    return (
        f"<table><caption>{html.escape(fill(words[caption], reading=words[facts.reading]))}</caption><thead><tr>"
        + "".join(f'<th scope="col">{html.escape(text)}</th>' for text in head)
        + f"{late}</tr></thead>\n<tbody>"
        + "\n".join(rows)
        + "</tbody></table>"
    )


def note(facts: Facts, words: Words, drawn: int) -> str:
    """What of the models is not drawn, or not even listed, and that no season was tried."""
    listed = min(len(facts.models), MOST_ROWS)
    said = []
    if listed < len(facts.models):
        said.append(fill(words["listed_models"], drawn=listed, all=f"{len(facts.models):,}"))
    if drawn < len(facts.models):
        said.append(fill(words["drawn_models"], drawn=drawn, all=f"{len(facts.models):,}"))
    if not facts.seasonal:
        said.append(words["no_season"])
    return "".join(paragraph(text, "note") for text in said)


def _listed(facts: Facts) -> list[Line]:
    """The best models and every baseline."""
    models = [line for line in facts.lines if not line.simple]
    return [*models[:MOST_ROWS], *[line for line in facts.lines if line.simple]]


def _last(facts: Facts) -> str:
    return f"{facts.steps[-1]:,}"


def _row(facts: Facts, line: Line, words: Words, cells: Iterable[str]) -> str:
    """One model: its line sample and name, how far it is trusted, its errors, and how often its interval was right."""
    kind = ' class="guess"' if line.simple else ""
    reach = ""
    if facts.models:
        reach = f"<td>{NONE}</td>" if line.reach is None else _reach(facts, line, line.reach, words)
    late = "" if facts.symbolic else f'<td class="late">{share(line.coverage)}</td>'
    return (
        f'<tr{kind}><th scope="row">{_key(names.classes(facts, line.name))}{_cut(line.name)}</th>{reach}'
        + "".join(cells)
        + f"{late}</tr>"
    )


def _cut(name: str) -> str:
    """A name in a cell, its end cut off where it is long; all of it where a mouse rests."""
    whole = html.escape(printable(name, names.LONGEST))
    return f'<span class="who" title="{whole}">{names.element(name, longest=LONGEST_IN_CELL)}</span>'


def _key(classes: str) -> str:
    """A sample of a model's line."""
    return f'<svg class="key {classes}" viewBox="0 0 30 8" aria-hidden="true"><path d="M0 4h30"/></svg>'


def _reach(facts: Facts, line: Line, reach: Horizon, words: Words) -> str:
    """The number of steps, and a bar of so much of all steps."""
    claim, of = reach.claim, reach.of
    far = 76.0 * claim / of
    return (
        f'<td class="reach"><b>{claim:,}</b><svg class="gauge {names.classes(facts, line.name)}" viewBox="0 0 76 7" role="img" '
        f'aria-label="{fill(words["trusted_of"], claim=f"{claim:,}", of=f"{of:,}")}"><rect width="76" height="7" rx="1"/>'
        f'<rect class="far" width="{far:.1f}" height="7" rx="1"/></svg></td>'
    )


def _bold(value: float, digits: int, best: bool) -> str:
    text = number(value, digits)
    return f"<td><b>{text}</b></td>" if best else f"<td>{text}</td>"


# -- every number -------------------------------------------------------------------------------------------------


def every_number(facts: Facts, drawn: Sequence[Line], places: Index, words: Words) -> str:
    """How far, error by step and skill by step, each a table that opens."""
    found = [_folded(words["numbers_reach"], _how_far(facts, words))] if facts.models else []
    reading = fill(words["numbers_loss" if facts.symbolic else "numbers_error"], reading=words[facts.reading])
    found.append(
        _folded(reading, _steps(facts, [(line, line.error) for line in drawn], places, words, facts.floor is not None))
    )
    if facts.models:
        found.append(_folded(words["numbers_skill"], _steps(facts, [(line, line.skill) for line in drawn], places, words)))
    if len(places) < len(facts.steps):
        found.append(paragraph(fill(words["numbers_some"], drawn=len(places), all=f"{len(facts.steps):,}"), "note"))
    return "\n".join(found)


def _folded(title: str, table: str) -> str:
    shown = html.escape(title)
    return (
        f'<details><summary>{shown}</summary><div class="scroll" tabindex="0" role="region" aria-label="{shown}">{table}</div>'
        "</details>"
    )


def _how_far(facts: Facts, words: Words) -> str:
    saved = next(margin(line.reach) for line in facts.lines if line.reach is not None)
    head = [
        words["model"],
        words["reach_claim"],
        fill(words["reach_horizon"], margin=saved, loss=loss(facts, words)),
        words["reach_interval"],
        *([] if facts.symbolic else [fill(words["inside_short"], k=_last(facts))]),
    ]
    rows = []
    for line in _listed(facts):
        cells = [NONE] * 3
        if line.reach is not None:
            cells = [f"{line.reach.claim:,}", f"{line.reach.horizon:,}", ends(line.reach, words)]
        rows.append((_cut(line.name), cells + ([] if facts.symbolic else [share(line.coverage)])))
    return _table([html.escape(text) for text in head], rows)


def _steps(facts: Facts, lines: Sequence[tuple[Line, Banded]], places: Index, words: Words, floor: bool = False) -> str:
    """A row a step, a column a model, the ends of the interval under each number."""
    digits = decimals(float(v) for _, found in lines for v in found.value[places])
    head = ["k", *[_cut(line.name) for line, _ in lines], *([html.escape(words[facts.floor_word])] if floor else [])]
    rows = []
    for place in places.tolist():
        cells = [_with_ends(found, place, digits, words) for _, found in lines]
        if floor and facts.floor is not None:
            cells.append(number(float(facts.floor[place]), digits))
        rows.append((f"{facts.steps[place]:,}", cells))
    return _table(head, rows)


def _with_ends(found: Banded, place: int, digits: int, words: Words) -> str:
    value, low, high = (number(float(side[place]), digits) for side in found)
    return value if NONE in (value, low, high) else f"{value}<i>{fill(words['interval'], low=low, high=high)}</i>"


def _table(head: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]]) -> str:
    """A plain table of cells that are HTML already."""
    return (
        "<table><thead><tr>"
        + "".join(f'<th scope="col">{cell}</th>' for cell in head)
        + "</tr></thead><tbody>"
        + "\n".join(f'<tr><th scope="row">{name}</th>' + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for name, row in rows)
        + "</tbody></table>"
    )

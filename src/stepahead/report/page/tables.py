"""The tables of the page: HTML that stands without the script, and has every number that the charts draw."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

import numpy as np

from ...evaluation.trust import Horizon
from ...protocols import Index
from ...text import NONE, decimals, fill, number, printable, share
from . import name_tags
from .facts import Banded, Facts, Line
from .sentences import Wording, ends, loss, margin, paragraph

MOST_ROWS = 60
LONGEST_IN_CELL = 80
"""A cell shows less; all of a name is told where a mouse rests on it."""


def by_step(facts: Facts, wording: Wording) -> str:
    """The table at the top: how far each model can be trusted, and its error at some steps,
    the smallest of each in bold.
    """
    places = facts.shown
    values = [line.error.value[places] for line in facts.lines]
    digits = decimals(float(v) for row in values for v in row)
    best = np.nanmin(np.where(np.isnan(values), np.inf, values), axis=0)
    caption = "by_step_bold" if facts.symbolic else "by_step_unit"
    head = [
        wording["model"],
        *([wording["trusted"]] if facts.models else []),
        *[f"k = {facts.steps[place]:,}" for place in places],
    ]
    late = (
        "" if facts.symbolic else f'<th scope="col" class="late">{fill(wording["inside_short"], k=_last(facts))}</th>'
    )
    rows = []
    for line, row in zip(_listed(facts), values, strict=False):
        cells = [_bold(float(v), digits, v == least) for v, least in zip(row, best, strict=True)]
        rows.append(_row(facts, line, wording, cells))
    rest = [(wording[facts.floor_word], facts.floor, "limit"), (wording["counted"], facts.counted, "limit count")]
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
        f"<table><caption>{html.escape(fill(wording[caption], reading=wording[facts.reading]))}</caption><thead><tr>"
        + "".join(f'<th scope="col">{html.escape(text)}</th>' for text in head)
        + f"{late}</tr></thead>\n<tbody>"
        + "\n".join(rows)
        + "</tbody></table>"
    )


def note(facts: Facts, wording: Wording, drawn: int) -> str:
    """What of the models is not drawn, or not even listed, and that no season was tried."""
    listed = min(len(facts.models), MOST_ROWS)
    notes = []
    if listed < len(facts.models):
        notes.append(fill(wording["listed_models"], drawn=listed, all=f"{len(facts.models):,}"))
    if drawn < len(facts.models):
        notes.append(fill(wording["drawn_models"], drawn=drawn, all=f"{len(facts.models):,}"))
    if not facts.seasonal:
        notes.append(wording["no_season"])
    return "".join(paragraph(text, "note") for text in notes)


def _listed(facts: Facts) -> list[Line]:
    """The best models and every baseline."""
    models = [line for line in facts.lines if not line.simple]
    return [*models[:MOST_ROWS], *[line for line in facts.lines if line.simple]]


def _last(facts: Facts) -> str:
    return f"{facts.steps[-1]:,}"


def _row(facts: Facts, line: Line, wording: Wording, cells: Iterable[str]) -> str:
    """One model: its line sample and name, how far it is trusted, its errors, and how often its interval was right."""
    kind = ' class="baseline"' if line.simple else ""
    reach = ""
    if facts.models:
        reach = f"<td>{NONE}</td>" if line.reach is None else _reach(facts, line, line.reach, wording)
    late = "" if facts.symbolic else f'<td class="late">{share(line.coverage)}</td>'
    return (
        f'<tr{kind}><th scope="row">{_key(name_tags.classes(facts, line.name))}{_cut(line.name)}</th>{reach}'
        + "".join(cells)
        + f"{late}</tr>"
    )


def _cut(name: str) -> str:
    """A name in a cell, its end cut off where it is long; all of it where a mouse rests."""
    whole = html.escape(printable(name, name_tags.LONGEST))
    return f'<span class="who" title="{whole}">{name_tags.element(name, longest=LONGEST_IN_CELL)}</span>'


def _key(classes: str) -> str:
    """A sample of a model's line."""
    return f'<svg class="key {classes}" viewBox="0 0 30 8" aria-hidden="true"><path d="M0 4h30"/></svg>'


def _reach(facts: Facts, line: Line, reach: Horizon, wording: Wording) -> str:
    """The number of steps, and a bar of so much of all steps."""
    claim, of = reach.claim, reach.of
    far = 76.0 * claim / of
    return (
        f'<td class="reach"><b>{claim:,}</b><svg class="gauge {name_tags.classes(facts, line.name)}" '
        'viewBox="0 0 76 7" role="img" '
        f'aria-label="{fill(wording["trusted_of"], claim=f"{claim:,}", of=f"{of:,}")}"><rect '
        'width="76" height="7" rx="1"/>'
        f'<rect class="far" width="{far:.1f}" height="7" rx="1"/></svg></td>'
    )


def _bold(value: float, digits: int, best: bool) -> str:
    text = number(value, digits)
    return f"<td><b>{text}</b></td>" if best else f"<td>{text}</td>"


# -- every number -------------------------------------------------------------------------------------------------


def every_number(facts: Facts, drawn: Sequence[Line], places: Index, wording: Wording) -> str:
    """How far, error by step and skill by step, each a table that opens."""
    found = [_folded(wording["numbers_reach"], _how_far(facts, wording))] if facts.models else []
    reading = fill(wording["numbers_loss" if facts.symbolic else "numbers_error"], reading=wording[facts.reading])
    found.append(
        _folded(
            reading, _steps(facts, [(line, line.error) for line in drawn], places, wording, facts.floor is not None)
        )
    )
    if facts.models:
        found.append(
            _folded(wording["numbers_skill"], _steps(facts, [(line, line.skill) for line in drawn], places, wording))
        )
    if len(places) < len(facts.steps):
        found.append(paragraph(fill(wording["numbers_some"], drawn=len(places), all=f"{len(facts.steps):,}"), "note"))
    return "\n".join(found)


def _folded(title: str, table: str) -> str:
    shown = html.escape(title)
    return (
        f'<details><summary>{shown}</summary><div class="scroll" tabindex="0" role="region" '
        f'aria-label="{shown}">{table}</div>'
        "</details>"
    )


def _how_far(facts: Facts, wording: Wording) -> str:
    saved = next(margin(line.reach) for line in facts.lines if line.reach is not None)
    head = [
        wording["model"],
        wording["reach_claim"],
        fill(wording["reach_horizon"], margin=saved, loss=loss(facts, wording)),
        wording["reach_interval"],
        *([] if facts.symbolic else [fill(wording["inside_short"], k=_last(facts))]),
    ]
    rows = []
    for line in _listed(facts):
        cells = [NONE] * 3
        if line.reach is not None:
            cells = [f"{line.reach.claim:,}", f"{line.reach.horizon:,}", ends(line.reach, wording)]
        rows.append((_cut(line.name), cells + ([] if facts.symbolic else [share(line.coverage)])))
    return _table([html.escape(text) for text in head], rows)


def _steps(
    facts: Facts, lines: Sequence[tuple[Line, Banded]], places: Index, wording: Wording, floor: bool = False
) -> str:
    """A row a step, a column a model, the ends of the interval under each number."""
    digits = decimals(float(v) for _, found in lines for v in found.value[places])
    head = ["k", *[_cut(line.name) for line, _ in lines], *([html.escape(wording[facts.floor_word])] if floor else [])]
    rows = []
    for place in places.tolist():
        cells = [_with_ends(found, place, digits, wording) for _, found in lines]
        if floor and facts.floor is not None:
            cells.append(number(float(facts.floor[place]), digits))
        rows.append((f"{facts.steps[place]:,}", cells))
    return _table(head, rows)


def _with_ends(found: Banded, place: int, digits: int, wording: Wording) -> str:
    value, low, high = (number(float(side[place]), digits) for side in found)
    return value if NONE in (value, low, high) else f"{value}<i>{fill(wording['interval'], low=low, high=high)}</i>"


def _table(head: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]]) -> str:
    """A plain table of cells that are HTML already."""
    return (
        "<table><thead><tr>"
        + "".join(f'<th scope="col">{cell}</th>' for cell in head)
        + "</tr></thead><tbody>"
        + "\n".join(
            f'<tr><th scope="row">{name}</th>' + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for name, row in rows
        )
        + "</tbody></table>"
    )

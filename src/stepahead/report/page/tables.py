"""The tables of the page: HTML that stands without the script, and has every number that the charts draw."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

import numpy as np

from ...evaluation.answer_text import verdict_text
from ...evaluation.answer_words import plain
from ...protocols import Index
from ...text import AS_IF, NONE, decimals, fill, number, printable, share
from . import name_tags
from .facts import Banded, Facts, Line
from .sentences import called, caption, notes, paragraph, reading, teller
from .wording import WORDING

MOST_ROWS = 60


def digits_of(facts: Facts) -> int:
    """Decimals of the errors, of which the table and the charts have the same number."""
    listed = [line for line in facts.lines if not line.simple] + facts.baselines
    return decimals(float(v) for line in listed for v in line.error.value[facts.shown])


def by_step(facts: Facts, start: int, language: str) -> str:
    """The table: each model with its verdict, what it saves at one step (the place `start`), its error at some steps.

    Bold is the one to use at that step.
    """
    wording, digits, judged = WORDING[language], digits_of(facts), facts.judgement
    last = facts.shown[-1]
    late = [place for place in facts.shown if place not in (facts.shown[0], last)][1:]
    head = f'<th scope="col">{wording["model"]}</th>'
    if judged is not None:
        at = html.escape(called(int(facts.steps[start]), facts, language))
        head += f'<th scope="col" class="said">{wording["verdict"]}</th>'
        head += f'<th scope="col">{wording["saves"]} <span id="saves-at">{at}</span></th>'
    head += "".join(f'<th scope="col"{_late(place, late)}>k = {facts.steps[place]:,}</th>' for place in facts.shown)
    rows = [_row(facts, line, start, digits, late, language) for line in [*facts.models[:MOST_ROWS], *facts.baselines]]
    for name, found, kind in ((facts.floor_word, facts.floor, "limit"), ("counted", facts.counted, "limit count")):
        if found is not None:
            shown = [number(float(found[place]), digits if kind == "limit" else 0) for place in facts.shown]
            told = wording["under_floor"] if kind == "limit" else ""
            verdict = f'<td class="said">{told}</td><td></td>' if judged is not None else ""
            cells = "".join(f"<td{_late(p, late)}>{text}</td>" for p, text in zip(facts.shown, shown, strict=True))
            rows.append(f'<tr class="{kind}"><th scope="row">{wording[name]}</th>{verdict}{cells}</tr>')
    return (
        f"<table><caption>{html.escape(caption(facts, wording))}</caption><thead><tr>{head}</tr></thead>\n<tbody>"
        + "\n".join(rows)
        + "</tbody></table>"
    )


def _late(place: int, late: Sequence[int]) -> str:
    """The class of a column that a phone has no room for."""
    return ' class="late"' if place in late else ""


def _row(facts: Facts, line: Line, start: int, digits: int, late: Sequence[int], language: str) -> str:
    """One model or baseline."""
    judged = facts.judgement
    is_head = judged is not None and line.row == judged.head
    kind = ' class="baseline"' if line.simple else ' class="named"' if is_head else ""
    verdict = ""
    if judged is not None:
        verdict = f'<td class="said">{_verdict(facts, line, language)}</td>{_saving(facts, line, start, language)}'
    cells = ""
    for place in facts.shown:
        text = number(float(line.error.value[place]), digits)
        text = f"<b>{text}</b>" if judged is not None and int(judged.use[place]) == line.row else text
        cells += f"<td{_late(place, late)}>{text}</td>"
    return f'<tr{kind}><th scope="row">{_name(facts, line, language)}</th>{verdict}{cells}</tr>'


def _verdict(facts: Facts, line: Line, language: str) -> str:
    """The verdict of a model, its detail below it."""
    if line.simple or facts.judgement is None:
        return WORDING[language]["baseline"]
    text, detail = verdict_text(facts.judgement, line.row, language, facts.units)
    return html.escape(text) + (f"<i>{html.escape(detail)}</i>" if detail else "")


def _saving(facts: Facts, line: Line, start: int, language: str) -> str:
    """What a model saves at a step."""
    if line.saving is None:
        return "<td></td>"
    saved = teller(facts, language).percent(float(line.saving.value[start]))
    return f'<td class="saved">{saved.replace("-", "−")}</td>'


def _name(facts: Facts, line: Line, language: str) -> str:
    """A line sample and a name; of a baseline the plain one, with that of the code in grey below it."""
    classes = name_tags.classes(facts.slots, line.name)
    key = f'<svg class="key {classes}" viewBox="0 0 30 8" aria-hidden="true"><path d="M0 4h30"/></svg>'
    if not line.simple:
        return key + _cut(line.name, name_tags.LONGEST_CELLS, facts.names(simple=False))
    plainly = plain(line.name, facts.units, language)
    code = f'<i class="code">{name_tags.element(line.name, longest=name_tags.LONGEST_CELLS)}</i>'
    # One that says what is taken as foreseen loses its middle here: where a cell ends, it would lose that.
    longest = name_tags.LONGEST_FORESEEN if AS_IF in plainly else name_tags.LONGEST
    shown = _cut(plainly, longest, [plain(name, facts.units, language) for name in facts.names(simple=True)])
    return f'{key}<span class="two">{shown}{"" if plainly == line.name else code}</span>'


def _cut(name: str, longest: int = name_tags.LONGEST_CELLS, among: Sequence[str] = ()) -> str:
    """A name in a cell without its middle where it is long; all of it where a mouse rests."""
    whole = html.escape(printable(name, name_tags.LONGEST))
    return f'<span class="who" title="{whole}">{name_tags.element(name, longest=longest, among=among)}</span>'


def under(facts: Facts, drawn: int, language: str) -> str:
    """The notes under the table; what of the models is not drawn, or not even listed."""
    wording, of = WORDING[language], f"{len(facts.models):,}"
    found = notes(facts, language)
    if len(facts.models) > MOST_ROWS:
        found.append(fill(wording["listed_models"], drawn=MOST_ROWS, all=of))
    if drawn < len(facts.models):
        found.append(fill(wording["drawn_models"], drawn=drawn, all=of))
    return "".join(paragraph(text, "note") for text in found)


# -- every number -------------------------------------------------------------------------------------------------


def every_number(facts: Facts, drawn: Sequence[Line], places: Index, language: str) -> str:
    """Error by step, saving by step, and how often intervals were right, each a table that opens."""
    wording = WORDING[language]
    shown = fill(
        wording["numbers_error" if facts.reading == "rmse" else "numbers_loss"], reading=reading(facts, wording)
    )
    rest = [line for line in facts.lines if line.simple and line not in drawn]
    errors = [(line, line.error) for line in [*drawn, *rest]]
    found = [_folded(shown, _steps(facts, errors, places, wording, floor=facts.floor is not None))]
    savings = [(line, line.saving) for line in drawn if line.saving is not None]
    if savings:
        found.append(_folded(wording["numbers_saving"], _steps(facts, savings, places, wording, per_cent=True)))
    if not facts.symbolic:
        last = f"{facts.steps[-1]:,}"
        rows = [
            (_cut(line.name, among=facts.names(simple=False)), [share(line.coverage), made_of(line, wording)])
            for line in drawn
        ]
        head = [wording["model"], fill(wording["inside_short"], k=last), wording["inside_by"]]
        found.append(_folded(fill(wording["numbers_inside"], k=last), _table(head, rows)))
    if len(places) < len(facts.steps):
        found.append(paragraph(fill(wording["numbers_some"], drawn=len(places), all=f"{len(facts.steps):,}"), "note"))
    return "\n".join(found)


def made_of(line: Line, wording: dict[str, str]) -> str:
    """What the interval of a model comes from."""
    kind, count = line.made_of
    if not kind:
        return wording["by_conformal"]
    return fill(wording["by_model"], what=fill(wording[f"own_{kind}"], n=f"{count:,}"))


def _folded(title: str, table: str) -> str:
    shown = html.escape(title)
    return (
        f'<details><summary>{shown}</summary><div class="scroll" tabindex="0" role="region" '
        f'aria-label="{shown}">{table}</div>'
        "</details>"
    )


def _steps(
    facts: Facts,
    lines: Sequence[tuple[Line, Banded]],
    places: Index,
    wording: dict[str, str],
    floor: bool = False,
    per_cent: bool = False,
) -> str:
    """A row a step, a column a model, the ends of the interval under each number."""
    digits = decimals(float(v) for _, found in lines for v in found.value[places])
    head = [
        "k",
        *[_cut(line.name, among=facts.names(simple=False)) for line, _ in lines],
        *([html.escape(wording[facts.floor_word])] if floor else []),
    ]
    rows = []
    for place in places.tolist():
        cells = [_with_ends(found, place, digits, wording, per_cent) for _, found in lines]
        if floor and facts.floor is not None:
            cells.append(number(float(facts.floor[place]), digits))
        rows.append((f"{facts.steps[place]:,}", cells))
    return _table(head, rows)


def _with_ends(found: Banded, place: int, digits: int, wording: dict[str, str], per_cent: bool) -> str:
    ends = (float(side[place]) for side in found)
    value, low, high = (_per_cent(end) if per_cent else number(end, digits) for end in ends)
    return value if NONE in (value, low, high) else f"{value}<i>{fill(wording['interval'], low=low, high=high)}</i>"


def _per_cent(value: float) -> str:
    return number(value) if not np.isfinite(value) else number(100.0 * value, 1) + "%"


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

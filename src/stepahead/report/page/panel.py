"""Many series: in how many each model can be trusted how far, and the verdict of every series by itself."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...evaluation.answer_text import Teller, verdict_text
from ...evaluation.answer_words import Units, plain
from ...evaluation.answers import by_series
from ...evaluation.comparison import Comparison
from ...evaluation.judgement import CLEAR, NO_GAIN, Judgement
from ...protocols import Array, Index
from ...series import names_of
from ...text import decimals, fill, number, printable
from .. import palette
from ..first_chart import axis_steps, bar_parts, edges
from . import name_tags, packing
from .facts import Facts
from .sentences import called
from .wording import WORDING

MOST_ROWS, WITHOUT_SCRIPT = 2000, 100
"""Series that are listed, and those of them that stand without the script."""
LAST_VALUES = 90
KINDS = ("trusted", "too_few", "no_gain")
Cells = tuple[str, str, str, str, str, str]


@dataclass(frozen=True)
class Every:
    """What is judged of every series by itself.

    judged : {place of a series: its judgement}. order : places, trusted ones first, the furthest of them first.
    own, best : {place: error at the first step, of the model spoken of and of the best baseline there}.
    told : {language: the rows of the table}, once they were asked for.
    """

    facts: Facts
    judged: dict[int, Judgement]
    order: list[int]
    own: dict[int, float]
    best: dict[int, float]
    told: dict[str, list[Cells]] = field(default_factory=dict)

    @property
    def head(self) -> int:
        """The place of the model spoken of."""
        return self.facts.answered.head

    def kind(self, index: int) -> str:
        """What is told of the model spoken of in one series: one of `KINDS`."""
        judged = self.judged[index]
        if judged.range_of(self.head):
            return "trusted"
        return "too_few" if (judged.state[self.head] > NO_GAIN).any() else "no_gain"

    def counts(self, model: int) -> list[int]:
        """[steps] in how many series a model is trusted from the first step to at least this one."""
        ends = [found[1] for found in (one.range_of(model) for one in self.judged.values()) if found and not found[0]]
        return [sum(end >= place for end in ends) for place in range(len(self.facts.steps))]


def every(facts: Facts, results: Comparison) -> Every | None:
    """The judgement of every series; None of one series, and where only baselines stand."""
    if len(facts.panel) == 1 or facts.answer is None:
        return None
    judged = dict(by_series(dict(results), facts.answer))
    values, names = results.by_series(), list(results.scorer.series)
    places = {index: names.index(name) for index, name in enumerate(names_of(facts.panel)) if name in names}
    model = facts.answered.models[facts.answered.head]
    own = {index: float(values[model][places[index], 0]) for index in judged}
    best = {index: float(values[one.baselines[int(one.best[0])]][places[index], 0]) for index, one in judged.items()}
    found = Every(facts, judged, [], own, best)

    def rank(index: int) -> tuple[int, int, int]:
        ends = judged[index].range_of(found.head)
        return KINDS.index(found.kind(index)), -ends[1] if ends else 0, index

    return Every(facts, judged, sorted(judged, key=rank), own, best)


# -- the head -----------------------------------------------------------------------------------------------------


def headline(found: Every, language: str, model: str) -> str:
    """In how many series the model can be trusted one step ahead."""
    wording, count = WORDING[language], found.counts(found.head)[0]
    values = {"model": model, "count": f"{count:,}", "of": f"{len(found.judged):,}"}
    step = called(int(found.facts.steps[0]), found.facts, language)
    key = "panel_none" if not count else "panel_all" if count == len(found.judged) else "panel_head"
    return fill(wording[key], called=step, **values)


def second(found: Every, language: str) -> str:
    """In how many it can be trusted further, from where on in none, and what to use in the others."""
    wording, counts = WORDING[language], found.counts(found.head)
    steps = found.facts.steps
    drops = [place for place in range(1, len(counts)) if 0 < counts[place] < counts[place - 1]]
    drops = drops if len(drops) <= 3 else [drops[0], drops[1], drops[-2]]
    parts = [
        fill(wording["panel_in"], called=called(int(steps[k]), found.facts, language), count=f"{counts[k]:,}")
        for k in drops
    ]
    last = max((place for place, count in enumerate(counts) if count), default=None)
    text = wording["comma"].join(parts)
    if last is not None and last < len(steps) - 1:
        beyond = fill(wording["panel_beyond"], called=called(int(steps[last]), found.facts, language))
        text += (wording["semicolon"] if text else "") + beyond
    parts = [text[:1].upper() + text[1:] + wording["stop"]] if text else []
    if counts[0] < len(found.judged):
        parts.append(wording["panel_instead" if counts[0] else "panel_instead_none"])
    return wording["space"].join(parts)


def is_empty(found: Every) -> bool:
    """Whether no model is trusted from the first step on in any series: there is no curve to draw."""
    return not any(found.counts(model)[0] for model in range(len(found.facts.answered.models)))


def counts_html(found: Every, language: str) -> str:
    """Three counts, and one bar that they divide."""
    wording, total = WORDING[language], len(found.judged)
    counts = {kind: sum(found.kind(index) == kind for index in found.judged) for kind in KINDS}
    cells = "".join(
        f"<div><dt>{html.escape(wording[f'count_{kind}'])}</dt><dd>{counts[kind]:,}</dd></div>" for kind in KINDS
    )
    bar, x = "", 0.0
    for kind, form in zip(KINDS, ("full c1", "open c1", "empty"), strict=True):
        width = 300.0 * counts[kind] / total
        if width:
            shrunk = max(width - 2, 1)
            bar += f'<rect class="{form}" x="{x + 1:.1f}" y="2" width="{shrunk:.1f}" height="12" rx="2"/>'
        x += width
    shape = 'class="share" viewBox="0 0 300 16" preserveAspectRatio="none" aria-hidden="true"'
    return f'<dl class="counts">{cells}</dl><svg {shape}>{bar}</svg>'


def as_one(found: Every, language: str) -> str:
    """What is told of all series as one, and a season that was found."""
    facts, wording = found.facts, WORDING[language]
    if facts.answer is None:
        return ""
    told = facts.answer.told(language)
    season = Teller(facts.answered, language, facts.units).words["fact_season"]
    listed = [(wording["as_one"], told.headline, "")]
    listed += [(heading, text, " class=season") for heading, text in told.facts if heading == season]
    return (
        '<dl class="facts">'
        + "".join(
            f"<div{kind}><dt>{html.escape(heading)}</dt><dd>{html.escape(text)}</dd></div>"
            for heading, text, kind in listed
        )
        + "</dl>"
    )


# -- the table ----------------------------------------------------------------------------------------------------


def table(found: Every, language: str) -> str:
    """Every series: its verdict, what the model saves at the first step, errors there. The script adds the rest."""
    wording, step = WORDING[language], called(int(found.facts.steps[0]), found.facts, language)
    reading = wording[found.facts.reading]
    heads = [
        ("name", wording["one_series"]), ("spark", fill(wording["last_values"], n=LAST_VALUES)),
        ("verdict", wording["verdict"]), ("gain", wording["clear"]), ("saves", fill(wording["saves_at"], called=step)),
        ("own", fill(wording["error_at"], reading=reading, called=step)),
        ("best", fill(wording["best_at"], called=step)),
    ]  # fmt: skip
    head = "".join(f'<th scope="col" class="{key}">{html.escape(text)}</th>' for key, text in heads)
    body = []
    for name, verdict, saved, own, baseline, best in rows(found, language)[:WITHOUT_SCRIPT]:
        body.append(
            f'<tr><th scope="row">{name_tags.element(name, longest=name_tags.LONGEST_CELLS)}</th>'
            f'<td class="spark"></td><td class="verdict">{html.escape(verdict)}</td><td class="gain"></td>'
            f'<td>{saved}</td><td>{own}</td><td class="best">{best}<i>{html.escape(baseline)}</i></td></tr>'
        )
    total = len(found.order)
    listed = (
        fill(wording["every_series"], n=f"{total:,}")
        if total <= MOST_ROWS
        else fill(wording["some_series"], drawn=f"{MOST_ROWS:,}", all=f"{total:,}")
    )
    notes = f'<p class="note">{html.escape(wording["by_itself"])}</p>'
    if total > WITHOUT_SCRIPT:
        notes += f'<p class="note off">{fill(wording["without_script"], drawn=WITHOUT_SCRIPT, all=f"{total:,}")}</p>'
    return f"""<section class="column table every" aria-label="{html.escape(wording["verdict"])}">
<div class="scroll" tabindex="0" role="region" aria-label="{html.escape(listed)}">
<table id="every-series"><caption>{html.escape(listed)}</caption><thead><tr>{head}</tr></thead>
<tbody>{"".join(body)}</tbody></table></div>{notes}</section>"""


def rows(found: Every, language: str) -> list[Cells]:
    """What the table says of every series that is listed."""
    if language not in found.told:
        found.told[language] = [_cells(found, index, language) for index in found.order[:MOST_ROWS]]
    return found.told[language]


def _cells(found: Every, index: int, language: str) -> Cells:
    """Name, verdict, saving, error, best baseline and its error, as text."""
    facts, judged = found.facts, found.judged[index]
    units = Units(facts.panel[index].unit, facts.units.time, facts.units.loss)
    teller = Teller(judged, language, units)
    verdict = verdict_text(judged, found.head, language, units)[0]
    if judged.head != found.head and judged.kind == "trusted":
        verdict += fill(WORDING[language]["better_here"], model=printable(judged.models[judged.head], 40))
    places = decimals([found.own[index], found.best[index]])
    baseline = plain(judged.baselines[int(judged.best[0])], units, language)
    saved = teller.percent(float(judged.saving[found.head, 0])).replace("-", "−")
    return (
        names_of(facts.panel)[index], verdict, saved, number(found.own[index], places), printable(baseline),
        number(found.best[index], places),
    )  # fmt: skip


# -- the data -----------------------------------------------------------------------------------------------------


def data(found: Every, views: list[int], language: str) -> dict[str, Any]:
    """What the script needs: counts by step of every model, and the rows of the table.

    Parameters
    ----------
    views : places of the series that are drawn along time.
    """
    names = list(palette.slots(found.facts.answered))
    models = found.facts.answered.models
    listed = found.order[:MOST_ROWS]
    cells = rows(found, language)
    verdicts = list(dict.fromkeys(cell[1] for cell in cells))
    baselines = list(dict.fromkeys(cell[4] for cell in cells))
    return {
        "of": len(found.judged),
        "counts": [found.counts(models.index(name)) for name in names[: packing.MOST_LINES]],
        "ticks": axis_steps(found.facts.steps),
        "verdicts": verdicts,
        "baselines": baselines,
        "rows": [
            [
                name_tags.isolated(name, name_tags.LONGEST_CELLS), verdicts.index(verdict), saved, own,
                baselines.index(baseline), best, _gains(found.judged[index], found.head, found.facts.steps),
                _spark(found.facts.panel[index].numbers), views.index(index) if index in views else -1,
                packing.rounded(float(found.judged[index].saving[found.head, 0])), packing.rounded(found.own[index]),
                packing.rounded(found.best[index]),
            ]
            for index, (name, verdict, saved, own, baseline, best) in zip(listed, cells, strict=True)
        ],
    }  # fmt: skip


def _gains(judged: Judgement, model: int, steps: Index) -> list[float]:
    """Where the gain is clear, as shares of an axis of logarithms: begin, end, begin, end .."""
    low, high = math.log(float(steps[0])) - 0.35, math.log(float(steps[-1])) + 0.1

    def share(k: float | None, end: float) -> float:
        return end if k is None else round((math.log(k) - low) / (high - low), 3)

    found: list[float] = []
    for part in bar_parts(judged, model):
        if part.state == CLEAR:
            first, last = edges(part, steps)
            found += [share(first, 0.0), share(last, 1.0)]
    return found


def _spark(values: Array) -> str:
    """The last values as a line of small letters, each a height; a blank where there is none."""
    last = values[-LAST_VALUES:]
    seen = last[~np.isnan(last)]
    if not len(seen):
        return ""
    low, width = float(seen.min()), float(np.ptp(seen)) or 1.0
    heights = np.where(np.isnan(last), -1, np.rint(25.0 * (last - low) / width))
    return "".join(" " if height < 0 else chr(97 + int(height)) for height in heights)

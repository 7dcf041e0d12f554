"""What stands at the head of the page, and how the numbers were made. The answer is shown as it is told."""

from __future__ import annotations

import html
import platform
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ...evaluation import fits
from ...evaluation.answer_text import Teller
from ...evaluation.answer_words import TIMES, plain
from ...models.model import fingerprint
from ...text import fill, ordinal, printable
from ...version import __version__
from ..chinese import in_language
from . import name_tags
from .facts import Facts, Line
from .ticks import moment
from .wording import WORDING

Wording = dict[str, str]
MAY_BREAK = "\u200b"
"""Where a Chinese headline may break: behind its punctuation, which no browser does by itself between letters kept."""
PLACE = "\ue000"
MOST_MODELS_TOLD, MOST_GAPS = 40, 4
LONGEST_KEPT = 18
"""Of a name that stays on one line of the headline."""


def headline(facts: Facts, language: str) -> str:
    """The answer in one sentence."""
    return WORDING[language]["nobody"] if facts.answer is None else facts.answer.told(language).headline


def headline_html(facts: Facts, language: str) -> str:
    """The same as HTML: the model underlined in its colour, the range of steps kept on one line."""
    judged = facts.judgement
    if judged is None:
        return html.escape(headline(facts, language))
    # With a letter that stands in no text in place of the name, so that no other word is taken for it.
    names = tuple(PLACE if place == judged.head else name for place, name in enumerate(judged.models))
    sentence = Teller(replace(judged, models=names), language, facts.units).headline()
    before, found, after = (html.escape(part) for part in sentence.partition(PLACE))
    if found:
        name = printable(judged.models[judged.head])
        kept = " whole" if len(name) <= LONGEST_KEPT else ""
        classes = name_tags.classes(facts.slots, judged.models[judged.head])
        found = f'<bdi class="{classes}{kept}">{html.escape(name)}</bdi>'
    if judged.range_of(judged.head) is not None and language == "en" and len(after) < 40:
        after = f' <span class="whole">{after.strip()}</span>'
    if language == "zh":
        after = after.replace("：", "：" + MAY_BREAK).replace("，", "，" + MAY_BREAK)
    return before + found + after


def teller(facts: Facts, language: str) -> Teller:
    """The phrases of the answer: steps, units, plain names."""
    return Teller(facts.answered, language, facts.units)


def unit(facts: Facts, language: str, count: int = 2) -> str:
    """What steps are called: days, steps."""
    one, many, chinese = TIMES[facts.units.time]
    return chinese if language == "zh" else one if count == 1 else many


def called(k: int, facts: Facts, language: str) -> str:
    """A number of steps with its unit: "1 day", "64 steps"."""
    return fill(WORDING[language]["called"], k=f"{k:,}", unit=unit(facts, language, k))


def reading(facts: Facts, wording: Wording) -> str:
    """What the numbers are, with their unit: "RMSE, °C"."""
    value = printable(facts.units.value)
    return fill(wording["with_unit"], reading=wording[facts.reading], unit=value) if value else wording[facts.reading]


def caption(facts: Facts, wording: Wording) -> str:
    """What the table by step holds."""
    many = len(facts.panel) > 1 and not facts.symbolic
    return fill(wording["by_step_many" if many else "by_step"], reading=reading(facts, wording))


def kicker(facts: Facts, wording: Wording) -> str:
    """Whose report this is."""
    values = {
        "count": f"{sum(len(series) for series in facts.panel):,}",
        "origins": f"{facts.rows:,}",
        "nth": every_nth(facts, wording),
    }
    if len(facts.panel) > 1:
        return fill(wording["kicker_many"], series=f"{len(facts.panel):,}", **values)
    name = facts.panel[0].name
    return fill(wording["kicker"], series=name_tags.element(name) if name else wording["a_series"], **values)


def every_nth(facts: Facts, wording: Wording) -> str:
    """Which of the origins are scored, where it is not all of them."""
    return fill(wording["nth"], n=ordinal(facts.stride, wording["lang"][:2])) if facts.stride > 1 else ""


def lines(facts: Facts, language: str) -> str:
    """The second and the third line."""
    if facts.answer is None:
        return ""
    told = facts.answer.told(language)
    parts = (("second", told.second), ("third", told.third))
    return "".join(f'<p class="{kind}">{html.escape(text)}</p>' for kind, text in parts if text)


def facts_html(facts: Facts, language: str) -> str:
    """The facts of the answer as a list; a season that was found with a rule at its left."""
    if facts.answer is None:
        return ""
    season = teller(facts, language).words["fact_season"]
    found = (
        f"<div{' class=season' if heading == season else ''}><dt>{html.escape(heading)}</dt>"
        f"<dd>{html.escape(text)}</dd></div>"
        for heading, text in facts.answer.told(language).facts
    )
    return f'<dl class="facts">{"".join(found)}</dl>'


def notes(facts: Facts, language: str) -> list[str]:
    """What stands under the table: what bold means, baselines that are not listed, what a clear gain is, gaps."""
    wording, found = WORDING[language], []
    if facts.answer is not None:
        listed = {line.name for line in facts.baselines}
        simple = [line.name for line in facts.lines if line.simple]
        others = [printable(plain(name, facts.units, language)) for name in simple if name not in listed]
        text = wording["space"].join(
            [wording["bold"], fill(wording["compared_one" if len(simple) == 1 else "compared"], n=len(simple))]
        )
        if others:
            text += wording["space"] + fill(
                wording["not_listed"], names=teller(facts, language).words["and"].join(others)
            )
        found.append(text)
        *others, clear = facts.answer.told(language).notes
        found += [clear + wording["space"] + wording["states"], *others]
    gaps = _gaps(facts, wording)
    return [*found, gaps] if gaps else found


def _gaps(facts: Facts, wording: Wording) -> str:
    """How many values of a series are missing, and when."""
    if len(facts.panel) > 1 or facts.symbolic:
        return ""
    series = facts.panel[0]
    missing = np.flatnonzero(np.isnan(series.numbers))
    if not len(missing):
        return ""
    edges = [0, *(np.flatnonzero(np.diff(missing) > 1) + 1).tolist(), len(missing)]
    gaps = []
    for start, stop in pairwise(edges):
        first, last = moment(series, int(missing[start])), moment(series, int(missing[stop - 1]))
        gaps.append(first if first == last else fill(wording["gap"], first=first, last=last))
    text = wording["comma"].join(gaps[:MOST_GAPS]) + ("…" if len(gaps) > MOST_GAPS else "")
    present = len(series) - len(missing)
    return fill(wording["present"], present=f"{present:,}", all=f"{len(series):,}", gaps=text)


def how(facts: Facts, wording: Wording) -> str:
    """Data, split, models, tests, bands, versions and notes, as a list of terms."""
    models = [_typed(line) for line in facts.models[:MOST_MODELS_TOLD]]
    baselines = [_typed(line) for line in facts.lines if line.simple][:MOST_MODELS_TOLD]
    terms: list[tuple[str, list[str]]] = [
        ("how_data", [_data(facts, wording)]),
        ("how_split", [html.escape(_split(facts, wording))]),
        ("how_models", models),
        ("how_baselines", [wording["semicolon"].join(baselines)]),
        ("how_trust", [wording["how_trust_text"]]),
        ("how_bands", [] if facts.symbolic else [wording["how_bands_text"]]),
        ("how_unknown", [wording["how_unknown_text"]]),
        ("how_notes", [name_tags.element(in_language(text, wording["lang"][:2])) for text in facts.notes]),
        ("how_fingerprint", [f"<code>{_fingerprint(facts)}</code>"]),
        (
            "how_versions",
            [html.escape(f"stepahead {__version__} · numpy {np.__version__} · Python {platform.python_version()}")],
        ),
    ]
    found = (
        f"<dt>{wording[term]}</dt>" + "".join(f"<dd>{text}</dd>" for text in described)
        for term, described in terms
        if described
    )
    return "<dl>" + "\n".join(found) + "</dl>"


def _typed(line: Line) -> str:
    """A name, and the model as it would be typed where that says more."""
    name = name_tags.element(line.name, longest=60)
    return name if line.typed == line.name else f"{name} <code>{name_tags.element(line.typed)}</code>"


def _data(facts: Facts, wording: Wording) -> str:
    count = f"{sum(len(series) for series in facts.panel):,}"
    if len(facts.panel) > 1:
        return fill(wording["how_data_many"], series=f"{len(facts.panel):,}", count=count)
    series = facts.panel[0]
    shown = name_tags.element(series.name) if series.name else wording["a_series"]
    return fill(wording["how_data_text"], series=shown, count=count, first=moment(series, 0), last=moment(series, -1))


def _split(facts: Facts, wording: Wording) -> str:
    origins, fit, nth = f"{facts.rows:,}", fits.clause(facts.fits, wording), every_nth(facts, wording)
    if len(facts.panel) > 1:
        return fill(wording["how_split_many"], origins=origins, fit=fit, nth=nth)
    first, last = int(facts.origins[0]), int(facts.origins[-1])
    key = "how_split_text" if first < last else "how_split_one"
    return fill(wording[key], first=first, last=last, origins=origins, fit=fit, nth=nth)


def _fingerprint(facts: Facts) -> str:
    """The fingerprint of all values: of many series that of their fingerprints."""
    fingerprints = [fingerprint(series.values) for series in facts.panel]
    return (
        fingerprints[0]
        if len(fingerprints) == 1
        else fingerprint(np.frombuffer(b"".join(fingerprints), dtype=np.uint8))
    ).hex()


def paragraph(text: str, kind: str) -> str:
    """A paragraph of our own words."""
    return f'<p class="{kind}">{html.escape(text)}</p>'

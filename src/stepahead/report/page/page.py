"""A comparison as one offline page: every name escaped, every number asked of the comparison,
the script known by its hash.
"""

from __future__ import annotations

import html
import os
import string
from functools import cache
from typing import Any, Literal

import numpy as np

from ...evaluation.answer_text import verdict_text
from ...evaluation.answer_words import plain, words_of
from ...evaluation.comparison import Comparison
from ...evaluation.judgement import CLOSE, Judgement
from ...files import write_whole
from ...memory import afford
from ...parameters import one_of
from ...protocols import Array, Index
from ...text import fill
from ...version import __version__
from .. import first_chart, palette, sealed
from . import name_tags, packing, panel, sentences, tables
from .facts import Facts, Line, facts
from .states import states
from .views import drawn_lines, views
from .wording import IN_SCRIPT, WORDING

MOST_CELLS = 1200
"""Of the tables and the charts by step: so many steps times models are in the page."""
LARGEST_BYTES = 590_000
Kind = Literal["numbers", "symbols", "panel of numbers", "panel of symbols"]
PARTS: dict[Kind, tuple[str, ...]] = {
    "numbers": ("first", "numbers"),
    "symbols": ("first", "states"),
    "panel of numbers": ("panel", "numbers"),
    "panel of symbols": ("panel", "states"),
}
"""What the script of each kind of report is made of."""


def report(comparison: Comparison, path: str | os.PathLike[str], language: str = "en") -> str:
    """Write what a comparison has to say as one HTML file that needs nothing else; give back the sentence at its head.

    >>> import pathlib, tempfile
    >>> import stepahead as sa
    >>> result = sa.evaluate(sa.AR(lags=64), sa.datasets.noisy_sine(seed=0), horizon=64, train=604)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report(result, pathlib.Path(folder) / "report.html")
    'Trust AR(64) 4 to 64 steps ahead.'

    Parameters
    ----------
    comparison : what `evaluate` returns.
    path : of the file; what stood there is replaced, whole or not at all.
    language : "en" or "zh".

    Raises
    ------
    OutputError : the file cannot be written; what stood there is untouched.
    ParameterError : there is no such language.
    """
    one_of("language", language, tuple(WORDING))
    found = facts(comparison)
    rows = max(len(result.origins) + len(result.training.origins) for result in comparison.values())
    remedy = "Evaluate fewer steps=, for example steps=[1, 4, 16, 64]"
    afford(rows, 8 * len(found.steps), "the intervals of a report", remedy)
    many = panel.every(found, comparison)
    write_whole(path, _document(found, comparison, many, language).encode())
    return head_of(found, many, language)


def document(page_facts: Facts, results: Comparison, language: str = "en") -> str:
    """The page as text. The same comparison gives the same text."""
    return _document(page_facts, results, panel.every(page_facts, results), language)


def _document(page_facts: Facts, results: Comparison, many: panel.Every | None, language: str) -> str:
    drawn = drawn_lines(page_facts)
    every = len(drawn) + sum(line.simple for line in page_facts.lines)
    always = (*_shown(page_facts), _start(page_facts))
    listed = packing.stepped(page_facts.steps, max(packing.MOST_STEPS, MOST_CELLS // every), always)
    data = _readings(page_facts, drawn, listed, language)
    passed = None
    if page_facts.symbolic:  # nothing is drawn along time, so that the steps do not wait for what that leaves room for
        _, places = views(page_facts, results, listed, LARGEST_BYTES, always)
        passed = states(page_facts, results, places, WORDING[language]["other"])
    parts = _parts(page_facts, drawn, listed, language, many, bool(passed and passed["own"]))
    template = string.Template(_asset("page.html"))
    spent = len(template.substitute(parts, data=packing.json_text(data)).encode())
    found, places = views(page_facts, results, listed, LARGEST_BYTES - spent, always)
    data |= _slider(page_facts, np.searchsorted(listed, places), page_facts.steps[places], language)
    seen = [index for index, _ in page_facts.series]
    data["panel"] = None if many is None else panel.data(many, seen, language)
    data["states"] = passed
    data["views"] = [view | {"drawn": _drawn(view, len(found), page_facts, WORDING[language])} for view in found]
    return template.substitute(parts, data=packing.json_text(data))


# -- the shell ----------------------------------------------------------------------------------------------------


@cache
def _asset(name: str) -> str:
    return sealed.asset(__package__, name)


@cache
def _bare(name: str) -> str:
    """The same without indents and lines of comment, which only its authors read."""
    lines = (line.strip() for line in _asset(name).splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


def script(kind: Kind) -> str:
    """The one script of every report of a kind: of one series or of many, of numbers or of symbols."""
    return sealed.script(*(_bare(f"script/{part}.js") for part in ("core", *PARTS[kind], "controls")))


def style() -> str:
    """The one style of every report."""
    return sealed.style(_bare("page.css"))


PLAIN = ("lang", "controls", "steps_ahead", "no_script", "numbers_title", "how_title")


def _parts(
    page_facts: Facts, drawn: list[Line], listed: Index, language: str, many: panel.Every | None, is_own: bool
) -> dict[str, str]:
    """What stands in the template, as HTML."""
    wording = WORDING[language]
    start = int(np.flatnonzero(page_facts.steps == _start(page_facts))[0])
    kind = kind_of(page_facts, many)
    return {
        **{key: html.escape(wording[key]) for key in PLAIN},
        "policy": sealed.policy(script(kind), style()),
        "version": __version__,
        "style": style(),
        "script": script(kind),
        "title": html.escape(head_of(page_facts, many, language)),
        "kicker": sentences.kicker(page_facts, wording),
        **(_panel_head(page_facts, many, language) if many is not None else _head(page_facts, language)),
        "table_name": html.escape(sentences.caption(page_facts, wording)),
        "table": tables.by_step(page_facts, start, language),
        "table_note": tables.under(page_facts, sum(not line.simple for line in drawn), language),
        "charts": _charts(page_facts, language, is_own),
        "numbers": tables.every_number(page_facts, drawn, listed, language),
        "how": sentences.how(page_facts, wording),
    }


def kind_of(page_facts: Facts, many: panel.Every | None) -> Kind:
    """Which script a report has."""
    if many is None:
        return "symbols" if page_facts.symbolic else "numbers"
    return "panel of symbols" if page_facts.symbolic else "panel of numbers"


def head_of(page_facts: Facts, many: panel.Every | None, language: str) -> str:
    """The sentence at the head: that of the answer; of many series in how many the model can be trusted."""
    if many is None:
        return sentences.headline(page_facts, language)
    return panel.headline(many, language, sentences.teller(page_facts, language).model(many.head))


def _head(page_facts: Facts, language: str) -> dict[str, str]:
    """The head of a page of one series."""
    return {
        "headline": sentences.headline_html(page_facts, language),
        "lines": sentences.lines(page_facts, language),
        "facts": sentences.facts_html(page_facts, language),
        "first": _first(page_facts, language),
        "every": "",
        "as_one": "",
    }


def _panel_head(page_facts: Facts, many: panel.Every, language: str) -> dict[str, str]:
    """The head of a page of many series, with the table of all of them."""
    wording = WORDING[language]
    name = page_facts.answered.models[many.head]
    underlined = name_tags.element(name, name_tags.classes(page_facts.slots, name), name_tags.LONGEST)
    shown_label = html.escape(panel.second(many, language))
    title = html.escape(wording["panel_title"])
    has_more = len(palette.first_rows(page_facts.answered)) < len(page_facts.models)
    keys = '<p class="keys" id="keys" hidden></p>\n' if has_more else ""
    chart = f'<div class="plot" id="staircase"></div>\n{keys}<p class="read" id="read"></p>'
    empty = f'<p class="second">{html.escape(wording["panel_empty"])}</p>'
    return {
        "headline": panel.headline(many, language, underlined),
        "lines": f'<p class="second">{shown_label}</p>' if shown_label else "",
        "facts": f'<div class="facts">{panel.counts_html(many, language)}{panel.as_one(many, language)}</div>',
        "first": f"""<section class="first" aria-labelledby="first-title">
<h2 id="first-title">{title}</h2>
{empty if panel.is_empty(many) else chart}
</section>""",
        "every": panel.table(many, language),
        "as_one": f"<h2>{html.escape(wording['as_one'])}</h2>",
    }


def first_title(page_facts: Facts, language: str) -> str:
    """The title of the first chart."""
    wording = WORDING[language]
    form = "first_title_loss" if page_facts.symbolic else "first_title"
    values = {"reading": sentences.reading(page_facts, wording), "units": sentences.unit(page_facts, language)}
    return fill(wording[form], **values)


def _first(page_facts: Facts, language: str) -> str:
    """The first chart as a still drawing, which the script replaces, and room for what is read at one step."""
    wording = WORDING[language]
    w = {key: html.escape(text) for key, text in wording.items()}
    judged, still, about = page_facts.judgement, "", ""
    if judged is not None:
        errors = {line.name: line.error.value for line in page_facts.lines}
        still = first_chart.still(judged, page_facts.units, errors, language, page_facts.floor)
        loss = wording["space"] + w["first_log"] if page_facts.reading == "log_loss" else ""
        hatched = any(part.state == CLOSE for part in first_chart.use_parts(judged))
        more = (wording["space"] + w["first_use"] if hatched else "") + loss
        about = f'<p class="note">{w["first_text"]}<span class="roomy">{w["first_thick"]}</span>{w["stop"]}{more}</p>'
    keyed = words_of(language)
    samples = "".join(
        f'<span><i class="form {state}"></i>{html.escape(keyed[word])}</span>'
        for state, word in (("clear", "clear"), ("close", "close_key"), ("none", "none"))
    )
    keys = f'<p class="keys" id="keys" hidden>{samples}</p>' if judged is not None else ""
    return f"""<section class="first" aria-labelledby="first-title">
<h2 id="first-title">{html.escape(first_title(page_facts, language))}</h2>
{about}
<div class="plot" id="first">{still}</div>
{keys}
<p class="read" id="read"></p>
</section>"""


def _charts(page_facts: Facts, language: str, is_own: bool) -> str:
    """The second charts: the saving by step, all steps from one origin, and predictions along the series."""
    wording = WORDING[language]
    w = {key: html.escape(wording[key]) for key in wording}
    judged, saving = page_facts.judgement, ""
    if judged is not None:
        teller = sentences.teller(page_facts, language)
        loss = teller.loss()
        title = html.escape(fill(wording["saving_title"], loss=loss[:1].upper() + loss[1:]))
        about = html.escape(fill(wording["saving_text"], model=teller.model(judged.head)))
        saving = f"""<section aria-labelledby="saving-title">
<h2 id="saving-title">{title}</h2>
<p class="note">{about}</p>
<div class="plot" id="saving"></div>
</section>"""
    if page_facts.symbolic:
        return _state_charts(page_facts, language, is_own)
    tint = wording["space"] + w["origin_tint"] if judged is not None and judged.range_of(judged.head) else ""
    choice = f'<p><label class="choice" for="series">{w["series_shown"]} <select id="series"></select></label></p>'
    choice = choice if len(page_facts.panel) > 1 else ""
    return f"""<div class="pair">
{saving}
<section aria-labelledby="origin-title">
<h2 id="origin-title">{w["origin_title"]}</h2>
<p class="note">{w["origin_text"]}{tint}</p>
<div class="pace origin"><label for="origin">{w["last_known"]}</label>
<output id="origin-now" for="origin" aria-live="off"></output>
<input type="range" id="origin" min="0" max="0" step="1" value="0"></div>
<div class="plot" id="ahead"></div>
<p class="note" id="inside"></p>
</section>
</div>
<section aria-labelledby="along-title">
<h2 id="along-title">{w["predictions_title"]}</h2>
<p class="note" id="along-text"></p>
{choice}<div class="plot" id="along"></div>
<p class="note" id="along-drawn"></p>
</section>"""


def _state_charts(page_facts: Facts, language: str, is_own: bool) -> str:
    """From state to state; how likely each is from one origin; the line of the states that came."""
    wording = WORDING[language]
    w = {key: html.escape(wording[key]) for key in wording}
    named = name_tags.element(page_facts.lines[0].name)
    title = fill(w["states_title"], model=named if is_own else w["order_one"])
    more = "" if is_own else wording["space"] + fill(w["states_more"], model=named)
    return f"""<div class="pair">
<section aria-labelledby="matrix-title">
<h2 id="matrix-title">{title}</h2>
<p class="note">{w["states_text"]}{more}</p>
<div class="plot" id="matrix"></div>
</section>
<section aria-labelledby="likely-title">
<h2 id="likely-title">{w["states_from"]}</h2>
<p class="note">{w["states_from_text"]}</p>
<div class="pace origin"><label for="origin">{w["last_known"]}</label>
<output id="origin-now" for="origin" aria-live="off"></output>
<input type="range" id="origin" min="0" max="0" step="1" value="0"></div>
<div class="plot" id="likely"></div>
<div class="plot" id="timeline"></div>
</section>
</div>"""


def _drawn(view: dict[str, Any], series: int, page_facts: Facts, wording: sentences.Wording) -> str:
    """What of the origins and of the series is drawn, where it is not all."""
    found = []
    drawn, count = len(view["origins"]), view["count"]
    if drawn < count:
        form = "drawn_last" if count > packing.CONSECUTIVE_FROM else "drawn"
        found.append(fill(wording[form], drawn=f"{drawn:,}", all=f"{count:,}"))
    if series < len(page_facts.panel):
        found.append(fill(wording["drawn_series"], drawn=series, all=f"{len(page_facts.panel):,}"))
    return wording["space"].join(found)


# -- the data -----------------------------------------------------------------------------------------------------


def _shown(page_facts: Facts) -> tuple[int, ...]:
    return tuple(int(page_facts.steps[place]) for place in page_facts.shown)


def _start(page_facts: Facts) -> int:
    """The step at which the page opens: that of the verdict, which of a range is its last one."""
    judged = page_facts.judgement
    return int(page_facts.steps[0]) if judged is None else judged.verdict(judged.head).step


def _readings(page_facts: Facts, drawn: list[Line], listed: Index, language: str) -> dict[str, Any]:
    """Every reading that the charts draw, six digits of each."""
    wording, judged = WORDING[language], page_facts.judgement
    words = {key: wording[key] for key in IN_SCRIPT}
    if page_facts.symbolic:
        words["read_first"] = wording["read_first_loss"]
    elif len(page_facts.panel) > 1:  # errors of all series together have no unit that a reader knows
        words["read_first"] = wording["read_first_many"]
    units = {"units": sentences.unit(page_facts, language)}
    return {
        "words": words
        | {
            "floor": wording[page_facts.floor_word],
            "changes": words_of(language)["changes"],
            "axis_k": fill(wording["ahead"], called=units["units"])
            if judged is None
            else sentences.teller(page_facts, language).say("ahead_axis"),
            "panel_axis": fill(wording["panel_axis"], **units),
            "axis_ahead": fill(wording["axis_ahead"], **units),
            "all_models": fill(wording["all_models"], n=len(drawn)),
            "title": first_title(page_facts, language),
        },
        "unit": page_facts.units.value,
        "steps": page_facts.steps[listed].tolist(),
        "digits": tables.digits_of(page_facts),
        "few": len(palette.first_rows(judged)) if judged is not None else len(drawn),
        "floor": None if page_facts.floor is None else _listed(page_facts.floor[listed]),
        "first": None if judged is None else _answered(page_facts, judged, listed, language),
        "lines": [_line(page_facts, line, judged, listed, language) for line in drawn],
        "others": [
            _listed(line.saving.value[listed])
            for line in page_facts.models[len(drawn) : tables.MOST_ROWS]
            if line.saving is not None
        ],
    }


def _answered(page_facts: Facts, judged: Judgement, listed: Index, language: str) -> dict[str, Any]:
    """What the answer says by step: the best baseline, the row to use, the range of the model spoken of."""
    errors = {line.name: line.error.value for line in page_facts.lines}
    best = first_chart.best_errors(judged, errors)
    low, high = first_chart.span(best, [errors[name] for name in palette.first_rows(judged)])
    rows = (*judged.models, *judged.baselines)
    found = judged.range_of(judged.head)
    slots = page_facts.slots

    def shown_label(row: int) -> str:
        if row < len(judged.models):
            return name_tags.isolated(rows[row], name_tags.LONGEST_SEGMENT, judged.models)
        return name_tags.isolated(plain(rows[row], page_facts.units, language))

    return {
        "low": low,
        "high": high,
        "best": _listed(best[listed]),
        "names": [shown_label(len(judged.models) + place) for place in range(len(judged.baselines))],
        "by": judged.best[listed].tolist(),
        "use": [
            [
                *first_chart.edges(part, judged.steps),
                shown_label(part.row),
                part.state,
                name_tags.classes(slots, rows[part.row]),
            ]
            for part in first_chart.use_parts(judged)
        ],
        "trusted": None if found is None else [int(judged.steps[place]) for place in found],
    }


def _line(page_facts: Facts, line: Line, judged: Judgement | None, listed: Index, language: str) -> dict[str, Any]:
    """One model of the charts, or where there is no model a baseline."""
    name = name_tags.shown_name(line, page_facts, language)
    others = () if line.simple else page_facts.names(simple=False)
    data: dict[str, Any] = {
        "name": name_tags.isolated(name, name_tags.LONGEST if line.simple else name_tags.LONGEST_CELLS, others),
        "brief": name_tags.isolated(name, name_tags.BRIEF, others),
        "classes": name_tags.classes(page_facts.slots, line.name),
        "error": _listed(line.error.value[listed]),
    }
    if judged is None or line.saving is None:
        return data
    saving = {side: _listed(getattr(line.saving, side)[listed]) for side in ("value", "low", "high")}
    bar = [[*first_chart.edges(part, judged.steps), part.state] for part in first_chart.bar_parts(judged, line.row)]
    short, _ = verdict_text(judged, line.row, language, page_facts.units)
    return data | {"saving": saving, "state": judged.state[line.row][listed].tolist(), "bar": bar, "verdict": short}


def _listed(values: Array) -> list[float | str | None]:
    return [packing.rounded(float(value)) for value in values]


def _slider(page_facts: Facts, places: Index, at: Index, language: str) -> dict[str, Any]:
    """The steps among which the page moves: places among those listed, their names, and the buttons."""
    return {
        "slider": places.tolist(),
        "called": [sentences.called(int(k), page_facts, language) for k in at],
        "jumps": [k for k in _shown(page_facts) if k in at],
        "start": int(np.searchsorted(at, _start(page_facts))),
    }

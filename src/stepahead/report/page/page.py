"""A comparison as one offline page: every name escaped, every number asked of the comparison,
the script known by its hash.
"""

from __future__ import annotations

import html
import os
import string
from functools import cache
from typing import Any

import numpy as np

from ...evaluation.comparison import Comparison
from ...files import write_whole
from ...memory import afford
from ...parameters import one_of
from ...protocols import Array, Index
from ...text import decimals, fill
from ...version import __version__
from .. import sealed
from . import name_tags, packing, sentences, tables
from .facts import Banded, Facts, Line, facts
from .views import drawn_lines, views
from .wording import IN_SCRIPT, WORDING

MOST_CELLS = 1200
"""Of the tables and the charts by step: so many steps times models are in the page."""
LARGEST_BYTES = 590_000


def report(comparison: Comparison, path: str | os.PathLike[str], language: str = "en") -> str:
    """Write a comparison as one HTML file that needs nothing else; the answer at its head is returned.

    >>> import pathlib, tempfile
    >>> import stepahead as sa
    >>> result = sa.evaluate(sa.SSA(rank=2), sa.datasets.noisy_sine(seed=0), horizon=16)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report(result, pathlib.Path(folder) / "report.html")
    'You can trust SSA(2) at every step tested, up to 16 steps ahead.'

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
    page_facts = facts(comparison)
    rows = max(len(result.origins) + len(result.training.origins) for result in comparison.values())
    remedy = "Evaluate fewer steps=, for example steps=[1, 4, 16, 64]"
    afford(rows, 8 * len(page_facts.steps), "the intervals of a report", remedy)
    write_whole(path, document(page_facts, comparison, language).encode())
    return sentences.answer(page_facts, WORDING[language])


def document(page_facts: Facts, results: Comparison, language: str = "en") -> str:
    """The page as text. The same comparison gives the same text."""
    wording = WORDING[language]
    drawn = [line for name in drawn_lines(page_facts) for line in page_facts.lines if line.name == name]
    listed = packing.stepped(page_facts.steps, max(packing.MOST_STEPS, MOST_CELLS // len(drawn)), _shown(page_facts))
    data = _readings(page_facts, drawn, listed, wording)
    parts = _parts(page_facts, drawn, listed, wording)
    template = string.Template(_asset("page.html"))
    spent = len(template.substitute(parts, data=packing.json_text(data)).encode())
    found, places = views(page_facts, results, listed, LARGEST_BYTES - spent)
    data |= _slider(page_facts, np.searchsorted(listed, places), page_facts.steps[places], wording)
    data["views"] = [view | {"drawn": _drawn(view, len(found), page_facts, wording)} for view in found]
    return template.substitute(parts, data=packing.json_text(data))


# -- the shell ----------------------------------------------------------------------------------------------------


@cache
def _asset(name: str) -> str:
    return sealed.asset(__package__, name)


def script() -> str:
    """The one script of every report."""
    return sealed.script(_asset("page.js"))


def style() -> str:
    """The one style of every report."""
    return sealed.style(_asset("page.css"))


PLAIN = (
    "lang", "controls", "steps_ahead", "show", "highlight", "no_script",
    "error_title", "skill_title", "numbers_title", "how_title",
)  # fmt: skip


def _parts(page_facts: Facts, drawn: list[Line], listed: Index, wording: sentences.Wording) -> dict[str, str]:
    """The parts of the template, as HTML."""
    reading = wording[page_facts.reading]
    told = fill(wording["error_text" if not page_facts.symbolic else "loss_text"], reading=reading)
    if page_facts.floor is not None:
        told += wording["space"] + wording["error_floor" if page_facts.floor_word == "floor" else "error_floor_drawn"]
    return {
        **{key: html.escape(wording[key]) for key in PLAIN},
        "policy": sealed.policy(script(), style()),
        "version": __version__,
        "style": style(),
        "script": script(),
        "title": html.escape(sentences.answer(page_facts, wording)),
        "kicker": sentences.kicker(page_facts, wording),
        "answer": sentences.answer_html(page_facts, wording),
        "more": sentences.more(page_facts, wording),
        "basis": html.escape(sentences.basis(page_facts, wording)),
        "table_name": html.escape(fill(wording["by_step"], reading=reading)),
        "table": tables.by_step(page_facts, wording),
        "table_note": tables.note(page_facts, wording, sum(not line.simple for line in drawn)),
        "error_text": html.escape(told),
        "skill_text": html.escape(fill(wording["skill_text"], loss=sentences.loss(page_facts, wording))),
        "along": "" if page_facts.symbolic else _along(page_facts, wording),
        "numbers": tables.every_number(page_facts, drawn, listed, wording),
        "how": sentences.how(page_facts, wording),
    }


def _along(page_facts: Facts, wording: sentences.Wording) -> str:
    """The two charts along time, which only numbers have."""
    w = {key: html.escape(wording[key]) for key in wording}
    choice = f'<p><label class="choice" for="series">{w["series_shown"]} <select id="series"></select></label></p>'
    choice = choice if len(page_facts.panel) > 1 else ""
    return f"""<section aria-labelledby="along-title">
<h2 id="along-title">{w["predictions_title"]}</h2>
<p class="note" id="along-text"></p>
{choice}<div class="plot" id="along"></div>
<p class="note" id="along-drawn"></p>
</section>
<section aria-labelledby="origin-title">
<h2 id="origin-title">{w["origin_title"]}</h2>
<p class="note">{w["origin_text"]}</p>
<div class="pace origin"><label for="origin">{w["last_known"]}</label>
<input type="range" id="origin" min="0" max="0" step="1" value="0">
<output id="origin-now" for="origin" aria-live="off"></output></div>
<div class="plot" id="ahead"></div>
<p class="note" id="inside"></p>
</section>"""


def _drawn(view: dict[str, Any], series: int, page_facts: Facts, wording: sentences.Wording) -> str:
    """What of the origins and of the series is drawn, where it is not all."""
    found = []
    drawn, count = len(view["origins"]), view["count"]
    if drawn < count:
        found.append(
            fill(
                wording["drawn_last" if count > packing.CONSECUTIVE_FROM else "drawn"],
                drawn=f"{drawn:,}",
                all=f"{count:,}",
            )
        )
    if series < len(page_facts.panel):
        found.append(fill(wording["drawn_series"], drawn=series, all=f"{len(page_facts.panel):,}"))
    return wording["space"].join(found)


# -- the data -----------------------------------------------------------------------------------------------------


def _shown(page_facts: Facts) -> tuple[int, ...]:
    return tuple(int(page_facts.steps[place]) for place in page_facts.shown)


def _readings(page_facts: Facts, drawn: list[Line], listed: Index, wording: sentences.Wording) -> dict[str, Any]:
    """Every reading that the charts draw, six digits of each."""
    values = [float(v) for line in page_facts.lines for v in line.error.value[page_facts.shown]]
    best = page_facts.best
    return {
        "words": {key: wording[key] for key in IN_SCRIPT}
        | {"reading": wording[page_facts.reading], "floor": wording[page_facts.floor_word]},
        "steps": page_facts.steps[listed].tolist(),
        "digits": decimals(values),
        "lit": 0,
        "skilled": best is not None,
        "floor": None if page_facts.floor is None else _listed(page_facts.floor[listed]),
        "lines": [
            {
                "name": name_tags.isolated(line.name),
                "classes": name_tags.classes(page_facts, line.name),
                "simple": line.simple,
                "claim": line.reach.claim if line.reach is not None else None,
                "error": _banded(line.error, listed),
                "skill": _banded(line.skill, listed),
            }
            for line in drawn
        ],
    }


def _banded(found: Banded, listed: Index) -> dict[str, list[float | str | None]]:
    """A reading and its ends; null where there is none."""
    return {
        "value": _listed(found.value[listed]),
        "low": _listed(found.low[listed]),
        "high": _listed(found.high[listed]),
    }


def _listed(values: Array) -> list[float | str | None]:
    return [packing.rounded(float(value)) for value in values]


def _slider(page_facts: Facts, places: Index, at: Index, wording: sentences.Wording) -> dict[str, Any]:
    """The steps among which the page moves: places among those listed, names with and without time, and the buttons."""
    shown = [k for k in _shown(page_facts) if k in at]
    start = shown[max(len(shown) - 2, 0)]
    return {
        "slider": places.tolist(),
        "called": [sentences.steps(int(k), page_facts, wording) for k in at],
        "counted": [sentences.counted(int(k), wording) for k in at],
        "jumps": shown,
        "start": int(np.searchsorted(at, start)),
    }

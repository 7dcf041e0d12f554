"""A comparison as one offline page: every name escaped, every number asked of the comparison, the script known by its hash."""

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
from . import names, packing, sentences, tables
from .facts import Banded, Facts, Line, facts
from .views import drawn_lines, views
from .words import IN_SCRIPT, WORDS

MOST_CELLS = 1200
"""Of the tables and the charts by step: so many steps times models are in the page."""
LARGEST_BYTES = 590_000


def report(comparison: Comparison, path: str | os.PathLike[str], language: str = "en") -> str:
    """Write what a comparison has to say as one HTML file that needs nothing else; give back the sentence at its head.

    >>> import pathlib, tempfile
    >>> import stepahead as sa
    >>> result = sa.evaluate(sa.AR(lags=4), sa.datasets.noisy_sine(seed=0), horizon=16)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report(result, pathlib.Path(folder) / "report.html")
    'You can trust AR(4) at every step tested, up to 16 steps ahead.'

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
    one_of("language", language, tuple(WORDS))
    said = facts(comparison)
    rows = max(len(result.origins) + len(result.training.origins) for result in comparison.values())
    remedy = "Evaluate fewer steps=, for example steps=[1, 4, 16, 64]"
    afford(rows, 8 * len(said.steps), "the intervals of a report", remedy)
    write_whole(path, document(said, comparison, language).encode())
    return sentences.answer(said, WORDS[language])


def document(said: Facts, results: Comparison, language: str = "en") -> str:
    """The page as text. The same comparison gives the same text."""
    words = WORDS[language]
    drawn = [line for name in drawn_lines(said) for line in said.lines if line.name == name]
    listed = packing.stepped(said.steps, max(packing.MOST_STEPS, MOST_CELLS // len(drawn)), _shown(said))
    data = _readings(said, drawn, listed, words)
    parts = _parts(said, drawn, listed, words)
    template = string.Template(_asset("page.html"))
    spent = len(template.substitute(parts, data=packing.json_text(data)).encode())
    found, places = views(said, results, listed, LARGEST_BYTES - spent)
    data |= _slider(said, np.searchsorted(listed, places), said.steps[places], words)
    data["views"] = [view | {"drawn": _drawn(view, len(found), said, words)} for view in found]
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


def _parts(said: Facts, drawn: list[Line], listed: Index, words: sentences.Words) -> dict[str, str]:
    """What stands in the template, as HTML."""
    reading = words[said.reading]
    told = fill(words["error_text" if not said.symbolic else "loss_text"], reading=reading)
    if said.floor is not None:
        told += words["space"] + words["error_floor" if said.floor_word == "floor" else "error_floor_drawn"]
    return {
        **{key: html.escape(words[key]) for key in PLAIN},
        "policy": sealed.policy(script(), style()),
        "version": __version__,
        "style": style(),
        "script": script(),
        "title": html.escape(sentences.answer(said, words)),
        "kicker": sentences.kicker(said, words),
        "answer": sentences.answer_html(said, words),
        "more": sentences.more(said, words),
        "basis": html.escape(sentences.basis(said, words)),
        "table_name": html.escape(fill(words["by_step"], reading=reading)),
        "table": tables.by_step(said, words),
        "table_note": tables.note(said, words, sum(not line.simple for line in drawn)),
        "error_text": html.escape(told),
        "skill_text": html.escape(fill(words["skill_text"], loss=sentences.loss(said, words))),
        "along": "" if said.symbolic else _along(said, words),
        "numbers": tables.every_number(said, drawn, listed, words),
        "how": sentences.how(said, words),
    }


def _along(said: Facts, words: sentences.Words) -> str:
    """The two charts along time, which only numbers have."""
    w = {key: html.escape(words[key]) for key in words}
    choice = f'<p><label class="choice" for="series">{w["series_shown"]} <select id="series"></select></label></p>'
    choice = choice if len(said.panel) > 1 else ""
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


def _drawn(view: dict[str, Any], series: int, said: Facts, words: sentences.Words) -> str:
    """What of the origins and of the series is drawn, where it is not all."""
    found = []
    drawn, count = len(view["origins"]), view["count"]
    if drawn < count:
        found.append(
            fill(words["drawn_last" if count > packing.CONSECUTIVE_FROM else "drawn"], drawn=f"{drawn:,}", all=f"{count:,}")
        )
    if series < len(said.panel):
        found.append(fill(words["drawn_series"], drawn=series, all=f"{len(said.panel):,}"))
    return words["space"].join(found)


# -- the data -----------------------------------------------------------------------------------------------------


def _shown(said: Facts) -> tuple[int, ...]:
    return tuple(int(said.steps[place]) for place in said.shown)


def _readings(said: Facts, drawn: list[Line], listed: Index, words: sentences.Words) -> dict[str, Any]:
    """Every reading that the charts draw, six digits of each."""
    values = [float(v) for line in said.lines for v in line.error.value[said.shown]]
    best = said.best
    return {
        "words": {key: words[key] for key in IN_SCRIPT} | {"reading": words[said.reading], "floor": words[said.floor_word]},
        "steps": said.steps[listed].tolist(),
        "digits": decimals(values),
        "lit": 0,
        "skilled": best is not None,
        "floor": None if said.floor is None else _listed(said.floor[listed]),
        "lines": [
            {
                "name": names.isolated(line.name),
                "classes": names.classes(said, line.name),
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


def _slider(said: Facts, places: Index, at: Index, words: sentences.Words) -> dict[str, Any]:
    """The steps among which the page moves: places among those listed, names with and without time, and the buttons."""
    shown = [k for k in _shown(said) if k in at]
    start = shown[max(len(shown) - 2, 0)]
    return {
        "slider": places.tolist(),
        "called": [sentences.steps(int(k), said, words) for k in at],
        "counted": [sentences.counted(int(k), words) for k in at],
        "jumps": shown,
        "start": int(np.searchsorted(at, start)),
    }

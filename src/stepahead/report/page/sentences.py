"""Sentences of the page: the answer, the evidence behind it, and how the numbers were made."""

from __future__ import annotations

import html
import platform
from collections.abc import Callable

import numpy as np

from ...evaluation import fits
from ...evaluation.answers import pace
from ...evaluation.trust import Horizon
from ...models.model import fingerprint
from ...text import fill, printable
from ...version import __version__
from . import name_tags
from .facts import Facts, Line, amount
from .ticks import moment
from .wording import CALENDAR

Wording = dict[str, str]
MAY_BREAK = "\u200b"
"""Where a Chinese headline may break: between phrases, which no browser finds by itself."""
MOST_MODELS_TOLD, LONGEST_TOLD = 40, 200


def answer(facts: Facts, wording: Wording) -> str:
    """The question of the library, answered in one sentence."""
    return _answer(facts, wording, lambda name: printable(name, name_tags.LONGEST_IN_ANSWER), str).replace(
        MAY_BREAK, ""
    )


def answer_html(facts: Facts, wording: Wording) -> str:
    """The same as HTML, the model underlined in its colour."""

    def underlined(name: str) -> str:
        return name_tags.element(name, name_tags.classes(facts, name), name_tags.LONGEST_IN_ANSWER)

    return _answer(facts, wording, underlined, lambda text: f'<span class="whole">{text}</span>')


def _answer(facts: Facts, wording: Wording, shown: Callable[[str], str], whole: Callable[[str], str]) -> str:
    best = facts.best
    if best is None or best.reach is None:
        return wording["trust_nobody"]
    claim, of = best.reach.claim, best.reach.of
    form = "trust_none" if not claim else "trust_some" if claim < of else "trust_only" if of == 1 else "trust_all"
    return fill(wording[form], model=shown(best.name), steps=whole(steps(claim, facts, wording)))


def steps(k: int, facts: Facts, wording: Wording) -> str:
    """A number of steps in words, and where a step is always as long how much time that is: "19 steps (19 hours)"."""
    text = counted(k, wording)
    step = pace(facts.panel) if k else None
    if step is None:
        return text
    count, unit = amount(k * step[0], step[1])
    time = fill(wording["time_one" if count == 1 else "time_many"], count=f"{count:,}", unit=wording[unit])
    return fill(wording["in_time"], steps=text, time=time)


def counted(k: int, wording: Wording) -> str:
    """A number of steps in words: "19 steps"."""
    return wording["step_one"] if k == 1 else fill(wording["step_many"], k=f"{k:,}")


def loss(facts: Facts, wording: Wording) -> str:
    """The name of the loss that is compared."""
    return wording[{"rmse": "squared_error", "log_loss": "log_loss_word", "zero_one": "zero_one_word"}[facts.reading]]


def kicker(facts: Facts, wording: Wording) -> str:
    """The line over the answer: the name of the series, and how long it is."""
    count = f"{sum(len(series) for series in facts.panel):,}"
    if len(facts.panel) > 1:
        return fill(wording["kicker_many"], series=f"{len(facts.panel):,}", count=count)
    name = facts.panel[0].name
    return fill(wording["kicker"], series=name_tags.element(name) if name else wording["a_series"], count=count)


def more(facts: Facts, wording: Wording) -> str:
    """The sentence on how far the best model is better by a margin that matters; empty where none can be trusted."""
    reach = None if facts.best is None else facts.best.reach
    if reach is None or not reach.claim or not reach.horizon:
        return ""
    interval = ends(reach, wording)
    saved = fill(
        wording["saved"],
        loss=loss(facts, wording),
        margin=margin(reach),
        horizon=f"{reach.horizon:,}",
        interval=interval,
    )
    return paragraph(saved[:1].upper() + saved[1:], "more")


def margin(reach: Horizon) -> str:
    """The share of the loss to be saved, in per cent."""
    return f"{100.0 * reach.margin:.3g}"


def ends(reach: Horizon, wording: Wording) -> str:
    """The numbers of steps that the data allow: from so many to so many, or more where no more were tested."""
    low, high = f"{reach.low:,}", f"{reach.high:,}"
    interval = low if low == high else fill(wording["interval"], low=low, high=high)
    return fill(wording["or_more"], interval=interval) if reach.high == reach.of else interval


def basis(facts: Facts, wording: Wording) -> str:
    """What "trusted" means here, and on what it rests."""
    step = pace(facts.panel)
    known_baselines = dict.fromkeys(_baseline(line, step, wording) for line in facts.lines if line.simple)
    return fill(
        wording["basis_nobody" if facts.best is None else "basis"],
        loss=loss(facts, wording),
        baselines=wording["comma"].join(known_baselines),
        origins=f"{facts.rows:,}",
        fit=fits.clause(facts.fits, facts.train, wording),
    )


def _baseline(line: Line, step: tuple[int, str] | None, wording: Wording) -> str:
    """A baseline in words, a season of the calendar by its name;
    one of a kind that nobody here knows by its own name.
    """
    kind, period = line.baseline or ("", 0)
    found = [f"baseline_{kind}"]
    if step and period:
        season = CALENDAR.get(amount(period * step[0], step[1]))
        found += [f"baseline_{kind}_{season}", f"baseline_{kind}_{season}_{step[1] if step[0] == 1 else ''}"]
    known = [wording[key] for key in found if key in wording]
    return fill(known[-1], period=period) if known else printable(line.name, name_tags.LONGEST_IN_ANSWER)


def how(facts: Facts, wording: Wording) -> str:
    """Data, split, models, tests, bands, versions and notes, as a list of terms."""
    told = facts.lines[:MOST_MODELS_TOLD]
    models = [
        f"{name_tags.element(line.name, longest=name_tags.LONGEST_IN_ANSWER)} "
        f"<code>{name_tags.element(line.typed, longest=LONGEST_TOLD)}</code>"
        for line in told
    ]
    terms: list[tuple[str, list[str]]] = [
        ("how_data", [_data(facts, wording)]),
        ("how_split", [html.escape(_split(facts, wording))]),
        ("how_models", models),
        ("how_trust", [wording["how_trust_text"], *([wording["how_best"]] if len(facts.models) > 1 else [])]),
        ("how_bands", [] if facts.symbolic else [wording["how_bands_text"]]),
        ("how_unknown", [wording["how_unknown_text"]]),
        ("how_notes", [name_tags.element(text) for text in facts.notes]),
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


def _data(facts: Facts, wording: Wording) -> str:
    count = f"{sum(len(series) for series in facts.panel):,}"
    if len(facts.panel) > 1:
        return fill(wording["how_data_many"], series=f"{len(facts.panel):,}", count=count)
    series = facts.panel[0]
    shown = name_tags.element(series.name) if series.name else wording["a_series"]
    return fill(wording["how_data_text"], series=shown, count=count, first=moment(series, 0), last=moment(series, -1))


def _split(facts: Facts, wording: Wording) -> str:
    origins, fit = f"{facts.rows:,}", fits.clause(facts.fits, facts.train, wording)
    if len(facts.panel) > 1:
        return fill(wording["how_split_many"], origins=origins, fit=fit)
    first, last = int(facts.origins[0]), int(facts.origins[-1])
    return fill(wording["how_split_text"], first=first, last=last, origins=origins, fit=fit)


def _fingerprint(facts: Facts) -> str:
    """The fingerprint of all values: of many series that of their fingerprints."""
    fingerprints = [fingerprint(series.values) for series in facts.panel]
    return (
        fingerprints[0]
        if len(fingerprints) == 1
        else fingerprint(np.frombuffer(b"".join(fingerprints), dtype=np.uint8))
    ).hex()


def paragraph(text: str, kind: str) -> str:
    """A paragraph of text as HTML."""
    return f'<p class="{kind}">{html.escape(text)}</p>'

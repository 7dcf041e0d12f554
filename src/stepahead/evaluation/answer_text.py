"""An answer in words, English or Chinese: the headline and its lines, facts, notes, and the verdict of each model.

    told(answer, language="en", units=Units()) -> Told(headline, second, third, facts, notes)
    verdict_text(answer, model, language, units) -> (verdict, detail)        a row of a table
    within_text(found, model, ..) -> sentences about trust in the unit of the data

Every sentence is read off the arrays of the answer: no step that is shown there is denied here, and "at least" is only
told of steps of clear gain. All words stand in answer_words.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..covariates import KINDS
from ..known_ahead import ALONE
from ..text import counted_columns, printable, share
from .answer_phrases import MOST_PARTS, Phrases, amounts, digits, equal_parts
from .answer_words import Units, plain
from .judgement import CLEAR, NO_GAIN, Columns, Judgement, ranges
from .within import Within

YEARS = {"D": 365.0, "W": 52.0, "M": 12.0, "quarter": 4.0, "Y": 1.0}
LONGEST = 18
"""Letters of a name that no chart cuts."""
DECADES = 20.0
"""Years from which on more origins are told in decades."""


class Told(NamedTuple):
    """An answer in words: facts are (heading, text); a line that has nothing to say is empty."""

    headline: str
    second: str
    third: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def told(answer: Judgement, language: str = "en", units: Units | None = None) -> Told:
    """The headline, its two lines, the facts and the notes of an answer."""
    teller = Teller(answer, language, units)
    return Told(teller.headline(), teller.second(), teller.third(), tuple(teller.facts()), tuple(teller.notes()))


class Teller(Phrases):
    """What makes the sentences about one answer."""

    # -- the head -------------------------------------------------------------------------------------------------

    def headline(self) -> str:
        """The answer in one sentence; the steps it is about where they are not 1, 2, 3 .. without a gap."""
        answer, model = self.answer, self.model(self.head)
        found = answer.range_of(self.head)
        if found:
            a, b = self.k(found[0]), self.k(found[1])
            key = "trust" if a < b else "trust_one" if b == 1 else "trust_only"
            return self.say(key, model=model, a=a, b=b) + self.of_tested()
        if answer.kind == "infinite":
            return self.infinite()
        if answer.kind == "not better":
            return self.say("not_better", baseline=self.most_used()) + self.of_tested()
        if not self.gains:
            return self.say("no_gain_head", baseline=self.most_used()) + self.of_tested()
        return self.say("one_too_few" if answer.origins == 1 else "too_few", n=f"{answer.origins:,}", model=model)

    def infinite(self) -> str:
        """What is said where no model has a finite loss at every step."""
        places = range(len(self.answer.models)) if self.units.loss == "log" else [self.head]
        names = [self.model(place) for place in places]
        models = self.words["and"].join(names[:MOST_PARTS]) + ("…" if len(names) > MOST_PARTS else "")
        steps = self.listed(ranges(np.isneginf(self.answer.saving[self.head])))
        return self.say("infinite_log" if self.units.loss == "log" else "note_infinite", model=models, steps=steps)

    def of_tested(self) -> str:
        """Which steps were tested, where it is not all of them from 1 on."""
        steps = self.answer.steps
        if np.array_equal(steps, np.arange(1, len(steps) + 1)):
            return ""
        text = self.words["and"].join(str(k) for k in steps[:12]) + ("…" if len(steps) > 12 else "")
        return self.say("of_tested", steps=text)

    def second(self) -> str:
        """How far off, in the unit of the data; empty where nobody filled that in."""
        figure = self.answer.figure
        if figure is None or not math.isfinite(figure.own):
            return ""
        place = int(np.flatnonzero(self.answer.steps == self.answer.verdict(self.head).step)[0])
        own, best = amounts(figure.own, figure.baseline)
        in_data = self.units.loss not in ("log", "zero-one")
        key = ("off" if in_data else "log_off") + ("" if self.answer.kind == "trusted" else "_measured")
        text = self.say(key, own=own, best=best, step=self.step(place), loss=self.loss())
        if not in_data or math.isnan(figure.size):
            return text
        key = "size" if math.isfinite(figure.upper) else "size_measured"
        return self.join([text, self.say(key, size=digits(figure.size), upper=digits(figure.upper))])

    def third(self) -> str:
        """What to use at the other steps; of too few origins where a gain is clear, and what is safe elsewhere."""
        answer, found = self.answer, self.answer.range_of(self.head)
        if found:
            return self.join(self.rest(lambda k: not found[0] <= k <= found[1]))
        if answer.kind == "too few" and self.gains:
            clear = np.asarray(answer.shown.any(axis=0))
            until = self.say("until", baseline=self.baselines_at(~clear))
            return self.join([*self.rest(lambda k: bool(clear[k])), *([] if clear.all() else [until])])
        named = len(set(answer.best.tolist())) == 1 and answer.kind != "infinite"  # the headline says which to use
        return "" if named else self.join(self.rest(lambda k: True))

    def rest(self, wanted: Callable[[int], bool]) -> list[str]:
        """Sentences about some of the steps: a clear gain, the model with the least error and the baseline that is
        safe there, or the baseline to use.
        """
        keys = [self.row(k) if wanted(k) else None for k in range(len(self.answer.steps))]
        codes = {key: code for code, key in enumerate(dict.fromkeys(keys))}
        parts = [(ends, keys[ends[0]]) for ends in equal_parts(np.array([codes[key] for key in keys]))]
        parts = [(ends, key) for ends, key in parts if key is not None]
        if len(parts) > MOST_PARTS:
            clear: dict[int, list[tuple[int, int]]] = {}
            others = np.zeros(len(keys), dtype=np.bool_)
            for ends, (kind, place) in parts:  # type: ignore[misc]
                if kind == "clear":
                    clear.setdefault(place, []).append(ends)
                else:
                    others[ends[0] : ends[1] + 1] = True
            sentences = [
                self.say("rest_clear", Steps=_upper(self.listed(every)), model=self.model(p))
                for p, every in clear.items()
            ]
            if others.any():
                sentences.append(self.say("rest_more", Steps=_upper(self.listed(ranges(others)))))
                sentences.append(self.say("rest_safe", baseline=self.baselines_at(others)))
            return sentences
        sentences, close = [], np.zeros(len(keys), dtype=np.bool_)
        for place, (ends, key) in enumerate(parts):
            sentences.append(self.part(ends, *key))  # type: ignore[misc]
            if key is not None and key[0] == "close":
                close[ends[0] : ends[1] + 1] = True
                after = parts[place + 1] if place + 1 < len(parts) else None
                if after is None or after[1] is None or after[1][0] != "close":
                    sentences.append(self.say("rest_safe", baseline=self.baselines_at(close)))
                    close[:] = False
        return sentences

    def row(self, k: int) -> tuple[str, int]:
        """What is told of one step: (clear | close, model), or (use, baseline)."""
        answer = self.answer
        used = int(answer.use[k])
        clear = [
            model for model in (used, self.head, *answer.order) if model < len(answer.models) and answer.shown[model, k]
        ]
        if clear:
            return "clear", clear[0]
        return ("close", used) if used < len(answer.models) else ("use", used - len(answer.models))

    def part(self, ends: tuple[int, int], kind: str, place: int) -> str:
        """One sentence of the third line."""
        if kind == "use":
            if ends[1] == self.every[1] and 0 < ends[0] < ends[1]:
                return self.say("rest_on", a=self.k(ends[0]), baseline=self.baseline(place))
            return self.say("rest_use", Steps=_upper(self.span(ends)), baseline=self.baseline(place))
        return self.say(f"rest_{kind}", Steps=_upper(self.span(ends)), model=self.model(place))

    def settle(self) -> list[str]:
        """How many origins would settle it, or why that is not told."""
        key, values = self.wanted(self.head)
        return [self.say(key, **values)] if key else []

    def wanted(self, model: int) -> tuple[str, dict[str, object]]:
        """(which sentence says how many origins are wanted, its values);
        nothing of a model with a lone step of clear gain.
        """
        answer, n = self.answer, f"{self.answer.origins:,}"
        N = answer.wanted[model]
        if answer.shown[model].any():
            return "", {}
        if N is None:
            return "unknown", {"n": n}
        if math.isfinite(N):
            return "wanted", {"N": f"{N:,.0f}", "n": n}
        years = 30.0 * answer.origins / YEARS.get(self.units.time, math.inf)
        return "decades" if years >= DECADES else "many", {}

    # -- facts ----------------------------------------------------------------------------------------------------

    def facts(self) -> Iterable[tuple[str, str]]:
        """(heading, text), in the order of the page."""
        if self.answer.kind == "trusted":
            found = [("how_far", self.how_far()), ("which", self.which()), ("beyond", self.beyond())]
        elif self.answer.kind == "not better":
            found = [("measured", self.worth()), ("which", self.which())]
        elif self.answer.kind == "infinite":  # over all steps every loss is infinite, and none the least
            found = [("measured", self.worth())]
        else:
            found = [
                ("measured", self.measured()),
                ("settle", self.settle() if self.gains else []),
                ("which", self.which()),
            ]
        if self.answer.columns is not None:
            found.append(("columns", self.columns(self.answer.columns)))
        for heading, sentences in [*found, ("season", self.season())]:
            if sentences:
                yield self.words[f"fact_{heading}"], self.join(sentences)

    def how_far(self) -> list[str]:
        """The range of the model spoken of, what it saves at its end, and its other steps of clear gain."""
        answer, model = self.answer, self.model(self.head)
        a, b = answer.range_of(self.head) or self.every
        low = self.at_least(answer.low_at(self.head, b))
        saved = self.percent(float(answer.saving[self.head, b]))
        parts = [
            self.say("gain", model=model, margin=self.limit(answer.rule.margin), steps=self.span((a, b))),
            self.say("saves", step=self.step(b), saved=saved, loss=self.loss(), low=low),
        ]
        if (answer.high[self.head, a : b + 1] < answer.rule.useful).all():
            parts.append(self.say("small", useful=self.limit(answer.rule.useful)))
        others = [ends for ends in ranges(answer.shown[self.head]) if ends != (a, b)]
        return [*parts, self.say("again", model=model, steps=self.listed(others))] if others else parts

    def which(self) -> list[str]:
        """Which model has the least error, which have a longer range, and which are clearly worse."""
        answer, parts = self.answer, []
        if len(answer.models) > 1:
            named, span = answer.named, self.span(self.every)
            lone = ranges(answer.shown[named])
            key = "least_error" if named == self.head else "least_lone" if lone else "least_without"
            parts.append(self.say(key, model=self.model(named), steps=span, lone=self.listed(lone)))
            for model in answer.order:
                found = answer.range_of(model)
                if found and answer.length_of(model) > answer.length_of(self.head):
                    parts.append(self.say("longer", model=self.model(model), steps=self.span(found)))
            same = [self.model(p) for p in answer.order if p != named and (answer.least[p] & answer.least[named]).all()]
            parts += [self.say("alike", models=self.words["and"].join(part)) for part in _chunks(same, 10)]
            count = (~answer.least).sum(axis=1)
            beaten, of = [p for p in answer.order if count[p]], len(answer.steps)
            worse = [
                self.say("worse_at_too" if place else "worse_at", model=self.model(p), x=int(count[p]), of=of)
                for place, p in enumerate(beaten)
            ]
            other = self.model(1 - beaten[0]) if len(answer.models) == 2 and len(beaten) == 1 else self.words["another"]
            for place, part in enumerate(_chunks(worse, 5)):
                key = "worse_too" if place else "worse"
                parts.append(self.say(key, better=other, models=self.words["and"].join(part)))
        return parts

    def beyond(self) -> list[str]:
        """Of the model spoken of the steps outside its range, each range in the word of its best step."""
        answer, parts = self.answer, []
        inside = answer.range_of(self.head) or self.every
        others = [e for e in ranges(~answer.shown[self.head]) if e[1] < inside[0] or e[0] > inside[1]]
        for a, b in others[:MOST_PARTS]:
            least, most = self.extent(self.head, (a, b))
            key = "part_close" if (answer.state[self.head, a : b + 1] > NO_GAIN).any() else "part_none"
            parts.append(self.say(key, model=self.model(self.head), steps=self.span((a, b)), least=least, most=most))
            bare = (answer.use[a : b + 1] >= len(answer.models)).all()
            parts.append(self.say("part_use" if bare else "rest_safe", baseline=self.baselines((a, b))))
        return parts

    def worth(self) -> list[str]:
        """Where it is sure that no model is worth more than a baseline."""
        answer, parts = self.answer, []
        refuted = np.asarray((answer.high < answer.rule.useful).all(axis=0) & ~answer.shown.any(axis=0))
        for ends in ranges(refuted)[:MOST_PARTS]:
            parts.append(self.say("worth", steps=self.span(ends), useful=self.limit(answer.rule.useful)))
            if (answer.use[ends[0] : ends[1] + 1] >= len(answer.models)).all():
                parts.append(self.say("use_there", baseline=self.baselines(ends)))
        return parts

    def measured(self) -> list[str]:
        """What is measured where no range counts; a lone step of clear gain is named."""
        answer, model = self.answer, self.model(self.head)
        if not self.gains:
            margin = self.limit(answer.rule.margin)
            return [self.say("less_margin", model=model, margin=margin, steps=self.span(self.every)), *self.worth()]
        at = int(np.argmax(answer.saving[self.head]))
        least, most = self.extent(self.head, self.every)
        key = "measured" if len(answer.steps) > 1 else "measured_one"
        saved = self.percent(float(answer.saving[self.head, at]))
        values = {"least": least, "most": most, "steps": self.span(self.every), "step": self.step(at)}
        parts = [self.say(key, model=model, saved=saved, **values)]
        lone = [place for place in answer.order if answer.shown[place].any()]
        parts += [self.say("but", model=self.model(p), steps=self.listed(ranges(answer.shown[p]))) for p in lone]
        return [*parts, *self.worth()]

    def columns(self, columns: Columns) -> list[str]:
        """What was known of the other columns, what the model spoken of adds to them, and how far they go alone."""
        answer, parts = self.answer, []
        for kind in KINDS:
            names = [printable(name) for name, own in columns.kinds if own == kind]
            if names:
                parts.append(self.say(f"columns_{kind}", names=self.words["and"].join(names)))
        if columns.floor:
            parts.append(self.say("columns_floor"))
        ordered = (answer.models[place] for place in (self.head, *answer.order))
        long = next((name for name in ordered if counted_columns(name) > 1 and len(name) > LONGEST), "")
        if long:
            parts.append(self.say("columns_count", n=counted_columns(long)))
        if columns.without is None:
            return parts
        called = printable(columns.alone.removesuffix(ALONE))
        if columns.adds:
            key, steps = self.shown_at(answer, self.head)
            parts.append(self.say(f"columns_add{key}", model=self.model(self.head), names=called, steps=steps))
        key, steps = self.shown_at(columns.without, 0)
        return [*parts, self.say(f"columns_alone{key}", names=called, steps=steps)]

    def shown_at(self, answer: Judgement, model: int) -> tuple[str, str]:
        """At which steps a model has a clear gain; "_none" first where it has none."""
        found = ranges(answer.shown[model])
        return ("", self.listed(found)) if found else ("_none", "")

    def season(self) -> list[str]:
        """The seasons that were found, and the answer that would stand without its baselines."""
        season = self.answer.season
        if season is None:
            return []
        names = self.words["and"].join(printable(plain(name, self.units, self.language)) for name in season.baselines)
        key = "season" if len(season.periods) == 1 else "seasons"
        *others, last = (f"{period:,}" for period in season.periods)
        periods = self.words["season_and"].join(filter(None, [self.words["and"].join(others), last]))
        parts = [self.say(key, periods=periods), self.say(f"{key}_baselines", baselines=names)]
        return parts if season.without is None else [*parts, self.without(season.without)]

    def without(self, other: Judgement) -> str:
        """What would have seemed so without the baselines of a season: never to be read as advice."""
        found = other.range_of(other.head)
        if not found:
            return self.say("season_less" if self.answer.kind == "trusted" else "season_none")
        if self.answer.range_of(self.head) == found and self.head == other.head:
            return self.say("season_same")
        a, b = self.k(found[0]), self.k(found[1])
        key = "season_trust" + ("" if a < b else "_one" if b == 1 else "_only")
        return self.say(key, model=self.model(other.head), a=a, b=b)

    def notes(self) -> Iterable[str]:
        """The notes, then what a clear gain means."""
        for code, values in self.answer.notes:
            text = {key: printable(value) if isinstance(value, str) else value for key, value in values.items()}
            if "names" in values:
                text["names"] = self.words["and"].join(values["names"][:MOST_PARTS])
                text["names"] += "…" if len(values["names"]) > MOST_PARTS else ""
            if "steps" in values:
                text["steps"] = self.listed(ranges(np.isin(self.answer.steps, values["steps"])))
            yield self.say(f"note_{code}{self.variant(code, values)}", **text)
        models = len(self.answer.models)
        yield self.say("level" if models > 1 else "level_one", level=self.limit(self.answer.rule.level), models=models)

    def variant(self, code: str, values: Mapping[str, Any]) -> str:
        """Which of the sentences for a note its values take."""
        if code == "few" and not values["above"]:
            return "_one" if values["origins"] == 1 else "_all"
        if code == "constant" and values["constant"] == 1:
            return "_one"
        return "_log" if code == "infinite" and self.units.loss == "log" else ""


def verdict_text(answer: Judgement, model: int, language: str = "en", units: Units | None = None) -> tuple[str, str]:
    """(verdict, detail) of one model in a row of a table; the detail is empty where there is none."""
    teller, found = Teller(answer, language, units), answer.verdict(model)
    if found.first is not None and found.last is not None:
        key = "row_trust" if found.first < found.last else "row_trust_one" if found.last == 1 else "row_trust_only"
        return teller.say(key, a=found.first, b=found.last), ""
    if found.kind == "infinite":
        steps = teller.listed(ranges(np.isneginf(answer.saving[model])))
        return teller.say("row_infinite", steps=steps), ""
    if found.kind == "not better":
        return teller.say("row_not_better", baseline=teller.most_used()), ""
    if not (answer.state[model] > NO_GAIN).any():
        return teller.say("row_no_gain", baseline=teller.most_used()), ""
    if (answer.state[model] == CLEAR).any():
        return teller.say("row_but", steps=teller.listed(ranges(answer.shown[model]))), ""
    key, values = teller.wanted(model)
    place = int(np.flatnonzero(answer.steps == found.step)[0])
    detail = teller.say(f"row_{key}", saved=teller.percent(found.saving), step=teller.step(place), **values)
    return teller.say("row_too_few"), detail


def within_text(
    found: Within,
    answer: Judgement,
    model: int,
    width: float,
    share_of: float = 0.9,
    language: str = "en",
    units: Units | None = None,
) -> str:
    """Up to which step the errors of one model are within a width, in words."""
    teller = Teller(answer, language, units)
    words, measured = teller.words, found.measured
    wanted = words.get(f"share_{share_of:g}", share(share_of))
    values = {"model": teller.model(model), "width": f"{width:g}", "share": wanted, "one": teller.step(0)}
    values |= {"first": share(float(measured[0])) if math.isfinite(measured[0]) else "–", "n": f"{answer.origins:,}"}
    if not found.steps:
        return teller.say("within_close" if measured[0] >= share_of else "within_none", **values)
    values |= {"step": teller.step(found.steps - 1), "last": share(float(measured[found.steps - 1]))}
    return teller.join([teller.say("within", **values), teller.say("within_measured", **values)])


def _chunks(names: Sequence[str], size: int) -> list[Sequence[str]]:
    return [names[start : start + size] for start in range(0, len(names), size)]


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]

"""The answer that a comparison gives: made once of its losses, read by every table, page, figure and sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from .. import times as clock
from ..calendars import wall
from ..covariates import FORESEEN, PAST, group_of
from ..errors import InputError
from ..numerics.prewhitened import Sample
from ..parameters import real
from ..protocols import Array, Index, Seasonal, columns_of
from ..seasons import Seasons, calendar
from ..series import Series
from ..text import printable
from . import answer_text, within
from .answer_words import Units
from .chosen_loss import parse_loss
from .fits import LONGEST, NOT_HERE
from .graph import Plan, planned
from .judgement import Columns, Figure, Judgement, Kind, Note, Rule, Season, Verdict
from .kstep import KStep
from .losses import SYMBOLIC
from .ranking import training_losses
from .reference import is_baseline
from .rule import checked, judge
from .trust import are_apart, sample_of
from .within import Within

READINGS = {"squared": "rmse", "absolute": "mae", "log": "log_loss", "zero-one": "zero_one"}
"""The reading in which a loss is told."""


@dataclass(frozen=True)
class Question:
    """What an answer is asked: of which loss, how sure, from which saving on, and whether errors stay within a width.

    loss : "squared", "absolute", "pinball(.9)" or a function of (error, actual); of symbols the log loss.
    level : for all claims together.
    margin : a smaller saving is not called a gain.
    within, share : up to which step at least this share of the forecasts lies within this width, in the unit of the
        values.
    """

    loss: Any = None
    level: float = Rule().level
    margin: float = Rule().margin
    within: float | None = None
    share: float = 0.9

    def __post_init__(self) -> None:
        """Refuse what is no loss, no width or no share, before anything is fitted for it."""
        if self.loss is not None and self.loss not in SYMBOLIC:
            parse_loss(self.loss)
        if self.within is not None:
            real("within", self.within, least=0.0)
        within.check_share(self.share)

    @property
    def reading(self) -> str | None:
        """The reading that tells this loss; None where the usual one does."""
        return READINGS.get(self.loss) if isinstance(self.loss, str) else None


@dataclass(frozen=True, eq=False)
class Answer:
    """How far which model can be trusted. ``str(answer)`` says it; the rest is for programs.

    >>> import stepahead as sa
    >>> result = sa.evaluate([sa.AR(lags=4), sa.AR(lags=64)], sa.datasets.noisy_sine(seed=0), horizon=64, train=604)
    >>> answer = result.answer
    >>> answer.kind, answer.verdicts["AR(64)"].kind
    ('trusted', 'trusted')

    Attributes
    ----------
    judgement : the arrays by place, of which all of it is read. units : in what it is told. question : what was
        asked.
    within : {model: how far its errors stay within the width asked for}; empty where nothing was asked.
    """

    judgement: Judgement
    units: Units
    question: Question
    within: Mapping[str, Within] = field(default_factory=dict)

    @property
    def headline(self) -> str:
        """The one sentence."""
        return self.told().headline

    def told(self, language: str = "en") -> answer_text.Told:
        """The headline, its two lines, the facts and the notes, in a language."""
        found = self._told.get(language)
        if found is None:
            found = self._told[language] = answer_text.told(self.judgement, language, self.units)
            asked = self.question.within
            if self.within and asked is not None:
                head = self.judgement.models[self.judgement.head]
                text = answer_text.within_text(
                    self.within[head],
                    self.judgement,
                    self.judgement.head,
                    asked,
                    self.question.share,
                    language,
                    self.units,
                )
                found = self._told[language] = found._replace(second=text)
        return found

    @cached_property
    def _told(self) -> dict[str, answer_text.Told]:
        return {}

    def text(self, language: str = "en") -> str:
        """All of it as lines of text: headline, error in the unit of the data, other steps, facts, notes."""
        told = self.told(language)
        colon = ": " if language == "en" else "："
        facts = [heading + colon + text for heading, text in told.facts]
        return "\n".join(filter(None, [told.headline, told.second, told.third, *facts, *told.notes]))

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Answer: {printable(self.headline)}>"

    # -- for programs ---------------------------------------------------------------------------------------------

    @property
    def kind(self) -> Kind:
        """The verdict of all models together: "trusted", "not better", "too few" or "infinite"."""
        return self.judgement.kind

    @property
    def named(self) -> str:
        """The model with the least mean error, relative to the best baseline at each step."""
        return self.judgement.models[self.judgement.named]

    @property
    def model(self) -> str:
        """The model that the headline speaks of."""
        return self.judgement.models[self.judgement.head]

    @property
    def season(self) -> Season | None:
        """The seasons that were found in the training part and not given, and the answer without them."""
        return self.judgement.season

    @cached_property
    def verdicts(self) -> dict[str, Verdict]:
        """What is said of each model, {name: Verdict}."""
        return {name: self.judgement.verdict(place) for place, name in enumerate(self.judgement.models)}

    @property
    def steps(self) -> Any:
        """[steps]: those tested."""
        return self.judgement.steps

    @property
    def shown(self) -> dict[str, Any]:
        """{name: [steps]} whether the model has a clear gain."""
        return self._by_model(self.judgement.shown)

    @property
    def saving(self) -> dict[str, Array]:
        """{name: [steps]} 1 - loss / loss of the best baseline at that step, as measured."""
        return self._by_model(self.judgement.saving)

    @property
    def low(self) -> dict[str, Array]:
        """{name: [steps]} one-sided lower confidence limit of the saving, each step by itself at the level that it was
        tested at; NaN where not tested. That it is above the margin is claimed of all models and steps together.
        """
        return {name: self.judgement.low(place) for place, name in enumerate(self.judgement.models)}

    @property
    def high(self) -> dict[str, Array]:
        """{name: [steps]} one-sided upper confidence limit of the saving, each step by itself."""
        return self._by_model(self.judgement.high)

    @property
    def use(self) -> list[str]:
        """[steps]: the name of the model or baseline to use at each step."""
        rows = (*self.judgement.models, *self.judgement.baselines)
        return [rows[place] for place in self.judgement.use]

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is said beside it, as codes with values."""
        return self.judgement.notes

    def trusted_to(self, model: str | None = None) -> int:
        """The last step of the range of trusted steps that begins at the first one; 0 where none does."""
        found = self.verdicts[self.model if model is None else model]
        return int(found.last or 0) if found.first == int(self.steps[0]) else 0

    def to_dict(self, language: str = "en") -> dict[str, Any]:
        """What a machine reads: the sentences, the verdict of each model, the row to use by step."""
        told = self.told(language)
        spoken = {"headline": told.headline, "second": told.second, "third": told.third, "facts": dict(told.facts)}
        asked = {name: found._asdict() for name, found in self.within.items()}
        return {**spoken, **self.judgement.to_dict(), **({"within": asked} if asked else {})}

    def _by_model(self, table: Any) -> dict[str, Any]:
        return {name: table[place] for place, name in enumerate(self.judgement.models)}


def answer_of(
    results: Mapping[str, KStep],
    question: Question,
    seasons: Seasons,
    loss: str,
    ranked: bool,
    better: Callable[[str], tuple[int, int]] | None = None,
) -> Answer | None:
    """The answer of results on the same rows; None where they are of training origins, or no model stands beside a
    baseline.

    Parameters
    ----------
    loss : of the table, in place of one that is asked for. ranked : whether the models were fitted here, so that refits
        on three quarters of the training part may say where each is to be tested first. better : of a panel, in how
        many series a model loses less than the best baseline, of how many.
    """
    first = next(iter(results.values()))
    simple = {name: result for name, result in results.items() if is_baseline(result.model)}
    models = {name: result for name, result in results.items() if name not in simple}
    if not simple or not models or not first._is_held_out:
        return None
    chosen = loss if question.loss is None else question.loss
    columns = {name: result._loss_columns(chosen) for name, result in results.items()}
    rule = checked(Rule(question.level, question.margin))
    past = training_losses(results, chosen) if ranked else {}
    own = {name: columns[name] for name in models}
    sample, apart = sample_of(first), are_apart(first)

    def judged(baselines: list[str]) -> Judgement:
        plan = _plan(past, list(models), baselines, first.steps, rule)
        return judge(own, {name: columns[name] for name in baselines}, first.steps, sample, plan, rule)

    found = judged(list(simple))
    others = (*_notes(first, found, apart, callable(chosen), better), *_unseen(models))
    found = replace(found, notes=(*found.notes, *others))
    found = replace(found, season=_season(first, simple, seasons, judged))
    if any(result._panel[0].beside is not None for result in results.values()):
        found = replace(found, columns=_columns(results, found, columns, sample, rule))
    units = units_of(first, chosen if isinstance(chosen, str) else "other")
    if len(first._panel) == 1:
        found = replace(found, figure=_figure(results, found, units.loss, sample))
    asked: dict[str, Within] = {}
    if question.within is not None:
        if first._is_symbolic or len(first._panel) > 1:
            raise InputError(
                "within= asks for errors in the unit of one series of numbers: leave it out for symbols and panels",
                code="within",
            )
        asked = {
            name: within.inside(_sizes(result), sample, question.within, question.share, rule.alpha)
            for name, result in models.items()
        }
    return Answer(found, units, question, asked)


def by_series(results: Mapping[str, KStep], answer: Answer) -> Iterator[tuple[int, Judgement]]:
    """(place of a series, what is judged of it alone), at the level of the answer each.

    The shares of the level are those of all series together: they were fixed before any held-out value was read.
    """
    chosen = answer.units.loss if answer.question.loss is None else answer.question.loss
    found, first = answer.judgement, next(iter(results.values()))
    for index, rows in first._groups():
        places = np.arange(rows.start, rows.stop)
        alone = {
            name: replace(
                result._take(places),
                _panel=(result._panel[index],),
                start=(result.start[index],),
                fits=result.fits.of(index),
                part=np.zeros(len(places), dtype=np.intp),
                _models=(result._model_of(index),),
            )
            for name, result in results.items()
        }
        columns = {name: result._loss_columns(chosen) for name, result in alone.items()}
        own = {name: columns[name] for name in found.models}
        simple = {name: columns[name] for name in found.baselines}
        yield index, judge(own, simple, found.steps, sample_of(alone[found.models[0]]), found.plan, found.rule)


def units_of(first: KStep, loss: str) -> Units:
    """In what an answer about these rows is told."""
    return Units(first._panel[0].unit if len(first._panel) == 1 else "", time_unit(first), loss)


def time_unit(first: KStep) -> str:
    """What one step is called: a unit of time where every step has one and the same, else a step."""
    step = pace(first._panel)
    if all(series.times is not None and calendar(series.local) == () for series in first._panel):
        return "Y"  # whole numbers that are years
    return {
        (1, "ms"): "ms", (1, "s"): "s", (1, "m"): "min", (30, "m"): "half-hour", (1, "h"): "h", (1, "D"): "D",
        (7, "D"): "W", (1, "W"): "W", (1, "M"): "M", (3, "M"): "quarter", (12, "M"): "Y", (1, "Y"): "Y",
    }.get(step or (0, ""), "step")  # fmt: skip


def _steps(stamps: clock.Times) -> tuple[clock.Labels, str]:
    """The steps of times, on the clock of their zone where they are even there: a day is a day when clocks are set."""
    gaps, unit = clock.steps(stamps.labels)
    if not stamps.zoned or stamps.labels.dtype.kind != "M" or ((gaps == gaps[0]).all() and unit in ("m", "s", "ms")):
        return gaps, unit
    local, local_unit = clock.steps(wall(stamps))
    return (local, local_unit) if (local == local[0]).all() else (gaps, unit)


def pace(panel: tuple[Series, ...]) -> tuple[int, str] | None:
    """How much time one step is, (count, unit), where it is the same at every step of every series."""
    found: set[tuple[int, str]] = set()
    for series in panel:
        stamps = series.stamps
        if stamps is None or len(series) < 2:
            return None
        gaps, unit = _steps(stamps)
        if not unit or not bool((gaps == gaps[0]).all()):
            return None
        found.add((int(gaps[0]), unit))
    return found.pop() if len(found) == 1 else None


def _plan(found: Mapping[str, Array], models: list[str], simple: list[str], steps: Index, rule: Rule) -> Plan | None:
    """Where each model is tested first, and its share of the level, from mean losses [steps] inside the training part
    over the baselines that it is judged against.
    """
    baselines = [found[name] for name in simple if name in found]
    if not baselines or not any(name in found for name in models):
        return None
    longest = len(baselines[0])
    kept = steps[steps <= longest] - 1
    if not len(kept):
        return None
    missing = np.full(longest, np.nan)
    own = np.array([found.get(name, missing)[kept] for name in models])
    return planned(own, np.array(baselines)[:, kept], steps, rule.margin)


def _notes(
    first: KStep, found: Judgement, apart: bool, unscaled: bool, better: Callable[[str], tuple[int, int]] | None
) -> list[Note]:
    """What there is to know about a panel; a loss that is not scaled leaves no constant series out."""
    if len(first._panel) == 1:
        return []
    notes = []
    if better is not None:
        model = found.models[found.head]
        count, of = better(model)
        notes.append(Note("panel", {"model": model, "better": count, "series": of}))
    constant = 0 if unscaled else int((first._scale == 0.0).sum())
    if constant:
        notes.append(Note("constant", {"constant": constant, "series": len(first._panel)}))
    return [*notes, Note("alignment", {})] if apart else notes


def _unseen(models: Mapping[str, KStep]) -> list[Note]:
    """Of which models nobody can tell here whether their fits have seen what they are scored on."""
    names = [printable(name, LONGEST) for name, result in models.items() if result.fits.kind in NOT_HERE]
    return [Note("unseen", {"names": names})] if names else []


def _season(
    first: KStep, simple: Mapping[str, KStep], seasons: Seasons, judged: Callable[[list[str]], Judgement]
) -> Season | None:
    """The seasons found and not given, with what would be said without its baselines."""
    if not seasons.periods or seasons.source == "given":
        return None
    seasonal = [
        name
        for name, result in simple.items()
        if isinstance(result.model, Seasonal) and result.model.season in seasons.periods
    ]
    others = [name for name in simple if name not in seasonal]
    if not seasonal or not others:
        return None
    return Season(seasons.periods, tuple(seasonal), judged(others))


def _columns(
    results: Mapping[str, KStep], found: Judgement, losses: Mapping[str, Any], sample: Sample, rule: Rule
) -> Columns | None:
    """The columns that the models use, and how far those known ahead go alone: one model, at a level of its own."""
    kinds = dict.fromkeys(
        (group_of(column.name), column.kind) for name in found.models for column in columns_of(results[name].model)
    )
    if not kinds:
        return None
    floor = any(kind == FORESEEN for _, kind in kinds) and bool(next(iter(results.values()))._limits())
    simple = {name: known_columns(results[name].model) for name in found.baselines}
    with_columns = [name for name, used in simple.items() if used]
    of_head = known_columns(results[found.models[found.head]].model)
    alone = next((name for name in with_columns if simple[name] == of_head), None)
    name = alone or next(iter(with_columns), "")
    others = [baseline for baseline in found.baselines if baseline not in with_columns]
    if not name or not others:
        return Columns(tuple(kinds), floor=floor)
    steps = results[name].steps
    without = judge({name: losses[name]}, {other: losses[other] for other in others}, steps, sample, None, rule)
    return Columns(tuple(kinds), name, without, alone is not None, floor)


def known_columns(model: object) -> frozenset[str]:
    """What the columns known ahead are called that a fitted model uses."""
    return frozenset(group_of(column.name) for column in columns_of(model) if column.kind != PAST)


def _figure(results: Mapping[str, KStep], found: Judgement, loss: str, sample: Sample) -> Figure | None:
    """How far off the model spoken of is at the step of its verdict, beside the best baseline."""
    at = int(np.searchsorted(found.steps, found.verdict(found.head).step))
    name, other = found.models[found.head], found.baselines[int(found.best[at])]
    own, best = (
        getattr(results[one]._at_step(int(found.steps[at])), READINGS.get(loss, "rmse"))()[0] for one in (name, other)
    )
    if results[name]._is_symbolic:
        return Figure(float(own), float(best))
    sizes = _sizes(results[name])
    here = Sample(sample.placements, sample.overlaps[at : at + 1], sample.freedom[at : at + 1])
    size, upper = within.sizes_within(lambda _: sizes(slice(at, at + 1)), here, alpha=found.rule.alpha)
    return Figure(float(own), float(best), float(size[0]), float(upper[0]))


def _sizes(result: KStep) -> Callable[[slice], Array]:
    """Sizes of the errors at some of the steps, in the unit of the series."""
    return lambda columns: np.abs(result.predictions[:, columns] - result._actuals_at(columns))

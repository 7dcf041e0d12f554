"""What the figure of an answer shows, without a place for it: lines, the area of the baselines, rows of bars, words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..evaluation.answer_phrases import equal_parts
from ..evaluation.answer_text import Told
from ..evaluation.answer_words import TIMES, Units, limit_name, plain, words_of
from ..evaluation.answers import time_unit, units_of
from ..evaluation.comparison import Comparison
from ..evaluation.judgement import CLEAR, Flags, Judgement
from ..evaluation.kstep import KStep
from ..protocols import Array, Index
from ..text import fill, printable
from ..walk import name_of
from .first_chart import best_errors, span, use_parts
from .palette import FEW, FIRST, first_rows, slots

READING = {"squared": "rmse", "log": "log_loss", "zero-one": "zero_one"}


class Segment(NamedTuple):
    """A part of the strip: places of its first and its last step, the row to use there, in which state."""

    first: int
    last: int
    name: str
    is_model: bool
    is_clear: bool


class Picture:
    """One comparison in one language, or one result beside its baselines.

    `shown` are the models of a comparison to draw, by name, in place of the first few.
    """

    def __init__(self, result: Comparison | KStep, language: str, shown: Sequence[str] = ()) -> None:
        self.language, self.words, self.own = language, words_of(language), WORDS[language]
        self.title, self.steps = self.own["title"], np.asarray(result.steps)
        self.answer: Judgement | None = None
        self.told: Told | None = None
        if isinstance(result, KStep):
            self._of_one(result)
        else:
            self._of_many(result, shown)

    def _of_many(self, comparison: Comparison, shown: Sequence[str]) -> None:
        has_rows = comparison._scores is None
        found = comparison.answer if has_rows else None
        self.units = Units(time=time_unit(comparison._first)) if has_rows else Units()
        if found is not None:
            self.answer, self.told, self.units = found.judgement, found.told(self.language), found.units
        self.reading, self.is_panel = comparison._reading, len(comparison.scorer.series) > 1
        values = comparison.by_step()
        if self.answer is None:
            names = [name for name in comparison if name not in comparison.baselines]
            self.slots = {name: slot for slot, name in enumerate(names, 1)}
            self.models = names if len(names) <= FEW else names[:FIRST]
        else:
            self.slots, self.models = slots(self.answer), first_rows(self.answer)
        if shown:
            self.models = [name for name in self.slots if name in shown]
        self.lines: dict[str, Array] = {name: values[name] for name in self.models}
        self.limits: dict[str, Array] = {name: line for name, line in values.items() if name not in comparison}
        self.baselines: dict[str, Array] = {name: values[name] for name in comparison.baselines}

    def _of_one(self, result: KStep) -> None:
        own, others = result._shared
        name = name_of(result.model)
        self.reading, self.is_panel = READING[result._loss], len(result._panel) > 1
        self.units = units_of(result, result._loss)
        self.title = fill(self.own["title_of"], name=printable(name))
        self.slots, self.models = {name: 1}, [name]
        self.lines = {name: getattr(own, self.reading)()}
        self.limits = result._limits() if self.reading in ("rmse", "log_loss") else {}
        self.baselines = {other: getattr(found, self.reading)() for other, found in others.items() if other != name}

    # -- the chart ------------------------------------------------------------------------------------------------

    @property
    def head(self) -> str | None:
        """The model that the answer speaks of."""
        return None if self.answer is None else self.answer.models[self.answer.head]

    @property
    def area(self) -> Array | None:
        """[steps]: the error of the best baseline; None where there is none."""
        if not self.baselines:
            return None
        if self.answer is not None:
            return best_errors(self.answer, self.baselines)
        found = np.min([np.nan_to_num(line, nan=np.inf) for line in self.baselines.values()], axis=0)
        return np.asarray(np.where(np.isinf(found), np.nan, found))

    def best(self) -> list[tuple[int, int, str]]:
        """Where which baseline is the best one: places of the first and the last step, its name."""
        if self.answer is not None:
            rows, names = self.answer.best, self.answer.baselines
        elif self.baselines:
            names = tuple(self.baselines)
            rows = np.nan_to_num(np.array(list(self.baselines.values())), nan=np.inf).argmin(axis=0)
        else:
            return []
        return [(a, b, self.baseline(names[rows[a]])) for a, b in equal_parts(rows)]

    def state(self, name: str) -> Index:
        """[steps]: the states of a model."""
        if self.answer is None:
            return np.zeros(len(self.steps), dtype=np.intp)
        return np.asarray(self.answer.state[self.answer.models.index(name)])

    def clear(self) -> Flags:
        """[steps]: where the model spoken of has a clear gain."""
        return np.asarray(self.state(self.head or "") == CLEAR)

    def ends(self) -> tuple[float, float]:
        """The lowest and the highest error that the chart has room for; lines that go higher are cut."""
        best = np.zeros(0) if self.area is None else self.area
        return span(best, [*self.lines.values(), *self.limits.values()])

    # -- below it -------------------------------------------------------------------------------------------------

    def strip(self) -> list[Segment]:
        """Which row to use at which steps, in the state of its model there."""
        answer = self.answer
        if answer is None:
            return []
        count, names = len(answer.models), (*answer.models, *map(self.baseline, answer.baselines))
        return [
            Segment(part.first, part.last, names[part.row], part.row < count, part.row < count and part.state == CLEAR)
            for part in use_parts(answer)
        ]

    # -- words ----------------------------------------------------------------------------------------------------

    def baseline(self, name: str) -> str:
        """The plain name of a baseline."""
        return plain(name, self.units, self.language)

    def limit(self, name: str) -> str:
        """What a limit is called."""
        return limit_name(name, self.language)

    def headline(self) -> str:
        """The title."""
        return self.title if self.told is None else printable(self.told.headline)

    def below(self) -> str:
        """What stands under the title."""
        return "" if self.told is None else printable(self.words["space"].join(filter(None, self.told[1:3])))

    def value_axis(self) -> str:
        """What is measured, in which unit."""
        unit = self.own["scale"] if self.is_panel else printable(self.units.value)
        return fill(self.own[self.reading], unit=fill(self.own["unit"], unit=unit) if unit else "")

    def ahead(self) -> str:
        """What is counted along the steps."""
        _, many, chinese = TIMES[self.units.time]
        return fill(self.words["ahead_axis"], units=many, unit=chinese)

    def step_axis(self) -> str:
        """The same, and what the bars mean."""
        if self.answer is None:
            return self.ahead()
        few = len(self.models) < len(self.slots)
        some = fill(self.own["some"], n=len(self.models), all=len(self.slots)) if few else ""
        states = {key: self.words[key] for key in ("clear", "close", "none")}
        return fill(self.own["keys"], ahead=self.ahead(), some=some, **states)

    def texts(self) -> list[str]:
        """Every text that is drawn."""
        names = [name for _, _, name in self.best()] + [part.name for part in self.strip()]
        return [
            self.headline(), self.below(), self.value_axis(), self.step_axis(), self.own["use"], *names,
            *map(printable, self.models), *map(self.limit, self.limits),
        ]  # fmt: skip


WORDS = {
    "en": {
        "title": "Error by number of steps ahead",
        "title_of": "{name}: error by number of steps ahead",
        "rmse": "typical error (RMSE{unit})",
        "mae": "typical error (MAE{unit})",
        "unit": ", {unit}",
        "scale": "in units of each series",
        "log_loss": "log loss",
        "zero_one": "share of wrong symbols",
        "use": "Use",
        "too_close": "{name}, too close to call",
        "keys": "{ahead}   (bars: solid = {clear}, hatched = {close}, empty = {none}{some})",
        "some": "; {n} of {all} models",
    },
    "zh": {
        "title": "各步的误差",
        "title_of": "{name}：各步的误差",
        "rmse": "典型误差（RMSE{unit}）",
        "mae": "典型误差（MAE{unit}）",
        "unit": "，{unit}",
        "scale": "以各序列自身的尺度为单位",
        "log_loss": "对数损失",
        "zero_one": "错误符号的比例",
        "use": "用哪个",
        "too_close": "{name}，难分高下",
        "keys": "{ahead}（横条：实心＝{clear}，斜线＝{close}，空＝{none}{some}）",
        "some": "；{all} 个模型中的 {n} 个",
    },
}

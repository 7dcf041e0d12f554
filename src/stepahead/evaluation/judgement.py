"""The answer to "how far can I trust which model": one object that tables, pages, figures and sentences read.

    answer.head, .kind                          the model spoken of; "trusted", "not better", "too few" or "infinite"
    answer.verdict(model)                       the same of each model
    answer.shown, .tested, .level, .saving, .high, .low(model), .least, .state          by model and step
    answer.use, .best                           the row to use at each step; the best baseline there
    answer.notes                                codes with values

No sentence is in here: answer_text.py makes them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from ..covariates import facts_of
from ..protocols import Array, Index
from .graph import Plan

Kind = Literal["trusted", "not better", "too few", "infinite"]
Flags = npt.NDArray[np.bool_]
NO_GAIN, CLOSE, CLEAR = 0, 1, 2
"""The states of a model at a step: measured below the margin, measured but not shown, shown."""
TIE = 0.01
"""Mean losses that differ by less than this share count as equal where a name would else change at every step."""
FEWEST_STEPS = 3
"""A range that does not begin at the first step counts from so many steps on."""


class Rule(NamedTuple):
    """What a claim is made at.

    level : for all claims together.
    margin : a smaller saving is not called a gain.
    useful : a saving that surely stays below it is not worth more than a baseline.
    """

    level: float = 0.95
    margin: float = 0.01
    useful: float = 0.05

    @property
    def alpha(self) -> float:
        """The probability that anything claimed is false is at most this."""
        return 1.0 - self.level


class Note(NamedTuple):
    """Something said beside an answer: a code and its values, put into words by whoever prints it."""

    code: str
    values: dict[str, Any]


class Season(NamedTuple):
    """Seasons found and not given: periods in steps, the names of their baselines, and the answer without them."""

    periods: tuple[int, ...]
    baselines: tuple[str, ...]
    without: Judgement | None = None


class Columns(NamedTuple):
    """The columns beside the values that models of a table use.

    kinds : (what it is called, "known", "calendar", "foreseen" or "past") of each. alone : the baseline of the known
        ones alone that the model spoken of has to add to, "" where there is none. without : what is judged of it as a
        model, beside the baselines that use no columns. adds : whether the model spoken of uses them. floor : whether a
        column is taken as foreseen where a noise floor is known, which is one without foresight.
    """

    kinds: tuple[tuple[str, str], ...]
    alone: str = ""
    without: Judgement | None = None
    adds: bool = False
    floor: bool = False


class Figure(NamedTuple):
    """Errors of the model spoken of at the step of its verdict, in the unit of the data.

    own, baseline : of the model and of the best baseline there (RMSE, log loss, ..).
    size, upper : what 9 in 10 of its errors do not exceed, and the upper end of that; infinite where there are too few
        rows for one.
    """

    own: float
    baseline: float
    size: float = np.nan
    upper: float = np.inf


@dataclass(frozen=True)
class Verdict:
    """What is said of one model.

    >>> import stepahead as sa
    >>> verdict = sa.evaluate(sa.AR(64), sa.datasets.noisy_sine(seed=0), 64, train=604).answer.verdicts["AR(64)"]
    >>> verdict.kind, verdict.first, verdict.last
    ('trusted', 4, 64)

    Attributes
    ----------
    kind : "trusted", "not better" than a baseline, "too few" origins to tell, or not trusted with an "infinite" loss at
        some step.
    first, last : the range of steps that it can be trusted at; None where there is none.
    step : where saving, low and high are read: the last of that range, else where the measured saving is largest.
    saving, low, high : as measured, and its ends; low is NaN where the step was not tested.
    origins_wanted : how many origins would settle it, one digit; infinite where more than thirty times as many as there
        are; None where it cannot be told, or is not asked.
    """

    kind: Kind
    first: int | None
    last: int | None
    step: int
    saving: float
    low: float
    high: float
    origins_wanted: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """The same for a machine, which reads the kind as the verdict."""
        return {"verdict": self.kind, **{key: value for key, value in vars(self).items() if key != "kind"}}


@dataclass(frozen=True, eq=False)
class Judgement:
    """How far which model can be trusted. Made once by ``rule.judge``.

    Attributes
    ----------
    models, baselines : names. steps : [steps] those tested. origins : how many were scored.
    loss : [models + baselines, steps] mean losses, in a unit of each step's own.
    saving, shown, level, high, least : [models, steps]. shown : a clear gain; level : the significance level that the
        step was tested at, 0 where it was not; high : upper confidence limit of the saving, each step by itself;
        least : no other model is shown to lose less.
    plan : shares of the significance level. rule : margin and level.
    wanted : [models] how many origins would settle it, as in ``Verdict``.
    lower : (model, place of a step or a slice of them) -> lower confidence limits of the saving [steps], NaN elsewhere;
        read through ``low``.
    season, columns, figure : filled in by whoever has the series (``dataclasses.replace``).
    """

    models: tuple[str, ...]
    baselines: tuple[str, ...]
    steps: Index
    origins: int
    loss: Array
    saving: Array
    shown: Flags
    level: Array
    high: Array
    least: Flags
    wanted: tuple[float | None, ...]
    plan: Plan
    rule: Rule
    notes: tuple[Note, ...]
    lower: Callable[[int, int | slice], Array] = field(repr=False)
    season: Season | None = None
    columns: Columns | None = None
    figure: Figure | None = None
    _lows: dict[int, Array] = field(default_factory=dict, repr=False)
    _lows_at: dict[tuple[int, int], float] = field(default_factory=dict, repr=False)

    # -- by model and step ----------------------------------------------------------------------------------------

    @property
    def tested(self) -> Flags:
        """[models, steps]: whether a step was tested: any of the significance level arrived."""
        return self.level > 0.0

    def low(self, model: int) -> Array:
        """[steps]: lower confidence limits of the saving of one model, each step by itself at the level that it was
        tested at; NaN where it was not tested. Made when first read.
        """
        if model not in self._lows:
            self._lows[model] = self.lower(model, slice(None))
        return self._lows[model]

    def low_at(self, model: int, place: int) -> float:
        """The same at one step alone, by its place: the limits of the others are not looked for."""
        if model in self._lows:
            return float(self._lows[model][place])
        if (model, place) not in self._lows_at:
            self._lows_at[model, place] = float(self.lower(model, place)[place])
        return self._lows_at[model, place]

    @cached_property
    def state(self) -> npt.NDArray[np.int_]:
        """[models, steps]: clear gain, too close to call, or no gain."""
        return np.where(self.shown, CLEAR, np.where(self.saving >= self.rule.margin, CLOSE, NO_GAIN))

    @cached_property
    def order(self) -> list[int]:
        """The models by mean relative loss, the least first."""
        return by_mean_loss(self.saving)

    @property
    def named(self) -> int:
        """The model with the least mean relative loss."""
        return self.order[0]

    # -- ranges and verdicts --------------------------------------------------------------------------------------

    def range_of(self, model: int) -> tuple[int, int] | None:
        """Places of the first and the last step of the longest range that counts; of equal ones the earliest."""
        fewest = FEWEST_STEPS if len(self.steps) >= FEWEST_STEPS else 1
        found = [(a, b) for a, b in ranges(self.shown[model]) if not a or b - a + 1 >= fewest]
        return max(found, key=lambda ends: (ends[1] - ends[0], -ends[0]), default=None)

    def kind_of(self, model: int) -> Kind:
        """The kind of verdict on one model."""
        if self.range_of(model):
            return "trusted"
        if np.isneginf(self.saving[model]).any():
            return "infinite"
        refuted = not self.shown[model].any() and bool((self.high[model] < self.rule.useful).all())
        return "not better" if refuted else "too few"

    @cached_property
    def kind(self) -> Kind:
        """The verdict of all: trusted where any is, infinite where each is, not better where each finite one is."""
        kinds = [self.kind_of(model) for model in range(len(self.models))]
        return next(kind for kind in ("trusted", "too few", "not better", "infinite") if kind in kinds)

    @cached_property
    def head(self) -> int:
        """The model spoken of: the named one; where it has no range the one with the longest,
        or with a gain as measured.
        """
        if self.kind != "trusted":
            able = [model for model in self.order if self.kind == "infinite" or self.kind_of(model) != "infinite"]
            gains = [model for model in able if (self.state[model] > NO_GAIN).any()]
            return gains[0] if gains else able[0]
        if self.range_of(self.named):
            return self.named
        return max(self.order, key=lambda model: (self.length_of(model), -self.order.index(model)))

    def length_of(self, model: int) -> int:
        """How many steps its longest range has."""
        found = self.range_of(model)
        return found[1] - found[0] + 1 if found else 0

    def verdict(self, model: int | str) -> Verdict:
        """What is said of one model, by its place or its name."""
        place = self.models.index(model) if isinstance(model, str) else model
        kind, found = self.kind_of(place), self.range_of(place)
        at = found[1] if found else int(np.argmax(self.saving[place]))
        first, last = (int(self.steps[found[0]]), int(self.steps[found[1]])) if found else (None, None)
        wanted = self.wanted[place] if kind == "too few" else None
        return Verdict(
            kind,
            first,
            last,
            int(self.steps[at]),
            float(self.saving[place, at]),
            self.low_at(place, at),
            float(self.high[place, at]),
            wanted,
        )

    # -- which row to use -----------------------------------------------------------------------------------------

    @cached_property
    def best(self) -> Index:
        """[steps]: the place of the best baseline; a name keeps a step at which it is as good as the best."""
        loss = self.loss[len(self.models) :]
        found: Index = loss.argmin(axis=0)
        for k in range(1, len(found)):
            if loss[found[k - 1], k] <= (1.0 + TIE) * loss[found[k], k]:
                found[k] = found[k - 1]
        return found

    @cached_property
    def use(self) -> Index:
        """[steps]: the row with the smallest loss, models first, then baselines.

        The model spoken of keeps a step at which it is as good; where no model has a gain it is the best baseline.
        """
        found, gains = self.best + len(self.models), self.state > NO_GAIN
        for k in range(len(self.steps)):
            least = int(np.argmin(self.loss[:, k]))
            if least >= len(self.models) or not gains[least, k]:
                continue
            kept = gains[self.head, k] and self.loss[self.head, k] <= (1.0 + TIE) * self.loss[least, k]
            found[k] = self.head if kept else least
        return found

    def to_dict(self) -> dict[str, Any]:
        """What a machine reads: the verdicts by model, and the rows to use by step."""
        rows = (*self.models, *self.baselines)
        return {
            "kind": self.kind,
            "model": self.models[self.head],
            "use": {int(k): rows[place] for k, place in zip(self.steps, self.use, strict=True)},
            "models": {name: self.verdict(place).to_dict() for place, name in enumerate(self.models)},
            "season": None if self.season is None else list(self.season.periods),
            **({} if self.columns is None else _columns_told(self.columns)),
            "baselines": list(self.baselines),
            "notes": [{"code": note.code, **note.values} for note in self.notes],
        }


def _columns_told(columns: Columns) -> dict[str, Any]:
    alone = None if columns.without is None else {"name": columns.alone, **columns.without.verdict(0).to_dict()}
    return {"columns": facts_of(columns.kinds), "columns_alone": alone}


def ranges(flags: Flags) -> list[tuple[int, int]]:
    """Places (first, last) of contiguous steps at which something holds.

    >>> ranges(np.array([True, True, False, True]))
    [(0, 1), (3, 3)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def by_mean_loss(saving: Array) -> list[int]:
    """Models by the mean over the steps of loss / loss of the best baseline,
    infinite steps first of all to be avoided.
    """
    infinite = np.isinf(saving) & (saving < 0.0)
    mean = np.where(infinite, 0.0, 1.0 - saving).sum(axis=1)
    return sorted(range(len(saving)), key=lambda model: (int(infinite[model].sum()), float(mean[model])))

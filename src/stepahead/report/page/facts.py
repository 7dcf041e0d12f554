"""What a comparison has to say, as plain numbers and names. The answer and every reading are asked of the comparison;
none is computed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ...distribution_rows import described
from ...errors import InputError
from ...evaluation.answer_words import Units
from ...evaluation.answers import Answer, time_unit
from ...evaluation.comparison import Comparison
from ...evaluation.fits import Fits
from ...evaluation.judgement import Judgement
from ...evaluation.kstep import KStep
from ...protocols import Array, Index
from ...series import Series
from .. import palette
from . import packing

LEVEL = 0.9
"""Of the intervals around forecasts; the bands of readings are at 95 %."""
LAST_VALUE = "Naive"
"""The baseline that every table lists."""


class Banded(NamedTuple):
    """A reading at each step and the ends of its interval, NaN where there is none."""

    value: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Line:
    """One model of the comparison, or one baseline.

    row : its place among the models and baselines of the answer; -1 where there is no answer.
    saving : of a model what it saves, its ends where it was tested; None for a baseline.
    coverage : share of what happened inside its interval at the last step. made_of : what the interval comes from: ("",
        0) of its earlier errors, else of the distribution of its forecasts, as `described` tells it.
    ends : (low, high) of its intervals at the rows that may be drawn, each [rows, steps]; None where no bands are
        drawn.
    typed : the model with its arguments, as it would be typed.
    """

    name: str
    row: int
    simple: bool
    error: Banded
    saving: Banded | None
    coverage: float
    typed: str
    made_of: tuple[str, int] = ("", 0)
    ends: tuple[Array, Array] | None = None


@dataclass(frozen=True)
class Facts:
    """The comparison as the page tells it: the model spoken of, the others by mean loss, baselines after them.

    fits : what is known of each fit, {name: Fits}. start : how many values of each series lie before the first scored.
    stride : every which origin is scored.
    series : what may be drawn along time: (which series, its rows), a few evenly taken. drawable : the rows of them.
    """

    answer: Answer | None
    units: Units
    reading: str
    steps: Index
    shown: list[int]
    counted: Index | None
    lines: list[Line]
    floor: Array | None
    floor_word: str
    rows: int
    stride: int
    panel: tuple[Series, ...]
    start: tuple[int, ...]
    fits: dict[str, Fits]
    origins: Index
    notes: tuple[str, ...]
    series: list[tuple[int, slice]]
    drawable: Index

    @property
    def judgement(self) -> Judgement | None:
        """The arrays of the answer."""
        return None if self.answer is None else self.answer.judgement

    @property
    def answered(self) -> Judgement:
        """The same, where it is known that there is an answer."""
        if self.answer is None:
            raise TypeError("there is no answer: only baselines stand here")
        return self.answer.judgement

    def names(self, simple: bool) -> list[str]:
        """What the baselines, or the others, are called."""
        return [line.name for line in self.lines if line.simple == simple]

    @property
    def models(self) -> list[Line]:
        """The models that are no baselines."""
        return [line for line in self.lines if not line.simple]

    @property
    def baselines(self) -> list[Line]:
        """The baselines that are best at some step, and the last value; all of them where there is no answer."""
        judged = self.judgement
        best = set() if judged is None else {judged.baselines[place] for place in judged.best}
        return [line for line in self.lines if line.simple and (judged is None or line.name in {*best, LAST_VALUE})]

    @property
    def slots(self) -> dict[str, int]:
        """Colour and dash of each model, as `palette` gives them."""
        return {} if self.judgement is None else palette.slots(self.judgement)

    @property
    def symbolic(self) -> bool:
        """Whether the series are of symbols, which have no distances and no lines."""
        return self.panel[0].categories is not None


def facts(comparison: Comparison) -> Facts:
    """Ask a comparison for all that the page shows;
    an InputError where it is of origins that the models were fitted on.
    """
    results = dict(comparison)
    first = next(iter(results.values()))
    if not first._is_held_out:
        raise InputError("a report is of held-out origins: these are inside the training part", code="training")
    values, answer = comparison.by_step(), comparison.answer
    groups = [] if first._is_symbolic else list(first._groups())
    cells = max(rows.stop - rows.start for _, rows in groups) * len(first.steps) * len(results) if groups else 1
    most = max(packing.FEWEST_SERIES, min(packing.MOST_SERIES, packing.MOST_CELLS // cells))
    series = [groups[i] for i in packing.evenly(len(groups), most)]
    drawable = np.concatenate(
        [np.arange(0), *(packing.rows_drawn(rows, packing.CONSECUTIVE_FROM) for _, rows in series)]
    )
    judged = None if answer is None else answer.judgement
    rows = list(results) if judged is None else [*judged.models, *judged.baselines]
    slots = {} if judged is None else palette.slots(judged)
    order = [*slots, *(name for name in rows if name not in slots)]
    lines = [
        _line(
            results[name],
            name,
            rows.index(name),
            place < (packing.MOST_BASELINES if judged is None else min(len(slots), packing.MOST_LINES)),
            _banded(results[name], values[name], comparison._reading),
            judged,
            drawable,
        )
        for place, name in enumerate(order)
    ]
    count = first.n()
    return Facts(
        answer=answer,
        units=Units(time=time_unit(first)) if answer is None else answer.units,
        reading=comparison._reading,
        steps=first.steps,
        shown=first._shown_steps(),
        counted=None if bool((count == len(first.origins)).all()) else count,
        lines=lines,
        floor=next((limit for name, limit in values.items() if name not in results), None),
        floor_word="floor" if "noise floor" in values else "floor_drawn",
        rows=len(first.origins),
        stride=first._stride,
        panel=first._panel,
        start=first.start,
        fits=comparison._fits,
        origins=first.origins,
        notes=comparison.notes,
        series=series,
        drawable=drawable,
    )


def _banded(result: KStep, error: Array, reading: str) -> Banded:
    """A reading with its interval, which only the RMSE has."""
    nothing = np.full(len(error), np.nan)
    return Banded(error, *(result.confidence_interval("rmse") if reading == "rmse" else (nothing, nothing)))


def _line(
    result: KStep,
    name: str,
    row: int,
    is_drawn: bool,
    error: Banded,
    judged: Judgement | None,
    drawable: Index,
) -> Line:
    """One row of the tables; bands around its forecasts where it is drawn."""
    has_bands = is_drawn and not result._is_symbolic
    coverage, ends = _inside(result, drawable) if has_bands else (float("nan"), None)
    saving = None
    if judged is not None and row < len(judged.models):
        tested = judged.tested[row]
        saving = Banded(
            judged.saving[row], np.where(tested, judged.low(row), np.nan), np.where(tested, judged.high[row], np.nan)
        )
    simple = judged is None or row >= len(judged.models)
    typed = _typed(result.model)
    own = result._distribution if has_bands and result._method_at(LEVEL) == "model" else None
    return Line(name, row, simple, error, saving, coverage, typed, ("", 0) if own is None else described(own), ends)


def _inside(result: KStep, rows: Index) -> tuple[float, tuple[Array, Array]]:
    """The coverage at the last step, and the ends of the intervals at some rows.

    It is NaN where some of the intervals are infinite, and hold whatever comes.
    """
    low, high = result.prediction_intervals(LEVEL, result._method_at(LEVEL))
    covered, width = result._held(LEVEL, ends=(low, high))
    return float(covered[-1]) if np.isfinite(width[-1]) else float("nan"), (low[rows], high[rows])


def _typed(model: object) -> str:
    """The model with its arguments on one line; its class where all it says of itself is where it lies in memory."""
    typed = " ".join(repr(model).split())
    return type(model).__name__ if " at 0x" in typed else typed

"""Simultaneous tests of all models against all baselines, from losses over the same rows to one answer.

    answer = judge({"AR(4)": losses}, {"Mean": losses, ..}, steps, sample, plan=None, rule=Rule())

losses : a callable, some of the steps -> losses [rows, some steps], NaN where a target is missing.
sample : ``Sample.of(places, overlaps)``; of series without common times ``Sample.of(alignments(part, origins),
    overlaps)``.
plan : ``graph.planned(..)`` from losses on the training part.
Of a panel the losses come divided by each series' own scale (``scaled``).

* The levels of the steps, and which are shown: graph.py. T, its ends, which model: tested.py. Words: answer_text.py.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..errors import InputError
from ..numerics import inference
from ..numerics.prewhitened import Sample, cosines
from ..parameters import real, refuse
from ..protocols import Array, Index
from . import graph
from .graph import Plan
from .judgement import Flags, Judgement, Note, Rule
from .tested import Losses, Measured, Table, least_error, lower_ends, measured, upper_ends

POWER_QUANTILE = 0.84
"""Normal quantile of .8, the power that the number of origins wanted aims at."""
FEWEST_ORIGINS, MOST_TIMES = 30, 30


def judge(
    models: Mapping[str, Losses],
    baselines: Mapping[str, Losses],
    steps: Index,
    sample: Sample,
    plan: Plan | None = None,
    rule: Rule | None = None,
) -> Judgement:
    """The judgement on every model: at which steps it is better than every baseline, at one level for all claims.

    Parameters
    ----------
    models, baselines : {name: losses}. steps : [steps] those that are kept.
    sample : how the rows lie in time. plan : shares of the level fixed on the training part; else equal ones, which is
        noted.
    """
    if not models or not baselines:
        raise InputError("an answer takes at least one model and one baseline: give both", code="no-reference")
    rule = Rule() if rule is None else checked(rule)
    table = Table(tuple(models.values()), tuple(baselines.values()), sample)
    found = measured(table, rule.margin)
    shares = Plan.equal(len(models)) if plan is None else plan
    shown, level = graph.walk(found.p, shares, steps, rule.alpha)
    wanted = tuple(
        None if shown[model].any() else origins_wanted(found, sample, model, shares, steps, rule)
        for model in range(len(models))
    )
    return Judgement(
        models=tuple(models),
        baselines=tuple(baselines),
        steps=np.asarray(steps),
        origins=sample.times,
        loss=found.moments.mean,
        saving=found.saving,
        shown=shown,
        level=level,
        high=upper_ends(found, rule.alpha),
        least=least_error(found, rule.alpha),
        wanted=wanted,
        plan=shares,
        rule=rule,
        notes=_notes(found, tuple(models), steps, sample.times, shown, shares),
        lower=lambda model, at: lower_ends(table, found, model, shown[model], _only(level[model], at)),
    )


def checked(rule: Rule) -> Rule:
    """The same rule; an error where its level or a margin is none."""
    if not 0.0 < real("level", rule.level) < 1.0:
        raise refuse("level", rule.level, "between 0 and 1, such as 0.95")
    for name in ("margin", "useful"):
        if not 0.0 <= real(name, getattr(rule, name)) < 1.0:
            raise refuse(name, getattr(rule, name), "a share of the loss of at least 0 and below 1, such as 0.01")
    return rule


def _only(level: Array, at: int | slice) -> Array:
    """The levels at some of the steps, 0 elsewhere."""
    found = np.zeros(len(level))
    found[at] = level[at]
    return found


def _notes(
    found: Measured, models: tuple[str, ...], steps: Index, origins: int, shown: Flags, plan: Plan
) -> tuple[Note, ...]:
    notes = []
    silent = (found.moments.mean == 0.0).all(axis=0)
    if silent.any():
        notes.append(Note("no-loss", {"steps": steps[silent].tolist()}))
    for model, name in enumerate(models):
        infinite = np.isinf(found.moments.mean[model])
        if infinite.any():
            notes.append(Note("infinite", {"model": name, "steps": steps[infinite].tolist()}))
    last = int(steps[shown.any(axis=0)].max(initial=0))
    if origins < 4 * int(steps[-1]) and last <= origins // 4:
        notes.append(Note("few", {"origins": origins, "above": origins // 4}))
    if plan.first is None and len(models) > 1:
        notes.append(Note("equal-shares", {"models": len(models)}))
    return tuple(notes)


def origins_wanted(found: Measured, sample: Sample, model: int, plan: Plan, steps: Index, rule: Rule) -> float | None:
    """Number of origins at which the test of a step of a model has a power of .8, one digit.

    The least over its starts that save the margin as measured; infinite where it is more than thirty times as many as
    there are. None of fewer than thirty, where no start is better as measured, or where the differences are too
    strongly autocorrelated to say what more of them would show.
    """
    n, overlaps = sample.times, sample.overlaps
    slow = found.rho[model] > np.maximum(1.0 - 20.0 / n, 1.0 - 0.5 / overlaps) if n else np.ones(len(steps), dtype=bool)
    if n < FEWEST_ORIGINS or slow.any():
        return None
    found_at = []
    for place, weight in graph.start_weights(steps, plan.starts[model]).items():
        T = float(found.T[model, place])
        if not (found.saving[model, place] >= rule.margin and 0.0 < T < np.inf):
            continue
        level, many = rule.alpha * plan.shares[model] * weight, float(n)
        for _ in range(30):
            freedom = np.array([cosines(int(min(many, 1e12)), int(overlaps[place]))])
            many = n * ((float(inference.student(1.0 - level, freedom)[0]) + POWER_QUANTILE) / T) ** 2
            many = min(max(many, 2.0), 1e12)
        found_at.append(many)
    if not found_at:
        return None
    least = max(min(found_at), 1.1 * n)
    return np.inf if least > MOST_TIMES * n else _one_digit(least, 1.1 * n)


def _one_digit(value: float, least: float) -> float:
    """A number with one digit that is at least `least`: rounded, or where that is less the next one up."""
    unit = 10.0 ** np.floor(np.log10(value))
    found = round(value / unit) * unit
    return float(found if found >= least else np.ceil(least / unit) * unit)


# -- several series -------------------------------------------------------------------------------------------------


def scaled(losses: Losses, part: Index, scale: Array, power: int) -> Losses:
    """Losses of several series in units of each series' own scale.

    Parameters
    ----------
    part : [rows] which series a row is of. scale : [series] min(variance, mean squared step) of the training part, 0 of
        a constant series, whose rows are left out. power : of the unit of the series in the loss; 0 leaves it as it is.
    """
    if not power:
        return losses
    with np.errstate(divide="ignore"):
        factor = np.where(scale > 0.0, scale ** (-0.5 * power), np.nan)[part, None]
    return lambda columns: losses(columns) * factor


def alignments(part: Index, origins: Index) -> tuple[Index, Index]:
    """Places in time of rows of series without common times: counted from the start, and from the end of each series.

    >>> alignments(np.array([0, 0, 0, 1, 1]), np.array([5, 6, 7, 5, 6]))
    (array([0, 1, 2, 0, 1]), array([0, 1, 2, 1, 2]))
    """
    last = np.full(int(part.max(initial=0)) + 1, np.iinfo(np.intp).min)
    np.maximum.at(last, part, origins)
    both = (origins, origins - last[part])
    return tuple(np.unique(one, return_inverse=True)[1].astype(np.intp) for one in both)  # type: ignore[return-value]

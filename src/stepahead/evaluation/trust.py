"""Averages of losses over the rows of a result, with the variance that every test and interval reads;
tests of two models.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..numerics import inference
from ..numerics.prewhitened import Moments, Sample
from ..parameters import real, refuse
from ..protocols import Array, Index
from ..text import as_html
from .readings import as_lines, tables
from .rows import Rows
from .rule import alignments
from .tested import CELLS, Losses


def sample_of(rows: Rows) -> Sample:
    """How the rows lie in time; of series without common times they are counted from either end."""
    places = rows._places()
    apart = are_apart(rows)
    return Sample.of(alignments(rows.part, rows.origins) if apart else places, rows._overlaps(places))


def are_apart(rows: Rows) -> bool:
    """Whether these are series without common times."""
    return len(rows._panel) > 1 and any(series.times is None for series in rows._panel)


def moments(rows: Rows, losses: Sequence[Losses]) -> Moments:
    """Average losses of several forecasters at each step, and what the variance of every sum of them is made of."""
    sample = sample_of(rows)
    steps, found = len(rows.steps), []
    width = max(1, CELLS // max(len(losses) * len(rows.origins), 1))
    for start in range(0, steps, width):
        part = slice(start, min(start + width, steps))
        with np.errstate(over="ignore"):  # a loss past all bounds is infinite, and nothing is shown of it
            table = np.array([np.ascontiguousarray(loss(part).T) for loss in losses])
        found.append(Moments.of(table, sample, part))
    return Moments.joined(found)


def over_all_steps(rows: Rows, losses: Sequence[Losses]) -> Moments:
    """The same of the losses averaged over all steps, [.., 1]: over the rows that have every target."""
    totals = np.zeros((len(losses), 1, len(rows.origins)))
    for start in range(len(rows.steps)):
        with np.errstate(over="ignore"):
            for total, loss in zip(totals, losses, strict=True):
                total[0] += loss(slice(start, start + 1))[:, 0] / len(rows.steps)
    return Moments.of(totals, sample_of(rows), slice(len(rows.steps) - 1, None))


def check_level(level: float, name: str = "level") -> None:
    """Refuse a level that is not strictly between 0 and 1."""
    if not 0.0 < real(name, level) < 1.0:
        raise refuse(name, level, "between 0 and 1, such as 0.95")


class Difference(NamedTuple):
    """Whether one forecaster loses less than another, at each step and over all of them: Diebold & Mariano (1995).

    >>> import stepahead as sa
    >>> result = sa.evaluate([sa.AR(lags=4), sa.AR(lags=64)], sa.datasets.noisy_sine(seed=0), horizon=64, train=604)
    >>> result.tests(against="AR(4)")["AR(64)"].difference[[0, 63]].round(3)
    array([-0.003, -0.203])

    Attributes
    ----------
    difference : [steps] mean loss of the model less that of the other: below 0 the model is better.
    low, high : [steps] its interval.
    statistic, p : [steps] the difference in standard errors, and its two-sided p value.
    overall, overall_p : the same of the loss averaged over all steps (average SPA, Quaedvlieg 2021).
    steps : [steps] the numbers of steps.
    """

    difference: Array
    low: Array
    high: Array
    statistic: Array
    p: Array
    overall: float
    overall_p: float
    steps: Index

    def __repr__(self) -> str:
        return as_lines({"": self})

    def _repr_html_(self) -> str:
        return "".join(as_html("", *table) for table in tables({"": self}))


def difference(found: Moments, joined: Moments, own: int, other: int, level: float, steps: Index) -> Difference:
    """The test of one forecaster against another."""
    weights = np.zeros(len(found.mean))
    weights[own], weights[other] = 1.0, -1.0
    mean, error = found.contrast(weights)
    freedom = found.freedom.astype(np.float64)
    half = inference.student(0.5 + level / 2.0, freedom) * error
    T = inference.statistic(mean, error, found.freedom)
    all_steps = inference.statistic(*joined.contrast(weights), joined.freedom)
    return Difference(
        mean,
        mean - half,
        mean + half,
        T,
        inference.p_value(T, freedom),
        float(all_steps[0]),
        float(inference.p_value(all_steps, joined.freedom.astype(np.float64))[0]),
        steps,
    )

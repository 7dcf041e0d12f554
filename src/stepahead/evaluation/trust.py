"""How far a forecaster can be trusted: its losses against those of every baseline, on the same rows, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from ..errors import InputError
from ..numerics import inference
from ..numerics.inference import Averages
from ..parameters import real, refuse
from ..protocols import Array, Index
from ..text import as_html
from .readings import as_lines, tables
from .rows import Rows

Losses = Callable[[slice], Array]
"""Some of the steps -> the losses of one forecaster at them, [rows, some steps]."""

CELLS = 1 << 22


class Horizon(NamedTuple):
    """How many steps ahead a model can be trusted.

    >>> import stepahead as sa
    >>> result = sa.evaluate([sa.AR(lags=4)], sa.datasets.noisy_sine(seed=0), horizon=64, train=604)
    >>> result.trusted_horizon()["AR(4)"]
    Horizon(claim=21, horizon=64, low=16, high=64, of=64, margin=0.05)

    Attributes
    ----------
    claim : shown to beat every baseline at every step up to this one; 0 is not even at one step. What lies above is "not
        shown", which is not "no skill".
    horizon : up to here it has at least `margin` less squared error than every baseline.
    low, high : the data allow any horizon between these.
    of : the largest step looked at.
    margin : the share of the error to be saved.
    """

    claim: int
    horizon: int
    low: int
    high: int
    of: int
    margin: float


def averages(rows: Rows, losses: Sequence[Losses]) -> Averages:
    """Average losses of several forecasters at each step, and the covariance of those averages."""
    places = rows._places()
    count, steps = len(losses), len(rows.steps)
    found = Averages(np.full((count, steps), np.nan), np.full((count, count, steps), np.nan), np.zeros(steps))
    if not len(places):
        return found
    times, overlaps = int(places.max()) + 1, rows._overlaps(places)
    width = max(1, CELLS // (count * len(places)))
    for start in range(0, steps, width):
        part = slice(start, min(start + width, steps))
        with np.errstate(over="ignore"):  # a loss past all bounds is infinite, and nothing is shown of it
            table = np.array([loss(part) for loss in losses])
        for k in range(part.start, part.stop):
            here = np.ascontiguousarray(table[:, :, k - start])
            found.mean[:, k], found.covariance[:, :, k], found.freedom[k] = inference.averages(
                here, places, times, int(overlaps[k])
            )
    return found


def together(rows: Rows, losses: Sequence[Losses]) -> Averages:
    """The same of the losses averaged over all steps, [.., 1]: over the rows that have every target."""
    places = rows._places()
    if not len(places):
        return Averages(np.full((len(losses), 1), np.nan), np.full((len(losses), len(losses), 1), np.nan), np.zeros(1))
    totals = [np.zeros(len(places)) for _ in losses]
    for start in range(len(rows.steps)):
        with np.errstate(over="ignore"):
            for total, loss in zip(totals, losses, strict=True):
                total += loss(slice(start, start + 1))[:, 0] / len(rows.steps)
    overlap = int(rows._overlaps(places)[-1])
    mean, covariance, freedom = inference.averages(np.array(totals), places, int(places.max()) + 1, overlap)
    return Averages(mean[:, None], covariance[:, :, None], np.array([float(freedom)]))


def horizon(found: Averages, own: int, guesses: list[int], steps: Index, margin: float, level: float) -> Horizon:
    """How far one of the forecasters beats all of the guesses: the claim at no margin, and the horizon at `margin`."""
    places = np.concatenate([[0], steps])
    claim = inference.reach(found, own, guesses, 0.0, level).shown
    saved = inference.reach(found, own, guesses, margin, level)
    shown, estimate, low, high = (int(places[count]) for count in (claim, saved.estimate, saved.low, saved.high))
    return Horizon(shown, estimate, low, high, int(steps[-1]), margin)


def check(rows: Rows, level: float, margin: float) -> None:
    """Refuse rows that show nothing, and a level or a margin that is no share."""
    if not rows._is_held_out:
        raise InputError("these origins are inside the training part: they show nothing of trust", code="training")
    check_level(level)
    if not 0.0 <= real("margin", margin) < 1.0:
        raise refuse("margin", margin, "a share of the error of at least 0 and below 1, such as 0.05")


def check_level(level: float) -> None:
    """Refuse a level that is not strictly between 0 and 1."""
    if not 0.0 < real("level", level) < 1.0:
        raise refuse("level", level, "between 0 and 1, such as 0.95")


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
    statistic, p : [steps] the difference in standard errors, and how often equal forecasters differ so much.
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


def difference(found: Averages, joined: Averages, own: int, other: int, level: float, steps: Index) -> Difference:
    """The test of one forecaster against another."""
    weights = np.zeros(len(found.mean))
    weights[own], weights[other] = 1.0, -1.0
    mean, error = found.contrast(weights)
    half = inference.student(0.5 + level / 2.0, found.freedom) * error
    T = inference.statistic(mean, error, found.freedom)
    all_steps = inference.statistic(*joined.contrast(weights), joined.freedom)
    return Difference(
        mean,
        mean - half,
        mean + half,
        T,
        inference.p_value(T, found.freedom),
        float(all_steps[0]),
        float(inference.p_value(all_steps, joined.freedom)[0]),
        steps,
    )

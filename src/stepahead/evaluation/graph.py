"""Multiple testing of all models and steps: a significance level is handed on from step to step and model to model.

    plan = planned(own, baselines, of=steps, margin=0.01)      from mean losses on the training part, before any test
    plan = Plan.equal(models)                                  where nothing was scored there
    shown, level = walk(p, plan, steps, alpha)                 p [models, steps] -> two arrays [models, steps]

The probability that anything shown is false is at most alpha, whatever depends on what: the graphical Bonferroni
procedure of Bretz, Maurer, Brannath & Posch (2009), Statistics in Medicine 28(4).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..protocols import Array, Index

NAMED_SHARE = 2.0 / 3.0
"""Of the level of a model what its named start gets; the other starts share the rest."""
FIRST_SHARE = 0.5
"""Of the whole level what the model gets that is first on the training part; the others share the rest."""
LEAST_FLOW = 1e-12
"""Of the whole level: less than this is not handed on, so that the walk ends."""


class Plan(NamedTuple):
    """Shares of the significance level, fixed before any test.

    starts : [models] the place of the named start among the steps. shares : [models] of the level, 1 in all.
    first : the model that is first on the training part, or None.
    """

    starts: tuple[int, ...]
    shares: tuple[float, ...]
    first: int | None = None

    @classmethod
    def equal(cls, models: int) -> Plan:
        """Every model alike, from the first step on: where nothing was scored on the training part.

        >>> Plan.equal(2)
        Plan(starts=(0, 0), shares=(0.5, 0.5), first=None)
        """
        return cls((0,) * models, (1.0 / models,) * models)

    def order(self) -> list[int]:
        """The models in the order of visits: the first on the training part, then that of the table."""
        return sorted(range(len(self.starts)), key=lambda model: model != self.first)


def saving(own: Array, baselines: Array) -> Array:
    """1 - loss / loss of the best baseline, [.., steps]; 0 where neither loses anything, minus infinity where own is
    infinite.

    >>> saving(np.array([0.5, 0.0, np.inf]), np.array([[1.0, 0.0, 1.0], [2.0, 0.0, 2.0]]))
    array([ 0.5,  0. , -inf])
    """
    best = baselines.min(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where((best == 0.0) & (own == 0.0), 0.0, 1.0 - own / best)
    return np.where(np.isinf(own), -np.inf, found)


def start_places(steps: Index) -> list[int]:
    """Places of the starts among the steps that are kept: 1, 2, 4, 8 .. of them, and the first.

    >>> start_places(np.array([1, 2, 3, 4, 5])), start_places(np.array([3, 8, 9]))
    ([0, 1, 3], [0, 1])
    """
    return [place for place, k in enumerate(steps) if not place or not int(k) & (int(k) - 1)]


def start_weights(steps: Index, named: int) -> dict[int, float]:
    """Shares of a model's significance level, {place: share}, of the starts."""
    starts = start_places(steps)
    if len(starts) == 1:
        return {starts[0]: 1.0}
    other = (1.0 - NAMED_SHARE) / (len(starts) - 1)
    return {place: NAMED_SHARE if place == named else other for place in starts}


def planned(own: Array, baselines: Array, of: Index, margin: float) -> Plan:
    """Named starts and shares from mean losses on the last quarter of the training part; only means, and no test.

    Parameters
    ----------
    own : [models, h] mean losses of models fitted on the first three quarters, h the steps that could be scored there,
        the first of those that are kept; NaN where a fit failed. baselines : [baselines, h]. of : all steps that are
        kept.
    margin : what a start has to save.

    The named start is the last that saves the margin, then the next smaller one while that saves it too; the first step
    where none does. Of a tie for the first place, or a failed fit, all shares are equal.
    """
    models = len(own)
    saved = saving(own, baselines)
    starts = tuple(_named_start(row, start_places(of[: own.shape[1]]), margin) for row in saved)
    mean = (1.0 - saved).mean(axis=1) if own.shape[1] else np.full(models, np.nan)
    if models == 1:
        return Plan(starts, (1.0,), None if np.isnan(mean[0]) else 0)
    first = int(np.argmin(mean))
    if np.isnan(mean).any() or (mean == mean[first]).sum() > 1:
        return Plan(starts, (1.0 / models,) * models)
    rest = (1.0 - FIRST_SHARE) / (models - 1)
    return Plan(starts, tuple(FIRST_SHARE if model == first else rest for model in range(models)), first)


def _named_start(saved: Array, starts: Sequence[int], margin: float) -> int:
    good = [bool(saved[place] >= margin) for place in starts]
    if True not in good:
        return 0
    at = max(place for place, saves in enumerate(good) if saves)
    while at and good[at - 1]:
        at -= 1
    return starts[at]


def path(start: int, steps: int) -> list[int]:
    """The order of the steps of a model: from its named start to the last, then from there down to the first."""
    return [*range(start, steps), *range(start - 1, -1, -1)]


def walk(p: Array, plan: Plan, steps: Index, alpha: float) -> tuple[npt.NDArray[np.bool_], Array]:
    """Rejections and their significance levels (shown, level), both [models, steps], of one-sided p values
    [models, steps]; the probability of any false rejection is at most alpha.

    A step is shown where its p value is below the level that it holds. It then hands all of it to the next in the order
    of its model, and the last one to the starts of the other models; a step that is not shown keeps what it holds. The
    level of a step that is shown is that at which it was; of one that is not, what it holds in the end: 0 where none
    came and nothing was tested.
    """
    models, count = p.shape
    weights = [start_weights(steps, plan.starts[model]) for model in range(models)]
    held = [[0.0] * count for _ in range(models)]
    for model, share in enumerate(plan.shares):
        for place, weight in weights[model].items():
            held[model][place] = alpha * share * weight
    paths = [path(start, count) for start in plan.starts]
    open_p, shown, level = np.where(np.isnan(p), 1.0, p).tolist(), np.zeros(p.shape, dtype=bool), np.zeros(p.shape)
    waiting = [True] * models
    while any(waiting) and not shown.all():
        for model in plan.order():
            if not waiting[model]:
                continue
            waiting[model] = False
            left = _along(paths[model], held[model], open_p[model], shown[model], level[model])
            if left <= LEAST_FLOW * alpha or models == 1:
                continue
            for other in set(range(models)) - {model}:
                waiting[other] = True
                part = left * plan.shares[other] / (1.0 - plan.shares[model])
                for place, weight in weights[other].items():
                    held[other][place] += part * weight
    return shown, np.where(shown, level, np.array(held))


def _along(order: list[int], held: list[float], p: list[float], shown: npt.NDArray[np.bool_], level: Array) -> float:
    """The level that leaves the last step of a model, whose steps are visited in order."""
    flow = 0.0
    seen = shown.tolist()
    for place in order:
        flow += held[place]
        if not seen[place] and p[place] < flow:
            shown[place], level[place], seen[place] = True, flow, True
        held[place] = 0.0 if seen[place] else flow
        if not seen[place]:
            flow = 0.0
    return flow

"""Choosing by the k-step loss inside the training part: what ``lags="auto"`` does, and ``select`` for any models."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import FitError, InputError
from ..protocols import Array, Forecaster
from ..series import Series
from ..walk import name_of, squared_error

CUTS = (0.5, 0.6, 2.0 / 3.0, 0.75, 0.85)
STEPS = (1, 2, 4, 8, 16, 32, 64)
MARGIN = 0.02
FEWEST = 20
MOST_ORIGINS = 8192


def choose(candidates: Sequence[Forecaster], panel: tuple[Series, ...], horizon: int) -> tuple[int, tuple[str, ...]]:
    """The place of the candidate to take, and what there is to say about it. Candidates come from simple to rich.

    Each is fitted before each of five cuts of the training part and rolled out from every origin behind it. The loss is
    the mean over steps of the log of the mean squared error: a step of pure noise then weighs no more than the first.
    Of all within 0.02 of the best the simplest is taken, since one lucky cut should not buy a longer memory.
    """
    horizon = max(1, min(horizon, min(len(part) for part in panel) // 4))
    losses, dropped = [], []
    for candidate in candidates:
        try:
            losses.append(rolling_loss(candidate, panel, horizon))
        except (InputError, FitError):
            losses.append(np.inf)
            dropped.append(name_of(candidate))
    if not np.isfinite(losses).any():
        raise InputError(
            f"the training part has {min(len(part) for part in panel)} values: too few to choose by the loss over "
            f'{horizon} steps; name the number instead of "auto"',
            code="too-short",
            found=min(len(part) for part in panel),
        )
    good = np.asarray(losses) <= np.min(losses) + MARGIN
    said = (f"not tried, the first cut being too short: {', '.join(dropped)}",) if dropped else ()
    return int(np.argmax(good)), said


def rolling_loss(model: Forecaster, panel: tuple[Series, ...], horizon: int) -> float:
    """The log loss of one candidate over the five cuts; the series of a panel are pooled, each in units of its spread."""
    total, count = np.zeros(horizon), np.zeros(horizon)
    scales = [_spread(part.numbers) for part in panel]
    for share in CUTS:
        heads = [part[: int(share * len(part))] for part in panel]
        fitted: Any = copy.deepcopy(model).fit(heads if len(heads) > 1 else heads[0])
        for part, head, scale in zip(panel, heads, scales, strict=True):
            squares, seen = squared_error(fitted, part, len(head), horizon, MOST_ORIGINS)
            total += squares / scale
            count += seen
    steps = np.array([k for k in STEPS if k <= horizon and count[k - 1] >= FEWEST] or [1])
    if not count[steps - 1].all():
        return float("inf")
    tiny = np.finfo(np.float64).tiny
    return float(np.log(np.maximum(total[steps - 1] / count[steps - 1], tiny)).mean())


def _spread(numbers: Array) -> float:
    variance = float(np.nanvar(numbers))
    return variance if variance > 0.0 else 1.0

"""Confidence intervals of mean losses and of savings, from the variance that the tests read too.

mean_interval(moments, loss, level)             (lowest, highest) mean, each [steps]
saving_interval(moments, own, base, level)      (lowest, highest) saving of one loss over another, each [steps]
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..numerics import inference
from ..numerics.prewhitened import Moments
from ..protocols import Array

ROUNDS = 50


def mean_interval(moments: Moments, loss: int, level: float) -> tuple[Array, Array]:
    """The means of one of the losses that are not refuted at a two-sided level, never below 0."""
    weights = np.zeros(len(moments.mean))
    weights[loss] = 1.0
    mean, error = moments.contrast(weights)
    half = inference.student(0.5 + level / 2.0, moments.freedom.astype(np.float64)) * error
    return np.maximum(mean - half, 0.0), mean + half


def saving_interval(moments: Moments, own: int, base: npt.ArrayLike, level: float) -> tuple[Array, Array]:
    """The savings 1 - own / base that are not refuted at a two-sided level: all x at which |T(x)| is at most t.

    `base` is one loss or several, [..]; the ends are [.., steps].

    T tests (1 - x) base = own, as Fieller (1954) does for a ratio, with the variance of each difference. Where the loss
    of the baseline is not told from 0 there is no lowest one: minus infinity.
    """
    bound = inference.student(0.5 + level / 2.0, moments.freedom.astype(np.float64))
    bases = np.asarray(base)
    owns = np.full_like(bases, own)
    both = moments.pairs(np.stack([owns, bases]), np.stack([bases, owns]))

    def refuted(factor: Array) -> npt.NDArray[np.bool_]:
        return np.asarray(-bound > inference.statistic(*both.at(factor), moments.freedom))

    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = moments.mean[owns] / moments.mean[bases]
        above, below = _edge(refuted, np.stack([ratio, 1.0 / ratio]))
        high, low = 1.0 - above, 1.0 - 1.0 / below
    known = np.isfinite(ratio) & (moments.freedom > 0)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def _edge(refuted: Callable[[Array], npt.NDArray[np.bool_]], start: Array) -> Array:
    """The largest factor from 0 to `start` that is refuted; 0 where none is."""
    low, high = np.zeros(start.shape), start
    ever = refuted(low)
    for _ in range(ROUNDS):
        middle = 0.5 * (low + high)
        gone = refuted(middle)
        low, high = np.where(gone, middle, low), np.where(gone, high, middle)
    return np.where(ever, low, 0.0)

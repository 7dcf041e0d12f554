"""Share of the errors within a width in the unit of the data: up to which step it is shown to be large enough.

    inside(sizes, sample, width, share=0.9, alpha=0.05) -> Within(steps shown, share measured, p)
    sizes_within(sizes, sample, share=0.9, alpha=0.05)  -> (q, upper), each [steps]

`sizes` is a callable: some of the steps -> sizes of the errors |forecast - actual|, [rows, some steps], NaN where
missing. A question of each model by itself, without baselines and at a level of its own. The effective number of rows
is that of Korn & Graubard (1998), Survey Methodology 24(2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..numerics import inference
from ..numerics.prewhitened import Sample
from ..parameters import real, refuse
from ..protocols import Array

Sizes = Callable[[slice], Array]
LOOKS = 1000
"""Smaller widths that are looked at where one shows nothing because its misses happen to come together."""


class Within(NamedTuple):
    """Up to which step a share of the errors is shown to lie within a width.

    steps : how many steps from the first on are shown.
    measured : [steps] the share within the width.
    p : [steps] one-sided p value: the probability of so few misses if the share were only just reached.
    """

    steps: int
    measured: Array
    p: Array


def inside(sizes: Sizes, sample: Sample, width: float, share: float = 0.9, alpha: float = 0.05) -> Within:
    """Steps up to which at least `share` of the errors is at most `width`; a fixed sequence, each step at alpha.

    What is shown of a width is shown of every larger one: p is the least of all widths up to it.
    """
    real("within", width, least=0.0)
    check_share(share)
    measured, p = np.full(len(sample.freedom), np.nan), np.ones(len(sample.freedom))
    for k, size, seen in _columns(sizes, sample):
        n = int(seen.sum())
        measured[k] = float(np.mean(size[seen] <= width)) if n else np.nan
        if n < 2 or sample.freedom[k] < 1:
            continue
        tail = _Tail(size, seen, sample, k, share, alpha)
        p[k] = tail.of(width)
        for less in np.unique(size[seen & (size <= width)])[::-1][:LOOKS]:
            if p[k] < alpha or tail.least(less) >= alpha:
                break
            p[k] = min(p[k], tail.of(less))
    good = p < alpha
    return Within(len(good) if good.all() else int(np.argmin(good)), measured, p)


class _Tail:
    """The p value of a width at one step: the probability of so few misses if the share were only just reached."""

    def __init__(
        self, size: Array, seen: npt.NDArray[np.bool_], sample: Sample, k: int, share: float, alpha: float
    ) -> None:
        self.size, self.seen, self.sample, self.k = size, seen, sample, k
        self.share, self.alpha, self.rows = share, alpha, int(seen.sum())
        self.ranks = max(1.0, _inflation(_ranks(size, seen), seen, sample, k))

    def of(self, width: float) -> float:
        """The probability, at the memory of the misses or of the sizes, whichever is longer."""
        missed = np.where(self.seen, self.size > width, 0.0)
        return self._p(missed, max(self.ranks, _inflation(missed, self.seen, self.sample, self.k)))

    def least(self, width: float) -> float:
        """The same at the memory of the sizes alone: it is not less than this."""
        return self._p(np.where(self.seen, self.size > width, 0.0), self.ranks)

    def _p(self, missed: Array, factor: float) -> float:
        many = _effective(self.rows / factor, self.sample.freedom[self.k], self.alpha)
        return float(_binomial(many, np.array([missed.sum() / self.rows]), self.share)[0])


def sizes_within(sizes: Sizes, sample: Sample, share: float = 0.9, alpha: float = 0.05) -> tuple[Array, Array]:
    """Quantile of the sizes of the errors that `share` do not exceed, and its upper confidence limit, each [steps],
    each step by itself.

    The upper limit is infinite where there are too few rows for one.
    """
    check_share(share)
    measured, upper = np.full(len(sample.freedom), np.nan), np.full(len(sample.freedom), np.inf)
    for k, size, seen in _columns(sizes, sample):
        n = int(seen.sum())
        if not n:
            continue
        ordered = np.sort(size[seen])
        measured[k] = ordered[max(int(np.ceil(share * n - 1e-9)), 1) - 1]
        if n < 2 or sample.freedom[k] < 1:
            continue
        factor = max(1.0, _inflation(_ranks(size, seen), seen, sample, k))
        p = _binomial(_effective(n / factor, sample.freedom[k], alpha), 1.0 - np.arange(1, n + 1) / n, share)
        if (p < alpha).any():
            upper[k] = ordered[int(np.argmax(p < alpha))]
    return measured, upper


def check_share(share: float) -> None:
    """Refuse a share that is not strictly between 0 and 1."""
    if not 0.0 < real("share", share) < 1.0:
        raise refuse("share", share, "between 0 and 1, such as 0.9")


def _columns(sizes: Sizes, sample: Sample) -> Iterator[tuple[int, Array, npt.NDArray[np.bool_]]]:
    for k in range(len(sample.freedom)):
        size = np.asarray(sizes(slice(k, k + 1)), dtype=np.float64)[:, 0]
        yield k, size, ~np.isnan(size)


def _inflation(values: Array, seen: npt.NDArray[np.bool_], sample: Sample, k: int) -> float:
    """Variance inflation: the variance of the mean of values over that of independent ones; 0 of equal values."""
    n = int(seen.sum())
    centred = np.where(seen, values - values[seen].mean(), 0.0)
    variance = float(np.mean(centred[seen] ** 2))
    if variance <= 1e-12 * float(np.mean(values[seen] ** 2)):
        return 0.0
    error, _ = sample.errors(centred, sample.freedom[k], np.array(n))
    return float(error**2 / variance * n)


def _ranks(size: Array, seen: npt.NDArray[np.bool_]) -> Array:
    """Ranks of the sizes, equal ones sharing theirs; 0 where there is none."""
    _, place, count = np.unique(size[seen], return_inverse=True, return_counts=True)
    out = np.zeros(len(size))
    out[seen] = (np.cumsum(count) - 0.5 * (count - 1.0))[place]
    return out


def _effective(n: float, freedom: int, alpha: float) -> float:
    """Effective number of rows; smaller where few degrees of freedom are left for the variance."""
    from scipy.special import ndtri

    return float(n * (ndtri(1.0 - alpha) / inference.student(1.0 - alpha, np.array([freedom]))[0]) ** 2)


def _binomial(n: float, misses: Array, share: float) -> Array:
    """P(Binomial(n, 1 - share) <= n misses), n not necessarily whole: the incomplete beta function."""
    from scipy.special import betainc

    return np.where(misses >= 1.0, 1.0, betainc(np.maximum(n * (1.0 - misses), 1e-300), n * misses + 1.0, share))

"""Variance of an average of losses whose terms overlap: prewhitened cosines, for one series or for every contrast of
many.

k steps ahead, the errors of k origins in a row share the same shocks, so that n losses have an effective sample size
below n. The terms are prewhitened by their own first autocorrelation (Andrews & Monahan 1992, Econometrica 60(4)); what
is left is transformed by B cosines of equal weight (Lazarus, Lewis, Stock & Watson 2018, JBES 36(4)), B capped by the
overlap, and read with Student's t.

    sample = Sample.of(places, overlaps)            how the rows lie in time
    spread(centred, freedom) -> (V, rho)            one series, or many at once
    Moments.of(table, sample) -> mean, freedom, contrast(weights), pairs(own, other).at(factor)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..protocols import Array, Index

FEWEST_COSINES = 8
STEEPEST = 0.97
"""The largest autocorrelation that prewhitening removes."""
LONG = 4096
"""Number of rows from which neighbours are averaged before the transform, as only the first B cosines are needed."""
ROUNDING = 1e-12
"""Relative size below which a difference of losses is rounding, and counts as 0."""
ORDINARY = 200
"""Exponent of two beyond which losses are scaled to near 1, so that products of two do not overflow."""


def cosines(times: int, overlap: int) -> int:
    """Number of cosines that a variance is made of: fewer than the usual .4 n^(2/3) where the terms overlap much.

    >>> cosines(333, 1), cosines(333, 16), cosines(333, 64)
    (19, 10, 8)
    """
    usual = 0.4 * times ** (2.0 / 3.0)
    return max(1, min(int(min(usual, max(FEWEST_COSINES, times / (2.0 * overlap)))), times - 1))


class Placement(NamedTuple):
    """How rows lie in time: how many times there are, and where rows are not one a time in order, how to sum them.

    order : [rows] by time, or None. starts : [times] of each its first row in that order.
    """

    times: int
    order: Index | None = None
    starts: Index | None = None

    @classmethod
    def of(cls, places: Index) -> Placement:
        """Placement of rows with these time indices, 0 and up without a gap."""
        times = int(places.max()) + 1 if len(places) else 0
        if times == len(places) and np.array_equal(places, np.arange(times)):
            return cls(times)
        order = np.argsort(places, kind="stable")
        return cls(times, order, np.searchsorted(places[order], np.arange(times)).astype(np.intp))

    def summed(self, values: Array) -> Array:
        """[.., times]: the sums of [.., rows] by time, so that correlated series do not count as independent.

        Source: Driscoll & Kraay (1998), Review of Economics and Statistics 80(4).
        """
        if self.order is None or self.starts is None:
            return values
        return np.add.reduceat(values[..., self.order], self.starts, axis=-1)


@dataclass(frozen=True)
class Sample:
    """The rows of a table of losses: their placements in time, and how many times in a row overlap at each step.

    placements : one; or two for series without common times: the larger of the two standard errors is used.
    overlaps : [steps]. freedom : [steps] the number of cosines, which is that of the degrees of freedom.
    """

    placements: tuple[Placement, ...]
    overlaps: Index
    freedom: Index

    @classmethod
    def of(cls, places: Index | Sequence[Index], overlaps: Index) -> Sample:
        """Sample of rows with these time indices [rows], or two such arrays, and the overlaps [steps].

        >>> Sample.of(np.arange(333), np.array([1, 16, 64])).freedom
        array([19, 10,  8])
        """
        every = (places,) if isinstance(places, np.ndarray) else tuple(places)
        found = tuple(Placement.of(one) for one in every)
        times = min(one.times for one in found)
        freedom = [cosines(times, int(k)) if times > 1 else 0 for k in overlaps]
        return cls(found, np.asarray(overlaps), np.array(freedom, dtype=np.intp))

    @property
    def times(self) -> int:
        """How many times there are, of two placements the fewer."""
        return min(one.times for one in self.placements)

    def errors(self, centred: Array, freedom: Index, count: Array) -> tuple[Array, Array]:
        """(standard error of the means, first autocorrelation), [..], of centred rows [.., rows];
        `count` of them are observed.
        """
        errors, rhos = [], []
        for one in self.placements:
            variance, rho = spread(one.summed(centred), freedom)
            errors.append(np.sqrt(variance * one.times) / count)
            rhos.append(rho)
        return np.maximum.reduce(errors), np.maximum.reduce(rhos)


def spread(centred: Array, freedom: npt.ArrayLike) -> tuple[Array, Array]:
    """Prewhitened cosine variance of series of mean 0: (V [..], first autocorrelation [..] before it is clipped).

    Parameters
    ----------
    centred : [.., times]. freedom : the number of cosines B of each, of a shape that goes with [..].

    The variance of the mean of n terms is V / n. A constant series has a V and an autocorrelation of 0.

    >>> V, rho = spread(np.array([1.0, -1.0, 2.0, -2.0]), 1)
    >>> round(float(V), 12), round(float(rho), 3)
    (0.5, -0.975)
    """
    own = np.einsum("...t,...t->...", centred, centred)
    next_to = np.einsum("...t,...t->...", centred[..., 1:], centred[..., :-1])
    raw, rho = autocorrelation(own, next_to, centred.shape[-1])
    later, earlier = transforms(centred, int(np.max(freedom)))
    waves = later - rho[..., None] * earlier
    used = np.arange(waves.shape[-1]) < np.asarray(freedom)[..., None]
    total = np.where(used, waves * waves, 0.0).sum(axis=-1)
    return total / (np.maximum(freedom, 1) * (1.0 - rho) ** 2), raw


def autocorrelation(own: Array, next_to: Array, times: int) -> tuple[Array, Array]:
    """(first autocorrelation corrected for small-sample bias, the same clipped to 0 .. `STEEPEST`) from sums of
    products.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.where(own > 0.0, next_to / own, 0.0)
    raw = np.where(own > 0.0, r + (1.0 + 3.0 * r) / max(times, 1), 0.0)
    return raw, np.clip(raw, 0.0, STEEPEST)


def transforms(centred: Array, count: int) -> tuple[Array, Array]:
    """The first `count` cosines, [.., count], of all terms but the first, and of all but the last."""
    points = centred.shape[-1] - 1
    if points < LONG:
        table = _table(points, count)
        return centred[..., 1:] @ table, centred[..., :-1] @ table
    from scipy.fft import dct

    width = max(1, points // (16 * max(count, 1)))
    blocks = points // width
    start = points - blocks * width  # terms that do not fill a block are the oldest
    sums = centred[..., start:-1].reshape(*centred.shape[:-1], blocks, width).sum(axis=-1)
    edges = centred[..., start::width]
    shifted = sums + edges[..., 1:] - edges[..., :-1]
    h = np.pi * np.arange(1, count + 1) / (2.0 * blocks * width)
    scale = np.sin(h) / np.sin(width * h) * np.sqrt(width)
    later, earlier = (dct(part, type=2, norm="ortho", axis=-1)[..., 1 : count + 1] * scale for part in (shifted, sums))
    return later, earlier


@lru_cache(maxsize=8)
def _table(points: int, count: int) -> Array:
    """[points, count]: the cosines themselves."""
    times = np.arange(points) + 0.5
    waves = np.cos(np.pi * np.outer(times, np.arange(1, count + 1)) / max(points, 1))
    return np.asarray(np.sqrt(2.0 / max(points, 1)) * waves)


def centred_rows(table: Array, seen: npt.NDArray[np.bool_]) -> tuple[Array, Array, Array]:
    """(means [losses, steps], rows less their mean, how many rows are observed [steps]) of losses [losses, steps,
    rows].

    Rows that are not observed [steps, rows] become 0. A loss that is infinite in a row has an infinite mean, and rows
    of NaN.
    """
    count = seen.sum(axis=-1)
    kept = table if seen.all() else np.where(seen, table, 0.0)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        mean = kept.sum(axis=-1) / count
        apart = kept - mean[..., None]
    apart[np.isinf(mean)] = np.nan
    return mean, apart if seen.all() else np.where(seen, apart, 0.0), count


class Moments(NamedTuple):
    """Means of several losses over the same rows, and what the variance of every weighted sum of them is made of.

    mean : [losses, steps]. rows : [steps] how many are observed. freedom : [steps] of Student's t.
    parts : of each placement (times, [5, steps, losses, losses]): sums of products G0 of the same time, G1 of
        neighbours, and of the cosines of later and earlier terms W0, W1, W2.
    """

    mean: Array
    rows: Array
    freedom: Index
    parts: tuple[tuple[int, Array], ...]

    @classmethod
    def of(cls, table: Array, sample: Sample, steps: slice = slice(None)) -> Moments:
        """Of losses [losses, steps, rows], NaN where one is missing: such a row does not count at that step."""
        freedom = sample.freedom[steps]
        mean, apart, count = centred_rows(table, np.asarray(~np.isnan(table).any(axis=0)))
        apart = np.ascontiguousarray(np.moveaxis(apart, 0, 1))
        parts = tuple((one.times, _products(one.summed(apart), freedom)) for one in sample.placements)
        return cls(mean, count, np.where(count > 1, freedom, 0), parts)

    @classmethod
    def joined(cls, found: Sequence[Moments]) -> Moments:
        """Those of several blocks of steps as one."""
        times = [one[0] for one in found[0].parts]
        parts = [np.concatenate([one.parts[p][1] for one in found], axis=1) for p in range(len(times))]
        mean, count, freedom = (np.concatenate([one[i] for one in found], axis=-1) for i in range(3))
        return cls(mean, count, freedom, tuple(zip(times, parts, strict=True)))

    def contrast(self, weights: Array) -> tuple[Array, Array]:
        """(a weighted sum of the means, its standard error), each [steps]. What has no weight may be infinite."""
        used = np.flatnonzero(weights)
        signs, mean = np.asarray(weights, dtype=np.float64)[used], self.mean[used]
        forms = [
            (times, np.einsum("i,pkij,j->pk", signs, part[:, :, used[:, None], used], signs))
            for times, part in self.parts
        ]
        with np.errstate(invalid="ignore"):  # two infinite losses give NaN
            total, size = signs @ mean, np.abs(signs) @ np.abs(mean)
        return _no_rounding(total, size), self.error(forms)

    def pairs(self, own: Index, other: Index) -> Pairs:
        """What the variance of every difference of two of the losses is made of;
        `own` and `other` [..] are their indices.
        """
        forms = [
            tuple(np.moveaxis(part[:, :, i, j], 1, -1) for i, j in ((own, own), (own, other), (other, other)))
            for _, part in self.parts
        ]
        return Pairs(self, self.mean[own], self.mean[other], forms)

    def error(self, forms: Sequence[tuple[int, Array]]) -> Array:
        """The standard error of quadratic forms [5, .., steps] of each placement: the larger of two."""
        found = []
        for times, (same, next_to, later, both, earlier) in forms:
            _, rho = autocorrelation(same, next_to, times)
            with np.errstate(invalid="ignore", divide="ignore"):
                total = (later - 2.0 * rho * both + rho * rho * earlier) / (self.freedom * (1.0 - rho) ** 2)
                found.append(np.sqrt(np.maximum(total, 0.0) * times) / self.rows)
            found[-1][np.isnan(same)] = np.nan
        return np.asarray(np.where(self.freedom > 0, np.maximum.reduce(found), np.nan))


class Pairs(NamedTuple):
    """Differences of two losses each: their means [.., steps], and of each placement the products own, mixed, other."""

    moments: Moments
    own: Array
    other: Array
    forms: list[tuple[Array, ...]]

    def at(self, factor: Array | float) -> tuple[Array, Array]:
        """(factor times the mean of the other loss less that of the own one, its standard error), [.., steps]."""
        with np.errstate(invalid="ignore", over="ignore"):
            total, size = factor * self.other - self.own, factor * self.other + self.own
            forms = [
                (times, own - 2.0 * factor * mixed + factor * factor * other)
                for (times, _), (own, mixed, other) in zip(self.moments.parts, self.forms, strict=True)
            ]
            return _no_rounding(total, size), self.moments.error(forms)


def _no_rounding(total: Array, size: Array) -> Array:
    return np.where(np.abs(total) <= ROUNDING * size, 0.0, total)


def _products(centred: Array, freedom: Index) -> Array:
    """[5, steps, losses, losses] of centred sums by time [steps, losses, times]."""
    later, earlier = transforms(centred, int(freedom.max(initial=1)))
    used = (np.arange(later.shape[-1]) < freedom[:, None])[:, None]
    later, earlier = np.where(used, later, 0.0), np.where(used, earlier, 0.0)
    pairs = (
        (centred, centred),
        (centred[..., 1:], centred[..., :-1]),
        (later, later),
        (later, earlier),
        (earlier, earlier),
    )
    found = np.array([left @ right.swapaxes(-1, -2) for left, right in pairs])
    return np.asarray(0.5 * (found + found.swapaxes(-1, -2)))

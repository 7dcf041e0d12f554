"""Tests for seasonality: F tests given a line and a short autoregression, and the choice among periods.

A season is tested for given a line and a few lags, so that a trend and a random walk do not look like one. Its terms
come in two forms, harmonics and an indicator of each phase, on the values and, where all are above zero, on their
logarithms.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ..protocols import Array
from ..windows import lagged

SHORTEST = 8
"""Fewer values than this have no season."""
FEW, FEW_TO_SCAN = 40, 20
"""Below this many values the autoregression has one lag, else three:
a scan would take a cycle of two lags for a season.
"""
FALSE = 0.01
"""Two-sided level of the whole test, divided among the candidates and the forms of the values (Bonferroni)."""
BESIDE = 3.1
"""Least test value at which a longer period is significant given a shorter one."""
LONGEST = 400
"""Longest period of a scan, which also goes up to a third of the values at most."""
NEAR, SHARE, NOTHING = 1.5, 0.15, 2.33
"""Margins of a scan: how far, or by what share, below the largest test value a period counts as tied; up to which value
(1 %) one is not significant.
"""
WAVES = 6
"""Three harmonics, a cosine and a sine each."""
FAR = 4.0
"""Number of standard deviations beyond which residuals are clipped before a scan accepts a season."""
WRITTEN_OUT = 60
"""Longest period whose indicators are columns of a regression on two periods: longer ones take too long.
"""
ROUNDING, VANISHED = 1e-10, 1e-6
"""Relative rounding error of a regression column; and of a product of two, of which it is the root."""
MOST_VALUES = 1 << 16
"""Most values that are tested, the newest ones: a season they do not show is of no use in a forecast."""


@dataclass(frozen=True)
class Periods:
    """What was found: the periods, shortest first; the one that explains most, alone; what was tested,
    with which values.
    """

    found: tuple[int, ...] = ()
    chosen: int | None = None
    tested: tuple[int, ...] = ()
    values: tuple[float, ...] = ()
    limit: float = np.inf


def allowed(period: int, count: int) -> bool:
    """Whether `count` values are enough to look for a period: three of it, two of one above 100, and never fewer than 2
    m + 4.

    >>> allowed(12, 35), allowed(12, 36), allowed(365, 734), allowed(2, 7)
    (False, True, True, False)
    """
    return count >= max((2 if period > 100 else 3) * period, 2 * period + 4)


def limit(candidates: int, views: int) -> float:
    """The test value that a period has to pass, where so many candidates were tried in so many forms.

    >>> round(limit(1, 1), 3), round(limit(2, 2), 3)
    (2.576, 3.023)
    """
    from scipy.special import ndtri

    return float(-ndtri(FALSE / (2 * candidates * views)))


def normal_value(reduced: Array, terms: Array, left: Array, freedom: Array) -> Array:
    """Standard normal equivalent of the F value of `terms` that explain `reduced` and leave `left` with `freedom`
    degrees.

    Minus infinity where there is nothing to test. Where nothing is left, the largest value that the freedom allows.

    Source: Wilson & Hilferty, "The distribution of chi-square" (1931), for a ratio of two.
    """
    testable = (terms >= 1) & (freedom >= 5) & (reduced > 0.0)
    a, b = np.where(testable, terms, 1), np.where(testable, freedom, 5)
    inner, outer = 2.0 / (9.0 * a), 2.0 / (9.0 * b)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        root = np.cbrt((reduced / a) / (left / b))
        value = ((1.0 - outer) * root - (1.0 - inner)) / np.sqrt(outer * root**2 + inner)
        value = np.where(np.isfinite(root), value, (1.0 - outer) / np.sqrt(outer))
    return np.where(testable, value, -np.inf)


class Test:
    """The regressions of one series [time], NaN where nothing was observed: rows whose window touches a gap are left
    out.

    `views` is the number of forms of the values and `rows` that of the rows; `left` and `rank`, each [views], are the
    residual sum and the rank of the regression without a season.
    """

    __test__ = False  # pytest would collect it

    def __init__(self, values: Array, few: int = FEW) -> None:
        seen = ~np.isnan(values)
        self.count = int(seen.sum())
        lags = 1 if self.count < few else 3
        standard, self.floor = _standardised(values, seen)
        self.views = len(standard)
        self.weight = np.zeros(len(values))
        self.weight[lags:] = lagged(seen, lags + 1).all(axis=1)
        self.rows = int(self.weight.sum())
        self.floor *= self.rows
        columns = np.zeros((self.views, lags + 2, len(values)))
        columns[:, 0] = 1.0
        columns[:, 1] = np.linspace(-1.0, 1.0, len(values))
        for lag in range(1, lags + 1):
            columns[:, 1 + lag, lag:] = standard[:, :-lag]
        columns *= self.weight
        self.basis, self.rank = _orthonormal(columns)
        self.residual = _beside(standard * self.weight, self.basis)
        self.left = np.einsum("vt,vt->v", self.residual, self.residual)
        self._without_noise(standard)

    def _without_noise(self, standard: Array) -> None:
        """A view that its own lags predict exactly is tested given a line alone, and has to repeat exactly."""
        self.exact = self.left <= self.floor
        if self.exact.any():
            self.basis[self.exact, 2:] = 0.0
            self.residual = _beside(standard * self.weight, self.basis)
            self.left = np.einsum("vt,vt->v", self.residual, self.residual)
            self.rank = np.where(self.exact, 2, self.rank)

    def clipped(self) -> Test:
        """The same with residuals of at most `FAR` standard deviations, estimated from their median distance from 0."""
        inside = self.weight > 0.0
        deviation = 1.4826 * np.median(np.abs(self.residual[:, inside]), axis=1, keepdims=True)
        most = np.where(deviation > 0.0, FAR * deviation, np.inf)
        other = copy(self)
        other.residual = _beside(np.clip(self.residual, -most, most), self.basis)
        other.left = np.einsum("vt,vt->v", other.residual, other.residual)
        return other

    def _lines(self, more: Array | None = None) -> Array:
        """[views, lines, time]: the residual, the basis, and what is regressed on besides."""
        lines = [self.residual[:, None], self.basis]
        if more is not None:
            lines.append(np.broadcast_to(more * self.weight, (self.views, *more.shape)))
        return np.concatenate(lines, axis=1)

    def regression(self, phases: int = 1, more: Array | None = None) -> tuple[Array, Array]:
        """(residual sum, rank), each [views], with an indicator of each of `phases` and the lines `more` [lines, time].

        The indicators are not columns of it: centring every column by phase gives the same residuals.

        Source: Frisch & Waugh, "Partial time regressions as compared with individual trends" (1933).
        """
        if phases == 1 and more is None:
            return self.left, self.rank
        lines = self._lines(more)
        if phases == 1:
            return _regressed(lines)
        lines, used = _within(lines, self.weight, phases)
        left, rank = _regressed(lines)
        return left, rank + used

    def harmonics(self, period: int) -> Array:
        """[lines, time]: the waves of a period, at the times of the series."""
        return np.asarray(_waves(period)[:, np.arange(len(self.weight)) % period])

    def values(self, periods: Sequence[int]) -> Array:
        """[periods] the test value of each: the largest of both forms of its terms and of all views."""
        lines = self._lines()
        sums = _Sums(lines, self.weight, periods)
        reduced, terms = _explained(*sums.waves_beside_basis())
        waves = self._value((self.left, self.rank), (self.left - reduced, self.rank + terms))
        products = lines @ lines.swapaxes(-1, -2) - sums.means
        reduced, terms = _explained(products[..., 1:, 1:], products[..., 0, 1:])
        full = (products[..., 0, 0] - reduced, sums.phases[:, None] + terms)
        indicators = self._value((self.left, self.rank), full)
        return np.maximum(waves, np.where(self.has_indicators(np.array(periods)), indicators, -np.inf))

    def value(self, period: int) -> float:
        """The test value of one period."""
        return float(self.values([period])[0])

    def has_indicators(self, period: Any) -> Any:
        """Whether enough rows are left for an indicator of each phase, of one period or of many."""
        return self.rows - int(self.rank.max()) - period >= np.maximum(10, period / 2)

    def beside(self, longer: int, shorter: int, waves: bool) -> float:
        """The test value of a longer period given the indicators of a shorter one: of its indicators, or of `waves`
        too.
        """
        base, found = self.regression(shorter), [np.array(-np.inf)]
        if waves or longer % shorter:
            found.append(self._value(base, self.regression(shorter, self.harmonics(longer))))
        if longer % shorter == 0 and self.count >= 3 * longer and self.has_indicators(longer):
            found.append(self._value(base, self.regression(longer)))
        if self._has_both(longer, shorter):
            found.append(self._value(base, self.regression(longer, self.indicators(shorter))))
        return float(max(found))

    def under(self, shorter: int, longer: int) -> float:
        """The test value of a shorter period given a longer one that is no multiple: its waves, or its indicators."""
        waves = self.harmonics(longer)
        found = [self._value(self.regression(1, waves), self.regression(shorter, waves))]
        if self._has_both(longer, shorter):
            found.append(self._value(self.regression(longer), self.regression(longer, self.indicators(shorter))))
        return float(max(found))

    def _has_both(self, longer: int, shorter: int) -> bool:
        """Whether the indicators of two periods fit into one regression, those of the shorter one as columns."""
        return bool(longer % shorter and shorter <= WRITTEN_OUT and self.has_indicators(longer + shorter))

    def indicators(self, period: int) -> Array:
        """[lines, time]: an indicator of each phase but the last."""
        return np.asarray(np.arange(len(self.weight)) % period == np.arange(period - 1)[:, None], dtype=np.float64)

    def _value(self, base: tuple[Array, Array], full: tuple[Array, Array]) -> Array:
        """[...] the largest test value over the views, the last axis, of one regression beside a smaller one."""
        (before, rank), (after, larger) = base, full
        nothing = np.maximum(self.floor, VANISHED**2 * self.left)
        after = np.where(after <= nothing, 0.0, after)
        untold = (before <= nothing) | (self.exact & (after > 0.0))
        reduced = np.where(untold, 0.0, before - after)
        return np.asarray(normal_value(reduced, larger - rank, after, self.rows - larger).max(axis=-1))


class _Sums:
    """Sums over the phases of many periods: both forms of the terms depend on the phase alone, and need no more.

    `phases` [periods] is how many phases have a row, `means` [periods, views, lines, lines] what the means of the
    phases make up of the products of the lines.
    """

    def __init__(self, lines: Array, weight: Array, periods: Sequence[int]) -> None:
        self.views, count, time = lines.shape
        wide, many = self.views * count, len(periods)
        # Time first: a series folded at a period is then a view. The last column counts the rows.
        flat = np.zeros((time + max(periods, default=1), wide + 1))
        flat[:time, :wide] = lines.reshape(wide, -1).T
        flat[:time, wide] = weight
        self.among, self.across = np.zeros((many, 1, WAVES, WAVES)), np.zeros((many, WAVES, wide))
        products, self.phases = np.zeros((many, wide, wide)), np.zeros(many, dtype=np.intp)
        for place, period in enumerate(periods):
            cycles = -(-time // period)
            sums = np.add.reduce(flat[: cycles * period].reshape(cycles, period, -1), axis=0)
            held, sums = sums[:, wide], sums[:, :wide]
            waves = _waves(period)
            self.among[place, 0, : len(waves), : len(waves)] = (waves * held) @ waves.T
            self.across[place, : len(waves)] = waves @ sums
            self.phases[place] = np.count_nonzero(held)
            products[place] = (sums / np.maximum(held, 1.0)[:, None]).T @ sums
        self.across = self.across.reshape(many, WAVES, self.views, count).swapaxes(1, 2)
        own = np.arange(self.views)
        self.means = products.reshape(many, *lines.shape[:2], *lines.shape[:2])[:, own, :, own].swapaxes(0, 1)

    def waves_beside_basis(self) -> tuple[Array, Array]:
        """The products of the waves, less their projection on the basis, with each other and with the residual."""
        basis = self.across[..., 1:]
        return self.among - basis @ basis.swapaxes(-1, -2), self.across[..., 0]


def among(values: Array, candidates: Sequence[int]) -> Periods:
    """The periods among `candidates` that a series [time] has; gaps are NaN.

    Of those that pass, the shortest, or a longer one that is no multiple of it and explains more; then each further one
    that is significant given those.

    >>> months = np.arange(120)
    >>> noise = np.random.default_rng(0).normal(size=120)
    >>> among(np.sin(2 * np.pi * months / 12) + noise, (4, 12)).found
    (12,)
    """
    test = _prepared(values, max(candidates, default=0))
    if test is None:
        return Periods()
    tried = tuple(period for period in sorted(candidates) if allowed(period, test.count))
    bound = limit(max(len(candidates), 1), test.views)
    found = dict(zip(tried, test.values(tried).tolist(), strict=True))
    passed = [period for period in tried if found[period] > bound]
    if not passed:
        return Periods((), None, tried, tuple(found.values()), bound)
    chosen = passed[0]
    for longer in passed[1:]:
        if longer % chosen and found[longer] > found[chosen]:
            chosen = longer
    kept = [chosen]
    for longer in (period for period in passed if period > chosen):
        shorter = max((period for period in kept if not longer % period), default=chosen)
        if test.beside(longer, shorter, waves=False) > max(BESIDE, bound):
            kept.append(longer)
    below = [p for p in passed if p < chosen and chosen % p and test.under(p, chosen) > max(BESIDE, bound)]
    return Periods((*below, *kept), chosen, tried, tuple(found.values()), bound)


def scanned(values: Array) -> Periods:
    """The period of a series [time] without candidates: all periods are tested, with a limit for that many tests.

    Multiples of a season explain as much as it does, and near ones nearly: of the maxima that come within `NEAR` of the
    largest, the shortest beside which the largest adds nothing.
    """
    test = _prepared(values, LONGEST, FEW_TO_SCAN)
    if test is None:
        return Periods()
    longest = min(test.count // 3, LONGEST)
    bound = limit(max(longest, 1), test.views)
    tried = [period for period in range(2, longest + 1) if allowed(period, test.count)]
    found = dict(zip(tried, test.values(tried).tolist(), strict=True))
    best = _shortest(test, found, bound)
    if best is not None and (clipped := test.clipped()).value(best) <= bound:
        # Two outliers can look like a season of the time between them: tested again with clipped residuals.
        found = dict(zip(tried, clipped.values(tried).tolist(), strict=True))
        best = _shortest(clipped, found, bound)
    return Periods(() if best is None else (best,), best, tuple(tried), tuple(found.values()), bound)


def _shortest(test: Test, found: dict[int, float], bound: float) -> int | None:
    """Of the periods with the test values `found`, the shortest that stands for the largest; None where none passes."""
    best = max(found, key=lambda period: found[period], default=None)
    if best is None or found[best] <= bound:
        return None
    near = max(bound, found[best] - max(NEAR, SHARE * found[best]))
    for shorter in (period for period in found if period < best and found[period] >= near):
        around = max(found.get(shorter - 1, -np.inf), found.get(shorter + 1, -np.inf))
        if found[shorter] >= around and test.beside(best, shorter, waves=True) <= NOTHING:
            return shorter
    return best


def _prepared(values: Array, longest: int, few: int = FEW) -> Test | None:
    """The regressions of a series; None where it is too short, or constant."""
    values = values[-max(MOST_VALUES, 20 * longest) :]
    observed = values[~np.isnan(values)]
    if (
        len(observed) < SHORTEST
        or not float(np.ptp(observed / np.abs(observed).max() if observed.any() else observed)) > 1e-12
    ):
        return None
    test = Test(values, few)
    return test if test.rows > test.rank.max() + 5 else None


def _standardised(values: Array, seen: Array) -> tuple[Array, Array]:
    """[views, time] the values, and their logs where all are above zero; 0 at gaps.
    [views] the square of their rounding.
    """
    observed = values[seen]
    forms = [np.ldexp(observed, -int(np.frexp(np.abs(observed).max())[1]))]
    if observed.min() > 0.0:
        forms.append(np.log(observed))
    out, floors = [], []
    for form in forms:
        spread = float(form.std())
        if spread > 0.0:
            out.append(np.zeros(len(values)))
            out[-1][seen] = (form - form.mean()) / spread
            floors.append((64.0 * np.finfo(float).eps * (1.0 + float(np.abs(form).max())) / spread) ** 2)
    return np.array(out), np.array(floors)


def _orthonormal(lines: Array) -> tuple[Array, Array]:
    """[views, lines, time] an orthonormal basis of the lines, 0 for one that follows from those before;
    [views] its rank.
    """
    basis = np.zeros_like(lines)
    for place in range(lines.shape[1]):
        line = lines[:, place]
        size = np.sqrt(np.einsum("vt,vt->v", line, line))
        line = _beside(line, basis[:, :place])
        rest = np.sqrt(np.einsum("vt,vt->v", line, line))
        kept = rest > ROUNDING * size
        basis[:, place] = line * (kept / np.where(kept, rest, 1.0))[:, None]
    return basis, np.asarray(basis.any(axis=2).sum(axis=1))


def _beside(line: Array, basis: Array) -> Array:
    """What of `line` [views, time] is at right angles to an orthonormal basis: subtracted twice, for rounding."""
    for _ in range(2):
        line = line - ((basis @ line[..., None]).swapaxes(1, 2) @ basis)[:, 0]
    return line


def _within(lines: Array, weight: Array, phases: int) -> tuple[Array, int]:
    """The lines less their mean at each phase, rows of weight 0 left out; and the number of phases that have a row."""
    views, count, time = lines.shape
    cycles = -(-time // phases)
    padded = np.zeros((views, count, cycles * phases))
    padded[..., :time] = lines
    folded = padded.reshape(views, count, cycles, phases)
    inside = np.zeros(cycles * phases)
    inside[:time] = weight
    inside = inside.reshape(cycles, phases)
    held = inside.sum(axis=0)
    folded -= (folded.sum(axis=2) / np.maximum(held, 1.0))[:, :, None] * inside
    return padded[..., :time], int((held > 0.0).sum())


def _regressed(lines: Array) -> tuple[Array, Array]:
    """(residual sum, rank), each [views], of the first of the lines [views, lines, time] on the others."""
    products = lines @ lines.swapaxes(1, 2)
    explained, rank = _explained(products[:, 1:, 1:], products[:, 0, 1:])
    return np.maximum(products[:, 0, 0] - explained, 0.0), rank


def _explained(products: Array, along: Array) -> tuple[Array, Array]:
    """(what they explain, rank), each [...], of lines with these `products` [..., l, l] among them, and `along` [...,
    l].
    """
    sizes = np.sqrt(np.maximum(np.einsum("...ll->l...", products), 0.0))
    # A column that the others explain leaves rounding alone: it adds no rank.
    units = np.where(sizes > VANISHED, 1.0 / np.maximum(sizes, VANISHED), 0.0)
    table = np.moveaxis(products, (-2, -1), (0, 1)) * units[:, None] * units
    right = np.moveaxis(along, -1, 0) * units
    explained, rank = np.zeros(sizes.shape[1:]), np.zeros(sizes.shape[1:], dtype=np.intp)
    # Gauss's elimination, of many small tables at once; one library call per table would take five times as long.
    for place in range(len(table)):
        pivot = table[place, place]
        held = pivot > ROUNDING
        row = table[place, place + 1 :] * np.where(held, 1.0 / np.where(held, pivot, 1.0), 0.0)
        explained += np.where(held, right[place] ** 2 / np.where(held, pivot, 1.0), 0.0)
        rank += held
        right[place + 1 :] -= row * right[place]
        table[place + 1 :, place + 1 :] -= row[:, None] * table[place, place + 1 :]
    return explained, rank


@lru_cache(maxsize=1024)
def _waves(period: int) -> Array:
    """[lines, phases]: cosines and sines of the first three harmonics, without a sine that is zero everywhere."""
    waves = np.arange(1, min(WAVES // 2, period // 2) + 1)
    turns = 2.0 * np.pi * np.outer(waves, np.arange(period)) / period
    return np.concatenate([np.cos(turns), np.sin(turns[2 * waves < period])])

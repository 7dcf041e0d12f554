"""Seasonal adjustment: a factor or a difference for each phase of a season, shrunk by how noisy it is; of a long season
with few cycles, two waves instead.

Source: classical decomposition by centred moving averages; the phases are shrunk towards their mean as by James & Stein
(1961), which Miller & Williams, "Shrinkage estimators of time series seasonal factors" (2003), found to help.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..protocols import Array, Index, Mask
from .phases import by_phase

SMOOTH_FROM = 24
"""Steps of a season from which its phases are smoothed too, while the training part has fewer than three seasons."""
LONG, FEW_CYCLES = 100, 4
"""A season of more steps than `LONG` is taken as waves while there are fewer cycles of it than `FEW_CYCLES`."""
PAIRS = 2
YEAR_OF_DAYS = {365: 365.25}
LEAST_FACTOR = 0.01


def takes_waves(period: int, length: int) -> bool:
    """Whether a season is adjusted for by waves: it is long, and the training part has few cycles of it.

    >>> takes_waves(365, 876), takes_waves(365, 2000), takes_waves(12, 40)
    (True, False, False)
    """
    return period > LONG and length < FEW_CYCLES * period


@dataclass(frozen=True)
class Adjustment:
    """What is taken off the values of many series: z = (y - waves) / phase, or less the phase where it is additive.

    phases : [series, period] factors or differences. multiplied : [series] which of them are factors.
    waves : [series, 2 pairs] weights of cosine and sine of `turn` steps; none has zeros.
    """

    phases: Array
    multiplied: Mask
    waves: Array
    turn: float = 1.0

    @property
    def period(self) -> int:
        """Steps after which the phases come again."""
        return int(self.phases.shape[1])

    def taken_off(self, values: Array, first: int = 0) -> Array:
        """[series, time]: the adjusted values, of which the first is at time `first`."""
        times = np.arange(first, first + values.shape[-1])
        phases, waves = self._at(times)
        rest = values - waves if self.waves.any() else values
        return np.where(self.multiplied[:, None], rest / np.where(self.multiplied[:, None], phases, 1.0), rest - phases)

    def put_back(self, ahead: Array, times: Array) -> Array:
        """[rows, steps]: forecasts in the unit of the values, of one series, at `times` [rows, steps]."""
        phases = self.phases[0][(times % self.period).astype(np.intp)] if self.period > 1 else self.phases[0, 0]
        out = ahead * phases if self.multiplied[0] else ahead + phases
        return out + wave_columns(times, self.turn) @ self.waves[0] if self.waves.any() else np.asarray(out)

    def put_back_each(self, ahead: Array, times: Index) -> Array:
        """[series, steps, origins]: the same for many series, at `times` [steps, origins]."""
        phases = self.phases[:, times % self.period]
        out = np.where(self.multiplied[:, None, None], ahead * phases, ahead + phases)
        if self.waves.any():
            out += np.einsum("soc,nc->nso", wave_columns(times.astype(np.float64), self.turn), self.waves)
        return out

    def _at(self, times: Index) -> tuple[Array, Array]:
        waves = self.waves @ wave_columns(times.astype(np.float64), self.turn).T if self.waves.any() else np.zeros(1)
        return self.phases[:, times % self.period], waves

    def part(self, rows: slice) -> Adjustment:
        """That of some of the series."""
        return Adjustment(self.phases[rows], self.multiplied[rows], self.waves[rows], self.turn)


def nothing(series: int, period: int = 1) -> Adjustment:
    """No adjustment; a season may still move from there."""
    return Adjustment(np.zeros((series, period)), np.zeros(series, dtype=bool), np.zeros((series, 2 * PAIRS)))


def wave_columns(times: Array, turn: float) -> Array:
    """[.., 2 pairs]: cosine and sine of one and of two turns at each time."""
    angles = 2.0 * np.pi / turn * (times % turn)[..., None] * np.arange(1.0, PAIRS + 1.0)
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1).reshape(*times.shape, 2 * PAIRS)


def phases_of(groups: Sequence[Array], period: int, multiplied: bool = True) -> Adjustment:
    """The adjustment by phases of series [series, time] of one length each, NaN where a value is missing.

    Several arrays of as many series are pooled: row i of each has one adjustment. It is of factors where all values are
    above zero, unless `multiplied` is False.
    """
    length = max(values.shape[1] for values in groups)
    if period == 1 or length < 2 * period + 2:
        return nothing(len(groups[0]), period)
    with np.errstate(invalid="ignore"):
        positive = np.logical_and.reduce([~(values <= 0.0).any(axis=1) for values in groups]) & multiplied
    counts, sums, squares = (np.zeros((len(groups[0]), period)) for _ in range(3))
    for values in groups:
        rest = _without_average(values, period, positive)
        seen = ~np.isnan(rest)
        rest = np.where(seen, rest, 0.0)
        counts = counts + by_phase(seen.astype(np.float64), period)
        sums = sums + by_phase(rest, period)
        squares = squares + by_phase(rest * rest, period)
    found = _shrunk(counts, sums, squares, length, period)
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = np.maximum(found / found.mean(axis=1, keepdims=True), LEAST_FACTOR)
    positive &= np.isfinite(factors).all(axis=1)
    phases = np.where(positive[:, None], factors, found - found.mean(axis=1, keepdims=True))
    return Adjustment(phases, positive, np.zeros((len(phases), 2 * PAIRS)))


def _without_average(values: Array, period: int, divided: Mask) -> Array:
    """[series, time]: the values over their centred moving average of one season, or less it; NaN at both ends.

    Inside the average a missing value stands halfway between those a season before and after.
    """
    if values.shape[1] <= 2 * (period // 2):
        return np.full(values.shape, np.nan)
    whole = values
    if np.isnan(values).any() and values.shape[1] > 2 * period:
        around = np.full(values.shape, np.nan)
        around[:, period:-period] = (values[:, : -2 * period] + values[:, 2 * period :]) / 2.0
        whole = np.where(np.isnan(values), around, values)
    half, out = period // 2, np.full(values.shape, np.nan)
    weights = np.ones(period) if period % 2 else np.concatenate([[0.5], np.ones(period - 1), [0.5]])
    windows = np.lib.stride_tricks.sliding_window_view(whole, len(weights), axis=1)
    average = windows @ (weights / period)
    own = values[:, half : half + average.shape[1]]
    with np.errstate(divide="ignore", invalid="ignore"):
        out[:, half : half + average.shape[1]] = np.where(divided[:, None], own / average, own - average)
    return out


def _shrunk(counts: Array, sums: Array, squares: Array, length: int, period: int) -> Array:
    """[series, period]: the means of the phases, drawn towards their mean by the share of noise in how they differ."""
    means = sums / np.maximum(counts, 1.0)
    centre = np.where(counts > 0.0, means, 0.0).sum(axis=1) / np.maximum((counts > 0.0).sum(axis=1), 1)
    means = np.where(counts > 0.0, means, centre[:, None])
    centre = means.mean(axis=1)
    freedom = np.maximum((counts - 1.0).clip(0.0).sum(axis=1), 1.0)
    within = (squares - counts * means * means).clip(0.0).sum(axis=1) / freedom
    noise = within / np.maximum(counts.mean(axis=1), 1.0)
    apart = means - centre[:, None]
    between = (apart * apart).sum(axis=1) / (period - 1)
    pull = (period - 3 if period > 4 else 1) / (period - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(between > 0.0, 1.0 - pull * noise / between, 0.0).clip(0.0, 1.0)
        apart = apart * share[:, None]
        if period >= SMOOTH_FROM and length < 3 * period:
            spectrum = np.fft.rfft(apart, axis=1)
            power = spectrum.real**2 + spectrum.imag**2
            kept = np.where(power > 0.0, 1.0 - 2.0 * period * noise[:, None] / power, 0.0).clip(0.0, 1.0)
            apart = np.fft.irfft(spectrum * kept, period, axis=1)
    return np.asarray(centre[:, None] + apart)


def waves_of(groups: Sequence[Array], period: int) -> Adjustment:
    """The adjustment by two waves of a long season, least squares beside a line of each series; see `phases_of`."""
    turn = YEAR_OF_DAYS.get(period, float(period))
    rows = len(groups[0])
    weights = np.empty((rows, 2 * PAIRS))
    for row in range(rows):
        products, targets = np.zeros((2 * PAIRS, 2 * PAIRS)), np.zeros(2 * PAIRS)
        for values in groups:
            seen = np.flatnonzero(~np.isnan(values[row]))
            if len(seen) < 2:
                continue
            # Least squares beside the line is that of what the line leaves of both sides (Frisch and Waugh, 1933).
            times = seen - seen.mean()
            columns = np.column_stack([wave_columns(seen.astype(np.float64), turn), values[row, seen]])
            columns -= columns.mean(axis=0)
            columns -= np.outer(times, times @ columns / float(times @ times))
            products += columns[:, :-1].T @ columns[:, :-1]
            targets += columns[:, :-1].T @ columns[:, -1]
        weights[row] = np.linalg.lstsq(products, targets, rcond=None)[0]
    return Adjustment(np.zeros((rows, 1)), np.zeros(rows, dtype=bool), weights, turn)

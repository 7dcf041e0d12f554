"""Sums of values by the phase of a season,
and least squares of a line and of functions of the phase from these sums alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..protocols import Array, Mask


@dataclass(frozen=True)
class Clock:
    """Observation times by phase: counts [period], mean times [period], sum of squares about those means."""

    counts: Array
    times: Array
    spread: float

    @classmethod
    def of(cls, seen: Sequence[Mask], period: int) -> Clock:
        """The clock of series that begin together, with gaps."""
        counts = sum(by_phase(part[None].astype(np.float64), period)[0] for part in seen)
        total = sum(by_phase((part * np.arange(float(len(part))))[None], period)[0] for part in seen)
        overall = float(total.sum() / counts.sum())
        times = np.where(counts > 0.0, total / np.maximum(counts, 1.0), overall)
        spread = sum(float((np.where(part, _apart(times, 0, len(part)), 0.0) ** 2).sum()) for part in seen)
        return cls(counts, times, spread)

    @classmethod
    def whole(cls, length: int, period: int) -> Clock:
        """The clock of one series without a gap, in closed form."""
        counts = (length // period) + (np.arange(period) < length % period).astype(np.float64)
        times = np.where(counts > 0.0, np.arange(period) + period * (counts - 1.0) / 2.0, (length - 1.0) / 2.0)
        return cls(counts, times, float((period**2 * counts * (counts**2 - 1.0)).sum() / 12.0))


class Sums:
    """Sums of values by phase, and of their products with the time about the mean time of their phase; of many series
    at once.

    The line of least squares beside a value for each phase is that of values and times less the means of their phases
    (Frisch and Waugh, 1933), and any function of the phase is fitted to the means of the phases, weighted by how often
    they were seen.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.values: Array = np.zeros((1, len(clock.counts)))
        self.tilt: Array = np.zeros(1)

    def add(self, apart: Array, first: int = 0) -> None:
        """Add values less a level, [series, time] from time `first` on; NaN where one is missing."""
        apart = np.where(np.isnan(apart), 0.0, apart)
        self.values = self.values + by_phase(apart, len(self.clock.counts), first)
        self.tilt = self.tilt + (apart * _apart(self.clock.times, first, apart.shape[1])).sum(axis=-1)

    def _means(self) -> Array:
        return np.asarray(self.values / np.maximum(self.clock.counts, 1.0))

    def means(self, level: Array) -> Array:
        """[series, period]: the mean of each phase, `level` for one that was never observed."""
        return np.asarray(np.reshape(level, (-1, 1)) + self._means())

    def sloped(self, level: Array) -> tuple[Array, Array]:
        """The values of the phases at time 0, [series, period], and the slope, [series]."""
        slope = self.tilt / (self.clock.spread or 1.0)
        return np.reshape(level, (-1, 1)) + (self._means() - slope[:, None] * self.clock.times), slope

    def weights(self, level: Array, columns: Array) -> Array:
        """[series, columns]: least squares weights of functions of the phase [columns, period], the first of them 1."""
        root = np.sqrt(self.clock.counts)
        inverse = np.linalg.pinv((columns * root).T, rcond=np.finfo(np.float64).eps * columns.shape[1])
        scaled = self._means() * root
        found = np.stack([(scaled * row).sum(axis=-1) for row in inverse], axis=-1)
        found[:, 0] += level
        return found


def by_phase(values: Array, period: int, first: int = 0) -> Array:
    """[series, period]: sums of the values [series, time] of each phase, the first of them at time `first`."""
    lead = first % period
    cycles = -(-(lead + values.shape[1]) // period)
    padded = np.zeros((len(values), cycles * period))
    padded[:, lead : lead + values.shape[1]] = values
    return np.asarray(padded.reshape(len(values), cycles, period).sum(axis=1))


def _apart(times: Array, first: int, count: int) -> Array:
    """[count]: the times from `first` on, less the mean time of their phase."""
    clock = np.arange(first, first + count)
    return clock - times[clock % len(times)]

"""Distributions by row and step: what `predictive` hands back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .errors import InputError, shown
from .parameters import real, refuse
from .protocols import Array


@dataclass(frozen=True, eq=False)
class Normal:
    """A normal distribution for each row and step.

    >>> n = Normal(np.zeros((1, 2)), np.array([[1.0, 2.0]]))
    >>> n.quantile(0.975).round(2)
    array([[1.96, 3.92]])

    Parameters
    ----------
    center : [rows, horizon], in the unit of the series.
    spread : [rows, horizon] or [horizon], standard deviations of at least 0.
    """

    center: Array
    spread: Array

    def scaled(self, factor: float, shift: float) -> Normal:
        """The distribution of factor x + shift."""
        return Normal(self.center * factor + shift, self.spread * abs(factor))

    def mean(self) -> Array:
        """[rows, horizon]."""
        return self.center

    def std(self) -> Array:
        """[rows, horizon]."""
        return np.broadcast_to(self.spread, self.center.shape)

    def quantile(self, level: float) -> Array:
        """[rows, horizon]; `level` lies strictly between 0 and 1."""
        from scipy.special import ndtri

        if not 0.0 < real("level", level) < 1.0:
            raise refuse("level", level, "between 0 and 1")
        return np.asarray(self.center + self.spread * ndtri(level))

    def crps(self, actuals: Array) -> Array:
        """[rows, horizon]: the closed form of Gneiting & Raftery (2007); the absolute error where the spread is 0."""
        from scipy.special import ndtr

        error = actuals - self.center
        spread = self.std()
        with np.errstate(divide="ignore", invalid="ignore"):
            z = error / spread
            density = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)
            score = spread * (z * (2.0 * ndtr(z) - 1.0) + 2.0 * density - 1.0 / np.sqrt(np.pi))
        return np.where(spread > 0.0, score, np.abs(error))


@dataclass(frozen=True, eq=False)
class Discrete:
    """A law over symbols for each row and step.

    >>> law = Discrete(np.array([[[0.9, 0.1], [0.5, 0.5]]]), ("dry", "wet"))
    >>> law.probability("wet")
    array([[0.1, 0.5]])

    Parameters
    ----------
    probabilities : [rows, horizon, states]; they sum to 1 over the last axis.
    states : the symbols, in the order of the last axis.
    """

    probabilities: Array
    states: tuple[object, ...]

    def _numbers(self) -> Array:
        if not all(isinstance(state, (int, float)) for state in self.states):
            raise InputError(
                f"a law over symbols such as {shown(self.states[0])} has no mean, spread, quantile or crps", code="symbols"
            )
        return np.array(self.states, dtype=np.float64)

    def mean(self) -> Array:
        """[rows, horizon], where the states are numbers."""
        return self.probabilities @ self._numbers()

    def std(self) -> Array:
        """[rows, horizon], where the states are numbers."""
        return np.sqrt(np.maximum(self.probabilities @ self._numbers() ** 2 - self.mean() ** 2, 0.0))

    def quantile(self, level: float) -> Array:
        """[rows, horizon], where the states are numbers: the smallest with at least `level` of the law at or below it."""
        if not 0.0 < real("level", level) < 1.0:
            raise refuse("level", level, "between 0 and 1")
        states = self._numbers()
        order = np.argsort(states)
        below = np.cumsum(self.probabilities[..., order], axis=-1)
        return np.asarray(states[order][(below < level - 1e-12).sum(axis=-1).clip(0, len(states) - 1)])

    def crps(self, actuals: Array) -> Array:
        """[rows, horizon], where the states are numbers: E|X - y| - E|X - X'| / 2."""
        states = self._numbers()
        apart = np.abs(states[:, None] - states)
        spread = np.einsum("...i,ij,...j->...", self.probabilities, apart, self.probabilities)
        far = np.einsum("...i,...i->...", self.probabilities, np.abs(states - actuals[..., None]))
        return np.asarray(far - 0.5 * spread)

    def probability(self, state: object) -> Array:
        """[rows, horizon]: the probability of one symbol."""
        if state not in self.states:
            raise refuse("state", state, "one of " + ", ".join(repr(s) for s in self.states[:8]))
        return self.probabilities[..., self.states.index(state)]

    def log_loss(self, places: Array) -> Array:
        """[rows, horizon]: minus the log of the probability given to what happened.

        `places` holds the place of each symbol among the states, NaN where nothing was observed, and -1 for a symbol
        that is none of the states. Infinite where something happened that had probability 0.
        """
        known = np.where(np.isnan(places), -1.0, places).astype(np.intp)
        chosen = np.take_along_axis(self.probabilities, np.maximum(known, 0)[..., None], axis=-1)[..., 0]
        with np.errstate(divide="ignore"):
            loss = -np.log(np.where(known < 0, 0.0, chosen))
        return np.where(np.isnan(places), np.nan, loss)

"""Predictive distributions for each row and step, as `predictive` returns them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .errors import InputError, shown
from .parameters import refuse
from .protocols import Array
from .quantiles import check_level

__all__ = [
    "Discrete",
    "Mixture",
    "Normal",
    "Samples",
    "Transformed",
]


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
        """The mean, [rows, horizon]."""
        return self.center

    def std(self) -> Array:
        """The standard deviation, [rows, horizon]."""
        return np.broadcast_to(self.spread, self.center.shape)

    def quantile(self, level: float) -> Array:
        """The quantile at `level`, [rows, horizon], strictly between 0 and 1."""
        from scipy.special import ndtri

        return np.asarray(self.center + self.spread * ndtri(check_level(level)))

    def cdf(self, values: Array) -> Array:
        """The probability of at most `values`, [rows, horizon]."""
        return self.as_mixture().cdf(values)

    def as_mixture(self) -> Mixture:
        """The same distribution, as a mixture of one component."""
        centers = np.asarray(self.center)[..., None]
        return Mixture(np.ones(centers.shape), centers, self.std()[..., None])

    def crps(self, actuals: Array) -> Array:
        """The CRPS, [rows, horizon]: closed form of Gneiting & Raftery (2007); the absolute error at spread 0."""
        from scipy.special import ndtr

        error = actuals - self.center
        spread = self.std()
        with np.errstate(divide="ignore", invalid="ignore"):
            z = error / spread
            density = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)
            score = spread * (z * (2.0 * ndtr(z) - 1.0) + 2.0 * density - 1.0 / np.sqrt(np.pi))
        return np.where(spread > 0.0, score, np.abs(error))


def _exponent(*numbers: Array) -> int:
    """The power of two that scales numbers to near 1, exactly, so that their squares do not overflow or underflow."""
    peak = max(float(np.abs(part).max(initial=0.0)) for part in numbers)
    return int(np.frexp(peak)[1]) if np.isfinite(peak) else 0


@dataclass(frozen=True, eq=False)
class Mixture:
    """A mixture of normal distributions for each row and step.

    >>> m = Mixture(np.array([[[0.5, 0.5]]]), np.array([-1.0, 1.0]), np.array([0.1, 0.1]))
    >>> m.mean().round(2), m.std().round(3), m.quantile(0.75).round(3)
    (array([[0.]]), array([[1.005]]), array([[1.]]))

    Parameters
    ----------
    weights : [rows, horizon, parts], of the components; they sum to 1 over the last axis.
    centers, spreads : [parts], or anything that broadcasts to [rows, horizon, parts]; spreads of at least 0.
    """

    weights: Array
    centers: Array
    spreads: Array

    def scaled(self, factor: float, shift: float) -> Mixture:
        """The distribution of factor x + shift."""
        return Mixture(self.weights, self.centers * factor + shift, self.spreads * abs(factor))

    def mean(self) -> Array:
        """The mean, [rows, horizon]."""
        return np.asarray((self.weights * self.centers).sum(axis=-1))

    def std(self) -> Array:
        """The standard deviation, [rows, horizon]."""
        exponent = _exponent(self.centers, self.spreads)
        centers, spreads = np.ldexp(self.centers, -exponent), np.ldexp(self.spreads, -exponent)
        apart = centers - (self.weights * centers).sum(axis=-1)[..., None]
        variance = (self.weights * (apart * apart + spreads * spreads)).sum(axis=-1)
        return np.asarray(np.ldexp(np.sqrt(variance), exponent))

    def cdf(self, values: Array) -> Array:
        """The probability of at most `values`, [rows, horizon]."""
        from scipy.special import ndtr

        with np.errstate(divide="ignore", invalid="ignore"):
            z = (np.asarray(values)[..., None] - self.centers) / self.spreads
        return np.asarray((self.weights * ndtr(np.where(np.isnan(z), 0.0, z))).sum(axis=-1))

    def quantile(self, level: float) -> Array:
        """The quantile at `level`, [rows, horizon], by bisection, strictly between 0 and 1."""
        from scipy.special import ndtri

        # The quantile lies between the smallest and the largest quantile of the components that have a weight.
        parts = np.broadcast_to(self.centers + self.spreads * ndtri(check_level(level)), self.weights.shape)
        possible = self.weights > 0.0
        low, high = np.where(possible, parts, np.inf).min(axis=-1), np.where(possible, parts, -np.inf).max(axis=-1)
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            below = self.cdf(middle) < level
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray(high)

    def crps(self, actuals: Array) -> Array:
        """The CRPS, [rows, horizon]: the closed form of Grimit et al. (2006)."""
        parts = range(self.weights.shape[-1])
        score = np.zeros(self.weights.shape[:-1])
        for i in parts:
            own = self.weights[..., i]
            score = score + own * _mean_distance(actuals - self.centers[..., i], self.spreads[..., i])
            for j in range(i + 1):
                spread = np.hypot(self.spreads[..., i], self.spreads[..., j])
                apart = _mean_distance(self.centers[..., i] - self.centers[..., j], spread)
                score = score - (0.5 if i == j else 1.0) * own * self.weights[..., j] * apart
        return score


HALVINGS = 60
"""Number of bisection steps of a quantile: to 2**-60 of the width of the bracket."""


def _mean_distance(center: Array, spread: Array) -> Array:
    """E|X| of a normal X."""
    from scipy.special import ndtr

    with np.errstate(divide="ignore", invalid="ignore"):
        z = center / spread
        smooth = 2.0 * spread * np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi) + center * (2.0 * ndtr(z) - 1.0)
    return np.asarray(np.where(np.asarray(spread) > 0.0, smooth, np.abs(center)))


@dataclass(frozen=True, eq=False)
class Samples:
    """A distribution as random draws for each row and step.

    >>> s = Samples(np.array([[[1.0, 2.0]], [[3.0, 6.0]]]))
    >>> s.mean(), s.quantile(0.5)
    (array([[2., 4.]]), array([[2., 4.]]))

    Parameters
    ----------
    draws : [n, rows, horizon], n at least 2.
    center, spread : [rows, horizon] mean and standard deviation where they are known exactly; else those of the draws.
    """

    draws: Array
    center: Array | None = None
    spread: Array | None = None

    def scaled(self, factor: float, shift: float) -> Samples:
        """The distribution of factor x + shift."""
        return Samples(
            self.draws * factor + shift,
            None if self.center is None else self.center * factor + shift,
            None if self.spread is None else self.spread * abs(factor),
        )

    def mean(self) -> Array:
        """The mean, [rows, horizon]."""
        return self.draws.mean(axis=0) if self.center is None else self.center

    def std(self) -> Array:
        """The standard deviation, [rows, horizon]."""
        return self.draws.std(axis=0, ddof=1) if self.spread is None else self.spread

    def quantile(self, level: float) -> Array:
        """The quantile at `level`, [rows, horizon], interpolated between draws, strictly between 0 and 1."""
        return np.asarray(np.quantile(self.draws, check_level(level), axis=0))

    def crps(self, actuals: Array) -> Array:
        """The CRPS, [rows, horizon]: E|X - y| - E|X - X'| / 2, the fair one: no pair of a draw with itself."""
        n = len(self.draws)
        far = np.abs(self.draws - actuals).mean(axis=0)
        order = 2.0 * np.arange(1, n + 1) - n - 1.0
        return np.asarray(far - np.tensordot(order, np.sort(self.draws, axis=0), axes=1) / (n * (n - 1)))


@dataclass(frozen=True, eq=False)
class Transformed:
    """The distribution of a value whose Box-Cox transform is normal, or a mixture of normals; power 0 is lognormal.

    >>> t = Transformed(Normal(np.zeros((1, 1)), np.ones((1, 1))), power=0.0)
    >>> t.mean().round(4), t.quantile(0.5)  # the mean is exp(1/2), the median exp(0)
    (array([[1.6487]]), array([[1.]]))

    Quantiles are those of `inner`, transformed back. Mean and standard deviation are exact at power 0, where each
    component is lognormal; else, and for the CRPS, they are integrals over `inner` by Gauss-Legendre quadrature, to
    about nine digits. What lies below the smallest value that a transform can have is a value of 0.

    Parameters
    ----------
    inner : a Normal or a Mixture, [rows, horizon], of transformed values: (x**power - 1) / power, at power 0 log(x).
    power : from 0 to 1.
    factor, shift : the distribution is that of factor x + shift.

    Source: Box & Cox, "An analysis of transformations" (1964).
    """

    inner: Normal | Mixture
    power: float
    factor: float = 1.0
    shift: float = 0.0

    def scaled(self, factor: float, shift: float) -> Transformed:
        """The distribution of factor x + shift."""
        return Transformed(self.inner, self.power, self.factor * factor, self.shift * factor + shift)

    def _outwards(self, values: Array) -> Array:
        return transformed_back(values, self.power) * self.factor + self.shift

    def mean(self) -> Array:
        """The mean, [rows, horizon]."""
        return self._mean() * self.factor + self.shift

    def std(self) -> Array:
        """The standard deviation, [rows, horizon]."""
        mean, parts, p = self._mean(), _parts(self.inner), self.power
        if p == 0.0:
            # Of each component exp(2 c + s s) (exp(s s) - 1), and of its mean the squared distance.
            own = np.exp(parts.centers + 0.5 * parts.spreads**2)
            within = own**2 * np.expm1(parts.spreads**2)
            variance = (parts.weights * (within + (own - mean[..., None]) ** 2)).sum(axis=-1)
        else:
            edges = self._edges(parts)

            def rest(values: Array) -> Array:
                apart = transformed_back(values, p) - mean  # about the mean: E x x - mean mean would cancel
                return np.asarray((1.0 - parts.cdf(values)) * 2.0 * apart * _slope(values, p))

            first = transformed_back(edges[..., 0], p) - mean
            variance = np.maximum(first * first + _integral(rest, edges), 0.0)
        return np.asarray(np.sqrt(variance) * abs(self.factor))

    def _mean(self) -> Array:
        """The mean before factor and shift, [rows, horizon]."""
        parts, p = _parts(self.inner), self.power
        if p == 0.0:
            return np.asarray((parts.weights * np.exp(parts.centers + 0.5 * parts.spreads**2)).sum(axis=-1))
        edges = self._edges(parts)
        rest = _integral(lambda values: np.asarray((1.0 - parts.cdf(values)) * _slope(values, p)), edges)
        return np.asarray(transformed_back(edges[..., 0], p) + rest)

    def _edges(self, parts: Mixture, also: Array | None = None) -> Array:
        """[rows, horizon, edges] where the integrals are cut: around each component, and `also` there."""
        edges = parts.centers[..., None] + parts.spreads[..., None] * np.array(CUT_AT)
        edges = np.broadcast_to(edges, (*parts.weights.shape, len(CUT_AT))).reshape(*parts.weights.shape[:-1], -1)
        if also is not None:
            edges = np.concatenate([edges, also[..., None]], axis=-1)
        least = -1.0 / self.power if self.power > 0.0 else -np.inf
        return np.sort(np.maximum(edges, least), axis=-1)

    def quantile(self, level: float) -> Array:
        """The quantile at `level`, [rows, horizon], strictly between 0 and 1: that of `inner`, transformed back."""
        return self._outwards(self.inner.quantile(level if self.factor >= 0.0 else 1.0 - check_level(level)))

    def crps(self, actuals: Array) -> Array:
        """The CRPS, [rows, horizon]: the integral of (F(x) - [x >= y])**2 (Matheson & Winkler, 1976)."""
        parts, p = _parts(self.inner), self.power
        values = (np.asarray(actuals) - self.shift) / self.factor
        there = np.isnan(values)
        # Below 0 there is nothing but distance; beyond the outermost edge, too.
        place = transformed(np.maximum(np.where(there, 1.0, values), np.finfo(np.float64).tiny), p)
        edges = self._edges(parts)
        inside = np.clip(place, edges[..., 0], edges[..., -1])
        beyond = np.abs(values - transformed_back(inside, p))

        def apart(at: Array) -> Array:
            return np.asarray((parts.cdf(at) - (at >= inside)) ** 2 * _slope(at, p))

        score = _integral(apart, self._edges(parts, inside)) + beyond
        return np.asarray(np.where(there, np.nan, score * abs(self.factor)))


CUT_AT = (-12.0, -4.0, 0.0, 4.0, 12.0)
"""Where integrals over a normal component are cut, in standard deviations from its center."""
NODES = 16
"""Nodes of the Gauss-Legendre quadrature between two cuts."""


def transformed(values: Array, power: float) -> Array:
    """The Box-Cox transform of values above 0: (x**power - 1) / power, at power 0 the logarithm.

    >>> transformed(np.array([4.0]), 0.5), transformed(np.array([1.0]), 0.0)
    (array([2.]), array([0.]))
    """
    logs = np.log(values)
    return np.asarray(np.expm1(power * logs) / power if power > 0.0 else logs)


def transformed_back(values: Array, power: float) -> Array:
    """The values whose Box-Cox transform this is; 0 below the smallest that a transform can be.

    >>> transformed_back(np.array([2.0, -5.0]), 0.5)
    array([4., 0.])
    """
    if power == 0.0:
        return np.asarray(np.exp(values))
    with np.errstate(divide="ignore"):
        return np.asarray(np.exp(np.log1p(np.maximum(power * values, -1.0)) / power))


def _slope(values: Array, power: float) -> Array:
    """The derivative of `transformed_back`."""
    return transformed_back(values, power) ** (1.0 - power)


def _parts(inner: Normal | Mixture) -> Mixture:
    return inner.as_mixture() if isinstance(inner, Normal) else inner


def _integral(function: Callable[[Array], Array], edges: Array) -> Array:
    """[rows, horizon]: the integral of a function of [rows, horizon] values between the first and the last of `edges`
    [rows, horizon, edges], piece by piece.
    """
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    total = np.zeros(edges.shape[:-1])
    for piece in range(edges.shape[-1] - 1):
        low, high = edges[..., piece], edges[..., piece + 1]
        middle, half = 0.5 * (low + high), 0.5 * (high - low)
        for node, weight in zip(nodes, weights, strict=True):
            # A piece of no width adds nothing, whatever the function is there.
            total += np.where(half > 0.0, weight * half * function(middle + half * node), 0.0)
    return total


@dataclass(frozen=True, eq=False)
class Discrete:
    """A distribution over symbols for each row and step.

    >>> distribution = Discrete(np.array([[[0.9, 0.1], [0.5, 0.5]]]), ("dry", "wet"))
    >>> distribution.probability("wet")
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
                f"a distribution over symbols such as {shown(self.states[0])} has no mean, spread, quantile or crps",
                code="symbols",
            )
        return np.array(self.states, dtype=np.float64)

    def mean(self) -> Array:
        """The mean, [rows, horizon], where the states are numbers."""
        return self.probabilities @ self._numbers()

    def std(self) -> Array:
        """The standard deviation, [rows, horizon], where the states are numbers."""
        exponent = _exponent(self._numbers())
        states = np.ldexp(self._numbers(), -exponent)
        apart = states - (self.probabilities @ states)[..., None]
        return np.asarray(np.ldexp(np.sqrt((self.probabilities * apart * apart).sum(axis=-1)), exponent))

    def quantile(self, level: float) -> Array:
        """The quantile at `level`, [rows, horizon], where the states are numbers:
        the smallest state with a cumulative probability of at least `level`.
        """
        check_level(level)
        states = self._numbers()
        order = np.argsort(states)
        below = np.cumsum(self.probabilities[..., order], axis=-1)
        return np.asarray(states[order][(below < level - 1e-12).sum(axis=-1).clip(0, len(states) - 1)])

    def crps(self, actuals: Array) -> Array:
        """The CRPS, [rows, horizon], where the states are numbers: E|X - y| - E|X - X'| / 2."""
        states = self._numbers()
        apart = np.abs(states[:, None] - states)
        spread = np.einsum("...i,ij,...j->...", self.probabilities, apart, self.probabilities)
        far = np.einsum("...i,...i->...", self.probabilities, np.abs(states - actuals[..., None]))
        return np.asarray(far - 0.5 * spread)

    def probability(self, state: object) -> Array:
        """The probability of one symbol, [rows, horizon]."""
        if state not in self.states:
            raise refuse("state", state, "one of " + ", ".join(repr(s) for s in self.states[:8]))
        return self.probabilities[..., self.states.index(state)]

    def log_loss(self, places: Array) -> Array:
        """The log loss, [rows, horizon]: minus the log of the probability of the symbol observed.

        `places` holds the index of each symbol in `states`, NaN where it is missing, and -1 for a symbol that is not
        in `states`. Infinite where the symbol observed had probability 0.
        """
        known = np.where(np.isnan(places), -1.0, places).astype(np.intp)
        chosen = np.take_along_axis(self.probabilities, np.maximum(known, 0)[..., None], axis=-1)[..., 0]
        with np.errstate(divide="ignore"):
            loss = -np.log(np.where(known < 0, 0.0, chosen))
        return np.where(np.isnan(places), np.nan, loss)

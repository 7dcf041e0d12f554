"""Limits of forecasts of a simulated series, from theory: its mean, and the smallest possible error, with all of the
past or a window.

A limit is called with a horizon and gives the smallest RMSE at each step, given the true process and all of the past.
Where theory goes further it also has `mean` (the conditional mean at each step, given all of the past), `bayes` (the
smallest RMSE of a forecast that sees so many lags and no more), `window` (the same, of a linear one) and `iterated` (of
a linear one-step forecast that is fed back).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..errors import ParameterError
from ..numerics import linear
from ..parameters import as_tuple, refuse, whole
from ..protocols import Array, Index
from ..windows import lagged, targets

PHASES, NODES, FINEST = 64, 16, 1 << 14
"""Grid sizes of the integral over a sine: phases of half a turn, nodes of the noise per direction, finest grid of the
posterior.
"""


@dataclass(frozen=True)
class Certain:
    """The limits of a map without noise: given the map and one value the error is 0 at every step."""

    def __call__(self, horizon: int) -> Array:
        """[horizon] the smallest error: zeros."""
        return np.zeros(horizon)

    def mean(self, values: Array, origins: Index, steps: Index) -> Array:
        """[origins, steps] the mean: the values themselves."""
        return targets(values, origins, steps)

    def bayes(self, lags: int, horizon: int, origins: Iterable[int] | None = None) -> Array:
        """[horizon]: zeros; the last value is enough."""
        whole("lags", lags)
        return np.zeros(whole("horizon", horizon))


@dataclass(frozen=True)
class Wave:
    """The limits of sin(frequency t) + noise: the noise alone, or more for a forecast from a window of a few values."""

    noise: float
    frequency: float

    def __call__(self, horizon: int) -> Array:
        """[horizon]: the noise, where the sine is known."""
        return np.full(horizon, self.noise)

    def mean(self, values: Array, origins: Index, steps: Index) -> Array:
        """[origins, steps]: the wave itself, for the series as it was simulated, from its first value on."""
        return np.asarray(np.sin(self.frequency * (origins[:, None] + steps)))

    def window(self, lags: int, horizon: int) -> Array:
        """[horizon]: the smallest error of any linear forecast that sees `lags` noisy values and not the phase.

        >>> import stepahead as sa
        >>> sa.datasets.noisy_sine(seed=0).limit.window(4, 64)[[0, 15, 63]].round(3)
        array([0.224, 0.254, 0.48 ])

        A few noisy values determine the level of the sine and hardly its direction: no forecast from the window avoids
        that.
        """
        squared = _linear(self._covariance(lags, horizon), lags)
        return np.asarray(np.sqrt(np.maximum(squared, self.noise**2)))

    def iterated(self, lags: int, horizon: int) -> Array:
        """[horizon]: the error of the best linear one-step forecast from `lags` values, fed back: AR(lags) with
        infinite training data.

        >>> import stepahead as sa
        >>> sa.datasets.noisy_sine(seed=0).limit.iterated(4, 64)[[0, 15, 63]].round(3)
        array([0.224, 0.264, 0.498])
        """
        return np.asarray(np.sqrt(_fed_back(self._covariance(lags, horizon), lags)))

    def _covariance(self, lags: int, horizon: int) -> Array:
        apart = np.arange(whole("lags", lags) + whole("horizon", horizon))
        covariance: Array = 0.5 * np.cos(self.frequency * apart)
        covariance[0] += self.noise**2
        return covariance

    def bayes(self, lags: int, horizon: int, origins: Iterable[int] | None = None) -> Array:
        """[horizon]: the smallest error of any forecast, linear or not, that sees `lags` values and not the phase.

        >>> import stepahead as sa
        >>> wave = sa.datasets.noisy_sine(seed=0).limit
        >>> wave.bayes(4, 64)[[0, 3, 15, 63]].round(3)
        array([0.22 , 0.223, 0.251, 0.479])
        >>> wave.bayes(4, 64, origins=range(604, 937))[[0, 3, 15, 63]].round(3)
        array([0.221, 0.223, 0.253, 0.489])

        The forecast is the posterior mean: the height and length of the wave and the size of the noise are known, and
        every phase is as likely as every other. Its error is integrated, not sampled: over the phase of the wave, over
        the noise of the window (through two sums that are sufficient statistics of the phase), and over the posterior
        of the phase.

        Parameters
        ----------
        lags : how many values are seen, at least 1. horizon : the largest step.
        origins : the error at these origins alone, of the series from its first value on; by default over all phases.

        Raises
        ------
        ParameterError : the noise is above zero and so small that the finest grid does not resolve the posterior.
        """
        whole("lags", lags)
        whole("horizon", horizon)
        # Harmonics of half a turn: the error at a phase is that at the opposite one, where wave and noise change sign.
        harmonics = np.arange(-(PHASES // 2), PHASES // 2)
        if origins is None:
            weights = (harmonics == 0).astype(np.complex128)
        else:
            chosen = np.array([whole("origins", origin, lags) for origin in as_tuple("origins", origins)])
            if not len(chosen):
                raise refuse("origins", origins, "at least one origin")
            weights = np.exp(2j * self.frequency * np.outer(harmonics, chosen)).mean(axis=1)
        by_phase = self._spread_by_phase(lags)
        series = np.fft.fftshift(np.fft.fft(by_phase, axis=0), axes=0) / PHASES
        spread = np.real(np.einsum("h,hij->ij", weights, series))
        turned = self.frequency * np.arange(1, horizon + 1)
        ahead = np.stack([np.cos(turned), np.sin(turned)])
        missed = np.einsum("ik,ij,jk->k", ahead, spread, ahead)
        return np.asarray(np.sqrt(self.noise**2 + np.maximum(missed, 0.0)))

    def _spread_by_phase(self, lags: int) -> Array:
        """[PHASES, 2, 2]: mean outer product of the error of the posterior mean of (sin, cos) of the phase, by the true
        phase.
        """
        true = np.pi * np.arange(PHASES) / PHASES
        at = self.frequency * np.arange(1 - lags, 1)
        basis = np.stack([np.cos(at), np.sin(at)])
        information = basis @ basis.T
        if self.noise == 0.0:
            return self._spread_without_noise(true, bool(np.linalg.cond(information) < 1e12))
        points = max(PHASES, int(np.ceil(2.0 * np.pi * np.sqrt(lags) / self.noise)))
        if points > FINEST:
            raise ParameterError(
                f"noise={self.noise:g} is too small for the integral over {lags} lags: it must be 0, or at least "
                f"{2.0 * np.pi * np.sqrt(lags) / FINEST:.2g}",
                code="parameter",
                name="noise",
                value=self.noise,
            )
        open_phases = 2.0 * np.pi * np.arange(points) / points
        directions = np.stack([np.sin(open_phases), np.cos(open_phases)])
        fixed = 0.5 * np.einsum("ip,ij,jp->p", directions, information, directions)
        # Sufficient statistics of the phase are two sums, the products of the window with sine and cosine; their noise
        # is normal.
        sizes, turns = np.linalg.eigh(information)
        node, weight = np.polynomial.hermite_e.hermegauss(NODES)
        shocks = np.stack(np.meshgrid(node, node), axis=-1).reshape(-1, 2) @ (turns * np.sqrt(np.maximum(sizes, 0.0))).T
        likely = np.outer(weight, weight).ravel() / weight.sum() ** 2
        spread = np.empty((PHASES, 2, 2))
        for place, phase in enumerate(true):
            wave = np.array([np.sin(phase), np.cos(phase)])
            seen = information @ wave + self.noise * shocks
            posterior = (seen @ directions - fixed) / self.noise**2
            posterior -= posterior.max(axis=1, keepdims=True)
            np.exp(posterior, out=posterior)
            missed = posterior @ directions.T / posterior.sum(axis=1, keepdims=True) - wave
            spread[place] = np.einsum("n,ni,nj->ij", likely, missed, missed)
        return spread

    def _spread_without_noise(self, true: Array, known: bool) -> Array:
        """The spread by phase where every value is exact: two values determine the phase; one leaves two directions."""
        spread = np.zeros((PHASES, 2, 2))
        if not known:
            spread[:, 1, 1] = np.cos(true) ** 2
        return spread


@dataclass(frozen=True)
class Known:
    """The limits of white noise around a known curve: the noise, at every step."""

    noise: float

    def __call__(self, horizon: int) -> Array:
        """[horizon]: the noise."""
        return np.full(horizon, self.noise)

    def mean(self, values: Array, origins: Index, steps: Index) -> Array:
        """[origins, steps]: the path itself, for the series as it was simulated, from its first value on."""
        return self.path(origins[:, None] + steps)

    def path(self, time: Index) -> Array:
        """The path at times counted from 1, of any shape."""
        raise NotImplementedError


@dataclass(frozen=True)
class Line(Known):
    """The straight line slope t."""

    slope: float

    def path(self, time: Index) -> Array:
        """The line."""
        return np.asarray(self.slope * time)


@dataclass(frozen=True)
class Repeated(Known):
    """Sum of seasonal patterns, each repeated."""

    patterns: tuple[tuple[float, ...], ...]

    def path(self, time: Index) -> Array:
        """The sum of the patterns at their phases."""
        return np.asarray(sum(np.array(pattern)[(time - 1) % len(pattern)] for pattern in self.patterns))


@dataclass(frozen=True)
class Grown(Known):
    """Exponential growth start (1 + rate)^t."""

    start: float
    rate: float

    def path(self, time: Index) -> Array:
        """The curve."""
        return np.asarray(self.start * np.exp(np.log1p(self.rate) * time))


@dataclass(frozen=True)
class Shifting:
    """The limits of white noise around a level that shifts at random: the noise plus the variance of future shifts.

    No forecast has a smaller error, and one that knows the current level attains it. A forecast that estimates the
    level from the values comes close where shifts are rare, and large compared with the noise.
    """

    noise: float
    chance: float
    size: float

    def __call__(self, horizon: int) -> Array:
        """[horizon]."""
        return np.asarray(np.sqrt(self.noise**2 + np.arange(1, horizon + 1) * self.chance * self.size**2))


@dataclass(frozen=True)
class DrawnWave(Wave):
    """The limits of a wave for one draw and its held-out origins: the noise that was drawn there,
    and not its average.
    """

    drawn: tuple[float, ...]
    name: ClassVar[str] = "noise of this draw"

    def __call__(self, horizon: int) -> Array:
        """[horizon]: RMSE of the sine itself on the values of this draw."""
        return np.array(self.drawn[:horizon])

    @property
    def note(self) -> str:
        """The note beside a table of it."""
        return f"the noise is {self.noise:.3f} on average; the last line is its RMSE in this draw, at these origins"


@dataclass(frozen=True)
class Linear:
    """The limits of an autoregression: noise times the root of the sum of the first k squared psi weights,
    and of windows.
    """

    coefficients: tuple[float, ...]
    noise: float
    intercept: float = 0.0

    def __call__(self, horizon: int) -> Array:
        """[horizon] the smallest RMSE."""
        return self.noise * np.sqrt(np.cumsum(linear.psi_weights(np.array(self.coefficients), horizon) ** 2))

    def mean(self, values: Array, origins: Index, steps: Index) -> Array:
        """[origins, steps]: the exact forecast from the last values;
        every origin needs as many values before it as there are coefficients.
        """
        lags = len(self.coefficients)
        row = np.array(self.coefficients)[None, :]
        weights, constants = linear.operator(row, np.array([self.intercept]), int(steps[-1]))
        known = lagged(values, lags)[origins - lags]
        return np.asarray(known @ weights[steps - 1].T + constants[steps - 1])

    def window(self, lags: int, horizon: int) -> Array:
        """[horizon]: the smallest error of any linear forecast that sees `lags` values; `bayes` where shocks are
        normal.

        >>> import stepahead as sa
        >>> series = sa.datasets.ar_process([0.2, 0.6], seed=0)
        >>> series.limit.window(1, 3).round(3), series.limit.window(2, 3).round(3)
        (array([1.021, 1.173, 1.299]), array([1.   , 1.166, 1.294]))

        Raises
        ------
        ParameterError : fewer lags than the process has, of a process with a unit root: it has no stationary
            distribution to average over.
        """
        if whole("lags", lags) >= len(self.coefficients):
            return self(whole("horizon", horizon))
        squared = _linear(self._covariance(lags, horizon), lags)
        return np.maximum(np.sqrt(np.maximum(squared, 0.0)), self(horizon))

    def iterated(self, lags: int, horizon: int) -> Array:
        """[horizon]: the error of the best linear one-step forecast from `lags` values, fed back: AR(lags) with
        infinite training data.

        Raises
        ------
        ParameterError : as for `window`.
        """
        if whole("lags", lags) >= len(self.coefficients):
            return self(whole("horizon", horizon))
        return np.asarray(np.sqrt(_fed_back(self._covariance(lags, horizon), lags)))

    def bayes(self, lags: int, horizon: int, origins: Iterable[int] | None = None) -> Array:
        """[horizon]: `window`, as shocks are normal and the best forecast is linear; the same at every origin."""
        return self.window(lags, horizon)

    def _covariance(self, lags: int, horizon: int) -> Array:
        """[lags + horizon] autocovariances, from the Yule-Walker equations."""
        newest_first = np.array(self.coefficients)[::-1]
        order, count = len(newest_first), lags + whole("horizon", horizon)
        if float(np.abs(linear.roots(np.array(self.coefficients))[0])) > 1.0 - 1e-9:
            raise refuse("lags", lags, f"at least {order}, the lags of a process with a unit root")
        equations = np.eye(order + 1)
        for h in range(order + 1):
            np.subtract.at(equations[h], np.abs(h - np.arange(1, order + 1)), newest_first)
        found = np.linalg.solve(equations, np.eye(order + 1)[0] * self.noise**2).tolist()
        while len(found) < count:
            found.append(float(newest_first @ found[: -order - 1 : -1]))
        return np.array(found[:count])


@dataclass(frozen=True)
class Chain:
    """The limit of a Markov chain: the entropy of the distribution k steps ahead,
    averaged over the stationary distribution.
    """

    transition: tuple[tuple[float, ...], ...]
    stationary: tuple[float, ...]

    def __call__(self, horizon: int) -> Array:
        """[horizon] the smallest log loss, in nats."""
        P, pi = np.array(self.transition), np.array(self.stationary)
        distribution, out = np.eye(len(P)), np.empty(horizon)
        for k in range(horizon):
            distribution = distribution @ P
            out[k] = pi @ -(distribution * np.log(np.where(distribution > 0.0, distribution, 1.0))).sum(axis=1)
        return out


def _linear(covariance: Array, lags: int) -> Array:
    """[horizon]: mean squared error of the best linear forecast from a window, one for each step.

    `covariance` [lags + horizon] holds the autocovariances of what is seen, from 0 on.
    """
    ahead = _ahead(covariance, lags)
    return np.asarray(covariance[0] - np.einsum("kl,kl->k", ahead, _weights(covariance, ahead)))


def _fed_back(covariance: Array, lags: int) -> Array:
    """[horizon]: mean squared error of the best linear one-step forecast from a window, fed back on itself."""
    ahead = _ahead(covariance, lags)
    weights, _ = linear.operator(_weights(covariance, ahead[:1]), np.zeros(1), len(ahead))
    explained = np.einsum("kl,lm,km->k", weights, _among(covariance, lags), weights)
    return np.asarray(covariance[0] - 2.0 * np.einsum("kl,kl->k", weights, ahead) + explained)


def _weights(covariance: Array, ahead: Array) -> Array:
    """[steps, lags]: the best linear weights, oldest lag first; of minimum norm where the window is collinear."""
    return np.asarray(np.linalg.lstsq(_among(covariance, ahead.shape[1]), ahead.T, rcond=None)[0].T)


def _ahead(covariance: Array, lags: int) -> Array:
    """[horizon, lags]: the covariance of each target with each value of the window, oldest first."""
    return lagged(covariance[1:], lags)[:, ::-1]


def _among(covariance: Array, lags: int) -> Array:
    """[lags, lags]: the covariance of a window with itself."""
    return np.asarray(covariance[np.abs(np.arange(lags)[:, None] - np.arange(lags))])


@dataclass(frozen=True)
class Shop:
    """The limits of ``datasets.shop``: an AR(1) beside a plan that is known, and a second one that is measured.

    noise, weight : the standard deviations of the shocks of the sales themselves, and of those that come of the warmth.
    """

    noise: float = 10.0
    weight: float = 8.0

    def __call__(self, horizon: int) -> Array:
        """[horizon]: with all that is known ahead, and the warmth up to the origin."""
        return np.sqrt(self.foreseen(horizon) ** 2 + self.weight**2 * np.cumsum(0.64 ** np.arange(horizon)))

    def foreseen(self, horizon: int) -> Array:
        """[horizon]: with the warmth foreseen too, as if that could be."""
        return np.asarray(self.noise * np.sqrt(np.cumsum(0.49 ** np.arange(whole("horizon", horizon)))))

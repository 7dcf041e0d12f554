"""Autoregression around a mean that switches with a hidden chain of regimes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..distributions import Mixture, Samples
from ..draws import keys, uniforms
from ..errors import FitError, InputError
from ..numerics import chains, linear
from ..numerics.chains import Smoothed
from ..numerics.emissions import NARROWEST, in_one_unit
from ..numerics.regimes import Steps, constants_of, first_distribution, following, regime_of, starting
from ..parameters import flag, real, refuse, whole
from ..protocols import Array, Index, Roll, State
from ..series import Series, as_panel, in_fixed_order
from ..storage import register
from ..windows import lagged, require, runs
from .model import Model, Shapes

if TYPE_CHECKING:
    from typing import Self

MOST_TUPLES = 256
MOST_PARTS = 32
"""Most components of an exact mixture; beyond it draws are used, as the CRPS takes every pair of components."""
DRAWS = 200
GROWING = 1.0 + 1e-6
"""Largest modulus of a root that may be a unit root with rounding."""


@register
class MarkovSwitchingAR(Model):
    """Markov-switching autoregression x_t - mu_(s_t) = phi_1 (x_(t-1) - mu_(s_(t-1))) + ... + e_t, s_t a hidden regime.

    >>> rng = np.random.default_rng(0)
    >>> regime = np.repeat([0, 1, 0, 1], 50)
    >>> model = MarkovSwitchingAR(states=2, lags=1).fit(4.0 * regime + rng.normal(size=200))
    >>> model.means_.round(1)
    array([0.1, 3.9])
    >>> model.transition_.round(2)
    array([[0.98, 0.02],
           [0.02, 0.98]])
    >>> model.forecast([0.0, 0.5, 4.2, 3.9], horizon=3).round(1)
    array([3.9, 3.8, 3.8])

    The state at an origin is the distribution of the last regimes given the values before it and no others, and those
    values themselves. Mean and variance of every step are exact.

    Parameters
    ----------
    states : how many, at least 2.
    lags : how many past values are read; 0 is a switching mean with noise around it.
    switching_variance : whether each regime has a noise variance of its own.
    starts : number of initialisations of the fit; the best one is kept.
    seed : of the random initialisations, and of draws where a distribution has no closed form.
    iterations : most iterations of each initialisation.

    Attributes
    ----------
    transition_ : [regimes, regimes]; rows sum to 1.
    means_ : [regimes], sorted.
    coefficients_ : [lags], oldest lag first.
    variance_ : the variance of the noise; [regimes] with `switching_variance`.
    log_likelihood_ : of the training data given the first `lags` values; None where the parameters were given.

    Raises
    ------
    InputError : too few values; no two of them differ.
    FitError : the recursion would overflow.

    Source: Hamilton (1989, 1990). The fit is by expectation and conditional maximisation. An origin with a missing
    value among its last `lags` has no forecast; the filter goes on through it.
    """

    _learned = ("transition_", "means_", "coefficients_", "variance_", "log_likelihood_")
    _any_size = True
    _costs = {
        "fit": lambda m, values, longest: values * m._numbers(m.starts),
        "plan": lambda m, steps: steps * (3 * m.states**2 + 5 * (m._tuples + m.lags)),
        "paths": lambda m, rows, steps, n: n * rows * 5 * (steps + 1),
    }
    transition_: Array
    means_: Array
    coefficients_: Array
    variance_: Any
    log_likelihood_: float | None

    def __init__(
        self,
        states: int = 2,
        lags: int = 1,
        switching_variance: bool = False,
        starts: int = 5,
        seed: int = 0,
        iterations: int = 200,
    ) -> None:
        self.states = states
        self.lags = lags
        self.switching_variance = switching_variance
        self.starts = starts
        self.seed = seed
        self.iterations = iterations

    def _check(self) -> None:
        self.states = whole("states", self.states, 2, MOST_TUPLES)
        self.lags = whole("lags", self.lags, 0)
        flag("switching_variance", self.switching_variance)
        self.starts = whole("starts", self.starts)
        self.seed = whole("seed", self.seed, 0)
        self.iterations = whole("iterations", self.iterations)
        if self.states ** min(self.lags + 1, 64) > MOST_TUPLES:
            raise refuse("lags", self.lags, f"smaller: states ** (lags + 1) is past {MOST_TUPLES}")

    @property
    def _tuples(self) -> int:
        """Number of tuples of the last regimes."""
        return int(self.states ** max(self.lags, 1))

    def _numbers(self, starts: int) -> int:
        """Numbers that a fit or smoothing takes per value."""
        return starts * self._tuples * (6 * self.states + 8) + 2 * (self.lags + 2) ** 2

    # -- fitting ------------------------------------------------------------------------------------------------

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        """One pooled fit, each series given its own first `lags` values."""
        lags = self.lags
        self._require(panel, 2 * lags + self.states + 1)
        ordered = [part.numbers for part in in_fixed_order(panel) if len(part) > lags]
        longest = max((len(run) for part in ordered for run in runs(part)), default=0)
        require(longest, lags + 1, f"fitting {self.name}: one value with its lags, in a contiguous segment,")
        self._learn(*self._fit_numbers(ordered))
        self.log_likelihood_ = sum(float(self._filter(part)[1].sum()) for part in ordered)
        return lags

    def _fit_numbers(self, parts: Sequence[Array]) -> tuple[Array, Array, Array, Any]:
        values, joined, location, exponent = in_one_unit(parts)
        if len(np.unique(joined)) < 2:
            raise InputError(f"{self.name} needs values that differ; all {len(joined)} are the same", code="few-values")
        narrowest = NARROWEST * float(joined.std())
        steps = Steps.of(values, self.lags, self.states, self.switching_variance, narrowest)
        begun = starting(steps, joined, self.starts, self.seed)
        (transition, means, coefficients, spreads), gain = chains.iterate(begun, steps.improve, self.iterations)
        if gain > 100.0 * chains.TOLERANCE:
            self._note(
                f"not converged after {self.iterations} iterations; the last raised the log likelihood by {gain:.2g}"
            )
        order = np.lexsort((spreads, means))
        wide = np.ldexp(means[order], exponent) + location
        variances = np.ldexp(spreads[order], exponent) ** 2
        if not np.isfinite(wide).all() or not np.isfinite(variances).all() or not (variances > 0.0).all():
            raise FitError(f"{self.name}: a variance overflows; scale the series", code="overflow")
        radius = float(np.abs(linear.roots(coefficients[::-1])[0])) if len(coefficients) else 0.0
        if radius > GROWING:
            self._note(f"the largest root of the coefficients has modulus {radius:.6g}: far steps explode")
        variance = variances if self.switching_variance else float(variances[0])
        return transition[order][:, order], wide, coefficients[::-1], variance

    def _learn(self, transition: Array, means: Array, coefficients: Array, variance: Any) -> None:
        self.transition_, self.means_, self.coefficients_, self.variance_ = (
            np.ascontiguousarray(found) if isinstance(found, np.ndarray) else found
            for found in (transition, means, coefficients, variance)
        )
        for array in (self.transition_, self.means_, self.coefficients_):
            array.flags.writeable = False

    def with_parameters(self, transition: Any, means: Any, coefficients: Any, variance: Any) -> Self:
        """A copy with these parameters, ready to use without a fit; coefficients oldest lag first.

        >>> model = MarkovSwitchingAR(2, lags=1).with_parameters([[0.9, 0.1], [0.2, 0.8]], [0.0, 5.0], [0.5], 1.0)
        >>> model.forecast([5.2, 4.9], horizon=2).round(2)
        array([3.81, 3.11])
        """
        self._check()
        made, size = self.clone(), self.states
        if self.switching_variance:
            spread: Any = chains.checked("variance", variance, (size,))
        else:
            spread = real("variance", variance)
        if not np.all(np.asarray(spread) > 0.0):
            raise refuse("variance", variance, "above 0")
        made._learn(
            chains.checked("transition", transition, (size, size), distributions=True),
            chains.checked("means", means, (size,)),
            chains.checked("coefficients", coefficients, (self.lags,)),
            spread,
        )
        made.log_likelihood_ = None
        return made._given(self.lags)

    # -- the past -----------------------------------------------------------------------------------------------

    def _encode(self, values: Array, after: State | None) -> State:
        """[origins, tuples] the distribution of the last max(lags, 1) regimes, the newest as the highest digit, and
        [origins, lags] the values.

        Of the values before each origin alone; NaN where one of its last `lags` values is missing.
        """
        lags = self.context
        if after is not None:
            values = np.concatenate([after[1][-1], values])
        windows = lagged(values, lags) if lags else np.empty((len(values) + 1, 0))
        start = first_distribution(self.transition_[None], lags)[0]
        distributions, _ = self._filter(values, start if after is None else after[0][-1])
        if after is not None:
            return distributions, windows[1:]
        return np.concatenate([start[None], distributions])[: len(windows)], windows

    def _filter(self, known: Array, distribution: Array | None = None) -> tuple[Array, Array]:
        """The distribution of the last regimes after each value behind the first `lags`, and the log likelihood of
        each.
        """
        lags, size = self.lags, len(self.means_)
        tuples = size ** max(lags, 1)
        self._afford(
            len(known), 2 * tuples + lags + 4, "the states of", "Take a shorter series, or fewer regimes or lags"
        )
        distribution = first_distribution(self.transition_[None], lags)[0] if distribution is None else distribution
        newest = regime_of(size, max(lags, 1))[:, 0]
        moves = np.zeros((tuples, tuples))
        targets = following(size, tuples)
        moves[np.arange(tuples)[:, None], targets] = self.transition_[newest]
        location = linear.mean_of([self.means_])
        with np.errstate(over="ignore"):
            known = known - location
        newest_first = self.coefficients_[::-1][None]
        constants = constants_of(self.means_[None] - location, newest_first, max(lags, 1))[0]
        spreads = np.broadcast_to(np.sqrt(self.variance_), (size,))

        def score(part: slice) -> Array:
            # Lag by lag, so that a row is bitwise the same whatever other rows there are.
            with np.errstate(over="ignore", invalid="ignore"):
                shocks = known[lags:][part].copy()
                for lag in range(1, lags + 1):
                    shocks -= newest_first[0, lag - 1] * known[lags - lag : len(known) - lag][part]
            silent = np.isnan(lagged(known, lags + 1)[part]).any(axis=1)
            scores = chains.normal_scores(shocks[:, None, None] - constants, spreads)
            scores[silent] = 0.0
            return scores

        return chains.forward(distribution, moves, max(len(known) - lags, 0), score)

    def loglikelihood(self, series: Any) -> float:
        """Log likelihood of one series, or of all of a list, each given its first `lags` values,
        at the parameters in use.
        """
        return sum(float(self._filter(self._opened(part).numbers)[1].sum()) for part in as_panel(series))

    def filtered(self, series: Any) -> Array:
        """[time, regimes]: the distribution of the regime of each value, given that value and those before it.

        The first `lags` values are taken as given and say nothing of their regimes: there it is the stationary
        distribution.
        """
        known = self._opened(series).numbers
        distributions, _ = self._filter(known)
        before = np.broadcast_to(chains.stationary(self.transition_), (min(self.lags, len(known)), len(self.means_)))
        return np.concatenate([before, distributions.reshape(len(distributions), len(self.means_), -1).sum(axis=-1)])

    def smoothed(self, series: Any) -> Smoothed:
        """The distribution of the regime of each value, given ALL values: for looking back, never for a forecast."""
        known, lags, size = self._opened(series).numbers, self.lags, len(self.means_)
        self._afford(len(known), self._numbers(1), "looking back by", "Take a shorter series")
        require(len(known), max(lags, 1), f"looking back by {self.name}")
        location = linear.mean_of([self.means_])
        # One step more, without an observation: before it stands the distribution after the last value.
        with np.errstate(over="ignore"):
            longer = np.append(known - location, np.nan)
        steps = Steps.of([longer], lags, size, self.switching_variance, 0.0)
        spreads = np.broadcast_to(np.sqrt(self.variance_), (1, size))
        seen, _, _ = steps.look(
            (self.transition_[None], self.means_[None] - location, self.coefficients_[::-1][None], spreads)
        )
        distributions = seen.before * seen.ratio[:-1]
        by_place = (distributions[:, 0] / distributions[:, 0].sum(axis=-1, keepdims=True)).reshape(
            len(distributions), *[size] * max(lags, 1)
        )
        newest = by_place.reshape(len(distributions), size, -1).sum(axis=-1)[1:]
        first = [by_place[0].sum(axis=tuple(a for a in range(lags) if a != place)) for place in reversed(range(lags))]
        return Smoothed(np.concatenate([np.reshape(first, (lags, size)), newest]))

    # -- the future ---------------------------------------------------------------------------------------------

    def _ahead(self, horizon: int) -> tuple[Array, Array, Array]:
        """What the window adds to each step, [horizon, lags]; psi weights, [horizon]; distributions of regimes,
        [horizon, from, to].
        """
        size = len(self.means_)
        self._afford(size * size + self.lags + 2, horizon, "the distributions of", "Take fewer steps")
        distributions = chains.powers(self.transition_, horizon) @ self.transition_
        if not self.lags:
            return np.empty((horizon, 0)), np.eye(1, horizon)[0], distributions
        weights, _ = linear.operator(self.coefficients_[None], np.zeros(1), horizon)
        psi = linear.psi_weights(self.coefficients_, horizon)
        finite = np.isfinite(weights).all(axis=1) & np.isfinite(np.cumsum(psi * psi))
        if not finite.all():
            radius = float(np.abs(linear.roots(self.coefficients_)[0]))
            raise FitError(
                f"{self.name} explodes: the largest root of its coefficients has modulus "
                f"{radius:.6g}; take fewer steps",
                code="overflow",
                radius=radius,
                step=int(np.argmin(finite)) + 1,
            )
        return weights, psi, distributions

    def _plan(self, horizon: int) -> Roll:
        """The mean of each step: one product of distribution and window with a matrix that depends on the number of
        steps.
        """
        weights, _, distributions = self._ahead(horizon)
        regime = regime_of(len(self.means_), max(self.lags, 1))
        location = linear.mean_of([self.means_])
        means = self.means_ - location
        by_tuple = (distributions @ means)[:, regime[:, 0]]
        if weights.size:
            by_tuple = by_tuple - weights @ means[regime[:, ::-1]].T
        table = np.concatenate([by_tuple, weights], axis=1).T

        def roll(state: State, out: Array | None) -> Array:
            # Around the middle of the means, so that a high level costs no digits.
            found = np.matmul(np.concatenate([state[0], state[1] - location], axis=1), table, out=out)
            found += location
            return np.asarray(found)

        return roll

    def _plan_predictive(self, horizon: int) -> Callable[[State], Mixture | Samples]:
        """[rows, horizon]: with one variance and few regimes an exact mixture over the regimes then and now.

        Otherwise 200 drawn paths, with mean and standard deviation exact.
        """
        ahead, roll = self._ahead(horizon), self.plan(horizon)
        if not self.switching_variance and len(self.means_) ** (max(self.lags, 1) + 1) <= MOST_PARTS:
            return lambda state: self._mixture(state, *ahead)

        def drawn(state: State) -> Samples:
            return Samples(
                self._paths(state, horizon, DRAWS, self.seed, keys(state)),
                roll(state, None),
                self._spread(state, *ahead),
            )

        return drawn

    def _apart(self, state: State, weights: Array) -> Array:
        """[rows, horizon, tuples]: expected deviation of each step from its regime's mean, given the last regimes."""
        regime = regime_of(len(self.means_), max(self.lags, 1))
        parts = len(regime) * len(self.means_)
        self._afford(
            len(state[0]), 8 * len(weights) * parts, "the distributions of", "Take fewer rows or steps at a time"
        )
        apart = np.zeros((len(state[0]), len(weights), len(regime)))
        for lag in range(weights.shape[1]):
            place = weights.shape[1] - 1 - lag  # regimes are newest first, windows oldest first
            apart += weights[:, lag, None] * (state[1][:, lag, None] - self.means_[regime[:, place]])[:, None, :]
        return apart

    def _mixture(self, state: State, weights: Array, psi: Array, distributions: Array) -> Mixture:
        regime = regime_of(len(self.means_), max(self.lags, 1))[:, 0]
        rows, horizon = len(state[0]), len(psi)
        chances = state[0][:, None, :, None] * distributions[:, regime]
        centers = self._apart(state, weights)[..., None] + self.means_
        spreads = np.sqrt(float(self.variance_) * np.cumsum(psi * psi))[:, None]
        flat = chances.reshape(rows, horizon, -1)
        return Mixture(flat, centers.reshape(flat.shape), np.broadcast_to(spreads, flat.shape))

    def _spread(self, state: State, weights: Array, psi: Array, distributions: Array) -> Array:
        """[rows, horizon]: the exact standard deviation, that of the regimes,
        of the window's mean level and of the noise.
        """
        regime = regime_of(len(self.means_), max(self.lags, 1))[:, 0]
        location = linear.mean_of([self.means_])
        mean = distributions @ (self.means_ - location)
        within = np.maximum(distributions @ (self.means_ - location) ** 2 - mean * mean, 0.0)
        offset = self._apart(state, weights) + mean[:, regime]
        distribution = state[0][:, None, :]
        offset -= (distribution * offset).sum(axis=-1, keepdims=True)
        variance = (distribution * (within[:, regime] + offset * offset)).sum(axis=-1)
        noise = distributions @ np.broadcast_to(self.variance_, self.means_.shape)
        from_noise = np.stack([psi[: k + 1][::-1] ** 2 @ noise[: k + 1] for k in range(len(psi))])
        return np.asarray(np.sqrt(variance + (distribution * from_noise[:, regime]).sum(axis=-1)))

    def _paths(self, state: State, horizon: int, n: int, seed: int, origins: Index) -> Array:
        """[n, rows, horizon] drawn paths. See `Sampling`."""
        rows, lags = len(state[0]), self.lags
        # One random stream for all: the past regimes, the future ones, the noise.
        numbers = uniforms(seed, origins, n, 2 * horizon + 1)
        regime = regime_of(len(self.means_), max(lags, 1))
        before = regime[chains.drawn(np.broadcast_to(state[0], (n, *state[0].shape)), numbers[..., 0])]
        now = before[..., 0]
        known = [state[1][:, lag] - self.means_[before[..., lags - 1 - lag]] for lag in range(lags)]
        shocks = chains.as_normals(numbers[..., horizon + 1 :])
        spreads = np.broadcast_to(np.sqrt(self.variance_), self.means_.shape)
        found = np.empty((n, rows, horizon))
        for k in range(horizon):
            now = chains.drawn(self.transition_[now], numbers[..., k + 1])
            apart = spreads[now] * shocks[..., k]
            for weight, value in zip(self.coefficients_, known[k:], strict=True):
                apart = apart + weight * value
            known.append(apart)
            found[..., k] = self.means_[now] + apart
        return found

    def _shapes(self) -> Shapes:
        size, lags = self.states, self.lags
        if self.context != lags:
            raise ValueError("context and lags differ")
        shapes: Shapes = {"transition_": (size, size), "means_": (size,), "coefficients_": (lags,)}
        if self.log_likelihood_ is not None:
            shapes["log_likelihood_"] = ()
        return {**shapes, "variance_": (size,) if self.switching_variance else ()}

    def _check_learned(self) -> None:
        chains.checked("transition_", self.transition_, self.transition_.shape, distributions=True)
        if not np.all(self.variance_ > 0.0):
            raise ValueError("variance_ should be above 0")

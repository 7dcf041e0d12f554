"""Tuples of the last regimes of a switching autoregression, and one iteration of its fit for several initialisations at
once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..protocols import Array, Index
from ..windows import lagged
from . import chains
from .chains import Parameters

RAREST = 1e-12
"""Least share of the steps of a regime, so that one that is never entered still has parameters."""

# -- tuples of regimes ------------------------------------------------------------------------------------------


def regime_of(size: int, length: int) -> Index:
    """[tuples, length] the regimes of each tuple number, newest first; the newest is its highest digit."""
    return np.stack(np.unravel_index(np.arange(size**length), [size] * length), axis=1)


def following(size: int, tuples: int) -> Index:
    """[tuples, regimes] the tuple after each, given the next regime: the oldest is dropped."""
    return np.arange(size) * (tuples // size) + np.arange(tuples)[:, None] // size


def first_distribution(transition: Array, lags: int) -> Array:
    """[starts, tuples]: the distribution of the first max(lags, 1) regimes, from the stationary distribution on."""
    distribution = chains.stationary(transition)
    size = transition.shape[-1]
    for _ in range(lags - 1):
        newest = np.arange(distribution.shape[1]) // (distribution.shape[1] // size)
        distribution = np.swapaxes(transition[:, newest] * distribution[..., None], 1, 2).reshape(len(distribution), -1)
    return distribution


def constants_of(means: Array, newest_first: Array, length: int) -> Array:
    """[starts, tuples, regimes]: what the means add to a value after these regimes; means [starts, regimes]."""
    regime = regime_of(means.shape[1], length)
    found = np.broadcast_to(means[:, None, :], (len(means), len(regime), means.shape[1])).copy()
    for lag in range(newest_first.shape[1]):
        found -= newest_first[:, lag, None, None] * means[:, regime[:, lag], None]
    return found


# -- one iteration, for several initialisations at once ------------------------------------------------------------


def starting(steps: Steps, values: Array, starts: int, seed: int) -> Parameters:
    """Initial transition, means, coefficients (newest first), spreads, [starts, ...]; the first two are not random."""
    rng = np.random.default_rng(seed)
    size = steps.size
    shares = (np.arange(size) + rng.random((starts, size))) / size
    shares[:2] = (np.arange(size) + 0.5) / size
    stay = rng.uniform(0.6, 0.98, (starts, 1, 1))
    stay[:2] = 0.9
    products = steps.features.sum(axis=0)
    design = products[2:, 2:] + 1e-9 * max(float(products[1, 1]), 1e-300) * np.eye(steps.lags)
    plain = np.linalg.solve(design, products[2:, 1]) if steps.lags else np.empty(0)
    share = rng.random((starts, 1))
    share[0], share[1:2] = 0.0, 0.8
    spreads = values.std() * rng.uniform(0.3, 1.0, (starts, size))
    spreads[:1] = 0.5 * values.std()
    if not steps.switching:
        spreads[:] = spreads[:, :1]
    transition = np.broadcast_to(stay * np.eye(size) + (1.0 - stay) / size, (starts, size, size)).copy()
    return transition, np.quantile(values, shares), share * plain, spreads


@dataclass(frozen=True, eq=False)
class Steps:
    """The training data as one sequence of steps, the series one after the other with a restart of the chain between
    them.

    Attributes
    ----------
    terms : [time, 2 + lags] 1, each value and those before it, newest first; all 0 where `silent`.
    which : [time] 0 for a step of the chain, 1 for a restart.
    first : [series] the first step of each.
    size, lags, switching : regimes, lags, and whether each regime has a variance of its own.
    narrowest : the smallest standard deviation of the noise.
    """

    terms: Array
    which: Index
    first: Index
    silent: npt.NDArray[np.bool_]
    size: int
    lags: int
    switching: bool
    narrowest: float

    @classmethod
    def of(cls, parts: Sequence[Array], lags: int, size: int, switching: bool, narrowest: float) -> Steps:
        """The steps of all series behind their first `lags` values; a value with a missing one among its lags is
        `silent`, with no effect.
        """
        rows: list[Array] = []
        which: list[Index] = []
        first: list[int] = []
        for part in parts:
            if rows:
                rows.append(np.full((1, lags + 1), np.nan))
                which.append(np.ones(1, dtype=np.intp))
            first.append(sum(len(block) for block in rows))
            rows.append(lagged(part, lags + 1)[:, ::-1])
            which.append(np.zeros(len(rows[-1]), dtype=np.intp))
        joined = np.concatenate(rows)
        silent = np.asarray(np.isnan(joined).any(axis=1))
        terms = np.concatenate([np.ones((len(joined), 1)), joined], axis=1)
        terms[silent] = 0.0
        return cls(terms, np.concatenate(which), np.array(first), silent, size, lags, switching, narrowest)

    @cached_property
    def features(self) -> Array:
        """[time, lags + 2, lags + 2]: the products of the terms, the sufficient statistics of a fit."""
        return self.terms[:, :, None] * self.terms[:, None, :]

    def look(self, now: Parameters) -> tuple[chains.Expected, Array, Array]:
        """Forward-backward pass at these parameters, the likelihoods [time, starts, tuples, regimes] up to a
        scale, and the log likelihoods [starts].
        """
        transition, means, coefficients, spreads = now
        size, length = self.size, max(self.lags, 1)
        with np.errstate(over="ignore", invalid="ignore"):
            shocks = self.terms[:, 1:2] - self.terms[:, 2:] @ coefficients.T
        constants = constants_of(means, coefficients, length)
        scores = chains.normal_scores(shocks[:, :, None, None] - constants, spreads[:, None, :])
        scores[self.silent] = 0.0
        likelihood, shift = chains.floored(scores)
        distribution, tuples = first_distribution(transition, self.lags), size**length
        moves = np.zeros((len(means), tuples, tuples))
        moves[:, np.arange(tuples)[:, None], following(size, tuples)] = transition[:, regime_of(size, length)[:, 0]]
        kinds = np.stack([moves, np.broadcast_to(distribution[:, None], moves.shape)])
        seen = chains.expect(distribution, kinds, self.which, likelihood)
        # A restart is no observation: its scale is 1 up to rounding.
        return seen, likelihood, (np.log(seen.worth) + shift).sum(axis=0)

    def improve(self, now: Parameters) -> tuple[Parameters, Array]:
        """The next parameters, each the best given the others, and the log likelihoods [starts] before."""
        transition, means, coefficients, spreads = now
        seen, likelihood, value = self.look(now)
        newest = regime_of(self.size, max(self.lags, 1))[:, 0]
        after = seen.ratio[1:][..., following(self.size, len(newest))]
        weights = seen.before[..., None] * transition[:, newest] * likelihood * after / seen.worth[..., None, None]
        weights[self.which == 1] = 0.0
        transition = self._transition(transition, seen, weights.sum(axis=0))
        means, coefficients, spreads = self._emission(means, coefficients, spreads, weights)
        return (transition, means, coefficients, spreads), value

    def _transition(self, transition: Array, seen: chains.Expected, weights: Array) -> Array:
        """Expected counts, and what the distribution of the first regimes adds to them:
        it too depends on the transition.
        """
        size, length = self.size, max(self.lags, 1)
        regime = regime_of(size, length)
        begun = (seen.before[self.first] * seen.ratio[self.first]).sum(axis=0)
        counts = np.zeros(transition.shape)
        for a in range(size):
            counts[:, a] = weights[:, regime[:, 0] == a].sum(axis=1)
            for place in range(length - 1):
                for b in range(size):
                    own = (regime[:, place + 1] == a) & (regime[:, place] == b)
                    counts[:, a, b] += begun[:, own].sum(axis=1)
        oldest = np.stack([begun[:, regime[:, -1] == a].sum(axis=1) for a in range(size)], axis=1)
        found = transition
        for _ in range(4):
            distribution = np.maximum(chains.stationary(found), RAREST)
            memory = np.linalg.pinv(np.eye(size) - found + distribution[:, None, :])
            pull = distribution[:, :, None] * (memory @ (oldest / distribution)[..., None])[..., 0][:, None, :]
            pull = pull - (found * pull).sum(axis=-1, keepdims=True)
            drawn = np.maximum(counts + found * pull, 0.0)
            total = drawn.sum(axis=-1, keepdims=True)
            found = np.where(total > 0.0, drawn / np.where(total > 0.0, total, 1.0), found)
        return found

    def _emission(self, means: Array, coefficients: Array, spreads: Array, weights: Array) -> Parameters:
        """Means given the rest, then coefficients, then spreads, out of sums of products alone."""
        time, starts, tuples, size = weights.shape
        terms = self.features.shape[1]
        flat = weights.reshape(time, -1).T @ self.features.reshape(time, -1)
        sums = flat.reshape(starts, tuples, size, terms, terms)
        precision = 1.0 / (spreads * spreads)
        means = self._means(means, coefficients, sums, precision)
        # Row l of `apart` is the deviation l steps back, in the terms 1, target, window.
        regime = regime_of(size, max(self.lags, 1))
        apart = np.zeros((starts, tuples, size, self.lags + 1, terms))
        apart[..., np.arange(self.lags + 1), np.arange(self.lags + 1) + 1] = 1.0
        apart[..., 0, 0] = -means[:, None, :]
        for lag in range(self.lags):
            apart[..., lag + 1, 0] = -means[:, regime[:, lag], None]
        products = apart @ sums @ np.swapaxes(apart, -1, -2)
        if self.lags:
            gram = np.einsum("rs,rislm->rlm", precision, products)
            design = gram[:, 1:, 1:] + 1e-12 * np.einsum("rll->r", gram)[:, None, None] * np.eye(self.lags)
            coefficients = np.linalg.solve(design, gram[:, 1:, :1])[..., 0]
        whole_row = np.concatenate([np.ones((starts, 1)), -coefficients], axis=1)
        squares = np.einsum("rl,rislm,rm->rs", whole_row, products, whole_row)
        total = sums[..., 0, 0].sum(axis=1)
        if not self.switching:
            squares, total = (np.broadcast_to(part.sum(axis=1, keepdims=True), part.shape) for part in (squares, total))
        wide = np.sqrt(np.maximum(squares, 0.0) / np.where(total > 0.0, total, 1.0))
        return means, coefficients, np.where(total > 0.0, np.maximum(wide, self.narrowest), spreads)

    def _means(self, means: Array, coefficients: Array, sums: Array, precision: Array) -> Array:
        """Weighted least squares: a shock less the means it takes part in."""
        starts, tuples, size = sums.shape[:3]
        units = np.broadcast_to(np.eye(size), (starts, size, size)).reshape(-1, size)
        repeated = np.repeat(coefficients, size, axis=0)
        # [starts, tuples, regimes, regimes]: how much of each mean a value takes.
        takes = np.moveaxis(constants_of(units, repeated, max(self.lags, 1)).reshape(starts, size, tuples, size), 1, -1)
        row = np.concatenate([np.ones((starts, 1)), -coefficients], axis=1)
        shock = np.einsum("rist,rt->ris", sums[..., 0, 1:], row)
        left = np.einsum("ris,rs,risa,risb->rab", sums[..., 0, 0], precision, takes, takes)
        right = np.einsum("ris,rs,risa->ra", shock, precision, takes)
        # A regime without observations keeps its mean.
        hold = 1e-12 * np.einsum("raa->r", left)[:, None]
        return np.asarray(
            np.linalg.solve(left + hold[..., None] * np.eye(size), (right + hold * means)[..., None])[..., 0]
        )

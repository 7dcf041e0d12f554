"""Hidden Markov chains: the forward filter, the smoother, the EM iteration of a fit, distributions k steps ahead.

A distribution (of the hidden state) is carried over step t by distribution @ (P * likelihood_t), and rescaled.
Likelihoods are [states, groups]: of the state before the step, and of the group of states after it, `groups` equal
contiguous groups. With one group a value depends on the state before the step alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..errors import FitError
from ..parameters import refuse
from ..protocols import Array, Index

CELLS = 1 << 18
"""Most numbers in the matrices of one block of steps."""
SMALLEST = 1e-280
FLOOR = -600.0
"""Least log likelihood of a state relative to the best one in a fit, so that no scale is 0."""
FARTHEST = 1e150
"""Largest distance in standard deviations; larger ones are clipped to it, so that squares do not overflow."""
MOST_SCANNED = 16
TOLERANCE = 1e-5
"""An initialisation has converged when an iteration raises the log likelihood by less than this."""

Parameters = tuple[Array, ...]


@dataclass(frozen=True, eq=False)
class Smoothed:
    """Smoothed probabilities of the hidden states, given the whole series: never for a forecast.

    >>> Smoothed(np.array([[0.9, 0.1]])).looks_ahead
    True

    Parameters
    ----------
    probabilities : [time, states]; rows sum to 1.
    """

    looks_ahead: ClassVar[bool] = True
    probabilities: Array


# -- distributions
# -------------------------------------------------------------------------------------------------------


def checked(name: str, found: Any, shape: tuple[int, ...], *, distributions: bool = False) -> Array:
    """A frozen array of finite numbers of the wanted shape; with `distributions` its last axis holds probabilities."""
    try:
        array = np.array(found, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.empty(0)
    good = array.shape == shape and bool(np.isfinite(array).all())
    if good and distributions:
        good = bool((array >= 0.0).all() and (np.abs(array.sum(axis=-1) - 1.0) < 1e-9).all())
    if not good:
        raise refuse(
            name,
            found,
            f"numbers of shape {shape}" + (", at least 0, that sum to 1 in each row" if distributions else ""),
        )
    array.flags.writeable = False
    return array


def stationary(transition: Array) -> Array:
    """[..., states]: the stationary distribution of `transition` [..., states, states]; of several the one of minimum
    norm.
    """
    size = transition.shape[-1]
    equations = np.concatenate(
        [np.eye(size) - np.swapaxes(transition, -1, -2), np.ones((*transition.shape[:-2], 1, size))], axis=-2
    )
    distribution = np.maximum(np.linalg.pinv(equations)[..., -1], 0.0)
    return np.asarray(distribution / distribution.sum(axis=-1, keepdims=True))


def powers(transition: Array, horizon: int) -> Array:
    """[horizon, states, states]: the distribution 0 .. horizon - 1 steps after each state."""
    found = np.empty((horizon, *transition.shape))
    found[0] = np.eye(len(transition))
    for k in range(1, horizon):
        np.matmul(found[k - 1], transition, out=found[k])
    return found


def drawn(distributions: Array, uniforms: Array) -> Index:
    """Indices drawn from distributions by inversion of uniform numbers; distributions [...,
    states] over uniforms [...].
    """
    edges = np.cumsum(distributions, axis=-1)
    edges = edges / edges[..., -1:]  # exactly 1 at the last state that can be, so that no other is drawn
    return np.asarray((uniforms[..., None] >= edges).sum(axis=-1))


def as_normals(uniforms: Array) -> Array:
    """Standard normal numbers from uniform ones."""
    from scipy.special import ndtri

    return np.asarray(ndtri(uniforms.clip(2.0**-54)))


def normal_scores(residuals: Array, spreads: Array) -> Array:
    """Log densities of normal residuals; distances are clipped, so that the result is finite where the spreads are."""
    with np.errstate(over="ignore", invalid="ignore"):
        z = np.fmin(np.abs(residuals / spreads), FARTHEST)
    return np.asarray(-0.5 * z * z - np.log(spreads) - 0.5 * np.log(2.0 * np.pi))


# -- the forward filter -----------------------------------------------------------------------------------------


def forward(distribution: Array, transition: Array, steps: int, score: Callable[[slice], Array]) -> tuple[Array, Array]:
    """The distribution after each step, [steps, states], and the log likelihood of each observation, [steps].

    `score` hands out log likelihoods [.., states, groups] of a slice of the steps, each of them made of its own row
    alone: so the distribution after a step is bitwise the same whatever comes later, and wherever the series was cut.
    An observation that no state allows does not update the distribution, and has log likelihood -inf.
    """
    size = len(distribution)
    distributions, logs, ones = np.empty((steps, size)), np.empty(steps), np.ones(size)
    block = max(1, CELLS // (size * size))
    for start in range(0, steps, block):
        scores = score(slice(start, start + block))
        top = scores.max(axis=(1, 2))
        shift = np.where(np.isfinite(top), top, 0.0)
        matrices = _weighted(transition, np.exp(scores - shift[:, None, None]))
        totals, rescued = np.ones(len(scores)), {}
        for t, (matrix, row) in enumerate(zip(matrices, distributions[start : start + block], strict=True)):
            distribution.dot(matrix, row)
            total = row.dot(ones)
            if total > SMALLEST:
                np.divide(row, total, row)
                totals[t] = total
            else:
                row[:], rescued[t] = _in_logs(distribution, transition, scores[t])
            distribution = row
        logs[start : start + block] = np.log(totals) + shift
        for t, worth in rescued.items():
            logs[start + t] = worth
    return distributions, logs


def _weighted(transition: Array, likelihood: Array) -> Array:
    """``P * likelihood``: [..., states, states] and [..., states, groups]."""
    *lead, size, groups = likelihood.shape
    by_group = transition.reshape(*transition.shape[:-1], groups, size // groups)
    return np.asarray((by_group * likelihood[..., None]).reshape(*lead, size, size))


def _in_logs(distribution: Array, transition: Array, scores: Array) -> tuple[Array, float]:
    """One step in logs, where products would underflow."""
    with np.errstate(divide="ignore"):
        ways = (
            np.log(distribution)[:, None]
            + np.log(transition)
            + np.repeat(scores, len(distribution) // scores.shape[1], axis=1)
        )
    top = ways.max()
    if not np.isfinite(top):
        return distribution @ transition, -np.inf
    weights = np.exp(ways - top).sum(axis=0)
    total = weights.sum()
    return weights / total, float(top + np.log(total))


def reweighted(distributions: Array, scores: Array) -> Array:
    """Distributions [time, states] after seeing a value of log likelihoods [time, states];
    as they were where no state allows it.
    """
    with np.errstate(divide="ignore"):
        logs = np.log(distributions) + scores
    top = logs.max(axis=1, keepdims=True)
    seen = np.isfinite(top)
    weights = np.where(seen, np.exp(logs - np.where(seen, top, 0.0)), distributions)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


# -- the expectation step: several starts at once ---------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Expected:
    """Results of one forward-backward pass, for each initialisation.

    before : [time, starts, states] the distribution before each step, of the values before it.
    worth : [time, starts] the scale of each step; the sum of its logs is the log likelihood.
    ratio : [time + 1, starts, states]; times `before` it is the smoothed distribution.
    """

    before: Array
    worth: Array
    ratio: Array

    @property
    def smoothed(self) -> Array:
        """[time, starts, states]: the distribution before each step, of all values."""
        found = self.before * self.ratio[:-1]
        return np.asarray(found / found.sum(axis=-1, keepdims=True))


def floored(scores: Array) -> tuple[Array, Array]:
    """Likelihoods [..., states, groups] whose largest is 1, and the log that was taken out; an observation that no
    state allows has no effect.
    """
    top = scores.max(axis=(-1, -2))
    shift = np.where(np.isfinite(top), top, 0.0)[..., None, None]
    shifted = np.where(np.isfinite(top)[..., None, None], scores - shift, 0.0)
    return np.exp(np.maximum(shifted, FLOOR)), shift[..., 0, 0]


def expect(distribution: Array, kinds: Array, which: Index, likelihood: Array) -> Expected:
    """Forward and backward over all steps, distribution [starts, states], likelihood [time, starts, states, groups].

    Step t goes by ``kinds[which[t]]``, kinds [kinds, starts, states, states] with rows that sum to 1. The steps are
    split into about sqrt(time) blocks that are processed together: first their products, then the distributions at
    their edges, then the distributions inside. A fit is no forecast, so the order of its sums may depend on the length.
    """
    time, starts, size, groups = likelihood.shape
    count = max(int(np.ceil(np.sqrt(time))), 1) if size <= MOST_SCANNED else 1
    length = -(-time // count)
    rest = count * length - time
    # The last block is filled up with steps that change nothing.
    kinds = np.concatenate([kinds, np.broadcast_to(np.eye(size), (1, starts, size, size))])
    which = np.concatenate([which, np.full(rest, len(kinds) - 1)]).reshape(count, length)
    filled = np.concatenate([likelihood, np.ones((rest, starts, size, groups))]).reshape(
        count, length, starts, size, groups
    )

    def matrices(step: int) -> Array:
        return _weighted(kinds[which[:, step]], filled[:, step])

    product, logs = np.broadcast_to(np.eye(size), (count, starts, size, size)), np.zeros((count, starts, size))
    for step in range(length if count > 1 else 0):
        product = product @ matrices(step)
        total = product.sum(axis=-1)
        product, logs = product / total[..., None], logs + np.log(total)

    heads = _heads(distribution, product, logs)
    before, worth = np.empty((length, count, starts, size)), np.empty((length, count, starts))
    now = heads
    for step in range(length):
        before[step] = now
        moved = (now[:, :, None] @ matrices(step))[:, :, 0]
        worth[step] = moved.sum(axis=-1)
        now = moved / worth[step][..., None]

    ratio = np.empty_like(before)
    now = _tails(heads, product, logs)
    for step in range(length - 1, -1, -1):
        ratio[step] = now
        with np.errstate(over="ignore"):  # likelihoods far apart: capped at the largest float
            now = np.minimum((matrices(step) @ now[..., None])[..., 0] / worth[step][..., None], 1e300)

    def in_time(array: Array) -> Array:
        return np.swapaxes(array, 0, 1).reshape(count * length, *array.shape[2:])[:time]

    return Expected(in_time(before), in_time(worth), np.concatenate([now[:1], in_time(ratio)]))


def _heads(distribution: Array, product: Array, logs: Array) -> Array:
    """[blocks, starts, states]: the distribution before each block."""
    heads = np.empty(logs.shape)
    heads[0] = distribution
    with np.errstate(divide="ignore"):
        for block in range(1, len(heads)):
            weights = np.log(heads[block - 1]) + logs[block - 1]
            weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
            moved = (weights[:, None] @ product[block - 1])[:, 0]
            heads[block] = moved / moved.sum(axis=-1, keepdims=True)
    return heads


def _tails(heads: Array, product: Array, logs: Array) -> Array:
    """[blocks, starts, states]: likelihood of the data after each block given each state, relative to the average."""
    tails = np.ones(logs.shape)
    with np.errstate(divide="ignore"):
        for block in range(len(heads) - 1, 0, -1):
            weights = np.log((product[block] @ tails[block][..., None])[..., 0]) + logs[block]
            weights = weights - (weights + np.log(heads[block])).max(axis=-1, keepdims=True)
            weights = np.exp(np.minimum(weights, 650.0))
            tails[block - 1] = weights / (heads[block] * weights).sum(axis=-1, keepdims=True)
    return tails


# -- EM iteration ---------------------------------------------------------------------------------------------------


def iterate(
    starts: Parameters, improve: Callable[[Parameters], tuple[Parameters, Array]], iterations: int
) -> tuple[Parameters, float]:
    """The best parameters over all initialisations, and the gain in log likelihood of their last iteration.

    `improve` returns the next parameters, and the log likelihood [starts] of those it was given. A start stops when it
    has converged; an iteration that lowers the likelihood is discarded.
    """
    best, now = tuple(array.copy() for array in starts), starts
    reached, gains = np.full(len(starts[0]), -np.inf), np.full(len(starts[0]), np.inf)
    active = np.arange(len(reached))
    for _ in range(iterations + 1):
        following, value = improve(now)
        gains[active] = np.nan_to_num(value - reached[active], nan=0.0, posinf=np.inf)
        better = gains[active] > 0.0
        for kept, found in zip(best, now, strict=True):
            kept[active[better]] = found[better]
        reached[active[better]] = value[better]
        going = gains[active] > TOLERANCE
        active, now = active[going], tuple(array[going] for array in following)
        if not len(active):
            break
    winner = int(np.argmax(reached))
    if not np.isfinite(reached[winner]):
        raise FitError("no start of the fit has a finite likelihood: scale the series", code="diverged")
    return tuple(array[winner] for array in best), float(gains[winner])

"""Baum-Welch for normal numbers and for symbols: scaling, initial values, one iteration for several initialisations at
once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..protocols import Array, Index
from . import chains, linear
from .chains import Parameters

NARROWEST = 1e-3
"""The smallest standard deviation of a state, as a share of that of the series, so that no state collapses on one
value.
"""


def in_one_unit(parts: Sequence[Array]) -> tuple[list[Array], Array, float, int]:
    """The parts as ``(x - location) * 2**-e``, gaps kept; all observed values, joined; location and e.

    A shift and a power of two, which is exact: what is learned does not depend on the unit.
    """
    seen = [~np.isnan(part) for part in parts]
    observed = [part[there] for part, there in zip(parts, seen, strict=True)]
    location = linear.mean_of([run for run in observed if len(run)])
    scaled, exponent = linear.standardised(observed, location)
    found = [np.full(len(part), np.nan) for part in parts]
    for whole, there, run in zip(found, seen, scaled, strict=True):
        whole[there] = run
    return found, np.concatenate(scaled), location, exponent


def gaussian_starts(values: Array, states: int, starts: int, seed: int) -> Parameters:
    """Initial parameters (start, transition, means, spreads), [starts, ...]: one by k-means, the others at random."""
    rng = np.random.default_rng(seed)
    shares = (np.arange(states) + rng.random((starts, states))) / states
    shares[1::2] = np.sort(rng.random(shares[1::2].shape), axis=1)
    shares[0] = (np.arange(states) + 0.5) / states
    means = np.quantile(values, shares)
    spreads = values.std() * np.exp(rng.uniform(-1.5, 0.0, means.shape))
    means[0], spreads[0] = _k_means(values, means[0])
    return np.full(means.shape, 1.0 / states), sticky(rng, starts, states), means, spreads


def _k_means(values: Array, centers: Array, rounds: int = 20) -> tuple[Array, Array]:
    """Lloyd's algorithm on a line: centers and the spreads around them."""
    spreads = np.full(len(centers), values.std())
    for _ in range(rounds):
        centers = np.sort(centers)
        nearest = np.searchsorted(0.5 * (centers[1:] + centers[:-1]), values)
        for place in range(len(centers)):
            own = values[nearest == place]
            if len(own):
                centers[place], spreads[place] = own.mean(), own.std()
    return centers, np.maximum(spreads, NARROWEST * values.std())


def sticky(rng: np.random.Generator, starts: int, states: int) -> Array:
    """[starts, states, states] initial transitions with a high probability to stay: 0.8 in the first, 0.5 to 0.98 in
    the others.
    """
    stay = rng.uniform(0.5, 0.98, (starts, 1, 1))
    stay[0] = 0.8
    return np.asarray(stay * np.eye(states) + (1.0 - stay) / states)


def categorical_starts(codes: Array, symbols: int, states: int, starts: int, seed: int) -> Parameters:
    """Initial start, transition and emission, [starts, ...]: the distribution of the symbols, perturbed for each
    state.
    """
    rng = np.random.default_rng(seed)
    distribution = np.bincount(codes[~np.isnan(codes)].astype(np.intp), minlength=symbols) + 1.0
    emission = distribution * rng.gamma(1.0, size=(starts, states, symbols)) + 1e-3
    transition = 0.5 * sticky(rng, starts, states) + 0.5 * rng.dirichlet(np.ones(states), (starts, states))
    return np.full((starts, states), 1.0 / states), transition, emission / emission.sum(axis=-1, keepdims=True)


def gaussian_scores(values: Array, means: Array, std: Array) -> Array:
    """[time, ..., states] log densities of values [time] given means and stds [..., states]; 0 at a missing value."""
    column = values.reshape(-1, *([1] * means.ndim))
    with np.errstate(over="ignore"):
        scores = chains.normal_scores(column - means, std)
    scores[np.isnan(values)] = 0.0
    return scores


def categorical_scores(codes: Array, table: Array) -> Array:
    """[time, ..., states] from log emissions [..., states, symbols]; -1 is an unknown symbol, NaN a missing value."""
    silent = np.zeros((*table.shape[:-1], 1))
    full = np.concatenate([table, silent, silent - np.inf], axis=-1)
    places = np.where(np.isnan(codes), len(table.T), np.where(codes < 0, len(table.T) + 1, codes)).astype(np.intp)
    return np.ascontiguousarray(np.moveaxis(full[..., places], -1, 0))


def _look(start: Array, transition: Array, scores: Array, lengths: Index) -> tuple[Array, Parameters, Array]:
    """Smoothed distributions [time, starts, states], the next start and transition,
    and the log likelihoods [starts].
    """
    likelihood, shift = chains.floored(scores[..., None])
    ends = np.cumsum(lengths)[lengths > 0] - 1
    which = np.zeros(len(scores), dtype=np.intp)
    which[ends] = 1  # after the last value of a series the chain starts anew
    anew = np.broadcast_to(start[:, None, :], transition.shape)
    seen = chains.expect(start, np.stack([transition, anew]), which, likelihood)
    smoothed = seen.smoothed
    passed = seen.before * likelihood[..., 0] / seen.worth[..., None]
    passed[ends] = 0.0
    counts = transition * np.matmul(passed.transpose(1, 2, 0), seen.ratio[1:].transpose(1, 0, 2))
    left = counts.sum(axis=-1, keepdims=True)
    following = np.where(left > 0.0, counts / np.where(left > 0.0, left, 1.0), transition)
    first = np.concatenate([[0], ends[:-1] + 1])
    value = (np.log(seen.worth) + shift).sum(axis=0)
    return smoothed, (smoothed[first].mean(axis=0), following), value


def gaussian_step(now: Parameters, values: Array, lengths: Index, narrowest: float) -> tuple[Parameters, Array]:
    """One step of Baum-Welch for each start, and the log likelihood [starts] before it."""
    start, transition, means, std = now
    smoothed, chain, value = _look(start, transition, gaussian_scores(values, means, std), lengths)
    seen = ~np.isnan(values)
    weights, column = smoothed[seen], values[seen][:, None, None]
    total = weights.sum(axis=0)
    occupied = total > 0.0
    safe = np.where(occupied, total, 1.0)
    centers = np.where(occupied, (weights * column).sum(axis=0) / safe, means)
    squares = (weights * (column - centers) ** 2).sum(axis=0) / safe
    return (*chain, centers, np.where(occupied, np.maximum(np.sqrt(squares), narrowest), std)), value


def categorical_step(now: Parameters, codes: Array, lengths: Index) -> tuple[Parameters, Array]:
    """One step of the EM iteration for symbols."""
    start, transition, emission = now
    with np.errstate(divide="ignore"):
        scores = categorical_scores(codes, np.log(emission))
    smoothed, chain, value = _look(start, transition, scores, lengths)
    counts = np.stack([smoothed[codes == place].sum(axis=0) for place in range(emission.shape[-1])], axis=-1)
    total = counts.sum(axis=-1, keepdims=True)
    return (*chain, np.where(total > 0.0, counts / np.where(total > 0.0, total, 1.0), emission)), value

"""Structural time series: blocks put together to one state space, and their parameters by maximum likelihood.

A structure is a tuple of block names. Variances of shocks are in units of the noise, which leaves the likelihood by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from ..protocols import Array
from . import kalman, subspace
from .kalman import System

Structure = tuple[str, ...]

# The parameters of each block, in order. A "shock" is a variance in units of the noise.
PARAMETERS: dict[str, tuple[str, ...]] = {
    "cycle": ("frequency", "damping", "shock"),
    "damped": ("memory", "shock"),
    "walk": ("shock",),
    "fixed": (),
    "trend": ("shock", "shock"),
    "seasonal": ("shock",),
}
# Where the search begins, twice: slow and steady, or quick and loose. Beside a cycle a damped level begins looser.
STARTS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "cycle": ((0.999, 1e-4), (0.98, 1e-2)),
    "damped": ((0.9, 1.0), (0.99, 0.01)),
    "walk": ((1.0,), (0.01,)),
    "fixed": ((), ()),
    "trend": ((0.1, 1e-4), (1e-2, 1e-2)),
    "seasonal": ((1e-4,), (1e-2,)),
}
BESIDE_A_CYCLE: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {"damped": ((0.9, 0.1), (0.9, 0.1))}
LEAST_SHOCK, MOST_SHOCK = 1e-9, 1e4
SURELY = 2
NEAR_ONE = 1.0 - 1e-12
EVALUATIONS = 60
TOLERANCE, LAST_TOLERANCE = 1e-6, 1e-12
"""Of the search among structures, and of the one that is taken."""
DIFFUSE = 1e5
"""Variance of a first state of which nothing is known, in the squared unit of the (standardised) values."""
FAILED = 1e6


def states(structure: Structure, period: int) -> int:
    """How many numbers the state has."""
    sizes = {"cycle": 2, "trend": 2, "seasonal": period - 1}
    return sum(sizes.get(block, 1) for block in structure)


def system(structure: Structure, parameters: Array, noise: float, period: int) -> System:
    """The state space of these blocks; parameters [..] in the order of the blocks, shocks in units of `noise`."""
    size = states(structure, period)
    A, C, Q, moving = np.zeros((size, size)), np.zeros(size), np.zeros(size), np.zeros(size, dtype=bool)
    at, left = 0, list(parameters)
    for block in structure:
        own, left = left[: len(PARAMETERS[block])], left[len(PARAMETERS[block]) :]
        step, shocks, moves = _block(block, own, period)
        here = slice(at, at + len(step))
        A[here, here], Q[here], moving[here], C[at] = step, shocks, moves, 1.0
        at += len(step)
    return System(A, C, np.diag(Q * noise), noise, moving)


def _block(block: str, own: Sequence[float], period: int) -> tuple[Array, Any, Any]:
    """Transition, variances of the shocks, and whether any shock ever reaches each state."""
    if block == "cycle":
        angle, damping, shock = own
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        return damping * turn, shock, shock > 0.0
    if block == "trend":
        return np.array([[1.0, 1.0], [0.0, 1.0]]), own, [own[0] > 0.0 or own[1] > 0.0, own[1] > 0.0]
    if block == "seasonal":
        # The pattern sums to zero over a season, but for a shock: the newest effect is minus the sum of the others.
        step = np.eye(period - 1, k=-1)
        step[0] = -1.0
        return step, [own[0], *[0.0] * (period - 2)], own[0] > 0.0
    memory, shock = own if block == "damped" else (1.0, own[0] if own else 0.0)
    return np.array([[memory]]), shock, shock > 0.0


@dataclass(frozen=True)
class Fit:
    """A structure, its parameters (shocks in units of the noise), the noise variance, and the BIC."""

    structure: Structure
    parameters: Array
    noise: float
    bic: float


def fit(structures: Sequence[Structure], series: Sequence[Array], period: int) -> Fit:
    """The structure with the lowest BIC, at the greatest likelihood; standardised series with NaN where values are missing.

    The search fills gaps by straight lines; what is fitted in the end steps over them.
    """
    found = best(structures, [_filled(values) for values in series], period)
    start = _free(found.structure, found.parameters)
    if any(np.isnan(values).any() for values in series):
        prior = DIFFUSE / max(found.noise, np.finfo(np.float64).tiny)
        residuals = partial(_residuals_over_gaps, structure=found.structure, series=series, period=period, prior=prior)
        parameters = _natural(found.structure, _minimised(residuals, start, found.structure, last=True))
        scaled, _, free = _scaled_innovations(system(found.structure, parameters, 1.0, period), series, prior)
        return replace(found, parameters=parameters, noise=float(scaled @ scaled) / free)
    residuals = partial(_residuals, structure=found.structure, runs=series, period=period)
    return _settled(found.structure, _minimised(residuals, start, found.structure, last=True), series, period)


def _filled(values: Array) -> Array:
    seen = ~np.isnan(values)
    return values if seen.all() else np.interp(np.arange(len(values)), np.flatnonzero(seen), values[seen])


def best(structures: Sequence[Structure], runs: Sequence[Array], period: int) -> Fit:
    """The fit with the lowest BIC of several structures, simple ones first. A third cycle is tried only where two were best.

    Two are tried even where one was not: of two waves, one alone may explain nothing.
    """
    found: Fit | None = None
    for cycles in sorted({structure.count("cycle") for structure in structures}):
        if found is not None and cycles > max(found.structure.count("cycle") + 1, SURELY):
            break
        for structure in (s for s in structures if s.count("cycle") == cycles):
            fit = maximised(structure, runs, period)
            if found is None or fit.bic < found.bic:
                found = fit
    assert found is not None  # noqa: S101
    return found


def maximised(structure: Structure, runs: Sequence[Array], period: int) -> Fit:
    """Maximum likelihood from two starts, on complete stretches around 0. The frequencies begin where ESPRIT finds them."""
    angles = subspace.frequencies(runs, structure.count("cycle")) if "cycle" in structure else []
    residuals = partial(_residuals, structure=structure, runs=runs, period=period)
    starts = [_free(structure, _start(structure, angles, which)) for which in (0, 1)]
    ends = [_minimised(residuals, start, structure) for start in (starts if len(starts[0]) else starts[:1])]
    return _settled(structure, min(ends, key=lambda theta: float(np.sum(residuals(theta) ** 2))), runs, period)


def _minimised(residuals: Callable[[Array], Array], start: Array, structure: Structure, last: bool = False) -> Array:
    from scipy.optimize import least_squares

    if not len(start):
        return start
    low, high = _bounds(structure)
    inside = np.clip(start, np.add(low, 1e-9), np.subtract(high, 1e-9))
    tolerance = LAST_TOLERANCE if last else TOLERANCE
    return np.asarray(
        least_squares(residuals, inside, bounds=(low, high), ftol=tolerance, xtol=tolerance, max_nfev=EVALUATIONS).x
    )


def _settled(structure: Structure, theta: Array, runs: Sequence[Array], period: int) -> Fit:
    """The noise that belongs to the parameters, and the BIC: every first state counts as parameters, too."""
    parameters = _natural(structure, theta)
    unit = system(structure, parameters, 1.0, period)
    squares = sum(float(rest @ rest) for run in runs for rest in [kalman.profiled(*kalman.innovations(unit, run))[0]])
    count, first = sum(len(run) for run in runs), states(structure, period) * len(runs)
    bic = count * np.log(max(squares / count, np.finfo(np.float64).tiny)) + (len(theta) + first) * np.log(count)
    return Fit(structure, parameters, squares / max(count - first, 1) / unit.settled.spread, float(bic))


def _residuals(theta: Array, structure: Structure, runs: Sequence[Array], period: int) -> Array:
    """Numbers whose sum of squares is least where the likelihood is greatest, the noise and the first states left out."""
    try:
        unit = system(structure, _natural(structure, theta), 1.0, period)
        parts = [kalman.profiled(*kalman.innovations(unit, run)) for run in runs]
    except np.linalg.LinAlgError:
        return np.full(sum(len(run) + states(structure, period) for run in runs), FAILED)
    rest = np.concatenate([part[0] for part in parts])
    free = sum(len(run) for run in runs) - states(structure, period) * len(runs)
    # (n - d) log RSS + log |G'G| is (n - d) log of the sum of squares of these.
    scale = np.exp(0.5 * sum(part[1] for part in parts) / max(free, 1))
    return _finite(rest * scale)


def _scaled_innovations(unit: System, series: Sequence[Array], prior: float) -> tuple[Array, float, int]:
    """Innovations over their standard deviations, the sum of the logs of those, and how many values were not used up by the
    first states.
    """
    scaled, logs, size = [], [], len(unit.reading)
    for values in series:
        means, spreads = kalman.filtered(unit, values, np.zeros(size), prior * np.eye(size))
        seen = ~np.isnan(values)
        spread = np.einsum("i,tij,j->t", unit.reading, spreads[:-1], unit.reading)[seen] + unit.noise
        scaled.append((values - means[:-1] @ unit.reading)[seen] / np.sqrt(spread))
        logs.append(0.5 * np.log(spread))
    flat = np.concatenate(scaled)
    return flat, float(np.concatenate(logs).sum()), max(len(flat) - size * len(series), 1)


def _residuals_over_gaps(theta: Array, structure: Structure, series: Sequence[Array], period: int, prior: float) -> Array:
    try:
        scaled, logs, free = _scaled_innovations(system(structure, _natural(structure, theta), 1.0, period), series, prior)
    except np.linalg.LinAlgError:
        return np.full(sum(int((~np.isnan(values)).sum()) for values in series), FAILED)
    return _finite(scaled * np.exp(logs / free))


def _finite(residuals: Array) -> Array:
    return np.asarray(np.nan_to_num(residuals, nan=FAILED, posinf=FAILED, neginf=-FAILED))


def _start(structure: Structure, angles: Sequence[float], which: int) -> Array:
    beside = BESIDE_A_CYCLE if "cycle" in structure else {}
    waves, out = iter(angles), []
    for block in structure:
        if block == "cycle":
            out.append(next(waves))
        out += beside.get(block, STARTS[block])[which]
    return np.array(out)


def _names(structure: Structure) -> list[str]:
    return [name for block in structure for name in PARAMETERS[block]]


def _bounds(structure: Structure) -> tuple[list[float], list[float]]:
    shock = [name == "shock" for name in _names(structure)]
    most = float(np.log(MOST_SHOCK))
    return [float(np.log(LEAST_SHOCK)) if s else -np.inf for s in shock], [most if s else np.inf for s in shock]


def _free(structure: Structure, parameters: Array) -> Array:
    """Parameters as numbers without bounds, but for the logs of the shocks."""
    into: dict[str, Callable[[float], float]] = {
        "frequency": lambda w: float(np.log(w / (np.pi - w))),
        "damping": lambda r: float(np.log(r / (1.0 - min(r, NEAR_ONE)))),
        "memory": lambda r: float(np.arctanh(np.clip(r, -NEAR_ONE, NEAR_ONE))),
        "shock": lambda q: float(np.log(q)),
    }
    return np.array([into[name](value) for name, value in zip(_names(structure), parameters, strict=True)])


def _natural(structure: Structure, theta: Array) -> Array:
    from scipy.special import expit

    out_of: dict[str, Callable[[float], float]] = {
        "frequency": lambda v: float(np.pi * expit(v)),
        "damping": lambda v: float(expit(v)),
        "memory": lambda v: float(np.tanh(v)),
        "shock": lambda v: float(np.exp(v)),
    }
    return np.array([out_of[name](value) for name, value in zip(_names(structure), theta, strict=True)])

"""Structural time series: components ("blocks") joined to one state space model, and maximum likelihood.

A structure is a tuple of block names. Variances of shocks are in units of the noise variance, which is concentrated out
of the likelihood.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

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
# Two starting values of the search: slowly varying, and quickly varying. Given a cycle a damped level has its own.
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
NEAR_ONE = 1.0 - 1e-9
"""Largest damping and memory in a search: over a million steps it loses a thousandth."""
SLOWEST, FASTEST = 3.0, 1e-6
"""Longest period of a cycle in lengths of the longest series; distance of the highest frequency from pi."""
LEAST_NOISE = 1e-10
"""Least noise variance, in units of the variance of the training part: below it is rounding."""
FEWEST_STEPS, MOST_STEPS, LOOKS = 12, 60, 400
"""Fewest and most iterations of one search; passes over the data, of which an iteration takes one per parameter."""
INSIDE = 1e-9
PENALTY = 0.02**2
"""Penalty on the squared initial state: keeps an unidentified state from diverging."""
TOLERANCE, LAST_TOLERANCE = 1e-6, 1e-12
"""Tolerances of the search among structures, and of the final fit."""
FAILED = 1e6


def states(structure: Structure, period: int) -> int:
    """Dimension of the state."""
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
    """A structure, its parameters (shocks in units of the noise), the noise variance, the BIC,
    and where the search ended.
    """

    structure: Structure
    parameters: Array
    noise: float
    bic: float
    theta: Array


def fit(structures: Sequence[Structure], series: Sequence[Array], period: int) -> Fit:
    """The structure with the lowest BIC, at the greatest likelihood; standardised series with NaN where values are
    missing.

    The search interpolates gaps linearly. White noise looks like an autoregression then: so the structures of one
    block, and what the search found, are fitted once more with missing values, and compared there.
    """
    tried = search(structures, Data.of([_filled(values) for values in series], period))
    found, exact = _best(tried), Data.of(series, period)
    if exact.gaps:
        again = [one for one in tried if len(one.structure) == 1 or one is found]
        found = _best([_settled(one.structure, _minimised(one.structure, one.theta, exact), exact) for one in again])
    return _settled(found.structure, _minimised(found.structure, found.theta, exact, last=True), exact)


def _best(fits: Sequence[Fit]) -> Fit:
    return min(fits, key=lambda one: one.bic)


def _filled(values: Array) -> Array:
    seen = ~np.isnan(values)
    return values if seen.all() else np.interp(np.arange(len(values)), np.flatnonzero(seen), values[seen])


@dataclass(frozen=True)
class Data:
    """Series in units of their spread: those without a gap by their length, [series, time] each,
    and those with gaps.
    """

    whole: tuple[Array, ...]
    gaps: tuple[Array, ...]
    period: int

    @classmethod
    def of(cls, series: Sequence[Array], period: int) -> Data:
        """Data in batches, so that series of one length go through the filter together."""
        whole = [values for values in series if not np.isnan(values).any()]
        lengths = sorted({len(values) for values in whole})
        batches = [np.stack([values for values in whole if len(values) == length]) for length in lengths]
        return cls(tuple(batches), tuple(values for values in series if np.isnan(values).any()), period)

    @property
    def longest(self) -> int:
        """How many values the longest series has."""
        return max(int(part.shape[-1]) for part in (*self.whole, *self.gaps))

    @property
    def runs(self) -> list[Array]:
        """The series without a gap, one by one."""
        return [run for batch in self.whole for run in batch]

    def count(self, size: int) -> tuple[int, int]:
        """Number of observed values, and of parameters in the initial states of all series."""
        seen = sum(batch.size for batch in self.whole) + sum(int((~np.isnan(values)).sum()) for values in self.gaps)
        return seen, size * (sum(len(batch) for batch in self.whole) + len(self.gaps))

    def innovations(self, unit: System, penalty: Array) -> tuple[Array, float, float]:
        """All innovations less what the best initial states explain, each in units of the steady-state one; the sum of
        the logs of those units, and of the log determinants of the information on the initial states.
        """
        parts, units, determinants = [], 0.0, 0.0
        for batch in self.whole:
            rest, determinant = kalman.profiled(*kalman.innovations(unit, batch), penalty)
            parts.append(rest.reshape(-1))
            determinants += determinant * len(batch)
        for values in self.gaps:
            innovation, shown, logs = kalman.innovations_over_gaps(unit, values)
            rest, determinant = kalman.profiled(innovation, shown, penalty)
            parts.append(rest)
            units, determinants = units + logs, determinants + determinant
        return np.concatenate(parts), units, determinants


def search(structures: Sequence[Structure], data: Data) -> list[Fit]:
    """The fits of structures, simple ones first. A third cycle is tried only where two were best.

    Two are tried even where one did not help: of two cycles, one alone may explain nothing.
    """
    tried: list[Fit] = []
    for cycles in sorted({structure.count("cycle") for structure in structures}):
        if tried and cycles > max(_best(tried).structure.count("cycle") + 1, SURELY):
            break
        tried += [maximised(structure, data) for structure in structures if structure.count("cycle") == cycles]
    return tried


def maximised(structure: Structure, data: Data) -> Fit:
    """Maximum likelihood from two starts, on complete series around 0.
    The frequencies begin where ESPRIT finds them.
    """
    angles = subspace.frequencies(data.runs, structure.count("cycle")) if "cycle" in structure else []
    starts = [_free(structure, _start(structure, angles, which)) for which in (0, 1)]
    ends = [_minimised(structure, start, data) for start in (starts if len(starts[0]) else starts[:1])]
    return _settled(
        structure, min(ends, key=lambda theta: float(np.sum(_residuals(theta, structure, data) ** 2))), data
    )


def _minimised(structure: Structure, start: Array, data: Data, last: bool = False) -> Array:
    from scipy.optimize import least_squares

    if not len(start):
        return start
    low, high = _bounds(structure, data.longest)
    inside = np.clip(start, low + INSIDE, high - INSIDE)
    tolerance = LAST_TOLERANCE if last else TOLERANCE
    # An iteration costs one pass over the data for each parameter, and one more.
    steps = max(FEWEST_STEPS, min(MOST_STEPS, LOOKS // (len(start) + 1)))
    return np.asarray(
        least_squares(
            _residuals,
            inside,
            bounds=(low, high),
            ftol=tolerance,
            xtol=tolerance,
            max_nfev=steps,
            args=(structure, data),
        ).x
    )


def _settled(structure: Structure, theta: Array, data: Data) -> Fit:
    """The fit with its noise variance and BIC: every initial state counts as parameters, too."""
    parameters = _natural(structure, theta)
    unit = system(structure, parameters, 1.0, data.period)
    rest, units, _ = data.innovations(unit, _penalty(structure, parameters, unit)[0])
    count, first = data.count(len(unit.reading))
    squares = float(rest @ rest)
    bic = count * np.log(max(squares / count, LEAST_NOISE)) + units + (len(theta) + first) * np.log(count)
    noise = max(squares / max(count - first, 1) / unit.settled.spread, LEAST_NOISE)
    return Fit(structure, parameters, noise, float(bic), theta)


def _residuals(theta: Array, structure: Structure, data: Data) -> Array:
    """Numbers whose sum of squares is least where the likelihood is greatest,
    the noise and the initial states concentrated out.
    """
    parameters = _natural(structure, theta)
    unit = system(structure, parameters, 1.0, data.period)
    count, first = data.count(len(unit.reading))
    try:
        penalty, drawn = _penalty(structure, parameters, unit)
        rest, units, determinants = data.innovations(unit, penalty)
    except np.linalg.LinAlgError:
        return np.full(count + first, FAILED)
    # d of the initial states are free: (n - d) log RSS + log determinants is (n - d) log of the sum of squares of
    # these.
    series = first // len(penalty)
    free = max(count - first + int(drawn.sum()) * series, 1)
    return _finite(rest * np.exp(0.5 * (units + determinants - series * float(np.log(penalty[drawn]).sum())) / free))


def _penalty(structure: Structure, parameters: Array, unit: System) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Penalty on the square of each number of an initial state, in units of squared innovations, and which have a
    prior.

    A cycle is drawn from its stationary distribution: one that decays without new shocks would explain a few bends of
    the training part and nothing after it. Of other blocks the initial state is free, but for a small penalty.
    """
    penalty, drawn = np.full(len(unit.reading), PENALTY), np.zeros(len(unit.reading), dtype=bool)
    waves = structure.count("cycle")  # they come first
    _, damping, shock = parameters[: 3 * waves].reshape(-1, 3).T
    penalty[: 2 * waves] = np.repeat(unit.settled.spread * (1.0 - damping * damping) / shock, 2)
    drawn[: 2 * waves] = True
    return penalty, drawn


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


def _bounds(structure: Structure, longest: int) -> tuple[Array, Array]:
    """Bounds of theta. A period may be three times as long as the longest series: a longer one cannot be estimated."""
    least = {"frequency": 2.0 * np.pi / (SLOWEST * longest), "damping": 1e-3, "memory": -NEAR_ONE, "shock": LEAST_SHOCK}
    most = {"frequency": np.pi - FASTEST, "damping": NEAR_ONE, "memory": NEAR_ONE, "shock": MOST_SHOCK}
    names = _names(structure)
    low, high = (_free(structure, np.array([side[name] for name in names])) for side in (least, most))
    return low, high


def _free(structure: Structure, parameters: Array) -> Array:
    """Parameters on unbounded scales: logs, and log odds."""
    into: dict[str, Callable[[float], float]] = {
        "frequency": lambda w: float(np.log(w / (np.pi - w))),
        "damping": lambda r: float(np.log(r / (1.0 - r))),
        "memory": lambda r: float(np.arctanh(r)),
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

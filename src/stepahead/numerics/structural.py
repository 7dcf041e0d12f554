"""Structural time series: components ("blocks") joined to one state space model, and maximum likelihood.

A structure is a tuple of block names. Variances of shocks are in units of the noise variance, which is concentrated out
of the likelihood.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from ..protocols import Array
from ..windows import lagged
from . import kalman, subspace
from .kalman import System

Structure = tuple[str, ...]
"""Block names, as in ("cycle", "walk", "season:12:6")."""

# The parameters of each kind of block, in order. A "shock" is a variance in units of the noise.
PARAMETERS: dict[str, tuple[str, ...]] = {
    "cycle": ("frequency", "damping", "shock"),
    "damped": ("memory", "shock"),
    "walk": ("shock",),
    "fixed": (),
    "drift": ("shock",),
    "damped_trend": ("damping", "shock", "shock"),
    "trend": ("shock", "shock"),
    "season": ("shock",),
}
# Two starting values of the search: slowly varying, and quickly varying. Given a cycle a damped level has its own.
STARTS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "cycle": ((0.999, 1e-4), (0.98, 1e-2)),
    "damped": ((0.9, 1.0), (0.99, 0.01)),
    "walk": ((1.0,), (0.01,)),
    "fixed": ((), ()),
    "drift": ((1.0,), (0.01,)),
    "damped_trend": ((0.95, 0.1, 1e-4), (0.9, 1e-2, 1e-2)),
    "trend": ((0.1, 1e-4), (1e-2, 1e-2)),
    "season": ((1e-4,), (1e-2,)),
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
LEAST_PENALTY = 1e-12
"""The same of a block with a slope, and of a season, which the values determine well: in units of small innovations a
steep line is far from 0, and would pay for it with a worse BIC.
"""
DETERMINED = ("drift", "damped_trend", "trend", "season")
VERY_STRONG = 10.0
"""Least lead in BIC of a wave longer than the series: "very strong" evidence of Kass & Raftery, "Bayes factors" (1995).
"""
NEAR_UNIT_ROOT = 2.0
"""Least lead in BIC of a damped level over a random walk, about the 5 % level of a Dickey-Fuller test: a walk, too,
seems to come back to its mean.
"""
MOST_HARMONICS = 30
"""Most harmonics of a season, and of all seasons that a fit takes, two numbers of the state each."""
LAGS = 3
"""Lags beside which the harmonics of a season are counted."""
EXACT = 1e-10
"""Residual sum, in units of that of the values, below which a regression has left nothing but rounding."""
TOLERANCE, LAST_TOLERANCE = 1e-6, 1e-12
"""Tolerances of the search among structures, and of the final fit."""
FAILED = 1e6


def kind(block: str) -> str:
    """The kind of a block, which settles its parameters: "season" for "season:12:6"."""
    return block.partition(":")[0]


def season(period: int, harmonics: int) -> str:
    """The block of a season, a sum of harmonics."""
    return f"season:{period}:{harmonics}"


def season_of(block: str) -> tuple[int, int]:
    """(period, harmonics) of the block of a season."""
    _, period, harmonics = block.split(":")
    return int(period), int(harmonics)


def harmonics(period: int, shorter: Sequence[int] = ()) -> list[int]:
    """The harmonics that a season may have: 1 .. half the period, without those that a `shorter` one has already.

    >>> harmonics(7), harmonics(8, [4])
    ([1, 2, 3], [1, 3])
    """
    own = (j for j in range(1, period // 2 + 1) if all(j * other % period for other in shorter))
    return list(islice(own, MOST_HARMONICS))


def parameter_names(structure: Structure) -> list[str]:
    """The names of all parameters, in the order of the blocks."""
    return [name for block in structure for name in PARAMETERS[kind(block)]]


def states(structure: Structure) -> int:
    """Dimension of the state."""
    return sum(_sizes(structure))


@lru_cache(maxsize=256)
def _sizes(structure: Structure) -> tuple[int, ...]:
    """The dimension of each block."""
    sizes = {"cycle": 2, "drift": 2, "damped_trend": 2, "trend": 2}
    return tuple(
        sum(map(_width, _angles(structure, block))) if kind(block) == "season" else sizes.get(block, 1)
        for block in structure
    )


@lru_cache(maxsize=256)
def _angles(structure: Structure, block: str) -> tuple[float, ...]:
    """The frequencies of a season, in radians per step: those of the seasons before it are left out."""
    before = [season_of(other)[0] for other in structure[: structure.index(block)] if kind(other) == "season"]
    period, count = season_of(block)
    return tuple(2.0 * np.pi * j / period for j in harmonics(period, before)[:count])


def _width(angle: float) -> int:
    """How many numbers a harmonic has: one that changes sign at every step has a cosine alone."""
    return 1 if angle > np.pi - INSIDE else 2


def system(structure: Structure, parameters: Array, noise: float) -> System:
    """The state space of these blocks; parameters [..] in the order of the blocks, shocks in units of `noise`."""
    sizes = _sizes(structure)
    size = sum(sizes)
    A, C, Q, moving = np.zeros((size, size)), np.zeros(size), np.zeros(size), np.zeros(size, dtype=bool)
    at, left = 0, list(parameters)
    for block, own_size in zip(structure, sizes, strict=True):
        count, here = len(PARAMETERS[kind(block)]), slice(at, at + own_size)
        if kind(block) == "season":
            step, reads = _season(_angles(structure, block))
            shocks, moves = left[0], left[0] > 0.0
        else:
            step, shocks, moves = _block(block, left[:count])
            reads = np.zeros(own_size)
            reads[0] = 1.0
        A[here, here], Q[here], moving[here], C[here] = step, shocks, moves, reads
        at, left = at + own_size, left[count:]
    return System(A, C, np.diag(Q * noise), noise, moving)


def _block(block: str, own: Sequence[float]) -> tuple[Array, Any, Any]:
    """Transition, variances of the shocks, and whether any shock ever reaches each state."""
    if block == "cycle":
        angle, damping, shock = own
        return damping * _turn(angle), shock, shock > 0.0
    if block in ("trend", "drift", "damped_trend"):
        memory = own[0] if block == "damped_trend" else 1.0
        level, slope = (own[0], 0.0) if block == "drift" else own[-2:]
        return np.array([[1.0, memory], [0.0, memory]]), [level, slope], [level > 0.0 or slope > 0.0, slope > 0.0]
    memory, shock = own if block == "damped" else (1.0, own[0] if own else 0.0)
    return np.array([[memory]]), shock, shock > 0.0


def _season(angles: Sequence[float]) -> tuple[Array, Array]:
    """Transition and observation vector of the harmonics of a season."""
    turns = [_turn(angle) if _width(angle) == 2 else np.array([[-1.0]]) for angle in angles]
    size, at = sum(len(turn) for turn in turns), 0
    step, reads = np.zeros((size, size)), np.zeros(size)
    for turn in turns:
        step[at : at + len(turn), at : at + len(turn)], reads[at] = turn, 1.0
        at += len(turn)
    return step, reads


def _turn(angle: float) -> Array:
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


@dataclass(frozen=True)
class Fit:
    """A structure, its parameters (shocks in units of the noise), the noise variance, the BIC, where the search ended,
    and the period of a wave that was left out, if any.
    """

    structure: Structure
    parameters: Array
    noise: float
    bic: float
    theta: Array
    left_out: float | None = None


def fit(
    structures: Sequence[Structure], series: Sequence[Array], periods: Sequence[int] = (), always: bool = False
) -> Fit:
    """The structure with the lowest BIC, at the greatest likelihood; standardised series with NaN where values are
    missing.

    Of a season with `periods` the best structure is tried with and without; with alone, if it is there `always`.

    The search interpolates gaps linearly. White noise looks like an autoregression then: so the structures of one
    block, and what the search found, are fitted once more with missing values, and compared there.
    """
    filled, exact = [_filled(values) for values in series], Data.of(series)
    tried: list[Fit] = []
    found: list[Fit] = []
    if not (periods and always):
        tried = search(structures, Data.of(filled))
        found.append(_best(tried, exact.longest))
    if periods:
        found.append(_with_season(structures, filled, periods))
    best = _best(found, exact.longest)
    if exact.gaps:
        again = [one for one in tried if len(one.structure) == 1 and one not in found] + found
        refitted = [_settled(one.structure, _minimised(one.structure, one.theta, exact), exact) for one in again]
        best = _best(
            [replace(new, left_out=old.left_out) for old, new in zip(again, refitted, strict=True)], exact.longest
        )
    last = _settled(best.structure, _minimised(best.structure, best.theta, exact, last=True), exact)
    return replace(last, left_out=best.left_out)


def _best(fits: Sequence[Fit], longest: int) -> Fit:
    """The lowest BIC. A damped level needs more than a hair's breadth over a random walk; and a wave longer than the
    series very strong evidence against the best of those without a wave, as a part of it is a line or a bend.
    """
    best = min(fits, key=lambda one: one.bic)
    if "damped" in best.structure:
        other = tuple("walk" if block == "damped" else block for block in best.structure)
        best = next((one for one in fits if one.structure == other and one.bic < best.bic + NEAR_UNIT_ROOT), best)
    plain = min((one for one in fits if "cycle" not in one.structure), key=lambda one: one.bic, default=None)
    waves = best.parameters[: 3 * best.structure.count("cycle") : 3]
    period = max((2.0 * np.pi / float(wave) for wave in waves), default=0.0)
    if plain is None or period <= longest or plain.bic - best.bic > VERY_STRONG:
        return best
    return replace(plain, left_out=period)


def _with_season(structures: Sequence[Structure], series: Sequence[Array], periods: Sequence[int]) -> Fit:
    """The best structure of the values less their season, fitted once more with it."""
    blocks = season_blocks(series, periods)
    rest = _without_season(series, blocks)
    bare = [structure for structure in structures if structure]
    found = _best(search(bare, Data.of(rest)), len(max(series, key=len))) if bare else None
    structure = (*(found.structure if found else ()), *blocks)
    start = np.concatenate([found.theta if found else np.empty(0), _free(blocks, _start(blocks, [], 0))])
    data = Data.of(series)
    fitted = _settled(structure, _minimised(structure, start, data), data)
    return replace(fitted, left_out=found.left_out if found else None)


def season_blocks(series: Sequence[Array], periods: Sequence[int]) -> Structure:
    """A block for each season, with as many harmonics as give the lowest AICc beside a line and three lags.

    Source: Hurvich & Tsai, "Regression and time series model selection in small samples" (1989), for AICc.
    """
    blocks: list[str] = []
    for period in periods:
        before = [season_of(block) for block in blocks]
        own = harmonics(period, [shorter for shorter, _ in before])
        own = own[: max(MOST_HARMONICS - sum(count for _, count in before), 1)]
        left, rows = np.zeros(len(own) + 1), 0
        for values in series:
            if len(values) > 2 * LAGS:
                left += _left_by_harmonics(values, blocks, period, own)
                rows += len(values) - LAGS
        terms = len(series) * (2.0 * np.arange(1, len(own) + 1) + states(tuple(blocks)) + LAGS + 2.0)
        freedom = rows - terms - 1.0
        least = EXACT * max(left[0], np.finfo(np.float64).tiny)
        with np.errstate(divide="ignore", invalid="ignore"):
            score = rows * np.log(np.maximum(left[1:], least)) + 2.0 * terms + 2.0 * terms * (terms + 1.0) / freedom
        count = int(np.argmin(np.where(freedom > 0.0, score, np.inf))) + 1
        blocks.append(season(period, count))
    return tuple(blocks)


def _left_by_harmonics(values: Array, blocks: Sequence[str], period: int, own: Sequence[int]) -> Array:
    """[harmonics + 1] the residual sum of the values around their mean, and with the first 1, 2 .. harmonics."""
    t = np.arange(len(values))
    line = np.column_stack([np.ones(len(values)), np.linspace(-1.0, 1.0, len(values)), _waves_of(blocks, t)])[LAGS:]
    lags, target = lagged(values, LAGS + 1), values[LAGS:]
    base = np.column_stack([line, lags[:, :-1]])
    whole = float(np.sum((target - target.mean()) ** 2))
    rest = target - base @ np.linalg.lstsq(base, target, rcond=None)[0]
    if float(rest @ rest) <= EXACT * whole:
        base = line  # the lags alone tell everything, a season among it
    waves = np.column_stack([_wave(2.0 * np.pi * j / period, t[LAGS:]) for j in own])
    widths = np.cumsum([1 if 2 * j == period else 2 for j in own])
    q, _ = np.linalg.qr(np.column_stack([base, waves]))
    across = q.T @ target
    shown = np.concatenate([[0.0], np.cumsum(across[base.shape[1] :] ** 2)])
    before = target - q[:, : base.shape[1]] @ across[: base.shape[1]]
    after = float(before @ before) - shown[np.minimum(widths, len(shown) - 1)]
    return np.concatenate([[whole], np.maximum(after, 0.0)])


def _wave(angle: float, t: Any) -> Array:
    """[time, 1 or 2]: cosine, and a sine that is not 0 everywhere."""
    waves = np.column_stack([np.cos(angle * t), np.sin(angle * t)])
    return waves[:, : _width(angle)]


def _waves_of(blocks: Sequence[str], t: Any) -> Array:
    """[time, states]: the waves of season blocks."""
    found = [_wave(angle, t) for block in blocks for angle in _angles(tuple(blocks), block)]
    return np.column_stack(found) if found else np.empty((len(t), 0))


def _without_season(series: Sequence[Array], blocks: Structure) -> list[Array]:
    """The series less their season, which a regression beside a line gives."""
    out = []
    for values in series:
        waves = _waves_of(blocks, np.arange(len(values)))
        lines = np.column_stack([np.ones(len(values)), np.linspace(-1.0, 1.0, len(values)), waves])
        out.append(values - waves @ np.linalg.lstsq(lines, values, rcond=None)[0][2:])
    return out


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

    @classmethod
    def of(cls, series: Sequence[Array]) -> Data:
        """Data in batches, so that series of one length go through the filter together."""
        whole = [values for values in series if not np.isnan(values).any()]
        lengths = sorted({len(values) for values in whole})
        batches = [np.stack([values for values in whole if len(values) == length]) for length in lengths]
        return cls(tuple(batches), tuple(values for values in series if np.isnan(values).any()))

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
        if tried and cycles > max(min(tried, key=lambda one: one.bic).structure.count("cycle") + 1, SURELY):
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
    """The fit with its noise variance and BIC: every initial state counts as parameters, too.

    Those of a season cost as much for its first harmonic alone; the others cost 2 each, as where they were counted.
    """
    parameters = _natural(structure, theta)
    unit = system(structure, parameters, 1.0)
    rest, units, _ = data.innovations(unit, _penalty(structure, parameters, unit)[0])
    count, first = data.count(len(unit.reading))
    squares = float(rest @ rest)
    more = sum(max(n - 2, 0) for n, one in zip(_sizes(structure), structure, strict=True) if kind(one) == "season")
    more = first * more // max(len(unit.reading), 1)
    cost = (len(theta) + first - more) * np.log(count) + 2.0 * more
    bic = count * np.log(max(squares / count, LEAST_NOISE)) + units + cost
    noise = max(squares / max(count - first, 1) / unit.settled.spread, LEAST_NOISE)
    return Fit(structure, parameters, noise, float(bic), theta)


def _residuals(theta: Array, structure: Structure, data: Data) -> Array:
    """Numbers whose sum of squares is least where the likelihood is greatest,
    the noise and the initial states concentrated out.
    """
    parameters = _natural(structure, theta)
    unit = system(structure, parameters, 1.0)
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
    penalty[np.repeat([kind(block) in DETERMINED for block in structure], _sizes(structure))] = LEAST_PENALTY
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
        out += beside.get(block, STARTS[kind(block)])[which]
    return np.array(out)


def _bounds(structure: Structure, longest: int) -> tuple[Array, Array]:
    """Bounds of theta. A period may be three times as long as the longest series: a longer one cannot be estimated."""
    least = {"frequency": 2.0 * np.pi / (SLOWEST * longest), "damping": 1e-3, "memory": -NEAR_ONE, "shock": LEAST_SHOCK}
    most = {"frequency": np.pi - FASTEST, "damping": NEAR_ONE, "memory": NEAR_ONE, "shock": MOST_SHOCK}
    names = parameter_names(structure)
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
    return np.array([into[name](value) for name, value in zip(parameter_names(structure), parameters, strict=True)])


def _natural(structure: Structure, theta: Array) -> Array:
    from scipy.special import expit

    out_of: dict[str, Callable[[float], float]] = {
        "frequency": lambda v: float(np.pi * expit(v)),
        "damping": lambda v: float(expit(v)),
        "memory": lambda v: float(np.tanh(v)),
        "shock": lambda v: float(np.exp(v)),
    }
    return np.array([out_of[name](value) for name, value in zip(parameter_names(structure), theta, strict=True)])

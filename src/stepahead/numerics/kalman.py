"""Kalman filter in blocks: the steady-state filter, and an exact correction for the initial state.

    s_(t+1) = A s_t + u_t, cov Q        x_t = C's_t + e_t, var R

In steady state ("settled" below) the filter is one linear map of the values: its gain no longer depends on time. From
any other start it differs from that only by the uncertainty of the initial state, which is a regression of the
steady-state filter's innovations on that state. So a block of values costs two matrix products instead of a loop, and
the result is the exact time-varying filter, also with a fixed state (Q = 0), after a gap, and from any start.

Sources: de Jong, "The diffuse Kalman filter" (Annals of Statistics 19, 1991), for the regression on the initial state;
Chu, Fan & Lin (2005) for the doubling that finds the steady-state gain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..errors import FitError
from ..protocols import Array
from ..windows import lagged

BLOCK = 64
"""Values per block. Where a block begins depends on nothing that comes later, so past results are bitwise unchanged."""
SETTLED = 1e-15
DOUBLINGS = 60


@dataclass(frozen=True, eq=False)
class System:
    """Linear state space model of a univariate series.

    transition A [states, states], reading (observation vector) C [states], shock covariance Q [states, states], noise
    R; moving [states] is False for states that no shock ever reaches.
    """

    transition: Array
    reading: Array
    shock: Array
    noise: float
    moving: npt.NDArray[np.bool_]

    @cached_property
    def settled(self) -> Settled:
        """The steady-state filter."""
        size = len(self.reading)
        covariance, mask = np.zeros((size, size)), self.moving
        if mask.any():
            inner = np.ix_(mask, mask)
            covariance[inner] = _riccati(self.transition[inner], self.reading[mask], self.shock[inner], self.noise)
        across = covariance @ self.reading
        spread = float(self.reading @ across) + self.noise
        gain = self.transition @ across / spread
        return Settled(covariance, gain, spread, self.transition - np.outer(gain, self.reading), self.reading)

    def outlook(self, horizon: int) -> Array:
        """[horizon, states]: C'A^(k-1), the forecast weights of a state for the k-th value after it."""
        return _rows(self.reading, self.transition, horizon)

    def variances(self, horizon: int) -> Array:
        """[horizon]: the variance of the k-th value of a state that is known exactly."""
        reach = self.outlook(horizon)
        shocks = np.einsum("ki,ij,kj->k", reach, self.shock, reach)
        return self.noise + np.concatenate([[0.0], np.cumsum(shocks)[:-1]])


@dataclass(frozen=True, eq=False)
class Settled:
    """Steady-state filter: covariance P of the predicted state, gain K, innovation variance F, closed M = A - K C'."""

    covariance: Array
    gain: Array
    spread: float
    closed: Array
    reading: Array

    @cached_property
    def powers(self) -> Array:
        """[BLOCK + 1, states, states]: M^t."""
        size = len(self.gain)
        out = np.empty((BLOCK + 1, size, size))
        out[0], done, power = np.eye(size), 1, self.closed
        while done <= BLOCK:
            more = min(done, BLOCK + 1 - done)
            out[done : done + more] = out[:more] @ power
            done, power = done + more, power @ power
        return out

    @cached_property
    def seen(self) -> Array:
        """[BLOCK, states]: C'M^t, the coefficients of the initial state in the t-th innovation."""
        return np.asarray(np.einsum("i,tij->tj", self.reading, self.powers[:-1]))

    @cached_property
    def information(self) -> Array:
        """[BLOCK + 1, states, states]: information on the initial state in t innovations, in units of 1 / F."""
        outer = self.seen[:, :, None] * self.seen[:, None, :]
        return np.concatenate([np.zeros((1, *outer.shape[1:])), np.cumsum(outer, axis=0)])

    @cached_property
    def through(self) -> Array:
        """[(BLOCK + 1) states, states + BLOCK]: the map from the first state and the values of a block to its
        states.
        """
        size = len(self.gain)
        out = np.zeros((BLOCK + 1, size, size + BLOCK))
        out[:, :, :size] = self.powers
        kept = np.zeros((2 * BLOCK, size))
        kept[BLOCK:] = np.einsum("tij,j->ti", self.powers[:-1], self.gain)
        # Value s is kept for t - s - 1 steps after it, and is 0 before it came.
        out[:, :, size:] = lagged(kept, BLOCK)[:, :, ::-1]
        return out.reshape(-1, size + BLOCK)


def _riccati(A: Array, C: Array, Q: Array, R: float) -> Array:
    """Steady-state covariance of the predicted state, by doubling: step j covers 2^j steps of the Riccati recursion."""
    eye = np.eye(len(C))
    a, g, h = A.T, np.outer(C, C) / R, Q
    for _ in range(DOUBLINGS):
        w = np.linalg.inv(eye + g @ h)
        aw = a @ w
        step = a.T @ h @ w @ a
        a, g, h = aw @ a, g + aw @ g @ a.T, h + step
        if np.abs(step).max() <= SETTLED * np.abs(h).max():
            break
    return np.asarray(0.5 * (h + h.T))


def _rows(first: Array, matrix: Array, count: int) -> Array:
    """[count, states]: first, first @ matrix, first @ matrix^2 .., by doubling."""
    out = np.empty((count, len(first)))
    out[0] = first
    done, power = 1, matrix
    while done < count:
        more = min(done, count - done)
        out[done : done + more] = out[:more] @ power
        done += more
        power = power @ power
    return out


def filtered(system: System, values: Array, start: Array, covariance: Array) -> tuple[Array, Array]:
    """Predicted state before each value and after the last: means [T + 1, states], covariances [T + 1, states,
    states].

    Row t is made of ``values[:t]`` alone. At a missing value (NaN) there is a prediction step and no update.
    """
    settled, size = system.settled, len(start)
    means, spreads = np.empty((len(values) + 1, size)), np.empty((len(values) + 1, size, size))
    means[0], spreads[0] = start, covariance
    missing = np.append(np.flatnonzero(np.isnan(values)), len(values))
    near = SETTLED * max(float(np.abs(settled.covariance).max()), np.finfo(np.float64).tiny)
    t, gap = 0, 0
    while t < len(values):
        if t == missing[gap]:
            means[t + 1] = system.transition @ means[t]
            spreads[t + 1] = system.transition @ spreads[t] @ system.transition.T + system.shock
            t, gap = t + 1, gap + 1
            continue
        count = min(int(missing[gap]) - t, BLOCK)
        given = np.zeros(size + BLOCK)
        given[:size], given[size : size + count] = means[t], values[t : t + count]
        h = (settled.through @ given).reshape(BLOCK + 1, size)
        rows, excess = slice(t + 1, t + count + 1), spreads[t] - settled.covariance
        if np.abs(excess).max() <= near:
            means[rows], spreads[rows] = h[1 : count + 1], settled.covariance
        else:
            correction, more = _corrected(settled, excess, h, given[size:])
            means[rows] = h[1 : count + 1] + correction[1 : count + 1]
            spreads[rows] = settled.covariance + more[1 : count + 1]
        t += count
    return means, spreads


def _corrected(settled: Settled, excess: Array, h: Array, values: Array) -> tuple[Array, Array]:
    """Correction of the steady-state filter for a block whose first state has `excess` covariance beyond the steady
    state.
    """
    sizes, vectors = np.linalg.eigh(0.5 * (excess + excess.T))
    root = vectors * np.sqrt(np.abs(sizes))
    learned = np.zeros_like(h)
    # The sum runs forward: a value does not change a bit of what came before it.
    learned[1:] = np.cumsum(settled.seen * (values - h[:-1] @ settled.reading)[:, None], axis=0)
    inner = np.diag(np.where(sizes < 0.0, -1.0, 1.0)) + root.T @ settled.information @ root / settled.spread
    onward = settled.powers @ root
    gain = onward @ _inverse(inner)
    means = np.einsum("tij,tj->ti", gain, learned @ root) / settled.spread
    more = gain @ onward.swapaxes(1, 2)
    return means, 0.5 * (more + more.swapaxes(1, 2))


def _inverse(matrices: Array) -> Array:
    """The inverse of each matrix; the pseudo-inverse where it is numerically singular: hardly any noise."""
    try:
        return np.asarray(np.linalg.inv(matrices))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.pinv(matrices, hermitian=True))


def innovations(system: System, values: Array) -> tuple[Array, Array]:
    """Innovations of the steady-state filter from an initial state of 0, and its coefficients in each, [T, states].

    values, innovations [.., T]: series of one length go through together.
    """
    settled, size, (*lead, count) = system.settled, len(system.reading), values.shape
    pieces = -(-count // BLOCK)
    padded = np.zeros((*lead, pieces * BLOCK))
    padded[..., :count] = values
    padded = padded.reshape(*lead, pieces, BLOCK)
    through = settled.through.reshape(BLOCK + 1, size, size + BLOCK)
    first = np.zeros((*lead, pieces, size))
    moved = padded @ through[-1, :, size:].T
    for piece in range(pieces - 1):
        first[..., piece + 1, :] = first[..., piece, :] @ settled.powers[-1].T + moved[..., piece, :]
    forecast = np.einsum("i,tij->tj", system.reading, through[:-1])
    out = padded - padded @ forecast[:, size:].T - first @ forecast[:, :size].T
    return out.reshape(*lead, -1)[..., :count], _rows(system.reading, settled.closed, count)


def innovations_over_gaps(system: System, values: Array) -> tuple[Array, Array, float]:
    """Innovations of one series with missing values (NaN), of those that were observed, and the sum of the logs of
    their variances.

    After a gap variances are larger: they are in units of the steady-state one, and what is returned is divided by
    their roots. One value at a time, since gaps come anywhere.
    """
    settled, size = system.settled, len(system.reading)
    A, C, covariance = system.transition, system.reading, settled.covariance
    near = SETTLED * max(float(np.abs(covariance).max()), np.finfo(np.float64).tiny)
    # Besides the state that began at 0, the effect of each unit of the initial state is carried along.
    states = np.hstack([np.zeros((size, 1)), np.eye(size)])
    rows, spreads = [], []
    for value in values:
        if np.isnan(value):
            states, covariance = A @ states, A @ covariance @ A.T + system.shock
            continue
        gain, spread = settled.gain, settled.spread
        if covariance is not settled.covariance:
            across = covariance @ C
            spread = float(C @ across) + system.noise
            gain = A @ across / spread
        row = -(C @ states)
        row[0] += value
        states = A @ states + np.outer(gain, row)
        rows.append(row)
        spreads.append(spread)
        if covariance is not settled.covariance:
            covariance = A @ covariance @ A.T - spread * np.outer(gain, gain) + system.shock
            if np.abs(covariance - settled.covariance).max() <= near:
                covariance = settled.covariance
    relative = np.array(spreads) / settled.spread
    found = np.array(rows) / np.sqrt(relative)[:, None]
    return found[:, 0], -found[:, 1:], float(np.log(relative).sum())


def profiled(innovation: Array, shown: Array, penalty: Array) -> tuple[Array, float]:
    """Innovations [.., T + states] less the fitted initial state, with rows for its penalty [states] at the end; and
    the log determinant of its information matrix.
    """
    flat = np.concatenate([innovation, np.zeros((*innovation.shape[:-1], len(penalty)))], axis=-1)
    q, r = np.linalg.qr(np.vstack([shown, np.diag(np.sqrt(penalty))]))
    with np.errstate(divide="ignore"):
        return flat - (flat @ q) @ q.T, 2.0 * float(np.log(np.abs(np.diagonal(r))).sum())


def loglikelihood(system: System, runs: Sequence[Array]) -> float:
    """The exact log likelihood of each contiguous segment, with a diffuse initial state; missing values are NaN.

    Linear in the initial state: one pass over the values from 0, and one from each unit state over values of 0.
    """
    total, size = 0.0, len(system.reading)
    for values in runs:
        seen = ~np.isnan(values)
        silent = np.where(seen, 0.0, np.nan)
        from_zero, spreads = filtered(system, values, np.zeros(size), system.settled.covariance)
        spread = np.einsum("i,tij,j->t", system.reading, spreads[:-1], system.reading)[seen] + system.noise
        innovation = (values - from_zero[:-1] @ system.reading)[seen] / np.sqrt(spread)
        units = [
            filtered(system, silent, unit, system.settled.covariance)[0][:-1] @ system.reading for unit in np.eye(size)
        ]
        shown = np.stack(units, axis=1)[seen] / np.sqrt(spread)[:, None]
        if len(innovation) < size:
            raise FitError(f"{len(innovation)} values are too few to estimate {size} initial states", code="too-short")
        q, r = np.linalg.qr(shown)
        rest = innovation - q @ (q.T @ innovation)
        with np.errstate(divide="ignore"):
            determinant = float(np.log(spread).sum() + 2.0 * np.log(np.abs(np.diagonal(r))).sum())
        total -= 0.5 * (len(innovation) * np.log(2.0 * np.pi) + determinant + float(rest @ rest))
    return float(total)

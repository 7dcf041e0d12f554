"""Least squares of values on past values and on columns beside them, and the steps that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from ..protocols import Array
from ..windows import projected
from . import linear

EPS, TINY = float(np.finfo(np.float64).eps), 1e-200
"""The rounding of a number; and a sum of squares below which, or above one over which, numbers are scaled first."""


class ChunkWeights(NamedTuple):
    """Weights of the common columns [chunk, p] and of a step's own [chunk, q], intercepts and mean squared residuals
    [chunk], and the least rank.
    """

    common: Array
    own: Array
    intercept: Array
    variance: Array
    rank: int


def chunk_least_squares(
    common: Array, own: Callable[[int], Array], wanted: Array, ridge: float, intercept: bool
) -> ChunkWeights:
    """Least squares of each column of `wanted` [rows, chunk] on `common` [rows, p] and on the columns ``own(step)``
    [rows, q] of its step; minimises ||y - Xw||^2 + ridge ||w||^2.

    Columns are scaled by their own size, so that the unit of one decides nothing. By the products of all columns,
    refined once by the residuals, while these are well-conditioned apart from exact dependences, as of the day of the
    week and the day before; else by the singular values. Of solutions that fit alike it is the one of the least norm.
    """
    rows, p = common.shape
    q, chunk = own(0).shape[1], wanted.shape[1]
    weights, shift, variance, rank = np.empty((chunk, p + q)), np.empty(chunk), np.empty(chunk), p + q
    design, level, size = np.empty((rows, p + q)), np.zeros(p + q), np.ones(p + q)
    level[:p], size[:p] = _scaled(common, ridge, intercept, design[:, :p])
    products = np.zeros((p + q, p + q))
    products[:p, :p] = design[:, :p].T @ design[:, :p]
    solve = None
    for step in range(chunk):
        if solve is None or q:
            level[p:], size[p:] = _scaled(own(step), ridge, intercept, design[:, p:])
            products[p:] = design[:, p:].T @ design
            products[:p, p:] = products[p:, :p].T
            solve, found = _solver(design, products, np.sqrt(ridge) / size)
            rank = min(rank, found)
        mean = wanted[:, step].mean() if intercept else 0.0
        target = wanted[:, step] - mean
        scaled = solve(target)
        weights[step] = scaled / size
        residual = target - design @ scaled
        with np.errstate(over="ignore"):  # the square of a value above 1e154 is infinite
            variance[step] = (residual * residual).mean()
        shift[step] = mean - level @ weights[step]
    return ChunkWeights(weights[:, :p], weights[:, p:], shift, variance, rank)


def _scaled(columns: Array, ridge: float, intercept: bool, out: Array) -> tuple[Array, Array]:
    """Columns less their means and over their sizes, into `out`; the means, and the sizes: 1 for one that does not
    change.
    """
    level = np.zeros(columns.shape[1])
    if intercept:
        # Relative to the first row: exact for a constant, accurate at a high level.
        np.subtract(columns, columns[0], out=out)
        level = columns[0] + out.mean(axis=0)
    np.subtract(columns, level, out=out)
    with np.errstate(over="ignore", under="ignore"):
        squares = np.einsum("ij,ij->j", out, out)
    unit = np.ones(len(level))
    if not ((squares > TINY) & (squares < 1.0 / TINY)).all():
        unit = np.abs(out).max(axis=0, initial=0.0)  # first by this: squares would overflow or vanish
        unit[unit == 0.0] = 1.0
        out /= unit
        squares = np.einsum("ij,ij->j", out, out)
    size = np.hypot(np.sqrt(squares), np.sqrt(ridge) / unit)
    size[size == 0.0] = 1.0
    out /= size
    return level, size * unit


def _solver(design: Array, products: Array, penalty: Array) -> tuple[Callable[[Array], Array], int]:
    """The function from targets [rows] to least squares weights, and the rank. `penalty` is the root of the ridge in
    the units of the design.
    """
    values, vectors = np.linalg.eigh(products + np.diag(penalty * penalty))
    largest = values[-1] if len(values) else 0.0
    kept = values * linear.WORST_CONDITION > largest
    lost = vectors[:, ~kept]
    left_over = np.hypot(np.linalg.norm(design @ lost, axis=0), np.linalg.norm(penalty[:, None] * lost, axis=0))
    if (left_over <= EPS * max(design.shape) * np.sqrt(largest)).all():
        values, vectors = values[kept], vectors[:, kept]

        def by_products(target: Array) -> Array:
            found = np.zeros(design.shape[1])
            for _ in range(2):  # the second time what rounding left of the first
                slope = design.T @ (target - design @ found) - penalty * penalty * found
                found = found + vectors @ ((vectors.T @ slope) / values)
            return found

        return by_products, int(kept.sum())
    if penalty.any():
        design = np.vstack([design, np.diag(penalty)])
    left, sizes, right = np.linalg.svd(design, full_matrices=False)
    whole = sizes > sizes[0] * max(design.shape) * EPS
    left, sizes, right = left[:, whole], sizes[whole], right[whole]
    return lambda target: right.T @ ((left[: len(target)].T @ target) / sizes), len(sizes)


def added(known: Array, recent: Array, weights: Array, lags: Sequence[int]) -> Array:
    """What columns add at each step, [rows, steps]: the sum over lags j and columns of weight times the value j steps
    before the target.

    Parameters
    ----------
    known : [rows, steps, columns] from the first step on. recent : [rows, columns, past], the values before it, oldest
        first. weights : [columns, lags].
    """
    rows, steps, columns = known.shape
    out = np.zeros((rows, steps))
    if not columns:
        return out
    for at, lag in enumerate(lags):
        if lag < steps:
            out[:, lag:] += projected(known[:, : steps - lag], weights[:, at])
        for step in range(min(lag, steps)):
            for column in range(columns):
                out[:, step] += recent[:, column, recent.shape[2] + step - lag] * weights[column, at]
    return out


def added_along(known: Array, recent: Array, weights: Array, lags: Sequence[int]) -> Array:
    """The same of a sliding view of what is known: [rows + steps - 1], the sum at each time once."""
    rows, steps, columns = known.shape
    reads = max(lags)
    table = np.empty((reads + rows + steps - 1, columns))
    table[:reads] = recent[0, :, recent.shape[2] - reads :].T if reads else 0.0
    table[reads:-steps], table[-steps:] = known[:-1, 0], known[-1]
    out = np.zeros(rows + steps - 1)
    for at, lag in enumerate(lags):
        for column in range(columns):
            out += table[reads - lag : len(table) - lag, column] * weights[column, at]
    return out


def responses(coefficients: Array, horizon: int) -> Array:
    """[horizon, horizon]: how much of an input at step i is in the forecast of step k of a recursion,
    ``psi[k - i]``, 0 where i > k.
    """
    psi = linear.psi_weights(coefficients, horizon)
    lag = np.subtract.outer(np.arange(horizon), np.arange(horizon))
    return np.where(lag >= 0, psi[lag], 0.0)


class Recursion:
    """What inputs add to a recursion from rest, along one segment: u_t = phi . u_(t-1 ..) + g_t."""

    MOST = 16.0
    """Largest effect of an input, at any distance, for which differences from u keep their digits."""

    def __init__(self, coefficients: Array, length: int) -> None:
        lags = len(coefficients)
        self._lags = lags
        self._bands = np.zeros((lags + 1, length), order="F")
        self._bands[0] = 1.0
        self._bands[1:] = -coefficients[::-1, None]
        with np.errstate(all="ignore"):
            response = self(np.eye(1, length)[0])
        self.is_calm = bool((np.abs(response) <= self.MOST).all())

    def __call__(self, inputs: Array) -> Array:
        """[time] from inputs [time], no more than `length`."""
        from scipy.linalg import blas

        bands = self._bands[:, : len(inputs)]
        return np.asarray(blas.dtbsv(self._lags, bands, inputs, lower=1, diag=1))

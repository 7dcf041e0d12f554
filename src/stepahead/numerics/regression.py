"""Least squares of values on past values and on columns beside them, and the steps that follow from it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..protocols import Array
from ..windows import projected
from . import linear


def chunk_least_squares(
    common: Array, own: Sequence[Array], wanted: Array, ridge: float, intercept: bool
) -> tuple[Array, Array, Array, Array, int]:
    """Least squares of each column of `wanted` [rows, chunk] on `common` [rows, p] and on the columns `own` of its
    step, each [rows, q]: (weights of the common [chunk, p], of the own [chunk, q], intercepts, mean squared residuals
    [chunk], rank).

    The common columns are decomposed once; those of a step enter by what the common ones leave of them (Frisch & Waugh,
    1933; Lovell, 1963).
    """
    p = common.shape[1]
    q = own[0].shape[1]
    chunk = wanted.shape[1]
    penalty = np.sqrt(ridge)
    level = common.mean(axis=0) if intercept else np.zeros(p)
    design = common - level
    if ridge > 0.0:
        design = np.vstack([design, penalty * np.eye(p), np.zeros((q, p))])
    left, sizes, right = np.linalg.svd(design, full_matrices=False)
    kept = sizes > sizes.max(initial=0.0) * max(design.shape) * np.finfo(np.float64).eps
    left, sizes, right = left[:, kept], sizes[kept], right[kept]
    weights, of_own = np.empty((chunk, p)), np.empty((chunk, q))
    shift, variance, rank = np.empty(chunk), np.empty(chunk), p + q
    for step in range(chunk):
        means = own[step].mean(axis=0) if intercept else np.zeros(q)
        mean = wanted[:, step].mean() if intercept else 0.0
        mine, target = own[step] - means, wanted[:, step] - mean
        if ridge > 0.0:
            mine = np.vstack([mine, np.zeros((p, q)), penalty * np.eye(q)])
            target = np.concatenate([target, np.zeros(p + q)])
        rest, over = mine - left @ (left.T @ mine), target - left @ (left.T @ target)
        of_own[step], _, found, _ = np.linalg.lstsq(rest, over, rcond=None)
        rank = min(rank, int(found) + len(sizes))
        weights[step] = right.T @ ((left.T @ (target - mine @ of_own[step])) / sizes)
        shift[step] = mean - means @ of_own[step] - level @ weights[step]
        residual = wanted[:, step] - common @ weights[step] - own[step] @ of_own[step] - shift[step]
        variance[step] = (residual * residual).mean()
    return weights, of_own, shift, variance, rank


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


def responses(coefficients: Array, horizon: int) -> Array:
    """[horizon, horizon]: how much of an input at step i is in the forecast of step k of a recursion,
    ``psi[k - i]``, 0 where i > k.
    """
    psi = linear.psi_weights(coefficients, horizon)
    lag = np.subtract.outer(np.arange(horizon), np.arange(horizon))
    return np.where(lag >= 0, psi[lag], 0.0)

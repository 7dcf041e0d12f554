"""Autoregression with columns beside the values: fit, states, and steps; see `AR`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..covariates import BARE, CALENDAR
from ..errors import InputError
from ..known_ahead import ahead_rows, known_count, past_rows
from ..numerics import regression
from ..protocols import Array, Mask, Roll, State
from ..series import Series, in_fixed_order
from ..walk import BLOCK_ROWS
from ..windows import lagged, require, slides
from . import window_columns


def fit(model: Any, panel: tuple[Series, ...], lags: int) -> int:
    """Least squares on the windows, and on columns: known ones about the target, past ones beside the window."""
    chunk, reads = int(model.chunk), max(model.column_lags)
    count = known_count(model.columns_)
    context = max(lags, reads if count else 0)
    model._require(panel, context + chunk)
    width = lags * (1 + len(model.columns_) - count) + count * len(model.column_lags)
    model._afford(sum(map(len, panel)), 4 * width + chunk, "the least squares of", "Take fewer lags or columns")
    parts = [_pairs(model, part, lags, context) for part in in_fixed_order(panel)]
    common, wanted = (np.concatenate([part[at] for part in parts]) for at in (0, 1))
    rows_of = [len(part[1]) for part in parts]
    good = ~(np.isnan(common).any(axis=1) | np.isnan(wanted).any(axis=1))
    lacks: list[Mask] = [np.asarray(np.isnan(about).any(axis=1)) for _, _, about in parts]
    for step in range(chunk):
        good &= ~np.concatenate([lack[step : step + n] for lack, n in zip(lacks, rows_of, strict=True)])
    if not good.any():
        require(max(map(len, panel)), context + chunk, f"one whole window of {model.name} with its {chunk} targets")
        raise InputError(f"{model.name}: every window touches a missing value", code="missing-values", found=0)
    rows = np.flatnonzero(good) if not good.all() else None
    if rows is not None:
        common, wanted = common[rows], wanted[rows]

    def own(step: int) -> Array:
        """[rows, ..] the known columns about one of the steps, of all series."""
        found = [about[step : step + n] for (_, _, about), n in zip(parts, rows_of, strict=True)]
        joined = np.concatenate(found)
        return joined if rows is None else joined[rows]

    unknown = common.shape[1] + count * len(model.column_lags)
    model._require_rows(len(common), unknown)
    found = regression.chunk_least_squares(common, own, wanted, float(model.ridge), model.intercept)
    weights, of_known, intercept, variance, rank = found
    # The step before a day of the week, or a wave, follows from the day itself.
    if rank < unknown and not any(column.kind == CALENDAR for column in model.columns_):
        model._note(f"windows and columns span only {rank} of {unknown} directions; the minimum-norm solution is used")
    model._learn(np.ascontiguousarray(weights[:, :lags]), intercept, variance)
    model.known_coefficients_ = _fixed(of_known.reshape(chunk, count, len(model.column_lags)))
    model.past_coefficients_ = _fixed(weights[:, lags:].reshape(chunk, len(model.columns_) - count, lags))
    return context


def _pairs(model: Any, part: Series, lags: int, context: int) -> tuple[Array, Array, Array]:
    """Windows of values and past columns [rows, ..], targets [rows, chunk], and the known columns about each time from
    `context` on [time, ..]: about step j of row i is row i + j.
    """
    chunk, count = int(model.chunk), max(len(part) - context - int(model.chunk) + 1, 0)
    numbers, beside = part.numbers, part.beside or BARE
    before = slice(context - lags, context - lags + count)
    past = lagged(past_rows(beside, model.columns_), lags)[before]
    common = np.hstack([lagged(numbers, lags)[before], past.reshape(count, past.shape[1] * lags)])
    wanted = lagged(numbers[context:], chunk)[:count]
    known, length = ahead_rows(beside, model.columns_, model.name), max(len(part) - context, 0)
    about = [known[context - lag : context - lag + length] for lag in model.column_lags]
    return common, wanted, np.stack(about, axis=2).reshape(length, known.shape[1] * len(about))


def encoded(model: Any, series: Series, after: State | None) -> State:
    """[origins, lags] the last values, and the columns: known ones as far back as they are read, and past ones."""
    recent = max(model.column_lags)
    return window_columns.encoded(series, model.columns_, int(model.lags_), recent, model.context, after, model.name)


def recursive(model: Any, horizon: int) -> Roll:
    """One matrix product of windows and what the columns add at each step: the recursion is linear in both.

    At neighbouring origins it is less: the values less what the columns make of a recursion from rest are rolled out
    without columns, and that is added back.
    """
    weights, constants = model.operator(horizon)
    alone = np.ascontiguousarray(weights.T)
    lags, reads = weights.shape[1], max(model.column_lags)
    recursion = regression.Recursion(model.coefficients_, BLOCK_ROWS[1] + horizon)

    def by_neighbours(values: Array, state: State, out: Array | None, ahead: Array) -> Array:
        recent = state[1] if reads else ahead
        inputs = regression.added_along(ahead, recent, model.known_coefficients_[0], model.column_lags)
        inputs += model.intercept_
        made = recursion(inputs)
        left = np.concatenate([values[0], values[1:, -1]])
        left[lags:] -= made[: len(values) - 1]
        found = np.matmul(np.ascontiguousarray(lagged(left, lags)), alone, out=out)
        found += lagged(made, horizon)
        return np.asarray(found)

    product: Array | None = None

    def roll(state: State, out: Array | None, ahead: Array) -> Array:
        nonlocal product
        values = state[0]
        if recursion.is_calm and slides(ahead) and (lags == 1 or slides(values)) and len(values) <= BLOCK_ROWS[1]:
            return by_neighbours(values, state, out, ahead)
        if product is None:
            answers = regression.responses(model.coefficients_, horizon)
            product = np.ascontiguousarray(np.vstack([weights.T, answers.T, constants]))
        block = np.empty((len(values), lags + horizon + 1))
        block[:, :lags] = values
        block[:, lags:-1] = _inputs(model, state, ahead, 0)
        block[:, -1] = 1.0
        return np.matmul(block, product, out=out)

    return roll


def _inputs(model: Any, state: State, ahead: Array, step: int) -> Array:
    """[rows, steps]: what the columns add at each step, with the weights of one step of the chunk."""
    has_recent = ahead.shape[2] and max(model.column_lags)
    # Where no lag reaches back nothing of it is read.
    recent, weights = state[1] if has_recent else ahead, model.known_coefficients_[step]
    found = regression.added(ahead, recent, weights, model.column_lags)
    if model.past_coefficients_.shape[1]:
        past = state[-1]
        for column, row in enumerate(model.past_coefficients_[step]):
            found[:, step] += past[:, column] @ row
    return found


def in_chunks(model: Any, horizon: int) -> Roll:
    """Chunk by chunk, each on the values and forecasts before it: one matrix product of windows and past columns, and
    what the known ones add to each step.
    """
    lags, chunk, reads = int(model.lags_), int(model.chunk), max(model.column_lags)
    own = [model.coefficients_.T, model.past_coefficients_.reshape(chunk, -1).T, model.intercept_[None]]
    product = np.ascontiguousarray(np.vstack(own))

    def roll(state: State, out: Array | None, ahead: Array) -> Array:
        rows = len(state[0])
        known = np.empty((rows, lags + horizon))
        known[:, :lags] = state[0]
        block = np.empty((rows, len(product)))
        block[:, -1] = 1.0
        if model.past_coefficients_.shape[1]:
            block[:, lags:-1] = state[-1].reshape(rows, -1)
        table = ahead.transpose(1, 0, 2)
        if ahead.shape[2] and reads:
            table = np.concatenate([state[1].transpose(2, 0, 1), table])
        for start in range(0, horizon, chunk):
            count = min(chunk, horizon - start)
            block[:, :lags] = known[:, start : start + lags]
            made = known[:, lags + start : lags + start + count]
            made[...] = np.matmul(block, product[:, :count])
            for step in range(count if ahead.shape[2] else 0):
                for at, lag in enumerate(model.column_lags):
                    made[:, step] += table[reads + start + step - lag] @ model.known_coefficients_[step, :, at]
        return known[:, lags:]

    return roll


def _fixed(values: Array) -> Array:
    values = np.ascontiguousarray(values)
    values.flags.writeable = False
    return values

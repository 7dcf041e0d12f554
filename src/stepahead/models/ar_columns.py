"""Autoregression with columns beside the values: fit, states, and steps; see `AR`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..covariates import BARE, CALENDAR, PAST
from ..errors import InputError
from ..known_ahead import ahead_rows, past_rows
from ..numerics import regression
from ..protocols import Array, Roll, State
from ..series import Series, in_fixed_order
from ..windows import lagged, require
from . import window_columns


def fit(model: Any, panel: tuple[Series, ...], lags: int) -> int:
    """Least squares on the windows, and on columns: known ones about the target, past ones beside the window."""
    chunk, reads = int(model.chunk), max(model.column_lags)
    context = max(lags, reads if any(column.kind != PAST for column in model.columns_) else 0)
    model._require(panel, context + chunk)
    known_count = sum(column.kind != PAST for column in model.columns_)
    width = lags * (1 + len(model.columns_) - known_count) + known_count * len(model.column_lags) * chunk
    model._afford(sum(map(len, panel)), 4 * width + chunk, "the least squares of", "Take fewer lags or columns")
    parts = [_pairs(model, part, lags, context) for part in in_fixed_order(panel)]
    common, wanted = (np.concatenate([part[at] for part in parts]) for at in (0, 1))
    own = [np.concatenate([part[2][step] for part in parts]) for step in range(chunk)]
    good = ~(np.isnan(common).any(axis=1) | np.isnan(wanted).any(axis=1))
    for columns in own:
        good &= ~np.isnan(columns).any(axis=1)
    if not good.any():
        require(max(map(len, panel)), context + chunk, f"one whole window of {model.name} with its {chunk} targets")
        raise InputError(f"{model.name}: every window touches a missing value", code="missing-values", found=0)
    if not good.all():
        common, wanted, own = common[good], wanted[good], [columns[good] for columns in own]
    unknown = common.shape[1] + own[0].shape[1]
    model._require_rows(len(common), unknown)
    found = regression.chunk_least_squares(common, own, wanted, float(model.ridge), model.intercept)
    weights, of_known, intercept, variance, rank = found
    # The step before a day of the week, or a wave, follows from the day itself.
    if rank < unknown and not any(column.kind == CALENDAR for column in model.columns_):
        model._note(f"windows and columns span only {rank} of {unknown} directions; the minimum-norm solution is used")
    model._learn(np.ascontiguousarray(weights[:, :lags]), intercept, variance)
    model.known_coefficients_ = _fixed(of_known.reshape(chunk, known_count, len(model.column_lags)))
    model.past_coefficients_ = _fixed(weights[:, lags:].reshape(chunk, len(model.columns_) - known_count, lags))
    return context


def _pairs(model: Any, part: Series, lags: int, context: int) -> tuple[Array, Array, list[Array]]:
    """Windows of values and past columns [rows, ..], targets [rows, chunk], and of each step the known columns about
    it [rows, ..].
    """
    chunk, count = int(model.chunk), max(len(part) - context - int(model.chunk) + 1, 0)
    numbers, beside = part.numbers, part.beside or BARE
    before = slice(context - lags, context - lags + count)
    past = lagged(past_rows(beside, model.columns_), lags)[before]
    common = np.hstack([lagged(numbers, lags)[before], past.reshape(count, -1) if past.size else np.empty((count, 0))])
    wanted = lagged(numbers[context:], chunk)[:count]
    known = ahead_rows(beside, model.columns_, model.name)
    own = []
    for step in range(chunk):
        about = [known[context + step - lag : context + step - lag + count] for lag in model.column_lags]
        own.append(np.stack(about, axis=2).reshape(count, -1) if known.shape[1] else np.empty((count, 0)))
    return common, wanted, own


def encoded(model: Any, series: Series, after: State | None) -> State:
    """[origins, lags] the last values, and the columns: known ones as far back as they are read, and past ones."""
    recent = max(model.column_lags)
    return window_columns.encoded(series, model.columns_, int(model.lags_), recent, model.context, after, model.name)


def recursive(model: Any, horizon: int) -> Roll:
    """One matrix product of windows and what the columns add at each step: the recursion is linear in both."""
    weights, constants = model.operator(horizon)
    answers = regression.responses(model.coefficients_, horizon)
    product = np.ascontiguousarray(np.vstack([weights.T, answers.T, constants]))
    lags = weights.shape[1]

    def roll(state: State, out: Array | None, ahead: Array) -> Array:
        block = np.empty((len(state[0]), lags + horizon + 1))
        block[:, :lags] = state[0]
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
    """Chunk by chunk, each on the values and forecasts before it."""
    lags, chunk, reads = int(model.lags_), int(model.chunk), max(model.column_lags)

    def roll(state: State, out: Array | None, ahead: Array) -> Array:
        known = np.empty((len(state[0]), lags + horizon))
        known[:, :lags] = state[0]
        now = list(state)
        for start in range(0, horizon, chunk):
            count = min(chunk, horizon - start)
            window, part = known[:, start : start + lags], ahead[:, start : start + count]
            for step in range(count):
                inputs = _inputs(model, tuple(now), part[:, : step + 1], step)[:, step]
                known[:, lags + start + step] = window @ model.coefficients_[step] + model.intercept_[step] + inputs
            if ahead.shape[2] and reads:
                now[1] = np.concatenate([now[1], part.transpose(0, 2, 1)], axis=2)[:, :, -reads:]
        return known[:, lags:]

    return roll


def _fixed(values: Array) -> Array:
    values = np.ascontiguousarray(values)
    values.flags.writeable = False
    return values

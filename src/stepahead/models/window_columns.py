"""Columns beside the values for models on a window: training pairs, states, and steps chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..covariates import BARE, PAST
from ..draws import drawn_rows
from ..errors import InputError
from ..known_ahead import ahead_rows, has_past, known_count, past_rows
from ..protocols import Array, Column, Index, State
from ..series import Series, in_fixed_order
from ..windows import lagged, require


def offsets(chunk: int, column_lags: Sequence[int]) -> list[int]:
    """At which rows after the origin a chunk reads the columns known ahead, oldest first; 0 is its first target.

    >>> offsets(1, (0, 1)), offsets(3, (0,)), offsets(2, (0, 7))
    ([-1, 0], [0, 1, 2], [-7, -6, 0, 1])
    """
    return sorted({step - lag for step in range(chunk) for lag in column_lags})


def encoded(
    series: Series, columns: Sequence[Column], lags: int, recent: int, context: int, after: State | None, name: str
) -> State:
    """[origins, lags] the last values; and of the columns, each [origins, columns, steps], the last `recent` rows of
    those known ahead, if any, and the last `lags` of the past ones.
    """
    beside = series.beside or BARE
    known = ahead_rows(beside, columns, name)[: len(series)]
    past = past_rows(beside, columns)
    found = [(series.numbers, lags)]
    found += [(known, recent)] if known.shape[1] and recent else []
    found += [(past, lags)] if past.shape[1] else []
    states = []
    for place, (rows, width) in enumerate(found):
        if after is not None:
            rows = np.concatenate([after[place][-1].T, rows])
        windows = lagged(rows, width)
        states.append(windows[1:] if after is not None else windows[context - width :])
    return tuple(states)


class Features:
    """What a model on a window reads: values oldest first, each past column oldest first, then the columns known ahead,
    row by row from the oldest.

    Parameters
    ----------
    columns, lags, chunk, column_lags : of the model.
    apart : whether each step of the chunk has a regressor of its own, which reads the columns known ahead about its own
        target alone.
    means, scales : [columns] by which the columns are standardised, or None where they are taken as they are.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        lags: int,
        chunk: int,
        column_lags: Sequence[int],
        apart: bool,
        standard: tuple[Array, Array] | None,
    ) -> None:
        self.columns, self.lags, self.chunk, self.apart = tuple(columns), lags, chunk, apart
        self.column_lags, self.standard = tuple(column_lags), standard
        self.recent = max(column_lags) if known_count(columns) else 0
        self.context = max(lags, self.recent)
        self._known = [column.kind != PAST for column in columns]

    @property
    def width(self) -> int:
        """How many numbers a row of them has, without those of one step where steps are apart."""
        known = known_count(self.columns)
        return self.lags * (1 + len(self.columns) - known) + known * (
            0 if self.apart else len(offsets(self.chunk, self.column_lags))
        )

    def _standard(self, rows: Array, known: bool) -> Array:
        """Columns, on the last axis, in their units."""
        if self.standard is None or not rows.shape[-1]:
            return rows
        own = [place for place, is_known in enumerate(self._known) if is_known is known]
        return (rows - self.standard[0][own]) / self.standard[1][own]

    def _past(self, windows: Array) -> Array:
        """[rows, columns, lags] of past columns as [rows, columns x lags]."""
        standard = self._standard(windows.transpose(0, 2, 1), False).transpose(0, 2, 1)
        return standard.reshape(len(windows), -1)

    def pairs(self, panel: tuple[Series, ...], name: str) -> tuple[Array, Array, list[Array]]:
        """X [rows, features], Y [rows, chunk], and of each step that is apart its own features [rows, ..], from windows
        that touch nothing missing and whose targets all lie in the training part.
        """
        parts = [self._pairs(part, name) for part in in_fixed_order(panel)]
        X, Y = (np.concatenate([part[at] for part in parts]) for at in (0, 1))
        own = [np.concatenate([part[2][step] for part in parts]) for step in range(len(parts[0][2]))]
        good = ~(np.isnan(X).any(axis=1) | np.isnan(Y).any(axis=1))
        for columns in own:
            good &= ~np.isnan(columns).any(axis=1)
        if not good.any():
            require(max(map(len, panel)), self.context + self.chunk, f"one whole window of {name} with its targets")
            raise InputError(f"{name}: every window touches a missing value", code="missing-values", found=0)
        return (X, Y, own) if good.all() else (X[good], Y[good], [columns[good] for columns in own])

    def _pairs(self, part: Series, name: str) -> tuple[Array, Array, list[Array]]:
        beside, context, count = part.beside or BARE, self.context, max(len(part) - self.context - self.chunk + 1, 0)
        before = slice(context - self.lags, context - self.lags + count)
        windows = lagged(part.numbers, self.lags)[before]
        past = lagged(past_rows(beside, self.columns), self.lags)[before]
        known = self._standard(ahead_rows(beside, self.columns, name), True)

        def about(rows: Sequence[int]) -> Array:
            found = [known[context + row : context + row + count] for row in rows]
            return np.hstack(found) if known.shape[1] else np.empty((count, 0))

        common = [windows, self._past(past) if past.size else np.empty((count, 0))]
        wanted = lagged(part.numbers[context:], self.chunk)[:count]
        if self.apart:
            steps = [[step - lag for lag in sorted(self.column_lags, reverse=True)] for step in range(self.chunk)]
            return np.hstack(common), wanted, [about(rows) for rows in steps]
        return np.hstack([*common, about(offsets(self.chunk, self.column_lags))]), wanted, []

    def rolled(self, state: State, ahead: Array, horizon: int, predict: Callable[..., Array]) -> Array:
        """[rows, horizon]: predict a chunk, append it, slide on, with the columns known ahead at each step.

        predict : (features [rows, ..], own) -> [rows, chunk]; `own` are the features of each step that is apart, of as
        many steps as are still asked, else ().
        """
        rows, lags, chunk, recent = len(state[0]), self.lags, self.chunk, self.recent
        values = np.empty((rows, lags + -(-horizon // chunk) * chunk))
        values[:, :lags] = state[0]
        near = self._standard(ahead, True)
        if recent:
            near = np.concatenate([self._standard(state[1].transpose(0, 2, 1), True), near], axis=1)
        past = self._past(state[-1]) if has_past(self.columns) else np.empty((rows, 0))
        for start in range(0, horizon, chunk):

            def about(row: Index, start: int = start) -> Array:
                return near[:, start + recent + row].reshape(rows, -1)

            common = [values[:, start : start + lags], past]
            count = min(chunk, horizon - start) if self.apart else chunk
            if self.apart:
                steps = (step - np.sort(self.column_lags)[::-1] for step in range(count))
                found = predict(np.hstack(common), [about(step) for step in steps])
            else:
                found = predict(np.hstack([*common, about(np.array(offsets(chunk, self.column_lags)))]), ())
            values[:, lags + start : lags + start + count] = found
        return values[:, lags : lags + horizon]

    def encoded(self, series: Series, after: State | None, name: str) -> State:
        """[origins, lags] the last values, and the columns as far back as they are read; see `encoded`."""
        return encoded(series, self.columns, self.lags, self.recent, self.context, after, name)

    @property
    def leads(self) -> int:
        """How many steps beyond the one it forecasts are read of the columns known ahead: to the end of the chunk."""
        return 0 if self.apart or not known_count(self.columns) else self.chunk - 1

    def afford(self, model: Any, panel: Sequence[Series]) -> None:
        """Refuse pairs that are past the budget."""
        per_step = known_count(self.columns) * len(self.column_lags) * self.chunk if self.apart else 0
        numbers = 3 * (self.width + per_step + self.chunk)
        model._afford(sum(map(len, panel)), numbers, "the windows of", "Take fewer lags or columns")

    def reads(self, steps: Any) -> Any:
        """Up to which step the columns known ahead are read to forecast so many."""
        return steps if self.apart or not known_count(self.columns) else -(-steps // self.chunk) * self.chunk

    def paths(
        self,
        state: State,
        ahead: Array,
        horizon: int,
        n: int,
        seed: int,
        origins: Index,
        predict: Callable[..., Array],
        residuals: Array,
    ) -> Array:
        """[n, rows, horizon]: a chunk is predicted, a whole row of `residuals` [kept, chunk] drawn and added, and both
        fed back; the n paths of a row are a batch of their own.
        """
        out = np.empty((n, len(state[0]), horizon))
        for row in range(out.shape[1]):
            shocks = drawn_rows(residuals, seed, origins[row : row + 1], n, -(-horizon // self.chunk))

            def perturbed(features: Array, own: Any, shocks: Iterator[Array] = shocks) -> Array:
                return np.asarray(predict(features, own) + next(shocks))

            same = [np.broadcast_to(part[row], (n, *part.shape[1:])) for part in (*state, ahead)]
            out[:, row] = self.rolled(tuple(same[:-1]), same[-1], horizon, perturbed)
        return out


def standard_of(panel: Sequence[Series], columns: Sequence[Column], name: str) -> tuple[Array, Array]:
    """Mean and standard deviation of each column over the training part, [columns] each; of one of 0 and 1 the mean and
    1: in units of its deviation a rare 1 would be a huge number.
    """
    means, scales = np.empty(len(columns)), np.empty(len(columns))
    parts = [part.beside or BARE for part in in_fixed_order(panel)]
    for place, column in enumerate(columns):
        find = past_rows if column.kind == PAST else lambda beside, own: ahead_rows(beside, own, name)
        rows = np.concatenate([find(beside, [column]) for beside in parts])
        is_flag = np.isin(rows[~np.isnan(rows)], (0.0, 1.0)).all()
        means[place], scales[place] = np.nanmean(rows), 1.0 if is_flag else np.nanstd(rows)
    for array in (means, scales):
        array.flags.writeable = False
    return means, scales

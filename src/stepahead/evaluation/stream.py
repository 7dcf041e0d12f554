"""One long series, fitted and scored in pieces, with memory that does not depend on its length."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import InputError
from ..known_ahead import refuse_columns
from ..memory import afford
from ..parameters import refuse
from ..protocols import Array, Forecaster, Index, ReadsPieces, Roll, State, Streamed, notes_of, states_of
from ..reading.pieces import Pieces, pieces
from ..seasons import resolve
from ..series import Series
from ..walk import blocks, name_models, name_of, planned, take, usable
from ..windows import kept_steps, require, require_held_out, targets, train_length
from .comparison import Comparison
from .reference import baseline_places, missing, with_seasons
from .scorer import Scorer, Sums


def evaluate(
    models: Any,
    found: Pieces,
    horizon: int,
    train: float | int,
    *,
    steps: Sequence[int] | None,
    season: Any,
    stride: int,
    progress: Callable[[str, int, int], None] | None,
) -> Comparison:
    """The scores of one series of any length, fitted and scored in pieces; see ``stepahead.evaluate``.

    What is `Streamed` learns from sums that are added up piece by piece. Any other model is fitted as always, on the
    training part alone, which has to fit in memory; it then follows the series with ``encode(values, after=)``.
    """
    kept = kept_steps(steps, horizon)
    if found.length is None and isinstance(train, (float, np.floating)):
        raise refuse(
            "train", train, "a number of values: the length of this source is not known before all of it is read"
        )
    cut = train_length(found.length or 1, train)
    if found.length is not None:
        require_held_out(found.length, cut, horizon, found.name or None)
    named = name_models(models, horizon)
    refuse_columns(named)
    seasons = resolve(season, None, "stream")
    named = with_seasons(named, seasons)
    named |= missing(named, (Series([0.0]),), seasons.periods, (cut,))
    head, rest = _cut(found, cut)
    fitted = {name: fit_pieces(copy.deepcopy(model), head) for name, model in named.items()}
    followers = [Follower(model, head, horizon) for model in fitted.values()]
    waiting = Waiting(followers, kept, cut, stride)
    for values in rest:
        waiting.add(values)
        if progress is not None:
            progress("values", waiting.known, found.length or 0)
    notes = dict.fromkeys((text for model in fitted.values() for text in notes_of(model)), 1)
    notes |= {str(seasons): 1} if seasons.reason else {}
    return Comparison({}, horizon, {}, waiting.scorer(found.name or "0", fitted), notes, _seasons=seasons)


def _cut(found: Pieces, cut: int) -> tuple[Pieces, Iterator[Array]]:
    """The training part, which can be read again, and what follows it."""
    if found.again:
        return found.head(cut), found.between(cut)
    # An iterator is read once: its training part is kept, and it has to fit.
    afford(cut, 1, f"the training part of {cut:,} values, kept since its source can be read but once,", "Give a file")
    whole_source, known, part = found.between(0), [], 0
    for values in whole_source:
        known.append(values[: cut - part])
        part += len(known[-1])
        if part == cut:
            left = values[len(known[-1]) :]
            return pieces(known), _chained(left, whole_source)
    raise InputError(
        f"the series is too short: train={cut} needs {cut} values, found {part}", code="too-short", found=part
    )


def _chained(first: Array, others: Iterator[Array]) -> Iterator[Array]:
    if len(first):
        yield first
    yield from others


# ---------------------------------------------------------------------------------------------------------------
# Following the series


class Follower:
    """A fitted model that follows a series piece by piece, from the end of its training part on."""

    def __init__(self, model: Forecaster, head: Iterable[Array], horizon: int) -> None:
        self.model, self.horizon = model, horizon
        self.roll: Roll = planned(model, horizon)
        if states_of(model) is not None:
            raise InputError(
                f"{name_of(model)} is a model of symbols; a series that is read in pieces is one of numbers",
                code="symbols",
            )
        waiting: Array = np.empty(0)
        last: State | None = None
        for values in head:
            waiting = np.concatenate([waiting, values]) if last is None else values
            if last is None and len(waiting) < model.context:
                continue
            last = _copied(take(model.encode(Series(waiting), last), slice(-1, None)))
        if last is None:
            require(len(waiting), model.context, f"a forecast by {name_of(model)}")
            last = _copied(take(model.encode(Series(waiting)), slice(-1, None)))
        self.last = last

    def follow(self, values: Array) -> State:
        """[values, ...] the states after each of the next values."""
        found = self.model.encode(Series(values), self.last)
        self.last = _copied(take(found, slice(-1, None)))
        return found


def _copied(state: State) -> State:
    """A state that holds no piece in memory."""
    return tuple(part.copy() for part in state)


class Waiting:
    """The errors of several models, summed as the values come in.

    An origin waits, with its states, until its last target is known: fewer than `horizon` of them do at any time.
    """

    def __init__(self, followers: Sequence[Follower], kept: Index, cut: int, stride: int = 1) -> None:
        self.followers, self.kept, self.horizon = followers, kept, followers[0].horizon
        self.known, self.stride, self.passed = cut, stride, 0
        self.waiting = [follower.last for follower in followers]
        self.behind: Array = np.empty(0)  # the values after the first origin that waits
        self.sums = [Sums(len(kept)) for _ in followers]

    def add(self, values: Array) -> None:
        """The next values: new origins, and the last targets of old ones."""
        self.known += len(values)
        self.behind = np.concatenate([self.behind, values])
        fresh = [follower.follow(values) for follower in self.followers]
        old, first = len(self.waiting[0][0]), self.behind
        ready = max(len(first) - self.horizon + 1, 0)
        self._score(self.waiting, 0, min(ready, old))
        self._score(fresh, old, max(ready - old, 0))
        gone, left = min(ready, old), max(ready - old, 0)
        self.waiting = [
            tuple(np.concatenate([a[gone:], b[left:]]) for a, b in zip(before, after, strict=True))
            for before, after in zip(self.waiting, fresh, strict=True)
        ]
        self.behind, self.passed = self.behind[ready:].copy(), self.passed + ready

    def _score(self, states: Sequence[State], begin: int, count: int) -> None:
        """The first `count` rows of these states;
        the first of them is the origin `begin` places behind the first value.
        """
        if not count:
            return
        states = [take(state, slice(0, count)) for state in states]
        good = [usable(follower.model, state) for follower, state in zip(self.followers, states, strict=True)]
        good.append((self.passed + begin + np.arange(count)) % self.stride == 0)
        chosen = np.flatnonzero(np.logical_and.reduce(good))
        if len(chosen) < count:
            states = [take(state, chosen) for state in states]
        origins = begin + chosen
        for sums, follower, state in zip(self.sums, self.followers, states, strict=True):
            for block in blocks(len(origins), self.horizon):
                ahead = follower.roll(take(state, block), None)
                error = ahead if len(self.kept) == self.horizon else ahead[:, self.kept - 1]
                sums.add(error - targets(self.behind, origins[block], self.kept), complete=True)

    def scorer(self, name: str, fitted: Mapping[str, Any]) -> Scorer:
        """The scorer of all pieces."""
        if not self.sums[0].count.any():
            raise InputError(
                f"the series is too short: no origin behind the training part has {self.horizon} values after it",
                code="too-short",
                found=self.known,
            )
        totals = {key: np.stack([one.totals()[key] for one in self.sums])[None] for key in self.sums[0].totals()}
        if not np.isfinite(totals["squared"]).all():
            raise InputError(
                "the squared errors leave the range of numbers: divide the series by a constant", code="overflow"
            )
        baselines = baseline_places(fitted.values())
        n, ones = self.sums[0].count[None], np.ones(1)
        none = np.zeros(1, dtype=int)
        return Scorer((name,), tuple(fitted), baselines, self.kept, n, totals, none, ones, self.stride)


def fit_pieces(model: Any, found: Pieces) -> Any:
    """A model fitted on a series in pieces: by its own `fit_pieces` where it has one, else on the whole."""
    if isinstance(model, ReadsPieces):
        return model.fit(found)
    if isinstance(model, Streamed) and model.fit_pieces(lambda: found, sum(len(values) for values in found)):
        return model
    return model.fit(found.whole())

"""`evaluate_stream`: one long series, fitted and scored in pieces, with memory that does not depend on its length."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import InputError
from ..evaluation.guesses import NO_SEASON, lacks_season, with_guesses
from ..memory import afford
from ..models.ar import AR
from ..models.baselines import Drift, Mean, Naive, SeasonalNaive
from ..parameters import refuse, whole
from ..protocols import Array, Forecaster, Index, Roll, State
from ..series import Series
from ..walk import blocks, is_whole, name_models, name_of, planned, take
from ..windows import kept_steps, require, require_held_out, targets, train_length
from .guesses import skill
from .pieces import Pieces, pieces
from .scores import Scores

Head = Callable[[], Iterable[Array]]
"""The training part, in pieces, as often as it is asked for."""


def evaluate_stream(
    models: Any,
    source: Any,
    horizon: int,
    train: float | int,
    *,
    steps: Sequence[int] | None = None,
    period: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Scores:
    """Evaluate one series of any length in pieces: the numbers of ``evaluate``, and no forecast is kept.

    >>> import numpy as np
    >>> import stepahead as sa
    >>> x = sa.datasets.noisy_sine(length=5000, seed=0).values
    >>> scores = sa.evaluate_stream([sa.AR(lags=4)], sa.scale.pieces(x, size=512), horizon=8, train=3000, steps=[1, 8])
    >>> scores.by_step("rmse")["AR(4)"].round(3)
    array([[0.225, 0.237]])
    >>> whole = sa.evaluate([sa.AR(lags=4)], x, horizon=8, train=3000, steps=[1, 8])
    >>> bool(np.allclose(whole["AR(4)"].rmse(), scores.by_step("rmse")["AR(4)"], rtol=1e-10))
    True

    AR (least squares, with so many lags) and the simple guesses learn from sums that are added up piece by piece. Any other
    model is fitted as always, on the training part alone, which has to fit in memory; it then follows the series with
    ``encode(values, after=)``.

    Parameters
    ----------
    models : one, a list, or a dict {name: model}, as for ``evaluate``; models of numbers.
    source : what ``scale.pieces`` takes: an array, a memory map, a path, an iterable of arrays; or what it made.
    horizon : the largest step, at least 1.
    train : the number of values of the training part; or a share, where the length is known before all is read.
    steps : keep these steps alone, by default all of 1 .. horizon.
    period : length of a season in steps; adds ``SeasonalNaive(period)``.
    progress : called with ("values", values read, values in all or 0).

    Returns
    -------
    Scores : of the one series.

    Raises
    ------
    InputError : the series is too short, a value is missing, a model has no forecast at an origin.
    BudgetError : the training part of a model that learns from it as a whole does not fit in half of the free memory.
    """
    horizon = whole("horizon", horizon)
    kept, found = kept_steps(steps, horizon), pieces(source)
    if found.length is None and not isinstance(train, int):
        raise refuse("train", train, "a number of values: the length of this source is not known before all of it is read")
    cut = train_length(found.length or 1, train)
    if found.length is not None:
        require_held_out(found.length, cut, horizon, found.name or None)
    named = with_guesses(name_models(models), (Series([0.0]),), period)
    head, rest = _cut(found, cut)
    fitted = {name: _fitted(model, head, cut) for name, model in named.items()}
    followers = [Follower(model, head, horizon) for model in fitted.values()]
    tally = Tally(followers, kept, cut)
    for values in rest:
        tally.add(values)
        if progress is not None:
            progress("values", tally.known, found.length or 0)
    name = found.name or "0"
    n, readings = tally.readings(fitted)
    notes = dict.fromkeys((text for model in fitted.values() for text in getattr(model, "notes_", ())), 1)
    notes |= {NO_SEASON: 1} if lacks_season(fitted.values()) else {}
    return Scores((name,), tuple(named), kept, n[None], readings, {name: "ok"}, notes)


def fit_stream(model: Any, source: Any, train: int | None = None) -> Any:
    """Fit a copy of `model` on a series of any length, or on its first `train` values, in pieces; the copy.

    >>> import numpy as np
    >>> import stepahead as sa
    >>> x = sa.datasets.noisy_sine(length=5000, seed=0).values
    >>> model = fit_stream(sa.AR(lags=2), pieces(x, size=512))
    >>> bool(np.allclose(model.coefficients_, sa.AR(lags=2).fit(x).coefficients_, rtol=1e-10))
    True

    Parameters
    ----------
    model, source : as for ``evaluate_stream``; the source can be read more than once.
    train : how many values at the head are learned from, by default all.

    Raises
    ------
    InputError : too few values; the source is an iterator, which can be read but once.
    """
    found = pieces(source)
    if not found.again:
        raise InputError("a fit may need a second look, and an iterator can be read but once: give a file", code="read-twice")
    length = sum(len(values) for values in found) if found.length is None else found.length
    cut = length if train is None else whole("train", train, 1, length)
    return _fitted(model, lambda: found.between(0, cut), cut)


def _cut(found: Pieces, cut: int) -> tuple[Head, Iterator[Array]]:
    """The training part, which can be read again, and what follows it."""
    if found.again:
        return lambda: found.between(0, cut), found.between(cut)
    # An iterator is read once: its training part is kept, and it has to fit.
    afford(cut, 1, f"the training part of {cut:,} values, kept since its source can be read but once,", "Give a file")
    whole_source, known, part = found.between(0), [], 0
    for values in whole_source:
        known.append(values[: cut - part])
        part += len(known[-1])
        if part == cut:
            left = values[len(known[-1]) :]
            return lambda: iter(known), _chained(left, whole_source)
    raise InputError(f"the series is too short: train={cut} needs {cut} values, found {part}", code="too-short", found=part)


def _chained(first: Array, others: Iterator[Array]) -> Iterator[Array]:
    if len(first):
        yield first
    yield from others


# ---------------------------------------------------------------------------------------------------------------
# Fitting


def _fitted(model: Any, head: Head, cut: int) -> Any:
    """A fitted copy: from sums where the model can be, else from the training part as a whole."""
    from ..numerics.streamed import RunningLevel

    made = copy.deepcopy(model)
    if isinstance(made, (AR, Mean, Naive, SeasonalNaive, Drift)):
        made._check()
    if type(made) is AR and made.method == "ols" and made.lags != "auto":
        _learn_ar(made, head, cut)
    elif type(made) is Mean:
        level = RunningLevel()
        for values in head():
            level.add(values)
        made.mean_, made.context = level.mean(), 0
    elif type(made) in (Naive, SeasonalNaive, Drift):
        made.fit(next(iter(head())))
    else:
        afford(cut, 1, f"the training part of {name_of(made)}", "Take a smaller train=")
        return made.fit(Series(np.concatenate(list(head()))))
    _remember(made, head, cut)
    return made


def _learn_ar(model: AR, head: Head, cut: int) -> None:
    from ..numerics.streamed import LaggedMoments, overlapping

    lags, chunk, anchored = int(model.lags), int(model.chunk), model.anchor == "last"
    unknown = lags + model.intercept - anchored
    rows = cut - lags - chunk + 1
    require(cut, lags + chunk, f"fitting {model.name}")
    if rows < unknown and not model.ridge > 0.0:
        raise InputError(
            f"{model.name} has {unknown} coefficients and only {rows} windows to learn them from: take fewer lags, or ridge "
            "above 0",
            code="too-short",
            rows=rows,
            coefficients=unknown,
        )
    moments = LaggedMoments(lags, chunk, model.intercept)
    for run in overlapping(head(), lags + chunk):
        moments.add(run)
    ridge = float(model.ridge)
    if moments.is_well_conditioned(ridge):
        found = moments.solution(ridge, anchored)
    else:
        found = moments.solution_by_qr(overlapping(head(), lags + chunk), ridge, anchored)
    is_known = bool(np.isfinite(found.variance).all())
    variance = found.variance if is_known else moments.variance(overlapping(head(), lags + chunk), found)
    model._learn(found.coefficients, found.intercept, variance)
    model.context = model.lags_ = lags


def _remember(model: Any, head: Head, cut: int) -> None:
    """The length and the fingerprint of the training part, as `fit` leaves them behind."""
    digest = hashlib.sha256()
    for values in head():
        digest.update(values.data)
    model.notes_ = getattr(model, "notes_", ())
    model.trained_lengths_ = np.array([cut], dtype=np.int64)
    model.trained_marks_ = np.array([list(digest.digest())], dtype=np.uint8)


# ---------------------------------------------------------------------------------------------------------------
# Following the series


class Follower:
    """A fitted model that follows a series piece by piece, from the end of its training part on."""

    def __init__(self, model: Forecaster, head: Head, horizon: int) -> None:
        self.model, self.horizon = model, horizon
        self.roll: Roll = planned(model, horizon)
        if getattr(model, "states_", None) is not None:
            raise InputError(
                f"{name_of(model)} is a model of symbols; a series that is read in pieces is one of numbers", code="symbols"
            )
        waiting: Array = np.empty(0)
        last: State | None = None
        for values in head():
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


class Tally:
    """Sums over origins of the errors of several models, as the values come in.

    An origin waits, with its states, until its last target is known: fewer than `horizon` of them do at any time.
    """

    def __init__(self, followers: Sequence[Follower], kept: Index, cut: int) -> None:
        self.followers, self.kept, self.horizon = followers, kept, followers[0].horizon
        self.known = cut
        self.waiting = [follower.last for follower in followers]
        self.behind: Array = np.empty(0)  # the values after the first origin that waits
        self.count = 0
        shape = (len(followers), len(kept))
        self.squares, self.sizes, self.sums = np.zeros(shape), np.zeros(shape), np.zeros(shape)

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
        self.behind = self.behind[ready:].copy()

    def _score(self, states: Sequence[State], begin: int, count: int) -> None:
        """The first `count` rows of these states; the first of them is the origin `begin` places behind the first value."""
        if not count:
            return
        states = [take(state, slice(0, count)) for state in states]
        usable = np.logical_and.reduce([is_whole(state) for state in states])
        if not usable.all():
            states = [take(state, np.flatnonzero(usable)) for state in states]
        origins = begin + np.flatnonzero(usable)
        self.count += len(origins)
        for index, (follower, state) in enumerate(zip(self.followers, states, strict=True)):
            for block in blocks(len(origins), self.horizon):
                ahead = follower.roll(take(state, block), None)
                error = ahead if len(self.kept) == self.horizon else ahead[:, self.kept - 1]
                error = error - targets(self.behind, origins[block], self.kept)
                self.sums[index] += error.sum(axis=0)
                self.squares[index] += np.einsum("ij,ij->j", error, error)
                self.sizes[index] += np.abs(error, out=error).sum(axis=0)

    def readings(self, fitted: Mapping[str, Any]) -> tuple[Index, dict[str, Array]]:
        """How many origins count, [steps], and the readings {name: [1, models, steps]}."""
        if not self.count:
            raise InputError(
                f"the series is too short: no origin behind the training part has {self.horizon} values after it",
                code="too-short",
                found=self.known,
            )
        if not np.isfinite(self.squares).all():
            raise InputError("the squared errors leave the range of numbers: divide the series by a constant", code="overflow")
        found = {
            "rmse": np.sqrt(self.squares / self.count),
            "mae": self.sizes / self.count,
            "bias": self.sums / self.count,
            "skill": skill(fitted.values(), self.squares[None])[0],
        }
        return np.full(len(self.kept), self.count), {name: values[None] for name, values in found.items()}

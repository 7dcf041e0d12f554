"""A combination of models, weighted step by step by their errors behind cuts inside the training part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, ClassVar

import numpy as np

from ..distributions import Normal
from ..errors import FitError, InputError, ParameterError
from ..numerics import combination
from ..parameters import one_of, refuse, whole
from ..protocols import Array, Batch, Batched, FittedBatch, Forecaster, Index, Roll, State, UsesColumns, notes_of
from ..series import Series, in_fixed_order
from ..storage import Arrays, register
from ..text import as_text
from ..walk import check_forecaster, name_of, planned, take, walk
from ..windows import targets
from . import stored
from .model import Model, Shapes
from .wrappers import alike, fit_inner

REACH = 64
"""Steps that are weighed where neither the user nor an evaluation says how many."""
SHORTEST = 5
"""Fewer values than this are too few for cuts."""
NOMINAL = 0.9
"""The distribution is the normal one whose interval of this level is that of the errors."""
SIDE_BY_SIDE = 64
"""Series that are combined at a time."""


@register
class Several:
    """Models that a file holds as one field."""

    def __init__(self, models: Sequence[Any]) -> None:
        self.models = tuple(models)

    def __pack__(self) -> tuple[dict[str, Any], Arrays]:
        return {f"model{place}": model for place, model in enumerate(self.models)}, {}

    @classmethod
    def __unpack__(cls, facts: Mapping[str, Any], arrays: Arrays) -> Several:
        names = [f"model{place}" for place in range(len(facts))]
        if arrays or not names or sorted(names) != sorted(facts):
            raise ValueError("a list of models is malformed")
        return cls([facts[name] for name in names])


class Combined(Model):
    """What combinations share: members are fitted behind three cuts for their weights, and then on everything."""

    _learned: ClassVar[tuple[str, ...]] = ("models_", "weights_", "errors_", "missing_")
    horizon: int | None
    origins: int | None
    models_: Several
    weights_: Array
    errors_: Array
    missing_: Array

    def _check(self) -> None:
        self.horizon = None if self.horizon is None else whole("horizon", self.horizon)
        self.origins = None if self.origins is None else whole("origins", self.origins)

    def _members(self, panel: tuple[Series, ...]) -> list[Any]:
        """The models to combine, not fitted."""
        raise NotImplementedError

    def _forecasts(self, models: Sequence[Any], aheads: list[Array], panel: Sequence[Series]) -> list[Array]:
        """The members' forecasts [rows, horizon], as they are combined; `panel` is what they were fitted on."""
        return aheads

    def _weighed(self, errors: Array, count: int) -> Array:
        """[members, horizon]: the weights, from errors [members, rows, horizon]."""
        return combination.weights_by_step(errors, count)

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        panel = tuple(in_fixed_order(panel))
        horizon, count = self.horizon or REACH, max(len(part) for part in panel)
        members = self._members(panel)
        for member in members:
            self._check_member(member, panel[0])
        errors = self._behind_cuts(members, panel, horizon)
        models = _fitted(members, panel)
        able = [place for place, model in enumerate(models) if model is not None]
        if not able:
            # The first member says why nothing can be fitted.
            fit_inner(members[0], list(panel))
        dropped = [name_of(members[place]) for place in range(len(members)) if place not in able]
        if dropped:
            self._note(f"not fitted, and left out: {', '.join(dropped)}")
        errors = errors[able]
        self.weights_ = self._weighed(errors, count)
        self.models_ = Several([models[place] for place in able])
        # A member without a forecast at an origin leaves the combination without one, unless it has no weight.
        weighs = self.weights_[:, None]
        own = np.where(weighs > 0.0, weighs * errors, 0.0).sum(axis=0)
        self.missing_ = np.isnan(own).astype(np.float64)
        self.errors_ = np.where(np.isnan(own), 0.0, own)
        self._settle(panel)
        for model in self.models_.models:
            self.notes_ += tuple(text for text in notes_of(model) if text not in self.notes_)
        return int(max(1, *(model.context for model in self.models_.models)))

    def _check_member(self, member: Any, series: Series) -> None:
        """Refuse a member that uses columns: its weights would be those of columns and past together."""
        if isinstance(member, UsesColumns) and member.columns_on(series)[0]:
            raise ParameterError(
                f"{name_of(member)} uses other columns, and the members of {type(self).__name__} cannot: give them to "
                "all of it, Regressed(Averaged([..]), on=..)",
                code="parameter",
                name="models",
            )

    def _settle(self, panel: tuple[Series, ...]) -> None:
        """Learn what else the forecasts need, once the members are fitted."""

    def _behind_cuts(self, members: Sequence[Any], panel: tuple[Series, ...], horizon: int) -> Array:
        """[members, rows, horizon]: errors of copies fitted before each cut, from origins behind it; NaN where none."""
        panel = tuple(part for part in panel if len(part) >= SHORTEST)  # shorter ones have no cuts
        plans = [combination.origins_behind(len(part), self.origins) for part in panel]
        found = [np.empty((len(members), 0, horizon))]
        for place in range(combination.CUTS):
            heads = [part[: int(own[place][0])] for part, own in zip(panel, plans, strict=True)]
            heads = [head for head in heads if len(head)]
            models = _fitted(members, heads) if heads else [None] * len(members)
            for part, own in zip(panel, plans, strict=True):
                known = part[: int(own[place][-1])]
                aheads = [
                    _ahead(model, known, own[place], horizon)
                    if model is not None
                    else np.full((len(own[place]), horizon), np.nan)
                    for model in models
                ]
                aheads = self._forecasts(models, aheads, heads)
                happened = targets(part.numbers, own[place], np.arange(1, horizon + 1))
                found.append(np.stack(aheads) - happened)
        return np.concatenate(found, axis=1)

    def __str__(self) -> str:
        """The members and their weights at the first step and the last, and how many errors they come from."""
        if "models_" not in self.__dict__:
            return repr(self)
        last, counts = self.weights_.shape[1], self.error_counts
        ends = [0, last - 1] if last > 1 else [0]
        behind = " and ".join(f"{counts[step]} at step {step + 1}" for step in ends)
        rows = [
            [name_of(model), *(f"{own[step]:.2f}" for step in ends)]
            for model, own in zip(self.models_.models, self.weights_, strict=True)
        ]
        return f"{self.name}, weights from errors behind three cuts: {behind}\n" + as_text(
            ["model", *(f"k={step + 1}" for step in ends)], rows
        )

    # -- use ----------------------------------------------------------------------------------------------------

    def _encode_series(self, series: Series, after: State | None) -> State:
        found: list[Array] = []
        if after is None:
            for model in self.models_.models:
                state = model.encode(series)
                found += take(state, slice(min(self.context - model.context, len(state[0])), None))
            return tuple(found)
        for model, own in zip(self.models_.models, self._slices(), strict=True):
            found += model.encode(series, after[own])
        return tuple(found)

    def _slices(self) -> list[slice]:
        """Which arrays of a state are those of each member: how many there are is seen on a series of ones."""
        models = self.models_.models
        ends = accumulate(len(model.encode(np.ones(max(int(model.context), 1)))) for model in models)
        return [slice(begin, end) for begin, end in pairwise([0, *ends])]

    def _plan(self, horizon: int) -> Roll:
        rolls, slices = [planned(model, horizon) for model in self.models_.models], self._slices()
        weights = self.weights_[:, np.minimum(np.arange(horizon), self.weights_.shape[1] - 1)]

        def roll(state: State, out: Array | None) -> Array:
            aheads = [own(state[part], None) for own, part in zip(rolls, slices, strict=True)]
            return mixed(self._used(aheads), weights)

        return roll

    def _used(self, aheads: list[Array]) -> list[Array]:
        """The fitted members' forecasts, as they are combined."""
        return aheads

    def half_widths(self, level: float, horizon: int) -> Array:
        """[horizon]: half the width of the interval of each step, from the errors behind the cuts."""
        return np.asarray(self._outwards(self._widths(level, horizon)))

    def _widths(self, level: float, horizon: int) -> Array:
        """The same in the unit inside."""
        return combination.half_widths(np.where(self.missing_ > 0.0, np.nan, self.errors_), level, horizon)

    @property
    def error_counts(self) -> Index:
        """[horizon]: how many errors behind the cuts there are at each step."""
        return np.asarray((self.missing_ == 0.0).sum(axis=0))

    @property
    def _predictive(self) -> Callable[[State, int], Normal]:
        """(state, horizon) -> Normal [rows, horizon] around the forecast; without errors behind the cuts there is none.

        Its 90 % interval is that of those errors.
        """
        if self.missing_.all():
            raise AttributeError("there are no errors to make a distribution of")
        from scipy.special import ndtri

        def distribution(state: State, horizon: int) -> Normal:
            widths = self._widths(NOMINAL, horizon)
            # Few errors bear no interval of this level: the largest of them stands in.
            widths = np.where(np.isfinite(widths), widths, np.abs(self.errors_).max())
            return Normal(self._plan(horizon)(state, None), widths / float(ndtri(0.5 + NOMINAL / 2.0)))

        return distribution

    # -- many series --------------------------------------------------------------------------------------------

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """Each series by itself, where all members are fitted in batches."""
        length = batch.heads.shape[1]
        members = self._batch_members()
        if not members or length < SHORTEST or not all(isinstance(model, Batched) for model in members):
            return []
        found = []
        for start in range(0, len(batch.heads), SIDE_BY_SIDE):
            rows = slice(start, start + SIDE_BY_SIDE)
            one = self._combined(members, batch, rows)
            found += [] if one is None else [one]
        return found

    def _batch_members(self) -> list[Any]:
        """The members for a batch; none where they cannot be told without the series."""
        return []

    def _reaches(self, fitted: Sequence[Any], heads: Array) -> Array | None:
        """[series]: how far from the first two members the others may go in a step; None for any distance."""
        return None

    def _combined(self, members: Sequence[Any], batch: Batch, rows: slice) -> FittedBatch | None:
        heads, peaks, length = batch.heads[rows], batch.peaks[rows], batch.heads.shape[1]
        weighed = self.horizon or batch.horizon
        every = np.arange(1, max(weighed, batch.horizon) + 1)
        plan, found = combination.origins_behind(length, self.origins), []
        for origins, stop in zip(plan, combination.cuts(length)[1:], strict=True):
            cut = int(origins[0])
            fitted = _in_batch(members, Batch(heads[:, :cut], peaks, weighed, every[:weighed]))
            if fitted is None:
                return None
            count = max(stop - cut, 1)  # two cuts of a very short series may be one
            shape = (len(heads), weighed, count)
            aheads = [np.broadcast_to(own.ahead(slice(None), heads, cut, count), shape) for own in fitted]
            aheads = near(aheads, self._reaches(fitted, heads[:, :cut]))
            padded = np.concatenate([heads, np.full((len(heads), weighed), np.nan)], axis=1)
            happened = np.lib.stride_tricks.sliding_window_view(padded, weighed, axis=1)[:, origins].swapaxes(1, 2)
            found.append(np.stack([own[:, :, origins - cut] for own in aheads], axis=1) - happened[:, None])
        errors = np.concatenate(found, axis=3).swapaxes(2, 3)
        weights = self._weighed(errors, length)[:, :, np.minimum(every - 1, weighed - 1)]
        fitted = _in_batch(members, Batch(heads, peaks, len(every), every))
        if fitted is None:
            return None
        reaches = self._reaches(fitted, heads)
        return Mixed(batch.all[rows], len(members) * len(every), batch.kept, tuple(fitted), weights, reaches)

    # -- storage ------------------------------------------------------------------------------------------------

    def _shapes(self) -> Shapes:
        size = len(self.models_.models)
        return {"weights_": (size, None), "errors_": (None, None), "missing_": self.errors_.shape}

    def _check_learned(self) -> None:
        if self.context != max(1, *(model.context for model in self.models_.models)):
            raise ValueError("context does not fit the members")
        if not ((self.weights_ >= 0.0).all() and np.allclose(self.weights_.sum(axis=0), 1.0)):
            raise ValueError("weights_ are no shares of 1")


@register
class Averaged(Combined):
    """A weighted mean of the forecasts of several models, with weights of its own at each step.

    >>> import stepahead as sa
    >>> model = Averaged([sa.AR(4), sa.baselines.SES()], horizon=8).fit(sa.datasets.nile())
    >>> model.weights_[:, [0, 7]].round(2)
    array([[0.45, 0.43],
           [0.55, 0.57]])

    The models are fitted before each of three cuts in the second half of the training part, and once more on all of
    it: four fits each. Behind a cut each is rolled out from some origins, and the weight at a step is proportional to
    (r + .1)^-2, r being its mean squared error over that of all members, drawn towards equal weights by
    20 / (n + 20) of n values.

    Parameters
    ----------
    models : two or more Forecasters of numbers. They are copied.
    weights : "by-step", or "equal".
    horizon : steps that have weights of their own, those of the last for all after it; by default that of the
        evaluation, else 64.
    origins : how many there are behind each cut; by default a twentieth of the values, 4 at least and 20 at most.

    Attributes
    ----------
    models_ : the fitted copies, `Several`. weights_ : [models, horizon].
    errors_ : [rows, horizon] of the combination behind the cuts; `missing_` is 1 where there is none.

    Source: combining forecasts: Bates & Granger (1969).
    """

    def __init__(
        self, models: Any, weights: str = "by-step", horizon: int | None = None, origins: int | None = None
    ) -> None:
        self.models = models
        self.weights = weights
        self.horizon = horizon
        self.origins = origins

    def _check(self) -> None:
        super()._check()
        if isinstance(self.models, Several):
            self.models = list(self.models.models)
        if not isinstance(self.models, (list, tuple)) or len(self.models) < 2:
            raise refuse("models", self.models, "a list of two models or more")
        for model in self.models:
            check_forecaster(model)
        one_of("weights", self.weights, ("by-step", "equal"))

    @property
    def name(self) -> str:
        """``Averaged(AR(4), SES)``."""
        return f"Averaged({', '.join(name_of(model) for model in self.models)})"

    def _members(self, panel: tuple[Series, ...]) -> list[Any]:
        return list(self.models)

    def _batch_members(self) -> list[Any]:
        return list(self.models)

    def _weighed(self, errors: Array, count: int) -> Array:
        if self.weights == "equal":
            return np.full((*errors.shape[:-2], errors.shape[-1]), 1.0 / errors.shape[-3])
        return super()._weighed(errors, count)

    def __pack__(self) -> tuple[dict[str, Any], Arrays]:
        facts, arrays = stored.packed(self)
        return facts | {"models": Several(self.models)}, arrays

    def _check_learned(self) -> None:
        super()._check_learned()
        asked = iter(self.models)  # those that could not be fitted are left out
        if not all(any(alike(model, other) for other in asked) for model in self.models_.models):
            raise ValueError("the members are none of this model")


def mixed(aheads: Sequence[Array], weights: Array) -> Array:
    """The weighted mean of forecasts [.., horizon], around the first: where all agree it is that, to the last digit."""
    out = aheads[0].copy()
    for weight, own in zip(weights[1:], aheads[1:], strict=True):
        out += weight * (own - aheads[0])
    return out


def near(aheads: list[Array], reaches: Array | None) -> list[Array]:
    """The forecasts [series, horizon, origins] kept near the first two: within `reaches` [series] times the root of the
    step outside of them.
    """
    if reaches is None:
        return aheads
    one, two = aheads[:2]
    away = reaches[:, None, None] * np.sqrt(np.arange(1.0, one.shape[1] + 1.0))[:, None]
    low, high = np.minimum(one, two) - away, np.maximum(one, two) + away
    return [one, two, *(np.clip(own, low, high) for own in aheads[2:])]


def _fitted(members: Sequence[Any], panel: Sequence[Series]) -> list[Any]:
    """A fitted copy of each member, None where it cannot be fitted."""
    found: list[Any] = []
    for member in members:
        try:
            found.append(fit_inner(member, list(panel)))
        except (InputError, FitError):
            found.append(None)
    return found


def _ahead(model: Forecaster, known: Series, origins: Index, horizon: int) -> Array:
    """[origins, horizon]: the forecasts from each origin; NaN where there is none."""
    out = np.full((len(origins), horizon), np.nan)
    own = walk(model, known, horizon=horizon).at(np.unique(origins))
    table = own.table(horizon)
    place = np.searchsorted(own.origins, origins).clip(0, max(len(own.origins) - 1, 0))
    if len(own.origins):
        found = own.origins[place] == origins
        out[found] = table[place[found]]
    return out


def _in_batch(members: Sequence[Any], batch: Batch) -> list[FittedBatch] | None:
    """The members fitted to each series of a batch; None where one of them leaves a series out."""
    found: list[FittedBatch] = []
    for member in members:
        parts = list(member.fit_batch(batch))
        rows = np.concatenate([part.rows for part in parts]) if parts else np.empty(0)
        if not np.array_equal(rows, batch.all) or any(part.context > batch.heads.shape[1] for part in parts):
            return None
        found.append(parts[0] if len(parts) == 1 else Joined(parts))
    return found


@dataclass(frozen=True)
class Joined:
    """Fitted batches of one model, one after the other."""

    parts: Sequence[FittedBatch]

    @property
    def rows(self) -> Index:
        """All series."""
        return np.concatenate([part.rows for part in self.parts])

    @property
    def width(self) -> int:
        """The most of any part."""
        return max(part.width for part in self.parts)

    @property
    def context(self) -> int:
        """The most of any part."""
        return max(part.context for part in self.parts)

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]."""
        start, stop, _ = part.indices(len(self.rows))
        found, begin = [], 0
        for own in self.parts:
            size = len(own.rows)
            low, high = max(start - begin, 0), min(stop - begin, size)
            if low < high:
                mine = values[begin + low - start : begin + high - start]
                found.append(own.ahead(slice(low, high), mine, first, count))
            begin += size
        return np.concatenate(found)


@dataclass(frozen=True)
class Mixed:
    """Combinations of many series."""

    rows: Index
    width: int
    kept: Index
    members: tuple[FittedBatch, ...]
    weights: Array
    """[series, members, horizon]."""
    reaches: Array | None

    @property
    def context(self) -> int:
        """The most of any member."""
        return max(1, *(member.context for member in self.members))

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]."""
        shape = (len(values), self.weights.shape[2], count)
        # An axis along which nothing changes may have length 1.
        aheads = [np.broadcast_to(member.ahead(part, values, first, count), shape) for member in self.members]
        aheads = near(aheads, None if self.reaches is None else self.reaches[part])
        weights = self.weights[part].swapaxes(0, 1)[..., None]
        return mixed(aheads, weights)[:, self.kept - 1]

"""Base class of the models: arguments are checked, values scaled and numpy's warnings silenced here, so that authors
write maths alone.
"""

from __future__ import annotations

import copy
import hashlib
import inspect
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np
import numpy.typing as npt

from .. import storage
from ..errors import DtypeError, FitError, InputError, NotFittedError, note, shown
from ..memory import LEAST_BUDGET, afford
from ..parameters import is_auto, refuse, whole
from ..protocols import Array, Column, LooksAhead, Roll, Seeded, State, Streamed, TakesSeasons
from ..reading.pieces import Pieces
from ..series import Series, as_panel, as_series, in_fixed_order
from ..walk import planned, take, usable, values_ahead
from ..windows import require, runs
from . import stored
from .stored import FITTED, LEAST_UNIT, MOST_UNIT, ORDINARY

if TYPE_CHECKING:
    from typing import Self

    from ..seasons import Seasons


PLAIN = frozenset((int, float, bool, str, type(None)))
"""Kinds of arguments in which no model is."""
Shapes = dict[str, tuple[int | None, ...]]
COSTS = {
    "fit": ("fitting", "Take a smaller train="),
    "encode": ("the states of", "Take a shorter series"),
    "plan": ("the steps of", "Take fewer steps"),
    "rollout": ("rolling out", "Roll out fewer rows or steps at a time"),
    "predictive": ("the distributions of", "Take fewer rows or steps at a time"),
    "paths": ("the paths of", "Draw fewer, or from fewer origins"),
}
"""Words of the memory error of each method."""


class Model:
    """Base class of the models here, and of a model of your own.

    `fit`, `encode` and `rollout` are final: they check arguments, series and memory, scale values of an extraordinary
    size to a unit, silence numpy, and reject results that are not finite. An author writes three functions on clean
    arrays:

    - ``_fit(segments) -> context``: learn from the observed segments, a list of arrays; or ``_fit_panel(panel)``.
    - ``_encode(values, after) -> state``: [time] values, NaN where missing; or ``_encode_series(series, after)``.
    - ``_rollout(state, horizon)``, [rows, horizon]; or ``_plan(horizon)``, a roll-out for a fixed number of steps.

    One that knows its uncertainty adds ``_predictive(state, horizon)`` (or ``_plan_predictive(horizon)``), one that
    draws ``_paths(state, horizon, n, seed, origins)``: `predictive` and `paths` are then available.

    A constructor only stores its arguments; what `fit` learns has a name that ends in an underscore. A subclass names
    in `_learned` what `fit` learns (arrays, numbers, text), and checks and normalises its arguments in `_check`.

    Values are scaled to a unit, a power of two, where the largest of the training part is beyond 2 ** 300 or below
    2 ** -300: what is learned is then in units of 2 ** `unit_`.
    """

    _learned: ClassVar[tuple[str, ...]] = ()
    _learned_of_columns: ClassVar[tuple[str, ...]] = ()
    """What a fit that uses columns learns besides."""
    _shown: ClassVar[tuple[str, ...]] = ()
    """Arguments that a repr shows even where they have their default; every model file has had them."""
    _values: ClassVar[Mapping[str, Any]] = {}
    """Arguments of several fields, by the class that has `read` and `changed`: a spec holds them as data."""
    reads_pieces: ClassVar[bool] = True
    _any_size: bool = False
    """Whether values are taken as they come, whatever their size: the maths holds at any, or the unit is the user's."""
    _ordinary: ClassVar[int] = ORDINARY
    """Largest exponent of two, up or down, of values that are not scaled to a unit."""
    _costs: ClassVar[Mapping[str, Callable[..., int]]] = {}
    """Peak memory, in numbers: "fit" (model, values, longest series), "encode" (model, rows), "plan" (model, steps),
    "rollout" and "predictive" (model, rows, steps), "paths" (model, rows, steps, n)."""
    _signature: ClassVar[Mapping[str, inspect.Parameter]]

    context: int
    columns_: tuple[Column, ...] = ()
    unit_: int = 0
    """Values are in units of 2 ** `unit_` inside."""
    trained_lengths_: npt.NDArray[np.int64]
    """[series] how many values of each the model was fitted on."""
    trained_fingerprints_: npt.NDArray[np.uint8]
    """[series, 32] the SHA-256 of those values."""
    notes_: tuple[str, ...]

    def __init_subclass__(cls) -> None:
        """A model that says what its distribution or its paths are has `predictive` and `paths`, checked."""
        own = vars(cls)
        if "_plan_predictive" in own:
            cls.plan_predictive = property(_plan_predictive, doc=own["_plan_predictive"].__doc__)  # type: ignore[attr-defined]
        for hook, edge in (("_plan_predictive", _predictive), ("_predictive", _predictive), ("_paths", _paths)):
            if hook in own:
                setattr(cls, edge.__name__[1:], property(edge, doc=own[hook].__doc__))

    def _check(self) -> None:
        """Raise ParameterError where an argument is not allowed."""

    def _shapes(self) -> Shapes:
        """Expected shapes of everything learned, by name, for a loaded file: () is a number, None a length above 0."""
        return {}

    def _check_learned(self) -> None:
        """Raise ValueError where what was learned has the right shapes and is still not a valid model."""

    # -- arguments ----------------------------------------------------------------------------------------------

    @classmethod
    def _arguments(cls) -> Mapping[str, inspect.Parameter]:
        """What the constructor takes, by name; looked up on first use, to keep the import fast."""
        if "_signature" not in cls.__dict__:
            cls._signature = inspect.signature(cls).parameters
        return cls._signature

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments by name."""
        return {name: getattr(self, name) for name in self._arguments()}

    def set_params(self, **params: Any) -> Self:
        """Change arguments. What was learned with the old ones is forgotten: fit again."""
        for name in params:
            if name not in self._arguments():
                raise refuse("parameter", name, "one of " + ", ".join(self._arguments()))
        self._forget()
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def clone(self) -> Self:
        """A new model with the same arguments and nothing learned.

        >>> from stepahead import AR
        >>> AR(lags=2).fit([1.0, 2.0, 4.0, 3.0, 5.0, 4.0]).clone()
        AR(lags=2)
        """
        return type(self)(**{name: copy.deepcopy(value) for name, value in self.get_params().items()})

    def reseeded(self, seed: int) -> Self | None:
        """A copy with another `seed`, also of the model or regressor inside; None where nothing about it is random."""
        made = copy.deepcopy(self)
        params = made.get_params()
        others = {name: seed if name == "seed" else _reseeded(value, seed) for name, value in params.items()}
        changed = {name: other for name, other in others.items() if name == "seed" or other is not params[name]}
        for name, other in changed.items():
            setattr(made, name, other)
        return made if changed else None

    @property
    def _looks_ahead(self) -> bool:
        """Whether an argument `horizon` that is None, if there is one, takes part in the fit."""
        return True

    def for_horizon(self, horizon: int) -> Self:
        """A copy whose automatic choices use this horizon, unless one was given; also in the models inside.

        The model itself where nothing changes. An evaluation asks for it, with its own horizon.

        >>> from stepahead import AR
        >>> AR("auto").for_horizon(24), AR(4).for_horizon(24), AR("auto", horizon=8).for_horizon(24)
        (AR(lags='auto', horizon=24), AR(lags=4), AR(lags='auto', horizon=8))
        """
        params = self.get_params()
        changed = _told(params, lambda part: part.for_horizon(horizon) if isinstance(part, LooksAhead) else part)
        if params.get("horizon", horizon) is None and self._looks_ahead:
            changed["horizon"] = horizon
        return copy.deepcopy(self).set_params(**changed) if changed else self

    @property
    def _uses_season(self) -> bool:
        """Whether an argument `season`, if there is one, takes part in the fit."""
        return True

    def for_seasons(self, seasons: Seasons) -> Self:
        """A copy that takes its season from those that an evaluation found, where it is left to be found; also in the
        models inside. The model itself where nothing changes.

        >>> from stepahead import Theta
        >>> from stepahead.seasons import Seasons
        >>> Theta().for_seasons(Seasons((12,), "given")), Theta(season=4).for_seasons(Seasons((12,), "given"))
        (Theta(season=12), Theta(season=4))
        """
        params = self.get_params()
        changed = _told(params, lambda part: part.for_seasons(seasons) if isinstance(part, TakesSeasons) else part)
        if is_auto(params.get("season")) and self._uses_season:
            changed["season"] = seasons.period
        return copy.deepcopy(self).set_params(**changed) if changed else self

    def columns_on(self, series: Series) -> tuple[tuple[Column, ...], int | None]:
        """The columns that a fit on a series would use, and the most steps it could forecast; see `UsesColumns`."""
        return (), None

    @property
    def leads(self) -> int:
        """How many steps beyond the one it forecasts it reads of the columns known ahead."""
        return 0

    def __sklearn_clone__(self) -> Self:
        return self.clone()

    def __repr__(self) -> str:
        given = [
            f"{name}={getattr(self, name)!r}"
            for name, parameter in self._arguments().items()
            if name in self._shown
            or (getattr(self, name) is not parameter.default and getattr(self, name) != parameter.default)
        ]
        return f"{type(self).__name__}({', '.join(given)})"

    @property
    def name(self) -> str:
        """What tables call this model: the class and its first argument, ``AR(24)``."""
        first = next(iter(self._arguments()), None)
        return type(self).__name__ if first is None else f"{type(self).__name__}({getattr(self, first)})"

    # -- fitting ------------------------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        if name == "context" or (name.endswith("_") and not name.startswith("_")):
            raise NotFittedError(
                f"{type(self).__name__} is not fitted: call .fit(series) before asking for {name}",
                code="not-fitted",
                model=type(self).__name__,
                asked=name,
            )
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")

    @final
    def fit(self, series: Any) -> Self:
        """Fit to one series, or to a list of them (one pooled fit); a series that comes in `pieces` is read piece by
        piece.

        A fit that fails leaves a model that is not fitted.
        """
        self._check()
        self._forget()
        try:
            if isinstance(series, Pieces):
                return self._fit_stream(series)
            panel = self._begin(series)
            with np.errstate(all="ignore"):
                context = self._fit_panel(panel)
            return self._done(context)
        except BaseException:
            self._forget()
            raise

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        """Learn from clean series in one unit; the context."""
        return self._fit([run for part in in_fixed_order(panel) for run in runs(part.numbers)])

    def _fit(self, segments: list[Array]) -> int:
        """Learn from the contiguous segments of all series; the context."""
        raise NotImplementedError(f"{type(self).__name__} has no _fit")

    def _begin(self, series: Any) -> tuple[Series, ...]:
        """The series to fit on, checked, remembered and in one unit."""
        panel = as_panel(series)
        for part in panel:
            self._accept(part)
        self._require(panel, 1)
        total = sum(len(part) for part in panel)
        found = [run for part in panel for run in runs(part.numbers)]
        if not found:
            raise InputError(
                f"fitting {self.name}: none of the values was observed", code="missing-values", count=len(panel[0])
            )
        # What every fit makes of the values: a copy without the level, its squares, and where they are missing.
        self._afford(total, 4, *COSTS["fit"])
        self._ask("fit", total, max(len(part) for part in panel))
        self._remember([len(part) for part in panel], [fingerprint(part.values) for part in panel])
        self._settle_unit(max(max(-float(run.min()), float(run.max())) for run in found))
        return tuple(self._in_unit(part if part.beside is None else part.closed()) for part in panel)

    def _fit_stream(self, found: Pieces) -> Self:
        """Learn from a series in pieces, where the model can; else from the whole of it."""
        if not found.again:
            raise InputError(
                "a fit may need a second pass, and an iterator can be read only once: give a file", code="read-twice"
            )
        digest, length, peak = hashlib.sha256(), 0, 0.0
        for values in found:
            digest.update(values.data)
            length, peak = length + len(values), max(peak, -float(values.min()), float(values.max()))
        require(length, 1, f"fitting {self.name}", found.name or None)
        self._remember([length], [digest.digest()])
        self._settle_unit(peak)
        if isinstance(self, Streamed):
            with np.errstate(all="ignore"):
                if self.fit_pieces(lambda: map(self._inwards, found), length):
                    return self._done(self.context)
        return self.fit(found.whole())

    def _remember(self, lengths: list[int], fingerprints: list[bytes]) -> None:
        """Keep the lengths and fingerprints of the training part, so that an evaluation finds it again,
        and clear the notes.
        """
        self.notes_ = ()
        self.trained_lengths_ = np.array(lengths, dtype=np.int64)
        self.trained_fingerprints_ = np.array([list(one) for one in fingerprints], dtype=np.uint8).reshape(-1, 32)

    def _done(self, context: int) -> Self:
        """Fitted, where what was learned is a number."""
        for name in self._learned:
            value = self.__dict__.get(name)
            if isinstance(value, (float, np.ndarray)) and np.asarray(value).dtype.kind == "f" and np.isnan(value).any():
                raise FitError(f"{self.name}: {name} is not finite; the fit failed", code="diverged", learned=name)
        self.context = context
        return self

    def _given(self, context: int) -> Self:
        """Fitted, by parameters that were given: there is no training part."""
        self._remember([], [])
        return self._done(context)

    def _forget(self) -> None:
        more = ("columns_", *self._learned_of_columns) if self.columns_ else ()
        for name in (*FITTED, "notes_", "unit_", *self._learned, *more):
            self.__dict__.pop(name, None)

    def _note(self, text: str) -> None:
        """Add a note on this fit."""
        self.notes_ += (note(f"{self.name}: {text}"),)

    # -- the unit -----------------------------------------------------------------------------------------------

    def _settle_unit(self, peak: float) -> None:
        """Values scaled to near 1 by a power of two, which is exact, where the largest is extreme."""
        exponent = int(np.frexp(peak)[1])
        if abs(exponent) > self._ordinary and not self._any_size:
            self.unit_ = min(max(exponent, LEAST_UNIT), MOST_UNIT)

    def _inwards(self, values: Array) -> Array:
        with np.errstate(over="ignore"):
            return np.ldexp(values, -self.unit_) if self.unit_ else values

    def _outwards(self, values: Array) -> Array:
        with np.errstate(over="ignore"):
            return np.ldexp(values, self.unit_) if self.unit_ else values

    def _in_unit(self, series: Series) -> Series:
        return series.with_values(self._inwards(series.values)) if self.unit_ else series

    # -- memory and series --------------------------------------------------------------------------------------

    def _ask(self, verb: str, *sizes: int) -> None:
        """Refuse a call whose memory is past the budget."""
        if verb in self._costs:
            self._afford(1, self._costs[verb](self, *sizes), *COSTS[verb])

    def _afford(self, rows: int, steps: int, what: str, remedy: str) -> None:
        """Refuse what takes [rows, steps] numbers where that is past the budget, before any of it is allocated."""
        if rows * steps * 8 > LEAST_BUDGET:  # reading the budget takes longer than a small fit
            afford(rows, steps, f"{what} {self.name}", remedy)

    def _require(self, panel: tuple[Series, ...], needed: int) -> None:
        """Refuse fewer than `needed` values; in a panel the longest series decides, and shorter ones add nothing."""
        longest = max(panel, key=len)
        require(len(longest), needed, f"fitting {self.name}", longest.name)

    def _accept(self, series: Series) -> None:
        """Refuse symbols; a model of symbols says otherwise."""
        if series.categories is not None:
            first = series[0] if len(series) else series.categories[0]
            raise DtypeError(
                f"{type(self).__name__} is a model of numbers; the series holds text, the first "
                f"{shown(first)}: use MarkovChain for symbols",
                code="symbols",
                found=first,
                model=type(self).__name__,
            )

    def _opened(self, values: Any) -> Series:
        """A series that the model takes, in its unit, checked."""
        series = as_series(values)
        self._accept(series)
        return self._in_unit(series)

    # -- use ----------------------------------------------------------------------------------------------------

    @final
    def encode(self, values: Any, after: State | None = None) -> State:
        """One state for each origin from `context` to the end, [rows, ...]; see `Forecaster`."""
        _ = self.context
        series = self._opened(values)
        self._ask("encode", len(series) + 1)
        with np.errstate(all="ignore"):  # after an overflow there is no forecast
            return self._encode_series(series, after)

    def _encode_series(self, series: Series, after: State | None) -> State:
        return self._encode(series.numbers, after)

    def _encode(self, values: Array, after: State | None) -> State:
        """A state for each origin from the context on, or, going on from the last row of a piece before,
        for each value.
        """
        raise NotImplementedError(f"{type(self).__name__} has no _encode")

    @final
    def rollout(self, state: State, horizon: int, *ahead: Array) -> Array:
        """The next `horizon` values after each state, [rows, horizon]; of symbols their indices in `states_`.

        A model that uses columns also takes what is known ahead of them, [rows, horizon, columns]. NaN after a state
        with NaN, which has no forecast. Raises FitError where a forecast overflows.
        """
        roll, good = planned(self, horizon), usable(self, state)
        self._afford(len(good), int(horizon), *COSTS["rollout"])
        if good.all():
            return roll(state, None, *ahead)
        out, rows = np.full((len(good), int(horizon)), np.nan), np.flatnonzero(good)
        out[good] = roll(take(state, rows), None, *take(ahead, rows))
        return out

    @final
    def plan(self, horizon: int) -> Roll:
        """The roll-out of `horizon` steps, (states, where to write or None) -> forecasts:
        work that no state changes is done once.
        """
        horizon = whole("horizon", horizon)
        self._afford(1, horizon, *COSTS["plan"])
        self._ask("plan", horizon)
        roll, asks = self._plan(horizon), "rollout" in self._costs
        if not asks and not self.unit_:
            return roll

        def edged(state: State, out: Array | None, *ahead: Array) -> Array:
            self._ask("rollout", len(state[0]), horizon)
            return np.asarray(self._outwards(roll(state, out if not self.unit_ else None, *ahead)))

        return edged

    def _plan(self, horizon: int) -> Roll:
        return lambda state, out, *ahead: self._rollout(state, horizon, *ahead)

    def _rollout(self, state: State, horizon: int) -> Array:
        """The next `horizon` values after each state, [rows, horizon]."""
        raise NotImplementedError(f"{type(self).__name__} has neither _rollout nor _plan")

    def _distribution(
        self, distribution: Callable[..., Any], state: State, horizon: int, ahead: tuple[Array, ...]
    ) -> Any:
        self._ask("predictive", len(state[0]), horizon)
        with np.errstate(all="ignore"):
            found = distribution(state, *ahead)
        return found.scaled(2.0**self.unit_, 0.0) if self.unit_ else found

    def forecast(self, series: Any, horizon: int, origin: int | None = None) -> npt.NDArray[Any]:
        """The next `horizon` values, an array [horizon]; ``stepahead.forecast`` gives them with times and intervals.

        >>> from stepahead import AR
        >>> AR(lags=2).fit([1.0, 2.0, 4.0, 3.0, 5.0, 4.0]).forecast([1.0, 2.0, 4.0, 3.0, 5.0, 4.0], horizon=2).shape
        (2,)
        """
        return values_ahead(self, series, horizon, origin)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to one ``.safetensors`` file: data, never code; whole or not at all."""
        _ = self.context
        storage.save(self, path)

    # -- storage ------------------------------------------------------------------------------------------------

    def __pack__(self) -> tuple[dict[str, Any], storage.Arrays]:
        return stored.packed(self)

    @classmethod
    def __unpack__(cls, facts: Mapping[str, Any], arrays: storage.Arrays) -> Any:
        return stored.unpacked(cls, facts, arrays)


# ---------------------------------------------------------------------------------------------------------------
# Checked `predictive` and `paths`, for models that have them; a wrapper has them where the model inside does


def _predictive(model: Any) -> Callable[..., Any]:
    if hasattr(type(model), "_plan_predictive"):
        return lambda state, horizon, *ahead: model.plan_predictive(horizon)(state, *ahead)
    own = model._predictive
    return lambda state, horizon, *ahead: model._distribution(
        lambda given, *known: own(given, horizon, *known), state, whole("horizon", horizon), ahead
    )


def _plan_predictive(model: Any) -> Callable[[int], Callable[..., Any]]:
    def plan(horizon: int) -> Callable[..., Any]:
        horizon = whole("horizon", horizon)
        model._afford(1, horizon, *COSTS["plan"])
        with np.errstate(all="ignore"):
            distribution = model._plan_predictive(horizon)
        return lambda state, *ahead: model._distribution(distribution, state, horizon, ahead)

    return plan


def _paths(model: Any) -> Callable[..., Array]:
    own = model._paths

    def draw(state: State, horizon: int, n: int, seed: int = 0, origins: Any = None, ahead: Any = None) -> Array:
        rows, horizon, n = len(state[0]), whole("horizon", horizon), whole("n", n)
        model._ask("paths", rows, horizon, n)
        origins = np.arange(rows) + model.context if origins is None else np.asarray(origins)
        known = () if ahead is None else (ahead,)
        with np.errstate(all="ignore"):
            return np.asarray(model._outwards(own(state, horizon, n, int(seed), origins, *known)))

    return draw


def _told(params: Mapping[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """The arguments that a change to the models among them changes, those in a list too."""
    found = {}
    for name, value in params.items():
        if type(value) not in PLAIN and not (type(value) is tuple and (not value or type(value[0]) in PLAIN)):
            found[name] = throughout(value, change)
    return {name: value for name, value in found.items() if value is not params[name]}


def throughout(value: Any, change: Callable[[Any], Any]) -> Any:
    """An argument, or each item of a list, changed; the argument itself where nothing is."""
    if not isinstance(value, (list, tuple)):
        return change(value)
    # Names and numbers are no models.
    made = [item if isinstance(item, (str, int, float)) else throughout(item, change) for item in value]
    return value if all(new is old for new, old in zip(made, value, strict=True)) else made


def _reseeded(value: Any, seed: int) -> Any:
    """An argument with the models in it reseeded; itself where nothing in it is random."""
    return throughout(value, lambda part: part if (other := reseeded(part, seed)) is None else other)


def reseeded(part: Any, seed: int) -> Any:
    """A copy of a model or a regressor with another seed, scikit-learn's random_state; None where it has none."""
    if isinstance(part, (type, str, int, float)) or not (isinstance(part, Seeded) or hasattr(part, "random_state")):
        return None
    if isinstance(part, Seeded):
        return part.reseeded(seed)
    made = copy.deepcopy(part)
    made.random_state = seed
    return made


def fingerprint(values: npt.NDArray[Any]) -> bytes:
    """SHA-256 of the values: identifies training data, also at the head of a longer series."""
    return hashlib.sha256(np.ascontiguousarray(values).data).digest()

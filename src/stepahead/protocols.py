"""Protocols of forecasters: a causal `encode`, then `rollout`, and the optional capabilities of a model.

Any object with these methods is a model; it need not inherit from a class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

__all__ = [
    "Baseline",
    "Batch",
    "Batched",
    "BatchedSymbols",
    "Cell",
    "Checked",
    "Column",
    "Combination",
    "Distributional",
    "Explains",
    "FittedBatch",
    "Forecaster",
    "InCalls",
    "InEpochs",
    "InThreeWays",
    "Named",
    "Noted",
    "Planned",
    "PlannedDistributional",
    "Predictive",
    "Pretrained",
    "ReadsAll",
    "ReadsChunks",
    "ReadsPieces",
    "Regressor",
    "Sampling",
    "Seasonal",
    "Seeded",
    "Streamed",
    "Symbolic",
    "TakesSeasons",
    "Trained",
    "UsesColumns",
    "Whole",
    "WindowReader",
    "WithIntervals",
    "Wrapper",
]

if TYPE_CHECKING:
    from typing import Self

Array: TypeAlias = npt.NDArray[np.float64]
"""Array of float64 numbers."""

State: TypeAlias = tuple[Array, ...]
"""State of a model at each origin: a tuple of at least one array, each [rows, ...]. A row with NaN has no forecast."""


Index: TypeAlias = npt.NDArray[np.intp]
"""Integer indices: of origins, steps or rows."""

Mask: TypeAlias = npt.NDArray[np.bool_]
"""A boolean mask over rows."""

Roll: TypeAlias = Callable[..., Array]
"""A roll-out of a fixed number of steps: (states, array to write into or None) -> [rows, horizon]; of a model that uses
columns (states, array, ahead).
"""


class Column(NamedTuple):
    """A column beside the values, as arrays have it: its `name`, and its `kind`, "known", "calendar", "foreseen" or
    "past".
    """

    name: str
    kind: str


@runtime_checkable
class Forecaster(Protocol):
    """A model: `fit`, then `encode` a series into one state per origin, then `rollout` the states."""

    context: int
    """The first origin at which the fitted model has a full state."""

    def fit(self, series: Any) -> Self:
        """Learn from one series, or from a list of them (one pooled fit); in place, returns self."""

    def encode(self, values: Any, after: State | None = None) -> State:
        """States of the origins `context` .. T (row i is origin ``context + i``), made of ``values[:origin]`` alone.

        With `after` (the last row of the piece before), `values` go on where that piece ended, and there is
        one row for each of them.
        """

    def rollout(self, state: State, horizon: int) -> Array:
        """The next `horizon` values after each state, [rows, horizon]. It never gets the series.

        A model of symbols has `states_`, and gives the index of the forecast symbol in them.
        """


@runtime_checkable
class Planned(Protocol):
    """A model whose roll-out has work that depends on the number of steps alone, done once for all blocks of rows."""

    def plan(self, horizon: int) -> Roll:
        """The roll-out of `horizon` steps; ``rollout(state, horizon)`` is ``plan(horizon)(state, None)``."""


class Predictive(Protocol):
    """The predictive distribution of each row and step."""

    def mean(self) -> Array:
        """The mean, [rows, horizon]."""

    def std(self) -> Array:
        """The standard deviation, [rows, horizon]."""

    def quantile(self, level: float) -> Array:
        """The quantile at `level`, between 0 and 1, [rows, horizon]."""

    def crps(self, actuals: Array) -> Array:
        """The continuous ranked probability score of the actual values, [rows, horizon], in the unit of the series."""


@runtime_checkable
class Distributional(Protocol):
    """A model that also gives the distribution of each step."""

    def predictive(self, state: State, horizon: int) -> Any:
        """The distribution of each of the next `horizon` values, [rows, horizon]: a Normal, a Discrete, ..."""


@runtime_checkable
class Sampling(Protocol):
    """A model that also draws sample paths: the joint distribution of all steps,
    which the distributions of single steps do not give.
    """

    def paths(self, state: State, horizon: int, n: int, seed: int = 0, origins: Any = None) -> Array:
        """Sample paths, [n, rows, horizon]. The draws of a row depend only on `seed` and its origin.

        `origins` [rows] is the origin of each row; by default they count up from the context.
        """


@runtime_checkable
class Baseline(Protocol):
    """A baseline: a simple forecast that a model has to beat."""

    is_baseline: bool
    """Whether a model with these arguments is a baseline."""

    learns: bool
    """Whether `fit` learns anything; if not, it can forecast a series without a known training part."""

    kind: str
    """What it forecasts, for a report: "mean", "last", "season", "symbols", ...; for any other kind a report
    shows the name.
    """


@runtime_checkable
class Seasonal(Protocol):
    """A model that can use a season: a number of steps, several, None, or "auto" where it is to be found."""

    season: Any


@runtime_checkable
class UsesColumns(Protocol):
    """A model that may use columns beside the values. Before the fit it says which; after it `columns_` has them.

    Its state at origin o is made of ``[:o]`` of every column. What is known ahead comes by one more argument, `ahead`
    [rows, horizon + leads, columns known ahead] in the order of `columns_`: ``rollout(state, horizon, ahead)``,
    ``plan(horizon)(state, out, ahead)``, ``predictive(state, horizon, ahead)``, and ``ahead=`` of ``paths``. Step k
    reads ``ahead[:, : k + leads]`` and no more. A model whose `columns_` is () is called without it.
    """

    columns_: tuple[Column, ...]
    leads: int
    """How many steps beyond the one it forecasts a model reads of the columns known ahead."""

    def columns_on(self, series: Any) -> tuple[tuple[Column, ...], int | None]:
        """The columns that a fit on such a series would use, and the most steps it could forecast, None for any; an
        InputError for a column that the series lacks, or of a kind that the model cannot use.
        """


@runtime_checkable
class ReadsChunks(Protocol):
    """A model that reads the columns known ahead to the end of a chunk of steps, and so at times less than `leads`."""

    def reads(self, steps: Any) -> Any:
        """Up to which step it reads them to forecast so many steps, a number or an array of them."""


# ---------------------------------------------------------------------------------------------------------------
# Many series at once, and series in pieces


@dataclass(frozen=True)
class Batch:
    """A batch of series of one length, each fitted by itself: the training parts, and the steps to forecast.

    heads : [series, train] the training parts, complete.
    peaks : [series] the largest absolute value of each whole series: it bounds the forecasts, no fit uses it.
    horizon, kept : the largest step, and the steps that are scored.
    """

    heads: Array
    peaks: Array
    horizon: int
    kept: Index

    @property
    def all(self) -> Index:
        """All series of the batch, as a slice."""
        return np.arange(len(self.heads))


class FittedBatch(Protocol):
    """Fitted models of one class as arrays, one model for each of some series of a batch."""

    @property
    def rows(self) -> Index:
        """Which series of the batch these are."""

    @property
    def width(self) -> int:
        """How many numbers are kept for an origin during a roll-out."""

    @property
    def context(self) -> int:
        """The first origin with a forecast."""

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """The forecasts of the models `part` from `count` origins, the first of them `first`:
        [series, steps, origins].

        `values` [series, time] are those of their series. The caller may write to the result; an axis along which
        nothing changes may have length 1; a forecast that is not finite is NaN.
        """


@runtime_checkable
class CurveBatch(Protocol):
    """A fitted batch whose forecast of a target does not depend on the origin, within spans of steps."""

    span: int
    """The forecast is the same at steps 1 .. `span`, then at steps `span` + 1 .. 2 `span`, and so on."""

    def curve(self, part: slice, values: Array, first: int, count: int, step: int) -> Array:
        """The forecasts of `count` targets from `first` on, [series, targets], or [series, 1] where all are the same:
        each `step` steps ahead, or any other step of the same span. It may be a view.
        """


@runtime_checkable
class StraightBatch(Protocol):
    """A fitted batch whose forecasts are a straight line from a level at each origin."""

    slope: Array
    """The slope per step, [series]."""

    def levels(self, part: slice, values: Array, first: int, count: int) -> Array:
        """The levels at `count` origins from `first` on, [series, origins]. It may be a view."""


@runtime_checkable
class Batched(Protocol):
    """A model that fits many series at once, each by itself, with the same results as separate fits."""

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """Fitted batches, each with its series in `rows`; a series in none of them is then fitted alone."""


@runtime_checkable
class BatchedSymbols(Protocol):
    """The same for series of symbols: losses are summed without a forecast for each origin."""

    def score_batch(
        self, codes: Index, size: int, cut: int, horizon: int, kept: Index
    ) -> tuple[Array, Array, Mask] | None:
        """Zero-one and log loss, each [series, steps] summed over origins, and for which series they are certain; None
        if for none.

        `codes` [series, time] are the symbols 0 .. size - 1, all of them seen in each training part ``codes[:, :cut]``.
        """


Head: TypeAlias = Callable[[], Iterable[Array]]
"""A function that reads the training part in pieces, as often as it is called."""


@runtime_checkable
class Streamed(Protocol):
    """A model that learns from a series in pieces, with memory that does not depend on its length."""

    def fit_pieces(self, head: Head, length: int) -> bool:
        """Learn from `length` values in pieces; False if these arguments need all values at once."""


@runtime_checkable
class ReadsPieces(Protocol):
    """A model whose `fit` also takes a series in `pieces`, and reads it piece by piece where it can."""

    reads_pieces: bool

    def fit(self, series: Any) -> Self:
        """Learn from one series, from a list of them, or from pieces."""


# ---------------------------------------------------------------------------------------------------------------
# Other capabilities of a model


@runtime_checkable
class Symbolic(Protocol):
    """A model of symbols: its forecasts are indices into `states_`; None for a model of numbers."""

    states_: tuple[Any, ...] | None


@runtime_checkable
class Noted(Protocol):
    """A model with notes on its fit."""

    notes_: tuple[str, ...]


@runtime_checkable
class Trained(Protocol):
    """A model that records its training part: the length of each series, and the SHA-256 of its values,
    [series, 32].
    """

    trained_lengths_: npt.NDArray[np.int64]
    trained_fingerprints_: npt.NDArray[np.uint8]


@runtime_checkable
class Explains(Protocol):
    """A model that gives the reason why it has no forecast."""

    def why_no_forecast(self, series: Any) -> Exception | None:
        """The error for a series after which there is no forecast; None where a value is simply missing."""


@runtime_checkable
class PlannedDistributional(Protocol):
    """A model whose distributions have work that depends on the number of steps alone, done once."""

    def plan_predictive(self, horizon: int) -> Callable[[State], Any]:
        """The distribution of `horizon` steps: a function of states."""


@runtime_checkable
class Named(Protocol):
    """A model with a name of its own."""

    name: str


@runtime_checkable
class Checked(Protocol):
    """A model that can check its arguments before it is fitted."""

    def _check(self) -> None:
        """A ParameterError where an argument is not allowed."""


@runtime_checkable
class Wrapper(Protocol):
    """A model around another one, `model`, that is not fitted in place."""

    model: Any


@runtime_checkable
class Combination(Protocol):
    """A model of several others, `models`, that are not fitted in place."""

    models: Sequence[Any]


@runtime_checkable
class WindowReader(Protocol):
    """A regression on a window: of the next `chunk` values on the last `lags`, or on as many as a fit chooses."""

    lags: Any
    chunk: int

    def fit_pairs(self, X: Array, Y: Array) -> Any:
        """Fit on pairs that are made already: X [rows, lags], Y [rows, chunk]."""

    def for_pairs(self) -> Any:
        """The same regression, not fitted, for other pairs of its window; what was chosen on a series is kept."""


@runtime_checkable
class InThreeWays(Protocol):
    """A regression with more than one multi-step strategy."""

    def ways(self, horizon: int) -> dict[str, Any]:
        """Models by strategy: "recursive", "direct", and "one-shot" where it emits many steps;
        {} where there is no choice.
        """


@runtime_checkable
class Seeded(Protocol):
    """A model whose fit, or whose draws, are random."""

    def reseeded(self, seed: int) -> Any:
        """A copy with another seed, also for the models inside; None if nothing in it is random."""


@runtime_checkable
class LooksAhead(Protocol):
    """A model that chooses something by its error at a horizon, or a wrapper of such a model."""

    def for_horizon(self, horizon: int) -> Any:
        """The model that chooses at this horizon if the user set none; itself if nothing changes."""


@runtime_checkable
class TakesSeasons(Protocol):
    """A model that can use a season, or a wrapper of such a model."""

    def for_seasons(self, seasons: Any) -> Any:
        """The model with the season of these `Seasons` if the user left it to be found; itself if nothing changes."""


@runtime_checkable
class WithIntervals(Protocol):
    """A model that keeps errors of forecasts of values it had not seen, and makes its intervals of them."""

    def half_widths(self, level: float, horizon: int) -> Array:
        """Half the width of the interval of each step, [horizon]; infinite where there are too few errors."""

    @property
    def error_counts(self) -> Index:
        """How many errors there are at each step, [steps]."""


@runtime_checkable
class InEpochs(Protocol):
    """A model that is trained in epochs."""

    epochs: int


@runtime_checkable
class InCalls(Protocol):
    """A model that is asked in calls of few rows, each of which may take long, and may answer with distributions."""

    rows_a_call: int
    """At most so many rows a call."""

    def ask(self, state: State, horizon: int) -> tuple[Array, Any]:
        """One call: the forecasts [rows, horizon], and the distribution that they came with, None where none did."""


@runtime_checkable
class ReadsAll(Protocol):
    """A model that reads all that is known, and so has to be told where to begin."""

    def from_origin(self, first: int) -> Any:
        """The same model, whose first origin is `first`; itself where it has one of its own."""


@runtime_checkable
class Whole(Protocol):
    """A model that says which of its states are whole, where to look at all their numbers would take too long."""

    def is_whole(self, state: State) -> Mask:
        """[rows]: whether there is a forecast from a state."""


@runtime_checkable
class Pretrained(Protocol):
    """A model that may come already trained, on unknown data."""

    is_trained_already: bool


def inside(model: Any) -> Iterator[Any]:
    """The model, those inside it, and so on to the innermost."""
    yield model
    if isinstance(model, Wrapper) and model.model is not None:
        yield from inside(model.model)
    elif isinstance(model, Combination):
        for part in model.models:
            yield from inside(part)


def states_of(model: object) -> tuple[Any, ...] | None:
    """The states of a model of symbols; None of a model of numbers."""
    return model.states_ if isinstance(model, Symbolic) else None


def columns_of(model: object) -> tuple[Column, ...]:
    """The columns that a fitted model uses beside the values."""
    return tuple(model.columns_) if isinstance(model, UsesColumns) else ()


def notes_of(model: object) -> tuple[str, ...]:
    """A model's notes on its fit."""
    return tuple(model.notes_) if isinstance(model, Noted) else ()


def has_distribution(model: object) -> bool:
    """Whether a model gives predictive distributions; of a wrapper whether the model inside does."""
    return declares(model, Distributional)


def declares(model: object, protocol: Any) -> bool:
    """Whether a model has all attributes of a capability; a wrapper has it if the model inside does."""
    names = (name for name in {**vars(protocol), **protocol.__annotations__} if not name.startswith("_"))
    return isinstance(model, protocol) and all(hasattr(model, name) for name in names)


def draws_paths(model: object) -> bool:
    """Whether a model draws sample paths; of a wrapper whether the fitted model inside does."""
    return declares(model, Sampling)


@runtime_checkable
class Regressor(Protocol):
    """A regressor from a window to a chunk of steps, such as those of scikit-learn."""

    def fit(self, X: Any, Y: Any) -> Any:
        """Fit on windows X [rows, lags] and labels Y [rows] or [rows, chunk]."""

    def predict(self, X: Any) -> Any:
        """Predictions from windows: [rows, lags] -> [rows] or [rows, chunk]."""


class Cell(Protocol):
    """The cell of a latent model: one step at a time, for many rows at once. A state is an array or a tuple of
    arrays, each [rows, ...]. With columns beside the values `update` and `advance` take one more: see `Recurrent`.
    """

    def start(self, rows: int) -> Any:
        """The state before any value was seen."""

    def update(self, state: Any, y: Array) -> Any:
        """The state after the real values y [rows] were seen."""

    def advance(self, state: Any) -> tuple[Any, Array]:
        """Go on one step without a value: the next state, and the forecast of that step, [rows]."""

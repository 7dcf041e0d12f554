"""The few words that everything else is written in: a causal `encode`, then `rollout`.

Anything with these methods is a model here, whoever wrote it; nothing has to be inherited.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from typing import Self

Array: TypeAlias = npt.NDArray[np.float64]
"""Float64 numbers."""

State: TypeAlias = tuple[Array, ...]
"""What a model knows at each origin: at least one array, each [rows, ...]. A row with NaN has no forecast."""


Index: TypeAlias = npt.NDArray[np.intp]
"""Places: origins, steps, rows."""

Mask: TypeAlias = npt.NDArray[np.bool_]
"""Which of some rows."""

Roll: TypeAlias = Callable[[State, Array | None], Array]
"""A roll-out whose number of steps is settled: (states, where to write or None) -> [rows, horizon]."""


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
        """The next `horizon` values after each state, [rows, horizon]. It is never handed the series.

        A model of symbols has `states_`, and gives the place of the forecast symbol among them.
        """


@runtime_checkable
class Planned(Protocol):
    """A model that has work to do once for a number of steps, and not again for every block of rows."""

    def plan(self, horizon: int) -> Roll:
        """The roll-out of `horizon` steps; ``rollout(state, horizon)`` is ``plan(horizon)(state, None)``."""


class Predictive(Protocol):
    """A distribution for each row and step."""

    def mean(self) -> Array:
        """[rows, horizon]."""

    def std(self) -> Array:
        """[rows, horizon]."""

    def quantile(self, level: float) -> Array:
        """[rows, horizon], level between 0 and 1."""

    def crps(self, actuals: Array) -> Array:
        """Continuous ranked probability score of what happened, [rows, horizon], in the unit of the series."""


@runtime_checkable
class Distributional(Protocol):
    """A model that also knows its uncertainty at each step."""

    def predictive(self, state: State, horizon: int) -> Any:
        """The distribution of each of the next `horizon` values, [rows, horizon]: a Normal, a Discrete, ..."""


@runtime_checkable
class Sampling(Protocol):
    """A model that also draws whole paths. Its steps belong together, which the distributions of single steps cannot say."""

    def paths(self, state: State, horizon: int, n: int, seed: int = 0, origins: Any = None) -> Array:
        """[n, rows, horizon]. The draws of a row depend on `seed` and its origin alone.

        `origins` [rows] says which origin each row is; left out, the rows count from the context on.
        """


def has_distribution(model: object) -> bool:
    """Whether a model knows its uncertainty; of a wrapper whether the model inside does."""
    return callable(getattr(model, "predictive", None))


class Regressor(Protocol):
    """A window in, a chunk of steps out. Scikit-learn's regressors satisfy it as they are."""

    def fit(self, X: Any, Y: Any) -> Any:
        """X [rows, lags], Y [rows] or [rows, chunk]."""

    def predict(self, X: Any) -> Any:
        """[rows, lags] -> [rows] or [rows, chunk]."""


class Cell(Protocol):
    """A latent model one step at a time, for many rows at once. A state is an array or a tuple of arrays, each [rows, ...]."""

    def start(self, rows: int) -> Any:
        """The state before any value was seen."""

    def update(self, state: Any, y: Array) -> Any:
        """The state after the real values y [rows] were seen."""

    def advance(self, state: Any) -> tuple[Any, Array]:
        """One step on without a value: the next state, and the forecast of that step, [rows]."""

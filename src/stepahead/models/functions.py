"""Any function from windows to forecasts as a model: whatever a library calls predict, in five lines."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from ..distribution_rows import (
    DISTRIBUTIONS,
    Distribution,
    as_arrays,
    as_numbers,
    needs_of,
    numbers_of,
    point_of,
    shape_of,
)
from ..distributions import Mixture, Normal, Samples
from ..errors import FitError, InputError, ModelFileError, ParameterError, cut, shown
from ..parameters import refuse, whole
from ..protocols import Array, Mask, Roll, State
from ..series import Series
from ..windows import lagged
from .model import Model

ALL = "all"


def from_function(
    function: Callable[..., Any] | None,
    context: int | str,
    *,
    fit: Callable[..., Callable[..., Any]] | None = None,
    each: bool = False,
    batch: int = 64,
    name: str | None = None,
) -> FromFunction:
    """A function from windows to forecasts as a model: anybody's, in whatever library.

    >>> import numpy as np, stepahead as sa
    >>> def last_week(windows, horizon):  # [rows, 7] -> [rows, horizon]
    ...     return np.tile(windows, (1, horizon // 7 + 1))[:, :horizon]
    >>> result = sa.evaluate(from_function(last_week, context=7), sa.datasets.noisy_sine(seed=0), horizon=14, stride=10)
    >>> result["last_week"].rmse().shape
    (14,)

    It is handed copies of windows and nothing else, so that it is causal unless it reads outside: ``sa.audit`` looks
    for that. Each call may take long: ``stride=24`` in ``evaluate`` scores every 24th origin, and what the calls will
    take is told after the first two, where it is above a minute.

    Parameters
    ----------
    function : ``function(windows, horizon)``, of [rows, context] values before each origin, oldest first: the forecasts
        [rows, horizon]; or a distribution of so many rows and steps, one of ``Quantiles``, ``Samples``, ``Normal`` and
        ``Mixture`` of ``stepahead.distributions``, whose coverage, width, pinball loss and CRPS are then those that the
        result reads. None where `fit` makes it.
    context : how many values a window has; or "all", and then each call has one row, with all values before its origin.
        What has seen nothing of a series is asked from the end of the training part on.
    fit : ``fit(values)`` makes the function of the training values, [n], a list of them for many series; NaN where one
        is missing. It is then fitted like any other model. Without it nothing is fitted here, and the caption says so.
    each : ``function(past, horizon)`` is asked row by row: past [context] -> [horizon], or a distribution of one row.
    batch : at most so many rows a call.
    name : in tables; by default that of the function.

    Raises
    ------
    FitError : the function raised an error; the origin is named, and the error is the cause.
    ParameterError : what it gave is not of the right shape, or not a finite number; both shapes are named.
    """
    model = FromFunction(function, context, fit, each, batch, name)
    model._check()
    return model


class FromFunction(Model):
    """What `from_function` returns. See there.

    Attributes
    ----------
    function_ : the function in use: as given, or as `fit` made it.
    is_trained_already : whether nothing is fitted here.
    rows_a_call : at most so many rows are handed to it at once.
    """

    _any_size = True  # it is handed the values as they are

    def __init__(
        self,
        function: Callable[..., Any] | None,
        window: int | str,
        fitting: Callable[..., Callable[..., Any]] | None = None,
        each: bool = False,
        batch: int = 64,
        called: str | None = None,
    ) -> None:
        self.function = function
        self.window = window
        self.fitting = fitting
        self.each = each
        self.batch = batch
        self.called = called

    def _check(self) -> None:
        if self.window != ALL:
            self.window = whole("context", self.window, also=', or "all"')
        self.batch = whole("batch", self.batch)
        if not isinstance(self.each, (bool, np.bool_)):
            raise refuse("each", self.each, "True or False")
        for name, part in (("function", self.function), ("fit", self.fitting)):
            if part is not None and (not callable(part) or isinstance(part, type)):
                raise refuse(name, part, "something to call, function(windows, horizon)")
        if (self.function is None) == (self.fitting is None):
            found = "neither" if self.function is None else "both"
            raise ParameterError(
                f"give a function, or None and fit=, which makes one of the training values; found {found}",
                code="parameter",
                name="function",
            )
        if self.called is not None and not isinstance(self.called, str):
            raise refuse("name", self.called, "a text")

    # -- what it is -----------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The name given, else that of the function."""
        if self.called is not None:
            return self.called
        part = self.fitting if self.function is None else self.function
        own = getattr(part, "__name__", None) or type(part).__name__
        return "function" if own == "<lambda>" else str(own)

    @property
    def is_trained_already(self) -> bool:
        """Whether nothing is fitted here: what the function was trained on is not known."""
        return self.fitting is None

    @property
    def rows_a_call(self) -> int:
        """At most so many rows are handed to the function at once."""
        return 1 if self.each or self.window == ALL else self.batch

    def __getattr__(self, name: str) -> Any:
        # A function that comes trained is ready without a fit.
        if name in ("context", "function_", "notes_") and self.fitting is None:
            return {
                "context": 1 if self.window == ALL else self.window, "function_": self.function, "notes_": ()
            }[name]  # fmt: skip
        return super().__getattr__(name)

    def __repr__(self) -> str:
        return f"from_function({cut(self.name, 40)}, context={self.window!r})"

    def from_origin(self, first: int) -> FromFunction:
        """The same, whose first origin is `first` where it reads all that is known and was not fitted here."""
        if self.window != ALL or "context" in self.__dict__:
            return self
        found = copy.copy(self)
        found.context = max(int(first), 1)
        return found

    # What the functions keep is theirs: a copy shares them, and they are no parameters that could be compared.

    def __deepcopy__(self, memo: dict[int, Any]) -> FromFunction:
        return copy.copy(self)

    def clone(self) -> FromFunction:
        """The same function, nothing fitted."""
        return type(self)(**self.get_params())

    def __getstate__(self) -> dict[str, Any]:
        """What the audit compares: not the functions, whose counters and caches are no leak."""
        hidden = ("function", "fitting", "function_")
        return {name: value for name, value in self.__dict__.items() if name not in hidden}

    def __reduce__(self) -> Any:
        return object.__new__, (type(self),), dict(self.__dict__)

    def save(self, path: str | os.PathLike[str]) -> NoReturn:
        """Refused: a model file holds data, and a function is code."""
        raise ModelFileError(
            f"{self.name} is a function, and a model file holds data, never code: save its forecasts, "
            'result.to_frame("predictions")',
            code="foreign",
            found=self.name,
        )

    # -- as a model -----------------------------------------------------------------------------------------------

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        self.function_ = self.function
        if self.fitting is not None:
            values = [np.array(part.numbers, dtype=np.float64) for part in panel]
            self.function_ = self.fitting(values[0] if len(values) == 1 else values)
            if not callable(self.function_):
                raise ParameterError(
                    f"fit= of {self.name} must give a function(windows, horizon); it gave {shown(self.function_)}",
                    code="contract",
                    name="fit",
                    found=type(self.function_).__name__,
                )
        return min(map(len, panel)) if self.window == ALL else int(self.window)

    def _forget(self) -> None:
        super()._forget()
        self.__dict__.pop("function_", None)

    def _encode(self, values: Array, after: State | None) -> State:
        """(windows [origins, context], the origins [origins]); of "all" the windows are views into one array."""
        if self.window == ALL:
            if after is not None:
                raise InputError(
                    f"{self.name} reads all values before an origin: its series cannot come in pieces", code="pieces"
                )
            count = len(values)
            windows: Array = lagged(np.concatenate([np.zeros(count), values]), count) if count else np.empty((1, 0))
            known: Array = np.arange(count + 1.0)
            known[1:][np.isnan(values).cumsum() > 0] = np.nan
            return windows[self.context :], known[self.context :]
        if after is None:
            windows = lagged(values, int(self.window))
            return windows, np.arange(len(windows), dtype=np.float64) + int(self.window)
        windows = lagged(np.concatenate([after[0][-1], values]), int(self.window))[1:]
        return windows, np.arange(len(windows), dtype=np.float64) + (after[1][-1] + 1.0)

    def is_whole(self, state: State) -> Mask:
        """[rows]: whether a window has no missing value."""
        if self.window == ALL:
            return ~np.isnan(state[1])
        return np.asarray(~np.isnan(state[0]).any(axis=1))

    def _plan(self, horizon: int) -> Roll:
        def roll(state: State, out: Array | None) -> Array:
            rows, most = len(state[0]), self.rows_a_call
            parts = [self.ask(tuple(a[i : i + most] for a in state), horizon)[0] for i in range(0, rows, most)]
            return np.concatenate(parts) if parts else np.empty((0, horizon))

        return roll

    def ask(self, state: State, horizon: int) -> tuple[Array, Distribution | None]:
        """One call of the function: [rows, horizon], and the distribution that it gave, None where it gave numbers."""
        windows, origins = state
        alone = self.each or self.window == ALL
        first = int(origins[0])
        handed = np.array(windows[0, -first:] if self.window == ALL else windows[0] if alone else windows)
        function: Any = self.function_
        try:
            found = function(handed, horizon)
        except Exception as error:
            raise FitError(
                f"{self.name} raised {type(error).__name__} at origin {first}"
                f"{f' (the first of {len(windows)} rows)' * (len(windows) > 1)}: {cut(str(error), 200)}",
                code="function",
                origin=first,
            ) from error
        wanted = (len(windows), horizon)
        if isinstance(found, DISTRIBUTIONS):
            arrays = as_arrays(found)
            if arrays is None:
                raise self._broken(f"a {type(found).__name__} of numbers", "parts that are none", first)
            distribution = _of_one_row(arrays) if alone else arrays
            self._hold(shape_of(distribution), wanted, numbers_of(distribution), first)
            for what, is_so in needs_of(distribution):
                if not is_so:
                    raise self._broken(f"a {type(found).__name__} with {what}", "others", first)
            return point_of(distribution), distribution
        shape: tuple[int, ...] = (horizon,) if alone else wanted
        numbers = as_numbers(found)
        if numbers is None:
            kinds = "Quantiles, Samples, Normal or Mixture"
            what = f"numbers of shape {shape}, or a distribution ({kinds})"
            raise self._broken(what, shown(type(found).__name__), first)
        self._hold(numbers.shape, shape, [numbers], first)
        return numbers.reshape(wanted), None

    def _hold(self, found: tuple[int, ...], wanted: tuple[int, ...], numbers: list[Array], first: int) -> None:
        """Refuse another shape, and what is no finite number."""
        if tuple(found) != wanted:
            of = f"[{'rows, ' * (len(wanted) > 1)}horizon] = {wanted}"
            raise self._broken(of, f"shape {tuple(found)}", first)
        if not all(np.isfinite(part).all() for part in numbers):
            raise self._broken("finite numbers", "NaN, or a number past all bounds", first)

    def _broken(self, wanted: str, found: str, first: int) -> ParameterError:
        return ParameterError(
            f"{self.name} must give {wanted}; at origin {first} it gave {found}",
            code="contract",
            name="function",
            origin=first,
            found=found,
        )


def _of_one_row(distribution: Distribution) -> Distribution:
    """A distribution of one row, where it came without an axis for it."""
    if isinstance(distribution, Samples) and distribution.draws.ndim == 2:
        sides = [None if part is None else np.atleast_2d(part) for part in (distribution.center, distribution.spread)]
        return Samples(distribution.draws[:, None], *sides)
    if isinstance(distribution, Normal) and np.ndim(distribution.center) == 1:
        return Normal(np.atleast_2d(distribution.center), np.atleast_2d(distribution.spread))
    if isinstance(distribution, Mixture) and distribution.weights.ndim == 2:
        return Mixture(distribution.weights[None], distribution.centers, distribution.spreads)
    return distribution

"""The one small mixin of our own models: parameters, clone, name, forecast, save. Nothing is computed here."""

from __future__ import annotations

import copy
import hashlib
import inspect
import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from .. import storage
from ..errors import DtypeError, NotFittedError, shown
from ..parameters import refuse
from ..protocols import Array
from ..series import Series, as_panel, as_series
from ..walk import forecast
from ..windows import require

if TYPE_CHECKING:
    from typing import Self


class Model:
    """What all our models share.

    A constructor only stores its arguments; what `fit` learns has a name that ends in an underscore. A subclass names in
    `_learned` what `fit` learns (arrays, numbers, text) and checks its arguments in `_check`.
    """

    _learned: ClassVar[tuple[str, ...]] = ()

    context: int
    trained_on_: list[list[Any]]
    """[length, fingerprint] of each series of the training part."""
    notes_: tuple[str, ...]

    def _check(self) -> None:
        """Raise ParameterError where an argument is not allowed."""

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape that each learned array must have, given the arguments and the learned numbers."""
        return {}

    # -- arguments ----------------------------------------------------------------------------------------------

    @classmethod
    def _argument_names(cls) -> tuple[str, ...]:
        return tuple(_parameters(cls))

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments by name."""
        return {name: getattr(self, name) for name in self._argument_names()}

    def set_params(self, **params: Any) -> Self:
        """Change arguments; takes effect at the next ``fit``."""
        for name, value in params.items():
            if name not in self._argument_names():
                raise refuse("parameter", name, "one of " + ", ".join(self._argument_names()))
            setattr(self, name, value)
        return self

    def clone(self) -> Self:
        """A new model with the same arguments and nothing learned.

        >>> from stepahead import AR
        >>> AR(lags=2).fit([1.0, 2.0, 4.0, 3.0, 5.0, 4.0]).clone()
        AR(lags=2)
        """
        return type(self)(**{name: copy.deepcopy(value) for name, value in self.get_params().items()})

    def __sklearn_clone__(self) -> Self:
        return self.clone()

    def __repr__(self) -> str:
        parameters = _parameters(type(self))
        given = [
            f"{name}={getattr(self, name)!r}"
            for name, parameter in parameters.items()
            if getattr(self, name) is not parameter.default and getattr(self, name) != parameter.default
        ]
        return f"{type(self).__name__}({', '.join(given)})"

    @property
    def name(self) -> str:
        """What tables call this model: the class and its first argument, ``AR(24)``."""
        arguments = self._argument_names()
        return f"{type(self).__name__}({getattr(self, arguments[0])})" if arguments else type(self).__name__

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

    def _begin(self, series: Any) -> tuple[Series, ...]:
        """Check the arguments and the series to fit on; remember what they were, so that an evaluation knows them."""
        self._check()
        panel = as_panel(series)
        for part in panel:
            self._accept(part)
        self._require(panel, 1)
        self.trained_on_ = [[len(part), fingerprint(part.values)] for part in panel]
        self.notes_ = ()
        return panel

    def _require(self, panel: tuple[Series, ...], needed: int) -> None:
        """Refuse series of fewer than `needed` values."""
        for part in panel:
            require(len(part), needed, f"fitting {self.name}", part.name)

    def _accept(self, series: Series) -> None:
        """Refuse symbols; a model of symbols says otherwise."""
        if series.categories is not None:
            raise DtypeError(
                f"{type(self).__name__} is a model of numbers; the series holds text, the first "
                f"{shown(series[0])}: use MarkovChain for symbols",
                code="symbols",
                found=series[0],
                model=type(self).__name__,
            )

    def _values(self, values: Any) -> Array:
        """[time] numbers out of a Series or an array, by the one door."""
        series = as_series(values)
        self._accept(series)
        return series.numbers

    # -- use ----------------------------------------------------------------------------------------------------

    def forecast(self, series: Any, horizon: int, origin: int | None = None) -> npt.NDArray[Any]:
        """The next `horizon` values, [horizon]; see ``stepahead.forecast``."""
        return forecast(self, series, horizon, origin)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to one ``.safetensors`` file: data, never code; whole or not at all."""
        _ = self.context
        storage.save(self, path)

    # -- storage ------------------------------------------------------------------------------------------------

    def __pack__(self) -> tuple[dict[str, Any], storage.Arrays]:
        facts = {key: _plain(value) for key, value in self.get_params().items()}
        arrays: storage.Arrays = {}
        for key in ("context", "trained_on_", *self._learned):
            value = self.__dict__.get(key)
            if isinstance(value, np.ndarray):
                arrays[key] = value
            elif key in self.__dict__:
                facts[key] = _plain(value)
        return facts, arrays

    @classmethod
    def __unpack__(cls, facts: Mapping[str, Any], arrays: storage.Arrays) -> Any:
        arguments = set(cls._argument_names())
        learned = {"context", "trained_on_", *cls._learned}
        extra = (set(facts) - arguments - learned) | (set(arrays) - learned)
        if extra:
            raise ValueError(f"unknown field {sorted(extra)[0]}")
        lacking = arguments - set(facts)
        if lacking:
            raise ValueError(f"missing argument {sorted(lacking)[0]}")
        model = cls(**{key: value for key, value in facts.items() if key in arguments})
        model._check()
        for key in learned:
            if key in facts:
                setattr(model, key, facts[key])
            elif key in arrays:
                array = arrays[key].copy()
                array.flags.writeable = False
                setattr(model, key, array)
        model.notes_ = ()
        model._check_loaded()
        return model

    def _check_loaded(self) -> None:
        """Refuse learned parts that do not fit together: a file may claim anything."""
        learned = ("context", "trained_on_", *self._learned)
        missing = [key for key in learned if key not in self.__dict__]
        if len(missing) == len(learned):
            return  # not fitted: the pattern of a wrapper, not its fitted part
        if missing:
            raise ValueError(f"missing field {missing[0]}")
        if not isinstance(self.context, int) or isinstance(self.context, bool) or self.context < 0:
            raise ValueError("context is not a whole number")
        if not isinstance(self.trained_on_, list) or not all(
            isinstance(p, list) and len(p) == 2 and isinstance(p[0], int) and isinstance(p[1], str) for p in self.trained_on_
        ):
            raise ValueError("trained_on_ is malformed")
        for key, shape in self._shapes().items():
            found = getattr(self, key)
            if not isinstance(found, np.ndarray) or found.shape != shape or found.dtype.kind != "f":
                raise ValueError(f"{key} should be numbers of shape {shape}")


@cache
def _parameters(cls: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(cls).parameters


def fingerprint(values: npt.NDArray[Any]) -> str:
    """SHA-256 of the values: tells training data apart, and finds them again at the head of a longer series."""
    return hashlib.sha256(np.ascontiguousarray(values).data).hexdigest()


def _plain(value: Any) -> Any:
    """Numpy's scalars as Python's own, which JSON can hold."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value

"""The one small mixin of our own models: parameters, clone, name, forecast, save. Nothing is computed here."""

from __future__ import annotations

import copy
import hashlib
import inspect
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from .. import storage
from ..errors import DtypeError, InputError, NotFittedError, escaped, shown
from ..memory import LEAST_BUDGET, afford
from ..parameters import LARGEST, real, refuse, whole
from ..protocols import Array, Roll, State
from ..series import Series, as_panel, as_series
from ..walk import forecast
from ..windows import require, runs

if TYPE_CHECKING:
    from typing import Self


Shapes = dict[str, tuple[int | None, ...]]
FITTED = ("context", "trained_lengths_", "trained_marks_")


class Model:
    """What all our models share.

    A constructor only stores its arguments; what `fit` learns has a name that ends in an underscore. A subclass names in
    `_learned` what `fit` learns (arrays, numbers, text) and checks its arguments in `_check`.
    """

    _learned: ClassVar[tuple[str, ...]] = ()
    _local: ClassVar[tuple[str, ...]] = ()
    """Arguments that say where a model is trained and not what it is, a path or a device: no file and no spec has them."""
    _shown: ClassVar[tuple[str, ...]] = ()
    """Arguments that a repr shows even where they have their default; every model file has had them."""
    _signature: ClassVar[Mapping[str, inspect.Parameter]]

    context: int
    trained_lengths_: npt.NDArray[np.int64]
    """[series] how many values of each the model was fitted on."""
    trained_marks_: npt.NDArray[np.uint8]
    """[series, 32] the SHA-256 of those values."""
    notes_: tuple[str, ...]

    def _check(self) -> None:
        """Raise ParameterError where an argument is not allowed."""

    def _shapes(self) -> Shapes:
        """What the arguments and the context say of everything learned, by name: () is a number, else the shape of an array.

        A file is believed as far as its arrays bear this out. None stands for any length of at least 1.
        """
        return {}

    def _check_learned(self) -> None:
        """Raise ValueError where what was learned, of the right shapes by now, makes no model."""

    # -- arguments ----------------------------------------------------------------------------------------------

    @classmethod
    def _arguments(cls) -> Mapping[str, inspect.Parameter]:
        """What the constructor takes, by name; looked up when it is asked for, as an import has no time for it."""
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

    def _begin(self, series: Any) -> tuple[Series, ...]:
        """Check the arguments and the series to fit on. A fit that fails leaves a model that is not fitted."""
        self._check()
        panel = as_panel(series)
        for part in panel:
            self._accept(part)
        self._require(panel, 1)
        if not any(len(run) for part in panel for run in runs(part.numbers)):
            raise InputError(
                f"fitting {self.name}: none of the values was observed", code="missing-values", count=len(panel[0])
            )
        # What every fit makes of the values: a copy without the level, its squares, and where they are missing.
        self._afford(sum(len(part) for part in panel), 4, "fitting", "Take a smaller train=")
        self._forget()
        self.notes_ = ()
        return panel

    def _done(self, panel: tuple[Series, ...], context: int) -> Self:
        """Fitted: settle the context, and remember the training data, so that an evaluation finds them again."""
        self.context = context
        self.trained_lengths_ = np.array([len(part) for part in panel], dtype=np.int64)
        self.trained_marks_ = np.array([list(fingerprint(part.values)) for part in panel], dtype=np.uint8).reshape(-1, 32)
        return self

    def _forget(self) -> None:
        for name in (*FITTED, "notes_", *self._learned):
            self.__dict__.pop(name, None)

    def _afford(self, rows: int, steps: int, what: str, remedy: str) -> None:
        """Refuse what takes [rows, steps] numbers where that is past the budget, before any of it is allocated."""
        if rows * steps * 8 > LEAST_BUDGET:  # to read the budget takes longer than many a fit
            afford(rows, steps, f"{what} {self.name}", remedy)

    def _require(self, panel: tuple[Series, ...], needed: int) -> None:
        """Refuse fewer than `needed` values; in a panel the longest series decides, and shorter ones teach nothing."""
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

    def _values(self, values: Any) -> Array:
        """[time] numbers out of a Series or an array, by the one door."""
        series = as_series(values)
        self._accept(series)
        return series.numbers

    # -- use ----------------------------------------------------------------------------------------------------

    def rollout(self, state: State, horizon: int) -> Array:
        """The next `horizon` values after each state, [rows, horizon]; of symbols their places among `states_`."""
        roll: Roll = self.plan(horizon)  # a model without a plan has a rollout of its own
        return roll(state, None)

    def forecast(self, series: Any, horizon: int, origin: int | None = None) -> npt.NDArray[Any]:
        """The next `horizon` values, [horizon]; see ``stepahead.forecast``."""
        return forecast(self, series, horizon, origin)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to one ``.safetensors`` file: data, never code; whole or not at all."""
        _ = self.context
        storage.save(self, path)

    # -- storage ------------------------------------------------------------------------------------------------

    def __pack__(self) -> tuple[dict[str, Any], storage.Arrays]:
        facts = {key: _plain(value) for key, value in self.get_params().items() if key not in self._local}
        arrays: storage.Arrays = {}
        for key in (*FITTED, "notes_", *self._learned):
            value = self.__dict__.get(key)
            if isinstance(value, np.ndarray):
                arrays[key] = value
            elif key in self.__dict__:
                facts[key] = _plain(value)
        return facts, arrays

    @classmethod
    def __unpack__(cls, facts: Mapping[str, Any], arrays: storage.Arrays) -> Any:
        arguments = set(cls._arguments())
        learned = {*FITTED, "notes_", *cls._learned}
        extra = (set(facts) - arguments - learned) | (set(arrays) - learned) | (set(facts) & set(arrays))
        if extra:
            raise ValueError(f"field {sorted(extra)[0]} is unknown, or there twice")
        # Files of 0.1.0 have these fields, at their defaults.
        for key in set(cls._local) & set(facts):
            if facts[key] != cls._arguments()[key].default:
                raise ValueError(f"{key} is no part of a model file: it is for the machine that trains")
        # An argument that an older release did not have takes its default.
        needed = {n for n, p in cls._arguments().items() if p.default is inspect.Parameter.empty} | set(cls._shown)
        lacking = sorted(needed - set(facts))
        if lacking:
            raise ValueError(f"missing argument {lacking[0]}")
        model = cls(**{key: value for key, value in facts.items() if key in arguments})
        model._check()
        for key in learned:
            if key in facts:
                setattr(model, key, facts[key])
            elif key in arrays:
                array = arrays[key].copy()
                array.flags.writeable = False
                setattr(model, key, array)
        notes = facts.get("notes_", [])
        if not isinstance(notes, list) or not all(isinstance(text, str) for text in notes):
            raise ValueError("notes_ should be a list of texts")
        model.notes_ = tuple(escaped(text) for text in notes)
        model._check_loaded()
        return model

    def _check_loaded(self) -> None:
        """Refuse learned parts that do not fit together: a file may claim anything."""
        learned = (*FITTED, *self._learned)
        missing = [key for key in learned if key not in self.__dict__]
        if len(missing) == len(learned):
            return  # not fitted: the pattern of a wrapper, not its fitted part
        if missing:
            raise ValueError(f"missing field {missing[0]}")
        whole("context", self.context, 0)
        lengths, marks = self.trained_lengths_, self.trained_marks_
        if not (isinstance(lengths, np.ndarray) and lengths.dtype == np.int64 and lengths.ndim == 1):
            raise ValueError("trained_lengths_ should be whole numbers")
        if not ((lengths >= 0) & (lengths <= LARGEST)).all():
            raise ValueError("trained_lengths_ should be lengths")
        if not (isinstance(marks, np.ndarray) and marks.dtype == np.uint8 and marks.shape == (len(lengths), 32)):
            raise ValueError("trained_marks_ should be 32 bytes a series")
        for key, shape in self._shapes().items():
            found = getattr(self, key)
            if not shape:  # a file may hold a whole number of any size: as a float it is what a fit hands out
                setattr(self, key, real(key, found))
            elif not (isinstance(found, np.ndarray) and found.dtype == np.float64 and _is_of(found.shape, shape)):
                wanted = " x ".join("some" if size is None else str(size) for size in shape)
                raise ValueError(f"{key} should be {wanted} numbers of 64 bits")
        self._check_learned()


def _is_of(found: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    sizes = zip(found, wanted, strict=False)
    return len(found) == len(wanted) and all(have > 0 if size is None else have == size for have, size in sizes)


def fingerprint(values: npt.NDArray[Any]) -> bytes:
    """SHA-256 of the values: tells training data apart, and finds them again at the head of a longer series."""
    return hashlib.sha256(np.ascontiguousarray(values).data).digest()


def _plain(value: Any) -> Any:
    """Numpy's scalars as Python's own, which JSON can hold."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value

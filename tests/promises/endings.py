"""Rule 1: the right answer, the right answer with a note, or an error that names the cause and the place.

Anything else is silent: a bare exception, a number that is none, a warning of somebody else's, an error without a code.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import stepahead as sa

LONGEST = 300


class SilentError(AssertionError):
    """A fourth way to end: what the promises say never happens."""


class GoodRefusedError(AssertionError):
    """An input that is fine was not taken."""


@dataclass(frozen=True)
class Ending:
    """How a call ended: a value with its notes, or an error."""

    value: Any = None
    notes: tuple[str, ...] = ()
    error: sa.errors.StepaheadError | None = None


def ending(call: Callable[[], Any], foreign: tuple[type[Warning], ...] = ()) -> Ending:
    """Call, and say which of the three ways it went; anything else is a `SilentError`.
    Warnings of `foreign` kinds may pass.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            value, error = call(), None
        except sa.errors.StepaheadError as refused:
            value, error = None, refused
        except Exception as bare:
            raise SilentError(f"a bare {type(bare).__name__}: {bare}") from bare
    for said in caught:
        if not issubclass(said.category, (sa.errors.StepaheadWarning, *foreign)):
            raise SilentError(f"a bare {said.category.__name__}: {said.message}")
    if error is not None:
        check_error(error)
    else:
        notes = [str(said.message) for said in caught]
        check_numbers(value, endless=any("infinite from step" in text for text in notes))
    return Ending(value, tuple(str(said.message) for said in caught), error)


def check_error(error: sa.errors.StepaheadError) -> None:
    """A code, a message that fits, nothing that a terminal would obey; our kind of error and the caller's."""
    text = str(error)
    if not error.code or not text.strip() or len(text) > LONGEST or any(ord(c) < 32 and c != "\n" for c in text):
        raise SilentError(f"{type(error).__name__} with code {error.code!r} and the message {text!r}")
    if type(error).__mro__[1] is sa.errors.StepaheadError and len(type(error).__bases__) < 2:
        raise SilentError(f"{type(error).__name__} is of no kind that a caller expects")


def check_numbers(value: Any, endless: bool = False) -> None:
    """No NaN and no inf among what is forecast; `endless` where a note says that ends of an interval are infinite."""
    if isinstance(value, sa.results.KStep):
        value = value.predictions
    elif isinstance(value, (sa.results.Comparison, Mapping)):
        for part in value.values():
            check_numbers(part, endless)
        return
    elif isinstance(value, tuple):
        for part in value:
            check_numbers(part, endless)
        return
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and not np.isfinite(value).all():
        if endless and not np.isnan(value).any():
            return
        raise SilentError(f"{np.count_nonzero(~np.isfinite(value))} of {value.size} numbers that came out are none")
    if isinstance(value, float) and not math.isfinite(value):
        raise SilentError(f"{value} came out")


class Promise:
    """What a test says of each case it tries; how each ended is counted."""

    def __init__(self, record: Callable[[str, object], None]) -> None:
        self._record = record

    def _counted(self, kind: str) -> None:
        self._record("case", kind)

    def refused(
        self,
        call: Callable[[], Any],
        code: str | tuple[str, ...] = (),
        *says: str,
        kind: type[Exception] = sa.errors.StepaheadError,
    ) -> Any:
        """A bad input: an error of `kind`, with the code, whose message has each of the words."""
        self._counted("bad")
        found = ending(call)
        if found.error is None:
            raise SilentError(f"not refused: {found.value!r}")
        assert isinstance(found.error, kind), f"{type(found.error).__name__}: {found.error}"
        codes = (code,) if isinstance(code, str) else code
        assert not codes or found.error.code in codes, f"{found.error.code}: {found.error}"
        for word in says:
            assert word in str(found.error), f"{word!r} is not in: {found.error}"
        return found.error

    def answered(self, call: Callable[[], Any], *says: str) -> Any:
        """A good input: an answer; with words given, one whose notes have each of them."""
        self._counted("noted" if says else "good")
        found = ending(call)
        if found.error is not None:
            raise GoodRefusedError(f"{type(found.error).__name__}: {found.error}") from found.error
        for word in says:
            assert any(word in text for text in found.notes), f"{word!r} is in none of {found.notes}"
        return found.value

    def ended(self, call: Callable[[], Any]) -> Ending:
        """An input that may end in any of the three ways."""
        found = ending(call)
        self._counted("refused" if found.error else "noted" if found.notes else "answered")
        return found

"""Checks of arguments: one function for each kind, one wording for all. `True` is not a number here."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from numbers import Integral, Real

from .errors import ParameterError, shown

LARGEST = 2**53
"""The largest whole number as an argument: above it float64 skips whole numbers."""


def refuse(name: str, value: object, allowed: str) -> ParameterError:
    """The ParameterError for an argument `name` that was `value` and must be `allowed`."""
    return ParameterError(
        f"{name}={shown(value)} is not allowed: {name} must be {allowed}",
        code="parameter",
        name=name,
        value=value,
        allowed=allowed,
    )


def whole(name: str, value: object, least: int = 1, most: int | None = None, also: str = "") -> int:
    """A whole number of at least `least` (and at most `most`), as an int."""
    past = False
    if isinstance(value, Integral) and not isinstance(value, bool):
        number = int(value)
        past = number > LARGEST
        if least <= number <= (LARGEST if most is None else most):
            return number
    bound = (
        f"of at least {least}" if most is None and not past else f"from {least} to {LARGEST if most is None else most}"
    )
    raise refuse(name, value, f"a whole number {bound}{also}")


def real(name: str, value: object, least: float = -math.inf, above: float = -math.inf, most: float = math.inf) -> float:
    """A finite number of at least `least`, or strictly above `above`, and of at most `most`."""
    if isinstance(value, Real) and not isinstance(value, bool):
        number = float(value)
        if math.isfinite(number) and above < number <= most and number >= least:
            return number
    bounds = [f"of at least {least:g}"] * (least > -math.inf) + [f"above {above:g}"] * (above > -math.inf)
    bounds += [f"up to {most:g}"] * (most < math.inf)
    raise refuse(name, value, " ".join(["a finite number", *bounds]))


def one_of(name: str, value: object, allowed: Sequence[object]) -> None:
    """Check that a value is one of `allowed`; 1 and True differ."""
    if not any(value is a or (type(value) is type(a) and value == a) for a in allowed):
        raise refuse(name, value, "one of " + ", ".join(repr(a) for a in allowed))


def is_auto(value: object) -> bool:
    """Whether an argument is the word "auto"; the type is checked first, since the truth of an array is ambiguous."""
    return isinstance(value, str) and value == "auto"


def path_or_none(name: str, value: object) -> None:
    """Check that a value is None or the path of a file."""
    if not (value is None or (isinstance(value, (str, os.PathLike)) and str(value))):
        raise refuse(name, value, "None, or the path of a file")


def as_tuple(name: str, value: object) -> tuple[object, ...]:
    """The items of a sequence as a tuple; text is an error."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise refuse(name, value, "a sequence, such as a list")
    return tuple(value)


def flag(name: str, value: object) -> bool:
    """A boolean argument, checked: True or False."""
    if isinstance(value, bool):
        return value
    raise refuse(name, value, "True or False")

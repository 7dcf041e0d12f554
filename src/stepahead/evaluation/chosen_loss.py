"""The loss of a forecast: squared, absolute, that of a quantile, or one of the caller's.

    found = parse_loss("squared" | "absolute" | "pinball(.9)" | callable)
    found(error, actual) -> losses of the same shape;  found.name;  found.power

The power is that of the unit of the series in the loss; 0 of the caller's own, of which nobody knows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..parameters import refuse
from ..protocols import Array

_PINBALL = re.compile(r"pinball\((0?\.\d+)\)")


@dataclass(frozen=True)
class Loss:
    """A loss of errors, forecast minus actual.

    name : "squared", "absolute", "pinball(0.9)", or that of the caller's function.
    power : of the unit of the series in it, by which the losses of several series are scaled.
    """

    name: str
    power: int
    function: Callable[[Array, Array], Array]

    def __call__(self, error: Array, actual: Array) -> Array:
        """The losses, NaN where the error is; InputError where those of the caller have another shape or are
        negative.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            found = np.asarray(self.function(error, actual), dtype=np.float64)
            if found.shape != np.shape(error):
                raise InputError(
                    f"loss={self.name} gave losses of shape {found.shape} for errors of shape {np.shape(error)}: "
                    "give one for each",
                    code="loss",
                    found=found.shape,
                    needed=np.shape(error),
                )
            if (found < 0.0).any():
                raise InputError(
                    f"loss={self.name} is {np.nanmin(found):g} somewhere: a loss has to be at "
                    "least 0, and 0 of no error",
                    code="loss",
                    found=float(np.nanmin(found)),
                )
            if (np.isnan(found) & np.isfinite(error)).any():
                raise InputError(
                    f"loss={self.name} is nan at an error that is a number: give a loss of at least 0 there",
                    code="loss",
                )
        return np.where(np.isnan(error), np.nan, found)


def parse_loss(loss: str | Callable[[Array, Array], Array]) -> Loss:
    """Loss named by the caller.

    Parameters
    ----------
    loss : "squared", "absolute", or "pinball(.9)", that of a forecast of the quantile .9 (Koenker & Bassett 1978): .9
        times what it is too low by, .1 times what it is too high by. Or a function of (error, actual), error = forecast
        - actual.

    >>> found = parse_loss("pinball(.9)")
    >>> found.name, found(np.array([-1.0, 1.0]), np.zeros(2)).round(12).tolist()
    ('pinball(0.9)', [0.9, 0.1])
    """
    if callable(loss):
        return Loss(getattr(loss, "__name__", "loss"), 0, loss)
    if loss == "squared":
        return Loss("squared", 2, lambda error, actual: np.square(error))
    if loss == "absolute":
        return Loss("absolute", 1, lambda error, actual: np.abs(error))
    found = _PINBALL.fullmatch(loss) if isinstance(loss, str) else None
    if not found or not 0.0 < (share := float(found[1])) < 1.0:
        allowed = (
            '"squared", "absolute", "pinball(.9)" or another share between 0 and 1, or a function of (error, actual)'
        )
        raise refuse("loss", loss, allowed)
    return Loss(f"pinball({share:g})", 1, lambda error, actual: np.maximum(-share * error, (1.0 - share) * error))

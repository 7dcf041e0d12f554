"""Simple exponential smoothing: a level that follows the values, and one number that says how fast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from ..parameters import real
from ..protocols import Array, Batch, FittedBatch, Head, State
from ..series import Series, in_fixed_order
from ..storage import register
from .model import Model, Shapes
from .simple import Straight, expect

ALPHAS = np.arange(1, 50) / 50.0
"""Candidates for alpha: .02, .04 .. .98."""
TIE = 1e-9
"""Relative margin within which sums of squares count as tied, so that rounding does not decide: the smallest alpha is
chosen.
"""
BLOCK = 512
"""Values whose errors are summed at a time."""


@register
class SES(Model):
    """Simple exponential smoothing, a recent average: level l_t = alpha x_t + (1 - alpha) l_(t-1), at every step.

    >>> model = SES().fit([1.0, 2.0, 1.0, 3.0, 2.0, 4.0, 3.0, 5.0])
    >>> float(model.alpha_), model.forecast([1.0, 2.0, 4.0], horizon=2).round(2)
    (0.6, array([3.04, 3.04]))

    The first level is the first value. A missing value leaves the level where it is.

    Parameters
    ----------
    alpha : the weight of the newest value, above 0 and at most 1; None chooses of .02, .04 .. .98 the one with the
        least sum of squared one-step errors in training, the smallest of equal ones.

    Attributes
    ----------
    alpha_ : the weight in use.

    Source: Brown, "Statistical Forecasting for Inventory Control" (1959).
    """

    _learned = ("alpha_",)
    _costs = {"encode": lambda m, rows: 8 * rows}
    is_baseline = learns = True
    kind = "level"
    alpha_: float

    def __init__(self, alpha: float | None = None) -> None:
        self.alpha = alpha

    def _check(self) -> None:
        if self.alpha is not None:
            self.alpha = _weight("alpha", self.alpha)

    @property
    def name(self) -> str:
        """``SES``; ``SES(0.3)`` where alpha was given."""
        return "SES" if self.alpha is None else f"SES({self.alpha:g})"

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        """Each series has a level of its own; missing values are skipped."""
        total = np.zeros((1, len(ALPHAS)))
        for part in in_fixed_order(panel) if self.alpha is None else ():
            errors = OneStepErrors(1)
            errors.add(part.numbers[None, ~np.isnan(part.numbers)])
            total += errors.squares
        self.alpha_ = float(best(total)[0]) if self.alpha is None else self.alpha
        return 1

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """The alpha of each series."""
        series = len(batch.heads)
        alphas = np.full(series, self.alpha if self.alpha is not None else np.nan)
        if self.alpha is None:
            errors = OneStepErrors(series)
            errors.add(batch.heads)
            alphas = best(errors.squares)
        return [Smoothed(batch.all, batch.kept, np.zeros(series), alphas)]

    def fit_pieces(self, head: Head, length: int) -> bool:
        """One pass over the pieces."""
        errors = OneStepErrors(1)
        for values in head() if self.alpha is None else ():
            errors.add(values[None])
        self.alpha_, self.context = float(best(errors.squares)[0]) if self.alpha is None else self.alpha, 1
        return True

    def _shapes(self) -> Shapes:
        return {**expect(self.context, 1), "alpha_": ()}

    def _check_learned(self) -> None:
        _weight("alpha_", self.alpha_)
        if self.alpha is not None and self.alpha_ != self.alpha:
            raise ValueError(f"alpha_ is {self.alpha_} where {self.alpha} was given")

    def _encode(self, values: Array, after: State | None) -> State:
        """[origins, 1]: the level after each value."""
        seen = ~np.isnan(values)
        level = np.nan if after is None else float(after[0][-1, 0])
        known = levels(values[seen], self.alpha_, level)
        return (known[np.cumsum(seen)][:, None],)

    def _rollout(self, state: State, horizon: int) -> Array:
        return np.repeat(state[0], horizon, axis=1)


def _weight(name: str, value: float) -> float:
    return real(name, value, above=0.0, most=1.0)


def levels(values: Array, alpha: float, level: float) -> Array:
    """[time + 1]: the level, and that after each of the values; NaN before the first."""
    found = np.empty(len(values) + 1)
    found[0] = level
    for begin in range(0, len(values), 1 << 16):
        part = values[begin : begin + (1 << 16)].tolist()
        first = part[0] if np.isnan(level) else level
        # In Python's own floats, which are faster one by one and bitwise the same.
        after = list(accumulate(part, lambda at, x: at + alpha * (x - at), initial=first))
        found[begin + 1 : begin + 1 + len(part)] = after[1:]
        level = after[-1]
    return found


class OneStepErrors:
    """Squared one-step errors of each alpha, summed over series that may come in pieces; of a batch of series.

    With r = 1 - alpha and the steps d_t = x_t - x_(t-1) the errors are e_t = r e_(t-1) + d_t. Squared and summed over a
    block,

        (1 - r^2) sum e_t^2 = sum d_t^2 + 2 r sum e_(t-1) d_t + r^2 (e_0^2 - e_n^2),

    and the middle sum is that of r^(j-1) times the products of steps j apart: one Fourier transform serves all alphas.
    As the sum of squares is at least a quarter of that of the steps, no more than two digits are lost.

    Attributes
    ----------
    squares : [series, alphas].
    """

    def __init__(self, series: int) -> None:
        self.squares: Array = np.zeros((series, len(ALPHAS)))
        self._error: Array = np.zeros((series, len(ALPHAS)))
        self._last: Array = np.empty((series, 0))
        self._powers = (1.0 - ALPHAS) ** np.arange(BLOCK + 1.0)[:, None]

    def add(self, values: Array) -> None:
        """Add the next values, [series, time], none missing."""
        steps = np.diff(values, axis=1, prepend=self._last)
        self._last = values[:, -1:].copy() if values.shape[1] else self._last
        for begin in range(0, steps.shape[1], BLOCK):
            self._add_steps(steps[:, begin : begin + BLOCK])

    def _add_steps(self, steps: Array) -> None:
        count, first, r = steps.shape[1], self._error, 1.0 - ALPHAS
        size = 1 << (2 * count - 1).bit_length()
        spectrum = np.fft.rfft(steps, size)
        products = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, size)[:, :count]
        powers = self._powers[:count]
        mixed = products[:, 1:] @ powers[: count - 1]
        last = steps[:, ::-1] @ powers
        if first.any():
            mixed += first * (steps @ powers)
            last += first * self._powers[count]
        own = np.einsum("st,st->s", steps, steps)[:, None]
        self.squares += (own + 2.0 * r * mixed + r * r * (first * first - last * last)) / (1.0 - r * r)
        self._error = last


def best(squares: Array) -> Array:
    """[series]: the alpha of the least sum of squares [series, alphas]."""
    return np.asarray(ALPHAS[np.argmax(squares <= squares.min(axis=1, keepdims=True) * (1.0 + TIE), axis=1)])


@dataclass(frozen=True)
class Smoothed(Straight):
    """The levels of a batch of series."""

    alpha: Array

    def levels(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, origins]: bitwise the same as for each series by itself."""
        alpha, rows = self.alpha[part], np.ascontiguousarray(values[:, : first + count - 1].T)
        found = np.empty(rows.shape)
        level, step = found[0], np.empty(len(values))
        level[:] = rows[0]
        for row, own in zip(rows[1:], found[1:], strict=True):
            np.subtract(row, level, out=step)
            step *= alpha
            level = np.add(level, step, out=own)
        return found[first - 1 :].T

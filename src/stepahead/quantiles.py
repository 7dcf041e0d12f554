"""Quantiles at some levels, as a distribution; and the check of a level."""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import InputError, ParameterError
from .parameters import real, refuse
from .protocols import Array, Mask


def check_level(level: object) -> float:
    """The level of a quantile, checked: strictly between 0 and 1."""
    if not 0.0 < real("level", level) < 1.0:
        raise refuse("level", level, "between 0 and 1")
    return float(level)  # type: ignore[arg-type]


class Quantiles:
    """A distribution as its quantiles at some levels, for each row and step: nothing is known between them.

    >>> q = Quantiles([0.05, 0.5, 0.95], [[[-1.6, 0.0, 1.7]]])
    >>> q.quantile(0.95), q.interval(0.9)
    (array([[1.7]]), (array([[-1.6]]), array([[1.7]])))

    Parameters
    ----------
    levels : [m], rising, each between 0 and 1.
    values : [rows, horizon, m], in the unit of the series; of one row also [horizon, m]. Quantiles that cross, as those
        of nets do, are sorted, and told in `crossing`.
    mean : [rows, horizon], the mean or another point forecast, where one came with them.

    Attributes
    ----------
    levels, values, center : as given, sorted. crossing : [rows, horizon] whether the quantiles crossed there.

    Raises
    ------
    ParameterError : levels that do not rise, or an array of another shape; what was found is named.
    """

    def __init__(self, levels: Any, values: Any, mean: Any = None) -> None:
        found = np.asarray(levels, dtype=np.float64).ravel()
        if not len(found) or not (np.diff(found) > 0.0).all() or not ((found > 0.0) & (found < 1.0)).all():
            raise refuse("levels", levels, "numbers that rise, each between 0 and 1, such as [0.05, 0.5, 0.95]")
        numbers = np.asarray(values, dtype=np.float64)
        numbers = numbers[None] if numbers.ndim == 2 else numbers
        center = None if mean is None else np.asarray(mean, dtype=np.float64)
        center = center[None] if center is not None and center.ndim == 1 else center
        for name, array, wanted in (
            ("values", numbers, (*numbers.shape[:2], len(found))),
            ("mean", center, numbers.shape[:2]),
        ):
            if array is not None and (array.shape != wanted or len(wanted) != array.ndim):
                raise ParameterError(
                    f"{name} must be [rows, horizon{', m' * (name == 'values')}] with m={len(found)} levels; "
                    f"found shape {np.shape(values if name == 'values' else mean)}",
                    code="shape",
                    name=name,
                    found=array.shape,
                )
        crossing: Mask = np.asarray((np.diff(numbers, axis=-1) < 0.0).any(axis=-1))
        self.levels: Array = found
        self.values: Array = np.sort(numbers, axis=-1) if crossing.any() else numbers
        self.center: Array | None = center
        self.crossing = crossing

    def __repr__(self) -> str:
        return f"Quantiles({listed(self.levels)} of {' x '.join(map(str, self.values.shape[:2]))} rows and steps)"

    def scaled(self, factor: float, shift: float) -> Quantiles:
        """The distribution of factor x + shift."""
        levels, values = (
            (self.levels, self.values) if factor >= 0.0 else (1.0 - self.levels[::-1], self.values[..., ::-1])
        )
        return Quantiles(levels, values * factor + shift, None if self.center is None else self.center * factor + shift)

    @property
    def crossed(self) -> int:
        """At how many rows and steps the quantiles crossed."""
        return int(self.crossing.sum())

    def mean(self) -> Array:
        """The mean, [rows, horizon], where one came with the quantiles."""
        if self.center is None:
            raise InputError(f"quantiles ({listed(self.levels)}) have no mean: give it, mean=", code="quantiles")
        return self.center

    def std(self) -> Array:
        """Refused: quantiles have no standard deviation, [rows, horizon]."""
        raise InputError(f"quantiles ({listed(self.levels)}) have no standard deviation", code="quantiles")

    def has(self, *levels: float) -> bool:
        """Whether there is a quantile at each of these levels."""
        return all(self._place(level) is not None for level in levels)

    def _place(self, level: float) -> int | None:
        at = int(np.argmin(np.abs(self.levels - level)))
        return at if abs(float(self.levels[at]) - level) <= SAME_LEVEL else None

    def quantile(self, level: float) -> Array:
        """The quantile at `level`, [rows, horizon]: one of the levels that were given."""
        at = self._place(check_level(level))
        if at is None:
            raise InputError(
                f"there is no quantile at {level:g}; there are {listed(self.levels)}", code="quantiles", level=level
            )
        return self.values[..., at]

    def interval(self, level: float) -> tuple[Array, Array]:
        """(low, high), each [rows, horizon]: the central interval of `level`, where both its ends were given."""
        ends = [0.5 - check_level(level) / 2.0, 0.5 + level / 2.0]
        if not self.has(*ends):
            raise InputError(
                f"an interval of {level:g} needs the quantiles at {ends[0]:g} and {ends[1]:g}; there are "
                f"{listed(self.levels)}",
                code="quantiles",
                level=level,
            )
        return self.quantile(ends[0]), self.quantile(ends[1])

    def crps(self, actuals: Array) -> Array:
        """The CRPS from these quantiles, [rows, horizon]: twice the integral of the pinball loss over the level.

        By the trapezoid rule between the levels, the outermost quantile held beyond them: of a normal distribution 9
        even levels give 1.003 times the right value, 19 give 1.001. Of fewer than 9, or where they end before 0.1 and
        0.9, or lie more than 0.12 apart, it is refused: 3 levels would give 0.8 to 0.9 of it, and so would 9 of which
        none is between 0.1 and the median.
        """
        u = self.levels
        ends = u[0] <= WIDEST_TAIL + SAME_LEVEL and u[-1] >= 1.0 - WIDEST_TAIL - SAME_LEVEL
        if len(u) < FEWEST_LEVELS or not ends or np.diff(u).max() > WIDEST_GAP + SAME_LEVEL:
            raise InputError(
                f"a CRPS takes at least {FEWEST_LEVELS} quantiles, from {WIDEST_TAIL:g} or less to "
                f"{1.0 - WIDEST_TAIL:g} or more, none more than {WIDEST_GAP:g} from the next; there are {len(u)}: "
                f"{listed(u)}; read diagnostics.pinball at one",
                code="quantiles",
                found=len(u),
            )
        off = np.asarray(actuals)[..., None] - self.values
        loss = np.maximum(u * off, (u - 1.0) * off)
        inner = (0.5 * np.diff(u) * (loss[..., 1:] + loss[..., :-1])).sum(axis=-1)
        return np.asarray(2.0 * (inner + _tail(off[..., 0], float(u[0])) + _tail(-off[..., -1], 1.0 - float(u[-1]))))


FEWEST_LEVELS, WIDEST_TAIL, WIDEST_GAP = 9, 0.1, 0.12
"""Fewer quantiles, ones that end sooner, or ones further apart, carry no CRPS."""
SAME_LEVEL = 1e-9
MOST_LEVELS_LISTED = 12


def _tail(off: Array, level: float) -> Array:
    """The integral of the pinball loss from 0 to a level, of a quantile that is held: `off` is how far above it lies
    what happened.
    """
    return np.where(off >= 0.0, off * level**2 / 2.0, -off * (level - level**2 / 2.0))


def listed(levels: Array) -> str:
    """Levels as text; of many the first ones."""
    texts = [f"{level:.6g}" for level in levels[:MOST_LEVELS_LISTED]]
    return ", ".join(texts) + " …" * (len(levels) > MOST_LEVELS_LISTED)

"""Student's t of an average of losses: its quantiles, p values, and a statistic that stands without spread.

The standard error of such an average is that of prewhitened.py.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..protocols import Array

ROUNDING = 1e-12
"""Relative size below which a difference of losses is rounding, and counts as 0."""


def student(level: float, freedom: Array) -> Array:
    """[steps]: the quantile of Student's t at `level`; NaN with 0 degrees of freedom."""
    from scipy.special import stdtrit

    return np.asarray(stdtrit(np.where(freedom > 0, freedom, np.nan), level))


def p_value(statistic: Array, freedom: Array) -> Array:
    """[steps]: two-sided p-value of a difference, by Student's t."""
    from scipy.special import stdtr

    return np.asarray(2.0 * stdtr(np.where(freedom > 0, freedom, np.nan), -np.abs(statistic)))


def statistic(mean: Array, error: Array, freedom: npt.ArrayLike, size: Array | None = None) -> Array:
    """[..]: the mean in units of its standard error; 0 where there is no difference at all.

    A difference that is the same in every row, as between right and wrong symbols, has a standard error of 0, and yet a
    few rows prove little. It gets that of one more row, in which nothing differs: no more than the mean / (freedom +
    1). `size` is that of the losses from whose last digits an error may come; without it, of the mean.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        same = error <= ROUNDING * (np.abs(mean) if size is None else np.maximum(np.abs(mean), size))
        least = np.where(same, np.abs(mean) / (np.asarray(freedom) + 1.0), error)
        return np.where(mean == 0.0, 0.0 * error, mean / least)

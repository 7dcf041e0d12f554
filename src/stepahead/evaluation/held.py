"""Whether prediction intervals hold what they say: their width, what their coverage may be, the loss of a quantile."""

from __future__ import annotations

import numpy as np

from ..numerics import inference
from ..protocols import Array
from . import trust
from .kstep import KStep


def coverage_band(result: KStep, level: float = 0.9, method: str | None = None) -> tuple[Array, Array]:
    """(low, high), each [steps]: where the coverage of right intervals lies 95 % of the time over so many rows.

    `level` plus and minus what overlapping rows allow: never less than what as many independent ones would.

    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> result = sa.k_step(sa.AR(lags=64).fit(series[:604]), series, horizon=64)
    >>> low, high = sa.diagnostics.coverage_band(result, level=0.9)
    >>> bool((low[0] < result.coverage(0.9)[0]) & (result.coverage(0.9)[0] < high[0]))
    True

    Parameters
    ----------
    result : of numbers. level, method : as in ``KStep.prediction_intervals``.

    Raises
    ------
    InputError : symbols; origins inside the training part; the model has no distribution.
    """
    inside = result._holds(*result.prediction_intervals(level, method))
    found = trust.moments(result, [lambda columns: inside[:, columns]])
    variance = np.maximum(found.contrast(np.ones(1))[1] ** 2, level * (1.0 - level) / np.maximum(result.n(), 1))
    half = inference.student(0.975, found.freedom.astype(np.float64)) * np.sqrt(variance)
    return np.maximum(level - half, 0.0), np.minimum(level + half, 1.0)


def interval_width(result: KStep, level: float = 0.9, method: str | None = None) -> Array:
    """[steps]: the mean width of the prediction intervals, in the unit of the series; infinite where one of them is.

    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> result = sa.k_step(sa.AR(lags=64).fit(series[:604]), series, horizon=64)
    >>> low, high = result.prediction_intervals(0.5)
    >>> bool(np.allclose(sa.diagnostics.interval_width(result, 0.5), (high - low).mean(axis=0)))
    True

    Parameters
    ----------
    result : of numbers. level, method : as in ``KStep.prediction_intervals``.

    Raises
    ------
    InputError : symbols; origins inside the training part; the model has no distribution.
    """
    return result._held(level, method)[1]


def pinball(result: KStep, level: float, method: str | None = None) -> Array:
    """[steps]: mean pinball loss of the forecast of one quantile, in the unit of the series.

    ``level * (y - q)`` where what happened lies above it, ``(1 - level) * (q - y)`` below (Koenker & Bassett 1978).
    At 0.5 it is half of the mean absolute error.

    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> result = sa.k_step(sa.AR(lags=64).fit(series[:604]), series, horizon=64)
    >>> bool(np.allclose(sa.diagnostics.pinball(result, 0.5), result.mae() / 2))
    True

    Parameters
    ----------
    result : of numbers. level : of the quantile, between 0 and 1. method : as in ``KStep.prediction_intervals``.

    Raises
    ------
    InputError : symbols; origins inside the training part; the model has no distribution.
    """
    trust.check_level(level)
    method = result._method if method is None else method
    if method == "model" and result._distribution is not None:
        quantile = result._distribution.quantile(level)
    elif level == 0.5 and method == "conformal":
        quantile = result.predictions
    else:
        side = abs(2.0 * level - 1.0)
        quantile = result.prediction_intervals(max(side, np.finfo(float).tiny), method)[int(level > 0.5)]
    missed = result.actuals - quantile
    return result._average(iter([(slice(None), np.maximum(level * missed, (level - 1.0) * missed))]), 1)

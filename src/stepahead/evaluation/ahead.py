"""Intervals around a forecast from one origin: what the evaluation would have drawn there."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from ..memory import afford
from ..numerics import conformal
from ..parameters import one_of, whole
from ..protocols import Array, Forecaster, Index, has_distribution
from ..series import Series, as_series
from ..walk import check_forecaster, encoded, name_of, planned_predictive, state_at, usable_origins, walk
from ..windows import targets
from .every_origin import training_lengths
from .trust import check_level


def forecast_interval(
    model: Forecaster,
    series: Any,
    horizon: int,
    level: float = 0.9,
    *,
    origin: int | None = None,
    method: str = "conformal",
    train: int | None = None,
) -> tuple[Array, Array]:
    """(low, high), each [horizon]: around the forecast from one origin, to hold a share `level` of what comes.

    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> model = sa.AR(lags=64).fit(series[:604])
    >>> low, high = sa.forecast_interval(model, series, horizon=64, level=0.9)
    >>> (high - low)[[0, 15, 63]].round(2)
    array([0.71, 0.7 , 1.46])

    Parameters
    ----------
    model : fitted, anybody's Forecaster of numbers.
    series, horizon, origin : as in ``forecast``.
    level : between 0 and 1.
    method : "conformal", from the model's own errors at each step up to here; or "model", its own distribution. See
        ``KStep.intervals``, of which this is the row of the origin.
    train : how many values at the head of the series the model has seen, as in ``k_step``. A model that has seen all of them
        has only errors of data that it was fitted on, which are too small: the interval is then too narrow.

    Raises
    ------
    InputError : there is no earlier origin whose error at every step is known; the training part is not found.
    """
    check_forecaster(model)
    horizon = whole("horizon", horizon)
    check_level(level)
    one_of("method", method, ("conformal", "model"))
    known = as_series(series)
    origin = len(known) if origin is None else whole("origin", origin, 0, len(known))
    state = state_at(model, known, origin)
    if getattr(model, "states_", None) is not None:
        raise InputError(f"{name_of(model)} forecasts symbols: they have no interval", code="symbols", model=name_of(model))
    if method == "model":
        if not has_distribution(model):
            raise InputError(f'{name_of(model)} has no distribution: use method="conformal"', code="no-distribution")
        law: Any = planned_predictive(model, horizon)(state)
        low, high = (law.quantile(0.5 + side * level / 2.0)[0] for side in (-1.0, 1.0))
        return low, high
    length = training_lengths(model, (known,))[0] if train is None else whole("train", train, 0, len(known))
    return _conformal(model, known[:origin], horizon, level, min(length, origin))


def _conformal(model: Forecaster, part: Series, horizon: int, level: float, length: int) -> tuple[Array, Array]:
    origins, ahead, sizes = _errors(model, part, horizon)
    seen = min(int(np.searchsorted(origins, length)), len(origins) - 1)
    steps = np.arange(1, horizon + 1)
    start = np.where(origins[:seen, None] + steps <= origins[seen], sizes[:seen], np.nan)
    half = conformal.half_widths(start, origins[seen:], steps, sizes[seen:], level)[-1]
    if np.isnan(half).any():
        step = int(np.argmax(np.isnan(half))) + 1
        fewer = f"take fewer than {step} steps, or a longer series" if step > 1 else "take a longer series"
        raise InputError(
            f"no error of {name_of(model)} at step {step} is known before origin {len(part)}: {fewer}",
            code="too-short",
            step=step,
        )
    return conformal.around(ahead, half)


def _errors(model: Forecaster, part: Series, horizon: int) -> tuple[Index, Array, Array]:
    """Of every origin up to the end: which, the forecast from the last, and the sizes of the errors, NaN where unknown."""
    state = encoded(model, part)
    origins = usable_origins(model, part, state, len(part))
    afford(len(origins), 6 * horizon, f"the errors of {name_of(model)} at {horizon:,} steps", "Take fewer steps")
    forecasts = np.empty((len(origins), horizon))
    for _ in walk(model, part, state, origins, horizon, forecasts):
        pass
    with np.errstate(over="ignore"):
        return origins, forecasts[-1], np.abs(targets(part.numbers, origins, np.arange(1, horizon + 1)) - forecasts)

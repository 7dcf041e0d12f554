"""Intervals around a forecast from one origin: what the evaluation would have drawn there."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError, note
from ..numerics import conformal
from ..parameters import one_of, whole
from ..protocols import Array, Forecaster, has_distribution, states_of
from ..series import Series, as_series
from ..walk import afford_steps, check_forecaster, errors_at, name_of, planned, planned_predictive, state_at
from .every_origin import training_lengths
from .trust import check_level
from .unseen import behind_cuts, of_last_quarter, too_few


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
    array([0.65, 0.71, 1.46])

    Parameters
    ----------
    model : fitted, anybody's Forecaster of numbers.
    series, horizon, origin : as in ``forecast``.
    level : between 0 and 1.
    method : "conformal", from the model's errors at each step up to here, of values that it had not seen; or "model", its
        own distribution.
    train : how many values at the head of the series the model has seen, as in ``k_step``.

    From an origin behind the training part of a longer series this is the row of ``KStep.intervals``. A model that has
    seen all values errs too little on them: copies of it are fitted on what lies before 8 even cuts, from half of the
    values on (or from where a window has two rows a coefficient, three quarters at the latest), and the interval is made
    of the errors of each copy up to the next cut. A model that is trained in epochs has 2 cuts, which is noted. Of a model
    of many series the copies see this one alone.

    n errors hold at most a level of n / (n + 1). Where that is less than `level` the ends are infinite, and noted: at 90 %
    below 9 errors, at 95 % below 19. An interval is never narrower than at a smaller step.

    Raises
    ------
    InputError : the training part is not found; the model is one of symbols.
    """
    check_forecaster(model)
    horizon = whole("horizon", horizon)
    check_level(level)
    one_of("method", method, ("conformal", "model"))
    known = as_series(series)
    afford_steps(model, horizon)
    origin = len(known) if origin is None else whole("origin", origin, 0, len(known))
    state = state_at(model, known, origin)
    if states_of(model) is not None:
        raise InputError(f"{name_of(model)} forecasts symbols: they have no interval", code="symbols", model=name_of(model))
    if method == "model":
        if not has_distribution(model):
            raise InputError(f'{name_of(model)} has no distribution: use method="conformal"', code="no-distribution")
        law: Any = planned_predictive(model, horizon)(state)
        low, high = (law.quantile(0.5 + side * level / 2.0)[0] for side in (-1.0, 1.0))
        return low, high
    length = training_lengths(model, (known,))[0] if train is None else whole("train", train, 0, len(known))
    part = known[:origin]
    ahead = planned(model, horizon)(state, None)[0]
    if length > origin or length == len(known):
        low, high, lacks = ends(name_of(model), ahead, behind_cuts(model, (part,), horizon)[0], level)
        if lacks:
            note(lacks)
        return low, high
    return _going_on(model, part, ahead, level, length)


def ends(name: str, ahead: Array, sizes: Array, level: float) -> tuple[Array, Array, str]:
    """(low, high) around one forecast [horizon], from sizes [rows, horizon] of errors; and in words where they are too few."""
    half = conformal.half_width(sizes, level)
    counts = (~np.isnan(sizes)).sum(axis=0)
    return *conformal.around(ahead, half), too_few(name, level, counts, half)


def _going_on(model: Forecaster, part: Series, ahead: Array, level: float, length: int) -> tuple[Array, Array]:
    """From the errors behind the training part, which go on from those inside it: the row of an evaluation."""
    horizon = len(ahead)
    origins, errors = errors_at(model, part, np.arange(length, len(part) + 1), horizon)
    sizes = np.abs(errors)
    start = of_last_quarter(model, (part[:length],), horizon)[0] if length else np.empty((0, horizon))
    half = conformal.half_widths(start, origins, np.arange(1, horizon + 1), sizes, level)[-1]
    lacks = too_few(name_of(model), level, (~np.isnan(np.concatenate([start, sizes]))).sum(axis=0), half)
    if lacks:
        note(lacks)
    return conformal.around(ahead, half)

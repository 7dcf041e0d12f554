"""Whole possible futures from one origin, for every model."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..draws import uniforms
from ..errors import FitError, InputError, ParameterError
from ..known_ahead import known_at
from ..memory import afford
from ..parameters import refuse, whole
from ..protocols import Array, Forecaster, State, draws_paths, states_of
from ..series import Series, as_series, is_panel
from ..walk import as_symbols, check_forecaster, errors_at, name_of, planned, state_at
from ..windows import require
from .every_origin import training_lengths


def paths(
    model: Forecaster,
    series: Any,
    horizon: int,
    n: int = 100,
    seed: int = 0,
    origin: int | None = None,
    train: int | None = None,
) -> npt.NDArray[Any]:
    """Draw `n` whole futures of `horizon` steps from one origin, [n, horizon]. The steps of a path belong together.

    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> model = sa.AR(lags=64).fit(series[:604])
    >>> futures = sa.paths(model, series, horizon=64, n=1000, origin=700)
    >>> futures.shape
    (1000, 64)
    >>> total = futures.sum(axis=1)  # of 64 steps: what no distribution of single steps can tell
    >>> bool(total.std() > 5 * futures.std(axis=0).mean())
    True

    A model with a distribution of its own (AR, StateSpace, MarkovChain, HMM, MarkovSwitchingAR, and wrappers around
    them) draws from it. For any other, a path is the forecast plus one whole error trajectory, drawn at random: what
    the model missed at steps 1 .. `horizon` from one origin of its training part, all of it before `origin`. Those
    errors are of data that the model was fitted on: a model with many parameters was too close to them, and its paths
    are then too narrow.

    Parameters
    ----------
    model : fitted, anybody's Forecaster.
    series : one series, not a list of them; symbols come back as symbols.
    horizon : number of steps, at least 1.
    n : number of paths, at least 1.
    seed : with the same seed an origin has the same paths, bit for bit, whatever comes after it in the series.
    origin : the values ``series[:origin]`` are known; by default all are.
    train : how many values at the head of the series the model has seen, as in ``k_step``; only error trajectories need
        it.

    Raises
    ------
    InputError : the training part before the origin has no origin with all its `horizon` targets, or is not found; the
        model is one of symbols and draws no paths.
    """
    check_forecaster(model)
    horizon, n, seed = whole("horizon", horizon), whole("n", n), whole("seed", seed, 0)
    if is_panel(series):
        raise refuse(
            "series", f"a list of {len(series)}", "one series: paths are drawn from one origin, so call it for each"
        )
    known = as_series(series)
    origin = len(known) if origin is None else whole("origin", origin, 0, len(known))
    if train is not None:
        whole("train", train, 0, len(known))
    afford(n, 3 * horizon, f"{n:,} paths of {horizon:,} steps by {name_of(model)}", "Draw fewer")
    state = state_at(model, known, origin)
    ahead = () if known.beside is None else known_at(model, known, origin, horizon, name_of(model))
    if draws_paths(model):
        return as_symbols(model, known, _own_paths(model, state, horizon, n, seed, origin, *ahead))
    if states_of(model) is not None:
        raise InputError(
            f"{name_of(model)} forecasts symbols and draws no paths: symbols have no errors that could be added",
            code="no-paths",
            model=name_of(model),
        )
    point = planned(model, horizon)(state, None, *ahead)[0]
    length = training_lengths(model, (known,))[0] if train is None else train
    errors = _error_trajectories(model, known[: min(length, origin)], horizon)
    chosen = (uniforms(seed, np.array([origin]), n, 1)[:, 0, 0] * len(errors)).astype(np.intp)
    with np.errstate(over="ignore", invalid="ignore"):  # what leaves the range is an error, not a warning
        return _finite(model, point - errors[chosen])


def _own_paths(model: Any, state: State, horizon: int, n: int, seed: int, origin: int, *ahead: Array) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):  # what leaves the range is an error, not a warning
        drawn = np.asarray(model.paths(state, horizon, n, seed, np.array([origin]), *ahead))
    if drawn.shape != (n, 1, horizon):
        raise ParameterError(
            f"{name_of(model)}.paths must give [n, rows, horizon] = {(n, 1, horizon)}; it gave {drawn.shape}",
            code="contract",
            found=drawn.shape,
            needed=(n, 1, horizon),
        )
    return _finite(model, drawn[:, 0])


def _finite(model: Any, drawn: Array) -> Array:
    if not np.isfinite(drawn).all():
        raise FitError(f"{name_of(model)} draws paths that are not finite numbers: it explodes", code="overflow")
    return drawn


def _error_trajectories(model: Forecaster, part: Series, horizon: int) -> Array:
    """[origins, horizon]: what was forecast less what happened,
    from each origin of `part` with all its targets in it.
    """
    require(len(part), model.context + horizon, f"an error trajectory of {horizon} steps before the origin", part.name)
    _, errors = errors_at(model, part, np.arange(model.context, len(part) - horizon + 1), horizon)
    errors = errors[~np.isnan(errors).any(axis=1)]
    if not len(errors):
        raise InputError(
            f"no origin before {len(part)} has all its {horizon} targets: each touches a missing value",
            code="missing-values",
            found=0,
        )
    return errors

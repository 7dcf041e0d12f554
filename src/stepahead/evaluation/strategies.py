"""One regressor, three ways to many steps: fed back, one for each step, all at once."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ParameterError, note
from ..models.ar import AR
from ..models.windowed import PerStep, Windowed
from ..models.windownets import WindowNet
from ..models.wrappers import Differenced, Scaled
from ..parameters import refuse, whole
from ..protocols import Array
from ..walk import name_of
from .comparison import Comparison
from .evaluate import evaluate

RECURSIVE, DIRECT, ONE_SHOT = "recursive", "direct", "one-shot"


class AsRegressor:
    """A model on a window as a regressor with one output: `fit` and `predict`, so that `PerStep` can copy it.

    >>> X, y = np.array([[1.0], [2.0], [3.0]]), np.array([2.0, 4.0, 6.0])
    >>> AsRegressor(AR(1, intercept=False)).fit(X, y).predict(np.array([[10.0]]))
    array([20.])
    """

    def __init__(self, model: Any) -> None:
        self.model = model

    def fit(self, X: Array, y: Array) -> AsRegressor:
        """X [rows, lags], y [rows]."""
        self.fitted_ = self.model.clone().fit_pairs(X, np.reshape(y, (len(X), 1)))
        return self

    def predict(self, X: Array) -> Array:
        """[rows, lags] -> [rows]."""
        return np.asarray(self.fitted_.rollout((X,), 1)[:, 0])


def strategies(
    model: Any,
    series: Any,
    horizon: int,
    train: float | int = 0.6,
    *,
    lags: int | None = None,
    steps: Sequence[int] | None = None,
    period: int | None = None,
) -> Comparison:
    """Score one regressor three ways at the same origins: "recursive", "direct" and "one-shot".

    Recursive learns one step and feeds it back. Direct has a copy of the regressor for each step. One-shot emits all steps at
    once. Which is better depends on the series, the window and the number of values, and mostly on none: the table by k, and
    ``.tests()`` on it, tell whether there is a difference at all.

    >>> import stepahead as sa
    >>> result = sa.strategies(sa.AR(lags=4), sa.datasets.noisy_sine(seed=0), horizon=64, train=604)
    >>> list(result)
    ['recursive', 'direct', 'one-shot', 'Mean', 'Naive']
    >>> result["recursive"].rmse()[[0, 63]].round(2), result["direct"].rmse()[[0, 63]].round(2)
    (array([0.2 , 0.51]), array([0.2 , 0.51]))

    Parameters
    ----------
    model : `AR`, `MLP`, ``from_torch(..)`` or `Windowed`, bare or in `Scaled` or `Differenced`; or a scikit-learn regressor,
        with `lags`. Its own `chunk` is not looked at. A regressor that takes one target alone has no one-shot, and that is
        noted. Of a linear model direct and one-shot are the same forecasts: least squares does not mix its targets.
    series, horizon, train, steps, period : as for ``evaluate``.
    lags : how many values a regressor reads; a model says so itself.

    Raises
    ------
    ParameterError : the model reads no window; `lags` is missing, or given twice.
    InputError : too short for a direct fit at `horizon`.
    """
    return evaluate(_three(model, whole("horizon", horizon), lags), series, horizon, train, steps=steps, period=period)


def _three(model: Any, horizon: int, lags: int | None) -> dict[str, Any]:
    """The models by the names of their strategies."""
    if isinstance(model, (Scaled, Differenced)):
        return {name: _around(model, inner) for name, inner in _three(model.model, horizon, lags).items()}
    if isinstance(model, (AR, WindowNet, Windowed)):
        if lags is not None:
            raise refuse("lags", lags, f"left out: {name_of(model)} has its own")
        if isinstance(model, Windowed):
            return _of_regressor(model.regressor, int(model.lags), horizon)
        return _of_model(model, horizon)
    if isinstance(model, type) or not all(callable(getattr(model, verb, None)) for verb in ("fit", "predict")):
        raise ParameterError(
            f"{name_of(model)} cannot go three ways: strategies takes AR, MLP, from_torch(..), Windowed (in Scaled or "
            "Differenced too), or a scikit-learn regressor with lags=",
            code="parameter",
            name="model",
        )
    if lags is None:
        raise refuse("lags", lags, "given beside a regressor: how many past values it reads")
    return _of_regressor(model, whole("lags", lags), horizon)


def _around(wrapper: Any, inner: Any) -> Any:
    made = copy.copy(wrapper)
    made.model = inner
    return made


def _of_model(model: Any, horizon: int) -> dict[str, Any]:
    """Of a linear model or a net: an AR with a chunk has a regression for each step already."""
    recursive = model.clone().set_params(chunk=1)
    if isinstance(model, AR):
        found = {DIRECT: model.clone().set_params(chunk=horizon), ONE_SHOT: model.clone().set_params(chunk=horizon)}
        return {RECURSIVE: recursive, **found}
    # What emits its steps at once has nothing to unroll.
    alone = model.clone().set_params(chunk=1, unroll=1)
    direct = Windowed(PerStep(AsRegressor(alone)), int(model.lags), chunk=horizon)
    return {RECURSIVE: recursive, DIRECT: direct, ONE_SHOT: model.clone().set_params(chunk=horizon, unroll=1)}


def _of_regressor(regressor: Any, lags: int, horizon: int) -> dict[str, Any]:
    inner = regressor.regressor if isinstance(regressor, PerStep) else regressor
    found = {RECURSIVE: Windowed(inner, lags), DIRECT: Windowed(PerStep(inner), lags, chunk=horizon)}
    if _takes_many_targets(inner):
        found[ONE_SHOT] = Windowed(inner, lags, chunk=horizon)
    else:
        note(f"{type(inner).__name__} takes one target alone: recursive and direct are scored, there is no one-shot")
    return found


def _takes_many_targets(regressor: Any) -> bool:
    """Whether a copy learns two targets from a few made-up rows: the one thing that every regressor can be asked."""
    X = np.random.default_rng(0).normal(size=(32, 2))
    try:
        found = copy.deepcopy(regressor).fit(X, X[:, ::-1].copy()).predict(X)
    except (ValueError, TypeError):
        return False
    return bool(np.shape(found) == X.shape)

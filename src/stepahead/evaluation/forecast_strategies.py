"""One regressor, three ways to many steps: fed back, one for each step, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import ParameterError
from ..models.windowed import Windowed
from ..parameters import refuse, whole
from ..protocols import InThreeWays, Regressor
from ..walk import name_of
from .comparison import Comparison
from .evaluate import evaluate


def strategies(
    model: Any,
    series: Any,
    horizon: int,
    train: float | int = 0.6,
    *,
    lags: int | None = None,
    steps: Sequence[int] | None = None,
    season: Any = "auto",
) -> Comparison:
    """Score one regressor three ways at the same origins: "recursive", "direct" and "one-shot".

    Recursive learns one step and feeds it back. Direct has a copy of the regressor for each step. One-shot emits all
    steps at once. Which is better depends on the series, the window and the number of values, and mostly on none: the
    table by k, and ``.tests()`` on it, tell whether there is a difference at all.

    >>> import stepahead as sa
    >>> result = sa.diagnostics.strategies(sa.AR(lags=4), sa.datasets.noisy_sine(seed=0), horizon=64, train=604)
    >>> list(result)
    ['recursive', 'direct', 'one-shot', 'Mean', 'Naive', 'SES', 'Line', 'Drift']
    >>> result["recursive"].rmse()[[0, 63]].round(2), result["direct"].rmse()[[0, 63]].round(2)
    (array([0.2 , 0.51]), array([0.2 , 0.51]))

    Parameters
    ----------
    model : `AR`, `MLP`, ``from_torch(..)`` or `Windowed`, bare or in `Scaled` or `Differenced`; or a scikit-learn
        regressor, with `lags`. Its own `chunk` is not looked at. A regressor that takes one target alone has no
        one-shot, and that is noted. Of a linear model direct and one-shot are the same forecasts: least squares does
        not mix its targets.
    series, horizon, train, steps, season : as for ``evaluate``.
    lags : how many values a regressor reads; a model says so itself.

    Raises
    ------
    ParameterError : the model reads no window; `lags` is missing, or given twice.
    InputError : too short for a direct fit at `horizon`.
    """
    return evaluate(_ways(model, whole("horizon", horizon), lags), series, horizon, train, steps=steps, season=season)


def _ways(model: Any, horizon: int, lags: int | None) -> dict[str, Any]:
    """The models by the names of their strategies."""
    found = model.ways(horizon) if isinstance(model, InThreeWays) and not isinstance(model, type) else {}
    if found:
        if lags is not None:
            raise refuse("lags", lags, f"left out: {name_of(model)} has its own")
        return found
    if isinstance(model, (type, InThreeWays)) or not isinstance(model, Regressor):
        raise ParameterError(
            f"{name_of(model)} cannot go three ways: strategies takes AR, MLP, from_torch(..), Windowed (in Scaled or "
            "Differenced too), or a scikit-learn regressor with lags=",
            code="parameter",
            name="model",
        )
    if lags is None:
        raise refuse("lags", lags, "given beside a regressor: how many past values it reads")
    return Windowed(model, whole("lags", lags)).ways(horizon)

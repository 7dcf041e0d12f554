"""The simple guesses that stand beside every model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import ParameterError
from ..models.baselines import Mean, Naive, SeasonalNaive
from ..models.markov import MarkovChain
from ..parameters import whole
from ..series import Series

NO_SEASON = "no seasonal baseline was tried: period=N adds one"
"""Said once beside a table of numbers without one: a model that has learned the season alone looks good in it."""


def lacks_season(models: Iterable[Any]) -> bool:
    """Whether none of the models of numbers that stand in a table repeats the last season.

    >>> lacks_season([Mean(), Naive()]), lacks_season([Naive(), SeasonalNaive(12)])
    (True, False)
    """
    return not any(isinstance(model, SeasonalNaive) for model in models)


def simple_guesses(panel: Sequence[Series], period: int | None) -> dict[str, Any]:
    """`Mean` and `Naive`, with a period `SeasonalNaive`; of symbols a chain without a memory. By name, not fitted.

    >>> list(simple_guesses((Series([1.0, 2.0]),), 12))
    ['Mean', 'Naive', 'SeasonalNaive(12)']
    """
    if panel[0].categories is not None:
        return {"MarkovChain(0)": MarkovChain(order=0)}
    found: dict[str, Any] = {"Mean": Mean(), "Naive": Naive()}
    if period is not None:
        seasonal = SeasonalNaive(whole("period", period))
        found[seasonal.name] = seasonal
    return found


def is_simple(model: Any) -> bool:
    """Whether a model is one of the simple guesses."""
    return isinstance(model, (Mean, Naive, SeasonalNaive)) or (isinstance(model, MarkovChain) and model.order == 0)


def with_guesses(named: Mapping[str, Any], panel: Sequence[Series], period: int | None) -> dict[str, Any]:
    """The models and, behind them, the simple guesses that are not among them."""
    found = dict(named)
    for name, guess in simple_guesses(panel, period).items():
        if any(type(guess) is type(given) and repr(guess) == repr(given) for given in named.values()):
            continue
        if name in named:
            raise ParameterError(
                f"{name} is the name of a simple guess that is always shown: give your {type(named[name]).__name__} another",
                code="parameter",
                name="models",
            )
        found[name] = guess
    return found

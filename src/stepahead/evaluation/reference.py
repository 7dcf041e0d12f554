"""The reference set: the baselines that stand beside every model, and what a model saves over the best of them."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ParameterError
from ..models.baselines import Mean, Naive, SeasonalNaive
from ..models.markov import MarkovChain
from ..parameters import whole
from ..protocols import Array, Baseline, Seasonal
from ..series import Series
from ..windows import require, require_held_out

NO_SEASON = "no seasonal baseline was tried: period=N adds one"


def lacks_season(models: Iterable[Any]) -> bool:
    """Whether none of the models of numbers that stand in a table is a seasonal baseline.

    >>> lacks_season([Mean(), Naive()]), lacks_season([Naive(), SeasonalNaive(12)])
    (True, False)
    """
    return not any(is_baseline(model) and isinstance(model, Seasonal) for model in models)


def reference_set(panel: Sequence[Series], period: int | None) -> dict[str, Any]:
    """`Mean` and `Naive`, with a period `SeasonalNaive`; of symbols a chain without a memory. By name, not fitted.

    >>> list(reference_set((Series([1.0, 2.0]),), 12))
    ['Mean', 'Naive', 'SeasonalNaive(12)']
    """
    if panel[0].categories is not None:
        return {"MarkovChain(0)": MarkovChain(order=0)}
    found: dict[str, Any] = {"Mean": Mean(), "Naive": Naive()}
    if period is not None:
        seasonal = SeasonalNaive(whole("period", period))
        found[seasonal.name] = seasonal
    return found


def is_baseline(model: object) -> bool:
    """Whether a model says that it is a baseline."""
    return isinstance(model, Baseline) and model.is_baseline


def baseline_places(models: Iterable[Any]) -> tuple[int, ...]:
    """The places of the baselines among models."""
    return tuple(place for place, model in enumerate(models) if is_baseline(model))


def missing(named: Mapping[str, Any], panel: Sequence[Series], period: int | None) -> dict[str, Any]:
    """The baselines that are not among these models yet; an error where one of the models has the name of one."""
    found = {}
    for name, baseline in reference_set(panel, period).items():
        if any(is_baseline(given) and repr(given) == repr(baseline) for given in named.values()):
            continue
        if name in named:
            raise ParameterError(
                f"{name} is the name of a baseline that is always shown: give your {type(named[name]).__name__} another",
                code="parameter",
                name="models",
            )
        found[name] = baseline
    return found


def fitted_to_each(baseline: Any, panel: Sequence[Series], train: Sequence[int]) -> tuple[Any, ...] | None:
    """A baseline for each series, fitted on its own training part; None where one has none to learn from.

    What learns nothing is ready without.
    """
    if baseline.learns and not all(train):
        return None
    return tuple(
        copy.deepcopy(baseline).fit(series[:length] if length else series) for series, length in zip(panel, train, strict=True)
    )


def longest_held_out(panel: Sequence[Series], train: Sequence[int], horizon: int) -> Series:
    """The series with the most held-out values; an error where not even there an origin has all its targets."""
    longest, length = max(zip(panel, train, strict=True), key=lambda pair: len(pair[0]) - pair[1])
    require_held_out(len(longest), length, horizon, longest.name)
    return longest


def fits(
    named: Mapping[str, Any], panel: Sequence[Series], train: Sequence[int], horizon: int, each: bool
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """(name, fitted copies) of each model: one for all series, or one for each; a baseline always has one for each."""
    longest = longest_held_out(panel, train, horizon)
    heads = [series[:length] for series, length in zip(panel, train, strict=True)]
    apart = [[head] for head in heads] if each else [heads]
    for name, model in named.items():
        found = fitted_to_each(model, panel, train) if is_baseline(model) else None
        if found is None:
            found = tuple(copy.deepcopy(model).fit(part if len(part) > 1 else part[0]) for part in apart)
        require(len(longest), found[0].context + horizon, f"{name} with horizon={horizon}", longest.name)
        yield name, found


def saving(own: Array, baselines: Array) -> Array:
    """The skill: 1 - loss / loss of the best baseline, [.., steps]; NaN where the best loses nothing, or a loss is no number.

    `baselines` [baselines, .., steps]. At each step the best of them has a skill of 0.
    """
    best = np.fmin.reduce(baselines)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 1.0 - own / best
    return np.where((best > 0.0) & np.isfinite(found), found, np.nan)

"""Baselines: those that stand in every table, and the saving (skill) of a model over the best of them."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..covariates import FORESEEN
from ..errors import ParameterError
from ..known_ahead import foreseen_name
from ..models.baselines import Drift, Mean, Naive, SeasonalNaive
from ..models.curves import Harmonic, Line, LinePhases, Phases
from ..models.frequencies import Frequencies, has_months
from ..models.markov import MarkovChain
from ..models.regressed import alone, known_groups
from ..models.smoothing import SES
from ..protocols import Array, Baseline, TakesSeasons, UsesColumns
from ..seasons import Seasons
from ..series import Series
from ..windows import require, require_held_out, runs

MOST_PHASES, LEAST_SEASONS = 60, 4
"""A season has a mean for each phase up to so many steps, and from so many seasons of training on."""


def reference_set(
    panel: Sequence[Series],
    season: tuple[int, ...] = (),
    train: Sequence[int] = (),
    columns: Iterable[tuple[str, ...]] = (),
) -> dict[str, Any]:
    """The baselines that stand in a table, by name, not fitted: one function says which, for every table.

    >>> list(reference_set((Series([1.0, 2.0]),), (12,), (60,)))
    ['Mean', 'Naive', 'SES', 'Line', 'Drift', 'SeasonalNaive(12)', 'Phases(12)', 'LinePhases(12)']
    >>> list(reference_set((Series([1.0, 2.0]),), (365,), (2000,)))[5:]
    ['SeasonalNaive(365)', 'Harmonic(365)']

    Of symbols it is a chain without a memory, and the frequencies of each calendar month where the training parts have
    dates enough. A season has a mean for each phase where it is short and the longest training part holds enough of
    them, else a smooth curve. It is repeated where some held-out origin has a whole season without a gap before it:
    without one the table would have no row. Where `train` is left out, as of many series that are scored one by one,
    its length alone decides: a table has one set for all series, whatever comes later. Beside models that use columns
    known ahead stand these `columns` alone, without any past.
    """
    if panel[0].categories is not None:
        found: dict[str, Any] = {"MarkovChain(0)": MarkovChain(order=0)}
        heads = [series[:length] for series, length in zip(panel, train, strict=False) if length]
        if heads and len(heads) == len(panel) and all(map(has_months, heads)):
            found["Frequencies"] = Frequencies()
        return found
    models: list[Any] = [Mean(), Naive(), SES(), Line(), Drift()]
    for period in season:
        if _has_a_season_to_repeat(panel, train, period):
            models.append(SeasonalNaive(period))
        if period <= MOST_PHASES and max(train, default=LEAST_SEASONS * period) >= LEAST_SEASONS * period:
            models += [Phases(period), LinePhases(period)]
        else:
            models.append(Harmonic(period))
    models += [alone(groups) for groups in columns]
    return {model.name: model for model in models}


def with_columns(panel: Sequence[Series]) -> Series:
    """The first series that has columns beside its values, whatever the others have; the first where none has any."""
    return next((part for part in panel if part.beside is not None), panel[0])


def columns_used(models: Iterable[Any], panel: Sequence[Series]) -> list[tuple[str, ...]]:
    """The columns known ahead that each of the models uses, by what they are called; each set once, in series order."""
    series = with_columns(panel)
    sets = dict.fromkeys(frozenset(known_groups(model, series)) for model in models if not is_baseline(model))
    return [tuple(group for group in series.known.asked() if group in groups) for groups in sets if groups]


def told_foreseen(named: Mapping[str, Any], panel: Sequence[Series]) -> dict[str, Any]:
    """The models by names that say where a column is taken as foreseen."""
    series = with_columns(panel)
    if FORESEEN not in series.known.kinds:
        return dict(named)
    return {
        foreseen_name(name, model.columns_on(series)[0]) if isinstance(model, UsesColumns) else name: model
        for name, model in named.items()
    }


def _has_a_season_to_repeat(panel: Sequence[Series], train: Sequence[int], period: int) -> bool:
    """Whether an origin behind the training parts has a whole season without a missing value before it."""
    if all(part.complete for part in panel):
        return True
    cuts = train or [0] * len(panel)
    return any(
        len(segment) >= period
        for part, cut in zip(panel, cuts, strict=False)
        for segment in runs(part.numbers[max(cut - period, 0) :])
    )


def is_baseline(model: object) -> bool:
    """Whether a model says that it is a baseline."""
    return isinstance(model, Baseline) and model.is_baseline


def baseline_places(models: Iterable[Any]) -> tuple[int, ...]:
    """The places of the baselines among models."""
    return tuple(place for place, model in enumerate(models) if is_baseline(model))


def missing(
    named: Mapping[str, Any], panel: Sequence[Series], season: tuple[int, ...], train: Sequence[int] = ()
) -> dict[str, Any]:
    """The baselines that are not among these models yet; an error where one of the models has the name of one."""
    found = {}
    if with_columns(panel).beside is None:
        baselines = reference_set(panel, season, train)
    else:
        columns = columns_used(named.values(), panel)
        baselines = told_foreseen(reference_set(panel, season, train, columns), panel)
    for name, baseline in baselines.items():
        if any(is_baseline(given) and repr(given) == repr(baseline) for given in named.values()):
            continue
        if name in named:
            raise ParameterError(
                f"{name} is the name of a baseline that is always shown: give your "
                f"{type(named[name]).__name__} another",
                code="parameter",
                name="models",
            )
        found[name] = baseline
    return found


def with_seasons(named: Mapping[str, Any], seasons: Seasons) -> dict[str, Any]:
    """The models, told the season of the table where they were to find it themselves."""
    return {
        name: model.for_seasons(seasons) if isinstance(model, TakesSeasons) else model for name, model in named.items()
    }


def fitted_to_each(baseline: Any, panel: Sequence[Series], train: Sequence[int]) -> tuple[Any, ...] | None:
    """A baseline for each series, fitted on its own training part; None where one has none to learn from.

    What learns nothing is ready without.
    """
    if baseline.learns and not all(train):
        return None
    parts = zip(panel, train, strict=True)
    if panel[0].beside is not None:
        heads = [(series[:length] if length else series).closed() for series, length in parts]
        return tuple(copy.deepcopy(baseline).fit(head) for head in heads)
    return tuple(copy.deepcopy(baseline).fit(series[:length] if length else series) for series, length in parts)


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
    if heads[0].beside is not None:
        heads = [head.closed() for head in heads]
    apart = [[head] for head in heads] if each else [heads]
    for name, model in named.items():
        found = fitted_to_each(model, panel, train) if is_baseline(model) else None
        if found is None:
            found = tuple(copy.deepcopy(model).fit(part if len(part) > 1 else part[0]) for part in apart)
        require(len(longest), found[0].context + horizon, f"{name} with horizon={horizon}", longest.name)
        yield name, found


def saving(own: Array, baselines: Array) -> Array:
    """The skill: 1 - loss / loss of the best baseline, [.., steps]; NaN where the best loses nothing, or a loss is no
    number.

    `baselines` [baselines, .., steps]. At each step the best of them has a skill of 0.
    """
    best = np.fmin.reduce(baselines)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 1.0 - own / best
    return np.where((best > 0.0) & np.isfinite(found), found, np.nan)

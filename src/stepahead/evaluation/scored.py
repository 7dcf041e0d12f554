"""Errors of fitted models, summed and forgotten: what `evaluate` does where no forecast is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import InputError
from ..protocols import Index
from ..series import Series, names_of, shared_notes
from ..walk import Walk, walk
from ..windows import shared
from .batches import score_numbers
from .cost import Cost
from .every_origin import notes_on, rolled_out
from .ground import on_common_rows
from .reference import baseline_places, fits
from .rows import own_scale, own_unit
from .scorer import Scorer, Sums


def scored(
    named: Mapping[str, Any], panel: tuple[Series, ...], train: tuple[int, ...], horizon: int, kept: Index, stride: int
) -> tuple[Scorer, list[str]]:
    """The errors of models, fitted once on all series, and what there is to know of data and fits."""
    alone = _at_once(named, panel[0], train[0], horizon, kept) if len(panel) == stride == 1 else None
    if alone is not None:
        return alone, [*shared_notes(panel)]
    return scored_fits(dict(fits(named, panel, train, horizon, False)), panel, train, horizon, kept, stride)


def _at_once(named: Mapping[str, Any], series: Series, train: int, horizon: int, kept: Index) -> Scorer | None:
    """The errors on one series by itself, as a batch of one; None where a model has no such way."""
    if series.categories is not None:
        return None
    done, totals = score_numbers(named, series.values[None], train, horizon, kept)
    if not done[0]:
        return None
    n = np.full((1, len(kept)), float(len(series) - train - horizon + 1))
    names, none = tuple(names_of((series,))), np.zeros(1, dtype=int)
    return Scorer(names, tuple(named), baseline_places(named.values()), kept, n, totals, none, np.ones(1))


def scored_fits(
    named: Mapping[str, Sequence[Any]],
    panel: tuple[Series, ...],
    train: tuple[int, ...],
    horizon: int,
    kept: Index,
    stride: int,
) -> tuple[Scorer, list[str]]:
    """The errors of fitted models, one for all series or one for each, and what there is to know of data and fits.

    They are summed over every `stride`-th held-out origin at which all models have a forecast.
    """
    baselines = baseline_places(models[0] for models in named.values())
    if panel[0].categories is not None:
        kept_rows = {
            name: rolled_out(models, panel, train, horizon, kept, stride=stride) for name, models in named.items()
        }
        told = dict.fromkeys(text for result in kept_rows.values() for text in result.notes)
        rows = on_common_rows(kept_rows)
        return Scorer.named(list(named), [result._scorer for result in rows.values()], baselines), list(told)
    unit = np.array([own_unit(series) for series in panel])
    common = [np.arange(cut, max(len(s) - horizon + 1, cut), stride) for s, cut in zip(panel, train, strict=True)]
    found: dict[str, tuple[list[Index], list[Sums]]] = {}
    notes: dict[str, None] = {}
    for name, models in named.items():
        sums, origins, usable = [], list[Index](), 0
        cost, asked = Cost(models[0], sum(map(len, common))), 0
        for model, series, before, exponent in zip(_each(models, panel), panel, common, unit, strict=True):
            walked = walk(model, series, last=len(series) - horizon, horizon=horizon)
            usable += len(walked.origins)
            origins.append(shared([walked.origins, before]))
            sums.append(_summed(walked, origins[-1], horizon, kept, exponent, cost, asked))
            asked += len(origins[-1])
        notes |= dict.fromkeys(notes_on(models, panel, usable, horizon))
        common, found[name] = origins, (origins, sums)
    if not any(len(origins) for origins in common):
        raise InputError("no origin is held out at which every model has a forecast", code="too-short", found=0)
    for name, models in named.items():
        if any(len(a) != len(b) for a, b in zip(found[name][0], common, strict=True)):  # a later model has fewer
            every_series = zip(_each(models, panel), panel, common, unit, strict=True)
            found[name] = (
                common,
                [
                    _summed(walk(m, s, horizon=horizon), own, horizon, kept, exponent)
                    for m, s, own, exponent in every_series
                ],
            )
    scale = np.array([own_scale(s, n, e) for s, n, e in zip(panel, train, unit, strict=True)])
    every = [sums for _, sums in found.values()]
    totals = {
        key: np.stack([np.stack([one.totals()[key] for one in sums]) for sums in every], axis=1)
        for key in every[0][0].totals()
    }
    n = np.stack([one.count for one in every[0]])
    scorer = Scorer(tuple(names_of(panel)), tuple(named), baselines, kept, n, totals, unit, scale, stride)
    return scorer, list(notes)


def _each(models: Sequence[Any], panel: tuple[Series, ...]) -> Sequence[Any]:
    return models if len(models) > 1 else [models[0]] * len(panel)


def _summed(
    found: Walk, rows: Index, horizon: int, kept: Index, exponent: int, cost: Cost | None = None, before: int = 0
) -> Sums:
    sums, complete = Sums(len(kept)), found.series.complete
    for block, error in found.at(rows).errors(horizon, kept, int(exponent)) if len(rows) else ():
        sums.add(error, complete)
        if cost is not None:
            cost.done(before + block.stop)
    return sums

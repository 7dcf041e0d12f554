"""Errors of fitted models, summed and forgotten: what `evaluate` does where no forecast is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import InputError
from ..protocols import Index
from ..series import Series, names_of
from ..walk import walk
from .every_origin import rolled_out
from .ground import on_common_rows
from .reference import is_baseline
from .rows import own_scale, own_unit
from .scorer import Scorer, Sums


def scored(
    named: Mapping[str, Sequence[Any]], panel: tuple[Series, ...], train: tuple[int, ...], horizon: int, kept: Index
) -> Scorer:
    """The errors of fitted models, one for all series or one for each, at the held-out origins where all have a forecast."""
    baselines = tuple(place for place, models in enumerate(named.values()) if is_baseline(models[0]))
    if panel[0].categories is not None:
        rows = on_common_rows({name: rolled_out(models, panel, train, horizon, kept) for name, models in named.items()})
        return Scorer.named(list(named), [result.scorer for result in rows.values()], baselines)
    unit = np.array([own_unit(series) for series in panel])
    common = [np.arange(cut, max(len(s) - horizon + 1, cut)) for s, cut in zip(panel, train, strict=True)]
    found: dict[str, tuple[list[Index], list[Sums]]] = {}
    for name, models in named.items():
        common = _usable(models, panel, horizon, common)
        found[name] = common, _summed(models, panel, common, horizon, kept, unit)
    if not any(len(origins) for origins in common):
        raise InputError("no origin is held out at which every model has a forecast", code="too-short", found=0)
    for name, models in named.items():
        if any(len(a) != len(b) for a, b in zip(found[name][0], common, strict=True)):  # a later model has fewer
            found[name] = common, _summed(models, panel, common, horizon, kept, unit)
    scale = np.array([own_scale(s, n, e) for s, n, e in zip(panel, train, unit, strict=True)])
    every = [sums for _, sums in found.values()]
    totals = {
        key: np.stack([np.stack([one.totals()[key] for one in sums]) for sums in every], axis=1) for key in every[0][0].totals()
    }
    n = np.stack([one.count for one in every[0]])
    return Scorer(tuple(names_of(panel)), tuple(named), baselines, kept, n, totals, unit, scale)


def _each(models: Sequence[Any], panel: tuple[Series, ...]) -> Sequence[Any]:
    return models if len(models) > 1 else [models[0]] * len(panel)


def _usable(models: Sequence[Any], panel: tuple[Series, ...], horizon: int, common: list[Index]) -> list[Index]:
    """The held-out origins of each series at which a model has a forecast, as those before it have."""
    out = []
    for model, series, before in zip(_each(models, panel), panel, common, strict=True):
        out.append(walk(model, series, last=len(series) - horizon).at(before).origins)
    return out


def _summed(
    models: Sequence[Any], panel: tuple[Series, ...], rows: list[Index], horizon: int, kept: Index, unit: Index
) -> list[Sums]:
    out = []
    for model, series, origins, exponent in zip(_each(models, panel), panel, rows, unit, strict=True):
        sums = Sums(len(kept))
        for _, error in walk(model, series).at(origins).errors(horizon, kept, int(exponent)) if len(origins) else ():
            sums.add(error, series.complete)
        out.append(sums)
    return out

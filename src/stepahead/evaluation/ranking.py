"""Mean losses inside the training part: of refits on its first three quarters, scored on its last one.
No held-out value is read.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import StepaheadWarning
from ..protocols import Array
from .every_origin import rolled_out
from .ground import on_common_rows
from .kstep import KStep
from .reference import fitted_to_each, is_baseline

SHARE = 0.75
"""Of a training part, what the refits learn from."""
LEAST_TARGETS = 3
"""The largest step is at most a third of what is left, so that there are origins to average over."""


def training_losses(results: Mapping[str, KStep], loss: str) -> dict[str, Array]:
    """The mean loss by step of a refit of each model on three quarters of its training part, {name: [steps 1 .. h]}.

    h is the horizon, or a third of the last quarter where that is less. A model that was not fitted here, or that has
    no fit on so few values, is left out; all are where there is no quarter to read.
    """
    first = next(iter(results.values()))
    seen = [index for index, length in enumerate(first.start) if length]
    heads = tuple(first._panel[index][: first.start[index]] for index in seen)
    cuts = tuple(int(SHARE * len(head)) for head in heads)
    rest = max((len(head) - cut for head, cut in zip(heads, cuts, strict=True)), default=0)
    horizon = min(first._horizon, rest // LEAST_TARGETS)
    if horizon < 1:
        return {}
    kept = np.arange(1, horizon + 1)
    found: dict[str, KStep] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StepaheadWarning)
        for name, result in results.items():
            try:
                models = _refitted(result, seen, heads, cuts)
                if models is not None:
                    found[name] = rolled_out(models, heads, cuts, horizon, kept, stride=first._stride)
            except (ValueError, ArithmeticError):  # too few values for it, or it explodes
                continue
        try:
            rows = on_common_rows(found) if found else {}
        except ValueError:  # no origin at which all of them have a forecast
            return {}
    return {name: _mean(result, loss) for name, result in rows.items()}


def _refitted(result: KStep, seen: list[int], heads: tuple[Any, ...], cuts: tuple[int, ...]) -> tuple[Any, ...] | None:
    """Copies of the fitted models of a result, fitted on the first part of each head;
    None where it was not fitted here.
    """
    if result.fits.kind != "once":
        return None
    if is_baseline(result.model):
        return fitted_to_each(result.model, heads, cuts)
    parts = [head[:cut] for head, cut in zip(heads, cuts, strict=True)]
    if parts[0].beside is not None:
        parts = [part.closed() for part in parts]
    if len(result._models) > 1:
        return tuple(copy.deepcopy(result._models[index]).fit(part) for index, part in zip(seen, parts, strict=True))
    return (copy.deepcopy(result.model).fit(parts if len(parts) > 1 else parts[0]),)


def _mean(result: KStep, loss: str) -> Array:
    """[steps]: the mean loss over the rows, in units of each series' own scale where there are many."""
    table = result._loss_columns(loss)(slice(None))
    with np.errstate(invalid="ignore"):
        count = (~np.isnan(table)).sum(axis=0)
        return np.where(count > 0, np.nansum(table, axis=0) / np.maximum(count, 1), np.nan)

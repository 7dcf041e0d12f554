"""The ground that results share: the rows at which every model has a forecast, and what became of each series."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from ..errors import InputError
from ..protocols import Index
from ..series import Panel, Series, names_of
from ..windows import as_rows
from .kstep import KStep


def on_common_rows(results: dict[str, KStep]) -> dict[str, KStep]:
    """Every result over the rows at which every model has a forecast."""
    held = _common(list(results.values()))
    rest = _common([result.training for result in results.values()])
    if not len(held[0]):
        raise InputError(
            "no held-out origin at which every model has a forecast: pass a smaller train=, models that need fewer values, or "
            "results with origins in common",
            code="no-held-out",
            found=0,
        )
    return {
        name: result.restricted(as_rows(keep), as_rows(keep_rest))
        for (name, result), keep, keep_rest in zip(results.items(), held, rest, strict=True)
    }


def _common(results: Sequence[KStep]) -> list[Index]:
    if len(results[0].panel) == 1 and all(isinstance(as_rows(result.origins), slice) for result in results):
        first, last = max(int(r.origins[0]) for r in results), min(int(r.origins[-1]) for r in results)
        return [np.arange(first - int(r.origins[0]), last - int(r.origins[0]) + 1) for r in results]
    longest = max(len(series) for series in results[0].panel) + 1
    keys = [result.part * longest + result.origins for result in results]
    shared = reduce(np.intersect1d, keys)
    return [np.searchsorted(key, shared) for key in keys]


def status_of(series: Any, panel: tuple[Series, ...], result: KStep, horizon: int) -> dict[str, str]:
    """Of a panel, what became of each series: "ok", or why it has no row."""
    if len(panel) == 1 and not isinstance(series, Panel):
        return {}
    scored = np.bincount(result.part, minlength=len(panel)) > 0
    lack = f"no held-out origin at which every model has a forecast of {horizon} steps"
    found = {
        name: "ok" if good else f"{lack}: {len(part)} values"
        for name, part, good in zip(names_of(panel), panel, scored, strict=True)
    }
    return found | dict(getattr(series, "refused", {}))

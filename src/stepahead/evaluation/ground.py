"""The ground that results share: the rows at which every model has a forecast, and what became of each series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..errors import InputError
from ..protocols import Mask, has_distribution
from ..series import Panel, Series, names_of
from ..windows import as_rows
from .kstep import KStep
from .reference import is_baseline
from .rows import common_rows


def on_common_rows(results: Mapping[str, KStep], least: int = 1) -> dict[str, KStep]:
    """The rows at which every model has a forecast, at least so many; each keeps training rows of its own."""
    places = common_rows(list(results.values()))
    if len(places[0]) < least:
        raise InputError(
            "no held-out origin at which every model has a forecast: pass a smaller train=, models "
            "that need fewer values, or "
            "results with origins in common",
            code="no-held-out",
            found=0,
        )
    return of_one_table({n: r._take(as_rows(keep)) for (n, r), keep in zip(results.items(), places, strict=True)})


def of_one_table(results: Mapping[str, KStep]) -> dict[str, KStep]:
    """Results on the same rows, whose baselines and whose loss are those of the table:
    also inside the training part.
    """
    baselines: dict[str, KStep] = {}
    symbolic = any(result._is_symbolic for result in results.values())
    loss = (
        "squared" if not symbolic else "log" if all(has_distribution(r.model) for r in results.values()) else "zero-one"
    )

    def training(own: KStep) -> dict[str, KStep]:
        return {name: result.training for name, result in baselines.items() if result._rest is not None}

    found = {}
    for name, result in results.items():
        rest = None if result._rest is None else replace(result._rest, _reference=training, _loss_of_table=loss)
        found[name] = replace(result, _rest=rest, _reference=lambda own: baselines, _loss_of_table=loss)
    baselines |= {name: result for name, result in found.items() if is_baseline(result.model)}
    return found


def heads_of(panel: Sequence[Series], train: Sequence[int]) -> list[Series]:
    """The training parts of the series that have one."""
    return [series[:length] for series, length in zip(panel, train, strict=True) if length]


def status_of(series: Any, panel: tuple[Series, ...], scored: Mask, horizon: int) -> dict[str, str]:
    """Of a panel, what became of each series: "ok", or why it has no row."""
    if len(panel) == 1 and not isinstance(series, Panel):
        return {}
    lack = f"no held-out origin at which every model has a forecast of {horizon} steps"
    found = {
        name: "ok" if good else f"{lack}: {len(part)} values"
        for name, part, good in zip(names_of(panel), panel, scored, strict=True)
    }
    return found | (series.refused if isinstance(series, Panel) else {})

"""Results of all kinds side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import InputError, ParameterError, shown
from ..known_ahead import foreseen_name
from ..memory import afford
from ..parameters import refuse
from ..protocols import Index, columns_of
from ..seasons import resolve
from ..times import check_zones
from ..walk import name_of
from ..windows import shared
from .comparison import Comparison
from .every_origin import rolled_out
from .ground import heads_of, on_common_rows, status_of
from .kstep import KStep
from .reference import fitted_to_each, missing


def compare(results: Any, season: Any = "auto") -> Comparison:
    """Results of all kinds on the rows that they share, beside the baselines at exactly the same origins.

    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> ours = sa.evaluate(sa.AR(lags=64), series, horizon=16, train=604)
    >>> blocks = {o: [series.values[o - 1]] * 16 for o in range(604, 980, 5)}  # every fifth origin
    >>> theirs = sa.from_forecasts(blocks, series, train=604, name="theirs")
    >>> both = sa.compare({"AR(64)": ours["AR(64)"], "theirs": theirs})
    >>> list(both), len(both["AR(64)"].origins)
    (['AR(64)', 'theirs', 'Mean', 'Naive', 'SES', 'Line', 'Drift'], 76)

    Parameters
    ----------
    results : a dict {name: KStep} or a list of them: of ``evaluate`` (all or some of it), ``k_step``,
        ``from_forecasts``.
    season : as for ``evaluate``.

    Raises
    ------
    InputError : they are not about the same series, or share no held-out origin or no step.
    ParameterError : they are not scored from the same origin on (`train` of each call), or two have one name.
    """
    named = _named(results)
    first = next(iter(named.values()))
    for name, result in named.items():
        _same_ground(next(iter(named)), first, name, result)
    steps = shared([result.steps for result in named.values()])
    if not len(steps):
        raise InputError("the results have no step in common", code="steps", found=0)
    horizon = int(steps[-1])
    rows = sum(len(result.origins) + len(result.training.origins) for result in named.values())
    afford(2 * rows, len(steps) + 2, f"the comparison of {len(named)} results", "Compare fewer, or with fewer steps=")
    named = {name: _with_steps(result, steps, horizon) for name, result in named.items()}
    panel, lengths = first._panel, first.start
    seasons = resolve(season, heads_of(panel, lengths))
    # The values are the same; what stands beside them need not be: each result has the baselines of its own columns.
    for own in {id(result._panel): result._panel for result in named.values()}.values():
        models_of = {name: result.model for name, result in named.items() if result._panel is own}
        for name, baseline in missing(models_of, own, seasons.periods, lengths).items():
            models = None if name in named else fitted_to_each(baseline, own, lengths)
            if models is not None:
                named[name] = rolled_out(models, own, lengths, horizon, steps, seasons=seasons)
    common = on_common_rows(named)
    held = np.bincount(next(iter(common.values())).part, minlength=len(panel)) > 0
    asked = {str(name): foreseen_name(str(name), columns_of(one.model)) for name, one in _pairs(results)}
    return Comparison(common, horizon, status_of(panel, panel, held, horizon), _seasons=seasons, _asked=asked)


def _pairs(results: Any) -> list[tuple[Any, Any]]:
    if isinstance(results, KStep):
        results = [results]
    return list(results.items()) if isinstance(results, Mapping) else [(_title(result), result) for result in results]


def _named(results: Any) -> dict[str, KStep]:
    if isinstance(results, KStep):
        results = [results]
    if not isinstance(results, (Mapping, list, tuple)) or not len(results):
        raise refuse("results", results, "a dict {name: KStep} or a list of them")
    named: dict[str, KStep] = {}
    for name, result in _pairs(results):
        if isinstance(result, KStep) and not len(result.origins):
            raise InputError(
                f"{shown(str(name))} has no held-out origin: pass train= to what made it, or other origins",
                code="no-held-out",
            )
        if not isinstance(result, KStep) or not result._is_held_out:
            raise refuse(
                "results", result, "KSteps, as evaluate, k_step and from_forecasts give them, and not their .training"
            )
        called = foreseen_name(str(name), columns_of(result.model))
        if called in named:
            raise ParameterError(
                f"two results are called {called}: pass a dict {{name: result}}", code="parameter", name="results"
            )
        named[called] = result
    return named


def _title(result: Any) -> str:
    """What a result of a list is called: after its model."""
    return name_of(result.model) if isinstance(result, KStep) else name_of(result)


def _same_ground(name: str, one: KStep, other_name: str, other: KStep) -> None:
    """Refuse results that are not about the same values, or do not begin to count at the same origin."""
    same = len(one._panel) == len(other._panel) and all(
        a.categories == b.categories and np.array_equal(a.numbers, b.numbers, equal_nan=True)
        for a, b in zip(one._panel, other._panel, strict=True)
    )
    if not same:
        raise InputError(f"{shown(name)} and {shown(other_name)} are not about the same series", code="series")
    for a, b in zip(one._panel, other._panel, strict=True):
        if a.stamps is not None and b.stamps is not None:
            check_zones(f"the series of {shown(name)} has", a.stamps, f"that of {shown(other_name)} has", b.stamps)
    if one.start != other.start:
        raise ParameterError(
            f"{shown(name)} is scored from {one.start[0]} values on and {shown(other_name)} from {other.start[0]}: "
            "to be compared, both need the same train=",
            code="parameter",
            name="train",
        )


def _with_steps(result: KStep, steps: Index, horizon: int) -> KStep:
    """The same result with some of its steps."""
    same = np.array_equal(result.steps, steps)
    found = result if same else result._take(columns=np.flatnonzero(np.isin(result.steps, steps)))
    return replace(found, _horizon=horizon, _rest=replace(found.training, _horizon=horizon))

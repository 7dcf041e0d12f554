"""What a comparison has to say, as plain numbers and names. Every reading is asked of the comparison;
none is computed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ...errors import InputError
from ...evaluation.comparison import Comparison
from ...evaluation.kstep import KStep
from ...evaluation.trust import Horizon
from ...protocols import Array, Baseline, Index, Seasonal
from ...series import Series
from . import packing

LEVEL = 0.9
"""Of the intervals around forecasts; the bands of readings are at 95 %."""


class Banded(NamedTuple):
    """A reading at each step and the ends of its interval, NaN where there is none."""

    value: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Line:
    """One model of the comparison.

    baseline : of a baseline its kind and its period; None for a model.
    reach : its `Horizon`; None for a baseline. coverage : share of what happened inside its interval at the last step.
    ends : (low, high) of its intervals at the rows that may be drawn, each [rows, steps]; None where no bands are
        drawn.
    typed : the model with its arguments, as it would be typed.
    """

    name: str
    baseline: tuple[str, int] | None
    reach: Horizon | None
    error: Banded
    skill: Banded
    coverage: float
    typed: str
    ends: tuple[Array, Array] | None = None

    @property
    def simple(self) -> bool:
        """Whether it is a baseline."""
        return self.baseline is not None


@dataclass(frozen=True)
class Facts:
    """The comparison as the page tells it: models by how far they can be trusted, baselines after them.

    fits : what is known of each fit, {name: kind}, as `fits.clause` takes it.
    series : what may be drawn along time: (which series, its rows), a few evenly taken. drawable : the rows of them.
    """

    reading: str
    steps: Index
    shown: list[int]
    counted: Index | None
    lines: list[Line]
    floor: Array | None
    floor_word: str
    rows: int
    panel: tuple[Series, ...]
    train: tuple[int, ...]
    fits: dict[str, str]
    origins: Index
    notes: tuple[str, ...]
    seasonal: bool
    series: list[tuple[int, slice]]
    drawable: Index

    @property
    def best(self) -> Line | None:
        """The model that can be trusted furthest; None where only baselines stand."""
        return next((line for line in self.lines if line.reach is not None), None)

    @property
    def models(self) -> list[str]:
        """The names of the models that are no baselines."""
        return [line.name for line in self.lines if not line.simple]

    @property
    def baselines(self) -> list[str]:
        """The names of the baselines."""
        return [line.name for line in self.lines if line.simple]

    @property
    def symbolic(self) -> bool:
        """Whether the series are of symbols, which have no distances and no lines."""
        return self.panel[0].categories is not None


def facts(comparison: Comparison) -> Facts:
    """Ask a comparison for all that the page shows;
    an InputError where it is of origins that the models were fitted on.
    """
    results = dict(comparison)
    first = next(iter(results.values()))
    if not first._is_held_out:
        raise InputError("a report is of held-out origins: these are inside the training part", code="training")
    steps = first.steps
    reading = comparison._reading
    values = comparison.by_step()
    reach = comparison.trusted_horizon() if comparison.baselines else {}
    skill = comparison.skill() if comparison.baselines else {}
    nothing = np.full(len(steps), np.nan)
    claims = {name: found.claim for name, found in reach.items()}
    # Furthest trusted first, then the smallest error at the last step; baselines after all models.
    last = {name: np.nan_to_num(values[name][-1], nan=np.inf, posinf=np.inf) for name in results}
    order = sorted(results, key=lambda name: (name in comparison.baselines, -claims.get(name, 0), last[name]))
    groups = [] if first._is_symbolic else list(first._groups())
    series = [groups[i] for i in packing.evenly(len(groups), packing.MOST_SERIES)]
    drawable = np.concatenate(
        [np.arange(0), *(packing.rows_drawn(rows, packing.CONSECUTIVE_FROM) for _, rows in series)]
    )
    lines = []
    for place, name in enumerate(order):
        result = results[name]
        coverage, ends = (float("nan"), None) if first._is_symbolic else _inside(result, drawable)
        lines.append(
            Line(
                name,
                _kind(result.model) if name in comparison.baselines else None,
                reach.get(name),
                Banded(
                    values[name], *((nothing, nothing) if first._is_symbolic else result.confidence_interval("rmse"))
                ),
                Banded(*skill.get(name, (nothing, nothing, nothing))),
                coverage,
                _typed(result.model),
                ends if place < packing.MOST_LINES else None,
            )
        )
    count = first.n()
    whole = bool((count == len(first.origins)).all())
    return Facts(
        reading=reading,
        steps=steps,
        shown=first._shown_steps(),
        counted=None if whole else count,
        lines=lines,
        floor=next((limit for name, limit in values.items() if name not in results), None),
        floor_word="floor" if "noise floor" in values else "floor_drawn",
        rows=len(first.origins),
        panel=first._panel,
        train=first.train,
        fits=comparison._fits,
        origins=first.origins,
        notes=tuple(text for text in comparison.notes),
        seasonal=True,
        series=series,
        drawable=drawable,
    )


def _inside(result: KStep, rows: Index) -> tuple[float, tuple[Array, Array]]:
    """The coverage at the last step, and the ends of the intervals at some rows.

    It is NaN where some of the intervals are infinite, and hold whatever comes.
    """
    low, high = result.prediction_intervals(LEVEL)
    covered, width = result._held(LEVEL, ends=(low, high))
    return float(covered[-1]) if np.isfinite(width[-1]) else float("nan"), (low[rows], high[rows])


def _kind(model: object) -> tuple[str, int]:
    """Of a baseline what it repeats, and its period."""
    return model.kind if isinstance(model, Baseline) else "", int(model.period) if isinstance(model, Seasonal) else 0


def _typed(model: object) -> str:
    """The model with its arguments on one line; its class where all it says of itself is where it lies in memory."""
    typed = " ".join(repr(model).split())
    return type(model).__name__ if " at 0x" in typed else typed


_LARGER = {"ms": (1000, "s"), "s": (60, "m"), "m": (60, "h"), "h": (24, "D"), "M": (12, "Y")}


def amount(count: int, unit: str) -> tuple[int, str]:
    """The same time in the largest unit that holds it a whole number of times; one day stays one day and is no week.

    >>> amount(16 * 15, "m"), amount(19 * 15, "m"), amount(24, "h"), amount(7, "D")
    ((4, 'h'), (285, 'm'), (1, 'D'), (7, 'D'))
    """
    while unit in _LARGER and count % _LARGER[unit][0] == 0:
        size, larger = _LARGER[unit]
        count, unit = count // size, larger
    return count, unit

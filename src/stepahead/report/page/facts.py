"""What a comparison has to say, as plain numbers and names. Every reading is asked of the comparison; none is computed here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ... import times as clock
from ...errors import InputError
from ...models.baselines import Mean, Naive, SeasonalNaive
from ...protocols import Array, Index
from ...series import Series

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

    guess : of a baseline which one ("mean", "last", "season", "symbols"), and its period; None for a model.
    reach : its `Horizon`; None for a baseline. coverage : share of what happened inside its interval at the last step.
    said : the model with its arguments, as it would be typed.
    """

    name: str
    guess: tuple[str, int] | None
    reach: Any
    error: Banded
    skill: Banded
    coverage: float
    said: str

    @property
    def simple(self) -> bool:
        """Whether it is a baseline."""
        return self.guess is not None


@dataclass(frozen=True)
class Facts:
    """The comparison as the page tells it: models by how far they can be trusted, baselines after them.

    fits : what is known of each fit, {name: kind}, as `fits.clause` takes it.
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

    @property
    def best(self) -> Line | None:
        """The model that can be trusted furthest; None where only baselines stand."""
        return next((line for line in self.lines if line.reach is not None), None)

    @property
    def models(self) -> list[str]:
        """The names of the models that are no baselines."""
        return [line.name for line in self.lines if not line.simple]

    @property
    def guesses(self) -> list[str]:
        """The names of the baselines."""
        return [line.name for line in self.lines if line.simple]

    @property
    def symbolic(self) -> bool:
        """Whether the series are of symbols, which have no distances and no lines."""
        return self.panel[0].categories is not None


def facts(comparison: Any) -> Facts:
    """Ask a comparison for all that the page shows; an InputError where it is of origins that the models were fitted on."""
    results = dict(comparison)
    first = next(iter(results.values()))
    if not first.is_held_out:
        raise InputError("a report is of held-out origins: these are inside the training part", code="training")
    steps = first.steps
    reading = comparison.reading
    values = comparison.by_step()
    reach = comparison.trusted_horizon() if comparison.baselines else {}
    skill = comparison.skill() if comparison.baselines else {}
    nothing = np.full(len(steps), np.nan)
    lines = []
    for name, result in results.items():
        ends = (nothing, nothing) if first.is_symbolic else result.interval("rmse")
        lines.append(
            Line(
                name,
                _guess(result.model) if name in comparison.baselines else None,
                reach.get(name),
                Banded(values[name], *ends),
                Banded(*skill.get(name, (nothing, nothing, nothing))),
                float("nan") if first.is_symbolic else _inside(result),
                _typed(result.model),
            )
        )
    count = first.n()
    whole = bool((count == len(first.origins)).all())
    return Facts(
        reading=reading,
        steps=steps,
        shown=first.shown_steps(),
        counted=None if whole else count,
        lines=sorted(lines, key=_rank),
        floor=next((limit for name, limit in values.items() if name not in results), None),
        floor_word="floor" if "noise floor" in values else "floor_drawn",
        rows=len(first.origins),
        panel=first.panel,
        train=first.train,
        fits=comparison.fits,
        origins=first.origins,
        notes=tuple(text for text in comparison.notes if text != comparison.no_season),
        seasonal=not comparison.no_season,
    )


def _inside(result: Any) -> float:
    """The coverage at the last step; NaN where some of the intervals are infinite, and hold whatever comes."""
    covered, width = result.held(LEVEL)
    return float(covered[-1]) if np.isfinite(width[-1]) else float("nan")


def _guess(model: Any) -> tuple[str, int]:
    for kind, word in ((Mean, "mean"), (Naive, "last"), (SeasonalNaive, "season")):
        if isinstance(model, kind):
            return word, int(getattr(model, "period", 0))
    return "symbols", 0


def _typed(model: Any) -> str:
    """The model with its arguments on one line; its class where all it says of itself is where it lies in memory."""
    said = " ".join(repr(model).split())
    return type(model).__name__ if " at 0x" in said else said


def _rank(line: Line) -> tuple[bool, int, float]:
    """Furthest trusted first, then the smallest error at the last step; baselines after all models."""
    last = float(line.error.value[-1])
    return line.simple, -(line.reach.claim if line.reach else 0), last if np.isfinite(last) else np.inf


def pace(panel: tuple[Series, ...]) -> tuple[int, str] | None:
    """How much time one step is, (count, unit), where it is the same at every step of every series."""
    found: set[tuple[int, str]] = set()
    for series in panel:
        if series.times is None or len(series) < 2:
            return None
        gaps, unit = clock.steps(series.times)
        if not unit or not bool((gaps == gaps[0]).all()):
            return None
        found.add((int(gaps[0]), unit))
    return found.pop() if len(found) == 1 else None


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

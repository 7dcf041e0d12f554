"""Perturbed values and columns after a cut, far from the real ones, on which the audit runs a pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ...columns import NOT_OBSERVED
from ...covariates import Covariates, frozen
from ...protocols import Array
from ...series import Series

FEW = 12
"""A column of whole numbers with no more different ones than this, such as 0 and 1, is rewritten with these."""


def rewritten(series: Series, cut: int, number: int, seed: int) -> Series:
    """The series with values and past columns from `cut` on rewritten: all that is not known at the cut."""
    made = series.with_values(perturbed(series, cut, number, seed))
    if series.beside is None:
        return made
    return made.beside_by(replace(series.beside, past=columns_perturbed(series.beside.past, cut, number, seed)))


def known_rewritten(series: Series, cut: int, number: int, seed: int) -> Series:
    """The series with the columns known ahead rewritten from `cut` on, beyond its end too, and nothing else."""
    if series.beside is None:
        return series
    ahead = columns_perturbed(series.beside.ahead, cut, number, seed, holes_move=False)
    return series.beside_by(replace(series.beside, ahead=ahead))


def past_rewritten(series: Series, cut: int, number: int, seed: int) -> Series:
    """The series with its past columns rewritten from `cut` on, and nothing else."""
    if series.beside is None:
        return series
    return series.beside_by(replace(series.beside, past=columns_perturbed(series.beside.past, cut, number, seed)))


def columns_perturbed(columns: Covariates, cut: int, number: int, seed: int, holes_move: bool = True) -> Covariates:
    """The columns with every row from `cut` on rewritten. Those of few whole numbers, such as 0 and 1, keep to these:
    what looks a column up in a table must find it. With `holes_move` a column that has holes gets others: those of a
    column that is known ahead are known too.
    """
    values = columns.values.copy()
    for place, column in enumerate(values.T):
        rng = np.random.default_rng([seed, number, place, 1])
        behind = len(column) - cut
        if behind <= 0:
            continue
        holes = np.isnan(column)
        missing = _moved(holes, cut, rng) if holes_move else holes[cut:]
        column[cut:] = np.where(missing, np.nan, _other(column, cut, number, rng))
    return replace(columns, values=frozen(values))


def _other(column: Array, cut: int, number: int, rng: np.random.Generator) -> Array:
    """[behind] other values of one column: of its own few, or far from all."""
    seen = np.unique(column[~np.isnan(column)])
    behind, flavour = len(column) - cut, number % 3
    if 1 < len(seen) <= FEW and (seen % 1.0 == 0.0).all():
        if flavour == 0:  # each another than it is
            here = np.searchsorted(seen, np.where(np.isnan(column[cut:]), seen[0], column[cut:]))
            return np.asarray(seen[(here + 1) % len(seen)])
        return np.full(behind, seen[-1]) if flavour == 1 else np.asarray(seen[rng.integers(0, len(seen), behind)])
    return _far_off(flavour, behind, rng)


def perturbed(series: Series, cut: int, number: int, seed: int) -> npt.NDArray[Any]:
    """The values with everything from `cut` on rewritten. Three kinds take turns: another level and scale; all
    equal; alternating huge and tiny. A mere shuffle would keep mean and spread, and hide a scaler fitted on everything.
    """
    values = series.values.copy()
    rng = np.random.default_rng([seed, number])
    behind = len(values) - cut
    if series.categories is not None:
        codes = (
            rng.integers(0, len(series.categories), behind)
            if number % 3
            else (values[cut:] + 1) % len(series.categories)
        )
        values[cut:] = np.where(_moved(values == NOT_OBSERVED, cut, rng), NOT_OBSERVED, codes)
        return values
    fresh = _far_off(number % 3, behind, rng)
    if (values[~np.isnan(values)] % 1.0 == 0.0).all():
        fresh = np.rint(fresh)  # whole numbers stay whole: a Markov chain takes no others
    # Missing values move too: a state must not know which future values are missing.
    missing = _moved(np.isnan(values), cut, rng)
    values[cut:] = np.where(missing, np.nan, fresh)
    return values


def _far_off(flavour: int, behind: int, rng: np.random.Generator) -> Array:
    if flavour == 0:
        return rng.normal(1000.0, 37.0, behind)
    if flavour == 1:
        return np.full(behind, -321.5)
    return np.where(np.arange(behind) % 2 == 0, 1e6, 1e-6)


def _moved(missing: npt.NDArray[np.bool_], cut: int, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Other missing values after the cut, if the series has any."""
    behind = len(missing) - cut
    return rng.random(behind) < 0.2 if missing.any() else np.zeros(behind, dtype=bool)


def with_gaps(series: Series, cut: int) -> Iterator[tuple[Series, str]]:
    """The series with some of the values from `cut` on missing, of the past columns too, and a text that says which:
    their number and position may leak.
    """
    behind = np.arange(cut, len(series.values))
    at_random = behind[np.random.default_rng(cut).random(len(behind)) < 0.3]
    for places, which in (
        (behind, f"the values from {cut} on missing"),
        (behind[-1:], "the last value missing"),
        (behind[:1], f"the value {cut} missing"),
        (at_random, f"some values from {cut} on missing"),
        (behind[1::2], f"every second value from {cut} on missing"),
    ):
        if len(places):
            values = series.values.copy()
            values[places] = np.nan if series.categories is None else NOT_OBSERVED
            made = series.with_values(values)
            if series.beside is not None:
                past = series.beside.past.values.copy()
                past[places] = np.nan
                held = replace(series.beside.past, values=frozen(past))
                made = made.beside_by(replace(series.beside, past=held))
            yield made, which

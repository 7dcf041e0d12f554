"""Perturbed values after a cut, far from the real ones, on which the audit runs a pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ...columns import NOT_OBSERVED
from ...series import Series


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
    flavour = number % 3
    if flavour == 0:
        fresh = rng.normal(1000.0, 37.0, behind)
    elif flavour == 1:
        fresh = np.full(behind, -321.5)
    else:
        fresh = np.where(np.arange(behind) % 2 == 0, 1e6, 1e-6)
    if (values[~np.isnan(values)] % 1.0 == 0.0).all():
        fresh = np.rint(fresh)  # whole numbers stay whole: a Markov chain takes no others
    # Missing values move too: a state must not know which future values are missing.
    missing = _moved(np.isnan(values), cut, rng)
    values[cut:] = np.where(missing, np.nan, fresh)
    return values


def _moved(missing: npt.NDArray[np.bool_], cut: int, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Other missing values after the cut, if the series has any."""
    behind = len(missing) - cut
    return rng.random(behind) < 0.2 if missing.any() else np.zeros(behind, dtype=bool)


def with_gaps(series: Series, cut: int) -> Iterator[tuple[npt.NDArray[Any], str]]:
    """The values with some from `cut` on missing, and a text that says which: their number and position
    may leak too.
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
            yield values, which

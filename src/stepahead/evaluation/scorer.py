"""One scorer for all roads: errors are summed over origins as they come, and every reading is made of the sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import note, shown
from ..parameters import one_of
from ..protocols import Array, Index
from ..text import as_html, as_text, decimals, ordinal, printable, typed
from ..windows import shown_steps
from .reference import saving

NUMERIC = ("rmse", "mae", "bias", "skill")
SYMBOLIC = ("zero_one", "log_loss")
TOTALS = {
    "rmse": "squared",
    "mse": "squared",
    "mae": "absolute",
    "bias": "signed",
    "zero_one": "zero-one",
    "log_loss": "log",
}
"""The sum that each reading is made of."""
POWER = {"squared": 2, "absolute": 1, "signed": 1, "crps": 1, "zero-one": 0, "log": 0}
"""The power of the unit of the series in it."""


class Sums:
    """Errors of one model on one series at so many steps, summed over rows."""

    def __init__(self, steps: int) -> None:
        self.squared, self.absolute, self.signed, self.count = (np.zeros(steps) for _ in range(4))

    def add(self, error: Array, complete: bool = False) -> None:
        """Rows of errors, [rows, steps]; NaN where a target is missing, unless all of them are known to be there."""
        with np.errstate(over="ignore"):  # forecasts past all bounds have an infinite error
            if not complete:
                seen = ~np.isnan(error)
                self.count += seen.sum(axis=0)
                error = np.where(seen, error, 0.0)
            else:
                self.count += len(error)
            ones = np.ones(len(error))
            self.signed += ones @ error
            self.squared += np.einsum("ij,ij->j", error, error)
            self.absolute += ones @ np.abs(error)

    def totals(self) -> dict[str, Array]:
        """The sums by name."""
        return {"squared": self.squared, "absolute": self.absolute, "signed": self.signed}


@dataclass(frozen=True, eq=False, repr=False)
class Scorer:
    """What is known of the errors of several models on several series.

    >>> import stepahead as sa
    >>> panel = [sa.datasets.noisy_sine(length=200, seed=seed) for seed in range(20)]
    >>> scorer = sa.evaluate([sa.AR(lags=4)], panel, horizon=8, fit="each", keep="scores").scorer
    >>> scorer.by_series("rmse").shape, scorer.pooled("mae").shape
    ((20, 6, 8), (6, 8))

    Attributes
    ----------
    series, models : their names. baselines : the places of the baselines among the models.
    steps : [steps] those that were scored.
    n : [series, steps] how many forecasts count, the same for every model.
    totals : {loss: [series, models, steps]}, summed over the origins, in units of 2 ** `unit` [series].
    scale : [series] of each its own, in that unit squared: losses of several series are pooled in units of it. A series
        whose scale is 0, being constant, is left out of what is pooled.
    stride : every which origin is scored.
    """

    series: tuple[str, ...]
    models: tuple[str, ...]
    baselines: tuple[int, ...]
    steps: Index
    n: Array
    totals: dict[str, Array]
    unit: npt.NDArray[np.int_]
    scale: Array
    stride: int = 1

    @classmethod
    def joined(cls, parts: Sequence[Scorer]) -> Scorer:
        """Several scorers of the same models and steps as one."""
        first = parts[0]
        return cls(
            tuple(name for part in parts for name in part.series),
            first.models,
            first.baselines,
            first.steps,
            np.concatenate([part.n for part in parts]),
            {key: np.concatenate([part.totals[key] for part in parts]) for key in first.totals},
            np.concatenate([part.unit for part in parts]),
            np.concatenate([part.scale for part in parts]),
            first.stride,
        )

    @classmethod
    def named(cls, names: Sequence[str], parts: Sequence[Scorer], baselines: tuple[int, ...]) -> Scorer:
        """Several models on the same rows as one scorer, with names of the table."""
        first = parts[0]
        totals = {
            key: np.concatenate([part.totals[key] for part in parts], axis=1)
            for key in first.totals
            if all(key in part.totals for part in parts)
        }
        return cls(
            first.series, tuple(names), baselines, first.steps, first.n, totals, first.unit, first.scale, first.stride
        )

    @property
    def readings(self) -> tuple[str, ...]:
        """The names of the readings there are."""
        numeric = "squared" in self.totals
        found = [name for name in (NUMERIC if numeric else SYMBOLIC) if TOTALS.get(name, "squared") in self.totals]
        return tuple(name for name in found if name != "skill" or self.baselines)

    @property
    def loss(self) -> str:
        """What is compared: the squared error; of symbols the log loss,
        or where a model has no distribution the zero-one.
        """
        return next(name for name in ("squared", "log", "zero-one") if name in self.totals)

    @cached_property
    def _pooled(self) -> npt.NDArray[np.bool_]:
        """[series] which of them are pooled: all that are not constant; of one alone it does not matter."""
        if len(self.series) == 1 or "squared" not in self.totals:
            return np.ones(len(self.series), dtype=bool)
        varies = self.scale > 0.0
        if not varies.all():
            note(
                f"{(~varies).sum()} of {len(varies)} series are constant in training: they have "
                "no scale and are not pooled"
            )
        return varies

    def by_series(self, reading: str) -> Array:
        """[series, models, steps]: a reading of each series by itself, in its own unit."""
        one_of("reading", reading, (*self.readings, "mse"))
        if reading == "skill":
            loss = self.totals["squared"]
            return saving(loss, np.moveaxis(loss[:, list(self.baselines), None], 1, 0))
        name = TOTALS[reading]
        mean = _mean(self.totals[name], self.n[:, None])
        with np.errstate(over="ignore"):
            if reading == "rmse":
                return np.ldexp(np.sqrt(mean), self.unit[:, None, None])
            return np.ldexp(mean, POWER[name] * self.unit[:, None, None])

    def pooled_loss(self, name: str, scaled: bool = True) -> tuple[Array, int]:
        """([models, steps], exponent): the mean loss over all series,
        in units of 2 ** exponent to the power of the loss.
        """
        totals, unit = self.totals[name], self.unit
        if len(unit) == 1:
            return _mean(totals[0], self.n[0]), int(unit[0])
        power = POWER[name]
        if scaled and power:
            used = self._pooled
            weight = self.scale[used] ** (-0.5 * power)
            return _mean((totals[used] * weight[:, None, None]).sum(axis=0), self.n[used].sum(axis=0)), 0
        most = int(unit.max())
        common = np.ldexp(totals, power * (unit - most)[:, None, None])
        return _mean(common.sum(axis=0), self.n.sum(axis=0)), most

    def pooled(self, reading: str, scaled: bool = True) -> Array:
        """[models, steps]: a reading over all series together, each in units of its own scale;
        or in the unit of the values.
        """
        if reading == "skill":
            loss = self.pooled_loss(self.loss)[0]
            return saving(loss, loss[list(self.baselines)])
        name = TOTALS[reading]
        mean, exponent = self.pooled_loss(name, scaled)
        with np.errstate(over="ignore"):
            if reading == "rmse":
                return np.ldexp(np.sqrt(mean), exponent)
            return np.ldexp(mean, POWER[name] * exponent)

    def _cells(self) -> tuple[str, list[str], list[list[str]]]:
        """Caption, head and rows of the table that shows all series together."""
        places = shown_steps(self.steps)
        reading = self.readings[0]
        found = self.pooled(reading)[:, places]
        digits = decimals(found.ravel().tolist())
        rows = [
            [name, *[typed(float(value), digits) for value in values]]
            for name, values in zip(self.models, found, strict=True)
        ]
        count = f"{len(self.series):,} series" if len(self.series) != 1 else f"series {shown(self.series[0])}"
        caption = f"{reading} by number of steps ahead, {int(self.n[:, 0].sum()):,} origins of {count}"
        caption += f", every {ordinal(self.stride)}" if self.stride > 1 else ""
        return caption, ["", *[f"k={self.steps[place]}" for place in places]], rows

    def __repr__(self) -> str:
        caption, head, rows = self._cells()
        return caption + "\n" + as_text(head, [[printable(row[0]), *row[1:]] for row in rows])

    def _repr_html_(self) -> str:
        return as_html(*self._cells())

    def columns(self) -> dict[str, Any]:
        """A row a (series, model, step): series, model, k, n and every reading."""
        series, models, steps = len(self.series), len(self.models), len(self.steps)
        return {
            "series": np.repeat(np.array(self.series, dtype=object), models * steps),
            "model": np.tile(np.repeat(np.array(self.models, dtype=object), steps), series),
            "k": np.tile(self.steps, series * models),
            "n": np.repeat(self.n[:, None, :].astype(np.intp), models, axis=1).ravel(),
            **{key: np.ascontiguousarray(self.by_series(key)).ravel() for key in self.readings},
        }


def loss_of(error: Array, name: str) -> Array:
    """The loss of errors: squared, absolute or zero-one."""
    if name == "squared":
        return np.square(error)
    return np.abs(error) if name == "absolute" else np.where(np.isnan(error), np.nan, (error != 0.0).astype(np.float64))


def in_unit(error: Array, exponent: int) -> Array:
    """Errors in units of two to a power: as they are, but for series of values out of the ordinary."""
    with np.errstate(over="ignore"):
        return np.ldexp(error, -exponent) if exponent else error


def _mean(total: Array, count: Array) -> Array:
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)

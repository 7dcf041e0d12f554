"""What each forecast of a result loses, and the sums that every reading is made of."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import InputError
from ..parameters import one_of
from ..protocols import Array, has_distribution
from ..series import names_of
from ..walk import name_of
from . import probabilities
from .chosen_loss import Loss, parse_loss
from .rows import Rows
from .scorer import POWER, Scorer, Sums, in_unit, loss_of
from .tested import Losses

NUMERIC = ("squared", "absolute", "crps")
SYMBOLIC = ("zero-one", "log")


class LossRows(Rows):
    """The rows of a result with their losses."""

    predictions: Array

    def losses(self, name: str = "squared") -> Array:
        """[rows, steps]: the loss of each forecast; NaN where the target is missing.

        Parameters
        ----------
        name : "squared", "absolute" or "crps" for numbers; "zero-one" or "log" for symbols. "crps" and "log" are scores
            of the model's distribution.

        >>> import stepahead as sa
        >>> run = sa.k_step(sa.AR(lags=4).fit(sa.datasets.nile()[:60]), sa.datasets.nile(), horizon=4)
        >>> run.losses("absolute")[0].round(1)
        array([90.4, 10.3, 51.5, 44.7])
        """
        out = np.empty(self.predictions.shape)
        with np.errstate(over="ignore"):
            for rows, loss in self._loss_blocks(name):
                out[rows] = loss
        return out

    def _check_loss(self, name: str) -> None:
        one_of("loss", name, NUMERIC + SYMBOLIC)
        if name not in (SYMBOLIC if self._is_symbolic else NUMERIC):
            allowed = "zero-one and log" if self._is_symbolic else "squared, absolute and crps"
            kind = "symbols have no distance" if self._is_symbolic else "numbers are not right or wrong"
            raise InputError(f"there is no {name} loss here: {kind}; there are {allowed}", code="loss", name=name)

    def _loss_blocks(self, name: str) -> Iterator[tuple[slice, Array]]:
        self._check_loss(name)
        if name in ("crps", "log"):
            yield from probabilities.scores(self, name)
            return
        for _, rows, error in self._errors():
            yield rows, loss_of(error, name)

    def _errors(self) -> Iterator[tuple[int, slice, Array]]:
        """Forecast minus actual, block by block: (which series, rows, [rows, steps])."""
        for index, rows, actual in self._row_blocks():
            yield index, rows, self.predictions[rows] - actual

    def _average(self, found: Iterator[tuple[slice, Array]], power: int) -> Array:
        """[steps]: the mean over all rows of blocks of values, cells without one left out;
        of many series in their scales.
        """
        total, count = np.zeros(len(self.steps)), np.zeros(len(self.steps))
        unit = self._row_units(power)
        if power and len(self._panel) > 1:
            unit = np.ldexp(unit, power * self._unit[self.part, None])
        with np.errstate(over="ignore"):  # forecasts past all bounds have an infinite error
            for rows, values in found:
                values = values / (unit if isinstance(unit, float) else unit[rows])
                seen = ~np.isnan(values)
                total += np.where(seen, values, 0.0).sum(axis=0)
                count += seen.sum(axis=0)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    @cached_property
    def _scorer(self) -> Scorer:
        """The errors, or of symbols the losses, summed by series and step."""
        names = tuple(names_of(self._panel))
        if self._is_symbolic:
            losses = ("zero-one", *(["log"] if has_distribution(self.model) else []))
            found = [self._summed(name) for name in losses]
            totals, count = {name: total for name, (total, _) in zip(losses, found, strict=True)}, found[0][1]
        else:
            sums, complete = [Sums(len(self.steps)) for _ in self._panel], [series.complete for series in self._panel]
            for index, _, error in self._errors():
                sums[index].add(in_unit(error, self._unit[index]), complete[index])
            totals = {name: np.stack([one.totals()[name] for one in sums]) for name in sums[0].totals()}
            count = np.stack([one.count for one in sums])
        beside = {name: total[:, None] for name, total in totals.items()}
        own = (name_of(self.model),)
        return Scorer(names, own, (), self.steps, count, beside, self._unit, self._scale, self._stride)

    def _summed(self, name: str) -> tuple[Array, Array]:
        """A loss of symbols summed by series and step, and how many were summed."""
        total, count = np.zeros((2, len(self._panel), len(self.steps)))
        for rows, loss in self._loss_blocks(name):
            seen, index = ~np.isnan(loss), self.part[rows.start]
            total[index] += np.where(seen, loss, 0.0).sum(axis=0)
            count[index] += seen.sum(axis=0)
        return total, count

    def _numbers_only(self, reading: str) -> None:
        if self._is_symbolic:
            raise InputError(
                f"symbols have no {reading}: there is no distance between {self._panel[0].categories!r:.60}; "
                'read log_loss() or zero_one() (losses "log" and "zero-one")',
                code="symbols",
                reading=reading,
            )

    def _loss_columns(self, name: Any) -> Losses:
        """Losses at some of the steps at a time, [rows, some steps], in a unit in which they are numbers; see ``rmse``.

        `name` is one of ``losses``, or of numbers any loss that ``parse_loss`` knows.
        """
        if name in ("crps", "log", "zero-one"):
            self._check_loss(name)
        if name in ("crps", "log"):
            power = POWER[name]
            rows, unit = self._row_units(power), -self._unit[self.part, None] if power and self._unit.any() else 0
            table = np.ldexp(self.losses(name), unit)
            return lambda columns: table[:, columns] / rows
        if self._is_symbolic:
            self._check_loss(name)
        chosen = (
            Loss("zero-one", 0, lambda error, actual: loss_of(error, "zero-one"))
            if name == "zero-one"
            else parse_loss(name)
        )
        rows, unit = (
            self._row_units(chosen.power),
            -self._unit[self.part, None] if chosen.power and self._unit.any() else 0,
        )

        def some(columns: slice) -> Array:
            actual = self._actuals_at(columns)
            return chosen(np.ldexp(self.predictions[:, columns] - actual, unit), actual) / rows

        return some

"""The one result: forecasts by origin and step, and every reading by step as a view of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError, note
from ..numerics import linear
from ..parameters import one_of, real, refuse, whole
from ..protocols import Array, Forecaster, has_distribution
from ..series import Series, names_of
from ..walk import blocks, encoded, name_of, planned_predictive, take
from ..windows import Index, as_rows, last_values, runs, targets
from . import tables

NUMERIC = ("squared", "absolute", "crps")
SYMBOLIC = ("zero-one", "log")
SHOWN_STEPS = (1, 4, 16, 64)


@dataclass(frozen=True, eq=False, repr=False)
class KStep:
    """Forecasts of one model from many origins, k = 1 .. H steps ahead, beside what happened.

    All readings are over the held-out origins (those at or after the end of the training part); ``.training`` is the same
    object over the others. The two are never pooled. Every step is read at the same origins.

    Attributes
    ----------
    model : the fitted model.
    train : how many values of each series the model was fitted on, a tuple.
    predictions : [rows, steps], in the unit of the series; of symbols the codes.
    origins, part : [rows] the origin, and which series it belongs to.
    steps : [steps] the steps kept, 1 .. horizon unless some were named.
    """

    model: Forecaster
    panel: tuple[Series, ...]
    train: tuple[int, ...]
    part: Index
    origins: Index
    steps: Index
    horizon: int
    predictions: Array
    notes: tuple[str, ...] = ()
    _rest: KStep | None = None

    # -- what is derived, never stored ----------------------------------------------------------------------------

    @property
    def series(self) -> Series | tuple[Series, ...]:
        """The series, or the tuple of them."""
        return self.panel[0] if len(self.panel) == 1 else self.panel

    @property
    def training(self) -> KStep:
        """The same readings over the origins inside the training part."""
        if self._rest is None:
            raise InputError("these are the training origins already", code="training")
        return self._rest

    @property
    def is_symbolic(self) -> bool:
        """Whether the series are of symbols."""
        return self.panel[0].categories is not None

    @property
    def actuals(self) -> Array:
        """[rows, steps] what happened: a view of the series where there is one. Of symbols the codes; NaN where missing."""
        if len(self.panel) == 1:
            return targets(self.panel[0].numbers, self.origins, self.steps)
        out = np.empty(self.predictions.shape)
        for index, rows in self._groups():
            out[rows] = targets(self.panel[index].numbers, self.origins[rows], self.steps)
        return out

    @property
    def times(self) -> npt.NDArray[Any]:
        """[rows, steps] the time of each target; its index where the series has no times."""
        where = self.origins[:, None] + self.steps - 1
        if any(series.times is None for series in self.panel):
            return where
        labels = [series.times for series in self.panel]
        out = np.empty(where.shape, dtype=np.result_type(*[found for found in labels if found is not None]))
        for index, rows in self._groups():
            out[rows] = labels[index][where[rows]]  # type: ignore[index]
        return out

    def _groups(self) -> Iterator[tuple[int, slice]]:
        """The rows of each series: (which series, its rows)."""
        edges = np.flatnonzero(np.diff(self.part)) + 1
        for start, stop in zip([0, *edges.tolist()], [*edges.tolist(), len(self.part)], strict=True):
            if stop > start:
                yield int(self.part[start]), slice(start, stop)

    def _blocks(self) -> Iterator[tuple[int, slice, Array]]:
        """Blocks of rows, none of two series: (which series, rows, what happened [rows, steps])."""
        for index, rows in self._groups():
            numbers = self.panel[index].numbers
            for block in blocks(rows.stop - rows.start, len(self.steps)):
                here = slice(rows.start + block.start, rows.start + block.stop)
                yield index, here, targets(numbers, self.origins[here], self.steps)

    # -- losses ---------------------------------------------------------------------------------------------------

    def losses(self, name: str = "squared") -> Array:
        """[rows, steps]: the loss of each forecast; NaN where the target is missing.

        Parameters
        ----------
        name : "squared", "absolute" or "crps" for numbers; "zero-one" or "log" for symbols. "crps" and "log" are scores of
            the model's distribution.
        """
        out = np.empty(self.predictions.shape)
        for rows, loss in self._loss_blocks(name):
            out[rows] = loss
        return out

    def _loss_blocks(self, name: str) -> Iterator[tuple[slice, Array]]:
        one_of("name", name, NUMERIC + SYMBOLIC)
        if name not in (SYMBOLIC if self.is_symbolic else NUMERIC):
            allowed = "zero-one and log" if self.is_symbolic else "squared, absolute and crps"
            kind = "symbols have no distance" if self.is_symbolic else "numbers are not right or wrong"
            raise InputError(f"there is no {name} loss here: {kind}; there are {allowed}", code="loss", name=name)
        if name in ("crps", "log"):
            yield from self._scores(name)
            return
        for _, rows, error in self._errors():
            if name == "squared":
                yield rows, error * error
            elif name == "absolute":
                yield rows, np.abs(error)
            else:
                yield rows, np.where(np.isnan(error), np.nan, (error != 0.0).astype(np.float64))

    def _scores(self, name: str) -> Iterator[tuple[slice, Array]]:
        for index, rows, actual, law in self._distributions():
            if name == "crps":
                yield rows, self._at_steps(law.crps(self._all_steps(actual)))
            else:
                table = self._places(index, law.states)
                codes = np.where(np.isnan(actual), 0, actual).astype(np.intp)
                places = np.where(np.isnan(actual), np.nan, table[codes])
                yield rows, self._at_steps(law.log_loss(self._all_steps(places)))

    def _all_steps(self, kept: Array) -> Array:
        """Kept columns put in their places among all steps up to the last kept, NaN elsewhere."""
        out = np.full((len(kept), int(self.steps[-1])), np.nan)
        out[:, self.steps - 1] = kept
        return out

    def _at_steps(self, full: Array) -> Array:
        return full[:, self.steps - 1]

    def _places(self, index: int, states: tuple[object, ...]) -> Array:
        """The place among the model's states of each code of a series, -1 for a symbol it does not know."""
        table = {symbol: float(place) for place, symbol in enumerate(states)}
        return np.array([table.get(symbol, -1.0) for symbol in self.panel[index].categories or ()])

    def _distributions(self) -> Iterator[tuple[int, slice, Array, Any]]:
        """Block by block: which series, rows, what happened, and the model's distribution at all steps up to the last kept."""
        model = self.model
        if not has_distribution(model) or (self.is_symbolic and not hasattr(model, "states_")):
            raise InputError(
                f"{name_of(model)} gives a point forecast and no distribution: no crps, no log loss, no coverage",
                code="no-distribution",
                model=name_of(model),
            )
        law = planned_predictive(model, int(self.steps[-1]))
        states = {index: encoded(self.model, self.panel[index]) for index, _ in self._groups()}
        for index, rows, actual in self._blocks():
            where = as_rows(self.origins[rows], self.model.context)
            yield index, rows, actual, law(take(states[index], where))

    def _errors(self) -> Iterator[tuple[int, slice, Array]]:
        """Forecast minus actual, block by block: (which series, rows, [rows, steps])."""
        for index, rows, actual in self._blocks():
            yield index, rows, self.predictions[rows] - actual

    def _average(self, found: Iterator[Array]) -> Array:
        """[steps]: the mean over all rows of blocks of values, cells without a value left out."""
        total, count = np.zeros(len(self.steps)), np.zeros(len(self.steps))
        for values in found:
            seen = ~np.isnan(values)
            total += np.where(seen, values, 0.0).sum(axis=0)
            count += seen.sum(axis=0)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    def _mean_loss(self, name: str) -> Array:
        return self._average(loss for _, loss in self._loss_blocks(name))

    # -- readings by step -----------------------------------------------------------------------------------------

    def n(self) -> Index:
        """[steps]: how many forecasts count at each step: those whose target was observed."""
        if all(series.complete for series in self.panel):
            return np.full(len(self.steps), len(self.origins))
        return np.asarray((~np.isnan(self.actuals)).sum(axis=0))

    def _numbers_only(self, reading: str) -> None:
        if self.is_symbolic:
            raise InputError(
                f"symbols have no {reading}: there is no distance between {self.panel[0].categories!r:.60}; "
                'read log_loss() or zero_one() (losses "log" and "zero-one")',
                code="symbols",
                reading=reading,
            )

    def mse(self) -> Array:
        """[steps]: mean squared error, in the squared unit of the series."""
        with np.errstate(over="ignore"):
            return self.rmse() ** 2

    def rmse(self) -> Array:
        """[steps]: root mean squared error, in the unit of the series."""
        self._numbers_only("rmse")
        unit = self._exponent()
        scaled = (np.ldexp(error, -unit) for _, _, error in self._errors())
        return np.ldexp(np.sqrt(self._average(error * error for error in scaled)), unit)

    def mae(self) -> Array:
        """[steps]: mean absolute error, in the unit of the series."""
        self._numbers_only("mae")
        return self._mean_loss("absolute")

    def crps(self) -> Array:
        """[steps]: mean continuous ranked probability score of the model's distribution, in the unit of the series."""
        self._numbers_only("crps")
        return self._mean_loss("crps")

    def bias(self) -> Array:
        """[steps]: mean of forecast minus actual: above 0 the forecasts are too high."""
        self._numbers_only("bias")
        return self._average(error for _, _, error in self._errors())

    def zero_one(self) -> Array:
        """[steps]: the share of symbols that were not the forecast one."""
        return self._mean_loss("zero-one")

    def log_loss(self) -> Array:
        """[steps]: mean of minus log probability of what happened, in nats; infinite where it had probability 0."""
        return self._mean_loss("log")

    def mase(self, period: int = 1) -> Array:
        """[steps]: mean absolute error in units of what repeating the value one `period` ago missed on the training part.

        Null (NaN), with a note, where the training part never changes. Source: Hyndman & Koehler (2006).
        """
        self._numbers_only("mase")
        whole("period", period)
        scales = []
        for series, length in zip(self.panel, self.train, strict=True):
            head = series.numbers[:length]
            change = np.abs(head[period:] - head[:-period]) if length > period else np.zeros(0)
            change = change[~np.isnan(change)]
            scales.append(float(change.mean()) if len(change) else 0.0)
        if not all(scale > 0.0 for scale in scales):
            note("mase is null where the training part never changes (or is unknown): there is no scale to divide by")
        return self._average(np.abs(error) / scales[i] for i, _, error in self._errors() if scales[i] > 0.0)

    def skill(self, reference: str = "better") -> Array:
        """[steps]: 1 - MSE / MSE of a simple guess in the same cells; above 0 the model is better, 1 is perfect.

        Parameters
        ----------
        reference : "last" (repeat the last value), "mean" (the mean of the training part), "better" (at each step the
            better of the two).

        Null (NaN), with a note, where the guess makes no error at all, or there is nothing to compare.
        """
        self._numbers_only("skill")
        one_of("reference", reference, ("last", "mean", "better"))
        has_mean = all(length > 0 for length in self.train)
        if reference == "mean" and not has_mean:
            raise refuse("reference", reference, '"last": the training part of this model is not in the series')
        names = [reference] if reference != "better" else ["last", "mean"] if has_mean else ["last"]
        # The better guess is the one that leaves the least skill; against a perfect one there is none to speak of.
        skill = np.fmin.reduce([self._skill_over(name) for name in names])
        if not np.isfinite(skill).all():
            note("skill is null where the simple guess makes no error at all, or no target was observed")
        return np.where(np.isfinite(skill), skill, np.nan)

    def _skill_over(self, name: str) -> Array:
        """[steps]: the skill over one guess; minus infinity where it makes no error, NaN where nothing can be compared."""
        means = self._training_means() if name == "mean" else []
        own, guess, count = (np.zeros(len(self.steps)) for _ in range(3))
        unit = self._exponent()
        for index, rows, actual in self._blocks():
            known = last_values(self.panel[index].numbers, self.origins[rows])[:, None] if name == "last" else means[index]
            missed = np.ldexp(actual - known, -unit)
            error = np.ldexp(self.predictions[rows] - actual, -unit)
            seen = ~np.isnan(missed + error)
            guess += np.where(seen, missed * missed, 0.0).sum(axis=0)
            own += np.where(seen, error * error, 0.0).sum(axis=0)
            count += seen.sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(guess > 0.0, 1.0 - own / guess, np.where(count > 0, -np.inf, np.nan))

    def _training_means(self) -> list[float]:
        heads = [runs(series.numbers[:length]) for series, length in zip(self.panel, self.train, strict=True)]
        return [linear.level(head) if head else float("nan") for head in heads]

    def _exponent(self) -> int:
        """A power of two by which errors are divided before they are squared: 0 unless the series is out of the ordinary."""
        exponent = max(linear.scale_exponent(runs(series.numbers), 0.0) for series in self.panel)
        return exponent if abs(exponent) > 300 else 0

    def coverage(self, level: float = 0.9) -> Array:
        """[steps]: the share of what happened that lies in the central interval of the model's own distribution."""
        self._numbers_only("coverage")
        if not 0.0 < real("level", level) < 1.0:
            raise refuse("level", level, "between 0 and 1")

        def inside() -> Iterator[Array]:
            for _, _, actual, law in self._distributions():
                low, high = (self._at_steps(law.quantile(0.5 + side * level / 2.0)) for side in (-1.0, 1.0))
                yield np.where(np.isnan(actual), np.nan, (actual >= low) & (actual <= high))

        return self._average(inside())

    def at(self, k: int) -> KStep:
        """The same result with step k alone."""
        whole("k", k)
        if k not in self.steps:
            raise refuse(
                "k", k, f"one of the steps kept: {', '.join(map(str, self.steps[:6]))}{' ...' * (len(self.steps) > 6)}"
            )
        column = self.steps == k
        rest = None if self._rest is None else self._rest.at(k)
        return replace(self, steps=self.steps[column], predictions=self.predictions[:, column], _rest=rest)

    def restricted(self, keep: slice | Index, keep_rest: slice | Index | None = None) -> KStep:
        """The same result over fewer rows."""
        rest = self._rest if keep_rest is None or self._rest is None else self._rest.restricted(keep_rest)
        return replace(self, part=self.part[keep], origins=self.origins[keep], predictions=self.predictions[keep], _rest=rest)

    # -- showing --------------------------------------------------------------------------------------------------

    def readings(self) -> dict[str, Array]:
        """Every reading by step that this model and series have, by name."""
        if self.is_symbolic:
            found = {"zero_one": self.zero_one()}
            return found | ({"log_loss": self.log_loss()} if has_distribution(self.model) else {})
        return {"rmse": self.rmse(), "mae": self.mae(), "bias": self.bias(), "skill": self.skill()}

    def to_frame(self, what: str = "steps") -> Any:
        """A data frame of the caller's own kind: a row a step ("steps"), or a row a forecast ("predictions")."""
        one_of("what", what, ("steps", "predictions"))
        kind = self.panel[0].frame
        if what == "steps":
            return tables.as_frame({"k": self.steps, "n": self.n(), **self.readings()}, kind)
        rows, width = self.predictions.shape
        columns: dict[str, Any] = {}
        if len(self.panel) > 1:
            names = np.array(names_of(self.panel), dtype=object)
            columns["series"] = np.repeat(names[self.part], width)
        columns["origin"] = np.repeat(self.origins, width)
        columns["k"] = np.tile(self.steps, rows)
        columns["time"] = self.times.ravel()
        columns["actual"] = self._labelled(self.actuals)
        columns["prediction"] = self._labelled(self.predictions)
        return tables.as_frame(columns, kind)

    def _labelled(self, values: Array) -> Any:
        if not self.is_symbolic:
            return np.ascontiguousarray(values).ravel()
        symbols = np.array([*(self.panel[0].categories or ()), None], dtype=object)
        codes = np.where(np.isnan(values) | (values < 0), -1, values).astype(np.intp)
        return symbols[codes.ravel()].tolist()

    def shown_steps(self) -> list[int]:
        """Places among the steps of those that tables show: 1, 4, 16, 64 where kept, and the last."""
        wanted = [k for k in (*SHOWN_STEPS, int(self.steps[-1])) if k in self.steps]
        return sorted({int(np.searchsorted(self.steps, k)) for k in wanted})

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        places = self.shown_steps()
        head = [name_of(self.model), *[f"k={self.steps[p]}" for p in places]]
        readings = self.readings()
        digits = tables.decimals(float(readings[key][p]) for key in ("rmse", "mae") if key in readings for p in places)
        rows = [[key, *[tables.number(float(values[p]), digits) for p in places]] for key, values in readings.items()]
        return head, [*rows, ["n", *[str(self.n()[p]) for p in places]]]

    def caption(self) -> str:
        """What the numbers are over, in one line."""
        return caption(self)

    def table(self) -> str:
        """The readings by step as plain text."""
        head, rows = self._cells()
        return self.caption() + "\n" + tables.as_text([tables.printable(head[0]), *head[1:]], rows)

    def _repr_html_(self) -> str:
        return tables.as_html(self.caption(), *self._cells(), notes=self.notes)

    def __repr__(self) -> str:
        return self.table()

    def plot(self) -> Any:
        """Error against the number of steps: a matplotlib Figure."""
        from .. import figures

        self._numbers_only("rmse")
        return figures.error_by_k(self.steps, {name_of(self.model): self.rmse()}, limits(self))


def limits(result: KStep) -> dict[str, Array]:
    """{"noise floor": [steps]}: the smallest RMSE that is possible, where the series knows it."""
    limit = result.panel[0].limit
    if limit is None or len(result.panel) > 1:
        return {}
    return {"noise floor": limit(int(result.steps[-1]))[result.steps - 1]}


def caption(result: KStep) -> str:
    """Which origins count, and what the model was fitted on."""
    rows, series = len(result.origins), result.panel
    where = "held-out origins" if result._rest is not None else "origins inside the training part"
    span = ""
    if rows and len(series) == 1:
        first, last = int(result.origins[0]), int(result.origins[-1])
        dated = series[0].times is not None and series[0].times.dtype.kind == "M"
        span = f", {first} to {last}" + (f" ({series[0].when(first)} to {series[0].when(last)})" if dated else "")
    fitted = f"fitted once on the first {result.train[0]} values" if len(series) == 1 else f"one fit on {len(series)} series"
    if not any(result.train):
        fitted = "said to be fitted on other data"
    return f"{rows} {where}{span}; {fitted}"

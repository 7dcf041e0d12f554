"""What is known of many series: columns of readings, one row for each (series, model, step), and a status for each series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import InputError, shown
from ..evaluation import tables
from ..evaluation.guesses import NO_SEASON
from ..evaluation.rows import SHOWN_STEPS
from ..parameters import one_of
from ..protocols import Array, Index

NUMERIC = ("rmse", "mae", "bias", "skill")
SYMBOLIC = ("zero_one", "log_loss")


@dataclass(frozen=True, eq=False, repr=False)
class Scores:
    """Readings of several models on many series, each series by itself; see `evaluate_each`.

    >>> import stepahead as sa
    >>> panel = [sa.datasets.noisy_sine(length=200, seed=seed) for seed in range(3)]
    >>> scores = sa.evaluate_each([sa.AR(lags=4)], panel, horizon=8, steps=[1, 8])
    >>> scores.columns()["model"][:6].tolist()
    ['AR(4)', 'AR(4)', 'Mean', 'Mean', 'Naive', 'Naive']
    >>> scores.by_step("skill")["AR(4)"].shape
    (3, 2)

    Attributes
    ----------
    series : the names of the series that were scored, in their order.
    models : the names of the models; the simple guesses come last.
    steps : [steps] the steps kept.
    n : [series, steps] how many forecasts count, the same for every model.
    readings : {name: [series, models, steps]}: rmse, mae, bias and skill of numbers; zero_one and log_loss of symbols.
    status : what became of each series, {name: "ok" or the reason why it has no rows}.
    notes : what there is to know of the data, and of the fits of series that went one by one, {text: of how many series}.
    """

    series: tuple[str, ...]
    models: tuple[str, ...]
    steps: Index
    n: Index
    readings: dict[str, Array]
    status: dict[str, str]
    notes: dict[str, int] = field(default_factory=dict)

    @classmethod
    def joined(cls, parts: Sequence[Scores]) -> Scores:
        """Several results of the same models and steps as one."""
        whole = [part for part in parts if part.series] or list(parts[:1])
        notes: dict[str, int] = {}
        for part in parts:
            for text, count in part.notes.items():
                notes[text] = notes.get(text, 0) + count
        return cls(
            series=tuple(name for part in whole for name in part.series),
            models=whole[0].models,
            steps=whole[0].steps,
            n=np.concatenate([part.n for part in whole]),
            readings={key: np.concatenate([part.readings[key] for part in whole]) for key in whole[0].readings},
            status={name: why for part in parts for name, why in part.status.items()},
            notes=notes,
        )

    @property
    def failed(self) -> dict[str, str]:
        """The series without rows, {name: why}."""
        return {name: why for name, why in self.status.items() if why != "ok"}

    def of(self, series: str) -> dict[str, dict[str, Array]]:
        """One series: {model: {reading: [steps]}}."""
        one_of("series", series, self.series)
        place = self.series.index(series)
        return {
            model: {key: values[place, index] for key, values in self.readings.items()}
            for index, model in enumerate(self.models)
        }

    def by_step(self, reading: str) -> dict[str, Array]:
        """One reading of every model, {model: [series, steps]}."""
        one_of("reading", reading, tuple(self.readings))
        return {model: self.readings[reading][:, index] for index, model in enumerate(self.models)}

    def columns(self) -> dict[str, Any]:
        """The rows as columns of one length: series, model, k, n and every reading; (series, model, k) is unique."""
        series, models, steps = len(self.series), len(self.models), len(self.steps)
        return {
            "series": np.repeat(np.array(self.series, dtype=object), models * steps),
            "model": np.tile(np.repeat(np.array(self.models, dtype=object), steps), series),
            "k": np.tile(self.steps, series * models),
            "n": np.repeat(self.n[:, None, :], models, axis=1).ravel(),
            **{key: np.ascontiguousarray(values).ravel() for key, values in self.readings.items()},
        }

    def to_frame(self, kind: str | None = None) -> Any:
        """The rows as a data frame: "pandas", "polars" or "pyarrow", by default the first of them that is installed."""
        one_of("kind", kind, (None, "pandas", "polars", "pyarrow"))
        return tables.as_frame(self.columns(), kind)

    def __len__(self) -> int:
        return len(self.series) * len(self.models) * len(self.steps)

    def table(self) -> str:
        """Of one series its errors by step; of many the median over the series, of the skill or else of the log loss."""
        key = next((key for key in ("skill", "log_loss") if key in self.readings), "rmse")
        key = "rmse" if key == "skill" and len(self.series) == 1 else key
        places = sorted({int(np.searchsorted(self.steps, k)) for k in (*SHOWN_STEPS, int(self.steps[-1])) if k in self.steps})
        said = {"rmse": "RMSE", "skill": "Skill over the better simple guess", "log_loss": "Log loss"}[key]
        found = {model: _medians(values) for model, values in self.by_step(key).items()}
        digits = tables.decimals(float(values[p]) for values in found.values() for p in places)
        head = ["", *[f"k={self.steps[p]}" for p in places]]
        rows = [[tables.printable(name), *[tables.number(float(v[p]), digits) for p in places]] for name, v in found.items()]
        over = f"the median over {len(self.series):,} series" if len(self.series) != 1 else f"series {shown(self.series[0])}"
        lines = [f"{said} by number of steps ahead, {over}", tables.as_text(head, rows)]
        if self.failed:
            name, why = next(iter(self.failed.items()))
            lines.append(f"{len(self.failed):,} of {len(self.status):,} series have no rows, the first {shown(name)}: {why}")
        lines += [f"note: {NO_SEASON}"] if NO_SEASON in self.notes else []
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.table()


def _medians(values: Array) -> Array:
    """[steps]: the median over the series, NaN left out."""
    found = np.full(values.shape[1], np.nan)
    for step, column in enumerate(values.T):
        known = column[~np.isnan(column)]
        if len(known):
            found[step] = np.median(known)
    return found


def require_some(parts: Sequence[Scores]) -> Scores:
    """All parts as one; an InputError where not one series has rows."""
    if not any(part.series for part in parts):
        failed = {name: why for part in parts for name, why in part.failed.items()}
        name, why = next(iter(failed.items()), ("", "there is none"))
        raise InputError(f"none of {len(failed)} series can be scored; {shown(name)}: {why}", code="panel", found=0)
    return Scores.joined(parts)

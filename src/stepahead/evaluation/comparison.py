"""Several models on the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import shown
from ..models.baselines import Mean, Naive, SeasonalNaive
from ..protocols import Array, has_distribution
from . import tables
from .kstep import KStep, caption, limits


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Mapping[str, KStep]):
    """What `evaluate` returns: a KStep for each model, by name, all of them over the same origins and steps."""

    results: dict[str, KStep]
    horizon: int
    status: dict[str, str] = field(default_factory=dict)
    """Of a panel, what became of each series: "ok", or why it is not among the rows."""

    def __getitem__(self, name: str) -> KStep:
        return self.results[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    @property
    def _first(self) -> KStep:
        return next(iter(self.results.values()))

    @property
    def notes(self) -> tuple[str, ...]:
        """What there is to know about the data and the fits."""
        found = dict.fromkeys(text for result in self.results.values() for text in result.notes)
        aside = {name: why for name, why in self.status.items() if why != "ok"}
        if aside:
            name, why = next(iter(aside.items()))
            found[f"{len(aside)} of {len(self.status)} series are not scored (.status says why); {shown(name)}: {why}"] = None
        return tuple(found)

    @property
    def training(self) -> Comparison:
        """The same comparison over the origins inside the training part."""
        return Comparison({name: result.training for name, result in self.results.items()}, self.horizon, self.status)

    @property
    def reading(self) -> str:
        """What the table shows: the RMSE; of symbols the log loss, or where a model has no law the zero-one loss."""
        if not self._first.is_symbolic:
            return "rmse"
        return "log_loss" if all(has_distribution(found.model) for found in self.results.values()) else "zero_one"

    def by_step(self, reading: str | None = None) -> dict[str, Array]:
        """A reading of every model, {name: [steps]}; the noise floor, where it is known, comes last."""
        name = reading or self.reading
        found = {model: getattr(result, name)() for model, result in self.results.items()}
        return found | (limits(self._first) if name == ("log_loss" if self._first.is_symbolic else "rmse") else {})

    def caption(self) -> str:
        """What the numbers are, and over which origins, in one line."""
        words = {"rmse": "RMSE", "log_loss": "Log loss", "zero_one": "Share of wrong symbols"}[self.reading]
        return f"{words} by number of steps ahead: {caption(self._first)}"

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        places = self._first.shown_steps()
        head = ["", *[f"k={self._first.steps[p]}" for p in places]]
        found = self.by_step()
        digits = tables.decimals(float(values[p]) for values in found.values() for p in places)
        rows = [[name, *[tables.number(float(values[p]), digits) for p in places]] for name, values in found.items()]
        counts = {name: result.n() for name, result in self.results.items()}
        n = next(iter(counts.values()))
        if not (n == n[0]).all() or n[0] != len(self._first.origins):
            rows.append(["n", *[str(n[p]) for p in places]])
        return head, rows

    def table(self) -> str:
        """The table by step as plain text."""
        head, rows = self._cells()
        text = tables.as_text(head, [[tables.printable(row[0]), *row[1:]] for row in rows])
        return "\n".join(
            [self.caption().replace(": ", "\n", 1), text, *[f"note: {tables.printable(said)}" for said in self.notes]]
        )

    def to_frame(self) -> Any:
        """A row a model and step, in a data frame of the caller's own kind: model, k, n and every reading."""
        steps = self._first.steps
        columns: dict[str, Any] = {
            "model": [name for name in self.results for _ in steps],
            "k": np.tile(steps, len(self.results)),
            "n": np.concatenate([result.n() for result in self.results.values()]),
        }
        readings = [result.readings() for result in self.results.values()]
        for key in readings[0]:
            if all(key in found for found in readings):
                columns[key] = np.concatenate([found[key] for found in readings])
        return tables.as_frame(columns, self._first.panel[0].frame)

    def _repr_html_(self) -> str:
        return tables.as_html(self.caption(), *self._cells(), notes=self.notes)

    def __repr__(self) -> str:
        return self.table()

    def plot(self) -> Any:
        """Error against the number of steps, a line a model, the noise floor where it is known: a matplotlib Figure."""
        from .. import figures

        self._first._numbers_only("rmse")
        simple = [name for name, result in self.results.items() if isinstance(result.model, (Mean, Naive, SeasonalNaive))]
        lines = {name: result.rmse() for name, result in self.results.items()}
        return figures.error_by_k(self._first.steps, lines, limits(self._first), simple)

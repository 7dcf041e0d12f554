"""A squared error by step and the parts that add up to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from ..parameters import refuse
from ..protocols import Array, Index
from ..text import as_frame, as_html, as_text, decimals, printable, typed
from ..windows import shown_steps
from .makers import made

if TYPE_CHECKING:
    from .makers import Figure


@dataclass(frozen=True, eq=False, repr=False)
class ErrorSplit:
    """The mean squared error by step, and the parts that add up to it; what `split_error` and `seed_variance` return.

    >>> import stepahead as sa
    >>> found = sa.diagnostics.split_error(sa.AR(2), sa.datasets.ar_process, horizon=8, seeds=range(4))
    >>> bool(abs(sum(found.parts.values()) - found.mse()).max() < 1e-12)
    True
    >>> (found.share("noise") > 0.95).tolist()  # it knows its own process: little is left but noise
    [True, True, True, True]

    Attributes
    ----------
    steps : [steps].
    parts : {name: [steps]} in the squared unit of the series; a part below 0 takes error away.
    variance : [steps] how far the refits are apart: the variance of their forecasts of one value, averaged over the
        values.
    by_refit : {name: [refits, steps]} the parts of each refit, where they are known.
    says : what the numbers are over.
    """

    steps: Index
    parts: dict[str, Array]
    variance: Array
    says: str
    by_refit: dict[str, Array] = field(default_factory=dict)

    def mse(self) -> Array:
        """[steps]: the parts together, in the squared unit of the series."""
        return np.asarray(np.sum(list(self.parts.values()), axis=0))

    def rmse(self) -> Array:
        """[steps]: the root of it, in the unit of the series."""
        return np.asarray(np.sqrt(self.mse()))

    def share(self, part: str) -> Array:
        """[steps]: a part as a share of the mean squared error; NaN where there is no error."""
        if part not in self.parts:
            raise refuse("part", part, "one of " + ", ".join(repr(name) for name in self.parts))
        whole_error = self.mse()
        share = np.full(len(self.steps), np.nan)
        return np.asarray(np.divide(self.parts[part], whole_error, out=share, where=whole_error > 0.0))

    def typical(self) -> ErrorSplit:
        """The split of the median refit by its error at the last step; of an even number, of the two in the middle.

        A few refits that explode carry the mean away; the middle one shows what one usually gets.
        """
        if not self.by_refit:
            raise InputError(
                "the parts of each refit are not known here: on a real series no single one can be split", code="split"
            )
        order = np.argsort(np.sum([each[:, -1] for each in self.by_refit.values()], axis=0), kind="stable")
        middle = order[(len(order) - 1) // 2 : len(order) // 2 + 1]
        parts = {name: each[middle].mean(axis=0) for name, each in self.by_refit.items()}
        return replace(self, parts=parts, says=f"{self.says}; the median one", by_refit={})

    def to_frame(self) -> Any:
        """A data frame: a row a step, a column a part, and the mean squared error."""
        return as_frame({"k": self.steps, **self.parts, "mse": self.mse()}, None)

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        places = shown_steps(self.steps)
        lines = {**self.parts, "squared error": self.mse(), "RMSE": self.rmse()}
        if self.by_refit:
            lines["(variance)"] = self.variance
        digits = decimals(abs(float(values[p])) for values in lines.values() for p in places)
        rows = [[name, *[typed(float(values[p]), min(digits, 4)) for p in places]] for name, values in lines.items()]
        return ["", *[f"k={self.steps[p]}" for p in places]], rows

    def table(self) -> str:
        """The parts by step as plain text."""
        head, rows = self._cells()
        lines = [printable(line) for line in self.says.splitlines()]
        return "\n".join([*lines, as_text(head, rows)])

    def _repr_html_(self) -> str:
        return as_html(self.says, *self._cells())

    def __repr__(self) -> str:
        return self.table()

    def plot(self, title: str = "Where the error comes from") -> Figure:
        """The parts stacked over the steps: a matplotlib Figure."""
        found: Figure = made("bands_by_k", self.steps, self.parts, title=title)
        return found

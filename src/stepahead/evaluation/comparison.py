"""Several models on the same rows."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import InputError, shown
from ..numerics import inference
from ..numerics.inference import Averages
from ..page import fits
from ..parameters import one_of, refuse
from ..protocols import Array, has_distribution
from . import tables, trust
from .guesses import NO_SEASON, is_simple, lacks_season
from .kstep import READINGS, KStep
from .trust import Difference, Horizon


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Mapping[str, KStep]):
    """What `evaluate` returns: a KStep for each model, by name, all of them over the same origins and steps."""

    results: dict[str, KStep]
    horizon: int
    status: dict[str, str] = field(default_factory=dict)
    """Of a panel, what became of each series: "ok", or why it is not among the rows."""

    def __getitem__(self, name: str) -> KStep:
        if name not in self.results:
            raise KeyError(f"no model is called {name!r}; there are {', '.join(self.results)}")
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
        drawn = getattr(self._first.panel[0].limit, "said", None)
        if drawn:
            found[drawn] = None
        if self.no_season:
            found[self.no_season] = None
        aside = {name: why for name, why in self.status.items() if why != "ok"}
        if aside:
            name, why = next(iter(aside.items()))
            found[f"{len(aside)} of {len(self.status)} series are not scored (.status says why); {shown(name)}: {why}"] = None
        return tuple(found)

    @property
    def fits(self) -> dict[str, str]:
        """What is known of each fit, {name: kind}; of a simple guess without a training part there is nothing to know."""
        known = {name: result.fit_kind for name, result in self.results.items()}
        return {name: kind for name, kind in known.items() if kind != "other" or name not in self.simple} or known

    @property
    def no_season(self) -> str:
        """The note that no seasonal baseline stands in the table; empty where one does, and of symbols, which have none."""
        lacks = not self._first.is_symbolic and lacks_season(result.model for result in self.results.values())
        return NO_SEASON if lacks else ""

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
        name = self.reading if reading is None else reading
        one_of("reading", name, READINGS)
        found = {model: getattr(result, name)() for model, result in self.results.items()}
        return found | (self._first.limits() if name == ("log_loss" if self._first.is_symbolic else "rmse") else {})

    # -- how far to trust them ------------------------------------------------------------------------------------

    @property
    def simple(self) -> list[str]:
        """The names of the simple guesses: `Mean`, `Naive` and `SeasonalNaive`; of symbols a chain without a memory."""
        return [name for name, result in self.results.items() if is_simple(result.model)]

    @property
    def loss(self) -> str:
        """The loss that is compared: squared; of symbols the log loss, or where a model has no law the zero-one loss."""
        return {"rmse": "squared", "log_loss": "log", "zero_one": "zero-one"}[self.reading]

    @cached_property
    def _averages(self) -> Averages:
        return trust.averages(self._first, [result.loss_columns(self.loss) for result in self.results.values()])

    def trusted_horizon(self, level: float = 0.95, margin: float = 0.05) -> dict[str, Horizon]:
        """How many steps ahead each model can be trusted, {name: Horizon}; the simple guesses have none.

        ``claim`` is the largest K such that at every k <= K the model is shown, at one-sided `level`, to lose less than EVERY
        simple guess in the table. The tests are taken in order from step 1 and stop at the first that fails, so that none of
        the level is spent on their number. Above it the better model is "not shown", which never means "no skill".
        ``horizon`` is how far it has at least `margin` less squared error than each of them, and ``low`` .. ``high`` the
        numbers of steps that the data do not refute, at `level`.

        >>> import stepahead as sa
        >>> result = sa.evaluate([sa.AR(lags=4), sa.AR(lags=64)], sa.datasets.noisy_sine(seed=0), horizon=64, train=604)
        >>> {name: found.claim for name, found in result.trusted_horizon().items()}
        {'AR(4)': 21, 'AR(64)': 64}

        Parameters
        ----------
        level : between 0 and 1. margin : the share of the squared error (of symbols, of the loss) that is to be saved.

        Source: the forecast skill horizon of Buizza & Leutbecher (2015), with the tests of Lazarus, Lewis, Stock & Watson
        (2018). No correction for the choice of the better guess is needed, as every one has to be beaten.
        """
        trust.check(self._first, level, margin)
        names = list(self.results)
        guesses = [names.index(name) for name in self._guesses()]
        return {
            name: trust.horizon(self._averages, names.index(name), guesses, self._first.steps, margin, level)
            for name in names
            if name not in self.simple
        }

    def _horizons(self) -> dict[str, Horizon]:
        """The trusted horizons, where they mean something: nothing is shown by data that a model was fitted on."""
        return self.trusted_horizon() if self.simple and self._first.is_held_out else {}

    def skill(self, level: float = 0.95) -> dict[str, tuple[Array, Array, Array]]:
        """Of each model, {name: (skill, lowest, highest)}, each [steps]: 1 - loss / loss of the best simple guess in the table.

        The ends are Fieller's at `level`; the lowest is that over whichever guess leaves less. The simple guesses are among
        the names: at each step the best of them has a skill of 0.
        """
        trust.check_level(level)
        names, found = list(self.results), self._averages
        guesses = [names.index(name) for name in self._guesses()]
        best = np.fmin.reduce(found.mean[guesses])
        out = {}
        for own, name in enumerate(names):
            low, high = np.fmin.reduce([inference.skill_interval(found, own, guess, level) for guess in guesses])
            with np.errstate(divide="ignore", invalid="ignore"):
                out[name] = (np.where(best > 0.0, 1.0 - found.mean[own] / best, np.nan), low, high)
        return out

    def _guesses(self) -> list[str]:
        """The simple guesses; an error where there is none."""
        if not self.simple:
            raise InputError("there is no simple guess in the table to be better than: use evaluate", code="no-reference")
        return self.simple

    def tests(self, against: str | None = None, loss: str | None = None, level: float = 0.95) -> dict[str, Difference]:
        """Is the difference between a model and another one more than luck? {name: Difference}, at each step and over all.

        Diebold & Mariano's test (1995) on the difference of the losses at the same rows, with a variance that allows for the
        overlap of k steps: the textbook's rejects too often at long horizons, or has a negative variance.

        >>> import stepahead as sa
        >>> result = sa.evaluate([sa.AR(lags=4), sa.AR(lags=64)], sa.datasets.noisy_sine(seed=0), horizon=64, train=604)
        >>> found = result.tests(against="AR(4)")["AR(64)"]
        >>> found.p[[0, 63]].round(3), round(found.overall_p, 3)
        (array([0.143, 0.039]), 0.036)

        Parameters
        ----------
        against : the name of the other model, by default the first one.
        loss : as in ``KStep.losses``, by default the squared one (of symbols ``Comparison.loss``).
        level : of the interval of the difference.
        """
        names = list(self.results)
        against = names[0] if against is None else against
        if against not in self.results:
            raise refuse("against", against, "one of " + ", ".join(names))
        trust.check_level(level)
        columns = [result.loss_columns(loss or self.loss) for result in self.results.values()]
        found = self._averages if loss in (None, self.loss) else trust.averages(self._first, columns)
        joined = trust.together(self._first, columns)
        # Squared errors are averaged in a unit in which they are numbers; here they go back to that of the series.
        unit = self._first.exponent() if (loss or self.loss) == "squared" else 0
        other = names.index(against)
        tested = {n: trust.difference(found, joined, names.index(n), other, level) for n in names if n != against}
        with np.errstate(over="ignore"):
            return {
                name: test._replace(**{key: np.ldexp(getattr(test, key), 2 * unit) for key in ("difference", "low", "high")})
                for name, test in tested.items()
            }

    @property
    def answer(self) -> str:
        """The question in the name, answered in a sentence or two, for the model that can be trusted furthest.

        Empty where it is not asked: over training origins, and where simple guesses stand alone or are missing.
        """
        found = self._horizons()
        if not found:
            return ""
        last = dict(zip(self.results, self._averages.mean[:, -1].tolist(), strict=True))
        best = max(found, key=lambda name: (found[name].claim, -last[name]))
        reach, tested = found[best], self._first.steps
        best = tables.printable(best)
        if reach.claim == 0:
            first = "one step" if tested[0] == 1 else f"{tested[0]} steps"
            return f"No model here can be trusted even {first} ahead: none is shown to beat every simple guess."
        steps = f"{reach.claim} step{'s' * (reach.claim > 1)}"
        if reach.claim == reach.of:
            text = f"You can trust {best} at every step tested, up to {steps} ahead."
        else:
            gaps = " at the steps tested," * (tested[reach.claim - 1 : reach.claim].tolist() != [reach.claim])
            text = f"You can trust {best}{gaps} up to {steps} ahead; "
            text += "further out nothing here is shown to beat every simple guess."
        loss = {"squared": "squared error", "log": "log loss", "zero-one": "share of wrong symbols"}[self.loss]
        allowed = f"{reach.low}" if reach.low == reach.high else f"{reach.low} to {reach.high}"
        return (
            f"{text}\nIts {loss} is at least {reach.margin:.0%} below that of every simple guess up to step "
            f"{reach.horizon}; the data allow {allowed}{' or more' * (reach.high == reach.of)} (95 %)."
        )

    # -- showing --------------------------------------------------------------------------------------------------

    def caption(self) -> str:
        """What the numbers are, and over which origins, in one line."""
        words = {"rmse": "RMSE", "log_loss": "Log loss", "zero_one": "Share of wrong symbols"}[self.reading]
        said = fits.clause(self.fits, self._first.train)
        return f"{words} by number of steps ahead: {self._first.counted()}; {said}"

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        places = self._first.shown_steps()
        horizons = self._horizons()
        trusted = ["trusted to"] if horizons else []
        head = ["", *[f"k={self._first.steps[p]}" for p in places], *trusted]
        found = self.by_step()
        digits = tables.decimals(float(values[p]) for values in found.values() for p in places)
        rows = []
        for name, values in found.items():
            last = [str(horizons[name].claim) if name in horizons else ""] if horizons else []
            rows.append([name, *[tables.number(float(values[p]), digits) for p in places], *last])
        counts = {name: result.n() for name, result in self.results.items()}
        n = next(iter(counts.values()))
        if not (n == n[0]).all() or n[0] != len(self._first.origins):
            rows.append(["n", *[str(n[p]) for p in places], *[""] * len(trusted)])
        return head, rows

    def table(self) -> str:
        """The table by step as plain text."""
        head, rows = self._cells()
        text = tables.as_text(head, [[tables.printable(row[0]), *row[1:]] for row in rows])
        return "\n".join(
            [
                self.caption().replace(": ", "\n", 1),
                text,
                *map(tables.printable, self.answer.splitlines()),
                *[f"note: {tables.printable(said)}" for said in self.notes],
            ]
        )

    def to_frame(self, level: float | None = None) -> Any:
        """A row a model and step, in a data frame of the caller's own kind: model, k, n and every reading.

        Of numbers the RMSE and the skill with the ends of their 95 % intervals; the skill is that over the best simple guess in
        the table. With a `level` (0.9) also the coverage and the mean width of intervals around the forecasts.
        """
        return tables.as_frame(self.columns(level), self._first.panel[0].frame)

    def columns(self, level: float | None = None) -> dict[str, Any]:
        """The columns of ``to_frame``."""
        steps, results = self._first.steps, list(self.results.values())
        columns: dict[str, Any] = {
            "model": [name for name in self.results for _ in steps],
            "k": np.tile(steps, len(results)),
            "n": np.concatenate([result.n() for result in results]),
        }
        readings = [result.readings() for result in results]
        for key in readings[0]:
            if all(key in found for found in readings):
                columns[key] = np.concatenate([found[key] for found in readings])
        if not self._first.is_symbolic:
            ends = [result.interval("rmse") for result in results]
            columns["rmse_low"], columns["rmse_high"] = (np.concatenate(side) for side in zip(*ends, strict=True))
            if self.simple:
                skills = zip(*self.skill().values(), strict=True)
                columns["skill"], columns["skill_low"], columns["skill_high"] = (np.concatenate(side) for side in skills)
            if level is not None:
                held = zip(*[result.held(level) for result in results], strict=True)
                columns["coverage"], columns["width"] = (np.concatenate(side) for side in held)
        return columns

    def _repr_html_(self) -> str:
        return tables.as_html(self.caption(), *self._cells(), notes=(*filter(None, [self.answer]), *self.notes))

    def __repr__(self) -> str:
        return self.table()

    def report(self, path: str | os.PathLike[str], language: str = "en") -> str:
        """Write the comparison as one HTML page that needs nothing else, to be mailed; the sentence at its head comes back.

        Parameters
        ----------
        path : of the file. language : "en" or "zh".

        Raises
        ------
        OutputError : the file cannot be written; what stood there is untouched.
        """
        from ..page.page import report

        return report(self, path, language)

    def plot(self) -> Any:
        """Error against the number of steps, a line a model, how far each is trusted, the noise floor: a matplotlib Figure."""
        from .. import figures

        self._first._numbers_only("rmse")
        lines = {name: result.rmse() for name, result in self.results.items()}
        trusted = {name: found.claim for name, found in self._horizons().items()}
        answer = self.answer.partition("\n")[0]
        return figures.error_by_k(self._first.steps, lines, self._first.limits(), self.simple, trusted=trusted, answer=answer)

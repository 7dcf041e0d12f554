"""Several models on the same rows."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import BudgetError, InputError, shown
from ..parameters import one_of, refuse
from ..protocols import Array, Index
from ..seasons import Seasons
from ..text import as_frame
from . import trust
from .answers import Answer, Question, answer_of
from .fits import Fits
from .ground import on_common_rows
from .kstep import READINGS, KStep
from .makers import made
from .readings import Readings
from .reference import is_baseline
from .scorer import POWER, Scorer
from .trust import Difference

if TYPE_CHECKING:
    from .makers import Axes, Figure


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Mapping[str, KStep]):
    """What `evaluate` returns: a KStep for each model, by name, all of them over the same origins and steps.

    With ``keep="scores"`` the errors by series and step are all that was kept. What only forecasts can tell is read of
    new ones when it is asked for: where the data can be read again, and the forecasts fit in memory.

    >>> import stepahead as sa
    >>> result = sa.evaluate([sa.AR(lags=4)], sa.datasets.nile(), horizon=4)
    >>> list(result), result["AR(4)"].rmse().round(1)
    (['AR(4)', 'Mean', 'Naive', 'SES', 'Line', 'Drift'], array([113.9, 120. , 122.5, 130.5]))

    Attributes
    ----------
    horizon : the largest step that was asked for.
    status : of a panel, what became of each series, {name: "ok", or why it is not among the rows}.
    """

    _results: Mapping[str, KStep]
    horizon: int
    status: dict[str, str] = field(default_factory=dict)
    _scores: Scorer | None = None
    """What was kept instead of forecasts."""
    _counted_notes: Mapping[str, int] = field(default_factory=dict)
    """Of scores what there is to know about data and fits, {text: of how many series}."""
    _again: Callable[[], Comparison] | None = None
    """Of scores, how the same is evaluated with forecasts."""
    _seasons: Seasons = field(default_factory=Seasons)
    """Those of the training parts, found or given: the baselines know them."""
    _ranked: bool = False
    """Whether the models were fitted here, and may be fitted again on less."""
    _question: Question = field(default_factory=Question)
    """What `answer` is asked."""
    _asked: Mapping[str, str] = field(default_factory=dict)
    """{name of a model before its fit: name here}: what a model chose stands in its name."""

    def __getitem__(self, name: str) -> KStep:
        if name not in self:
            raise KeyError(f"no model is called {name!r}; there are {', '.join(self)}")
        return self._rows[name if name in self._rows else self._asked[name]]

    def __contains__(self, name: object) -> bool:
        return name in tuple(self) or name in self._asked  # without making forecasts that were not kept

    def __iter__(self) -> Iterator[str]:
        return iter(self._results if self._scores is None else self._scores.models)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def __len__(self) -> int:
        return len(self._results if self._scores is None else self._scores.models)

    @classmethod
    def _joined(cls, parts: Sequence[Comparison]) -> Comparison:
        """Scores of several groups of series, of the same models and steps, as one."""
        kept = [part._scores for part in parts if part._scores is not None]
        note_counts: dict[str, int] = {}
        for part in parts:
            for text, count in part._counted_notes.items():
                note_counts[text] = note_counts.get(text, 0) + count
        status = {name: why for part in parts for name, why in part.status.items()}
        return cls(
            {}, parts[0].horizon, status, Scorer.joined([one for one in kept if one.series] or kept[:1]), note_counts
        )

    @property
    def _first(self) -> KStep:
        return next(iter(self._rows.values()))

    @cached_property
    def _whole(self) -> Comparison:
        """The same with forecasts: itself where they were kept, else evaluated anew."""
        if self._results:
            return self
        try:
            if self._again is not None:
                return self._again()
        except BudgetError as error:
            raise no_rows() from error
        raise no_rows()

    @cached_property
    def _rows(self) -> Mapping[str, KStep]:
        """The results that were kept; of scores new ones."""
        return self._results or {name: self._whole[name] for name in self}

    @cached_property
    def scorer(self) -> Scorer:
        """The errors of all models by series and step: every reading of the table is made of them.

        >>> import stepahead as sa
        >>> result = sa.evaluate([sa.AR(lags=4)], sa.datasets.nile(), horizon=4)
        >>> result.scorer
        rmse by number of steps ahead, 37 origins of series 'volume'
               k=1  k=4
        AR(4)  114  131
        Mean   137  148
        Naive  138  164
        SES    113  135
        Line   270  275
        Drift  138  165
        """
        if self._scores is not None:
            return self._scores
        names = list(self._results)
        places = tuple(names.index(name) for name in self.baselines)
        return Scorer.named(names, [result._scorer for result in self._results.values()], places)

    @property
    def steps(self) -> Index:
        """[steps]: those that were scored."""
        return self._first.steps if self._scores is None else self._scores.steps

    @property
    def notes(self) -> tuple[str, ...]:
        """What there is to know about the data and the fits."""
        found = dict.fromkeys(text for result in self._results.values() for text in result.notes)
        every = 1 if self._scores is None else len(self._scores.series)
        found |= {
            text if count == every else f"{text} ({count} series)": None for text, count in self._counted_notes.items()
        }
        drawn = getattr(self._first._panel[0].limit, "note", None) if self._results else None
        if drawn:
            found[drawn] = None
        aside = self.failed
        if aside:
            name, why = next(iter(aside.items()))
            found[
                f"{len(aside)} of {len(self.status)} series are not scored (.status says why); {shown(name)}: {why}"
            ] = None
        return tuple(found)

    @property
    def failed(self) -> dict[str, str]:
        """The series without rows, {name: why}.

        >>> import stepahead as sa
        >>> result = sa.evaluate([sa.AR(lags=4)], sa.datasets.nile(), horizon=4)
        >>> panel = [sa.datasets.nile(), [1.0, 2.0, 4.0]]
        >>> sa.evaluate([sa.AR(lags=4)], panel, horizon=4, fit="each").failed
        {'1': "series '1' is too short: train=1 and horizon=4 needs 5 values, found 3"}
        """
        return {name: why for name, why in self.status.items() if why != "ok"}

    @property
    def _fits(self) -> dict[str, Fits]:
        """What is known of each fit; of a baseline without a training part there is nothing to know."""
        known = {name: result.fits for name, result in self._results.items()}
        return {n: one for n, one in known.items() if one.kind != "other" or n not in self.baselines} or known

    @property
    def training(self) -> Comparison:
        """The same comparison over the origins inside the training part at which every model has a forecast.

        >>> import stepahead as sa
        >>> result = sa.evaluate([sa.AR(lags=4)], sa.datasets.nile(), horizon=4)
        >>> result.training["AR(4)"].origins[[0, -1]].tolist()
        [4, 59]
        """
        rows = {name: result.training for name, result in self._rows.items()}
        return Comparison(on_common_rows(rows, least=0), self.horizon, self.status)

    @property
    def _is_symbolic(self) -> bool:
        """Whether the series are of symbols."""
        return self._first._is_symbolic if self._scores is None else "zero-one" in self._scores.totals

    @property
    def _reading(self) -> str:
        """What the table shows: the RMSE; of symbols the log loss,
        or where a model has no distribution the zero-one loss.
        """
        return self._question.reading or {"squared": "rmse", "log": "log_loss", "zero-one": "zero_one"}[self._loss]

    def by_step(self, reading: str | None = None, scaled: bool = True) -> dict[str, Array]:
        """A reading of every model, {name: [steps]}; the noise floor, where it is known, comes last.

        Of several series errors are in units of each series' own scale; see ``KStep.rmse``.

        >>> import stepahead as sa
        >>> result = sa.evaluate([sa.AR(lags=4)], sa.datasets.nile(), horizon=4)
        >>> result.by_step("skill")["AR(4)"].round(2)
        array([-0.02,  0.02,  0.06,  0.06])
        """
        name = self._reading if reading is None else reading
        one_of("reading", name, READINGS)
        if name in (*self.scorer.readings, "mse"):
            found = dict(zip(self, self.scorer.pooled(name, scaled), strict=True))
        else:
            found = {model: getattr(self[model], name)() for model in self}
        limits = (
            self._first._limits() if self._results and name == ("log_loss" if self._is_symbolic else "rmse") else {}
        )
        return found | limits

    def by_series(self, reading: str | None = None) -> dict[str, Array]:
        """A reading of every model on each series by itself, {name: [series, steps]}; ``scorer.series`` names them.

        >>> import stepahead as sa
        >>> result = sa.evaluate([sa.AR(lags=4)], sa.datasets.nile(), horizon=4)
        >>> result.by_series("mae")["AR(4)"].round(1)
        array([[ 93.5,  91.8,  98.1, 105.4]])
        """
        name = self._reading if reading is None else reading
        return dict(zip(self, np.moveaxis(self.scorer.by_series(name), 1, 0), strict=True))

    # -- how far to trust them ------------------------------------------------------------------------------------

    @property
    def baselines(self) -> list[str]:
        """The names of the baselines: `Mean`, `Naive`, `SES`, `Line`, `Drift` and those that know a season.

        Of symbols it is a chain without a memory.

        >>> import stepahead as sa
        >>> result = sa.evaluate([sa.AR(lags=4)], sa.datasets.nile(), horizon=4)
        >>> result.baselines
        ['Mean', 'Naive', 'SES', 'Line', 'Drift']
        """
        if self._scores is not None:
            return [self._scores.models[place] for place in self._scores.baselines]
        return [name for name, result in self._results.items() if is_baseline(result.model)]

    @property
    def _loss(self) -> str:
        """The loss that is compared: squared; of symbols the log loss,
        or where there is no distribution the zero-one loss.
        """
        return self._first._loss if self._scores is None else self._scores.loss

    @cached_property
    def answer(self) -> Answer | None:
        """How far which model can be trusted: the question in the name of the package, answered once for all that shows
        it.

        None where it is not asked: over training origins, and where no model stands beside a baseline.

        >>> import stepahead as sa
        >>> result = sa.evaluate([sa.AR(lags=4)], sa.datasets.nile(), horizon=4)
        >>> result.answer.headline
        '37 origins are too few to tell how far AR(4) can be trusted.'
        """
        return self._judged(self._question)

    def judge(
        self,
        loss: Any = None,
        *,
        level: float = 0.95,
        margin: float = 0.01,
        within: float | None = None,
        share: float = 0.9,
    ) -> Answer | None:
        """The answer to another question than the usual one.

        >>> import stepahead as sa
        >>> result = sa.evaluate([sa.AR(lags=64)], sa.datasets.noisy_sine(seed=0), horizon=64, train=604)
        >>> result.judge(within=0.5).within["AR(64)"].steps
        64

        Parameters
        ----------
        loss : "squared" (default), "absolute", "pinball(.9)", or a function of (error, actual); of symbols the log
            loss. Losses of several series are divided by each series' own scale, those of a function are not.
        level : between 0 and 1, for all claims about all models together.
        margin : a smaller saving is not called a gain.
        within, share : up to which step at least this share of the forecasts lies within this width of what happened,
            in the unit of the values; a question of each model by itself, without baselines.
        """
        return self._judged(Question(loss, level, margin, within, share))

    def _judged(self, question: Question) -> Answer | None:
        """The answer to a question; None where there are no rows."""
        if not self._rows:
            return None
        better = self._better if question.loss is None or question.loss == self._loss else None
        return answer_of(self._rows, question, self._seasons, self._loss, self._ranked, better)

    def _better(self, model: str) -> tuple[int, int]:
        """In how many series a model loses less than the best baseline, over all steps; of how many that are not
        constant.
        """
        names, loss = list(self), self.scorer.totals[self._loss]
        own = loss[:, names.index(model)]
        best = loss[:, list(self.scorer.baselines)].min(axis=1)
        seen = self.scorer.n.any(axis=1) & (self.scorer.scale > 0.0)
        return int((own[seen].sum(axis=1) < best[seen].sum(axis=1)).sum()), int(seen.sum())

    def skill(self) -> dict[str, Array]:
        """The saving of each model, {name: [steps]}: 1 - loss / loss of the best baseline at that step.

        >>> import stepahead as sa
        >>> result = sa.evaluate([sa.AR(lags=4)], sa.datasets.nile(), horizon=4)
        >>> result.skill()["AR(4)"].round(2)
        array([-0.02,  0.02,  0.06,  0.06])
        """
        _ = self._needed_baselines()
        measured = {} if self._scores is not None or self.answer is None else self.answer.saving
        return self.by_step("skill") | measured

    def _needed_baselines(self) -> list[str]:
        """The baselines; an error where there is none."""
        if not self.baselines:
            raise InputError("there is no baseline in the table to be better than: use evaluate", code="no-reference")
        return self.baselines

    def tests(self, against: str | None = None, loss: str | None = None, level: float = 0.95) -> Readings[Difference]:
        """Is the difference between a model and another one more than luck? {name: Difference}, at each step and over
        all.

        Diebold & Mariano's test (1995) on the difference of the losses at the same rows, with a variance that allows
        for the overlap of k steps: the textbook's rejects too often at long horizons, or has a negative variance.

        >>> import stepahead as sa
        >>> result = sa.evaluate([sa.AR(lags=4), sa.AR(lags=64)], sa.datasets.noisy_sine(seed=0), horizon=64, train=604)
        >>> found = result.tests(against="AR(4)")["AR(64)"]
        >>> found.p[[0, 63]].round(3), round(found.overall_p, 3)
        (array([0.134, 0.003]), 0.004)

        Parameters
        ----------
        against : the name of the other model, by default the first one.
        loss : as in ``KStep.losses``, by default the squared one (of symbols ``Comparison.loss``).
        level : of the interval of the difference.
        """
        names = list(self)
        against = names[0] if against is None else against
        if against not in names:
            raise refuse("against", against, "one of " + ", ".join(names))
        trust.check_level(level)
        columns = [result._loss_columns(loss or self._loss) for result in self._rows.values()]
        found, joined = trust.moments(self._first, columns), trust.over_all_steps(self._first, columns)
        # Losses are averaged in a unit in which they are numbers; of one series they go back to its own.
        unit = POWER[loss or self._loss] * int(self._first._unit[0]) if len(self._first._panel) == 1 else 0
        other = names.index(against)
        tested = {
            n: trust.difference(found, joined, names.index(n), other, level, self.steps) for n in names if n != against
        }
        with np.errstate(over="ignore"):
            return Readings(
                {
                    name: test._replace(
                        **{key: np.ldexp(getattr(test, key), unit) for key in ("difference", "low", "high")}
                    )
                    for name, test in tested.items()
                }
            )

    # -- showing --------------------------------------------------------------------------------------------------

    def table(self, language: str = "en", columns: int = 80) -> str:
        """The answer and the table by step as plain text.

        Parameters
        ----------
        language : "en" or "zh". columns : cells of a line, from 60 to 120.
        """
        return str(made("terminal", self, language, columns))

    def to_frame(self, level: float | None = None, what: str = "steps") -> Any:
        """A row a model and step, in a data frame of the caller's own kind: model, k, n and every reading.

        With ``what="series"`` a row a series, model and step; with ``what="predictions"`` a row a forecast, a column a
        model, as ``KStep.to_frame`` has it.

        Of numbers the RMSE and the skill with the ends of their 95 % intervals; the skill is that over the best
        baseline in the table. With a `level` (0.9) also the coverage and the mean width of intervals around the
        forecasts, and how they were made (`method`, as in ``KStep.prediction_intervals``).

        >>> import stepahead as sa
        >>> result = sa.evaluate([sa.AR(lags=4)], sa.datasets.nile(), horizon=4)
        >>> list(result.to_frame().columns)[:7]
        ['model', 'k', 'n', 'rmse', 'mae', 'bias', 'skill']
        """
        one_of("what", what, ("steps", "series", "predictions"))
        if what == "predictions":
            return self._first._as_forecasts(self._rows)
        columns = self._columns(level) if what == "steps" else self.scorer.columns()
        return as_frame(columns, self._first._panel[0].frame if self._results else None)

    def _columns(self, level: float | None = None) -> dict[str, Any]:
        """The columns of ``to_frame``."""
        scorer, steps = self.scorer, self.steps
        columns: dict[str, Any] = {
            "model": [name for name in self for _ in steps],
            "k": np.tile(steps, len(self)),
            "n": np.tile(scorer.n.sum(axis=0).astype(np.intp), len(self)),
            **{key: scorer.pooled(key).ravel() for key in scorer.readings},
        }
        if not self._results or self._is_symbolic:
            return columns
        results = list(self._results.values())
        columns["rmse_low"], columns["rmse_high"] = _joined([result.confidence_interval("rmse") for result in results])
        if self.baselines:
            columns["skill_low"], columns["skill_high"] = _joined(
                [result.confidence_interval("skill") for result in results]
            )
        if level is not None:
            columns["coverage"], columns["width"] = _joined([result._held(level) for result in results])
            columns["method"] = [result._method for result in results for _ in steps]
        return columns

    def _repr_html_(self) -> str:
        return str(made("notebook", self))

    def __repr__(self) -> str:
        return self.table()

    def report(self, path: str | os.PathLike[str], language: str = "en") -> str:
        """Write the comparison as one HTML page that needs nothing else, to be mailed; the sentence at its head comes
        back.

        Parameters
        ----------
        path : of the file. language : "en" or "zh".

        Raises
        ------
        OutputError : the file cannot be written; what stood there is untouched.

        >>> import stepahead as sa
        >>> result = sa.evaluate([sa.AR(lags=4)], sa.datasets.nile(), horizon=4)
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     headline = result.report(pathlib.Path(folder) / "report.html")
        >>> headline == result.answer.headline
        True
        """
        return str(made("page", self, path, language))

    def plot(self, ax: Axes | None = None, language: str = "en", size: tuple[float, float] | None = None) -> Figure:
        """The answer as a matplotlib Figure: the error by step, the best baseline at each step as a grey area.

        The line of the model that the answer speaks of is thick where its gain is clear. Below stand which row to use
        at which steps, and the states of each model; of more than four models the first three are drawn, and those
        to be used.

        >>> import stepahead as sa
        >>> result = sa.evaluate([sa.AR(lags=4)], sa.datasets.nile(), horizon=4)
        >>> result.plot().axes[0].get_title(loc="left")
        'typical error (RMSE, 10⁸ m³)'

        Parameters
        ----------
        ax : draw the chart alone into these axes. language : "en" or "zh". size : (width, height) in inches.
        """
        found: Figure = made("plot", self, ax, language, size)
        return found


def _joined(pairs: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
    """Two readings of several models, one model behind the other."""
    first, second = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return first, second


def no_rows() -> InputError:
    """The error for what only forecasts can tell, where none was kept and none can be made."""
    return InputError(
        "this is read of forecasts row by row, and only scores were kept, of data that cannot be read "
        "again or whose forecasts "
        'do not fit in memory: read by_step() and by_series(), or evaluate with keep="forecasts"',
        code="no-rows",
    )


def require_some(parts: Sequence[Comparison]) -> Comparison:
    """All parts as one; an InputError where not one series has rows."""
    if not any(part._scores is not None and part._scores.series for part in parts):
        raise none_left({name: why for part in parts for name, why in part.failed.items()})
    return Comparison._joined(parts)


def none_left(failed: Mapping[str, str]) -> InputError:
    """The error where not one series can be scored, {name: why}."""
    name, why = next(iter(failed.items()), ("", "there is none"))
    return InputError(f"none of {len(failed)} series can be scored; {shown(name)}: {why}", code="panel", found=0)

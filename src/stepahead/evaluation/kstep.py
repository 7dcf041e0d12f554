"""The one result: forecasts by origin and step, and every reading by step as a view of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ..distribution_rows import Distribution, columns_of, described, level_told, taken
from ..errors import InputError, ParameterError, note, shown
from ..numerics import conformal
from ..numerics.prewhitened import Moments
from ..parameters import one_of, refuse, whole
from ..protocols import Array, Forecaster, Index, has_distribution
from ..seasons import Seasons
from ..series import Series, names_of
from ..text import as_frame, as_html, as_text, decimals, printable, typed
from ..walk import name_of
from ..windows import as_rows
from . import probabilities, trust
from .fits import Fits, phrase
from .intervals import mean_interval, saving_interval
from .losses import LossRows
from .makers import made
from .reference import saving
from .rows import common_rows, mean_change
from .unseen import known_before

if TYPE_CHECKING:
    from .makers import Axes, Figure

Rowwise: TypeAlias = slice | Index
EVERY = slice(None)
READINGS = ("rmse", "mse", "mae", "bias", "mase", "crps", "skill", "coverage", "zero_one", "log_loss")


@dataclass(frozen=True, eq=False, repr=False)
class KStep(LossRows):
    """Forecasts of one model from many origins, k = 1 .. H steps ahead, beside what happened.

    All readings are over the held-out origins (those at or after `start`); ``.training`` is the
    same object over the others. The two are never pooled. Every step is read at the same origins.

    Attributes
    ----------
    model : the fitted model; where each series has its own, that of the first.
    start : where scoring begins, the number of values before it, of each series: a tuple.
    fits : what is known of the fit, a `Fits`: how it was made, and what it has seen.
    predictions : [rows, steps], in the unit of the series; of symbols the codes.
    origins, part : [rows] the origin, and which series it belongs to.
    steps : [steps] the steps kept, 1 .. horizon unless some were named.
    actuals, times : [rows, steps] what happened, and when.
    notes : what there is to know about the data and the fit.

    >>> import stepahead as sa
    >>> run = sa.k_step(sa.AR(lags=4).fit(sa.datasets.nile()[:60]), sa.datasets.nile(), horizon=4)
    >>> run.predictions.shape, run.origins[[0, -1]].tolist()
    ((37, 4), [60, 96])
    >>> run
    37 held-out origins, 60 to 96; fitted once on the first 60 values
    AR(4)      k=1    k=4
    rmse     113.9  130.5
    mae       93.5  105.4
    bias      19.0   48.1
    skill  -1.9e-2    0.1
    n           37     37
    """

    _models: tuple[Forecaster, ...]
    _panel: tuple[Series, ...]
    start: tuple[int, ...]
    part: Index
    origins: Index
    steps: Index
    _horizon: int
    predictions: Array
    notes: tuple[str, ...] = ()
    _rest: KStep | None = None
    fits: Fits = Fits("other")  # noqa: RUF009  # a value
    _reference: Callable[[KStep], Mapping[str, KStep]] | None = None
    _loss_of_table: str | None = None
    _seasons: Seasons = field(default_factory=Seasons)
    """Those of the training part, which the baselines know."""
    _distribution: Distribution | None = None
    """[rows, steps] the distributions that the forecasts came with, where they did."""

    # -- what is derived, never stored ----------------------------------------------------------------------------

    @property
    def training(self) -> KStep:
        """The same readings over the origins inside the training part.

        >>> import stepahead as sa
        >>> run = sa.k_step(sa.AR(lags=4).fit(sa.datasets.nile()[:60]), sa.datasets.nile(), horizon=4)
        >>> run.training.origins[[0, -1]].tolist()
        [4, 59]
        """
        if self._rest is None:
            raise InputError("these are the training origins already", code="training")
        return self._rest

    @cached_property
    def _baselines(self) -> Mapping[str, KStep]:
        """The reference set: the baselines at the same origins, {name: KStep}.
        Out of a table they are those of the table.
        """
        return {} if self._reference is None else self._reference(self)

    @cached_property
    def _shared(self) -> tuple[KStep, dict[str, KStep]]:
        """The result and its baselines at the rows that all of them have: at its own,
        save the first of the training part.
        """
        every = (self, *self._baselines.values())
        own, *others = (one._at(keep) for one, keep in zip(every, common_rows(every), strict=True))
        return own, dict(zip(self._baselines, others, strict=True))

    def _reading(self, name: str, scaled: bool = True) -> Array:
        self._numbers_only(name)
        return np.asarray(self._scorer.pooled(name, scaled)[0])

    # -- readings by step -----------------------------------------------------------------------------------------

    def n(self) -> Index:
        """[steps]: how many forecasts count at each step: those whose target was observed.

        >>> import stepahead as sa
        >>> run = sa.k_step(sa.AR(lags=4).fit(sa.datasets.nile()[:60]), sa.datasets.nile(), horizon=4)
        >>> run.n()
        array([37, 37, 37, 37])
        """
        return np.asarray(self._scorer.n.sum(axis=0), dtype=np.intp)

    def rmse(self, scaled: bool = True) -> Array:
        """[steps]: root mean squared error, in the unit of the series.

        Of several series the errors of each are in units of its own scale: the root of the smaller of the variance and
        the mean squared step of its training part. ``scaled=False`` pools them in the unit of the values: the largest
        decides.

        >>> import stepahead as sa
        >>> run = sa.k_step(sa.AR(lags=4).fit(sa.datasets.nile()[:60]), sa.datasets.nile(), horizon=4)
        >>> run.rmse().round(1)
        array([113.9, 120. , 122.5, 130.5])
        """
        return self._reading("rmse", scaled)

    def mae(self, scaled: bool = True) -> Array:
        """[steps]: mean absolute error, in the unit of the series; of several series see ``rmse``.

        >>> import stepahead as sa
        >>> run = sa.k_step(sa.AR(lags=4).fit(sa.datasets.nile()[:60]), sa.datasets.nile(), horizon=4)
        >>> run.mae().round(1)
        array([ 93.5,  91.8,  98.1, 105.4])
        """
        return self._reading("mae", scaled)

    def crps(self) -> Array:
        """[steps]: mean continuous ranked probability score of the model's distribution; units as in ``rmse``.

        Of forecasts that came with a distribution it is that of theirs; of quantiles "CRPS, from 9 quantiles": see
        ``Quantiles.crps``.

        >>> import stepahead as sa
        >>> run = sa.k_step(sa.AR(lags=4).fit(sa.datasets.nile()[:60]), sa.datasets.nile(), horizon=4)
        >>> run.crps().round(1)
        array([66.6, 70. , 72.2, 76.4])
        """
        self._numbers_only("crps")
        return self._average(self._loss_blocks("crps"), 1)

    def bias(self, scaled: bool = True) -> Array:
        """[steps]: mean of forecast minus actual: above 0 the forecasts are too high; units as in ``rmse``.

        >>> import stepahead as sa
        >>> run = sa.k_step(sa.AR(lags=4).fit(sa.datasets.nile()[:60]), sa.datasets.nile(), horizon=4)
        >>> run.bias().round(1)
        array([19. , 29. , 40.4, 48.1])
        """
        return self._reading("bias", scaled)

    def zero_one(self) -> Array:
        """[steps]: the share of symbols that were not the forecast one.

        >>> import stepahead as sa
        >>> sky = sa.k_step(sa.MarkovChain().fit(list("sssrrs" * 9)), list("sssrrs" * 12), horizon=3)
        >>> sky.zero_one()
        array([0.3125, 0.375 , 0.375 ])
        """
        self._check_loss("zero-one")
        return np.asarray(self._scorer.pooled("zero_one")[0])

    def log_loss(self) -> Array:
        """[steps]: mean of minus log probability of what happened, in nats; infinite where it had probability 0.

        >>> import stepahead as sa
        >>> sky = sa.k_step(sa.MarkovChain().fit(list("sssrrs" * 9)), list("sssrrs" * 12), horizon=3)
        >>> sky.log_loss().round(2)
        array([0.6 , 0.69, 0.67])
        """
        return self._average(self._loss_blocks("log"), 0)

    def mase(self, season: int = 1) -> Array:
        """[steps]: mean absolute error in units of what repeating the value one `season` (a number of steps) ago missed
        on the training part.

        Null (NaN), with a note, where the training part never changes. Source: Hyndman & Koehler (2006).

        >>> import stepahead as sa
        >>> run = sa.k_step(sa.AR(lags=4).fit(sa.datasets.nile()[:60]), sa.datasets.nile(), horizon=4)
        >>> run.mase().round(2)
        array([0.63, 0.62, 0.66, 0.71])
        """
        self._numbers_only("mase")
        whole("season", season)
        scales = [mean_change(series, length, season) for series, length in zip(self._panel, self.start, strict=True)]
        if not all(scale > 0.0 for scale in scales):
            note("mase is null where the training part never changes (or is unknown): there is no scale to divide by")
        return self._average(
            ((rows, np.abs(error) / scales[i]) for i, rows, error in self._errors() if scales[i] > 0.0), 0
        )

    def skill(self, reference: str = "best") -> Array:
        """[steps]: 1 - loss / loss of the best baseline in the same cells: above 0 the model is better, 1 is perfect.

        The loss is the squared error; of symbols the log loss. The baselines are those of the table that this comes
        from; of a result by itself those that a table of it would have.

        Parameters
        ----------
        reference : "best" (at each step the best of the baselines), or the name of one.

        Null (NaN), with a note, where the baseline makes no error at all, or there is nothing to compare.

        >>> import stepahead as sa
        >>> run = sa.k_step(sa.AR(lags=4).fit(sa.datasets.nile()[:60]), sa.datasets.nile(), horizon=4)
        >>> run.skill().round(2)
        array([-0.02,  0.02,  0.06,  0.06])
        """
        one_of("reference", reference, ("best", *self._baselines))
        if not self._baselines:
            raise InputError("there is no baseline to be better than: use evaluate or compare", code="no-reference")
        own, baselines = self._shared
        chosen = list(baselines.values()) if reference == "best" else [baselines[reference]]
        loss, *others = (one._scorer.pooled_loss(self._loss)[0][0] for one in (own, *chosen))
        found = saving(loss, np.array(others))
        if np.isnan(found).any():
            note("skill is null where the best baseline makes no error at all, or no target was observed")
        return found

    # -- how far to trust them ------------------------------------------------------------------------------------

    @property
    def _loss(self) -> str:
        """The loss that is compared: squared; of symbols the log loss,
        or where one has no distribution the zero-one loss.
        """
        if self._loss_of_table is not None:
            return self._loss_of_table
        every = (self.model, *(found.model for found in self._baselines.values()))
        if not self._is_symbolic:
            return "squared"
        return "log" if all(has_distribution(model) for model in every) else "zero-one"

    @cached_property
    def _moments(self) -> Moments:
        """The losses of the model and of the baselines, averaged at each step,
        with what their variances are made of.
        """
        own, baselines = self._shared
        return trust.moments(own, [found._loss_columns(self._loss) for found in (own, *baselines.values())])

    def confidence_interval(
        self, reading: str = "rmse", level: float = 0.95, reference: str = "best"
    ) -> tuple[Array, Array]:
        """(lowest, highest), each [steps]: the values of a reading that the data do not refute at each step alone.

        The errors of origins in a row overlap; the variance allows for it (Lazarus, Lewis, Stock & Watson 2018), and
        the skill has a Fieller interval. Where the series remembers longer than a twentieth of the rows, both are
        somewhat too narrow.

        Parameters
        ----------
        reading : "rmse" or "skill". level : between 0 and 1. reference : of the skill, as in ``skill``; over "best" an
            end is that over whichever baseline leaves less.

        >>> import stepahead as sa
        >>> run = sa.k_step(sa.AR(lags=4).fit(sa.datasets.nile()[:60]), sa.datasets.nile(), horizon=4)
        >>> low, high = run.confidence_interval("rmse")
        >>> low.round(), high.round()
        (array([73., 82., 85., 72.]), array([144., 148., 151., 170.]))
        """
        one_of("reading", reading, ("rmse", "skill"))
        trust.check_level(level)
        found, names = self._moments, list(self._baselines)
        if reading == "rmse":
            self._numbers_only("confidence interval")
            with np.errstate(over="ignore"):
                low, high = np.ldexp(
                    np.sqrt(mean_interval(found, 0, level)), int(self._unit[0]) if len(self._panel) == 1 else 0
                )
            return low, high
        one_of("reference", reference, ("best", *names))
        chosen = names if reference == "best" else [reference]
        places = 1 + np.array([names.index(name) for name in chosen])
        low, high = (np.fmin.reduce(ends) for ends in saving_interval(found, 0, places, level))
        return low, high

    def prediction_intervals(self, level: float = 0.9, method: str | None = None) -> tuple[Array, Array]:
        """(low, high), each [rows, steps]: around each forecast, to hold a share `level` of what happens at each step.

        Parameters
        ----------
        level : between 0 and 1.
        method : "conformal": from the model's earlier errors at that step; after a miss the intervals widen, after a
            hit they narrow, as soon as the target is known and not before: the error of step k is available k steps
            later. They start from the errors of a copy of the model that is fitted on the first three quarters of the
            training part, on its last quarter (more of it where the horizon is long); of a model that was not fitted
            here from its own errors before them. For every model; symmetric.
            "model": the distribution that the forecasts came with, else the model's own. Of quantiles only the levels
            that were given. By default "model" where the forecasts came with a distribution, else "conformal".

        n errors hold at most a level of n / (n + 1): while there are fewer than that the ends are infinite, which is
        noted. An interval is never narrower than at a smaller one of the steps kept.

        Source: Gibbs & Candes (2021), with the delay that many steps ahead ask for.

        >>> import stepahead as sa
        >>> series = sa.datasets.noisy_sine(seed=0)
        >>> result = sa.k_step(sa.AR(lags=64).fit(series[:604]), series, horizon=64)
        >>> low, high = result.prediction_intervals(level=0.9)
        >>> inside = (low <= result.actuals) & (result.actuals <= high)
        >>> inside.mean(axis=0)[[0, 3, 15, 63]].round(2)
        array([0.91, 0.91, 0.92, 0.94])
        """
        self._numbers_only("prediction intervals")
        trust.check_level(level)
        method = self._method if method is None else method
        one_of("method", method, ("conformal", "model"))
        if method == "model":
            low, high = np.empty(self.predictions.shape), np.empty(self.predictions.shape)
            for rows, *ends in probabilities.central(self, level):
                low[rows], high[rows] = ends
            return low, high
        if self._rest is None:
            raise InputError(
                "conformal intervals start from the errors at the training origins, and these are the training origins "
                'themselves: use method="model" here',
                code="training",
            )
        half = np.empty(self.predictions.shape)
        sizes, before = self.losses("absolute"), self._before
        for index, rows in self._groups():
            start = before.get(index, np.empty((0, len(self.steps))))
            half[rows] = conformal.half_widths(start, self.origins[rows], self.steps, sizes[rows], level)
        open_rows = int(np.isinf(half[:, -1]).sum())
        if open_rows:
            note(
                f"the intervals of {name_of(self.model)} at level={level:g} are infinite in "
                f"{open_rows} of {len(half)} rows "
                f"at step {self.steps[-1]}, while fewer than {conformal.fewest_errors(level)} "
                "errors are known there: n of "
                "them hold at most n / (n + 1)"
            )
        return conformal.around(self.predictions, half)

    @property
    def _method(self) -> str:
        """How intervals are made where nobody says it."""
        return "conformal" if self._distribution is None else "model"

    def _method_at(self, level: float) -> str:
        """The same, where quantiles may lack the ends of such an interval."""
        known = self._distribution is not None and level_told(self._distribution, level) == level
        return "model" if known else "conformal"

    @cached_property
    def _before(self) -> dict[int, Array]:
        return known_before(self)

    def coverage(self, level: float = 0.9, method: str | None = None) -> Array:
        """[steps]: the share of what happened that lies in its interval. See ``diagnostics.coverage_band``.

        An infinite interval holds everything: some are infinite where ``diagnostics.interval_width`` is.

        >>> import stepahead as sa
        >>> run = sa.k_step(sa.AR(lags=4).fit(sa.datasets.nile()[:60]), sa.datasets.nile(), horizon=4)
        >>> run.coverage(0.5).round(2)
        array([0.59, 0.62, 0.59, 0.57])
        """
        return self._held(level, method)[0]

    def _held(
        self, level: float = 0.9, method: str | None = None, ends: tuple[Array, Array] | None = None
    ) -> tuple[Array, Array]:
        """(coverage, width), each [steps], of the same intervals, or of the `ends` of some that are there already."""
        (low, high), every = self.prediction_intervals(level, method) if ends is None else ends, slice(None)
        return self._average(iter([(every, self._holds(low, high))]), 0), self._average(iter([(every, high - low)]), 1)

    def _holds(self, low: Array, high: Array) -> Array:
        """[rows, steps] coverage of each value: 1 where it lies in its interval, 0 where not, NaN where unknown."""
        actual = self.actuals
        return np.where(np.isnan(actual) | np.isnan(low), np.nan, (actual >= low) & (actual <= high))

    def _at_step(self, k: int) -> KStep:
        """The same result with step k alone."""
        whole("k", k)
        if k not in self.steps:
            raise refuse(
                "k", k, f"one of the steps kept: {', '.join(map(str, self.steps[:6]))}{' ...' * (len(self.steps) > 6)}"
            )
        return self._take(columns=np.flatnonzero(self.steps == k))

    def _take(self, rows: Rowwise = EVERY, columns: Rowwise = EVERY, rest: Rowwise = EVERY) -> KStep:
        """The same result over some of its rows and steps; `rest` says which of the training rows."""
        return replace(
            self,
            part=self.part[rows],
            origins=self.origins[rows],
            steps=self.steps[columns],
            predictions=self.predictions[rows][:, columns],
            _distribution=None if self._distribution is None else taken(self._distribution, rows, columns),
            _rest=None if self._rest is None else self._rest._take(rest, columns),
            _reference=lambda own: {
                name: found._take(columns=columns)._at(common_rows((found, own))[0])
                for name, found in self._baselines.items()
            },
        )

    def _at(self, places: Index) -> KStep:
        """The same result over some of its rows; itself over all of them, with what was read of it."""
        return self if len(places) == len(self.origins) else self._take(as_rows(places))

    # -- showing --------------------------------------------------------------------------------------------------

    def _readings(self) -> dict[str, Array]:
        """Every reading by step that this model and series have, by name."""
        if self._is_symbolic:
            found = {"zero_one": self.zero_one()}
            return found | ({"log_loss": self.log_loss()} if has_distribution(self.model) else {})
        skill = {"skill": self.skill()} if self._baselines else {}
        return {"rmse": self.rmse(), "mae": self.mae(), "bias": self.bias(), **skill}

    def to_frame(self, what: str = "steps") -> Any:
        """A data frame of the caller's own kind: a row a step ("steps"), or a row a forecast ("predictions").

        That of the forecasts is in the form of Nixtla's `cross_validation`, which utilsforecast evaluates and
        ``from_forecasts`` reads: `ds` is the time of a target and `cutoff` that of the last known value, their indices
        where the series has no times. Quantiles stand beside the forecast, as `M-lo-90`, `M-hi-90`, `M-median` or
        `M_ql0.3`; of another distribution the ends at 90 %.

        >>> import stepahead as sa
        >>> run = sa.k_step(sa.AR(lags=4).fit(sa.datasets.nile()[:60]), sa.datasets.nile(), horizon=4)
        >>> list(run.to_frame("predictions").columns)
        ['unique_id', 'ds', 'cutoff', 'y', 'AR(4)']
        """
        one_of("what", what, ("steps", "predictions"))
        kind = self._panel[0].frame
        if what == "steps":
            known = [] if self._is_symbolic else ["rmse", *(["skill"] if self._baselines else [])]
            ends = {reading: self.confidence_interval(reading) for reading in known}
            sides = {
                f"{name}_{side}": end
                for name, both in ends.items()
                for side, end in zip(("low", "high"), both, strict=True)
            }
            return as_frame({"k": self.steps, "n": self.n(), **self._readings(), **sides}, kind)
        return self._as_forecasts({name_of(self.model): self})

    def _as_forecasts(self, results: Mapping[str, KStep]) -> Any:
        """A frame with a row a forecast, and the forecasts of some results over the same rows, by name."""
        width = len(self.steps)
        names = np.array(names_of(self._panel), dtype=object)
        columns: dict[str, Any] = {
            "unique_id": np.repeat(names[self.part], width),
            "ds": self.times.ravel(),
            "cutoff": np.repeat(self._cutoffs, width),
            "y": self._labels(self.actuals),
        }
        for name, result in results.items():
            own = {} if result._distribution is None else columns_of(result._distribution, name)
            added: dict[str, Any] = {name: result._labels(result.predictions)}
            added |= {column: np.ascontiguousarray(values).ravel() for column, values in own.items()}
            if twice := columns.keys() & added.keys():
                raise ParameterError(
                    f"the frame would have two columns called {shown(min(twice))}, one of them of the model "
                    f"{shown(name)}: give the model another name, {{name: model}}",
                    code="parameter",
                    name="models",
                )
            columns |= added
        # Read again, times that came with a zone have to have one.
        dated = columns["ds"].dtype.kind == "M"
        zone = self._panel[0].zone if dated else None
        return as_frame(columns, self._panel[0].frame, {"ds": zone, "cutoff": zone} if dated else None)

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        places = self._shown_steps()
        head = [name_of(self.model), *[f"k={self.steps[p]}" for p in places]]
        readings = self._readings()
        digits = decimals(float(readings[key][p]) for key in ("rmse", "mae") if key in readings for p in places)
        rows = [[key, *[typed(float(values[p]), digits) for p in places]] for key, values in readings.items()]
        rows += [[key, *[typed(float(values[p]), digits) for p in places]] for key, values in self._of_its_own()]
        return head, [*rows, ["n", *[str(self.n()[p]) for p in places]]]

    def _of_its_own(self) -> list[tuple[str, Array]]:
        """What the distribution that the forecasts came with is worth, each reading with what it was made of."""
        if self._distribution is None:
            return []
        level, (kind, count), found = level_told(self._distribution), described(self._distribution), []
        of = f", from {count} {kind}" * (count > 1)
        if level is not None:
            found.append((f"inside {100.0 * level:g}%{of}", self.coverage(level, "model")))
        try:
            found.append((f"crps{of}", self.crps()))
        except InputError:  # too few quantiles for one: its error says so to whoever asks
            pass
        return found

    def _caption(self) -> str:
        """Which origins count, and what is known of the fit, in one line."""
        return f"{self._counted()}; {phrase(self.fits)}"

    def _repr_html_(self) -> str:
        return as_html(self._caption(), *self._cells(), notes=self.notes)

    def __repr__(self) -> str:
        head, rows = self._cells()
        return self._caption() + "\n" + as_text([printable(head[0]), *head[1:]], rows)

    def plot(self, ax: Axes | None = None, language: str = "en", size: tuple[float, float] | None = None) -> Figure:
        """The error by step as a matplotlib Figure, the best baseline at each step as a grey area.

        How far one of several models can be trusted is a question to all of them together: see ``Comparison.plot``.

        >>> import stepahead as sa
        >>> run = sa.k_step(sa.AR(lags=4).fit(sa.datasets.nile()[:60]), sa.datasets.nile(), horizon=4)
        >>> len(run.plot().axes)
        1

        Parameters
        ----------
        ax : draw into these axes. language : "en" or "zh". size : (width, height) in inches.
        """
        found: Figure = made("plot", self, ax, language, size)
        return found

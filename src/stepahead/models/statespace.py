"""Linear Gaussian state space models (structural time series): level, trend, season and cycles, chosen by BIC."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..distributions import Normal
from ..draws import normals
from ..errors import FitError
from ..numerics import kalman, linear, structural
from ..numerics.structural import Structure, kind, parameter_names, season_of
from ..parameters import as_tuple, is_auto, one_of, real, refuse, whole
from ..protocols import Array, Index, Roll, State
from ..seasons import Seasons, resolve
from ..series import Series, as_panel, in_fixed_order
from ..storage import register
from ..walk import row_by_row
from ..windows import runs
from .model import Model, Shapes

WIDE = 4.0
"""Variance of the initial state, in units of the variance of the training part: a standard deviation of two."""
SHORTEST = 0.8
"""Fewest periods of a cycle in the training part: with less of one the cycle is undetermined."""
FADED = 0.05
"""Least share of a cycle left after the training part: below it the cycle is a short memory, and its period means
nothing.
"""
LARGE = 1e300
TINY = float(np.finfo(np.float64).tiny)
RANGES = {
    "frequency": (TINY, np.pi),
    "damping": (TINY, 1.0),
    "memory": (-1.0, 1.0),
    "shock": (0.0, np.finfo(np.float64).max),
}
LOCAL_LEVELS = ("none", "fixed", "damped", "walk", "drift", "damped_trend", "trend")
# The levels that BIC chooses from, by the number of cycles beside them.
SEARCH = (
    ("fixed", "damped", "walk", "drift", "damped_trend", "trend"),
    ("none", "damped", "walk", "drift"),
    ("none", "damped"),
    ("none",),
)


@register
class StateSpace(Model):
    """Structural time series model in state space form, by Kalman filter: x_t = level + season + cycles + e_t.

    By default it finds the cycle of ``datasets.noisy_sine`` and reaches the noise floor at every step: RMSE 0.201 at 64
    steps where the noise is 0.2. On series without a cycle, 20 of each, it was as good as an autoregression of the true
    order (AR(2)), and no worse than ``AR("auto")`` (random walks, white noise). It tells a trend from a wave: on random
    walks with a drift of 0.3 or more a step, 20 of each, it was as good as the baseline ``Drift`` at 16 steps, and on a
    noisy sawtooth with a period of 50 within 5 % of the noise.

    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> model = StateSpace().fit(series[:604])
    >>> model.structure_, [round(period) for period, damping in model.cycles_]
    ('cycle', [634])
    >>> sa.k_step(model, series, horizon=64).rmse()[[0, 63]].round(3)
    array([0.185, 0.191])

    Parameters
    ----------
    cycles : number of stochastic cycles. "auto" takes the structure with the lowest BIC: up to three cycles, with one
        of the levels below, or no cycle at all.
    local_level : "none" (the mean of the training part stays), "fixed" (one unknown level), "damped" (an autoregression
        of order one around the mean), "walk" (a random walk), "drift" (a random walk with a constant slope),
        "damped_trend" (a random walk with a slope that dies out), "trend" (one with a random slope). "auto" leaves it
        to BIC where `cycles` is "auto" or 0, and is "none" beside a given number of cycles.
    season : a period in steps, at least 2, or several, shortest first; None for no season. "auto" takes those that
        ``seasons.find_seasons`` finds in the training part. A season is a sum of harmonics that may change slowly, as
        many as AICc asks for and at most 30. With ``cycles="auto"``, or where it was found, it stays only if that
        lowers the BIC.

    Attributes
    ----------
    structure_ : the blocks in use, ``"cycle walk"``.
    cycles_ : [(period in steps, damping)] of each cycle. A damping of 1 is an undamped cycle.
    seasons_ : [(period in steps, harmonics)] of each season.
    noise_ : the variance of the noise, in the squared unit of the series; infinite, or 0, where it overflows or
        underflows.
    variances_ : {"noise": .., block: variance of its shocks}, in the same unit.
    mean_, scale_ : mean and standard deviation of the training part; the filter works on standardised values.
    share_ : the variance of the noise in units of scale_ squared.

    Missing values are skipped, in forecasts and in the fit: a prediction step without an update. Only the search among
    structures interpolates linearly across the gaps; what it finds, and every structure of one block, is then fitted
    and compared over the gaps as they are.

    Below one period of training data a cycle is undetermined: at 0.7 of a period one seed in twenty had an error of 0.6
    where the noise was 0.2. So a wave with a period longer than the longest series is left out, unless its BIC is lower
    by 10 than that of the best level or trend; either way a note says so. A period is at most three times the longest
    series. A damped level needs a BIC lower by 2 than that of a random walk.

    A fit takes seconds, most of them for the search among structures, and twice as long where a season was found: 2 at
    600 values, 4 with a season of 50, more with gaps. With `cycles` and `local_level` given it takes half a second, and
    1 to 3 seconds with all 26 harmonics of a season of 52. Filter and forecasts agree to 1e-12 whatever the number of
    threads; the result of a search may differ in the seventh digit.

    Raises
    ------
    InputError : fewer values than the simplest state needs, or than a season and one more.

    Sources: Harvey, "Forecasting, Structural Time Series Models and the Kalman Filter" (1989) for the blocks; Gardner &
    McKenzie, "Forecasting trends in time series" (1985) for the damped trend; starting
    values by ESPRIT; the likelihood is from the innovations form (de Jong 1991). A fit takes a cycle's initial state to
    be drawn from its stationary distribution, as Harvey does, and all others to be diffuse.
    """

    _learned = ("structure_", "parameters_", "share_", "mean_", "scale_")
    _any_size = True
    _costs = {
        "encode": lambda m, rows: rows * (m.context * (m.context + 1) + 3),
        "predictive": lambda m, rows, steps: rows * 6 * steps,
        "paths": lambda m, rows, steps, n: n * (steps * (rows + 1 + m.context) + m.context),
    }
    structure_: str
    parameters_: Array
    share_: float
    mean_: float
    scale_: float

    def __init__(
        self,
        cycles: int | str = "auto",
        local_level: str = "auto",
        season: int | Sequence[int] | str | None = "auto",
    ) -> None:
        self.cycles = cycles
        self.local_level = local_level
        self.season = season

    def _check(self) -> None:
        if self.cycles != "auto":
            self.cycles = whole("cycles", self.cycles, 0, 8, also=', or "auto"')
        one_of("local_level", self.local_level, ("auto", *LOCAL_LEVELS))
        if not is_auto(self.season):
            periods = resolve(self.season, None).periods
            self.season = None if not periods else periods[0] if len(periods) == 1 else list(periods)
        if not all(self._structures()) and not self._periods:
            raise refuse(
                "local_level", self.local_level, "something to model: it is none, and there are no cycles and no season"
            )

    @property
    def name(self) -> str:
        """The cycles, and level and season where they were given: ``StateSpace(auto)``, ``StateSpace(0, walk, 12)``."""
        given = [str(self.cycles), *([] if self.local_level == "auto" else [self.local_level])]
        if not is_auto(self.season):
            given.append("no season" if self.season is None else str(self.season))
        return f"StateSpace({', '.join(given)})"

    @property
    def _periods(self) -> tuple[int, ...]:
        """The periods of the seasons that were given."""
        return () if is_auto(self.season) else resolve(self.season, None).periods

    def for_seasons(self, seasons: Seasons) -> StateSpace:
        """A copy with these seasons in place of ``season="auto"``; the model itself if a season was set, or if none was
        found.

        >>> from stepahead.seasons import Seasons
        >>> StateSpace().for_seasons(Seasons((12,), "given")), StateSpace(season=None).for_seasons(Seasons((12,)))
        (StateSpace(season=12), StateSpace(season=None))
        """
        if not is_auto(self.season) or (not seasons.periods and seasons.source != "given"):
            return self
        periods = seasons.periods
        other = self.clone()
        other.season = None if not periods else periods[0] if len(periods) == 1 else list(periods)
        return other

    def _structures(self) -> list[Structure]:
        """What is tried, simple ones first, without a season."""
        counts = range(len(SEARCH)) if self.cycles == "auto" else (int(self.cycles),)
        out: list[Structure] = []
        for count in counts:
            local_levels: Sequence[str] = (self.local_level,)
            if self.local_level == "auto":
                local_levels = SEARCH[count] if self.cycles == "auto" or not count else ("none",)
            out += [
                ("cycle",) * count + (() if local_level == "none" else (local_level,)) for local_level in local_levels
            ]
        return [structure for structure in out if structure] if self.cycles == "auto" else out

    # -- fitting ------------------------------------------------------------------------------------------------

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        """The same parameters for all series, each with an initial state of its own."""
        parts = in_fixed_order(panel)
        every = [run for part in parts for run in runs(part.numbers)]
        count, possible = sum(len(run) for run in every), self._structures()
        periods = resolve(self.season, panel).periods
        simplest = min(self._unknown(structure) for structure in possible)
        self._require(panel, max([simplest + 1, *(period + 1 for period in periods)]))
        possible = [s for s in possible if 2 * self._unknown(s) <= count or self._unknown(s) == simplest]
        self.mean_ = linear.mean_of(every)
        scaled, exponent = linear.standardised(every, self.mean_)
        largest = max(possible, key=self._unknown)
        seasonal = sum(2 * len(structural.harmonics(period)) for period in periods)
        each = 4 * (structural.states(largest) + seasonal + len(parts)) + 2 * self._unknown(largest) + 16
        self._afford(
            sum(len(part) for part in parts), each, "fitting", "Take a smaller train=, or name cycles= and local_level="
        )
        spread = float(np.ldexp(np.sqrt(sum(float(run @ run) for run in scaled) / count), exponent))
        self.scale_ = spread or abs(self.mean_) or 1.0
        parts_scaled = [self._trimmed(self._scaled(part.numbers)) for part in parts]
        fit = structural.fit(
            possible,
            [values for values in parts_scaled if len(values)],
            periods,
            always=self.cycles != "auto" and not is_auto(self.season),
        )
        self._learn(fit.structure, fit.parameters, fit.noise)
        if not self._is_sound():
            raise FitError(f"{self.name}: the fit has no finite parameters; scale the series", code="diverged")
        longest = max(len(part) for part in panel)
        for period, damping in self.cycles_:
            if longest < SHORTEST * period and damping**longest > FADED:
                text = f"a fitted cycle has a period of {period:.0f}, more than the {longest} values to fit on"
                self._note(f"{text}: forecasts far ahead are not to be relied on")
        if fit.left_out:
            text = f"a wave of period {fit.left_out:.0f}, longer than the {longest} values, was left out"
            self._note(f"{text}: {self.structure_} explains as much")
        return self._size

    def _unknown(self, structure: Structure) -> int:
        """How many parameters a structure has, initial states and the noise among them."""
        return structural.states(structure) + len(parameter_names(structure)) + 1

    @staticmethod
    def _trimmed(values: Array) -> Array:
        """Without what is missing at the ends."""
        seen = np.flatnonzero(~np.isnan(values))
        return values[seen[0] : seen[-1] + 1] if len(seen) else values[:0]

    def _learn(self, structure: Structure, parameters: Array, share: float) -> None:
        self.structure_ = " ".join(structure)
        self.parameters_ = parameters
        self.parameters_.flags.writeable = False
        self.share_ = share

    def _is_sound(self) -> bool:
        """Whether the filter of what was learned can be used: a fit may diverge, and a file may claim anything."""
        if not (np.isfinite(self.parameters_).all() and 0.0 < self.share_ < np.inf):
            return False
        with np.errstate(all="ignore"):
            try:
                settled = self._system().settled
            except np.linalg.LinAlgError:
                return False
        return bool(
            np.isfinite(settled.closed).all() and np.isfinite(settled.covariance).all() and settled.spread > 0.0
        )

    def _scaled(self, numbers: Array) -> Array:
        """In units of the filter. By halves where the difference of two values would leave the range."""
        if self.scale_ < LARGE:
            return (numbers - self.mean_) / self.scale_
        return (0.5 * numbers - 0.5 * self.mean_) / (0.5 * self.scale_)

    def with_parameters(
        self,
        noise: float,
        cycles: Sequence[tuple[float, float, float]] = (),
        local_level: Any = (),
        season: float | Sequence[float] | None = None,
        mean: float = 0.0,
        scale: float = 1.0,
    ) -> StateSpace:
        """A model with these parameters instead of fitted ones, ready to forecast.

        >>> nile = StateSpace(cycles=0, local_level="walk")
        >>> nile = nile.with_parameters(noise=15099.0, local_level=1469.1, mean=919.0, scale=169.0)
        >>> nile.forecast([1120.0, 1160.0, 963.0, 1210.0], horizon=2).round(0)
        array([1112., 1112.])

        Parameters
        ----------
        noise : variance of the noise, above 0, in the squared unit of the series, as all variances here.
        cycles : (period in steps, damping, variance of the shocks) of each.
        local_level : the variance of a walk or a drift; (variance, variance of the slope) of a trend;
            (memory, variance) of a damped level; (damping of the slope, variance, variance of the slope) of a damped
            trend.
        season : the variance of the season's shocks, or one for each season; all its harmonics are there.
        mean, scale : of the series: the initial state is taken to lie within a few `scale` of the mean.

        Raises
        ------
        ParameterError : the numbers are not those of this model's blocks, or those may be several.
        """
        self._check()
        noise = real("noise", noise, above=0.0)
        waves = [as_tuple("cycles", wave) for wave in as_tuple("cycles", cycles)]
        fits = [structure for structure in self._structures() if structure.count("cycle") == len(waves)]
        if len(fits) > 1:
            named = ", ".join(next((block for block in one if block != "cycle"), "none") for one in fits)
            raise refuse("local_level", self.local_level, f"named where parameters are given: it may be any of {named}")
        blocks = fits[0] if fits else ()
        given, moved = (
            [real(what, value) for value in _numbers(what, values)]
            for what, values in (("local_level", local_level), ("season", () if season is None else season))
        )
        kinds = parameter_names(tuple(block for block in blocks if block != "cycle"))
        odd = len(given) != len(kinds) or any(len(wave) != 3 for wave in waves) or len(moved) != len(self._periods)
        if not fits or odd:
            raise refuse(
                "cycles, local_level, season",
                (cycles, local_level, season),
                f"what {self!r} needs, its level named",
            )
        parameters: list[float] = []
        for period, damping, variance in waves:
            rho = real("cycles", damping, above=0.0)
            if rho > 1.0:
                raise refuse("cycles", damping, "a damping above 0 and at most 1")
            wave = 2.0 * np.pi / real("cycles", period, least=2.0)
            parameters += [wave, rho, real("cycles", variance, least=0.0) / noise]
        for what, value in zip(kinds, given, strict=True):
            if what == "memory" and not -1.0 <= value <= 1.0:
                raise refuse("local_level", local_level, "a memory from -1 to 1, and a variance")
            if what == "damping" and not 0.0 < value <= 1.0:
                raise refuse("local_level", local_level, "a damping above 0 and at most 1, and two variances")
            parameters.append(value if what in ("memory", "damping") else real("local_level", value, least=0.0) / noise)
        parameters += [real("season", value, least=0.0) / noise for value in moved]
        whole_seasons = [
            structural.season(period, len(structural.harmonics(period, self._periods[:place])))
            for place, period in enumerate(self._periods)
        ]
        model = self.clone()
        model.mean_, model.scale_ = real("mean", mean), real("scale", scale, above=0.0)
        model._learn((*blocks, *whole_seasons), np.array(parameters), noise / model.scale_ / model.scale_)
        if not model._is_sound():
            raise refuse(
                "noise", noise, "such that variances in units of it, and it in units of scale squared, are numbers"
            )
        return model._given(model._size)

    # -- what was learned ---------------------------------------------------------------------------------------

    @property
    def _structure(self) -> Structure:
        return tuple(self.structure_.split())

    @property
    def _size(self) -> int:
        return structural.states(self._structure)

    @property
    def cycles_(self) -> list[tuple[float, float]]:
        """(period in steps, damping) of each cycle."""
        count = self._structure.count("cycle")
        return [(2.0 * np.pi / float(w), float(rho)) for w, rho, _ in self.parameters_[: 3 * count].reshape(-1, 3)]

    @property
    def seasons_(self) -> list[tuple[int, int]]:
        """(period, harmonics) of each season in use."""
        return [season_of(block) for block in self._structure if kind(block) == "season"]

    @property
    def noise_(self) -> float:
        """The variance of the noise, in the squared unit of the series."""
        return self.share_ * self.scale_ * self.scale_

    @property
    def variances_(self) -> dict[str, float]:
        """The variance of the noise, and of the shocks of each block, in the squared unit of the series."""
        out, at, waves = {"noise": self.noise_}, 0, 0
        for block in self._structure:
            names = parameter_names((block,))
            shocks = [
                float(q) * self.share_ * self.scale_ * self.scale_
                for n, q in zip(names, self.parameters_[at : at + len(names)], strict=True)
                if n == "shock"
            ]
            at += len(names)
            waves += block == "cycle"
            label = f"cycle {waves}" if block == "cycle" else block
            labels = (f"season {season_of(block)[0]}" if kind(block) == "season" else label, "slope")
            out.update(zip(labels, shocks, strict=False))
        return out

    def _system(self) -> kalman.System:
        """In units of the standard deviation of the training part."""
        return structural.system(self._structure, self.parameters_, self.share_)

    def loglikelihood(self, series: Any) -> float:
        """The exact log likelihood of a series, or of a list of them, with a diffuse initial state.

        >>> flow = [1120.0, 1160.0, 963.0, 1210.0, 1160.0]
        >>> model = StateSpace(cycles=0, local_level="walk").with_parameters(noise=15099.0, local_level=1469.1)
        >>> round(model.loglikelihood(flow), 4)
        -25.959
        """
        panel = as_panel(series)
        parts = [self._scaled(self._opened(part).numbers) for part in panel]
        longest, each = max(map(len, parts)), self._size**2 + 3 * self._size
        self._afford(longest + 1, 2 * each, "the states of", "Take a shorter series, or fewer states")
        seen = sum(int((~np.isnan(values)).sum()) for values in parts)
        # The filter works in units of scale_; a density in the unit of the series is so much less for each value,
        # except those that a diffuse initial state uses up.
        return kalman.loglikelihood(self._system(), parts) - (seen - self._size * len(parts)) * float(
            np.log(self.scale_)
        )

    # -- forecasts ----------------------------------------------------------------------------------------------

    def _encode(self, values: Array, after: State | None) -> State:
        """Predicted state at each origin: means [origins, states] and covariances [origins, states, states]."""
        first = self.context if after is None else 1
        now = (np.zeros(first), WIDE * np.eye(first)) if after is None else (after[0][-1], after[1][-1])
        means, spreads = kalman.filtered(self._system(), self._scaled(values), *now)
        return means[first:], spreads[first:]

    def _plan(self, horizon: int) -> Roll:
        """The state propagated and never updated: one product with [states, horizon]."""
        outwards = np.ascontiguousarray(self._system().outlook(horizon).T)

        def roll(state: State, out: Array | None) -> Array:
            ahead = np.matmul(state[0], outwards, out=out)
            ahead *= self.scale_
            ahead += self.mean_
            return ahead

        return roll

    def _plan_predictive(self, horizon: int) -> Callable[[State], Normal]:
        """Normal, [rows, horizon]: exact for the parameters in use; estimation error is not included."""
        system, roll = self._system(), self.plan(horizon)
        self._afford(
            3 * horizon, len(system.reading) ** 2, f"the variances of {horizon:,} steps of", "Take fewer steps"
        )
        reach, known = system.outlook(horizon), system.variances(horizon)
        pairs = (reach[:, :, None] * reach[:, None, :]).reshape(horizon, -1).T

        def distribution(state: State) -> Normal:
            variance = np.maximum(state[1].reshape(len(state[1]), -1) @ pairs, 0.0) + known
            return Normal(roll(state, None), np.sqrt(variance) * self.scale_)

        return distribution

    def _paths(self, state: State, horizon: int, n: int, seed: int, origins: Index) -> Array:
        """[n, rows, horizon] whole paths: the steps of a path are dependent, since they share one unknown state."""
        system, size, rows = self._system(), self.context, len(state[0])
        shocks = np.sqrt(np.diagonal(system.shock))
        moved = np.flatnonzero(shocks)
        # Of each path: the state it begins in, then a value's noise and the shocks behind it, step by step.
        each = 1 + len(moved)
        ahead = row_by_row(self.plan(horizon), state, horizon)
        out = np.empty((n, rows, horizon))
        for row in range(rows):
            # One row at a time: its bits then do not depend on what is beside it.
            drawn = normals(seed, origins[row : row + 1], n, size + each * horizon)[:, 0]
            sizes, vectors = np.linalg.eigh(state[1][row])
            apart = drawn[:, :size] @ (vectors * np.sqrt(np.maximum(sizes, 0.0))).T
            for k in range(horizon):
                now = drawn[:, size + each * k : size + each * (k + 1)]
                out[:, row, k] = apart @ system.reading + np.sqrt(system.noise) * now[:, 0]
                apart = apart @ system.transition.T
                apart[:, moved] += shocks[moved] * now[:, 1:]
            out[:, row] = ahead[row] + self.scale_ * out[:, row]
        return out

    def _shapes(self) -> Shapes:
        structure = self._structure
        bare = tuple(block for block in structure if kind(block) != "season")
        # The size is compared first with what a season may have, and then made.
        if bare not in self._structures() or not self._may_have(structure[len(bare) :]) or self.context != self._size:
            raise ValueError("structure_, context and the arguments do not fit together")
        return {"parameters_": (len(parameter_names(structure)),), "mean_": (), "scale_": (), "share_": ()}

    def _may_have(self, blocks: Structure) -> bool:
        """Whether these are blocks of seasons that the arguments allow."""
        periods: list[int] = []
        for block in blocks:
            found = re.fullmatch(r"season:([1-9][0-9]{0,15}):([1-9][0-9]?)", block)
            if not found or int(found[1]) <= max(periods, default=1):
                return False
            if int(found[2]) > len(structural.harmonics(int(found[1]), periods)):
                return False
            periods.append(int(found[1]))
        optional = self.cycles == "auto" and not periods
        return is_auto(self.season) or optional or tuple(periods) == self._periods

    def _check_learned(self) -> None:
        if not (self.scale_ > 0.0 and self.share_ > 0.0):
            raise ValueError("scale_ and share_ should be above 0")
        for name, value in zip(parameter_names(self._structure), self.parameters_, strict=True):
            least, most = RANGES[name]
            if not least <= value <= most:
                raise ValueError(f"parameters_: a {name} should lie from {least:g} to {most:g}")
        if not self._is_sound():
            raise ValueError("parameters_ and share_ give no filter")


def _numbers(name: str, values: Any) -> tuple[Any, ...]:
    """One number, or several."""
    return as_tuple(name, values) if isinstance(values, (tuple, list)) else (values,)

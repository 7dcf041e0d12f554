"""Linear Gaussian state space models (structural time series): level, trend, season and cycles, chosen by BIC."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..distributions import Normal
from ..draws import normals
from ..errors import FitError
from ..numerics import kalman, linear, structural
from ..numerics.structural import PARAMETERS, Structure
from ..parameters import as_tuple, one_of, real, refuse, whole
from ..protocols import Array, Index, Roll, State
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
LONGEST_SEASON = 60
LARGE = 1e300
TINY = float(np.finfo(np.float64).tiny)
RANGES = {
    "frequency": (TINY, np.pi),
    "damping": (TINY, 1.0),
    "memory": (-1.0, 1.0),
    "shock": (0.0, np.finfo(np.float64).max),
}
LOCAL_LEVELS = {"none": (), "fixed": ("fixed",), "damped": ("damped",), "walk": ("walk",), "trend": ("trend",)}
# The levels that BIC chooses from, by the number of cycles beside them.
SEARCH = (("fixed", "damped", "walk"), ("none", "damped", "walk"), ("none", "damped"), ("none",))


@register
class StateSpace(Model):
    """Structural time series model in state space form, by Kalman filter: x_t = level + season + cycles + e_t.

    By default it finds the cycle of ``datasets.noisy_sine`` and reaches the noise floor at every step: RMSE 0.201 at 64
    steps where the noise is 0.2. On series without a cycle, 20 of each, it was as good as an autoregression of the true
    order (AR(2)), and no worse than ``AR("auto")`` (random walks, white noise). A season and a trend have to be named:
    on monthly equipment orders its error is 7.6 one step ahead, with ``seasonal=12`` 3.3; on a straight line with noise
    of 1 it is 23 at 64 steps, with ``local_level="trend"`` 0.9.

    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> model = StateSpace().fit(series[:604])
    >>> model.structure_, [round(period) for period, damping in model.cycles_]
    ('cycle', [634])
    >>> sa.k_step(model, series, horizon=64).rmse()[[0, 63]].round(3)
    array([0.185, 0.191])

    Parameters
    ----------
    cycles : number of stochastic cycles. "auto" takes the structure with the lowest BIC: up to three cycles, with a
        level that is fixed, damped or a random walk, or no cycle at all.
    local_level : "none" (the mean of the training part stays), "fixed" (one unknown level), "damped" (an autoregression
        of order one around the mean), "walk" (a random walk), "trend" (a random walk with a random slope). "auto"
        leaves it to BIC where `cycles` is "auto" or 0, and is "none" beside a given number of cycles.
    seasonal : period of a seasonal pattern in steps, at least 2, which may change slowly; None for no season.

    Attributes
    ----------
    structure_ : the blocks in use, ``"cycle walk"``.
    cycles_ : [(period in steps, damping)] of each cycle. A damping of 1 is an undamped cycle.
    noise_ : the variance of the noise, in the squared unit of the series; infinite, or 0, where it overflows or
        underflows.
    variances_ : {"noise": .., block: variance of its shocks}, in the same unit.
    mean_, scale_ : mean and standard deviation of the training part; the filter works on standardised values.
    share_ : the variance of the noise in units of scale_ squared.

    Missing values are skipped, in forecasts and in the fit: a prediction step without an update. Only the search among
    structures interpolates linearly across the gaps; what it finds, and every structure of one block, is then fitted
    and compared over the gaps as they are.

    Below one period of training data a cycle is undetermined: at 0.7 of a period one seed in twenty had an error of 0.6
    where the noise was 0.2, and a note says so. A period is at most three times the longest series.

    A fit takes seconds, most of them for the search among structures: 1 to 2 at 600 values, 3 at 10,000, 3 for 300
    series of 60, up to 7 at 600 with gaps; with `cycles` and `local_level` given half a second. Filter and forecasts
    agree to 1e-12 whatever the number of threads; the result of a search may differ in the seventh digit.

    Raises
    ------
    InputError : fewer values than the largest state needs.

    Sources: Harvey, "Forecasting, Structural Time Series Models and the Kalman Filter" (1989) for the blocks; starting
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

    def __init__(self, cycles: int | str = "auto", local_level: str = "auto", seasonal: int | None = None) -> None:
        self.cycles = cycles
        self.local_level = local_level
        self.seasonal = seasonal

    def _check(self) -> None:
        if self.cycles != "auto":
            self.cycles = whole("cycles", self.cycles, 0, 8, also=', or "auto"')
        one_of("local_level", self.local_level, ("auto", *LOCAL_LEVELS))
        if self.seasonal is not None:
            self.seasonal = whole("seasonal", self.seasonal, 2, LONGEST_SEASON, also="; for a longer one take cycles")
        if not all(self._structures()):
            raise refuse(
                "local_level", self.local_level, "something to model: it is none, and there are no cycles and no season"
            )

    @property
    def name(self) -> str:
        """The cycles, and level and season where they were given: ``StateSpace(auto)``, ``StateSpace(0, walk, 12)``."""
        given = [str(self.cycles), *([] if self.local_level == "auto" else [self.local_level])]
        return f"StateSpace({', '.join(given + ([] if self.seasonal is None else [str(self.seasonal)]))})"

    @property
    def _period(self) -> int:
        return self.seasonal or 2

    def _structures(self) -> list[Structure]:
        """What is tried, simple ones first."""
        season = () if self.seasonal is None else ("seasonal",)
        counts = range(len(SEARCH)) if self.cycles == "auto" else (int(self.cycles),)
        out: list[Structure] = []
        for count in counts:
            local_levels: Sequence[str] = (self.local_level,)
            if self.local_level == "auto":
                local_levels = SEARCH[count] if self.cycles == "auto" or not count else ("none",)
            out += [("cycle",) * count + LOCAL_LEVELS[local_level] + season for local_level in local_levels]
        return [structure for structure in out if structure] if self.cycles == "auto" else out

    # -- fitting ------------------------------------------------------------------------------------------------

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        """The same parameters for all series, each with an initial state of its own."""
        parts = in_fixed_order(panel)
        every = [run for part in parts for run in runs(part.numbers)]
        count, possible = sum(len(run) for run in every), self._structures()
        simplest = min(self._unknown(structure) for structure in possible)
        self._require(panel, simplest + 1)
        possible = [s for s in possible if 2 * self._unknown(s) <= count or self._unknown(s) == simplest]
        self.mean_ = linear.mean_of(every)
        scaled, exponent = linear.standardised(every, self.mean_)
        largest = max(possible, key=self._unknown)
        each = 4 * (structural.states(largest, self._period) + len(parts)) + 2 * self._unknown(largest) + 16
        self._afford(
            sum(len(part) for part in parts), each, "fitting", "Take a smaller train=, or name cycles= and local_level="
        )
        spread = float(np.ldexp(np.sqrt(sum(float(run @ run) for run in scaled) / count), exponent))
        self.scale_ = spread or abs(self.mean_) or 1.0
        parts_scaled = [self._trimmed(self._scaled(part.numbers)) for part in parts]
        fit = structural.fit(possible, [values for values in parts_scaled if len(values)], self._period)
        self._learn(fit.structure, fit.parameters, fit.noise)
        if not self._is_sound():
            raise FitError(f"{self.name}: the fit has no finite parameters; scale the series", code="diverged")
        longest = max(len(part) for part in panel)
        for period, damping in self.cycles_:
            if longest < SHORTEST * period and damping**longest > FADED:
                text = f"a fitted cycle has a period of {period:.0f}, more than the {longest} values to fit on"
                self._note(f"{text}: forecasts far ahead are not to be relied on")
        return self._size

    def _unknown(self, structure: Structure) -> int:
        """How many parameters a structure has, initial states and the noise among them."""
        return structural.states(structure, self._period) + sum(len(PARAMETERS[block]) for block in structure) + 1

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
        seasonal: float | None = None,
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
        local_level : a walk's variance; (variance, variance of the slope) of a trend; (memory, variance) of a damped
            level.
        seasonal : the variance of the season's shocks.
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
            local_levels = ", ".join("none" if name is None else name for name in map(_local_level_of, fits))
            raise refuse(
                "local_level", self.local_level, f"named where parameters are given: it may be any of {local_levels}"
            )
        blocks = fits[0] if fits else ()
        given = [
            real("local_level", value)
            for value in (
                as_tuple("local_level", local_level) if isinstance(local_level, (tuple, list)) else (local_level,)
            )
        ]
        kinds = [name for block in blocks if block in LOCAL_LEVELS for name in PARAMETERS[block]]
        odd = len(given) != len(kinds) or any(len(wave) != 3 for wave in waves)
        if not fits or odd or ("seasonal" in blocks) != (seasonal is not None):
            raise refuse(
                "cycles, local_level, seasonal",
                (cycles, local_level, seasonal),
                f"what {self!r} needs, its level named",
            )
        parameters: list[float] = []
        for period, damping, variance in waves:
            rho = real("cycles", damping, above=0.0)
            if rho > 1.0:
                raise refuse("cycles", damping, "a damping above 0 and at most 1")
            wave = 2.0 * np.pi / real("cycles", period, least=2.0)
            parameters += [wave, rho, real("cycles", variance, least=0.0) / noise]
        for kind, value in zip(kinds, given, strict=True):
            if kind == "memory" and not -1.0 <= value <= 1.0:
                raise refuse("local_level", local_level, "a memory from -1 to 1, and a variance")
            parameters.append(value if kind == "memory" else real("local_level", value, least=0.0) / noise)
        parameters += [] if seasonal is None else [real("seasonal", seasonal, least=0.0) / noise]
        model = self.clone()
        model.mean_, model.scale_ = real("mean", mean), real("scale", scale, above=0.0)
        model._learn(blocks, np.array(parameters), noise / model.scale_ / model.scale_)
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
        return structural.states(self._structure, self._period)

    @property
    def cycles_(self) -> list[tuple[float, float]]:
        """(period in steps, damping) of each cycle."""
        count = self._structure.count("cycle")
        return [(2.0 * np.pi / float(w), float(rho)) for w, rho, _ in self.parameters_[: 3 * count].reshape(-1, 3)]

    @property
    def noise_(self) -> float:
        """The variance of the noise, in the squared unit of the series."""
        return self.share_ * self.scale_ * self.scale_

    @property
    def variances_(self) -> dict[str, float]:
        """The variance of the noise, and of the shocks of each block, in the squared unit of the series."""
        out, at, waves = {"noise": self.noise_}, 0, 0
        for block in self._structure:
            names = PARAMETERS[block]
            shocks = [
                float(q) * self.share_ * self.scale_ * self.scale_
                for n, q in zip(names, self.parameters_[at : at + len(names)], strict=True)
                if n == "shock"
            ]
            at += len(names)
            waves += block == "cycle"
            labels = ("trend", "slope") if block == "trend" else (f"cycle {waves}" if block == "cycle" else block,)
            out.update(zip(labels, shocks, strict=False))
        return out

    def _system(self) -> kalman.System:
        """In units of the standard deviation of the training part."""
        return structural.system(self._structure, self.parameters_, self.share_, self._period)

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
        if structure not in self._structures() or self.context != self._size:
            raise ValueError("structure_, context and the arguments do not fit together")
        names = [name for block in structure for name in PARAMETERS[block]]
        return {"parameters_": (len(names),), "mean_": (), "scale_": (), "share_": ()}

    def _check_learned(self) -> None:
        if not (self.scale_ > 0.0 and self.share_ > 0.0):
            raise ValueError("scale_ and share_ should be above 0")
        names = [name for block in self._structure for name in PARAMETERS[block]]
        for name, value in zip(names, self.parameters_, strict=True):
            least, most = RANGES[name]
            if not least <= value <= most:
                raise ValueError(f"parameters_: a {name} should lie from {least:g} to {most:g}")
        if not self._is_sound():
            raise ValueError("parameters_ and share_ give no filter")


def _local_level_of(structure: Structure) -> str | None:
    return next((block for block in structure if block in LOCAL_LEVELS), None)

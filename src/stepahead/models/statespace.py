"""Linear-Gaussian state space: level, trend, season and cycles, filtered and rolled out exactly, found without being told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..distributions import Normal
from ..draws import normals
from ..errors import note
from ..numerics import kalman, linear, structural
from ..numerics.structural import PARAMETERS, Structure
from ..parameters import as_tuple, one_of, real, refuse, whole
from ..protocols import Array, Roll, State
from ..series import as_panel, in_fixed_order
from ..storage import register
from ..walk import row_by_row
from ..windows import Index, runs
from .model import Model

if TYPE_CHECKING:
    from typing import Self

WIDE = 4.0
"""Variance of the first state, in units of the variance of the training part: a standard deviation of two."""
SHORTEST = 0.8
"""Of a period: a training part that has less of it makes the wave a guess."""
LEAST_NOISE = 1e-16
"""In units of the variance of the training part: what is left of a series without noise is rounding."""
LONGEST_SEASON = 60
LEVELS = {"none": (), "fixed": ("fixed",), "damped": ("damped",), "walk": ("walk",), "trend": ("trend",)}
# The levels that BIC chooses from, by the number of cycles beside them.
SEARCH = (("fixed", "damped", "walk"), ("none", "damped", "walk"), ("none", "damped"), ("none",))


@register
class StateSpace(Model):
    """A hidden state that moves by itself and is seen through noise: x_t = level + season + cycles + e_t.

    Told nothing, it finds the note's wave and reaches the noise floor at every step: RMSE 0.201 at 64 steps where the noise is
    0.2. Nobody has to say that there is a cycle; on series without one it is as good as an autoregression told its order.

    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> model = StateSpace().fit(series[:604])
    >>> model.structure_, [round(period) for period, damping in model.cycles_]
    ('cycle', [634])
    >>> sa.k_step(model, series, horizon=64).rmse()[[0, 63]].round(3)
    array([0.185, 0.191])

    Parameters
    ----------
    cycles : number of stochastic cycles. "auto" takes the structure with the lowest BIC: up to three cycles, with a level
        that is fixed, damped or a random walk, or no cycle at all.
    level : "none" (the mean of the training part stays), "fixed" (one unknown level), "damped" (an autoregression of order
        one around the mean), "walk" (a random walk), "trend" (a random walk with a random slope). "auto" leaves it to BIC
        where `cycles` is "auto" or 0, and is "none" beside a given number of cycles.
    seasonal : period of a seasonal pattern in steps, at least 2, which may change slowly; None is none.

    Attributes
    ----------
    structure_ : the blocks in use, ``"cycle walk"``.
    cycles_ : [(period in steps, damping)] of each cycle. A damping of 1 is a wave that never dies.
    variances_ : {"noise": .., block: variance of its shocks}, in the squared unit of the series.
    mean_, scale_ : of the training part, once; the filter works in their units.

    Missing values are stepped over, in `fit` and in forecasts: the state moves on and nothing is learned.

    Below one period of training data a wave is a guess: at 0.7 of a period one seed in twenty missed by 0.6 where the noise
    was 0.2, and the result says so. A fit takes a second, most of it the search among structures.

    Raises
    ------
    InputError : fewer values than the largest state needs.

    Sources: Harvey, "Forecasting, Structural Time Series Models and the Kalman Filter" (1989) for the blocks; starts by ESPRIT;
    the likelihood is that of a diffuse first state, from the innovations form (de Jong 1991).
    """

    _learned = ("structure_", "parameters_", "noise_", "mean_", "scale_")
    structure_: str
    parameters_: Array
    noise_: float
    mean_: float
    scale_: float

    def __init__(self, cycles: int | str = "auto", level: str = "auto", seasonal: int | None = None) -> None:
        self.cycles = cycles
        self.level = level
        self.seasonal = seasonal

    def _check(self) -> None:
        if self.cycles != "auto":
            whole("cycles", self.cycles, 0, 8, also=', or "auto"')
        one_of("level", self.level, ("auto", *LEVELS))
        if self.seasonal is not None:
            whole("seasonal", self.seasonal, 2, LONGEST_SEASON, also="; for a longer one take cycles")
        if not all(self._structures()):
            raise refuse("level", self.level, "something to model: it is none, and there are no cycles and no season")

    @property
    def _period(self) -> int:
        return 2 if self.seasonal is None else int(self.seasonal)

    def _structures(self) -> list[Structure]:
        """What is tried, simple ones first."""
        season = () if self.seasonal is None else ("seasonal",)
        counts = range(len(SEARCH)) if self.cycles == "auto" else (int(self.cycles),)
        out: list[Structure] = []
        for count in counts:
            levels: Sequence[str] = (self.level,)
            if self.level == "auto":
                levels = SEARCH[count] if self.cycles == "auto" or not count else ("none",)
            out += [("cycle",) * count + LEVELS[level] + season for level in levels]
        return [structure for structure in out if structure] if self.cycles == "auto" else out

    # -- fitting ------------------------------------------------------------------------------------------------

    def fit(self, series: Any) -> Self:
        """Fit on one series, or one pooled fit on a list: the same parameters, each series with a first state of its own."""
        panel = self._begin(series)
        parts = in_fixed_order(panel)
        every = [run for part in parts for run in runs(part.numbers)]
        count, possible = sum(len(run) for run in every), self._structures()
        simplest = min(self._unknown(structure) for structure in possible)
        self._require(panel, simplest + 1)
        possible = [s for s in possible if 2 * self._unknown(s) <= count or self._unknown(s) == simplest]
        self.mean_ = linear.level(every)
        scaled, exponent = linear.standardised(every, self.mean_)
        spread = float(np.ldexp(np.sqrt(sum(float(run @ run) for run in scaled) / count), exponent))
        self.scale_ = spread if spread > 0.0 else 1.0
        parts_scaled = [self._trimmed((part.numbers - self.mean_) / self.scale_) for part in parts]
        fit = structural.fit(possible, [values for values in parts_scaled if len(values)], self._period)
        self._learn(fit.structure, fit.parameters, max(fit.noise, LEAST_NOISE) * self.scale_**2)
        longest = max(len(part) for part in panel)
        for period, _ in self.cycles_:
            if longest < SHORTEST * period:
                text = (
                    f"the training part has {longest} values and a fitted wave a period of {period:.0f}: far steps are a guess"
                )
                self.notes_ += (note(f"{self.name}: {text}"),)
        return self._done(panel, self._size)

    def _unknown(self, structure: Structure) -> int:
        """How many numbers a structure has to learn, first states and the noise among them."""
        return structural.states(structure, self._period) + sum(len(PARAMETERS[block]) for block in structure) + 1

    @staticmethod
    def _trimmed(values: Array) -> Array:
        """Without what is missing at the ends."""
        seen = np.flatnonzero(~np.isnan(values))
        return values[seen[0] : seen[-1] + 1] if len(seen) else values[:0]

    def _learn(self, structure: Structure, parameters: Array, noise: float) -> None:
        self.structure_ = " ".join(structure)
        self.parameters_ = parameters
        self.parameters_.flags.writeable = False
        self.noise_ = noise

    def with_parameters(
        self,
        noise: float,
        cycles: Sequence[tuple[float, float, float]] = (),
        level: Any = (),
        seasonal: float | None = None,
        mean: float = 0.0,
        scale: float = 1.0,
    ) -> StateSpace:
        """A model with these parameters instead of fitted ones, ready to forecast.

        >>> nile = StateSpace(cycles=0, level="walk").with_parameters(noise=15099.0, level=1469.1, mean=919.0, scale=169.0)
        >>> nile.forecast([1120.0, 1160.0, 963.0, 1210.0], horizon=2).round(0)
        array([1112., 1112.])

        Parameters
        ----------
        noise : variance of the noise, above 0, in the squared unit of the series, as all variances here.
        cycles : (period in steps, damping, variance of the shocks) of each.
        level : a walk's variance; (variance, variance of the slope) of a trend; (memory, variance) of a damped level.
        seasonal : the variance of the season's shocks.
        mean, scale : of the series: the first state is taken to lie within a few `scale` of the mean.

        Raises
        ------
        ParameterError : the numbers are not those of this model's blocks.
        """
        self._check()
        noise = real("noise", noise, above=0.0)
        one = self._structures()
        waves = [as_tuple("cycles", wave) for wave in as_tuple("cycles", cycles)]
        fits = [s for s in one if s.count("cycle") == len(waves)]
        given = [real("level", value) for value in (as_tuple("level", level) if isinstance(level, (tuple, list)) else (level,))]
        fits = [s for s in fits if sum(len(PARAMETERS[b]) for b in s if b in LEVELS) == len(given)]
        if len(fits) != 1 or any(len(wave) != 3 for wave in waves) or ("seasonal" in fits[0]) != (seasonal is not None):
            raise refuse("cycles, level, seasonal", (cycles, level, seasonal), f"what {self!r} needs, its level named")
        parameters: list[float] = []
        for period, damping, variance in waves:
            wave = 2.0 * np.pi / real("cycles", period, least=2.0)
            parameters += [wave, real("cycles", damping, above=0.0), real("cycles", variance, least=0.0) / noise]
        shocks = [name == "shock" for block in fits[0] if block in LEVELS for name in PARAMETERS[block]]
        parameters += [value / noise if shock else value for value, shock in zip(given, shocks, strict=True)]
        parameters += [] if seasonal is None else [real("seasonal", seasonal, least=0.0) / noise]
        model = self.clone()
        model.mean_, model.scale_, model.notes_ = real("mean", mean), real("scale", scale, above=0.0), ()
        model._learn(fits[0], np.array(parameters), noise)
        return model._done((), model._size)

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
    def variances_(self) -> dict[str, float]:
        """The variance of the noise, and of the shocks of each block, in the squared unit of the series."""
        out, at, waves = {"noise": self.noise_}, 0, 0
        for block in self._structure:
            names = PARAMETERS[block]
            shocks = [
                float(q) * self.noise_
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
        noise = self.noise_ / self.scale_**2
        return structural.system(self._structure, self.parameters_, noise, self._period)

    def loglikelihood(self, series: Any) -> float:
        """The exact log likelihood of a series, or of a list of them, nothing being known of the first state (diffuse).

        >>> flow = [1120.0, 1160.0, 963.0, 1210.0, 1160.0]
        >>> model = StateSpace(cycles=0, level="walk").with_parameters(noise=15099.0, level=1469.1)
        >>> round(model.loglikelihood(flow), 4)
        -25.959
        """
        panel = as_panel(series)
        parts = [(self._values(part) - self.mean_) / self.scale_ for part in panel]
        seen = sum(int((~np.isnan(values)).sum()) for values in parts)
        # The filter works in units of scale_; a density in the unit of the series is so much less for each value, save those
        # that a first state without a prior uses up.
        return kalman.loglikelihood(self._system(), parts) - (seen - self._size * len(parts)) * float(np.log(self.scale_))

    # -- forecasts ----------------------------------------------------------------------------------------------

    def encode(self, values: Any, after: State | None = None) -> State:
        """What is known of the state to come: means [origins, states] and covariances [origins, states, states]."""
        first, scaled = self.context, (self._values(values) - self.mean_) / self.scale_
        if after is None:
            means, spreads = kalman.filtered(self._system(), scaled, np.zeros(first), WIDE * np.eye(first))
            return means[first:], spreads[first:]
        means, spreads = kalman.filtered(self._system(), scaled, after[0][-1], after[1][-1])
        return means[1:], spreads[1:]

    def plan(self, horizon: int) -> Roll:
        """The state propagated and never updated: one product with [states, horizon]."""
        outwards = np.ascontiguousarray(self._system().outlook(horizon).T) * self.scale_

        def roll(state: State, out: Array | None) -> Array:
            ahead = np.matmul(state[0], outwards, out=out)
            ahead += self.mean_
            return ahead

        return roll

    def predictive(self, state: State, horizon: int) -> Normal:
        """Normal, [rows, horizon]: exact for the parameters in use; it does not know that they were estimated."""
        return self.plan_predictive(horizon)(state)

    def plan_predictive(self, horizon: int) -> Callable[[State], Normal]:
        """Exact mean and variance of `horizon` steps."""
        system, roll = self._system(), self.plan(whole("horizon", horizon))
        reach, known = system.outlook(horizon), system.variances(horizon)
        pairs = (reach[:, :, None] * reach[:, None, :]).reshape(horizon, -1).T

        def law(state: State) -> Normal:
            variance = np.maximum(state[1].reshape(len(state[1]), -1) @ pairs, 0.0) + known
            return Normal(roll(state, None), np.sqrt(variance) * self.scale_)

        return law

    def paths(self, state: State, horizon: int, n: int, seed: int = 0, origins: Index | None = None) -> Array:
        """[n, rows, horizon] whole paths: the steps of a path belong together, since one unknown state moves them all."""
        system, ahead = self._system(), row_by_row(self.plan(whole("horizon", horizon)), state, horizon)
        reach, rows = system.outlook(horizon), len(state[0])
        origins = np.arange(rows) + self.context if origins is None else origins
        shared = _joint(system, reach)
        out = normals(seed, origins, n, horizon)
        for row in range(rows):
            # One row at a time: its bits then do not depend on what is beside it.
            joint = shared + reach @ state[1][row] @ reach.T
            joint[np.diag_indices(horizon)] *= 1.0 + 1e-12
            out[:, row] = ahead[row] + self.scale_ * (out[:, row] @ np.linalg.cholesky(joint).T)
        return out

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        structure = self._structure
        if structure not in self._structures() or self.context != self._size:
            raise ValueError("structure_, context and the arguments do not fit together")
        real("mean_", self.mean_)
        real("scale_", self.scale_, above=0.0)
        real("noise_", self.noise_, above=0.0)
        shape = (sum(len(PARAMETERS[block]) for block in structure),)
        names = [name for block in structure for name in PARAMETERS[block]]
        found = self.parameters_
        if not (isinstance(found, np.ndarray) and found.shape == shape and np.isfinite(found).all()) or any(
            value < 0.0 for name, value in zip(names, found, strict=True) if name == "shock"
        ):
            raise ValueError("parameters_ should be finite, and variances at least 0")
        return {"parameters_": shape}


def _joint(system: kalman.System, reach: Array) -> Array:
    """[horizon, horizon]: how the values ahead of a state that is known exactly vary together."""
    horizon = len(reach)
    out = system.noise * np.eye(horizon)
    # A shock after step i is read i + 1, i + 2 .. steps later.
    lagged = reach @ system.shock @ reach.T
    for start in range(1, horizon):
        out[start:, start:] += lagged[: horizon - start, : horizon - start]
    return out

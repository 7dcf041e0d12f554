"""Hidden Markov models: a hidden Markov chain, and numbers or symbols whose distribution depends on its state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import symbols
from ..distributions import Discrete, Mixture
from ..draws import uniforms
from ..errors import DtypeError, FitError, InputError, shown
from ..numerics import chains
from ..numerics.chains import Smoothed
from ..numerics.emissions import (
    NARROWEST,
    categorical_scores,
    categorical_starts,
    categorical_step,
    gaussian_scores,
    gaussian_starts,
    gaussian_step,
    in_one_unit,
)
from ..parameters import one_of, refuse, whole
from ..protocols import Array, Index, Roll, State
from ..series import Series, as_panel, as_series, in_fixed_order
from ..storage import register
from .model import Model, Shapes

if TYPE_CHECKING:
    from typing import Self

MOST_STATES = 256


@register
class HMM(Model):
    """Hidden Markov model: each value is drawn from the emission distribution of a hidden state, a Markov chain.

    >>> values = [0.1, -0.2, 0.0, 5.1, 4.8, 5.0, 5.2, 0.1, 0.2, -0.1, 4.9, 5.1]
    >>> model = HMM(states=2).fit(values)
    >>> model.means_.round(2)
    array([0.02, 5.02])
    >>> model.transition_.round(2)
    array([[0.67, 0.33],
           [0.2 , 0.8 ]])
    >>> model.forecast(values, horizon=3).round(2)
    array([4.02, 3.55, 3.33])

    The state at an origin is the distribution of the hidden state there, given the values before it and no others. The
    distribution at step k is exact: that of the state after k - 1 transitions, mixed over the emissions.

    Parameters
    ----------
    states : how many hidden states.
    emissions : "gaussian" for numbers, "categorical" for symbols and whole numbers; "auto" goes by the series: text is
        categorical, numbers are gaussian.
    starts : number of initialisations of the fit; the best one is kept.
    seed : of the random initialisations.
    iterations : most Baum-Welch iterations of each.

    Attributes
    ----------
    start_ : [states] the distribution of the first state.
    transition_ : [states, states]; rows sum to 1.
    means_, std_ : [states], sorted by mean; None of a model of symbols.
    states_, emission_ : the symbols, and their distributions [states, symbols], sorted by mean place; None of a model
        of numbers.
    log_likelihood_ : of the training data; None where the parameters were given.

    Raises
    ------
    InputError : fewer distinct values than states; a last symbol that was not in the training part.

    Sources: Baum et al. (1970); Rabiner, "A tutorial on hidden Markov models" (1989). Missing values are skipped: the
    state advances without an update.
    """

    _learned = ("start_", "transition_", "means_", "std_", "emission_", "states_", "log_likelihood_")
    _any_size = True
    _costs = {
        "fit": lambda m, values, longest: m.starts * m.states * 12 * (values + m.states),
        "predictive": lambda m, rows, steps: rows * 2 * steps * len(m.states_ or m.means_),
        "paths": lambda m, rows, steps, n: n * rows * (7 * steps + 3 * m.states),
    }
    start_: Array
    transition_: Array
    means_: Array | None
    std_: Array | None
    emission_: Array | None
    states_: tuple[Any, ...] | None
    log_likelihood_: float | None

    def __init__(
        self, states: int = 2, emissions: str = "auto", starts: int = 5, seed: int = 0, iterations: int = 200
    ) -> None:
        self.states = states
        self.emissions = emissions
        self.starts = starts
        self.seed = seed
        self.iterations = iterations

    def _check(self) -> None:
        self.states = whole("states", self.states, 1, MOST_STATES)
        one_of("emissions", self.emissions, ("auto", "gaussian", "categorical"))
        self.starts = whole("starts", self.starts)
        self.seed = whole("seed", self.seed, 0)
        self.iterations = whole("iterations", self.iterations)

    def _accept(self, series: Series) -> None:
        if self.emissions == "gaussian" and series.categories is not None:
            raise DtypeError(
                f'{self.name} has emissions="gaussian", and the series holds text, the '
                f"first {shown(series[0])}: take "
                'emissions="categorical", or "auto"',
                code="symbols",
                found=series[0],
            )
        if self.emissions == "categorical" and series.categories is None:
            odd = series.values[~np.isnan(series.values) & (series.values != np.rint(series.values))]
            if len(odd):
                raise DtypeError(f"{self.name} takes symbols or whole numbers; found {odd[0]:g}", code="symbols")

    # -- fitting ------------------------------------------------------------------------------------------------

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        """Baum-Welch on all series, each of them an independent sequence."""
        self._require(panel, self.states + 1)
        ordered = in_fixed_order(panel)
        if self.emissions == "categorical" or (self.emissions == "auto" and panel[0].categories is not None):
            seen = {symbol for part in panel for symbol in symbols.alphabet(part)}
            table = panel[0].categories
            found = self._fit_symbols(
                ordered, tuple(sorted(seen)) if table is None else tuple(s for s in table if s in seen)
            )
        else:
            found = self._fit_numbers(ordered)
        self._learn(**found)
        self.log_likelihood_ = sum(float(self._filter(part)[1].sum()) for part in ordered)
        return 0

    def _fit_numbers(self, panel: Sequence[Series]) -> dict[str, Any]:
        parts, joined, location, exponent = in_one_unit([part.numbers for part in panel])
        different, needed = len(np.unique(joined)), max(self.states, 2)
        if different < needed:
            raise InputError(
                f"{self.name} needs at least {needed} different values to tell states apart; found {different}",
                code="few-values",
                found=different,
                needed=needed,
            )
        values, narrowest = np.concatenate(parts), NARROWEST * float(joined.std())
        starts = gaussian_starts(joined, self.states, self.starts, self.seed)
        lengths = np.array([len(part) for part in panel])
        (start, transition, means, std), gain = chains.iterate(
            starts, lambda now: gaussian_step(now, values, lengths, narrowest), self.iterations
        )
        self._say(gain)
        order = np.lexsort((std, means))
        if (std <= narrowest).any():
            self._note(
                f"the standard deviation of a state went to 0 and was held at {NARROWEST:g} of that of the series"
            )
        wide = np.ldexp(means[order], exponent) + location, np.ldexp(std[order], exponent)
        if not all(np.isfinite(array).all() and (wide[1] > 0.0).all() for array in wide):
            raise FitError(f"{self.name}: a state overflows; scale the series", code="overflow")
        return {"start": start[order], "transition": transition[order][:, order], "means": wide[0], "std": wide[1]}

    def _fit_symbols(self, panel: Sequence[Series], known: tuple[Any, ...]) -> dict[str, Any]:
        codes = np.concatenate([symbols.places(part, known, -1.0) for part in panel])
        starts = categorical_starts(codes, len(known), self.states, self.starts, self.seed)
        lengths = np.array([len(part) for part in panel])
        (start, transition, emission), gain = chains.iterate(
            starts, lambda now: categorical_step(now, codes, lengths), self.iterations
        )
        self._say(gain)
        order = np.argsort(emission @ np.arange(len(known)), kind="stable")
        return {
            "start": start[order],
            "transition": transition[order][:, order],
            "emission": emission[order],
            "states": known,
        }

    def _say(self, gain: float) -> None:
        if gain > 100.0 * chains.TOLERANCE:
            self._note(
                f"not converged after {self.iterations} iterations; the last raised the log likelihood by {gain:.2g}"
            )

    def _learn(
        self,
        start: Array,
        transition: Array,
        means: Array | None = None,
        std: Array | None = None,
        emission: Array | None = None,
        states: tuple[Any, ...] | None = None,
    ) -> None:
        found = {"start_": start, "transition_": transition, "means_": means, "std_": std, "emission_": emission}
        for key, array in found.items():
            if array is not None:
                array = np.ascontiguousarray(array)
                array.flags.writeable = False
            setattr(self, key, array)
        self.states_ = states

    def with_parameters(
        self,
        start: Any,
        transition: Any,
        means: Any = None,
        std: Any = None,
        emission: Any = None,
        states: Any = None,
    ) -> Self:
        """A copy with these parameters, ready to use without a fit: means and stds, or emission and its symbols
        `states`.

        >>> model = HMM(2).with_parameters([0.5, 0.5], [[0.9, 0.1], [0.2, 0.8]], means=[0.0, 5.0], std=[1.0, 1.0])
        >>> model.forecast([5.2, 4.9], horizon=2).round(2)
        array([4. , 3.3])
        """
        self._check()
        if (
            (means is None) != (std is None)
            or (emission is None) != (states is None)
            or (means is None) == (emission is None)
        ):
            raise refuse("means", means, "given together with stds, or emission together with states")
        refused = "categorical" if means is not None else "gaussian"
        if self.emissions == refused:
            raise refuse("emissions", self.emissions, 'that of the parameters, or "auto"')
        made, size = self.clone(), self.states
        found: dict[str, Any] = {
            "start": chains.checked("start", start, (size,), distributions=True),
            "transition": chains.checked("transition", transition, (size, size), distributions=True),
        }
        if means is not None:
            found["means"] = chains.checked("means", means, (size,))
            found["std"] = chains.checked("std", std, (size,))
            if not (found["std"] > 0.0).all():
                raise refuse("std", std, "above 0")
        else:
            found["states"] = symbols.checked(states)
            found["emission"] = chains.checked("emission", emission, (size, len(found["states"])), distributions=True)
        made._learn(**found)
        made.log_likelihood_ = None
        return made._given(0)

    # -- the past -----------------------------------------------------------------------------------------------

    def _encode_series(self, series: Series, after: State | None) -> State:
        """[origins, states]: the distribution of the hidden state at each origin, of the values before it alone.

        For symbols a flag stands beside it, NaN just after a symbol of probability 0, which does not update the
        distribution.
        """
        distributions, logs = self._filter(series, self.start_ if after is None else after[0][-1])
        flags = np.where(np.isneginf(logs), np.nan, 0.0)
        if after is None:
            distributions, flags = np.concatenate([self.start_[None], distributions]), np.concatenate([[0.0], flags])
        return (distributions,) if self.states_ is None else (distributions, flags)

    def why_no_forecast(self, series: Series) -> InputError | None:
        """The error for a series after which there is no forecast."""
        symbol, states = series[-1], self.states_ or ()
        symbol = symbol.item() if isinstance(symbol, np.generic) else symbol
        if symbol in states:
            return InputError(
                f"{self.name} gives {shown(symbol)} probability 0 after the values before it",
                code="impossible",
                state=symbol,
            )
        known = ", ".join(shown(s) for s in states[:6])
        return InputError(
            f"state {shown(symbol)} was never seen in training; known are {known}",
            code="unseen-state",
            state=symbol,
            known=states,
        )

    def _filter(self, series: Series, distribution: Array | None = None) -> tuple[Array, Array]:
        scores = self._scores(series)
        distribution = self.start_ if distribution is None else distribution
        return chains.forward(distribution, self.transition_, len(series), lambda part: scores[part, :, None])

    def _scores(self, series: Series) -> Array:
        """[time, states] the log likelihood of each value in each state, each row of its own value alone."""
        self._accept(series)
        self._afford(len(series), 6 * len(self.start_), "the states of", "Take a shorter series, or fewer states")
        if self.means_ is not None and self.std_ is not None:
            super()._accept(series)
            return gaussian_scores(series.numbers, self.means_, self.std_)
        states = self.states_ or ()
        if series.categories is None and isinstance(states[0], str):
            raise DtypeError(
                f"{self.name} knows symbols such as {shown(states[0])}; the series holds numbers", code="symbols"
            )
        with np.errstate(divide="ignore"):
            table = np.log(np.asarray(self.emission_))
        return categorical_scores(symbols.places(series, states, -1.0), table)

    def loglikelihood(self, series: Any) -> float:
        """Log likelihood of one series, or of all of a list, at the parameters in use; missing values are skipped."""
        return sum(float(self._filter(part)[1].sum()) for part in as_panel(series))

    def filtered(self, series: Any) -> Array:
        """[time, states]: the distribution of the hidden state of each value, given that value and those before it."""
        known = as_series(series)
        distributions, _ = self._filter(known)
        return chains.reweighted(np.concatenate([self.start_[None], distributions])[:-1], self._scores(known))

    def smoothed(self, series: Any) -> Smoothed:
        """The distribution of the hidden state of each value, given ALL values: for looking back,
        never for a forecast.
        """
        known = as_series(series)
        self._afford(len(known), 12 * len(self.start_), "looking back by", "Take a shorter series")
        scores = self._scores(known)
        likelihood, _ = chains.floored(scores[:, None, :, None])
        kinds, which = self.transition_[None, None], np.zeros(len(scores), dtype=np.intp)
        return Smoothed(chains.expect(self.start_[None], kinds, which, likelihood).smoothed[:, 0])

    # -- the future ---------------------------------------------------------------------------------------------

    def _distributions(self, horizon: int) -> Array:
        """[states, horizon, states or symbols]: the weights of the emissions at each step, from each state."""
        wide = len(self.start_) if self.emission_ is None else max(self.emission_.shape)
        self._afford(len(self.start_) * wide, horizon, "the distributions of", "Take fewer steps")
        distributions = np.swapaxes(chains.powers(self.transition_, horizon), 0, 1)
        return distributions if self.emission_ is None else distributions @ self.emission_

    def _plan(self, horizon: int) -> Roll:
        """The forecast from each state: one product makes those of all origins and steps."""
        distributions = self._distributions(horizon)
        if self.means_ is not None:
            table = distributions @ self.means_
            return lambda state, out: np.matmul(state[0], table, out=out)
        flat = distributions.reshape(len(distributions), -1)
        return lambda state, out: np.asarray(
            (state[0] @ flat).reshape(len(state[0]), horizon, -1).argmax(axis=-1), dtype=float
        )

    def _plan_predictive(self, horizon: int) -> Callable[[State], Mixture | Discrete]:
        """Exact, [rows, horizon]: a mixture of the distributions of the states, or the distribution of the symbol."""
        distributions = self._distributions(horizon)
        flat, parts = distributions.reshape(len(distributions), -1), distributions.shape[-1]

        def weights(state: State) -> Array:
            return np.asarray((state[0] @ flat).reshape(len(state[0]), horizon, parts))

        means, std, states = self.means_, self.std_, self.states_
        if means is not None and std is not None:
            return lambda state: Mixture(weights(state), means, std)
        return lambda state: Discrete(weights(state), states or ())

    def _paths(self, state: State, horizon: int, n: int, seed: int, origins: Index) -> Array:
        """[n, rows, horizon] drawn paths; of symbols their indices in `states_`. See `Sampling`."""
        # One random stream for both: transitions and emissions.
        numbers = uniforms(seed, origins, n, 2 * horizon)
        moves, emitted = numbers[..., :horizon], numbers[..., horizon:]
        hidden = np.empty(moves.shape, dtype=np.intp)
        distributions = np.broadcast_to(state[0], (n, *state[0].shape))
        for k in range(horizon):
            hidden[..., k] = chains.drawn(distributions, moves[..., k])
            distributions = self.transition_[hidden[..., k]]
        if self.means_ is not None and self.std_ is not None:
            return np.asarray(self.means_[hidden] + self.std_[hidden] * chains.as_normals(emitted))
        found = np.empty(moves.shape)
        for k in range(horizon):
            found[..., k] = chains.drawn(np.asarray(self.emission_)[hidden[..., k]], emitted[..., k])
        return found

    def _shapes(self) -> Shapes:
        size = self.states
        if self.context != 0 or (self.means_ is None) == (self.states_ is None):
            raise ValueError("a fitted HMM has context 0, and means or symbols")
        shapes: Shapes = {"start_": (size,), "transition_": (size, size)}
        if self.log_likelihood_ is not None:
            shapes["log_likelihood_"] = ()
        if self.states_ is None:
            if self.emission_ is not None or self.emissions == "categorical":
                raise ValueError("a model of numbers has no emission_")
            return {**shapes, "means_": (size,), "std_": (size,)}
        if self.std_ is not None or self.emissions == "gaussian":
            raise ValueError("a model of symbols has no std_")
        self.states_ = symbols.checked(self.states_)
        return {**shapes, "emission_": (size, len(self.states_))}

    def _check_learned(self) -> None:
        if self.std_ is not None and not (self.std_ > 0.0).all():
            raise ValueError("std_ should be above 0")
        for key in ("start_", "transition_", "emission_"):
            found = getattr(self, key)
            if found is not None:
                chains.checked(key, found, found.shape, distributions=True)

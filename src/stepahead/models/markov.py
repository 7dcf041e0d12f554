"""Markov chains: the distribution of the next symbol given the last few,
and of every step after by summing over paths.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import symbols
from ..distributions import Discrete, Mixture
from ..draws import uniforms
from ..errors import DtypeError, InputError, shown
from ..numerics import counting, linear
from ..numerics.counting import Agreement
from ..parameters import as_tuple, real, refuse, whole
from ..protocols import Array, Batch, FittedBatch, Index, Mask, Roll, State
from ..series import Series, as_panel
from ..storage import register
from ..windows import joined_windows, require
from .model import Model, Shapes

MOST_CELLS = 1 << 24


@register
class MarkovChain(Model):
    """Markov chain of a given order: P(x_(t+1) | x_1 .. x_t) = P(x_(t+1) | the last `order` symbols).

    >>> chain = MarkovChain(order=1).fit(["dry", "dry", "wet", "dry", "dry", "wet", "wet", "dry"])
    >>> chain.states_
    ('dry', 'wet')
    >>> chain.transition_.round(3)
    array([[0.5  , 0.5  ],
           [0.667, 0.333]])
    >>> chain.forecast(["dry", "wet"], horizon=2)
    array(['dry', 'dry'], dtype=object)

    With `bins` a series of numbers becomes a chain over its quantile bins, and the model one of numbers: it forecasts
    the mean of the distribution over the bins, and its distribution is a mixture with one normal component per bin,
    which has the mean and variance of the training values in the bin. A bin holds the level and not the direction, so
    on a smooth wave such a chain loses the phase within a quarter of a period.

    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> levels = MarkovChain(order=1, bins=3).fit(series[:604])
    >>> levels.centers_.round(2), levels.forecast(series, horizon=2).round(2)
    (array([-0.85, -0.01,  0.86]), array([-0.71, -0.6 ]))

    Parameters
    ----------
    order : how many past symbols the next one depends on; 0 is one distribution, whatever came before. "bic" chooses:
        the least -2 log likelihood + states ** order (states - 1) log(targets), all orders scored on the same targets.
    smoothing : total pseudocount per row, spread evenly over it (symmetric Dirichlet prior), at least 0.
    bins : None for symbols; for numbers how many bins of equal count, at least 2. Equal values stay in one bin, so that
        there may be fewer, and a note says so.

    Attributes
    ----------
    states_ : the symbols seen in training or declared, in order; None with `bins`.
    order_ : the order in use.
    counts_, transition_ : [states, states] for order 1, else [states ** order, states]; the last `order` symbols give
        the row number, the newest being its lowest digit; rows of `transition_` sum to 1.
    bics_ : [candidates] the criterion of the orders 0, 1, ..; None where the order was given.
    edges_ : [bins - 1] a value at or above an edge lies in the bin after it; None without `bins`.
    centers_, spreads_ : [bins] mean and standard deviation of the training values in each bin; None without `bins`.

    Raises
    ------
    InputError : a symbol that was not in the training part; a state without an outgoing transition (see `smoothing`).

    Source of the order: Katz, "On some criteria for estimating the order of a Markov chain" (Technometrics 1981).
    """

    _learned = ("states_", "order_", "counts_", "transition_", "bics_", "edges_", "centers_", "spreads_")
    states_: tuple[Any, ...] | None
    order_: int
    counts_: Array
    transition_: Array
    bics_: Array | None
    edges_: Array | None
    centers_: Array | None
    spreads_: Array | None

    _any_size = learns = True
    _costs = {
        "fit": lambda m, values, longest: 8 * values,
        "encode": lambda m, rows: rows * (3 * m.context + 4),
        "plan": lambda m, steps: len(m.transition_) * max(steps, 4 * m._size()),
        "predictive": lambda m, rows, steps: rows * 2 * steps * m._size(),
        "paths": lambda m, rows, steps, n: n * rows * (6 * steps + 2 * m._size()),
    }
    kind = "symbols"

    @property
    def is_baseline(self) -> bool:
        """Whether the order is 0: the shares of the symbols."""
        return self.order == 0

    def __init__(self, order: int | str = 1, smoothing: float = 0.0, bins: int | None = None) -> None:
        self.order = order
        self.smoothing = smoothing
        self.bins = bins

    def _check(self) -> None:
        if self.order != "bic":
            self.order = whole("order", self.order, 0, also=', or "bic"')
        self.smoothing = real("smoothing", self.smoothing, least=0.0)
        if self.bins is not None:
            self.bins = whole("bins", self.bins, 2, also=", or None for symbols")

    @property
    def name(self) -> str:
        """The order, and the bins where there are any: ``MarkovChain(1)``, ``MarkovChain(1, bins=10)``."""
        return f"MarkovChain({self.order}{'' if self.bins is None else f', bins={self.bins}'})"

    def _accept(self, series: Series) -> None:
        if self.bins is not None:
            super()._accept(series)
        elif series.categories is None:
            numbers = series.values[~np.isnan(series.values)]
            if not (numbers == np.rint(numbers)).all():
                raise DtypeError(
                    "MarkovChain takes symbols or whole numbers; found "
                    f"{numbers[numbers != np.rint(numbers)][0]:g}: give bins=, for example "
                    "bins=10, for a series of numbers",
                    code="symbols",
                )

    # -- fitting ------------------------------------------------------------------------------------------------

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        """Count transitions in all series."""
        if self.order != "bic":
            self._require(panel, int(self.order) + 1)
        self._learn_states(panel)
        places, size = [self._places(part) for part in panel], self._size()
        self.bics_ = counting.order_criteria(places, size, MOST_CELLS) if self.order == "bic" else None
        order = int(self.order) if self.bics_ is None else int(np.argmin(self.bics_))
        if size ** (order + 1) > MOST_CELLS:
            raise refuse("order", self.order, f"smaller: {size} states ** {order + 1} is past {MOST_CELLS:,} cells")
        self._afford(4 * size**order, size, "the counts of", "Take a lower order")
        self.order_ = order
        self.counts_, met = counting.transitions(counting.segments(places), order, size)
        weight = self.smoothing
        closed = np.flatnonzero(met & (self.counts_.sum(axis=1) == 0.0))
        if len(closed) and not weight:
            name = counting.context_name(int(closed[0]), self._state_names(), order)
            kind = (
                ""
                if self.bins or panel[0].categories
                else "; whole numbers are symbols here, for quantities give bins=10"
            )
            raise InputError(
                f"state {shown(name)} is seen only before the end or a gap of the training "
                "part and has no outgoing transition: give "
                f"smoothing=, for example smoothing=1.0{kind}",
                code="no-way-out",
                state=name,
            )
        self.transition_ = counting.shares(self.counts_, weight)
        if order == 1 and self.states_ is not None:
            absorbing = [str(s) for i, s in enumerate(self.states_) if self.transition_[i, i] == 1.0]
            if absorbing:
                self._note(f"{shown(absorbing[0])} is absorbing: once there, the chain stays")
        return order

    def _learn_states(self, panel: tuple[Series, ...]) -> None:
        """The symbols; or the bins, whose edges come from the training values alone."""
        self.states_ = self.edges_ = self.centers_ = self.spreads_ = None
        if self.bins is None:
            self.states_ = symbols.states_in(panel)
            return
        values = np.concatenate([part.values for part in panel])
        ordered = np.sort(values[~np.isnan(values)])
        self.edges_ = counting.cut_points(ordered, int(self.bins))
        parts = np.split(ordered, np.searchsorted(ordered, self.edges_))
        if len(parts) < int(self.bins):
            self._note(f"equal values leave {len(parts)} of {self.bins} bins")
        exponent = linear.scale_exponent([ordered], 0.0)  # of a sum that overflows
        self.centers_ = np.ldexp(
            counting.means(np.ldexp(ordered, -exponent), np.ldexp(self.edges_, -exponent)), exponent
        )
        spreads = [linear.spread([part], center) for part, center in zip(parts, self.centers_, strict=True)]
        self.spreads_ = np.array([np.ldexp(np.sqrt(variance), unit) for variance, unit in spreads])

    def _size(self) -> int:
        return len(self.states_ or ()) if self.edges_ is None else len(self.edges_) + 1

    def _state_names(self) -> list[str]:
        if self.states_ is not None:
            return [str(state) for state in self.states_]
        return [f"bin {place + 1}" for place in range(self._size())]

    def _places(self, series: Series) -> Array:
        """[time] the index of each value among states or bins; NaN where nothing, or a symbol never seen,
        was observed.
        """
        if self.edges_ is None:
            return symbols.places(series, self.states_ or ())
        return np.where(np.isnan(series.values), np.nan, counting.binned(series.values, self.edges_))

    # -- use ----------------------------------------------------------------------------------------------------

    def _encode_series(self, series: Series, after: State | None) -> State:
        """[origins, order]: indices of the last symbols among states or bins; NaN for a context that was not in the
        training part.
        """
        order, places = self.context, self._places(series)
        if not order:
            return (np.empty((len(places) + (after is None), 0)),)
        windows = joined_windows(places, order, after)
        whole_rows = ~np.isnan(windows).any(axis=1)
        stuck = np.zeros(len(windows), dtype=bool)
        stuck[whole_rows] = (self.transition_.sum(axis=1) == 0.0)[self._rows(windows[whole_rows])]
        # A piece that goes on from here needs the symbols themselves: the flag of an unseen context stands beside them.
        return windows, np.where(stuck, np.nan, 0.0)

    def why_no_forecast(self, series: Series) -> InputError | None:
        """The error for a series after which there is no forecast; None where a value is simply missing."""
        last = series[len(series) - self.context :]
        unseen = symbols.unseen(last, self.states_)
        if unseen is not None or not last.complete:
            return unseen
        names = self._state_names()
        name = " ".join(names[int(place)] for place in self._places(last))
        return InputError(
            f"the context {shown(name)} was never seen in training: give smoothing=, or a lower order",
            code="no-way-out",
            state=name,
        )

    def _plan(self, horizon: int) -> Roll:
        """The forecast of each step after each context, [contexts, horizon]: the most probable symbol;
        with bins the mean.
        """
        table = np.empty((len(self.transition_), horizon))
        for k, distribution in enumerate(counting.distributions(self.transition_, horizon)):
            table[:, k] = distribution.argmax(axis=1) if self.centers_ is None else distribution @ self.centers_
        return lambda state, out: table[self._rows(state[0])]

    def _plan_predictive(self, horizon: int) -> Callable[[State], Discrete | Mixture]:
        """The distribution of each step, by Chapman-Kolmogorov: Discrete [rows, horizon, states],
        or with bins a Mixture of them.
        """
        self._afford(self.transition_.size, horizon, "the distributions of", "Take fewer steps")
        distributions = np.empty((len(self.transition_), horizon, self._size()))
        for k, distribution in enumerate(counting.distributions(self.transition_, horizon)):
            distributions[:, k] = distribution
        centers, spreads, states = self.centers_, self.spreads_, self.states_

        def chosen(state: State) -> Array:
            return distributions[self._rows(state[0])]

        if centers is not None and spreads is not None:
            return lambda state: Mixture(chosen(state), centers, spreads)
        return lambda state: Discrete(chosen(state), tuple(states or ()))

    def _paths(self, state: State, horizon: int, n: int, seed: int, origins: Index) -> Array:
        """[n, rows, horizon]: drawn step by step; indices in `states_`, with bins normal values within the bin."""
        # The second half of the numbers places a value within its bin: normals of the same key would not be
        # independent.
        drawn = uniforms(seed, origins, n, horizon if self.centers_ is None else 2 * horizon)
        place = counting.draw(self.transition_, self._rows(state[0]), drawn[:, :, :horizon])
        if self.centers_ is None or self.spreads_ is None:
            return place.astype(np.float64)
        from scipy.special import ndtri

        within = ndtri(drawn[:, :, horizon:].clip(2.0**-54))
        return np.asarray(self.centers_[place] + self.spreads_[place] * within)

    def _rows(self, contexts: Array) -> npt.NDArray[np.intp]:
        return counting.contexts(contexts.astype(np.intp), contexts.shape[1], self._size())[:, 0]

    # -- properties of the chain --------------------------------------------------------------------------------

    @property
    def stationary_(self) -> Array:
        """[states] the distribution of a symbol (or bin) in the long run, whatever the start; of any order.

        >>> MarkovChain().fit(["dry", "dry", "wet", "dry", "dry", "wet", "wet", "dry"]).stationary_.round(3)
        array([0.571, 0.429])

        Raises InputError where the chain has several closed classes: where it ends then depends on the start.
        """
        transition, size = self.transition_, self._size()
        classes = counting.closed_classes(transition)
        if len(classes) > 1:
            names = self._state_names()
            inside = [", ".join(names[i] for i in np.unique(found % size)[:4]) for found in classes[:2]]
            raise InputError(
                f"{self.name} has {len(classes)} closed classes, such as {shown(inside[0])} and "
                f"{shown(inside[1])}: once in "
                "one it stays there, so there is no single stationary distribution; smoothing= joins them",
                code="several-classes",
                found=len(classes),
            )
        self._afford(7 * len(classes[0]), len(transition), "the stationary distribution of", "Take a lower order")
        return counting.stationary(transition, classes[0])

    def power(self, k: int) -> Array:
        """The k-step transition matrix P^k, [states, states]: row i is the distribution of the symbol k steps after
        state i.

        >>> chain = MarkovChain().fit(["dry", "dry", "wet", "dry", "dry", "wet", "wet", "dry"])
        >>> chain.power(2).round(3)
        array([[0.583, 0.417],
               [0.556, 0.444]])
        >>> bool((chain.power(1) == chain.transition_).all())
        True

        It is what the chain forecasts k steps ahead: the rows of `predictive`. Of any order it has the shape of
        `transition_`: [states ** order, states], a row for each context of the last `order` symbols, and is then no
        power of a square matrix but the same sum over paths. A context that training never saw has a row of zeros, at
        every k. With `bins` the states are the bins.

        Parameters
        ----------
        k : the number of steps, at least 1.
        """
        whole("k", k)
        transition = self.transition_
        self._afford(4 * len(transition), self._size(), "the k-step matrix of", "Take a lower order")
        if self.order_ == 1:
            return np.array(np.linalg.matrix_power(transition, int(k)))  # P^1 would be our own array
        if self.order_ == 0:  # nothing is remembered, and the distribution stays
            return transition.copy()
        return np.array(next(islice(counting.distributions(transition, int(k)), int(k) - 1, None)))  # nor here

    def agreement(self, series: Any, steps: Sequence[int] = (1, 2, 4, 8)) -> list[Agreement]:
        """Test of order 1: P^k against the k-step transitions counted in a series. One Agreement per step.

        >>> import stepahead as sa
        >>> rain = sa.datasets.markov(length=2000, seed=0)
        >>> for line in MarkovChain().fit(rain).agreement(rain, steps=(2, 4)):
        ...     print(line)
        k=2: P^k and the counted shares differ by at most 0.015; chi-square 0.7 on 1.3 degrees, p = 0.534
        k=4: P^k and the counted shares differ by at most 0.003; chi-square 3.5 on 1.6 degrees, p = 0.125

        Each has k, `predicted` P^k and `counted` [states, states] (the shares among all pairs k apart in `series`, a
        row of zeros where `n` is 0), n [states], statistic, degrees, p_value.

        The test takes every k-th pair, so that no two overlap, pools the cells of a row that expect fewer than 5, and
        allows for P being estimated from the same data (k = 1 then says nothing, and has 0 degrees and p = 1) or, where
        `series` is not the training part, from other data. Measured at a level of 5 %, k = 2, 4, 8: true chains of 2, 3
        and 5 states with 1,000 values are rejected in 4 to 6 % of 1,000 draws, shorter ones, where few cells are left,
        in as little as 1 %. A chain of order 2, and one of a hidden state, are rejected at k = 2 in 83 % of draws with
        500 values and in all with 2,000; at k = 8 in 9 to 14 % and 24 to 59 %: the test has little power at far steps.

        Parameters
        ----------
        series : one series or a list: the training part, or data that were not trained on.
        steps : the numbers of steps to check, each at least 1.
        """
        if self.order_ != 1:
            raise refuse("order", self.order_, "1 for a check of P(1)^k")
        chosen = [whole("steps", k) for k in as_tuple("steps", steps)]
        panel = as_panel(series)
        for part in panel:
            self._accept(part)
            unseen = symbols.unseen(part, self.states_)
            if unseen is not None:
                raise unseen
        size = self._size()
        longest = max(panel, key=len)
        require(len(longest), max(chosen, default=0) + 1, f"pairs {max(chosen, default=0)} steps apart", longest.name)
        self._afford(size**2, size**2, "the check of", "Take fewer states")
        places = [self._places(part) for part in panel]
        is_own = bool((counting.transitions(counting.segments(places), 1, size)[0] == self.counts_).all())
        return [counting.agree(places, self.counts_, self.transition_, k, is_own) for k in chosen]

    # -- many series at once ----------------------------------------------------------------------------------------

    def fit_batch(self, batch: Batch) -> Sequence[FittedBatch]:
        """Chains over bins of equal count; one that leaves fewer bins, or a context without an outgoing transition, is
        fitted by itself.
        """
        if self.bins is None or self.order == "bic":
            return []
        order, size, length = int(self.order), int(self.bins), batch.heads.shape[1]
        step = SIDE_BY_SIDE // (size**order * (size + len(batch.kept)) + length * size // 8)
        if length < order + 1 or not step:
            return []
        parts = (batch.all[begin : begin + step] for begin in range(0, len(batch.heads), step))
        return [fitted for rows in parts for fitted in self._side_by_side(batch, rows)]

    def _side_by_side(self, batch: Batch, every: Index) -> list[FittedBatch]:
        """The chains of some of the series."""
        order, size, heads = int(self.order), int(self.bins or 0), batch.heads[every]
        ordered = np.sort(heads, axis=1)
        found = [counting.cut_points(values, size) for values in ordered]
        rows = np.flatnonzero([len(edges) == size - 1 for edges in found])
        if not len(rows):
            return []
        edges = np.stack([found[row] for row in rows])
        transition, good = self._shares_of_each(counting.binned(heads[rows], edges), order, size)
        centers = counting.means(ordered[rows], edges)
        table = np.empty((len(rows), len(batch.kept), size**order))
        for k, distribution in enumerate(counting.distributions(transition, batch.horizon), start=1):
            table[:, batch.kept == k] = np.matmul(distribution, centers[:, :, None])[:, None, :, 0]
        # After a context that training never saw there is no forecast: a NaN there leaves the series to a fit by
        # itself.
        table[np.broadcast_to((transition.sum(axis=2) == 0.0)[:, None], table.shape)] = np.nan
        return [Binned(every[rows[good]], size, order, edges[good], table[good])]

    def _shares_of_each(self, places: Index, order: int, size: int) -> tuple[Array, Mask]:
        """Transition shares [series, contexts, size],
        and the series in which every context seen has an outgoing transition.
        """
        counts, met = counting.transitions([places], order, size)
        stuck = (met & (counts.sum(axis=2) == 0.0)).any(axis=1) & (self.smoothing == 0.0)
        return counting.shares(counts, float(self.smoothing)), ~stuck

    def score_batch(
        self, codes: Index, size: int, cut: int, horizon: int, kept: Index
    ) -> tuple[Array, Array, Mask] | None:
        """Zero-one and log loss of chains over symbols, from counts of contexts and of what came after them."""
        if self.bins is not None or self.order == "bic" or cut < int(self.order) + 1:
            return None
        step = COUNTED // size ** (int(self.order) + 1)
        if not step:
            return None
        starts = range(0, len(codes), step)
        parts = [self._score_batch(codes[begin : begin + step], size, cut, horizon, kept) for begin in starts]
        zero_one, log, good = (np.concatenate(part) for part in zip(*parts, strict=True))
        return zero_one, log, good

    def _score_batch(self, codes: Index, size: int, cut: int, horizon: int, kept: Index) -> tuple[Array, Array, Mask]:
        order = int(self.order)
        count = codes.shape[1] - cut - horizon + 1
        transition, good = self._shares_of_each(codes[:, :cut], order, size)
        contexts = counting.contexts(codes[:, cut - order : cut + count - 1], order, size)
        series, cells = len(codes), transition[0].size
        good &= (np.take_along_axis(transition.sum(axis=2), contexts, axis=1) > 0.0).all(axis=1)
        if order == 1:  # an absorbing symbol gets a note, from `fit` alone
            good &= (np.einsum("sii->si", transition) < 1.0).all(axis=1)
        zero_one, log = np.empty((series, len(kept))), np.empty((series, len(kept)))
        for k, distribution in enumerate(counting.distributions(transition, int(kept[-1])), start=1):
            if k not in kept:
                continue
            column = kept == k
            later = codes[:, cut + k - 1 : cut + k - 1 + count]
            where = np.arange(series)[:, None] * cells + contexts * size + later
            joint = np.bincount(where.ravel(), minlength=series * cells).reshape(distribution.shape)
            ranked = np.sort(distribution, axis=2)
            if size > 1 and k > 1:
                good &= ~((ranked[:, :, -1] - ranked[:, :, -2] < NEAR) & (joint.sum(axis=2) > 0)).any(axis=1)
            right = np.take_along_axis(joint, distribution.argmax(axis=2)[:, :, None], axis=2).sum(axis=(1, 2))
            zero_one[:, column] = (count - right)[:, None]
            with np.errstate(divide="ignore", invalid="ignore"):
                lost = np.where(joint > 0, -np.log(distribution) * joint, 0.0).sum(axis=(1, 2))
            log[:, column] = lost[:, None]
        return zero_one, log, good

    # -- storage ------------------------------------------------------------------------------------------------

    def _shapes(self) -> Shapes:
        order = whole("order_", self.order_, 0)
        if self.context != order or (self.order != "bic" and self.order != order):
            raise ValueError("context and order differ")
        shapes = self._shapes_of_states()
        size = self._size()
        # With one state the table is the same for every order: the training part, which was longer, bounds it.
        most = MOST_CELLS.bit_length() if size > 1 else int(max(self.trained_lengths_, default=0))
        if order >= most or not 0 < size ** (order + 1) <= MOST_CELLS:
            raise ValueError("states and order do not fit together")
        if (self.order == "bic") != (self.bics_ is not None):
            raise ValueError("bics_ goes with the order bic, and with no other")
        if self.bics_ is not None:
            shapes["bics_"] = (None,)
        return {**shapes, "counts_": (size**order, size), "transition_": (size**order, size)}

    def _shapes_of_states(self) -> Shapes:
        of_bins = (self.edges_, self.centers_, self.spreads_)
        if self.bins is None:
            if any(part is not None for part in of_bins) or not isinstance(self.states_, list):
                raise ValueError("a chain of symbols has states and no bins")
            self.states_ = symbols.checked(self.states_)
            return {}
        if self.states_ is not None or not isinstance(self.edges_, np.ndarray) or self.edges_.ndim != 1:
            raise ValueError("a chain of bins has edges, centers and spreads, and no states")
        size = self._size()
        if size > self.bins:
            raise ValueError("there are more bins than were asked for")
        return {"edges_": (size - 1,), "centers_": (size,), "spreads_": (size,)}

    def _check_learned(self) -> None:
        if self.edges_ is not None and not (
            (np.diff(self.edges_) > 0.0).all() and (np.asarray(self.spreads_) >= 0.0).all()
        ):
            raise ValueError("edges_ should rise, and spreads_ be at least 0")
        if self.bics_ is not None and np.argmin(self.bics_) != self.order_:
            raise ValueError("order_ is not that of the least of bics_")
        if not ((self.counts_ >= 0.0) & (self.counts_ == np.rint(self.counts_))).all() or not self.counts_.any():
            raise ValueError("counts_ should be counts")
        if not np.allclose(self.transition_, counting.shares(self.counts_, self.smoothing), rtol=0.0, atol=1e-9):
            raise ValueError("transition_ is not the share of counts_")


# ---------------------------------------------------------------------------------------------------------------
# Side by side

COUNTED = 1 << 20
"""Most counts of one batch of chains of symbols."""
SIDE_BY_SIDE = 1 << 22
"""Most numbers (counts, forecasts, bin indices) of one batch of fitted chains; larger chains are fitted one by one.
"""
NEAR = 1e-9
"""Least difference of two probabilities: below it rounding could decide which symbol is the more probable one."""


@dataclass(frozen=True)
class Binned:
    """Chains over the bins of each series: edges [series, bins - 1], forecasts [series, steps, contexts]."""

    rows: Index
    width: int
    context: int
    edges: Array
    table: Array

    def ahead(self, part: slice, values: Array, first: int, count: int) -> Array:
        """[series, steps, origins]."""
        edges = self.edges[part]
        places = counting.binned(values[:, first - self.context : first + count - 1], edges)
        contexts = counting.contexts(places, self.context, edges.shape[1] + 1)
        return np.take_along_axis(self.table[part], contexts[:, None], axis=2)

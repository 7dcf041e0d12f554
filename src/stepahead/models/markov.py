"""Markov chains on symbols: the law of the next symbol given the last few, and of every step after by summing over paths."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..distributions import Discrete
from ..errors import DtypeError, InputError, note, shown
from ..parameters import real, refuse, whole
from ..protocols import Array, Roll, State
from ..series import Series, as_series
from ..storage import register
from ..walk import afford
from ..windows import joined_windows, lagged
from .model import Model

if TYPE_CHECKING:
    from typing import Self

MOST_CELLS = 1 << 24


@register
class MarkovChain(Model):
    """P(x_(t+1) | x_1 .. x_t) = P(x_(t+1) | the last `order` symbols).

    >>> chain = MarkovChain(order=1).fit(["dry", "dry", "wet", "dry", "dry", "wet", "wet", "dry"])
    >>> chain.states_
    ('dry', 'wet')
    >>> chain.transition_.round(3)
    array([[0.5  , 0.5  ],
           [0.667, 0.333]])
    >>> chain.forecast(["dry", "wet"], horizon=2)
    array(['dry', 'dry'], dtype=object)

    Parameters
    ----------
    order : how many symbols are remembered; 0 is the law of a symbol whatever came before.
    smoothing : total weight that is spread over each row before counting (Dirichlet), at least 0.

    Attributes
    ----------
    states_ : the symbols seen in training, in order.
    counts_, transition_ : [states, states] for order 1, else [states ** order, states]; the last `order` symbols number
        the row, the newest counting least; rows of `transition_` sum to 1.

    Raises
    ------
    InputError : a symbol that training never saw; a state without a way out (see `smoothing`).
    """

    _learned = ("states_", "counts_", "transition_")
    states_: tuple[Any, ...]
    counts_: Array
    transition_: Array

    def __init__(self, order: int = 1, smoothing: float = 0.0) -> None:
        self.order = order
        self.smoothing = smoothing

    def _check(self) -> None:
        whole("order", self.order, 0)
        real("smoothing", self.smoothing, least=0.0)

    def _accept(self, series: Series) -> None:
        if series.categories is None:
            numbers = series.values[~np.isnan(series.values)]
            if not (numbers == np.rint(numbers)).all():
                raise DtypeError(
                    f"MarkovChain takes symbols or whole numbers; found {numbers[numbers != np.rint(numbers)][0]:g}",
                    code="symbols",
                )

    def fit(self, series: Any) -> Self:
        """Count transitions in one series, or in all of a list."""
        panel = self._begin(series)
        order = int(self.order)
        self._require(panel, order + 1)
        seen = {symbol for part in panel for symbol in _alphabet(part)}
        self.states_ = tuple(s for s in panel[0].categories if s in seen) if panel[0].categories else tuple(sorted(seen))
        size = len(self.states_)
        if size ** (order + 1) > MOST_CELLS:
            raise refuse("order", self.order, f"smaller: {size} states ** {order + 1} is past {MOST_CELLS:,} cells")
        counts, met = np.zeros((size**order, size)), np.zeros(size**order, dtype=bool)
        for part in panel:
            codes = self._places(part)
            contexts = _complete(lagged(codes, order)) if order else np.empty((1, 0), dtype=np.intp)
            met[_number(contexts, size)] = True
            windows = _complete(lagged(codes, order + 1))
            np.add.at(counts, (_number(windows[:, :-1], size), windows[:, -1]), 1.0)
        self.counts_ = counts
        totals, weight = counts.sum(axis=1, keepdims=True), float(self.smoothing)
        closed = np.flatnonzero(met & (totals[:, 0] == 0.0))
        if len(closed) and not weight:
            name = self._row_name(int(closed[0]), order)
            self._forget()
            raise InputError(
                f"state {shown(name)} is seen only before the end or a gap of the training part and has no way out: give "
                "smoothing=, for example smoothing=1.0",
                code="no-way-out",
                state=name,
            )
        with np.errstate(divide="ignore", invalid="ignore"):
            self.transition_ = np.where(totals + weight > 0.0, (counts + weight / size) / (totals + weight), 0.0)
        if order == 1:
            absorbing = [str(s) for i, s in enumerate(self.states_) if self.transition_[i, i] == 1.0]
            if absorbing:
                self.notes_ += (note(f"{self.name}: {shown(absorbing[0])} is absorbing: once there, the chain stays"),)
        return self._done(panel, order)

    def _row_name(self, row: int, order: int) -> str:
        size, names = len(self.states_), []
        for _ in range(order):
            row, place = divmod(row, size)
            names.append(str(self.states_[place]))
        return " ".join(reversed(names))

    def _places(self, series: Series) -> Array:
        """[time] the place of each symbol among `states_`; NaN where nothing, or a symbol never seen, was observed."""
        table = {symbol: float(place) for place, symbol in enumerate(self.states_)}
        if series.categories is not None:
            places = np.array([table.get(symbol, np.nan) for symbol in series.categories] + [np.nan])
            return np.asarray(places[series.values])
        known, found = np.array(self.states_, dtype=np.float64), np.zeros(len(series), dtype=np.intp)
        by_size = np.argsort(known)
        found = by_size[np.searchsorted(known[by_size], series.values).clip(0, len(known) - 1)]
        return np.where(known[found] == series.values, found.astype(np.float64), np.nan)

    def encode(self, values: Any, after: State | None = None) -> State:
        """[origins, order]: the places of the last symbols among `states_`; NaN where training never saw such a context."""
        series = as_series(values)
        self._accept(series)
        order, places = self.context, self._places(series)
        if not order:
            return (np.empty((len(places) + (after is None), 0)),)
        windows = joined_windows(places, order, after)
        whole_rows = ~np.isnan(windows).any(axis=1)
        stuck = np.zeros(len(windows), dtype=bool)
        stuck[whole_rows] = self.transition_[self._rows(windows[whole_rows])].sum(axis=1) == 0.0
        # A piece that goes on from here needs the symbols themselves: the mark of a context never seen stands beside them.
        return windows, np.where(stuck, np.nan, 0.0)

    def why_no_forecast(self, series: Series) -> InputError | None:
        """The error for a series after which there is no forecast; None where a value is simply missing."""
        last = series[len(series) - self.context :]
        for symbol in _alphabet(last):
            if symbol not in self.states_:
                known = ", ".join(shown(s) for s in self.states_[:6])
                return InputError(
                    f"state {shown(symbol)} was never seen in training; known are {known}",
                    code="unseen-state",
                    state=symbol,
                    known=self.states_,
                )
        if not last.complete:
            return None
        name = " ".join(str(s) for s in last.symbols)
        return InputError(
            f"the context {shown(name)} was never seen in training: give smoothing=, or a lower order",
            code="no-way-out",
            state=name,
        )

    def plan(self, horizon: int) -> Roll:
        """The most probable symbol of each step after each context: [contexts, horizon]."""
        table = np.empty((len(self.transition_), horizon))
        for k, law in enumerate(self._laws(horizon)):
            table[:, k] = law.argmax(axis=1)
        return lambda state, out: table[self._rows(state[0])]

    def predictive(self, state: State, horizon: int) -> Discrete:
        """The law of the symbol at each step, [rows, horizon, states], by Chapman-Kolmogorov."""
        return self.plan_predictive(horizon)(state)

    def plan_predictive(self, horizon: int) -> Callable[[State], Discrete]:
        """The laws after each context, [contexts, horizon, states]."""
        afford(self.transition_.size, horizon, f"the laws of {self.name}")
        laws = np.stack(list(self._laws(horizon)), axis=1)
        return lambda state: Discrete(laws[self._rows(state[0])], self.states_)

    def _laws(self, horizon: int) -> Iterator[Array]:
        """The law k = 1 .. horizon steps after each context, [contexts, states], by first-step recursion."""
        rows, size = self.transition_.shape
        following = (np.arange(rows)[:, None] * size + np.arange(size)) % rows
        law = self.transition_
        for _ in range(horizon):
            yield law
            law = np.matmul(self.transition_[:, None, :], law[following])[:, 0]

    def _rows(self, contexts: Array) -> npt.NDArray[np.intp]:
        return _number(contexts.astype(np.intp), len(self.states_))

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        self.states_ = tuple(self.states_)
        size, order = len(self.states_), whole("order", self.order, 0)
        if self.context != order or len(set(self.states_)) != size or not 0 < size ** (order + 1) <= MOST_CELLS:
            raise ValueError("states and order do not fit together")
        kinds = {type(state) for state in self.states_}
        if kinds not in ({str}, {int}, {bool}, {float}):
            raise ValueError("states should be all text or all numbers")
        shape = (size**order, size)
        for key in ("counts_", "transition_"):
            array = getattr(self, key)
            if not isinstance(array, np.ndarray) or array.shape != shape or not (array >= 0.0).all():
                raise ValueError(f"{key} should be numbers of at least 0, of shape {shape}")
        sums = self.transition_.sum(axis=1)
        if not ((np.abs(sums - 1.0) < 1e-9) | (sums == 0.0)).all():
            raise ValueError("rows of transition_ should sum to 1")
        return {"counts_": shape, "transition_": shape}


def _complete(windows: Array) -> npt.NDArray[np.intp]:
    """The windows without a hole."""
    return windows[~np.isnan(windows).any(axis=1)].astype(np.intp)


def _alphabet(series: Series) -> list[Any]:
    """The symbols that occur, in their order: nothing is known of those that do not."""
    if series.categories is None:
        return [int(v) for v in np.unique(series.values[~np.isnan(series.values)])]
    present = np.unique(series.values[series.values >= 0])
    return [series.categories[int(code)] for code in present]


def _number(contexts: npt.NDArray[np.intp], size: int) -> npt.NDArray[np.intp]:
    """[rows, order] places -> the number of each context, the newest symbol counting least."""
    out = np.zeros(len(contexts), dtype=np.intp)
    for column in contexts.T:
        out = out * size + column
    return out

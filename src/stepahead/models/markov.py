"""Markov chains on symbols: the law of the next symbol given the last few, and of every step after by summing over paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..distributions import Discrete
from ..errors import DtypeError, InputError, shown
from ..parameters import real, refuse, whole
from ..protocols import Array, State
from ..series import Series, as_series
from ..storage import register
from ..windows import joined_windows, lagged, require
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
        seen: dict[Any, None] = {}
        for part in panel:
            for symbol in _alphabet(part):
                seen[symbol] = None
        self.states_ = tuple(seen) if all(p.categories is not None for p in panel) else tuple(sorted(seen))
        size = len(self.states_)
        if size ** (order + 1) > MOST_CELLS:
            raise refuse("order", self.order, f"smaller: {size} states ** {order + 1} is past {MOST_CELLS:,} cells")
        counts = np.zeros((size**order, size))
        open_ends = []
        for part in panel:
            codes = self._places(part)
            windows = lagged(codes, order + 1)
            whole_rows = windows[~np.isnan(windows).any(axis=1)].astype(np.intp)
            np.add.at(counts, (_number(whole_rows[:, :-1], size), whole_rows[:, -1]), 1.0)
            if order and len(codes) >= order and not np.isnan(codes[-order:]).any():
                open_ends.append(int(_number(codes[-order:].astype(np.intp)[None, :], size)[0]))
        self.counts_ = counts
        totals = counts.sum(axis=1, keepdims=True)
        weight = float(self.smoothing)
        for row in open_ends:
            if not totals[row] and not weight:
                raise InputError(
                    f"state {shown(self._row_name(row))} is seen only at the end of the training part and has no way out: "
                    "give smoothing=, for example smoothing=1.0",
                    code="no-way-out",
                    state=self._row_name(row),
                )
        with np.errstate(divide="ignore", invalid="ignore"):
            self.transition_ = np.where(totals + weight > 0.0, (counts + weight / size) / (totals + weight), 0.0)
        self.context = order
        return self

    def _row_name(self, row: int) -> str:
        size, names = len(self.states_), []
        for _ in range(int(self.order)):
            row, place = divmod(row, size)
            names.append(str(self.states_[place]))
        return " ".join(reversed(names))

    def _places(self, series: Series) -> Array:
        """[time] the place of each symbol among `states_`, NaN where nothing was observed."""
        table = {symbol: float(place) for place, symbol in enumerate(self.states_)}
        kinds = _alphabet(series)
        for symbol in kinds:
            if symbol not in table:
                raise InputError(
                    f"state {shown(symbol)} was never seen in training; known are "
                    + ", ".join(shown(s) for s in self.states_[:6]),
                    code="unseen-state",
                    state=symbol,
                    known=self.states_,
                )
        if series.categories is not None:
            places = np.array([table.get(symbol, np.nan) for symbol in series.categories] + [np.nan])
            return np.asarray(places[series.values])
        known = np.array(sorted(table), dtype=np.float64)
        rank = np.array([table[symbol] for symbol in sorted(table)])
        found = np.searchsorted(known, series.values).clip(0, len(known) - 1)
        return np.where(np.isnan(series.values), np.nan, rank[found])

    def encode(self, values: Any, after: State | None = None) -> State:
        """[origins, order]: the places of the last symbols among `states_`."""
        series = as_series(values)
        self._accept(series)
        order = self.context
        places = self._places(series)
        if not order:
            return (np.empty((len(places) + (after is None), 0)),)
        require(len(places), 0 if after is not None else order, self.name)
        return (joined_windows(places, order, after),)

    def rollout(self, state: State, horizon: int) -> Array:
        """[rows, horizon]: the place among `states_` of the most probable symbol at each step."""
        table = self._laws(horizon).argmax(axis=-1).astype(np.float64)
        out = table[self._rows(state)]
        # Of whole numbers the numbers themselves: such a series has no table of symbols to look them up in.
        if not isinstance(self.states_[0], str) and not self._symbolic():
            return np.asarray(np.array(self.states_, dtype=np.float64)[out.astype(np.intp)])
        return np.asarray(out)

    def _symbolic(self) -> bool:
        return any(isinstance(symbol, str) for symbol in self.states_)

    def predictive(self, state: State, horizon: int) -> Discrete:
        """The law of the symbol at each step, [rows, horizon, states], by Chapman-Kolmogorov."""
        return Discrete(self._laws(horizon)[self._rows(state)], self.states_)

    def _laws(self, horizon: int) -> Array:
        """[states ** order, horizon, states]: the law k steps after each context, by first-step recursion."""
        rows, size = self.transition_.shape
        following = (np.arange(rows)[:, None] * size + np.arange(size)) % rows
        laws = np.empty((rows, horizon, size))
        law = self.transition_
        for k in range(horizon):
            laws[:, k] = law
            law = np.matmul(self.transition_[:, None, :], law[following])[:, 0]
        return laws

    def _rows(self, state: State) -> npt.NDArray[np.intp]:
        contexts = state[0].astype(np.intp)
        rows = _number(contexts, len(self.states_))
        stuck = ~(self.transition_[rows].sum(axis=1) > 0.0)
        if stuck.any():
            name = self._row_name(int(rows[int(np.argmax(stuck))]))
            raise InputError(
                f"the context {shown(name)} was never seen in training: give smoothing=, or a lower order",
                code="no-way-out",
                state=name,
            )
        return rows

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        self.states_ = tuple(self.states_)
        size, order = len(self.states_), whole("order", self.order, 0)
        if self.context != order or len(set(self.states_)) != size or size ** (order + 1) > MOST_CELLS:
            raise ValueError("states and order do not fit together")
        return {"counts_": (size**order, size), "transition_": (size**order, size)}


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

"""Model from any regressor on a window: one of scikit-learn, or any other with `fit` and `predict`."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..draws import drawn_rows
from ..errors import FitError, InputError, ParameterError, note, shown
from ..known_ahead import check_chunk, checked_lags, named, named_on, settle, told
from ..parameters import refuse, whole
from ..protocols import Array, Column, Regressor, Roll, State
from ..series import Series, in_fixed_order
from ..storage import register
from ..windows import chunked, joined_windows, require
from .model import Model, reseeded

if TYPE_CHECKING:
    from typing import Self

    from .window_columns import Features


def training_pairs(panel: tuple[Series, ...], lags: int, chunk: int, name: str) -> tuple[Array, Array]:
    """X [rows, lags] and Y [rows, chunk] from the training part: windows whose targets all lie in it,
    none with a missing value.
    """
    panel = tuple(in_fixed_order(panel))
    found = [chunked(part.numbers, lags, chunk) for part in panel]
    if not all(part.complete for part in panel):
        kept = [~(np.isnan(X).any(axis=1) | np.isnan(Y).any(axis=1)) for X, Y in found]
        found = [(X[good], Y[good]) for (X, Y), good in zip(found, kept, strict=True)]
    X, Y = found[0] if len(found) == 1 else (np.vstack([x for x, _ in found]), np.vstack([y for _, y in found]))
    if not len(X):
        raise InputError(
            f"{name} found no window of {lags} values with its {chunk} targets in the training part",
            code="too-short",
            found=max(len(part) for part in panel),
            needed=lags + chunk,
        )
    return X, Y


def pairs_of(model: Any, panel: tuple[Series, ...], name: str) -> tuple[Array, Array]:
    """The training pairs of a model on a window: with `reach` targets each; a chunk where the model has no `reach`."""
    lags, reach = int(model.lags), int(getattr(model, "reach", model.chunk))
    longest = max(panel, key=len)
    require(len(longest), lags + reach, f"fitting {name}", longest.name)
    if len(panel) > 1 or not longest.complete:  # else they are views
        model._afford(3 * sum(len(part) for part in panel), lags + reach, "the windows of", "Take fewer lags")
    return training_pairs(panel, lags, reach, name)


def refuse_columns(using: Sequence[str]) -> None:
    """Refuse columns where there are windows alone."""
    if using:
        raise refuse("using", using, "left out where a model learns from windows alone")


def batch_order(seed: int, net: int, rows: int, epochs: int) -> npt.NDArray[np.intp]:
    """[epochs, rows]: the order in which each epoch of training takes the pairs;
    from another random stream than the initial weights.
    """
    rng = np.random.default_rng([seed, net, 1])
    return np.array([rng.permutation(rows) for _ in range(epochs)], dtype=np.intp)


def log_lines(losses: Array) -> str:
    """A training log as the note prints it: a line an epoch."""
    return "\n".join(f"epoch {i + 1}, loss: {loss:f}" for i, loss in enumerate(losses))


def slide(windows: Array, horizon: int, chunk: int, predict: Any) -> Array:
    """Predict a chunk, append it, slide on: [rows, horizon] from windows [rows, lags]."""
    rows, lags = windows.shape
    known = np.empty((rows, lags + -(-horizon // chunk) * chunk))
    known[:, :lags] = windows
    for start in range(0, horizon, chunk):
        known[:, lags + start : lags + start + chunk] = predict(known[:, start : start + lags])
    return known[:, lags : lags + horizon]


def resampled_paths(
    predict: Any, residuals: Array, windows: Array, horizon: int, n: int, seed: int, origins: npt.NDArray[np.intp]
) -> Array:
    """[n, rows, horizon]: a chunk is predicted, a whole row of `residuals` [kept, chunk] drawn and added, and both fed
    back.

    The n paths of a row are a batch of their own, so that it is bitwise the same whatever other rows there are.
    """
    chunk = residuals.shape[1]
    out = np.empty((n, len(windows), horizon))
    for row, window in enumerate(windows):
        shocks = drawn_rows(residuals, seed, origins[row : row + 1], n, -(-horizon // chunk))

        def perturbed(known: Array, shocks: Iterator[Array] = shocks) -> Array:
            return np.asarray(predict(known) + next(shocks))

        out[:, row] = slide(np.broadcast_to(window, (n, len(window))), horizon, chunk, perturbed)
    return out


class PerStep:
    """One copy of a regressor for each step of the chunk: the direct strategy, for regressors with one output.

    >>> from sklearn.linear_model import LinearRegression
    >>> model = Windowed(PerStep(LinearRegression()), lags=2, chunk=3)
    >>> model = model.fit([1.0, 2.0, 4.0, 3.0, 5.0, 4.0, 6.0, 5.0, 7.0])
    >>> len(model.regressor_.regressors_), model.name
    (3, 'PerStep(LinearRegression)(2)')

    With ``chunk=1`` it is the regressor itself, with ``chunk=horizon`` direct, in between block by block.

    Parameters
    ----------
    regressor : anything with ``fit(X, y)`` and ``predict(X)``, y [rows]. It is copied for each step.

    Attributes
    ----------
    regressors_ : [chunk] the fitted copies.
    """

    regressors_: list[Any]

    def __init__(self, regressor: Regressor) -> None:
        self.regressor = regressor

    def fit(self, X: Array, Y: Array, own: Sequence[Array] = ()) -> Self:
        """Fit a copy on each column of Y: X [rows, lags], Y [rows] or [rows, chunk]; `own` is what each copy reads
        beside X, [rows, ..] for each: the columns known ahead about its step.
        """
        columns = Y.reshape(len(Y), -1)
        self.regressors_ = [copy.deepcopy(self.regressor) for _ in range(columns.shape[1])]
        for step, regressor in enumerate(self.regressors_):
            regressor.fit(np.hstack([X, own[step]]) if own else X, columns[:, step].copy())
        return self

    def predict(self, X: Array, own: Sequence[Array] = ()) -> Array:
        """[rows, lags] -> [rows, chunk]; with `own` of the first steps alone, those."""
        if not own:
            return np.column_stack([np.ravel(regressor.predict(X)) for regressor in self.regressors_])
        pairs = zip(self.regressors_, own, strict=False)
        return np.column_stack([np.ravel(regressor.predict(np.hstack([X, more]))) for regressor, more in pairs])

    def reseeded(self, seed: int) -> PerStep | None:
        """A copy whose regressors have another seed; None where theirs has none."""
        inner = reseeded(self.regressor, seed)
        return None if inner is None else PerStep(inner)

    def __repr__(self) -> str:
        return f"PerStep({self.regressor!r})"


class AsRegressor:
    """A model on a window as a regressor with one output: `fit` and `predict`, so that `PerStep` can copy it.

    >>> import stepahead as sa
    >>> X, y = np.array([[1.0], [2.0], [3.0]]), np.array([2.0, 4.0, 6.0])
    >>> AsRegressor(sa.AR(1, intercept=False)).fit(X, y).predict(np.array([[10.0]]))
    array([20.])
    """

    def __init__(self, model: Any) -> None:
        self.model = model

    def fit(self, X: Array, y: Array) -> AsRegressor:
        """X [rows, lags], y [rows]."""
        self.fitted_ = self.model.clone().fit_pairs(X, np.reshape(y, (len(X), 1)))
        return self

    def predict(self, X: Array) -> Array:
        """[rows, lags] -> [rows]."""
        return np.asarray(self.fitted_.rollout((X,), 1)[:, 0])


@register
class Windowed(Model):
    """A regressor that reads the last `lags` values and emits `chunk` steps at once.

    >>> from sklearn.linear_model import LinearRegression
    >>> import stepahead as sa
    >>> model = Windowed(LinearRegression(), lags=2).fit([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    >>> model.forecast([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], horizon=2).round(6)
    array([7., 8.])

    Parameters
    ----------
    regressor : anything with ``fit(X, Y)`` and ``predict(X)``; X is [rows, lags], oldest lag first, Y [rows] for
        chunk = 1 and [rows, chunk] above. It is copied, never fitted in place.
    lags : how many past values it reads, at least 1.
    chunk : steps emitted at once: 1 is recursive, ``chunk=horizon`` one-shot.
    using : names of columns beside the values, or "known", "past", "all"; none by default. A row of X then has the
        last `lags` values, oldest first; the last `lags` of each past column, oldest first; and the columns known
        ahead, step by step from the oldest, at all steps of the chunk (with `PerStep` each copy reads them about its
        own step). They are taken as they come: a regressor that wants them scaled scales them itself, in a pipeline.
        A past column is unknown one step on, so that a model with one forecasts `chunk` steps and no more.
    column_lags : how many steps before its target a column known ahead is read: by default at it alone.

    >>> series = sa.datasets.shop(seed=0)
    >>> Windowed(LinearRegression(), lags=7, using=["promo", "holiday"]).fit(series[:657]).name
    'LinearRegression(7) with promo, holiday'

    Attributes
    ----------
    regressor_ : the fitted copy. columns_ : the columns in use, as (name, kind).

    Raises
    ------
    FitError : the regressor predicts something that is not a finite number, or in another shape than it learned.
    """

    _learned = ("regressor_",)
    _costs = {"rollout": lambda m, rows, steps: rows * (2 * m.lags + steps + 4 * m.chunk)}
    regressor_: Any

    def __init__(
        self,
        regressor: Regressor,
        lags: int,
        chunk: int = 1,
        using: Sequence[str] = (),
        column_lags: Sequence[int] = (0,),
    ) -> None:
        self.regressor = regressor
        self.lags = lags
        self.chunk = chunk
        self.using = using
        self.column_lags = column_lags

    def _check(self) -> None:
        self.lags, self.chunk = whole("lags", self.lags), whole("chunk", self.chunk)
        self.using = named(self.using)
        self.column_lags = checked_lags(self.column_lags)
        for verb in ("fit", "predict"):
            if not callable(getattr(self.regressor, verb, None)):
                raise ParameterError(
                    f"regressor has no {verb}(): Windowed takes a regressor, an instance with fit and predict",
                    code="parameter",
                    name="regressor",
                )

    @property
    def name(self) -> str:
        """The regressor's class and the lags, ``LinearRegression(24)``."""
        inner = self.regressor
        of = f"({type(inner.regressor).__name__})" if isinstance(inner, PerStep) else ""
        own = f"{type(inner).__name__}{of}({self.lags})"
        return told(own, named(self.using), self.columns_) if self.using else own

    def columns_on(self, series: Series) -> tuple[tuple[Column, ...], int | None]:
        """The columns that are named in `using`; with a past one among them it forecasts its chunk and no more."""
        return named_on(self, series)

    @property
    def _features(self) -> Features:
        """What it reads, where it uses columns."""
        from .window_columns import Features  # here: most models have no columns

        apart = isinstance(self.regressor, PerStep)
        return Features(self.columns_, int(self.lags), int(self.chunk), tuple(self.column_lags), apart, None)

    @property
    def leads(self) -> int:
        """How many steps beyond the one it forecasts it reads of the columns known ahead: to the end of its chunk."""
        return self._features.leads if self.columns_ else 0

    def reads(self, steps: Any) -> Any:
        """Up to which step it reads the columns known ahead to forecast so many: to the end of a chunk."""
        return self._features.reads(steps) if self.columns_ else steps

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        """Fit a copy of the regressor on the pairs of all series."""
        if self.using:
            settle(self, panel, self.using)
        if not self.columns_:
            return self._fit_on(*pairs_of(self, panel, self.name))
        features = self._features
        features.afford(self, panel)
        self._fit_on(*features.pairs(panel, self.name))
        return features.context

    def fit_pairs(self, X: Array, Y: Array) -> Self:
        """Fit on pairs that are made already: X [rows, lags], Y [rows, chunk]."""
        refuse_columns(self.using)
        self.context = self._fit_on(X, Y)
        return self

    def _fit_on(self, X: Array, Y: Array, own: Sequence[Array] = ()) -> int:
        self._afford(
            4 * len(X), sum(X.shape[1:] + Y.shape[1:]), "the windows of", "Take fewer lags, or a smaller train="
        )
        self.regressor_ = copy.deepcopy(self.regressor)
        wanted = Y[:, 0].copy() if self.chunk == 1 else np.ascontiguousarray(Y)
        with self._theirs():
            self.regressor_.fit(np.ascontiguousarray(X), wanted, *([own] if own else ()))
        return int(self.lags)

    def for_pairs(self) -> Self:
        """The same, not fitted."""
        return self.clone()

    def ways(self, horizon: int) -> dict[str, Any]:
        """The regressor fed back, a copy of it for each step, and all steps at once where it learns many targets."""
        inner, lags = self.regressor, self.lags
        while isinstance(inner, PerStep):
            inner = inner.regressor
        beside: dict[str, Any] = {"using": self.using, "column_lags": self.column_lags}
        found = {
            "recursive": Windowed(inner, lags, **beside),
            "direct": Windowed(PerStep(inner), lags, chunk=horizon, **beside),
        }
        if _takes_many_targets(inner):
            found["one-shot"] = Windowed(inner, lags, chunk=horizon, **beside)
        else:
            note(
                f"{type(inner).__name__} takes one target alone: recursive and direct are scored, there is no one-shot"
            )
        return found

    def _encode_series(self, series: Series, after: State | None) -> State:
        """[origins, lags]: the last values, a zero-copy view; of columns as far back as they are read."""
        if self.columns_:
            return self._features.encoded(series, after, self.name)
        return (joined_windows(series.numbers, self.context, after),)

    def _plan(self, horizon: int) -> Roll:
        """[rows, horizon], predicted chunk by chunk."""
        if not self.columns_:
            return lambda state, out: slide(state[0], horizon, self.chunk, self._predict)
        features = self._features
        check_chunk(self, horizon)
        return lambda state, out, ahead: features.rolled(state, ahead, horizon, self._predict)

    @contextmanager
    def _theirs(self) -> Iterator[None]:
        """Turn an error of the regressor into a message that names the regressor."""
        try:
            with np.errstate(all="ignore"):
                yield
        except (ArithmeticError, ValueError) as error:
            raise FitError(
                f"{self.name}: {type(self.regressor).__name__} says {type(error).__name__}: {shown(str(error))}",
                code="regressor",
            ) from error

    def _predict(self, windows: Array, own: Sequence[Array] = ()) -> Array:
        with self._theirs():
            ahead = np.asarray(self.regressor_.predict(windows, *([own] if own else ())), dtype=np.float64)
        wanted = len(own) or self.chunk
        if ahead.size != len(windows) * wanted:
            raise FitError(
                f"{self.name} predicts shape {ahead.shape} for {len(windows)} windows; "
                f"{(len(windows), wanted)} was wanted",
                code="shape",
                found=ahead.shape,
            )
        return ahead.reshape(len(windows), wanted)


def _takes_many_targets(regressor: Any) -> bool:
    """Whether a copy learns two targets from a few made-up rows: the one thing that every regressor can be asked."""
    X = np.random.default_rng(0).normal(size=(32, 2))
    try:
        found = copy.deepcopy(regressor).fit(X, X[:, ::-1].copy()).predict(X)
    except (ValueError, TypeError):
        return False
    return bool(np.shape(found) == X.shape)

"""Forecast as the mean over sampled paths: for nonlinear models, where feeding back the mean is biased."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..distributions import Samples
from ..draws import keys
from ..errors import ParameterError
from ..parameters import whole
from ..protocols import Array, Forecaster, State, draws_paths, notes_of
from ..series import Series
from ..storage import register
from ..walk import name_of, take
from .model import Shapes
from .wrappers import Wrapping, check_inner, fit_inner

MOST_PATHS = 100_000


@register
class Sampled(Wrapping):
    """Wrapper of a model with `paths`: their mean is the forecast, and the paths are the distribution.

    Feeding a forecast back treats it as observed, which biases a nonlinear model: E f(X) is not f(E X). So noise is
    added to each step before it is fed back, and the mean is taken at the end.

    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> model = Sampled(sa.MLP(lags=4), n=50).fit(series[:604])
    >>> model.forecast(series, horizon=64).shape
    (64,)
    >>> model.predictive(model.encode(series[:700]), horizon=3).quantile(0.9).shape
    (697, 3)

    It helps where a net is far from linear and its noise is not small: on ``datasets.noisy_sine`` it lowers the RMSE of
    MLP(4), trained for 50 epochs, from 0.59 to 0.52 at 64 steps (medians of 20 seeds), on Mackey-Glass MLP(16) from
    0.93 to 0.80. A linear model gains nothing but a distribution.

    Parameters
    ----------
    model : a model with `paths`: a net (MLP, from_torch, RNN, GRU, LSTM), AR, StateSpace, or a wrapper around one. It
        is copied, never fitted in place.
    n : paths drawn for each forecast, from 2 to 100,000: at 100,000 the Monte Carlo error is 0.3 % of the standard
        deviation.
    seed : of the draws. Those of a row depend on this and on its state alone.

    Attributes
    ----------
    model_ : the fitted copy.

    Raises
    ------
    ParameterError : the model draws no paths, or is one of symbols.
    """

    _learned = ("model_",)
    _costs = {"predictive": lambda m, rows, steps: m.n * 3 * rows * steps}

    def __init__(self, model: Forecaster, n: int = 100, seed: int = 0) -> None:
        super().__init__(model)
        self.n = n
        self.seed = seed

    def _check(self) -> None:
        super()._check()
        self.n, self.seed = whole("n", self.n, 2, MOST_PATHS), whole("seed", self.seed, 0)

    def _fit_panel(self, panel: tuple[Series, ...]) -> int:
        inner = fit_inner(self.model, list(panel))
        if not draws_paths(inner):
            raise ParameterError(
                f"{name_of(self.model)} draws no paths: take a net (MLP, from_torch), AR, "
                "StateSpace, or a wrapper around one",
                code="parameter",
                name="model",
            )
        self.model_ = inner
        self.notes_ += notes_of(inner)
        return int(inner.context)

    def _encode_series(self, series: Series, after: State | None) -> State:
        """The state of the inner model, each array [origins, ...]."""
        return tuple(self.model_.encode(series, after))

    def _rollout(self, state: State, horizon: int, *ahead: Array) -> Array:
        """[rows, horizon]: the mean over the paths of each row. Rows are drawn one by one,
        so memory holds the paths of one.
        """
        out, key = np.empty((len(state[0]), horizon)), keys(state)
        for row in range(len(out)):
            only = slice(row, row + 1)
            drawn = self.model_.paths(take(state, only), horizon, self.n, self.seed, key[only], *take(ahead, only))
            out[row] = np.ascontiguousarray(drawn[:, 0]).mean(axis=0)
        return out

    def _predictive(self, state: State, horizon: int, *ahead: Array) -> Samples:
        """Samples [rows, horizon] of `n` paths a row: their spread is that of the noise, not of the weights."""
        return Samples(self.model_.paths(state, horizon, self.n, self.seed, keys(state), *ahead))

    @property
    def _paths(self) -> Callable[..., Array]:
        """(state, horizon, n, seed, origins) -> [n, rows, horizon]: the paths of the inner model."""
        return self.model_.paths  # type: ignore[no-any-return]

    def _shapes(self) -> Shapes:
        check_inner(self.model_, self.model, self.context, 0)
        if not draws_paths(self.model_):
            raise ValueError("the model inside draws no paths")
        return {}

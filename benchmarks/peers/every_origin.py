"""A linear autoregression rolled out from every origin: 64 steps, fitted once and never again."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

import stepahead as sa

from ..spine import column_loop, sine
from .tables import Array, Contender, Job, Table, equal

TRAIN, LAGS, HORIZON, CHUNK = 604, 4, 64, 2048
LIMIT = "the limit: chunks of windows @ operator"


class Every:
    """The job: 600 values and so many more, of which the first 604 are for fitting, and the answers expected."""

    def __init__(self, length: int) -> None:
        self.x = sine(TRAIN - LAGS + length)
        self.seen, self.rest = self.x[:TRAIN], self.x[TRAIN - LAGS :]  # the rest begins with the first window
        self.origins = range(TRAIN, len(self.x) - HORIZON + 1)
        self.model = sa.AR(LAGS).fit(self.seen)
        self.expected = column_loop(self.model, self.rest, HORIZON)
        windows = np.lib.stride_tricks.sliding_window_view(self.x, LAGS)
        ahead = np.lib.stride_tricks.sliding_window_view(self.x[LAGS:], HORIZON)
        design = np.column_stack([windows, np.ones(len(windows))])
        pairs = TRAIN - LAGS - HORIZON + 1
        weights = np.linalg.lstsq(design[:pairs], ahead[:pairs], rcond=None)[0]
        self.direct = design[TRAIN - LAGS :][: len(self.origins)] @ weights

    def limit(self) -> Job:
        operator, constant = self.model.operator(HORIZON)
        factor = np.vstack([operator.T, constant])

        def run() -> Array:
            """Windows of 2048 origins beside a column of ones, times the 64-step operator."""
            windows = np.lib.stride_tricks.sliding_window_view(self.rest, LAGS)[: len(self.origins)]
            out = np.empty((len(windows), HORIZON))
            block = np.ones((CHUNK, LAGS + 1))
            for begin in range(0, len(windows), CHUNK):
                here = windows[begin : begin + CHUNK]
                block[: len(here), :LAGS] = here
                np.matmul(block[: len(here)], factor, out=out[begin : begin + CHUNK])
            return out

        return Job(run, equal(self.expected, 1e-8))

    def ours(self) -> Job:
        series = sa.Series(self.rest)
        return Job(lambda: sa.k_step(self.model, series, HORIZON, train=0).predictions, equal(self.expected, 1e-8))

    def ours_direct(self) -> Job:
        model, series = sa.AR(LAGS, chunk=HORIZON).fit(self.seen), sa.Series(self.rest)
        return Job(lambda: sa.k_step(model, series, HORIZON, train=0).predictions, equal(self.direct, 1e-8))

    def note(self) -> Job:
        import torch

        torch.set_num_threads(1)
        net = torch.nn.Linear(LAGS, 1).double()
        with torch.no_grad():
            net.weight.copy_(torch.tensor(self.model.coefficients_[None]))
            net.bias.fill_(self.model.intercept_)
        x = torch.tensor(self.rest)

        def run() -> Any:
            """Column by column, as the note writes it, but without the gradients that it keeps."""
            rows = len(self.origins)
            with torch.no_grad():
                features = torch.zeros((rows, LAGS + HORIZON), dtype=torch.float64)
                for i in range(LAGS):
                    features[:, i] = x[i : i + rows]
                for i in range(LAGS, LAGS + HORIZON):
                    features[:, i] = net(features[:, i - LAGS : i]).reshape(-1)
            return features

        return Job(run, equal(self.expected, 1e-8, lambda features: features[:, LAGS:].numpy()))

    def darts(self, chunk: int) -> Job:
        from darts import TimeSeries
        from darts.models import LinearRegressionModel

        series = TimeSeries.from_values(self.x)
        model = LinearRegressionModel(lags=LAGS, output_chunk_length=chunk)
        model.fit(series[:TRAIN])

        def run() -> Any:
            return model.historical_forecasts(
                series, start=TRAIN, forecast_horizon=HORIZON, retrain=False, overlap_end=False, last_points_only=False
            )

        return Job(run, equal(self.expected if chunk == 1 else self.direct, 1e-8, values))

    def statsmodels(self) -> Job:
        from statsmodels.tsa.ar_model import AutoReg

        fitted = AutoReg(self.seen, LAGS).fit()

        def run() -> list[Array]:
            known = fitted.apply(self.x)
            return [known.predict(start=o, end=o + HORIZON - 1, dynamic=0) for o in self.origins]

        return Job(run, equal(self.expected, 1e-8, np.array))

    def skforecast(self) -> Job:
        import pandas as pd
        from skforecast.model_selection import TimeSeriesFold, backtesting_forecaster
        from skforecast.recursive import ForecasterRecursive
        from sklearn.linear_model import LinearRegression

        y = pd.Series(self.x, index=pd.RangeIndex(len(self.x)))
        forecaster = ForecasterRecursive(estimator=LinearRegression(), lags=LAGS)
        folds = TimeSeriesFold(
            steps=HORIZON,
            initial_train_size=TRAIN,
            fold_stride=1,
            refit=False,
            allow_incomplete_fold=False,
            verbose=False,
        )

        def run() -> Any:
            return backtesting_forecaster(
                forecaster,
                y,
                cv=folds,
                metric="mean_squared_error",
                n_jobs=1,
                show_progress=False,
                suppress_warnings=True,
            )[1]

        return Job(run, equal(self.expected, 1e-8, lambda frame: frame["pred"].to_numpy().reshape(-1, HORIZON)))

    def mlforecast_short(self) -> Job:
        import pandas as pd

        windows = np.lib.stride_tricks.sliding_window_view(self.rest, LAGS)[: len(self.origins)]
        names, days = np.repeat(np.arange(len(windows)), LAGS), np.tile(np.arange(LAGS), len(windows))
        model = self._mlforecast()
        model.fit(self._long(), static_features=[])

        def run() -> Any:
            frame = pd.DataFrame({"unique_id": names, "ds": days, "y": windows.ravel()})
            return model.predict(HORIZON, new_df=frame)

        return Job(run, equal(self.expected, 1e-8, lambda frame: frame["linear"].to_numpy().reshape(-1, HORIZON)))

    def mlforecast_cross_validation(self) -> Job:
        model, frame, windows = self._mlforecast(), self._long(len(self.x)), len(self.origins)

        def run() -> Any:
            return model.cross_validation(
                frame, n_windows=windows, h=HORIZON, step_size=1, refit=False, static_features=[]
            )

        return Job(run, equal(self.expected, 1e-8, by_cutoff))

    def statsforecast(self) -> Job:
        from statsforecast import StatsForecast
        from statsforecast.models import AutoRegressive

        frame, windows = self._long(len(self.x)), len(self.origins)
        model = StatsForecast(models=[AutoRegressive(LAGS, alias="linear")], freq=1, n_jobs=1)
        # Its fit is by likelihood: the answers are those of the recursion with its own weights.
        fitted = StatsForecast(models=[AutoRegressive(LAGS)], freq=1, n_jobs=1).fit(self._long()).fitted_[0, 0]
        own = weights_of(fitted.model_["coef"])

        def run() -> Any:
            return model.cross_validation(h=HORIZON, df=frame, n_windows=windows, step_size=1, refit=False)

        return Job(run, equal(column_loop(own, self.rest, HORIZON), 1e-8, by_cutoff))

    def _mlforecast(self) -> Any:
        from mlforecast import MLForecast
        from sklearn.linear_model import LinearRegression

        return MLForecast(models={"linear": LinearRegression()}, freq=1, lags=list(range(1, LAGS + 1)), num_threads=1)

    def _long(self, length: int = TRAIN) -> Any:
        import pandas as pd

        return pd.DataFrame({"unique_id": 0, "ds": np.arange(length), "y": self.x[:length]})


def by_cutoff(found: Any) -> Array:
    """[origins, steps] of what Nixtla's cross validations return for one series."""
    return np.asarray(found.sort_values(["cutoff", "ds"])["linear"]).reshape(-1, HORIZON)


def weights_of(coefficients: dict[str, float]) -> Any:
    """What `column_loop` reads of a model, from the weights that statsforecast gives: about the mean, newest first."""
    newest_first = np.array([coefficients[f"ar{lag}"] for lag in range(1, LAGS + 1)])
    constant = coefficients["intercept"] * (1.0 - newest_first.sum())
    return SimpleNamespace(lags_=LAGS, coefficients_=newest_first[::-1], intercept_=constant)


def values(forecasts: Any) -> Array:
    """The numbers of a list of Darts series of one component."""
    return np.stack([one.values(copy=False)[:, 0] for one in forecasts])


def tables() -> tuple[Table, ...]:
    """At ten thousand values whoever can, at one thousand whoever takes a minute for it."""
    few, many = Every(1000), Every(10_000)
    of = "values, 64 steps from every origin"
    return (
        Table(
            f"AR(4), 10,000 {of}",
            LIMIT,
            (
                Contender(LIMIT, (), many.limit),
                Contender("stepahead k_step", (), many.ours),
                Contender("stepahead k_step, direct", (), many.ours_direct),
                Contender("torch, the note's column loop", ("torch",), many.note),
                Contender("Darts historical_forecasts, direct", ("darts",), lambda: many.darts(HORIZON)),
                Contender("Darts historical_forecasts, recursive", ("darts",), lambda: many.darts(1)),
                Contender("mlforecast, every origin a series of its own", ("mlforecast",), many.mlforecast_short),
                Contender("statsmodels AutoReg, apply and predict in a loop", ("statsmodels",), many.statsmodels),
                Contender("skforecast backtesting_forecaster", ("skforecast",), many.skforecast),
            ),
        ),
        Table(
            f"AR(4), 1,000 {of}",
            LIMIT,
            (
                Contender(LIMIT, (), few.limit),
                Contender("stepahead k_step", (), few.ours),
                Contender("statsforecast cross_validation, fit included", ("statsforecast",), few.statsforecast),
                Contender(
                    "mlforecast cross_validation, fit included", ("mlforecast",), few.mlforecast_cross_validation
                ),
            ),
        ),
    )

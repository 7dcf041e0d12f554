"""Many series: AR(4), 64 steps from ten origins of each."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

import stepahead as sa

from ..scale import LENGTH, waves
from ..spine import column_loop
from .every_origin import weights_of
from .tables import Array, Contender, Job, Table, equal

SERIES, ORIGINS, LAGS, HORIZON = 1000, 10, 4, 64
TRAIN = LENGTH - HORIZON - ORIGINS + 1


def rolled(model: Any, values: Array) -> Array:
    """[origins, steps] of one series by the note's column loop."""
    return column_loop(model, values[TRAIN - LAGS :], HORIZON)


def apart(count: int) -> Job:
    panel = waves(count)

    def check(scores: sa.results.Comparison) -> str:
        ahead = np.lib.stride_tricks.sliding_window_view(panel[:20, TRAIN:], HORIZON, axis=1)
        forecasts = np.stack([rolled(sa.AR(LAGS).fit(values[:TRAIN]), values) for values in panel[:20]])
        found = equal(np.sqrt(((forecasts - ahead) ** 2).mean(axis=1)), 1e-8)(scores.by_series("rmse")["AR(4)"][:20])
        return f"RMSE of 20 of them {found}"

    return Job(lambda: sa.evaluate([sa.AR(LAGS)], panel, HORIZON, TRAIN, fit="each", keep="scores"), check)


def pooled() -> Job:
    panel = list(waves(SERIES))
    return Job(
        lambda: sa.evaluate([sa.AR(LAGS)], panel, HORIZON, TRAIN),
        lambda result: equal(pooled_forecasts(), 1e-8)(result["AR(4)"].predictions),
    )


def pooled_forecasts() -> Array:
    """[series x origins, steps] of one least-squares fit to all pairs of all series."""
    panel = waves(SERIES)
    windows = np.lib.stride_tricks.sliding_window_view(panel[:, : TRAIN - 1], LAGS, axis=1).reshape(-1, LAGS)
    design = np.column_stack([windows, np.ones(len(windows))])
    weights = np.linalg.lstsq(design, panel[:, LAGS:TRAIN].ravel(), rcond=None)[0]
    model = SimpleNamespace(lags_=LAGS, coefficients_=weights[:-1], intercept_=weights[-1])
    return np.concatenate([rolled(model, values) for values in panel])


def mlforecast() -> Job:
    from mlforecast import MLForecast
    from sklearn.linear_model import LinearRegression

    model = MLForecast(models={"linear": LinearRegression()}, freq=1, lags=list(range(1, LAGS + 1)), num_threads=1)
    frame = long(waves(SERIES))

    def run() -> Any:
        return model.cross_validation(frame, n_windows=ORIGINS, h=HORIZON, step_size=1, refit=False, static_features=[])

    return Job(run, equal(pooled_forecasts(), 1e-8, in_order))


def statsforecast() -> Job:
    from statsforecast import StatsForecast
    from statsforecast.models import AutoRegressive

    panel = waves(SERIES)
    frame = long(panel)
    model = StatsForecast(models=[AutoRegressive(LAGS, alias="linear")], freq=1, n_jobs=1)
    few = StatsForecast(models=[AutoRegressive(LAGS)], freq=1, n_jobs=1).fit(long(panel[:20, :TRAIN])).fitted_[:, 0]
    own = [weights_of(fitted.model_["coef"]) for fitted in few]
    expected = np.concatenate([rolled(one, values) for one, values in zip(own, panel, strict=False)])

    def run() -> Any:
        return model.cross_validation(df=frame, h=HORIZON, n_windows=ORIGINS, step_size=1, refit=False)

    def check(found: Any) -> str:
        return f"20 of them, with its weights, {equal(expected, 1e-8)(in_order(found)[: len(expected)])}"

    return Job(run, check)


def long(panel: Array) -> Any:
    import pandas as pd

    count, length = panel.shape
    names, days = np.repeat(np.arange(count), length), np.tile(np.arange(length), count)
    return pd.DataFrame({"unique_id": names, "ds": days, "y": panel.ravel()})


def in_order(found: Any) -> Array:
    """[series x origins, steps] of what Nixtla's cross validations return."""
    return np.asarray(found.sort_values(["unique_id", "cutoff", "ds"])["linear"]).reshape(-1, HORIZON)


def tables() -> tuple[Table, ...]:
    return (
        Table(
            f"{SERIES:,} series x {LENGTH}, AR(4), 64 steps from {ORIGINS} origins of each, fit included",
            "stepahead evaluate, a fit each",
            (
                Contender("stepahead evaluate, a fit each", (), lambda: apart(SERIES)),
                Contender("stepahead evaluate, 10,000 series", (), lambda: apart(10_000)),
                Contender("stepahead evaluate, one pooled fit", (), pooled),
                Contender("mlforecast cross_validation, one pooled fit", ("mlforecast",), mlforecast),
                Contender("statsforecast cross_validation, a fit each", ("statsforecast",), statsforecast),
            ),
        ),
    )

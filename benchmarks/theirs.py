"""Backtests of other libraries, read back and made again, to 1e-9 of their own numbers; the recipes of docs/recipes.md.

`make theirs` runs it in an environment of its own, with the versions of constraints-theirs.txt. Of each library:

* its backtest, read by `from_forecasts`, has the RMSE (and of intervals the coverage) that its own frame has by pandas;
* the recipe of the page, as a model, forecasts what the backtest did from the same origins.

It ends with an error where one of them differs, and with the versions.
"""

from __future__ import annotations

import importlib.metadata
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import stepahead as sa

PAGE = Path(__file__).resolve().parents[1] / "docs" / "recipes.md"
HORIZON, TRAIN, STEP, NEAR = 12, 300, 12, 1e-9
SERIES = sa.datasets.noisy_sine(seed=0)[:400]
DAYS = pd.date_range("2024-01-01", periods=len(SERIES), freq="D")
DATED = pd.Series(SERIES.values, index=DAYS, name="wave")
LONG = pd.DataFrame({"unique_id": "wave", "ds": DAYS, "y": SERIES.values})
WINDOWS = (len(SERIES) - TRAIN) // STEP


def recipe(heading: str, **known: Any) -> dict[str, Any]:
    """What the code below a heading of the page defines, beside what is known."""
    (text,) = re.findall(rf"^## {heading}\n.*?^```py\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    space: dict[str, Any] = {"np": np, "sa": sa, "series": SERIES, **known}
    exec(compile(text, heading, "exec"), space)  # noqa: S102  # the page of this repository
    return space


def same(what: str, one: Any, other: Any) -> None:
    """Print how far apart two results are; an error where it is too far."""
    apart = float(np.max(np.abs(np.asarray(one, dtype=np.float64) - np.asarray(other, dtype=np.float64))))
    print(f"  {what}: apart by {apart:.1e}")
    if not apart <= NEAR:
        raise SystemExit(f"{what} differs")


def again(space: dict[str, Any], found: Any) -> Any:
    """The recipe from the origins of a backtest."""
    return sa.k_step(space["model"], DATED, HORIZON, train=TRAIN, origins=found.origins)


def by_pandas(frame: pd.DataFrame, column: str) -> np.ndarray:
    """The RMSE by step of a frame with `cutoff`, `ds` and `y`, in the words of pandas."""
    return np.sqrt(((frame[column] - frame["y"]) ** 2).groupby(step_of(frame)).mean()).to_numpy()


def held_by_pandas(frame: pd.DataFrame, low: str, high: str) -> np.ndarray:
    """The share between two columns by step, in the words of pandas."""
    inside = (frame[low] <= frame["y"]) & (frame["y"] <= frame[high])
    return inside.groupby(step_of(frame)).mean().to_numpy()


def step_of(frame: pd.DataFrame) -> pd.Series:
    """How many steps ahead each row is."""
    return frame.groupby("cutoff")["ds"].rank(method="first").astype(int)


def statsforecast() -> None:
    """AutoETS and AutoARIMA, fitted anew at every origin, with intervals."""
    from statsforecast import StatsForecast
    from statsforecast.models import AutoARIMA, AutoETS

    models = [AutoETS(season_length=1), AutoARIMA(season_length=1)]
    made = StatsForecast(models=models, freq="D").cross_validation(
        df=LONG, h=HORIZON, step_size=STEP, n_windows=WINDOWS, level=[80, 90]
    )
    for name in ("AutoETS", "AutoARIMA"):
        found = sa.from_forecasts(made, DATED, train=TRAIN, name=name)
        same(f"{name}, RMSE by k", found.rmse(), by_pandas(made, name))
        same(
            f"{name}, coverage at 90 % by k",
            found.coverage(0.9),
            held_by_pandas(made, f"{name}-lo-90", f"{name}-hi-90"),
        )
        space = recipe("statsforecast")
        space["AutoETS"] = space[name]  # the same call
        run = again(space, found)
        same(f"{name}, the recipe and the backtest", run.predictions, found.predictions)
        same(f"{name}, their intervals", run.prediction_intervals(0.9), found.prediction_intervals(0.9))


def darts() -> None:
    """A linear model fitted once; draws and quantiles of another."""
    from darts import TimeSeries
    from darts.models import LinearRegressionModel

    data, space = TimeSeries.from_series(DATED), recipe("Darts")
    how = {"start": TRAIN, "stride": STEP, "retrain": False, "last_points_only": False}
    blocks = LinearRegressionModel(lags=24).fit(data[:TRAIN]).historical_forecasts(
        data, forecast_horizon=HORIZON, **how
    )  # fmt: skip
    found = sa.from_forecasts(blocks, DATED, train=TRAIN, name="Darts")
    own = [block.values()[:, 0] - data.slice_intersect(block).values()[:, 0] for block in blocks]
    same("LinearRegressionModel, RMSE by k", found.rmse(), np.sqrt(np.mean(np.square(own), axis=0)))
    same("the recipe and the backtest", again(space, found).predictions, found.predictions)
    unsure = LinearRegressionModel(lags=24, likelihood="quantile", quantiles=[0.05, 0.5, 0.95]).fit(data[:TRAIN])
    drawn = unsure.historical_forecasts(data, forecast_horizon=HORIZON, num_samples=200, **how)
    found = sa.from_forecasts(drawn, DATED, train=TRAIN, name="draws")
    own = [np.median(block.all_values(), axis=2)[:, 0] - data.slice_intersect(block).values()[:, 0] for block in drawn]
    same("draws, RMSE of the median by k", found.rmse(), np.sqrt(np.mean(np.square(own), axis=0)))
    every = np.array([block.all_values()[:, 0] for block in drawn])
    low, high = np.quantile(every, 0.05, axis=2), np.quantile(every, 0.95, axis=2)
    held = np.mean((low <= found.actuals) & (found.actuals <= high), axis=0)
    same("draws, coverage at 90 % by k", found.coverage(0.9), held)
    named = unsure.historical_forecasts(data, forecast_horizon=1, predict_likelihood_parameters=True, **how)
    found = sa.from_forecasts(named, DATED, train=TRAIN, name="quantiles")
    ends = np.array([block.all_values()[:, :, 0] for block in named])
    same("quantiles as components", sa.diagnostics.interval_width(found, 0.9), (ends[..., 2] - ends[..., 0]).mean())


def skforecast() -> None:
    """A recursive linear model fitted once, with a bootstrapped interval."""
    from skforecast.model_selection import TimeSeriesFold, backtesting_forecaster
    from skforecast.recursive import ForecasterRecursive
    from sklearn.linear_model import LinearRegression

    space = recipe("skforecast")
    folds = TimeSeriesFold(steps=HORIZON, initial_train_size=TRAIN, refit=False, allow_incomplete_fold=False)
    _, made = backtesting_forecaster(
        ForecasterRecursive(LinearRegression(), lags=24), DATED, folds, metric="mean_squared_error",
        interval=[0.05, 0.95], interval_method="bootstrapping", show_progress=False,
    )  # fmt: skip
    found = sa.from_forecasts(made, DATED, train=TRAIN, name="pred", interval=0.9)
    k = made.groupby("fold").cumcount()
    y = DATED[made.index]
    same("RMSE by k", found.rmse(), np.sqrt(((made["pred"] - y) ** 2).groupby(k.to_numpy()).mean()))
    inside = (made["lower_bound"] <= y) & (y <= made["upper_bound"])
    same("coverage at 90 % by k", found.coverage(0.9), inside.groupby(k.to_numpy()).mean())
    same("the recipe and the backtest", again(space, found).predictions, found.predictions)


def mlforecast() -> None:
    """A linear model fitted once."""
    from mlforecast import MLForecast
    from sklearn.linear_model import LinearRegression

    space = recipe("mlforecast")
    made = MLForecast(models={"LR": LinearRegression()}, freq="D", lags=range(1, 25)).cross_validation(
        LONG, n_windows=WINDOWS, h=HORIZON, step_size=STEP, refit=False
    )
    found = sa.from_forecasts(made, DATED, train=TRAIN, name="LR")
    same("RMSE by k", found.rmse(), by_pandas(made, "LR"))
    first = int(found.origins[0])  # the head that its backtest was fitted on
    space["made"].fit(space["as_frame"](SERIES.values[:first]))
    same("the recipe and the backtest", again(space, found).predictions, found.predictions)


def prophet() -> None:
    """A fit at every origin, with an interval that it draws."""
    from prophet import Prophet
    from prophet.diagnostics import cross_validation

    space, every = recipe("Prophet"), DAYS[TRAIN - 1 : -HORIZON : 4 * STEP]
    whole = Prophet(interval_width=0.9).fit(LONG)
    made = cross_validation(whole, horizon=f"{HORIZON} days", cutoffs=list(every), disable_tqdm=True)
    found = sa.from_forecasts(made, DATED, train=TRAIN, name="yhat", interval=0.9)
    same("RMSE by k", found.rmse(), by_pandas(made, "yhat"))
    same("coverage at 90 % by k", found.coverage(0.9), held_by_pandas(made, "yhat_lower", "yhat_upper"))
    same("the recipe and the backtest", again(space, found).predictions, found.predictions)


def utilsforecast() -> None:
    """What we write is evaluated to the same numbers."""
    from utilsforecast.evaluation import evaluate
    from utilsforecast.losses import rmse

    mine = sa.from_function(lambda windows, horizon: np.repeat(windows.mean(axis=1)[:, None], horizon, axis=1), 24)
    result = recipe("And back: Nixtla's evaluation", model=mine)["result"]
    theirs = evaluate(result.to_frame(what="predictions"), metrics=[rmse]).sort_values("cutoff")
    for name in result:
        missed = np.square(result[name].predictions - result[name].actuals)
        same(f"{name}, RMSE by origin", np.sqrt(missed.mean(axis=1)), theirs[name].to_numpy())


JOBS: tuple[Callable[[], None], ...] = (statsforecast, darts, skforecast, mlforecast, prophet, utilsforecast)
PACKAGES = ("statsforecast", "u8darts", "skforecast", "mlforecast", "prophet", "utilsforecast", "pandas", "numpy")


def main() -> None:
    """Every library after the other."""
    warnings.simplefilter("ignore")
    for job in JOBS:
        print(job.__name__)
        job()
    print(", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES))


if __name__ == "__main__":
    main()

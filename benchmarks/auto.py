"""Auto beside its members, equal weights and the best member behind the cuts: errors on real series, and the cost.

    python -m benchmarks.auto            # the shared series; some minutes
    python -m benchmarks.auto --weekly   # M4 Weekly too, one series after the other; some minutes more

Real series: 60 % for training, fitted once, at most 60 evenly spaced origins; RMSE at k = 1, H / 4, H / 2, H.
M4 Weekly: the 359 series from their last origin, MASE (of the step from value to value) and sMAPE over 13 weeks.
The note's series: RMSE over the noise (the error of whoever knows the wave), 20 seeds, k = 1, 16, 64. Cost in CPU time.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

import stepahead as sa
from stepahead.numerics import combination, seasonality
from stepahead.protocols import Batch
from stepahead.walk import walk

DATA = Path(os.environ.get("STEPAHEAD_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
ROWS = ("ExponentialSmoothing", "Theta", "AveragedAR", "AveragedAR, steps", "equal weights", "best behind cuts", "Auto")
SERIES: dict[str, tuple[str, str, str, str, int | None, int]] = {
    # name: (file, column, time column, unit of time, training part or None for 60 %, horizon)
    "CO2, weekly": ("co2_weekly.csv", "co2_ppm", "week_ending", "D", None, 52),
    "electrical equipment": ("elec_equip_monthly.csv", "index_value", "month", "M", None, 24),
    "El Nino": ("elnino_monthly.csv", "sst_c", "month", "M", None, 24),
    "sunspots": ("sunspots_yearly.csv", "sunactivity", "year", "", None, 16),
    "Nile": ("nile_yearly.csv", "volume", "year", "", None, 10),
    "global temperature": ("global_temp_yearly.csv", "temp", "year", "", None, 10),
    "Seattle, maximum": ("seattle_weather_daily.csv", "temp_max", "date", "D", None, 28),
    "AAPL, last 1000": ("stock_AAPL_daily.csv", "adj_close", "", "", None, 20),
    "IBM, last 1000": ("stock_IBM_daily.csv", "adj_close", "", "", None, 20),
    "MSFT, last 1000": ("stock_MSFT_daily.csv", "adj_close", "", "", None, 20),
    "ETTh1 OT, 8000 to 9999": ("ETTh1.csv", "OT", "date", "m", None, 48),
}


def series_of(name: str) -> sa.Series | None:
    """A series of the table; None where its file is not here."""
    file, column, when, unit, _, _ = SERIES[name]
    path = DATA / file
    if not path.exists():
        print(f"{file} is not here: set STEPAHEAD_DATA to a folder that has it")
        return None
    with path.open() as lines:
        rows = list(csv.DictReader(lines))
    values = np.array([float(row[column]) if row[column] not in ("", "NA") else np.nan for row in rows])
    times = np.array([row[when] for row in rows]) if when else None
    if times is not None:
        times = times.astype(f"datetime64[{unit}]") if unit else times.astype(int)
    span = slice(-1000, None) if "last" in name else slice(8000, 10000) if "8000" in name else slice(None)
    return sa.Series(values[span], times=None if times is None else times[span], missing="skip")


def variants(model: Any, training: sa.Series, series: sa.Series, origins: np.ndarray, horizon: int) -> list[np.ndarray]:
    """[origins, horizon] of each of `ROWS`."""
    aheads = []
    for member in model.models_.models:
        own = walk(member, series).at(origins)
        table = np.full((len(origins), horizon), np.nan)
        table[np.searchsorted(origins, own.origins)] = own.table(horizon)
        aheads.append(table)
    near = model._used(aheads)
    members = model._members((training,))
    errors = model._behind_cuts(members, (training,), horizon)
    squares = combination.mean_squares(errors)
    best = int(np.nanargmin(np.nanmean(squares / squares.mean(axis=0), axis=1)))
    return [*aheads, np.mean(near, axis=0), near[best], (model.weights_[:, None] * np.array(near)).sum(axis=0)]


def rolling() -> None:
    """The table of real series."""
    ratios: dict[str, list[float]] = {row: [] for row in ROWS}
    for name, (_, _, _, _, train, horizon) in SERIES.items():
        series = series_of(name)
        if series is None:
            continue
        cut = train or int(0.6 * len(series))
        season = None if "last" in name else "auto"
        model = sa.Auto(season, horizon=horizon).fit(series[:cut])
        origins = np.unique(np.round(np.linspace(cut, len(series) - horizon, 60)).astype(int))
        happened = np.stack([series.numbers[origin : origin + horizon] for origin in origins])
        steps = [0, max(horizon // 4, 1) - 1, horizon // 2 - 1, horizon - 1]
        found = season if season is None else model.models_.models[0].season
        print(f"\n{name}: n = {cut}, season {found}, k = {', '.join(str(step + 1) for step in steps)}")
        every = variants(model, series[:cut], series, origins, horizon)
        own = np.sqrt(np.nanmean((every[-1] - happened) ** 2, axis=0))
        for row, ahead in zip(ROWS, every, strict=True):
            error = np.sqrt(np.nanmean((ahead - happened) ** 2, axis=0))
            ratios[row].append(float(np.exp(np.mean(np.log(error / own)))))
            print(f"  {row:22s} " + " ".join(f"{value:9.4g}" for value in error[steps]) + f"   {ratios[row][-1]:.3f}")
    print("\nover Auto, geometric mean over steps and series, and the worst series:")
    for row, values in ratios.items():
        if values:
            print(f"  {row:22s} {np.exp(np.mean(np.log(values))):.3f} {max(values):.3f}")


def weekly() -> None:
    """M4 Weekly from the last origin."""
    train, test = DATA / "M4_Weekly-train.csv.gz", DATA / "M4_Weekly-test.csv"
    if not train.exists():
        print("M4 Weekly is not here: set STEPAHEAD_DATA to a folder that has it")
        return
    with gzip.open(train, "rt") as lines:
        heads = {row[0]: np.array([float(cell) for cell in row[1:] if cell]) for row in list(csv.reader(lines))[1:]}
    with test.open() as lines:
        tails = {row[0]: np.array([float(cell) for cell in row[1:] if cell]) for row in list(csv.reader(lines))[1:]}
    begin, seasons = time.process_time(), 0
    scaled, percent = np.zeros(len(ROWS)), np.zeros(len(ROWS))
    for name, head in heads.items():
        season = 52 if seasonality.among(head, (52,)).found else None
        seasons += season is not None
        series, tail = sa.Series(head), tails[name]
        model = sa.Auto(season, horizon=len(tail), origins=4).fit(series)
        unit = np.abs(np.diff(head)).mean()
        for place, ahead in enumerate(variants(model, series, series, np.array([len(head)]), len(tail))):
            scaled[place] += np.abs(ahead[0] - tail).mean() / unit
            percent[place] += (200.0 * np.abs(ahead[0] - tail) / (np.abs(ahead[0]) + np.abs(tail))).mean()
    spent = (time.process_time() - begin) / len(heads)
    print(f"\nM4 Weekly: {len(heads)} series, a season of 52 in {seasons}; MASE and sMAPE")
    print(f"  {1000 * spent:.0f} CPU ms a series, whose members are fitted twice for the table")
    for row, one, other in zip(ROWS, scaled / len(heads), percent / len(heads), strict=True):
        print(f"  {row:22s} {one:.3f} {other:.2f}")


def waves() -> None:
    """The note's series: RMSE over the noise of the same draw."""
    five = lambda: sa.Averaged(  # noqa: E731
        [sa.ExponentialSmoothing(None), sa.Theta(None), sa.AveragedAR(season=None), sa.AveragedAR(True, None), sa.SSA()]
    )
    made = {"Auto": sa.Auto, "the four and SSA": five, "AR(auto)": sa.AR, "SSA": sa.SSA, "StateSpace": sa.StateSpace}
    print("\nThe note's series, 20 seeds: RMSE over the noise at k = 1, 16, 64")
    for name, make in made.items():
        found = []
        for seed in range(20):
            series = sa.datasets.noisy_sine(seed=seed)
            result = sa.evaluate({name: make()}, series, 64, 604, season=None)
            found.append(next(iter(result.values())).rmse()[[0, 15, 63]] / 0.2)
        print(f"  {name:18s} " + " ".join(f"{value:.2f}" for value in np.mean(found, axis=0)))


def cost() -> None:
    """CPU time of fits."""
    rng = np.random.default_rng(0)
    t = np.arange(128)
    fleet = 100.0 + np.cumsum(rng.normal(size=(640, 128)), axis=1) + 8.0 * np.sin(2.0 * np.pi * t / 12)
    batch = Batch(fleet[:, :100], np.abs(fleet).max(axis=1), 18, np.arange(1, 19))
    print("\ncost: CPU ms a series, season given")
    model = sa.Auto(12, horizon=18, origins=4)
    spent = min(_spent(lambda: model.fit_batch(batch)) for _ in range(3))
    print(f"  640 monthly series of 100 values, H = 18, side by side: {1000 * spent / 640:.2f}")
    for length, season in ((150, 12), (1400, 52)):
        own = 50.0 + np.cumsum(rng.normal(size=length)) + 8.0 * np.sin(2.0 * np.pi * np.arange(length) / season)
        spent = min(_spent(lambda own=own, season=season: sa.Auto(season, horizon=18).fit(own)) for _ in range(3))
        print(f"  one series of {length} values, season {season}: {1000 * spent:.0f}")
    try:
        from statsforecast.models import AutoARIMA, AutoETS, DynamicOptimizedTheta
    except ImportError:
        print("  statsforecast is not installed: AutoETS, DOT and AutoARIMA are not timed")
        return
    for make in (AutoETS, DynamicOptimizedTheta, AutoARIMA):
        spent = min(_spent(lambda make=make: make(season_length=12).forecast(y=fleet[0, :100], h=18)) for _ in range(3))
        print(f"  {make.__name__}, one of them: {1000 * spent:.1f}")


def _spent(work: Any) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def main() -> int:
    """The tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--weekly", action="store_true")
    given = options.parse_args()
    warnings.simplefilter("ignore")
    cost()
    rolling()
    waves()
    if given.weekly:
        weekly()
    return 0


if __name__ == "__main__":
    sys.exit(main())

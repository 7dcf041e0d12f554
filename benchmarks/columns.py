"""What columns beside the values cost: each row beside the same model without them, in one run, one thread.

    python benchmarks/columns.py
    python benchmarks/columns.py path/to/another/src    # and models without columns, beside those of another commit

Ratios are what to read; the machine sets the milliseconds. Medians of interleaved runs, process CPU time.
"""

from __future__ import annotations

import cProfile
import importlib
import pstats
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np
from spine import side_by_side  # first: it settles the number of threads

import stepahead as sa
from stepahead.walk import walk

LENGTH, HORIZON, LAGS = 100_000, 64, 24


def show(title: str, found: dict[str, float], aims: dict[str, str]) -> None:
    """Each row beside the first."""
    print(f"\n{title}")
    unit = next(iter(found.values()))
    for name, seconds in found.items():
        print(f"  {name:<44} {1e3 * seconds:10.2f} ms   {seconds / unit:8.2f} x   {aims.get(name, '')}")


def driven() -> sa.Series:
    """A daily cycle, three columns known ahead and one measured, and what they leave: an AR(1)."""
    rng = np.random.default_rng(0)
    time_, shocks = np.arange(LENGTH), rng.normal(size=LENGTH)
    known = rng.normal(size=(LENGTH, 3))
    measured = rng.normal(size=LENGTH)
    rest = shocks.copy()
    for step in range(1, LENGTH):
        rest[step] += 0.7 * rest[step - 1]
    values = np.sin(2.0 * np.pi * time_ / 24.0) + known @ [0.5, -0.3, 0.2] + rest
    return sa.Series(values, known=dict(zip("abc", known.T, strict=True)), past={"d": measured})


def cost() -> None:
    series = driven()
    train = LENGTH // 2
    plain, beside = sa.AR(LAGS), sa.AR(LAGS, using="known")
    around, direct = sa.Regressed(sa.AR(LAGS), weights="level"), sa.AR(LAGS, using="all", chunk=HORIZON)
    models = {
        f"AR({LAGS})": plain,
        f"AR({LAGS}), 3 known columns": beside,
        f"Regressed(AR({LAGS})), 3 known columns": around,
        f"AR({LAGS}, chunk={HORIZON})": sa.AR(LAGS, chunk=HORIZON),
        f"AR({LAGS}, chunk={HORIZON}), 3 known, 1 past": direct,
    }
    fits: dict[str, Callable[[], object]] = {
        name: lambda model=model: model.clone().fit(series[:train]) for name, model in models.items()
    }
    show(f"fit, {train:,} values", side_by_side(fits, 5), {})
    fitted = {name: model.clone().fit(series[:train]) for name, model in models.items()}
    rolls: dict[str, Callable[[], object]] = {
        name: lambda model=model: sum(float(block[0, 0]) for _, block in walked(model, series))
        for name, model in fitted.items()
    }
    show(
        f"roll-out in blocks, every origin of {LENGTH:,} values, {HORIZON} steps",
        side_by_side(rolls, 9),
        {f"AR({LAGS}), 3 known columns": "aim: <= 2.5"},
    )


def walked(model: Any, series: sa.Series) -> Iterator[tuple[slice, np.ndarray]]:
    """The model rolled out from every origin that has all its targets, block by block; nothing is kept."""
    return walk(model, series, 0, len(series) - HORIZON, HORIZON).ahead(HORIZON)


def beside_darts() -> None:
    """The same regression by Darts, where it is installed: the same numbers, and how long they take."""
    if find_spec("darts") is None:
        print("\nbeside Darts: it is not installed here (pip install u8darts)")
        return
    darts, regression = importlib.import_module("darts"), importlib.import_module("darts.models")
    length, lags, horizon = 10_000, 24, 64
    whole = driven()
    series = whole[:length]
    train = length // 2
    values = darts.TimeSeries.from_values(series.values)
    known = darts.TimeSeries.from_values(whole.known.values[: length + horizon])
    ours = sa.AR(lags, using="known", column_lags=(0,))
    theirs = regression.LinearRegressionModel(lags=lags, lags_future_covariates=[0])

    def fit_theirs() -> Any:
        return theirs.fit(values[:train], future_covariates=known)

    def roll_theirs() -> Any:
        options = {"start": train, "retrain": False, "last_points_only": False, "verbose": False}
        return theirs.historical_forecasts(values, future_covariates=known, forecast_horizon=horizon, **options)

    fitted, _ = ours.clone().fit(series[:train]), fit_theirs()
    mine = walk(fitted, series, train, length - horizon, horizon).table(horizon)
    found = np.array([part.values()[:, 0] for part in roll_theirs()])
    assert np.abs(mine - found[: len(mine)]).max() < 1e-10, "the answers differ"
    fits = {"stepahead": lambda: ours.clone().fit(series[:train]), "Darts": fit_theirs}
    show(f"fit beside Darts, {train:,} values", side_by_side(fits, 5), {})
    rolls = {"stepahead": lambda: walk(fitted, series, train, None, horizon).table(horizon), "Darts": roll_theirs}
    show(f"roll-out beside Darts, {length - train:,} origins", side_by_side(rolls, 3), {})


# -- models without columns, beside another commit ---------------------------------------------------------------------

Modules = dict[str, ModuleType]


def loaded() -> Modules:
    """The modules of the package that are in use."""
    return {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "stepahead"}


@contextmanager
def in_use(modules: Modules) -> Iterator[None]:
    """These modules in place of those in use, so that what one of them imports late is its own."""
    before = loaded()
    for name in before:
        del sys.modules[name]
    sys.modules.update(modules)
    try:
        yield
    finally:
        modules.update(loaded())
        for name in modules:
            sys.modules.pop(name, None)
        sys.modules.update(before)


def of_another(source: str) -> Modules:
    """The package of another checkout."""
    modules: Modules = {}
    with in_use(modules):
        sys.path.insert(0, source)
        importlib.import_module("stepahead")
        sys.path.remove(source)
    return modules


def jobs(modules: Modules) -> dict[str, Callable[[], object]]:
    """What models without columns do: a fit, a roll-out, a forecast, an evaluation."""
    package: Any = modules["stepahead"]
    values = np.sin(0.01 * np.arange(LENGTH)) + np.random.default_rng(0).normal(0.0, 0.2, LENGTH)
    series, short = package.Series(values), package.Series(values[:2000])
    model = package.AR(LAGS).fit(series[: LENGTH // 2])
    return {
        f"AR({LAGS}).fit": lambda: [package.AR(LAGS).fit(series) for _ in range(5)],
        f"k_step, {HORIZON} steps": lambda: package.k_step(model, series, HORIZON, train=0),
        "forecast": lambda: [package.forecast(model, short, HORIZON) for _ in range(20)],
        "evaluate, 2,000 values": lambda: package.evaluate([package.AR(4), package.AR(LAGS)], short, HORIZON),
    }


def calls(job: Callable[[], object]) -> int:
    """How many function calls a job makes."""
    profile = cProfile.Profile()
    profile.runcall(job)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


def beside_another(source: str) -> None:
    """Each job by both, in turns; and the calls that it makes."""
    ours, theirs = loaded(), of_another(source)
    with in_use(theirs):
        before = jobs(theirs)
    print("\nmodels without columns, this commit over the other (aim: <= 1.05, and not a call more)")
    for name, job in jobs(ours).items():

        def other(name: str = name) -> object:
            with in_use(theirs):
                return before[name]()

        job(), other()
        found = side_by_side({"this": job, "other": other}, 9)
        with in_use(theirs):
            there = calls(before[name])
        ratio = found["this"] / found["other"]
        print(f"  {name:<44} {1e3 * found['this']:10.2f} ms   {ratio:8.3f} x   {calls(job):,} calls, {there:,} there")


if __name__ == "__main__":
    warnings.simplefilter("ignore", sa.errors.StepaheadWarning)
    cost()
    beside_darts()
    if len(sys.argv) > 1:
        beside_another(sys.argv[1])

"""P7: memory is asked for before it is used. What a call asks for is what it takes,
and what is refused was never allocated.
"""

from __future__ import annotations

import functools
import re
import resource
import subprocess
import sys
import tracemalloc
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression

import stepahead as sa
from stepahead import memory
from stepahead.models import model
from stepahead.models.windowed import PerStep

from ..data import each, ends_ahead

MB = 1 << 20
FLOOR = 1 << 26
LOOSE = 1.5
"""What a call takes, in units of what it asked for: no more than this."""
FIXED = MB
"""What does not grow with anything: modules, small arrays, caches."""
REMEDY = re.compile(r"(?i)bytes\. (Bring|Take|Keep|Draw|Split|Compare|Evaluate|Roll|Give|Fit) ")

RNG = np.random.default_rng(0)


def wave(length: int) -> np.ndarray:
    return np.sin(np.arange(length) / 7.3) + 0.3 * RNG.normal(size=length)


def holed(length: int) -> sa.Series:
    values = wave(length)
    values[::97] = np.nan
    return sa.Series(values, missing="skip")


SHORT, LONG, LONGEST = wave(2000), wave(10_000), wave(200_000)
SMOOTH = np.sin(np.arange(2000) / 50.0)  # whose windows span two directions: least squares by QR
HOLED = holed(10_000)
LETTERS = ["abcdefgh"[i] for i in RNG.integers(0, 8, 10_000)]
WORDS = sa.Series([f"s{i:03}" for i in RNG.integers(0, 700, 10_000)])


def quietly(call: Callable[[], Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call()


@functools.cache
def fitted(name: str) -> Any:
    return quietly(
        {
            "ten million": lambda: sa.Series(np.resize(SHORT, 10**7)),
            "AR": lambda: sa.AR(3).fit(SHORT),
            "AR long": lambda: sa.AR(300).fit(LONG),
            "AR chunk": lambda: sa.AR(100, chunk=50).fit(SHORT),
            "Naive": lambda: sa.baselines.Naive().fit(LONG),
            "Windowed": lambda: sa.Windowed(LinearRegression(), 50, chunk=300).fit(LONG),
            "Scaled": lambda: sa.Scaled(sa.AR(200), by="window").fit(SHORT),
            "MLP": lambda: sa.MLP(4, hidden=2000, training=sa.Training(epochs=1, batch_size=512)).fit(SHORT),
            "SSA": lambda: sa.SSA(2, 400).fit(SHORT),
            "StateSpace": lambda: sa.StateSpace(0, "walk", 24).with_parameters(1.0, local_level=0.1, season=0.1),
            "HMM": lambda: sa.HMM(3, iterations=2).fit(SHORT),
            "MarkovChain": lambda: sa.MarkovChain(1, smoothing=1.0).fit(WORDS),
            "MarkovChain(4)": lambda: sa.MarkovChain(4, smoothing=1.0).fit(LETTERS),
            "switching": lambda: sa.MarkovSwitchingAR(2, 2, iterations=2).fit(SHORT),
        }[name]
    )


class Slow:
    """A cell with a state of 64 numbers."""

    def start(self, rows: int) -> np.ndarray:
        return np.zeros((rows, 64))

    def update(self, level: np.ndarray, y: np.ndarray) -> np.ndarray:
        return level + 0.5 * (y[:, None] - level)

    def advance(self, level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return level, level[:, 0]


CALLS: dict[str, Callable[[], Any]] = {
    "Mean": lambda: sa.baselines.Mean().fit(LONGEST),
    "Naive": lambda: sa.baselines.Naive().fit(LONGEST),
    "AR of a long series": lambda: sa.AR(2).fit(LONGEST),
    "AR by Burg": lambda: sa.AR(2, method="burg").fit(LONGEST),
    "AR by Yule and Walker": lambda: sa.AR(2, method="yule-walker").fit(LONGEST),
    "AR of many lags": lambda: sa.AR(600).fit(SHORT),
    "AR by QR": lambda: sa.AR(300).fit(SMOOTH),
    "AR by QR, all at once": lambda: sa.AR(250, ridge=1e-12, anchor="last").fit(SMOOTH),
    "AR of a long chunk": lambda: sa.AR(100, chunk=400).fit(SHORT),
    "AR over windows of their own scale": lambda: sa.Scaled(sa.AR(60), by="window").fit(LONG),
    "Scaled": lambda: sa.Scaled(sa.baselines.Mean()).fit(LONGEST),
    "Differenced": lambda: sa.Differenced(sa.baselines.Mean()).fit(LONGEST),
    "Rectified": lambda: sa.wrappers.Rectified(sa.AR(40), horizon=32).fit(LONG),
    "Rectified far": lambda: sa.wrappers.Rectified(sa.AR(3), horizon=80).fit(LONG),
    "Windowed": lambda: sa.Windowed(LinearRegression(), 60).fit(LONG),
    "Windowed of a long chunk": lambda: sa.Windowed(LinearRegression(), 20, chunk=60).fit(LONG),
    "Windowed, one a step": lambda: sa.Windowed(PerStep(LinearRegression()), 40, chunk=10).fit(LONG),
    "Windowed over gaps": lambda: sa.Windowed(LinearRegression(), 40).fit(HOLED),
    "MLP of many lags": lambda: sa.MLP(64, training=sa.Training(epochs=1, batch_size=512)).fit(LONG),
    "MLP of many epochs": lambda: sa.MLP(4, training=sa.Training(epochs=20, batch_size=5000)).fit(LONG),
    "MLP, wide": lambda: sa.MLP(4, hidden=2000, training=sa.Training(epochs=1, batch_size=256)).fit(SHORT),
    "MLP, many": lambda: sa.MLP(16, ensemble=50, training=sa.Training(epochs=1, batch_size=512)).fit(SHORT),
    "MLP, one shot": lambda: sa.MLP(16, chunk=64, training=sa.Training(epochs=1, batch_size=512)).fit(LONG),
    "MLP, unrolled": lambda: sa.MLP(16, hidden=100, unroll=64, training=sa.Training(epochs=1, batch_size=1024)).fit(
        SHORT
    ),
    "MLP over gaps": lambda: sa.MLP(64, training=sa.Training(epochs=1, batch_size=512)).fit(HOLED),
    "MLP, one a series": lambda: sa.MLP(8, training=sa.Training(epochs=1, batch_size=512)).fit_each([SHORT] * 30),
    "SSA": lambda: sa.SSA(2, 400).fit(SHORT),
    "StateSpace": lambda: sa.StateSpace(0, "walk").fit(LONG),
    "HMM": lambda: sa.HMM(2, iterations=1).fit(LONG),
    "HMM of many states": lambda: sa.HMM(8, iterations=1).fit(SHORT),
    "HMM of symbols": lambda: sa.HMM(3, iterations=1).fit(LETTERS),
    "MarkovChain": lambda: sa.MarkovChain(1, smoothing=1.0).fit(WORDS),
    "MarkovChain of order 5": lambda: sa.MarkovChain(5, smoothing=1.0).fit(LETTERS),
    "MarkovChain over bins": lambda: sa.MarkovChain(1, bins=20).fit(LONGEST),
    "MarkovSwitchingAR": lambda: sa.MarkovSwitchingAR(2, 1, iterations=1).fit(LONG),
    "MarkovSwitchingAR of many lags": lambda: sa.MarkovSwitchingAR(2, 4, iterations=1, starts=2).fit(SHORT),
    "Recurrent": lambda: sa.Recurrent(Slow()).fit(SHORT).forecast(LONG[:3000], 3),
    "forecast by AR": lambda: fitted("AR long").forecast(LONG, 1000),
    "forecast by AR, all at once": lambda: fitted("AR chunk").forecast(SHORT, 2000),
    "forecast by SSA": lambda: fitted("SSA").forecast(SHORT, 1000),
    "forecast by MarkovChain": lambda: fitted("MarkovChain(4)").forecast(LETTERS, 100),
    "forecast by MarkovSwitchingAR": lambda: fitted("switching").forecast(SHORT, 10_000),
    "roots": lambda: fitted("AR long").roots_,
    "stationary distribution": lambda: fitted("MarkovChain").stationary_,
    "encode by StateSpace": lambda: fitted("StateSpace").encode(LONG[:2000]),
    "encode by HMM": lambda: fitted("HMM").encode(LONG),
    "encode by MarkovChain": lambda: fitted("MarkovChain(4)").encode(LETTERS),
    "encode by MarkovSwitchingAR": lambda: fitted("switching").encode(LONGEST[:100_000]),
    "log likelihood by StateSpace": lambda: fitted("StateSpace").loglikelihood(LONG[:1000]),
    "looking back by HMM": lambda: fitted("HMM").smoothed(LONG),
    "looking back by MarkovSwitchingAR": lambda: fitted("switching").smoothed(LONG),
    "k_step by AR": lambda: sa.k_step(fitted("AR"), LONG, 100, train=0),
    "k_step by AR, some steps": lambda: sa.k_step(fitted("AR long"), LONG, 1000, steps=[1, 1000]),
    "k_step by Windowed": lambda: sa.k_step(fitted("Windowed"), LONG, 1),
    "k_step by Scaled": lambda: sa.k_step(fitted("Scaled"), LONG, 4, train=0),
    "k_step by MLP": lambda: sa.k_step(fitted("MLP"), SHORT, 4, train=0),
    "k_step over gaps": lambda: sa.k_step(fitted("AR"), HOLED, 64, train=0),
    "evaluate": lambda: sa.evaluate([sa.AR(4), sa.AR(8)], LONG, 64),
    "evaluate, one step": lambda: sa.evaluate([sa.AR(4), sa.AR(8)], LONGEST, 100, steps=[1]),
    "evaluate over gaps": lambda: sa.evaluate([sa.AR(4), sa.AR(8)], HOLED, 64),
    "compare": lambda: sa.compare({"a": sa.k_step(fitted("AR"), LONG, 64, train=0)}),
    "evaluate, symbols": lambda: sa.evaluate(sa.MarkovChain(1), LETTERS, 64).by_step(),
    "strategies": lambda: sa.diagnostics.strategies(LinearRegression(), LONG, 40, lags=8),
    "paths by AR": lambda: sa.paths(fitted("AR"), SHORT, 500, n=10),
    "paths by AR, many": lambda: sa.paths(fitted("AR"), SHORT, 60, n=3000),
    "paths by MLP": lambda: sa.paths(fitted("MLP"), SHORT, 10, n=300),
    "paths by HMM": lambda: sa.paths(fitted("HMM"), SHORT, 60, n=2000),
    "paths by MarkovChain": lambda: sa.paths(fitted("MarkovChain(4)"), LETTERS, 60, n=3000),
    "paths by MarkovSwitchingAR": lambda: sa.paths(fitted("switching"), SHORT, 60, n=2000),
    "paths of errors": lambda: sa.paths(fitted("Naive"), LONG, 64, n=100),
    "forecast with a level": lambda: ends_ahead(fitted("AR"), LONG, 64, train=9000),
    "direction": lambda: sa.diagnostics.direction(LONGEST[:60_000], lags=20),
    "split_error": lambda: sa.diagnostics.split_error(
        sa.AR(64), functools.partial(sa.datasets.noisy_sine, length=3000), 16, seeds=range(4)
    ),
    "seed_variance": lambda: sa.diagnostics.seed_variance(
        sa.MLP(8, training=sa.Training(epochs=1, batch_size=512)), LONG, 32, seeds=range(2)
    ),
}
EVERY_DAY = (
    "Mean", "AR of many lags", "AR of a long chunk", "Rectified", "Windowed", "MLP of many epochs", "MLP over gaps",
    "MarkovChain", "MarkovChain over bins", "Scaled", "Differenced", "forecast by AR", "forecast by AR, all at once",
    "encode by StateSpace", "looking back by HMM", "k_step by AR", "k_step over gaps", "evaluate", "evaluate over gaps",
    "compare", "paths by AR, many", "paths by HMM", "paths of errors",
)  # fmt: skip


@pytest.fixture
def allow(monkeypatch):
    """Set the budget, and let nothing be too small to be asked for."""
    monkeypatch.setattr(model, "LEAST_BUDGET", 0)
    return lambda budget: monkeypatch.setattr(memory, "memory_budget", lambda: budget)


def peak_of(call: Callable[[], Any]) -> int:
    """Bytes that a call takes at its highest, above what was there: those that numpy and Python know of."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def asked(call: Callable[[], Any], allow: Callable[[int], None]) -> int:
    """The smallest budget with which a call is answered: the most that it asks for."""
    budget = 0
    for _ in range(40):
        allow(budget)
        try:
            quietly(call)
            return budget
        except sa.errors.BudgetError as error:
            before, budget = budget, error.asked
        assert budget > before, "refused though there is enough"
    raise AssertionError("it asks for more and more")


@pytest.mark.parametrize("name", [pytest.param(n, marks=[] if n in EVERY_DAY else [pytest.mark.slow]) for n in CALLS])
def test_P7_a_call_takes_what_it_asks_for_and_not_a_byte_less_lets_it_in(promise, allow, name):
    call = CALLS[name]
    quietly(call)  # what is fitted once, imported, or kept for the next time
    budget = asked(call, allow)
    assert budget > MB, "too small a case to show anything"
    peak = peak_of(lambda: quietly(call))
    assert peak <= LOOSE * budget + FIXED, f"asked for {budget / MB:.1f} MB and took {peak / MB:.1f}"

    allow(budget - 1)
    refusals = []
    peak = peak_of(lambda: refusals.append(promise.refused(call, "budget")))
    (error,) = refusals
    assert (error.asked, error.budget) == (budget, budget - 1)
    assert f"{error.asked:,} bytes" in str(error)
    assert f"{error.budget:,} bytes" in str(error)
    assert REMEDY.search(str(error)), str(error)
    assert isinstance(error, MemoryError)
    assert peak <= 2 * budget + FIXED, f"refused {budget / MB:.1f} MB when {peak / MB:.1f} MB had been taken"


HUNDRED_THOUSAND, MILLION = wave(10**5), wave(10**6)


class Quick:
    """A regressor that learns nothing, and so takes nothing."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> Quick:
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        return np.zeros(len(X))


BEYOND: dict[str, Callable[[], Any]] = {
    "AR of 40,000 lags": lambda: sa.AR(40_000).fit(HUNDRED_THOUSAND),
    "AR of 40,000 lags, straight from evaluate": lambda: sa.evaluate(sa.AR(25_000), HUNDRED_THOUSAND, 2),
    "AR with a chunk of 40,000": lambda: sa.AR(2000, chunk=40_000).fit(HUNDRED_THOUSAND),
    "AR of ten million values": lambda: sa.AR(2).fit(fitted("ten million")),
    "AR in a scale of its own": lambda: sa.Scaled(sa.AR(500), by="window").fit(HUNDRED_THOUSAND),
    "Mean of ten million values": lambda: sa.baselines.Mean().fit(fitted("ten million")),
    "SSA": lambda: sa.SSA(2, window=20_000).fit(HUNDRED_THOUSAND),
    "SSA, its rank to be chosen": lambda: sa.SSA("auto", window=1500).fit(HUNDRED_THOUSAND),
    "Windowed": lambda: sa.Windowed(Quick(), lags=500).fit(HUNDRED_THOUSAND),
    "Windowed over gaps": lambda: sa.Windowed(Quick(), lags=500).fit(holed(10**5)),
    "Windowed over many": lambda: sa.Windowed(Quick(), lags=500).fit([HUNDRED_THOUSAND] * 3),
    "Rectified": lambda: sa.wrappers.Rectified(sa.AR(2), horizon=500).fit(HUNDRED_THOUSAND),
    "MLP of a huge hidden layer": lambda: sa.MLP(4, hidden=10**6).fit(SHORT),
    "MLP of many lags": lambda: sa.MLP(500).fit(HUNDRED_THOUSAND),
    "MLP of many epochs": lambda: sa.MLP(4, training=sa.Training(epochs=10**5)).fit(SHORT),
    "MLP in a crowd": lambda: sa.MLP(4, ensemble=10**12).fit(SHORT),
    "from_torch of many lags": lambda: sa.from_torch(linear(2000), 2000).fit(HUNDRED_THOUSAND),
    "from_torch, wide": lambda: sa.from_torch(linear(4, 10_000), 4).fit(HUNDRED_THOUSAND),
    "GRU of a huge state": lambda: sa.GRU(hidden=10**5).fit(SHORT),
    "GRU in a crowd": lambda: sa.GRU(ensemble=10**9).fit(SHORT),
    "LSTM that looks far back": lambda: sa.LSTM(hidden=512, training=sa.Training(warm_up=1500)).fit(SHORT),
    "GRU that looks far ahead": lambda: sa.GRU(hidden=256, unroll=500).fit(SHORT),
    "HMM": lambda: sa.HMM(64).fit(HUNDRED_THOUSAND),
    "HMM from many starts": lambda: sa.HMM(2, starts=10**9).fit(SHORT),
    "MarkovSwitchingAR": lambda: sa.MarkovSwitchingAR(2, lags=7).fit(HUNDRED_THOUSAND),
    "MarkovSwitchingAR from many starts": lambda: sa.MarkovSwitchingAR(2, starts=10**9).fit(SHORT),
    "MarkovChain": lambda: sa.MarkovChain(7, smoothing=1.0).fit(LETTERS),
    "StateSpace": lambda: sa.StateSpace(2, "walk", 60).fit(HUNDRED_THOUSAND),
    "forecast": lambda: fitted("AR long").forecast(LONG, 10**5),
    "k_step": lambda: sa.k_step(fitted("AR"), MILLION, 100, train=0),
    "evaluate": lambda: sa.evaluate(sa.AR(2), MILLION, 10**4),
    "evaluate of models that fit one by one": lambda: sa.evaluate(
        [sa.AR(k) for k in range(1, 20)], HUNDRED_THOUSAND, 50
    ),
    "strategies": lambda: sa.diagnostics.strategies(Quick(), HUNDRED_THOUSAND, 1000, lags=4),
    "paths": lambda: sa.paths(fitted("AR"), SHORT, 10**4),
    "paths, many": lambda: sa.paths(fitted("MLP"), SHORT, 100, n=10**7),
    "forecast with a level": lambda: ends_ahead(fitted("AR"), MILLION, 100, train=0),
    "direction": lambda: sa.diagnostics.direction(HUNDRED_THOUSAND, lags=500),
    "split_error": lambda: sa.diagnostics.split_error(
        sa.AR(900), functools.partial(sa.datasets.noisy_sine, length=20_000), 4
    ),
    "log likelihood": lambda: fitted("StateSpace").loglikelihood(HUNDRED_THOUSAND),
    "from_forecasts": lambda: sa.from_forecasts(
        np.broadcast_to(0.5, (10**5, 200)), HUNDRED_THOUSAND, train=0, origins=range(10**5)
    ),
}


def linear(lags: int, hidden: int = 4) -> Any:
    return torch.nn.Sequential(torch.nn.Linear(lags, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 1))


@pytest.mark.parametrize("name", BEYOND)
def test_P7_what_is_beyond_the_smallest_budget_is_refused_before_it_is_allocated(promise, monkeypatch, name):
    monkeypatch.setattr(memory, "memory_budget", lambda: FLOOR)
    fitted("ten million")
    refusals = []
    peak = peak_of(lambda: refusals.append(promise.refused(BEYOND[name], "budget")))
    (error,) = refusals
    assert error.asked > error.budget == FLOOR
    assert f"{error.asked:,} bytes" in str(error)
    assert f"{FLOOR:,} bytes" in str(error)
    assert REMEDY.search(str(error)), str(error)
    assert peak < 2 * FLOOR, f"refused when {peak / MB:.0f} MB had been taken"


def test_P7_a_report_is_asked_for(promise, allow, tmp_path):
    result = sa.evaluate(sa.AR(2), LONG, 16)
    rows = max(len(one.origins) + len(one.training.origins) for one in result.values())
    allow(rows * 8 * 16 * 8 - 1)
    error = promise.refused(lambda: result.report(tmp_path / "r.html"), "budget", "steps=")
    assert error.asked == rows * 8 * 16 * 8
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_P7_a_report_takes_what_it_asks_for(allow, tmp_path):
    result = sa.evaluate(sa.AR(2), LONG, 64)

    def write() -> None:
        result.report(tmp_path / "r.html")

    budget = asked(write, allow)
    assert peak_of(write) <= LOOSE * budget + FIXED


def test_P7_one_series_that_is_too_large_does_not_stop_the_others(monkeypatch):
    monkeypatch.setattr(memory, "memory_budget", lambda: FLOOR)
    panel = [wave(400), np.broadcast_to(0.5, 10**5) + wave(10**5)]
    scores = each(sa.AR(100), [panel[0], *[wave(400) for _ in range(3)]], 4)
    assert set(scores.status.values()) == {"ok"}
    scores = each({"m": sa.Windowed(Quick(), 300)}, [wave(2000), panel[1]], 4)
    first, second = scores.status.values()
    assert first == "ok"
    assert "the budget is 67,108,864 bytes" in second


@pytest.mark.parametrize(
    ("make", "count"),
    [
        (lambda: sa.AR(200), 100),
        (lambda: sa.AR("auto"), 50),
        (lambda: sa.SSA(2, 200), 50),
        (lambda: sa.MLP(4, hidden=3000, training=sa.Training(epochs=1, batch_size=512)), 20),
        (lambda: sa.MarkovChain(2, bins=20, smoothing=1.0), 100),
        (lambda: sa.MarkovChain(0, bins=300, smoothing=1.0), 100),
    ],
    ids=["AR", "AR auto", "SSA", "MLP", "MarkovChain", "bins"],
)
@pytest.mark.slow
def test_P7_many_series_side_by_side_take_no_more_than_two_budgets(monkeypatch, make, count):
    monkeypatch.setattr(memory, "memory_budget", lambda: FLOOR)
    panel = [wave(1000) for _ in range(count)]
    found = []
    peak = peak_of(lambda: found.append(quietly(lambda: each({"m": make()}, panel, 100))))
    assert set(found[0].status.values()) == {"ok"}
    assert peak < 2 * FLOOR, f"{peak / MB:.0f} MB"


def test_P7_a_choice_over_many_steps_makes_no_table_of_all_of_them(monkeypatch):
    """As many steps as a quarter of the series has: a table of them at 8,192 origins would take 164 MB."""
    monkeypatch.setattr(memory, "memory_budget", lambda: FLOOR)
    models = [sa.baselines.Mean(), sa.baselines.Naive()]
    assert peak_of(lambda: sa.select(models, LONG, 2500)) < FLOOR


def test_P7_what_was_learned_does_not_depend_on_how_many_windows_are_copied_at_a_time(monkeypatch):
    from stepahead.numerics import linear as numerics
    from stepahead.numerics import perceptron

    whole = [quietly(lambda: sa.AR(40).fit(SMOOTH)), sa.MLP(4, training=sa.Training(epochs=2)).fit(SHORT)]
    monkeypatch.setattr(numerics, "BLOCK_CELLS", 1 << 12)
    monkeypatch.setattr(perceptron, "SCORED_CELLS", 1 << 10)
    assert numerics.block_rows(41) == 99
    assert numerics.block_rows(1000) == 1000
    parts = [quietly(lambda: sa.AR(40).fit(SMOOTH)), sa.MLP(4, training=sa.Training(epochs=2)).fit(SHORT)]
    np.testing.assert_allclose(parts[0].coefficients_, whole[0].coefficients_, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(parts[1].losses_, whole[1].losses_, rtol=1e-13)
    assert parts[1].weights1_.tobytes() == whole[1].weights1_.tobytes()


def test_P7_contexts_without_a_way_out_are_found_without_a_row_of_the_table_for_each_value():
    chain = quietly(lambda: sa.MarkovChain(2).fit([*"abcabcaabbcc", *"abcabc"]))
    windows, marks = chain.encode(list("abcabcacbbacab"))
    stuck = chain.transition_.sum(axis=1) == 0.0
    rows = (windows[:, 0] * 3 + windows[:, 1]).astype(int)
    np.testing.assert_array_equal(np.isnan(marks), stuck[rows])
    assert stuck[rows].any()
    assert not stuck[rows].all()


# ---------------------------------------------------------------------------------------------------------------
# Real processes under a real limit


TAKES = """
import sys, warnings
warnings.simplefilter("ignore")
import numpy as np, torch, stepahead as sa
from stepahead import memory
from stepahead.models import model
torch.set_num_threads(1)
def highest():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) * 1024
x = np.sin(np.arange(3000) / 9.0) + 0.1 * np.random.default_rng(0).normal(size=3000)
sa.GRU(8, training=sa.Training(updates=1)).fit(x)
budget, model.LEAST_BUDGET = 0, 0
memory.memory_budget = lambda: budget
net = lambda lags, hidden: torch.nn.Sequential(
    torch.nn.Linear(lags, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 1)
)
long = np.sin(np.arange(100_000) / 9.0)
call = lambda: {call}
before = highest()
while True:
    try:
        call()
        break
    except sa.errors.BudgetError as error:
        budget = error.asked
print(budget, highest() - before)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "call",
    [
        "sa.GRU(512, training=sa.Training(updates=2)).fit(x)",
        "sa.LSTM(700, training=sa.Training(updates=2)).fit(x)",
        "sa.RNN(1024, training=sa.Training(updates=2)).fit(x)",
        "sa.GRU(32, ensemble=50, training=sa.Training(updates=2)).fit(x)",
        "sa.GRU(64, ensemble=4, unroll=32, training=sa.Training(updates=105)).fit(x)",
        "sa.GRU(64, ensemble=10, chunk=64, training=sa.Training(updates=2)).fit(x)",
        "sa.GRU(64, ensemble=10, window=300, training=sa.Training(updates=2)).fit(x)",
        "sa.GRU(64, ensemble=10, training=sa.Training(warm_up=800, updates=3)).fit(x)",
        "sa.GRU(64, training=sa.Training(updates=1)).fit(x).encode(long)",
        "sa.from_torch(net(300, 10), 300, training=sa.Training(epochs=1, batch_size=5000)).fit(long)",
        "sa.from_torch(net(8, 1000), 8, training=sa.Training(epochs=1, batch_size=5000)).fit(long)",
        "sa.from_torch(net(100, 4), 100, unroll=8, training=sa.Training(epochs=2, batch_size=50000)).fit(long)",
        "sa.from_torch(net(100, 4), 100, training=sa.Training(epochs=1, batch_size=50000, noise=0.1)).fit(long)",
    ],
)
def test_P7_what_torch_takes_is_about_what_was_asked_for(call):
    done = subprocess.run(
        [sys.executable, "-c", TAKES.replace("{call}", call)], capture_output=True, text=True, check=True
    )
    budget, peak = map(int, done.stdout.split())
    assert peak <= LOOSE * budget + 16 * MB, f"asked for {budget / MB:.1f} MB and took {peak / MB:.1f}"


def limited(gigabytes: float, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with no more than so much address space."""
    limit = int(gigabytes * (1 << 30))
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the address space of a process is Linux's to limit")
def test_P7_a_process_that_may_not_have_more_ends_in_one_line(tmp_path):
    path = tmp_path / "big.csv"
    path.write_text("x\n" + "\n".join(f"{value:.4f}" for value in HUNDRED_THOUSAND), encoding="utf-8")
    done = limited(
        2.0,
        "-m",
        "stepahead",
        "evaluate",
        str(path),
        "--models",
        "ar",
        "--lags",
        "40000",
        "--train",
        "0.9",
        "--horizon",
        "2",
        "--json",
    )
    assert done.returncode == 5, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "Take fewer lags" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the address space of a process is Linux's to limit")
def test_P7_the_budget_knows_the_limit_of_the_process():
    program = "import stepahead as sa; from stepahead import memory; print(memory.memory_budget())"
    done = limited(1.0, "-c", program)
    assert done.returncode == 0, done.stderr
    assert 1 << 26 <= int(done.stdout) < 1 << 29


@pytest.mark.slow
@pytest.mark.parametrize("lags", [700, 1500, 3000, 5500])
def test_P7_whatever_the_lags_a_limited_process_never_ends_in_a_bare_error(lags):
    program = f"""
import numpy as np, stepahead as sa
x = np.sin(np.arange(20_000) / 9.0) + 0.1 * np.random.default_rng(0).normal(size=20_000)
try:
    sa.evaluate(sa.AR({lags}), x, 4, steps=[1, 4])
    print("answered")
except sa.errors.BudgetError as error:
    print("refused", error.asked > error.budget)
"""
    done = limited(1.5, "-c", program)
    assert done.stdout.strip() in ("answered", "refused True"), done.stderr

"""The memory budget, to the byte."""

from __future__ import annotations

import builtins
import io

import numpy as np
import pytest

import stepahead as sa
from stepahead import memory

from .data import sine


def files(**contents: str | None):
    """An `open` that knows only these files; None for one that is not there."""
    known = {"/proc/meminfo": contents.get("meminfo"), "/sys/fs/cgroup/memory.max": contents.get("most")}
    known["/sys/fs/cgroup/memory.current"] = contents.get("used")

    def opened(path, *how, **more):
        if path not in known:
            return builtins.open(path, *how, **more)
        if known[path] is None:
            raise FileNotFoundError(path)
        return io.StringIO(known[path])

    return opened


GIB = 1 << 30
MEMINFO = (
    f"MemTotal:       {64 * GIB >> 10} kB\nMemFree:  {GIB >> 10} kB\n"
    f"MemAvailable:   {8 * GIB >> 10} kB\nBuffers: 1 kB\n"
)


@pytest.mark.parametrize(
    ("contents", "budget"),
    [
        ({"meminfo": MEMINFO}, 4 * GIB),
        ({"meminfo": MEMINFO, "most": "max\n", "used": "123\n"}, 4 * GIB),
        ({"meminfo": MEMINFO, "most": f"{6 * GIB}\n", "used": f"{2 * GIB}\n"}, 2 * GIB),
        ({"meminfo": MEMINFO, "most": f"{60 * GIB}\n", "used": f"{2 * GIB}\n"}, 4 * GIB),
        ({"meminfo": MEMINFO, "most": f"{2 * GIB}\n", "used": f"{2 * GIB}\n"}, 1 << 26),
        ({"meminfo": MEMINFO, "most": "nonsense", "used": "1"}, 4 * GIB),
        ({"meminfo": f"MemAvailable: {1 << 17} kB\n"}, 1 << 26),
        ({"meminfo": f"MemAvailable: {3 << 17} kB\n"}, 3 << 26),
    ],
    ids=["all of it", "no limit", "a limit", "a limit beyond", "at the limit", "nonsense", "at least 64 MB", "half"],
)
def test_the_budget_is_half_of_what_is_free_and_knows_of_a_container(monkeypatch, contents, budget):
    monkeypatch.setattr(memory, "open", files(**contents), raising=False)
    assert memory.memory_budget() == budget


def test_without_the_files_of_linux_the_system_is_asked(monkeypatch):
    monkeypatch.setattr(memory, "open", files(), raising=False)
    monkeypatch.setattr(memory.os, "sysconf", {"SC_AVPHYS_PAGES": 3 * GIB >> 12, "SC_PAGE_SIZE": 4096}.__getitem__)
    assert memory.memory_budget() == 3 * GIB >> 1
    monkeypatch.setattr(memory.os, "sysconf", lambda name: (_ for _ in ()).throw(ValueError(name)))
    assert memory.memory_budget() == 2 * GIB


def test_the_budget_is_kept_to_the_byte(monkeypatch):
    monkeypatch.setattr(memory, "memory_budget", lambda: 800)
    memory.afford(10, 10, "a result")
    with pytest.raises(sa.errors.BudgetError) as caught:
        memory.afford(10, 11, "a result", "Take less.")
    assert (caught.value.asked, caught.value.budget) == (880, 800)
    assert str(caught.value) == "a result would take 10 x 11 numbers = 880 bytes; the budget is 800 bytes. Take less."
    model = sa.AR(2).fit(sine(0, 60))
    monkeypatch.setattr(memory, "memory_budget", lambda: 4 * 5 * 8)
    assert model.forecast(sine(0, 60), 5).shape == (5,)
    with pytest.raises(sa.errors.BudgetError) as caught:
        model.forecast(sine(0, 60), 6)
    assert caught.value.asked == 4 * 6 * 8


X = np.cumsum(np.random.default_rng(0).normal(size=300))


@pytest.mark.parametrize(
    "call",
    [
        lambda: sa.forecast(sa.AR(2).fit(X), X, 10**14),
        lambda: sa.MLP(2, hidden=10**12).fit(X),
        lambda: sa.k_step(sa.baselines.Mean().fit(X[:9]), np.zeros(10**6), 10**5, train=9),
    ],
    ids=["forecast", "MLP", "k_step"],
)
def test_what_does_not_fit_into_memory_is_refused_with_both_numbers(call):
    with pytest.raises(sa.errors.BudgetError) as caught:
        call()
    assert caught.value.asked > caught.value.budget > 0

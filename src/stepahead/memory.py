"""The memory budget: how much memory there is, and the error if a result would need more."""

from __future__ import annotations

import os
import sys

from .errors import BudgetError

LEAST_BUDGET = 1 << 26
"""The smallest budget, in bytes: a result that needs less is not checked."""


def memory_budget() -> int:
    """The memory budget of one result, in bytes: half of what is available to the machine, its container
    and this process.
    """
    try:
        available = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        available = 1 << 32
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            available = next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration, ValueError):
        pass
    try:
        with open("/sys/fs/cgroup/memory.max", encoding="ascii") as most:
            limit = most.read().strip()
        if limit != "max":
            with open("/sys/fs/cgroup/memory.current", encoding="ascii") as used:
                available = min(available, int(limit) - int(used.read()))
    except (OSError, ValueError):
        pass
    return max(min(available, _address_space()) // 2, LEAST_BUDGET)


def _address_space() -> int:
    """Bytes that this process may still map, where ``ulimit -v`` says so."""
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit != resource.RLIM_INFINITY:
            with open("/proc/self/statm", encoding="ascii") as pages:
                return limit - int(pages.read().split()[0]) * resource.getpagesize()
    except (ImportError, OSError, ValueError):
        pass
    return sys.maxsize


def afford(
    rows: int, steps: int, what: str, remedy: str = "Keep fewer with steps=, for example steps=[1, 4, 16, 64]"
) -> None:
    """Raise a BudgetError if a [rows, steps] result would exceed the budget, before it is allocated."""
    asked, budget = rows * steps * 8, memory_budget()
    if asked > budget:
        raise BudgetError(
            f"{what} would take {rows:,} x {steps:,} numbers = {asked:,} bytes; the budget is "
            f"{budget:,} bytes. {remedy}",
            code="budget",
            asked=asked,
            budget=budget,
        )

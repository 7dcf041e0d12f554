"""A table of the benchmark: who takes part, whether the answers agree, how long each takes, and what is printed."""

from __future__ import annotations

import importlib.metadata
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

RUNS = 9
BUDGET = 12.0
"""Seconds after which a slow contender takes no more turns."""
SHORT = 0.05
"""Seconds that a turn lasts at least."""
LONG = 60.0
"""Seconds beyond which the first run is also the last."""

Array = np.ndarray
Row = dict[str, Any]
Found = dict[str, dict[str, Row]]
"""{title of the table: {name of the contender: what was found}}."""


@dataclass(frozen=True)
class Job:
    """What a contender does: `run` is timed, `check` says how what it returned agrees with the others, or raises."""

    run: Callable[[], Any]
    check: Callable[[Any], str]


@dataclass(frozen=True)
class Contender:
    """Who takes part: `prepare` imports and fits what is not to be timed;
    `needs` are the packages it wants installed.
    """

    name: str
    needs: tuple[str, ...]
    prepare: Callable[[], Job]


@dataclass(frozen=True)
class Table:
    """Contenders at one job; the one named `unit` has the ratio 1."""

    title: str
    unit: str
    contenders: tuple[Contender, ...]


def equal(expected: Array, within: float, read: Callable[[Any], Array] = np.asarray) -> Callable[[Any], str]:
    """A check that the answer that `read` finds in a result is the expected one."""

    def check(result: Any) -> str:
        answer = read(result)
        assert answer.shape == expected.shape, f"the answer has shape {answer.shape}, not {expected.shape}"
        worst = float(np.abs(answer - expected).max())
        assert worst <= within, f"the answers differ by {worst:.1e}, more than {within:.0e}"
        return f"differs {worst:.0e}"

    return check


def version(package: str) -> str | None:
    """The version that is installed, or None."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def measured(table: Table, asked: Callable[[Contender], bool], tell: Callable[[str], None]) -> dict[str, Row]:
    """The answers of those who are here compared, then each of them timed."""
    rows: dict[str, Row] = {}
    jobs: dict[str, Job] = {}
    taken: dict[str, list[float]] = {}
    firsts: dict[str, float] = {}
    tell(table.title)
    for contender in filter(asked, table.contenders):
        missing = [package for package in contender.needs if version(package) is None]
        if missing:
            rows[contender.name] = {"absent": missing}
            continue
        job = contender.prepare()
        result, firsts[contender.name] = timed(job.run)
        rows[contender.name] = {"agrees": job.check(result)}
        tell(f"  {contender.name}: {rows[contender.name]['agrees']}")
        jobs[contender.name] = job
        taken[contender.name] = [firsts[contender.name]] if firsts[contender.name] > LONG else []
    for _ in range(RUNS):
        for name, job in jobs.items():
            if sum(taken[name]) < BUDGET:
                # What is quick would pay for the cold caches that the one before it left.
                taken[name].append(turn(job.run) if firsts[name] < SHORT else timed(job.run)[1])
    for name, seconds in taken.items():
        rows[name] |= {"seconds": statistics.median(seconds), "runs": len(seconds)}
    for name in taken:
        rows[name]["ratio"] = rows[name]["seconds"] / rows[table.unit]["seconds"]
    return rows


def timed(run: Callable[[], Any]) -> tuple[Any, float]:
    """What it returns, and the seconds of this process's CPU time that it takes."""
    before = time.process_time()
    result = run()
    return result, time.process_time() - before


def turn(run: Callable[[], Any]) -> float:
    """Seconds of one run: the mean over a twentieth of a second, behind a run that is not counted."""
    total, count, _ = 0.0, 0, run()
    while total < SHORT:
        total, count = total + timed(run)[1], count + 1
    return total / count


def show(title: str, rows: dict[str, Row]) -> None:
    """Print one table; those who are not here are named at its end."""
    print(f"\n{title}")
    for name, row in rows.items():
        if "seconds" in row:
            runs = f"{row['runs']} run{'s' * (row['runs'] > 1)}"
            print(f"  {name:<58} {shown(row['seconds']):>10} {row['ratio']:10,.2f} x   {row['agrees']}; {runs}")
    absent = [f"{name} ({', '.join(row['absent'])})" for name, row in rows.items() if "absent" in row]
    if absent:
        print(f"  not installed: {'; '.join(absent)}")


def shown(seconds: float) -> str:
    """Seconds, or milliseconds below one."""
    return f"{seconds:.2f} s" if seconds >= 1.0 else f"{1e3 * seconds:.2f} ms"


def merged(parts: Sequence[Found]) -> Found:
    """The tables of several runs as one: the peers of each, and the median of who was in all of them.

    A ratio stays what it was in its own run, beside the row that ran there.
    """
    out: Found = {}
    for title in dict.fromkeys(title for part in parts for title in part):
        names = dict.fromkeys(name for part in parts for name in part.get(title, {}))
        out[title] = {
            name: _pooled(part[title][name] for part in parts if name in part.get(title, {})) for name in names
        }
    return out


def _pooled(rows: Iterable[Row]) -> Row:
    """One row out of those of several runs; absent only if it was absent from all of them."""
    every = list(rows)
    here = [row for row in every if "absent" not in row]
    if len(here) < 2:
        return (here or every)[0]
    middle = {key: statistics.median(row[key] for row in here) for key in here[0] if isinstance(here[0][key], float)}
    return {**here[0], **middle, "runs": sum(row.get("runs", 0) for row in here)}

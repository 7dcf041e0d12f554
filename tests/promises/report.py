"""Measure what the project promises, and write docs/promises.md: each figure with its target and how it was obtained.

    python -m tests.promises.report                     all of it, in some twenty minutes: `make promises`
    python -m tests.promises.report --night             every combination, every mutant: `make nightly`
    python -m tests.promises.report --check             what is quick, against the committed figures: `.ci/run`
    python -m tests.promises.report --only kills        one figure

It ends with 1 where a figure misses its target or is worse than the committed one.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

import stepahead as sa

from . import peak

ROOT = Path(__file__).resolve().parents[2]
PAGE, FIGURES = ROOT / "docs" / "promises.md", ROOT / "docs" / "promises.json"
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    name: str
    target: str
    measured: str
    met: bool | None
    how: str
    value: float | None = None
    """The figure as a number, the larger the better, for comparisons between two of these pages."""
    elsewhere: str = ""
    """What was measured of others."""
    slack: float = 0.01
    """The share of the figure by which two runs may differ."""


@dataclass(frozen=True)
class Effort:
    """How much is tried."""

    night: bool
    random: int
    kills: int
    mutants: int | None
    workers: int
    ledger: Path | None = None
    """What a run of the tests has written down already."""


def pytest(
    *arguments: object, workers: int = 1, timeout: float = 7200.0, **environment: str
) -> tuple[int, dict[str, int]]:
    """Run a part of the tests: the exit code, and how many passed, failed, were skipped or are known to fail."""
    spread = ["-n", str(workers)] if workers > 1 else ["-p", "no:xdist"]
    line = [sys.executable, "-m", "pytest", *spread, *map(str, arguments)]
    done = subprocess.run(
        line, cwd=ROOT, env={**ENVIRONMENT, **environment}, capture_output=True, text=True, timeout=timeout
    )
    for text in [t for t in done.stdout.splitlines() if t.startswith(("E  ", "FAILED", "ERROR"))][:80]:
        # what failed, and for which random input: it may not come again
        print(f"        {text[:300]}", file=sys.stderr)
    counts: dict[str, int] = {}
    words = (done.stdout.strip().splitlines() or [""])[-1].replace(",", "").strip("= ").split()
    for number, word in pairwise(words):
        if number.isdigit():
            counts[word] = int(number)
    return done.returncode, counts


# ---------------------------------------------------------------------------------------------------------------
# Figures, each obtained by running something


def rows(effort: Effort) -> list[Figure]:
    """Every row of the promises, case by case."""
    if effort.ledger is None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "ledger.json"
            marks = ["-m", "promise" if effort.night else "promise and not slow"]
            pytest("-p", "tests.promises.ledger", "--ledger", path, *marks, workers=effort.workers)
            found = json.loads(path.read_text())
    else:
        found = json.loads(effort.ledger.read_text())
    LEDGER.update(found)
    held = found["rows"]
    rows = len(held) + len(found["missing"])
    cases = sum(row["cases"] for row in held.values())
    tests = sum(row["tests"] for row in held.values())
    endings = {
        name: found["endings"].get(name, 0) for name in ("bad", "silent", "good refused", "wrong", "good", "noted")
    }
    missed = len(found["broken"]) + len(found["known"])
    how = f"`pytest -m promise` with tests/promises/ledger.py: {tests:,} tests of {cases:,} cases"
    how += "" if effort.night else ", each case once; `make nightly` tries all combinations"
    right = 100.0 * (1.0 - missed / max(tests, 1))
    return [
        Figure(
            "rows of the promises that tests hold",
            f"{rows} of {rows}",
            f"{len(held)} of {rows}",
            not found["missing"],
            how,
            float(len(held)),
        ),
        Figure(
            "bad inputs tried / silent results",
            "every row / 0",
            f"{endings['bad']:,} / {endings['silent']}",
            endings["silent"] == 0,
            "the same run: a result is silent that is no answer, no note and no error with a code",
            -float(endings["silent"]),
            "of 47: statsmodels 6, Darts 3, mlforecast 3, skforecast 1, sktime 1",
        ),
        Figure(
            "right answer or error naming the cause",
            "100 %",
            f"{right:.2f} % ({missed} tests are not)",
            missed == 0,
            "the same run; what is known to be broken is counted as broken, and listed below",
            right,
            "of 46 or 47: skforecast and sktime 37, mlforecast 36, Darts 34, statsmodels 27",
        ),
        Figure(
            "good inputs refused",
            "0",
            f"{endings['good refused']} of {endings['good'] + endings['noted']:,}",
            endings["good refused"] == 0,
            "the same run",
            -float(endings["good refused"]),
            "Darts 1 (a time zone), mlforecast 1 (big-endian numbers)",
        ),
    ]


LEDGER: dict[str, Any] = {}


def inputs(effort: Effort) -> list[Figure]:
    """Random inputs against rule 1."""
    code, counts = pytest(
        "tests/promises/test_random.py",
        "-m",
        "slow or not slow",
        STEPAHEAD_RANDOM=str(effort.random),
        workers=effort.workers,
    )
    failed = counts.get("failed", 0)
    return [
        Figure(
            "random inputs / violations of the three-way rule",
            "100,000 / 0",
            f"{effort.random:,} / {failed}",
            failed == code == 0 and (effort.random >= 100_000 or None),
            "hypothesis, tests/promises/test_random.py; a property that fails once counts once",
            -float(failed),
        )
    ]


def leaks(effort: Effort) -> list[Figure]:
    """The leak zoo."""
    from ..zoo import CLEAN, LEAKS, judged

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        caught = sum(not judged(pipeline)[0].causal for pipeline in LEAKS)
        accused = sum(not judged(pipeline)[0].causal for pipeline in CLEAN)
    return [
        Figure(
            "known leaks caught / clean pipelines accused",
            "31 of 31 / 0 of 11",
            f"{caught} of {len(LEAKS)} / {accused} of {len(CLEAN)}",
            caught == len(LEAKS) and accused == 0,
            "`python tests/zoo.py`",
            float(caught - accused),
        )
    ]


def cuts(effort: Effort) -> list[Figure]:
    """The audit of every model, at every cut of a series."""
    from ..cases import CASES

    total = causal = compared = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for case in CASES.values():
            verdict = sa.audit(case.make(), case.series(120), 7, train=60)
            total, causal, compared = (
                total + verdict.cuts,
                causal + verdict.cuts * verdict.causal,
                compared + verdict.compared,
            )
    return [
        Figure(
            "models x cuts whose past has the same bits",
            "100 %",
            f"{100.0 * causal / total:.0f} % of {total:,} ({len(CASES)} models, {compared:,} forecasts)",
            causal == total,
            "`sa.audit` of every model on the list of tests/cases.py, at every cut",
            100.0 * causal / total,
        )
    ]


def kills(effort: Effort) -> list[Figure]:
    """SIGKILL at random moments."""
    from . import kills as killing

    found = killing.survived(effort.kills)
    whole, of = (sum(pair[place] for pair in found.values()) for place in (0, 1))
    said = ", ".join(f"{name} {w} of {n}" for name, (w, n) in found.items())
    return [
        Figure(
            "faults survived: SIGKILL in save, report, training, shard",
            "400 of 400, same final bits",
            f"{whole} of {of} ({said})",
            whole == of and (of >= 400 or None),
            f"`python -m tests.promises.kills {effort.kills}`",
            100.0 * whole / of,
            "a plain write leaves 4 to 19 of 100 files whole",
        )
    ]


def counted(
    name: str, target: str, how: str, *arguments: str, unit: str = "tests", workers: int = 1
) -> Callable[[Effort], list[Figure]]:
    """A figure that is how many tests of a kind pass."""

    def figure(effort: Effort) -> list[Figure]:
        _, counts = pytest(*arguments, "-m", "slow or not slow", workers=effort.workers)
        passed, failed = (
            counts.get("passed", 0),
            counts.get("failed", 0) + counts.get("errors", 0) + counts.get("error", 0),
        )
        known = counts.get("xfailed", 0)
        return [
            Figure(
                name,
                target,
                f"{passed} of {passed + failed + known} {unit}",
                failed + known == 0 and passed > 0,
                how,
                100.0 * passed / max(passed + failed + known, 1),
            )
        ]

    return figure


def memory(effort: Effort) -> list[Figure]:
    """Peak memory of an evaluation of a million values."""
    found = peak.megabytes()
    return [
        Figure(
            "peak memory at a million values, 24 lags, above imports",
            "< 3 x the values (24 MB) + 200 MB",
            f"{found:.0f} MB",
            found < peak.MOST,
            "tests/promises/peak.py: `sa.evaluate(sa.AR(24), x, 24, steps=[1, 4, 24])` in a process of its own, VmHWM",
            -found,
            "390 to 970 MB",
            slack=0.2,
        )
    ]


def golden(effort: Effort) -> list[Figure]:
    """Numbers of ours against those of statsmodels."""
    from statsmodels.regression.linear_model import burg, yule_walker
    from statsmodels.tsa.ar_model import AutoReg

    worst, compared = 0.0, 0
    series = [getattr(sa.datasets, name)().numbers for name in ("nile", "sunspots", "el_nino", "seattle_temperature")]
    for x in series:
        for lags in (1, 2, 5, 9, 12):
            theirs = np.asarray(AutoReg(x, lags).fit().params)
            yw = yule_walker(x, lags, method="mle", demean=True, result_object=False)[0]
            pairs = [
                (
                    np.append(sa.AR(lags).fit(x).coefficients_[::-1], sa.AR(lags).fit(x).intercept_),
                    np.append(theirs[1:], theirs[0]),
                ),
                (sa.AR(lags, method="yule-walker").fit(x).coefficients_[::-1], yw),
                (sa.AR(lags, method="burg").fit(x).coefficients_[::-1], burg(x, lags)[0]),
                (
                    sa.AR(lags).fit(x).forecast(x, 24),
                    AutoReg(x, lags).fit().predict(start=len(x), end=len(x) + 23),
                ),
            ]
            for ours, other in pairs:
                size = np.maximum(np.abs(other), np.abs(other).max() * 1e-3)
                worst, compared = max(worst, float((np.abs(ours - other) / size).max())), compared + len(other)
    return [
        Figure(
            "values against statsmodels, worst relative error",
            "1e-8",
            f"{worst:.1e} of {compared:,} values",
            worst <= 1e-8,
            "least squares, Yule-Walker and Burg coefficients and forecasts of 24 steps on four "
            "real series, 1 to 12 lags",
            -float(np.log10(max(worst, 1e-16))),
            slack=0.1,
        )
    ]


def coverage(effort: Effort) -> list[Figure]:
    """Lines and branches that the tests reach."""
    with tempfile.TemporaryDirectory() as folder:
        data, report = Path(folder) / "data", Path(folder) / "report.json"
        settings = Path(folder) / "rc"
        settings.write_text(
            "[report]\nexclude_also =\n    if TYPE_CHECKING:\n    @overload\n    raise "
            "NotImplementedError\n    \\.\\.\\.$\n"
        )
        run = [sys.executable, "-m", "coverage"]
        how = ["--rcfile", str(settings), "--branch", "--source", "src/stepahead", "--data-file", str(data)]
        tests = [
            "-m",
            "pytest",
            "-p",
            "no:xdist",
            *(["-m", "not slow and not browser"] if not effort.night else ["-m", "not browser"]),
        ]
        subprocess.run([*run, "run", *how, *tests], cwd=ROOT, env=ENVIRONMENT, capture_output=True)
        subprocess.run(
            [*run, "json", "--rcfile", str(settings), "--data-file", str(data), "-o", str(report)],
            cwd=ROOT,
            env=ENVIRONMENT,
            capture_output=True,
        )
        found = json.loads(report.read_text())
    totals = found["totals"]
    lines = 100.0 * totals["covered_lines"] / totals["num_statements"]
    branches = 100.0 * totals["covered_branches"] / totals["num_branches"]
    worst = sorted(
        (
            (facts["summary"]["percent_covered"], name)
            for name, facts in found["files"].items()
            if facts["summary"]["num_statements"] > 20
        )
    )[:5]
    LEDGER["least covered"] = [f"{name} {share:.0f} %" for share, name in worst]
    return [
        Figure(
            "line coverage",
            "97 %",
            f"{lines:.1f} %",
            lines >= 97.0,
            f"coverage.py over {'all' if effort.night else 'the everyday'} tests, subprocesses not counted",
            lines,
        ),
        Figure("branch coverage", "93 %", f"{branches:.1f} %", branches >= 93.0, "the same run", branches),
    ]


def mutants(effort: Effort) -> list[Figure]:
    """Mutation testing of the core."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutants.json"
        sample = [] if effort.mutants is None else ["--sample", str(effort.mutants)]
        line = [
            sys.executable,
            "-m",
            "tests.promises.mutate",
            *sample,
            "--workers",
            str(effort.workers),
            "--json",
            str(path),
        ]
        if (
            ended := subprocess.run(line, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        ).returncode:
            raise RuntimeError(f"no mutants were tried: {ended.stderr.decode()[-500:]}")
        found = json.loads(path.read_text())
    killed, of, all_of_them = (sum(part[key] for part in found.values()) for key in ("killed", "tried", "of"))
    score = 100.0 * killed / max(of, 1)
    LEDGER["survivors"] = [one for part in found.values() for one in part["survivors"]]
    said = ", ".join(f"{name} {part['killed']} of {part['tried']}" for name, part in found.items())
    return [
        Figure(
            "mutation score of windows, walk, tests, audit, storage",
            "85 %",
            f"{score:.0f} % ({said})",
            score >= 85.0,
            f"`python -m tests.promises.mutate`: {of} of {all_of_them} mutants, chosen by seed 0",
            score,
            slack=0.05,
        )
    ]


MEASURES: dict[str, Callable[[Effort], list[Figure]]] = {
    "rows": rows,
    "random": inputs,
    "leaks": leaks,
    "cuts": cuts,
    "kills": kills,
    "writes": counted(
        "n-th open, write, fsync, replace failing, all n; full disk",
        "the old file stands every time",
        "tests/promises/test_faults.py -k X2, as root the read-only folder is left out",
        "tests/promises/test_faults.py",
        "-k",
        "X2",
    ),
    "files": counted(
        "malicious or damaged model files refused, none run",
        "100 % of 30 or more",
        "tests/promises/test_stored.py: the corpus at `sa.load` and on the command line",
        "tests/promises/test_stored.py",
        "-k",
        "hostile",
        unit="files",
    ),
    "payloads": counted(
        "HTML payloads neutralised, in page, notebook and JSON",
        "40 of 40 in each",
        "tests/promises/test_output.py -k O1, tests/report/page/test_page.py -k payloads: 42 payloads",
        "tests/promises/test_output.py",
        "tests/report/page/test_page.py",
        "-k",
        "O1 or payloads",
    ),
    "bits": counted(
        "same bits: workers 1, 2, 8, panel order, memory layouts, containers",
        "all",
        "rows V8, P6 and M5, and tests/scale/test_driver.py -k 'workers_changes or engines_give'",
        "tests/promises/test_values.py",
        "tests/promises/test_sizes.py",
        "tests/repository/test_contract.py",
        "tests/scale/test_driver.py",
        "-k",
        "V8_every or V8_a_memory or P6_every or same_seed or order_of_a_panel or workers_changes or engines_give",
    ),
    "memory": memory,
    "golden": golden,
    "coverage": coverage,
    "mutants": mutants,
}
QUICK = ("rows", "leaks", "cuts", "kills", "memory", "golden")
"""What a change has to pass: some minutes, and the rest of the list is in the tests themselves."""

# ---------------------------------------------------------------------------------------------------------------
# The page


def page(figures: list[Figure], effort: Effort, seconds: float) -> str:
    """docs/promises.md."""
    today = f"{datetime.date.today().isoformat()} by `make {'nightly' if effort.night else 'promises'}`"
    lines = [
        "# Promises, measured",
        "",
        f"What stepahead {sa.__version__} promises about bad input, faults and malicious files, "
        "and what was measured on "
        f"{today}, in {seconds / 60.0:.0f} minutes on {os.cpu_count()} cores.",
        "",
        "Every input ends in one of three ways: the right answer, the right answer with a note, "
        "or an error that names the",
        "cause and the place. Each figure was obtained by running something; one that missed its target says so.",
        "",
        "| figure | target | measured | | others |",
        "|---|---|---|---|---|",
    ]
    words = {True: "met", False: "**missed**", None: "met so far"}
    lines += [f"| {f.name} | {f.target} | {f.measured} | {words[f.met]} | {f.elsewhere} |" for f in figures]
    lines += [
        "",
        '"Met so far" stands where fewer were tried than the target asks. Figures of others were '
        "measured by us, on inputs",
        "of the same kinds.",
        "",
        "## How each was obtained",
        "",
        *(f"* {f.name}: {f.how}." for f in figures),
    ]
    if LEDGER.get("known") or LEDGER.get("broken"):
        lines += [
            "",
            "## Broken today",
            "",
            "Tests that fail; tests/promises/known.py says why of those that are expected to:",
            "",
        ]
        lines += [f"* `{one}`" for one in [*LEDGER.get("broken", []), *LEDGER.get("known", [])]]
    if LEDGER.get("rows"):
        from .rows import ROWS

        lines += ["", "## By row", "", "| row | promise | tests | cases | broken |", "|---|---|---|---|---|"]
        for row, said in ROWS.items():
            found = LEDGER["rows"].get(row, {})
            broken = found.get("failed", 0) + found.get("known", 0)
            lines.append(f"| {row} | {said} | {found.get('tests', 0)} | {found.get('cases', 0)} | {broken or ''} |")
    for title, key in (("Mutants that survived", "survivors"), ("Files that the tests reach least", "least covered")):
        if LEDGER.get(key):
            lines += ["", f"## {title}", "", *(f"* `{one}`" for one in LEDGER[key])]
    return "\n".join(lines) + "\n"


def worse(before: list[dict[str, Any]], after: list[Figure]) -> list[str]:
    """Figures that are worse than those of another time."""
    known = {one["name"]: one for one in before}
    found = []
    for figure in after:
        old = known.get(figure.name, {}).get("value")
        if old is not None and figure.value is not None and figure.value < old - figure.slack * abs(old):
            found.append(f"{figure.name}: {known[figure.name]['measured']} before, {figure.measured} now")
    return found


def main() -> int:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--night", action="store_true", help="every combination of cases, the slow tests, all mutants")
    parser.add_argument(
        "--check", action="store_true", help="what is quick, against docs/promises.json; no page is written"
    )
    parser.add_argument("--ledger", type=Path, help="what a run of the tests with the plug-in of that name has written")
    parser.add_argument("--only", nargs="*", choices=list(MEASURES), help="these figures alone; no page is written")
    parser.add_argument("--workers", type=int, default=2)
    typed = parser.parse_args()
    random, kills, mutants_each = 100_000, 40 if typed.check else 400, None if typed.night else 40
    effort = Effort(typed.night, random, kills, mutants_each, typed.workers, typed.ledger)
    before = json.loads(FIGURES.read_text()) if FIGURES.exists() else []
    begun, figures = time.monotonic(), []
    for name in typed.only or (QUICK if typed.check else MEASURES):
        for figure in MEASURES[name](effort):
            figures.append(figure)
            word = {True: "met", None: "so far", False: "MISSED"}[figure.met]
            print(f"{word:8}{figure.name}: {figure.measured}", flush=True)
    found = worse(before, figures)
    for text in found:
        print(f"{'WORSE':8}{text}")
    if not (typed.check or typed.only):
        PAGE.write_text(page(figures, effort, time.monotonic() - begun))
        FIGURES.write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n")
        print(f"wrote {PAGE.relative_to(ROOT)}")
    return int(bool(found) or any(figure.met is False for figure in figures))


if __name__ == "__main__":
    sys.exit(main())

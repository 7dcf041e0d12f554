"""A plug-in for pytest that marks every test with the rows it holds, and writes down how each of its cases ended.

    pytest -p tests.promises.ledger -m promise --ledger FILE

FILE then has one JSON text: {"rows": {row: {"tests", "cases", "failed", "known"}}, "silent", "refused", "wrong", ...}.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from .rows import ROWS, rows_of


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--ledger", type=Path, default=None, help="write down how the cases of the promises ended")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--ledger") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Ledger(config.getoption("--ledger")))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for row in sorted(rows_of(item.nodeid)):
            item.add_marker(pytest.mark.promise(row))


class Ledger:
    """What became of each test; in a run of several workers it is the one that hears of all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[str, Counter[str]] = defaultdict(Counter)
        self.endings: Counter[str] = Counter()
        self.broken: list[str] = []
        self.known: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test once it has run, or was not able to."""
        if report.when != "call" and not (report.when == "setup" and report.outcome != "passed"):
            return
        if report.outcome == "skipped" and not hasattr(report, "wasxfail"):
            self.endings["skipped"] += 1
            return
        cases = [kind for name, kind in report.user_properties if name == "case"] or ["held"]
        broken = report.outcome == "failed"
        known = report.outcome == "skipped"  # expected to fail, and it did
        for row in rows_of(report.nodeid):
            self.rows[row]["tests"] += 1
            self.rows[row]["cases"] += len(cases)
            self.rows[row]["failed"] += broken
            self.rows[row]["known"] += known
        if not rows_of(report.nodeid):
            return
        self.endings.update(cases)
        if broken or known:
            text = str(report.longrepr)
            why = "silent" if "SilentError: " in text else "good refused" if "GoodRefusedError: " in text else "wrong"
            self.endings[why] += 1
            (self.known if known else self.broken).append(f"{report.nodeid} ({why})")

    def pytest_sessionfinish(self) -> None:
        """Write it all down."""
        document = {
            "rows": {row: dict(self.rows[row]) for row in ROWS if row in self.rows},
            "missing": [row for row in ROWS if row not in self.rows],
            "endings": dict(self.endings),
            "broken": self.broken,
            "known": self.known,
        }
        self.path.write_text(json.dumps(document, indent=1) + "\n")

"""The three ways in which everything ends, as something that tests can ask for; and which cases are tried every day."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from .endings import Promise
from .known import KNOWN

HERE = Path(__file__).parent


@pytest.fixture
def promise(record_property) -> Promise:
    return Promise(record_property)


def on_the_diagonal(ids: Sequence[Sequence[str]]) -> list[bool]:
    """Of tests with one id for each parametrization: whether all of them go along with the longest.

    Every case of every parametrization is tried every day in this way; the other combinations are slow tests.
    """
    known: list[dict[str, int]] = [{} for _ in ids[0]] if ids else []
    places = [[numbers.setdefault(name, len(numbers)) for name, numbers in zip(one, known, strict=True)] for one in ids]
    counts = [len(numbers) for numbers in known]
    longest = counts.index(max(counts)) if counts else 0
    return [all(place == here[longest] % count for place, count in zip(here, counts, strict=True)) for here in places]


def by_day(config: pytest.Config) -> bool:
    """Whether slow tests are left out."""
    marks = config.getoption("markexpr") or ""
    return "not slow" in marks and "or not slow" not in marks


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """By day the slow combinations are not even made: there are thousands of them."""
    if by_day(metafunc.config) and len(metafunc._calls) > 1:
        kept = on_the_diagonal([call._idlist for call in metafunc._calls])
        metafunc._calls = [call for call, keep in zip(metafunc._calls, kept, strict=True) if keep]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is slow, and what is known to be broken."""
    tests: dict[str, list[pytest.Item]] = {}
    for item in items:
        if HERE in item.path.parents:
            why = KNOWN.get(item.name) or KNOWN.get(getattr(item, "originalname", ""))
            if why:
                item.add_marker(pytest.mark.xfail(reason=why, strict=True))
            if hasattr(item, "callspec"):
                tests.setdefault(f"{item.path}::{item.originalname}", []).append(item)
    for group in () if by_day(config) else tests.values():
        for item, everyday in zip(group, on_the_diagonal([item.callspec._idlist for item in group]), strict=True):
            if not everyday:
                item.add_marker(pytest.mark.slow)

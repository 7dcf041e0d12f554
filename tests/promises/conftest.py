"""The three ways in which everything ends, as something that tests can ask for; and which cases are tried every day."""

from __future__ import annotations

from pathlib import Path

import pytest

from .endings import Promise
from .known import KNOWN

HERE = Path(__file__).parent


@pytest.fixture
def promise(record_property) -> Promise:
    return Promise(record_property)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every case of every parametrization is tried every day, along a diagonal; the other combinations are slow tests."""
    for item in items:
        why = KNOWN.get(item.name) or KNOWN.get(getattr(item, "originalname", ""))
        if why and HERE in item.path.parents:
            item.add_marker(pytest.mark.xfail(reason=why, strict=True))
    ours = [item for item in items if HERE in item.path.parents and hasattr(item, "callspec")]
    seen: dict[str, list[dict[str, int]]] = {}
    places = []
    for item in ours:
        ids = item.callspec._idlist  # one id for each parametrization of the test
        known = seen.setdefault(f"{item.path}::{item.originalname}", [{} for _ in ids])
        places.append([numbers.setdefault(name, len(numbers)) for name, numbers in zip(ids, known, strict=True)])
    for item, here in zip(ours, places, strict=True):
        counts = [len(numbers) for numbers in seen[f"{item.path}::{item.originalname}"]]
        along = here[counts.index(max(counts))]
        if any(place != along % count for place, count in zip(here, counts, strict=True)):
            item.add_marker(pytest.mark.slow)

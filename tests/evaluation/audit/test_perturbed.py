"""Tests of stepahead.evaluation.audit.perturbed."""

from __future__ import annotations

import numpy as np

import stepahead as sa
from stepahead.evaluation.audit import perturbed as perturbing

from ...data import sine


def test_what_is_planted():
    series = sa.Series(sine(0, 40))
    for number, kind in enumerate(["another level", "equal", "huge and tiny"] * 2):
        found = perturbing.perturbed(series, 25, number, seed=3)
        assert found[:25].tobytes() == series.values[:25].tobytes()
        behind = found[25:]
        if kind == "another level":
            assert 900.0 < behind.mean() < 1100.0
            assert 15.0 < behind.std() < 70.0
        elif kind == "equal":
            assert behind.tolist() == [-321.5] * 15
        else:
            assert behind.tolist() == [1e6, 1e-6] * 7 + [1e6]
        assert perturbing.perturbed(series, 25, number, seed=3).tobytes() == found.tobytes()
    assert (
        perturbing.perturbed(series, 25, 0, seed=4).tobytes() != perturbing.perturbed(series, 25, 0, seed=3).tobytes()
    )
    whole = perturbing.perturbed(sa.Series(np.arange(40)), 25, 2, seed=3)
    assert whole[25:].tolist() == [1e6, 0.0] * 7 + [1e6]
    missing = {which: np.flatnonzero(np.isnan(values)).tolist() for values, which in perturbing.with_gaps(series, 25)}
    some = missing.pop("some values from 25 on missing")
    assert 0 < len(some) < 15
    assert min(some) >= 25
    assert missing == {
        "the values from 25 on missing": list(range(25, 40)),
        "the last value missing": [39],
        "the value 25 missing": [25],
        "every second value from 25 on missing": list(range(26, 40, 2)),
    }
    assert all(values[:25].tolist() == series.values[:25].tolist() for values, _ in perturbing.with_gaps(series, 25))
    assert [np.isnan(values).sum() for values, _ in perturbing.with_gaps(series, 39)][:3] == [1, 1, 1]


def test_symbols_and_holes_are_planted_too():
    text = sa.Series(["a", "b", "c", None] * 10, missing="skip")
    shifted = perturbing.perturbed(sa.Series(["a", "b", "c"] * 10), 20, 0, seed=0)
    assert shifted[20:].tolist() == [(code + 1) % 3 for code in sa.Series(["a", "b", "c"] * 10).values[20:]]
    every = sa.Series(["a", "b", "c"] * 40)
    for number in range(7):
        behind = perturbing.perturbed(every, 20, number, seed=0)[20:]
        is_next = behind.tolist() == [(code + 1) % 3 for code in every.values[20:]]
        assert is_next == (number % 3 == 0)
        assert set(behind.tolist()) == {0, 1, 2}
    found = perturbing.perturbed(text, 10, 1, seed=0)
    assert found[:10].tolist() == text.values[:10].tolist()
    assert set(found[10:].tolist()) == {-1, 0, 1, 2}
    holes = sa.Series([np.nan if i % 4 == 3 else float(i) + 0.5 for i in range(400)], missing="skip")
    share = np.isnan(perturbing.perturbed(holes, 100, 0, seed=0)[100:]).mean()
    assert 0.1 < share < 0.3
    assert not np.isnan(perturbing.perturbed(sa.Series(sine(0, 40)), 10, 0, seed=0)).any()
    assert next(perturbing.with_gaps(text, 10))[0][10:].tolist() == [-1] * 30

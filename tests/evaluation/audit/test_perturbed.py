"""Tests of stepahead.evaluation.audit.perturbed."""

from __future__ import annotations

import numpy as np

import stepahead as sa
from stepahead.evaluation.audit import perturbed as perturbing

from ... import column_zoo
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
    missing = {
        which: np.flatnonzero(np.isnan(part.values)).tolist() for part, which in perturbing.with_gaps(series, 25)
    }
    some = missing.pop("some values from 25 on missing")
    assert 0 < len(some) < 15
    assert min(some) >= 25
    assert missing == {
        "the values from 25 on missing": list(range(25, 40)),
        "the last value missing": [39],
        "the value 25 missing": [25],
        "every second value from 25 on missing": list(range(26, 40, 2)),
    }
    assert all(part.values[:25].tolist() == series.values[:25].tolist() for part, _ in perturbing.with_gaps(series, 25))
    assert [np.isnan(part.values).sum() for part, _ in perturbing.with_gaps(series, 39)][:3] == [1, 1, 1]


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
    assert next(perturbing.with_gaps(text, 10))[0].values[10:].tolist() == [-1] * 30


def test_columns_are_rewritten_from_the_cut_on_and_nothing_before():
    series = column_zoo.shelves()
    for number in range(6):
        hidden, plan = perturbing.rewritten(series, 90, number, 1), perturbing.known_rewritten(series, 90, number, 1)
        only = perturbing.past_rewritten(series, 90, number, 1)
        assert hidden.known is series.known  # what is known at the cut stays
        assert plan.past is series.past
        assert only.known is series.known
        assert plan.values.tobytes() == only.values.tobytes() == series.values.tobytes()
        assert only.past.values.tobytes() == hidden.past.values.tobytes()
        for made, old in ((hidden.past, series.past), (plan.known, series.known)):
            assert made.values[:90].tobytes() == old.values[:90].tobytes()
            assert not np.array_equal(made.values[90:], old.values[90:])
            assert not made.values.flags.writeable
        assert np.abs(hidden.past.values[90:] - series.past.values[90:]).min() > 0.0
        # Columns of few whole numbers keep to these, so that a table still has them; rows beyond the end move too.
        assert set(plan.known.values[:, 0]) == {0.0, 1.0}
        assert set(plan.known.values[:, 1]) == {0.0, 1.0, 2.0}
        if number % 3 == 0:
            assert (plan.known.values[90:] != series.known.values[90:]).all()
        again = perturbing.known_rewritten(series, 90, number, 1)
        assert again.known.values.tobytes() == plan.known.values.tobytes()
    bare = sa.Series(sine(0, 40))
    assert perturbing.known_rewritten(bare, 20, 0, 0) is bare
    assert perturbing.past_rewritten(bare, 20, 0, 0) is bare
    assert perturbing.rewritten(bare, 20, 0, 0).values.tobytes() == perturbing.perturbed(bare, 20, 0, 0).tobytes()


def test_holes_of_past_columns_move_and_those_of_known_ones_do_not():
    rng = np.random.default_rng(0)
    promo, warmth = (np.where(rng.random(100) < 0.2, np.nan, rng.normal(size=100)) for _ in range(2))
    series = sa.Series(sine(0, 100), known={"promo": promo}, past={"warmth": warmth}, missing="skip")
    hidden, plan = perturbing.rewritten(series, 50, 0, 0), perturbing.known_rewritten(series, 50, 0, 0)
    assert np.array_equal(np.isnan(plan.known.values), np.isnan(series.known.values))
    assert not np.array_equal(np.isnan(hidden.past.values[50:]), np.isnan(series.past.values[50:]))
    assert np.array_equal(np.isnan(hidden.past.values[:50]), np.isnan(series.past.values[:50]))
    for made, _ in perturbing.with_gaps(series, 50):
        lost = np.isnan(made.values)
        assert np.isnan(made.past.values[lost]).all()
        assert made.past.values[~lost].tobytes() == series.past.values[~lost].tobytes()
        assert made.known is series.known

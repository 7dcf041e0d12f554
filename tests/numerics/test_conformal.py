"""Intervals hear of an error k steps later and not before, and hold what they say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from benchmarks import trust as proof

from stepahead.numerics import conformal


def widths_by_words(before, origins, k, sizes, level):
    """One step number, one origin after the other: what is known then, and nothing else;
    infinite while that is too little.
    """
    needed = next(n for n in range(1, 10_000) if n / (n + 1) >= level - 1e-12)
    pool, alpha, out, outside = sorted(e for e in before if not np.isnan(e)), 1.0 - level, [], {}
    sorted_in, observed = 0, 0
    for row, origin in enumerate(origins):
        while observed < row and origins[observed] + k <= origin:
            if outside[observed] is not None:
                alpha += conformal.RATE * ((1.0 - level) - outside[observed])
            observed += 1
        if observed - sorted_in > (
            max((conformal.GROWTH - 1.0) * len(pool), conformal.FEWEST) if len(pool) >= needed else 0
        ):
            pool = sorted([*pool, *[e for e in sizes[sorted_in:observed] if not np.isnan(e)]])
            sorted_in = observed
        m = len(pool)
        rank = min(max(math.ceil((1.0 - alpha) * (m + 1) - 1e-9), 1), m)
        out.append(pool[rank - 1] if m >= needed else np.inf)
        outside[row] = None if np.isnan(sizes[row]) or m < needed else float(sizes[row] > out[-1])
    return np.array(out)


def test_intervals_hear_of_an_error_k_steps_later_and_not_before():
    rng = np.random.default_rng(0)
    origins = np.sort(rng.choice(np.arange(50, 400), 200, replace=False))
    steps = np.array([1, 3, 17])
    before, sizes = np.abs(rng.normal(size=(40, 3))), np.abs(rng.normal(0, 1.6, (200, 3)))
    before[3, 1] = sizes[20, 2] = np.nan
    found = conformal.half_widths(before, origins, steps, sizes, 0.9)
    widest = np.zeros(len(origins))
    for column, k in enumerate(steps):
        widest = np.maximum(widest, widths_by_words(before[:, column], origins, k, sizes[:, column], 0.9))
        np.testing.assert_array_equal(found[:, column], widest)
        for row in (0, 30, 120):
            other = sizes.copy()
            other[row, column] = 1e3 if other[row, column] <= found[row, column] else 0.0
            moved = (conformal.half_widths(before, origins, steps, other, 0.9) != found).any(axis=1)
            assert not moved[origins < origins[row] + k].any()
            assert moved.any()


@pytest.mark.parametrize("seeds", [range(6), pytest.param(range(20), marks=pytest.mark.slow)])
def test_intervals_hold_what_they_say_on_the_notes_series(seeds):
    tables = {(model, method): covered for model, method, covered, _, _ in proof.coverage(seeds)}
    covered = tables["AR(64)", "conformal"]
    assert (np.abs(covered[:3] - 0.91) <= 0.03).all()
    assert 0.88 <= covered[3] <= 0.98  # never narrower than at a smaller step: somewhat too wide far out
    assert tables["AR(4)", "model"][3] > 0.95  # the plug-in distribution of a window that is too short is far too wide

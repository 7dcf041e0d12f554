"""The baselines of the public face, on numbers that anybody can check."""

from __future__ import annotations

import pytest

import stepahead as sa

X = [1.0, 2.0, 6.0, 3.0, 8.0]
AHEAD = {
    "Mean": (sa.baselines.Mean, [4.0, 4.0, 4.0]),
    "Naive": (sa.baselines.Naive, [8.0, 8.0, 8.0]),
    "SeasonalNaive": (lambda: sa.baselines.SeasonalNaive(2), [3.0, 8.0, 3.0]),
    "Drift": (sa.baselines.Drift, [9.75, 11.5, 13.25]),  # (8 - 1) / 4 a step
}


@pytest.mark.parametrize("name", AHEAD)
def test_a_baseline_forecasts_what_it_says(name):
    make, expected = AHEAD[name]
    assert sa.forecast(make().fit(X), X, 3).values.tolist() == expected

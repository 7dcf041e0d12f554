"""What a comparison has to say, asked of it once."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation.answers import pace
from stepahead.report.page import packing

from ...pages import data_of, page_of, sine_result


def test_a_step_says_how_much_time_it_is():
    series = [
        sa.Series(np.arange(50.0), times=np.datetime64("2024-01-01T00:00", "m") + 15 * np.arange(50)) for _ in range(2)
    ]
    assert pace(tuple(series)) == (15, "m")
    assert pace((series[0], sa.Series(np.arange(9.0)))) is None
    assert pace((series[0], sa.Series(np.arange(9.0), times=np.arange(9)))) is None
    uneven = np.datetime64("2024-01-01") + np.array([0, 1, 4, 5, 6])
    assert pace((sa.Series(np.arange(5.0), times=uneven),)) is None
    months = np.datetime64("2024-01", "M") + np.arange(12)
    assert pace((sa.Series(np.arange(12.0), times=months),)) == (1, "M")


@pytest.mark.parametrize("models", [[sa.AR(2), sa.AR(4)], [sa.AR(lags) for lags in range(1, 12)], []])
def test_a_report_asks_for_the_intervals_of_each_level_once(models, monkeypatch, tmp_path):
    x = np.sin(np.arange(300) / 5) + np.random.default_rng(0).normal(0, 0.1, 300)
    result = sa.evaluate(models or [sa.baselines.Mean()], x, 3)
    asked, literal = Counter(), type(next(iter(result.values()))).prediction_intervals

    def intervals(self, level=0.9, method="conformal"):
        asked[self.model, level] += 1
        return literal(self, level, method)

    monkeypatch.setattr(type(next(iter(result.values()))), "prediction_intervals", intervals)
    result.report(tmp_path / "r.html")
    assert set(asked.values()) == {1}
    assert {level for _, level in asked} == {0.9}
    assert len(asked) == min(packing.MOST_LINES, len(models) or 3), "of the models that are drawn"


def test_steps_that_were_kept_are_the_steps_of_the_page():
    result = sine_result(steps=[1, 4, 16, 64])
    data = data_of(page_of(result))
    assert (data["steps"], data["slider"], data["jumps"], data["start"]) == (
        [1, 4, 16, 64],
        [0, 1, 2, 3],
        [1, 4, 16, 64],
        3,
    )

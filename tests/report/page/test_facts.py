"""What a comparison has to say, asked of it once."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

import stepahead as sa
from stepahead.report.page import views
from stepahead.report.page.facts import amount, facts, pace

from ...pages import data_of, page_of, sine_result


def test_a_step_says_how_much_time_it_is():
    series = [
        sa.Series(np.arange(50.0), times=np.datetime64("2024-01-01T00:00", "m") + 15 * np.arange(50)) for _ in range(2)
    ]
    assert pace(tuple(series)) == (15, "m")
    assert amount(16 * 15, "m") == (4, "h")
    assert pace((series[0], sa.Series(np.arange(9.0)))) is None
    assert pace((series[0], sa.Series(np.arange(9.0), times=np.arange(9)))) is None
    uneven = np.datetime64("2024-01-01") + np.array([0, 1, 4, 5, 6])
    assert pace((sa.Series(np.arange(5.0), times=uneven),)) is None
    months = np.datetime64("2024-01", "M") + np.arange(12)
    assert pace((sa.Series(np.arange(12.0), times=months),)) == (1, "M")


class Third(sa.baselines.Mean):
    """A baseline of somebody else, of a kind that the page has no words for."""

    kind = "third"


def test_a_baseline_says_of_what_kind_it_is_and_a_strange_one_is_told_by_its_name():
    x = np.sin(np.arange(300) / 5) + np.random.default_rng(0).normal(0, 0.1, 300)
    said = facts(sa.evaluate({"m": sa.AR(2), "<third>": Third()}, x, 4, period=31))
    kinds = {line.name: line.baseline for line in said.lines}
    assert kinds == {
        "m": None, "<third>": ("third", 0), "Mean": ("mean", 0), "Naive": ("last", 0), "SeasonalNaive(31)": ("season",
        31),
    }  # fmt: skip
    basis = page_of(sa.evaluate({"m": sa.AR(2), "<third>": Third()}, x, 4))
    assert any(f"{one}&lt;third&gt;{two}" in basis for one, two in (("(", ", "), (", ", ", "), (", ", ")")))
    assert "recent average" in basis
    symbols = facts(sa.evaluate([sa.MarkovChain(1), sa.MarkovChain(2)], list("aab" * 40), 2))
    assert [line.baseline for line in symbols.lines if line.simple] == [("symbols", 0)]
    assert set(symbols.models) == {"MarkovChain(1)", "MarkovChain(2)"}


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
    assert sum(level == 0.9 for _, level in asked) == len(result)
    assert sum(level == 0.5 for _, level in asked) == min(8, len(models) or views.MOST_GUESSES)


def test_steps_that_were_kept_are_the_steps_of_the_page():
    result = sine_result(steps=[1, 4, 16, 64])
    data = data_of(page_of(result))
    assert (data["steps"], data["slider"], data["jumps"], data["start"]) == (
        [1, 4, 16, 64],
        [0, 1, 2, 3],
        [1, 4, 16, 64],
        2,
    )

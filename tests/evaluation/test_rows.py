"""The rows of a result, of scores too."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa

from ..data import each, sine

PANEL = [sine(seed, 300) * 10.0**seed + seed for seed in range(4)]


def test_scores_make_their_rows_when_they_are_asked_for(monkeypatch):
    kept = sa.evaluate([sa.AR(4)], PANEL, 8, 180)
    scores = sa.evaluate([sa.AR(4)], PANEL, 8, 180, keep="scores")
    assert scores.answer.to_dict() == kept.answer.to_dict()
    np.testing.assert_array_equal(scores["AR(4)"].predictions, kept["AR(4)"].predictions)
    with pytest.raises(KeyError):
        scores["AR(5)"]
    monkeypatch.setattr("stepahead.memory.memory_budget", lambda: 1000)
    with pytest.raises(sa.errors.InputError) as caught:
        sa.evaluate([sa.AR(4)], PANEL, 8, 180, keep="scores").judge()
    assert caught.value.code == "no-rows"


def test_rows_are_made_of_the_series_that_have_scores():
    panel = {"a": sine(0, 90), "short": sine(1, 6), "b": sine(2, 80), "hollow": np.full(80, np.nan)}
    named = [sa.Series(values, name=name, missing="skip") for name, values in panel.items() if name != "hollow"]
    scores = each([sa.AR(2)], named, 4)
    assert list(scores.failed) == ["short"]
    assert [series.name for series in scores["AR(2)"]._panel] == ["a", "b"]
    np.testing.assert_allclose(scores["AR(2)"].rmse(), scores.by_step("rmse")["AR(2)"], rtol=1e-9)


@pytest.mark.parametrize(
    ("length", "caption"), [(61 + 3, "1 held-out origin, 61"), (61 + 4, "2 held-out origins, 61 to 62")]
)
def test_one_origin_is_told_in_the_singular(length, caption):
    result = sa.evaluate(sa.AR(1), sine(0, length), 3, 61)
    assert result["AR(1)"]._caption().startswith(f"{caption};")
    assert f"{length} values, {caption};" in " ".join(result.table(columns=120).split())

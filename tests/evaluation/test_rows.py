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


def test_times_and_cutoffs_of_a_panel_are_those_of_a_loop():
    starts = [np.datetime64("2024-01-01") + (i + 1) * np.arange(n) for i, n in enumerate((30, 24, 40))]
    panel = [sa.Series(sine(i, len(t)), t, name=f"s{i}") for i, t in enumerate(starts)]
    blocks = [{o: [0.0, 0.0] for o in (0, 1, 7 + i)} for i in range(3)]
    result = sa.from_forecasts(blocks, panel, 0, "zero")
    assert result.origins.tolist() == [0, 1, 7, 0, 1, 8, 0, 1, 9]
    for row, (index, origin) in enumerate(zip(result.part.tolist(), result.origins.tolist(), strict=True)):
        times = starts[index]
        assert result.times[row].tolist() == times[origin : origin + 2].tolist()
        before = times[origin - 1] if origin else times[0] - (times[1] - times[0])
        assert result._cutoffs[row] == before
    frame = result.to_frame("predictions")
    assert list(frame["unique_id"][::6]) == ["s0", "s1", "s2"]


@pytest.mark.parametrize("name", ["y", "ds", "cutoff", "unique_id", "q-median"])
def test_a_frame_has_no_column_twice(name):
    half = sa.from_function(lambda w, h: sa.Quantiles([0.5], np.repeat(w[:, -1:, None], h, axis=1)), 2, name="q")
    result = sa.evaluate({"q": half, name: sa.AR(2)}, sine(0, 90), 4, 60)
    with pytest.raises(
        sa.errors.ParameterError, match=f"two columns called '{name}', one of them of the model '{name}'"
    ):
        result.to_frame(what="predictions")

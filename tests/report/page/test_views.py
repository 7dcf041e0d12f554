"""What is drawn along time."""

from __future__ import annotations

import numpy as np

import stepahead as sa
from stepahead.report.page import packing

from ...pages import Page, data_of, in_node, page_of, panel_of, unpacked


def test_what_is_drawn_are_the_forecasts_and_their_intervals(result, texts):
    data = data_of(texts["en"])
    (view,) = data["views"]
    rows, width = len(view["origins"]), len(data["slider"])
    assert view["origins"] == result["AR(4)"].origins.tolist()
    assert [data["steps"][place] for place in data["slider"]] == list(range(1, 65))
    for line, packed in zip(data["lines"], view["lines"], strict=True):
        name = line["name"][1:-1]
        drawn = unpacked(packed).reshape(rows, -1)
        assert drawn.shape[1] == width
        wanted = result[name].predictions
        low, high = view["range"]
        np.testing.assert_allclose(
            np.broadcast_to(drawn, wanted.shape), np.clip(wanted, 2 * low - high, 2 * high - low), atol=1e-3
        )
    found = result[result.answer.model]
    bottom, top = found.prediction_intervals(0.9)
    half = unpacked(view["band"], "u1").reshape(-1, width)
    widest = np.nanmax((top - bottom)[view["banded"]]) / 2
    np.testing.assert_allclose(half, ((top - bottom) / 2)[view["banded"]], atol=0.51 / 254 * widest)
    inside = ((bottom <= found.actuals) & (found.actuals <= top)).sum(axis=1)
    assert view["band"]["inside"] == inside[view["banded"]].tolist()
    assert view["band"]["seen"] == [64] * len(view["banded"])
    series = result["AR(4)"]._panel[0]
    np.testing.assert_allclose(unpacked(view["values"]), series.numbers[view["from"] : view["to"] + 1], atol=1e-3)
    assert view["known"] == [series.when(view["origins"][row] - 1) for row in view["banded"]]


def test_a_path_is_broken_where_there_is_nothing():
    assert in_node("pathThrough([[0, 1], [1, NaN], [2, 3], [3, 4], [4, Infinity], [5, 6]])") == (
        "M0.00,1.00M2.00,3.00L3.00,4.00M5.00,6.00"
    )
    assert in_node("pathThrough([])") == ""
    assert (
        in_node("bandThrough([[0, 1, 2], [1, 2, 4], [2, NaN, 3], [3, 5, 7]])")
        == "M0.0,2.0L1.0,4.0L1.0,2.0L0.0,1.0ZM3.0,7.0L3.0,5.0Z"
    )
    assert in_node("bandThrough([[0, NaN, NaN]])") == ""


def test_of_very_many_origins_the_last_are_drawn_and_the_page_says_so():
    assert packing.rows_drawn(slice(0, 300), 400).tolist() == list(range(300))
    evenly = packing.rows_drawn(slice(0, 1500), 400)
    assert (len(evenly), evenly[0], evenly[-1]) == (400, 0, 1499)
    last = packing.rows_drawn(slice(0, 12_000), 400)
    assert last.tolist() == list(range(11_600, 12_000))
    x = np.sin(np.arange(900) / 5) + np.random.default_rng(0).normal(0, 0.1, 900)
    found = data_of(page_of(sa.evaluate(sa.AR(2), x, 2, train=100)))["views"][0]
    assert found["drawn"] == "400 of 799 origins are drawn here, evenly taken; every number uses all of them."


def test_of_very_many_series_some_are_listed_and_all_are_counted(monkeypatch):
    from stepahead.report.page import panel

    monkeypatch.setattr(panel, "MOST_ROWS", 5)
    monkeypatch.setattr(panel, "WITHOUT_SCRIPT", 2)
    text = page_of(panel_of())
    assert len(Page(text).tables[0]) == 3
    assert len(data_of(text)["panel"]["rows"]) == 5
    assert data_of(text)["panel"]["of"] == 9
    assert "5 of 9 series listed; all counted." in text
    assert "Without the script of this page 2 of 9 series are listed." in text


def test_of_many_series_a_few_are_drawn_and_all_are_counted(monkeypatch):
    monkeypatch.setattr(packing, "MOST_SERIES", 3)
    panel = [sa.Series(sa.datasets.noisy_sine(seed=i, length=260).values, name=f"site {i}") for i in range(7)]
    result = sa.evaluate([sa.AR(2)], panel, 6)
    text = page_of(result)
    data = data_of(text)
    assert [view["name"][1:-1] for view in data["views"]] == ["site 0", "site 3", "site 6"]
    assert data["views"][1]["drawn"] == "3 of 7 series are drawn here, evenly taken; every number uses all of them."
    first = result["AR(2)"]
    for view, index in zip(data["views"], (0, 3, 6), strict=True):
        rows = first.part == index
        assert view["origins"] == first.origins[rows].tolist()
        np.testing.assert_allclose(unpacked(view["lines"][0]).reshape(-1, 6), first.predictions[rows], atol=1e-3)
    assert f"{len(first.origins):,} origins held out; one fit on 7 series" in text


def test_the_band_of_quantiles_that_lie_unevenly_is_drawn_where_they_are():
    levels, shift = np.array([0.05, 0.5, 0.95]), np.array([-0.2, 0.0, 0.7])

    def uneven(windows, horizon):
        return sa.Quantiles(levels, np.repeat(windows[:, -1:, None], horizon, axis=1) + shift)

    result = sa.evaluate({"mine": sa.from_function(uneven, 3)}, sa.datasets.noisy_sine(seed=0), 8, 604)
    (view,) = data_of(page_of(result))["views"]
    found, places = result["mine"], view["banded"]
    middle = found.predictions[places] + unpacked(view["band"]["off"], "u1").reshape(-1, 8)
    half = unpacked(view["band"], "u1").reshape(-1, 8)
    low, high = found.prediction_intervals(0.9)
    np.testing.assert_allclose(middle - half, low[places], atol=0.01)
    np.testing.assert_allclose(middle + half, high[places], atol=0.01)
    ours = data_of(page_of(sa.evaluate(sa.AR(4), sa.datasets.noisy_sine(seed=0), 8, 604)))["views"][0]
    assert "off" not in ours["band"], "what is made here lies evenly"

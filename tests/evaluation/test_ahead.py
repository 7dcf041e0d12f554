"""The forecast from one origin: its times, its notes, its intervals. What intervals hold is tested in promises."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation.unseen import behind_cuts
from stepahead.numerics import conformal

from ..data import ends_ahead

DAYS = np.arange("2024-01-01", "2024-02-10", dtype="datetime64[D]")
X = np.sin(np.arange(40.0)) + 0.1 * np.cos(7.0 * np.arange(40.0))


@pytest.mark.parametrize(
    ("times", "origin", "expected"),
    [
        (DAYS, None, ["2024-02-10", "2024-02-11", "2024-02-12"]),
        (DAYS, 10, ["2024-01-11", "2024-01-12", "2024-01-13"]),
        (DAYS, 38, ["2024-02-08", "2024-02-09", "2024-02-10"]),
        (np.arange(40) * 2.5, None, ["100.0", "102.5", "105.0"]),
        (
            (np.datetime64("2020-01") + np.arange(40)).astype("datetime64[D]"),
            None,
            ["2023-05-01", "2023-06-01", "2023-07-01"],
        ),
        (np.delete(np.arange(41), 3), 10, ["11", "12", "13"]),
        (np.delete(np.arange(41), 3), None, None),
        (None, None, None),
    ],
    ids=["days", "inside", "across the end", "numbers", "months", "uneven, inside", "uneven", "none"],
)
def test_the_times_go_on_as_the_series_does(times, origin, expected):
    series = sa.Series(X, times=times)
    found = sa.forecast(sa.AR(2).fit(series[:20]), series, 3, origin=origin)
    assert (None if found.times is None else [str(time) for time in found.times]) == expected


def test_the_notes_are_those_of_the_data_the_fit_and_the_intervals():
    uneven = sa.Series(X, times=np.delete(np.arange(41), 3))
    found = sa.forecast(sa.AR(2).fit(uneven), uneven, 3)
    assert found.notes == (*uneven.notes, "the times ahead cannot be told: the numbers have no even step")
    assert uneven.notes
    with pytest.warns(sa.errors.StepaheadWarning, match="infinite from step"):
        few = sa.forecast(sa.baselines.Naive().fit(X[:12]), X[:12], 4, level=0.9)
    assert any("is infinite from step" in text for text in few.notes)
    assert np.isinf(few.high).any()
    with pytest.warns(sa.errors.StepaheadWarning, match="trained anew at 2 cuts"):
        net = sa.forecast(sa.MLP(2, training=sa.Training(epochs=1)).fit(X), X, 2, level=0.5)
    assert "trained anew at 2 cuts" in net.notes[0]


def test_a_model_forecasts_the_same_values():
    model = sa.AR(3).fit(X)
    assert model.forecast(X, 5, origin=30).tobytes() == sa.forecast(model, X, 5, origin=30).values.tobytes()
    assert isinstance(model.forecast(X, 5), np.ndarray)


def test_with_a_level_the_values_are_the_same():
    model = sa.AR(3).fit(X[:30])
    plain, banded = sa.forecast(model, X, 5), sa.forecast(model, X, 5, level=0.5)
    assert plain.values.tobytes() == banded.values.tobytes()
    assert (banded.low <= banded.values).all()
    assert (banded.values <= banded.high).all()


def test_ends_of_a_normal_distribution_are_its_quantiles():
    model = sa.AR(3).fit(X)
    found = sa.forecast(model, X, 4, level=0.95, method="model")
    distribution = model.predictive(tuple(part[-1:] for part in model.encode(X)), 4)
    np.testing.assert_allclose(found.high - found.values, 1.959963984540054 * np.ravel(distribution.spread), rtol=1e-9)
    np.testing.assert_allclose(found.values - found.low, found.high - found.values, rtol=1e-9)


def test_a_method_is_refused_without_a_level_too():
    with pytest.raises(sa.errors.ParameterError) as caught:
        sa.forecast(sa.AR(3).fit(X), X, 4, method="bootstrap")
    assert caught.value.name == "method"


def test_an_interval_past_the_largest_number_is_an_error():
    x = np.r_[np.zeros(20), 1.2e308]
    with pytest.raises(sa.errors.FitError, match="divide the series") as caught:
        ends_ahead(sa.baselines.Naive().fit(x), x, 2, level=0.9)
    assert caught.value.code == "overflow"
    steep = sa.AR(1, intercept=False).fit([1.0, 2.1, 3.9, 8.2])
    with pytest.raises(sa.errors.FitError):
        steep.predictive(steep.encode([1.0, 2.1, 3.9, 8.2]), 600)


def test_an_interval_from_one_origin_is_the_row_of_the_evaluation():
    x = sa.datasets.noisy_sine(length=500, seed=0)
    model = sa.AR(8).fit(x[:250])
    run = sa.k_step(model, x, 12)
    low, high = run.prediction_intervals(0.8)
    for row in (0, 1, 100, -1):
        got = ends_ahead(model, x, 12, 0.8, origin=int(run.origins[row]))
        np.testing.assert_allclose(got, [low[row], high[row]], rtol=1e-12, atol=1e-12)
    # Behind the last origin that could be scored the errors of the first steps go on being heard.
    ends = [ends_ahead(model, x[:cut], 12, 0.8) for cut in (489, 500)]
    assert (np.diff(ends, axis=1)[0] != np.diff(ends, axis=1)[1]).any()
    own = ends_ahead(model, x, 12, 0.8, method="model")
    np.testing.assert_allclose((own[0] + own[1]) / 2, model.forecast(x, 12))
    everything = sa.AR(8).fit(x)
    assert (np.diff(ends_ahead(everything, x, 12), axis=0) > 0).all()
    far = ends_ahead(everything, x, 600)
    assert np.isfinite(far[1][:240]).all()
    assert np.isinf(far[1][250:]).all()
    with pytest.raises(sa.errors.InputError, match="distribution"):
        ends_ahead(sa.MLP(2, training=sa.Training(epochs=1)).fit(x), x, 3, method="model")
    with pytest.raises(sa.errors.InputError, match="symbols"):
        ends_ahead(sa.MarkovChain().fit(["a", "b"] * 9), ["a", "b"] * 9, 2)


def _panel() -> list[sa.Series]:
    days = np.arange("2024-01-01", "2024-03-01", dtype="M8[D]")
    rng = np.random.default_rng(3)
    return [sa.Series(rng.normal(size=60).cumsum(), times=days, name=name) for name in ("a", "b", "c")]


def test_a_panel_has_a_forecast_for_each_series():
    panel = _panel()
    model = sa.AR(2).fit(panel)
    found = sa.forecast(model, panel, 3)
    assert list(found) == ["a", "b", "c"]
    for name, part in zip("abc", panel, strict=True):
        assert found[name].values.tobytes() == sa.forecast(model, part, 3).values.tobytes()
        assert found[name].times.tolist() == sa.forecast(model, part, 3).times.tolist()
    frame = found.to_frame()
    assert list(frame.columns) == ["series", "k", "time", "value"]
    assert frame["series"].tolist() == list("aaabbbccc")
    assert str(frame["time"].iloc[0])[:10] == "2024-03-01"
    assert repr(found).splitlines()[0] == "AR(2): 3 steps ahead of 3 series"
    assert "<table" in found._repr_html_()


def test_intervals_of_a_panel_are_of_refits_on_all_of_it():
    panel = _panel()
    model = sa.AR(2).fit(panel)
    found = sa.forecast(model, panel, 2, level=0.8)
    sizes = behind_cuts(model, tuple(panel), 2)
    for place, name in enumerate("abc"):
        half = conformal.half_width(sizes[place], 0.8)
        np.testing.assert_allclose(found[name].high - found[name].values, half)
        np.testing.assert_allclose(found[name].values - found[name].low, half)
        assert found[name].level == 0.8
    assert list(found.to_frame().columns) == ["series", "k", "time", "value", "low", "high"]


def test_one_series_without_a_forecast_costs_no_other():
    panel = _panel()
    model = sa.AR(2).fit(panel)
    odd = [panel[0], [1.0], np.full(9, np.nan), panel[2]]
    found = sa.forecast(model, odd, 2)
    assert list(found) == ["a", "c"]
    assert [found.status[name] == "ok" for name in ("a", "1", "2", "c")] == [True, False, False, True]
    assert "2 set aside" in repr(found)
    with pytest.raises(sa.errors.InputError, match="no series has a forecast"):
        sa.forecast(model, [[1.0], [2.0]], 2)
    with pytest.raises(sa.errors.ParameterError, match="left out for a panel"):
        sa.forecast(model, panel, 2, origin=9)


def test_a_panel_of_symbols_or_without_times():
    words = [sa.Series(list("abab" * 9), name="x"), sa.Series(list("bbaa" * 9), name="y")]
    found = sa.forecast(sa.MarkovChain(1).fit(words), words, 2)
    assert found.to_frame()["value"].tolist() == [*found["x"].values, *found["y"].values]
    assert "time" not in found.to_frame()
    even, uneven = sa.Series(X, times=np.arange(len(X))), sa.Series(X, times=np.delete(np.arange(len(X) + 1), 3))
    frame = sa.forecast(sa.baselines.Naive().fit([even, uneven]), [even, uneven], 1).to_frame()
    assert frame["time"].isna().tolist() == [False, True]


def test_each_forecast_of_a_panel_has_the_intervals_of_its_own_distribution():
    def spread(windows, horizon):
        middle = np.tile(windows[:, -1:], (1, horizon))
        return sa.distributions.Normal(middle, np.full_like(middle, 2.0))

    panel = _panel()
    model = sa.from_function(None, context=4, fit=lambda values: spread).fit(panel)
    found = sa.forecast(model, [[1.0], *panel], 3, level=0.95)  # the first is too short
    for name, part in zip("abc", panel, strict=True):
        one = sa.forecast(model, part, 3, level=0.95)
        assert found[name].high.tolist() == one.high.tolist()
        np.testing.assert_allclose(found[name].high - found[name].values, 2.0 * 1.959963984540054)
    other = sa.forecast(model, panel, 3, level=0.95, method="conformal")
    assert other["a"].high.tolist() != found["a"].high.tolist()

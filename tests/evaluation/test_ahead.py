"""The forecast from one origin: its times, its notes, its intervals. What intervals hold is tested in promises."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa

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
    assert found.notes == uneven.notes != ()
    with pytest.warns(sa.errors.StepaheadWarning, match="infinite from step"):
        few = sa.forecast(sa.baselines.Naive().fit(X[:12]), X[:12], 4, level=0.9)
    assert any("is infinite from step" in text for text in few.notes)
    assert np.isinf(few.high).any()
    with pytest.warns(sa.errors.StepaheadWarning, match="trained anew at 2 cuts"):
        net = sa.forecast(sa.MLP(2, epochs=1).fit(X), X, 2, level=0.5)
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

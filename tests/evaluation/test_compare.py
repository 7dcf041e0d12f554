"""External forecasts and our own on the rows that both have."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.text import Text

import stepahead as sa

from ..data import ALWAYS, sine
from ..elsewhere import by_hand, guess

T, TRAIN, H = 60, 30, 4
DAYS = np.arange("2024-01-01", T, dtype="datetime64[D]")
X = sine(0, T)
SERIES = sa.Series(X, DAYS, "wave")
ORIGINS = range(28, T - H + 1)


BLOCKS = {o: [guess(o, k) for k in range(1, H + 1)] for o in ORIGINS}


def test_external_and_our_own_share_the_rows_that_both_have():
    every_third = {o: BLOCKS[o] for o in ORIGINS if o % 3 == 0}
    theirs = sa.from_forecasts(every_third, SERIES, TRAIN, "theirs")
    own = sa.evaluate(sa.AR(3), SERIES, horizon=6, train=TRAIN)
    both = sa.compare({"AR(3)": own["AR(3)"], "theirs": theirs}, season=7)
    assert list(both) == ["AR(3)", "theirs", *ALWAYS, "SeasonalNaive(7)", "Phases(7)", "LinePhases(7)"]
    held = [o for o in every_third if TRAIN <= o <= T - 6]  # the AR looked 6 steps ahead
    for result in both.values():
        assert result.origins.tolist() == held
        assert result.steps.tolist() == [1, 2, 3, 4]
    np.testing.assert_allclose(both["theirs"].rmse(), [by_hand(k, held) for k in range(1, 5)], rtol=1e-12)
    for k in range(1, 5):
        y = np.array([X[o + k - 1] for o in held])
        last, mean = np.array([X[o - 1] for o in held]), X[:TRAIN].mean()
        week = np.array([X[o - 7 + (k - 1) % 7] for o in held])
        for name, forecast in {"Naive": last, "Mean": mean, "SeasonalNaive(7)": week}.items():
            np.testing.assert_allclose(both[name].rmse()[k - 1], np.sqrt(np.mean((forecast - y) ** 2)), rtol=1e-12)
    rows = np.isin(own["AR(3)"].origins, held)
    assert both["AR(3)"].predictions.tobytes() == own["AR(3)"].predictions[rows][:, :4].tobytes()
    assert "theirs" in both.table()
    assert both.horizon == 4
    assert both["AR(3)"].training.steps.tolist() == [1, 2, 3, 4]


def test_a_whole_comparison_goes_in_and_its_simple_baselines_stay():
    own = sa.evaluate(sa.AR(3), SERIES, horizon=H, train=TRAIN)
    theirs = sa.from_forecasts(BLOCKS, SERIES, TRAIN, "theirs")
    both = sa.compare({**own, "theirs": theirs})
    assert list(both) == ["AR(3)", *ALWAYS, "theirs"]
    for name in own:
        assert both[name].predictions.tobytes() == own[name].predictions.tobytes()
    assert sa.compare([theirs])["Naive"].rmse().tobytes() == own["Naive"].rmse().tobytes()
    assert list(sa.compare(theirs)) == ["theirs", *ALWAYS]


def test_many_series_side_by_side():
    panel = [sa.Series(sine(1, 80), name="a"), sa.Series(sine(2, 90), name="b"), sa.Series(sine(3, 70), name="c")]
    own = sa.evaluate(sa.AR(3), panel, horizon=5, train=0.5)
    theirs = sa.from_forecasts([{50: [0.0] * 5, 60: [0.0] * 5}, {50: [0.0] * 5, 85: [0.0] * 5}, {}], panel, 0.5, "zero")
    both = sa.compare({"AR(3)": own["AR(3)"], "zero": theirs})
    assert both["Mean"].part.tolist() == [0, 0, 1, 1]
    assert both["Mean"].origins.tolist() == [50, 60, 50, 85]
    assert [both.status[name] == "ok" for name in "abc"] == [True, True, False]


def test_with_no_training_part_there_is_no_mean():
    both = sa.compare([sa.from_forecasts(BLOCKS, SERIES, train=0)])
    assert list(both) == ["forecasts", "Naive"]
    assert len(both["Naive"].origins) == len(ORIGINS)


def test_results_that_cannot_be_compared_are_refused():
    theirs = sa.from_forecasts(BLOCKS, SERIES, TRAIN, "theirs")
    with pytest.raises(sa.errors.InputError, match="not about the same series"):
        sa.compare({"a": theirs, "b": sa.from_forecasts(BLOCKS, X + 1.0, TRAIN)})
    with pytest.raises(sa.errors.ParameterError, match="'a' is scored from 30 values on and 'b' from 31"):
        sa.compare({"a": theirs, "b": sa.from_forecasts(BLOCKS, SERIES, 31)})
    with pytest.raises(sa.errors.ParameterError, match="two results are called theirs"):
        sa.compare([theirs, theirs])
    with pytest.raises(sa.errors.ParameterError, match="name of a baseline"):
        sa.compare({"Mean": theirs})
    with pytest.raises(sa.errors.InputError, match="no step in common"):
        sa.compare({"a": theirs._at_step(1), "b": theirs._at_step(2)})
    with pytest.raises(sa.errors.InputError, match="no held-out origin at which every model"):
        sa.compare([sa.from_forecasts({o: [0.0]}, SERIES, TRAIN, f"from {o}") for o in (32, 33)])
    for bad in ([], {}, [sa.AR(2)], theirs.training, "theirs", {"a": theirs.training}):
        with pytest.raises(sa.errors.ParameterError, match="results="):
            sa.compare(bad)


def test_what_was_foreseen_is_called_so_beside_results_that_were_not():
    random = np.random.default_rng(0)
    x = random.normal(size=200)
    values = np.cumsum(random.normal(size=200)) + 2 * x
    series = sa.Series(values, past={"x": x})
    seen = sa.evaluate({"mine": sa.AR(2, using="known")}, series.foreseen("x"), 4)["mine"]
    bare = sa.evaluate(sa.AR(2), sa.Series(values), 4)["AR(2)"]
    past = sa.evaluate({"past": sa.AR(2, using="past", chunk=4)}, series, 4)["past"]
    for results in ({"a": seen, "b": bare}, {"b": bare, "a": seen}, {"c": past, "b": bare, "a": seen}):
        found = sa.compare(results)
        assert set(found) - set(ALWAYS) == {*results, "a AS IF FORESEEN", "x AS IF FORESEEN alone"} - {"a"}
        assert found["a"] is found["a AS IF FORESEEN"]
        np.testing.assert_allclose(found["a"].rmse(), seen.rmse())
        told = dict(found.answer.told().facts)["Columns"]
        assert "x AS IF FORESEEN: an upper bound." in told
        assert ("Read up to the origin: x." in told) == ("c" in results)
    texts = {text.get_text() for text in seen.plot().findobj(Text)}
    assert not any(text.startswith("x alone") for text in texts)
    assert "x AS IF FORESEEN alone" in set(sa.compare(seen))
    with pytest.raises(sa.errors.ParameterError, match="two results are called a AS IF FORESEEN"):
        sa.compare({"a": seen, "a AS IF FORESEEN": seen})

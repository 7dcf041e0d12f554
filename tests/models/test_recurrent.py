"""Tests of stepahead.models.recurrent."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead import storage

from ..cases import Smoothing
from ..data import ALWAYS, sine


def test_a_cell_of_ones_own_whose_state_is_no_number_is_named():
    class Broken:
        def start(self, rows):
            return np.zeros(rows)

        def update(self, state, y):
            return np.full_like(state, np.nan)

        def advance(self, state):
            return state, state

    with pytest.raises(sa.errors.InputError, match="the cell gave NaN") as caught:
        sa.forecast(sa.Recurrent(Broken()).fit(sine(0, 20)), sine(0, 20), 1)
    assert caught.value.code == "no-state"


class Holt:
    """A level and a trend: a state of two arrays."""

    def __init__(self, level: float, trend: float) -> None:
        self.a, self.b = level, trend

    def start(self, rows):
        return np.zeros(rows), np.zeros(rows)

    def update(self, state, y):
        level, trend = state
        ahead = self.a * y + (1 - self.a) * (level + trend)
        return ahead, self.b * (ahead - level) + (1 - self.b) * trend

    def advance(self, state):
        level, trend = state
        return (level + trend, trend), level + trend


class Filter:
    """A random walk behind noise: mean, variance, and the gain that follows from them."""

    def start(self, rows):
        return np.tile([0.0, 10.0], (rows, 1))

    def update(self, state, y):
        mean, variance = state[:, 0], state[:, 1] + 0.1
        gain = variance / (variance + 1.0)
        return np.column_stack([mean + gain * (y - mean), (1 - gain) * variance])

    def advance(self, state):
        return state + np.array([0.0, 0.1]), state[:, 0]


def test_exponential_smoothing_is_its_closed_form():
    x, a = sine(0, 200), 0.3
    model = sa.Recurrent(Smoothing(a)).fit(x)
    result = sa.k_step(model, x, 3, train=0)
    for row, origin in enumerate(result.origins):
        weights = a * (1 - a) ** np.arange(origin, dtype=float)
        weights[-1] = (1 - a) ** (origin - 1)  # the first value is the start
        closed = float(weights @ x[:origin][::-1])
        np.testing.assert_allclose(result.predictions[row], closed, rtol=0, atol=1e-12)


def test_holts_trend_is_a_cell_with_a_state_of_two_parts():
    x = 0.5 * np.arange(60.0) + sine(0, 60)
    model = sa.Recurrent(Holt(0.4, 0.2)).fit(x[:40])
    assert len(model.encode(x)) == 2
    level = trend = 0.0
    for t, value in enumerate(x):
        before = level
        level = 0.4 * value + 0.6 * (level + trend)
        trend = 0.2 * (level - before) + 0.8 * trend
        np.testing.assert_allclose(model.forecast(x, 5, origin=t + 1), level + trend * np.arange(1, 6), rtol=1e-12)
    assert sa.audit(sa.Recurrent(Holt(0.4, 0.2)), x, horizon=5).causal


def test_a_missing_value_is_stepped_over_by_the_cells_own_forecast():
    x = sine(0, 50)
    holes = x.copy()
    holes[[20, 21, 40]] = np.nan
    series = sa.Series(holes, missing="skip")
    cell = Holt(0.4, 0.2)
    model = sa.Recurrent(cell).fit(x[:15])
    state = cell.start(1)
    for value in holes:
        state = cell.advance(state)[0] if np.isnan(value) else cell.update(state, np.array([value]))
    np.testing.assert_allclose(model.forecast(series, 1), cell.advance(state)[1], rtol=1e-14)


def test_steps_without_news_widen_and_steps_fed_back_as_news_do_not():
    x = np.cumsum(sine(0, 200))
    cell = Filter()
    (states,) = sa.Recurrent(cell).fit(x).encode(x)
    state = states[-1:]
    right, wrong = state, state
    for _ in range(50):
        right, y = cell.advance(right)
        wrong = cell.update(wrong, y)
    assert right[0, 1] == pytest.approx(state[0, 1] + 5.0)
    assert wrong[0, 1] < 0.5, "its own forecast is taken for news"


def test_a_cell_learns_its_parameters_where_it_can_and_the_given_one_stays():
    class Learns(Smoothing):
        context = 3

        def fit(self, series):
            self.seen = series
            errors = []
            grid = np.linspace(0.1, 0.9, 9)
            for self.weight in grid:
                level, total = np.array([series[0]]), 0.0
                for value in series[1:]:
                    total += float((value - level[0]) ** 2)
                    level = self.update(level, np.array([value]))
                errors.append(total)
            self.weight = float(grid[int(np.argmin(errors))])

    given = Learns(0.5)
    x = sine(0, 300)
    model = sa.Recurrent(given).fit(x)
    assert given.weight == 0.5
    assert not hasattr(given, "seen")
    assert model.cell_.seen.values.tolist() == x.tolist()
    assert model.cell_.weight != 0.5
    assert model.context == 3
    assert len(model.encode(x)[0]) == 298
    assert model.name == "Recurrent(Learns)"
    assert set(sa.evaluate(model, x, 4)) == {"Recurrent(Learns)", *ALWAYS}


def test_a_cell_that_works_in_place_spoils_nothing():
    class InPlace:
        zero = np.zeros(1)

        def start(self, rows):
            return self.zero if rows == 1 else np.zeros(rows)

        def update(self, state, y):
            state += 0.3 * (y - state)
            return state

        def advance(self, state):
            state *= 0.9
            return state, state

    class Apart:
        def start(self, rows):
            return np.zeros(rows)

        def update(self, state, y):
            return state + 0.3 * (y - state)

        def advance(self, state):
            return state * 0.9, state * 0.9

    x = sine(0, 80)
    one, two = (sa.k_step(sa.Recurrent(cell).fit(x[:40]), x, 6) for cell in (InPlace(), Apart()))
    assert one.predictions.tobytes() == two.predictions.tobytes()
    assert InPlace.zero.tolist() == [0.0]
    model = sa.Recurrent(InPlace()).fit(x)
    state = model.encode(x)
    before = state[0].tobytes()
    model.rollout(state, 5)
    model.encode(x[:3], after=tuple(part[-1:] for part in state))
    assert state[0].tobytes() == before


def broken(**verbs):
    return type("Broken", (Smoothing,), verbs)(0.5)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (Smoothing, "is a class: pass a cell"),
        (object(), "has no start, update, advance"),
        (broken(advance=None), "has no advance"),
        (broken(update=lambda self, level, y: np.zeros((2, 2))), "keep its state"),
        (broken(update=lambda self, level, y: (level, level)), "keep its state"),
        (broken(advance=lambda self, level: level), "must give"),
        (broken(advance=lambda self, level: (level, level, level)), "must give"),
        (broken(advance=lambda self, level: (level, level[:, None])), r"y \[rows\] = \(2,\)"),
        (broken(advance=lambda self, level: (level[:1], level)), "keep its state"),
        (broken(start=lambda self, rows: np.zeros(1)), "keep its state"),
        (
            broken(start=lambda self, rows: (np.zeros(rows), np.zeros(rows)), update=lambda self, s, y: s[0]),
            "keep its state",
        ),
    ],
)
def test_cells_that_are_none_are_refused_at_fit(cell, words):
    with pytest.raises(sa.errors.ParameterError, match=words) as caught:
        sa.Recurrent(cell).fit(sine(0, 30))
    assert caught.value.name == "cell"


def test_a_context_that_is_none_is_refused():
    with pytest.raises(sa.errors.ParameterError) as caught:
        sa.Recurrent(broken(context=-1)).fit([1.0, 2.0])
    assert caught.value.name == "context"


def test_a_state_that_turns_nan_has_no_forecast_and_says_so():
    cell = broken(update=lambda self, level, y: np.where(y > 5.0, np.nan, y))
    model = sa.Recurrent(cell).fit([1.0, 2.0, 3.0])
    with pytest.raises(sa.errors.InputError, match="the cell gave NaN") as caught:
        model.forecast([1.0, 9.0], 2)
    assert caught.value.code == "no-state"
    wild = sa.Recurrent(broken(advance=lambda self, level: (level * 1e200, level * 1e200))).fit([1.0, 2.0])
    with pytest.raises(sa.errors.FitError):
        wild.forecast([1.0, 2.0], 3)


def test_symbols_are_refused_and_a_foreign_cell_is_not_saved(tmp_path):
    with pytest.raises(sa.errors.DtypeError):
        sa.Recurrent(Smoothing(0.5)).fit(["a", "b"])
    with pytest.raises(sa.errors.ModelFileError, match="not a stepahead model"):
        sa.Recurrent(Smoothing(0.5)).fit([1.0, 2.0]).save(tmp_path / "cell.safetensors")


@pytest.mark.parametrize("window", [None, 8])
@pytest.mark.parametrize("value", [0.0, 5.0, 0.1, 1e-6, 1e9])
def test_a_constant_is_forecast_as_it_is(tmp_path, value, window):
    y = np.full(60, value)
    model = sa.GRU(hidden=4, window=window, training=sa.Training(updates=2)).fit(y)
    assert model.forecast(y, 4).tolist() == [value] * 4
    assert model.losses_.shape == (2,)
    storage.save(model, tmp_path / "m.safetensors")
    assert storage.load(tmp_path / "m.safetensors").forecast(y, 4).tolist() == [value] * 4


class Planned:
    """Smoothing of what is left of a value when a known promotion and a measured warmth are taken away."""

    def start(self, rows):
        return np.zeros(rows)

    def update(self, level, y, beside):
        assert beside.shape == (len(y), 2)
        return level + 0.5 * (y - 60.0 * beside[:, 0] - 2.0 * beside[:, 1] - level)

    def advance(self, level, ahead):
        assert ahead.shape == (len(level), 1)
        return level, level + 60.0 * ahead[:, 0]


def test_a_cell_gets_the_columns_of_a_row_with_its_value_and_those_of_a_step_with_the_step():
    series = sa.datasets.shop(length=90, seed=1, horizon=20)
    model = sa.Recurrent(Planned(), using=["warmth", "promo"]).fit(series[:60])
    assert model.name == "Recurrent(Planned) with warmth, promo"
    assert model.columns_on(series)[1] is None, "no step ahead needs a past column"
    promo, warmth = series.known.values[:, 0], series.past.values[:, 0]
    result = sa.k_step(model, series, 5)
    for origin, found in zip(result.origins, result.predictions, strict=True):
        level = 0.0
        for t in range(origin):
            level += 0.5 * (series.numbers[t] - 60.0 * promo[t] - 2.0 * warmth[t] - level)
        np.testing.assert_allclose(found, [level + 60.0 * promo[origin + k] for k in range(5)], rtol=1e-12)
        np.testing.assert_allclose(model.forecast(series[:origin], 5), found, rtol=1e-12)
    assert model.forecast(series, 20).shape == (20,)


def test_a_cell_without_columns_is_called_with_nothing_more():
    series = sa.datasets.shop(length=90, seed=1)
    plain = sa.Recurrent(Smoothing(0.3)).fit(series.numbers[:60]).forecast(series.numbers, 3)
    np.testing.assert_array_equal(sa.Recurrent(Smoothing(0.3)).fit(series[:60]).forecast(series, 3), plain)

"""Curves over time against least squares of numpy, with gaps, over panels, and on a series of the world."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa

from ..data import path

RNG = np.random.default_rng(11)
N, AHEAD = 150, 20
T = np.arange(N + AHEAD)
X = 0.05 * T[:N] + 3.0 * np.sin(2 * np.pi * T[:N] / 12) + RNG.normal(size=N)


def dummies(times, period):
    return (times[:, None] % period == np.arange(period)).astype(float)


def waves(times, period):
    columns = [np.ones(len(times))]
    for pair in range(1, min(2, period // 2) + 1):
        columns.append(np.cos(2 * np.pi * pair * times / period))
        if 2 * pair != period:
            columns.append(np.sin(2 * np.pi * pair * times / period))
    return np.stack(columns, axis=1)


DESIGNS = {
    "Line": (sa.baselines.Line, lambda t: np.stack([np.ones(len(t)), t], axis=1)),
    "Phases 12": (lambda: sa.baselines.Phases(12), lambda t: dummies(t, 12)),
    "Phases 1": (lambda: sa.baselines.Phases(1), lambda t: dummies(t, 1)),
    "LinePhases 12": (lambda: sa.baselines.LinePhases(12), lambda t: np.hstack([dummies(t, 12), t[:, None]])),
    "LinePhases 1": (lambda: sa.baselines.LinePhases(1), lambda t: np.stack([np.ones(len(t)), t], axis=1)),
    **{
        f"Harmonic {p}": (lambda p=p: sa.baselines.Harmonic(p), lambda t, p=p: waves(t, p))
        for p in (1, 2, 3, 4, 5, 12, 80)
    },
}
every_curve = pytest.mark.parametrize(("make", "design"), DESIGNS.values(), ids=DESIGNS)


def expected(design, parts):
    """Pooled least squares of numpy, and its curve over the times to come."""
    rows, values = [], []
    for x in parts:
        seen = ~np.isnan(x)
        rows.append(design(np.arange(len(x)))[seen])
        values.append(x[seen])
    weights = np.linalg.lstsq(np.concatenate(rows), np.concatenate(values), rcond=None)[0]
    return design(T) @ weights


@every_curve
def test_it_is_the_least_squares_of_numpy(make, design):
    model = make().fit(X)
    np.testing.assert_allclose(model.forecast(X, AHEAD), expected(design, [X])[N:], rtol=1e-9, atol=1e-9)
    for origin in (0, 1, 77, N):
        ahead = model.rollout(model.encode(X), 5)[origin]
        np.testing.assert_allclose(ahead, expected(design, [X])[origin : origin + 5], rtol=1e-9, atol=1e-9)


@every_curve
def test_gaps_count_on_the_clock_and_nowhere_else(make, design):
    hollow = X.copy()
    hollow[[20, 21, 22, 23, 24, 77, 149]] = np.nan
    series = sa.Series(hollow, missing="skip")
    ahead = make().fit(series).forecast(series, AHEAD)
    np.testing.assert_allclose(ahead, expected(design, [hollow])[N:], rtol=1e-9, atol=1e-9)


@every_curve
def test_a_panel_is_one_pooled_fit_on_one_clock(make, design):
    parts = [X, 2.0 - X[30:110]]
    model = make().fit(parts)
    np.testing.assert_allclose(model.forecast(X, AHEAD), expected(design, parts)[N:], rtol=1e-9, atol=1e-9)
    ahead = model.forecast(parts[1], 3)
    np.testing.assert_allclose(ahead, expected(design, parts)[80:83], rtol=1e-9, atol=1e-9)


@every_curve
@pytest.mark.parametrize("level", [0.0, 0.1, 1e10 + 1 / 3, -1e300])
def test_a_constant_stays_what_it_is(make, design, level):
    assert make().fit(np.full(40, level)).forecast(np.full(40, level), 30).tolist() == [level] * 30


@every_curve
def test_the_clock_of_a_series_goes_on_from_piece_to_piece(make, design):
    model = make().fit(X[:100])
    first = model.encode(X[:101])
    rest = model.encode(X[101:], after=tuple(part[-1:] for part in first))
    joined = np.concatenate([first[0], rest[0]])
    assert joined.tobytes() == model.encode(X)[0].tobytes()
    assert joined[:, 0].tolist() == list(range(N + 1))


def test_a_phase_that_was_never_seen_has_the_mean_or_lies_on_the_line():
    x = np.array([1.0, 2.0, 6.0])
    assert sa.baselines.Phases(5).fit(x).phases_.tolist() == [1.0, 2.0, 6.0, 3.0, 3.0]
    # of phases 0, 1, 0, 1 of 3: a slope of 4 in 3 steps
    twice = sa.Series([1.0, 2.0, np.nan, 5.0, 6.0], missing="skip")
    model = sa.baselines.LinePhases(3).fit(twice)
    assert model.slope_ == pytest.approx(4.0 / 3.0, rel=1e-14)
    mean, middle = 3.5, 2.0
    np.testing.assert_allclose(model.forecast(twice, 1), mean + 4.0 / 3.0 * (5.0 - middle), rtol=1e-13)


def test_one_value_has_no_slope():
    assert sa.baselines.Line().fit([3.0]).forecast([3.0], 2).tolist() == [3.0, 3.0]
    assert sa.baselines.LinePhases(4).fit([3.0, 4.0]).slope_ == 0.0


def test_a_training_part_shorter_than_the_period_has_the_waves_of_the_least_size():
    x = np.array([1.0, 3.0, 2.0])
    model = sa.baselines.Harmonic(12).fit(x)
    weights = np.linalg.lstsq(waves(np.arange(3), 12), x - x.mean(), rcond=None)[0]
    weights[0] += x.mean()
    np.testing.assert_allclose(model.coefficients_, weights, rtol=1e-9)
    np.testing.assert_allclose(model.rollout(model.encode(x), 3)[0], x, rtol=1e-9)


def test_where_values_do_not_begin_with_the_training_part_the_first_counts_as_its_first():
    model = sa.baselines.Phases(12).fit(X)
    assert model.forecast(X[5:17], 1)[0] == model.phases_[0]
    assert model.forecast(X[:17], 1)[0] == model.phases_[5]


def test_the_yearly_curve_of_seattle():
    """Figures of another implementation: least squares on 876 days, scored from every held-out origin."""
    series = sa.read(path("seattle_weather_daily.csv"), value="temp_max")
    rmse = sa.k_step(sa.baselines.Harmonic(365).fit(series[:876]), series, 64).rmse()
    np.testing.assert_allclose(rmse[[0, 3, 15, 63]], [3.89, 3.89, 3.89, 3.78], atol=0.05)


def test_a_high_level_costs_no_digits():
    plain = sa.baselines.LinePhases(12).fit(X).forecast(X, AHEAD)
    high = sa.baselines.LinePhases(12).fit(X + 1e10).forecast(X + 1e10, AHEAD)
    assert np.abs(high - 1e10 - plain).max() <= 1e-11 * 1e10


@pytest.mark.parametrize("make", [sa.baselines.Phases, sa.baselines.LinePhases, sa.baselines.Harmonic])
@pytest.mark.parametrize("period", [0, -3, 2.5, True, "year", None])
def test_a_period_that_is_none_is_refused_by_name(make, period):
    with pytest.raises(sa.errors.ParameterError) as caught:
        make(period).fit(X)
    assert caught.value.name == "season"


@pytest.mark.parametrize("make", [sa.baselines.Phases, sa.baselines.LinePhases, sa.baselines.Harmonic])
def test_a_period_past_all_memory_is_refused_before_it_is_made(make):
    with pytest.raises(sa.errors.BudgetError):
        make(10**13).fit(X)

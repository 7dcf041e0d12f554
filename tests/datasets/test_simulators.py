"""Simulators know their limit, and nobody beats it."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import stepahead as sa
from stepahead import datasets
from stepahead.datasets import simulators


def test_simulators_know_their_limit_and_nobody_beats_it():
    series = datasets.ar_process([0.2, 0.6], length=6000, seed=1)
    result = sa.evaluate(sa.AR(2), series, 16, train=3000)
    limit = series.limit(16)
    assert limit[0] == 1.0
    psi = [1.0, 0.6]
    for _ in range(14):
        psi.append(0.6 * psi[-1] + 0.2 * psi[-2])
    np.testing.assert_allclose(limit, np.sqrt(np.cumsum(np.square(psi))))
    np.testing.assert_allclose(result["AR(2)"].rmse(), limit, rtol=0.06)
    assert "noise floor" in result.table()
    chain = datasets.markov(length=20_000, seed=2)
    scored = sa.evaluate(sa.MarkovChain(), chain, 4, train=10_000)
    np.testing.assert_allclose(scored["MarkovChain(1)"].log_loss(), chain.limit(4), rtol=0.03)
    assert "noise floor" in scored.table()
    x = datasets.logistic_map(length=500, seed=3)
    np.testing.assert_allclose(x.values[1:], 3.9 * x.values[:-1] * (1 - x.values[:-1]), atol=1e-12)
    assert x.limit(2).tolist() == [0.0, 0.0]
    walk = datasets.ar_process([1.0], length=50, seed=0)
    assert walk.values[0] != 0.0


def test_mackey_glass_is_that_of_the_theory():
    """theory.md 4b: last value .83, .76, 1.52 deviations at k = 1, 16, 64, on one trajectory (between them .00, .03,
    .13).
    """
    found = []
    for seed in range(6):
        x = datasets.mackey_glass(length=1000, seed=seed)
        result = sa.evaluate(sa.baselines.Naive(), x, 64, train=604, steps=[1, 16, 64])
        found.append(result["Naive"].rmse())
    assert (np.abs(np.mean(found, axis=0) - [0.83, 0.76, 1.52]) < [0.02, 0.08, 0.3]).all()


@pytest.mark.parametrize(
    "bad",
    [
        lambda: datasets.ar_process([1.2]),
        lambda: datasets.ar_process([]),
        lambda: datasets.ar_process([float("nan")]),
        lambda: datasets.noisy_sine(length=0),
        lambda: datasets.noisy_sine(seed=-1),
        lambda: datasets.noisy_sine(noise=-1.0),
        lambda: datasets.logistic_map(rate=5.0),
        lambda: datasets.markov([[0.5, 0.4], [0.5, 0.5]]),
        lambda: datasets.markov(states=["a"]),
        lambda: datasets.mackey_glass(delay=0),
    ],
)
def test_simulators_refuse_by_name(bad):
    with pytest.raises(sa.errors.ParameterError):
        bad()


def test_simulated_series_travel_between_processes():
    for make in (datasets.noisy_sine, datasets.ar_process, datasets.markov, datasets.logistic_map):
        series = make(length=20, seed=4)
        again = pickle.loads(pickle.dumps(series))  # noqa: S301
        assert again.values.tobytes() == series.values.tobytes()
        assert again.limit(3).tolist() == series.limit(3).tolist()
        assert make(length=20, seed=4).values.tobytes() == series.values.tobytes()
    assert simulators.Certain()(2).tolist() == [0.0, 0.0]


# -- a trend, a season, growth and level shifts ----------------------------------------------------------------------

MAKERS = (datasets.noisy_trend, datasets.noisy_season, datasets.noisy_growth, datasets.level_shifts)


def mean_of(series, origins, steps):
    return series.limit.mean(series.values, np.array(origins), np.array(steps))


def test_without_noise_each_is_its_path():
    line = datasets.noisy_trend(length=5, noise=0.0, slope=0.5).values
    np.testing.assert_allclose(line, [0.5, 1.0, 1.5, 2.0, 2.5])
    grown = datasets.noisy_growth(length=4, noise=0.0, start=8.0, rate=0.5).values
    np.testing.assert_allclose(grown, [12.0, 18.0, 27.0, 40.5])
    season = datasets.noisy_season(length=70, seed=3, noise=0.0, period=7, amplitude=2.0).values.reshape(10, 7)
    np.testing.assert_array_equal(season, np.tile(season[0], (10, 1)))
    assert season[0].mean() == pytest.approx(0.0, abs=1e-12)
    assert season[0].std() == pytest.approx(2.0)
    both = datasets.noisy_season(length=60, noise=0.0, period=(3, 4)).values
    np.testing.assert_allclose(both[:12], both[12:24])
    apart = both.reshape(5, 12)[0].reshape(3, 4).mean(axis=0)
    np.testing.assert_allclose(apart.std(), 1.0)
    flat = datasets.level_shifts(length=50, noise=0.0, chance=0.0).values
    assert not flat.any()
    walk = datasets.level_shifts(length=20_000, noise=0.0, chance=0.25, size=3.0, seed=1).values
    steps = np.diff(walk)
    assert (steps != 0).mean() == pytest.approx(0.25, abs=4 * np.sqrt(0.25 * 0.75 / 20_000))
    assert steps[steps != 0].std() == pytest.approx(3.0, rel=0.05)


@pytest.mark.parametrize("make", [datasets.noisy_trend, datasets.noisy_season, datasets.noisy_growth])
def test_who_knows_the_path_misses_by_the_noise(make):
    """The mean squared error of the path at each step is noise^2, within four standard errors of 5,000 origins."""
    length = 600 if make is datasets.noisy_growth else 5100
    clean = make(length=length, seed=0, noise=0.0).values
    origins, steps = np.arange(50, length - 40), np.arange(1, 33)
    errors = []
    for seed in range(9 if length == 600 else 1):
        series = make(length=length, seed=seed, noise=0.7)
        mean = mean_of(series, origins, steps)
        actual = series.values[origins[:, None] + steps - 1]
        errors.append((actual - mean) ** 2)
        if seed == 0:
            np.testing.assert_allclose(mean, clean[origins[:, None] + steps - 1], atol=1e-9)
    found = np.concatenate(errors).mean(axis=0)
    limit = series.limit(32)
    assert limit.tolist() == [0.7] * 32
    assert (np.abs(found / 0.49 - 1.0) < 4 * np.sqrt(2.0 / (len(origins) * len(errors)))).all()


def test_who_knows_the_level_misses_by_the_limit_of_level_shifts():
    """The level of the moment, drawn beside the series by the same generator, k steps on: noise^2 + k chance size^2."""
    noise, chance, size = 0.6, 0.05, 2.0
    squared = np.zeros(16)
    draws = 400
    for seed in range(draws):
        series = datasets.level_shifts(length=516, seed=seed, noise=noise, chance=chance, size=size)
        level = datasets.level_shifts(length=516, seed=seed, noise=0.0, chance=chance, size=size).values
        at = np.arange(20, 500, 20)
        squared += ((series.values[at[:, None] + np.arange(16)] - level[at - 1][:, None]) ** 2).mean(axis=0)
    found, limit = np.sqrt(squared / draws), series.limit(16)
    np.testing.assert_allclose(limit, [np.sqrt(0.36 + k * 0.05 * 4.0) for k in range(1, 17)])
    np.testing.assert_allclose(found, limit, rtol=0.05)


def test_no_model_beats_the_limit_of_level_shifts():
    series = datasets.level_shifts(length=6000, seed=2)
    result = sa.evaluate([sa.AR(8), sa.StateSpace(cycles=0)], series, 16, train=3000)
    for name in ("AR(8)", "StateSpace(0)", "Naive"):
        assert (result[name].rmse() > series.limit(16)).all()
    assert "noise floor" in result.table()


@pytest.mark.parametrize("make", MAKERS)
def test_the_same_seed_gives_the_same_bits_and_travels(make):
    series = make(length=30, seed=4)
    again = pickle.loads(pickle.dumps(series))  # noqa: S301
    assert again.values.tobytes() == make(length=30, seed=4).values.tobytes()
    assert again.limit(3).tolist() == series.limit(3).tolist()
    assert make(length=30, seed=5).values.tobytes() != series.values.tobytes()
    assert len(make(length=1)) == 1


def test_the_error_of_a_model_without_a_window_is_split():
    found = sa.diagnostics.split_error(sa.StateSpace(cycles=0), datasets.noisy_trend, 4, train=300, seeds=range(3))
    assert found.parts["noise"].tolist() == [1.0] * len(found.steps)
    with pytest.raises(sa.errors.InputError, match="a window of 2 values"):
        sa.diagnostics.split_error(sa.AR(2), datasets.noisy_trend, 4, train=300, seeds=range(3))
    with pytest.raises(sa.errors.InputError, match="does not know its mean"):
        sa.diagnostics.split_error(sa.AR(2), datasets.level_shifts, 4)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: datasets.noisy_trend(noise=-1.0),
        lambda: datasets.noisy_trend(slope=float("nan")),
        lambda: datasets.noisy_season(period=1),
        lambda: datasets.noisy_season(period=(12, 2.5)),
        lambda: datasets.noisy_season(amplitude=-1.0),
        lambda: datasets.noisy_growth(rate=-1.0),
        lambda: datasets.level_shifts(chance=1.5),
        lambda: datasets.level_shifts(length=0),
    ],
)
def test_they_refuse_by_name(bad):
    with pytest.raises(sa.errors.ParameterError):
        bad()


def test_the_plan_of_the_shop_is_what_the_text_says():
    series = sa.datasets.shop(length=20 * 365, seed=3, horizon=40)
    assert series.known.asked() == ("promo", "holiday", "weekday")
    assert [dict.fromkeys(series.known.kinds), series.past.names] == [{"known": None, "calendar": None}, ("warmth",)]
    assert len(series.known.values) == len(series) + 40
    promo, holiday = series.known.values[:, 0], series.known.values[:, 1]
    weeks = promo[: len(promo) // 7 * 7].reshape(-1, 7)
    assert (weeks == weeks[:, :1]).all()
    assert np.mean(weeks[:, 0]) == pytest.approx(0.2, abs=2.0 * np.sqrt(0.16 / len(weeks)))
    assert (holiday[: 20 * 365].reshape(20, 365).sum(axis=1) == 12).all()
    assert set(np.unique(promo)) | set(np.unique(holiday)) == {0.0, 1.0}


def test_sales_of_the_shop_are_plan_warmth_and_a_rest_with_the_right_memory():
    series = sa.datasets.shop(length=20_000, seed=1)
    names, known = series.known.names, series.known.values[:20_000]
    days = [names.index(f"weekday={day}") for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")]
    planned = 200.0 + known[:, days] @ [-20.0, -15.0, -10.0, 0.0, 20.0, 45.0, -20.0]
    planned += 60.0 * known[:, 0] + 80.0 * known[:, 1]
    warmth = series.past.values[:, 0]
    rest = series.values - planned - 4.0 * warmth
    for values, phi, noise in ((rest, 0.7, 10.0), (warmth, 0.8, 2.0)):
        shocks = values[1:] - phi * values[:-1]
        assert shocks.std() == pytest.approx(noise, rel=2.0 / np.sqrt(2 * 20_000))
        assert np.corrcoef(shocks[1:], shocks[:-1])[0, 1] == pytest.approx(0.0, abs=2.0 / np.sqrt(20_000))
        assert values[:1000].std() == pytest.approx(noise / np.sqrt(1.0 - phi**2), rel=0.15)
    assert str(series.times[0])[:10] == "2021-01-04"


def test_the_same_seed_is_the_same_shop():
    one, other = sa.datasets.shop(length=400, seed=5, horizon=0), sa.datasets.shop(length=400, seed=5, horizon=0)
    np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_array_equal(one.known.values, other.known.values)
    assert (one.values != sa.datasets.shop(length=400, seed=6, horizon=0).values).all()
    with pytest.raises(sa.errors.ParameterError):
        sa.datasets.shop(horizon=-1)

"""Simulators with a trend, a season, growth and level shifts: their paths,
and the least error that anybody can have.
"""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import stepahead as sa
from stepahead import datasets

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

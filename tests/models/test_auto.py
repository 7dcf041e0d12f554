"""Auto: the check values of its recipe, and what any user may count on."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.protocols import Batch

from .. import data
from ..smoothing_loops import auto_recipe

CHECKED = {
    # series: (season, E, D, A, R at k = 1, 3, H; weights at k = 1; Auto at k = 1, 3, H), of a separate implementation
    "nile 40": (
        None,
        [
            (949.5476, 949.3270, 949.1078),
            (950.2105, 950.1105, 950.0159),
            (987.5340, 994.2395, 996.8712),
            (991.5104, 963.6757, 944.2318),
        ],
        (0.2420, 0.2486, 0.1993, 0.3101),
        (970.2955, 963.1099, 960.5944),
    ),
    "nile": (
        None,
        [
            (810.9215, 810.8423, 810.7654),
            (803.0843, 803.0587, 803.0333),
            (805.0273, 859.1589, 879.9236),
            (724.3788, 736.6923, 727.3247),
        ],
        (0.2599, 0.2464, 0.3321, 0.1616),
        (793.0492, 804.5295, 820.6521),
    ),
    "global_temp": (
        None,
        [
            (1.0603, 1.0634, 1.0665),
            (1.0465, 1.0505, 1.0546),
            (1.1415, 1.1048, 1.1873),
            (1.1081, 1.0390, 1.1086),
        ],
        (0.2346, 0.2311, 0.2841, 0.2502),
        (1.0921, 1.0577, 1.0947),
    ),
    "elec_equip": (
        12,
        [
            (111.2603, 90.0550, 97.6500),
            (111.1192, 89.8993, 97.3645),
            (110.0960, 90.4073, 98.5207),
            (110.0598, 90.1855, 98.3667),
        ],
        (0.2636, 0.1992, 0.3070, 0.2302),
        (110.5984, 90.2279, 97.8101),
    ),
}


def column(name: str, number: int = 1) -> np.ndarray:
    return np.genfromtxt(data.path(name), delimiter=",", skip_header=1, usecols=number)


def series_of(name: str) -> np.ndarray:
    if name.startswith("nile"):
        return sa.datasets.nile().values[: 40 if name == "nile 40" else None]
    return column({"global_temp": "global_temp_yearly.csv", "elec_equip": "elec_equip_monthly.csv"}[name])


@pytest.mark.parametrize("name", list(CHECKED))
def test_it_has_the_check_values_of_its_recipe(name):
    season, members, weights, combined = CHECKED[name]
    y, horizon = series_of(name), 12 if season else 5
    model = sa.Auto(season, horizon=horizon, origins=4).fit(y)
    places = [0, 2, horizon - 1]
    np.testing.assert_allclose(model.forecast(y, horizon)[places], combined, atol=1e-4)
    np.testing.assert_allclose(model.weights_[:, 0], weights, atol=1e-4)
    for part, wanted in zip(model.models_.models, members, strict=True):
        np.testing.assert_allclose(part.forecast(y, horizon)[places], wanted, atol=1e-4)


@pytest.mark.parametrize(("season", "length"), [(None, 14), (None, 31), (4, 60), (25, 70)])
def test_it_is_the_recipe_in_plain_loops(season, length):
    rng = np.random.default_rng(length)
    y = 20.0 + np.cumsum(rng.normal(size=length)) + 3.0 * np.sin(2 * np.pi * np.arange(length) / (season or 9))
    members, weights = auto_recipe(y, season or 1, 6, 4)
    model = sa.Auto(season, horizon=6, origins=4).fit(y)
    np.testing.assert_allclose(model.weights_, weights, rtol=1e-4)
    np.testing.assert_allclose(model.forecast(y, 6), (weights * members).sum(axis=0), rtol=1e-5)


def batch_of(values: np.ndarray, train: int, horizon: int) -> Batch:
    return Batch(values[:, :train], np.abs(values).max(axis=1), horizon, np.arange(1, horizon + 1))


@pytest.mark.parametrize("season", [None, 7])
def test_a_batch_has_the_forecasts_of_each_series_alone(season):
    rng = np.random.default_rng(3)
    values = np.cumsum(rng.normal(size=(70, 90)), axis=1) + 2.0 * np.sin(2 * np.pi * np.arange(90) / 7)
    fitted = sa.Auto(season, horizon=6).fit_batch(batch_of(values, 70, 6))
    assert np.concatenate([part.rows for part in fitted]).tolist() == list(range(70))
    for part in fitted:
        ahead = part.ahead(slice(1, 4), values[part.rows[1:4]], 72, 3)
        for place, row in enumerate(part.rows[1:4]):
            alone = sa.Auto(season, horizon=6).fit(values[row, :70])
            wanted = [alone.forecast(values[row], 6, origin=origin) for origin in (72, 73, 74)]
            np.testing.assert_allclose(ahead[place], np.array(wanted).T, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("length", range(5, 13))
def test_a_batch_of_hardly_any_values_is_each_series_alone(length):
    values = np.random.default_rng(length).normal(size=(3, length + 4)).cumsum(axis=1)
    (part,) = sa.Auto(None, horizon=3).fit_batch(batch_of(values, length, 3))
    ahead = part.ahead(slice(None), values, length, 1)[:, :, 0]
    wanted = [sa.Auto(None, horizon=3).fit(row[:length]).forecast(row[:length], 3) for row in values]
    np.testing.assert_allclose(ahead, wanted, rtol=1e-10, atol=1e-12)


def test_a_season_left_to_be_found_is_not_fitted_in_a_batch():
    assert sa.Auto().fit_batch(batch_of(np.ones((2, 40)), 30, 4)) == []


@pytest.mark.parametrize("factor", [1e-3, 1000.0])
def test_another_unit_gives_the_same_forecasts_in_it(factor):
    y = 50.0 + data.sine(2, 120)
    first, second = (sa.Auto(None, horizon=8).fit(values).forecast(values, 8) for values in (y, factor * y))
    np.testing.assert_allclose(second, factor * first, rtol=1e-10)


def test_another_level_gives_the_same_forecasts_about_it():
    y = data.sine(2, 120)
    first, second = (sa.Auto(6, horizon=8).fit(values).forecast(values, 8) for values in (y - 30.0, y - 70.0))
    np.testing.assert_allclose(second, first - 40.0, atol=1e-9)


@pytest.mark.parametrize("value", [0.0, 0.1, -7.3])
def test_a_constant_is_that_constant_with_intervals_of_no_width(value):
    y = np.full(60, value)
    found = sa.forecast(sa.Auto(horizon=5).fit(y), y, 5, level=0.9)
    assert found.values.tolist() == found.low.tolist() == found.high.tolist() == [value] * 5


def test_a_straight_line_goes_on():
    y = 3.0 + 2.0 * np.arange(20.0)
    model = sa.Auto(None, horizon=4).fit(y)
    wanted = 3.0 + 2.0 * np.arange(20, 24)
    for place in (0, 1, 3):
        np.testing.assert_allclose(model.models_.models[place].forecast(y, 4), wanted, atol=0.02 * 2.0)


def test_a_season_is_found_and_forecast_to_its_noise():
    errors = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        clean = 10.0 + 2.0 * np.sin(2 * np.pi * np.arange(156) / 12)
        y = clean + rng.normal(0.0, 0.2, 156)
        model = sa.Auto(horizon=12).fit(y[:144])
        assert model.models_.models[0].season == 12
        errors.append(model.forecast(y[:144], 12) - clean[144:])
    # Against the values without noise: the recipe's prototype was .44 of the noise away from them.
    assert np.sqrt(np.mean(np.square(errors))) < 0.6 * 0.2


@pytest.mark.slow
def test_white_noise_and_random_walks_are_forecast_like_their_best_baseline():
    noise, mean, walk, naive = [], [], [], []
    for seed in range(1000):
        x = np.random.default_rng(seed).normal(size=204)
        noise.append(sa.Auto(None, horizon=4, origins=4).fit(x[:200]).forecast(x[:200], 4) - x[200:])
        mean.append(x[:200].mean() - x[200:])
        w = np.cumsum(x)
        walk.append(sa.Auto(None, horizon=4, origins=4).fit(w[:200]).forecast(w[:200], 4) - w[200:])
        naive.append(w[199] - w[200:])
    rms = [float(np.sqrt(np.mean(np.square(part)))) for part in (noise, mean, walk, naive)]
    assert rms[0] < 1.03 * rms[1]
    assert rms[2] < 1.02 * rms[3]


@pytest.mark.parametrize("length", [1, 2, 4])
def test_of_fewer_than_five_values_the_last_is_repeated_and_noted(length):
    y = np.arange(1.0, length + 1.0)
    with pytest.warns(sa.errors.StepaheadWarning, match="fewer than 5 values"):
        model = sa.Auto(horizon=3).fit(y)
    assert model.forecast(y, 3).tolist() == [float(length)] * 3
    assert any("last one is repeated" in text for text in model.notes_)


def test_zeros_and_negatives_are_adjusted_by_differences():
    y = np.tile([0.0, -3.0, 4.0, 0.0, 1.0, -1.0], 12) + np.random.default_rng(0).normal(0.0, 0.1, 72)
    model = sa.Auto(6, horizon=6).fit(y)
    assert model.models_.models[0].multiplied_ == 0.0
    np.testing.assert_allclose(model.forecast(y, 6), [0.0, -3.0, 4.0, 0.0, 1.0, -1.0], atol=0.3)


def test_gaps_are_stepped_over_and_none_is_filled():
    y = 30.0 + data.sine(1, 200)
    holes = y.copy()
    holes[[0, 40, 41, 120, 199]] = np.nan
    series = sa.Series(holes, missing="skip")
    model = sa.Auto(None, horizon=4).fit(series)
    assert np.isfinite(model.forecast(series, 4)).all()
    np.testing.assert_allclose(model.forecast(series, 4), sa.Auto(None, horizon=4).fit(y).forecast(y, 4), atol=0.4)


def test_values_after_the_training_part_change_no_bit_of_it():
    y = 10.0 + data.sine(4, 160)
    other = y.copy()
    other[100:] = -1e6
    model = sa.Auto(horizon=4).fit(y[:100])
    assert model.forecast(y, 4, origin=100).tobytes() == model.forecast(other, 4, origin=100).tobytes()
    runs = [sa.evaluate(sa.Auto(6), values, 4, 100, season=None)["Auto(season=6)"] for values in (y, other)]
    assert runs[0].predictions[0].tobytes() == runs[1].predictions[0].tobytes()
    assert runs[0].predictions[1].tobytes() != runs[1].predictions[1].tobytes()
    assert sa.audit(sa.Auto(6, horizon=4), y[:120], horizon=4).causal


def test_members_of_a_file_have_to_be_its_own(tmp_path):
    y = data.sine(0, 90)
    model = sa.Auto(6, horizon=4).fit(y)
    model.save(tmp_path / "auto.safetensors")
    again = sa.load(tmp_path / "auto.safetensors")
    assert again.forecast(y, 9).tobytes() == model.forecast(y, 9).tobytes()
    assert again.half_widths(0.9, 4).tobytes() == model.half_widths(0.9, 4).tobytes()
    model.models_.models = model.models_.models[::-1]
    model.save(tmp_path / "other.safetensors")
    with pytest.raises(sa.errors.ModelFileError, match="members"):
        sa.load(tmp_path / "other.safetensors")


def test_the_season_of_the_table_is_the_season_of_the_model():
    t = np.arange(240)
    y = 5.0 + np.sin(2 * np.pi * t / 12) + np.random.default_rng(0).normal(0.0, 0.1, 240)
    assert sa.evaluate(sa.Auto(), y, 6)["Auto"].model.season == 12
    assert sa.evaluate(sa.Auto(), y, 6, season=None)["Auto"].model.season is None
    assert sa.evaluate(sa.Auto(4), y, 6)["Auto(season=4)"].model.season == 4


def test_the_interval_of_a_forecast_says_how_many_errors_it_is_made_of():
    y = data.sine(0, 200)
    model = sa.Auto(None, horizon=8).fit(y)
    found = sa.forecast(model, y, 8, level=0.9)
    half = model.half_widths(0.9, 8)
    np.testing.assert_array_equal(found.high - found.values, found.values + half - found.values)
    assert any("30 errors at step 1" in text for text in found.notes)
    with pytest.warns(sa.errors.StepaheadWarning, match="too few to rely on"):
        sa.forecast(sa.Auto(None, horizon=2, origins=1).fit(y[:30]), y[:30], 2, level=0.5)


def test_its_distribution_has_the_interval_of_its_errors_at_nine_tenths():
    y = data.sine(0, 200)
    model = sa.Auto(None, horizon=8).fit(y)
    state = model.encode(y)
    last = tuple(part[-1:] for part in state)
    found = model.predictive(last, 8)
    np.testing.assert_allclose(found.quantile(0.95)[0] - found.mean()[0], model.half_widths(0.9, 8), rtol=1e-10)


def test_later_steps_than_were_weighed_have_the_last_weights():
    y = data.sine(0, 120)
    short, long = (sa.Auto(None, horizon=h).fit(y) for h in (4, 12))
    np.testing.assert_allclose(short.forecast(y, 4), long.forecast(y, 4), rtol=1e-12)
    assert short.forecast(y, 12).shape == (12,)


ROLLING = {
    # file: (column, time column and unit, train, season found, horizon, RMSE at k = 1, H/4, H/2, H of the prototype)
    "elnino_monthly.csv": ("sst_c", ("month", "M"), 439, 12, 24, (0.413, 1.128, 1.174, 1.276)),
    "elec_equip_monthly.csv": ("index_value", ("month", "M"), 154, 12, 24, (3.03, 9.14, 15.6, 18.1)),
    "sunspots_yearly.csv": ("sunactivity", None, 185, None, 16, (21.5, 39.8, 32.2, 48.1)),
    "global_temp_yearly.csv": ("temp", None, 86, None, 10, (0.109, 0.129, 0.182, 0.261)),
    "seattle_weather_daily.csv": ("temp_max", ("date", "D"), 876, 365, 28, (2.55, 3.24, 3.47, 4.49)),
}


@pytest.mark.parametrize("name", list(ROLLING))
def test_it_rolls_on_as_well_as_the_prototype(name):
    column_, time, train, season, horizon, wanted = ROLLING[name]
    table = np.genfromtxt(data.path(name), delimiter=",", names=True, dtype=None, encoding="utf-8")
    times = None if time is None else table[time[0]].astype(f"datetime64[{time[1]}]")
    series = sa.Series(table[column_].astype(float), times=times)
    model = sa.Auto("auto" if times is not None else None, horizon=horizon).fit(series[:train])
    assert model.models_.models[0].season == season
    origins = np.unique(np.round(np.linspace(train, len(series) - horizon, 60)).astype(int))
    found = sa.k_step(model, series, horizon, train=train, origins=origins).rmse()
    assert (found[[0, horizon // 4 - 1, horizon // 2 - 1, horizon - 1]] <= 1.03 * np.array(wanted)).all()


def test_a_panel_may_hold_series_of_hardly_any_values():
    long = data.sine(0, 60)
    panel = [sa.Series([]), sa.Series([1.0]), sa.Series([2.0, 3.0]), sa.Series(long)]
    model = sa.Auto(None, horizon=3).fit(panel)
    assert np.isfinite(model.forecast(long, 3)).all()

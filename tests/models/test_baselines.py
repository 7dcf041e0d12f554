"""The mean, the last value, the last season and the drift, against what they say in one line;
fitted side by side as alone.
"""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation import batches
from stepahead.evaluation.batches import score_numbers
from stepahead.protocols import Batch, CurveBatch, StraightBatch
from stepahead.windows import kept_steps

RNG = np.random.default_rng(7)
X = 5.0 + np.cumsum(RNG.normal(0.1, 1.0, 160))
TRAIN, HORIZON = 90, 9
EVERY = {
    "Mean": sa.baselines.Mean,
    "Naive": sa.baselines.Naive,
    "SES": sa.baselines.SES,
    "SES given": lambda: sa.baselines.SES(0.3),
    "Drift": sa.baselines.Drift,
    "Line": sa.baselines.Line,
    "SeasonalNaive": lambda: sa.baselines.SeasonalNaive(4),
    "SeasonalNaive, long": lambda: sa.baselines.SeasonalNaive(30),
    "Phases": lambda: sa.baselines.Phases(7),
    "LinePhases": lambda: sa.baselines.LinePhases(7),
    "Harmonic": lambda: sa.baselines.Harmonic(60),
    "Harmonic 3": lambda: sa.baselines.Harmonic(3),
}
every_one = pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)


def test_the_drift_is_the_mean_step_of_the_training_part_from_every_origin():
    slope = (X[TRAIN - 1] - X[0]) / (TRAIN - 1)
    model = sa.baselines.Drift().fit(X[:TRAIN])
    for origin in (1, 50, TRAIN, 160):
        expected = [X[origin - 1] + k * slope for k in range(1, 5)]
        np.testing.assert_allclose(model.forecast(X, 4, origin=origin), expected, rtol=1e-14)


def test_the_drift_across_gaps_and_over_a_panel():
    hollow = sa.Series([1.0, np.nan, 4.0, np.nan, np.nan], missing="skip")
    assert sa.baselines.Drift().fit(hollow).slope_ == (4.0 - 1.0) / 2
    assert sa.baselines.Drift().fit([[1.0, 4.0], [0.0, 1.0, 2.0]]).slope_ == (3.0 + 2.0) / (1 + 2)
    assert sa.baselines.Drift().fit([5.0]).slope_ == 0.0


def test_long_series_are_scored_in_blocks_of_origins(monkeypatch):
    x = np.concatenate([X, X[::-1], X])
    values, kept = np.stack([x, x[::-1], 100.0 - x]), np.arange(1, HORIZON + 1)
    whole = score_numbers({"m": sa.baselines.Naive()}, values, TRAIN, HORIZON, kept)[1]
    for cells in (1, 300, 1300):
        monkeypatch.setattr(batches, "CELLS", cells)
        cut = score_numbers({"m": sa.baselines.Naive()}, values, TRAIN, HORIZON, kept)[1]
        for key, found in cut.items():
            np.testing.assert_allclose(found, whole[key], rtol=1e-12)


def looped(ahead, x, kept):
    """(squared, absolute, signed), each [steps], summed over the origins one by one."""
    found = np.zeros((3, len(kept)))
    for origin in range(TRAIN, len(x) - HORIZON + 1):
        forecast = ahead(origin)
        for place, k in enumerate(kept):
            error = forecast[k - 1] - x[origin + k - 1]
            found[:, place] += error**2, abs(error), error
    return found


@every_one
@pytest.mark.parametrize(
    ("length", "steps"),
    [
        pytest.param(length, steps, id=f"{length}-{steps}", marks=[] if by_day else pytest.mark.slow)
        for length in (TRAIN + HORIZON, TRAIN + HORIZON + 2, 160)
        for steps in (None, [1], [2, 5, 9], [9])
        for by_day in [
            (length, steps) in ((160, None), (160, [2, 5, 9]), (TRAIN + HORIZON, None), (TRAIN + HORIZON + 2, [1]))
        ]
    ],
)
def test_the_sums_of_a_batch_are_those_of_a_loop(make, steps, length):
    values = np.stack([X, X[::-1], 100.0 - X])[:, :length]
    kept = kept_steps(steps, HORIZON)
    done, totals = score_numbers({"m": make()}, values, TRAIN, HORIZON, kept)
    assert done.all()
    for row, x in enumerate(values):
        model = make().fit(x[:TRAIN])
        expected = looped(lambda origin, model=model, x=x: model.forecast(x, HORIZON, origin=origin), x, kept)
        for key, wanted in zip(("squared", "absolute", "signed"), expected, strict=True):
            np.testing.assert_allclose(totals[key][row, 0], wanted, rtol=1e-10, atol=1e-10)


@every_one
def test_a_batch_has_the_bits_that_each_series_has_alone(make):
    values = np.stack([X * scale + shift for scale in (1.0, -0.3, 7.0) for shift in (0.0, 11.1, -3.7)] * 3)
    kept = np.arange(1, HORIZON + 1)
    parts = make().fit_batch(Batch(values[:, :TRAIN], np.abs(values).max(axis=1), HORIZON, kept))
    assert [row for part in parts for row in part.rows] == list(range(len(values)))
    assert all(isinstance(part, (CurveBatch, StraightBatch)) for part in parts)
    for part in parts:
        for row, x in enumerate(values):
            model = make().fit(x[:TRAIN])
            alone = model.rollout(model.encode(x), HORIZON)[TRAIN - model.context :][:5]
            ahead = part.ahead(slice(row, row + 1), x[None], TRAIN, 5)[0].T
            assert np.broadcast_to(ahead, alone.shape).tobytes() == alone.tobytes()


@every_one
@pytest.mark.parametrize("exponent", [600, -600, 40])
def test_values_of_another_size_keep_their_bits(make, exponent):
    values = np.round(64.0 * X) / 64.0
    plain = make().fit(values[:TRAIN]).forecast(values, HORIZON)
    scaled = make().fit(np.ldexp(values[:TRAIN], exponent)).forecast(np.ldexp(values, exponent), HORIZON)
    assert scaled.tobytes() == np.ldexp(plain, exponent).tobytes()


@every_one
def test_fewer_steps_are_the_first_steps_bit_for_bit(make):
    model = make().fit(X[:TRAIN])
    assert model.forecast(X, 3).tobytes() == model.forecast(X, 40)[:3].tobytes()


@every_one
@pytest.mark.parametrize("size", [1, 7, 64])
def test_learned_from_pieces_it_is_learned_from_the_whole(make, size):
    whole, cut = make().fit(X[:TRAIN]), make().fit(sa.pieces(X[:TRAIN], size=size))
    np.testing.assert_allclose(cut.forecast(X, HORIZON), whole.forecast(X, HORIZON), rtol=1e-11)


def test_before_the_first_value_there_is_no_last_value():
    result = sa.k_step(sa.baselines.Mean().fit([1.0, 2, 3, 10]), [5.0, 6, 7, 1000.0], 1, train=0)
    assert result.origins.tolist() == [0, 1, 2, 3]
    last = np.mean([1.0, 1.0, 993.0**2])
    own = np.mean([(6 - 4.0) ** 2, (7 - 4.0) ** 2, 996.0**2])
    assert result.skill("Naive")[0] == pytest.approx(1 - own / last)


def test_a_season_to_repeat_is_found_in_the_training_part_unless_it_is_given():
    t = np.arange(120)
    y = 5.0 + np.sin(2 * np.pi * t / 12) + np.random.default_rng(0).normal(0.0, 0.1, 120)
    series = sa.Series(y, times=np.datetime64("2010-01") + t)
    found = sa.baselines.SeasonalNaive().fit(series)
    assert found.context == 12
    np.testing.assert_array_equal(found.forecast(series, 12), y[-12:])
    assert sa.baselines.SeasonalNaive().learns
    assert not sa.baselines.SeasonalNaive(12).learns
    assert sa.baselines.SeasonalNaive((4, 12)).fit(series).context == 12
    for none in (sa.baselines.SeasonalNaive(None).fit(series), sa.baselines.SeasonalNaive().fit(y[:7])):
        np.testing.assert_array_equal(none.forecast(series, 3), y[-1])
    table = sa.evaluate({"mine": sa.baselines.SeasonalNaive()}, series, 6, season=12)
    assert table["mine"].model.season == 12

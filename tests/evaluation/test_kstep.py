"""Readings by step against slow loops, and their intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

import stepahead as sa
from stepahead.numerics.prewhitened import cosines

from ..data import ALWAYS, sine
from ..losses import error_of

X = np.cumsum(np.random.default_rng(0).normal(size=300))
Y = sine(0, 200)


def test_a_result_keeps_a_model_of_its_own():
    model = sa.AR(3).fit(X[:200])
    result = sa.k_step(model, X, 4)
    before = result.crps().tolist()
    model.fit(X[:50] * 100)
    assert result.crps().tolist() == before
    with pytest.raises(ValueError, match="read-only"):
        result.predictions[0, 0] = 1.0


def test_against_a_perfect_guess_there_is_no_skill():
    x = np.concatenate([Y[:100], np.full(30, 2.0)])
    run = sa.k_step(sa.AR(2).fit(x[:100]), x, 2, origins=range(102, 120))
    with pytest.warns(sa.errors.StepaheadWarning, match="null"):
        assert np.isnan(run.skill("Naive")).all()
    assert np.isfinite(run.skill("Mean")).all()
    with pytest.warns(sa.errors.StepaheadWarning, match="null"):
        assert np.isnan(run.skill()).all(), "the better of the two guesses is the perfect one"


def test_a_step_without_any_target_is_null():
    x = np.array([np.nan if i >= 160 and i % 2 else v for i, v in enumerate(Y)])
    series = sa.Series(x[:170], missing="skip")
    result = sa.k_step(sa.baselines.Mean().fit(series[:100]), series, 3, origins=[161, 163, 165])
    assert result.n().tolist() == [0, 3, 0]
    with pytest.warns(sa.errors.StepaheadWarning, match="null"):
        skill = result.skill()
    assert np.isnan(result.rmse()).tolist() == np.isnan(skill).tolist() == [True, False, True]


H, TRAIN = 9, 70


def loop(result, x, what):
    """[H] a mean over held-out origins of what(forecast, actual, known values)."""
    return np.array(
        [
            np.mean(
                [
                    what(result.predictions[i, k - 1], x[o + k - 1], x[:o])
                    for i, o in enumerate(range(TRAIN, len(x) - H + 1))
                ]
            )
            for k in range(1, H + 1)
        ]
    )


def test_readings_are_their_loops(result):
    run, x = result
    assert run.origins.tolist() == list(range(TRAIN, len(x) - H + 1))
    mse = loop(run, x, lambda p, a, known: (p - a) ** 2)
    np.testing.assert_allclose((run.rmse() ** 2), mse, rtol=1e-12)
    np.testing.assert_allclose(run.rmse(), np.sqrt(mse), rtol=1e-12)
    np.testing.assert_allclose(run.mae(), loop(run, x, lambda p, a, known: abs(p - a)), rtol=1e-12)
    np.testing.assert_allclose(run.bias(), loop(run, x, lambda p, a, known: p - a), rtol=1e-10, atol=1e-12)
    last = loop(run, x, lambda p, a, known: (known[-1] - a) ** 2)
    mean = loop(run, x, lambda p, a, known: (x[:TRAIN].mean() - a) ** 2)
    np.testing.assert_allclose(run.skill("Naive"), 1 - mse / last, rtol=1e-9)
    np.testing.assert_allclose(run.skill("Mean"), 1 - mse / mean, rtol=1e-9)
    others = np.min([run._baselines[name].rmse() ** 2 for name in ALWAYS], axis=0)
    np.testing.assert_allclose(run.skill(), 1 - mse / others, rtol=1e-9)
    assert (others <= np.minimum(last, mean) * (1 + 1e-12)).all()
    for period in (1, 7):
        scale = np.mean([abs(x[t] - x[t - period]) for t in range(period, TRAIN)])
        np.testing.assert_allclose(run.mase(period), run.mae() / scale, rtol=1e-12)
    assert run.n().tolist() == [len(x) - H + 1 - TRAIN] * H
    np.testing.assert_array_equal(run.losses("squared"), (run.predictions - run.actuals) ** 2)
    np.testing.assert_array_equal(run.losses("absolute"), np.abs(run.predictions - run.actuals))


def test_training_origins_are_kept_apart(result):
    run, _ = result
    assert run.training.origins.tolist() == list(range(3, TRAIN))
    assert run.training.rmse().tolist() != run.rmse().tolist()
    with pytest.raises(sa.errors.InputError):
        _ = run.training.training
    assert "origins inside the training part" in str(run.training)
    assert "held-out origins, 70 to 121" in str(run)


def test_steps_keep_columns_and_the_same_rows(result):
    run, x = result
    few = sa.k_step(run.model, x, H, steps=[9, 2])
    assert few.steps.tolist() == [2, 9]
    assert few.predictions.tobytes() == np.ascontiguousarray(run.predictions[:, [1, 8]]).tobytes()
    np.testing.assert_allclose(few.rmse(), run.rmse()[[1, 8]], rtol=1e-12)
    assert few.actuals.tolist() == run.actuals[:, [1, 8]].tolist()
    np.testing.assert_allclose(few.losses("crps"), run.losses("crps")[:, [1, 8]], rtol=1e-12)
    assert run._at_step(4).rmse()[0] == pytest.approx(run.rmse()[3])
    assert run._at_step(4).training.rmse()[0] == pytest.approx(run.training.rmse()[3])
    with pytest.raises(sa.errors.ParameterError):
        few._at_step(3)


def test_times_and_last_values(result):
    run, x = result
    days = np.arange("2024-01-01", "2024-05-10", dtype="datetime64[D]")[:130]
    dated = sa.k_step(run.model, sa.Series(x, times=days), H)
    assert dated.times[0, 0] == days[TRAIN]
    assert dated.times[-1, -1] == days[-1]
    assert run.times[0].tolist() == list(range(TRAIN, TRAIN + H))
    assert "2024-03-11" in str(dated)


def test_rmse_intervals_are_those_of_the_mean_squared_error():
    run = sa.k_step(sa.AR(4).fit(sa.datasets.noisy_sine(seed=0)[:604]), sa.datasets.noisy_sine(seed=0), 16)
    low, high = run.confidence_interval("rmse", level=0.8)
    for k in (1, 7, 16):
        e2 = run.losses()[:, k - 1]
        B = cosines(len(e2), k)
        half = stats.t.ppf(0.9, B) * error_of(e2, B)
        assert low[k - 1] ** 2 == pytest.approx(e2.mean() - half)
        assert high[k - 1] ** 2 == pytest.approx(e2.mean() + half)


def test_intervals_from_rows_that_rewrite_the_future_do_not_move():
    x = sa.datasets.noisy_sine(length=400, seed=0).values
    model = sa.AR(8).fit(x[:200])
    base = sa.k_step(model, x, 10)
    for cut in (230, 301):
        y = x.copy()
        y[cut:] = 50.0 * np.random.default_rng(cut).normal(size=len(y) - cut)
        again = sa.k_step(model, y, 10)
        for one, two in zip(base.prediction_intervals(), again.prediction_intervals(), strict=True):
            assert (one[base.origins <= cut] == two[base.origins <= cut]).all()
            assert (one[base.origins > cut + 20] != two[base.origins > cut + 20]).any()


def test_intervals_are_the_models_own_where_asked():
    x = sa.datasets.ar_process([0.7], length=400, seed=0)
    run = sa.k_step(sa.AR(1).fit(x[:200]), x, 5)
    low, high = run.prediction_intervals(0.8, method="model")
    z = stats.norm.ppf(0.9)
    psi = run.model.coefficients_[0] ** np.arange(5)
    np.testing.assert_allclose(
        high - low, np.broadcast_to(2 * z * np.sqrt(run.model.variance_ * np.cumsum(psi**2)), low.shape)
    )
    np.testing.assert_allclose(sa.diagnostics.interval_width(run, 0.8, "model"), (high - low)[0])
    assert run.coverage(0.8, "model")[2] == np.mean(
        (low[:, 2] <= run.actuals[:, 2]) & (run.actuals[:, 2] <= high[:, 2])
    )
    quantile = high[:, 2]
    missed = run.actuals[:, 2] - quantile
    assert sa.diagnostics.pinball(run, 0.9, "model")[2] == pytest.approx(
        np.mean(np.where(missed > 0, 0.9 * missed, -0.1 * missed))
    )
    assert sa.diagnostics.pinball(run, 0.5)[1] == pytest.approx(0.5 * run.mae()[1])


def test_the_band_of_the_coverage_allows_for_overlap():
    x = sa.datasets.noisy_sine(seed=2)
    run = sa.k_step(sa.AR(64).fit(x[:604]), x, 64)
    low, high = sa.diagnostics.coverage_band(run, 0.9)
    assert ((low <= 0.9) & (high >= 0.9)).all()
    assert (high - low)[63] > (high - low)[0] >= 2 * 1.9 * math.sqrt(0.09 / 333) * 0.99 or high[63] == 1.0


def test_intervals_ask_for_numbers_and_a_past():
    x = sa.datasets.noisy_sine(length=300, seed=0)
    run = sa.k_step(sa.MLP(4).fit(x[:200]), x, 4)
    assert run.coverage(0.9).shape == (4,)
    with pytest.raises(sa.errors.InputError, match="no distribution"):
        run.prediction_intervals(0.9, method="model")
    with pytest.raises(sa.errors.ParameterError, match="method"):
        run.prediction_intervals(0.9, method="bootstrap")
    with pytest.raises(sa.errors.ParameterError, match="level"):
        run.prediction_intervals(1.0)
    with pytest.raises(sa.errors.InputError, match="training origins"):
        run.training.prediction_intervals()
    none = sa.k_step(sa.AR(4).fit(x[:200]), x, 4, origins=[250, 251])
    assert none.training.to_frame().shape[0] == 4
    assert not np.isnan(none._at_step(2).confidence_interval("skill")).any()
    one = sa.k_step(sa.AR(4).fit(x[:200]), x, 4, origins=[250])
    assert np.isnan(one.confidence_interval("skill")[0]).all()
    never = sa.evaluate(sa.MarkovChain(1), list("ab" * 30 + "aabb" * 10), 3, train=60)
    assert not np.isfinite(never["MarkovChain(1)"].log_loss()[0])
    assert not never.answer.shown["MarkovChain(1)"].any()
    with pytest.raises(sa.errors.ParameterError, match="reading"):
        run.confidence_interval("mae")
    with pytest.raises(sa.errors.ParameterError, match="against"):
        sa.evaluate(sa.AR(2), x, 4).tests(against="AR(3)")
    both = sa.evaluate({"a\nname": sa.AR(2)}, x, 4)
    for loss in ("zero-one", "cubed"):
        with pytest.raises(ValueError, match="loss"):
            both.tests(loss=loss)
    for reading in ("cubed", "table"):
        with pytest.raises(sa.errors.ParameterError, match="reading"):
            both.by_step(reading)
    with pytest.raises(KeyError, match="there are a\\\\nname, Mean, Naive"):
        both["AR"]
    assert "\n" not in both.answer.headline

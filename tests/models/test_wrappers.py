"""Models around a model: scaled, differenced, rectified."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.walk import take

from ..data import sine
from ..sampling import variance_of_sum


def test_windows_scaled_one_by_one_need_least_squares():
    with pytest.raises(sa.errors.ParameterError, match="where windows are scaled one by one"):
        sa.Scaled(sa.AR(3, method="burg"), by="window").fit(sine(0, 60))


def test_a_model_scaled_by_the_window_has_no_distribution():
    assert not hasattr(sa.Scaled(sa.AR(3), by="window").fit(sine(0, 60)), "predictive")
    assert hasattr(sa.Scaled(sa.AR(3)).fit(sine(0, 60)), "predictive")


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_rectified_takes_the_error_by_step_down(seed):
    x = sine(seed)
    result = sa.evaluate([sa.AR(64), sa.wrappers.Rectified(sa.AR(64))], x, 64, train=604, steps=[1, 16, 64])
    assert result["Rectified(AR(64))"].rmse()[2] <= result["AR(64)"].rmse()[2]
    assert result["Rectified(AR(64))"].rmse()[0] <= result["AR(64)"].rmse()[0] + 0.01


def test_rectified_beyond_its_horizon_is_the_model():
    x = sine(0)
    model = sa.wrappers.Rectified(sa.AR(16), horizon=5).fit(x[:604])
    np.testing.assert_array_equal(model.forecast(x, 20)[5:], model.model_.forecast(x, 20)[5:])
    assert (model.forecast(x, 20)[:5] != model.model_.forecast(x, 20)[:5]).all()


def test_differenced_follows_a_level_that_wanders_off():
    x = np.cumsum(sine(0, 400)) + 1e6
    result = sa.evaluate(sa.Differenced(sa.AR(4)), x, 8)
    plain = sa.k_step(sa.AR(4).fit(np.diff(x)[:239]), np.diff(x), 8).predictions
    run = result["Differenced(AR(4))"]
    np.testing.assert_allclose(run.predictions, x[run.origins - 1][:, None] + np.cumsum(plain, axis=1), rtol=1e-12)


def test_scaled_by_window_does_not_see_the_level():
    x = sine(0, 400)
    model = sa.Scaled(sa.AR(8), by="window").fit(x[:300])
    for level, factor in ((1e3, 1.0), (0.0, 50.0), (-7.0, 0.01)):
        np.testing.assert_allclose(
            model.forecast(x * factor + level, 10), model.forecast(x, 10) * factor + level, rtol=1e-6
        )
    for lags in (3, 4, 8):
        low = sa.Scaled(sa.AR(lags), by="window").fit(x[:300]).forecast(x, 20)
        for level in (1e3, 1e6):
            high = sa.Scaled(sa.AR(lags), by="window").fit(x[:300] + level).forecast(x + level, 20)
            np.testing.assert_allclose(high - level, low, atol=1e-6)
        assert np.abs(low).max() < 3
    with pytest.raises(sa.errors.ParameterError, match="window"):
        sa.Scaled(sa.AR("auto"), by="window").fit(x)
    with pytest.raises(sa.errors.ParameterError, match="at least 3"):
        sa.Scaled(sa.AR(2), by="window").fit(x)
    assert model.forecast(np.full(20, 4.0), 3) == pytest.approx(4.0, abs=0.2)
    with pytest.raises(sa.errors.ParameterError, match="window"):
        sa.Scaled(sa.baselines.Naive(), by="window").fit(x)
    with pytest.raises(sa.errors.ParameterError):
        sa.Scaled(sa.AR(2), by="sight").fit(x)


def test_scaled_keeps_the_distribution():
    x = 100.0 + 30.0 * sine(0)
    scaled, plain = sa.Scaled(sa.AR(4)).fit(x[:604]), sa.AR(4).fit(x[:604])
    np.testing.assert_allclose(sa.k_step(scaled, x, 6).crps(), sa.k_step(plain, x, 6).crps(), rtol=1e-8)
    with pytest.raises(sa.errors.InputError, match="no distribution"):
        sa.k_step(sa.Scaled(sa.MLP(4)).fit(x[:604]), x, 6).crps()


def test_wrappers_refuse_a_chain_of_symbols_and_take_one_of_bins():
    for wrap in (sa.Differenced, sa.wrappers.Rectified):
        with pytest.raises(sa.errors.ParameterError, match="bins="):
            wrap(sa.MarkovChain()).fit([1, 2, 3, 5, 4, 6, 5, 7] * 20)
    x = np.cumsum(sine(0, 400))
    assert np.isfinite(sa.Differenced(sa.MarkovChain(1, bins=4)).fit(x[:300]).forecast(x, 4)).all()


def test_scaled_least_squares_is_least_squares():
    x = 100.0 + 30.0 * sine(0)
    np.testing.assert_allclose(
        sa.Scaled(sa.AR(5)).fit(x[:604]).forecast(x, 30), sa.AR(5).fit(x[:604]).forecast(x, 30), rtol=1e-9
    )


def test_scaled_and_differenced_paths_are_those_of_the_model_inside():
    x = 50.0 + 7.0 * sine(0, 400)
    scaled, plain = sa.Scaled(sa.AR(3)).fit(x[:300]), sa.AR(3).fit(x[:300])
    ours, theirs = (sa.paths(model, x, 8, n=20, seed=5) for model in (scaled, plain))
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)
    walk = np.cumsum(sine(1, 400))
    steps = sa.Differenced(sa.AR(2)).fit(walk[:300])
    inner = steps.model_.paths(steps.model_.encode(np.diff(walk)), 8, 20, 5, np.arange(3, 401))[:, -1]
    np.testing.assert_allclose(sa.paths(steps, walk, 8, n=20, seed=5), walk[-1] + np.cumsum(inner, axis=1), rtol=1e-12)


def test_a_differenced_model_has_the_spread_of_a_sum():
    rng = np.random.default_rng(1)
    walk = np.cumsum(rng.normal(size=3000))
    model = sa.Differenced(sa.AR(1)).fit(walk)
    phi, sigma2 = float(model.model_.coefficients_[0]), model.model_.variance_
    state = take(model.encode(walk), slice(-40, None))
    distribution = model.predictive(state, 30)
    assert isinstance(distribution, sa.distributions.Samples)
    assert distribution.std()[:, -1].mean() == pytest.approx(np.sqrt(variance_of_sum(phi, sigma2, 30)), rel=0.03)
    alone = model.predictive(take(state, slice(7, 8)), 30)
    assert alone.draws[:, 0].tobytes() == distribution.draws[:, 7].tobytes(), (
        "the distribution of a row depends on its state alone"
    )
    run = sa.k_step(sa.Differenced(sa.AR(1)).fit(walk[:2000]), walk, 10)
    np.testing.assert_allclose(run.coverage(0.9), 0.9, atol=0.05)
    assert (run.crps() < run.mae()).all()
    assert not hasattr(sa.Differenced(sa.MLP(3, training=sa.Training(epochs=1))).fit(walk[:200]), "predictive")


def test_scaled_by_window_gives_as_many_targets_as_training_looks_at():
    x = 40.0 + sine(0, 200).cumsum()
    for model in (
        sa.MLP(6, unroll=5, training=sa.Training(epochs=2)),
        sa.MLP(6, chunk=2, unroll=5, training=sa.Training(epochs=2, augment="sign")),
    ):
        scaled = sa.Scaled(model, by="window").fit(x)
        assert scaled.forecast(x, 12).shape == (12,)
        assert len(scaled.model_.residuals_) == 200 - 6 - 5 + 1
    with pytest.raises(sa.errors.InputError) as caught:
        sa.Scaled(sa.MLP(6, unroll=5), by="window").fit(x[:10])
    assert (caught.value.needed, caught.value.found) == (11, 10)
    with pytest.raises(sa.errors.ParameterError, match="pairs alone"):
        sa.Scaled(sa.MLP(6, training=sa.Training(augment="auto")), by="window").fit(x)
    with pytest.raises(sa.errors.InputError, match=r"targets \[rows, 5\]"):
        sa.MLP(6, unroll=5).fit_pairs(np.zeros((9, 6)), np.zeros((9, 1)))

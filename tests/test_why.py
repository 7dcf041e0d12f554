"""Limits against theory and sampling; the split of the error against literal loops; strategies;
the share of the seed.
"""

from __future__ import annotations

import functools
import warnings

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import LinearRegression
from statsmodels.tsa.arima_process import arma_acovf

import stepahead as sa
from stepahead.datasets import limits
from stepahead.report import figures

from .data import ALWAYS

SHOWN = [0, 3, 15, 63]
WAVE = sa.datasets.noisy_sine(seed=0).limit
HELD = range(604, 937)

# -- limits


@pytest.mark.parametrize(
    ("lags", "bayes", "held"),
    [
        (2, (0.235, 0.237, 0.262, 0.482), 0.489),
        (4, (0.221, 0.223, 0.252, 0.479), 0.488),
        (16, (0.211, 0.215, 0.242, 0.414), 0.411),
        (64, (0.202, 0.202, 0.203, 0.205), 0.205),
        (128, (0.201, 0.201, 0.201, 0.202), 0.202),
    ],
)
def test_the_bayes_limit_of_a_window_is_that_of_the_theory(lags, bayes, held):
    """Table 2 of the theory is sampled (4000 phases; 12 draws of noise at each held one):
    it is right to a few thousandths.
    """
    np.testing.assert_allclose(WAVE.bayes(lags, 64)[SHOWN], bayes, atol=0.0025)
    # By k = 64 the sampled values have sampling errors of .003 to .008: see the next test for what is exact.
    assert WAVE.bayes(lags, 64, origins=HELD)[63] == pytest.approx(held, abs=0.008)


def sampled_bayes(lags, noise, frequency, phases, rng, grid=360):
    """Posterior mean by brute force, window by window: mean squared error at k = 1, 4, 16,
    64 and its standard error.
    """
    at = frequency * np.arange(1 - lags, 1)
    seen = np.sin(phases[:, None] + at) + rng.normal(0.0, noise, (len(phases), lags))
    turns = 2.0 * np.pi * np.arange(grid) / grid
    errors = np.empty((len(phases), 4))
    for i, window in enumerate(seen):
        log = -((window - np.sin(turns[:, None] + at)) ** 2).sum(axis=1) / (2.0 * noise**2)
        weight = np.exp(log - log.max())
        weight /= weight.sum()
        for j, k in enumerate((1, 4, 16, 64)):
            errors[i, j] = (weight @ np.sin(turns + frequency * k) - np.sin(phases[i] + frequency * k)) ** 2
    return noise**2 + errors.mean(axis=0), errors.std(axis=0) / np.sqrt(len(phases))


@pytest.mark.parametrize(
    ("lags", "noise", "frequency"), [(1, 0.2, 0.01), (4, 0.2, 0.01), (3, 0.5, 0.3), (16, 0.1, 0.02)]
)
def test_the_bayes_limit_is_what_sampling_finds(lags, noise, frequency):
    rng = np.random.default_rng(lags)
    found, error = sampled_bayes(lags, noise, frequency, rng.uniform(0.0, 2.0 * np.pi, 1500), rng)
    exact = limits.Wave(noise, frequency).bayes(lags, 64)[SHOWN] ** 2
    assert (np.abs(exact - found) < 4.0 * error).all()


@pytest.mark.slow
def test_the_bayes_limit_at_origins_is_what_sampling_finds():
    rng = np.random.default_rng(0)
    for lags in (4, 16):
        found, error = sampled_bayes(lags, 0.2, 0.01, np.tile(0.01 * np.array(HELD), 60), rng)
        assert (np.abs(WAVE.bayes(lags, 64, origins=HELD)[SHOWN] ** 2 - found) < 4.0 * error).all()


def test_limits_are_in_the_only_order_there_is():
    before = np.full(64, np.inf)
    for lags in (1, 2, 4, 16, 64):
        bayes, window, iterated = WAVE.bayes(lags, 64), WAVE.window(lags, 64), WAVE.iterated(lags, 64)
        assert (bayes > 0.2).all()
        assert (bayes <= before + 1e-9).all(), "a longer window is never worse"
        assert (bayes <= window + 1e-9).all()
        assert (window <= iterated + 1e-9).all()
        assert window[0] == pytest.approx(iterated[0])
        before = bayes
    np.testing.assert_allclose(WAVE.bayes(4, 64)[:9], WAVE.bayes(4, 9), atol=1e-12)
    # As many origins as fill the circle evenly are all phases.
    even = limits.Wave(0.2, 2.0 * np.pi / 500)
    np.testing.assert_allclose(even.bayes(4, 64, origins=range(4, 504)), even.bayes(4, 64), atol=1e-12)


def test_linear_limits_of_a_window_are_those_of_the_theory():
    for lags, direct, iterated in ((2, (0.269, 0.483), (0.344, 0.640)), (4, (0.254, 0.480), (0.264, 0.498)),
                                   (16, (0.248, 0.439), (0.252, 0.499)), (32, (0.228, 0.314), (0.235, 0.429)),
                                   (64, (0.210, 0.229), (0.213, 0.244)), (128, (0.204, 0.206), (0.204, 0.208)),
                                   (256, (0.201, 0.201), (0.201, 0.201))):  # fmt: skip
        np.testing.assert_allclose(WAVE.window(lags, 64)[[15, 63]], direct, atol=6e-4)
        np.testing.assert_allclose(WAVE.iterated(lags, 64)[[15, 63]], iterated, atol=6e-4)


def test_a_window_without_noise():
    assert limits.Wave(0.0, 0.01).bayes(2, 64).max() < 1e-6, "two exact values tell the phase"
    height_alone = np.sin(0.01 * np.arange(1, 65)) / np.sqrt(2.0)
    np.testing.assert_allclose(limits.Wave(0.0, 0.01).bayes(1, 64), height_alone, atol=1e-6)
    np.testing.assert_allclose(limits.Wave(0.01, 0.01).bayes(1, 64)[16:], height_alone[16:], rtol=0.01)
    with pytest.raises(sa.errors.ParameterError, match="too small for the integral"):
        limits.Wave(1e-6, 0.01).bayes(4, 8)
    for bad in ([3], [], [4.5]):
        with pytest.raises(sa.errors.ParameterError):
            WAVE.bayes(4, 8, origins=bad)


def test_the_limits_of_a_window_on_an_autoregression():
    process = sa.datasets.ar_process([0.3, -0.5, 0.9], length=20, seed=0, noise=1.5).limit
    gamma = arma_acovf([1.0, -0.9, 0.5, -0.3], [1.0], nobs=40, sigma2=1.5**2)
    for lags in (1, 2):
        among = gamma[np.abs(np.subtract.outer(np.arange(lags), np.arange(lags)))]
        newest_first = np.linalg.solve(among, gamma[1 : lags + 1])
        companion = np.eye(lags, k=-1)
        companion[0] = newest_first
        for k in (1, 2, 5, 12):
            ahead = gamma[k : k + lags]
            best = gamma[0] - ahead @ np.linalg.solve(among, ahead)
            assert process.window(lags, 12)[k - 1] == pytest.approx(np.sqrt(best))
            assert process.bayes(lags, 12, origins=[5])[k - 1] == pytest.approx(np.sqrt(best))
            fed_back = np.linalg.matrix_power(companion, k)[0]
            error = gamma[0] - 2 * fed_back @ ahead + fed_back @ among @ fed_back
            assert process.iterated(lags, 12)[k - 1] == pytest.approx(np.sqrt(error))
    for lags in (3, 7):
        assert process.window(lags, 12).tolist() == process(12).tolist() == process.iterated(lags, 12).tolist()
    walk = sa.datasets.ar_process([-0.5, 1.5], length=20, seed=0).limit
    assert walk.window(2, 4).tolist() == walk(4).tolist()
    with pytest.raises(sa.errors.ParameterError, match="unit root"):
        walk.window(1, 4)


def test_simulators_know_their_mean():
    steps, origins = np.array([1, 2, 5]), np.array([10, 11, 40])
    sine = sa.datasets.noisy_sine(length=60, seed=1, noise=0.0, frequency=0.3)
    happened = sine.values[origins[:, None] + steps - 1]
    np.testing.assert_allclose(sine.limit.mean(sine.values, origins, steps), happened, atol=1e-12)
    chaos = sa.datasets.logistic_map(length=60, seed=1)
    happened = chaos.values[origins[:, None] + steps - 1]
    np.testing.assert_array_equal(chaos.limit.mean(chaos.values, origins, steps), happened)
    assert chaos.limit.bayes(3, 4).tolist() == [0.0] * 4
    process = sa.datasets.ar_process([0.2, 0.6], length=60, seed=1, intercept=2.0)
    for row, origin in zip(process.limit.mean(process.values, origins, steps), origins, strict=True):
        known = process.values[:origin].tolist()
        for _ in range(5):
            known.append(2.0 + 0.6 * known[-1] + 0.2 * known[-2])
        np.testing.assert_allclose(row, [known[origin + k - 1] for k in steps])


# -- the split


def test_the_parts_are_what_literal_loops_find():
    """Two lags, one fit a step by the textbook, one forecast at a time."""
    length, cut, horizon, kept, lags = 90, 50, 6, [1, 3, 6], 2
    simulate = functools.partial(sa.datasets.ar_process, [0.3, -0.4, 0.5], length)
    found = sa.diagnostics.split_error(sa.AR(lags), simulate, horizon, train=cut, seeds=range(3), steps=kept)
    worlds = [simulate(seed=seed).values for seed in range(3)]
    psi = [1.0, 0.5, 0.5**2 - 0.4]
    for _ in range(horizon):
        psi.append(0.5 * psi[-1] - 0.4 * psi[-2] + 0.3 * psi[-3])
    recursive, direct, ahead = (np.zeros((3, 3)) for _ in range(3))
    forecasts = np.zeros((3, 3, 3, length - horizon - cut + 1))
    for r, own in enumerate(worlds):
        fits = {}
        for k in kept:
            X = np.array([[*own[t - lags : t], 1.0] for t in range(lags, cut - k + 1)])
            y = np.array([own[t + k - 1] for t in range(lags, cut - k + 1)])
            fits[k] = np.linalg.lstsq(X, y, rcond=None)[0]
        for s, world in enumerate(worlds):
            for i, origin in enumerate(range(cut, length - horizon + 1)):
                path, truth = world[:origin].tolist(), world[:origin].tolist()
                for _ in range(horizon):
                    path.append(float(fits[1][:lags] @ path[-lags:] + fits[1][lags]))
                    truth.append(0.5 * truth[-1] - 0.4 * truth[-2] + 0.3 * truth[-3])
                for j, k in enumerate(kept):
                    m = truth[origin + k - 1]
                    forecasts[r, j, s, i] = path[origin + k - 1]
                    recursive[r, j] += (path[origin + k - 1] - m) ** 2
                    direct[r, j] += (fits[k] @ [*world[origin - lags : origin], 1.0] - m) ** 2
    count = 3 * (length - horizon - cut + 1)
    noise = np.array([sum(p * p for p in psi[:k]) for k in kept])
    window = simulate(seed=0).limit.window(lags, horizon)[np.array(kept) - 1] ** 2 - noise
    ahead = noise + recursive / count
    alone = noise + direct / count
    np.testing.assert_allclose(found.by_refit["noise"][0], noise)
    np.testing.assert_allclose(found.by_refit["window"][0], window)
    np.testing.assert_allclose(found.by_refit["fit"], alone - noise - window, atol=1e-10)
    np.testing.assert_allclose(found.by_refit["feedback"], ahead - alone, atol=1e-10)
    assert np.abs(found.by_refit["feedback"][:, 0]).max() == 0.0, "nothing is fed back at the first step"
    np.testing.assert_allclose(found.mse(), ahead.mean(axis=0))
    np.testing.assert_allclose(found.variance, forecasts.var(axis=0).mean(axis=(1, 2)))
    truths = found.mse() - noise - found.variance
    assert (truths > 0.0).all(), "what is left over beside noise and variance is a squared bias"
    order = np.argsort(ahead[:, -1])
    np.testing.assert_allclose(found.typical().mse(), ahead[order[1]])


def test_the_error_of_the_notes_net_is_split():
    """At 64 steps, for the median of 20 seeds: noise .040, window .198, the rest about .21."""
    found = sa.diagnostics.split_error(sa.MLP(4), sa.datasets.noisy_sine, 64, train=604, steps=[1, 64])
    usual = found.typical()
    parts = {name: float(values[-1]) for name, values in usual.parts.items()}
    print(parts)
    assert list(parts) == ["noise", "window", "fit", "feedback"]
    assert parts["noise"] == pytest.approx(0.040)
    assert parts["window"] == pytest.approx(0.198, abs=0.002)
    assert parts["fit"] + parts["feedback"] == pytest.approx(0.21, abs=0.05)
    assert usual.mse()[-1] == pytest.approx(sum(parts.values()))
    assert usual.mse()[-1] == pytest.approx(float(np.median(np.sum(list(found.by_refit.values()), axis=0)[:, -1])))
    assert found.by_refit["feedback"][:, 0].tolist() == [0.0] * 20
    assert parts["feedback"] > parts["fit"] > 0.0
    assert "window" in found.table()
    assert "0.0400" in found.table()


def test_what_feeds_nothing_back_has_no_feedback_and_what_has_no_window_no_window():
    split = functools.partial(
        sa.diagnostics.split_error, simulate=sa.datasets.noisy_sine, horizon=16, train=604, seeds=(3, 4)
    )
    assert split(sa.AR(4, chunk=16)).parts["feedback"].tolist() == [0.0] * 5
    blocks = split(sa.MLP(4, chunk=4, training=sa.Training(epochs=1)), steps=[1, 4, 5, 16]).parts["feedback"]
    assert (blocks == 0.0).tolist() == [True, True, False, False]
    assert list(split(sa.SSA(rank=2, window=64)).parts) == ["noise", "fit and feedback"]
    assert list(split(sa.Scaled(sa.MLP(4, training=sa.Training(epochs=1)))).parts) == [
        "noise",
        "window",
        "fit and feedback",
    ]
    for model in (sa.AR("auto"), sa.AR(8, method="burg"), sa.MLP(4, unroll=4, training=sa.Training(epochs=1, augment="auto")),
                  sa.Windowed(LinearRegression(), lags=4)):  # fmt: skip
        found = split(model)
        assert list(found.parts) == ["noise", "window", "fit", "feedback"]
        assert found.parts["feedback"][0] == 0.0
    zero = split(sa.baselines.Mean()).mse() - 0.04
    t = np.add.outer(np.arange(604, 985), [1, 2, 4, 8, 16])
    means = [sa.datasets.noisy_sine(seed=seed).values[:604].mean() for seed in (3, 4)]
    np.testing.assert_allclose(zero, np.mean([((m - np.sin(0.01 * t)) ** 2).mean(axis=0) for m in means], axis=0))


def test_recursion_pays_where_the_window_is_long_enough_and_costs_where_the_model_is_wrong():
    # One lag, the right one: recursion learns one coefficient well, and direct another one for each step.
    simulate = functools.partial(sa.datasets.ar_process, [0.9], 160)
    found = sa.diagnostics.split_error(sa.AR(1), simulate, 8, train=80, seeds=range(12))
    assert found.parts["feedback"][-1] < 0.0
    assert np.abs(found.parts["window"]).max() == 0.0
    # Two lags read with one: what is fitted one step ahead is not what is best further out.
    found = sa.diagnostics.split_error(
        sa.AR(1), functools.partial(sa.datasets.ar_process, [0.6, 0.2], 4000), 4, train=2000, seeds=range(2)
    )
    assert found.parts["feedback"][1:].min() > 0.01


def test_a_split_refuses():
    with pytest.raises(sa.errors.InputError, match="does not know its mean"):
        sa.diagnostics.split_error(sa.AR(2), sa.datasets.mackey_glass, 4)
    for seeds in ([1], [1, 1], "12", [0.5, 2]):
        with pytest.raises(sa.errors.ParameterError):
            sa.diagnostics.split_error(sa.AR(2), sa.datasets.noisy_sine, 4, seeds=seeds)
    with pytest.raises(sa.errors.ParameterError, match="simulate"):
        sa.diagnostics.split_error(sa.AR(2), sa.datasets.noisy_sine(), 4)
    with pytest.raises(sa.errors.InputError, match="too short"):
        sa.diagnostics.split_error(sa.AR(2), functools.partial(sa.datasets.noisy_sine, 20), 15)
    with pytest.raises(sa.errors.InputError, match="direct fit"):
        sa.diagnostics.split_error(sa.AR(2), functools.partial(sa.datasets.noisy_sine, 40), 15, train=16)


def test_a_split_shows_itself(tmp_path):
    found = sa.diagnostics.split_error(sa.AR(4), sa.datasets.noisy_sine, 24, train=604, seeds=(0, 1))
    assert found.steps.tolist() == [1, 2, 4, 8, 16, 24]
    frame = found.to_frame()
    assert list(frame.columns) == ["k", "noise", "window", "fit", "feedback", "mse"]
    np.testing.assert_allclose(found.share("noise"), 0.04 / found.mse())
    with pytest.raises(sa.errors.ParameterError, match="noise"):
        found.share("luck")
    assert "(variance)" in found.table()
    assert "<table>" in found._repr_html_()
    assert repr(found.typical()).startswith("Squared error of AR(4)")
    figure = found.plot()
    figures.save(figure, tmp_path / "split.png")
    FigureCanvasAgg(figure).draw()
    axes = figure.axes[0]
    top = [line.get_ydata() for line in axes.get_lines()]
    np.testing.assert_allclose(top[-1], found.mse())
    np.testing.assert_allclose(top[1], found.parts["noise"] + found.parts["window"])
    assert [text.get_text().rsplit(" ", 1)[0] for text in axes.texts] == list(found.parts)
    width, height = figure.bbox.size
    for text in (*axes.texts, axes.xaxis.label, axes.yaxis.label):
        box = Text.get_window_extent(text)
        assert text.get_fontsize() >= 8
        assert min(box.x0, box.y0) >= -1
        assert box.x1 <= width + 1
        assert box.y1 <= height + 1


def test_a_part_below_zero_takes_away_in_the_picture():
    parts = {"noise": np.array([1.0, 1.0]), "fit": np.array([1.0, 2000.0]), "feedback": np.array([-0.5, 0.25])}
    figure = figures.bands_by_k(np.array([1, 2]), parts, title="Parts")
    assert figure.axes[0].get_lines()[-1].get_ydata().tolist() == [1.5, 2001.25]
    assert {text.get_text() for text in figure.axes[0].texts} == {"noise 1.000", "fit 2000", "feedback 0.250"}


# -- the share of the seed


def test_the_share_of_the_seed_is_the_variance_over_seeds():
    series = sa.datasets.sunspots()
    found = sa.diagnostics.seed_variance(
        sa.Scaled(sa.MLP(6, training=sa.Training(epochs=2))), series, 5, train=200, seeds=(1, 5, 7)
    )
    runs = [
        sa.k_step(sa.Scaled(sa.MLP(6, seed=seed, training=sa.Training(epochs=2))).fit(series[:200]), series, 5)
        for seed in (1, 5, 7)
    ]
    forecasts = np.array([run.predictions for run in runs])
    variance = forecasts.var(axis=0).mean(axis=0)
    np.testing.assert_allclose(found.parts["model variance"], variance)
    np.testing.assert_allclose(found.mse(), np.mean([(run.rmse() ** 2) for run in runs], axis=0))
    ensemble = ((forecasts.mean(axis=0) - runs[0].actuals) ** 2).mean(axis=0)
    np.testing.assert_allclose(found.parts["the rest"], ensemble)
    np.testing.assert_allclose(found.share("model variance"), variance / found.mse())
    assert "noise" not in found.table()
    with pytest.raises(sa.errors.InputError, match="no single one"):
        found.typical()


def test_the_share_of_the_seed_with_holes_with_a_forest_and_without_a_seed():
    x = sa.datasets.sunspots().values.copy()
    x[[150, 250]] = np.nan
    hollow = sa.Series(x, missing="skip")
    forest = sa.Windowed(RandomForestRegressor(n_estimators=3), lags=3)
    found = sa.diagnostics.seed_variance(forest, hollow, 3, train=200, seeds=(0, 1))
    runs = [
        sa.evaluate(sa.Windowed(RandomForestRegressor(n_estimators=3, random_state=s), 3), hollow, 3, 200)
        for s in (0, 1)
    ]
    np.testing.assert_allclose(
        found.mse(), np.mean([(run["RandomForestRegressor(3)"].rmse() ** 2) for run in runs], axis=0)
    )
    assert (found.parts["model variance"] > 0.0).all()
    with pytest.raises(sa.errors.ParameterError, match="no seed"):
        sa.diagnostics.seed_variance(sa.AR(4), x[:100], 3)


# -- strategies


def test_three_ways_of_one_regressor_at_the_same_origins():
    series = sa.datasets.sunspots()
    linear = sa.diagnostics.strategies(sa.AR(9, ridge=1.0), series, 10, train=221)
    assert list(linear)[:3] == ["recursive", "direct", "one-shot"]
    np.testing.assert_allclose(
        linear["recursive"].rmse(), sa.evaluate(sa.AR(9, ridge=1.0), series, 10, 221)["AR(9)"].rmse()
    )
    np.testing.assert_array_equal(linear["direct"].predictions, linear["one-shot"].predictions)
    ours = sa.diagnostics.strategies(sa.AR(9), series, 10, train=221)
    theirs = sa.diagnostics.strategies(LinearRegression(), series, 10, train=221, lags=9)
    for name in ("recursive", "direct", "one-shot"):
        np.testing.assert_allclose(ours[name].predictions, theirs[name].predictions, rtol=1e-6)
        assert ours[name].origins.tolist() == theirs["recursive"].origins.tolist()
    test = ours.tests(against="recursive")["direct"]
    assert test.p.shape == (10,)
    assert ((test.p > 0.0) & (test.p <= 1.0)).all()
    np.testing.assert_allclose(test.difference, (ours["direct"].rmse() ** 2) - (ours["recursive"].rmse() ** 2))


def test_three_ways_of_a_net():
    series = sa.datasets.noisy_sine(seed=0)
    net = sa.MLP(4, unroll=3, seed=5, training=sa.Training(epochs=2))
    result = sa.diagnostics.strategies(net, series, 6, train=604)
    np.testing.assert_array_equal(
        result["recursive"].predictions, sa.evaluate(net, series, 6, 604)["MLP(4)"].predictions
    )
    one_shot = sa.MLP(4, seed=5, chunk=6, training=sa.Training(epochs=2))
    np.testing.assert_array_equal(
        result["one-shot"].predictions, sa.evaluate(one_shot, series, 6, 604)["MLP(4)"].predictions
    )
    X, y = sa.pairs(series[:604], 4)
    third = sa.MLP(4, seed=5, training=sa.Training(epochs=2)).fit_pairs(X[: 600 - 5], y[2 : 600 - 3][:, None])
    windows = np.lib.stride_tricks.sliding_window_view(series.values, 4)[604 - 4 : 995 - 4]
    np.testing.assert_allclose(result["direct"].predictions[:, 2], third.rollout((windows,), 1)[:, 0])
    scaled = sa.diagnostics.strategies(sa.Scaled(net), series, 6, train=604)
    assert not np.array_equal(scaled["direct"].predictions, result["direct"].predictions)
    assert all(type(scaled[name].model) is sa.Scaled for name in ("recursive", "direct", "one-shot"))
    assert net.unroll == 3
    assert net.chunk == 1


def test_a_regressor_of_one_target_has_no_one_shot_and_that_is_said():
    boosted = GradientBoostingRegressor(n_estimators=3)
    with pytest.warns(sa.errors.StepaheadWarning, match="one target alone"):
        result = sa.diagnostics.strategies(boosted, sa.datasets.sunspots(), 3, lags=4)
    assert list(result) == ["recursive", "direct", "Mean", "Naive"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        forest = sa.diagnostics.strategies(
            sa.Windowed(RandomForestRegressor(3, random_state=0), 4), sa.datasets.sunspots(), 3
        )
    assert "one-shot" in forest


@pytest.mark.parametrize(
    ("model", "lags", "said"),
    [
        (LinearRegression(), None, "how many past values"),
        (sa.AR(4), 4, "has its own"),
        (sa.StateSpace(), None, "cannot go three ways"),
        (LinearRegression, 4, "cannot go three ways"),
        (sa.Windowed(LinearRegression(), 4), 3, "has its own"),
    ],
)
def test_strategies_refuse_by_name(model, lags, said):
    with pytest.raises(sa.errors.ParameterError, match=said):
        sa.diagnostics.strategies(model, sa.datasets.sunspots(), 4, lags=lags)


# -- roots


def test_half_lives_are_those_of_the_roots():
    model = sa.AR(4).fit(sa.datasets.noisy_sine(seed=0)[:604])
    for (modulus, _), half in zip(model.cycles_, model.half_lives_, strict=True):
        assert modulus**half == pytest.approx(0.5)
    assert len(model.half_lives_) == len(model.cycles_)
    assert sa.AR(1, intercept=False).fit([1.0, 2.0, 4.0, 8.0]).half_lives_ == [float("inf")]
    assert sa.AR(1, intercept=False).fit([0.0, 0.0, 0.0, 1.0]).half_lives_ == [0.0]

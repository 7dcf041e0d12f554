"""The limits that theory knows, against its published tables and against sampling."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.tsa.arima_process import arma_acovf

import stepahead as sa
from stepahead.datasets import limits

SHOWN = [0, 3, 15, 63]
WAVE = sa.datasets.noisy_sine(seed=0).limit
HELD = range(604, 937)


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


def test_half_lives_are_those_of_the_roots():
    model = sa.AR(4).fit(sa.datasets.noisy_sine(seed=0)[:604])
    for (modulus, _), half in zip(model.cycles_, model.half_lives_, strict=True):
        assert modulus**half == pytest.approx(0.5)
    assert len(model.half_lives_) == len(model.cycles_)
    assert sa.AR(1, intercept=False).fit([1.0, 2.0, 4.0, 8.0]).half_lives_ == [float("inf")]
    assert sa.AR(1, intercept=False).fit([0.0, 0.0, 0.0, 1.0]).half_lives_ == [0.0]


SHOP = sa.datasets.shop(length=50).limit


def test_the_limits_of_the_shop_are_those_of_the_table():
    """With the plan known and the warmth up to the origin; and with the warmth foreseen."""
    shown = np.array([1, 3, 7, 14, 28]) - 1
    np.testing.assert_allclose(SHOP(28)[shown], [12.81, 17.44, 19.10, 19.33, 19.34], atol=0.005)
    np.testing.assert_allclose(SHOP.foreseen(28)[shown], [10.00, 13.15, 13.96, 14.00, 14.00], atol=0.006)


def test_the_limits_of_the_shop_are_the_errors_of_who_knows_the_truth():
    """The true plan, warmth and rest taken apart, each forecast as what it is: an AR(1); two standard errors."""
    week = np.array([-20.0, -15.0, -10.0, 0.0, 20.0, 45.0, -20.0])
    errors, foreseen = [], []
    for seed in range(3):
        series = sa.datasets.shop(length=20_000, seed=seed)
        promo, holiday = (series.known.values[: len(series), series.known.names.index(n)] for n in ("promo", "holiday"))
        warmth = series.past.values[:, 0]
        rest = series.values - 200.0 - np.resize(week, len(series)) - 60.0 * promo - 80.0 * holiday - 4.0 * warmth
        steps = np.array([1, 3, 7, 14, 28])
        own = [rest[k:] - 0.7**k * rest[:-k] for k in steps]
        warm = [4.0 * (warmth[k:] - 0.8**k * warmth[:-k]) for k in steps]
        errors.append([np.mean((a + b) ** 2) for a, b in zip(own, warm, strict=True)])
        foreseen.append([np.mean(a**2) for a in own])
    # An error k steps ahead remembers about as long: so many rows count as one.
    spread = np.sqrt(2.0 * 6.0 / 60_000)
    np.testing.assert_allclose(np.sqrt(np.mean(errors, axis=0)), SHOP(28)[steps - 1], rtol=spread)
    np.testing.assert_allclose(np.sqrt(np.mean(foreseen, axis=0)), SHOP.foreseen(28)[steps - 1], rtol=spread)

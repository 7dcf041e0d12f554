"""The figures of the note, of published papers and of other libraries, from the code as users call it."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa

from .data import path, sine

STEPS = [1, 4, 16, 64]


def twenty(seeds) -> dict[str, np.ndarray]:
    """RMSE at k = 1, 4, 16, 64 by model, [seeds, 4], on the origins 604 .. 936."""
    found: dict[str, list] = {}
    for seed in seeds:
        x = sine(seed)
        models = {
            "MLP(4)": sa.MLP(4, seed=seed),
            "AR(4)": sa.AR(4),
            "AR(64)": sa.AR(64),
            "AR(128)": sa.AR(128),
            "AR(auto)": sa.AR("auto"),
            "SSA(2, 128)": sa.SSA(rank=2, window=128),
        }
        result = sa.evaluate(models, x, 64, train=604, steps=STEPS)
        assert (result["AR(4)"].origins[0], result["AR(4)"].origins[-1]) == (604, 936)
        for name, run in result.items():
            found.setdefault(name, []).append(run.rmse())
        noise = x - np.sin(0.01 * np.arange(1, 1001))
        oracle = [np.sqrt(np.mean(noise[604 + k - 1 : 936 + k] ** 2)) for k in STEPS]
        found.setdefault("oracle", []).append(oracle)
    return {name: np.array(rows) for name, rows in found.items()}


def check(found: dict[str, np.ndarray], slack: float) -> None:
    mean = {name: rows.mean(axis=0) for name, rows in found.items()}
    assert 0.22 - slack <= mean["MLP(4)"][0] <= 0.24 + slack
    assert 0.49 - slack <= mean["AR(4)"][3] <= 0.53 + slack
    assert 0.235 - slack <= mean["AR(64)"][3] <= 0.275 + slack
    assert 0.21 - slack <= mean["AR(128)"][3] <= 0.245 + slack
    assert mean["AR(auto)"][3] <= 0.30 + slack
    assert (mean["SSA(2, 128)"] <= (1.07 + slack) * mean["oracle"]).all()
    for name, rows in found.items():
        assert (rows.mean(axis=0) >= mean["oracle"] - 0.005 - slack).all(), f"{name} is under the noise: a leak"


def test_the_note_on_three_seeds():
    found = twenty(range(3))
    check(found, slack=0.02)
    assert found["MLP(4)"][:, 3].min() > 0.45


@pytest.mark.slow
def test_the_note_on_twenty_seeds():
    found = twenty(range(20))
    check(found, slack=0.0)
    assert 0.55 <= np.median(found["MLP(4)"][:, 3]) <= 0.80


def test_sunspots_ar9_by_least_squares():
    series = sa.read(path("sunspots_yearly.csv"), value="sunactivity", time="year")
    model = sa.AR(9).fit(series)
    newest_first = [
        1.16494220,
        -0.40535742,
        -0.16653934,
        0.14980629,
        -0.09462417,
        0.00491001,
        0.05046659,
        -0.08635349,
        0.25349103,
    ]
    np.testing.assert_allclose(model.coefficients_[::-1], newest_first, atol=1e-6)
    assert model.intercept_ == pytest.approx(6.74305359, abs=1e-6)
    assert model.variance_ == pytest.approx(221.225776, abs=1e-6)
    assert model.cycles_[0][1] == pytest.approx(10.8, abs=0.3), "the sunspot cycle"


@pytest.mark.parametrize(("lags", "chunk", "rmse"), [(2, 1, 52.75), (2, 10, 36.61), (9, 1, 36.71), (9, 10, 38.09)])
def test_sunspots_too_short_a_memory_and_direct_wins(lags, chunk, rmse):
    series = sa.read(path("sunspots_yearly.csv"), value="sunactivity", time="year")[: 1988 - 1700 + 1]
    train = 1920 - 1700 + 1
    result = sa.k_step(sa.AR(lags, chunk=chunk).fit(series[:train]), series, 10)
    assert result.train == (train,)
    assert result.rmse()[9] == pytest.approx(rmse, abs=0.1)


@pytest.mark.parametrize(("horizon", "mse"), [(96, 0.0531), (192, 0.0691), (336, 0.0810), (720, 0.0802)])
def test_etth1_as_nlinear_prints_it(horizon, mse):
    raw = sa.read(path("ETTh1.csv"), value="OT", time="date").values
    train, until = 8640, 8640 + 2880 + 2880
    x = (raw - raw[:train].mean()) / raw[:train].std()
    model = sa.AR(336, chunk=horizon, anchor="last", ridge=1e-5).fit(x[:train])
    result = sa.k_step(model, x[:until], horizon, origins=range(train + 2880, until - horizon + 1))
    assert float((result.rmse() ** 2).mean()) == pytest.approx(mse, abs=0.0005)


def test_lags_by_the_k_step_loss_beat_lags_by_bic():
    x = sine(3)
    chosen = sa.AR("auto").fit(x[:604]).lags_
    assert chosen in (48, 64, 96, 128)
    assert sa.AR("auto", horizon=1).fit(x[:604]).lags_ < chosen
    result = sa.evaluate([sa.AR("auto"), sa.AR(8)], x, 64, train=604, steps=[64])
    assert result["AR(auto)"].rmse()[0] < 0.8 * result["AR(8)"].rmse()[0]


def test_seattle_rain_is_a_chain_of_two_states():
    rain = np.genfromtxt(path("seattle_weather_daily.csv"), delimiter=",", skip_header=1, usecols=1) > 0
    series = sa.Series(np.where(rain, "wet", "dry").tolist(), name="rain")
    chain = sa.MarkovChain(order=1).fit(series)
    assert chain.states_ == ("dry", "wet")
    assert chain.counts_.tolist() == [[633, 204], [204, 419]]
    distributions = chain.predictive(chain.encode(series), 200).probabilities
    assert np.abs(distributions.sum(axis=-1) - 1.0).max() < 1e-12
    P = chain.transition_
    for k in (1, 2, 7, 64, 200):
        np.testing.assert_allclose(distributions[[0], k - 1], np.linalg.matrix_power(P, k)[[0]], atol=1e-13)
    result = sa.k_step(chain, series, 8, train=0)
    with pytest.raises(sa.errors.InputError, match="no distance") as caught:
        result.rmse()
    assert caught.value.code == "symbols"
    with pytest.raises(sa.errors.InputError):
        result.losses("squared")
    log, wrong = result.losses("log"), result.losses("zero-one")
    row, k = 100, 3
    origin = int(result.origins[row])
    place = int(series.values[origin + k - 1])
    distribution = np.linalg.matrix_power(P, k)[int(series.values[origin - 1])]
    assert log[row, k - 1] == pytest.approx(-np.log(distribution[place]))
    assert wrong[row, k - 1] == float(np.argmax(distribution) != place)

"""Choosing by the k-step loss, against literal loops."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import stepahead as sa
from stepahead.models.selection import MARGIN, choose, choose_batch, rolling_losses
from stepahead.protocols import Batch

from ..data import sine


def test_select_takes_the_lowest_loss_and_fits_on_everything():
    x = sine(3)[:604]
    chosen = sa.select({"short": sa.AR(4), "long": sa.AR(64), "naive": sa.baselines.Naive()}, x, horizon=64)
    assert chosen.lags == 64
    assert min(chosen.selection_, key=chosen.selection_.get) == "long"
    assert chosen.trained_lengths_.tolist() == [604]
    assert chosen.forecast(x, 3).tolist() == sa.AR(64).fit(x).forecast(x, 3).tolist()
    auto = sa.AR("auto").fit(x).lags_
    assert sa.select([sa.AR(lags) for lags in (1, 2, 4, 8, 16, 32, 48, 64, 96, 128)], x, 64).lags == auto


def test_select_does_not_prefer_one_rounding_to_another():
    x = np.sin(2 * np.pi * np.arange(300) / 25)
    assert sa.AR("auto", intercept=False).fit(x).lags_ == 2


class Counted(sa.baselines.Naive):
    """Naive, which counts its fits and those of its copies."""

    fits = 0

    def _fit(self, segments):
        Counted.fits += 1
        return super()._fit(segments)

    fit_batch = None


@pytest.mark.parametrize("models", [[Counted(), sa.AR(4)], [sa.AR(4), sa.AR(8), sa.AR(16)]])
def test_select_says_how_many_fits_it_takes_before_the_first(models):
    Counted.fits, told, known = 0, [], []

    def progress(what: str, done: int, of: int) -> None:
        told.append((what, done, of))
        known.append(Counted.fits)

    sa.select(models, sine(0)[:200], horizon=8, progress=progress)
    assert told[0] == ("fits", 0, 5 * len(models) + 1)
    assert told[-1] == ("fits", 5 * len(models) + 1, 5 * len(models) + 1)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    if isinstance(models[0], Counted):
        assert known[0] == 0
        assert Counted.fits in (5, 6)  # one more where it is chosen


X = np.cumsum(np.random.default_rng(0).normal(size=300))


def test_a_candidate_longer_than_the_series_drops_out_of_the_race():
    chosen = sa.select([sa.AR(4), sa.baselines.SeasonalNaive(400)], X, 8)
    assert chosen.name == "AR(4)"
    assert np.isinf(chosen.selection_["SeasonalNaive(400)"])


def test_the_choice_of_lags_does_not_know_the_unit():
    assert sa.AR("auto").fit(X * 2.0**900).lags_ == sa.AR("auto").fit(X).lags_


def test_a_choice_that_fails_gives_the_reason():
    with pytest.raises(sa.errors.InputError) as caught:
        sa.AR("auto").fit([1.0, 2.0])
    assert caught.value.code == "too-short"
    with pytest.raises(sa.errors.InputError, match="is seen only before the end") as caught:
        sa.select([sa.MarkovChain(), sa.MarkovChain(2)], np.arange(100.0), 4)
    assert caught.value.code == "no-way-out"
    assert len(str(caught.value)) <= 300


def test_choice_takes_the_simplest_within_the_margin():
    x = sa.Series(sine(1)[:604])
    candidates = [sa.AR(lags) for lags in (4, 16, 48, 64, 96)]
    losses = rolling_losses(candidates, (x,), 64)
    chosen, again = choose(candidates, (x,), 64)
    assert again == pytest.approx(losses, rel=1e-12)
    assert losses[chosen] <= min(losses) + MARGIN
    assert all(loss > min(losses) + MARGIN for loss in losses[:chosen])


def test_rolling_loss_is_its_literal_loop():
    x = sine(2, 200)
    total, count = np.zeros(8), np.zeros(8)
    for share in (0.5, 0.6, 2 / 3, 0.75, 0.85):
        cut = int(share * 200)
        model = sa.AR(3).fit(x[:cut])
        for origin in range(cut, 200):
            ahead = model.forecast(x, 8, origin=origin)
            for k in range(1, 9):
                if origin + k - 1 < 200:
                    total[k - 1] += (ahead[k - 1] - x[origin + k - 1]) ** 2
                    count[k - 1] += 1
    expected = np.mean([np.log(total[k - 1] / count[k - 1]) for k in (1, 2, 4, 8)])
    (found,) = rolling_losses([sa.AR(3)], (sa.Series(x),), 8)
    assert found == pytest.approx(expected - np.log(np.var(x)), rel=1e-9), "a panel is pooled in units of its spread"


@pytest.mark.parametrize("kind", ["waves", "walk", "noise", "high", "short"])
def test_a_choice_alone_is_that_of_the_loop_and_of_a_batch(kind):
    rng = np.random.default_rng(7)
    x = {
        "waves": np.sin(0.2 * np.arange(300)) + rng.normal(0.0, 0.3, (3, 300)),
        "walk": np.cumsum(rng.normal(size=(3, 300)), axis=1),
        "noise": rng.normal(size=(3, 150)),
        "high": 1e6 + np.cumsum(rng.normal(size=(3, 200)), axis=1),
        "short": rng.normal(size=(3, 40)),
    }[kind]
    candidates = [sa.AR(lags) for lags in (1, 4, 16, 64)]
    places, losses, sure = choose_batch(candidates, Batch(x, np.abs(x).max(axis=1), 1, np.array([1])), 16)
    assert sure.all()
    for row, values in enumerate(x):
        panel = (sa.Series(values),)
        expected = rolling_losses(candidates, panel, 16)
        np.testing.assert_allclose(losses[row], expected, rtol=1e-9)
        chosen, found = choose(candidates, panel, 16)
        np.testing.assert_allclose(found, expected, rtol=1e-9)
        least = min(expected)
        assert chosen == places[row] == next(i for i, loss in enumerate(expected) if loss <= least + MARGIN)


def test_a_candidate_of_another_kind_is_none_of_a_batch():
    x = np.cumsum(np.random.default_rng(1).normal(size=200))
    batch = Batch(x[None], np.abs(x[None]).max(axis=1), 1, np.array([1]))
    candidates = [sa.AR(2), sa.AR(2, method="burg")]
    assert not choose_batch(candidates, batch, 8)[2].any()
    assert choose(candidates, (sa.Series(x),), 8)[1] == rolling_losses(candidates, (sa.Series(x),), 8).tolist()


def test_auto_on_too_few_values_names_the_remedy():
    with pytest.raises(sa.errors.InputError):
        sa.AR("auto").fit([1.0, 2.0])
    assert sa.AR("auto").fit(sine(0, 40)).lags_ >= 1


def test_lags_by_the_k_step_loss_beat_lags_by_bic():
    x = sine(3)
    chosen = sa.AR("auto").fit(x[:604]).lags_
    assert chosen in (48, 64, 96, 128)
    assert sa.AR("auto", horizon=1).fit(x[:604]).lags_ < chosen
    result = sa.evaluate([sa.AR("auto"), sa.AR(8)], x, 64, train=604, steps=[64])
    assert result["AR(auto)"].rmse()[0] < 0.8 * result["AR(8)"].rmse()[0]


SLOWLY = sa.Training(epochs=50, learning_rate=1e-3)


def mackey_glass(seed: int) -> np.ndarray:
    return np.asarray(sa.datasets.mackey_glass(seed=seed).values)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_auto_leaves_a_chaotic_series_as_it_is(seed):
    model = sa.MLP(16, unroll=8, seed=seed, training=sa.Training(augment="auto", epochs=20, learning_rate=2e-3)).fit(
        mackey_glass(seed)[:604]
    )
    assert model.augment_ is None
    plain = model.clone().set_params(training=sa.Training(epochs=20, learning_rate=2e-3)).fit(mackey_glass(seed)[:604])
    assert model.weights1_.tobytes() == plain.weights1_.tobytes(), "trained again on all of it"


def test_auto_finds_that_a_wave_may_be_turned_over():
    wave = sa.MLP(64, training=dataclasses.replace(SLOWLY, augment="auto")).fit(sine(1)[:604])
    assert wave.augment_ in ("sign", "amplitude")
    assert sa.MLP(3, training=sa.Training(epochs=1, augment="sign")).fit(sine(0, 60)).augment_ == "sign"
    assert sa.MLP(3, training=sa.Training(epochs=1, augment="auto")).fit(sine(0, 4)).augment_ is None, (
        "too short to choose"
    )

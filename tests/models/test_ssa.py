"""Singular spectrum analysis: exact on waves, and no explosion without a word."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import stepahead as sa

from ..data import path, sine, stochastic


def test_directions_that_a_series_does_not_have_are_noted():
    wave = np.sin(2.0 * np.pi * np.arange(192) / 16.0)
    model = sa.SSA(rank=5, window=32).fit(wave)
    assert any("the windows span only 2 directions" in text for text in model.notes_)
    np.testing.assert_allclose(model.forecast(wave, 16), wave[:16], atol=1e-6)


STEPS = [1, 4, 16, 64]


def errors(make, values: np.ndarray) -> np.ndarray:
    return sa.k_step(make().fit(values[:604]), values, 64, steps=STEPS, origins=range(604, 937)).rmse()


@pytest.mark.slow
def test_ssa_alone_is_no_safe_default_and_its_docstring_says_so():
    x = stochastic("AR(2)", 0)
    assert errors(sa.SSA, x)[0] > 1.1 * errors(lambda: sa.AR(2), x)[0]
    assert "30 %" in sa.SSA.__doc__
    chosen = sa.select([sa.AR("auto"), sa.SSA(), sa.StateSpace(cycles=0)], x[:604], horizon=64)
    assert not isinstance(chosen, sa.SSA)


def growth(model: sa.SSA) -> float:
    return float(np.abs(np.roots(np.concatenate([[1.0], -model.recurrence_[::-1]]))).max(initial=0.0))


def test_ssa_does_not_explode_on_short_series_without_a_word():
    flow = sa.read(path("nile_yearly.csv"), value="volume", time="year").values
    noise = [np.random.default_rng(seed).normal(size=length) for seed in range(6) for length in (24, 30, 50)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.errors.StepaheadWarning)
        for x in (*noise, flow[:30]):
            model = sa.SSA().fit(x)
            assert growth(model) <= 1.01 or any("explode" in text for text in model.notes_)
    for x in noise:
        assert growth(sa.SSA().fit(x)) <= 1.05
    with pytest.warns(sa.errors.StepaheadWarning, match="grows by a factor of"):
        sa.SSA(2, 6).fit(np.random.default_rng(0).normal(size=16))
    with pytest.raises(sa.errors.InputError) as caught:
        sa.SSA().fit(np.random.default_rng(0).normal(size=16))
    assert (caught.value.code, caught.value.needed) == ("too-short", 24)


def test_ssa_keeps_a_series_that_really_grows():
    x = 1.05 ** np.arange(200)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.errors.StepaheadWarning)
        np.testing.assert_allclose(sa.SSA().fit(x).forecast(x, 3), x[-1] * 1.05 ** np.arange(1, 4), rtol=1e-6)


def test_ssa_forecasts_constants_exactly():
    for value in (0.0, 7.5, 1e300):
        x = np.full(60, value)
        for model in (sa.SSA(), sa.SSA(2), sa.SSA(window=20)):
            assert model.fit(x).forecast(x, 5).tolist() == [value] * 5


def test_ssa_follows_two_waves_exactly():
    t = np.arange(360)
    x = 2.0 + np.sin(2 * np.pi * t / 20) + 0.5 * np.cos(2 * np.pi * t / 9)
    model = sa.SSA(rank=4, window=60).fit(x[:180])
    np.testing.assert_allclose(model.forecast(x, 100, origin=180), x[180:280], atol=1e-6)
    np.testing.assert_allclose(model.directions_.T @ model.directions_, np.eye(4), atol=1e-12)


def test_ssa_directions_are_those_of_the_singular_vectors():
    x = sine(0)[:300]
    model = sa.SSA(rank=2, window=50).fit(x)
    hankel = np.lib.stride_tricks.sliding_window_view(x - x.mean(), 50).T
    U = np.linalg.svd(hankel, full_matrices=False)[0][:, :2]
    np.testing.assert_allclose(model.directions_ @ model.directions_.T, U @ U.T, atol=1e-8)

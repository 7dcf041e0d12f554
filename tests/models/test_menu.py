"""The models that the command line knows by a word."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import stepahead as sa
from stepahead.models import menu
from stepahead.models.ar import AR
from stepahead.models.menu import LONGEST_NET, MENU, SEASONAL, build, default_words, word_of
from stepahead.seasons import resolve

from ..data import sine

TRAINING = [sa.Series(sine(0, 200))]


def test_every_word_builds_one_model_of_its_own():
    for word in MENU:
        ((name, model),) = build([word], 5, 7, [] if word == "regressed" else TRAINING).items()
        assert name == ("AR direct(5)" if word == "direct" else model.name)


def test_lags_and_the_horizon_reach_the_models_that_read_them():
    models = list(build(["ar", "direct", "mlp", "gru"], 5, 7, TRAINING).values())
    assert [models[0].lags, models[1].lags, models[2].model.lags] == [5, 5, 5]
    assert (models[1].chunk, models[3].unroll) == (7, 7)
    assert next(iter(build(["gru"], 5, 100, TRAINING).values())).unroll == 16


def test_auto_is_the_choice_of_an_autoregression_for_a_net_at_most_16():
    chosen = sa.AR("auto", horizon=7).fit(TRAINING[0]).lags_
    models = build(["ar", "direct", "mlp"], "auto", 7, TRAINING)
    ar, direct, net = models.values()
    assert (ar.lags, direct.lags, net.model.lags) == ("auto", chosen, min(chosen, LONGEST_NET))
    assert f"AR direct({chosen})" in models


@pytest.mark.parametrize("words", [["arr"], ["ar", "naive", "ar"], [""]])
def test_words_that_are_none_or_twice_are_refused(words):
    with pytest.raises(sa.errors.ParameterError) as caught:
        build(words, 3, 4, TRAINING)
    assert caught.value.name == "models"


def test_the_words_of_baselines_lead_back_to_them():
    t = sa.Series([float(value % 7) + 0.01 * (value % 3) for value in range(200)])
    for word in ("mean", "naive", "ses", "line", "drift", *SEASONAL):
        ((_, model),) = build([word], "auto", 7, [t]).items()
        assert word_of(model) == word
        assert word not in SEASONAL or model.season == 7
    assert word_of(sa.AR(2)) is None
    assert next(iter(build(["phases"], "auto", 7, [t], season=5).values())).season == 5
    with pytest.raises(sa.errors.ParameterError, match="no season of"):
        build(["phases"], "auto", 7, [sa.Series(sine(0, 90))])


def test_the_season_is_found_once_and_is_that_of_every_choice_of_lags(monkeypatch):
    part, asked = sa.Series(np.tile(np.arange(20.0), 20) + np.random.default_rng(0).normal(size=400)), []
    monkeypatch.setattr(menu, "resolve", lambda season, training: asked.append(season) or resolve(season, training))
    monkeypatch.setattr(AR, "_choose", lambda model, panel: model.season or 1)
    assert list(build("direct,phases,harmonic", "auto", 8, [part])) == ["AR direct(20)", "Phases(20)", "Harmonic(20)"]
    assert asked == ["auto"]
    assert list(build("direct", "auto", 8, [part], season=None)) == ["AR direct(1)"]


ALL = "promo, weekend, warmth"


def beside() -> sa.Series:
    """A series with all kinds of columns."""
    t = np.arange(120)
    days = np.datetime64("2024-01-01") + t
    known = {"promo": np.arange(130) % 5 == 0}
    return sa.Series(sine(0, 120), days, known=known, past={"warmth": np.cos(t)}, calendar="weekend")


def test_a_model_that_takes_columns_stands_beside_itself_without_them():
    models = build("ar,direct,ssa,mean", 5, 7, [beside()])
    direct = f"AR direct(5) with {ALL}"
    assert list(models) == [direct, "AR(5)", "AR direct(5)", "Regressed(SSA(auto)) with promo, weekend",
                            "SSA(auto)", "Mean"]  # fmt: skip
    assert (models[direct].using, models[direct].chunk) == (("promo", "weekend", "warmth"), 7)
    assert models["Regressed(SSA(auto)) with promo, weekend"].on == ("promo", "weekend")
    assert (models["AR(5)"].using, models["AR(5)"].chunk) == ((), 1)


def test_columns_known_ahead_alone_leave_an_autoregression_recursive():
    series = sa.Series(sine(0, 120), known={"promo": np.arange(130) % 5 == 0})
    models = build("ar,direct", 5, 7, [series])
    assert [(name, model.chunk) for name, model in models.items()] == [
        ("AR(5) with promo", 1), ("AR(5)", 1), ("AR direct(5) with promo", 7), ("AR direct(5)", 7)
    ]  # fmt: skip


def test_regressed_is_a_default_where_columns_are_known_ahead():
    assert default_words([beside()]) == ("auto", "ar", "regressed", "ssa")
    assert list(build(None, 5, 7, [beside()])) == [
        "Auto", f"AR direct(5) with {ALL}", "AR(5)", "Regressed(AR(5)) with promo, weekend", "SSA(auto)"
    ]  # fmt: skip
    past = sa.Series(sine(0, 120), past={"warmth": np.arange(120) % 7})
    assert list(build(None, 5, 7, [past])) == ["Auto", "AR direct(5) with warmth", "AR(5)", "SSA(auto)"]
    with pytest.raises(sa.errors.ParameterError, match="no column is known ahead"):
        build("regressed", 5, 7, [past])


def test_a_measured_column_taken_as_known_says_so_in_the_name():
    models = build("regressed", 5, 7, [beside().foreseen("warmth")])
    assert list(models) == ["Regressed(AR(5)) with promo, weekend, warmth AS IF FORESEEN"]


@pytest.mark.parametrize(("words", "idle"), [("mean", ALL), ("ssa", "warmth"), ("ar", None), ("ssa,direct", None)])
def test_columns_that_no_model_takes_are_noted(words, idle):
    series = beside()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        build(words, 5, 7, [series])
    told = [] if idle is None else [f"{idle}: not used, since no model named takes such a column; ar does"]
    assert [str(one.message) for one in caught] == told


def test_what_is_compared_where_no_word_is_typed():
    assert default_words(TRAINING) == ("auto", "ar", "ssa")
    assert default_words([sa.Series([0.0] * 12_000)] * 2) == ("auto", "ar"), (
        "ssa takes long for more than 20,000 values"
    )
    assert default_words([sa.Series([0.0] * 23)]) == ("auto", "ar"), "too few for ssa to choose"
    assert default_words([sa.Series(["a", "b"])]) == ("markov",)

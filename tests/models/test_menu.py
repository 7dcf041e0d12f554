"""The models that the command line knows by a word."""

from __future__ import annotations

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
        ((name, model),) = build([word], 5, 7, TRAINING).items()
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


def test_what_is_compared_where_no_word_is_typed():
    assert default_words(TRAINING) == ("auto", "ar", "ssa")
    assert default_words([sa.Series([0.0] * 12_000)] * 2) == ("auto", "ar"), (
        "ssa takes long for more than 20,000 values"
    )
    assert default_words([sa.Series([0.0] * 23)]) == ("auto", "ar"), "too few for ssa to choose"
    assert default_words([sa.Series(["a", "b"])]) == ("markov",)

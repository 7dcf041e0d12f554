"""What the figure of an answer shows, against the comparison that it is of."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation.judgement import CLEAR
from stepahead.report.picture import WORDS, Picture

NAMES = ("AR(4)", "AR(32)", "short", "long", "mean of two")


@pytest.fixture(scope="module")
def waves():
    models = dict(zip(NAMES, map(sa.AR, (4, 32, 2, 16, 8)), strict=True))
    return sa.evaluate(models, sa.datasets.noisy_sine(seed=0), 16, train=604)


def test_of_many_models_the_first_three_are_drawn_or_those_that_are_named(waves):
    assert len(Picture(waves, "en").models) == 3
    assert Picture(waves, "en").models[0] == waves.answer.model
    named = Picture(waves, "en", ["short", "long"])
    assert set(named.models) == {"short", "long"}
    for name, line in named.lines.items():
        np.testing.assert_array_equal(line, waves[name].rmse())


def test_the_strip_has_every_step_once_and_the_row_to_use_there(waves):
    picture = Picture(waves, "en")
    told = [(part, place) for part in picture.strip() for place in range(part.first, part.last + 1)]
    assert [place for _, place in told] == list(range(len(waves.steps)))
    for part, place in told:
        name = waves.answer.use[place]
        assert part.is_model == (name in NAMES)
        assert part.name == (name if part.is_model else picture.baseline(name))
        assert part.is_clear == (part.is_model and bool(waves.answer.shown[name][place]))


def test_the_thick_line_is_where_the_gain_is_clear(waves):
    picture = Picture(waves, "en")
    np.testing.assert_array_equal(picture.clear(), waves.answer.shown[waves.answer.model])
    for name in NAMES:
        np.testing.assert_array_equal(picture.state(name) == CLEAR, waves.answer.shown[name])


def test_one_result_has_the_least_error_of_its_baselines_and_no_answer(waves):
    picture = Picture(waves["AR(4)"], "en")
    assert picture.answer is None
    assert (picture.strip(), picture.below(), picture.clear().any()) == ([], "", False)
    assert "AR(4)" in picture.headline()
    np.testing.assert_array_equal(picture.area, np.min([waves[n].rmse() for n in waves.baselines], axis=0))
    for first, last, name in picture.best():
        for place in range(first, last + 1):
            least = min(waves.baselines, key=lambda n, place=place: waves[n].rmse()[place])
            assert picture.baseline(least) == name


def test_training_origins_have_no_answer(waves):
    picture = Picture(waves.training, "zh")
    assert picture.answer is None
    assert (picture.headline(), picture.strip(), picture.below()) == (WORDS["zh"]["title"], [], "")


def test_both_languages_say_the_same_things(waves):
    assert WORDS["en"].keys() == WORDS["zh"].keys()
    english, chinese = (Picture(waves, language) for language in ("en", "zh"))
    assert english.headline() == waves.answer.told("en").headline
    assert chinese.headline() == waves.answer.told("zh").headline
    assert len(english.texts()) == len(chinese.texts())
    assert "3" in english.step_axis()
    assert "3" in chinese.step_axis()

"""The words of answers: the same in both languages, and plain names for baselines."""

from __future__ import annotations

import re

import pytest

from stepahead.errors import ParameterError
from stepahead.evaluation import answer_words
from stepahead.evaluation.answer_words import LANGUAGES, Units, plain, words_of


def test_both_languages_have_the_same_keys_and_marks():
    english, chinese = LANGUAGES["en"], LANGUAGES["zh"]
    assert english.keys() == chinese.keys()
    marks = {
        key: [set(re.findall(r"\{(\w+)", table[key])) - {"unit", "units", "value"} for table in (english, chinese)]
        for key in english
    }
    assert {key: both for key, both in marks.items() if both[0] != both[1]} == {}
    assert all(len(both) == 2 for both in answer_words._PLAIN.values())


@pytest.mark.parametrize(
    ("name", "time", "expected"),
    [
        ("SeasonalNaive(7)", "D", "same day last week"),
        ("SeasonalNaive(11)", "Y", "value one season ago"),
        ("Phases(24)", "h", "same-hour average"),
        ("LinePhases(12)", "M", "straight line plus average by phase"),
        ("Their model (2)", "D", "Their model (2)"),
    ],
)
def test_baselines_have_plain_names(name, time, expected):
    assert plain(name, Units(time=time), "en") == expected


def test_every_baseline_of_a_table_has_a_plain_name():
    import stepahead as sa

    months = sa.Series([float(t % 12) + 0.1 * (t * 7 % 5) for t in range(240)])
    for season in (None, 12, 100):
        result = sa.evaluate(sa.AR(2), months, 4, season=season)
        for name in result.baselines:
            for language in LANGUAGES:
                assert plain(name, Units(), language) != name
                assert len(plain(name, Units(), language, article=True)) >= len(plain(name, Units(), language))


def test_a_language_that_is_not_there_is_refused():
    with pytest.raises(ParameterError, match="language"):
        words_of("de")

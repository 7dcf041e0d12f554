"""What a terminal shows: it fits, it agrees with the answer, and it is legible without blocks and without bold."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation.judgement import CLEAR, CLOSE, NO_GAIN
from stepahead.report.terminal import BAR, BLOCKS, BOLD, LETTERS, LONG_BAR, PLAIN, Style, bar_places, terminal

from ..data import sine

LONG = (
    "按过去九十六个小时与上一周同一时刻的用电量逐步外推并且每天零点重"
    "新拟合一次同时剔除节假日与检修停机影响的线性自回归预测模型甲乙丙丁"
)
"""Sixty Chinese letters."""
WIDTHS = (60, 80, 120)


def width(text: str) -> int:
    """Cells by the width that Unicode gives each letter."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in ("W", "F") else 1
        for letter in text
    )


@pytest.fixture(scope="module")
def twelve():
    models = {LONG: sa.AR(64)} | {f"AR({lags})": sa.AR(lags) for lags in range(2, 13)}
    assert len(models) == 12
    series = sa.Series(1e5 * sine(0), name=LONG * 2, unit="10⁸ m³")
    return sa.evaluate(models, series, 64, train=604)


@pytest.fixture(scope="module")
def trusted():
    return sa.evaluate({"short": sa.AR(4), "long": sa.AR(64)}, sine(0), 64, train=604)


@pytest.fixture(scope="module")
def panel():
    return sa.evaluate({"short": sa.AR(4), "long": sa.AR(32)}, [sine(0, 300), sine(1, 400)], 8)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("columns", WIDTHS)
def test_every_line_fits(twelve, trusted, panel, language, columns):
    assert len(LONG) >= 60
    for result in (twelve, trusted, panel):
        for blocks in (True, False):
            lines = terminal(result, language, Style(columns, blocks)).splitlines()
            assert max(map(width, lines)) <= columns
            assert len(lines) > 10
            assert not any(line != line.rstrip() for line in lines)


@pytest.mark.parametrize(("columns", "used"), [(20, 60), (500, 120)])
def test_a_terminal_is_taken_as_60_to_120_columns_wide(twelve, columns, used):
    assert terminal(twelve, "en", Style(columns)) == terminal(twelve, "en", Style(used))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_line_begins_with_what_ends_a_phrase(twelve, language):
    for columns in WIDTHS:
        for line in terminal(twelve, language, Style(columns)).splitlines():
            assert not line.lstrip().startswith(tuple("，。；：、）"))
            assert not line.endswith("（")


def test_sentences_are_those_of_the_answer(trusted):
    for language in ("en", "zh"):
        text = "".join(terminal(trusted, language, Style(120)).split())
        told = trusted.answer.told(language)
        for sentence in (told.headline, told.second, told.third, *(part for fact in told.facts for part in fact)):
            assert "".join(sentence.split()) in text
    assert terminal(trusted).splitlines()[2:4] == ["", "  " + trusted.answer.headline]


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize(("blocks", "signs"), [(True, BLOCKS), (False, LETTERS)])
def test_each_cell_of_a_bar_is_the_state_of_its_steps(trusted, columns, blocks, signs):
    answer = trusted.answer.judgement
    sign = {CLEAR: signs[0], CLOSE: signs[1], NO_GAIN: signs[2]}
    lines = terminal(trusted, "en", Style(columns, blocks)).splitlines()
    long = LONG_BAR if columns >= 100 else BAR
    (axis,) = [place for place, line in enumerate(lines) if line.split()[:2] == ["1", "2"]]
    for line, model in zip(lines[axis + 1 :], answer.order, strict=False):
        name, bar, *_ = line.split()
        assert name == answer.models[model]
        assert len(bar) == long
        for cell, here in zip(bar, bar_places(answer.steps, long), strict=True):
            best = max(answer.state[model, here].tolist())  # of several steps the best is drawn
            assert cell == sign[best]


@pytest.mark.parametrize("last", [1, 2, 3, 7, 64, 400])
@pytest.mark.parametrize("long", [8, BAR, LONG_BAR])
def test_the_cells_of_a_bar_have_all_steps_in_order(last, long):
    steps = np.arange(1, last + 1)
    places = bar_places(steps, long)
    assert len(places) == long
    assert all(here.stop > here.start for here in places), "no cell is of no step"
    assert [here.start for here in places] == sorted(here.start for here in places)
    assert {at for here in places for at in range(here.start, here.stop)} == set(range(last))


def test_use_and_marks_are_those_of_the_answer(trusted):
    lines = terminal(trusted, "en", Style(120)).splitlines()
    used = trusted.answer.use
    (text,) = [line.strip() for line in lines if line.strip().startswith("Use:")]
    told: dict[int, str] = {}
    plain = {"Mean": "mean", "Naive": "last value", "SES": "recent average"}
    for part in text.removeprefix("Use: ").replace(", too close to call", "").split(" | "):
        name, *_ = re.split(r" \d", part)
        ends = [int(word) for word in part[len(name) :].split() if word.isdigit()]
        told |= dict.fromkeys(range(ends[0], ends[-1] + 1), name.strip())
    assert told == {k: plain.get(name, name) for k, name in enumerate(used, start=1)}
    (head,) = [place for place, line in enumerate(lines) if line.strip().startswith("RMSE") and "k=1" in line]
    for at, k in enumerate((1, 4, 16, 64)):
        starred = []
        for line in lines[head + 1 : head + 2 + len(trusted)]:
            cells = [part for part in line.split("  ") if part.strip()]
            if len(cells) > 4 and cells[1 + at].strip().endswith("*"):
                starred.append(cells[0].strip())
        assert starred == [told[k]]


def test_errors_are_those_of_the_table(trusted):
    lines = terminal(trusted, "en", Style(120)).splitlines()
    for name in ("short", "long"):
        (row,) = [line for line in lines if line.split()[:1] == [name] and "." in line.split()[1]]
        values = [float(part.rstrip("*")) for part in row.split()[1:5]]
        np.testing.assert_allclose(values, trusted[name].rmse()[[0, 3, 15, 63]], atol=5.1e-4)


def test_bold_only_when_asked(trusted):
    plain, bold = (terminal(trusted, "en", Style(80, bold=bold)) for bold in (False, True))
    assert "\033" not in plain
    assert bold.replace(BOLD, "").replace(PLAIN, "") == plain
    strong = [line for line in bold.splitlines() if BOLD in line]
    assert all(line.count(BOLD) == line.count(PLAIN) == 1 for line in strong)
    assert any(trusted.answer.headline in line for line in strong)
    assert any("Use:" in line for line in strong)
    assert sum(trusted.answer.model in line for line in strong) >= 3, "its bar and its row too"


def test_without_blocks_all_of_it_is_ascii(trusted):
    assert terminal(trusted, "en", Style(80, blocks=False)).isascii()


def test_training_origins_and_scores_have_a_table_and_no_answer():
    text = terminal(sa.evaluate(sa.AR(4), sine(0), 8, train=604).training)
    assert "inside the training part" in " ".join(text.split())
    assert "k=8" in text
    assert "Use:" not in text
    scores = sa.evaluate(sa.AR(4), [sine(0, 200), sine(1, 200)], 4, keep="scores")
    for language, word in (("en", "errors alone were kept"), ("zh", "只保留了误差")):
        found = terminal(scores, language)
        assert word in "".join(found.split("\n"))
        assert "AR(4)" in found
        assert max(map(width, found.splitlines())) <= 80
        assert "█" not in found


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_two_rows_look_alike_and_none_hides_what_is_foreseen(width, language):
    series = sa.datasets.shop(400, seed=0).foreseen("warmth")
    models = [sa.Regressed(sa.Scaled(sa.AR(lags)), on="known") for lags in (2, 3)]
    models += [sa.AR(7, using=["promo", other, "warmth"]) for other in ("holiday", "weekday")]
    result = sa.evaluate([*models, sa.AR(7)], series, 6)
    lines = terminal(result, language, Style(width)).splitlines()
    start = next(place for place, line in enumerate(lines) if "k=1" in line)
    rows = [re.split(r"  +", line.strip())[0] for line in lines[start + 1 :]]
    models = rows[: len(models) + 1]
    assert len(set(models)) == len(models)
    assert sum("AS IF" in name for name in models) == 4
    bars = [line for line in lines[:start] if any(sign in line for sign in BLOCKS) and line.strip()[0] not in BLOCKS]
    assert [name for name in models if any(line.strip().startswith(name + "  ") for line in bars)] == models

"""The still first chart: its parts are the states and rows of the answer, its places those of an axis of logarithms."""

from __future__ import annotations

import dataclasses
import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation.answer_words import plain
from stepahead.evaluation.judgement import CLEAR
from stepahead.report import first_chart
from stepahead.report.first_chart import (
    Part,
    axis_steps,
    bar_parts,
    best_errors,
    edges,
    span,
    still,
    strip_groups,
    use_parts,
)

from ..data import sine

NASTY = '<script>alert(1)</script>"&'


@pytest.fixture(scope="module")
def result():
    return sa.evaluate({NASTY: sa.AR(4), "long": sa.AR(64)}, sine(0), 64, train=604)


@pytest.fixture(scope="module")
def judged(result):
    return result.answer.judgement


def drawn(result, language="en", floor=None):
    answer = result.answer
    text = still(answer.judgement, answer.units, result.by_step(), language, floor)
    return ET.fromstring(text)  # noqa: S314  # ours


def test_parts_are_the_rows_to_use_and_their_states(judged):
    told = [None] * len(judged.steps)
    for part in use_parts(judged):
        for place in range(part.first, part.last + 1):
            told[place] = (part.row, part.state)
    expected = [
        (row, int(judged.state[row, place]) if row < len(judged.models) else CLEAR)
        for place, row in enumerate(judged.use.tolist())
    ]
    assert told == expected
    for model in range(len(judged.models)):
        states = [part.state for part in bar_parts(judged, model) for _ in range(part.first, part.last + 1)]
        assert states == judged.state[model].tolist()


def test_a_part_ends_half_way_to_its_neighbours():
    steps = np.array([1, 2, 4, 9])
    assert edges(Part(0, 3, 0, CLEAR), steps) == (None, None)
    assert edges(Part(1, 2, 0, CLEAR), steps) == (pytest.approx(math.sqrt(2)), pytest.approx(6.0))
    assert edges(Part(0, 0, 0, CLEAR), steps)[0] is None
    assert edges(Part(3, 3, 0, CLEAR), steps) == (pytest.approx(6.0), None)


def test_the_grey_area_begins_at_the_best_baseline_of_each_step(judged, result):
    errors = result.by_step()
    found = best_errors(judged, errors)
    for k in range(64):
        assert found[k] == errors[judged.baselines[judged.best[k]]][k]
    least = np.min([errors[name] for name in judged.baselines], axis=0)
    assert (found <= 1.01 * least).all(), "a change of the best is not followed from one step to the next"


@pytest.mark.parametrize(
    ("best", "models", "expected"),
    [
        ([2.0, 4.0], [[1.0, 3.0]], (0.0, 4.48)),  # 1.12 times 4; the floor would be below 0
        ([2.0, 4.0], [[3.9, 4.2]], (2.0 - 0.45 * 2.48, 4.48)),
        ([2.0, 4.0], [[2.0, 100.0]], (2.0 - 0.45 * 3.4, 5.4)),  # cut at 1.35 times 4
        ([0.0, 0.0], [[0.0, 0.0]], (0.0, 1.0)),
        ([0.0, 0.0], [[0.0, 2.0]], (0.0, 2.2)),
        ([np.inf, 4.0], [[3.9, np.nan]], (3.9 - 0.45 * 0.58, 4.48)),
    ],
)
def test_the_chart_reaches_from_below_the_least_error_to_above_the_best_baseline(best, models, expected):
    assert span(np.array(best), [np.array(model) for model in models]) == pytest.approx(expected)


def test_powers_of_two_are_labelled_and_the_last_step():
    assert axis_steps(np.arange(1, 33)) == [1, 2, 4, 8, 16, 32]
    assert axis_steps(np.arange(1, 31)) == [1, 2, 4, 8, 16, 30]
    assert axis_steps(np.array([5])) == [5]
    assert axis_steps(np.arange(4, 20)) == [4, 8, 19]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_is_a_drawing_whose_names_are_inert(result, language):
    found = drawn(result, language, floor=np.full(64, 0.2))
    kinds = {element.tag for element in found.iter()}
    assert kinds <= {"svg", "path", "rect", "text"}
    assert found.get("aria-label") == result.answer.told(language).headline
    texts = ["".join(element.itertext()) for element in found.iter("text")]
    assert {"en": "Use", "zh": "用哪个"}[language] in texts
    assert {"en": "clear gain", "zh": "优势明确"}[language] in texts
    assert any(text.startswith("<scr") for text in texts), "the name stands there as text"
    assert [path.get("class") for path in found.iter("path")].count("floor") == 1


def test_all_of_it_lies_inside_the_picture(result):
    found = drawn(result)
    _, _, width, height = map(float, found.get("viewBox").split())
    for rect in found.iter("rect"):
        assert float(rect.get("x")) >= 0.0
        assert float(rect.get("x")) + float(rect.get("width")) <= width
        assert float(rect.get("y")) + float(rect.get("height")) <= height
    for path in found.iter("path"):
        for x, y in re.findall(r"[ML](-?[\d.]+),(-?[\d.]+)", path.get("d")):
            assert 0.0 <= float(x) <= width
            assert 0.0 <= float(y) <= height


def test_a_line_is_drawn_at_its_errors_and_cut_above_the_chart(judged, result):
    drawing = first_chart.Drawing(judged, result.answer.units, result.by_step(), "en")
    drawing.low, drawing.high = 0.0, 2.0
    steps, values = judged.steps.astype(float), np.ones(64)
    values[10] = 3.0
    text = drawing.path(values)
    assert text.count("M") == 2, "it begins again behind the cut"
    points = [tuple(map(float, point)) for point in re.findall(r"([\d.]+),([\d.]+)", text)]
    assert len(points) == 63
    left, right = points[0][0], points[-1][0]
    expected = left + np.log2(np.delete(steps, 10)) / 6.0 * (right - left)
    np.testing.assert_allclose([x for x, _ in points], expected, atol=0.11)
    middle = (drawing.y(0.0) + drawing.y(2.0)) / 2.0
    assert all(y == pytest.approx(middle, abs=0.06) for _, y in points)


def test_three_narrow_parts_in_a_row_are_one_and_two_are_not():
    parts = [Part(k, k, k % 2, CLEAR) for k in range(6)]
    for narrow, sizes in (
        (set(), [1] * 6),
        ({1, 2}, [1] * 6),
        ({1, 2, 3}, [1, 3, 1, 1]),
        ({0, 1, 2, 4, 5}, [3, 1, 1, 1]),
    ):
        groups = strip_groups(parts, lambda part, narrow=narrow: part.first in narrow)
        assert [part for group in groups for part in group] == parts
        assert [len(group) for group in groups] == sizes


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_strip_that_changes_at_every_step_says_so(judged, result, language):
    flips = dataclasses.replace(judged)
    flips.__dict__["use"] = np.where(np.arange(64) < 40, 0, np.arange(64) % 2 + len(judged.models))
    text = still(flips, result.answer.units, result.by_step(), language)
    assert {"en": ">changes<", "zh": ">逐步不同<"}[language] in text


def test_what_is_too_close_to_call_is_hatched_in_strip_bars_and_key_alike(result):
    found = drawn(result)
    of = [element.get("class").split()[0] for element in found.iter() if element.get("class")]
    assert of.count("hatch") == of.count("open") > 1


def test_dashed_lines_and_the_noise_lie_on_the_thick_line(result):
    found = [path for path in drawn(result, floor=np.full(64, 0.2)).iter("path") if "M0," not in path.get("d")]
    thick = max(place for place, path in enumerate(found) if path.get("stroke-width") == "5")
    dashed = [place for place, path in enumerate(found) if path.get("stroke-width") == "1.7"]
    noise = [place for place, path in enumerate(found) if path.get("class") == "floor"]
    assert thick < min(dashed) <= max(dashed) < noise[0]


def test_the_plain_name_of_a_baseline_is_never_cut_in_its_middle(judged, result):
    drawing = first_chart.Drawing(judged, result.answer.units, result.by_step(), "en")
    for place, name in enumerate(judged.baselines):
        assert drawing.label(len(judged.models) + place) == plain(name, result.answer.units, "en")


def test_parts_of_the_strip_have_the_places_of_their_edges(judged, result):
    found = drawn(result)
    strip = [rect for rect in found.iter("rect") if rect.get("height") == "24"]
    parts = use_parts(judged)
    assert len(strip) == len(parts)
    classes = [rect.get("class").split()[0] for rect in strip]
    assert classes == ["full" if part.state == CLEAR else "open" for part in parts]
    for before, after in pairwise(strip):
        end = float(before.get("x")) + float(before.get("width"))
        assert end == pytest.approx(float(after.get("x")) - 2.0, abs=0.21), "a gap of two between neighbours"


def test_a_single_step_stands_in_the_middle():
    result = sa.evaluate(sa.AR(4), sine(0), 64, train=604, steps=[64])
    drawing = first_chart.Drawing(result.answer.judgement, result.answer.units, result.by_step(), "en")
    assert drawing.x(64.0) == (drawing.left + drawing.right) / 2

"""Many series: every verdict of one series, and what stands at the head of all."""

from __future__ import annotations

import re

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation.answer_text import verdict_text
from stepahead.evaluation.answers import by_series
from stepahead.report.page import panel
from stepahead.report.page.wording import WORDING

from ...pages import Page, data_of, page_of, panel_of, read


@pytest.mark.parametrize("language", WORDING)
def test_every_series_has_a_verdict_of_its_own(language):
    result = panel_of()
    text = page_of(result, language)
    found, data, words = Page(text), data_of(text), WORDING[language]
    judged = dict(by_series(dict(result), result.answer))
    head = result.answer.judgement.head
    rows = {row[0]: row for row in found.tables[0][1:]}
    assert set(rows) == {f"shop {i}" for i in range(9)}
    baselines = [name for name in result if name not in result.answer.verdicts]
    for index, one in judged.items():
        _, _, verdict, _, saved, own, best = rows[f"shop {index}"]
        mine = result[result.answer.model]
        at = mine.part == index
        errors = [
            float(np.sqrt(np.mean((result[m].predictions[at, 0] - result[m].actuals[at, 0]) ** 2)))
            for m in (result.answer.model, *baselines)
        ]
        assert read(own) == pytest.approx(errors[0], rel=0.01)
        assert read(best.split(" ")[0]) == pytest.approx(min(errors[1:]), rel=0.01)
        wanted = 1 - (errors[0] / min(errors[1:])) ** 2
        assert saved.startswith(("below", "低于")) if wanted < -9.99 else abs(read(saved[:-1]) / 100 - wanted) <= 0.012
        assert verdict.startswith(verdict_text(one, head, language, result.answer.units)[0])
    trusted = [one.range_of(head) for one in judged.values()]
    counts = [sum(bool(ends) and ends[0] == 0 and ends[1] >= k for ends in trusted) for k in range(6)]
    assert data["panel"]["counts"][0] == counts
    assert found.title == found.texts["h1"]
    assert f" {counts[0]} " in found.title
    assert f" {len(judged)} " in f" {found.title}"
    three = re.findall(r"<dd>(\d+)</dd>", re.search(r'<dl class="counts">.*?</dl>', text)[0])
    assert sum(map(int, three)) == 9
    assert int(three[0]) == sum(bool(ends) for ends in trusted) > 0
    assert result.answer.told(language).headline in text
    assert words["by_itself"] in text
    assert [row[7].count(" ") for row in data["panel"]["rows"]] == [0] * 9


def test_a_report_of_a_panel_gives_back_what_stands_at_its_head(tmp_path):
    result = panel_of(4)
    said = result.report(tmp_path / "r.html")
    assert Page((tmp_path / "r.html").read_text(encoding="utf-8")).title == said
    assert re.fullmatch(r"[ab] can be trusted 1 day ahead in \d of 4 series\.", said)


def noise_alone():
    days = np.datetime64("2024-01-01") + np.arange(120)
    rng = np.random.default_rng(3)
    panel = [sa.Series(rng.normal(size=120), times=days, name=f"shop {i}") for i in range(3)]
    return sa.evaluate({"a": sa.AR(2), "b": sa.AR(1)}, panel, 6)


@pytest.mark.parametrize(("language", "head", "instead"), [
    ("en", r"None of the 3 series shows that [ab] can be trusted from the first step on\.",
     "The safe choice: the best simple baseline of each series, named in the table."),
    ("zh", r"3 条序列中，没有一条显示 [ab] 从第一步起可信。", "稳妥的选择：每条序列各自最好的简单基线，见表。"),
])  # fmt: skip
def test_where_none_is_trusted_the_count_comes_first_and_the_page_says_what_to_use(language, head, instead):
    text = page_of(noise_alone(), language)
    assert re.fullmatch(head, Page(text).title)
    assert f'<p class="second">{instead}</p>' in text
    assert WORDING[language]["panel_empty"] in text, "a chart of zeros would look broken"
    assert 'id="staircase"' not in text


def test_where_some_or_all_are_trusted_it_says_what_to_use_in_the_others(monkeypatch):
    result = panel_of(4)
    text = page_of(result)
    assert WORDING["en"]["panel_instead"] in text
    assert 'id="staircase"' in text
    monkeypatch.setattr(panel.Every, "counts", lambda found, model: [len(found.judged)] * 6)
    assert re.fullmatch(r"In all 4 series [ab] can be trusted 1 day ahead\.", Page(page_of(result)).title)
    assert WORDING["en"]["panel_instead"] not in page_of(result)


@pytest.mark.parametrize("language", WORDING)
def test_the_bar_of_a_panel_names_no_error_without_a_unit(language):
    words = data_of(page_of(panel_of(4), language))["words"]
    assert words["read_first"] == WORDING[language]["read_first_many"]
    assert "{error}" not in words["read_first"]

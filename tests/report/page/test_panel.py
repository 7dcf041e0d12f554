"""Many series: every verdict of one series, and what stands at the head of all."""

from __future__ import annotations

import re

import numpy as np
import pytest

from stepahead.evaluation.answer_text import verdict_text
from stepahead.evaluation.answers import by_series
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
    assert re.fullmatch(r"[ab] (can be trusted 1 day ahead in \d|is trusted .* in none) of 4 series\.", said)

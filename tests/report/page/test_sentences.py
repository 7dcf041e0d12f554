"""The answer of the page, in its forms."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.report.page import page
from stepahead.report.page.facts import facts
from stepahead.report.page.wording import WORDING

from ...pages import Page


@pytest.mark.parametrize(
    ("claim", "of", "en", "zh"),
    [
        (64, 64, "You can trust M at every step tested, up to 64 steps (64 hours) ahead.",
         "可以信任 M：所检验的每一步都可信，最远向前 64 步（64 小时）。"),
        (24, 64,
         "You can trust M up to 24 steps (1 day) ahead; further out nothing here is shown to beat every baseline.",
         "可以信任 M 向前 24 步（1 天）；再往后，没有证据表明这里有任何模型胜过每一种基线。"),
        (1, 64,
         "You can trust M up to 1 step (1 hour) ahead; further out nothing here is shown to beat every baseline.",
         "可以信任 M 向前 1 步（1 小时）；再往后，没有证据表明这里有任何模型胜过每一种基线。"),
        (1, 1, "You can trust M one step ahead, the only step tested.", "可以信任 M 向前 1 步：只检验了这一步。"),
        (0, 64, "No model here can be trusted even one step ahead: none is shown to beat every baseline.",
         "没有一个模型可以信任，哪怕只向前一步：没有证据表明它们胜过每一种基线。"),
    ],
)  # fmt: skip
def test_the_answer_has_its_forms(claim, of, en, zh):
    import dataclasses

    hours = np.datetime64("2024-03-01T00", "h") + np.arange(200)
    x = np.random.default_rng(0).normal(size=200).cumsum()
    said = facts(sa.evaluate({"M": sa.AR(1)}, sa.Series(x, times=hours), 4))
    reach = said.lines[0].reach._replace(claim=claim, of=of)
    said = dataclasses.replace(said, lines=[dataclasses.replace(said.lines[0], reach=reach), *said.lines[1:]])
    from stepahead.report.page import sentences

    assert sentences.answer(said, WORDING["en"]) == en
    assert sentences.answer(said, WORDING["zh"]) == zh


def test_the_answer_is_headline_title_and_what_report_gives_back(result, tmp_path, texts):
    for language in WORDING:
        said = page.report(result, tmp_path / "r.html", language)
        text = (tmp_path / "r.html").read_text(encoding="utf-8")
        assert text == texts[language], "the same comparison gives the same file"
        found = Page(text)
        assert found.title == said
        assert found.texts["h1"].replace("\u200b", "") == said
        assert found.language == WORDING[language]["lang"]
    assert page.report(result, tmp_path / "r.html") == result.answer.splitlines()[0].replace(
        ": it is shown to beat every baseline", ""
    )

"""The answer of the page, in its forms."""

from __future__ import annotations

import json

from stepahead.report.export import evaluation_json
from stepahead.report.page import page
from stepahead.report.page.wording import WORDING

from ...pages import Page


def test_the_answer_is_headline_title_and_what_report_gives_back(result, tmp_path, texts):
    """One string: of the answer, the page, the terminal and the JSON."""
    for language in WORDING:
        told = result.answer.told(language)
        assert page.report(result, tmp_path / "r.html", language) == told.headline
        text = (tmp_path / "r.html").read_text(encoding="utf-8")
        assert text == texts[language], "the same comparison gives the same file"
        found = Page(text)
        assert found.title == told.headline
        assert found.texts["h1"].replace("\u200b", "") == told.headline
        assert found.texts["second"] == told.second
        assert found.texts.get("third", "") == told.third
        assert found.texts["facts"] == "".join(heading + said for heading, said in told.facts)
        assert all(note in text for note in told.notes)
        assert found.language == WORDING[language]["lang"]
        assert told.headline in " ".join(result.table(language, 120).split())
        assert json.loads(evaluation_json(result, (), language))["answer"]["headline"] == told.headline

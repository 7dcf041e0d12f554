"""Every part of the outline has its words, and the note's headings stand in both pages."""

from __future__ import annotations

import re

import pytest

from stepahead.lesson import lesson, numbers, outline

from ..lessons import Seen, leaves

# The note's own headings, in its order.
HEADINGS = [
    "1.1 什么是序列模型？", "1.2 常见的统计方法", "1.2.1 自回归模型", "1.2.2 隐变量自回归模型", "1.2.3 马尔可夫模型",
    "1.2.4 因果关系", "1.3 总结", "1.3 代码实践",
    "1.3.1 原始数据", "1.3.2 转化", "1.3.3 基本数据处理", "1.3.4 模型架构", "1.3.4 预测",
    "单步预测", "多步预测", "K步预测", "为什么出现公式",
]  # fmt: skip
LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {language: lesson.page(language) for language in LANGUAGES}


def test_every_part_of_the_outline_has_words_and_none_is_left_over():
    for language in LANGUAGES:
        words = lesson.read_words(language)
        used = {"page", "short", "leaving", "review", "js"}
        for section in outline.SECTIONS:
            own, used = words[section.key], used | {section.key}
            kinds = [part.partition(":") for part in section.parts]
            for kind, store in (("ask", "ask"), ("belief", "belief"), ("slip", "slip"), ("figure", "read")):
                named = [name.partition("=")[0] for found, _, name in kinds if found == kind]
                assert sorted(own.get(store, {})) == sorted(named), (section.key, kind)
            texts = {found for found, colon, _ in kinds if not colon} - {"code"}
            assert texts | {"title"} <= set(own), section.key
            assert set(own) <= texts | {"title", "idea", "number", "ask", "belief", "slip", "read"}, section.key
            for name, asked in own.get("ask", {}).items():
                right = next(int(part.rpartition("=")[2]) for part in section.parts if part.startswith(f"ask:{name}="))
                assert len(asked["options"]) == len(asked["reasons"]) > right, name
        assert set(words) == used
        assert list(words["short"]["stops"]) == list(outline.STOPS)
        for name, (right, _) in outline.STOPS.items():
            stop = words["short"]["stops"][name]
            assert len(stop["options"]) == len(stop["reasons"]) > right
        assert sorted(words["leaving"]["items"]) == sorted(outline.TEST)
        for name, right in outline.TEST.items():
            options = words["leaving"]["items"][name].get("options")
            assert options is None or right < len(options)


def test_what_a_text_offers_to_try_exists():
    asked = {name: set() for name in outline.figures()}
    for text in leaves(lesson.read_words("en")).values():
        for figure, values in re.findall(r"\|(\w+):([^|\]]+)\]\]", text):
            asked[figure] |= {pair.partition("=")[0] for pair in values.split(",")}
    script = lesson.script_text()
    for figure, keys in asked.items():
        found = re.search(rf'new Figure\("{figure}", \{{([^}}]*)\}}', script)
        assert found, figure
        assert keys <= set(re.findall(r"(\w+):", found[1])), figure


def test_the_short_way_has_six_stops_before_the_long_one_with_the_right_answers(pages):
    assert len(outline.STOPS) == 6
    facts = numbers.facts()
    # What the marked answers say, asked of the library.
    assert facts["shuffle.shuffled"] > 2 * facts["shuffle.ordered"]
    assert facts["mean.latent.64"] < facts["mean.latent.1"] + 0.005
    assert facts["mean.net.1"] < facts["mean.naive.1"]
    assert facts["mean.net.64"] > facts["mean.naive.64"]
    assert facts["mean.ar128.64"] < 0.25 < facts["mean.oneshot.64"] < facts["mean.gentle.64"] < facts["mean.net.64"]
    for page in pages.values():
        seen = Seen(page)
        targets = [
            given["href"] for tag, given in seen.tags if tag == "a" and (given.get("href") or "").startswith("#s")
        ]
        assert targets[0] == "#short", "offered in the head, before the contents"
        assert targets[1] == "#short", "and first in the contents"
        asked = [given for tag, given in seen.tags if given.get("class") == "question"]
        assert [(given["id"], given["data-right"]) for given in asked[:6]] == [
            (f"short-{name}", str(right)) for name, (right, _) in outline.STOPS.items()
        ]
        sections = [given["id"] for tag, given in seen.tags if tag == "section"]
        assert sections[:2] == ["short", "s11"]
        assert {key for _, key in outline.STOPS.values()} <= set(sections)


def test_every_heading_of_the_note_stands_in_both_pages(pages):
    for language, page in pages.items():
        found = [" ".join(text.split()) for text in Seen(page).headings]
        at = 0
        for heading in HEADINGS:
            number, _, title = heading.rpartition(" ")
            places = [i for i, text in enumerate(found) if i >= at and title in text and text.startswith(number)]
            assert places, (language, heading)
            at = places[0]
        assert sum(1 for tag, _ in Seen(page).tags if tag == "h1") == 1


def test_all_controls_and_the_two_games_are_there(pages):
    for page in pages.values():
        ids = [given.get("id") for tag, given in Seen(page).tags if tag == "figure"]
        assert {f"c{i}" for i in (*range(1, 5), *range(6, 17))} | {
            "c5a",
            "c5b",
            "c8b",
            "c11b",
            "latent",
            "own",
            "trust",
        } == set(ids)
        assert len(ids) == len(set(ids))

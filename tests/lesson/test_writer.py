"""Both languages of the lesson have the same texts, numbers and buttons."""

from __future__ import annotations

import re

import pytest

from stepahead.lesson import lesson

from ..lessons import Seen, leaves

LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {language: lesson.page(language) for language in LANGUAGES}


def test_both_languages_have_the_same_words_numbers_and_buttons():
    en, zh = (leaves(lesson.read_words(language)) for language in LANGUAGES)
    assert list(en) == list(zh)
    for path, text in en.items():
        other = zh[path]
        assert text.strip(), path
        assert other.strip(), path
        # The same numbers, though a language may print them with other digits; the same things to try.
        named = [sorted(set(re.findall(r"\{([\w.]+)", one))) for one in (text, other)]
        assert named[0] == named[1], path
        tried = [sorted(re.findall(r"\|([^|\]]+)\]\]", one)) for one in (text, other)]
        assert tried[0] == tried[1], path


def test_no_text_is_left_in_the_other_language(pages):
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for text, language in Seen(pages["en"]).texts:
        assert language == "zh-Hans" or not chinese.search(text), text
    names = (
        r"stepahead|RMSE|MLP|AR|SSA|GRU|BIC|ReLU|Xavier|Adam|Linear|torch|Paddle|PyTorch|"
        r"float32|float64|max_steps|CMU|ARCTIC"
    )
    sentence = re.compile(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")
    code = {part for blocks in lesson.read_code().values() for part in blocks.values()}
    for text, language in Seen(pages["zh"]).texts:
        if language == "en" or any(text.strip() == part.strip() for part in code) or "dtype" in text:
            continue
        assert not sentence.search(re.sub(names, "", text)), text


def test_terms_of_the_chinese_page():
    text = "\n".join(leaves(lesson.read_words("zh")).values())
    for word in (
        "自回归模型", "隐变量", "马尔可夫", "转移矩阵", "窗口", "标签", "特征", "预测起点", "留出",
        "噪声下限", "误差累积",
        "教师强制", "半衰期", "特征根", "末值法", "审计", "泄漏", "更新", "推进", "直接法", "不动点", "种子",
    ):  # fmt: skip
        assert word in text, word
    for wrong in ("静止的", "步长为", "隐藏变量"):
        assert wrong not in text, wrong

"""The policy of an offline page allows its two texts and nothing else."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from stepahead.lesson import lesson
from stepahead.report import sealed
from stepahead.report.page import page

from ..data import ROOT

LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {language: lesson.page(language) for language in LANGUAGES}


def test_the_policy_is_made_of_the_hashes_of_what_is_there(pages):
    for text in pages.values():
        policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
        assert policy
        assert text.index("charset") < text.index("Content-Security-Policy") < text.index("<title>")
        for tag, name in (("script", "script-src"), ("style", "style-src")):
            inside = re.findall(rf"<{tag}>(.*?)</{tag}>", text, flags=re.DOTALL)
            assert len(inside) == 1
            digest = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
            assert f"{name} 'sha256-{digest}'" in policy[1]
        assert "default-src 'none'" in policy[1]
        assert "unsafe" not in policy[1]
        assert "require-trusted-types-for 'script'" in policy[1]
    script = lesson.script_text()
    for forbidden in (
        "</script",
        "<!--",
        "innerHTML",
        "eval(",
        "fetch(",
        "XMLHttp",
        "WebSocket",
        "import(",
        "document.write",
        "\r",
    ):
        assert forbidden not in script


def test_the_policy_allows_these_two_texts_and_nothing_else(texts):
    for text in texts.values():
        for tag in ("script", "style"):
            inner = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)[1]
            digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
            ours = page.style() if tag == "style" else page.script("numbers")
            assert sealed.fingerprint(ours) == f"sha256-{digest}"
            assert f"'sha256-{digest}'" in text[: text.index("<title>")]
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
        assert policy.startswith("default-src 'none'; script-src 'sha256-")
        assert "unsafe" not in policy
        assert policy.endswith("require-trusted-types-for 'script'; trusted-types 'none'")
        assert "\r" not in text


def test_the_hashes_are_printed_in_the_documentation():
    text = (ROOT / "docs" / "report.md").read_text()
    for part in (*map(page.script, page.PARTS), page.style()):
        assert sealed.fingerprint(part) in text, (
            "docs/report.md names other hashes than those of the script and the style"
        )

"""The texts of the lesson, and its pages as a parser sees them."""

from __future__ import annotations

import re
from html.parser import HTMLParser


def leaves(words: object, before: str = "") -> dict[str, str]:
    """Every text by the path that leads to it."""
    if isinstance(words, dict):
        return {path: text for key, part in words.items() for path, text in leaves(part, f"{before}.{key}").items()}
    if isinstance(words, list):
        return {path: text for i, part in enumerate(words) for path, text in leaves(part, f"{before}[{i}]").items()}
    assert isinstance(words, str)
    return {before: words}


class Seen(HTMLParser):
    """Headings, tags and text of a page, with the language that each text is in."""

    void = frozenset(("meta", "input", "br", "hr"))

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.headings: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag not in self.void:
            self.open.append((tag, given.get("lang") or (self.open[-1][1] if self.open else "")))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append("")

    def handle_endtag(self, tag):
        if tag not in self.void:
            assert self.open.pop()[0] == tag, "tags are nested"

    def handle_data(self, data):
        inside = [tag for tag, _ in self.open]
        if not {"script", "style"} & set(inside):
            self.texts.append((data, self.open[-1][1] if self.open else ""))
        if any(re.fullmatch("h[1-6]", tag) for tag in inside):
            self.headings[-1] += data

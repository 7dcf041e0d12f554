"""Words into HTML: sections, questions, figures, beliefs, code, the leaving test. Every text is escaped on the way."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from .markup import blocks, filled, inline
from .outline import SECTIONS, STOPS, TEST, Section

Words = dict[str, Any]
SHORT = 14
"""Letters of an option: answers up to here stand side by side."""


def element(tag: str, *inside: str, **given: object) -> str:
    """An element; attributes lose the underscore at their end, and those that are False are left out.

    >>> element("p", "a &amp; b", class_="tag", id='"')
    '<p class="tag" id="&quot;">a &amp; b</p>'
    """
    attributes = "".join(
        f" {name.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(str(value))}"')
        for name, value in given.items()
        if value is not False
    )
    return f"<{tag}{attributes}>{''.join(inside)}</{tag}>"


class Writer:
    """The parts of the page in one language.

    Parameters
    ----------
    words : of the language. code : the note's code and ours, by section. facts : the numbers that words may name.
    foreign : whether the language is not that of the note's headings, which then stand beside.
    """

    def __init__(self, words: Words, code: Words, facts: Mapping[str, Any], foreign: bool) -> None:
        self.words, self.code, self.facts, self.foreign = words, code, facts, foreign

    def line(self, text: str) -> str:
        """A line of text as HTML."""
        return inline(filled(text, self.facts), self.foreign)

    def text(self, text: str) -> str:
        """Paragraphs of text as HTML."""
        return blocks(filled(text, self.facts), self.foreign)

    def links(self) -> str:
        """The list of contents."""
        found = [("short", 2, self.line(self.words["short"]["title"]))]
        found += [(section.key, section.level, self._heading(section)) for section in SECTIONS]
        found.append(("test", 2, self.line(self.words["leaving"]["title"])))
        return "\n".join(
            element("li", element("a", head, href=f"#{key}"), class_=f"level{level}") for key, level, head in found
        )

    def sections(self) -> str:
        """The short way, everything under the headings, and the leaving test."""
        return "\n".join([self._short(), *map(self._section, SECTIONS), self._test()])

    def to_short(self) -> str:
        """The sentence that offers the short way."""
        return self.line(self.words["short"]["link"])

    # -- a section ------------------------------------------------------------------------------------------------

    def _heading(self, section: Section) -> str:
        """The number, the title, and the note's own title where the page is in another language."""
        words = self.words[section.key]
        number = words.get("number", section.number)
        parts = [element("span", escape(number), class_="no")] if number else []
        parts.append(self.line(words["title"]))
        if self.foreign:
            parts.append(element("span", escape(section.note), class_="note-title", lang="zh-Hans"))
        return " ".join(parts)

    def _section(self, section: Section) -> str:
        words, name = self.words[section.key], f"{section.key}-title"
        parts = [element(f"h{section.level}", self._heading(section), id=name)]
        if "idea" in words:
            parts.append(element("p", self.line(words["idea"]), class_="idea"))
        parts += [self._part(section.key, part) for part in section.parts]
        return element(
            "section", "\n".join(parts), id=section.key, class_=f"level{section.level}", aria_labelledby=name
        )

    def _part(self, key: str, part: str) -> str:
        kind, _, name = part.partition(":")
        words = self.words[key]
        if kind == "ask":
            name, _, right = name.partition("=")
            return self._question(f"{key}-{name}", words["ask"][name], int(right))
        if kind == "figure":
            return self._figure(name, words["read"][name])
        if kind == "belief":
            said, so = (self.line(words["belief"][name][part]) for part in ("said", "so"))
            return element(
                "div",
                self._tag("belief"),
                element("p", said, class_="said"),
                element("p", so),
                class_=kind,
                role="note",
            )
        if kind == "slip":
            return element("div", self._tag("slip"), self.text(words["slip"][name]["text"]), class_=kind, role="note")
        if kind == "code":
            return self._code(self.code[key])
        return self.text(words[part])

    def _tag(self, name: str) -> str:
        """The label of a box."""
        return element("p", self.line(self.words["page"][name]), class_="tag")

    def _question(self, ident: str, words: Words, right: int) -> str:
        short = max(map(len, words["options"])) <= SHORT
        options = [
            element(
                "li",
                element("button", self.line(option), type="button"),
                element("p", self.line(reason), class_="why"),
                class_="option right" if place == right else "option",
            )
            for place, (option, reason) in enumerate(zip(words["options"], words["reasons"], strict=True))
        ]
        return element(
            "div",
            self._tag("guess"),
            element("p", self.line(words["question"]), class_="ask", id=f"{ident}-ask"),
            element("ol", *options, class_="option-list short" if short else "option-list"),
            element("p", class_="verdict", role="status"),
            element("button", self.line(self.words["page"]["skip"]), type="button", class_="skip"),
            class_="question",
            id=ident,
            data_right=right,
            role="group",
            aria_labelledby=f"{ident}-ask",
        )

    def _figure(self, name: str, reading: str) -> str:
        """An empty place: the script puts the controls and the pictures in."""
        return element(
            "figure",
            element("div", class_="controls"),
            element("div", class_="stage"),
            element("figcaption", self.line(reading)),
            id=name,
            class_="figure",
            tabindex=-1,
        )

    def _code(self, words: Words) -> str:
        halves = [
            element("div", self._tag(name), element("pre", element("code", escape(words[name].strip())), tabindex=0))
            for name in ("note", "ours")
            if name in words
        ]
        summary = element("summary", self.line(self.words["page"]["code"]))
        return element("details", summary, element("div", *halves, class_="two"), class_="code")

    # -- the short way --------------------------------------------------------------------------------------------

    def _short(self) -> str:
        words = self.words["short"]
        stops = [self._stop(name, right, key, last=name == list(STOPS)[-1]) for name, (right, key) in STOPS.items()]
        return element(
            "section",
            element("h2", self.line(words["title"]), id="short-title"),
            self.text(words["text"]),
            element("p", class_="readout progress", role="status"),
            element("ol", *stops, class_="stops"),
            id="short",
            class_="level2",
            aria_labelledby="short-title",
        )

    def _stop(self, name: str, right: int, key: str, last: bool) -> str:
        """A stop: its title, which opens it, and inside a text, a question, the way on and the way to the long one."""
        words = self.words["short"]
        stop = words["stops"][name]
        section = next(section for section in SECTIONS if section.key == key)
        inside = [
            self.text(stop["text"]),
            self._question(f"short-{name}", stop, right),
            element("p", self.line(words["rest"]), element("a", self._heading(section), href=f"#{key}"), class_="rest"),
        ]
        if not last:
            inside.append(element("button", self.line(words["next"]), type="button", class_="strong next"))
        title = element(
            "button", self.line(stop["title"]), type="button", class_="stop-title", aria_controls=f"stop-{name}"
        )
        return element(
            "li", element("h3", title), element("div", *inside, class_="inside", id=f"stop-{name}"), class_="stop"
        )

    # -- the end --------------------------------------------------------------------------------------------------

    def _test(self) -> str:
        words, review = self.words["leaving"], self.words["review"]
        form = element(
            "form",
            element("ol", *(self._item(name, right) for name, right in TEST.items()), class_="items"),
            element("button", self.line(words["submit"]), type="submit", class_="strong"),
            element("p", class_="verdict", role="status", tabindex=-1),
            id="leaving",
        )
        again = element(
            "div",
            element("h3", self.line(review["title"])),
            self.text(review["text"]),
            element("p", id="review-score", class_="readout"),
            element("ol", id="review"),
            id="review-box",
        )
        head = element("h2", self.line(words["title"]), id="test-title")
        return element(
            "section",
            head,
            self.text(words["text"]),
            form,
            again,
            id="test",
            class_="level2",
            aria_labelledby="test-title",
        )

    def _item(self, name: str, right: int) -> str:
        words = self.words["leaving"]
        item = words["items"][name]
        if "options" in item:
            choices = [
                element(
                    "label", f'<input type="radio" name="{name}" value="{place}">', element("span", self.line(option))
                )
                for place, option in enumerate(item["options"])
            ]
        else:
            box = f'<input type="text" inputmode="numeric" autocomplete="off" size="6" name="{name}">'
            choices = [element("label", element("span", self.line(words["number"])), box, class_="number")]
        return element(
            "li",
            element("fieldset", element("legend", self.line(item["question"])), *choices),
            element("p", element("strong", class_="mark"), " ", self.line(item["answer"]), class_="why"),
            class_="item",
            data_right=right,
        )

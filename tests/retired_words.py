"""Words that gave way to the field's own: python -m tests.retired_words names each one left in src, docs and the
readmes.

A word counts in all its forms, in prose and inside names: ``law``, ``laws``, ``first_law``, ``LawOfAState``. What is
spelled the same and means something else stands in `HOMOGRAPHS`, with a reason.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .data import ROOT

LOOKED_AT = (
    *("src/**/*.py", "src/**/*.toml", "src/**/*.js", "src/**/*.css", "src/**/*.html"),
    *("docs/*.md", "docs/zh/*.md", "docs/*.py", "docs/lesson/*.py", "README*.md", "CONTRIBUTING.md", "examples/*.md"),
)

RETIRED = {
    "distribution": ("law", "laws"),
    "baseline": ("guess", "guesses", "guessed", "guessing"),
    "perturbed, invalid or malicious": ("hollow", "hollows", "hollowed", "hostile"),
    "known or perturbed": ("plant", "plants", "planted", "planting"),
    "isolated, or anew": ("afresh",),
    "external or imported": ("bring", "brings", "bringing", "brought"),
    "observed or available": ("hear", "hears", "heard", "hearing"),
    "contiguous segment": ("stretch", "stretches", "stretched", "stretching"),
    "candidate": ("race", "races", "raced", "racing", "alive"),
    "iteration": ("climb", "climbs", "climbed", "climbing"),
    "accumulator": ("tally", "tallies", "tallied", "tallying"),
    "entry point": ("door", "doors"),
}
"""{the field's word: what it replaces}, in prose and in names."""

RETIRED_NAMES = {
    "comparison or joint": ("together",),
    "batch": ("stack", "stacks", "stacked", "stacking"),
    "fingerprint": ("mark", "marks", "marked"),
    "note": ("warning", "said"),
}
"""The same of names in Python alone: in prose these are plain English."""


class Homograph(NamedTuple):
    """What is spelled like a retired word and is none: where, in which text, and why."""

    where: str
    text: str
    why: str


HOMOGRAPHS = (
    Homograph(r"lesson", r"(?<!simple )\bguess(es|ed)?\b", "the lesson asks its reader to guess before it shows"),
    Homograph(r"docs/index\.md", r"guess, look", "the same, in the words that lead to the lesson"),
    Homograph(r"lesson|docs/glossary", r"\bhollow\b", "a dot without a fill"),
    Homograph(r"lesson", r"\b(hear|heard)\b", "a speech is played; and what a reader may have been told"),
    Homograph(r"lesson/en\.toml", r"turn it without stretching it", "an arrow that is made longer"),
    Homograph(r"", r"(np|torch_for\(.*?\)|torch)\.stack\b|np\.column_stack", "the functions of numpy and torch"),
    Homograph(r"", r"\w*Warning\b|catch_warnings", "Python's own kind of message"),
    Homograph(r"", r"is_alive", "a method of Python's processes"),
)


class Found(NamedTuple):
    """A retired word, where it stands, and what to write instead."""

    path: str
    line: int
    word: str
    instead: str


def parts(name: str) -> list[str]:
    """The words of a name: ``first_law``, ``FirstLaw`` and ``FIRST_LAW`` are first and law."""
    return [part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]


def retired(text: str, path: str) -> Iterator[Found]:
    """Each retired word of a text that is no homograph."""
    instead = {word: new for new, old in RETIRED.items() for word in old}
    of_names = {word: new for new, old in RETIRED_NAMES.items() for word in old} if path.endswith(".py") else {}
    for number, line in enumerate(text.splitlines(), start=1):
        known = [
            m.span()
            for one in HOMOGRAPHS
            if re.search(one.where, path)
            for m in re.finditer(one.text, line, re.IGNORECASE)
        ]
        for name in re.finditer(r"[A-Za-z_]+", line):
            if any(begin <= name.start() and name.end() <= end for begin, end in known):
                continue
            for part in parts(name[0]):
                if part in instead:
                    yield Found(path, number, name[0], instead[part])
                elif part in of_names and is_name(line, name):
                    yield Found(path, number, name[0], of_names[part])


def is_name(line: str, word: re.Match[str]) -> bool:
    """Whether a word in a line of Python is a name: it has an underscore or a capital inside, or is bound, called,
    read.
    """
    inside = "_" in word[0].strip("_") or re.search(r"[a-z][A-Z]", word[0])
    around = re.match(r" (?:=|in) |\(|\.\w|\[|: [A-Z]", line[word.end() :]) or re.search(
        r"(?:def |class |for |\w\.)$", line[: word.start()]
    )
    return bool(inside or (around and not re.match(r" in \w+ing\b", line[word.end() :])))


def main(root: Path = ROOT) -> int:
    """Print every retired word under `root`; 1 where there is one."""
    found = [
        one
        for path in sorted({path for pattern in LOOKED_AT for path in root.glob(pattern)})
        for one in retired(path.read_text(encoding="utf-8"), path.relative_to(root).as_posix())
    ]
    for one in found:
        print(f"{one.path}:{one.line}: {one.word!r}: write {one.instead}", file=sys.stderr)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())

"""The lesson as one file: the words of a language, the numbers, the script and the style,
sealed by a policy of hashes.
"""

from __future__ import annotations

import os
import tomllib
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from ..files import make_folder, write_whole
from ..parameters import one_of
from ..report import sealed
from ..report.page.packing import json_text
from ..report.palette import LIGHT
from ..version import __version__
from . import numbers
from .writer import Words, Writer

LANGUAGES = {"en": "en", "zh": "zh-Hans"}


def write(folder: str | os.PathLike[str], language: str = "en") -> Path:
    """Write ``lesson-en.html`` or ``lesson-zh.html`` into a folder, and return its path.

    Parameters
    ----------
    folder : made where it is missing.
    language : "en" or "zh".

    Raises
    ------
    ParameterError : another language. OutputError : the folder cannot be made or written.
    """
    one_of("language", language, tuple(LANGUAGES))
    target = Path(folder) / f"lesson-{language}.html"
    made = page(language).encode()
    make_folder(folder)
    write_whole(target, made)
    return target


def page(language: str = "en") -> str:
    """The whole page: one HTML text that asks for nothing from anywhere."""
    words = read_words(language)
    writer = Writer(words, read_code(), numbers.facts() | {"version": __version__}, foreign=language == "en")
    script, style = script_text(), sealed.style(_resource("lesson.css"))
    data = numbers.for_script() | {"words": flat(words["js"]), "paper": LIGHT}
    return Template(_resource("lesson.html")).substitute(
        {name: writer.line(text) for name, text in words["page"].items()},
        lang=LANGUAGES[language],
        policy=sealed.policy(script, style),
        title=escape(words["page"]["title"]),
        style=style,
        script=script,
        links=writer.links(),
        to_short=writer.to_short(),
        sections=writer.sections(),
        notice=escape(_notice()),
        data=json_text(data),
    )


@cache
def read_words(language: str) -> Words:
    """The texts of the lesson in one language."""
    return tomllib.loads(_resource(f"{language}.toml"))


@cache
def read_code() -> Words:
    """The note's code and ours, by section."""
    return tomllib.loads(_resource("code.toml"))


def script_text() -> str:
    """The script: its parts in the order of their names, in one scope."""
    parts = sorted(part.name for part in (files(__package__) / "script").iterdir() if part.name.endswith(".js"))
    return sealed.script(*(_resource(f"script/{part}") for part in parts))


def flat(words: Words, before: str = "") -> dict[str, str]:
    """Nested words under names with dots.

    >>> flat({"c1": {"share": "a", "why": {"net": "b"}}})
    {'c1.share': 'a', 'c1.why.net': 'b'}
    """
    out: dict[str, str] = {}
    for name, inner in words.items():
        out |= flat(inner, f"{before}{name}.") if isinstance(inner, dict) else {before + name: inner}
    return out


def _resource(name: str) -> str:
    return sealed.asset(__package__, name)


def _notice() -> str:
    raw = (files("stepahead.datasets") / "data" / "speech-COPYING.txt").read_text(encoding="utf-8")
    return "\n".join(line.strip("#").strip() for line in raw.splitlines()).strip()

"""The little markup of the words: emphasis, code, formulas, numbers, links that try something.
Everything else is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

_TOKEN = re.compile(
    r"`(?P<code>[^`]+)`|\*\*(?P<strong>.+?)\*\*|\*(?P<em>[^*]+)\*|\$(?P<math>[^$]+)\$|\[\[(?P<say>[^|\]]+)\|(?P<do>[^\]]+)\]\]"
    r"|\[(?P<words>[^\]]+)\]\((?P<to>#\w+)\)"
)
_NUMBER = re.compile(r"\{([\w.]+)(?::([^{}]*))?\}")
_CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")
_MATH = re.compile(r"([_^])(?:\{([^}]*)\}|(\w))|([A-Za-z]+)|(.)", re.DOTALL)


def filled(text: str, numbers: Mapping[str, Any]) -> str:
    """`text` with each ``{name:format}`` replaced by that number.

    >>> filled("RMSE {net:.2f} on {n} origins", {"net": 0.632, "n": 333})
    'RMSE 0.63 on 333 origins'

    Raises
    ------
    KeyError : there is no such number.
    """
    return _NUMBER.sub(lambda found: format(numbers[found[1]], found[2] or "").replace("-", "−"), text)


def inline(text: str, foreign: bool = False) -> str:
    """A line of words as HTML; `foreign` marks Chinese in a text that is not, for voices and fonts.

    >>> inline("**A** ring of *x* & `code`")
    '<strong>A</strong> ring of <em>x</em> &amp; <code>code</code>'
    >>> inline("[[try 32|c2:tau=32]]")
    '<a class="try" href="#c2" data-set="tau=32">try 32</a>'
    >>> inline("[the end](#last)")
    '<a href="#last">the end</a>'
    >>> inline("$x_{t-1}$")
    '<span class="math"><i>x</i><sub><i>t</i>-1</sub></span>'
    """
    out, at = [], 0
    for found in _TOKEN.finditer(text):
        out.append(_plain(text[at : found.start()], foreign))
        at = found.end()
        if found["code"]:
            out.append(f"<code>{escape(found['code'])}</code>")
        elif found["math"]:
            out.append(formula(found["math"]))
        elif found["to"]:
            out.append(f'<a href="{found["to"]}">{inline(found["words"], foreign)}</a>')
        elif found["say"]:
            figure, _, values = found["do"].partition(":")
            out.append(
                f'<a class="try" href="#{escape(figure)}" '
                f'data-set="{escape(values)}">{inline(found["say"], foreign)}</a>'
            )
        else:
            tag = "strong" if found["strong"] else "em"
            out.append(f"<{tag}>{inline(found['strong'] or found['em'], foreign)}</{tag}>")
    return "".join([*out, _plain(text[at:], foreign)])


def _plain(text: str, foreign: bool) -> str:
    safe = escape(text, quote=False)
    return _CHINESE.sub(lambda run: f'<span lang="zh-Hans">{run[0]}</span>', safe) if foreign else safe


def formula(text: str) -> str:
    """Letters in italics, _ and ^ below and above the line; names of functions upright."""
    return f'<span class="math">{_symbols(text)}</span>'


def _symbols(text: str) -> str:
    def symbol(found: re.Match[str]) -> str:
        if found[1]:
            tag = "sub" if found[1] == "_" else "sup"
            return f"<{tag}>{_symbols(found[2] or found[3])}</{tag}>"
        if found[4]:
            return found[4] if len(found[4]) > 1 else f"<i>{found[4]}</i>"
        return escape(found[5], quote=False)

    return _MATH.sub(symbol, text)


def blocks(text: str, foreign: bool = False) -> str:
    """Paragraphs, parted by empty lines; one that is ``$$...$$`` is a formula on a line of its own."""
    out = []
    for part in (part.strip() for part in text.strip().split("\n\n")):
        if part.startswith("$$"):
            out.append(f'<p class="formula">{formula(part.strip("$"))}</p>')
        else:
            out.append(f"<p>{inline(' '.join(part.split()), foreign)}</p>")
    return "\n".join(out)

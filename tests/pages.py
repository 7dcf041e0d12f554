"""What the tests of the report share: some comparisons, and a reader that takes a page apart again."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import stepahead as sa
from stepahead.report import palette, sealed
from stepahead.report.page.facts import facts
from stepahead.report.page.page import document


def read(text):
    """A number as the page writes it."""
    return float(text.replace("−", "-").replace(",", "").replace("∞", "inf")) if text != "–" else np.nan


def listed(result):
    """The rows of the table: the model of the headline, the others by mean loss, the best baselines, the last value."""
    answer = result.answer
    rows = (*answer.judgement.models, *answer.judgement.baselines)
    best = {rows[len(answer.judgement.models) + place] for place in answer.judgement.best}
    return [
        *palette.slots(answer.judgement),
        *(name for name in answer.judgement.baselines if name in {*best, "Naive"}),
    ]


def in_node(ask):
    """What an expression of JavaScript is, beside drawing.js: on its own, without a page."""
    node = next((path for path in map(Path, ("/usr/bin/node", "/usr/local/bin/node")) if path.exists()), None)
    if node is None:
        pytest.skip("no node here")
    script = sealed.asset("stepahead.report", "drawing.js") + f"console.log(JSON.stringify({ask}));"
    return json.loads(subprocess.run([node, "-"], input=script, capture_output=True, text=True, check=True).stdout)


def panel_of(count=9, length=300):
    """Waves with more and less noise, and noise alone."""
    days = np.datetime64("2024-01-01") + np.arange(length)
    panel = []
    for i in range(count):
        rng = np.random.default_rng(i)
        wave = (i % 3) * np.sin(np.arange(length) / 3.7 + i)
        panel.append(
            sa.Series((1.0 + i) * (wave + rng.normal(0, 0.3, length)), times=days, name=f"shop {i}", unit="kg")
        )
    return sa.evaluate({"a": sa.AR(8), "b": sa.AR(1)}, panel, 6)


VOID = {"meta", "input", "br", "link", "img"}

# Each would run, load or break out somewhere, if one place forgot to escape.
PAYLOADS = [
    "<script>hit()</script>", "</script><script>hit()</script>", "<img src=x onerror=hit()>", "<svg onload=hit()>",
    '"><script>hit()</script>', "'><script>hit()</script>", "' onmouseover='hit()", '" onfocus="hit()" autofocus="',
    "<!--<script>hit()//-->", "--><script>hit()</script>", "]]><script>hit()</script>", "<![CDATA[<script>hit()]]>",
    "</style><script>hit()</script>", "</title><script>hit()</script>", "</textarea><script>hit()</script>",
    "</bdi><script>hit()</script>", "</option><script>hit()</script>", "</table><script>hit()</script>",
    "javascript:hit()",
    "data:text/html,<script>hit()</script>", "<a href=javascript:hit()>x</a>", "<iframe srcdoc='<script>hit()'>",
    "<object data=javascript:hit()>", "<embed src=javascript:hit()>",
    "<meta http-equiv=refresh content=0;url=javascript:hit()>", "<base href=//example.invalid>",
    "<link rel=stylesheet href=//example.invalid>", "<form action=javascript:hit()><button>",
    "<math><mi xlink:href=javascript:hit()>", "<style>*{background:url(//example.invalid)}</style>",
    "&lt;script&gt;hit()&lt;/script&gt;", "&#60;script&#62;hit()", "\\u003cscript\\u003ehit()", "\u2028hit()//",
    "\u2029hit()//", "\u202e<script>hit()", "\u2066\u202etrap\u2069", "${hit()} {name} %s {0} $title {{7*7}}",
    "\x00<script>hit()</script>", "`-hit()-`", "\r\n<script>hit()", "\u2069\u2069\u2069</svg>",
]  # fmt: skip


def sine_result(**how):
    models = {"AR(4)": sa.AR(4), "AR(32)": sa.AR(32), "SSA(2)": sa.SSA(rank=2)}
    return sa.evaluate(models, sa.datasets.noisy_sine(seed=0, length=760), **({"horizon": 64, "train": 560} | how))


LAST = []


def page_of(result, language="en"):
    """The page; in its second language the same facts are not worked out again."""
    if not LAST or LAST[0] is not result:
        LAST[:] = [result, facts(result)]
    return document(LAST[1], result, language)


def data_of(text):
    """The data block, and the numbers of its matrices."""
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])


def unpacked(packed, kind="<u2"):
    codes = np.frombuffer(base64.b64decode(packed["data"]), dtype=kind)
    return np.where(codes == np.iinfo(codes.dtype).max, np.nan, packed["low"] + packed["step"] * codes)


class Page(HTMLParser):
    """The elements of a page, its tables as rows of cells,
    and the text of those elements that have an id or a class.
    """

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.open = [], [], []
        self.tables, self.captions, self.language, self.title = [], [], "", ""
        self._texts = defaultdict(list)
        self.feed(text)
        self.close()
        self.texts = {key: "".join(pieces) for key, pieces in self._texts.items()}

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag == "html":
            self.language = given["lang"]
        if tag not in VOID:
            self.open.append((tag, given))
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        inside = [tag for tag, _ in self.open]
        if "title" in inside:
            self.title += data
        if ("td" in inside or "th" in inside) and "svg" not in inside:
            self.tables[-1][-1][-1] += f" {data}" if "i" in inside else data
        if inside and inside[-1] not in ("script", "style"):
            for tag, given in self.open:
                for key in (tag, given.get("id"), given.get("class")):
                    self._texts[key].append(data)

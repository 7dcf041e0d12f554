"""Both languages say the same things, and every word is used."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from stepahead.evaluation import fits
from stepahead.report.page.wording import IN_SCRIPT, WORDING

from ...data import ROOT

REPORT = ROOT / "src" / "stepahead" / "report"
ASSETS = {name: (REPORT / "page" / name).read_text() for name in ("page.html", "page.css")}
ASSETS |= {path.name: path.read_text() for path in sorted((REPORT / "page" / "script").iterdir())}
SCRIPTS = "".join(text for name, text in ASSETS.items() if name.endswith(".js"))
ASSETS["drawing.js"] = (REPORT / "drawing.js").read_text()


def test_both_languages_say_the_same_things():
    english, chinese = WORDING["en"], WORDING["zh"]
    assert set(english) == set(chinese)
    for key, text in english.items():
        assert text.strip() or key == "space"
        assert Counter(re.findall(r"\{\w+", text)) == Counter(re.findall(r"\{\w+", chinese[key])), key
        for one in (text, chinese[key]):
            assert not re.search(r'[<>&"]', one), "words stand in HTML as they are"
        if not re.fullmatch(r"[\W\d_{}a-z]*", text):
            assert re.search(r"[\u4e00-\u9fff]", chinese[key]) or key in ("lang", "called", "rmse", "mae"), key
            assert not re.search(r"[\u4e00-\u9fff] ?[,:;?!]|%[\u4e00-\u9fff]{0}\.", chinese[key]), (
                f"{key}: half-width punctuation"
            )
    assert set(IN_SCRIPT) <= set(english)
    used = set(re.findall(r"words\.(\w+)", SCRIPTS))
    assert used <= set(IN_SCRIPT) | {"floor", "axis_k", "axis_ahead", "panel_axis", "all_models", "title", "changes"}
    assert set(IN_SCRIPT) <= used | {"clear", "close", "none"}


def test_every_word_is_used():
    sources = "".join(path.read_text() for path in [*(REPORT / "page").glob("*.py"), Path(fits.__file__)])
    built = {f"fit_{kind}" for kind in ("once", "declared", "other", "given", "elsewhere", "unknown")}
    built |= {f"own_{kind}" for kind in ("quantiles", "draws", "normal", "mixture")} | {"own_intervals"}  # the terminal
    built |= {"count_trusted", "count_too_few", "count_no_gain"}
    built |= {"rmse", "mae", "log_loss", "zero_one"}  # what a comparison calls its reading
    built |= {f"fit_{kind}_many" for kind in ("once", "declared", "elsewhere")}
    for key in set(WORDING["en"]) - built:
        assert len(re.findall(rf"[\"']{key}[\"']", sources)) > 2 or f"${key}" in ASSETS["page.html"], key

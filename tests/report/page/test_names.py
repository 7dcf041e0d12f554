"""No two models that are drawn share colour and dash."""

from __future__ import annotations

from stepahead.report.page import packing
from stepahead.report.page.facts import facts

from ...data import ROOT

REPORT = ROOT / "src" / "stepahead" / "report"
ASSETS = {name: (REPORT / "page" / name).read_text() for name in ("page.html", "page.css", "page.js")}
ASSETS["drawing.js"] = (REPORT / "drawing.js").read_text()


def test_no_two_models_that_are_drawn_share_colour_and_dash(result):
    from stepahead.report.page import name_tags

    said = facts(result)
    many = [f"m{i}" for i in range(packing.MOST_LINES)]

    class Several:
        models = many

    assert len({name_tags.classes(Several, name) for name in many}) == packing.MOST_LINES
    for name in many:
        for part in name_tags.classes(Several, name).split():
            assert f".{part} " in ASSETS["page.css"], part
    assert name_tags.classes(said, "Mean") == "c0 d0"

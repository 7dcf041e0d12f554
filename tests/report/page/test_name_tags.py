"""No two models that are drawn share colour and dash."""

from __future__ import annotations

from stepahead.report.page import name_tags, packing

from ...data import ROOT

REPORT = ROOT / "src" / "stepahead" / "report"
ASSETS = {name: (REPORT / "page" / name).read_text() for name in ("page.html", "page.css")}
ASSETS |= {path.name: path.read_text() for path in sorted((REPORT / "page" / "script").iterdir())}

ASSETS["drawing.js"] = (REPORT / "drawing.js").read_text()


def test_no_two_models_that_are_drawn_share_colour_and_dash():
    many = {f"m{i}": i + 1 for i in range(packing.MOST_LINES)}
    assert len({name_tags.classes(many, name) for name in many}) == packing.MOST_LINES
    for name in many:
        for part in name_tags.classes(many, name).split():
            assert f".{part} " in ASSETS["page.css"], part
    assert name_tags.classes(many, "Mean") == "c0 d0"

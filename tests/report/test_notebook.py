"""What a notebook shows: the answer, a still chart and the table, and nothing that runs."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import stepahead as sa
from stepahead.report.notebook import notebook

from ..data import sine

NASTY = "<script>alert(1)</script>"


def parsed(text: str) -> ET.Element:
    return ET.fromstring(f"<div>{text}</div>")  # noqa: S314  # ours


def test_it_has_the_answer_the_chart_and_the_errors_of_the_table():
    result = sa.evaluate({NASTY: sa.AR(4), "long": sa.AR(64)}, sine(0), 64, train=604)
    found = parsed(notebook(result))
    told = result.answer.told()
    texts = ["".join(part.itertext()) for part in found.iter("p")]
    assert texts[0] == told.headline
    assert [told.second, told.third] == texts[1:3]
    assert texts[3:] == [*(f"{head}: {text}" for head, text in told.facts), *told.notes, *result.notes]
    assert [part.tag for part in found].count("svg") == 1
    assert not {"script", "img", "a", "iframe"} & {part.tag for part in found.iter()}
    (row,) = [row for row in found.iter("tr") if "long" in "".join(row.itertext())]
    cells = ["".join(cell.itertext()).strip() for cell in row.iter("td")]
    assert [float(re.sub(r"[*]", "", cell)) for cell in cells[:4]] == result["long"].rmse()[[0, 3, 15, 63]].round(
        3
    ).tolist()


def test_without_an_answer_it_is_the_table_alone():
    found = parsed(notebook(sa.evaluate(sa.AR(4), sine(0), 8, train=604).training))
    assert [part.tag for part in found] == ["table"]

"""The tables of the page are the comparison, and have every number that is drawn."""

from __future__ import annotations

import re

import numpy as np
import pytest

from stepahead.report.page.wording import WORDING

from ...data import ALWAYS
from ...pages import Page, read


@pytest.mark.parametrize("language", WORDING)
def test_the_table_is_the_comparison(result, texts, language):
    head, *rows = Page(texts[language]).tables[0]
    frame = result.to_frame()
    reach = result.trusted_horizon()
    assert [cell for cell in head if cell.startswith("k =")] == ["k = 1", "k = 4", "k = 16", "k = 64"]
    assert {row[0] for row in rows} == {*result, WORDING[language]["floor"]}
    for name, trusted, *cells, inside in rows[:-1]:
        wanted = frame[(frame.model == name) & frame.k.isin([1, 4, 16, 64])].rmse
        np.testing.assert_allclose([read(cell) for cell in cells], wanted, atol=5e-4 + 1e-6)
        assert trusted == (str(reach[name].claim) if name in reach else "–")
        covered = result[name].coverage(0.9)[-1]
        assert abs(read(inside.rstrip("%")) / 100 - covered) <= 0.005 + 1e-9
    assert [read(cell) for cell in rows[-1][2:6]] == [0.2] * 4
    order = [name for name, *_ in rows[:-1]]
    assert order[:3] == sorted(reach, key=lambda name: (-reach[name].claim, result[name].rmse()[-1]))
    assert order[3:] == sorted(ALWAYS, key=lambda name: result[name].rmse()[-1]), "baselines after the models"


def test_the_smallest_of_each_column_is_bold(result, texts):
    table = re.search(r"<table>.*?</table>", texts["en"], re.DOTALL)[0]
    for place, k in enumerate((1, 4, 16, 64)):
        column = [re.findall(r"<td>(.*?)</td>", row) for row in table.split("<tr")[2:]]
        bold = [
            cells[place - 4 if len(cells) == 4 else len(cells) - 4 + place]
            for cells in column
            if "<b>" in "".join(cells)
        ]
        least = min(found.rmse()[k - 1] for found in result.values())
        marked = [cell for cell in bold if cell.startswith("<b>")]
        assert marked == [f"<b>{least:.3f}</b>"], k


def test_every_number_stands_in_a_table(result, texts):
    found = Page(texts["en"]).tables[1:]
    reach = result.trusted_horizon()
    assert len(found) == 3
    for name, claim, horizon, ends, _ in found[0][1:4]:
        assert (int(claim), int(horizon)) == reach[name][:2]
        low, high = reach[name].low, reach[name].high
        assert ends == (f"{low} to {high}" if low < high else str(low)) + " or more" * (high == 64)
    for table, values in ((found[1], "rmse"), (found[2], "skill")):
        names = [name for name in table[0][1:] if name in result]
        frame = result.to_frame()
        assert [int(row[0]) for row in table[1:]] == list(range(1, 65))
        for place, name in enumerate(names, 1):
            mine = frame[frame.model == name].reset_index()
            for row, k in zip(table[1:], range(64), strict=True):
                value, *rest = row[place].split(" ", 1)
                assert abs(read(value) - mine[values][k]) <= 5e-4 + 1e-6
                if rest:
                    low, high = rest[0].split(" to ")
                    assert abs(read(high) - mine[f"{values}_high"][k]) <= 5e-4 + 1e-6
                    if np.isfinite(mine[f"{values}_low"][k]):
                        assert abs(read(low) - mine[f"{values}_low"][k]) <= 5e-4 + 1e-6
                    else:
                        assert low == "−∞"

"""The tables of the page are the comparison, and have every number that is drawn."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation.answer_text import verdict_text
from stepahead.report.page.wording import WORDING

from ...pages import Page, listed, page_of, read


@pytest.mark.parametrize("language", WORDING)
def test_the_table_is_the_comparison(result, texts, language):
    head, *rows = Page(texts[language]).tables[0]
    frame, answer = result.to_frame(), result.answer
    wanted = listed(result)
    assert [cell for cell in head if cell.startswith("k =")] == ["k = 1", "k = 4", "k = 16", "k = 64"]
    start = answer.verdicts[answer.model].step
    for name, (shown, verdict, saves, *cells) in zip(wanted, rows, strict=False):
        mine = frame[(frame.model == name) & frame.k.isin([1, 4, 16, 64])].rmse
        np.testing.assert_allclose([read(cell) for cell in cells], mine, atol=5e-4 + 1e-6)
        if name in answer.verdicts:
            place = answer.judgement.models.index(name)
            assert shown.replace("\u2060", "") == name
            assert verdict == " ".join(filter(None, verdict_text(answer.judgement, place, language, answer.units)))
            assert abs(read(saves[:-1]) / 100 - answer.saving[name][start - 1]) <= 0.005 + 1e-9
        else:
            assert name in shown.replace("\u2060", "")
            assert (verdict, saves) == (WORDING[language]["baseline"], "")
    assert len(rows) == len(wanted) + 1
    assert rows[-1][0] == WORDING[language]["floor"]
    assert [read(cell) for cell in rows[-1][3:]] == [0.2] * 4


def test_every_number_stands_in_a_table(result, texts):
    found, answer = Page(texts["en"]).tables[1:], result.answer
    frame = result.to_frame()
    assert len(found) == 3
    assert set(result) <= {name.replace("\u2060", "") for name in found[0][0]}, "every baseline"
    assert [int(row[0]) for row in found[0][1:]] == list(range(1, 65))
    for column, shown in enumerate(found[0][0][1:], 1):
        name = shown.replace("\u2060", "")
        if name not in result:
            continue
        mine = frame[frame.model == name].reset_index()
        for row, k in zip(found[0][1:], range(64), strict=True):
            value, _, rest = row[column].partition(" ")
            low, high = rest.split(" to ")
            np.testing.assert_allclose(
                [read(value), read(low), read(high)], mine.loc[k, ["rmse", "rmse_low", "rmse_high"]].tolist(), atol=6e-4
            )
    for column, shown in enumerate(found[1][0][1:], 1):
        name = shown.replace("\u2060", "")
        for row, k in zip(found[1][1:], range(64), strict=True):
            assert abs(read(row[column].split("%")[0]) / 100 - answer.saving[name][k]) <= 6e-4
    inside = {row[0].replace("\u2060", ""): read(row[1][:-1]) / 100 for row in found[2][1:]}
    for name, shown in inside.items():
        assert abs(shown - result[name].coverage(0.9)[-1]) <= 0.005 + 1e-9


OWN = {
    "quantiles": (
        lambda p: sa.Quantiles([0.05, 0.95], p[..., None] + [-0.5, 0.5], mean=p),
        "its own 2 quantiles",
        "自带：2 个分位数",
    ),
    "draws": (
        lambda p: sa.distributions.Samples(p + np.linspace(-1, 1, 50)[:, None, None]),
        "its own 50 draws",
        "自带：50 次抽样",
    ),
    "normal": (
        lambda p: sa.distributions.Normal(p, np.full(p.shape[1], 0.3)),
        "its own normal distribution",
        "自带：正态分布",
    ),
    "too narrow for 90 %": (
        lambda p: sa.Quantiles([0.25, 0.75], p[..., None] + [-0.1, 0.1], mean=p),
        "its earlier errors (conformal)",
        "此前的误差（共形推断）",
    ),
}


@pytest.mark.parametrize("kind", OWN)
def test_the_page_says_what_the_interval_of_each_model_comes_from(kind):
    made, english, chinese = OWN[kind]

    def f(windows, horizon):
        return made(np.repeat(windows[:, -1:], horizon, axis=1))

    result = sa.evaluate({"mine": sa.from_function(f, 3), "AR": sa.AR(4)}, sa.datasets.noisy_sine(seed=0), 8, 604)
    for language, words in (("en", english), ("zh", chinese)):
        rows = {row[0]: row[1:] for table in Page(page_of(result, language)).tables for row in table}
        shown = next(row for name, row in rows.items() if name == "mine" and len(row) == 2)
        assert shown[1] == words
        own = result["mine"].coverage(0.9, None if "conformal" not in english else "conformal")[-1]
        assert read(shown[0][:-1]) == pytest.approx(100 * own, abs=0.51)
        assert (
            next(row for name, row in rows.items() if name == "AR" and len(row) == 2)[1]
            == OWN["too narrow for 90 %"][1 if language == "en" else 2]
        )

"""How the errors behind a table show themselves."""

from __future__ import annotations

import numpy as np

import stepahead as sa


def test_it_shows_the_error_of_every_model_over_all_series():
    rng = np.random.default_rng(0)
    panel = [sa.Series(rng.normal(size=60), name=f"s{i}") for i in range(5)]
    scorer = sa.evaluate([sa.AR(2)], panel, 4, fit="each", keep="scores").scorer
    caption, head, *rows = repr(scorer).splitlines()
    assert caption == "rmse by number of steps ahead, 105 origins of 5 series"  # 60 - 36 - 4 + 1 from each
    assert head.split() == ["k=1", "k=4"]
    assert [row.split()[0] for row in rows] == ["AR(2)", "Mean", "Naive"]
    assert float(rows[0].split()[1]) == round(float(scorer.pooled("rmse")[0, 0]), len(rows[0].split()[1].split(".")[1]))
    assert scorer._repr_html_().count("<tr>") == 4


def test_of_symbols_it_shows_the_share_of_wrong_ones():
    scorer = sa.evaluate(sa.MarkovChain(), list("ssrsr" * 12), 3, keep="scores").scorer
    assert repr(scorer).startswith("zero_one by number of steps ahead, ")


def test_a_name_cannot_write_on_the_terminal_or_into_the_page():
    result = sa.evaluate({"<b>\x1b[31m": sa.AR(2)}, sa.datasets.nile(), 3, keep="scores")
    assert "\x1b" not in repr(result.scorer)
    assert "<b>" not in result.scorer._repr_html_()

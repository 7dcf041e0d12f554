"""Categories may be numbers, in any order."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import stepahead as sa


def test_categories_may_be_numbers_in_any_order():
    text = sa.Series(list("baabbbabb") * 12)
    numbers = sa.Series([1, 0, 0, 1, 1, 1, 0, 1, 1] * 12, categories=[1, 0])
    a, b = (sa.k_step(sa.MarkovChain().fit(s), s, 3, train=50) for s in (text, numbers))
    np.testing.assert_allclose(a.zero_one(), b.zero_one())
    np.testing.assert_allclose(a.log_loss(), b.log_loss())
    assert sa.MarkovChain().fit(numbers).forecast(numbers, 2).tolist() == [1, 1]
    cycle = sa.Series([10, 20, 30] * 30, categories=[30, 10, 20])
    result = sa.evaluate(sa.MarkovChain(), cycle, 3)
    assert result["MarkovChain(1)"].zero_one().tolist() == [0.0] * 3
    with pytest.raises(sa.errors.DtypeError, match="MarkovChain"):
        sa.AR(1).fit(pd.Series([1, 2, 3, 1] * 9, dtype="category"))


TEXT = [*"ab" * 50, "c", *"ab" * 30]


def test_a_symbol_first_met_after_the_training_part_is_named_with_its_place_and_the_cure():
    run = sa.evaluate(sa.MarkovChain(1, smoothing=1.0), sa.Series(TEXT), 2)
    assert np.isinf(run["MarkovChain(1)"].log_loss()).all()
    text = next(note for note in run.notes if note.startswith("'c' is first met at 100, after the training part"))
    assert "Declare it, Series(.., categories=[..]), for a MarkovChain with smoothing=1 to count it" in text
    assert "1 of 159 origins have no forecast by MarkovChain(1): they follow a missing value, or what" in " ".join(
        run.notes
    )
    days = np.arange("2024-01-01", "2024-07-01", dtype="M8[D]")[: len(TEXT)]
    dated = sa.evaluate(sa.MarkovChain(1, smoothing=1.0), sa.Series(TEXT, times=days[: len(TEXT)]), 2)
    assert any("at 100 (2024-04-10)" in note for note in dated.notes)


@pytest.mark.parametrize(
    "given",
    [
        sa.Series(TEXT, categories=["a", "b", "c"]),
        sa.Series(pd.Series(pd.Categorical(TEXT, categories=["a", "b", "c"]))),
        sa.Series(sa.Series(TEXT, categories=["a", "b", "c"]), name="again"),
    ],
)
def test_a_declared_symbol_is_a_state_before_it_occurs(given):
    model = sa.MarkovChain(1, smoothing=1.0).fit(given[:96])
    assert given.declared
    assert model.states_ == ("a", "b", "c")
    # 48 a, each followed by b; 47 b followed by a, the last by nothing: one more is shared out among three states.
    third = 1 / 3
    expected = [[third / 49, (48 + third) / 49, third / 49], [(47 + third) / 48, third / 48, third / 48], [third] * 3]
    np.testing.assert_allclose(model.transition_, expected)
    run = sa.evaluate(sa.MarkovChain(1, smoothing=1.0), given, 2)
    assert np.isfinite(run["MarkovChain(1)"].log_loss()).all()
    assert not any("first met" in note or "no forecast" in note for note in run.notes)
    scores = sa.evaluate(sa.MarkovChain(1, smoothing=1.0), [given, given], 2, fit="each", keep="scores")
    np.testing.assert_allclose(scores.by_step()["MarkovChain(1)"], run["MarkovChain(1)"].log_loss(), rtol=1e-12)


def test_symbols_that_are_found_are_no_states_before_they_occur():
    assert not sa.Series(TEXT).declared
    assert sa.MarkovChain(1).fit(sa.Series(TEXT)[:96]).states_ == ("a", "b")

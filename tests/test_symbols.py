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

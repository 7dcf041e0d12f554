"""Origins without a forecast are left out, counted and said."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa

from ..data import sine
from ..strangers import Stranger


def test_states_that_all_touch_a_hole():
    holes = sine(0, 60)
    model = sa.AR(2).fit(holes)
    holes[::2] = np.nan
    with pytest.raises(sa.errors.InputError, match=r"AR\(2\) has no origin with a forecast") as caught:
        sa.k_step(model, sa.Series(holes, missing="skip"), 3, train=0)
    assert caught.value.code == "missing-values"


X = np.cumsum(np.random.default_rng(0).normal(size=300))
Y = sine(0, 200)


def test_a_state_with_nan_is_no_forecast_and_is_counted():
    def gappy(x):
        state = x[:, None].copy()
        state[::2] = np.nan
        return (state,)

    result = sa.evaluate({"m": Stranger(encode=gappy)}, Y, 3)
    assert len(result["m"].origins) == len(result["Naive"].origins) == 39
    assert any("origins have no forecast" in text for text in result["m"].notes)


def test_series_that_the_fit_never_saw_are_held_out_and_noted():
    model = sa.AR(2).fit([X[:100], Y[:100]])
    result = sa.k_step(model, [X, Y, X[150:]], 3)
    assert result.start == (100, 100, 0)
    assert any("1 of 3 series" in text for text in result.notes)

"""Tests of stepahead.evaluation.external.forecast_cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import stepahead as sa

from ...data import sine
from ...elsewhere import by_hand, guess, nixtla, ours

T, TRAIN, H = 60, 30, 4
DAYS = np.arange("2024-01-01", T, dtype="datetime64[D]")
X = sine(0, T)
SERIES = sa.Series(X, DAYS, "wave")
ORIGINS = range(28, T - H + 1)


BLOCKS = {o: [guess(o, k) for k in range(1, H + 1)] for o in ORIGINS}


def test_origins_without_all_steps_or_all_targets_are_left_out_and_that_is_said():
    short = dict(BLOCKS) | {40: BLOCKS[40][:2], T - 1: [0.0] * H, T: [0.0] * H}
    result = sa.from_forecasts(short, SERIES, TRAIN)
    assert set(ORIGINS) - set(result.origins) - set(result.training.origins) == {40}
    assert result.origins[-1] == T - H
    assert any("3 of 31 origins of forecasts lack" in text for text in result.notes)
    few = sa.from_forecasts(short, SERIES, TRAIN, horizon=2)
    assert 40 in few.origins
    assert few.steps.tolist() == [1, 2]
    assert sa.from_forecasts(BLOCKS, SERIES, TRAIN, horizon=2).predictions.tolist() == [
        BLOCKS[o][:2] for o in ORIGINS if o >= TRAIN
    ]
    # Times behind the end of the series are no error: nothing has happened there yet.
    frame = nixtla()
    tail = pd.DataFrame(
        {"ds": pd.date_range("2024-02-29", periods=H), "cutoff": pd.Timestamp("2024-02-28"), "Ridge": 0.0}
    )
    result = sa.from_forecasts(pd.concat([frame, tail.assign(unique_id="wave")]), SERIES, TRAIN)
    assert result.origins[-1] == T - H
    with pytest.raises(sa.errors.InputError, match="no origin has a forecast"):
        sa.from_forecasts(pd.DataFrame({"origin": [40, 41], "k": [1, 2], "pred": 0.0}), SERIES, TRAIN)
    with pytest.raises(
        sa.errors.InputError, match="no origin has a forecast and an actual value at any step of the series"
    ):
        sa.from_forecasts({T: [0.0]}, SERIES, TRAIN)


def test_some_steps_alone():
    frame = ours()
    result = sa.from_forecasts(frame[frame.k.isin([1, 4])], SERIES, TRAIN)
    assert result.steps.tolist() == [1, 4]
    np.testing.assert_allclose(result.rmse(), [by_hand(1), by_hand(4)], rtol=1e-12)

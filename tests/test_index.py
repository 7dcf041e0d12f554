"""The index of a frame as times."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import polars as pl

import stepahead as sa

X = np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.6, 5.0])


def test_a_pandas_index_of_dates_becomes_the_times():
    index = pd.date_range("2024-03-30", periods=4, freq="D", tz="Europe/Berlin")
    series = sa.Series(pd.Series([1.0, 2.0, 3.0, 4.0], index=index, name="load"))
    assert series.name == "load"
    assert series.times is not None
    assert str(series.times[0]).startswith("2024-03-29T23:00")
    assert (
        sa.Series(
            pl.Series("x", X), times=pl.date_range(datetime.date(2024, 1, 1), datetime.date(2024, 1, 7), eager=True)
        ).when(2)
        == "2024-01-03"
    )

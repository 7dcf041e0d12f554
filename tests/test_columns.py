"""What comes in, of every kind: the values and symbols it becomes, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import stepahead as sa


def test_a_lazy_frame_whose_plan_fails_says_so():
    import polars as pl

    frame = pl.LazyFrame({"y": [1.0, 2.0, 3.0]}).select(pl.col("z"))
    with pytest.raises(sa.errors.InputError, match="the lazy frame cannot be collected") as caught:
        sa.Series(frame)
    assert caught.value.code == "frame"


@pytest.mark.parametrize(
    ("given", "values"),
    [
        (pd.Index([1.0, 2.0]), [1.0, 2.0]),
        (pd.array([1.0, 2.0]), [1.0, 2.0]),
        (pa.RecordBatch.from_pydict({"a": [1.0, 2.0]}), [1.0, 2.0]),
        (np.array([[1.0], [2.0]]), [1.0, 2.0]),
        (np.ma.array(["a", "b"], mask=[False, True]), [0, -1]),
        (pd.Categorical(["a", "b"]), [0, 1]),
    ],
    ids=["pandas Index", "pandas array", "record batch", "column", "masked text", "Categorical"],
)
def test_odd_kinds_are_read_or_named(given, values):
    assert sa.Series(given, missing="skip").values.tolist() == values


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (np.ma.array([1 + 2j, 2]), sa.errors.DtypeError),
        (pl.col("a"), sa.errors.DtypeError),
        ([10**400, 1], sa.errors.InputError),
        (np.ma.array([np.datetime64("2024-01-01")]), sa.errors.DtypeError),
    ],
)
def test_what_is_no_series_is_named(given, kind):
    with pytest.raises(kind):
        sa.Series(given)


BIG = [2**53 + 1, 3, 4]


@pytest.mark.parametrize(
    "data",
    [
        BIG,
        pa.array(BIG),
        pa.chunked_array([BIG]),
        pd.Series(BIG),
        pd.Series(BIG, dtype="Int64"),
        pd.Series(BIG, dtype="int64[pyarrow]"),
        pl.Series(BIG),
    ],
    ids=lambda data: f"{type(data).__module__.split('.')[0]} {getattr(data, 'dtype', getattr(data, 'type', ''))}",
)
def test_whole_numbers_that_are_no_float64_are_noted_whatever_they_come_in(data):
    with pytest.warns(sa.errors.StepaheadWarning, match="row 0 is 9007199254740993"):
        series = sa.Series(data)
    assert series.values.tolist() == [2.0**53, 3.0, 4.0]


def test_where_the_last_rows_have_no_value_it_is_asked_what_is_known_there():
    with pytest.raises(sa.errors.InputError) as caught:
        sa.Series([1.0, 2.0, 3.0, np.nan, np.nan])
    assert str(caught.value).endswith(
        "they are the last rows: leave them out, or where a column is known ahead there, name it in known="
    )
    assert sa.Series([1.0, 2.0, 3.0, np.nan, np.nan], known={"promo": [0, 1, 0, 1, 1]}).known.values.shape == (5, 1)
    with pytest.raises(sa.errors.InputError, match='missing="skip"'):
        sa.Series([1.0, np.nan, 3.0, np.nan])

"""Forecasts made elsewhere: every shape gives the same result, scored against sums by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import stepahead as sa

from ...data import sine
from ...elsewhere import DartsLike, by_hand, guess, nixtla, ours

T, TRAIN, H = 60, 30, 4
DAYS = np.arange("2024-01-01", T, dtype="datetime64[D]")
X = sine(0, T)
SERIES = sa.Series(X, DAYS, "wave")
ORIGINS = range(28, T - H + 1)


BLOCKS = {o: [guess(o, k) for k in range(1, H + 1)] for o in ORIGINS}


def skforecast() -> pd.DataFrame:
    rows = [(fold, o, k) for fold, o in enumerate(ORIGINS) for k in range(1, H + 1)]
    index = pd.DatetimeIndex([DAYS[o + k - 1] for _, o, k in rows])
    return pd.DataFrame({"fold": [f for f, _, _ in rows], "pred": [guess(o, k) for _, o, k in rows]}, index=index)


SHAPES = {
    "nixtla, pandas": nixtla,
    "nixtla, polars": lambda: pl.from_pandas(nixtla()),
    "nixtla, pyarrow": lambda: pa.Table.from_pandas(nixtla()),
    "nixtla, shuffled": lambda: nixtla().sample(frac=1.0, random_state=0),
    "skforecast": skforecast,
    "origin and k": ours,
    "dict": lambda: BLOCKS,
    "pairs": lambda: list(BLOCKS.items()),
    "pairs, backwards": lambda: list(BLOCKS.items())[::-1],
    "darts": lambda: [DartsLike(o, values) for o, values in BLOCKS.items()],
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_every_shape_gives_the_same_result_and_the_errors_summed_by_hand(shape):
    result = sa.from_forecasts(shape(), SERIES, TRAIN, "theirs")
    assert result.origins.tolist() == [o for o in ORIGINS if o >= TRAIN]
    assert result.training.origins.tolist() == [28, 29]
    assert result.steps.tolist() == [1, 2, 3, 4]
    assert result.steps[-1] == 4
    assert result.predictions.tolist() == [BLOCKS[o] for o in ORIGINS if o >= TRAIN]
    assert result.training.predictions.tolist() == [BLOCKS[28], BLOCKS[29]]
    np.testing.assert_allclose(result.rmse(), [by_hand(k) for k in range(1, H + 1)], rtol=1e-12)
    assert result.times[0, 0] == DAYS[TRAIN]
    assert result.start == (TRAIN,)
    assert result.model.name == "theirs"
    assert not result.predictions.flags.writeable
    assert "made elsewhere" in result.notes[-1]


def test_what_we_write_we_read_again():
    panel = [sa.Series(sine(1, 80), name="a"), sa.Series(sine(2, 90), name="b")]
    first = sa.evaluate(sa.AR(3), panel, horizon=5, train=0.5)["AR(3)"]
    again = sa.from_forecasts(first.to_frame("predictions"), panel, 0.5, "AR(3)")
    assert again.predictions.tobytes() == first.predictions.tobytes()
    assert again.part.tolist() == first.part.tolist()
    assert again.origins.tolist() == first.origins.tolist()
    np.testing.assert_array_equal(again.rmse(), first.rmse())


DATED = {"days": DAYS, "no times": None, "years": np.arange(1900, 1900 + T)}


@pytest.mark.parametrize("times", DATED)
@pytest.mark.parametrize("levels", [[0.05, 0.5, 0.95], [0.1, 0.3, 0.5, 0.9], [0.25, 0.75]])
def test_quantiles_that_we_write_we_read_again(times, levels):
    series = sa.Series(X, DATED[times], "wave")

    def f(windows, horizon):
        last = np.repeat(windows[:, -1:], horizon, axis=1)
        return sa.Quantiles(levels, last[..., None] + np.array(levels), mean=last)

    first = sa.evaluate(sa.from_function(f, 3, name="f(3)"), series, H, TRAIN)
    for frame in (first["f(3)"].to_frame("predictions"), first.to_frame(what="predictions")):
        again = sa.from_forecasts(frame, series, TRAIN, "f(3)")
        np.testing.assert_array_equal(again.predictions, first["f(3)"].predictions)
        np.testing.assert_array_equal(again._distribution.values, first["f(3)"]._distribution.values)
        np.testing.assert_allclose(again._distribution.levels, levels, rtol=1e-12)
        assert again.origins.tolist() == first["f(3)"].origins.tolist()
    named = list(first.to_frame(what="predictions").columns)
    assert named[:5] == ["unique_id", "ds", "cutoff", "y", "f(3)"]
    assert named[-5:] == ["Mean", "Naive", "SES", "Line", "Drift"]


def test_many_series_by_name_or_by_order():
    a, b = sa.Series(X, DAYS, "a"), sa.Series(X[::-1], DAYS, "b")
    long = pd.concat([nixtla().assign(unique_id="b").drop(columns="y"), nixtla().assign(unique_id="a")])
    result = sa.from_forecasts(long, [a, b], TRAIN, columns={"prediction": "Ridge"})
    assert np.bincount(result.part).tolist() == [len(ORIGINS) - 2] * 2
    alone = sa.from_forecasts(nixtla(), sa.Series(X, DAYS), TRAIN)
    assert result.predictions[result.part == 0].tobytes() == alone.predictions.tobytes()
    listed = sa.from_forecasts([BLOCKS, list(BLOCKS.items())], [a, b], TRAIN)
    assert listed.predictions.tobytes() == result.predictions.tobytes()
    with pytest.raises(sa.errors.InputError, match="'c' is not the name of a series; there are 'a', 'b'"):
        sa.from_forecasts(nixtla().assign(unique_id="c"), [a, b], TRAIN)
    with pytest.raises(sa.errors.InputError, match="tells them apart"):
        sa.from_forecasts(nixtla().drop(columns="unique_id"), [a, b], TRAIN)
    for bad in ([BLOCKS], BLOCKS, [BLOCKS, 3]):
        with pytest.raises(sa.errors.InputError, match="2 series need a list of 2 lists"):
            sa.from_forecasts(bad, [a, b], TRAIN)
    with pytest.raises(sa.errors.ParameterError, match="origins="):
        sa.from_forecasts(np.zeros((2, 2)), [a, b], TRAIN, origins=[30, 31])


def test_series_without_times_have_their_indices_for_times():
    frame = skforecast().reset_index(drop=True)
    frame.index = pd.Index([o + k for o in ORIGINS for k in range(H)])
    np.testing.assert_allclose(
        sa.from_forecasts(frame, X, TRAIN).rmse(), [by_hand(k) for k in range(1, H + 1)], rtol=1e-12
    )


def changed(row: int, column: str, value: object) -> pd.DataFrame:
    frame = nixtla()
    frame[column] = frame[column].astype(object)
    frame.loc[row, column] = value
    return frame.infer_objects()


WRONG = {
    "time not in the series": (
        lambda: changed(9, "ds", pd.Timestamp("2024-02-01 12:00")),
        "row 9: the series has no value at",
    ),
    "time before the series": (
        lambda: changed(9, "ds", pd.Timestamp("2023-02-01")),
        "row 9: the series has no value at 2023-02-01",
    ),
    "cutoff not in the series": (
        lambda: changed(9, "cutoff", pd.Timestamp("2023-12-31")),
        "row 9, cutoff: the series has no",
    ),
    "cutoff behind the series": (
        lambda: changed(9, "cutoff", pd.Timestamp("2025-01-01")),
        "row 9: 'cutoff' 2025-01-01",
    ),
    "target is not ahead": (
        lambda: changed(9, "cutoff", pd.Timestamp("2024-02-20")),
        "row 9: the target .index 31. is not after",
    ),
    "twice": (lambda: pd.concat([nixtla(), nixtla()[5:6]]), "row 5 and row 116 are both step 2 from origin 29"),
    "NaN": (lambda: changed(9, "Ridge", np.nan), "row 9: the forecast is nan"),
    "infinite": (lambda: changed(9, "Ridge", np.inf), "row 9: the forecast is inf"),
    "another series": (lambda: changed(9, "y", 7.0), "row 9: 'y' is 7, and the series has"),
    "text": (lambda: nixtla().assign(Ridge="high"), "column 'Ridge' holds text"),
    "no start": (lambda: nixtla().drop(columns="cutoff"), "no column has the origin of each forecast"),
    "no time": (lambda: pl.from_pandas(nixtla().drop(columns="ds")), "no column has the time of each forecast"),
    "an index of numbers": (lambda: nixtla().drop(columns="ds"), "both have to be dates"),
    "fold a fraction": (lambda: skforecast().assign(fold=0.5), "column 'fold', row 0: 0.5"),
    "origin outside": (lambda: {70: [0.0]}, "block 0, step 1: there is no origin 70: origins go from 0 to 60"),
    "nothing": (list, "the list is empty"),
    "a block of text": (lambda: [(40, "high")], "block 0 must hold numbers"),
    "a block of two columns": (lambda: [(40, np.zeros((3, 2)))], "block 0 must hold numbers"),
    "no block": (lambda: [BLOCKS[40]], "a block is .origin, values."),
    "origin a fraction": (lambda: [(40.0, [1.0])], "a block is .origin, values."),
    "block twice": (
        lambda: [(40, [1.0]), (41, [1.0]), (40, [1.0])],
        "block 0, step 1 and block 2, step 1 are both step 1",
    ),
    "a block with NaN": (lambda: [(40, [1.0, np.nan])], "block 0, step 2: the forecast is nan"),
    "all in the training part": (lambda: {20: [0.0]}, "no held-out origin"),
    "text for forecasts": (lambda: "forecasts.csv", "cannot be read from 'str'"),
    "an array without origins": (lambda: np.zeros((3, 3)), "with origins="),
}


@pytest.mark.parametrize(("make", "words"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_named_with_its_row(make, words):
    with pytest.raises(sa.errors.InputError, match=words) as caught:
        sa.from_forecasts(make(), SERIES, TRAIN)
    assert caught.value.code


def test_other_refusals():
    with pytest.raises(sa.errors.InputError, match="the series has none"):
        sa.from_forecasts(nixtla(), X, TRAIN)
    with pytest.raises(sa.errors.DtypeError, match="symbols"):
        sa.from_forecasts(BLOCKS, ["a", "b"] * 30, TRAIN)
    for bad in (
        {"train": 1.5},
        {"train": -1},
        {"train": TRAIN, "horizon": 0},
        {"train": TRAIN, "columns": {"time": "ds"}},
    ):
        with pytest.raises(sa.errors.ParameterError):
            sa.from_forecasts(BLOCKS, SERIES, **bad)
    with pytest.raises(sa.errors.ParameterError, match="origins="):
        sa.from_forecasts(nixtla(), SERIES, TRAIN, origins=[3])
    result = sa.from_forecasts(BLOCKS, SERIES, TRAIN)
    for use in (
        lambda: result.model.fit(X),
        lambda: sa.k_step(result.model, X, 3, train=0),
        lambda: result.model.rollout((), 2),
        lambda: sa.audit(result.model, X),
    ):
        with pytest.raises(sa.errors.InputError, match="not a model here"):
            use()

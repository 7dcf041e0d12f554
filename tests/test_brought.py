"""Forecasts made elsewhere: every shape is read into the same result, scored against sums by hand, and nonsense is named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import stepahead as sa

from .data import sine

T, TRAIN, H = 60, 30, 4
DAYS = np.arange("2024-01-01", T, dtype="datetime64[D]")
X = sine(0, T)
SERIES = sa.Series(X, DAYS, "wave")
ORIGINS = range(28, T - H + 1)


def guess(o: int, k: int) -> float:
    """Some forecast that depends on origin and step: the last value, moved on."""
    return float(X[o - 1] + 0.1 * k + 0.01 * (o % 3))


BLOCKS = {o: [guess(o, k) for k in range(1, H + 1)] for o in ORIGINS}


def by_hand(k: int, origins=ORIGINS) -> float:
    missed = [guess(o, k) - X[o + k - 1] for o in origins if o >= TRAIN]
    return float(np.sqrt(sum(e * e for e in missed) / len(missed)))


def nixtla() -> pd.DataFrame:
    rows = [(o, k) for o in ORIGINS for k in range(1, H + 1)]
    return pd.DataFrame(
        {
            "unique_id": "wave",
            "ds": pd.to_datetime([DAYS[o + k - 1] for o, k in rows]),
            "cutoff": pd.to_datetime([DAYS[o - 1] for o, _ in rows]),
            "y": [X[o + k - 1] for o, k in rows],
            "Ridge": [guess(o, k) for o, k in rows],
            "Ridge-lo-90": 0.0,
            "Ridge-hi-90": 0.0,
        }
    )


def skforecast() -> pd.DataFrame:
    rows = [(fold, o, k) for fold, o in enumerate(ORIGINS) for k in range(1, H + 1)]
    index = pd.DatetimeIndex([DAYS[o + k - 1] for _, o, k in rows])
    return pd.DataFrame({"fold": [f for f, _, _ in rows], "pred": [guess(o, k) for _, o, k in rows]}, index=index)


class DartsLike:
    def __init__(self, origin: int, values: list[float]) -> None:
        self.time_index = pd.DatetimeIndex(DAYS[origin : origin + len(values)])
        self._values = np.array(values)[:, None]

    def values(self) -> np.ndarray:
        return self._values


def ours() -> pd.DataFrame:
    rows = [(o, k) for o in ORIGINS for k in range(1, H + 1)]
    return pd.DataFrame(
        {"origin": [o for o, _ in rows], "k": [k for _, k in rows], "prediction": [guess(o, k) for o, k in rows]}
    )


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
    assert result.horizon == 4
    assert result.predictions.tolist() == [BLOCKS[o] for o in ORIGINS if o >= TRAIN]
    assert result.training.predictions.tolist() == [BLOCKS[28], BLOCKS[29]]
    np.testing.assert_allclose(result.rmse(), [by_hand(k) for k in range(1, H + 1)], rtol=1e-12)
    assert result.times[0, 0] == DAYS[TRAIN]
    assert result.train == (TRAIN,)
    assert result.model.name == "theirs"
    assert not result.predictions.flags.writeable
    assert "made elsewhere" in result.notes[-1]


def test_a_matrix_with_its_origins():
    matrix = np.array(list(BLOCKS.values()))
    result = sa.from_forecasts(matrix, X, TRAIN, origins=ORIGINS)
    np.testing.assert_allclose(result.rmse(), [by_hand(k) for k in range(1, H + 1)], rtol=1e-12)
    assert result.model.name == "forecasts"
    assert "forecasts" in result.table()
    for bad in (matrix[:3], matrix[:, 0], "text", matrix[:, :0]):
        with pytest.raises(sa.ParameterError, match=r"\[rows, steps\]"):
            sa.from_forecasts(bad, X, TRAIN, origins=ORIGINS)


def test_the_column_of_forecasts_is_found_or_asked_for():
    frame = nixtla()
    assert sa.from_forecasts(frame, SERIES, TRAIN).model.name == "Ridge"
    frame["Lasso"] = 0.0
    with pytest.raises(sa.InputError, match=r"'Ridge', 'Lasso'.*name="):
        sa.from_forecasts(frame, SERIES, TRAIN)
    assert sa.from_forecasts(frame, SERIES, TRAIN, "Lasso").predictions.sum() == 0.0
    named = sa.from_forecasts(frame, SERIES, TRAIN, "zero", columns={"prediction": "Lasso"})
    assert (named.model.name, named.predictions.sum()) == ("zero", 0.0)


def test_columns_may_have_any_name():
    frame = nixtla().drop(columns=["Ridge-lo-90", "Ridge-hi-90", "unique_id"])
    frame.columns = ["when", "known until", "what happened", "said"]
    names = {"time": "when", "cutoff": "known until", "actual": "what happened", "prediction": "said"}
    result = sa.from_forecasts(frame, SERIES, TRAIN, columns=names)
    np.testing.assert_allclose(result.rmse(), [by_hand(k) for k in range(1, H + 1)], rtol=1e-12)
    with pytest.raises(sa.ParameterError, match="columns='wann'"):
        sa.from_forecasts(frame, SERIES, TRAIN, columns={"wann": "when"})
    with pytest.raises(sa.ParameterError, match="columns="):
        sa.from_forecasts(frame, SERIES, TRAIN, columns=["when"])
    with pytest.raises(sa.InputError, match=r"no column 'wen'.*did you mean 'when'"):
        sa.from_forecasts(frame, SERIES, TRAIN, columns={**names, "time": "wen"})


def test_what_we_write_we_read_again():
    panel = [sa.Series(sine(1, 80), name="a"), sa.Series(sine(2, 90), name="b")]
    first = sa.evaluate(sa.AR(3), panel, horizon=5, train=0.5)["AR(3)"]
    again = sa.from_forecasts(first.to_frame("predictions"), panel, 0.5, "AR(3)")
    assert again.predictions.tobytes() == first.predictions.tobytes()
    assert again.part.tolist() == first.part.tolist()
    assert again.origins.tolist() == first.origins.tolist()
    np.testing.assert_array_equal(again.rmse(), first.rmse())


def test_many_series_by_name_or_by_order():
    a, b = sa.Series(X, DAYS, "a"), sa.Series(X[::-1], DAYS, "b")
    long = pd.concat([nixtla().assign(unique_id="b").drop(columns="y"), nixtla().assign(unique_id="a")])
    result = sa.from_forecasts(long, [a, b], TRAIN, columns={"prediction": "Ridge"})
    assert np.bincount(result.part).tolist() == [len(ORIGINS) - 2] * 2
    alone = sa.from_forecasts(nixtla(), sa.Series(X, DAYS), TRAIN)
    assert result.predictions[result.part == 0].tobytes() == alone.predictions.tobytes()
    listed = sa.from_forecasts([BLOCKS, list(BLOCKS.items())], [a, b], TRAIN)
    assert listed.predictions.tobytes() == result.predictions.tobytes()
    with pytest.raises(sa.InputError, match="'c' is not the name of a series; there are 'a', 'b'"):
        sa.from_forecasts(nixtla().assign(unique_id="c"), [a, b], TRAIN)
    with pytest.raises(sa.InputError, match="tells them apart"):
        sa.from_forecasts(nixtla().drop(columns="unique_id"), [a, b], TRAIN)
    for bad in ([BLOCKS], BLOCKS, [BLOCKS, 3]):
        with pytest.raises(sa.InputError, match="2 series need a list of 2 lists"):
            sa.from_forecasts(bad, [a, b], TRAIN)
    with pytest.raises(sa.ParameterError, match="origins="):
        sa.from_forecasts(np.zeros((2, 2)), [a, b], TRAIN, origins=[30, 31])


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
    tail = pd.DataFrame({"ds": pd.date_range("2024-02-29", periods=H), "cutoff": pd.Timestamp("2024-02-28"), "Ridge": 0.0})
    result = sa.from_forecasts(pd.concat([frame, tail.assign(unique_id="wave")]), SERIES, TRAIN)
    assert result.origins[-1] == T - H
    with pytest.raises(sa.InputError, match="no origin has a forecast"):
        sa.from_forecasts(pd.DataFrame({"origin": [40, 41], "k": [1, 2], "pred": 0.0}), SERIES, TRAIN)
    with pytest.raises(sa.InputError, match="no origin has a forecast, and what happened, at any step of the series"):
        sa.from_forecasts({T: [0.0]}, SERIES, TRAIN)


def test_some_steps_alone():
    frame = ours()
    result = sa.from_forecasts(frame[frame.k.isin([1, 4])], SERIES, TRAIN)
    assert result.steps.tolist() == [1, 4]
    np.testing.assert_allclose(result.rmse(), [by_hand(1), by_hand(4)], rtol=1e-12)


def test_series_without_times_have_their_indices_for_times():
    frame = skforecast().reset_index(drop=True)
    frame.index = pd.Index([o + k for o in ORIGINS for k in range(H)])
    np.testing.assert_allclose(sa.from_forecasts(frame, X, TRAIN).rmse(), [by_hand(k) for k in range(1, H + 1)], rtol=1e-12)


def changed(row: int, column: str, value: object) -> pd.DataFrame:
    frame = nixtla()
    frame[column] = frame[column].astype(object)
    frame.loc[row, column] = value
    return frame.infer_objects()


WRONG = {
    "time not in the series": (lambda: changed(9, "ds", pd.Timestamp("2024-02-01 12:00")), "row 9: the series has no value at"),
    "time before the series": (
        lambda: changed(9, "ds", pd.Timestamp("2023-02-01")),
        "row 9: the series has no value at 2023-02-01",
    ),
    "cutoff not in the series": (lambda: changed(9, "cutoff", pd.Timestamp("2023-12-31")), "row 9, cutoff: the series has no"),
    "cutoff behind the series": (lambda: changed(9, "cutoff", pd.Timestamp("2025-01-01")), "row 9: 'cutoff' 2025-01-01"),
    "target is not ahead": (
        lambda: changed(9, "cutoff", pd.Timestamp("2024-02-20")),
        "row 9: the target .index 31. does not lie",
    ),
    "twice": (lambda: pd.concat([nixtla(), nixtla()[5:6]]), "row 5 and row 116 are both step 2 from origin 29"),
    "NaN": (lambda: changed(9, "Ridge", np.nan), "row 9: the forecast is nan"),
    "infinite": (lambda: changed(9, "Ridge", np.inf), "row 9: the forecast is inf"),
    "another series": (lambda: changed(9, "y", 7.0), "row 9: 'y' is 7, and the series has"),
    "text": (lambda: nixtla().assign(Ridge="high"), "column 'Ridge' holds text"),
    "no start": (lambda: nixtla().drop(columns="cutoff"), "from where each forecast was made"),
    "no time": (lambda: pl.from_pandas(nixtla().drop(columns="ds")), "which time each forecast is of"),
    "an index of numbers": (lambda: nixtla().drop(columns="ds"), "both have to be dates"),
    "fold a fraction": (lambda: skforecast().assign(fold=0.5), "column 'fold', row 0: 0.5"),
    "origin outside": (lambda: {70: [0.0]}, "block 0, step 1: there is no origin 70: origins go from 0 to 60"),
    "nothing": (list, "no block at all"),
    "a block of text": (lambda: [(40, "high")], "block 0 must hold numbers"),
    "a block of two columns": (lambda: [(40, np.zeros((3, 2)))], "block 0 must hold numbers"),
    "no block": (lambda: [BLOCKS[40]], "a block is .origin, values."),
    "origin a fraction": (lambda: [(40.0, [1.0])], "a block is .origin, values."),
    "block twice": (lambda: [(40, [1.0]), (41, [1.0]), (40, [1.0])], "block 0, step 1 and block 2, step 1 are both step 1"),
    "a block with NaN": (lambda: [(40, [1.0, np.nan])], "block 0, step 2: the forecast is nan"),
    "all in the training part": (lambda: {20: [0.0]}, "no held-out origin"),
    "text for forecasts": (lambda: "forecasts.csv", "cannot be read out of 'str'"),
    "an array without origins": (lambda: np.zeros((3, 3)), "with origins="),
}


@pytest.mark.parametrize(("make", "words"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_named_with_its_row(make, words):
    with pytest.raises(sa.InputError, match=words) as caught:
        sa.from_forecasts(make(), SERIES, TRAIN)
    assert caught.value.code


def test_other_refusals():
    with pytest.raises(sa.InputError, match="the series has none"):
        sa.from_forecasts(nixtla(), X, TRAIN)
    with pytest.raises(sa.DtypeError, match="symbols"):
        sa.from_forecasts(BLOCKS, ["a", "b"] * 30, TRAIN)
    for bad in ({"train": 1.5}, {"train": -1}, {"train": TRAIN, "horizon": 0}, {"train": TRAIN, "columns": {"time": "ds"}}):
        with pytest.raises(sa.ParameterError):
            sa.from_forecasts(BLOCKS, SERIES, **bad)
    with pytest.raises(sa.ParameterError, match="origins="):
        sa.from_forecasts(nixtla(), SERIES, TRAIN, origins=[3])
    result = sa.from_forecasts(BLOCKS, SERIES, TRAIN)
    for use in (
        lambda: result.model.fit(X),
        lambda: sa.k_step(result.model, X, 3, train=0),
        lambda: result.model.rollout((), 2),
        lambda: sa.audit(result.model, X),
    ):
        with pytest.raises(sa.InputError, match="not a model here"):
            use()


# -- side by side -----------------------------------------------------------------------------------------------------


def test_brought_and_our_own_share_the_rows_that_both_have():
    every_third = {o: BLOCKS[o] for o in ORIGINS if o % 3 == 0}
    theirs = sa.from_forecasts(every_third, SERIES, TRAIN, "theirs")
    own = sa.evaluate(sa.AR(3), SERIES, horizon=6, train=TRAIN)
    both = sa.compare({"AR(3)": own["AR(3)"], "theirs": theirs}, period=7)
    assert list(both) == ["AR(3)", "theirs", "Mean", "Naive", "SeasonalNaive(7)"]
    held = [o for o in every_third if TRAIN <= o <= T - 6]  # the AR looked 6 steps ahead
    for result in both.values():
        assert result.origins.tolist() == held
        assert result.steps.tolist() == [1, 2, 3, 4]
    np.testing.assert_allclose(both["theirs"].rmse(), [by_hand(k, held) for k in range(1, 5)], rtol=1e-12)
    for k in range(1, 5):
        y = np.array([X[o + k - 1] for o in held])
        last, mean = np.array([X[o - 1] for o in held]), X[:TRAIN].mean()
        week = np.array([X[o - 7 + (k - 1) % 7] for o in held])
        for name, forecast in {"Naive": last, "Mean": mean, "SeasonalNaive(7)": week}.items():
            np.testing.assert_allclose(both[name].rmse()[k - 1], np.sqrt(np.mean((forecast - y) ** 2)), rtol=1e-12)
    rows = np.isin(own["AR(3)"].origins, held)
    assert both["AR(3)"].predictions.tobytes() == own["AR(3)"].predictions[rows][:, :4].tobytes()
    assert "theirs" in both.table()
    assert both.horizon == 4
    assert both["AR(3)"].training.steps.tolist() == [1, 2, 3, 4]


def test_a_whole_comparison_goes_in_and_its_simple_guesses_stay():
    own = sa.evaluate(sa.AR(3), SERIES, horizon=H, train=TRAIN)
    theirs = sa.from_forecasts(BLOCKS, SERIES, TRAIN, "theirs")
    both = sa.compare({**own, "theirs": theirs})
    assert list(both) == ["AR(3)", "Mean", "Naive", "theirs"]
    for name in own:
        assert both[name].predictions.tobytes() == own[name].predictions.tobytes()
    assert sa.compare([theirs])["Naive"].rmse().tobytes() == own["Naive"].rmse().tobytes()
    assert list(sa.compare(theirs)) == ["theirs", "Mean", "Naive"]


def test_many_series_side_by_side():
    panel = [sa.Series(sine(1, 80), name="a"), sa.Series(sine(2, 90), name="b"), sa.Series(sine(3, 70), name="c")]
    own = sa.evaluate(sa.AR(3), panel, horizon=5, train=0.5)
    theirs = sa.from_forecasts([{50: [0.0] * 5, 60: [0.0] * 5}, {50: [0.0] * 5, 85: [0.0] * 5}, {}], panel, 0.5, "zero")
    both = sa.compare({"AR(3)": own["AR(3)"], "zero": theirs})
    assert both["Mean"].part.tolist() == [0, 0, 1, 1]
    assert both["Mean"].origins.tolist() == [50, 60, 50, 85]
    assert [both.status[name] == "ok" for name in "abc"] == [True, True, False]


def test_with_no_training_part_there_is_no_mean():
    both = sa.compare([sa.from_forecasts(BLOCKS, SERIES, train=0)])
    assert list(both) == ["forecasts", "Naive"]
    assert len(both["Naive"].origins) == len(ORIGINS)


def test_results_that_cannot_be_compared_are_refused():
    theirs = sa.from_forecasts(BLOCKS, SERIES, TRAIN, "theirs")
    with pytest.raises(sa.InputError, match="not about the same series"):
        sa.compare({"a": theirs, "b": sa.from_forecasts(BLOCKS, X + 1.0, TRAIN)})
    with pytest.raises(sa.ParameterError, match="'a' was fitted on 30 values and 'b' on 31"):
        sa.compare({"a": theirs, "b": sa.from_forecasts(BLOCKS, SERIES, 31)})
    with pytest.raises(sa.ParameterError, match="two results are called theirs"):
        sa.compare([theirs, theirs])
    with pytest.raises(sa.ParameterError, match="name of a simple guess"):
        sa.compare({"Mean": theirs})
    with pytest.raises(sa.InputError, match="no step in common"):
        sa.compare({"a": theirs.at(1), "b": theirs.at(2)})
    with pytest.raises(sa.InputError, match="no held-out origin at which every model"):
        sa.compare([sa.from_forecasts({o: [0.0]}, SERIES, TRAIN, f"from {o}") for o in (32, 33)])
    for bad in ([], {}, [sa.AR(2)], theirs.training, "theirs", {"a": theirs.training}):
        with pytest.raises(sa.ParameterError, match="results="):
            sa.compare(bad)


# -- real peers -------------------------------------------------------------------------------------------------------


def test_skforecast_itself():
    pytest.importorskip("skforecast", reason="skforecast is not installed: its shape is checked by hand above")
    from skforecast.model_selection import TimeSeriesFold, backtesting_forecaster
    from skforecast.recursive import ForecasterRecursive
    from sklearn.linear_model import LinearRegression

    y = pd.Series(X, index=pd.DatetimeIndex(DAYS, freq="D"), name="wave")
    folds = TimeSeriesFold(steps=H, initial_train_size=TRAIN, refit=False, fold_stride=1, allow_incomplete_fold=False)
    _, made = backtesting_forecaster(
        ForecasterRecursive(LinearRegression(), lags=3),
        y,
        folds,
        metric="mean_squared_error",
        verbose=False,
        show_progress=False,
    )
    theirs = sa.from_forecasts(made, y, TRAIN)
    own = sa.evaluate(sa.AR(3), y, H, train=TRAIN)["AR(3)"]
    np.testing.assert_allclose(theirs.rmse(), own.rmse(), rtol=1e-9)


def test_mlforecast_itself():
    pytest.importorskip("mlforecast", reason="mlforecast is not installed: its shape is checked by hand above")
    from mlforecast import MLForecast
    from sklearn.linear_model import LinearRegression

    frame = pd.DataFrame({"unique_id": "wave", "ds": pd.to_datetime(DAYS), "y": X})
    model = MLForecast(models={"LR": LinearRegression()}, freq="D", lags=[1, 2, 3])
    made = model.cross_validation(frame, n_windows=T - H - TRAIN + 1, h=H, step_size=1, refit=False)
    theirs = sa.from_forecasts(made, SERIES, TRAIN)
    own = sa.evaluate(sa.AR(3), SERIES, H, train=TRAIN)["AR(3)"]
    np.testing.assert_allclose(theirs.rmse(), own.rmse(), rtol=1e-6)

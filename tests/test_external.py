"""Forecasts made elsewhere: every shape is read into the same result, scored against sums by hand,
and nonsense is named.
"""

from __future__ import annotations

import ast
import html
import json
import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import stepahead as sa
from stepahead.report import export

from .data import ALWAYS, sine

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
    assert result.steps[-1] == 4
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
    assert "forecasts" in repr(result)
    for bad in (matrix[:3], matrix[:, 0], "text", matrix[:, :0]):
        with pytest.raises(sa.errors.ParameterError, match=r"\[rows, steps\]"):
            sa.from_forecasts(bad, X, TRAIN, origins=ORIGINS)


def test_the_column_of_forecasts_is_found_or_asked_for():
    frame = nixtla()
    assert sa.from_forecasts(frame, SERIES, TRAIN).model.name == "Ridge"
    frame["Lasso"] = 0.0
    with pytest.raises(sa.errors.InputError, match=r"'Ridge', 'Lasso'.*name="):
        sa.from_forecasts(frame, SERIES, TRAIN)
    assert sa.from_forecasts(frame, SERIES, TRAIN, "Lasso").predictions.sum() == 0.0
    named = sa.from_forecasts(frame, SERIES, TRAIN, "zero", columns={"prediction": "Lasso"})
    assert (named.model.name, named.predictions.sum()) == ("zero", 0.0)


def test_columns_may_have_any_name():
    frame = nixtla().drop(columns="unique_id")
    frame.columns = ["when", "known until", "what happened", "said"]
    names = {"time": "when", "cutoff": "known until", "actual": "what happened", "prediction": "said"}
    result = sa.from_forecasts(frame, SERIES, TRAIN, columns=names)
    np.testing.assert_allclose(result.rmse(), [by_hand(k) for k in range(1, H + 1)], rtol=1e-12)
    with pytest.raises(sa.errors.ParameterError, match="columns='wann'"):
        sa.from_forecasts(frame, SERIES, TRAIN, columns={"wann": "when"})
    with pytest.raises(sa.errors.ParameterError, match="columns="):
        sa.from_forecasts(frame, SERIES, TRAIN, columns=["when"])
    with pytest.raises(sa.errors.InputError, match=r"no column 'wen'.*did you mean 'when'"):
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
    with pytest.raises(sa.errors.InputError, match="'c' is not the name of a series; there are 'a', 'b'"):
        sa.from_forecasts(nixtla().assign(unique_id="c"), [a, b], TRAIN)
    with pytest.raises(sa.errors.InputError, match="tells them apart"):
        sa.from_forecasts(nixtla().drop(columns="unique_id"), [a, b], TRAIN)
    for bad in ([BLOCKS], BLOCKS, [BLOCKS, 3]):
        with pytest.raises(sa.errors.InputError, match="2 series need a list of 2 lists"):
            sa.from_forecasts(bad, [a, b], TRAIN)
    with pytest.raises(sa.errors.ParameterError, match="origins="):
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
    tail = pd.DataFrame(
        {"ds": pd.date_range("2024-02-29", periods=H), "cutoff": pd.Timestamp("2024-02-28"), "Ridge": 0.0}
    )
    result = sa.from_forecasts(pd.concat([frame, tail.assign(unique_id="wave")]), SERIES, TRAIN)
    assert result.origins[-1] == T - H
    with pytest.raises(sa.errors.InputError, match="no origin has a forecast"):
        sa.from_forecasts(pd.DataFrame({"origin": [40, 41], "k": [1, 2], "pred": 0.0}), SERIES, TRAIN)
    with pytest.raises(
        sa.errors.InputError, match="no origin has a forecast, and what happened, at any step of the series"
    ):
        sa.from_forecasts({T: [0.0]}, SERIES, TRAIN)


def test_some_steps_alone():
    frame = ours()
    result = sa.from_forecasts(frame[frame.k.isin([1, 4])], SERIES, TRAIN)
    assert result.steps.tolist() == [1, 4]
    np.testing.assert_allclose(result.rmse(), [by_hand(1), by_hand(4)], rtol=1e-12)


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
    "block twice": (
        lambda: [(40, [1.0]), (41, [1.0]), (40, [1.0])],
        "block 0, step 1 and block 2, step 1 are both step 1",
    ),
    "a block with NaN": (lambda: [(40, [1.0, np.nan])], "block 0, step 2: the forecast is nan"),
    "all in the training part": (lambda: {20: [0.0]}, "no held-out origin"),
    "text for forecasts": (lambda: "forecasts.csv", "cannot be read out of 'str'"),
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


# -- side by side -----------------------------------------------------------------------------------------------------


def test_external_and_our_own_share_the_rows_that_both_have():
    every_third = {o: BLOCKS[o] for o in ORIGINS if o % 3 == 0}
    theirs = sa.from_forecasts(every_third, SERIES, TRAIN, "theirs")
    own = sa.evaluate(sa.AR(3), SERIES, horizon=6, train=TRAIN)
    both = sa.compare({"AR(3)": own["AR(3)"], "theirs": theirs}, period=7)
    assert list(both) == ["AR(3)", "theirs", *ALWAYS, "SeasonalNaive(7)", "Phases(7)", "LinePhases(7)"]
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


def test_a_whole_comparison_goes_in_and_its_simple_baselines_stay():
    own = sa.evaluate(sa.AR(3), SERIES, horizon=H, train=TRAIN)
    theirs = sa.from_forecasts(BLOCKS, SERIES, TRAIN, "theirs")
    both = sa.compare({**own, "theirs": theirs})
    assert list(both) == ["AR(3)", *ALWAYS, "theirs"]
    for name in own:
        assert both[name].predictions.tobytes() == own[name].predictions.tobytes()
    assert sa.compare([theirs])["Naive"].rmse().tobytes() == own["Naive"].rmse().tobytes()
    assert list(sa.compare(theirs)) == ["theirs", *ALWAYS]


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
    with pytest.raises(sa.errors.InputError, match="not about the same series"):
        sa.compare({"a": theirs, "b": sa.from_forecasts(BLOCKS, X + 1.0, TRAIN)})
    with pytest.raises(sa.errors.ParameterError, match="'a' has 30 training values and 'b' 31"):
        sa.compare({"a": theirs, "b": sa.from_forecasts(BLOCKS, SERIES, 31)})
    with pytest.raises(sa.errors.ParameterError, match="two results are called theirs"):
        sa.compare([theirs, theirs])
    with pytest.raises(sa.errors.ParameterError, match="name of a baseline"):
        sa.compare({"Mean": theirs})
    with pytest.raises(sa.errors.InputError, match="no step in common"):
        sa.compare({"a": theirs._at_step(1), "b": theirs._at_step(2)})
    with pytest.raises(sa.errors.InputError, match="no held-out origin at which every model"):
        sa.compare([sa.from_forecasts({o: [0.0]}, SERIES, TRAIN, f"from {o}") for o in (32, 33)])
    for bad in ([], {}, [sa.AR(2)], theirs.training, "theirs", {"a": theirs.training}):
        with pytest.raises(sa.errors.ParameterError, match="results="):
            sa.compare(bad)


# -- what a frame says beside its forecasts ---------------------------------------------------------------------------


def beside(point: str, *others: str) -> pd.DataFrame:
    """Forecasts in a column called `point`, and other columns that nobody may take for them."""
    return nixtla().rename(columns={"Ridge": point}).assign(**dict.fromkeys(others, 99.0))


UNREAD = {
    "Nixtla": ("M", ["M-lo-90", "M-hi-90"]),
    "Nixtla, a level of 90.0": ("M", ["M-lo-90.0", "M-hi-99.9"]),
    "Nixtla, one end": ("AutoARIMA", ["AutoARIMA-lo-80"]),
    "Nixtla, a name with signs": ("AR(4) x-y", ["AR(4) x-y-lo-80"]),
    "neuralforecast, the median": ("M", ["M-median"]),
    "neuralforecast, quantiles": ("M", ["M_ql0.05", "M_ql0.95"]),
    "neuralforecast, bounds": ("M", ["M-lb", "M-ub"]),
    "TimeGPT": ("TimeGPT", ["TimeGPT-q-10", "TimeGPT-q-90"]),
    "AutoGluon": ("mean", [f"0.{i}" for i in range(1, 10)]),
    "Chronos": ("predictions", ["0.1", "0.5", "0.9"]),
    "skforecast": ("pred", ["lower_bound", "upper_bound"]),
    "skforecast, quantiles": ("pred", ["q_0.05", "q_0.5", "q_0.95"]),
    "Prophet": ("yhat", ["yhat_lower", "yhat_upper"]),
    "Prophet, renamed": ("prediction", ["yhat_lower", "yhat_upper"]),
    "Nixtla, renamed": ("prediction", ["M-lo-90", "M-hi-90"]),
    "NeuralProphet": ("yhat1", ["yhat1 5.0%", "yhat1 95.0%"]),
    "Darts": ("x", ["x_q0.050", "x_q0.500", "x_q0.950"]),
    "statsmodels": ("mean", ["mean_ci_lower", "mean_ci_upper"]),
    "R": ("Point Forecast", ["Lo 80", "Hi 80", "Lo 95", "Hi 95"]),
    "BigQuery": ("prediction", ["prediction_interval_lower_bound", "prediction_interval_upper_bound"]),
    "AWS": ("mean", ["p10", "p50", "p90"]),
    "ours": ("AR(4)", ["AR(4) low", "AR(4) high"]),
    "in capitals": ("M", ["Lower", "Upper"]),
}


@pytest.mark.parametrize("kind", UNREAD)
@pytest.mark.parametrize("convert", [pd.DataFrame, pl.from_pandas, pa.Table.from_pandas])
def test_an_interval_that_is_not_read_is_an_error_that_says_what_to_type(kind, convert):
    point, others = UNREAD[kind]
    frame = convert(beside(point, *others))
    for named in ({}, {"name": point}, {"columns": {"prediction": point}}, {"name": "a title"}):
        with pytest.raises(sa.errors.InputError) as caught:
            sa.from_forecasts(frame, SERIES, TRAIN, **named)
        assert caught.value.code == "intervals"
        assert caught.value.columns == others
        assert repr(point) in str(caught.value)
        assert all(repr(other) in str(caught.value) for other in others)
    typed = re.search(r"drop them, (\w+\.\w+\(.*\))$", str(caught.value))[1]
    called, _, names = typed.removesuffix(")").partition("(")
    listed = ast.literal_eval(names.removeprefix("columns="))
    dropped = getattr(frame, called.partition(".")[2])(columns=listed) if convert is pd.DataFrame else None
    dropped = getattr(frame, called.partition(".")[2])(listed) if dropped is None else dropped
    result = sa.from_forecasts(dropped, SERIES, TRAIN)
    np.testing.assert_allclose(result.rmse(), [by_hand(k) for k in range(1, H + 1)], rtol=1e-12)


def test_many_quantiles_are_named_by_the_first_and_counted():
    others = [f"A rather long name of a model_ql{i / 100:.2f}" for i in range(10, 70)]
    with pytest.raises(
        sa.errors.InputError, match=r"frame.drop\(columns=\['A rather.*and 58 more like them\)$"
    ) as caught:
        sa.from_forecasts(beside("A rather long name of a model", *others), SERIES, TRAIN)
    assert caught.value.columns == others


@pytest.mark.parametrize(
    "others", [["M2", "M2-lo-90", "M2-hi-90"], ["M2_ql0.1", "M2-median"], ["MM", "MM_lower"], ["M2-lo-90"]]
)
def test_intervals_of_another_model_are_no_concern_of_the_one_that_is_named(others):
    frame = beside("M", *others)
    for named in ({"name": "M"}, {"columns": {"prediction": "M"}}):
        result = sa.from_forecasts(frame, SERIES, TRAIN, **named)
        np.testing.assert_allclose(result.rmse(), [by_hand(k) for k in range(1, H + 1)], rtol=1e-12)
    with pytest.raises(sa.errors.InputError, match=r"which column holds the forecasts\?.*'M'.*name="):
        sa.from_forecasts(frame, SERIES, TRAIN)
    with pytest.raises(sa.errors.InputError, match="drop them"):
        sa.from_forecasts(beside("M", *others, "M-hi-50"), SERIES, TRAIN, "M")


@pytest.mark.parametrize(
    "other", ["Lasso", "AR_p4", "Ridge_0.1", "median", "mean", "low_memory", "Flow", "q1", "XGB_95", "pp"]
)
def test_names_that_only_look_a_little_like_an_interval_are_models(other):
    assert sa.from_forecasts(beside("M", other), SERIES, TRAIN, "M").model.name == "M"
    assert sa.from_forecasts(beside(other), SERIES, TRAIN).model.name == other
    with pytest.raises(
        sa.errors.InputError, match=rf"which column holds the forecasts\? the columns are 'M', '{other}'"
    ):
        sa.from_forecasts(beside("M", other), SERIES, TRAIN)


@pytest.mark.parametrize("point", ["M-median", "0.5", "x_q0.500", "yhat_upper", "high"])
def test_a_quantile_that_is_all_there_is_is_the_forecast(point):
    result = sa.from_forecasts(beside(point), SERIES, TRAIN)
    np.testing.assert_allclose(result.rmse(), [by_hand(k) for k in range(1, H + 1)], rtol=1e-12)
    others = {"M-median": ["M-lo-90"], "x_q0.500": ["x_q0.050", "x_q0.950"]}.get(point)
    if others:
        with pytest.raises(sa.errors.InputError, match=r"which column holds the forecasts\?"):
            sa.from_forecasts(beside(point, *others), SERIES, TRAIN)
        with pytest.raises(sa.errors.InputError, match="drop them"):
            sa.from_forecasts(beside(point, *others), SERIES, TRAIN, point)


# -- draws ------------------------------------------------------------------------------------------------------------


class DrawnLike(DartsLike):
    """What Darts gives of a probabilistic model: `values()` is the first draw alone."""

    def __init__(self, origin: int, draws: np.ndarray) -> None:
        super().__init__(origin, draws[:, 0].tolist())
        self._draws = draws[:, None, :]

    def all_values(self) -> np.ndarray:
        return self._draws


def drawn(origin: int, count: int) -> np.ndarray:
    """[steps, draws] around the forecasts, skewed, so that mean, median and first draw differ."""
    noise = np.random.default_rng(origin).exponential(3.0, (H, count))
    return np.array(BLOCKS[origin])[:, None] + noise


def middle(values: list[float]) -> float:
    ranked, half = sorted(values), len(values) // 2
    return ranked[half] if len(values) % 2 else (ranked[half - 1] + ranked[half]) / 2


@pytest.mark.parametrize("count", [2, 7, 200])
@pytest.mark.parametrize(
    "shape",
    [
        lambda count: [DrawnLike(o, drawn(o, count)) for o in ORIGINS],
        lambda count: [(o, drawn(o, count)[:, None, :]) for o in ORIGINS],
        lambda count: [(o, drawn(o, count)[:, None, :].tolist()) for o in ORIGINS],
        lambda count: {o: drawn(o, count)[:, None, :].astype(np.float64) for o in ORIGINS},
    ],
    ids=["Darts", "pairs", "pairs of lists", "a dict"],
)
def test_draws_are_read_by_their_median(shape, count):
    result = sa.from_forecasts(shape(count), SERIES, TRAIN, "theirs")
    for row, o in enumerate(result.origins.tolist()):
        assert result.predictions[row].tolist() == [middle(draws) for draws in drawn(o, count).tolist()]
    assert f"theirs: each forecast is the median of {count} draws" in result.notes


def test_draws_beside_a_few_and_none():
    blocks = [DrawnLike(o, drawn(o, 5 if o % 2 else 9)) for o in ORIGINS]
    assert "forecasts: each forecast is the median of 5 to 9 draws" in sa.from_forecasts(blocks, SERIES, TRAIN).notes
    single = sa.from_forecasts([DrawnLike(o, drawn(o, 1)) for o in ORIGINS], SERIES, TRAIN)
    assert single.predictions[0].tolist() == drawn(TRAIN, 1)[:, 0].tolist()
    assert not any("median" in text for text in single.notes)
    many = sa.from_forecasts([{o: drawn(o, 3)[:, None] for o in ORIGINS}] * 2, [SERIES, SERIES], TRAIN)
    assert "forecasts: each forecast is the median of 3 draws" in many.notes


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((H, 9)),
        np.zeros((9, H)),
        np.zeros((9, H, 1)),
        np.zeros((1, 9, H)),
        np.zeros((H, 2, 9)),
        np.zeros((H, 1, 0)),
    ],
    ids=str,
)
def test_draws_whose_axes_nobody_can_tell_are_refused_with_their_shape(values):
    with pytest.raises(
        sa.errors.InputError, match=r"block 0 must hold numbers.*found numbers in the shape.*numpy.median"
    ) as caught:
        sa.from_forecasts([(40, values)], SERIES, TRAIN)
    assert str(values.shape) in str(caught.value)
    with pytest.raises(sa.errors.ParameterError, match=r"\[rows, steps\].*numpy.median"):
        sa.from_forecasts(np.zeros((len(ORIGINS), H, 9)), X, TRAIN, origins=ORIGINS)


def test_a_block_with_as_many_times_as_values():
    block = DrawnLike(40, drawn(40, 3))
    block.time_index = block.time_index[:-1]
    with pytest.raises(sa.errors.InputError, match="block 0 has 3 times and 4 values"):
        sa.from_forecasts([block], SERIES, TRAIN)


# -- what is said of the fits -----------------------------------------------------------------------------------------


class Foreign:
    """Anybody's forecaster, of whose fit nothing can be seen."""

    context = 1

    def fit(self, series):
        return self

    def encode(self, values, after=None):
        return (np.asarray(values.numbers)[:, None],)

    def rollout(self, state, horizon):
        return np.repeat(state[0][:, -1:], horizon, axis=1)


HERE, ELSEWHERE = "fitted once on the first 30 values", "made elsewhere; said to be held out from 30 on"
UNKNOWN, OTHER = "made elsewhere; nothing is known of its fits", "said to be fitted on other data"
FITS = {
    # kind: (results, {name: clause}, clauses in Chinese)
    "ours": (lambda: {"AR(3)": own()}, {"AR(3)": HERE, **dict.fromkeys(ALWAYS, HERE)}, ["只用前 30 个值训练一次"]),
    "elsewhere": (
        lambda: {"theirs": sa.from_forecasts(BLOCKS, SERIES, TRAIN)},
        {"theirs": ELSEWHERE, **dict.fromkeys(ALWAYS, HERE)},
        ["theirs：在别处作出，据称从 30 起未参与训练", "Mean、Naive、SES、Line、Drift：只用前 30 个值训练一次"],
    ),
    "unknown": (
        lambda: {"theirs": sa.from_forecasts(BLOCKS, SERIES, 0)},
        {"theirs": UNKNOWN},
        ["（在别处作出，怎样训练的无从得知）"],
    ),
    "mixed": (
        lambda: {"theirs": sa.from_forecasts(BLOCKS, SERIES, TRAIN), "AR(3)": own()},
        {"theirs": ELSEWHERE, "AR(3)": HERE, **dict.fromkeys(ALWAYS, HERE)},
        ["theirs：在别处作出，据称从 30 起未参与训练", "AR(3)、Mean、Naive、SES、Line、Drift：只用前 30 个值训练一次"],
    ),
    "said": (
        lambda: {"AR(3)": sa.k_step(sa.AR(3).fit(-X[:TRAIN]), SERIES, H, train=TRAIN), "AR": own()},
        {"AR(3)": "said to be fitted on the first 30 values", "AR": HERE, **dict.fromkeys(ALWAYS, HERE)},
        ["AR(3)：据称用前 30 个值训练", "AR、Mean、Naive、SES、Line、Drift：只用前 30 个值训练一次"],
    ),
    "other data": (
        lambda: {
            "AR(3)": sa.k_step(sa.AR(3).fit(-X), SERIES, H, train=0),
            "theirs": sa.from_forecasts(BLOCKS, SERIES, 0),
        },
        {"AR(3)": OTHER, "theirs": UNKNOWN},
        ["AR(3)：据称是在别的数据上训练的", "theirs：在别处作出，怎样训练的无从得知"],
    ),
}


def own() -> sa.results.KStep:
    return sa.evaluate(sa.AR(3), SERIES, H, TRAIN)["AR(3)"]


@pytest.mark.parametrize("kind", FITS)
def test_nobody_says_fitted_of_a_fit_that_was_not_made_here(kind, tmp_path):
    make, clauses, chinese = FITS[kind]
    both = sa.compare(make())
    by_clause: dict[str, list[str]] = {}
    for name, clause in clauses.items():
        by_clause.setdefault(clause, []).append(name)
    wanted = "; ".join(f"{', '.join(names)}: {clause}" for clause, names in by_clause.items())
    wanted = next(iter(by_clause)) if len(by_clause) == 1 else wanted
    assert both._caption().endswith(f"; {wanted}")
    assert both.training._caption().endswith(f"; {wanted}")
    assert f"; {wanted}\n" in both.table()
    assert wanted in html.unescape(both._repr_html_())
    for name, clause in clauses.items():
        assert both[name]._caption().endswith(f"; {clause}")
        assert clause in str(both[name])
        assert clause in both[name]._repr_html_()
        assert both[name]._at_step(1)._caption().endswith(f"; {clause}")
    found = json.loads(export.evaluation_json(both))["fits"]
    assert {name: found[name] for name in clauses} == clauses
    both.report(tmp_path / "en.html")
    both.report(tmp_path / "zh.html", "zh")
    page = html.unescape((tmp_path / "en.html").read_text(encoding="utf-8"))
    assert page.count(wanted) == 2
    assert f"held-out origins ({wanted})." in page
    page = html.unescape((tmp_path / "zh.html").read_text(encoding="utf-8"))
    assert all(page.count(said) >= 1 for said in chinese)
    if HERE not in clauses.values():
        for text in (both.table(), both._repr_html_(), (tmp_path / "en.html").read_text(encoding="utf-8")):
            assert "fitted once" not in text
        assert "训练一次" not in page


def test_of_many_series_elsewhere_is_said_too():
    panel = [sa.Series(sine(1, 80), name="a"), sa.Series(sine(2, 90), name="b")]
    theirs = sa.from_forecasts([{50: [0.0] * 5}, {50: [0.0] * 5}], panel, 0.5, "zero")
    assert (
        theirs._caption()
        == "2 held-out origins; made elsewhere; said to be held out from the end of each training part on"
    )
    own = sa.evaluate(sa.AR(3), panel, 5, 0.5)["AR(3)"]
    said = sa.compare({"AR(3)": own, "zero": theirs})._caption()
    assert "AR(3), Mean, Naive: one fit on 2 series; zero: made elsewhere" in said


def test_a_fit_that_is_known_by_what_it_was_made_of_is_ours():
    model = sa.AR(3).fit(X[:TRAIN])
    for train in (None, TRAIN):
        assert sa.k_step(model, X, H, train=train)._caption().endswith(HERE)
    assert sa.k_step(model, X, H, train=40)._caption().endswith("said to be fitted on the first 40 values")
    foreign = sa.k_step(Foreign(), X, H, train=TRAIN)
    assert foreign._caption().endswith("said to be fitted on the first 30 values")
    assert foreign.training._caption().endswith("said to be fitted on the first 30 values")
    assert sa.evaluate({"f": Foreign()}, X, H, TRAIN)["f"]._caption().endswith(HERE)


def test_names_in_a_caption_are_inert_and_few():
    evil = "a\x1b[2J<b>"
    both = sa.compare({evil: sa.from_forecasts(BLOCKS, SERIES, TRAIN), "AR(3)": own()})
    assert "\x1b" not in both.table()
    assert "<b>" not in both._repr_html_()
    many = {f"m{i}": sa.from_forecasts(BLOCKS, SERIES, TRAIN) for i in range(9)}
    assert "m0, m1, m2, m3, m4, m5 …: made elsewhere" in sa.compare(many)._caption()


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

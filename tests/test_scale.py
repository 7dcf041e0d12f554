"""Many series side by side and long series in pieces: the numbers of `evaluate`, whatever the way there."""

from __future__ import annotations

import re
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from sklearn.linear_model import Ridge

import stepahead as sa
from stepahead.evaluation import batches, panels, reference
from stepahead.evaluation import each as apart
from stepahead.numerics import linear as plain
from stepahead.numerics.streamed import LaggedMoments, overlapping
from stepahead.protocols import Batch
from stepahead.reading.pieces import pieces

from .counting import calls
from .data import ALWAYS, ROOT, each, of_series, readings, streamed


def waves(count: int, length: int, seed: int = 0, noise: float = 0.2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.sin(rng.uniform(0.03, 0.3, (count, 1)) * np.arange(length)) + rng.normal(0.0, noise, (count, length))


@pytest.fixture
def loops(monkeypatch):
    """How many series went through the loop."""
    calls = []

    def counted(*arguments, **options):
        calls.append(arguments[1])
        return reference.fits(*arguments, **options)

    monkeypatch.setattr(apart, "fits", counted)
    return calls


def alone(models, item, horizon: int, train, **options):
    """The result of `evaluate`, and the status; None and why there is none."""
    try:
        return sa.evaluate(models, sa.Series(item), horizon, train, **options), "ok"
    except sa.errors.StepaheadError as error:
        return None, str(error)


def assert_same(
    scores: sa.results.Comparison, models, panel, horizon: int, train, rtol: float = 1e-9, **options
) -> None:
    """Every row is that of `evaluate` on the series alone, and every status what it says."""
    for (name, status), item in zip(scores.status.items(), panel, strict=True):
        result, why = alone(models, item, horizon, train, **options)
        assert status == why
        assert (name in scores.scorer.series) == (result is not None)
        if result is None:
            continue
        found = of_series(scores, name)
        assert list(found) == list(result)
        place = scores.scorer.series.index(name)
        for model, expected in result.items():
            np.testing.assert_array_equal(scores.scorer.n[place], expected.n())
            for key, values in expected._readings().items():
                scale = min(np.nanmax(expected.rmse()), 1e300) if key == "bias" else 1.0
                close = {"rtol": rtol, "atol": rtol * scale if key in ("bias", "skill") else 0.0}
                np.testing.assert_allclose(found[model][key], values, **close, err_msg=f"{name} {model} {key}")


# ---------------------------------------------------------------------------------------------------------------
# What it stands on


def test_choices_are_those_of_the_models():
    x = waves(4, 260, noise=0.4)
    batch = Batch(x, np.abs(x).max(axis=1), 16, np.arange(1, 17))
    lags = sa.AR("auto")._chosen_lags(batch)
    assert lags.tolist() == [sa.AR("auto").fit(row).lags_ for row in x]
    stacks = sa.SSA().fit_batch(batch)
    chosen = {int(row): (stack.onto.shape[2], stack.onto.shape[1]) for stack in stacks for row in stack.rows}
    models = [sa.SSA().fit(row) for row in x]
    assert chosen == {i: (model.rank_, model.context) for i, model in enumerate(models)}


# ---------------------------------------------------------------------------------------------------------------
# The same numbers


KINDS = {
    "ar": lambda: [sa.AR(4), sa.AR(1, intercept=False)],
    "ar in chunks": lambda: [sa.AR(3, chunk=4, ridge=0.1), sa.AR(5, anchor="last")],
    "ar chosen": lambda: [sa.AR("auto", horizon=16)],
    "burg": lambda: [sa.AR(3, method="burg")],
    "baselines": lambda: [sa.baselines.Drift(), sa.baselines.SeasonalNaive(7), sa.baselines.Mean()],
    "ssa": lambda: {"two": sa.SSA(2, window=20), "four": sa.SSA(4)},
    "ssa chosen": lambda: [sa.SSA(horizon=8)],
    "mlp": lambda: [
        sa.MLP(4, hidden=4, training=sa.Training(epochs=2)),
        sa.Scaled(sa.MLP(3, hidden=3, chunk=3, ensemble=2, training=sa.Training(epochs=1))),
    ],
    "bins": lambda: [sa.MarkovChain(1, bins=4), sa.MarkovChain(0, bins=3), sa.MarkovChain(2, bins=3, smoothing=1.0)],
    "scaled": lambda: [sa.Scaled(sa.AR("auto")), sa.Scaled(sa.AR(4), by="window")],
    "steps": lambda: [
        sa.Differenced(sa.AR(2)),
        sa.Differenced(sa.baselines.Mean()),
        sa.Differenced(sa.SSA(2, window=20)),
    ],
    "corrected": lambda: {
        "ar": sa.wrappers.Rectified(sa.AR(4), horizon=8),
        "long": sa.wrappers.Rectified(sa.baselines.Drift(), horizon=20, ridge=0.01),
    },
    "one in the other": lambda: [
        sa.Differenced(sa.Scaled(sa.AR(3))),
        sa.Scaled(sa.Differenced(sa.wrappers.Rectified(sa.AR(2), horizon=5))),
    ],
    "no stacked way": lambda: [sa.Windowed(Ridge(), lags=4), sa.Differenced(sa.AR(2, method="burg"))],
}


@pytest.mark.parametrize("kind", KINDS)
def test_scores_are_those_of_evaluate_on_each_series(kind):
    panel = [*waves(3, 130), *waves(2, 101, seed=1, noise=1.0), np.cumsum(waves(1, 130, seed=2)[0])]
    models = KINDS[kind]()
    scores = each(models, panel, horizon=16, train=0.6)
    assert_same(scores, models, panel, 16, 0.6)
    few = each(models, panel, horizon=16, train=70, steps=[2, 16], period=5)
    assert_same(few, models, panel, 16, 70, steps=[2, 16], period=5)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("burg", "scaled", "no stacked way")])
def test_plain_series_are_stacked_and_not_looped_over(kind, loops):
    each(KINDS[kind](), waves(4, 300, noise=0.1), horizon=8)
    assert not loops


HARD = {
    "noise-free": lambda t, e: np.sin(0.1 * t),
    "constant": lambda t, e: np.full(len(t), 3.0),
    "zero": lambda t, e: np.zeros(len(t)),
    "twice summed": lambda t, e: np.cumsum(np.cumsum(e)),
    "explodes": lambda t, e: np.exp(0.3 * t) + e,
    "high": lambda t, e: 1e8 + e,
    "huge": lambda t, e: 1e200 * e,
    "tiny": lambda t, e: 1e-200 * e,
    "few values": lambda t, e: np.rint(e),
    "a hole": lambda t, e: np.where(t == 40, np.nan, e),
    "nothing": lambda t, e: np.full(len(t), np.nan),
    "infinite": lambda t, e: np.where(t == 40, np.inf, e),
    "one jump": lambda t, e: e + 1e6 * (t == 90),
    "held-out flat": lambda t, e: np.where(t < 60, e, e[60]),
}


# of a net that explodes on values of 1e200, in its errors
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@pytest.mark.parametrize(
    "model",
    [
        sa.AR(3),
        sa.AR("auto"),
        sa.SSA(2),
        sa.SSA(),
        sa.MLP(2, hidden=2, training=sa.Training(epochs=1)),
        sa.MarkovChain(1, bins=4),
    ],
    ids=repr,
)
def test_hard_series_are_scored_or_say_why_and_never_cost_the_others(model, loops):
    rng = np.random.default_rng(0)
    t = np.arange(120)
    panel = [make(t, rng.normal(size=120)) for make in HARD.values()] + [rng.normal(size=120), rng.normal(size=5)]
    scores = each(model, panel, horizon=4, train=80)
    assert_same(scores, [model], panel, 4, 80)
    assert scores.status[str(len(HARD))] == "ok"
    assert len(loops) < len(panel)
    assert "too short" in scores.failed[str(len(panel) - 1)]
    assert "missing" in scores.failed[str(list(HARD).index("a hole"))]


def test_missing_values_that_are_skipped_go_one_by_one(loops):
    x = waves(2, 100)
    x[0, 70] = np.nan
    panel = [sa.Series(x[0], missing="skip"), sa.Series(x[1])]
    scores = each([sa.AR(3)], panel, horizon=4)
    assert_same(scores, [sa.AR(3)], panel, 4, 0.6)
    assert len(loops) == 1
    assert scores.scorer.n[0].max() < scores.scorer.n[1].max()
    assert any("no forecast" in text for text in scores.notes)


@pytest.mark.parametrize("models", [[sa.MarkovChain(1)], [sa.MarkovChain(2, smoothing=0.5), sa.MarkovChain(0)]])
def test_symbols_are_stacked_too(models, loops):
    rng = np.random.default_rng(0)
    letters = np.array(["a", "b", "c"])
    panel = [letters[rng.integers(0, 3, 90)].tolist() for _ in range(4)]
    panel += [
        letters[rng.integers(0, 2, 90)].tolist(),
        ["a"] * 60 + ["b", "c"] * 15,
        ["a", "b"] * 45,
        ["a"] * 90,
        ["a", "b"],
    ]
    scores = each(models, panel, horizon=3, train=60)
    assert list(scores.scorer.readings) == ["zero_one", "log_loss"]
    for (name, status), item in zip(scores.status.items(), panel, strict=True):
        result, why = alone(models, item, 3, 60)
        assert status == why
        if result is None:
            continue
        for model, expected in result.items():
            for key, values in expected._readings().items():
                np.testing.assert_allclose(of_series(scores, name)[model][key], values, rtol=1e-10, atol=1e-14)
    assert len(loops) <= 5


def test_numbers_among_symbols_are_named():
    scores = each(sa.MarkovChain(1), [["a", "b"] * 20, np.arange(40.0)], horizon=2)
    assert "all numbers or all text" in scores.failed["1"]


# ---------------------------------------------------------------------------------------------------------------
# Panels in, scores out


def test_every_kind_of_panel_gives_the_same_scores(tmp_path):
    x = waves(5, 90)
    mapped = np.lib.format.open_memmap(tmp_path / "x.npy", mode="w+", dtype=np.float64, shape=x.shape)
    mapped[:] = x
    kinds = {
        "array": x,
        "map": mapped,
        "fortran": np.asfortranarray(x),
        "read-only": np.broadcast_to(x, x.shape),
        "list": list(x),
        "lists": x.tolist(),
        "series": [sa.Series(row) for row in x],
        "panel": sa.Panel([sa.Series(row) for row in x]),
        "generator": (row for row in x),
    }
    expected = each(sa.AR(2), x.copy(), horizon=4)
    for kind, panel in kinds.items():
        found = each(sa.AR(2), panel, horizon=4)
        assert found.status == expected.status, kind
        for key, values in readings(expected).items():
            np.testing.assert_array_equal(found.scorer.by_series(key), values, err_msg=f"{kind} {key}")
    whole = np.rint(10 * x)
    for dtype in (np.int32, np.float32):
        found = each(sa.AR(2), whole.astype(dtype), horizon=4)
        np.testing.assert_array_equal(
            found.scorer.by_series("rmse"), each(sa.AR(2), whole, horizon=4).scorer.by_series("rmse")
        )


def test_a_panel_with_refused_series_says_so_and_names_stay_apart():
    panel = sa.Panel([sa.Series(row, name="a") for row in waves(2, 60)], refused={"b": "none was observed"})
    scores = each(sa.AR(2), panel, horizon=4)
    assert scores.status == {"a": "ok", "a #1": "ok", "b": "none was observed"}
    assert scores.failed == {"b": "none was observed"}
    assert "1 of 3 series are not scored" in str(scores)


@pytest.mark.parametrize(
    ("panel", "error"),
    [(waves(1, 60)[0], sa.errors.DtypeError), ("load.csv", sa.errors.InputError), (3, sa.errors.DtypeError),
     ([], sa.errors.InputError),
     ([[1.0, np.nan]], sa.errors.InputError), (np.zeros((2, 3, 4)), sa.errors.DtypeError)],
)  # fmt: skip
def test_what_is_no_panel_is_refused(panel, error):
    with pytest.raises(error):
        each(sa.AR(2), panel, horizon=4)


def test_arguments_are_checked_before_any_series_is_read():
    panel = (1 / 0 for _ in range(3))
    for call in (
        lambda: each(sa.AR(0), panel, horizon=4),
        lambda: each(sa.AR(2), panel, horizon=0),
        lambda: each(sa.AR(2), panel, horizon=4, train=1.5),
        lambda: each(sa.AR(2), panel, horizon=4, steps=[5]),
        lambda: each([sa.AR(2), sa.AR(2)], panel, horizon=4),
    ):
        with pytest.raises(sa.errors.ParameterError):
            call()
    with pytest.raises(sa.errors.ParameterError, match="a baseline that is always shown"):
        each({"Mean": sa.AR(2)}, waves(2, 60), horizon=4)


def test_blocks_come_one_at_a_time_and_add_up(monkeypatch):
    x = waves(7, 90)
    whole = each(sa.AR(2), x, horizon=4)
    monkeypatch.setattr(panels, "BLOCK_VALUES", 180)
    read = []

    def lazily():
        for index, row in enumerate(x):
            read.append(index)
            yield row

    parts = sa.scale.score_blocks(sa.AR(2), lazily(), horizon=4)
    first = next(parts)
    assert first.scorer.series == ("0", "1")
    assert read == [0, 1]
    joined = sa.results.Comparison._joined([first, *parts])
    assert joined.status == whole.status
    np.testing.assert_array_equal(joined.scorer.by_series("mae"), whole.scorer.by_series("mae"))
    seen = []
    each(sa.AR(2), x, horizon=4, progress=lambda *told: seen.append(told))
    assert seen == [("series", done, 7) for done in (2, 4, 6, 7)]


def test_blocks_of_any_size_give_the_same_scores(monkeypatch):
    x = waves(5, 200)
    models = [
        sa.AR(3),
        sa.SSA(2, window=12),
        sa.MLP(2, hidden=2, training=sa.Training(epochs=1)),
        sa.MarkovChain(1, bins=3),
    ]
    whole = each(models, x, horizon=8)
    monkeypatch.setattr(batches, "CELLS", 256)
    monkeypatch.setattr(panels, "BATCH_VALUES", 400)
    few = each(models, x, horizon=8)
    for key, values in readings(whole).items():
        np.testing.assert_allclose(few.scorer.by_series(key), values, rtol=1e-11, atol=1e-12, err_msg=key)


def test_scores_as_columns_and_frames():
    scores = each([sa.AR(2)], waves(3, 60), horizon=4, steps=[1, 4])
    columns = scores.scorer.columns()
    assert len(columns["k"]) == 3 * (1 + len(ALWAYS)) * 2
    rows = list(zip(columns["series"], columns["model"], columns["k"], strict=True))
    assert len(set(rows)) == len(rows)
    row = rows.index(("1", "Naive", 4))
    assert columns["rmse"][row] == of_series(scores, "1")["Naive"]["rmse"][1] == scores.by_series("rmse")["Naive"][1, 1]
    assert list(np.asarray(scores.to_frame(what="series")["rmse"])) == columns["rmse"].tolist()
    with pytest.raises(sa.errors.ParameterError):
        scores.to_frame(what="excel")


def test_a_net_that_diverges_does_not_take_the_others_along():
    panel = waves(5, 80)
    panel[2] *= 1e150
    scores = each(sa.MLP(2, hidden=2, training=sa.Training(epochs=1)), panel, horizon=4)
    assert list(scores.failed) == ["2"]
    assert "diverged" in scores.failed["2"]


def test_many_series_are_a_fraction_of_the_calls_of_a_loop():
    x, models = waves(150, 200), [sa.AR(4)]

    def counted(job) -> int:
        job()
        return calls(job)

    together = counted(lambda: each(models, x, horizon=32)) / 150
    loop = counted(lambda: [found._readings() for row in x[:8] for found in sa.evaluate(models, row, 32).values()]) / 8
    assert loop > 20.0 * together


# ---------------------------------------------------------------------------------------------------------------
# Long series


def assert_stream(models, x: np.ndarray, horizon: int, train, size: int, rtol: float = 1e-9, **options) -> None:
    expected = sa.evaluate(models, x, horizon, train, **options)
    scores = streamed(models, pieces(x, size=size), horizon, train, **options)
    assert scores.scorer.models == tuple(expected)
    for model, result in expected.items():
        np.testing.assert_array_equal(scores.scorer.n[0], result.n())
        for key, values in result._readings().items():
            close = {"rtol": rtol, "atol": rtol if key in ("bias", "skill") else 0.0}
            np.testing.assert_allclose(of_series(scores, "0")[model][key], values, **close, err_msg=f"{model} {key}")


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_a_stream_has_the_scores_of_the_whole(size):
    x = waves(1, 400 if size > 1 else 120)[0]
    models = {"a": sa.AR(5), "b": sa.AR(3, chunk=4, ridge=0.5), "c": sa.AR(4, anchor="last"), "d": sa.AR(2, intercept=False),
              "drift": sa.baselines.Drift()}  # fmt: skip
    assert_stream(models, x, 8, 0.5, size)
    assert_stream(models, x, 8, 60, size, steps=[1, 6], period=11)


@pytest.mark.parametrize(
    ("model", "rtol"),
    [
        (lambda: sa.AR("auto", horizon=8), 1e-9),
        (lambda: sa.AR(3, method="burg"), 1e-9),
        (lambda: sa.SSA(2, window=20), 1e-9),
        (lambda: sa.Scaled(sa.MLP(4, training=sa.Training(epochs=1))), 1e-9),
        (lambda: sa.Differenced(sa.AR(2)), 1e-9),
        (lambda: sa.HMM(2), 1e-7),
        pytest.param(lambda: sa.GRU(4, training=sa.Training(updates=2)), 1e-4, marks=pytest.mark.slow),
    ],
)
def test_models_that_follow_a_series_follow_it_in_pieces(model, rtol):
    made = model()
    if isinstance(made, sa.RecurrentNet):
        pytest.importorskip("torch")
    assert_stream([made], waves(1, 300)[0], 6, 150, 64, rtol)


@pytest.mark.parametrize("make", [lambda t, e: 1e6 + 0.01 * t + e, lambda t, e: np.cumsum(e), lambda t, e: 1e-200 * e])
@pytest.mark.parametrize("intercept", [True, False])
def test_streamed_sums_keep_their_digits(make, intercept):
    rng = np.random.default_rng(0)
    x = make(np.arange(5000), rng.normal(size=5000))
    moments = LaggedMoments(4, 1, intercept)
    for run in overlapping(pieces(x, size=333), 5):
        moments.add(run)
    alone = plain.least_squares([x], 4, intercept=intercept)
    again = lambda: overlapping(pieces(x, size=333), 5)  # noqa: E731
    found = moments.fit(again, 0.0, False)
    assert found.by_qr == alone.by_qr
    assert moments.rows == 4996
    np.testing.assert_allclose(found.coefficients, alone.coefficients, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(found.intercept, alone.intercept, rtol=1e-6, atol=1e-7 * np.abs(x).max())
    np.testing.assert_allclose(found.variance, alone.variance, rtol=1e-6)


def test_ill_conditioned_streams_take_a_second_look():
    x = np.sin(0.01 * np.arange(3000)) + np.random.default_rng(0).normal(0.0, 1e-6, 3000)
    assert_stream([sa.AR(6)], x, 4, 2000, 256, rtol=1e-6)


@pytest.mark.parametrize(
    "model", [sa.AR(5), sa.baselines.Mean(), sa.baselines.SeasonalNaive(80), sa.AR(2, chunk=3), sa.SSA(2)], ids=repr
)
def test_a_streamed_fit_is_a_fit(model, tmp_path):
    x = waves(1, 600)[0]
    fitted, whole = model.clone().fit(pieces(x[:400], size=50)), model.fit(x[:400])
    np.testing.assert_array_equal(fitted.trained_fingerprints_, whole.trained_fingerprints_)
    np.testing.assert_allclose(fitted.forecast(x, 7), whole.forecast(x, 7), rtol=1e-10)
    assert sa.k_step(fitted, x, 5).train == (400,)
    if isinstance(model, sa.AR):
        np.testing.assert_allclose(fitted.variance_, whole.variance_, rtol=1e-10)
    fitted.save(tmp_path / "model.safetensors")
    assert sa.load(tmp_path / "model.safetensors").forecast(x, 7).tolist() == fitted.forecast(x, 7).tolist()


def test_sources_of_a_stream(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    x = waves(1, 500)[0]
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "big-endian.npy", x.astype(">f4"))
    pq.write_table(pa.table({"x": x}), tmp_path / "x.parquet", row_group_size=77)
    pq.write_table(pa.table({"x": x, "t": np.arange(500)}), tmp_path / "two.parquet", row_group_size=1000)
    cut = [x[:100], x[100:100], x[100:103], x[103:]]
    sources = {
        "series": sa.Series(x, name="x"), "npy": str(tmp_path / "x.npy"), "parquet": tmp_path / "x.parquet",
        "map": np.load(tmp_path / "x.npy", mmap_mode="r"), "column": pieces(tmp_path / "two.parquet", column="x"),
        "list": cut, "iterator": iter(cut), "small": pieces(tmp_path / "x.npy", size=9),
    }  # fmt: skip
    expected = sa.evaluate([sa.AR(3)], x, 4, 300)["AR(3)"].rmse()
    for kind, source in sources.items():
        scores = streamed([sa.AR(3)], source, 4, 300)
        np.testing.assert_allclose(scores.scorer.by_series("rmse")[0, 0], expected, rtol=1e-12, err_msg=kind)
        assert scores.scorer.series[0] in ("x", "0")
    assert np.concatenate(list(pieces(tmp_path / "big-endian.npy"))).dtype == np.float64
    for start, stop in ((0, 500), (76, 78), (77, 300), (499, 500)):
        for path in ("x.npy", "x.parquet"):
            np.testing.assert_array_equal(
                np.concatenate(list(pieces(tmp_path / path, size=50).between(start, stop))), x[start:stop]
            )


def test_sources_that_cannot_be_read_say_why(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    x = waves(1, 500)[0]
    np.save(tmp_path / "cut.npy", x)
    whole = (tmp_path / "cut.npy").read_bytes()
    (tmp_path / "cut.npy").write_bytes(whole[:-8])
    (tmp_path / "head.npy").write_bytes(whole[:20])
    np.save(tmp_path / "plane.npy", np.zeros((3, 4)))
    (tmp_path / "x.csv").write_text("a,b\n")
    (tmp_path / "x.parquet").write_bytes(b"PAR1 no more")
    pq.write_table(pa.table({"x": x, "t": np.arange(500)}), tmp_path / "two.parquet")
    for source in ("missing.npy", "cut.npy", "head.npy", "plane.npy", "x.csv", "x.parquet", "two.parquet"):
        with pytest.raises(sa.errors.InputError):
            pieces(tmp_path / source)
    with pytest.raises(sa.errors.InputError, match="1234"):
        pieces(tmp_path / "two.parquet", column="1234")
    for bad in (3.0, np.zeros((2, 2))):
        with pytest.raises(sa.errors.DtypeError):
            pieces(bad)
    with pytest.raises(sa.errors.DtypeError):
        list(pieces(iter([np.zeros((2, 2))])))
    with pytest.raises(sa.errors.DtypeError):
        list(pieces(np.array(["a", "b"])))
    hollow = x.copy()
    hollow[321] = np.nan
    with pytest.raises(sa.errors.InputError, match="value 321 is nan"):
        streamed(sa.AR(2), pieces(hollow, size=50), 4, 300)
    with pytest.raises(sa.errors.InputError, match="too short"):
        streamed(sa.AR(2), x, 4, 498)
    with pytest.raises(sa.errors.InputError, match="too short"):
        streamed(sa.AR(2), iter([x]), 4, 498)
    with pytest.raises(sa.errors.InputError, match="too short"):
        streamed(sa.AR(2), iter([x]), 4, 600)
    with pytest.raises(sa.errors.InputError, match="coefficients"):
        streamed(sa.AR(20), x, 4, 30)
    with pytest.raises(sa.errors.ParameterError, match="number of values"):
        streamed(sa.AR(2), iter([x]), 4, 0.5)
    with pytest.raises(sa.errors.InputError, match="symbols"):
        streamed(sa.MarkovChain(1), np.rint(x), 4, 300)
    once = pieces(iter([x]))
    assert len(np.concatenate(list(once))) == 500
    with pytest.raises(sa.errors.InputError, match="read already"):
        list(once)


class Endless:
    """A series that is never whole in memory."""

    def __init__(self, length: int) -> None:
        self.length = length

    def __iter__(self):
        for at in range(0, self.length, 4096):
            n = min(4096, self.length - at)
            yield np.sin(0.01 * np.arange(at, at + n)) + np.random.default_rng(at).normal(0.0, 0.2, n)


def peak_of(job) -> int:
    tracemalloc.start()
    job()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_depend_on_the_length():
    def job(length: int):
        return lambda: streamed([sa.AR(8)], Endless(length), 8, length // 2)

    job(10_000)()
    assert peak_of(job(160_000)) < 1.2 * peak_of(job(40_000)) < 20e6


def test_memory_does_not_depend_on_the_number_of_series():
    def job(count: int):
        rows = (np.random.default_rng(i).normal(size=4096) for i in range(count))
        return lambda: [len(part) for part in sa.scale.score_blocks([sa.AR(2)], rows, 4, steps=[4])]

    panels_before = panels.BLOCK_VALUES
    try:
        panels.BLOCK_VALUES = 1 << 17
        job(2)()
        assert peak_of(job(200)) < 1.2 * peak_of(job(50)) < 20e6
    finally:
        panels.BLOCK_VALUES = panels_before


@pytest.mark.parametrize("kind", KINDS)
def test_the_company_a_series_keeps_does_not_change_its_bits(kind):
    x = waves(6, 120, noise=0.3)
    together = each(KINDS[kind](), x, horizon=8)
    shuffled = each(KINDS[kind](), x[::-1].copy(), horizon=8)
    by_one = sa.results.Comparison._joined([each(KINDS[kind](), x[i : i + 1], horizon=8) for i in range(6)])
    for key, values in readings(together).items():
        np.testing.assert_array_equal(values, shuffled.scorer.by_series(key)[::-1], err_msg=key)
        np.testing.assert_array_equal(values, by_one.scorer.by_series(key), err_msg=key)


# ---------------------------------------------------------------------------------------------------------------
# What the benchmark prints, held to


def benchmark(*arguments: object) -> tuple[float, float]:
    """Seconds and megabytes of one job of benchmarks/scale.py, in a process of its own."""
    typed = [sys.executable, str(ROOT / "benchmarks" / "scale.py"), *map(str, arguments)]
    out = subprocess.run(typed, capture_output=True, text=True, check=True).stdout
    seconds, peak = re.search(r"([\d.]+) s +peak +(\d+) MB", out).groups()
    return float(seconds), float(peak)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_time_is_linear_and_memory_flat_in_the_number_of_series():
    (one, _), (ten, less), (twenty, more) = (benchmark("panel", count) for count in (2000, 10_000, 20_000))
    assert twenty < 2.0 * 1.5 * ten < 10.0 * 1.5**2 * one
    assert more < less + 30


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_series_of_twenty_million_values_takes_a_few_megabytes(tmp_path):
    path, length = tmp_path / "long.npy", 20_000_000
    values = np.lib.format.open_memmap(path, mode="w+", dtype=np.float64, shape=(length,))
    rng = np.random.default_rng(0)
    for begin in range(0, length, 1 << 20):
        here = values[begin : begin + (1 << 20)]
        here[:] = np.sin(0.01 * np.arange(begin, begin + len(here))) + rng.normal(0.0, 0.2, len(here))
    fitted = sa.AR(16).fit(pieces(path).head(1_000_000))
    whole = sa.AR(16).fit(np.array(values[:1_000_000]))
    np.testing.assert_allclose(fitted.coefficients_, whole.coefficients_, rtol=0.0, atol=1e-10)
    assert benchmark("stream", path, length // 2)[1] < 400


@pytest.mark.slow
def test_a_net_in_pieces_is_the_net_in_one():
    pytest.importorskip("torch")
    x = np.sin(0.01 * np.arange(100_000)) + np.random.default_rng(0).normal(0.0, 0.2, 100_000)
    assert_stream([sa.GRU(8, training=sa.Training(updates=50))], x, 8, 2000, 10_007, rtol=1e-6)

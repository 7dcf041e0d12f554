"""Readings by step against slow loops; the rows of a comparison; what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy.stats import norm

import stepahead as sa
from stepahead import memory, walk
from stepahead.distributions import Discrete, Normal

from .data import ALWAYS, sine

H, TRAIN = 9, 70


@pytest.fixture(scope="module")
def result():
    x = 5.0 + sine(0, 130)
    return sa.k_step(sa.AR(3).fit(x[:TRAIN]), x, H), x


def loop(result, x, what):
    """[H] a mean over held-out origins of what(forecast, actual, known values)."""
    return np.array(
        [
            np.mean(
                [
                    what(result.predictions[i, k - 1], x[o + k - 1], x[:o])
                    for i, o in enumerate(range(TRAIN, len(x) - H + 1))
                ]
            )
            for k in range(1, H + 1)
        ]
    )


def test_readings_are_their_loops(result):
    run, x = result
    assert run.origins.tolist() == list(range(TRAIN, len(x) - H + 1))
    mse = loop(run, x, lambda p, a, known: (p - a) ** 2)
    np.testing.assert_allclose((run.rmse() ** 2), mse, rtol=1e-12)
    np.testing.assert_allclose(run.rmse(), np.sqrt(mse), rtol=1e-12)
    np.testing.assert_allclose(run.mae(), loop(run, x, lambda p, a, known: abs(p - a)), rtol=1e-12)
    np.testing.assert_allclose(run.bias(), loop(run, x, lambda p, a, known: p - a), rtol=1e-10, atol=1e-12)
    last = loop(run, x, lambda p, a, known: (known[-1] - a) ** 2)
    mean = loop(run, x, lambda p, a, known: (x[:TRAIN].mean() - a) ** 2)
    np.testing.assert_allclose(run.skill("Naive"), 1 - mse / last, rtol=1e-9)
    np.testing.assert_allclose(run.skill("Mean"), 1 - mse / mean, rtol=1e-9)
    others = np.min([run.baselines[name].mse() for name in ALWAYS], axis=0)
    np.testing.assert_allclose(run.skill(), 1 - mse / others, rtol=1e-9)
    assert (others <= np.minimum(last, mean) * (1 + 1e-12)).all()
    for period in (1, 7):
        scale = np.mean([abs(x[t] - x[t - period]) for t in range(period, TRAIN)])
        np.testing.assert_allclose(run.mase(period), run.mae() / scale, rtol=1e-12)
    assert run.n().tolist() == [len(x) - H + 1 - TRAIN] * H
    np.testing.assert_array_equal(run.losses("squared"), (run.predictions - run.actuals) ** 2)
    np.testing.assert_array_equal(run.losses("absolute"), np.abs(run.predictions - run.actuals))


def test_crps_and_coverage_are_their_loops(result):
    run, x = result
    model = run.model
    spread = model.predictive(model.encode(x), H).std()[0]
    z = norm.ppf(0.95)
    for k in (1, H):
        p, a, s = run.predictions[:, k - 1], run.actuals[:, k - 1], spread[k - 1]
        assert run.coverage(0.9, "model")[k - 1] == pytest.approx(np.mean(np.abs(a - p) <= z * s))
        grid = np.linspace(-8, 8, 20001) * s
        integral = [
            np.trapezoid((norm.cdf((p[i] + grid - p[i]) / s) - (p[i] + grid >= a[i])) ** 2, grid)
            for i in range(0, len(p), 10)
        ]
        np.testing.assert_allclose(run.losses("crps")[::10, k - 1], integral, rtol=2e-3)
    assert run._at_step(3).crps()[0] == pytest.approx(run.crps()[2])


def test_training_origins_are_kept_apart(result):
    run, _ = result
    assert run.training.origins.tolist() == list(range(3, TRAIN))
    assert run.training.rmse().tolist() != run.rmse().tolist()
    with pytest.raises(sa.errors.InputError):
        _ = run.training.training
    assert "origins inside the training part" in str(run.training)
    assert "held-out origins, 70 to 121" in str(run)


def test_steps_keep_columns_and_the_same_rows(result):
    run, x = result
    few = sa.k_step(run.model, x, H, steps=[9, 2])
    assert few.steps.tolist() == [2, 9]
    assert few.predictions.tobytes() == np.ascontiguousarray(run.predictions[:, [1, 8]]).tobytes()
    np.testing.assert_allclose(few.rmse(), run.rmse()[[1, 8]], rtol=1e-12)
    assert few.actuals.tolist() == run.actuals[:, [1, 8]].tolist()
    np.testing.assert_allclose(few.losses("crps"), run.losses("crps")[:, [1, 8]], rtol=1e-12)
    assert run._at_step(4).rmse()[0] == pytest.approx(run.rmse()[3])
    assert run._at_step(4).training.rmse()[0] == pytest.approx(run.training.rmse()[3])
    with pytest.raises(sa.errors.ParameterError):
        few._at_step(3)


def test_the_origins_asked_for(result):
    run, x = result
    some = sa.k_step(run.model, x, H, origins=[100, 80, 81])
    assert some.origins.tolist() == [80, 81, 100]
    for row, origin in enumerate(some.origins):
        np.testing.assert_allclose(some.predictions[row], run.predictions[origin - TRAIN], rtol=1e-12)
    for bad in ([2], [122], [1.5], []):
        with pytest.raises(sa.errors.ParameterError):
            sa.k_step(run.model, x, H, origins=bad)


def test_times_and_last_values(result):
    run, x = result
    days = np.arange("2024-01-01", "2024-05-10", dtype="datetime64[D]")[:130]
    dated = sa.k_step(run.model, sa.Series(x, times=days), H)
    assert dated.times[0, 0] == days[TRAIN]
    assert dated.times[-1, -1] == days[-1]
    assert run.times[0].tolist() == list(range(TRAIN, TRAIN + H))
    assert "2024-03-11" in str(dated)


def test_a_model_knows_its_training_part_by_itself():
    x = sine(1, 200)
    model = sa.AR(2).fit(x[:120])
    assert sa.k_step(model, x, 5).train == (120,)
    for unknown in (x[50:], x[:100]):
        with pytest.raises(sa.errors.InputError, match="train=0") as caught:
            sa.k_step(model, unknown, 5)
        assert caught.value.code == "train-unknown"
    other = sa.k_step(model, x[50:], 5, train=0)
    assert other.train == (0,)
    assert other.origins[0] == 2
    with pytest.raises(sa.errors.ParameterError):
        other.skill("mean")
    assert np.isfinite(other.skill()).all()
    assert sa.k_step(model, x, 5, train=150).origins[0] == 150


def test_every_model_is_scored_on_the_same_rows():
    x = sine(2, 300)
    result = sa.evaluate([sa.AR(2), sa.AR(90, ridge=1.0)], x, 10, train=100, period=12)
    assert list(result) == ["AR(2)", "AR(90)", *ALWAYS, "SeasonalNaive(12)", "Phases(12)", "LinePhases(12)"]
    assert {tuple(run.origins) for run in result.values()} == {tuple(range(100, 291))}
    assert {tuple(run.origins) for run in result.training.values()} == {tuple(range(90, 100))}
    later = sa.evaluate(sa.AR(2), x, 10, train=100, period=150)
    assert {tuple(run.origins) for run in later.values()} == {tuple(range(150, 291))}
    with pytest.raises(sa.errors.InputError) as caught:
        sa.evaluate(sa.AR(2), x, 10, train=100, period=295)
    assert caught.value.code == "too-short"


def test_rows_that_touch_a_gap_drop_out_for_everyone():
    x = sine(3, 200)
    x[150] = np.nan
    result = sa.evaluate([sa.AR(3), sa.AR(8)], sa.Series(x, missing="skip"), 4, train=100)
    expected = [o for o in range(100, 197) if not 150 < o <= 158]
    for run in result.values():
        assert run.origins.tolist() == expected
        assert run.n().tolist() == [len(expected) - 1] * 4
        assert np.isfinite(run.rmse()).all()
        assert np.isfinite(run.skill()).all()
    assert "n " in result.table()
    k2 = [(result["AR(3)"].predictions[i, 1] - x[o + 1]) ** 2 for i, o in enumerate(expected) if o + 1 != 150]
    assert result["AR(3)"].rmse()[1] == pytest.approx(np.sqrt(np.mean(k2)))


def test_a_panel_is_pooled_rows():
    one, two = sa.Series(sine(0, 120), name="one"), sa.Series(3.0 + 2.0 * sine(1, 90), name="two")
    result = sa.evaluate(sa.AR(3), [one, two], 5, train=0.5)
    run = result["AR(3)"]
    assert run.train == (60, 45)
    assert [(run.part == i).sum() for i in (0, 1)] == [120 - 60 - 5 + 1, 90 - 45 - 5 + 1]
    squares = [
        (run.predictions[row] - series.values[run.origins[row] : run.origins[row] + 5]) ** 2
        for i, series in enumerate((one, two))
        for row in np.flatnonzero(run.part == i)
    ]
    np.testing.assert_allclose((run.rmse(scaled=False) ** 2), np.mean(squares, axis=0), rtol=1e-12)
    heads = [one.values[:60], two.values[:45]]
    scale = np.array([min(head.var(), np.mean(np.diff(head) ** 2)) for head in heads])[run.part]
    np.testing.assert_allclose((run.rmse() ** 2), np.mean(np.array(squares) / scale[:, None], axis=0), rtol=1e-12)
    sizes = np.sqrt(squares) / np.sqrt(scale[:, None])
    np.testing.assert_allclose(run.mae(), sizes.mean(axis=0), rtol=1e-12)
    means = [head.mean() for head in heads]
    missed = [np.mean((np.array(means)[run.part] - run.actuals[:, k]) ** 2 / scale) for k in range(5)]
    np.testing.assert_allclose(run.skill("Mean"), 1 - (run.rmse() ** 2) / missed, rtol=1e-9)
    assert "in units of the scale of each series" in result._caption()
    assert len(run.to_frame("predictions")) == len(run.part) * 5
    assert set(run.to_frame("predictions")["series"]) == {"one", "two"}
    assert result.table()
    with pytest.raises(sa.errors.ParameterError):
        sa.k_step(run.model, [one, two], 5, origins=[70])


def test_names():
    x = sine(0, 100)
    with pytest.raises(sa.errors.ParameterError, match="pass a dict"):
        sa.evaluate([sa.AR(2), sa.AR(2, ridge=1.0)], x, 3)
    result = sa.evaluate({"plain": sa.AR(2), "ridge": sa.AR(2, ridge=1.0)}, x, 3)
    assert list(result) == ["plain", "ridge", "Mean", "Naive"]
    assert list(sa.evaluate([sa.baselines.Naive()], x, 3)) == ["Naive", "Mean"]
    for bad in ([], {}, sa.AR, [3], "ar"):
        with pytest.raises(sa.errors.ParameterError):
            sa.evaluate(bad, x, 3)


def test_anybodys_forecaster_is_a_model():
    class Halfway:
        """Halfway from the last value to zero, by a stranger who inherits nothing."""

        def fit(self, series):
            self.context = 1
            return self

        def encode(self, values, after=None):
            return (np.asarray(getattr(values, "numbers", values), dtype=float)[:, None],)

        def rollout(self, state, horizon):
            return state[0] * 0.5 ** np.arange(1, horizon + 1)

    x = sine(0, 200)
    result = sa.evaluate(Halfway(), x, 3)
    assert next(iter(result)) == "Halfway"
    np.testing.assert_allclose(result["Halfway"].predictions[0], x[119] * 0.5 ** np.arange(1, 4))
    assert sa.audit(Halfway(), x[:100]).causal
    np.testing.assert_allclose(sa.forecast(Halfway().fit(x), x, 2), x[-1] * np.array([0.5, 0.25]))
    with pytest.raises(sa.errors.InputError, match="no distribution"):
        result["Halfway"].crps()
    assert sa.k_step(Halfway().fit(x), x, 3, train=0).origins[0] == 1
    with pytest.raises(sa.errors.InputError, match="train="):
        sa.k_step(Halfway().fit(x), x, 3)


def test_P1_too_short():
    for length, train in ((0, 0.6), (5, 0.6), (20, 18)):
        with pytest.raises(sa.errors.InputError) as caught:
            sa.evaluate(sa.AR(2), sine(0, length), 4, train=train)
        assert caught.value.code == "too-short", caught.value


def test_P7_what_does_not_fit_is_refused_before_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(memory, "memory_budget", lambda: 10_000)
    x = sine(0, 1000)
    model = sa.AR(2).fit(x[:500])
    with pytest.raises(sa.errors.BudgetError) as caught:
        sa.k_step(model, x, 64)
    assert caught.value.asked == (1000 - 2 - 64 + 1) * 64 * 8
    assert caught.value.budget == 10_000
    assert "steps=" in str(caught.value)
    assert sa.k_step(model, x, 64, steps=[64]).rmse().shape == (1,)
    assert isinstance(caught.value, MemoryError)
    assert memory.memory_budget() == 10_000


@pytest.mark.parametrize("rows", [1, 63, 64, 65, 2047, 2049, 5000])
@pytest.mark.parametrize("horizon", [1, 64, 5000, 10**7])
def test_blocks_cover_the_rows_once_and_stay_small(rows, horizon):
    found = list(walk.blocks(rows, horizon))
    assert [i for b in found for i in (b.start, b.stop)][1:-1:2] == [b.stop for b in found[:-1]]
    assert (found[0].start, found[-1].stop) == (0, rows)
    assert all((b.stop - b.start) * horizon <= max(walk.MOST_CELLS, horizon) for b in found)


def test_frames_are_of_the_callers_own_kind():
    x = sine(0, 100)
    kinds = {pd.DataFrame: pd.Series(x), pl.DataFrame: pl.Series(x), pa.Table: pa.chunked_array([x])}
    for kind, given in kinds.items():
        result = sa.evaluate(sa.AR(2), given, 4)
        assert isinstance(result.to_frame(), kind)
        assert isinstance(result["AR(2)"].to_frame("predictions"), kind)
    frame = sa.evaluate(sa.AR(2), x, 4).to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == [
        *["model", "k", "n", "rmse", "mae", "bias", "skill", "rmse_low", "rmse_high", "skill_low", "skill_high"]
    ]
    assert len(frame) == (1 + len(ALWAYS)) * 4
    long = sa.evaluate(sa.AR(2), x, 4)["AR(2)"].to_frame("predictions")
    assert list(long.columns) == ["origin", "k", "time", "actual", "prediction"]
    assert long["actual"].tolist() == [x[o + k - 1] for o, k in zip(long["origin"], long["k"], strict=True)]
    symbols = sa.evaluate(sa.MarkovChain(), ["a", "b", "a"] * 30, 2)
    assert set(symbols["MarkovChain(1)"].to_frame("predictions")["actual"]) == {"a", "b"}
    assert list(symbols.to_frame().columns) == ["model", "k", "n", "zero_one", "log_loss"]


def test_html_is_inert():
    x = sine(0, 100)
    nasty = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    result = sa.evaluate({nasty: sa.AR(2)}, sa.Series(x, name=nasty), 4)
    html = result._repr_html_() + result[nasty]._repr_html_()
    assert "<script" not in html
    assert "<img" not in html
    assert "\x1b" not in sa.evaluate({"a\x1b[31mb\u202e": sa.AR(2)}, x, 4).table()


def test_the_limit_of_a_simulated_series_shows():
    series = sa.datasets.noisy_sine(seed=1)
    result = sa.evaluate(sa.AR(4), series, 8, train=604)
    assert result.by_step()["noise floor"].tolist() == [0.2] * 8
    assert "noise floor" in result.table()
    assert "noise floor" not in sa.evaluate(sa.AR(4), series.values, 8, train=604).table()


def test_progress_counts_rows():
    seen = []
    sa.evaluate(sa.AR(2), sine(0, 6000), 4, progress=lambda name, done, of: seen.append((name, done, of)))
    mine = [entry for entry in seen if entry[0] == "AR(2)"]
    assert len(mine) > 1
    assert mine[-1][1] == mine[-1][2] == 6000 - 2 - 4 + 1


def test_normal_and_discrete():
    distribution = Normal(np.array([[1.0, 2.0]]), np.array([0.0, 3.0]))
    assert distribution.crps(np.array([[4.0, 2.0]]))[0, 0] == 3.0
    assert distribution.quantile(0.5).tolist() == [[1.0, 2.0]]
    for bad in (0.0, 1.0, float("nan")):
        with pytest.raises(sa.errors.ParameterError):
            distribution.quantile(bad)
    distribution = Discrete(np.array([[[0.2, 0.8]]]), ("a", "b"))
    numbers = Discrete(np.array([[[0.2, 0.5, 0.3]]]), (1, 2, 5))
    draws = np.repeat([1.0, 2.0, 5.0], [200, 500, 300])
    assert numbers.mean()[0, 0] == pytest.approx(draws.mean())
    assert numbers.std()[0, 0] == pytest.approx(draws.std())
    assert [numbers.quantile(q)[0, 0] for q in (0.1, 0.2, 0.21, 0.7, 0.71)] == [1, 1, 2, 2, 5]
    pairs = np.abs(draws[:, None] - draws[None, ::7]).mean()
    assert numbers.crps(np.array([[3.0]]))[0, 0] == pytest.approx(np.abs(draws - 3.0).mean() - 0.5 * pairs, rel=0.01)
    with pytest.raises(sa.errors.InputError, match="no mean"):
        distribution.mean()
    np.testing.assert_allclose(distribution.log_loss(np.array([[0.0]])), -np.log(0.2))
    assert np.isnan(distribution.log_loss(np.array([[np.nan]]))).all()
    assert np.isinf(distribution.log_loss(np.array([[-1.0]]))).all()
    with pytest.raises(sa.errors.ParameterError):
        distribution.probability("c")

"""Corners where something once went wrong. Each ends in the right answer, or in an error that names the cause."""

from __future__ import annotations

import datetime as dt
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.ensemble import RandomForestRegressor

import stepahead as sa
from stepahead.evaluation.audit import parameter_bits

from .data import ends_ahead, sine

X = np.cumsum(np.random.default_rng(0).normal(size=300))
Y = sine(0, 200)
HUGE = np.array([1.5e308, -1.5e308] * 20)


class Stranger:
    """A model that inherits nothing, and does what a test tells it."""

    def __init__(self, encode=None, rollout=None):
        self._encode, self._rollout = encode, rollout

    def fit(self, series):
        self.context = 1
        return self

    def encode(self, values, after=None):
        x = np.asarray(getattr(values, "numbers", values))
        return self._encode(x) if self._encode else (x[:, None],)

    def rollout(self, state, horizon):
        return self._rollout(state, horizon) if self._rollout else np.repeat(state[0], horizon, axis=1)


# what a stranger's model may not do


def declining(state, horizon):
    ahead = np.repeat(state[0], horizon, axis=1).copy()
    ahead[ahead > 0] = np.nan
    return ahead


@pytest.mark.parametrize(
    ("model", "kind", "word"),
    [
        (Stranger(rollout=declining), sa.errors.FitError, "no finite forecast"),
        (Stranger(rollout=lambda s, h: s[0]), sa.errors.ParameterError, "[rows, horizon]"),
        (Stranger(rollout=lambda s, h: np.zeros(h)), sa.errors.ParameterError, "[rows, horizon]"),
        (Stranger(encode=lambda x: (x[:-1, None],)), sa.errors.ParameterError, "a row for each origin"),
        (Stranger(encode=lambda x: (np.append(x, 0.0)[:, None],)), sa.errors.ParameterError, "a row for each origin"),
        (Stranger(encode=lambda x: x[:, None]), sa.errors.ParameterError, "a row for each origin"),
    ],
    ids=[
        "declines the hard rows",
        "one step for all",
        "one row for all",
        "a row too few",
        "a row too many",
        "no tuple",
    ],
)
def test_the_contract_of_a_model_is_checked(model, kind, word):
    for call in (
        lambda: sa.evaluate({"m": model}, Y, 3),
        lambda: sa.forecast(model.fit(Y), Y, 3),
        lambda: sa.audit(model, Y),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert word in str(caught.value)


def test_a_state_with_nan_is_no_forecast_and_is_counted():
    def gappy(x):
        state = x[:, None].copy()
        state[::2] = np.nan
        return (state,)

    result = sa.evaluate({"m": Stranger(encode=gappy)}, Y, 3)
    assert len(result["m"].origins) == len(result["Naive"].origins) == 39
    assert any("origins have no forecast" in text for text in result["m"].notes)


def test_a_users_model_is_never_replaced_by_a_simple_baseline():
    with pytest.raises(sa.errors.ParameterError, match="Naive"):
        sa.evaluate({"Naive": sa.AR(4)}, Y, 4)
    with pytest.raises(sa.errors.ParameterError, match="differ as text"):
        sa.evaluate({1: sa.AR(2), "1": sa.AR(3)}, Y, 2)


def test_a_result_keeps_a_model_of_its_own():
    model = sa.AR(3).fit(X[:200])
    result = sa.k_step(model, X, 4)
    before = result.crps().tolist()
    model.fit(X[:50] * 100)
    assert result.crps().tolist() == before
    with pytest.raises(ValueError, match="read-only"):
        result.predictions[0, 0] = 1.0


def test_series_that_the_fit_never_saw_are_held_out_and_noted():
    model = sa.AR(2).fit([X[:100], Y[:100]])
    result = sa.k_step(model, [X, Y, X[150:]], 3)
    assert result.train == (100, 100, 0)
    assert any("1 of 3 series" in text for text in result.notes)


def test_what_is_edited_in_a_fitted_model_takes_effect():
    model = sa.AR(3).fit(X[:200])
    plain = model.forecast(X, 4)
    model.intercept_ += 100.0
    assert (model.forecast(X, 4) > plain + 50).all()


# symbols


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


def test_a_chain_of_whole_numbers_has_distances():
    x = np.array([0, 1, 3] * 40)
    result = sa.k_step(sa.MarkovChain().fit(x[:60]), x, 4)
    assert result.rmse().tolist() == [0.0] * 4
    assert result.crps().tolist() == [0.0] * 4


def test_a_symbol_that_training_never_saw_costs_its_rows_alone():
    series = sa.Series(["a", "b"] * 50 + ["c"] + ["a", "b"] * 20)
    result = sa.evaluate(sa.MarkovChain(), series, 2)
    run = result["MarkovChain(1)"]
    assert 101 not in run.origins
    assert 102 in run.origins
    assert np.isinf(run.losses("log")[run.origins.tolist().index(100), 0])
    assert any("1 of" in text for text in result.notes)


def test_a_state_seen_only_before_a_gap_has_no_way_out():
    series = sa.Series(["a", "b", "a", "c", None] + ["a", "b", "b", "a"] * 5, missing="skip")
    with pytest.raises(sa.errors.InputError) as caught:
        sa.MarkovChain().fit(series)
    assert caught.value.code == "no-way-out"
    with pytest.warns(sa.errors.StepaheadWarning, match="absorbing"):
        sa.MarkovChain().fit(["a", "b", "b"])


# indices and cells


def test_before_the_first_value_there_is_no_last_value():
    result = sa.k_step(sa.baselines.Mean().fit([1.0, 2, 3, 10]), [5.0, 6, 7, 1000.0], 1, train=0)
    assert result.origins.tolist() == [0, 1, 2, 3]
    last = np.mean([1.0, 1.0, 993.0**2])
    own = np.mean([(6 - 4.0) ** 2, (7 - 4.0) ** 2, 996.0**2])
    assert result.skill("Naive")[0] == pytest.approx(1 - own / last)


def test_against_a_perfect_guess_there_is_no_skill():
    x = np.concatenate([Y[:100], np.full(30, 2.0)])
    run = sa.k_step(sa.AR(2).fit(x[:100]), x, 2, origins=range(102, 120))
    with pytest.warns(sa.errors.StepaheadWarning, match="null"):
        assert np.isnan(run.skill("Naive")).all()
    assert np.isfinite(run.skill("Mean")).all()
    with pytest.warns(sa.errors.StepaheadWarning, match="null"):
        assert np.isnan(run.skill()).all(), "the better of the two guesses is the perfect one"


def test_a_candidate_longer_than_the_series_drops_out_of_the_race():
    chosen = sa.select([sa.AR(4), sa.baselines.SeasonalNaive(400)], X, 8)
    assert chosen.name == "AR(4)"
    assert np.isinf(chosen.selection_["SeasonalNaive(400)"])


def test_a_parameter_called_time_is_compared_like_any_other():
    class Clocked(sa.AR):
        pass

    one, two = Clocked(2).fit(X[:100]), Clocked(2).fit(X[:100])
    one.lifetime_, two.lifetime_ = 1.0, 2.0
    assert parameter_bits(one) != parameter_bits(two)


def test_a_step_without_any_target_is_null():
    x = np.array([np.nan if i >= 160 and i % 2 else v for i, v in enumerate(Y)])
    series = sa.Series(x[:170], missing="skip")
    result = sa.k_step(sa.baselines.Mean().fit(series[:100]), series, 3, origins=[161, 163, 165])
    assert result.n().tolist() == [0, 3, 0]
    with pytest.warns(sa.errors.StepaheadWarning, match="null"):
        skill = result.skill()
    assert np.isnan(result.rmse()).tolist() == np.isnan(skill).tolist() == [True, False, True]


# sizes


@pytest.mark.parametrize("factor", [1e-200, 1e-170, 1e-5, 1.0, 1e200])
def test_readings_hold_their_digits_at_every_size(factor):
    plain = sa.evaluate(sa.AR(2), Y, 2)["AR(2)"]
    scaled = sa.evaluate(sa.AR(2), Y * factor, 2)["AR(2)"]
    np.testing.assert_allclose(scaled.rmse() / factor, plain.rmse(), rtol=1e-9)
    np.testing.assert_allclose(scaled.skill(), plain.skill(), rtol=1e-8)
    assert "0.000" not in repr(scaled).replace("-0.000", "").split("bias")[0]


def test_the_choice_of_lags_does_not_know_the_unit():
    assert sa.AR("auto").fit(X * 2.0**900).lags_ == sa.AR("auto").fit(X).lags_


@pytest.mark.parametrize(
    "call",
    [
        lambda: sa.baselines.Drift().fit([0.0, 1e308]).forecast([0.0, 1e308], 3),
        lambda: sa.SSA(1, window=20).fit(1.05 ** np.arange(100)).forecast(1.05 ** np.arange(100), 20_000),
        lambda: sa.Scaled(sa.AR(1)).fit(1e300 * 1.5 ** np.arange(12)).forecast(1e300 * 1.5 ** np.arange(12), 60),
    ],
    ids=["Drift", "Line", "SSA", "Scaled"],
)
def test_nothing_infinite_comes_out_of_a_forecast(call):
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        with pytest.raises(sa.errors.FitError, match="no finite forecast"):
            call()


def test_values_at_the_end_of_the_range():
    assert sa.baselines.Mean().fit(HUGE).forecast(HUGE, 2).tolist() == [0.0, 0.0]
    assert np.isfinite(sa.AR(1).fit(HUGE).forecast(HUGE, 2)).all()
    assert np.isfinite(sa.AR(2, ridge=1.0).fit(Y * 1e-200).forecast(Y * 1e-200, 2)).all()
    with pytest.raises(sa.errors.ModelFileError, match="not finite"):
        sa.AR(2).fit(Y * 1e200).save("never-written.safetensors")


def test_a_transient_costs_no_digits():
    rng = np.random.default_rng(5)
    x = np.zeros(3000)
    for t in range(2, len(x)):
        x[t] = 0.6 * x[t - 1] + 0.2 * x[t - 2] + rng.normal()
    x[0] = 8e5
    windows = np.lib.stride_tricks.sliding_window_view(x[:-1], 24)
    exact = np.linalg.lstsq(np.column_stack([windows, np.ones(len(windows))]), x[24:], rcond=None)[0]
    np.testing.assert_allclose(sa.AR(24).fit(x).coefficients_, exact[:-1], atol=1e-8)


@pytest.mark.parametrize(
    "call",
    [
        lambda: sa.forecast(sa.AR(2).fit(X), X, 10**14),
        lambda: sa.MLP(2, hidden=10**12).fit(X),
        lambda: sa.k_step(sa.baselines.Mean().fit(X[:9]), np.zeros(10**6), 10**5, train=9),
    ],
    ids=["forecast", "MLP", "k_step"],
)
def test_what_does_not_fit_into_memory_is_refused_with_both_numbers(call):
    with pytest.raises(sa.errors.BudgetError) as caught:
        call()
    assert caught.value.asked > caught.value.budget > 0


# the audit


def test_the_audit_does_not_accuse_the_honest():
    for model, series in (
        (sa.MarkovChain(2), list("abc" * 40)),
        (sa.MarkovChain(1), [0, 1, 1, 0] * 20),
        (sa.MarkovChain(1), sa.Series(list("ab" * 40), categories=["a", "b", "c"])),
        (sa.baselines.Drift(), Y[:100]),
        (sa.AR(3), sa.Series([np.nan if i % 11 == 5 else v for i, v in enumerate(Y[:120])], missing="skip")),
    ):
        assert sa.audit(model, series), model
    restless = sa.audit(sa.Windowed(RandomForestRegressor(n_estimators=3), 4), Y[:80])
    assert restless.causal
    assert not restless.deterministic
    assert "two fits on the same data differ" in str(restless)


def test_the_audit_catches_a_state_that_knows_the_length():
    def knows(x):
        return ((x * np.arange(1, len(x) + 1) / len(x))[:, None],)

    verdict = sa.audit(Stranger(encode=knows), Y)
    assert not verdict.causal
    assert verdict.first_leak.check == "F"


def test_the_audit_catches_what_hides_in_a_memory_of_the_model():
    class Remembers(Stranger):
        def encode(self, values, after=None):
            x = np.asarray(getattr(values, "numbers", values))
            self.seen = getattr(self, "seen", x[-1])
            return ((x + 0.001 * self.seen)[:, None],)

    assert not sa.audit(Remembers(), Y[:100]).causal


def test_the_audit_catches_a_state_that_knows_the_holes_to_come():
    def peeks(x):
        coming = np.append(np.isnan(x[1:]), False)
        return (np.where(coming, 99.0, x)[:, None],)

    series = sa.Series([np.nan if i % 7 == 3 else v for i, v in enumerate(Y[:150])], missing="skip")
    assert not sa.audit(Stranger(encode=peeks), series).causal


# what comes in


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


def test_times_are_neither_wrapped_nor_guessed():
    with pytest.warns(sa.errors.StepaheadWarning, match="the longest 190"):
        sa.Series(np.arange(4.0), times=np.array([-100, -90, 100, 110], dtype=np.int8))
    with pytest.raises(sa.errors.InputError, match="zone"):
        sa.Series([1.0, 2.0], times=[dt.datetime(2024, 1, 1, tzinfo=dt.UTC), dt.datetime(2024, 1, 2)])
    with pytest.raises(sa.errors.ParameterError, match="larger"):
        sa.Series([1.0, 2.0, 3.0], times=[0, 1, 10**13], every=1)
    assert sa.Series([1.0, 2.0], times=pa.array([dt.date(2024, 1, 1), dt.date(2024, 1, 2)])).when(-1) == "2024-01-02"
    hours = sa.Series(pl.Series("v", Y), times=np.arange(200).astype("M8[h]"))
    assert len(sa.evaluate(sa.baselines.Naive(), hours, 2)["Naive"].to_frame("predictions")) == 79 * 2
    mine = np.arange(3)
    series = sa.Series([1.0, 2.0, 3.0], times=mine)
    mine[0] = 99
    assert series.times[0] == 0
    assert sa.Series(series).times.tolist() == [0, 1, 2]
    assert sa.Series(sa.datasets.noisy_sine(length=9)).limit is not None


@pytest.mark.parametrize(
    "call",
    [
        lambda m: sa.k_step(m, X, 5, train=0, steps=5),
        lambda m: sa.k_step(m, X, 5, train=0, origins=150),
        lambda m: sa.k_step(m, X, 5, train=1000),
        lambda m: sa.audit(m, X, cuts=150),
        lambda m: sa.Series(["a"], categories=5),
        lambda m: m.forecast(X, True),
    ],
)
def test_a_number_where_a_sequence_is_wanted_is_refused(call):
    with pytest.raises(sa.errors.ParameterError):
        call(sa.AR(2).fit(X))


def test_an_interval_past_the_largest_number_is_an_error():
    x = np.r_[np.zeros(20), 1.2e308]
    with pytest.raises(sa.errors.FitError, match="divide the series") as caught:
        ends_ahead(sa.baselines.Naive().fit(x), x, 2, level=0.9)
    assert caught.value.code == "overflow"
    steep = sa.AR(1, intercept=False).fit([1.0, 2.1, 3.9, 8.2])
    with pytest.raises(sa.errors.FitError):
        steep.predictive(steep.encode([1.0, 2.1, 3.9, 8.2]), 600)


def test_a_month_that_is_missing_among_weeks_has_a_label_of_its_own():
    weeks = np.datetime64("1970-01-01", "W") + 5 * np.arange(12)
    series = sa.Series(np.arange(12.0), times=weeks, every="1M", missing="skip")
    assert (series.times[1:] > series.times[:-1]).all()
    assert str(series.times[7]) == "1970-08-01"
    assert series.values[np.isfinite(series.values)].tolist() == np.arange(12.0).tolist()


def test_a_message_about_quotes_has_no_control_character(tmp_path):
    path = tmp_path / "q.csv"
    path.write_bytes(b't\tx\n1\t"\n2\t"0')
    with pytest.raises(sa.errors.InputError, match="line 3") as caught:
        sa.read(path, "x")
    assert "\t" not in str(caught.value)


def test_an_intercept_past_the_largest_number_warns_of_nothing():
    waves = np.array([-0.132, 0.640, 0.105, -0.536, 0.362, 1.304, 0.947])
    panel = [np.resize(waves, 30), [0.0, 0.0, 6.510641438117754e293, 6.42626125611972e301]]
    with pytest.raises(sa.errors.FitError):
        sa.AR(3).fit(panel).forecast(panel[0], 2)

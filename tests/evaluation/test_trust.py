"""Tests of two models and the rows they are made of, each against its definition written out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import stepahead as sa
from stepahead.numerics.prewhitened import cosines

from ..losses import error_of


@pytest.mark.parametrize("level", [0.0, 1.0, 2.0, -0.1, float("nan")])
def test_a_level_is_a_share(level):
    result = sa.evaluate(sa.AR(1), np.arange(40.0) % 7, 2)
    with pytest.raises(sa.errors.ParameterError, match="level"):
        result.tests(level=level)
    with pytest.raises(sa.errors.ParameterError, match="level"):
        result["AR(1)"].confidence_interval(level=level)


def test_a_series_told_twice_is_no_more_evidence():
    x = sa.datasets.ar_process([0.8], length=300, seed=3)
    twin = sa.Series(x.values, name="twin")
    one = sa.evaluate(sa.AR(2), x, 6, train=150)
    two = sa.evaluate(sa.AR(2), [x, twin], 6, train=150)
    np.testing.assert_allclose(one.skill()["AR(2)"], two.skill()["AR(2)"], rtol=1e-9)
    ends = [result["AR(2)"].confidence_interval("skill") for result in (one, two)]
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-9)
    # Series that have nothing to do with each other are more.
    others = [sa.datasets.ar_process([0.8], length=300, seed=s) for s in range(10)]
    many = sa.evaluate(sa.AR(2), others, 6, train=150)
    width = [np.subtract(*result["AR(2)"].confidence_interval("skill")[::-1])[0] for result in (one, many)]
    assert width[1] < 0.5 * width[0]


def test_rows_of_a_panel_meet_by_their_time():
    days = np.datetime64("2024-01-01") + np.arange(200)
    x = np.random.default_rng(0).normal(size=200).cumsum()
    late = sa.Series(x[50:], times=days[50:], name="late")
    both = sa.k_step(sa.AR(1).fit(x[:40]), [sa.Series(x, times=days, name="all"), late], 3, train=100)
    places = both._places()
    times = np.concatenate([days[both.origins[rows] + 50 * index - 1] for index, rows in both._groups()])
    assert (np.diff(times[np.argsort(places, kind="stable")]) >= np.timedelta64(0)).all()
    assert len(set(zip(places, times, strict=True))) == len(set(times)) < len(times)


def test_rows_of_series_that_take_turns_are_put_in_the_order_of_time():
    days = np.datetime64("2024-01-01") + np.arange(300)
    x = np.random.default_rng(0).normal(size=300).cumsum()
    panel = [sa.Series(x[i::2], times=days[i::2], name=str(i)) for i in range(2)]
    run = sa.k_step(sa.AR(1).fit(x[:60]), panel, 2, train=30)
    losses = run.losses()[:, 0] / run._scale[run.part]
    places = run._places()
    in_order = losses[np.argsort(places)]
    low, high = run.confidence_interval("rmse")
    B = cosines(len(losses), int(run._overlaps(places)[0]))
    half = stats.t.ppf(0.975, B) * error_of(in_order, B)
    assert high[0] ** 2 == pytest.approx(losses.mean() + half)
    assert low[0] ** 2 == pytest.approx(max(losses.mean() - half, 0.0))


@pytest.mark.parametrize("chosen", [range(100, 180), range(100, 180, 7), [100, 101, 150, 151, 152, 179]])
def test_overlap_counts_the_origins_that_share_surprises(chosen):
    run = sa.k_step(sa.AR(1).fit(np.sin(np.arange(90.0))), np.sin(np.arange(200.0)), 20, origins=chosen, train=90)
    found = run._overlaps(run._places())
    for k in run.steps:
        assert found[k - 1] == max(sum(o <= other < o + k for other in run.origins) for o in run.origins)


def test_a_fitted_model_alone_is_measured_against_the_baselines_of_a_table():
    x = sa.datasets.noisy_sine(seed=1)
    alone = sa.k_step(sa.AR(16).fit(x[:604]), x, 64)
    among = sa.evaluate(sa.AR(16), x, 64, train=604)
    assert list(alone._baselines) == among.baselines
    np.testing.assert_allclose(alone.skill(), among.skill()["AR(16)"], rtol=1e-9)
    for mine, theirs in zip(
        alone.confidence_interval("skill"), among["AR(16)"].confidence_interval("skill"), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9)
    unseen = sa.k_step(sa.AR(16).fit(x[:604]), x, 64, train=0)
    assert "Naive" in unseen._baselines, "what learns nothing needs no training part"
    assert "Mean" not in unseen._baselines


def test_every_step_is_judged_by_its_own_errors():
    """One vector of errors for every horizon is the slip of at least one library that advertises this test."""
    x = np.random.default_rng(0).normal(size=400)

    class Guess:
        context = 1

        def __init__(self, bad_from):
            self.bad_from = bad_from

        name = property(lambda self: f"bad from {self.bad_from}")

        def fit(self, series):
            return self

        def encode(self, values, after=None):
            return (np.zeros((len(values), 1)),)

        def rollout(self, state, horizon):
            out = np.zeros((len(state[0]), horizon))
            out[:, self.bad_from - 1 :] = 1.0
            return out

    result = sa.evaluate([Guess(3), Guess(99)], x, 6, train=100)
    found = result.tests(against="bad from 99")["bad from 3"]
    assert (found.p[:2] == 1.0).all()
    assert (found.p[2:] < 1e-6).all()
    assert (found.difference[2:] > 0.5).all()
    assert found.overall_p < 1e-6
    k4 = result["bad from 3"].losses()[:, 3] - result["bad from 99"].losses()[:, 3]
    B = cosines(len(k4), 4)
    T = k4.mean() / error_of(k4, B)
    assert found.statistic[3] == pytest.approx(T)
    assert found.p[3] == pytest.approx(2 * stats.t.sf(T, B))
    for level in (0.95, 0.8):
        half = stats.t.ppf(0.5 + level / 2, B) * error_of(k4, B)
        ends = result.tests(against="bad from 99", level=level)["bad from 3"]
        assert (ends.low[3], ends.high[3]) == pytest.approx((k4.mean() - half, k4.mean() + half))


def test_over_all_steps_it_is_the_test_of_the_average_loss():
    x = sa.datasets.ar_process([0.7], length=300, seed=1).values.copy()
    x[250] = np.nan
    series = sa.Series(x, missing="skip")
    result = sa.evaluate([sa.AR(1), sa.AR(8)], series, 5, train=150)
    found = result.tests(against="AR(1)", loss="absolute")["AR(8)"]
    d = (result["AR(8)"].losses("absolute") - result["AR(1)"].losses("absolute")).mean(axis=1)
    seen = ~np.isnan(d)
    centred = np.where(seen, d - d[seen].mean(), 0.0)  # a row without a target keeps its place and does not count
    B = cosines(len(d), 5)
    error = error_of(centred, B) * len(d) / seen.sum()
    assert found.overall == pytest.approx(d[seen].mean() / error)
    assert found.overall_p == pytest.approx(2 * stats.t.sf(abs(found.overall), B))
    assert np.isnan(d).sum() == 5  # the origins of which a target is missing


@pytest.mark.parametrize("power", [700, -500])
def test_the_unit_of_the_series_changes_no_verdict(power):
    x = sa.datasets.noisy_sine(length=300, seed=0).values
    plain, scaled = (sa.evaluate(sa.AR(4), values, 12, train=200) for values in (x, np.ldexp(x, power)))
    assert (plain.answer.shown["AR(4)"] == scaled.answer.shown["AR(4)"]).all()
    np.testing.assert_array_equal(plain.answer.low["AR(4)"], scaled.answer.low["AR(4)"])
    assert plain.answer.headline == scaled.answer.headline
    assert (plain.skill()["AR(4)"] == scaled.skill()["AR(4)"]).all()
    assert (np.ldexp(plain["AR(4)"].confidence_interval()[1], power) == scaled["AR(4)"].confidence_interval()[1]).all()
    assert (plain.tests()["Naive"].p == scaled.tests()["Naive"].p).all()


def test_symbols_are_trusted_by_their_log_loss():
    rng = np.random.default_rng(0)
    codes, P = [0], np.array([[0.9, 0.1], [0.2, 0.8]])
    for _ in range(2000):
        codes.append(int(rng.choice(2, p=P[codes[-1]])))
    result = sa.evaluate(sa.MarkovChain(1), np.array(["dry", "wet"])[codes], 30, train=1000)
    assert 3 <= result.answer.trusted_to("MarkovChain(1)") < 30  # .7^k is gone by then
    own, baseline = (result[name].losses("log")[:, 0] for name in ("MarkovChain(1)", "MarkovChain(0)"))
    assert result.skill()["MarkovChain(1)"][0] == pytest.approx(1.0 - own.mean() / baseline.mean())


class Says:
    """A model that says the same of every step, whatever it sees."""

    context = 1

    def __init__(self, name, value=0.0):
        self.name, self.value = name, value

    def fit(self, series):
        return self

    def encode(self, values, after=None):
        return (np.zeros((len(values), 1)),)

    def rollout(self, state, horizon):
        return np.full((len(state[0]), horizon), self.value)


def test_the_infinite_loss_of_one_model_takes_nothing_from_the_others():
    rng = np.random.default_rng(0)
    codes, P = [0], np.array([[0.9, 0.1, 0.0], [0.1, 0.9, 0.0], [0.5, 0.5, 0.0]])
    for _ in range(1200):
        codes.append(int(rng.choice(3, p=P[codes[-1]])))
    text = np.array(["a", "b", "c"])[codes].tolist()
    text[:100] = ["a", "b"] * 50  # nothing is ever repeated here: the chain below gives it no chance
    alone = sa.evaluate({"fair": sa.MarkovChain(1, smoothing=1.0)}, text, 4, train=400)
    never = sa.k_step(sa.MarkovChain(1).fit(text[:100]), text, 4, train=400)
    both = sa.compare({"fair": alone["fair"], "never": never})
    assert np.isinf(both["never"].log_loss()).all()
    assert (both.answer.saving["fair"] == alone.answer.saving["fair"]).all()
    assert alone.answer.trusted_to("fair") >= 3
    assert both.answer.trusted_to("fair") >= 3
    assert both.answer.model == "fair"
    assert not both.answer.shown["never"].any()
    assert "infinite" in {note.code for note in both.answer.notes}


def test_a_difference_that_never_varies_proves_little_in_a_few_rows():
    # known for sure; the mean is off by 1 every time, the last value by 2
    x = np.where(np.arange(64) % 2 == 0, 1.0, -1.0)
    model = sa.AR(2).fit(x[:32])
    for rows in (2, 5, 30, 200):
        found = sa.compare([sa.k_step(model, np.resize(x, 32 + rows), 1)]).tests(against="Mean")["AR(2)"]
        # Of the standard error nothing was seen: it is that of one more look.
        B = cosines(rows, 1)
        assert found.difference[0] == pytest.approx(-1.0)
        assert found.statistic[0] == pytest.approx(-(B + 1.0))
        assert found.p[0] == pytest.approx(2 * stats.t.sf(B + 1.0, B))


def test_the_last_digits_make_no_difference():
    x = np.random.default_rng(0).normal(5.0, 1.0, 300)
    other = 0.1 + 0.2 - 0.3  # what is left of nothing
    result = sa.evaluate([Says("five", 5.0), Says("and a little", 5.0 + 10 * other)], x, 3, train=100)
    assert result["five"].rmse()[0] != result["and a little"].rmse()[0]
    assert (result.tests(against="five")["and a little"].p == 1.0).all()


def test_one_row_has_a_skill_and_no_interval():
    x = sa.datasets.noisy_sine(length=300, seed=0)
    result = sa.evaluate(sa.AR(4), x[:203], 3, train=200)
    np.testing.assert_allclose(result.skill()["AR(4)"], result["AR(4)"].skill())
    assert np.isnan(result["AR(4)"].confidence_interval("skill")).all()
    assert not result.answer.shown["AR(4)"].any()
    assert result.answer.kind == "too few"
    assert (result.answer.high["AR(4)"] == 1.0).all()


def test_rows_of_a_weekly_series_among_daily_ones_overlap_for_more_days():
    days = np.datetime64("2024-01-01") + np.arange(400)
    x = np.random.default_rng(0).normal(size=400)
    panel = [sa.Series(x, times=days, name="daily"), sa.Series(x[::7], times=days[::7], name="weekly")]
    run = sa.k_step(sa.AR(1).fit(x[:30]), panel, 4, train=10)
    assert run._overlaps(run._places()).tolist() == [1, 8, 15, 22]


def test_what_is_past_all_bounds_is_infinite_and_says_nothing():
    x = sa.datasets.noisy_sine(seed=0)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        wild = sa.compare([sa.from_forecasts({604: [1e308] * 2, 605: [-1e308] * 2}, x, train=600, name="wild")])
        assert np.isinf(wild["wild"].rmse()).all()
        assert not wild.answer.shown["wild"].any()
        assert np.isneginf(wild.answer.saving["wild"]).all()
        assert np.isnan(wild.tests()["Mean"].p).all()
        assert np.isnan(wild.training.tests()["Mean"].p).all()  # no row at all
        assert np.isinf(wild["wild"].losses()).all()
        far = [sa.Series(np.ldexp(x.values, power), name=str(power)) for power in (600, -600)]
        assert np.isfinite(sa.evaluate(sa.AR(2), far, 3, fit="each")["AR(2)"].skill()).all()
        # one fit for both: in units of the small one it is past all bounds
        pooled = sa.evaluate(sa.AR(2), far, 3)["AR(2)"]
        assert np.isinf(pooled.rmse()).all()
        assert np.isnan(pooled.skill()).all()
        # each series in its own unit
        assert np.isfinite(sa.evaluate(sa.baselines.Naive(), far, 3)["Naive"].mase()).all()
        assert np.isfinite(sa.evaluate(sa.baselines.Mean(), far, 3)["Mean"].mase()).all()  # each has its own mean
        huge = sa.k_step(sa.baselines.Mean().fit(np.ldexp(x.values[:600], 1022)), np.ldexp(x.values, 1022), 3)
        assert huge.mase() == pytest.approx(sa.k_step(sa.baselines.Mean().fit(x[:600]), x, 3).mase())

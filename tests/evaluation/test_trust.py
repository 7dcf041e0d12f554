"""The trusted horizon, its verdict by step, each against its definition written out."""

from __future__ import annotations

import math
import types

import numpy as np
import pytest
from benchmarks import trust as proof
from scipy import stats

import stepahead as sa
from stepahead.evaluation import trust
from stepahead.numerics import inference

from ..losses import averages_of, rows_at, spread_of


def test_a_horizon_is_in_steps_and_a_difference_has_its_interval():
    found = averages_of([[0.5, 0.5, 2.0], [1.0, 1.0, 1.0]], 0.0001, 10)
    assert trust.horizon(found, 0, [1], np.array([1, 4, 16]), 0.05, 0.95) == (4, 4, 4, 4, 16, 0.05)
    assert trust.horizon(found, 1, [0], np.array([1, 4, 16]), 0.05, 0.95)[:2] == (0, 0)
    other = trust.difference(found, averages_of([[0.8], [1.0]], 0.0001, 6), 0, 1, 0.9, np.array([1, 2]))
    error, t = np.sqrt(0.0002), stats.t.ppf(0.95, 10)
    assert other.difference.tolist() == [-0.5, -0.5, 1.0]
    np.testing.assert_allclose(other.low, other.difference - t * error)
    np.testing.assert_allclose(other.high, other.difference + t * error)
    np.testing.assert_allclose(other.statistic, other.difference / error)
    np.testing.assert_allclose(other.p, 2 * stats.t.sf(np.abs(other.statistic), 10))
    assert other.overall == pytest.approx(-0.2 / error)
    assert other.overall_p == pytest.approx(2 * stats.t.sf(0.2 / error, 6))


@pytest.mark.parametrize(
    ("level", "margin"), [(0.0, 0.05), (1.0, 0.05), (0.95, 1.0), (0.95, -0.01), (2.0, 0.05), (0.95, 1.5)]
)
def test_levels_and_margins_are_shares(level, margin):
    with pytest.raises(sa.errors.ParameterError):
        trust.check(rows_at([0], [1]), level, margin)
    trust.check(rows_at([0], [1]), 0.95, 0.0)
    with pytest.raises(sa.errors.InputError) as caught:
        trust.check(types.SimpleNamespace(_is_held_out=False), 0.95, 0.05)
    assert caught.value.code == "training"


@pytest.mark.parametrize("given", [{}, {"keep": "scores"}, {"fit": "each"}, {"fit": "each", "keep": "scores"}], ids=str)
def test_white_noises_at_different_levels_are_not_trusted_at_all(given):
    """0.1.0 trusted a pooled AR(4) here to 16 steps: one mean for all of them is far from each."""
    rng = np.random.default_rng(0)
    panel = [level + rng.normal(size=300) for level in np.linspace(0.0, 200.0, 20)]
    result = sa.evaluate([sa.AR(4)], panel, 16, **given)
    assert result.trusted_horizon()["AR(4)"].claim == 0
    assert result["AR(4)"].trusted_horizon().claim == 0


WAVE = np.sin(np.arange(1000) / 5.0) + np.random.default_rng(0).normal(0.0, 0.2, 1000)
"""Whose phase a short memory loses: far ahead the mean is as good."""


def test_a_series_told_twice_is_no_more_evidence():
    x = sa.datasets.ar_process([0.8], length=300, seed=3)
    twin = sa.Series(x.values, name="twin")
    one = sa.evaluate(sa.AR(2), x, 6, train=150)
    two = sa.evaluate(sa.AR(2), [x, twin], 6, train=150)
    for first, second in zip(one.skill()["AR(2)"], two.skill()["AR(2)"], strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-9)
    # Series that have nothing to do with each other are more.
    others = [sa.datasets.ar_process([0.8], length=300, seed=s) for s in range(10)]
    many = sa.evaluate(sa.AR(2), others, 6, train=150)
    width = [np.subtract(*result.skill()["AR(2)"][:0:-1])[0] for result in (one, many)]
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
    B = inference.cosines(len(losses), int(run._overlaps(places)[0]))
    half = stats.t.ppf(0.975, B) * math.sqrt(spread_of(in_order - in_order.mean(), B))
    assert high[0] ** 2 == pytest.approx(losses.mean() + half)
    assert low[0] ** 2 == pytest.approx(max(losses.mean() - half, 0.0))


@pytest.mark.parametrize("chosen", [range(100, 180), range(100, 180, 7), [100, 101, 150, 151, 152, 179]])
def test_overlap_counts_the_origins_that_share_surprises(chosen):
    run = sa.k_step(sa.AR(1).fit(np.sin(np.arange(90.0))), np.sin(np.arange(200.0)), 20, origins=chosen, train=90)
    found = run._overlaps(run._places())
    for k in run.steps:
        assert found[k - 1] == max(sum(o <= other < o + k for other in run.origins) for o in run.origins)


def test_the_claim_stops_at_the_first_step_that_is_not_shown_and_needs_every_baseline():
    x = WAVE
    result = sa.evaluate([sa.AR(4), sa.AR(16)], x, 64, train=600)
    found = result.trusted_horizon()
    assert set(found) == {"AR(4)", "AR(16)"}
    losses = {name: kstep.losses() for name, kstep in result.items()}
    for name, horizon in found.items():
        for k in range(1, 65):
            shown = True
            for baseline in ALWAYS:
                d = losses[baseline][:, k - 1] - losses[name][:, k - 1]
                B = inference.cosines(len(d), k)
                shown &= d.mean() / math.sqrt(spread_of(d, B)) > stats.t.ppf(0.95, B)
            if not shown or k == 64:
                assert horizon.claim == (64 if shown else k - 1)
                break
    assert found["AR(4)"].claim < 64 == found["AR(16)"].claim
    assert found["AR(4)"].of == 64
    # A season is one more baseline to be better than.
    noise = np.random.default_rng(3).normal(0.0, 1e-3, 300)
    seasonal = sa.evaluate(sa.AR(16), np.sin(np.arange(300) * 2 * np.pi / 12) + noise, 24, train=200, period=12)
    assert seasonal.trusted_horizon()["AR(16)"].claim == 0
    assert seasonal["AR(16)"].trusted_horizon().claim == 0, "it remembers the baselines of the table"


def test_a_fitted_model_alone_is_measured_against_the_last_value_and_the_mean():
    x = sa.datasets.noisy_sine(seed=1)
    alone = sa.k_step(sa.AR(16).fit(x[:604]), x, 64)
    among = sa.evaluate(sa.AR(16), x, 64, train=604)
    assert alone.trusted_horizon() == among.trusted_horizon()["AR(16)"]
    for mine, theirs in zip(alone.confidence_interval("skill"), among.skill()["AR(16)"][1:], strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9)
    np.testing.assert_allclose(alone.skill(), among.skill()["AR(16)"][0], rtol=1e-9)
    unseen = sa.k_step(sa.AR(16).fit(x[:604]), x, 64, train=0)
    assert unseen.trusted_horizon().claim >= 0  # the last value alone
    assert sa.k_step(sa.AR(16).fit(x[:604]), x, 64, steps=[2, 8]).trusted_horizon().claim in (0, 2, 8)


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
    B = inference.cosines(len(k4), 4)
    T = k4.mean() / math.sqrt(spread_of(k4, B))
    assert found.statistic[3] == pytest.approx(T)
    assert found.p[3] == pytest.approx(2 * stats.t.sf(T, B))
    half = stats.t.ppf(0.975, B) * math.sqrt(spread_of(k4, B))
    assert (found.low[3], found.high[3]) == pytest.approx((k4.mean() - half, k4.mean() + half))


def test_over_all_steps_it_is_the_test_of_the_average_loss():
    x = sa.datasets.ar_process([0.7], length=300, seed=1).values.copy()
    x[250] = np.nan
    series = sa.Series(x, missing="skip")
    result = sa.evaluate([sa.AR(1), sa.AR(8)], series, 5, train=150)
    found = result.tests(against="AR(1)", loss="absolute")["AR(8)"]
    d = (result["AR(8)"].losses("absolute") - result["AR(1)"].losses("absolute")).mean(axis=1)
    mean, covariance, B = inference.averages(d[None], np.arange(len(d)), len(d), 5)
    assert found.overall == pytest.approx(mean[0] / math.sqrt(covariance[0, 0]))
    assert found.overall_p == pytest.approx(2 * stats.t.sf(abs(found.overall), B))
    assert np.isnan(d).sum() == 5  # the origins of which a target is missing


@pytest.mark.parametrize("power", [700, -500])
def test_the_unit_of_the_series_changes_no_verdict(power):
    x = sa.datasets.noisy_sine(length=300, seed=0).values
    plain, scaled = (sa.evaluate(sa.AR(4), values, 12, train=200) for values in (x, np.ldexp(x, power)))
    assert plain.trusted_horizon() == scaled.trusted_horizon()
    assert (plain.skill()["AR(4)"][1] == scaled.skill()["AR(4)"][1]).all()
    assert (np.ldexp(plain["AR(4)"].confidence_interval()[1], power) == scaled["AR(4)"].confidence_interval()[1]).all()
    assert (plain.tests()["Naive"].p == scaled.tests()["Naive"].p).all()


def test_symbols_are_trusted_by_their_log_loss():
    rng = np.random.default_rng(0)
    codes, P = [0], np.array([[0.9, 0.1], [0.2, 0.8]])
    for _ in range(2000):
        codes.append(int(rng.choice(2, p=P[codes[-1]])))
    result = sa.evaluate(sa.MarkovChain(1), np.array(["dry", "wet"])[codes], 30, train=1000)
    found = result.trusted_horizon()["MarkovChain(1)"]
    assert 3 <= found.claim < 30  # .7^k is gone by then
    own, baseline = (result[name].losses("log")[:, 0] for name in ("MarkovChain(1)", "MarkovChain(0)"))
    assert result.skill()["MarkovChain(1)"][0][0] == pytest.approx(1.0 - own.mean() / baseline.mean())


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
    assert both.trusted_horizon()["fair"] == alone.trusted_horizon()["fair"]
    assert alone.trusted_horizon()["fair"].claim >= 3
    assert both.trusted_horizon()["never"].claim == 0
    assert "Its log loss is at least 5% below" in both.answer


def test_a_difference_that_never_varies_proves_little_in_a_few_rows():
    # known for sure; the mean is off by 1 every time, the last value by 2
    x = np.where(np.arange(64) % 2 == 0, 1.0, -1.0)
    model = sa.baselines.SeasonalNaive(2).fit(x[:32])
    claims = {rows: sa.k_step(model, x[: 32 + rows], 1).trusted_horizon().claim for rows in (2, 5, 11, 12, 30)}
    assert claims == {2: 0, 5: 0, 11: 0, 12: 1, 30: 1}
    found = inference.statistic(np.array([1.0, 0.0]), np.zeros(2), np.array([4.0, 4.0]))
    assert found.tolist() == [5.0, 0.0]


def test_the_last_digits_make_no_difference():
    x = np.random.default_rng(0).normal(5.0, 1.0, 300)
    other = 0.1 + 0.2 - 0.3  # what is left of nothing
    result = sa.evaluate([Says("five", 5.0), Says("and a little", 5.0 + 10 * other)], x, 3, train=100)
    assert result["five"].rmse()[0] != result["and a little"].rmse()[0]
    assert (result.tests(against="five")["and a little"].p == 1.0).all()


def test_one_row_has_a_skill_and_no_interval():
    x = sa.datasets.noisy_sine(length=300, seed=0)
    result = sa.evaluate(sa.AR(4), x[:203], 3, train=200)
    skill, low, high = result.skill()["AR(4)"]
    np.testing.assert_allclose(skill, result["AR(4)"].skill())
    assert np.isnan([low, high]).all()
    found = result.trusted_horizon()["AR(4)"]
    assert (found.claim, found.low, found.high) == (0, 0, 3)
    good = result["AR(4)"].skill() > 0.05
    assert found.horizon == (3 if good.all() else int(np.argmin(good)))


def test_rows_of_a_weekly_series_among_daily_ones_overlap_for_more_days():
    days = np.datetime64("2024-01-01") + np.arange(400)
    x = np.random.default_rng(0).normal(size=400)
    panel = [sa.Series(x, times=days, name="daily"), sa.Series(x[::7], times=days[::7], name="weekly")]
    run = sa.k_step(sa.AR(1).fit(x[:30]), panel, 4, train=10)
    assert run._overlaps(run._places()).tolist() == [1, 8, 15, 22]


def test_steps_that_were_left_out_are_not_claimed():
    x = WAVE
    some = sa.evaluate(sa.AR(4), x, 64, steps=[3, 7, 40, 64]).answer
    assert some.startswith("You can trust AR(4) at the steps tested, up to 7 steps ahead; further out")
    assert "You can trust AR(4) up to 1 step ahead" in sa.evaluate(sa.AR(4), x, 64, steps=[1, 40, 64]).answer
    noise = sa.evaluate(sa.AR(4), np.random.default_rng(1).normal(size=300), 8, steps=[3, 8])
    assert noise.answer.startswith("No model here can be trusted even 3 steps ahead")
    assert "the data allow 4 or more (95 %)" in sa.evaluate(sa.AR(16), x, 4, train=600).answer


def test_what_is_past_all_bounds_is_infinite_and_says_nothing():
    x = sa.datasets.noisy_sine(seed=0)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        wild = sa.compare([sa.from_forecasts({604: [1e308] * 2, 605: [-1e308] * 2}, x, train=600, name="wild")])
        assert np.isinf(wild["wild"].rmse()).all()
        assert wild.trusted_horizon()["wild"].claim == 0
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


def test_the_answer_is_said_in_one_sentence():
    x = WAVE
    assert "You can trust AR(4) up to 25 steps ahead; further out" in sa.evaluate(sa.AR(4), x, 64, train=600).table()
    assert "at every step tested, up to 4 steps ahead" in sa.evaluate(sa.AR(16), x, 4, train=600).answer
    noise = sa.evaluate(sa.AR(4), np.random.default_rng(1).normal(size=300), 8)
    assert noise.answer.startswith("No model here can be trusted even one step ahead")
    assert "trusted to" in noise.table()
    assert "trusted to" not in noise.training.table()
    assert sa.evaluate(sa.baselines.Naive(), x, 4).answer == ""


@pytest.mark.slow
@pytest.mark.parametrize("q", [3, 8])
def test_the_claim_keeps_its_level_at_the_least_favourable_null(q):
    assert 0.035 <= proof.least_favourable(q) <= 0.065


@pytest.mark.slow
@pytest.mark.parametrize(("q", "lags"), [(3, 8), (8, 16)])
def test_a_moving_average_is_trusted_to_its_order(q, lags):
    process = proof.Process(ma=proof.THETA[q])
    few, many = (proof.horizons(process, lags, n, 500) for n in (333, 5000))
    for found in (few, many):
        assert np.mean(found["claim"] > q) <= 0.03
        assert found["holds"].mean() >= 0.95
    assert np.median(many["claim"]) == q


@pytest.mark.slow
def test_a_longer_memory_is_trusted_further():
    claims = []
    for phi in (0.5, 0.8, 0.95):
        for n in (333, 5000):
            found = proof.horizons(proof.Process(ar=phi), 1, n, 500)
            assert found["holds"].mean() >= 0.95, (phi, n)
            if phi <= 0.8:
                assert found["covered"].mean(axis=0).min() >= 0.88, (phi, n)
        claims.append(np.median(found["claim"]))
    assert claims[0] < claims[1] < claims[2]


def test_the_exact_skill_is_that_of_many_draws():
    """The yardstick of the tests above, against a long run."""
    process = proof.Process(ma=proof.THETA[3])
    _, own = proof.run(process, 8, 100_000, 0)
    true = process.skills(own.model, own._baselines["Mean"].model.mean_)
    measured = [own.skill("Mean"), own.skill("Naive")]
    np.testing.assert_allclose(measured, true, atol=0.02)

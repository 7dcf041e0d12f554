"""Tests by step, the trusted horizon, intervals and their coverage, each against its definition written out."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import stepahead as sa
from stepahead.numerics import conformal, inference

from .data import ends_ahead, path

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import trust as proof


def spread_of(d, B):
    """The variance of the mean of d, cosine by cosine."""
    n, total = len(d), 0.0
    for j in range(1, B + 1):
        wave = sum(d[t - 1] * math.cos(math.pi * j * (t - 0.5) / n) for t in range(1, n + 1))
        total += (math.sqrt(2.0 / n) * wave) ** 2
    return total / B / n


def test_the_variance_is_that_of_the_cosines():
    losses = np.random.default_rng(0).normal(size=(2, 90)).cumsum(axis=1)
    mean, covariance, B = inference.averages(losses, np.arange(90), 90, 6)
    assert int(min(0.4 * 90 ** (2 / 3), max(4, 90 / 12))) == B
    np.testing.assert_allclose(mean, losses.mean(axis=1))
    both = spread_of(losses[0], B), spread_of(losses[1], B), spread_of(losses[0] - losses[1], B)
    np.testing.assert_allclose(np.diag(covariance), both[:2])
    assert covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1] == pytest.approx(both[2])


def test_the_length_of_a_fast_transform_is_the_largest_product_of_small_primes():
    most = 3 * inference.LONG
    smooth = {1}
    for prime in (2, 3, 5, 7, 11):
        for start in sorted(smooth):
            while (start := start * prime) <= most:
                smooth.add(start)
    for times in (
        inference.LONG,
        inference.LONG + 1,
        *np.random.default_rng(0).integers(inference.LONG, most, 40).tolist(),
    ):
        assert inference.fast_length(times) == max(length for length in smooth if length <= times)
    assert inference.fast_length(inference.LONG - 1) == inference.LONG - 1, "of few rows all of them"


def test_with_nothing_shared_it_is_nearly_the_t_test():
    d = np.random.default_rng(1).normal(0.03, 1.0, (1, 4000))
    mean, covariance, B = inference.averages(d, np.arange(4000), 4000, 1)
    ours = inference.p_value(inference.statistic(mean, np.sqrt(covariance[0]), np.array([B])), np.array([B]))[0]
    assert ours == pytest.approx(stats.ttest_1samp(d[0], 0.0).pvalue, abs=0.03)


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


def test_skill_intervals_hold_just_the_skills_that_are_not_refuted():
    rng = np.random.default_rng(2)
    losses = rng.normal(size=(2, 1, 200)) ** 2 * [[[0.7]], [[1.0]]] + 0.3 * rng.normal(size=200) ** 2
    mean, covariance, B = inference.averages(losses[:, 0], np.arange(200), 200, 3)
    found = inference.Averages(mean[:, None], covariance[:, :, None], np.array([float(B)]))
    low, high = inference.skill_interval(found, 0, 1, 0.95)
    t = stats.t.ppf(0.975, B)
    for skill in np.linspace(low[0] - 0.2, min(high[0] + 0.2, 1.0), 400):
        total, error = found.contrast(np.array([-1.0, 1.0 - skill]))
        refuted = abs(total[0] / error[0]) > t
        assert refuted == (not low[0] <= skill <= high[0])
    silent = found._replace(covariance=1e6 * found.covariance)
    assert inference.skill_interval(silent, 0, 1, 0.95)[0] == -np.inf


def reach_by_words(T, B, level):
    """The definitions, one after the other."""
    alpha, H, R = 1.0 - level, T.shape[1], len(T)
    one, two, split = (stats.t.ppf(1.0 - a, B) for a in (alpha, alpha / 2, alpha / (2 * R)))
    shown = next((k for k in range(H) if not (T[:, k] > one[k]).all()), H)
    estimate = next((k for k in range(H) if not (T[:, k] > 0).all()), H)
    left = []
    for k in range(H + 1):
        holds_at_k = k == 0 or not (T[:, k - 1] < -split[k - 1]).any()
        ends_at_k = k == H or not (T[:, k] > two[k]).all()
        if holds_at_k and ends_at_k:
            left.append(k)
    return shown, estimate, min(left), max(left)


def test_how_far_a_claim_reaches_is_what_its_words_say():
    rng = np.random.default_rng(3)
    for _ in range(300):
        H, R = int(rng.integers(1, 9)), int(rng.integers(1, 4))
        mean = rng.normal(2.0, 1.0, (R + 1, H))
        root = rng.normal(0, 0.5, (H, R + 1, R + 1))
        covariance = np.moveaxis(root @ root.swapaxes(1, 2), 0, -1)
        B = rng.integers(2, 30, H).astype(float)
        found = inference.Averages(mean, covariance, B)
        margin, level = rng.choice([0.0, 0.05]), rng.choice([0.9, 0.95])
        T = np.empty((R, H))
        for r in range(R):
            for k in range(H):
                c = covariance[:, :, k]
                share = 1.0 - margin
                var = share**2 * c[1 + r, 1 + r] + c[0, 0] - 2 * share * c[0, 1 + r]
                T[r, k] = (share * mean[1 + r, k] - mean[0, k]) / math.sqrt(var)
        got = inference.reach(found, 0, list(range(1, R + 1)), margin, level)
        assert tuple(got) == reach_by_words(T, B, level)
        assert got.low <= got.estimate <= got.high


def test_the_claim_stops_at_the_first_step_that_is_not_shown_and_needs_every_baseline():
    x = sa.datasets.noisy_sine(seed=0)
    result = sa.evaluate([sa.AR(4), sa.AR(64)], x, 64, train=604)
    found = result.trusted_horizon()
    assert set(found) == {"AR(4)", "AR(64)"}
    losses = {name: kstep.losses() for name, kstep in result.items()}
    for name, horizon in found.items():
        for k in range(1, 65):
            shown = True
            for baseline in ("Mean", "Naive"):
                d = losses[baseline][:, k - 1] - losses[name][:, k - 1]
                B = inference.cosines(len(d), k)
                shown &= d.mean() / math.sqrt(spread_of(d, B)) > stats.t.ppf(0.95, B)
            if not shown or k == 64:
                assert horizon.claim == (64 if shown else k - 1)
                break
    assert found["AR(4)"].claim < 64 == found["AR(64)"].claim
    assert found["AR(4)"].of == 64
    # A season is one more baseline to be better than.
    seasonal = sa.evaluate(
        sa.AR(64), np.sin(np.arange(300) * 2 * np.pi / 12) + 1e-3 * x.values[:300], 24, train=200, period=12
    )
    assert seasonal.trusted_horizon()["AR(64)"].claim == 0
    assert seasonal["AR(64)"].trusted_horizon().claim == 0, "it remembers the baselines of the table"


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


def test_rmse_intervals_are_those_of_the_mean_squared_error():
    run = sa.k_step(sa.AR(4).fit(sa.datasets.noisy_sine(seed=0)[:604]), sa.datasets.noisy_sine(seed=0), 16)
    low, high = run.confidence_interval("rmse", level=0.8)
    for k in (1, 7, 16):
        e2 = run.losses()[:, k - 1]
        B = inference.cosines(len(e2), k)
        half = stats.t.ppf(0.9, B) * math.sqrt(spread_of(e2, B))
        assert low[k - 1] ** 2 == pytest.approx(e2.mean() - half)
        assert high[k - 1] ** 2 == pytest.approx(e2.mean() + half)


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
    x = sa.datasets.noisy_sine(seed=0)
    some = sa.evaluate(sa.AR(4), x, 64, steps=[3, 7, 40, 64]).answer
    assert some.startswith("You can trust AR(4) at the steps tested, up to 7 steps ahead; further out")
    assert "You can trust AR(4) up to 1 step ahead" in sa.evaluate(sa.AR(4), x, 64, steps=[1, 40, 64]).answer
    noise = sa.evaluate(sa.AR(4), np.random.default_rng(1).normal(size=300), 8, steps=[3, 8])
    assert noise.answer.startswith("No model here can be trusted even 3 steps ahead")
    assert "the data allow 4 or more (95 %)" in sa.evaluate(sa.AR(64), x, 4, train=604).answer


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
    x = sa.datasets.noisy_sine(seed=0)
    assert "You can trust AR(4) up to 21 steps ahead; further out" in sa.evaluate(sa.AR(4), x, 64, train=604).table()
    assert "at every step tested, up to 4 steps ahead" in sa.evaluate(sa.AR(64), x, 4, train=604).answer
    noise = sa.evaluate(sa.AR(4), np.random.default_rng(1).normal(size=300), 8)
    assert noise.answer.startswith("No model here can be trusted even one step ahead")
    assert "trusted to" in noise.table()
    assert "trusted to" not in noise.training.table()
    assert sa.evaluate(sa.baselines.Naive(), x, 4).answer == ""


# -- intervals ---------------------------------------------------------------------------------------------------------


def widths_by_words(before, origins, k, sizes, level):
    """One step number, one origin after the other: what is known then, and nothing else;
    infinite while that is too little.
    """
    needed = next(n for n in range(1, 10_000) if n / (n + 1) >= level - 1e-12)
    pool, alpha, out, outside = sorted(e for e in before if not np.isnan(e)), 1.0 - level, [], {}
    sorted_in, observed = 0, 0
    for row, origin in enumerate(origins):
        while observed < row and origins[observed] + k <= origin:
            if outside[observed] is not None:
                alpha += conformal.RATE * ((1.0 - level) - outside[observed])
            observed += 1
        if observed - sorted_in > (
            max((conformal.GROWTH - 1.0) * len(pool), conformal.FEWEST) if len(pool) >= needed else 0
        ):
            pool = sorted([*pool, *[e for e in sizes[sorted_in:observed] if not np.isnan(e)]])
            sorted_in = observed
        m = len(pool)
        rank = min(max(math.ceil((1.0 - alpha) * (m + 1) - 1e-9), 1), m)
        out.append(pool[rank - 1] if m >= needed else np.inf)
        outside[row] = None if np.isnan(sizes[row]) or m < needed else float(sizes[row] > out[-1])
    return np.array(out)


def test_intervals_hear_of_an_error_k_steps_later_and_not_before():
    rng = np.random.default_rng(0)
    origins = np.sort(rng.choice(np.arange(50, 400), 200, replace=False))
    steps = np.array([1, 3, 17])
    before, sizes = np.abs(rng.normal(size=(40, 3))), np.abs(rng.normal(0, 1.6, (200, 3)))
    before[3, 1] = sizes[20, 2] = np.nan
    found = conformal.half_widths(before, origins, steps, sizes, 0.9)
    widest = np.zeros(len(origins))
    for column, k in enumerate(steps):
        widest = np.maximum(widest, widths_by_words(before[:, column], origins, k, sizes[:, column], 0.9))
        np.testing.assert_array_equal(found[:, column], widest)
        for row in (0, 30, 120):
            other = sizes.copy()
            other[row, column] = 1e3 if other[row, column] <= found[row, column] else 0.0
            moved = (conformal.half_widths(before, origins, steps, other, 0.9) != found).any(axis=1)
            assert not moved[origins < origins[row] + k].any()
            assert moved.any()


def test_intervals_from_rows_that_rewrite_the_future_do_not_move():
    x = sa.datasets.noisy_sine(length=400, seed=0).values
    model = sa.AR(8).fit(x[:200])
    base = sa.k_step(model, x, 10)
    for cut in (230, 301):
        y = x.copy()
        y[cut:] = 50.0 * np.random.default_rng(cut).normal(size=len(y) - cut)
        again = sa.k_step(model, y, 10)
        for one, two in zip(base.prediction_intervals(), again.prediction_intervals(), strict=True):
            assert (one[base.origins <= cut] == two[base.origins <= cut]).all()
            assert (one[base.origins > cut + 20] != two[base.origins > cut + 20]).any()


def test_intervals_are_the_models_own_where_asked():
    x = sa.datasets.ar_process([0.7], length=400, seed=0)
    run = sa.k_step(sa.AR(1).fit(x[:200]), x, 5)
    low, high = run.prediction_intervals(0.8, method="model")
    z = stats.norm.ppf(0.9)
    psi = run.model.coefficients_[0] ** np.arange(5)
    np.testing.assert_allclose(
        high - low, np.broadcast_to(2 * z * np.sqrt(run.model.variance_ * np.cumsum(psi**2)), low.shape)
    )
    np.testing.assert_allclose(sa.diagnostics.interval_width(run, 0.8, "model"), (high - low)[0])
    assert run.coverage(0.8, "model")[2] == np.mean(
        (low[:, 2] <= run.actuals[:, 2]) & (run.actuals[:, 2] <= high[:, 2])
    )
    quantile = high[:, 2]
    missed = run.actuals[:, 2] - quantile
    assert sa.diagnostics.pinball(run, 0.9, "model")[2] == pytest.approx(
        np.mean(np.where(missed > 0, 0.9 * missed, -0.1 * missed))
    )
    assert sa.diagnostics.pinball(run, 0.5)[1] == pytest.approx(0.5 * run.mae()[1])


def test_the_band_of_the_coverage_allows_for_overlap():
    x = sa.datasets.noisy_sine(seed=2)
    run = sa.k_step(sa.AR(64).fit(x[:604]), x, 64)
    low, high = sa.diagnostics.coverage_band(run, 0.9)
    assert ((low <= 0.9) & (high >= 0.9)).all()
    assert (high - low)[63] > (high - low)[0] >= 2 * 1.9 * math.sqrt(0.09 / 333) * 0.99 or high[63] == 1.0


def test_an_interval_from_one_origin_is_the_row_of_the_evaluation():
    x = sa.datasets.noisy_sine(length=500, seed=0)
    model = sa.AR(8).fit(x[:250])
    run = sa.k_step(model, x, 12)
    low, high = run.prediction_intervals(0.8)
    for row in (0, 1, 100, -1):
        got = ends_ahead(model, x, 12, 0.8, origin=int(run.origins[row]))
        np.testing.assert_allclose(got, [low[row], high[row]], rtol=1e-12, atol=1e-12)
    # Behind the last origin that could be scored the errors of the first steps go on being heard.
    ends = [ends_ahead(model, x[:cut], 12, 0.8) for cut in (489, 500)]
    assert (np.diff(ends, axis=1)[0] != np.diff(ends, axis=1)[1]).any()
    own = ends_ahead(model, x, 12, 0.8, method="model")
    np.testing.assert_allclose((own[0] + own[1]) / 2, model.forecast(x, 12))
    everything = sa.AR(8).fit(x)
    assert (np.diff(ends_ahead(everything, x, 12), axis=0) > 0).all()
    far = ends_ahead(everything, x, 600)
    assert np.isfinite(far[1][:240]).all()
    assert np.isinf(far[1][250:]).all()
    with pytest.raises(sa.errors.InputError, match="distribution"):
        sa.forecast_interval(sa.MLP(2, training=sa.Training(epochs=1)).fit(x), x, 3, method="model")
    with pytest.raises(sa.errors.InputError, match="symbols"):
        sa.forecast_interval(sa.MarkovChain().fit(["a", "b"] * 9), ["a", "b"] * 9, 2)


def test_intervals_ask_for_numbers_and_a_past():
    x = sa.datasets.noisy_sine(length=300, seed=0)
    run = sa.k_step(sa.MLP(4).fit(x[:200]), x, 4)
    assert run.coverage(0.9).shape == (4,)
    with pytest.raises(sa.errors.InputError, match="no distribution"):
        run.prediction_intervals(0.9, method="model")
    with pytest.raises(sa.errors.ParameterError, match="method"):
        run.prediction_intervals(0.9, method="bootstrap")
    with pytest.raises(sa.errors.ParameterError, match="level"):
        run.prediction_intervals(1.0)
    with pytest.raises(sa.errors.InputError, match="training origins"):
        run.training.prediction_intervals()
    with pytest.raises(sa.errors.InputError, match="inside the training part"):
        run.training.trusted_horizon()
    none = sa.k_step(sa.AR(4).fit(x[:200]), x, 4, origins=[250, 251])
    assert none.training.to_frame().shape[0] == 4
    assert none._at_step(2).trusted_horizon().claim == 0
    one = sa.k_step(sa.AR(4).fit(x[:200]), x, 4, origins=[250])
    assert np.isnan(one.confidence_interval("skill")[0]).all()
    assert one.trusted_horizon().claim == 0
    never = sa.evaluate(sa.MarkovChain(1), list("ab" * 30 + "aabb" * 10), 3, train=60)
    assert not np.isfinite(never["MarkovChain(1)"].log_loss()[0])
    assert never.trusted_horizon()["MarkovChain(1)"].claim == 0
    with pytest.raises(sa.errors.ParameterError, match="reading"):
        run.confidence_interval("mae")
    with pytest.raises(sa.errors.ParameterError, match="against"):
        sa.evaluate(sa.AR(2), x, 4).tests(against="AR(3)")
    with pytest.raises(sa.errors.ParameterError, match="margin"):
        run.trusted_horizon(margin=1.0)
    both = sa.evaluate({"a\nname": sa.AR(2)}, x, 4)
    for loss in ("zero-one", "cubed"):
        with pytest.raises(ValueError, match="loss"):
            both.tests(loss=loss)
    for reading in ("cubed", "table"):
        with pytest.raises(sa.errors.ParameterError, match="reading"):
            both.by_step(reading)
    with pytest.raises(KeyError, match="there are a\\\\nname, Mean, Naive"):
        both["AR"]
    assert "\n" not in both.answer.split(" ahead")[0]


# -- what they promise, by simulation ---------------------------------------------------------------------------------


def test_equal_forecasters_are_told_apart_as_often_as_is_said():
    for k, two, one, power in proof.size(draws=1500):
        assert 0.01 <= two <= 0.066, k
        assert 0.01 <= one <= 0.066, k
        assert power > two


@pytest.mark.slow
def test_the_size_of_the_test_holds_at_every_step():
    for k, two, _, _ in proof.size():
        assert 0.015 <= two <= 0.055, k


def test_a_claim_goes_past_the_end_as_seldom_as_is_said():
    assert np.mean(proof.claims(0.0, proof.THETA[3], 8, 333, 40) > 3) <= 0.12  # 5 % and two standard errors


@pytest.mark.slow
@pytest.mark.parametrize(("q", "lags"), [(3, 8), (8, 16)])
def test_a_moving_average_is_trusted_to_its_order(q, lags):
    few, many = (proof.claims(0.0, proof.THETA[q], lags, n, 200) for n in (333, 2000))
    assert max(np.mean(few > q), np.mean(many > q)) <= 0.08
    assert q - 1 <= np.median(many) <= q


@pytest.mark.slow
def test_a_longer_memory_is_trusted_further():
    medians = [np.median(proof.claims(phi, (), 1, 2000, 100)) for phi in (0.5, 0.8, 0.95)]
    assert medians[0] < medians[1] < medians[2]


def test_claims_on_processes_that_do_not_change_survive():
    found = [claim for series in proof.stable(2) if (claim := proof.claims_of(series, 13, (0.01,))[0])]
    assert len(found) >= 3
    assert all(claim.saved > 0.01 and claim.later > 0.0 for claim in found)


@pytest.mark.slow
def test_claims_on_weekly_series_survive_as_often_as_is_said(monkeypatch):
    monkeypatch.setattr(proof, "FOLDER", path("M4_Weekly-train.csv.gz").parent)
    both = [proof.claims_of(series, 13, proof.MARGINS) for series in proof.weekly(300)]
    shares = [np.mean([c[place].later > 0.0 for c in both if c[place]]) for place in range(2)]
    assert shares[0] >= 0.85
    assert shares[1] >= 0.90


@pytest.mark.parametrize("seeds", [range(6), pytest.param(range(20), marks=pytest.mark.slow)])
def test_intervals_hold_what_they_say_on_the_notes_series(seeds):
    tables = {(model, method): covered for model, method, covered, _, _ in proof.coverage(seeds)}
    covered = tables["AR(64)", "conformal"]
    assert (np.abs(covered[:3] - 0.91) <= 0.03).all()
    assert 0.88 <= covered[3] <= 0.98  # never narrower than at a smaller step: somewhat too wide far out
    assert tables["AR(4)", "model"][3] > 0.95  # the plug-in distribution of a window that is too short is far too wide

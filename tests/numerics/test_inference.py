"""Averages of losses that overlap, their tests and intervals, each number by hand and each level by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from benchmarks import trust as proof
from scipy import stats

from stepahead.evaluation import trust
from stepahead.evaluation.audit.bits import parameter_bits
from stepahead.numerics import inference

from ..losses import averages_of, rows_at, spread_of


def test_averages_by_hand():
    losses = np.array([[1.0, 2.0, 3.0, 6.0, 4.0, 2.0], [2.0, 2.0, 2.0, 2.0, 3.0, 1.0]])
    mean, covariance, used = inference.averages(losses, np.arange(6), 6, 1)
    assert mean.tolist() == [3.0, 2.0]
    assert used == inference.cosines(6, 1) == 1
    t = np.arange(6)
    wave = np.sqrt(2.0 / 6.0) * np.cos(np.pi * (t + 0.5) / 6.0)
    parts = (losses - mean[:, None]) @ wave
    np.testing.assert_allclose(covariance, np.outer(parts, parts) / used * (6 / 36), atol=1e-15)


@pytest.mark.parametrize(
    ("times", "overlap", "count"),
    [(2, 1, 1), (3, 1, 1), (10, 1, 1), (30, 1, 3), (30, 64, 3), (500, 1, 25), (500, 20, 12), (500, 500, 4)],
)
def test_the_number_of_cosines(times, overlap, count):
    assert inference.cosines(times, overlap) == count
    assert 1 <= inference.cosines(times, overlap) <= times - 1


def test_rows_out_of_order_and_rows_that_share_a_time_are_summed():
    rng = np.random.default_rng(0)
    losses, order = rng.normal(size=(2, 40)), rng.permutation(40)
    plain = inference.averages(losses, np.arange(40), 40, 3)
    mixed = inference.averages(losses[:, order], np.arange(40)[order], 40, 3)
    np.testing.assert_allclose(mixed[1], plain[1], rtol=1e-12)
    swapped = np.arange(40) ^ 1
    np.testing.assert_allclose(inference.averages(losses[:, swapped], swapped, 40, 3)[1], plain[1], rtol=1e-12)
    twice = inference.averages(np.repeat(losses, 2, axis=1), np.repeat(np.arange(40), 2), 40, 3)
    np.testing.assert_allclose(twice[0], plain[0], rtol=1e-12)
    np.testing.assert_allclose(twice[1], plain[1], rtol=1e-12)


@pytest.mark.parametrize(
    "losses", [np.empty((2, 0)), np.array([[1.0], [2.0]]), np.full((2, 5), np.nan)], ids=["none", "one", "missing"]
)
def test_too_few_rows_prove_nothing(losses):
    mean, covariance, used = inference.averages(losses, np.arange(losses.shape[1]), losses.shape[1], 1)
    assert used == 0
    assert np.isnan(covariance).all()
    assert covariance.shape == (2, 2)
    assert (mean.tolist() == [1.0, 2.0]) if losses.shape[1] == 1 else np.isnan(mean).all()
    once = inference.averages(np.array([[1.0, 5.0], [2.0, 1.0]]), np.array([0, 0]), 1, 1)
    assert (once[0].tolist(), once[2], np.isnan(once[1]).all()) == ([3.0, 1.5], 0, True)
    assert inference.averages(np.array([[1.0, 5.0]]), np.array([0, 1]), 2, 1)[2] == 1
    alone = inference.averages(np.array([[1.0, np.nan, np.nan]]), np.arange(3), 3, 1)
    assert (alone[0].tolist(), alone[2], np.isnan(alone[1]).all()) == ([1.0], 0, True), "one row of three times"


def test_a_row_that_lacks_a_loss_does_not_count_and_keeps_its_place():
    losses = np.array([[1.0, np.nan, 3.0, 8.0], [2.0, 1.0, 4.0, 3.0]])
    mean, covariance, used = inference.averages(losses, np.arange(4), 4, 1)
    assert mean.tolist() == [4.0, 3.0]
    assert used == 1
    wave = np.sqrt(2.0 / 4.0) * np.cos(np.pi * (np.arange(4) + 0.5) / 4.0)
    parts = np.array([[-3.0, 0.0, -1.0, 4.0], [-1.0, 0.0, 1.0, 0.0]]) @ wave
    np.testing.assert_allclose(covariance, np.outer(parts, parts) * (4 / 9), atol=1e-15)


def test_students_t_is_that_of_scipy_and_none_without_freedom():
    freedom = np.array([0, 1, 4, 19])
    np.testing.assert_allclose(inference.student(0.975, freedom)[1:], stats.t.ppf(0.975, freedom[1:]), rtol=1e-12)
    np.testing.assert_allclose(
        inference.p_value(np.array([2.0, -2.0, 2.0, 0.0]), freedom)[1:], 2 * stats.t.sf([2.0, 2.0, 0.0], freedom[1:])
    )
    assert np.isnan(inference.student(0.975, freedom)[0])
    assert np.isnan(inference.p_value(np.array([2.0]), np.array([0]))[0])


def test_a_difference_that_never_varies_counts_as_one_more_look():
    found = inference.statistic(np.array([0.5, -0.5, 0.0, 0.3]), np.array([0.0, 0.0, 0.0, 0.1]), np.array([4, 4, 4, 4]))
    assert found.tolist() == pytest.approx([5.0, -5.0, 0.0, 3.0])


def test_a_contrast_is_a_weighted_sum_and_its_error():
    total, error = averages_of([[1.0, 5.0], [2.0, 5.0], [9.0, 9.0]], 0.25, 10).contrast(np.array([-1.0, 1.0, 0.0]))
    assert total.tolist() == [1.0, 0.0]
    np.testing.assert_allclose(error, np.sqrt(0.5))
    tiny = averages_of([[1.0], [1.0 + 1e-14]], 0.25, 10).contrast(np.array([-1.0, 1.0]))[0]
    assert tiny.tolist() == [0.0], "the last digits are no difference"
    large = averages_of([[1e8], [1e8 + 1e-5]], 0.25, 10).contrast(np.array([-1.0, 1.0]))[0]
    assert large.tolist() == [0.0], "of the losses themselves"
    assert averages_of([[1e-8], [3e-8]], 0.25, 10).contrast(np.array([-1.0, 1.0]))[0].tolist() == pytest.approx([2e-8])
    infinite = inference.Averages(np.array([[np.inf], [1.0], [2.0]]), np.zeros((3, 3, 1)), np.array([4]))
    assert infinite.contrast(np.array([0.0, -1.0, 1.0]))[0].tolist() == [1.0], "what has no weight may be infinite"


def test_reach_by_hand():
    """Own loss against a baseline of 1 at four steps; the one-sided 5 % bound of 10 degrees is 1.812,
    the two-sided 2.228.
    """
    bound = stats.t.ppf(0.95, 10)
    deviation = 0.1
    variance = deviation**2 / 2.0

    def at(*scores: float) -> inference.Reach:
        own = [1.0 - score * deviation for score in scores]
        return inference.reach(averages_of([own, [1.0] * len(own)], variance, 10), 0, [1], 0.0, 0.95)

    assert at(9.0, 9.0, 9.0) == (3, 3, 3, 3)
    assert at(9.0, 0.0, 9.0)[:2] == (1, 1)
    assert at(bound * 1.001, bound * 0.999, 9.0)[:2] == (1, 3)
    assert at(-9.0, 9.0, 9.0) == (0, 0, 0, 3)
    assert at(-9.0, -9.0, -9.0) == (0, 0, 0, 0)
    assert at(2.0, 2.0, 2.0)[:2] == (3, 3)
    assert at(2.0, 2.0, 2.0).low == 0
    assert at(9.0, 9.0, 2.0)[2:] == (2, 3)
    assert at(9.0, 2.0, -9.0)[2:] == (1, 2)
    both = inference.reach(averages_of([[0.5, 0.5], [1.0, 1.0], [1.0, 0.4]], variance, 10), 0, [1, 2], 0.0, 0.95)
    assert both.shown == both.estimate == 1
    margin = inference.reach(averages_of([[0.9], [1.0]], variance, 10), 0, [1], 0.2, 0.95)
    assert margin.estimate == 0


def test_skill_intervals_are_the_skills_that_are_not_refuted():
    found = averages_of([[0.5, 0.5], [1.0, 1.0]], 0.0004, 12)
    low, high = inference.skill_interval(found, 0, 1, 0.9)
    t = stats.t.ppf(0.95, 12)
    for end in (low[0], high[0]):
        gap = (1.0 - end) * 1.0 - 0.5
        assert abs(gap) / np.sqrt(0.0004 * ((1.0 - end) ** 2 + 1.0)) == pytest.approx(t, rel=1e-9)
    assert low[0] < 0.5 < high[0] < 1.0
    assert inference.skill_interval(averages_of([[0.001], [1.0]], 0.0004, 12), 0, 1, 0.9)[1].tolist() == [1.0], (
        "no skill is above 1"
    )
    low, high = inference.skill_interval(averages_of([[0.5], [0.001]], 0.04, 12), 0, 1, 0.9)
    assert (low[0], high[0]) == (-np.inf, 1.0)
    low, high = inference.skill_interval(averages_of([[0.5], [0.0]], 0.0, 12), 0, 1, 0.9)
    assert (low[0], high[0]) == (-np.inf, 1.0), "a baseline that is never wrong"
    low, high = inference.skill_interval(averages_of([[0.5], [1.0]], 0.04, 0), 0, 1, 0.9)
    assert np.isnan(low).all()
    assert np.isnan(high).all()


def test_averages_do_not_depend_on_how_many_steps_are_read_at_once(monkeypatch):
    rng, rows = np.random.default_rng(0), rows_at(list(range(100)), [1, 2, 15])
    tables = rng.normal(size=(2, 100, 3))
    losses = [lambda part, table=table: table[:, part] for table in tables]
    plain = trust.averages(rows, losses)
    for k in range(3):
        mean, covariance, used = inference.averages(
            np.ascontiguousarray(tables[:, :, k]), np.arange(100), 100, rows.steps[k]
        )
        assert plain.mean[:, k].tolist() == mean.tolist()
        assert plain.covariance[:, :, k].tolist() == covariance.tolist()
        assert plain.freedom[k] == used
    asked: list[int] = []

    def noted(part: slice) -> np.ndarray:
        asked.append(part.stop - part.start)
        return losses[0](part)

    for cells, read in ((1, [1, 1, 1]), (399, [1, 1, 1]), (400, [2, 1]), (599, [2, 1]), (600, [3])):
        monkeypatch.setattr(trust, "CELLS", cells)
        asked.clear()
        assert parameter_bits(trust.averages(rows, [noted, losses[1]])) == parameter_bits(plain)
        assert asked == read
    joined = trust.joint(rows, losses)
    assert plain.freedom.tolist() == [8, 8, 4]
    mean, covariance, used = inference.averages(tables.mean(axis=2), np.arange(100), 100, 15)
    assert used == 4, "the overlap of all steps is that of the last"
    np.testing.assert_allclose(joined.mean[:, 0], mean, rtol=1e-12)
    np.testing.assert_allclose(joined.covariance[:, :, 0], covariance, rtol=1e-9)
    assert joined.freedom.tolist() == [used]


def test_no_rows_show_nothing():
    rows, losses = rows_at([], [1, 2]), [lambda part: np.empty((0, 1))] * 3
    for found, steps in ((trust.averages(rows, losses), 2), (trust.joint(rows, losses), 1)):
        assert [part.shape for part in found] == [(3, steps), (3, 3, steps), (steps,)]
        assert np.isnan(found.mean).all()
        assert np.isnan(found.covariance).all()
        assert found.freedom.tolist() == [0.0] * steps


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


def test_equal_forecasters_are_told_apart_as_often_as_is_said():
    for k, two, one, power in proof.size(draws=500):  # three standard errors around 5 %; 10,000 draws are a slow test
        assert 0.021 <= two <= 0.079, k
        assert 0.021 <= one <= 0.079, k
        assert power > two


@pytest.mark.slow
def test_the_size_of_the_test_holds_at_every_step():
    for k, two, _, _ in proof.size():
        assert 0.035 <= two <= 0.06, k


def test_the_claim_goes_too_far_as_often_as_is_said():
    assert 0.01 <= proof.least_favourable(3, draws=250) <= 0.1

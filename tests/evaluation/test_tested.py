"""T at a margin against the definition written out, and the ends of bands against a fine search."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from stepahead.evaluation import tested
from stepahead.evaluation.tested import Table
from stepahead.numerics.prewhitened import Sample, cosines

from .drawn import answer_of, moving, remembering, some_losses


def literal_T(own, base, x, cap, B):
    """T of one model against one baseline at one step, row by row."""
    d = [min((1 - x) * g - i, cap) for g, i in zip(base, own, strict=True)]
    n = len(d)
    mean = sum(d) / n
    c = [value - mean for value in d]
    G0 = sum(value * value for value in c)
    if 1e-20 * mean * mean >= G0:
        return math.copysign(B + 1, mean) if mean else 0.0
    r = sum(c[t] * c[t - 1] for t in range(1, n)) / G0
    rho = min(max(r + (1 + 3 * r) / n, 0.0), 0.97)
    u = [c[t] - rho * c[t - 1] for t in range(1, n)]
    total = 0.0
    for j in range(1, B + 1):
        total += (
            sum(math.sqrt(2 / (n - 1)) * math.cos(math.pi * j * (t - 0.5) / (n - 1)) * u[t - 1] for t in range(1, n))
            ** 2
        )
    return mean / math.sqrt(total / B / (1 - rho) ** 2 / n)


def table_of(losses, models, overlaps=None):
    steps = np.arange(1, losses.shape[1] + 1) if overlaps is None else overlaps
    found = tuple(lambda part, one=one: one[part].T for one in losses)
    return Table(found[:models], found[models:], Sample.of(np.arange(losses.shape[2]), steps))


@pytest.mark.parametrize("wild", [0.05, 1.0, 40.0])
def test_T_is_the_one_written_out(wild):
    rng = np.random.default_rng(2)
    losses = np.square(remembering(rng, (4, 3, 61), 0.4))
    losses[3] *= max(wild, 1.0)
    losses[2:] = np.where(wild < 1.0, 1.0 + wild * losses[2:], losses[2:])
    found = tested.measured(table_of(losses, 2), 0.01)
    for k in range(3):
        B = cosines(61, k + 1)
        assert found.moments.freedom[k] == B
        cap = 3 * min(losses[2, k].mean(), losses[3, k].mean())
        for i in range(2):
            values = [literal_T(losses[i, k].tolist(), losses[g, k].tolist(), 0.01, cap, B) for g in (2, 3)]
            assert found.T[i, k] == pytest.approx(min(values), rel=1e-9)
            assert found.capped[i, k] == any((0.99 * losses[g, k] - losses[i, k] > cap).any() for g in (2, 3))
    assert found.capped.any() == (wild > 0.1)


def test_a_difference_without_spread_is_worth_one_more_look():
    losses = np.ones((2, 1, 50)) * [[[0.5]], [[1.0]]]
    found = tested.measured(table_of(losses, 1), 0.01)
    assert found.T[0, 0] == pytest.approx(cosines(50, 1) + 1)


def test_an_infinite_loss_of_the_model_shows_nothing_and_of_a_baseline_counts_as_the_cap():
    rng = np.random.default_rng(4)
    losses = np.square(remembering(rng, (3, 1, 60), 0.2))
    losses[0] *= 0.1
    spoilt = losses.copy()
    spoilt[0, 0, 5] = np.inf
    found = tested.measured(table_of(spoilt, 1), 0.01)
    assert found.T[0, 0] == -np.inf
    assert found.p[0, 0] == 1.0
    assert found.saving[0, 0] == -np.inf
    assert tested.upper_ends(found, 0.05)[0, 0] == -np.inf
    wild = losses.copy()
    wild[2, 0, 5] = np.inf
    tall = losses.copy()
    tall[2, 0, 5] = 1e6
    assert pytest.approx(tested.measured(table_of(tall, 1), 0.01).T) == tested.measured(table_of(wild, 1), 0.01).T


def test_rows_without_a_target_do_not_count():
    rng = np.random.default_rng(5)
    losses = np.square(rng.normal(size=(3, 2, 80)))
    losses[:, :, 70:] = np.nan  # at the end, where leaving them out changes nothing but the length
    short = tested.measured(table_of(losses[:, :, :70], 1), 0.01)
    found = tested.measured(table_of(losses, 1), 0.01)
    np.testing.assert_allclose(found.saving, short.saving)
    assert np.isfinite(found.T).all()


def test_losses_of_1e200_are_those_of_1():
    losses = np.square(remembering(np.random.default_rng(6), (3, 2, 60), 0.3))
    found, large = tested.measured(table_of(losses, 1), 0.01), tested.measured(table_of(losses * 2.0**700, 1), 0.01)
    np.testing.assert_allclose(large.T, found.T, rtol=1e-12)
    np.testing.assert_allclose(tested.upper_ends(large, 0.05), tested.upper_ends(found, 0.05), rtol=1e-12)


@pytest.mark.parametrize("wild", [1.0, 30.0])
@pytest.mark.parametrize("gain", [0.2, 0.9])
def test_the_lower_end_is_where_the_test_stops_to_reject(gain, wild):
    rng = np.random.default_rng([int(gain * 10), int(wild)])
    losses = np.square(moving(rng, (3, 2, 120), 2) + moving(rng, (1, 2, 120), 2))
    losses[0] *= gain
    losses[2] *= wild
    answer = answer_of(losses, 1)
    low, found = answer.low(0), 0
    for k in range(2):
        cap, B = 3 * min(losses[1, k].mean(), losses[2, k].mean()), cosines(120, k + 1)
        if not answer.tested[0, k]:
            assert np.isnan(low[k])
            continue

        def p(x, k=k, cap=cap, B=B):
            values = [literal_T(losses[0, k].tolist(), losses[g, k].tolist(), x, cap, B) for g in (1, 2)]
            return stats.t.sf(min(values), B)

        if low[k] == -np.inf:
            assert p(-1.0) >= answer.level[0, k]
            continue
        assert p(low[k] - 1e-3) < answer.level[0, k] < p(low[k] + 1e-3)
        found += 1
    assert found


def test_the_upper_end_is_the_first_margin_that_a_baseline_refutes():
    rng = np.random.default_rng(8)
    losses = np.square(moving(rng, (4, 3, 150), 3))
    answer = answer_of(losses, 1)
    for k in range(3):
        B, n = cosines(150, k + 1), 150

        def refuted(x, k=k, B=B):
            bound = stats.t.ppf(1 - 0.05 / 3, B)
            return any(
                literal_T(losses[0, k].tolist(), losses[g, k].tolist(), x, math.inf, B) < -bound for g in (1, 2, 3)
            )

        high = answer.high[0, k]
        assert refuted(high + 1e-3) or high == 1.0
        assert not refuted(high - 1e-3)
        assert n == answer.origins


@pytest.mark.parametrize("seed", range(60))
def test_shown_means_that_the_lower_end_is_above_the_margin(seed):
    losses, models, steps = some_losses(seed)
    answer = answer_of(losses, models, steps)
    for model in range(models):
        low, saved, high = answer.low(model), answer.saving[model], answer.high[model]
        with np.errstate(invalid="ignore"):
            assert (answer.shown[model] == (answer.tested[model] & (low > 0.01))).all()
        assert (np.isnan(low) | (low <= saved)).all()
        assert (saved <= high).all()
        assert (np.isnan(low) == ~answer.tested[model]).all()
    assert not np.isnan(answer.saving).any()


def test_the_best_is_in_the_set_and_what_is_clearly_worse_is_not():
    rng = np.random.default_rng(11)
    losses = np.square(rng.normal(size=(4, 2, 300)))
    losses[1] *= 5.0
    answer = answer_of(losses, 3)
    assert answer.least[0].all()
    assert answer.least[2].all()
    assert not answer.least[1].any()


def test_a_model_is_left_out_where_another_is_better_at_the_shared_level():
    rng, left_out = np.random.default_rng(12), 0
    losses = np.square(moving(rng, (6, 40, 90), 2)) + 1.0
    found = tested.measured(table_of(losses, 5, np.full(40, 2)), 0.01)
    least, B = tested.least_error(found, 0.05), cosines(90, 2)
    for k in range(40):
        for i in range(5):
            others = [
                literal_T(losses[j, k].tolist(), losses[i, k].tolist(), 0.0, math.inf, B) for j in range(5) if j != i
            ]
            worse = max(others) > stats.t.ppf(1 - 0.05 / 4, B)
            assert least[i, k] == (not worse)
            left_out += worse
    assert 0 < left_out < 100


@pytest.mark.slow
@pytest.mark.parametrize("models", [3, 10])
def test_the_best_model_is_seldom_left_out(models):
    """Of equal models the first is the best; each step by itself."""
    rng, out, draws = np.random.default_rng(models), 0, 400
    for _ in range(draws):
        losses = np.square(moving(rng, (models + 1, 1, 100), 4))
        sample = Sample.of(np.arange(100), np.array([4]))
        out += not answer_of(losses, models, [4], sample).least[0, 0]
    assert out / draws <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / draws)

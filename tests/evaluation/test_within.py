"""Trust in the unit of the data: the effective number of rows, its binomial tail, and how often it errs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from stepahead.errors import ParameterError
from stepahead.evaluation import within
from stepahead.numerics.prewhitened import Sample, cosines

from ..losses import spread_of
from .drawn import moving, remembering


def sample_of(n, steps=1):
    return Sample.of(np.arange(n), np.arange(1, steps + 1))


@pytest.mark.parametrize(("n", "misses"), [(60, 3), (17, 0), (100, 20), (30, 30)])
def test_the_tail_is_that_of_the_binomial_at_whole_numbers(n, misses):
    expected = stats.binom.cdf(misses, n, 0.1)
    assert within._binomial(float(n), np.array([misses / n]), 0.9)[0] == pytest.approx(expected, rel=1e-10)


def test_p_is_the_one_written_out():
    errors = np.abs(remembering(np.random.default_rng(3), (80,), 0.6))
    width, n, B = 1.8, 80, cosines(80, 1)
    missed = (errors > width).astype(float)
    p = missed.mean()
    ranks = stats.rankdata(errors)
    f = max(1.0, spread_of(missed.tolist(), B)[0] / (p * (1 - p)), spread_of(ranks.tolist(), B)[0] / ranks.var())
    many = n / f * (stats.norm.ppf(0.95) / stats.t.ppf(0.95, B)) ** 2
    expected = stats.beta.cdf(0.9, many * (1 - p), many * p + 1)
    found = within.inside(lambda part: errors[:, None], sample_of(n), width)
    assert 0 < p < 0.2
    assert found.p[0] == pytest.approx(expected, rel=1e-9)
    assert found.measured[0] == pytest.approx(1 - p)


def test_the_size_of_nine_in_ten_and_its_upper_end_are_those_of_a_search():
    errors = np.abs(moving(np.random.default_rng(4), (150,), 2))
    n, B = 150, cosines(150, 1)
    ranks = stats.rankdata(errors)
    many = (
        n / max(1.0, spread_of(ranks.tolist(), B)[0] / ranks.var()) * (stats.norm.ppf(0.95) / stats.t.ppf(0.95, B)) ** 2
    )
    ordered = sorted(errors)
    upper = next(
        ordered[j - 1] for j in range(1, n + 1) if stats.beta.cdf(0.9, many * j / n, many * (1 - j / n) + 1) < 0.05
    )
    q, found = within.sizes_within(lambda part: errors[:, None], sample_of(n))
    assert q[0] == ordered[134], "135 of 150 do not exceed it"
    assert found[0] == upper > q[0]


def test_too_few_rows_have_no_upper_end():
    q, upper = within.sizes_within(lambda part: np.arange(20.0)[:, None], sample_of(20))
    assert q[0] == 17.0
    assert upper[0] == np.inf


def test_errors_that_are_all_the_same_and_none_at_all():
    found = within.inside(lambda part: np.full((200, 1), 0.5), sample_of(200), 1.0)
    assert found.steps == 1
    assert found.measured[0] == 1.0
    found = within.inside(lambda part: np.full((200, 1), 2.0), sample_of(200), 1.0)
    assert found.steps == 0
    assert found.p[0] == 1.0
    nothing = within.inside(lambda part: np.full((5, 1), np.nan), sample_of(5), 1.0)
    assert nothing.steps == 0
    assert np.isnan(nothing.measured[0])


def test_it_stops_at_the_first_step_that_is_not_shown():
    sizes = np.array([0.1, 5.0, 0.1])[None] * np.ones((100, 1))
    assert within.inside(lambda part: sizes[:, part], sample_of(100, 3), 1.0).steps == 1


def test_missing_targets_do_not_count():
    errors = np.abs(np.random.default_rng(5).normal(size=120))
    errors[::5] = np.nan
    found = within.inside(lambda part: errors[:, None], sample_of(120), 2.0)
    assert found.measured[0] == pytest.approx(np.mean(errors[~np.isnan(errors)] <= 2.0))


@pytest.mark.parametrize(
    ("n", "draws"), [(60, 150), *(pytest.param(n, 600, marks=pytest.mark.slow) for n in (60, 100, 333))]
)
def test_at_the_border_it_errs_at_most_so_often(n, draws):
    """Nine in ten of the errors lie within the width, exactly; they remember .9 a step."""
    rng, width = np.random.default_rng([n, draws]), stats.norm.ppf(0.95)
    x = np.abs(remembering(rng, (draws, n), 0.9))
    false = sum(within.inside(lambda part, one=one: one[:, None], sample_of(n), width).steps for one in x)
    assert false / draws <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / draws)


def test_it_finds_what_is_there():
    x = np.abs(moving(np.random.default_rng(6), (30, 333), 4))
    width = stats.norm.ppf(0.99)  # holds .98 of them
    steps = [within.inside(lambda part, one=one: one[:, None], sample_of(333), width).steps for one in x]
    assert sum(steps) >= 25


@pytest.mark.parametrize("seed", [0, 255, pytest.param(range(300), marks=pytest.mark.slow)])
def test_a_larger_width_shows_at_least_as_many_steps(seed):
    """At every width that changes what is missed.
    Of 300 such series the effective number alone breaks it in number 255.
    """
    for one in seed if isinstance(seed, range) else [seed]:
        rng = np.random.default_rng([one, 99])
        n = int(rng.choice([60, 100, 333]))
        x = np.abs(remembering(rng, (n,), float(rng.choice([0.0, 0.5, 0.9]))))
        widths = np.sort(x)[int(0.85 * n) :]
        found = [within.inside(lambda part, x=x: x[:, None], sample_of(n), width).steps for width in widths]
        assert found == sorted(found)


def test_a_share_that_is_none_is_refused():
    for share in (0.0, 1.0, -1.0):
        with pytest.raises(ParameterError, match="share"):
            within.inside(lambda part: np.ones((9, 1)), sample_of(9), 1.0, share)

"""The F-test of a season against least squares written out, the choice among periods, and how often each goes wrong."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from stepahead.numerics import seasonality

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import seasons as proof

from .. import data

PERIODS = [
    (2, 30),
    (3, 50),
    (4, 60),
    (5, 38),
    (6, 100),
    (7, 200),
    (12, 39),
    (12, 100),
    (52, 300),
    (336, 1100),
    (365, 1000),
]


def least_squares(columns, y):
    """(residual sum, rank) with every column written out."""
    columns = columns / np.linalg.norm(columns, axis=0)
    coefficients, _, rank, _ = np.linalg.lstsq(columns, y, rcond=None)
    return float(np.sum((y - columns @ coefficients) ** 2)), int(rank)


def waves(times, period):
    found = []
    for j in range(1, min(3, period // 2) + 1):
        found.append(np.cos(2 * np.pi * j * times / period))
        if 2 * j != period:
            found.append(np.sin(2 * np.pi * j * times / period))
    return np.stack(found, axis=1)


def indicators(times, period):
    return (times[:, None] % period == np.arange(period - 1)).astype(float)


def normal(before, after, rows):
    """Wilson and Hilferty, of two regressions."""
    (r0, q0), (r1, q1) = before, after
    a, b = q1 - q0, rows - q1
    if b < 5:
        return -math.inf
    c = (((r0 - r1) / a) / (r1 / b)) ** (1 / 3)
    return ((1 - 2 / (9 * b)) * c - (1 - 2 / (9 * a))) / math.sqrt(2 / (9 * b) * c * c + 2 / (9 * a))


def literal(y, period):
    """The test value of a period, row by row and column by column."""
    seen = np.isfinite(y)
    lags = 1 if seen.sum() < 40 else 3
    found = []
    for form in [y, np.log(y)] if (y[seen] > 0).all() else [y]:
        z = (form - np.nanmean(form)) / np.nanstd(form)
        times = np.array([t for t in range(lags, len(y)) if np.isfinite(z[t - lags : t + 1]).all()])
        base = np.stack([np.ones(len(times)), times, *(z[times - lag] for lag in range(1, lags + 1))], axis=1)
        before = least_squares(base, z[times])
        terms = [waves(times, period)]
        if len(times) - before[1] - period >= max(10, period / 2):
            terms.append(indicators(times, period))
        found += [normal(before, least_squares(np.hstack([base, more]), z[times]), len(times)) for more in terms]
    return max(found)


@pytest.mark.parametrize(("period", "length"), PERIODS)
@pytest.mark.parametrize("kind", ["numbers", "above zero", "with gaps"])
def test_the_value_is_that_of_least_squares_written_out(period, length, kind):
    rng = np.random.default_rng([period, length])
    y = (
        0.3 * np.cumsum(rng.normal(size=length))
        + 2 * np.sin(2 * np.pi * np.arange(length) / period)
        + rng.normal(size=length)
    )
    if kind != "numbers":
        y += 60.0
        assert y.min() > 0
    if kind == "with gaps":
        y[rng.integers(0, length, max(1, length // 50))] = np.nan
    assert seasonality.Test(y).value(period) == pytest.approx(literal(y, period), rel=1e-9, abs=1e-9)


def test_many_periods_at_once_have_the_values_of_each_alone():
    y = np.random.default_rng(1).normal(size=150).cumsum()
    y[40:43] = np.nan
    test = seasonality.Test(y)
    together = test.values(range(2, 50))
    assert together == pytest.approx([literal(y, period) for period in range(2, 50)], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("shorter", "longer"), [(4, 12), (7, 30), (48, 336)])
def test_a_longer_one_beside_a_shorter_one_is_least_squares_too(shorter, longer):
    rng = np.random.default_rng(longer)
    length = 3 * longer + 60
    y = rng.normal(size=length).cumsum() + rng.normal(size=shorter)[np.arange(length) % shorter]
    y -= y.mean()
    y[10] = np.nan
    z = (y - np.nanmean(y)) / np.nanstd(y)
    times = np.array([t for t in range(3, length) if np.isfinite(z[t - 3 : t + 1]).all()])
    base = np.stack(
        [np.ones(len(times)), times, *(z[times - lag] for lag in (1, 2, 3)), *indicators(times, shorter).T], axis=1
    )
    forms = [indicators(times, longer), *([waves(times, longer)] if longer % shorter else [])]
    before = least_squares(base, z[times])
    wanted = max(normal(before, least_squares(np.hstack([base, more]), z[times]), len(times)) for more in forms)
    assert seasonality.Test(y).beside(longer, shorter, waves=False) == pytest.approx(wanted, rel=1e-9, abs=1e-9)
    if longer % shorter:
        unders = [np.hstack([base[:, :5], more]) for more in forms]
        both = [(least_squares(under, z[times]), np.hstack([under, base[:, 5:]])) for under in unders]
        wanted = max(normal(before, least_squares(more, z[times]), len(times)) for before, more in both)
        assert seasonality.Test(y).under(shorter, longer) == pytest.approx(wanted, rel=1e-9, abs=1e-9)


def test_the_normal_value_is_near_the_exact_one():
    for a, b, f in [(2, 30, 4.0), (6, 50, 3.0), (11, 100, 2.5), (51, 200, 1.8)]:
        exact = stats.norm.isf(stats.f.sf(f, a, b))
        assert float(seasonality.normal_value(f * a, np.array(a), float(b), np.array(b))) == pytest.approx(
            exact, abs=0.1
        )


def test_the_limit_shares_one_percent_out():
    assert seasonality.limit(1, 1) == pytest.approx(stats.norm.isf(0.005))
    assert seasonality.limit(80, 2) == pytest.approx(stats.norm.isf(0.01 / 320))


def test_what_is_allowed():
    """Three of a period, two of one above 100, and never fewer than 2 m + 4."""
    for period in (*range(2, 20), 99, 100, 101, 365):
        least = max(2 * period if period > 100 else 3 * period, 2 * period + 4)
        assert not seasonality.allowed(period, least - 1)
        assert seasonality.allowed(period, least)


# the choice


def noisy(length, *periods, seed=0, noise=0.5):
    rng = np.random.default_rng(seed)
    patterns = (rng.normal(size=period)[np.arange(length) % period] for period in periods)
    return sum(patterns) + noise * rng.normal(size=length)


@pytest.mark.parametrize("seed", range(5))
def test_two_seasons_of_which_one_is_a_multiple(seed):
    y = noisy(1500, 48, 336, seed=seed)
    assert seasonality.among(y, (48, 336)).found == (48, 336)
    assert seasonality.among(noisy(1500, 48, seed=seed), (48, 336)).found == (48,)


@pytest.mark.parametrize("seed", range(5))
def test_two_seasons_of_which_none_is_a_multiple(seed):
    found = seasonality.among(noisy(1500, 7, 365, seed=seed), (7, 365))
    assert found.found == (7, 365)
    assert seasonality.among(noisy(1500, 7, seed=seed), (7, 365)).found == (7,)
    assert seasonality.among(noisy(1500, 365, seed=seed), (7, 365)).found == (365,)


def test_of_two_that_pass_and_are_no_multiples_the_one_that_explains_more():
    y = 1.5 * noisy(400, 9, noise=0.0) + noisy(400, 5)
    assert seasonality.among(y, (5, 9)).chosen == 9
    assert seasonality.among(y[::-1], (9, 5)).found == (5, 9)


def test_a_scan_takes_the_season_and_not_its_multiples_or_parts():
    for period in (5, 7, 12, 24, 30):
        for seed in range(4):
            assert seasonality.scanned(noisy(20 * period + 5, period, seed=seed)).found == (period,)


EXACT = {
    "a wave": (np.sin(2 * np.pi * np.arange(240) / 12), (12,)),
    "a wave above zero": (5 + np.sin(2 * np.pi * np.arange(240) / 12), (12,)),
    "far above zero": (1e9 + np.sin(2 * np.pi * np.arange(240) / 12), (12,)),
    "rounded": (np.sin(2 * np.pi * np.arange(240) / 12).round(2), (12,)),
    "a pattern on a line": (np.arange(240.0) + np.tile([1.0, 5.0, 2.0], 80), (3,)),
    "a pattern on growth": (1.01 ** np.arange(240) * np.tile(2 + np.sin(np.arange(12)), 20), (12,)),
    "up and down": ((-1.0) ** np.arange(240), (2,)),
    "a line": (np.arange(240.0), ()),
    "growth": (1.01 ** np.arange(240), ()),
    "a parabola": (np.arange(240.0) ** 2, ()),
    "a damped wave": (0.95 ** np.arange(240) * np.cos(np.arange(240)), ()),
    "a wave longer than the series": (np.sin(0.01 * np.arange(240)), ()),
    "a step": ((np.arange(240) > 120) * 1.0, ()),
    "one value apart": ((np.arange(240) == 5) * 1.0, ()),
    "constant": (np.full(240, 3.0), ()),
    "zeros": (np.zeros(240), ()),
    "constant but for rounding": (1e6 + np.arange(240) % 12 * 1e-8, ()),
    "seven values": (np.array([1.0, 2, 1, 2, 1, 2, 1]), ()),
    "nothing observed": (np.full(240, np.nan), ()),
    "one in two observed": (np.where(np.arange(240) % 2, np.nan, np.arange(240) % 12 * 1.0), ()),
}


@pytest.mark.parametrize("name", EXACT)
def test_series_without_noise(name):
    y, wanted = EXACT[name]
    assert seasonality.scanned(y).found == wanted
    if wanted:
        assert seasonality.among(y, wanted).found == wanted
    assert seasonality.among(y, (5,)).found == ()


@pytest.mark.parametrize("exponent", [-1000, -30, 30, 1000])
def test_the_unit_does_not_matter(exponent):
    y = noisy(200, 12)
    one, other = seasonality.scanned(y), seasonality.scanned(np.ldexp(y, exponent))
    assert one == other
    assert seasonality.scanned(np.exp(y / 10)).found == (12,)


def test_a_long_series_is_judged_by_its_newest_values(monkeypatch):
    monkeypatch.setattr(seasonality, "MOST_VALUES", 300)
    y = np.concatenate([noisy(300, 5), noisy(300, 7)])
    assert seasonality.among(y, (7,)).found == (7,)
    assert seasonality.among(y, (5,)).found == ()
    assert seasonality.among(y, (7,)) == seasonality.among(y[300:], (7,))


# how often it goes wrong


def most(share, count):
    """So many of `count` are not passed in 999 of 1,000 cases, where each has this chance."""
    return int(stats.binom.isf(1e-3, count, share))


@pytest.mark.parametrize("draws", [50, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", proof.NONE)
def test_a_season_is_seldom_found_where_there_is_none(name, draws):
    """At most 2 % of draws: no more than chance makes of that."""
    for length, candidates in ((60, ()), (60, (12,)), (100, (7, 365)), (100, (4,))):
        found = round(proof.false_share(proof.NONE[name], length, candidates, draws) * draws)
        assert found <= most(0.02, draws), (length, candidates)


@pytest.mark.slow
def test_a_season_is_seldom_found_where_there_is_none_in_a_thousand_draws():
    """At most 2 % and two standard errors in each cell, and 2 % in the mean: for each length,
    scanned and of each step.
    """
    shares = {
        (name, length, step): 100.0 * proof.false_share(draw, length, candidates, 1000)
        for length in (60, 100, 300)
        for step, candidates in proof.STEPS.items()
        if not candidates or seasonality.allowed(candidates[0], length)
        for name, draw in proof.NONE.items()
    }
    assert not {cell: share for cell, share in shares.items() if share > proof.limit_of(1000)}
    assert np.mean(list(shares.values())) <= 2.0


@pytest.mark.parametrize(("period", "cycles"), [(4, 20), (7, 10), (12, 5), (24, 5), (52, 5), (365, 3)])
def test_the_true_period_is_found_among_the_candidates(period, cycles):
    """In 95 % where the pattern has the size of the noise: of 60 draws, no fewer than chance makes of that."""
    missed = 60 - proof.found_share("pattern", cycles * period, period, (period,), 60) * 60
    assert missed <= most(0.05, 60)


@pytest.mark.parametrize(("shape", "period", "cycles"), [("pattern", 12, 20), ("pattern", 24, 10), ("wave", 12, 20)])
def test_the_true_period_is_found_by_a_scan(shape, period, cycles):
    missed = 60 - proof.found_share(shape, cycles * period, period, (), 60) * 60
    assert missed <= most(0.05, 60)


def test_a_cycle_of_two_lags_is_no_season_in_a_short_series():
    """With one lag in place of three a scan of 38 values would find one in a third of the draws."""
    found = proof.false_share(proof.NONE["AR(2) 1.5 -.75, cycles of 12"], 38, (), 200) * 200
    assert found <= most(0.02, 200)


def test_two_values_far_from_the_rest_are_no_season():
    found = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        y = rng.normal(size=200)
        y[rng.integers(0, 200, 2)] += 30.0
        scan = seasonality.scanned(y)
        found += bool(scan.found)
        assert bool(scan.found) == (max(scan.values) > scan.limit)
    assert found <= most(0.02, 200)
    far = np.zeros(200)
    far[[20, 81]] = 30.0
    assert seasonality.scanned(noisy(200, 12) + far).found == (12,)
    peaks = np.where(np.arange(240) % 12 == 3, 30.0, 0.0) + np.random.default_rng(0).normal(size=240)
    assert seasonality.scanned(peaks).found == (12,), "many at one phase are"


REAL = {
    "elnino_monthly.csv": ("sst_c", (12,)),
    "elec_equip_monthly.csv": ("index_value", (12,)),
    "co2_weekly.csv": ("co2_ppm", (52,)),
    "ETTh1.csv": ("OT", (24,)),
    "nile_yearly.csv": ("volume", ()),
    "sunspots_yearly.csv": ("sunactivity", ()),
    "global_temp_yearly.csv": ("temp", ()),
    "stock_IBM_daily.csv": ("adj_close", ()),
}


@pytest.mark.parametrize("file", REAL)
def test_a_scan_of_the_first_part_of_real_series(file):
    column, wanted = REAL[file]
    table = np.genfromtxt(data.path(file), delimiter=",", names=True, dtype=None, encoding="utf-8")
    values = table[column].astype(float)
    assert seasonality.scanned(values[: int(0.6 * len(values))]).found == wanted

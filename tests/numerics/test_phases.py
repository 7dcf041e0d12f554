"""Sums by phase against loops, and what is fitted to them against least squares on the values themselves."""

from __future__ import annotations

import numpy as np
import pytest

from stepahead.numerics.phases import Clock, Sums, by_phase


@pytest.mark.parametrize("first", [0, 1, 6, 7, 30])
@pytest.mark.parametrize("period", [1, 2, 7, 40])
def test_values_are_summed_by_their_phase(period, first):
    values = np.random.default_rng(0).normal(size=(3, 25))
    expected = np.zeros((3, period))
    for row in range(3):
        for t in range(25):
            expected[row, (first + t) % period] += values[row, t]
    np.testing.assert_allclose(by_phase(values, period, first), expected, atol=1e-12)


def clock_of(seen: np.ndarray, period: int) -> tuple[list[float], list[float], float]:
    """Counts, mean times and squares about them, value by value."""
    times = [[t for t in range(len(seen)) if seen[t] and t % period == phase] for phase in range(period)]
    means = [sum(part) / len(part) if part else float("nan") for part in times]
    return (
        [float(len(part)) for part in times],
        means,
        sum((t - means[phase]) ** 2 for phase, part in enumerate(times) for t in part),
    )


@pytest.mark.parametrize(("length", "period"), [(1, 1), (5, 7), (28, 7), (31, 7), (100, 1), (12, 12)])
def test_the_clock_of_a_whole_series_is_counted(length, period):
    counts, times, spread = clock_of(np.ones(length, dtype=bool), period)
    found = Clock.whole(length, period)
    assert found.counts.tolist() == counts
    seen = np.array(counts) > 0
    np.testing.assert_allclose(found.times[seen], np.array(times)[seen])
    assert found.spread == pytest.approx(spread)
    other = Clock.of([np.ones(length, dtype=bool)], period)
    np.testing.assert_allclose(other.times, found.times)
    assert (other.counts.tolist(), other.spread) == (counts, pytest.approx(spread))


def test_the_clock_of_gaps_and_of_several_series_is_counted():
    rng = np.random.default_rng(1)
    one, two = rng.random(40) < 0.7, rng.random(23) < 0.5
    counts, times, spread = clock_of(one, 6)
    found = Clock.of([one], 6)
    assert found.counts.tolist() == counts
    np.testing.assert_allclose(found.times, times)
    assert found.spread == pytest.approx(spread)
    both = Clock.of([one, two], 6)
    every = [(t, t % 6) for seen in (one, two) for t in np.flatnonzero(seen).tolist()]
    assert both.counts.tolist() == [sum(phase == p for _, phase in every) for p in range(6)]
    np.testing.assert_allclose(both.times, [np.mean([t for t, phase in every if phase == p]) for p in range(6)])
    assert both.spread == pytest.approx(sum((t - both.times[phase]) ** 2 for t, phase in every))


def made(period: int, length: int = 50, missing: float = 0.0):
    """(values less a level [1, time], the level, sums of them added in two pieces, which were seen)."""
    rng = np.random.default_rng(period)
    values = 10.0 + 0.3 * np.arange(length) + rng.normal(size=period)[np.arange(length) % period]
    values += rng.normal(0.0, 0.1, length)
    values[rng.random(length) < missing] = np.nan
    seen = ~np.isnan(values)
    apart = (values - 10.0)[None]
    sums = Sums(Clock.of([seen], period) if missing else Clock.whole(length, period))
    sums.add(apart[:, :17])
    sums.add(apart[:, 17:], first=17)
    return values, sums, seen


@pytest.mark.parametrize("missing", [0.0, 0.3])
@pytest.mark.parametrize("period", [1, 4, 7])
def test_means_and_slopes_are_those_of_least_squares(period, missing):
    values, sums, seen = made(period, missing=missing)
    t = np.flatnonzero(seen)
    dummies = (t[:, None] % period == np.arange(period)).astype(float)
    means = np.linalg.lstsq(dummies, values[seen], rcond=None)[0]
    np.testing.assert_allclose(sums.means(np.array([10.0]))[0], means, rtol=1e-9)
    *phases, slope = np.linalg.lstsq(np.column_stack([dummies, t]), values[seen], rcond=None)[0]
    found, tilt = sums.sloped(np.array([10.0]))
    np.testing.assert_allclose(found[0], phases, rtol=1e-8)
    assert tilt[0] == pytest.approx(slope, rel=1e-8)


def test_functions_of_the_phase_are_fitted_by_least_squares():
    period = 12
    values, sums, seen = made(period, missing=0.2)
    angle = 2.0 * np.pi * np.arange(period) / period
    columns = np.array([np.ones(period), np.cos(angle), np.sin(angle), np.cos(2 * angle)])
    t = np.flatnonzero(seen)
    expected = np.linalg.lstsq(columns[:, t % period].T, values[seen], rcond=None)[0]
    np.testing.assert_allclose(sums.weights(np.array([10.0]), columns)[0], expected, rtol=1e-8)


def test_a_phase_that_was_never_seen_has_the_level():
    sums = Sums(Clock.whole(3, 5))
    sums.add(np.array([[1.0, 2.0, 3.0]]))
    assert sums.means(np.array([100.0])).tolist() == [[101.0, 102.0, 103.0, 100.0, 100.0]]
    assert sums.sloped(np.array([0.0]))[1].tolist() == [0.0], "one value of each phase has no slope"

"""The filter in blocks against a loop, one value at a time."""

from __future__ import annotations

import numpy as np
import pytest

from stepahead.numerics import kalman, structural

from ..counting import calls
from ..data import sine

# (structure, parameters with shocks in units of the noise)
SYSTEMS = {
    "cycle": (("cycle",), [0.01, 0.999, 1e-4]),
    "a wave that never dies": (("cycle",), [0.01, 1.0, 0.0]),
    "walk": (("walk",), [0.1]),
    "fixed": (("fixed",), []),
    "trend": (("trend",), [0.1, 1e-4]),
    "trend, fixed slope": (("trend",), [0.1, 0.0]),
    "straight line": (("trend",), [0.0, 0.0]),
    "season": (("trend", "season:12:6"), [0.1, 1e-3, 0.01]),
    "fixed season": (("walk", "season:7:3"), [0.3, 0.0]),
    "a drift and two seasons": (("drift", "season:4:2", "season:8:2"), [0.1, 1e-3, 0.01]),
    "damped trend": (("damped_trend",), [0.9, 0.1, 1e-3]),
    "two cycles and a walk": (("cycle", "cycle", "walk"), [0.5, 0.98, 1e-2, 0.05, 0.99, 1e-3, 0.2]),
    "nearly no noise": (("damped",), [0.9, 1e4]),
}


def loop(system: kalman.System, values: np.ndarray, a: np.ndarray, P: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The textbook filter, one value at a time."""
    A, C, Q = system.transition, system.reading, system.shock
    means, spreads = [a], [P]
    for value in values:
        if not np.isnan(value):
            spread = C @ P @ C + system.noise
            a, P = a + P @ C * (value - C @ a) / spread, P - np.outer(P @ C, C @ P) / spread
        a, P = A @ a, A @ P @ A.T + Q
        means.append(a)
        spreads.append(P)
    return np.array(means), np.array(spreads)


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("name", SYSTEMS)
def test_the_filter_in_blocks_is_the_loop(name, gaps):
    structure, parameters = SYSTEMS[name]
    system = structural.system(structure, np.array(parameters), 1.3)
    values = sine(1, 700) + np.random.default_rng(0).normal(size=700)
    if gaps:
        values[[0, 5, 6, 7, 100, 163, 164, 300, 699]] = np.nan
    size = len(system.reading)
    means, spreads = kalman.filtered(system, values, np.zeros(size), 4.0 * np.eye(size))
    expected, spread = loop(system, values, np.zeros(size), 4.0 * np.eye(size))
    np.testing.assert_allclose(means, expected, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(spreads, spread, rtol=1e-10, atol=1e-10)


def test_the_filter_goes_through_blocks_and_not_value_by_value():
    system = structural.system(("cycle",), np.array([0.01, 0.999, 1e-4]), 1.0)
    values = sine(0, 5000)
    start = (np.zeros(2), 4.0 * np.eye(2))
    means = [run(system, values, *start)[0] for run in (kalman.filtered, loop)]
    np.testing.assert_allclose(*means, atol=1e-10)
    assert calls(lambda: kalman.filtered(system, values, *start)) < len(values)


def test_the_past_keeps_its_bits_whatever_gaps_come_later():
    system = structural.system(("cycle", "walk"), np.array([0.3, 0.99, 1e-3, 0.1]), 1.0)
    values = sine(0, 300)
    means, spreads = kalman.filtered(system, values, np.zeros(3), 4.0 * np.eye(3))
    for cut in (1, 63, 64, 65, 130):
        other = values.copy()
        other[cut:] = 1e6
        other[cut + 1 : cut + 40 : 3] = np.nan
        again, spread = kalman.filtered(system, other, np.zeros(3), 4.0 * np.eye(3))
        assert again[: cut + 1].tobytes() == means[: cut + 1].tobytes()
        assert spread[: cut + 1].tobytes() == spreads[: cut + 1].tobytes()


def test_innovations_and_what_they_show_of_the_first_state():
    system = structural.system(("cycle", "damped"), np.array([0.3, 0.99, 1e-2, 0.8, 0.1]), 1.0)
    values, first = sine(0, 333), np.array([0.3, -0.2, 1.0])
    innovation, shown = kalman.innovations(system, values)
    means, _ = loop(system, values, first, system.settled.covariance)
    np.testing.assert_allclose(innovation - shown @ first, values - means[:-1] @ system.reading, atol=1e-11)


def test_the_innovations_over_gaps_are_those_of_the_loop():
    for name in ("cycle", "walk", "damped"):
        parameters = {"cycle": [0.3, 0.99, 1e-2], "walk": [0.1], "damped": [0.8, 0.5]}[name]
        system = structural.system((name,), np.array(parameters), 1.0)
        size, values = len(system.reading), sine(0, 150)
        values[[0, 3, 4, 5, 40, 90, 91]] = np.nan
        first, seen = np.arange(1.0, size + 1.0), ~np.isnan(values)
        innovation, shown, logs = kalman.innovations_over_gaps(system, values)
        means, spreads = loop(system, values, first, system.settled.covariance)
        spread = np.array([system.reading @ P @ system.reading for P in spreads[:-1]])[seen] + system.noise
        expected = (values - means[:-1] @ system.reading)[seen] * np.sqrt(system.settled.spread / spread)
        np.testing.assert_allclose(innovation - shown @ first, expected, atol=1e-10)
        assert logs == pytest.approx(np.log(spread / system.settled.spread).sum(), abs=1e-10)


def test_series_of_one_length_go_through_the_filter_together():
    values = np.stack([sine(seed, 100) for seed in range(3)])
    system = structural.system(("cycle", "walk"), np.array([0.3, 0.99, 1e-3, 0.1]), 1.0)
    together, shown = kalman.innovations(system, values)
    for row, alone in zip(together, values, strict=True):
        found, other = kalman.innovations(system, alone)
        np.testing.assert_allclose(row, found, atol=1e-12)
        np.testing.assert_array_equal(shown, other)

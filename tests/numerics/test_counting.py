"""Counts, steps and bins of a batch, against loops."""

from __future__ import annotations

import numpy as np
import pytest

from stepahead.numerics import counting


@pytest.mark.parametrize(("order", "size"), [(0, 3), (1, 2), (1, 5), (2, 3), (3, 2)])
def test_counts_of_a_batch_are_those_of_a_loop(order, size):
    rng = np.random.default_rng(order)
    first, second = rng.integers(0, size, (4, 30)), rng.integers(0, size, (4, 17))
    counts, met = counting.transitions([first, second], order, size)
    for row in range(4):
        expected, seen = np.zeros((size**order, size)), np.zeros(size**order, dtype=bool)
        for run in (first[row].tolist(), second[row].tolist()):
            for end in range(order, len(run) + 1):
                context = sum(place * size ** (order - 1 - i) for i, place in enumerate(run[end - order : end]))
                seen[context] = True
                if end < len(run):
                    expected[context, run[end]] += 1
        np.testing.assert_array_equal(counts[row], expected)
        np.testing.assert_array_equal(met[row], seen)
        alone = counting.transitions([first[row], second[row]], order, size)
        np.testing.assert_array_equal(alone[0], expected)
        np.testing.assert_array_equal(alone[1], seen)


@pytest.mark.parametrize(("order", "size"), [(0, 3), (1, 4), (2, 3), (3, 2)])
def test_steps_of_a_batch_are_sums_over_paths(order, size):
    transition = np.random.default_rng(size).dirichlet(np.ones(size), (3, size**order))
    every = list(counting.distributions(transition, 3))
    for row in range(3):
        for found, alone in zip(every, counting.distributions(transition[row], 3), strict=True):
            np.testing.assert_array_equal(found[row], alone)
        for context in range(size**order):
            at = {context: 1.0}
            for found in every:
                seen, after = np.zeros(size), {}
                for here, weight in at.items():
                    for symbol in range(size):
                        seen[symbol] += weight * transition[row, here, symbol]
                        there = (here * size + symbol) % size**order
                        after[there] = after.get(there, 0.0) + weight * transition[row, here, symbol]
                np.testing.assert_allclose(found[row, context], seen, rtol=1e-12)
                at = after


def test_bins_of_a_batch_are_those_of_a_loop():
    x = np.random.default_rng(0).normal(size=(3, 40)) * [[1.0], [1e9], [1e-9]] + [[0.0], [1e9], [0.0]]
    ordered = np.sort(x, axis=1)
    edges = np.stack([counting.cut_points(row, 4) for row in ordered])
    places, centers = counting.binned(x, edges), counting.means(ordered, edges)
    for row in range(3):
        assert places[row].tolist() == [sum(value >= edge for edge in edges[row]) for value in x[row]]
        np.testing.assert_array_equal(counting.binned(x[row], edges[row]), places[row])
        np.testing.assert_allclose(centers[row], [x[row][places[row] == part].mean() for part in range(4)], rtol=1e-12)
        np.testing.assert_array_equal(counting.means(ordered[row], edges[row]), centers[row])

"""Student's t of averages of losses, by hand and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks import trust as proof
from scipy import stats

from stepahead.numerics import inference


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


def test_the_last_digits_of_the_losses_are_no_spread():
    found = inference.statistic(np.array([0.5]), np.array([1e-9]), np.array([4]), np.array([1e4]))
    assert found.tolist() == [5.0]
    found = inference.statistic(np.array([0.5]), np.array([1e-9]), np.array([4]))
    assert found.tolist() == pytest.approx([5e8])


@pytest.mark.parametrize("draws", [500, pytest.param(10_000, marks=pytest.mark.slow)])
def test_equal_forecasters_are_told_apart_no_more_often_than_is_said(draws):
    most = 0.05 + 3 * np.sqrt(0.05 * 0.95 / draws)
    for k, two, one, power in proof.size(draws):
        assert two <= most, k
        assert one <= most, k
        if k <= 4:  # where terms overlap much the test is a careful one
            assert min(two, one) >= 0.02, k
            assert power > 0.4, k

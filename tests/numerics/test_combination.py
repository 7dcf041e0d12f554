"""Weights by step and intervals of a combination: worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from stepahead.numerics import combination


def test_cuts_and_origins_of_forty_values():
    assert combination.cuts(40) == (20, 27, 33, 40)
    assert [part.tolist() for part in combination.origins_behind(40)] == [
        [20, 21, 23, 25],
        [27, 28, 30, 31],
        [33, 34, 36, 38],
    ]
    assert [len(part) for part in combination.origins_behind(1000)] == [20, 20, 20]


def test_sizes_are_halfway_between_those_of_a_step_and_of_all_up_to_it():
    errors = np.array([[1.0, 3.0], [1.0, np.nan]])
    # Step 1: 1, and 1 pooled. Step 2: 9 at the step; (1 + 1 + 9) / 3 pooled.
    np.testing.assert_allclose(combination.mean_squares(errors), [1.0, (9.0 + 11.0 / 3.0) / 2.0])
    np.testing.assert_allclose(combination.mean_squares(np.array([[2.0, np.nan]])), [4.0, 4.0])


def test_weights_of_two_members_by_hand():
    errors = np.array([[[1.0]], [[2.0]]])
    relative = np.array([1.0, 4.0]) / 2.5
    own = (relative + 0.1) ** -2.0
    own /= own.sum()
    np.testing.assert_allclose(combination.weights_by_step(errors, 20)[:, 0], 0.5 * own + 0.25, rtol=1e-12)


def test_a_member_without_errors_has_no_weight_and_none_at_all_are_equal():
    lacking = np.array([[[1.0]], [[np.nan]], [[1.0]]])
    np.testing.assert_allclose(combination.weights_by_step(lacking, 50)[:, 0], [0.5, 0.0, 0.5])
    np.testing.assert_allclose(combination.weights_by_step(np.full((4, 2, 3), np.nan), 50), 0.25)
    np.testing.assert_allclose(combination.weights_by_step(np.zeros((2, 3, 1)), 50)[:, 0], 0.5)


def test_enough_errors_make_the_interval_of_their_rank():
    errors = np.arange(1.0, 31.0)[:, None]
    # ceil(.9 x 31) = 28
    assert combination.half_widths(errors, 0.9, 1).tolist() == [28.0]
    wide = combination.half_widths(errors, 0.9, 4)
    np.testing.assert_allclose(wide, 28.0 * np.sqrt([1.0, 2.0, 3.0, 4.0]))
    assert combination.half_widths(errors[:20], 0.99, 1)[0] == np.inf


def test_few_errors_are_pooled_over_the_steps():
    errors = np.array([[1.0, -4.0], [-2.0, np.nan], [1.0, 2.0]])
    scale = np.sqrt([2.0, (10.0 + 26.0 / 5.0) / 2.0])
    pool = np.sort([1.0 / scale[0], 2.0 / scale[0], 1.0 / scale[0], 4.0 / scale[1], 2.0 / scale[1]])
    # ceil(min(1, .6 (1 + 1/3)) 5) = 4
    wanted = pool[3] * scale * np.array([4.0 / 3.0, 1.5])
    np.testing.assert_allclose(combination.half_widths(errors, 0.6, 2), wanted, rtol=1e-12)


def test_without_errors_the_interval_is_infinite_and_exact_ones_have_no_width():
    assert combination.half_widths(np.full((3, 2), np.nan), 0.9, 3).tolist() == [np.inf] * 3
    assert combination.half_widths(np.zeros((12, 2)), 0.9, 3).tolist() == [0.0] * 3


@pytest.mark.slow
@pytest.mark.parametrize("count", [60, 400])
def test_intervals_hold_what_they_say_on_a_stationary_series(count):
    import stepahead as sa

    held = []
    for seed in range(400):
        y = sa.datasets.ar_process((0.6,), seed=seed, length=count + 8).values
        model = sa.Auto(None, horizon=8).fit(y[:count])
        error = np.abs(model.forecast(y[:count], 8) - y[count:])
        held.append(error <= model.half_widths(0.9, 8))
    share = np.mean(held, axis=0)
    assert (share > 0.84).all()
    assert (share < 0.985).all()

"""Least squares with columns against dense least squares, and what follows from it against literal loops."""

from __future__ import annotations

import numpy as np
import pytest

from stepahead.numerics import regression

RNG = np.random.default_rng(0)
ROWS, P, Q, CHUNK = 120, 5, 3, 4
COMMON = np.cumsum(RNG.normal(size=(ROWS, P)), axis=0) * 0.3
OWN = RNG.normal(size=(CHUNK, ROWS, Q))
WANTED = COMMON @ RNG.normal(size=(P, CHUNK)) + RNG.normal(size=(ROWS, CHUNK))


def fitted(common=COMMON, own=OWN, wanted=WANTED, ridge=0.0, intercept=True):
    return regression.chunk_least_squares(common, lambda step: own[step], wanted, ridge, intercept)


def dense(common, own, wanted, ridge, intercept):
    """Weights, intercept and rank of one step: the whole design, the rows of the ridge below it, and lstsq."""
    design = np.hstack([common, own, np.ones((len(common), int(intercept)))])
    target = wanted
    if ridge:
        rows = np.sqrt(ridge) * np.eye(design.shape[1])[: common.shape[1] + own.shape[1]]
        design, target = np.vstack([design, rows]), np.concatenate([wanted, np.zeros(len(rows))])
    found, _, rank, _ = np.linalg.lstsq(design, target, rcond=None)
    return (found[:-1], found[-1], rank - 1) if intercept else (found, 0.0, rank)


@pytest.mark.parametrize("ridge", [0.0, 0.7, 300.0])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("q", [0, Q])
def test_weights_are_those_of_dense_least_squares(ridge, intercept, q):
    own = OWN[:, :, :q]
    found = fitted(own=own, ridge=ridge, intercept=intercept)
    for step in range(CHUNK):
        weights, shift, rank = dense(COMMON, own[step], WANTED[:, step], ridge, intercept)
        np.testing.assert_allclose(np.concatenate([found.common[step], found.own[step]]), weights, atol=1e-12)
        assert found.intercept[step] == pytest.approx(shift, abs=1e-12)
        rest = WANTED[:, step] - COMMON @ found.common[step] - own[step] @ found.own[step] - found.intercept[step]
        assert found.variance[step] == pytest.approx(np.mean(rest**2), rel=1e-12)
        assert found.rank == rank == P + q


@pytest.mark.parametrize("level", [0.0, 1e9])
@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_the_unit_and_the_level_of_a_column_decide_nothing(level, unit):
    plain, moved = fitted(), fitted(own=OWN * unit + level * unit)
    # A column at 1e9 of its own spread has seven digits left.
    digits = 1e-12 if not level else 1e-6
    np.testing.assert_allclose(moved.own * unit, plain.own, atol=digits)
    np.testing.assert_allclose(moved.common, plain.common, atol=digits)
    np.testing.assert_allclose(moved.variance, plain.variance, rtol=digits)
    assert moved.rank == P + Q


def test_values_and_columns_eighteen_orders_apart_are_both_used():
    found, plain = fitted(common=COMMON * 1e9, own=OWN * 1e-9), fitted()
    np.testing.assert_allclose(found.own * 1e-9, plain.own, atol=1e-12)
    np.testing.assert_allclose(found.common * 1e9, plain.common, atol=1e-12)
    assert found.rank == P + Q


def test_squares_that_overflow_are_no_squares():
    found, plain = fitted(common=COMMON * 1e200, own=OWN * 1e-200), fitted()
    np.testing.assert_allclose(found.own * 1e-200, plain.own, atol=1e-12)
    np.testing.assert_allclose(found.common * 1e200, plain.common, atol=1e-12)


def test_a_ridge_is_in_the_units_of_the_columns_however_small():
    found, plain = fitted(common=COMMON * 1e-110, own=OWN * 1e-110, ridge=1e-220), fitted(ridge=1.0)
    np.testing.assert_allclose(found.common * 1e-110, plain.common, rtol=1e-10)
    np.testing.assert_allclose(found.own * 1e-110, plain.own, rtol=1e-10)


@pytest.mark.parametrize("ridge", [0.0, 2.0])
def test_a_column_that_is_one_of_the_window_shares_its_weight_and_invents_none(ridge):
    own = OWN.copy()
    own[:, :, 0] = COMMON[:, 2] * 3.0 + 7.0
    found = fitted(own=own, ridge=ridge)
    assert found.rank == P + Q - (not ridge)
    for step in range(CHUNK):
        weights, shift, _ = dense(COMMON, own[step], WANTED[:, step], ridge, True)
        ours = COMMON @ found.common[step] + own[step] @ found.own[step] + found.intercept[step]
        theirs = np.hstack([COMMON, own[step]]) @ weights + shift
        np.testing.assert_allclose(ours, theirs, atol=1e-11)
        assert np.abs(found.own[step]).max() < 10.0


def test_of_two_equal_columns_each_has_half_the_weight():
    twice = np.concatenate([OWN[:, :, :1], OWN[:, :, :1]], axis=2)
    found, once = fitted(own=twice), fitted(own=OWN[:, :, :1])
    np.testing.assert_allclose(found.own, np.repeat(once.own / 2.0, 2, axis=1), atol=1e-12)
    np.testing.assert_allclose(found.variance, once.variance, rtol=1e-12)
    assert found.rank == P + 1


@pytest.mark.parametrize("apart", [1e-3, 1e-5, 1e-7])
def test_two_columns_that_are_nearly_one_keep_the_digits_that_there_are(apart):
    own = OWN.copy()
    own[:, :, 1] = own[:, :, 0] + apart * own[:, :, 1]
    found, plain = fitted(own=own), fitted()
    assert found.rank == P + Q
    # The same space of columns: the same fit.
    np.testing.assert_allclose(found.variance, plain.variance, rtol=1e-9)
    np.testing.assert_allclose(found.own[:, 1] * apart, plain.own[:, 1], rtol=2e-14 / apart)
    np.testing.assert_allclose(found.common, plain.common, atol=1e-7)


def test_more_columns_than_rows_fit_exactly_and_the_rank_says_so():
    rows = 6
    found = fitted(COMMON[:rows], OWN[:, :rows], WANTED[:rows])
    np.testing.assert_allclose(found.variance, 0.0, atol=1e-20)
    assert found.rank == rows - 1  # and the intercept


def test_a_column_that_never_changes_has_no_weight():
    own = OWN.copy()
    own[:, :, 1] = 1e9 + 0.1
    found, without = fitted(own=own), fitted(own=own[:, :, [0, 2]])
    assert (found.own[:, 1] == 0.0).all()
    np.testing.assert_allclose(found.own[:, [0, 2]], without.own, atol=1e-12)
    assert found.rank == P + Q - 1


@pytest.mark.parametrize("lags", [(0,), (0, 1), (1,), (0, 3, 7), (9,)])
@pytest.mark.parametrize("rows", [1, 2, 30])
@pytest.mark.parametrize("steps", [1, 2, 6])
def test_what_columns_add_is_a_sum_over_lags_and_columns(lags, rows, steps):
    table, weights = RNG.normal(size=(60, 2)), RNG.normal(size=(2, len(lags)))
    reads = 9
    view = np.lib.stride_tricks.sliding_window_view
    known = view(table[reads:], steps, axis=0)[:rows].transpose(0, 2, 1)
    recent = view(table, reads, axis=0)[:rows]
    wanted = np.zeros((rows, steps))
    for row in range(rows):
        for step in range(steps):
            for at, lag in enumerate(lags):
                wanted[row, step] += table[reads + row + step - lag] @ weights[:, at]
    np.testing.assert_allclose(regression.added(known, recent, weights, lags), wanted, rtol=1e-12, atol=1e-13)
    np.testing.assert_array_equal(
        regression.added(known.copy(), recent.copy(), weights, lags), regression.added(known, recent, weights, lags)
    )
    along = regression.added_along(known, recent, weights, lags)
    np.testing.assert_allclose(view(along, steps), wanted, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("phi", [[0.5], [0.2, -0.3, 1.1], [-0.1, 0.0, 0.0, 0.9]])
def test_inputs_pass_through_the_recursion(phi):
    phi, inputs = np.array(phi), RNG.normal(size=20)
    made = np.zeros(len(phi) + 20)
    for t in range(20):
        made[len(phi) + t] = made[t : len(phi) + t] @ phi + inputs[t]
    np.testing.assert_allclose(regression.Recursion(phi, 30)(inputs), made[len(phi) :], rtol=1e-12)
    np.testing.assert_allclose(regression.responses(phi, 20) @ inputs, made[len(phi) :], rtol=1e-12, atol=1e-13)


def test_a_recursion_that_grows_is_not_calm():
    assert regression.Recursion(np.array([0.9]), 2000).is_calm
    assert regression.Recursion(np.array([1.0]), 2000).is_calm
    assert not regression.Recursion(np.array([1.01]), 2000).is_calm
    assert not regression.Recursion(np.array([-1.0, 2.0]), 2000).is_calm
    assert not regression.Recursion(np.array([1e300]), 2000).is_calm

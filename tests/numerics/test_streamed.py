"""Sums over a series in pieces keep their digits."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.numerics import linear as plain
from stepahead.numerics.streamed import LaggedMoments, overlapping
from stepahead.reading.pieces import pieces

from ..fleets import assert_stream


@pytest.mark.parametrize("make", [lambda: sa.AR(2), lambda: sa.baselines.Mean()])
def test_values_near_the_largest_number_are_fitted_in_pieces_as_at_once(make):
    values = np.random.default_rng(0).uniform(-1.0, 1.0, 200) * 1.7e308
    at_once, in_pieces = make().fit(values), make().fit(sa.pieces(values, size=50))
    for name in at_once._learned:
        np.testing.assert_allclose(getattr(in_pieces, name), getattr(at_once, name), rtol=1e-12)
    high = [1.0, 1.7e308, 1.7e308]
    assert sa.baselines.Mean().fit(sa.pieces(np.array(high), size=2)).mean_ == pytest.approx(1.7e308 / 1.5)


def test_too_few_directions_are_noted_in_pieces_too():
    values = np.tile([1.0, 2.0], 50)
    with pytest.warns(sa.errors.StepaheadWarning, match="1 of 6 directions"):
        at_once = sa.AR(6).fit(values)
    with pytest.warns(sa.errors.StepaheadWarning, match="1 of 6 directions"):
        in_pieces = sa.AR(6).fit(sa.pieces(values, size=30))
    assert in_pieces.notes_ == at_once.notes_ != ()


@pytest.mark.parametrize("make", [lambda t, e: 1e6 + 0.01 * t + e, lambda t, e: np.cumsum(e), lambda t, e: 1e-200 * e])
@pytest.mark.parametrize("intercept", [True, False])
def test_streamed_sums_keep_their_digits(make, intercept):
    rng = np.random.default_rng(0)
    x = make(np.arange(5000), rng.normal(size=5000))
    moments = LaggedMoments(4, 1, intercept)
    for run in overlapping(pieces(x, size=333), 5):
        moments.add(run)
    alone = plain.least_squares([x], 4, intercept=intercept)
    again = lambda: overlapping(pieces(x, size=333), 5)  # noqa: E731
    found = moments.fit(again, 0.0, False)
    assert found.by_qr == alone.by_qr
    assert moments.rows == 4996
    np.testing.assert_allclose(found.coefficients, alone.coefficients, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(found.intercept, alone.intercept, rtol=1e-6, atol=1e-7 * np.abs(x).max())
    np.testing.assert_allclose(found.variance, alone.variance, rtol=1e-6)


def test_ill_conditioned_streams_take_a_second_look():
    x = np.sin(0.01 * np.arange(3000)) + np.random.default_rng(0).normal(0.0, 1e-6, 3000)
    assert_stream([sa.AR(6)], x, 4, 2000, 256, rtol=1e-6, season=None)

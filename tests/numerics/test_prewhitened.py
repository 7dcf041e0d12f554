"""The variance of an average, against its definition written out term by term,
and against the direct formula for contrasts.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from stepahead.numerics import inference, prewhitened
from stepahead.numerics.prewhitened import Moments, Placement, Sample, cosines, spread

from ..losses import spread_of


def remembering(rng, shape, ar):
    """AR(1) series along the last axis."""
    out = rng.normal(size=shape)
    for t in range(1, shape[-1]):
        out[..., t] += ar * out[..., t - 1]
    return out


@pytest.mark.parametrize(
    ("times", "overlap", "count"), [(333, 1, 19), (333, 16, 10), (333, 64, 8), (30, 9, 3), (2, 1, 1), (9, 1, 1)]
)
def test_cosines_are_fewer_where_terms_overlap(times, overlap, count):
    # .4 n^(2/3) = 19.2, 3.86, 0.63, 1.73; at most n - 1, and n / (2 overlap) where that is at least 8.
    assert cosines(times, overlap) == count


@pytest.mark.parametrize("ar", [0.0, 0.6, 0.99, -0.8])
@pytest.mark.parametrize("n", [7, 60, 333])
def test_the_variance_is_the_one_written_out(n, ar):
    rng = np.random.default_rng([n, int(100 * ar + 200)])
    d = remembering(rng, (3, 2, n), ar)
    B = cosines(n, 2)
    V, raw = spread(d - d.mean(axis=-1, keepdims=True), np.array([B, max(1, B - 1)]))
    for i in range(3):
        for k in range(2):
            expected = spread_of(d[i, k].tolist(), max(1, B - k))
            assert V[i, k] == pytest.approx(expected[0], rel=1e-12)
            assert raw[i, k] == pytest.approx(expected[1], rel=1e-12)


def test_neighbours_averaged_keep_every_cosine_that_is_wanted():
    n, count = 40_001, 400  # blocks of 6: 40,000 = 6,666 of them and 4 points more, which are the oldest
    points = 6 * 6_666
    t = np.arange(points) + 0.5
    waves = np.array([np.cos(np.pi * j * t / points) for j in (1, 77, 400)])
    later, _ = prewhitened.transforms(np.concatenate([np.full((3, n - points), 9.0), waves], axis=1), count)
    expected = np.zeros((3, count))
    expected[[0, 1, 2], [0, 76, 399]] = np.sqrt(points / 2)
    np.testing.assert_allclose(later, expected, atol=1e-7)


def test_neighbours_averaged_give_nearly_the_same_variance(monkeypatch):
    n = 40_001
    d = remembering(np.random.default_rng(5), (2, n), 0.9)
    d -= d.mean(axis=-1, keepdims=True)
    found = spread(d, cosines(n, 16))[0]
    monkeypatch.setattr(prewhitened, "LONG", n + 1)
    np.testing.assert_allclose(found, spread(d, cosines(n, 16))[0], rtol=1e-2)


def test_a_series_without_spread_has_no_variance_and_a_statistic_of_one_more_look():
    V, rho = spread(np.zeros(40), 4)
    assert V == rho == 0.0
    assert inference.statistic(np.array([0.3]), np.array([0.0]), 4)[0] == pytest.approx(5.0)


def direct(losses, weights, sample):
    """(total, standard error) of a weighted sum of losses [losses, rows], made row by row before anything else."""
    d = weights @ losses
    seen = ~np.isnan(losses).any(axis=0)
    mean, errors = d[seen].mean(), []
    for one in sample.placements:
        sums = np.zeros(one.times)
        places = np.empty(len(d), dtype=int)
        if one.order is None:
            places[:] = np.arange(len(d))
        else:
            places[one.order] = np.repeat(np.arange(one.times), np.diff([*one.starts, len(d)]))
        for row in np.flatnonzero(seen):
            sums[places[row]] += d[row] - mean
        G0 = sums @ sums
        raw = sums[1:] @ sums[:-1] / G0
        rho = np.clip(raw + (1 + 3 * raw) / one.times, 0, 0.97)
        u = sums[1:] - rho * sums[:-1]
        B = int(sample.freedom[0])
        t = np.arange(1, one.times)
        waves = [math.sqrt(2 / len(u)) * (np.cos(math.pi * j * (t - 0.5) / len(u)) @ u) for j in range(1, B + 1)]
        errors.append(math.sqrt(np.mean(np.square(waves)) / (1 - rho) ** 2 * one.times) / seen.sum())
    return mean, max(errors)


def drawn(kind, rng):
    """Losses [losses, rows] and the places of the rows."""
    losses = np.square(remembering(rng, (5, 120), 0.7)) + np.square(rng.normal(size=120))
    if kind == "one":
        return losses, np.arange(120)
    if kind == "missing":
        losses[2, rng.integers(0, 120, 9)] = np.nan
        return losses, np.arange(120)
    if kind == "panel":
        return losses, np.concatenate([np.arange(70), np.arange(20, 70)])
    return losses, (np.concatenate([np.arange(70), np.arange(50)]), np.concatenate([np.arange(70), np.arange(20, 70)]))


@pytest.mark.parametrize("kind", ["one", "missing", "panel", "two alignments"])
def test_five_matrices_give_every_contrast(kind):
    rng = np.random.default_rng(len(kind))
    losses, places = drawn(kind, rng)
    sample = Sample.of(places, np.array([3]))
    found = Moments.of(losses[:, None], sample)
    for weights in (*rng.normal(size=(20, 5)), np.array([0.0, 1.0, -1.0, 0.0, 0.0])):
        total, error = found.contrast(weights)
        expected = direct(losses, weights, sample)
        assert total[0] == pytest.approx(expected[0], rel=1e-10)
        assert error[0] == pytest.approx(expected[1], rel=1e-10)


def test_pairs_are_contrasts_of_two():
    losses = np.square(remembering(np.random.default_rng(3), (4, 6, 80), 0.5))
    found = Moments.of(losses, Sample.of(np.arange(80), np.arange(1, 7)))
    pairs = found.pairs(np.arange(2)[:, None], np.arange(2, 4)[None])
    factor = np.linspace(0.2, 1.0, 12).reshape(2, 1, 6)
    total, error = pairs.at(factor)
    for i in range(2):
        for g in range(2):
            for k in range(6):
                weights = np.zeros(4)
                weights[i], weights[2 + g] = -1.0, factor[i, 0, k]
                expected = found.contrast(weights)
                assert total[i, g, k] == pytest.approx(expected[0][k], rel=1e-12)
                assert error[i, g, k] == pytest.approx(expected[1][k], rel=1e-9)


def test_blocks_of_steps_are_the_same_as_all_at_once():
    losses = np.square(remembering(np.random.default_rng(4), (3, 5, 60), 0.5))
    sample = Sample.of(np.arange(60), np.arange(1, 6))
    parts = [Moments.of(losses[:, part], sample, part) for part in (slice(0, 2), slice(2, 5))]
    once, joined = Moments.of(losses, sample), Moments.joined(parts)
    weights = np.array([1.0, -0.5, -0.5])
    np.testing.assert_allclose(joined.contrast(weights), once.contrast(weights), rtol=1e-12)


def test_an_infinite_loss_spoils_only_what_it_has_weight_in():
    losses = np.square(np.random.default_rng(6).normal(size=(3, 1, 50)))
    expected = Moments.of(losses[:2], Sample.of(np.arange(50), np.array([1]))).contrast(np.array([1.0, -1.0]))
    losses[2, 0, 7] = np.inf
    found = Moments.of(losses, Sample.of(np.arange(50), np.array([1])))
    np.testing.assert_allclose(found.contrast(np.array([1.0, -1.0, 0.0])), expected, rtol=1e-12)
    assert np.isnan(found.contrast(np.array([1.0, 0.0, -1.0]))[1]).all()


def test_a_series_told_twice_is_no_more_evidence():
    losses = np.square(remembering(np.random.default_rng(7), (2, 60), 0.5))
    weights = np.array([1.0, -1.0])
    once = Moments.of(losses[:, None], Sample.of(np.arange(60), np.array([2])))
    twice = Moments.of(np.repeat(losses, 2, axis=1)[:, None], Sample.of(np.repeat(np.arange(60), 2), np.array([2])))
    np.testing.assert_allclose(twice.contrast(weights), once.contrast(weights), rtol=1e-12)


def test_rows_of_one_time_are_summed_whatever_their_order():
    places = np.array([2, 0, 1, 0, 2])
    assert Placement.of(places).summed(np.array([1.0, 2.0, 3.0, 4.0, 5.0])).tolist() == [6.0, 3.0, 6.0]
    assert Placement.of(np.arange(4)).order is None


def test_nothing_is_known_of_a_single_row():
    found = Moments.of(np.ones((2, 1, 1)), Sample.of(np.arange(1), np.array([1])))
    assert found.freedom.tolist() == [0]
    assert np.isnan(found.contrast(np.array([1.0, -1.0]))[1]).all()

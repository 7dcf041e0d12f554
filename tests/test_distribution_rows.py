"""Rows, steps and parts of distributions are what the same does to their arrays."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead import distribution_rows as found
from stepahead.distributions import Mixture, Normal, Samples
from stepahead.quantiles import Quantiles

ROWS, STEPS = 5, 4
RNG = np.random.default_rng(0)
CENTER = RNG.normal(size=(ROWS, STEPS))
EVERY = {
    "quantiles": Quantiles([0.1, 0.5, 0.9], CENTER[..., None] + [-1.0, 0.1, 1.0]),
    "quantiles with a mean": Quantiles([0.1, 0.9], CENTER[..., None] + [-1.0, 1.0], mean=CENTER + 0.2),
    "draws": Samples(CENTER + RNG.normal(size=(7, ROWS, STEPS))),
    "draws with a center": Samples(CENTER + RNG.normal(size=(7, ROWS, STEPS)), CENTER, np.ones((ROWS, STEPS))),
    "normal": Normal(CENTER, np.arange(1.0, STEPS + 1)),
    "mixture": Mixture(np.full((ROWS, STEPS, 2), 0.5), CENTER[..., None] + [-0.1, 0.3], np.array([0.2, 0.4])),
}
every_kind = pytest.mark.parametrize("kind", EVERY)


def numbers(distribution):
    return np.stack([distribution.quantile(level) for level in (0.1, 0.9)])


@every_kind
@pytest.mark.parametrize("rows", [slice(None), slice(1, 3), np.array([4, 0]), slice(0, 0)])
@pytest.mark.parametrize("columns", [slice(None), np.array([0, 3])])
def test_some_rows_and_steps(kind, rows, columns):
    some = found.taken(EVERY[kind], rows, columns)
    assert found.shape_of(some) == CENTER[rows][:, columns].shape
    np.testing.assert_array_equal(numbers(some), numbers(EVERY[kind])[:, rows][:, :, columns])
    np.testing.assert_array_equal(found.point_of(some), found.point_of(EVERY[kind])[rows][:, columns])


@every_kind
def test_parts_joined_are_the_whole(kind):
    whole = EVERY[kind]
    joined = found.joined([found.taken(whole, slice(0, 2)), found.taken(whole, slice(2, 5))])
    np.testing.assert_array_equal(numbers(joined), numbers(whole))
    np.testing.assert_array_equal(found.point_of(joined), found.point_of(whole))
    assert found.joined([whole]) is whole


def test_crossed_quantiles_are_counted_among_the_rows_and_steps_that_are_there():
    values = np.tile([0.0, 1.0, 2.0], (ROWS, STEPS, 1))
    values[2:4, 1] = [2.0, 0.0, 1.0]
    whole = Quantiles([0.1, 0.5, 0.9], values)
    counts = [found.taken(whole, rows).crossed for rows in (slice(None), slice(0, 2), slice(3, 5))]
    assert counts == [2, 0, 1]
    assert found.taken(whole, columns=np.array([0, 2])).crossed == 0
    assert found.joined([found.taken(whole, slice(0, 3)), found.taken(whole, slice(3, 5))]).crossed == 2


def test_what_is_not_of_one_kind_is_not_joined():
    for one, other in (("quantiles", "draws"), ("quantiles", "quantiles with a mean"), ("normal", "mixture")):
        with pytest.raises(sa.errors.ParameterError, match="of one kind at every origin"):
            found.joined([EVERY[one], EVERY[other]])
    wider = Mixture(np.full((1, STEPS, 3), 1 / 3), np.zeros(3), np.ones(3))
    with pytest.raises(sa.errors.ParameterError, match="found mixtures of 2 and mixtures of 3"):
        found.joined([EVERY["mixture"], wider])
    others = Quantiles([0.2, 0.5, 0.9], np.zeros((1, STEPS, 3)))
    with pytest.raises(
        sa.errors.ParameterError, match=r"3 quantiles, 0\.1, 0\.5, 0\.9 and 3 quantiles, 0\.2, 0\.5, 0\.9"
    ):
        found.joined([EVERY["quantiles"], others])
    with pytest.raises(sa.errors.ParameterError, match="7 draws and 9 draws"):
        found.joined([EVERY["draws"], Samples(np.zeros((9, 1, STEPS)))])


def test_the_point_forecast_of_each():
    draws = EVERY["draws"]
    np.testing.assert_array_equal(found.point_of(EVERY["quantiles"]), CENTER + 0.1)
    np.testing.assert_array_equal(found.point_of(EVERY["quantiles with a mean"]), CENTER + 0.2)
    np.testing.assert_array_equal(found.point_of(draws), np.median(draws.draws, axis=0))
    np.testing.assert_array_equal(found.point_of(EVERY["draws with a center"]), CENTER)
    np.testing.assert_array_equal(found.point_of(EVERY["normal"]), CENTER)
    np.testing.assert_allclose(found.point_of(EVERY["mixture"]), CENTER + 0.1)
    with pytest.raises(sa.errors.InputError, match=r"give the quantile at 0.5, or mean="):
        found.point_of(Quantiles([0.1, 0.9], np.zeros((1, 2, 2))))


@every_kind
def test_the_ends_of_an_interval_are_its_quantiles(kind):
    low, high = found.ends_of(EVERY[kind], 0.8)
    np.testing.assert_allclose([low, high], numbers(EVERY[kind]), rtol=1e-12)  # 0.5 - 0.4 is not quite 0.1


def test_at_which_level_intervals_are_told():
    def told(*levels):
        return found.level_told(Quantiles(levels, np.zeros((1, 1, len(levels)))))

    assert told(0.05, 0.5, 0.95) == 0.9
    assert told(0.1, 0.2, 0.5, 0.8, 0.9) == 0.8
    assert told(0.01, 0.5, 0.6) is None
    assert found.level_told(EVERY["draws"]) == 0.9
    assert [found.described(one)[0] for one in EVERY.values()] == [
        "quantiles", "quantiles", "draws", "draws", "normal", "mixture"
    ]  # fmt: skip
    assert found.described(EVERY["draws"])[1] == 7

"""Dynamic Theta over a grid: against plain loops."""

from __future__ import annotations

import numpy as np

from stepahead.numerics import dynamic_theta
from stepahead.numerics.dynamic_theta import ALPHA, SHARE, States, Sums

from .. import data
from ..smoothing_loops import theta_point


def test_the_first_level_is_that_of_least_squares_from_the_third_value_on():
    y = data.sine(2, 30)
    x, sums = y - y[0], Sums(1)
    sums.add(x[None])
    fitted = sums.solve()

    def left(at: int, level: float) -> float:
        ahead = [theta_point(list(x[:t]), ALPHA[at], SHARE[at], level, 1)[0] for t in range(2, 30)]
        return float(np.sum((x[2:] - ahead) ** 2))

    for at in range(0, 50, 6):
        own = left(at, fitted.level[0, at])
        assert own <= min(left(at, fitted.level[0, at] + up) for up in (-1e-3, 1e-3))


def test_forecasts_are_linear_in_the_state_at_one_origin():
    rng = np.random.default_rng(0)
    level, mean, slope = rng.normal(size=(1, 50)), rng.normal(size=(1, 1)), rng.normal(size=(1, 1))
    units = dynamic_theta.responses(np.array([1, 9]), 6)
    for place, count in enumerate((1.0, 9.0)):
        states = States(level.copy(), mean.copy(), slope.copy(), count)
        wanted = np.stack(list(dynamic_theta.ahead(states, ALPHA, SHARE, 6)), axis=-1)[0]
        found = level[0, :, None] * units[0, place] + mean[0, 0] * units[1, place] + slope[0, 0] * units[2, place]
        np.testing.assert_allclose(found, wanted, atol=1e-12)

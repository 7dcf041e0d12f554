"""Paths of nets on a window, from residuals fed back."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.walk import take

from ..cases import mlp_step
from ..data import sine


@pytest.mark.parametrize("chunk", [1, 3])
def test_a_path_is_the_forecast_with_residuals_fed_back(chunk):
    x = sine(0, 200)
    model = sa.MLP(4, chunk=chunk, training=sa.Training(epochs=2)).fit(x[:150])
    assert model.residuals_.shape == (150 - 4 - chunk + 1, chunk)
    missed = {tuple(row.round(9)) for row in model.residuals_}
    for path in sa.paths(model, x, 7, n=5, origin=170):
        known = list(x[:170])
        for at in range(0, 7 - chunk + 1, chunk):
            shock = path[at : at + chunk] - mlp_step(model, np.array(known))
            assert tuple(shock.round(9)) in missed, "a whole row of them"
            known += list(path[at : at + chunk])


def test_few_residuals_are_kept_evenly_and_few_steps_are_the_first_steps():
    x = sine(0, 5000)
    model = sa.MLP(4, training=sa.Training(epochs=1)).fit(x)
    assert len(model.residuals_) == 1666
    every = x[4:] - np.array(model._predictor()(np.lib.stride_tricks.sliding_window_view(x[:-1], 4)))[:, 0]
    np.testing.assert_allclose(model.residuals_[:, 0], every[::3], atol=1e-12)
    state = take(model.encode(x), slice(10, 12))
    np.testing.assert_allclose(model.paths(state, 4, 30), model.paths(state, 9, 30)[:, :, :4], rtol=1e-12)
    linear = sa.AR(4).fit(x)
    np.testing.assert_allclose(linear.paths(state, 4, 30), linear.paths(state, 9, 30)[:, :, :4], rtol=1e-12)

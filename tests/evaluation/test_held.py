"""The width of intervals, the band of a coverage, the loss of a quantile."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa

X = np.sin(np.arange(160.0)) + np.random.default_rng(0).normal(size=160)


def run(steps=None):
    return sa.k_step(sa.AR(3).fit(X[:100]), X, 6, steps=steps)


def test_the_width_is_the_mean_distance_of_the_ends():
    low, high = run().prediction_intervals(0.8, method="model")
    np.testing.assert_allclose(
        sa.diagnostics.interval_width(run(), 0.8, "model"), (high - low).mean(axis=0), rtol=1e-12
    )


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_the_pinball_loss_is_that_of_a_loop(level):
    found, distribution = run(), "model"
    low, high = found.prediction_intervals(max(abs(2 * level - 1), 1e-300), distribution)
    quantile = high if level > 0.5 else low
    for k in range(6):
        rows = zip(found.actuals[:, k], quantile[:, k], strict=True)
        losses = [level * (y - q) if y > q else (1 - level) * (q - y) for y, q in rows]
        assert sa.diagnostics.pinball(found, level, distribution)[k] == pytest.approx(np.mean(losses))


def test_a_band_is_no_narrower_than_that_of_independent_rows():
    low, high = sa.diagnostics.coverage_band(run(), 0.9, "model")
    rows = len(run().origins)
    half = 1.959963984540054 * np.sqrt(0.9 * 0.1 / rows)
    assert (low <= 0.9 - half + 1e-12).all()
    assert (high >= np.minimum(0.9 + half, 1.0) - 1e-12).all()


def test_symbols_and_a_level_that_is_none_are_refused():
    sky = sa.k_step(sa.MarkovChain().fit(list("ssr" * 9)), list("ssr" * 12), 2)
    for ask in (sa.diagnostics.coverage_band, sa.diagnostics.interval_width):
        with pytest.raises(sa.errors.InputError):
            ask(sky)
    with pytest.raises(sa.errors.ParameterError):
        sa.diagnostics.pinball(run(), 1.5)

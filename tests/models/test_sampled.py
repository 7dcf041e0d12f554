"""The forecast as the mean over sampled paths."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.walk import take

from ..data import sine
from ..remedies import held_out

SLOWLY = sa.Training(epochs=50, learning_rate=1e-3)


def test_sampled_has_a_distribution_and_works_around_any_model_with_paths():
    x = sine(0, 300)
    for inner in (sa.AR(3), sa.Differenced(sa.AR(2)), sa.Scaled(sa.MLP(4, training=sa.Training(epochs=2)))):
        model = sa.wrappers.Sampled(inner, n=60, seed=1).fit(x[:200])
        state = take(model.encode(x), slice(100, 104))
        distribution = model.predictive(state, 5)
        assert distribution.draws.shape == (60, 4, 5)
        np.testing.assert_allclose(distribution.mean(), model.rollout(state, 5), rtol=1e-12)
        np.testing.assert_allclose(
            model.rollout(take(state, slice(2, 3)), 3)[0], model.rollout(state, 5)[2, :3], rtol=1e-12
        )
        assert (distribution.quantile(0.9) > distribution.quantile(0.1)).all()
    run = sa.k_step(sa.wrappers.Sampled(sa.AR(3), n=200).fit(x[:200]), x, 6)
    np.testing.assert_allclose(run.coverage(0.9), 0.9, atol=0.12)
    with pytest.raises(sa.errors.ParameterError, match="draws no paths"):
        sa.wrappers.Sampled(sa.baselines.Naive()).fit(x)
    with pytest.raises(sa.errors.ParameterError, match="model of symbols"):
        sa.wrappers.Sampled(sa.MarkovChain()).fit([1, 2] * 20)
    for bad in ({"n": 1}, {"seed": -1}):
        with pytest.raises(sa.errors.ParameterError) as caught:
            sa.wrappers.Sampled(sa.AR(2), **bad).fit(x)
        assert caught.value.name == next(iter(bad))


def sampled_and_plain(seeds) -> tuple[float, float]:
    plain = held_out(lambda s: sa.MLP(4, seed=s, training=SLOWLY), sine, 64, seeds)
    return plain, held_out(lambda s: sa.wrappers.Sampled(sa.MLP(4, seed=s, training=SLOWLY)), sine, 64, seeds)


def test_the_mean_of_paths_is_nearer_than_the_path_of_the_mean():
    plain, sampled = sampled_and_plain(range(3))
    assert sampled <= 0.57
    assert sampled < plain


@pytest.mark.slow
def test_the_mean_of_paths_is_nearer_on_twenty_seeds():
    plain, sampled = sampled_and_plain(range(20))
    assert 0.55 < plain < 0.70
    assert sampled <= 0.56

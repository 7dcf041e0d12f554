"""What a model declares is what it can, and a wrapper can what the model inside can."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from sklearn.linear_model import Ridge

import stepahead as sa
from stepahead.evaluation.why import window_of
from stepahead.protocols import InEpochs, WindowReader, Wrapper, draws_paths, has_distribution, inside

from .cases import CASES
from .data import ends_ahead, sine

X = 3.0 + sine(0, 90)
AROUND = {
    "Scaled": sa.Scaled,
    "Differenced": sa.Differenced,
    "Rectified": lambda model: sa.wrappers.Rectified(model, horizon=2),
    "twice": lambda model: sa.Scaled(sa.Differenced(model)),
    "by window": lambda model: sa.Scaled(model, by="window"),
}
INNER = {
    "AR": lambda: sa.AR(3),
    "AR chunk": lambda: sa.AR(3, chunk=2),
    "MLP": lambda: sa.MLP(3, training=sa.Training(epochs=1)),
    "Naive": sa.baselines.Naive,
    "SSA": lambda: sa.SSA(rank=2, window=10),
    "StateSpace": lambda: sa.StateSpace(cycles=0),
    "Windowed": lambda: sa.Windowed(Ridge(), lags=3),
}


def works(attempt):
    """Whether it has an answer, or refuses an argument; False where the capability is not there."""
    try:
        attempt()
    except AttributeError:
        return False
    return True


def held_to_what_it_says(model, series):
    state = tuple(array[-1:] for array in model.encode(series))
    assert has_distribution(model) is works(lambda: model.predictive(state, 1))
    assert draws_paths(model) is works(lambda: model.paths(state, 1, 2, 0, np.array([len(series)])))


@pytest.mark.parametrize("name", CASES)
def test_a_distribution_and_paths_are_there_where_they_are_declared(name):
    case = CASES[name]
    held_to_what_it_says(case.make().fit(case.series()), case.series())


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("inner", INNER)
def test_a_wrapper_can_what_the_model_inside_can(inner, around):
    try:
        model = AROUND[around](INNER[inner]()).fit(X)
    except sa.errors.ParameterError:
        assert around == "by window"
        assert not isinstance(INNER[inner](), WindowReader)
        return
    held_to_what_it_says(model, sa.Series(X))


@pytest.mark.parametrize(
    "model", [sa.Scaled(sa.baselines.Naive()), sa.Differenced(sa.SSA(rank=2, window=10))], ids=repr
)
def test_a_wrapper_of_a_point_forecast_says_so_where_a_distribution_is_asked_for(model):
    run = sa.k_step(model.fit(X[:60]), X, 3)
    for ask in (run.crps, lambda: ends_ahead(model, X, 3, method="model")):
        with pytest.raises(sa.errors.InputError) as caught:
            ask()
        assert caught.value.code == "no-distribution"
    assert sa.paths(model, X, 3, n=4).shape == (4, 3)  # a forecast and errors of the training part


def test_inside_goes_to_the_innermost():
    net = sa.MLP(3)
    assert list(inside(sa.Scaled(sa.Differenced(net))))[2] is net
    assert [type(part).__name__ for part in inside(sa.wrappers.Rectified(sa.Scaled(net)))] == [
        "Rectified",
        "Scaled",
        "MLP",
    ]
    assert list(inside(net)) == [net]
    assert isinstance(sa.wrappers.Sampled(net), Wrapper)
    assert not isinstance(net, Wrapper)
    assert any(isinstance(part, InEpochs) for part in inside(sa.Scaled(net)))
    assert not any(isinstance(part, InEpochs) for part in inside(sa.Scaled(sa.AR(3))))


@pytest.mark.parametrize(
    ("model", "sees"),
    [
        (sa.AR(4), 4),
        (sa.AR(4, chunk=3), 4),
        (sa.MLP(5, training=sa.Training(epochs=1)), 5),
        (sa.Windowed(Ridge(), lags=6), 6),
        (sa.Scaled(sa.AR(4)), 4),
        (sa.Differenced(sa.AR(4)), 5),
        (sa.Scaled(sa.Differenced(sa.Windowed(Ridge(), lags=2))), 3),
        (sa.wrappers.Rectified(sa.MLP(5, training=sa.Training(epochs=1)), horizon=2), 5),
        (sa.baselines.Naive(), None),
        (sa.Scaled(sa.StateSpace(cycles=0)), None),
        (sa.SSA(rank=2, window=10), None),
        (sa.GRU(2, training=sa.Training(updates=1)), None),
    ],
    ids=repr,
)
def test_a_window_is_as_wide_as_what_a_change_can_reach(model, sees):
    fitted = copy.deepcopy(model).fit(X)
    assert window_of(fitted) == sees
    if sees is None:
        return
    before = fitted.forecast(X, 3)
    changed = X.copy()
    changed[len(X) - sees - 1] += 1.0  # just behind the window
    assert fitted.forecast(changed, 3).tobytes() == before.tobytes()
    changed = X.copy()
    changed[len(X) - sees] += 1.0  # its oldest value
    assert fitted.forecast(changed, 3).tobytes() != before.tobytes()

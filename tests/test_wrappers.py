"""The wrappers of the public face take a model, and are one."""

from __future__ import annotations

import pytest
from sklearn.linear_model import LinearRegression

import stepahead as sa

X = sa.Series(3.0 + sa.datasets.noisy_sine(length=120, seed=0).values)
WRAPPED = {
    "BoxCox": lambda: sa.wrappers.BoxCox(sa.AR(2)),
    "Logged": lambda: sa.wrappers.Logged(sa.AR(2)),
    "PerStep": lambda: sa.Windowed(sa.wrappers.PerStep(LinearRegression()), lags=3, chunk=2),
    "Rectified": lambda: sa.wrappers.Rectified(sa.AR(2), horizon=4),
    "Sampled": lambda: sa.wrappers.Sampled(sa.AR(2), n=9),
}


def test_the_list_names_every_wrapper():
    assert sorted(WRAPPED) == sa.wrappers.__all__


@pytest.mark.parametrize("name", WRAPPED)
def test_a_wrapped_model_is_a_model(name):
    model = WRAPPED[name]().fit(X)
    assert isinstance(model, sa.protocols.Forecaster)
    assert len(sa.forecast(model, X, 4)) == 4

"""Losses by name against their formulas, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import mean_pinball_loss

from stepahead.errors import InputError, ParameterError
from stepahead.evaluation.chosen_loss import parse_loss

ERROR = np.array([-2.0, 0.0, 0.5, np.nan])


def test_squared_and_absolute():
    assert parse_loss("squared")(ERROR, ERROR)[:3].tolist() == [4.0, 0.0, 0.25]
    assert parse_loss("absolute")(ERROR, ERROR)[:3].tolist() == [2.0, 0.0, 0.5]
    assert np.isnan(parse_loss("squared")(ERROR, ERROR)[3])
    assert (parse_loss("squared").power, parse_loss("absolute").power) == (2, 1)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_pinball_is_that_of_another_implementation(share):
    rng = np.random.default_rng(0)
    forecast, actual = rng.normal(size=50), rng.normal(size=50)
    found = parse_loss(f"pinball({share})")
    assert found(forecast - actual, actual).mean() == pytest.approx(mean_pinball_loss(actual, forecast, alpha=share))
    assert found.name == f"pinball({share:g})"
    assert found.power == 1


def test_a_loss_of_the_caller_sees_errors_and_actuals():
    def relative(error, actual):
        return np.abs(error) / np.abs(actual)

    found = parse_loss(relative)
    assert found.name == "relative"
    assert found.power == 0
    assert found(np.array([1.0, -3.0]), np.array([2.0, 4.0])).tolist() == [0.5, 0.75]


@pytest.mark.parametrize("loss", ["square", "pinball(1.5)", "pinball(0.0)", "pinball", 3, None])
def test_a_loss_that_is_none_is_refused(loss):
    with pytest.raises(ParameterError, match="loss"):
        parse_loss(loss)


def test_a_loss_of_another_shape_or_below_zero_is_refused():
    with pytest.raises(InputError, match="one for each"):
        parse_loss(lambda error, actual: np.zeros(2))(np.zeros(3), np.zeros(3))
    with pytest.raises(InputError, match="at least 0"):
        parse_loss(lambda error, actual: error)(np.array([-1.0]), np.zeros(1))


def test_a_loss_that_is_nan_at_an_error_is_refused_and_at_a_missing_target_is_not():
    found = parse_loss(lambda error, actual: np.where(actual > 1.0, np.nan, error * error))
    assert np.isnan(found(np.array([np.nan]), np.array([np.nan]))).all()
    with pytest.raises(InputError, match="is nan at an error that is a number"):
        found(np.array([1.0, 2.0]), np.array([0.0, 2.0]))

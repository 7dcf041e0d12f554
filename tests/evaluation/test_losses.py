"""What each forecast loses, by its formula; which losses there are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import stepahead as sa

from ..data import sine

X = sine(0, 150)


def run():
    return sa.k_step(sa.AR(2).fit(X[:100]), X, 4, season=None)


def test_losses_of_numbers_are_their_formulas_row_by_row():
    found = run()
    for name, loss in {"squared": lambda e: e * e, "absolute": abs}.items():
        table = found.losses(name)
        for row, origin in enumerate(found.origins):
            for k in found.steps:
                assert table[row, k - 1] == pytest.approx(loss(found.predictions[row, k - 1] - X[origin + k - 1]))


def test_the_crps_of_a_normal_forecast_is_its_closed_form():
    """Gneiting & Raftery (2007): s (z (2 F(z) - 1) + 2 f(z) - 1 / sqrt(pi)), z = (y - m) / s."""
    found = run()
    low, high = found.prediction_intervals(0.5, method="model")
    spread = (high - low) / 2 / stats.norm.ppf(0.75)
    z = (found.actuals - found.predictions) / spread
    expected = spread * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
    np.testing.assert_allclose(found.losses("crps"), expected, rtol=1e-9)


def test_losses_of_symbols_are_counted_by_hand():
    symbols = list("aab" * 20 + "abba" * 5)
    found = sa.k_step(sa.MarkovChain(0).fit(symbols[:60]), symbols, 2)
    for row, origin in enumerate(found.origins):
        for k in (1, 2):
            happened = symbols[origin + k - 1]
            assert found.losses("log")[row, k - 1] == pytest.approx(-np.log({"a": 2 / 3, "b": 1 / 3}[happened]))
            assert found.losses("zero-one")[row, k - 1] == (happened != "a")


def test_a_missing_target_has_no_loss():
    y = X.copy()
    y[120] = np.nan
    found = sa.evaluate(sa.AR(2), sa.Series(y, missing="skip"), 4, 100, season=None)["AR(2)"]
    for name in ("squared", "absolute", "crps"):
        np.testing.assert_array_equal(np.isnan(found.losses(name)), np.isnan(found.actuals))
    assert np.isnan(found.actuals).sum() > 0


@pytest.mark.parametrize("name", ["log", "zero-one"])
def test_numbers_have_no_losses_of_symbols(name):
    with pytest.raises(sa.errors.InputError, match="squared, absolute and crps") as caught:
        run().losses(name)
    assert caught.value.code == "loss"


def test_symbols_have_no_distance_and_no_reading_of_one():
    sky = sa.k_step(sa.MarkovChain().fit(list("ssr" * 9)), list("ssr" * 12), 2)
    with pytest.raises(sa.errors.InputError, match="zero-one and log"):
        sky.losses("squared")
    with pytest.raises(sa.errors.InputError, match="no distance"):
        sky.rmse()
    with pytest.raises(sa.errors.ParameterError, match="loss"):
        sky.losses("cubed")


def test_losses_of_a_panel_come_in_units_of_each_series():
    panel = [X, 1000.0 * X + 5.0]
    found = sa.evaluate(sa.AR(2), panel, 3, 100, fit="each", season=None)["AR(2)"]
    columns = found._loss_columns("squared")(slice(None))
    errors = found.predictions - found.actuals
    for index, values in enumerate(panel):
        head = values[:100]
        scale = min(head.var(), np.mean(np.diff(head) ** 2))
        np.testing.assert_allclose(columns[found.part == index], errors[found.part == index] ** 2 / scale, rtol=1e-9)
    halves = [columns[found.part == index] for index in (0, 1)]
    np.testing.assert_allclose(halves[0], halves[1], rtol=1e-6)

"""Simple exponential smoothing against a literal loop, and against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation.audit import parameter_bits
from stepahead.models.smoothing import ALPHAS, BLOCK, OneStepErrors

RNG = np.random.default_rng(3)
WALK = 10.0 + np.cumsum(RNG.normal(size=300)) + RNG.normal(0.0, 2.0, 300)
SERIES = {
    "walk": WALK,
    "noise": RNG.normal(size=200),
    "waves": np.sin(0.1 * np.arange(400)) + RNG.normal(0.0, 0.2, 400),
    "high": 1e9 + WALK,
    "short": WALK[:3],
    "long": 10.0 + np.cumsum(RNG.normal(size=2 * BLOCK + 300)),
}


def level_of(values, alpha):
    """The recursion as it stands in the textbook: (last level, sum of squared one-step errors)."""
    level, total = values[0], 0.0
    for value in values[1:]:
        total += (value - level) ** 2
        level = alpha * value + (1.0 - alpha) * level
    return level, total


@pytest.mark.parametrize("x", SERIES.values(), ids=SERIES)
def test_alpha_has_the_least_sum_of_squared_one_step_errors(x):
    totals = [level_of(x, k / 50)[1] for k in range(1, 50)]
    model = sa.baselines.SES().fit(x)
    assert model.alpha_ == (int(np.argmin(totals)) + 1) / 50
    np.testing.assert_allclose(model.forecast(x, 3), level_of(x, model.alpha_)[0], rtol=1e-13)
    errors = OneStepErrors(1)
    errors.add(x[None])
    np.testing.assert_allclose(errors.squares[0], totals, rtol=1e-6 if x[0] > 1e8 else 1e-11)


def test_the_sums_go_on_from_piece_to_piece():
    x = SERIES["long"]
    whole, cut = OneStepErrors(1), OneStepErrors(1)
    whole.add(x[None])
    for begin in range(0, len(x), 77):
        cut.add(x[None, begin : begin + 77])
    np.testing.assert_allclose(cut.squares, whole.squares, rtol=1e-11)


def test_equal_sums_go_to_the_smallest_alpha():
    assert sa.baselines.SES().fit(np.full(40, 3.3)).alpha_ == ALPHAS[0]
    assert sa.baselines.SES().fit([1.0, 2.0]).alpha_ == ALPHAS[0], "the one error is the same whatever alpha is"
    assert sa.baselines.SES().fit([4.0]).alpha_ == ALPHAS[0]


def test_statsmodels_has_the_same_levels():
    holt = pytest.importorskip("statsmodels.tsa.holtwinters", reason="statsmodels is not installed")
    for alpha in (0.1, 0.5, 0.94):
        # Its level before the first value is given; ours is the first value, which leaves it where it is.
        theirs = holt.SimpleExpSmoothing(WALK, initialization_method="known", initial_level=WALK[0])
        level = theirs.fit(smoothing_level=alpha, optimized=False).forecast(4)
        np.testing.assert_allclose(sa.baselines.SES(alpha).fit(WALK[:100]).forecast(WALK, 4), level, rtol=1e-12)


def test_a_gap_leaves_the_level_where_it_is():
    holes = [40, 41, 99, 150]
    hollow = WALK.copy()
    hollow[holes] = np.nan
    series, dense = sa.Series(hollow, missing="skip"), np.delete(WALK, holes)
    model = sa.baselines.SES().fit(series)
    assert model.alpha_ == sa.baselines.SES().fit(dense).alpha_
    levels = model.encode(series)[0][:, 0]
    assert levels[40] == levels[39]
    assert levels[-1] == model.encode(dense)[0][-1, 0]


def test_a_panel_has_one_alpha_and_each_series_its_own_level():
    parts = [WALK[:100], WALK[100:]]
    totals = [sum(level_of(part, k / 50)[1] for part in parts) for k in range(1, 50)]
    model = sa.baselines.SES().fit(parts)
    assert model.alpha_ == (int(np.argmin(totals)) + 1) / 50
    assert parameter_bits(sa.baselines.SES().fit(parts[::-1])) != parameter_bits(sa.baselines.SES().fit(WALK))


def test_its_name_is_that_of_every_series():
    assert sa.baselines.SES().fit(WALK).name == "SES"
    assert sa.baselines.SES(0.3).name == "SES(0.3)"
    assert repr(sa.baselines.SES().fit(WALK)) == "SES()", "what was fitted is alpha_"


@pytest.mark.parametrize("alpha", [0.0, -0.1, 1.1, "fast", True, np.nan])
def test_an_alpha_that_is_no_weight_is_refused(alpha):
    with pytest.raises(sa.errors.ParameterError) as caught:
        sa.baselines.SES(alpha).fit(WALK)
    assert caught.value.name == "alpha"

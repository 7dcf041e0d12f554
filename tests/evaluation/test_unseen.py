"""Errors of values that a model has not seen, against refits one by one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation.unseen import ENOUGH, behind_cuts, known_before, of_last_quarter, too_few

from ..data import sine

H = 3
X = sine(0, 120)


def errors(model, first: int, stop: int) -> np.ndarray:
    """[origins, H] of a fit on X[:first], from the origins first .. stop - 1;
    NaN where nothing is there to compare with.
    """
    fitted, rows = model.fit(X[:first]), []
    for origin in range(first, stop):
        ahead, actual = fitted.forecast(X[:origin], H), X[origin : origin + H]
        rows.append([abs(ahead[k] - actual[k]) if k < len(actual) else np.nan for k in range(H)])
    return np.array(rows)


def test_behind_eight_even_cuts_each_refit_is_scored_up_to_the_next():
    (found,) = behind_cuts(sa.AR(2).fit(X), [sa.Series(X)], H)
    edges = [60 + place * 60 // 8 for place in range(9)]
    expected = np.vstack([errors(sa.AR(2), first, stop) for first, stop in pairwise(edges)])
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_net_has_two_cuts_and_says_so():
    model = sa.MLP(2, training=sa.Training(epochs=1))
    with pytest.warns(sa.errors.StepaheadWarning, match="trained anew at 2 cuts .* at 8"):
        (found,) = behind_cuts(model.fit(X), [sa.Series(X)], H)
    np.testing.assert_allclose(found, np.vstack([errors(model, 60, 90), errors(model, 90, 120)]), rtol=1e-9)


def test_the_last_quarter_is_that_of_one_refit():
    (found,) = of_last_quarter(sa.AR(2).fit(X), [sa.Series(X)], H)
    np.testing.assert_allclose(found, errors(sa.AR(2), 90, 120), rtol=1e-9)


@pytest.mark.parametrize("length", [40, 30])
def test_of_a_short_series_more_is_scored_and_at_most_its_half(length):
    (found,) = of_last_quarter(sa.baselines.Naive(), [sa.Series(X[:length])], H)
    first = max(length // 2, length - H - ENOUGH + 1)
    assert len(found) == length - first
    assert np.isfinite(found[:, -1]).sum() == min(ENOUGH, length - length // 2 - H + 1)


def test_a_cut_too_early_for_the_model_has_no_errors():
    (found,) = of_last_quarter(sa.AR(100).fit(sine(1, 400)), [sa.Series(X)], H)
    assert found.shape == (0, H)


def test_what_is_known_before_the_first_held_out_origin_is_of_the_training_part_alone():
    changed = X.copy()
    changed[80:] += 100.0
    one, other = (known_before(sa.k_step(sa.AR(2).fit(X[:80]), x, H, train=80))[0] for x in (X, changed))
    assert one.tobytes() == other.tobytes()
    np.testing.assert_allclose(one, of_last_quarter(sa.AR(2).fit(X[:80]), [sa.Series(X[:80])], H)[0], rtol=1e-12)


def test_the_level_that_too_few_errors_hold_is_said():
    half = np.array([1.0, np.inf, np.inf])
    said = too_few("AR(2)", 0.9, np.array([19, 4, 1]), half)
    assert said == (
        "the interval of AR(2) at level=0.9 is infinite from step 2 on: 4 errors are known there, "
        "which hold at most level=0.8"
    )
    assert "1 error is known there, which hold at most level=0.5" in too_few("m", 0.9, np.array([1]), half[1:2])
    assert too_few("m", 0.9, np.array([0]), half[1:2]).endswith("which hold no level")
    assert too_few("m", 0.9, np.array([19]), half[:1]) == ""

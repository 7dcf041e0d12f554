"""The curriculum of the roll-out, and what is done to windows in training."""

from __future__ import annotations

import numpy as np
import pytest

from stepahead.numerics import remedies

from ..remedies import varied


def test_the_curriculum_doubles_and_ends_with_all_steps():
    assert remedies.curriculum(1, 16, 5) == [1, 2, 4, 8, 16]
    assert remedies.curriculum(1, 6, 8) == [1, 1, 2, 2, 4, 4, 6, 6]
    assert remedies.curriculum(3, 10, 3) == [3, 6, 10]
    assert remedies.curriculum(1, 16, 2) == [4, 16]
    assert remedies.curriculum(1, 16, 1) == [16]
    assert remedies.curriculum(4, 3, 2) == [4, 4]


def test_windows_are_turned_and_stretched_about_the_mean_with_their_targets():
    X, Y, x, y, weights = varied("sign", 0.0)
    sign = x[0, :, 0] / X[0, :, 0]
    assert weights is None
    assert set(np.round(sign, 9)) == {-1.0, 1.0}
    assert abs(sign.mean()) < 0.1
    np.testing.assert_allclose(y, Y * sign[None, :, None], atol=1e-9)
    X, Y, x, y, weights = varied("amplitude", 0.0)
    a = y[0, :, 0] / Y[0, :, 0]
    np.testing.assert_allclose(x, X * a[None, :, None], atol=1e-8)
    np.testing.assert_allclose(weights[0], 1.0 / (a * a + 0.25), rtol=1e-6)
    assert a.std() == pytest.approx(1.0, rel=0.05)

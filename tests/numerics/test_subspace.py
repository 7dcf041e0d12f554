"""Frequencies by ESPRIT and by the spectrum."""

from __future__ import annotations

import numpy as np
import pytest

from stepahead.numerics import subspace


def test_frequencies_are_found_by_esprit_and_where_it_cannot_by_the_spectrum():
    t = np.arange(600)
    x = np.sin(0.01 * t) + 0.6 * np.sin(0.13 * t) + np.random.default_rng(0).normal(0.0, 0.2, 600)
    found = subspace.frequencies([x - x.mean()], 2)
    np.testing.assert_allclose(found, [0.01, 0.13], rtol=0.05)
    # Two values a window is all that eight values have: the peaks of the spectrum have to do.
    short = np.sin(2.0 * np.arange(9))
    assert subspace.frequencies([short], 1)[0] == pytest.approx(2.0, abs=0.15)

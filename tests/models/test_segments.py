"""Segments never cross a missing value."""

from __future__ import annotations

import numpy as np

import stepahead as sa

from ..data import sine


def test_missing_values_are_stepped_over_and_no_segment_crosses_one():
    x = sine(0, 300)
    x[[50, 51, 120]] = np.nan
    model = sa.GRU(4, training=sa.Training(updates=3)).fit(sa.Series(x, missing="skip"))
    assert np.isfinite(model.encode(sa.Series(x, missing="skip"))[0]).all()

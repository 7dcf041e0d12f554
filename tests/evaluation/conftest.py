"""What several test modules of this folder use."""

from __future__ import annotations

import pytest

import stepahead as sa

from ..data import sine

H, TRAIN = 9, 70


@pytest.fixture(scope="module")
def result():
    x = 5.0 + sine(0, 130)
    return sa.k_step(sa.AR(3).fit(x[:TRAIN]), x, H), x

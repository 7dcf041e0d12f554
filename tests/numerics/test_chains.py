"""The filter and smoother of hidden chains, against hmmlearn."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.numerics import chains

from ..hidden import levels


def test_numbers_of_a_distribution_are_numbers():
    with pytest.raises((sa.errors.ParameterError, ValueError), match="means"):
        chains.checked("means", ["a", "b"], (2,))
    assert chains.checked("means", [1, 2], (2,)).tolist() == [1.0, 2.0]


STAY = np.array([[0.9, 0.1], [0.2, 0.8]])


GAUSSIAN = sa.HMM(2).with_parameters([0.3, 0.7], STAY, means=[0.0, 2.5], std=[0.7, 1.0])


def test_filter_and_smoother_are_those_of_hmmlearn():
    from hmmlearn.hmm import GaussianHMM

    values = levels(3, 200)
    peer = GaussianHMM(2)
    peer.startprob_, peer.transmat_, peer.means_ = GAUSSIAN.start_, GAUSSIAN.transition_, GAUSSIAN.means_[:, None]
    peer.covars_ = GAUSSIAN.std_[:, None] ** 2
    np.testing.assert_allclose(GAUSSIAN.smoothed(values).probabilities, peer.predict_proba(values[:, None]), atol=1e-10)
    assert GAUSSIAN.loglikelihood(values) == pytest.approx(peer.score(values[:, None]), abs=1e-8)
    filtered = GAUSSIAN.filtered(values)
    for t in (0, 1, 57, 199):
        np.testing.assert_allclose(filtered[t], peer.predict_proba(values[: t + 1, None])[-1], atol=1e-10)

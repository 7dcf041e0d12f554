"""Baum-Welch against hmmlearn, step by step."""

from __future__ import annotations

import numpy as np
import pytest

from stepahead.numerics import emissions

from ..hidden import letters, levels

STAY = np.array([[0.9, 0.1], [0.2, 0.8]])
THREE = np.array([[0.85, 0.1, 0.05], [0.1, 0.8, 0.1], [0.02, 0.18, 0.8]])


@pytest.mark.parametrize("size", [2, 3])
def test_gaussian_baum_welch_is_that_of_hmmlearn_step_by_step(size):
    from hmmlearn.hmm import GaussianHMM

    parts = [levels(0, 300), levels(1, 117)]
    values, lengths = np.concatenate(parts), np.array([300, 117])
    start, transition = np.full(size, 1.0 / size), (STAY if size == 2 else THREE)
    now = tuple(a[None] for a in (start, transition, np.arange(size) * 1.5, np.ones(size)))
    peer = GaussianHMM(size, n_iter=1, tol=-np.inf, covars_prior=0.0, covars_weight=1.0, init_params="", min_covar=0.0)
    peer.startprob_, peer.transmat_, peer.means_, peer.covars_ = start, transition, now[2].T, np.ones((size, 1))
    for _ in range(10):
        before = peer.score(values[:, None], lengths)
        peer.fit(values[:, None], lengths)
        now, value = emissions.gaussian_step(now, values, lengths, 0.0)
        assert value[0] == pytest.approx(before, abs=1e-6)
        theirs = peer.startprob_, peer.transmat_, peer.means_[:, 0], np.sqrt(peer.covars_[:, 0, 0])
        for ours, other in zip(now, theirs, strict=True):
            np.testing.assert_allclose(ours[0], other, atol=1e-6)


def test_categorical_baum_welch_is_that_of_hmmlearn_step_by_step():
    from hmmlearn.hmm import CategoricalHMM

    codes, lengths = np.array(["abc".index(s) for s in letters(0, 350)], dtype=float), np.array([200, 150])
    emission = np.array([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]])
    now = (np.full((1, 2), 0.5), STAY[None], emission[None])
    peer = CategoricalHMM(2, n_iter=1, tol=-np.inf, init_params="")
    peer.startprob_, peer.transmat_, peer.emissionprob_ = np.full(2, 0.5), STAY, emission
    for _ in range(10):
        before = peer.score(codes.astype(int)[:, None], lengths)
        peer.fit(codes.astype(int)[:, None], lengths)
        now, value = emissions.categorical_step(now, codes, lengths)
        assert value[0] == pytest.approx(before, abs=1e-6)
        for ours, other in zip(now, (peer.startprob_, peer.transmat_, peer.emissionprob_), strict=True):
            np.testing.assert_allclose(ours[0], other, atol=1e-6)

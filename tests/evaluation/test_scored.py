"""Scores without forecasts: the same notes, and one encoding a model."""

from __future__ import annotations

import numpy as np

import stepahead as sa
from stepahead import walk

from ..data import ALWAYS, sine


def test_notes_are_the_same_whatever_is_kept():
    hollow = sine(0, 200)
    hollow[[50, 150]] = np.nan
    series = sa.Series(hollow, missing="skip")
    kept, scores, apart = (
        sa.evaluate([sa.AR(4)], data, 4, 120, **given)
        for data, given in ((series, {}), (series, {"keep": "scores"}), ([series], {"fit": "each", "keep": "scores"}))
    )
    assert any("origins have no forecast by AR(4)" in text for text in kept.notes)
    assert set(kept.notes) == set(scores.notes) == set(apart.notes)
    np.testing.assert_allclose(scores.by_step("rmse")["AR(4)"], kept["AR(4)"].rmse(), rtol=1e-12)


def test_what_is_kept_makes_no_note_another():
    panel = [sine(seed, 90) for seed in range(3)]
    assert sa.evaluate(sa.AR(2), panel, 4, keep="scores").notes == sa.evaluate(sa.AR(2), panel, 4).notes


def test_a_series_is_encoded_once_for_each_model(monkeypatch):
    asked = []
    own = walk.encoded
    monkeypatch.setattr(walk, "encoded", lambda model, series: asked.append(1) or own(model, series))
    panel = [sa.Series(sine(seed, 90) if seed else np.r_[np.nan, sine(seed, 89)], missing="skip") for seed in range(5)]
    sa.evaluate([sa.StateSpace(1), sa.AR(2)], panel, 4, keep="scores")
    assert len(asked) == (2 + len(ALWAYS)) * len(panel), "two models and the baselines, each series once"

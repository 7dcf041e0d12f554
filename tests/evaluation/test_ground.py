"""Every model is scored on the same rows, with gaps or without."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead import datasets

from ..data import ALWAYS, sine


def test_co2_has_gaps_and_every_model_is_scored_on_the_same_rows():
    series = datasets.co2()
    assert int(np.isnan(series.values).sum()) == 59
    result = sa.evaluate([sa.AR(24), sa.Scaled(sa.MLP(24))], series, 64)
    assert len({tuple(found.origins) for found in result.values()}) == 1
    n = result["AR(24)"].n()
    origins, x = result["AR(24)"].origins, series.values
    assert n.tolist() == [int(sum(not np.isnan(x[o + k - 1]) for o in origins)) for k in range(1, 65)]
    assert len(set(n.tolist())) > 1
    for found in result.values():
        assert np.isfinite(found.rmse()).all()
        windows = [x[o - 24 : o] for o in origins]
        assert not np.isnan(windows).any()
    row = 100
    errors = [found.predictions[row] - x[origins[row] : origins[row] + 64] for found in result.values()]
    assert np.isfinite(errors[0][~np.isnan(x[origins[row] : origins[row] + 64])]).all()
    with pytest.raises(sa.errors.InputError) as caught:
        sa.Series(series.values)
    assert caught.value.count == 59


def test_every_model_is_scored_on_the_same_rows():
    x = sine(2, 300)
    result = sa.evaluate([sa.AR(2), sa.AR(90, ridge=1.0)], x, 10, train=100, season=12)
    assert list(result) == ["AR(2)", "AR(90)", *ALWAYS, "SeasonalNaive(12)", "Phases(12)", "LinePhases(12)"]
    assert {tuple(run.origins) for run in result.values()} == {tuple(range(100, 291))}
    assert {tuple(run.origins) for run in result.training.values()} == {tuple(range(90, 100))}
    later = sa.evaluate(sa.AR(2), x, 10, train=100, season=150)
    assert {tuple(run.origins) for run in later.values()} == {tuple(range(150, 291))}
    with pytest.raises(sa.errors.InputError) as caught:
        sa.evaluate(sa.AR(2), x, 10, train=100, season=295)
    assert caught.value.code == "too-short"


def test_rows_that_touch_a_gap_drop_out_for_everyone():
    x = sine(3, 200)
    x[150] = np.nan
    result = sa.evaluate([sa.AR(3), sa.AR(8)], sa.Series(x, missing="skip"), 4, train=100)
    expected = [o for o in range(100, 197) if not 150 < o <= 158]
    for run in result.values():
        assert run.origins.tolist() == expected
        assert run.n().tolist() == [len(expected) - 1] * 4
        assert np.isfinite(run.rmse()).all()
        assert np.isfinite(run.skill()).all()
    assert "n " in result.table()
    k2 = [(result["AR(3)"].predictions[i, 1] - x[o + 1]) ** 2 for i, o in enumerate(expected) if o + 1 != 150]
    assert result["AR(3)"].rmse()[1] == pytest.approx(np.sqrt(np.mean(k2)))

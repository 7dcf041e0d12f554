"""The baselines that stand in a table, and what comes out of a table remembers."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa

from ..data import ALWAYS, sine

Y = sine(0, 200)


def test_a_users_model_is_never_replaced_by_a_simple_baseline():
    with pytest.raises(sa.errors.ParameterError, match="Naive"):
        sa.evaluate({"Naive": sa.AR(4)}, Y, 4)
    with pytest.raises(sa.errors.ParameterError, match="differ as text"):
        sa.evaluate({1: sa.AR(2), "1": sa.AR(3)}, Y, 2)


SINE = sa.datasets.noisy_sine(seed=0)
PANEL = [sine(seed, 300) * 10.0**seed + seed for seed in range(4)]


def test_a_season_in_the_table_moves_what_is_compared_and_nothing_else():
    plain, seasonal = (sa.evaluate([sa.AR(4)], SINE, 8, 604, season=season)["AR(4)"] for season in (None, 100))
    np.testing.assert_array_equal(plain.rmse(), seasonal.rmse())
    np.testing.assert_array_equal(plain.prediction_intervals(), seasonal.prediction_intervals())
    assert list(seasonal._baselines) == [*plain._baselines, "SeasonalNaive(100)", "Harmonic(100)"]
    assert (seasonal.skill() <= plain.skill()).all()


def test_what_comes_out_of_a_table_remembers_its_baselines():
    result = sa.evaluate([sa.AR(4), sa.AR(120)], SINE, 16, 604, season=100)
    names = [*ALWAYS, "SeasonalNaive(100)", "Harmonic(100)"]
    one = result["AR(4)"]
    for found in (
        one,
        one._at_step(7),
        one.training,
        one._at_step(7).training,
        one.training._at_step(7),
        result.training["AR(4)"],
    ):
        assert list(found._baselines) == names
    np.testing.assert_allclose(one._at_step(7).skill(), one.skill()[[6]], rtol=1e-12)
    np.testing.assert_allclose(one._at_step(7).training.skill(), one.training.skill()[[6]], rtol=1e-12)
    np.testing.assert_array_equal(
        np.ravel(one._at_step(7).confidence_interval("skill")), np.array(one.confidence_interval("skill"))[:, 6]
    )
    # A season of 100 has no forecast at the first origins of the training part: the skill is over those of both.
    own = one.training
    later = own.origins >= 100
    loss = np.nanmean(own.losses()[later], axis=0)
    others = [np.nanmean(b.losses()[np.isin(b.origins, own.origins[later])], axis=0) for b in own._baselines.values()]
    np.testing.assert_allclose(own.skill(), 1 - loss / np.min(others, axis=0), rtol=1e-9)
    assert own.confidence_interval("skill")[0].shape == (16,)


def test_a_result_by_itself_is_compared_where_its_baselines_have_a_forecast():
    # from origin 0 on: the last value has none there
    alone = sa.k_step(sa.baselines.Mean().fit(SINE[:604]), SINE, 4).training
    assert (alone.origins[0], alone._baselines["Naive"].origins[0]) == (0, 1)
    np.testing.assert_array_equal(alone.skill("Mean"), np.zeros(4))
    assert np.isfinite(alone.confidence_interval("skill")).all()


def test_baselines_are_fitted_to_each_series():
    result = sa.evaluate([sa.AR(2)], PANEL, 4, 180, season=9)
    for index, values in enumerate(PANEL):
        rows = result["Mean"].part == index
        np.testing.assert_allclose(result["Mean"].predictions[rows], values[:180].mean(), rtol=1e-12)
    for way in ({"keep": "scores"}, {"keep": "scores", "fit": "each"}):
        scores = sa.evaluate([sa.AR(2)], PANEL, 4, 180, season=9, **way)
        for name in ("Mean", "Naive", "SeasonalNaive(9)"):
            np.testing.assert_allclose(scores.by_step("mae")[name], result[name].mae(), rtol=1e-9)


@pytest.mark.parametrize(("every", "stands"), [(50, False), (350, True)])
def test_a_season_that_no_gap_leaves_whole_is_not_repeated(every, stands):
    values = np.sin(np.arange(1200) / 100 * 2 * np.pi) + 0.1 * np.random.default_rng(0).normal(size=1200)
    values[::every] = np.nan
    table = sa.evaluate(sa.AR(4), sa.Series(values, missing="skip"), 8, train=800, season=100)
    assert ("SeasonalNaive(100)" in table) is stands
    assert "Harmonic(100)" in table


SHOP = sa.Series(sa.datasets.shop(400, seed=0), limit=None)


def test_the_columns_of_a_model_stand_alone_among_the_baselines():
    models = [sa.AR(7, using=["promo", "holiday"]), sa.Regressed(sa.AR(7), on=["holiday", "promo"]), sa.AR(3)]
    models.append(sa.wrappers.Sampled(sa.AR(7, using=["promo", "warmth"], chunk=1), n=20))
    result = sa.evaluate(models, SHOP, 1, 240)
    alone = [name for name in result if name.endswith(" alone")]
    assert alone == ["promo, holiday alone", "promo alone"], "one for each set of columns known ahead"
    assert set(alone) < set(result.baselines)
    rows = SHOP.known.rows(result["promo, holiday alone"].model.columns_)[: len(SHOP)]
    design = np.column_stack([np.ones(len(rows)), rows])
    weights = np.linalg.lstsq(design[:240], SHOP.values[:240], rcond=None)[0]
    missed = SHOP.values[240:] - design[240:] @ weights
    assert result["promo, holiday alone"].rmse()[0] == pytest.approx(np.sqrt(np.mean(missed**2)), rel=1e-12)
    assert not any(name.endswith(" alone") for name in sa.evaluate([sa.AR(7)], SHOP, 4)), "no column is used"


def test_what_comes_out_of_a_table_remembers_the_columns_alone():
    own = sa.k_step(sa.AR(7, using="known").fit(SHOP[:240]), SHOP, 8)
    assert list(own._baselines)[-1] == "promo, holiday, weekday alone"
    table = sa.evaluate([sa.AR(7, using="known")], SHOP, 8, 240)
    np.testing.assert_array_equal(own.skill(), table["AR(7) with promo, holiday, weekday"].skill())
    saved = 1.0 - own.rmse() ** 2 / np.min([one.rmse() ** 2 for one in own._baselines.values()], axis=0)
    np.testing.assert_allclose(own.skill(), saved, rtol=1e-12)


@pytest.mark.parametrize("how", [{}, {"fit": "each"}, {"keep": "scores"}])
def test_a_panel_has_the_columns_alone_in_every_way(how):
    panel = [sa.Series(sa.datasets.shop(200, seed=seed), name=f"s{seed}") for seed in range(3)]
    found = sa.evaluate([sa.AR(2, using="promo")], panel, 4, **how)
    assert next(iter(found)) == "AR(2) with promo"
    assert list(found)[-1] == "promo alone"
    assert "promo alone" in found.answer.judgement.baselines


def test_the_columns_alone_stand_in_a_table_whichever_series_comes_first():
    bare, promoted = (
        sa.Series(sine(1, 60), name="bare"),
        sa.Series(sine(0, 60), name="promoted", known={"p": sine(2, 60)}),
    )
    found = [sa.evaluate(sa.AR(2, using="p"), panel, 4, 30, fit="each")
             for panel in ([promoted, bare], [bare, promoted])]  # fmt: skip
    assert list(found[0]) == list(found[1])
    assert "p alone" in found[0]
    for one in found:
        assert one.status["promoted"] == "ok"
        assert "uses 'p', which the series does not have" in one.status["bare"]
    measured = sa.Series(sine(0, 60), past={"p": sine(2, 60)})
    with pytest.raises(sa.errors.InputError, match="it forecasts 1 step, 4 were asked"):
        sa.evaluate(sa.AR(2, using="p"), [bare, measured], 4, 30, fit="each")


def test_scores_of_batches_have_no_columns():
    panel = [sa.datasets.shop(200, seed=seed) for seed in range(3)]
    with pytest.raises(sa.errors.ParameterError, match=r"AR\(2\) with promo"):
        sa.evaluate([sa.AR(2, using="promo")], panel, 4, fit="each", keep="scores")
    assert sa.evaluate([sa.AR(2)], panel, 4, fit="each", keep="scores").scorer.series, "without a column as ever"

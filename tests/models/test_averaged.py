"""A combination of anybody's models, weighted step by step."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.numerics import combination

from .. import data


def two(**given: object) -> sa.Averaged:
    return sa.Averaged([sa.AR(3), sa.baselines.Mean()], **{"horizon": 5, **given})


def test_its_weights_are_those_of_refits_behind_the_cuts():
    y = 4.0 + data.sine(1, 80)
    model = two().fit(y)
    errors = [[], []]
    for origins in combination.origins_behind(80):
        for place, made in enumerate((sa.AR(3), sa.baselines.Mean())):
            made.fit(y[: origins[0]])
            for origin in origins:
                ahead = made.forecast(y[:origin], 5)
                errors[place].append([a - y[origin + k] if origin + k < 80 else np.nan for k, a in enumerate(ahead)])
    np.testing.assert_allclose(model.weights_, combination.weights_by_step(np.array(errors), 80), rtol=1e-10)
    own = (model.weights_[:, None] * np.array(errors)).sum(axis=0)
    np.testing.assert_allclose(np.where(model.missing_ > 0, np.nan, model.errors_), own, atol=1e-10)


def test_equal_weights_are_a_plain_mean():
    y = data.sine(1, 80)
    model = two(weights="equal").fit(y)
    wanted = np.mean([made.fit(y).forecast(y, 5) for made in (sa.AR(3), sa.baselines.Mean())], axis=0)
    np.testing.assert_allclose(model.forecast(y, 5), wanted, rtol=1e-12)


def test_the_better_member_weighs_more():
    y = np.cumsum(np.random.default_rng(0).normal(size=300))
    weights = sa.Averaged([sa.baselines.Naive(), sa.baselines.Mean()], horizon=3).fit(y).weights_
    assert (weights[0] > 0.8).all()


def test_a_member_that_cannot_be_fitted_is_left_out_and_named():
    y = data.sine(0, 60)
    with pytest.warns(sa.errors.StepaheadWarning, match=r"left out: AR\(50\)"):
        model = sa.Averaged([sa.AR(50), sa.baselines.Mean()], horizon=2).fit(y)
    assert model.weights_.tolist() == [[1.0, 1.0]]
    with pytest.raises(sa.errors.InputError, match="AR"):
        sa.Averaged([sa.AR(50), sa.AR(55)], horizon=2).fit(y[:40])


@pytest.mark.parametrize("wrong", [[], [sa.AR(2)], "AR", None])
def test_it_takes_two_models_or_more(wrong):
    with pytest.raises(sa.errors.ParameterError, match="models"):
        sa.Averaged(wrong).fit(data.sine(0, 60))
    with pytest.raises(sa.errors.ParameterError, match="by-step"):
        two(weights="best").fit(data.sine(0, 60))


def test_members_get_the_horizon_and_the_season_of_the_evaluation():
    y = np.tile([1.0, 5.0, 2.0, 0.0, 3.0, 1.0], 30) + np.random.default_rng(0).normal(0.0, 0.1, 180)
    model = sa.Averaged([sa.AR(), sa.Theta()])
    found = sa.evaluate(model, y, 6, season=6)
    own = found[next(iter(found))].model
    assert [part.get_params().get("horizon") for part in own.models] == [6, None]
    assert own.models[1].season == 6
    assert own.horizon == 6


def test_it_is_saved_with_its_members(tmp_path):
    y = data.sine(0, 90)
    model = two().fit(y)
    model.save(tmp_path / "mean.safetensors")
    again = sa.load(tmp_path / "mean.safetensors")
    assert again.forecast(y, 7).tobytes() == model.forecast(y, 7).tobytes()
    assert repr(again) == repr(model)


def test_a_batch_is_each_series_alone():
    values = np.random.default_rng(0).normal(size=(5, 80)).cumsum(axis=1)
    scores = data.each(two(), values, 5, season=None)
    for row, own in enumerate(values):
        alone = sa.evaluate(two(), own, 5, season=None)
        name = next(iter(alone))
        np.testing.assert_allclose(scores.by_series("rmse")[name][row], alone[name].rmse(), rtol=1e-9)


def test_it_shows_its_members_and_their_weights():
    model = two().fit(data.sine(0, 90))
    assert str(two()) == repr(two())
    head, _, *rows = str(model).splitlines()
    assert head.endswith("12 at step 1 and 11 at step 5"), "of the last origin, 86, the fifth value is not known"
    assert [row.split()[0] for row in rows] == ["AR(3)", "Mean"]
    assert rows[0].split()[1:] == [f"{model.weights_[0, step]:.2f}" for step in (0, 4)]


def test_a_member_without_weight_leaves_the_errors_of_the_others():
    y = np.cumsum(np.random.default_rng(0).normal(size=76))
    # 36 lags have too few rows before each of the cuts, and enough before the end.
    model = sa.Averaged([sa.AR(36), sa.baselines.SES()], horizon=3).fit(y)
    assert model.weights_.tolist() == [[0.0] * 3, [1.0] * 3]
    assert model.error_counts.tolist() == [12, 12, 12]
    assert np.isfinite(model.half_widths(0.8, 3)).all()


def test_wrapped_it_is_saved_and_what_is_random_in_it_gets_another_seed(tmp_path):
    y = data.sine(0, 90)
    model = sa.Scaled(two()).fit(y)
    model.save(tmp_path / "scaled.safetensors")
    assert sa.load(tmp_path / "scaled.safetensors").forecast(y, 4).tobytes() == model.forecast(y, 4).tobytes()
    assert two().reseeded(7) is None
    other = sa.Averaged([sa.MLP(3), sa.AR(2)]).reseeded(7)
    assert [part.get_params().get("seed") for part in other.models] == [7, None]


def test_members_of_a_file_have_to_be_those_of_its_arguments(tmp_path):
    model = two().fit(data.sine(0, 90))
    model.models = [sa.AR(4), sa.baselines.Mean()]
    model.save(tmp_path / "other.safetensors")
    with pytest.raises(sa.errors.ModelFileError, match="members"):
        sa.load(tmp_path / "other.safetensors")


def test_what_is_trained_already_is_seen_inside_a_combination():
    class Trained(sa.baselines.Naive):
        is_trained_already = True

    y = data.sine(0, 120)
    found = sa.evaluate({"both": sa.Averaged([Trained(), sa.baselines.Mean()], horizon=3)}, y, 3)
    assert found["both"].fits.kind == "given"

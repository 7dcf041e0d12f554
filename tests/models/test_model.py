"""The edge of every model: what an author need not write, whatever comes in."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import stepahead as sa
from stepahead.storage import dumps, loads

from ..cases import PRINTED
from ..data import sine
from ..strangers import MAKERS


def test_a_series_all_of_whose_stretches_are_too_short():
    holes = np.where(np.arange(40) % 3 == 2, np.nan, sine(0, 40))
    with pytest.raises(sa.errors.InputError, match=r"one whole window of AR.* needs 3 values, found 2"):
        sa.AR(2).fit(sa.Series(holes, missing="skip"))


def test_none_of_the_values_was_observed():
    with pytest.raises(sa.errors.InputError) as caught:
        sa.baselines.Mean().fit(sa.Series([np.nan, np.nan], missing="skip"))
    assert caught.value.code in ("missing-values", "all-missing", "too-short")


Y = 3.0 + sa.datasets.noisy_sine(seed=0, length=160).values
HUGE, TINY = np.ldexp(np.round(Y * 64) / 64, 1021), np.ldexp(np.round(Y * 64) / 64, -1000)


every_maker = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())


@every_maker
@pytest.mark.parametrize("y", [Y, HUGE, TINY], ids=["plain", "huge", "tiny"])
def test_gaps_panels_and_pieces_at_every_size(make, y):
    hollow = y.copy()
    hollow[[30, 31, 80]] = np.nan
    gappy = sa.Series(hollow, missing="skip")
    size = np.abs(y).max()
    assert np.isfinite(make().fit(gappy[:100]).forecast(gappy, 5) / size).all()
    panel = [sa.Series(y[:90]), gappy[:100], sa.Series(y[40:])]
    pooled = make().fit(panel)
    other = make().fit(panel[::-1])
    assert pooled.forecast(y, 5).tobytes() == other.forecast(y, 5).tobytes()
    assert pooled.trained_lengths_.tolist() == [90, 100, 120]
    streamed, whole = make().fit(sa.pieces(y[:100], size=13)), make().fit(y[:100])
    assert streamed.forecast(y, 5).tobytes() == whole.forecast(y, 5).tobytes()
    assert streamed.trained_fingerprints_.tobytes() == whole.trained_fingerprints_.tobytes()


@pytest.mark.parametrize(
    "model",
    [
        sa.AR(3),
        sa.baselines.Mean(),
        sa.baselines.Drift(),
        sa.baselines.SeasonalNaive(4),
        sa.baselines.Naive(),
        sa.AR(2, chunk=3),
    ],
    ids=repr,
)
@pytest.mark.parametrize("y", [Y, HUGE / 8.0, TINY], ids=["plain", "huge", "tiny"])
def test_what_learns_in_pieces_learns_the_same_at_every_size(model, y):
    streamed, whole = model.clone().fit(sa.pieces(y[:100], size=13)), model.clone().fit(y[:100])
    size = np.abs(y).max()
    np.testing.assert_allclose(streamed.forecast(y, 5) / size, whole.forecast(y, 5) / size, rtol=1e-10)


def test_a_unit_is_settled_only_where_values_are_out_of_the_ordinary():
    model = PRINTED.Halfway
    for factor, unit in (
        (1.0, 0),
        (2.0**290, 0),
        (2.0**-290, 0),
        (0.0, 0),
        (2.0**400, 402),
        (2.0**-400, -398),
        (5e-324, -900),
    ):
        fitted = model().fit(np.array([1.0, 2.5]) * factor)
        assert fitted.unit_ == unit
        assert ("unit_" in vars(fitted)) is bool(unit)
        again = loads(dumps(fitted))
        assert again.unit_ == unit
        assert again.forecast([factor], 2).tolist() == fitted.forecast([factor], 2).tolist()
    assert np.isfinite(model().fit([1e-310, 2e-310]).forecast([1.0], 2)).all(), "what begins tiny may grow"
    fitted = model().fit([2.0**400, 2.0**401])
    fitted.fit([1.0, 2.0])
    assert fitted.unit_ == 0


@pytest.mark.parametrize("unit", [1, -900, 1001, -901, 2.5, True, "900", None])
def test_a_unit_that_no_fit_has_is_refused_in_a_file(unit):
    model = PRINTED.Halfway().fit([1.0, 2.0])
    model.unit_ = unit
    if unit == -900:
        assert loads(dumps(model)).unit_ == unit
        model = sa.AR(1).fit(Y)  # one that takes values of any size as they come
        model.unit_ = unit
    with pytest.raises(sa.errors.ModelFileError):
        loads(dumps(model))


def test_a_fit_that_fails_in_the_middle_leaves_nothing_behind():
    class Picky(PRINTED.Halfway):
        def _fit(self, segments):
            self.mean_ = 1.0
            if len(segments) > 1:
                raise sa.errors.FitError("one stretch, please", code="diverged")
            return super()._fit(segments)

    model = Picky().fit([1e300, 2e300])
    with pytest.raises(sa.errors.FitError):
        model.fit(sa.Series([1.0, np.nan, 2.0], missing="skip"))
    assert not {"mean_", "context", "unit_", "trained_lengths_", "notes_"} & set(vars(model))
    with pytest.raises(sa.errors.NotFittedError):
        model.rollout((np.ones((1, 1)),), 2)


def test_what_was_learned_and_is_no_number_is_refused_at_the_fit():
    class Nothing(PRINTED.Halfway):
        def _fit(self, segments):
            self.mean_ = float("nan")
            return 1

    with pytest.raises(sa.errors.FitError, match="mean_ is not finite") as caught:
        Nothing().fit([1.0, 2.0])
    assert caught.value.code == "diverged"


def test_a_forecast_past_the_largest_number_is_an_error_and_no_warning():
    class Doubles(PRINTED.Halfway):
        def _rollout(self, state, horizon):
            return state[0] * 2.0 ** np.arange(1, horizon + 1)

    model = Doubles().fit([1e308, 1.5e308])
    for call in (lambda: model.forecast([1e308], 2), lambda: model.rollout(model.encode([1e308]), 2)):
        with pytest.raises(sa.errors.FitError) as caught:
            call()
        assert (caught.value.code, caught.value.step) == ("overflow", 1)


def test_a_state_with_nan_has_no_forecast_and_costs_no_other_row_its_own():
    series = sa.Series([1.0, 2.0, np.nan, 4.0, 5.0], missing="skip")
    for model in (PRINTED.Halfway(), sa.AR(1, ridge=0.1), sa.baselines.Naive()):
        fitted = model.fit(series)
        ahead = fitted.rollout(fitted.encode(series), 2)
        assert np.isnan(ahead).all(axis=1).tolist() == [False, False, True, False, False]
        assert ahead[3].tolist() == fitted.forecast(series, 2, origin=4).tolist()


def test_many_series_fitted_side_by_side_are_those_fitted_alone():
    panel = [np.roll(Y, shift) * (1.0 + shift) for shift in range(5)]
    together = sa.evaluate(PRINTED.SimpleTheta(), panel, 6, train=100, fit="each", keep="scores")
    found = together.scorer.totals["squared"][:, list(together.scorer.models).index("SimpleTheta")]
    for place, values in enumerate(panel):
        model = PRINTED.SimpleTheta().fit(values[:100])
        result = sa.k_step(model, values, 6, train=100)
        wanted = ((result.predictions - result.actuals) ** 2).sum(axis=0)
        np.testing.assert_allclose(found[place], wanted, rtol=1e-12)


@pytest.mark.parametrize(
    "make", [lambda: sa.Scaled(sa.AR(2)), lambda: sa.wrappers.Rectified(sa.AR(2), horizon=3), PRINTED.SimpleTheta]
)
@pytest.mark.parametrize("head", [1e-120, 1e-200])
def test_many_series_whose_training_part_alone_is_tiny(make, head):
    panel = [np.concatenate([values[:100] * head, values[100:]]) for values in (Y, Y[::-1])]
    together = sa.evaluate({"m": make()}, panel, 4, train=100, fit="each", keep="scores")
    found = together.scorer.totals["squared"][:, list(together.scorer.models).index("m")]
    for place, values in enumerate(panel):
        result = sa.k_step(make().fit(values[:100]), values, 4, train=100)
        np.testing.assert_allclose(found[place], ((result.predictions - result.actuals) ** 2).sum(axis=0), rtol=1e-9)


def test_values_far_beyond_those_of_the_training_part_are_an_error_and_no_warning():
    model = PRINTED.Halfway().fit(Y * 1e-310)
    assert np.isfinite(model.forecast([1e20], 2)).all()
    with pytest.raises(sa.errors.FitError) as caught:
        model.forecast([1e300], 2)
    assert caught.value.code == "overflow"


WAVE = sine(0, 200)
ENDS = np.array([1.5e308, -1.5e308] * 20)


@pytest.mark.parametrize(
    "call",
    [
        lambda: sa.baselines.Drift().fit([0.0, 1e308]).forecast([0.0, 1e308], 3),
        lambda: sa.baselines.Line().fit([0.0, 1e308]).forecast([0.0, 1e308], 3),
        lambda: sa.SSA(1, window=20).fit(1.05 ** np.arange(100)).forecast(1.05 ** np.arange(100), 20_000),
        lambda: sa.Scaled(sa.AR(1)).fit(1e300 * 1.5 ** np.arange(12)).forecast(1e300 * 1.5 ** np.arange(12), 60),
    ],
    ids=["Drift", "Line", "SSA", "Scaled"],
)
def test_nothing_infinite_comes_out_of_a_forecast(call):
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        with pytest.raises(sa.errors.FitError, match="no finite forecast"):
            call()


def test_values_at_the_end_of_the_range():
    assert sa.baselines.Mean().fit(ENDS).forecast(ENDS, 2).tolist() == [0.0, 0.0]
    assert np.isfinite(sa.AR(1).fit(ENDS).forecast(ENDS, 2)).all()
    assert np.isfinite(sa.AR(2, ridge=1.0).fit(WAVE * 1e-200).forecast(WAVE * 1e-200, 2)).all()
    with pytest.raises(sa.errors.ModelFileError, match="not finite"):
        sa.AR(2).fit(WAVE * 1e200).save("never-written.safetensors")

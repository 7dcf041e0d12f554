"""The edge of every model: what an author need not write, whatever comes in."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead import testing
from stepahead.models.model import Model
from stepahead.storage import dumps, loads
from stepahead.windows import joined_windows

from .cases import PRINTED

Y = 3.0 + sa.datasets.noisy_sine(seed=0, length=160).values
HUGE, TINY = np.ldexp(np.round(Y * 64) / 64, 1021), np.ldexp(np.round(Y * 64) / 64, -1000)
MAKERS = {
    "Halfway": lambda: PRINTED.Halfway(),
    "SimpleTheta": lambda: PRINTED.SimpleTheta(),
    "Scaled": lambda: sa.Scaled(PRINTED.SimpleTheta()),
    "Differenced": lambda: sa.Differenced(PRINTED.SimpleTheta()),
    "Rectified": lambda: sa.wrappers.Rectified(PRINTED.Halfway(), horizon=4),
    "Moment": lambda: Moment(),
}
every_maker = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())


class Moment(Model):
    """A stranger's model with squares in its fit, a distribution, and paths; it guards nothing."""

    _learned = ("variance_",)

    def _fit(self, segments):
        every = np.concatenate(segments)
        self.variance_ = float((every * every).mean() - every.mean() ** 2)
        return 2

    def _encode(self, values, after):
        return (joined_windows(values, 2, after),)

    def _rollout(self, state, horizon):
        return np.repeat(state[0].sum(axis=1, keepdims=True) / 2.0, horizon, axis=1)

    def _predictive(self, state, horizon):
        return sa.distributions.Normal(
            self._rollout(state, horizon), np.full((len(state[0]), horizon), self.variance_**0.5)
        )

    def _paths(self, state, horizon, n, seed, origins):
        signs = np.where((np.arange(n)[:, None] + origins + seed) % 2, 1.0, -1.0)[..., None]
        return self._rollout(state, horizon) + signs * self.variance_**0.5


@every_maker
@pytest.mark.parametrize("factor", [1e308 / 5.0, 1e200, 1e-200, 1e-310])
def test_V6_a_model_without_a_guard_keeps_the_contract_at_every_size(make, factor):
    report = testing.check_forecaster(make(), Y * factor)
    assert report.kept == tuple(testing.PROMISES)


@every_maker
@pytest.mark.parametrize("exponent", [-1000, -700, -310, -300, 300, 310, 700, 1020])
def test_V6_without_a_guard_the_forecast_scales_bit_for_bit(make, exponent):
    y = np.round(Y * 64) / 64
    plain = make().fit(y[:100]).forecast(y, 5)
    scaled = np.ldexp(y, exponent)
    assert make().fit(scaled[:100]).forecast(scaled, 5).tobytes() == np.ldexp(plain, exponent).tobytes()


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


def test_V6_distributions_and_paths_come_back_in_the_unit_of_the_series():
    y = np.round(Y * 64) / 64
    plain = Moment().fit(y[:100])
    for exponent in (-1000, 700, 1010):
        scaled = np.ldexp(y, exponent)
        model = Moment().fit(scaled[:100])
        distribution, wanted = model.predictive(model.encode(scaled), 3), plain.predictive(plain.encode(y), 3)
        np.testing.assert_array_equal(distribution.mean(), np.ldexp(wanted.mean(), exponent))
        np.testing.assert_array_equal(distribution.std(), np.ldexp(wanted.std(), exponent))
        drawn, expected = (m.paths(m.encode(v), 3, 4, seed=1) for m, v in ((model, scaled), (plain, y)))
        np.testing.assert_array_equal(drawn, np.ldexp(expected, exponent))


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

    with pytest.raises(sa.errors.FitError, match="mean_ is no number") as caught:
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


# ---------------------------------------------------------------------------------------------------------------
# Capabilities: each can be broken, and is named


class Base(PRINTED.SimpleTheta):
    is_baseline, learns, kind, period = False, True, "line", 1

    def fit_pieces(self, head, length):
        self._fit([np.concatenate(list(head()))])
        self.context = 1
        return True

    def _predictive(self, state, horizon):
        return sa.distributions.Normal(self._rollout(state, horizon), np.ones((len(state[0]), horizon)))

    def _paths(self, state, horizon, n, seed, origins):
        return np.broadcast_to(self._rollout(state, horizon), (n, len(state[0]), horizon))

    def why_no_forecast(self, series):
        return None


class OtherPlan(Base):
    def rollout(self, state, horizon):
        return super().rollout(state, horizon) + 1.0


class NegativeSpread(Base):
    def _predictive(self, state, horizon):
        return sa.distributions.Normal(self._rollout(state, horizon), -np.ones((len(state[0]), horizon)))


class SpreadOfTheBatch(Base):
    def _predictive(self, state, horizon):
        return sa.distributions.Normal(
            self._rollout(state, horizon), np.full((len(state[0]), horizon), float(len(state[0])))
        )


class OtherPlannedSpread(Base):
    def plan_predictive(self, horizon):
        return lambda state: sa.distributions.Normal(
            self._rollout(state, horizon), np.full((len(state[0]), horizon), 2.0)
        )


class Unseeded(Base):
    def _paths(self, state, horizon, n, seed, origins):
        return super()._paths(state, horizon, n, seed, origins) + np.random.default_rng().normal()


class DrawsOfTheBatch(Base):
    def _paths(self, state, horizon, n, seed, origins):
        return super()._paths(state, horizon, n, seed, origins) + np.arange(len(state[0]))[:, None]


class TooFewPaths(Base):
    def _paths(self, state, horizon, n, seed, origins):
        return super()._paths(state, horizon, n, seed, origins)[1:]


class PooledBatch(Base):
    def fit_batch(self, batch):
        (fitted,) = super().fit_batch(batch)
        return [type(fitted)(fitted.rows, fitted.kept, fitted.alpha, np.full(len(fitted.rows), fitted.slope.mean()))]


class TwiceInABatch(Base):
    def fit_batch(self, batch):
        return [*super().fit_batch(batch), *super().fit_batch(batch)]


class FirstPieceAlone(Base):
    def fit_pieces(self, head, length):
        self._fit([next(iter(head()))])
        self.context = 1
        return True


class OneNote(Base):
    def _fit(self, segments):
        self.notes_ = "a text"
        return super()._fit(segments)


class OtherMarks(Base):
    def _fit(self, segments):
        self.trained_lengths_ = self.trained_lengths_ + 1
        return super()._fit(segments)


class NoReason(Base):
    def why_no_forecast(self, series):
        return "because"


class Perhaps(Base):
    is_baseline = "perhaps"


class HalfASeason(Base):
    period = 0.5


BROKEN = {
    OtherPlan: ("Planned", "plan"),
    NegativeSpread: ("Distributional", "below 0"),
    SpreadOfTheBatch: ("Distributional", "rows beside it"),
    OtherPlannedSpread: ("PlannedDistributional", "plan_predictive"),
    Unseeded: ("Sampling", "same seed"),
    DrawsOfTheBatch: ("Sampling", "rows beside it"),
    TooFewPaths: ("Sampling", "shape"),
    PooledBatch: ("Batched", "fit alone"),
    TwiceInABatch: ("Batched", "two fitted batches"),
    FirstPieceAlone: ("Streamed", "pieces"),
    OneNote: ("Noted", "notes_"),
    OtherMarks: ("Trained", "trained_lengths_"),
    NoReason: ("Explains", "because"),
    Perhaps: ("Baseline", "is_baseline"),
    HalfASeason: ("Seasonal", "period"),
}


def test_a_model_that_keeps_all_that_it_declares():
    report = testing.check_forecaster(Base())
    wanted = {"Symbolic", "BatchedSymbols", "PlannedDistributional"}
    assert set(report.declares) == set(testing.CAPABILITIES) - wanted
    assert "it declares: Planned, Distributional, Sampling, Batched, Streamed" in str(report)


@pytest.mark.parametrize(("kind", "words"), BROKEN.items(), ids=lambda item: getattr(item, "__name__", ""))
def test_each_capability_can_be_broken_and_is_named(kind, words):
    capability, how = words
    with pytest.raises(testing.ContractError, match=how) as caught:
        testing.check_forecaster(kind())
    assert caught.value.promise == capability


@pytest.mark.parametrize("capability", ["BatchedSymbols", "Symbolic"])
def test_capabilities_of_symbols_can_be_broken(capability):
    class Broken(sa.MarkovChain):
        def score_batch(self, codes, size, cut, horizon, kept):
            zero_one, log, good = super().score_batch(codes, size, cut, horizon, kept)
            return zero_one + (capability == "BatchedSymbols"), log, good

        def _plan(self, horizon):
            roll = super()._plan(horizon)
            return lambda state, out: roll(state, out) + 0.5 * (capability == "Symbolic")

    symbols = np.array(["fog", "sun"])[np.random.default_rng(0).integers(0, 2, 120)].tolist()
    with pytest.raises(testing.ContractError) as caught:
        testing.check_forecaster(Broken(smoothing=1.0), symbols)
    assert caught.value.promise == capability


def test_a_stranger_who_inherits_nothing_and_learns_in_pieces():
    class Level:
        def fit(self, series):
            return self.learn(sa.Series(series).numbers)

        def learn(self, values):
            self.level_, self.context = float(values[-1]), 0
            return self

        def fit_pieces(self, head, length):
            for values in head():
                self.learn(values)
            return True

        def encode(self, values, after=None):
            return (np.zeros((len(sa.Series(values)) + (after is None), 1)),)

        def rollout(self, state, horizon):
            return np.full((len(state[0]), horizon), self.level_)

    series = sa.Series(Y)
    result = sa.evaluate(Level(), sa.pieces(Y, size=32), 4, train=100)
    alone = sa.evaluate(Level(), series, 4, train=100)
    np.testing.assert_allclose(result.by_step("rmse")["Level"], alone["Level"].rmse(), rtol=1e-12)

"""Each declared capability can be broken, and is named."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead import testing

from ..cases import PRINTED

Y = 3.0 + sa.datasets.noisy_sine(seed=0, length=160).values


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
        testing.check_forecaster(kind(), Y[:80], 4)
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

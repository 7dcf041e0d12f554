"""Losses inside the training part: those of a literal refit, and blind to everything held out."""

from __future__ import annotations

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation import graph
from stepahead.evaluation.ranking import training_losses

from ..data import sine

TRAIN, H = 120, 8
X = sine(3, 200)


def refitted(model, head, horizon):
    """[steps]: the mean squared error of a fit on three quarters of the training part, over its last quarter."""
    cut = int(0.75 * len(head))
    horizon = min(horizon, (len(head) - cut) // 3)
    fitted = model.clone().fit(head[:cut])
    errors = [fitted.forecast(head[:o], horizon) - head[o : o + horizon] for o in range(cut, len(head) - horizon + 1)]
    return np.mean(np.square(errors), axis=0)


@pytest.mark.parametrize("horizon", [8, 30])
def test_losses_are_those_of_a_literal_refit(horizon):
    models = [sa.AR(4), sa.SSA(2, window=20), sa.Differenced(sa.AR(2))]
    result = sa.evaluate(models, X, horizon, TRAIN, season=None)
    found = training_losses(dict(result), "squared")
    assert set(found) == set(result)
    baselines = [
        sa.baselines.Mean(),
        sa.baselines.Naive(),
        sa.baselines.SES(),
        sa.baselines.Line(),
        sa.baselines.Drift(),
    ]
    literal = [refitted(model, X[:TRAIN], horizon) for model in (*models, *baselines)]
    for name, expected in zip(result, literal, strict=True):
        assert len(expected) == min(horizon, 10), "at most a third of the last quarter"
        np.testing.assert_allclose(found[name], expected, rtol=1e-8, err_msg=name)
    plan = graph.planned(np.array(literal[:3]), np.array(literal[3:]), result.steps, 0.01)
    assert result.answer.judgement.plan == plan


def test_the_plan_reads_no_held_out_value():
    models = [sa.AR(2), sa.AR(16), sa.SSA(2, window=20)]
    plans = []
    for seed in range(3):
        y = X.copy()
        y[TRAIN:] = 5.0 * np.random.default_rng(seed).normal(size=len(y) - TRAIN) if seed else y[TRAIN:]
        plans.append(sa.evaluate(models, y, H, TRAIN, season=None).answer.judgement.plan)
    assert plans[0] == plans[1] == plans[2]
    assert plans[0].first is not None


class Fussy:
    """A mean that asks for at least 100 values."""

    context = 1

    def fit(self, series):
        if len(series) < 100:
            raise ValueError("too few values")
        self.level = float(np.mean(series.values))
        return self

    def encode(self, values, after=None):
        return (np.zeros((len(values), 1)),)

    def rollout(self, state, horizon):
        return np.full((len(state[0]), horizon), self.level)


def test_a_model_that_has_no_fit_on_three_quarters_is_left_out_and_all_shares_are_equal():
    result = sa.evaluate({"fussy": Fussy(), "AR": sa.AR(4)}, X, H, TRAIN, season=None)
    found = training_losses(dict(result), "squared")
    assert "fussy" not in found
    assert "AR" in found
    plan = result.answer.judgement.plan
    assert plan.shares == (0.5, 0.5)
    assert plan.starts[0] == 0


def test_where_nothing_was_fitted_here_no_model_is_ranked():
    ours = sa.evaluate([sa.AR(4), sa.AR(8)], X, H, TRAIN, season=None)
    external = sa.from_forecasts({o: [0.0] * H for o in range(TRAIN, 193)}, X, TRAIN, "theirs")
    compared = sa.compare({"AR(4)": ours["AR(4)"], "theirs": external}, season=None)
    assert compared.answer.judgement.plan == graph.Plan.equal(2)
    assert "equal-shares" in {note.code for note in compared.answer.notes}
    assert "theirs" not in training_losses(dict(compared), "squared")


def test_there_is_nothing_to_read_of_a_short_training_part():
    result = sa.evaluate(sa.AR(1), X[:20], 2, 6, season=None)
    assert training_losses(dict(result), "squared") == {}
    assert result.answer.judgement.plan == graph.Plan.equal(1)


def test_of_many_series_each_counts_in_its_own_unit():
    panel = [sine(seed, 160) for seed in range(3)]
    other = [panel[0], 1000.0 * panel[1], panel[2]]
    plans = [
        sa.evaluate([sa.AR(4), sa.AR(12)], given, H, 100, fit="each").answer.judgement.plan for given in (panel, other)
    ]
    assert plans[0].starts == plans[1].starts
    assert plans[0].first == plans[1].first

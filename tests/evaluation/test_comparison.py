"""What a comparison offers to a notebook and to a type checker."""

from __future__ import annotations

import ast

import numpy as np
import pytest

import stepahead as sa
from stepahead.baselines import Phases, SeasonalNaive
from stepahead.evaluation.graph import planned

from ..data import ALWAYS, ROOT, each, of_series, sine
from ..fleets import waves


def test_the_tab_key_completes_the_names_of_the_models():
    result = sa.evaluate([sa.AR(2), sa.AR(4)], sa.datasets.nile(), 3)
    assert result._ipython_key_completions_() == ["AR(2)", "AR(4)", *ALWAYS]
    kept = sa.evaluate([sa.AR(2)], sa.datasets.nile(), 3, keep="scores")
    assert kept._ipython_key_completions_() == ["AR(2)", *ALWAYS]


@pytest.mark.parametrize("file", ["comparison", "kstep", "split"])
def test_what_draws_says_that_it_gives_a_figure(file):
    tree = ast.parse((ROOT / "src/stepahead/evaluation" / f"{file}.py").read_text())
    (plot,) = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "plot"]
    assert ast.unparse(plot.returns) == "Figure"


def test_a_figure_is_one_of_matplotlib():
    figure = pytest.importorskip("matplotlib.figure").Figure
    result = sa.evaluate([sa.AR(2)], sa.datasets.nile(), 3)
    assert isinstance(result.plot(), figure)
    assert isinstance(result["AR(2)"].plot(), figure)


def test_a_frame_with_intervals_has_what_they_held():
    result = sa.evaluate(sa.AR(2), sine(0, 200), 4)
    columns = result._columns(0.9)
    own = np.array(columns["model"]) == "AR(2)"
    covered, width = result["AR(2)"]._held(0.9)
    assert columns["coverage"][own].tolist() == covered.tolist()
    assert columns["width"][own].tolist() == width.tolist()
    assert "coverage" not in result._columns()


def test_without_a_simple_baseline_there_is_nothing_to_be_better_than():
    result = sa.compare({"AR(2)": sa.k_step(sa.AR(2).fit(sine(0)[:600]), sine(0), 3)})
    lone = type(result)({"AR(2)": result["AR(2)"]}, 3, result.status)
    with pytest.raises(sa.errors.InputError, match="no baseline") as caught:
        lone.skill()
    assert lone.answer is None
    assert caught.value.code == "no-reference"
    assert "skill_low" not in lone._columns()


def test_the_limit_of_a_simulated_series_shows():
    series = sa.datasets.noisy_sine(seed=1)
    result = sa.evaluate(sa.AR(4), series, 8, train=604)
    assert result.by_step()["noise floor"].tolist() == [0.2] * 8
    assert "noise floor" in result.table()
    assert "noise floor" not in sa.evaluate(sa.AR(4), series.values, 8, train=604).table()


def test_one_loss_is_compared_in_a_table():
    """Where one model of symbols has no distribution the share of wrong symbols is,
    for every model and by every way.
    """

    class Guess:
        context, states_ = 1, ("dry", "wet")

        def fit(self, series):
            return self

        def encode(self, values, after=None):
            return (np.zeros((len(values), 1)),)

        def rollout(self, state, horizon):
            return np.zeros((len(state[0]), horizon))

    words = ["wet" if value > 0.3 else "dry" for value in sine(1, 400)]
    result = sa.evaluate({"chain": sa.MarkovChain(1), "guess": Guess()}, words, 3, 200)
    assert {one._loss for one in result.values()} == {result._loss} == {"zero-one"}
    wrong = {name: np.mean(one.predictions != one.actuals, axis=0) for name, one in result.items()}
    for name in result:
        np.testing.assert_allclose(result[name].skill(), 1 - wrong[name] / wrong["MarkovChain(0)"], rtol=1e-12)
    assert "Share of wrong symbols" in result.table()
    np.testing.assert_array_equal(result.answer.saving["chain"], result["chain"].skill())
    assert result.answer.units.loss == "zero-one"


def test_scores_as_columns_and_frames():
    scores = each([sa.AR(2)], waves(3, 60), horizon=4, steps=[1, 4])
    columns = scores.scorer.columns()
    assert len(columns["k"]) == 3 * (1 + len(ALWAYS)) * 2
    rows = list(zip(columns["series"], columns["model"], columns["k"], strict=True))
    assert len(set(rows)) == len(rows)
    row = rows.index(("1", "Naive", 4))
    assert columns["rmse"][row] == of_series(scores, "1")["Naive"]["rmse"][1] == scores.by_series("rmse")["Naive"][1, 1]
    assert list(np.asarray(scores.to_frame(what="series")["rmse"])) == columns["rmse"].tolist()
    with pytest.raises(sa.errors.ParameterError):
        scores.to_frame(what="excel")


def monthly(seed=7, count=300):
    """A season of 12 steps under errors that remember three steps."""
    errors = np.convolve(np.random.default_rng(seed).normal(size=count + 3), np.ones(4) / 2.0, "valid")
    return 10.0 + 3.0 * np.sin(2.0 * np.pi * np.arange(count) / 12.0) + errors


@pytest.mark.parametrize("fit", ["pooled", "each"])
def test_the_answer_of_scores_is_that_of_forecasts(fit):
    panel = [monthly(seed) * 10.0**seed for seed in range(2)]
    models = {"long": sa.AR(13), "short": sa.AR(2)}
    rows, scores = (sa.evaluate(models, panel, 6, season=12, fit=fit, keep=keep) for keep in ("forecasts", "scores"))
    assert rows.answer.judgement.plan.first == 0
    assert scores.answer.judgement.plan == rows.answer.judgement.plan
    np.testing.assert_array_equal(scores.answer.judgement.level, rows.answer.judgement.level)
    assert scores.answer.text() == rows.answer.text()


def plan_by_hand(models, values, horizon, names):
    """Named starts and shares from a fit on three quarters of a training part, scored on its last quarter."""
    cut = int(0.75 * len(values))
    steps = min(horizon, (len(values) - cut) // 3)
    past = sa.evaluate(models, values, steps, cut, season=12)
    loss = {name: np.mean((past[name].predictions - past[name].actuals) ** 2, axis=0) for name in past}
    own, simple = np.array([loss[name] for name in models]), np.array([loss[name] for name in names])
    return planned(own, simple, np.arange(1, horizon + 1), 0.01)


def test_without_a_season_the_starts_and_shares_are_those_over_the_other_baselines():
    class Curve(Phases):
        """The mean of each phase as a model: better than the last value further out alone."""

        is_baseline = False

    values = monthly(13)
    models = {"curve": Curve(12), "short": sa.AR(2)}
    result = sa.evaluate(models, values, 16, 180, season="auto")
    season, simple = result.answer.season, [name for name in result if name not in models]
    assert season.periods == (12,)
    others = [name for name in simple if name not in season.baselines]
    assert result.answer.judgement.plan == plan_by_hand(models, values[:180], 16, simple)
    assert season.without.plan == plan_by_hand(models, values[:180], 16, others)
    assert season.without.plan != result.answer.judgement.plan


def test_the_starts_and_shares_read_no_held_out_value():
    values = monthly(3)
    other = np.concatenate([values[:180], np.random.default_rng(0).normal(50.0, 9.0, 120)])
    models = [sa.AR("auto"), sa.AR(2)]
    one, two = (sa.evaluate(models, series, 12, 180).answer.judgement.plan for series in (values, other))
    assert one == two


def test_a_seasonal_baseline_of_the_caller_is_none_of_the_season_found():
    season = sa.evaluate([sa.AR(4), SeasonalNaive(7)], monthly(), 8).answer.season
    assert season.baselines == ("SeasonalNaive(12)", "Phases(12)", "LinePhases(12)")
    assert "SeasonalNaive(7)" in season.without.baselines


def test_a_panel_counts_the_series_that_are_not_constant_and_says_so_of_the_loss_asked_for():
    panel = [monthly(0), 100.0 * monthly(1), np.full(300, 5.0)]
    result = sa.evaluate([sa.AR(13)], panel, 4, season=None)
    noted = {note.code: note.values for note in result.answer.notes}
    assert noted["panel"]["series"] == 2
    assert noted["constant"] == {"constant": 1, "series": 3}
    codes = {note.code for note in result.judge(loss="absolute").notes}
    assert "constant" in codes
    assert "panel" not in codes  # the count is one of squared errors
    assert "constant" not in {note.code for note in result.judge(loss=lambda error, actual: error**4).notes}


def test_skill_of_kept_scores_asks_for_no_answer():
    """An answer forecasts once more, which a source that is read once does not allow."""
    rows = [sa.datasets.noisy_sine(200, seed=seed) for seed in range(3)]
    kept = sa.evaluate([sa.AR(2)], iter(rows), 3, fit="each", keep="scores")
    assert kept.skill()["AR(2)"].tolist() == kept.by_step("skill")["AR(2)"].tolist()

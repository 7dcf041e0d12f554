"""What a comparison offers to a notebook and to a type checker."""

from __future__ import annotations

import ast

import numpy as np
import pytest

import stepahead as sa

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

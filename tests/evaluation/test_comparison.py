"""What a comparison offers to a notebook and to a type checker."""

from __future__ import annotations

import ast

import pytest

import stepahead as sa

from ..data import ROOT


def test_the_tab_key_completes_the_names_of_the_models():
    result = sa.evaluate([sa.AR(2), sa.AR(4)], sa.datasets.nile(), 3)
    assert result._ipython_key_completions_() == ["AR(2)", "AR(4)", "Mean", "Naive"]
    kept = sa.evaluate([sa.AR(2)], sa.datasets.nile(), 3, keep="scores")
    assert kept._ipython_key_completions_() == ["AR(2)", "Mean", "Naive"]


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

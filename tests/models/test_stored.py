"""Learned parts that do not fit together are refused."""

from __future__ import annotations

import re

import numpy as np
import pytest

import stepahead as sa

from ..cases import WITH_COLUMNS
from ..data import sine


def forged(model, **changed):
    """A model from its own parts, some of them changed."""
    facts, arrays = model.__pack__()
    for key, value in changed.items():
        here, there = (arrays, facts) if isinstance(value, np.ndarray) else (facts, arrays)
        here[key] = value
        there.pop(key, None)
    return type(model).__unpack__(facts, arrays)


def text_model():
    return sa.HMM(2, seed=0).fit(["a", "b", "b", "a"] * 12)


FORGED = {
    "sigma2 below 0": (lambda: sa.AR(2), {"variance_": -1.0}, "variance_"),
    "a sigma2 below 0": (lambda: sa.AR(2, chunk=2), {"variance_": np.array([0.1, -0.1])}, "variance_ is negative"),
    "another model inside": (
        lambda: sa.Scaled(sa.AR(2)),
        {"model_": sa.baselines.Naive().fit([1.0])},
        "the fitted part does not fit",
    ),
    "coefficients of another shape": (lambda: sa.AR(2), {"coefficients_": np.zeros(3)}, "coefficients_"),
    "context": (lambda: sa.AR(2), {"context": 3}, "context and lags differ"),
    "context below 0": (lambda: sa.AR(2), {"context": -1}, "context must be a whole number"),
    "marks": (lambda: sa.AR(2), {"trained_fingerprints_": np.zeros((1, 31), dtype=np.uint8)}, "32 bytes a series"),
    "lengths": (lambda: sa.AR(2), {"trained_lengths_": np.array([-1])}, "trained_lengths_"),
    "rank": (lambda: sa.SSA(2, 10), {"rank_": 3}, "rank_ and rank, differ"),
    "cycle": (lambda: sa.StateSpace(cycles=1), {"context": 7}, "structure_, context and the arguments"),
    "parameters": (lambda: sa.StateSpace(cycles=1), {"parameters_": np.zeros(1)}, "parameters_ should be"),
    "states": (lambda: sa.MarkovSwitchingAR(2, 1), {"context": 2}, "context and lags differ"),
    "spread of a regime": (lambda: sa.MarkovSwitchingAR(2, 1), {"variance_": 0.0}, "variance_"),
    "order of a chain": (lambda: sa.MarkovChain(bins=3), {"order_": 2}, "context and order differ"),
    "counts of a chain": (lambda: sa.MarkovChain(bins=3), {"counts_": -np.ones((3, 3))}, "counts_"),
    "net": (lambda: sa.MLP(3, training=sa.Training(epochs=1)), {"context": 4}, "context and lags differ"),
    "residuals": (
        lambda: sa.MLP(3, training=sa.Training(epochs=1)),
        {"residuals_": np.zeros((0, 1))},
        "residuals_ should be some x 1 numbers",
    ),
    "recurrent net": (lambda: sa.GRU(2, training=sa.Training(updates=1)), {"context": 4}, "context and window differ"),
}


@pytest.mark.parametrize(("make", "changed", "words"), FORGED.values(), ids=FORGED.keys())
def test_learned_parts_that_do_not_fit_together_are_refused(make, changed, words):
    model = make().fit(sine(0, 150))
    assert repr(forged(model)) == repr(model)
    with pytest.raises((ValueError, sa.errors.ModelFileError), match=re.escape(words)):
        forged(model, **changed)


def test_a_model_of_symbols_has_no_spread():
    with pytest.raises(ValueError, match="a model of symbols has no std_"):
        forged(text_model(), std_=np.ones(2))


# -- columns

PROMO, WARMTH = ["promo", "known"], ["warmth", "past"]
COLUMNS = {
    "a column more": ("AR both", {"columns_": [PROMO, WARMTH, ["holiday", "known"]]}, "columns_ has holiday, which"),
    "a column less": ("AR both", {"columns_": [PROMO]}, "past_coefficients_ should be 20 x 0 x 3 numbers"),
    "another kind": ("AR both", {"columns_": [["promo", "past"], WARMTH]}, "known_coefficients_ should be 20 x 0 x 2"),
    "a kind that is none": ("AR both", {"columns_": [["promo", "issued"], WARMTH]}, "of one of the kinds known, past"),
    "one twice": ("AR both", {"columns_": [PROMO, PROMO]}, "columns_ has one column twice"),
    "one as two kinds": ("AR both", {"columns_": [PROMO, ["promo", "past"]]}, "columns_ has one column twice"),
    "no columns": ("AR both", {"columns_": []}, "columns_ should be a list of names and kinds"),
    "a name alone": ("AR both", {"columns_": ["promo", "warmth"]}, "columns_ should be pairs of name and kind"),
    "a number": ("AR both", {"columns_": 3}, "columns_ should be a list of names and kinds"),
    "a number as a name": ("AR both", {"columns_": [[1, "known"], WARMTH]}, "columns_ should be pairs"),
    "three": ("AR both", {"columns_": [[*PROMO, "x"], WARMTH]}, "columns_ should be pairs"),
    "no name": ("AR both", {"columns_": [["", "known"], WARMTH]}, "a column is of one of the kinds"),
    "an array": ("AR both", {"columns_": np.zeros(2)}, "columns_ should be a list of names and kinds"),
    "weights of another shape": ("AR both", {"known_coefficients_": np.zeros((20, 1, 3))}, "known_coefficients_"),
    "past weights of another shape": ("AR both", {"past_coefficients_": np.zeros((20, 3, 1))}, "past_coefficients_"),
    "weights of 32 bits": ("AR both", {"known_coefficients_": np.zeros((20, 1, 2), "f4")}, "numbers of 64 bits"),
    "weights that are a number": ("AR known lags", {"known_coefficients_": 1.0}, "known_coefficients_ should be"),
    "a context without the lags": ("AR known lags", {"context": 2}, "context and lags differ"),
    "no word for them": ("AR both", {"using": []}, "columns_ has warmth, which the model does not use"),
    "a past column of a regression": ("Regressed AR", {"columns_": [["promo", "past"]]}, "columns_"),
    "more columns than weights": ("Regressed AR", {"columns_": [PROMO, ["weekday", "calendar"]]}, "has weekday"),
    "more weights than columns": ("Regressed AR", {"coefficients_": np.zeros(2)}, "coefficients_ should be 1 numbers"),
    "a way that is none": ("Regressed AR", {"weights_": "twice"}, "weights_"),
    "a regression without the inner columns": ("Regressed AR both", {"columns_": [["holiday", "known"]]}, "lacks"),
    "a wrapper with others": ("Scaled columns", {"columns_": [PROMO]}, "columns_ lacks columns of the model inside"),
    "a wrapper with more": ("Logged columns", {"columns_": [PROMO, WARMTH]}, "columns_ has warmth, which"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "changed", "words"), COLUMNS.values(), ids=COLUMNS.keys())
def test_columns_that_do_not_fit_what_was_learned_are_refused(name, changed, words):
    case = WITH_COLUMNS[name]
    model = case.make().fit(case.series()[:60])
    assert repr(forged(model)) == repr(model)
    with pytest.raises((ValueError, sa.errors.ModelFileError), match=re.escape(words)):
        forged(model, **changed)


@pytest.mark.parametrize("make", [
    sa.baselines.Mean, lambda: sa.Scaled(sa.AR(2)), lambda: sa.Differenced(sa.AR(2)),
    lambda: sa.Averaged([sa.AR(2), sa.AR(3)]), lambda: sa.SSA(2, 10), lambda: sa.MLP(3, training=sa.Training(epochs=1)),
])  # fmt: skip
def test_columns_in_the_file_of_a_model_that_uses_none_are_refused(make):
    model = make().fit(sine(0, 150))
    with pytest.raises(
        (ValueError, sa.errors.ModelFileError), match="columns_ has promo, which the model does not use"
    ):
        forged(model, columns_=[PROMO])


def test_weights_of_columns_without_columns_are_refused_and_columns_of_a_pattern():
    case = WITH_COLUMNS["AR both"]
    model = case.make().fit(case.series()[:60])
    facts, arrays = model.__pack__()
    del facts["columns_"]
    with pytest.raises(ValueError, match="there is no columns_ for what was learned of columns"):
        sa.AR.__unpack__(facts, arrays)
    facts, arrays = model.__pack__()
    for key in ("known_coefficients_", "past_coefficients_"):
        short = {name: array for name, array in arrays.items() if name != key}
        with pytest.raises(ValueError, match=f"missing field {key}"):
            sa.AR.__unpack__(facts, short)
    arguments = {key: facts[key] for key in model.get_params()}
    with pytest.raises(ValueError, match="columns_ is of a model that is fitted"):
        sa.AR.__unpack__({**arguments, "columns_": [PROMO]}, {})


def test_a_fit_that_finds_only_constant_columns_is_stored_without_them():
    series = sa.Series(sine(0, 60), known={"promo": np.zeros(70)})
    for make in (lambda: sa.AR(2, using=("promo",)), lambda: sa.Regressed(sa.AR(2), on=("promo",), weights="level")):
        model = make().fit(series)
        assert model.columns_ == ()
        same = forged(model)
        assert same.columns_ == ()
        assert same.forecast(sa.Series(series.values), 3).tobytes() == model.forecast(series, 3).tobytes()

"""Strategies of hypothesis: each finds the good and the hostile that it promises."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

import stepahead as sa
from stepahead.testing import strategies

quick = settings(max_examples=25, suppress_health_check=list(HealthCheck), derandomize=True, database=None)


@quick
@given(strategies.values(40, 50), strategies.symbols(3, 9))
def test_values_are_finite_and_symbols_texts_as_long_as_asked_for(x, texts):
    assert x.dtype == np.float64
    assert 40 <= len(x) <= 50
    assert np.isfinite(x).all()
    assert 3 <= len(texts) <= 9
    assert len(set(texts)) <= 5
    assert all(isinstance(text, str) for text in texts)


@quick
@given(strategies.series())
def test_every_good_series_is_taken_by_a_series(data):
    series = sa.Series(data)
    assert 30 <= len(series) <= 90
    assert np.isfinite(series.values).all()


def found(strategy, what) -> bool:
    """Whether some example is such a one; the first will do, none is made smaller."""
    find(strategy, what, settings=settings(max_examples=2000, derandomize=True, database=None, phases=[Phase.generate]))
    return True


def test_invalid_data_times_and_horizons_are_among_what_may_come():
    assert found(strategies.invalid(), lambda x: isinstance(x, np.ndarray) and x.ndim == 1 and bool(np.isnan(x).any()))
    assert found(strategies.invalid(), lambda x: isinstance(x, list) and None in x)
    assert found(strategies.times(6), lambda t: isinstance(t, np.ndarray) and t.dtype.kind == "M")
    assert found(strategies.times(6), lambda t: t is None)
    assert found(strategies.horizons(), lambda h: isinstance(h, int) and h > 1)
    assert found(strategies.horizons(), lambda h: isinstance(h, str))
    assert found(strategies.panels(), lambda panel: len(panel) == 4)


def test_arguments_are_those_of_the_class_less_those_kept():
    assert found(strategies.arguments(sa.AR), lambda given: "lags" in given)
    names = set()

    @quick
    @given(strategies.arguments(sa.AR, keep=("lags",)))
    def noted(given):
        names.update(given)

    noted()
    assert names
    assert "lags" not in names


@quick
@given(st.data())
def test_damage_is_small_and_may_be_none(data):
    content = bytes(range(200))
    assert abs(len(data.draw(strategies.damaged(content))) - len(content)) <= 104


def test_files_have_a_column_of_times_and_one_of_values():
    assert found(strategies.csv_bytes(), lambda content: content.startswith(b"t,x\n") and content.count(b"\n") > 3)
    assert found(strategies.csv_bytes(), lambda content: content.startswith(b"\xff\xfe"))


def test_without_hypothesis_the_error_names_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(sa.errors.MissingExtraError, match="hypothesis"):
        strategies.values()

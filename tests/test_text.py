"""Numbers, tables, frames and HTML as every report writes them."""

from __future__ import annotations

import importlib.util

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import stepahead as sa
from stepahead import text
from stepahead import text as written
from stepahead.report.page import packing
from stepahead.text import fill

from .data import ALWAYS, sine


def test_numbers_that_are_none_in_a_table():
    assert [text.number(v) for v in (float("nan"), float("inf"), -float("inf"), 1234.5, 0.5)] == [
        *("–", "∞", "−∞", "1,234.500", "0.500")
    ]


def test_a_frame_without_a_library_of_frames_names_what_to_install(monkeypatch):
    result = sa.evaluate(sa.AR(2), sine(0, 80), 4)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(sa.errors.MissingExtraError, match=r"to_frame\(\) needs pandas, polars or pyarrow"):
        result.to_frame()
    assert "AR(2)" in result.table()


def test_frames_are_of_the_callers_own_kind():
    x = sine(0, 100)
    kinds = {pd.DataFrame: pd.Series(x), pl.DataFrame: pl.Series(x), pa.Table: pa.chunked_array([x])}
    for kind, given in kinds.items():
        result = sa.evaluate(sa.AR(2), given, 4)
        assert isinstance(result.to_frame(), kind)
        assert isinstance(result["AR(2)"].to_frame("predictions"), kind)
    frame = sa.evaluate(sa.AR(2), x, 4, season=None).to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == [
        *["model", "k", "n", "rmse", "mae", "bias", "skill", "rmse_low", "rmse_high", "skill_low", "skill_high"]
    ]
    assert len(frame) == (1 + len(ALWAYS)) * 4
    long = sa.evaluate(sa.AR(2), x, 4)["AR(2)"].to_frame("predictions")
    assert list(long.columns) == ["unique_id", "ds", "cutoff", "y", "AR(2)"]
    assert long["y"].tolist() == [x[target] for target in long["ds"]]
    assert (long["ds"] - long["cutoff"]).tolist() == [1, 2, 3, 4] * (len(long) // 4)
    symbols = sa.evaluate(sa.MarkovChain(), ["a", "b", "a"] * 30, 2)
    assert set(symbols["MarkovChain(1)"].to_frame("predictions")["y"]) == {"a", "b"}
    assert list(symbols.to_frame().columns) == ["model", "k", "n", "zero_one", "log_loss"]


def test_html_is_inert():
    x = sine(0, 100)
    nasty = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    result = sa.evaluate({nasty: sa.AR(2)}, sa.Series(x, name=nasty), 4)
    html = result._repr_html_() + result[nasty]._repr_html_()
    assert "<script" not in html
    assert "<img" not in html
    assert "\x1b" not in sa.evaluate({"a\x1b[31mb\u202e": sa.AR(2)}, x, 4).table()


def test_what_is_filled_in_is_not_searched_again():
    assert fill("{a} and {b}", a="{b}", b="{a}") == "{b} and {a}"


def test_numbers_are_written_so_that_they_can_be_read():
    assert written.number(1234567.0, 0) == "1,234,567"
    assert written.number(float("inf")) == "∞"
    assert written.number(-np.inf) == "−∞"
    assert written.number(0.0) == "0.000"
    assert written.number(0.0, written.EXPONENT) == "0"
    assert written.number(1e-9, 3) == "1.0e−9"
    assert written.number(2.5e10, 3) == "2.5e10"
    assert written.decimals([]) == 3
    assert written.decimals([250.0, 1000.0]) == 0
    assert written.decimals([1e12]) == written.EXPONENT
    assert written.share(np.nan) == "–"
    assert packing.rounded(float("nan")) is None
    assert packing.rounded(0.123456789) == 0.123457
    assert packing.rounded(-np.inf) == "−∞"


LOOKALIKES = [
    "Regressed(SSA(auto)) with promo, holiday, weekday",
    "Regressed(StateSpace(auto)) with promo, holiday, weekday",
    "Regressed(StateSpace(auto)) with promo, holiday, month",
    "AR(7) with promo, holiday",
    "AR(7) with promo, weekday",
    "AR(7) with promo, warmth AS IF FORESEEN",
    "AR(7) with holiday, warmth AS IF FORESEEN",
    "产品甲 with a, b",
    *(f"the forecast of department {place} as it was sent in by mail" for place in range(12)),
]


@pytest.mark.parametrize("most", [12, 14, 18, 22, 28, 60])
@pytest.mark.parametrize("end", [False, True])
def test_no_two_names_of_a_table_look_alike(most, end):
    found = written.shortened_apart(LOOKALIKES, most, end)
    assert list(found) == LOOKALIKES
    assert len(set(found.values())) == len(LOOKALIKES)
    assert max(map(written.cells, found.values())) <= most
    alone = {name: written.shortened(name, most, end) for name in LOOKALIKES}
    assert len(set(alone.values())) < len(LOOKALIKES) or most == 60, "each by itself they would"
    assert all(found[name] == short for name, short in alone.items() if list(alone.values()).count(short) == 1)


@pytest.mark.parametrize("most", range(5, 40))
@pytest.mark.parametrize(
    "name", ["mine AS IF FORESEEN", "AR(7) with promo, warmth AS IF FORESEEN", "a, b AS IF FORESEEN alone"]
)
def test_a_short_name_still_says_that_a_column_is_taken_as_foreseen(name, most):
    for end in (False, True):
        found = written.shortened(name, most, end)
        assert "AS IF" in found
        assert written.cells(found) <= most
        assert found == name or "FORESEEN" not in found or not found.startswith("…")

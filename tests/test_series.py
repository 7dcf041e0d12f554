"""The series: shapes, copies, categories and names."""

from __future__ import annotations

import copy
import pickle
import re

import numpy as np
import pytest

import stepahead as sa

from .counting import calls
from .data import sine


def test_a_series_of_a_memory_map_does_not_change_with_it(tmp_path):
    values = np.memmap(tmp_path / "x", dtype=np.float64, mode="w+", shape=(50,))
    values[:] = sine(0, 50)
    series = sa.Series(values)
    values[:] = 0.0
    assert values.flags.writeable
    assert series.values.tolist() == sine(0, 50).tolist()


def test_a_category_stands_once():
    with pytest.raises(sa.errors.InputError, match="one symbol twice") as caught:
        sa.Series(["a", "b"], categories=["a", "b", "a"])
    assert caught.value.code == "categories"


def test_series_of_one_name_are_told_apart():
    r = np.random.default_rng(0)
    parts = [sa.Series(r.normal(size=n), name=k) for n, k in ((100, None), (90, "0"), (6, "0"))]
    status = sa.evaluate(sa.AR(2), parts, 5).status
    assert list(status) == ["0", "0 #1", "0 #2"]
    assert [why == "ok" for why in status.values()] == [True, True, False]


X = np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.6, 5.0])


def test_a_series_is_cut_not_thinned_and_copies_are_itself():
    series = sa.Series(X, times=np.arange(7), name="x")
    assert series[2:4].times.tolist() == [2, 3]
    assert series[0] == 3.0
    assert copy.deepcopy(series) is series
    assert pickle.loads(pickle.dumps(series)).values.tobytes() == X.tobytes()  # noqa: S301
    with pytest.raises(sa.errors.InputError):
        series[::2]
    assert repr(series) == "Series('x': 7 numbers, 0 to 6)"
    with pytest.raises(sa.errors.ParameterError):
        sa.Series(X, missing="drop")


def test_a_series_shows_both_ends_in_a_notebook():
    page = sa.Series(np.arange(100.0), times=np.arange(1901, 2001), name="years")._repr_html_()
    shown = re.findall(r"<bdi>(\d{4}|\.\.\.)</bdi></th><td[^>]*>([^<]*)</td>", page)
    assert shown == [
        *[("1901", "0.00"), ("1902", "1.00"), ("1903", "2.00"), ("1904", "3.00"), ("...", "...")],
        *[("1997", "96.00"), ("1998", "97.00"), ("1999", "98.00"), ("2000", "99.00")],
    ]
    assert "100 numbers, 1901 to 2000" in page


@pytest.mark.parametrize("count", [1, 4, 5, 8, 9])
def test_a_short_series_shows_all_of_it(count):
    page = sa.Series(np.arange(float(count)))._repr_html_()
    assert page.count("<td") == min(count, 9)  # of nine the middle one is left out, and that is a row
    assert ("..." in page) == (count == 9)


def test_symbols_missing_values_and_notes_are_shown_and_escaped():
    page = sa.Series(["<b>", None, "x"], missing="skip")._repr_html_()
    assert "&lt;b&gt;" in page
    assert ">-</td>" in page
    uneven = sa.Series([1.0, 2.0, 3.0, 4.0], times=[1, 2, 3, 9])
    assert uneven.notes[0] in uneven._repr_html_()


def test_a_panel_lists_its_series_and_what_was_set_aside():
    panel = sa.Panel([sa.Series([1.0, np.nan, 2.0], missing="skip", name="a")] * 20, {"<b>": "none was observed"})
    page = panel._repr_html_()
    assert page.count("<tr>") == 1 + 12 + 1
    assert ">yes</td>" in page
    assert "&lt;b&gt;" in page
    assert "none was observed" in page


def test_a_plain_series_is_made_in_few_calls():
    # 59 with numpy 2: a panel of 100,000 is read one by one. With a column there are more than 400.
    values = sine(0, 50)
    sa.Series(values)
    assert calls(lambda: sa.Series(values)) <= 66
    assert calls(lambda: sa.Series(values)[10:20]) - calls(lambda: sa.Series(values)) <= 30

"""Other columns beside a series: cut, closed, foreseen and joined as literal lists of rows are."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle

import numpy as np
import pytest

import stepahead as sa
from stepahead.covariates import BARE, KINDS, NONE, Covariates, group_of, lengthened
from stepahead.protocols import Column

LENGTH, BEYOND = 12, 4
PROMO = [float(t % 3 == 0) for t in range(LENGTH + BEYOND)]
SKY = ["sun", "rain", "snow"] * 5  # ends a row sooner than PROMO
HEAT = [20.0 + t for t in range(LENGTH)]
TIMES = np.datetime64("2024-01-01") + np.arange(LENGTH)


def made(times=TIMES) -> sa.Series:
    return sa.Series(np.sqrt(np.arange(LENGTH)), times, known={"promo": PROMO, "sky": SKY}, past={"heat": HEAT},
                     calendar=["trend"])  # fmt: skip


def row(t: int) -> list[float]:
    """What is known ahead of row t, by hand."""
    sky = [float(SKY[t] == word) for word in ("rain", "snow", "sun")] if t < len(SKY) else [np.nan] * 3
    return [PROMO[t], *sky, float(t)]


@pytest.mark.parametrize("times", [TIMES, None, np.arange(LENGTH) * 5])
@pytest.mark.parametrize("where", [
    slice(None), slice(3), slice(3, None), slice(2, 9), slice(-4, None), slice(None, -4), slice(-6, -2), slice(0),
    slice(5, 5), slice(9, 2), slice(20, 30), slice(-30, 5), slice(0, 100),
])  # fmt: skip
def test_a_part_of_a_series_knows_ahead_what_is_known_then_and_no_more_of_the_past(times, where):
    series, rows = made(times), list(range(LENGTH))
    part, kept = series[where], rows[where]
    start = where.indices(LENGTH)[0]
    assert np.array_equal(part.known.values, [row(t) for t in range(start, LENGTH + BEYOND)], equal_nan=True)
    assert part.past.values[:, 0].tolist() == [HEAT[t] for t in kept]
    assert part.beside.length == len(part) == len(kept)
    stop = start + len(kept)
    assert part.beside.beyond == LENGTH + BEYOND - stop
    if times is TIMES:
        later = [np.datetime64("2024-01-01") + t for t in range(stop, LENGTH + BEYOND)]
        assert part.beside.later.tolist() == [when.item() for when in later]


@pytest.mark.parametrize("where", [slice(None), slice(7), slice(3, 9)])
def test_a_closed_series_knows_nothing_beyond_its_last_value(where):
    part = made()[where]
    closed = part.closed()
    start, stop, _ = where.indices(LENGTH)
    assert np.array_equal(closed.known.values, [row(t) for t in range(start, stop)], equal_nan=True)
    assert (closed.beside.beyond, closed.beside.later) == (0, None)
    assert np.array_equal(closed.past.values, part.past.values)
    assert np.array_equal(closed.values, part.values)
    assert part.beside.beyond == LENGTH + BEYOND - stop, "the series itself stays as it was"
    assert np.array_equal(closed[:2].known.values, closed.known.values), "known to the end of what is closed"


def test_a_series_without_columns_is_closed_as_it_is():
    series = sa.Series([1.0, 2.0])
    assert series.closed() is series
    assert series.beside is None
    assert (len(series.known), len(series.past), repr(series.known)) == (0, 0, "Covariates(none: 0 rows)")


def test_a_cut_and_a_closed_series_are_views():
    series = made()
    assert np.shares_memory(series[3:9].known.values, series.known.values)
    assert np.shares_memory(series[3:9].past.values, series.past.values)
    assert np.shares_memory(series.closed().known.values, series.known.values)


def test_a_measured_column_that_is_foreseen_is_known_to_the_last_value():
    series = made().foreseen("heat")
    column = series.known.values[:, list(series.known.names).index("heat")]
    assert column[:LENGTH].tolist() == HEAT
    assert np.isnan(column[LENGTH:]).all()
    assert (series.known.kinds[-1], len(series.past)) == ("foreseen", 0)
    assert series.beside.facts()[-1] == {"name": "heat", "kind": "foreseen", "upper_bound": True}
    assert np.array_equal(series[:5].known.values[:, -1][:LENGTH], HEAT), "as if foreseen: beyond a cut too"
    two = sa.Series(np.arange(5.0), past={"a": [3, 1, 4, 1, 5], "b": [2, 7, 1, 8, 2]}).foreseen("a")
    assert (two.known.names, two.past.names) == (("a",), ("b",))


@pytest.mark.parametrize(("series", "said"), [
    (made(), "one of the past columns, heat"),
    (sa.Series([1.0, 2.0], known={"p": [0, 1]}), "of which there are none"),
    (sa.Series([1.0, 2.0]), "of which this series has none: give past="),
])  # fmt: skip
def test_what_is_not_measured_cannot_be_foreseen(series, said):
    with pytest.raises(sa.errors.ParameterError, match=said):
        series.foreseen("promo")


def test_columns_are_found_by_name_and_kind_whatever_their_order():
    found = made().known
    assert (found.asked(), found.asked("calendar")) == (("promo", "sky", "trend"), ("trend",))
    assert found.columns("sky") == tuple(Column(f"sky={word}", "known") for word in ("rain", "snow", "sun"))
    backwards = found.rows(found.columns("sky")[::-1])
    assert np.array_equal(backwards, found.values[:, [3, 2, 1]], equal_nan=True)
    neighbours = found.rows(found.columns("sky"))
    assert neighbours.flags.c_contiguous, "a sum's bits follow the layout"
    assert backwards.flags.c_contiguous
    strange = found.rows([Column("sky=hail", "known"), Column("trend", "calendar")])
    assert strange[:, 0].tolist() == [0.0] * (LENGTH + BEYOND), "a symbol that does not occur"
    assert strange[:, 1].tolist() == list(range(LENGTH + BEYOND))
    assert found.rows([Column("promo", "past")]).any() == np.False_, "of another kind it is another column"
    only = found.only(["trend", "promo"])
    assert (only.names, only.groups, only.kinds) == (("promo", "trend"), ("promo", "trend"), ("known", "calendar"))
    assert found.only([]).values.shape == (LENGTH + BEYOND, 0)


def test_joined_columns_are_as_long_as_the_longest():
    short = Covariates(("a",), ("a",), ("past",), np.ones((2, 1)))
    long = Covariates(("b", "c"), ("b", "c"), ("known", "known"), np.zeros((4, 2)))
    for joined, order in ((short.joined(long), "abc"), (long.joined(short), "bca")):
        assert joined.names == tuple(order)
        assert np.isnan(joined.values[2:, order.index("a")]).all()
        assert np.nansum(joined.values) == 2.0
    assert lengthened(np.ones((2, 1)), 2).shape == (2, 1)


def test_what_a_column_was_called():
    assert [group_of(name) for name in ("weather=rain", "promo", "weekday=Mon")] == ["weather", "promo", "weekday"]
    assert len(KINDS) == 4
    assert (len(NONE), BARE.beyond, BARE.facts()) == (0, 0, [])


def test_facts_are_each_column_once_as_it_was_given():
    facts = made().beside.facts()
    assert json.loads(json.dumps(facts)) == [
        {"name": "promo", "kind": "known"}, {"name": "sky", "kind": "known"}, {"name": "trend", "kind": "calendar"},
        {"name": "heat", "kind": "past"},
    ]  # fmt: skip


@pytest.mark.parametrize("again", [
    lambda series: pickle.loads(pickle.dumps(series)),  # noqa: S301
    copy.deepcopy, copy.copy, sa.Series,
    lambda series: pickle.loads(pickle.dumps(series[2:]))[:],  # noqa: S301
])  # fmt: skip
def test_copies_have_the_same_columns_and_nobody_can_write_to_them(again):
    series = made()
    found = again(series)
    series = series[len(series) - len(found) :]
    assert np.array_equal(found.known.values[:, :-1], series.known.values[:, :-1], equal_nan=True)
    assert np.array_equal(found.past.values, series.past.values)
    assert (found.known.names, found.known.kinds) == (series.known.names, series.known.kinds)
    assert found.beside.later.tolist() == series.beside.later.tolist()
    for columns in (found.known, found.past, found[1:].known, found.closed().known, found.foreseen("heat").known):
        with pytest.raises(ValueError, match="read-only"):
            columns.values[0, 0] = 7.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.known.names = ()


def test_what_was_given_can_change_later_and_the_series_does_not():
    promo = np.zeros(5)
    series = sa.Series(np.arange(5.0), known={"promo": promo})
    promo[:] = 7.0
    assert series.known.values.sum() == 0.0

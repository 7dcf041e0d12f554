"""Index arithmetic, read by eye on x = arange(T), and the note's own worked examples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import stepahead as sa
from stepahead import windows


def test_too_short_names_the_series_where_it_has_a_name():
    with pytest.raises(sa.errors.InputError, match=r"^the series is too short: this needs 3 values, found 2$"):
        windows.require(2, 3, "this")
    with pytest.raises(sa.errors.InputError, match=r"^series 'load' is too short: this needs 3 values, found 2$"):
        windows.require(2, 3, "this", "load")
    windows.require(3, 3, "this")


@pytest.mark.parametrize("origins", [[0, 1, 2], [0, 2, 5], [4, 5], [6], []])
@pytest.mark.parametrize("steps", [[1, 2, 3], [1, 3], [2], [1]])
def test_targets_are_what_happened_and_nothing_beyond_the_end(origins, steps):
    x = np.arange(10.0, 17.0)
    found = windows.targets(x, np.array(origins, dtype=np.intp), np.array(steps, dtype=np.intp))
    expected = [[x[o + k - 1] if o + k - 1 < 7 else np.nan for k in steps] for o in origins]
    np.testing.assert_array_equal(found, np.reshape(expected, (len(origins), len(steps))))
    assert windows.targets(x[:1], np.array([0]), np.array([1, 3])).tolist()[0][0] == 10.0


def test_pieces_of_windows_go_on_from_the_last_one():
    x = np.arange(9.0)
    whole = windows.lagged(x, 3)
    first = windows.joined_windows(x[:5], 3, None)
    second = windows.joined_windows(x[5:], 3, (first, np.zeros((3, 7))))
    assert np.vstack([first, second]).tolist() == whole.tolist()
    assert windows.lagged(x[:2], 3).shape == (0, 3)
    assert windows.lagged(x[:3], 3).tolist() == [[0.0, 1.0, 2.0]]


def test_rows_are_a_slice_where_they_are_regular():
    assert windows.as_rows(np.array([5, 6, 7]), 2) == slice(3, 6)
    assert windows.as_rows(np.array([5, 7]), 2).tolist() == [3, 5]
    assert windows.as_rows(np.array([], dtype=np.intp), 2).tolist() == []


@pytest.mark.parametrize(
    ("length", "share", "count"),
    [(10, 0.29, 2), (10, 0.3, 3), (1000, 0.6, 600), (7, 0.999, 6), (100, 0.07, 7), (3, 1 / 3, 1)],
)
def test_a_share_is_rounded_down_but_not_by_a_last_digit(length, share, count):
    assert windows.train_length(length, share) == count


def test_the_note_1_3_2_five_values_of_ten():
    X, y = sa.pairs(np.arange(1.0, 11.0), lags=5)
    assert X.tolist() == [[1, 2, 3, 4, 5], [2, 3, 4, 5, 6], [3, 4, 5, 6, 7], [4, 5, 6, 7, 8], [5, 6, 7, 8, 9]]
    assert y.tolist() == [6, 7, 8, 9, 10]


def test_the_note_1_3_3_three_values_of_six_by_columns():
    x = np.arange(1.0, 7.0)
    T, tau = 6, 3
    features = np.zeros((T - tau, tau))
    for i in range(tau):
        features[:, i] = x[i : T - tau + i]
    X, y = sa.pairs(x, lags=tau)
    assert X.tolist() == features.tolist()
    assert y.tolist() == x[tau:].tolist()


def test_the_note_1_3_4_why_t_minus_tau_minus_max_steps_plus_1():
    """T = 6, tau = 2: the 3rd step of the last window would be t7, which does not exist."""
    x = np.arange(1.0, 7.0)
    assert [windows.targets(x, windows.scored_origins(6, 2, 1), np.array([1])).ravel().tolist()] == [[3, 4, 5, 6]]
    origins = windows.scored_origins(6, 2, 3)
    assert len(origins) == 6 - 2 - 3 + 1
    assert windows.targets(x, origins, np.arange(1, 4)).tolist() == [[3, 4, 5], [4, 5, 6]]
    beyond = windows.targets(x, np.array([4]), np.arange(1, 4))
    assert beyond[0, :2].tolist() == [5, 6]
    assert np.isnan(beyond[0, 2])


def test_the_note_1_3_4_604_to_936():
    series = sa.datasets.noisy_sine()
    result = sa.k_step(sa.AR(4).fit(series[:604]), series, 64)
    assert (result.origins[0], result.origins[-1], len(result.origins)) == (604, 936, 333)
    assert len(result.origins) + len(result.training.origins) == 1000 - 4 - 64 + 1


def test_pairs_and_windows_are_views():
    x = np.arange(100.0)
    series = sa.Series(x)
    X, y = sa.pairs(series, 7)
    assert np.shares_memory(X, series.values)
    assert np.shares_memory(y, series.values)
    (state,) = sa.AR(7).fit(series).encode(series)
    assert np.shares_memory(state, series.values)
    assert not X.flags.writeable
    result = sa.k_step(sa.baselines.Naive().fit(series[:50]), series, 5)
    assert np.shares_memory(result.actuals, series.values)


@pytest.mark.parametrize("bad", [0, -1, 2.5, True, "3", None, float("nan")])
def test_bad_lags_are_refused(bad):
    with pytest.raises(sa.errors.ParameterError) as caught:
        sa.pairs([1.0, 2.0, 3.0], bad)
    assert caught.value.name == "lags"


def test_too_few_values_for_a_pair():
    with pytest.raises(sa.errors.InputError) as caught:
        sa.pairs([1.0, 2.0, 3.0], 3)
    assert (caught.value.found, caught.value.needed) == (3, 4)


@given(st.integers(1, 40), st.integers(1, 8), st.integers(1, 8))
def test_targets_on_counting_numbers(length, context, horizon):
    x = np.arange(length, dtype=float)
    origins = windows.scored_origins(length, context, horizon)
    assert len(origins) == max(length - context - horizon + 1, 0)
    found = windows.targets(x, origins, np.arange(1, horizon + 1))
    for row, o in enumerate(origins):
        assert found[row].tolist() == [o + k - 1 for k in range(1, horizon + 1)]


@given(st.lists(st.sampled_from([0.0, 1.0, float("nan")]), max_size=30))
def test_runs_are_the_stretches_without_a_hole(values):
    x = np.array(values, dtype=float)
    found = windows.runs(x)
    text = "".join("x" if v == v else " " for v in values)
    assert [len(run) for run in found if len(run)] == [len(word) for word in text.split()]


@pytest.mark.parametrize(
    ("train", "count"), [(0.6, 600), (604, 604), (0.29, 290), (np.float64(0.5), 500), (np.int64(7), 7)]
)
def test_train_is_a_share_or_a_number_of_values(train, count):
    assert windows.train_length(1000, train) == count


@pytest.mark.parametrize("bad", [0, -1, 0.0, 1.0, 1.5, -0.2, float("nan"), "0.6", True, None])
def test_bad_train_is_refused(bad):
    with pytest.raises(sa.errors.ParameterError) as caught:
        windows.train_length(1000, bad)
    assert caught.value.name == "train"


def test_steps_are_kept_sorted_and_once():
    assert windows.kept_steps([4, 1, 4], 8).tolist() == [1, 4]
    for bad in ([0], [9], [], [1.5]):
        with pytest.raises(sa.errors.ParameterError):
            windows.kept_steps(bad, 8)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.sets(st.integers(0, 12))), min_size=1, max_size=4))
def test_shared_is_the_intersection(drawn):
    """A cut where there is no gap, a search where there is: numpy's intersect1d hashes or sorts all of it."""
    indices = [
        np.arange(first, first + count) if gaps == set() else np.array(sorted(gaps)) for first, count, gaps in drawn
    ]
    expected = indices[0]
    for index in indices[1:]:
        expected = np.intersect1d(expected, index)
    found = windows.shared(indices)
    assert found.tolist() == expected.tolist()
    assert found.dtype.kind == "i"


@pytest.mark.parametrize("ones", [False, True])
def test_history_and_targets_of_a_batch_by_hand(ones):
    values = np.arange(24.0).reshape(2, 12) ** 2
    behind = windows.history(values, 3, 5, 4, ones)
    after = windows.targets_of_batch(values, 5, 4, np.array([1, 3]))
    after_all = windows.targets_of_batch(values, 5, 4, np.array([1, 2, 3]))
    assert behind.shape == (2, 3 + ones, 4)
    for series in range(2):
        for place, origin in enumerate(range(5, 9)):
            assert behind[series, :3, place].tolist() == values[series, origin - 3 : origin].tolist()
            assert behind[series, 3:, place].tolist() == [1.0] * ones
            assert after[series, :, place].tolist() == [values[series, origin], values[series, origin + 2]]
            assert after_all[series, :, place].tolist() == values[series, origin : origin + 3].tolist()
    assert np.shares_memory(after_all, values)


def test_history_without_ones_is_the_default():
    values = np.arange(6.0).reshape(1, 6)
    assert windows.history(values, 2, 2, 4).tolist() == windows.history(values, 2, 2, 4, ones=False).tolist()


@pytest.mark.parametrize(
    ("origins", "steps"), [([2, 3, 4], [1, 2]), ([2, 4], [1, 2]), ([2, 3], [1, 3]), ([5, 6, 8], [1, 2])]
)
def test_targets_by_hand_and_a_view_where_regular(origins, steps):
    x = np.arange(8.0) ** 2
    found = windows.targets(x, np.array(origins), np.array(steps))
    for row, origin in enumerate(origins):
        for column, step in enumerate(steps):
            at = origin + step - 1
            np.testing.assert_equal(found[row, column], x[at] if at < len(x) else np.nan)
    regular = np.diff(origins).max() == 1 and np.diff(steps).max() == 1
    assert np.shares_memory(found, x) == regular


@pytest.mark.parametrize(
    ("lengths", "horizon"),
    [
        ([1461], 64),
        ([640], 64),
        ([639], 63),
        ([110], 11),
        ([19], 1),
        ([3], 1),
        ([40, 10, 30, 20], 3),
        ([90, 20, 70], 7),
    ],
)
def test_the_horizon_where_none_is_given(lengths, horizon):
    assert windows.default_horizon(lengths) == horizon


@pytest.mark.parametrize(("found", "horizon"), [(11, 4), (5, 4), (8, 1), (4, 4), (2, 4)])
def test_no_held_out_origin_is_said_with_what_to_type(found, horizon):
    with pytest.raises(sa.errors.InputError) as caught:
        windows.require_held_out(found, 8, horizon)
    assert (caught.value.code, caught.value.found, caught.value.needed) == ("too-short", found, 8 + horizon)
    assert f"needs {8 + horizon} values, found {found}" in str(caught.value)
    assert (f"pass train= of at most {found - horizon}" in str(caught.value)) == (found > horizon)
    assert ("a smaller horizon=" in str(caught.value)) == (found > horizon > 1)


def test_one_held_out_origin_is_enough():
    windows.require_held_out(12, 8, 4)


def test_tables_show_four_steps_where_they_were_kept_and_the_last():
    for steps, shown in (
        (range(1, 101), [1, 4, 16, 64, 100]),
        (range(1, 17), [1, 4, 16]),
        ([2, 4, 15, 17], [4, 17]),
        ([1], [1]),
    ):
        kept = np.array(steps)
        assert kept[windows.shown_steps(kept)].tolist() == shown


def test_a_horizon_that_long_is_refused_before_it_is_counted_out(monkeypatch):
    monkeypatch.setattr(windows, "LEAST_BUDGET", 800)
    asked = []
    monkeypatch.setattr(windows, "afford", lambda *given: asked.append(given[:2]))
    assert windows.kept_steps(None, 100).tolist() == list(range(1, 101))
    assert asked == [], "100 steps of 8 bytes are 800"
    assert windows.kept_steps([101, 7, 7], 101).tolist() == [7, 101]
    assert asked == [(101, 1)]


@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("steps", [1, 4])
@pytest.mark.parametrize("origins", [range(5), range(2, 9), [0, 3, 4], [6], []])
def test_what_is_known_ahead_is_rows_of_the_table_and_a_view_where_regular(columns, steps, origins):
    table, origins = np.arange(14.0 * columns).reshape(14, columns), np.array(origins, dtype=np.intp)
    found = windows.ahead(table, origins, steps)
    expected = [[table[o + j] for j in range(steps)] for o in origins]
    np.testing.assert_array_equal(found, np.reshape(expected, (len(origins), steps, columns)))
    regular = len(origins) > 0 and origins[-1] - origins[0] == len(origins) - 1
    assert np.shares_memory(found, table) == regular
    if regular:
        assert found.base is not None
        assert found.strides[0] == found.strides[1]  # the next origin is the next step


@pytest.mark.parametrize("columns", [0, 1, 2, 6])
@pytest.mark.parametrize("rows", [0, 1, 2, 40])
@pytest.mark.parametrize("steps", [1, 2, 9])
def test_projected_has_the_bits_of_a_row_alone_and_of_a_literal_loop(columns, rows, steps):
    rng = np.random.default_rng(columns + 10 * rows)
    table, weights = (
        rng.normal(size=(rows + steps + 3, columns)) * 10.0 ** rng.integers(-6, 6, columns),
        rng.normal(size=columns),
    )
    known = windows.ahead(table, np.arange(rows) + 2, steps)
    before = known.tobytes()
    found = windows.projected(known, weights)
    copied = windows.projected(np.ascontiguousarray(known), weights)
    assert found.shape == (rows, steps)
    for row in range(rows):
        alone = windows.projected(known[row : row + 1], weights)[0]
        for step in range(steps):
            total = 0.0
            for column in range(columns):
                term = table[2 + row + step, column] * weights[column]
                total = term if column == 0 else total + term
            assert found[row, step] == copied[row, step] == alone[step] == total  # bit for bit
    assert known.tobytes() == before


def test_projected_multiplies_each_number_of_a_sliding_view_once():
    """No copy of [rows, steps, columns] is made: what is allocated grows with the table, not with the steps."""
    import tracemalloc

    table, weights = np.ones((20_000, 6)), np.arange(6.0)

    def peak(steps: int) -> int:
        known = windows.ahead(table, np.arange(10_000), steps)
        tracemalloc.start()
        windows.projected(known, weights)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1)
    assert peak(1000) < 1.3 * peak(2) < 1_000_000  # copied, 1000 steps would be 480 MB


def test_some_columns_of_what_is_known_ahead_are_projected_alone():
    table = np.random.default_rng(0).normal(size=(30, 4))
    known = windows.ahead(table, np.arange(20), 5)
    own = windows.projected(known[:, :3, :2], np.array([2.0, 3.0]))
    np.testing.assert_array_equal(
        own, windows.projected(windows.ahead(table[:, :2], np.arange(20), 3), np.array([2.0, 3.0]))
    )

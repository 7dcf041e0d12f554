"""The core at its edges: windows, walk, tests, audit and storage, each number by hand.
What mutation testing asked for.
"""

from __future__ import annotations

import builtins
import dataclasses
import io
import json
import types

import numpy as np
import pytest
from scipy import stats

import stepahead as sa
from stepahead import memory, storage, walk, windows
from stepahead.evaluation import trust
from stepahead.evaluation.audit import findings, loop, pipelines
from stepahead.evaluation.audit import isolated as processes
from stepahead.evaluation.audit import perturbed as perturbing
from stepahead.evaluation.audit.bits import parameter_bits
from stepahead.evaluation.audit.opened_files import Ledger
from stepahead.numerics import inference

from .data import sine

# windows


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


# walk


def test_blocks_depend_on_the_shape_alone_and_are_these():
    assert [len(list(walk.blocks(5000, horizon))) for horizon in (1, 32, 64, 1024, 4096)] == [3, 3, 5, 79, 79]
    assert next(walk.blocks(5000, 64)) == slice(0, 1024)
    assert next(walk.blocks(10**6, 1)) == slice(0, 2048)
    assert next(walk.blocks(10**6, 2**17)) == slice(0, 64)
    assert next(walk.blocks(10**6, 2**23)) == slice(0, 1)


def files(**contents: str | None):
    """An `open` that knows only these files; None for one that is not there."""
    known = {"/proc/meminfo": contents.get("meminfo"), "/sys/fs/cgroup/memory.max": contents.get("most")}
    known["/sys/fs/cgroup/memory.current"] = contents.get("used")

    def opened(path, *how, **more):
        if path not in known:
            return builtins.open(path, *how, **more)
        if known[path] is None:
            raise FileNotFoundError(path)
        return io.StringIO(known[path])

    return opened


GIB = 1 << 30
MEMINFO = (
    f"MemTotal:       {64 * GIB >> 10} kB\nMemFree:  {GIB >> 10} kB\n"
    f"MemAvailable:   {8 * GIB >> 10} kB\nBuffers: 1 kB\n"
)


@pytest.mark.parametrize(
    ("contents", "budget"),
    [
        ({"meminfo": MEMINFO}, 4 * GIB),
        ({"meminfo": MEMINFO, "most": "max\n", "used": "123\n"}, 4 * GIB),
        ({"meminfo": MEMINFO, "most": f"{6 * GIB}\n", "used": f"{2 * GIB}\n"}, 2 * GIB),
        ({"meminfo": MEMINFO, "most": f"{60 * GIB}\n", "used": f"{2 * GIB}\n"}, 4 * GIB),
        ({"meminfo": MEMINFO, "most": f"{2 * GIB}\n", "used": f"{2 * GIB}\n"}, 1 << 26),
        ({"meminfo": MEMINFO, "most": "nonsense", "used": "1"}, 4 * GIB),
        ({"meminfo": f"MemAvailable: {1 << 17} kB\n"}, 1 << 26),
        ({"meminfo": f"MemAvailable: {3 << 17} kB\n"}, 3 << 26),
    ],
    ids=["all of it", "no limit", "a limit", "a limit beyond", "at the limit", "nonsense", "at least 64 MB", "half"],
)
def test_the_budget_is_half_of_what_is_free_and_knows_of_a_container(monkeypatch, contents, budget):
    monkeypatch.setattr(memory, "open", files(**contents), raising=False)
    assert memory.memory_budget() == budget


def test_without_the_files_of_linux_the_system_is_asked(monkeypatch):
    monkeypatch.setattr(memory, "open", files(), raising=False)
    monkeypatch.setattr(memory.os, "sysconf", {"SC_AVPHYS_PAGES": 3 * GIB >> 12, "SC_PAGE_SIZE": 4096}.__getitem__)
    assert memory.memory_budget() == 3 * GIB >> 1
    monkeypatch.setattr(memory.os, "sysconf", lambda name: (_ for _ in ()).throw(ValueError(name)))
    assert memory.memory_budget() == 2 * GIB


def test_the_budget_is_kept_to_the_byte(monkeypatch):
    monkeypatch.setattr(memory, "memory_budget", lambda: 800)
    memory.afford(10, 10, "a result")
    with pytest.raises(sa.errors.BudgetError) as caught:
        memory.afford(10, 11, "a result", "Take less.")
    assert (caught.value.asked, caught.value.budget) == (880, 800)
    assert str(caught.value) == "a result would take 10 x 11 numbers = 880 bytes; the budget is 800 bytes. Take less."
    model = sa.AR(2).fit(sine(0, 60))
    monkeypatch.setattr(memory, "memory_budget", lambda: 4 * 5 * 8)
    assert model.forecast(sine(0, 60), 5).shape == (5,)
    with pytest.raises(sa.errors.BudgetError) as caught:
        model.forecast(sine(0, 60), 6)
    assert caught.value.asked == 4 * 6 * 8


class Later:
    """Repeats the last value, and leaves the range at step 3 of its second row."""

    context = 1

    def fit(self, series):
        return self

    def encode(self, values, after=None):
        return (np.asarray(values.numbers)[:, None],)

    def rollout(self, state, horizon):
        ahead = np.repeat(state[0], horizon, axis=1)
        ahead[1:2, 2:] = np.inf
        return ahead


def test_a_forecast_that_is_no_number_is_named_with_its_step():
    with pytest.raises(sa.errors.FitError) as caught:
        sa.k_step(Later(), sine(0, 30), 5, train=0)
    assert caught.value.step == 3
    assert "step 3" in str(caught.value)
    assert sa.forecast(Later(), sine(0, 30), 5).values.shape == (5,)


def test_symbols_are_the_codes_of_the_series_that_is_forecast():
    model = sa.MarkovChain().fit(["a", "b", "a", "b", "a"])
    series = sa.Series(["a", "b"] * 8, categories=["c", "b", "a"])
    result = sa.k_step(model, series, 2, train=0)
    assert result.predictions[0].tolist() == [1.0, 2.0]
    assert result.zero_one().tolist() == [0.0, 0.0]
    strange = sa.Series(["a"] * 6, categories=["a"])
    assert sa.k_step(model, strange, 1, train=0).predictions[:, 0].tolist() == [-1.0] * 5
    assert model.forecast(series, 3).tolist() == ["a", "b", "a"]


def test_states_count_where_every_array_is_whole():
    two = (np.array([[1.0, 2.0], [np.nan, 1.0], [3.0, 4.0]]), np.array([[1.0], [1.0], [np.nan]]))
    assert walk.is_whole(two).tolist() == [True, False, False]
    assert walk.is_whole((np.empty((0, 2)),)).tolist() == []
    alone = walk.row_by_row(lambda state, out: 2.0 * state[0][:, :1] + np.arange(3.0), two[:1], 3)
    assert alone[[0, 2]].tolist() == [[2.0, 3.0, 4.0], [6.0, 7.0, 8.0]]


def test_a_series_shorter_than_the_context_has_no_state():
    model = sa.AR(5).fit(sine(0, 60))
    for length in (0, 3, 4):
        assert [len(array) for array in walk.encoded(model, sa.Series(sine(0, 60)[:length]))] == [0]
    assert [len(array) for array in walk.encoded(model, sa.Series(sine(0, 60)[:5]))] == [1]


def test_origins_and_what_refuses_them():
    model, x = sa.AR(3).fit(sine(0, 40)), sine(0, 40)
    assert model.forecast(x, 1, origin=3).shape == (1,)
    for origin in (2, 0, 41, -1):
        with pytest.raises(sa.errors.ParameterError) as caught:
            model.forecast(x, 1, origin=origin)
        assert caught.value.name == "origin"
    with pytest.raises(sa.errors.ParameterError, match=r"a whole number from 0 to 40$"):
        model.forecast(x, 1, origin=-1)
    holes = x.copy()
    holes[20] = np.nan
    with pytest.raises(sa.errors.InputError, match=r"from origin 21: .* \(the last one read is at 20\)") as caught:
        model.forecast(sa.Series(holes, missing="skip"), 1, origin=21)
    assert caught.value.origin == 21


class Unread:
    """Forecasts 7, 7, ... from every origin, the one before the first value among them: it reads nothing."""

    context = 0

    def fit(self, series):
        return self

    def encode(self, values, after=None):
        return (np.full((len(values) + 1, 1), 7.0),)

    def rollout(self, state, horizon):
        return np.repeat(state[0], horizon, axis=1)


def test_what_reads_nothing_has_a_forecast_from_origin_0():
    assert sa.forecast(Unread(), sine(0, 10), 2, origin=0).values.tolist() == [7.0, 7.0]
    assert sa.k_step(Unread(), sine(0, 10), 2, train=0).origins.tolist() == list(range(9))


# the tests of trust.md: averages of losses that overlap


def test_averages_by_hand():
    losses = np.array([[1.0, 2.0, 3.0, 6.0, 4.0, 2.0], [2.0, 2.0, 2.0, 2.0, 3.0, 1.0]])
    mean, covariance, used = inference.averages(losses, np.arange(6), 6, 1)
    assert mean.tolist() == [3.0, 2.0]
    assert used == inference.cosines(6, 1) == 1
    t = np.arange(6)
    wave = np.sqrt(2.0 / 6.0) * np.cos(np.pi * (t + 0.5) / 6.0)
    parts = (losses - mean[:, None]) @ wave
    np.testing.assert_allclose(covariance, np.outer(parts, parts) / used * (6 / 36), atol=1e-15)


@pytest.mark.parametrize(
    ("times", "overlap", "count"),
    [(2, 1, 1), (3, 1, 1), (10, 1, 1), (30, 1, 3), (30, 64, 3), (500, 1, 25), (500, 20, 12), (500, 500, 4)],
)
def test_the_number_of_cosines(times, overlap, count):
    assert inference.cosines(times, overlap) == count
    assert 1 <= inference.cosines(times, overlap) <= times - 1


def test_rows_out_of_order_and_rows_that_share_a_time_are_summed():
    rng = np.random.default_rng(0)
    losses, order = rng.normal(size=(2, 40)), rng.permutation(40)
    plain = inference.averages(losses, np.arange(40), 40, 3)
    mixed = inference.averages(losses[:, order], np.arange(40)[order], 40, 3)
    np.testing.assert_allclose(mixed[1], plain[1], rtol=1e-12)
    swapped = np.arange(40) ^ 1
    np.testing.assert_allclose(inference.averages(losses[:, swapped], swapped, 40, 3)[1], plain[1], rtol=1e-12)
    twice = inference.averages(np.repeat(losses, 2, axis=1), np.repeat(np.arange(40), 2), 40, 3)
    np.testing.assert_allclose(twice[0], plain[0], rtol=1e-12)
    np.testing.assert_allclose(twice[1], plain[1], rtol=1e-12)


@pytest.mark.parametrize(
    "losses", [np.empty((2, 0)), np.array([[1.0], [2.0]]), np.full((2, 5), np.nan)], ids=["none", "one", "missing"]
)
def test_too_few_rows_prove_nothing(losses):
    mean, covariance, used = inference.averages(losses, np.arange(losses.shape[1]), losses.shape[1], 1)
    assert used == 0
    assert np.isnan(covariance).all()
    assert covariance.shape == (2, 2)
    assert (mean.tolist() == [1.0, 2.0]) if losses.shape[1] == 1 else np.isnan(mean).all()
    once = inference.averages(np.array([[1.0, 5.0], [2.0, 1.0]]), np.array([0, 0]), 1, 1)
    assert (once[0].tolist(), once[2], np.isnan(once[1]).all()) == ([3.0, 1.5], 0, True)
    assert inference.averages(np.array([[1.0, 5.0]]), np.array([0, 1]), 2, 1)[2] == 1
    alone = inference.averages(np.array([[1.0, np.nan, np.nan]]), np.arange(3), 3, 1)
    assert (alone[0].tolist(), alone[2], np.isnan(alone[1]).all()) == ([1.0], 0, True), "one row of three times"


def test_a_row_that_lacks_a_loss_does_not_count_and_keeps_its_place():
    losses = np.array([[1.0, np.nan, 3.0, 8.0], [2.0, 1.0, 4.0, 3.0]])
    mean, covariance, used = inference.averages(losses, np.arange(4), 4, 1)
    assert mean.tolist() == [4.0, 3.0]
    assert used == 1
    wave = np.sqrt(2.0 / 4.0) * np.cos(np.pi * (np.arange(4) + 0.5) / 4.0)
    parts = np.array([[-3.0, 0.0, -1.0, 4.0], [-1.0, 0.0, 1.0, 0.0]]) @ wave
    np.testing.assert_allclose(covariance, np.outer(parts, parts) * (4 / 9), atol=1e-15)


def test_students_t_is_that_of_scipy_and_none_without_freedom():
    freedom = np.array([0, 1, 4, 19])
    np.testing.assert_allclose(inference.student(0.975, freedom)[1:], stats.t.ppf(0.975, freedom[1:]), rtol=1e-12)
    np.testing.assert_allclose(
        inference.p_value(np.array([2.0, -2.0, 2.0, 0.0]), freedom)[1:], 2 * stats.t.sf([2.0, 2.0, 0.0], freedom[1:])
    )
    assert np.isnan(inference.student(0.975, freedom)[0])
    assert np.isnan(inference.p_value(np.array([2.0]), np.array([0]))[0])


def test_a_difference_that_never_varies_counts_as_one_more_look():
    found = inference.statistic(np.array([0.5, -0.5, 0.0, 0.3]), np.array([0.0, 0.0, 0.0, 0.1]), np.array([4, 4, 4, 4]))
    assert found.tolist() == pytest.approx([5.0, -5.0, 0.0, 3.0])


def averages_of(mean: list[list[float]], variance: float, freedom: int) -> inference.Averages:
    """Means of losses that are known, each with the same variance and apart from the others."""
    steps = len(mean[0])
    covariance = np.repeat((variance * np.eye(len(mean)))[:, :, None], steps, axis=2)
    return inference.Averages(np.array(mean), covariance, np.full(steps, freedom))


def test_a_contrast_is_a_weighted_sum_and_its_error():
    total, error = averages_of([[1.0, 5.0], [2.0, 5.0], [9.0, 9.0]], 0.25, 10).contrast(np.array([-1.0, 1.0, 0.0]))
    assert total.tolist() == [1.0, 0.0]
    np.testing.assert_allclose(error, np.sqrt(0.5))
    tiny = averages_of([[1.0], [1.0 + 1e-14]], 0.25, 10).contrast(np.array([-1.0, 1.0]))[0]
    assert tiny.tolist() == [0.0], "the last digits are no difference"
    large = averages_of([[1e8], [1e8 + 1e-5]], 0.25, 10).contrast(np.array([-1.0, 1.0]))[0]
    assert large.tolist() == [0.0], "of the losses themselves"
    assert averages_of([[1e-8], [3e-8]], 0.25, 10).contrast(np.array([-1.0, 1.0]))[0].tolist() == pytest.approx([2e-8])
    infinite = inference.Averages(np.array([[np.inf], [1.0], [2.0]]), np.zeros((3, 3, 1)), np.array([4]))
    assert infinite.contrast(np.array([0.0, -1.0, 1.0]))[0].tolist() == [1.0], "what has no weight may be infinite"


def test_reach_by_hand():
    """Own loss against a baseline of 1 at four steps; the one-sided 5 % bound of 10 degrees is 1.812,
    the two-sided 2.228.
    """
    bound = stats.t.ppf(0.95, 10)
    deviation = 0.1
    variance = deviation**2 / 2.0

    def at(*scores: float) -> inference.Reach:
        own = [1.0 - score * deviation for score in scores]
        return inference.reach(averages_of([own, [1.0] * len(own)], variance, 10), 0, [1], 0.0, 0.95)

    assert at(9.0, 9.0, 9.0) == (3, 3, 3, 3)
    assert at(9.0, 0.0, 9.0)[:2] == (1, 1)
    assert at(bound * 1.001, bound * 0.999, 9.0)[:2] == (1, 3)
    assert at(-9.0, 9.0, 9.0) == (0, 0, 0, 3)
    assert at(-9.0, -9.0, -9.0) == (0, 0, 0, 0)
    assert at(2.0, 2.0, 2.0)[:2] == (3, 3)
    assert at(2.0, 2.0, 2.0).low == 0
    assert at(9.0, 9.0, 2.0)[2:] == (2, 3)
    assert at(9.0, 2.0, -9.0)[2:] == (1, 2)
    both = inference.reach(averages_of([[0.5, 0.5], [1.0, 1.0], [1.0, 0.4]], variance, 10), 0, [1, 2], 0.0, 0.95)
    assert both.shown == both.estimate == 1
    margin = inference.reach(averages_of([[0.9], [1.0]], variance, 10), 0, [1], 0.2, 0.95)
    assert margin.estimate == 0


def test_skill_intervals_are_the_skills_that_are_not_refuted():
    found = averages_of([[0.5, 0.5], [1.0, 1.0]], 0.0004, 12)
    low, high = inference.skill_interval(found, 0, 1, 0.9)
    t = stats.t.ppf(0.95, 12)
    for end in (low[0], high[0]):
        gap = (1.0 - end) * 1.0 - 0.5
        assert abs(gap) / np.sqrt(0.0004 * ((1.0 - end) ** 2 + 1.0)) == pytest.approx(t, rel=1e-9)
    assert low[0] < 0.5 < high[0] < 1.0
    assert inference.skill_interval(averages_of([[0.001], [1.0]], 0.0004, 12), 0, 1, 0.9)[1].tolist() == [1.0], (
        "no skill is above 1"
    )
    low, high = inference.skill_interval(averages_of([[0.5], [0.001]], 0.04, 12), 0, 1, 0.9)
    assert (low[0], high[0]) == (-np.inf, 1.0)
    low, high = inference.skill_interval(averages_of([[0.5], [0.0]], 0.0, 12), 0, 1, 0.9)
    assert (low[0], high[0]) == (-np.inf, 1.0), "a baseline that is never wrong"
    low, high = inference.skill_interval(averages_of([[0.5], [1.0]], 0.04, 0), 0, 1, 0.9)
    assert np.isnan(low).all()
    assert np.isnan(high).all()


def rows_at(places: list[int], steps: list[int]) -> types.SimpleNamespace:
    """Rows at these times; the errors of step k overlap k times."""
    index = np.array(places, dtype=np.intp)
    return types.SimpleNamespace(
        _places=lambda: index, _overlaps=lambda found: np.array(steps), steps=np.array(steps), _is_held_out=True
    )


def test_averages_do_not_depend_on_how_many_steps_are_read_at_once(monkeypatch):
    rng, rows = np.random.default_rng(0), rows_at(list(range(100)), [1, 2, 15])
    tables = rng.normal(size=(2, 100, 3))
    losses = [lambda part, table=table: table[:, part] for table in tables]
    plain = trust.averages(rows, losses)
    for k in range(3):
        mean, covariance, used = inference.averages(
            np.ascontiguousarray(tables[:, :, k]), np.arange(100), 100, rows.steps[k]
        )
        assert plain.mean[:, k].tolist() == mean.tolist()
        assert plain.covariance[:, :, k].tolist() == covariance.tolist()
        assert plain.freedom[k] == used
    asked: list[int] = []

    def noted(part: slice) -> np.ndarray:
        asked.append(part.stop - part.start)
        return losses[0](part)

    for cells, read in ((1, [1, 1, 1]), (399, [1, 1, 1]), (400, [2, 1]), (599, [2, 1]), (600, [3])):
        monkeypatch.setattr(trust, "CELLS", cells)
        asked.clear()
        assert parameter_bits(trust.averages(rows, [noted, losses[1]])) == parameter_bits(plain)
        assert asked == read
    joined = trust.joint(rows, losses)
    assert plain.freedom.tolist() == [8, 8, 4]
    mean, covariance, used = inference.averages(tables.mean(axis=2), np.arange(100), 100, 15)
    assert used == 4, "the overlap of all steps is that of the last"
    np.testing.assert_allclose(joined.mean[:, 0], mean, rtol=1e-12)
    np.testing.assert_allclose(joined.covariance[:, :, 0], covariance, rtol=1e-9)
    assert joined.freedom.tolist() == [used]


def test_no_rows_show_nothing():
    rows, losses = rows_at([], [1, 2]), [lambda part: np.empty((0, 1))] * 3
    for found, steps in ((trust.averages(rows, losses), 2), (trust.joint(rows, losses), 1)):
        assert [part.shape for part in found] == [(3, steps), (3, 3, steps), (steps,)]
        assert np.isnan(found.mean).all()
        assert np.isnan(found.covariance).all()
        assert found.freedom.tolist() == [0.0] * steps


def test_a_horizon_is_in_steps_and_a_difference_has_its_interval():
    found = averages_of([[0.5, 0.5, 2.0], [1.0, 1.0, 1.0]], 0.0001, 10)
    assert trust.horizon(found, 0, [1], np.array([1, 4, 16]), 0.05, 0.95) == (4, 4, 4, 4, 16, 0.05)
    assert trust.horizon(found, 1, [0], np.array([1, 4, 16]), 0.05, 0.95)[:2] == (0, 0)
    other = trust.difference(found, averages_of([[0.8], [1.0]], 0.0001, 6), 0, 1, 0.9, np.array([1, 2]))
    error, t = np.sqrt(0.0002), stats.t.ppf(0.95, 10)
    assert other.difference.tolist() == [-0.5, -0.5, 1.0]
    np.testing.assert_allclose(other.low, other.difference - t * error)
    np.testing.assert_allclose(other.high, other.difference + t * error)
    np.testing.assert_allclose(other.statistic, other.difference / error)
    np.testing.assert_allclose(other.p, 2 * stats.t.sf(np.abs(other.statistic), 10))
    assert other.overall == pytest.approx(-0.2 / error)
    assert other.overall_p == pytest.approx(2 * stats.t.sf(0.2 / error, 6))


@pytest.mark.parametrize(
    ("level", "margin"), [(0.0, 0.05), (1.0, 0.05), (0.95, 1.0), (0.95, -0.01), (2.0, 0.05), (0.95, 1.5)]
)
def test_levels_and_margins_are_shares(level, margin):
    with pytest.raises(sa.errors.ParameterError):
        trust.check(rows_at([0], [1]), level, margin)
    trust.check(rows_at([0], [1]), 0.95, 0.0)
    with pytest.raises(sa.errors.InputError) as caught:
        trust.check(types.SimpleNamespace(_is_held_out=False), 0.95, 0.05)
    assert caught.value.code == "training"


# the audit


def test_what_is_planted():
    series = sa.Series(sine(0, 40))
    for number, kind in enumerate(["another level", "equal", "huge and tiny"] * 2):
        found = perturbing.perturbed(series, 25, number, seed=3)
        assert found[:25].tobytes() == series.values[:25].tobytes()
        behind = found[25:]
        if kind == "another level":
            assert 900.0 < behind.mean() < 1100.0
            assert 15.0 < behind.std() < 70.0
        elif kind == "equal":
            assert behind.tolist() == [-321.5] * 15
        else:
            assert behind.tolist() == [1e6, 1e-6] * 7 + [1e6]
        assert perturbing.perturbed(series, 25, number, seed=3).tobytes() == found.tobytes()
    assert (
        perturbing.perturbed(series, 25, 0, seed=4).tobytes() != perturbing.perturbed(series, 25, 0, seed=3).tobytes()
    )
    whole = perturbing.perturbed(sa.Series(np.arange(40)), 25, 2, seed=3)
    assert whole[25:].tolist() == [1e6, 0.0] * 7 + [1e6]
    missing = {which: np.flatnonzero(np.isnan(values)).tolist() for values, which in perturbing.with_gaps(series, 25)}
    some = missing.pop("some values from 25 on missing")
    assert 0 < len(some) < 15
    assert min(some) >= 25
    assert missing == {
        "the values from 25 on missing": list(range(25, 40)),
        "the last value missing": [39],
        "the value 25 missing": [25],
        "every second value from 25 on missing": list(range(26, 40, 2)),
    }
    assert all(values[:25].tolist() == series.values[:25].tolist() for values, _ in perturbing.with_gaps(series, 25))
    assert [np.isnan(values).sum() for values, _ in perturbing.with_gaps(series, 39)][:3] == [1, 1, 1]


def test_symbols_and_holes_are_planted_too():
    text = sa.Series(["a", "b", "c", None] * 10, missing="skip")
    shifted = perturbing.perturbed(sa.Series(["a", "b", "c"] * 10), 20, 0, seed=0)
    assert shifted[20:].tolist() == [(code + 1) % 3 for code in sa.Series(["a", "b", "c"] * 10).values[20:]]
    every = sa.Series(["a", "b", "c"] * 40)
    for number in range(7):
        behind = perturbing.perturbed(every, 20, number, seed=0)[20:]
        is_next = behind.tolist() == [(code + 1) % 3 for code in every.values[20:]]
        assert is_next == (number % 3 == 0)
        assert set(behind.tolist()) == {0, 1, 2}
    found = perturbing.perturbed(text, 10, 1, seed=0)
    assert found[:10].tolist() == text.values[:10].tolist()
    assert set(found[10:].tolist()) == {-1, 0, 1, 2}
    holes = sa.Series([np.nan if i % 4 == 3 else float(i) + 0.5 for i in range(400)], missing="skip")
    share = np.isnan(perturbing.perturbed(holes, 100, 0, seed=0)[100:]).mean()
    assert 0.1 < share < 0.3
    assert not np.isnan(perturbing.perturbed(sa.Series(sine(0, 40)), 10, 0, seed=0)).any()
    assert next(perturbing.with_gaps(text, 10))[0][10:].tolist() == [-1] * 30


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.array([1.0]), np.array([1])),
        (np.array([1.0, 2.0]), np.array([[1.0, 2.0]])),
        (np.array([0.0]), np.array([-0.0])),
        (0.1, 0.1 + 2**-56),
        (np.float64(1.0), np.float32(1.0)),
        ("a", b"a"),
        ({"a": 1}, {"a": 2}),
        ([1, 2], [2, 1]),
        ({1, 2}, {1, 3}),
        (np.array(["a", None], dtype=object), np.array(["a", "b"], dtype=object)),
        (sa.AR(2), sa.AR(3)),
        (sa.AR(2), sa.SSA(2)),
        (None, False),
        (np.float64("nan"), np.float64(0.0)),
    ],
)
def test_bits_tell_apart(one, other):
    assert parameter_bits(one) != parameter_bits(other)
    assert parameter_bits(one) == parameter_bits(one)


def test_bits_of_what_holds_itself():
    loop_: list = [1.0]
    loop_.append(loop_)
    assert parameter_bits(loop_) == ((1.0).hex(), "seen")
    assert parameter_bits(loop_) != parameter_bits([1.0, None])
    assert parameter_bits((1, [2, {3}])) == parameter_bits([1, (2, frozenset({3}))])


def test_bits_of_a_tensor_are_those_of_its_numbers():
    import torch

    assert parameter_bits(torch.tensor([1.0])) == parameter_bits(np.array([1.0], dtype=np.float32))
    assert parameter_bits(torch.tensor([1.0])) != parameter_bits(torch.tensor([2.0]))


def test_bits_of_what_is_half_a_tensor_are_those_of_what_it_holds():
    class Half:
        def __init__(self, number: float) -> None:
            self.number = number

        def numpy(self) -> None:
            raise RuntimeError("there is nothing to detach")

    assert parameter_bits(Half(1.0)) == parameter_bits(Half(1.0))
    assert parameter_bits(Half(1.0)) != parameter_bits(Half(2.0))


def test_origins_of_an_audit_have_all_their_targets():
    series = sa.Series(sine(0, 60))
    made = pipelines.ModelPipeline(sa.AR(2), series, 40, 5)
    assert made.base().origins.tolist() == list(range(2, 56))
    assert made.run(series, True).origins.tolist() == list(range(2, 56))
    assert made.past(series, 58).origins.tolist() == list(range(2, 56))
    assert made.past(series, 50).origins.tolist() == list(range(2, 51))
    assert made.shorter(series[:50]).origins.tolist() == list(range(2, 51))


@pytest.mark.parametrize("deterministic", [True, False])
@pytest.mark.parametrize("sensitive", [True, False])
@pytest.mark.parametrize("stopped", [0, 3])
def test_a_verdict_says_what_there_is_to_say(deterministic, sensitive, stopped):
    found = dataclasses.replace(
        sa.audit(sa.baselines.Naive(), sine(0, 60), 5),
        deterministic=deterministic,
        sensitive=sensitive,
        stopped=stopped,
    )
    for text in (found.summary(), str(found)):
        assert ("the model ignores its data once fitted" in text) is not sensitive
        assert ("wo fits on the same data differ" in text) is not deterministic
        assert ("at 3 cuts the" in text.lower()) is bool(stopped)


def test_what_an_audit_does_where_nothing_is_said():
    verdict = sa.audit(sa.AR(2), sine(0, 100))
    assert verdict.cuts == 100 - 50 - 12 + 1
    assert verdict.sensitive
    assert not sa.audit(sa.baselines.Mean(), sine(0, 100)).sensitive


def test_a_process_may_be_copied_on_linux_where_torch_has_started_no_threads(monkeypatch):
    for platform, torch, may in (("linux", False, True), ("linux", True, False), ("darwin", False, False)):
        with monkeypatch.context() as changed:
            changed.setattr(processes.sys, "platform", platform)
            if torch:
                changed.setitem(processes.sys.modules, "torch", types.ModuleType("torch"))
            else:
                changed.delitem(processes.sys.modules, "torch", raising=False)
            found = not processes.hindrance()
        assert found is may


def last_value(*origins: int):
    return lambda values: {origin: [values[origin - 1]] for origin in origins}


@pytest.mark.parametrize(("length", "cuts"), [(400, 100), (401, 32)])
def test_every_cut_of_up_to_400_values_and_32_of_more(length, cuts):
    verdict = sa.audit(sa.baselines.Naive(), sine(0, length), 1, train=length - 100)
    assert (verdict.cuts, verdict.exhaustive) == (cuts, length == 400)


def test_an_audit_of_a_function_needs_a_value_behind_the_first_step():
    with pytest.raises(sa.errors.InputError) as caught:
        sa.audit(last_value(20), sine(0, 21), train=20)
    assert (caught.value.found, caught.value.needed) == (21, 22)
    found = sa.audit(last_value(20, 21), sine(0, 22), train=20)
    assert (found.causal, found.deterministic) == (True, True)


def test_cuts_of_a_function_are_its_origins_and_few_of_them_are_all_tried():
    x = sine(0, 460)
    assert sa.audit(last_value(100), x, train=100).cuts == 1
    with pytest.raises(sa.errors.InputError, match="has no held-out origin"):
        sa.audit(last_value(99), x, train=100)
    for count, exhaustive in ((31, True), (32, False)):
        verdict = sa.audit(last_value(*range(101, 101 + count)), x, train=100)
        assert (verdict.exhaustive, verdict.cuts) == (exhaustive, 32), "the end of the training part is one more"


def test_cuts_are_all_or_the_ends_and_some_between():
    every = np.arange(100, 300)
    assert loop._cuts(every, True, 300, 100, None, 0) == (every.tolist(), True)
    chosen, exhaustive = loop._cuts(every, False, 300, 100, None, 0)
    assert not exhaustive
    assert (chosen[0], chosen[-1], len(chosen)) == (100, 299, loop.SAMPLED)
    assert chosen == sorted(set(chosen))
    assert loop._cuts(every, False, 300, 100, None, 0)[0] == chosen
    assert loop._cuts(every, False, 300, 100, None, 1)[0] != chosen
    few = every[: loop.SAMPLED + 1]
    seen = {cut for seed in range(40) for cut in loop._cuts(few, False, 300, 100, None, seed)[0]}
    assert seen == set(few.tolist()), "every one between the ends may be chosen"
    assert loop._cuts(every, False, 300, 100, [250, 120, 120], 0) == ([120, 250], False)
    assert loop._cuts(every[:2], False, 300, 100, [100, 101], 0) == ([100, 101], True)
    assert loop._cuts(every, False, 300, 100, [299, 100], 0)[0] == [100, 299]
    assert loop._spread(list(range(10)), 3) == [0, 4, 9]
    assert loop._spread([7, 9], 8) == [7, 9]
    for bad in ([99], [300], []):
        with pytest.raises(sa.errors.ParameterError, match="cuts"):
            loop._cuts(every, False, 300, 100, bad, 0)


def test_runs_do_not_change():
    run = pipelines.Run(np.arange(3), np.zeros((3, 2)))
    verdict = sa.audit(sa.baselines.Naive(), sine(0, 40), 3)
    for found, name in ((run, "origins"), (findings.Leak("A", 3, None, "so"), "cut"), (verdict, "leaks")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(found, name, None)


@pytest.mark.parametrize("length", [60, 61, 90])
def test_an_audit_counts_what_it_compared(length):
    verdict = sa.audit(sa.AR(3), sine(0, length), horizon=5, train=40)
    cuts = range(40, length - 5 + 1)
    assert (verdict.cuts, verdict.refits, verdict.stopped) == (len(cuts), len(cuts), 0)
    assert verdict.compared == sum(cut - 3 + 1 for cut in cuts)
    assert (verdict.exhaustive, verdict.sensitive, verdict.deterministic) == (True, True, True)


def test_fits_are_made_again_at_the_ends_where_they_are_slow():
    made = pipelines.ModelPipeline(sa.AR(2), sa.Series(sine(0, 60)), 40, 5)
    made.seconds = 0.0
    assert made.refits_at([41, 45, 50]) == {41, 45, 50}
    made.seconds = pipelines.REFIT_SECONDS / 3
    assert made.refits_at([41, 45, 50]) == {41, 45, 50}
    made.seconds = pipelines.REFIT_SECONDS / 2
    assert made.refits_at([41, 45, 50]) == {41, 50}
    made.deterministic = False
    assert made.refits_at([41, 45, 50]) == set()
    assert made.affords(10**9)
    assert made.cuts(made.base()).tolist() == list(range(40, 56))


def test_a_function_is_run_as_often_as_there_is_time():
    made = pipelines.FunctionPipeline(lambda x: {}, sa.Series(sine(0, 60)), 40, None)
    made.seconds = pipelines.RUN_SECONDS / 10
    assert made.affords(10)
    assert not made.affords(11)
    assert made.refits_at([41, 45]) == {41, 45}
    nothing = made._forecasts({}, 60)
    assert (nothing.origins.tolist(), nothing.forecasts.shape) == ([], (0, 0))
    some = made._forecasts({7: [1.0, 2.0], 3: [[3.0], [4.0]], np.int64(5): np.array([5.0, 6.0])}, 60)
    assert some.origins.tolist() == [3, 5, 7]
    assert some.forecasts.tolist() == [[3.0, 4.0], [5.0, 6.0], [1.0, 2.0]]
    assert made._forecasts({0: [1.0], 60: [1.0]}, 60).origins.tolist() == [0, 60]
    for bad in (
        {61: [1.0]},
        {-1: [1.0]},
        {True: [1.0]},
        {2.5: [1.0]},
        {3: []},
        {3: [[1.0, 2.0]]},
        {3: ["a"]},
        {3: [1.0], 4: [1.0, 2.0]},
        [1.0],
    ):
        with pytest.raises(sa.errors.ParameterError, match="must give"):
            made._forecasts(bad, 60)


BASE = pipelines.Run(np.arange(5, 10), np.arange(10.0).reshape(5, 2), b"marks")


def moved(rows: dict[int, float], **changed) -> pipelines.Run:
    """The base, its forecasts from some origins off by so much."""
    forecasts = BASE.forecasts.copy()
    for origin, size in rows.items():
        forecasts[origin - 5, 1] += size
    return dataclasses.replace(BASE, forecasts=forecasts, **changed)


@pytest.mark.parametrize(
    ("got", "cut", "leaks", "rest", "rows"),
    [
        (BASE, 7, [], False, 3),
        (moved({8: 1.0}), 7, [], True, 3),
        (moved({9: 1.0}), 4, [], True, 0),
        (BASE, 4, [], False, 0),
        (BASE, 20, [], False, 5),
        (moved({7: 0.5, 6: -0.25}), 7, ["A at 6: 2 of 3 rows moved, by up to 0.5, the first"], False, 3),
        (moved({7: 1e-9, 8: 1.0}), 7, ["A at 7: 1 of 3 rows moved, by up to 1e-09, the first"], True, 3),
        (moved({5: np.nan}), 5, ["A at 5: 1 of 1 rows moved, out of all bounds, the first"], False, 1),
        (moved({}, fingerprint=b"other"), 7, ["B at None: a fitted parameter changed"], False, 3),
        (
            moved({}, origins=np.array([4, 6, 7, 8, 9])),
            7,
            ["E at None: other origins before it had a forecast"],
            True,
            0,
        ),
        (moved({}, origins=np.arange(15, 20)), 4, [], False, 0),
        (
            pipelines.Run(BASE.origins, BASE.forecasts[:, :1], b"marks"),
            6,
            ["E at None: 1 steps were forecast, not 2"],
            True,
            0,
        ),
    ],
    ids=[
        "same",
        "after",
        "all after",
        "none before",
        "all",
        "two",
        "last digits",
        "nan",
        "marks",
        "origins",
        "later",
        "steps",
    ],
)
def test_what_is_compared_at_a_cut(got, cut, leaks, rest, rows):
    found, differs, compared = loop._compare(BASE, got, cut, 0.0)
    assert [f"{leak.check} at {leak.origin}: {leak.found}" for leak in found] == leaks
    assert {leak.cut for leak in found} <= {cut}
    assert (differs, compared) == (rest, rows)


@pytest.mark.parametrize(("apart", "leaks"), [(0.0, 0), (4e-3, 0), (9e-3, 0), (2e-2, 1), (np.nan, 1)])
def test_a_series_cut_off_has_the_same_forecast_to_a_millionth_of_the_largest(apart, leaks):
    series = sa.Series(sine(0, 12))
    base = pipelines.Run(np.arange(5, 11), np.full((6, 2), 5.0))
    base.forecasts[0, 0] = -1e4
    shorter = types.SimpleNamespace(shorter=lambda known: pipelines.Run(np.arange(5, 8), np.full((3, 2), 5.0 + apart)))
    done, found = loop._shorter(shorter, series, base, [7], loop.SHAPES, Ledger())
    assert done == 1
    assert [(leak.check, leak.cut, leak.origin) for leak in found] == [("F", 7, 7)] * leaks


def test_rows_that_are_lost_with_what_is_missing_are_counted_and_the_first_named():
    lost = moved({6: np.nan, 7: np.nan, 9: np.nan})
    lossy = types.SimpleNamespace(past=lambda series, cut: lost)
    done, found = loop._gaps(lossy, sa.Series(sine(0, 12)), BASE, [8, 5], loop.SHAPES, Ledger())
    assert done == 2
    assert [(leak.check, leak.cut, leak.origin, leak.found) for leak in found] == [
        ("N", 8, 6, "2 of 4 rows were lost, the first")
    ]


@pytest.mark.parametrize(("apart", "rows"), [(0.0, 0), (8e-6, 0), (1e-5, 2)])
def test_rows_that_move_with_what_is_missing_are_told_to_a_millionth(apart, rows):
    got = moved({6: apart, 7: apart, 9: 1.0})
    leak = loop._moved(BASE, got, 8, "the last value missing", loop.SHAPES)
    assert (leak is None) == (rows == 0)
    if leak:
        assert (
            str(leak)
            == "check N: with the last value missing, 2 of 4 rows moved, by up to 1e-05, the first at origin 6"
        )


@pytest.mark.parametrize(("apart", "leaks"), [(8e-4, 0), (1e-3, 1)])
def test_a_tolerance_is_a_share_of_the_largest_forecast(apart, leaks):
    assert len(loop._compare(BASE, moved({6: apart}), 8, 1e-4)[0]) == leaks


def runs_of(ends: dict[int, list[int]]) -> dict[int, pipelines.Run]:
    return {end: pipelines.Run(np.array(origins), np.zeros((len(origins), 1))) for end, origins in ends.items()}


@pytest.mark.parametrize(
    ("ends", "leaks"),
    [
        ({20: list(range(5, 21)), 25: list(range(5, 26))}, []),
        ({20: list(range(5, 18)), 25: list(range(5, 23))}, []),
        ({20: list(range(5, 16)), 25: list(range(5, 26))}, [(20, 16)]),
        ({20: list(range(5, 20)), 25: list(range(5, 26))}, [(20, 20)]),
        ({20: list(range(5, 21, 5)), 25: list(range(5, 26, 5))}, []),
        ({20: [], 25: list(range(5, 26))}, []),
        ({20: [5], 25: list(range(5, 26))}, [(20, 6)]),
    ],
    ids=["all there", "targets needed", "a batch dropped", "one dropped", "every fifth", "none at all", "one is left"],
)
def test_origins_that_a_series_cut_off_has_no_more(ends, leaks):
    step = 5 if 10 in ends[25] and 11 not in ends[25] else 1
    base = pipelines.Run(np.arange(5, 31, step), np.zeros((len(range(5, 31, step)), 1)))
    if ends[20] == list(range(5, 18)):
        base = pipelines.Run(np.arange(5, 28), np.zeros((23, 1)))
    found = loop._dropped(base, runs_of(ends), 30)
    assert [(leak.check, leak.cut, leak.origin) for leak in found] == [("E", cut, origin) for cut, origin in leaks]


def test_a_leak_in_words():
    assert (
        str(findings.Leak("A", 30, 7, "it moved,"))
        == "check A: with the values from 30 on rewritten, it moved, at origin 7"
    )
    assert (
        str(findings.Leak("B", 30, None, "it changed")) == "check B: with the values from 30 on rewritten, it changed"
    )
    lost = findings.Leak("N", 30, 7, "it is gone", "the last value missing")
    assert str(lost) == "check N: with the last value missing, it is gone at origin 7"


@pytest.mark.parametrize("count", [1, findings.SHOWN_LEAKS, findings.SHOWN_LEAKS + 1, 50])
def test_the_first_leaks_are_told_and_the_others_counted(count):
    leaks = tuple(findings.Leak("A", 10 + i, 9, "and so on") for i in range(count))
    said = dataclasses.replace(sa.audit(sa.AR(2), sine(0, 60), 5), leaks=leaks)
    shown = said.summary().splitlines()
    assert not said.causal
    assert said.first_leak is leaks[0]
    assert sum(line.startswith("  check A") for line in shown) == min(count, findings.SHOWN_LEAKS)
    assert [line for line in shown if line.startswith("  and ")] == (
        [] if count <= findings.SHOWN_LEAKS else [f"  and {count - findings.SHOWN_LEAKS} more"]
    )


# storage


def nested(depth: int) -> bytes:
    return b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)


def test_json_is_read_to_a_depth_of_20_and_brackets_in_text_do_not_count():
    assert storage._strict(nested(20), "x")
    with pytest.raises(sa.errors.ModelFileError, match="more than 20 deep") as caught:
        storage._strict(nested(21), "x")
    assert caught.value.found == 21
    with pytest.raises(sa.errors.ModelFileError, match="deep"):
        storage._strict(b'{"a": [], "b": {}, "c": ' + b"[" * 20 + b"]" * 20 + b"}", "x")
    assert storage._strict(b'{"a": [], "b": {}, "c": ' + b"[" * 19 + b"]" * 19 + b"}", "x")
    quoted = {"a": "[" * 50 + '"' + "{" * 50 + "\\", "b": ["\\\\", '"]']}
    assert storage._strict(json.dumps(quoted).encode(), "x") == quoted
    with pytest.raises(sa.errors.ModelFileError, match="deep"):
        storage._strict(b'{"": ' + b"[" * 30 + b"]" * 30 + b"}", "x")
    with pytest.raises(sa.errors.ModelFileError, match="deep"):
        storage._strict(b'{"a": "\\\\", "b": ' + b"[" * 30 + b"]" * 30 + b"}", "x")


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (b"{}", True),
        (b"[]", False),
        (b"1", False),
        (b'{"a": 1, "a": 1}', False),
        (b'{"a": NaN}', False),
        (b'{"a": 1e308}', True),
        (b'{"a": 1e309}', False),
        (b'{"a": ' + b"1" * 40 + b"}", True),
        (b'{"a": ' + b"1" * 41 + b"}", False),
        (b"{" + b" " * (1 << 20) + b"}", False),
        (b"{" + b" " * ((1 << 20) - 2) + b"}", True),
        (b'{"a": "\xff"}', False),
        (b"", False),
        (b'{"a": {"b": 1, "b": 2}}', False),
    ],
    ids=lambda text: repr(text[:16]) if isinstance(text, bytes) else "",
)
def test_strict_json(text, good):
    if good:
        assert isinstance(storage._strict(text, "x"), dict)
        return
    with pytest.raises(sa.errors.ModelFileError):
        storage._strict(text, "x")


def header(content: bytes) -> dict:
    return json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])


def test_a_model_without_arrays_has_one_that_says_so():
    class Bare:
        context = 1

        def __pack__(self):
            return {"level": 2.5}, {}

        @classmethod
        def __unpack__(cls, facts, arrays):
            assert arrays == {}
            made = cls()
            made.level = facts["level"]
            return made

    known = dict(storage._registry)
    try:
        storage.register(Bare)
        content = storage.dumps(Bare())
        assert header(content)["_"]["shape"] == [1]
        assert storage.loads(content).level == 2.5
        with pytest.raises(ValueError, match="another name"):
            storage.register(type("Bare", (), {}))
        assert storage.register(Bare) is Bare
        assert storage.registered_class("Bare") is Bare
        assert storage.registered_name(Bare()) == "Bare"
    finally:
        storage._registry.clear()
        storage._registry.update(known)


@pytest.mark.parametrize(
    ("head", "size", "good"),
    [
        ((2).to_bytes(8, "little"), 10, True),
        ((1).to_bytes(8, "little"), 10, False),
        ((2).to_bytes(8, "little"), 9, False),
        ((3).to_bytes(8, "little"), 10, False),
        ((2 << 20).to_bytes(8, "little"), 1 << 30, True),
        (((2 << 20) + 1).to_bytes(8, "little"), 1 << 30, False),
        ((2).to_bytes(8, "little")[:7], 10, False),
    ],
)
def test_a_header_has_a_plausible_length(head, size, good):
    assert storage._plausible(head, size) is good


def test_a_header_may_fill_half_of_what_is_read(monkeypatch):
    model = sa.AR(2).fit(sine(0, 60))
    size = len(header(storage.dumps(model))["__metadata__"]["stepahead"].partition(" ")[2])
    monkeypatch.setattr(storage, "LARGEST_HEADER", 2 * size)
    storage.dumps(model)
    monkeypatch.setattr(storage, "LARGEST_HEADER", 2 * size - 2)
    with pytest.raises(sa.errors.ModelFileError, match="too long"):
        storage.dumps(model)


def test_what_no_file_can_name():
    assert storage.registered_class("Bare") is None
    assert storage.registered_class(["AR"]) is None
    assert storage.registered_name(object()) is None


def test_numbers_that_are_none_are_not_written():
    model = sa.baselines.Mean().fit([1.0, 2.0])
    model.mean_ = float("nan")
    with pytest.raises(sa.errors.ModelFileError) as caught:
        storage.dumps(model)
    assert caught.value.code == "values"


def test_an_empty_file_of_the_format_is_named_as_such(tmp_path):
    (tmp_path / "m").write_bytes((2).to_bytes(8, "little") + b"{}")
    with pytest.raises(sa.errors.ModelFileError) as caught:
        sa.load(tmp_path / "m")
    assert caught.value.code == "not-a-model-file"


def test_offsets_that_are_no_numbers_are_none(tmp_path):
    head = b'{"a": {"dtype": "F64", "shape": [1], "data_offsets": [0, "eight"]}}'
    (tmp_path / "m").write_bytes(len(head).to_bytes(8, "little") + head + b"\0" * 8)
    with pytest.raises(sa.errors.ModelFileError) as caught:
        sa.load(tmp_path / "m")
    assert (caught.value.code, caught.value.needed) == ("length", 8 + len(head))


def test_four_tensors_that_differ_are_named():
    content = storage.dumps(sa.AR(2).fit(sine(0, 60)))
    own = list(header(content).keys() - {"__metadata__"})
    with pytest.raises(sa.errors.ModelFileError, match=r"tensors and their list differ: 'u, v, w, x'$") as caught:
        storage._arrays(content, {name: {} for name in (*own, *"zyxwvu")})
    assert caught.value.found == ["u", "v", "w", "x"]


def test_the_header_of_a_file_needs_no_padding():
    model = sa.AR(2).fit(sine(0, 60))
    content = storage.dumps(model)
    length = int.from_bytes(content[:8], "little")
    bare = content[8 : 8 + length].rstrip(b" ")
    assert bare.endswith(b"}")
    found = storage.loads(len(bare).to_bytes(8, "little") + bare + content[8 + length :])
    assert found.coefficients_.tolist() == model.coefficients_.tolist()


def test_a_link_is_not_followed_and_a_file_that_is_not_there_is_not_called_one(tmp_path):
    sa.AR(2).fit(sine(0, 60)).save(tmp_path / "m")
    (tmp_path / "link").symlink_to(tmp_path / "m")
    for name, reason in (("link", "it is a link, and links are not followed"), ("none", "No such file or directory")):
        with pytest.raises(sa.errors.ModelFileError, match=f": {reason}$") as caught:
            sa.load(tmp_path / name)
        assert caught.value.code == "unreadable"


def test_a_file_longer_or_shorter_than_it_says_is_not_read_to_its_end(tmp_path):
    content = storage.dumps(sa.AR(2).fit(sine(0, 60)))
    path = tmp_path / "m"
    for bad in (content[:-1], content + b"\0"):
        path.write_bytes(bad)
        with pytest.raises(sa.errors.ModelFileError) as caught:
            sa.load(path)
        assert (caught.value.code, caught.value.found, caught.value.needed) == ("length", len(bad), len(content))
    path.write_bytes(content)
    assert sa.load(path).lags == 2

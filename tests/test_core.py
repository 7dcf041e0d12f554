"""The core at its edges: windows, walk, tests, audit and storage, each number by hand. What mutation testing asked for."""

from __future__ import annotations

import builtins
import dataclasses
import io
import json

import numpy as np
import pytest
from scipy import stats

import stepahead as sa
from stepahead import storage, walk, windows
from stepahead.evaluation.audit import hostile as planting
from stepahead.evaluation.audit import loop, pipelines
from stepahead.evaluation.audit.bits import parameter_bits
from stepahead.numerics import inference

from .data import sine

# windows


def test_too_short_names_the_series_where_it_has_a_name():
    with pytest.raises(sa.InputError, match=r"^the series is too short: this needs 3 values, found 2$"):
        windows.require(2, 3, "this")
    with pytest.raises(sa.InputError, match=r"^series 'load' is too short: this needs 3 values, found 2$"):
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
    second = windows.joined_windows(x[5:], 3, (first,))
    assert np.vstack([first, second]).tolist() == whole.tolist()
    assert windows.lagged(x[:2], 3).shape == (0, 3)
    assert windows.lagged(x[:3], 3).tolist() == [[0.0, 1.0, 2.0]]


def test_rows_are_a_slice_where_they_are_regular():
    assert windows.as_rows(np.array([5, 6, 7]), 2) == slice(3, 6)
    assert windows.as_rows(np.array([5, 7]), 2).tolist() == [3, 5]
    assert windows.as_rows(np.array([], dtype=np.intp), 2).tolist() == []
    assert windows.last_values(np.array([4.0, 5.0]), np.array([0, 1, 2])).tolist()[1:] == [4.0, 5.0]
    assert np.isnan(windows.last_values(np.array([4.0, 5.0]), np.array([0]))[0])


@pytest.mark.parametrize(
    ("length", "share", "count"), [(10, 0.29, 2), (10, 0.3, 3), (1000, 0.6, 600), (7, 0.999, 6), (100, 0.07, 7), (3, 1 / 3, 1)]
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
MEMINFO = f"MemTotal:       {64 * GIB >> 10} kB\nMemFree:  {GIB >> 10} kB\nMemAvailable:   {8 * GIB >> 10} kB\nBuffers: 1 kB\n"


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
    monkeypatch.setattr(walk, "open", files(**contents), raising=False)
    assert walk.memory_budget() == budget


def test_without_the_files_of_linux_the_system_is_asked(monkeypatch):
    monkeypatch.setattr(walk, "open", files(), raising=False)
    monkeypatch.setattr(walk.os, "sysconf", {"SC_AVPHYS_PAGES": 3 * GIB >> 12, "SC_PAGE_SIZE": 4096}.__getitem__)
    assert walk.memory_budget() == 3 * GIB >> 1
    monkeypatch.setattr(walk.os, "sysconf", lambda name: (_ for _ in ()).throw(ValueError(name)))
    assert walk.memory_budget() == 2 * GIB


def test_the_budget_is_kept_to_the_byte(monkeypatch):
    monkeypatch.setattr(walk, "memory_budget", lambda: 800)
    walk.afford(10, 10, "a result")
    with pytest.raises(sa.BudgetError) as caught:
        walk.afford(10, 11, "a result", "Take less.")
    assert (caught.value.asked, caught.value.budget) == (880, 800)
    assert str(caught.value) == "a result would take 10 x 11 numbers = 880 bytes; the budget is 800 bytes. Take less."
    model = sa.AR(2).fit(sine(0, 60))
    monkeypatch.setattr(walk, "memory_budget", lambda: 4 * 5 * 8)
    assert model.forecast(sine(0, 60), 5).shape == (5,)
    with pytest.raises(sa.BudgetError) as caught:
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
    with pytest.raises(sa.FitError) as caught:
        sa.k_step(Later(), sine(0, 30), 5, train=0)
    assert caught.value.step == 3
    assert "step 3" in str(caught.value)
    assert sa.forecast(Later(), sine(0, 30), 5).shape == (5,)


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


def test_origins_and_what_refuses_them():
    model, x = sa.AR(3).fit(sine(0, 40)), sine(0, 40)
    assert model.forecast(x, 1, origin=3).shape == (1,)
    for origin in (2, 0, 41, -1):
        with pytest.raises(sa.ParameterError) as caught:
            model.forecast(x, 1, origin=origin)
        assert caught.value.name == "origin"
    holes = x.copy()
    holes[20] = np.nan
    with pytest.raises(sa.InputError, match=r"from origin 21: .* \(the last one read is at 20\)") as caught:
        model.forecast(sa.Series(holes, missing="skip"), 1, origin=21)
    assert caught.value.origin == 21


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
    some = inference.averages(np.array([[1.0, np.nan, 3.0], [2.0, 1.0, 4.0]]), np.arange(3), 3, 1)
    assert some[0].tolist() == [2.0, 3.0]


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
    infinite = inference.Averages(np.array([[np.inf], [1.0], [2.0]]), np.zeros((3, 3, 1)), np.array([4]))
    assert infinite.contrast(np.array([0.0, -1.0, 1.0]))[0].tolist() == [1.0], "what has no weight may be infinite"


def test_reach_by_hand():
    """Own loss against a guess of 1 at four steps; the one-sided 5 % bound of 10 degrees is 1.812, the two-sided 2.228."""
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
    low, high = inference.skill_interval(averages_of([[0.5], [0.001]], 0.04, 12), 0, 1, 0.9)
    assert (low[0], high[0]) == (-np.inf, 1.0)
    low, high = inference.skill_interval(averages_of([[0.5], [1.0]], 0.04, 0), 0, 1, 0.9)
    assert np.isnan(low).all()
    assert np.isnan(high).all()


# the audit


def test_what_is_planted():
    series = sa.Series(sine(0, 40))
    for number, kind in enumerate(["another level", "equal", "huge and tiny"] * 2):
        found = planting.hostile(series, 25, number, seed=3)
        assert found[:25].tobytes() == series.values[:25].tobytes()
        behind = found[25:]
        if kind == "another level":
            assert 900.0 < behind.mean() < 1100.0
            assert 15.0 < behind.std() < 70.0
        elif kind == "equal":
            assert behind.tolist() == [-321.5] * 15
        else:
            assert behind.tolist() == [1e6, 1e-6] * 7 + [1e6]
        assert planting.hostile(series, 25, number, seed=3).tobytes() == found.tobytes()
    assert planting.hostile(series, 25, 0, seed=4).tobytes() != planting.hostile(series, 25, 0, seed=3).tobytes()
    whole = planting.hostile(sa.Series(np.arange(40)), 25, 2, seed=3)
    assert whole[25:].tolist() == [1e6, 0.0] * 7 + [1e6]
    assert planting.hollow(series, 25)[:25].tolist() == series.values[:25].tolist()
    assert np.isnan(planting.hollow(series, 25)[25:]).all()


def test_symbols_and_holes_are_planted_too():
    text = sa.Series(["a", "b", "c", None] * 10, missing="skip")
    shifted = planting.hostile(sa.Series(["a", "b", "c"] * 10), 20, 0, seed=0)
    assert shifted[20:].tolist() == [(code + 1) % 3 for code in sa.Series(["a", "b", "c"] * 10).values[20:]]
    found = planting.hostile(text, 10, 1, seed=0)
    assert found[:10].tolist() == text.values[:10].tolist()
    assert set(found[10:].tolist()) == {-1, 0, 1, 2}
    holes = sa.Series([np.nan if i % 4 == 3 else float(i) + 0.5 for i in range(400)], missing="skip")
    share = np.isnan(planting.hostile(holes, 100, 0, seed=0)[100:]).mean()
    assert 0.1 < share < 0.3
    assert not np.isnan(planting.hostile(sa.Series(sine(0, 40)), 10, 0, seed=0)).any()
    assert planting.hollow(text, 10)[10:].tolist() == [-1] * 30


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
    loop_ = [1.0]
    loop_.append(loop_)
    assert parameter_bits(loop_) == parameter_bits(loop_)
    assert parameter_bits((1, [2, {3}])) == parameter_bits([1, (2, frozenset({3}))])


def test_cuts_are_all_or_the_ends_and_some_between():
    every = np.arange(100, 300)
    assert loop._cuts(every, True, 300, 100, None, 0) == (every.tolist(), True)
    chosen, exhaustive = loop._cuts(every, False, 300, 100, None, 0)
    assert not exhaustive
    assert (chosen[0], chosen[-1], len(chosen)) == (100, 299, loop.SAMPLED)
    assert chosen == sorted(set(chosen))
    assert loop._cuts(every, False, 300, 100, None, 0)[0] == chosen
    assert loop._cuts(every, False, 300, 100, None, 1)[0] != chosen
    assert loop._cuts(every, False, 300, 100, [250, 120, 120], 0) == ([120, 250], False)
    assert loop._cuts(every[:2], False, 300, 100, [100, 101], 0) == ([100, 101], True)
    for bad in ([99], [300], []):
        with pytest.raises(sa.ParameterError, match="cuts"):
            loop._cuts(every, False, 300, 100, bad, 0)


def test_runs_do_not_change():
    run = pipelines.Run(np.arange(3), np.zeros((3, 2)))
    with pytest.raises(dataclasses.FrozenInstanceError):
        run.origins = np.arange(4)


@pytest.mark.parametrize("length", [60, 61, 90])
def test_an_audit_counts_what_it_compared(length):
    verdict = sa.audit(sa.AR(3), sine(0, length), horizon=5, train=40)
    cuts = range(40, length - 5 + 1)
    assert (verdict.cuts, verdict.refits, verdict.stopped) == (len(cuts), len(cuts), 0)
    assert verdict.compared == sum(cut - 3 + 1 for cut in cuts)
    assert (verdict.exhaustive, verdict.sensitive, verdict.deterministic) == (True, True, True)


# storage


def nested(depth: int) -> bytes:
    return b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)


def test_json_is_read_to_a_depth_of_20_and_brackets_in_text_do_not_count():
    assert storage._strict(nested(20), "x")
    with pytest.raises(sa.ModelFileError, match="more than 20 deep") as caught:
        storage._strict(nested(21), "x")
    assert caught.value.found == 21
    quoted = {"a": "[" * 50 + '"' + "{" * 50 + "\\", "b": ["\\\\", '"]']}
    assert storage._strict(json.dumps(quoted).encode(), "x") == quoted
    with pytest.raises(sa.ModelFileError, match="deep"):
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
    with pytest.raises(sa.ModelFileError):
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
    with pytest.raises(sa.ModelFileError, match="too long"):
        storage.dumps(model)


def test_a_file_longer_or_shorter_than_it_says_is_not_read_to_its_end(tmp_path):
    content = storage.dumps(sa.AR(2).fit(sine(0, 60)))
    path = tmp_path / "m"
    for bad in (content[:-1], content + b"\0"):
        path.write_bytes(bad)
        with pytest.raises(sa.ModelFileError) as caught:
            sa.load(path)
        assert (caught.value.code, caught.value.found, caught.value.needed) == ("length", len(bad), len(content))
    path.write_bytes(content)
    assert sa.load(path).lags == 2

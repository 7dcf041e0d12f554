"""Planted leaks are caught, clean models are not accused, and what is compared at a cut is counted by hand."""

from __future__ import annotations

import dataclasses
import types

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor

import stepahead as sa
from stepahead.evaluation.audit import isolated as processes
from stepahead.evaluation.audit import loop, pipelines
from stepahead.evaluation.audit.opened_files import Ledger

from ...data import sine
from ...strangers import Stranger
from ...zoo import LAGS, TRAIN, VALUES, autoregression


class Leaky(sa.AR):
    """An AR whose state is made by some other function of the whole series: the place where each leak is planted."""

    def __init__(self, lags, look):
        super().__init__(lags)
        self.look = look

    def get_params(self, deep=True):
        return {"lags": self.lags, "look": self.look}

    def encode(self, values, after=None):
        return super().encode(self.look(sa.Series(values).numbers), after)


def centred_average(x):
    padded = np.concatenate([x[:1], x, x[-1:]])
    return np.convolve(padded, np.ones(3) / 3, mode="valid")


def scaled_by_everything(x):
    return (x - x.mean()) / x.std()


def teacher(x):
    return np.append(x[1:], x[-1])


def smoothed_backwards(x):
    out = x.copy()
    for t in range(len(x) - 2, -1, -1):
        out[t] = 0.9 * x[t] + 0.1 * out[t + 1]
    return out


def tiny_peek(x):
    return x + 1e-13 * x[-1]


def one_far_step(x):
    out = x.copy()
    if len(x) > 301:
        out[300] = x[301]
    return out


LEAKS = [centred_average, scaled_by_everything, teacher, smoothed_backwards, tiny_peek, one_far_step]


@pytest.mark.parametrize("look", LEAKS, ids=lambda look: look.__name__)
def test_planted_leaks_are_caught(look):
    verdict = sa.audit(Leaky(4, look), sine(0, 320), horizon=6, train=280)
    assert not verdict.causal
    assert not verdict
    leak = verdict.first_leak
    assert leak.check == "A"
    assert leak.origin is not None
    assert leak.origin <= leak.cut
    assert "LEAKS" in str(verdict)


def test_a_leak_is_located():
    verdict = sa.audit(Leaky(4, one_far_step), sine(0, 400), horizon=6, train=200)
    assert {leak.cut for leak in verdict.leaks} == {301}
    assert verdict.first_leak.origin == 301


def test_a_fit_that_sees_what_it_should_not():
    hidden = {}

    class Peeks(sa.AR):
        def fit(self, series):
            super().fit(series)
            self.peeked_ = hidden["series"].values[-1] if "series" in hidden else 0.0
            return self

    class Spy(Peeks):
        def encode(self, values, after=None):
            hidden["series"] = sa.Series(values)
            return super().encode(values, after)

    verdict = sa.audit(Spy(2), sine(0, 300), horizon=4, train=200)
    assert any(leak.check == "B" for leak in verdict.leaks)


def test_origins_that_depend_on_the_future():
    class Picky(sa.AR):
        def encode(self, values, after=None):
            series = sa.Series(values, missing="skip")
            (windows,) = super().encode(series, after)
            if series.numbers[-1] > 500.0:
                windows = windows.copy()
                windows[10] = np.nan
            return (windows,)

    series = sa.Series(np.append(np.nan, sine(0, 300))[1:], missing="skip")
    holes = series.values.copy()
    holes[5] = np.nan
    verdict = sa.audit(Picky(2), sa.Series(holes, missing="skip"), horizon=4, train=200)
    assert any(leak.check == "E" for leak in verdict.leaks)


def test_clean_models_are_not_accused_and_the_counts_add_up():
    x = sine(0, 200)
    verdict = sa.audit(sa.AR(4), x, horizon=6, train=100)
    assert verdict.causal
    assert verdict.first_leak is None
    cuts = range(100, 195)
    assert (verdict.cuts, verdict.refits, verdict.exhaustive) == (95, 95, True)
    assert verdict.compared == sum(cut - 4 + 1 for cut in cuts)
    assert sa.audit(sa.Scaled(sa.AR(4)), x).causal


def test_long_series_are_sampled_and_say_so():
    verdict = sa.audit(sa.AR(4), sine(0, 3000), horizon=8, train=0.5)
    assert not verdict.exhaustive
    assert verdict.cuts == 32
    assert "32 cuts" in str(verdict)
    assert sa.audit(sa.AR(4), sine(0, 3000), horizon=8, cuts=[2000, 1600]).cuts == 2


def test_bad_arguments_and_short_series():
    x = sine(0, 100)
    for keywords in ({"horizon": 0}, {"train": 2.0}, {"cuts": [3]}, {"cuts": []}, {"seed": -1}):
        with pytest.raises(sa.errors.ParameterError):
            sa.audit(sa.AR(2), x, **keywords)
    with pytest.raises(sa.errors.ParameterError, match="not a Forecaster"):
        sa.audit("an AR", x)
    with pytest.raises(sa.errors.ParameterError, match="not a Forecaster") as caught:
        sa.audit(lambda y: y, x)
    assert caught.value.name == "train"
    with pytest.raises(sa.errors.ParameterError, match="is a class"):
        sa.audit(sa.AR, x)
    with pytest.raises(sa.errors.InputError):
        sa.audit(sa.AR(2), x[:20], horizon=12)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder of its own; and this process may be copied, whether or not some test has loaded torch."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(processes, "hindrance", lambda: "")
    return tmp_path


def shaken(runs, size):
    """An autoregression whose forecasts move by `size` at every run from a certain one on, as sums of threads do."""
    count = iter(range(10_000))

    def pipeline(x):
        more = size * (next(count) >= runs)
        return {o: steps * (1.0 + more * (o % 2) * next(count)) for o, steps in autoregression(x).items()}

    return pipeline


@pytest.mark.parametrize("runs", [0, 250])
def test_last_digits_that_move_are_put_down_to_threads(runs):
    with pytest.raises(sa.errors.ParameterError, match="n_jobs=1") as caught:
        sa.audit(shaken(runs, 1e-15), VALUES, train=TRAIN)
    assert caught.value.code == "threads"
    assert len(str(caught.value)) <= 300
    verdict = sa.audit(shaken(runs, 1e-15), VALUES, train=TRAIN, tolerance=1e-9)
    assert (verdict.causal, verdict.tolerance) == (True, 1e-9)
    assert "causal to within 1e-09" in str(verdict)
    assert "not bit for bit" in str(verdict)
    assert "is causal to within 1e-09" in verdict.summary()


def test_other_forecasts_are_still_put_down_to_chance():
    rng = np.random.default_rng(0)
    with pytest.raises(sa.errors.ParameterError, match="Seed what is random") as caught:
        sa.audit(lambda x: {o: [rng.normal()] for o in range(100, 140)}, VALUES, train=TRAIN)
    assert caught.value.code == "not-deterministic"


def test_a_tolerance_hides_rounding_and_nothing_larger():
    def peeks(size):
        return lambda x: {o: steps + size * np.nan_to_num(x[-1]) for o, steps in autoregression(x).items()}

    for size, hidden in ((1e-15, True), (1e-6, False)):
        assert sa.audit(peeks(size), VALUES, train=TRAIN, tolerance=1e-8).causal is hidden
        assert not sa.audit(peeks(size), VALUES, train=TRAIN).causal
    for wrong in (-1e-9, 0.01, float("nan"), "1"):
        with pytest.raises(sa.errors.StepaheadError):
            sa.audit(autoregression, VALUES, train=TRAIN, tolerance=wrong)


def test_a_model_whose_forecasts_move_by_themselves_is_not_accused():
    count = iter(range(10_000))

    class Threads(sa.AR):
        def encode(self, values, after=None):
            return (super().encode(values, after)[0] * (1.0 + 1e-15 * next(count)),)

    with pytest.raises(sa.errors.ParameterError, match="n_jobs=1"):
        sa.audit(Threads(2), VALUES, 4, train=TRAIN)
    assert sa.audit(Threads(2), VALUES, 4, train=TRAIN, tolerance=1e-9).causal


def test_fits_that_differ_in_the_last_digits_are_compared_by_what_they_forecast():
    count = iter(range(10_000))

    class Threads(sa.AR):
        def fit(self, series):
            super().fit(series)
            self.coefficients_ = self.coefficients_ * (1.0 + 1e-15 * next(count))
            return self

    verdict = sa.audit(Threads(2), VALUES, 4, train=TRAIN)
    assert (verdict.causal, verdict.refits, verdict.deterministic) == (True, 0, False)
    assert "one thread" in verdict.summary()
    verdict = sa.audit(Threads(2), VALUES, 4, train=TRAIN, tolerance=1e-9)
    assert (verdict.causal, verdict.refits, verdict.deterministic) == (True, verdict.cuts, False)


def test_a_forest_on_two_threads_passes_to_within():
    ensemble = pytest.importorskip("sklearn.ensemble")

    def forest(x):
        X = np.lib.stride_tricks.sliding_window_view(x, LAGS)
        model = ensemble.RandomForestRegressor(20, n_jobs=2, random_state=0).fit(X[: TRAIN - LAGS], x[LAGS:TRAIN])
        return {LAGS + i: [ahead] for i, ahead in enumerate(model.predict(X))}

    assert sa.audit(forest, VALUES, train=TRAIN, cuts=[110, 130], tolerance=1e-12).causal


@pytest.mark.parametrize(("length", "cuts"), [(400, 100), (401, 32)])
def test_every_cut_of_up_to_400_values_and_32_of_more(length, cuts):
    verdict = sa.audit(sa.baselines.Naive(), sine(0, length), 1, train=length - 100)
    assert (verdict.cuts, verdict.exhaustive) == (cuts, length == 400)


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


@pytest.mark.parametrize("length", [60, 61, 90])
def test_an_audit_counts_what_it_compared(length):
    verdict = sa.audit(sa.AR(3), sine(0, length), horizon=5, train=40)
    cuts = range(40, length - 5 + 1)
    assert (verdict.cuts, verdict.refits, verdict.stopped) == (len(cuts), len(cuts), 0)
    assert verdict.compared == sum(cut - 3 + 1 for cut in cuts)
    assert (verdict.exhaustive, verdict.sensitive, verdict.deterministic) == (True, True, True)


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
        (moved({7: 0.5, 6: -0.25}), 7, ["A at 6: 2 of 3 rows changed, by up to 0.5, the first"], False, 3),
        (moved({7: 1e-9, 8: 1.0}), 7, ["A at 7: 1 of 3 rows changed, by up to 1e-09, the first"], True, 3),
        (moved({5: np.nan}), 5, ["A at 5: 1 of 1 rows changed, by an infinite amount, the first"], False, 1),
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
            == "check N: with the last value missing, 2 of 4 rows changed, by up to 1e-05, the first at origin 6"
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


Y = sine(0, 200)


def test_the_audit_does_not_accuse_the_honest():
    for model, series in (
        (sa.MarkovChain(2), list("abc" * 20)),
        (sa.MarkovChain(1), [0, 1, 1, 0] * 12),
        (sa.MarkovChain(1), sa.Series(list("ab" * 24), categories=["a", "b", "c"])),
        (sa.baselines.Drift(), Y[:60]),
        (sa.AR(3), sa.Series([np.nan if i % 11 == 5 else v for i, v in enumerate(Y[:80])], missing="skip")),
    ):
        assert sa.audit(model, series), model
    restless = sa.audit(sa.Windowed(RandomForestRegressor(n_estimators=3), 4), Y[:60])
    assert restless.causal
    assert not restless.deterministic
    assert "two fits on the same data differ" in str(restless)


def test_the_audit_catches_a_state_that_knows_the_length():
    def knows(x):
        return ((x * np.arange(1, len(x) + 1) / len(x))[:, None],)

    verdict = sa.audit(Stranger(encode=knows), Y)
    assert not verdict.causal
    assert verdict.first_leak.check == "F"


def test_the_audit_catches_what_hides_in_a_memory_of_the_model():
    class Remembers(Stranger):
        def encode(self, values, after=None):
            x = np.asarray(getattr(values, "numbers", values))
            self.seen = getattr(self, "seen", x[-1])
            return ((x + 0.001 * self.seen)[:, None],)

    assert not sa.audit(Remembers(), Y[:100]).causal


def test_the_audit_catches_a_state_that_knows_the_holes_to_come():
    def peeks(x):
        coming = np.append(np.isnan(x[1:]), False)
        return (np.where(coming, 99.0, x)[:, None],)

    series = sa.Series([np.nan if i % 7 == 3 else v for i, v in enumerate(Y[:150])], missing="skip")
    assert not sa.audit(Stranger(encode=peeks), series).causal

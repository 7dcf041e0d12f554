"""Any function is a model: it is handed windows and nothing else, and what it gives is held to its word."""

from __future__ import annotations

import copy
import pickle
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.special import ndtri

import stepahead as sa
from stepahead import testing
from stepahead.evaluation import cost
from stepahead.evaluation.audit import parameter_bits

from ..data import sine

X, TRAIN, H = sine(0, 200), 120, 6
NINE = np.arange(1, 10) / 10


def last(windows, horizon):
    return np.repeat(windows[:, -1:], horizon, axis=1)


def last_of(past, horizon):
    return np.full(horizon, past[-1])


class Counting:
    """An adapter with a counter and a cache of its own, as those of other libraries have."""

    def __init__(self):
        self.calls, self.rows, self.known = 0, 0, {}

    def __call__(self, windows, horizon):
        self.calls, self.rows = self.calls + 1, self.rows + len(windows)
        return np.array([self.known.setdefault(row.tobytes(), np.full(horizon, row[-1])) for row in windows])


# -- what it forecasts ------------------------------------------------------------------------------------------------

SHAPES = {
    "windows": sa.from_function(last, 3, name="f"),
    "batches of 7": sa.from_function(last, 3, batch=7, name="f"),
    "row by row": sa.from_function(last_of, 3, each=True, name="f"),
    "all that is known": sa.from_function(last_of, "all", name="f"),
    "fitted": sa.from_function(None, 3, fit=lambda values: last, name="f"),
    "a list of lists": sa.from_function(lambda w, h: last(w, h).tolist(), 3, name="f"),
    "torch": sa.from_function(lambda w, h: torch.tensor(last(w, h), requires_grad=True), 3, name="f"),
}


@pytest.mark.parametrize("model", SHAPES.values(), ids=SHAPES)
def test_the_last_value_as_a_function_is_the_baseline_to_the_bit(model):
    result = sa.evaluate(model, X, H, TRAIN)
    assert result["f"].predictions.tobytes() == result["Naive"].predictions.tobytes()
    assert result["f"].origins.tolist() == list(range(TRAIN, len(X) - H + 1))
    alone = sa.forecast(result["f"].model, X, H)
    np.testing.assert_array_equal(alone, np.full(H, X[-1]))


@pytest.mark.parametrize("kind", [kind for kind in SHAPES if kind != "all that is known"])
def test_it_keeps_the_contract_of_every_model(kind):
    report = testing.check_forecaster(copy.deepcopy(SHAPES[kind]))
    assert report.kept == tuple(testing.PROMISES)
    assert report.audit.sensitive
    assert "InCalls" in report.declares


def test_all_that_is_known_is_handed_over_and_nothing_else():
    handed = []

    def f(past, horizon):
        handed.append(past)
        return np.zeros(horizon)

    result = sa.k_step(sa.from_function(f, "all"), X, H, train=TRAIN)
    assert result.origins.tolist() == list(range(TRAIN, len(X) - H + 1)), "asked from the end of the training part on"
    assert len(result.training.origins) == 0
    assert [past.tolist() for past in handed] == [X[:o].tolist() for o in result.origins]
    assert all(past.flags.writeable and not np.may_share_memory(past, X) for past in handed), "copies of its own"
    assert sa.audit(sa.from_function(lambda past, h: np.full(h, past.mean()), "all"), X[:60], 3, 40).causal
    with pytest.raises(sa.errors.InputError, match="reads all values before an origin: its series cannot come in pi"):
        sa.from_function(f, "all").encode(X[10:], after=(X[None, :10], np.array([10.0])))


def test_a_long_history_takes_no_memory_for_each_origin():
    long = sine(0, 20_000)
    windows, origins = sa.from_function(last_of, "all").encode(long)
    assert windows.shape == (20_000, 20_000)
    assert windows.base is not None
    assert windows.strides == (8, 8), "one array seen from every origin"
    assert origins[[0, -1]].tolist() == [1.0, 20_000.0]


def test_windows_are_copies_and_come_in_batches():
    counting, handed = Counting(), []

    def f(windows, horizon):
        handed.append(windows)
        return counting(windows, horizon)

    told = []
    sa.evaluate(sa.from_function(f, 3, batch=10), X, H, TRAIN, progress=lambda name, *at: told.append((name, *at)))
    assert all(1 <= len(windows) <= 10 and windows.flags.writeable for windows in handed)
    assert not any(np.may_share_memory(windows, X) for windows in handed)
    rows = np.concatenate(handed)
    np.testing.assert_array_equal(rows, np.lib.stride_tricks.sliding_window_view(X, 3)[: len(rows)])
    own = [done for name, done, _ in told if name == "f"]
    assert own == np.cumsum([len(windows) for windows in handed]).tolist(), "told after every call"


def test_with_a_stride_it_is_asked_at_no_other_origin():
    counting = Counting()
    result = sa.evaluate(sa.from_function(counting, 3, name="f"), X, H, TRAIN, stride=24)
    assert result["f"].origins.tolist() == [120, 144, 168, 192]
    assert result["f"].training.origins.tolist() == [24, 48, 72, 96]
    assert counting.rows == 8
    every = sa.evaluate(sa.from_function(last, 3, name="f"), X, H, TRAIN)["f"]
    np.testing.assert_array_equal(result["f"].predictions, every.predictions[::24])
    assert result.answer is not None
    result["f"].prediction_intervals(0.5)
    assert counting.rows == 8, "neither the answer nor its intervals ask again"


def test_what_fit_makes_is_fitted_like_any_model():
    seen = []

    def fit(values):
        seen.append(values)
        level = float(np.mean(values[0])) if isinstance(values, list) else float(np.mean(values))
        return lambda windows, horizon: np.full((len(windows), horizon), level)

    model = sa.from_function(None, 2, fit=fit, name="level")
    result = sa.evaluate(model, X, H, TRAIN)
    np.testing.assert_array_equal(seen[0], X[:TRAIN])
    assert result["level"].fits == sa.results.Fits("once", (TRAIN,))
    np.testing.assert_allclose(result["level"].predictions, X[:TRAIN].mean())
    sa.evaluate(model, [X, X[:150]], H, 0.5)
    assert [len(part) for part in seen[-1]] == [100, 75], "of many series a list"
    with pytest.raises(sa.errors.NotFittedError):
        sa.k_step(model, X, H, train=TRAIN)
    with pytest.raises(sa.errors.ParameterError, match=r"fit= of fit must give a function.*it gave 3"):
        sa.evaluate(sa.from_function(None, 2, fit=lambda values: 3, name="fit"), X, H, TRAIN)


def test_a_gap_leaves_out_the_windows_that_touch_it():
    gappy = X.copy()
    gappy[150] = np.nan
    series = sa.Series(gappy, missing="skip")
    handed = []

    def f(windows, horizon):
        handed.append(windows)
        return last(windows, horizon)

    found = sa.evaluate(sa.from_function(f, 3, name="f"), series, H, TRAIN)["f"]
    assert not any(np.isnan(windows).any() for windows in handed)
    assert set(range(TRAIN, len(X) - H + 1)) - set(found.origins.tolist()) == {151, 152, 153}
    whole = sa.k_step(sa.from_function(last_of, "all"), series, H, train=TRAIN)
    assert whole.origins.max() == 150, "what reads everything has no forecast behind a gap"


# -- distributions ----------------------------------------------------------------------------------------------------


def quantiles(windows, horizon):
    point = last(windows, horizon)
    return sa.Quantiles(NINE, point[..., None] + 0.3 * ndtri(NINE))


OF_ITS_OWN = {
    "quantiles": quantiles,
    "normal": lambda w, h: sa.distributions.Normal(last(w, h), np.full(h, 0.3)),
    "mixture": lambda w, h: sa.distributions.Mixture(
        np.full((len(w), h, 2), 0.5), last(w, h)[..., None] + np.array([-0.1, 0.1]), np.array([0.2, 0.2])
    ),
    "draws": lambda w, h: sa.distributions.Samples(last(w, h) + 0.3 * ndtri(np.arange(1, 200) / 200)[:, None, None]),
}


@pytest.mark.parametrize("kind", OF_ITS_OWN)
def test_the_distribution_it_gives_is_the_one_that_is_read(kind):
    calls = Counting()

    def f(windows, horizon):
        calls(windows, horizon)
        return OF_ITS_OWN[kind](windows, horizon)

    result = sa.evaluate({"f": sa.from_function(f, 3, batch=16)}, X, H, TRAIN)
    once = calls.rows
    run = result["f"]
    np.testing.assert_allclose(run.predictions, result["Naive"].predictions, atol=1e-12)
    given = f(np.lib.stride_tricks.sliding_window_view(X, 3)[TRAIN - 3 : len(X) - H + 1 - 3], H)
    low, high = given.quantile(0.1), given.quantile(0.9)
    inside = (low <= run.actuals) & (run.actuals <= high)
    np.testing.assert_allclose(run.coverage(0.8), inside.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(sa.diagnostics.interval_width(run, 0.8), (high - low).mean(axis=0))
    missed = run.actuals - low
    np.testing.assert_allclose(sa.diagnostics.pinball(run, 0.1), np.maximum(0.1 * missed, -0.9 * missed).mean(axis=0))
    np.testing.assert_allclose(run.crps(), given.crps(run.actuals).mean(axis=0), rtol=1e-12)
    assert calls.rows == once + len(run.origins), "it is read, not asked again"
    assert (run.coverage(0.8, "conformal") != run.coverage(0.8)).any()
    assert result.to_frame(0.8).groupby("model")["method"].first()[["f", "Naive"]].tolist() == ["model", "conformal"]
    some = sa.evaluate({"f": sa.from_function(OF_ITS_OWN[kind], 3)}, X, H, TRAIN, steps=[2, 5])["f"]
    np.testing.assert_allclose(some.coverage(0.8), run.coverage(0.8)[[1, 4]])
    step = run._at_step(3)
    np.testing.assert_allclose(step.crps(), run.crps()[2], rtol=1e-12)
    np.testing.assert_allclose(run.training.coverage(0.8).shape, (H,))


def test_a_distribution_of_one_row_needs_no_axis_for_it():
    for make in (
        lambda p, h: sa.Quantiles([0.1, 0.5, 0.9], p[-1] + np.tile([-1.0, 0.0, 1.0], (h, 1))),
        lambda p, h: sa.distributions.Normal(np.full(h, p[-1]), np.ones(h)),
        lambda p, h: sa.distributions.Samples(np.full((5, h), p[-1]) + np.arange(-2.0, 3.0)[:, None]),
        lambda p, h: sa.distributions.Mixture(np.ones((h, 1)), np.full((h, 1), p[-1]), np.ones(1)),
    ):
        result = sa.evaluate({"f": sa.from_function(make, "all")}, X, H, TRAIN)
        np.testing.assert_allclose(result["f"].predictions, result["Naive"].predictions)
        assert result["f"].coverage(0.8).shape == (H,)


def test_the_interval_of_a_forecast_is_that_of_its_own_quantiles():
    model = sa.from_function(quantiles, 3)
    found = sa.forecast(model, X, H, level=0.8)
    np.testing.assert_allclose(found.high - found.low, 0.6 * ndtri(0.9))
    with pytest.raises(sa.errors.InputError, match=r"an interval of 0\.9 needs the quantiles at 0\.05 and 0\.95"):
        sa.forecast(model, X, H, level=0.9)


def test_quantiles_that_cross_are_sorted_and_counted():
    crossing = sa.from_function(lambda w, h: sa.Quantiles([0.1, 0.5, 0.9], np.tile([2.0, 0.0, 1.0], (len(w), h, 1))), 3)
    run = sa.evaluate({"f": crossing}, X, H, TRAIN)["f"]
    assert run.prediction_intervals(0.8)[0].max() == 0.0
    rows = len(run.origins) + len(run.training.origins)
    assert f"f: the quantiles of {rows * H:,} of {rows * H:,} forecasts crossed, and were sorted" in [
        text.replace("function", "f") for text in run.notes
    ]
    some = sa.evaluate({"f": crossing}, X, H, TRAIN, steps=[2])["f"]
    assert f"function: the quantiles of {rows} of {rows} forecasts crossed, and were sorted" in some.notes


def test_the_parts_of_a_distribution_may_be_lists_numbers_or_tensors():
    made = sa.distributions.Normal
    for part in (
        lambda w, h: made(last(w, h).tolist(), 0.3),
        lambda w, h: made(torch.tensor(last(w, h), requires_grad=True), torch.full((h,), 0.3, dtype=torch.float64)),
    ):
        result = sa.evaluate({"f": sa.from_function(part, 3)}, X, H, TRAIN)["f"]
        plain = sa.evaluate({"f": sa.from_function(OF_ITS_OWN["normal"], 3)}, X, H, TRAIN)["f"]
        np.testing.assert_array_equal(result.coverage(0.8), plain.coverage(0.8))
        np.testing.assert_array_equal(result.crps(), plain.crps())
    alone = sa.from_function(lambda past, h: made([past[-1]] * h, 0.3), 3, each=True)
    np.testing.assert_array_equal(sa.evaluate({"f": alone}, X, H, TRAIN)["f"].crps(), plain.crps())


# -- what is refused --------------------------------------------------------------------------------------------------


def test_an_error_names_the_origin_and_keeps_its_cause():
    def f(windows, horizon):
        if (windows[:, -1] == X[149]).any():
            raise KeyError("no such token")
        return last(windows, horizon)

    for options in ({"batch": 1}, {"each": True}, {}):
        g = (lambda past, h: f(past[None], h)[0]) if "each" in options else f
        with pytest.raises(sa.errors.FitError) as caught:
            sa.k_step(sa.from_function(g, 3, name="tokens", **options), X, H, train=TRAIN)
        first = 150 if options else TRAIN
        of = "" if options else r" \(the first of 64 rows\)"
        assert caught.match(rf"tokens raised KeyError at origin {first}{of}: 'no such token'")
        assert caught.value.origin == first
        assert isinstance(caught.value.__cause__, KeyError)
    with pytest.raises(sa.errors.FitError, match="raised ValueError at origin 120"):
        sa.k_step(sa.from_function(lambda past, h: int("x"), "all"), X, H, train=TRAIN)


BROKEN = {
    "too few steps": (lambda w, h: last(w, h)[:, 1:], r"\[rows, horizon\] = \(64, 6\).* shape \(64, 5\)"),
    "one row": (lambda w, h: last(w, h)[0], r"\[rows, horizon\] = \(64, 6\).* shape \(6,\)"),
    "NaN": (lambda w, h: last(w, h) * np.nan, "finite numbers; at origin 3 it gave NaN"),
    "a text": (
        lambda w, h: "none",
        r"or a distribution \(Quantiles, Samples, Normal or Mixture\); at origin 3 it gave 'str'",
    ),
    "nothing": (lambda w, h: None, r"shape \(\)"),
    "other rows": (lambda w, h: sa.distributions.Normal(np.zeros((2, h)), np.ones(h)), r"\(64, 6\).* shape \(2, 6\)"),
    "NaN in a spread": (lambda w, h: sa.distributions.Normal(last(w, h), np.full(h, np.nan)), "finite numbers"),
    "quantiles without a point": (
        lambda w, h: sa.Quantiles([0.1], np.zeros((len(w), h, 1))),
        "give the quantile at 0.5",
    ),
    "a spread below 0": (lambda w, h: sa.distributions.Normal(last(w, h), -0.3), "a Normal with spreads of at least 0"),
    "a spread of other rows": (
        lambda w, h: sa.distributions.Normal(last(w, h), np.ones(len(w))),
        "broadcast to its rows and steps",
    ),
    "weights that are none": (
        lambda w, h: sa.distributions.Mixture(np.full((len(w), h, 2), 0.9), np.zeros(2), np.ones(2)),
        "a Mixture with weights of at least 0 that sum to 1; at origin 3",
    ),
    "one draw": (lambda w, h: sa.distributions.Samples(last(w, h)[None]), "a Samples with at least 2 draws"),
    "a text in a part": (lambda w, h: sa.distributions.Normal("none", 1.0), "a Normal of numbers"),
    "another distribution": (
        lambda w, h: sa.distributions.Transformed(sa.distributions.Normal(last(w, h), np.ones(h)), 0.0),
        r"\(Quantiles, Samples, Normal or Mixture\); at origin 3 it gave 'Transformed'",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_not_what_was_asked_for_is_refused_with_both_shapes(kind):
    function, said = BROKEN[kind]
    with pytest.raises((sa.errors.ParameterError, sa.errors.InputError), match=said):
        sa.evaluate({"f": sa.from_function(function, 3)}, X, H, TRAIN)


def test_a_distribution_at_some_origins_alone_is_refused():
    def f(windows, horizon):
        return quantiles(windows, horizon) if windows[0, 0] == X[0] else last(windows, horizon)

    with pytest.raises(sa.errors.ParameterError, match=r"numbers alone at others: 64 of 192 rows have one"):
        sa.evaluate({"f": sa.from_function(f, 3)}, X, H, TRAIN)

    def g(windows, horizon):
        return (quantiles if windows[0, 0] == X[0] else OF_ITS_OWN["draws"])(windows, horizon)

    with pytest.raises(sa.errors.ParameterError, match="of one kind at every origin; found 199 draws and 9 quantiles"):
        sa.evaluate({"f": sa.from_function(g, 3)}, X, H, TRAIN)


def test_arguments_are_checked_before_any_call():
    for wrong, words in (
        ((last, 0), "context"),
        ((last, "some"), "context.*all"),
        ((3, 4), "function"),
        ((Counting, 4), "function"),
        ((None, 4), "found neither"),
    ):
        with pytest.raises(sa.errors.ParameterError, match=words):
            sa.from_function(*wrong)
    for options in ({"batch": 0}, {"each": 1}, {"name": 3}, {"fit": last}, {"fit": 3}):
        with pytest.raises(sa.errors.ParameterError):
            sa.from_function(last, 3, **options)


def test_a_bare_function_is_told_the_way_in():
    with pytest.raises(sa.errors.ParameterError, match=r"from_function\(function, context=\.\.\.\)"):
        sa.evaluate(last, X, H)
    with pytest.raises(sa.errors.ParameterError, match=r"from_torch\(module, lags=\.\.\.\)"):
        sa.evaluate(torch.nn.Linear(3, 1), X, H)


def test_a_file_holds_no_function(tmp_path):
    with pytest.raises(sa.errors.ModelFileError, match=r'save its forecasts, result\.to_frame\("predictions"\)'):
        sa.from_function(last, 3).save(tmp_path / "f")
    with pytest.raises(sa.errors.ModelFileError):
        sa.Scaled(sa.from_function(last, 3)).fit(X).save(tmp_path / "f")
    assert not list(tmp_path.iterdir())


# -- copies, the audit, Ctrl-C ----------------------------------------------------------------------------------------


def test_copies_share_the_function_and_pickle_keeps_it():
    counting = Counting()
    model = sa.from_function(counting, 3, name="f")
    for other in (copy.deepcopy(model), copy.copy(model), model.clone(), model.for_horizon(3)):
        assert other.function is counting
        assert other.name == "f"
    assert pickle.loads(pickle.dumps(sa.from_function(last, 3))).function is last  # noqa: S301  # our own
    assert repr(model) == "from_function(f, context=3)"
    assert sa.from_function(lambda w, h: w, 3).name == "function"
    assert sa.from_function(counting, 3).name == "Counting"


def test_counters_and_caches_of_an_adapter_are_no_leak():
    counting = Counting()
    model = sa.from_function(counting, 3)
    before = parameter_bits(model)
    verdict = sa.audit(model, X[:80], 3, 50)
    assert verdict.causal
    assert verdict.deterministic
    assert verdict.sensitive
    assert counting.calls > verdict.cuts
    assert len(counting.known) > 0
    assert parameter_bits(model) == before


def test_a_function_that_keeps_the_future_is_caught():
    class Peeks:
        """Remembers the whole of the last series it was fitted on, and tells what comes next."""

        def __init__(self, frame):
            self.frame = frame

        def __call__(self, past, horizon):
            known = len(past)
            return np.append(self.frame[known:], np.zeros(horizon))[:horizon]

    series = sa.Series(X[:80])

    def pipeline(values):
        frame = np.array(values)  # a frame of everything, which the function reads ahead
        model = sa.from_function(Peeks(frame), "all")
        run = sa.k_step(model, values, 3, train=50)
        return dict(zip(run.origins.tolist(), run.predictions.tolist(), strict=True))

    verdict = sa.audit(pipeline, series, train=50)
    assert not verdict.causal
    assert verdict.first_leak.check == "A"
    outside = sa.audit(sa.from_function(Peeks(X[:80].copy()), "all"), series, 3, 50)
    assert not outside.sensitive, "what reads another frame alone ignores what it is handed, and the verdict says so"
    assert "ignores its data" in str(outside)


def test_ctrl_c_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    counting = Counting()

    def stopped(windows, horizon):
        if counting.calls == 2:
            raise KeyboardInterrupt
        return counting(windows, horizon)

    model, threads = sa.from_function(stopped, 3, name="f"), threading.active_count()
    before = dict(model.__dict__)
    with pytest.raises(KeyboardInterrupt):
        sa.evaluate(model, X, H, TRAIN)
    assert model.__dict__ == before
    assert not list(Path.cwd().iterdir())
    assert threading.active_count() == threads
    counting.calls = 10
    assert sa.evaluate(model, X, H, TRAIN)["f"].rmse().shape == (H,)


# -- what it costs ----------------------------------------------------------------------------------------------------


class Clock:
    """A clock that goes on by what a call is said to take."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        monkeypatch.setattr(cost, "clock", lambda: self.now)

    def calling(self, seconds, first=None):
        waits = iter([seconds if first is None else first])

        def f(windows, horizon):
            self.now += next(waits, seconds)
            return last(windows, horizon)

        return f


@pytest.mark.parametrize("stride", [1, 24])
def test_what_a_slow_function_will_take_is_told_after_two_calls(stride, monkeypatch):
    long, clock, told = sine(0, 60_000), Clock(monkeypatch), []
    monkeypatch.setattr(cost, "note", lambda text: told.append((text, clock.now)))
    model = sa.from_function(clock.calling(0.05, first=9.0), 3, batch=1, name="slow")
    run = sa.evaluate(model, long, 1, 0.6, stride=stride)["slow"]
    rows = len(run.origins) + len(run.training.origins)
    ((text, when),) = told
    assert when == pytest.approx(9.05)
    assert text.startswith(f"slow: {rows:,} rows, about 0.05 s a call of 1, ")
    amount, unit = text.split("a call of 1, ")[1].split()[:2]
    said = float(amount) * {"s": 1.0, "min": 60.0, "h": 3600.0}[unit]
    taken = clock.now - 9.0
    assert taken / 2.0 < said < 2.0 * taken


def test_scores_alone_are_told_what_they_will_take_too(monkeypatch):
    clock, told = Clock(monkeypatch), []
    monkeypatch.setattr(cost, "note", told.append)
    model = sa.from_function(clock.calling(5.0), 3, batch=4, name="slow")
    sa.evaluate(model, X, H, TRAIN, keep="scores")
    assert told == ["slow: 75 rows, about 5 s a call of 4, 93.8 s in all; stride= scores fewer origins"]


def test_what_is_quick_is_not_told(monkeypatch):
    clock = Clock(monkeypatch)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sa.evaluate(sa.from_function(clock.calling(0.05), 3), X, H, TRAIN)
        sa.evaluate(sa.AR(3), X, H, TRAIN)


def test_many_series_each_and_pooled():
    panel = [sine(seed, 150) for seed in range(3)]

    def fit(values):
        assert isinstance(values, np.ndarray), "one series a fit"
        level = float(values.mean())
        return lambda windows, horizon: np.full((len(windows), horizon), level)

    each = sa.evaluate(sa.from_function(None, 2, fit=fit, name="level"), panel, H, 90, fit="each", stride=7)
    np.testing.assert_allclose(each["level"].predictions, each["Mean"].predictions)
    assert each["level"].origins.tolist() == list(range(90, 145, 7)) * 3
    pooled = sa.evaluate(sa.from_function(last_of, "all", name="f"), panel, H, 90)
    np.testing.assert_array_equal(pooled["f"].predictions, pooled["Naive"].predictions)
    spread = sa.evaluate({"q": sa.from_function(quantiles, 3)}, panel, H, 90)["q"]
    np.testing.assert_allclose(sa.diagnostics.interval_width(spread, 0.8).shape, (H,))
    scores = sa.evaluate(sa.from_function(last, 3, name="f"), panel, H, 90, keep="scores")
    np.testing.assert_allclose(scores.by_step()["f"], scores.by_step()["Naive"])


def test_a_wrapper_around_it_forecasts_in_its_own_unit():
    scaled = sa.evaluate([sa.Scaled(sa.from_function(last, 3)), sa.Differenced(sa.from_function(last, 3))], X, H, TRAIN)
    np.testing.assert_allclose(scaled["Scaled(last)"].predictions, scaled["Naive"].predictions, rtol=1e-12)
    assert {result.fits.kind for name, result in scaled.items() if "last" in name} == {"given"}
    steps = np.arange(1, H + 1) * (X[TRAIN - 1] - X[TRAIN - 2])
    np.testing.assert_allclose(scaled["Differenced(last)"].predictions[0], X[TRAIN - 1] + steps)

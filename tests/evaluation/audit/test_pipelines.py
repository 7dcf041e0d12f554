"""The audit of anybody's pipeline: leaks are caught, clean ones pass, nonsense is named."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from sklearn.tree import DecisionTreeRegressor

import stepahead as sa
from stepahead.evaluation.audit import findings, pipelines

from ... import column_zoo, zoo
from ...data import sine

LENGTH, TRAIN, LAGS, H = 160, 120, 4, 3
SERIES = 3.0 + sine(0, LENGTH) + 0.5 * np.sin(np.arange(LENGTH))


def weights(x, ridge=0.0):
    """Least squares of the next value on the last LAGS, with an intercept: [LAGS + 1]."""
    X = np.lib.stride_tricks.sliding_window_view(x[:-1], LAGS)
    y = x[LAGS:]
    A = np.column_stack([X, np.ones(len(X))])
    return np.linalg.solve(A.T @ A + ridge * np.diag([1.0] * LAGS + [0.0]), A.T @ y)


def fed_back(w, window):
    known = list(window)
    for _ in range(H):
        known.append(float(np.dot(w[:LAGS], known[-LAGS:]) + w[LAGS]))
    return known[-H:]


def rolled_out(x, w):
    known = np.empty((len(x) - LAGS + 1, LAGS + H))
    known[:, :LAGS] = np.lib.stride_tricks.sliding_window_view(x, LAGS)
    for k in range(H):
        known[:, LAGS + k] = known[:, k : k + LAGS] @ w[:LAGS] + w[LAGS]
    return dict(enumerate(known[:, LAGS:], start=LAGS))


def holes_filled_with_the_mean(x):
    z = np.where(np.arange(len(x)) % 7 == 3, x.mean(), x)
    return rolled_out(z, weights(x[:TRAIN]))


def lags_chosen_on_everything(x):
    lag = max(range(1, 12), key=lambda d: abs(np.corrcoef(x[d:], x[:-d])[0, 1]))
    return {o: [x[o - lag]] * H for o in range(12, len(x) + 1)}


def outliers_dropped(x):
    return {o: steps for o, steps in rolled_out(x, weights(x[:TRAIN])).items() if o >= len(x) or abs(x[o] - 3.0) < 1.6}


def clipped_at_quantiles_of_everything(x):
    z = np.clip(x, *np.quantile(x, [0.05, 0.95]))
    return rolled_out(z, weights(x[:TRAIN]))


def ranks(x):
    z = np.argsort(np.argsort(x)) / len(x)
    return rolled_out(z, weights(z[:TRAIN]))


def normalised_over_the_batch(x):
    w = weights(x[:TRAIN], ridge=1.0)
    X = np.lib.stride_tricks.sliding_window_view(x, LAGS)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    return {LAGS + i: fed_back(w, window) for i, window in enumerate(X)}


def seasonal_means_of_everything(x):
    season = np.array([x[i::7].mean() for i in range(7)])
    return {o: season[(o + np.arange(H)) % 7] for o in range(LAGS, len(x) + 1)}


LEAKS = [
    holes_filled_with_the_mean,
    lags_chosen_on_everything,
    outliers_dropped,
    clipped_at_quantiles_of_everything,
    ranks,
    normalised_over_the_batch,
    seasonal_means_of_everything,
]


def autoregression(x):
    return rolled_out(x, weights(x[:TRAIN]))


def smoothed(x):
    level, out = x[0], {}
    for t, value in enumerate(x):
        level = 0.7 * level + 0.3 * value
        out[t + 1] = np.full((H, 1), level)
    return out


def tree(x):
    X = np.lib.stride_tricks.sliding_window_view(x, LAGS)
    fitted = DecisionTreeRegressor(max_depth=3, random_state=0).fit(X[: TRAIN - LAGS], x[LAGS:TRAIN])
    return {LAGS + i: [ahead] for i, ahead in enumerate(fitted.predict(X))}


def fitted_again_at_every_tenth_origin(x):
    return {o: fed_back(weights(x[:o]), x[o - LAGS : o]) for o in range(TRAIN, len(x) + 1, 10)}


def filled_from_before(x):
    z = x.copy()
    z[3::7] = x[2::7][: len(z[3::7])]
    return rolled_out(z, weights(x[:TRAIN]))


CLEAN = [
    autoregression,
    smoothed,
    tree,
    fitted_again_at_every_tenth_origin,
    filled_from_before,
]


@pytest.mark.parametrize("pipeline", LEAKS, ids=lambda pipeline: pipeline.__name__)
def test_these_too_are_caught(pipeline):
    verdict = sa.audit(pipeline, SERIES, train=TRAIN)
    assert not verdict.causal
    assert verdict.model == pipeline.__name__
    assert verdict.first_leak.check == ("E" if pipeline is outliers_dropped else "A")
    assert verdict.summary().startswith(f"{pipeline.__name__} LEAKS")


@pytest.mark.parametrize("pipeline", CLEAN, ids=lambda pipeline: pipeline.__name__)
def test_clean_pipelines_pass(pipeline):
    verdict = sa.audit(pipeline, SERIES, train=TRAIN)
    assert verdict.causal, str(verdict)
    assert verdict.sensitive
    assert verdict.exhaustive
    given = [o for o in pipeline(SERIES) if TRAIN < o < LENGTH]
    assert verdict.cuts == verdict.refits == len(given) + 1
    assert verdict.stopped == 0
    rows = sum(sum(o <= cut for o in pipeline(SERIES)) for cut in [TRAIN, *given])
    assert verdict.compared == rows
    assert "is causal" in verdict.summary()


def test_what_depends_on_the_length_is_seen_by_cutting_the_series_off():
    def ages(x):
        return {o: [x[o - 1] + o / len(x)] for o in range(1, len(x) + 1)}

    verdict = sa.audit(ages, SERIES, train=TRAIN)
    assert {leak.check for leak in verdict.leaks} == {"F"}
    assert verdict.prefixes == 8
    # From the end of a series nothing can be asked of a pipeline that needs targets.
    assert sa.audit(zoo.normalised_with_its_targets, zoo.VALUES, train=zoo.TRAIN, cuts=[120, 130]).prefixes == 0


def test_missing_values_show_what_rewriting_does_not():
    def counts(x):
        many = float(np.isnan(x).sum())
        return {o: [x[o - 1] if many == 0 else np.nan] for o in range(1, len(x) + 1)}

    def picky(x):
        if np.isnan(x).any():
            raise ValueError("Input contains NaN")
        return autoregression(x)

    verdict = sa.audit(counts, SERIES, train=TRAIN)
    assert {leak.check for leak in verdict.leaks} == {"N"}
    assert "from 120 on missing" in str(verdict.first_leak)
    verdict = sa.audit(picky, SERIES, train=TRAIN)
    assert verdict.causal
    assert (verdict.gaps, sa.audit(autoregression, SERIES, train=TRAIN).gaps) == (0, 3)


def test_a_model_that_loses_a_forecast_to_a_value_not_yet_there():
    class Peeking(sa.AR):
        def encode(self, values, after=None):
            (windows,) = super().encode(values, after)
            ahead = np.append(sa.Series(values, missing="skip").numbers[self.lags :], 0.0)
            return (np.where(np.isnan(ahead)[:, None], np.nan, windows),)

    verdict = sa.audit(Peeking(2), sa.Series(SERIES, missing="skip"), horizon=H, train=TRAIN)
    assert {leak.check for leak in verdict.leaks} == {"N"}
    assert verdict.first_leak.origin == verdict.first_leak.cut


def test_a_pipeline_may_refuse_what_is_planted_and_must_take_some_of_it():
    def careful(x):
        if np.abs(x).max() > 1e5:
            raise RuntimeError("too far out")
        return autoregression(x)

    def timid(x):
        if np.abs(x).max() > 100.0:
            raise RuntimeError("too far out for me")
        return autoregression(x)

    verdict = sa.audit(careful, SERIES, train=TRAIN)
    assert verdict.causal
    assert verdict.stopped == verdict.cuts // 3
    assert "refused" in verdict.summary()
    with pytest.raises(sa.errors.InputError, match="too far out for me"):
        sa.audit(timid, SERIES, train=TRAIN)


def test_the_values_are_the_functions_own_to_write_to():
    def writes(x):
        out = autoregression(x)
        x[:] = np.nan
        return out

    kept = SERIES.copy()
    assert sa.audit(writes, kept, train=TRAIN).causal
    assert kept.tobytes() == SERIES.tobytes()


def test_symbols_come_as_codes():
    text = np.array(["fog", "rain", "sun"])[np.random.default_rng(0).integers(0, 3, 100)].tolist()

    def last(codes):
        assert set(codes) <= {0.0, 1.0, 2.0}
        return {o: [codes[o - 1]] * 2 for o in range(1, len(codes) + 1)}

    def commonest(codes):
        return {o: [np.bincount(codes.astype(int)).argmax()] for o in range(1, len(codes) + 1)}

    assert sa.audit(last, text, train=50).causal
    assert not sa.audit(commonest, text, train=50).causal


def test_long_and_slow_pipelines_are_sampled(monkeypatch):
    def last(x):
        return {o: [x[o - 1]] for o in range(1, len(x))}

    long = sa.audit(last, sine(0, 1000), train=500)
    assert (long.cuts, long.exhaustive) == (32, False)
    assert sa.audit(last, SERIES, train=TRAIN, cuts=[130, 140]).cuts == 2
    monkeypatch.setattr("stepahead.evaluation.audit.pipelines.RUN_SECONDS", 0.0)
    slow = sa.audit(last, SERIES, train=TRAIN)
    assert (slow.cuts, slow.exhaustive) == (32, False)


NONSENSE = {
    "no mapping": (lambda x: list(x), "ndarray|list"),
    "nothing": (lambda x: {}, "none at all"),
    "ragged": (lambda x: {o: [0.0] * (1 + o % 2) for o in range(80, 100)}, "1 from origin 80 and 2 from origin 81"),
    "a scalar": (lambda x: {90: 0.0}, "from origin 90 it gave 0.0"),
    "two columns": (lambda x: {90: np.zeros((2, 2))}, "from origin 90"),
    "text": (lambda x: {90: ["high"]}, "from origin 90"),
    "no steps": (lambda x: {90: []}, "from origin 90"),
    "NaN": (lambda x: {90: [0.0], 91: [np.nan]}, "at origin 91 not every forecast is a finite"),
    "origin outside": (lambda x: {LENGTH + 1: [0.0]}, "the origin 161"),
    "origin before": (lambda x: {-1: [0.0]}, "the origin -1"),
    "origin a time": (lambda x: {"2020-01-01": [0.0]}, "the origin '2020-01-01'"),
    "origin a fraction": (lambda x: {90.0: [0.0]}, "the origin 90.0"),
}


@pytest.mark.parametrize(("function", "words"), NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense_is_named(function, words):
    with pytest.raises(sa.errors.ParameterError, match=words) as caught:
        sa.audit(function, SERIES, train=TRAIN)
    assert caught.value.code == "contract"


def test_other_refusals_say_what_to_do():
    rng = np.random.default_rng(0)
    with pytest.raises(sa.errors.ParameterError, match="Seed what is random") as caught:
        sa.audit(lambda x: {o: [rng.normal()] for o in range(80, 100)}, SERIES, train=TRAIN)
    assert caught.value.code == "not-deterministic"
    with pytest.raises(sa.errors.ParameterError, match="with horizon=5 it gave 3"):
        sa.audit(autoregression, SERIES, 5, TRAIN)
    assert sa.audit(autoregression, SERIES, H, TRAIN, cuts=[130]).causal
    with pytest.raises(sa.errors.InputError, match="no held-out origin"):
        sa.audit(lambda x: {40: [0.0]}, SERIES, train=TRAIN)
    with pytest.raises(sa.errors.InputError, match="too short"):
        sa.audit(autoregression, SERIES, train=LENGTH)
    with pytest.raises(ZeroDivisionError):
        sa.audit(lambda x: 1 / 0, SERIES, train=TRAIN)


def test_other_numbers_of_steps_before_a_cut_are_a_leak():
    verdict = sa.audit(lambda x: {o: [x[o - 1]] * (1 + (x[-1] > 100)) for o in range(1, 150)}, SERIES, train=TRAIN)
    assert verdict.first_leak.check == "E"
    verdict = sa.audit(lambda x: {o: [np.nan if x[-1] > 100 else 0.0] for o in range(1, 150)}, SERIES, train=TRAIN)
    assert verdict.first_leak.check == "A"
    verdict = sa.audit(lambda x: {} if x[-1] > 100 else {o: [0.0] for o in range(1, 150)}, SERIES, train=TRAIN)
    assert verdict.first_leak.check == "E"


def test_origins_of_an_audit_have_all_their_targets():
    series = sa.Series(sine(0, 60))
    made = pipelines.ModelPipeline(sa.AR(2), series, 40, 5)
    assert made.base().origins.tolist() == list(range(2, 56))
    assert made.run(series, True).origins.tolist() == list(range(2, 56))
    assert made.past(series, 58).origins.tolist() == list(range(2, 56))
    assert made.past(series, 50).origins.tolist() == list(range(2, 51))
    assert made.shorter(series[:50]).origins.tolist() == list(range(2, 51))


def last_value(*origins: int):
    return lambda values: {origin: [values[origin - 1]] for origin in origins}


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


def test_runs_do_not_change():
    run = pipelines.Run(np.arange(3), np.zeros((3, 2)))
    verdict = sa.audit(sa.baselines.Naive(), sine(0, 40), 3)
    for found, name in ((run, "origins"), (findings.Leak("A", 3, None, "so"), "cut"), (verdict, "leaks")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(found, name, None)


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


def test_a_function_is_handed_the_columns_that_it_takes_by_keyword():
    series = sa.datasets.shop(100, horizon=7)
    got = {}

    def both(values, past, known):
        got["both"] = (values, past, known)
        past["warmth"][:], known["promo"][:] = 0.0, 0.0  # its own copies
        return {o: [values[o - 1]] for o in range(50, len(values))}

    def anything(values, **columns):
        got["anything"] = tuple(columns)
        return {o: [values[o - 1]] for o in range(50, len(values))}

    def nothing(values, /, past_days=3):
        return {o: [values[o - 1]] for o in range(50, len(values))}

    found = {each.__name__: pipelines.FunctionPipeline(each, series, 50, 1) for each in (both, anything, nothing)}
    for pipeline in found.values():
        pipeline.base()
    values, past, known = got["both"]
    assert list(past) == ["warmth"]
    assert list(known) == list(series.known.names)
    assert (len(values), len(past["warmth"]), len(known["promo"])) == (100, 100, 107)
    assert series.past.values.any()
    assert series.known.values[:, 0].any()
    assert got["anything"] == ("past", "known")
    assert found["both"].uses() == tuple(
        {"promo": "known", "holiday": "known", "weekday": "calendar", "warmth": "past"}.items()
    )
    assert found["nothing"].uses() == ()
    pipelines.FunctionPipeline(both, series, 50, 1).shorter(series[:80])
    assert [len(got["both"][0]), len(got["both"][1]["warmth"]), len(got["both"][2]["promo"])] == [80, 80, 107]
    # Without columns it is called as ever, whatever it takes.
    bare = pipelines.FunctionPipeline(
        lambda values, known=None: {5: [float(known is None)]}, sa.Series(sine(0, 9)), 4, 1
    )
    assert bare.base().forecasts.tolist() == [[1.0]]


def test_states_are_kept_for_a_series_with_columns_alone():
    for series, kept in ((column_zoo.shelves(), 1), (sa.Series(sine(0, 120)), 0)):
        pipeline = pipelines.ModelPipeline(sa.AR(3), series, 80, 4)
        run = pipeline.base()
        assert (len(run.state), pipeline.leads, run.first) == (kept, 0, 3)

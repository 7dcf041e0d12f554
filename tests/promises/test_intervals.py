"""Row P9: intervals from few errors. And P1 where an evaluation has nothing held out to score."""

from __future__ import annotations

import math
import warnings
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from benchmarks import trust as proof

import stepahead as sa
from stepahead.evaluation import unseen
from stepahead.numerics import conformal
from stepahead.report import export
from stepahead.series import Panel

from ..data import each, ends_ahead, streamed

LEVELS = ("0.05", "0.1", "0.29", "0.5", "0.56", "0.57", "0.7", "0.8", "0.9", "0.95", "0.99")
Z = sa.datasets.noisy_sine(length=200, seed=0).values
SHORT = np.arange(24) % 12 + np.random.default_rng(0).normal(size=24)


def wave(length, seed):
    return sa.datasets.ar_process([-0.5, 1.2], length=length, seed=seed).values


@pytest.mark.parametrize("level", LEVELS)
def test_P9_so_many_errors_hold_so_much_and_no_more(level):
    """The r-th smallest of n errors holds the next one with chance r / (n + 1): the least r that is enough, or none."""
    exact, rng = Fraction(level), np.random.default_rng(0)
    for n in range(130):
        sizes = rng.permutation(n).astype(float)[:, None]
        half = conformal.half_width(sizes, float(level))[0]
        enough = next((r for r in range(1, n + 1) if Fraction(r, n + 1) >= exact), None)
        assert half == (math.inf if enough is None else enough - 1), n
        assert (n >= conformal.fewest_errors(float(level))) == (enough is not None)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
def test_P9_never_narrower_further_out(level):
    rng = np.random.default_rng(1)
    before = np.abs(rng.normal(size=(30, 9))) * np.linspace(2.0, 0.1, 9)  # ever smaller errors, ever fewer of them
    before[rng.random(before.shape) < np.linspace(0.0, 0.9, 9)] = np.nan
    sizes = np.abs(rng.normal(size=(60, 9))) * np.linspace(2.0, 0.1, 9)
    half = conformal.half_widths(before, np.arange(30, 90), np.arange(1, 10), sizes, level)
    with np.errstate(invalid="ignore"):
        assert (np.diff(half, axis=1)[np.isfinite(half[:, 1:])] >= 0.0).all()
    assert (np.isfinite(half[:, :-1]) | np.isinf(half[:, 1:])).all()
    assert (np.diff(half[:, :3], axis=1) == 0.0).any()
    for model in (sa.baselines.SeasonalNaive(12), sa.AR(3), sa.baselines.Mean(), sa.baselines.Drift()):
        low, high = ends_ahead(model.fit(Z), Z, 30, level)
        assert (np.diff(high - low) >= -1e-12).all()
        low, high = sa.k_step(model.fit(Z[:100]), Z, 30).prediction_intervals(level)
        assert (np.diff(high - low, axis=1) >= -1e-12).all()


def test_P9_two_seasons_tell_little_of_the_second(promise):
    model = sa.baselines.SeasonalNaive(12).fit(SHORT)
    with pytest.warns(
        sa.errors.StepaheadWarning, match=r"infinite from step 5 on: 8 errors are known there, which hold at most"
    ) as said:
        low, high = ends_ahead(model, SHORT, 12, 0.9)
    errors = np.abs(SHORT[12:] - SHORT[:12])
    # 12, 11, 10, 9 errors: the largest of them at step 1
    np.testing.assert_allclose((high - low)[:4] / 2.0, errors.max())
    assert np.isinf(low[4:]).all()
    assert np.isinf(high[4:]).all()
    (hint,) = [word.partition("=")[2] for word in str(said[0].message).split() if word.startswith("level=0.8")]
    assert hint == "0.888"
    assert np.isfinite(ends_ahead(model, SHORT, 5, float(hint))[1]).all(), "the level that it names has an end"
    wide = ends_ahead(model, SHORT, 12, 0.95)
    assert np.isinf(wide[1]).all()
    half = ends_ahead(model, SHORT, 12, 0.5)
    assert np.isfinite(half[1]).all()


def test_P9_an_evaluation_says_how_many_of_its_rows_have_no_end():
    result = sa.k_step(sa.baselines.Naive().fit(Z[:12]), Z[:40], 6)
    with pytest.warns(
        sa.errors.StepaheadWarning, match=r"infinite in \d+ of 23 rows at step 6, while fewer than 9 errors"
    ):
        low, high = result.prediction_intervals(0.9)
    known = np.array([[max(12 - 6 - k + 1, 0) + max(o - 12 - k + 1, 0) for k in range(1, 7)] for o in result.origins])
    np.testing.assert_array_equal(np.isinf(high), np.maximum.accumulate(known < 9, axis=1))
    assert (low[np.isinf(high)] == -np.inf).all()
    assert np.isinf(sa.diagnostics.interval_width(result, 0.9)[-1])
    inside = (low <= result.actuals) & (result.actuals <= high)
    np.testing.assert_allclose(result.coverage(0.9), inside.mean(axis=0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isfinite(sa.diagnostics.interval_width(sa.k_step(sa.baselines.Naive().fit(Z[:100]), Z, 6), 0.9)).all()
    none = sa.k_step(sa.baselines.Naive().fit(Z[:100]), Z[:120], 6, train=0).prediction_intervals(0.9)[1]
    assert np.isinf(none[:9]).all(), "nothing is known of a model that has seen none of it"
    assert np.isfinite(none[20:]).all()


# -- errors that the model has not seen --------------------------------------------------------------------------------


def behind(make, x, horizon, count, start):
    """One refit, one origin, one step after the other."""
    found = [[] for _ in range(horizon)]
    edges = [start + place * (len(x) - start) // count for place in range(count + 1)]
    for first, stop in pairwise(edges):
        model = make().fit(x[:first])
        for origin in range(first, stop):
            ahead = model.forecast(x[:origin], horizon)
            for k in range(1, min(horizon, len(x) - origin) + 1):
                found[k - 1].append(abs(x[origin + k - 1] - ahead[k - 1]))
    return found


@pytest.mark.parametrize(
    ("make", "count", "start"),
    [
        (lambda: sa.AR(2), 8, 45),
        (lambda: sa.AR(20), 8, 62),  # 62 - 20 rows are two for each of 21 coefficients
        (lambda: sa.AR(25), 8, 67),  # three quarters
        (lambda: sa.baselines.Mean(), 8, 45),
        (lambda: sa.baselines.SeasonalNaive(40), 8, 45),
        (lambda: sa.Scaled(sa.MLP(3, training=sa.Training(epochs=2))), 2, 45),
    ],
    ids=["AR(2)", "AR(20)", "AR(25)", "Mean", "SeasonalNaive(40)", "a net"],
)
def test_P9_the_interval_at_the_end_is_made_of_errors_behind_cuts(make, count, start):
    x, level, horizon = wave(90, 3), 0.8, 5
    model = make().fit(x)
    low, high = ends_ahead(model, x, horizon, level)
    half, ahead = 0.0, model.forecast(x, horizon)
    for k, sizes in enumerate(behind(make, x, horizon, count, start)):
        rank = math.ceil(level * (len(sizes) + 1) - 1e-9)
        half = max(half, sorted(sizes)[rank - 1])
        assert high[k] == pytest.approx(ahead[k] + half, rel=1e-9)
        assert low[k] == pytest.approx(ahead[k] - half, rel=1e-9)


def test_P9_a_cut_that_is_too_early_is_left_out_and_a_net_says_how_often_it_is_trained():
    x = wave(60, 0)
    model = sa.AR(25).fit(x)  # 26 coefficients: behind 45 values there are 20 rows, and a fit from 51 on
    sizes = unseen.behind_cuts(model, (sa.Series(x),), 3)[0]
    edges = [45 + place * 15 // 8 for place in range(9)]
    assert len(sizes) == 60 - next(edge for edge in edges if edge - 25 >= 26)
    with pytest.warns(sa.errors.StepaheadWarning, match=r"MLP\(3\) is trained anew at 2 cuts"):
        sa.forecast(sa.MLP(3, training=sa.Training(epochs=1)).fit(x), x, 2, 0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ends_ahead(sa.AR(2).fit(x), x, 2, 0.5)


def test_P9_an_evaluation_starts_from_a_refit_on_three_quarters():
    result = sa.k_step(sa.AR(3).fit(Z[:120]), Z, 8)
    model = sa.AR(3).fit(Z[:90])
    start = np.full((30, 8), np.nan)
    for origin in range(90, 120):
        known = min(8, 120 - origin)  # targets inside the training part
        start[origin - 90, :known] = np.abs(Z[origin : origin + known] - model.forecast(Z[:origin], known))
    sizes = np.abs(result.predictions - result.actuals)
    half = conformal.half_widths(start, result.origins, result.steps, sizes, 0.9)
    np.testing.assert_allclose(result.prediction_intervals(0.9)[1] - result.predictions, half, rtol=1e-9)
    kept = sa.k_step(sa.AR(3).fit(Z[:120]), Z, 8, steps=[2, 8]).prediction_intervals(0.9)[1]
    of_two = np.sort(start[:29, 1])  # 29 errors: the ceil(.9 x 30)-th
    assert kept[0, 0] == pytest.approx(result.predictions[0, 1] + of_two[26])


def test_P9_forecasts_made_elsewhere_start_from_their_own_errors():
    series = sa.Series(Z)
    made = sa.from_forecasts({o: [Z[o - 1]] * 2 for o in range(20, 190)}, series, train=100, name="theirs")
    ours = sa.k_step(sa.baselines.Naive().fit(Z[:100]), Z, 2, origins=range(20, 190))
    origins = made.training.origins
    start = np.abs(np.stack([Z[origins] - Z[origins - 1], Z[origins + 1] - Z[origins - 1]], axis=1))
    start[origins[:, None] + [1, 2] > made.origins[0]] = np.nan
    half = conformal.half_widths(start, made.origins, made.steps, np.abs(ours.predictions - ours.actuals), 0.9)
    np.testing.assert_allclose(made.prediction_intervals(0.9)[1], made.predictions + half)


def test_P9_many_series_are_refitted_together():
    panel = Panel([sa.Series(wave(n, seed), name=f"s{seed}") for seed, n in enumerate((60, 40, 8))])
    model = sa.AR(2).fit(list(panel))
    sizes = unseen.behind_cuts(model, panel, 3)
    first = sa.AR(2).fit([part.values[: max(len(part) // 2, min(8, 3 * len(part) // 4))] for part in panel])
    assert sizes[1][0, 0] == pytest.approx(abs(panel[1].values[20] - first.forecast(panel[1].values[:20], 1)[0]))
    with pytest.warns(sa.errors.StepaheadWarning, match=r"1 of 3 series have infinite ends, the first 's2'"):
        head, rows, status = export.forecasts({"AR(2)": model}, panel, 3, 0.9)
    assert set(status.values()) == {"ok"}
    low, high, _ = (np.array([row[3:] for row in rows if row[0] == name]).T for name in ("s0", "s1", "s2"))
    np.testing.assert_allclose(low[2], low[0] + conformal.half_width(sizes[0], 0.9))
    assert np.isfinite(high).all()
    text = export.forecast_json(head, rows, status, ["said"])
    assert "Infinity" not in text
    assert '"AR(2) low": null' in text


@pytest.mark.parametrize("times", [1, pytest.param(4, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", proof.ENDS)
def test_P9_intervals_at_the_end_of_a_short_series_hold(name, times):
    """Within three standard deviations of so many draws of .9 to .96; the errors of the fit itself fall short."""
    draws = times * (3 if name == "AR(auto)" else 20)
    covered, by_heart, widths = proof.ends(name, draws)
    assert (covered >= 0.9 - 3.0 * math.sqrt(0.09 / draws)).all()
    assert (covered <= 0.96 + 3.0 * math.sqrt(0.04 / draws)).all()
    assert np.isfinite(widths).all()
    if name == "AR(24)":
        assert by_heart[0] < 0.8, "what is promised would not be seen otherwise"


# -- nothing held out --------------------------------------------------------------------------------------------------

MODEL = sa.AR(4).fit(Z)
NOTHING = {
    "k_step": lambda: sa.k_step(MODEL, Z, 4),
    "k_step of a panel": lambda: sa.k_step(sa.AR(4).fit([Z, Z[:50]]), [Z, Z[:50]], 4),
    "k_step of what is too short behind": lambda: sa.k_step(sa.AR(4).fit(Z[:197]), Z, 4),
    "k_step(train=)": lambda: sa.k_step(MODEL, Z, 4, train=198),
    "k_step of a gap": lambda: sa.k_step(
        MODEL, sa.Series([*Z[:150], *[np.nan] * 49, 1.0], missing="skip"), 4, train=151
    ),
    "from_forecasts": lambda: sa.from_forecasts({o: [1.0] * 4 for o in range(10, 20)}, Z, train=100),
    "compare": lambda: sa.compare([sa.k_step(MODEL, Z, 4, origins=[50])]),
    "symbols": lambda: sa.k_step(sa.MarkovChain().fit(["a", "b"] * 20), ["a", "b"] * 20, 2),
}


@pytest.mark.parametrize("name", NOTHING)
def test_P1_nothing_held_out_is_refused_and_says_what_to_pass(promise, name):
    promise.refused(NOTHING[name], "no-held-out", "no held-out origin", "pass train=")


def test_P1_what_it_says_to_pass_is_the_most_that_leaves_an_origin(promise):
    error = promise.refused(NOTHING["k_step"], "no-held-out")
    assert sa.k_step(MODEL, Z, 4, train=error.allowed).origins.tolist() == [196]
    promise.refused(lambda: sa.k_step(MODEL, Z, 4, train=error.allowed + 1), "no-held-out")
    for door in (sa.evaluate, streamed):
        found = promise.refused(
            lambda door=door: door(sa.AR(4), Z, 4, 197), "too-short", "no held-out origin", "at most 196"
        )
        assert (found.found, found.needed) == (200, 201)
        door(sa.AR(4), Z, 4, 196)
    assert "no held-out origin" in each(sa.baselines.Naive(), [Z, Z[:10]], 4, 8).status["1"]
    assert "no held-out origin" in sa.evaluate(sa.baselines.Naive(), [Z, Z[:10]], 4, 8).status["1"]


def test_P1_training_origins_that_are_asked_for_are_given():
    result = sa.k_step(MODEL, Z, 4, origins=[50, 60])
    assert len(result.origins) == 0
    assert result.training.origins.tolist() == [50, 60]
    np.testing.assert_allclose(result.training.predictions[1], MODEL.forecast(Z, 4, origin=60))
    assert any("no held-out origin" in text for text in result.notes)
    assert "0 origins" in repr(result)

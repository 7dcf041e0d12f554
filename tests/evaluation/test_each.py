"""A fit for each of many series: the numbers of `evaluate`, whatever the way there."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation import panels
from stepahead.evaluation.each import opened
from stepahead.protocols import Batch

from ..data import each, of_series, sine
from ..fleets import KINDS, alone, benchmark, peak_of, waves


def test_a_series_that_cannot_be_fitted_costs_no_other_whatever_is_kept():
    good = [sine(seed, 120) for seed in range(3)]
    odd = [np.full(120, np.nan), sine(9, 8)]
    panel = [good[0], odd[0], good[1], odd[1], good[2]]
    kept = sa.evaluate(sa.AR(3), panel, 4, fit="each")
    scores = sa.evaluate(sa.AR(3), panel, 4, fit="each", keep="scores")
    assert len(kept["AR(3)"]._panel) == 3
    assert list(kept.failed) == list(scores.failed) == ["1", "3"]
    assert kept.scorer.series == scores.scorer.series
    for reading in ("rmse", "mae", "bias", "skill"):
        np.testing.assert_allclose(kept.by_series(reading)["AR(3)"], scores.by_series(reading)["AR(3)"], rtol=1e-9)
    with pytest.raises(sa.errors.InputError, match="none of 2 series"):
        sa.evaluate(sa.AR(3), odd, 4, fit="each")


def assert_same(
    scores: sa.results.Comparison, models, panel, horizon: int, train, rtol: float = 1e-9, **options
) -> None:
    """Every row is that of `evaluate` on the series alone, and every status what it says."""
    for (name, status), item in zip(scores.status.items(), panel, strict=True):
        result, why = alone(models, item, horizon, train, **options)
        assert status == why
        assert (name in scores.scorer.series) == (result is not None)
        if result is None:
            continue
        found = of_series(scores, name)
        # A model that chooses has what it chose in its name, of one series.
        assert [result[model] for model in found] == list(result.values())
        place = scores.scorer.series.index(name)
        for model in found:
            expected = result[model]
            np.testing.assert_array_equal(scores.scorer.n[place], expected.n())
            for key, values in expected._readings().items():
                scale = min(np.nanmax(expected.rmse()), 1e300) if key == "bias" else 1.0
                close = {"rtol": rtol, "atol": rtol * scale if key in ("bias", "skill") else 0.0}
                np.testing.assert_allclose(found[model][key], values, **close, err_msg=f"{name} {model} {key}")


def test_choices_are_those_of_the_models():
    x = waves(4, 260, noise=0.4)
    batch = Batch(x, np.abs(x).max(axis=1), 16, np.arange(1, 17))
    lags = sa.AR("auto")._chosen_lags(batch)
    assert lags.tolist() == [sa.AR("auto").fit(row).lags_ for row in x]
    stacks = sa.SSA().fit_batch(batch)
    chosen = {int(row): (stack.onto.shape[2], stack.onto.shape[1]) for stack in stacks for row in stack.rows}
    models = [sa.SSA().fit(row) for row in x]
    assert chosen == {i: (model.rank_, model.context) for i, model in enumerate(models)}


@pytest.mark.parametrize("kind", KINDS)
def test_scores_are_those_of_evaluate_on_each_series(kind):
    panel = [*waves(3, 130), *waves(2, 101, seed=1, noise=1.0), np.cumsum(waves(1, 130, seed=2)[0])]
    models = KINDS[kind]()
    scores = each(models, panel, horizon=16, train=0.6)
    assert_same(scores, models, panel, 16, 0.6)
    few = each(models, panel, horizon=16, train=70, steps=[2, 16], season=5)
    assert_same(few, models, panel, 16, 70, steps=[2, 16], season=5)


HARD = {
    "noise-free": lambda t, e: np.sin(0.1 * t),
    "constant": lambda t, e: np.full(len(t), 3.0),
    "zero": lambda t, e: np.zeros(len(t)),
    "twice summed": lambda t, e: np.cumsum(np.cumsum(e)),
    "explodes": lambda t, e: np.exp(0.3 * t) + e,
    "high": lambda t, e: 1e8 + e,
    "huge": lambda t, e: 1e200 * e,
    "tiny": lambda t, e: 1e-200 * e,
    "few values": lambda t, e: np.rint(e),
    "a hole": lambda t, e: np.where(t == 40, np.nan, e),
    "nothing": lambda t, e: np.full(len(t), np.nan),
    "infinite": lambda t, e: np.where(t == 40, np.inf, e),
    "one jump": lambda t, e: e + 1e6 * (t == 90),
    "held-out flat": lambda t, e: np.where(t < 60, e, e[60]),
}


# of a net that explodes on values of 1e200, in its errors
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@pytest.mark.parametrize(
    "model",
    [
        sa.AR(3),
        sa.AR("auto"),
        sa.SSA(2),
        sa.SSA(),
        sa.MLP(2, hidden=2, training=sa.Training(epochs=1)),
        sa.MarkovChain(1, bins=4),
    ],
    ids=repr,
)
def test_hard_series_are_scored_or_say_why_and_never_cost_the_others(model, loops):
    rng = np.random.default_rng(0)
    t = np.arange(120)
    panel = [make(t, rng.normal(size=120)) for make in HARD.values()] + [rng.normal(size=120), rng.normal(size=5)]
    scores = each(model, panel, horizon=4, train=80)
    assert_same(scores, [model], panel, 4, 80)
    assert scores.status[str(len(HARD))] == "ok"
    assert len(loops) < len(panel)
    assert "too short" in scores.failed[str(len(panel) - 1)]
    assert "missing" in scores.failed[str(list(HARD).index("a hole"))]


def test_missing_values_that_are_skipped_go_one_by_one(loops):
    x = waves(2, 100)
    x[0, 70] = np.nan
    panel = [sa.Series(x[0], missing="skip"), sa.Series(x[1])]
    scores = each([sa.AR(3)], panel, horizon=4)
    assert_same(scores, [sa.AR(3)], panel, 4, 0.6)
    assert len(loops) == 1
    assert scores.scorer.n[0].max() < scores.scorer.n[1].max()
    assert any("no forecast" in text for text in scores.notes)


def test_arguments_are_checked_before_any_series_is_read():
    panel = (1 / 0 for _ in range(3))
    for call in (
        lambda: each(sa.AR(0), panel, horizon=4),
        lambda: each(sa.AR(2), panel, horizon=0),
        lambda: each(sa.AR(2), panel, horizon=4, train=1.5),
        lambda: each(sa.AR(2), panel, horizon=4, steps=[5]),
        lambda: each([sa.AR(2), sa.AR(2)], panel, horizon=4),
    ):
        with pytest.raises(sa.errors.ParameterError):
            call()
    with pytest.raises(sa.errors.ParameterError, match="a baseline that is always shown"):
        each({"Mean": sa.AR(2)}, waves(2, 60), horizon=4)


def test_blocks_come_one_at_a_time_and_add_up(monkeypatch):
    x = waves(7, 90)
    whole = each(sa.AR(2), x, horizon=4)
    monkeypatch.setattr(panels, "BLOCK_VALUES", 180)
    read = []

    def lazily():
        for index, row in enumerate(x):
            read.append(index)
            yield row

    parts = sa.scale.score_blocks(sa.AR(2), lazily(), horizon=4)
    first = next(parts)
    assert first.scorer.series == ("0", "1")
    assert read == [0, 1]
    joined = sa.results.Comparison._joined([first, *parts])
    assert joined.status == whole.status
    np.testing.assert_array_equal(joined.scorer.by_series("mae"), whole.scorer.by_series("mae"))
    seen = []
    each(sa.AR(2), x, horizon=4, progress=lambda *told: seen.append(told))
    assert seen == [("series", done, 7) for done in (2, 4, 6, 7)]


def test_memory_does_not_depend_on_the_number_of_series():
    def job(count: int):
        rows = (np.random.default_rng(i).normal(size=4096) for i in range(count))
        return lambda: [len(part) for part in sa.scale.score_blocks([sa.AR(2)], rows, 4, steps=[4])]

    panels_before = panels.BLOCK_VALUES
    try:
        panels.BLOCK_VALUES = 1 << 17
        job(2)()
        assert peak_of(job(200)) < 1.2 * peak_of(job(50)) < 20e6
    finally:
        panels.BLOCK_VALUES = panels_before


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_time_is_linear_and_memory_flat_in_the_number_of_series():
    (one, _), (ten, less), (twenty, more) = (benchmark("panel", count) for count in (2000, 10_000, 20_000))
    assert twenty < 2.0 * 1.5 * ten < 10.0 * 1.5**2 * one
    assert more < less + 30


def test_the_answer_of_very_many_scores_is_that_of_some_which_are_named(monkeypatch):
    from stepahead.evaluation import evaluate as place

    panel = [sa.Series(sine(seed, 60), name=f"s{seed}") for seed in range(9)]
    whole = sa.evaluate(sa.AR(3), panel, 2, fit="each", keep="scores")
    monkeypatch.setattr(place, "MOST_ASKED", 3)
    some = sa.evaluate(sa.AR(3), panel, 2, fit="each", keep="scores")
    assert some.scorer.series == whole.scorer.series
    assert "the answer is that of 3 series, evenly spaced among 9" in some.notes
    assert not any("evenly spaced" in text for text in whole.notes)
    few = sa.evaluate(sa.AR(3), [panel[0], panel[4], panel[8]], 2, fit="each")
    assert [part.name for part in some["AR(3)"]._panel] == ["s0", "s4", "s8"]
    assert some["AR(3)"].rmse().tobytes() == few["AR(3)"].rmse().tobytes()
    told = [{**found.answer.to_dict(), "notes": None} for found in (some, few)]
    assert told[0] == told[1]
    assert [note["series"] for note in some.answer.to_dict()["notes"] if note["code"] == "panel"] == [9], "all scores"


def test_a_series_that_gets_a_name_keeps_its_notes_and_is_not_read_again():
    with pytest.warns(sa.errors.StepaheadWarning):
        unsorted = sa.Series([1.0, 2.0, 3.0, 5.0], times=[2, 1, 3, 4])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (found,) = opened([unsorted])
    assert (found.name, found.notes) == ("0", ("times were not in order: the values were sorted by time",))

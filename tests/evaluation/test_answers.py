"""The answer of a comparison, by the ways a user has to it; and what it says of series whose truth is known."""

from __future__ import annotations

import json

import numpy as np
import pytest

import stepahead as sa
from stepahead import demo
from stepahead.evaluation.answers import pace

from ..data import ALWAYS, each, sine
from ..strangers import Silent

FULL = pytest.mark.slow
SERIES = sa.datasets.noisy_sine(seed=0)


@pytest.fixture(scope="module")
def result():
    return sa.evaluate([sa.AR(4), sa.AR(64)], SERIES, 64, 604)


# -- what there is to read --------------------------------------------------------------------------------------------


def test_the_answer_is_one_object_read_by_name(result):
    answer = result.answer
    assert result.answer is answer, "made once"
    assert str(answer).startswith(answer.headline)
    assert answer.headline in repr(answer)
    assert set(answer.verdicts) == set(answer.shown) == set(answer.saving) == {"AR(4)", "AR(64)"}
    verdict = answer.verdicts[answer.model]
    assert str(verdict.first) in answer.headline
    assert str(verdict.last) in answer.headline
    assert answer.kind == verdict.kind == "trusted"
    shown = answer.shown[answer.model]
    assert shown[verdict.first - 1 : verdict.last].all()
    assert verdict.last == 64 or not shown[verdict.last]
    assert answer.steps.tolist() == list(range(1, 65))


def test_the_saving_is_the_skill_and_lies_between_its_ends(result):
    answer = result.answer
    for name, saved in answer.saving.items():
        np.testing.assert_allclose(saved, result.skill()[name], rtol=1e-12)
        np.testing.assert_allclose(saved, result[name].skill(), rtol=1e-9)
        low, high = answer.low[name], answer.high[name]
        seen = ~np.isnan(low)
        assert seen.any()
        assert (low[seen] <= saved[seen]).all()
        assert (high >= saved).all()
        assert (answer.shown[name] == (np.where(seen, low, -np.inf) > 0.01)).all()
        verdict = answer.verdicts[name]
        at = verdict.step - 1
        assert verdict.saving == saved[at]
        assert verdict.high == high[at]
        np.testing.assert_equal(verdict.low, low[at])


def test_the_row_to_use_is_a_row_of_the_table(result):
    answer = result.answer
    assert len(answer.use) == 64
    assert set(answer.use) <= set(result)
    rmse = result.by_step("rmse")
    for k, name in enumerate(answer.use):
        assert rmse[name][k] <= 1.01 * min(rmse[row][k] for row in result)


def test_trusted_to_counts_from_the_first_step_on(result):
    last = result.answer.verdicts["AR(64)"]
    assert last.first > 1
    assert result.answer.trusted_to("AR(64)") == 0, "its range begins later"
    wave = np.sin(np.arange(600) / 3.0) + 0.05 * np.random.default_rng(0).normal(size=600)
    clear = sa.evaluate(sa.AR(8), wave, 6, 300, season=None).answer
    assert clear.trusted_to() == clear.trusted_to("AR(8)") == 6


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_machine_reads_the_same_sentences(result, language):
    found = result.answer.to_dict(language)
    assert found["headline"] == result.answer.told(language).headline
    assert found["headline"] in result.answer.text(language)
    again = json.loads(json.dumps(found, default=float))
    assert again["model"] == result.answer.model
    assert list(again["use"].values()) == result.answer.use
    assert again["models"]["AR(64)"]["last"] == result.answer.verdicts["AR(64)"].last
    assert again["baselines"] == result.baselines == list(ALWAYS)
    for text in (*found["facts"].values(), found["second"], found["third"]):
        assert text in result.answer.text(language)


def test_the_answer_of_the_command_line_words_has_no_mark_left(result):
    for language in ("en", "zh"):
        assert "{" not in result.answer.text(language)


# -- other questions --------------------------------------------------------------------------------------------------


def relative(error, actual):
    """A loss of the caller's own."""
    return np.abs(error) / (1.0 + np.abs(actual))


LOSSES = {
    "absolute": np.abs,
    "pinball(.9)": lambda error: np.maximum(-0.9 * error, 0.1 * error),
    "squared": np.square,
}


@pytest.mark.parametrize("loss", LOSSES)
def test_another_loss_is_judged_by_its_own_means(result, loss):
    answer = result.judge(loss=loss)
    means = {name: LOSSES[loss](found.predictions - found.actuals).mean(axis=0) for name, found in result.items()}
    best = np.min([means[name] for name in ALWAYS], axis=0)
    for name in ("AR(4)", "AR(64)"):
        np.testing.assert_allclose(answer.saving[name], 1 - means[name] / best, rtol=1e-9)
    assert answer.question.loss == loss


def test_a_loss_of_the_callers_own_is_judged_too(result):
    answer = result.judge(loss=relative)
    means = {name: relative(run.predictions - run.actuals, run.actuals).mean(axis=0) for name, run in result.items()}
    best = np.min([means[name] for name in ALWAYS], axis=0)
    np.testing.assert_allclose(answer.saving["AR(64)"], 1 - means["AR(64)"] / best, rtol=1e-9)


def test_a_higher_level_or_margin_shows_no_more(result):
    plain = result.answer.shown["AR(64)"]
    for asked in ({"level": 0.999}, {"margin": 0.3}):
        shown = result.judge(**asked).shown["AR(64)"]
        assert (shown <= plain).all()
        assert shown.sum() < plain.sum()
    assert result.judge(level=0.9).judgement.rule.level == 0.9
    for bad in ({"level": 1.0}, {"margin": -0.1}, {"margin": 1.0}, {"loss": "cubed"}):
        with pytest.raises(sa.errors.ParameterError):
            result.judge(**bad)


def test_how_far_errors_stay_within_a_width_is_counted(result):
    answer = result.judge(within=0.6, share=0.8)
    inside = np.abs(result["AR(64)"].predictions - result["AR(64)"].actuals) <= 0.6
    np.testing.assert_allclose(answer.within["AR(64)"].measured, inside.mean(axis=0))
    assert 0 < answer.within["AR(64)"].steps <= 64
    assert (inside.mean(axis=0)[: answer.within["AR(64)"].steps] > 0.8).all()
    assert answer.to_dict()["within"]["AR(64)"]["steps"] == answer.within["AR(64)"].steps
    assert "0.6" in answer.told().second
    assert result.answer.within == {}
    for given in (sa.evaluate(sa.MarkovChain(), list("ssr" * 30), 2), sa.evaluate(sa.AR(2), [sine(0), sine(1)], 2)):
        with pytest.raises(sa.errors.InputError, match="within"):
            given.judge(within=1.0)


def test_there_is_no_answer_over_training_origins_nor_without_a_model(result):
    assert result.training.answer is None
    assert sa.evaluate(sa.baselines.Naive(), SERIES, 4).answer is None
    with pytest.raises(KeyError):
        result.answer.trusted_to("Naive")


def test_results_that_are_compared_have_the_answer_of_the_table(result):
    again = sa.compare({name: result[name] for name in ("AR(4)", "AR(64)")})
    assert list(again) == list(result)
    for name in ("AR(4)", "AR(64)"):
        np.testing.assert_array_equal(again.answer.saving[name], result.answer.saving[name])


def test_scores_alone_have_the_answer_of_forecasts(result):
    scores = sa.evaluate([sa.AR(4), sa.AR(64)], SERIES, 64, 604, keep="scores")
    assert scores.answer.to_dict() == result.answer.to_dict()


# -- seasons ----------------------------------------------------------------------------------------------------------

MONTHS = np.arange("2000-01", "2020-01", dtype="datetime64[M]")


def yearly(seed=0, noise=0.3):
    """Twenty years of months with a fixed pattern and noise."""
    rng = np.random.default_rng(seed)
    return sa.Series(np.tile(rng.normal(size=12), 20) + noise * rng.normal(size=240), times=MONTHS, name="sales")


def test_a_season_that_is_found_is_told_with_the_answer_without_it():
    found, given, none = (sa.evaluate(sa.AR(12), yearly(), 6, season=season) for season in ("auto", 12, None))
    assert found.baselines == given.baselines == [*ALWAYS, "SeasonalNaive(12)", "Phases(12)", "LinePhases(12)"]
    assert none.baselines == list(ALWAYS)
    assert found.answer.season.periods == (12,)
    assert set(found.answer.season.baselines) == {"SeasonalNaive(12)", "Phases(12)", "LinePhases(12)"}
    assert given.answer.season is none.answer.season is None
    np.testing.assert_array_equal(found.answer.season.without.saving[0], none.answer.saving["AR(12)"])
    assert (found.answer.saving["AR(12)"] <= none.answer.saving["AR(12)"]).all()
    assert "season of 12 months" in str(found.answer)
    assert "season of 12 months" not in str(given.answer)
    assert "6 months" in none.answer.headline
    assert none.answer.headline == "Trust AR(12) 1 to 6 months ahead."
    assert "it would have seemed that AR(12) can be trusted 1 to 6 months ahead; beside" in str(found.answer)
    assert none.answer.headline not in str(found.answer), "what would have seemed so is no advice"


# -- several series ---------------------------------------------------------------------------------------------------


def test_of_a_panel_the_series_in_which_a_model_is_better_are_counted():
    panel = [sine(seed, 300) for seed in range(4)]
    result = sa.evaluate(sa.AR(16), panel, 8, fit="each")
    better = 0
    for index in range(4):
        loss = {}
        for name, run in result.items():
            rows = run.part == index
            loss[name] = np.square(run.predictions[rows] - run.actuals[rows]).mean(axis=0)
        best = np.min([loss[name] for name in ALWAYS], axis=0)
        better += loss["AR(16)"].sum() < best.sum()
    (note,) = [note for note in result.answer.notes if note.code == "panel"]
    assert note.values == {"model": "AR(16)", "better": better, "series": 4}
    assert f"{better} of 4 series" in str(result.answer)


def test_the_unit_of_one_series_changes_nothing_said_of_a_panel():
    panel = [sine(seed, 200) for seed in range(3)]
    one, two = (sa.evaluate([sa.AR(4), Silent()], given, 6, fit="each").answer for given in (
        panel, [panel[0], 1000.0 * panel[1], panel[2]]))  # fmt: skip
    assert one.text() == two.text()
    for name in one.verdicts:
        np.testing.assert_array_equal(one.shown[name], two.shown[name])


def test_a_constant_series_is_left_out_of_the_answer_of_a_panel():
    panel = [sine(0, 200), sine(1, 200)]
    with pytest.warns(sa.errors.StepaheadWarning):
        found = sa.evaluate(sa.AR(4), [*panel, np.full(200, 3.0)], 6, fit="each").answer
    without = sa.evaluate(sa.AR(4), panel, 6, fit="each").answer
    np.testing.assert_allclose(found.saving["AR(4)"], without.saving["AR(4)"], rtol=1e-12)
    (note,) = [note for note in found.notes if note.code == "constant"]
    assert note.values == {"constant": 1, "series": 3}


def test_series_without_common_times_are_said_to_be_aligned_by_index():
    panel = [sine(0, 200), sine(1, 200)]
    days = np.datetime64("2024-01-01") + np.arange(200)
    dated = [sa.Series(values, times=days, name=str(i)) for i, values in enumerate(panel)]
    codes = [{note.code for note in sa.evaluate(sa.AR(2), given, 4).answer.notes} for given in (panel, dated)]
    assert "alignment" in codes[0]
    assert "alignment" not in codes[1]


# -- symbols and units ------------------------------------------------------------------------------------------------


def test_symbols_are_answered_by_their_log_loss():
    rng, codes = np.random.default_rng(0), [0]
    for _ in range(900):
        codes.append(int(rng.choice(2, p=[[0.9, 0.1], [0.2, 0.8]][codes[-1]])))
    result = sa.evaluate(sa.MarkovChain(1), np.array(["dry", "wet"])[codes], 12, train=500)
    answer = result.answer
    loss = {name: run.losses("log").mean(axis=0) for name, run in result.items()}
    np.testing.assert_allclose(answer.saving["MarkovChain(1)"], 1 - loss["MarkovChain(1)"] / loss["MarkovChain(0)"])
    assert answer.units.loss == "log"
    assert 1 <= answer.trusted_to() < 12, "after that the chain has forgotten where it was"
    assert "log loss" in str(answer)
    with pytest.raises(sa.errors.ParameterError, match="crps"):
        result.judge(loss="crps")


def test_a_probability_of_0_is_not_called_worthless():
    # c is known, and in the training part it never comes after a.
    symbols = ["c", *["a", "b"] * 45, *["a", "c", "b", "a", "c", "a", "b"] * 6, *["a", "b"] * 4]
    bare = sa.evaluate(sa.MarkovChain(1), symbols, 3, train=90).answer
    assert (bare.kind, bare.verdicts["MarkovChain(1)"].kind) == ("infinite", "infinite")
    said = "MarkovChain(1) gave a probability of 0 to something that happened"
    assert bare.headline == f"{said}."
    assert f"{said}; a MarkovChain with smoothing=1 gives 0 to no state it knows." in bare.told().notes
    both = {"bare": sa.MarkovChain(1), "smooth": sa.MarkovChain(1, smoothing=1.0)}
    found = sa.evaluate(both, symbols, 3, train=90).answer
    assert found.kind == found.verdicts["smooth"].kind != "infinite"
    assert (found.model, found.verdicts["bare"].kind) == ("smooth", "infinite")
    assert "bare gave a probability of 0" in str(found), "a note says so"


@pytest.mark.parametrize("model", [sa.MarkovChain(1, smoothing=1.0), sa.HMM(2)])
def test_what_is_said_of_a_probability_of_0_holds_for_every_model(model):
    """A smoothed chain gives one to what it does not know, a hidden Markov model has no such argument."""
    rng = np.random.default_rng(0)
    symbols = [*rng.choice(["a", "b"], 150), *rng.choice(["a", "b", "z"], 80)]
    told = sa.evaluate(model, symbols, 3, train=100).answer
    assert told.kind == "infinite"
    assert "set smoothing" not in str(told)
    assert "请设" not in told.told("zh").headline
    known = sa.Series(symbols, categories=["a", "b", "z"])
    chain = sa.evaluate(sa.MarkovChain(1, smoothing=1.0), known, 3, train=100)["MarkovChain(1)"]
    assert np.isfinite(chain.log_loss()).all(), "the chain that it names gives 0 to no state it knows"


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (np.arange("2020-01", "2022-01", dtype="datetime64[M]"), (1, "M")),
        (np.datetime64("2020-01-01") + np.arange(24), (1, "D")),
        (np.datetime64("2020-01-01") + 7 * np.arange(24), (1, "W")),
        (np.datetime64("2020-01-01T00:00") + np.timedelta64(30, "m") * np.arange(24), (30, "m")),
        (np.arange(24), None),
        (None, None),
    ],
    ids=["months", "days", "weeks", "half-hours", "numbers", "none"],
)
def test_the_pace_of_a_series_is_its_step_in_time(times, expected):
    assert pace((sa.Series(np.arange(24.0), times=times),)) == expected


@pytest.mark.parametrize(
    ("times", "word"),
    [
        (np.datetime64("2000-01-05") + 7 * np.arange(200), "weeks"),
        (np.datetime64("2000-01", "M") + 12 * np.arange(200), "years"),
        (np.datetime64("2000-01", "M") + 3 * np.arange(200), "quarters"),
        (np.datetime64("2000-01-01T00:00") + np.timedelta64(30, "m") * np.arange(200), "half-hours"),
        (np.datetime64("2000-01-01T00:00") + np.timedelta64(20, "m") * np.arange(200), "steps"),
        (np.datetime64("2000-01-01") + np.arange(200), "days"),
        (None, "steps"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_answer_is_told_in_the_time_of_a_step(times, word):
    wave = np.sin(np.arange(200) / 3.0) + 0.05 * np.random.default_rng(0).normal(size=200)
    answer = sa.evaluate(sa.AR(8), sa.Series(wave, times=times), 5, 100, season=None).answer
    assert answer.headline == f"Trust AR(8) 1 to 5 {word} ahead."


def test_steps_of_unequal_length_have_no_pace():
    days = np.datetime64("2020-01-01") + np.delete(np.arange(25), 3)
    assert pace((sa.Series(np.arange(24.0), times=days),)) is None
    two = (sa.Series(np.arange(24.0), times=days[:1] + np.arange(24)), sa.Series(np.arange(24.0), times=MONTHS[:24]))
    assert pace(two) is None


# -- names and horizons -----------------------------------------------------------------------------------------------


def test_a_model_that_chooses_does_so_for_the_horizon_and_says_what_it_chose():
    result = sa.evaluate([sa.AR("auto"), sa.SSA(), sa.Scaled(sa.AR("auto"))], sine(0, 400), 12)
    lags = result["AR(auto)"].model.lags_
    assert f"AR(auto: {lags})" in result
    assert "AR(auto)" not in list(result)
    assert result["AR(auto)"] is result[f"AR(auto: {lags})"]
    assert result["AR(auto)"].model.horizon == 12
    assert result["SSA(auto)"].model.horizon == 12
    assert result["Scaled(AR(auto))"].model.get_params()["model"].horizon == 12
    assert set(result.answer.verdicts) == set(list(result)[:3])
    direct = sa.AR("auto", horizon=12).fit(sine(0, 400)[:240])
    assert direct.lags_ == lags
    with pytest.raises(KeyError, match="no model is called"):
        result["AR(nobody)"]
    named = sa.evaluate({"mine": sa.AR("auto")}, sine(0, 400), 12)
    assert next(iter(named)) == "mine", "a name that somebody chose stays"


def test_a_horizon_that_was_named_stays():
    for model in (sa.AR("auto", horizon=3), sa.SSA(horizon=3), sa.wrappers.Rectified(sa.AR(2), horizon=3)):
        assert model.for_horizon(20).horizon == 3
    assert sa.wrappers.Rectified(sa.AR(2)).for_horizon(20).horizon == 20
    inner = sa.Differenced(sa.Scaled(sa.SSA())).for_horizon(9)
    assert inner.get_params()["model"].get_params()["model"].horizon == 9
    plain = sa.AR(4)
    assert plain.for_horizon(9) is plain


# -- series whose truth is known --------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [{}, {"keep": "scores"}, {"fit": "each"}, {"fit": "each", "keep": "scores"}], ids=str)
def test_white_noises_at_different_levels_are_not_trusted_at_all(given):
    """0.1.0 trusted a pooled AR(4) here to 16 steps: one mean for all of them is far from each."""
    rng = np.random.default_rng(0)
    panel = [level + rng.normal(size=300) for level in np.linspace(0.0, 200.0, 20)]
    answer = sa.evaluate([sa.AR(4)], panel, 16, **given).answer
    assert answer.kind == "not better" or not answer.shown["AR(4)"].any()
    assert not answer.shown["AR(4)"].any()
    if "fit" not in given:
        (note,) = [note for note in answer.notes if note.code == "panel"]
        assert note.values["better"] == 0


def test_a_short_memory_is_not_trusted_far():
    """AR(1) .5: k steps ahead it saves .25^k of the variance, below 1 % from step 4 on."""
    x = sa.datasets.ar_process([0.5], length=2000 + 199 + 1000, seed=11)
    answer = sa.evaluate(sa.AR(1), x, 200, 1000).answer
    assert answer.judgement.origins == 2000
    assert answer.shown["AR(1)"][0]
    assert not answer.shown["AR(1)"][3:].any()


def shifted(rng):
    """White noise whose level moves once, in the middle of the training part."""
    x = rng.normal(size=400)
    x[120:] += 3.0
    return x


NOISES = {
    "a level shift": shifted,
    "a trend": lambda rng: rng.normal(size=400) + 0.02 * np.arange(400),
    "a fixed season": lambda rng: rng.normal(size=400) + np.tile(3.0 * rng.normal(size=12), 34)[:400],
}


@pytest.mark.parametrize("kind", NOISES)
@pytest.mark.parametrize(("draws", "most"), [(10, 0), pytest.param(100, 5, marks=FULL)])
def test_of_noise_around_what_a_baseline_knows_nothing_is_shown(kind, draws, most):
    season = 12 if kind == "a fixed season" else "auto"
    shown = 0
    for draw in range(draws):
        x = NOISES[kind](np.random.default_rng([draw, 77]))
        answer = sa.evaluate([sa.AR(4), sa.AR(16)], x, 24, 240, season=season).answer
        shown += any(flags.any() for flags in answer.shown.values())
    assert shown <= most


def shown_at_64(model, seed):
    """Whether a model alone is shown at step 64 of the note's series."""
    (flags,) = sa.evaluate(model, sa.datasets.noisy_sine(seed=seed), 64, 604).answer.shown.values()
    return bool(flags[63])


@pytest.mark.parametrize(("seeds", "least"), [((0, 2, 3), 3), pytest.param(range(20), 16, marks=FULL)])
def test_a_window_of_64_is_shown_64_steps_ahead_on_the_series_of_the_note(seeds, least):
    """17 of 20: where the last quarter of the training part says that the gain begins early, and it does not,
    little of the level is left for step 64.
    """
    assert sum(shown_at_64(sa.AR(64), seed) for seed in seeds) >= least


@pytest.mark.parametrize("seeds", [range(1), pytest.param(range(20), marks=FULL)], ids=["1", "20"])
@pytest.mark.parametrize("make", [sa.SSA, sa.StateSpace])
def test_summaries_of_the_whole_past_are_shown_on_every_series_of_the_note(make, seeds):
    assert [seed for seed in seeds if not shown_at_64(make(), seed)] == []


@pytest.mark.parametrize(("seeds", "least"), [((0, 2), 2), pytest.param(range(20), 16, marks=FULL)])
def test_a_summary_of_short_windows_is_shown_on_most_series_of_the_note(seeds, least):
    """17 of 20, for the reason above; with windows of 128 on all."""
    assert sum(shown_at_64(sa.SSA(2, 64), seed) for seed in seeds) >= least


@FULL
def test_a_window_of_64_is_shown_somewhere_among_the_six_models_of_the_demo():
    shown = 0
    for seed in range(20):
        answer = sa.evaluate(demo.models(seed), sa.datasets.noisy_sine(seed=seed), 64, 604).answer
        shown += answer.shown["AR(64)"].any()
    assert shown >= 8


def test_a_fit_each_finds_the_season_that_most_series_have():
    found = each([sa.AR(2)], [yearly(seed) for seed in range(3)], 6)
    assert found.baselines == [*ALWAYS, "SeasonalNaive(12)", "Phases(12)", "LinePhases(12)"]


def test_the_answer_tells_what_was_known_of_the_columns_and_how_far_they_go_alone():
    series = sa.datasets.shop(900, seed=1)
    model = sa.AR(7, using="all", chunk=14)
    result = sa.evaluate([model, sa.AR(7)], series, 14, 540)
    answer, name = result.answer, "promo, holiday, weekday alone"
    found = answer.judgement.columns
    assert found.kinds == (("promo", "known"), ("holiday", "known"), ("weekday", "calendar"), ("warmth", "past"))
    assert found.alone == name
    assert found.adds
    others = [result[one].rmse() ** 2 for one in result.baselines if one != name]
    saved = 1.0 - result[name].rmse() ** 2 / np.min(others, axis=0)
    np.testing.assert_allclose(found.without.saving[0], saved, rtol=1e-9)
    assert name not in found.without.baselines
    assert name in answer.judgement.baselines
    told = dict(answer.told().facts)["Columns"]
    for words in ("Known ahead: promo, holiday.", "From the times: weekday.", "Read up to the origin: warmth."):
        assert words in told
    shown = answer.judgement.shown[answer.judgement.head]
    assert ("has a clear gain over promo, holiday, weekday alone, and over" in told) == bool(shown.any())
    assert (f"{name}: clear gain over every baseline without columns at days 1 to 14." in told) == bool(
        found.without.shown[0].all()
    )
    document = answer.to_dict()
    assert document["columns"][3] == {"name": "warmth", "kind": "past"}
    assert document["columns_alone"]["name"] == name
    assert "columns" not in sa.evaluate([sa.AR(7)], series, 14).answer.to_dict()
    chinese = dict(answer.told("zh").facts)["其他列"]
    assert "预先已知：promo、holiday。" in chinese
    assert "promo, holiday, weekday（单独）" in chinese


def test_a_noise_floor_is_one_without_foresight():
    series = sa.datasets.shop(600, seed=0)
    told = {}
    for name, part in (("planned", series), ("foreseen", series.foreseen("warmth"))):
        result = sa.evaluate(sa.AR(7, using="known"), part, 7)
        told[name] = dict(result.answer.told().facts)["Columns"]
        below = result[next(iter(result))].rmse()[-1] < 0.9 * result.by_step()["noise floor"][-1]
        assert below == (name == "foreseen")
    assert "The noise floor is that without foresight." in told["foreseen"]
    assert "noise floor" not in told["planned"]
    bare = sa.Series(series.values, past={"warmth": series.past.values[:, 0]}).foreseen("warmth")
    assert "noise floor" not in str(sa.evaluate(sa.AR(7, using="known"), bare, 7).answer)


def test_where_nothing_is_added_the_sentence_says_over_what():
    """The model beats these columns alone, which say nothing, and not every other baseline."""
    random = np.random.default_rng(0)
    values = np.cumsum(random.standard_normal(600))
    result = sa.evaluate(sa.AR(1, using="noise"), sa.Series(values, known={"noise": random.standard_normal(600)}), 4)
    name = next(iter(result))
    assert (result[name].rmse() < 0.5 * result["noise alone"].rmse()).all()
    assert not result.answer.judgement.shown.any()
    told = dict(result.answer.told().facts)["Columns"]
    assert f"{name} has a clear gain over noise alone and every other baseline at no step." in told
    assert "noise alone: clear gain over the baselines without columns at no step." in told


def test_past_columns_have_no_baseline_of_their_own():
    result = sa.evaluate([sa.AR(2, using="warmth", chunk=6)], sa.datasets.shop(200, seed=0), 6)
    assert result.answer.judgement.columns.alone == ""
    assert not any(name.endswith("alone") for name in result)
    assert dict(result.answer.told().facts)["Columns"] == "Read up to the origin: warmth."

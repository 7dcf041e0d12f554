"""One road from a series to its scores: one word has one value, whatever the way to it."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

import stepahead as sa
from stepahead import walk
from stepahead.report.page.facts import facts

from .data import ROOT, each, ends_ahead, sine

SINE = sa.datasets.noisy_sine(seed=0)
PANEL = [sine(seed, 300) * 10.0**seed + seed for seed in range(4)]


class Silent:
    """A stranger's model: the last value but one; it knows nothing of capabilities."""

    context = 2

    def fit(self, series):
        return self

    def encode(self, values, after=None):
        numbers = np.asarray(values.numbers)
        if after is not None:
            numbers = np.concatenate([after[0][:, 1], numbers])
        return (np.stack([numbers[:-1], numbers[1:]], axis=1),)

    def rollout(self, state, horizon):
        return np.repeat(state[0][:, :1], horizon, axis=1)


# ---------------------------------------------------------------------------------------------------------------
# No neighbour matters


@pytest.mark.parametrize("data", [SINE, PANEL], ids=["one", "panel"])
@pytest.mark.parametrize("period", [None, 40])
def test_a_model_reads_the_same_in_company(data, period):
    """On the same rows: the context of the neighbour is longer,
    and the training rows are the model's own all the same.
    """
    alone = sa.evaluate([sa.AR(4)], data, 8, 180, period=period)["AR(4)"]
    beside = sa.evaluate([sa.AR(64), sa.AR(4), sa.SSA(2, window=90)], data, 8, 180, period=period)["AR(4)"]
    for name in ("rmse", "mae", "bias", "mase", "skill", "coverage"):
        np.testing.assert_array_equal(getattr(alone, name)(), getattr(beside, name)(), err_msg=name)
    for one, other in zip(alone.prediction_intervals(), beside.prediction_intervals(), strict=True):
        np.testing.assert_array_equal(one, other)
    for reading in ("rmse", "skill"):
        np.testing.assert_allclose(alone.confidence_interval(reading), beside.confidence_interval(reading), rtol=1e-12)
    np.testing.assert_array_equal(alone.training.rmse(), beside.training.rmse())
    np.testing.assert_array_equal(alone.training.origins, beside.training.origins)
    assert alone.trusted_horizon() == beside.trusted_horizon()


def test_a_season_in_the_table_moves_what_is_compared_and_nothing_else():
    plain, seasonal = (sa.evaluate([sa.AR(4)], SINE, 8, 604, period=period)["AR(4)"] for period in (None, 100))
    np.testing.assert_array_equal(plain.rmse(), seasonal.rmse())
    np.testing.assert_array_equal(plain.prediction_intervals(), seasonal.prediction_intervals())
    assert list(seasonal._baselines) == [*plain._baselines, "SeasonalNaive(100)"]
    assert (seasonal.skill() <= plain.skill()).all()


# ---------------------------------------------------------------------------------------------------------------
# One word, one value


def every_way(models, data, horizon, train, **given):
    """{way: (rmse, skill, claims)} of the first model."""
    result = sa.evaluate(models, data, horizon, train, **given)
    name = next(iter(result))
    frame = result.to_frame()
    rows = np.asarray(frame["model"]) == name
    line = re.search(rf"^{re.escape(name)} .* (\d+)$", result.table(), re.MULTILINE)
    told = next(line for line in facts(result).lines if line.name == name)
    claim = result.trusted_horizon()[name].claim
    found = {
        "result": (result[name].rmse(), result[name].skill(), result[name].trusted_horizon().claim),
        "table": (result.by_step("rmse")[name], result.by_step("skill")[name], claim),
        "skill": (result[name].rmse(), result.skill()[name][0], int(line[1])),
        "frame": (np.asarray(frame["rmse"])[rows], np.asarray(frame["skill"])[rows], claim),
        "page": (told.error.value, told.skill.value, told.reach.claim),
    }
    kept = sa.evaluate(models, data, horizon, train, keep="scores", **given)
    ways = {"scores": kept}
    if not isinstance(data, list):
        ways["pieces"] = sa.evaluate(models, sa.pieces(data, size=77), horizon, train, keep="scores", **given)
        ways["each"] = sa.evaluate(models, [data], horizon, train, fit="each", keep="scores", **given)
    for way, scores in ways.items():
        assert not scores._results, "nothing but the errors is kept"
        found[way] = scores.by_step("rmse")[name], scores.by_step("skill")[name], scores.trusted_horizon()[name].claim
    return found


@pytest.mark.parametrize("period", [None, 40])
@pytest.mark.parametrize(
    ("models", "data", "horizon", "train", "given"),
    [
        ([sa.AR(4)], SINE, 16, 604, {}),
        ([sa.AR(8, chunk=4), sa.AR(64)], SINE.values, 16, 0.5, {"steps": [1, 2, 7, 16]}),
        ([sa.SSA(2, window=32), sa.baselines.Drift()], SINE.values * 1000.0, 8, 604, {}),
        ({"mine": Silent()}, SINE.values + 1e6, 8, 604, {}),
        ([sa.AR(4)], PANEL, 8, 180, {}),
        ([sa.Differenced(sa.AR(2)), sa.AR(9)], PANEL, 8, 0.6, {"steps": [1, 8]}),
        ([sa.AR(4)], PANEL, 8, 180, {"fit": "each"}),
    ],
    ids=["one", "steps", "times 1000", "a stranger", "panel", "panel of two", "a fit each"],
)
def test_skill_and_trusted_steps_are_those_of_the_table_by_every_way(models, data, horizon, train, given, period):
    found = every_way(models, data, horizon, train, period=period, **given)
    rmse, skill, claim = found.pop("result")
    assert np.isfinite(skill).all()
    for way, (errors, saved, trusted) in found.items():
        np.testing.assert_allclose(errors, rmse, rtol=1e-8, err_msg=way)
        np.testing.assert_allclose(saved, skill, rtol=1e-6, atol=1e-8, err_msg=way)
        assert trusted == claim, way


def test_skill_is_one_minus_a_ratio_of_mean_squared_errors():
    result = sa.evaluate([sa.AR(4)], SINE, 16, 604, period=100)
    actual = np.lib.stride_tricks.sliding_window_view(SINE.values[604:], 16)
    mean = SINE.values[:604].mean()
    last = SINE.values[603 : 603 + len(actual), None]
    season = np.stack([SINE.values[504 + i : 520 + i] for i in range(len(actual))])
    losses = [((forecast - actual) ** 2).mean(axis=0) for forecast in (mean, last, season)]
    own = ((result["AR(4)"].predictions - actual) ** 2).mean(axis=0)
    others = [((found.predictions - actual) ** 2).mean(axis=0) for name, found in result.items() if name != "AR(4)"]
    np.testing.assert_allclose(result["AR(4)"].skill(), 1 - own / np.min(others, axis=0), rtol=1e-9)
    for name, loss in zip(("Mean", "Naive", "SeasonalNaive(100)"), losses, strict=True):
        np.testing.assert_allclose(result["AR(4)"].skill(name), 1 - own / loss, rtol=1e-9)
    with pytest.raises(sa.errors.ParameterError):
        result["AR(4)"].skill("Drift")


def test_what_comes_out_of_a_table_remembers_its_baselines():
    result = sa.evaluate([sa.AR(4), sa.AR(120)], SINE, 16, 604, period=100)
    names = [*ALWAYS, "SeasonalNaive(100)", "Harmonic(100)"]
    one = result["AR(4)"]
    for found in (
        one,
        one._at_step(7),
        one.training,
        one._at_step(7).training,
        one.training._at_step(7),
        result.training["AR(4)"],
    ):
        assert list(found._baselines) == names
    np.testing.assert_array_equal(one._at_step(7).skill(), one.skill()[[6]])
    np.testing.assert_allclose(one._at_step(7).training.skill(), one.training.skill()[[6]], rtol=1e-12)
    np.testing.assert_array_equal(
        np.ravel(one._at_step(7).confidence_interval("skill")), np.array(one.confidence_interval("skill"))[:, 6]
    )
    # A season of 100 has no forecast at the first origins of the training part: the skill is over those of both.
    own = one.training
    later = own.origins >= 100
    loss = np.nanmean(own.losses()[later], axis=0)
    others = [np.nanmean(b.losses()[np.isin(b.origins, own.origins[later])], axis=0) for b in own._baselines.values()]
    np.testing.assert_allclose(own.skill(), 1 - loss / np.min(others, axis=0), rtol=1e-9)
    assert own.confidence_interval("skill")[0].shape == (16,)


def test_a_result_by_itself_is_compared_where_its_baselines_have_a_forecast():
    # from origin 0 on: the last value has none there
    alone = sa.k_step(sa.baselines.Mean().fit(SINE[:604]), SINE, 4).training
    assert (alone.origins[0], alone._baselines["Naive"].origins[0]) == (0, 1)
    np.testing.assert_array_equal(alone.skill("Mean"), np.zeros(4))
    assert np.isfinite(alone.confidence_interval("skill")).all()


def test_one_loss_is_compared_in_a_table():
    """Where one model of symbols has no distribution the share of wrong symbols is,
    for every model and by every way.
    """

    class Guess:
        context, states_ = 1, ("dry", "wet")

        def fit(self, series):
            return self

        def encode(self, values, after=None):
            return (np.zeros((len(values), 1)),)

        def rollout(self, state, horizon):
            return np.zeros((len(state[0]), horizon))

    words = ["wet" if value > 0.3 else "dry" for value in sine(1, 400)]
    result = sa.evaluate({"chain": sa.MarkovChain(1), "guess": Guess()}, words, 3, 200)
    assert {one._loss for one in result.values()} == {result._loss} == {"zero-one"}
    wrong = {name: np.mean(one.predictions != one.actuals, axis=0) for name, one in result.items()}
    for name in result:
        np.testing.assert_allclose(result[name].skill(), 1 - wrong[name] / wrong["MarkovChain(0)"], rtol=1e-12)
    assert "Share of wrong symbols" in result.table()
    assert result.trusted_horizon()["chain"] == result["chain"].trusted_horizon()


def test_notes_are_the_same_whatever_is_kept():
    hollow = sine(0, 200)
    hollow[[50, 150]] = np.nan
    series = sa.Series(hollow, missing="skip")
    kept, scores, apart = (
        sa.evaluate([sa.AR(4)], data, 4, 120, **given)
        for data, given in ((series, {}), (series, {"keep": "scores"}), ([series], {"fit": "each", "keep": "scores"}))
    )
    assert any("origins have no forecast by AR(4)" in text for text in kept.notes)
    assert set(kept.notes) == set(scores.notes) == set(apart.notes)
    np.testing.assert_allclose(scores.by_step("rmse")["AR(4)"], kept["AR(4)"].rmse(), rtol=1e-12)


# ---------------------------------------------------------------------------------------------------------------
# Rows of scores


def test_scores_make_their_rows_when_they_are_asked_for(monkeypatch):
    kept = sa.evaluate([sa.AR(4)], PANEL, 8, 180)
    scores = sa.evaluate([sa.AR(4)], PANEL, 8, 180, keep="scores")
    assert scores.trusted_horizon() == kept.trusted_horizon()
    np.testing.assert_array_equal(scores["AR(4)"].predictions, kept["AR(4)"].predictions)
    with pytest.raises(KeyError):
        scores["AR(5)"]
    monkeypatch.setattr("stepahead.memory.memory_budget", lambda: 1000)
    with pytest.raises(sa.errors.InputError) as caught:
        sa.evaluate([sa.AR(4)], PANEL, 8, 180, keep="scores").trusted_horizon()
    assert caught.value.code == "no-rows"


def test_rows_are_made_of_the_series_that_have_scores():
    panel = {"a": sine(0, 90), "short": sine(1, 6), "b": sine(2, 80), "hollow": np.full(80, np.nan)}
    named = [sa.Series(values, name=name, missing="skip") for name, values in panel.items() if name != "hollow"]
    scores = each([sa.AR(2)], named, 4)
    assert list(scores.failed) == ["short"]
    assert [series.name for series in scores["AR(2)"]._panel] == ["a", "b"]
    np.testing.assert_allclose(scores["AR(2)"].rmse(), scores.by_step("rmse")["AR(2)"], rtol=1e-9)


@pytest.mark.parametrize("way", ["pieces", "panel"])
def test_what_can_be_read_but_once_has_scores_alone(way):
    source = sa.pieces(iter([sine(0, 100)])) if way == "pieces" else (sine(seed, 100) for seed in range(2))
    scores = sa.evaluate([sa.AR(2)], source, 4, 60, keep="scores", **({} if way == "pieces" else {"fit": "each"}))
    assert "AR(2)" in scores.table()
    for ask in (
        scores.trusted_horizon,
        scores.tests,
        scores.skill,
        scores.plot,
        lambda: scores["AR(2)"],
        lambda: scores.training,
    ):
        with pytest.raises(sa.errors.InputError, match='keep="forecasts"') as caught:
            ask()
        assert caught.value.code == "no-rows"


# ---------------------------------------------------------------------------------------------------------------
# Panels


def test_baselines_are_fitted_to_each_series():
    result = sa.evaluate([sa.AR(2)], PANEL, 4, 180, period=9)
    for index, values in enumerate(PANEL):
        rows = result["Mean"].part == index
        np.testing.assert_allclose(result["Mean"].predictions[rows], values[:180].mean(), rtol=1e-12)
    for way in ({"keep": "scores"}, {"keep": "scores", "fit": "each"}):
        scores = sa.evaluate([sa.AR(2)], PANEL, 4, 180, period=9, **way)
        for name in ("Mean", "Naive", "SeasonalNaive(9)"):
            np.testing.assert_allclose(scores.by_step("mae")[name], result[name].mae(), rtol=1e-9)


def by_hand(result, name: str, power: int) -> np.ndarray:
    """The mean loss of a panel, [steps], each error in units of its series' own scale: row by row, number by number."""
    found = result[name]
    total, count = np.zeros(len(found.steps)), 0
    for row, (index, origin) in enumerate(zip(found.part, found.origins, strict=True)):
        values = found._panel[index].values
        head = values[: found.train[index]]
        step = np.diff(head)
        scale = min(np.mean((head - head.mean()) ** 2), np.mean(step * step))
        if scale == 0.0:
            continue
        count += 1
        for place, k in enumerate(found.steps):
            total[place] += abs(found.predictions[row, place] - values[origin + k - 1]) ** power / scale ** (power / 2)
    return total / count


@pytest.mark.parametrize("fit", ["pooled", "each"])
def test_a_panel_is_pooled_in_units_of_each_scale(fit):
    panel = [*PANEL, sine(9, 220)[::-1].copy()]
    result = sa.evaluate([sa.AR(4)], panel, 5, 0.6, fit=fit, steps=[1, 3, 5])
    for name in result:
        np.testing.assert_allclose((result[name].rmse() ** 2), by_hand(result, name, 2), rtol=1e-9)
        np.testing.assert_allclose(result[name].mae(), by_hand(result, name, 1), rtol=1e-9)
    saved = 1 - by_hand(result, "AR(4)", 2) / np.min([by_hand(result, name, 2) for name in ALWAYS], axis=0)
    np.testing.assert_allclose(result["AR(4)"].skill(), saved, rtol=1e-9)
    found = result["AR(4)"]
    errors = found.predictions - found.actuals
    np.testing.assert_allclose(found.rmse(scaled=False), np.sqrt((errors**2).mean(axis=0)), rtol=1e-12)
    np.testing.assert_allclose(found.mae(scaled=False), np.abs(errors).mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.bias(scaled=False), errors.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(result.by_step("rmse", scaled=False)["AR(4)"], found.rmse(scaled=False), rtol=1e-12)


@pytest.mark.parametrize(
    ("factor", "shift"), [(1000.0, 0.0), (1000.0, 1e6), (-3.0, 0.0), (-3.0, 1e6), (2.0**-40, 0.0), (2.0**40, 1.0)]
)
def test_the_unit_and_level_of_a_series_give_it_no_weight(factor, shift):
    """A model that is indifferent to both, so that forecasts move with the series."""
    panel = [sine(seed, 200) for seed in range(3)]
    other = [panel[0], panel[1] * factor + shift, panel[2]]
    for fit in ("pooled", "each"):
        one, two = (sa.evaluate([sa.baselines.Drift(), Silent()], given, 6, fit=fit) for given in (panel, other))
        for name in one:
            for reading in ("rmse", "mae", "skill"):
                np.testing.assert_allclose(
                    getattr(two[name], reading)(),
                    getattr(one[name], reading)(),
                    rtol=1e-6,
                    atol=1e-8,
                    err_msg=f"{name} {reading}",
                )
        assert {name: found.claim for name, found in two.trusted_horizon().items()} == {
            name: found.claim for name, found in one.trusted_horizon().items()
        }


def test_a_constant_series_is_left_out_of_what_is_pooled_and_said():
    panel = [sine(0, 200), np.full(200, 7.0), sine(1, 200)]
    for given in ({}, {"keep": "scores"}):
        without = sa.evaluate([sa.baselines.Drift()], [panel[0], panel[2]], 4, **given).by_step("rmse")
        with pytest.warns(sa.errors.StepaheadWarning, match="1 of 3 series are constant in training"):
            found = sa.evaluate([sa.baselines.Drift()], panel, 4, **given).by_step("rmse")
        for name, values in without.items():
            np.testing.assert_allclose(found[name], values, rtol=1e-12)
    every = sa.evaluate([sa.baselines.Drift()], panel, 4)["Drift"]
    np.testing.assert_allclose(
        every.rmse(scaled=False), np.sqrt(((every.predictions - every.actuals) ** 2).mean(axis=0))
    )


@pytest.mark.parametrize("given", [{}, {"keep": "scores"}, {"fit": "each"}, {"fit": "each", "keep": "scores"}], ids=str)
def test_white_noises_at_different_levels_are_not_trusted_at_all(given):
    """0.1.0 trusted a pooled AR(4) here to 16 steps: one mean for all of them is far from each."""
    rng = np.random.default_rng(0)
    panel = [level + rng.normal(size=300) for level in np.linspace(0.0, 200.0, 20)]
    result = sa.evaluate([sa.AR(4)], panel, 16, **given)
    assert result.trusted_horizon()["AR(4)"].claim == 0
    assert result["AR(4)"].trusted_horizon().claim == 0


# ---------------------------------------------------------------------------------------------------------------
# The figures of 0.1.0

OLD = json.loads((ROOT / "tests" / "golden" / "figures-0.1.0.json").read_text())
READINGS = ("rmse", "mae", "bias")


def figures(result, steps, readings=READINGS) -> dict:
    places = np.searchsorted(result.steps, steps)
    return {name: {key: np.asarray(getattr(one, key)())[places] for key in readings} for name, one in result.items()}


def assert_as_before(found: dict, old: dict, size: float) -> None:
    """Each figure is that of 0.1.0 to 1e-10: relative, of a bias (which may be nearly 0) relative to the errors.

    More baselines stand beside them since.
    """
    assert set(found) >= set(old)
    for name, values in old.items():
        for key, before in values.items():
            atol = 1e-10 * size if key == "bias" else 0.0
            np.testing.assert_allclose(found[name][key], before, rtol=1e-10, atol=atol, err_msg=f"{name} {key}")


def test_the_figures_of_one_series_are_those_of_0_1_0():
    listed = [sa.AR(4), sa.AR(64), sa.AR("auto"), sa.AR(8, chunk=4, anchor="last"), sa.AR(4, method="burg"), sa.MLP(lags=4),
              sa.SSA(rank=2, window=64), sa.SSA(rank="auto"), sa.MarkovChain(1, bins=10), sa.Scaled(sa.AR(4)),
              sa.Differenced(sa.AR(4)), sa.wrappers.Rectified(sa.AR(8), horizon=16), sa.StateSpace(cycles="auto")]  # fmt: skip
    # Names of 0.1.0: what a model prints as has changed since.
    named = dict(zip([name for name in OLD["sine"] if name[0].isdigit()], listed, strict=True))
    result = sa.evaluate(named, SINE, 64, 604, period=100)
    assert_as_before(figures(result, (1, 4, 16, 64)), OLD["sine"], 0.2)


def test_the_figures_of_a_series_with_gaps_are_those_of_0_1_0():
    gaps = SINE.values.copy()
    gaps[[100, 101, 300, 700]] = np.nan
    result = sa.evaluate([sa.AR(4), sa.SSA(rank=2, window=64)], sa.Series(gaps, missing="skip"), 16, 604)
    assert_as_before(figures(result, (1, 4, 16)), OLD["gaps"], 0.2)


def test_the_figures_of_a_fit_each_are_those_of_0_1_0():
    panel = [sa.datasets.noisy_sine(length=300, seed=seed) for seed in range(6)]
    models = [sa.AR(4), sa.AR("auto", horizon=16), sa.SSA(rank=2, window=32), sa.MLP(lags=4),
              sa.MarkovChain(1, bins=5, smoothing=1.0), sa.Scaled(sa.AR(3)), sa.Differenced(sa.AR(4)),
              sa.SSA(rank="auto")]  # fmt: skip
    scores = each(models, panel, 16, 200, steps=[1, 4, 16])
    found = {key: scores.by_series(key) for key in READINGS}
    assert_as_before({m: {key: found[key][m] for key in READINGS} for m in scores}, turned(OLD["each"]), 0.2)


def test_the_figures_of_a_stream_are_those_of_0_1_0():
    x = sa.datasets.noisy_sine(length=5000, seed=3).values
    models = [sa.AR(4), sa.SSA(rank=2, window=32)]
    scores = sa.evaluate(models, sa.pieces(x, size=512), 16, 3000, steps=[1, 4, 16], keep="scores")
    found = {key: scores.by_step(key) for key in READINGS}
    assert_as_before({m: {key: found[key][m] for key in READINGS} for m in scores}, turned(OLD["stream"]), 0.2)


def test_the_figures_of_symbols_are_those_of_0_1_0():
    values = np.random.default_rng(0).random(600).cumsum() % 1
    states = ["dry" if value < 0.2 else "wet" if value > 0.9 else "mid" for value in values]
    result = sa.evaluate([sa.MarkovChain(1), sa.MarkovChain(2), sa.HMM(2)], states, 8, 400)
    assert_as_before(figures(result, range(1, 9), ("zero_one", "log_loss")), OLD["symbols"], 1.0)


def turned(old: dict) -> dict:
    """{reading: {model: ..}} -> {model: {reading: ..}}."""
    return {model: {key: old[key][model] for key in old} for model in old["rmse"]}


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


HUGE = 10**14
FAR = {
    "one": lambda: sa.evaluate(sa.AR(2), sine(0, 90), HUGE),
    "scores": lambda: sa.evaluate(sa.AR(2), sine(0, 90), HUGE, keep="scores"),
    "pooled": lambda: sa.evaluate(sa.AR(2), [sine(0, 90), sine(1, 90)], HUGE),
    "each": lambda: sa.evaluate(sa.AR(2), [sine(0, 90)], HUGE, fit="each"),
    "each, scores": lambda: sa.evaluate(sa.AR(2), [sine(0, 90)], HUGE, fit="each", keep="scores"),
    "some steps": lambda: sa.evaluate(sa.AR(2), [sine(0, 90)], HUGE, fit="each", keep="scores", steps=[1, HUGE]),
    "in pieces": lambda: sa.evaluate(sa.AR(2), sa.pieces(sine(0, 90)), HUGE, train=50, keep="scores"),
    "k_step": lambda: sa.k_step(sa.AR(2).fit(sine(0, 50)), sine(0, 90), HUGE),
    "strategies": lambda: sa.diagnostics.strategies(sa.AR(2), sine(0, 90), HUGE),
    "forecast": lambda: sa.forecast(sa.baselines.Mean().fit(sine(0, 90)), sine(0, 90), HUGE),
    "interval": lambda: ends_ahead(sa.baselines.Mean().fit(sine(0, 90)), sine(0, 90), HUGE),
    "interval of the model": lambda: ends_ahead(sa.AR(2).fit(sine(0, 90)), sine(0, 90), HUGE, method="model"),
    "paths": lambda: sa.paths(sa.AR(2).fit(sine(0, 90)), sine(0, 90), HUGE),
    "rollout": lambda: sa.baselines.Drift().fit(sine(0, 90)).rollout((np.zeros((1, 1)),), HUGE),
    "rollout, many rows": lambda: sa.baselines.Mean().fit(sine(0, 90)).rollout((np.zeros((90, 1)),), 10**10),
    "predictive": lambda: (lambda m: m.predictive(m.encode(sa.Series(sine(0, 90))), HUGE))(
        sa.StateSpace(2).fit(sine(0, 90))
    ),
    "audit": lambda: sa.audit(sa.baselines.Mean(), sine(0, 90), HUGE),
}


@pytest.mark.parametrize("way", FAR)
def test_a_horizon_past_all_memory_is_refused_by_name(way):
    with pytest.raises((sa.errors.InputError, sa.errors.BudgetError)) as caught:
        FAR[way]()
    assert caught.value.code in ("budget", "too-short")
    assert re.search(r"100000000000000|10,000,000,000|100,000,000,000,000", str(caught.value))


def test_what_is_kept_makes_no_note_another():
    panel = [sine(seed, 90) for seed in range(3)]
    assert sa.evaluate(sa.AR(2), panel, 4, keep="scores").notes == sa.evaluate(sa.AR(2), panel, 4).notes


def test_a_series_is_encoded_once_for_each_model(monkeypatch):
    asked = []
    own = walk.encoded
    monkeypatch.setattr(walk, "encoded", lambda model, series: asked.append(1) or own(model, series))
    panel = [sa.Series(sine(seed, 90) if seed else np.r_[np.nan, sine(seed, 89)], missing="skip") for seed in range(5)]
    sa.evaluate([sa.StateSpace(1), sa.AR(2)], panel, 4, keep="scores")
    assert len(asked) == (2 + len(ALWAYS)) * len(panel), "two models and the baselines, each series once"


def test_pieces_of_unknown_length_take_any_whole_number_as_train():
    values = sine(0, 200)
    by_number = {
        kind: sa.evaluate(sa.AR(2), sa.pieces(iter([values])), 4, kind(120), keep="scores") for kind in (int, np.int64)
    }
    assert by_number[int].table() == by_number[np.int64].table()
    with pytest.raises(sa.errors.ParameterError, match="a number of values"):
        sa.evaluate(sa.AR(2), sa.pieces(iter([values])), 4, train=np.float64(0.5), keep="scores")

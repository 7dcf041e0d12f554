"""One road from a series to its scores: one word has one value, whatever the way to it."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

import stepahead as sa
from stepahead.numerics import remedies
from stepahead.report.page.facts import facts

from ..data import ROOT, each, ends_ahead, sine
from ..strangers import Silent

H, TRAIN = 9, 70


def test_the_origins_asked_for(result):
    run, x = result
    some = sa.k_step(run.model, x, H, origins=[100, 80, 81])
    assert some.origins.tolist() == [80, 81, 100]
    for row, origin in enumerate(some.origins):
        np.testing.assert_allclose(some.predictions[row], run.predictions[origin - TRAIN], rtol=1e-12)
    for bad in ([2], [122], [1.5], []):
        with pytest.raises(sa.errors.ParameterError):
            sa.k_step(run.model, x, H, origins=bad)


def test_a_model_knows_its_training_part_by_itself():
    x = sine(1, 200)
    model = sa.AR(2).fit(x[:120])
    assert sa.k_step(model, x, 5).start == (120,)
    for unknown in (x[50:], x[:100]):
        with pytest.raises(sa.errors.InputError, match="train=0") as caught:
            sa.k_step(model, unknown, 5)
        assert caught.value.code == "train-unknown"
    other = sa.k_step(model, x[50:], 5, train=0)
    assert other.start == (0,)
    assert other.origins[0] == 2
    with pytest.raises(sa.errors.ParameterError):
        other.skill("mean")
    assert np.isfinite(other.skill()).all()
    assert sa.k_step(model, x, 5, train=150).origins[0] == 150


def test_a_panel_is_pooled_rows():
    one, two = sa.Series(sine(0, 120), name="one"), sa.Series(3.0 + 2.0 * sine(1, 90), name="two")
    result = sa.evaluate(sa.AR(3), [one, two], 5, train=0.5)
    run = result["AR(3)"]
    assert run.start == (60, 45)
    assert [(run.part == i).sum() for i in (0, 1)] == [120 - 60 - 5 + 1, 90 - 45 - 5 + 1]
    squares = [
        (run.predictions[row] - series.values[run.origins[row] : run.origins[row] + 5]) ** 2
        for i, series in enumerate((one, two))
        for row in np.flatnonzero(run.part == i)
    ]
    np.testing.assert_allclose((run.rmse(scaled=False) ** 2), np.mean(squares, axis=0), rtol=1e-12)
    heads = [one.values[:60], two.values[:45]]
    scale = np.array([min(head.var(), np.mean(np.diff(head) ** 2)) for head in heads])[run.part]
    np.testing.assert_allclose((run.rmse() ** 2), np.mean(np.array(squares) / scale[:, None], axis=0), rtol=1e-12)
    sizes = np.sqrt(squares) / np.sqrt(scale[:, None])
    np.testing.assert_allclose(run.mae(), sizes.mean(axis=0), rtol=1e-12)
    means = [head.mean() for head in heads]
    missed = [np.mean((np.array(means)[run.part] - run.actuals[:, k]) ** 2 / scale) for k in range(5)]
    np.testing.assert_allclose(run.skill("Mean"), 1 - (run.rmse() ** 2) / missed, rtol=1e-9)
    assert "errors in units of the scale of each series" in " ".join(result.table().split())
    assert len(run.to_frame("predictions")) == len(run.part) * 5
    assert set(run.to_frame("predictions")["unique_id"]) == {"one", "two"}
    assert result.table()
    with pytest.raises(sa.errors.ParameterError):
        sa.k_step(run.model, [one, two], 5, origins=[70])


def test_progress_counts_rows():
    seen = []
    sa.evaluate(sa.AR(2), sine(0, 6000), 4, progress=lambda name, done, of: seen.append((name, done, of)))
    mine = [entry for entry in seen if entry[0] == "AR(2)"]
    assert len(mine) > 1
    assert mine[-1][1] == mine[-1][2] == 6000 - 2 - 4 + 1


SINE = sa.datasets.noisy_sine(seed=0)
PANEL = [sine(seed, 300) * 10.0**seed + seed for seed in range(4)]


@pytest.mark.parametrize("data", [SINE, PANEL], ids=["one", "panel"])
@pytest.mark.parametrize("season", [None, 40])
def test_a_model_reads_the_same_in_company(data, season):
    """On the same rows: the context of the neighbour is longer,
    and the training rows are the model's own all the same.
    """
    alone = sa.evaluate([sa.AR(4)], data, 8, 180, season=season)["AR(4)"]
    beside = sa.evaluate([sa.AR(64), sa.AR(4), sa.SSA(2, window=90)], data, 8, 180, season=season)["AR(4)"]
    for name in ("rmse", "mae", "bias", "mase", "skill", "coverage"):
        np.testing.assert_array_equal(getattr(alone, name)(), getattr(beside, name)(), err_msg=name)
    for one, other in zip(alone.prediction_intervals(), beside.prediction_intervals(), strict=True):
        np.testing.assert_array_equal(one, other)
    for reading in ("rmse", "skill"):
        np.testing.assert_allclose(alone.confidence_interval(reading), beside.confidence_interval(reading), rtol=1e-12)
    np.testing.assert_array_equal(alone.training.rmse(), beside.training.rmse())
    np.testing.assert_array_equal(alone.training.origins, beside.training.origins)


def every_way(models, data, horizon, train, **given):
    """{way: (rmse, skill, steps shown)} of the first model."""
    result = sa.evaluate(models, data, horizon, train, **given)
    name = next(iter(result))
    frame = result.to_frame()
    rows = np.asarray(frame["model"]) == name
    told = next(line for line in facts(result).lines if line.name == name)
    shown = result.answer.shown[name].tolist()
    found = {
        "result": (result[name].rmse(), result[name].skill(), shown),
        "answer": (result.by_step("rmse")[name], result.answer.saving[name], shown),
        "skill": (result[name].rmse(), result.skill()[name], result.judge().shown[name].tolist()),
        "frame": (np.asarray(frame["rmse"])[rows], np.asarray(frame["skill"])[rows], shown),
        "page": (told.error.value, told.saving.value, facts(result).judgement.shown[0].tolist()),
    }
    kept = sa.evaluate(models, data, horizon, train, keep="scores", **given)
    ways = {"scores": kept}
    if not isinstance(data, list):
        ways["pieces"] = sa.evaluate(models, sa.pieces(data, size=77), horizon, train, keep="scores", **given)
        ways["each"] = sa.evaluate(models, [data], horizon, train, fit="each", keep="scores", **given)
    for way, scores in ways.items():
        assert not scores._results, "nothing but the errors is kept"
        found[way] = scores.by_step("rmse")[name], scores.by_step("skill")[name], scores.answer.shown[name].tolist()
        assert scores.answer.verdicts == result.answer.verdicts, way
    return found


@pytest.mark.parametrize("by_night", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["", "other season"])
@pytest.mark.parametrize(
    ("models", "data", "horizon", "train", "season", "given"),
    [
        ([sa.AR(4)], SINE, 16, 604, None, {}),
        ([sa.AR(8, chunk=4), sa.AR(64)], SINE.values, 16, 0.5, 40, {"steps": [1, 2, 7, 16]}),
        ([sa.SSA(2, window=32), sa.baselines.Drift()], SINE.values * 1000.0, 8, 604, 40, {}),
        ({"mine": Silent()}, SINE.values + 1e6, 8, 604, None, {}),
        ([sa.AR(4)], PANEL, 8, 180, 40, {}),
        ([sa.Differenced(sa.AR(2)), sa.AR(9)], PANEL, 8, 0.6, None, {"steps": [1, 8]}),
        ([sa.AR(4)], PANEL, 8, 180, 40, {"fit": "each"}),
    ],
    ids=["one", "steps", "times 1000", "a stranger", "panel", "panel of two", "a fit each"],
)
def test_skill_and_trusted_steps_are_those_of_the_table_by_every_way(
    models, data, horizon, train, season, given, by_night
):
    season = {None: 40, 40: None}[season] if by_night else season
    found = every_way(models, data, horizon, train, season=season, **given)
    rmse, skill, shown = found.pop("result")
    assert np.isfinite(skill).all()
    for way, (errors, saved, trusted) in found.items():
        np.testing.assert_allclose(errors, rmse, rtol=1e-8, err_msg=way)
        np.testing.assert_allclose(saved, skill, rtol=1e-6, atol=1e-8, err_msg=way)
        assert trusted == shown, way


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
    listed = [
        sa.AR(4),
        sa.AR(64),
        sa.AR("auto"),
        sa.AR(8, chunk=4, anchor="last"),
        sa.AR(4, method="burg"),
        sa.MLP(lags=4),
        sa.SSA(rank=2, window=64),
        sa.SSA(rank="auto"),
        sa.MarkovChain(1, bins=10),
        sa.Scaled(sa.AR(4)),
        sa.Differenced(sa.AR(4)),
        sa.wrappers.Rectified(sa.AR(8), horizon=16),
        sa.StateSpace(cycles="auto"),
    ]
    # Names of 0.1.0: what a model prints as has changed since.
    named = dict(zip([name for name in OLD["sine"] if name[0].isdigit()], listed, strict=True))
    result = sa.evaluate(named, SINE, 64, 604, season=100)
    assert_as_before(figures(result, (1, 4, 16, 64)), OLD["sine"], 0.2)


def test_the_figures_of_a_series_with_gaps_are_those_of_0_1_0():
    gaps = SINE.values.copy()
    gaps[[100, 101, 300, 700]] = np.nan
    result = sa.evaluate([sa.AR(4), sa.SSA(rank=2, window=64)], sa.Series(gaps, missing="skip"), 16, 604)
    assert_as_before(figures(result, (1, 4, 16)), OLD["gaps"], 0.2)


def test_the_figures_of_a_fit_each_are_those_of_0_1_0(monkeypatch):
    # A net learns in a unit of its own since; here in that of the values, as then.
    monkeypatch.setattr(remedies, "unit_of", lambda X, Y: remedies.Unit(0.0, 1.0))
    panel = [sa.datasets.noisy_sine(length=300, seed=seed) for seed in range(6)]
    models = [sa.AR(4), sa.AR("auto", horizon=16), sa.SSA(rank=2, window=32), sa.MLP(lags=4),
              sa.MarkovChain(1, bins=5, smoothing=1.0), sa.Scaled(sa.AR(3)), sa.Differenced(sa.AR(4)),
              sa.SSA(rank="auto", horizon=64)]  # fmt: skip
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


# -- every so many origins --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stride", [2, 7, 24])
def test_a_stride_scores_every_so_many_origins_of_every_row(stride):
    x = sine(0, 400)
    every = sa.evaluate([sa.AR(4), sa.SSA(rank=2, window=20)], x, 12, 200)
    some = sa.evaluate([sa.AR(4), sa.SSA(rank=2, window=20)], x, 12, 200, stride=stride)
    for name in every:
        assert some[name].origins.tolist() == list(range(200, 389, stride))
        np.testing.assert_array_equal(some[name].predictions, every[name].predictions[::stride])
        before = some[name].training.origins
        assert set((before - 200) % stride) == {0}
        assert f", every {stride}{'nd' if stride == 2 else 'th'}; " in some[name]._caption()
    assert "every" not in every["AR(4)"]._caption()


@pytest.mark.parametrize("stride", [1, 2, 5, 12, 40])
def test_the_tests_allow_for_as_many_origins_as_share_surprises(stride):
    some = sa.evaluate(sa.AR(2), sine(0, 600), 36, 200, stride=stride)["AR(2)"]
    wanted = [min(-(-k // stride), len(some.origins)) for k in range(1, 37)]
    assert some._overlaps(some._places()).tolist() == wanted
    panel = [sine(seed, 600) for seed in range(3)]
    pooled = sa.evaluate(sa.AR(2), panel, 36, 200, stride=stride)["AR(2)"]
    assert pooled._overlaps(pooled._places()).tolist() == wanted


def test_scores_with_a_stride_are_those_of_the_forecasts(tmp_path):
    x = sine(0, 500)
    np.save(tmp_path / "x.npy", x)
    kept = sa.evaluate([sa.AR(4)], x, 12, 200, stride=10)
    for scores in (
        sa.evaluate([sa.AR(4)], x, 12, 200, stride=10, keep="scores"),
        sa.evaluate([sa.AR(4)], tmp_path / "x.npy", 12, 200, stride=10, keep="scores"),
        sa.evaluate([sa.AR(4)], sa.pieces(tmp_path / "x.npy", size=37), 12, 200, stride=10, keep="scores"),
        sa.evaluate([sa.AR(4)], [x], 12, 200, stride=10, keep="scores", fit="each"),
    ):
        assert scores.scorer.n[0, 0] == len(kept["AR(4)"].origins)
        for name in kept:
            np.testing.assert_allclose(scores.by_step()[name], kept.by_step()[name], rtol=1e-9)
        assert "every 10th" in scores.table()
        assert "每 10 个起点取一个" in scores.table("zh")
        assert "every 10th" in repr(scores.scorer)
        assert scores["AR(4)"].origins.tolist() == kept["AR(4)"].origins.tolist(), (
            "made again, they are the same origins"
        )


def test_a_stride_is_told_in_every_caption_of_both_languages(tmp_path):
    result = sa.evaluate(sa.AR(4), sine(0, 400), 12, 200, stride=7)
    result.report(tmp_path / "en.html")
    result.report(tmp_path / "zh.html", "zh")
    for text in (result.table(), result._repr_html_(), str(result["AR(4)"]), (tmp_path / "en.html").read_text("utf-8")):
        assert "every 7th" in text
    for text in (result.table("zh"), (tmp_path / "zh.html").read_text("utf-8")):
        assert "每 7 个起点取一个" in text.replace("\n", "")
    assert "every 3rd" in sa.k_step(result["AR(4)"].model, sine(0, 400), 12, origins=range(200, 300, 3))._caption()


@pytest.mark.parametrize("stride", [0, -1, 2.5, True, "2", None])
def test_a_stride_is_a_whole_number(stride):
    with pytest.raises(sa.errors.ParameterError, match="stride"):
        sa.evaluate(sa.AR(4), sine(0, 400), 12, 200, stride=stride)


def test_a_width_may_come_with_its_share():
    x = sine(0, 600)
    asked = sa.evaluate(sa.AR(4), x, 6, 300, within=(0.4, 0.8))
    assert asked.answer.within["AR(4)"].steps == asked.judge(within=0.4, share=0.8).within["AR(4)"].steps
    assert asked.answer.question.share == 0.8
    assert sa.evaluate(sa.AR(4), x, 6, 300, within=0.4).answer.question.share == 0.9
    for wrong in ((0.4,), (0.4, 0.8, 1), (0.4, 2.0)):
        with pytest.raises(sa.errors.ParameterError, match=r"within|share"):
            sa.evaluate(sa.AR(4), x, 6, 300, within=wrong)


class Counted(sa.Scaled):
    """A wrapper that counts its fits."""

    fits: list[int] = []

    def _fit_panel(self, panel):
        self.fits.append(1)
        return super()._fit_panel(panel)


def test_what_a_column_cannot_do_is_said_before_anything_is_fitted():
    series = sa.datasets.shop(200, seed=0)
    Counted.fits.clear()
    for model, code in (
        (sa.AR(3, using="warmth"), "past-reach"),
        (sa.AR(3, using="warmht"), "column-unknown"),
        (sa.Regressed(sa.AR(3), on="warmth"), "column-kind"),
        (sa.Scaled(sa.AR(3, using="warmth")), "past-reach"),
    ):
        with pytest.raises(sa.errors.InputError) as caught:
            sa.evaluate([Counted(sa.AR(2)), model], series, 4)
        assert caught.value.code == code
    assert not Counted.fits
    sa.evaluate([Counted(sa.AR(2))], series, 4)
    assert Counted.fits


def test_a_column_taken_as_foreseen_is_called_so_wherever_it_is_shown(tmp_path):
    words = "AS IF FORESEEN"
    series = sa.datasets.shop(300, seed=0).foreseen("warmth")
    models = {"mine": sa.AR(7, using=["warmth"]), "other": sa.Scaled(sa.Regressed(sa.AR(2), on="warmth"))}
    result = sa.evaluate(models | {"plain": sa.AR(7)}, series, 6)
    assert list(result)[:3] == [f"mine {words}", f"other {words}", "plain"]
    assert "warmth AS IF FORESEEN alone" in result
    assert "upper bound" in dict(result.answer.told().facts)["Columns"]
    assert "上限" in dict(result.answer.told("zh").facts)["其他列"]
    run = result[f"mine {words}"]
    assert result["mine"] is run, "by the name that was given"
    assert "mine" in result
    page = tmp_path / "page.html"
    result.report(page)
    frames = [result.to_frame().to_string(), run.to_frame("predictions").to_string()]
    fitted = sa.AR(7, using="warmth").fit(series[:200])
    loose = sa.k_step(fitted, series, 6)
    forecast = sa.forecast(fitted, series, 6, origin=200)
    shown = [str(result), repr(run), run._repr_html_(), page.read_text(encoding="utf-8"), frames[0], repr(loose)]
    shown += [loose._repr_html_(), repr(forecast), forecast._repr_html_(), str(result.answer), fitted.name]
    shown += [json.dumps(result.answer.to_dict())]
    assert [words in text for text in shown] == [True] * len(shown)
    for notes in (result.notes, run.notes, loose.notes, forecast.notes):
        assert sum("AS IF FORESEEN: an upper bound" in text for text in notes) == 1
    assert {"name": "warmth", "kind": "foreseen", "upper_bound": True} in result.answer.to_dict()["columns"]
    figure = result.plot()
    texts = " ".join(text.get_text() for axes in figure.figure.axes for text in axes.texts) + " ".join(
        text.get_text() for text in figure.figure.texts
    )
    assert words in texts
    clean = sa.evaluate({"mine": sa.AR(7)}, series, 6)
    assert words not in str(clean), "it is not used there"

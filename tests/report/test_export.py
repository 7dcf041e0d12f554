"""Results as JSON, CSV and model files."""

from __future__ import annotations

import json

import numpy as np
import pytest
from matplotlib.text import Text

import stepahead as sa
from stepahead.report import export, figures
from stepahead.report.page.facts import facts
from stepahead.series import Panel

from ..data import ALWAYS, sine


@pytest.fixture
def wave(tmp_path):
    path = tmp_path / "wave.csv"
    path.write_text("t,x\n" + "".join(f"{t},{v}\n" for t, v in enumerate(sine(0).tolist())))
    return path


def test_json_is_one_object_with_a_schema(run, wave):
    code, out, _ = run(
        "evaluate",
        wave,
        "--value",
        "x",
        "--horizon",
        8,
        "--models",
        "ar,direct,ssa,drift",
        "--lags",
        4,
        "--train",
        604,
        "--json",
    )
    assert code == 0
    found = json.loads(out)
    assert found["schema"] == 1
    assert (found["train"], found["horizon"], found["origins"], found["steps"]) == (
        604,
        8,
        1000 - 604 - 8 + 1,
        list(range(1, 9)),
    )
    expected = sa.evaluate(sa.AR(4), sine(0), 8, train=604)["AR(4)"]
    assert found["models"]["AR(4)"]["rmse"] == expected.rmse().tolist()
    (chosen,) = (name for name in found["models"] if name.startswith("SSA(auto: "))
    assert set(found["models"]) == {"AR(4)", "AR direct(4)", chosen, *ALWAYS}


def test_json_of_a_constant_has_nulls_not_nan(run, tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("x\n" + "3\n" * 60)
    code, out, _ = run("evaluate", path, "--value", "x", "--horizon", 4, "--models", "ar", "--lags", 2, "--json")
    assert code == 0
    assert json.loads(out)["models"]["AR(2)"]["skill"] == [None] * 4
    assert json.loads(out)["models"]["AR(2)"]["rmse"] == [0.0] * 4


def test_an_interval_without_an_end_is_null_in_json_and_noted(run, tmp_path):
    (tmp_path / "x.csv").write_text("x\n" + "".join(f"{v}\n" for v in sine(0, 24).tolist()))
    typed = [tmp_path / "x.csv", "--models", "naive", "--horizon", 6, "--level", "0.9"]
    code, out, err = run("forecast", *typed, "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert [row["Naive high"] is None for row in found["forecasts"]] == [False] * 4 + [True] * 2
    assert "infinite from step 5 on" in found["notes"][0]
    code, out, err = run("forecast", *typed)
    assert out.splitlines()[-1].endswith(",-inf,inf")
    assert "infinite from step 5 on" in err


def test_spreadsheets_run_nothing(run, tmp_path):
    from stepahead.report.export import safe_cell

    assert [safe_cell(t) for t in ("=cmd()", "+1", "-1", "@x", "\tx", "AR(4)")] == [
        "'=cmd()",
        "'+1",
        "'-1",
        "'@x",
        "'\tx",
        "AR(4)",
    ]


def test_two_models_whose_names_make_one_file_name_get_two_files(tmp_path):
    result = sa.evaluate({"AR(2)": sa.AR(2), "ar 2": sa.AR(3), "*": sa.baselines.Drift()}, sine(0, 80), 4)
    written = list(export.save_models(result, tmp_path))
    assert [path.name for path in written] == [
        *("ar-2.safetensors", "ar-2-.safetensors", "drift.safetensors"),
        *("mean.safetensors", "naive.safetensors", "ses.safetensors", "line.safetensors"),
    ]
    assert [sa.load(path).context for path in written[:2]] == [2, 3]


def test_of_symbols_there_is_no_figure_of_errors(tmp_path):
    result = sa.evaluate(sa.MarkovChain(), ["a", "b"] * 40, 3)
    assert [path.name for path in export.write_evaluation(result, tmp_path)] == ["error-by-k.csv"]


def test_forecasts_of_one_series_and_of_many_that_have_none():
    model = sa.AR(5).fit(sine(0, 60))
    with pytest.raises(sa.errors.InputError, match="needs 5 values, found 3"):
        export.forecasts({"AR(5)": model}, sa.Series(sine(0, 3)), 2)
    panel = [sa.Series(sine(0, 3), name="a"), sa.Series(sine(0, 4), name="b")]
    with pytest.raises(sa.errors.InputError, match=r"no series has a forecast; .* needs 5 values, found 3"):
        export.forecasts({"AR(5)": model}, Panel(panel), 2)
    head, rows, status = export.forecasts({"AR(5)": model}, Panel([*panel, sa.Series(sine(0, 9), name="c")]), 2)
    assert head == ["series", "k", "time", "AR(5)"]
    assert [row[:2] for row in rows] == [["c", 1], ["c", 2]]
    assert [row[3] for row in rows] == model.forecast(sine(0, 9), 2).tolist()
    assert list(status) == ["a", "b", "c"]
    assert status["c"] == "ok"


def test_the_answer_in_json_has_what_a_program_asks_for(run, wave):
    typed = [wave, "--value", "x", "--horizon", 8, "--models", "ar,drift", "--lags", 64, "--train", 604, "--json"]
    code, out, _ = run("evaluate", *typed)
    assert code == 0
    found = json.loads(out)
    result = sa.evaluate([sa.AR(64), sa.baselines.Drift()], sa.read(wave, "x"), 8, train=604)
    answer = found["answer"]
    assert answer["headline"] == result.answer.headline
    assert [answer["use"][str(k)] for k in range(1, 9)] == result.answer.use
    assert set(answer["models"]) == {"AR(64)"}
    one, expected = answer["models"]["AR(64)"], result.answer.verdicts["AR(64)"]
    assert set(one) == {"verdict", "first", "last", "step", "saving", "low", "high", "origins_wanted"}
    assert (one["verdict"], one["first"], one["last"]) == (expected.kind, expected.first, expected.last)
    assert one["saving"] == pytest.approx(expected.saving)
    assert (answer["season"], set(answer["baselines"])) == (None, {*ALWAYS})
    assert (found["season"], found["baselines"]) == ([], result.baselines)
    chinese = json.loads(run("evaluate", *typed, "--lang", "zh")[1])["answer"]
    assert chinese["headline"] == result.answer.told("zh").headline
    assert chinese["use"] == answer["use"]


def test_what_is_infinite_or_unknown_is_null_in_the_answer(run, tmp_path):
    path = tmp_path / "short.csv"
    path.write_text("x\n" + "".join(f"{v}\n" for v in np.random.default_rng(0).normal(size=30)))
    code, out, _ = run("evaluate", path, "--horizon", 3, "--models", "ar", "--lags", 2, "--json")
    assert code == 0
    assert "NaN" not in out
    assert "Infinity" not in out
    expected = sa.evaluate(sa.AR(2), sa.read(path), 3).answer.verdicts["AR(2)"]
    one = json.loads(out)["answer"]["models"]["AR(2)"]
    for key in ("saving", "low", "high", "origins_wanted"):
        value = getattr(expected, key)
        assert one[key] == (None if value is None or not np.isfinite(value) else pytest.approx(value))
    assert None in one.values()


def test_files_of_models_have_names_that_every_system_takes(tmp_path):
    result = sa.evaluate(sa.AR("auto", horizon=3), sine(0, 120), 3)
    (chosen,) = (name for name in result if name.startswith("AR(auto: "))
    written = [path.name for path in export.save_models(result, tmp_path)]
    assert written[0] == f"ar-auto-{chosen[9:-1]}.safetensors"
    assert not any(set(name) & set('<>:"/\\|?* ') for name in written)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_figure_and_page_of_every_loss_of_numbers(tmp_path, language, monkeypatch):
    """Each reading has its words in both; only the RMSE has an interval."""
    drawn = []
    monkeypatch.setattr(figures, "save", lambda figure, path: drawn.append(figure))
    for loss, called in {"squared": "RMSE", "absolute": "MAE"}.items():
        result = sa.evaluate(sa.AR(2), sa.datasets.nile(), 3, loss=loss)
        list(export.write_evaluation(result, tmp_path, language))
        named = [text.get_text() for text in drawn[-1].findobj(Text) if called in text.get_text()]
        assert named
        assert all({"en": "typical error", "zh": "典型误差"}[language] in text for text in named)
        result.report(tmp_path / "page.html", language)
        assert called in (tmp_path / "page.html").read_text()
        for line in facts(result).lines:
            assert np.isnan(line.error.low).all() == np.isnan(line.error.high).all() == (loss == "absolute")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "the best is Mean: type --models mean for its forecast"),
        ("zh", "最好的基线是 Mean：--models mean"),
    ],
)
def test_a_forecast_that_is_not_shown_to_be_better_offers_the_best_baseline(language, said):
    noise = sa.Series(np.random.default_rng(5).normal(size=400))
    with pytest.warns(sa.errors.StepaheadWarning, match=said):
        export.offer({"AR(9)": sa.AR(9)}, noise, 5, language)


def test_a_model_that_is_shown_better_and_a_series_too_short_to_tell_offer_nothing(recwarn):
    export.offer({"AR(64)": sa.AR(64)}, sa.datasets.noisy_sine(seed=0), 32)
    export.offer({"AR(2)": sa.AR(2)}, sa.Series([1.0, 2.0, 1.5]), 5)
    assert not [found for found in recwarn if "best is" in str(found.message)]


def test_what_a_distribution_is_worth_is_in_the_json_with_what_it_is_made_of():
    levels = np.arange(1, 10) / 10

    def mine(windows, horizon):
        return sa.Quantiles(levels, np.repeat(windows[:, -1:, None], horizon, axis=1) + (levels - 0.5))

    def few(windows, horizon):
        return sa.distributions.Samples(
            np.repeat(windows[:, -1:], horizon, axis=1) + np.array([-1.0, 0, 1])[:, None, None]
        )

    models = {"mine": sa.from_function(mine, 3), "few": sa.from_function(few, 3), "AR": sa.AR(3)}
    result = sa.evaluate(models, sine(0, 200), 3, stride=5)
    found = json.loads(export.evaluation_json(result))
    assert found["stride"] == 5
    assert set(found["intervals"]) == {"mine", "few"}
    own, run = found["intervals"]["mine"], result["mine"]
    assert (own["method"], own["made_of"], own["count"], own["level"]) == ("model", "quantiles", 9, 0.8)
    assert own["coverage"] == pytest.approx(run.coverage(0.8).tolist())
    assert own["width"] == pytest.approx(sa.diagnostics.interval_width(run, 0.8).tolist())
    assert own["crps"] == pytest.approx(run.crps().tolist())
    assert own["pinball"]["0.3"] == pytest.approx(sa.diagnostics.pinball(run, 0.3).tolist())
    assert list(own["pinball"]) == [f"0.{i}" for i in range(1, 10)]
    assert (found["intervals"]["few"]["made_of"], found["intervals"]["few"]["count"]) == ("draws", 3)
    three = sa.from_function(lambda w, h: sa.Quantiles([0.1, 0.5], np.zeros((len(w), h, 2))), 3)
    narrow = json.loads(export.evaluation_json(sa.evaluate({"q": three}, sine(0, 200), 3)))["intervals"]["q"]
    assert narrow["level"] is None
    assert narrow["crps"] is None
    assert "at least 9 quantiles" in narrow["no_crps"]
    chinese = json.loads(export.evaluation_json(result, language="zh"))["fits"]
    assert chinese["mine"] == {"kind": "given", "seen": [], "text": "不是在这里训练的，用什么训练的无从得知"}

"""The command line as people type it."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import stepahead as sa
from stepahead import cli, datasets, storage
from stepahead.evaluation import evaluate as evaluating

from .data import ALWAYS, EXAMPLES, sine
from .pages import Page
from .tables import BAD, long_table


@pytest.fixture
def wave(tmp_path):
    path = tmp_path / "wave.csv"
    path.write_text("t,x\n" + "".join(f"{t},{v!r}\n" for t, v in enumerate(sine(0, 200).tolist())))
    return path


def test_the_command_line_audits_a_saved_model(run, wave, tmp_path):
    series = sa.read(wave, "x", "t")
    sa.AR(4).fit(series[:120]).save(tmp_path / "ar.safetensors")
    typed = ("audit", wave, "--value", "x", "--time", "t", "--model", tmp_path / "ar.safetensors")
    code, out, err = run(*typed)
    assert code == 0
    assert err.startswith("stepahead: note: up to 20 steps (--horizon): the smaller of 64 and a tenth of 200 values")
    assert out.startswith("AR(4) is causal: nothing at or after an origin reaches its forecast.")
    code, out, _ = run(*typed, "--horizon", 5, "--json")
    found = json.loads(out)
    verdict = sa.audit(sa.AR(4), series, 5, train=120)
    assert code == 0
    assert (found["command"], found["model"], found["causal"], found["leaks"]) == ("audit", "AR(4)", True, [])
    assert (found["train"], found["horizon"], found["cuts"], found["compared"]) == (
        120,
        5,
        verdict.cuts,
        verdict.compared,
    )
    assert json.loads(run(*typed, "--horizon", 5, "--train", 150, "--json")[1])["cuts"] == 200 - 150 - 5 + 1
    assert (found["verdict"], found["files_carried"], found["tolerance"]) == ("causal", [], 0.0)
    code, out, _ = run(*typed, "--tolerance", "1e-12")
    assert (code, out.splitlines()[0]) == (
        0,
        "AR(4) is causal to within 1e-12: nothing at or after an origin reaches its forecast.",
    )
    assert run(*typed, "--tolerance", "0.1")[0] == 2


def test_the_command_line_does_not_decide_where_a_file_outlives_a_run(run, wave, tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "_registry", dict(storage._registry))
    kept = tmp_path / "level.txt"

    @storage.register
    class Keeping(sa.AR):
        def encode(self, values, after=None):
            if not kept.exists():
                kept.write_text(repr(float(sa.Series(values).numbers.mean())))
            return (super().encode(values, after)[0] - float(kept.read_text()),)

    Keeping(4).fit(sa.read(wave, "x", "t")[:120]).save(tmp_path / "keeping.safetensors")
    typed = ("audit", wave, "--value", "x", "--time", "t", "--model", tmp_path / "keeping.safetensors")
    code, out, err = run(*typed, "--json")
    found = json.loads(out)
    assert (code, err) == (7, "")
    assert (found["verdict"], found["causal"], found["leaks"]) == ("not decided", False, [])
    assert [name.rpartition("/")[2] for name in found["files_carried"]] == ["level.txt"]
    code, out, _ = run(*typed)
    assert code == 7
    assert out.startswith("Keeping(4) is NOT DECIDED")
    assert "level.txt" in out
    from stepahead import testing

    with pytest.raises(testing.ContractError, match=r"NOT DECIDED.*level\.txt"):
        testing.check_forecaster(Keeping(4))


def test_the_command_line_has_words_and_a_code_for_a_leak(run, wave, tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "_registry", dict(storage._registry))

    @storage.register
    class Peeking(sa.AR):
        def encode(self, values, after=None):
            return (super().encode(values, after)[0] + 1e-9 * sa.Series(values).numbers[-1],)

    Peeking(4).fit(sa.read(wave, "x", "t")[:120]).save(tmp_path / "peeking.safetensors")
    typed = ("audit", wave, "--value", "x", "--time", "t", "--model", tmp_path / "peeking.safetensors")
    code, out, err = run(*typed, "--horizon", 16)
    assert (code, err) == (7, "")
    assert "Peeking(4) LEAKS" in out
    assert "check A: with the values from 120 on rewritten" in out
    assert "and 6" in out.splitlines()[4]
    code, out, _ = run(*typed, "--json")
    assert code == 7
    assert json.loads(out)["leaks"][0]["cut"] == 120


def test_the_command_line_asks_for_what_it_cannot_know(run, wave, tmp_path):
    sa.AR(4).fit(sine(3, 120)).save(tmp_path / "other.safetensors")
    sa.AR(4).fit(sa.read(wave, "x")[:120]).save(tmp_path / "ar.safetensors")
    typed = ("audit", wave, "--value", "x", "--model")
    assert run(*typed, tmp_path / "other.safetensors")[0] == 3
    assert "give train=" in run(*typed, tmp_path / "other.safetensors")[2].replace("\n", " ")
    assert run(*typed, tmp_path / "other.safetensors", "--train", "0.5")[0] == 0
    assert run(*typed, tmp_path / "ar.safetensors", "--id", "t")[0] == 2
    assert run(*typed, wave)[0] == 4
    assert run("audit", wave, "--value", "x")[0] == 2


SEATTLE = str(EXAMPLES / "seattle_weather_daily.csv")


@pytest.fixture
def note_wave(tmp_path):
    path = tmp_path / "wave.csv"
    path.write_text("t,x\n" + "".join(f"{t},{v}\n" for t, v in enumerate(sine(0).tolist())))
    return path


def test_seattle_by_its_column(run, tmp_path):
    code, out, err = run(
        "evaluate", SEATTLE, "--value", "temp_max", "--time", "date", "--horizon", 32, "--out", tmp_path / "o"
    )
    assert code == 0, err
    series = sa.read(SEATTLE, "temp_max", "date")
    expected = sa.evaluate([sa.Auto(), sa.AR("auto", horizon=32), sa.SSA()], series, 32)
    (chosen,) = (name for name in expected if name.startswith("AR(auto: "))
    for word in (chosen, "Auto", "SSA(auto: ", "last value", "yearly curve", "k=1", "k=32"):
        assert word in out
    assert (tmp_path / "o" / "error-by-k.png").read_bytes().startswith(b"\x89PNG")
    rows = list(csv.DictReader((tmp_path / "o" / "error-by-k.csv").read_text().splitlines()))
    assert {row["model"] for row in rows} == {*expected} >= {*ALWAYS}
    assert len(rows) == len(expected) * 32
    assert [float(r["rmse"]) for r in rows if r["model"] == chosen] == expected[chosen].rmse().tolist()


def test_symbols(run):
    code, out, err = run("evaluate", SEATTLE, "--value", "weather", "--time", "date", "--horizon", 4)
    assert code == 0, err
    assert "Log loss" in out
    assert "MarkovChain(1)" in out


@pytest.mark.parametrize(
    ("length", "steps"),
    [
        (1461, 64),
        (639, 63),
        (8, 1),
        *(pytest.param(*more, marks=pytest.mark.slow) for more in ((640, 64), (100, 10), (19, 1))),
    ],
)
def test_the_horizon_may_be_left_out(run, tmp_path, length, steps):
    path = tmp_path / "x.csv"
    path.write_text("x\n" + "".join(f"{v}\n" for v in sa.datasets.noisy_sine(length=length, seed=0).values.tolist()))
    note = f"up to {steps} step{'s' * (steps > 1)} (--horizon): the smaller of 64 and a tenth of {length:,} values"
    code, out, err = run("evaluate", path, "--models", "drift", "--json")
    assert code == 0, err
    assert json.loads(out)["horizon"] == steps
    assert any(note in text for text in json.loads(out)["notes"])
    code, out, err = run("forecast", path, "--models", "naive")
    assert (code, len(out.splitlines())) == (0, 1 + steps)
    assert note in err.replace("\n", " ")
    code, out, err = run("report", path, "--models", "drift", "-o", tmp_path / "r.html")
    assert (code, note in err.replace("\n", " ")) == (0, True)
    sa.baselines.Drift().fit(sa.read(path)[: max(length // 2, 2)]).save(tmp_path / "m.safetensors")
    code, out, err = run("audit", path, "--model", tmp_path / "m.safetensors", "--json")
    assert (code, json.loads(out)["horizon"]) == (0, steps)
    assert run("forecast", path, "--models", "naive", "--horizon", 3)[2] == ""


def test_of_many_series_the_median_length_sets_the_horizon(run, tmp_path):
    rows = [f"{name},{t},{t % 7}" for name, n in (("a", 30), ("b", 200), ("c", 900)) for t in range(n)]
    (tmp_path / "p.csv").write_text("\n".join(["unique_id,ds,y", *rows]) + "\n")
    typed = [tmp_path / "p.csv", "--id", "unique_id", "--time", "ds"]
    code, out, _ = run("forecast", *typed, "--models", "naive", "--json")
    found = json.loads(out)
    assert (code, len(found["forecasts"])) == (0, 3 * 20)
    assert any("a tenth of 200 values, the median length of 3 series" in text for text in found["notes"])


def test_a_table_says_which_season_its_baselines_know(run, tmp_path):
    week = tmp_path / "week.csv"
    noise = np.random.default_rng(0).normal(size=400)
    week.write_text("x\n" + "".join(f"{8.0 * (t % 7) + noise[t]}\n" for t in range(400)))
    typed = [week, "--horizon", 4, "--models", "drift"]
    for lang, season, words in (
        ("en", "auto", "season of 7 steps found"),
        ("en", "9", "season of 9 steps given"),
        ("en", "9,7", "season of 7 and 9 steps given"),
        ("zh", "auto", "发现 7 步的季节"),
        ("zh", "9", "给定 9 步的季节"),
    ):
        code, out, err = run("evaluate", *typed, "--models", "ar", "--lags", 1, "--season", season, "--lang", lang)
        assert code == 0, err
        assert "".join(words.split()) in "".join(out.split())
    code, out, _ = run("evaluate", *typed, "--season", "none", "--json")
    found = json.loads(out)
    assert (found["season"], set(found["models"])) == ([], {*ALWAYS})
    code, out, _ = run("evaluate", *typed, "--season", "9,7", "--json")
    found = json.loads(out)
    assert found["season"] == [7, 9]
    assert {"SeasonalNaive(7)", "SeasonalNaive(9)"} < set(found["baselines"])


# what is typed, the exit code, words on stderr
WRONG = {
    "no such file": (["evaluate", "nothing.csv", "--value", "x", "--horizon", 3], 3, ["No such file"]),
    "no such column": (["evaluate", SEATTLE, "--value", "temp", "--horizon", 3], 3, ["'temp_max'"]),
    "horizon a word": (["evaluate", SEATTLE, "--value", "wind", "--horizon", "far"], 2, ["far"]),
    "horizon 0": (["evaluate", SEATTLE, "--value", "wind", "--horizon", 0], 2, ["horizon=0"]),
    "horizon too long": (["evaluate", SEATTLE, "--value", "wind", "--horizon", 5000], 3, ["too short"]),
    "lags a word": (["evaluate", SEATTLE, "--value", "wind", "--horizon", 3, "--lags", "some"], 2, ["lags="]),
    "lags 0": (["evaluate", SEATTLE, "--value", "wind", "--horizon", 3, "--lags", 0], 2, ["lags=0"]),
    "train 2.0": (["evaluate", SEATTLE, "--value", "wind", "--horizon", 3, "--train", "2.0"], 2, ["train="]),
    "no such model": (
        ["evaluate", SEATTLE, "--value", "wind", "--horizon", 3, "--models", "arima"],
        2,
        ["arima", "mlp"],
    ),
    "symbols in a model of numbers": (
        ["evaluate", SEATTLE, "--value", "weather", "--horizon", 3, "--models", "ar", "--lags", 2],
        3,
        ["MarkovChain"],
    ),
    "which column": (["evaluate", SEATTLE, "--horizon", 3], 3, ["value="]),
    "no such command": (["predict"], 2, ["predict"]),
    "no such option": (["evaluate", SEATTLE, "--colour", "red"], 2, ["--colour"]),
    "same model twice": (
        ["evaluate", SEATTLE, "--value", "wind", "--horizon", 3, "--models", "ar,ar", "--lags", 2],
        2,
        ["twice"],
    ),
}


@pytest.mark.parametrize(("typed", "code", "words"), WRONG.values(), ids=WRONG.keys())
def test_wrong_things_end_in_one_line_and_their_code(run, typed, code, words):
    found, out, err = run(*typed)
    assert found == code, err
    assert out == ""
    assert "Traceback" not in err
    for word in words:
        assert word in err


def test_a_read_only_folder_is_exit_5(run, note_wave, tmp_path):
    (tmp_path / "file").write_text("in the way")
    code, out, err = run(
        "evaluate", note_wave, "--value", "x", "--horizon", 3, "--models", "naive", "--out", tmp_path / "file"
    )
    assert code == 5
    assert "RMSE" in out
    assert "Traceback" not in err


def test_help_and_version(run):
    for typed in (
        ["--help"],
        ["evaluate", "--help"],
        ["demo", "--help"],
        ["forecast", "--help"],
        ["datasets", "--help"],
    ):
        code, out, _ = run(*typed)
        assert code == 0
        assert "Usage" in out
    assert sa.__version__ in run("--version")[1]


def test_debug_shows_the_traceback(run):
    code, _, err = run("--debug", "evaluate", "nothing.csv", "--horizon", "3")
    assert code == 3
    assert "Traceback" in err


def test_what_is_typed_for_train_and_models_is_checked(run, tmp_path):
    code, _, err = run("evaluate", SEATTLE, "--value", "wind", "--horizon", 3, "--train", "soon")
    assert code == 2
    assert "train='soon' is not allowed: train must be a share between 0 and 1, or a whole number of values" in err
    sa.baselines.Naive().fit([1.0, 2.0]).save(tmp_path / "m")
    typed = ("forecast", SEATTLE, "--value", "wind", "--horizon", 3)
    code, _, err = run(*typed, "--model", tmp_path / "m", "--models", "ar")
    assert code == 2
    assert "models must be left out where --model names a saved one" in err
    assert run(*typed, "--model", tmp_path / "m")[0] == 0


def test_a_fault_of_ours_says_so(run, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(evaluating, "evaluate", broken)
    code, out, err = run("evaluate", SEATTLE, "--value", "wind", "--horizon", 3, "--models", "naive")
    assert (code, out) == (1, "")
    assert err == "stepahead: a fault of ours: ZeroDivisionError: by nothing (run again with --debug)\n"


def test_without_a_standard_output_there_is_nothing_to_flush(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    assert cli.main(["models"], leave=int) == 0


def test_a_reader_that_goes_away_is_a_quiet_end(monkeypatch, capsys):
    def gone(**_):
        raise BrokenPipeError

    kept = os.dup(1)
    try:
        monkeypatch.setattr(cli.cli, "main", gone)
        assert cli.main(["models"], leave=int) == 0
        assert os.fstat(1).st_rdev == Path(os.devnull).stat().st_rdev, "nothing is left to be flushed to nobody"
    finally:
        os.dup2(kept, 1)
        os.close(kept)
    assert capsys.readouterr().err == ""


def test_datasets_are_listed_and_nothing_is_written(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = run("datasets")
    assert (code, err) == (0, "")
    assert "sunspots" in out
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    list(datasets.write(folder))
    return folder


def test_the_exit_code_is_that_of_the_process(tmp_path, run):
    frame = pd.concat([long_table(), pd.DataFrame({"unique_id": ["dup"] * 2, "ds": [1, 1], "y": [1.0, 2.0]})])
    frame.to_csv(tmp_path / "p.csv", index=False)
    columns = ("--id", "unique_id", "--time", "ds", "--value", "y", "--horizon", "2", "--models", "naive")
    reading = (str(tmp_path / "p.csv"), *columns)
    for command in ("forecast", "evaluate"):
        code, out, err = run(command, *reading, "--json")
        assert code == 6, err
        assert json.loads(out)["status"]["a"] == "ok"
        assert "is at row" in json.loads(out)["status"]["dup"]
    one = pd.concat([long_table()[:80], frame[-2:]])
    one.to_csv(tmp_path / "p.csv", index=False)
    done = subprocess.run([sys.executable, "-m", "stepahead", "forecast", *reading], capture_output=True, text=True)
    assert done.returncode == 6
    assert done.stdout.splitlines()[0] == "series,k,time,Naive"
    for typed, code in ((["models"], 0), (["evaluate", "nothing.csv", "--horizon", "2"], 3), (["nonsense"], 2)):
        assert run(*typed)[0] == code


def test_forecast_on_the_command_line(run, shipped, tmp_path):
    code, out, err = run(
        "forecast",
        shipped / "el_nino.csv",
        "--value",
        "sst_c",
        "--time",
        "month",
        "--horizon",
        3,
        "--lags",
        24,
        "--models",
        "ar,naive",
    )
    assert code == 0, err
    rows = list(csv.DictReader(out.splitlines()))
    series = datasets.el_nino()
    assert [r["time"] for r in rows] == ["2011-01", "2011-02", "2011-03"]
    assert [float(r["AR(24)"]) for r in rows] == sa.AR(24).fit(series).forecast(series, 3).tolist()
    assert {r["Naive"] for r in rows} == {"22.07"}
    sa.AR(5).fit(series[:500]).save(tmp_path / "m.safetensors")
    code, out, _ = run(
        "forecast",
        shipped / "el_nino.csv",
        "--value",
        "sst_c",
        "--horizon",
        2,
        "--model",
        tmp_path / "m.safetensors",
        "--json",
    )
    assert code == 0
    found = json.loads(out)
    assert [row["AR(5)"] for row in found["forecasts"]] == sa.AR(5).fit(series[:500]).forecast(series, 2).tolist()
    (tmp_path / "bad.safetensors").write_bytes(b"\x80\x04nonsense")
    assert (
        run(
            "forecast",
            shipped / "el_nino.csv",
            "--value",
            "sst_c",
            "--horizon",
            2,
            "--model",
            tmp_path / "bad.safetensors",
        )[0]
        == 4
    )
    assert (
        run(
            "forecast",
            shipped / "stock_price.csv",
            "--value",
            "adj_close",
            "--time",
            "date",
            "--horizon",
            1,
            "--lags",
            2,
        )[1]
        .splitlines()[1]
        .startswith("1,2013-03-04,")
    )


def test_saved_by_one_command_loaded_by_the_next(run, shipped, tmp_path):
    code, _, err = run(
        "evaluate",
        shipped / "nile.csv",
        "--value",
        "volume",
        "--horizon",
        5,
        "--lags",
        3,
        "--models",
        "ar,mlp",
        "--save",
        tmp_path,
    )
    assert code == 0, err
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "ar-3.safetensors",
        "drift.safetensors",
        "line.safetensors",
        "mean.safetensors",
        "naive.safetensors",
        "scaled-mlp-3.safetensors",
        "ses.safetensors",
    ]
    assert sa.load(tmp_path / "ar-3.safetensors").trained_lengths_.tolist() == [60]
    assert (
        run(
            "forecast",
            shipped / "nile.csv",
            "--value",
            "volume",
            "--horizon",
            5,
            "--model",
            tmp_path / "scaled-mlp-3.safetensors",
        )[0]
        == 0
    )


def test_datasets_and_models_are_listed(run, tmp_path):
    code, out, _ = run("datasets", "--out", tmp_path)
    assert code == 0
    assert all(name in out for name in datasets.CATALOGUE)
    assert (tmp_path / "speech-COPYING.txt").exists()
    code, out, _ = run("models")
    assert code == 0
    assert "small neural network" in out


def test_every_of_whole_numbers_on_the_command_line(run, tmp_path):
    (tmp_path / "f.csv").write_text("t,x\n" + "".join(f"{t},{t % 5}\n" for t in range(60) if t != 30))
    typed = [
        "evaluate",
        tmp_path / "f.csv",
        "--value",
        "x",
        "--time",
        "t",
        "--horizon",
        2,
        "--models",
        "naive",
        "--every",
        1,
    ]
    code, _, err = run(*typed)
    assert code == 3
    assert "1 times are missing" in err
    assert run(*typed, "--missing", "skip")[0] == 0


@pytest.mark.parametrize(("content", "keywords", "code", "words"), BAD.values(), ids=BAD.keys())
def test_malformed_files_on_the_command_line(run, tmp_path, content, keywords, code, words):
    file = tmp_path / "f.csv"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    options = {"value": "x", **keywords}
    typed = [part for key, value in options.items() if value is not None for part in (f"--{key}", value)]
    exit_code, out, err = run("evaluate", file, *typed, "--horizon", 1)
    assert exit_code == 3, err
    assert out == ""
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1
    for word in words:
        assert word in err


def test_the_command_line_writes_it(run, tmp_path):
    file, out = EXAMPLES / "seattle_weather_daily.csv", tmp_path / "page.html"
    typed = [
        "report",
        file,
        "--value",
        "temp_max",
        "--time",
        "date",
        "--horizon",
        8,
        "--models",
        "ar",
        "--lags",
        8,
        "-o",
        out,
    ]
    code, said, err = run(*typed, "--lang", "zh")
    assert code == 0, err
    found = Page(out.read_text(encoding="utf-8"))
    assert found.title == said.strip()
    assert found.language == "zh-Hans"
    assert "天" in said
    assert "已写" in err
    assert run("report", "--help")[0] == 0


def gbk(folder):
    path = folder / "gbk.csv"
    lines = [f"2024-01-{day:02d};{20 + day % 7},5" for day in range(1, 32)]
    path.write_bytes(("日期;温度\n" + "\n".join(lines)).encode("gbk"))
    return path


def gaps(folder):
    path = folder / "gaps.csv"
    path.write_text("day,mw\n" + "".join(f"2024-01-{day:02d},{'' if day == 9 else day % 5}\n" for day in range(1, 32)))
    return path


@pytest.mark.parametrize(
    ("make", "typed", "hint"),
    [
        (gbk, ["--value", "温度"], "--encoding gbk"),
        (gbk, ["--value", "温度", "--encoding", "gbk"], "--decimal ,"),
        (gbk, ["--encoding", "gbk", "--decimal", ","], "--value"),
        (gaps, ["--value", "mw", "--time", "day"], "--missing skip"),
        (gaps, ["--value", "watts", "--time", "day"], "'mw'"),
    ],
)
def test_an_error_on_the_command_line_says_what_to_type(run, tmp_path, make, typed, hint):
    code, out, err = run(
        "report", make(tmp_path), *typed, "--horizon", 3, "--models", "ar", "--lags", 1, "-o", tmp_path / "r.html"
    )
    assert (code, out) == (3, "")
    assert hint in err
    assert not (tmp_path / "r.html").exists()


def test_what_the_error_said_to_type_is_enough(run, tmp_path):
    out = ["--horizon", 3, "--models", "ar", "--lags", 1, "-o", tmp_path / "r.html"]
    assert (
        run("report", gbk(tmp_path), "--value", "温度", "--time", "日期", "--encoding", "gbk", "--decimal", ",", *out)[
            0
        ]
        == 0
    )
    assert run("report", gaps(tmp_path), "--value", "mw", "--time", "day", "--missing", "skip", *out)[0] == 0


WRONG_QUESTIONS = {
    "a season of 1": (["--season", 1], "season must be auto, none, or whole numbers of at least 2"),
    "a season that is a word": (["--season", "x"], "such as 12 or 7,365"),
    "a season twice": (["--season", "7,7"], "that differ"),
    "within less than nothing": (["--within", -1], "within must be a finite number of at least 0"),
    "a share of two": (["--share", 2], "0<x<1"),
    "a model to nowhere": (["--model", "AR(2)"], "without --at-least K"),
    "at least 0": (["--at-least", 0], "x>=1"),
    "a model that is none": (["--at-least", 1, "--model", "AR(9)"], "model must be one of AR(2)"),
    "a language that is none": (["--lang", "fr"], "'en', 'zh'"),
}


@pytest.mark.parametrize(("typed", "hint"), WRONG_QUESTIONS.values(), ids=WRONG_QUESTIONS.keys())
def test_a_wrong_question_is_refused_with_what_to_type(run, typed, hint):
    code, _, err = run("evaluate", "--data", "nile", "--models", "ar", "--lags", 2, "--horizon", 3, *typed)
    assert (code, "Traceback" in err) == (2, False)
    assert hint in " ".join(err.split())


@pytest.fixture
def far(tmp_path):
    path = tmp_path / "far.csv"
    path.write_text("x\n" + "".join(f"{v}\n" for v in np.sin(0.4 * np.arange(600)).tolist()))
    return [path, "--models", "ar", "--lags", 2, "--horizon", 4, "--season", "none"]


@pytest.mark.parametrize("command", ["evaluate", "report"])
def test_the_exit_code_says_whether_a_model_is_trusted_so_far(run, far, tmp_path, command):
    typed = [command, *far, "--out", tmp_path / ("o" if command == "evaluate" else "r.html")]
    assert run(*typed, "--at-least", 4)[0] == 0
    assert run(*typed, "--at-least", 4, "--model", "AR(2)")[0] == 0
    code, out, err = run(*typed, "--at-least", 5)
    assert (code, bool(out)) == (7, True), "done, and the answer is no"
    assert "no model is trusted from step 1 to 5: to 4 at most" in err
    code, _, err = run(*typed, "--at-least", 5, "--model", "AR(2)", "--lang", "zh")
    assert (code, "AR(2) 不能从第 1 步信到第 5 步：至多到第 4 步" in err) == (7, True)


def test_what_is_taken_as_foreseen_passes_no_check_unless_it_is_named(run):
    typed = ["evaluate", "--data", "shop", "--models", "ar", "--lags", 7, "--horizon", 2, "--foresee", "warmth"]
    code, out, err = run(*typed, "--at-least", 1)
    assert "Trust AR(7) with promo, holiday, weekday, warmth AS IF FORESEEN 1 to 2" in " ".join(out.split())
    assert (code, "no model is trusted from step 1 to 1: to 0 at most" in err) == (7, True)
    name = "AR(7) with promo, holiday, weekday, warmth AS IF FORESEEN"
    assert run(*typed, "--at-least", 1, "--model", name)[0] == 0


def test_a_stride_scores_fewer_origins_and_is_told(run, far, tmp_path):
    code, out, _ = run("evaluate", *far, "--stride", 10)
    assert code == 0
    assert ", every 10th; " in " ".join(out.split())
    assert "每 10 个起点取一个" in run("evaluate", *far, "--stride", 10, "--lang", "zh")[1].replace("\n", "")
    found = json.loads(run("evaluate", *far, "--stride", 10, "--json")[1])
    every = json.loads(run("evaluate", *far, "--json")[1])
    assert (found["stride"], every["stride"]) == (10, 1)
    assert found["origins"] == -(-every["origins"] // 10)
    assert run("report", *far, "--stride", 10, "-o", tmp_path / "page.html")[0] == 0
    assert "every 10th" in (tmp_path / "page.html").read_text("utf-8")
    assert run("evaluate", *far, "--stride", 0)[0] == 2


def test_within_and_share_ask_in_the_unit_of_the_values(run, far):
    code, out, _ = run("evaluate", *far, "--within", 0.5)
    assert code == 0
    assert "AR(2) is within 0.5" in " ".join(out.split())
    assert "9 in 10" in out
    assert "half" in run("evaluate", *far, "--within", 0.5, "--share", 0.5)[1]


@pytest.mark.parametrize(
    ("set_to", "chinese"),
    [
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LC_MESSAGES": "zh_TW.UTF-8", "LANG": "en_US.UTF-8"}, True),
        ({"LC_ALL": "C", "LC_MESSAGES": "zh_CN", "LANG": "zh_CN"}, False),
        ({"LC_ALL": "", "LANG": "zh"}, True),
        ({}, False),
    ],
)
def test_the_language_is_that_of_the_locale(run, monkeypatch, set_to, chinese):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in set_to.items():
        monkeypatch.setenv(name, value)
    assert ("模型" in run("models")[1]) is chinese
    assert ("model" in run("models", "--lang", "en")[1]) is True
    assert ("名称" in run("datasets")[1]) is chinese


def test_what_is_printed_beside_the_data_follows_the_language(run, far, tmp_path):
    code, _, err = run("forecast", *far[:1], "--models", "naive", "--lang", "zh")
    assert (code, err) == (0, "stepahead: 注：至多提前 60 步（--horizon）：64 与 600 个值的十分之一中较小者\n")
    code, _, err = run("evaluate", *far, "--save", tmp_path / "s", "--lang", "zh")
    assert (code, "已写" in err, "wrote" in err) == (0, True, False)
    model = tmp_path / "s" / "ar-2.safetensors"
    code, _, err = run("audit", far[0], "--model", model, "--lang", "zh")
    assert (code, "至多提前 60 步" in err) == (0, True)


@pytest.mark.parametrize("command", [[], ["evaluate"], ["report"], ["forecast"]])
def test_help_ends_with_two_examples(run, command):
    text = run(*command, "--help")[1].rstrip().splitlines()
    assert text[-3].strip() == "Examples:"
    assert all(line.strip().startswith(f"{' '.join(['stepahead', *command])}") for line in text[-2:])


def test_lists_an_audit_and_notes_are_in_chinese(run, tmp_path):
    wide = re.compile("[\u4e00-\u9fff]")
    for listed in ("models", "datasets"):
        code, out, _ = run(listed, "--lang", "zh")
        assert code == 0
        assert all(wide.search(line) for line in out.splitlines()), out
    code, _, err = run("evaluate", "--data", "nile", "--models", "naive", "--save", tmp_path, "--lang", "zh")
    assert code == 0
    assert all(wide.search(line) for line in err.splitlines()), err
    (saved,) = tmp_path.glob("*aive.safetensors")
    code, out, _ = run("audit", "--data", "nile", "--model", saved, "--horizon", "3", "--lang", "zh")
    assert code == 0
    assert "没有看未来" in out
    assert all(wide.search(line) for line in out.splitlines()), out


def test_very_many_series_are_scored_a_fit_each(run, tmp_path, monkeypatch):
    from stepahead.report import export

    rng = np.random.default_rng(0)
    rows = "".join(f"s{i},{t},{y:.3f}\n" for i in range(6) for t, y in enumerate(rng.normal(size=60).cumsum()))
    (tmp_path / "f.csv").write_text("id,t,y\n" + rows)
    typed = ["evaluate", tmp_path / "f.csv", "--value", "y", "--time", "t", "--id", "id", "--models", "ar", "--lags", 2]
    code, out, err = run(*typed, "--horizon", 3)
    assert code == 0
    assert "errors alone" not in out + err
    monkeypatch.setattr(export, "MANY", 5)
    code, out, err = run(*typed, "--horizon", 3)
    assert code == 0
    assert "held-out origins of 6 series; errors alone were kept" in out
    assert "Use:" in out  # the answer too
    assert "6 series: each model is fitted to each series by itself, and errors alone are kept" in err
    code, _, err = run(*typed, "--horizon", 3, "--lang", "zh")
    assert "每个模型对每个序列单独拟合" in err

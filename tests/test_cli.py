"""The command line as people type it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys

import numpy as np
import pytest

import stepahead as sa

from .data import ALWAYS, EXAMPLES, each, sine, streamed

SEATTLE = str(EXAMPLES / "seattle_weather_daily.csv")


@pytest.fixture
def wave(tmp_path):
    path = tmp_path / "wave.csv"
    path.write_text("t,x\n" + "".join(f"{t},{v}\n" for t, v in enumerate(sine(0).tolist())))
    return path


def test_seattle_by_its_column(run, tmp_path):
    code, out, err = run(
        "evaluate", SEATTLE, "--value", "temp_max", "--time", "date", "--horizon", 32, "--out", tmp_path / "o"
    )
    assert code == 0, err
    assert "585" in out or "held-out origins" in out
    for word in ("AR(auto)", "Scaled(MLP(", "Mean", "Naive", "k=1", "k=32"):
        assert word in out
    assert (tmp_path / "o" / "error-by-k.png").read_bytes().startswith(b"\x89PNG")
    rows = list(csv.DictReader((tmp_path / "o" / "error-by-k.csv").read_text().splitlines()))
    assert len(rows) == (2 + len(ALWAYS)) * 32
    series = sa.read(SEATTLE, "temp_max", "date")
    expected = sa.evaluate(sa.AR("auto", horizon=32), series, 32)["AR(auto)"].rmse()
    assert [float(r["rmse"]) for r in rows if r["model"] == "AR(auto)"] == expected.tolist()


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
    assert set(found["models"]) == {"AR(4)", "AR direct(4)", "SSA(auto)", *ALWAYS}


def test_json_of_a_constant_has_nulls_not_nan(run, tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("x\n" + "3\n" * 60)
    code, out, _ = run("evaluate", path, "--value", "x", "--horizon", 4, "--models", "ar", "--lags", 2, "--json")
    assert code == 0
    assert json.loads(out)["models"]["AR(2)"]["skill"] == [None] * 4
    assert json.loads(out)["models"]["AR(2)"]["rmse"] == [0.0] * 4


def test_symbols(run):
    code, out, err = run("evaluate", SEATTLE, "--value", "weather", "--time", "date", "--horizon", 4)
    assert code == 0, err
    assert "Log loss" in out
    assert "MarkovChain(1)" in out


@pytest.mark.parametrize(("length", "steps"), [(1461, 64), (640, 64), (639, 63), (100, 10), (19, 1), (8, 1)])
def test_the_horizon_may_be_left_out(run, tmp_path, length, steps):
    path = tmp_path / "x.csv"
    path.write_text("x\n" + "".join(f"{v}\n" for v in sa.datasets.noisy_sine(length=length, seed=0).values.tolist()))
    note = f"up to {steps} step{'s' * (steps > 1)} ahead, the smaller of 64 and a tenth of {length} values: --horizon N"
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


def test_a_table_says_once_that_no_season_was_tried(run, wave, tmp_path):
    said = "no seasonal baseline was tried: --period N adds one"
    typed = [wave, "--value", "x", "--horizon", 4, "--models", "drift"]
    _, out, err = run("evaluate", *typed)
    assert (out + err).count("no seasonal baseline") == out.count(f"note: {said}") == 1
    assert json.loads(run("evaluate", *typed, "--json")[1])["notes"] == [said]
    assert "seasonal baseline" not in "".join(run("evaluate", *typed, "--period", 7)[1:])
    for language, words in (
        ("en", "No seasonal baseline was tried: --period N"),
        ("zh", "没有试过季节性基线：--period N"),
    ):
        assert run("report", *typed, "--language", language, "-o", tmp_path / "r.html")[0] == 0
        assert (tmp_path / "r.html").read_text(encoding="utf-8").count(words) == 1
        assert run("report", *typed, "--language", language, "-o", tmp_path / "r.html", "--period", 7)[0] == 0
        assert words not in (tmp_path / "r.html").read_text(encoding="utf-8")
    x, python = sine(0), "no seasonal baseline was tried: period=N adds one"
    found = sa.evaluate(sa.baselines.Drift(), x, 4)
    assert found.table().count(python) == found._repr_html_().count(python) == 1
    for seasonal in (
        sa.evaluate([sa.baselines.SeasonalNaive(9)], x, 4),
        sa.evaluate(sa.baselines.Drift(), x, 4, period=9),
    ):
        assert "seasonal baseline" not in seasonal.table() + seasonal._repr_html_()
    assert "seasonal baseline" not in sa.evaluate(sa.MarkovChain(), list("abba" * 20), 4).table()
    assert python in sa.compare([found["Drift"]]).table()
    for scores in (each(sa.baselines.Drift(), [x, x[:90]], 4), streamed(sa.baselines.Drift(), x, 4, 600)):
        assert scores.table().count(python) == 1
    assert python not in each(sa.baselines.Drift(), [x], 4, period=9).table()
    assert python not in each(sa.MarkovChain(), [list("abba" * 20)], 4).table()


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


def test_a_read_only_folder_is_exit_5(run, wave, tmp_path):
    (tmp_path / "file").write_text("in the way")
    code, out, err = run(
        "evaluate", wave, "--value", "x", "--horizon", 3, "--models", "naive", "--out", tmp_path / "file"
    )
    assert code == 5
    assert "RMSE" in out
    assert "Traceback" not in err


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


def test_demo_prints_the_table_says_what_it_means_and_draws(run, tmp_path):
    code, out, err = run("demo", "--out", tmp_path)
    assert code == 0, err
    for word in (
        "epoch 5, loss: 0.05",
        "the note's MLP(4)",
        "AR(64)",
        "AR(auto)",
        "SSA(auto)",
        "StateSpace(auto)",
        "Mean",
        "Naive",
        "noise of this draw",
        "note: the noise is 0.200 on average",
        "k=64",
    ):
        assert word in out
    assert "worse than repeating the last value" in out
    assert "finds a wave of period 634 and misses by 0.19" in out
    for name in ("figure1-data", "figure3-one-step", "figure4-multi-step", "figure5-k-steps", "error-by-k", "why"):
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert b"<svg" in (tmp_path / f"{name}.svg").read_bytes()[:1000]
    for name in ("lesson-en.html", "lesson-zh.html", "report-en.html", "report-zh.html"):
        assert name in out
        assert (tmp_path / name).read_bytes().lower().startswith(b"<!doctype html>")
    net = sa.MLP(4, seed=0).fit(sine(0)[:604])
    for line in net.log().splitlines():
        assert line in out
    rmse = sa.k_step(net, sine(0), 64).rmse()
    row = next(line for line in out.splitlines() if line.startswith("the note's MLP(4)"))
    np.testing.assert_allclose([float(v) for v in row.split()[-5:-1]], rmse[[0, 3, 15, 63]], atol=5e-4)


def test_X6_a_closed_pipe_and_an_odd_home_are_a_quiet_end(wave):
    command = [
        sys.executable,
        "-m",
        "stepahead",
        "evaluate",
        str(wave),
        "--value",
        "x",
        "--horizon",
        "8",
        "--models",
        "ar",
        "--lags",
        "4",
        "--json",
    ]
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 0
    assert error == b""

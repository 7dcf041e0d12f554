"""Odd arguments, and errors that nobody meets every day: each with its cause in its words. What coverage asked for."""

from __future__ import annotations

import importlib.util
import io
import os
import re
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

import stepahead as sa
from stepahead import cli, distributions, files, testing, text, windows
from stepahead.evaluation import evaluate as evaluating
from stepahead.models import recurrent_nets
from stepahead.numerics import chains, linear
from stepahead.report import export
from stepahead.series import Panel

from .data import EXAMPLES, sine

SEATTLE = str(EXAMPLES / "seattle_weather_daily.csv")


class Steady:
    """The last value of a window, for ever."""

    lags = 3

    def fit(self, series):
        self.context = self.lags
        return self

    def encode(self, values, after=None):
        return (windows.joined_windows(sa.Series(values).numbers, self.lags, after).copy(),)

    def rollout(self, state, horizon):
        return np.repeat(state[0][:, -1:], horizon, axis=1)


# the command line


def test_python_minus_m_is_the_command_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["stepahead", "--version"])
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("stepahead", run_name="__main__")
    assert caught.value.code == 0
    assert sa.__version__ in capsys.readouterr().out


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


def test_a_bar_is_drawn_on_a_terminal_and_nowhere_else(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for screen in (io.StringIO(), None):
        monkeypatch.setattr(sys, "stderr", screen)
        with cli._progress() as report:
            assert report is None
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    with cli._progress() as report:
        report("AR[2]", 1, 4)
        report("AR[2]", 2, 4)
    shown = sys.stderr.getvalue()
    assert "AR[2]" in shown, "brackets are no markup"
    assert "50%" in shown


def test_datasets_are_listed_and_nothing_is_written(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = run("datasets")
    assert (code, err) == (0, "")
    assert "sunspots" in out
    assert not list(tmp_path.iterdir())


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


# data


def test_a_lazy_frame_whose_plan_fails_says_so():
    import polars as pl

    frame = pl.LazyFrame({"y": [1.0, 2.0, 3.0]}).select(pl.col("z"))
    with pytest.raises(sa.errors.InputError, match="the lazy frame cannot be collected") as caught:
        sa.Series(frame)
    assert caught.value.code == "frame"


def test_a_series_of_a_memory_map_does_not_change_with_it(tmp_path):
    values = np.memmap(tmp_path / "x", dtype=np.float64, mode="w+", shape=(50,))
    values[:] = sine(0, 50)
    series = sa.Series(values)
    values[:] = 0.0
    assert values.flags.writeable
    assert series.values.tolist() == sine(0, 50).tolist()


def test_a_category_stands_once():
    with pytest.raises(sa.errors.InputError, match="one symbol twice") as caught:
        sa.Series(["a", "b"], categories=["a", "b", "a"])
    assert caught.value.code == "categories"


def test_a_panel_of_text_and_how_a_panel_shows_itself(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(
        "id,state\n" + "".join(f"{name},{word}\n" for name in "uv" for word in ("dry", "wet", "wet", "dry"))
    )
    panel = sa.read_panel(path, "state", None, "id")
    assert [series.categories for series in panel] == [("dry", "wet")] * 2
    assert repr(panel) == "Panel(2 series)"
    path.write_text("id,t,y\na,1,1\na,2,2\nb,1,1\nb,1,2\n")
    panel = sa.read_panel(path, "y", "t", "id")
    assert list(panel.refused) == ["b"]
    assert repr(panel) == "Panel(1 series, 1 set aside)"


def test_a_sound_has_no_columns(tmp_path):
    path = tmp_path / "s.wav"
    path.write_bytes(b"RIFF\0\0\0\0WAVEfmt ")
    with pytest.raises(sa.errors.InputError, match="is a sound: it has no columns"):
        sa.read_panel(path, "y", None, "id")


def test_blank_lines_at_the_end_of_one_column_are_no_values(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("y\n1\n\n3\n\n\n\n")
    series = sa.read(path, "y", missing="skip")
    assert [None if v != v else v for v in series.values.tolist()] == [1.0, None, 3.0]


@pytest.mark.parametrize("shift", [0.0, -3.0])
@pytest.mark.parametrize("factor", [2.0, -0.5])
def test_distributions_in_another_unit(factor, shift):
    weights = np.array([[[0.3, 0.7]]])
    mixed = distributions.Mixture(weights, np.array([0.0, 2.0]), np.array([1.0, 0.5]))
    draws = distributions.Samples(np.random.default_rng(0).normal(size=(50, 1, 1)))
    known = distributions.Samples(draws.draws, np.array([[0.1]]), np.array([[1.1]]))
    for one in (mixed, draws, known):
        other = one.scaled(factor, shift)
        np.testing.assert_allclose(other.mean(), one.mean() * factor + shift)
        np.testing.assert_allclose(other.std(), one.std() * abs(factor))
        level = 0.9 if factor > 0 else 0.1
        np.testing.assert_allclose(other.quantile(0.9), one.quantile(level) * factor + shift, atol=1e-6)


@pytest.mark.parametrize("missing", ["pyarrow", "pyarrow.parquet"])
def test_parquet_without_pyarrow_names_what_to_install(tmp_path, monkeypatch, missing):
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"id": ["a"] * 3, "y": [1.0, 2.0, 3.0]}), tmp_path / "p.parquet")
    monkeypatch.setitem(sys.modules, missing, None)
    for door in (
        lambda: sa.read(tmp_path / "p.parquet", "y"),
        lambda: sa.evaluate(sa.baselines.Naive(), tmp_path / "p.parquet", 1, train=1, keep="scores"),
        lambda: sa.scale.shard(tmp_path / "p.parquet", tmp_path / "out"),
    ):
        with pytest.raises(sa.errors.MissingExtraError, match=r"stepahead\[parquet\]"):
            door()


# tables and results


def test_numbers_that_are_none_in_a_table():
    assert [text.number(v) for v in (float("nan"), float("inf"), -float("inf"), 1234.5, 0.5)] == [
        *("–", "∞", "−∞", "1,234.500", "0.500")
    ]


def test_a_frame_without_a_library_of_frames_names_what_to_install(monkeypatch):
    result = sa.evaluate(sa.AR(2), sine(0, 80), 4)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(sa.errors.MissingExtraError, match=r"to_frame\(\) needs pandas, polars or pyarrow"):
        result.to_frame()
    assert "AR(2)" in result.table()


def test_a_frame_with_intervals_has_what_they_held():
    result = sa.evaluate(sa.AR(2), sine(0, 200), 4)
    columns = result._columns(0.9)
    own = np.array(columns["model"]) == "AR(2)"
    covered, width = result["AR(2)"]._held(0.9)
    assert columns["coverage"][own].tolist() == covered.tolist()
    assert columns["width"][own].tolist() == width.tolist()
    assert "coverage" not in result._columns()


def test_a_report_is_written_by_its_comparison(tmp_path):
    result = sa.evaluate(sa.AR(2), sine(0, 200), 4)
    said = result.report(tmp_path / "r.html", "zh")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert said in text
    assert 'lang="zh' in text


def test_without_a_simple_baseline_there_is_nothing_to_be_better_than():
    result = sa.compare({"AR(2)": sa.k_step(sa.AR(2).fit(sine(0)[:600]), sine(0), 3)})
    lone = type(result)({"AR(2)": result["AR(2)"]}, 3, result.status)
    with pytest.raises(sa.errors.InputError, match="no baseline") as caught:
        lone.trusted_horizon()
    assert caught.value.code == "no-reference"
    assert "skill_low" not in lone._columns()


def test_a_fit_on_other_data_is_said_to_be_one():
    result = sa.k_step(sa.AR(2).fit(sine(0)), sine(1), 3, train=0)
    assert result._caption().endswith("said to be fitted on other data")


def test_states_that_all_touch_a_hole():
    holes = sine(0, 60)
    model = sa.AR(2).fit(holes)
    holes[::2] = np.nan
    with pytest.raises(sa.errors.InputError, match=r"AR\(2\) has no origin with a forecast") as caught:
        sa.k_step(model, sa.Series(holes, missing="skip"), 3, train=0)
    assert caught.value.code == "missing-values"


def test_a_split_of_the_error_needs_series_of_one_length_and_origins_with_a_forecast():
    with pytest.raises(sa.errors.ParameterError, match="whose series are all of one length"):
        sa.diagnostics.split_error(
            sa.AR(2), lambda seed: sa.datasets.noisy_sine(length=200 + seed, seed=seed), 4, seeds=range(2)
        )

    class Late(Steady):
        lags = 120

    with pytest.raises(
        sa.errors.InputError, match="no forecast at the held-out origin 60: take a longer training part"
    ) as caught:
        sa.diagnostics.split_error(
            Late(), lambda seed: sa.datasets.noisy_sine(length=200, seed=seed), 4, train=60, seeds=range(2)
        )
    assert (caught.value.found, caught.value.needed) == (60, 120)


# files


def test_what_cannot_be_swept_or_synced_stops_nobody(tmp_path):
    stray = tmp_path / ".m.1.tmp"
    stray.mkdir()
    os.utime(stray, (0, 0))
    sa.baselines.Naive().fit([1.0, 2.0]).save(tmp_path / "m")
    assert sa.load(tmp_path / "m").forecast([1.0, 5.0], 1).tolist() == [5.0]
    assert stray.is_dir()
    files._sync_folder(tmp_path / "none")


def forged(model, **changed):
    """A model from its own parts, some of them changed."""
    facts, arrays = model.__pack__()
    for key, value in changed.items():
        here, there = (arrays, facts) if isinstance(value, np.ndarray) else (facts, arrays)
        here[key] = value
        there.pop(key, None)
    return type(model).__unpack__(facts, arrays)


def text_model():
    return sa.HMM(2, seed=0).fit(["a", "b", "b", "a"] * 12)


FORGED = {
    "sigma2 below 0": (lambda: sa.AR(2), {"variance_": -1.0}, "variance_"),
    "a sigma2 below 0": (lambda: sa.AR(2, chunk=2), {"variance_": np.array([0.1, -0.1])}, "variance_ is negative"),
    "another model inside": (
        lambda: sa.Scaled(sa.AR(2)),
        {"model_": sa.baselines.Naive().fit([1.0])},
        "the fitted part does not fit",
    ),
    "coefficients of another shape": (lambda: sa.AR(2), {"coefficients_": np.zeros(3)}, "coefficients_"),
    "context": (lambda: sa.AR(2), {"context": 3}, "context and lags differ"),
    "context below 0": (lambda: sa.AR(2), {"context": -1}, "context must be a whole number"),
    "marks": (lambda: sa.AR(2), {"trained_fingerprints_": np.zeros((1, 31), dtype=np.uint8)}, "32 bytes a series"),
    "lengths": (lambda: sa.AR(2), {"trained_lengths_": np.array([-1])}, "trained_lengths_"),
    "rank": (lambda: sa.SSA(2, 10), {"rank_": 3}, "rank_ and rank, differ"),
    "cycle": (lambda: sa.StateSpace(cycles=1), {"context": 7}, "structure_, context and the arguments"),
    "parameters": (lambda: sa.StateSpace(cycles=1), {"parameters_": np.zeros(1)}, "parameters_ should be"),
    "states": (lambda: sa.MarkovSwitchingAR(2, 1), {"context": 2}, "context and lags differ"),
    "spread of a regime": (lambda: sa.MarkovSwitchingAR(2, 1), {"variance_": 0.0}, "variance_"),
    "order of a chain": (lambda: sa.MarkovChain(bins=3), {"order_": 2}, "context and order differ"),
    "counts of a chain": (lambda: sa.MarkovChain(bins=3), {"counts_": -np.ones((3, 3))}, "counts_"),
    "net": (lambda: sa.MLP(3, training=sa.Training(epochs=1)), {"context": 4}, "context and lags differ"),
    "residuals": (
        lambda: sa.MLP(3, training=sa.Training(epochs=1)),
        {"residuals_": np.zeros((0, 1))},
        "residuals_ should be some x 1 numbers",
    ),
    "recurrent net": (lambda: sa.GRU(2, training=sa.Training(updates=1)), {"context": 4}, "context and window differ"),
}


@pytest.mark.parametrize(("make", "changed", "words"), FORGED.values(), ids=FORGED.keys())
def test_learned_parts_that_do_not_fit_together_are_refused(make, changed, words):
    model = make().fit(sine(0, 150))
    assert repr(forged(model)) == repr(model)
    with pytest.raises((ValueError, sa.errors.ModelFileError), match=re.escape(words)):
        forged(model, **changed)


def test_a_model_of_symbols_has_no_spread():
    with pytest.raises(ValueError, match="a model of symbols has no std_"):
        forged(text_model(), std_=np.ones(2))


def test_weights_of_another_net_are_refused():
    model = sa.GRU(2, training=sa.Training(updates=1)).fit(sine(0, 60))
    facts, arrays = model.__pack__()
    name = next(key for key in arrays if key.startswith(recurrent_nets.WEIGHTS))
    arrays[f"{recurrent_nets.WEIGHTS}other"] = arrays.pop(name)
    with pytest.raises(ValueError, match="the net has other weights than the file"):
        type(model).__unpack__(facts, arrays)


def test_numbers_of_a_distribution_are_numbers():
    with pytest.raises((sa.errors.ParameterError, ValueError), match="means"):
        chains.checked("means", ["a", "b"], (2,))
    assert chains.checked("means", [1, 2], (2,)).tolist() == [1.0, 2.0]


# models


def test_a_series_all_of_whose_stretches_are_too_short():
    holes = np.where(np.arange(40) % 3 == 2, np.nan, sine(0, 40))
    with pytest.raises(sa.errors.InputError, match=r"one whole window of AR.* needs 3 values, found 2"):
        sa.AR(2).fit(sa.Series(holes, missing="skip"))


def test_none_of_the_values_was_observed():
    with pytest.raises(sa.errors.InputError) as caught:
        sa.baselines.Mean().fit(sa.Series([np.nan, np.nan], missing="skip"))
    assert caught.value.code in ("missing-values", "all-missing", "too-short")


def test_windows_scaled_one_by_one_need_least_squares():
    with pytest.raises(sa.errors.ParameterError, match="where windows are scaled one by one"):
        sa.Scaled(sa.AR(3, method="burg"), by="window").fit(sine(0, 60))


def test_least_squares_on_pairs_less_their_last_value():
    X, y = sa.pairs(sine(0, 80), 3)
    fitted = linear.least_squares_pairs(X, y[:, None], 0.0, True, True)
    free, *_ = np.linalg.lstsq(np.column_stack([X[:, :-1] - X[:, -1:], np.ones(len(X))]), y - X[:, -1], rcond=None)
    np.testing.assert_allclose(fitted.coefficients[0, :2], free[:2], atol=1e-12)
    assert fitted.coefficients.sum() == pytest.approx(1.0), "what is subtracted is added back"
    np.testing.assert_allclose(fitted.intercept, free[2], atol=1e-12)


def test_one_lag_less_its_own_last_value_is_the_last_value():
    model = sa.AR(1, anchor="last", intercept=False).fit(sine(0, 50))
    assert model.forecast([1.0, 7.0], 3).tolist() == [7.0, 7.0, 7.0]


def test_a_cell_of_ones_own_whose_state_is_no_number_is_named():
    class Broken:
        def start(self, rows):
            return np.zeros(rows)

        def update(self, state, y):
            return np.full_like(state, np.nan)

        def advance(self, state):
            return state, state

    with pytest.raises(sa.errors.InputError, match="the cell gave NaN") as caught:
        sa.forecast(sa.Recurrent(Broken()).fit(sine(0, 20)), sine(0, 20), 1)
    assert caught.value.code == "no-state"


def test_without_torch_the_error_names_what_to_install(monkeypatch):
    import torch

    module = torch.nn.Linear(2, 1)
    monkeypatch.setitem(sys.modules, "torch", None)
    for door in (
        lambda: sa.from_torch(module, lags=2).fit(sine(0, 40)),
        lambda: sa.GRU(2, training=sa.Training(updates=1)).fit(sine(0, 40)),
    ):
        with pytest.raises(sa.errors.MissingExtraError, match=r"stepahead\[neural\]"):
            door()


class Odd:
    """A regressor that goes wrong in the way that it is told."""

    def __init__(self, way: str) -> None:
        self.way = way

    def fit(self, X, y):
        if self.way == "fit":
            raise ValueError("I take no numbers")
        return self

    def predict(self, X):
        return 1.0 / 0 if self.way == "predict" else np.zeros((len(X), 2))


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("fit", "Odd says ValueError: 'I take no numbers'"),
        ("predict", "Odd says ZeroDivisionError"),
        ("shape", r"predicts shape \(\d+, 2\) for \d+ windows"),
    ],
)
def test_what_goes_wrong_in_a_regressor_is_said_to_be_its_own(way, words):
    with pytest.raises(sa.errors.FitError, match=words):
        sa.forecast(sa.Windowed(Odd(way), lags=3).fit(sine(0, 40)), sine(0, 40), 2)


@pytest.mark.parametrize(
    "make", [lambda: sa.Windowed(Odd("none"), lags=4), lambda: sa.wrappers.Rectified(sa.baselines.Naive(), horizon=4)]
)
def test_gaps_may_leave_nothing_to_learn_from(make):
    holes = np.where(np.arange(60) % 3 == 2, np.nan, sine(0, 60))
    with pytest.raises(sa.errors.InputError) as caught:
        make().fit(sa.Series(holes, missing="skip"))
    assert caught.value.code == "too-short"


def test_a_model_scaled_by_the_window_has_no_distribution():
    assert not hasattr(sa.Scaled(sa.AR(3), by="window").fit(sine(0, 60)), "predictive")
    assert hasattr(sa.Scaled(sa.AR(3)).fit(sine(0, 60)), "predictive")


def test_an_order_whose_table_fits_nowhere_is_refused():
    with pytest.raises(
        sa.errors.ParameterError, match=r"order=9 is not allowed: order must be smaller: 20 states \*\* 10"
    ) as caught:
        sa.MarkovChain(order=9, bins=20).fit(sine(0, 400))
    assert caught.value.name == "order"


def test_directions_that_a_series_does_not_have_are_noted():
    wave = np.sin(2.0 * np.pi * np.arange(192) / 16.0)
    model = sa.SSA(rank=5, window=32).fit(wave)
    assert any("the windows span only 2 directions" in text for text in model.notes_)
    np.testing.assert_allclose(model.forecast(wave, 16), wave[:16], atol=1e-6)


def cell(**verbs):
    """A cell of torch with some of its functions replaced."""
    import torch

    class Own(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.ones(1))

        def start(self, rows):
            return torch.zeros(rows, 1)

        def update(self, state, y):
            return self.weight * y[:, None]

        def forecast(self, state):
            return state[:, 0]

    for name, verb in verbs.items():
        setattr(Own, name, verb)
    return Own()


@pytest.mark.parametrize(
    ("verbs", "words"),
    [
        ({"update": lambda self, state, y: state @ state}, "cell Own fails: "),
        ({"start": lambda self, rows: self.weight}, r"with 8 rows from start"),
        (
            {"update": lambda self, state, y: y.sum()},
            r"must give a state of tensors \[rows, ...\] with 8 rows from update",
        ),
        ({"forecast": lambda self, state: state[:, :0]}, r"must give \(\d+, 1\) from forecast"),
    ],
    ids=["raises", "rows of the start", "rows of an update", "shape of a forecast"],
)
def test_what_is_wrong_with_a_cell_is_said_with_its_name(verbs, words):
    assert repr(sa.RecurrentNet(cell(), training=sa.Training(updates=1))).startswith("RecurrentNet(cell=Own(), ")
    with pytest.raises(sa.errors.ParameterError, match=words) as caught:
        sa.RecurrentNet(cell(**verbs), training=sa.Training(updates=1)).fit(sine(0, 60))
    assert caught.value.name == "cell"


# how nets are trained


def test_a_net_says_how_its_training_went():
    model = sa.RNN(2, training=sa.Training(updates=25)).fit(sine(0, 60))
    lines = model.log().splitlines()
    assert len(lines) <= 13
    assert lines[-1] == f"update 25, loss: {model.losses_[-1]:f}"
    assert all(re.fullmatch(r"update \d+, loss: \d+\.\d{6}", line) for line in lines)


def test_a_net_finds_out_what_may_be_done_to_its_segments():
    model = sa.GRU(2, training=sa.Training(updates=2, augment="auto")).fit(sine(0, 150))
    assert model.augment_ in (None, "sign", "amplitude")
    assert model.training.augment == "auto"


def test_short_series_of_a_panel_have_no_errors_to_draw_from():
    model = sa.RNN(2, chunk=4, training=sa.Training(updates=1)).fit([sine(0, 80), sine(1, 4)])
    assert len(model.residuals_) == 80 - 1 - 4 + 1
    with pytest.raises(sa.errors.InputError) as caught:
        sa.RNN(2, chunk=4, training=sa.Training(updates=1)).fit([sine(0, 4), sine(1, 4)])
    assert caught.value.code == "too-short"


# the contract


def test_the_contract_of_a_model_that_keeps_it():
    assert testing.check_forecaster(Steady()).left_out == {}


def test_a_list_is_one_fit_and_gives_back_the_model():
    class Forgets(Steady):
        def fit(self, series):
            super().fit(series)
            return None if isinstance(series, list) else self

    with pytest.raises(testing.ContractError, match="fit on a list must give back the model itself") as caught:
        testing.check_forecaster(Forgets())
    assert caught.value.promise == "many series"


def test_every_piece_has_a_row_for_each_of_its_values():
    class Loses(Steady):
        def encode(self, values, after=None):
            (found,) = super().encode(values, after)
            return (found[1:] if after is not None and len(values) == 1 else found,)

    with pytest.raises(testing.ContractError, match="of a piece of 1 values encode gave 0 rows") as caught:
        testing.check_forecaster(Loses())
    assert caught.value.promise == "pieces"


def test_a_series_too_short_for_two_pieces_is_not_asked_of():
    class Long(Steady):
        lags = 100

    report = testing.check_forecaster(Long())
    assert report.left_out == {"pieces": "the series is too short for two pieces"}


def test_a_fit_that_fails_is_the_first_broken_promise():
    class Fails(Steady):
        def fit(self, series):
            raise RuntimeError("no")

    with pytest.raises(testing.ContractError, match="it raised RuntimeError: no") as caught:
        testing.check_forecaster(Fails())
    assert caught.value.promise == "fit"


# what the audit says in words


def test_a_verdict_says_what_was_refused_what_differs_and_what_ignores_its_data():
    class Refuses(Steady):
        def encode(self, values, after=None):
            if np.abs(np.asarray(values.numbers)).max() > 1e5:
                raise sa.errors.InputError("too large for me")
            return super().encode(values, after)

    stopped = sa.audit(Refuses(), sine(0, 70), 5, train=40)
    assert stopped.causal
    assert 0 < stopped.stopped < stopped.cuts
    assert f"; at {stopped.stopped} cuts the model refused the rewritten values" in str(stopped)
    assert f"At {stopped.stopped} cuts the rewritten values were refused" in stopped.summary()

    class Random(Steady):
        def fit(self, series):
            self.number = np.random.default_rng().normal()
            return super().fit(series)

    random = sa.audit(Random(), sine(0, 70), 5, train=40)
    assert (random.deterministic, random.refits) == (False, 0)
    assert "give it a seed" in random.summary()
    idle = sa.audit(sa.baselines.Mean(), sine(0, 70), 5, train=40)
    assert "No forecast after a cut moved either" in idle.summary()

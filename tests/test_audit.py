"""Planted leaks are caught; clean models are not accused."""

from __future__ import annotations

import json
import multiprocessing
import os
import time

import numpy as np
import pytest

import stepahead as sa
from stepahead import storage
from stepahead.evaluation.audit import isolated as processes

from .data import sine


class Leaky(sa.AR):
    """An AR whose state is made by some other function of the whole series: the place where each leak is planted."""

    def __init__(self, lags, look):
        super().__init__(lags)
        self.look = look

    def get_params(self, deep=True):
        return {"lags": self.lags, "look": self.look}

    def encode(self, values, after=None):
        return super().encode(self.look(sa.Series(values).numbers), after)


def centred_average(x):
    padded = np.concatenate([x[:1], x, x[-1:]])
    return np.convolve(padded, np.ones(3) / 3, mode="valid")


def scaled_by_everything(x):
    return (x - x.mean()) / x.std()


def teacher(x):
    return np.append(x[1:], x[-1])


def smoothed_backwards(x):
    out = x.copy()
    for t in range(len(x) - 2, -1, -1):
        out[t] = 0.9 * x[t] + 0.1 * out[t + 1]
    return out


def tiny_peek(x):
    return x + 1e-13 * x[-1]


def one_far_step(x):
    out = x.copy()
    if len(x) > 301:
        out[300] = x[301]
    return out


LEAKS = [centred_average, scaled_by_everything, teacher, smoothed_backwards, tiny_peek, one_far_step]


@pytest.mark.parametrize("look", LEAKS, ids=lambda look: look.__name__)
def test_planted_leaks_are_caught(look):
    verdict = sa.audit(Leaky(4, look), sine(0, 400), horizon=6, train=200)
    assert not verdict.causal
    assert not verdict
    leak = verdict.first_leak
    assert leak.check == "A"
    assert leak.origin is not None
    assert leak.origin <= leak.cut
    assert "LEAKS" in str(verdict)


def test_a_leak_is_located():
    verdict = sa.audit(Leaky(4, one_far_step), sine(0, 400), horizon=6, train=200)
    assert {leak.cut for leak in verdict.leaks} == {301}
    assert verdict.first_leak.origin == 301


def test_a_fit_that_sees_what_it_should_not():
    hidden = {}

    class Peeks(sa.AR):
        def fit(self, series):
            super().fit(series)
            self.peeked_ = hidden["series"].values[-1] if "series" in hidden else 0.0
            return self

    class Spy(Peeks):
        def encode(self, values, after=None):
            hidden["series"] = sa.Series(values)
            return super().encode(values, after)

    verdict = sa.audit(Spy(2), sine(0, 300), horizon=4, train=200)
    assert any(leak.check == "B" for leak in verdict.leaks)


def test_origins_that_depend_on_the_future():
    class Picky(sa.AR):
        def encode(self, values, after=None):
            series = sa.Series(values, missing="skip")
            (windows,) = super().encode(series, after)
            if series.numbers[-1] > 500.0:
                windows = windows.copy()
                windows[10] = np.nan
            return (windows,)

    series = sa.Series(np.append(np.nan, sine(0, 300))[1:], missing="skip")
    holes = series.values.copy()
    holes[5] = np.nan
    verdict = sa.audit(Picky(2), sa.Series(holes, missing="skip"), horizon=4, train=200)
    assert any(leak.check == "E" for leak in verdict.leaks)


def test_clean_models_are_not_accused_and_the_counts_add_up():
    x = sine(0, 400)
    verdict = sa.audit(sa.AR(4), x, horizon=6, train=200)
    assert verdict.causal
    assert verdict.first_leak is None
    cuts = range(200, 395)
    assert (verdict.cuts, verdict.refits, verdict.exhaustive) == (195, 195, True)
    assert verdict.compared == sum(cut - 4 + 1 for cut in cuts)
    assert sa.audit(sa.Scaled(sa.AR(4)), x).causal


def test_long_series_are_sampled_and_say_so():
    verdict = sa.audit(sa.AR(4), sine(0, 3000), horizon=8, train=0.5)
    assert not verdict.exhaustive
    assert verdict.cuts == 32
    assert "32 cuts" in str(verdict)
    assert sa.audit(sa.AR(4), sine(0, 3000), horizon=8, cuts=[2000, 1600]).cuts == 2


def test_bad_arguments_and_short_series():
    x = sine(0, 100)
    for keywords in ({"horizon": 0}, {"train": 2.0}, {"cuts": [3]}, {"cuts": []}, {"seed": -1}):
        with pytest.raises(sa.errors.ParameterError):
            sa.audit(sa.AR(2), x, **keywords)
    with pytest.raises(sa.errors.ParameterError, match="not a Forecaster"):
        sa.audit("an AR", x)
    with pytest.raises(sa.errors.ParameterError, match="not a Forecaster") as caught:
        sa.audit(lambda y: y, x)
    assert caught.value.name == "train"
    with pytest.raises(sa.errors.ParameterError, match="is a class"):
        sa.audit(sa.AR, x)
    with pytest.raises(sa.errors.InputError):
        sa.audit(sa.AR(2), x[:20], horizon=12)


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
    assert err.startswith("stepahead: note: up to 20 steps ahead, the smaller of 64 and a tenth of 200 values")
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
    assert (code, err) == (3, "")
    assert (found["verdict"], found["causal"], found["leaks"]) == ("not decided", False, [])
    assert [name.rpartition("/")[2] for name in found["files_carried"]] == ["level.txt"]
    code, out, _ = run(*typed)
    assert code == 3
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
    assert (code, err) == (3, "")
    assert "Peeking(4) LEAKS" in out
    assert "check A: with the values from 120 on rewritten" in out
    assert "and 6" in out.splitlines()[4]
    code, out, _ = run(*typed, "--json")
    assert code == 3
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


# -- what is kept from one run to the next -----------------------------------------------------------------------------


class Kept:
    """The mean of the first series that it sees, for good: in one process the audit sees no two of them."""

    context, mean = 1, None

    def fit(self, series):
        return self

    def encode(self, series):
        if Kept.mean is None:
            Kept.mean = series.values.mean()
        return (np.concatenate([[0.0], series.values])[1:, None],)

    def rollout(self, state, horizon):
        return np.repeat(0.5 * (state[0] + Kept.mean), horizon, axis=1)


@pytest.fixture
def copied(monkeypatch):
    """This process may be copied, whether or not some test has loaded torch: none of these models touches it."""
    monkeypatch.setattr(Kept, "mean", None)
    monkeypatch.setattr(processes, "hindrance", lambda: "")
    yield
    assert multiprocessing.active_children() == []


def test_what_a_class_keeps_hides_nothing(copied, monkeypatch):
    verdict = sa.audit(Kept(), sine(0, 120), 3, train=80)
    assert (verdict.causal, verdict.cuts, verdict.alone) == (False, 38, 5)
    assert {leak.check for leak in verdict.leaks} == {"A"}
    assert [leak.cut for leak in verdict.leaks] == [80, 88, 96, 104, 112]
    assert "in an isolated process" in str(verdict.first_leak)
    monkeypatch.setattr(Kept, "mean", None)
    monkeypatch.setattr(processes, "hindrance", lambda: "torch is loaded")
    verdict = sa.audit(Kept(), sine(0, 120), 3, train=80)
    assert (verdict.causal, verdict.alone) == (True, 0)  # and so the words say that nobody looked
    assert "Nothing ran in an isolated process (torch is loaded)" in verdict.summary()


def test_what_a_function_keeps_hides_nothing(copied):
    kept = {}

    def pipeline(values):
        mean = kept.setdefault("mean", values.mean())
        return {origin: [0.5 * (values[origin - 1] + mean)] * 3 for origin in range(80, 118)}

    verdict = sa.audit(pipeline, sine(0, 120), train=80)
    assert not verdict.causal
    assert "in an isolated process" in verdict.summary()


@pytest.mark.parametrize(("length", "alone"), [(89, 1), (95, 1), (103, 2), (150, 8), (400, 8)])
def test_one_cut_in_eight_runs_in_a_process_of_its_own(copied, length, alone):
    series = sine(0, length)
    verdict = sa.audit(sa.AR(2), series, 6, train=82)
    assert verdict.causal
    assert verdict.alone == min(alone, -(-verdict.cuts // 8))
    assert sa.audit(sa.AR(2), series, 6, train=82, cuts=[82]).alone == 1


def test_other_bits_in_a_process_of_its_own_are_a_leak(copied):
    here = os.getpid()

    class Elsewhere(sa.AR):
        def fit(self, series):
            super().fit(series)
            self.intercept_ += 1e-12 * (os.getpid() != here)
            return self

    verdict = sa.audit(Elsewhere(2), sine(0, 100), 4, train=80)
    assert {leak.check for leak in verdict.leaks} == {"A", "B"}
    assert verdict.alone == 3


@pytest.mark.parametrize("way", ["dies", "hangs", "raises"])
def test_a_process_that_gives_nothing_is_done_without(copied, monkeypatch, way):
    monkeypatch.setattr(processes, "PATIENCE", (0.0, 0.2))
    here = os.getpid()
    ways = {"dies": lambda: os._exit(9), "hangs": lambda: time.sleep(60.0), "raises": lambda: [][0]}

    def pipeline(values):
        if os.getpid() != here:
            ways[way]()
        return {origin: [values[origin - 1]] for origin in range(80, 100)}

    verdict = sa.audit(pipeline, sine(0, 100), train=80)
    assert (verdict.causal, verdict.alone) == (True, 0)
    assert verdict.not_isolated == "no isolated process gave an answer"


def test_no_process_is_left_where_the_audit_itself_fails(copied):
    def pipeline(values):
        raise OSError("no such table")

    with pytest.raises(OSError, match="table"):
        sa.audit(pipeline, sine(0, 100), train=80)
    assert multiprocessing.active_children() == []


def test_runs_come_back_as_they_went():
    for run in (
        processes.Run(np.arange(3, 7), np.random.default_rng(0).normal(size=(4, 2)), b"x" * 32),
        processes.Run(np.empty(0, dtype=np.intp), np.empty((0, 5)), None),
    ):
        found = processes._unpacked(processes._packed(run))
        assert found.origins.tolist() == run.origins.tolist()
        assert found.forecasts.tobytes() == run.forecasts.tobytes()
        assert (found.forecasts.shape, found.fingerprint) == (run.forecasts.shape, run.fingerprint)

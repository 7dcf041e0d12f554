"""Tests of stepahead.evaluation.audit.isolated."""

from __future__ import annotations

import multiprocessing
import os
import time
import types

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation.audit import isolated as processes

from ... import column_zoo
from ...data import sine


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


@pytest.mark.parametrize(
    ("length", "alone"), [(89, 1), (95, 1), (103, 2), (150, 8), pytest.param(400, 8, marks=pytest.mark.slow)]
)
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
    assert verdict.not_isolated == "no isolated process gave a result"


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


def test_a_process_may_be_copied_on_linux_where_torch_has_started_no_threads(monkeypatch):
    for platform, torch, may in (("linux", False, True), ("linux", True, False), ("darwin", False, False)):
        with monkeypatch.context() as changed:
            changed.setattr(processes.sys, "platform", platform)
            if torch:
                changed.setitem(processes.sys.modules, "torch", types.ModuleType("torch"))
            else:
                changed.delitem(processes.sys.modules, "torch", raising=False)
            found = not processes.hindrance()
        assert found is may


def test_what_a_function_keeps_of_a_column_hides_nothing(copied):
    kept = []

    def of_all_promotions(values, known):
        kept.append(known["promo"].sum())  # of the first call, for ever
        return {o: [values[o - 1] + kept[0]] for o in range(column_zoo.TRAIN, len(values))}

    verdict = sa.audit(of_all_promotions, column_zoo.shelves(), train=column_zoo.TRAIN)
    assert {leak.check for leak in verdict.leaks} == {"K"}
    assert all("in an isolated process" in leak.found for leak in verdict.leaks)
    # As many runs with other values as with other promotions; by chance their sum may be the old one.
    assert 0 <= verdict.alone // 2 - len({leak.cut for leak in verdict.leaks}) <= 1

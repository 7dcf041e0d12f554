"""Tests of stepahead.evaluation.audit.findings."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import stepahead as sa
from stepahead.evaluation.audit import findings

from ...data import sine
from ...strangers import Steady


@pytest.mark.parametrize("deterministic", [True, False])
@pytest.mark.parametrize("sensitive", [True, False])
@pytest.mark.parametrize("stopped", [0, 3])
def test_a_verdict_says_what_there_is_to_say(deterministic, sensitive, stopped):
    found = dataclasses.replace(
        sa.audit(sa.baselines.Naive(), sine(0, 60), 5),
        deterministic=deterministic,
        sensitive=sensitive,
        stopped=stopped,
    )
    for text in (found.summary(), str(found)):
        assert ("the model ignores its data once fitted" in text) is not sensitive
        assert ("wo fits on the same data differ" in text) is not deterministic
        assert ("at 3 cuts the" in text.lower()) is bool(stopped)


def test_what_an_audit_does_where_nothing_is_said():
    verdict = sa.audit(sa.AR(2), sine(0, 100))
    assert verdict.cuts == 100 - 50 - 12 + 1
    assert verdict.sensitive
    assert not sa.audit(sa.baselines.Mean(), sine(0, 100)).sensitive


def test_a_leak_in_words():
    assert (
        str(findings.Leak("A", 30, 7, "it moved,"))
        == "check A: with the values from 30 on rewritten, it moved, at origin 7"
    )
    assert (
        str(findings.Leak("B", 30, None, "it changed")) == "check B: with the values from 30 on rewritten, it changed"
    )
    lost = findings.Leak("N", 30, 7, "it is gone", "the last value missing")
    assert str(lost) == "check N: with the last value missing, it is gone at origin 7"


@pytest.mark.parametrize("count", [1, findings.SHOWN_LEAKS, findings.SHOWN_LEAKS + 1, 50])
def test_the_first_leaks_are_told_and_the_others_counted(count):
    leaks = tuple(findings.Leak("A", 10 + i, 9, "and so on") for i in range(count))
    said = dataclasses.replace(sa.audit(sa.AR(2), sine(0, 60), 5), leaks=leaks)
    shown = said.summary().splitlines()
    assert not said.causal
    assert said.first_leak is leaks[0]
    assert sum(line.startswith("  check A") for line in shown) == min(count, findings.SHOWN_LEAKS)
    assert [line for line in shown if line.startswith("  and ")] == (
        [] if count <= findings.SHOWN_LEAKS else [f"  and {count - findings.SHOWN_LEAKS} more"]
    )


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
    assert "set a seed" in random.summary()
    idle = sa.audit(sa.baselines.Mean(), sine(0, 70), 5, train=40)
    assert "No forecast after a cut changed either" in idle.summary()


def peeking(values):
    """The next value itself, from every origin behind 20."""
    return {origin: [values[origin]] for origin in range(20, len(values))}


def test_a_verdict_shows_itself_as_its_sentence_and_as_a_page():
    found = sa.audit(sa.AR(2), sa.datasets.nile())
    assert repr(found) == str(found)
    assert repr(found).startswith("AR(2): causal (every cut, ")
    page = found._repr_html_()
    assert "AR(2) is causal: nothing at or after an origin reaches its forecast." in page
    assert "<td" not in page


def test_leaks_are_rows_of_the_page():
    found = sa.audit(peeking, sa.datasets.nile()[:40], train=20)
    page = found._repr_html_()
    assert found.verdict == "leaks"
    assert page.count("<tr>") == 1 + min(len(found.leaks), 3)
    assert f'<td style="text-align:right">{found.leaks[0].cut}</td>' in page
    assert "check" in page
    assert "LEAKS" in page


def test_a_name_cannot_write_into_the_page():
    def named(values):
        return {origin: [values[origin - 1]] for origin in range(20, len(values))}

    named.__name__ = "<script>"
    assert "<script>" not in sa.audit(named, sa.datasets.nile()[:40], train=20)._repr_html_()

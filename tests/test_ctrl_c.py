"""Ctrl-C before the command line is imported; what it prints in a process of its own is row X7 of tests/promises."""

from __future__ import annotations

import signal
import sys

import pytest

from stepahead import ctrl_c


@pytest.mark.parametrize(
    ("argv", "orig_argv", "ours"),
    [
        (["/usr/bin/stepahead", "demo"], ["python", "/usr/bin/stepahead", "demo"], True),
        (["stepahead.exe"], ["python", "stepahead.exe"], True),
        (["-m"], ["python", "-m", "stepahead", "demo"], True),
        (["-m"], ["python", "-m", "pytest", "stepahead"], False),
        (["/home/me/forecast.py", "stepahead"], ["python", "/home/me/forecast.py", "stepahead"], False),
        (["/home/me/stepahead.py"], ["python", "/home/me/stepahead.py"], False),
        ([], ["python"], False),
    ],
)
def test_only_our_own_command_line_is_taken_for_one(monkeypatch, argv, orig_argv, ours):
    monkeypatch.setattr(sys, "argv", argv)
    monkeypatch.setattr(sys, "orig_argv", orig_argv)
    assert ctrl_c._is_command_line() is ours


def test_after_the_import_ctrl_c_is_an_exception_again_and_that_of_others_is_left():
    def theirs(signum, frame):
        """What a program does that imports us."""

    before = signal.getsignal(signal.SIGINT)
    try:
        for here, then in (
            (ctrl_c._leave, signal.default_int_handler),
            (theirs, theirs),
            (signal.SIG_IGN, signal.SIG_IGN),
        ):
            signal.signal(signal.SIGINT, here)
            ctrl_c.imported()
            assert signal.getsignal(signal.SIGINT) is then
    finally:
        signal.signal(signal.SIGINT, before)

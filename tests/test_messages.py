"""What a command says on stderr: what to type, notes once, a bar on a terminal."""

from __future__ import annotations

import io
import subprocess
import sys
import warnings

import pytest

from stepahead import messages
from stepahead.errors import StepaheadWarning


@pytest.mark.parametrize(
    ("message", "typed"),
    [
        ('there is a gap; missing="skip" leaves it out', " (here: --missing skip)"),
        ("give times=, or value=", " (here: --time or --value)"),
        ("steps=[1, 4]", ""),
        ('give every="B, DE"', ' (here: --every "B, DE")'),
        ('give value="it\'s", or time="日期"', ' (here: --value "it\'s" or --time 日期)'),
        ("nothing to type", ""),
    ],
)
def test_an_argument_is_said_as_it_is_typed(message, typed):
    assert messages.as_typed(message) == typed


@pytest.mark.parametrize("value", ["plain-1.5", "B, DE", "it's", "US$x", "a`b", "a\\b", "*", "~", "#1", "日期"])
def test_a_value_reaches_the_command_as_it_is(value):
    shell = subprocess.run(["sh", "-c", f"printf %s {messages._quoted(value)}"], capture_output=True, check=True)
    assert shell.stdout.decode() == value


def test_a_note_is_kept_once_and_said_where_it_is_not_shown(capsys):
    with messages.noted() as notes:
        for text in ("one", "two", "one"):
            warnings.warn(StepaheadWarning(text), stacklevel=1)
    assert notes() == ["one", "two"]
    messages.say_notes(notes(), ["two"])
    assert capsys.readouterr().err == "stepahead: note: one\n"


def test_a_bar_is_drawn_on_a_terminal_and_nowhere_else(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for screen in (io.StringIO(), None):
        monkeypatch.setattr(sys, "stderr", screen)
        with messages.progress_bar() as report:
            assert report is None
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    with messages.progress_bar() as report:
        report("AR[2]", 1, 4)
        report("AR[2]", 2, 4)
    shown = sys.stderr.getvalue()
    assert "AR[2]" in shown, "brackets are no markup"
    assert "50%" in shown

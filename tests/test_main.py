"""``python -m stepahead`` is the command line."""

from __future__ import annotations

import runpy
import sys

import pytest

import stepahead as sa


def test_python_minus_m_is_the_command_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["stepahead", "--version"])
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("stepahead", run_name="__main__")
    assert caught.value.code == 0
    assert sa.__version__ in capsys.readouterr().out

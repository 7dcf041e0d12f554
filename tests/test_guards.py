"""What a command reads and writes, by the types of its parameters;
what becomes of files is row X7 of tests/promises.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import click
import pytest

import stepahead as sa
from stepahead import guards


@click.command(cls=guards.Command)
@click.argument("source", type=guards.ToRead(path_type=Path))
@click.option("--out", type=guards.ToWrite(path_type=Path))
@click.option("--folder", type=guards.FolderToWrite("*.csv"))
def copying(source: Path, out: Path | None, folder: Path | None) -> str:
    return "done"


def typed(*words: object) -> str:
    return copying.main([str(word) for word in words], standalone_mode=False)


def test_a_command_never_writes_to_what_it_reads(tmp_path):
    (tmp_path / "in.csv").write_text("x\n1\n")
    (tmp_path / "link.csv").symlink_to(tmp_path / "in.csv")
    assert typed(tmp_path / "in.csv") == "done"
    assert typed(tmp_path / "in.csv", "--out", tmp_path / "out.csv") == "done"
    for wrong in (
        ("--out", tmp_path / "in.csv"),
        ("--out", tmp_path / "link.csv"),
        ("--out", tmp_path / "none" / "out.csv"),
        ("--out", "-"),
        ("--folder", tmp_path),
    ):
        with pytest.raises(sa.errors.OutputError):
            typed(tmp_path / "in.csv", *wrong)
    assert (tmp_path / "in.csv").read_text() == "x\n1\n"
    assert not (tmp_path / "out.csv").exists(), "checked, and left to the command"


def test_a_folder_is_refused_for_the_files_that_will_be_written_there_alone(tmp_path):
    (tmp_path / "in.txt").write_text("1\n")
    assert typed(tmp_path / "in.txt", "--folder", tmp_path) == "done"


class Screen(io.StringIO):
    """A stream without bytes behind it; a terminal or none."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize(("terminal", "shown"), [(False, "a\x1b[2Jb\nc\n"), (True, "a\\u001b[2Jb\nc\n")])
def test_control_characters_are_escaped_on_a_terminal_and_nowhere_else(monkeypatch, terminal, shown):
    monkeypatch.setattr(sys, "stdout", Screen(terminal))
    guards.print_data("a\x1b[2Jb\nc")
    assert sys.stdout.getvalue() == shown


def test_data_leave_in_utf_8_whatever_the_locale(monkeypatch):
    below = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(below, encoding="latin-1"))
    guards.print_data("\u4e00 \ud800")
    assert below.getvalue() == b"\xe4\xb8\x80 \\ud800\n"
    monkeypatch.setattr(sys, "stdout", None)
    guards.print_data("to nobody")

"""Paths that a command reads and writes: inputs are never overwritten, and data are printed unchanged."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Any

import click

from . import files
from .errors import OutputError, escaped


class ToRead(click.Path):
    """An input file or folder of a command: nothing is written to it during the call."""


class ToWrite(click.Path):
    """An output file of a command: refused before any work if it could not be written."""

    def check(self, path: Path) -> None:
        """An OutputError if the path is an input of the call, not a plain file, or in no existing folder."""
        files.check_output(path)


class FolderToWrite(click.Path):
    """An output folder of a command: refused if a file that would be written there is an input of the call."""

    def __init__(self, *written: str) -> None:
        super().__init__(path_type=Path)
        self.written = written

    def check(self, path: Path) -> None:
        """An OutputError if the folder, or a file in it that would be replaced, is an input of the call."""
        files.refuse_input(path)
        for pattern in self.written:
            for there in path.glob(pattern):
                files.refuse_input(there)


class Command(click.Command):
    """A command that never writes to its inputs; the types of its parameters tell inputs from outputs."""

    def invoke(self, ctx: click.Context) -> Any:
        """Guard the inputs, check the outputs, then do the work."""
        given = [
            (param.type, ctx.params[str(param.name)])
            for param in self.params
            if ctx.params.get(str(param.name)) is not None
        ]
        with files.inputs(*(path for kind, path in given if isinstance(kind, ToRead))):
            if sys.stdout is not None and _is_plain_file(sys.stdout):
                files.refuse_input(sys.stdout.fileno(), "the standard output")
            for kind, path in given:
                if isinstance(kind, (ToWrite, FolderToWrite)):
                    if str(path) == "-":
                        raise OutputError(
                            "cannot write '-': standard output is not an option here; name a "
                            "file, or ./- for a file called -",
                            code="output",
                            path="-",
                            reason="it is not a file name",
                        )
                    kind.check(path)
            return super().invoke(ctx)


class Commands(click.Group):
    """A group of such commands."""

    command_class = Command


def _is_plain_file(stream: Any) -> bool:
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError, AttributeError):
        return False


def print_data(text: str, is_printable: bool = False) -> None:
    """Print data: control characters are escaped on a terminal; in a pipe or a file the text is unchanged, in UTF-8.

    What `is_printable` already has no control characters but those of bold letters.
    """
    out = sys.stdout
    if out is None:
        return
    terminal = out.isatty()
    if terminal and not is_printable:
        text = "\n".join(map(escaped, text.split("\n")))
    if not hasattr(out, "buffer"):  # a program called `main` and captures its output
        out.write(f"{text}\n")
        return
    out.flush()
    # No encoding has a lone surrogate; escaped as in JSON, it can be read again.
    out.buffer.write(f"{text}\n".encode(out.encoding if terminal else "utf-8", "backslashreplace"))
    out.buffer.flush()


def drop_output() -> None:
    """Discard output that could not be printed, or Python would try again at exit and report an error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

"""What a command reads and what it writes: its inputs stay as they are, and its data leave as they came in."""

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
    """A file or folder that a command reads: within the call nothing is written to it."""


class ToWrite(click.Path):
    """A file that a command writes: refused before any work where it could not be written after it."""

    def check(self, path: Path) -> None:
        """An OutputError where the path is an input of the call, no plain file, or in no folder."""
        files.check_output(path)


class FolderToWrite(click.Path):
    """A folder that a command writes into: refused where one of the files it will write there is an input of the
    call.
    """

    def __init__(self, *written: str) -> None:
        super().__init__(path_type=Path)
        self.written = written

    def check(self, path: Path) -> None:
        """An OutputError where the folder, or a file in it of a name that is written, is an input of the call."""
        files.refuse_input(path)
        for pattern in self.written:
            for there in path.glob(pattern):
                files.refuse_input(there)


class Command(click.Command):
    """A command that writes to nothing that it reads: the types of its parameters say which is which."""

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
                            "cannot write '-': what can be printed is printed anyway; name a "
                            "file, or ./- for one called so",
                            code="output",
                            path="-",
                            reason="it is no name",
                        )
                    kind.check(path)
            return super().invoke(ctx)


class Commands(click.Group):
    """Commands of the kind above."""

    command_class = Command


def _is_plain_file(stream: Any) -> bool:
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError, AttributeError):
        return False


def print_data(text: str, is_printable: bool = False) -> None:
    """Data to stdout: on a terminal what it would obey is escaped, in a pipe or a file they are as they were read,
    in UTF-8. What is printable already has no names to be escaped, but letters to be bold.
    """
    out = sys.stdout
    if out is None:
        return
    terminal = out.isatty()
    if terminal and not is_printable:
        text = "\n".join(map(escaped, text.split("\n")))
    if not hasattr(out, "buffer"):  # of a program that calls `main` and keeps what is printed
        out.write(f"{text}\n")
        return
    out.flush()
    # Half a pair of surrogates is in no encoding; written as JSON would, it can be read again.
    out.buffer.write(f"{text}\n".encode(out.encoding if terminal else "utf-8", "backslashreplace"))
    out.buffer.flush()


def drop_output() -> None:
    """Let what could not be printed go nowhere, or Python would try once more at its exit, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

"""Ctrl-C while the command line is still being imported: the same message and exit code as later, no traceback."""

from __future__ import annotations

import os
import signal
import sys
from itertools import pairwise
from types import FrameType


def _is_command_line() -> bool:
    """Whether this process was started as ``stepahead`` or ``python -m stepahead``,
    and not by a program that imports us.
    """
    script = (getattr(sys, "argv", None) or [""])[0]  # "-m" until the module is found: its package comes first
    named = os.path.basename(script) in ("stepahead", "stepahead.exe")  # noqa: PTH119  (pathlib is not imported yet)
    return named or (script == "-m" and ("-m", "stepahead") in pairwise(sys.orig_argv))


def _leave(signum: int, frame: FrameType | None) -> None:
    # An exception would be raised in the middle of an import, where numpy takes it for a broken installation.
    os.write(2, b"stepahead: stopped\n")
    os._exit(130)


def imported() -> None:
    """Make Ctrl-C a KeyboardInterrupt again."""
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)


if _is_command_line() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, _leave)

"""One run at a time in a folder. The system releases the lock when its process ends, even by a crash."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import OutputError, shown
from ..files import check_output, make_folder

NAME = ".stepahead.lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock `folder`, which is created if missing, for this process alone.

    Raises
    ------
    OutputError : another process holds it (its number and its host are named), or the folder cannot be written.
    """
    make_folder(folder)
    try:
        check_output(folder / NAME)
        handle = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
    except OSError as error:
        reason = getattr(error, "reason", error.strerror)
        raise OutputError(
            f"cannot write in {shown(str(folder))}: {NAME}: {reason}",
            code=getattr(error, "code", "output"),
            path=str(folder),
            reason=reason,
        ) from error
    try:
        if not _is_taken(handle):
            raise _refusal(folder, os.read(handle, 1000))
        os.ftruncate(handle, 0)
        os.write(handle, json.dumps({"pid": os.getpid(), "host": platform.node()}).encode())
        yield
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _is_taken(handle: int) -> bool:
    """Whether this process has the lock now. Where there are no such locks (Windows),
    two runs in one folder are not detected.
    """
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _refusal(folder: Path, content: bytes) -> OutputError:
    try:
        found = json.loads(content)
        pid, host = int(found["pid"]), str(found["host"])
    except (ValueError, KeyError, TypeError):
        pid, host = 0, "unknown"
    return OutputError(
        f"{shown(str(folder))} is in use by process {pid} on {shown(host)}: wait for it, or take another folder",
        code="locked",
        path=str(folder),
        pid=pid,
        host=host,
    )

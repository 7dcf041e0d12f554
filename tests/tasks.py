"""What workers are given to do in tests: functions that a new process can import."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def double(text: str) -> str:
    return 2 * text


def fail(text: str) -> str:
    raise RuntimeError(f"no {text}")


def die(folder: str, name: str, times: int) -> str:
    """Killed at the first so many attempts; the name at the next."""
    marks = [Path(folder) / f"{name}-{attempt}" for attempt in range(times)]
    for mark in marks:
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return name


def threads(seconds: float) -> str:
    time.sleep(seconds)
    return os.environ.get("OPENBLAS_NUM_THREADS", "")

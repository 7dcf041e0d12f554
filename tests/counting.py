"""How much work something is, counted: a clock would tell how busy the machine is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

TRIES, PAUSE = 60_000, 0.01


def calls(job: Callable[[], Any]) -> int:
    """How many functions are called, those of C with them: the same number on every machine, however busy."""
    count = 0

    def noted(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(noted)
    try:
        job()
    finally:
        sys.setprofile(before)
    return count


def wait_for(what: Callable[[], Any]) -> None:
    """Come back once something holds; it is given up after ten minutes of pauses, so that a failed test ends."""
    for _ in range(TRIES):
        if what():
            return
        time.sleep(PAUSE)
    raise AssertionError("it never came about")

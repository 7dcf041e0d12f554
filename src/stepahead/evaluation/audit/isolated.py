"""Runs in isolated processes, where nothing that a class or a module keeps from another run is present."""

from __future__ import annotations

import signal
import sys
import warnings
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from .opened_files import Touched, Watch, look_everywhere
from .pipelines import Run

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from typing import Self

MOST = 8
"""The most processes: each is a fork of this one, and costs some milliseconds."""
PATIENCE = 10.0, 60.0
"""The time limit of a run: so many times the first run, and at least so many seconds."""


def hindrance() -> str:
    """The reason why a fork of this process would not run; empty if it would."""
    if sys.platform != "linux":
        return "this system cannot fork a process"
    return "torch is loaded, and its threads do not survive a fork" if "torch" in sys.modules else ""


class Isolated:
    """Isolated processes, forked before anything runs, for one cut in eight. Each waits for its cut, runs once, and
    ends.

    Parameters
    ----------
    job : (cut, number) -> the run over the series rewritten from that cut on.
    cuts : the largest number of cuts.

    Attributes
    ----------
    hindrance : the reason why there are no such processes, else empty.
    """

    def __init__(self, job: Callable[[int, int], Run], cuts: int) -> None:
        self._waiting: list[tuple[Any, Connection, Connection]] = []
        self.hindrance = hindrance()
        if self.hindrance:
            return
        from multiprocessing import get_context

        import scipy.linalg  # noqa: F401  (most models load it at first use: once here, not in every fork)

        context = get_context("fork")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of threads; a fork runs only one
            for _ in range(min(-(-cuts // 8), MOST)):
                asked, ask = context.Pipe(duplex=False)  # two pipes and not a pair of sockets: there is no network here
                answer, answered = context.Pipe(duplex=False)
                process = context.Process(target=_once, args=(job, asked, answered, ask), daemon=True)
                process.start()
                asked.close()
                answered.close()
                self._waiting.append((process, ask, answer))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process, ask, answer in self._waiting:
            ask.close()
            answer.close()
            process.kill()
            process.join()

    def runs(self, cuts: Sequence[tuple[int, int]], seconds: float) -> dict[int, tuple[Run, Touched]]:
        """The runs, {cut: (run, its use of files)}, for some (cut, number), one process each; an unfinished run is
        left out.
        """
        step = max(8, -(-len(cuts) // max(len(self._waiting), 1)))
        found = {}
        for (cut, number), (_, ask, answer) in zip(cuts[::step], self._waiting, strict=False):
            times, least = PATIENCE
            try:
                ask.send_bytes(np.array([cut, number], dtype=np.int64).tobytes())
                if answer.poll(max(times * seconds, least)):
                    found[cut] = _unpacked(answer.recv_bytes()), Touched.unpacked(answer.recv_bytes())
            except (EOFError, OSError):  # the run was refused, or its process is dead
                continue
        return found


def _once(job: Callable[[int, int], Run], asked: Connection, answered: Connection, other_end: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the audit, and the audit ends this
    other_end.close()  # so that the end of the audit is the end of the wait
    try:
        cut, number = np.frombuffer(asked.recv_bytes(), dtype=np.int64).tolist()
        with Watch() as watch:
            look_everywhere(watch)
            run = job(cut, number)
        answered.send_bytes(_packed(run))
        answered.send_bytes(watch.touched.packed())
    except Exception:  # the run in the parent process reports what is wrong with the pipeline
        return


def _packed(run: Run) -> bytes:
    head = np.array(run.forecasts.shape, dtype=np.int64)
    return b"".join(
        [head.tobytes(), run.origins.astype(np.int64).tobytes(), run.forecasts.tobytes(), run.fingerprint or b""]
    )


def _unpacked(content: bytes) -> Run:
    rows, steps = np.frombuffer(content, dtype=np.int64, count=2).tolist()
    origins = np.frombuffer(content, dtype=np.int64, count=rows, offset=16).astype(np.intp)
    forecasts = np.frombuffer(content, dtype=np.float64, count=rows * steps, offset=16 + 8 * rows).reshape(rows, steps)
    return Run(origins, forecasts, content[16 + 8 * rows * (1 + steps) :] or None)

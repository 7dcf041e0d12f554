"""Engines that execute the tasks: this process, worker processes, your own Executor, or Ray.

An engine takes a function and the arguments of each of its calls, all of them text, and yields (index of the call,
its result) in the order in which they end; the result is what the function returned, or `Lost`.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection
from typing import Any, TypeAlias

Call: TypeAlias = tuple[Any, ...]
Task: TypeAlias = Callable[..., Any]


class Lost(str):
    """The reason why a call has no result: its worker ended too often, or an unexpected error."""


Engine: TypeAlias = Callable[[Task, Sequence[Call]], Iterator[tuple[int, Any]]]

MOST_ATTEMPTS = 3
"""The attempts at a call: after so many dead workers it is given up."""
WAITING = 2
"""The calls submitted to an executor in advance, for each of its workers."""
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def environment(**changed: str) -> Iterator[None]:
    """A context with environment variables for the processes that are started in it."""
    before = {key: os.environ.get(key) for key in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


def one_thread() -> dict[str, str]:
    """The environment that keeps a worker to one thread, since many workers with many threads each are slow."""
    return dict.fromkeys(ONE_THREAD, "1")


def _outcome(task: Task, call: Call) -> Any:
    try:
        return task(*call)
    except Exception as error:  # a bug, or a machine error: only this call is lost
        return Lost(f"{type(error).__name__}: {error}")


def serial(task: Task, calls: Sequence[Call]) -> Iterator[tuple[int, Any]]:
    """The calls one after the other, in this process."""
    for index, call in enumerate(calls):
        yield index, _outcome(task, call)


# ---------------------------------------------------------------------------------------------------------------
# Processes


@dataclass
class Worker:
    """A worker process, this end of its pipe, and the call it is working on."""

    process: Any
    pipe: Any
    call: int | None = None


def processes(count: int | None = None) -> Engine:
    """An engine of `count` processes, each with its own pipe; if one ends, the others keep running.

    Each waits at its pipe: when this process ends, even by a crash, the pipes close and the workers end too.
    """
    workers = cores() if count is None else count

    def engine(task: Task, calls: Sequence[Call]) -> Iterator[tuple[int, Any]]:
        waiting, attempts = list(range(len(calls)))[::-1], [0] * len(calls)
        crew = [_started(task) for _ in range(min(workers, len(calls)))]
        try:
            while waiting or any(worker.call is not None for worker in crew):
                for worker in crew:
                    if worker.call is None and waiting:
                        worker.call = waiting.pop()
                        _tell(worker, calls[worker.call])
                busy = [worker for worker in crew if worker.call is not None]
                ready = connection.wait([worker.pipe for worker in busy])
                for worker in [worker for worker in busy if worker.pipe in ready]:
                    at, worker.call = worker.call, None
                    assert at is not None  # noqa: S101
                    try:
                        yield at, worker.pipe.recv()
                    except (EOFError, OSError):
                        crew[crew.index(worker)] = _replaced(worker, task)
                        attempts[at] += 1
                        if attempts[at] < MOST_ATTEMPTS:
                            waiting.append(at)
                        else:
                            yield at, Lost(f"its worker died {attempts[at]} times (killed, or out of memory)")
        finally:
            for worker in crew:
                _ended(worker)

    return engine


def _serve(pipe: Any, task: Task) -> None:
    """The loop of a worker: one call after another from its pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent process, which will close the pipe
    while True:
        try:
            call = pipe.recv()
            pipe.send(_outcome(task, call))
        except (EOFError, OSError):
            return


def _started(task: Task) -> Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, task), daemon=True)
    # A spawned process imports the main script. A worker does not need it, and a script from standard input, or without
    # `if __name__ == "__main__"`, would fail.
    script = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        with environment(**one_thread()):
            process.start()
    finally:
        sys.modules["__main__"] = script
    theirs.close()
    return Worker(process, ours)


def _tell(worker: Worker, call: Call) -> None:
    try:
        worker.pipe.send(call)
    except OSError:
        pass  # it is dead: its pipe will report it


def _replaced(worker: Worker, task: Task) -> Worker:
    _ended(worker)
    return _started(task)


def _ended(worker: Worker) -> None:
    worker.pipe.close()
    if worker.call is not None:
        worker.process.terminate()
    worker.process.join(5.0)
    if worker.process.is_alive():
        worker.process.kill()
        worker.process.join()


# ---------------------------------------------------------------------------------------------------------------
# An executor


def executor(pool: Executor, count: int | None = None) -> Engine:
    """An engine of any ``concurrent.futures.Executor``, which the caller starts and shuts down."""
    ahead = WAITING * (cores() if count is None else count)

    def engine(task: Task, calls: Sequence[Call]) -> Iterator[tuple[int, Any]]:
        waiting, running = list(range(len(calls)))[::-1], dict[Future[Any], int]()
        while waiting or running:
            while waiting and len(running) < ahead:
                at = waiting.pop()
                try:
                    running[pool.submit(_outcome, task, calls[at])] = at
                except (BrokenExecutor, RuntimeError) as error:
                    yield at, Lost(f"the executor takes no more work: {error}")
            if running:
                for done in wait(running, return_when=FIRST_COMPLETED).done:
                    at, why = running.pop(done), done.exception()
                    yield at, done.result() if why is None else Lost(f"{type(why).__name__}: {why}")

    return engine

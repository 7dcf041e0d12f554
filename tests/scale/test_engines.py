"""Who does the work, and what becomes of a call whose worker dies."""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

import stepahead as sa
from stepahead.scale import engines, run

from .. import tasks
from ..tasks import double


def test_a_worker_answers_until_its_pipe_is_closed(monkeypatch):
    ours, theirs = multiprocessing.Pipe()
    told: list[object] = []
    monkeypatch.setattr(engines.signal, "signal", lambda *given: told.append(given))
    answers: list[object] = []

    def give() -> None:
        for call in (("a",), ("b",)):
            ours.send(call)
            answers.append(ours.recv())
        ours.close()

    boss = threading.Thread(target=give)
    boss.start()
    engines._serve(theirs, double)
    boss.join()
    assert answers == ["aa", "bb"]
    assert told == [(engines.signal.SIGINT, engines.signal.SIG_IGN)]


class Stubborn:
    """A process that ends only when it is killed."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def terminate(self) -> None:
        self.done.append("terminate")

    def join(self, seconds: float | None = None) -> None:
        self.done.append("join")

    def is_alive(self) -> bool:
        return "kill" not in self.done

    def kill(self) -> None:
        self.done.append("kill")


def test_a_worker_that_will_not_end_is_killed_and_a_dead_one_is_told_in_vain():
    ours, theirs = multiprocessing.Pipe()
    process = Stubborn()
    worker = engines.Worker(process, ours, call=3)
    theirs.close()
    engines._tell(worker, ("x",) * 100_000)
    engines._ended(worker)
    assert process.done == ["terminate", "join", "kill", "join"]
    assert ours.closed
    idle = Stubborn()
    engines._ended(engines.Worker(idle, multiprocessing.Pipe()[0]))
    assert idle.done == ["join", "kill", "join"], "one at rest is not interrupted"


SPEC = {"models": ["ar"], "lags": 3, "horizon": 6, "steps": [1, 6]}


@pytest.mark.parametrize(
    "options",
    [{"engine": "spark"}, {"workers": 0}, {"engine": "serial", "address": "auto"}, {"gpus": -1.0}, {"gpus": 1.0}],
)
def test_engines_that_do_not_exist_are_refused(options, folder):
    with pytest.raises(sa.errors.ParameterError):
        run(SPEC, folder / "shards", folder / "out", **options)
    assert not (folder / "out").exists()


def children() -> list:
    return [child for child in multiprocessing.active_children() if child.is_alive()]


def test_a_worker_that_is_killed_costs_nothing_and_a_call_that_kills_them_all_is_given_up(tmp_path):
    calls = [(str(tmp_path), f"call-{index}", times) for index, times in enumerate([0, 1, 0, 9, 0])]
    found = dict(engines.processes(2)(tasks.die, calls))
    assert isinstance(found[3], engines.Lost)
    assert "died 3 times" in found.pop(3)
    assert found == {index: f"call-{index}" for index in (0, 1, 2, 4)}
    assert not children()


@pytest.mark.parametrize("kind", ["serial", "process", "threads"])
def test_a_call_that_fails_is_lost_alone(kind):
    with ThreadPoolExecutor(2) as pool:
        engine = {"serial": engines.serial, "process": engines.processes(1), "threads": engines.executor(pool, 1)}[kind]
        assert dict(engine(tasks.fail, [("way",)])) == {0: "RuntimeError: no way"}
        assert dict(engine(tasks.double, [("ab",), ("c",)])) == {0: "abab", 1: "cc"}


def test_an_executor_that_breaks_loses_what_it_had_and_says_so(tmp_path):
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = dict(engines.executor(pool, 1)(tasks.die, [(str(tmp_path), name, 9 * (name == "a")) for name in "abc"]))
    assert set(found) == {0, 1, 2}
    assert isinstance(found[0], engines.Lost)


def test_workers_keep_to_one_thread_and_go_when_they_are_not_wanted():
    before = dict(os.environ)
    started = engines.processes(2)(tasks.threads, [(0.0,), (0.0,), (30.0,), (30.0,)])
    assert [next(started)[1] for _ in range(2)] == ["1", "1"]
    started.close()  # as Ctrl-C does
    assert not children()
    assert dict(os.environ) == before

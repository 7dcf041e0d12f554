"""Shards as Ray tasks: on this machine, for as long as the run takes, or on your own cluster."""

from __future__ import annotations

import logging
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from ..errors import ParameterError, missing_extra
from .engines import MOST_ATTEMPTS, WAITING, Call, Engine, Lost, Task, cores, environment, one_thread

STORE_BYTES = 80 << 20
"""The size of the object store, in bytes: tasks only pass text."""
HERE = ("127.0.0.1", "::1")


def ray_tasks(count: int | None = None, address: str | None = None, gpus: float = 0.0) -> Engine:
    """An engine of Ray core tasks, one per shard.

    Without `address` Ray is started for the run, on the loopback interface, without dashboard and usage statistics,
    and stopped at its end; a Ray that you have started in this process is used as it is. With `address`
    ("auto", "ray://host:10001") the tasks go to that cluster, whose nodes see the folders of shards and results under
    the same paths and have stepahead installed.

    Parameters
    ----------
    count : CPUs of a Ray started here. gpus : that each task takes.
    """

    def engine(task: Task, calls: Sequence[Call]) -> Iterator[tuple[int, Any]]:
        with _connected(cores() if count is None else count, address) as ray:
            options: dict[str, Any] = {"num_cpus": 1, "num_gpus": gpus, "max_retries": MOST_ATTEMPTS - 1}
            if address is not None:
                options["runtime_env"] = {"env_vars": one_thread()}
            remote = ray.remote(task).options(**options)
            ahead = WAITING * max(int(ray.cluster_resources().get("CPU", 1)), 1)
            waiting, running = list(range(len(calls)))[::-1], dict[Any, int]()
            while waiting or running:
                while waiting and len(running) < ahead:
                    at = waiting.pop()
                    running[remote.remote(*calls[at])] = at
                for done in ray.wait(list(running), num_returns=1)[0]:
                    at = running.pop(done)
                    try:
                        yield at, ray.get(done)
                    except ray.exceptions.RayError as error:
                        yield at, Lost(f"{type(error).__name__}: {str(error).strip().splitlines()[0]}")

    return engine


@cache
def _imported_with() -> dict[str, str]:
    """The variables that Ray was imported with: it reads them once, and the processes it starts need the same."""
    # the second: addresses stay on loopback
    mine = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
    if "ray" not in sys.modules:
        # A token for this process alone, instead of one that Ray would write into the home folder.
        mine |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    with environment(**mine):
        _ray()
    return mine


def _ray() -> Any:
    try:
        with environment(RAY_USAGE_STATS_ENABLED="0"):
            import ray
    except ImportError:
        raise missing_extra('engine="ray"', "ray", "ray") from None
    return ray


@contextmanager
def _connected(count: int, address: str | None) -> Iterator[Any]:
    """A context with Ray started or attached to, and restored afterwards."""
    if address is None:
        with _local(count) as ray:
            yield ray
        return
    ray = _ray()
    is_yours = ray.is_initialized()
    if not is_yours:
        ray.init(address=address, logging_level=logging.ERROR, log_to_driver=False)
    try:
        yield ray
    finally:
        if not is_yours:
            ray.shutdown()


@contextmanager
def _local(count: int) -> Iterator[Any]:
    """A context with the Ray that you have started, or with one that is stopped at its end."""
    variables = _imported_with()
    ray = _ray()
    if ray.is_initialized():
        yield ray
        return
    if ray.util.get_node_ip_address() not in HERE:
        raise ParameterError(
            "ray was imported before this run, and would listen on the network: run with "
            "address= of your own Ray, or "
            "set RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER=0 before ray is imported",
            code="ray",
        )
    folder = tempfile.mkdtemp(prefix="stepahead-ray-")
    try:
        with environment(**variables, **one_thread()):
            ray.init(
                num_cpus=count,
                include_dashboard=False,
                object_store_memory=STORE_BYTES,
                logging_level=logging.ERROR,
                log_to_driver=False,
                _node_ip_address=HERE[0],
                _temp_dir=folder,
            )
        yield ray
    finally:
        ray.shutdown()
        shutil.rmtree(folder, ignore_errors=True)

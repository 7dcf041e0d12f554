"""Ray as an engine: played, and real where it is installed."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import types
from pathlib import Path

import pytest

import stepahead as sa
from stepahead.scale import engines, on_ray, run, shard

from ..counting import wait_for
from ..shards import long_table
from ..tasks import double, fail


class Played(types.ModuleType):
    """So much of Ray as one engine uses; its tasks run when they are waited for."""

    def __init__(self, address: str = "127.0.0.1", lost: tuple[str, ...] = ()) -> None:
        super().__init__("ray")
        self.running, self.asked, self.started, self.most, self.lost = False, {}, [], 0, lost
        self.open: list[object] = []
        self.exceptions = types.SimpleNamespace(RayError=type("RayError", (Exception,), {}))
        self.util = types.SimpleNamespace(get_node_ip_address=lambda: address)

    def is_initialized(self) -> bool:
        return self.running

    def init(self, **how: object) -> None:
        self.running = True
        self.started.append(
            (how, {key: os.environ.get(key) for key in (*engines.ONE_THREAD, "RAY_USAGE_STATS_ENABLED")})
        )

    def shutdown(self) -> None:
        self.running = False

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 2.0}

    def remote(self, function):
        def options(**how: object):
            self.asked = how
            return types.SimpleNamespace(remote=begun)

        def begun(*given: object) -> object:
            self.open.append((function, given))
            self.most = max(self.most, len(self.open))
            return self.open[-1]

        return types.SimpleNamespace(options=options)

    def wait(self, running: list[object], num_returns: int) -> tuple[list[object], list[object]]:
        assert num_returns == 1
        return running[-1:], running[:-1]

    def get(self, one: object) -> object:
        self.open.remove(one)
        function, given = one
        if given[0] in self.lost:
            raise self.exceptions.RayError("the worker died\nand more")
        return function(*given)


CALLS = [(letter,) for letter in "abcdefg"]


@pytest.fixture
def played(monkeypatch):
    """A function that puts a played Ray in the place of the real one."""

    def put(**how: object) -> Played:
        made = Played(**how)
        monkeypatch.setitem(sys.modules, "ray", made)
        return made

    on_ray._imported_with.cache_clear()
    yield put
    on_ray._imported_with.cache_clear()


def test_tasks_on_a_ray_of_our_own(played, monkeypatch):
    for name in (*engines.ONE_THREAD, "RAY_USAGE_STATS_ENABLED"):
        monkeypatch.delenv(name, raising=False)
    ray = played(lost=("c",))
    found = dict(on_ray.ray_tasks(3, gpus=0.5)(double, CALLS))
    assert {at: one for at, one in found.items() if at != 2} == {at: 2 * CALLS[at][0] for at in range(7) if at != 2}
    assert isinstance(found[2], engines.Lost)
    assert found[2] == "RayError: the worker died"
    assert ray.asked == {"num_cpus": 1, "num_gpus": 0.5, "max_retries": engines.MOST_ATTEMPTS - 1}
    assert ray.most == engines.WAITING * 2, "so many are given ahead, and no more"
    ((how, variables),) = ray.started
    assert (how["num_cpus"], how["include_dashboard"], how["_node_ip_address"]) == (3, False, "127.0.0.1")
    assert variables == {**dict.fromkeys(engines.ONE_THREAD, "1"), "RAY_USAGE_STATS_ENABLED": "0"}
    assert not ray.running
    assert not Path(how["_temp_dir"]).exists()
    assert not set(variables) & set(os.environ), "nothing is left in the environment"


def test_a_ray_of_yours_is_used_as_it_is(played):
    ray = played(address="10.0.0.7")
    ray.running = True
    for engine in (on_ray.ray_tasks(3), on_ray.ray_tasks(3, address="auto")):
        assert dict(engine(double, CALLS)) == {at: 2 * call[0] for at, call in enumerate(CALLS)}
        assert ray.running
        assert ray.started == []
    assert ray.asked["runtime_env"] == {"env_vars": engines.one_thread()}, "a cluster has machines of its own"


def test_a_cluster_is_attached_to_and_left(played):
    ray = played()
    assert len(dict(on_ray.ray_tasks(address="ray://head:10001")(double, CALLS))) == len(CALLS)
    assert [how["address"] for how, _ in ray.started] == ["ray://head:10001"]
    assert not ray.running


def test_a_ray_that_would_listen_beyond_this_machine_is_not_started(played):
    ray = played(address="10.0.0.7")
    with pytest.raises(sa.errors.ParameterError, match="would listen on the network") as caught:
        list(on_ray.ray_tasks(2)(double, CALLS))
    assert caught.value.code == "ray"
    assert ray.started == []


def test_a_ray_that_is_not_imported_yet_gets_a_token_of_its_own(monkeypatch, tmp_path):
    (tmp_path / "ray.py").write_text(
        "import os\nSEEN = {k: v for k, v in os.environ.items() if k.startswith('RAY_')}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "ray", raising=False)
    on_ray._imported_with.cache_clear()
    try:
        used = on_ray._imported_with()
        assert sys.modules["ray"].SEEN.items() >= used.items()
        assert (used["RAY_AUTH_MODE"], len(used["RAY_AUTH_TOKEN"])) == ("token", 64)
        assert "RAY_AUTH_TOKEN" not in os.environ
        assert on_ray._imported_with() is used
    finally:
        on_ray._imported_with.cache_clear()
        sys.modules.pop("ray", None)


def test_a_task_that_fails_is_lost_alone():
    assert [type(one) for _, one in engines.serial(fail, [("a",)])] == [engines.Lost]


SPEC = {"models": ["ar"], "lags": 3, "horizon": 6, "steps": [1, 6]}


def contents(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.glob("*/*.parquet"))}


def test_without_ray_the_error_names_what_to_install(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(sa.errors.MissingExtraError, match=r"stepahead\[ray\]"):
        run(SPEC, folder / "shards", folder / "out", engine="ray")


needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None or sys.platform != "linux",
    reason='ray is not installed: pip install "stepahead[ray]" (and the test looks into /proc)',
)


def commands() -> dict[int, str]:
    """Every process and its command line."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
    return found


def ours(marks: set[str]) -> set[int]:
    """The processes of Ray that carry one of these marks: the folder that a run made for its Ray."""
    return {pid for pid, command in commands().items() if any(mark in command for mark in marks)}


def listening(pids: set[int]) -> set[str]:
    """The addresses, as /proc writes them, on which these processes wait for connections."""
    sockets = set()
    for pid in pids:
        try:
            sockets |= {str(handle.readlink()) for handle in Path(f"/proc/{pid}/fd").iterdir()}
        except OSError:  # it went while we looked
            continue
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *rest = line.split()
            if state == "0A" and f"socket:[{rest[5]}]" in sockets:
                found.add(local.split(":")[0])
    return found


LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}


@needs_ray
@pytest.mark.slow
@pytest.mark.parametrize("victim", ["nobody", "worker", "driver"])
def test_ray_gives_the_same_bytes_stays_on_loopback_and_leaves_nothing_behind(victim, tmp_path):
    spec = {"models": [{"class": "MLP", "lags": 4, "hidden": 3, "training": {"epochs": 8}}], "horizon": 4, "steps": [4]}
    shard(long_table(16, 300), tmp_path / "shards", shards=8)
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    for name in ("home", "t"):
        (tmp_path / name).mkdir()
    # Sockets of Ray stand in its folder, and a path of one has 107 letters at most.
    short = Path("/tmp") / f"sa-{os.getpid()}-{victim}"  # noqa: S108
    short.mkdir()
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith("RAY_")}
    surroundings |= {"HOME": str(tmp_path / "home"), "TMPDIR": str(short)}
    typed = [
        sys.executable,
        "-m",
        "stepahead",
        "run",
        "spec.json",
        "shards",
        "out",
        "--engine",
        "ray",
        "--workers",
        "2",
    ]
    done = tmp_path / "out" / "status"
    try:
        driver = subprocess.Popen(typed, cwd=tmp_path, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_for(lambda: done.exists() and any(done.glob("*.parquet")), 120)
        marks = {str(short)}
        crew = ours(marks) | {driver.pid}
        assert len(crew) > 3
        assert listening(crew) <= LOOPBACK
        assert listening(crew)
        if victim == "driver":
            driver.kill()
        elif victim == "worker":
            busy = [pid for pid, command in commands().items() if command.startswith("ray::score_shard")]
            os.kill(busy[0], signal.SIGKILL)
        _, err = driver.communicate(timeout=600)
        if victim != "driver":
            assert driver.returncode == 6, err.decode()
        wait_for(lambda: not ours(marks), 120)
        if victim == "driver":
            assert (
                subprocess.run(typed, cwd=tmp_path, env=surroundings, capture_output=True, check=False).returncode == 6
            )
            wait_for(lambda: not ours(marks), 120)
        else:
            assert not list(short.glob("stepahead-ray-*"))
        assert not list((tmp_path / "home").iterdir())
        run(spec, tmp_path / "shards", tmp_path / "expected", engine="serial")
        assert contents(tmp_path / "out") == contents(tmp_path / "expected")
    finally:
        for pid in ours({str(short)}):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(short, ignore_errors=True)

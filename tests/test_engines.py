"""The parts of many series that a test of the whole seldom meets: workers, Ray, locks, shards, streams,
small stacks.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
import types
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import stepahead as sa
from stepahead.evaluation import stream
from stepahead.scale import arrow, documents, engines, locks, on_ray, specs, task
from stepahead.scale.shards import shard

from .data import each, sine, streamed
from .tasks import double, fail

# workers


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


# Ray, played by a module of ours: what is asked of it, and what becomes of its answers


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
    with pytest.raises(sa.errors.ParameterError, match="would listen beyond this machine") as caught:
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


# locks, documents, shards


def test_a_folder_in_use_names_who_uses_it(tmp_path):
    fcntl = pytest.importorskip("fcntl")
    for content, who in ((b'{"pid": 7, "host": "there"}', "process 7 on 'there'"), (b"torn", "process 0 on 'unknown'")):
        (tmp_path / locks.NAME).write_bytes(content)
        with open(tmp_path / locks.NAME, "rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            with pytest.raises(sa.errors.OutputError, match=who) as caught, locks.locked(tmp_path):
                pass
        assert caught.value.code == "locked"
    with locks.locked(tmp_path):
        assert str(os.getpid()) in (tmp_path / locks.NAME).read_text()
    assert (tmp_path / locks.NAME).read_text() == ""


def test_a_lock_that_is_a_link_is_refused_and_without_locks_a_run_goes_on(tmp_path, monkeypatch):
    (tmp_path / "other").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / locks.NAME).symlink_to(tmp_path / "other")
    with pytest.raises(sa.errors.OutputError, match="cannot write in"), locks.locked(tmp_path / "folder"):
        pass
    assert (tmp_path / "other").read_text() == "mine"
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with locks.locked(tmp_path):
        assert (tmp_path / locks.NAME).exists()


def test_a_document_has_a_largest_size(tmp_path, monkeypatch):
    (tmp_path / "d").write_text('{"a": 1}')
    monkeypatch.setattr(documents, "LARGEST", 8)
    assert documents.read_json(tmp_path / "d", "spec") == {"a": 1}
    monkeypatch.setattr(documents, "LARGEST", 7)
    with pytest.raises(sa.errors.InputError, match="is not a spec that can be read: 'more than 7 bytes'"):
        documents.read_json(tmp_path / "d", "spec")


def test_a_shard_of_the_right_sum_that_is_no_parquet(tmp_path):
    import hashlib

    (tmp_path / "s").write_bytes(b"PAR1 and no more")
    with pytest.raises(sa.errors.InputError, match="cannot be read") as caught:
        task.read_shard(tmp_path / "s", hashlib.sha256(b"PAR1 and no more").hexdigest())
    assert caught.value.code == "parquet"


def test_a_source_of_shards_that_cannot_be_read(tmp_path):
    (tmp_path / "torn.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(sa.errors.InputError, match="is not a Parquet file that can be read") as caught:
        shard(tmp_path / "torn.parquet", tmp_path / "out", value="y", id="id")
    assert caught.value.code == "parquet"
    with pytest.raises(sa.errors.InputError, match="No such file"):
        shard(tmp_path / "none", tmp_path / "out", value="y", id="id")


def test_months_are_times_that_shards_can_hold(tmp_path):
    months = np.arange("2020-01", "2022-01", dtype="datetime64[M]")
    frame = {"id": ["a"] * 24, "t": months.astype(str).tolist(), "y": np.arange(24.0).tolist()}
    path = tmp_path / "p.csv"
    path.write_text("id,t,y\n" + "".join(f"{a},{t},{y}\n" for a, t, y in zip(*frame.values(), strict=True)))
    shard(path, tmp_path / "out", value="y", id="id", time="t")
    (file,) = (tmp_path / "out").glob("*.parquet")
    table = pq.read_table(file)
    assert table.column("y").to_pylist() == frame["y"]
    stamps = table.column("ds").to_numpy().astype("datetime64[M]")
    assert stamps.tolist() == months.tolist()


def test_values_of_a_shard_are_numbers_or_text():
    with pytest.raises(sa.errors.InputError, match="numbers or text were wanted") as caught:
        arrow._values(pa.chunked_array([pa.array([[1.0]])]))
    assert caught.value.code == "dtype"
    assert arrow._values(pa.chunked_array([pa.array([True, None])])).tolist()[0] == 1.0
    assert arrow._plain(np.zeros(0), None, np.zeros(1, dtype=np.intp)).tolist() == []


def test_categories_of_a_table_are_those_that_occur():
    table = pa.table(
        {"unique_id": ["a"] * 4 + ["b"] * 4, "y": ["dry", "wet", "wet", "dry", "wet", "wet", "wet", "fog"]}
    )
    spec = specs.Spec.read({"models": ["markov"], "horizon": 1})
    found = list(arrow.series_of(table, spec))
    assert [one.name for one in found] == ["a", "b"]
    assert [one.item.categories for one in found] == [("dry", "fog", "wet")] * 2


def test_arguments_that_are_lists_or_models_are_data():
    assert specs._plain((1, [2, "a"], sa.AR(2))) == [1, [2, "a"], {"class": "AR", "lags": 2}]


# stacks


class Fragile(sa.MLP):
    """Nets that cannot be trained beside a series with a 9 in it."""

    def fit_each(self, series):
        if any((one.values == 9.0).any() for one in series):
            raise sa.errors.FitError("diverged", code="diverged")
        return [one.values[0] for one in series]


@pytest.mark.parametrize("bad", [[], [0], [3, 4], [0, 1, 2, 3, 4]])
def test_a_net_that_diverges_costs_no_other_series(bad):
    heads = np.arange(10.0).reshape(5, 2) / 100.0
    heads[bad, 1] = 9.0
    rows, trained = Fragile(1)._trained(heads, np.arange(10, 15))
    good = [row for row in range(5) if row not in bad]
    assert rows.tolist() == [10 + row for row in good]
    assert trained == heads[good, 0].tolist()


MODELS = {
    "chain of bins": lambda: sa.MarkovChain(bins=3),
    "chain of order 2": lambda: sa.MarkovChain(order=2, bins=3),
    "autoregression": lambda: sa.AR("auto"),
    "spectrum": lambda: sa.SSA(),
    "wide spectrum": lambda: sa.SSA("auto", window=20),
}


@pytest.mark.parametrize("length", [12, 30, 48])
@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS.keys())
def test_short_and_flat_series_are_scored_as_one_by_one(make, length):
    panel = [sine(0, length), np.full(length, 2.0), np.where(np.arange(length) % 2, 1.0, 0.0), sine(1, length)]
    panel.append(sine(2, 120))
    scores = each({"m": make()}, panel, 2)
    assert list(scores.scorer.series) == [name for name, said in scores.status.items() if said == "ok"]
    for (name, said), series in zip(scores.status.items(), panel, strict=True):
        if said != "ok":
            with pytest.raises(sa.errors.StepaheadError) as caught:
                sa.evaluate({"m": make()}, series, 2)
            assert said == str(caught.value)
            continue
        found = scores.scorer.by_series("rmse")[scores.scorer.series.index(name), scores.scorer.models.index("m")]
        np.testing.assert_allclose(found, sa.evaluate({"m": make()}, series, 2)["m"].rmse(), rtol=1e-9, atol=1e-12)


def test_symbols_are_scored_at_the_steps_that_are_kept():
    panel = [sa.Series(np.random.default_rng(seed).choice(["a", "b"], 80).tolist()) for seed in range(4)]
    scores = each(sa.MarkovChain(), panel, 5, steps=[2, 5])
    for place, series in enumerate(panel):
        alone = sa.evaluate(sa.MarkovChain(), series, 5, steps=[2, 5])["MarkovChain(1)"]
        np.testing.assert_allclose(scores.scorer.by_series("zero_one")[place, 0], alone.zero_one(), atol=1e-12)
        np.testing.assert_allclose(scores.scorer.by_series("log_loss")[place, 0], alone.log_loss(), atol=1e-12)


def test_a_run_that_scores_every_series_ends_well(run, tmp_path):
    frame = {"unique_id": ["a"] * 60 + ["b"] * 60, "y": np.concatenate([sine(0, 60), sine(1, 60)]).tolist()}
    pq.write_table(pa.table(frame), tmp_path / "p.parquet")
    shard(tmp_path / "p.parquet", tmp_path / "shards", time=None)
    (tmp_path / "spec.json").write_text('{"models": ["naive"], "horizon": 2}')
    code, out, err = run("run", tmp_path / "spec.json", tmp_path / "shards", tmp_path / "out", "--engine", "serial")
    assert (code, err) == (0, "")
    assert "series  2 scored, 0 not" in out


def test_one_series_is_a_panel_of_one():
    one, listed = (each(sa.AR(2), given, 3) for given in (sa.Series(sine(0, 80)), [sine(0, 80)]))
    assert one.scorer.by_series("rmse").tolist() == listed.scorer.by_series("rmse").tolist()


# streams


def test_a_stream_tells_how_far_it_is():
    told: list[tuple[str, int, int]] = []
    pieces = sa.pieces(sine(0, 500), size=100)
    streamed(sa.AR(2), pieces, 3, train=200, progress=lambda *given: told.append(given))
    assert [done for _, done, _ in told] == sorted({done for _, done, _ in told})
    assert (told[-1], told[0][0]) == (("values", 500, 500), "values")


def test_what_can_be_read_but_once_cannot_be_fitted_on():
    with pytest.raises(sa.errors.InputError, match="an iterator can be read but once") as caught:
        sa.AR(2).fit(sa.pieces(iter([sine(0, 100)])))
    assert caught.value.code == "read-twice"


@pytest.mark.parametrize("size", [50, 100, 70])
def test_an_iterator_is_scored_as_what_it_gives(size):
    x = sine(0, 400)
    parts = (x[start : start + size] for start in range(0, 400, size))
    found = streamed(sa.AR(2), parts, 3, train=100).scorer.by_series("rmse")
    np.testing.assert_allclose(found, streamed(sa.AR(2), x, 3, train=100).scorer.by_series("rmse"), rtol=1e-12)


def test_a_context_longer_than_the_training_part_is_refused():
    with pytest.raises(sa.errors.InputError, match="a forecast by SeasonalNaive"):
        stream.Follower(sa.baselines.SeasonalNaive(30).fit(sine(0, 40)), [sine(0, 10), sine(0, 10)], 3)
    with pytest.raises(sa.errors.InputError, match="model of symbols"):
        stream.Follower(sa.MarkovChain().fit([1, 2, 1, 2]), lambda: iter([sine(0, 10)]), 3)


class Gaps:
    """The last value; nothing after one above 1.3."""

    context = 1

    def fit(self, series):
        return self

    def encode(self, values, after=None):
        numbers = np.asarray(values.numbers)
        return (np.where(numbers > 1.3, np.nan, numbers)[:, None],)

    def rollout(self, state, horizon):
        return np.repeat(state[0], horizon, axis=1)


def test_origins_without_a_forecast_count_for_nobody():
    x = sine(0, 400)
    assert (x > 1.3).any()
    found = streamed({"gaps": Gaps(), "ar": sa.AR(2)}, sa.pieces(x, size=64), 3, train=100)
    whole = sa.evaluate({"gaps": Gaps(), "ar": sa.AR(2)}, x, 3, train=100)
    assert found.scorer.n.tolist() == [whole["gaps"].n().tolist()]
    for place, name in enumerate(found.scorer.models):
        np.testing.assert_allclose(found.scorer.by_series("rmse")[0, place], whole[name].rmse(), rtol=1e-10)


def test_squares_past_the_largest_number_are_an_error():
    with pytest.raises(sa.errors.InputError, match="the squared errors leave the range of numbers") as caught:
        streamed(sa.baselines.Naive(), 1e200 * sine(0, 100), 2, train=50)
    assert caught.value.code == "overflow"

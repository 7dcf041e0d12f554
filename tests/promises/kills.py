"""Kill a writer at a random moment, again and again, and count how often what it left behind is whole.

    python -m tests.promises.kills 400

divides that many SIGKILLs among four writers: `save` of a model, the report page, the checkpoint of a training run, and
the results of a shard. A file counts as whole where it is the one that stood there before or a new one, to the last
bit; a run that was killed counts as whole where, started again, it ends with the bits of one that nobody disturbed.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

import stepahead as sa

LONGEST = 0.03
"""Seconds until a kill at the latest: long enough for some writes to end, short enough to hit most of them."""


def killed(job: Callable[[], object], after: float) -> bool:
    """Run `job` in a process of its own and kill it; whether it was still at it."""
    child = os.fork()
    if child == 0:
        try:
            null = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(null, stream)
            job()
        finally:
            os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def moments(times: int, seed: int) -> list[float]:
    """Seconds to wait before each kill."""
    return np.random.default_rng(seed).uniform(0.0, LONGEST, times).tolist()


def forever(path: Path, contents: list[Callable[[], None]]) -> Callable[[], None]:
    """Write one after the other, without end."""

    def job() -> None:
        while True:
            for write in contents:
                write()

    return job


def rewritten(path: Path, writes: list[Callable[[], None]], times: int, seed: int) -> int:
    """How often `path` was whole after a kill of one who rewrites it without end."""
    known = set()
    for write in writes:
        write()
        known.add(path.read_bytes())
    assert len(known) == len(writes)
    return sum(killed(forever(path, writes), after) and path.read_bytes() in known for after in moments(times, seed))


def save(times: int, folder: Path, seed: int = 0) -> int:
    """A model of a megabyte, saved over another one."""
    path, x = folder / "model.safetensors", np.random.default_rng(0).normal(size=3000)
    models = [sa.AR(lags, chunk=400, ridge=1.0).fit(x) for lags in (300, 301)]
    whole = rewritten(path, [lambda model=model: model.save(path) for model in models], times, seed)
    sa.load(path)
    return whole


def report(times: int, folder: Path, seed: int = 1) -> int:
    """A page, written over another one."""
    from stepahead.files import write_whole
    from stepahead.report.page.page import document, facts

    path, writes = folder / "report.html", []
    for place in range(2):
        result = sa.evaluate([sa.AR(4), sa.SSA(2, window=20)], sa.datasets.noisy_sine(seed=place, length=400), 16)
        text = document(facts(result), result).encode()
        writes.append(lambda text=text: write_whole(path, text))
    return rewritten(path, writes, times, seed)


def checkpoint(times: int, folder: Path, seed: int = 2) -> int:
    """A training run, killed and resumed until it ends;
    whole where every resumption and the end have the undisturbed bits.
    """
    import torch

    from stepahead.models import training

    torch.set_num_threads(1)
    training.SAVED = 1
    path, updates = folder / "checkpoint", 4 * times + 20
    x = np.sin(0.2 * np.arange(120)) + np.random.default_rng(0).normal(0.0, 0.1, 120)

    def fit(checkpoint: Path) -> sa.RecurrentNet:
        return sa.GRU(3, training=sa.Training(updates=updates, warm_up=8, checkpoint=str(checkpoint))).fit(x)

    expected, whole = fit(folder / "whole"), 0
    for after in moments(times, seed):
        if not killed(lambda: fit(path), after + 0.01):
            path.unlink(missing_ok=True)  # it was done before the kill came: begin again
        whole += not path.exists() or _is_checkpoint(path)
    found = fit(path)
    same = all(torch.equal(value, found.net_.weights[name]) for name, value in expected.net_.weights.items())
    return whole if same and found.losses_.tolist() == expected.losses_.tolist() else 0


def _is_checkpoint(path: Path) -> bool:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return "losses" in load(path.read_bytes())
    except SafetensorError:
        return False


def shard(times: int, folder: Path, seed: int = 3) -> int:
    """A run over shards, killed and resumed until it ends; whole where what is there at any time is what it will be."""
    import pandas as pd

    from stepahead.scale import run
    from stepahead.scale import shard as write_shards

    x = np.random.default_rng(0).normal(size=60 * 40)
    frame = pd.DataFrame({"unique_id": np.repeat(np.arange(60), 40), "ds": np.tile(np.arange(40), 60), "y": x})
    write_shards(frame, folder / "shards", shards=12)
    spec = {"models": ["ar", "drift"], "lags": 3, "horizon": 4}

    def job(out: Path) -> Callable[[], object]:
        return lambda: run(spec, folder / "shards", out, engine="serial")

    job(folder / "whole")()
    expected, whole = _results(folder / "whole"), 0
    for after in moments(times, seed):
        if not killed(job(folder / "out"), 3.0 * after):
            for path in (folder / "out").rglob("*.parquet"):
                path.unlink()
        whole += _results(folder / "out").items() <= expected.items()
    job(folder / "out")()
    return whole if _results(folder / "out") == expected else 0


def _results(out: Path) -> dict[str, bytes]:
    return {f"{path.parent.name}/{path.name}": path.read_bytes() for path in out.rglob("*.parquet")}


WRITERS: dict[str, Callable[[int, Path], int]] = {
    "save": save,
    "report": report,
    "checkpoint": checkpoint,
    "shard": shard,
}


def survived(times: int) -> dict[str, tuple[int, int]]:
    """{writer: (kills survived, kills)}, `times` kills in all."""
    found = {}
    for place, (name, writer) in enumerate(WRITERS.items()):
        share = times // len(WRITERS) + (place < times % len(WRITERS))
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found[name] = writer(share, Path(folder)), share
    return found


if __name__ == "__main__":
    total = survived(int(sys.argv[1]) if len(sys.argv) > 1 else 8)
    for name, (whole, of) in total.items():
        print(f"{name:12}{whole} of {of} whole")
    print(f"{'in all':12}{sum(w for w, _ in total.values())} of {sum(of for _, of in total.values())}")
    sys.exit(any(whole < of for whole, of in total.values()))

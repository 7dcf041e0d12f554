"""Many series and long ones: beside the loop, beside the limit, and how time and memory grow.

    python benchmarks/scale.py

Ratios are what to read; the machine sets the milliseconds. One thread, process CPU time; every answer is compared
first. Memory is the peak of a process of its own, above what it held once stepahead was imported.
"""

from __future__ import annotations

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import importlib.util  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
import warnings  # noqa: E402
from collections.abc import Callable, Iterator  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402

import stepahead as sa  # noqa: E402
from stepahead.evaluation.each import Job  # noqa: E402
from stepahead.evaluation.panels import blocks_of  # noqa: E402
from stepahead.scale import score_blocks  # noqa: E402

warnings.simplefilter("ignore", sa.errors.StepaheadWarning)

LENGTH, TRAIN, HORIZON, ORIGINS = 500, 237, 64, 200
LONG, LAGS, FEW = 20_000_000, 16, 8


def waves(count: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.sin(rng.uniform(0.02, 0.2, (count, 1)) * np.arange(LENGTH)) + rng.normal(0.0, 0.2, (count, LENGTH))


def best(job: Callable[[], object], runs: int = 3) -> float:
    taken = []
    for _ in range(runs):
        began = time.process_time()
        job()
        taken.append(time.process_time() - began)
    return min(taken)


def loop(models: list, panel: np.ndarray) -> list[dict]:
    """What a user writes without us: `evaluate` of each series, and its readings."""
    return [
        {name: found._readings() for name, found in sa.evaluate(models, row, HORIZON, train=TRAIN).items()}
        for row in panel
    ]


def each(models: list, panel: np.ndarray) -> sa.results.Comparison:
    """A fit for each series, the errors alone kept."""
    return sa.evaluate(models, panel, HORIZON, TRAIN, fit="each", keep="scores")


def differ(scores: sa.results.Comparison, expected: list[dict]) -> float:
    worst = 0.0
    for place, by_model in enumerate(expected):
        for index, found in enumerate(by_model.values()):
            for key in ("rmse", "mae", "skill"):
                own = scores.scorer.by_series(key)[place, index]
                worst = max(worst, float(np.abs(own / found[key] - 1.0).max()) if key != "skill" else 0.0)
                worst = max(worst, float(np.abs(own - found[key]).max()))
    return worst


def bare_products(count: int) -> float:
    """Seconds of the products of AR(4) alone: operators [64, 5] times windows [5, 200], in cache,
    nothing read or summed.
    """
    operators, windows, out = np.ones((8, HORIZON, 5)), np.ones((8, 5, ORIGINS)), np.empty((8, HORIZON, ORIGINS))
    return best(lambda: [np.matmul(operators, windows, out=out) for _ in range(count // 8)])


def one_reading(count: int) -> float:
    """Seconds of the errors of one model read once, in cache, as a sum of squares."""
    errors = np.ones((8, HORIZON, ORIGINS))
    return best(lambda: [np.einsum("skn,skn->sk", errors, errors) for _ in range(count // 8)])


def panel_rows() -> None:
    count = 10_000
    panel, models = waves(count), [sa.AR(4)]
    expected = loop(models, panel[:40])
    scores = each(models, panel)
    worst = differ(scores, expected)
    assert worst < 1e-9, worst
    assert int(scores.scorer.n[0, 0]) == ORIGINS
    rows = {
        "stepahead, a fit each": best(lambda: each(models, panel)),
        "our own loop over series, 40 of them x 250": best(lambda: loop(models, panel[:40])) * count / 40,
        "the products of AR(4) alone": bare_products(count),
        "its errors read once": one_reading(count),
    }
    ours = rows["stepahead, a fit each"]
    print(
        f"\n{count:,} series x {LENGTH}, AR(4) and its baselines, k = 1 .. {HORIZON} from {ORIGINS} "
        f"origins; differ {worst:.1e}"
    )
    for name, seconds in rows.items():
        print(f"  {name:<44} {seconds:8.2f} s {count / seconds:10,.0f} series/s   {seconds / ours:8.2f} x")
    print("  aim: the loop at 3 x or more")


def baseline_rows() -> None:
    """Tables of baselines alone, one after the other in turn: medians of what all series took."""
    count, kept = 10_000, np.arange(1, HORIZON + 1)
    panel, two = waves(count), [sa.baselines.Mean(), sa.baselines.Naive()]
    five = [*two, sa.baselines.SES(), sa.baselines.Line(), sa.baselines.Drift()]
    tables = {
        "Mean, Naive": two,
        "the five of every table": five,
        "and two of a long season": [*five, sa.baselines.SeasonalNaive(100), sa.baselines.Harmonic(100)],
        "or three of a short one": [
            *five,
            sa.baselines.SeasonalNaive(12),
            sa.baselines.Phases(12),
            sa.baselines.LinePhases(12),
        ],
    }
    for models in tables.values():
        expected = [
            [sa.k_step(model.clone().fit(row[:TRAIN]), row, HORIZON).rmse() for model in models] for row in panel[:6]
        ]
        found = scored(models, panel[:6], kept)
        worst = float(np.abs(np.sqrt(found / ORIGINS) / np.array(expected) - 1.0).max())
        assert worst < 1e-9, worst
    taken: dict[str, list[float]] = {name: [] for name in tables}
    for _ in range(5):
        for name, models in tables.items():
            taken[name].append(best(lambda models=models: scored(models, panel, kept), 1))
    print(
        f"\n{count:,} series x {LENGTH}, baselines alone, k = 1 .. {HORIZON} from {ORIGINS} "
        "origins; medians of 5, in turn"
    )
    first = float(np.median(taken["Mean, Naive"]))
    # SES and Drift cost what Naive costs each: the size of an error at every origin and step is a number of its own.
    for name, seconds in taken.items():
        print(f"  {name:<44} {np.median(seconds):8.2f} s {np.median(seconds) / first:8.2f} x")


def scored(models: list, panel: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Squared errors of models alone, without the baselines that stand beside them elsewhere, [series, models,
    steps].
    """
    job = Job({model.name: model for model in models}, HORIZON, TRAIN, kept, False)
    blocks = blocks_of(panel, 3 * len(models) * len(kept))
    return np.concatenate([job.score(block).scorer.totals["squared"] for block in blocks])


def model_rows() -> None:
    print(f"\nother models, series of {LENGTH}, the same job")
    panel = waves(1000)
    kinds: dict[str, tuple[object, int]] = {
        "AR(auto)": (sa.AR("auto"), 400), "SSA(2), window 40": (sa.SSA(2, window=40), 1000), "SSA(auto)": (sa.SSA(),
        100),
        "MLP(4)": (sa.MLP(4), 1000), "MarkovChain(1, bins=8)": (sa.MarkovChain(1, bins=8), 1000),
    }  # fmt: skip
    for name, (model, count) in kinds.items():
        expected = loop([model], panel[:6])
        worst = differ(each([model], panel[:6]), expected)
        assert worst < 1e-9, (name, worst)
        many = best(lambda model=model, count=count: each([model], panel[:count]), 1) / count
        alone = best(lambda model=model: loop([model], panel[:6]), 1) / 6
        print(
            f"  {name:<28} {1 / many:8,.0f} series/s   the loop {1 / alone:6,.0f}   "
            f"{alone / many:6.1f} x   differ {worst:.0e}"
        )


def peak_mb() -> float:
    """The most memory this process ever had, in MB. Its resource usage will not do:
    a child begins with its parent's.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / 1024


def measured(job: Callable[[], str]) -> None:
    """Run a job in this process and print what it took."""
    before, began = peak_mb(), time.process_time()
    told = job()
    print(f"  {told:<64} {time.process_time() - began:8.2f} s   peak {peak_mb() - before:6.0f} MB above the start")


def apart(*arguments: object) -> None:
    """The same in a process of its own."""
    subprocess.run([sys.executable, __file__, *map(str, arguments)], check=True)  # noqa: S603


def panel_of(count: int) -> str:
    """Series that are made as they are read, and scores that are dropped as they come."""

    def rows() -> Iterator[np.ndarray]:
        for begin in range(0, count, 500):
            yield from waves(min(500, count - begin), begin)

    done = sum(len(part.scorer.series) for part in score_blocks([sa.AR(4)], rows(), HORIZON, TRAIN))
    return f"{done:,} series x {LENGTH}, every k scored"


def stream_of(path: Path, train: int) -> str:
    scores = sa.evaluate([sa.AR(LAGS)], path, FEW, train, keep="scores")
    return f"AR({LAGS}), k = 1 .. {FEW} from {scores.scorer.n[0, 0]:,} origins, train={train:,}"


def write_long(path: Path) -> None:
    values = np.lib.format.open_memmap(path, mode="w+", dtype=np.float64, shape=(LONG,))
    rng = np.random.default_rng(0)
    for begin in range(0, LONG, 1 << 18):
        here = values[begin : begin + (1 << 18)]
        here[:] = np.sin(0.01 * np.arange(begin, begin + len(here))) + rng.normal(0.0, 0.2, len(here))


def gru_rows() -> None:
    try:
        import torch
    except ImportError:
        print('\na GRU in pieces: skipped, torch is not installed: pip install "stepahead[neural]"')
        return
    torch.set_num_threads(1)
    x = np.sin(0.01 * np.arange(1_000_000)) + np.random.default_rng(0).normal(0.0, 0.2, 1_000_000)
    gru, train = sa.GRU(8, training=sa.Training(updates=50)), 2000
    whole = sa.evaluate([gru], x[:100_000], FEW, train=train)["GRU(8)"].rmse()
    cut = sa.evaluate([gru], sa.pieces(x[:100_000], size=10_007), FEW, train, keep="scores").by_step("rmse")["GRU(8)"]
    worst = np.abs(cut / whole - 1.0).max()
    print(f"\nGRU(8): 100,000 values in pieces of 10,007 and in one: RMSE differs by {worst:.1e} (aim 1e-6)")
    assert worst < 1e-6
    apart("gru", train)


def gru_of(train: int) -> str:
    import torch

    torch.set_num_threads(1)

    class Long:
        """A million values that are made as they are read."""

        def __iter__(self) -> Iterator[np.ndarray]:
            rng = np.random.default_rng(0)
            for begin in range(0, 1_000_000, 50_000):
                yield np.sin(0.01 * np.arange(begin, begin + 50_000)) + rng.normal(0.0, 0.2, 50_000)

    scores = sa.evaluate([sa.GRU(8, training=sa.Training(updates=50))], sa.pieces(Long()), FEW, train, keep="scores")
    return f"GRU(8), {scores.scorer.n[0, 0]:,} origins, torch's own memory in it"


def run_rows() -> None:
    """Shards, and every engine over them: seconds on the clock, as the work is done elsewhere."""
    try:
        import pyarrow as pa
    except ImportError:
        print('\nshards and engines: skipped, pyarrow is not installed: pip install "stepahead[parquet]"')
        return
    count, spec = 10_000, {"models": ["ar"], "lags": 4, "horizon": HORIZON, "train": TRAIN, "steps": [1, 4, 16, 64]}
    names = np.repeat([f"s{index:05d}" for index in range(count)], LENGTH)
    table = pa.table({"unique_id": names, "ds": np.tile(np.arange(LENGTH), count), "y": waves(count).ravel()})
    engines = {"serial": None, "process, 1 worker": 1, "process, 2 workers": 2}
    if importlib.util.find_spec("ray") is not None:
        engines["ray, 2 workers, its start and end included"] = 2
    else:
        print('\nray: skipped, it is not installed: pip install "stepahead[ray]"')
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        sa.scale.shard(table, Path(folder) / "shards", shards=10)
        print(f"\n{count:,} series in 10 shards, k = 1, 4, 16, 64; written in {time.perf_counter() - began:.1f} s")
        first: list[bytes] = []
        for name, workers in engines.items():
            out, engine = Path(folder) / name.replace(" ", "-"), name.split(",")[0]
            began = time.perf_counter()
            summary = sa.scale.run(spec, Path(folder) / "shards", out, engine=engine, workers=workers)
            seconds = time.perf_counter() - began
            found = [path.read_bytes() for path in sorted(out.glob("*/*.parquet"))]
            assert summary.scored == count
            assert found == (first := first or found), "the bytes differ"
            print(f"  {name:<44} {seconds:8.2f} s {count / seconds:10,.0f} series/s   the same bytes")


def main() -> None:
    print(f"stepahead {sa.__version__}, numpy {np.__version__}, one thread")
    panel_rows()
    baseline_rows()
    model_rows()
    print(
        f"\ntime and memory by the number of series: AR(4), k = 1 .. {HORIZON} from {ORIGINS} "
        "origins; making them included"
    )
    for count in (1000, 10_000, 100_000):
        apart("panel", count)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.npy"
        write_long(path)
        part = np.load(path, mmap_mode="r")[:2_000_000]
        streamed, whole = sa.AR(LAGS).fit(sa.pieces(path).head(len(part))), sa.AR(LAGS).fit(np.array(part))
        worst = np.abs(streamed.coefficients_ - whole.coefficients_).max()
        print(
            f"\none series of {LONG:,} values; a fit in pieces on the first {len(part):,} differs "
            f"by {worst:.1e} (aim 1e-10)"
        )
        assert worst < 1e-10
        for train in (10_000, LONG // 2):
            apart("stream", path, train)
    gru_rows()
    run_rows()


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    elif sys.argv[1] == "panel":
        measured(lambda: panel_of(int(sys.argv[2])))
    elif sys.argv[1] == "gru":
        measured(lambda: gru_of(int(sys.argv[2])))
    else:
        measured(lambda: stream_of(Path(sys.argv[2]), int(sys.argv[3])))

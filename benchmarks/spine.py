"""The main jobs beside their limits: one run, one thread, each row side by side.

    python benchmarks/spine.py

Ratios are what to read; the machine sets the milliseconds. Medians of interleaved runs, process CPU time.
"""

from __future__ import annotations

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import time  # noqa: E402
import warnings  # noqa: E402
from collections.abc import Callable  # noqa: E402

import numpy as np  # noqa: E402

import stepahead as sa  # noqa: E402
from stepahead.models.windowed import batch_order  # noqa: E402
from stepahead.numerics import perceptron  # noqa: E402

warnings.simplefilter("ignore", sa.errors.StepaheadWarning)


def side_by_side(rows: dict[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """Median CPU seconds of each, the rows taking turns so that a slow moment hits all of them."""
    taken: dict[str, list[float]] = {name: [] for name in rows}
    for turn in range(runs + 1):
        for name, job in rows.items():
            before = time.process_time()
            job()
            if turn:
                taken[name].append(time.process_time() - before)
    return {name: float(np.median(seconds)) for name, seconds in taken.items()}


def show(title: str, found: dict[str, float], unit: str, aim: str) -> None:
    print(f"\n{title}")
    for name, seconds in found.items():
        print(f"  {name:<44} {1e3 * seconds:10.2f} ms   {seconds / found[unit]:8.2f} x")
    print(f"  aim: {aim}")


def sine(length: int) -> np.ndarray:
    return np.sin(0.01 * np.arange(1, length + 1)) + np.random.default_rng(0).normal(0.0, 0.2, length)


def column_loop(model: sa.AR, x: np.ndarray, horizon: int) -> np.ndarray:
    """The note's k-step matrix: history in the first columns, then one column a step."""
    lags = model.lags_
    matrix = np.zeros((len(x) - lags - horizon + 1, lags + horizon))
    for i in range(lags):
        matrix[:, i] = x[i : len(x) - lags - horizon + 1 + i]
    for i in range(lags, lags + horizon):
        matrix[:, i] = matrix[:, i - lags : i] @ model.coefficients_ + model.intercept_
    return matrix[:, lags:]


def k_step_rows() -> None:
    horizon = 64
    series = sa.Series(sine(100_000 + 604))
    x = series.numbers
    for lags in (4, 64):
        model = sa.AR(lags).fit(series[:604])
        result = sa.k_step(model, series, horizon, train=0)
        assert np.abs(result.predictions - column_loop(model, x, horizon)).max() < 1e-12, "the answers differ"
        source = result.predictions
        operator = np.ascontiguousarray(model.operator(horizon)[0].T)
        block, ready = np.ascontiguousarray(x[: 1024 * lags].reshape(1024, lags)), np.empty((1024, horizon))

        def products(
            count: int = len(source) // 1024, factors: tuple = (block, operator), out: np.ndarray = ready
        ) -> None:
            """The bare product alone: no windows gathered, no constant added, nothing written to fresh memory."""
            for _ in range(count):
                np.matmul(*factors, out=out)

        found = side_by_side(
            {
                "src.copy() of the result": lambda source=source: source.copy(),
                "stepahead k_step": lambda model=model: sa.k_step(model, series, horizon, train=0),
                "fresh memory, filled with a constant": lambda shape=source.shape: np.empty(shape).fill(1.0),
                "the bare products, nothing written down": products,
                "the note's column loop": lambda model=model: column_loop(model, x, horizon),
            },
            runs=15,
        )
        show(
            f"AR({lags}), {len(source):,} origins x {horizon} steps",
            found,
            "src.copy() of the result",
            "<= 1.5 x at 4 lags",
        )


def lstsq(x: np.ndarray, lags: int) -> np.ndarray:
    design = np.lib.stride_tricks.sliding_window_view(x[:-1], lags)
    return np.linalg.lstsq(np.column_stack([design, np.ones(len(design))]), x[lags:], rcond=None)[0]


def least_squares_rows() -> None:
    length, lags = 1_000_000, 32
    series = sa.Series(sine(length))
    fitted = sa.AR(lags).fit(series)
    difference = np.abs(fitted.coefficients_ - lstsq(series.numbers, lags)[:-1]).max()
    found = side_by_side(
        {"stepahead AR(32).fit": lambda: sa.AR(lags).fit(series), "numpy lstsq": lambda: lstsq(series.numbers, lags)},
        runs=3,
    )
    show(
        f"least squares, T = {length:,}, {lags} lags; coefficients differ by {difference:.1e}",
        found,
        "stepahead AR(32).fit",
        ">= 50 x, 1e-10",
    )

    shocks = np.random.default_rng(1).normal(size=200_000)
    hard = {"random walk summed twice": np.cumsum(np.cumsum(shocks)), "note + 1e6": sine(200_000) + 1e6}
    for name, x in hard.items():
        model = sa.AR(lags).fit(x)
        centred = x - x.mean()
        exact = lstsq(centred, lags)
        windows = np.lib.stride_tricks.sliding_window_view(centred[:-1], lags)
        # The same intercept on centred values: b + (sum of the coefficients - 1) x mean.
        shift = model.intercept_ + (model.coefficients_.sum() - 1.0) * x.mean()
        both = ((model.coefficients_, shift), (exact[:-1], exact[-1]))
        rmse = [float(np.sqrt(np.mean((centred[lags:] - windows @ w - b) ** 2))) for w, b in both]
        gap = np.abs(model.coefficients_ - exact[:-1]).max()
        way = "QR" if sa_by_qr(x, lags) else "centred moments"
        print(f"  {name}: by {way}, coefficients differ by {gap:.1e}, RMSE ratio {rmse[0] / rmse[1]:.9f}")


def sa_by_qr(x: np.ndarray, lags: int) -> bool:
    from stepahead.numerics.linear import least_squares

    return least_squares([x], lags).by_qr


def mlp_rows() -> None:
    try:
        import torch
    except ImportError:
        print('\nthe MLP beside torch: skipped, torch is not installed: pip install "stepahead[neural]"')
        return
    torch.set_num_threads(1)
    X, y = (np.ascontiguousarray(a) for a in sa.pairs(sine(604), 4))
    rng = np.random.default_rng(0)
    first, second = perceptron.start(4, 10, 1, rng)
    order = batch_order(0, 0, len(X), 5)
    tX, tY = torch.tensor(X), torch.tensor(y[:, None])

    def ours() -> np.ndarray:
        return perceptron.train(first[None], second[None], X, y[:, None], order[None], 16, 0.01)[2][0]

    def note() -> np.ndarray:
        net = torch.nn.Sequential(torch.nn.Linear(4, 10), torch.nn.ReLU(), torch.nn.Linear(10, 1)).double()
        with torch.no_grad():
            net[0].weight.copy_(torch.tensor(first[:-1].T)), net[0].bias.copy_(torch.tensor(first[-1]))
            net[2].weight.copy_(torch.tensor(second[:-1].T)), net[2].bias.copy_(torch.tensor(second[-1]))
        loss = torch.nn.MSELoss(reduction="none")
        trainer = torch.optim.Adam(net.parameters(), lr=0.01)
        after = []
        for epoch in order:
            for begin in range(0, len(epoch), 16):
                rows = torch.as_tensor(epoch[begin : begin + 16])
                trainer.zero_grad()
                loss(net(tX[rows]), tY[rows]).sum().backward()
                trainer.step()
            with torch.no_grad():
                after.append(float(loss(net(tX), tY).mean()))
        return np.array(after)

    difference = np.abs(ours() - note()).max()
    assert difference < 1e-5, "the losses differ"
    found = side_by_side({"stepahead MLP, 190 updates": ours, "the note's loop in torch, float64": note}, runs=9)
    show(f"the note's net; losses differ by {difference:.1e}", found, "stepahead MLP, 190 updates", ">= 10 x faster")


def stacked_rows() -> None:
    panel = [
        sa.Series(np.sin(0.01 * np.arange(604)) + np.random.default_rng(i).normal(0.0, 0.2, 604)) for i in range(1000)
    ]
    rows = {
        "1,000 MLPs side by side": lambda: sa.MLP(4).fit_each(panel),
        "20 of them in a loop, x 50": lambda: [sa.MLP(4).fit(series) for series in panel[:20]],
    }
    scale = {"20 of them in a loop, x 50": 50.0, "5 in a torch loop, x 200": 200.0}
    try:
        import torch

        torch.set_num_threads(1)
        net = torch.nn.Sequential(torch.nn.Linear(4, 10), torch.nn.ReLU(), torch.nn.Linear(10, 1))
        rows["5 in a torch loop, x 200"] = lambda: [sa.from_torch(net, 4).fit(series) for series in panel[:5]]
    except ImportError:
        print('\nthe torch loop: skipped, torch is not installed: pip install "stepahead[neural]"')
    found = {name: seconds * scale.get(name, 1.0) for name, seconds in side_by_side(rows, runs=3).items()}
    show("the note's net on 1,000 series", found, "1,000 MLPs side by side", ">= 50 x a torch loop")


if __name__ == "__main__":
    print(f"stepahead {sa.__version__}, numpy {np.__version__}, one thread")
    k_step_rows()
    least_squares_rows()
    mlp_rows()
    stacked_rows()

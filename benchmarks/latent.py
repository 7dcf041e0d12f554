"""Summaries of the whole past beside their limits: the Kalman filter beside its loop, a GRU beside bare torch.

    python benchmarks/latent.py

Ratios are what to read; the machine sets the milliseconds. Medians of interleaved runs, process CPU time, one thread.
"""

from __future__ import annotations

import numpy as np
from spine import show, side_by_side, sine  # first: it settles the number of threads

import stepahead as sa
from stepahead.numerics import kalman, structural


def loop(system: kalman.System, values: np.ndarray) -> np.ndarray:
    """The textbook filter, one value at a time."""
    A, C, Q = system.transition, system.reading, system.shock
    a, P, means = np.zeros(len(C)), 4.0 * np.eye(len(C)), []
    for value in values:
        spread = C @ P @ C + system.noise
        a, P = a + P @ C * (value - C @ a) / spread, P - np.outer(P @ C, C @ P) / spread
        a, P = A @ a, A @ P @ A.T + Q
        means.append(a)
    return np.array(means)


def filter_rows() -> None:
    values = sine(100_000)
    for name, parameters in (("a cycle that moves", [0.01, 0.999, 1e-4]), ("a wave that never dies", [0.01, 1.0, 0.0])):
        system = structural.system(("cycle",), np.array(parameters), 1.0, 2)

        def blocks(system: kalman.System = system) -> np.ndarray:
            return kalman.filtered(system, values, np.zeros(2), 4.0 * np.eye(2))[0][1:]

        difference = np.abs(blocks() - loop(system, values)).max()
        found = side_by_side(
            {"stepahead, in blocks": blocks, "the loop": lambda system=system: loop(system, values)}, runs=3
        )
        show(
            f"Kalman filter, {len(values):,} values, {name}; differ by {difference:.1e}",
            found,
            "stepahead, in blocks",
            ">= 20 x, 1e-10",
        )


def gru_rows() -> None:
    try:
        import torch
    except ImportError:
        print('\nthe GRU beside torch: skipped, torch is not installed: pip install "stepahead[neural]"')
        return
    torch.set_num_threads(1)
    x, horizon = sine(10_000), 64
    model = sa.GRU(32, training=sa.Training(updates=1)).fit(x[:600])
    w = {name: value[0] for name, value in model.net_.weights.items()}
    flat = [w["input_weights"].T, w["hidden_weights"].T, w["input_bias"][0], w["hidden_bias"][0]]
    flat = [part.contiguous() for part in flat]

    def bare() -> np.ndarray:
        """One pass, then 64 steps of all origins, and nothing else."""
        with torch.inference_mode():
            values = torch.as_tensor((x - model.mean_) / model.scale_, dtype=torch.float32)
            h = torch.gru(values[:, None, None], torch.zeros(1, 1, 32), flat, True, 1, 0.0, False, False, False)[0][
                :-horizon, 0
            ]
            out = []
            for _ in range(horizon):
                y = h @ w["head_weights"] + w["head_bias"]
                out.append(y)
                h = torch.gru_cell(y, h, *flat)
            return torch.cat(out, dim=1).numpy() * model.scale_ + model.mean_

    def ours() -> np.ndarray:
        return sa.k_step(model, x, horizon, train=0).predictions

    difference = np.abs(ours() - bare()).max()
    found = side_by_side({"bare torch": bare, "stepahead k_step": ours}, runs=9)
    show(f"GRU(32), {len(x):,} values, {horizon} steps; differ by {difference:.1e}", found, "bare torch", "<= 1.5 x")


def side_by_side_rows() -> None:
    try:
        import torch
    except ImportError:
        return
    torch.set_num_threads(1)
    panel = [sine(604) for _ in range(10)]
    model = sa.GRU(32, chunk=64, training=sa.Training(augment="sign", updates=40))
    found = side_by_side(
        {
            "10 GRUs side by side": lambda: model.fit_each(panel),
            "10 of them in a loop": lambda: [model.clone().fit(series) for series in panel],
        },
        runs=1,
    )
    show("GRU(32) on 10 series, 40 updates", found, "10 GRUs side by side", "the more the better")


if __name__ == "__main__":
    print(f"stepahead {sa.__version__}, numpy {np.__version__}, one thread")
    filter_rows()
    gru_rows()
    side_by_side_rows()

"""Forecasts made elsewhere, in every shape."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .data import sine

T, TRAIN, H = 60, 30, 4
DAYS = np.arange("2024-01-01", T, dtype="datetime64[D]")
X = sine(0, T)

ORIGINS = range(28, T - H + 1)


def guess(o: int, k: int) -> float:
    """Some forecast that depends on origin and step: the last value, moved on."""
    return float(X[o - 1] + 0.1 * k + 0.01 * (o % 3))


def by_hand(k: int, origins=ORIGINS) -> float:
    missed = [guess(o, k) - X[o + k - 1] for o in origins if o >= TRAIN]
    return float(np.sqrt(sum(e * e for e in missed) / len(missed)))


def nixtla() -> pd.DataFrame:
    rows = [(o, k) for o in ORIGINS for k in range(1, H + 1)]
    return pd.DataFrame(
        {
            "unique_id": "wave",
            "ds": pd.to_datetime([DAYS[o + k - 1] for o, k in rows]),
            "cutoff": pd.to_datetime([DAYS[o - 1] for o, _ in rows]),
            "y": [X[o + k - 1] for o, k in rows],
            "Ridge": [guess(o, k) for o, k in rows],
        }
    )


class DartsLike:
    def __init__(self, origin: int, values: list[float]) -> None:
        self.time_index = pd.DatetimeIndex(DAYS[origin : origin + len(values)])
        self._values = np.array(values)[:, None]

    def values(self) -> np.ndarray:
        return self._values


def ours() -> pd.DataFrame:
    rows = [(o, k) for o in ORIGINS for k in range(1, H + 1)]
    return pd.DataFrame(
        {"origin": [o for o, _ in rows], "k": [k for _, k in rows], "prediction": [guess(o, k) for o, k in rows]}
    )

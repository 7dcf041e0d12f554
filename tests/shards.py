"""A table in shards, and what a run has written."""

from __future__ import annotations

import numpy as np
import pandas as pd


def long_table(count: int = 9, length: int = 80, seed: int = 0) -> pd.DataFrame:
    """Series of several lengths; "short" cannot be scored, and neither can "hollow"."""
    rng = np.random.default_rng(seed)
    parts = []
    for index in range(count):
        size = length + 10 * (index % 3)
        parts.append(
            pd.DataFrame({"unique_id": f"s{index:03d}", "ds": np.arange(size), "y": np.cumsum(rng.normal(size=size))})
        )
    parts.append(pd.DataFrame({"unique_id": "short", "ds": [0, 1], "y": [1.0, 2.0]}))
    parts.append(pd.DataFrame({"unique_id": "hollow", "ds": np.arange(80), "y": np.full(80, np.nan)}))
    return pd.concat(parts, ignore_index=True)

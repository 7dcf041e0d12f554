"""Real series that tests read in place; a test that needs one says so and skips where it is absent."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("STEPAHEAD_DATA", ROOT.parent / "shared" / "data"))
EXAMPLES = ROOT / "examples"


def path(name: str) -> Path:
    found = FOLDER / name
    if not found.exists():
        pytest.skip(f"{name} is not here: set STEPAHEAD_DATA to a folder that has it")
    return found


def sine(seed: int, length: int = 1000) -> np.ndarray:
    """The note's series by its own formula, written out once more: no test checks the simulator against itself."""
    return np.sin(0.01 * np.arange(1, length + 1)) + np.random.default_rng(seed).normal(0.0, 0.2, length)

"""How much memory an evaluation of a million values takes, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

MOST = (3 * 8e6 + 200e6) / 2**20
"""Megabytes: three times the values, and 200 MB."""
PROGRAM = """
import numpy as np, stepahead as sa
def peak(): return next(int(line.split()[1]) for line in open('/proc/self/status') if line.startswith('VmHWM'))
x = np.random.default_rng(0).normal(size=1000); sa.evaluate(sa.AR(24), x, 24)
before = peak()
x = np.random.default_rng(0).normal(size=10**6)
sa.evaluate(sa.AR(24), x, 24, steps=[1, 4, 24]).by_step()
print(peak() - before)
"""


def megabytes() -> float:
    """The peak above what imports and a small evaluation took."""
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=one_thread, capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024.0

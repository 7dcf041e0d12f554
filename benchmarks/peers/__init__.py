"""The same jobs by stepahead and by its peers, side by side: those that are installed, one thread.

    python -m benchmarks.peers
    python -m benchmarks.peers --only darts,statsmodels --json darts.json
    python -m benchmarks.peers --merge darts.json tables.json

Peers that want different versions of something live in environments of their own; `--json` keeps what each run found
and `--merge` makes one table of it. Ratios are what to read, each beside the row that ran in the same process.
"""

import os

# Before anything loads numpy: its BLAS counts its threads once.
for variable in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
):
    os.environ[variable] = "1"

"""Write the model files of this release, and the forecasts that every later release has to read out of them.

    python -m tests.golden.make

makes a folder named after the release: a file for each model of tests/cases.py that can be saved, and forecasts.json.
What is there is never written over: a release that is out does not change. Delete the folder of a release that is not
out yet.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

import stepahead as sa

from ..cases import AS_PRINTED, CASES, Case

HERE = Path(__file__).parent
LENGTH, TRAIN, HORIZON = 90, 60, 6
ORIGINS = (75, 90)


def module() -> Any:
    """The torch module that the file of a ``from_torch`` model comes back into."""
    import torch

    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))


def is_kept(name: str) -> bool:
    """Whether a release has a file of this case."""
    return CASES[name].savable and CASES[name].module is None and name not in AS_PRINTED


def cases() -> dict[str, tuple[Case, Any]]:
    """{name: (case, a fitted model)} of all that can be saved."""
    from_torch = Case(
        lambda: sa.from_torch(module(), lags=4, training=sa.Training(epochs=1)), CASES["MLP"].literal, tolerance=2e-5
    )
    listed = {**{name: case for name, case in CASES.items() if is_kept(name)}, "from_torch": from_torch}
    return {name: (case, case.make().fit(series(case)[:TRAIN])) for name, case in listed.items()}


def series(case: Case) -> sa.Series:
    """What models are fitted on, and forecast: rounded, so that it is the same on every machine."""
    found = case.series(LENGTH)
    return found if case.symbols else sa.Series(np.round(found.values, 6))


def forecasts(case: Case, model: Any) -> list[list[Any]]:
    """From two origins the next steps."""
    return [model.forecast(series(case), HORIZON, origin=origin).tolist() for origin in ORIGINS]


def file_name(name: str) -> str:
    """Of the file that holds a case."""
    return name.lower().replace(" ", "-") + ".safetensors"


def main() -> int:
    """Write the folder of this release."""
    folder = HERE / sa.__version__
    if folder.exists():
        print(f"{folder} is there already: a release does not change", file=sys.stderr)
        return 1
    folder.mkdir()
    known = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, (case, model) in cases().items():
            model.save(folder / file_name(name))
            known[name] = {"model": repr(model), "forecasts": forecasts(case, model)}
    (folder / "forecasts.json").write_text(json.dumps(known, indent=1, allow_nan=False) + "\n")
    total = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{len(known)} models, {total:,} bytes in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

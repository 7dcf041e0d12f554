"""What is typed: which peers, and where the numbers go."""

from __future__ import annotations

import argparse
import json
import platform
import warnings
from pathlib import Path
from typing import Any

import stepahead as sa

from . import every_origin, installs, nets, panels
from .tables import Contender, Found, measured, merged, show, version

PEERS = ("darts", "skforecast", "mlforecast", "statsforecast", "neuralforecast", "statsmodels")
ALSO = ("numpy", "scipy", "pandas", "scikit-learn", "torch", "pytorch-lightning")
GROUPS = {"every-origin": every_origin.tables, "nets": nets.tables, "panels": panels.tables}
INSTALL = "install"
LIMITS = (
    # what is held against, the table it is in, who has to take longer, than whom, and how many times
    (
        "AR from every origin beside Darts",
        "AR(4), 10,000",
        "Darts historical_forecasts, recursive",
        "stepahead k_step",
        1.0,
    ),
    (
        "GRU from every origin beside Darts",
        "GRU(32), 10,000",
        "Darts RNNModel historical_forecasts",
        "stepahead k_step",
        10.0,
    ),
    ("the note's net beside neuralforecast", "the note's net", "neuralforecast MLP", "stepahead MLP", 50.0),
)


def main(arguments: list[str] | None = None) -> None:
    """Run what is asked for, or merge what was run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--only", help="these peers alone, by their packages: darts,statsmodels")
    parser.add_argument("--tables", default=",".join((*GROUPS, INSTALL)), help="these tables alone: %(default)s")
    parser.add_argument("--json", type=Path, help="keep what was found here")
    parser.add_argument("--merge", type=Path, nargs="+", help="measure nothing: one table of these")
    asked = parser.parse_args(arguments)
    if asked.merge:
        parts = [json.loads(path.read_text()) for path in asked.merge]
        for part in parts:
            print("; ".join(f"{name} {found}" for name, found in part["versions"].items()))
        report(merged([part["found"] for part in parts]))
        return
    warnings.simplefilter("ignore")
    wanted = set(PEERS if asked.only is None else asked.only.split(","))
    if unknown := wanted - set(PEERS):
        parser.error(f"--only knows {', '.join(PEERS)}; found {', '.join(sorted(unknown))}")
    here = {name: str(version(name)) for name in (*PEERS, *ALSO) if version(name) is not None}
    here = {"stepahead": sa.__version__, "python": platform.python_version(), **here}
    print("; ".join(f"{name} {found}" for name, found in here.items()) + "; one thread")
    print("\nfirst the answers:")

    def takes_part(contender: Contender) -> bool:
        return all(package in wanted or package not in PEERS for package in contender.needs)

    chosen = [table for name, make in GROUPS.items() if name in asked.tables.split(",") for table in make()]
    found: Found = {table.title: measured(table, takes_part, print) for table in chosen}
    if INSTALL in asked.tables.split(","):
        found[INSTALL] = installs.measured()
    if asked.json is not None:
        asked.json.write_text(json.dumps({"versions": here, "found": found}, indent=1))
    report(found)


def report(found: Found) -> None:
    """Print every table, and the limits that were to be held."""
    units = {name: rows for name, rows in found.items() if name != INSTALL}
    for title, rows in units.items():
        show(title, rows)
    if INSTALL in found:
        installs.show(found[INSTALL])
    print("\nlimits")
    for text, begins, slow, fast, times in LIMITS:
        rows: dict[str, Any] = next((rows for title, rows in units.items() if title.startswith(begins)), {})
        if "ratio" not in rows.get(slow, {}) or "ratio" not in rows.get(fast, {}):
            print(f"  {text}: not measured")
            continue
        ratio = rows[slow]["ratio"] / rows[fast]["ratio"]
        print(f"  {text}: {ratio:,.1f} times faster, wanted {times:g}: {'met' if ratio >= times else 'missed'}")


if __name__ == "__main__":
    main()

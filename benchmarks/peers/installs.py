"""What an install takes on the disk, and an import in a fresh process."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import resource
import statistics
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .tables import Row, version

IMPORTS = 5
WHAT = {
    "numpy": "import numpy",
    "stepahead": "import stepahead",
    "stepahead[neural]": "import stepahead, torch",
    "statsmodels": "from statsmodels.tsa.ar_model import AutoReg",
    "skforecast": "from skforecast.recursive import ForecasterRecursive",
    "mlforecast": "from mlforecast import MLForecast",
    "statsforecast": "from statsforecast import StatsForecast",
    "darts": "from darts.models import LinearRegressionModel",
    "darts[torch]": "from darts.models import RNNModel",
    "neuralforecast": "from neuralforecast import NeuralForecast",
}


def needed(what: str) -> set[str]:
    """The names of a distribution and of all that it requires, here and now."""
    found: dict[str, set[str]] = {}
    waiting = [Requirement(what)]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        new = {"", *wanted.extras} - found.get(name, set())
        if not new or version(name) is None:
            continue
        found.setdefault(name, set()).update(new)
        for line in importlib.metadata.requires(name) or ():
            more = Requirement(line)
            if any(more.marker is None or more.marker.evaluate({"extra": extra}) for extra in new):
                waiting.append(more)
    return set(found)


def size(name: str) -> int:
    """Bytes of the files that a distribution put here; of one that is installed to be edited, of its folder."""
    files = importlib.metadata.distribution(name).files or ()
    direct = importlib.metadata.distribution(name).read_text("direct_url.json")
    if direct is not None and json.loads(direct).get("dir_info", {}).get("editable"):
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        return sum(path.stat().st_size for path in Path(spec.origin).parent.rglob("*") if path.is_file())
    paths = (Path(str(file.locate())) for file in files)
    return sum(path.stat().st_size for path in paths if path.is_file())


def import_seconds(statement: str) -> float:
    """CPU seconds of a fresh process that does nothing else, the median of five; threads of its own count."""
    taken = []
    for _ in range(IMPORTS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-W", "ignore", "-c", statement], check=True, capture_output=True)  # noqa: S603
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(taken)


def measured() -> dict[str, Row]:
    """MB, packages and import seconds, less a bare interpreter's, of whatever is installed."""
    bare, rows = import_seconds("pass"), dict[str, Row]()
    for what, statement in WHAT.items():
        names = needed(what)
        lacks = what.endswith("]") and version("torch") is None
        if not names or lacks:
            rows[what] = {"absent": [what]}
            continue
        megabytes = sum(map(size, names)) / 1e6
        rows[what] = {"megabytes": megabytes, "packages": len(names), "import": import_seconds(statement) - bare}
    return rows


def show(rows: dict[str, Row]) -> None:
    """Print the table."""
    print("\nwhat an install takes with all that it requires, and an import in a fresh process")
    for name, row in rows.items():
        if "import" in row:
            print(f"  {name:<24} {row['megabytes']:8,.0f} MB {row['packages']:4} packages {row['import']:8.2f} s")
    absent = [name for name, row in rows.items() if "absent" in row]
    if absent:
        print(f"  not installed: {', '.join(absent)}")

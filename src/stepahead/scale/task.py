"""The task of a worker on one shard: read, score, write. The result is complete or absent,
so that a task can be repeated.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ..errors import InputError, StepaheadError, shown
from ..files import remove, write_whole
from .arrow import ids_of, pyarrow, score_series, scores_of, series_of, statuses_of
from .documents import canonical
from .shards import parquet_bytes
from .specs import Spec

SCORES, STATUS = "scores", "status"
"""Folders of the results: a row for each (series, model, k), and a row for each series."""
FACTS = "stepahead"


def score_shard(shards: str, file: str, sha256: str, out: str, spec: str, categories: list[str] | None) -> str:
    """Score the series of one shard into `out`; returns "", or the reason why there is no result.

    Scores are written first and statuses last: a shard is done when its statuses are written.

    Parameters
    ----------
    shards, file, sha256 : the folder, the file in it, and the expected hash of the file.
    spec : the text of a Spec. categories : all symbols of a panel.
    """
    try:
        asked = Spec.read(json.loads(spec))
        table = read_shard(Path(shards) / file, sha256)
        scores = score_series(series_of(table, asked, categories), asked)
        facts = {FACTS: canonical({"spec": asked.hash, "shard": sha256, "notes": dict(scores._counted_notes)})}
        write_whole(Path(out) / SCORES / file, parquet_bytes(scores_of(scores), facts))
        write_whole(Path(out) / STATUS / file, parquet_bytes(statuses_of(scores.status), facts))
    except (StepaheadError, MemoryError) as error:
        return str(error) or type(error).__name__
    return ""


def read_shard(path: Path, sha256: str) -> Any:
    """The rows of a shard, checked against the hash in the manifest."""
    pa = pyarrow()
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {shown(str(path))}: {error.strerror}", code="file", path=str(path)) from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise InputError(
            f"{shown(path.name)} is damaged: its SHA-256 is not that of the manifest", code="checksum", path=str(path)
        )
    try:
        return pa.parquet.read_table(pa.BufferReader(content), read_dictionary=["unique_id"])
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{shown(path.name)} cannot be read: {shown(str(error))}", code="parquet", path=str(path)
        ) from None


def finished(out: Path, file: str, spec_hash: str, sha256: str) -> bool:
    """Whether the results of a shard exist, of this spec and these rows."""
    return all(
        {"spec": spec_hash, "shard": sha256}.items() <= facts_of(out / folder / file).items()
        for folder in (SCORES, STATUS)
    )


def facts_of(path: Path) -> dict[str, Any]:
    """The facts in the header of a result; {} if there is no readable result."""
    try:
        found = json.loads(_header(path)[FACTS.encode()])
    except (KeyError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def is_foreign(path: Path) -> bool:
    """Whether a file is a valid Parquet file, but not a result of a run."""
    header = _header(path)
    return bool(header) and FACTS.encode() not in header


def _header(path: Path) -> dict[bytes, bytes]:
    """The facts in the header of a Parquet file, with at least its rows; {} if it cannot be read."""
    pa = pyarrow()
    try:
        found = pa.parquet.read_metadata(path)
    except (pa.ArrowException, OSError, ValueError):
        return {}
    return {b"rows": str(found.num_rows).encode(), **(found.metadata or {})}


def read_status(out: Path, file: str) -> tuple[dict[str, str], dict[str, int]]:
    """The status of each series of a shard, and the notes with their counts."""
    pa = pyarrow()
    table = pa.parquet.read_table(out / STATUS / file)
    found = dict(zip(table.column("series").to_pylist(), table.column("status").to_pylist(), strict=True))
    return found, dict(facts_of(out / STATUS / file).get("notes", {}))


def write_off(shards: Path, file: str, out: Path, why: str) -> None:
    """Write the status of the series of a shard without a result, where their names can be read;
    the next run tries again.
    """
    for folder in (SCORES, STATUS):
        remove(out / folder / file)
    pa = pyarrow()
    try:
        names = ids_of(pa.parquet.read_table(shards / file, columns=["unique_id"], read_dictionary=["unique_id"]))[0]
    except (pa.ArrowException, OSError, ValueError):
        return
    write_whole(out / STATUS / file, parquet_bytes(statuses_of(dict.fromkeys(names, why)), {FACTS: "{}"}))

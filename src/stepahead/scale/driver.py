"""`run`: a spec over a folder of shards, by any engine, resumed where it stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InputError, OutputError, note, shown
from ..files import check_output, inputs, make_folder, remove
from ..parameters import real, refuse, whole
from . import documents, engines
from .engines import Engine, Lost
from .locks import locked
from .shards import MANIFEST, Manifest, check_whole, is_shard, read_manifest
from .specs import Spec
from .task import SCORES, STATUS, facts_of, finished, is_foreign, read_status, score_shard, write_off

SUMMARY, SPEC = "summary.json", "spec.json"
ENGINES = ("serial", "process", "ray")
NAMED = 20
"""The number of failed series that a summary names; all are in the status files."""


@dataclass(frozen=True, repr=False)
class Summary:
    """The summary of a run.

    Attributes
    ----------
    out : the folder of the results: scores/*.parquet, status/*.parquet, summary.json, spec.json.
    shards : {file: "done", "there before", or the reason why it has no result}.
    scored, failed : how many series have scores, and how many have none.
    failures : the first series without scores, {name: why}.
    notes : {text: number of series}.
    """

    out: Path
    spec: str
    shards: dict[str, str]
    scored: int
    failed: int
    failures: dict[str, str] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)

    @property
    def lost(self) -> dict[str, str]:
        """The shards without a result, {file: why}."""
        return {file: why for file, why in self.shards.items() if why not in ("done", "there before")}

    def document(self) -> dict[str, Any]:
        """The summary as plain data."""
        return {
            "schema": 1,
            "command": "run",
            "spec": self.spec,
            "out": str(self.out),
            "shards": self.shards,
            "series": {"scored": self.scored, "failed": self.failed},
            "failures": self.failures,
            "notes": self.notes,
        }

    def __repr__(self) -> str:
        before, made = (list(self.shards.values()).count(word) for word in ("there before", "done"))
        lines = [
            f"shards  {made + before} of {len(self.shards)} done" + (f", {before} of them before" if before else ""),
            f"series  {self.scored:,} scored, {self.failed:,} not",
        ]
        lines += [f"  {file}: {why}" for file, why in list(self.lost.items())[:NAMED]]
        lines += [f"  {shown(name)}: {why}" for name, why in self.failures.items()]
        lines += [
            f"note of {count:,} series: {text}" for text, count in sorted(self.notes.items(), key=lambda n: -n[1])[:5]
        ]
        return "\n".join(
            [*lines, f"scores are in {self.out / SCORES}, a status for each series in {self.out / STATUS}"]
        )


def run(
    spec: Any,
    shards: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    engine: str | Executor = "process",
    workers: int | None = None,
    address: str | None = None,
    gpus: float = 0.0,
    progress: Callable[[str, int, int], None] | None = None,
) -> Summary:
    """Score every series of a folder of shards, each by itself; shards that are done are skipped.

    >>> import pathlib, tempfile
    >>> import pandas as pd
    >>> import stepahead as sa
    >>> x = sa.datasets.noisy_sine(length=200, seed=0).values
    >>> frame = pd.DataFrame({"unique_id": ["a"] * 200 + ["b"], "ds": [*range(200), 0], "y": [*x, 1.0]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = sa.scale.shard(frame, pathlib.Path(folder, "shards"), shards=2)
    ...     spec = {"models": ["ar"], "lags": 4, "horizon": 8}
    ...     summary = run(spec, pathlib.Path(folder, "shards"), pathlib.Path(folder, "out"), engine="serial")
    >>> summary.scored, summary.failed, list(summary.shards.values())
    (1, 1, ['done', 'done'])
    >>> summary.failures
    {'b': 'the series is too short: train=0 and horizon=8 needs 8 values, found 1'}

    Parameters
    ----------
    spec : a dict with "models" and "horizon" (see ``scale.Spec``), the path of a JSON file, or ``Spec.of(models, ..)``.
    shards : a folder that ``shard`` made.
    out : the folder of the results. They are Parquet files, one for each shard: a row for each (series, model, k) in
        scores/, a row for each series in status/. A shard that has results of the same spec and rows is
        skipped.
    engine : "process" (processes of this machine), "serial" (this one), "ray", or your own
        ``concurrent.futures.Executor``.
    workers : number of workers, by default the number of cores.
    address : of a Ray cluster. gpus : that each task takes there.
    progress : called with ("shards", shards done, shards in all).

    Raises
    ------
    InputError : no series has scores; the folder holds no shards, or a series is split among them.
    OutputError : another run is writing to `out`.
    MissingExtraError : pyarrow or ray is not installed.
    """
    asked, source, target = Spec.read(spec), Path(shards), Path(out)
    chosen = _engine(engine, workers, address, gpus)
    manifest = read_manifest(source)
    read = [source, source / MANIFEST, *(source / one.file for one in manifest.shards)]
    given = [spec] if isinstance(spec, (str, os.PathLike)) else []
    with inputs(*read, *given), _in_folder(target, asked, manifest):
        check_whole(source, manifest)
        for folder in (SCORES, STATUS):
            make_folder(target / folder)
        if not _is_kept(target, asked):
            documents.write_json(target / SPEC, asked.document())
        outcomes = _done(asked, source, target, manifest, chosen, progress)
        summary = _summed_up(target, asked, manifest, outcomes)
        documents.write_json(target / SUMMARY, summary.document())
    if not summary.scored:
        why = next(iter({**summary.lost, **summary.failures}.values()), "there is none")
        raise InputError(f"none of {summary.failed:,} series has scores; {why}", code="panel", found=0)
    return summary


@contextmanager
def _in_folder(target: Path, asked: Spec, manifest: Manifest) -> Iterator[None]:
    """Lock the folder of the results, after all checks."""
    _check_free(target, asked, manifest)
    with locked(target):
        yield


def _check_free(target: Path, asked: Spec, manifest: Manifest) -> None:
    """Refuse a folder in which a file that is not a result of a run would be overwritten."""
    results = {target / folder / one.file for one in manifest.shards for folder in (SCORES, STATUS)}
    results |= {
        path for folder in (SCORES, STATUS) for path in (target / folder).glob("*.parquet") if is_shard(path.name)
    }
    facts = [target / SUMMARY] if _is_kept(target, asked) else [target / SUMMARY, target / SPEC]
    for path in [*facts, *sorted(results)]:
        if path.exists() or path.is_symlink():
            check_output(path)
        if path in results and is_foreign(path):
            raise OutputError(
                f"{shown(str(path))} is not a result of a run: name another folder", code="exists", path=str(path)
            )


def _is_kept(target: Path, asked: Spec) -> bool:
    """Whether the folder holds this spec: a run resumed with it leaves the file unchanged."""
    path = target / SPEC
    return path.is_file() and path.read_bytes() == documents.json_bytes(asked.document())


def _engine(engine: str | Executor, workers: int | None, address: str | None, gpus: float) -> Engine:
    count = None if workers is None else whole("workers", workers)
    real("gpus", gpus, least=0.0)
    if engine != "ray" and (address is not None or gpus):
        raise refuse("engine", engine, '"ray" where address or gpus is given')
    if isinstance(engine, Executor):
        return engines.executor(engine, count)
    if engine == "serial":
        return engines.serial
    if engine == "process":
        return engines.processes(count)
    if engine == "ray":
        from .on_ray import ray_tasks

        return ray_tasks(count, address, gpus)
    raise refuse("engine", engine, f"one of {', '.join(ENGINES)}, or a concurrent.futures.Executor")


def _done(
    asked: Spec,
    source: Path,
    target: Path,
    manifest: Manifest,
    engine: Engine,
    progress: Callable[[str, int, int], None] | None,
) -> dict[str, str]:
    """{file: outcome}, after the engine has scored all shards without results."""
    files = {one.file for one in manifest.shards}
    for folder in (SCORES, STATUS):
        for stray in (target / folder).glob("*.parquet"):
            if is_shard(stray.name) and stray.name not in files:
                remove(stray)  # results of shards that are no longer there
    there = {one.file for one in manifest.shards if finished(target, one.file, asked.hash, one.sha256)}
    rest = [one for one in manifest.shards if one.file not in there]
    others = {facts_of(target / SCORES / one.file).get("spec", asked.hash) for one in rest} - {asked.hash}
    if others:
        note(f"{shown(str(target))} held results of another spec, or of another release: they are computed again")
    for one in rest:
        remove(target / STATUS / one.file)  # of another spec: it must not count as a result of this one
        remove(target / SCORES / one.file)
    outcomes = dict.fromkeys(there, "there before")
    categories = None if manifest.categories is None else list(manifest.categories)
    calls = [(str(source), one.file, one.sha256, str(target), asked.text, categories) for one in rest]
    if progress is not None:
        progress("shards", len(there), len(files))
    for index, found in engine(score_shard, calls) if calls else ():
        file = rest[index].file
        outcomes[file] = found or "done"
        if found:
            write_off(source, file, target, str(found))
        if progress is not None:
            progress("shards", len(outcomes), len(files))
    return {one.file: outcomes.get(one.file, Lost("it was not started")) for one in manifest.shards}


def _summed_up(target: Path, asked: Spec, manifest: Manifest, outcomes: dict[str, str]) -> Summary:
    scored = failed = 0
    failures: dict[str, str] = {}
    notes: dict[str, int] = {}
    for one in manifest.shards:
        if outcomes[one.file] not in ("done", "there before"):
            failed += one.series
            continue
        status, found = read_status(target, one.file)
        aside = {name: why for name, why in status.items() if why != "ok"}
        scored, failed = scored + len(status) - len(aside), failed + len(aside)
        failures |= dict(list(aside.items())[: NAMED - len(failures)])
        for text, count in found.items():
            notes[text] = notes.get(text, 0) + count
    return Summary(target, asked.hash, outcomes, scored, failed, failures, notes)

"""Results as JSON and CSV, for the command line: data that other programs read."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .. import times as clock
from ..distribution_rows import described, level_told
from ..errors import InputError, StepaheadError, cut, note
from ..evaluation.ahead import UNTOLD, forecast
from ..evaluation.audit import Audit
from ..evaluation.comparison import Comparison
from ..evaluation.evaluate import evaluate
from ..evaluation.forecasts import Forecast
from ..evaluation.held import pinball
from ..evaluation.kstep import KStep
from ..files import check_output, make_folder, write_whole
from ..models.menu import word_of
from ..quantiles import Quantiles
from ..series import Panel, Series
from ..walk import name_of
from ..windows import FURTHEST, default_horizon
from .chinese import in_language
from .page.wording import WORDING

SCHEMA, MANY = 1, 2000
"""Of the JSON; and the series above which an evaluation keeps errors alone: the forecasts of all take hours."""


def steps_ahead(given: int | None, parts: Sequence[Series], language: str = "en") -> int:
    """The horizon asked for; where none is, that of the length of the series, which is noted."""
    if given is not None:
        return given
    found = default_horizon([len(part) for part in parts])
    median, many = f"{sorted(map(len, parts))[len(parts) // 2]:,}", len(parts)
    if language == "zh":
        of = f"{many} 个序列长度的中位数 {median} " if many > 1 else f"{median} 个值"
        note(f"至多提前 {found} 步（--horizon）：{FURTHEST} 与 {of}的十分之一中较小者")
    else:
        of = f"{median} values" + (f", the median length of {many} series" if many > 1 else "")
        steps = "step" if found == 1 else "steps"
        note(f"up to {found} {steps} (--horizon): the smaller of {FURTHEST} and a tenth of {of}")
    return found


def of_many(count: int, language: str = "en") -> dict[str, Any]:
    """How more than some thousand series are evaluated: a fit each, and nothing kept but the errors; noted."""
    if count <= MANY:
        return {}
    note(
        f"{count:,} 个序列：每个模型对每个序列单独拟合，只保留误差"
        if language == "zh"
        else f"{count:,} series: each model is fitted to each series by itself, and errors alone are kept"
    )
    return {"fit": "each", "keep": "scores"}


def evaluation_json(result: Comparison, notes: Iterable[str] = (), language: str = "en") -> str:
    """One object: what was done, and every reading by step of every model; null where a reading has no value."""
    first = next(iter(result.values()))
    panel = first._panel
    columns, width = result._columns(), len(first.steps)
    readings = {key: values for key, values in columns.items() if key not in ("model", "k", "n")}
    by_model = {
        name: {key: _numbers(values[at * width : (at + 1) * width]) for key, values in readings.items()}
        for at, name in enumerate(result)
    }
    answer = result.answer
    floor = result.by_step().get("noise floor")
    series: Any = [_described(part) for part in panel] if result.status else _described(panel[0])
    return _dumped(
        {
            "schema": SCHEMA,
            "command": "evaluate",
            "series": series,
            "columns": _beside(panel[0]),
            "status": result.status,
            "train": list(first.start) if result.status else first.start[0],
            "horizon": result.horizon,
            "origins": len(first.origins),
            "stride": first._stride,
            "steps": first.steps.tolist(),
            "n": first.n().tolist(),
            "fits": {name: found.fits.to_dict(WORDING[language]) for name, found in result.items()},
            "models": by_model,
            "intervals": {name: _own(found) for name, found in result.items() if found._distribution is not None},
            "season": list(result._seasons.periods),
            "season_found": str(result._seasons),
            "baselines": result.baselines,
            "answer": None if answer is None else _plain(answer.to_dict(language)),
            "noise_floor": None if floor is None else _numbers(floor),
            "notes": [in_language(text, language) for text in dict.fromkeys([*result.notes, *notes])],
        }
    )


def _own(result: KStep) -> dict[str, Any]:
    """What the distribution that the forecasts of a model came with is worth by step, and what it is made of."""
    own = result._distribution
    if own is None:
        return {}
    level, (kind, count) = level_told(own), described(own)
    found: dict[str, Any] = {"method": "model", "made_of": kind, "count": count, "level": level}
    if level is not None:
        found["coverage"], found["width"] = map(_numbers, result._held(level, "model"))
    levels = own.levels.tolist() if isinstance(own, Quantiles) else []
    found["pinball"] = {f"{one:.12g}": _numbers(pinball(result, one, "model")) for one in levels}
    try:
        found["crps"] = _numbers(result.crps())
    except InputError as error:  # too few quantiles for one
        found["crps"], found["no_crps"] = None, str(error)
    return found


def _described(series: Series) -> dict[str, Any]:
    return {"name": series.name, "length": len(series), "first": series.when(0), "last": series.when(-1)}


def _beside(series: Series | None) -> list[dict[str, str]]:
    """The name and kind of each column beside the values."""
    return [] if series is None or series.beside is None else series.beside.facts()


def _numbers(values: Iterable[float]) -> list[float | None]:
    return [float(value) if math.isfinite(value) else None for value in values]


def _plain(value: Any) -> Any:
    """The same with null for what is no finite number."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(part) for part in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value


def _dumped(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def evaluation_csv(result: Comparison) -> str:
    """A row a model and step: n and every reading; empty where a reading has no value."""
    columns = result._columns()
    rows = zip(*[_cells(values) for values in columns.values()], strict=True)
    return _written(list(columns), rows)


def _cells(values: Any) -> list[Any]:
    """A column for a CSV file: numbers as they are, empty where there is none."""
    listed = values.tolist() if isinstance(values, np.ndarray) else values
    return [("" if math.isnan(cell) else repr(cell)) if isinstance(cell, float) else cell for cell in listed]


def forecasts(
    models: Mapping[str, Any], series: Series | Panel, horizon: int, level: float | None = None
) -> tuple[list[str], list[list[Any]], dict[str, str]]:
    """What each fitted model says of the next steps: the head, a row a step, and of a panel the status of each series.

    With a `level`, each forecast has the ends of its interval beside it.
    """
    many = isinstance(series, Panel)
    made: dict[str, Mapping[str, Forecast]] = {}
    status: dict[str, str] = {}
    for key, model in models.items():
        if isinstance(series, Panel):
            found = forecast(model, series, horizon, level)
            made[key] = found
            status |= {name: why for name, why in found.status.items() if why != "ok" or name not in status}
        else:
            made[key] = {"": forecast(model, series, horizon, level)}
    head = [*(["series"] if many else []), "k", "time"]
    head += [name + end for name in models for end in ("", *(() if level is None else (" low", " high")))]
    rows: list[list[Any]] = []
    for name, first in next(iter(made.values())).items():
        if status.get(name, "ok") != "ok":
            continue
        columns = [
            column.tolist()
            for found in made.values()
            for column in (found[name].values, found[name].low, found[name].high)
            if column is not None
        ]
        for k, when in enumerate(_when(first)):
            rows.append([*([name] if many else []), k + 1, when, *[column[k] for column in columns]])
    if not rows:
        raise InputError(
            f"no series has a forecast; {next(why for why in status.values() if why != 'ok')}", code="panel", found=0
        )
    return head, rows, status


def offer(named: Mapping[str, Any], series: Series | Panel, horizon: int, language: str = "en") -> None:
    """Note which baseline is the best where none of these models is shown to be better than all of them.

    They are evaluated as always, on the last two fifths. What is too short for that has no note.
    """
    try:
        found = evaluate(dict(named), series, horizon)
    except StepaheadError:
        return
    answer = found.answer
    if answer is None or answer.kind == "trusted":
        return
    names = np.array(answer.judgement.baselines)[answer.judgement.best]
    best = max(dict.fromkeys(names), key=lambda name: int((names == name).sum()))
    word = word_of(found[best].model)
    typed = "" if word is None else f" --models {word}"
    if language == "zh":
        note(f"留出的部分没有显示哪个模型比所有基线都好；最好的基线是 {best}{'：' if typed else ''}{typed.strip()}")
    else:
        offered = f": type{typed} for its forecast" if typed else ""
        note(f"the held-out part does not show that a model is better than every baseline; the best is {best}{offered}")


def _when(found: Forecast) -> list[str]:
    """The time of each step as text, in its zone; why it cannot be told; nothing where the series has no times."""
    if found.times is not None:
        return [clock.stamp(when, found.zone) for when in found.times]
    untold = next((text.partition(": ")[2] for text in found.notes if text.startswith(UNTOLD)), "")
    return [f"unknown: {cut(untold, 60)}" if untold else ""] * len(found)


def forecast_csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """The forecasts, a row a step."""
    return _written(head, [[repr(cell) if isinstance(cell, float) else cell for cell in row] for row in rows])


def forecast_json(
    head: Sequence[str],
    rows: Iterable[Sequence[Any]],
    status: Mapping[str, str],
    notes: Iterable[str] = (),
    series: Series | None = None,
) -> str:
    """The forecasts as one object, with the columns of the series; an end that is infinite is null, and noted."""
    finite = ([None if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in row] for row in rows)
    listed = [dict(zip(head, row, strict=True)) for row in finite]
    document = {
        "schema": SCHEMA,
        "command": "forecast",
        "status": dict(status),
        "columns": _beside(series),
        "forecasts": listed,
        "notes": list(notes),
    }
    return _dumped(document)


def audit_json(verdict: Audit, horizon: int, train: float | int, notes: Iterable[str]) -> str:
    """The verdict of an audit as one object."""
    head = {
        "schema": SCHEMA,
        "command": "audit",
        "model": verdict.model,
        "verdict": verdict.verdict,
        "causal": verdict.causal,
    }
    return _dumped({**head, "horizon": horizon, "train": train, **dataclasses.asdict(verdict), "notes": list(notes)})


def _written(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    quoted = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in [head, *rows]:
        safe = [safe_cell(cell) if isinstance(cell, str) and not _is_number(cell) else cell for cell in row]
        # To Python before 3.13 a lone carriage return is no reason for quotes; to whoever reads the file it ends the
        # row.
        returns = any(isinstance(cell, str) and "\r" in cell for cell in safe)
        (quoted if returns else table).writerow(safe)
    return text.getvalue()


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|-?inf", text))


def safe_cell(text: str) -> str:
    """A text cell that a spreadsheet will not run."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\0") else text


def write_evaluation(result: Comparison, out: Path, language: str = "en") -> Iterable[Path]:
    """The errors by step as CSV, and for numbers the figure, in a folder; yields each path."""
    table, figure = out / "error-by-k.csv", out / "error-by-k.png"
    make_folder(out)
    for path in (table, figure):
        check_output(path)
    write_whole(table, evaluation_csv(result).encode(errors="backslashreplace"))
    yield table
    if not next(iter(result.values()))._is_symbolic:
        from . import figures

        figures.save(result.plot(language=language), figure)
        yield figure


def save_models(result: Comparison, out: Path) -> Iterable[Path]:
    """The fitted models, one file each, named after the model; yields each path."""
    from .. import storage

    make_folder(out)
    models: dict[Path, Any] = {}
    for name, found in result.items():
        plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower() or name_of(found.model).lower()
        while (path := out / f"{plain}.safetensors") in models:
            plain += "-"
        check_output(path)
        models[path] = found.model
    for path, model in models.items():
        storage.save(model, path)
        yield path

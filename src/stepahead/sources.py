"""What a command reads: FILE or --data with the columns beside the values, their zone, and those taken as foreseen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from .datasets import named
from .errors import InputError, ParameterError, cut
from .parameters import refuse
from .reading import read, read_panel
from .series import Panel, Series

UNSAID = {
    "file": None,
    "value": None,
    "time": None,
    "id": None,
    "encoding": "utf-8",
    "decimal": ".",
    "known": None,
    "past": None,
}
"""What a series that comes with the package says itself, and what an option is where it was not typed."""


def source(
    file: Path | None,
    data: str | None,
    id_: str | None,
    value: str | None,
    time: str | None,
    missing: str | None,
    zone: str | None,
    foresee: str | None,
    **how: Any,
) -> Series | Panel:
    """What FILE or --data names: the one place where a command reads its source."""
    how["calendar"] = how["calendar"] or ()
    if foresee is not None and data is None and not how["past"]:
        raise refuse("foresee", foresee, "left out without --past, which names the columns that are measured")
    if data is not None:
        given = {"file": file, "value": value, "time": time, "id": id_, **how}
        for name, unsaid in UNSAID.items():
            if given[name] != unsaid:
                raise refuse(name, str(given[name]), f"left out beside --data {cut(data, 40)}, which has its own")
        found: Series | Panel = named(data, missing, how["every"], how["calendar"])
    elif file is None:
        raise ParameterError(
            "there is no FILE: type its path, or --data NAME, from `stepahead datasets`", code="parameter", name="file"
        )
    elif id_ is None:
        found = read(file, value, time, missing=missing or "raise", **how)
    else:
        found = read_panel(file, value or "y", time, id_, missing=missing or "raise", **how)
    seen = () if foresee is None else tuple(dict.fromkeys(part.strip() for part in foresee.split(",")))
    if zone is not None:
        found = _each(found, lambda series: Series(series, zone=zone))
    for name in seen:
        _check_past(name, found if isinstance(found, Series) else found[0])
        found = _each(found, partial(Series.foreseen, name=name))
    return found


def _check_past(name: str, series: Series) -> None:
    if name not in series.past.asked():
        listed = ", ".join(series.past.asked())
        raise refuse("foresee", name, f"one of the columns of --past, {listed or 'of which there are none'}")


def _each(found: Series | Panel, change: Callable[[Series], Series]) -> Series | Panel:
    """A series changed, or each of a panel; one that cannot be is set aside unless none can."""
    if isinstance(found, Series):
        return change(found)
    changed, refused = [], dict(found.refused)
    for series in found:
        try:
            changed.append(change(series))
        except InputError as error:
            refused[str(series.name)] = str(error)
            if len(refused) == len(found) + len(found.refused):
                raise
    return Panel(changed, refused)


def to_come(parts: tuple[Series, ...]) -> int | None:
    """How many rows at the end have no value: what `forecast` fills. Of many series the fewest of those that have any;
    None where there are none.
    """
    beyond = [series.beside.beyond for series in parts if series.beside is not None]
    return min((count for count in beyond if count), default=None)

"""What a model is handed ahead, the one way by which a column reaches a roll-out; and which columns a model uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from . import calendars
from .covariates import BARE, CALENDAR, FORESEEN, NONE, PAST, WORDS, Beside, Covariates, group_of, reach_of
from .errors import InputError, shown
from .parameters import as_tuple, refuse, whole
from .protocols import Array, Column, Forecaster, Index, ReadsChunks, UsesColumns, columns_of
from .series import Series
from .text import AS_IF
from .times import stamp
from .windows import ahead


@dataclass(frozen=True)
class Handed:
    """What a model is handed of the columns known ahead, and nothing else of the series to come.

    table : [time + beyond, columns] in the order of the model. leads : steps that it reads beyond the one it forecasts.
    reads : up to which step it reads to forecast so many, at most that.
    """

    table: Array
    leads: int
    reads: Callable[[Any], Any]

    def is_known(self, origins: Index, horizon: int, length: int) -> npt.NDArray[np.bool_]:
        """[origins]: whether all is known that forecasts of targets inside the series read."""
        lacks = np.isnan(self.table).any(axis=1)
        if not lacks.any() and not self.leads:
            return np.ones(len(origins), dtype=bool)
        behind = np.concatenate([[0], np.cumsum(lacks)])
        stop = origins + self.reads(np.minimum(origins + horizon, length) - origins)
        inside = stop.clip(max=len(self.table))
        return np.asarray((behind[inside] == behind[origins.clip(max=len(self.table))]) & (stop == inside))

    def at(self, origins: Index, horizon: int) -> Array:
        """[origins, horizon + leads, columns]. Where a column is not known it repeats the last that was: there is no
        target, and no step before reads it.
        """
        steps, first = horizon + self.leads, int(origins[0]) if len(origins) else 0
        stop, table = (int(origins[-1]) if len(origins) else 0) + steps, self.table
        if stop > len(table) or np.isnan(table[first:stop]).any():
            table, origins = _filled(table, first, stop), origins - first
        return ahead(table, origins, steps)


def _filled(table: Array, first: int, stop: int) -> Array:
    """Rows `first` .. `stop` of a table, each column with its last known value where it has none; else with 0."""
    out = np.full((stop - first, table.shape[1]), np.nan)
    rows = table[first:stop]
    out[: len(rows)] = rows
    for place, column in enumerate(out.T):
        lacks = np.isnan(column)
        if lacks[0]:
            before = table[:first, place]
            reach = reach_of(before)
            column[0] = before[reach - 1] if reach else 0.0
            lacks[0] = False
        column[:] = column[np.maximum.accumulate(np.where(lacks, 0, np.arange(len(column))))]
    return out


def handed(model: Forecaster, series: Series, name: str, upto: int = 0) -> Handed | None:
    """What a model is handed ahead on a series; None for a model without columns.

    The columns of the calendar go on to row `upto`.
    """
    columns = columns_of(model)
    return _handed(model, columns, series, name, upto) if columns else None


def _handed(model: Forecaster, columns: Sequence[Column], series: Series, name: str, upto: int) -> Handed:
    beside = series.beside if series.beside is None else series.beside.to(upto, series.stamps, series.step)
    return Handed(ahead_rows(beside, columns, name), leads_of(model), partial(reads_of, model))


def leads_of(model: object) -> int:
    """How many steps beyond the one it forecasts a model reads of the columns known ahead."""
    return int(model.leads) if isinstance(model, UsesColumns) else 0


def reads_of(model: object, steps: Any) -> Any:
    """Up to which step a model reads what is known ahead to forecast so many steps, a number or an array of them."""
    return model.reads(steps) if isinstance(model, ReadsChunks) else steps + leads_of(model)


def known_at(model: Forecaster, series: Series, origin: int, horizon: int, name: str) -> tuple[Array, ...]:
    """What is known ahead at one origin, ([1, horizon + leads, columns],): nothing for a model without columns.

    An InputError where it is not known so far.
    """
    columns = columns_of(model)
    if not columns:
        return ()
    check_reach(model, series, horizon, name)
    upto = origin + int(reads_of(model, horizon))
    found = _handed(model, columns, series, name, upto)
    part = found.table[origin:upto]
    if (len(part) < upto - origin and part.shape[1]) or np.isnan(part).any():
        raise short(series, columns, found.table, name, (origin, upto), horizon)
    return (found.at(np.array([origin]), horizon),)


def check_reach(model: Any, series: Series, horizon: int, name: str) -> None:
    """Raise an InputError where a model would need a past column ahead: before a fit, and before a forecast."""
    if not isinstance(model, UsesColumns):
        return
    columns, reach = model.columns_on(series)
    if reach is not None and horizon > reach:
        raise _past_reach(name, columns, reach, horizon)


def check_chunk(model: Any, horizon: int) -> None:
    """The same of a fitted model that reads past columns and emits a chunk: beyond it nobody has them."""
    if horizon > model.chunk and has_past(model.columns_):
        raise _past_reach(model.name, model.columns_, int(model.chunk), horizon)


def _past_reach(name: str, columns: Sequence[Column], reach: int, horizon: int) -> InputError:
    past = ", ".join(dict.fromkeys(group_of(column.name) for column in columns if column.kind == PAST))
    return InputError(
        f"{name} reads {past} up to the origin and feeds its own forecasts back: it forecasts {reach} "
        f"step{'s' * (reach != 1)}, {horizon} were asked. chunk={horizon} forecasts each step directly",
        code="past-reach",
        reach=reach,
        horizon=horizon,
    )


def chosen(beside: Beside | None, using: Sequence[str], model: str) -> tuple[Column, ...]:
    """The columns that a model names, in the order of its names; an InputError for one that the series lacks.

    "known" stands for all that are known ahead, "past" for all others, "all" for both.
    """
    ahead, past = (NONE, NONE) if beside is None else (beside.ahead, beside.past)
    found: dict[Column, None] = {}
    for name in using:
        parts = [part for part, word in ((ahead, "known"), (past, "past")) if name in (word, "all")]
        groups = [(part, group) for part in parts for group in part.asked()]
        groups += [(part, name) for part in (ahead, past) if name in part.groups and not parts]
        if not groups:
            raise _unknown(name, model, ahead, past)
        found |= dict.fromkeys(column for part, group in groups for column in part.columns(group))
    return tuple(found)


def _unknown(name: str, model: str, ahead: Covariates, past: Covariates) -> InputError:
    has = [f"{word} {', '.join(part.asked())}" for part, word in ((ahead, "known"), (past, "past")) if len(part)]
    what = f"uses {shown(name)}, which the series does not have" if name not in WORDS else f"uses the {name} columns"
    there = " and ".join(has) or "no other columns: give known=, past= or calendar="
    return InputError(
        f"{model.partition(' with ')[0]} {what}; it has {there}",
        code="column-unknown",
        column=name,
    )


def on_panel(panel: Sequence[Series], using: Sequence[str], model: str) -> tuple[Column, ...]:
    """The columns that a model names, of all series of a panel together: a symbol may occur in some alone."""
    found = dict.fromkeys(column for part in panel for column in chosen(part.beside, using, model))
    if len(panel) == 1:
        return tuple(found)
    places = {group: place for place, group in enumerate(dict.fromkeys(group_of(column.name) for column in found))}
    # Symbols by name, in whatever order the series come, and whatever of them one will have after its training part.
    return tuple(sorted(found, key=lambda one: (places[group_of(one.name)], "" if one.kind == CALENDAR else one.name)))


ALONE = " alone"
"""How the name of the baseline ends that is made of columns alone."""


def upper_bound(columns: Sequence[Column]) -> list[str]:
    """The note on columns that a fitted model takes as foreseen; nothing where there are none."""
    names = dict.fromkeys(group_of(column.name) for column in columns if column.kind == FORESEEN)
    if not names:
        return []
    return [f"{', '.join(names)} {AS_IF}: an upper bound, since no forecast made at the time could have known it"]


def foreseen_name(name: str, columns: Sequence[Column]) -> str:
    """A name that says where a column is taken as foreseen."""
    if AS_IF in name or all(column.kind != FORESEEN for column in columns):
        return name
    return f"{name.removesuffix(ALONE)} {AS_IF}{ALONE}" if name.endswith(ALONE) else f"{name} {AS_IF}"


def told(name: str, using: Sequence[str], columns: Sequence[Column]) -> str:
    """The name of a model with its columns, ``AR(7) with promo, weekday``: those of a fit, else those asked for."""
    kinds = {group_of(column.name): column.kind for column in columns} or dict.fromkeys(using, "")
    words = [f"{group} {AS_IF}" if kind == FORESEEN else group for group, kind in kinds.items()]
    return f"{name} with {', '.join(words)}" if words else name


VALUES_ALONE = (
    'a shard, or a series in pieces, holds values alone: read_panel(.., known=) and evaluate(.., fit="each") take '
    "other columns"
)
"""What is said where columns cannot go."""


def refuse_columns(models: Mapping[str, Any]) -> None:
    """Raise an InputError for a model that uses columns where there can be none."""
    for name, model in models.items():
        if not isinstance(model, UsesColumns):
            continue
        try:
            model.columns_on(Series([0.0]))
        except InputError as error:
            if error.code != "column-unknown":
                raise
            raise InputError(f"{name} uses other columns, and {VALUES_ALONE}", code="column-place") from None


def named_on(model: Any, series: Series) -> tuple[tuple[Column, ...], int | None]:
    """The columns on a series that a model names in `using`; with a past one among them it forecasts a chunk."""
    columns = on_panel((series,), named(model.using), model.name)
    return columns, int(model.chunk) if has_past(columns) else None


def has_past(columns: Sequence[Column]) -> bool:
    """Whether one of the columns is unknown ahead."""
    return any(column.kind == PAST for column in columns)


def known_count(columns: Sequence[Column]) -> int:
    """How many of the columns are known ahead."""
    return sum(column.kind != PAST for column in columns)


def _changing(besides: Sequence[Beside], columns: Sequence[Column]) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """The columns that change in the training parts, without the first of those of a text that has one in every row.

    `besides` are closed: they end with the training parts.
    """
    if not columns:
        return (), ()
    rows = np.concatenate([np.hstack([_of(one, column).rows([column]) for column in columns]) for one in besides])
    with np.errstate(invalid="ignore"):
        moves = ~(np.isnan(rows) | (rows == _first_known(rows))).all(axis=0)
    kept = [place for place in range(len(columns)) if moves[place]]
    texts: dict[str, list[int]] = {}
    for place in kept:
        if "=" in columns[place].name:
            texts.setdefault(group_of(columns[place].name), []).append(place)
    for places in texts.values():
        total = rows[:, places].sum(axis=1)
        if (np.isnan(total) | (total == 1.0)).all():
            kept.remove(places[0])
    constant = [
        columns[place].name for place in range(len(columns)) if not moves[place] and "=" not in columns[place].name
    ]
    notes = (f"{', '.join(constant)}: the same throughout the training part, left out",) if constant else ()
    return tuple(columns[place] for place in kept), notes


def settle(model: Any, panel: Sequence[Series], using: Sequence[str]) -> None:
    """Set the columns that a fit uses: those named that change in the training part; with a note on the others."""
    columns = on_panel(panel, using, model.name)
    for part in panel:
        check_present(part.beside or BARE, columns, model.name)
    changing, notes = _changing([part.beside or BARE for part in panel], columns)
    if changing:
        model.columns_ = changing
    for text in notes:
        model._note(text)


def _of(beside: Beside, column: Column) -> Covariates:
    return beside.past if column.kind == PAST else beside.ahead


def _first_known(rows: Array) -> Array:
    at = np.argmax(~np.isnan(rows), axis=0)
    return np.asarray(rows[at, np.arange(rows.shape[1])])


def ahead_rows(beside: Beside | None, columns: Sequence[Column], model: str) -> Array:
    """[time + beyond, known-ahead columns of a model]; an InputError for one that the series lacks."""
    wanted = [column for column in columns if column.kind != PAST]
    if beside is None:
        if columns:
            raise _unknown(group_of(columns[0].name), model, NONE, NONE)
        return np.empty((0, 0))
    check_present(beside, columns, model)
    return beside.ahead.rows(wanted) if wanted else np.empty((max(beside.length, len(beside.ahead.values)), 0))


def past_rows(beside: Beside, columns: Sequence[Column]) -> Array:
    """[time, past columns of a model]."""
    wanted = [column for column in columns if column.kind == PAST]
    return beside.past.rows(wanted) if wanted else np.empty((beside.length, 0))


def rows_beside(series: Series, columns: Sequence[Column], model: str) -> Array:
    """[time, columns] the columns of a model, those known ahead first, one row a value."""
    beside = series.beside or BARE
    return np.hstack([ahead_rows(beside, columns, model)[: len(series)], past_rows(beside, columns)])


def check_present(beside: Beside, columns: Sequence[Column], model: str) -> None:
    """Raise an InputError for a column that a fitted model needs and the series lacks, or has as another kind."""
    for column in columns:
        part, other = _of(beside, column), beside.ahead if column.kind == PAST else beside.past
        kinds = dict(zip(part.names, part.kinds, strict=True))
        group = group_of(column.name)
        if kinds.get(column.name) == column.kind or (group != column.name and group in part.groups):
            continue
        found = kinds.get(column.name) or dict(zip(other.names, other.kinds, strict=True)).get(column.name)
        if found is not None:
            raise InputError(
                f"{model} was fitted with {column.name} as a {column.kind} column, and here it is {found}: "
                f"give it as {column.kind}{'=' if column.kind != FORESEEN else ', series.foreseen(..)'}",
                code="column-kind",
                column=column.name,
                found=found,
            )
        raise _unknown(group, model, beside.ahead, beside.past)


def short(
    series: Any, columns: Sequence[Column], table: Array, model: str, rows_read: tuple[int, int], horizon: int
) -> InputError:
    """The error of columns that are not known as far as a forecast needs them, from its origin up to a row."""
    wanted, (origin, upto) = [column for column in columns if column.kind != PAST], rows_read
    ends = [reach_of(rows) for rows in table.T]
    steps = f"{horizon} steps of {model} need" if horizon != 1 else f"1 step of {model} needs"
    place = int(np.argmin(ends))
    if ends[place] >= upto:
        row, place = (int(at[0]) for at in np.nonzero(np.isnan(table[origin:upto])))
        column = group_of(wanted[place].name)
        return InputError(
            f"{column} is missing at {_when(series, origin + row)}, which {steps}: give it, or forecast from another "
            "origin",
            code="column-missing",
            column=column,
            position=origin + row,
        )
    column, end = group_of(wanted[place].name), ends[place]
    known = f"is known up to {_when(series, end - 1)}" if end else "is known at no row"
    where = ", where the values end" if end == len(series) else ""
    rows, what, why = upto - max(end, len(series)), column, ""
    if wanted[place].kind == CALENDAR:
        what, why = "their times", "the times to come cannot be told: "
    way = f"{why}add {rows} row{'s' * (rows != 1)} with {what} and an empty {series.name or 'value'}"
    if wanted[place].kind == FORESEEN:
        earlier = f"{upto - end} step{'s' * (upto - end != 1)} earlier"
        way = f"what is taken as foreseen ends with the values: forecast from an origin {earlier}"
    return InputError(
        f"{column} {known}{where}; {steps} it up to {_when(series, upto - 1)}: {way}",
        code="known-short",
        column=column,
        found=end,
        needed=upto,
    )


def _when(series: Any, row: int) -> str:
    """The time of a row, which may lie beyond the end; its number where there is none."""
    if series.times is None:
        return f"row {row}"
    if row < len(series):
        return str(series.when(row))
    later, _ = calendars.ahead(series.stamps, row + 1 - len(series), series.step)
    given = series.beside.later
    if given is not None and row - len(series) < len(given):
        return stamp(given[row - len(series)], series.zone)
    return f"row {row}" if later is None else stamp(later[-1], series.zone)


def named(using: object) -> tuple[str, ...]:
    """Names of columns, of one or of several."""
    found = (using,) if isinstance(using, str) else as_tuple("using", using)
    for name in found:
        if not isinstance(name, str) or not name:
            raise refuse("using", using, 'names of columns, or "known", "past", "all"')
    return tuple(dict.fromkeys(map(str, found)))


def checked_lags(lags: object) -> tuple[int, ...]:
    """How many steps before its target a column known ahead is read: different whole numbers, at least one."""
    found = tuple(whole("column_lags", lag, 0) for lag in as_tuple("column_lags", lags))
    if not found or len(set(found)) < len(found):
        raise refuse("column_lags", found, "different whole numbers, at least one")
    return found

"""Columns of intervals and quantiles, by their names as forecasting libraries write them, and what they hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ...errors import InputError, cut, shown
from ...protocols import Array
from .forecast_cells import Spread

_LEVEL = r"(?:0?\.\d+|\d{2}(?:\.\d+)?%?|\d+(?:\.\d+)?%)"
_LOW, _HIGH = r"lo|low|lower|lb", r"hi|high|upper|ub"
_KIND = r"(?:ci|pi|bound|limit|interval|confidence|prediction)"
_SUFFIXES = "|".join(
    (
        # M-lo-90, M-ub, yhat_lower, Lo 80
        rf"(?:{_KIND}[-_. ])*(?:(?P<low>{_LOW})|(?P<high>{_HIGH}))(?:[-_. ]{_KIND})*"
        r"(?:[-_. ]?(?P<held>\d+(?:\.\d+)?)%?)?",
        rf"(?:q|ql|p|quantile|percentile)[-_ ]?(?P<quantile>{_LEVEL})",  # M_ql0.05, q_0.05, x_q0.050, p10
        r"(?P<percent>\d+(?:\.\d+)?%)",  # yhat1 5.0%
    )
)
_SUFFIXED = re.compile(
    rf"(?:|(?P<stem>.*?\S)[-_. ])(?:{_SUFFIXES})|(?P<bare>0?\.\d+)|(?P<of>.*\S)[-_. ]median", re.IGNORECASE
)
_ANY_MODEL = frozenset(
    {"y", "yhat", "yhat1", "pred", "prediction", "predictions", "forecast", "mean", "point forecast"}
)
"""Names before the suffix, or of a column of forecasts, that are not the name of a model."""
_DROPPED = {"pandas": "frame.drop(columns=[{}])", "pyarrow": "table.drop_columns([{}])"}
MOST_LETTERS = 90


class Part(NamedTuple):
    """What a column is of the distribution of a model.

    model : its name, "" where the column names none. level : of the quantile, None where the name does not say it.
    side : "low" or "high" of an interval, "" of a quantile.
    """

    model: str
    level: float | None
    side: str = ""


def part_of(column: str) -> Part | None:
    """What a column is, by its name; None for any other column.

    >>> for name in ("Ridge-lo-90", "yhat_upper", "x_q0.050", "p10", "M-median", "Ridge"):
    ...     print(part_of(name))
    Part(model='Ridge', level=0.05, side='low')
    Part(model='yhat', level=None, side='high')
    Part(model='x', level=0.05, side='')
    Part(model='', level=0.1, side='')
    Part(model='M', level=0.5, side='')
    None
    """
    found = _SUFFIXED.fullmatch(column)
    if found is None:
        return None
    model = found["stem"] or found["of"] or ""
    side = "low" if found["low"] else "high" if found["high"] else ""
    if side:
        if found["held"] is None:
            return Part(model, None, side)
        held = _share(found["held"])
        return Part(model, _end(held, side), side) if 0.0 < held < 1.0 else Part(model, None, side)
    text = found["quantile"] or found["percent"] or found["bare"]
    return Part(model, 0.5 if text is None else _share(text))


def _share(text: str) -> float:
    """A share as it is written: 0.9, 90, 90%, 99.9."""
    number = float(text.rstrip("%"))
    return round(number / 100.0 if text.endswith("%") or number >= 1.0 else number, 12)


def _end(held: float, side: str) -> float:
    """The level of one end of the central interval that is to hold this share."""
    return round(0.5 + (0.5 if side == "high" else -0.5) * held, 12)


def candidates(columns: Iterable[str]) -> list[str]:
    """The columns that may hold the forecasts: the others are ends or quantiles of one of them. Where there are only
    quantiles of one model the median is the forecast.
    """
    columns = list(columns)
    parts = {column: part_of(column) for column in columns}
    plain = [column for column in columns if parts[column] is None]
    known = {"", *plain}
    left = [
        column
        for column, part in parts.items()
        if part is None or not (plain and (part.model in known or _names_none(part.model)))
    ]
    medians = [column for column in left if (part := parts[column]) is not None and part.level == 0.5]
    alone = not plain and len({part.model for part in parts.values() if part is not None}) == 1
    return medians if alone and len(medians) == 1 else left


def _names_none(model: str | None) -> bool:
    return (model or "").lower() in _ANY_MODEL


def own_parts(prediction: str, columns: Iterable[str], named: bool) -> dict[str, Part]:
    """The columns of an interval or quantiles of the model that is read, the forecast itself where it is one of them.

    `named` says that the caller chose the column `prediction`; a column with the name of another model then belongs
    to that model.
    """
    columns = list(columns)
    point = part_of(prediction)
    own = {"", prediction, *([] if point is None else [point.model])}
    loose = not named or _names_none(prediction)
    found = {
        column: part
        for column in columns
        if column != prediction
        and (part := part_of(column)) is not None
        and (part.model in own or (part.model not in columns and (loose or _names_none(part.model))))
    }
    if found and point is not None and not point.side:
        found[prediction] = point
    return found


def spread_of(
    frame: Any,
    prediction: str,
    parts: Mapping[str, Part],
    interval: float | None,
    numbers: Callable[[str], Array],
) -> Spread | None:
    """The quantiles of every row, [cells, m], as the columns give them; None where there is none.

    Parameters
    ----------
    interval : the share that ends whose names do not say it are to hold. numbers : a column as numbers.
    """
    unsaid = [column for column, part in parts.items() if part.level is None]
    if unsaid and interval is None:
        raise InputError(
            f"beside {cut(shown(prediction), 40)} there are {_listed(unsaid)}, whose names do not say which share they "
            f"hold: give interval=, such as 0.9, or drop them, {_dropping(frame, unsaid)}",
            code="intervals",
            columns=unsaid,
        )
    if interval is not None and not unsaid:
        raise InputError(
            f"interval={interval:g} is of ends whose names do not say which share they hold, such as lower and upper; "
            f"beside {cut(shown(prediction), 40)} there are none",
            code="intervals",
            columns=[],
        )
    by_level: dict[float, str] = {}
    for column, part in parts.items():
        level = _end(interval or 0.0, part.side) if part.level is None else part.level
        if level in by_level:
            raise InputError(
                f"{_listed([by_level[level], column])} are both the quantile at {level:g}: drop one of them, "
                f"{_dropping(frame, [column])}",
                code="intervals",
                columns=[by_level[level], column],
            )
        by_level[level] = column
    for level, column in by_level.items():
        side, other = parts[column].side, by_level.get(round(1.0 - level, 12))
        if side and other is None:
            raise InputError(
                f"{cut(shown(column), 40)} is one end of an interval, and there is no "
                f"{'upper' if side == 'low' else 'lower'} one beside it: an interval has both; drop it, "
                f"{_dropping(frame, [column])}",
                code="intervals",
                columns=[column],
            )
    if not by_level:
        return None
    levels = sorted(by_level)
    values = np.stack([numbers(by_level[level]) for level in levels], axis=1)
    for low, column in by_level.items():
        other = by_level.get(round(1.0 - low, 12), column)
        if parts[column].side == "low":
            ends = values[:, levels.index(low)], values[:, levels.index(round(1.0 - low, 12))]
            if (swapped := ends[0] > ends[1]).any():
                row = int(np.argmax(swapped))
                raise InputError(
                    f"row {row}: {cut(shown(column), 40)} is {ends[0][row]:g}, above {cut(shown(other), 40)} "
                    f"({ends[1][row]:g}): are the two columns swapped?",
                    code="intervals",
                    columns=[column, other],
                    row=row,
                )
    return Spread(values, tuple(levels))


def _listed(columns: list[str]) -> str:
    """Columns by name; of many the first ones, and how many more."""
    texts = [shown(column) for column in columns]
    while len(texts) > 1 and len(", ".join(texts)) > MOST_LETTERS:
        texts.pop()
    return ", ".join(texts) + f" (and {len(columns) - len(texts)} more like them)" * (len(texts) < len(columns))


def _dropping(frame: Any, columns: list[str]) -> str:
    """What to type to be without them."""
    form = _DROPPED.get(type(frame).__module__.split(".")[0], "frame.drop([{}])")
    return form.format(", ".join(map(shown, columns[:8])))

"""Names of columns of intervals and quantiles, as forecasting libraries write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ...errors import InputError, cut, shown

_LEVEL = r"(?:0?\.\d+|\d{2}(?:\.\d+)?%?|\d+(?:\.\d+)?%)"
_SIDE = r"(?:lo|hi|low|high|lower|upper|lb|ub)"
_KIND = r"(?:ci|pi|bound|limit|interval|confidence|prediction)"
_SUFFIXES = "|".join(
    (
        rf"(?:{_KIND}[-_. ])*{_SIDE}(?:[-_. ]{_KIND})*(?:[-_. ]?\d+(?:\.\d+)?%?)?",  # M-lo-90, M-ub, yhat_lower, Lo 80
        rf"(?:q|ql|p|quantile|percentile)[-_ ]?{_LEVEL}",  # M_ql0.05, q_0.05, x_q0.050, p10
        r"\d+(?:\.\d+)?%",  # yhat1 5.0%
    )
)
_SUFFIXED = re.compile(rf"(?:|(?P<stem>.*?\S)[-_. ])(?:{_SUFFIXES})|0?\.\d+|(?P<of>.*\S)[-_. ]median", re.IGNORECASE)
_ANY_MODEL = frozenset(
    {"y", "yhat", "yhat1", "pred", "prediction", "predictions", "forecast", "mean", "point forecast"}
)
"""Names before the suffix, or of a column of forecasts, that are not the name of a model."""
_DROPPED = {"pandas": "frame.drop(columns=[{}])", "pyarrow": "table.drop_columns([{}])"}
MOST_LETTERS = 90


def model_of(column: str) -> str | None:
    """The model of which a column is an interval bound or a quantile, "" if it names none; None for any other column.

    >>> model_of("Ridge-lo-90"), model_of("x_q0.050"), model_of("0.1"), model_of("Ridge")
    ('Ridge', 'x', '', None)
    """
    found = _SUFFIXED.fullmatch(column)
    return (found["stem"] or found["of"] or "") if found else None


def candidates(columns: Iterable[str]) -> list[str]:
    """The columns that may hold the forecasts: the others are bounds or quantiles of one of them."""
    columns = list(columns)
    plain = [column for column in columns if model_of(column) is None]
    known = {"", *plain}
    return [
        column
        for column in columns
        if column in plain or not (plain and (model_of(column) in known or _names_none(model_of(column))))
    ]


def _names_none(model: str | None) -> bool:
    return (model or "").lower() in _ANY_MODEL


def check_all_read(frame: Any, prediction: str, columns: Iterable[str], named: bool) -> None:
    """Refuse a frame with an interval or quantiles of the model that is read: intervals computed here would silently
    replace them.

    `named` says that the caller chose the column `prediction`; a column with the name of another model then belongs
    to that model.
    """
    columns = list(columns)
    own = {"", prediction, model_of(prediction)}
    loose = not named or _names_none(prediction)
    unread = [
        column
        for column in columns
        if column != prediction
        and (model := model_of(column)) is not None
        and (model in own or (model not in columns and (loose or _names_none(model))))
    ]
    if not unread:
        return
    texts = [shown(column) for column in unread]
    while len(texts) > 1 and len(", ".join(texts)) > MOST_LETTERS:
        texts.pop()
    rest = f" (and {len(unread) - len(texts)} more like them)" * (len(texts) < len(unread))
    way = _DROPPED.get(type(frame).__module__.split(".")[0], "frame.drop([{}])").format(", ".join(texts))
    raise InputError(
        f"beside {cut(shown(prediction), 40)} the frame has columns that look like its interval "
        "or quantiles, which are not "
        f"read yet: drop them, {way}{rest}",
        code="intervals",
        columns=unread,
    )

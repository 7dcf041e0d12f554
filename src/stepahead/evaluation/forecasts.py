"""A forecast from one origin: the next values, what they are of, and where asked for an interval around each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import shown
from ..protocols import Array
from ..text import as_frame, as_html, as_text, decimals, printable, typed
from ..times import Labels, stamp

SHOWN, LISTED = 24, 12
"""Steps that a table shows, of more the first and the last of them; series that one shows."""


@dataclass(frozen=True, eq=False, repr=False)
class Forecast:
    """The next values of a series, as ``forecast`` gives them: an array to numpy, a table to a reader.

    >>> import stepahead as sa
    >>> found = sa.forecast(sa.baselines.Drift().fit(sa.datasets.nile()), sa.datasets.nile(), horizon=2)
    >>> np.asarray(found).shape, len(found), found.times.tolist()
    ((2,), 2, [1971, 1972])
    >>> found
    Drift: 2 steps ahead of 'volume'
    time  value
    1971    736
    1972    732

    Attributes
    ----------
    values : [horizon] in the unit of the series; of symbols the symbols themselves.
    low, high : [horizon] the ends of the prediction intervals; None without a level.
    level : the share of what comes that each interval is meant to hold; None without one.
    times : [horizon] the time of each value, in UTC where the series came in a zone; None where the series has no
        times, or none that go on: the notes say why.
    zone : of the times, in which they are told and stand in ``to_frame()``.
    notes : what there is to know of the data, the fit and the intervals.
    model, series : their names, as tables show them.
    """

    values: npt.NDArray[Any]
    low: Array | None = None
    high: Array | None = None
    level: float | None = None
    times: Labels | None = None
    notes: tuple[str, ...] = ()
    model: str = ""
    series: str | None = None
    zone: str | None = None
    _frame: str | None = None

    def __post_init__(self) -> None:
        for array in (self.values, self.low, self.high, self.times):
            if array is not None:
                array.flags.writeable = False

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        made = self.values if dtype is None else self.values.astype(dtype, copy=False)
        return made.copy() if copy and made is self.values else made

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, where: Any) -> Any:
        return self.values[where]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.values)

    def to_frame(self) -> Any:
        """A data frame of the caller's own kind, a row a step: k, time, value, and with a level low and high.

        >>> import stepahead as sa
        >>> model = sa.AR(lags=4).fit(sa.datasets.nile())
        >>> list(sa.forecast(model, sa.datasets.nile(), horizon=2, level=0.5).to_frame().columns)
        ['k', 'time', 'value', 'low', 'high']
        """
        sides = {"time": self.times, "value": self.values, "low": self.low, "high": self.high}
        columns: dict[str, Any] = {"k": np.arange(1, len(self) + 1)}
        columns |= {name: found for name, found in sides.items() if found is not None}
        dated = self.times is not None and self.times.dtype.kind == "M"
        return as_frame(
            {name: found.tolist() if found.dtype == object else found for name, found in columns.items()},
            self._frame,
            {"time": self.zone} if dated else None,
        )

    def _caption(self) -> str:
        of = "" if self.series is None else f" of {shown(self.series)}"
        held = "" if self.level is None else f", with intervals meant to hold {100.0 * self.level:g} % of what comes"
        return f"{self.model}: {len(self)} step{'s' * (len(self) > 1)} ahead{of}{held}"

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        columns: dict[str, Any] = {"value": self.values}
        if self.low is not None and self.high is not None:
            columns |= {"low": self.low, "high": self.high}
        numeric = self.values.dtype != object
        digits = decimals(float(value) for column in columns.values() for value in column) if numeric else 0
        count, rows = len(self), []
        for k in range(count):
            if count > SHOWN and SHOWN // 2 <= k < count - SHOWN // 2:
                if k == SHOWN // 2:
                    rows.append(["..."] * (1 + len(columns)))
                continue
            when = str(k + 1) if self.times is None else stamp(self.times[k], self.zone)
            here = [column[k] for column in columns.values()]
            rows.append([when, *(typed(float(value), digits) if numeric else printable(str(value)) for value in here)])
        return ["step" if self.times is None else "time", *columns], rows

    def __repr__(self) -> str:
        notes = [f"note: {printable(text)}" for text in self.notes]
        return "\n".join([printable(self._caption()), as_text(*self._cells()), *notes])

    def _repr_html_(self) -> str:
        return as_html(self._caption(), *self._cells(), notes=self.notes)


class Forecasts(Mapping[str, Forecast]):
    """The forecasts of a panel, as ``forecast`` gives them: {name of the series: Forecast}, in order.

    >>> import stepahead as sa
    >>> panel = [sa.Series(np.arange(9.0), name="a"), sa.Series(np.arange(9.0) ** 2, name="b")]
    >>> found = sa.forecast(sa.baselines.Drift().fit(panel), panel, horizon=2)
    >>> list(found), np.asarray(found["a"]).shape
    (['a', 'b'], (2,))

    Attributes
    ----------
    status : {name: "ok", or why there is no forecast}, of every series of the panel.
    notes : what there is to know of some of them, once.
    """

    def __init__(self, found: Mapping[str, Forecast], status: Mapping[str, str], notes: Sequence[str] = ()) -> None:
        self._found, self.status, self.notes = dict(found), dict(status), tuple(notes)

    def __getitem__(self, name: str) -> Forecast:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def to_frame(self) -> Any:
        """A data frame of the caller's own kind, a row a series and step: series, k, time, value, with a level low and
        high. The time is missing where it cannot be told.

        >>> import stepahead as sa
        >>> panel = [sa.datasets.nile(), sa.Series(np.arange(9.0), name="b")]
        >>> sa.forecast(sa.baselines.Naive().fit(panel), panel, horizon=2).to_frame().shape
        (4, 4)
        """
        parts = list(self.values())
        columns: dict[str, Any] = {
            "series": [name for name, part in self.items() for _ in range(len(part))],
            "k": np.concatenate([np.arange(1, len(part) + 1) for part in parts]),
        }
        kinds = {part.times.dtype.kind == "M" for part in parts if part.times is not None}
        if len(kinds) == 1:
            gone = np.datetime64("NaT") if kinds == {True} else np.nan
            told = [np.full(len(part), gone) if part.times is None else part.times for part in parts]
            whole = kinds == {False} and all(part.times is not None for part in parts)
            columns["time"] = np.concatenate(told if kinds == {True} or whole else [np.asarray(t, float) for t in told])
        values = np.concatenate([part.values for part in parts])
        columns["value"] = values.tolist() if values.dtype == object else values
        if parts[0].low is not None:
            columns["low"] = np.concatenate([part.low for part in parts if part.low is not None])
            columns["high"] = np.concatenate([part.high for part in parts if part.high is not None])
        zones = {part.zone for part in parts if part.times is not None}
        zone = zones.pop() if len(zones) == 1 else "UTC" if zones - {None} else None
        return as_frame(columns, parts[0]._frame, {"time": zone} if kinds == {True} else None)

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        parts = list(self.items())[:LISTED]
        last = len(parts[0][1])
        places = [0] if last == 1 else [0, last - 1]
        numeric = parts[0][1].values.dtype != object
        digits = decimals(float(part.values[k]) for _, part in parts for k in places) if numeric else 0
        rows = [
            [printable(name), *(typed(float(part[k]), digits) if numeric else printable(str(part[k])) for k in places)]
            for name, part in parts
        ]
        if len(self) > LISTED:
            rows.append(["..."] * (1 + len(places)))
        return ["series", *[f"k={k + 1}" for k in places]], rows

    def _caption(self) -> str:
        first = next(iter(self.values()))
        aside = len(self.status) - len(self)
        steps = f"{len(first)} step{'s' * (len(first) > 1)} ahead of {len(self)} series"
        return f"{first.model}: {steps}" + (f", {aside} set aside (.status says why)" if aside else "")

    def __repr__(self) -> str:
        notes = [f"note: {printable(text)}" for text in self.notes]
        return "\n".join([printable(self._caption()), as_text(*self._cells()), *notes])

    def _repr_html_(self) -> str:
        return as_html(self._caption(), *self._cells(), notes=self.notes)

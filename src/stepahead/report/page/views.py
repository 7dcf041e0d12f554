"""What is drawn along time: observed values, forecasts from some origins, and bands around them,
packed for the page.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...evaluation.comparison import Comparison
from ...evaluation.kstep import KStep
from ...protocols import Array, Index
from ...series import Series, names_of
from ...text import NONE
from . import name_tags as shown_names
from . import packing
from .facts import Facts, Line
from .ticks import moment, ticks

EVEN = 1e-3
"""A band lies evenly around the forecast where its middle is less off, in half widths."""
ROOM = 0.5
"""How far forecasts may reach past the observed values before a chart cuts them off, as a share of their range."""


def drawn_lines(facts: Facts) -> list[Line]:
    """The models whose lines are drawn: that of the headline, then the best ones; baselines where no model stands."""
    return facts.models[: packing.MOST_LINES] or facts.baselines[: packing.MOST_BASELINES]


class Cut(NamedTuple):
    """What is drawn of one series: which one, how many rows it has, the rows that are drawn,
    and which of those have bands.
    """

    series: int
    total: int
    rows: Index
    banded: Index


def views(
    facts: Facts, results: Comparison, listed: Index, budget: int, always: tuple[int, ...]
) -> tuple[list[dict[str, Any]], Index]:
    """For each series that is drawn all that its charts need; and the places of the steps among which the page moves.

    Parameters
    ----------
    listed : places of the steps that the page has readings of; it moves among these. budget : bytes that all of it may
        take. always : steps that stay among them in any case.
    """
    names = [line.name for line in drawn_lines(facts)]
    flat = [bool((results[name].predictions == results[name].predictions[:, :1]).all()) for name in names]
    most = max((rows.stop - rows.start for _, rows in facts.series), default=0)
    plan = packing.plan(most, len(facts.steps), len(flat) - sum(flat), len(facts.series), budget, always=len(always))
    places = listed[packing.stepped(facts.steps[listed], plan.steps, always)]
    cuts = []
    for index, rows in facts.series:
        drawn = packing.rows_drawn(rows, plan.origins)
        cuts.append(Cut(index, rows.stop - rows.start, drawn, np.arange(0, len(drawn), plan.stride)))
    found = [_view(cut, facts, [results[name] for name in names], flat, places) for cut in cuts]
    ends = drawn_lines(facts)[0].ends
    for view, bands in zip(found, _bands(results[names[0]], ends, facts.drawable, cuts, places), strict=True):
        view["band"] = bands
    return found, places


def _view(cut: Cut, facts: Facts, results: list[KStep], flat: list[bool], places: Index) -> dict[str, Any]:
    """One series, the forecasts from the drawn origins, and where its axis is labelled."""
    series, origins = facts.panel[cut.series], facts.origins[cut.rows]
    span = _span(series, origins, int(facts.steps[-1]))
    shown = series.numbers[span]
    forecasts = [result.predictions[cut.rows][:, places] for result in results]
    low, high = _range(shown, forecasts)
    return {
        "name": shown_names.isolated(names_of(facts.panel)[cut.series]),
        "from": int(span[0]),
        "to": int(span[-1]),
        "places": None if len(span) == span[-1] - span[0] + 1 else span.tolist(),
        "values": packing.packed(shown, *_reach(low, high)),
        "ticks": ticks(series.local, int(span[0]), int(span[-1])),
        "range": [low, high],
        "count": cut.total,
        "origins": origins.tolist(),
        "banded": cut.banded.tolist(),
        "known": [moment(series, origin - 1) if origin else NONE for origin in origins[cut.banded].tolist()],
        "lines": [_line(values, is_flat, low, high) for values, is_flat in zip(forecasts, flat, strict=True)],
    }


def _span(series: Series, origins: Index, horizon: int) -> Index:
    """The places of the series that are drawn: from somewhat before the first origin to the last target."""
    first, stop = int(origins[0]), min(int(origins[-1]) + horizon, len(series))
    lead = min(first, max(int(1.5 * horizon) + 1, (stop - first) // 8))
    whole = np.arange(first - lead, stop)
    return whole[packing.evenly(len(whole), packing.MOST_POINTS)]


def _range(shown: Array, forecasts: list[Array]) -> tuple[float, float]:
    """The lowest and the highest value of a chart: of what was observed,
    and of models that do not leave it far behind.
    """
    seen = shown[~np.isnan(shown)]
    low, high = (float(seen.min()), float(seen.max())) if len(seen) else (0.0, 0.0)
    room = ROOM * (high - low)
    every = np.concatenate([values.ravel() for values in forecasts])
    every = every[np.isfinite(every)]
    if len(every) and room > 0.0:
        low, high = min(low, max(float(every.min()), low - room)), max(high, min(float(every.max()), high + room))
    if not high > low:
        room = max(abs(high) * 0.1, 1.0) if high else 1.0
        low, high = low - room, high + room
    return low, high


def _reach(low: float, high: float) -> tuple[float, float]:
    """What is stored: past the chart on both sides, so that a line that leaves it is seen to leave."""
    return low - (high - low), high + (high - low)


def _line(forecasts: Array, is_flat: bool, low: float, high: float) -> dict[str, Any]:
    """The forecasts of one model; one column of them where every step is the same."""
    return packing.packed(forecasts[:, :1] if is_flat else forecasts, *_reach(low, high)) | {"flat": is_flat}


def _bands(result: KStep, ends: Any, drawable: Index, cuts: list[Cut], places: Index) -> list[dict[str, Any]]:
    """Of each series, half the width of the band at some origins, and how much of what came lies in it; of one that
    does not lie evenly around the forecast how far its middle is off.

    `ends` are those of the band at the rows `drawable`.
    """
    at = [cut.rows[cut.banded] for cut in cuts]
    wide = [[_drawn(end[np.searchsorted(drawable, rows)]) for end in ends] for rows in at]
    actuals = result.actuals
    found = []
    for rows, (low, high) in zip(at, wide, strict=True):
        widest = float(np.nanmax(high - low)) / 2.0 if np.isfinite(high).any() else 1.0
        seen = ~np.isnan(actuals[rows] + low)
        off = (low + high) / 2.0 - result.predictions[rows]
        furthest = float(np.nanmax(np.abs(off))) if np.isfinite(off).any() else 0.0
        uneven = {"off": packing.packed(off[:, places], -furthest, furthest, packing.COARSE)}
        found.append(
            packing.packed((high - low)[:, places] / 2.0, 0.0, widest, packing.COARSE)
            | {
                "inside": (seen & (low <= actuals[rows]) & (actuals[rows] <= high)).sum(axis=1).tolist(),
                "seen": seen.sum(axis=1).tolist(),
            }
            | (uneven if furthest > EVEN * widest else {})
        )
    return found


def _drawn(end: Array) -> Array:
    """An infinite band is not drawn, and holds nothing to be counted."""
    return np.where(np.isinf(end), np.nan, end)

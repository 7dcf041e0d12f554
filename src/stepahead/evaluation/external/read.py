"""External forecasts, read as a KStep like any other result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ...distribution_rows import Distribution, taken
from ...errors import DtypeError, InputError, shown
from ...memory import afford
from ...parameters import refuse, whole
from ...protocols import Array, Forecaster, Index, State
from ...reading.dataframes import is_frame
from ...series import Series, as_panel, shared_notes
from ...windows import train_length
from ..every_origin import beside, crossings
from ..fits import Fits
from ..kstep import KStep
from ..trust import check_level

if TYPE_CHECKING:
    from typing import Self

    from .forecast_cells import Cells


@dataclass(frozen=True)
class Elsewhere:
    """A placeholder for the model of external forecasts, with a name alone: it cannot be fitted or rolled out."""

    name: str
    context: int = 0

    def fit(self, series: Any) -> Self:
        """Refused: a placeholder cannot be fitted."""
        raise self._absent()

    def encode(self, values: Any, after: State | None = None) -> State:
        """Refused: no state, [rows, ...], is known."""
        raise self._absent()

    def rollout(self, state: State, horizon: int) -> Array:
        """Refused: no forecast, [rows, horizon], besides those given."""
        raise self._absent()

    def _absent(self) -> InputError:
        return InputError(
            f"{shown(self.name)} is not a model here: its forecasts were made elsewhere and can "
            "be scored and compared, not "
            "repeated; to audit what made them, give audit() the function that did",
            code="elsewhere",
        )


def from_forecasts(
    forecasts: Any,
    series: Any,
    train: float | int,
    name: str | None = None,
    *,
    horizon: int | None = None,
    origins: Iterable[int] | None = None,
    columns: Mapping[str, str] | None = None,
    interval: float | None = None,
) -> KStep:
    """External forecasts, made from many origins by any library, as a KStep: for scores by step and for ``compare``.

    >>> import numpy as np, stepahead as sa
    >>> values = np.arange(20.0)
    >>> forecasts = {o: [values[o - 1]] * 3 for o in range(12, 18)}  # from each origin the last value, three times
    >>> result = sa.from_forecasts(forecasts, values, train=12, name="last value")
    >>> result.rmse()
    array([1., 2., 3.])

    An origin o is the number of values that were known, ``series[:o]``; step 1 is the value at o. Origins before the
    end of the training part are kept separately, in ``.training``.

    Parameters
    ----------
    forecasts : one of

        * a long data frame of pandas, polars or pyarrow, one row per forecast. Its columns give the origin:
          `cutoff` (the last known time: Nixtla's ``cross_validation``), `origin` (a whole number) or `fold`
          (skforecast's ``backtesting_forecaster``; the first row of a fold is step 1); and the target: `ds` or `time`,
          the index of the frame, or `k`. With `unique_id`, `series` or `level` many series; `y` is checked
          against the series;
        * a list of blocks, one per origin: ``(origin, values)``, or what has `.time_index` and `.values()` as Darts'
          ``historical_forecasts(last_points_only=False)`` gives; or a dict {origin: values}. Of many series a list of
          those;
        * a matrix, [rows, steps], with `origins`.

        They may come with a distribution, and coverage, width, pinball loss and CRPS of the result are then theirs: a
        frame with ends or quantiles of the model beside the forecast (``M-lo-90`` and ``M-hi-90``, ``M_ql0.05``,
        ``q_0.05``, ``0.1``, ``yhat_lower``; those of another model are no concern of it), draws or components such as
        ``x_q0.050`` in blocks, a ``Quantiles`` or ``distributions.Samples`` in place of the values of a block or of the
        matrix. The point forecast is the column of its own, else the median.
    series : one series or a list of them; they need times where the forecasts have times.
    train : a share, or the number of values, that the model of these forecasts was fitted on; 0 for none.
    name : the name in tables; of a frame with several columns of forecasts the column to read.
    horizon : the largest step to keep, by default the longest that any origin has. Every step is scored at the same
        origins, so that an origin without forecasts of all of them, or without all their targets, is left out, with
        a note.
    origins : [rows] of a matrix.
    columns : {role: column} if a frame has other names; the roles are "id", "origin", "cutoff", "fold",
        "step", "time", "actual" and "prediction".
    interval : of a frame, which share columns are to hold whose names do not say it: 0.8 for ``yhat_lower`` and
        ``yhat_upper`` as Prophet makes them by itself.

    Raises
    ------
    InputError : a time is not in the series, a forecast is there twice or is not a finite number (the row is named); of
        an interval one end is missing, or above the other.
    BudgetError : the result would not fit in half of the memory that is free.
    """
    panel = as_panel(series)
    if panel[0].categories is not None:
        raise DtypeError("forecasts of symbols cannot be read: errors between symbols are not defined", code="symbols")
    lengths = tuple(whole("train", train, 0) if train == 0 else train_length(len(part), train) for part in panel)
    if horizon is not None:
        whole("horizon", horizon)
    if interval is not None:
        check_level(interval, "interval")
    cells = _read(forecasts, panel, name, origins, columns, interval)
    title = cells.name or "forecasts" if name is None else name
    part, starts, steps, predictions, left_out, own = _table(cells, panel, horizon, title)
    known = Fits("elsewhere", lengths) if any(lengths) else Fits("unknown")
    held = starts >= np.array(lengths)[part]
    if not held.any():
        raise InputError(
            f"no held-out origin: none of the {len(starts)} of {shown(title)} is after the "
            f"{lengths[0]} training values, the "
            f"last is {starts.max()}; pass train= (how many values the model was fitted on)",
            code="no-held-out",
            found=len(starts),
        )
    drawn = [f"{title}: each forecast is {remark}" for remark in cells.notes]
    drawn += crossings(title, own)
    notes = (
        *shared_notes(panel),
        *left_out,
        *drawn,
        f"{title}: made elsewhere; whether these forecasts looked ahead is not known",
    )

    def some(rows: Any, rest: KStep | None) -> KStep:
        chosen = predictions[rows]
        chosen.flags.writeable = False
        last, model = int(steps[-1]), cast(Forecaster, Elsewhere(title))
        return KStep(
            (model,), panel, lengths, part[rows], starts[rows], steps, last, chosen, notes, rest, known, beside,
            _distribution=None if own is None else taken(own, rows),
        )  # fmt: skip

    return some(held, some(~held, None))


def _read(
    forecasts: Any, panel: tuple[Series, ...], name: str | None, origins: Any, columns: Any, interval: float | None
) -> Cells:
    """External forecasts in any accepted form, as cells."""
    from .blocks import of_blocks, of_matrix
    from .forecast_frames import of_frame

    if is_frame(forecasts):
        if origins is not None:
            raise refuse("origins", "given", "left out for a frame, whose columns give them")
        return of_frame(forecasts, panel, name, columns, interval)
    for option, given in (("columns", columns), ("interval", interval)):
        if given is not None:
            raise refuse(option, given, "left out if the forecasts are not a data frame")
    if origins is not None:
        return of_matrix(forecasts, panel, origins)
    if isinstance(forecasts, Mapping):
        forecasts = [forecasts] if len(panel) > 1 else forecasts.items()
    if isinstance(forecasts, (np.ndarray, str, bytes)) or not isinstance(forecasts, Iterable):
        raise DtypeError(
            f"forecasts cannot be read from {shown(type(forecasts).__name__)}: give a data "
            "frame, a list of blocks, a dict "
            "{origin: values}, or a matrix [rows, steps] with origins=",
            code="unknown-type",
            found=type(forecasts).__name__,
        )
    blocks = list(forecasts)
    if len(panel) == 1:
        return of_blocks([blocks], panel)
    if len(blocks) != len(panel) or not all(isinstance(found, (list, Mapping)) for found in blocks):
        raise InputError(
            f"{len(panel)} series need a list of {len(panel)} lists of blocks, in the same "
            f"order; found {len(blocks)} items",
            code="shape",
            found=len(blocks),
            needed=len(panel),
        )
    return of_blocks([list(found.items()) if isinstance(found, Mapping) else found for found in blocks], panel)


def _table(
    cells: Cells, panel: tuple[Series, ...], horizon: int | None, title: str
) -> tuple[Index, Index, Index, Array, tuple[str, ...], Distribution | None]:
    """Part, origin and predictions of each row that has every step; the steps; a note on what was left out; and how the
    forecasts are distributed, where that came with them.
    """
    # For each forecast: its place in the table, its position in the sorted order, whether it is kept.
    width = 0 if cells.spread is None else 2 * cells.spread.values.shape[1]
    afford(len(cells.value), 12 + width, f"the forecasts of {title}", "Give fewer rows or steps")
    lengths = np.array([len(series) for series in panel])[cells.part]
    _check(cells, lengths)
    keep = cells.target < lengths  # no actual values after the end
    if horizon is not None:
        keep &= cells.step <= horizon
    kept = np.flatnonzero(keep)
    longest = int(max(len(series) for series in panel)) + 1
    every, row = np.unique(cells.part * longest + cells.origin, return_inverse=True)
    steps, column = np.unique(cells.step[kept], return_inverse=True)
    row = row[kept]
    place = row * len(steps) + column
    by_place = np.argsort(place, kind="stable")
    twice = np.flatnonzero(np.diff(place[by_place]) == 0)
    if len(twice):
        first, second = (int(kept[i]) for i in by_place[twice[0] : twice[0] + 2])
        raise InputError(
            f"{cells.where(first)} and {cells.where(second)} are both step {cells.step[first]} from origin "
            f"{cells.origin[first]}" + ("" if len(panel) == 1 else f" of series {cells.part[first]}"),
            code="repeated",
            rows=(first, second),
        )
    whole_rows = np.bincount(row, minlength=len(every)) == len(steps)
    if not len(steps) or not whole_rows.any():
        why = f"at every step up to {steps[-1]}: give a smaller horizon=" if len(steps) else "at any step of the series"
        raise InputError(
            f"{shown(title)}: no origin has a forecast and an actual value {why}",
            code="too-short",
            found=0,
        )
    predictions = np.empty((int(whole_rows.sum()), len(steps)))
    inside = whole_rows[row]
    new = np.cumsum(whole_rows) - 1
    predictions[new[row[inside]], column[inside]] = cells.value[kept[inside]]
    chosen = every[whole_rows]
    lost = len(every) - len(chosen)
    remark = (
        f"{lost} of {len(every)} origins of {title} lack a forecast, or an actual value, "
        f"at one of {len(steps)} steps: left out"
    )
    own = None
    if cells.spread is not None:
        place = new[row[inside]] * len(steps) + column[inside]
        own = cells.spread.table(kept[inside], place, predictions.shape, predictions)
    return chosen // longest, chosen % longest, steps, predictions, (remark,) if lost else (), own


def _check(cells: Cells, lengths: Index) -> None:
    """Refuse the first cell that is not a finite forecast of a value after its origin."""
    spread = np.zeros((len(cells.value), 1)) if cells.spread is None else cells.spread.values
    for bad, why in (
        (~np.isfinite(spread).all(axis=1), "a quantile or draw beside the forecast is not a finite number"),
        (~np.isfinite(cells.value), "the forecast is {value:g}, which is not a finite number"),
        ((cells.origin < 0) | (cells.origin > lengths), "there is no origin {origin}: origins go from 0 to {length}"),
        (cells.step < 1, "the target (index {target}) is not after what was known (all before {origin})"),
    ):
        if bad.any():
            at = int(np.argmax(bad))
            facts = {"value": cells.value[at], "origin": int(cells.origin[at]), "target": int(cells.target[at])}
            text = why.format(**facts, length=int(lengths[at]))
            raise InputError(f"{cells.where(at)}: {text}", code="forecast", position=at, **facts)

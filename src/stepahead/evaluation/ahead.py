"""A forecast from one origin, and intervals around it: what the evaluation would have drawn there."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, overload

import numpy as np

from .. import calendars
from ..distribution_rows import ends_of
from ..errors import InputError, StepaheadWarning, note, shown
from ..known_ahead import known_at, upper_bound
from ..numerics import conformal
from ..parameters import one_of, refuse, whole
from ..protocols import (
    Array,
    Forecaster,
    InCalls,
    State,
    WithIntervals,
    columns_of,
    has_distribution,
    notes_of,
    states_of,
)
from ..series import Panel, Series, as_panel, as_series, is_panel, names_of
from ..times import Labels
from ..walk import afford_steps, as_symbols, check_forecaster, errors_at, name_of, planned, planned_predictive, state_at
from .each import opened
from .every_origin import training_lengths
from .forecasts import Forecast, Forecasts
from .trust import check_level
from .unseen import behind_cuts, fewer_cuts, of_last_quarter, too_few

FEW_ERRORS = 10
"""Fewer errors of a model's own than this make an interval that is noted as unreliable."""
UNTOLD = "the times ahead cannot be told"
MOST_NOTES = 5
"""Kinds of notes of single series that the forecasts of a panel repeat."""


@overload
def forecast(
    model: Forecaster,
    series: Sequence[Series],
    horizon: int,
    level: float | None = None,
    *,
    origin: int | None = None,
    method: str | None = None,
    train: int | None = None,
) -> Forecasts: ...


@overload
def forecast(
    model: Forecaster,
    series: Any,
    horizon: int,
    level: float | None = None,
    *,
    origin: int | None = None,
    method: str | None = None,
    train: int | None = None,
) -> Forecast: ...


def forecast(
    model: Forecaster,
    series: Any,
    horizon: int,
    level: float | None = None,
    *,
    origin: int | None = None,
    method: str | None = None,
    train: int | None = None,
) -> Forecast | Forecasts:
    """The forecast of the next `horizon` values, from the end of a series or another origin; with a `level` their
    intervals.

    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> model = sa.AR(lags=64).fit(series[:604])
    >>> sa.forecast(model, series, horizon=3, level=0.9)
    AR(64): 3 steps ahead of 'noisy sine', with intervals meant to hold 90 % of what comes
    time   value     low    high
    1001  -0.573  -0.900  -0.246
    1002  -0.717  -1.047  -0.388
    1003  -0.645  -0.975  -0.316
    >>> found = sa.forecast(model, series, horizon=64, level=0.9)
    >>> np.asarray(found).shape, (found.high - found.low)[[0, 15, 63]].round(2)
    ((64,), array([0.65, 0.71, 1.46]))

    Parameters
    ----------
    model : fitted, anybody's Forecaster.
    series : what ``Series`` takes; symbols come back as symbols. Of a panel (a list, ``read_panel``) there is a
        forecast for each series, in ``Forecasts``: one that has none costs no other, and ``.status`` says why.
    horizon : number of steps, at least 1.
    level : between 0 and 1, the share of what comes that each interval is to hold; without one there are no intervals.
    origin : the values ``series[:origin]`` are known; by default all are.
    method : of the intervals: "conformal", from the model's errors at each step up to here, of values that it had not
        seen; or "model", its own distribution. By default "model" where the forecast comes with a distribution, as that
        of ``from_function`` may, else "conformal".
    train : how many values at the head of the series the model has seen, as in ``k_step``; only intervals need it.

    From an origin behind the training part of a longer series an interval is the row of ``KStep.prediction_intervals``.
    A model that has seen all values errs too little on them: copies of it are fitted on what lies before 8 even cuts,
    from half of the values on (or from where a window has two rows a coefficient, three quarters at the latest), and
    the interval is made of the errors of each copy up to the next cut. A model that is trained in epochs has 2 cuts,
    which is noted. Of one series of a model of many the copies see this one alone; of a panel they see all of it, and
    the intervals of each series are made of its own errors. `Auto` and `Averaged` keep such errors from their own fit,
    and make the interval of one series of them; how many there are is noted.

    n errors hold at most a level of n / (n + 1). Where that is less than `level` the ends are infinite, and noted: at
    90 % below 9 errors, at 95 % below 19. An interval is never narrower than at a smaller step.

    Raises
    ------
    InputError : the series is shorter than the model's context, or a value that the model reads is missing; with a
        level, the training part is not found, or the model is one of symbols.
    NotFittedError : ``fit`` was not called.
    """
    check_forecaster(model)
    horizon = whole("horizon", horizon)
    one_of("method", method, (None, "conformal", "model"))
    if level is not None:
        check_level(level)
    if is_panel(series):
        if origin is not None:
            raise refuse("origin", origin, "left out for a panel: each series is forecast from its end")
        panel = opened(series)
        if not panel:
            as_panel(series)  # says what the first is, where it is no series
        return _of_each(model, panel, horizon, level, method, train)
    known = as_series(series)
    afford_steps(model, horizon)
    origin = len(known) if origin is None else whole("origin", origin, 0, len(known))
    state = state_at(model, known, origin)
    handed = () if known.beside is None else known_at(model, known, origin, horizon, name_of(model))
    ahead, own = _asked(model, state, horizon, handed)
    method = ("conformal" if own is None else "model") if method is None else method
    low, high, notes = None, None, list[str]()
    if level is not None and own is not None and method == "model":
        low, high = (end[0] for end in ends_of(own, level))
    elif level is not None and method == "model":
        low, high = _of_the_model(model, state, horizon, level, handed)
    elif level is not None:
        low, high, notes = _conformal(model, known[:origin], ahead, level, _seen(model, known, train))
    bound = [] if known.beside is None else upper_bound(columns_of(model))
    times, untold = times_ahead(known, origin, horizon)
    if untold:
        notes.append(note(untold))
    return Forecast(
        as_symbols(model, known, ahead),
        low,
        high,
        level,
        times,
        tuple(dict.fromkeys([*known.notes, *notes_of(model), *bound, *notes])),
        name_of(model),
        known.name,
        known.zone,
        known.frame,
    )


def _asked(model: Forecaster, state: State, horizon: int, handed: tuple[Array, ...] = ()) -> tuple[Array, Any]:
    """The forecast [horizon], and the distribution that it came with, None where none did."""
    if isinstance(model, InCalls):
        ahead, own = model.ask(state, horizon)
        return ahead[0], own
    return planned(model, horizon)(state, None, *handed)[0], None


def times_ahead(known: Series, origin: int, horizon: int) -> tuple[Labels | None, str]:
    """The time of each step: as the series has it, and past its end as its rule goes on; or why it cannot be told."""
    if known.times is None or origin + horizon <= len(known):
        return None if known.times is None else known.times[origin : origin + horizon].copy(), ""
    given = None if known.beside is None else known.beside.later
    if given is not None and origin + horizon - len(known) <= len(given):
        return np.concatenate([known.times[origin:], given[: origin + horizon - len(known)]]), ""
    beyond, reason = calendars.ahead(known.stamps, origin + horizon - len(known), known.step)
    if beyond is None:
        return None, f"{UNTOLD}: {reason}"
    return np.concatenate([known.times[origin:], beyond]), ""


def _of_each(
    model: Forecaster, panel: Panel, horizon: int, level: float | None, method: str | None, train: int | None
) -> Forecasts:
    """The forecasts of each series of a panel that has one, and why the others have none."""
    status = dict(panel.refused)
    parts = as_panel(list(panel)) if panel else ()
    known = None
    if (
        level is not None
        and (method == "conformal" or (method is None and not _has_own(model, parts, horizon)))
        and train is None
        and len(parts) > 1
    ):
        known = _behind(model, parts, horizon)
    found, notes, lacks = dict[str, Forecast](), dict[str, int](), dict[str, str]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StepaheadWarning)
        for place, (name, part) in enumerate(zip(names_of(parts), parts, strict=True)):
            try:
                one = forecast(model, part, horizon, None if known else level, method=method, train=train)
                if known is not None and level is not None:
                    low, high, lack = ends(name_of(model), one.values, known[place], level)
                    one = replace(one, low=low, high=high, level=level, notes=(*one.notes, *([lack] if lack else [])))
                    if lack:
                        lacks[name] = lack
            except (InputError, ArithmeticError) as error:
                status[name] = str(error) or type(error).__name__
                continue
            found[name], status[name] = one, "ok"
            for text in one.notes:
                notes[text] = notes.get(text, 0) + 1
    if not found:
        reason = next(iter(status.values()), "it is empty")
        raise InputError(f"no series has a forecast; {reason}", code="panel", found=0)
    texts = [f"{count} of {len(status)} series: {text}" for text, count in notes.items() if text not in lacks.values()][
        :MOST_NOTES
    ]
    if lacks:
        name, text = next(iter(lacks.items()))
        texts.append(f"{len(lacks)} of {len(parts)} series have infinite ends, the first {shown(name)}: {text}")
    for text in texts:
        note(text)
    return Forecasts(found, {name: status[name] for name in [*names_of(parts), *panel.refused]}, texts)


def _has_own(model: Forecaster, panel: tuple[Series, ...], horizon: int) -> bool:
    """Whether the forecasts of a panel come with a distribution: as that of the first series that has a forecast."""
    for part in panel if isinstance(model, InCalls) else ():
        try:
            return _asked(model, state_at(model, part, len(part)), horizon)[1] is not None
        except (InputError, ArithmeticError):
            continue
    return False


def _behind(model: Forecaster, panel: tuple[Series, ...], horizon: int) -> list[Array] | None:
    """The sizes of the errors of refits on all series together, where the model has seen all of them;
    of symbols none.
    """
    try:
        has_seen_all = training_lengths(model, panel) == tuple(map(len, panel))
    except InputError:  # a saved model of other data: each series says so
        return None
    return behind_cuts(model, panel, horizon) if has_seen_all and panel[0].categories is None else None


def _of_the_model(
    model: Forecaster, state: State, horizon: int, level: float, handed: tuple[Array, ...]
) -> tuple[Array, Array]:
    """The ends [horizon] of the central intervals of the model's own distribution."""
    _numbers_only(model)
    if not has_distribution(model):
        raise InputError(f'{name_of(model)} has no distribution: use method="conformal"', code="no-distribution")
    distribution: Any = planned_predictive(model, horizon)(state, *handed)
    low, high = (distribution.quantile(0.5 + side * level / 2.0)[0] for side in (-1.0, 1.0))
    return low, high


def _numbers_only(model: Forecaster) -> None:
    if states_of(model) is not None:
        raise InputError(
            f"{name_of(model)} forecasts symbols: they have no interval", code="symbols", model=name_of(model)
        )


def _seen(model: Forecaster, known: Series, train: int | None) -> tuple[int, bool]:
    """How many values at the head of the series the model has seen, and whether these are all."""
    _numbers_only(model)
    length = training_lengths(model, (known,))[0] if train is None else whole("train", train, 0, len(known))
    return length, length == len(known)


def _conformal(
    model: Forecaster, part: Series, ahead: Array, level: float, seen: tuple[int, bool]
) -> tuple[Array, Array, list[str]]:
    """(low, high), each [horizon], from errors of values that the model had not seen; and the notes on them."""
    length, everything = seen
    if (length > len(part) or everything) and isinstance(model, WithIntervals):
        return _of_its_own(model, name_of(model), ahead, level)
    if length > len(part) or everything:
        cuts = fewer_cuts(model)
        low, high, lacks = ends(name_of(model), ahead, behind_cuts(model, (part,), len(ahead))[0], level)
    else:
        cuts = ""
        low, high, lacks = _going_on(model, part, ahead, level, length)
    if lacks:
        note(lacks)
    return low, high, [text for text in (cuts, lacks) if text]


def _of_its_own(model: WithIntervals, name: str, ahead: Array, level: float) -> tuple[Array, Array, list[str]]:
    """(low, high), each [horizon], from the errors that a model keeps; and the notes on them."""
    half, counts = model.half_widths(level, len(ahead)), model.error_counts
    first, last = int(counts[0]), int(counts[min(len(ahead), len(counts)) - 1])
    notes = [f"the interval of {name} is made of {first} errors at step 1 and {last} at step {len(ahead)}"]
    if first < FEW_ERRORS:
        notes[0] += ": too few to rely on"
        note(notes[0])
    return *conformal.around(ahead, half), notes


def ends(name: str, ahead: Array, sizes: Array, level: float) -> tuple[Array, Array, str]:
    """(low, high) around one forecast [horizon], from sizes [rows, horizon] of errors;
    and in words where they are too few.
    """
    half = conformal.half_width(sizes, level)
    counts = (~np.isnan(sizes)).sum(axis=0)
    return *conformal.around(ahead, half), too_few(name, level, counts, half)


def _going_on(model: Forecaster, part: Series, ahead: Array, level: float, length: int) -> tuple[Array, Array, str]:
    """From the errors behind the training part, which go on from those inside it: the row of an evaluation."""
    horizon = len(ahead)
    origins, errors = errors_at(model, part, np.arange(length, len(part) + 1), horizon)
    sizes = np.abs(errors)
    start = of_last_quarter(model, (part[:length],), horizon)[0] if length else np.empty((0, horizon))
    half = conformal.half_widths(start, origins, np.arange(1, horizon + 1), sizes, level)[-1]
    lacks = too_few(name_of(model), level, (~np.isnan(np.concatenate([start, sizes]))).sum(axis=0), half)
    return *conformal.around(ahead, half), lacks

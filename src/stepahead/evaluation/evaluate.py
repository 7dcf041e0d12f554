"""`evaluate` and `k_step`: every origin, every step; one series or many, whole or in pieces,
forecasts kept or errors alone.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from numbers import Integral
from typing import Any

import numpy as np

from ..errors import InputError, shown
from ..known_ahead import check_reach
from ..memory import afford
from ..parameters import as_tuple, one_of, refuse, whole
from ..protocols import Forecaster, Index, ReadsAll, columns_of
from ..reading.pieces import Pieces, pieces
from ..seasons import resolve
from ..series import Series, as_panel, names_of
from ..walk import check_forecaster, name_models, name_of
from ..windows import default_horizon, kept_steps, require, train_length
from . import each, stream
from .answers import Question
from .comparison import Comparison
from .every_origin import fits_of, is_given, rolled_out, training_lengths
from .fits import Fits
from .ground import heads_of, on_common_rows, status_of
from .kstep import KStep
from .reference import fits, longest_held_out, missing, told_foreseen, with_columns, with_seasons
from .scored import scored

Progress = Callable[[str, int, int], None]
MOST_ASKED = 2000
"""Series of scores that are fitted and forecast again for the answer."""


def k_step(
    model: Forecaster,
    series: Any,
    horizon: int,
    *,
    origins: Iterable[int] | None = None,
    steps: Sequence[int] | None = None,
    train: int | None = None,
    season: Any = "auto",
) -> KStep:
    """Forecast 1 .. `horizon` steps from every origin that a fitted model can start from.

    >>> import stepahead as sa
    >>> series = sa.datasets.noisy_sine(seed=0)
    >>> result = sa.k_step(sa.AR(lags=4).fit(series[:604]), series, horizon=64)
    >>> result.predictions.shape, int(result.origins[0]), int(result.origins[-1])
    ((333, 64), 604, 936)
    >>> result.rmse()[[0, 63]].round(2)
    array([0.2 , 0.51])

    Parameters
    ----------
    model : a fitted model, anybody's Forecaster.
    series : one series or a list of them; rows are then (series, origin).
    horizon : the largest step, at least 1.
    origins : those to start from, by default all whose targets exist: N = T - context - horizon + 1 of them. For one
        series. Those inside the training part are in ``.training``, and may be all of them.
    steps : keep these steps alone, by default all.
    train : from how many values on the forecasts are scored, by default from the end of the training part on. Our
        models find that by themselves where the series begins with their training data; elsewhere it must be said, and
        is taken for what the model has seen: 0 says none of it. Of a model that was trained before it came
        (``from_torch(.., training=None)``, ``from_function``) nobody knows what it has seen, and the caption says so.
    season : of the baselines that the result is compared with, as for ``evaluate``.

    Raises
    ------
    InputError : no origin has all its targets, or none of those is held out; the training part is not found and `train`
        is not given.
    BudgetError : the result would not fit in half of the memory that is free; keep fewer `steps`.
    """
    check_forecaster(model)
    horizon = whole("horizon", horizon)
    panel = as_panel(series)
    if origins is not None and len(panel) > 1:
        raise refuse("origins", "given", "left out for a list of series")
    longest = max(panel, key=len)
    require(len(longest), model.context + horizon, f"k_step of {name_of(model)} with horizon={horizon}", longest.name)
    declared = None if train is None else (whole("train", train, 0, max(len(part) for part in panel)),) * len(panel)
    lengths, known = _seen(model, panel, declared)
    if isinstance(model, ReadsAll):
        model = model.from_origin(min(lengths))
    chosen = None if origins is None else [_origins(model, panel[0], horizon, origins)]
    # The result keeps a model of its own: what is done to yours later does not change it.
    seasons = resolve(season, heads_of(panel, lengths))
    kept = kept_steps(steps, horizon)
    result = rolled_out((copy.deepcopy(model),), panel, lengths, horizon, kept, chosen, seasons=seasons, fits=known)
    seen = known.seen if known.kind == "once" else ()
    for name, begin, most in zip(names_of(panel), lengths, seen, strict=False):
        if begin < most:
            of = "" if len(panel) == 1 else f" of {shown(name)}"
            told = f"scored from {begin} on, though {name_of(model)} was fitted on the first {most} values{of}"
            return replace(result, notes=(*result.notes, told))
    return result


def _seen(
    model: Forecaster, panel: tuple[Series, ...], declared: tuple[int, ...] | None
) -> tuple[tuple[int, ...], Fits]:
    """From how many values on each series is scored, and what is known of the fit: found by what it was made of, else
    as it is said.
    """
    try:
        found = training_lengths(model, panel)
    except InputError:
        if declared is None:
            raise
        known = Fits("declared", declared) if any(declared) else Fits("other")
        return declared, Fits("given") if is_given(model) else known
    return found if declared is None else declared, fits_of(model, found)


def _origins(model: Forecaster, series: Series, horizon: int, chosen: Iterable[int]) -> Index:
    """The chosen origins, sorted, each once: looked at as an array,
    so that a hundred thousand of them cost next to nothing.
    """
    given: Any = chosen if isinstance(chosen, (range, np.ndarray)) else as_tuple("origins", chosen)
    is_array, last = isinstance(given, np.ndarray), len(series) - horizon
    if (is_array and not given.ndim) or not len(given):
        raise refuse("origins", chosen, "at least one origin")
    if is_array:
        plain = given.ndim == 1 and given.dtype.kind in "iu"
    else:
        plain = all(issubclass(kind, Integral) and not issubclass(kind, bool) for kind in set(map(type, given)))
    for origin in () if plain else given:  # the first that is none, by name
        whole("origins", origin, model.context, last)
    found = np.array(given)
    outside = np.flatnonzero((found < model.context) | (found > last))
    if len(outside):
        whole("origins", given[outside[0]], model.context, last)
    return np.unique(found).astype(np.intp)


def evaluate(
    models: Any,
    data: Any,
    horizon: int | None = None,
    train: float | int = 0.6,
    *,
    season: Any = "auto",
    fit: str = "pooled",
    steps: Sequence[int] | None = None,
    stride: int = 1,
    keep: str = "forecasts",
    progress: Progress | None = None,
    loss: Any = None,
    within: float | tuple[float, float] | None = None,
) -> Comparison:
    """Fit each model once on the training part and score it at every held-out origin, 1 .. `horizon` steps ahead.

    Every model and every step is scored at the same origins. The baselines `Mean`, `Naive`, `SES`, `Line`
    and `Drift` are always among them.

    >>> import stepahead as sa
    >>> result = sa.evaluate([sa.AR(lags=64)], sa.datasets.noisy_sine(seed=0), horizon=64, train=604)
    >>> list(result)
    ['AR(64)', 'Mean', 'Naive', 'SES', 'Line', 'Drift']
    >>> print(result.answer.headline)
    Trust AR(64) 4 to 64 steps ahead.
    >>> result["AR(64)"].rmse()[[0, 63]].round(2)
    array([0.2 , 0.24])

    A thousand series, a fit each, and nothing kept but the errors:

    >>> panel = [sa.datasets.noisy_sine(length=200, seed=seed) for seed in range(20)]
    >>> scores = sa.evaluate([sa.AR(lags=4)], panel, horizon=8, fit="each", keep="scores")
    >>> scores.by_series("rmse")["AR(4)"].shape
    (20, 8)

    Parameters
    ----------
    models : one, a list, or a dict {name: model}. They are copied: yours stay as they are.
    data : one series, or a list of them. With ``fit="each"`` also an array [series, time], or anything that can be
        iterated. With ``keep="scores"`` also a series in pieces: what ``stepahead.pieces`` makes, or the path of a .npy
        or Parquet file.
    horizon : the largest step, at least 1; by default a tenth of the values, at most 64. Of many series the median
        length counts.
    train : a share (0.6), or the NUMBER OF VALUES of the training part (604).
    season : "auto" looks for seasons in the training part; a number of steps or several of them are taken as given,
        None is none. Their baselines stand in the table.
    fit : "pooled", one fit on all series together; or "each", every series has its own. Baselines always have their
        own.
    steps : keep these steps alone, by default all of 1 .. horizon.
    stride : score every so many of the held-out origins, counted from the first: for models that are slow. The tests
        allow for it: k steps ahead ``ceil(k / stride)`` origins in a row share surprises.
    keep : "forecasts", all of them; or "scores", the errors alone, by series and step, in memory that does not grow
        with them. What is read row by row (the answer, intervals) is then fitted and forecast again when it is
        asked for; of more than 2,000 series with ``fit="each"`` for 2,000 of them, evenly spaced, which is noted.
    progress : called with (model name, rows done, rows in all); of many fits with ("series", done, in all or 0).
    loss : what the answer compares: "squared" (default), "absolute", "pinball(.9)", or a function of (error, actual);
        of symbols the log loss.
    within : a width in the unit of the values, or (width, share): the answer also says up to which step at least this
        share of the forecasts, 0.9 of them, lies so near to what happened.

    Raises
    ------
    InputError : too short, missing values, symbols for a model of numbers; with ``fit="each"`` only if no series can be
        scored.
    ParameterError : an argument is not allowed; two models have the same name.
    BudgetError : the forecasts would not fit in half of the memory that is free: ``keep="scores"``, or fewer `steps`.
    """
    one_of("fit", fit, ("pooled", "each"))
    one_of("keep", keep, ("forecasts", "scores"))
    stride = whole("stride", stride)
    question = Question(loss, **_width(within))
    if isinstance(data, (str, os.PathLike)):
        data = pieces(data)
    if isinstance(data, Pieces) and keep == "forecasts":
        data = data.whole()
    horizon = _horizon(horizon, data, fit)
    if keep == "scores":
        again = partial(
            evaluate, copy.deepcopy(models), horizon=horizon, train=train, season=season, fit=fit, steps=steps,
            stride=stride, loss=loss, within=within,
        )  # fmt: skip
        if isinstance(data, Pieces):
            found = stream.evaluate(
                models, data, horizon, train, steps=steps, season=season, stride=stride, progress=progress
            )
            anew = partial(again, data, season=found._seasons) if data.again else None
            return replace(found, _again=anew, _ranked=True, _question=question)
        if fit == "each":
            found = each.evaluate(
                models, data, horizon, train, steps=steps, season=season, stride=stride, progress=progress
            )
            series = found.scorer.series
            if isinstance(data, Iterator):
                return replace(found, _question=question)
            few = _asked(series)
            opened = lambda: again(each.opened(data, frozenset(few)), season=found._seasons)  # noqa: E731
            counted = dict(found._counted_notes)
            if len(few) < len(series):
                counted[f"the answer is that of {len(few):,} series, evenly spaced among {len(series):,}"] = len(series)
            return replace(found, _again=opened, _ranked=True, _question=question, _counted_notes=counted)
    panel: tuple[Series, ...] = each.opened(data) if fit == "each" else as_panel(data)
    named = name_models(models, horizon)
    # Of series that are fitted each by itself one that lacks a column is set aside.
    for part in panel if fit == "pooled" or not panel else (with_columns(panel),):
        for name, model in named.items() if part.beside is not None else ():
            check_reach(model, part, horizon, name)
    lengths = tuple(train_length(len(part), train) for part in panel)
    seasons = resolve(season, heads_of(panel, lengths))
    named = with_seasons(named, seasons)
    given: dict[str, str] = {}
    if panel and with_columns(panel).beside is not None:
        foreseen = told_foreseen(named, panel)
        given, named = dict(zip(foreseen, named, strict=True)), foreseen
    named |= missing(named, panel or (Series([0.0]),), seasons.periods, lengths if fit == "pooled" else ())
    if fit == "pooled":
        longest_held_out(panel, lengths, horizon)
    kept = kept_steps(steps, horizon)
    if keep == "scores":
        scorer, notes = scored(named, panel, lengths, horizon, kept, stride)
        status = status_of(data, panel, np.asarray(scorer.n.any(axis=1)), horizon)
        counts = dict.fromkeys(notes, len(panel))
        anew = partial(again, panel, season=seasons)
        return Comparison({}, horizon, status, scorer, counts, anew, seasons, _ranked=True, _question=question)
    rows = sum(-(-max(len(part) - horizon + 1, 0) // stride) for part in panel)
    # A row stands beside its origin and its series. Of symbols each loss is kept for a while; rows with a gap are left
    # out.
    copies = 1 if all(part.complete and part.categories is None for part in panel) else 2
    wide = copies * len(kept) + 2
    afford(rows, len(named) * wide, f"the forecasts of {len(named)} models", 'Keep fewer with steps=, or keep="scores"')
    made: Iterable[tuple[str, tuple[Any, ...]]] = fits(named, panel, lengths, horizon, False)
    if fit == "each":
        data, of_each = each.fitted(named, panel, train, horizon)
        panel, made = data, of_each.items()
        lengths = tuple(train_length(len(part), train) for part in panel)
    results = {}
    asked = {}
    for name, models_ in made:
        report = None if progress is None else lambda done, of, name=name: progress(name, done, of)
        rolled = rolled_out(models_, panel, lengths, horizon, kept, progress=report, seasons=seasons, stride=stride)
        # What was chosen stands in the name, unless somebody chose the name.
        chosen = name_of(models_[0]) if len(models_) == 1 and name == name_of(named[name]) else name
        if chosen == name and panel[0].beside is not None and columns_of(models_[0]):
            # So do the columns, the same in each fit, and one that is taken as foreseen.
            is_own = name in told_foreseen({name_of(named[name]): named[name]}, panel)
            chosen = name_of(models_[0]) if is_own and len(set(map(name_of, models_))) == 1 else name
        results[chosen], asked[given.get(name, name)] = rolled, chosen
    common = on_common_rows(results)
    held = np.bincount(next(iter(common.values())).part, minlength=len(panel)) > 0
    return Comparison(
        common,
        horizon,
        status_of(data, panel, held, horizon),
        _seasons=seasons,
        _ranked=True,
        _asked=asked,
        _question=question,
    )


def _asked(series: Sequence[str]) -> list[str]:
    """The series that the answer is made of, which forecasts all of them again: all, or evenly spaced ones."""
    places = np.unique(np.linspace(0, len(series) - 1, min(MOST_ASKED, len(series))).round().astype(int))
    return [series[place] for place in places]


def _width(within: float | tuple[float, float] | None) -> dict[str, Any]:
    """A width with the share asked for, as the question takes them."""
    if not isinstance(within, (tuple, list)):
        return {"within": within}
    if len(within) != 2:
        raise refuse("within", within, "a width, or (width, share) such as (8, 0.9)")
    return {"within": within[0], "share": within[1]}


def _horizon(given: int | None, data: Any, fit: str) -> int:
    """The horizon asked for; where none is, that of the lengths of the series."""
    if given is not None:
        return whole("horizon", given)
    if isinstance(data, Iterator) or (isinstance(data, Pieces) and data.length is None):
        raise refuse("horizon", given, "a number of steps: how long the data are is known once they have been read")
    if isinstance(data, Pieces):
        return default_horizon([data.length or 0])
    return default_horizon([len(part) for part in (each.opened(data) if fit == "each" else as_panel(data))] or [0])

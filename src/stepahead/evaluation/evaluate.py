"""`evaluate` and `k_step`: every origin, every step, one fit."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from ..errors import InputError, ParameterError
from ..models.baselines import Mean, Naive, SeasonalNaive
from ..models.markov import MarkovChain
from ..models.model import fingerprint
from ..parameters import as_tuple, refuse, whole
from ..protocols import Forecaster
from ..series import Panel, Series, as_panel, names_of, shared_notes
from ..walk import afford, check_forecaster, encoded, name_models, name_of, usable_origins, walk
from ..windows import Index, as_rows, kept_steps, require, train_length
from .comparison import Comparison
from .kstep import KStep

Progress = Callable[[str, int, int], None]


def k_step(
    model: Forecaster,
    series: Any,
    horizon: int,
    *,
    origins: Iterable[int] | None = None,
    steps: Sequence[int] | None = None,
    train: int | None = None,
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
    origins : those to start from, by default all whose targets exist: N = T - context - horizon + 1 of them. For one series.
    steps : keep these steps alone, by default all.
    train : how many values at the head of the series the model has seen. Our models find out by themselves where the series
        begins with their training data; elsewhere it must be said, and 0 says that the model has seen none of it.

    Raises
    ------
    InputError : no origin has all its targets; the training part is not found and `train` is not given.
    BudgetError : the result would not fit in half of the memory that is free; keep fewer `steps`.
    """
    check_forecaster(model)
    horizon = whole("horizon", horizon)
    panel = as_panel(series)
    if origins is not None and len(panel) > 1:
        raise refuse("origins", "given", "left out for a list of series")
    longest = max(panel, key=len)
    require(len(longest), model.context + horizon, f"k_step of {name_of(model)} with horizon={horizon}", longest.name)
    if train is None:
        lengths = training_lengths(model, panel)
    else:
        lengths = tuple(whole("train", train, 0, max(len(part) for part in panel)) for _ in panel)
    chosen = None if origins is None else _origins(model, panel[0], horizon, origins)
    # The result keeps a model of its own: what is done to yours later does not change it.
    return _k_step(copy.deepcopy(model), panel, lengths, horizon, kept_steps(steps, horizon), chosen)


def _origins(model: Forecaster, series: Series, horizon: int, chosen: Iterable[int]) -> Index:
    last = len(series) - horizon
    given = sorted({whole("origins", origin, model.context, last) for origin in as_tuple("origins", chosen)})
    if not given:
        raise refuse("origins", chosen, "at least one origin")
    return np.array(given, dtype=np.intp)


def training_lengths(model: Any, panel: tuple[Series, ...]) -> tuple[int, ...]:
    """How many values at the head of each series the model was fitted on: found by their fingerprints."""
    lengths = getattr(model, "trained_lengths_", np.empty(0, dtype=np.int64)).tolist()
    marks = [bytes(mark) for mark in getattr(model, "trained_marks_", ())]
    by_length: dict[int, set[bytes]] = {}
    for length, mark in zip(lengths, marks, strict=True):
        by_length.setdefault(length, set()).add(mark)
    found = []
    for index, series in enumerate(panel):
        # The length in the same place first: a panel is then found in one pass.
        likely = lengths[index : index + 1] if len(lengths) == len(panel) else []
        tried = (n for n in [*likely, *by_length] if n <= len(series))
        found.append(next((n for n in tried if fingerprint(series.values[:n]) in by_length[n]), 0))
    if not any(found):
        raise InputError(
            f"the series does not begin with what {name_of(model)} was fitted on, so that its training part is not known: give "
            "train= (how many values at its head the model has seen; train=0 says none)",
            code="train-unknown",
        )
    return tuple(found)


def _k_step(
    model: Forecaster,
    panel: tuple[Series, ...],
    train: tuple[int, ...],
    horizon: int,
    kept: Index,
    chosen: Index | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> KStep:
    states = [encoded(model, series) for series in panel]
    usable = [usable_origins(model, s, state, len(s) - horizon) for s, state in zip(panel, states, strict=True)]
    if chosen is not None:
        usable = [np.intersect1d(found, chosen) for found in usable]
    total = sum(len(found) for found in usable)
    if not total:
        raise InputError(
            f"{name_of(model)} has no origin with a forecast: each of its states touches a missing value, or a symbol or "
            "context that training never saw",
            code="missing-values",
        )
    afford(total, len(kept), f"k_step of {name_of(model)}")
    predictions = np.empty((total, len(kept)))
    everything = len(kept) == horizon
    groups: dict[bool, list[tuple[int, Index]]] = {False: [], True: []}
    for index, (origins, length) in enumerate(zip(usable, train, strict=True)):
        split = int(np.searchsorted(origins, length))
        groups[False].append((index, origins[:split]))
        groups[True].append((index, origins[split:]))
    # Training rows first, then the held-out ones: each reading is then a view.
    at = 0
    for is_held in (False, True):
        for index, origins in groups[is_held]:
            here = predictions[at : at + len(origins)]
            for block, ahead in walk(model, panel[index], states[index], origins, horizon, here if everything else None):
                if not everything:
                    here[block] = ahead[:, kept - 1]
                if progress is not None:
                    progress(at + block.stop, total)
            at += len(origins)
    predictions.flags.writeable = False
    notes = [*shared_notes(panel), *getattr(model, "notes_", ())]
    new = sum(length == 0 for length in train)
    if any(train) and new:
        notes.append(f"{new} of {len(panel)} series do not begin with training data of {name_of(model)}: held out as a whole")
    all_of_them = sum(max(len(series) - model.context - horizon + 1, 0) for series in panel)
    if chosen is None and total < all_of_them:
        notes.append(f"{all_of_them - total} of {all_of_them} origins have no forecast by {name_of(model)}")

    def part(is_held: bool, rows: slice, rest: KStep | None) -> KStep:
        index = _joined([np.broadcast_to(np.intp(i), len(o)) for i, o in groups[is_held]])
        origins = _joined([o for _, o in groups[is_held]])
        return KStep(model, panel, train, index, origins, kept, horizon, predictions[rows], tuple(notes), rest)

    seen = sum(len(o) for _, o in groups[False])
    return part(True, slice(seen, total), part(False, slice(0, seen), None))


def _joined(pieces: list[Index]) -> Index:
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def evaluate(
    models: Any,
    series: Any,
    horizon: int,
    train: float | int = 0.6,
    *,
    steps: Sequence[int] | None = None,
    period: int | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Fit each model once on the training part and score it at every held-out origin, 1 .. `horizon` steps ahead.

    Every model and every step is scored at the same origins. The simple guesses `Mean` and `Naive` are always among them.

    >>> import stepahead as sa
    >>> result = sa.evaluate([sa.AR(lags=4)], sa.datasets.noisy_sine(seed=0), horizon=64, train=604)
    >>> list(result)
    ['AR(4)', 'Mean', 'Naive']
    >>> print(result.table())
    RMSE by number of steps ahead
    333 held-out origins, 604 to 936; fitted once on the first 604 values
                   k=1    k=4   k=16   k=64
    AR(4)        0.204  0.223  0.254  0.509
    Mean         0.706  0.706  0.706  0.718
    Naive        0.256  0.268  0.292  0.536
    noise floor  0.200  0.200  0.200  0.200

    Parameters
    ----------
    models : one, a list, or a dict {name: model}. They are copied: yours stay as they are.
    series : one series, or a list of them: one pooled fit, rows are (series, origin).
    horizon : the largest step, at least 1.
    train : a share (0.6), or the NUMBER OF VALUES of the training part (604).
    steps : keep these steps alone, by default all of 1 .. horizon.
    period : length of a season in steps; adds ``SeasonalNaive(period)``.
    progress : called with (model name, rows done, rows in all).

    Raises
    ------
    InputError : too short, missing values, symbols for a model of numbers.
    ParameterError : an argument is not allowed; two models have the same name.
    """
    horizon = whole("horizon", horizon)
    panel = as_panel(series)
    named = name_models(models)
    for name, model in _baselines(panel, period).items():
        if any(type(model) is type(given) and repr(model) == repr(given) for given in named.values()):
            continue
        if name in named:
            raise ParameterError(
                f"{name} is the name of a simple guess that is always shown: give your {type(named[name]).__name__} another",
                code="parameter",
                name="models",
            )
        named[name] = model
    lengths = tuple(train_length(len(part), train) for part in panel)
    longest, length = max(zip(panel, lengths, strict=True), key=lambda pair: len(pair[0]) - pair[1])
    require(len(longest), length + horizon, f"train={length} and horizon={horizon}", longest.name)
    kept = kept_steps(steps, horizon)
    heads = [part[:length] for part, length in zip(panel, lengths, strict=True)]
    results = {}
    for name, model in named.items():
        fitted = copy.deepcopy(model).fit(heads if len(heads) > 1 else heads[0])
        require(len(longest), fitted.context + horizon, f"{name} with horizon={horizon}", longest.name)
        report = None if progress is None else lambda done, of, name=name: progress(name, done, of)
        results[name] = _k_step(fitted, panel, lengths, horizon, kept, progress=report)
    common = _on_common_rows(results)
    return Comparison(common, horizon, _status(series, panel, next(iter(common.values())), horizon))


def _status(series: Any, panel: tuple[Series, ...], result: KStep, horizon: int) -> dict[str, str]:
    """Of a panel, what became of each series: "ok", or why it has no row."""
    if len(panel) == 1 and not isinstance(series, Panel):
        return {}
    scored = np.bincount(result.part, minlength=len(panel)) > 0
    lack = f"no held-out origin at which every model has a forecast of {horizon} steps"
    found = {
        name: "ok" if good else f"{lack}: {len(part)} values"
        for name, part, good in zip(names_of(panel), panel, scored, strict=True)
    }
    return found | dict(getattr(series, "refused", {}))


def _baselines(panel: tuple[Series, ...], period: int | None) -> dict[str, Any]:
    if panel[0].categories is not None:
        return {"MarkovChain(0)": MarkovChain(order=0)}
    found: dict[str, Any] = {"Mean": Mean(), "Naive": Naive()}
    if period is not None:
        seasonal = SeasonalNaive(whole("period", period))
        found[seasonal.name] = seasonal
    return found


def _on_common_rows(results: dict[str, KStep]) -> dict[str, KStep]:
    """Every result over the rows at which every model has a forecast."""
    held = _common(list(results.values()))
    rest = _common([result.training for result in results.values()])
    if not len(held[0]):
        raise InputError("no origin is held out at which every model has a forecast", code="too-short", found=0)
    return {
        name: result.restricted(as_rows(keep), as_rows(keep_rest))
        for (name, result), keep, keep_rest in zip(results.items(), held, rest, strict=True)
    }


def _common(results: Sequence[KStep]) -> list[Index]:
    if len(results[0].panel) == 1 and all(isinstance(as_rows(result.origins), slice) for result in results):
        first, last = max(int(r.origins[0]) for r in results), min(int(r.origins[-1]) for r in results)
        return [np.arange(first - int(r.origins[0]), last - int(r.origins[0]) + 1) for r in results]
    longest = max(len(series) for series in results[0].panel) + 1
    keys = [result.part * longest + result.origins for result in results]
    shared = reduce(np.intersect1d, keys)
    return [np.searchsorted(key, shared) for key in keys]

"""`evaluate` and `k_step`: every origin, every step, one fit."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np

from ..errors import InputError, ParameterError, note
from ..models.baselines import Mean, Naive, SeasonalNaive
from ..models.markov import MarkovChain
from ..models.model import fingerprint
from ..parameters import refuse, whole
from ..protocols import Forecaster
from ..series import Series, as_panel
from ..walk import afford, check_forecaster, name_of, usable_origins, walk
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
    train : how many values the model was fitted on. Our models know it by themselves: the series begins with their
        training data, or else every origin counts as held out.

    Raises
    ------
    InputError : no origin has all its targets.
    BudgetError : the result would not fit in half of the memory that is free; keep fewer `steps`.
    """
    check_forecaster(model)
    horizon = whole("horizon", horizon)
    kept = kept_steps(steps, horizon)
    panel = as_panel(series)
    lengths = _training_lengths(model, panel) if train is None else tuple(whole("train", train, 0) for _ in panel)
    if origins is not None and len(panel) > 1:
        raise refuse("origins", "given", "left out for a list of series")
    for part in panel:
        require(len(part), model.context + horizon, f"k_step of {name_of(model)} with horizon={horizon}", part.name)
    chosen = None if origins is None else _origins(model, panel[0], horizon, origins)
    return _k_step(model, panel, lengths, horizon, kept, chosen)


def _origins(model: Forecaster, series: Series, horizon: int, chosen: Iterable[int]) -> Index:
    last = len(series) - horizon
    given = sorted({whole("origins", origin, model.context, last) for origin in chosen})
    if not given:
        raise refuse("origins", chosen, "at least one origin")
    return np.array(given, dtype=np.intp)


def _training_lengths(model: Any, panel: tuple[Series, ...]) -> tuple[int, ...]:
    """How many values at the head of each series the model was fitted on: found by their fingerprints."""
    known = {(length, mark) for length, mark in getattr(model, "trained_on_", [])}
    found = []
    for series in panel:
        fits = [n for n, mark in known if n <= len(series) and fingerprint(series.values[:n]) == mark]
        found.append(max(fits, default=0))
    if not any(found):
        note(f"the series does not begin with what {name_of(model)} was fitted on: every origin counts as held out")
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
    states = [model.encode(series) for series in panel]
    usable = [usable_origins(model, s, state, len(s) - horizon) for s, state in zip(panel, states, strict=True)]
    if chosen is not None:
        usable = [np.intersect1d(found, chosen) for found in usable]
    total = sum(len(found) for found in usable)
    if not total:
        raise InputError(
            f"{name_of(model)} has no origin with a full state: every window touches a missing value", code="missing-values"
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
    notes = tuple(dict.fromkeys([n for s in panel for n in s.notes] + list(getattr(model, "notes_", ()))))

    def part(is_held: bool, rows: slice, rest: KStep | None) -> KStep:
        index = _joined([np.broadcast_to(np.intp(i), len(o)) for i, o in groups[is_held]])
        origins = _joined([o for _, o in groups[is_held]])
        return KStep(model, panel, train, index, origins, kept, horizon, predictions[rows], notes, rest)

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
    kept = kept_steps(steps, horizon)
    panel = as_panel(series)
    named = name_models(models)
    for name, model in _baselines(panel, period).items():
        if not any(type(model) is type(given) and repr(model) == repr(given) for given in named.values()):
            named[name] = model
    lengths = tuple(train_length(len(part), train) for part in panel)
    for part, length in zip(panel, lengths, strict=True):
        require(len(part), length + horizon, f"train={length} and horizon={horizon}", part.name)
    heads = [part[:length] for part, length in zip(panel, lengths, strict=True)]
    results = {}
    for name, model in named.items():
        fitted = copy.deepcopy(model).fit(heads if len(heads) > 1 else heads[0])
        for part in panel:
            require(len(part), fitted.context + horizon, f"{name} with horizon={horizon}", part.name)
        report = None if progress is None else lambda done, of, name=name: progress(name, done, of)
        results[name] = _k_step(fitted, panel, lengths, horizon, kept, progress=report)
    return Comparison(_on_common_rows(results), horizon)


def _baselines(panel: tuple[Series, ...], period: int | None) -> dict[str, Any]:
    if panel[0].categories is not None:
        return {"MarkovChain(0)": MarkovChain(order=0)}
    found: dict[str, Any] = {"Mean": Mean(), "Naive": Naive()}
    if period is not None:
        seasonal = SeasonalNaive(whole("period", period))
        found[seasonal.name] = seasonal
    return found


def name_models(models: Any) -> dict[str, Any]:
    """Models by name; a list gets the names that the models give themselves."""
    if isinstance(models, Mapping):
        named = {str(name): model for name, model in models.items()}
    else:
        listed = list(models) if isinstance(models, (list, tuple)) else [models]
        named = {}
        for model in listed:
            check_forecaster(model)
            if name_of(model) in named:
                raise ParameterError(
                    f"two models are called {name_of(model)}: pass a dict {{name: model}}", code="parameter", name="models"
                )
            named[name_of(model)] = model
    if not named:
        raise refuse("models", models, "at least one model")
    for model in named.values():
        check_forecaster(model)
    return named


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
    longest = max(len(series) for series in results[0].panel) + 1
    keys = [result.part * longest + result.origins for result in results]
    shared = reduce(np.intersect1d, keys)
    return [np.searchsorted(key, shared) for key in keys]

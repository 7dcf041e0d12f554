"""Fitted models rolled out from every origin that they can start from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from .. import symbols
from ..distribution_rows import Distribution, joined, numbers_of, shape_of, taken
from ..errors import InputError, ParameterError, shown
from ..known_ahead import upper_bound
from ..memory import afford
from ..models.model import fingerprint
from ..protocols import Forecaster, InCalls, Index, Pretrained, Trained, columns_of, inside, notes_of, states_of
from ..quantiles import Quantiles
from ..seasons import Seasons
from ..series import Series, shared_notes
from ..walk import name_of, planned, walk
from .cost import Cost
from .fits import Fits
from .kstep import KStep
from .reference import columns_used, fitted_to_each, reference_set, told_foreseen


def training_lengths(model: Any, panel: tuple[Series, ...]) -> tuple[int, ...]:
    """How many values at the head of each series the model was fitted on: found by their fingerprints."""
    known = (model.trained_lengths_.tolist(), model.trained_fingerprints_) if isinstance(model, Trained) else ([], ())
    lengths, fingerprints = known[0], [bytes(digest) for digest in known[1]]
    by_length: dict[int, set[bytes]] = {}
    for length, digest in zip(lengths, fingerprints, strict=True):
        by_length.setdefault(length, set()).add(digest)
    found = []
    for index, series in enumerate(panel):
        # The length in the same place first: a panel is then found in one pass.
        likely = lengths[index : index + 1] if len(lengths) == len(panel) else []
        tried = (n for n in [*likely, *by_length] if n <= len(series))
        found.append(next((n for n in tried if fingerprint(series.values[:n]) in by_length[n]), 0))
    if not any(found):
        why = f"the series does not begin with what {name_of(model)} was fitted on"
        if is_given(model) and not lengths:
            why = f"{name_of(model)} was trained elsewhere"
        raise InputError(
            f"{why}, so that its training part is not known: give "
            "train= (how many values at its head the model has seen; train=0 says none)",
            code="train-unknown",
        )
    return tuple(found)


def is_given(model: Any) -> bool:
    """Whether a model, or the one inside it, was trained before it came."""
    return any(isinstance(part, Pretrained) and part.is_trained_already for part in inside(model))


def fits_of(model: Any, seen: tuple[int, ...]) -> Fits:
    """What is known of a fit that was made here, on so many values of each series."""
    return Fits("given") if is_given(model) else Fits.here(seen)


def nothing_held_out(
    usable: list[Index], train: tuple[int, ...], panel: tuple[Series, ...], horizon: int
) -> InputError:
    """The error of an evaluation that has nothing to say:
    every origin with all its targets is inside the training part.
    """
    last, seen, length = max(
        ((int(found[-1]), n, len(part)) for found, n, part in zip(usable, train, panel, strict=True) if len(found)),
        key=lambda facts: facts[0] - facts[1],
    )
    return InputError(
        f"no held-out origin: pass train= (how many values the model has seen: at most {last} "
        f"leave an origin with {horizon} "
        f"targets), or fit on fewer; it has seen {seen} of {length} values",
        code="no-held-out",
        found=seen,
        allowed=last,
    )


def notes_on(models: Sequence[Forecaster], panel: tuple[Series, ...], total: int | None, horizon: int) -> list[str]:
    """What there is to know of the data and the fits; of all origins, how many have no forecast."""
    notes = [*shared_notes(panel), *dict.fromkeys(text for model in models for text in notes_of(model))]
    if panel[0].beside is not None:
        notes += upper_bound(columns_of(models[0]))
    every = models if len(models) > 1 else [models[0]] * len(panel)
    possible = sum(max(len(s) - model.context - horizon + 1, 0) for model, s in zip(every, panel, strict=True))
    if total is not None and total < possible:
        why = "" if states_of(models[0]) is None else ": they follow a missing value, or what training never saw"
        notes.append(f"{possible - total} of {possible} origins have no forecast by {name_of(models[0])}{why}")
    return notes


def _unseen(models: Sequence[Forecaster], panel: tuple[Series, ...], train: tuple[int, ...]) -> list[str]:
    """A note on the first symbol that the training part does not have, where it is and what to do."""
    for model, series, length in zip(models, panel, train, strict=True):
        states = states_of(model)
        if states is None:
            continue
        where = np.flatnonzero(symbols.places(series, states, -1.0)[length:] == -1.0)
        if len(where):
            place = length + int(where[0])
            of = "" if len(panel) == 1 else f" of {shown(series.name or '')}"
            dated = "" if series.times is None else f" ({series.when(place)})"
            return [
                f"{shown(str(series[place]))}{of} is first met at {place}{dated}, after the training part: "
                "its probability is 0 and its log loss infinite. "
                "Declare it, Series(.., categories=[..]), for a MarkovChain with smoothing=1 to count it"
            ]
    return []


@lru_cache(maxsize=1)
def _counted(stop: int) -> Index:
    """0 .. stop - 1, made once for the results of a table."""
    found = np.arange(stop)
    found.flags.writeable = False
    return found


def _shared_range(origins: Index, stop: int) -> Index:
    """The same origins as a view of the range that all results of a table share, where none is missing."""
    if not len(origins) or origins[-1] - origins[0] != len(origins) - 1:
        return origins
    return _counted(stop)[int(origins[0]) : int(origins[-1]) + 1]


def rolled_out(
    models: Sequence[Forecaster],
    panel: tuple[Series, ...],
    train: tuple[int, ...],
    horizon: int,
    kept: Index,
    chosen: Sequence[Index] | None = None,
    progress: Callable[[int, int], None] | None = None,
    seasons: Seasons | None = None,
    fits: Fits | None = None,
    stride: int = 1,
) -> KStep:
    """The forecasts at the steps kept, from every origin with all its targets or from the chosen ones: rows (series,
    origin).

    `models` are one for all series, or one for each; `chosen` are the origins of each series; `train` says from how
    many values on each series is scored; `progress` is told (rows done, rows in all). `seasons` are those that the
    baselines beside the result know, `fits` is what is known of the fit: by default one here on those first values.
    With a `stride` every so many origins are rows, counted from the first that is scored.
    """
    models = tuple(models)
    every = models if len(models) > 1 else models * len(panel)
    first = models[0]
    walks = [
        walk(model, series, last=len(series) - horizon, horizon=horizon)
        for model, series in zip(every, panel, strict=True)
    ]
    if chosen is not None:
        walks = [one.at(wanted) for one, wanted in zip(walks, chosen, strict=True)]
    total = sum(len(one.origins) for one in walks)
    if not total:
        raise InputError(
            f"{name_of(first)} has no origin with a forecast: each of its states touches a "
            "missing value, or a symbol or "
            "context that training never saw",
            code="missing-values",
        )
    notes = [*notes_on(models, panel, total if chosen is None else None, horizon), *_unseen(every, panel, train)]
    walks = [one.every(length, stride) for one, length in zip(walks, train, strict=True)]
    usable = [one.origins for one in walks]
    total = sum(len(found) for found in usable)
    if not any((found >= length).any() for found, length in zip(usable, train, strict=True)):
        if chosen is None:
            raise nothing_held_out(usable, train, panel, horizon)
        notes.append("no held-out origin: those named are inside the training part, in .training; or pass train=")
    afford(total, len(kept), f"k_step of {name_of(first)}")
    predictions = np.empty((total, len(kept)))
    everything = len(kept) == horizon
    splits = [int(np.searchsorted(origins, length)) for origins, length in zip(usable, train, strict=True)]
    parts = {
        False: [origins[:split] for origins, split in zip(usable, splits, strict=True)],
        True: [origins[split:] for origins, split in zip(usable, splits, strict=True)],
    }
    roll = None if isinstance(first, InCalls) else planned(first, horizon)
    cost, came = Cost(first, total), list[Distribution]()
    # Training rows first, then the held-out ones: each reading is then a view.
    at = 0
    for is_held in (False, True):
        for one, origins in zip(walks, parts[is_held], strict=True):
            here = predictions[at : at + len(origins)]
            own = roll if one.model is first else None
            asked = replace(one, origins=origins).with_distributions(horizon, here if everything else None, own)
            for block, ahead, distribution in asked:
                if not everything:
                    here[block] = ahead[:, kept - 1]
                if distribution is not None:
                    came.append(distribution if everything else taken(distribution, columns=kept - 1))
                    if len(came) == 1:
                        cells = sum(part.size for part in numbers_of(came[0])) // max(block.stop - block.start, 1)
                        afford(total, 2 * cells, f"the distributions of {name_of(first)}", "Keep fewer with steps=")
                cost.done(at + block.stop)
                if progress is not None:
                    progress(at + block.stop, total)
            at += len(origins)
    predictions.flags.writeable = False
    every_distribution = whole_distribution(first, came, total)
    notes += crossings(name_of(first), every_distribution)
    known = fits_of(first, train) if fits is None else fits
    new = sum(length == 0 for length in train)
    if any(train) and new:
        notes.append(
            f"{new} of {len(panel)} series do not begin with training data of {name_of(first)}: held out as a whole"
        )

    def part(is_held: bool, rows: slice, rest: KStep | None) -> KStep:
        if len(panel) == 1:  # a view each: of a long series every copy counts
            origins = _shared_range(parts[is_held][0], len(panel[0]) + 1)
            index = np.broadcast_to(np.intp(0), len(origins))
        else:
            index = np.repeat(np.arange(len(panel)), [len(origins) for origins in parts[is_held]])
            origins = np.concatenate(parts[is_held])
        return KStep(
            models,
            panel,
            train,
            index,
            origins,
            kept,
            horizon,
            predictions[rows],
            tuple(notes),
            rest,
            known,
            _reference=beside,
            _seasons=seasons or Seasons(),
            _distribution=None if every_distribution is None else taken(every_distribution, rows),
        )

    seen = sum(splits)
    return part(True, slice(seen, total), part(False, slice(0, seen), None))


def whole_distribution(model: Any, parts: list[Distribution], rows: int) -> Distribution | None:
    """The distribution of all rows; an error where only some of the calls gave one."""
    if not parts:
        return None
    found = joined(parts)
    if shape_of(found)[0] != rows:
        raise ParameterError(
            f"{name_of(model)} gave a distribution at some origins and numbers alone at others: {shape_of(found)[0]} "
            f"of {rows} rows have one",
            code="contract",
            name="function",
        )
    return found


def crossings(name: str, distribution: Distribution | None) -> list[str]:
    """The note that some quantiles crossed, and were sorted."""
    if not isinstance(distribution, Quantiles) or not distribution.crossed:
        return []
    of = f"{distribution.crossed:,} of {distribution.values[..., 0].size:,} forecasts"
    return [f"{name}: the quantiles of {of} crossed, and were sorted"]


def beside(own: KStep) -> dict[str, KStep]:
    """The baselines at exactly the origins and steps of a result, each series with its own;
    those that can be fitted.
    """
    if not len(own.origins):
        return {}
    rows = dict(own._groups())
    none = np.empty(0, dtype=np.intp)
    chosen = [own.origins[rows[index]] if index in rows else none for index in range(len(own._panel))]
    found = {}
    columns = [] if own._panel[0].beside is None else columns_used([own.model], own._panel)
    baselines = reference_set(own._panel, own._seasons.periods, own.start, columns)
    for name, baseline in (told_foreseen(baselines, own._panel) if columns else baselines).items():
        models = fitted_to_each(baseline, own._panel, own.start)
        if models is not None:
            result = rolled_out(models, own._panel, own.start, own._horizon, own.steps, chosen)
            found[name] = result if own._is_held_out else result.training
    return found

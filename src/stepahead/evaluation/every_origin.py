"""One fitted model rolled out from every origin that it can start from."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InputError
from ..memory import afford
from ..models.model import fingerprint
from ..protocols import Forecaster, Index
from ..series import Series, shared_notes
from ..walk import encoded, name_of, usable_origins, walk
from .kstep import KStep


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
        why = f"the series does not begin with what {name_of(model)} was fitted on"
        if getattr(model, "is_trained_already", False) and not lengths:
            why = f"{name_of(model)} was trained elsewhere"
        raise InputError(
            f"{why}, so that its training part is not known: give "
            "train= (how many values at its head the model has seen; train=0 says none)",
            code="train-unknown",
        )
    return tuple(found)


def nothing_held_out(usable: list[Index], train: tuple[int, ...], panel: tuple[Series, ...], horizon: int) -> InputError:
    """The error of an evaluation that has nothing to say: every origin with all its targets is inside the training part."""
    last, seen, length = max(
        ((int(found[-1]), n, len(part)) for found, n, part in zip(usable, train, panel, strict=True) if len(found)),
        key=lambda facts: facts[0] - facts[1],
    )
    return InputError(
        f"no held-out origin: pass train= (how many values the model has seen: at most {last} leave an origin with {horizon} "
        f"targets), or fit on fewer; it has seen {seen} of {length} values",
        code="no-held-out",
        found=seen,
        allowed=last,
    )


def rolled_out(
    model: Forecaster,
    panel: tuple[Series, ...],
    train: tuple[int, ...],
    horizon: int,
    kept: Index,
    chosen: Index | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> KStep:
    """The forecasts at the steps kept, from every origin with all its targets or from the chosen ones: rows (series, origin).

    `train` says how many values at the head of each series the model has seen; `progress` is told (rows done, rows in all).
    """
    states = [encoded(model, series) for series in panel]
    if not all(series.complete for series in panel):  # a byte for each value that a state may lack
        bytes_of_all = max(sum(math.prod(array.shape) for array in state) for state in states)
        afford(1, -(-bytes_of_all // 8), f"what is missing in the states of {name_of(model)}", "Take fewer lags")
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
    notes = [*shared_notes(panel), *getattr(model, "notes_", ())]
    if not any((found >= length).any() for found, length in zip(usable, train, strict=True)):
        if chosen is None:
            raise nothing_held_out(usable, train, panel, horizon)
        notes.append("no held-out origin: those named are inside the training part, in .training; or pass train=")
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

"""Model files: arguments and learned values are written as data, and checked when they are read."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..covariates import KINDS, PAST, group_of
from ..errors import escaped
from ..parameters import LARGEST, real, whole
from ..protocols import Column, columns_of
from ..storage import Arrays

FITTED = ("context", "trained_lengths_", "trained_fingerprints_")
ORDINARY = 300
"""Largest exponent of two of values that are not rescaled: their squares and cubes do not overflow."""
LEAST_UNIT, MOST_UNIT = -900, 1000
"""Smallest and largest exponent of a unit: a series that begins tiny may still grow, and the unit itself does not
overflow.
"""


def packed(model: Any) -> tuple[dict[str, Any], Arrays]:
    """The arguments and what was learned, as facts and arrays."""
    facts = {key: _plain(value) for key, value in model.get_params().items()}
    arrays: Arrays = {}
    for key in (*FITTED, "unit_", "notes_", "columns_", *model._learned, *model._learned_of_columns):
        value = model.__dict__.get(key)
        if isinstance(value, np.ndarray):
            arrays[key] = value
        elif key in model.__dict__:
            facts[key] = _plain(value)
    return facts, arrays


def unpacked(cls: Any, facts: Mapping[str, Any], arrays: Arrays) -> Any:
    """A model from the facts and arrays of a file, which are not trusted."""
    arguments = set(cls._arguments())
    learned = {*FITTED, "unit_", "notes_", "columns_", *cls._learned, *cls._learned_of_columns}
    extra = (set(facts) - arguments - learned) | (set(arrays) - learned) | (set(facts) & set(arrays))
    if extra:
        raise ValueError(f"field {sorted(extra)[0]} is unknown, or there twice")
    # An argument that an older release did not have takes its default.
    needed = {n for n, p in cls._arguments().items() if p.default is inspect.Parameter.empty} | set(cls._shown)
    lacking = sorted(needed - set(facts))
    if lacking:
        raise ValueError(f"missing argument {lacking[0]}")
    model = cls(**{key: value for key, value in facts.items() if key in arguments})
    model._check()
    for key in learned:
        if key in facts:
            setattr(model, key, facts[key])
        elif key in arrays:
            array = arrays[key].copy()
            array.flags.writeable = False
            setattr(model, key, array)
    notes = facts.get("notes_", [])
    if not isinstance(notes, list) or not all(isinstance(text, str) for text in notes):
        raise ValueError("notes_ should be a list of texts")
    model.notes_ = tuple(escaped(text) for text in notes)
    if "columns_" in facts or "columns_" in arrays:
        model.columns_ = _columns(facts.get("columns_"))
    _check_loaded(model)
    return model


def _columns(found: Any) -> tuple[Column, ...]:
    """The columns of a file, checked."""
    if not isinstance(found, list) or not found:
        raise ValueError("columns_ should be a list of names and kinds")
    for pair in found:
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)):
            raise ValueError("columns_ should be pairs of name and kind")
        if not pair[0] or pair[1] not in KINDS:
            raise ValueError(f"a column is of one of the kinds {', '.join(KINDS)}")
    columns = tuple(Column(name, kind) for name, kind in found)
    if len({column.name for column in columns}) < len(columns):
        raise ValueError("columns_ has one column twice")
    return columns


def _check_columns(model: Any) -> None:
    """Raise where a model has columns that neither its arguments name nor the model inside has, or lacks those."""
    arguments = model.get_params()
    names = arguments.get("using") or arguments.get("on") or ()
    inner = columns_of(model.__dict__.get("model_"))
    if any(column not in model.columns_ for column in inner):
        raise ValueError("columns_ lacks columns of the model inside")
    for column in model.columns_:
        words = {group_of(column.name), "past" if column.kind == PAST else "known", "all"}
        if column not in inner and not words & set(names):
            raise ValueError(f"columns_ has {escaped(column.name)}, which the model does not use")


def _check_loaded(model: Any) -> None:
    """Raise where learned values do not fit together, as a file is not trusted."""
    learned = (*FITTED, *model._learned, *(model._learned_of_columns if model.columns_ else ()))
    missing = [key for key in learned if key not in model.__dict__]
    if len(missing) == len(learned):
        if model.columns_:
            raise ValueError("columns_ is of a model that is fitted")
        return  # not fitted: the pattern of a wrapper, not its fitted part
    _check_columns(model)
    if missing:
        raise ValueError(f"missing field {missing[0]}")
    if not model.columns_ and any(key in model.__dict__ for key in model._learned_of_columns):
        raise ValueError("there is no columns_ for what was learned of columns")
    whole("context", model.context, 0)
    if whole("unit_", model.unit_, LEAST_UNIT, MOST_UNIT) and (model._any_size or abs(model.unit_) <= model._ordinary):
        raise ValueError("unit_ is none of this model")
    lengths, fingerprints = model.trained_lengths_, model.trained_fingerprints_
    if not (isinstance(lengths, np.ndarray) and lengths.dtype == np.int64 and lengths.ndim == 1):
        raise ValueError("trained_lengths_ should be whole numbers")
    if not ((lengths >= 0) & (lengths <= LARGEST)).all():
        raise ValueError("trained_lengths_ should be lengths")
    if not (
        isinstance(fingerprints, np.ndarray)
        and fingerprints.dtype == np.uint8
        and fingerprints.shape == (len(lengths), 32)
    ):
        raise ValueError("trained_fingerprints_ should be 32 bytes a series")
    for key, shape in model._shapes().items():
        found = getattr(model, key)
        if not shape:  # a file may hold a whole number of any size: as a float it is what a fit gives
            setattr(model, key, real(key, found))
        elif not (isinstance(found, np.ndarray) and found.dtype == np.float64 and _is_of(found.shape, shape)):
            wanted = " x ".join("some" if size is None else str(size) for size in shape)
            raise ValueError(f"{key} should be {wanted} numbers of 64 bits")
    model._check_learned()


def _is_of(found: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    sizes = zip(found, wanted, strict=False)
    return len(found) == len(wanted) and all(have > 0 if size is None else have == size for have, size in sizes)


def _plain(value: Any) -> Any:
    """Numpy's scalars as Python's own, which JSON can hold."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value

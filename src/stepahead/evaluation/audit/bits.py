"""The content of a fitted object in a form that can be compared bit for bit."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np


def digest(part: Any) -> bytes:
    """A digest of 32 bytes of everything in a fitted object, bit for bit."""
    found = hashlib.sha256()
    _feed(found, parameter_bits(part))
    return found.digest()


def _feed(found: Any, bits: Any) -> None:
    if isinstance(bits, bytes):
        found.update(b"%d:" % len(bits))
        found.update(bits)
    elif isinstance(bits, (tuple, dict)):
        found.update(b"(")
        for part in bits if isinstance(bits, tuple) else bits.items():
            _feed(found, part)
        found.update(b")")
    else:
        found.update(repr(bits).encode() + b",")


def parameter_bits(part: Any, seen: frozenset[int] = frozenset()) -> Any:
    """The content of a fitted object in a form that can be compared bit for bit: arrays as bytes."""
    if isinstance(part, np.ndarray):
        if part.dtype.kind == "O":
            return tuple(parameter_bits(item, seen) for item in part.ravel())
        return (part.dtype.str, part.shape, part.tobytes())
    if isinstance(part, np.generic):
        return part.tobytes()
    if isinstance(part, float):
        return part.hex()
    if part is None or isinstance(part, (str, bytes, int, bool, type)):
        return part
    if id(part) in seen:
        return "seen"
    seen = seen | {id(part)}
    if isinstance(part, (list, tuple)):
        return tuple(parameter_bits(item, seen) for item in part)
    if isinstance(part, (set, frozenset)):
        return tuple(sorted(str(parameter_bits(item, seen)) for item in part))
    if isinstance(part, dict):
        return {str(key): parameter_bits(value, seen) for key, value in part.items()}
    if callable(getattr(part, "numpy", None)) and callable(getattr(part, "detach", None)):
        return parameter_bits(part.detach().cpu().numpy(), seen)
    state = part.__getstate__() if callable(getattr(part, "__getstate__", None)) else getattr(part, "__dict__", None)
    return (type(part).__name__, parameter_bits(state, seen))

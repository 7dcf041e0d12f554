"""Small JSON documents: read strictly, written completely or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import InputError, shown
from ..files import write_whole

LARGEST = 1 << 26


def read_json(path: str | os.PathLike[str], what: str) -> dict[str, Any]:
    """The object in a JSON file; an InputError that names the file, for anything else."""
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError, TypeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot read the {what} {shown(str(path))}: {reason}", code="file", path=str(path)) from None
    try:
        if len(content) > LARGEST:
            raise ValueError(f"more than {LARGEST:,} bytes")
        found = json.loads(content, parse_constant=_refuse_constant, object_pairs_hook=_unique)
        if not isinstance(found, dict):
            raise ValueError("expected an object { ... }")
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{shown(str(path))} is not a {what} that can be read: {shown(str(error))}", code="json", path=str(path)
        ) from None
    return found


def _refuse_constant(found: str) -> None:
    raise ValueError(f"{found} is not a number")


def _unique(items: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(items)
    if len(out) < len(items):
        raise ValueError("a key occurs twice")
    return out


def canonical(document: Mapping[str, Any]) -> str:
    """The canonical JSON text of a document: sorted keys, no blanks."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical text of a document."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write a document to a file, completely or not at all."""
    write_whole(path, json_bytes(document))


def json_bytes(document: Mapping[str, Any]) -> bytes:
    """A document as the bytes of a file."""
    return (json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode(
        errors="backslashreplace"
    )

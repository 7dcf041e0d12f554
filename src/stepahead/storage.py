"""Model files: data, never code.

A model is one safetensors file. Its header has one JSON text, preceded by its SHA-256: the format number, the model's
registered name, its parameters and learned scalars, the versions that wrote it, what it was trained on, and name,
dtype, shape and SHA-256 of every tensor. Loading checks sizes first, then the JSON (strictly), then every one of those
claims, and only then makes a model, of a class from our own table. The checksums detect damage, not tampering; no
code in the file is run.
"""

from __future__ import annotations

import errno
import hashlib
import inspect
import math
import os
import stat
from collections.abc import Iterator, Mapping
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from .errors import MissingExtraError, ModelFileError, shown
from .files import write_whole
from .memory import LEAST_BUDGET, memory_budget
from .version import __version__

FORMAT = 1
KEY = "stepahead"
LARGEST_HEADER = 1 << 20
DEEPEST = 20
LONGEST_NUMBER = 40
COPIES = 5
"""Copies of a file's bytes in memory while it is read: as read, joined, unpacked, and the model's own."""

Arrays = dict[str, npt.NDArray[Any]]


class Storable(Protocol):
    """A class that can be stored: it gives its facts and arrays, and can be rebuilt from them."""

    def __pack__(self) -> tuple[dict[str, Any], Arrays]:
        """(facts that JSON can hold, arrays)."""

    @classmethod
    def __unpack__(cls, facts: Mapping[str, Any], arrays: Arrays) -> Any:
        """The model; a ValueError where facts or arrays do not fit together."""


_registry: dict[str, type[Any]] = {}

C = TypeVar("C", bound=type[Any])


def register(cls: C) -> C:
    """Register a class for model files. Only registered classes are ever made from a file."""
    known = _registry.get(cls.__name__)
    if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
        raise ValueError(f"another model is registered as {cls.__name__}: give yours another name")
    _registry[cls.__name__] = cls
    return cls


def registered_class(name: object) -> type[Any] | None:
    """The registered class of this name, None where there is none."""
    return _registry.get(name) if isinstance(name, str) else None


def registered_name(model: object) -> str | None:
    """The name under which the class of `model` is registered, None where it is not."""
    name = type(model).__name__
    return name if _registry.get(name) is type(model) else None


# ---------------------------------------------------------------------------------------------------------------
# Saving


def save(model: object, path: str | os.PathLike[str]) -> None:
    """Write a fitted model to one ``.safetensors`` file.

    Raises
    ------
    ModelFileError : a part of the model is not from stepahead and cannot be written as data.
    OutputError : the file cannot be written; no partial file is left.
    """
    write_whole(path, dumps(model))


def dumps(model: object) -> bytes:
    """The bytes of a model file."""
    from safetensors.numpy import save as pack

    arrays: Arrays = {}
    body = _describe(model, "", arrays)
    tensors = {
        name: {"dtype": array.dtype.str, "shape": list(array.shape), "sha256": _digest(array)}
        for name, array in arrays.items()
    }
    document = {
        "format": FORMAT,
        "versions": {"stepahead": __version__, "numpy": np.__version__},
        "model": body,
        "tensors": tensors,
    }
    # The format does not allow a file without a tensor.
    stored = arrays or {"_": np.zeros(1)}
    if not arrays:
        document["tensors"] = {"_": {"dtype": "<f8", "shape": [1], "sha256": _digest(stored["_"])}}
    import json

    try:
        text = json.dumps(document, allow_nan=False, sort_keys=True)
    except ValueError:
        raise ModelFileError(
            "a learned number is not finite (a variance past 1.8e308?): divide the series by a constant", code="values"
        ) from None
    _check_depth(text.encode(), "a model inside models")
    if len(text) > LARGEST_HEADER // 2:
        raise ModelFileError(
            "the parameters of this model are too long for a model file", code="too-large", found=len(text)
        )
    return bytes(pack(dict(stored), metadata={KEY: f"{hashlib.sha256(text.encode()).hexdigest()} {text}"}))


def _describe(model: object, prefix: str, arrays: Arrays) -> dict[str, Any]:
    name = registered_name(model)
    if name is None:
        raise _foreign(model)
    facts, own = model.__pack__()  # type: ignore[attr-defined]
    out: dict[str, Any] = {"class": name, "facts": {}, "inner": {}}
    for key, value in facts.items():
        if hasattr(type(value), "__pack__"):
            out["inner"][key] = _describe(value, f"{prefix}{key}.", arrays)
        elif isinstance(value, (str, int, float, bool, list, type(None))):
            out["facts"][key] = value
        else:
            raise _foreign(value)
    for key, array in own.items():
        arrays[prefix + key] = np.asarray(array, order="C")
    return out


def _foreign(part: object) -> ModelFileError:
    return ModelFileError(
        f"{shown(type(part).__name__)} is not a stepahead model, and a model file holds data, never code: save that "
        "part with its own library, keep the arguments, and build the model again around it",
        code="foreign",
        found=type(part).__name__,
    )


def needs_module(what: str) -> ModelFileError:
    """The error for a file of weights that is loaded without its module."""
    return ModelFileError(
        f"this file holds the weights of a torch {what}, and no code: give the {what} too, load(path, module=...)",
        code="module",
    )


def _digest(array: npt.NDArray[Any]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


# ---------------------------------------------------------------------------------------------------------------
# Loading


def load(path: str | os.PathLike[str], *, module: Any = None) -> Any:
    """Read a model file.

    >>> import pathlib, tempfile
    >>> import stepahead as sa
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "drift.safetensors"
    ...     sa.baselines.Drift().fit([1.0, 2.0]).save(path)
    ...     load(path).forecast([1.0, 2.0, 5.0], horizon=2)
    array([6., 7.])

    Parameters
    ----------
    path : of a file that ``Model.save`` wrote.
    module : for a model of ``from_torch``, the torch module: model files have its weights, never code.

    Raises
    ------
    ModelFileError : it is not a model file, is damaged, has a newer format, or its header does not match its content.
    """
    return loads(_content(path), module)


def _content(path: str | os.PathLike[str]) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError, TypeError) as error:
        link = isinstance(error, OSError) and error.errno == errno.ELOOP
        reason = "it is a link, and links are not followed" if link else getattr(error, "strerror", None) or error
        raise ModelFileError(
            f"cannot read {shown(str(path))}: {reason}",
            code="unreadable",
            path=str(path),
        ) from error
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode):
        os.close(handle)
        raise ModelFileError(f"{shown(str(path))} is not a plain file", code="unreadable", path=str(path))
    with open(handle, "rb") as file:
        head = file.read(8)
        _check_start(head, found.st_size)
        header = file.read(int.from_bytes(head, "little"))
        # How long the file should be, before the rest of it is read: a small header may precede gigabytes.
        ends = [
            int(offsets[1])
            for entry in _strict(header, "header").values()
            if isinstance(entry, dict) and isinstance(offsets := entry.get("data_offsets"), list) and len(offsets) == 2
            if isinstance(offsets[1], int)
        ]
        needed = 8 + len(header) + max(ends, default=0)
        if found.st_size != needed:
            raise ModelFileError(
                f"the file is damaged: it has {found.st_size} bytes, and its header says {needed}", code="length",
                found=found.st_size, needed=needed,
            )  # fmt: skip
        if needed > LEAST_BUDGET // COPIES and needed * COPIES > (budget := memory_budget()):
            raise ModelFileError(
                f"the file has {needed:,} bytes, and reading it takes {needed * COPIES:,}; "
                f"the budget is {budget:,} bytes",
                code="too-large", asked=needed * COPIES, budget=budget,
            )  # fmt: skip
        return head + header + file.read()


def _check_start(head: bytes, size: int) -> None:
    known = {b"PK": "a zip archive", b"\x80": "a pickle", b"\x1f\x8b": "a gzip archive", b"\x93NUMPY": "a numpy file"}
    for first, what in known.items():
        if head.startswith(first) and not _plausible(head, size):
            raise ModelFileError(
                f"this is {what}, not a model file: only .safetensors files written by Model.save are read",
                code="not-a-model-file",
                found=what,
            )
    if not _plausible(head, size):
        raise ModelFileError(
            f"this is not a model file: its first bytes are {head!r}, not the length of a header",
            code="not-a-model-file",
            found=head,
        )


def _plausible(head: bytes, size: int) -> bool:
    return len(head) == 8 and 2 <= int.from_bytes(head, "little") <= min(2 * LARGEST_HEADER, size - 8)


def loads(content: bytes, module: Any = None) -> Any:
    """The model in the bytes of a model file; see ``load``."""
    _check_start(content[:8], len(content))
    length = int.from_bytes(content[:8], "little")
    header = _strict(content[8 : 8 + length], "header")
    metadata = header.get("__metadata__")
    text = metadata.get(KEY) if isinstance(metadata, dict) else None
    if not isinstance(text, str):
        raise ModelFileError(
            "this is a safetensors file, but not one written by stepahead",
            code="not-a-model-file",
            found="no stepahead header",
        )
    checksum, _, described = text.partition(" ")
    plain = described.encode("utf-8", "surrogatepass")
    document = _strict(plain, KEY)
    if checksum != hashlib.sha256(plain).hexdigest():
        raise ModelFileError("the description of the model is damaged: its checksum differs", code="checksum")
    _fields(document, {"format": int, "versions": dict, "model": dict, "tensors": dict}, "the document")
    if document["format"] != FORMAT:
        raise ModelFileError(
            f"this file has format {shown(document['format'])}; this release reads format {FORMAT}: update stepahead",
            code="format",
            found=document["format"],
            needed=FORMAT,
        )
    model = _build(document["model"], _arrays(content, document["tensors"]), module)
    try:
        _ = model.context
    except AttributeError:
        raise ModelFileError("the file holds a model that was never fitted", code="inconsistent") from None
    return model


def _arrays(content: bytes, claims: Mapping[str, Any]) -> Arrays:
    from safetensors import SafetensorError
    from safetensors.numpy import load as unpack

    try:
        arrays = dict(unpack(content))
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError, MemoryError) as error:
        raise ModelFileError(f"the tensors cannot be read: {shown(str(error))}", code="damaged") from None
    if set(arrays) != set(claims):
        differ = sorted(set(arrays) ^ set(claims))
        raise ModelFileError(
            f"tensors and their list differ: {shown(', '.join(differ[:4]))}", code="tensors", found=differ[:4]
        )
    for name, claim in claims.items():
        array = arrays[name]
        if not isinstance(claim, dict):
            raise ModelFileError(f"the list of tensors is malformed at {shown(name)}", code="tensors")
        _fields(claim, {"dtype": str, "shape": list, "sha256": str}, f"tensor {shown(name)}")
        if array.dtype.str != claim["dtype"] or list(array.shape) != claim["shape"]:
            raise ModelFileError(
                f"tensor {shown(name)} has another shape or dtype than listed", code="tensors", found=name
            )
        if _digest(array) != claim["sha256"]:
            raise ModelFileError(f"tensor {shown(name)} is damaged: its checksum differs", code="checksum", found=name)
        if array.dtype.kind not in "fiu" or (array.dtype.kind == "f" and not np.isfinite(array).all()):
            raise ModelFileError(
                f"tensor {shown(name)} holds values that are not finite numbers", code="values", found=name
            )
    arrays.pop("_", None)
    return arrays


def _build(described: Mapping[str, Any], arrays: Arrays, module: Any) -> Any:
    _fields(described, {"class": str, "facts": dict, "inner": dict}, "a model")
    cls = _registry.get(described["class"])
    if cls is None:
        raise ModelFileError(
            f"this release has no model {shown(described['class'])}: a newer one wrote the file, or not stepahead",
            code="unknown-model",
            found=described["class"],
        )
    facts, inner = dict(described["facts"]), described["inner"]
    parts: dict[str, Arrays] = {key: {} for key in inner}
    own: Arrays = {}
    for name, array in arrays.items():
        head, dot, rest = name.partition(".")
        if dot and head in parts:
            parts[head][rest] = array
        else:
            own[name] = array
    for key, part in inner.items():
        if not isinstance(part, dict) or key in facts:
            raise ModelFileError(f"part {shown(key)} is malformed", code="damaged", found=key)
        facts[key] = _build(part, parts[key], module)
    try:
        takes_module = "module" in inspect.signature(cls.__unpack__).parameters
        return cls.__unpack__(facts, own, module) if takes_module else cls.__unpack__(facts, own)
    except (ModelFileError, MissingExtraError):
        raise
    except Exception as error:  # any error from bad facts means that the file is invalid
        raise ModelFileError(
            f"{described['class']}: {shown(str(error))}", code="inconsistent", found=described["class"]
        ) from None


def _fields(found: Mapping[str, Any], wanted: Mapping[str, type], what: str) -> None:
    if set(found) != set(wanted):
        differ = sorted(set(found) ^ set(wanted))
        raise ModelFileError(
            f"{what} has missing or extra fields: {shown(', '.join(differ[:4]))}", code="schema", found=differ
        )
    for key, kind in wanted.items():
        if not isinstance(found[key], kind) or isinstance(found[key], bool):
            raise ModelFileError(f"{what}: field {key} should be {kind.__name__}", code="schema", found=key)


def _strict(text: bytes, what: str) -> dict[str, Any]:
    """A JSON object, read strictly: no NaN, repeated key, deep nesting or very long number, at most 1 MB."""
    if len(text) > LARGEST_HEADER:
        raise ModelFileError(
            f"{what} has {len(text)} bytes, allowed are {LARGEST_HEADER}", code="too-large", found=len(text)
        )
    _check_depth(text, what)

    def refuse_constant(found: str) -> None:
        raise ModelFileError(f"{what} holds {found}, which is not a number", code="json", found=found)

    def unique(items: list[tuple[str, Any]]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, value in items:
            if key in out:
                raise ModelFileError(f"{what} has the key {shown(key)} twice", code="json", found=key)
            out[key] = value
        return out

    def number(found: str) -> int:
        if len(found) > LONGEST_NUMBER:
            raise ModelFileError(f"{what} holds a number of {len(found)} digits", code="json", found=len(found))
        return int(found)

    def fraction(found: str) -> float:
        value = float(found)
        if not math.isfinite(value):
            raise ModelFileError(f"{what} holds {shown(found)}, which is not finite", code="json", found=found)
        return value

    import json

    try:
        value = json.loads(
            text.decode("utf-8"),
            parse_constant=refuse_constant,
            object_pairs_hook=unique,
            parse_int=number,
            parse_float=fraction,
        )
    except ModelFileError:
        raise
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"{what} is not JSON: {shown(str(error))}", code="json") from None
    if not isinstance(value, dict):
        raise ModelFileError(f"{what} is not a JSON object", code="json")
    return value


def _check_depth(text: bytes, what: str) -> None:
    for depth in _depths(text):
        if depth > DEEPEST:
            raise ModelFileError(f"{what} is nested more than {DEEPEST} deep", code="json", found=depth)


def _depths(text: bytes) -> Iterator[int]:
    depth, quoted, escaped = 0, False, False
    for byte in text:
        if quoted:
            quoted = escaped or byte != 0x22
            escaped = byte == 0x5C and not escaped
        elif byte == 0x22:
            quoted = True
        elif byte in b"[{":
            depth += 1
            yield depth
        elif byte in b"]}":
            depth -= 1

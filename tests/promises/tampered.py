"""Model files that claim what they do not hold, their checksums made anew: every fact and every tensor of every model
changed.

    python -m tests.promises.tampered MOST [NAME ..]

loads at most so many of each model, out of a thousand or so, and forecasts, in a process whose address space ends at 4
GB. A file has two seconds of the time of this process, and those of a model may take 300 MB. It prints how each ended.
"""

from __future__ import annotations

import copy
import hashlib
import json
import resource
import signal
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from safetensors.numpy import load, save

import stepahead as sa
from stepahead import storage

from ..cases import CASES
from ..golden import make

SPACE = 4_000_000 << 10
SECONDS = 2.0
GROWTH = 300 << 20

Document = dict[str, Any]
Arrays = dict[str, np.ndarray]

VALUES: dict[str, Any] = {
    **{f"10^{n}": 10**n for n in (0, 1, 2, 3, 4, 5, 6, 9, 12, 18, 39)},
    **{str(n): n for n in (0, -1, 2, 3, 5, 7, 64, 2**31, 2**53, 2**53 + 1, 2**63, -(10**12))},
    **{f"{x:g}": x for x in (0.5, -0.5, 1.0, 4.0, 1e18, 1e308, -1e308, 5e-324, 1e-300, -0.0)},
    **{f"text {x!r}": x for x in ("abc", "auto", "bic", "", "4", "cuda", "a/path")},
    **{f"{x}": x for x in (None, True, False, [], [1, 2], ["a", "b"], [[[1.0]]], {"a": 1})},
    "a long list": [0] * 2000,
}
"""What a fact is replaced by."""


def _like(change: Callable[[np.ndarray], Any]) -> Callable[[np.ndarray], Any]:
    return lambda a: change(a).astype(a.dtype)


def _set(place: int, value: float) -> Callable[[np.ndarray], Any]:
    def changed(a: np.ndarray) -> Any:
        a = a.copy()
        if a.size:
            a.flat[place] = value
        return a

    return changed


TENSORS: dict[str, Callable[[np.ndarray], Any]] = {
    "transposed": lambda a: a.T,
    "an axis more": lambda a: a[None],
    "an axis behind": lambda a: a[..., None],
    "flat": lambda a: a.reshape(-1),
    "a scalar": lambda a: a.reshape(-1)[:1].reshape(()) if a.size else a,
    "emptied": lambda a: a[:0],
    "no columns": lambda a: a[..., :0],
    "a huge empty shape": lambda a: np.zeros((1 << 50, 0), a.dtype),
    "one less": lambda a: a[:-1],
    "one column less": lambda a: a[..., :-1],
    "one more": lambda a: np.concatenate([a, a[-1:]]),
    "twice": lambda a: np.concatenate([a, a]),
    "one column more": lambda a: np.concatenate([a, a[..., -1:]], axis=-1),
    "zeros": np.zeros_like,
    "ones": np.ones_like,
    "turned over": lambda a: -a if a.dtype.kind == "f" else a,
    "backwards": lambda a: a[::-1],
    "halved": _like(lambda a: a * 0.5),
    "shifted": _like(lambda a: a + 0.5),
    "large": _like(lambda a: a * 1e6),
    "huge": lambda a: np.full_like(
        a, min(1e308, np.finfo(a.dtype).max) if a.dtype.kind == "f" else np.iinfo(a.dtype).max
    ),
    "huge and below": lambda a: np.full_like(a, -1e300 if a.dtype == "f8" else -1e30 if a.dtype.kind == "f" else 0),
    "tiny": lambda a: np.full_like(a, 5e-324 if a.dtype == "f8" else 0),
    "one huge": lambda a: _set(0, 1e300 if a.dtype == "f8" else 1e30 if a.dtype.kind == "f" else 255)(a),
    "the last huge": lambda a: _set(-1, -1e300 if a.dtype == "f8" else -1e30 if a.dtype.kind == "f" else 255)(a),
    "one negative": lambda a: _set(0, -1.0)(a) if a.dtype.kind == "f" else a,
    "one a half more": lambda a: _set(0, float(a.flat[0]) + 0.5)(a) if a.size and a.dtype.kind == "f" else a,
    "NaN": lambda a: _set(0, np.nan)(a) if a.dtype.kind == "f" else a,
    "infinite": lambda a: _set(0, np.inf)(a) if a.dtype.kind == "f" else a,
    **{f"as {kind}": lambda a, kind=kind: a.astype(kind) for kind in ("f8", "f4", "f2", "i8", "i4", "u1", "u8", "?")},
}
"""What a tensor is replaced by."""


def taken_apart(content: bytes) -> tuple[Document, Arrays]:
    """The document and the tensors of a model file."""
    length = int.from_bytes(content[:8], "little")
    text = json.loads(content[8 : 8 + length])["__metadata__"]["stepahead"].partition(" ")[2]
    return json.loads(text), dict(load(content))


def put_together(document: Document, arrays: Arrays) -> bytes:
    """A model file of these, every checksum right."""
    arrays = {name: np.ascontiguousarray(array).reshape(array.shape) for name, array in arrays.items()}
    document["tensors"] = {
        name: {"dtype": a.dtype.str, "shape": list(a.shape), "sha256": hashlib.sha256(a.tobytes()).hexdigest()}
        for name, a in arrays.items()
    }
    text = json.dumps(document)
    return bytes(save(arrays, metadata={"stepahead": f"{hashlib.sha256(text.encode()).hexdigest()} {text}"}))


def parts(model: Document) -> Iterator[Document]:
    """A model and the models inside it, each a part of the document."""
    yield model
    for inner in model["inner"].values():
        yield from parts(inner)


Change = Callable[[Document, list[Document], Arrays], Any]
"""What is done to a document, its models and its tensors, in place."""


def tampered(content: bytes) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """(what is done, how the file is made) of every change."""
    for what, change in changes(*taken_apart(content)):

        def made(change: Change = change) -> bytes:
            document, arrays = taken_apart(content)
            with np.errstate(all="ignore"):
                change(document, list(parts(document["model"])), arrays)
            return put_together(document, arrays)

        yield what, made


def changes(document: Document, arrays: Arrays) -> Iterator[tuple[str, Change]]:
    """Every fact, every model and every tensor."""
    for place, model in enumerate(parts(document["model"])):
        where = f"{place} {model['class']}"
        for fact, old in model["facts"].items():
            yield f"{where} without {fact}", lambda d, m, a, p=place, f=fact: m[p]["facts"].pop(f)
            for name, value in VALUES.items():
                yield f"{where}.{fact} = {name}", lambda d, m, a, p=place, f=fact, v=value: m[p]["facts"].update({f: v})
                if type(old) is int and type(value) is int:  # all that says the same number says another one
                    yield f"{old} of {where} = {name}", lambda d, m, a, old=old, v=value: _renumbered(m, old, v)
        for other in CLASSES:
            yield f"{where} as {other}", lambda d, m, a, p=place, o=other: m[p].update({"class": o})
        for key in model["inner"]:
            for name, value in VALUES.items():
                yield f"{where}.{key} = {name}", lambda d, m, a, p=place, k=key, v=value: _replaced(m[p], k, v)
            for name, value in INNER.items():
                yield (
                    f"{where}.{key} = {name}",
                    lambda d, m, a, p=place, k=key, v=value: m[p]["inner"].update({k: v(m)}),
                )
    for fact in ("checkpoint", "device", "n", "states_", "chunk", "module", "__class__", "_local"):
        for name, value in (("a path", "a/path"), ("10^12", 10**12)):
            yield f"with {fact} = {name}", lambda d, m, a, f=fact, v=value: m[0]["facts"].update({f: v})
    for key in arrays:
        yield f"without {key}", lambda d, m, a, k=key: a.pop(k)
        yield f"{key} under another name", lambda d, m, a, k=key: a.update({f"x{k}": a.pop(k)})
        for name, change in TENSORS.items():
            yield f"{key} {name}", lambda d, m, a, k=key, c=change: a.update({k: np.asarray(c(a[k]))})


def _renumbered(models: list[Document], old: int, new: int) -> None:
    for model in models:
        same = [key for key, value in model["facts"].items() if type(value) is int and value == old]
        model["facts"].update(dict.fromkeys(same, new))


def _nested(model: Document, deep: int) -> Document:
    model = copy.deepcopy(model)
    for _ in range(deep):
        model = {"class": "Differenced", "facts": {}, "inner": {"model": model}}
    return model


INNER: dict[str, Callable[[list[Document]], Document]] = {
    "itself": lambda m: copy.deepcopy(m[0]),
    "the pattern": lambda m: copy.deepcopy(m[1]),
    "a mean": lambda m: {"class": "Mean", "facts": {}, "inner": {}},
    "nothing": lambda m: {},
    "8 deep": lambda m: _nested(m[-1], 8),
    "100 deep": lambda m: _nested(m[-1], 100),
}
"""What stands in the place of a model inside a model."""


def _replaced(model: Document, key: str, value: Any) -> None:
    del model["inner"][key]
    model["facts"][key] = value


CLASSES = (
    "AR", "Differenced", "Drift", "GRU", "HMM", "LSTM", "MLP", "MarkovChain", "MarkovSwitchingAR", "Mean", "Naive",
    "Rectified",
    "Recurrent", "RecurrentNet", "SSA", "Sampled", "Scaled", "SeasonalNaive", "StateSpace", "TorchWindow", "Windowed",
    "dict",
    "",
)  # fmt: skip


class RanAwayError(BaseException):
    """A file took too long; not an Exception, so that nothing in between takes it for a refusal."""


def tried(content: bytes, series: Any, module: Any) -> str:
    """How a file ended: refused, at the forecast, or answered."""
    loaded = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", sa.errors.StepaheadWarning)
            loaded = storage.loads(content, module)
            ahead = sa.forecast(loaded, series, 3).values
    except sa.errors.StepaheadError as error:
        if loaded is None and not isinstance(error, sa.errors.ModelFileError):
            raise
        return "refused" if loaded is None else "at the forecast"
    if ahead.dtype.kind == "f" and not np.isfinite(ahead).all():
        raise ArithmeticError(f"it forecasts {ahead}")
    return "answered"


def main(names: list[str], most: int) -> int:
    """Try files of these models in this process, whose limits stay; at most so many of each, drawn at random."""

    def stop(*_: Any) -> None:
        raise RanAwayError

    resource.setrlimit(resource.RLIMIT_AS, (SPACE, SPACE))
    signal.signal(signal.SIGPROF, stop)
    known, faults, counts = (
        {**{n: c for n, c in CASES.items() if make.is_kept(n)}, "from_torch": CASES["MLP"]},
        0,
        Counter(),
    )
    for name in names or known:
        content = (make.HERE / sa.__version__ / make.file_name(name)).read_bytes()
        series, module = make.series(known[name]), make.module() if name == "from_torch" else None
        assert tried(put_together(*taken_apart(content)), series, module) == "answered"
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        files = list(tampered(content))
        for place in sorted(np.random.default_rng(0).permutation(len(files))[:most]):
            what, bad = files[place]
            try:
                signal.setitimer(signal.ITIMER_PROF, SECONDS)
                counts[tried(bad(), series, module)] += 1
            except (Exception, RanAwayError) as error:
                faults += 1
                print(f"{name}: {what}: {type(error).__name__}: {str(error)[:200]}", file=sys.stderr)
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0.0)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10
        if grown > GROWTH:
            faults += 1
            print(f"{name}: {grown:,} bytes more", file=sys.stderr)
    print(json.dumps(counts))
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[2:], int(sys.argv[1])))

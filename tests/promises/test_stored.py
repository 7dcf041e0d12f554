"""Rows S1 to S4: model files. The corpus of tests/test_storage.py meets the command line here, and more models."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import tarfile
import zipfile
from functools import cache

import numpy as np
import pytest
import torch
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import stepahead as sa
from stepahead import storage

from ..cases import CASES
from ..test_storage import HOSTILE, Bomb, edited
from .entry_points import X, written

SAVABLE = {name: case for name, case in CASES.items() if case.savable}
STORED = ("AR", "MLP", "Scaled", "SSA", "MarkovChain", "HMM", "StateSpace walk", "Rectified", "GRU", "SeasonalNaive")


@cache
def stored(name: str) -> bytes:
    """The file of a fitted model."""
    return storage.dumps(SAVABLE[name].make().fit(SAVABLE[name].series(60)))


def zipped(name: str, content: bytes, times: int = 1) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(times):
            archive.writestr(f"{name}{i or ''}", content)
    return out.getvalue()


def tarred(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def numpy_file(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array, allow_pickle=True)
    return out.getvalue()


def torch_file(value: object) -> bytes:
    out = io.BytesIO()
    torch.save(value, out)
    return out.getvalue()


FOREIGN = {
    "a pickle of each protocol, 0": lambda: pickle.dumps(Bomb(), protocol=0),
    "a pickle of each protocol, 1": lambda: pickle.dumps(Bomb(), protocol=1),
    "a pickle of each protocol, 2": lambda: pickle.dumps(Bomb(), protocol=2),
    "a pickle of each protocol, 5": lambda: pickle.dumps(Bomb(), protocol=5),
    "a pickle behind eight bytes": lambda: (64).to_bytes(8, "little") + pickle.dumps(Bomb()).ljust(64, b"."),
    "a pickled model of scikit-learn": lambda: pickle.dumps(Ridge()),
    "a torch file": lambda: torch_file({"w": torch.zeros(3)}),
    "a torch file of code": lambda: torch_file(Bomb()),
    "a numpy file": lambda: numpy_file(np.zeros(3)),
    "a numpy file of code": lambda: numpy_file(np.array([Bomb()], dtype=object)),
    "a zip with a pickle": lambda: zipped("data.pkl", pickle.dumps(Bomb())),
    "a zip that climbs": lambda: zipped("../../exploded", b"x"),
    "a zip of 400 MB of zeros": lambda: zipped("zeros", bytes(1 << 22), 4),
    "a gzip": lambda: gzip.compress(pickle.dumps(Bomb())),
    "a tar that climbs": lambda: tarred("../exploded", b"x"),
    "a program": lambda: b"#!/bin/sh\ntouch exploded\n",
    "Python": lambda: b"import os; os.system('touch exploded')\n",
    "YAML with a tag": lambda: b"!!python/object/apply:os.system ['touch exploded']\n",
    "HTML": lambda: b"<!doctype html><script>alert(1)</script>",
    "zeros": lambda: bytes(4096),
    "ones": lambda: b"\xff" * 4096,
    "a header of 2^63 bytes": lambda: (1 << 63).to_bytes(8, "little") + b"{}",
    "a header of 0 bytes": lambda: bytes(8) + b"{}",
    "safetensors without metadata": lambda: b"\x02\0\0\0\0\0\0\0{}",
}
CORPUS = {
    **FOREIGN,
    **{name: (lambda make=make: make(storage.dumps(sa.AR(3).fit(X)))) for name, make in HOSTILE.items()},
}


@pytest.fixture
def quiet(tmp_path, monkeypatch):
    """A folder in which nothing is run: call it once the files are made."""
    monkeypatch.chdir(tmp_path)

    def watched() -> None:
        for name in ("system", "popen", "execv", "posix_spawn", "fork"):
            monkeypatch.setattr(os, name, lambda *a, name=name, **k: pytest.fail(f"os.{name} was called"))

    return watched


@pytest.mark.parametrize("kind", CORPUS)
def test_S1_S2_S3_hostile_files_are_refused_at_every_entry_point(promise, run, tmp_path, quiet, kind):
    path = tmp_path / "model.safetensors"
    path.write_bytes(CORPUS[kind]())
    quiet()
    error = promise.refused(lambda: sa.load(path), (), kind=sa.errors.ModelFileError)
    assert isinstance(error, ValueError)
    data = written(tmp_path, X.tolist())
    before = sorted(p.name for p in tmp_path.iterdir())
    code, out, err = run("forecast", data, "--horizon", 2, "--model", path)
    assert (code, out) == (4, ""), err
    assert len(err.strip().splitlines()) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_S1_links_pipes_folders_and_devices(promise, tmp_path):
    (tmp_path / "real").write_bytes(stored("AR"))
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "nowhere").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "loop", "nowhere", "pipe", ".", "nothing", "x" * 300):
        promise.refused(lambda name=name: sa.load(tmp_path / name), "unreadable")
    promise.refused(lambda: sa.load("/dev/zero"), "unreadable", "not a plain file")
    for nothing in (None, 3, object(), "a\0b", []):
        promise.refused(lambda nothing=nothing: sa.load(nothing), "unreadable")
    assert promise.answered(lambda: sa.load(tmp_path / "real")).lags == 4


@pytest.mark.parametrize("name", STORED)
def test_S2_every_bit_of_every_model_is_watched(promise, name):
    """A flipped bit is refused, or it changed nothing: at 150 places of the file, and at each of the first 16 bytes."""
    content, series = stored(name), SAVABLE[name].series(60)
    expected = storage.loads(content).forecast(series, 5).tolist()
    places = {*range(16), *np.linspace(0, len(content) - 1, 150).astype(int).tolist()}
    for place in sorted(places):
        bad = bytearray(content)
        bad[place] ^= 1 << (place % 8)
        found = promise.ended(lambda bad=bad: storage.loads(bytes(bad)))
        if found.error is not None:
            assert isinstance(found.error, sa.errors.ModelFileError)
        else:
            assert found.value.forecast(series, 5).tolist() == expected


@pytest.mark.parametrize("name", STORED)
@pytest.mark.parametrize("end", ["cut", "longer"])
def test_S2_another_length_is_refused(promise, tmp_path, name, end):
    content = stored(name)
    lengths = [0, 1, 7, 8, 9, len(content) // 2, len(content) - 9, len(content) - 1]
    for bad in (
        [content[:n] for n in lengths] if end == "cut" else [content + b"\0", content + content, b"\0" + content]
    ):
        (tmp_path / "m").write_bytes(bad)
        promise.refused(lambda: sa.load(tmp_path / "m"), (), kind=sa.errors.ModelFileError)
        promise.refused(lambda bad=bad: storage.loads(bad), (), kind=sa.errors.ModelFileError)


WRONG = {
    "none": None,
    "a text": "x" * 50,
    "a list": [1, 2],
    "a dict": {"a": 1},
    "below zero": -1,
    "huge": 10**30,
    "a half": 0.5,
    "true": True,
    "an empty text": "",
    "nothing": [],
    "deep": [[[[[[1]]]]]],
}


@pytest.mark.parametrize("name", STORED)
@pytest.mark.parametrize("kind", WRONG)
def test_S2_every_field_of_every_model_is_checked(promise, name, kind):
    """Each fact of the description replaced by what it is not: refused, or a model whose forecasts are numbers."""
    content, series = stored(name), SAVABLE[name].series(60)
    length = int.from_bytes(content[:8], "little")
    document = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["stepahead"].partition(" ")[2])

    def paths(part: object, here: tuple = ()):
        for key, value in part.items():
            yield (*here, key)
            if isinstance(value, dict):
                yield from paths(value, (*here, key))

    for path in paths(document):

        def change(document: dict, path: tuple = path) -> None:
            for key in path[:-1]:
                document = document[key]
            document[path[-1]] = WRONG[kind]

        bad = edited(content, change)
        found = promise.ended(lambda bad=bad: storage.loads(bad))
        if found.error is not None:
            assert isinstance(found.error, sa.errors.ModelFileError), path
        else:
            promise.ended(lambda found=found: sa.forecast(found.value, series, 3))


BOMBS = {
    "depth of 21": lambda d: '{"format": ' + "[" * 21 + "]" * 21 + "}",
    "depth of 1e6": lambda d: '{"format": ' + "[" * 400_000 + "]" * 400_000 + "}",
    "objects in objects": lambda d: '{"a":' * 5000 + "1" + "}" * 5000,
    "a number of 41 digits": lambda d: json.dumps(d).replace('"format": 1', '"format": ' + "1" * 41),
    "a number of 100,000 digits": lambda d: json.dumps(d).replace('"format": 1', '"format": ' + "1" * 100_000),
    "a float past the range": lambda d: json.dumps(d).replace('"format": 1', '"format": 1e400'),
    "Infinity": lambda d: json.dumps(d).replace('"format": 1', '"format": Infinity'),
    "-Infinity": lambda d: json.dumps(d).replace('"format": 1', '"format": -Infinity'),
    "NaN": lambda d: json.dumps(d).replace('"format": 1', '"format": NaN'),
    "the same key twice, deep": lambda d: json.dumps(d).replace('"facts": {', '"facts": {"lags": 3, '),
    "a key twice, escaped": lambda d: json.dumps(d)[:-1] + ', "f\\u006frmat": 1}',
    "a comment": lambda d: json.dumps(d) + " // a comment",
    "two documents": lambda d: json.dumps(d) * 2,
    "a trailing comma": lambda d: json.dumps(d)[:-1] + ",}",
    "single quotes": lambda d: str(d),
    "text": lambda d: '"a model"',
    "nothing": lambda d: "",
    "null": lambda d: "null",
    "half": lambda d: json.dumps(d)[: len(json.dumps(d)) // 2],
    "a lone surrogate": lambda d: json.dumps(d).replace('"AR"', '"\\ud800"'),
    "a byte that is no UTF-8": lambda d: json.dumps(d).replace('"AR"', '"\udcff"'),
    "a NUL": lambda d: json.dumps(d).replace('"AR"', '"A\\u0000R"'),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_S3_json_that_is_none_is_refused(promise, kind):
    length = int.from_bytes(stored("AR")[:8], "little")
    try:
        bad = edited(stored("AR"), BOMBS[kind])
    except UnicodeEncodeError:
        document = json.loads(json.loads(stored("AR")[8 : 8 + length])["__metadata__"]["stepahead"].partition(" ")[2])
        header = BOMBS[kind](document).encode("utf-8", "surrogateescape")
        bad = len(header).to_bytes(8, "little") + header + stored("AR")[8 + length :]
    promise.refused(lambda: storage.loads(bad), (), kind=sa.errors.ModelFileError)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.savable])
def test_S4_models_with_foreign_parts_say_how_to_save_them(promise, tmp_path, name):
    case = CASES[name]
    model = case.make().fit(case.series(60))
    error = promise.refused(
        lambda: model.save(tmp_path / "m"), "foreign", "save that part with its own library", "data, never code"
    )
    assert error.found
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: sa.Windowed(RandomForestRegressor(n_estimators=2), 3),
        lambda: sa.Windowed(make_pipeline(StandardScaler(), Ridge()), 3),
        lambda: sa.Windowed(sa.wrappers.PerStep(Ridge()), 3, chunk=2),
        lambda: sa.Scaled(sa.Windowed(Ridge(), 3)),
        lambda: sa.Differenced(sa.Scaled(sa.Windowed(Ridge(), 3))),
        lambda: sa.wrappers.Rectified(sa.Windowed(Ridge(), 3), horizon=2),
    ],
    ids=["forest", "pipeline", "per step", "inside Scaled", "two deep", "inside Rectified"],
)
def test_S4_however_deep_they_are(promise, tmp_path, make):
    model = make().fit(X)
    promise.refused(lambda: model.save(tmp_path / "m"), "foreign", "save that part")
    assert list(tmp_path.iterdir()) == []


def test_S4_a_torch_module_comes_back_with_its_module(promise, tmp_path):
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
    model = sa.from_torch(module, lags=3, training=sa.Training(epochs=1)).fit(X)
    promise.answered(lambda: model.save(tmp_path / "m"))
    promise.refused(lambda: sa.load(tmp_path / "m"), "module", "module=", kind=sa.errors.ModelFileError)
    loaded = promise.answered(lambda: sa.load(tmp_path / "m", module=torch.nn.Sequential(*module)))
    assert loaded.forecast(X, 5).tobytes() == model.forecast(X, 5).tobytes()
    for other in (
        torch.nn.Linear(3, 1),
        3,
        "module",
        torch.nn.Linear,
        torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Linear(5, 1)),
    ):
        promise.refused(lambda other=other: sa.load(tmp_path / "m", module=other), (), kind=sa.errors.ModelFileError)
